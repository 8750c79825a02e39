"""The nightly issue, which GitHub mails to everyone who watches the repository."""

import calendar
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import itemgetter

from daily_papers.clock import format_time, parse_time
from daily_papers.pages import pieces
from daily_papers.pages.pieces import View
from daily_papers.settings import Settings
from daily_papers.store.entry_types import Entry, Store, newest_first
from daily_papers.store.files_by_month import month_of
from daily_papers.text import markdown

LABEL = "daily-papers"
BUDGET = 60_000  # characters of a body. GitHub's limit is 65,536.
TITLE_BUDGET = 256  # characters of a title: GitHub's limit
_DIGEST_BUDGET = 20_000
_MOST_PAGES = 12
_NEW = "New"
_REVISED = "Revised"


@dataclass(frozen=True, slots=True)
class Notice:
    """An issue to open."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading and a table of papers."""

    heading: str
    column: str  # the header of the second column
    rows: Sequence[tuple[Entry, str]]  # the papers, each with its second cell
    page: str  # the address of the page that has all rows
    pages: Sequence[str]  # the addresses of the pages of days and months that have all rows
    elsewhere: int = 0  # how many papers of this topic earlier sections list


def render_notice(view: View, since: datetime | None, url: str) -> Notice | None:
    """Return the issue with the news after `since` (None: ever), or None if there is no news.

    `url` is the repository's page. Each paper is listed once, under the first of its topics.
    """
    pages = _day_pages(view, url)
    sections = _topic_sections(view.store, since, url, pages)
    accepted = _accepted_section(view.store, since, url, pages)
    code = _code_section(view.store, since, url, pages)
    kinds = Counter(kind for section in sections for _, kind in section.rows)
    counts = {
        "new paper": kinds[_NEW],
        "revised paper": kinds[_REVISED],
        "accepted paper": len(accepted.rows),
        "paper with new code": len(code.rows),
    }
    counted = [pieces.plural(count, noun) for noun, count in counts.items() if count]
    if not counted:
        return None
    note = pieces.sample_note(entry for one in (*sections, accepted, code) for entry, _ in one.rows)
    link = markdown.link("the tables", url, trusted=True)
    digest = _digest(f"{note}**{_enumerated(counted)}** in {link}:\n", sections)
    if accepted.rows:
        digest.append(f"- Accepted: {len(accepted.rows)}")
    if code.rows:
        digest.append(f"- Code: {len(code.rows)}")
    body = "\n".join(digest) + "\n"
    foot = f"\n{pieces.THANKS}\n\n{marker(view.store.updated)}\n"
    for section in (*sections, accepted, code):
        body += _table(section, view, BUDGET - len(body) - len(foot))
    title = f"{counted[0]} - {long_date(view.store.updated, view.settings)}"
    return Notice(title[:TITLE_BUDGET], body + foot)


def marker(moment: datetime) -> str:
    """Return the invisible line by which later runs know which news this issue has."""
    return f"<!-- daily-papers notice: {format_time(moment)} -->"


def read_marker(body: str) -> datetime | None:
    """Return the moment in the marker of an issue's body; None without one, or if it is no time."""
    match = re.search(r"<!-- daily-papers notice: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) -->", body)
    try:
        return parse_time(match[1]) if match else None
    except ValueError:
        return None


def long_date(moment: datetime, settings: Settings) -> str:
    """Return a local date such as `November 20, 2026`, in English on every machine."""
    local = moment.astimezone(settings.timezone)
    return f"{calendar.month_name[local.month]} {local.day}, {local.year}"


def _enumerated(texts: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def _day_pages(view: View, url: str) -> dict[str, str]:
    """Return the address of the last day's page that has a paper, by identifier."""
    if not view.settings.pages.archive:
        return {}
    return {
        arxiv_id: f"{url}/blob/HEAD/{pieces.day_list(day.day)}"
        for day in view.store.days.values()
        for arxiv_id in day.papers
    }


def _pages_of(
    rows: Sequence[tuple[Entry, str]], topic: str, url: str, days: Mapping[str, str]
) -> list[str]:
    """Return the addresses of the pages that have all rows: of days, else of the topic's months.

    What a first night brings along may be of days of which not every paper is known.
    """
    if not days:
        return []

    def month(entry: Entry) -> str:
        name = topic or entry.topics[0]
        return f"{url}/blob/HEAD/{pieces.month_page(name, month_of(entry.paper.arxiv_id))}"

    found = {days.get(entry.paper.arxiv_id) or month(entry) for entry, _ in rows}
    if len(found) > _MOST_PAGES:
        found = {month(entry) for entry, _ in rows}
    return sorted(found, reverse=True)


def _topic_sections(
    store: Store, since: datetime | None, url: str, pages: Mapping[str, str]
) -> list[_Section]:
    """Return a section for each topic with news: the new papers, then the revised ones."""
    found: dict[str, list[tuple[Entry, str]]] = {name: [] for name in store.topics}
    for entry in newest_first(store.entries.values(), store.sort):
        is_new = entry.is_new_since(since)
        # Those that were accepted, or got code, have a section of their own.
        is_listed = entry.is_accepted_since(since) or entry.has_code_since(since)
        if is_new or (entry.is_revised_since(since) and not is_listed):
            for name in found.keys() & entry.topics:
                found[name].append((entry, _NEW if is_new else _REVISED))
    listed: set[str] = set()
    sections = []
    for name, rows in found.items():
        own = [(entry, kind) for entry, kind in rows if entry.paper.arxiv_id not in listed]
        listed.update(entry.paper.arxiv_id for entry, _ in own)
        if rows:
            own.sort(key=itemgetter(1))
            page = f"{url}/blob/HEAD/{pieces.topic_page(name)}"
            more = _pages_of(own, name, url, pages)
            sections.append(_Section(name, "Kind", own, page, more, len(rows) - len(own)))
    return sections


def _accepted_section(
    store: Store, since: datetime | None, url: str, pages: Mapping[str, str]
) -> _Section:
    """Return the section of the papers that were known before and have a venue now."""
    rows = [
        (entry, markdown.label(entry.paper.venue, issue=True))
        for entry in newest_first(store.entries.values(), store.sort)
        if entry.is_accepted_since(since) and not store.topics.keys().isdisjoint(entry.topics)
    ]
    page = f"{url}/blob/HEAD/{pieces.ALL_TOPICS}"
    return _Section("Accepted", "Venue", rows, page, _pages_of(rows, "", url, pages))


def _code_section(
    store: Store, since: datetime | None, url: str, pages: Mapping[str, str]
) -> _Section:
    """Return the section of the papers that were known before and have a link to code now."""
    rows = [
        (entry, markdown.inline(entry.paper.code_links[0], issue=True))
        for entry in newest_first(store.entries.values(), store.sort)
        if entry.has_code_since(since)
        and not entry.is_accepted_since(since)
        and entry.paper.code_links
        and not store.topics.keys().isdisjoint(entry.topics)
    ]
    page = f"{url}/blob/HEAD/{pieces.ALL_TOPICS}"
    return _Section("Code", "Link", rows, page, _pages_of(rows, "", url, pages))


def _digest(first: str, sections: Sequence[_Section]) -> list[str]:
    """Return `first` and a line for each topic, as far as they fit."""
    lines = [first]
    for number, section in enumerate(sections):
        line = f"- {_digest_line(section)}"
        if sum(map(len, lines)) + len(lines) + len(line) > _DIGEST_BUDGET:
            return [*lines, f"- and {pieces.plural(len(sections) - number, 'more topic')}"]
        lines.append(line)
    return lines


def _digest_line(section: _Section) -> str:
    counts = Counter(kind.lower() for _, kind in section.rows)
    counts["listed under another topic"] = section.elsewhere
    counted = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f"{markdown.link(section.heading, section.page, issue=True, trusted=True)}: {counted}"


def _table(section: _Section, view: View, spare: int) -> str:
    """Return the rows of a section that fit into `spare` characters, and the rest's count."""
    count = len(section.rows)
    headers = [pieces.wide(header) for header in ("Title", section.column, "Date", "Comment")]
    text = f"\n## {markdown.label(section.heading, issue=True)}\n\n"
    lines = [markdown.table(headers, [])]
    room = spare - len(text) - len(lines[0]) - len(_rest(section, count)) - 3
    for entry, cell in section.rows[: view.settings.issue_papers]:
        title = pieces.title_cell(entry.paper, issue=True)
        comment = pieces.comment_cell(entry.paper, issue=True)
        row = pieces.table_row((title, cell, view.date_of(entry), comment))
        room -= len(row) + 1
        if room < 0:
            break
        lines.append(row)
    shown = len(lines) - 1
    if shown:
        text += "\n".join(lines) + "\n"
    if shown < count:
        text += f"\n{_rest(section, count - shown)}\n"
    return text if shown or (count and len(text) <= spare) else ""


def _rest(section: _Section, count: int) -> str:
    if not section.pages:
        return markdown.link(f"{count:,} more →", section.page, trusted=True)
    names = (page.rpartition("/")[2].removesuffix(".md") for page in section.pages)
    links = map(partial(markdown.link, trusted=True), names, section.pages)
    return f"{count:,} more: {', '.join(links)}"
