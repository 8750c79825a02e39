"""What the stand-in can do wrong, one request at a time: arXiv's known faults, on command."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Kind = Literal[
    "status",  # any status, with `retry_after` and `body`
    "rate_exceeded_200",  # "Rate exceeded." with status 200
    "empty",  # a feed without entries that says there are none
    "empty_with_total",  # a feed without entries that says there are some
    "short",  # `count` entries fewer than the feed says; half of them if not given
    "wrong_total",  # a total that is `count` too high; 7 if not given
    "html",  # a maintenance page with status 200
    "hang",  # no answer, until either side closes
    "drip",  # the body a byte every `seconds`
    "drip_headers",  # the status line and the headers a byte every `seconds`
    "reset",  # the connection is reset before an answer
    "cut",  # half the body that Content-Length promises
    "cut_gzip",  # a gzip stream that ends early, its Content-Length right
    "malformed",  # a tag of entry `entry` is not closed: a strict parser fails, a lenient reads on
    "truncated",  # XML that ends in the middle, its Content-Length right
    "error_entry",  # status 200 with an entry api/errors
    "no_date",  # entry `entry` without <published>
    "bad_date",  # entry `entry` with a date that is none
    "future_date",  # entry `entry` submitted 400 days from now
    "missing_id",  # entry `entry` without <id>
    "redirect_loop",  # a redirect to the same address
    "body",  # `status`, `headers` and `body` as given
    "latency",  # a right answer after `seconds`
]
Service = Literal["api", "rss"]


@dataclass(frozen=True)
class Fault:
    """A fault and the requests that it strikes."""

    kind: Kind
    times: int | None = 1
    """How many requests it strikes; None is all."""
    path: Service | None = None
    """The search API or the announcement feed; None is both."""
    where: Callable[[Mapping[str, str]], bool] | None = None
    """Which requests it strikes, by their query."""
    status: int = 503
    retry_after: str | None = None
    """The value of Retry-After: seconds or a date."""
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.05
    count: int | None = None
    entry: int = 0
    """Which entry of the page it strikes; the last if there are fewer."""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"no such fault: {self.kind}")

    def strikes(self, service: str, query: Mapping[str, str]) -> bool:
        """Say whether a request is of those it strikes."""
        return self.path in (None, service) and (self.where is None or self.where(query))


class Faults:
    """Faults waiting for their requests. The first added that strikes a request is used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, int | None]] = []

    def add(self, *faults: Fault) -> None:
        """Let these strike from the next request on."""
        with self._lock:
            self._waiting.extend((fault, fault.times) for fault in faults)

    def clear(self) -> None:
        """Forget all that wait."""
        with self._lock:
            self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, service: str, query: Mapping[str, str]) -> Fault | None:
        """Return the fault that strikes a request, and count it."""
        with self._lock:
            for place, (fault, left) in enumerate(self._waiting):
                if fault.strikes(service, query):
                    if left is not None:
                        self._waiting[place : place + 1] = [(fault, left - 1)] * (left > 1)
                    return fault
        return None
