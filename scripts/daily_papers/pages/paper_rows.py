"""Rows of README.md's tables: a paper in several columns, or all of it in one."""

import functools
import itertools
from collections.abc import Callable, Iterator

from daily_papers.facts.key_sentences import sentences
from daily_papers.pages import pieces
from daily_papers.pages.pieces import View
from daily_papers.pages.read_first import reading_marks
from daily_papers.store.entry_types import Entry
from daily_papers.store.paper import Paper
from daily_papers.text import markdown

_AUTHORS = 3
"""The most authors in the small print of the one column."""


def paper_row(view: View, entry: Entry, abstract: str) -> str:
    """Return a line of a table with the columns of the settings; `abstract` is Markdown."""
    paper = entry.paper
    makers: dict[str, Callable[[], str]] = {
        "Paper": lambda: _whole_paper(view, entry, abstract),
        "Title": lambda: _below(
            " ".join(filter(None, (_title(view, paper), view.new_mark(entry)))),
            pieces.marks(entry, view.say),
            *reading_marks(view, entry),
            *_links(view, paper),
        ),
        "Date": lambda: view.date_of(entry),
        "Abstract": lambda: markdown.details(view.say("show"), abstract) if abstract else "",
        "Comment": lambda: _comment(view, paper),
        "Authors": lambda: pieces.authors_line(paper, view.say),
        "Categories": lambda: pieces.categories_line(paper),
        "Venue": lambda: markdown.label(paper.venue),
        "Translation": lambda: _model_text(view, entry, "translation", "title"),
        "Summary": lambda: _model_text(view, entry, "summary", "summary"),
    }
    return pieces.table_row(makers[column]() for column in view.settings.columns) + "\n"


def _model_text(view: View, entry: Entry, task: str, name: str) -> str:
    text = entry.text(task, view.settings.llm.language)
    return markdown.label(text.fields.get(name, "")) if text else ""


def shortened_abstract(view: View, paper: Paper, length: int, page: str) -> str:
    """Return as many sentences of the abstract as have `length` characters, and a link to the rest.

    If the first sentence is longer, its beginning. `page` has the whole abstract.
    """
    narrow = view.is_narrow
    if len(paper.abstract) <= length:
        return markdown.inline(paper.abstract, narrow=narrow)
    ends = itertools.accumulate(len(one) + 1 for one in _sentences(paper.abstract))
    whole = _sentences(paper.abstract)[: sum(end <= length + 1 for end in ends)]
    text = markdown.inline(" ".join(whole), narrow=narrow)
    if not whole:
        # Cut between words.
        words = markdown.clean(paper.abstract)[: length + 1].rpartition(" ")[0]
        text = markdown.cut(words or paper.abstract, length, narrow=narrow) + "…"
    rest = markdown.link(view.say("whole"), f"{page}#{pieces.paper_anchor(paper)}")
    return f"{text} {rest}"


@functools.lru_cache(maxsize=4096)
def _sentences(abstract: str) -> list[str]:
    # A README tries several lengths, and splitting is what costs most in it.
    return sentences(abstract)


def _whole_paper(view: View, entry: Entry, abstract: str) -> str:
    paper = entry.paper
    small = (
        " ".join(filter(None, (view.new_mark(entry), view.date_of(entry)))),
        markdown.label(", ".join(pieces.authors(paper, _AUTHORS, view.say)), narrow=True),
        markdown.label(paper.venue),
        pieces.marks(entry, view.say),
        *reading_marks(view, entry),
        markdown.link("PDF", pieces.pdf_url(paper)),
        *_code_links(view, paper),
        *_links(view, paper),
    )
    text = _below(_title(view, paper), *small)
    comment = markdown.inline(paper.comment, narrow=True)
    comment = f"<br><sub>{comment}</sub>" if comment else ""
    return text + (markdown.details(view.say("Abstract"), abstract + comment) if abstract else "")


def _title(view: View, paper: Paper) -> str:
    return f"**{markdown.link(paper.title, pieces.abs_url(paper), narrow=view.is_narrow)}**"


def _below(title: str, *small: str) -> str:
    """Return a title with the small print below it, if there is any."""
    below = " · ".join(filter(None, small))
    return f"{title}<br><sub>{below}</sub>" if below else title


def _comment(view: View, paper: Paper) -> str:
    """Return the comment; a long one is folded behind the venue, the code or its beginning."""
    text = markdown.inline(paper.comment)
    if len(markdown.clean(paper.comment)) <= pieces.SHORT_COMMENT:
        return text
    labels = filter(None, (markdown.label(paper.venue), *_code_links(view, paper)))
    beginning = f"{markdown.cut(paper.comment, pieces.COMMENT_HEAD)}..."
    return markdown.details(next(labels, beginning), text)


def _links(view: View, paper: Paper) -> list[str]:
    return [markdown.link(text, url, trusted=True) for text, url in view.places(paper)]


def _code_links(view: View, paper: Paper) -> Iterator[str]:
    """Yield a short link to the paper's code, model, data or project page, the first of them."""
    for url in paper.code_links[:1]:
        yield markdown.link(view.say("Code"), url, trusted=True)
