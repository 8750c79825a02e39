"""A night's results for GitHub's step summary (Markdown) and for a terminal (plain text)."""

from collections.abc import Sequence

from daily_papers.llm.token_counts import Report
from daily_papers.pages.fixed_words import ENGLISH, Words
from daily_papers.pages.pieces import abs_url
from daily_papers.store.entry_types import HARVEST, LedgerRow
from daily_papers.store.paper import Paper
from daily_papers.store.topic_states import Dispute, TopicAnswer
from daily_papers.text import markdown
from daily_papers.topics.keywords import KEYWORDS, Topic

_HEADERS = ("Topic", "At_arXiv", "Fetched", "New", "Revised", "State")
_COUNTS = ("Asked", "Kept", "From the store", "Not fit", "Left for another night", "Given up")


def render_rows(rows: Sequence[LedgerRow], say: Words = ENGLISH) -> str:
    """Return ledger rows as a Markdown table; how many papers arXiv has, if any row knows it."""
    table = [tuple(map(say, _HEADERS)), *map(_cells, rows)]
    if all(row.total is None for row in rows):
        table = [(topic, *others) for topic, _, *others in table]
    return markdown.table(table[0], table[1:])


def _cells(row: LedgerRow) -> tuple[str, ...]:
    state = markdown.label(row.state)
    if row.source == HARVEST:
        state += ", from OAI-PMH"
    if row.reason:
        state += f": {markdown.inline(row.reason)}"
    total = "" if row.total is None else f"{row.total:,}"
    return (markdown.label(row.topic), total, *map(str, (row.fetched, row.new, row.revised)), state)


def render_summary(rows: Sequence[LedgerRow], heading: str) -> str:
    """Return the topics' part of the step summary, in Markdown."""
    return f"{markdown.heading(2, heading)}\n\n{render_rows(rows)}\n\n"


def plain_rows(rows: Sequence[LedgerRow]) -> str:
    """Return ledger rows as plain text, one a line."""
    lines = []
    for row in rows:
        total = "" if row.total is None else f"{row.total:,} at arXiv, "
        counts = f"{total}{row.fetched} fetched, {row.new} new, {row.revised} revised"
        source = "from OAI-PMH" if row.source == HARVEST else ""
        parts = (f"{row.topic}: {row.state}", counts, source, row.reason)
        lines.append("; ".join(filter(None, parts)))
    return "\n".join(lines)


_DISPUTES_LISTED = 100
_DISPUTES_ADVICE = (
    "A few are no reason to worry; many mean that arXiv's search has changed: bring this "
    "copy up to date with the project, or report it there"
)


def render_disputes(answers: Sequence[TopicAnswer]) -> str:
    """Return where arXiv and the local matcher disagree, in Markdown; empty if nowhere."""
    found = _disputes(answers)
    if not found:
        return ""
    rows = [
        (
            f"{markdown.link(paper.versioned_id, abs_url(paper))} {markdown.inline(paper.title)}",
            "<br>".join(f"{topic.line}: {markdown.label(topic.name)}" for topic in topics),
            dispute.value,
        )
        for (dispute, paper), topics in list(found.items())[:_DISPUTES_LISTED]
    ]
    more = len(found) - len(rows)
    return "\n\n".join(
        [
            markdown.heading(2, "Where arXiv and this program disagree"),
            f"{_DISPUTES_ADVICE}.{f' {more:,} more are not listed.' if more else ''}",
            markdown.table(("Paper", f"Line of {KEYWORDS}", "What"), rows),
            "",
        ]
    )


def plain_disputes(answers: Sequence[TopicAnswer]) -> str:
    """Return the same as one line of plain text, with the first paper only."""
    found = _disputes(answers)
    if not found:
        return ""
    (dispute, paper), (topic, *others) = next(iter(found.items()))
    lines = f"{KEYWORDS}:{topic.line}: {topic.name}" + f" and {len(others)} more" * bool(others)
    more = f", and so for {len(found) - 1:,} more papers" if len(found) > 1 else ""
    return f"{lines}: {paper.versioned_id}: {dispute.value}{more}. {_DISPUTES_ADVICE}"


def _disputes(answers: Sequence[TopicAnswer]) -> dict[tuple[Dispute, Paper], list[Topic]]:
    """Return the topics of each paper of which arXiv and the matcher say different things."""
    found: dict[tuple[Dispute, Paper], list[Topic]] = {}
    for answer in answers:
        for key in answer.disputed:
            found.setdefault(key, []).append(answer.topic)
    return found


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
