"""Write the papers as data for the search page: pieces of a month, which seldom change.

The page searches stems that it makes itself, with words.js, from the texts that it shows. Only
where these are not arXiv's own, because of LaTeX, a paper brings the latter along.
"""

import gzip
import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from daily_papers.pages import pieces
from daily_papers.pages.bibtex import bibtex_of
from daily_papers.site.formulas import Tree, typeset
from daily_papers.store.entry_types import Entry
from daily_papers.text.markdown import clean

FOLDER = "data"
MOST = 160
"""Papers of a piece, at most."""
Shown = Mapping[str, Any]
"""What the page gets to know of a paper."""

_LEVEL = 4  # of gzip: 6 takes twice the time for four percent
_NUMBERS = 2**17  # more than arXiv gives out in a month


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of papers with identifiers next to one another, whose name tells its content.

    The numbers of a whole month are halved until a piece has few enough papers. So a paper that is
    added or changed changes one piece.
    """

    path: str
    """From the page."""
    first: str
    last: str
    """The dates of its oldest and its newest paper."""


def write_pieces(folder: Path, month: str, papers: Sequence[Shown]) -> Iterator[Piece]:
    """Write the papers of a month of identifiers into `folder`; yield the pieces, newest first."""
    for part in _halved(sorted(papers, key=_number), 0, _NUMBERS):
        dates = [one["date"][:10] for one in part]
        yield Piece(write_data(folder, month, part[::-1]), min(dates), max(dates))


def _number(paper: Shown) -> int:
    return int(re.split("[./]", paper["id"])[-1]) % 100_000


def _halved(papers: Sequence[Shown], low: int, count: int) -> Iterator[Sequence[Shown]]:
    """Yield the papers with `count` numbers from `low` on in parts, those of high numbers first."""
    if len(papers) <= MOST or count == 1:
        if papers:
            yield papers
        return
    count //= 2
    middle = bisect_left(papers, low + count, key=_number)
    yield from _halved(papers[middle:], low + count, count)
    yield from _halved(papers[:middle], low, count)


def write_data(folder: Path, name: str, content: object) -> str:
    """Write JSON, compressed: not every server compresses. Return the path from the page."""
    data = gzip.compress(msgspec.json.encode(content), _LEVEL, mtime=0)
    path = f"{FOLDER}/{name}-{hashlib.sha256(data).hexdigest()[:10]}.json.gz"
    (folder / path).write_bytes(data)
    return path


def shown(entry: Entry, facts: Mapping[str, Any], language: str) -> Shown:
    """Return what the page shows of a paper, without empty fields.

    `facts` are those of `facts_of`; a model's texts are in `language`.
    """
    paper = entry.paper
    texts = (paper.title, paper.abstract, paper.comment)
    title, abstract, comment = typeset_texts = tuple(map(typeset, texts))
    translation, summary = (entry.text(task, language) for task in ("translation", "summary"))
    models = dict.fromkeys(clean(one.model) for one in (translation, summary) if one)
    found = {
        "id": paper.arxiv_id,
        "v": paper.version,
        "title": title or paper.arxiv_id,
        "authors": list(map(clean, facts["authors"])),
        "abstract": abstract,
        "comment": comment,
        "categories": pieces.categories(paper),
        "date": minute(paper.published),
        "revised": pieces.date(paper.updated) if paper.version > 1 else "",
        "venue": clean(facts["venue"]),
        "code": facts["code"],
        "topics": facts["topics"],
        "seen": "" if entry.silent else minute(entry.first_seen),
        "withdrawn": facts["withdrawn"],
        "searched": _searched(texts, typeset_texts),
        "bibtex": bibtex_of(paper),
        "translation": clean(translation.fields["title"]) if translation else "",
        "summary": clean(summary.fields["summary"]) if summary else "",
        "model": f"written by {' and '.join(models)}" if models else "",
    }
    return {name: value for name, value in found.items() if value}


def minute(moment: datetime) -> str:
    """Return a moment as the page compares it: in UTC, to the minute."""
    return moment.astimezone(UTC).isoformat()[:16]


def _searched(
    texts: tuple[str, ...], typeset_texts: tuple[str | list[str | Tree], ...]
) -> list[str | None] | None:
    """Return each text that is shown otherwise than arXiv has it; None for none.

    Beside what is shown of it, it adds next to nothing to a compressed file.
    """
    pairs = zip(texts, typeset_texts, strict=True)
    found = [None if _is_same(text, line) else text for text, line in pairs]
    return found if any(found) else None


def _is_same(text: str, line: str | list[str | Tree]) -> bool:
    return text == line or " ".join(text.split()) == line
