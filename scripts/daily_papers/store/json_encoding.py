"""Convert records (dataclasses) to JSON objects and back, with types checked."""

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

import msgspec

from daily_papers.clock import format_time

T = TypeVar("T")

Count = Annotated[int, msgspec.Meta(ge=0)]
"""A number of papers, nights or tokens."""
_YEARS = range(1970, 2200)
"""Those of the times that a store may have. Around them nothing overflows that is computed."""


def to_json(record: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    """Return a record's fields for `write_json`, without those that have their default.

    A field whose default comes from a factory is always there.
    """
    found = ((name, getattr(record, name), default) for name, default in _fields(record.__class__))
    return {name: value for name, value, default in found if value != default}


@functools.cache
def _fields(record: Any) -> tuple[tuple[str, object], ...]:  # noqa: ANN401 - any dataclass
    return tuple((field.name, field.default) for field in fields(record))


def write_json(value: object) -> str:
    """Return a value as JSON on one line. Times are in UTC and in whole seconds."""
    return _ENCODER.encode(value)


def _plain(value: object) -> str | dict[str, Any]:
    if isinstance(value, datetime):
        return format_time(value)
    return value.isoformat() if isinstance(value, date) else to_json(value)


# JSON allows a raw U+2028, and so does str.splitlines: file iteration does not split there.
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)


def read_object(text: str | bytes) -> dict[str, Any]:
    """Parse a JSON object. Raises ValueError if it is anything else."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def from_json(item: Mapping[str, Any], record: type[T]) -> T:
    """Make a record from a JSON object; a missing field gets its default, an unknown is ignored.

    Raises ValueError for a value of another type, and for a time that is not in UTC or that no
    night can have.
    """
    try:
        found = msgspec.convert(item, record)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
    for moment in _times_in(found):
        if isinstance(moment, datetime) and moment.tzinfo is not UTC:
            raise ValueError(f"a time that is not in UTC: {moment.isoformat()}")
        if moment.year not in _YEARS:
            raise ValueError(f"a time out of range: {moment.isoformat()}")
    return found


def record_of_kind(item: dict[str, Any], kinds: Mapping[str, tuple[type[Any], str]]) -> object:
    """Make the record of a line whose first key is one of `kinds`, and its value a field.

    `kinds` has the record and the name of that field. Raises ValueError.
    """
    kind = next(iter(item), "")
    if kind not in kinds:
        raise ValueError("it is of no known kind")
    record, first = kinds[kind]
    return from_json({**item, first: item[kind]}, record)


def _times_in(record: Any) -> Iterator[date]:  # noqa: ANN401 - any dataclass
    for name, _ in _fields(record.__class__):
        value = getattr(record, name)
        if isinstance(value, str):
            continue  # most are, and the stores have many
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, date):
                yield one
            elif is_dataclass(one):
                yield from _times_in(one)
