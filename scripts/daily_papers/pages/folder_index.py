"""The tables that lead to the dated pages: README.md in each of their folders.

An index is the one it was before with the rows of the pages that were written now, so that a night
need not read the pages of all the nights before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from daily_papers.text import markdown

HEADERS = ("Date", "Link", "Number of Papers")
_ROW = re.compile(
    r"^\| (?P<date>[^|]*) \| \[.*\]\((?P<target>[^()]*)\) \| (?P<count>[\d,]+) \|$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of an index."""

    date: str
    """A day, a week or a year: `2026-11-20`, `20261116-20261122`, `2026`."""
    label: str
    target: str
    """The page, relative to the index."""
    count: int
    """How many papers the page has."""


def render_index(before: str, title: str, up: str, rows: Iterable[Row]) -> str:
    """Return an index: that of `before`, if any, with these rows in place of those of their pages.

    The newest stand first, those of one date in the order of their pages' names. `up` is the link
    that leads to the index above.
    """
    lines = {match["target"]: (match["date"], match[0]) for match in _ROW.finditer(before)}
    for row in rows:
        cells = (row.date, markdown.link(row.label, row.target), f"{row.count:,}")
        line = markdown.table(HEADERS, [cells]).split("\n")[2]
        match = _ROW.match(line)
        # As the link has it: encoded.
        lines[match["target"] if match else row.target] = (row.date, line)
    by_page = sorted(lines.items())
    ordered = sorted(by_page, key=lambda item: item[1][0], reverse=True)
    table = "\n".join([markdown.table(HEADERS, []), *(line for _, (_, line) in ordered)])
    return f"{markdown.heading(1, title)}\n\n{up}\n\n{table}\n"


def targets(index: str) -> list[str]:
    """Return the pages that an index leads to, relative to it."""
    return [unquote(match["target"]) for match in _ROW.finditer(index)]


def total(index: str) -> int:
    """Return how many papers all pages of an index have."""
    return sum(int(match["count"].replace(",", "")) for match in _ROW.finditer(index))
