"""Spread the runs of all copies of the project over time, by their repository's name.

Every copy starts with the same `cron:` line, and a workflow may not change itself. So a scheduled
run waits up to half a minute, and each copy is offered a time of its own for that line.
benchmarks/RESULTS.md has the numbers.
"""

from __future__ import annotations

import hashlib

SPREAD = 30
"""Seconds over which the runs of one minute are spread."""
FIRST_HOUR, HOURS = 2, 6
"""The first of the hours (UTC) over which the copies are spread, and their number: after the
announcement at 00:00 or 01:00, and before most readers' morning."""
# Most scheduled jobs start at round minutes, and GitHub delays or drops runs then:
# https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
_MINUTES = range(1, 60, 2)


def own_wait(repository: str) -> float:
    """Return the seconds, less than SPREAD, that a scheduled run of `owner/name` waits."""
    return _number("second", repository) % (SPREAD * 1000) / 1000


def own_cron(repository: str) -> str:
    """Return the time of day of `owner/name` in the syntax of `cron:`."""
    hour, place = divmod(_number("minute", repository) % (HOURS * len(_MINUTES)), len(_MINUTES))
    return f"{_MINUTES[place]} {FIRST_HOUR + hour} * * *"


def _number(what: str, repository: str) -> int:
    digest = hashlib.sha256(f"{what} of {repository.casefold()}".encode()).digest()
    return int.from_bytes(digest[:8], "big")
