"""Stand-ins for services that take messages, on loopback: webhooks over HTTP, and a mail server."""

import json
import signal
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Webhooks:
    """Takes any POST as a chat would, and keeps its JSON by path; repeats the path in its answer.

    `status` is what it answers, by path; `Location` leads to /elsewhere. A message at the path
    `stops` interrupts the main thread, as Ctrl+C does.
    """

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.status: dict[str, int] = {}
        self.stops = "nowhere"
        self.port = 0

    def texts(self, path: str) -> list[str]:
        """Return what was accepted at a path, title and message together."""
        return [
            "\n".join(str(body.get(name, "")) for name in ("title", "message", "text"))
            for found, body in self.received
            if found.startswith(path) and not self.status.get(path)
        ]


@contextmanager
def webhooks() -> Iterator[Webhooks]:
    """Run the stand-in for webhooks."""
    service = Webhooks()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status = next((n for path, n in service.status.items() if path in self.path), 200)
            if service.stops in self.path:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            if status < 300:
                service.received.append((self.path, json.loads(raw)))
            answer = f"You sent {self.path} {self.headers} {raw.decode()}".encode()
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.port = server.server_address[1]
    with _running(server):
        yield service


class MailServer:
    """Takes mail with a login, and keeps it; `refuses` makes it refuse the login, and repeat it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses = False
        self.port = 0


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run the stand-in for a mail server: https://www.rfc-editor.org/rfc/rfc5321."""
    service = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 stand-in\r\n")
            while line := self.rfile.readline():
                word = line[:4].upper()
                if word == b"EHLO":
                    answer = b"250-stand-in\r\n250 AUTH PLAIN"
                elif word == b"AUTH":
                    answer = b"535 no such login: " + line.strip() if service.refuses else b"235 ok"
                elif word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = iter(self.rfile.readline, b".\r\n")
                    mail = message_from_bytes(b"".join(lines), policy=default)
                    service.mails.append(mail)
                    answer = b"250 ok"
                elif word == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    answer = b"250 ok"
                self.wfile.write(answer + b"\r\n")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    service.port = server.server_address[1]
    with _running(server):
        yield service


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
