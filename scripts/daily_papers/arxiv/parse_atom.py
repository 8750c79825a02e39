"""Parse and check what the search API's answers and the announcement feed share: Atom entries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from daily_papers.clock import parse_time
from daily_papers.store.paper import split_identifier
from daily_papers.text.white_space import one_line

ATOM = "{http://www.w3.org/2005/Atom}"
AHEAD = timedelta(days=1)
"""How far in the future a date may be, because clocks differ; one further ahead is wrong."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The facts that every entry must have."""

    arxiv_id: str
    version: int
    title: str
    dates: tuple[datetime, ...]


def parse_feed(body: bytes) -> etree._Element:
    """Return the root of an Atom feed. Raises ValueError, with what it is instead."""
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
    """Return the text of the API's error entry, or the feed's subtitle; empty if there is none.

    https://info.arxiv.org/help/api/user-manual.html#_errors
    """
    try:
        feed = parse_feed(body)
    except ValueError:
        return ""
    return one_line(feed.findtext(f"{ATOM}entry/{ATOM}summary") or feed.findtext(f"{ATOM}subtitle"))


def check_entry(entry: etree._Element, latest: datetime, dates: Mapping[str, str]) -> Checked:
    """Return an entry's identifier, version, title and dates.

    `dates` has the names of the date fields and what messages call them; none may be after
    `latest`. Raises ValueError, with what is missing or wrong.
    """
    address = entry.findtext(f"{ATOM}id", "")
    try:
        arxiv_id, version = split_identifier(address)
    except ValueError:
        raise ValueError(f"an entry has no identifier: {address[:80]!r}") from None
    if version is None:
        raise ValueError(f"{arxiv_id} has no version")
    moments = []
    for field, name in dates.items():
        try:
            moment = parse_time(entry.findtext(f"{ATOM}{field}", "").strip())
        except ValueError:
            raise ValueError(f"{arxiv_id} has no {name}") from None
        if moment > latest:
            raise ValueError(f"{arxiv_id} has a {name} in the future, {moment:%Y-%m-%d}")
        moments.append(moment)
    title = one_line(entry.findtext(f"{ATOM}title"))
    if not title:
        raise ValueError(f"{arxiv_id} has no title")
    return Checked(arxiv_id, version, title, tuple(moments))
