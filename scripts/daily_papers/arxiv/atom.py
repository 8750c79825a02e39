"""What both of arXiv's Atom answers, the search API's and the feed's, are first asked."""

from __future__ import annotations

from lxml import etree

from daily_papers.store.paper import split_identifier
from daily_papers.text.plain import one_line

ATOM = "{http://www.w3.org/2005/Atom}"


def parse_feed(body: bytes) -> etree._Element:
    """Return the root of an Atom feed, read strictly. Raises ValueError saying what it is else."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        is_html = b"<html" in body[:2000].lower()
        raise ValueError("it is HTML" if is_html else f"broken XML: {error.msg}") from None
    if str(root.tag).lower().endswith("html"):
        raise ValueError("it is HTML")
    if root.tag != f"{ATOM}feed":
        raise ValueError("it is no Atom feed")
    return root


def error_message(body: bytes) -> str:
    """Return what the API's error entry, or the feed's subtitle, says is wrong; empty if nothing.

    https://info.arxiv.org/help/api/user-manual.html#_errors
    """
    try:
        feed = parse_feed(body)
    except ValueError:
        return ""
    return one_line(feed.findtext(f"{ATOM}entry/{ATOM}summary") or feed.findtext(f"{ATOM}subtitle"))


def versioned_id(entry: etree._Element) -> tuple[str, int]:
    """Return an entry's identifier and its version. Raises ValueError saying what is missing."""
    address = entry.findtext(f"{ATOM}id", "")
    try:
        arxiv_id, version = split_identifier(address)
    except ValueError:
        raise ValueError(f"an entry has no identifier: {address[:80]!r}") from None
    if version is None:
        raise ValueError(f"{arxiv_id} has no version")
    return arxiv_id, version
