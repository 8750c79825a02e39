"""Parse what a line of keywords.txt asks for in words: an expression with its exclusions.

    expression = all ("|" all)*
    all        = item ("&" item)*
    item       = [field] (words | quoted | "(" expression ")")
    field      = "title:" | "abstract:" | "author:"
    exclusion  = "-" (word | quoted)          anywhere outside parentheses, for the whole line

docs/keywords.md has the grammar of the whole line, which `keywords` parses.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from daily_papers.topics.categories import category_like
from daily_papers.topics.phrase_advice import (
    WILDCARDS,
    length_fault,
    phrase_fault,
    wildcard_fault,
)
from daily_papers.topics.query_tree import (
    FIELDS,
    And,
    Expression,
    Field,
    Or,
    Phrase,
    Search,
)
from daily_papers.topics.unsearchable_characters import (
    foreign_letter,
    mistyped_signs,
    separator_fault,
    unquoted,
)

MAX_DEPTH = 10
"""Levels of nested parentheses."""

# Characters with a meaning in arXiv's query syntax, even inside a phrase.
_RESERVED = "\\[]{}="

UNCLOSED_QUOTE = "this quotation mark is never closed; add another one at the end"
UNCLOSED_PARENTHESIS = "this parenthesis is never closed; add ) at its end"
UNOPENED_PARENTHESIS = "no parenthesis is open here; delete this one"
_NO_OPERATOR = """something is missing before this: & if both must occur, | if either may, or \
quotation marks around the words of one phrase"""
_INNER_EXCLUSION = "an exclusion applies to the whole line; move it out of the parentheses"
_BAD_EXCLUSION = "only a word or a quoted phrase can be excluded; write each with its own minus"
_LIST_MARK_FAULT = "a line needs no mark or number in front, as lists have; delete it"
_LONE_MINUS = "this minus stands alone; write it directly before the word to exclude"
_LONE_EQUALS = """a query in arXiv's own syntax stands alone on its line or after a heading, as in \
Heading: = all:electron"""

Report = Callable[[int, str], None]
"""Takes an error: its place in the text, from 0, and the message."""

FIELD = re.compile(rf"(?P<field>{'|'.join(FIELDS)})\s*:", re.IGNORECASE)
"""A field's name and its colon."""
# arXiv's own names of fields, and what they are called here; as headings, AU or All are usual.
_ARXIV_FIELDS = {"ti": "title", "abs": "abstract", "au": "author", "all": "", "cat": ""}
ARXIV_FIELD = re.compile(r"(?-i:(?P<arxiv>ti|abs|au|all)\s*:|(?P<cat>cat)\s*:\s*[\w.*-]*)")
"""One of arXiv's own names of fields, its colon, and the category in `cat:cs.CV`."""
_CAPITALS = {"AND": "&", "OR": "|", "NOT": "-", "ANDNOT": "-"}

_EXCLUSION = r'(?:^|(?<=[\s|&(]))-(?=[^\W_]|["(])'
# R&D, Q&A: an & between one or two letters each is part of a name, or an operator.
_NAME = r'(?<![^\s|&("-])[^\W\d_]{1,2}(?:&[^\W\d_]{1,2})+(?![^\s|&)",.-])'
_TOKEN = re.compile(
    rf'"(?P<quoted>[^"]*)"?|(?P<sign>[|&()])|(?P<minus>{_EXCLUSION})'
    rf'|{FIELD.pattern}|{ARXIV_FIELD.pattern}|(?P<name>{_NAME})|(?P<word>[^\s"|&()]+)',
    re.IGNORECASE,
)
_SIGNS = ("|", "&", "(", ")")
# In front of an alternative: - or a number. A 2D or 3.5 is none.
_LIST_MARK = re.compile(r'(?:^|(?<=[|&]))\s*([-*•·‣▪]|\(?\d{1,3}\)|\d{1,3}\.)(?=\s+["\w])')
# A comma, as in a list; 3,000 has another.
_COMMA = re.compile(r"(?<!\d)[,;]|[,;](?!\d)")


def parse_search(text: str, report: Report, *, has_heading: bool) -> Search | None:
    """Parse an expression and its exclusions; after an error, passed to `report`, it is unusable.

    Without a heading, a single plain word must be in both title and abstract.
    """
    mistyped = list(mistyped_signs(unquoted(text)))
    # An unknown sign tells nothing about the rest of the line, and neither does another script.
    foreign = foreign_letter(text)
    for place, message in mistyped or ([foreign] if foreign else []):
        report(place, message)
    if mistyped or foreign:
        return None
    for match in _LIST_MARK.finditer(text):
        report(match.start(1), _LIST_MARK_FAULT)
        text = text[: match.start(1)] + " " * len(match[1]) + text[match.end(1) :]
    parser = _Parser(text, report, has_heading=has_heading)
    expression = parser.parse()
    if expression is None:
        return None
    if not has_heading and isinstance(expression, Phrase) and parser.is_one_word:
        expression = Phrase(expression.words, Field.BOTH)
    return Search(expression, tuple(parser.exclusions))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """`word`, `quoted`, `field`, `minus`, a sign itself, or `end`."""
    text: str
    place: int


def _scan(text: str, report: Report, *, has_heading: bool) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(text):
        kind, place = match.lastgroup or "", match.start()
        token = _Token(kind, match[kind], place)
        if kind == "quoted":
            if len(match[0]) < len(token.text) + 2:
                report(place, UNCLOSED_QUOTE)
            _check_characters(token.text, place + 1, "|():" + _RESERVED, report)
        elif kind == "sign":
            token = _Token(token.text, token.text, place)
        elif kind == "name":
            report(place, _name_fault(token.text))
            token = _Token("word", token.text, place)
        elif kind in ("arxiv", "cat"):
            token = _arxiv_field(token, report)
        elif kind == "word":
            token = _word(token, report)
        found.append(token)
    is_plain = not has_heading and all(token.kind == "word" for token in found)
    for token in found:
        if token.text == "-" and token.kind == "word" and not is_plain:
            report(token.place, _LONE_MINUS)
    return [*found, _Token("end", "", len(text.rstrip()))]


def _name_fault(name: str) -> str:
    return phrase_fault(Phrase((name,))) or (
        f"{name} may be a name or several words: write it in quotation marks if it is a name, "
        "or blanks around the & if each word must occur"
    )


def _arxiv_field(token: _Token, report: Report) -> _Token:
    """Report one of arXiv's own fields; return a token that lets the parser go on."""
    name = token.text
    if here := _ARXIV_FIELDS[name]:
        advice = f"write {here}:"
    elif name == "all":
        advice = "delete it: words without a field may be in title or abstract"
    else:
        advice = """write categories in brackets after the heading, as in Heading [cs.CV]: words, \
or one alone on its line for all its papers"""
    fault = (
        f"'{name}:' belongs to arXiv's own syntax, a query in which begins with =; here, {advice}"
    )
    report(token.place, fault)
    return _Token("word" if name == "cat" else "field", here or "title", token.place)


def _word(token: _Token, report: Report) -> _Token:
    """Report what is wrong with a word; return the token it is, or that the parser goes on with."""
    word, place = token.text, token.place
    if sign := _CAPITALS.get(word):
        use = f"write {sign}" if sign != "-" else "write a minus directly before what to exclude"
        fault = f"{word} is no operator here: {use}; or put the phrase into quotation marks"
        report(place, fault)
        return _Token("word" if sign == "-" else sign, word, place)
    name, colon, _ = word.partition(":")
    if colon:
        near = difflib.get_close_matches(name.casefold(), FIELDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(FIELDS)}"
        report(place, f"there is no field '{name}'; {hint}")
    if word == "=":
        report(place, _LONE_EQUALS)
    elif category_like(word):
        advice = f"as in Heading [{word}]: words, or alone on its line for all its papers"
        report(place, f"{word} is a category; write it in brackets after the heading, {advice}")
    else:
        _check_characters(word, place, _RESERVED, report)
    return token


def _check_characters(text: str, place: int, refused: str, report: Report) -> None:
    if text.lstrip().startswith("#"):
        report(place, "a word cannot begin with #, which starts a comment; delete it")
    for character in sorted(set(text).intersection(refused)):
        what = "cannot be searched for; delete it, arXiv searches for words only"
        report(place + text.index(character), f"{character} {what}")
    for word in re.finditer(r"\S+", text):
        if sign := re.search(f"[{re.escape(WILDCARDS)}]", word[0]):
            fault = wildcard_fault(sign[0], word[0])
            report(place + word.start() + sign.start(), fault)


class _Parser:
    """Parses any text to its end, whatever its errors; fills `exclusions` on the way."""

    def __init__(self, text: str, report: Report, *, has_heading: bool) -> None:
        self._tokens = _scan(text, report, has_heading=has_heading)
        self._has_heading = has_heading
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
                self._report_two_fields(named)
            named = self._take()
            field = FIELDS[named.text.casefold()]
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

    def _report_two_fields(self, first: _Token) -> None:
        if first is self._tokens[0] and not self._has_heading:
            heading = f'"{first.text}": {self._next.text}: …'
            message = (
                f"'{first.text}:' is read as a field; if it is the heading, put it into quotation "
                f"marks, as in {heading}"
            )
            self._report(first.place, message)
        else:
            self._report(self._next.place, "two fields in a row; delete one of them")

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
        # A wildcard has its own message.
        is_wild = not set(WILDCARDS).isdisjoint(phrase.text)
        place, fault = found[0].place, None if is_wild else phrase_fault(phrase)
        if found[0].kind == "word" and field is not Field.AUTHOR:
            fault = fault or length_fault(phrase)
            # A name in the form of arXiv's, Hinton, Geoffrey, is found in either order.
            for token in reversed(found):
                if comma := _COMMA.search(token.text):
                    place, fault = token.place + comma.start(), separator_fault(comma[0])
        if fault:
            self._report(place, fault)
        return None if fault or is_wild else phrase


def _combine(kind: type[And | Or], parts: Iterable[Expression | None]) -> Expression | None:
    flat: list[Expression] = []
    for part in parts:
        if part is not None:
            flat += part.parts if isinstance(part, kind) else [part]
    return kind(tuple(flat)) if len(flat) > 1 else next(iter(flat), None)
