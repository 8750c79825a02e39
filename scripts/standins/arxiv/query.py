"""Parse arXiv's query language and find the records that match a `search_query`.

The rules are those of arXiv's service (https://github.com/arXiv/arxiv-search) and its manual
(https://info.arxiv.org/help/api/user-manual.html#query_details): operators are right-associative
without precedence, a missing operator is OR, a missing field is `all:`, the last of several
consecutive operators counts, NOT means ANDNOT, `lastUpdatedDate:` means `submittedDate:`, and a
field before parentheses applies to the words inside that have no field.
"""

from __future__ import annotations

import calendar
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from itertools import pairwise

from standins.arxiv.analysis import GAP, has_phrase, name_words, stems, stems_like, words
from standins.arxiv.served_papers import Record

_OPERATORS = ("ANDNOT", "AND", "NOT", "OR")
_FIELDS = ("submittedDate", "title", "all", "abs", "cat", "doi", "ti", "au", "co", "jr", "rn", "id")
_SEARCHED_BY_ALL = ("ti", "abs", "au", "co", "jr", "cat", "doi", "id")
_TOKENS = re.compile(
    r'"[^"]*"|[()]|(?:' + "|".join(_OPERATORS) + r")(?=[()\s]|$)"
    r"|(?:" + "|".join(_FIELDS) + r'):|[^"()\s]+'
)
_DATES = re.compile(r"submittedDate:\[([\d-]{4,14}) TO ([\d-]{4,14})\]")
_IDENTIFIER = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v(\d+))?")
_MAX_DEPTH = 200


class QueryError(ValueError):
    """A query that arXiv answers with 400."""


@dataclass(frozen=True)
class Term:
    """A field and the text to find in it. `phrase`: the text was in quotation marks."""

    field: str
    text: str
    phrase: bool


@dataclass(frozen=True)
class Pair:
    """Two queries joined by AND, OR or ANDNOT. `left` is None for an ANDNOT at the start."""

    operator: str
    left: Term | Pair | None
    right: Term | Pair


Query = Term | Pair


def parse(text: str) -> Query:
    """Parse a search_query. Raises QueryError where arXiv answers 400."""
    if '\\"' in text:
        raise QueryError("a backslash before a quotation mark")
    text = text.replace("lastUpdatedDate:", "submittedDate:")
    text = _DATES.sub(r'submittedDate:"\1 TO \2"', text)
    # arXiv ignores a field without a value.
    kept = [
        token
        for token, following in pairwise([*_TOKENS.findall(text), ")"])
        if not _is_field(token) or not (_is_field(following) or following in (*_OPERATORS, ")"))
    ]
    tokens = deque(["(", *kept, ")"])
    try:
        query = _operand(tokens, "all", 0)
    except IndexError:
        raise QueryError(f"unbalanced parenthesis: {text}") from None
    if tokens:
        raise QueryError(f"unbalanced parenthesis: {text}")
    return query


def _is_field(token: str) -> bool:
    return token.endswith(":") and token[:-1] in _FIELDS


def _sequence(tokens: deque[str], field: str, depth: int) -> Query:
    """Parse operands and operators up to and including a closing parenthesis."""
    if depth > _MAX_DEPTH:
        raise QueryError("parentheses too deep")
    operands: list[Query] = []
    operators: list[str] = []
    while tokens[0] != ")":
        operator = ""
        while tokens[0] in _OPERATORS:
            operator = tokens.popleft().replace("ANDNOT", "NOT").replace("NOT", "ANDNOT")
        if tokens[0] == ")":
            raise QueryError("an operator with nothing after it")
        if operator and not operands and operator != "ANDNOT":
            raise QueryError("an operator with nothing before it")
        if operands or operator:
            operators.append(operator or "OR")
        operands.append(_operand(tokens, field, depth))
    tokens.popleft()
    if not operands:
        raise QueryError("nothing to find")
    query = operands.pop()
    while operands:
        query = Pair(operators.pop(), operands.pop(), query)
    return Pair(operators.pop(), None, query) if operators else query


def _operand(tokens: deque[str], field: str, depth: int) -> Query:
    """Parse one term, or a sequence in parentheses."""
    if _is_field(tokens[0]):
        field = tokens.popleft()[:-1]
    text = tokens.popleft()
    if text == "(":
        return _sequence(tokens, field, depth + 1)
    phrase = text.startswith('"')
    text = text.strip('"')
    if not phrase and text.startswith(("*", "?")):
        raise QueryError("a wildcard at the beginning of a word")
    if field == "au" and "_" in text:
        text, phrase = text.replace("_", " "), True
    return Term("ti" if field == "title" else field, text, phrase)


def parse_identifier(text: str) -> tuple[str, int | None]:
    """Split an identifier and its version. Raises QueryError if it is not in arXiv's format."""
    match = _IDENTIFIER.fullmatch(text)
    if match is None:
        raise QueryError(f"incorrect id format for {text}")
    return match[1], int(match[2]) if match[2] else None


class Index:
    """Searchable records. Results are sets of positions in `records`."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.records = tuple(records)
        self.everything = frozenset(range(len(self.records)))
        self._by_category: defaultdict[str, set[int]] = defaultdict(set)
        self._by_identifier: defaultdict[str, list[int]] = defaultdict(list)
        for number, record in enumerate(self.records):
            self._by_identifier[record.arxiv_id].append(number)
            for category in (*record.categories, record.primary_category):
                self._by_category[category].add(number)
        self._found: dict[Term, frozenset[int]] = {}

    def newest(self, is_visible: Callable[[Record], bool]) -> frozenset[int]:
        """Return the newest version of each paper among the visible ones."""
        newest: dict[str, int] = {}
        for number, record in enumerate(self.records):
            if is_visible(record):
                other = newest.get(record.arxiv_id)
                if other is None or self.records[other].version < record.version:
                    newest[record.arxiv_id] = number
        return frozenset(newest.values())

    def versions(self, arxiv_id: str, version: int | None) -> list[int]:
        """Return one version of a paper, or all if `version` is None."""
        numbers = self._by_identifier.get(arxiv_id, [])
        return [one for one in numbers if version in (None, self.records[one].version)]

    def find(self, query: Query) -> frozenset[int]:
        """Return the records that match a query, in all versions. Raises QueryError."""
        if isinstance(query, Term):
            if query not in self._found:
                self._found[query] = frozenset(self._find_term(query))
            return self._found[query]
        right = self.find(query.right)
        left = self.everything if query.left is None else self.find(query.left)
        if query.operator == "AND":
            return left & right
        return left | right if query.operator == "OR" else left - right

    def _find_term(self, term: Term) -> Iterable[int]:
        text = term.text.strip()
        match term.field:
            case "all":
                fields = (replace(term, field=name) for name in _SEARCHED_BY_ALL)
                return frozenset().union(*map(self.find, fields))
            case "cat":
                names = [name for name in self._by_category if fnmatchcase(name, text)]
                return frozenset().union(*(self._by_category[name] for name in names))
            case "id":
                known = _IDENTIFIER.fullmatch(text)
                return self.versions(*parse_identifier(text)) if known else ()
            case "submittedDate":
                begin, _, end = text.partition(" TO ")
                first, last = _date_bound(begin.strip()), _date_bound(end.strip(), last=True)
                return self._where(lambda record: first <= record.published <= last)
            case "doi":
                return self._where(lambda record: record.doi.lower() == term.text.lower())
            case "rn":
                return ()
            case "ti":
                return self._find_stems(term, [record.title_stems for record in self.records])
            case "abs":
                return self._find_stems(term, [record.abstract_stems for record in self.records])
            case "au":
                return self._find_names(name_words(text))
            case _:
                return self._find_words(term)

    def _where(self, matches: Callable[[Record], bool]) -> Iterable[int]:
        return (number for number, record in enumerate(self.records) if matches(record))

    def _find_stems(self, term: Term, texts: list[str]) -> Iterable[int]:
        """Search titles or abstracts by stems; stop words inside a phrase keep their places."""
        if not term.phrase and ("*" in term.text or "?" in term.text):
            any_of = stems_like(term.text.lower())
            return (number for number, text in enumerate(texts) if not any_of.isdisjoint(text))
        wanted = stems(term.text).strip(GAP)
        if not wanted:
            # Only the unstemmed abstracts of the index contain stop words.
            return self._find_words(term) if term.field == "abs" else ()
        if term.phrase:
            return (number for number, text in enumerate(texts) if has_phrase(wanted, text))
        every = set(wanted) - {GAP}
        return (number for number, text in enumerate(texts) if every.issubset(text))

    def _find_names(self, wanted: frozenset[str]) -> Iterable[int]:
        """Search for authors: all words in one name, in any order, quoted or not."""
        if not wanted:
            return ()
        return self._where(lambda record: any(wanted <= name_words(one) for one in record.authors))

    def _find_words(self, term: Term) -> Iterable[int]:
        """Search a field by its lower-case words."""
        wanted = words(term.text)
        if not wanted:
            return ()
        return self._where(
            lambda record: _has_words(words(_text(record, term.field)), wanted, phrase=term.phrase)
        )


def _text(record: Record, field: str) -> str:
    texts = {
        "ti": record.title,
        "abs": record.abstract,
        "co": record.comment,
        "jr": record.journal_ref,
    }
    return texts[field]


def _has_words(found: list[str], wanted: list[str], *, phrase: bool) -> bool:
    if not phrase:
        return all(word in found for word in wanted)
    length = len(wanted)
    return any(found[start : start + length] == wanted for start in range(len(found)))


def _date_bound(text: str, *, last: bool = False) -> datetime:
    """Parse YYYY, YYYYMM, YYYYMMDD or YYYYMMDDHHMM as the first or last second of that period."""
    digits = text[: len("YYYYMMDDHHMM")]
    try:
        if len(digits) not in map(len, ("YYYY", "YYYYMM", "YYYYMMDD", "YYYYMMDDHHMM")):
            raise ValueError  # noqa: TRY301 - the same error as for other invalid dates
        if last and len(digits) == len("YYYY"):
            digits += "12"
        if last and len(digits) == len("YYYYMM"):
            digits += str(calendar.monthrange(int(digits[:4]), int(digits[4:]))[1])
        digits += ("00001231235959" if last else "00000101000000")[len(digits) :]
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise QueryError("submittedDate takes [YYYYMMDDHHMM TO YYYYMMDDHHMM]") from None
