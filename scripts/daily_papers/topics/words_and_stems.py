"""Split text into words and terms, as arXiv's English analysis does.

Lower case; split at everything but letters and digits; possessive 's removed; stop words removed;
English stemmer: https://lucene.apache.org/core/ (EnglishAnalyzer).
"""

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

from daily_papers.data import load

STOP_WORDS = frozenset(load("stop_words")["english"].split())
"""Words that arXiv's search ignores."""

# A word, and the possessive 's after it.
_WORD = re.compile(r"([^\W_]+)(?:['\u2019\uff07]s\b)*")
_STEMMER = snowballstemmer.stemmer("english")


def words(text: str) -> list[str]:
    """Return the lower-cased words of `text`, stop words included."""
    return _WORD.findall(_composed(text).lower())


def terms(text: str) -> list[str]:
    """Return the stems of the words of `text`, without stop words: what a phrase is compared by."""
    return list(filter(None, map(_term, words(text))))


def located_terms(text: str) -> tuple[str, list[tuple[str, int, int]]]:
    """Return `text` as it can be shown, and its `terms`, each with its start and end in that."""
    shown = _composed(text)
    lowered = shown.lower()
    if len(shown) != len(lowered):
        # A letter that is two in lower case: the places of the two texts differ.
        shown = lowered
    found = ((_term(match[1]), *match.span(1)) for match in _WORD.finditer(lowered))
    return shown, [one for one in found if one[0]]


def name_words(name: str) -> frozenset[str]:
    """Return the words of an author's name without accents, as arXiv compares names."""
    decomposed = unicodedata.normalize("NFKD", name)
    return frozenset(words("".join(one for one in decomposed if not unicodedata.combining(one))))


@lru_cache(maxsize=2**18)
def _term(word: str) -> str:
    """Return the stem of a word; empty for a stop word."""
    return "" if word in STOP_WORDS else str(_STEMMER.stemWord(word))


def _composed(text: str) -> str:
    # Composed, so that an accent is part of its letter however it was typed.
    return unicodedata.normalize("NFC", text)
