"""What a night asked of a model and what came of it, for the step's summary and the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_HEADERS = (
    "Task",
    "Asked",
    "Kept",
    "From the store",
    "Not fit",
    "Left for another night",
    "Given up",
)


@dataclass(slots=True)
class TaskReport:
    """What a night did for one task, in texts; it counts up while the night asks."""

    asked: int = 0
    kept: int = 0
    cached: int = 0
    """That the store had."""
    unfit: int = 0
    """That got no answer fit to be kept, asked twice."""
    left: int = 0
    """That were not asked for, or not answered, and are due again."""
    given_up: int = 0
    """That were asked for on as many nights as may be."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a night asked of a model. Without a warning or a model, none was asked."""

    warning: str = ""
    """What is wrong with its configuration, and what to do."""
    model: str = ""
    stopped: str = ""
    """Why not everything was asked for."""
    failed: bool = False
    """Whether that was because the endpoint failed."""
    tasks: Mapping[str, TaskReport] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    """Answers that the gate stopped, by reason; first and second ones."""
    requests: int = 0
    """Sent to the endpoint, the second questions and further tries included."""
    papers: int = 0
    """That the night asked about, of at most `most_papers`."""
    most_papers: int = 0
    tokens: int = 0
    """Of the night's questions and answers, of at most `most_tokens`."""
    most_tokens: int = 0

    @property
    def kept(self) -> int:
        """Texts that came and were kept."""
        return sum(task.kept for task in self.tasks.values())


def _cells(name: str, task: TaskReport) -> tuple[str, ...]:
    counts = (task.asked, task.kept, task.cached, task.unfit, task.left, task.given_up)
    return (name, *map(str, counts))


def _spent(report: Report) -> str:
    return (
        f"{report.requests:,} requests; {report.papers:,} of {report.most_papers:,} papers and "
        f"{report.tokens:,} of {report.most_tokens:,} tokens of the night"
    )


def _refused(report: Report) -> str:
    ordered = sorted(report.refused.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{reason} {count}" for reason, count in ordered)


def render_report(report: Report) -> str:
    """Return the part of a step's summary about the model, in Markdown; nothing if it is off."""
    # Imported here: a merge needs the report's type only, before any page is written.
    from daily_papers.text import markdown  # noqa: PLC0415

    if report.warning:
        told = markdown.inline(report.warning)
        return f"{markdown.heading(2, 'No texts by a model')}\n\n{told}\n\n"
    if not report.model:
        return ""
    rows = [_cells(name, task) for name, task in report.tasks.items()]
    lines = [
        markdown.heading(2, "What the model wrote"),
        f"Asked: {markdown.inline(report.model)}. {_spent(report)}.",
    ]
    if report.stopped:
        lines.append(f"Stopped before the end: {markdown.inline(report.stopped)}.")
    lines.append(markdown.table(_HEADERS, rows))
    if report.refused:
        lines.append(f"Answers that were not kept: {markdown.inline(_refused(report))}.")
    return "\n\n".join(lines) + "\n\n"


def plain_report(report: Report) -> str:
    """Return the same for a terminal; nothing if the model is off or cannot be asked."""
    if report.warning or not report.model:
        return ""
    lines = [f"{report.model}: {_spent(report)}"]
    for name, task in report.tasks.items():
        lines.append(
            f"  {name}: {task.asked} asked, {task.kept} kept, {task.cached} from the store, "
            f"{task.unfit} not fit, {task.left} left for another night, {task.given_up} given up"
        )
    if report.refused:
        lines.append(f"  not kept: {_refused(report)}")
    if report.stopped:
        lines.append(f"  stopped: {report.stopped}")
    return "\n".join(lines)
