"""A night's results for GitHub's step summary (Markdown) and for a terminal (plain text)."""

from collections.abc import Sequence

from daily_papers.llm.token_counts import Report
from daily_papers.store.record_types import ANNOUNCEMENTS, LedgerRow
from daily_papers.text import markdown

HEADERS = ("Topic", "At arXiv", "Fetched", "New", "Revised", "State")
_COUNTS = ("Asked", "Kept", "From the store", "Not fit", "Left for another night", "Given up")


def cells(row: LedgerRow) -> tuple[str, ...]:
    """Return a ledger row as the cells of a Markdown table with HEADERS."""
    state = markdown.label(row.state)
    if row.source == ANNOUNCEMENTS:
        state += ", from the announcement feed"
    if row.reason:
        state += f": {markdown.inline(row.reason)}"
    total = "" if row.total is None else f"{row.total:,}"
    return (markdown.label(row.topic), total, *map(str, (row.fetched, row.new, row.revised)), state)


def render_summary(rows: Sequence[LedgerRow], heading: str) -> str:
    """Return the topics' part of the step summary, in Markdown."""
    table = markdown.table(HEADERS, [cells(row) for row in rows])
    return f"{markdown.heading(2, heading)}\n\n{table}\n\n"


def plain_rows(rows: Sequence[LedgerRow]) -> str:
    """Return ledger rows as plain text, one a line."""
    lines = []
    for row in rows:
        total = "" if row.total is None else f"{row.total:,} at arXiv, "
        counts = f"{total}{row.fetched} fetched, {row.new} new, {row.revised} revised"
        source = "from the announcement feed" if row.source == ANNOUNCEMENTS else ""
        parts = (f"{row.topic}: {row.state}", counts, source, row.reason)
        lines.append("; ".join(filter(None, parts)))
    return "\n".join(lines)


def render_report(report: Report) -> str:
    """Return the language model's part of the step summary, in Markdown; empty if it is off."""
    if report.warning:
        warning = markdown.inline(report.warning)
        return f"{markdown.heading(2, 'No texts by a model')}\n\n{warning}\n\n"
    if not report.model:
        return ""
    rows = [(name, *map(str, task.counts)) for name, task in report.tasks.items()]
    lines = [
        markdown.heading(2, "What the model wrote"),
        f"Asked: {markdown.inline(report.model)}. {_spent(report)}.",
    ]
    if report.stopped:
        lines.append(f"Stopped before the end: {markdown.inline(report.stopped)}.")
    lines.append(markdown.table(("Task", *_COUNTS), rows))
    if report.refused:
        lines.append(f"Answers that were not kept: {markdown.inline(_refused(report))}.")
    return "\n\n".join(lines) + "\n\n"


def plain_report(report: Report) -> str:
    """Return the same as plain text; empty if the model is off or cannot be asked."""
    if report.warning or not report.model:
        return ""
    lines = [f"{report.model}: {_spent(report)}"]
    for name, task in report.tasks.items():
        counts = zip(task.counts, _COUNTS, strict=True)
        lines.append(f"  {name}: " + ", ".join(f"{count} {what.lower()}" for count, what in counts))
    if report.refused:
        lines.append(f"  not kept: {_refused(report)}")
    if report.stopped:
        lines.append(f"  stopped: {report.stopped}")
    return "\n".join(lines)


def _spent(report: Report) -> str:
    return (
        f"{report.requests:,} requests; {report.papers:,} of {report.most_papers:,} papers and "
        f"{report.tokens:,} of {report.most_tokens:,} tokens of the night"
    )


def _refused(report: Report) -> str:
    ordered = sorted(report.refused.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{reason} {count}" for reason, count in ordered)
