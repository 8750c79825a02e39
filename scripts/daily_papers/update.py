"""The night: ask arXiv for every topic, merge, save, render."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from daily_papers.catch_up import Ask, PartlyFoundError, look_back
from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.files import locked, remove_file, write_file, write_lines
from daily_papers.matching import Matcher, Matchers, matcher_of
from daily_papers.merge import Answer, Night, merge, state_for
from daily_papers.pages import log, parts, readme, topic
from daily_papers.paper import Paper
from daily_papers.progress import progress
from daily_papers.queries import MAX_ENCODED, arxiv_query, encoded_length
from daily_papers.settings import Environment, Settings, load_settings
from daily_papers.sources.session import PACE, FetchError, FetchState, PoliteSession
from daily_papers.store import ANNOUNCEMENTS, SEARCH, STORE, Store, dump_store, load_store
from daily_papers.topics import KEYWORDS, Topic, read_keywords, slugify

# Of the night's time, the search API gets this much; the rest is for the announcement feed.
_SEARCH_SHARE = 0.85


@dataclass(frozen=True, slots=True)
class Project:
    """What the user wrote: read whole before anything is fetched or written."""

    root: Path
    settings: Settings
    topics: tuple[Topic, ...]
    frame: readme.Frame


def read_project(root: Path) -> Project:
    """Read settings, keywords and README's markers. Raises InputError with the faults of all."""
    if not root.is_dir():
        raise InputError([f"{root}: there is no such folder; give the repository's with --root"])
    problems: list[str] = []
    settings = Settings()
    topics: tuple[Topic, ...] = ()
    frame = readme.Frame("", "")
    try:
        settings = load_settings(root)
    except InputError as error:
        problems += error.problems
    try:
        topics = read_keywords(root)
    except InputError as error:
        problems += error.problems
    try:
        frame = readme.find_frame(_readme_text(root))
    except InputError as error:
        problems += error.problems
    problems += _too_long(topics, settings)
    if problems:
        raise InputError(problems)
    return Project(root, settings, topics, frame)


def _too_long(topics: Sequence[Topic], settings: Settings) -> list[str]:
    lengths = ((one, encoded_length(arxiv_query(one, settings.categories))) for one in topics)
    return [
        f"{KEYWORDS}:{one.line}:1: as a query it has {length} characters, and arXiv takes at most "
        f"{MAX_ENCODED}; make two topics of it"
        for one, length in lengths
        if length > MAX_ENCODED
    ]


def _readme_text(root: Path) -> str:
    try:
        return (root / readme.README).read_bytes().decode("utf-8")
    except FileNotFoundError:
        return readme.NEW_README
    except UnicodeDecodeError:
        raise InputError(
            [f"{readme.README}:1: it is not UTF-8; save the file with the encoding UTF-8"]
        ) from None


class AllFailedError(DailyPapersError):
    """No topic could be refreshed; `night` has the rows that say why."""

    def __init__(self, night: Night) -> None:
        self.night = night
        reasons = dict.fromkeys(f"{row.state}: {row.reason}" for row in night.rows)
        super().__init__(
            "no topic could be refreshed, and nothing was changed: "
            + "; ".join(reasons)
            + ". Nothing is lost: the next night looks back to where this one would have begun"
        )


def update(
    root: Path,
    environment: Environment,
    clock: Clock,
    *,
    only: Sequence[str] = (),
    now: datetime | None = None,
    dry_run: bool = False,
    begun: float | None = None,
    pace: float = PACE,
    stamp: Path | None = None,
) -> Night:
    """Ask arXiv, keep what is new and write the pages again; return what the night did.

    `only` names the topics to ask for (none: all of them); `begun` is when the night began, on
    `clock.monotonic()` (None: now); `pace` is in seconds; `stamp` keeps it from run to run, see
    PoliteSession. Raises InputError for what the user must mend, StoreError, and AllFailedError.
    """
    project = read_project(root)
    asked = _chosen(project.topics, only)
    wait = project.settings.deadline_minutes * 60
    with locked(root, clock, wait):
        store = load_known_store(root)
        session = PoliteSession(
            user_agent=environment.user_agent,
            clock=clock,
            deadline=(clock.monotonic() if begun is None else begun) + wait * _SEARCH_SHARE,
            pace=pace,
            stamp=stamp,
            rng=random.Random(),  # noqa: S311 - jitter is no secret
        )
        now = now or clock.now()
        queries = {
            one.name: arxiv_query(one, project.settings.categories) for one in project.topics
        }
        answers = _ask(project, asked, queries, store, session, environment, clock, now)
        if any(answer.failure for answer in answers):
            session.extend(wait * (1 - _SEARCH_SHARE))
            answers = _fall_back(answers, project.settings, session, environment)
        night = merge(store, project.topics, queries, answers, now, project.settings)
        if all(answer.failure and not answer.papers for answer in answers):
            raise AllFailedError(night)
        if store is None and all(answer.total == 0 for answer in answers):
            # On a first night nothing tells a fault of arXiv's from topics that do not exist.
            raise DailyPapersError(
                "arXiv says that it has no paper for any topic, and nothing was written. Check the "
                f"spelling in {KEYWORDS}; arXiv also answers so when it is out of order, so if "
                "the spelling is right, run again later"
            )
        if not dry_run:
            if night.changed:
                write_lines(root / STORE, dump_store(night.store))
            write_pages(project, night.store)
    return night


def _chosen(topics: Sequence[Topic], only: Sequence[str]) -> list[Topic]:
    """Return the topics that `only` names, in any case and spacing, in the file's order."""
    known = {slugify(one.name) for one in topics}
    unknown = [name for name in only if slugify(name) not in known]
    if unknown:
        raise InputError(
            f"{KEYWORDS}: there is no topic {name!r}; "
            f"there are {', '.join(one.name for one in topics)}"
            for name in unknown
        )
    wanted = {slugify(name) for name in only} or known
    return [one for one in topics if slugify(one.name) in wanted]


def load_known_store(root: Path) -> Store | None:
    """Read the store; None if no night has been yet.

    Raises StoreError, and DailyPapersError when earlier nights' pages are there and the store is
    not.
    """
    store = load_store(root)
    page = root / parts.LOG
    if store is None and page.is_file():
        text = page.read_text(encoding="utf-8", errors="replace")
        if topic.is_generated(text) and parts.SAMPLE_LABEL not in text:
            raise DailyPapersError(
                f"{STORE}: it is missing, although {parts.LOG} tells of earlier nights. Nothing "
                f"was changed. Bring it back (git log -- {STORE}, git checkout COMMIT -- {STORE}), "
                "or delete the folder papers to begin anew"
            )
    return store


def _ask(
    project: Project,
    asked: Sequence[Topic],
    queries: Mapping[str, str],
    store: Store | None,
    session: PoliteSession,
    environment: Environment,
    clock: Clock,
    now: datetime,
) -> list[Answer]:
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

        ask = partial(api.page, query, sort=settings.sort, known=known)
        answers.append(_shared(_one_answer(one, query, ask, watermark, settings), store))
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
    asked: Topic, query: str, ask: Ask, watermark: datetime | None, settings: Settings
) -> Answer:
    answer = Answer(asked, query, source=SEARCH)
    try:
        found = look_back(ask, watermark, settings)
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


def _fall_back(
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


def render(root: Path, clock: Clock) -> list[str]:
    """Write every page again from the store; return the paths that changed.

    Raises InputError, StoreError, and DailyPapersError when no night has been yet.
    """
    project = read_project(root)
    with locked(root, clock, project.settings.deadline_minutes * 60):
        store = load_known_store(root)
        if store is None:
            raise DailyPapersError(
                f"{STORE}: there is nothing to render yet; run daily-papers update first"
            )
        return write_pages(project, store)


def write_pages(project: Project, store: Store) -> list[str]:
    """Bring the pages up to date with the store; return the paths that changed."""
    changed = []
    expected = set()
    for path, text in rendered(project, store):
        expected.add(path)
        if write_file(project.root / path, text):
            changed.append(path)
    for page in sorted((project.root / parts.TOPICS_FOLDER).glob("*.md")):
        path = page.relative_to(project.root).as_posix()
        if path not in expected and topic.is_generated(page.read_text("utf-8", "replace")):
            remove_file(page)
            changed.append(path)
    return changed


def rendered(project: Project, store: Store) -> Iterator[tuple[str, str]]:
    """Yield each page's path and text; README.md last, so that its links never lead nowhere."""
    settings = project.settings
    tables = store.tables(settings.max_papers)
    asked = {one.name: one for one in project.topics}
    for name, state in store.topics.items():
        yield (
            parts.topic_page(name),
            topic.render_topic(state, tables[name], store, settings, asked.get(name)),
        )
    yield parts.INDEX, topic.render_index(store, tables, settings)
    yield parts.LOG, log.render_log(store, tables, settings)
    yield readme.README, readme.render_readme(store, tables, settings, project.frame)
