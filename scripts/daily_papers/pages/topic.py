"""papers/topics/*.md: what a topic asks for, and every paper of it."""

from collections.abc import Sequence

from daily_papers.atomic_files import GENERATED
from daily_papers.pages import badge, pieces
from daily_papers.pages.pieces import View
from daily_papers.read_user_files import LOG
from daily_papers.store.entry_types import Entry
from daily_papers.text import markdown
from daily_papers.topics.categories import CLASSES
from daily_papers.topics.keywords import Topic
from daily_papers.topics.query_tree import (
    Field,
    Native,
    Phrase,
    Search,
    WholeCategory,
    groups,
    print_expression,
)

# An expression with more groups is shown as it was written.
_MOST_GROUPS = 30


def render_topic(view: View, name: str, asked: Topic | None = None) -> str:
    """Return a topic's page; `asked` is the topic as keywords.txt has it, by default its name."""
    state = view.store.topics[name]
    entries = view.tables[name]
    page = pieces.topic_page(name)
    title = f"🔍 {name} Papers" + (f" · {view.date_of(entries[0])}" if entries else "")
    stale = view.not_refreshed(state)
    paths = (
        badge.papers_badge(pieces.page_name(name)),
        badge.UPDATED,
        pieces.ALL_TOPICS,
        LOG,
    )
    count, updated, all_topics, log = (pieces.relative(path, page) for path in paths)
    head = (
        f"{GENERATED}\n\n{markdown.heading(1, title)}\n\n{pieces.sample_note(entries)}"
        f"[![Total Papers]({count})]({all_topics})\n[![Last Updated]({updated})]({log})\n\n"
        f"{_links(name, view)}\n\n"
        + (f"{stale}\n\n" if stale else "")
        + "---\n\n## 📌 Filter by Category\n"
        + f"{_in_words(asked or Topic(name, 1), view.settings.categories)}\n\n"
        + "---\n\n## 📚 Paper List\n\n"
    )
    if not entries:
        return f"{head}{pieces.no_papers(state)}\n"
    spare = pieces.PAGE_BUDGET - pieces.size(head) - 2 * len(entries)
    parts = zip(*map(_parts, entries), strict=True)
    return head + "\n".join(f"{text}\n" for text in pieces.fit(spare, *parts))


def _links(name: str, view: View) -> str:
    paths = {"← All topics": pieces.ALL_TOPICS}
    if view.settings.pages.feeds:
        page = pieces.page_name(name)
        paths |= {kind: path.format(page) for kind, path in pieces.EXPORTS.items()}
    if view.settings.pages.archive and any(
        name in one.topics for one in view.store.months.values()
    ):
        paths["All papers by month"] = f"papers/months/{pieces.page_name(name)}/README.md"
    own = pieces.topic_page(name)
    return " · ".join(pieces.local_link(text, path, own) for text, path in paths.items())


def _parts(entry: Entry) -> tuple[str, str, str]:
    """Return a paper's item, its comment and its abstract; the latter two may be left out."""
    paper = entry.paper
    anchor = f'<a name="{pieces.paper_anchor(paper)}"></a>'
    title = f"**{markdown.link(paper.title, pieces.abs_url(paper))}**"
    identifier = markdown.code(f"arXiv:{paper.arxiv_id}")
    head = "  ".join(filter(None, (title, identifier, pieces.categories_line(paper))))
    venue = markdown.label(paper.venue)
    notes = " · ".join(filter(None, (venue and f"📍 {venue}", pieces.marks(paper))))
    lines = [
        f"- {anchor}{head}",
        f"  _{pieces.authors_line(paper)}_" if paper.names else "",
        f"  {notes}" if notes else "",
    ]
    comment = f"  \n  Comment: {markdown.inline(paper.comment)}" if paper.comment else ""
    abstract = (
        "\n  <details open><summary>Abstract</summary>\n\n"
        f"  {markdown.inline(paper.abstract)}\n\n  </details>"
    )
    return "  \n".join(filter(None, lines)), comment, abstract if paper.abstract else ""


def _in_words(topic: Topic, categories: Sequence[str]) -> str:
    """Return the lines with a topic's keywords and exclusions, a code span per alternative."""
    match topic.query:
        case Native(text):
            return f"**Keywords**: {markdown.code(text)} (arXiv's own syntax)  \n**Filter**: `None`"
        case WholeCategory(category):
            title = CLASSES.get(category, "")
            name = f" ({markdown.label(title)})" if title else ""
            return f"**Keywords**: everything in `{category}`{name}  \n**Filter**: `None`"
        case Search() as search:
            return _search(search, topic.categories(categories))


def _search(search: Search, categories: Sequence[str]) -> str:
    found = groups(search.expression, _MOST_GROUPS)
    if found is None:
        keywords = markdown.code(print_expression(search.expression))
    else:
        spans = (", ".join(map(_phrase, group)) for group in found)
        keywords = " ".join(map(markdown.code, dict.fromkeys(spans)))
    excluded = " ".join(markdown.code(phrase.text) for phrase in search.exclusions) or "`None`"
    lines = f"**Keywords**: {keywords}  \n**Filter**: {excluded}"
    within = " ".join(map(markdown.code, categories))
    return f"{lines}\n\n**Categories**: {within}" if within else lines


def _phrase(phrase: Phrase) -> str:
    is_any = phrase.field in (Field.EITHER, Field.BOTH)
    return phrase.text if is_any else f"{phrase.field.value}: {phrase.text}"
