"""The errors that are shown to the user; any other is a bug and keeps its traceback."""

import re
from collections.abc import Iterable

PROXY_LOGIN = "the proxy asks for a login: put name and password into HTTPS_PROXY"


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


def is_proxy_login(error: BaseException | None) -> bool:
    """Whether a proxy made no connection for want of a login, by the texts of an error's causes."""
    while error is not None:
        if re.search(r"(?:^|failed: )407\b", str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False
