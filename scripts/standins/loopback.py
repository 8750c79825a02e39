"""Run an HTTP server on loopback in a thread: the base of all stand-ins."""

import os
import socket
import struct
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Self


class StandIn:
    """A server in its own threads, run by `with` or by `start` and `stop`."""

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

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server."""
        self._thread.start()

    def stop(self) -> None:
        """Close all connections, join all threads and raise the first exception of a thread."""
        self.stopping.set()
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.close_connections()
        self._http.server_close()
        if self._http.problems:
            raise self._http.problems[0]

    def wait(self) -> None:
        """Wait until the server is stopped."""
        self._thread.join()


class LoopbackServer(ThreadingHTTPServer):
    """A server that joins its threads when it stops; it closes connections so as not to block."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, port: int, handler: type[BaseHTTPRequestHandler], stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.problems: list[BaseException] = []
        """Exceptions raised in threads."""
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), handler)

    def server_bind(self) -> None:
        """Bind without the name lookup that HTTPServer does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # socketserver's
        """Register the connection and serve it."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  # socketserver's
        """Unregister the connection and close it."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Close the open connections, so that threads waiting for a client end."""
        with self._lock:
            waiting = list(self._open)
        for connection in waiting:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002  # socketserver's
        """Keep the current exception instead of printing it."""
        error = sys.exception()
        if error is not None and not isinstance(error, (ConnectionError, TimeoutError)):
            self.problems.append(error)


class Handler(BaseHTTPRequestHandler):
    """An HTTP/1.1 handler with persistent connections that prints nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: LoopbackServer

    def log_message(self, *args: object) -> None:
        """Print nothing; the stand-in has its own log."""

    def lower_headers(self) -> dict[str, str]:
        """Return the request's headers, with names in lower case."""
        return {name.lower(): value for name, value in self.headers.items()}

    def send(
        self, status: int, body: bytes, headers: Mapping[str, str], *, cut: bool = False
    ) -> None:
        """Send an answer; with `cut`, only half of the body that Content-Length promises."""
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = self.close_connection or cut

    def reset(self) -> None:
        """Close the connection at once, so that the client sees a reset."""
        self.close_connection = True
        no_linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        # After close(), the file objects of the socket would keep it open.
        os.close(self.connection.detach())
