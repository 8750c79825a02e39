"""Load and save the store: papers/store/state.jsonl, the days of each year, the papers by month.

A field with its default is left out, and lines are sorted, so that a night's diff is its news.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from daily_papers.atomic_files import refuse_links, remove_file
from daily_papers.store.entry_types import (
    Attention,
    Day,
    DigestText,
    Entry,
    LedgerRow,
    Month,
    SeedPaper,
    Spending,
    Store,
    TopicState,
)
from daily_papers.store.files_by_month import (
    Wanted,
    counted,
    digest_line,
    month_of,
    month_path,
    paper_line,
    read_month,
)
from daily_papers.store.json_encoding import (
    Count,
    from_json,
    read_object,
    record_of_kind,
    to_json,
    write_json,
)
from daily_papers.store.old_store_file import OLD_STORE, load_old_store
from daily_papers.store.store_errors import (
    StoreError,
    check_no_pointer,
    damage,
    reading,
    unreadable,
)
from daily_papers.store.write_all_or_none import (
    FOLDER,
    Change,
    finish_pending,
    read_lines,
    write_changes,
)

STATE = f"{FOLDER}/state.jsonl"
SEEDS = f"{FOLDER}/seeds.jsonl"
ATTENTION = f"{FOLDER}/attention.jsonl"
SCHEMA = 4
READABLE = (3, SCHEMA)
"""4 has facts that 3 does not know; without them they have their defaults. 3 has a file for each
month and forgets nothing; 1 and 2 were one file, see `old_store_file`."""

_KINDS: dict[str, tuple[type[Any], str]] = {
    "topic": (TopicState, "name"),
    "month": (Month, "month"),
    "day": (Day, "day"),
    "seed": (SeedPaper, "key"),
    "attention": (Attention, "paper"),
    "asked": (Spending, "night"),
    "night": (LedgerRow, "night"),
}
"""The record on a line by the line's first key, and the record's field of which it is the value."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Counts:
    """What must follow the first line of the state."""

    lines: Count
    days: Count


def load_store(root: Path) -> Store | None:
    """Read the store with the papers of the tables; None before the first night.

    What a killed run has left is written first. Raises StoreError.
    """
    finish_pending(root)
    if not (root / STATE).exists():
        if any((root / FOLDER).glob("*.jsonl")):
            raise damage(STATE, "it is missing")
        return load_old_store(root)
    store, count = _read_state(root)
    names = {path.name for path in (root / FOLDER).glob("[12]*.jsonl")}
    if unknown := names - {f"{month}.jsonl" for month in store.months}:
        raise damage(STATE, f"it does not know the file {min(unknown)}")
    days = {
        day.day: day
        for path in sorted((root / FOLDER).glob("days-*.jsonl"))
        for day in _read_days(root, f"{FOLDER}/{path.name}")
    }
    if len(days) != count:
        raise damage(STATE, f"line 1 promises {count} days, and there are {len(days)}")
    seeds = {one.key: one for one in _read_optional(root, SEEDS, SeedPaper)}
    attention = {one.paper: one for one in _read_optional(root, ATTENTION, Attention)}
    store = replace(store, days=days, seeds=seeds, attention=attention)
    tables = {one for state in store.topics.values() for one in state.table}
    return with_papers(root, store, Wanted(tables))


def with_papers(root: Path, store: Store, wanted: Wanted) -> Store:
    """Return the store with these papers too, as far as it has them. Raises StoreError."""
    missing = replace(wanted, ids=set(wanted.ids) - store.entries.keys())
    entries = dict(store.entries)
    digests = {(one.day, one.topic) for one in store.digests}
    found: list[DigestText] = []
    for month in missing.of(store.months.values()):
        papers, texts = read_month(root, month, missing)
        # What is in memory may be newer than what is in the file.
        entries = papers | entries
        found += [one for one in texts if (one.day, one.topic) not in digests]
    if unknown := {one for state in store.topics.values() for one in state.table} - entries.keys():
        raise damage(STATE, f"no file has the paper {min(unknown)}, which a topic's table lists")
    for day in wanted.days:
        if lost := day.papers - entries.keys():
            raise damage(
                _days_path(day.day), f"no file has the paper {min(lost)}, which {day.day} lists"
            )
    return replace(store, entries=entries, digests=_sorted(*store.digests, *found))


def _sorted(*digests: DigestText) -> tuple[DigestText, ...]:
    return tuple(sorted(digests, key=lambda one: (one.day, one.topic)))


def save_store(root: Path, before: Store | None, store: Store) -> Store:
    """Write what differs from the store `before`; return the store with its months.

    Raises StoreError, and DailyPapersError if a file cannot be written: then nothing was written,
    or the next run writes the rest.
    """
    if before is None or not before.months:
        # There was none yet, or it is in the file of earlier versions.
        before = Store(store.created, store.updated, store.sort)
    changed: defaultdict[str, list[tuple[Entry | None, Entry]]] = defaultdict(list)
    for arxiv_id, entry in store.entries.items():
        old = before.entries.get(arxiv_id)
        if old is not entry and old != entry:
            changed[month_of(arxiv_id)].append((old, entry))
    lines: defaultdict[str, list[str]] = defaultdict(list)
    months = dict(store.months)
    for name, pairs in changed.items():
        months[name] = counted(months.get(name), name, pairs, store.updated)
        lines[month_path(name)] += (paper_line(entry, store.updated) for _, entry in pairs)
    for (day, _), texts, is_new in _changed_digests(before, store):
        name = f"{day:%Y-%m}"
        month = months.get(name) or Month(name, 0, store.updated)
        months[name] = replace(month, digests=month.digests + is_new)
        lines[month_path(name)].append(digest_line(texts))
    for day, found in store.days.items():
        if before.days.get(day) != found:
            lines[_days_path(day)].append(_line("day", found))
    for key, seed in store.seeds.items():
        if before.seeds.get(key) != seed:
            lines[SEEDS].append(_line("seed", seed))
    for arxiv_id, one in store.attention.items():
        if before.attention.get(arxiv_id) != one:
            lines[ATTENTION].append(_line("attention", one))
    store = replace(store, months=dict(sorted(months.items())))
    changes = [Change(path, tuple(texts)) for path, texts in lines.items()]
    write_changes(root, [*changes, Change(STATE, tuple(_state_lines(store)), whole=True)])
    remove_file(root / OLD_STORE)
    return store


def _changed_digests(
    before: Store, store: Store
) -> Iterator[tuple[tuple[date, str], Collection[DigestText], bool]]:
    """Yield day and topic of each digest with other texts, these, and whether it had none."""
    known, found = _by_digest(before), _by_digest(store)
    for key, texts in found.items():
        if known.get(key) != texts:
            yield key, texts, key not in known


def _by_digest(store: Store) -> dict[tuple[date, str], list[DigestText]]:
    found: dict[tuple[date, str], list[DigestText]] = {}
    for one in store.digests:
        found.setdefault((one.day, one.topic), []).append(one)
    return found


def _read_days(root: Path, path: str) -> Iterator[Day]:
    for _, number, line in read_lines(root, path):
        try:
            day = from_json(read_object(line), Day)
        except ValueError as error:
            raise unreadable(path, error, number) from None
        if _days_path(day.day) != path:
            raise damage(path, f"{day.day} is of another year", number)
        yield day


def _days_path(day: date) -> str:
    return f"{FOLDER}/days-{day.year}.jsonl"


def _read_optional(root: Path, path: str, kind: type[T]) -> Iterator[T]:
    """Yield the records of a file that need not exist: what is missing is asked for again."""
    if not (root / path).exists():
        return
    for _, number, line in read_lines(root, path):
        try:
            record = record_of_kind(read_object(line), _KINDS)
        except (ValueError, KeyError, TypeError) as error:
            raise unreadable(path, error, number) from None
        if not isinstance(record, kind):
            raise unreadable(path, ValueError("it belongs in another file"), number)
        yield record


def _read_state(root: Path) -> tuple[Store, int]:
    """Return the store without papers and days, and how many days there must be."""
    lines = _state_file_lines(root)
    header, count, days = _read_header(next(lines, ""))
    topics: dict[str, TopicState] = {}
    months: dict[str, Month] = {}
    spending: Spending | None = None
    ledger: list[LedgerRow] = []
    number = 1
    for number, line in enumerate(lines, start=2):
        try:
            match record_of_kind(read_object(line), _KINDS):
                case TopicState() as state:
                    _add(topics, state.name, state)
                case Month() as month:
                    _add(months, month.month, month)
                case Spending() as found:
                    spending = found
                case LedgerRow() as row:
                    ledger.append(row)
                case _:
                    raise ValueError("it belongs in another file")  # noqa: TRY301
        except (ValueError, KeyError, TypeError) as error:
            raise unreadable(STATE, error, number) from None
    if number - 1 != count:
        raise damage(STATE, f"line 1 promises {count} more lines, and there are {number - 1}")
    store = replace(header, topics=topics, months=months, spending=spending, ledger=tuple(ledger))
    return store, days


def _state_file_lines(root: Path) -> Iterator[str]:
    refuse_links(root / STATE)
    with reading(STATE), (root / STATE).open(encoding="utf-8", newline="\n") as file:
        yield from file


def _read_header(line: str) -> tuple[Store, int, int]:
    """Return a store without its records, how many lines must follow, and how many days."""
    if not line:
        raise damage(STATE, "it is empty")
    check_no_pointer(STATE, line)
    try:
        item = read_object(line)
        schema = item.get("schema")
        if type(schema) is int and schema in READABLE:
            counts = from_json(item, _Counts)
            del item["days"]
            return from_json(item, Store), counts.lines, counts.days
    except (ValueError, KeyError, TypeError) as error:
        raise unreadable(STATE, error, 1) from None
    if type(schema) is not int or schema <= SCHEMA:
        raise damage(STATE, f"its schema is {schema!r}", 1)
    raise StoreError(
        f"{STATE}: its schema is {schema}, and this program knows up to {SCHEMA}. "
        "Nothing was changed. Run the project's current version: a fork gets it by Sync fork → "
        "Update branch, a repository of three files by the commit that its nightly.yml names"
    )


def _add(known: dict[str, T], key: str, record: T) -> None:
    if key in known:
        raise ValueError(f"{key} is on an earlier line too")
    known[key] = record


def _state_lines(store: Store) -> Iterator[str]:
    records = [
        *(_line("topic", one) for one in store.topics.values()),
        *(_line("month", one) for one in store.months.values()),
        *([_line("asked", store.spending)] if store.spending else []),
        *(_line("night", one) for one in store.ledger),
    ]
    header = {
        "schema": SCHEMA,
        "created": store.created,
        "updated": store.updated,
        "notified": store.notified,
        "rendered": store.rendered,
        **({"harvested": store.harvested} if store.harvested else {}),
        **({"doubted": store.doubted} if store.doubted else {}),
        "sort": store.sort,
        **({"notice": store.notice} if store.notice else {}),
        **({"refused": store.refused} if store.refused else {}),
        **({"released": store.released} if store.released else {}),
        **({"channels": dict(sorted(store.channels.items()))} if store.channels else {}),
        **({"site": store.site} if store.site else {}),
        "lines": len(records),
        "days": len(store.days),
    }
    return iter((write_json(header), *records))


def _line(kind: str, record: object) -> str:
    item = to_json(record)
    return write_json({kind: item.pop(_KINDS[kind][1]), **item})
