from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.announcement_calendar import (
    HOLIDAYS,
    HOLIDAYS_KNOWN_FROM,
    announced_at,
    announcements_between,
    is_holiday,
    is_known,
    known_until,
    last_announcement,
    submitted_since,
)

EASTERN = ZoneInfo("America/New_York")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001


def eastern(text: str) -> datetime:
    """Read an Eastern time."""
    return datetime.fromisoformat(text).replace(tzinfo=EASTERN)


@pytest.mark.parametrize(
    ("submitted", "announced"),
    [
        ("2026-11-17T13:59:59", "2026-11-17T20:00"),  # Tuesday
        ("2026-11-17T14:00:00", "2026-11-18T20:00"),
        ("2026-11-18T23:59:00", "2026-11-19T20:00"),
        ("2026-11-19T14:00:00", "2026-11-22T20:00"),  # Thursday afternoon: Sunday
        ("2026-11-20T13:59:59", "2026-11-22T20:00"),
        ("2026-11-20T14:00:00", "2026-11-23T20:00"),  # Friday afternoon: Monday
        ("2026-11-21T09:00:00", "2026-11-23T20:00"),
        ("2026-11-22T19:00:00", "2026-11-23T20:00"),
        ("2026-11-25T14:00:00", "2026-11-29T20:00"),  # Thanksgiving's eve: Friday closes for Sunday
        ("2026-06-18T14:00:00", "2026-06-22T20:00"),  # Juneteenth is a Friday: no Sunday
        ("2026-12-24T14:00:00", "2026-12-28T20:00"),  # Christmas too
        ("2026-12-28T15:00:00", "2026-12-30T20:00"),  # the Tuesday of the winter break
        ("2025-07-03T15:00:00", "2025-07-07T20:00"),
    ],
)
def test_when_a_submission_is_announced(submitted: str, announced: str) -> None:
    """A submission is announced after the next close of a working day; Friday's on Sunday."""
    moment = announced_at(eastern(submitted))
    assert moment == eastern(announced)
    assert moment.tzinfo is UTC


def test_the_hours_follow_daylight_saving() -> None:
    """20:00 Eastern is 00:00 UTC in summer and 01:00 UTC in winter, exact on the Sunday between."""
    friday = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)
    assert announced_at(friday) == datetime(2026, 11, 2, 1, tzinfo=UTC)
    assert announced_at(friday - timedelta(days=7)) == datetime(2026, 10, 26, 0, tzinfo=UTC)
    assert announced_at(datetime(2026, 3, 6, 18, tzinfo=UTC)) == datetime(2026, 3, 9, 0, tzinfo=UTC)
    assert announced_at(datetime(2026, 11, 2, 18, 59, tzinfo=UTC)).day == 3
    assert announced_at(datetime(2026, 11, 2, 19, 0, tzinfo=UTC)).day == 4


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-11-17T19:59:59", "2026-11-16T20:00"),
        ("2026-11-17T20:00:00", "2026-11-17T20:00"),
        ("2026-11-21T12:00:00", "2026-11-19T20:00"),  # Saturday
        ("2026-11-22T20:00:00", "2026-11-22T20:00"),
        ("2026-06-22T19:00:00", "2026-06-18T20:00"),  # no Sunday after a Friday's holiday
        ("2026-01-02T12:00:00", "2025-12-31T20:00"),
    ],
)
def test_the_last_announcement(now: str, last: str) -> None:
    """The last announcement is the newest one at or before now."""
    assert last_announcement(eastern(now)) == eastern(last)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-11-16T12:00", "2026-11-23T12:00", 5),
        ("2026-11-17T20:00", "2026-11-18T20:00", 1),  # after the start, up to the end
        ("2026-11-17T19:59", "2026-11-17T20:00", 1),
        ("2026-11-20T12:00", "2026-11-21T12:00", 0),
        ("2026-11-26T12:00", "2026-11-27T12:00", 0),  # Thanksgiving
        ("2026-11-18T12:00", "2026-11-17T12:00", 0),
        ("2026-01-01T00:00", "2027-01-01T00:00", 252),
    ],
)
def test_announcements_between(start: str, end: str, count: int) -> None:
    """Announcements are counted after the start and up to the end."""
    assert announcements_between(eastern(start), eastern(end)) == count


def test_the_list_of_holidays_is_of_days_that_close() -> None:
    """No holiday of the table is on a weekend, and each is within the years of the table."""
    assert all(day.weekday() < 5 and is_known(day) for day in HOLIDAYS)
    assert all(is_holiday(day) for day in HOLIDAYS)


def test_what_is_known() -> None:
    """The holidays are known from the first to the last day of the table."""
    assert not is_known(HOLIDAYS_KNOWN_FROM - timedelta(days=1))
    assert is_known(HOLIDAYS_KNOWN_FROM)
    assert is_known(known_until())
    assert not is_known(known_until() + timedelta(days=1))


def test_a_year_that_is_not_known_has_the_holidays_of_every_year() -> None:
    """After the table ends, only the holidays that arXiv has every year are expected."""
    days = (date(2027, 1, 1) + timedelta(days=number) for number in range(365))
    assert [f"{day:%m-%d}" for day in days if is_holiday(day)] == [
        *("01-01", "01-18", "06-18", "07-05", "09-06", "11-25", "12-24")
    ]


@given(MOMENTS)
def test_an_announcement_follows_its_close(submitted: datetime) -> None:
    """Each submission is announced at 20:00 Eastern, six hours to a week later."""
    announced = announced_at(submitted)
    assert last_announcement(announced) == announced
    assert timedelta(hours=6) <= announced - submitted < timedelta(days=7)
    assert announced.astimezone(EASTERN).hour == 20


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=90)), st.floats(0, 1))
def test_counts_add_up(start: datetime, length: timedelta, part: float) -> None:
    """The announcements before and after a moment within a period add up to those of the period."""
    middle, end = start + length * part, start + length
    whole = announcements_between(start, end)
    assert whole == announcements_between(start, middle) + announcements_between(middle, end)


@pytest.mark.parametrize(
    ("now", "announcements", "since"),
    [
        # A Friday in November: Thursday, Wednesday and Tuesday evening; Monday's closed at 14:00.
        ("2026-11-20T04:17", 3, "2026-11-16T19:00"),
        ("2026-11-20T04:17", 1, "2026-11-18T19:00"),
        # A Monday: what was announced on Sunday evening was submitted since Thursday's close.
        ("2026-11-23T04:17", 1, "2026-11-19T19:00"),
        ("2026-11-24T04:17", 1, "2026-11-20T19:00"),
    ],
)
def test_since_when_the_last_announcements_were_submitted(
    now: str, announcements: int, since: str
) -> None:
    """It is the close before the first of them, and no paper announced in them is older."""
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert submitted_since(moment, announcements) == datetime.fromisoformat(since).replace(
        tzinfo=UTC
    )
