"""The one polite session for everything that goes to arXiv.

It paces, bounds, judges and retries, so that no caller has to. The terms that it keeps: one request
every three seconds and one connection at a time, over all of arXiv's services together.
https://info.arxiv.org/help/api/tou.html
"""

from __future__ import annotations

import contextlib
import enum
import http.client
import io
import logging
import os
import random
import re
import socket
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests
import urllib3
from lxml import etree
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError
from daily_papers.text.plain import one_line

PACE = 3.0
"""Seconds from the start of a request to the start of the next: arXiv's terms."""
MARGIN = 0.05
"""Seconds on top of the pace, for two requests that are not equally long under way."""
CONNECT_TIMEOUT = 10.0
"""Seconds for one address of the host to accept a connection."""
READ_TIMEOUT = 60.0
"""Seconds of silence while an answer is awaited or read."""
REQUEST_DEADLINE = 120.0
"""Seconds for one request as a whole, however steadily its answer drips. arXiv's slowest answers
are reported at 124 s, and those are refusals."""
MAX_BYTES = 64 * 2**20
"""Bytes of an answer after decompression; 2,000 entries are about 8 MB."""
TRIES = 4
"""Tries of one request."""
BACKOFF = 4.0
"""Seconds before the second try, tripled before each further one, times 0.5 to 1 by chance."""
BACKOFF_FACTOR = 3.0
DEAD_AFTER = 2
"""Requests in a row that a service has to fail until it gets a single try a request."""

_ACCEPT = "application/atom+xml, application/xml;q=0.9, */*;q=0.1"
_MAX_REDIRECTS = 5
_MAX_REASON = 200
_CHUNK = 2**16
# Seconds. A timeout of 0 would mean not to block at all.
_INSTANT = 0.001
_OK, _NOT_MODIFIED, _BAD_REQUEST = 200, 304, 400
# 406 is what arXiv answers since 2026 to clients that it throttles.
_THROTTLES = {406, 429}
_PASSING_CLIENT_ERRORS = {403, 408, 425}
_CLIENT_ERRORS = range(400, 500)
_RATE_EXCEEDED = re.compile(rb"\s*rate exceeded", re.IGNORECASE)
_ATOM = "{http://www.w3.org/2005/Atom}"

logger = logging.getLogger(__name__)


class FetchState(enum.StrEnum):
    """Why something could not be fetched, in the ledger's words."""

    THROTTLED = "throttled"
    UNAVAILABLE = "arXiv unavailable"
    BAD_QUERY = "bad query"


class FetchError(DailyPapersError):
    """A request that has failed for good: `state` for the ledger, `reason` for the reader."""

    def __init__(self, state: FetchState, reason: str) -> None:
        self.state = state
        self.reason = one_line(reason)[:_MAX_REASON]
        super().__init__(f"{state}: {self.reason}")


class Unbelievable(Exception):  # noqa: N818  # a verdict on an answer, not the end of a request
    """An answer that a judge does not believe; `retry` says whether to ask again."""

    def __init__(self, state: FetchState, reason: str, *, retry: bool = True) -> None:
        self.state = state
        self.reason = reason
        self.retry = retry
        super().__init__(reason)


Judge = Callable[[bytes], None]
"""Looks at the body of an answer with status 200 and raises Unbelievable, or returns."""


def believe_all(_body: bytes) -> None:
    """Believe every answer: the judge when none is set."""


@dataclass(slots=True)
class _Service:
    """What the session remembers of one service: `export.arxiv.org/api`, `rss.arxiv.org/atom`."""

    failures: int = 0
    """Requests in a row that have failed for good."""
    not_before: float = float("-inf")
    """When its last Retry-After allows the next request, on the clock's `monotonic`."""
    state: FetchState = FetchState.UNAVAILABLE
    """Why it sent that Retry-After."""


class PoliteSession:
    """Every request of a night to arXiv, one after the other.

    - Requests start at least `pace` seconds apart, as the server sees them: measured from when a
      connection stands, not from when it is asked for. Redirects and retries are paced too.
    - Each has a deadline, and so has the night: `deadline`, on `clock.monotonic()`.
    - Each answer is judged (`judging`). One that is not believed is asked for again, `tries` times
      in all, with exponential backoff and jitter, and never before the service's Retry-After, which
      holds for the requests that follow as well.
    - A wait that would pass the night's deadline is not begun: the request fails at once.
    - When a service has failed two requests in a row, each further one gets a single try, until one
      succeeds: with four tries each, fifty topics and a dead API would use up the night and leave
      no time for the other service.

    - With `stamp`, a file, the pace also holds from one run to the next.

    `requests_session` may be given to code that brings its own client, such as `arxiv.Client`
    without retries and delay of its own: its requests go the same way. Not for several threads.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        clock: Clock,
        deadline: float,
        pace: float = PACE,
        rng: random.Random | None = None,
        tries: int = TRIES,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        request_deadline: float = REQUEST_DEADLINE,
        max_bytes: int = MAX_BYTES,
        stamp: Path | None = None,
    ) -> None:
        self._user_agent = user_agent
        self.clock = clock
        """The clock that paces it."""
        self._deadline = deadline
        self._begun = clock.monotonic()
        self._pace = pace
        self._rng = rng or random.Random()  # noqa: S311  # jitter is no secret
        self._tries = tries
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._request_deadline = request_deadline
        self._max_bytes = max_bytes
        self._judge: Judge = believe_all
        self._services: defaultdict[str, _Service] = defaultdict(_Service)
        self._stamp = stamp
        self._started = _last_start(stamp, clock, pace)
        self.requests_made = 0
        """Requests sent or attempted, redirects and retries included."""
        self.bytes_received = 0
        """Bytes of the bodies that came whole, decompressed."""
        self.seconds_slept = 0.0
        """Seconds spent in pacing and backoff."""
        self._adapter = _PoliteAdapter(self._persist, self._mark_start)
        self.requests_session: requests.Session = _Session()
        self.requests_session.headers.update(
            {"Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate", "User-Agent": user_agent}
        )
        self.requests_session.max_redirects = _MAX_REDIRECTS
        for scheme in ("http://", "https://"):
            self.requests_session.mount(scheme, self._adapter)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def extend(self, seconds: float) -> None:
        """Let the night end that much later."""
        self._deadline += seconds

    def close(self) -> None:
        """Close the connection."""
        self.requests_session.close()

    @contextlib.contextmanager
    def judging(self, judge: Judge) -> Iterator[None]:
        """Have every answer within the `with` block judged by `judge`."""
        before, self._judge = self._judge, judge
        try:
            yield
        finally:
            self._judge = before

    def get(
        self, url: str, judge: Judge, *, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Return a believed answer, its body read: status 200, or 304 to an If-None-Match.

        Raises FetchError.
        """
        with self.judging(judge):
            return self.requests_session.get(url, headers=dict(headers or {}))

    def _mark_start(self) -> None:
        self._started = self.clock.monotonic()
        if self._stamp is not None:
            with contextlib.suppress(OSError):  # a stamp is a courtesy, not a need
                self._stamp.touch()

    def _sleep_until(self, moment: float) -> None:
        seconds = moment - self.clock.monotonic()
        if seconds > 0:
            self.clock.sleep(seconds)
            self.seconds_slept += seconds

    def _await_turn(self, service: _Service) -> None:
        """Return when the next request may start. Raises FetchError if that is after the night."""
        now = self.clock.monotonic()
        turn = max(now, self._started + self._pace + MARGIN)
        if turn >= self._deadline:
            raise FetchError(
                FetchState.UNAVAILABLE,
                f"the night's {(self._deadline - self._begun) / 60:.3g} minutes are over",
            )
        if service.not_before >= self._deadline:
            seconds = service.not_before - now
            raise FetchError(
                service.state, f"arXiv asks to be left alone for {seconds:.0f} s, beyond the night"
            )
        self._sleep_until(max(turn, service.not_before))

    def _persist(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401  # what requests passes through
        """Send one request until an answer is believed. Raises FetchError."""
        request.headers["User-Agent"] = self._user_agent  # arxiv.Client brings its own
        service = self._services[_service_of(request.url or "")]
        tries = 1 if service.failures >= DEAD_AFTER else self._tries
        for number in range(1, tries + 1):
            self._await_turn(service)
            response: requests.Response | None = None
            try:
                response = self._attempt(request, **kwargs)
                if response.is_redirect:
                    return response
                self._believe(request, response)
            except Unbelievable as failure:
                logger.debug("try %d: %s: %s", number, failure.state, failure.reason)
                wait = BACKOFF * BACKOFF_FACTOR ** (number - 1) * self._rng.uniform(0.5, 1)
                now = self.clock.monotonic()
                asked = self._retry_after(response)
                if asked is not None:
                    service.not_before, service.state = now + asked, failure.state
                again = max(now + wait, service.not_before)
                reason = failure.reason + (f" ({number} tries)" if number > 1 else "")
                if failure.retry and number < tries:
                    if again < self._deadline:
                        self._sleep_until(again)
                        continue
                    reason += "; the night is too short for another try"
                service.failures += failure.state is not FetchState.BAD_QUERY
                raise FetchError(failure.state, reason) from failure
            service.failures = 0
            return response
        raise AssertionError("unreachable")  # pragma: no cover

    def _attempt(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401  # what requests passes through
        """Send the request once and read the whole answer. Raises Unbelievable."""
        self._mark_start()
        self.requests_made += 1
        seconds = min(self._request_deadline, self._deadline - self.clock.monotonic())
        kwargs["timeout"] = (self._connect_timeout, self._read_timeout)
        kwargs["stream"] = True
        with _Watchdog(seconds) as watchdog:
            try:
                response = self._adapter.transmit(watchdog, request, **kwargs)
                body = self._read(response)
            except (
                requests.RequestException,
                urllib3.exceptions.HTTPError,
                http.client.HTTPException,
                OSError,
            ) as error:
                reason = _reason(error)
                # A socket that was opened with what was left of the time may end before the timer.
                if watchdog.expired or watchdog.left() <= _INSTANT:
                    reason = f"no whole answer within {seconds:.3g} s"
                raise Unbelievable(FetchState.UNAVAILABLE, reason) from error
        if watchdog.expired:
            # A body without a stated length ends where the watchdog cut it, without an error.
            raise Unbelievable(FetchState.UNAVAILABLE, f"no whole answer within {seconds:.3g} s")
        response.raw = io.BytesIO(body)
        return response

    def _read(self, response: requests.Response) -> bytes:
        """Return the decompressed body; the connection is free, or closed, afterwards."""
        raw: urllib3.HTTPResponse = response.raw
        body = bytearray()
        whole = False
        try:
            for chunk in raw.stream(_CHUNK, decode_content=True):
                body += chunk
                if len(body) > self._max_bytes:
                    break
            else:
                whole = True
        finally:
            if not whole:
                raw.close()
        if not whole:
            limit = f"{self._max_bytes / 2**20:.3g} MB"
            raise Unbelievable(
                FetchState.UNAVAILABLE, f"the answer is longer than {limit}", retry=False
            )
        self.bytes_received += len(body)
        return bytes(body)

    def _believe(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """Judge an answer by its status, then its body. Raises Unbelievable."""
        status, body = response.status_code, response.content
        if _RATE_EXCEEDED.match(body):
            raise Unbelievable(FetchState.THROTTLED, f"`Rate exceeded` with HTTP {status}")
        if status in _THROTTLES:
            raise Unbelievable(FetchState.THROTTLED, f"HTTP {status}")
        if status == _BAD_REQUEST:
            reason = _error_message(body) or "HTTP 400"
            raise Unbelievable(FetchState.BAD_QUERY, reason, retry=False)
        if status == _NOT_MODIFIED and "If-None-Match" in request.headers:
            return
        if status != _OK:
            final = status in _CLIENT_ERRORS and status not in _PASSING_CLIENT_ERRORS
            raise Unbelievable(FetchState.UNAVAILABLE, f"HTTP {status}", retry=not final)
        self._judge(body)

    def _retry_after(self, response: requests.Response | None) -> float | None:
        """Return the seconds that a Retry-After asks for, in either form, or None.

        https://www.rfc-editor.org/rfc/rfc9110.html#section-10.2.3
        """
        text = "" if response is None else response.headers.get("Retry-After", "").strip()
        if re.fullmatch(r"[0-9]{1,9}", text):
            return float(text)
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        if moment.tzinfo is None:  # the asctime form, and `-0000`, are UTC too
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - self.clock.now()).total_seconds())


def stamp_of(url: str) -> Path:
    """Return the file that tells when this user's last request to the host of `url` started."""
    name = re.sub(r"[^A-Za-z0-9.-]", "-", urlsplit(url).netloc)
    user = getattr(os, "getuid", int)()
    return Path(tempfile.gettempdir()) / f"daily-papers-{user}-{name}"


def _last_start(stamp: Path | None, clock: Clock, pace: float) -> float:
    """Return when another run's last request started, on the clock's `monotonic`."""
    try:
        age = time.time() - stamp.stat().st_mtime if stamp is not None else pace
    except OSError:
        return float("-inf")
    return clock.monotonic() - age if 0 <= age < pace else float("-inf")


def _service_of(url: str) -> str:
    """Return host and first folder: the API and the feed fail apart, wherever they are served."""
    parts = urlsplit(url)
    return f"{parts.netloc}/{parts.path.split('/')[1] if '/' in parts.path else ''}"


def _error_message(body: bytes) -> str:
    """Return what an error feed of the API, or of the announcements, says is wrong; else nothing.

    https://info.arxiv.org/help/api/user-manual.html#_errors
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        feed = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return ""
    return one_line(
        feed.findtext(f"{_ATOM}entry/{_ATOM}summary") or feed.findtext(f"{_ATOM}subtitle")
    )


_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (NameResolutionError, "the host's name cannot be resolved"),
    (urllib3.exceptions.ReadTimeoutError, "silence for too long"),
    (urllib3.exceptions.SSLError, "no secure connection"),
    (urllib3.exceptions.ProxyError, "the proxy refuses"),
    (ConnectionRefusedError, "connection refused"),
    (http.client.RemoteDisconnected, "connection closed without an answer"),
    (ConnectionResetError, "connection reset"),
    (http.client.IncompleteRead, "the answer is cut short"),
    (urllib3.exceptions.DecodeError, "the answer's compression is damaged"),
    (NewConnectionError, "no connection"),
    (ConnectTimeoutError, "no connection in time"),  # the base of the one before
    (urllib3.exceptions.ProtocolError, "the answer is not HTTP"),
    (requests.TooManyRedirects, "too many redirects"),
    (requests.exceptions.InvalidURL, "the address cannot be used"),
    (requests.exceptions.InvalidSchema, "the address cannot be used"),
    (requests.exceptions.MissingSchema, "the address cannot be used"),
)


def _reason(error: BaseException) -> str:
    """Return a transport error in a few words, without the address that its own text holds."""
    causes = list(_causes(error))
    for kind, reason in _REASONS:
        if any(isinstance(cause, kind) for cause in causes):
            return reason
    return type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those it wraps: urllib3 and requests put them into their arguments."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop()
        if id(current) not in seen:
            seen.add(id(current))
            yield current
            inner = (
                *current.args,
                current.__cause__,
                current.__context__,
                getattr(current, "reason", None),
            )
            waiting.extend(part for part in inner if isinstance(part, BaseException))


class _Session(requests.Session):
    """A session whose failures, also those outside of its adapter, are FetchErrors."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401  # as in requests
        """Send, following redirects. Raises FetchError."""
        try:
            return super().request(*args, **kwargs)
        except requests.RequestException as error:
            raise FetchError(FetchState.UNAVAILABLE, _reason(error)) from error


class _Watchdog:
    """Ends a request when its seconds are over, by shutting down its socket.

    The timeouts of a socket bound one read; an answer that drips a byte at a time, in its headers
    or its body, never meets them.
    """

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self._end = time.monotonic() + seconds
        self._timer = threading.Timer(max(0.0, seconds), self._expire)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._lifeline: socket.socket | None = None

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._drop()

    def left(self) -> float:
        """Return the seconds that are left."""
        return max(0.0, self._end - time.monotonic())

    def watch(self, descriptor: int) -> None:
        """Watch a connected socket from now on.

        A duplicate of it is kept, because TLS takes the descriptor away from the first object, and
        a connection forgets its socket before a body that ends with it is read.
        """
        with self._lock:
            self._drop()
            # Whatever its family is, it is only ever shut down.
            self._lifeline = socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM)
            if self.expired:
                self._cut()

    def _expire(self) -> None:
        with self._lock:
            self.expired = True
            self._cut()

    def _cut(self) -> None:
        if self._lifeline is not None:
            with contextlib.suppress(OSError):  # the other side was first
                self._lifeline.shutdown(socket.SHUT_RDWR)

    def _drop(self) -> None:
        if self._lifeline is not None:
            self._lifeline.close()
            self._lifeline = None


class _PoliteAdapter(HTTPAdapter):
    """Hands each request to `persist`, and transmits for it over one kept connection."""

    def __init__(
        self, persist: Callable[..., requests.Response], mark_start: Callable[[], None]
    ) -> None:
        self._persist = persist
        self._mark_start = mark_start
        self._watchdog: _Watchdog | None = None
        self._pool_classes = _pool_classes(self)
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401  # as in requests
        """Return a believed answer or a redirect, its body read. Raises FetchError."""
        return self._persist(request, **kwargs)

    def transmit(
        self,
        watchdog: _Watchdog,
        request: requests.PreparedRequest,
        **kwargs: Any,  # noqa: ANN401  # as in requests
    ) -> requests.Response:
        """Send once and return the answer with its body unread."""
        self._watchdog = watchdog
        return super().send(request, **kwargs)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # as in requests
        """Make the pool, of connections that report themselves."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:  # noqa: ANN401  # as in requests
        """Return the pool behind a proxy, of connections that report themselves."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = self._pool_classes
        return manager

    def starts(self, descriptor: int) -> None:
        """Note that a request is about to be sent over a connected socket."""
        self._mark_start()
        self.watch(descriptor)

    def watch(self, descriptor: int) -> None:
        """Have the deadline of the current request apply to a connected socket."""
        if self._watchdog is not None:
            self._watchdog.watch(descriptor)

    def seconds_left(self) -> float | None:
        """Return the seconds until the deadline of the current request."""
        return self._watchdog.left() if self._watchdog is not None else None


def _pool_classes(adapter: _PoliteAdapter) -> dict[str, type[HTTPConnectionPool]]:
    """Return urllib3's pools with connections that tell `adapter` when they stand."""

    class Connection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            """Connect to the host's addresses in turn, within the deadline of the request."""
            try:
                found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
            except socket.gaierror as error:
                raise NameResolutionError(self.host, self, error) from error
            failure = OSError("no address")
            for *_, (address, port, *_) in found:
                limits = (self.timeout, adapter.seconds_left())
                seconds = min(limit for limit in limits if limit is not None)
                try:
                    connection = create_connection(
                        (str(address), int(port)),
                        max(seconds, _INSTANT),
                        socket_options=self.socket_options,
                    )
                except OSError as error:
                    failure = error
                else:
                    adapter.watch(connection.fileno())
                    return connection
            if isinstance(failure, TimeoutError):
                raise ConnectTimeoutError(self, "timed out") from failure
            raise NewConnectionError(self, str(failure)) from failure

        def _tunnel(self) -> None:
            """Have the proxy connect. An answer that was cut looks like one that has ended."""
            super()._tunnel()
            if adapter.seconds_left() == 0:
                raise TimeoutError("the proxy did not answer in time")

        def connect(self) -> None:
            """Connect, with TLS where the scheme has it; only then does the request start."""
            super().connect()
            adapter.starts(self.sock.fileno())

        def request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # as in urllib3
            """Send, over the kept connection or a new one."""
            if self.sock is not None:
                adapter.starts(self.sock.fileno())
            super().request(*args, **kwargs)

    class TlsConnection(Connection, HTTPSConnection):
        pass

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = TlsConnection

    return {"http": Pool, "https": TlsPool}
