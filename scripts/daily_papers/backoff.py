"""Repeat an attempt after growing pauses, and read Retry-After headers."""

import math
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from daily_papers.clock import Clock


class Attempts:
    """The numbers of the attempts, from 1; the iteration sleeps before each further one.

    The caller leaves the loop when an attempt succeeds. The loop ends by itself after `tries`
    attempts, or earlier, with `out_of_time` set, when the next pause would pass the deadline.
    """

    def __init__(
        self,
        clock: Clock,
        tries: int,
        pause: float,
        *,
        factor: float = 3.0,
        rng: random.Random | None = None,
        deadline: float = math.inf,
    ) -> None:
        """Pause `pause` seconds before the second attempt and `factor` times longer each time.

        With `rng`, pauses are multiplied by a random number from 0.5 to 1. `deadline` is on
        `clock.monotonic()`.
        """
        self._clock = clock
        self._tries = tries
        self._pause = pause
        self._factor = factor
        self._rng = rng
        self._deadline = deadline
        self.retry_after = 0.0
        """Set by the caller: the seconds that the server asks to wait before the next attempt."""
        self.out_of_time = False

    def __iter__(self) -> Iterator[int]:
        for number in range(1, self._tries + 1):
            self.retry_after = 0.0
            yield number
            if number < self._tries:
                jitter = self._rng.uniform(0.5, 1) if self._rng else 1.0
                pause = self._pause * self._factor ** (number - 1) * jitter
                pause = max(pause, self.retry_after)
                if self._clock.monotonic() + pause >= self._deadline:
                    self.out_of_time = True
                    return
                self._clock.sleep(pause)


def retry_after(header: str, now: datetime) -> float:
    """Return the seconds that a Retry-After header asks to wait; 0 if it is missing or unreadable.

    https://www.rfc-editor.org/rfc/rfc9110.html#section-10.2.3
    """
    text = header.strip()
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]+)?", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    if moment.tzinfo is None:  # the asctime form, and `-0000`, are UTC
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
