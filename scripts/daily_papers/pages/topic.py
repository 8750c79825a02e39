"""papers/topics/*.md: every paper of a topic, and papers/README.md: every topic."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from daily_papers import markdown
from daily_papers.pages import parts
from daily_papers.pages.query import in_words
from daily_papers.settings import Settings
from daily_papers.store import Entry, Store, TopicState, sort_time
from daily_papers.topics import Topic

GENERATED = "<!-- daily-papers: this page is written anew by the nightly job -->"
# GitHub renders a Markdown file up to about 2 MB; below this there is room for its own measure.
BUDGET = 1_500_000


def render_topic(
    state: TopicState,
    rows: Sequence[Entry],
    store: Store,
    settings: Settings,
    asked: Topic | None = None,
) -> str:
    """Return a topic's page, at most BUDGET bytes; the oldest abstracts give way first.

    `asked` is the topic as keywords.txt has it; without, its heading is what it asks for.
    """
    newest = parts.date(sort_time(rows[0].paper, store.sort)) if rows else ""
    title = f"🔍 {state.name} Papers" + (f" · {newest}" if newest else "")
    stale = parts.not_refreshed(state, settings)
    head = (
        f"{GENERATED}\n\n{markdown.heading(1, title)}\n\n"
        f"{parts.sample_note(entry.paper for entry in rows)}"
        f"{markdown.link('← All topics', '../README.md')} · "
        f"**Papers** {len(rows)} · "
        f"**Last update** {parts.local_date(store.updated, settings)}\n\n"
        + (f"{stale}\n\n" if stale else "")
        + "---\n\n## 📌 Filter by Category\n"
        + f"{in_words(asked or Topic(state.name, 1))}\n\n"
        + "---\n\n## 📚 Paper List\n\n"
    )
    if not rows:
        return f"{head}{parts.no_papers(state)}\n"
    items = [_item(entry) for entry in rows]
    # Every paper is there, if with its title alone; the rest is dealt out to the newest first.
    spare = BUDGET - _size(head) - sum(_size(item.title) + 2 for item in items)
    comments, spare = _affordable([item.comment for item in items], spare)
    abstracts, _ = _affordable([item.abstract for item in items], spare)
    return head + "\n".join(
        item.title
        + (item.comment if number < comments else "")
        + (item.abstract if number < abstracts else "")
        + "\n"
        for number, item in enumerate(items)
    )


@dataclass(frozen=True, slots=True)
class _Item:
    """A paper's entry, in the parts that give way one after the other."""

    title: str
    comment: str
    abstract: str


def _affordable(texts: Sequence[str], spare: int) -> tuple[int, int]:
    """Return how many of the texts fit from the first on, and the bytes that are left."""
    for number, text in enumerate(texts):
        if _size(text) > spare:
            return number, spare
        spare -= _size(text)
    return len(texts), spare


def _size(text: str) -> int:
    return len(text.encode())


def _item(entry: Entry) -> _Item:
    paper = entry.paper
    anchor = f'<a name="{parts.paper_anchor(paper)}"></a>'
    title = f"**{markdown.link(paper.title, parts.abs_url(paper))}**"
    identifier = markdown.code(f"arXiv:{paper.arxiv_id}")
    head = "  ".join(filter(None, (title, identifier, parts.categories_line(paper))))
    lines = [f"- {anchor}{head}"]
    if paper.authors:
        lines.append(f"  _{parts.authors_line(paper)}_")
    told = parts.marks(paper)
    if told:
        lines.append(f"  {told}")
    comment = f"  \n  {markdown.inline(paper.comment)}" if paper.comment else ""
    abstract = (
        "\n  <details open><summary>Abstract</summary>\n\n"
        f"  {markdown.inline(paper.abstract)}\n\n  </details>"
    )
    return _Item("  \n".join(lines), comment, abstract if paper.abstract else "")


def render_index(store: Store, tables: Mapping[str, Sequence[Entry]], settings: Settings) -> str:
    """Return papers/README.md, which leads to every topic's page."""
    links = {
        name: markdown.link(name, parts.topic_page(name).removeprefix("papers/"))
        for name in store.topics
    }
    return (
        f"{GENERATED}\n\n# All topics\n\n"
        f"{parts.sample_note(entry.paper for rows in tables.values() for entry in rows)}"
        f"{markdown.link('← README', '../README.md')} · "
        f"{markdown.link('What each night found', 'log.md')}\n\n"
        f"{parts.topics_table(store, tables, links, settings)}\n\n{parts.THANKS}\n"
    )


def is_generated(text: str) -> bool:
    """Whether a page was written by the job, so that the job may delete it."""
    return re.match(re.escape(GENERATED), text) is not None
