import random

import pytest

from conftest import VirtualClock
from daily_papers.backoff import Attempts, retry_after


def test_pauses_grow(clock: VirtualClock) -> None:
    """Each pause is `factor` times the one before, and there is none after the last attempt."""
    assert list(Attempts(clock, 4, 2.0, factor=3.0)) == [1, 2, 3, 4]
    assert clock.sleeps == [2.0, 6.0, 18.0]


def test_leaving_the_loop_ends_the_attempts(clock: VirtualClock) -> None:
    """An attempt that succeeds is followed by no pause."""
    for number in Attempts(clock, 4, 2.0):
        if number == 2:
            break
    assert clock.sleeps == [2.0]


def test_jitter_shortens_a_pause_by_half_at_most(clock: VirtualClock) -> None:
    """With a random number generator, pauses are between half and the whole of their length."""
    for _ in range(50):
        list(Attempts(clock, 2, 4.0, rng=random.Random(len(clock.sleeps))))
    assert 2.0 <= min(clock.sleeps) < 2.5
    assert 3.5 < max(clock.sleeps) <= 4.0


def test_a_server_can_ask_for_one_longer_pause(clock: VirtualClock) -> None:
    """A Retry-After counts for the next attempt only, and never shortens a pause."""
    attempts = Attempts(clock, 4, 2.0, factor=2.0)
    for number in attempts:
        attempts.retry_after = {1: 40.0, 2: 1.0}.get(number, 0.0)
    assert clock.sleeps == [40.0, 4.0, 8.0]


def test_no_pause_passes_the_deadline(clock: VirtualClock) -> None:
    """The attempts end at once if the next one would start after the deadline."""
    attempts = Attempts(clock, 4, 2.0, factor=3.0, deadline=8.0)
    assert list(attempts) == [1, 2]
    assert attempts.out_of_time
    assert clock.elapsed == 2.0
    enough = Attempts(clock, 2, 2.0, deadline=8.0)
    assert list(enough) == [1, 2]
    assert not enough.out_of_time


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("90", 90.0),
        (" 1.5 ", 1.5),
        ("Fri, 20 Nov 2026 04:19:00 GMT", 120.0),
        ("Friday, 20-Nov-26 04:19:00 GMT", 120.0),
        ("Fri Nov 20 04:19:00 2026", 120.0),
        ("Fri, 20 Nov 2020 04:19:00 GMT", 0.0),
        ("-5", 0.0),
        ("soon", 0.0),
        ("9" * 99, 0.0),
        ("Fri, 20 Nov 99999999999 04:19:00 GMT", 0.0),
        (f"Fri, 20 Nov 2026 04:19:00 +{'9' * 99}", 0.0),
        ("", 0.0),
    ],
)
def test_retry_after_is_read_in_each_form(header: str, seconds: float, clock: VirtualClock) -> None:
    """Seconds and all three forms of an HTTP date are understood; anything else means 0."""
    assert retry_after(header, clock.now()) == seconds
