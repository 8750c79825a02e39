"""papers/topics/*.md: every paper of a topic, and papers/README.md: every topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from daily_papers.files import GENERATED
from daily_papers.inputs import LOG
from daily_papers.pages import badge, shared
from daily_papers.settings import Settings
from daily_papers.store.records import Entry, Store, TopicState, sort_time
from daily_papers.text import markdown
from daily_papers.topics.categories import CLASSES
from daily_papers.topics.keywords import Topic
from daily_papers.topics.query_language import Field, Native, Phrase, Search, WholeCategory, groups
from daily_papers.topics.query_language import print_expression as printed

# Beyond this many, what was multiplied out says less than the line itself.
_MOST_GROUPS = 30


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
        f"({_up(shared.ALL_TOPICS)})\n"
        f"[![Last Updated]({_up(badge.UPDATED)})]({_up(LOG)})\n\n"
        f"{_links(state.name, settings)}\n\n"
        + (f"{stale}\n\n" if stale else "")
        + "---\n\n## 📌 Filter by Category\n"
        + f"{_in_words(asked or Topic(state.name, 1), settings.categories)}\n\n"
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
    links = [markdown.link("← All topics", _up(shared.ALL_TOPICS))]
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


def _in_words(topic: Topic, categories: Sequence[str] = ()) -> str:
    """Return the lines that say what a topic asks for and what it leaves out.

    Alternatives are code spans of their own; words that must all occur stand in one, with commas.
    `categories` are those of the settings, in which a topic without its own looks.
    """
    match topic.query:
        case Native(text):
            return f"**Keywords**: {markdown.code(text)} (arXiv's own syntax)  \n**Filter**: `None`"
        case WholeCategory(category):
            told = CLASSES.get(category, "")
            name = f" ({markdown.label(told)})" if told else ""
            return f"**Keywords**: everything in `{category}`{name}  \n**Filter**: `None`"
        case Search() as search:
            return _search(search, topic.categories(categories))


def _search(search: Search, categories: Sequence[str]) -> str:
    found = groups(search.expression, _MOST_GROUPS)
    if found is None:
        keywords = markdown.code(printed(search.expression))
    else:
        spans = (", ".join(map(_phrase, group)) for group in found)
        keywords = " ".join(map(markdown.code, dict.fromkeys(spans)))
    excluded = " ".join(markdown.code(phrase.text) for phrase in search.exclusions) or "`None`"
    told = f"**Keywords**: {keywords}  \n**Filter**: {excluded}"
    within = " ".join(map(markdown.code, categories))
    return f"{told}\n\n**Categories**: {within}" if within else told


def _phrase(phrase: Phrase) -> str:
    if phrase.field in (Field.EITHER, Field.BOTH):
        return phrase.text
    return f"{phrase.field.value}: {phrase.text}"
