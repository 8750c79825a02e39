"""README.md: the tables of every topic, between two markers, within what GitHub shows."""

import functools
import re
from collections import Counter
from collections.abc import Callable, Sequence

from daily_papers.pages import pieces
from daily_papers.pages.pieces import View
from daily_papers.pages.topics_table import topics_table
from daily_papers.readme_markers import Frame
from daily_papers.text import markdown
from daily_papers.topics.keywords import slugify

BUDGET = 500_000
"""Bytes. GitHub cuts a README at 500 KiB, 512,000 bytes:
https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-readmes
"""

# After a number sign, before an underline, or as HTML; maybe after a byte order mark.
_HEADING = re.compile(
    r"^[\ufeff \t>*+-]*#+(.*)$|^(.*)\n[ \t>]*(?:=+|-+)[ \t\r]*$|<h[1-6]([^`]*?)</h",
    re.MULTILINE,
)
# No heading has a colon in its anchor.
_OWN_ANCHOR = "topic:"


def render_readme(view: View, frame: Frame) -> str:
    """Return README.md, at most BUDGET bytes; the oldest rows of all topics give way evenly.

    First abstracts become links to the topic's page, then rows are left out.
    """
    anchors = _anchors(view, frame)
    all_topics = markdown.link("All topics", pieces.ALL_TOPICS)
    footer = f"{all_topics} · {view.other_pages('README.md')}\n\n{pieces.THANKS}"
    links = {name: markdown.link(name, f"#{anchor}") for name, anchor in anchors.items()}
    intro = (
        f"{view.sample_note}Last update: {view.local_date(view.store.updated)}\n\n"
        f"{view.not_told}"
        f"{topics_table(view, links)}\n"
    )
    sections = [_Section(view, name, anchor) for name, anchor in anchors.items()]
    spare = BUDGET - pieces.size(frame.around(f"\n{intro}\n\n{footer}\n"))
    spare -= sum(pieces.size(section.text(0, 0)) + 1 for section in sections)
    if spare < 0:
        # Not even the headings fit: papers/README.md has all topics.
        return frame.around(f"\n{view.sample_note}{footer}\n")
    body = "\n".join(
        section.text(rows, abstracts)
        for section, rows, abstracts in zip(sections, *_fit(sections, spare), strict=True)
    )
    return frame.around(f"\n{intro}\n{body}\n{footer}\n")


def _anchors(view: View, frame: Frame) -> dict[str, str]:
    """Return the anchor of each topic's heading, as GitHub numbers equal ones.

    A topic that occurs in what may be the user's own heading gets an explicit anchor.
    """
    taken: Counter[str] = Counter()
    users = slugify(" ".join(map("".join, _HEADING.findall(frame.before))))
    return {
        name: f"{_OWN_ANCHOR}{slugify(name)}"
        if slugify(name) in users
        else markdown.anchor(name, taken)
        for name in view.store.topics
    }


class _Section:
    """A topic's heading and table; each row is rendered when it is first needed."""

    def __init__(self, view: View, name: str, anchor: str) -> None:
        state = view.store.topics[name]
        columns = view.settings.columns
        self._view = view
        self._entries = view.tables[name]
        self._page = pieces.topic_page(name)
        is_own = anchor.startswith(_OWN_ANCHOR)
        stale = view.not_refreshed(state)
        self._head = (
            (f'<a name="{anchor}"></a>\n\n' if is_own else "")
            + f"{markdown.heading(2, name)}\n\n"
            + (f"{stale}\n\n" if stale else "")
        )
        self._foot = f"{pieces.no_papers(state)}\n"
        if self._entries:
            count = f"All {pieces.plural(len(self._entries), 'paper')} →"
            self._foot = f"\n{markdown.link(count, self._page)}\n"
        self._header = markdown.table([pieces.wide(column) for column in columns], []) + "\n"
        self.row: Callable[[int, bool], str] = functools.cache(self._row)

    def __len__(self) -> int:
        return len(self._entries)

    def text(self, rows: int, abstracts: int) -> str:
        """Return the section with its first `rows` rows, the first `abstracts` with abstracts."""
        lines = "".join(self.row(number, number < abstracts) for number in range(rows))
        return f"{self._head}{self._header if rows else ''}{lines}{self._foot}"

    def row_size(self, number: int) -> int:
        """Return the bytes of a row without abstract, and of the header with the first row."""
        return pieces.size(self.row(number, False) + ("" if number else self._header))

    def abstract_size(self, number: int) -> int:
        """Return the bytes that the abstract adds to a row."""
        return pieces.size(self.row(number, True)) - pieces.size(self.row(number, False))

    def _row(self, number: int, has_abstract: bool) -> str:
        """Return a row of the table, with the abstract or with a link to it."""
        entry = self._entries[number]
        paper = entry.paper
        makers: dict[str, Callable[[], str]] = {
            "Title": lambda: pieces.title_cell(paper),
            "Date": lambda: self._view.date_of(entry),
            "Abstract": lambda: (
                pieces.abstract_cell(paper)
                if has_abstract
                else markdown.link("Show →", f"{self._page}#{pieces.paper_anchor(paper)}")
            ),
            "Comment": lambda: pieces.comment_cell(paper),
            "Authors": lambda: pieces.authors_line(paper),
            "Categories": lambda: pieces.categories_line(paper),
            "Venue": lambda: markdown.label(paper.venue),
        }
        return pieces.table_row(makers[column]() for column in self._view.settings.columns) + "\n"


def _fit(sections: Sequence[_Section], spare: int) -> tuple[list[int], list[int]]:
    """Return how many rows, and how many abstracts, each section shows within `spare` bytes."""
    all_rows = [len(section) for section in sections]
    rows, spare = _deal([section.row_size for section in sections], all_rows, spare)
    if rows != all_rows:
        return rows, [0] * len(sections)
    abstracts, _ = _deal([section.abstract_size for section in sections], rows, spare)
    return rows, abstracts


def _deal(
    costs: Sequence[Callable[[int], int]], limits: Sequence[int], spare: int
) -> tuple[list[int], int]:
    """Deal items to the topics in turn until one costs more bytes than are left.

    Return the number of items of each topic, and the bytes left.
    """
    dealt = [0] * len(costs)
    for number in range(max(limits, default=0)):
        for place, cost in enumerate(costs):
            if number < limits[place]:
                price = cost(number)
                if price > spare:
                    return dealt, spare
                spare -= price
                dealt[place] += 1
    return dealt, spare
