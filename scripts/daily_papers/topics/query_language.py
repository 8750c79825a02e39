"""What one line of keywords.txt may ask for: the tree, its parser and its printer.

    expression = all ("|" all)*
    all        = item ("&" item)*
    item       = [field] (words | quoted | "(" expression ")")
    field      = "title:" | "abstract:" | "author:"
    exclusion  = "-" (word | quoted)          anywhere outside parentheses, for the whole line

docs/keywords.md has the grammar of the whole line, which `topics` reads.
"""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from daily_papers.topics.categories import category_like
from daily_papers.topics.tokens import STOP_WORDS, words

MAX_DEPTH = 10
"""Parentheses within one another."""

SYNTAX = '"|&():'
"""Characters that make a line more than plain words."""
RESERVED = "\\[]{}="
"""Characters that arXiv's query parser gives a meaning of its own, even inside a phrase."""

Report = Callable[[int, str], None]
"""Takes a fault: its place in the text, from 0, and what is wrong and how to mend it."""


class Field(enum.Enum):
    """Where a phrase is looked for."""

    EITHER = "title or abstract"
    BOTH = "title and abstract"
    TITLE = "title"
    ABSTRACT = "abstract"
    AUTHOR = "author"


_PREFIXES = {field.value: field for field in (Field.TITLE, Field.ABSTRACT, Field.AUTHOR)}
FIELD = re.compile(rf"({'|'.join(_PREFIXES)})\s*:", re.IGNORECASE)
"""A field's name before what is looked for there."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand next to one another, in their order."""

    words: tuple[str, ...]
    """As the user wrote them, separated by blanks."""
    field: Field = Field.EITHER

    @property
    def text(self) -> str:
        """The words on one line."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class And:
    """Every part must hold; no part is an And itself."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of the parts must hold; no part is an Or itself."""

    parts: tuple[Expression, ...]


Expression = Phrase | And | Or


@dataclass(frozen=True, slots=True)
class Search:
    """What a line asks for in words."""

    expression: Expression
    exclusions: tuple[Phrase, ...] = ()
    """What no paper may have in title or abstract."""
    categories: tuple[str, ...] | None = None
    """Where to look; None: where the settings say."""

    @property
    def alternatives(self) -> tuple[Expression, ...]:
        """What is joined by `|` outside all parentheses."""
        return self.expression.parts if isinstance(self.expression, Or) else (self.expression,)


@dataclass(frozen=True, slots=True)
class WholeCategory:
    """Every paper of a category."""

    category: str


@dataclass(frozen=True, slots=True)
class Native:
    """A query in arXiv's own syntax, passed on as it is; only arXiv can tell what it finds."""

    text: str


Query = Search | WholeCategory | Native


def plain(name: str) -> Search:
    """Return what a line of nothing but words asks for: the phrase; one word, in both fields."""
    words = tuple(name.split())
    return Search(Phrase(words, Field.EITHER if len(words) > 1 else Field.BOTH))


def parse_expression(
    text: str, report: Report
) -> tuple[Expression | None, tuple[Phrase, ...], bool]:
    """Read an expression and its exclusions.

    Returns the expression, the exclusions, and whether the expression is one word on its own,
    without quotation marks, parentheses or a field. Every fault goes to `report`; what is returned
    after a fault is not to be used.
    """
    found = _scan(text, report)
    parser = _Parser(found, len(text.rstrip()), report)
    expression = parser.line()
    included = [
        token
        for before, token in zip([None, *found], found, strict=False)
        if token.kind is not _Kind.MINUS and not (before and before.kind is _Kind.MINUS)
    ]
    is_bare_word = len(included) == 1 and included[0].kind is _Kind.WORD
    return expression, tuple(parser.exclusions), is_bare_word


class _Kind(enum.Enum):
    WORD = enum.auto()
    QUOTED = enum.auto()
    FIELD = enum.auto()
    MINUS = enum.auto()
    SIGN = enum.auto()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _Kind
    text: str
    place: int


_EXCLUSION = re.compile(r'(?:^|(?<=[\s|&(]))-(?=[^\W_]|["(])')
_WORD = re.compile(r'[^\s"|&()]+')
_TYPOGRAPHIC = "“”„‟«»＂"


def has_exclusion(text: str) -> bool:
    """Say whether a minus stands straight before a word, at the word's beginning."""
    return _EXCLUSION.search(text) is not None


def _scan(text: str, report: Report) -> list[_Token]:
    found: list[_Token] = []
    place = 0
    while place < len(text):
        character = text[place]
        if character.isspace():
            place += 1
        elif character == '"':
            end = text.find('"', place + 1)
            if end < 0:
                report(place, "this quotation mark is never closed; write another one at the end")
                end = len(text)
            words = text[place + 1 : end]
            _judge_characters(words, place + 1, SYNTAX + RESERVED, report)
            _judge_hash(words.lstrip(), place + 1, report)
            found.append(_Token(_Kind.QUOTED, words, place))
            place = end + 1
        elif character in "|&()":
            found.append(_Token(_Kind.SIGN, character, place))
            place += 1
        elif _EXCLUSION.match(text, place):
            found.append(_Token(_Kind.MINUS, character, place))
            place += 1
        elif match := FIELD.match(text, place):
            found.append(_Token(_Kind.FIELD, match[1].casefold(), place))
            place = match.end()
        else:
            match = _WORD.match(text, place)
            word = match[0] if match else character
            _judge_word(word, place, report)
            found.append(_Token(_Kind.WORD, word, place))
            place += len(word)
    return found


def _judge_word(word: str, place: int, report: Report) -> None:
    name, colon, _ = word.partition(":")
    if colon:
        near = difflib.get_close_matches(name.casefold(), _PREFIXES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_PREFIXES)}"
        report(place, f"there is no field '{name}'; {hint}")
    elif category_like(word):
        report(
            place,
            f"{word} is a category; write it in brackets after the heading, "
            f"as in Heading [{word}]: words, or alone on its line for all its papers",
        )
    _judge_characters(word, place, RESERVED + _TYPOGRAPHIC, report)
    _judge_hash(word, place, report)
    if word == "-":
        report(place, "this minus stands alone; write it straight before the word to exclude")


def _judge_hash(text: str, place: int, report: Report) -> None:
    if text.startswith("#"):
        report(place, "a word cannot begin with #, which begins a comment; leave it out")


def _judge_characters(text: str, start: int, refused: str, report: Report) -> None:
    seen = set()
    for offset, character in enumerate(text):
        if character in seen or character not in refused:
            continue
        seen.add(character)
        if character in _TYPOGRAPHIC:
            told = f'{character} is a typographic quotation mark; type a straight one: "'
        else:
            told = f"{character} cannot be looked for; leave it out, arXiv looks for words only"
        report(start + offset, told)


class _Parser:
    """Reads tokens to their end, whatever they are; `exclusions` fills on the way."""

    def __init__(self, found: Sequence[_Token], end: int, report: Report) -> None:
        self._tokens = found
        self._at = 0
        self._end = end
        self._report = report
        self._is_given_up = False
        # The last & or | as long as nothing has followed it.
        self._open: _Token | None = None
        self.exclusions: list[Phrase] = []

    def line(self) -> Expression | None:
        """Read everything."""
        expression = self._any(Field.EITHER, 0)
        while (token := self._next) is not None:
            # Only a closing parenthesis ends an expression before the text does.
            self._report(token.place, "no parenthesis is open here; delete this one")
            self._at += 1
            if self._is("|") or self._is("&"):
                self._at += 1
            if self._next is not None and not self._is(")"):
                self._any(Field.EITHER, 0)
        return expression

    @property
    def _next(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _is(self, sign: str) -> bool:
        token = self._next
        return token is not None and token.kind is _Kind.SIGN and token.text == sign

    def _any(self, field: Field, depth: int) -> Expression | None:
        parts: list[Expression] = []
        while True:
            part = self._all(field, depth)
            parts += part.parts if isinstance(part, Or) else [part] if part else []
            if not self._is("|"):
                break
            self._open = self._next
            self._at += 1
        return Or(tuple(parts)) if len(parts) > 1 else parts[0] if parts else None

    def _all(self, field: Field, depth: int) -> Expression | None:
        parts: list[Expression] = []
        while True:
            self._exclude(depth)
            part = self._item(field, depth)
            parts += part.parts if isinstance(part, And) else [part] if part else []
            self._exclude(depth)
            token = self._next
            if token is None or self._is("|") or self._is(")"):
                break
            if self._is("&"):
                self._open = token
                self._at += 1
            else:
                self._report(
                    token.place,
                    "something is missing before this: & if both must occur, | if either may, or "
                    "quotation marks around the words of one phrase",
                )
        return And(tuple(parts)) if len(parts) > 1 else parts[0] if parts else None

    def _exclude(self, depth: int) -> None:
        while (minus := self._next) is not None and minus.kind is _Kind.MINUS:
            self._at += 1
            token = self._next
            if depth:
                self._report(
                    minus.place,
                    "an exclusion holds for the whole line; move it out of the parentheses",
                )
            if token is None or token.kind not in (_Kind.WORD, _Kind.QUOTED):
                self._report(
                    minus.place,
                    "only a word or a quoted phrase can be excluded; write each with its own minus",
                )
                continue
            self._at += 1
            phrase = self._phrase([token], Field.EITHER)
            if phrase and phrase not in self.exclusions:
                self.exclusions.append(phrase)

    def _item(self, field: Field, depth: int) -> Expression | None:
        named = None
        while (token := self._next) is not None and token.kind is _Kind.FIELD:
            if named is not None:
                self._report(token.place, "two fields in a row; leave one of them out")
            named = token
            field = _PREFIXES[token.text]
            self._at += 1
        if token is not None and self._is("("):
            self._open = None
            self._at += 1
            return self._group(token, field, depth)
        if token is not None and token.kind is _Kind.QUOTED:
            self._open = None
            self._at += 1
            return self._phrase([token], field)
        words = []
        while (word := self._next) is not None and word.kind is _Kind.WORD:
            words.append(word)
            self._at += 1
        if words:
            self._open = None
            return self._phrase(words, field)
        self._miss(token, named)
        return None

    def _miss(self, token: _Token | None, named: _Token | None) -> None:
        """Say what is missing where something to look for should stand."""
        before = self._tokens[self._at - 1] if self._at else None
        if named is not None:
            told = f"nothing follows '{named.text}:'; write the words to look for there"
            self._report(named.place, told)
        elif token is not None and token.kind is _Kind.SIGN:
            told = f"words are missing before '{token.text}'; write them, or delete it"
            self._report(token.place, told)
        elif before is not None and before.kind is _Kind.SIGN:
            told = f"words are missing after '{before.text}'; write them, or delete it"
            self._report(before.place, told)
        elif self._open is not None:
            sign = self._open.text
            told = f"words are missing after '{sign}'; an exclusion needs no '{sign}', delete it"
            self._report(self._open.place, told)
        elif self.exclusions:
            told = "there are only exclusions; write before them what to look for"
            self._report(self._tokens[0].place, told)
        else:
            self._report(self._end, "there is nothing to look for; write the words")

    def _group(self, opening: _Token, field: Field, depth: int) -> Expression | None:
        if depth >= MAX_DEPTH:
            self._report(opening.place, f"parentheses are more than {MAX_DEPTH} deep; use fewer")
            self._at = len(self._tokens)
            self._is_given_up = True
            return None
        inner = self._any(field, depth + 1)
        if self._is(")"):
            self._at += 1
        elif not self._is_given_up:
            self._report(opening.place, "this parenthesis is never closed; write ) at its end")
        return inner

    def _phrase(self, found: Sequence[_Token], field: Field) -> Phrase | None:
        phrase = Phrase(tuple(word for token in found for word in token.text.split()), field)
        problem = phrase_fault(phrase)
        if problem:
            self._report(found[0].place, problem)
            return None
        return phrase


def phrase_fault(phrase: Phrase) -> str | None:
    """Say why a phrase can find nothing, and how to mend it; None if it can."""
    found = words(phrase.text)
    if not found:
        return f"'{phrase.text}' holds no word to look for; write the words, or delete it"
    if phrase.field is not Field.AUTHOR and STOP_WORDS.issuperset(found):
        return (
            f"'{phrase.text}' holds only words that arXiv leaves out of every search; add one that "
            "says more, or delete it"
        )
    return None


def print_expression(expression: Expression) -> str:
    """Return the text that `parse_expression` reads as this expression."""
    if isinstance(expression, Phrase):
        return _print_phrase(expression)
    if isinstance(expression, And):
        return " & ".join(
            f"({print_expression(part)})" if isinstance(part, Or) else print_expression(part)
            for part in expression.parts
        )
    return " | ".join(map(print_expression, expression.parts))


def _print_phrase(phrase: Phrase) -> str:
    prefix = f"{phrase.field.value}: " if phrase.field in _PREFIXES.values() else ""
    return prefix + (f'"{phrase.text}"' if _needs_quotes(phrase) else phrase.text)


def _needs_quotes(phrase: Phrase) -> bool:
    return any(
        word.startswith("-") or category_like(word) or not set(_TYPOGRAPHIC).isdisjoint(word)
        for word in phrase.words
    )


def print_exclusion(phrase: Phrase) -> str:
    """Return an exclusion as it stands in a line, with its minus."""
    quoted = len(phrase.words) > 1 or _needs_quotes(phrase)
    return f'-"{phrase.text}"' if quoted else f"-{phrase.text}"


def print_search(search: Search) -> str:
    """Return a search as it stands after a heading, without its categories."""
    return " ".join((print_expression(search.expression), *map(print_exclusion, search.exclusions)))


def groups(expression: Expression, most: int) -> list[tuple[Phrase, ...]] | None:
    """Return the groups of phrases of which one must occur whole; None if they are over `most`."""
    if isinstance(expression, Phrase):
        return [(expression,)]
    parts = [groups(part, most) for part in expression.parts]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    if isinstance(expression, Or):
        found = [group for part in known for group in part]
    else:
        count = 1
        for part in known:
            count *= len(part)
            if count > most:
                return None
        found = [
            tuple(phrase for group in chosen for phrase in group) for chosen in product(*known)
        ]
    return found if len(found) <= most else None
