"""Send one request at a time over one kept connection, with a hard time limit."""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from daily_papers.time_limit import OutOfTimeError, within

_CHUNK = 2**16


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


class TransportError(Exception):
    """No complete answer came; `retry` says whether another try may help."""

    def __init__(self, reason: str, *, retry: bool = True) -> None:
        self.reason = reason
        self.retry = retry
        super().__init__(reason)


class Transport:
    """Sends requests over one connection, which is kept for the next request to the same host.

    A request that takes too long is abandoned and its connection shut down, so that no second
    connection is open beside it when the next request is sent. Not thread-safe.
    """

    def __init__(self, limits: Limits, on_start: Callable[[], None]) -> None:
        """Call `on_start` each time a request is sent, once its connection stands."""
        self._limits = limits
        self._on_start = on_start
        self._adapter = _Adapter(on_start)

    def close(self) -> None:
        """Close the connection; another request would open a new one."""
        self._adapter.close()

    def send(
        self,
        request: requests.PreparedRequest,
        seconds: float,
        **kwargs: Any,  # noqa: ANN401 - as in requests
    ) -> requests.Response:
        """Return the answer with its whole body, within `seconds`. Raises TransportError."""
        adapter = self._adapter
        seconds = min(seconds, self._limits.total_timeout)
        kwargs["timeout"] = (self._limits.connect_timeout, self._limits.read_timeout)
        kwargs["stream"] = True

        def fetch() -> requests.Response:
            response = adapter.send(request, **kwargs)
            response.raw = io.BytesIO(_read(response.raw, self._limits.max_bytes))
            return response

        try:
            return within(seconds, fetch)
        except OutOfTimeError:
            adapter.cut()
            self._adapter = _Adapter(self._on_start)
            raise TransportError(f"no whole answer within {seconds:.3g} s") from None
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            http.client.HTTPException,
            OSError,
        ) as error:
            raise TransportError(reason_of(error)) from error
        finally:
            adapter.release()


def _read(raw: urllib3.HTTPResponse, max_bytes: int) -> bytes:
    """Return the decompressed body; the connection is then free, or closed after an error."""
    body = bytearray()
    with contextlib.closing(raw):
        for chunk in raw.stream(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > max_bytes:
                limit = f"{max_bytes / 2**20:.3g} MB"
                raise TransportError(f"the answer is longer than {limit}", retry=False)
    return bytes(body)


class _Adapter(HTTPAdapter):
    """Keeps one connection, and can end it while another thread waits for it.

    The timeouts of a socket bound one read; an answer that drips a byte at a time never meets them,
    and nothing bounds the resolver.
    """

    def __init__(self, on_start: Callable[[], None]) -> None:
        self._connections = _connection_classes(self.watch, on_start)
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_cut = False
        super().__init__(pool_connections=1, pool_maxsize=1)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as in requests
        """Return the pool for a request, with connections that can be cut."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = self._connections[pool.scheme]
        return pool

    def watch(self, connected: socket.socket) -> None:
        """Let `cut` end this socket.

        A duplicate is kept: TLS takes the descriptor away from the first object, and a connection
        forgets its socket before a body that ends with it is read.
        """
        with self._lock:
            if self._is_cut:
                connected.close()
                raise TimeoutError("the request was abandoned")
            self._close_duplicate()
            # The address family does not matter for a socket that is only ever shut down.
            self._socket = socket.fromfd(connected.fileno(), socket.AF_INET, socket.SOCK_STREAM)

    def cut(self) -> None:
        """End the connection now, and each one that an abandoned request has yet to make."""
        with self._lock:
            self._is_cut = True
            if self._socket is not None:
                with contextlib.suppress(OSError):  # the server closed it first
                    self._socket.shutdown(socket.SHUT_RDWR)
        self.close()

    def release(self) -> None:
        """Stop watching: the request has ended."""
        with self._lock:
            self._close_duplicate()

    def _close_duplicate(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _connection_classes(
    watch: Callable[[socket.socket], None], on_start: Callable[[], None]
) -> dict[str, type[HTTPConnection]]:
    """Return urllib3's connections by scheme; they report their socket and each start."""

    class Connection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            connected = super()._new_conn()
            watch(connected)
            return connected

        def send(self, data: Any) -> None:  # noqa: ANN401 - as in http.client
            if self.sock is None:
                self.connect()
            watch(self.sock)
            on_start()
            super().send(data)

    class TlsConnection(Connection, HTTPSConnection):
        pass

    return {"http": Connection, "https": TlsConnection}


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


def reason_of(error: BaseException) -> str:
    """Return a transport error in a few words, without the address that its own text has."""
    causes = list(_causes(error))
    for kind, reason in _REASONS:
        if any(isinstance(cause, kind) for cause in causes):
            return reason
    return type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
