"""Fetch arXiv's announcement feed, rss.arxiv.org: the papers of the last evening's mailing.

It replaces the search API when that is unavailable. It has neither the comments nor the submission
dates. https://info.arxiv.org/help/rss.html
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from lxml import etree

from daily_papers.arxiv.paced_requests import BadAnswer, PoliteSession
from daily_papers.arxiv.parse_atom import AHEAD, ATOM, check_entry, parse_feed
from daily_papers.store.paper import Paper
from daily_papers.text.white_space import one_line, paragraphs
from daily_papers.topics.arxiv_query import MAX_ADDRESS
from daily_papers.topics.categories import CLASSES, archive_of, expand

MOST_ITEMS = 2000
"""The most items of one feed; arXiv leaves out the others without saying so."""
PREFERENCE = ("new", "cross", "replace", "replace-cross")
"""Kinds of announcement; if a paper is in two answers, the kind that comes first here counts."""

_ARXIV = "{http://arxiv.org/schemas/atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_ABSTRACT = re.compile(r"\AarXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s?", re.IGNORECASE)
# An author's affiliations follow in parentheses and contain commas of their own.
_AFFILIATION = re.compile(r"\s*\([^()]*\)")
# `Jr.` and the like belong to the author before the comma.
_SUFFIX = re.compile(r", (?=(?:Jr|Sr|I{1,3}|IV|V|VI)\b\.?(?:,|$))")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Announcement:
    """An announced version of a paper.

    The paper's `published` and `updated` are both the midnight, Eastern time, at which the feed's
    day starts; its comment is empty.
    """

    paper: Paper
    announce_type: str
    """`new`, `cross`, `replace` or `replace-cross`, as seen from the requested categories."""


def fetch_announcements(
    session: PoliteSession, rss_url: str, archives_or_classes: Sequence[str]
) -> list[Announcement]:
    """Return the last announcement in these categories, sorted by identifier.

    `cs.CV`, `cs.*` and `cs` are all understood; an empty sequence means all of arXiv. At weekends
    and on holidays the list is empty. There is one request for each archive, and two for halves of
    its categories if the answer has as many items as a feed can have. Raises FetchError.
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
    """Return the categories by archive; all archives without subject classes as one list."""
    whole = [name for name in classes if name in CLASSES and archive_of(name) == name]
    parted = [name for name in classes if name not in whole]
    return [list(group) for _, group in groupby(parted, archive_of)] + ([whole] if whole else [])


def _fetch(session: PoliteSession, rss_url: str, classes: list[str]) -> list[Announcement]:
    address = f"{rss_url.rstrip('/')}/atom/{'+'.join(classes)}"
    if len(address) <= MAX_ADDRESS or len(classes) == 1:
        announcements: list[Announcement] = []
        latest = session.clock.now() + AHEAD

        def check(body: bytes) -> None:
            try:
                announcements[:] = _read(parse_feed(body), latest)
            except ValueError as error:
                raise BadAnswer(f"the feed is not to be believed: {error}") from None

        session.get(address, check)
        if len(announcements) < MOST_ITEMS:
            return announcements
        if len(classes) == 1:
            logger.warning("the announcement feed of %s is cut at %d", classes[0], MOST_ITEMS)
            return announcements
    middle = len(classes) // 2
    return [
        *_fetch(session, rss_url, classes[:middle]),
        *_fetch(session, rss_url, classes[middle:]),
    ]


def _read(feed: etree._Element, latest: datetime) -> Iterator[Announcement]:
    """Yield the announcements of a feed. Raises ValueError, with what is wrong."""
    for entry in feed.iterfind(f"{ATOM}entry"):
        checked = check_entry(entry, latest, {"published": "date"})
        (announced,) = checked.dates
        categories = tuple(
            str(category.get("term", "")) for category in entry.iterfind(f"{ATOM}category")
        )
        paper = Paper(
            arxiv_id=checked.arxiv_id,
            version=checked.version,
            title=checked.title,
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
    """Return the names in a `dc:creator`, which has all authors in one line."""
    names = one_line(text)
    while names != (bare := _AFFILIATION.sub("", names)):  # parentheses may be nested
        names = bare
    return tuple(filter(None, (name.strip() for name in _SUFFIX.sub(" ", names).split(", "))))
