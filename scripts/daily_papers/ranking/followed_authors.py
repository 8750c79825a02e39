"""Read authors.txt, and find the papers of the authors in it by their names.

A name is all that arXiv tells of an author: several people may share it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from daily_papers.errors import InputError
from daily_papers.store.paper import Paper
from daily_papers.topics.user_text import caret, read_user_text, split_lines
from daily_papers.topics.words_and_stems import unaccented

AUTHORS = "authors.txt"
MAX_NAME = 100
"""Characters of a name."""


# Müller is also written Mueller.
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))
_PUNCTUATION = re.compile("[.,;-]+")


class FollowedAuthors:
    """The names of authors.txt."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = tuple(dict.fromkeys(names))
        self._by_family: dict[str, list[tuple[str, list[str]]]] = {}
        for name in self.names:
            for given, family in _spellings(name):
                self._by_family.setdefault(family, []).append((name, given))

    def of(self, paper: Paper) -> tuple[str, ...]:
        """Return the followed names that a paper has among its authors, as authors.txt has them."""
        if not self.names:
            return ()
        found = {name for author in paper.names for name in self._matches(author)}
        return tuple(name for name in self.names if name in found)

    def _matches(self, author: str) -> Iterator[str]:
        for given, family in _spellings(author):
            # Some write the family name first, without a comma.
            turned = [([*given[1:], family], given[0])] if given and "," not in author else []
            for other, last in [(given, family), *turned]:
                for name, wanted in self._by_family.get(last, ()):
                    if _is_same_given(wanted, other):
                        yield name


def _spellings(name: str) -> list[tuple[list[str], str]]:
    """Return the given names, and the last word of the family name, in each usual spelling."""
    composed = unicodedata.normalize("NFC", name)
    return [_parts(one) for one in dict.fromkeys((composed, composed.translate(_UMLAUTS)))]


def _parts(name: str) -> tuple[list[str], str]:
    family, _, given = name.partition(",")
    words = _PUNCTUATION.sub(" ", unaccented(f"{given} {family}")).split()
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words.pop()
    return words[:-1], words[-1] if words else ""


def _is_same_given(wanted: list[str], other: list[str]) -> bool:
    """Whether given names are the same but for initials and for names that one leaves out.

    Both must have a first name, if one has: `Hinton` alone is nobody's variant.
    """
    if "".join(wanted) == "".join(other):
        return True
    if not wanted or not other:
        return False
    short, long = sorted((wanted, other), key=len)
    if not _is_same_word(short[0], long[0]):
        return False
    rest = iter(long[1:])
    return all(any(_is_same_word(one, two) for two in rest) for one in short[1:])


def _is_same_word(one: str, other: str) -> bool:
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    return one == other


def read_authors(root: Path) -> FollowedAuthors:
    """Read the file, which need not exist. Raises InputError with all errors."""
    try:
        text = read_user_text(root, AUTHORS)
    except FileNotFoundError:
        return FollowedAuthors()
    names: list[str] = []
    problems: list[str] = []
    for number, raw in enumerate(split_lines(text), start=1):
        name = " ".join(re.sub(r"(?:^|(?<=\s))#.*", "", raw).split())
        fault = _fault(name) if name else ""
        if fault:
            place = len(raw) - len(raw.lstrip())
            problems.append(f"{AUTHORS}:{number}:{place + 1}: {fault}\n{caret(raw, place)}")
        elif name:
            names.append(name)
    if problems:
        raise InputError(problems)
    return FollowedAuthors(names)


def _fault(name: str) -> str:
    given, family = _parts(name)
    if not re.search(r"[^\W\d_]", family):
        return "this is no name; write one as arXiv does, such as Ada Lovelace"
    if name.startswith(("-", "[")) or ":" in name or ";" in name:
        return "this file has only names, one a line, such as Ada Lovelace"
    if name.count(",") > 2:  # noqa: PLR2004 - King, Martin Luther, Jr.
        return "these are several names; write one a line"
    if not name.isprintable():
        return "it has an invisible control character; type the line again"
    if not given:
        return (
            "this is one word, which too many names have; write the given name or its initial too"
        )
    return (
        f"it is {len(name)} characters long; use at most {MAX_NAME}" if len(name) > MAX_NAME else ""
    )
