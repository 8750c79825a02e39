"""Set the times of a store that are in the future, after a run with a wrong clock, to now."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from daily_papers.store.entry_types import Store
from daily_papers.store.paper import Paper

AHEAD = timedelta(days=1)
"""How far ahead a time may be, because clocks differ."""

T = TypeVar("T")


def is_from_the_future(store: Store, now: datetime) -> bool:
    """Whether the last night is one that has not come yet."""
    return store.updated > now + AHEAD


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
