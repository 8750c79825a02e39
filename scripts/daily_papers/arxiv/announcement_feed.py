"""Fetch arXiv's announcement feed, which replaces the search API when that is unavailable.

It has neither comments nor submission dates. https://info.arxiv.org/help/rss.html
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from lxml import etree

from daily_papers.arxiv.atom import ATOM, parse_feed, versioned_id
from daily_papers.arxiv.session import BadAnswer, FetchState, PoliteSession
from daily_papers.clock import parse_time
from daily_papers.store.paper import Paper
from daily_papers.text.plain import one_line, paragraphs
from daily_papers.topics.arxiv_query import MAX_ADDRESS
from daily_papers.topics.categories import CLASSES, archive_of, expand

MOST_ITEMS = 2000
"""The limit of an answer, which the feed cuts silently."""
PREFERENCE = ("new", "cross", "replace", "replace-cross")
"""Kinds of announcement; if two answers contain a paper, the earlier kind is correct."""

_ARXIV = "{http://arxiv.org/schemas/atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_ABSTRACT = re.compile(r"\AarXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s?", re.IGNORECASE)
# An author's affiliations follow in parentheses and may contain commas.
_AFFILIATION = re.compile(r"\s*\([^()]*\)")
# `Jr.` and the like after a comma belong to the name before.
_SUFFIX = re.compile(r", (?=(?:Jr|Sr|I{1,3}|IV|V|VI)\b\.?(?:,|$))")
# Clocks differ; an announcement further ahead than this has a wrong date.
_AHEAD = timedelta(days=1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A version of a paper, without comment; its dates are midnight Eastern of the feed's day."""

    paper: Paper
    announce_type: str
    """One of PREFERENCE, as seen from the requested classes."""


def fetch_announcements(
    session: PoliteSession, rss_url: str, archives_or_classes: Sequence[str]
) -> list[Announcement]:
    """Return the last announcement in these subject classes, sorted by identifier.

    `cs.CV`, `cs.*` and `cs` are valid; none means all of arXiv. At weekends and on holidays the
    feed is empty. Each archive is one request, split in halves if its answer is at the limit.
    Raises FetchError.
    """
    found: dict[str, Announcement] = {}
    for classes in _requests(expand(archives_or_classes)):
        for one in _fetch(session, rss_url, classes):
            other = found.setdefault(one.paper.versioned_id, one)
            if _rank(one) < _rank(other):
                found[one.paper.versioned_id] = one
    return sorted(found.values(), key=lambda one: (one.paper.arxiv_id, one.paper.version))


def _rank(one: Announcement) -> int:
    kind = one.announce_type
    return PREFERENCE.index(kind) if kind in PREFERENCE else len(PREFERENCE)


def _requests(classes: Sequence[str]) -> list[list[str]]:
    """Group the classes by archive; archives without classes form one group."""
    whole = [name for name in classes if name in CLASSES and archive_of(name) == name]
    parted = [name for name in classes if name not in whole]
    return [list(group) for _, group in groupby(parted, archive_of)] + ([whole] if whole else [])


def _fetch(session: PoliteSession, rss_url: str, classes: list[str]) -> list[Announcement]:
    address = f"{rss_url.rstrip('/')}/atom/{'+'.join(classes)}"
    if len(address) <= MAX_ADDRESS or len(classes) == 1:
        latest = session.clock.now() + _AHEAD
        found: list[Announcement] = []

        def read(body: bytes) -> None:
            try:
                entries = parse_feed(body).iterfind(f"{ATOM}entry")
                found[:] = [_announcement(entry, latest) for entry in entries]
            except ValueError as error:
                message = f"the feed is not to be believed: {error}"
                raise BadAnswer(FetchState.UNAVAILABLE, message) from None

        session.get(address, read)
        if len(found) < MOST_ITEMS:
            return found
        if len(classes) == 1:
            logger.warning("the announcement feed of %s is cut at %d", classes[0], MOST_ITEMS)
            return found
    middle = len(classes) // 2
    halves = classes[:middle], classes[middle:]
    return [one for half in halves for one in _fetch(session, rss_url, half)]


def _announcement(entry: etree._Element, latest: datetime) -> Announcement:
    """Parse an entry. Raises ValueError if a field is missing or its date is after `latest`."""
    arxiv_id, version = versioned_id(entry)
    try:
        announced = parse_time(entry.findtext(f"{ATOM}published", "").strip())
    except (ValueError, OverflowError):
        raise ValueError(f"{arxiv_id} has no date") from None
    if announced > latest:
        raise ValueError(f"{arxiv_id} has a date in the future, {announced:%Y-%m-%d}")
    title = one_line(entry.findtext(f"{ATOM}title"))
    if not title:
        raise ValueError(f"{arxiv_id} has no title")
    categories = tuple(str(one.get("term", "")) for one in entry.iterfind(f"{ATOM}category"))
    paper = Paper(
        arxiv_id=arxiv_id,
        version=version,
        title=title,
        authors=split_authors(entry.findtext(f"{_DC}creator", "")),
        abstract=paragraphs(_ABSTRACT.sub("", entry.findtext(f"{ATOM}summary", ""))),
        categories=categories,
        primary_category=categories[0] if categories else "",
        comment="",
        journal_ref=one_line(entry.findtext(f"{_ARXIV}journal_reference")),
        doi=one_line(entry.findtext(f"{_ARXIV}DOI")),
        published=announced,
        updated=announced,
    )
    return Announcement(paper, one_line(entry.findtext(f"{_ARXIV}announce_type")))


def split_authors(text: str) -> tuple[str, ...]:
    """Split a `dc:creator`, which has all authors in one line, into names."""
    names = one_line(text)
    while names != (bare := _AFFILIATION.sub("", names)):  # parentheses may be nested
        names = bare
    return tuple(filter(None, (name.strip() for name in _SUFFIX.sub(" ", names).split(", "))))
