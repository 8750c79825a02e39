"""The nightly issue, which GitHub mails to everyone who watches the repository.

A mail has two forms, HTML and this Markdown as it is. So it consists of short lines and lists.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from daily_papers.arxiv.start_jitter import own_cron
from daily_papers.clock import format_time, parse_time
from daily_papers.facts.key_sentences import key_findings
from daily_papers.pages import pieces
from daily_papers.pages.news import (
    News,
    TopicNews,
    named,
    news_since,
    remarks,
    subject,
)
from daily_papers.pages.pieces import View
from daily_papers.pages.read_first import attention_marks, noted_marks, read_first
from daily_papers.store.entry_types import Entry, Store, TopicState
from daily_papers.store.files_by_month import month_of
from daily_papers.text import markdown

LABEL = "daily-papers"
BUDGET = 60_000  # characters of a body. GitHub's limit is 65,536.
_DIGEST_BUDGET = 20_000
_MOST_PAGES = 12
_AUTHORS = 3
_SENTENCE = 240  # characters
_FIRST_PAPERS = 3  # papers of each topic in the first notice
_REVISED = "\nRevised:\n\n"
_SECONDS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


@dataclass(frozen=True, slots=True)
class Notice:
    """An issue to open."""

    title: str
    body: str
    night: datetime  # the last night whose news it tells


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading and a list of papers."""

    heading: str
    papers: Sequence[Entry]
    revised: int  # how many of them, the last ones, are revised
    page: str  # the address of the page that has all of them, if there are no pages of days
    pages: Sequence[str]  # the addresses of the pages of days and months that have all of them


def render_notice(view: View, since: datetime | None, url: str) -> Notice | None:
    """Return the issue with the news after `since`, or None if there is no news.

    Without `since` it is the first notice, a welcome about the first night only. `url` is the
    repository's page. Each paper is listed once, under the first of its topics.
    """
    news = news_since(view.store, since)
    if not news:
        return None
    if since is None:
        return _welcome(view, url)
    pages = _day_pages(view, url)
    sections = [*_sections(news, url, pages)]
    body = "\n".join([*_head(news, view, since, url), ""])
    foot = _foot(view.store.updated)
    for text in _read_first(news, view.store):
        if len(body) + len(text) + len(foot) < BUDGET:
            body += text
    noted = noted_marks(view.store)
    for section in sections:
        spare = BUDGET - len(body) - len(foot)
        body += _list(section, view, noted, spare)
    title = subject(news, view.store, view.settings)
    return Notice(title, body + foot, view.store.updated)


def marker(moment: datetime) -> str:
    """Return the invisible line by which later runs know which news this issue has."""
    return f"<!-- daily-papers notice: {format_time(moment)} -->"


def read_marker(body: str) -> datetime | None:
    """Return the moment in the marker of an issue's body, or None if it has no marker."""
    match = re.search(rf"<!-- daily-papers notice: ({_SECONDS}) -->", body)
    try:
        return parse_time(match[1]) if match else None
    except ValueError:
        return None


def _read_first(news: News, store: Store) -> list[str]:
    """Return the sections on new papers by followed authors, and near to the readers' own."""
    new = {entry.paper.arxiv_id: entry for topic in news.topics for entry in topic.new}
    followed = {one.paper: one for day in store.days.values() for one in day.followed}
    near = {one.paper: one for day in store.days.values() for one in day.near}
    shown = sorted((near[one] for one in new if one in near), key=lambda one: -one.score)
    by_name = [followed[one] for one in new if one in followed]
    return [f"\n{text}" for text in read_first(by_name, shown, new, issue=True)]


def _foot(night: datetime) -> str:
    return f"\n{pieces.THANKS}\n\n{marker(night)}\n"


def _head(news: News, view: View, since: datetime, url: str) -> list[str]:
    """Return what stands above the papers: how many there are, remarks, and counts by topic."""
    counts = {
        "new paper": news.new,
        "revised paper": news.revised,
        "accepted paper": len(news.accepted),
        "paper with new code": len(news.code),
    }
    counted = _enumerated([pieces.plural(count, noun) for noun, count in counts.items() if count])
    note = pieces.sample_note(news.entries())
    link = markdown.link("the tables", url, trusted=True)
    search = "".join(f" · {one}" for one in view.search_link())
    found = remarks(news, view.store, since, view.settings)
    lines = [f"{note}**{counted}** in {link}{search}{'.' if found else ':'}\n"]
    lines += (f"> {markdown.label(remark, issue=True)}\n" for remark in found)
    spare = _DIGEST_BUDGET - sum(len(line) + 1 for line in lines)
    texts = [f"- {_counts(one, url)}" for one in news.topics]
    lines += _fitting(texts, spare, "topic")
    if news.accepted:
        lines.append(f"- Accepted: {len(news.accepted)}")
    if news.code:
        lines.append(f"- Code: {len(news.code)}")
    return lines


def _fitting(texts: Sequence[str], spare: int, noun: str) -> list[str]:
    """Return the texts that fit into `spare` characters, and a line that counts the others."""
    lines: list[str] = []
    for number, text in enumerate(texts):
        spare -= len(text) + 1
        if spare < 0:
            return [*lines, f"- and {pieces.plural(len(texts) - number, f'more {noun}')}"]
        lines.append(text)
    return lines


def _counts(topic: TopicNews, url: str) -> str:
    counts = {
        "new": len(topic.new),
        "revised": len(topic.revised),
        "listed under another topic": topic.elsewhere,
    }
    counted = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    return f"{_topic_link(topic.name, url)}: {counted}"


def _topic_link(name: str, url: str) -> str:
    page = f"{url}/blob/HEAD/{pieces.topic_page(name)}"
    return markdown.link(name, page, issue=True, trusted=True)


def _enumerated(texts: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def _sections(news: News, url: str, pages: Mapping[str, str]) -> Iterable[_Section]:
    for topic in news.topics:
        papers = (*topic.new, *topic.revised)
        page = f"{url}/blob/HEAD/{pieces.topic_page(topic.name)}"
        more = _pages_of(papers, topic.name, url, pages)
        yield _Section(topic.name, papers, len(topic.revised), page, more)
    page = f"{url}/blob/HEAD/{pieces.ALL_TOPICS}"
    for heading, papers in (("Accepted", news.accepted), ("Code", news.code)):
        yield _Section(heading, papers, 0, page, _pages_of(papers, "", url, pages))


def _day_pages(view: View, url: str) -> dict[str, str]:
    """Return the address of the last day's page that has a paper, by identifier."""
    if not view.settings.pages.archive:
        return {}
    return {
        arxiv_id: f"{url}/blob/HEAD/{pieces.day_list(day.day)}"
        for day in view.store.days.values()
        for arxiv_id in day.papers
    }


def _pages_of(papers: Sequence[Entry], topic: str, url: str, days: Mapping[str, str]) -> list[str]:
    """Return the addresses of the pages that have all papers: of days, else of the topic's months.

    What a first night brings along may be of days of which not every paper is known.
    """
    if not days:
        return []

    def month(entry: Entry) -> str:
        name = topic or entry.topics[0]
        return f"{url}/blob/HEAD/{pieces.month_page(name, month_of(entry.paper.arxiv_id))}"

    found = {days.get(entry.paper.arxiv_id) or month(entry) for entry in papers}
    if len(found) > _MOST_PAGES:
        found = {month(entry) for entry in papers}
    return sorted(found, reverse=True)


def _list(section: _Section, view: View, noted: Mapping[str, Sequence[str]], spare: int) -> str:
    """Return the papers of a section that fit into `spare` characters, and the rest's count."""
    count = len(section.papers)
    text = f"\n## {markdown.label(section.heading, issue=True)}\n\n"
    room = spare - len(text) - len(_rest(section, count)) - len(_REVISED) - 2
    shown = 0
    for entry in section.papers[: view.settings.issue_papers]:
        arxiv_id = entry.paper.arxiv_id
        marks = (*noted.get(arxiv_id, ()), *attention_marks(view, arxiv_id))
        item = paper_item(entry, view.settings.llm.language, marks)
        room -= len(item)
        if room < 0:
            break
        if shown == count - section.revised:
            text += _REVISED if shown else _REVISED.lstrip()
        text += item
        shown += 1
    if shown < count:
        gap = "\n" if shown else ""
        text += f"{gap}{_rest(section, count - shown)}\n"
    return text if shown or (count and len(text) <= spare) else ""


def paper_item(entry: Entry, language: str, marks: Iterable[str] = ()) -> str:
    """Return a paper as an item of a list: its title, and a line of what to know about it.

    `marks` say why to read it.
    A model's translated title and summary in `language` stand there, where there are any.
    """
    paper = entry.paper
    translation, summary = (entry.text(task, language) for task in ("translation", "summary"))
    title = markdown.link(paper.title, pieces.abs_url(paper), issue=True)
    texts = [text for text in (translation, summary) if text]
    about = (
        pieces.marks(entry),
        *marks,
        markdown.label(", ".join(pieces.authors(paper, _AUTHORS)), issue=True),
        markdown.label(paper.venue, issue=True),
        *(markdown.inline(link, issue=True) for link in paper.code_links[:1]),
        markdown.label(translation.fields.get("title", ""), issue=True) if translation else "",
        markdown.label(summary.fields.get("summary", ""), issue=True)
        if summary
        else _key_sentence(paper.abstract),
        f"({pieces.written_by(texts)})" if texts else "",
    )
    return f"- **{title}**  \n  {' · '.join(filter(None, about))}\n"


def _key_sentence(abstract: str) -> str:
    """Return the first sentence that says what a paper proposes or finds, cut between words."""
    sentence = markdown.clean(next(iter(key_findings(abstract)), ""))
    if len(sentence) > _SENTENCE:
        sentence = f"{sentence[:_SENTENCE].rpartition(' ')[0]} …"
    return markdown.label(sentence, issue=True)


def _rest(section: _Section, count: int) -> str:
    if not section.pages:
        return markdown.link(f"{count:,} more →", section.page, trusted=True)
    names = (page.rpartition("/")[2].removesuffix(".md") for page in section.pages)
    links = map(partial(markdown.link, trusted=True), names, section.pages)
    return f"{count:,} more: {', '.join(links)}"


def _welcome(view: View, url: str) -> Notice:
    """Return the first notice: the topics, a few papers of each, and how to set things up."""
    tables = view.tables
    papers = {entry.paper.arxiv_id for entries in tables.values() for entry in entries}
    link = markdown.link("The tables", url, trusted=True)
    body = (
        f"{view.sample_note}From now on, this repository asks arXiv every night for "
        f"{pieces.plural(len(tables), 'topic')}. {link} begin with "
        f"{pieces.plural(len(papers), 'paper')}. The next notices list only what is new.\n"
    )
    foot = _set_up(url) + _foot(view.store.created)
    listed: set[str] = set()
    texts = []
    for name, entries in tables.items():
        # What a later night found is in the next notice, if GitHub refused this one then.
        first = (one for one in entries if not one.is_news_since(view.store.created))
        own = [one for one in first if one.paper.arxiv_id not in listed][:_FIRST_PAPERS]
        listed.update(one.paper.arxiv_id for one in own)
        if entries:
            count = pieces.plural(len(entries), "paper")
            items = [paper_item(one, view.settings.llm.language) for one in own]
            texts.append(f"\n- {_topic_link(name, url)}: {count}\n{_indented(items)}")
    body += "".join(_fitting(texts, BUDGET - _DIGEST_BUDGET - len(body), "topic"))
    without = [
        f"- {_topic_link(name, url)}: {_what_to_try(view, state)}"
        for name, state in view.store.topics.items()
        if not tables[name]
    ]
    if without:
        body += "\n\n## Topics without a paper\n\n"
        body += "\n".join(_fitting(without, BUDGET - len(body) - len(foot) - 100, "topic"))
    names = [markdown.plain_label(name) for name in tables]
    title = named(f"Welcome to {pieces.plural(len(tables), 'topic')}: ", names)
    title = title or f"Welcome to {pieces.plural(len(tables), 'topic')}"
    return Notice(title, body + foot, view.store.created)


def _indented(items: Iterable[str]) -> str:
    return "".join(f"  {line}\n" for item in items for line in item.splitlines())


def _what_to_try(view: View, state: TopicState) -> str:
    """Return what the log advises for a topic without papers."""
    rows = [row for row in view.store.ledger if row.topic == state.name and row.reason]
    return markdown.label(rows[-1].reason, issue=True) if rows else pieces.no_papers(state)


def _set_up(url: str) -> str:
    """Return how to get the notices as mail, and the time of day to set."""
    repository = "/".join(url.split("/")[-2:])
    workflow = ".github/workflows/nightly.yml"
    edit = markdown.link(workflow, f"{url}/edit/HEAD/{workflow}", trusted=True)
    keywords = markdown.link("keywords.txt", f"{url}/edit/HEAD/keywords.txt", trusted=True)
    return (
        "\n\n## How to go on\n\n"
        "- **Mail**: press **Watch → Custom → Issues** on the repository's page. "
        "All Activity mails every pull request too.\n"
        f"- **Time of day**: all copies begin with the same one. Set one of your own in {edit}: "
        f'`cron: "{own_cron(repository)}"`, in UTC.\n'
        f"- **Topics**: edit {keywords}, one topic a line.\n"
    )
