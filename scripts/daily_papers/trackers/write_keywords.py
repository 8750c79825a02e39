"""Write a tracker's topics as lines of keywords.txt, each checked by the parser that reads it."""

from collections.abc import Iterator
from dataclasses import replace

from daily_papers.errors import InputError
from daily_papers.topics.arxiv_query import MAX_ENCODED, arxiv_query, encoded_length
from daily_papers.topics.keywords import Topic, parse_keywords
from daily_papers.topics.query_tree import (
    And,
    Expression,
    Native,
    Or,
    Phrase,
    Search,
    WholeCategory,
    plain,
    print_expression,
    print_search,
)
from daily_papers.trackers.brought_over import BroughtOver, Wanted, any_of


def keywords_lines(found: BroughtOver, categories: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the lines, and a sentence on each topic or word that none of them has.

    `categories` are those of the settings that the lines will be read with.
    """
    lines: dict[str, Topic] = {}
    left: list[str] = []
    for wanted in found.topics:
        for one in _parts(_searchable(wanted, left), categories):
            _add(one, lines, left)
    return list(lines), left


def _add(wanted: Wanted, lines: dict[str, Topic], left: list[str]) -> None:
    fault = ""
    same = {topic.query: topic.name for topic in lines.values()}
    if wanted.query in same:
        left.append(f"{wanted.place}: {wanted.name}: it is the same topic as {same[wanted.query]}")
        return
    taken = {one.slug for one in lines.values()}
    for number in range(1, len(taken) + 2):
        is_taken = False
        name = f"{wanted.name} {number}" if number > 1 else wanted.name
        for line in _candidates(replace(wanted, name=name)):
            try:
                (topic,) = parse_keywords(line, wanted.place)
            except InputError as error:
                fault = fault or str(error).partition("\n")[0]
                continue
            if topic.query != wanted.query:
                continue
            is_taken = topic.slug in taken
            if not is_taken:
                lines[line] = topic
                return
            break
        if not is_taken:
            break
    left.append(f"{wanted.place}: {wanted.name}: {fault or 'it cannot be written as a line'}")


def _candidates(wanted: Wanted) -> Iterator[str]:
    """Yield the forms of a line, the plainest first."""
    name = " ".join(wanted.name.replace('"', "").split())
    match wanted.query:
        case WholeCategory(category):
            yield category
            return
        case Native(text):
            asked = f"= {text}"
        case Search() as search:
            if search == plain(name):
                yield name
            asked = print_search(search)
    yield f"{name}: {asked}"
    yield f'"{name}": {asked}'
    yield f'"{name.replace("#", "")}": {asked}'
    yield f"{asked}"


def _searchable(wanted: Wanted, left: list[str]) -> Wanted | None:
    """Return a topic without the phrases that arXiv cannot search for; None if none is left."""
    query = wanted.query
    if not isinstance(query, Search):
        return wanted
    expression = _kept(query.expression, wanted, left)
    if expression is None:
        left.append(f"{wanted.place}: {wanted.name}: nothing is left to search for")
        return None
    excluded = tuple(one for one in query.exclusions if _kept(one, wanted, left) is not None)
    return replace(wanted, query=replace(query, expression=expression, exclusions=excluded))


def _kept(expression: Expression, wanted: Wanted, left: list[str]) -> Expression | None:
    if isinstance(expression, Phrase):
        try:
            parse_keywords(f"x: {print_expression(expression)}", wanted.place)
        except InputError as error:
            what = str(error).partition("\n")[0].split(": ", 1)[1]
            left.append(f"{wanted.place}: {wanted.name}: {expression.text}: {what}")
            return None
        return expression
    parts = [_kept(part, wanted, left) for part in expression.parts]
    if isinstance(expression, And):
        # Without one of its words, a conjunction would find more.
        return None if None in parts else expression
    kept = [part for part in parts if part is not None]
    return any_of(kept) if kept else None


def _parts(wanted: Wanted | None, categories: tuple[str, ...]) -> list[Wanted]:
    """Return a topic; in several parts if its line or its query would be too long."""
    if wanted is None:
        return []
    query = wanted.query
    is_short = encoded_length(arxiv_query(Topic("", 1, query), categories)) <= MAX_ENCODED
    if not isinstance(query, Search) or not isinstance(query.expression, Or):
        return [wanted]
    if is_short and len(print_search(query)) + len(wanted.name) < _LONG:
        return [wanted]
    parts = query.expression.parts
    halves = parts[: len(parts) // 2], parts[len(parts) // 2 :]
    return [
        one
        for half in halves
        for one in _parts(
            replace(wanted, query=replace(query, expression=any_of(half))), categories
        )
    ]


_LONG = 900
"""Characters of a line, which may have 1,000 with its heading's quotation marks and number."""
