"""papers/README.md: the table of all topics, which README.md shows too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from daily_papers.files import GENERATED
from daily_papers.pages import shared
from daily_papers.settings import Settings
from daily_papers.store.records import Entry, Store, TopicState, sort_time
from daily_papers.text import markdown

WEEKS = 12
_BLOCKS = "▁▂▃▄▅▆▇█"
_UNKNOWN = "░"


def render_all_topics(
    store: Store, tables: Mapping[str, Sequence[Entry]], settings: Settings
) -> str:
    """Return papers/README.md, which leads to every topic's page."""
    links = {
        name: markdown.link(name, shared.topic_page(name).removeprefix("papers/"))
        for name in store.topics
    }
    return (
        f"{GENERATED}\n\n# All topics\n\n"
        f"{shared.sample_note(entry.paper for rows in tables.values() for entry in rows)}"
        f"{markdown.link('← README', '../README.md')} · {shared.ways(settings, 'papers/')}\n\n"
        f"{topics_table(store, tables, links, settings)}\n\n{shared.THANKS}\n"
    )


def topics_table(
    store: Store,
    tables: Mapping[str, Sequence[Entry]],
    links: Mapping[str, str],
    settings: Settings,
) -> str:
    """Return the index of all topics; `links` holds the first cell of each by name."""
    rows = []
    for name, state in store.topics.items():
        papers = tables[name]
        stale = shared.not_refreshed(state, settings)
        rows.append(
            (
                links[name] + (f"<br><sub>{stale}</sub>" if stale else ""),
                str(_new_count(papers, store) or ""),
                str(len(papers)),
                shared.date(sort_time(papers[0].paper, store.sort)) if papers else "",
                _sparkline(papers, state, store.updated, store.sort),
            )
        )
    headers = ("Topic", "New", "Papers", "Newest", "Twelve weeks")
    return markdown.table([shared.wide(header) for header in headers], rows)


def _sparkline(rows: Sequence[Entry], state: TopicState, end: datetime, sort: str) -> str:
    """Return papers a week over the twelve weeks before `end`, oldest first, as Unicode blocks.

    A week of which not every paper is known is a dot.
    """
    counts = [0] * WEEKS
    for entry in rows:
        age = (end - sort_time(entry.paper, sort)).days // 7
        if 0 <= age < WEEKS:
            counts[age] += 1
    top = max(counts)
    known_from = state.floor if state.watermark else end
    bars = []
    for age, count in enumerate(counts):
        if known_from is not None and end - timedelta(weeks=age + 1) < known_from:
            bars.append(_UNKNOWN)
        else:
            bars.append(_BLOCKS[count * (len(_BLOCKS) - 1) // top if top else 0])
    return "".join(reversed(bars))


def _new_count(rows: Iterable[Entry], store: Store) -> int:
    """Return how many of the rows came as news with the last update."""
    return sum(entry.first_seen == store.updated and not entry.silent for entry in rows)
