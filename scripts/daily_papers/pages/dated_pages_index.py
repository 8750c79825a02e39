"""README.md in each folder of dated pages: a table with a link to each page."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from daily_papers.pages import pieces
from daily_papers.pages.fixed_words import ENGLISH, Words
from daily_papers.text import markdown

HEADERS = ("Date", "Link", "Number")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an index."""

    date: str  # a day, a week, a month or a year: `2026-11-20`, `20261116-20261122`, `2026`
    label: str
    target: str  # the path of the page, relative to the index
    count: int  # how many papers the page has


def render_index(title: str, up: str, rows: Iterable[Row], say: Words = ENGLISH) -> str:
    """Return an index, newest first, then by page; `up` is the title of the index above."""
    ordered = sorted(sorted(rows, key=attrgetter("target")), key=attrgetter("date"), reverse=True)
    lines = (
        pieces.table_row((row.date, markdown.link(row.label, row.target), f"{row.count:,}"))
        for row in ordered
    )
    table = "\n".join((markdown.table([*map(say, HEADERS)], []), *lines))
    above = markdown.link(f"← {up}", f"../{pieces.FOLDER_INDEX}")
    return f"{markdown.heading(1, title)}\n\n{above}\n\n{table}\n"
