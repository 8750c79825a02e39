"""Build invented papers on the four default topics from samples.toml."""

import tomllib
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from standins.arxiv.served_papers import Record, utc


def sample_records(now: datetime) -> list[Record]:
    """Return invented papers of the last ten weeks before `now`, every version of each.

    The result is deterministic.
    """
    data = tomllib.loads(
        resources.files("standins.arxiv").joinpath("samples.toml").read_text("utf-8")
    )
    now = utc(now).replace(microsecond=0)
    records: list[Record] = []
    for number, paper in enumerate(data["papers"], start=1):
        first = Record(
            # Identifiers ascend with time, as arXiv's do.
            arxiv_id=f"{2613 + number // 10}.{number:05}",
            title=paper["title"],
            authors=_authors(number, data["authors"]),
            abstract=_abstract(number, paper["abstract"], data["fillers"]),
            categories=tuple(paper["categories"].split()),
            comment=paper.get("comment", ""),
            journal_ref=paper.get("journal_ref", ""),
            doi=paper.get("doi", ""),
            published=now - timedelta(days=paper["age"]),
        )
        records.append(first)
        revised: list[Any] = paper.get("revised", [])
        records += (
            replace(first, version=version, comment=comment, updated=now - timedelta(days=age))
            for version, (age, comment) in enumerate(revised, start=2)
        )
    return records


def _authors(number: int, names: list[str]) -> tuple[str, ...]:
    count = 1 + number * 5 % 7
    return tuple(names[(number * 3 + place) % len(names)] for place in range(count))


def _abstract(number: int, text: str, fillers: list[str]) -> str:
    count = 3 + number % 3
    added = (fillers[(number * 2 + place) % len(fillers)] for place in range(count))
    return f"Invented paper: {text} {' '.join(added)}"
