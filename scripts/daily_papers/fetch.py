"""Topics to answers: what arXiv knows of each, from its search or, when that fails, its feed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from daily_papers.catch_up import Ask, PartlyFoundError, look_back
from daily_papers.clock import Clock
from daily_papers.matching import Matcher, Matchers, matcher_of
from daily_papers.merge import Answer, state_for
from daily_papers.paper import Paper
from daily_papers.progress import progress
from daily_papers.project import Project
from daily_papers.settings import Environment, Settings
from daily_papers.sources.session import FetchError, FetchState, PoliteSession
from daily_papers.store import ANNOUNCEMENTS, SEARCH, Store
from daily_papers.topics import Topic


def ask(
    project: Project,
    asked: Sequence[Topic],
    queries: Mapping[str, str],
    store: Store | None,
    session: PoliteSession,
    environment: Environment,
    clock: Clock,
    now: datetime,
) -> list[Answer]:
    """Return the search API's answer for each topic of `asked`; a failed one says why."""
    # Imported here: it brings the arxiv package along, which only a night needs.
    from daily_papers.sources.search import SearchApi  # noqa: PLC0415

    settings = project.settings
    api = SearchApi(session, environment.arxiv_api_url, clock, now)
    tables = store.tables(settings.max_papers) if store else {}
    answers = []
    for one in progress(asked, [one.name for one in asked]):
        query = queries[one.name]
        state = state_for(store, one, query, settings.sort)
        known = len(tables[state.name]) if state else 0
        watermark = state.watermark if state else None

        page = partial(api.page, query, sort=settings.sort, known=known)
        answers.append(_shared(_one_answer(one, query, page, watermark, settings), store))
    return answers


def _shared(answer: Answer, store: Store | None) -> Answer:
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
    asked: Topic, query: str, page: Ask, watermark: datetime | None, settings: Settings
) -> Answer:
    answer = Answer(asked, query, source=SEARCH)
    try:
        found = look_back(page, watermark, settings)
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
    answers: Sequence[Answer],
    settings: Settings,
    session: PoliteSession,
    environment: Environment,
) -> list[Answer]:
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
    from daily_papers.sources.announcements import fetch_announcements  # noqa: PLC0415

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


def _with_reason(answer: Answer, more: str) -> Answer:
    state, reason = answer.failure or ("", "")
    return replace(answer, failure=(state, f"{reason}; {more}"))
