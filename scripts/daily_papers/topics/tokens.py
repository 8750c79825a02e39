"""Text to words, as arXiv's English analysis splits it.

Lower-cased, split at all but letters and digits, without a possessive 's; stop words are dropped on
both sides: https://lucene.apache.org/core/ (EnglishAnalyzer).
"""

from __future__ import annotations

import re
import unicodedata

_STOP_WORDS = """
a an and are as at be but by for if in into is it no not of on or such that the their then there
these they this to was will with
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Lucene's English stop words."""

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019\uff07]s\b")
# Nearly all texts are ASCII, which a table splits three times faster than the pattern.
_ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}


def tokens(text: str) -> list[str]:
    """Return the lower-cased words of `text`, stop words included, possessives without their 's."""
    if text.isascii():
        lowered = text.lower()
        if "'s" in lowered:
            lowered = _POSSESSIVE.sub("", lowered)
        return lowered.translate(_ASCII).split()
    return _WORD.findall(_POSSESSIVE.sub("", _composed(text)))


def located(text: str) -> tuple[str, list[tuple[str, int, int]]]:
    """Return `text` as it can be shown, and its `tokens` with their places in that."""
    lowered = _composed(text)
    shown = unicodedata.normalize("NFC", text)
    if len(shown) != len(lowered):
        # A letter that has two in lower case: the places of the two texts differ.
        shown = lowered
    kept = _POSSESSIVE.sub(lambda match: " " * len(match[0]), lowered)
    return shown, [(match[0], *match.span()) for match in _WORD.finditer(kept)]


def fold(text: str) -> str:
    """Return `text` with its letters freed of accents, as arXiv compares names."""
    if text.isascii():
        return text
    return "".join(
        character
        for character in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(character)
    )


def _composed(text: str) -> str:
    # Composed, so that an accent is part of its letter however it was typed.
    return unicodedata.normalize("NFC", text).lower()
