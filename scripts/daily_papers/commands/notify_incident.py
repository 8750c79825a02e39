"""Tell watchers of nights that failed, in an issue that the first good night closes."""

from dataclasses import replace
from pathlib import Path

from daily_papers.errors import DailyPapersError
from daily_papers.pages import incident_issue
from daily_papers.pages.news import long_date
from daily_papers.publish.github import GitHub, GitHubError
from daily_papers.read_user_files import load_known_store
from daily_papers.settings import Environment, Settings
from daily_papers.store.entry_types import Store
from daily_papers.store.failed_nights import (
    Incident,
    LastRun,
    read_incident,
    write_incident,
)

_PATIENCE = 2
"""The nights in a row that fail before an issue says so."""


def follow_incident(
    root: Path,
    last_run: LastRun | None,
    settings: Settings,
    environment: Environment,
    github: GitHub,
) -> tuple[str, str]:
    """Open, comment or close the issue about failed nights, after the last run of `update`.

    Return what was done, and a warning if GitHub refused; both may be empty. Without a last run
    nothing is known, and nothing is done.
    """
    known = read_incident(root)
    if last_run is None or (known is None and not last_run.cause):
        return "", ""
    incident = _next(known, last_run)
    done = warning = ""
    try:
        if not last_run.cause:
            if incident.issue:
                github.comment(
                    incident.issue,
                    incident_issue.ended(incident, long_date(last_run.night, settings)),
                )
                github.close_issue(incident.issue)
                done = f"closed the issue about failed nights, {incident.issue}"
        elif incident.issue and incident.has_new_cause:
            github.comment(incident.issue, incident_issue.changed(incident))
            incident = replace(incident, told=incident.cause)
            done = f"commented on the issue about failed nights, {incident.issue}"
        elif incident.nights >= _PATIENCE and not incident.issue:
            number = _opened(incident, _store(root), settings, environment, github)
            incident = replace(incident, issue=number, told=incident.cause)
            done = f"opened an issue about failed nights, {number}"
    except GitHubError as error:
        warning = f"watchers were not told of failed nights: {error}"
    is_over = not last_run.cause and not warning
    write_incident(root, None if is_over else incident)
    return done, warning


def _next(known: Incident | None, run: LastRun) -> Incident:
    if known is None:
        return Incident(run.night, run.night, 1, run.cause, run.topics)
    return known.and_again(run) if run.cause else known


def _opened(
    incident: Incident,
    store: Store | None,
    settings: Settings,
    environment: Environment,
    github: GitHub,
) -> int:
    """Return the number of the issue; an earlier run may have opened it and lost its number."""
    label = incident_issue.LABEL
    mark = incident_issue.marker(incident)
    for one in github.latest_issues(label):
        if one.is_open and mark in one.body:
            return one.number
    github.ensure_label(label)
    text = incident_issue.body(incident, store, settings, environment.repository_url)
    return github.open_issue(incident_issue.title(incident, settings), text, [label]).number


def _store(root: Path) -> Store | None:
    try:
        return load_known_store(root)
    except DailyPapersError:
        # What the issue is about may be the store itself.
        return None
