"""The announcement feed, rss.arxiv.org: what arXiv announced in the last evening.

It stands in for the search API when that is unavailable. It tells neither the comment nor when a
paper was submitted. https://info.arxiv.org/help/rss.html
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
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
"""The feed's longest answer; what is beyond it is left out without a word."""
PREFERENCE = ("new", "cross", "replace", "replace-cross")
"""Kinds of announcement; of a paper that two answers hold, the earlier kind is the truer one."""

_ARXIV = "{http://arxiv.org/schemas/atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_ABSTRACT = re.compile(r"\AarXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s?", re.IGNORECASE)
# An author's affiliations follow in parentheses and hold commas of their own.
_AFFILIATION = re.compile(r"\s*\([^()]*\)")
# `Jr.` and the like are no author, should a comma part one from its name.
_SUFFIX = re.compile(r", (?=(?:Jr|Sr|I{1,3}|IV|V|VI)\b\.?(?:,|$))")
# Clocks differ; an announcement further ahead than this has a wrong date.
_AHEAD = timedelta(days=1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A version of a paper, as announced.

    The paper's `published` and `updated` are the midnight, Eastern, that begins the day of the
    feed; its comment is empty.
    """

    paper: Paper
    announce_type: str
    """`new`, `cross`, `replace` or `replace-cross`, as seen from the classes asked for."""


def fetch_announcements(
    session: PoliteSession, rss_url: str, archives_or_classes: Sequence[str]
) -> list[Announcement]:
    """Return the last announcement in these subject classes, sorted by identifier.

    `cs.CV`, `cs.*` and `cs` are all understood; none is all of arXiv. At weekends and on holidays
    there is nothing, which is no fault. Classes are asked for an archive at a time, and in halves
    where an answer is as long as the feed's longest. Raises FetchError.
    """
    found: dict[str, Announcement] = {}
    for classes in _requests(expand(archives_or_classes)):
        for one in _fetch(session, rss_url, classes):
            other = found.get(one.paper.versioned_id)
            if other is None or _rank(one) < _rank(other):
                found[one.paper.versioned_id] = one
    return sorted(found.values(), key=lambda one: (one.paper.arxiv_id, one.paper.version))


def _rank(one: Announcement) -> int:
    kind = one.announce_type
    return PREFERENCE.index(kind) if kind in PREFERENCE else len(PREFERENCE)


def _requests(classes: Sequence[str]) -> list[list[str]]:
    """Return the classes by archive; the archives that have no classes together."""
    whole = [name for name in classes if name in CLASSES and archive_of(name) == name]
    parted = [name for name in classes if name not in whole]
    return [list(group) for _, group in groupby(parted, archive_of)] + ([whole] if whole else [])


def _fetch(session: PoliteSession, rss_url: str, classes: list[str]) -> list[Announcement]:
    address = f"{rss_url.rstrip('/')}/atom/{'+'.join(classes)}"
    if len(address) <= MAX_ADDRESS or len(classes) == 1:
        feed = _Feed(session.clock.now() + _AHEAD)
        session.get(address, feed.judge)
        if len(feed.announcements) < MOST_ITEMS:
            return feed.announcements
        if len(classes) == 1:
            logger.warning("the announcement feed of %s is cut at %d", classes[0], MOST_ITEMS)
            return feed.announcements
    middle = len(classes) // 2
    return [
        *_fetch(session, rss_url, classes[:middle]),
        *_fetch(session, rss_url, classes[middle:]),
    ]


class _Feed:
    """Reads an answer while it is judged, so that it is parsed once."""

    def __init__(self, latest: datetime) -> None:
        self._latest = latest
        self.announcements: list[Announcement] = []

    def judge(self, body: bytes) -> None:
        """Read the feed into `announcements`. Raises BadAnswer."""
        try:
            root = parse_feed(body)
        except ValueError as error:
            raise _unbelievable(str(error)) from None
        self.announcements = list(self._read(root))

    def _read(self, root: etree._Element) -> Iterator[Announcement]:
        for entry in root.iterfind(f"{ATOM}entry"):
            try:
                arxiv_id, version = versioned_id(entry)
            except ValueError as error:
                raise _unbelievable(str(error)) from None
            try:
                announced = parse_time(entry.findtext(f"{ATOM}published", "").strip())
            except (ValueError, OverflowError):
                raise _unbelievable(f"{arxiv_id} has no date") from None
            if announced > self._latest:
                raise _unbelievable(f"{arxiv_id} has a date in the future, {announced:%Y-%m-%d}")
            title = one_line(entry.findtext(f"{ATOM}title"))
            if not title:
                raise _unbelievable(f"{arxiv_id} has no title")
            categories = tuple(
                str(category.get("term", "")) for category in entry.iterfind(f"{ATOM}category")
            )
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
            yield Announcement(paper, one_line(entry.findtext(f"{_ARXIV}announce_type")))


def split_authors(text: str) -> tuple[str, ...]:
    """Return the names of a `dc:creator`, which has all authors in one line."""
    names = one_line(text)
    while names != (bare := _AFFILIATION.sub("", names)):  # parentheses may be nested
        names = bare
    return tuple(filter(None, (name.strip() for name in _SUFFIX.sub(" ", names).split(", "))))


def _unbelievable(what: str) -> BadAnswer:
    return BadAnswer(FetchState.UNAVAILABLE, f"the feed is not to be believed: {what}")
