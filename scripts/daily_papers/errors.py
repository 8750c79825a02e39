"""The errors that are for a person to read; any other is a bug and keeps its traceback."""

from __future__ import annotations

from collections.abc import Iterable


class DailyPapersError(Exception):
    """What happened, where, and what to do about it. Caught once, in `cli.main`."""

    exit_code = 1


class InputError(DailyPapersError):
    """Something a user wrote cannot be used; `problems` holds every fault.

    The first line of each tells it; more lines may show its place.
    """

    exit_code = 2

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))
