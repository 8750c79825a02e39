"""papers/log.md, and what `status` prints: the ledger as text."""

from daily_papers.atomic_files import GENERATED
from daily_papers.clock import format_time
from daily_papers.pages.pieces import View
from daily_papers.pages.step_summary import plain_rows, render_rows
from daily_papers.store.entry_types import Store, TopicState
from daily_papers.text import markdown


def render_log(view: View) -> str:
    """Return papers/log.md: the nights that changed something, newest first."""
    text = (
        f"{GENERATED}\n\n# {view.say('log')}\n\n{view.sample_note}"
        f"{markdown.link('← README', '../README.md')} · {view.say('log_about')}\n"
    )
    ledger = view.store.ledger
    for night in sorted({row.night for row in ledger}, reverse=True):
        table = render_rows([row for row in ledger if row.night == night], view.say)
        text += f"\n## {view.local_date(night)}\n\n{table}\n"
    return text


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
