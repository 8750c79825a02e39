"""papers/feeds/README.md, and the files it links to: feeds, BibTeX and JSON of each topic."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from daily_papers.atomic_files import GENERATED
from daily_papers.pages import pieces
from daily_papers.pages.atom_feed import render_feed
from daily_papers.pages.bibtex import render_bibtex
from daily_papers.pages.json_export import render_facts
from daily_papers.pages.pieces import View
from daily_papers.store.entry_types import Entry
from daily_papers.text import markdown

NEWS = timedelta(days=3)
"""A reader that asks once in this time misses nothing, however much a night brings."""
_ALL = "all"
_MOST_OF_ALL = 300


def feeds_and_exports(view: View) -> Iterator[tuple[str, str]]:
    """Yield path and text of every feed, BibTeX file and JSON file, and of their index."""
    atom, bibtex, facts = pieces.EXPORTS.values()
    created, since = view.store.created, view.store.updated - NEWS
    fed = _fed(view, since)
    language = view.settings.llm.language
    all_topics = atom.format(_ALL)
    rows: list[tuple[str, ...]] = [("All topics", _link("Atom", all_topics), "", "")]
    for name, entries in view.tables.items():
        page = pieces.page_name(name)
        path = atom.format(page)
        title = f"{name} - Daily Papers"
        yield (
            path,
            render_feed(title, fed[name].values(), path, created, since=since, language=language),
        )
        yield bibtex.format(page), render_bibtex(entries)
        yield facts.format(page), render_facts(name, entries)
        links = (_link(kind, one.format(page)) for kind, one in pieces.EXPORTS.items())
        rows.append((markdown.label(name), *links))
    everything = {arxiv_id: entry for one in fed.values() for arxiv_id, entry in one.items()}
    yield (
        all_topics,
        render_feed(
            "Daily Papers", everything.values(), all_topics, created, _MOST_OF_ALL, since, language
        ),
    )
    yield (
        pieces.FEEDS,
        (
            f"{GENERATED}\n\n# Feeds\n\n{markdown.link('← All topics', '../README.md')} · "
            "A reader takes a feed's address on GitHub Pages, "
            "`https://OWNER.github.io/NAME/papers/feeds/all.xml`, or without Pages the one behind "
            "**Raw** on its page, which GitHub serves as plain text: readers made with SimplePie "
            "refuse it, and FreshRSS takes it with `#force_feed` at its end.\n\n"
            f"{markdown.table(('Topic', 'Feed', 'References', 'Facts'), rows)}\n"
        ),
    )


def _fed(view: View, since: datetime) -> dict[str, dict[str, Entry]]:
    """Return the papers of each topic's table, and the news `since` for which it has no room."""
    fed = {name: {one.paper.arxiv_id: one for one in table} for name, table in view.tables.items()}
    for arxiv_id, entry in view.store.entries.items():
        if entry.is_news_since(since):
            for name in fed.keys() & entry.topics:
                fed[name][arxiv_id] = entry
    return fed


def _link(kind: str, path: str) -> str:
    return pieces.local_link(kind, path, pieces.FEEDS)
