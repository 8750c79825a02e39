"""papers/bilingual/: a page per topic and day, with each paper and its translation, if any."""

from collections.abc import Sequence
from datetime import date

from daily_papers.pages import pieces
from daily_papers.store.entry_types import Entry
from daily_papers.text import markdown


def render_bilingual(topic: str, day: date, entries: Sequence[Entry], language: str) -> str:
    """Return the page of a day's papers, without the last abstracts if it gets too long."""
    heads = [_head(entry, language) for entry in entries]
    abstracts = [_abstract(entry, language) for entry in entries]
    spare = pieces.PAGE_BUDGET - 4 * len(heads)
    papers = "".join(f"{text}---\n" for text in pieces.fit(spare, heads, abstracts))
    texts = [text for entry in entries if (text := entry.text("translation", language))]
    mark = (
        f"\n_Lines marked ({language.upper()}) are {pieces.written_by(texts)}._\n" if texts else ""
    )
    way = f"\n{markdown.label(topic)}, {pieces.up(str(day))}\n"
    return f"{pieces.sample_note(entries)}{papers}{mark}{way}"


def _head(entry: Entry, language: str) -> str:
    paper = entry.paper
    return _paragraphs(
        f"{pieces.marked(markdown.heading(1, paper.title), paper)} ",
        _translated(entry, "title", "Title", language),
        f"**Authors**: {markdown.label(', '.join(pieces.authors(paper)))}  " if paper.names else "",
        f"**Link**: {markdown.link('PDF', f'https://arxiv.org/pdf/{paper.arxiv_id}')}  ",
    )


def _abstract(entry: Entry, language: str) -> str:
    abstract = markdown.inline(entry.paper.abstract)
    return _paragraphs(
        f"**Abstract**: {abstract} " if abstract else "",
        _translated(entry, "abstract", "Abstract", language),
    )


def _translated(entry: Entry, field: str, name: str, language: str) -> str:
    text = entry.text("translation", language)
    translated = markdown.inline(text.fields.get(field, "")) if text else ""
    return f"**{name} ({language.upper()})**: {translated} " if translated else ""


def _paragraphs(*lines: str) -> str:
    return "".join(f"{line}\n\n" for line in lines if line)
