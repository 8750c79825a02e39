"""What is new since a moment, by topic, and the subject that says so in one line."""

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from daily_papers.announcement_calendar import listing_day
from daily_papers.settings import Settings
from daily_papers.store.entry_types import Entry, Store, newest_first
from daily_papers.store.night_history import is_capped
from daily_papers.text import markdown

MAX_SUBJECT = 256
"""Characters: GitHub's limit for the title of an issue."""
_MOST_NAMED = 8
_LATE_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class TopicNews:
    """What is new about one topic; each paper is in one topic's lists only, its first one's."""

    name: str
    new: tuple[Entry, ...] = ()
    revised: tuple[Entry, ...] = ()
    elsewhere: int = 0
    """How many more papers of this topic earlier topics have."""


@dataclass(frozen=True, slots=True)
class News:
    """What is new, each list newest first."""

    topics: tuple[TopicNews, ...] = ()
    """The topics with news, in the order of keywords.txt."""
    accepted: tuple[Entry, ...] = ()
    """Papers that were known before and have a venue now."""
    code: tuple[Entry, ...] = ()
    """Papers that were known before and have a link to code now."""

    def __bool__(self) -> bool:
        return bool(self.topics or self.accepted or self.code)

    @property
    def new(self) -> int:
        """How many papers are new."""
        return sum(len(one.new) for one in self.topics)

    @property
    def revised(self) -> int:
        """How many papers are revised only."""
        return sum(len(one.revised) for one in self.topics)

    def entries(self) -> Iterator[Entry]:
        """Yield every paper, once."""
        for one in self.topics:
            yield from (*one.new, *one.revised)
        yield from (*self.accepted, *self.code)


def news_since(store: Store, since: datetime | None) -> News:
    """Return what is new after `since` (None: ever), of the topics that there are now."""
    entries = [
        entry
        for entry in newest_first(store.entries.values(), store.sort)
        if not store.topics.keys().isdisjoint(entry.topics)
    ]
    accepted = tuple(one for one in entries if one.is_accepted_since(since))
    code = tuple(
        one
        for one in entries
        if one.has_code_since(since) and one.paper.code_links and not one.is_accepted_since(since)
    )
    apart = {one.paper.arxiv_id for one in (*accepted, *code)}
    rest = [one for one in entries if one.paper.arxiv_id not in apart]
    listed: set[str] = set()
    topics = []
    for name in store.topics:
        found = [one for one in rest if name in one.topics and one.is_news_since(since)]
        own = [one for one in found if one.paper.arxiv_id not in listed]
        listed.update(one.paper.arxiv_id for one in own)
        if found:
            new = tuple(one for one in own if one.is_new_since(since))
            revised = tuple(one for one in own if not one.is_new_since(since))
            topics.append(TopicNews(name, new, revised, len(found) - len(own)))
    return News(tuple(topics), accepted, code)


def subject(news: News, store: Store, settings: Settings) -> str:
    """Return one line of plain text such as `12 new: RAG 4, LLM agents 3, 3DGS 2 …`.

    It has at most MAX_SUBJECT characters; if not even one topic fits, it is the date.
    """
    new = {one.name: len(one.new) for one in news.topics}
    revised = {one.name: len(one.revised) for one in news.topics}
    kinds = {
        "new": new,
        "revised": revised,
        "accepted": _by_topic(news.accepted, store),
        "with new code": _by_topic(news.code, store),
    }
    what, counts = next((kind, found) for kind, found in kinds.items() if any(found.values()))
    largest_first = sorted(filter(counts.get, counts), key=lambda name: -counts[name])
    line = named(f"{sum(counts.values()):,} {what}: ", [
        f"{markdown.plain_label(name)} {counts[name]:,}" for name in largest_first
    ])  # fmt: skip
    return line or f"Papers of {long_date(store.updated, settings)}"


def named(start: str, names: list[str]) -> str:
    """Return `start` and as many names as fit into a subject, at most eight; empty if none does."""
    line = ""
    for count in range(1, min(len(names), _MOST_NAMED) + 1):
        rest = " …" if count < len(names) else ""
        longer = f"{start}{', '.join(names[:count])}{rest}"
        if len(longer) > MAX_SUBJECT:
            break
        line = longer
    return line


def _by_topic(entries: tuple[Entry, ...], store: Store) -> Mapping[str, int]:
    """Return how many of the papers each topic has, each under its first topic."""
    counts = dict.fromkeys(store.topics, 0)
    for entry in entries:
        counts[next(name for name in store.topics if name in entry.topics)] += 1
    return counts


def remarks(
    news: News, store: Store, since: datetime, settings: Settings, *, nightly: bool = True
) -> list[str]:
    """Return what a reader must know of the time since the last notice: a gap, a limit reached.

    If not `nightly`, many nights are no gap.
    """
    found = []
    nights = {one.first_seen for topic in news.topics for one in topic.new}
    days = sorted({one.day for topic in news.topics for one in topic.new})
    if nightly and len(nights) > 1:
        found.append(
            f"These are the papers of {len(nights)} nights: after "
            f"{long_date(since, settings)}, no notice was posted until today."
        )
    elif nightly and _is_late(news, listing_day(store.updated)):
        first, last = long_day(days[0]), long_day(days[-1])
        several = f"{len(days)} of arXiv's announcements, from {first} to {last}"
        of = several if len(days) > 1 else f"arXiv's announcement of {first}"
        found.append(f"After a gap: these papers are of {of}.")
    capped = (
        row
        for row in store.ledger
        if row.night > since and is_capped(row) and row.topic in store.topics
    )
    return [*found, *(f"{row.topic}: this night {row.reason}." for row in capped)]


def _is_late(news: News, today: date) -> bool:
    """Whether so many papers are of earlier announcements that nights must have been missed.

    A few always are: moderation holds them back.
    """
    days = [one.day for topic in news.topics for one in topic.new]
    return sum(day < today for day in days) > len(days) * _LATE_SHARE


def long_date(moment: datetime, settings: Settings) -> str:
    """Return a local date such as `November 20, 2026`, in English on every machine."""
    return long_day(moment.astimezone(settings.timezone).date())


def long_day(day: date) -> str:
    """Return a date such as `November 20, 2026`, in English on every machine."""
    return f"{calendar.month_name[day.month]} {day.day}, {day.year}"
