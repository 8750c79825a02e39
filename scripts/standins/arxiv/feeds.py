"""Build the search API's answers: Atom feeds."""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from lxml import etree

from standins.arxiv.served_papers import Record

ATOM = "http://www.w3.org/2005/Atom"
OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_ARXIV = "http://arxiv.org/schemas/atom"
_NAMESPACES = {"": ATOM, "opensearch": OPENSEARCH, "arxiv": _ARXIV}
# XML allows these characters not even as references.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Tree = etree._Element  # noqa: SLF001  # lxml has no public name for it


def search_feed(
    asked: Mapping[str, str | int], total: int, records: Iterable[Record], now: datetime
) -> Tree:
    """Build the search API's answer: one page of `records` out of `total`.

    `asked` is search_query, id_list, start and max_results, in this order.
    """
    feed = _feed("opensearch", "arxiv")
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    digest = base64.b64encode(hashlib.sha1(query.encode(), usedforsecurity=False).digest())
    _add(feed, "id", f"https://arxiv.org/api/{digest.decode().rstrip('=')}")
    _add(feed, "title", f"arXiv Query: {query}")
    _add(feed, "updated", zulu(now))
    names = ("search_query", "start", "max_results", "id_list")
    query = "&".join(f"{name}={asked[name]}" for name in names)
    address = f"https://arxiv.org/api/query?{query}"
    _add(feed, "link", href=address, type="application/atom+xml")
    _add_counts(feed, asked["max_results"], total, asked["start"])
    for record in records:
        _add_search_entry(feed, record)
    return feed


def error_feed(message: str, now: datetime) -> Tree:
    """Build the search API's answer to an invalid query."""
    feed = _feed("opensearch", "arxiv")
    _add(feed, "id", "https://arxiv.org/")
    _add(feed, "title", "arXiv Search Results")
    _add(feed, "updated", zulu(now))
    _add_counts(feed, 1, 1, 0)
    entry = _add(feed, "entry")
    address = "https://arxiv.org/api/errors#" + re.sub(r"\s+", "_", message)
    _add(entry, "id", address)
    _add(entry, "title", "Error")
    _add(entry, "updated", zulu(now))
    _add(entry, "link", href=address, rel="alternate", type="text/html")
    _add(entry, "summary", message)
    _add(_add(entry, "author"), "name", "arXiv api core")
    return feed


def _feed(*prefixes: str) -> Tree:
    namespaces = {prefix: _NAMESPACES[prefix] for prefix in prefixes}
    # The stubs do not know lxml's default namespace, None.
    return etree.Element(f"{{{ATOM}}}feed", nsmap={**namespaces, None: ATOM})  # type: ignore[dict-item]


def _add(parent: Tree, name: str, text: str | None = None, **attributes: str) -> Tree:
    """Append an element; `name` may have a prefix of _NAMESPACES."""
    prefix, _, local = name.rpartition(":")
    element = etree.SubElement(parent, f"{{{_NAMESPACES[prefix]}}}{local}")
    if text is not None:
        element.text = legal(text)
    for key, value in attributes.items():
        element.set(key, legal(value))
    return element


def _add_unless_empty(parent: Tree, name: str, text: str) -> None:
    if text:
        _add(parent, name, text)


def _add_counts(feed: Tree, items: str | int, total: int, start: str | int) -> None:
    _add(feed, "opensearch:itemsPerPage", str(items))
    _add(feed, "opensearch:totalResults", str(total))
    _add(feed, "opensearch:startIndex", str(start))


def _add_search_entry(feed: Tree, record: Record) -> None:
    name = record.versioned_id
    entry = _add(feed, "entry")
    _add(entry, "id", f"http://arxiv.org/abs/{name}")
    _add(entry, "title", record.title)
    _add(entry, "updated", zulu(record.updated))
    page, pdf = f"https://arxiv.org/abs/{name}", f"https://arxiv.org/pdf/{name}"
    _add(entry, "link", href=page, rel="alternate", type="text/html")
    _add(entry, "link", href=pdf, rel="related", type="application/pdf", title="pdf")
    _add(entry, "summary", record.abstract)
    for category in record.categories:
        _add(entry, "category", term=category, scheme=_ARXIV)
    _add(entry, "published", zulu(record.published))
    _add_unless_empty(entry, "arxiv:comment", record.comment)
    _add(entry, "arxiv:primary_category", term=record.primary_category)
    _add_unless_empty(entry, "arxiv:journal_ref", record.journal_ref)
    for author in record.authors:
        _add(_add(entry, "author"), "name", author)
    if record.doi:
        _add(entry, "arxiv:doi", record.doi)
        _add(entry, "link", rel="related", href=f"https://doi.org/{record.doi}", title="doi")


def legal(text: str) -> str:
    """Return a text without the characters that XML does not allow."""
    return _ILLEGAL.sub("", text)


def zulu(moment: datetime) -> str:
    """Format a time as the search API does: `2026-05-31T17:59:59Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_bytes(tree: Tree) -> bytes:
    """Serialize a document as arXiv does: indented by two spaces, UTF-8, with a declaration."""
    return etree.tostring(tree, pretty_print=True, xml_declaration=True, encoding="UTF-8")
