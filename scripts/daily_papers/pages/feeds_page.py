"""Each topic's papers for other programs, one feed of all topics, and the page that lists them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from daily_papers.files import GENERATED
from daily_papers.pages import shared
from daily_papers.pages.bibtex import render_bibtex
from daily_papers.pages.feed import render_feed
from daily_papers.pages.json_export import render_facts
from daily_papers.store.records import Entry, Store
from daily_papers.text import markdown

_ALL = "all"
_MOST_OF_ALL = 300


def exports(store: Store, tables: Mapping[str, Sequence[Entry]]) -> Iterator[tuple[str, str]]:
    """Yield path and text of every feed, BibTeX file and file of facts, and of their index."""
    atom, bibtex, facts = shared.EXPORTS.values()
    of_all = atom.format(_ALL)
    rows: list[tuple[str, ...]] = [
        ("All topics", markdown.link("Atom", _from_index(of_all)), "", "")
    ]
    for name, entries in tables.items():
        page = shared.page_name(name)
        path = atom.format(page)
        yield path, render_feed(f"{name} - Daily Papers", entries, path, store.created)
        yield bibtex.format(page), render_bibtex(entries)
        yield facts.format(page), render_facts(name, entries)
        links = (
            markdown.link(kind, _from_index(one.format(page)))
            for kind, one in shared.EXPORTS.items()
        )
        rows.append((markdown.label(name), *links))
    every = {entry.paper.arxiv_id: entry for entries in tables.values() for entry in entries}
    yield (
        of_all,
        render_feed("Daily Papers", list(every.values()), of_all, store.created, _MOST_OF_ALL),
    )
    yield shared.FEEDS, _index(rows)


def _from_index(path: str) -> str:
    return f"../{path.removeprefix('papers/')}"


def _index(rows: Sequence[Sequence[str]]) -> str:
    return (
        f"{GENERATED}\n\n# Feeds\n\n{markdown.link('← All topics', '../README.md')} · "
        "A reader takes the address behind **Raw** on a feed's page.\n\n"
        f"{markdown.table(('Topic', 'Feed', 'References', 'Facts'), rows)}\n"
    )
