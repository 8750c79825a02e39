"""papers/badges/year*.svg: a year of new papers, a bar for each week and a line for each topic."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from daily_papers.announcement_calendar import monday_of
from daily_papers.atomic_files import GENERATED
from daily_papers.pages import badge
from daily_papers.pages.pieces import ALL_TOPICS, View, relative
from daily_papers.pages.weekly_counts import Counts, weekly_counts
from daily_papers.text import markdown

PICTURES = {
    f"{badge.FOLDER}/year.svg": ("#1f2328", "#0969da"),
    f"{badge.FOLDER}/year-dark.svg": ("#f0f6fc", "#4493f8"),
}
"""The colours of text and bars on a light and on a dark page, by path from the root."""
_WEEKS = 52
_BAR, _STEP, _HIGH, _LINE = 4, 5, 14, 20  # pixels
_LABEL = 190
_LONGEST = 28  # characters of a label
_WIDTH = _LABEL + _WEEKS * _STEP + 50


def render_year(view: View, path: str) -> str:
    """Return the picture of a path of PICTURES."""
    text, bars = PICTURES[path]
    begins, ends = _days(view)
    counts = weekly_counts(view, _WEEKS, datetime.combine(ends, time(), UTC))
    height = _LINE * (len(counts) + 1)
    lines = "\n".join(
        _line(name, found, number * _LINE, bars)
        for number, (name, found) in enumerate(counts.items())
    )
    axis = height - 5
    return (
        f"{GENERATED}\n"
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" role="img" '
        f'font-family="-apple-system,Segoe UI,Noto Sans,Helvetica,Arial,sans-serif" '
        f'font-size="12" fill="{text}">\n{lines}\n'
        f'<g opacity=".7"><text x="{_LABEL}" y="{axis}">{begins}</text>\n'
        f'<text x="{_LABEL + _WEEKS * _STEP}" y="{axis}" text-anchor="end">'
        f"{ends - timedelta(days=1)}</text></g>\n</svg>\n"
    )


def picture(view: View) -> str:
    """Return the picture for the page of all topics, and what it shows."""
    light, dark = (relative(path, ALL_TOPICS) for path in PICTURES)
    text = view.say("year")
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="{dark}">'
        f'<img alt="{markdown.html_text(text)}" src="{light}"></picture>\n\n{text}'
    )


def _days(view: View) -> tuple[date, date]:
    """Return the first day of the year, a Monday, and the Monday after it."""
    ends = monday_of(view.store.updated.date()) + timedelta(weeks=1)
    return ends - timedelta(weeks=_WEEKS), ends


def _line(name: str, counts: Counts, top: int, color: str) -> str:
    """Return a topic's name, its bars, and the papers of its fullest week."""
    most = max(filter(None, counts), default=0)
    label = markdown.clean(name)
    short = label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
    unknown = f"M{_LABEL} {top + 2}h{counts.count(None) * _STEP}v{_HIGH}H{_LABEL}z"
    base = top + _HIGH + 2
    return (
        f'<text x="0" y="{base}">{markdown.xml_text(short)}</text>'
        f'<path fill="{color}" opacity=".15" d="{unknown}"/>'
        f'<path fill="{color}" d="M{_LABEL} {base}{_bars(counts, most)}"/>'
        f'<text x="{_WIDTH}" y="{base}" text-anchor="end">{most:,}</text>'
    )


def _bars(counts: Sequence[int | None], most: int) -> str:
    """Return the bars as steps, so that a week that goes or comes changes none of the others."""
    return "".join(
        f"v-{tall}h{_BAR}v{tall}h{_STEP - _BAR}" if (tall := _tall(count, most)) else f"h{_STEP}"
        for count in counts
    )


def _tall(count: int | None, most: int) -> int:
    return -(-count * _HIGH // most) if count else 0
