"""Topics to answers: what arXiv knows of each, from its search or, when that fails, its feed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from daily_papers.arxiv.catch_up import Ask, PartlyFoundError, look_back
from daily_papers.arxiv.session import FetchError, FetchState, PoliteSession
from daily_papers.arxiv.topic_groups import Group, group_topics, members_of, turn
from daily_papers.clock import Clock
from daily_papers.inputs import Project
from daily_papers.progress import progress, say
from daily_papers.settings import Environment, Settings
from daily_papers.store.paper import Paper
from daily_papers.store.records import ANNOUNCEMENTS, SEARCH, Entry, Store
from daily_papers.store.topic_states import TopicAnswer, state_for
from daily_papers.topics.arxiv_query import address_length
from daily_papers.topics.keywords import Topic
from daily_papers.topics.matching import Matcher, Matchers, matcher_of

if TYPE_CHECKING:
    # It brings the arxiv package along, which only a night needs.
    from daily_papers.arxiv.search_api import SearchApi


# Groups that may fail in a night until its other topics are asked one by one.
_MOST_FAULTS = 2


def ask(
    project: Project,
    asked: Sequence[Topic],
    queries: Mapping[str, str],
    store: Store | None,
    session: PoliteSession,
    environment: Environment,
    clock: Clock,
    now: datetime,
    *,
    merged: bool = True,
) -> list[TopicAnswer]:
    """Return the search API's answer for each topic of `asked`; a failed one says why.

    With `merged`, topics that have been asked before are asked together where that is possible.
    """
    # Imported here: it brings the arxiv package along, which only a night needs.
    from daily_papers.arxiv.search_api import SearchApi  # noqa: PLC0415

    night = _Search(
        api=SearchApi(session, environment.arxiv_api_url, clock, now),
        queries=queries,
        store=store,
        tables=store.tables(project.settings.max_papers) if store else {},
        settings=project.settings,
    )
    groups = night.groups(asked, now) if merged else []
    grouped = {member.topic.name for group in groups for member in group.members}
    questions: list[Group | Topic] = [*groups, *(one for one in asked if one.name not in grouped)]
    for question in progress(questions, [_label(one) for one in questions]):
        if isinstance(question, Topic):
            night.ask_alone(question)
        else:
            night.ask_together(question)
    again = turn(night.uncovered, asked, now)
    if again is not None:
        night.ask_again(again)
    return [night.answers[one.name] for one in asked]


def _label(question: Group | Topic) -> str:
    if isinstance(question, Topic):
        return question.name
    return f"{len(question.members)} topics together"


@dataclass(slots=True)
class _Search:
    """The questions of a night to the search API, and what it answered."""

    api: SearchApi
    queries: Mapping[str, str]
    store: Store | None
    tables: Mapping[str, Sequence[Entry]]
    settings: Settings
    answers: dict[str, TopicAnswer] = field(default_factory=dict)
    """By topic."""
    uncovered: set[str] = field(default_factory=set)
    """The topics of whose tables a part was not read again."""
    faults: int = 0
    """Groups that have failed."""

    def groups(self, asked: Sequence[Topic], now: datetime) -> list[Group]:
        """Return the topics that are asked together."""
        members = members_of(asked, self.queries, self.tables, self.store, self.settings)
        return group_topics(members, self.settings, now, partial(address_length, self.api.url))

    def ask_alone(self, topic: Topic) -> TopicAnswer:
        """Ask for one topic."""
        query = self.queries[topic.name]
        state = state_for(self.store, topic, query, self.settings.sort)
        known = len(self.tables[state.name]) if state else 0
        watermark = state.watermark if state else None
        page = partial(self.api.page, query, sort=self.settings.sort, known=known)
        # That there is nothing was doubted, and then believed, when the topic was asked first.
        doubt = state is None or not state.empty
        answer = _one_answer(topic, query, page, watermark, self.settings, doubt=doubt)
        self.answers[topic.name] = _shared(answer, self.store)
        return answer

    def ask_together(self, group: Group) -> None:
        """Ask for a group; what it cannot tell is asked one by one."""
        # Imported here: it brings the arxiv package along.
        from daily_papers.arxiv.shared_query import Shared, ask_together  # noqa: PLC0415

        shared = Shared()
        if self.store is not None and self.faults < _MOST_FAULTS:
            try:
                shared = ask_together(group, self.api, self.store, self.settings)
            except (FetchError, PartlyFoundError) as error:
                self.faults += 1
                say(f"asked together: {error}; now one by one")
        for member in group.members:
            topic = member.topic
            if topic.name not in shared.papers:
                self.ask_alone(topic)
                continue
            answer = TopicAnswer(
                topic,
                self.queries[topic.name],
                papers=shared.papers[topic.name],
                # Of a topic that had none, none have come.
                total=None if self.tables[topic.name] else 0,
                source=SEARCH,
                complete=True,
            )
            self.answers[topic.name] = _shared(answer, self.store)
            if topic.name in shared.uncovered:
                self.uncovered.add(topic.name)

    def ask_again(self, topic: Topic) -> None:
        """Ask on its own for a topic that its group has answered; if that fails, that stands."""
        before = self.answers[topic.name]
        if self.ask_alone(topic).failure is not None:
            self.answers[topic.name] = before


def _shared(answer: TopicAnswer, store: Store | None) -> TopicAnswer:
    """Return the answer with papers that are known already in one copy only, to save memory."""
    if store is None:
        return answer
    known = (store.entries.get(paper.arxiv_id) for paper in answer.papers)
    papers = tuple(
        entry.paper if entry and entry.paper == paper else paper
        for entry, paper in zip(known, answer.papers, strict=True)
    )
    return replace(answer, papers=papers)


def _one_answer(
    asked: Topic,
    query: str,
    page: Ask,
    watermark: datetime | None,
    settings: Settings,
    *,
    doubt: bool,
) -> TopicAnswer:
    answer = TopicAnswer(asked, query, source=SEARCH)
    try:
        found = look_back(page, watermark, settings, doubt=doubt)
    except FetchError as error:
        return replace(answer, failure=(error.state, error.reason))
    except PartlyFoundError as partly:
        return replace(
            answer,
            papers=partly.papers,
            total=partly.total,
            failure=(partly.cause.state, partly.cause.reason),
        )
    return replace(
        answer, papers=found.papers, total=found.total, complete=True, capped=found.capped
    )


def fall_back(
    answers: Sequence[TopicAnswer],
    settings: Settings,
    session: PoliteSession,
    environment: Environment,
) -> list[TopicAnswer]:
    """Return the answers, those that the search API failed to give filled from the feed."""
    failed: dict[str, Matcher] = {}
    told = []
    for answer in answers:
        if not answer.failure or answer.papers or answer.failure[0] == FetchState.BAD_QUERY:
            told.append(answer)
            continue
        matcher = matcher_of(answer.topic, settings.categories)
        if matcher is None:
            # The feed has no search.
            told.append(_with_reason(answer, "only its search knows arXiv's own syntax"))
        else:
            failed[answer.topic.name] = matcher
            told.append(answer)
    if not failed:
        return told
    # Imported here: most nights do not need it.
    from daily_papers.arxiv.announcement_feed import fetch_announcements  # noqa: PLC0415

    try:
        announced = fetch_announcements(
            session, environment.arxiv_rss_url, _categories(failed.values())
        )
    except FetchError as error:
        return [
            _with_reason(answer, error.reason) if answer.topic.name in failed else answer
            for answer in told
        ]
    found: dict[str, list[Paper]] = {name: [] for name in failed}
    matchers = Matchers((matcher.topic for matcher in failed.values()), settings.categories)
    for one in announced:
        for matching in matchers.topics_of(one.paper):
            found[matching.name].append(one.paper)
    return [
        replace(answer, papers=tuple(found[answer.topic.name]), source=ANNOUNCEMENTS)
        if answer.topic.name in failed
        else answer
        for answer in told
    ]


def _categories(matchers: Iterable[Matcher]) -> tuple[str, ...]:
    """Return all categories in which these look; none if one of them looks in all of arXiv."""
    wanted = [matcher.categories for matcher in matchers]
    if not all(wanted):
        return ()
    return tuple(dict.fromkeys(category for one in wanted for category in one))


def _with_reason(answer: TopicAnswer, more: str) -> TopicAnswer:
    state, reason = answer.failure or ("", "")
    return replace(answer, failure=(state, f"{reason}; {more}"))
