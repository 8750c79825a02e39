"""Run a night: fetch from arXiv, merge, ask a model, save, write the pages, publish, report."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from daily_papers.announcement_calendar import is_known, known_until, listing_day
from daily_papers.arxiv.fetch_by_identifier import fetch_by_identifier
from daily_papers.arxiv.fetch_night import fetch_night
from daily_papers.arxiv.paced_requests import PACE, FetchError, PoliteSession, api_key_of, stamp_of
from daily_papers.arxiv.search_api import SearchApi
from daily_papers.arxiv.start_jitter import own_wait
from daily_papers.atomic_files import locked
from daily_papers.clock import AHEAD, Clock, SystemClock, format_time
from daily_papers.commands.check import tell_missing
from daily_papers.commands.update_report import Night, commit_message, report, texts_message
from daily_papers.commands.update_since import checked_month, fill, the_topic
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.llm.answer_journal import Journal
from daily_papers.llm.enrich_papers import enrich, model_doubts
from daily_papers.pages.month_list import changed_months
from daily_papers.pages.pieces import KINDS, kind_index
from daily_papers.progress import say
from daily_papers.publish import git
from daily_papers.publish.kept_answers import KeptAnswers
from daily_papers.publish.readme_note import note_clock, publish_failure
from daily_papers.publish.search_page_address import find_search_page
from daily_papers.publish.write_pages import write_pages
from daily_papers.ranking.attention import with_attention
from daily_papers.ranking.compare_with_seeds import with_what_is_near
from daily_papers.ranking.look_up_seeds import with_seeds
from daily_papers.ranking.rising_terms import with_rising_terms
from daily_papers.ranking.seed_file import SEEDS
from daily_papers.read_user_files import Project, load_known_store, read_project
from daily_papers.settings import Environment, Settings, load_environment
from daily_papers.store.choose_digest_papers import with_digests
from daily_papers.store.entry_types import Day, Store
from daily_papers.store.failed_nights import LastRun, leave_last_run
from daily_papers.store.files_by_month import Wanted
from daily_papers.store.merge import merge
from daily_papers.store.repair_future_times import future_time, without_future_times
from daily_papers.store.store_file import STATE, save_store, with_papers
from daily_papers.store.topic_states import TopicAnswer
from daily_papers.store.which_day_lists import days_to_write, recent_days
from daily_papers.topics.arxiv_query import arxiv_query
from daily_papers.topics.keywords import KEYWORDS, Topic, slugify

# The share of the night's time for arXiv's search. The rest is for the harvest, and a model gets
# what is left.
_SEARCH_SHARE = 0.85


def run(
    *,
    root: Path,
    topics: Sequence[str],
    now: datetime | None,
    since: str | None,
    dry_run: bool,
    publish: bool,
) -> None:
    """Update the files; commit and push them with `publish`; report what the night did.

    With `since`, a month, fill a topic's months from then on instead.
    """
    environment = load_environment()
    clock = SystemClock()
    _check_time(now, clock.now())
    if since is not None:
        topic = the_topic(_named(read_project(root).topics, topics))
        month = checked_month(since, clock.now())

        def fill_months() -> tuple[int, str]:
            return fill(root, environment, clock, topic, month)

        if publish:
            git.publish(root, fill_months, clock=clock, token=environment.github_token)
        else:
            fill_months()
        return
    if environment.scheduled and environment.github_repository:
        seconds = own_wait(environment.github_repository)
        say(f"waiting {seconds:.0f} s, so that not all copies ask arXiv at once")
        clock.sleep(seconds)
    stamp = stamp_of(environment.arxiv_api_url)
    moment = now or clock.now()

    def leave(cause: str, topics: Sequence[str] = ()) -> None:
        if not dry_run:
            leave_last_run(root, LastRun(moment, cause, tuple(topics)))

    def note(cause: str) -> None:
        if publish and not dry_run:
            publish_failure(root, cause, moment, clock=clock, token=environment.github_token)

    leave("the run ended before it was done; its log says why")
    update = Update(root, environment, clock, topics, now=now, dry_run=dry_run, stamp=stamp)
    try:
        night = _published(update) if publish and not dry_run else update.run()
    except AllFailedError as error:
        report(error.night, environment)
        leave(error.cause)
        note(error.cause)
        raise
    except DailyPapersError as error:
        leave(str(error))
        if isinstance(error, InputError) and not topics:
            note(str(error))
        raise
    leave(*failed_topics(night.store))
    report(night, environment)
    if publish and night.store.created == night.store.updated:
        # The report says every night that Pages is off.
        tell_missing(root, environment, pages=False)
    if dry_run:
        say("a dry run: nothing was written")


def failed_topics(store: Store) -> tuple[str, tuple[str, ...]]:
    """Return what failed, in a line, and for which topics; empty if none failed."""
    failing = {name: one.failing.state for name, one in store.topics.items() if one.failing}
    if not failing:
        return "", ()
    states = ", ".join(sorted(set(failing.values())))
    count = f"{len(failing)} of {len(store.topics)} topics"
    return f"{count} could not be refreshed: {states}", tuple(failing)


def _check_time(now: datetime | None, clock: datetime) -> None:
    """Raise InputError for a night that has not come yet."""
    if now is not None and now > clock + AHEAD:
        problem = f"--now {format_time(now)}: it is more than a day ahead of this machine's clock"
        advice = f"({format_time(clock)}). Nothing was changed; give a time that has come"
        raise InputError([f"{problem} {advice}"])


class AllFailedError(DailyPapersError):
    """No topic could be refreshed; the rows of `night` say why."""

    def __init__(self, night: Night) -> None:
        self.night = night
        states = sorted({row.state for row in night.rows})
        self.cause = f"no topic could be refreshed: {', '.join(states)}"
        reasons = dict.fromkeys(f"{row.state}: {row.reason}" for row in night.rows)
        super().__init__(
            f"no topic could be refreshed, and nothing was changed: {'; '.join(reasons)}. "
            "Nothing is lost: the next night looks back as far as this one would have"
        )


@dataclass(slots=True)
class Update:
    """Updates one repository. Each method may be called again, within the same deadline."""

    root: Path
    environment: Environment
    clock: Clock
    topics: Sequence[str] = ()  # the names of the topics to fetch; none means all
    now: datetime | None = None  # the night's time; by default the clock's
    dry_run: bool = False  # fetch and merge only
    pace: float = PACE  # seconds between requests to arXiv
    stamp: Path | None = None
    """The file that keeps the pace from one run to the next, see PoliteSession."""
    together: bool = True
    """Whether one query may ask for several topics; the store is the same either way."""
    journal: Journal = field(init=False)
    """The answers of a language model that the store does not have yet."""
    _begun: float = field(init=False)

    def __post_init__(self) -> None:
        self._begun = self.clock.monotonic()
        self.journal = Journal(self.root)

    def run(self) -> Night:
        """Run the night and return what it did.

        Raises InputError for errors in the user's files, StoreError, and AllFailedError.
        """
        night = self.refresh()
        return night if self.dry_run else self.add_texts(night)

    def refresh(self) -> Night:
        """Ask arXiv, save the papers and write the pages; raises as `run`."""
        project = read_project(self.root)
        settings = project.settings
        topics = _named(project.topics, self.topics)
        queries = {one.name: arxiv_query(one, settings.categories) for one in project.topics}
        seconds = settings.deadline_minutes * 60
        with locked(self.root, self.clock, seconds):
            now = self.now or self.clock.now()
            store, late = self._load(now)
            with self._session(seconds * _SEARCH_SHARE) as session:
                api = SearchApi(session, self.environment.arxiv_api_url, self.clock, now)
                fetched = fetch_night(
                    api,
                    session,
                    self.environment.arxiv_oai_url,
                    topics,
                    queries,
                    store,
                    settings,
                    now,
                    together=self.together,
                    more_seconds=seconds * (1 - _SEARCH_SHARE),
                    load=lambda ids: self._with_known(store, ids),
                )
                answers = fetched.answers
                got = (paper for one in answers for paper in (*one.papers, *one.changed))
                store = self._with_known(store, {paper.arxiv_id for paper in got})
                merged = merge(
                    store,
                    project.topics,
                    queries,
                    answers,
                    now,
                    settings,
                    harvested=fetched.harvested,
                    doubted=fetched.doubted,
                )
                night = Night(
                    merged.store,
                    merged.rows,
                    merged.new,
                    merged.revised,
                    merged.changed,
                    (
                        *late,
                        *self._clock_ahead(session),
                        *_left_out(api.left_out),
                        *fetched.warnings,
                        *_warnings(settings, now),
                    ),
                    answers,
                )
                _check_answers(answers, store, night)
                if self.dry_run:
                    return night
                page = find_search_page(settings, self.environment, self.clock)
                if page.address is not None:
                    night = replace(night, store=replace(night.store, site=page.address))
                saved = self._save(store, night.store, settings)
                done, unknown = self._with_what_to_read_first(project, store, saved, api, now)
                night = replace(night, warnings=(*night.warnings, *unknown))
            done = self._render(project, store, done)
            if late and done.updated <= now:
                note_clock(self.root, now)
        changed = night.changed or done != saved
        return replace(night, store=done, changed=changed, about_site=page.about)

    def add_texts(self, night: Night) -> Night:
        """Ask a language model for texts, if the settings name tasks for one, and show them.

        Raises InputError and StoreError.
        """
        project = read_project(self.root)
        settings = project.settings
        if not settings.llm.tasks:
            return night
        seconds = settings.deadline_minutes * 60
        with locked(self.root, self.clock, seconds):
            now = self.now or self.clock.now()
            before = load_known_store(self.root)
            if before is None:
                return night
            before = with_papers(self.root, before, Wanted.by(recent_days(before), ()))
            with self._session(seconds) as session:
                enriched = enrich(
                    before,
                    settings,
                    self.environment,
                    session,
                    now,
                    journal=self.journal,
                    deadline=self._begun + seconds,
                    prompts=project.prompts,
                )
            done = before
            if enriched.store != before:
                # Without a night of rendering, a run that is killed here leaves no page behind.
                done = self._save(before, replace(enriched.store, rendered=None), settings)
                done = self._render(project, before, done)
            self.journal.settle()
        changed = night.changed or done != before
        return replace(night, store=done, changed=changed, model=enriched.report)

    def _render(self, project: Project, before: Store | None, done: Store) -> Store:
        """Write the pages that differ, and note that they are written."""
        self._write_pages(project, before, done)
        if done.rendered != done.updated:
            done = save_store(self.root, done, replace(done, rendered=done.updated))
        return done

    def _load(self, night: datetime) -> tuple[Store | None, tuple[str, ...]]:
        """Return the store, and a warning if its last night is later than this one."""
        store = load_known_store(self.root)
        now = max(night, self.clock.now())
        future = future_time(store, now) if store else None
        if store is not None and future is None and night < store.updated:
            problem = f"this night's time, {format_time(night)}, is before the last one's"
            counts = f"its papers count as found after {format_time(store.updated)}"
            return store, (f"{problem}: {counts}; check --now, or the clock of this machine",)
        if store is None or future is None:
            return store, ()
        everything = with_papers(self.root, store, Wanted(everything=True))
        warning = (
            f"{STATE}: its last night is {format_time(future)}, which has not come yet. Its "
            "times in the future count as now; check the clock of the machine that ran then"
        )
        return save_store(self.root, everything, without_future_times(everything, now)), (warning,)

    def _clock_ahead(self, session: PoliteSession) -> Iterator[str]:
        """Yield a warning if this machine's clock is ahead of arXiv's."""
        ours, arxivs = self.clock.now(), session.server_time
        if arxivs is not None and ours > arxivs + AHEAD:
            yield (
                f"this machine's clock, {format_time(ours)}, is more than a day ahead of arXiv's, "
                f"{format_time(arxivs)}; set it right, or the dates of this night are wrong"
            )

    def _with_known(self, store: Store | None, ids: Collection[str]) -> Store | None:
        """Return the store with these papers, as far as it has them, and the recent days'."""
        if store is None:
            return None
        return with_papers(self.root, store, Wanted.by(recent_days(store), set(ids)))

    def _write_pages(self, project: Project, before: Store | None, done: Store) -> None:
        """Write the pages that the night changed.

        Write all if a kind of page is new, or if a run was killed before it had written them.
        """
        kinds = filter(project.settings.pages.has, KINDS)
        has_pages = all((self.root / kind_index(kind)).exists() for kind in kinds)
        days: Sequence[Day] = list(done.days.values())
        months: Collection[str] = done.months
        if has_pages and before is not None and before.rendered == before.updated:
            days = days_to_write(before, done)
            months = changed_months(before.entries, done.entries)
        write_pages(project, done, days, months)

    def _with_what_to_read_first(
        self, project: Project, before: Store | None, saved: Store, api: SearchApi, now: datetime
    ) -> tuple[Store, list[str]]:
        """Return the store with what is near, rising and has attention, saved, and warnings.

        The night does not depend on it: what has no answer is asked for again the next night.
        """
        settings, today = project.settings, now.date()
        store = saved
        warnings: list[str] = []
        if project.seeds:
            fetch = partial(fetch_by_identifier, api)
            try:
                store, warnings = with_seeds(self.root, store, project.seeds, fetch, today)
            except FetchError as error:
                warnings = [f"papers of {SEEDS} could not be fetched; the next night asks: {error}"]
        store = with_what_is_near(before, store, project.seeds, project.authors, listing_day(now))
        if settings.pages.weekly:
            store = with_rising_terms(store, self._with_days)
        if settings.attention:
            deadline = self._begun + settings.deadline_minutes * 60
            store, failed = with_attention(
                store, settings.attention, self.environment, self.clock, today, deadline
            )
            warnings += failed
        return self._save(saved, store, settings), warnings

    def _with_days(self, store: Store, days: Sequence[Day]) -> Store:
        """Return the store with all papers of these days."""
        return with_papers(self.root, store, Wanted.by(days))

    def _save(self, before: Store | None, store: Store, settings: Settings) -> Store:
        """Save a store with its digests chosen, if it differs from the one `before`."""
        if settings.pages.digest:
            days = days_to_write(before, store)
            store = with_papers(self.root, store, Wanted.by(days))
            store = with_digests(store, days, settings.llm.language)
        if before is not None and before.months and store == before:
            return store
        return save_store(self.root, before, store)

    def _session(self, seconds: float) -> PoliteSession:
        """Return the session for arXiv, which ends that many seconds after the night began."""
        return PoliteSession(
            user_agent=self.environment.user_agent,
            clock=self.clock,
            deadline=self._begun + seconds,
            pace=self.pace,
            stamp=self.stamp,
            key=api_key_of(self.environment),
        )


def _published(update: Update) -> Night:
    """Run a night, and publish its papers before a model is asked, which may take long.

    When the texts cannot be published, the papers are all the same, and readers are told of them.
    """
    root, clock, token = update.root, update.clock, update.environment.github_token
    kept = KeptAnswers(root, token, clock)
    with_model = bool(read_project(root).settings.llm.tasks)
    update.journal = Journal(root, kept.load, kept.keep)

    def write_papers() -> tuple[Night, str]:
        night = update.refresh()
        return night, commit_message(night)

    night = git.publish(root, write_papers, clock=clock, token=token)[-1]
    if not with_model:
        return night

    def write_texts() -> tuple[Night, str]:
        done = update.add_texts(night)
        return done, texts_message(done)

    try:
        night = git.publish(root, write_texts, clock=clock, token=token)[-1]
    except DailyPapersError as error:
        problem = f"texts by a model are left for the next run, which pays for none again: {error}"
        return replace(night, warnings=(*night.warnings, problem))
    kept.forget()
    return night


def _named(topics: Sequence[Topic], names: Sequence[str]) -> list[Topic]:
    """Return the topics with these names, in any case and spacing; all if there are no names.

    One of `names` may list several.

    Raises InputError for unknown names.
    """
    known = {one.slug for one in topics}
    listed = [name for text in names for name in _split(text, topics)]
    unknown = [name for name in listed if slugify(name) not in known]
    if unknown:
        there_are = "\n".join(["; there are:", *(f"  {one.name}" for one in topics)])
        names = ", ".join(map(repr, unknown))
        raise InputError([f"{KEYWORDS}: there is no topic {names}{there_are}"])
    wanted = {slugify(name) for name in listed} or known
    return [one for one in topics if one.slug in wanted]


def _split(text: str, topics: Sequence[Topic]) -> Iterator[str]:
    """Yield the names of a list with a comma or a line end after each; a name may have commas."""
    known = {one.slug for one in topics}
    most = max(one.name.count(",") for one in topics) + 1
    for line in re.split(r"[\r\n]+", text):
        parts = [part.strip() for part in line.split(",") if part.strip()]
        while parts:
            runs = (parts[:length] for length in range(min(most, len(parts)), 1, -1))
            name = next((run for run in runs if slugify(" ".join(run)) in known), parts[:1])
            yield ", ".join(name)
            del parts[: len(name)]


def _check_answers(answers: Sequence[TopicAnswer], store: Store | None, night: Night) -> None:
    """Raise AllFailedError, or DailyPapersError for a first night without any paper."""
    if all(answer.failure and not answer.papers for answer in answers):
        raise AllFailedError(night)
    if store is None and all(answer.total == 0 for answer in answers):
        # On a first night, an outage of arXiv looks the same as topics without papers.
        raise DailyPapersError(
            "arXiv has no paper for any topic, and nothing was written. Check the spelling in "
            f"{KEYWORDS}; words side by side must stand so in a paper: write & between those that "
            "may stand apart. arXiv also answers like this during an outage, so if the lines are "
            "right, run again later"
        )


def _left_out(faults: Mapping[str, str]) -> Iterator[str]:
    """Yield warnings that name the records of arXiv's that could not be believed."""
    for name, reason in faults.items():
        what = f"arXiv's record {name}: {reason}" if name != reason else f"arXiv: {reason}"
        yield f"{what}. It was left out; the next nights read it again"


def _warnings(settings: Settings, now: datetime) -> tuple[str, ...]:
    found = []
    if not is_known(listing_day(now)) and settings.pages.are_dated:
        found.append(
            f"arXiv's holidays are known up to {known_until()}; the days of announcement after "
            "that are computed without its list. Bring this copy up to date with the "
            "project"
        )
    return (*found, *model_doubts(settings))
