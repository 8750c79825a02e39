"""Group the topics that one query can fetch together: pure, from the store alone.

A topic whose newest papers are known needs no query of its own: one query finds what any of many
topics finds, and the matcher assigns the papers.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from daily_papers.settings import MAX_PAGE, Settings
from daily_papers.store.coverage import look_back_to
from daily_papers.store.entry_types import Store, sort_time
from daily_papers.store.topic_states import is_filled, state_for
from daily_papers.topics.arxiv_query import MAX_ADDRESS, address_length, merged_query
from daily_papers.topics.keywords import Topic
from daily_papers.topics.query_tree import Native

MOST_EXPECTED = 1500
"""Papers that a group is expected to have at most: nights differ, and a page has at most 2,000."""
_MARGIN = 1.25
# The longest time from submission to announcement without a holiday: Friday to Sunday evening.
_ANNOUNCING = timedelta(days=3)
# A shorter time does not show how many papers come in a day.
_SHORTEST_SPAN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Member:
    """A topic that can share a query."""

    topic: Topic
    watermark: datetime
    """Its papers up to here are known. Of a topic without papers, the newest watermark."""
    since: datetime
    """Its papers from here on are fetched: those that arXiv may have shown late are read again."""
    seen: datetime
    """Until when it is known which papers it had."""
    last: datetime
    """The time of its table's last row, in the order of the tables."""
    times: tuple[datetime, ...] = ()
    """The submission times of its table's papers in their present versions, oldest first."""
    ids: frozenset[str] = frozenset()
    """The identifiers of its table's papers."""
    whole: bool = True
    """Whether its table has all papers of the topic."""

    def expected(self, since: datetime, now: datetime) -> float:
        """Return how many of its papers are newer than `since`, a time before its watermark."""
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
    """Topics that one query fetches."""

    members: tuple[Member, ...]
    query: str
    size: int
    """Papers of the first page."""

    @property
    def oldest(self) -> datetime:
        """The time back to which papers are fetched."""
        return min(member.since for member in self.members)

    @property
    def known(self) -> int:
        """How many papers are known to match the query."""
        return len(frozenset().union(*(member.ids for member in self.members)))


def groupable(
    topics: Sequence[Topic],
    queries: Mapping[str, str],
    store: Store | None,
    settings: Settings,
    now: datetime,
) -> list[Member]:
    """Return the topics that can share a query; `queries` has the query of each by name.

    These need a query of their own: topics that are new, renamed or changed; those in arXiv's own
    syntax, which only arXiv can match; those that failed the last time, which might let a group
    fail; and those whose table could have more rows, as after `max-papers` was raised.
    """
    if store is None:
        return []
    tables = store.tables(settings.max_papers)
    found = []
    empty = []
    for topic in topics:
        state = state_for(store, topic, queries[topic.name], settings.sort)
        if (
            state is None
            or state.name != topic.name
            or state.failing
            or isinstance(topic.query, Native)
        ):
            continue
        if state.empty:
            empty.append(topic)
        rows = tables[topic.name]
        if state.watermark is not None and rows and is_filled(state, rows, settings):
            papers = [entry.paper for entry in rows]
            member = Member(
                topic,
                state.watermark,
                look_back_to(state.watermark, now),
                seen=max(state.watermark, store.updated - _ANNOUNCING),
                last=sort_time(papers[-1], settings.sort),
                times=tuple(sorted(paper.updated for paper in papers)),
                ids=frozenset(paper.arxiv_id for paper in papers),
                whole=state.floor is None,
            )
            found.append(member)
    newest = max((member.watermark for member in found), default=None)
    if newest is not None:
        since = look_back_to(newest, now)
        found += [Member(topic, newest, since, newest, newest) for topic in empty]
    return found


def group_topics(
    members: Sequence[Member], settings: Settings, now: datetime, api_url: str
) -> list[Group]:
    """Return groups of at least two topics, as few as the limits of addresses and pages allow.

    Topics with similar watermarks share a group, so that the old watermark of a rare topic does not
    make a busy topic look back as far.
    """
    parts: list[list[Member]] = []
    for member in sorted(members, key=lambda one: (one.since, -one.topic.line), reverse=True):
        if parts and _fits([*parts[-1], member], settings, now, api_url):
            parts[-1].append(member)
        else:
            parts.append([member])
    groups = [part for part in parts if len(part) > 1]
    return [_group(part, settings, now) for part in groups]


def _fits(members: Sequence[Member], settings: Settings, now: datetime, api_url: str) -> bool:
    query = merged_query([member.topic for member in members], settings.categories)
    is_short = address_length(api_url, query) < MAX_ADDRESS
    return is_short and _expected(members, now) <= MOST_EXPECTED


def _expected(members: Sequence[Member], now: datetime) -> float:
    oldest = min(member.since for member in members)
    return sum(member.expected(oldest, now) for member in members)


def _group(members: Sequence[Member], settings: Settings, now: datetime) -> Group:
    size = max(_expected(members, now) * _MARGIN, settings.max_papers)
    query = merged_query([member.topic for member in members], settings.categories)
    return Group(tuple(members), query, min(ceil(size), MAX_PAGE))
