"""One question for many topics, and whose its papers are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from daily_papers.arxiv.catch_up import look_back
from daily_papers.arxiv.search_api import SearchApi
from daily_papers.arxiv.session import FetchError, FetchState
from daily_papers.arxiv.topic_groups import Group, Member
from daily_papers.settings import MAX_DEPTH, Settings
from daily_papers.store.paper import Paper
from daily_papers.store.records import Store, sort_time
from daily_papers.topics.arxiv_query import MAX_ADDRESS, address_length, merged_query
from daily_papers.topics.keywords import Topic
from daily_papers.topics.matching import Matchers


@dataclass(frozen=True, slots=True)
class Shared:
    """What a group's question came to."""

    papers: Mapping[str, tuple[Paper, ...]] = field(default_factory=dict)
    """By topic; a topic that is missing must be asked on its own."""
    uncovered: frozenset[str] = frozenset()
    """The topics of which older papers than these are in the tables."""


def ask_together(group: Group, api: SearchApi, store: Store, settings: Settings) -> Shared:
    """Return the papers of each topic of a group, back to before the group's oldest watermark.

    A paper that the matcher gives to no topic is settled by asking for it with the queries of ever
    fewer topics. Raises FetchError and PartlyFoundError when an answer cannot be had.
    """
    # Whatever the tables' order: by it, every new paper and every new version is among the first.
    by_version = replace(settings, sort="updated")
    page = partial(api.page, group.query, sort=by_version.sort, known=group.known)
    most = min(settings.catch_up_papers * len(group.members), MAX_DEPTH)
    found = look_back(page, group.oldest, by_version, size=group.size, most=most)
    if found.capped:
        return Shared()
    owners = _owners(group, found.papers, api, store, settings)
    papers: dict[str, list[Paper]] = {member.topic.name: [] for member in group.members}
    for paper in found.papers:
        for name in owners[paper.arxiv_id]:
            papers[name].append(paper)
    oldest = min((paper.updated for paper in found.papers), default=group.oldest)
    whole = len(found.papers) >= found.total
    return Shared(
        {
            member.topic.name: tuple(papers[member.topic.name])
            for member in group.members
            if _is_told(member, papers[member.topic.name], settings)
        },
        frozenset()
        if whole
        else frozenset(
            member.topic.name
            for member in group.members
            if member.whole or member.times[0] <= oldest
        ),
    )


def _is_told(member: Member, papers: Sequence[Paper], settings: Settings) -> bool:
    """Say whether these are what asking alone would bring.

    The first papers of a topic bring its past along, and so many that it may be more than the limit
    are counted alone.
    """
    if not member.times:
        return not papers
    since = sum(sort_time(paper, settings.sort) >= member.watermark for paper in papers)
    return since < settings.catch_up_papers


def _owners(
    group: Group, papers: Sequence[Paper], api: SearchApi, store: Store, settings: Settings
) -> dict[str, set[str]]:
    """Return the names of each paper's topics."""
    names = {member.topic.name for member in group.members}
    matchers = Matchers((member.topic for member in group.members), settings.categories)
    # Older papers than these are neither new to a topic nor in its table.
    since = min(min(member.watermark, member.last) for member in group.members)
    owners: dict[str, set[str]] = {}
    unclaimed = []
    for paper in papers:
        claimed = {topic.name for topic in matchers.topics_of(paper)}
        known = store.entries.get(paper.arxiv_id)
        if known is not None and known.paper == paper:
            # Of these arXiv has said so before, whatever the matcher says.
            claimed |= names.intersection(known.topics)
        owners[paper.arxiv_id] = claimed
        if not claimed and sort_time(paper, settings.sort) >= since:
            unclaimed.append(paper.arxiv_id)
    if unclaimed:
        settled = _Settling(api, settings, limit=len(group.members))
        settled.settle(group.members, unclaimed)
        owners |= settled.owners
    return owners


class _Settling:
    """Finds the topics of papers by asking for them with halves of the group's topics."""

    def __init__(self, api: SearchApi, settings: Settings, limit: int) -> None:
        self._api = api
        self._settings = settings
        self._left = limit
        self.owners: dict[str, set[str]] = {}

    def settle(self, members: Sequence[Member], identifiers: Sequence[str]) -> None:
        """Fill `owners` for papers that are of these topics. Raises FetchError."""
        if len(members) == 1:
            for arxiv_id in identifiers:
                self.owners.setdefault(arxiv_id, set()).add(members[0].topic.name)
            return
        middle = len(members) // 2
        found: set[str] = set()
        for half in (members[:middle], members[middle:]):
            here = self._among([member.topic for member in half], identifiers)
            found |= here
            if here:
                self.settle(half, sorted(here))
        if missing := set(identifiers) - found:
            raise FetchError(
                FetchState.UNAVAILABLE,
                f"arXiv found {min(missing)} for several topics, and for none of them alone",
            )

    def _among(self, topics: Sequence[Topic], identifiers: Sequence[str]) -> set[str]:
        query = merged_query(topics, self._settings.categories)
        found: set[str] = set()
        for part in _parts(identifiers, partial(address_length, self._api.url, query)):
            if not self._left:
                raise FetchError(
                    FetchState.UNAVAILABLE, "too many papers of which no topic can be told here"
                )
            self._left -= 1
            found |= self._api.among(query, part, sort=self._settings.sort)
        return found


def _parts(
    identifiers: Sequence[str], length: Callable[[Sequence[str]], int]
) -> Iterable[list[str]]:
    """Yield the identifiers in parts that an address can hold."""
    part: list[str] = []
    for arxiv_id in identifiers:
        if part and length([*part, arxiv_id]) >= MAX_ADDRESS:
            yield part
            part = []
        part.append(arxiv_id)
    yield part
