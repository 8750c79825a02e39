"""Tell watchers of nights that failed, in an issue that the first good night closes, and chats."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from daily_papers.commands.notify_channels import Due
from daily_papers.errors import DailyPapersError
from daily_papers.pages import chat_message, incident_issue
from daily_papers.pages.news import long_date
from daily_papers.pages.pieces import page_name
from daily_papers.publish.channels import Channel
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
"""The nights in a row that fail before anybody is told."""


def follow_incident(
    root: Path,
    last_run: LastRun | None,
    settings: Settings,
    environment: Environment,
    github: GitHub | None,
    channels: Sequence[Channel],
) -> tuple[str, str, tuple[Due, ...]]:
    """Open, comment or close the issue about failed nights, after the last run of `update`.

    Return what was done, a warning if GitHub refused, and what channels are to be told: that nights
    fail, and that they do no more. All may be empty. Without a last run nothing is known, and
    nothing is done.
    """
    known = read_incident(root)
    is_told = github is not None or channels
    if last_run is None or not is_told or (known is None and not last_run.cause):
        return "", "", ()
    incident = _next(known, last_run)
    done = warning = ""
    try:
        if github is not None:
            done, incident = _with_issue(incident, last_run, root, settings, environment, github)
    except GitHubError as error:
        warning = f"watchers were not told of failed nights: {error}"
    told = incident.channels
    if not last_run.cause:
        message = chat_message.render_end(incident, environment.repository_url)
        heard = [one for one in channels if one.key in told]
        told = ()
    else:
        message = chat_message.render_incident(incident, settings, environment.repository_url)
        heard = [one for one in channels if one.key not in told and _concerns(incident, one)]
        told += tuple(one.key for one in heard)
    is_over = not last_run.cause and not warning
    write_incident(root, None if is_over else replace(incident, channels=told))
    return done, warning, tuple(Due(one, message, is_news=False) for one in heard)


def _with_issue(
    incident: Incident,
    last_run: LastRun,
    root: Path,
    settings: Settings,
    environment: Environment,
    github: GitHub,
) -> tuple[str, Incident]:
    """Return what was done about the issue, and the incident after that. Raises GitHubError."""
    done = ""
    if not last_run.cause:
        if incident.issue:
            night = long_date(last_run.night, settings)
            github.comment(incident.issue, incident_issue.ended(incident, night))
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
    return done, incident


def _concerns(incident: Incident, channel: Channel) -> bool:
    """Whether a channel is to hear of an incident: if it lasts, and is about its topics."""
    names = {page_name(name) for name in incident.topics}
    return incident.nights >= _PATIENCE and not (
        names and channel.topics and names.isdisjoint(channel.topics)
    )


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
