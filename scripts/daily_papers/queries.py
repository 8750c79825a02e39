"""A topic to the query that arXiv's search API understands.

The API's operators have no precedence (`a AND b OR c` is `a AND (b OR c)`), so that each stands in
parentheses of its own, with others of its kind at most. Syntax:
https://info.arxiv.org/help/api/user-manual.html#query_details
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote_plus

from daily_papers.expressions import (
    And,
    Expression,
    Field,
    Native,
    Phrase,
    Search,
    WholeCategory,
)
from daily_papers.topics import Topic

MAX_ENCODED = 3500
"""Characters of a query as part of an address; every server takes one of 4,000."""


def arxiv_query(topic: Topic, categories: Sequence[str]) -> str:
    """Return the `search_query` for a topic.

    `categories` are those of the settings; a topic's own go before them, a whole category and a
    query in arXiv's own syntax know none.
    """
    match topic.query:
        case Native(text):
            return text
        case WholeCategory(category):
            return f"cat:{category}"
        case Search() as search:
            return search_query(search, topic.categories(categories))


def search_query(search: Search, categories: Sequence[str]) -> str:
    """Return the query for a search within `categories`, if there are any."""
    query = compile_expression(search.expression)
    if search.exclusions:
        query = f"({query} ANDNOT {_either(search.exclusions)})"
    return restricted(query, categories)


def restricted(query: str, categories: Sequence[str]) -> str:
    """Return `query` within `categories`; without any, as it is."""
    if not categories:
        return query
    within = " OR ".join(f"cat:{category}" for category in categories)
    return f"({query} AND ({within}))"


def compile_expression(expression: Expression) -> str:
    """Return the query for an expression."""
    if isinstance(expression, Phrase):
        return _phrase(expression)
    if isinstance(expression, And):
        return f"({' AND '.join(map(compile_expression, expression.parts))})"
    return _either(expression.parts)


def _either(parts: Sequence[Expression]) -> str:
    if len(parts) == 1:
        return compile_expression(parts[0])
    return f"({' OR '.join(map(compile_expression, parts))})"


def _phrase(phrase: Phrase) -> str:
    text = phrase.text
    match phrase.field:
        case Field.EITHER:
            return f'(ti:"{text}" OR abs:"{text}")'
        case Field.BOTH:
            return f'(ti:"{text}" AND abs:"{text}")'
        case Field.TITLE:
            return f'ti:"{text}"'
        case Field.ABSTRACT:
            return f'abs:"{text}"'
        case Field.AUTHOR:
            return f'au:"{text}"'


def encoded_length(query: str) -> int:
    """Return how many characters a query has as part of an address."""
    return len(quote_plus(query))
