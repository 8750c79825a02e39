"""keywords.txt to topics: one a line, every fault of the file found at once.

    line    = topic | topic "#" comment
    topic   = heading [categories] ":" asked | expression [categories] | category | "=" query
    heading = text | quoted
    asked   = expression | category | "=" query

`expressions` has what an expression is, docs/keywords.md both with examples.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from daily_papers.errors import InputError
from daily_papers.topics.categories import ARCHIVES, CLASSES, category_fault, category_like
from daily_papers.topics.query_language import (
    FIELD,
    RESERVED,
    SYNTAX,
    Field,
    Native,
    Phrase,
    Query,
    Search,
    WholeCategory,
    has_exclusion,
    parse_expression,
    phrase_fault,
    plain,
    print_exclusion,
    print_search,
)

KEYWORDS = "keywords.txt"
MAX_LENGTH = 200
"""Characters of a heading, which may be the line itself."""
MAX_LINE = 1000
"""Characters of a line."""
# Bytes; with its ending, a file's name may have 255.
MAX_SLUG = 200
# Columns of a line that are shown before and after a fault.
_SHOWN = 60
_INVISIBLE = ("Cc", "Cf", "Cs", "Co")
_NATIVE_OPERATORS = ("AND", "OR", "ANDNOT", "NOT")


@dataclass(frozen=True, slots=True)
class Topic:
    """One line of keywords.txt."""

    name: str
    """The heading."""
    line: int
    """The line's number, from 1."""
    written: Query | None = None
    """What it asks for; None if that is the heading itself, as plain words."""

    @property
    def query(self) -> Query:
        """What it asks for."""
        return self.written or plain(self.name)

    @property
    def slug(self) -> str:
        """The name of its page: lower case, everything but letters and digits a hyphen."""
        return slugify(self.name)

    def categories(self, default: Sequence[str]) -> tuple[str, ...]:
        """Return where its papers are, as patterns, none for all of arXiv.

        `default` is what the settings say. Of a query in arXiv's own syntax this is unknown, and
        all of arXiv.
        """
        match self.query:
            case Search(categories=None):
                return tuple(default)
            case Search(categories=own):
                return own or ()
            case WholeCategory(category):
                return (category,)
            case Native():
                return ()


def slugify(name: str) -> str:
    """Return `name` as the name of a file that explains itself; empty if nothing is left."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    # Marks too: in many scripts a vowel is one.
    kept = (one if unicodedata.category(one)[0] in "LMN" else "-" for one in folded)
    return re.sub(r"-+", "-", "".join(kept)).strip("-")


def parse_keywords(text: str, source: str = KEYWORDS) -> tuple[Topic, ...]:
    """Return the topics of a keywords.txt in its order. Raises InputError with every fault.

    `source` is what the faults call the text.
    """
    topics: list[Topic] = []
    problems: list[str] = []
    taken: dict[str, Topic] = {}
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = _Line(raw, number, source)
        topic = line.topic()
        if topic is not None and topic.slug in taken:
            line.fault(line.begin, _collision(topic, taken[topic.slug]))
        problems += line.problems()
        if topic is None or line.faults:
            continue
        taken[topic.slug] = topic
        topics.append(topic)
    if not topics and not problems:
        problems.append(
            f"{source}:1: there is no topic; write one a line, for example: Video Understanding"
        )
    if problems:
        raise InputError(problems)
    return tuple(topics)


def _words(name: str) -> list[str]:
    return re.split(r"[\s_-]+", name.casefold())


def _collision(topic: Topic, other: Topic) -> str:
    is_plain = topic.written is None and other.written is None
    if topic.query == other.query or (is_plain and _words(topic.name) == _words(other.name)):
        return f"'{topic.name}' is the same topic as line {other.line}; delete one of the two lines"
    return (
        f"'{topic.name}' would have the same page as line {other.line}, {topic.slug}.md; "
        "give one of the two another heading, as in Heading: words"
    )


class _Line:
    """Reads one line; `faults` fills on the way."""

    def __init__(self, raw: str, number: int, source: str) -> None:
        self._raw = raw
        self._number = number
        self._source = source
        self.faults: dict[int, str] = {}
        # A '#' inside a word (C#) is part of it.
        comment = re.search(r"(?:^|(?<=\s))#", raw)
        self._text = (raw[: comment.start()] if comment else raw).rstrip()
        self.begin = len(self._text) - len(self._text.lstrip())

    def fault(self, place: int, told: str) -> None:
        """Note what is wrong at a place of the line, from 0, and how to mend it.

        Of several faults at one place the first is the cause.
        """
        self.faults.setdefault(place, told)

    def problems(self) -> list[str]:
        """Return the faults in their order, each with the line and a caret below the place."""
        return [
            f"{self._source}:{self._number}:{place + 1}: {told}\n{_caret(self._raw, place)}"
            for place, told in sorted(self.faults.items())
        ]

    def topic(self) -> Topic | None:
        """Return the line's topic; None if it has none, or a fault."""
        text = self._text
        if not text.strip():
            return None
        for place, character in enumerate(text):
            if unicodedata.category(character) in _INVISIBLE and not character.isspace():
                self.fault(place, "it holds an invisible control character; type the line again")
                return None
        if len(text) - self.begin > MAX_LINE:
            self.fault(
                self.begin,
                f"it is {len(text) - self.begin} characters long; use at most {MAX_LINE}",
            )
            return None
        topic = self._read()
        if topic is None or self.faults:
            return None
        self._judge_name(topic)
        return None if self.faults else topic

    def _read(self) -> Topic | None:
        text = self._text
        if text[self.begin] == "=":
            native = self._native(self.begin)
            return Topic(_unquoted(native.text), self._number, native) if native else None
        colon = self._colon()
        if colon < 0:
            end, categories = self._categories(len(text))
            asked = text[self.begin : end].strip()
            return self._without_heading(asked, end, categories)
        end, categories = self._categories(colon)
        name = self._heading(end, colon)
        start = len(text) - len(text[colon + 1 :].lstrip())
        asked = text[start:]
        if not asked:
            self.fault(colon, "nothing follows the heading; write the words to look for after it")
            return None
        query = self._asked(asked, start, categories)
        if categories is not None and query is not None and not isinstance(query, Search):
            self.fault(
                end, "categories in brackets hold for words only; leave them out of this line"
            )
        if query is None:
            return None
        return Topic(name, self._number, None if query == plain(name) else query)

    def _asked(self, text: str, start: int, categories: tuple[str, ...] | None) -> Query | None:
        """Read what stands after a heading."""
        if text.startswith("="):
            return self._native(start)
        if _is_category(text):
            return self._whole_category(start)
        expression, exclusions, _ = parse_expression(
            text, lambda place, told: self.fault(start + place, told)
        )
        return Search(expression, exclusions, categories) if expression else None

    def _without_heading(
        self, asked: str, end: int, categories: tuple[str, ...] | None
    ) -> Topic | None:
        begin = self.begin
        if not asked:
            self.fault(begin, "there are only categories; write a heading or words before them")
            return None
        if categories is None and _is_category(asked):
            category = self._whole_category(begin)
            return Topic(asked, self._number, category) if category else None
        if _is_plain(asked):
            name = " ".join(asked.split())
            query = plain(name)
            # With a hyphen no archive is an English word.
            is_archive = name in ARCHIVES and "-" in name
            told = category_fault(name) if is_archive else phrase_fault(Phrase(tuple(name.split())))
            if told:
                self.fault(begin, told)
        else:
            expression, exclusions, is_bare_word = parse_expression(
                self._text[begin:end], lambda place, told: self.fault(begin + place, told)
            )
            if expression is None:
                return None
            if is_bare_word and isinstance(expression, Phrase):
                # An exclusion must not make more of a line of one word.
                expression = Phrase(expression.words, Field.BOTH)
            query = Search(expression, exclusions)
            name = _unquoted(print_search(query))
        if categories is not None:
            query = replace(query, categories=categories)
        return Topic(name, self._number, None if query == plain(name) else query)

    def _colon(self) -> int:
        """Return where the colon after the heading is; -1 if the line has no heading."""
        quoted = False
        for place, character in enumerate(self._text):
            if character == '"':
                quoted = not quoted
            elif character == ":" and not quoted:
                return -1 if _ends_with_field(self._text[: place + 1]) else place
        return -1

    def _categories(self, end: int) -> tuple[int, tuple[str, ...] | None]:
        """Return the categories in brackets that end at `end`, and where what is before them ends.

        None are None.
        """
        match = re.search(r"\[([^\[\]\"]*)\]\s*$", self._text[:end])
        if match is None:
            return end, None
        found = []
        for part in re.finditer(r"[^,]+", match[1]):
            name = part[0].strip()
            if not name:
                continue
            told = category_fault(name)
            if told:
                blanks = len(part[0]) - len(part[0].lstrip())
                self.fault(match.start(1) + part.start() + blanks, told)
            found.append(name)
        if not found:
            self.fault(match.start(), "these brackets are empty; write categories, or delete them")
        return match.start(), tuple(dict.fromkeys(found))

    def _heading(self, end: int, colon: int) -> str:
        text = self._text[self.begin : end].strip()
        if not text:
            self.fault(colon, "the heading is missing before the colon; write one")
        quoted = re.fullmatch(r'"([^"]*)"', text)
        if quoted is not None:
            return " ".join(quoted[1].split())
        field = _LAST_FIELD.search(self._text[:end])
        if field is not None:
            self.fault(
                field.start(1),
                f"'{field[1]}:' may be meant as a field: write & before it; an exclusion has no "
                "field. If it ends the heading, put the heading into quotation marks",
            )
        for refused in '"[]':
            place = self._text.find(refused, self.begin, end)
            if place >= 0:
                self.fault(
                    place,
                    f"a heading cannot hold {refused} ; delete it"
                    + (", or put the whole heading into quotation marks" * (refused != '"')),
                )
        return " ".join(text.split())

    def _whole_category(self, place: int) -> WholeCategory | None:
        name = self._text[place:]
        told = category_fault(name)
        if told:
            self.fault(place, told)
            return None
        return WholeCategory(name)

    def _native(self, place: int) -> Native | None:
        start = place + 1
        text = self._text[start:]
        faults = len(self.faults)
        if text.lstrip().startswith("#"):
            self.fault(place, "a query cannot begin with #, which begins a comment; leave it out")
            return None
        if not text.strip():
            self.fault(place, "nothing follows the =; write a query in arXiv's own syntax")
            return None
        opened: list[int] = []
        quote = -1
        for offset, character in enumerate(text, start=start):
            if character == "\\":
                self.fault(offset, "arXiv refuses a backslash; delete it")
            elif character == '"':
                quote = offset if quote < 0 else -1
            elif quote >= 0:
                continue
            elif character == "(":
                opened.append(offset)
            elif character == ")" and opened:
                opened.pop()
            elif character == ")":
                self.fault(offset, "no parenthesis is open here; delete this one")
        if quote >= 0:
            self.fault(quote, "this quotation mark is never closed; write another one at the end")
        for offset in opened:
            self.fault(offset, "this parenthesis is never closed; write ) at its end")
        last = re.search(r"([^\s()]+)[\s)]*$", text)
        if last is not None and last[1] in _NATIVE_OPERATORS:
            self.fault(
                start + last.start(1), f"nothing follows {last[1]}; write it, or delete {last[1]}"
            )
        return Native(" ".join(text.split())) if len(self.faults) == faults else None

    def _judge_name(self, topic: Topic) -> None:
        name = topic.name
        if not slugify(name):
            told = f"'{name}' holds no letter or digit for the name of its page; write a heading"
        elif len(name) > MAX_LENGTH:
            what = "it" if topic.written is None else "its heading"
            told = f"{what} is {len(name)} characters long; use at most {MAX_LENGTH}"
        elif len(slugify(name).encode()) > MAX_SLUG:
            told = f"its page's name would be longer than {MAX_SLUG} bytes; give it a heading"
        else:
            return
        self.fault(self.begin, told)


def _is_category(text: str) -> bool:
    return text in CLASSES or category_like(text)


_LAST_FIELD = re.compile(r"(?:\S\s+|^\s*-)(-?(?:title|abstract|author))\s*$", re.IGNORECASE)
"""A field, or one with a minus, that follows other words."""


def _ends_with_field(text: str) -> bool:
    """Say whether a text up to a colon ends with a field, rather than being a heading."""
    return FIELD.fullmatch(re.split(r"[|&()]", text)[-1].strip()) is not None


def _unquoted(text: str) -> str:
    return " ".join(text.replace('"', "").split())


def _caret(raw: str, place: int) -> str:
    """Return the line, and a caret that stands below a place of it in any terminal."""
    first = max(0, place - _SHOWN)
    shown = raw[first : place + _SHOWN].rstrip()
    before = raw[first:place]
    cut = "…" if first else ""
    line = "".join(map(_visible, shown))
    indent = "".join(map(_blank, before))
    return f"    {cut}{line}\n    {' ' * len(cut)}{indent}^"


def _visible(character: str) -> str:
    if character == "\t" or character.isprintable():
        return character
    return " " if character.isspace() else "\ufffd"


def _blank(character: str) -> str:
    """Return blanks as wide as a character."""
    if character == "\t":
        return character
    if unicodedata.category(character) in ("Mn", "Me"):
        return ""
    return "  " if unicodedata.east_asian_width(character) in "WF" else " "


def _is_plain(text: str) -> bool:
    """Say whether a text is nothing but words."""
    return set(SYNTAX + RESERVED).isdisjoint(text) and not has_exclusion(text)


def print_topic(topic: Topic) -> str:
    """Return a line of keywords.txt that is this topic."""
    heading = topic.name
    if topic.written is None and _is_plain(heading):
        return heading
    if (
        not set(":[]").isdisjoint(heading)
        or heading.startswith(("=", "#"))
        or _ends_with_field(f"{heading}:")
        or _LAST_FIELD.search(heading)
    ):
        heading = f'"{heading}"'
    match topic.query:
        case WholeCategory(category):
            return category if category == topic.name else f"{heading}: {category}"
        case Native(text):
            return f"= {text}" if _unquoted(text) == topic.name else f"{heading}: = {text}"
        case Search() as search:
            within = ""
            if search.categories is not None:
                within = f" [{', '.join(search.categories)}]"
            expression = search.expression
            if isinstance(expression, Phrase) and expression.field is Field.BOTH:
                told = " ".join((expression.text, *map(print_exclusion, search.exclusions)))
                return f"{told}{within}"
            return f"{heading}{within}: {print_search(search)}"


def read_keywords(root: Path) -> tuple[Topic, ...]:
    """Read `root`/keywords.txt. Raises InputError with every fault."""
    path = root / KEYWORDS
    try:
        # Notepad begins a UTF-8 file with a byte order mark.
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(
            [f"{KEYWORDS}:1: the file is missing from {root}; create it with one topic a line"]
        ) from None
    except OSError as error:
        raise InputError([f"{KEYWORDS}:1: it cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        line = len(re.split(rb"\r\n|\r|\n", error.object[: error.start]))
        raise InputError(
            [f"{KEYWORDS}:{line}: it is not UTF-8; save the file with the encoding UTF-8"]
        ) from None
    return parse_keywords(text)
