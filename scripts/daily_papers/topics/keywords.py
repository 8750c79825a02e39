"""Parse keywords.txt to topics, one a line, with all errors of the file at once.

    line    = [ topic | group ] [ "#" comment ]
    group   = "[" text "]"
    topic   = heading [categories] ":" asked | expression [categories] | category | "=" query
    heading = text | quoted
    asked   = expression | category | "=" query

`search_parser` has the grammar of an expression, docs/keywords.md both with examples.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from daily_papers.errors import InputError
from daily_papers.topics.categories import ARCHIVES, CLASSES, category_fault, category_like
from daily_papers.topics.native_query import parse_native
from daily_papers.topics.query_tree import (
    Native,
    Query,
    Search,
    WholeCategory,
    plain,
    print_expression,
)
from daily_papers.topics.search_parser import ARXIV_FIELD, FIELD, Report, parse_search
from daily_papers.topics.user_text import caret, read_user_text, split_lines

KEYWORDS = "keywords.txt"
MAX_LENGTH = 200
"""Characters of a heading, or of a line that is its own heading."""
MAX_LINE = 1000
"""Characters of a line."""
MAX_FILE = 250_000
"""Characters of the file."""
# Bytes. A file's name may have 255, with its extension.
MAX_SLUG = 200
_INVISIBLE = ("Cc", "Cf", "Cs", "Co")
# Persian and several scripts of India join or part letters with them.
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Topic:
    """One line of keywords.txt."""

    name: str
    """The heading."""
    line: int
    """The line's number, from 1."""
    written: Query | None = None
    """What it asks for; None if that is the heading itself, as plain words."""
    group: str = ""
    """The heading in brackets above it, if any."""

    @property
    def query(self) -> Query:
        """What it asks for."""
        return self.written or plain(self.name)

    @property
    def slug(self) -> str:
        """The name of its page."""
        return slugify(self.name)

    def categories(self, default: Sequence[str]) -> tuple[str, ...]:
        """Return the patterns of the categories to search, by default those of the settings.

        Empty means all of arXiv, which a query in arXiv's own syntax always searches.
        """
        query = self.query
        if isinstance(query, Search):
            return tuple(default) if query.categories is None else query.categories
        return (query.category,) if isinstance(query, WholeCategory) else ()


def slugify(name: str) -> str:
    """Return `name` as a file name, maybe empty: letters and digits in lower case, and hyphens."""
    folded = re.sub(f"[{_JOINERS}]", "", unicodedata.normalize("NFKC", name).casefold())
    # Marks too: in many scripts a vowel is one.
    kept = (one if unicodedata.category(one)[0] in "LMN" else "-" for one in folded)
    return re.sub(r"-+", "-", "".join(kept)).strip("-")


def parse_keywords(text: str, source: str = KEYWORDS) -> tuple[Topic, ...]:
    """Parse the text of a keywords.txt named `source`. Raises InputError with all errors."""
    topics: dict[str, Topic] = {}
    problems: list[str] = []
    group = ""
    for number, raw in enumerate(split_lines(text), start=1):
        line = _Line(raw, number)
        named = line.group()
        topic = line.topic() if named is None else None
        if named is not None:
            group = named
        elif topic is not None and topic.slug in topics:
            line.fault(line.begin, _collision(topic, topics[topic.slug]))
        elif topic is not None:
            topics[topic.slug] = replace(topic, group=group)
        problems += line.problems(source)
    if not topics and not problems:
        advice = "there is no topic; write one a line, for example: Video Understanding"
        problems.append(f"{source}:1: {advice}")
    if problems:
        raise InputError(problems)
    return tuple(topics.values())


def _collision(topic: Topic, other: Topic) -> str:
    first, second = (re.split(r"[\s_-]+", one.name.casefold()) for one in (topic, other))
    both_plain = topic.written is None and other.written is None
    if topic.query == other.query or (both_plain and first == second):
        return f"'{topic.name}' is the same topic as line {other.line}; delete one of the two lines"
    return (
        f"'{topic.name}' would have the same page as line {other.line}, {topic.slug}.md; "
        "give one of the two a heading of its own, as in Heading: words"
    )


class _Line:
    """Parses one line and collects its errors in `faults`."""

    def __init__(self, raw: str, number: int) -> None:
        self._raw = raw
        self._number = number
        self.faults: dict[int, str] = {}
        # A '#' inside a word (C#) is part of it.
        comment = re.search(r"(?:^|(?<=\s))#", raw)
        self._text = (raw[: comment.start()] if comment else raw).rstrip()
        self.begin = len(self._text) - len(self._text.lstrip())

    def fault(self, place: int, message: str) -> None:
        """Add an error at a place of the line, from 0, unless there is one already."""
        self.faults.setdefault(place, message)

    def problems(self, source: str) -> list[str]:
        """Return the errors in order, each with the line and a caret below the place."""
        return [
            f"{source}:{self._number}:{place + 1}: {message}\n{caret(self._raw, place)}"
            for place, message in sorted(self.faults.items())
        ]

    def group(self) -> str | None:
        """Return the name in brackets, if that is all of the line: a group's, of topics below it.

        Categories are no name: words before them are missing.
        """
        match = _GROUP.fullmatch(self._text)
        if match is None or self._invisible() is not None:
            return None
        name = " ".join(match[1].split())
        has_categories = any(_is_category(part.strip()) for part in name.split(","))
        is_name = bool(slugify(name)) and len(name) <= MAX_LENGTH and not has_categories
        return name if is_name else None

    def topic(self) -> Topic | None:
        """Parse the line; None if it has no topic, or an error."""
        length = len(self._text) - self.begin
        if not length:
            return None
        if (place := self._invisible()) is not None:
            self.fault(place, "it has an invisible control character; type the line again")
            return None
        if length > MAX_LINE:
            self.fault(self.begin, f"it is {length} characters long; use at most {MAX_LINE}")
            return None
        if re.match(r"\s*https?://", self._text):
            self.fault(self.begin, "this is an address; write words to search for")
            return None
        if _PAPER.fullmatch(self._text):
            advice = "write words to search for, and papers of your own into seeds.txt"
            self.fault(self.begin, f"this is a paper's identifier; {advice}")
            return None
        topic = self._topic()
        if topic is not None and not self.faults:
            self._check_name(topic)
        return None if self.faults else topic

    def _invisible(self) -> int | None:
        """Return the place of the first character that no editor shows, but joiners of a script."""
        heading = range(1, self._colon())
        for place, character in enumerate(self._text):
            if unicodedata.category(character) in _INVISIBLE and not character.isspace():
                around = self._text[place - 1 : place] + self._text[place + 1 : place + 2]
                is_between = len(around) > 1 and not re.search(r"[\x00-\x7f]", around)
                if character not in _JOINERS or place not in heading or not is_between:
                    return place
        return None

    def _topic(self) -> Topic | None:
        colon = self._colon()
        if self._text[self.begin] == "=":
            native = self._native(self.begin)
            return Topic(_unquoted(native.text), self._number, native) if native else None
        if colon < 0:
            return self._without_heading()
        end, categories = self._categories(colon)
        name = self._heading(end, colon)
        start = len(self._text) - len(self._text[colon + 1 :].lstrip())
        asked = self._text[start:]
        if not asked:
            self.fault(colon, "nothing follows the heading; write the words to search for after it")
            return None
        query: Query | None
        if asked.startswith("="):
            query = self._native(start)
        elif _is_category(asked):
            query = self._whole_category(start)
        else:
            query = self._search(start, len(self._text), has_heading=True)
        if categories is not None and isinstance(query, Search):
            query = replace(query, categories=categories)
        elif isinstance(query, Search) and _is_only_categories(self._text[self.begin : end]):
            where = f"{name}.*" if name in ARCHIVES else name
            self.fault(
                self.begin,
                f"{name} is only a heading here; to search in it, write it in brackets after a "
                f"heading, as in Heading [{where}]: words; else put it into quotation marks",
            )
        elif categories is not None and query is not None:
            advice = "categories in brackets apply to words only; delete them from this line"
            self.fault(end, advice)
        return self._named(name, query) if query else None

    def _without_heading(self) -> Topic | None:
        begin = self.begin
        end, categories = self._categories(len(self._text))
        asked = self._text[begin:end].strip()
        if not asked:
            self.fault(begin, "there are only categories; write a heading or words before them")
            return None
        if categories is None and _is_category(asked):
            category = self._whole_category(begin)
            return Topic(asked, self._number, category) if category else None
        if _is_archive(asked):
            self.fault(begin, category_fault(asked) or "")
        search = self._search(begin, end, has_heading=False)
        if search is None:
            return None
        # An exclusion that is added later does not change the heading.
        name = _unquoted(print_expression(search.expression))
        return self._named(name, replace(search, categories=categories))

    def _named(self, name: str, query: Query) -> Topic:
        return Topic(name, self._number, None if query == plain(name) else query)

    def _search(self, start: int, end: int, *, has_heading: bool) -> Search | None:
        text = self._text[start:end]
        if several := _several_categories(text):
            native = " OR ".join(f"cat:{one}" for one in several)
            self.fault(
                start,
                "these are several categories; for all their papers, write each alone on a line, "
                f"or Heading: = {native}",
            )
            return None
        return parse_search(text, self._report_from(start), has_heading=has_heading)

    def _report_from(self, start: int) -> Report:
        """Return a function that reports an error at a place counted from `start`."""
        return lambda place, message: self.fault(start + place, message)

    def _colon(self) -> int:
        """Return the place of the colon after the heading; -1 if the line has no heading."""
        for match in re.finditer(r'"[^"]*"?|:', self._text):
            if match[0] == ":":
                return -1 if _ends_with_field(self._text[: match.end()]) else match.start()
        return -1

    def _categories(self, end: int) -> tuple[int, tuple[str, ...] | None]:
        """Return the place and categories of the brackets before `end`, or `end` and None."""
        match = re.search(r"\[([^\[\]\"]*)\]\s*$", self._text[:end])
        if match is None:
            return end, None
        found: dict[str, None] = {}
        for part in re.finditer(r"[^,\s](?:[^,]*[^,\s])?", match[1]):
            fault = category_fault(part[0])
            if fault and not any(map(category_fault, part[0].split())):
                fault = f"write commas between categories: [{', '.join(part[0].split())}]"
            if fault:
                self.fault(match.start(1) + part.start(), fault)
            found[part[0]] = None
        if not found:
            self.fault(match.start(), "these brackets are empty; write categories, or delete them")
        elif not all(map(str.strip, match[1].split(","))):
            advice = "write it, or delete the comma"
            self.fault(match.start(1), f"a category is missing beside a comma; {advice}")
        return match.start(), tuple(found)

    def _heading(self, end: int, colon: int) -> str:
        text = self._text[self.begin : end].strip()
        if not text:
            self.fault(colon, "the heading is missing before the colon; write one")
        if quoted := re.fullmatch(r'"([^"]*)"', text):
            return " ".join(quoted[1].split())
        if field := _LAST_FIELD.search(self._text[:end]):
            self.fault(
                field.start(1),
                f"'{field[1]}:' may be meant as a field: write & before it; an exclusion has no "
                "field. If it ends the heading, put the heading into quotation marks",
            )
        for refused in set(text).intersection('"[]'):
            advice = "" if refused == '"' else ", or put the whole heading into quotation marks"
            place = self._text.index(refused, self.begin)
            self.fault(place, f"a heading cannot contain {refused} ; delete it{advice}")
        return " ".join(text.split())

    def _whole_category(self, place: int) -> WholeCategory | None:
        name = self._text[place:]
        if fault := category_fault(name):
            self.fault(place, fault)
        return None if fault else WholeCategory(name)

    def _native(self, place: int) -> Native | None:
        """Parse a query in arXiv's own syntax, from its = on."""
        return parse_native(self._text[place + 1 :], self._report_from(place + 1))

    def _check_name(self, topic: Topic) -> None:
        name, slug = topic.name, topic.slug
        if not slug:
            fault = f"'{name}' has no letter or digit for the name of its page; write a heading"
        elif len(name) > MAX_LENGTH:
            what = "it" if topic.written is None else "its heading"
            fault = f"{what} is {len(name)} characters long; use at most {MAX_LENGTH}"
        elif len(slug.encode()) > MAX_SLUG:
            advice = "give it a heading" if topic.written is None else "make the heading shorter"
            fault = f"its page's name would be longer than {MAX_SLUG} bytes; {advice}"
        else:
            return
        self.fault(self.begin, fault)


def _is_category(text: str) -> bool:
    return text in CLASSES or category_like(text)


def _is_only_categories(text: str) -> bool:
    bare = text.strip()
    return _is_category(bare) or _is_archive(bare) or bool(_several_categories(text))


def _is_archive(text: str) -> bool:
    # With a hyphen no archive is an English word.
    return text in ARCHIVES and "-" in text


def _several_categories(text: str) -> list[str]:
    """Return the categories of a text that only lists some, however they are separated."""
    parts = re.split(r"(?:[\s,;|&+\u3001\uff0c\uff1b]|\b(?:AND|OR)\b)+", text.strip())
    return parts if len(parts) > 1 and all(map(_is_category, parts)) else []


_PAPER = re.compile(r"\s*(?:arXiv:\s*)?\d{4}\.\d{4,5}(?:v\d+)?", re.IGNORECASE)
_GROUP = re.compile(r"\s*\[([^\[\]\"]*)\]\s*")

_LAST_FIELD = re.compile(r"(?:\S\s+|^\s*-)(-?(?:title|abstract|author))\s*$", re.IGNORECASE)
"""A field after other words, or one with a minus."""


_BEFORE_FIELD = re.compile(r"[|&()=\uff1d]|\b(?:AND|OR|NOT|ANDNOT)\b")


def _ends_with_field(text: str) -> bool:
    """Return whether a text up to a colon ends with a field instead of being a heading."""
    last = _BEFORE_FIELD.split(text)[-1].strip()
    return bool(FIELD.fullmatch(last) or ARXIV_FIELD.fullmatch(last))


def _unquoted(text: str) -> str:
    # With a space before it, the # would begin a comment in a line with this heading.
    return " ".join(text.replace('"', "").split()).replace(" #", "#")


def read_keywords(root: Path) -> tuple[Topic, ...]:
    """Read `root`/keywords.txt. Raises InputError with all errors."""
    try:
        text = read_user_text(root, KEYWORDS)
    except FileNotFoundError:
        message = f"the file is missing from {root}; create it with one topic a line"
        raise InputError([f"{KEYWORDS}:1: {message}"]) from None
    if len(text) > MAX_FILE:
        message = f"it has {len(text):,} characters; use at most {MAX_FILE:,}"
        raise InputError([f"{KEYWORDS}:1: {message}"])
    return parse_keywords(text)
