"""Report what a night did: on stdout, as warnings, in the step summary, as a commit message."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from daily_papers.arxiv.start_jitter import own_cron
from daily_papers.llm.token_counts import Report
from daily_papers.pages.step_summary import (
    plain_disputes,
    plain_report,
    plain_rows,
    render_disputes,
    render_report,
    render_summary,
)
from daily_papers.progress import add_to_summary, warn
from daily_papers.settings import Environment
from daily_papers.store.merge import Merged
from daily_papers.store.night_history import QUIET_STATES
from daily_papers.store.topic_states import TopicAnswer
from daily_papers.text.markdown import plain_label

_OWN_CRON = (
    "All copies of this project begin with the same time of day. You spare arXiv with one of your "
    'own: put `cron: "{}"` into `.github/workflows/nightly.yml`.\n'
)


_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Night(Merged):
    """What a night did."""

    warnings: tuple[str, ...] = ()  # warnings that no row contains
    answers: Sequence[TopicAnswer] = ()  # what arXiv gave for each topic
    model: Report = field(default_factory=Report)  # what a model was asked after the merge
    about_site: str = ""  # what there is to say of the search page, in Markdown


def commit_message(night: Night) -> str:
    """Return the message of the commit with what the night wrote."""
    failing = sum(state.failing is not None for state in night.store.topics.values())
    topics = [f"{plain_label(row.topic)} {row.new}" for row in night.rows if row.new]
    if len(topics) > _MOST_NAMED:
        topics[_MOST_NAMED:] = [f"and {len(topics) - _MOST_NAMED} more topics"]
    new = f"{night.new} new"
    parts = [f"{new}: {', '.join(topics)}" if topics else new, f"{night.revised} revised"]
    if night.model.kept:
        parts.append(f"{night.model.kept} texts by a model")
    if failing:
        parts.append(f"{failing} of {len(night.store.topics)} topics not refreshed")
    return f"{'; '.join(parts)} ({night.store.updated:%Y-%m-%d})"


def texts_message(night: Night) -> str:
    """Return the message of the commit with what a language model wrote."""
    return f"{night.model.kept} texts by a model ({night.store.updated:%Y-%m-%d})"


def report(night: Night, environment: Environment) -> None:
    """Print the night's rows and warnings, and write its step summary."""
    print(plain_rows(night.rows))
    if about_model := plain_report(night.model):
        print(about_model)
    if night.model.warning:
        warn(night.model.warning, environment)
    if night.model.failed:
        stopped = f"texts by a model: {night.model.stopped}"
        warn(f"{stopped}; the rest is asked for another night", environment)
    for row in night.rows:
        if row.state not in QUIET_STATES or row.reason:
            warn(": ".join(filter(None, (row.topic, row.state, row.reason))), environment)
    for text in filter(None, (*night.warnings, plain_disputes(night.answers))):
        warn(text, environment)
    summary = render_summary(night.rows, "What this night found") + render_disputes(night.answers)
    if environment.github_repository and night.store.created == night.store.updated:
        summary += _OWN_CRON.format(own_cron(environment.github_repository))
    add_to_summary(summary + render_report(night.model) + night.about_site, environment)
