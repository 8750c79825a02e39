"""Fetch many topics with one query, then assign each paper to its topics."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from daily_papers.arxiv.catch_up import look_back
from daily_papers.arxiv.group_topics import Group, Member
from daily_papers.arxiv.search_api import SearchApi
from daily_papers.arxiv.session import FetchError, FetchState
from daily_papers.settings import MAX_DEPTH, Settings
from daily_papers.store.paper import Paper
from daily_papers.store.record_types import Entry, sort_time
from daily_papers.topics.arxiv_query import MAX_ADDRESS, address_length, merged_query
from daily_papers.topics.matching import matchers_of, topics_of


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """What one query found for the topics of a group."""

    papers: Mapping[str, tuple[Paper, ...]] = field(default_factory=dict)
    """By topic; a topic that is missing must be fetched with its own query."""
    partly_read: frozenset[str] = frozenset()
    """The topics whose tables have older papers than those that were fetched."""


def fetch_group(
    group: Group, api: SearchApi, entries: Mapping[str, Entry], settings: Settings
) -> GroupAnswer:
    """Return the papers of each topic of a group, back to before the group's oldest watermark.

    `entries` are those of the store. Raises FetchError.
    """
    # By date of version, whatever the tables' order: so all new papers and versions come first.
    by_version = replace(settings, sort="updated")
    page = partial(api.page, group.query, sort=by_version.sort, known=group.known)
    most = min(settings.catch_up_papers * len(group.members), MAX_DEPTH)
    found = look_back(page, group.oldest, by_version, size=group.size, most=most)
    if found.failure:
        raise found.failure
    if found.capped:
        return GroupAnswer()
    topics = assign_papers_to_topics(found.papers, group, api, entries, settings)
    papers: dict[str, tuple[Paper, ...]] = {}
    for member in group.members:
        name = member.topic.name
        own = tuple(paper for paper in found.papers if name in topics[paper.arxiv_id])
        if _is_like_own_query(member, own, settings):
            papers[name] = own
    if len(found.papers) >= (found.total or 0):
        return GroupAnswer(papers)
    oldest = min((paper.updated for paper in found.papers), default=group.oldest)
    partly_read = frozenset(
        member.topic.name
        for member in group.members
        if member.topic.name in papers and (member.whole or member.times[0] <= oldest)
    )
    return GroupAnswer(papers, partly_read)


def _is_like_own_query(member: Member, papers: Sequence[Paper], settings: Settings) -> bool:
    """Return whether the topic's own query would bring the same papers.

    It would bring more if these are the first papers of a topic, and might stop earlier if there
    are more of them than the limit.
    """
    if not member.times:
        return not papers
    since = sum(sort_time(paper, settings.sort) >= member.watermark for paper in papers)
    return since < settings.catch_up_papers


def assign_papers_to_topics(
    papers: Sequence[Paper],
    group: Group,
    api: SearchApi,
    entries: Mapping[str, Entry],
    settings: Settings,
) -> dict[str, set[str]]:
    """Return the names of each paper's topics, by identifier.

    Papers that match no topic here are looked up at arXiv. Raises FetchError.
    """
    tables = {member.topic.name: member.ids for member in group.members}
    matchers = matchers_of((member.topic for member in group.members), settings.categories)
    # Older papers than these are neither new to a topic nor in its table.
    since = min(min(member.watermark, member.last) for member in group.members)
    found: dict[str, set[str]] = {}
    for paper in papers:
        topics = {topic.name for topic in topics_of(paper, matchers)}
        known = entries.get(paper.arxiv_id)
        if known is not None and known.paper == paper:
            # arXiv has found it for these topics before, whatever the matcher says.
            topics |= {name for name, ids in tables.items() if paper.arxiv_id in ids}
        found[paper.arxiv_id] = topics
    unmatched = [
        paper.arxiv_id
        for paper in papers
        if not found[paper.arxiv_id] and sort_time(paper, settings.sort) >= since
    ]
    if unmatched:
        found |= _Lookup(api, settings, requests=len(group.members)).topics(
            group.members, unmatched
        )
    return found


@dataclass(slots=True)
class _Lookup:
    """Asks arXiv which topics papers have, with queries for ever fewer topics."""

    api: SearchApi
    settings: Settings
    requests: int
    """How many may still be sent."""

    def topics(self, members: Sequence[Member], identifiers: Sequence[str]) -> dict[str, set[str]]:
        """Return the names of each paper's topics; every paper must have one of `members`.

        Raises FetchError.
        """
        if len(members) == 1:
            return {arxiv_id: {members[0].topic.name} for arxiv_id in identifiers}
        middle = len(members) // 2
        found: defaultdict[str, set[str]] = defaultdict(set)
        for half in (members[:middle], members[middle:]):
            query = merged_query([member.topic for member in half], self.settings.categories)
            matching = sorted(self._matching(query, identifiers))
            if matching:
                for arxiv_id, names in self.topics(half, matching).items():
                    found[arxiv_id] |= names
        if missing := set(identifiers) - found.keys():
            raise FetchError(
                FetchState.UNAVAILABLE,
                f"arXiv found {min(missing)} for several topics, but for none of them alone",
            )
        return found

    def _matching(self, query: str, identifiers: Sequence[str]) -> frozenset[str]:
        """Return which of these papers a query finds. Raises FetchError."""
        too_long = address_length(self.api.url, query, identifiers) >= MAX_ADDRESS
        if too_long and len(identifiers) > 1:
            middle = len(identifiers) // 2
            return self._matching(query, identifiers[:middle]) | self._matching(
                query, identifiers[middle:]
            )
        if not self.requests:
            raise FetchError(FetchState.UNAVAILABLE, "too many papers match no topic here")
        self.requests -= 1
        return self.api.among(query, identifiers, sort=self.settings.sort)
