"""Harvest what changed at arXiv since the last harvest, for all topics with the same few requests.

After a good search it is a witness: it sees edits of comments, withdrawals, and papers that arXiv
showed late. Where the search failed, it takes its place. The addresses are the same for every copy
of the project on a day, so that arXiv's CDN can answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from daily_papers.announcement_calendar import submitted_since
from daily_papers.arxiv.oai_pmh import RAW, SPLIT, Changes, changes, is_plain, joined
from daily_papers.arxiv.paced_requests import FetchError, FetchState, PoliteSession
from daily_papers.clock import AHEAD
from daily_papers.store.coverage import ANNOUNCEMENTS_AGAIN
from daily_papers.store.entry_types import Store
from daily_papers.store.paper import Paper
from daily_papers.topics.categories import archive_of, expand

LONGEST = timedelta(days=30)
"""How far a harvest goes back at most: ten pages of the largest set."""
_DAY = timedelta(days=1)
# A day on which something changed always has records; but after a while, all may be later ones.
_SURE = timedelta(days=7)
_MOST_SETS = 2
# Between requests for the two formats a few papers may change.
_MOST_APART = 20
_OWN_SETS = {"cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"}


@dataclass(frozen=True, slots=True)
class Harvest:
    """What changed since a day, inclusive."""

    since: date
    goes_on: bool
    """Whether the last harvest, or the last night, reached that day."""
    papers: Mapping[str, Paper] = field(default_factory=dict)
    """By identifier."""
    submitted: frozenset[str] = frozenset()
    """The identifiers of those with names and texts as submitted, which the search has otherwise.

    They have TeX, affiliations and the like.
    """
    until: date | None = None
    """The day of the last change."""
    left_out: Mapping[str, str] = field(default_factory=dict)


def sets_of(patterns: Sequence[str]) -> tuple[str, ...]:
    """Return the sets that have all papers of some categories; an empty name is all of arXiv."""
    archives = {archive_of(one) for one in expand(patterns)}
    groups = sorted({one if one in _OWN_SETS else "physics" for one in archives})
    return tuple(groups) if 0 < len(groups) <= _MOST_SETS and patterns else ("",)


def beginning(store: Store | None, now: datetime) -> tuple[date, bool]:
    """Return the day from which to harvest, and whether nothing is missing before it."""
    if store is None:
        return submitted_since(now, ANNOUNCEMENTS_AGAIN).date(), False
    last = store.harvested or store.updated.date() - _DAY
    earliest = now.date() - LONGEST
    return max(last, earliest), last >= earliest


def harvest(
    session: PoliteSession,
    url: str,
    patterns: Sequence[str],
    store: Store | None,
    now: datetime,
    *,
    exact: bool,
) -> Harvest:
    """Return what changed in the sets of some categories since the last harvest.

    With `exact`, names and texts are asked for too, in the form that the search has. Raises
    FetchError.
    """
    since, goes_on = beginning(store, now)
    latest = max(now, session.clock.now()) + AHEAD
    papers: dict[str, Paper] = {}
    submitted: set[str] = set()
    left_out: dict[str, str] = {}
    until: date | None = None
    for name in sets_of(patterns):
        raw = changes(session, url, since, name, RAW, latest)
        split = changes(session, url, since, name, SPLIT, latest) if exact else Changes()
        apart = raw.papers.keys() ^ split.papers.keys()
        if exact and len(apart - raw.left_out.keys() - split.left_out.keys()) > _MOST_APART:
            raise FetchError(
                FetchState.UNAVAILABLE, "its OAI-PMH has other records in another format"
            )
        for arxiv_id, paper in raw.papers.items():
            text = split.papers.get(arxiv_id)
            papers[arxiv_id] = joined(paper, text) if text else paper
            if text is None and not is_plain(paper):
                submitted.add(arxiv_id)
        left_out |= {**raw.left_out, **split.left_out}
        until = max(filter(None, (until, raw.latest)), default=None)
    if until is None and store and store.harvested and since + _SURE > now.date():
        raise FetchError(
            FetchState.UNAVAILABLE, f"its OAI-PMH has nothing since {since}, when something changed"
        )
    if until is not None:
        until = min(until, now.date())
    return Harvest(since, goes_on, papers, frozenset(submitted), until, left_out)
