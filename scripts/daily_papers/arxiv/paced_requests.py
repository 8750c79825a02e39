"""Send requests to arXiv: paced, bounded in time and size, checked and retried.

arXiv allows one request every three seconds and one connection at a time, over all of its services
together. https://info.arxiv.org/help/api/tou.html
"""

import contextlib
import enum
import io
import logging
import os
import random
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from daily_papers.arxiv.abortable_connection import OneConnection, reason_of
from daily_papers.arxiv.parse_atom import error_message
from daily_papers.backoff import Attempts, retry_after
from daily_papers.clock import Clock
from daily_papers.errors import PROXY_LOGIN, DailyPapersError, is_proxy_login
from daily_papers.settings import Environment
from daily_papers.text.white_space import one_line
from daily_papers.time_limit import OutOfTimeError, within

PACE = 3.0
"""Seconds from the start of a request to the start of the next: arXiv's terms."""
MARGIN = 0.05
"""Seconds added to the pace, because requests do not all take equally long to reach arXiv."""
BACKOFF = 4.0
"""Seconds before the second try, tripled before each further one, times 0.5 to 1 by chance."""
DEAD_AFTER = 2
"""Failed requests in a row after which a service gets a single try for each request."""

_ACCEPT = "application/atom+xml, application/xml;q=0.9, */*;q=0.1"
_MAX_REDIRECTS = 5
_MAX_REASON = 200
_CHUNK = 2**16
_OK, _BAD_REQUEST = 200, 400
# Since 2026 arXiv answers 406 to clients that it throttles.
_THROTTLES = {406, 429}
_PASSING_CLIENT_ERRORS = {403, 408, 425}
_CLIENT_ERRORS = range(400, 500)
_RATE_EXCEEDED = re.compile(rb"\s*rate exceeded", re.IGNORECASE)

logger = logging.getLogger(__name__)


class FetchState(enum.StrEnum):
    """Why something could not be fetched, as the pages show it."""

    THROTTLED = "throttled"
    UNAVAILABLE = "arXiv unavailable"
    BAD_QUERY = "bad query"


class FetchError(DailyPapersError):
    """A request failed for good. `state` and `reason` are shown on the pages."""

    def __init__(self, state: FetchState, reason: str) -> None:
        self.state = state
        self.reason = one_line(reason)[:_MAX_REASON]
        super().__init__(f"{state}: {self.reason}")


class BadAnswer(Exception):  # noqa: N818 - one answer is bad, the request may still succeed
    """An answer that cannot be used; `retry` says whether another try may help."""

    def __init__(
        self, reason: str, state: FetchState = FetchState.UNAVAILABLE, *, retry: bool = True
    ) -> None:
        self.reason = reason
        self.state = state
        self.retry = retry
        super().__init__(reason)


Check = Callable[[bytes], None]
"""Checks the body of an answer with status 200. Raises BadAnswer."""


def accept_any(_body: bytes) -> None:
    """Accept every body: the check when none is set."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request is allowed. Times are in seconds."""

    tries: int = 4
    connect_timeout: float = 10.0
    """For one address of the host to accept a connection."""
    read_timeout: float = 60.0
    """For the next byte of an answer."""
    total_timeout: float = 120.0
    """For one try, from the name's resolution to the last byte. arXiv's slowest answers are
    reported at 124 s, and those are refusals."""
    max_bytes: int = 64 * 2**20
    """Size of an answer after decompression; 2,000 entries are about 8 MB."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The key for arXiv's platform, and where it may be sent: nowhere else, also by a redirect."""

    header: str
    value: str = field(repr=False)
    addresses: tuple[str, ...] = ()
    """Addresses that stand in for arXiv's; the key goes to their hosts too."""

    def goes_to(self, url: str) -> bool:
        """Whether the key may be sent to an address."""
        parts = urlsplit(url)
        is_own = parts.netloc in {urlsplit(one).netloc for one in self.addresses}
        return is_own or (parts.scheme == "https" and is_arxiv(url))


def api_key_of(environment: Environment) -> ApiKey | None:
    """Return the key that the environment has, if any."""
    if not environment.arxiv_api_key:
        return None
    addresses = (
        environment.arxiv_api_url,
        environment.arxiv_oai_url,
        environment.arxiv_pdf_url,
    )
    # Addresses of arXiv's own must be secure.
    others = tuple(one for one in addresses if not is_arxiv(one))
    return ApiKey(environment.arxiv_api_key_header, environment.arxiv_api_key, others)


def is_arxiv(url: str) -> bool:
    """Whether an address is at one of arXiv's hosts."""
    host = (urlsplit(url).hostname or "").lower()
    return host == "arxiv.org" or host.endswith(".arxiv.org")


@dataclass(slots=True)
class _Service:
    """The state of one service, such as `export.arxiv.org/api` or `oaipmh.arxiv.org/oai`."""

    failures: int = 0
    """Requests in a row that have failed for good."""
    not_before: float = float("-inf")
    """When its last Retry-After allows the next request, on the clock's `monotonic`."""
    state: FetchState = FetchState.UNAVAILABLE
    """Why it sent that Retry-After."""


class PoliteSession:
    """Sends all requests of a run to arXiv, one after the other.

    - Requests start at least `pace` seconds apart, redirects and retries included. A request
      starts when it is sent, after its connection is made: that is what the server sees.
    - Each try has a hard time limit, and all requests end before `deadline`, on
      `clock.monotonic()`.
    - Each answer is checked (`checking`). A bad one is retried after exponential backoff with
      jitter, and never before the service's Retry-After, which holds for later requests too.
    - A request fails at once if the wait before its next try would pass the deadline.
    - After two failed requests in a row to a service, each further one gets a single try until one
      succeeds. Otherwise fifty topics and an API that is down would use up the night and leave no
      time for the other service.
    - With `stamp`, a file, the pace also holds from one run to the next.

    With `key`, requests to arXiv's hosts carry it. Not thread-safe.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        clock: Clock,
        deadline: float,
        pace: float = PACE,
        rng: random.Random | None = None,
        limits: Limits | None = None,
        stamp: Path | None = None,
        key: ApiKey | None = None,
    ) -> None:
        self._key = key
        self._user_agent = user_agent
        self.clock = clock
        self._begun = clock.monotonic()
        self._deadline = deadline
        self._pace = pace
        self._rng = rng or random.Random()  # noqa: S311 - jitter is no secret
        self._limits = limits or Limits()
        self._stamp = stamp
        self.server_time: datetime | None = None
        """The time of arXiv's last answer, by arXiv's own clock; None if it has not told."""
        self._check: Check = accept_any
        self._services: defaultdict[str, _Service] = defaultdict(_Service)
        self._started = _last_start(stamp, clock, pace)
        self._connection = OneConnection(self._mark_start)
        adapter = HTTPAdapter()
        adapter.send = self._send  # type: ignore[assignment,method-assign]
        self.requests_session: requests.Session = _Session()
        self.requests_session.headers.update(
            {"Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate", "User-Agent": user_agent}
        )
        self.requests_session.max_redirects = _MAX_REDIRECTS
        for scheme in ("http://", "https://"):
            self.requests_session.mount(scheme, adapter)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; another request would open a new one."""
        self._connection.close()

    def extend(self, seconds: float) -> None:
        """Move the deadline by that many seconds."""
        self._deadline += seconds

    @contextlib.contextmanager
    def checking(self, check: Check) -> Iterator[None]:
        """Check every answer within the `with` block with `check`."""
        before, self._check = self._check, check
        try:
            yield
        finally:
            self._check = before

    def get(
        self, url: str, check: Check, *, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Return an answer with status 200 that passed the check. Raises FetchError."""
        with self.checking(check):
            return self.requests_session.get(url, headers=dict(headers or {}))

    def _mark_start(self) -> None:
        self._started = self.clock.monotonic()
        if self._stamp is not None:
            with contextlib.suppress(OSError):  # without the stamp only the next run may be early
                self._stamp.touch()

    def _wait_for_turn(self, service: _Service) -> None:
        """Sleep until the next request may start. Raises FetchError if the night ends before."""
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
        if (seconds := max(turn, service.not_before) - now) > 0:
            self.clock.sleep(seconds)

    def _send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - as in requests
        """Send a request until an answer passes the checks. Raises FetchError."""
        request.headers["User-Agent"] = self._user_agent
        if self._key is not None:
            # A redirect brings the headers of the request before.
            request.headers.pop(self._key.header, None)
            if self._key.goes_to(request.url or ""):
                request.headers[self._key.header] = self._key.value
        service = self._services[_service_of(request.url or "")]
        tries = 1 if service.failures >= DEAD_AFTER else self._limits.tries
        attempts = Attempts(self.clock, tries, BACKOFF, rng=self._rng, deadline=self._deadline)
        for number in attempts:
            self._wait_for_turn(service)
            response = None
            try:
                response = self._attempt(request, **kwargs)
                if not response.is_redirect:
                    self._check_answer(response)
                    service.failures = 0
            except BadAnswer as error:
                failure = error
                logger.debug("try %d: %s: %s", number, error.state, error.reason)
            else:
                return response
            header = "" if response is None else response.headers.get("Retry-After", "")
            if seconds := retry_after(header, self.clock.now()):
                attempts.retry_after = seconds
                service.not_before = self.clock.monotonic() + seconds
                service.state = failure.state
            if not failure.retry:
                break
        reason = failure.reason + (f" ({number} tries)" if number > 1 else "")
        if attempts.out_of_time:
            reason += "; the night is too short for another try"
        service.failures += failure.state is not FetchState.BAD_QUERY
        raise FetchError(failure.state, reason) from failure

    def _attempt(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - as in requests
        """Send the request once and read the whole answer. Raises BadAnswer."""
        self._mark_start()  # also if no connection can be made
        seconds = min(self._limits.total_timeout, self._deadline - self.clock.monotonic())
        kwargs["timeout"] = (self._limits.connect_timeout, self._limits.read_timeout)
        kwargs["stream"] = True
        connection = self._connection

        def fetch() -> requests.Response:
            response = connection.send(request, **kwargs)
            response.raw = io.BytesIO(self._read(response.raw))
            return response

        try:
            return within(seconds, fetch)
        except OutOfTimeError:
            # The thread that waits for the answer must not use the next request's connection.
            connection.cut()
            self._connection = OneConnection(self._mark_start)
            reason = f"no whole answer within {seconds:.3g} s"
            raise BadAnswer(reason) from None
        except (OSError, urllib3.exceptions.HTTPError) as error:  # all of requests' are OSErrors
            raise BadAnswer(reason_of(error), retry=not is_proxy_login(error)) from error
        finally:
            connection.release()

    def _read(self, raw: urllib3.HTTPResponse) -> bytes:
        """Return the decompressed body; the connection is then free, or closed after an error."""
        body = bytearray()
        with contextlib.closing(raw):
            for chunk in raw.stream(_CHUNK, decode_content=True):
                body += chunk
                if len(body) > self._limits.max_bytes:
                    reason = f"the answer is longer than {self._limits.max_bytes / 2**20:.3g} MB"
                    raise BadAnswer(reason, retry=False)
        return bytes(body)

    def _check_answer(self, response: requests.Response) -> None:
        """Check an answer's status, then its body. Raises BadAnswer."""
        status, body = response.status_code, response.content
        with contextlib.suppress(ValueError):
            moment = parsedate_to_datetime(response.headers.get("Date", ""))
            self.server_time = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if _RATE_EXCEEDED.match(body):
            raise BadAnswer(f"`Rate exceeded` with HTTP {status}", FetchState.THROTTLED)
        if status in _THROTTLES:
            raise BadAnswer(f"HTTP {status}", FetchState.THROTTLED)
        if status == _BAD_REQUEST:
            reason = error_message(body) or "HTTP 400"
            raise BadAnswer(reason, FetchState.BAD_QUERY, retry=False)
        if status != _OK:
            final = status in _CLIENT_ERRORS and status not in _PASSING_CLIENT_ERRORS
            reason = PROXY_LOGIN if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED else ""
            raise BadAnswer(reason or f"HTTP {status}", retry=not final)
        self._check(body)


class _Session(requests.Session):
    """A session whose own failures, such as too many redirects, are FetchErrors too.

    A redirect leads to the same host, or to one of arXiv's.
    """

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Check where a redirect leads. Raises FetchError."""
        target = prepared_request.url or ""
        if urlsplit(target).netloc != urlsplit(response.url).netloc and not is_arxiv(target):
            host = urlsplit(target).hostname
            raise FetchError(
                FetchState.UNAVAILABLE, f"a redirect to {host}, which is not arXiv's, was refused"
            )
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - as in requests
        """Send, following redirects. Raises FetchError."""
        try:
            return super().request(*args, **kwargs)
        except requests.RequestException as error:
            raise FetchError(FetchState.UNAVAILABLE, reason_of(error)) from error


def stamp_of(url: str) -> Path:
    """Return the file whose time is when this user's last request to the host of `url` started."""
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
    """Return host and first folder: the services fail separately, wherever they are."""
    parts = urlsplit(url)
    return f"{parts.netloc}/{parts.path.split('/')[1] if '/' in parts.path else ''}"
