"""README.md in each folder of dated pages: the previous table of links, with the new rows."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from urllib.parse import unquote

from daily_papers.pages import shared
from daily_papers.text import markdown

HEADERS = ("Date", "Link", "Number of Papers")
_ROW = re.compile(
    r"^\| (?P<date>[^|]*) \| \[.*\]\((?P<target>[^()]*)\) \| (?P<count>[\d,]+) \|$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an index."""

    date: str  # a day, a week or a year: `2026-11-20`, `20261116-20261122`, `2026`
    label: str
    target: str  # the path of the page, relative to the index
    count: int  # how many papers the page has


def render_index(before: str, title: str, up: str, rows: Iterable[Row]) -> str:
    """Return the index `before` with `rows` added or replaced, newest first, then by page.

    `up` is the title of the index above.
    """
    lines = (
        shared.table_row((row.date, markdown.link(row.label, row.target), f"{row.count:,}"))
        for row in rows
    )
    found = {row["target"]: row for row in _ROW.finditer("\n".join((before, *lines)))}
    by_page = sorted(found.values(), key=itemgetter("target"))
    ordered = sorted(by_page, key=itemgetter("date"), reverse=True)
    table = "\n".join((markdown.table(HEADERS, []), *(row[0] for row in ordered)))
    above = markdown.link(f"← {up}", f"../{shared.FOLDER_INDEX}")
    return f"{markdown.heading(1, title)}\n\n{above}\n\n{table}\n"


def targets(index: str) -> list[str]:
    """Return the paths of the pages in an index, relative to it."""
    return [unquote(match["target"]) for match in _ROW.finditer(index)]


def total(index: str) -> int:
    """Return the number of papers of all pages in an index."""
    return sum(int(match["count"].replace(",", "")) for match in _ROW.finditer(index))
