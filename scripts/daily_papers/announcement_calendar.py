"""When arXiv announces submissions: https://info.arxiv.org/help/availability.html.

Submissions close at 14:00 Eastern on working days and are announced at 20:00 the same day, those of
a Friday on Sunday. On a holiday nothing closes and nothing is announced. If the holiday is a
Friday, nothing is announced on the Sunday after it.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from daily_papers.data import load

EASTERN = ZoneInfo("America/New_York")
CLOSES = time(14)
"""When submissions close, Eastern."""
ANNOUNCED = time(20)
"""When they are announced, Eastern."""

_TABLE = load("holidays")
HOLIDAYS: frozenset[date] = frozenset(_TABLE["days"])
"""The working days on which submissions do not close, as arXiv published them."""
HOLIDAYS_KNOWN_FROM: date = _TABLE["known_from"]
HOLIDAYS_KNOWN_UNTIL: date = _TABLE["known_until"]
"""arXiv publishes its holidays a year at a time; later ones are computed (see `is_known`)."""

_DAY = timedelta(days=1)
_MONDAY, _THURSDAY, _FRIDAY, _SATURDAY, _SUNDAY = 0, 3, 4, 5, 6


def known_until() -> date:
    """Return the last day for which arXiv has published its holidays."""
    return HOLIDAYS_KNOWN_UNTIL


def is_known(day: date) -> bool:
    """Say whether arXiv has published the holidays of that time; if not, they are computed."""
    return HOLIDAYS_KNOWN_FROM <= day <= HOLIDAYS_KNOWN_UNTIL


def is_holiday(day: date) -> bool:
    """Say whether submissions do not close on a working day because it is a holiday."""
    return day in (HOLIDAYS if is_known(day) else _expected_holidays(day.year))


@lru_cache(maxsize=64)
def _expected_holidays(year: int) -> frozenset[date]:
    """Return the holidays that arXiv has had in every year since 2022, on their working days.

    The rest of its winter break is different each year.
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
    """Return when a submission of an aware time is announced, in UTC, unless it is held back."""
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


def submitted_since(now: datetime, announcements: int) -> datetime:
    """Return since when all submissions of the last announcements came in, in UTC.

    `announcements` is how many of them; the last is the one at or before an aware time.
    """
    for _ in range(announcements):
        now = last_announcement(now) - timedelta(seconds=1)
    day = last_announcement(now).astimezone(EASTERN).date()
    closed = day - 2 * _DAY if day.weekday() == _SUNDAY else day
    return datetime.combine(closed, CLOSES, EASTERN).astimezone(UTC)


def listing_day(now: datetime) -> date:
    """Return the date of arXiv's newest listing at an aware time.

    arXiv dates a listing one day after the evening of its announcement, which is the date of the
    announcement in UTC.
    """
    return last_announcement(now).date()


def next_listing(day: date) -> datetime:
    """Return the time of the first announcement after that of a listing's day, in UTC."""
    while not _announced_on(day):
        day += _DAY
    return _announcement(day)


def announcements_between(start: datetime, end: datetime) -> int:
    """Return how many announcements there are after `start` and up to `end`, both aware."""
    count = 0
    while start < end and (moment := last_announcement(end)) > start:
        count += 1
        end = moment - timedelta(seconds=1)
    return count


def monday_of(day: date) -> date:
    """Return the first day of the week of a day."""
    return day - timedelta(days=day.weekday())


def _announcement(day: date) -> datetime:
    return datetime.combine(day, ANNOUNCED, EASTERN).astimezone(UTC)
