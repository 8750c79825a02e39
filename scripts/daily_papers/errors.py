"""The errors that are shown to the user; any other is a bug and keeps its traceback."""

from collections.abc import Iterable


class DailyPapersError(Exception):
    """An error that says what happened, where, and what to do. Caught once, in `cli.main`."""

    exit_code = 1


class InputError(DailyPapersError):
    """Faults in what the user wrote; `problems` has all of them.

    The first line of a problem says what is wrong; more lines may show the place.
    """

    exit_code = 2

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))
