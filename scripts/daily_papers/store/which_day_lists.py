"""Decide which dated pages list the papers of a night: those of which day, for each topic."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from daily_papers.announcement_calendar import announced_at, listing_day, monday_of
from daily_papers.store.entry_types import Day, Entry, Store, TopicState, newest_first
from daily_papers.store.night_history import is_new_on, is_revised_on

RECENT = timedelta(days=14)
"""How long after a day its pages may get another paper, or texts of a language model."""
_PAST = timedelta(days=7)
"""What a new topic lists of the days before its first night."""


def recent_days(store: Store) -> list[Day]:
    """Return the days whose pages a night writes, in whole weeks, oldest first."""
    first = monday_of(listing_day(store.updated) - RECENT)
    return [found for day, found in sorted(store.days.items()) if day >= first]


def days_to_write(before: Store | None, store: Store) -> list[Day]:
    """Return the days whose pages a night writes: the recent ones, and weeks that it changed."""
    known = before.days if before else {}
    recent = {one.day for one in recent_days(store)}
    changed = {day for day, found in store.days.items() if known.get(day) != found}
    weeks = set(map(monday_of, changed | recent))
    return [found for day, found in sorted(store.days.items()) if monday_of(day) in weeks]


def with_names(days: Mapping[date, Day], names: Mapping[str, str]) -> dict[date, Day]:
    """Return days with new names of topics, by the old ones."""

    def named(ids: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {names.get(topic, topic): found for topic, found in ids.items()}

    return {
        day: replace(one, topics=named(one.topics), digests=named(one.digests))
        for day, one in days.items()
    }


def listed_days(
    old: Mapping[date, Day],
    entries: Mapping[str, Entry],
    states: Mapping[str, TopicState],
    before: Mapping[str, TopicState],
    joined: Mapping[str, Sequence[str]],
    night: datetime,
) -> dict[date, Day]:
    """Return the days with the papers of a night.

    `old` are the days before, `states` the topics after the night, `before` those before it;
    `joined` has the papers that each topic got.
    """
    days = dict(old)
    today = listing_day(night)

    def add(day: date, topic: str, arxiv_id: str) -> None:
        known = days.get(day, Day(day))
        ids = {*known.topics.get(topic, ()), arxiv_id}
        rows = newest_first((entries[one] for one in ids), "submitted")
        in_order = {name: known.topics.get(name, ()) for name in (*states, *known.topics)}
        in_order[topic] = tuple(row.paper.arxiv_id for row in rows)
        days[day] = replace(known, topics={name: ids for name, ids in in_order.items() if ids})

    for topic, ids in joined.items():
        for arxiv_id in ids:
            day = _day_of(entries[arxiv_id], before[topic], states[topic], old, night)
            if day is not None and arxiv_id not in days.get(day, Day(day)).topics.get(topic, ()):
                add(day, topic, arxiv_id)
    changed = [entry for entry in entries.values() if not is_new_on(night, entry)]
    known = days.get(today, Day(today))
    with_news = replace(
        known,
        revised=_merged(known.revised, (one for one in changed if is_revised_on(night, one))),
        accepted=_merged(known.accepted, (one for one in changed if one.accepted == night)),
        code=_merged(known.code, (one for one in changed if one.code == night)),
    )
    if with_news != Day(today):
        days[today] = with_news
    return dict(sorted(days.items()))


def _merged(known: Sequence[str], found: Iterable[Entry]) -> tuple[str, ...]:
    return tuple(sorted({*known, *(entry.paper.arxiv_id for entry in found)}))


def _day_of(
    entry: Entry, before: TopicState, after: TopicState, old: Mapping[date, Day], night: datetime
) -> date | None:
    """Return the day whose pages list a paper that a topic got; None if no page does.

    It is today's for a paper that arXiv held back until its own day's pages were past, which get no
    more papers then.
    """
    if entry.is_replacement:
        return None
    today, day = listing_day(night), entry.day
    if before.watermark is None or entry.silent:
        # The past that a topic brings along may begin in the middle of a day.
        known_from = announced_at(after.floor).date() if after.floor else date.min
        return day if day >= today or (day > known_from and day >= today - _PAST) else None
    is_written = day in old and after.name in old[day].topics
    if entry.first_seen != night:
        # Another topic had it before: it is no news of today's.
        return day if day >= today or not (is_written or day < today - RECENT) else None
    is_old = entry.paper.published <= before.watermark and day <= today - RECENT
    return today if day < today and (is_old or is_written) else day
