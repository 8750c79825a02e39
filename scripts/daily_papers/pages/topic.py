"""papers/topics/*.md: every paper of a topic, and papers/README.md: every topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from daily_papers.files import GENERATED
from daily_papers.inputs import LOG
from daily_papers.pages import badge, shared
from daily_papers.pages.topic_filter import in_words
from daily_papers.settings import Settings
from daily_papers.store.records import Entry, Store, TopicState, sort_time
from daily_papers.text import markdown
from daily_papers.topics.keywords import Topic


def render_topic(
    state: TopicState,
    rows: Sequence[Entry],
    store: Store,
    settings: Settings,
    asked: Topic | None = None,
) -> str:
    """Return a topic's page, at most parts.PAGE_BUDGET bytes; the oldest abstracts give way first.

    `asked` is the topic as keywords.txt has it; without, its heading is what it asks for.
    """
    newest = shared.date(sort_time(rows[0].paper, store.sort)) if rows else ""
    title = f"🔍 {state.name} Papers" + (f" · {newest}" if newest else "")
    stale = shared.not_refreshed(state, settings)
    head = (
        f"{GENERATED}\n\n{markdown.heading(1, title)}\n\n"
        f"{shared.sample_note(entry.paper for entry in rows)}"
        f"[![Total Papers]({_up(badge.papers_badge(shared.page_name(state.name)))})]"
        f"({_up(shared.INDEX)})\n"
        f"[![Last Updated]({_up(badge.UPDATED)})]({_up(LOG)})\n\n"
        f"{_links(state.name, settings)}\n\n"
        + (f"{stale}\n\n" if stale else "")
        + "---\n\n## 📌 Filter by Category\n"
        + f"{in_words(asked or Topic(state.name, 1), settings.categories)}\n\n"
        + "---\n\n## 📚 Paper List\n\n"
    )
    if not rows:
        return f"{head}{shared.no_papers(state)}\n"
    items = [_item(entry) for entry in rows]
    # Every paper is there, if with its title alone; the rest is dealt out to the newest first.
    spare = (
        shared.PAGE_BUDGET - shared.size(head) - sum(shared.size(item.title) + 2 for item in items)
    )
    comments, spare = shared.affordable([item.comment for item in items], spare)
    abstracts, _ = shared.affordable([item.abstract for item in items], spare)
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


def _up(path: str) -> str:
    """Return a path from the root as one from a topic's page."""
    return f"../{path.removeprefix('papers/')}"


def _links(name: str, settings: Settings) -> str:
    links = [markdown.link("← All topics", _up(shared.INDEX))]
    if settings.pages.feeds:
        page = shared.page_name(name)
        links += [
            markdown.link(kind, _up(path.format(page))) for kind, path in shared.EXPORTS.items()
        ]
    return " · ".join(links)


def _item(entry: Entry) -> _Item:
    paper = entry.paper
    anchor = f'<a name="{shared.paper_anchor(paper)}"></a>'
    title = f"**{markdown.link(paper.title, shared.abs_url(paper))}**"
    identifier = markdown.code(f"arXiv:{paper.arxiv_id}")
    head = "  ".join(filter(None, (title, identifier, shared.categories_line(paper))))
    lines = [f"- {anchor}{head}"]
    if paper.authors:
        lines.append(f"  _{shared.authors_line(paper)}_")
    venue = markdown.label(paper.venue)
    told = " · ".join(filter(None, (venue and f"📍 {venue}", shared.marks(paper))))
    if told:
        lines.append(f"  {told}")
    comment = f"  \n  Comment: {markdown.inline(paper.comment)}" if paper.comment else ""
    abstract = (
        "\n  <details open><summary>Abstract</summary>\n\n"
        f"  {markdown.inline(paper.abstract)}\n\n  </details>"
    )
    return _Item("  \n".join(lines), comment, abstract if paper.abstract else "")


def render_index(store: Store, tables: Mapping[str, Sequence[Entry]], settings: Settings) -> str:
    """Return papers/README.md, which leads to every topic's page."""
    links = {
        name: markdown.link(name, shared.topic_page(name).removeprefix("papers/"))
        for name in store.topics
    }
    return (
        f"{GENERATED}\n\n# All topics\n\n"
        f"{shared.sample_note(entry.paper for rows in tables.values() for entry in rows)}"
        f"{markdown.link('← README', '../README.md')} · {shared.ways(settings, 'papers/')}\n\n"
        f"{shared.topics_table(store, tables, links, settings)}\n\n{shared.THANKS}\n"
    )
