"""Which topics are asked together: pure, from what the nights before left.

A topic whose newest papers are known need not be asked alone: one query finds what any of many
topics finds, and the matcher tells whose a paper is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from daily_papers.settings import MAX_PAGE, Settings
from daily_papers.store.records import Entry, Store, sort_time
from daily_papers.store.topic_states import is_filled, state_for
from daily_papers.topics.arxiv_query import MAX_ADDRESS, merged_query
from daily_papers.topics.keywords import Topic
from daily_papers.topics.query_language import Native

REREAD = 500
"""Papers that a night reads again, over all groups: an edit of a comment brings no new version and
no new date, and moderation lets a paper appear among older ones; only who reads on sees either."""
MOST_EXPECTED = 1500
"""Papers a group may be expected to have; the rest of a page of 2,000 is for better nights."""
_MARGIN = 1.25
# From submission to announcement, at most, without a holiday: from Friday to Sunday evening.
_ANNOUNCING = timedelta(days=3)
# Two papers of one minute tell nothing of how many come in a day.
_SHORTEST_SPAN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Member:
    """A topic that can be asked together with others."""

    topic: Topic
    watermark: datetime
    """Since when its papers are asked for; of a topic that has none, the newest of all topics'."""
    seen: datetime
    """Up to when its papers have been seen, whether there were any or not."""
    last: datetime
    """The time of its table's last row, in the order of the tables."""
    times: tuple[datetime, ...]
    """When the present versions of its table's papers were submitted, oldest first."""
    ids: frozenset[str]
    """The identifiers of its table's papers."""
    whole: bool
    """Whether its table holds all the papers that it has."""

    def expected(self, since: datetime, now: datetime) -> float:
        """Return how many of its papers are newer than `since`, a time up to its watermark."""
        if not self.times:
            return 0
        known = len(self.times) - bisect_right(self.times, since)
        span = max(self.seen - self.times[0], _SHORTEST_SPAN)
        unseen = max(now - self.seen, timedelta())
        if not self.whole:
            unseen += max(self.times[0] - since, timedelta())
        return known + len(self.times) * (unseen / span)


@dataclass(frozen=True, slots=True)
class Group:
    """Topics that one query asks for."""

    members: tuple[Member, ...]
    query: str
    size: int
    """Papers to ask for at first."""

    @property
    def oldest(self) -> datetime:
        """The oldest watermark: so far its papers are looked back for."""
        return min(member.watermark for member in self.members)

    @property
    def known(self) -> int:
        """How many papers are known to answer the query."""
        return len(frozenset().union(*(member.ids for member in self.members)))


def members_of(
    asked: Sequence[Topic],
    queries: Mapping[str, str],
    tables: Mapping[str, Sequence[Entry]],
    store: Store | None,
    settings: Settings,
) -> list[Member]:
    """Return those of `asked` that can be asked together.

    Asked on its own is a topic that is new, renamed or asks for something else; one in arXiv's own
    syntax, which only arXiv can match; one that failed the last time, so that it cannot spoil a
    group; one that has papers of which only the feed's facts are known; and one whose table is not
    filled as far as it could be, as after `max-papers` was raised.
    """
    if store is None:
        return []
    inexact = {
        name for entry in store.entries.values() if entry.provisional for name in entry.topics
    }
    found = []
    empty = []
    for topic in asked:
        state = state_for(store, topic, queries[topic.name], settings.sort)
        if (
            state is None
            or state.name != topic.name
            or state.failing
            or isinstance(topic.query, Native)
            or topic.name in inexact
        ):
            continue
        if state.empty:
            empty.append(topic)
        if state.watermark is None:
            continue
        rows = tables[topic.name]
        if rows and is_filled(state, rows, settings):
            ids = frozenset(entry.paper.arxiv_id for entry in rows)
            seen = max(state.watermark, store.updated - _ANNOUNCING)
            last = sort_time(rows[-1].paper, settings.sort)
            times = tuple(sorted(entry.paper.updated for entry in rows))
            whole = state.floor is None
            found.append(Member(topic, state.watermark, seen, last, times, ids, whole))
    newest = max((member.watermark for member in found), default=None)
    if newest is not None:
        found += [
            Member(topic, newest, newest, newest, (), frozenset(), whole=True) for topic in empty
        ]
    return found


def group_topics(
    members: Sequence[Member],
    settings: Settings,
    now: datetime,
    length: Callable[[str], int],
) -> list[Group]:
    """Return the groups, of two topics at least, in as few as addresses and pages allow.

    `length` tells how long an address with a query is. Topics of like watermarks are put together,
    so that a rare topic's old one makes no busy topic look back as far.
    """
    parts: list[list[Member]] = []
    for member in sorted(members, key=lambda one: (one.watermark, -one.topic.line), reverse=True):
        together = [*parts[-1], member] if parts else [member]
        if parts and _fits(together, settings, now, length):
            parts[-1] = together
        else:
            parts.append([member])
    groups = [part for part in parts if len(part) > 1]
    rows = sum(len(member.times) for part in groups for member in part)
    again = min(REREAD, rows) / max(rows, 1)
    return [_group(part, settings, now, again) for part in groups]


def _fits(
    members: Sequence[Member], settings: Settings, now: datetime, length: Callable[[str], int]
) -> bool:
    query = merged_query([member.topic for member in members], settings.categories)
    return length(query) < MAX_ADDRESS and _expected(members, now) <= MOST_EXPECTED


def _expected(members: Sequence[Member], now: datetime) -> float:
    oldest = min(member.watermark for member in members)
    return sum(member.expected(oldest, now) for member in members)


def _group(members: list[Member], settings: Settings, now: datetime, again: float) -> Group:
    rows = sum(len(member.times) for member in members)
    size = max(_expected(members, now) * _MARGIN, rows * again, settings.max_papers)
    return Group(
        tuple(members),
        merged_query([member.topic for member in members], settings.categories),
        min(ceil(size), MAX_PAGE),
    )


def turn(uncovered: Collection[str], asked: Sequence[Topic], now: datetime) -> Topic | None:
    """Return the topic of `uncovered` whose turn it is to be read again in full, if there is one.

    Each of `asked` has its day; if that one is not uncovered, the next in the file that is.
    """
    if not uncovered:
        return None
    day, count = now.toordinal(), len(asked)
    # One place further in each round: else a weekly run over seven topics meets only one of them.
    first = day + day // count
    return next(
        topic
        for place in range(count)
        if (topic := asked[(first + place) % count]).name in uncovered
    )
