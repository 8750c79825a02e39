"""Render what to read first: papers by followed authors, and those close to the readers' own."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from daily_papers.pages import pieces
from daily_papers.pages.fixed_words import ENGLISH, Words
from daily_papers.pages.pieces import View
from daily_papers.ranking.attention import FIELDS
from daily_papers.store.entry_types import Entry, Followed, Near, Reading, Store
from daily_papers.text import markdown

_SIGNS = {"github": "★", "huggingface": "🤗"}
_SHOWN = timedelta(days=14)
"""How long a figure is shown after it was read."""


def near_mark(words: Iterable[str], *, issue: bool = False) -> str:
    """Return the mark of a near paper, with the words that it shares with the readers' own."""
    return f"🎯 {', '.join(markdown.label(word, issue=issue) for word in words)}"


def followed_mark(names: Iterable[str], *, issue: bool = False) -> str:
    """Return the mark of a paper by authors who are followed."""
    return f"👤 {', '.join(markdown.label(name, issue=issue) for name in names)}"


def reading_marks(view: View, entry: Entry) -> list[str]:
    """Return the marks of a paper: who wrote it, to what it is near, and what others make of it."""
    found = []
    if names := view.authors.of(entry.paper):
        found.append(followed_mark(names))
    if near := view.near.get(entry.paper.arxiv_id):
        found.append(near_mark(near.words))
    found += attention_marks(view, entry.paper.arxiv_id)
    if rank := view.significance(entry):
        found.append(f"🤖 {rank}/3")
    return found


def noted_marks(store: Store) -> dict[str, list[str]]:
    """Return the marks that papers got on their days, by identifier, for an issue."""
    found: dict[str, list[str]] = {}
    for day in store.days.values():
        for followed in day.followed:
            mark = followed_mark(followed.names, issue=True)
            found.setdefault(followed.paper, []).append(mark)
        for near in day.near:
            found.setdefault(near.paper, []).append(near_mark(near.words, issue=True))
    return found


def attention_marks(view: View, arxiv_id: str) -> list[str]:
    """Return the figures of the sources in the settings that are not too old."""
    known = view.store.attention.get(arxiv_id)
    if known is None:
        return []
    found = []
    for name in view.settings.attention:
        readings: Sequence[Reading] = getattr(known, FIELDS[name])
        if readings and view.store.updated.date() - readings[-1].day <= _SHOWN:
            last, grown = readings[-1].count, readings[-1].count - readings[0].count
            growth = f" ({grown:+,})" if grown else ""
            found.append(f"{_SIGNS[name]} {last:,}{growth}")
    return found


def read_first(
    followed: Sequence[Followed],
    near: Sequence[Near],
    entries: Mapping[str, Entry],
    say: Words = ENGLISH,
    *,
    issue: bool = False,
) -> list[str]:
    """Return the sections that have papers; `entries` are the papers by identifier.

    Those by followed authors come first. All papers stand in the lists of their topics too.
    """
    by_name = [
        _line(entries[one.paper], followed_mark(one.names, issue=issue), issue) for one in followed
    ]
    by_words = [_line(entries[one.paper], near_mark(one.words, issue=issue), issue) for one in near]
    sections = []
    if by_name:
        names = "".join(by_name)
        sections.append(f"## {say('by_followed')}\n\n{names}\n_{say('only_names')}_\n")
    if by_words:
        sections.append(f"## {say('close_to_yours')}\n\n{''.join(by_words)}")
    return sections


def _line(entry: Entry, mark: str, issue: bool) -> str:
    paper = entry.paper
    title = markdown.link(paper.title, pieces.abs_url(paper), issue=issue)
    names = markdown.label(", ".join(pieces.authors(paper, 3)), issue=issue)
    return f"- **{title}**  \n  {' · '.join(filter(None, (mark, names)))}\n"
