"""Open the issue that tells the repository's watchers what is new."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from daily_papers.atomic_files import locked
from daily_papers.clock import Clock, SystemClock
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.pages.notice_issue import (
    LABEL,
    Notice,
    read_marker,
    render_notice,
)
from daily_papers.pages.pieces import View
from daily_papers.progress import warn
from daily_papers.publish import git
from daily_papers.publish.github import GitHub, GitHubError
from daily_papers.read_user_files import load_known_store
from daily_papers.settings import Environment, Settings, load_environment, load_settings
from daily_papers.store.entry_types import Store
from daily_papers.store.files_by_month import Wanted
from daily_papers.store.store_file import save_store, with_papers
from daily_papers.store.write_all_or_none import FOLDER

_WAIT = 60.0  # seconds to wait for another run
_CLOCKS_DIFFER = timedelta(minutes=10)  # between two machines


def run(*, root: Path, dry_run: bool, publish: bool) -> None:
    """Open the issue, commit that it was opened, and print the result."""
    environment = load_environment()
    clock = SystemClock()

    def write() -> tuple[Outcome, str]:
        outcome = notify(root, environment, clock, dry_run=dry_run)
        if outcome.refused:
            warn(outcome.refused, environment)
        return outcome, "Note that watchers were told"

    if publish and not dry_run:
        outcomes = git.publish(root, write, clock=clock, token=environment.github_token)
    else:
        outcomes = [write()[0]]
    notices = [outcome.notice for outcome in outcomes if outcome.notice is not None]
    if outcomes[-1].refused:
        print("no issue: what is new stays pending, and goes out with the next night's")
    elif not notices:
        print("no issue: there is nothing new to tell")
    for notice in notices:
        if dry_run:
            print(f"{notice.title}\n\n{notice.body}")
        else:
            print(f"opened the issue: {notice.title}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `notify` did: opened an issue, was refused, or neither if there is nothing new."""

    notice: Notice | None = None
    refused: str = ""  # why GitHub did not accept the issue


def notify(root: Path, environment: Environment, clock: Clock, *, dry_run: bool = False) -> Outcome:
    """Open the issue for what is new since the last one; with `dry_run`, only return it.

    Papers count as announced once the issue exists: the store records it, and so does a marker in
    the issue, which later runs find even if the store could not be pushed. If GitHub refuses the
    issue, the papers are in the next night's. Raises InputError if the repository or the token is
    not set, and StoreError.
    """
    settings = load_settings(root)
    with locked(root, clock, _WAIT):
        store = load_known_store(root)
        if store is None:
            raise DailyPapersError(
                f"{FOLDER}: there is nothing to announce yet; run daily-papers update first"
            )
        if dry_run:
            store = _with_news(root, store, store.notified)
            return Outcome(pending_notice(store, settings, environment))
        github = _github(environment)
        try:
            since = _last_notice(store, github, clock)
            before = store = _with_news(root, store, since)
            notice = _notice(store, since, settings, environment)
            if notice is not None:
                github.ensure_label(LABEL)
                github.open_issue(notice.title, notice.body, [LABEL])
        except GitHubError as error:
            return Outcome(refused=f"the notice was not posted: {error}")
        if notice is not None or since != store.notified:
            store = replace(store, notified=store.updated if notice else since)
            save_store(root, before, store)
        return Outcome(notice)


def _with_news(root: Path, store: Store, since: datetime | None) -> Store:
    """Return the store with the papers that a night changed since the last notice."""
    return with_papers(root, store, Wanted(since=since or store.created))


def pending_notice(store: Store, settings: Settings, environment: Environment) -> Notice | None:
    """Return the issue for what is new according to the store, without a request to GitHub."""
    return _notice(store, store.notified, settings, environment)


def _notice(
    store: Store, since: datetime | None, settings: Settings, environment: Environment
) -> Notice | None:
    url = environment.repository_url or f"{environment.github_server_url}/OWNER/REPOSITORY"
    return render_notice(View(store, settings), since, url)


def _last_notice(store: Store, github: GitHub, clock: Clock) -> datetime | None:
    """Return the time of the last notice, from the store or from the issues' markers.

    A marker of a time that has not come yet tells nothing: a clock was wrong when it was written.
    """
    if store.notified is not None and store.notified >= store.updated:
        return store.notified
    moments = [read_marker(body) for body in github.latest_notice_bodies(LABEL)]
    latest = max(clock.now(), store.updated) + _CLOCKS_DIFFER
    past = (moment for moment in moments if moment is not None and moment <= latest)
    known = [moment for moment in (store.notified, *past) if moment is not None]
    return min(max(known), store.updated) if known else None


def _github(environment: Environment) -> GitHub:
    repository, token = environment.github_repository, environment.github_token
    problems = [
        f"{name}: it is not set; Actions sets it, elsewhere set it yourself or use --dry-run"
        for name, value in (("GITHUB_REPOSITORY", repository), ("GITHUB_TOKEN", token))
        if not value
    ]
    if problems:
        raise InputError(problems)
    return GitHub(environment.github_api_url, repository, token)
