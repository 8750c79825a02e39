"""What a topic asks for, in words."""

from __future__ import annotations

from collections.abc import Sequence

from daily_papers.text import markdown
from daily_papers.topics.categories import CLASSES
from daily_papers.topics.keywords import Topic
from daily_papers.topics.query_language import Field, Native, Phrase, Search, WholeCategory, groups
from daily_papers.topics.query_language import print_expression as printed

# Beyond this many, what was multiplied out says less than the line itself.
_MOST_GROUPS = 30


def in_words(topic: Topic, categories: Sequence[str] = ()) -> str:
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
