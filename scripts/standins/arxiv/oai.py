"""Build OAI-PMH answers, as arXiv's server https://oaipmh.arxiv.org/oai does.

https://www.openarchives.org/OAI/openarchivesprotocol.html, and github.com/arXiv/arxiv-oaipmh for
what arXiv makes of it.
"""

import base64
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from email.utils import format_datetime

from lxml import etree

from standins.arxiv.feeds import Tree, legal, zulu
from standins.arxiv.served_papers import Record

_OAI = "http://www.openarchives.org/OAI/2.0/"
_GROUPS = ("cs", "econ", "eess", "math", "q-bio", "q-fin", "stat")


class OaiError(Exception):
    """A request that is answered with an error; `code` is one of the protocol's."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def oai_answer(
    asked: Mapping[str, str],
    papers: Mapping[str, tuple[date, Sequence[Record]]],
    now: datetime,
    page_size: int,
) -> Tree:
    """Build the answer to a request.

    `papers` are the day of the last change and the visible versions, oldest first, by identifier.
    """
    root = etree.Element(f"{{{_OAI}}}OAI-PMH", nsmap={None: _OAI})  # type: ignore[dict-item]
    _add(root, "responseDate", zulu(now))
    request = _add(root, "request", "https://oaipmh.arxiv.org/oai")
    try:
        found, prefix, token = _found(asked, papers, now, page_size)
    except OaiError as error:
        _add(root, "error", str(error)).set("code", error.code)
        return root
    for name, value in asked.items():
        request.set(name, legal(value))
    parent = _add(root, "ListRecords")
    for arxiv_id, (stamp, versions) in found:
        record = _add(parent, "record")
        header = _add(record, "header")
        _add(header, "identifier", f"oai:arXiv.org:{arxiv_id}")
        _add(header, "datestamp", stamp.isoformat())
        for name in _sets(versions[-1]):
            _add(header, "setSpec", name)
        metadata = _add(record, "metadata")
        (_raw if prefix == "arXivRaw" else _split)(metadata, versions)
    if token is not None:
        _add(parent, "resumptionToken", token).set("expirationDate", zulu(now))
    return root


def _found(
    asked: Mapping[str, str],
    papers: Mapping[str, tuple[date, Sequence[Record]]],
    now: datetime,
    page_size: int,
) -> tuple[list[tuple[str, tuple[date, Sequence[Record]]]], str, str | None]:
    """Return the records of a page, their format, and the token. Raises OaiError."""
    if asked.get("verb") != "ListRecords":
        raise OaiError("badVerb", "only ListRecords is played here")
    begin, day = 0, now.date().isoformat()
    if "resumptionToken" in asked:
        try:
            saved = json.loads(base64.b64decode(asked["resumptionToken"]))
        except ValueError:
            saved = {}
        if saved.get("day") != day or len(asked) > 2:  # noqa: PLR2004 - the verb, and the token
            raise OaiError("badResumptionToken", "it is valid until midnight UTC")
        asked, begin = saved["asked"], saved["begin"]
    if unknown := asked.keys() - {"verb", "metadataPrefix", "set", "from", "until"}:
        raise OaiError("badArgument", f"unknown: {', '.join(sorted(unknown))}")
    prefix = asked.get("metadataPrefix", "")
    if prefix not in ("arXiv", "arXivRaw"):
        raise OaiError("cannotDisseminateFormat", prefix)
    try:
        first = date.fromisoformat(asked.get("from", "2005-09-16"))
        last = date.fromisoformat(asked.get("until", "9999-01-01"))
    except ValueError:
        raise OaiError("badArgument", "days only") from None
    wanted = asked.get("set", "")
    if wanted and wanted.split(":")[0] not in (*_GROUPS, "physics"):
        raise OaiError("badArgument", "set does not exist")
    found = sorted(
        (
            (arxiv_id, one)
            for arxiv_id, one in papers.items()
            if first <= one[0] <= last
            and any(f"{name}:".startswith(f"{wanted}:") or not wanted for name in _sets(one[1][-1]))
        ),
        key=lambda one: (one[1][0], one[0]),
    )
    if not found:
        raise OaiError("noRecordsMatch", "no records")
    end = begin + page_size
    token: str | None = "" if begin else None
    if end < len(found):
        saved = {"asked": dict(asked), "begin": end, "day": day}
        token = base64.b64encode(json.dumps(saved).encode()).decode()
    return found[begin:end], prefix, token


def _sets(record: Record) -> list[str]:
    names: defaultdict[str, None] = defaultdict()
    for category in record.categories:
        archive, _, rest = category.partition(".")
        group = archive if archive in _GROUPS else "physics"
        names[":".join(filter(None, (group, archive, rest)))] = None
    return list(names)


def _raw(parent: Tree, versions: Sequence[Record]) -> None:
    """Add a paper as submitted, with all of its versions."""
    record = versions[-1]
    raw = _namespace(parent, "arXivRaw")
    _add(raw, "id", record.arxiv_id)
    _add(raw, "submitter", record.authors[0] if record.authors else "")
    first = replace(record, version=1, updated=record.published, withdrawn=False)
    for one in (*([first] if versions[0].version > 1 else []), *versions):
        version = _add(raw, "version")
        version.set("version", f"v{one.version}")
        _add(version, "date", format_datetime(one.updated.astimezone(UTC), usegmt=True))
        _add(version, "size", "12kb")
        _add(version, "source_type", "I" if one.withdrawn else "D")
    _add(raw, "title", record.title)
    _add(raw, "authors", ", ".join(record.authors))
    _add_texts(raw, record)


def _split(parent: Tree, versions: Sequence[Record]) -> None:
    """Add a paper with its authors' names in parts, and the days of its first and last version."""
    record = versions[-1]
    split = _namespace(parent, "arXiv")
    _add(split, "id", record.arxiv_id)
    _add(split, "created", record.published.date().isoformat())
    if record.version > 1:
        _add(split, "updated", record.updated.date().isoformat())
    authors = _add(split, "authors")
    for name in record.authors:
        forenames, _, keyname = name.rpartition(" ")
        author = _add(authors, "author")
        _add(author, "keyname", keyname)
        if forenames:
            _add(author, "forenames", forenames)
    _add(split, "title", record.title)
    _add_texts(split, record)


def _add_texts(parent: Tree, record: Record) -> None:
    others = (one for one in record.categories if one != record.primary_category)
    _add(parent, "categories", " ".join((record.primary_category, *others)))
    for name, text in (
        ("comments", record.comment), ("journal-ref", record.journal_ref), ("doi", record.doi)
    ):  # fmt: skip
        if text:
            _add(parent, name, text)
    _add(parent, "license", "http://arxiv.org/licenses/nonexclusive-distrib/1.0/")
    _add(parent, "abstract", record.abstract)


def _namespace(parent: Tree, name: str) -> Tree:
    space = f"http://arxiv.org/OAI/{name}/"
    return etree.SubElement(parent, f"{{{space}}}{name}", nsmap={None: space})  # type: ignore[dict-item]


def _add(parent: Tree, name: str, text: str | None = None) -> Tree:
    """Append an element of the parent's namespace."""
    element = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}")
    if text is not None:
        element.text = legal(text)
    return element
