"""Read papers/store.jsonl, the one file in which the store was up to schema 2."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from daily_papers.announcement_calendar import announced_at, listing_day
from daily_papers.atomic_files import refuse_links
from daily_papers.store.entry_types import (
    Day,
    DigestText,
    Entry,
    LedgerRow,
    Spending,
    Store,
    TopicState,
    newest_first,
)
from daily_papers.store.files_by_month import entry_from_json
from daily_papers.store.json_encoding import from_json, read_object, record_of_kind
from daily_papers.store.store_errors import damage, reading, unreadable

OLD_STORE = "papers/store.jsonl"
_SCHEMAS = (1, 2)
_PAST = timedelta(days=7)
_RETENTION = timedelta(days=13)
"""How long the file kept what was new, without the last day."""
_KINDS: dict[str, tuple[type[Any], str]] = {
    "topic": (TopicState, "name"),
    "digest": (DigestText, "day"),
    "asked": (Spending, "night"),
    "night": (LedgerRow, "night"),
}
"""The record on a line by the line's first key, and the record's field of which it is the value."""
_COUNTED = {"topic": "topics", "paper": "papers", "night": "nights", "digest": "digests"}
"""The header's count of each kind of line."""


def load_old_store(root: Path) -> Store | None:
    """Return what the file has, with the tables and days that follow from it; None without a file.

    Raises StoreError.
    """
    if not (root / OLD_STORE).exists():
        return None
    refuse_links(root / OLD_STORE)
    with reading(OLD_STORE):
        lines = (root / OLD_STORE).read_bytes().decode("utf-8").removesuffix("\n").split("\n")
    records: defaultdict[str, list[Any]] = defaultdict(list)
    listed: dict[str, date] = {}
    number = 1
    try:
        header = read_object(lines[0])
        schema = header.get("schema")
        if type(schema) is not int or schema not in _SCHEMAS:
            raise ValueError(f"its schema is {schema!r}")  # noqa: TRY301
        promised = {kind: header.pop(name, 0) for kind, name in _COUNTED.items()}
        store = from_json(header, Store)
        for number, line in enumerate(lines[1:], start=2):  # noqa: B007 - for the error
            item = read_object(line)
            kind = next(iter(item))
            if "listed" in item:
                listed[item["paper"]] = date.fromisoformat(item["listed"])
            is_paper = kind == "paper"
            record = entry_from_json(item) if is_paper else record_of_kind(item, _KINDS)
            records[kind].append(record)
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        raise unreadable(OLD_STORE, error, number) from None
    for kind, count in promised.items():
        if len(records[kind]) != count:
            raise damage(OLD_STORE, f"line 1 promises another number of {_COUNTED[kind]}", 1)
    store = replace(
        store,
        topics={state.name: state for state in records["topic"]},
        entries={entry.paper.arxiv_id: entry for entry in records["paper"]},
        digests=tuple(records["digest"]),
        spending=next(iter(records["asked"]), None),
        ledger=tuple(records["night"]),
    )
    return _with_days(_with_tables(store), listed)


def _with_tables(store: Store) -> Store:
    """Return the store with all papers of each topic in its table; the next merge shortens it."""
    rows: dict[str, list[Entry]] = {name: [] for name in store.topics}
    for entry in newest_first(store.entries.values(), store.sort):
        for name in rows.keys() & set(entry.topics):
            rows[name].append(entry)
    topics = {
        name: replace(state, table=tuple(one.paper.arxiv_id for one in rows[name]))
        for name, state in store.topics.items()
    }
    return replace(store, topics=topics)


def _with_days(store: Store, listed: dict[str, date]) -> Store:
    """Return the store with the last days, of which it has all papers that their pages list.

    Pages of earlier days stay as they are: the file does not have all of their papers any more.
    """
    first = listing_day(store.updated) - _RETENTION
    first += timedelta(days=-first.weekday() % 7)
    found: defaultdict[date, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for entry in newest_first(store.entries.values(), "submitted"):
        day = listed.get(entry.paper.arxiv_id, entry.day)
        for name in entry.topics if day >= first and not entry.is_replacement else ():
            if name in store.topics and _is_listed(entry, day, store.topics[name], store.created):
                found[day][name].append(entry.paper.arxiv_id)
    days = {
        day: Day(day, {name: tuple(topics[name]) for name in store.topics if name in topics})
        for day, topics in sorted(found.items())
    }
    return replace(store, days=days)


def _is_listed(entry: Entry, day: date, state: TopicState, created: datetime) -> bool:
    """Whether the pages of a day list a paper under a topic, as schema 2 decided it."""
    if not entry.silent and entry.first_seen > max(created, state.since):
        return True
    known_from = announced_at(state.floor).date() if entry.silent and state.floor else date.min
    return day > known_from and day >= state.since.date() - _PAST
