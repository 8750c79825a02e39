"""keywords.txt to topics: one a line, every fault of the file found at once."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from daily_papers.errors import InputError

KEYWORDS = "keywords.txt"
MAX_LENGTH = 200
# Bytes; with its ending, a file's name may have 255.
MAX_SLUG = 200
# Characters that arXiv's query parser gives a meaning of its own, even inside a phrase.
_RESERVED = '"\\()[]{}|&:='


@dataclass(frozen=True, slots=True)
class Topic:
    """One line of keywords.txt."""

    name: str
    """The heading, as the user wrote it."""
    line: int
    """The line's number, from 1."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the phrase, as separated by blanks."""
        return tuple(self.name.split())

    @property
    def slug(self) -> str:
        """The name of its page: lower case, everything but letters and digits a hyphen."""
        return slugify(self.name)


def slugify(name: str) -> str:
    """Return `name` as the name of a file that explains itself; empty if nothing is left."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    # Marks too: in many scripts a vowel is one.
    kept = (one if unicodedata.category(one)[0] in "LMN" else "-" for one in folded)
    return re.sub(r"-+", "-", "".join(kept)).strip("-")


def parse_keywords(text: str) -> tuple[Topic, ...]:
    """Return the topics of a keywords.txt in its order. Raises InputError with every fault."""
    topics: list[Topic] = []
    problems: list[str] = []
    lines_of: dict[str, int] = {}
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        # A '#' inside a word (C#) is part of it.
        name = " ".join(re.sub(r"(?:^|\s)#.*", "", raw).split())
        if not name:
            continue
        problem = _fault(name)
        slug = slugify(name)
        if problem is None and slug in lines_of:
            problem = (
                f"'{name}' is the same topic as line {lines_of[slug]}; delete one of the two lines"
            )
        if problem is not None:
            problems.append(f"{KEYWORDS}:{number}: {problem}")
            continue
        lines_of[slug] = number
        topics.append(Topic(name=name, line=number))
    if not topics and not problems:
        problems.append(
            f"{KEYWORDS}:1: there is no topic; write one a line, for example: Video Understanding"
        )
    if problems:
        raise InputError(problems)
    return tuple(topics)


def _fault(name: str) -> str | None:
    """Say what is wrong with a topic's line and how to mend it."""
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co") for character in name):
        return "it holds an invisible control character; type the line again"
    reserved = "".join(sorted(set(name) & set(_RESERVED)))
    if reserved:
        return f"'{name}' holds {' '.join(reserved)}; leave only the words to look for"
    if not slugify(name):
        return f"'{name}' holds no word to look for; write the words, or delete the line"
    if name.startswith("-"):
        return f"'{name}' begins with a minus; leave only the words to look for"
    if len(name) > MAX_LENGTH:
        return f"it is {len(name)} characters long; use at most {MAX_LENGTH}"
    if len(slugify(name).encode()) > MAX_SLUG:
        return "it is too long for the name of its page; shorten it"
    return None


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
