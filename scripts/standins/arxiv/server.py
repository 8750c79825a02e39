"""The stand-in's HTTP: a real server on loopback, its faults, and its log."""

from __future__ import annotations

import gzip
import hashlib
import random
import select
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

from standins.arxiv import feeds, mailings
from standins.arxiv.faults import Fault, Faults
from standins.arxiv.query import Index, Query, QueryError, parse, parse_identifier
from standins.arxiv.records import Record, utc
from standins.loopback import Handler, StandIn

MOST_RESULTS = 2000
DEFAULT_RESULTS = 10
DEEPEST_RESULT = 10_000
FaultPlan = Callable[[int, str, Mapping[str, str]], Fault | None]
_ATOM_TYPE = "application/atom+xml; charset=utf-8"
_MAINTENANCE = b"""<!DOCTYPE html>
<html lang="en"><head><title>arXiv is down for maintenance</title></head>
<body><h1>arXiv.org is temporarily unavailable</h1><p>Please try again later.</body></html>
"""
_SORTS = ("relevance", "lastUpdatedDate", "submittedDate")
_ORDERS = ("descending", "ascending")


@dataclass
class LogEntry:
    """One request. Times are of time.monotonic()."""

    started: float
    """When the request line and the headers had arrived."""
    target: str
    """Path and query as they were sent."""
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """The request's headers, their names in lower case."""
    connection: int
    """The client's port: requests on one connection have the same."""
    fault: Fault | None = None
    finished: float | None = None
    """When the answer was sent, or given up; None while it is under way."""
    status: int | None = None
    """None if no status was sent."""
    sent: int = 0
    """Bytes of the body sent."""

    @property
    def service(self) -> str:
        """`api` for the search API, `rss` for the announcement feed."""
        return _service(self.path)


@dataclass
class _Response:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    verbatim: bool = False
    """Whether the body must not be compressed."""


class _Refused(Exception):  # noqa: N818  # an answer on its way, not an error
    def __init__(self, answer: _Response) -> None:
        self.answer = answer


class FakeArxiv(StandIn):
    """A stand-in for export.arxiv.org and rss.arxiv.org.

    All attributes may be changed at any time and take effect with the next request.
    """

    def __init__(
        self,
        records: Sequence[Record] = (),
        now: datetime | None = None,
        *,
        announced: bool = False,
        port: int = 0,
    ) -> None:
        self._now: datetime | None = None
        self.now = now
        self.announced = announced
        """Whether a version is there from its announcement on, rather than its submission."""
        self.faults = Faults()
        self.fault_plan: FaultPlan | None = None
        """Called with a request's number from 1, its path and its query; asked before `faults`."""
        self.latency = 0.0
        """Seconds before each answer."""
        self.shuffle_ties: random.Random | None = None
        """Puts papers with equal times in another order on every request, as arXiv may."""
        self.require_accept = False
        """Whether a request without Accept is answered with 406."""
        self.log: list[LogEntry] = []
        self._records: Sequence[Record] = ()
        self._index = Index(())
        self._current: tuple[object, int] = (None, 0)
        self.records = records
        super().__init__(port, _Handler)

    @property
    def records(self) -> Sequence[Record]:
        """What is served; may be replaced between nights."""
        return self._records

    @records.setter
    def records(self, records: Sequence[Record]) -> None:
        self._records = tuple(records)
        self._index = Index(self._records)

    @property
    def now(self) -> datetime | None:
        """The time that is played: later versions are not there yet. None: all are there."""
        return self._now

    @now.setter
    def now(self, now: datetime | None) -> None:
        self._now = None if now is None else utc(now)

    @property
    def rss_url(self) -> str:
        """The address that stands for https://rss.arxiv.org."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """The address that stands for https://export.arxiv.org/api/query."""
        return f"{self.rss_url}/api/query"

    def _moment(self) -> datetime:
        return self.now or datetime.now(UTC).replace(microsecond=0)

    def begin(self, entry: LogEntry) -> Fault | None:
        """Log a request and choose its fault."""
        with self.lock:
            self.log.append(entry)
            number = len(self.log)
        fault = self.fault_plan(number, entry.path, entry.query) if self.fault_plan else None
        entry.fault = fault or self.faults.take(entry.service, entry.query)
        return entry.fault

    def answer(self, entry: LogEntry, fault: Fault | None) -> _Response:
        """Return the answer to a request, spoilt by a fault of its content."""
        if fault is not None and (spoilt := _instead(fault, entry)) is not None:
            return spoilt
        try:
            tree, kind = self._document(entry, fault)
        except _Refused as refused:
            return refused.answer
        if fault is not None:
            _spoil_tree(tree, fault, self._moment())
        body = feeds.to_bytes(tree)
        if fault is not None and fault.kind == "malformed":
            body = _malformed(body, fault.entry)
        if fault is not None and fault.kind == "truncated":
            body = body[: len(body) // 2]
        answer = _Response(HTTPStatus.OK, body, {"Content-Type": kind})
        if entry.service == "rss":
            return _cached(answer, entry)
        return answer

    def _document(self, entry: LogEntry, fault: Fault | None) -> tuple[feeds.Tree, str]:
        """Return the feed that answers a request and its type. Raises _Refused."""
        if self.require_accept and "accept" not in entry.headers:
            raise _Refused(_plain(HTTPStatus.NOT_ACCEPTABLE))
        if fault is not None and fault.kind == "error_entry":
            return feeds.error_feed("internal error", self._moment()), _ATOM_TYPE
        if entry.path == "/api/query":
            try:
                return feeds.search_feed(self._search(entry.query), self._moment()), _ATOM_TYPE
            except QueryError as error:
                body = feeds.to_bytes(feeds.error_feed(str(error), self._moment()))
                headers = {"Content-Type": _ATOM_TYPE}
                raise _Refused(_Response(HTTPStatus.BAD_REQUEST, body, headers)) from error
        form, _, classes = unquote(entry.path).removeprefix("/").partition("/")
        if form != "atom" or not classes:
            raise _Refused(_plain(HTTPStatus.NOT_FOUND))
        day = mailings.mailing_day(self._moment())
        items = feeds.announcements(self._mailing(day), classes.split("+"))
        return feeds.announcement_atom(items, classes, day), _ATOM_TYPE

    def _mailing(self, day: date) -> list[Record]:
        span = mailings.submissions_of(day)
        if span is None:
            return []
        index = self._index
        return [index.records[number] for number in index.submitted_between(*span)]

    def _search(self, asked: Mapping[str, str]) -> feeds.Page:
        """Return what the search API finds. Raises QueryError or _Refused."""
        start = _count(asked, "start", 0)
        # Of a larger page arXiv gives as much as it ever does.
        size = min(_count(asked, "max_results", DEFAULT_RESULTS), MOST_RESULTS)
        sort = _choice(asked, "sortBy", _SORTS)
        order = _choice(asked, "sortOrder", _ORDERS)
        text, identifiers = asked.get("search_query", ""), asked.get("id_list", "")
        if not text.strip() and not identifiers:
            raise QueryError("either a search_query or an id_list must be specified")
        index = self._index
        query = parse(text) if text.strip() else None
        numbers = self._found(index, query, identifiers)
        if start + size > DEEPEST_RESULT:
            raise _Refused(_plain(HTTPStatus.INTERNAL_SERVER_ERROR))
        if sort != "relevance" or query is not None:
            self._sort(index, numbers, query, sort, reverse=order == "descending")
        return feeds.Page(
            search_query=text,
            id_list=identifiers,
            start=start,
            max_results=size,
            total=len(numbers),
            records=[index.records[number] for number in numbers[start : start + size]],
        )

    def _found(self, index: Index, query: Query | None, identifiers: str) -> list[int]:
        """Return the visible records that a query and a list of identifiers have in common."""
        wanted = [parse_identifier(text) for text in identifiers.split(",")] if identifiers else []
        current = self._visible(index)
        if not identifiers:
            return list(index.unpack(current if query is None else current & index.find(query)))
        matching = index.everything if query is None else index.find(query)
        found: dict[int, None] = {}
        for arxiv_id, version in wanted:
            for number in index.identified(arxiv_id):
                record = index.records[number]
                here = (
                    current >> number & 1
                    if version is None
                    else record.version == version and self._is_there(record)
                )
                if here and matching >> number & 1:
                    found[number] = None
        return list(found)

    def _sort(
        self, index: Index, numbers: list[int], query: Query | None, sort: str, *, reverse: bool
    ) -> None:
        if self.shuffle_ties is not None:
            with self.lock:
                self.shuffle_ties.shuffle(numbers)
        if sort == "lastUpdatedDate":
            numbers.sort(key=lambda number: index.records[number].updated, reverse=reverse)
        elif sort == "submittedDate":
            numbers.sort(key=lambda number: index.records[number].published, reverse=reverse)
        else:
            numbers.sort(key=lambda number: index.relevance(query, number), reverse=reverse)

    def _visible(self, index: Index) -> int:
        kept, current = self._current
        asked = (index, self.now, self.announced)
        if kept != asked:
            current = index.current(self._is_there)
            self._current = (asked, current)
        return current

    def _is_there(self, record: Record) -> bool:
        if self.now is None:
            return True
        if self.announced:
            return mailings.announced(record.updated) <= self.now
        return record.updated <= self.now


def _service(path: str) -> str:
    return "api" if path.startswith("/api/") else "rss"


def _count(asked: Mapping[str, str], name: str, default: int) -> int:
    text = asked.get(name, str(default))
    try:
        number = int(text)
    except ValueError:
        raise QueryError(f"{name} must be an integer") from None
    if number < 0:
        raise QueryError(f"{name} must be non-negative")
    return number


def _choice(asked: Mapping[str, str], name: str, choices: Sequence[str]) -> str:
    value = asked.get(name, choices[0])
    if value not in choices:
        raise QueryError(f"{name} must be in: {', '.join(choices)}")
    return value


def _plain(status: int, body: bytes | None = None) -> _Response:
    if body is None:
        body = (
            b"Rate exceeded."
            if status == HTTPStatus.TOO_MANY_REQUESTS
            else f"{status} {_phrase(status)}\n".encode()
        )
    return _Response(status, body, {"Content-Type": "text/plain; charset=utf-8"})


def _phrase(status: int) -> str:
    with suppress(ValueError):
        return HTTPStatus(status).phrase
    return "Unknown"


def _cached(answer: _Response, entry: LogEntry) -> _Response:
    digest = hashlib.sha256(answer.body).hexdigest()[:32]
    answer.headers["ETag"] = f'"{digest}"'
    asked = entry.headers.get("if-none-match", "")
    # A front that compresses weakens the tag; both forms mean the same bytes here.
    if digest in asked or asked.strip() == "*":
        return _Response(HTTPStatus.NOT_MODIFIED, b"", {"ETag": answer.headers["ETag"]})
    return answer


def _instead(fault: Fault, entry: LogEntry) -> _Response | None:
    """Return the answer of a fault that has nothing to do with what was asked."""
    if fault.kind == "status":
        answer = _plain(fault.status, fault.body)
        if fault.retry_after is not None:
            answer.headers["Retry-After"] = fault.retry_after
        answer.headers.update(fault.headers)
        return answer
    if fault.kind == "rate_exceeded_200":
        return _plain(HTTPStatus.OK, b"Rate exceeded.")
    if fault.kind == "html":
        body = _MAINTENANCE if fault.body is None else fault.body
        return _Response(HTTPStatus.OK, body, {"Content-Type": "text/html; charset=utf-8"})
    if fault.kind == "redirect_loop":
        answer = _plain(HTTPStatus.FOUND)
        answer.headers["Location"] = entry.target
        return answer
    if fault.kind == "body":
        headers = {"Content-Type": _ATOM_TYPE, **fault.headers}
        return _Response(fault.status, fault.body or b"", headers, verbatim=True)
    return None


def _entries(tree: feeds.Tree) -> list[feeds.Tree]:
    return tree.findall(f"{{{feeds.ATOM}}}entry")


def _remove(element: feeds.Tree) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _spoil_tree(tree: feeds.Tree, fault: Fault, now: datetime) -> None:
    """Do to a feed what a fault of its content does."""
    entries = _entries(tree)
    total = tree.find(f"{{{feeds.OPENSEARCH}}}totalResults")
    if fault.kind in ("empty", "empty_with_total"):
        for entry in entries:
            _remove(entry)
        if fault.kind == "empty" and total is not None:
            total.text = "0"
    elif fault.kind == "short":
        missing = (len(entries) + 1) // 2 if fault.count is None else fault.count
        for entry in entries[max(0, len(entries) - missing) :]:
            _remove(entry)
    elif fault.kind == "wrong_total":
        if total is not None:
            total.text = str(int(total.text or 0) + (7 if fault.count is None else fault.count))
    elif entries:
        _spoil_entry(entries[min(fault.entry, len(entries) - 1)], fault, now)


def _spoil_entry(entry: feeds.Tree, fault: Fault, now: datetime) -> None:
    published = entry.findall(f"{{{feeds.ATOM}}}published")
    dates = [*published, *entry.iterfind(f"{{{feeds.ATOM}}}updated")]
    if fault.kind == "no_date":
        for element in published:
            _remove(element)
    elif fault.kind == "bad_date":
        for element in dates:
            element.text = "2026-13-45T99:99:99Z"
    elif fault.kind == "future_date":
        for element in dates:
            element.text = feeds.zulu(now + timedelta(days=400))
    elif fault.kind == "missing_id":
        for element in entry.findall(f"{{{feeds.ATOM}}}id"):
            _remove(element)


def _malformed(body: bytes, entry: int) -> bytes:
    """Leave out the closing tag of an entry's title; of the feed's if there is no entry."""
    closing = b"</title>"
    place = body.find(closing)
    for _ in range(entry + 1):
        following = body.find(closing, place + 1)
        place = place if following < 0 else following
    return body[:place] + body[place + len(closing) :]


class _Handler(Handler):
    @property
    def _arxiv(self) -> FakeArxiv:
        stand_in = self.server.stand_in
        assert isinstance(stand_in, FakeArxiv)  # noqa: S101 - for the type checker
        return stand_in

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer a request."""
        parts = urlsplit(self.path)
        entry = LogEntry(
            started=time.monotonic(),
            target=self.path,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=self.lower_headers(),
            connection=self.client_address[1],
        )
        arxiv = self._arxiv
        try:
            fault = arxiv.begin(entry)
            self._pause(arxiv.latency)
            self._reply(entry, fault)
        finally:
            entry.finished = entry.finished or time.monotonic()

    def _reply(self, entry: LogEntry, fault: Fault | None) -> None:
        kind = fault.kind if fault is not None else None
        seconds = fault.seconds if fault is not None else 0.0
        if kind == "hang":
            self._hang()
            return
        if kind == "reset":
            self.reset()
            return
        if kind == "latency":
            self._pause(seconds)
        answer = self._arxiv.answer(entry, fault)
        compress = "gzip" in entry.headers.get("accept-encoding", "") and not answer.verbatim
        if kind == "cut_gzip" or (compress and answer.body):
            answer.body = gzip.compress(answer.body, mtime=0)
            answer.headers["Content-Encoding"] = "gzip"
        if kind == "cut_gzip":
            answer.body = answer.body[: len(answer.body) // 2]
        length = len(answer.body)
        if kind == "cut":
            answer.body = answer.body[: length // 2]
            self.close_connection = True
        head = self._head(answer, length)
        entry.status = int(answer.status)
        if kind == "drip_headers":
            self._drip(head, seconds)
        elif kind == "drip":
            self.wfile.write(head)
            entry.sent = self._drip(answer.body, seconds)
        else:
            # Held back by a byte, so that who has the whole answer finds the log complete.
            whole = head + answer.body
            self.wfile.write(whole[:-1])
            entry.sent = len(answer.body)
            entry.finished = time.monotonic()
            self.wfile.write(whole[-1:])

    def _head(self, answer: _Response, length: int) -> bytes:
        lines = {
            "Date": self.date_time_string(),
            "Server": "fake-arxiv",
            "Vary": "Accept-Encoding",
            "Content-Length": str(length),
            **answer.headers,
        }
        if self.close_connection:
            lines["Connection"] = "close"
        text = f"HTTP/1.1 {answer.status} {_phrase(answer.status)}\r\n"
        text += "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"{text}\r\n".encode("latin-1")

    def _pause(self, seconds: float) -> None:
        if seconds > 0 and self.server.stand_in.stopping.wait(seconds):
            raise ConnectionAbortedError

    def _drip(self, data: bytes, seconds: float) -> int:
        """Send a byte at a time and return how many there were. Raises ConnectionError."""
        for place in range(len(data)):
            self.wfile.write(data[place : place + 1])
            self._pause(seconds)
        self.close_connection = True
        return len(data)

    def _hang(self) -> None:
        """Return once the client has closed the connection, or `stop` has."""
        self.close_connection = True
        while not self.server.stand_in.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], 1.0)
            if readable and not self.connection.recv(1024):
                return
