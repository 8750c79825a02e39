"""Find the numbers and names that a translation has and its English source does not have."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from daily_papers.data import load
from daily_papers.llm.check_language import LANGUAGES, without_formulas

_TABLES = load("llm_number_words")
_SCALES = {
    word: int(factor) for factor, words in _TABLES["scales"].items() for word in words.split()
}
_SCALED = re.compile(
    r"(\d+(?:[.,]\d+)*)"
    rf"(?:\s*-?\s*({'|'.join(sorted(_SCALES, key=len, reverse=True))})(?![A-Za-z]))?",
    re.IGNORECASE,
)
_COUNTING = {
    name: {
        word: one["from"] + one["step"] * index for index, word in enumerate(one["words"].split())
    }
    for name, one in _TABLES["counting"].items()
}
# The numbers that a translation may have for an English word.
_SPELT: dict[str, Sequence[int]] = {
    word: (number,) for words in _COUNTING.values() for word, number in words.items()
} | {word: numbers for words, numbers in _TABLES["others"].items() for word in words.split()}
_DECADE = re.compile(r"\b(\d\d)(\d0)'?s\b")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?")

_SIMPLE = _COUNTING["ones"] | _COUNTING["tens"]
_MULTIPLIERS = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_WORD = "|".join([*sorted(_SIMPLE, key=len, reverse=True), *_MULTIPLIERS])
_PHRASE = re.compile(rf"\b(?:{_WORD})(?:[- ](?:and )?(?:{_WORD})\b)+")
_HALF = re.compile(r"\bhalf (?:an? )?(hundred|thousand|million|billion)\b")

# With a measure word it is a number, not part of another word.
_HAN_NUMBER = re.compile(
    r"(?<![\d第百千万亿几数之])(?<!\d )"
    r"([一二三四五六七八九十百千两兩][零一二三四五六七八九十百千万亿萬億]*)(?:余|多)?"
    r"(?:个(?!月)|種|种|项|項|倍|篇|张|張|幅|层|層|类|類|条|條|名|位|组|組|套|款|個)"
)
# Numbers of two digits need none. Years are left out: two decades are 二十年.
_HAN_TENS = re.compile(
    r"(?<![\d第零一二三四五六七八九十百千万亿几数之点點分两兩])(?<!\d )"
    r"([二三四五六七八九]?十[一二三四五六七八九]|[二三四五六七八九]十)"
    r"(?![零一二三四五六七八九十百千万亿萬億点點年几分])"
)
_LEAST_HAN = 3
"""Smaller numbers in Chinese characters are words more often than numbers."""


def invented_number(text: str, source: str) -> str:
    """Return the first number of `text` that is not in `source`, in digits or in words."""
    plain, scaled = _numbers_of(source)
    for match in _SCALED.finditer(text):
        values, scale = _values(match[1]), _scale(match)
        if {(value * scale).normalize() for value in values} & scaled:
            continue
        if scale > 1 or not values & plain:
            return match[0].strip()
    for match in (*_HAN_NUMBER.finditer(text), *_HAN_TENS.finditer(text)):
        number = _han(match[1])
        if number >= _LEAST_HAN and Decimal(number).normalize() not in plain | scaled:
            return match[0]
    return ""


def _numbers_of(source: str) -> tuple[set[Decimal], set[Decimal]]:
    """Return the numbers of a source as they are written, and multiplied by their scales."""
    lowered = source.lower()
    plain: set[Decimal] = set()
    scaled: set[Decimal] = set()
    for match in _SCALED.finditer(source):
        values, scale = _values(match[1]), _scale(match)
        plain |= values
        scaled |= {(value * scale).normalize() for value in values}
    words = {number for word in re.findall(r"[a-z]+", lowered) for number in _SPELT.get(word, ())}
    words |= {_spelt_out(re.split(r"[-\s]+", match[0])) for match in _PHRASE.finditer(lowered)}
    words |= {_MULTIPLIERS[word] // 2 for word in _HALF.findall(lowered)}
    for century, decade in _DECADE.findall(source):
        words |= {int(century) + 1, int(decade)}
    spelt = {Decimal(number).normalize() for number in words}
    return plain | spelt, scaled | spelt


def _values(text: str) -> set[Decimal]:
    """Return the possible values of digits: comma and point group by threes or are decimal."""
    found = {text.replace(",", ".")} if len(re.findall(r"[.,]", text)) <= 1 else set()
    if _GROUPED.fullmatch(text):
        mark = text.lstrip("0123456789")[0]
        found.add(text.replace(mark, "").replace(",", "."))
    # Versions and dates have several points: each part counts.
    return {Decimal(one).normalize() for one in found or re.findall(r"\d+", text)}


def _scale(match: re.Match[str]) -> int:
    return _SCALES.get((match[2] or "").lower(), 1)


def _spelt_out(words: Sequence[str]) -> int:
    """Return the number of English words such as twenty-five or twelve thousand."""
    total = part = 0
    for word in words:
        if word in _SIMPLE:
            part += _SIMPLE[word]
        elif word == "hundred":
            part = max(1, part) * 100
        elif word in _MULTIPLIERS:
            total += max(1, part) * _MULTIPLIERS[word]
            part = 0
    return total + part


def _han(text: str) -> int:
    """Return the number of Chinese characters such as 一万二千; 两 has no value in Unicode."""
    total = section = digit = 0
    for value in (int(unicodedata.numeric(sign, 2)) for sign in text):
        if value < 10:  # noqa: PLR2004 - a digit
            digit = value
        elif value < 10_000:  # noqa: PLR2004 - 十, 百 or 千
            section += (digit or 1) * value
            digit = 0
        else:
            total = (total + section + digit or 1) * value
            section = digit = 0
    return total + section + digit


# Units and marks that a translation may abbreviate.
_UNITS = "km cm mm nm ms kg hz khz mhz ghz kb gb mb tb db et al vs ai pdf url id"
_USUAL = frozenset(_UNITS.split())
_LATIN_WORD = re.compile(r"(?<!\\)\b[A-Za-z][A-Za-z0-9]+")
_MIXED = re.compile(r"[a-z][A-Z]|[A-Za-z]\d")
_PARTICLES = "a an the of and for in with to on by from"
_LITTLE = frozenset(_PARTICLES.split())
_SHORTEST_STEM = 3
_LONGEST_ENDING = 3


def invented_name(text: str, source: str, code: str) -> str:
    """Return the first name of `text`, in the language `code`, that is not in `source`.

    In a script of its own, every word in Latin letters counts as a name. In a language of Latin
    letters only those do that mix capitals or digits into their letters. An acronym may be made of
    the initials of the source's words.
    """
    all_words = re.findall(r"[A-Za-z0-9]+", source)
    known = {word.lower() for word in all_words}
    initials = "".join(word[0] for word in all_words).lower()
    short = "".join(word[0] for word in all_words if word.lower() not in _LITTLE).lower()
    latin = "Latin" in LANGUAGES[code].scripts
    for word in _LATIN_WORD.findall(without_formulas(text)):
        lowered = word.lower()
        if latin and not _MIXED.search(word):
            continue
        if lowered in known or lowered in _USUAL or _has_stem_of(lowered, known):
            continue
        acronym = lowered.removesuffix("s")
        if word[:2].isupper() and (acronym in initials or acronym in short):
            continue
        return str(word)
    return ""


def _has_stem_of(word: str, known: set[str]) -> bool:
    return any(
        min(len(word), len(other)) >= _SHORTEST_STEM
        and abs(len(word) - len(other)) <= _LONGEST_ENDING
        and (word.startswith(other) or other.startswith(word))
        for other in known
    )
