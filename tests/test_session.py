import contextlib
import gzip
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from conftest import VirtualClock
from daily_papers.arxiv.paced_requests import (
    BACKOFF,
    MARGIN,
    PACE,
    ApiKey,
    BadAnswer,
    FetchError,
    FetchState,
    Limits,
    PoliteSession,
    accept_any,
    api_key_of,
)
from daily_papers.clock import Clock, SystemClock
from daily_papers.settings import Environment

NIGHT = 20 * 60.0
FEED = b'<feed xmlns="http://www.w3.org/2005/Atom"/>'
ERROR_FEED = (
    b"<?xml version='1.0' encoding='UTF-8'?>"
    b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Error</title>'
    b"<summary>malformed query:\n unbalanced parenthesis</summary></entry></feed>"
)


Addresses = list[Any]
Answer = bytes | Callable[[socket.socket], None]


def http(body: bytes = FEED, status: int = 200, *headers: str, length: int | None = None) -> bytes:
    """Return the bytes of an HTTP response."""
    stated = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status} Because", f"Content-Length: {stated}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class Server:
    """Sends exactly the given bytes, one answer for each request; the last answer is repeated."""

    def __init__(self) -> None:
        self.answers: Sequence[Answer] = [http()]
        self.requests: list[tuple[float, str, dict[str, str]]] = []
        """When the first line of each arrived, the path, the headers by lower-case name."""
        self.connections = 0
        self.moments: list[float] = []
        """When each request arrived, on `clock`."""
        self.clock: Clock = SystemClock()
        self.greeting: Callable[[socket.socket], None] | None = None
        """Called with each connection instead of reading requests from it."""
        self.closing = threading.Event()
        self.open: list[socket.socket] = []
        """Every connection, oldest first."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self.closing.is_set():
                connection.close()
                return
            self.connections += 1
            self.open.append(connection)
            threading.Thread(target=self._talk, args=[connection], daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as reader:
            if self.greeting:
                self.greeting(connection)
                return
            while line := reader.readline():
                at = time.monotonic()
                headers = {}
                while (header := reader.readline()) not in (b"\r\n", b""):
                    name, _, value = header.decode().partition(":")
                    headers[name.lower()] = value.strip()
                self.moments.append(self.clock.monotonic())
                self.requests.append((at, line.split()[1].decode(), headers))
                answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
                if callable(answer):
                    answer(connection)
                    return
                connection.sendall(answer)
                if b"Connection: close" in answer or b"Content-Length" not in answer:
                    return

    def close(self) -> None:
        """Stop, even during an answer that drips or hangs."""
        self.closing.set()
        with socket.create_connection(self._listener.getsockname()):
            self._thread.join(5)
        self._listener.close()
        for connection in self.open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def hang(self, _connection: socket.socket) -> None:
        """Never answer."""
        self.closing.wait(10)

    def drip(self, start: bytes, forever: bytes = b" ") -> Callable[[socket.socket], None]:
        """Return an answer that starts with `start` and continues byte by byte."""

        def answer(connection: socket.socket) -> None:
            connection.sendall(start)
            while not self.closing.wait(0.005):
                connection.sendall(forever)

        return answer


def reset(connection: socket.socket) -> None:
    """Answer with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server on loopback."""
    running = Server()
    yield running
    running.close()


def polite(
    clock: Clock,
    *,
    night: float = NIGHT,
    pace: float = PACE,
    key: ApiKey | None = None,
    **limits: float,
) -> PoliteSession:
    """Return a session that ends after 20 minutes and whose jitter is always the same."""
    return PoliteSession(
        user_agent="test/1",
        clock=clock,
        deadline=clock.monotonic() + night,
        pace=pace,
        rng=random.Random(1),
        limits=Limits(**limits),
        key=key,
    )


def failure(session: PoliteSession, url: str) -> FetchError:
    """Return the error of a request that must fail."""
    with pytest.raises(FetchError) as caught:
        session.get(url, accept_any)
    return caught.value


def test_starts_are_three_seconds_apart_however_long_an_answer_took(
    server: Server, clock: VirtualClock
) -> None:
    """The pace is measured from start to start, so a slow answer shortens the wait that follows."""

    def slow(connection: socket.socket) -> None:
        clock.elapsed += 2.0
        connection.sendall(http(FEED, 200, "Connection: close"))

    server.answers = [http(), slow, http()]
    session = polite(clock)
    for _ in range(3):
        session.get(server.url, accept_any)
    assert clock.sleeps == pytest.approx([3.0 + MARGIN, 1.0 + MARGIN])


def test_the_server_sees_the_pace(server: Server) -> None:
    """On the real clock, requests arrive at the server at least one pace apart."""
    session = polite(SystemClock(), pace=0.2)
    for _ in range(4):
        session.get(server.url, accept_any)
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(server.requests)]
    assert len(gaps) == 3
    assert min(gaps) >= 0.2
    assert max(gaps) < 0.4


def test_connecting_does_not_eat_into_the_pace(
    server: Server, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request starts when its connection is established, not when it is requested."""
    real = socket.getaddrinfo

    def slow(host: str, port: int, *args: int, **kwargs: int) -> Addresses:
        clock.elapsed += 2.5
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    session = polite(clock)
    session.get(server.url, accept_any)
    session.get(server.url, accept_any)
    assert server.connections == 1
    assert clock.sleeps == pytest.approx([3.0 + MARGIN])


def test_one_connection_is_kept(server: Server, clock: VirtualClock) -> None:
    """All requests to a host use one connection, even after an error with a body."""
    server.answers = [http(), http(b"busy", 503), http(), http(b"", 404), http()]
    session = polite(clock)
    session.get(server.url, accept_any)
    session.get(server.url, accept_any)
    failure(session, server.url)
    session.get(server.url, accept_any)
    assert server.connections == 1
    assert len(server.requests) == 5


def test_headers_name_the_project_and_ask_for_atom_and_compression(
    server: Server, clock: VirtualClock
) -> None:
    """The session's User-Agent replaces that of a client library."""
    polite(clock).get(server.url, accept_any, headers={"user-agent": "arxiv.py/4", "X-A": "b"})
    headers = server.requests[0][2]
    assert headers["user-agent"] == "test/1"
    assert headers["accept"].startswith("application/atom+xml")
    assert headers["accept-encoding"] == "gzip, deflate"
    assert headers["x-a"] == "b"


def test_a_compressed_answer_is_unpacked(server: Server, clock: VirtualClock) -> None:
    """The check and the caller get the decompressed body."""
    server.answers = [http(gzip.compress(FEED), 200, "Content-Encoding: gzip")]
    seen: list[bytes] = []
    assert polite(clock).get(server.url, seen.append).content == FEED
    assert seen == [FEED]


def test_redirects_are_followed_at_the_pace(server: Server, clock: VirtualClock) -> None:
    """A redirect is paced like any other request."""
    server.answers = [http(b"moved", 301, "Location: /new"), http()]
    assert polite(clock).get(f"{server.url}/old", accept_any).content == FEED
    assert [path for _, path, _ in server.requests] == ["/old", "/new"]
    assert clock.sleeps == pytest.approx([3.0 + MARGIN])


def test_a_redirect_to_another_host_is_refused(server: Server, clock: VirtualClock) -> None:
    """Only arXiv's hosts, and the host that was asked, are trusted; the key goes to no other."""
    other = Server()
    target = other.url.replace("127.0.0.1", "localhost")
    server.answers = [http(b"", 302, f"Location: {target}")]
    error = failure(polite(clock, key=ApiKey("X-Key", "secret", (server.url,))), server.url)
    assert "localhost, which is not arXiv's" in error.reason
    assert "secret" not in str(error)
    assert other.requests == []
    other.close()


def test_the_key_goes_to_the_addresses_it_is_for(server: Server, clock: VirtualClock) -> None:
    """Another address gets none, and no text shows it."""
    key = ApiKey("X-Key", "secret", (server.url,))
    polite(clock, key=key).get(server.url, accept_any)
    polite(clock, key=replace(key, addresses=())).get(server.url, accept_any)
    assert ["secret" in str(request) for request in server.requests] == [True, False]
    assert "secret" not in repr(key)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://export.arxiv.org/api/query", True),
        ("https://arxiv.org/pdf/1", True),
        ("http://export.arxiv.org/api/query", False),
        ("https://arxiv.org.example.com/", False),
        ("https://notarxiv.org/", False),
        ("http://127.0.0.1:9/oai?x", True),
        ("http://127.0.0.1:99/oai", False),
    ],
)
def test_which_addresses_get_the_key(url: str, *, sent: bool) -> None:
    """Those of arXiv's hosts, over a secure connection, and those set in the environment."""
    environment = Environment(arxiv_oai_url="http://127.0.0.1:9/oai", arxiv_api_key="secret")
    key = api_key_of(environment)
    assert key is not None
    assert key.goes_to(url) is sent
    assert "secret" not in repr(environment)


@pytest.mark.parametrize("target", ["/again", "ftp://127.0.0.1/file"])
def test_redirects_that_lead_nowhere(target: str, server: Server, clock: VirtualClock) -> None:
    """A loop of redirects, or one to another protocol, is reported as arXiv unavailable."""
    server.answers = [http(b"", 302, f"Location: {target}")]
    error = failure(polite(clock), server.url)
    assert error.state is FetchState.UNAVAILABLE
    assert len(server.requests) <= 6


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (http(b"Rate exceeded.", 429), FetchState.THROTTLED, "Rate exceeded"),
        (http(b"Rate exceeded.", 200), FetchState.THROTTLED, "Rate exceeded"),
        (http(b"\n rate exceeded", 400), FetchState.THROTTLED, "Rate exceeded"),
        (http(b"", 429), FetchState.THROTTLED, "HTTP 429"),
        (http(b"Not Acceptable", 406), FetchState.THROTTLED, "HTTP 406"),
        (http(b"", 403), FetchState.UNAVAILABLE, "HTTP 403"),
        (http(b"", 408), FetchState.UNAVAILABLE, "HTTP 408"),
        (http(b"", 500), FetchState.UNAVAILABLE, "HTTP 500"),
        (http(b"<html/>", 503), FetchState.UNAVAILABLE, "HTTP 503"),
        (http(b"", 202), FetchState.UNAVAILABLE, "HTTP 202"),
        (http(b"", 304), FetchState.UNAVAILABLE, "HTTP 304"),
        (http(FEED, 200, "Connection: close", length=999), FetchState.UNAVAILABLE, "cut short"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n<feed",
            FetchState.UNAVAILABLE,
            "cut short",
        ),
        (http(b"no gzip", 200, "Content-Encoding: gzip"), FetchState.UNAVAILABLE, "compression"),
        (b"", FetchState.UNAVAILABLE, "closed without an answer"),
        (b"SSH-2.0\r\n\r\n", FetchState.UNAVAILABLE, "not HTTP"),
        (reset, FetchState.UNAVAILABLE, "reset"),
    ],
    ids=[
        "429 with words",
        "200 that says Rate exceeded",
        "400 that says rate exceeded",
        "429",
        "406",
        "403",
        "408",
        "500",
        "503 with HTML",
        "202",
        "304 unasked",
        "cut body",
        "cut chunk",
        "bad gzip",
        "closed",
        "not HTTP",
        "reset",
    ],
)
def test_temporary_failures_are_tried_four_times(
    answer: Answer, state: FetchState, reason: str, server: Server, clock: VirtualClock
) -> None:
    """A failure that may be temporary is reported after four tries with growing pauses."""
    server.clock = clock
    server.answers = [answer]
    error = failure(polite(clock), f"{server.url}/?secret=1")
    assert error.state is state
    assert reason in error.reason
    assert "4 tries" in error.reason
    assert "secret" not in str(error)
    assert len(server.requests) == 4
    gaps = [later - earlier for earlier, later in pairwise(server.moments)]
    for number, gap in enumerate(gaps):
        longest = BACKOFF * 3**number
        assert max(longest / 2, 3.0 + MARGIN) <= gap <= longest


@pytest.mark.parametrize("status", [401, 404, 410, 414])
def test_permanent_failures_are_not_retried(
    status: int, server: Server, clock: VirtualClock
) -> None:
    """A wrong URL is still wrong after a minute."""
    server.answers = [http(b"", status)]
    assert failure(polite(clock), server.url).reason == f"HTTP {status}"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (ERROR_FEED, "malformed query: unbalanced parenthesis"),
        (b"<html>Bad Request", "HTTP 400"),
        (b"", "HTTP 400"),
        ("<feed>é</feed>".encode("latin-1"), "HTTP 400"),
    ],
)
def test_400_is_a_bad_query_and_never_retried(
    body: bytes, reason: str, server: Server, clock: VirtualClock
) -> None:
    """The reason is arXiv's own error message, if there is one."""
    server.answers = [http(body, 400)]
    error = failure(polite(clock), server.url)
    assert (error.state, error.reason) == (FetchState.BAD_QUERY, reason)
    assert str(error) == f"bad query: {reason}"
    assert len(server.requests) == 1


def test_a_fault_that_passes_leaves_no_trace(server: Server, clock: VirtualClock) -> None:
    """The answer of a later try is returned like that of a first one."""
    server.answers = [http(b"", 503), b"", http(b"Rate exceeded."), http()]
    assert polite(clock).get(server.url, accept_any).content == FEED
    assert len(server.requests) == 4


def test_a_rejected_answer_is_retried(server: Server, clock: VirtualClock) -> None:
    """A rejected body is retried; the state and reason of the check reach the caller."""

    def check(body: bytes) -> None:
        if body != FEED:
            raise BadAnswer("an HTML page")

    server.answers = [http(b"<html/>"), http()]
    assert polite(clock).get(server.url, check).content == FEED
    server.answers = [http(b"<html/>")]
    with pytest.raises(FetchError, match="arXiv unavailable: an HTML page"):
        polite(clock).get(server.url, check)


def test_a_final_rejection_is_not_retried(server: Server, clock: VirtualClock) -> None:
    """A check can say that a retry is useless."""

    def check(_body: bytes) -> None:
        raise BadAnswer("an error entry", FetchState.BAD_QUERY, retry=False)

    with pytest.raises(FetchError, match="bad query: an error entry"):
        polite(clock).get(server.url, check)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "waited"),
    [
        ("90", 90.0),
        ("Fri, 20 Nov 2026 04:19:00 GMT", 120.0),
    ],
)
def test_retry_after_is_obeyed(
    header: str, waited: float, server: Server, clock: VirtualClock
) -> None:
    """Retry-After is obeyed as seconds and as a date, by the session's clock."""
    server.answers = [http(b"", 503, f"Retry-After: {header}"), http()]
    polite(clock).get(server.url, accept_any)
    assert sum(clock.sleeps) == pytest.approx(waited)


@pytest.mark.parametrize("header", ["0", "soon"])
def test_retry_after_never_shortens_a_wait(
    header: str, server: Server, clock: VirtualClock
) -> None:
    """A Retry-After of zero, or one that cannot be parsed, changes nothing."""
    server.answers = [http(b"", 503, f"Retry-After: {header}"), http()]
    polite(clock).get(server.url, accept_any)
    assert 3.0 + MARGIN <= sum(clock.sleeps) <= BACKOFF


def test_retry_after_holds_for_the_next_request_too(server: Server, clock: VirtualClock) -> None:
    """A Retry-After also delays later requests to the same service."""
    server.answers = [http(b"", 429, "Retry-After: 60"), http()]
    session = polite(clock, tries=1)
    failure(session, f"{server.url}/api/query?1")
    session.get(f"{server.url}/api/query?2", accept_any)
    assert sum(clock.sleeps) == pytest.approx(60.0)


def test_a_retry_after_beyond_the_night_ends_the_request_and_the_next_ones(
    server: Server, clock: VirtualClock
) -> None:
    """A request fails at once if it would wait too long; other services can still be used."""
    server.answers = [http(b"", 429, "Retry-After: 3600"), http()]
    session = polite(clock)
    first = failure(session, f"{server.url}/api/query?1")
    second = failure(session, f"{server.url}/api/query?2")
    assert first.state is second.state is FetchState.THROTTLED
    assert "too short" in first.reason
    assert "3600 s" in second.reason
    assert clock.sleeps == []
    session.get(f"{server.url}/atom/cs.CV", accept_any)
    assert len(server.requests) == 2


def test_a_backoff_beyond_the_night_fails_at_once(server: Server, clock: VirtualClock) -> None:
    """A request fails at once, with its last error, if a retry would pass the deadline."""
    server.answers = [http(b"", 503)]
    error = failure(polite(clock, night=10.0), server.url)
    assert error.reason == "HTTP 503 (2 tries); the night is too short for another try"
    assert clock.elapsed < 10.0


def test_the_night_ends(server: Server, clock: VirtualClock) -> None:
    """After the deadline no request is sent."""
    session = polite(clock)
    clock.elapsed += NIGHT
    error = failure(session, server.url)
    assert str(error) == "arXiv unavailable: the night's 20 minutes are over"
    assert server.requests == []


def test_a_night_can_be_made_longer(server: Server, clock: VirtualClock) -> None:
    """The deadline can be moved, for a service that has its own share of the night."""
    session = polite(clock)
    clock.elapsed += NIGHT
    failure(session, server.url)
    session.extend(120.0)
    assert session.get(server.url, accept_any).content == FEED
    clock.elapsed += 120.0
    assert failure(session, server.url).reason == "the night's 22 minutes are over"


def test_a_dead_service_gets_single_tries_until_it_lives(
    server: Server, clock: VirtualClock
) -> None:
    """After two failures in a row each request gets one try, until one succeeds."""
    server.answers = [http(b"", 503)]
    session = polite(clock)
    api = f"{server.url}/api/query"
    counts = []
    for _ in range(4):
        before = len(server.requests)
        failure(session, api)
        counts.append(len(server.requests) - before)
    assert counts == [4, 4, 1, 1]
    before = len(server.requests)
    failure(session, f"{server.url}/atom/cs.CV")
    assert len(server.requests) - before == 4, "another service is not dead"
    server.answers = [http()]
    session.get(api, accept_any)
    server.answers = [http(b"", 503)]
    before = len(server.requests)
    failure(session, api)
    assert len(server.requests) - before == 4


def test_bad_queries_do_not_make_a_service_dead(server: Server, clock: VirtualClock) -> None:
    """Two topics with invalid queries do not cost the other topics their retries."""
    server.answers = [http(ERROR_FEED, 400), http(ERROR_FEED, 400), http(b"", 503), http()]
    session = polite(clock)
    failure(session, server.url)
    failure(session, server.url)
    assert session.get(server.url, accept_any).content == FEED


def test_a_hanging_server_is_left(server: Server, clock: VirtualClock) -> None:
    """Without a byte, a request ends at the read timeout."""
    server.answers = [server.hang]
    error = failure(polite(clock, tries=1, read_timeout=0.1), server.url)
    assert (error.state, error.reason) == (FetchState.UNAVAILABLE, "silence for too long")


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nX-Drip: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n<feed>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n<feed>",
        b"HTTP/1.1 200 OK\r\n\r\n<feed>",
    ],
    ids=["headers", "body", "chunk", "body without a length"],
)
def test_a_dripping_answer_meets_the_deadline(
    start: bytes, server: Server, clock: VirtualClock
) -> None:
    """An answer that never meets the read timeout still ends at the total timeout."""
    server.answers = [server.drip(start)]
    began = time.monotonic()
    error = failure(polite(clock, tries=1, total_timeout=0.15), server.url)
    assert 0.1 < time.monotonic() - began < 2.0
    assert (error.state, error.reason) == (
        FetchState.UNAVAILABLE,
        "no whole answer within 0.15 s",
    )


def test_the_deadline_holds_on_a_kept_connection(server: Server, clock: VirtualClock) -> None:
    """The total timeout also covers a request over a kept connection."""
    server.answers = [http(), server.drip(b"HTTP/1.1 200 OK\r\nX-Drip: ")]
    session = polite(clock, tries=1, total_timeout=0.15)
    session.get(server.url, accept_any)
    assert "no whole answer" in failure(session, server.url).reason
    assert server.connections == 1


def test_the_deadline_holds_while_a_secure_connection_is_made(
    server: Server, clock: VirtualClock
) -> None:
    """The total timeout covers the TLS handshake."""
    server.greeting = server.drip(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\x00", b"\0")
    session = polite(clock, tries=1, total_timeout=0.15)
    # Loading the certificates could take up the time.
    session.requests_session.verify = False
    began = time.monotonic()
    error = failure(session, server.url.replace("http", "https"))
    assert time.monotonic() - began < 2.0
    assert error.reason == "no whole answer within 0.15 s"


def test_the_deadline_holds_for_a_proxy(
    server: Server, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The total timeout covers a proxy's answer to CONNECT."""
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    monkeypatch.setenv("NO_PROXY", "")
    server.answers = [server.drip(b"HTTP/1.1 200 OK\r\nX-Drip: ")]
    error = failure(polite(clock, tries=1, total_timeout=0.15), "https://arxiv.invalid/")
    assert error.reason == "no whole answer within 0.15 s"
    assert [path for _, path, _ in server.requests] == ["arxiv.invalid:443"]


def test_the_next_request_after_a_cut_one_is_whole(server: Server, clock: VirtualClock) -> None:
    """An abandoned connection is not used again."""
    server.answers = [server.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"), http()]
    session = polite(clock, tries=2, total_timeout=0.15)
    assert session.get(server.url, accept_any).content == FEED


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize(
    "start",
    [b"", b"HTTP/1.1 200 OK\r\nX-Hang: ", b"HTTP/1.1 200 OK\r\n\r\n<feed>"],
    ids=["nothing", "headers", "body without a length"],
)
def test_an_abandoned_connection_is_closed_before_the_retry(
    start: bytes, kept: bool, server: Server, clock: VirtualClock
) -> None:
    """When the retry arrives, the client has already closed the connection of the first try."""
    received = []

    def hang(connection: socket.socket) -> None:
        connection.sendall(start)
        server.closing.wait(10)

    def answer(connection: socket.socket) -> None:
        server.open[0].settimeout(1.0)
        received.append(server.open[0].recv(1))
        connection.sendall(http())

    server.answers = [http(), hang, answer] if kept else [hang, answer]
    session = polite(clock, tries=2, total_timeout=0.15)
    if kept:
        session.get(server.url, accept_any)
    assert session.get(server.url, accept_any).content == FEED
    assert received == [b""]


def test_a_request_that_was_abandoned_while_its_name_was_resolved_is_never_sent(
    server: Server, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The total timeout covers name resolution; nothing is sent to an address found later."""
    real, late = socket.getaddrinfo, threading.Event()
    threads: list[threading.Thread] = []

    def slow(host: str, port: int, *args: int, **kwargs: int) -> Addresses:
        threads.append(threading.current_thread())
        if len(threads) == 1:
            late.wait(10)
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    session = polite(clock, tries=2, total_timeout=0.15)
    assert session.get(server.url, accept_any).content == FEED
    late.set()
    threads[0].join(5)
    session.get(server.url, accept_any)
    assert len(server.requests) == 2


def test_a_request_is_bounded_by_the_night(server: Server) -> None:
    """A request ends at the night's deadline, whatever its own timeouts are."""
    server.answers = [server.hang]
    began = time.monotonic()
    failure(polite(SystemClock(), night=0.2), server.url)
    assert time.monotonic() - began < 2.0


def test_nobody_listens(server: Server, clock: VirtualClock) -> None:
    """A refused connection is retried and then reported as arXiv unavailable."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    session = polite(clock)
    error = failure(session, f"http://127.0.0.1:{port}")
    assert error.reason == "connection refused (4 tries)"
    assert session.get(server.url, accept_any).content == FEED


def test_a_name_without_an_address(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host name that does not resolve is reported as arXiv unavailable."""

    def unknown(*_args: object, **_kwargs: object) -> Addresses:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = failure(polite(clock, tries=1), "http://arxiv.invalid/api")
    assert error.reason == "the host's name cannot be resolved"


def test_addresses_of_a_host_are_tried_in_turn(
    server: Server, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If one address of a host refuses the connection, the next one is tried."""
    port = int(server.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()[1]
    real = socket.getaddrinfo

    def two(host: str, at: int, *args: int, **kwargs: int) -> Addresses:
        if host != "two.test":
            return real(host, at, *args, **kwargs)
        return [address for at in (closed, port) for address in real("127.0.0.1", at, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    assert polite(clock, tries=1).get("http://two.test/", accept_any).content == FEED


@pytest.mark.parametrize("compressed", [False, True])
def test_an_answer_without_end_is_cut_off(
    compressed: bool, server: Server, clock: VirtualClock
) -> None:
    """Reading stops at the size limit, which counts decompressed bytes."""
    body = bytes(2**20)
    server.answers = [
        http(gzip.compress(body), 200, "Content-Encoding: gzip") if compressed else http(body)
    ]
    error = failure(polite(clock, max_bytes=2**18), server.url)
    assert (error.state, error.reason) == (
        FetchState.UNAVAILABLE,
        "the answer is longer than 0.25 MB",
    )
    assert len(server.requests) == 1


def test_the_rest_of_a_cut_off_answer_is_not_waited_for(
    server: Server, clock: VirtualClock
) -> None:
    """The connection of an answer that was too long is closed, and not used again."""
    server.answers = [http(bytes(2**19), length=2**20), http()]
    session = polite(clock, max_bytes=2**18)
    failure(session, server.url)
    assert session.get(server.url, accept_any).content == FEED
    assert server.connections == 2


def test_an_address_that_is_none(clock: VirtualClock) -> None:
    """An invalid URL in a setting is reported as a failed request, not as a traceback."""
    error = failure(polite(clock), "export.arxiv.org/api")
    assert error.reason == "the address cannot be used"


def test_checks_nest(server: Server, clock: VirtualClock) -> None:
    """A check is used within its block only, even if the block fails."""
    seen: list[str] = []
    session = polite(clock)
    server.answers = [http(b"", 404), http()]
    with session.checking(lambda _body: seen.append("outer")):
        with pytest.raises(FetchError):
            session.get(server.url, lambda _body: seen.append("inner"))
        session.requests_session.get(server.url)
    session.requests_session.get(server.url)
    assert seen == ["outer"]


def test_a_session_closes(server: Server, clock: VirtualClock) -> None:
    """Leaving the `with` block closes the connection; the next request opens a new one."""
    with polite(clock) as session:
        session.get(server.url, accept_any)
    session.get(server.url, accept_any)
    assert server.connections == 2
