"""papers/feeds/*.xml: the newest papers as Atom 1.0, https://www.rfc-editor.org/rfc/rfc4287."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import BytesIO

from lxml import etree

from daily_papers.atomic_files import GENERATED
from daily_papers.clock import format_time
from daily_papers.pages import pieces
from daily_papers.store.entry_types import Entry, newest_first
from daily_papers.store.paper import SAMPLE_LABEL
from daily_papers.text import markdown

HEAD = f'<?xml version="1.0" encoding="utf-8"?>\n{GENERATED}\n'
LIMIT = 100  # papers in a feed that are no news; readers keep what they have seen
SCHEME = "http://arxiv.org/schemas/atom"  # the scheme of the categories, as in arXiv's own feeds
NO_AUTHOR = "Unknown"  # Atom requires an author (RFC 4287, section 4.1.2)

_ATOM = "http://www.w3.org/2005/Atom"


def feed_id(path: str, created: datetime) -> str:
    """Return the feed's permanent id; `created`, the store's first night, differs in each copy."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{format_time(created)}/{path}").urn


def render_feed(
    title: str,
    entries: Iterable[Entry],
    path: str,
    created: datetime,
    limit: int = LIMIT,
    since: datetime | None = None,
    language: str = "en",
) -> str:
    """Return the feed at `path` of the newest versions, and of every one that came after `since`.

    A model's texts in `language` stand before the abstract. `created` is the date of an empty feed.
    It has no link to itself, because pages do not depend on the repository's address.
    """
    newest = newest_first(entries, "updated")
    newest[limit:] = [entry for entry in newest[limit:] if since and entry.is_news_since(since)]
    out = BytesIO()
    # The fastest of lxml's writers; like all of them it raises ValueError for invalid characters.
    with etree.xmlfile(out, encoding="utf-8") as file, file.element("feed", nsmap={None: _ATOM}):
        _lines(
            file,
            ("id", feed_id(path, created)),
            ("title", markdown.clean(title) or "Daily Papers"),
            ("subtitle", SAMPLE_LABEL if pieces.has_sample(newest) else ""),
            ("updated", format_time(newest[0].paper.updated if newest else created)),
            ("generator", "Daily Papers"),
        )
        for entry in newest:
            with file.element("entry"):
                _entry(file, entry, language)
            file.write("\n")
    return f"{HEAD}{out.getvalue().decode()}\n"


def _entry(file: etree._IncrementalFileWriter, entry: Entry, language: str) -> None:
    paper = entry.paper
    _lines(
        file,
        ("id", f"https://arxiv.org/abs/{paper.arxiv_id}"),
        ("title", pieces.marked(markdown.clean(paper.title) or paper.arxiv_id, paper)),
        ("published", format_time(paper.published)),
        ("updated", format_time(paper.updated)),
    )
    with file.element("link", rel="alternate", type="text/html", href=pieces.abs_url(paper)):
        pass
    file.write("\n")
    for name in [*filter(None, map(markdown.clean, pieces.authors(paper)))] or [NO_AUTHOR]:
        with file.element("author"), file.element("name"):
            file.write(name)
    file.write("\n")
    for category in pieces.categories(paper):
        with file.element("category", term=markdown.clean(category), scheme=SCHEME):
            pass
    parts = (*_model_texts(entry, language), *paper.abstract.split("\n"))
    summary = "\n\n".join(filter(None, map(markdown.clean, parts)))
    _lines(file, ("summary", summary))


def _model_texts(entry: Entry, language: str) -> Iterator[str]:
    """Yield the translated title and the summary of a paper, and who wrote them."""
    fields = (("translation", "title"), ("summary", "summary"))
    texts = [(text, name) for task, name in fields if (text := entry.text(task, language))]
    for text, name in texts:
        yield text.fields.get(name, "")
    if texts:
        yield f"({pieces.written_by([text for text, _ in texts])})"


def _lines(file: etree._IncrementalFileWriter, *elements: tuple[str, str]) -> None:
    """Write each element that has a text, on a line of its own."""
    for name, text in elements:
        if text:
            with file.element(name):
                file.write(text)
            file.write("\n")
