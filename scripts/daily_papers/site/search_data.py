"""Write the papers as data for the search page: pieces of a month, which seldom change.

The page searches stems that it makes itself, with words.js, from the texts that it shows. Only
where these are not arXiv's own, because of LaTeX, a paper brings the latter along.
"""

import gzip
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daily_papers.pages import pieces
from daily_papers.pages.bibtex import render_bibtex_by_id
from daily_papers.site.formulas import Tree, typeset
from daily_papers.store.entry_types import Entry
from daily_papers.store.files_by_month import month_of
from daily_papers.store.json_encoding import write_json
from daily_papers.text.markdown import clean

FOLDER = "data"
MOST = 160
NEWEST = 40
"""Papers of a piece, at most, and of one of the newest month, with which every search begins.

40 are about 25 KB. A phone loads them in an eighth of a second, and makes their stems in another.
"""


_LEVEL = 6  # of gzip: more takes twice the time for one percent


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of papers that were submitted next to one another, with names that tell its content.

    The papers of a whole month are halved by time until a piece has few enough. So a paper that
    is added or changed changes one piece.
    """

    papers: str
    """The path of the papers, from the page."""
    references: str
    """The path of their BibTeX entries."""
    first: str
    last: str
    """The dates of its oldest and its newest paper."""
    count: int


def by_submission(months: Iterable[Sequence[Entry]]) -> Iterator[list[Entry]]:
    """Yield papers by month of submission, newest month first, each month oldest first.

    `months` have them by month of identifier, newest first: that of a paper's submission or a later
    one, so that months are read ahead.
    """
    waiting: dict[str, list[Entry]] = {}
    for entries in months:
        for entry in entries:
            waiting.setdefault(f"{entry.paper.published:%Y-%m}", []).append(entry)
        current = max(map(_month, entries), default="")
        for name in sorted((one for one in waiting if one > current), reverse=True):
            yield _oldest_first(waiting.pop(name))
    for name in sorted(waiting, reverse=True):
        yield _oldest_first(waiting.pop(name))


def _month(entry: Entry) -> str:
    return month_of(entry.paper.arxiv_id)


def _oldest_first(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda one: (one.paper.published, one.paper.arxiv_id))


def write_pieces(
    folder: Path,
    entries: list[Entry],
    facts: Mapping[str, Mapping[str, Any]],
    language: str,
    most: int = MOST,
) -> Iterator[Piece]:
    """Write the papers of a month, sorted by time, into `folder`; yield them, newest first.

    `facts` are those of `facts_of`, by identifier; a model's texts are in `language`.
    """
    first = entries[0].paper.published.replace(day=1, hour=0, minute=0, second=0)
    last = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    name = f"{first:%Y-%m}"
    for part in _halved(entries, first, last, most):
        shown = [_shown(one, facts[one.paper.arxiv_id], language) for one in reversed(part)]
        yield Piece(
            write_data(folder, name, shown),
            write_data(folder, f"{name}-references", render_bibtex_by_id(part)),
            pieces.date(part[0].paper.published),
            pieces.date(part[-1].paper.published),
            len(part),
        )


def _halved(
    entries: list[Entry], first: datetime, last: datetime, most: int
) -> Iterator[list[Entry]]:
    """Yield the entries between two times in parts of at most `most`, newest first."""
    middle = first + (last - first) / 2
    if len(entries) <= most or (last - first).total_seconds() < 1:
        if entries:
            yield entries
        return
    later = [one for one in entries if one.paper.published >= middle]
    yield from _halved(later, middle, last, most)
    yield from _halved(entries[: -len(later) or None], first, middle, most)


def write_data(folder: Path, name: str, content: object) -> str:
    """Write JSON, compressed: not every server compresses. Return the path from the page."""
    data = gzip.compress(write_json(content).encode(), _LEVEL, mtime=0)
    path = f"{FOLDER}/{name}-{hashlib.sha256(data).hexdigest()[:10]}.json.gz"
    (folder / path).write_bytes(data)
    return path


def _shown(entry: Entry, facts: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """Return what the page shows of a paper, without empty fields."""
    paper = entry.paper
    texts = (paper.title, paper.abstract, paper.comment)
    title, abstract, comment = shown = tuple(map(typeset, texts))
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
        "date": night_of(paper.published),
        "revised": pieces.date(paper.updated) if paper.version > 1 else "",
        "venue": clean(facts["venue"]),
        "code": facts["code"],
        "topics": facts["topics"],
        "seen": "" if entry.silent else night_of(entry.first_seen),
        "withdrawn": facts["withdrawn"],
        "searched": _searched(texts, shown),
        "translation": clean(translation.fields["title"]) if translation else "",
        "summary": clean(summary.fields["summary"]) if summary else "",
        "model": f"written by {' and '.join(models)}" if models else "",
    }
    return {name: value for name, value in found.items() if value}


def night_of(moment: datetime) -> str:
    """Return a moment as the page compares it: in UTC, to the minute."""
    return moment.astimezone(UTC).isoformat()[:16]


def _searched(
    texts: tuple[str, ...], shown: tuple[str | list[str | Tree], ...]
) -> list[str | None] | None:
    """Return each text that is shown otherwise than arXiv has it; None for none.

    Beside what is shown of it, it adds next to nothing to a compressed file.
    """
    pairs = zip(texts, shown, strict=True)
    found = [None if _is_same(text, line) else text for text, line in pairs]
    return found if any(found) else None


def _is_same(text: str, shown: str | list[str | Tree]) -> bool:
    """Whether nothing but white space differs."""
    return text == shown or " ".join(text.split()) == shown
