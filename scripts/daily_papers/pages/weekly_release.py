"""The release of a week, for those who watch a repository's releases only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from daily_papers.pages import pieces
from daily_papers.pages.news import long_day
from daily_papers.pages.notice_issue import paper_item
from daily_papers.pages.pieces import View
from daily_papers.store.entry_types import Day
from daily_papers.text import markdown

BUDGET = 100_000  # characters of a body. GitHub's limit is 125,000.
_PAPERS = 5


@dataclass(frozen=True, slots=True)
class Release:
    """A release to make."""

    tag: str
    title: str
    body: str


def monday_of(day: date) -> date:
    """Return the first day of a day's week."""
    return day - timedelta(days=day.weekday())


def days_of(view: View, monday: date) -> list[Day]:
    """Return the days of a week that the store has, oldest first."""
    return [one for day, one in sorted(view.store.days.items()) if monday_of(day) == monday]


def render_release(view: View, monday: date, url: str) -> Release | None:
    """Return the release of a week, or None if nothing was new; the store must have its papers.

    `url` is the repository's page. Each paper is listed once, under the first of its topics.
    """
    days = days_of(view, monday)
    new = _new(view, days)
    total = sum(map(len, new.values()))
    changed = {
        "revised": {one for day in days for one in day.revised},
        "accepted": {one for day in days for one in day.accepted},
        "with code now": {one for day in days for one in day.code},
    }
    counts = [f"{total:,} new", *(f"{len(ids):,} {what}" for what, ids in changed.items() if ids)]
    if not total and len(counts) == 1:
        return None
    week = f"{long_day(monday)} to {long_day(monday + timedelta(days=6))}"
    body = (
        f"**{', '.join(counts)}** in the week from {week}: {', '.join(_pages(view, days, url))}\n"
    )
    foot = f"\n{pieces.THANKS}\n"
    language = view.settings.llm.language
    for name, ids in new.items():
        count = pieces.plural(len(ids), "new paper")
        section = f"\n## {markdown.label(name, issue=True)}: {count}\n\n"
        section += "".join(paper_item(view.store.entries[one], language) for one in ids[:_PAPERS])
        if len(body) + len(section) + len(foot) > BUDGET:
            body += "\nMore topics have new papers: see the pages above.\n"
            break
        body += section
    return Release(f"week-{monday}", f"{total:,} new papers, {week}", body + foot)


def _new(view: View, days: list[Day]) -> dict[str, list[str]]:
    """Return the identifiers of the new papers of each topic, newest first, each once."""
    found: dict[str, list[str]] = {}
    listed: set[str] = set()
    for name in view.store.topics:
        ids = [one for day in reversed(days) for one in day.topics.get(name, ())]
        own = list(dict.fromkeys(one for one in ids if one not in listed))
        listed.update(own)
        if own:
            found[name] = own
    return found


def _pages(view: View, days: list[Day], url: str) -> Iterator[str]:
    pages = view.settings.pages
    if pages.weekly:
        path = pieces.kind_index("weekly")
        yield markdown.link("the weekly pages", f"{url}/blob/HEAD/{path}", trusted=True)
    elif pages.archive:
        for one in days:
            path = pieces.day_list(one.day)
            yield markdown.link(f"{one.day}", f"{url}/blob/HEAD/{path}", trusted=True)
    else:
        yield markdown.link("the tables", url, trusted=True)
