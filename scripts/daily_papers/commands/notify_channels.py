"""Tell the addresses in NOTIFY_URLS what is new, each paper once.

No service says later what it was told. So a channel is marked as told first; its message is sent
once the mark is saved and pushed; and if it is not accepted, the mark is taken back.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from daily_papers.announcement_calendar import listing_day
from daily_papers.pages.chat_message import Message, render_first, render_message
from daily_papers.pages.news import news_since, remarks
from daily_papers.pages.pieces import View, page_name
from daily_papers.publish.channels import Channel, NoAppriseError, open_channels
from daily_papers.read_user_files import load_needed_store
from daily_papers.settings import Environment, Settings
from daily_papers.store.entry_types import Store
from daily_papers.store.failed_nights import read_incident, write_incident
from daily_papers.store.files_by_month import Wanted
from daily_papers.store.store_file import save_store, with_papers


@dataclass(frozen=True, slots=True)
class Due:
    """A message, and the channel that is marked to have got it."""

    channel: Channel
    message: Message
    is_news: bool = True
    """Whether it tells of papers, and not of nights that failed."""
    since: datetime | None = None
    """The last night that the channel was told of before."""


def mark_channels(
    root: Path,
    store: Store,
    channels: Sequence[Channel],
    settings: Settings,
    environment: Environment,
    night: datetime,
) -> tuple[Due, ...]:
    """Save that each channel was told what is new; return the messages that do so.

    `night` is the time of the last run.
    """
    due, marks = [], dict(store.channels)
    for channel in channels:
        since = marks.get(channel.key, _before(store))
        if _is_due(since, night, settings):
            found = with_papers(root, store, Wanted(since=since or store.created))
            message = message_for(
                found, since, settings, environment, topics=channel.topics, fits=channel.fits
            )
            if message is not None:
                due.append(Due(channel, message, since=since))
            since = store.updated
        if since is not None:
            marks[channel.key] = since
    if marks != store.channels:
        save_store(root, store, replace(store, channels=marks))
    return tuple(due)


def send(one: Due) -> str:
    """Send a message; return a warning if it was not accepted, or nothing."""
    why = one.channel.send(one.message.subject, one.message.body)
    again = ". It is told another night" if one.is_news else ""
    return f"{one.channel.name} was not told: {why}{again}" if why else ""


def take_back(root: Path, failed: Sequence[Due]) -> None:
    """Save that these channels were not told: another night tells them what they missed."""
    incident = read_incident(root)
    if incident is not None:
        keys = {one.channel.key for one in failed if not one.is_news}
        told = tuple(key for key in incident.channels if key not in keys)
        write_incident(root, replace(incident, channels=told))
    before = {one.channel.key: one.since for one in failed if one.is_news}
    if before:
        store = load_needed_store(root, "announce")
        marks = {**store.channels, **before}
        kept = {key: since for key, since in marks.items() if since is not None}
        save_store(root, store, replace(store, channels=kept))


def pending_messages(
    root: Path, store: Store, settings: Settings, environment: Environment
) -> Iterator[str]:
    """Yield the message of each channel as text, without sending any.

    Where no channel can be known, it is the longest that there is.
    """
    channels: list[Channel] = []
    problems = ["NOTIFY_URLS is not set; this is what an address would be told"]
    if environment.notify_urls:
        try:
            channels, problems = open_channels(environment.notify_urls)
        except NoAppriseError as error:
            problems = [f"{error}. Only then are the addresses, and how much each takes, known"]
    yield from (*problems, *for_no_topic(channels, store))
    limits: list[tuple[str, datetime | None, frozenset[str], Callable[[str, str], bool]]] = [
        (one.name, store.channels.get(one.key, _before(store)), one.topics, one.fits)
        for one in channels
    ]
    anybody = ("any address in NOTIFY_URLS", _before(store), frozenset[str](), lambda *_: True)
    for name, since, topics, fits in limits or [anybody]:
        found = with_papers(root, store, Wanted(since=since or store.created))
        message = message_for(found, since, settings, environment, topics=topics, fits=fits)
        text = f"{message.subject}\n\n{message.body}" if message else "nothing new"
        yield f"To {name}:\n\n{text}\n"


def for_no_topic(channels: Sequence[Channel], store: Store) -> list[str]:
    """Return a warning for each channel that is for topics of which there is none."""
    known = {page_name(name) for name in store.topics}
    return [
        f"{one.name}: it is for some topics, and keywords.txt has none of them"
        for one in channels
        if one.topics and not one.topics & known
    ]


def message_for(
    store: Store,
    since: datetime | None,
    settings: Settings,
    environment: Environment,
    *,
    topics: frozenset[str],
    fits: Callable[[str, str], bool],
) -> Message | None:
    """Return what is told after `since` (None: it is the first night) of topics, if anything."""
    names = [name for name in store.topics if not topics or page_name(name) in topics]
    view = View(replace(store, topics={name: store.topics[name] for name in names}), settings)
    url = environment.repository_url or f"{environment.github_server_url}/OWNER/REPOSITORY"
    if not names:
        return None
    if since is None:
        return render_first(view, url)
    news = news_since(view.store, since)
    if not news:
        return None
    is_daily = settings.channels == "daily"
    found = remarks(news, view.store, since, settings, nightly=is_daily)
    return render_message(news, view, found, url, fits)


def _before(store: Store) -> datetime | None:
    """Return since when a new channel is told: the last night's news; None on a first night."""
    return None if store.updated == store.created else store.updated - timedelta(seconds=1)


def _is_due(since: datetime | None, night: datetime, settings: Settings) -> bool:
    """Whether a channel is told tonight; with "weekly", on the first night of a week only."""
    if settings.channels == "daily" or since is None:
        return True
    days = (listing_day(since), listing_day(night))
    return len({day - timedelta(days=day.weekday()) for day in days}) > 1
