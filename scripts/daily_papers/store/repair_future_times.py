"""Set the times of a store that are in the future, after a run with a wrong clock, to now."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import TypeVar

from daily_papers.clock import AHEAD
from daily_papers.store.entry_types import Store
from daily_papers.store.paper import Paper

T = TypeVar("T")


def future_time(store: Store, now: datetime) -> datetime | None:
    """Return the last time of a night or a watermark if it has not come yet, else None."""
    last = max(_times(replace(store, entries={}, days={}, digests=())))
    return last if last > now + AHEAD else None


def _times(record: object) -> Iterator[datetime]:
    if isinstance(record, datetime):
        yield record
    elif isinstance(record, Mapping | tuple):
        for one in record.values() if isinstance(record, Mapping) else record:
            yield from _times(one)
    elif is_dataclass(record):
        for one in fields(record):
            yield from _times(getattr(record, one.name))


def without_future_times(store: Store, now: datetime) -> Store:
    """Return the store with no time after `now`; what was announced stays announced.

    It must have all papers. The facts of the papers stay.
    """
    return _set_back(store, now)


def _set_back(record: T, now: datetime) -> T:
    found: object = record
    if isinstance(record, datetime):
        found = min(record, now)
    elif isinstance(record, tuple):
        found = tuple(_set_back(one, now) for one in record)
    elif isinstance(record, Mapping):
        found = {key: _set_back(one, now) for key, one in record.items()}
    elif is_dataclass(record) and not isinstance(record, (Paper, type)):
        values = {one.name: _set_back(getattr(record, one.name), now) for one in fields(record)}
        found = replace(record, **values)
    return found  # type: ignore[return-value]  # of the same type as `record`
