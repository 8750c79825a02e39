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
_HEADERS = ("Topic", "New", "Papers", "Newest", "Weeks")


def render_all_topics(view: View) -> str:
    """Return papers/README.md, which links to the page of every topic."""
    links = {
        name: pieces.local_link(name, pieces.topic_page(name), pieces.ALL_TOPICS)
        for name in view.store.topics
    }
    return (
        f"{GENERATED}\n\n{markdown.heading(1, view.say('all_topics'))}\n\n{view.sample_note}"
        f"{markdown.link('← README', '../README.md')} · {view.last_update(pieces.ALL_TOPICS)}\n\n"
        f"{topics_table(view, links)}\n\n{pieces.THANKS}\n"
    )


def topics_table(view: View, links: Mapping[str, str]) -> str:
    """Return the table of all topics by group; `links` maps each topic's name to its first cell.

    It is as narrow as a phone where README.md has the papers in one column.
    """
    is_narrow = "Paper" in view.settings.columns
    rows: list[tuple[str, ...]] = []
    for group, names in view.grouped.items():
        if group:
            rows.append((f"**{markdown.label(group)}**", "", "", "", ""))
        rows += [_row(view, view.store.topics[name], links[name]) for name in names]
    is_known = not any(_UNKNOWN in row[-1] for row in rows)
    headers = [pieces.wide(header, view.say(header)) for header in _HEADERS]
    if is_narrow:
        headers = headers[:3]
        rows = [(" ".join(filter(None, (row[-1], row[0]))), *row[1:3]) for row in rows]
    table = markdown.table(headers, rows)
    return table if is_known else f"{table}\n\n{view.say('unknown_weeks', mark=_UNKNOWN)}"


def _row(view: View, state: TopicState, link: str) -> tuple[str, ...]:
    entries = view.tables[state.name]
    stale = view.not_refreshed(state)
    topic = link + (f"<br><sub>{stale}</sub>" if stale else "")
    new = len(view.news[state.name])
    newest = view.date_of(entries[0]) if entries else ""
    return topic, str(new or ""), str(len(entries)), newest, _sparkline(view, state)


def _sparkline(view: View, state: TopicState) -> str:
    """Return the papers of each of twelve weeks as blocks, dotted if not all papers are known.

    It is empty for a topic without papers.
    """
    entries = view.tables[state.name]
    if not entries:
        return ""
    end = view.store.updated
    dates = (sort_time(entry.paper, view.store.sort) for entry in entries)
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
