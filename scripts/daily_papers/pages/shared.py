"""What several pages show in the same way."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from daily_papers.inputs import LOG
from daily_papers.settings import Settings
from daily_papers.store.paper import SAMPLE_LABEL, Paper
from daily_papers.store.records import ModelText, TopicState
from daily_papers.text import markdown
from daily_papers.topics.keywords import slugify

THANKS = "Thank you to arXiv for use of its open access interoperability."
"""The acknowledgement that arXiv asks for: https://info.arxiv.org/help/api/tou.html"""


TOPICS_FOLDER = "papers/topics"
FOLDER_INDEX = "README.md"
"""The page that GitHub shows with a folder."""
ALL_TOPICS = f"papers/{FOLDER_INDEX}"
FEEDS = "papers/feeds/README.md"
EXPORTS = {
    "Atom": "papers/feeds/{}.xml",
    "BibTeX": "papers/bibtex/{}.bib",
    "JSON": "papers/facts/{}.json",
}
"""The files for other programs by kind: the path from the root, with the name of a topic's page."""
# GitHub renders a Markdown file up to about 2 MB; below this there is room for its own measure.
PAGE_BUDGET = 1_500_000
# The feed of all topics; some file systems do not tell readme.md from README.md.
_TAKEN_NAMES = ("all", "readme")
_SHORT_COMMENT = 20
_COMMENT_HEAD = 5
_AUTHORS = 6
# As wide as a digit, and no place to break a line.
_FIGURE_SPACE = "\u2007"
_OPEN_WIDTH = _FIGURE_SPACE * 28
_WIDTHS = {"Title": 10, "Date": 3, "Newest": 2, "Abstract": 3, "Comment": 1, "Authors": 4}


def page_name(topic: str) -> str:
    """Return the name, without ending, of the files that are about a topic."""
    name = slugify(topic)
    return f"{name}-" if name in _TAKEN_NAMES else name


def topic_page(name: str) -> str:
    """Return the path of a topic's page, from the root."""
    return f"{TOPICS_FOLDER}/{page_name(name)}.md"


KINDS = {"weekly": "Weekly pages", "digest": "Daily digests", "bilingual": "Bilingual digests"}
"""The kinds of dated pages, by setting and folder, with their titles."""


def ways(settings: Settings, folder: str = "") -> str:
    """Return the links to what there is beside the topics, from `folder`."""
    found = [
        markdown.link(title, f"papers/{kind}/{FOLDER_INDEX}".removeprefix(folder))
        for kind, title in KINDS.items()
        if getattr(settings.pages, kind)
    ]
    if settings.pages.feeds:
        found.append(markdown.link("Feeds", FEEDS.removeprefix(folder)))
    found.append(markdown.link("What each night found", LOG.removeprefix(folder)))
    return " · ".join(found)


def sample_note(papers: Iterable[Paper]) -> str:
    """Return a label when any of the papers is invented, else nothing."""
    if not any(paper.is_sample for paper in papers):
        return ""
    return (
        f"> [!NOTE]\n> **{SAMPLE_LABEL}.** Their links lead nowhere; "
        "the first run puts real papers in their place.\n\n"
    )


def abs_url(paper: Paper) -> str:
    """Return the address of the version's page at arXiv."""
    return f"https://arxiv.org/abs/{paper.versioned_id}"


def pdf_url(paper: Paper) -> str:
    """Return the address of the version's PDF at arXiv."""
    return f"https://arxiv.org/pdf/{paper.versioned_id}"


def date(moment: datetime) -> str:
    """Return arXiv's date of a moment, which is in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def local_date(moment: datetime, settings: Settings) -> str:
    """Return the project's own date of a moment, in the time zone of the settings."""
    return moment.astimezone(settings.timezone).strftime("%Y-%m-%d")


def long_date(moment: datetime, settings: Settings) -> str:
    """Return such a date as `November 20, 2026`, whatever the machine's language."""
    local = moment.astimezone(settings.timezone)
    return f"{calendar.month_name[local.month]} {local.day}, {local.year}"


def plural(count: int, noun: str) -> str:
    """Return `1 paper`, `2 papers`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def marks(paper: Paper) -> str:
    """Return what tells a revised or withdrawn paper from a new one, or nothing."""
    found = []
    if paper.is_withdrawn:
        found.append("⛔ withdrawn")
    if paper.version > 1:
        found.append(f"🔁 v{paper.version}, first {date(paper.published)}")
    return " · ".join(found)


def title_cell(paper: Paper, *, issue: bool = False) -> str:
    """Return the linked title, with marks below it where there are any."""
    title = f"**{markdown.link(paper.title, abs_url(paper), issue=issue)}**"
    told = marks(paper)
    return f"{title}<br><sub>{told}</sub>" if told else title


def comment_cell(paper: Paper, *, issue: bool = False) -> str:
    """Return the comment: a short one as it is, a long one behind its beginning."""
    text = markdown.clean(paper.comment)
    if len(text) <= _SHORT_COMMENT:
        return markdown.inline(paper.comment, issue=issue)
    head = markdown.cut(paper.comment, _COMMENT_HEAD, issue=issue)
    return markdown.details(f"{head}...", markdown.inline(paper.comment, issue=issue))


def abstract_cell(paper: Paper) -> str:
    """Return the abstract behind a fold that, once open, is wide enough to be read on a phone."""
    return markdown.details("Show", f"{markdown.inline(paper.abstract)} {_OPEN_WIDTH}")


def authors_line(paper: Paper, *, issue: bool = False) -> str:
    """Return up to six authors, then et al."""
    names = markdown.label(", ".join(paper.authors[:_AUTHORS]), issue=issue)
    return f"{names}, et al." if len(paper.authors) > _AUTHORS else names


def categories(paper: Paper) -> list[str]:
    """Return the categories, the primary one first."""
    ordered = dict.fromkeys((paper.primary_category, *paper.categories))
    return [category for category in ordered if category]


def categories_line(paper: Paper) -> str:
    """Return the categories as code spans, the primary one first."""
    return " ".join(map(markdown.code, categories(paper)))


def not_refreshed(state: TopicState, settings: Settings) -> str:
    """Return the line that says a table is not up to date, or nothing."""
    if state.failing is None:
        return ""
    day = local_date(state.failing.since, settings)
    return f"⚠ not refreshed since {day} ({markdown.label(state.failing.state)})"


def wide(header: str) -> str:
    """Return a table's header that keeps its column from being squeezed.

    GitHub gives a column no width of its own: an open abstract takes what there is, a title is
    squeezed to a word a line, and a date breaks at its hyphens. Blanks that do not break, as many
    on either side, are all that its sanitiser lets through.
    """
    around = _FIGURE_SPACE * _WIDTHS.get(header, 0)
    return f"{around}**{header}**{around}"


def no_papers(state: TopicState) -> str:
    """Return the sentence that stands in place of a table without rows."""
    if state.failing is not None:
        return "arXiv has not answered for this topic yet."
    return "No paper on this topic is known yet."


def up(title: str) -> str:
    """Return the link from a dated page to the index of its folder."""
    return markdown.link(f"← {title}", FOLDER_INDEX)


def numbered(texts: Iterable[str]) -> str:
    """Return foreign texts on one line: `1. … 2. …`."""
    return " ".join(f"{at}. {markdown.inline(text)}" for at, text in enumerate(texts, start=1))


def written_by(texts: Iterable[ModelText]) -> str:
    """Return the mark of what a language model wrote, or nothing if there is none."""
    models = " and ".join(dict.fromkeys(markdown.label(text.model) for text in texts))
    return f"written by {models}" if models else ""


def size(text: str) -> int:
    """Return how many bytes a text takes in a file."""
    return len(text.encode())


def affordable(texts: Sequence[str], spare: int) -> tuple[int, int]:
    """Return how many of the texts fit from the first on, and the bytes that are left."""
    for number, text in enumerate(texts):
        if size(text) > spare:
            return number, spare
        spare -= size(text)
    return len(texts), spare


def paper_anchor(paper: Paper) -> str:
    """Return the name under which a paper can be linked to within a page."""
    return paper.arxiv_id.replace("/", "-")
