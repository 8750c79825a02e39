"""papers/README.md: the table of all topics, which README.md shows too."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from daily_papers.atomic_files import GENERATED
from daily_papers.pages import pieces
from daily_papers.pages.pieces import View
from daily_papers.store.entry_types import TopicState, sort_time
from daily_papers.text import markdown

WEEKS = 12
_BLOCKS = "▁▂▃▄▅▆▇█"
_UNKNOWN = "░"


def render_all_topics(view: View) -> str:
    """Return papers/README.md, which links to the page of every topic."""
    links = {
        name: pieces.local_link(name, pieces.topic_page(name), pieces.ALL_TOPICS)
        for name in view.store.topics
    }
    return (
        f"{GENERATED}\n\n# All topics\n\n{view.sample_note}"
        f"{markdown.link('← README', '../README.md')} · {view.other_pages(pieces.ALL_TOPICS)}\n\n"
        f"{topics_table(view, links)}\n\n{pieces.THANKS}\n"
    )


def topics_table(view: View, links: Mapping[str, str]) -> str:
    """Return the table of all topics; `links` maps each topic's name to its first cell."""
    store = view.store
    rows = []
    for name, state in store.topics.items():
        entries = view.tables[name]
        new = sum(one.first_seen == store.updated and not one.silent for one in entries)
        stale = view.not_refreshed(state)
        topic = links[name] + (f"<br><sub>{stale}</sub>" if stale else "")
        newest = view.date_of(entries[0]) if entries else ""
        rows.append((topic, str(new or ""), str(len(entries)), newest, _sparkline(view, state)))
    headers = ("Topic", "New", "Papers", "Newest", "Twelve weeks")
    return markdown.table([pieces.wide(header) for header in headers], rows)


def _sparkline(view: View, state: TopicState) -> str:
    """Return the papers of each of twelve weeks as blocks, dotted if not all papers are known."""
    end = view.store.updated
    dates = (sort_time(entry.paper, view.store.sort) for entry in view.tables[state.name])
    ages = Counter((end - moment).days // 7 for moment in dates)
    counts = [ages[age] for age in range(WEEKS)]
    top = max(*counts, 1)
    known_from = state.floor if state.watermark else end
    bars = [
        _UNKNOWN
        if known_from is not None and end - timedelta(weeks=age + 1) < known_from
        else _BLOCKS[count * (len(_BLOCKS) - 1) // top]
        for age, count in enumerate(counts)
    ]
    return "".join(reversed(bars))
