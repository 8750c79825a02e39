"""papers/bilingual/: a page for each topic and day, every paper with its translation, if any."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from daily_papers.pages import shared
from daily_papers.store.records import Entry
from daily_papers.text import markdown

FOLDER = "papers/bilingual"
_LISTED = re.compile(r"^\*\*Link\*\*: \[PDF\]\(https://arxiv\.org/pdf/(.*)\)  $", re.MULTILINE)
_WRITTEN = re.compile(r"^\*\*(?:Title|Abstract) \([A-Z-]+\)\*\*: ", re.MULTILINE)


def page(topic: str, day: date) -> str:
    """Return the path of the page of a topic and a day, from the root."""
    return f"{FOLDER}/{day.year}/{day}/{shared.page_name(topic)}.md"


def listed(text: str) -> set[str]:
    """Return the identifiers of the papers that a page has."""
    return set(_LISTED.findall(text))


def written(text: str) -> int:
    """Return how many lines by a language model a page has."""
    return len(_WRITTEN.findall(text))


def render_bilingual(topic: str, day: date, entries: Sequence[Entry], language: str) -> str:
    """Return the page of a day's papers; abstracts that GitHub would not show are left out.

    The lines end in blanks where the layout has them.
    """
    heads = [_head(entry, language) for entry in entries]
    abstracts = [_abstract(entry, language) for entry in entries]
    spare = shared.PAGE_BUDGET - sum(map(shared.size, heads)) - 4 * len(heads)
    shown, _ = shared.affordable(abstracts, spare)
    papers = "".join(
        f"{head}{abstract if number < shown else ''}---\n"
        for number, (head, abstract) in enumerate(zip(heads, abstracts, strict=True))
    )
    texts = [text for entry in entries if (text := entry.text("translation", language))]
    mark = (
        f"\n_Lines marked ({language.upper()}) are {shared.written_by(texts)}._\n" if texts else ""
    )
    way = f"\n{markdown.label(topic)}, {shared.up(str(day))}\n"
    return f"{shared.sample_note(entry.paper for entry in entries)}{papers}{mark}{way}"


def _head(entry: Entry, language: str) -> str:
    paper = entry.paper
    lines = [
        f"{markdown.heading(1, paper.title)} ",
        _translated(entry, "title", "Title", language),
        f"**Authors**: {markdown.label(', '.join(paper.authors))}  " if paper.authors else "",
        f"**Link**: {markdown.link('PDF', f'https://arxiv.org/pdf/{paper.arxiv_id}')}  ",
    ]
    return "".join(f"{line}\n\n" for line in lines if line)


def _abstract(entry: Entry, language: str) -> str:
    abstract = markdown.inline(entry.paper.abstract)
    lines = [
        f"**Abstract**: {abstract} " if abstract else "",
        _translated(entry, "abstract", "Abstract", language),
    ]
    return "".join(f"{line}\n\n" for line in lines if line)


def _translated(entry: Entry, field: str, name: str, language: str) -> str:
    text = entry.text("translation", language)
    told = markdown.inline(text.fields.get(field, "")) if text else ""
    return f"**{name} ({language.upper()})**: {told} " if told else ""
