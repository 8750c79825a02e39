"""Ask a service without which the night goes on: politely, within limits, and never in vain."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypeGuard

import requests

from daily_papers.backoff import Attempts, retry_after
from daily_papers.bearer_token import BearerToken
from daily_papers.clock import Clock
from daily_papers.time_limit import OutOfTimeError, within

PACE = 1.0
"""Seconds between the end of a request and the start of the next."""
_TRIES = 2
_PAUSE = 5.0
_TIMEOUT = (10.0, 30.0)
_TOTAL = 60.0
_MAX_BYTES = 16 * 2**20
_CHUNK = 2**16
_TOO_MANY = 10**9


class SourceError(Exception):
    """A service gave no answer that can be used; the text says why."""


class OptionalSource:
    """One service. After a request that failed for good, it is not asked again."""

    def __init__(self, clock: Clock, deadline: float, user_agent: str, *, token: str = "") -> None:
        """Send no request after `deadline`, on `clock.monotonic()`."""
        self._clock = clock
        self._deadline = deadline
        self._headers = {"User-Agent": user_agent, "Accept": "application/json"}
        self._auth = BearerToken(token)
        self._is_first = True

    def ask(self, url: str, *, body: Mapping[str, Any] | None = None, **query: str) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON of an answer to a GET, or with a body to a POST. Raises SourceError."""
        if not self._is_first:
            self._clock.sleep(PACE)
        self._is_first = False
        attempts = Attempts(self._clock, _TRIES, _PAUSE, deadline=self._deadline)
        reason = "the night is too short"
        for _ in attempts:
            seconds = min(_TOTAL, self._deadline - self._clock.monotonic())
            if seconds <= 0:
                break
            try:
                status, header, content = within(seconds, lambda: self._send(url, body, query))
            except OutOfTimeError:
                reason = f"no whole answer within {seconds:.3g} s"
                continue
            except requests.RequestException as error:
                reason = type(error).__name__
                continue
            if status == HTTPStatus.OK:
                return _parsed(content)
            reason = f"HTTP {status}"
            attempts.retry_after = retry_after(header, self._clock.now())
            passes = (
                status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
            )
            if not passes:
                break
        raise SourceError(reason)

    def _send(
        self, url: str, body: Mapping[str, Any] | None, query: Mapping[str, str]
    ) -> tuple[int, str, bytes]:
        """Return status, Retry-After and content. Raises requests.RequestException."""
        with requests.request(
            "GET" if body is None else "POST",
            url,
            params=query,
            json=body,
            headers=self._headers,
            auth=self._auth,
            timeout=_TIMEOUT,
            # The token must not go to another address.
            allow_redirects=False,
            stream=True,
        ) as response:
            content = bytearray()
            for chunk in response.iter_content(_CHUNK):
                content += chunk
                if len(content) > _MAX_BYTES:
                    raise requests.exceptions.ContentDecodingError
            return response.status_code, response.headers.get("Retry-After", ""), bytes(content)


def is_count(value: object) -> TypeGuard[int]:
    """Whether a value of an answer is a number of stars or votes."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _TOO_MANY


def _parsed(content: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise SourceError("its answer is not JSON") from None
