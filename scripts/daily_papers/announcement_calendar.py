"""arXiv's announcement calendar: https://info.arxiv.org/help/availability.html.

Submissions close at 14:00 Eastern on working days and are announced at 20:00 the same day, those of
a Friday on Sunday. On a holiday nothing closes and nothing is announced; if it is a Friday, nothing
is announced on the Sunday after it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
CLOSES = time(14)
"""When submissions close, Eastern."""
ANNOUNCED = time(20)
"""When they are announced, Eastern."""

_HOLIDAYS = """
2020-01-01 2020-01-20 2020-06-09 2020-11-26 2020-12-25 2020-12-29 2020-12-30
2021-01-01 2021-10-20 2021-11-25 2021-12-24 2021-12-28 2021-12-30
2022-01-17 2022-06-20 2022-09-05 2022-11-24 2022-12-27 2022-12-29
2023-01-16 2023-06-14 2023-06-19 2023-07-04 2023-08-17 2023-09-04 2023-11-23 2023-12-25 2023-12-27
2024-01-15 2024-05-22 2024-06-19 2024-07-04 2024-09-02 2024-10-08 2024-11-28 2024-12-25 2024-12-26
2024-12-31
2025-01-01 2025-01-20 2025-06-19 2025-07-04 2025-09-01 2025-11-27 2025-12-25 2025-12-30
2026-01-01 2026-01-19 2026-06-19 2026-07-03 2026-09-07 2026-11-26 2026-12-25 2026-12-29 2026-12-31
"""
HOLIDAYS = frozenset(map(date.fromisoformat, _HOLIDAYS.split()))
"""The days on which arXiv closes nothing, as it published them."""
HOLIDAYS_KNOWN_FROM = date(2020, 1, 1)
HOLIDAYS_KNOWN_UNTIL = date(2026, 12, 31)
"""The last day for which arXiv has published its holidays. It does so a year at a time; until then
those are taken that it keeps every year (`is_known` tells which)."""

_DAY = timedelta(days=1)
_MONDAY, _THURSDAY, _FRIDAY, _SATURDAY, _SUNDAY = 0, 3, 4, 5, 6


def known_until() -> date:
    """Return the last day for which the holidays are arXiv's own list."""
    return HOLIDAYS_KNOWN_UNTIL


def is_known(day: date) -> bool:
    """Say whether the holidays of a day's year are arXiv's own list, not an expectation."""
    return HOLIDAYS_KNOWN_FROM <= day <= HOLIDAYS_KNOWN_UNTIL


def is_holiday(day: date) -> bool:
    """Say whether arXiv takes no submissions to an announcement on a day for being a holiday."""
    return day in (HOLIDAYS if is_known(day) else _expected_holidays(day.year))


@lru_cache(maxsize=64)
def _expected_holidays(year: int) -> frozenset[date]:
    """Return the holidays that arXiv has kept in every year since 2022, on their working days.

    The rest of its winter break differs each year and cannot be foretold.
    """
    fixed = (date(year, 6, 19), date(year, 7, 4), date(year, 12, 25))
    shift = {_SATURDAY: -_DAY, _SUNDAY: _DAY}
    return frozenset(
        {
            date(year, 1, 1),
            _nth(year, 1, _MONDAY, 3),  # Martin Luther King Jr. Day
            _nth(year, 9, _MONDAY, 1),  # Labor Day
            _nth(year, 11, _THURSDAY, 4),  # Thanksgiving
            *(day + shift.get(day.weekday(), timedelta(0)) for day in fixed),
        }
    )


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _closes_on(day: date) -> bool:
    return day.weekday() <= _FRIDAY and not is_holiday(day)


def _announced_on(day: date) -> bool:
    if day.weekday() == _SUNDAY:
        return _closes_on(day - 2 * _DAY)
    return day.weekday() <= _THURSDAY and not is_holiday(day)


def announced_at(submitted: datetime) -> datetime:
    """Return when a submission of an aware time is announced, in UTC, if nothing delays it."""
    local = submitted.astimezone(EASTERN)
    day = local.date() if local.time() < CLOSES else local.date() + _DAY
    while not _closes_on(day):
        day += _DAY
    return _announcement(day + 2 * _DAY if day.weekday() == _FRIDAY else day)


def last_announcement(now: datetime) -> datetime:
    """Return the time of the last announcement at or before an aware time, in UTC."""
    day = now.astimezone(EASTERN).date()
    while not _announced_on(day) or _announcement(day) > now:
        day -= _DAY
    return _announcement(day)


def listing_day(now: datetime) -> date:
    """Return the date of the listing that is arXiv's newest at an aware time.

    arXiv dates a listing with the day after the evening of its announcement, which is the date of
    that moment in UTC.
    """
    return last_announcement(now).date()


def announcements_between(start: datetime, end: datetime) -> int:
    """Return how many announcements there are after `start` and up to `end`, both aware."""
    count = 0
    while start < end and (moment := last_announcement(end)) > start:
        count += 1
        end = moment - timedelta(seconds=1)
    return count


def _announcement(day: date) -> datetime:
    return datetime.combine(day, ANNOUNCED, EASTERN).astimezone(UTC)
