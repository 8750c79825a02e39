"""Fetch many topics with one query, then assign each paper to its topics."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from daily_papers.announcement_calendar import submitted_since
from daily_papers.arxiv.catch_up import look_back
from daily_papers.arxiv.group_topics import Group, Member
from daily_papers.arxiv.paced_requests import FetchError, FetchState
from daily_papers.arxiv.search_api import MOST_LOOKED_UP, SearchApi
from daily_papers.settings import MAX_DEPTH, Settings
from daily_papers.store.coverage import ANNOUNCEMENTS_AGAIN, EPOCH
from daily_papers.store.entry_types import Entry, sort_time
from daily_papers.store.paper import Paper
from daily_papers.store.topic_states import Dispute, TopicAnswer
from daily_papers.topics.arxiv_query import MAX_ADDRESS, address_length, merged_query
from daily_papers.topics.keywords import Topic
from daily_papers.topics.matching import matchers_of, topics_of

EXTRA_REQUESTS = 6
"""Requests that a night may send about papers of which arXiv and the matcher disagree. Two find out
which of two halves of the topics a paper has: six, which of eight topics."""
# Topics with their own query among these.
_MOST_DOUBTED = 2

Item = TypeVar("Item")


@dataclass(slots=True)
class ExtraRequests:
    """Asks arXiv what the matcher cannot tell, with a limited number of requests a night."""

    api: SearchApi
    settings: Settings
    fetch_alone: Callable[[Topic], TopicAnswer]
    """Fetches a topic with its own query."""
    turn: int
    """Another number each night, so that the requests do not always go to the same topics."""
    left: int = EXTRA_REQUESTS
    """How many may still be sent."""

    def in_turn(self, items: Sequence[Item]) -> Sequence[Item]:
        """Return the items in this night's order."""
        first = self.turn % max(len(items), 1)
        return (*items[first:], *items[:first])

    def fetched(self, topics: Sequence[Topic]) -> list[TopicAnswer]:
        """Return the answers to the own queries of the first topics."""
        count = min(len(topics), self.left)
        self.left -= count
        return [self.fetch_alone(topic) for topic in topics[:count]]

    def topics_of(
        self, members: Sequence[Member], identifiers: Sequence[str]
    ) -> dict[str, set[str]]:
        """Return the names of papers' topics, found with queries for ever fewer topics.

        Every paper must have one of `members`. Those for which too few requests are left are
        missing from the result. Raises FetchError.
        """
        if len(members) == 1 or not identifiers:
            return {arxiv_id: {members[0].topic.name} for arxiv_id in identifiers}
        if self.left <= 1:
            return {}
        middle = len(members) // 2
        answers = [
            (half, self._matching(half, identifiers))
            for half in (members[:middle], members[middle:])
        ]
        parts = [
            (matching, self.topics_of(half, sorted(matching)))
            for half, matching in answers
            if matching is not None
        ]
        if len(parts) < len(answers):
            return {}
        found = {}
        for arxiv_id in identifiers:
            told = [names.get(arxiv_id) for matching, names in parts if arxiv_id in matching]
            if not told:
                raise FetchError(
                    FetchState.UNAVAILABLE,
                    f"arXiv found {arxiv_id} for several topics, but for none of them alone",
                )
            if all(told):
                found[arxiv_id] = {name for names in told if names for name in names}
        return found

    def _matching(
        self, members: Sequence[Member], identifiers: Sequence[str]
    ) -> frozenset[str] | None:
        """Return which of these papers topics have; None without a request left for it.

        Raises FetchError.
        """
        query = merged_query([member.topic for member in members], self.settings.categories)
        if len(identifiers) > 1 and address_length(self.api.url, query, identifiers) >= MAX_ADDRESS:
            middle = len(identifiers) // 2
            first = self._matching(members, identifiers[:middle])
            second = self._matching(members, identifiers[middle:])
            return None if first is None or second is None else first | second
        if not self.left:
            return None
        self.left -= 1
        return self.api.among(query, identifiers, sort=self.settings.sort)


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """What one query found for the topics of a group."""

    papers: Mapping[str, tuple[Paper, ...]] = field(default_factory=dict)
    """By topic; a topic that is missing must be fetched with its own query."""
    complete_from: datetime = EPOCH
    """As in `Coverage`."""
    disputed: Mapping[str, tuple[tuple[Dispute, Paper], ...]] = field(default_factory=dict)
    """Papers about which arXiv and the local matcher disagree, by topic."""


def fetch_group(
    group: Group,
    api: SearchApi,
    entries: Mapping[str, Entry],
    settings: Settings,
    now: datetime,
    extra: ExtraRequests,
) -> GroupAnswer:
    """Return the papers of each topic of a group, back to before the group's oldest watermark.

    `entries` are those of the store. Raises FetchError.
    """
    # By date of version, whatever the tables' order: so all new papers and versions come first.
    by_version = replace(settings, sort="updated")
    page = partial(api.page, group.query, sort=by_version.sort, known=group.known)
    most = min(settings.catch_up_papers * len(group.members), MAX_DEPTH)
    found = look_back(page, group.oldest, by_version, now, size=group.size, most=most)
    if found.failure:
        state, reason = found.failure
        raise FetchError(FetchState(state), reason)
    if found.limited or found.complete_from is None:
        return GroupAnswer()
    assigned = assign_papers_to_topics(found.papers, group, entries, settings, extra)
    papers: dict[str, tuple[Paper, ...]] = {}
    for member in group.members:
        name = member.topic.name
        own = tuple(paper for paper in found.papers if name in assigned.topics[paper.arxiv_id])
        if name not in assigned.doubted and _is_like_own_query(member, own, settings, now):
            papers[name] = own
    disputed = {name: tuple(told) for name, told in assigned.disputed.items()}
    return GroupAnswer(papers, found.complete_from, disputed)


def _is_like_own_query(
    member: Member, papers: Sequence[Paper], settings: Settings, now: datetime
) -> bool:
    """Return whether the topic's own query would bring the same papers.

    It would bring more if these are the first papers of a topic, and might stop earlier if there
    are more of them than the limit.
    """
    if not member.times:
        return not papers
    if member.since >= submitted_since(now, ANNOUNCEMENTS_AGAIN):
        return True
    since = sum(sort_time(paper, settings.sort) >= member.since for paper in papers)
    return since < settings.catch_up_papers


@dataclass(frozen=True, slots=True)
class Assigned:
    """Which topics the papers of a shared answer have."""

    topics: Mapping[str, set[str]]
    """The names of each paper's topics, by identifier; none if they could not be found out."""
    doubted: frozenset[str]
    """The names of the topics that have been fetched with their own query."""
    disputed: Mapping[str, list[tuple[Dispute, Paper]]]
    """Papers about which arXiv and the local matcher disagree, by topic."""


def assign_papers_to_topics(
    papers: Sequence[Paper],
    group: Group,
    entries: Mapping[str, Entry],
    settings: Settings,
    extra: ExtraRequests,
) -> Assigned:
    """Find out each paper's topics.

    The matcher tells. A topic that arXiv has given papers which do not match is fetched with its
    own query, and papers that match no topic are looked up, as far as `extra` allows. The others
    come again on the next night, with new requests. Raises FetchError.
    """
    members = {member.topic.name: member for member in group.members}
    matchers = matchers_of((member.topic for member in group.members), settings.categories)
    # Older papers than these are neither new to a topic nor in its table.
    since = min(min(member.since, member.last) for member in group.members)
    found: dict[str, set[str]] = {}
    doubted: set[str] = set()
    for paper in papers:
        matching = {topic.name for topic in topics_of(paper, matchers)}
        known = entries.get(paper.arxiv_id)
        is_same = known is not None and known.paper == paper
        told = {name for name, one in members.items() if is_same and paper.arxiv_id in one.ids}
        # arXiv has found it for these topics before, whatever the matcher says: for this version,
        # if it is the first.
        doubted |= told - matching if paper.version == 1 else set()
        found[paper.arxiv_id] = matching | told
    unmatched = {
        paper.arxiv_id: paper
        for paper in papers
        if not found[paper.arxiv_id] and sort_time(paper, settings.sort) >= since
    }
    answers = extra.fetched(
        [members[name].topic for name in extra.in_turn(sorted(doubted))[:_MOST_DOUBTED]]
    )
    for answer in answers:
        for paper in answer.papers:
            unmatched.pop(paper.arxiv_id, None)
    disputed: defaultdict[str, list[tuple[Dispute, Paper]]] = defaultdict(list)
    looked_up = extra.topics_of(extra.in_turn(group.members), list(unmatched)[:MOST_LOOKED_UP])
    for arxiv_id, paper in unmatched.items():
        found[arxiv_id] = looked_up.get(arxiv_id, set())
        for name in found[arxiv_id] or members:
            is_placed = bool(found[arxiv_id])
            disputed[name].append((Dispute.FOUND if is_placed else Dispute.UNPLACED, paper))
    return Assigned(found, frozenset(answer.topic.name for answer in answers), disputed)
