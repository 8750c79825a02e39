"""Split text into words and stems, approximately as Elasticsearch's English analyser does.

Each distinct stem becomes one character. A text becomes a string of such characters, and a
phrase is found by a substring search, which is fast for tens of thousands of papers.
"""

import re
import threading
from fnmatch import fnmatchcase

import snowballstemmer

# Lucene's EnglishAnalyzer.ENGLISH_STOP_WORDS_SET.
_STOP_WORDS = """\
a an and are as at be but by for if in into is it no not of on or such that the their then
there these they this to was will with"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019\uff07]s\b")
# For ASCII text, a translation table is three times faster than the pattern.
_ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}


def words(text: str) -> list[str]:
    """Return the lower-cased words of a text, split at all but letters and digits.

    A possessive `'s` is dropped.
    """
    if "'s" in text or not text.isascii():
        text = _POSSESSIVE.sub("", text)
    return text.translate(_ASCII).split() if text.isascii() else _WORD.findall(text.lower())


class _Letters(dict[str, str]):
    """Map words to the character of their stem, and stop words to nothing; filled on demand."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(STOP_WORDS, ""))
        self._lock = threading.Lock()
        self._stemmer = snowballstemmer.stemmer("english")
        self.stems: dict[str, str] = {}

    def __missing__(self, word: str) -> str:
        # The stemmer is not thread-safe: it stores its current word.
        with self._lock:
            stem = self._stemmer.stemWord(word)
            letter = self.stems.setdefault(stem, chr(len(self.stems) + 1))
            self[word] = letter
            return letter


_letters = _Letters()


def stems(text: str) -> str:
    """Return the stems of a text without stop words, one character each."""
    return "".join(map(_letters.__getitem__, words(text)))


def stems_like(pattern: str) -> frozenset[str]:
    """Return the characters of the known stems that match a pattern with `*` and `?`."""
    known = dict(_letters.stems)
    return frozenset(letter for stem, letter in known.items() if fnmatchcase(stem, pattern))
