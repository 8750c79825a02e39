"""Tell the addresses in NOTIFY_URLS what is new, each paper once."""

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from daily_papers.announcement_calendar import listing_day
from daily_papers.pages.chat_message import Message, render_first, render_message
from daily_papers.pages.news import news_since, remarks
from daily_papers.pages.pieces import View, page_name
from daily_papers.publish.channels import Channel, NoAppriseError, open_channels
from daily_papers.settings import Environment, Settings
from daily_papers.store.entry_types import Store
from daily_papers.store.files_by_month import Wanted
from daily_papers.store.store_file import save_store, with_papers

Sent = MutableMapping[str, datetime]
"""The last night that a channel was told of in this run, by its key."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was sent."""

    done: tuple[str, ...] = ()
    """A line for each channel that got something."""
    warnings: tuple[str, ...] = ()


def tell_channels(
    root: Path, store: Store, settings: Settings, environment: Environment, night: datetime,
    sent: Sent,
) -> Told:  # fmt: skip
    """Send each channel what is new since it was told last, and save what it was told.

    `night` is the time of the last run; `sent` keeps what a repeated run must not send again. One
    that fails costs nothing but its own message, and gets it another night.
    """
    try:
        channels, problems = open_channels(environment.notify_urls)
    except NoAppriseError as error:
        return Told(warnings=(str(error),))
    done, warnings = [], [f"{problem}; the others are told" for problem in problems]
    for channel in channels:
        since = max(filter(None, (store.channels.get(channel.key), sent.get(channel.key))),
                    default=_before(store))  # fmt: skip
        outcome = ""
        if _is_due(since, night, settings):
            found = with_papers(root, store, Wanted(since=since or store.created))
            message = message_for(channel, found, since, settings, environment)
            if message is not None:
                why = channel.send(message.subject, message.body)
                if why:
                    warnings.append(f"{channel.name} was not told: {why}. It is told another night")
                else:
                    done.append(f"told {channel.name}: {message.subject}")
                outcome = why
            if not outcome:
                since = sent[channel.key] = store.updated
        if since is not None:
            store = _with(root, store, channel.key, since)
    return Told(tuple(done), tuple(warnings))


def pending_messages(
    root: Path, store: Store, settings: Settings, environment: Environment
) -> tuple[str, ...]:
    """Return the message of each channel as text, without sending any."""
    channels, problems = open_channels(environment.notify_urls)
    texts = list(problems)
    for channel in channels:
        since = store.channels.get(channel.key, _before(store))
        found = with_papers(root, store, Wanted(since=since or store.created))
        message = message_for(channel, found, since, settings, environment)
        text = f"{message.subject}\n\n{message.body}" if message else "nothing new"
        texts.append(f"To {channel.name}:\n\n{text}\n")
    return tuple(texts)


def message_for(
    channel: Channel,
    store: Store,
    since: datetime | None,
    settings: Settings,
    environment: Environment,
) -> Message | None:
    """Return what a channel is told after `since` (None: it is the first night), if anything."""
    names = [name for name in store.topics if not channel.tags or page_name(name) in channel.tags]
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
    return render_message(news, view, found, url, channel.fits)


def _before(store: Store) -> datetime | None:
    """Return since when a new channel is told: the last night's news; None on a first night."""
    return None if store.updated == store.created else store.updated - timedelta(seconds=1)


def _is_due(since: datetime | None, night: datetime, settings: Settings) -> bool:
    """Whether a channel is told tonight; with "weekly", on the first night of a week only."""
    if settings.channels == "daily" or since is None:
        return True
    days = (listing_day(since), listing_day(night))
    return len({day - timedelta(days=day.weekday()) for day in days}) > 1


def _with(root: Path, store: Store, key: str, since: datetime) -> Store:
    if store.channels.get(key) == since:
        return store
    told = replace(store, channels={**store.channels, key: since})
    return save_store(root, store, told)
