"""The facts of one paper as arXiv states them, and their JSON form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daily_papers.clock import format_time, parse_time
from daily_papers.facts.code_links import code_links
from daily_papers.facts.venue import venue_of

# New style YYMM.NNNN(N) since April 2007, old style archive(.SC)/YYMMNNN before:
# https://info.arxiv.org/help/arxiv_identifier.html
_IDENTIFIER = re.compile(
    r"([0-9]{4}\.[0-9]{4,5}|[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7})(?:v([1-9][0-9]{0,3}))?"
)
_MONTH = re.compile(r"(\d\d)(?:\.|\d{3}$)")
_MONTHS = 12


SAMPLE_LABEL = "These papers are a sample, invented to show the page"
"""Stands on every page that shows invented papers."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One version of a paper. Times are UTC; a field that arXiv left out is empty."""

    arxiv_id: str
    """The identifier without version: `2412.19178` or `quant-ph/0201082`."""
    version: int
    title: str
    authors: tuple[str, ...]
    abstract: str
    """Paragraphs are separated by a newline; there are no others."""
    categories: tuple[str, ...]
    primary_category: str
    comment: str
    journal_ref: str
    doi: str
    published: datetime
    """When version 1 was submitted."""
    updated: datetime
    """When this version was submitted."""

    @property
    def versioned_id(self) -> str:
        """The identifier with its version: `2412.19178v1`."""
        return f"{self.arxiv_id}v{self.version}"

    @property
    def is_sample(self) -> bool:
        """Whether the project invented it: arXiv has never given out a month above 12."""
        month = _MONTH.search(self.arxiv_id)
        return month is not None and int(month[1]) > _MONTHS

    @property
    def is_withdrawn(self) -> bool:
        """Whether the authors or arXiv withdrew it, which arXiv tells in the comment.

        https://info.arxiv.org/help/withdraw.html
        """
        return bool(_WITHDRAWN.search(self.comment))

    @property
    def venue(self) -> str:
        """Where it was accepted or published, as a short label; empty if its text does not say."""
        return "" if self.is_withdrawn else venue_of(self.comment, self.journal_ref)

    @property
    def code_links(self) -> tuple[str, ...]:
        """At most three links to its code, models, data and project pages."""
        return code_links(self.abstract, self.comment)


_WITHDRAWN = re.compile(
    r"\b(?:paper|article|submission|manuscript|preprint|version|work|it)\b[^.;]{0,60}"
    r"\b(?:is|has been|have been|was|been)\s+withdrawn\b"
    r"|^\W*withdrawn\b|\bwithdrawn by (?:the )?(?:authors?|arxiv)\b",
    re.IGNORECASE,
)


def split_identifier(text: str) -> tuple[str, int | None]:
    """Return the identifier without version, and the version if `text` has one.

    `text` may also be an address (`http://arxiv.org/abs/…`) or an OAI name (`oai:arXiv.org:…`).
    Raises ValueError if it is none of these.
    """
    bare = text.strip().split("arxiv.org/abs/")[-1].removeprefix("oai:arXiv.org:")
    match = _IDENTIFIER.fullmatch(bare)
    if match is None:
        raise ValueError(f"not an arXiv identifier: {text!r}")
    return match[1], int(match[2]) if match[2] else None


def paper_to_json(paper: Paper) -> dict[str, Any]:
    """Return the facts under arXiv's names, without those that are empty."""
    facts: dict[str, Any] = {
        "version": paper.version,
        "title": paper.title,
        "authors": list(paper.authors),
        "abstract": paper.abstract,
        "categories": list(paper.categories),
        "primary_category": paper.primary_category,
        "comment": paper.comment,
        "journal_ref": paper.journal_ref,
        "doi": paper.doi,
        "published": format_time(paper.published),
        "updated": format_time(paper.updated),
    }
    return {name: value for name, value in facts.items() if value not in ("", [])}


def paper_from_json(arxiv_id: str, facts: dict[str, Any]) -> Paper:
    """Read what `paper_to_json` wrote. Raises KeyError, TypeError or ValueError if it did not."""
    if split_identifier(arxiv_id) != (arxiv_id, None):
        raise ValueError(f"not an arXiv identifier without version: {arxiv_id!r}")
    return Paper(
        arxiv_id=arxiv_id,
        version=int(facts["version"]),
        title=str(facts.get("title", "")),
        authors=tuple(map(str, facts.get("authors", ()))),
        abstract=str(facts.get("abstract", "")),
        categories=tuple(map(str, facts.get("categories", ()))),
        primary_category=str(facts.get("primary_category", "")),
        comment=str(facts.get("comment", "")),
        journal_ref=str(facts.get("journal_ref", "")),
        doi=str(facts.get("doi", "")),
        published=parse_time(facts["published"]),
        updated=parse_time(facts["updated"]),
    )
