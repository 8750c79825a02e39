"""What a line of keywords.txt asks for: the tree, and its printer; `search_parser` parses it."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from itertools import chain, product
from math import prod

from daily_papers.topics.categories import category_like

MAX_WORDS = 7
"""Words of a phrase without quotation marks; longer ones are sentences, which find nothing."""


class Field(enum.Enum):
    """Where a phrase is searched for."""

    EITHER = "title or abstract"
    BOTH = "title and abstract"
    TITLE = "title"
    ABSTRACT = "abstract"
    AUTHOR = "author"


FIELDS = {field.value: field for field in (Field.TITLE, Field.ABSTRACT, Field.AUTHOR)}
"""The fields that a line may name."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must stand next to one another, in this order."""

    words: tuple[str, ...]
    """As the user wrote them: what stands between blanks."""
    field: Field = Field.EITHER

    @property
    def text(self) -> str:
        """The words, separated by blanks."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class And:
    """Every part must match; no part is an And."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of the parts must match; no part is an Or."""

    parts: tuple[Expression, ...]


Expression = Phrase | And | Or


@dataclass(frozen=True, slots=True)
class Search:
    """What a line in words asks for."""

    expression: Expression
    exclusions: tuple[Phrase, ...] = ()
    """Phrases that no paper may have in title or abstract."""
    categories: tuple[str, ...] | None = None
    """Where to search; None means the categories of the settings."""

    @property
    def alternatives(self) -> tuple[Expression, ...]:
        """The parts joined by `|` outside all parentheses."""
        return self.expression.parts if isinstance(self.expression, Or) else (self.expression,)


@dataclass(frozen=True, slots=True)
class WholeCategory:
    """Every paper of a category."""

    category: str


@dataclass(frozen=True, slots=True)
class Native:
    """A query in arXiv's own syntax, sent unchanged; only arXiv can say what it finds."""

    text: str


Query = Search | WholeCategory | Native


def plain(name: str) -> Search:
    """Return what a line of words only asks for: the phrase; one word, in both fields."""
    parts = tuple(name.split())
    return Search(Phrase(parts, Field.EITHER if len(parts) > 1 else Field.BOTH))


def print_expression(expression: Expression) -> str:
    """Return the text that `search_parser` reads as this expression."""
    if isinstance(expression, Phrase):
        prefix = f"{expression.field.value}: " if expression.field.value in FIELDS else ""
        text = expression.text
        return prefix + (f'"{text}"' if _needs_quotes(expression) else text)
    if isinstance(expression, And):
        return " & ".join(
            f"({print_expression(part)})" if isinstance(part, Or) else print_expression(part)
            for part in expression.parts
        )
    return " | ".join(map(print_expression, expression.parts))


# What needs no quotation marks; others may be words too, but the parser has rules for them.
_SIMPLE = re.compile(r"(?!(?:AND|OR|NOT|ANDNOT)$|\d{1,3}\.$)\w[\w'\u2019./+#-]*")


def _needs_quotes(phrase: Phrase) -> bool:
    is_simple = all(_SIMPLE.fullmatch(word) and not category_like(word) for word in phrase.words)
    return not is_simple or len(phrase.words) > MAX_WORDS


def print_exclusion(phrase: Phrase) -> str:
    """Return an exclusion as in a line, with its minus."""
    quoted = len(phrase.words) > 1 or _needs_quotes(phrase)
    return f'-"{phrase.text}"' if quoted else f"-{phrase.text}"


def print_search(search: Search) -> str:
    """Return a search as after a heading, without its categories."""
    return " ".join((print_expression(search.expression), *map(print_exclusion, search.exclusions)))


def groups(expression: Expression, most: int) -> list[tuple[Phrase, ...]] | None:
    """Return alternative groups of phrases that must all match; None if more than `most`."""
    return _multiply_out(expression) if _count_groups(expression) <= most else None


def _count_groups(expression: Expression) -> int:
    if isinstance(expression, Phrase):
        return 1
    counts = map(_count_groups, expression.parts)
    return sum(counts) if isinstance(expression, Or) else prod(counts)


def _multiply_out(expression: Expression) -> list[tuple[Phrase, ...]]:
    if isinstance(expression, Phrase):
        return [(expression,)]
    parts = map(_multiply_out, expression.parts)
    if isinstance(expression, Or):
        return list(chain.from_iterable(parts))
    return [tuple(chain.from_iterable(chosen)) for chosen in product(*parts)]
