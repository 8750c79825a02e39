"""One version of a paper, with the facts that arXiv states."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Annotated

from msgspec import Meta

from daily_papers.facts.code_links import code_links
from daily_papers.facts.venue import venue_of
from daily_papers.facts.withdrawal import is_withdrawn

# New style YYMM.NNNN(N) since April 2007, old style archive(.SC)/YYMMNNN before:
# https://info.arxiv.org/help/arxiv_identifier.html
_BARE = r"([0-9]{4}\.[0-9]{4,5}|[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7})"
_MAYBE_VERSIONED = rf"{_BARE}(?:v([1-9][0-9]{{0,3}}))?"
_IDENTIFIER = re.compile(_MAYBE_VERSIONED)
_MONTH = re.compile(r"(\d\d)(?:\.|\d{3}$)")
_MONTHS = 12
_COLON = re.compile(r"(:)(?:\s+|$)")
# What stands in a list of authors beside names: none of these, and it has names only.
_LIST_SIGN = re.compile(r"[:,;]|^and\b|^\W*$|^ | $", re.MULTILINE)
_CONJUNCTION = re.compile(r"^and\s+(?=[^a-z])")

Identifier = Annotated[str, Meta(pattern=rf"\A{_BARE}\Z")]
"""An identifier without version."""
VersionedIdentifier = Annotated[str, Meta(pattern=rf"\A{_MAYBE_VERSIONED}\Z")]
"""An identifier with its version; it may lack it where a model wrote it."""

SAMPLE_LABEL = "These papers are a sample, invented to show the page"
"""Stands on every page that shows invented papers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One version of a paper. Times are UTC; a field that arXiv left out is empty."""

    arxiv_id: Identifier
    """The identifier without version: `2412.19178` or `quant-ph/0201082`."""
    version: Annotated[int, Meta(ge=1, le=9999)]
    title: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    """Paragraphs are separated by a newline; there are no others."""
    categories: tuple[str, ...] = ()
    primary_category: str = ""
    comment: str = ""
    journal_ref: str = ""
    doi: str = ""
    published: datetime
    """When version 1 was submitted."""
    updated: datetime
    """When this version was submitted."""
    withdrawn: bool = False
    """Whether arXiv marks this version as withdrawn; the search API does not say."""

    @property
    def versioned_id(self) -> str:
        """The identifier with its version: `2412.19178v1`."""
        return f"{self.arxiv_id}v{self.version}"

    @property
    def names(self) -> tuple[str, ...]:
        """The authors without what arXiv's list has beside names.

        From `ACME Research: A. Aardvark and B. Bear` arXiv may make the authors `ACME Research`,
        `:`, `A. Aardvark`, `and B. Bear`.
        """
        return tuple(name for name in _names_and_colons(self.authors) if name != ":")

    @property
    def groups(self) -> frozenset[str]:
        """Those names that a colon follows: the group whose members come next."""
        parts = _names_and_colons(self.authors)
        return frozenset(name for name, mark in pairwise(parts) if name != mark == ":")

    @property
    def is_sample(self) -> bool:
        """Whether the project invented it: arXiv has never given out a month above 12."""
        return is_invented(self.arxiv_id)

    @property
    def is_withdrawn(self) -> bool:
        """Whether the authors or arXiv withdrew it, by arXiv's mark or the comment."""
        return self.withdrawn or is_withdrawn(self.comment)

    @property
    def venue(self) -> str:
        """Where it was accepted or published, as a short label; empty if its text does not say."""
        return "" if self.is_withdrawn else venue_of(self.comment, self.journal_ref)

    @property
    def code_links(self) -> tuple[str, ...]:
        """At most three links to its code, models, data and project pages."""
        return code_links(self.abstract, self.comment)


@lru_cache(8)  # a paper is asked for its names and its groups
def _names_and_colons(authors: Sequence[str]) -> list[str]:
    if not _LIST_SIGN.search("\n".join(authors)):
        return list(authors)
    parts = (part for author in authors for part in _COLON.split(author))
    names = (part if part == ":" else _CONJUNCTION.sub("", part.strip(" ,;")) for part in parts)
    return [name for name in names if name == ":" or any(map(str.isalnum, name))]


def is_invented(arxiv_id: str) -> bool:
    """Whether an identifier is one of the project's samples."""
    month = _MONTH.search(arxiv_id)
    return month is not None and int(month[1]) > _MONTHS


def is_identifier(text: str) -> bool:
    """Whether a text is an identifier without version."""
    return re.fullmatch(_BARE, text) is not None


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
