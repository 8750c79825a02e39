"""Compute arXiv's announcement schedule, without holidays.

https://info.arxiv.org/help/availability.html
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
_CLOSES = time(14)
_ANNOUNCED = time(20)
_DAY = timedelta(days=1)
_FRIDAY, _SATURDAY = 4, 5


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


def _eastern(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, EASTERN).astimezone(UTC)
