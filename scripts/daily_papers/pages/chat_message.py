"""The message for chats and e-mail: plain text, as long as the service takes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from daily_papers.pages import incident_issue, pieces
from daily_papers.pages.news import News, subject
from daily_papers.pages.pieces import View
from daily_papers.settings import Settings
from daily_papers.store.entry_types import Entry
from daily_papers.store.failed_nights import Incident
from daily_papers.text.chat import inert

_PAPERS = (5, 3, 2, 1)
"""The papers of each topic, at most; the first number with which the message fits."""
_AUTHORS = 3

_MOST_DAYS = 3
_MOST_TITLE = 300  # characters; one that is longer must not cost other papers their place
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
    sections = list(_sections(news))
    for shown in _shown(len(sections)):
        texts = (_section(*one, most) for one, most in zip(sections, shown, strict=True))
        body = "\n\n".join(["\n".join(texts).rstrip("\n"), *rest])
        if fits(line, body):
            break
    else:
        body = rest[-1]
    return Message(line, body)


def _shown(sections: int) -> Iterator[list[int]]:
    """Yield how many papers each section shows at most; later ones are without any first."""
    for most in _PAPERS:
        yield [most] * sections
    for first in range(sections - 1, -1, -1):
        yield [1] * first + [0] * (sections - first)


def render_first(view: View, url: str) -> Message:
    """Return the first message ever, which says what will follow."""
    topics = pieces.plural(len(view.tables), "topic")
    papers = {entry.paper.arxiv_id for table in view.tables.values() for entry in table}
    names = ", ".join(map(inert, view.tables))
    body = f"{pieces.plural(len(papers), 'paper')} to begin with; what is new follows here.\n{url}"
    return Message(f"Now following {topics} at arXiv: {names}"[:200], body)


def render_incident(incident: Incident, settings: Settings, url: str) -> Message:
    """Return the message that nights fail."""
    cause = inert(incident.cause.partition("\n")[0])[:_MOST_CAUSE]
    body = f"The last {incident.nights} nights failed: {cause}\nNothing is lost. {url}/actions"
    return Message(inert(incident_issue.title(incident, settings)), body)


def render_end(incident: Incident, url: str) -> Message:
    """Return the message that they do no more."""
    nights = pieces.plural(incident.nights, "night")
    return Message(
        "Up to date again", f"A night was good again, after {nights} that failed.\n{url}"
    )


def _pages(news: News, view: View, url: str) -> str:
    """Return the addresses of the days' pages with all of the papers, or of their index."""
    if not view.settings.pages.archive:
        return url
    ids = {entry.paper.arxiv_id for entry in news.entries()}
    days = [day.day for day in view.store.days.values() if ids & day.papers]
    if not 0 < len(days) <= _MOST_DAYS:
        return f"{url}/blob/HEAD/{pieces.kind_index('days')}"
    return "\n".join(f"{url}/blob/HEAD/{pieces.day_list(day)}" for day in sorted(days)[::-1])


def _sections(news: News) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    """Yield the heading of each section, and its papers."""
    for topic in news.topics:
        counts = {"new": len(topic.new), "revised": len(topic.revised)}
        counted = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        if counted:
            yield f"{inert(topic.name)}: {counted}", topic.new
    for heading, entries in (("Accepted", news.accepted), ("With code now", news.code)):
        if entries:
            yield f"{heading}: {len(entries)}", entries


def _section(heading: str, entries: tuple[Entry, ...], most: int) -> str:
    if not most:
        return heading
    more = len(entries) - most
    rest = [f"… and {more:,} more"] if more > 0 else []
    return "\n".join([heading, *map(_item, entries[:most]), *rest, ""])


def _item(entry: Entry) -> str:
    paper = entry.paper
    about = (", ".join(pieces.authors(paper, _AUTHORS)), paper.venue)
    line = " · ".join(_short(part) for part in about if part)
    return "\n".join(filter(None, (f"• {_short(paper.title)}", line, pieces.abs_url(paper))))


def _short(text: str) -> str:
    line = inert(text)
    return f"{line[:_MOST_TITLE]}…" if len(line) > _MOST_TITLE else line
