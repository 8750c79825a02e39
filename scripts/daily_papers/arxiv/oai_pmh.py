"""Ask arXiv's OAI-PMH interface which papers changed since a day, and check what it answers.

Days are in UTC, and those of the last change: of a new version, but also of the comment, the
journal reference or the categories. https://info.arxiv.org/help/oa/index.html and
https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from lxml import etree

from daily_papers.arxiv.paced_requests import BadAnswer, FetchError, FetchState, PoliteSession
from daily_papers.arxiv.parse_atom import (
    UnbelievableError,
    believed,
    check_paper,
    identifier_of,
    parse_xml,
)
from daily_papers.store.paper import Paper
from daily_papers.text.white_space import one_line, paragraphs

RAW, SPLIT = "arXivRaw", "arXiv"
"""The formats: as submitted, with all versions; and with authors' names in parts, and accents as in
the search API, but without versions."""
_MOST_PAGES = 40
_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_WITHDRAWN = "I"
# What arXiv writes otherwise in its search API: TeX, affiliations, collaborations, `et al`.
_NOT_PLAIN = re.compile(r"[\\{}~^]")
_NOT_NAMES = re.compile(r"[\\{}~^():;&]|\bet al\b|\bJr\b|\bSr\b|\bI{2,3}\b", re.IGNORECASE)
_BETWEEN = re.compile(r",\s*and\s+|\s+and\s+|,\s*")


@dataclass(frozen=True, slots=True)
class Changes:
    """The papers that changed since a day, in their present versions."""

    papers: Mapping[str, Paper] = field(default_factory=dict)
    """By identifier."""
    latest: date | None = None
    """The latest day of a change."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Why records were left out, as in `parse_atom.believed`."""


def changes(
    session: PoliteSession, url: str, since: date, set_name: str, form: str, latest: datetime
) -> Changes:
    """Return the papers of a set (empty: of all arXiv) that changed since a day, inclusive.

    Papers of the format SPLIT have no version, and days as times. Raises FetchError.
    """
    asked = {"verb": "ListRecords", "metadataPrefix": form, "from": since.isoformat()}
    asked |= {"set": set_name} if set_name else {}
    found = Changes()
    for _ in range(_MOST_PAGES):
        page, token = _page(session, url, asked, since, latest)
        days = [one.latest for one in (found, page) if one.latest]
        found = Changes(
            {**found.papers, **page.papers},
            max(days, default=None),
            {**found.left_out, **page.left_out},
        )
        if not token:
            return found
        asked = {"verb": "ListRecords", "resumptionToken": token}
    raise FetchError(FetchState.UNAVAILABLE, f"its OAI-PMH has more than {_MOST_PAGES} pages")


def _page(
    session: PoliteSession, url: str, asked: Mapping[str, str], since: date, latest: datetime
) -> tuple[Changes, str]:
    """Return one answer, and the token for the next page; empty after the last one."""
    pages: list[tuple[Changes, str]] = []

    def check(body: bytes) -> None:
        try:
            pages[:] = [_read(body, asked, since, latest)]
        except ValueError as error:
            raise BadAnswer(f"its OAI-PMH answer is not to be believed: {error}") from None

    session.get(f"{url}?{urlencode(asked)}", check)
    return pages[0]


def _read(
    body: bytes, asked: Mapping[str, str], since: date, latest: datetime
) -> tuple[Changes, str]:
    """Read an answer. Raises ValueError if it is wrong, and BadAnswer if it is an error."""
    root = parse_xml(body, f"{_OAI}OAI-PMH")
    error = root.find(f"{_OAI}error")
    if error is not None:
        code = str(error.get("code", ""))
        if code == "noRecordsMatch":
            return Changes(), ""
        raise BadAnswer(f"its OAI-PMH says {code}: {one_line(error.text)}", retry=False)
    echo = root.find(f"{_OAI}request")
    if echo is not None and any(echo.get(name, text) != text for name, text in asked.items()):
        raise ValueError("it says that it answers another request")
    listed = root.find(f"{_OAI}ListRecords")
    if listed is None:
        raise ValueError("it has no records")
    days: list[date] = []

    def read(record: etree._Element) -> Paper:
        paper, day = _read_record(record, latest)
        if not since <= day <= latest.date():
            raise UnbelievableError(paper.arxiv_id, f"it changed on {day}, which was not asked for")
        days.append(day)
        return paper

    records = [
        one for one in listed.iterfind(f"{_OAI}record") if one.find(f"{_OAI}metadata") is not None
    ]
    if not records:
        raise ValueError("it has no records")
    papers, faults = believed(records, read)
    token = (listed.findtext(f"{_OAI}resumptionToken") or "").strip()
    by_id = {paper.arxiv_id: paper for paper in papers}
    return Changes(by_id, max(days, default=None), faults), token


def _read_record(record: etree._Element, latest: datetime) -> tuple[Paper, date]:
    """Return a paper and the day of its last change. Raises UnbelievableError."""
    arxiv_id, _ = identifier_of(record.findtext(f"{_OAI}header/{_OAI}identifier", ""))
    metadata = record.find(f"{_OAI}metadata")
    form = metadata[0] if metadata is not None and len(metadata) else None
    try:
        day = date.fromisoformat(record.findtext(f"{_OAI}header/{_OAI}datestamp", "")[:10])
        if form is None:
            raise UnbelievableError(arxiv_id, "it has no metadata")
        space = f"{{{etree.QName(form).namespace}}}"
        if space == f"{{http://arxiv.org/OAI/{RAW}/}}":
            paper = _raw(arxiv_id, form, space)
        elif space == f"{{http://arxiv.org/OAI/{SPLIT}/}}":
            paper = _split(arxiv_id, form, space)
        else:
            raise UnbelievableError(arxiv_id, f"its metadata are of an unknown kind, {space[:60]}")
    except (ValueError, TypeError):
        raise UnbelievableError(arxiv_id, "it has a date that cannot be read") from None
    check_paper(paper, latest)
    return paper, day


def _raw(arxiv_id: str, form: etree._Element, space: str) -> Paper:
    versions = form.findall(f"{space}version")
    if not versions:
        raise UnbelievableError(arxiv_id, "it has no version")
    times = [_moment(one.findtext(f"{space}date", "")) for one in versions]
    number = str(versions[-1].get("version", "")).removeprefix("v")
    return _with_texts(
        Paper(
            arxiv_id=arxiv_id,
            version=int(number) if number.isdecimal() else 0,
            authors=tuple(filter(None, _BETWEEN.split(one_line(form.findtext(f"{space}authors"))))),
            published=times[0],
            updated=times[-1],
            withdrawn=_WITHDRAWN in versions[-1].findtext(f"{space}source_type", ""),
        ),
        form,
        space,
    )


def _moment(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _split(arxiv_id: str, form: etree._Element, space: str) -> Paper:
    created = datetime.fromisoformat(form.findtext(f"{space}created", "")).replace(tzinfo=UTC)
    names = (
        one_line(" ".join(author.findtext(f"{space}{part}", "") for part in _NAME_PARTS))
        for author in form.iterfind(f"{space}authors/{space}author")
    )
    return _with_texts(
        Paper(
            arxiv_id=arxiv_id,
            version=1,
            authors=tuple(filter(None, names)),
            published=created,
            updated=created,
        ),
        form,
        space,
    )


_NAME_PARTS = ("forenames", "keyname", "suffix")


def _with_texts(paper: Paper, form: etree._Element, space: str) -> Paper:
    categories = tuple(form.findtext(f"{space}categories", "").split())
    return replace(
        paper,
        title=one_line(form.findtext(f"{space}title")),
        abstract=paragraphs(form.findtext(f"{space}abstract")),
        categories=categories,
        primary_category=next(iter(categories), ""),
        comment=one_line(form.findtext(f"{space}comments")),
        journal_ref=one_line(form.findtext(f"{space}journal-ref")),
        doi=one_line(form.findtext(f"{space}doi")),
    )


def joined(raw: Paper, split: Paper) -> Paper:
    """Return the paper with the version of one format, and the names and texts of the other."""
    return replace(
        split,
        version=raw.version,
        published=raw.published,
        updated=raw.updated,
        withdrawn=raw.withdrawn,
    )


def is_plain(raw: Paper) -> bool:
    """Whether a paper as submitted is as in the search API: without TeX and affiliations."""
    texts = (raw.title, raw.abstract, raw.comment, raw.journal_ref)
    return not any(map(_NOT_PLAIN.search, texts)) and not any(map(_NOT_NAMES.search, raw.authors))


def has_plain_notes(raw: Paper) -> bool:
    """Whether comment and journal reference, as submitted, are written as in the search API."""
    return not (_NOT_PLAIN.search(raw.comment) or _NOT_PLAIN.search(raw.journal_ref))
