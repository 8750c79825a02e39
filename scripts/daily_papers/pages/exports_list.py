"""papers/feeds/README.md, and the files it links to: feeds, BibTeX and JSON of each topic."""

from collections.abc import Iterator

from daily_papers.files import GENERATED
from daily_papers.pages import shared
from daily_papers.pages.atom_feed import render_feed
from daily_papers.pages.bibtex import render_bibtex
from daily_papers.pages.json_export import render_facts
from daily_papers.pages.shared import View
from daily_papers.text import markdown

_ALL = "all"
_MOST_OF_ALL = 300


def feeds_and_exports(view: View) -> Iterator[tuple[str, str]]:
    """Yield path and text of every feed, BibTeX file and JSON file, and of their index."""
    atom, bibtex, facts = shared.EXPORTS.values()
    created = view.store.created
    all_topics = atom.format(_ALL)
    rows: list[tuple[str, ...]] = [("All topics", _link("Atom", all_topics), "", "")]
    for name, entries in view.tables.items():
        page = shared.page_name(name)
        path = atom.format(page)
        yield path, render_feed(f"{name} - Daily Papers", entries, path, created)
        yield bibtex.format(page), render_bibtex(entries)
        yield facts.format(page), render_facts(name, entries)
        links = (_link(kind, one.format(page)) for kind, one in shared.EXPORTS.items())
        rows.append((markdown.label(name), *links))
    papers = {entry.paper.arxiv_id: entry for table in view.tables.values() for entry in table}
    everything = list(papers.values())
    yield all_topics, render_feed("Daily Papers", everything, all_topics, created, _MOST_OF_ALL)
    yield (
        shared.FEEDS,
        (
            f"{GENERATED}\n\n# Feeds\n\n{markdown.link('← All topics', '../README.md')} · "
            "A reader takes the address behind **Raw** on a feed's page.\n\n"
            f"{markdown.table(('Topic', 'Feed', 'References', 'Facts'), rows)}\n"
        ),
    )


def _link(kind: str, path: str) -> str:
    return shared.local_link(kind, path, shared.FEEDS)
