"""The records that the stand-in serves: one per version of a paper."""

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from standins.arxiv.analysis import stems

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_AS_PUBLISHED = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Record:
    """One version of a paper, as arXiv states it. Times are UTC; an empty text is absent."""

    arxiv_id: str
    """Without the version: `2613.00001`."""
    version: int = 1
    title: str = ""
    authors: tuple[str, ...] = ("Ada Lovelace",)
    abstract: str = ""
    categories: tuple[str, ...] = ("cs.CV",)
    primary_category: str = ""
    """Default: the first category."""
    comment: str = ""
    journal_ref: str = ""
    doi: str = ""
    published: datetime = _EPOCH
    """When version 1 was submitted."""
    updated: datetime = _AS_PUBLISHED
    """When this version was submitted. Default: `published`."""
    appears: datetime | None = None
    """When arXiv begins to show it, if later than usual."""
    edited: datetime | None = None
    """When arXiv's facts about it were changed without a new version."""
    withdrawn: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "published", utc(self.published))
        given = self.published if self.updated == _AS_PUBLISHED else self.updated
        object.__setattr__(self, "updated", utc(given))
        if not self.primary_category:
            object.__setattr__(self, "primary_category", next(iter(self.categories), ""))

    @property
    def versioned_id(self) -> str:
        """The identifier with its version: `2613.00001v1`."""
        return f"{self.arxiv_id}v{self.version}"

    @cached_property
    def title_stems(self) -> str:
        """The stems of the title."""
        return stems(self.title)

    @cached_property
    def abstract_stems(self) -> str:
        """The stems of the abstract."""
        return stems(self.abstract)


def utc(moment: datetime) -> datetime:
    """Convert `moment` to UTC. A time without an offset is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def load_records(path: str | Path) -> list[Record]:
    """Read a .jsonl or .jsonl.gz file with one JSON object per line; its keys are Record's fields.

    Raises OSError, or ValueError that names the invalid line.
    """
    opened = gzip.open if Path(path).suffix == ".gz" else open
    records = []
    with opened(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                values = msgspec.json.decode(line, type=dict[str, Any])
                given = {name: value for name, value in values.items() if value is not None}
                records.append(msgspec.convert(given, Record))
            except msgspec.MsgspecError as error:
                raise ValueError(f"{path}:{number}: not a record: {error}") from error
    return records
