"""Run the stand-in for arXiv as an HTTP server on loopback, with faults and a log."""

import gzip
import random
import zlib
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from lxml import etree

from standins.arxiv import announcement_schedule, feeds, oai
from standins.arxiv.faults import Fault, Faults
from standins.arxiv.query import Index, QueryError, parse, parse_identifier
from standins.arxiv.served_papers import Record, utc
from standins.loopback import Handler, StandIn

_MAX_PAGE = 2000
_MAX_RESULT = 10_000
_ATOM = "application/atom+xml; charset=utf-8"
_MAINTENANCE = b"""<!DOCTYPE html>
<html lang="en"><head><title>arXiv is down for maintenance</title></head>
<body><h1>arXiv.org is temporarily unavailable</h1><p>Please try again later.</body></html>
"""
_CHOICES = {
    "sortBy": ("relevance", "lastUpdatedDate", "submittedDate"),
    "sortOrder": ("descending", "ascending"),
}
_DEFAULTS = {
    "search_query": "",
    "id_list": "",
    "start": "0",
    "max_results": "10",
    "sortBy": "relevance",
    "sortOrder": "descending",
}


@dataclass
class LogEntry:
    """One request and its answer."""

    target: str
    """Path and query as sent."""
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """The request's headers, with names in lower case."""
    connection: int
    """The client's port, which is the same for all requests of a connection."""
    fault: Fault | None = None
    status: int | None = None
    """None if no answer was sent."""
    sent: int = 0
    """The length of the answer's body in bytes."""

    @property
    def service(self) -> str:
        """`oai` for OAI-PMH, `api` for the search API."""
        return "oai" if self.path == "/oai" else "api"


@dataclass
class _Response:
    status: int
    body: bytes
    kind: str = "text/plain; charset=utf-8"


class FakeArxiv(StandIn):
    """A stand-in for export.arxiv.org and oaipmh.arxiv.org.

    All attributes may be changed at any time and apply from the next request on.
    """

    def __init__(
        self,
        records: Sequence[Record] = (),
        now: datetime | None = None,
        *,
        announced: bool = False,
        port: int = 0,
    ) -> None:
        self.now = now
        """The simulated time: later versions do not exist yet. None: all versions exist."""
        self.announced = announced
        """Whether a version exists from its announcement on, instead of its submission."""
        self.faults = Faults()
        self.latency = 0.0
        """Seconds before each answer."""
        self.largest_page = _MAX_PAGE
        """The most entries of an answer of the search API, however many are asked for."""
        self.oai_page = 3500
        """The most records of an answer of OAI-PMH."""
        self.hidden: Mapping[str, Collection[str]] = {}
        """The identifiers of papers that `api` or `oai` does not show."""
        self.shuffle_ties: random.Random | None = None
        """Puts papers with equal times in another order on every request, as arXiv may."""
        self.date: datetime | None = None
        """The time in the header Date; None: `now`, if it is simulated."""
        self.log: list[LogEntry] = []
        self.records = records
        super().__init__(port, _Handler)

    @property
    def records(self) -> Sequence[Record]:
        """The records that are served."""
        return self._index.records

    @records.setter
    def records(self, records: Sequence[Record]) -> None:
        self._index = Index(records)
        self._newest: tuple[object, frozenset[int]] = (None, frozenset())

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """The address to use instead of https://export.arxiv.org/api/query."""
        return f"{self.url}/api/query"

    @property
    def oai_url(self) -> str:
        """The address to use instead of https://oaipmh.arxiv.org/oai."""
        return f"{self.url}/oai"

    def time(self) -> datetime:
        """Return the simulated time, or the machine's."""
        return utc(self.now) if self.now else datetime.now(UTC).replace(microsecond=0)

    def begin(self, entry: LogEntry) -> None:
        """Log a request and choose its fault."""
        with self.lock:
            self.log.append(entry)
        entry.fault = self.faults.take(entry.service, entry.query)

    def answer(self, entry: LogEntry) -> _Response:
        """Return the answer to a request, with the fault of its content."""
        fault = entry.fault
        match fault.kind if fault else None, fault:
            case "status", Fault(status=status):
                limited = status == HTTPStatus.TOO_MANY_REQUESTS
                return _Response(status, b"Rate exceeded." if limited else f"{status}\n".encode())
            case "body", Fault(status=status, body=body):
                return _Response(status, body, _ATOM)
            case "rate_exceeded_200", _:
                return _Response(HTTPStatus.OK, b"Rate exceeded.")
            case "html", _:
                return _Response(HTTPStatus.OK, _MAINTENANCE, "text/html; charset=utf-8")
            case "redirect_loop", _:
                return _Response(HTTPStatus.FOUND, b"")
            case "error_entry", _:
                tree: feeds.Tree | None = feeds.error_feed("internal error", self.time())
            case _:
                try:
                    tree = self._feed(entry, shuffled=bool(fault and fault.kind == "shuffled"))
                except QueryError as error:
                    body = feeds.to_bytes(feeds.error_feed(str(error), self.time()))
                    return _Response(HTTPStatus.BAD_REQUEST, body, _ATOM)
        if tree is None:
            status = 500 if entry.path == "/api/query" else 404
            return _Response(status, f"{status}\n".encode())
        if fault:
            _change_tree(tree, fault.kind, self.time())
        body = feeds.to_bytes(tree)
        return _Response(HTTPStatus.OK, _change_bytes(body, fault.kind) if fault else body, _ATOM)

    def _feed(self, entry: LogEntry, *, shuffled: bool) -> feeds.Tree | None:
        """Return the requested feed; None if arXiv has none. Raises QueryError."""
        if entry.path == "/api/query":
            return self._search({**_DEFAULTS, **entry.query}, shuffled=shuffled)
        if entry.path == "/oai":
            papers = {
                one.arxiv_id: (self._stamp(one), self._versions(one))
                for one in map(self.records.__getitem__, self._visible())
                if one.arxiv_id not in self.hidden.get("oai", ())
            }
            return oai.oai_answer(entry.query, papers, self.time(), self.oai_page)
        return None

    def _versions(self, record: Record) -> list[Record]:
        """Return the versions of a paper up to this one, oldest first."""
        numbers = self._index.versions(record.arxiv_id, None)
        found = {self.records[number].version: self.records[number] for number in numbers}
        return [found[version] for version in sorted(found) if version <= record.version]

    def _stamp(self, record: Record) -> date:
        """Return the day on which arXiv changed a paper last."""
        moments = [self._since(record)]
        if record.edited and utc(record.edited) <= self.time():
            moments.append(utc(record.edited))
        return max(moments).date()

    def _search(self, asked: Mapping[str, str], *, shuffled: bool) -> feeds.Tree | None:
        """Return the search API's answer; None beyond the last result. Raises QueryError."""
        start = _number(asked, "start")
        size = min(_number(asked, "max_results"), _MAX_PAGE)
        for name, choices in _CHOICES.items():
            if asked[name] not in choices:
                raise QueryError(f"{name} must be in: {', '.join(choices)}")
        hidden = self.hidden.get("api", ())
        asked_for = self.found(asked["search_query"], asked["id_list"])
        found = [one for one in asked_for if one.arxiv_id not in hidden]
        if start + size > _MAX_RESULT:
            return None
        if self.shuffle_ties is not None:
            with self.lock:
                self.shuffle_ties.shuffle(found)
        descending = asked["sortOrder"] == "descending"
        if shuffled:
            found.sort(key=lambda record: zlib.crc32(record.arxiv_id.encode()))
        elif asked["sortBy"] == "lastUpdatedDate":
            found.sort(key=lambda record: record.updated, reverse=descending)
        elif asked["sortBy"] == "submittedDate":
            found.sort(key=lambda record: record.published, reverse=descending)
        shown: dict[str, str | int] = {
            "search_query": asked["search_query"],
            "id_list": asked["id_list"],
            "start": start,
            "max_results": size,
        }
        page = found[start : start + min(size, self.largest_page)]
        return feeds.search_feed(shown, len(found), page, self.time())

    def found(self, query: str, identifiers: str) -> list[Record]:
        """Return the visible records that match both a query and an id_list; either may be empty.

        Raises QueryError.
        """
        if not query.strip() and not identifiers:
            raise QueryError("either a search_query or an id_list must be specified")
        index = self._index
        matching = index.find(parse(query)) if query.strip() else index.everything
        numbers = self._listed(identifiers) if identifiers else sorted(self._visible() & matching)
        return [index.records[number] for number in numbers if number in matching]

    def _listed(self, identifiers: str) -> list[int]:
        """Return the records of an id_list, in its order, without duplicates."""
        newest = self._visible()
        found: list[int] = []
        for arxiv_id, version in map(parse_identifier, identifiers.split(",")):
            numbers = self._index.versions(arxiv_id, version)
            if version is None:
                found += [number for number in numbers if number in newest]
            else:
                found += [one for one in numbers if self._is_visible(self.records[one])]
        return list(dict.fromkeys(found))

    def _visible(self) -> frozenset[int]:
        """Return the newest visible version of each paper."""
        key = (self.now, self.announced)
        if self._newest[0] != key:
            self._newest = (key, self._index.newest(self._is_visible))
        return self._newest[1]

    def _is_visible(self, record: Record) -> bool:
        if self.now is None:
            return True
        return self._since(record) <= self.time()

    def _since(self, record: Record) -> datetime:
        """Return since when arXiv shows a version."""
        moment = record.updated
        if self.announced:
            moment = announcement_schedule.announced(record.updated)
        return max(moment, utc(record.appears)) if record.appears else moment


def _number(asked: Mapping[str, str], name: str) -> int:
    try:
        number = int(asked[name])
    except ValueError:
        raise QueryError(f"{name} must be an integer") from None
    if number < 0:
        raise QueryError(f"{name} must be non-negative")
    return number


def _remove(elements: Sequence[feeds.Tree]) -> None:
    for element in elements:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)


def _change_tree(tree: feeds.Tree, kind: str, now: datetime) -> None:
    """Apply a fault to an answer."""
    if entries := [one for one in tree.iter() if etree.QName(one).localname == "record"]:
        _change_records(entries, kind, now)
        return
    atom = f"{{{feeds.ATOM}}}"
    entries = tree.findall(f"{atom}entry")
    total = tree.find(f"{{{feeds.OPENSEARCH}}}totalResults")
    dates = [
        date for entry in entries[:1] for date in entry.iter(f"{atom}published", f"{atom}updated")
    ]
    match kind:
        case "empty" | "empty_with_total":
            _remove(entries)
        case "short":
            _remove(entries[len(entries) // 2 :])
        case "no_date":
            _remove([date for date in dates if date.tag == f"{atom}published"])
        case "bad_date" | "future_date":
            future = feeds.zulu(now + timedelta(days=400))
            for date in dates:
                date.text = future if kind == "future_date" else "2026-13-45T99:99:99Z"
        case "no_title":
            for title in tree.findall(f"{atom}entry/{atom}title")[:1]:
                title.text = ""
        case "doubled" if len(entries) > 1:
            tree.replace(entries[1], deepcopy(entries[0]))
        case "another_query":
            for title in tree.findall(f"{atom}title"):
                title.text = "arXiv Query: search_query=all:x&id_list=&start=0"
        case "missing_id":
            _remove([element for entry in entries[:1] for element in entry.findall(f"{atom}id")])
    if total is not None and kind in ("empty", "wrong_total"):
        total.text = "0" if kind == "empty" else str(int(total.text or 0) + 7)


def _change_records(records: Sequence[feeds.Tree], kind: str, now: datetime) -> None:
    """Apply a fault to an answer of OAI-PMH."""
    parts = {etree.QName(one).localname: one for one in records[0].iter()}
    match kind:
        case "empty":
            _remove(records)
        case "short":
            _remove(records[len(records) // 2 :])
        case "no_title":
            parts["title"].text = ""
        case "missing_id":
            parts["identifier"].text = ""
        case "no_date" | "bad_date":
            parts["date" if "date" in parts else "created"].text = "yesterday"
        case "future_date":
            parts["datestamp"].text = f"{now + timedelta(days=400):%Y-%m-%d}"


def _change_bytes(body: bytes, kind: str) -> bytes:
    """Apply a fault to a serialized feed."""
    if kind == "other_namespace":
        spaces = b"http://arxiv.org/schemas/atom", b"http://arxiv.org/OAI/"
        return body.replace(spaces[0], spaces[0] + b"2").replace(spaces[1], b"http://arxiv.org/2/")
    if kind == "truncated":
        return body[: len(body) // 2]
    if kind == "malformed":
        # Remove the closing tag of the first entry's title, or the feed's if there is no entry.
        closing = b"</title>"
        place = max(body.find(closing), body.find(closing, body.find(b"<entry>")))
        return body[:place] + body[place + len(closing) :]
    return body


class _Handler(Handler):
    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer a request."""
        arxiv = self.server.stand_in
        assert isinstance(arxiv, FakeArxiv)  # noqa: S101 - for the type checker
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        client_port = self.client_address[1]
        entry = LogEntry(self.path, parts.path, query, self.lower_headers(), client_port)
        arxiv.begin(entry)
        if arxiv.latency and arxiv.stopping.wait(arxiv.latency):
            raise ConnectionAbortedError
        kind = entry.fault.kind if entry.fault else None
        if kind == "reset":
            self.reset()
            return
        answer = arxiv.answer(entry)
        body = answer.body
        headers = {"Content-Type": answer.kind, "Vary": "Accept-Encoding"}
        if date := arxiv.date or arxiv.now:
            headers["Date"] = format_datetime(utc(date), usegmt=True)
        if kind == "redirect_loop":
            headers["Location"] = self.path
        if kind == "cut_gzip" or (body and "gzip" in entry.headers.get("accept-encoding", "")):
            body = gzip.compress(body, mtime=0)
            headers["Content-Encoding"] = "gzip"
        if kind == "cut_gzip":
            body = body[: len(body) // 2]
        # Logged before it is sent: a client that has the answer finds the log complete.
        entry.status, entry.sent = int(answer.status), len(body)
        self.send(answer.status, body, headers, cut=kind == "cut")
