"""The message for chats and e-mail: plain text, as long as the service takes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from daily_papers.pages import incident_issue, pieces
from daily_papers.pages.news import News, subject
from daily_papers.pages.pieces import View
from daily_papers.settings import Settings
from daily_papers.store.entry_types import Entry
from daily_papers.store.failed_nights import Incident
from daily_papers.text import markdown

_PAPERS = (5, 3, 2, 1, 0)
"""The papers of each topic, at most; the first number with which the message fits."""
_AUTHORS = 3

# What some chat makes a mention, a link or a command of: `@everyone`, `<!channel>`, `[a](b)`.
_LIVE = re.compile(r"@|\](?=\()|&(?=[A-Za-z#])|(?<=[A-Za-z]):(?=//)|(?<=[\w])\.(?=[A-Za-z])")
# Where messages are HTML, some services read these as tags even if they were escaped.
_TAGS = str.maketrans("<>", "‹›")
_MOST_DAYS = 3
_MOST_CAUSE = 500  # characters


@dataclass(frozen=True, slots=True)
class Message:
    """A message to send."""

    subject: str
    body: str


def render_message(
    news: News, view: View, remarked: list[str], url: str, fits: Callable[[str, str], bool]
) -> Message:
    """Return the message for some news, with as many papers of each topic as `fits` allows.

    `url` is the repository's page; `remarked` is what a reader must know besides.
    """
    line = inert(subject(news, view.store, view.settings))
    rest = [*(inert(one) for one in remarked), f"All: {_pages(news, view, url)}"]
    for most in _PAPERS:
        body = "\n\n".join([*_sections(news, most), *rest])
        if fits(line, body):
            break
    else:
        body = rest[-1]
    return Message(line, body)


def render_first(view: View, url: str) -> Message:
    """Return the first message ever, which says what will follow."""
    topics = pieces.plural(len(view.tables), "topic")
    papers = {entry.paper.arxiv_id for table in view.tables.values() for entry in table}
    names = ", ".join(map(inert, view.tables))
    body = f"{pieces.plural(len(papers), 'paper')} to begin with; what is new follows here.\n{url}"
    return Message(f"Now following {topics} at arXiv: {names}"[:200], body)


def render_incident(incident: Incident, settings: Settings, url: str) -> Message:
    """Return the message that nights fail."""
    cause = inert(incident.cause)[:_MOST_CAUSE]
    body = f"The last {incident.nights} nights failed: {cause}\nNothing is lost. {url}/actions"
    return Message(inert(incident_issue.title(incident, settings)), body)


def render_end(incident: Incident, url: str) -> Message:
    """Return the message that they do no more."""
    nights = pieces.plural(incident.nights, "night")
    return Message(
        "Up to date again", f"A night was good again, after {nights} that failed.\n{url}"
    )


def inert(text: str) -> str:
    """Return foreign text as one line of which no chat makes a mention, a link or a command."""
    line = markdown.clean(text).translate(_TAGS)
    return _LIVE.sub(f"\\g<0>{markdown.ZERO_WIDTH_SPACE}", line)


def _pages(news: News, view: View, url: str) -> str:
    """Return the addresses of the days' pages with all of the papers, or of their index."""
    if not view.settings.pages.archive:
        return url
    ids = {entry.paper.arxiv_id for entry in news.entries()}
    days = [day.day for day in view.store.days.values() if ids & day.papers]
    if not 0 < len(days) <= _MOST_DAYS:
        return f"{url}/blob/HEAD/{pieces.kind_index('days')}"
    return " ".join(f"{url}/blob/HEAD/{pieces.day_list(day)}" for day in sorted(days)[::-1])


def _sections(news: News, most: int) -> Iterator[str]:
    for topic in news.topics:
        counts = {"new": len(topic.new), "revised": len(topic.revised)}
        counted = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        if counted:
            yield _section(f"{inert(topic.name)}: {counted}", topic.new, most)
    for heading, entries in (("Accepted", news.accepted), ("With code now", news.code)):
        if entries:
            yield _section(f"{heading}: {len(entries)}", entries, most)


def _section(heading: str, entries: tuple[Entry, ...], most: int) -> str:
    more = len(entries) - most
    rest = [f"… and {more:,} more"] if most and more > 0 else []
    return "\n".join([heading, *map(_item, entries[:most]), *rest])


def _item(entry: Entry) -> str:
    paper = entry.paper
    about = (", ".join(pieces.authors(paper, _AUTHORS)), paper.venue)
    line = " · ".join(inert(part) for part in about if part)
    return "\n".join(filter(None, (f"• {inert(paper.title)}", line, pieces.abs_url(paper))))
