"""Write the tables with which the browser splits text into stems: tables.js, for words.js."""

import functools
import json
import re
import sys
from collections.abc import Iterator

import regex

from daily_papers.topics.words_and_stems import (
    DROPPED_SIGNS,
    FOLDED_LETTERS,
    POSSESSIVES,
    STOP_WORDS,
    WORD_PATTERN,
)

_PROPERTY = re.compile(r"\\p\{[^}]+\}")
# JavaScript has no possessive quantifiers. The pattern finds the same without: in no place would
# it match less for the sake of what follows.
_POSSESSIVE = re.compile(r"(?<=[+*?])\+")
_ASCII = 0x80


@functools.cache
def browser_tables() -> str:
    """Return a module of JavaScript with the word pattern, its classes, and the lists of signs.

    A browser knows other properties of characters than the package regex, and an older or newer
    Unicode. So the classes are written out.
    """
    characters = "".join(map(chr, range(sys.maxunicode + 1)))
    names = sorted(set(_PROPERTY.findall(WORD_PATTERN)))
    classes = {name: list(_ranges(name, characters)) for name in names}
    tables = {
        "pattern": _POSSESSIVE.sub("", WORD_PATTERN),
        "classes": {name: _written(ranges) for name, ranges in classes.items()},
        "asciiClasses": {
            name: _written([(first, last) for first, last in ranges if last < _ASCII])
            for name, ranges in classes.items()
        },
        "possessives": POSSESSIVES,
        "stopWords": sorted(STOP_WORDS),
        "foldedLetters": FOLDED_LETTERS,
        "droppedSigns": DROPPED_SIGNS,
    }
    return f"export default {json.dumps(tables, indent=0)};\n"


def _ranges(name: str, characters: str) -> Iterator[tuple[int, int]]:
    """Yield the first and the last code point of each run of characters with a property."""
    return (
        (match.start(), match.end() - 1)
        for match in regex.finditer(f"[{name}]+", characters, regex.VERSION1)
    )


def _written(ranges: list[tuple[int, int]]) -> str:
    r"""Return ranges for a class, as in `\u{61}-\u{7a}`."""
    return "".join(
        f"\\u{{{first:x}}}" if first == last else f"\\u{{{first:x}}}-\\u{{{last:x}}}"
        for first, last in ranges
    )
