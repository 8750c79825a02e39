"""Spread the requests of all copies of the project over time, so that they do not come at once.

Every copy starts with the same `cron:` line in its workflow, and a workflow cannot change itself.
So a scheduled run first waits some seconds, computed from the repository's name; they are few
enough to fit into the runner's minute, which is paid for anyway. For those who edit the `cron:`
line, a time of their own is suggested. benchmarks/RESULTS.md has the numbers.
"""

import hashlib

SPREAD = 30
"""Seconds over which runs that start in the same minute are spread."""
FIRST_HOUR, HOURS = 2, 6
"""Hours, UTC, over which the suggested times are spread: after the evening's announcement, at 00:00
or 01:00, and before most readers' morning."""
# At round minutes most other jobs start, and GitHub delays or drops runs:
# https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
_MINUTES = range(1, 60, 2)


def own_wait(repository: str) -> float:
    """Return the seconds, from 0 to SPREAD, that a scheduled run of `owner/name` waits."""
    return _number("second", repository) % (SPREAD * 1000) / 1000


def own_cron(repository: str) -> str:
    """Return the suggested time of day of `owner/name`, as the value of `cron:`."""
    hour, place = divmod(_number("minute", repository) % (HOURS * len(_MINUTES)), len(_MINUTES))
    return f"{_MINUTES[place]} {FIRST_HOUR + hour} * * *"


def _number(what: str, repository: str) -> int:
    digest = hashlib.sha256(f"{what} of {repository.casefold()}".encode()).digest()
    return int.from_bytes(digest[:8], "big")
