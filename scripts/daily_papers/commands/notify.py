"""Telling the people who watch the repository what is new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.files import locked, write_lines
from daily_papers.inputs import load_known_store
from daily_papers.pages.issue import (
    LABEL,
    Notice,
    read_marker,
    render_notice,
)
from daily_papers.publish.github import GitHub, GitHubError
from daily_papers.settings import Environment, Settings, load_settings
from daily_papers.store.records import STORE, Store, dump_store

_WAIT = 60.0


def notify(
    root: Path,
    environment: Environment,
    clock: Clock,
    warn: Callable[[str], None],
    *,
    dry_run: bool = False,
) -> Notice | None:
    """Open the issue for what came since the last notice; return it, or None if none was opened.

    A paper counts as told only once the issue exists: the store notes it, and so does a marker in
    the issue, which later runs find even if the store could not be pushed. What GitHub refuses is
    a warning; the papers go out with the next night's notice. Raises InputError when GitHub's
    address, repository or token is not given, and StoreError.
    """
    settings = load_settings(root)
    with locked(root, clock, _WAIT):
        store = load_known_store(root)
        if store is None:
            raise DailyPapersError(
                f"{STORE}: there is nothing to tell yet; run daily-papers update first"
            )
        if dry_run:
            return preview(store, settings, environment)
        github = _github(environment)
        try:
            told = _told(store, github)
            notice = _notice(store, told, settings, environment)
            if notice is not None:
                github.ensure_label(LABEL)
                github.open_issue(notice.title, notice.body, [LABEL])
        except GitHubError as error:
            warn(f"the notice was not posted: {error}")
            return None
        if notice is not None or told != store.notified:
            known = replace(store, notified=store.updated if notice else told)
            write_lines(root / STORE, dump_store(known))
        return notice


def preview(store: Store, settings: Settings, environment: Environment) -> Notice | None:
    """Return the issue that the store alone calls for, without asking GitHub."""
    return _notice(store, store.notified, settings, environment)


def _notice(
    store: Store, since: datetime | None, settings: Settings, environment: Environment
) -> Notice | None:
    url = environment.repository_url or f"{environment.github_server_url}/OWNER/REPOSITORY"
    return render_notice(store, since, settings, url)


def _told(store: Store, github: GitHub) -> datetime | None:
    """Return up to when watchers know what was found, by the store or by the issues themselves."""
    if store.notified is not None and store.notified >= store.updated:
        return store.notified
    moments = [read_marker(body) for body in github.latest_notice_bodies(LABEL)]
    known = [moment for moment in (store.notified, *moments) if moment is not None]
    return min(max(known), store.updated) if known else None


def _github(environment: Environment) -> GitHub:
    missing = [
        name
        for name, value in (
            ("GITHUB_REPOSITORY", environment.github_repository),
            ("GITHUB_TOKEN", environment.github_token),
        )
        if not value
    ]
    if missing:
        raise InputError(
            f"{name}: it is not set; Actions sets it, elsewhere set it yourself or use --dry-run"
            for name in missing
        )
    return GitHub(
        environment.github_api_url, environment.github_repository, environment.github_token
    )
