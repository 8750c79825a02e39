"""Fetch every topic's papers: several topics with one query where possible, else one by one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from daily_papers.arxiv.announcement_feed import fetch_announcements
from daily_papers.arxiv.catch_up import STEP, look_back
from daily_papers.arxiv.fetch_group import ExtraRequests, GroupAnswer, fetch_group
from daily_papers.arxiv.group_topics import Group, group_topics, groupable, topic_to_reread
from daily_papers.arxiv.paced_requests import FetchError, FetchState, PoliteSession
from daily_papers.arxiv.search_api import SearchApi
from daily_papers.progress import progress, say
from daily_papers.settings import Settings
from daily_papers.store.coverage import Coverage, look_back_to
from daily_papers.store.entry_types import ANNOUNCEMENTS, SEARCH, Store, sort_time
from daily_papers.store.paper import Paper
from daily_papers.store.topic_states import Dispute, TopicAnswer, state_for
from daily_papers.topics.keywords import Topic
from daily_papers.topics.matching import Matcher, matcher_of, matchers_of, topics_of

# Groups that may fail in a night before all other topics are fetched one by one.
_MAX_FAILED_GROUPS = 2


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
    reread = topic_to_reread(search.partly_read, topics, now)
    if reread is not None:
        search.fetch_again(reread)
    return [search.answers[topic.name] for topic in topics]


def _label(request: Group | Topic) -> str:
    if isinstance(request, Topic):
        return request.name
    return f"{len(request.members)} topics together"


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
    partly_read: set[str] = field(default_factory=set)
    """The topics whose tables have older papers than those that were fetched."""
    failed_groups: int = 0

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
        page = partial(self.api.page, query, sort=settings.sort, known=known)
        found = look_back(page, target, settings, self.now, size=size, confirm_empty=not is_empty)
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
        self.partly_read |= answer.partly_read
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

    def fetch_again(self, topic: Topic) -> None:
        """Fetch a topic of a group with its own query; if that fails, the group's answer stays."""
        before = self.answers[topic.name]
        own = self.fetch_alone(topic)
        if own.failure is not None:
            self.answers[topic.name] = before
            return
        times = [sort_time(paper, self.settings.sort) for paper in own.papers]
        known = {paper.arxiv_id for paper in own.papers}
        matcher = matcher_of(topic, self.settings.categories)
        missing = [
            (Dispute.NOT_FOUND, paper)
            for paper in before.papers
            if paper.arxiv_id not in known
            and times
            and sort_time(paper, self.settings.sort) > min(times)
            and matcher
            and matcher.matches(paper)
        ]
        self.answers[topic.name] = replace(own, disputed=(*own.disputed, *missing))


def fall_back(
    answers: Sequence[TopicAnswer], settings: Settings, session: PoliteSession, rss_url: str
) -> list[TopicAnswer]:
    """Return the answers, with those that the search API failed to give taken from the feed."""
    failed = {
        answer.topic.name: answer.topic
        for answer in answers
        if answer.failure and not answer.papers and answer.failure[0] != FetchState.BAD_QUERY
    }
    matchers = matchers_of(failed.values(), settings.categories)
    searchable = {matcher.topic.name for matcher in matchers}
    found: defaultdict[str, list[Paper]] = defaultdict(list)
    reason = ""
    try:
        announced = fetch_announcements(session, rss_url, _categories(matchers)) if matchers else []
        for one in announced:
            for topic in topics_of(one.paper, matchers):
                found[topic.name].append(one.paper)
    except FetchError as error:
        reason = error.reason

    def filled(answer: TopicAnswer) -> TopicAnswer:
        name = answer.topic.name
        if name not in failed:
            return answer
        if name not in searchable:
            # The feed has no search.
            return _with_reason(answer, "only its search knows arXiv's own syntax")
        if reason:
            return _with_reason(answer, reason)
        coverage = replace(answer.coverage, papers=tuple(found[name]))
        return replace(answer, coverage=coverage, source=ANNOUNCEMENTS)

    return list(map(filled, answers))


def _categories(matchers: Sequence[Matcher]) -> tuple[str, ...]:
    """Return the categories of all matchers; none if one of them searches all of arXiv."""
    if not all(matcher.categories for matcher in matchers):
        return ()
    return tuple(dict.fromkeys(one for matcher in matchers for one in matcher.categories))


def _with_reason(answer: TopicAnswer, more: str) -> TopicAnswer:
    state, reason = answer.failure or ("", "")
    coverage = replace(answer.coverage, failure=(state, f"{reason}; {more}"))
    return replace(answer, coverage=coverage)
