"""Read and render the lines of papers/store/YYYY-MM.jsonl: the papers of a month.

The month of the identifier, because it follows from the identifier alone and never changes: a paper
is looked up in one file, and stays in it. A line is one paper, or the texts of a language model
about one digest of that month.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from daily_papers.clock import parse_time
from daily_papers.store.entry_types import Day, DigestText, Entry, Month
from daily_papers.store.json_encoding import from_json, read_object, to_json, write_json
from daily_papers.store.paper import Paper
from daily_papers.store.store_errors import damage, unreadable
from daily_papers.store.write_all_or_none import FOLDER, read_lines

_FIRST_YEAR = 91  # arXiv's, in 1991
_PAPER = re.compile(r'\{"paper": "([^"]+)", "changed": "([^"]+)", ')


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which papers to read."""

    ids: Collection[str] = ()
    since: datetime | None = None
    """Those that this or a later night changed."""
    months: Collection[str] = ()
    """The months whose digests are wanted."""
    days: Collection[Day] = ()
    """The days all of whose papers must be there."""
    everything: bool = False

    @classmethod
    def by(cls, days: Iterable[Day], ids: Collection[str] = ()) -> Self:
        """Return what the pages of `days` need, and the papers `ids`."""
        found = list(days)
        months = {f"{one.day:%Y-%m}" for one in found}
        return cls(set(ids).union(*(one.papers for one in found)), months=months, days=found)

    def has(self, arxiv_id: str, changed: datetime) -> bool:
        """Whether a paper is to be read."""
        is_recent = self.since is not None and changed >= self.since
        return self.everything or is_recent or arxiv_id in self.ids

    def of(self, months: Iterable[Month]) -> list[Month]:
        """Return the months that have such papers, or may have."""
        named = set(map(month_of, self.ids))
        return [
            one
            for one in months
            if self.everything
            or one.month in named
            or (one.digests > 0 and one.month in self.months)
            or (self.since is not None and one.changed >= self.since)
        ]


def month_of(arxiv_id: str) -> str:
    """Return the month of an identifier: `2026-08` of `2608.01234`, `1999-12` of `cs/9912001`."""
    digits = arxiv_id.rpartition("/")[2]
    century = 19 if int(digits[:2]) >= _FIRST_YEAR else 20
    return f"{century}{digits[:2]}-{digits[2:4]}"


def month_path(month: str) -> str:
    """Return the path of a month's file, from the root."""
    return f"{FOLDER}/{month}.jsonl"


def read_month(
    root: Path, month: Month, wanted: Wanted
) -> tuple[dict[str, Entry], list[DigestText]]:
    """Return the wanted papers of a month by identifier, and its digests. Raises StoreError."""
    path = month_path(month.month)
    entries: dict[str, Entry] = {}
    digests: list[DigestText] = []
    papers = others = 0
    for _, number, line in read_lines(root, path):
        try:
            if match := _PAPER.match(line):
                papers += 1
                if month_of(match[1]) != month.month:
                    raise ValueError(f"{match[1]} is of another month")  # noqa: TRY301
                if wanted.has(match[1], parse_time(match[2])):
                    entries[match[1]] = entry_from_json(read_object(line))
            else:
                others += 1
                digests += _digests_from_json(read_object(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise unreadable(path, error, number) from None
    for what, promised, count in (
        ("papers", month.papers, papers),
        ("digests", month.digests, others),
    ):
        if promised != count:
            raise damage(path, f"state.jsonl promises {promised} {what}, and there are {count}")
    return entries, digests


def paper_line(entry: Entry, night: datetime) -> str:
    """Return the line of a paper that a night changed: its facts, then those of this repository."""
    item = to_json(entry)
    if entry.revised:
        item["revised"] = {"seen": entry.revised.seen, "from": entry.revised.from_version}
    paper = to_json(item.pop("paper"))
    last: dict[str, Any] = {name: item.pop(name) for name in ("past", "texts") if name in item}
    return write_json({"paper": paper.pop("arxiv_id"), "changed": night, **item, **paper, **last})


def digest_line(digests: Collection[DigestText]) -> str:
    """Return the line with all texts about one digest."""
    first = next(iter(digests))
    texts: list[dict[str, Any]] = [{"papers": one.papers, **to_json(one.text)} for one in digests]
    return write_json({"digest": first.day, "topic": first.topic, "texts": texts})


def counted(
    month: Month | None, name: str, changes: Iterable[tuple[Entry | None, Entry]], night: datetime
) -> Month:
    """Return what a month has after `changes`: papers before (None if new) and after."""
    before = month or Month(name, 0, night)
    topics: Counter[str] = Counter(before.topics)
    papers = before.papers
    for old, new in changes:
        topics.subtract(old.topics if old else ())
        topics.update(new.topics)
        papers += old is None
    return replace(before, papers=papers, changed=night, topics=dict(sorted((+topics).items())))


def entry_from_json(item: dict[str, Any]) -> Entry:
    """Return the paper of a line. Raises ValueError, KeyError, TypeError or AttributeError."""
    if "revised" in item:
        item["revised"]["from_version"] = item["revised"].pop("from")
    paper = {**item, "arxiv_id": item["paper"]}
    entry = from_json({**item, "paper": paper}, Entry)
    for one in entry.past:
        # A page of an earlier day reads them, maybe in years.
        from_json({**paper, **one.facts, "arxiv_id": item["paper"]}, Paper)
    return entry


def _digests_from_json(item: dict[str, Any]) -> list[DigestText]:
    return [
        from_json(
            {"day": item["digest"], "topic": item["topic"], "papers": text["papers"], "text": text},
            DigestText,
        )
        for text in item["texts"]
    ]
