"""`update --topic NAME --since MONTH`: fill a topic's months with what arXiv has from then on."""

import calendar
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from daily_papers.arxiv.catch_up import look_back
from daily_papers.arxiv.paced_requests import (
    PACE,
    FetchError,
    FetchState,
    PoliteSession,
    api_key_of,
    stamp_of,
)
from daily_papers.arxiv.search_api import SearchApi
from daily_papers.atomic_files import locked
from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.progress import say
from daily_papers.publish.write_pages import write_pages
from daily_papers.read_user_files import Project, load_known_store, read_project
from daily_papers.settings import MAX_DEPTH, MAX_PAGE, Environment, Settings
from daily_papers.store.coverage import EPOCH
from daily_papers.store.entry_types import Entry, Store
from daily_papers.store.files_by_month import Wanted
from daily_papers.store.paper import Paper
from daily_papers.store.store_file import save_store, with_papers
from daily_papers.store.which_day_lists import recent_days
from daily_papers.topics.arxiv_query import arxiv_query
from daily_papers.topics.keywords import KEYWORDS, Topic

_WAIT = 60.0  # seconds to wait for another run


def fill(
    root: Path,
    environment: Environment,
    clock: Clock,
    topic: Topic,
    since: str,
    pace: float = PACE,
) -> tuple[int, str]:
    """Fetch a topic's papers month by month, back to `since`; return their number and a message.

    They are in the pages of their months, and are not announced. The store is saved after each
    month, so that a run that is stopped goes on where it was. Raises DailyPapersError if the topic
    has had no night yet, or if arXiv fails.
    """
    project = read_project(root)
    with locked(root, clock, _WAIT):
        store = load_known_store(root)
        if store is None or topic.name not in store.topics:
            problem = f"{topic.name}: it has had no night yet"
            raise DailyPapersError(f"{problem}; run daily-papers update without --since first")
        now = clock.now()
        known = sum(month.topics.get(topic.name, 0) for month in store.months.values())
        with PoliteSession(
            user_agent=environment.user_agent,
            clock=clock,
            deadline=float("inf"),
            pace=pace,
            stamp=stamp_of(environment.arxiv_api_url),
            key=api_key_of(environment),
        ) as session:
            api = SearchApi(session, environment.arxiv_api_url, clock, now)
            query = arxiv_query(topic, project.settings.categories)
            for month in _months(store, topic.name, since, now):
                papers = _papers_of(month, query, api, project.settings, now)
                say(f"{topic.name}, {month}: {len(papers)} papers")
                store = _with_month(root, store, topic.name, month, papers, now)
        if store.topics[topic.name].filled <= since:
            say(f"{topic.name}: every month from {since} on has been fetched")
        store = _render(project, store)
    found = sum(month.topics.get(topic.name, 0) for month in store.months.values()) - known
    return found, f"{found} earlier papers of {topic.name}, from {since} on"


def checked_month(text: str, now: datetime) -> str:
    """Return a month such as `2026-01`. Raises InputError if it is none, or not one of arXiv's."""
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise InputError([f"--since {text}: it is no month; write one such as 2026-01"]) from None
    if not datetime(1991, 8, 1, tzinfo=UTC) <= first <= now:
        raise InputError([f"--since {text}: arXiv has papers from 1991-08 until now"])
    return f"{first:%Y-%m}"


def _months(store: Store, topic: str, since: str, now: datetime) -> Iterator[str]:
    """Yield the months to fetch, the newest first."""
    filled = store.topics[topic].filled
    year, month = now.year, now.month
    while (name := f"{year}-{month:02}") >= since:
        if not filled or name < filled:
            yield name
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)


def _papers_of(
    month: str, query: str, api: SearchApi, settings: Settings, now: datetime
) -> tuple[Paper, ...]:
    """Return the papers whose first version is of a month. Raises FetchError.

    https://info.arxiv.org/help/api/user-manual.html#query_details (submittedDate is in GMT)
    """
    year, number = map(int, month.split("-"))
    last = calendar.monthrange(year, number)[1]
    digits = month.replace("-", "")
    within = f"submittedDate:[{digits}010000 TO {digits}{last}2359]"
    by_submission = replace(settings, sort="submitted")
    page = partial(api.page, f"({query}) AND {within}", sort="submitted", known=0)
    # An empty answer is asked for twice: it is a known fault of the API.
    for _ in range(2):
        found = look_back(page, EPOCH, by_submission, now, size=MAX_PAGE, most=MAX_DEPTH)
        if found.failure:
            state, reason = found.failure
            raise FetchError(FetchState(state), reason)
        if found.limited:
            raise DailyPapersError(
                f"{month}: arXiv has more than {MAX_DEPTH:,} papers for this topic, and shows no "
                "more; make narrower topics of it"
            )
        if found.papers:
            break
    return found.papers


def _with_month(
    root: Path, store: Store, topic: str, month: str, papers: tuple[Paper, ...], now: datetime
) -> Store:
    """Save the papers of a month and return the store."""
    store = with_papers(root, store, Wanted({paper.arxiv_id for paper in papers}))
    entries = dict(store.entries)
    for paper in papers:
        entry = entries.get(paper.arxiv_id) or Entry(paper, (), now, silent=True)
        if topic not in entry.topics:
            topics = tuple(sorted((*entry.topics, topic)))
            entries[paper.arxiv_id] = replace(entry, topics=topics)
    state = replace(store.topics[topic], filled=month)
    filled = replace(store, entries=entries, topics={**store.topics, topic: state}, rendered=None)
    return save_store(root, store, filled)


def _render(project: Project, store: Store) -> Store:
    """Write all pages of months, and return the store with the note that they are written."""
    write_pages(project, store, recent_days(store), store.months)
    return save_store(project.root, store, replace(store, rendered=store.updated))


def the_topic(topics: list[Topic]) -> Topic:
    """Return the only topic. Raises InputError."""
    if len(topics) != 1:
        raise InputError([f"{KEYWORDS}: --since is for one topic; name it with --topic"])
    return topics[0]
