"""Fetch every topic's papers: several topics with one query where possible, else one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from daily_papers.arxiv.catch_up import STEP, Ask, Page, look_back
from daily_papers.arxiv.fetch_group import ExtraRequests, GroupAnswer, fetch_group
from daily_papers.arxiv.group_topics import Group, group_topics, groupable
from daily_papers.arxiv.paced_requests import FetchError, FetchState
from daily_papers.arxiv.search_api import SearchApi
from daily_papers.progress import progress, say
from daily_papers.settings import Settings
from daily_papers.store.coverage import Coverage, look_back_to
from daily_papers.store.entry_types import SEARCH, Store
from daily_papers.store.paper import Paper
from daily_papers.store.topic_states import Dispute, TopicAnswer, state_for
from daily_papers.topics.keywords import Topic
from daily_papers.topics.matching import matcher_of

# Groups that may fail in a night before all other topics are fetched one by one.
_MAX_FAILED_GROUPS = 2
# Topics in a row that may fail before the others are left to the harvest.
_MAX_FAILED_TOPICS = 3


def ask_topics(
    api: SearchApi,
    topics: Sequence[Topic],
    queries: Mapping[str, str],
    store: Store | None,
    settings: Settings,
    now: datetime,
    *,
    together: bool = True,
) -> list[TopicAnswer]:
    """Return the search API's answer for each topic; a failed one has the reason.

    `queries` has the query of each topic by name. With `together`, topics that were fetched before
    share a query where possible.
    """
    states = store.topics.values() if store else ()
    known = {state.name: len(state.table) for state in states}
    search = _Search(api, queries, store, settings, now, known)
    members = groupable(topics, queries, store, settings, now) if together else []
    groups = group_topics(members, settings, now, api.url)
    grouped = {member.topic.name for group in groups for member in group.members}
    requests: list[Group | Topic] = [*groups, *(one for one in topics if one.name not in grouped)]
    extra = ExtraRequests(api, settings, search.fetch_alone, turn=now.toordinal())
    for request in progress(requests, list(map(_label, requests))):
        if isinstance(request, Topic):
            search.fetch_alone(request)
        else:
            search.fetch_together(request, extra)
    return [search.answers[topic.name] for topic in topics]


def _label(request: Group | Topic) -> str:
    if isinstance(request, Topic):
        return request.name
    return f"{len(request.members)} topics together"


def _gave_up(_start: int, _size: int) -> Page:
    raise FetchError(
        FetchState.UNAVAILABLE, f"arXiv's search failed for {_MAX_FAILED_TOPICS} topics before"
    )


@dataclass(slots=True)
class _Search:
    """The requests of a night to the search API, and its answers."""

    api: SearchApi
    queries: Mapping[str, str]
    store: Store | None
    settings: Settings
    now: datetime
    known: Mapping[str, int]
    """How many papers of each topic the store has."""
    answers: dict[str, TopicAnswer] = field(default_factory=dict)
    """By topic."""
    failed_groups: int = 0
    failed_alone: int = 0
    """How many topics in a row."""

    def fetch_alone(self, topic: Topic) -> TopicAnswer:
        """Fetch one topic with its own query."""
        query, settings = self.queries[topic.name], self.settings
        known, target, is_empty, size = 0, None, False, None
        state = state_for(self.store, topic, query, settings.sort)
        if state is not None:
            known = min(self.known.get(state.name, 0), settings.max_papers)
            is_empty = state.empty
        if state is not None and state.watermark is not None:
            target = look_back_to(state.watermark, self.now)
            if state.floor is not None and state.floor >= target:
                # More papers than its table has are to be read again.
                size = max(STEP, settings.max_papers)
        page: Ask = partial(self.api.page, query, sort=settings.sort, known=known)
        if self.failed_alone >= _MAX_FAILED_TOPICS:
            page = _gave_up
        found = look_back(page, target, settings, self.now, size=size, confirm_empty=not is_empty)
        is_failed = found.failure is not None and found.failure[0] != FetchState.BAD_QUERY
        self.failed_alone = self.failed_alone + 1 if is_failed else 0
        answer = TopicAnswer(
            topic,
            query,
            replace(found, papers=tuple(map(self._reused, found.papers))),
            SEARCH,
            disputed=self._unexpected(topic, found.papers),
        )
        self.answers[topic.name] = answer
        return answer

    def _unexpected(
        self, topic: Topic, papers: Sequence[Paper]
    ) -> tuple[tuple[Dispute, Paper], ...]:
        """Return papers of a topic's own query that do not match here."""
        matcher = matcher_of(topic, self.settings.categories)
        return tuple(
            (Dispute.FOUND, paper) for paper in papers if matcher and not matcher.matches(paper)
        )

    def _reused(self, paper: Paper) -> Paper:
        """Return the store's copy of an unchanged paper, so that memory holds only one."""
        entry = self.store.entries.get(paper.arxiv_id) if self.store else None
        return entry.paper if entry and entry.paper == paper else paper

    def fetch_together(self, group: Group, extra: ExtraRequests) -> None:
        """Fetch a group; topics that its query does not answer are fetched one by one."""
        answer = GroupAnswer()
        if self.store is not None and self.failed_groups < _MAX_FAILED_GROUPS:
            try:
                answer = fetch_group(
                    group, self.api, self.store.entries, self.settings, self.now, extra
                )
            except FetchError as error:
                self.failed_groups += 1
                say(f"asked together: {error}; now one by one")
        for member in group.members:
            name = member.topic.name
            if name not in answer.papers:
                if name not in self.answers:
                    self.fetch_alone(member.topic)
                continue
            self.answers[name] = TopicAnswer(
                member.topic,
                self.queries[name],
                Coverage(
                    tuple(map(self._reused, answer.papers[name])),
                    answer.complete_from,
                    # A topic that had no papers still has none.
                    total=None if member.times else 0,
                ),
                source=SEARCH,
                disputed=tuple(answer.disputed.get(name, ())),
            )
