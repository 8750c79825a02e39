"""papers/topics/*.md: what a topic asks for, and every paper of it."""

from collections.abc import Sequence
from itertools import groupby
from urllib.parse import urlsplit

from daily_papers.atomic_files import GENERATED
from daily_papers.pages import badge, pieces
from daily_papers.pages.fixed_words import Words
from daily_papers.pages.pieces import View
from daily_papers.pages.read_first import reading_marks
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
_MONTH = len("2026-11")


def render_topic(view: View, name: str, asked: Topic | None = None) -> str:
    """Return a topic's page; `asked` is the topic as keywords.txt has it, by default its name."""
    state = view.store.topics[name]
    entries = view.tables[name]
    page = pieces.topic_page(name)
    say = view.say
    title = say("page_heading", topic=name) + (f" · {view.date_of(entries[0])}" if entries else "")
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
        f"[![{say('total_papers')}]({count})]({all_topics})\n"
        f"[![{say('last_updated')}]({updated})]({log})\n\n"
        f"{_links(name, view)}\n\n"
        + (f"{stale}\n\n" if stale else "")
        + f"---\n\n{markdown.heading(2, say('asks_for'))}\n"
        + f"{_in_words(asked or Topic(name, 1), view.settings.categories, say)}\n\n"
        + f"---\n\n{markdown.heading(2, say('paper_list'))}\n\n"
    )
    if not entries:
        return f"{head}{pieces.no_papers(state, say)}\n"
    in_order = view.in_reading_order[name]
    # Nearest first, papers of all months are mixed.
    is_by_date = not view.is_nearest_first
    months = {
        month: list(found)
        for month, found in groupby(
            in_order, lambda one: view.date_of(one)[:_MONTH] if is_by_date else ""
        )
    }
    if len(months) > 1:
        head += " · ".join(markdown.link(month, f"#{month}") for month in months) + "\n\n"
    spare = pieces.PAGE_BUDGET - pieces.size(head) - 20 * len(months) - 2 * len(entries)
    parts = zip(*(_parts(view, entry) for entry in in_order), strict=True)
    texts = iter(pieces.fit(spare, *parts))
    return head + "\n".join(
        (f"### {month}\n\n" if month else "") + "\n".join(f"{next(texts)}\n" for _ in found)
        for month, found in months.items()
    )


def _links(name: str, view: View) -> str:
    paths = {view.say("back_to_topics"): pieces.ALL_TOPICS}
    if view.settings.pages.archive and any(
        name in one.topics for one in view.store.months.values()
    ):
        index = f"papers/months/{pieces.page_name(name)}/README.md"
        paths[view.say("papers_by_month")] = index
    own = pieces.topic_page(name)
    back, *links = [pieces.local_link(text, path, own) for text, path in paths.items()]
    return " · ".join([back, *view.exports(name, own), *links, *view.search_link(topic=name)])


def _parts(view: View, entry: Entry) -> tuple[str, str, str]:
    """Return a paper's item, its comment and its abstract; the latter two may be left out."""
    paper = entry.paper
    anchor = f'<a name="{pieces.paper_anchor(paper)}"></a>'
    title = f"**{markdown.link(paper.title, pieces.abs_url(paper))}**"
    identifier = markdown.code(f"arXiv:{paper.arxiv_id}")
    head = "  ".join(filter(None, (title, identifier, pieces.categories_line(paper))))
    facts = (
        view.new_mark(entry),
        markdown.chip(view.date_of(entry)),
        markdown.chip(f"📍 {paper.venue}") if paper.venue else "",
        pieces.marks(entry, view.say),
        *reading_marks(view, entry),
        markdown.chip("PDF", pieces.pdf_url(paper)),
        *(markdown.chip(urlsplit(url).netloc, url) for url in paper.code_links),
        *(markdown.chip(text, url) for text, url in view.places(paper)),
    )
    lines = [
        f"- {anchor}{head}",
        f"  _{pieces.authors_line(paper, view.say)}_" if paper.names else "",
        f"  {' '.join(filter(None, facts))}",
    ]
    comment = f"  \n  {view.say('Comment')}: {markdown.inline(paper.comment)}"
    abstract = (
        f"\n  <details><summary>{view.say('Abstract')}</summary>\n\n"
        f"  {markdown.inline(paper.abstract)}\n\n  </details>"
    )
    return (
        "  \n".join(filter(None, lines)),
        comment if paper.comment else "",
        abstract if paper.abstract else "",
    )


def _in_words(topic: Topic, categories: Sequence[str], say: Words) -> str:
    """Return the lines with a topic's keywords and exclusions, a code span per alternative."""
    match topic.query:
        case Native(text):
            asked, excluded = f"{markdown.code(text)} ({say('native_syntax')})", ""
        case WholeCategory(category):
            title = CLASSES.get(category, "")
            name = f" ({markdown.label(title)})" if title else ""
            asked = say("everything_in", category=f"`{category}`") + name
            excluded = ""
        case Search() as search:
            asked = _keywords(search)
            excluded = " ".join(markdown.code(phrase.text) for phrase in search.exclusions)
    excluded = excluded or markdown.code(say("nothing"))
    lines = f"**{say('keywords')}**: {asked}  \n**{say('filter')}**: {excluded}"
    within = " ".join(map(markdown.code, topic.categories(categories)))
    is_search = isinstance(topic.query, Search)
    return f"{lines}\n\n**{say('Categories')}**: {within}" if within and is_search else lines


def _keywords(search: Search) -> str:
    found = groups(search.expression, _MOST_GROUPS)
    if found is None:
        return markdown.code(print_expression(search.expression))
    spans = (", ".join(map(_phrase, group)) for group in found)
    return " ".join(map(markdown.code, dict.fromkeys(spans)))


def _phrase(phrase: Phrase) -> str:
    is_any = phrase.field in (Field.EITHER, Field.BOTH)
    return phrase.text if is_any else f"{phrase.field.value}: {phrase.text}"
