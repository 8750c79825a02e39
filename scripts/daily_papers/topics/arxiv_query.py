"""A topic to the query that arXiv's search API understands.

The API's operators have no precedence (`a AND b OR c` is `a AND (b OR c)`), so that each stands in
parentheses of its own, with others of its kind at most. Syntax:
https://info.arxiv.org/help/api/user-manual.html#query_details
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote_plus, urlencode

from daily_papers.topics.keywords import Topic
from daily_papers.topics.query_language import (
    And,
    Expression,
    Field,
    Native,
    Or,
    Phrase,
    Search,
    WholeCategory,
)

MAX_ENCODED = 3500
"""Characters of a query as part of an address; every server takes one of 4,000."""
MAX_ADDRESS = 4000
"""Characters of a whole address that every server takes."""


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
    return restricted(_unrestricted(search), categories)


def _unrestricted(search: Search) -> str:
    query = compile_expression(search.expression)
    return f"({query} ANDNOT {_either(search.exclusions)})" if search.exclusions else query


def merged_query(topics: Sequence[Topic], categories: Sequence[str]) -> str:
    """Return one query that finds what any of `topics` finds, in few characters.

    Categories that several share are named once, and what is alternative anyway goes without
    parentheses.
    """
    within: dict[tuple[str, ...], dict[str, None]] = {}
    for topic in topics:
        match topic.query:
            case Search(expression, exclusions):
                where = topic.categories(categories)
                parts = [_unrestricted(topic.query)] if exclusions else _alternatives(expression)
            case _:
                # A whole category is one; a query in arXiv's own syntax needs parentheses.
                where, parts = (), [f"({arxiv_query(topic, categories)})"]
        within.setdefault(where, {}).update(dict.fromkeys(parts))
    return _any_of([restricted(_any_of(list(parts)), where) for where, parts in within.items()])


def _any_of(queries: Sequence[str]) -> str:
    return queries[0] if len(queries) == 1 else f"({' OR '.join(queries)})"


def _alternatives(expression: Expression) -> list[str]:
    """Return queries of which a paper must answer one."""
    if isinstance(expression, Or):
        return [query for part in expression.parts for query in _alternatives(part)]
    if isinstance(expression, Phrase) and expression.field is Field.EITHER:
        return [f'ti:"{expression.text}"', f'abs:"{expression.text}"']
    return [compile_expression(expression)]


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


def address_length(api_url: str, query: str, identifiers: Sequence[str] = ()) -> int:
    """Return how many characters an address has, at most, that asks the search API for a page."""
    asked = {
        "search_query": query,
        "id_list": ",".join(identifiers),
        "sortBy": "lastUpdatedDate",
        "sortOrder": "descending",
        "start": 10_000,
        "max_results": 10_000,
    }
    return len(f"{api_url}?{urlencode(asked)}")
