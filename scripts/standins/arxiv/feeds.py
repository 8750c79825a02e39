"""arXiv's answers as XML: the search API's Atom, and the announcement feed's."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from lxml import etree

from standins.arxiv.mailings import midnight
from standins.arxiv.records import Record

ATOM = "http://www.w3.org/2005/Atom"
ARXIV = "http://arxiv.org/schemas/atom"
OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
DC = "http://purl.org/dc/elements/1.1/"
LICENSE = "http://creativecommons.org/licenses/by/4.0/"
MOST_ITEMS = 2000
_LATEST_REPLACEMENT = 5
# XML cannot hold these even as references.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Tree = etree._Element  # noqa: SLF001  # lxml has no public name for it


@dataclass(frozen=True)
class Page:
    """What the search API was asked and found."""

    search_query: str
    id_list: str
    start: int
    max_results: int
    total: int
    records: Sequence[Record]


def search_feed(page: Page, now: datetime) -> Tree:
    """Return the search API's answer."""
    feed = _feed(opensearch=OPENSEARCH, arxiv=ARXIV)
    asked = (
        f"search_query={page.search_query}&id_list={page.id_list}"
        f"&start={page.start}&max_results={page.max_results}"
    )
    digest = hashlib.sha1(asked.encode(), usedforsecurity=False).digest()
    _add(feed, "id", "https://arxiv.org/api/" + base64.b64encode(digest).decode().rstrip("="))
    _add(feed, "title", f"arXiv Query: {asked}")
    _add(feed, "updated", zulu(now))
    _link(
        feed,
        href=f"https://arxiv.org/api/query?search_query={page.search_query}&start={page.start}"
        f"&max_results={page.max_results}&id_list={page.id_list}",
        type="application/atom+xml",
    )
    _counts(feed, page.max_results, page.total, page.start)
    for record in page.records:
        _entry(feed, record)
    return feed


def error_feed(message: str, now: datetime) -> Tree:
    """Return what the search API answers to a question it cannot read."""
    feed = _feed(opensearch=OPENSEARCH, arxiv=ARXIV)
    _add(feed, "id", "https://arxiv.org/")
    _add(feed, "title", "arXiv Search Results")
    _add(feed, "updated", zulu(now))
    _counts(feed, 1, 1, 0)
    entry = _add(feed, "entry")
    address = "https://arxiv.org/api/errors#" + re.sub(r"\s+", "_", message)
    _add(entry, "id", address)
    _add(entry, "title", "Error")
    _add(entry, "updated", zulu(now))
    _link(entry, href=address, rel="alternate", type="text/html")
    _add(entry, "summary", message)
    _add(_add(entry, "author"), "name", "arXiv api core")
    return feed


def _feed(**namespaces: str) -> Tree:
    # The stubs know no default namespace, lxml's None.
    return etree.Element(f"{{{ATOM}}}feed", nsmap={**namespaces, None: ATOM})  # type: ignore[dict-item]


def _add(parent: Tree, name: str, text: str | None = None, namespace: str = ATOM) -> Tree:
    element = etree.SubElement(parent, f"{{{namespace}}}{name}")
    if text is not None:
        element.text = _ILLEGAL.sub("", text)
    return element


def _link(parent: Tree, **attributes: str) -> None:
    element = _add(parent, "link")
    for name, value in attributes.items():
        element.set(name, _ILLEGAL.sub("", value))


def _counts(feed: Tree, items: int, total: int, start: int) -> None:
    _add(feed, "itemsPerPage", str(items), OPENSEARCH)
    _add(feed, "totalResults", str(total), OPENSEARCH)
    _add(feed, "startIndex", str(start), OPENSEARCH)


def _entry(feed: Tree, record: Record) -> None:
    entry = _add(feed, "entry")
    _add(entry, "id", f"http://arxiv.org/abs/{record.versioned_id}")
    _add(entry, "title", record.title)
    _add(entry, "updated", zulu(record.updated))
    _link(
        entry,
        href=f"https://arxiv.org/abs/{record.versioned_id}",
        rel="alternate",
        type="text/html",
    )
    _link(
        entry,
        href=f"https://arxiv.org/pdf/{record.versioned_id}",
        rel="related",
        type="application/pdf",
        title="pdf",
    )
    _add(entry, "summary", record.abstract)
    for category in record.categories:
        element = _add(entry, "category")
        element.set("term", category)
        element.set("scheme", ARXIV)
    _add(entry, "published", zulu(record.published))
    if record.comment:
        _add(entry, "comment", record.comment, ARXIV)
    _add(entry, "primary_category", namespace=ARXIV).set("term", record.primary_category)
    if record.journal_ref:
        _add(entry, "journal_ref", record.journal_ref, ARXIV)
    for author in record.authors:
        _add(_add(entry, "author"), "name", author)
    if record.doi:
        _add(entry, "doi", record.doi, ARXIV)
        _link(entry, rel="related", href=f"https://doi.org/{record.doi}", title="doi")


@dataclass(frozen=True)
class Announcement:
    """A version in an announcement feed and its kind: new, cross, replace or replace-cross."""

    record: Record
    kind: str


def announcements(records: Iterable[Record], classes: Sequence[str]) -> list[Announcement]:
    """Return what the feed of these subject classes shows of a mailing's versions.

    A class is `cs.CV`, or `cs` for all of an archive. Ascending, replacements from version 6 on
    left out, at most 2000: https://info.arxiv.org/help/rss.html
    """

    def requested(category: str) -> bool:
        return any(category == wanted or category.startswith(f"{wanted}.") for wanted in classes)

    newest: dict[str, Record] = {}
    for record in records:
        if record.version > _LATEST_REPLACEMENT or not any(map(requested, record.categories)):
            continue
        other = newest.get(record.arxiv_id)
        if other is None or other.version < record.version:
            newest[record.arxiv_id] = record
    shown = [newest[arxiv_id] for arxiv_id in sorted(newest)][:MOST_ITEMS]
    return [Announcement(record, _kind(record, requested)) for record in shown]


def _kind(record: Record, requested: Callable[[str], bool]) -> str:
    at_home = requested(record.primary_category)
    if record.version > 1:
        return "replace" if at_home else "replace-cross"
    return "new" if at_home else "cross"


def announcement_atom(items: Sequence[Announcement], classes: str, day: date) -> Tree:
    """Return rss.arxiv.org/atom/{classes} of a day, Eastern."""
    feed = _feed(arxiv=ARXIV, dc=DC)
    feed.set("{http://www.w3.org/XML/1998/namespace}lang", "en-us")
    start = midnight(day)
    built = start.astimezone(UTC).replace(second=19, microsecond=866337).isoformat()
    address = f"http://rss.arxiv.org/atom/{classes}"
    _add(feed, "id", address)
    _add(feed, "title", f"{classes} updates on arXiv.org")
    _add(feed, "updated", built)
    _link(feed, href=address, rel="self", type="application/atom+xml")
    _add(feed, "subtitle", f"{classes} updates on the arXiv.org e-print archive.")
    for item in items:
        record = item.record
        entry = _add(feed, "entry")
        _add(entry, "id", f"oai:arXiv.org:{record.versioned_id}")
        _add(entry, "title", record.title)
        _add(entry, "updated", built)
        _link(
            entry,
            href=f"https://arxiv.org/abs/{record.arxiv_id}",
            rel="alternate",
            type="text/html",
        )
        # The blank before the line break is arXiv's.
        kind = f"arXiv:{record.versioned_id} Announce Type: {item.kind} \n"
        _add(entry, "summary", f"{kind}Abstract: {record.abstract.strip()}")
        for category in record.categories:
            _add(entry, "category").set("term", category)
        _add(entry, "published", start.isoformat())
        _add(entry, "announce_type", item.kind, ARXIV)
        _add(entry, "rights", LICENSE, DC)
        if record.journal_ref:
            _add(entry, "journal_reference", record.journal_ref, ARXIV)
        if record.doi:
            _add(entry, "DOI", record.doi, ARXIV)
        _add(entry, "creator", ", ".join(record.authors), DC)
    return feed


def zulu(moment: datetime) -> str:
    """Return a time as the search API writes it: `2026-05-31T17:59:59Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_bytes(tree: Tree) -> bytes:
    """Return a document as arXiv writes it: indented by two blanks, UTF-8, with a declaration."""
    return etree.tostring(tree, pretty_print=True, xml_declaration=True, encoding="UTF-8")
