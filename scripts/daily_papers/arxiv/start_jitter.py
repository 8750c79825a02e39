"""When a copy of the project asks arXiv: thousands of them must not all do so at once.

Every copy begins with the same line `cron:` in its workflow, and a workflow may not rewrite itself.
So a scheduled run waits some seconds that the repository's name decides, few enough to stay within
the minute of a runner that is paid for anyway; and a copy is told a minute of its own, for whoever
edits that line. benchmarks/RESULTS.md has the reckoning.
"""

from __future__ import annotations

import hashlib

SPREAD = 30
"""Seconds over which the runs of one minute are spread."""
FIRST_HOUR, HOURS = 2, 6
"""The hours, UTC, over which the minutes of all copies are spread: when the evening's announcement
is out, at 00:00 or 01:00, and before most readers' morning."""
# At round minutes everybody else's jobs start, and GitHub delays or drops runs:
# https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
_MINUTES = range(1, 60, 2)


def own_wait(repository: str) -> float:
    """Return the seconds, less than SPREAD, that a scheduled run of `owner/name` waits."""
    return _number("second", repository) % (SPREAD * 1000) / 1000


def own_cron(repository: str) -> str:
    """Return the time of day of `owner/name`, as a line `cron:` has it."""
    hour, place = divmod(_number("minute", repository) % (HOURS * len(_MINUTES)), len(_MINUTES))
    return f"{_MINUTES[place]} {FIRST_HOUR + hour} * * *"


def _number(what: str, repository: str) -> int:
    digest = hashlib.sha256(f"{what} of {repository.casefold()}".encode()).digest()
    return int.from_bytes(digest[:8], "big")
