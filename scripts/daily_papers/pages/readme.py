"""README.md: the tables of every topic, between two markers, within what GitHub shows."""

import functools
import re
from collections import Counter
from collections.abc import Callable, Sequence

from daily_papers.pages import pieces
from daily_papers.pages.paper_rows import paper_row, shortened_abstract
from daily_papers.pages.pieces import View
from daily_papers.pages.readme_head import render_head
from daily_papers.pages.topics_table import topics_table
from daily_papers.readme_markers import README, Frame
from daily_papers.text import markdown
from daily_papers.topics.keywords import slugify

BUDGET = 500_000
"""Bytes. GitHub cuts a README at 500 KiB, 512,000 bytes:
https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-readmes
"""
LENGTHS = (100_000, 1700, 1400, 1200, 1000, 900, 800, 700, 600, 500, 400, 300, 200)
"""Characters to which the abstracts are shortened, the first that fits.

They are few, so that the abstracts are cut at the same places on most nights.
"""
_MOST_OPEN = 8
"""With more topics than these their table is folded, so that papers are on the first screen."""

# After a number sign, before an underline, or as HTML; maybe after a byte order mark.
_HEADING = re.compile(
    r"^[\ufeff \t>*+-]*#+(.*)$|^(.*)\n[ \t>]*(?:=+|-+)[ \t\r]*$|<h[1-6]([^`]*?)</h",
    re.MULTILINE,
)
# No escaped text has such a tag.
_SLOT = "<abstract>"
# No heading has a colon in its anchor.
_OWN_ANCHOR = "topic:"


def render_readme(view: View, frame: Frame) -> str:
    """Return README.md, at most BUDGET bytes.

    Every row has its abstract. What does not fit is shortened evenly, at the end of a sentence,
    with a link to the whole; only then the oldest rows of all topics give way evenly.
    """
    anchors = _anchors(view, frame)
    links = {name: markdown.link(name, f"#{anchor}") for name, anchor in anchors.items()}
    all_topics = markdown.link(view.say("all_topics"), pieces.ALL_TOPICS)
    footer = f"{all_topics} · {pieces.THANKS}"
    intro = f"{render_head(view, README, links)}\n\n{_index(view, links)}\n"
    sections = [_Section(view, name, anchor) for name, anchor in anchors.items()]
    spare = BUDGET - pieces.size(frame.around(f"\n{intro}\n\n{footer}\n"))
    spare -= sum(section.size + 1 for section in sections)
    if spare < 0:
        # Not even the headings fit: papers/README.md has all topics.
        return frame.around(f"\n{view.sample_note}{footer}\n")
    length = _longest(sections, spare)
    shown = zip(sections, _deal(sections, length, spare), strict=True)
    body = "\n".join(section.text(rows, length) for section, rows in shown)
    return frame.around(f"\n{intro}\n{body}\n{footer}\n")


def _anchors(view: View, frame: Frame) -> dict[str, str]:
    """Return the anchor of each topic's heading, as GitHub numbers equal ones.

    A topic that occurs in what may be the user's own heading gets an explicit anchor.
    """
    taken: Counter[str] = Counter()
    users = slugify(" ".join(map("".join, _HEADING.findall(frame.before))))
    found = {}
    for group, names in view.grouped.items():
        if group:
            markdown.anchor(group, taken)
        for name in names:
            is_users = slugify(name) in users
            found[name] = (
                f"{_OWN_ANCHOR}{slugify(name)}" if is_users else markdown.anchor(name, taken)
            )
    return found


def _index(view: View, links: dict[str, str]) -> str:
    """Return the table of the topics, folded if there are many."""
    table = topics_table(view, links)
    if len(links) <= _MOST_OPEN:
        return table
    summary = view.say.count("index_summary", len(links))
    return f"<details><summary>{summary}</summary>\n\n{table}\n\n</details>"


class _Section:
    """A topic's heading and table; each row is rendered when it is first needed."""

    def __init__(self, view: View, name: str, anchor: str) -> None:
        state = view.store.topics[name]
        self._view = view
        self._entries = view.tables[name][: view.settings.readme_papers]
        self._page = pieces.topic_page(name)
        group = view.groups.get(name, "")
        is_first = bool(group) and view.grouped[group][0] == name
        is_own = anchor.startswith(_OWN_ANCHOR)
        stale = view.not_refreshed(state)
        self._head = (
            (f"{markdown.heading(1, group)}\n\n" if is_first else "")
            + (f'<a name="{anchor}"></a>\n\n' if is_own else "")
            + f"{markdown.heading(2, name)}\n\n"
            + (f"{stale}\n\n" if stale else "")
        )
        self._foot = f"{pieces.no_papers(state, view.say)}\n"
        if self._entries:
            count = view.say.count("all_papers", len(view.tables[name]))
            self._foot = f"\n{markdown.link(count, self._page)}\n"
        columns = [pieces.wide(column, view.say(column)) for column in view.settings.columns]
        self._header = markdown.table(columns, []) + "\n"
        self._rendered: Callable[[int, int], str] = functools.cache(self._row)
        self._framed: Callable[[int], str] = functools.cache(self._frame)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size(self) -> int:
        """The bytes without any row."""
        return pieces.size(self.text(0, 0))

    def text(self, rows: int, length: int) -> str:
        """Return the section with its first `rows` rows, with abstracts of that length."""
        lines = "".join(self.row(number, length) for number in range(rows))
        return f"{self._head}{self._header if rows else ''}{lines}{self._foot}"

    def row_size(self, number: int, length: int) -> int:
        """Return the bytes of a row, and of the header with the first row."""
        return pieces.size(self.row(number, length) + ("" if number else self._header))

    def row(self, number: int, length: int) -> str:
        """Return a row of the table."""
        # One that need not be shortened is the same at every length.
        is_whole = len(self._entries[number].paper.abstract) <= length
        return self._rendered(number, LENGTHS[0] if is_whole else length)

    def _row(self, number: int, length: int) -> str:
        paper = self._entries[number].paper
        abstract = shortened_abstract(self._view, paper, length, self._page)
        return self._framed(number).replace(_SLOT, abstract)

    def _frame(self, number: int) -> str:
        """Return a row with a place for its abstract."""
        entry = self._entries[number]
        return paper_row(self._view, entry, _SLOT if entry.paper.abstract else "")


def _longest(sections: Sequence[_Section], spare: int) -> int:
    """Return the greatest length at which all rows fit, or the least if there is none."""
    rows = [len(section) for section in sections]
    first, last = 0, len(LENGTHS) - 1
    while first < last:
        middle = (first + last) // 2
        if _deal(sections, LENGTHS[middle], spare) == rows:
            last = middle
        else:
            first = middle + 1
    return LENGTHS[first]


def _deal(sections: Sequence[_Section], length: int, spare: int) -> list[int]:
    """Deal rows to the sections in turn until one has more bytes than are left.

    Return how many each section shows.
    """
    dealt = [0] * len(sections)
    for number in range(max(map(len, sections), default=0)):
        for place, section in enumerate(sections):
            if number < len(section):
                spare -= section.row_size(number, length)
                if spare < 0:
                    return dealt
                dealt[place] += 1
    return dealt
