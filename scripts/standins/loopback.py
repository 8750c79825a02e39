"""The base of every stand-in: an HTTP server on loopback that starts and stops cleanly."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self


class StandIn:
    """A server that runs in threads of its own.

    `with` serves until the block ends; `start` and `stop` do the same. An exception in the
    stand-in itself is raised by `stop`.
    """

    def __init__(self, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self._http = LoopbackServer(port, handler, self)
        # The poll interval bounds how long `stop` takes.
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.01,), name=type(self).__name__, daemon=True
        )

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return self._http.server_address[1]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and join every thread, then raise an exception of the stand-in."""
        self.stopping.set()
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.close_connections()
        self._http.server_close()
        if self._http.problems:
            raise self._http.problems[0]

    def wait(self) -> None:
        """Return once the stand-in is stopped."""
        self._thread.join()


class LoopbackServer(ThreadingHTTPServer):
    """Threads are joined at the end; connections are closed so that this cannot block."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, port: int, handler: type[BaseHTTPRequestHandler], stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.problems: list[BaseException] = []
        """Exceptions of the threads."""
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), handler)

    def server_bind(self) -> None:
        """Bind without asking the resolver for a name, as HTTPServer would."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # socketserver's
        """Remember the connection, and serve it."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  # socketserver's
        """Forget the connection, and close it."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Wake every thread that waits for a client."""
        with self._lock:
            waiting = list(self._open)
        for connection in waiting:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002  # socketserver's
        """Keep the exception being handled, instead of printing it."""
        error = sys.exception()
        if error is not None and not isinstance(error, (ConnectionError, TimeoutError)):
            self.problems.append(error)


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.1 with kept connections; prints nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: LoopbackServer

    def log_message(self, *args: object) -> None:
        """Print nothing: the stand-in keeps a log of its own."""

    def lower_headers(self) -> dict[str, str]:
        """Return the request's headers, their names in lower case."""
        return {name.lower(): value for name, value in self.headers.items()}

    def reset(self) -> None:
        """Close the connection at once, so that the client sees a reset."""
        self.close_connection = True
        no_linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        # The files made of the socket would keep it open after a mere close().
        os.close(self.connection.detach())
