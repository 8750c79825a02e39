"""Parse arXiv's XML, and tell which of its records can be believed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from lxml import etree

from daily_papers.clock import parse_time
from daily_papers.store.json_encoding import from_json, to_json
from daily_papers.store.paper import Paper, split_identifier
from daily_papers.text.white_space import one_line, paragraphs

ATOM = "{http://www.w3.org/2005/Atom}"
MOST_LEFT_OUT = 10
"""One record of so many may be left out, and always a single one."""

_ARXIV = "{http://arxiv.org/schemas/atom}"
T = TypeVar("T")


class UnbelievableError(Exception):
    """A record that lacks what every paper has, or that cannot be true."""

    def __init__(self, arxiv_id: str, reason: str) -> None:
        self.arxiv_id = arxiv_id
        """Empty if it has no identifier."""
        self.reason = reason
        super().__init__(f"{arxiv_id}: {reason}")


def parse_feed(body: bytes) -> etree._Element:
    """Return the root of an Atom feed. Raises ValueError, with what it is instead."""
    return parse_xml(body, f"{ATOM}feed")


def parse_xml(body: bytes, root: str) -> etree._Element:
    """Return the root, which must have this name. Raises ValueError, with what it is instead."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        # Otherwise a text would end at one.
        remove_comments=True,
        remove_pis=True,
    )
    try:
        found = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        is_html = b"<html" in body[:2000].lower()
        raise ValueError("it is HTML" if is_html else f"broken XML: {error.msg}") from None
    if str(found.tag).lower().endswith("html"):
        raise ValueError("it is HTML")
    if found.tag != root:
        raise ValueError(f"it is no {etree.QName(root).localname}")
    return found


def error_message(body: bytes) -> str:
    """Return the text of the API's error entry, or the feed's subtitle; empty if there is none.

    https://info.arxiv.org/help/api/user-manual.html#_errors
    """
    try:
        feed = parse_feed(body)
    except ValueError:
        return ""
    return one_line(feed.findtext(f"{ATOM}entry/{ATOM}summary") or feed.findtext(f"{ATOM}subtitle"))


def read_entry(entry: etree._Element, latest: datetime) -> Paper:
    """Return the paper of an entry. Raises UnbelievableError."""
    arxiv_id, version = identifier_of(entry.findtext(f"{ATOM}id", ""))
    primary = entry.find(f"{_ARXIV}primary_category")
    paper = Paper(
        arxiv_id=arxiv_id,
        version=version or 0,
        title=one_line(entry.findtext(f"{ATOM}title")),
        authors=tuple(one_line(name.text) for name in entry.iterfind(f"{ATOM}author/{ATOM}name")),
        abstract=paragraphs(entry.findtext(f"{ATOM}summary", "")),
        categories=tuple(str(one.get("term", "")) for one in entry.iterfind(f"{ATOM}category")),
        primary_category="" if primary is None else str(primary.get("term", "")),
        comment=one_line(entry.findtext(f"{_ARXIV}comment")),
        journal_ref=one_line(entry.findtext(f"{_ARXIV}journal_ref")),
        doi=one_line(entry.findtext(f"{_ARXIV}doi")),
        published=_time(arxiv_id, entry, "published"),
        updated=_time(arxiv_id, entry, "updated"),
    )
    check_paper(paper, latest)
    return paper


def identifier_of(text: str) -> tuple[str, int | None]:
    """Return a record's identifier and version. Raises UnbelievableError if there is none."""
    try:
        return split_identifier(text)
    except ValueError:
        raise UnbelievableError("", f"a record has no identifier: {text[:80]!r}") from None


def _time(arxiv_id: str, entry: etree._Element, field: str) -> datetime:
    try:
        return parse_time(entry.findtext(f"{ATOM}{field}", "").strip())
    except ValueError:
        raise UnbelievableError(arxiv_id, f"it has no {field} date") from None


def check_paper(paper: Paper, latest: datetime) -> None:
    """Raise UnbelievableError for a paper without what every paper has, or dated after `latest`."""
    problem = ""
    if not paper.version:
        problem = "it has no version"
    elif not paper.title:
        problem = "it has no title"
    elif not paper.authors or not all(paper.authors):
        problem = "it has an author without a name, or none"
    elif not paper.primary_category:
        # In every answer: without it, comments would be missing as well.
        problem = "it has no primary category"
    elif (moment := max(paper.published, paper.updated)) > latest:
        problem = f"it has a date in the future, {moment:%Y-%m-%d}"
    else:
        try:
            # What the store does not read must not get there.
            from_json(to_json(paper), Paper)
        except ValueError as error:
            problem = f"it cannot be kept: {error}"
    if problem:
        raise UnbelievableError(paper.arxiv_id, problem)


def believed(
    records: Sequence[T], read: Callable[[T], Paper]
) -> tuple[list[Paper], dict[str, str]]:
    """Return the papers of the records that can be believed, and the faults of the others.

    The faults are by identifier, or by themselves where there is none. Raises ValueError if so many
    cannot be believed that the answer as a whole cannot.
    """
    papers: list[Paper] = []
    faults: dict[str, str] = {}
    for record in records:
        try:
            papers.append(read(record))
        except UnbelievableError as error:
            faults[error.arxiv_id or error.reason] = error.reason
    if len(faults) > max(1, len(records) // MOST_LEFT_OUT):
        name, reason = next(iter(faults.items()))
        first = reason if name == reason else f"{name}: {reason}"
        raise ValueError(f"{len(faults)} of its {len(records)} records are wrong: {first}")
    return papers, faults
