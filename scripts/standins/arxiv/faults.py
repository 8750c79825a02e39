"""The faults that the stand-in can be told to produce, each for a number of requests."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "status",  # an answer with `status`
    "rate_exceeded_200",  # "Rate exceeded." with status 200
    "empty",  # a feed without entries and a total of 0
    "empty_with_total",  # a feed without entries and the right total
    "short",  # half of the entries are missing; the total is right
    "wrong_total",  # a total that is 7 too high
    "html",  # a maintenance page with status 200
    "reset",  # the connection is reset before an answer
    "cut",  # half of the body that Content-Length promises
    "cut_gzip",  # an incomplete gzip stream with the right Content-Length
    "malformed",  # a closing tag is missing: strict parsers fail, lenient ones continue
    "truncated",  # half of an XML document with the right Content-Length
    "error_entry",  # an error feed with status 200
    "no_date",  # the first entry has no <published>
    "bad_date",  # the first entry has invalid dates
    "future_date",  # the first entry is dated 400 days ahead
    "missing_id",  # the first entry has no <id>
    "no_title",  # the first entry has an empty title
    "shuffled",  # the papers, of all pages, are in no order
    "doubled",  # the second entry is the first one again
    "another_query",  # the title says that another query is answered
    "other_namespace",  # arXiv's own elements are in another namespace
    "redirect_loop",  # a redirect to the same address
    "body",  # an Atom answer with `status` and `body`
]


@dataclass(frozen=True)
class Fault:
    """A fault and the requests that it applies to."""

    kind: Kind
    times: int | None = 1
    """The number of requests; None: all."""
    path: Literal["api", "oai"] | None = None
    """The search API or OAI-PMH; None: both."""
    where: Callable[[Mapping[str, str]], bool] | None = None
    """Called with a request's query: whether the fault applies."""
    status: int = 503
    body: bytes = b""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"no such fault: {self.kind}")


class Faults:
    """A queue of faults. A request gets the first one that applies to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, int | None]] = []

    def add(self, *faults: Fault) -> None:
        """Append faults to the queue."""
        with self._lock:
            self._waiting.extend((fault, fault.times) for fault in faults)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._waiting.clear()

    def take(self, service: str, query: Mapping[str, str]) -> Fault | None:
        """Return the fault for a request, and remove it after its last request."""
        with self._lock:
            for place, (fault, left) in enumerate(self._waiting):
                if fault.path in (None, service) and (fault.where is None or fault.where(query)):
                    if left is not None:
                        self._waiting[place : place + 1] = [(fault, left - 1)] * (left > 1)
                    return fault
        return None
