"""README.md: the tables of every topic, between two markers, within what GitHub shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from daily_papers.inputs import BUDGET, Frame
from daily_papers.pages import shared
from daily_papers.pages.all_topics import topics_table
from daily_papers.settings import Settings
from daily_papers.store.records import Entry, Store, TopicState, sort_time
from daily_papers.text import markdown
from daily_papers.topics.keywords import slugify

_BATCH = 16
# After a number sign, before an underline, or as HTML.
_HEADING = re.compile(
    r"^[ \t>*+-]*#+(.*)$|^(.*)\n[ \t>]*(?:=+|-+)[ \t]*$|<h[1-6]([^`]*?)</h", re.MULTILINE
)
# No heading has a colon in its anchor.
_OWN_ANCHOR = "topic:"


def render_readme(
    store: Store, tables: Mapping[str, Sequence[Entry]], settings: Settings, frame: Frame
) -> str:
    """Return README.md, at most BUDGET bytes.

    What does not fit gives way evenly over the topics, oldest rows first: an abstract becomes a
    link to the topic's page, then rows become the line that leads to all papers.
    """
    anchors = _anchors(store, frame)
    note = shared.sample_note(entry.paper for rows in tables.values() for entry in rows)
    all_topics = markdown.link("All topics", shared.ALL_TOPICS)
    footer = f"{all_topics} · {shared.ways(settings)}\n\n{shared.THANKS}"
    intro = (
        f"{note}Last update: {shared.local_date(store.updated, settings)}\n\n"
        f"{_index(store, tables, anchors, settings)}\n"
    )
    sections = [
        _Section(state, tables[name], settings, store.sort, anchors[name])
        for name, state in store.topics.items()
    ]
    spare = BUDGET - shared.size(frame.around(f"\n{intro}\n\n{footer}\n"))
    spare -= sum(shared.size(section.text(0, 0)) + 1 for section in sections)
    if spare < 0:
        # So many topics that not even their headings fit: the page of all topics has them.
        return frame.around(f"\n{note}{footer}\n")
    shown = _fit(sections, spare)
    body = "\n".join(
        section.text(rows, abstracts)
        for section, (rows, abstracts) in zip(sections, shown, strict=True)
    )
    return frame.around(f"\n{intro}\n{body}\n{footer}\n")


def _anchors(store: Store, frame: Frame) -> dict[str, str]:
    """Return each topic's anchor: its heading's, as GitHub numbers equal ones.

    Where the user's own text has the topic's words in what may be a heading, in whatever syntax,
    the topic gets an anchor of its own, which `_Section` puts before its heading.
    """
    taken: Counter[str] = Counter()
    own = slugify(" ".join(map("".join, _HEADING.findall(frame.before))))
    return {
        name: f"{_OWN_ANCHOR}{slugify(name)}"
        if slugify(name) in own
        else markdown.anchor(name, taken)
        for name in store.topics
    }


def _index(
    store: Store,
    tables: Mapping[str, Sequence[Entry]],
    anchors: Mapping[str, str],
    settings: Settings,
) -> str:
    links = {name: markdown.link(name, f"#{anchor}") for name, anchor in anchors.items()}
    return topics_table(store, tables, links, settings)


class _Section:
    """A topic's heading and table; each row is made when it is first asked for."""

    def __init__(
        self,
        state: TopicState,
        rows: Sequence[Entry],
        settings: Settings,
        sort: str,
        anchor: str,
    ) -> None:
        self._sort = sort
        self._rows = rows
        self._settings = settings
        self._page = shared.topic_page(state.name)
        self._made: dict[tuple[int, bool], str] = {}
        head = f"{markdown.heading(2, state.name)}\n\n"
        if anchor.startswith(_OWN_ANCHOR):
            head = f'<a name="{anchor}"></a>\n\n{head}'
        stale = shared.not_refreshed(state, settings)
        if stale:
            head += f"{stale}\n\n"
        if rows:
            count = f"All {shared.plural(len(rows), 'paper')} →"
            self._foot = f"\n{markdown.link(count, self._page)}\n"
        else:
            head += f"{shared.no_papers(state)}\n"
            self._foot = ""
        self._head = head
        self._header = markdown.table([shared.wide(column) for column in settings.columns], [])

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, number: int, *, abstract: bool) -> str:
        """Return one line of the table, with its abstract or with a link to it."""
        if (number, abstract) not in self._made:
            # Several at a time: a table costs more than its rows.
            rows = self._rows[number : number + _BATCH]
            cells = [self._cells(entry, abstract=abstract) for entry in rows]
            lines = markdown.table(self._settings.columns, cells).split("\n")[2:]
            for place, line in enumerate(lines, start=number):
                self._made[place, abstract] = f"{line}\n"
        return self._made[number, abstract]

    def text(self, rows: int, abstracts: int) -> str:
        """Return the section with `rows` rows, of which the first `abstracts` have abstracts."""
        if not rows:
            return f"{self._head}{self._foot}"
        lines = "".join(self.row(number, abstract=number < abstracts) for number in range(rows))
        return f"{self._head}{self._header}\n{lines}{self._foot}"

    def header_size(self) -> int:
        """Return what the first row costs beside itself, in bytes."""
        return shared.size(self._header) + 1

    def _cells(self, entry: Entry, *, abstract: bool) -> list[str]:
        paper = entry.paper
        makers: dict[str, Callable[[], str]] = {
            "Title": lambda: shared.title_cell(paper),
            "Date": lambda: shared.date(sort_time(paper, self._sort)),
            "Abstract": lambda: (
                shared.abstract_cell(paper)
                if abstract
                else markdown.link("Show →", f"{self._page}#{shared.paper_anchor(paper)}")
            ),
            "Comment": lambda: shared.comment_cell(paper),
            "Authors": lambda: shared.authors_line(paper),
            "Categories": lambda: shared.categories_line(paper),
            "Venue": lambda: markdown.label(paper.venue),
        }
        return [makers[column]() for column in self._settings.columns]


def _fit(sections: Sequence[_Section], spare: int) -> list[tuple[int, int]]:
    """Return how many rows, and how many abstracts, each section shows within `spare` bytes.

    Rows and then abstracts are dealt out like cards, one to each topic in turn, newest first.
    """
    rows, spare = _deal(
        sections,
        spare,
        lambda section, number: (
            shared.size(section.row(number, abstract=False))
            + (0 if number else section.header_size())
        ),
        [len(section) for section in sections],
    )
    if rows != [len(section) for section in sections]:
        return [(count, 0) for count in rows]
    abstracts, _ = _deal(
        sections,
        spare,
        lambda section, number: (
            shared.size(section.row(number, abstract=True))
            - shared.size(section.row(number, abstract=False))
        ),
        rows,
    )
    return list(zip(rows, abstracts, strict=True))


def _deal(
    sections: Sequence[_Section],
    spare: int,
    cost: Callable[[_Section, int], int],
    limits: Sequence[int],
) -> tuple[list[int], int]:
    dealt = [0] * len(sections)
    for number in range(max(limits, default=0)):
        for place, section in enumerate(sections):
            if number < limits[place]:
                price = cost(section, number)
                if price > spare:
                    return dealt, spare
                spare -= price
                dealt[place] += 1
    return dealt, spare
