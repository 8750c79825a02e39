"""Read and write papers/store.jsonl: a header, then one topic, paper, digest or night a line.

Lines are sorted and a field with its default is left out, so that a night's diff is its news.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from daily_papers.errors import DailyPapersError
from daily_papers.files import write_lines
from daily_papers.store.json_encoding import from_json, read_object, to_json, write_json
from daily_papers.store.record_types import (
    DigestText,
    Entry,
    LedgerRow,
    Spending,
    Store,
    TopicState,
)

STORE = "papers/store.jsonl"
SCHEMA = 2
"""2 added the texts of a language model and the days of the dated pages; 1 can still be read."""
_READABLE = (1, SCHEMA)

_KINDS: dict[str, tuple[type[Any], str]] = {
    "topic": (TopicState, "name"),
    "digest": (DigestText, "day"),
    "asked": (Spending, "night"),
    "night": (LedgerRow, "night"),
}
"""The record on a line by the line's first key, and the record's field of which it is the value."""

T = TypeVar("T")


class StoreError(DailyPapersError):
    """The store is damaged, or of a newer schema."""


def load_store(root: Path) -> Store | None:
    """Read `root`/papers/store.jsonl; None if there was no night yet. Raises StoreError."""
    path = root / STORE
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            return _read(file)
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise _damage("it is not UTF-8") from None
    except OSError as error:
        raise StoreError(f"{STORE}: it cannot be read: {error.strerror}") from error


def save_store(root: Path, store: Store) -> None:
    """Write `root`/papers/store.jsonl. Raises DailyPapersError if it cannot be written."""
    write_lines(root / STORE, dump_store(store))


def _damage(what: str, line: int | None = None) -> StoreError:
    where = STORE if line is None else f"{STORE}:{line}"
    return StoreError(
        f"{where}: the store is damaged: {what}. Nothing was changed. Restore the last good "
        f"version: git log --oneline -- {STORE}, then git checkout COMMIT -- {STORE}"
    )


def _unreadable(error: Exception, line: int) -> StoreError:
    return _damage(f"this line cannot be read ({error})", line)


def _read(lines: Iterator[str]) -> Store:
    header, counts = _read_header(next(lines, ""))
    topics: dict[str, TopicState] = {}
    entries: dict[str, Entry] = {}
    digests: list[DigestText] = []
    spending: Spending | None = None
    ledger: list[LedgerRow] = []
    for number, line in enumerate(lines, start=2):
        try:
            match _read_line(line):
                case TopicState() as state:
                    _add(topics, state.name, state)
                case Entry() as entry:
                    _add(entries, entry.paper.arxiv_id, entry)
                case DigestText() as digest:
                    digests.append(digest)
                case Spending() as found:
                    spending = found
                case LedgerRow() as row:
                    ledger.append(row)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreadable(error, number) from None
    store = replace(
        header,
        topics=topics,
        entries=entries,
        digests=tuple(digests),
        spending=spending,
        ledger=tuple(ledger),
    )
    for name, count in _counts(store).items():
        if counts.get(name, 0) != count:
            raise _damage(f"line 1 promises {counts.get(name)} {name}, and there are {count}")
    return store


def _read_header(line: str) -> tuple[Store, dict[str, Any]]:
    """Return a store without its records, and how many of each kind there must be."""
    if not line:
        raise _damage("it is empty")
    # https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
    if line.startswith("version https://git-lfs.github.com/"):
        raise StoreError(
            f"{STORE}: it is a pointer of Git LFS, and the store itself is not here. Nothing was "
            f"changed. Fetch it with 'git lfs pull', delete the line for it from .gitattributes, "
            f"and commit the file itself: git add --renormalize {STORE}"
        )
    try:
        item = read_object(line)
        schema = item.get("schema")
        if schema in _READABLE:
            # Schema 1 has no digests.
            counts = {name: item.pop(name, 0) for name in ("topics", "papers", "nights", "digests")}
            return from_json(item, Store), counts
    except ValueError as error:
        raise _unreadable(error, 1) from None
    if isinstance(schema, int) and schema > SCHEMA:
        raise StoreError(
            f"{STORE}: its schema is {schema}, and this program knows up to {SCHEMA}. "
            "Nothing was changed. Update the folder scripts/ to the project's current version"
        )
    raise _damage(f"its schema is {schema!r}", 1)


def _read_line(line: str) -> object:
    item = read_object(line)
    kind = next(iter(item), "")
    if kind == "paper":
        return _entry_from_json(item)
    if kind not in _KINDS:
        raise ValueError("it is of no known kind")
    record, first = _KINDS[kind]
    return from_json({**item, first: item[kind]}, record)


def _add(known: dict[str, T], key: str, record: T) -> None:
    if key in known:
        raise ValueError(f"{key} is on an earlier line too")
    known[key] = record


def dump_store(store: Store) -> Iterator[str]:
    """Yield the lines of the store's file, without their ends."""
    header = {
        "schema": SCHEMA,
        "created": store.created,
        "updated": store.updated,
        "notified": store.notified,
        "sort": store.sort,
    }
    yield write_json(header | _counts(store))
    for state in store.topics.values():
        yield _line("topic", state)
    for _, entry in sorted(store.entries.items()):
        yield write_json(_entry_to_json(entry))
    for digest in store.digests:
        yield _line("digest", digest)
    if store.spending:
        yield _line("asked", store.spending)
    for row in store.ledger:
        yield _line("night", row)


def _counts(store: Store) -> dict[str, int]:
    return {
        "topics": len(store.topics),
        "papers": len(store.entries),
        "nights": len(store.ledger),
        "digests": len(store.digests),
    }


def _line(kind: str, record: object) -> str:
    item = to_json(record)
    return write_json({kind: item.pop(_KINDS[kind][1]), **item})


def _entry_to_json(entry: Entry) -> dict[str, Any]:
    """Return an entry with the facts of its paper on the same level."""
    item = to_json(entry)
    if entry.revised:
        item["revised"] = {"seen": entry.revised.seen, "from": entry.revised.from_version}
    paper = to_json(item.pop("paper"))
    texts = {"texts": item.pop("texts")} if entry.texts else {}
    return {"paper": paper.pop("arxiv_id"), **item, **paper, **texts}


def _entry_from_json(item: dict[str, Any]) -> Entry:
    if "revised" in item:
        item["revised"]["from_version"] = item["revised"].pop("from")
    return from_json({**item, "paper": {**item, "arxiv_id": item["paper"]}}, Entry)
