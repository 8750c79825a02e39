"""papers/README.md: the table of all topics, which README.md shows too."""

from collections.abc import Mapping

from daily_papers.atomic_files import GENERATED
from daily_papers.pages import pieces
from daily_papers.pages.pieces import View
from daily_papers.pages.weekly_counts import Counts, weekly_counts
from daily_papers.pages.year_picture import picture
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
        f"{topics_table(view, links)}\n\n{picture(view)}\n\n{pieces.THANKS}\n"
    )


def topics_table(view: View, links: Mapping[str, str]) -> str:
    """Return the table of all topics by group; `links` maps each topic's name to its first cell.

    It is as narrow as a phone where README.md has the papers in one column.
    """
    counts = weekly_counts(view, WEEKS, view.store.updated)
    rows: list[tuple[str, ...]] = []
    for group, names in view.grouped.items():
        if group:
            rows.append((f"**{markdown.label(group)}**", "", "", "", ""))
        rows += [_row(view, name, links[name], counts[name]) for name in names]
    is_known = not any(_UNKNOWN in row[-1] for row in rows)
    words = [view.say(header) for header in _HEADERS]
    if view.is_narrow:
        words = [f"{words[0]} · {words[-1]}", *words[1:3]]
        rows = [(" ".join(filter(None, (row[-1], row[0]))), *row[1:3]) for row in rows]
    headers = [pieces.wide(*both) for both in zip(_HEADERS, words, strict=False)]
    table = markdown.table(headers, rows)
    return table if is_known else f"{table}\n\n{view.say('unknown_weeks', mark=_UNKNOWN)}"


def _row(view: View, name: str, link: str, counts: Counts) -> tuple[str, ...]:
    entries = view.tables[name]
    stale = view.not_refreshed(view.store.topics[name])
    topic = link + (f"<br><sub>{stale}</sub>" if stale else "")
    new = len(view.news[name])
    if not entries:
        return topic, "", "0", "", ""
    newest = view.date_of(entries[0])
    return topic, str(new or ""), f"{len(entries):,}", newest, _bars(counts)


def _bars(counts: Counts) -> str:
    """Return the papers of each week as blocks, dotted if not all are known."""
    top = max(*filter(None, counts), 1, 1)
    return "".join(
        _UNKNOWN if count is None else _BLOCKS[count * (len(_BLOCKS) - 1) // top]
        for count in counts
    )
