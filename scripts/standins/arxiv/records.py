"""What the stand-in serves: one record for each version of each paper."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_AS_PUBLISHED = datetime.min.replace(tzinfo=UTC)


# No slots: the index keeps each record's analysed words beside its fields.
@dataclass(frozen=True)
class Record:
    """One version of a paper, as arXiv states it. Times are UTC; an empty text is left out."""

    arxiv_id: str
    """The identifier without version: `2613.00001`."""
    version: int = 1
    title: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    categories: tuple[str, ...] = ("cs.CV",)
    primary_category: str = ""
    """The first of the categories if not given."""
    comment: str = ""
    journal_ref: str = ""
    doi: str = ""
    published: datetime = _EPOCH
    """When version 1 was submitted."""
    updated: datetime = _AS_PUBLISHED
    """When this version was submitted; `published` if not given."""

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


def utc(moment: datetime) -> datetime:
    """Return `moment` in UTC; one without an offset already is."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def load_records(path: str | Path) -> list[Record]:
    """Read a .jsonl or .jsonl.gz with one object a line, its keys the fields of Record.

    Raises OSError, or ValueError naming the line that is not such an object.
    """
    return list(_read(Path(path)))


def _read(path: Path) -> Iterator[Record]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield _record(json.loads(line))
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path}:{number}: not a record: {error!r}") from error


def _record(facts: dict[str, Any]) -> Record:
    return Record(
        arxiv_id=facts["arxiv_id"],
        version=int(facts["version"]),
        title=facts["title"],
        authors=tuple(facts["authors"]),
        abstract=facts["abstract"],
        categories=tuple(facts["categories"]),
        primary_category=facts["primary_category"],
        comment=facts.get("comment") or "",
        journal_ref=facts.get("journal_ref") or "",
        doi=facts.get("doi") or "",
        published=datetime.fromisoformat(facts["published"]),
        updated=datetime.fromisoformat(facts["updated"]),
    )
