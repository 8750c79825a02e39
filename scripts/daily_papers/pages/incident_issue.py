"""The issue about nights that failed: what it says at first, later, and at its end."""

from daily_papers.clock import format_time
from daily_papers.pages.news import MAX_SUBJECT, long_date
from daily_papers.settings import Settings
from daily_papers.store.entry_types import Store
from daily_papers.store.failed_nights import Incident
from daily_papers.text import markdown

LABEL = "daily-papers-incident"
_MOST_CAUSE = 4_000  # characters
_MOST_TOPICS = 30


def title(incident: Incident, settings: Settings) -> str:
    """Return the issue's title."""
    what = "Some topics are" if incident.topics else "The tables are"
    return f"{what} not up to date since {long_date(incident.since, settings)}"[:MAX_SUBJECT]


def body(incident: Incident, store: Store | None, settings: Settings, url: str) -> str:
    """Return the issue's text: what failed, what is shown meanwhile, and what to do."""
    return (
        f"The last {incident.nights} nights failed.\n\n"
        f"**What failed**: {_cause(incident)}\n\n"
        f"**What is shown meanwhile**: {_shown(incident, store, settings)}\n\n"
        "**What to do**: if the cause is at arXiv, nothing. Otherwise it says what to change; "
        f"{markdown.link('the log', f'{url}/actions', trusted=True)} has more. Nothing is lost: "
        "the first good night looks back to where the last good one ended, and closes this "
        f"issue.\n\n{marker(incident)}\n"
    )


def changed(incident: Incident) -> str:
    """Return the comment for another cause."""
    return f"After {incident.nights} nights, something else fails: {_cause(incident)}"


def ended(incident: Incident, night: str) -> str:
    """Return the comment of the first good night, before the issue is closed."""
    nights = "night" if incident.nights == 1 else "nights"
    return f"The night of {night} was good again, after {incident.nights} {nights} that failed."


def marker(incident: Incident) -> str:
    """Return the invisible line by which later runs know the issue."""
    return f"<!-- daily-papers incident: {format_time(incident.since)} -->"


def _cause(incident: Incident) -> str:
    lines = incident.cause[:_MOST_CAUSE].splitlines() or [""]
    if len(lines) == 1:
        return markdown.inline(lines[0], issue=True)
    return "\n\n" + "\n".join(f"- {markdown.inline(line, issue=True)}" for line in lines if line)


def _shown(incident: Incident, store: Store | None, settings: Settings) -> str:
    if store is None:
        return "nothing, because there was no good night yet."
    until = f"what was known on {long_date(store.updated, settings)}"
    if not incident.topics:
        return f"{until}; the tables and pages stay as they were."
    names = [markdown.label(name, issue=True) for name in incident.topics[:_MOST_TOPICS]]
    if more := len(incident.topics) - len(names):
        names.append(f"{more} more")
    return f"{', '.join(names)}: what was known before. The other topics are up to date."
