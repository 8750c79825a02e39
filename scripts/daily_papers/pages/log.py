"""papers/log.md, the step summary of a night, and the output of `status`: the ledger as text."""

from __future__ import annotations

from collections.abc import Sequence

from daily_papers.clock import format_time
from daily_papers.files import GENERATED
from daily_papers.pages.shared import View
from daily_papers.store.records import ANNOUNCEMENTS, LedgerRow, Store, TopicState
from daily_papers.text import markdown

_HEADERS = ("Topic", "At arXiv", "Fetched", "New", "Revised", "State")


def _cells(row: LedgerRow) -> tuple[str, ...]:
    state = markdown.label(row.state)
    if row.source == ANNOUNCEMENTS:
        state += ", from the announcement feed"
    if row.reason:
        state += f": {markdown.inline(row.reason)}"
    return (
        markdown.label(row.topic),
        "" if row.total is None else f"{row.total:,}",
        str(row.fetched),
        str(row.new),
        str(row.revised),
        state,
    )


def render_log(view: View) -> str:
    """Return papers/log.md: the nights that changed something, newest first."""
    head = (
        f"{GENERATED}\n\n# What each night found\n\n{view.sample_note}"
        f"{markdown.link('← README', '../README.md')} · Nights that changed nothing leave no line "
        "here; they have their summary in the Actions tab.\n"
    )
    sections = [head]
    ledger = view.store.ledger
    for night in sorted({row.night for row in ledger}, reverse=True):
        table = markdown.table(_HEADERS, [_cells(row) for row in ledger if row.night == night])
        sections.append(f"## {view.local_date(night)}\n\n{table}\n")
    return "\n".join(sections)


def render_summary(rows: Sequence[LedgerRow], heading: str) -> str:
    """Return the step summary of a night, as Markdown."""
    table = markdown.table(_HEADERS, [_cells(row) for row in rows])
    return f"{markdown.heading(2, heading)}\n\n{table}\n\n"


def plain_rows(rows: Sequence[LedgerRow]) -> str:
    """Return ledger rows for a terminal, one per line."""
    lines = []
    for row in rows:
        total = "" if row.total is None else f"{row.total:,} at arXiv, "
        line = (
            f"{row.topic}: {row.state}; {total}{row.fetched} fetched, "
            f"{row.new} new, {row.revised} revised"
        )
        if row.source == ANNOUNCEMENTS:
            line += "; from the announcement feed"
        lines.append(f"{line}; {row.reason}" if row.reason else line)
    return "\n".join(lines)


def render_status(store: Store) -> str:
    """Return the state of each topic and the last night in its log, for a terminal."""
    last = {row.topic: row for row in store.ledger}
    lines = [f"last change: {format_time(store.updated)}"]
    for name, state in store.topics.items():
        lines.append(f"{name}: {_plain_state(state)}")
        if name in last:
            lines.append(f"  {format_time(last[name].night)}: {plain_rows([last[name]])}")
    return "\n".join(lines)


def _plain_state(state: TopicState) -> str:
    if state.failing is not None:
        since = format_time(state.failing.since)
        return f"not refreshed since {since}: {state.failing.state}: {state.failing.reason}"
    if state.watermark is None:
        return "no paper known yet"
    return f"complete up to {format_time(state.watermark)}"
