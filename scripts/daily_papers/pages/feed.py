"""papers/feeds/*.xml: the newest papers as Atom 1.0, https://www.rfc-editor.org/rfc/rfc4287."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from lxml import etree

from daily_papers.clock import format_time
from daily_papers.files import GENERATED
from daily_papers.pages import shared
from daily_papers.store.paper import SAMPLE_LABEL, Paper
from daily_papers.store.records import Entry, newest_first
from daily_papers.text import markdown

HEAD = f'<?xml version="1.0" encoding="utf-8"?>\n{GENERATED}\n'
"""How a feed begins, which says that the job may delete it again."""
LIMIT = 100
"""Papers in a feed; readers keep what they have seen."""
SCHEME = "http://arxiv.org/schemas/atom"
"""What arXiv's own feeds say their categories' terms are from."""
NO_AUTHOR = "Unknown"
"""Atom demands an author of every entry: section 4.1.2 of the RFC."""

_PLAIN_NAMES = re.compile(r"[A-Za-z]+(?:(?:\.? |[.\n])[A-Za-z]+)*")
_ATOM = "http://www.w3.org/2005/Atom"
_NAMES = (
    "feed entry id title subtitle generator updated published summary link author name category"
)
(
    _FEED, _ENTRY, _ID, _TITLE, _SUBTITLE, _GENERATOR, _UPDATED, _PUBLISHED, _SUMMARY, _LINK,
    _AUTHOR, _NAME, _CATEGORY,
) = (f"{{{_ATOM}}}{name}" for name in _NAMES.split())  # fmt: skip


def feed_id(path: str, created: datetime) -> str:
    """Return the lasting id of the feed that lies at `path`, from the root.

    `created`, the store's first night, tells a copy of the project from all others, wherever its
    pages are made. A UUID of version 5 is an IRI whatever the topic's name, and does not claim to
    be an address under which the feed is found.
    """
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{format_time(created)}/{path}").urn


def render_feed(
    title: str, entries: Sequence[Entry], path: str, created: datetime, limit: int = LIMIT
) -> str:
    """Return the feed that lies at `path`: the newest entries by their present version.

    `created`, the store's first night, also dates a feed without entries; every other date is a
    paper's. The feed does not name its own address, which the pages do not depend on.
    """
    newest = newest_first(entries, "updated")[:limit]
    out = BytesIO()
    # Of lxml's ways this needs the least time, and refuses what XML does not allow as all do.
    with etree.xmlfile(out, encoding="utf-8") as file, file.element(_FEED, nsmap={None: _ATOM}):
        _lines(
            file,
            (_ID, feed_id(path, created)),
            (_TITLE, markdown.clean(title) or "Daily Papers"),
            (_SUBTITLE, SAMPLE_LABEL if shared.has_sample(newest) else ""),
            (_UPDATED, format_time(newest[0].paper.updated if newest else created)),
            (_GENERATOR, "Daily Papers"),
        )
        for entry in newest:
            with file.element(_ENTRY):
                _entry(file, entry.paper)
            file.write("\n")
    return f"{HEAD}{out.getvalue().decode()}\n"


def _entry(file: etree._IncrementalFileWriter, paper: Paper) -> None:
    published = format_time(paper.published)
    is_first = paper.updated == paper.published
    _lines(
        file,
        (_ID, f"https://arxiv.org/abs/{paper.arxiv_id}"),
        (_TITLE, markdown.clean(paper.title) or paper.arxiv_id),
        (_PUBLISHED, published),
        (_UPDATED, published if is_first else format_time(paper.updated)),
    )
    element, write = file.element, file.write
    with element(_LINK, rel="alternate", type="text/html", href=shared.abs_url(paper)):
        pass
    write("\n")
    for name in _authors(paper):
        with element(_AUTHOR), element(_NAME):
            write(name)
    write("\n")
    for category in shared.categories(paper):
        with element(_CATEGORY, term=markdown.clean(category), scheme=SCHEME):
            pass
    summary = "\n\n".join(filter(None, map(markdown.clean, paper.abstract.split("\n"))))
    _lines(file, (_SUMMARY, summary))


def _authors(paper: Paper) -> Sequence[str]:
    # Most names are their own clean form, and there are more of them than of all else together.
    if _PLAIN_NAMES.fullmatch("\n".join(paper.authors)):
        return paper.authors
    names = [name for name in map(markdown.clean, paper.authors) if name]
    return names or (NO_AUTHOR,)


def _lines(file: etree._IncrementalFileWriter, *elements: tuple[str, str]) -> None:
    for tag, text in elements:
        if text:
            with file.element(tag):
                file.write(text)
            file.write("\n")
