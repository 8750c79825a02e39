"""Find the numbers and names that a text has and its English source does not have.

A number counts as the same if its digits other than zero are, in their order: 10,060, 10 060,
1万60 and 1.006 have the same. So no table of what languages call a thousand or a lakh is needed,
but a wrong power of ten is not found. A number with one such digit is not looked for in a
translation, because languages have words for it: fourfold, a pair, half.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable

from daily_papers.data import load
from daily_papers.llm.check_language import LANGUAGES, without_formulas

_TABLES = load("llm_number_words")
_BLANK = "[ \u00a0\u2007\u2009\u202f]"
# Digits, with the marks, the blanks before groups of three and the signs for ten thousand and the
# like that may stand among them.
_NUMBER = re.compile(
    rf"\d+(?:(?:[.,'’٫٬，．]|\{{,\}}|\\[,!])\d+|[千万萬億亿兆천만억조]{_BLANK}?\d+|{_BLANK}\d{{3}}(?!\d))*"
)
# In GPT-4, Qwen2.5 and 2.5-Flash they are part of a name.
_NO_NAME = re.compile(rf"(?<![A-Za-z\d])(?<![A-Za-z]-)(?<!\d[.,])(?![\d.]+-[A-Z]){_NUMBER.pattern}")
_PERCENT = re.compile(r"\s?(?:[%％٪]|[个個]百分|percent|points?\b)")
# Words by their digits other than zero: "hundred" adds none.
_WORDS = {
    word: str(number).replace("0", "")
    for kind, step in (("ones", 1), ("ordinals", 1), ("tens", 10), ("powers", 0), ("halves", 5))
    for number, word in enumerate(_TABLES["counting"][kind].split(), 1)
    for number in (number * step,)
}
_WORD = rf"(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_PHRASE = re.compile(rf"\b{_WORD}(?:[- ](?:and )?(?:an? )?{_WORD})*\b")
_OTHERS = _TABLES["others"]


def invented_number(text: str, source: str, *, own: bool = False) -> str:
    """Return the first number of `text` that is not in `source`, in digits or in words.

    A text in one's `own` words may also round, and tell the difference of two numbers with
    fractions; but its percentages are looked for even if they have one digit.
    """
    known = _known(source)
    for match in _NO_NAME.finditer(text):
        least = 1 if own and _PERCENT.match(text, match.end()) else 2
        whole, *parts = _digits(match[0])
        if not all(
            len(one) < least or one in known or (own and _is_derived(one, match[0], known))
            for one in (parts if parts and whole not in known else [whole])
        ):
            return match[0]
    return ""


def _digits(number: str) -> list[str]:
    """Return the digits other than zero of a number, and of its parts between blanks."""
    parts = re.split(_BLANK, number)
    plain = [
        "".join(str(unicodedata.digit(sign)) for sign in part if sign.isdecimal()) for part in parts
    ]
    return [one.replace("0", "") for one in ("".join(plain), *(plain if len(plain) > 1 else ()))]


def _known(source: str) -> set[str]:
    """Return the digits of all numbers of a source."""
    known = {one for match in _NUMBER.finditer(source) for one in _digits(match[0])}
    for match in _PHRASE.finditer(source.lower()):
        words = [_WORDS[word] for word in re.findall(_WORD, match[0])]
        known |= {*words, "".join(words)}
    for word in set(re.findall(r"[a-z]+", source.lower())) & _OTHERS.keys():
        known |= {*_OTHERS[word].split()}
    return known


def _is_derived(digits: str, number: str, known: Iterable[str]) -> bool:
    """Whether a number is another one rounded, or with a fraction the difference of two."""
    rounded = (one[: len(digits)] for one in known if len(one) > len(digits))
    return any(abs(int(one) - int(digits)) <= 1 for one in rounded) or (
        not number.isdecimal()
        and any(
            str(abs(int(one) - int(other))).replace("0", "") == digits
            for one, other in itertools.combinations(filter(None, known), 2)
        )
    )


_USUAL = frozenset(_TABLES["usual_names"]["words"].split())
"""Units, and names that a translation may have for the words of a field."""
_LATIN_WORD = re.compile(r"(?<![\\A-Za-z0-9])(?![IVX]+\b)[A-Za-z][A-Za-z0-9]+")
_MIXED = re.compile(r"[a-z][A-Z]|[A-Za-z]\d")
_SHORTEST_STEM = 3
_LONGEST_ENDING = 3
_LONGEST_ACRONYM = 8


def invented_name(text: str, source: str, code: str) -> str:
    """Return the first name of `text`, in the language `code`, that is not in `source`.

    In a script of its own, a word in Latin letters with a capital or a digit is a name. In a
    language of Latin letters only those are that mix capitals or digits into their letters. An
    acronym may be made of the source's words: IoU of intersection over union, LoRA of low-rank
    adaptation.
    """
    lowered = source.lower()
    known = frozenset(re.findall(r"[a-z0-9]+", lowered))
    latin = "Latin" in LANGUAGES[code].scripts
    for word in _LATIN_WORD.findall(without_formulas(text)):
        name = word.lower()
        if word.islower() or (latin and not _MIXED.search(word)):
            continue
        if name in known or name in _USUAL or name in lowered or _has_stem_of(name, known):
            continue
        if word != word.capitalize() and _is_acronym(name.removesuffix("s"), lowered):
            continue
        return str(word)
    return ""


def _has_stem_of(word: str, known: frozenset[str]) -> bool:
    return any(
        min(len(word), len(other)) >= _SHORTEST_STEM
        and abs(len(word) - len(other)) <= _LONGEST_ENDING
        and (word.startswith(other) or other.startswith(word))
        for other in known
    )


def _is_acronym(name: str, source: str) -> bool:
    """Whether the letters of a name begin words of the source, one after the other.

    A letter may also follow the one before in its word, and one word may be left out between two.
    """
    if not 1 < len(name) <= _LONGEST_ACRONYM:
        return False
    first, *rest = map(re.escape, name)
    steps = "".join(rf"(?:{one}|[a-z]*[^a-z]{{1,3}}(?:[a-z]+[^a-z]{{1,3}})?{one})" for one in rest)
    return re.search(rf"(?<![a-z]){first}{steps}", source) is not None


_ANCHOR = re.compile(r"[A-Za-z0-9]*[A-Z][A-Z]+[A-Za-z0-9]*|[A-Za-z0-9]*[a-z][A-Z][A-Za-z0-9]*")
_ANCHORS = 4
"""Names and numbers by which a paper is told from others."""


def is_elsewhere(text: str, source: str) -> bool:
    """Whether none of a source's names and numbers are in a text that should be its translation."""
    names = set(map(str.lower, _ANCHOR.findall(without_formulas(source))))
    numbers = {one for match in _NUMBER.finditer(source) for one in _digits(match[0]) if one[1:]}
    lowered = text.lower()
    return (
        len(names) + len(numbers) >= _ANCHORS
        and not any(name in lowered for name in names)
        and not numbers & _known(text)
    )
