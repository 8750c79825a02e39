"""arXiv's query language, on its own: a `search_query` to the records it finds.

The rules are those of arXiv's own service (https://github.com/arXiv/arxiv-search) and of its
manual (https://info.arxiv.org/help/api/user-manual.html#query_details): operators associate to
the right and none binds tighter, a missing operator is OR, a missing field is `all:`, of several
operators in a row the last counts, NOT means ANDNOT, `lastUpdatedDate:` means `submittedDate:`,
a field before parentheses holds for the words within that have none of their own.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
import zlib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from standins.arxiv.records import Record
from standins.arxiv.words import stems, stems_like, words

OPERATORS = ("ANDNOT", "AND", "NOT", "OR")
FIELDS = ("submittedDate", "title", "all", "abs", "cat", "doi", "ti", "au", "co", "jr", "rn", "id")
_TOKENS = re.compile(
    r'"[^"]*"|[()]|(?:' + "|".join(OPERATORS) + r")(?=[()\s]|$)"
    r"|(?:" + "|".join(FIELDS) + r'):|[^"()\s]+'
)
_DATES = re.compile(r"submittedDate:\[([\d-]{4,14}) TO ([\d-]{4,14})\]")
_IDENTIFIER = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v(\d+))?")
_DEEPEST = 200


class QueryError(ValueError):
    """A query that arXiv answers with 400."""


@dataclass(frozen=True)
class Term:
    """A field and what to find in it; `phrase` if it stood in quotation marks."""

    field: str
    text: str
    phrase: bool


@dataclass(frozen=True)
class Pair:
    """Two queries joined by AND, OR or ANDNOT; without a left side it is a bare ANDNOT."""

    operator: str
    left: Term | Pair | None
    right: Term | Pair


Query = Term | Pair


def parse(text: str) -> Query:
    """Read a search_query. Raises QueryError where arXiv answers 400."""
    if '\\"' in text:
        raise QueryError("a backslash before a quotation mark")
    text = text.replace("lastUpdatedDate:", "submittedDate:")
    text = _DATES.sub(r'submittedDate:"\1 TO \2"', text)
    tokens = _Tokens(_TOKENS.findall(text))
    query = _sequence(tokens, "all", 0)
    if tokens.next is not None:
        raise QueryError(f"unbalanced parenthesis: {text}")
    return query


class _Tokens:
    """A list of tokens with a place in it."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens
        self._place = 0

    @property
    def next(self) -> str | None:
        """The token at the place; None at the end."""
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def take(self) -> str:
        """Return the token at the place and go on."""
        token = self._tokens[self._place]
        self._place += 1
        return token

    def skip_empty_fields(self) -> None:
        """Go past fields that are followed by nothing to find, which arXiv ignores."""
        while _is_field(self.next):
            following = self._tokens[self._place + 1 : self._place + 2]
            if following and not _is_field(following[0]) and following[0] not in (*OPERATORS, ")"):
                return
            self._place += 1


def _is_field(token: str | None) -> bool:
    return token is not None and token.endswith(":") and token[:-1] in FIELDS


def _sequence(tokens: _Tokens, inherited: str, depth: int) -> Query:
    """Read operands and operators until the end or a closing parenthesis."""
    if depth > _DEEPEST:
        raise QueryError("parentheses too deep")
    operands: list[Query] = []
    operators: list[str] = []
    while True:
        tokens.skip_empty_fields()
        if tokens.next is None or tokens.next == ")":
            break
        operator = ""
        while tokens.next in OPERATORS:
            operator = "ANDNOT" if (taken := tokens.take()) == "NOT" else taken
            tokens.skip_empty_fields()
        if tokens.next is None or tokens.next == ")":
            raise QueryError("an operator with nothing after it")
        if operator and not operands and operator != "ANDNOT":
            raise QueryError("an operator with nothing before it")
        if operands or operator:
            operators.append(operator or "OR")
        operands.append(_operand(tokens, inherited, depth))
    if not operands:
        raise QueryError("nothing to find")
    query = operands.pop()
    while operands:
        query = Pair(operators.pop(), operands.pop(), query)
    return Pair(operators.pop(), None, query) if operators else query


def _operand(tokens: _Tokens, inherited: str, depth: int) -> Query:
    """Read one term, or a sequence in parentheses."""
    name = inherited
    if _is_field(tokens.next):
        name = tokens.take()[:-1]
    found = tokens.take()
    if found == "(":
        query = _sequence(tokens, name, depth + 1)
        if tokens.next != ")":
            raise QueryError("unbalanced parenthesis")
        tokens.take()
        return query
    quoted = found.startswith('"')
    bare = found.strip('"')
    if not quoted and bare.startswith(("*", "?")):
        raise QueryError("a wildcard at the beginning of a word")
    if name == "title":
        name = "ti"
    if name == "au" and "_" in bare:
        bare, quoted = bare.replace("_", " "), True
    return Term(name, bare, quoted)


def parse_identifier(text: str) -> tuple[str, int | None]:
    """Return identifier and version. Raises QueryError if arXiv could not have given it out."""
    match = _IDENTIFIER.fullmatch(text)
    if match is None:
        raise QueryError(f"incorrect id format for {text}")
    return match[1], int(match[2]) if match[2] else None


class Index:
    """Records made searchable. A set of records is an integer whose bit N stands for record N."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.records = tuple(records)
        self.everything = (1 << len(self.records)) - 1
        members: defaultdict[str, list[int]] = defaultdict(list)
        identifiers: defaultdict[str, list[int]] = defaultdict(list)
        for number, record in enumerate(self.records):
            identifiers[record.arxiv_id].append(number)
            for category in {*record.categories, record.primary_category}:
                members[category].append(number)
        numbers = range(len(self.records))
        self._by_category = {name: self.pack(found) for name, found in members.items()}
        self._by_identifier = dict(identifiers)
        self._by_submission = sorted(numbers, key=self._updated)
        self._by_publication = sorted(numbers, key=self._published)
        self._texts: dict[str, list[str]] = {}
        self._found: dict[Term, int] = {}

    def _updated(self, number: int) -> datetime:
        return self.records[number].updated

    def _published(self, number: int) -> datetime:
        return self.records[number].published

    def pack(self, numbers: Iterable[int]) -> int:
        """Return the set of these records."""
        bits = bytearray(len(self.records) // 8 + 1)
        for number in numbers:
            bits[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(bits, "little")

    def unpack(self, found: int) -> Iterator[int]:
        """Yield the numbers of the records in a set, in order."""
        bits = format(found, "b")[::-1]
        place = bits.find("1")
        while place >= 0:
            yield place
            place = bits.find("1", place + 1)

    def current(self, is_there: Callable[[Record], bool]) -> int:
        """Return the newest version of each paper, of those for which `is_there` holds."""
        newest: dict[str, int] = {}
        for number, record in enumerate(self.records):
            if is_there(record):
                other = newest.get(record.arxiv_id)
                if other is None or self.records[other].version < record.version:
                    newest[record.arxiv_id] = number
        return self.pack(newest.values())

    def submitted_between(self, first: datetime, end: datetime) -> list[int]:
        """Return the versions submitted from `first` up to but not including `end`."""
        order = self._by_submission
        begin = bisect_left(order, first, key=self._updated)
        return order[begin : bisect_left(order, end, key=self._updated)]

    def identified(self, arxiv_id: str) -> list[int]:
        """Return the versions of a paper."""
        return self._by_identifier.get(arxiv_id, [])

    def find(self, query: Query) -> int:
        """Return the records that a query finds, of all versions. Raises QueryError."""
        if isinstance(query, Term):
            if query not in self._found:
                self._found[query] = self._term(query)
            return self._found[query]
        right = self.find(query.right)
        left = self.everything if query.left is None else self.find(query.left)
        if query.operator == "AND":
            return left & right
        if query.operator == "OR":
            return left | right
        return left & ~right

    def relevance(self, query: Query | None, number: int) -> tuple[int, int]:
        """Return what arXiv's order of relevance is stood in for by: how many terms a record has.

        Among equals the order is arbitrary but constant, and not that of time.
        """
        terms = sum(self.find(term) >> number & 1 for term in _terms(query))
        return terms, zlib.crc32(self.records[number].arxiv_id.encode())

    def _term(self, term: Term) -> int:
        if term.field == "all":
            names = ("ti", "abs", "au", "co", "jr", "cat", "doi", "id")
            found = 0
            for name in names:
                found |= self.find(Term(name, term.text, term.phrase))
            return found
        if term.field == "cat":
            return self._category(term.text.strip())
        if term.field == "submittedDate":
            return self._submitted(term.text)
        if term.field == "id":
            return self._identifier(term.text.strip())
        if term.field in ("ti", "abs"):
            return self._english(term)
        return self._simple(term)

    def _category(self, pattern: str) -> int:
        if "*" not in pattern and "?" not in pattern:
            return self._by_category.get(pattern, 0)
        found = 0
        for name, members in self._by_category.items():
            if fnmatchcase(name, pattern):
                found |= members
        return found

    def _identifier(self, text: str) -> int:
        match = _IDENTIFIER.fullmatch(text)
        if match is None:
            return 0
        return self.pack(
            number
            for number in self.identified(match[1])
            if match[2] is None or self.records[number].version == int(match[2])
        )

    def _submitted(self, text: str) -> int:
        first, _, last = text.partition(" TO ")
        begin, end = _moment(first.strip(), last=False), _moment(last.strip(), last=True)
        order = self._by_publication
        return self.pack(
            order[
                bisect_left(order, begin, key=self._published) : bisect_right(
                    order, end, key=self._published
                )
            ]
        )

    def _english(self, term: Term) -> int:
        """Find in title or abstract: stemmed, stop words dropped."""
        texts = self._analysed(term.field)
        if not term.phrase and ("*" in term.text or "?" in term.text):
            letters = stems_like(term.text.lower())
            return self._where(texts, lambda text: not letters.isdisjoint(text))
        wanted = stems(term.text)
        if not wanted:
            # Nothing but stop words: only the unstemmed half of the index holds them.
            return self._simple(term)
        if term.phrase:
            return self._where(texts, lambda text: wanted in text)
        return self._where(texts, lambda text: all(letter in text for letter in wanted))

    def _analysed(self, name: str) -> list[str]:
        if name not in self._texts:
            self._texts[name] = [_stems_of(record, name) for record in self.records]
        return self._texts[name]

    def _where(self, texts: Sequence[str], holds: Callable[[str], bool]) -> int:
        return self.pack(number for number, text in enumerate(texts) if holds(text))

    def _simple(self, term: Term) -> int:
        """Find in a field that is lower-cased and split only."""
        if term.field == "rn":
            return 0
        if term.field == "doi":
            doi = term.text.lower()
            return self.pack(
                number for number, record in enumerate(self.records) if record.doi.lower() == doi
            )
        fold = _fold if term.field == "au" else str
        wanted = words(fold(term.text))
        if not wanted:
            return 0
        return self.pack(
            number
            for number, record in enumerate(self.records)
            if any(
                _holds(words(fold(text)), wanted, term)
                for text in _simple_texts(record, term.field)
            )
        )


def _simple_texts(record: Record, name: str) -> tuple[str, ...]:
    if name == "au":
        return record.authors
    texts = {
        "ti": record.title,
        "abs": record.abstract,
        "co": record.comment,
        "jr": record.journal_ref,
    }
    return (texts[name],)


def _holds(held: list[str], wanted: list[str], term: Term) -> bool:
    if term.field == "au":
        # Names match in either order, and a single letter is an initial.
        return all(
            any(word == name or (len(word) == 1 and name[0] == word) for name in held)
            for word in wanted
        )
    if not term.phrase:
        return all(word in held for word in wanted)
    length = len(wanted)
    return any(held[place : place + length] == wanted for place in range(len(held) - length + 1))


def _stems_of(record: Record, name: str) -> str:
    # Kept with the record, so that another night's index over the same records costs nothing.
    kept: dict[str, str] = record.__dict__.setdefault("_stems", {})
    if name not in kept:
        kept[name] = stems(record.title if name == "ti" else record.abstract)
    return kept[name]


def _fold(text: str) -> str:
    return "".join(
        character
        for character in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(character)
    )


def _terms(query: Query | None) -> Iterator[Term]:
    if isinstance(query, Term):
        yield query
    elif query is not None:
        yield from _terms(query.left)
        if query.operator != "ANDNOT":
            yield from _terms(query.right)


def _moment(text: str, *, last: bool) -> datetime:
    """Read YYYY, YYYYMM, YYYYMMDD or YYYYMMDDHHMM, the end of the span if `last`."""
    digits = text[: len("YYYYMMDDHHMM")]
    # Elasticsearch fills in what an upper bound leaves out with the latest there is.
    missing = {"YYYY": "12", "YYYYMM": "31", "YYYYMMDD": "2359", "YYYYMMDDHHMM": "59"}
    if not last:
        missing = {"YYYY": "01", "YYYYMM": "01", "YYYYMMDD": "0000", "YYYYMMDDHHMM": "00"}
    try:
        for form, rest in missing.items():
            if len(digits) == len(form) == len("YYYYMM") and last:
                days = calendar.monthrange(int(digits[:4]), int(digits[4:]))[1]
                digits += f"{days:02}"
            elif len(digits) == len(form):
                digits += rest
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise QueryError("submittedDate takes [YYYYMMDDHHMM TO YYYYMMDDHHMM]") from None


__all__ = [
    "Index",
    "Pair",
    "Query",
    "QueryError",
    "Term",
    "parse",
    "parse_identifier",
]
