"""One kept connection for all requests, which another thread can end."""

import contextlib
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from daily_papers.errors import PROXY_LOGIN, is_proxy_login


class OneConnection(HTTPAdapter):
    """Keeps one connection for the next request to the same host, and can end it from outside.

    A socket's timeouts bound a single read: an answer that drips a byte at a time never meets them.
    """

    def __init__(self, on_start: Callable[[], None]) -> None:
        """Call `on_start` each time a request is about to be sent over a connection that stands."""
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
        """Let `cut` end this socket. Raises TimeoutError after `cut`.

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
        """End the connection, and every one that an abandoned request would still open."""
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

        def _tunnel(self) -> None:
            super()._tunnel()
            watch(self.sock)  # a proxy's answer that was cut looks like one that has ended

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
    (ValueError, "the address cannot be used"),
)


def reason_of(error: BaseException) -> str:
    """Return a transport error in a few words, without the address that its own text has."""
    if is_proxy_login(error):
        return PROXY_LOGIN
    causes = list(_causes(error))
    for kind, reason in _REASONS:
        if any(isinstance(cause, kind) for cause in causes):
            return reason
    return type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
