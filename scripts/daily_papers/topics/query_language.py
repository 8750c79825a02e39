"""Parse and print what a line of keywords.txt asks for: the tree, its parser and its printer.

    expression = all ("|" all)*
    all        = item ("&" item)*
    item       = [field] (words | quoted | "(" expression ")")
    field      = "title:" | "abstract:" | "author:"
    exclusion  = "-" (word | quoted)          anywhere outside parentheses, for the whole line

docs/keywords.md has the grammar of the whole line, which `keywords` parses.
"""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, product
from math import prod

from daily_papers.topics.categories import category_like
from daily_papers.topics.words_and_stems import STOP_WORDS, words

MAX_DEPTH = 10
"""Levels of nested parentheses."""

# Characters that make a line more than plain words.
_SYNTAX = '"|&():'
# Characters with a meaning in arXiv's query syntax, even inside a phrase.
_RESERVED = "\\[]{}="

UNCLOSED_QUOTE = "this quotation mark is never closed; add another one at the end"
UNCLOSED_PARENTHESIS = "this parenthesis is never closed; add ) at its end"
UNOPENED_PARENTHESIS = "no parenthesis is open here; delete this one"
_NO_OPERATOR = """something is missing before this: & if both must occur, | if either may, or \
quotation marks around the words of one phrase"""
_INNER_EXCLUSION = "an exclusion applies to the whole line; move it out of the parentheses"
_BAD_EXCLUSION = "only a word or a quoted phrase can be excluded; write each with its own minus"

Report = Callable[[int, str], None]
"""Takes an error: its place in the text, from 0, and the message."""


class Field(enum.Enum):
    """Where a phrase is searched for."""

    EITHER = "title or abstract"
    BOTH = "title and abstract"
    TITLE = "title"
    ABSTRACT = "abstract"
    AUTHOR = "author"


_PREFIXES = {field.value: field for field in (Field.TITLE, Field.ABSTRACT, Field.AUTHOR)}
FIELD = re.compile(rf"(?P<field>{'|'.join(_PREFIXES)})\s*:", re.IGNORECASE)
"""A field's name and its colon."""


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


def parse_search(text: str, report: Report, *, has_heading: bool) -> Search | None:
    """Parse an expression and its exclusions; after an error, passed to `report`, it is unusable.

    Without a heading, a single plain word must be in both title and abstract.
    """
    parser = _Parser(text, report)
    expression = parser.parse()
    if expression is None:
        return None
    if not has_heading and isinstance(expression, Phrase) and parser.is_one_word:
        expression = Phrase(expression.words, Field.BOTH)
    return Search(expression, tuple(parser.exclusions))


_EXCLUSION = r'(?:^|(?<=[\s|&(]))-(?=[^\W_]|["(])'
_TOKEN = re.compile(
    rf'"(?P<quoted>[^"]*)"?|(?P<sign>[|&()])|(?P<minus>{_EXCLUSION})'
    rf'|{FIELD.pattern}|(?P<word>[^\s"|&()]+)',
    re.IGNORECASE,
)
_SIGNS = ("|", "&", "(", ")")
_TYPOGRAPHIC = "“”„‟«»＂"


def is_plain(text: str) -> bool:
    """Return whether a text has words only."""
    return set(_SYNTAX + _RESERVED).isdisjoint(text) and not re.search(_EXCLUSION, text)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """`word`, `quoted`, `field`, `minus`, a sign itself, or `end`."""
    text: str
    place: int


def _scan(text: str, report: Report) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(text):
        kind, place = match.lastgroup or "", match.start()
        part = match[kind]
        if kind == "quoted":
            if len(match[0]) < len(part) + 2:
                report(place, UNCLOSED_QUOTE)
            _check_characters(part, place + 1, _SYNTAX + _RESERVED, report)
        elif kind == "word":
            _check_word(part, place, report)
        elif kind == "sign":
            kind = part
        found.append(_Token(kind, part, place))
    return [*found, _Token("end", "", len(text.rstrip()))]


def _check_word(word: str, place: int, report: Report) -> None:
    name, colon, _ = word.partition(":")
    if colon:
        near = difflib.get_close_matches(name.casefold(), _PREFIXES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_PREFIXES)}"
        report(place, f"there is no field '{name}'; {hint}")
    elif category_like(word):
        advice = f"as in Heading [{word}]: words, or alone on its line for all its papers"
        report(place, f"{word} is a category; write it in brackets after the heading, {advice}")
    elif word == "-":
        report(place, "this minus stands alone; write it directly before the word to exclude")
    _check_characters(word, place, _RESERVED + _TYPOGRAPHIC, report)


def _check_characters(text: str, place: int, refused: str, report: Report) -> None:
    if text.lstrip().startswith("#"):
        report(place, "a word cannot begin with #, which starts a comment; delete it")
    for character in sorted(set(text).intersection(refused)):
        what = "cannot be searched for; delete it, arXiv searches for words only"
        if character in _TYPOGRAPHIC:
            what = 'is a typographic quotation mark; type a straight one: "'
        report(place + text.index(character), f"{character} {what}")


class _Parser:
    """Parses any text to its end, whatever its errors; fills `exclusions` on the way."""

    def __init__(self, text: str, report: Report) -> None:
        self._tokens = _scan(text, report)
        self._at = 0
        self._report = report
        self._is_given_up = False
        # The last & or | until an operand follows it.
        self._operator: _Token | None = None
        self.exclusions: list[Phrase] = []

    @property
    def is_one_word(self) -> bool:
        """Whether there is only one word, apart from exclusions."""
        kinds = [token.kind for token in self._tokens]
        pairs = zip(["", *kinds], kinds, strict=False)
        included = [kind for before, kind in pairs if "minus" not in (before, kind)]
        return included == ["word", "end"]

    def parse(self) -> Expression | None:
        """Parse the whole text."""
        expression = self._any(Field.EITHER, 0)
        while self._next.kind != "end":
            # Only a closing parenthesis ends an expression before the text does.
            self._report(self._take().place, UNOPENED_PARENTHESIS)
            if self._next.kind in ("|", "&"):
                self._take()
            if self._next.kind not in (")", "end"):
                self._any(Field.EITHER, 0)
        return expression

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _any(self, field: Field, depth: int) -> Expression | None:
        parts = [self._all(field, depth)]
        while self._next.kind == "|":
            self._operator = self._take()
            parts.append(self._all(field, depth))
        return _combine(Or, parts)

    def _all(self, field: Field, depth: int) -> Expression | None:
        parts: list[Expression | None] = []
        while True:
            self._exclude(depth)
            parts.append(self._item(field, depth))
            self._exclude(depth)
            if self._next.kind in ("|", ")", "end"):
                return _combine(And, parts)
            if self._next.kind == "&":
                self._operator = self._take()
            else:
                self._report(self._next.place, _NO_OPERATOR)

    def _exclude(self, depth: int) -> None:
        while self._next.kind == "minus":
            place = self._take().place
            if depth:
                self._report(place, _INNER_EXCLUSION)
            if self._next.kind in ("word", "quoted"):
                phrase = self._phrase([self._take()], Field.EITHER)
                if phrase and phrase not in self.exclusions:
                    self.exclusions.append(phrase)
            else:
                self._report(place, _BAD_EXCLUSION)

    def _item(self, field: Field, depth: int) -> Expression | None:
        named = None
        while self._next.kind == "field":
            if named is not None:
                self._report(self._next.place, "two fields in a row; delete one of them")
            named = self._take()
            field = _PREFIXES[named.text.casefold()]
        if self._next.kind not in ("(", "quoted", "word"):
            self._report_missing(named)
            return None
        self._operator = None
        if self._next.kind == "(":
            return self._group(field, depth)
        found = [self._take()]
        while found[0].kind == self._next.kind == "word":
            found.append(self._take())
        return self._phrase(found, field)

    def _report_missing(self, named: _Token | None) -> None:
        """Report a missing operand; `named` is the field before it."""
        after, before = self._next, self._tokens[self._at - 1]
        if named is not None:
            name = named.text.casefold()
            at, message = named, f"nothing follows '{name}:'; write the words to search for there"
        elif after.kind != "end":
            at, message = (
                after,
                f"words are missing before '{after.text}'; write them, or delete it",
            )
        elif before.kind in _SIGNS:
            at, message = (
                before,
                f"words are missing after '{before.text}'; write them, or delete it",
            )
        elif self._operator is not None:
            at, sign = self._operator, self._operator.text
            message = f"words are missing after '{sign}'; an exclusion needs no '{sign}', delete it"
        elif self.exclusions:
            at, message = (
                self._tokens[0],
                "there are only exclusions; write the words to search for, too",
            )
        else:
            at, message = after, "there are no words to search for; write them"
        self._report(at.place, message)

    def _group(self, field: Field, depth: int) -> Expression | None:
        place = self._take().place
        if depth >= MAX_DEPTH:
            self._report(place, f"parentheses are more than {MAX_DEPTH} deep; use fewer")
            self._at = len(self._tokens) - 1
            self._is_given_up = True
            return None
        inner = self._any(field, depth + 1)
        if self._next.kind == ")":
            self._take()
        elif not self._is_given_up:
            self._report(place, UNCLOSED_PARENTHESIS)
        return inner

    def _phrase(self, found: Sequence[_Token], field: Field) -> Phrase | None:
        phrase = Phrase(tuple(word for token in found for word in token.text.split()), field)
        if fault := phrase_fault(phrase):
            self._report(found[0].place, fault)
        return None if fault else phrase


def _combine(kind: type[And | Or], parts: Iterable[Expression | None]) -> Expression | None:
    flat: list[Expression] = []
    for part in parts:
        if part is not None:
            flat += part.parts if isinstance(part, kind) else [part]
    return kind(tuple(flat)) if len(flat) > 1 else next(iter(flat), None)


def phrase_fault(phrase: Phrase) -> str | None:
    """Return an error message if a phrase cannot find anything, else None."""
    found = words(phrase.text)
    if not found:
        return f"'{phrase.text}' has no word to search for; write the words, or delete it"
    if phrase.field is not Field.AUTHOR and STOP_WORDS.issuperset(found):
        what = "has only words that arXiv ignores in every search; add another word, or delete it"
        return f"'{phrase.text}' {what}"
    return None


def print_expression(expression: Expression) -> str:
    """Return the text that `parse_search` reads as this expression."""
    if isinstance(expression, Phrase):
        prefix = f"{expression.field.value}: " if expression.field.value in _PREFIXES else ""
        text = expression.text
        return prefix + (f'"{text}"' if _needs_quotes(expression) else text)
    if isinstance(expression, And):
        return " & ".join(
            f"({print_expression(part)})" if isinstance(part, Or) else print_expression(part)
            for part in expression.parts
        )
    return " | ".join(map(print_expression, expression.parts))


def _needs_quotes(phrase: Phrase) -> bool:
    return any(
        word.startswith("-") or category_like(word) or not set(_TYPOGRAPHIC).isdisjoint(word)
        for word in phrase.words
    )


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
