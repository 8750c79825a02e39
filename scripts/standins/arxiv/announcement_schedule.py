"""Compute arXiv's announcement schedule, without holidays.

https://info.arxiv.org/help/availability.html
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
_CLOSES = time(14)
_ANNOUNCED = time(20)
_DAY = timedelta(days=1)
_MONDAY, _FRIDAY, _SATURDAY = 0, 4, 5


def announced(submitted: datetime) -> datetime:
    """Return when a version submitted at a time is announced.

    Submissions close at 14:00 Eastern from Monday to Friday and are announced at 20:00 the same
    day; Friday's on Sunday.
    """
    local = submitted.astimezone(EASTERN)
    day = local.date() if local.time() < _CLOSES else local.date() + _DAY
    while day.weekday() >= _SATURDAY:
        day += _DAY
    if day.weekday() == _FRIDAY:
        day += 2 * _DAY
    return _eastern(day, _ANNOUNCED)


def mailing_day(now: datetime) -> date:
    """Return the date of the announcement feed at `now`; it changes at midnight Eastern."""
    return now.astimezone(EASTERN).date()


def submissions_of(day: date) -> tuple[datetime, datetime] | None:
    """Return the first submission time in the feed of a day, and the end (exclusive).

    None on Saturday and Sunday, when the feed is empty.
    """
    if day.weekday() >= _SATURDAY:
        return None
    # A feed shows the announcement of the evening before; Monday's shows Friday's submissions.
    close = day - (3 * _DAY if day.weekday() == _MONDAY else _DAY)
    before = close - (3 * _DAY if close.weekday() == _MONDAY else _DAY)
    return _eastern(before, _CLOSES), _eastern(close, _CLOSES)


def midnight(day: date) -> datetime:
    """Return the beginning of a day in Eastern time."""
    return datetime.combine(day, time(), EASTERN)


def _eastern(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, EASTERN).astimezone(UTC)
