"""Translate a topic to a query for arXiv's search API.

The API's operators have no precedence (`a AND b OR c` is `a AND (b OR c)`), so each stands in its
own parentheses, with others of its kind at most. Syntax:
https://info.arxiv.org/help/api/user-manual.html#query_details
"""

from collections.abc import Iterable, Sequence
from urllib.parse import quote_plus, urlencode

from daily_papers.topics.keywords import Topic
from daily_papers.topics.query_tree import (
    Expression,
    Field,
    Native,
    Or,
    Phrase,
    Search,
    WholeCategory,
)

MAX_ENCODED = 3500
"""Characters of an encoded query; every server accepts one of 4,000."""
MAX_ADDRESS = 4000
"""Characters of a whole address that every server accepts."""

_PREFIXES = {
    Field.EITHER: ("ti", "abs"),
    Field.BOTH: ("ti", "abs"),
    Field.TITLE: ("ti",),
    Field.ABSTRACT: ("abs",),
    Field.AUTHOR: ("au",),
}


def arxiv_query(topic: Topic, categories: Sequence[str]) -> str:
    """Return the `search_query` for a topic.

    `categories` are those of the settings. They do not apply to topics with their own, to whole
    categories, and to queries in arXiv's own syntax.
    """
    match topic.query:
        case Native(text):
            return text
        case WholeCategory(category):
            return f"cat:{category}"
        case Search() as search:
            return restricted(_unrestricted(search), topic.categories(categories))


def _unrestricted(search: Search) -> str:
    query = compile_expression(search.expression)
    excluded = list(map(compile_expression, search.exclusions))
    return f"({query} ANDNOT {_joined('OR', excluded)})" if excluded else query


def merged_query(topics: Sequence[Topic], categories: Sequence[str]) -> str:
    """Return one short query that finds what any of `topics` finds.

    Topics with the same categories share these, and nested alternatives need no parentheses.
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
    return _joined(
        "OR", [restricted(_joined("OR", parts), where) for where, parts in within.items()]
    )


def _alternatives(expression: Expression) -> list[str]:
    """Return queries such that the expression finds what any of them finds."""
    if isinstance(expression, Or):
        return [query for part in expression.parts for query in _alternatives(part)]
    if isinstance(expression, Phrase) and expression.field is Field.EITHER:
        return _field_queries(expression)
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
        operator = "AND" if expression.field is Field.BOTH else "OR"
        return _joined(operator, _field_queries(expression))
    operator = "OR" if isinstance(expression, Or) else "AND"
    return _joined(operator, map(compile_expression, expression.parts))


def _field_queries(phrase: Phrase) -> list[str]:
    return [f'{prefix}:"{phrase.text}"' for prefix in _PREFIXES[phrase.field]]


def _joined(operator: str, queries: Iterable[str]) -> str:
    first, *others = queries
    return f"({f' {operator} '.join([first, *others])})" if others else first


def encoded_length(query: str) -> int:
    """Return the length of a query as part of an address."""
    return len(quote_plus(query))


def address_length(api_url: str, query: str, identifiers: Sequence[str] = ()) -> int:
    """Return the greatest length of the search API's address for a page of a query."""
    parameters = {
        "search_query": query,
        "id_list": ",".join(identifiers),
        "sortBy": "lastUpdatedDate",
        "sortOrder": "descending",
        "start": 10_000,
        "max_results": 10_000,
    }
    return len(f"{api_url}?{urlencode(parameters)}")
