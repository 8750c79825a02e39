"""Run a function with a hard time limit."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

Result = TypeVar("Result")


class OutOfTimeError(Exception):
    """The function took too long. Its thread is abandoned and ends with the process."""


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """Return what `work` returns, or raise what it raises. Raises OutOfTimeError after `seconds`.

    The timeout of a socket limits one read, and nothing limits the resolver or a parser.
    """
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised by the caller's thread
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    if wait([future], max(0.0, seconds)).not_done:
        raise OutOfTimeError
    return future.result()
