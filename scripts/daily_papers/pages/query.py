"""What a topic asks for, in words."""

from __future__ import annotations

from daily_papers import markdown
from daily_papers.expressions import Field, Native, Phrase, Search, WholeCategory, groups
from daily_papers.expressions import print_expression as printed
from daily_papers.taxonomy import CLASSES
from daily_papers.topics import Topic

# Beyond this many, what was multiplied out says less than the line itself.
_MOST_GROUPS = 30


def in_words(topic: Topic) -> str:
    """Return the lines that say what a topic asks for and what it leaves out.

    Alternatives are code spans of their own; words that must all occur stand in one, with commas.
    """
    match topic.query:
        case Native(text):
            return f"**Keywords**: {markdown.code(text)} (arXiv's own syntax)  \n**Filter**: `None`"
        case WholeCategory(category):
            told = CLASSES.get(category, "")
            name = f" ({markdown.label(told)})" if told else ""
            return f"**Keywords**: everything in `{category}`{name}  \n**Filter**: `None`"
        case Search() as search:
            return _search(search)


def _search(search: Search) -> str:
    found = groups(search.expression, _MOST_GROUPS)
    if found is None:
        keywords = markdown.code(printed(search.expression))
    else:
        spans = (", ".join(map(_phrase, group)) for group in found)
        keywords = " ".join(map(markdown.code, dict.fromkeys(spans)))
    excluded = " ".join(markdown.code(phrase.text) for phrase in search.exclusions) or "`None`"
    lines = [f"**Keywords**: {keywords}", f"**Filter**: {excluded}"]
    if search.categories is not None:
        lines.append(f"**Categories**: {' '.join(map(markdown.code, search.categories))}")
    return "  \n".join(lines)


def _phrase(phrase: Phrase) -> str:
    if phrase.field in (Field.EITHER, Field.BOTH):
        return phrase.text
    return f"{phrase.field.value}: {phrase.text}"
