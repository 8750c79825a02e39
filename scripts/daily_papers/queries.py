"""A topic to the query that arXiv's search API understands."""

from __future__ import annotations

from collections.abc import Sequence

from daily_papers.topics import Topic


def arxiv_query(topic: Topic, categories: Sequence[str]) -> str:
    """Return the `search_query` for a topic, within `categories` if there are any.

    Several words: the phrase in title or abstract. One word: in both. The API's operators have no
    precedence (`a AND b OR c` is `a AND (b OR c)`), so that every pair is parenthesised. Syntax:
    https://info.arxiv.org/help/api/user-manual.html#query_details
    """
    phrase = " ".join(topic.words)
    operator = "OR" if len(topic.words) > 1 else "AND"
    query = f'(ti:"{phrase}" {operator} abs:"{phrase}")'
    if not categories:
        return query
    within = " OR ".join(f"cat:{category}" for category in categories)
    return f"({query} AND ({within}))"
