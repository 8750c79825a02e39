"""Open the issue that tells the repository's watchers what is new."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from daily_papers.atomic_files import locked
from daily_papers.clock import Clock, SystemClock
from daily_papers.commands.notify_channels import (
    Due,
    for_no_topic,
    mark_channels,
    pending_messages,
    send,
    take_back,
)
from daily_papers.commands.notify_incident import follow_incident
from daily_papers.commands.notify_release import make_release
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
from daily_papers.publish.channels import Channel, NoAppriseError, open_channels
from daily_papers.publish.default_branch import other_branch
from daily_papers.publish.github import GitHub, GitHubError, Issue
from daily_papers.publish.write_pages import write_pages
from daily_papers.read_user_files import load_needed_store, read_project
from daily_papers.settings import Environment, Settings, load_environment, load_settings
from daily_papers.store.entry_types import Failure, Store
from daily_papers.store.failed_nights import SAME_NIGHT, LastRun, read_last_run
from daily_papers.store.files_by_month import Wanted
from daily_papers.store.store_file import save_store, with_papers

_WAIT = 60.0  # seconds to wait for another run
_CLOCKS_DIFFER = timedelta(minutes=10)  # between two machines
_NO_ISSUE = '"notify" in the settings has no "issue"'
_PENDING = "the papers stay pending and go out with the next night"


def run(*, root: Path, dry_run: bool, publish: bool, test: bool) -> None:
    """Tell what is new, commit that it was told, and print the result.

    With `test`, only send a line to each channel.

    Raises DailyPapersError if GitHub refuses it for good, from the second night on.
    """
    environment = load_environment()
    clock = SystemClock()

    def save(write: Callable[[], Outcome], message: str) -> list[Outcome]:
        if publish and not dry_run:
            token = environment.github_token
            return git.publish(root, lambda: (write(), message), clock=clock, token=token)
        return [write()]

    def write() -> Outcome:
        outcome = notify(root, environment, clock, dry_run=dry_run)
        for text in outcome.warnings:
            warn(text, environment)
        return outcome

    if test:
        _test(environment)
        return
    outcomes = save(write, "Note that watchers were told")
    notices = [notice for outcome in outcomes for notice in outcome.notices]
    last = outcomes[-1]
    for notice in notices:
        print(
            f"{notice.title}\n\n{notice.body}" if dry_run else f"opened the issue: {notice.title}"
        )
    if last.refused:
        print(f"no issue: {_PENDING}")
    elif not notices:
        print(f"no issue: {last.quiet or 'there is nothing new to tell'}")
    for text in (
        text for outcome in outcomes for text in (outcome.incident, *outcome.told) if text
    ):
        print(text)
    left, failed = list(last.due), []
    try:
        while left:
            one = left.pop(0)
            if warning := send(one):
                failed.append(one)
                warn(warning, environment)
            else:
                print(f"told {one.channel.name}: {one.message.subject}")
    finally:
        # A run that is stopped has not told those that are left; of the one it was at, who knows?
        if untold := [*failed, *left]:
            save(lambda: not_told(root, clock, untold), "Note that a channel was not told")
    if last.is_overdue:
        raise DailyPapersError(last.refused)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `notify` did: opened an issue, was refused, or neither if there is nothing new."""

    notices: tuple[Notice, ...] = ()
    refused: str = ""  # why GitHub did not accept the issue
    is_overdue: bool = False  # whether it refuses for good, for the second night at least
    quiet: str = ""  # why nobody is told
    incident: str = ""  # what was done about nights that failed
    told: tuple[str, ...] = ()  # what else was done or, in a dry run, is to be told
    due: tuple[Due, ...] = ()  # messages to send once what is written is saved for good
    warnings: tuple[str, ...] = ()

    @property
    def notice(self) -> Notice | None:
        """The last issue that it opened, if any."""
        return self.notices[-1] if self.notices else None


def _test(environment: Environment) -> None:
    """Send a line to each channel and print what came back. Raises InputError, DailyPapersError."""
    if not environment.notify_urls:
        raise InputError(["NOTIFY_URLS: it is not set; give addresses of apprise, one a line"])
    channels, failed = open_channels(environment.notify_urls)
    for channel in channels:
        why = channel.send("Daily Papers", "A test: what is new will be told here.")
        if why:
            failed.append(f"{channel.name}: {why}")
        else:
            print(f"{channel.name}: accepted")
    if failed:
        raise DailyPapersError("; ".join(failed))


def not_told(root: Path, clock: Clock, failed: Sequence[Due]) -> Outcome:
    """Save that messages were not accepted."""
    with locked(root, clock, _WAIT):
        take_back(root, failed)
    return Outcome()


def notify(root: Path, environment: Environment, clock: Clock, *, dry_run: bool = False) -> Outcome:
    """Tell what is new: open the issue, and return messages; with `dry_run`, only return both.

    Papers count as announced once the issue exists: the store records it, and so does a marker in
    the issue, which later runs find even if the store could not be pushed. If GitHub refuses the
    issue, the papers are in the next night's. Channels are marked as told, and the caller sends
    the messages once the mark is saved. Only the default branch tells anybody. After nights that
    failed, an issue and messages say so.
    Raises InputError if the repository or the token is not set, and StoreError.
    """
    last_run = read_last_run(root)
    is_lost = last_run is not None and last_run.is_lost
    settings = _settings(root, is_lost=is_lost)
    has_issue = "issue" in settings.told_by
    has_release = settings.release != "off"
    has_channels = "channels" in settings.told_by and bool(environment.notify_urls)
    with locked(root, clock, _WAIT):
        if dry_run:
            return _pending(root, settings, environment)
        if not has_issue and not has_channels and not has_release:
            return Outcome(quiet='"notify" in the settings names nobody')
        missing: tuple[str, ...] = ()
        try:
            github = _github(environment, clock) if has_issue or has_release else None
        except InputError as error:
            if not has_channels:
                raise
            github, missing = None, error.problems
        if branch := other_branch(root, environment, github):
            return Outcome(quiet=f"only the default branch tells watchers, and this is {branch}")
        quiet = "GitHub is not known" if missing else _NO_ISSUE
        channels, problems = _channels(environment) if has_channels else ([], ())
        with_issues = github if has_issue else None
        done, trouble, due = follow_incident(
            root, last_run, settings, environment, with_issues, channels
        )
        warnings = (*missing, *problems, *([trouble] if trouble else []))
        outcome = Outcome(
            quiet="" if with_issues else quiet, incident=done, warnings=warnings, due=due
        )
        if is_lost:
            return replace(outcome, quiet="the night failed, so nothing new is told")
        store = load_needed_store(root, "announce")
        night = max(store.updated, last_run.night) if last_run else store.updated
        if with_issues:
            told = _tell(root, store, last_run, settings, environment, clock, with_issues)
            warnings = (*outcome.warnings, *told.warnings)
            outcome = replace(told, incident=outcome.incident, warnings=warnings, due=due)
            store = load_needed_store(root, "announce")
        if github is not None and has_release:
            done, trouble = make_release(root, store, settings, environment, github, night)
            warnings = (*outcome.warnings, *([trouble] if trouble else []))
            outcome = replace(outcome, told=(done,) if done else (), warnings=warnings)
            store = load_needed_store(root, "announce")
        if channels:
            news = mark_channels(root, store, channels, settings, environment, night)
            warnings = (*outcome.warnings, *for_no_topic(channels, store))
            outcome = replace(outcome, due=(*due, *news), warnings=warnings)
        return outcome


def _channels(environment: Environment) -> tuple[list[Channel], tuple[str, ...]]:
    """Return the channels, and warnings about lines of NOTIFY_URLS that are none."""
    try:
        channels, problems = open_channels(environment.notify_urls)
    except NoAppriseError as error:
        return [], (str(error),)
    return channels, tuple(f"{problem}; the others are told" for problem in problems)


def _pending(root: Path, settings: Settings, environment: Environment) -> Outcome:
    """Return the issue and the messages that are to be sent, without a request."""
    store = _with_news(root, load_needed_store(root, "announce"), None)
    notice = pending_notice(store, settings, environment) if "issue" in settings.told_by else None
    shown: Iterable[str] = ()
    if "channels" in settings.told_by:
        shown = pending_messages(root, store, settings, environment)
    quiet = "" if "issue" in settings.told_by else _NO_ISSUE
    return Outcome((notice,) if notice else (), quiet=quiet, told=tuple(shown))


def _settings(root: Path, *, is_lost: bool) -> Settings:
    try:
        return load_settings(root)
    except InputError:
        # They may be what broke the night: then watchers hear of it all the same.
        if is_lost:
            return Settings()
        raise


def _tell(
    root: Path,
    store: Store,
    last_run: LastRun | None,
    settings: Settings,
    environment: Environment,
    clock: Clock,
    github: GitHub,
) -> Outcome:
    """Open the issue, and save that it was opened or refused.

    If even the first notice could not be posted until now, the news since then follow it.
    """
    notices: list[Notice] = []
    warnings: tuple[str, ...] = ()
    try:
        since, number = _last_notice(store, github, clock)
        if since != store.notified:
            store = save_store(root, store, replace(store, notified=since, notice=number))
        store = _with_news(root, store, since)
        while notice := _notice(store, store.notified, settings, environment):
            github.ensure_label(LABEL)
            issue = github.open_issue(notice.title, notice.body, [LABEL])
            notices.append(notice)
            number = issue.number or store.notice
            told = replace(store, notified=notice.night, notice=number, refused=None)
            was_refused, store = store.refused, save_store(root, store, told)
            if was_refused:
                _write_readme(root, store)
            if settings.close_notices:
                warnings += _close_others(github, issue)
    except GitHubError as error:
        return replace(_refused(root, store, last_run, error, clock), notices=tuple(notices))
    return Outcome(tuple(notices), warnings=warnings)


def _refused(
    root: Path, store: Store, last_run: LastRun | None, error: GitHubError, clock: Clock
) -> Outcome:
    """Return that the issue was refused, and keep since when, if it is for good."""
    text = f"the notice was not posted: {error} {_PENDING[0].upper()}{_PENDING[1:]}."
    if not error.is_final:
        return Outcome(refused=text, warnings=(text,))
    text += " To tell nobody, set notify = [] in the settings."
    night = max(store.updated, last_run.night) if last_run else store.updated
    first = store.refused
    if first is None:
        failure = Failure(night, str(error.status), str(error))
        save_store(root, store, replace(store, refused=failure))
        _write_readme(root, replace(store, refused=failure))
        return Outcome(refused=text, warnings=(text,))
    is_overdue = max(night, clock.now()) - first.since >= SAME_NIGHT
    return Outcome(refused=text, is_overdue=is_overdue, warnings=() if is_overdue else (text,))


def _write_readme(root: Path, store: Store) -> None:
    """Write the pages of a store whose papers are the same: README.md says who was not told."""
    write_pages(read_project(root), store, (), ())


def _close_others(github: GitHub, issue: Issue) -> tuple[str, ...]:
    """Close the open notices before `issue`; return a warning if GitHub refuses."""
    try:
        for one in github.latest_issues(LABEL):
            if one.is_open and one.number != issue.number and read_marker(one.body):
                github.close_issue(one.number)
    except GitHubError as error:
        return (f"an earlier notice stays open: {error}",)
    return ()


def _with_news(root: Path, store: Store, since: datetime | None) -> Store:
    """Return the store with the papers that a night changed since the last notice."""
    return with_papers(root, store, Wanted(since=since or store.notified or store.created))


def pending_notice(store: Store, settings: Settings, environment: Environment) -> Notice | None:
    """Return the issue for what is new according to the store, without a request to GitHub."""
    return _notice(store, store.notified, settings, environment)


def _notice(
    store: Store, since: datetime | None, settings: Settings, environment: Environment
) -> Notice | None:
    url = environment.repository_url or f"{environment.github_server_url}/OWNER/REPOSITORY"
    return render_notice(View(store, settings), since, url)


def _last_notice(store: Store, github: GitHub, clock: Clock) -> tuple[datetime | None, int]:
    """Return time and number of the last notice, from the store or from the issues' markers.

    Only issues after the one that the store knows tell of notices that it does not know: where a
    clock was wrong, the times of the others may be later. For the same reason a marker of a time
    that has not come yet tells nothing.
    """
    known, number = store.notified, store.notice
    if known is not None and known >= store.updated:
        return known, number
    latest = max(clock.now(), store.updated) + _CLOCKS_DIFFER
    for issue in github.latest_issues(LABEL):
        moment = read_marker(issue.body)
        if moment is not None and moment <= latest and issue.number > store.notice:
            known, number = max(known or moment, moment), max(number, issue.number)
    return (min(known, store.updated) if known else None), number


def _github(environment: Environment, clock: Clock) -> GitHub:
    repository, token = environment.github_repository, environment.github_token
    problems = [
        f"{name}: it is not set; Actions sets it, elsewhere set it yourself or use --dry-run"
        for name, value in (("GITHUB_REPOSITORY", repository), ("GITHUB_TOKEN", token))
        if not value
    ]
    if problems:
        raise InputError(problems)
    return GitHub(environment.github_api_url, repository, token, clock=clock)
