"""papers/log.md, and what `status` prints: the ledger as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from daily_papers.clock import format_time
from daily_papers.files import GENERATED
from daily_papers.pages import shared
from daily_papers.pages.run_summary import HEADERS, cells, plain_rows
from daily_papers.settings import Settings
from daily_papers.store.records import Entry, Store
from daily_papers.text import markdown


def render_log(store: Store, tables: Mapping[str, Sequence[Entry]], settings: Settings) -> str:
    """Return papers/log.md: the nights that changed something, newest first."""
    head = (
        f"{GENERATED}\n\n# What each night found\n\n"
        f"{shared.sample_note(entry.paper for rows in tables.values() for entry in rows)}"
        f"{markdown.link('← README', '../README.md')} · Nights that changed nothing leave no line "
        "here; they have their summary in the Actions tab.\n"
    )
    sections = [head]
    for night in sorted({row.night for row in store.ledger}, reverse=True):
        rows = [cells(row) for row in store.ledger if row.night == night]
        day = shared.local_date(night, settings)
        sections.append(f"## {day}\n\n{markdown.table(HEADERS, rows)}\n")
    return "\n".join(sections)


def render_status(store: Store) -> str:
    """Return how each topic stands and what its last logged night did, for a terminal."""
    last = {row.topic: row for row in store.ledger}
    lines = [f"last change: {format_time(store.updated)}"]
    for name, state in store.topics.items():
        if state.failing is not None:
            told = (
                f"not refreshed since {format_time(state.failing.since)}: "
                f"{state.failing.state}: {state.failing.reason}"
            )
        elif state.watermark is None:
            told = "no paper known yet"
        else:
            told = f"complete up to {format_time(state.watermark)}"
        lines.append(f"{name}: {told}")
        if name in last:
            lines.append(f"  {format_time(last[name].night)}: {plain_rows([last[name]])}")
    return "\n".join(lines)
