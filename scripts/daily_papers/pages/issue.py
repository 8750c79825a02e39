"""The nightly issue: what watchers of the repository get by mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from re import search

from daily_papers.clock import format_time, parse_time
from daily_papers.pages import shared
from daily_papers.settings import Settings
from daily_papers.store.records import Entry, Store, newest_first, sort_time
from daily_papers.text import markdown

LABEL = "daily-papers"
# GitHub refuses a body of more than 65,536 characters and a title of more than 256.
BUDGET = 60_000
TITLE_BUDGET = 256
_DIGEST_BUDGET = 20_000


@dataclass(frozen=True, slots=True)
class Notice:
    """An issue to be opened."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class _Section:
    topic: str
    new: list[Entry]
    revised: list[Entry]
    elsewhere: int
    """Papers of this topic that stand under an earlier one."""


def render_notice(
    store: Store, since: datetime | None, settings: Settings, url: str
) -> Notice | None:
    """Return the issue for what came after `since`, or None when nothing did.

    `url` is the repository's page. A paper stands in the notice once, under the first of its
    topics.
    """
    sections = _sections(store, since)
    accepted = [
        entry
        for entry in newest_first(store.entries.values(), store.sort)
        if entry.is_accepted_since(since) and not store.topics.keys().isdisjoint(entry.topics)
    ]
    shown = [entry for section in sections for entry in (*section.new, *section.revised)]
    counts = {
        "new paper": sum(len(section.new) for section in sections),
        "revised paper": sum(len(section.revised) for section in sections),
        "accepted paper": len(accepted),
    }
    told = [shared.plural(count, noun) for noun, count in counts.items() if count]
    if not told:
        return None
    title = f"{told[0]} - {shared.long_date(store.updated, settings)}"
    note = shared.sample_note(entry.paper for entry in (*shown, *accepted))
    tables = markdown.link("the tables", url, trusted=True)
    digest = [f"{note}**{_enumerated(told)}** in {tables}:\n"]
    for number, section in enumerate(sections):
        line = f"- {_digest_line(section, url)}"
        if sum(map(len, digest)) + len(digest) + len(line) > _DIGEST_BUDGET:
            digest.append(f"- and {shared.plural(len(sections) - number, 'more topic')}")
            break
        digest.append(line)
    if accepted:
        digest.append(f"- Accepted: {len(accepted)}")
    foot = f"\n{shared.THANKS}\n\n{marker(store.updated)}\n"
    body = "\n".join(digest) + "\n"
    spare = BUDGET - len(body) - len(foot)
    for section in sections:
        text, spare = _tables(section, settings, store.sort, url, spare)
        body += text
    body += _accepted(accepted, settings, store.sort, url, spare)
    return Notice(title[:TITLE_BUDGET], body + foot)


def _enumerated(texts: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def marker(moment: datetime) -> str:
    """Return the invisible line by which a later run knows what was told already."""
    return f"<!-- daily-papers notice: {format_time(moment)} -->"


def read_marker(body: str) -> datetime | None:
    """Return the moment in a notice's marker, or None if it has none."""
    match = search(r"<!-- daily-papers notice: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) -->", body)
    return parse_time(match[1]) if match else None


def _sections(store: Store, since: datetime | None) -> list[_Section]:
    told: set[str] = set()
    found: dict[str, tuple[list[Entry], list[Entry]]] = {name: ([], []) for name in store.topics}
    for entry in newest_first(store.entries.values(), store.sort):
        new = entry.is_new_since(since)
        # One that was accepted too stands under that.
        revised = entry.is_revised_since(since) and not entry.is_accepted_since(since)
        if new or revised:
            for name in entry.topics:
                if name in found:
                    found[name][0 if new else 1].append(entry)
    sections = []
    for name, (new_ones, revised_ones) in found.items():
        here = [
            [entry for entry in entries if entry.paper.arxiv_id not in told]
            for entries in (new_ones, revised_ones)
        ]
        elsewhere = len(new_ones) + len(revised_ones) - len(here[0]) - len(here[1])
        told.update(entry.paper.arxiv_id for entries in here for entry in entries)
        if here[0] or here[1] or elsewhere:
            sections.append(_Section(name, here[0], here[1], elsewhere))
    return sections


def _page_url(topic: str, url: str) -> str:
    return f"{url}/blob/HEAD/{shared.topic_page(topic)}"


def _digest_line(section: _Section, url: str) -> str:
    told = [f"{len(section.new)} new"] if section.new else []
    told += [f"{len(section.revised)} revised"] if section.revised else []
    told += [f"{section.elsewhere} listed under another topic"] if section.elsewhere else []
    name = markdown.link(section.topic, _page_url(section.topic, url), issue=True, trusted=True)
    return f"{name}: {', '.join(told)}"


def _tables(
    section: _Section, settings: Settings, sort: str, url: str, spare: int
) -> tuple[str, int]:
    """Return a section of the body and what is left of the budget, in characters."""
    rows = [(entry, "New") for entry in section.new] + [
        (entry, "Revised") for entry in section.revised
    ]
    headers = (shared.wide("Title"), "**Kind**", shared.wide("Date"), shared.wide("Comment"))
    cells = (
        (
            shared.title_cell(entry.paper, issue=True),
            kind,
            shared.date(sort_time(entry.paper, sort)),
            shared.comment_cell(entry.paper, issue=True),
        )
        for entry, kind in rows[: settings.issue_papers]
    )
    page = _page_url(section.topic, url)
    return _table(section.topic, headers, cells, len(rows), page, spare)


def _accepted(entries: Sequence[Entry], settings: Settings, sort: str, url: str, spare: int) -> str:
    """Return the section of the papers that were known before and have a venue now."""
    headers = (shared.wide("Title"), "**Venue**", shared.wide("Date"), shared.wide("Comment"))
    cells = (
        (
            shared.title_cell(entry.paper, issue=True),
            markdown.label(entry.paper.venue, issue=True),
            shared.date(sort_time(entry.paper, sort)),
            shared.comment_cell(entry.paper, issue=True),
        )
        for entry in entries[: settings.issue_papers]
    )
    page = f"{url}/blob/HEAD/{shared.INDEX}"
    return _table("Accepted", headers, cells, len(entries), page, spare)[0]


def _table(
    title: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    count: int,
    page: str,
    spare: int,
) -> tuple[str, int]:
    """Return a heading and as many of the rows as fit, and what is left of the budget.

    `count` is how many rows there are in all; `page` has those that are not shown.
    """
    if not count:
        return "", spare
    head = f"\n## {markdown.label(title, issue=True)}\n\n"
    rest_reserve = len(_rest(count, page)) + 2
    table = ""
    shown = 0
    for row in rows:
        text = markdown.table(headers, [row])
        addition = text if not table else text.split("\n", 2)[2]
        if len(head) + len(table) + len(addition) + rest_reserve + 1 > spare:
            break
        table += f"{addition}\n"
        shown += 1
    left = count - shown
    rest = f"\n{_rest(left, page)}\n" if left else ""
    text = f"{head}{table}{rest}" if shown or len(head) + len(rest) <= spare else ""
    return text, spare - len(text)


def _rest(count: int, page: str) -> str:
    return markdown.link(f"{count:,} more →", page, trusted=True)
