"""Let what is under way end when a run is interrupted."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def first_interrupt(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` at the first interrupt; the second one ends the process as ever.

    A cancelled run of a workflow gets SIGINT, and SIGTERM some seconds later.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return
    before = {one: signal.getsignal(one) for one in _SIGNALS}

    def restore() -> None:
        for one, handler in before.items():
            signal.signal(one, handler)

    def handle(_number: int, _frame: object) -> None:
        restore()
        act()

    try:
        for one in _SIGNALS:
            signal.signal(one, handle)
        yield
    finally:
        restore()
