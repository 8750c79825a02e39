"""Analyse text as arXiv's Elasticsearch does: its words and stems, and the words of names.

Each distinct stem becomes one character, and a stop word GAP. A text becomes a string of such
characters, and a phrase is found by a substring search, which is fast for tens of thousands of
papers. For the same reason a text is split at blanks, and each distinct piece is analysed once.
"""

import re
import threading
import unicodedata
from fnmatch import fnmatchcase
from functools import lru_cache

from standins.arxiv.porter import stem

GAP = "\0"
# Lucene's EnglishAnalyzer.ENGLISH_STOP_WORDS_SET.
_STOP_WORDS = """\
a an and are as at be but by for if in into is it no not of on or such that the their then
there these they this to was will with"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

# Kinds of characters by https://www.unicode.org/reports/tr29/#Word_Boundaries: those that join
# letters (MidLetter), digits (MidNum), or both (MidNumLet and the apostrophe), ...
_MIDDLE = {
    **dict.fromkeys(":·͵՟״‧︓﹕：", "l"),
    **dict.fromkeys(",;;։،؍٬⁄﹐﹔，；", "n"),
    **dict.fromkeys(".'‘’․﹒＇．", "m"),
}
_JOINED = {"l": "L", "n": "N", "m": "LN"}
# ... and by ranges of code points: katakana, South-East Asian letters, and ideographs (with
# hiragana), of which each is a word.
_RANGES = (
    (0x30A1, 0x30FA, "K"), (0x30FC, 0x30FF, "K"), (0x31F0, 0x31FF, "K"), (0xFF66, 0xFF9D, "K"),
    (0x0E01, 0x0E3A, "S"), (0x0E40, 0x0E4E, "S"), (0x1780, 0x17D3, "S"), (0x1000, 0x103F, "S"),
    (0x3041, 0x3096, "I"), (0x3007, 0x3007, "I"), (0x3400, 0x4DBF, "I"), (0x4E00, 0x9FFF, "I"),
    (0xF900, 0xFAFF, "I"), (0x20000, 0x3FFFF, "I"),
)  # fmt: skip


@lru_cache(maxsize=2**12)
def _kind(character: str) -> str:
    """Return L for a letter, N for a digit, E for a low line, x for what extends any of them."""
    if character in _MIDDLE:
        return _MIDDLE[character]
    code = ord(character)
    for first, last, kind in _RANGES:
        if first <= code <= last:
            return kind
    category = unicodedata.category(character)
    named = {"Nd": "N", "Nl": "L", "Pc": "E", "Cf": "x"}.get(category)
    return named or {"L": "L", "M": "x"}.get(category[0], " ")


def _is_joined(before: str, last: str, kind: str, after: str) -> bool:
    """Return whether `kind` continues the word of `last`; the kinds of four characters in a row."""
    if kind in _JOINED:
        return last == after and last in _JOINED[kind]
    if last in _JOINED:
        return before == kind and kind in _JOINED[last]
    if kind == "E":
        return last in "LNKE"
    if last == "E":
        return kind in "LNK"
    return (last in "LN" and kind in "LN") or last == kind in ("K", "S")


# No other character of ASCII is in a word.
_ASCII = {
    code: chr(code).lower() if chr(code).isalnum() or chr(code) in "_.:,;'" else " "
    for code in range(128)
}


def _pieces(text: str) -> list[str]:
    """Return parts of a text between which no word goes on."""
    return (text.translate(_ASCII) if text.isascii() else text).split()


@lru_cache(maxsize=2**18)
def _tokens(piece: str) -> tuple[str, ...]:
    """Return the lower-cased words of a piece, which is read character by character."""
    if piece.isascii() and piece.isalnum():
        return (piece.lower(),)
    bases: list[str] = []
    for character in piece:
        # One character in lower case, as in Java.
        small = character.lower()[0]
        if _kind(character) != "x":
            bases.append(small)
        elif bases:
            bases[-1] += small
    kinds = [" ", " ", *(_kind(base[0]) for base in bases), " "]
    found = [""]
    for place, base in enumerate(bases):
        if not _is_joined(*kinds[place : place + 4]):
            found.append("")
        found[-1] += base
    return tuple(one for one in found if any(_kind(letter) in "LNKSI" for letter in one))


def words(text: str) -> list[str]:
    """Return the lower-cased words of a text."""
    return [word for piece in _pieces(text) for word in _tokens(piece)]


class _Letters(dict[str, str]):
    """Map a piece of text to the characters of its stems; filled on demand."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self.stems: dict[str, str] = {}

    def __missing__(self, piece: str) -> str:
        with self._lock:
            found = "".join(map(self._letter, _tokens(piece)))
            self[piece] = found
            return found

    def _letter(self, word: str) -> str:
        if word[-2:] in ("'s", "\u2019s", "\uff07s"):
            word = word[:-2]
        if word in STOP_WORDS:
            return GAP
        return self.stems.setdefault(stem(word), chr(len(self.stems) + 1))


_letters = _Letters()


def stems(text: str) -> str:
    """Return the stems of a text, one character each, and GAP for a stop word."""
    return "".join(map(_letters.__getitem__, _pieces(text)))


def stems_like(pattern: str) -> frozenset[str]:
    """Return the characters of the known stems that match a pattern with `*` and `?`."""
    known = dict(_letters.stems)
    return frozenset(letter for stem, letter in known.items() if fnmatchcase(stem, pattern))


def has_phrase(wanted: str, text: str) -> bool:
    """Return whether the stems of a phrase are in a text, with any word in the place of a GAP."""
    if GAP not in wanted:
        return wanted in text
    parts = map(re.escape, wanted.split(GAP))
    return re.search(".".join(parts), text, re.DOTALL) is not None


_LETTERS = {"AE": "ae", "THORN": "th", "ETH": "d", "DOTLESS I": "i", "SCHWA": "a", "ENG": "n"}
_SIGNS = {"\u2019": "'", "\u2018": "'", "\u02bc": "", "\u2010": "-", "\u2013": "-", "`": ""}


@lru_cache(maxsize=2**16)
def name_words(name: str) -> frozenset[str]:
    """Return the words of a name, by the index's analyzer `author_folding`.

    https://github.com/arXiv/arxiv-search/blob/develop/mappings/DocumentMapping.json
    """
    return frozenset(map(_folded, re.sub("[.,;]", "", name).split()))


def _folded(word: str) -> str:
    letters = "".join(map(_plain_letter, unicodedata.normalize("NFC", word).lower()))
    # ae, oe, ue are ä, ö, ü, which are a, o, u; but not the ue in queue.
    german = "".join(
        letter
        for place, letter in enumerate(letters)
        if letter != "e"
        or not re.search("[ao]$|(^|[^aeiouqy])u$", letters[max(place - 2, 0) : place])
    )
    return re.sub("a[aeo]|o[eo]", lambda match: match[0][0], german)


@lru_cache(maxsize=2**12)
def _plain_letter(letter: str) -> str:
    """Return a letter without accents, by its name in Unicode."""
    if letter in _SIGNS:
        return _SIGNS[letter]
    if unicodedata.combining(letter):
        return ""
    name = unicodedata.name(letter, "").partition(" WITH ")[0]
    if not name.startswith("LATIN SMALL "):
        return letter
    base = name.removeprefix("LATIN SMALL LETTER ").removeprefix("LATIN SMALL LIGATURE ")
    return _LETTERS.get(base, "ss" if base == "SHARP S" else base.lower())
