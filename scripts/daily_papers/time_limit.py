"""An end to work that may never end by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class OutOfTimeError(Exception):
    """The work was not done in time; it goes on in vain and ends with the process."""


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """Return what `work` returns, or raise what it raises; OutOfTimeError after `seconds`.

    The timeouts of a socket bound one read, and none bounds the resolver or a parser.
    """
    done: list[Result] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where it was waited for
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(max(0.0, seconds))
    if failed:
        raise failed[0]
    if not done:
        raise OutOfTimeError
    return done[0]
