"""The numbers and the names that a translation has and its source has not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from daily_papers.llm.languages import LANGUAGES, bare

_SCALED = re.compile(
    r"(\d+(?:[.,]\d+)*)(?:\s*-?\s*(k|m|b|t|thousand|million|billion|trillion|hundred"
    r"|[十百千]?[万萬亿億兆]|[百千]|만|억|조|천|백|tausend|Millionen|Milliarden?|Million|mil|mille"
    r"|millones|millions|milliards|milhões|тыс|млн|млрд|тысяч|миллион\w*|миллиард\w*)"
    r"(?![A-Za-z]))?",
    re.IGNORECASE,
)
_SCALES: dict[str, int] = {
    **dict.fromkeys(("百", "hundred", "백"), 10**2),
    **dict.fromkeys(
        ("k", "thousand", "千", "천", "tausend", "mil", "mille", "тыс", "тысяч"), 10**3
    ),
    **dict.fromkeys(("万", "萬", "만"), 10**4),
    **dict.fromkeys(("百万", "百萬", "m", "million", "millionen", "millones", "millions"), 10**6),
    **dict.fromkeys(("milhões", "млн"), 10**6),
    **dict.fromkeys(("千万", "千萬"), 10**7),
    **dict.fromkeys(("亿", "億", "억"), 10**8),
    **dict.fromkeys(("b", "billion", "milliarden", "milliarde", "milliards", "млрд"), 10**9),
    **dict.fromkeys(("十亿", "十億"), 10**9),
    **dict.fromkeys(("百亿", "百億"), 10**10),
    **dict.fromkeys(("千亿", "千億"), 10**11),
    **dict.fromkeys(("t", "trillion", "兆", "조", "万亿"), 10**12),
}
_ONES = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen twenty
"""
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth"
_MONTHS = """
january february march april may june july august september october november december
"""
_TEN_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
# English words that a translation may give as a number.
_SPELT: dict[str, tuple[int, ...]] = {
    **{word: (number,) for number, word in enumerate(_ONES.split())},
    **{word: (number,) for number, word in enumerate(_ORDINALS.split(), start=1)},
    **{word: (number,) for number, word in enumerate(_MONTHS.split(), start=1)},
    **{word: (10 * number,) for number, word in enumerate(_TEN_WORDS.split(), start=2)},
    **dict.fromkeys(("half", "halves", "halve", "halved", "halving"), (2, 1, 50)),
    **dict.fromkeys(("twice", "double", "doubles", "doubled", "pair", "pairs", "both"), (2,)),
    **dict.fromkeys(("once", "single", "a", "an", "unit"), (1,)),
    **dict.fromkeys(("triple", "thrice", "thirds", "third"), (3,)),
    **dict.fromkeys(("quarter", "quarters"), (4, 25, 1, 75, 3)),
    **dict.fromkeys(("dozen", "dozens"), (12,)),
    **dict.fromkeys(("hundred", "hundreds"), (100,)),
    **dict.fromkeys(("thousand", "thousands"), (1000,)),
    **dict.fromkeys(("million", "millions"), (10**6, 100)),
    **dict.fromkeys(("billion", "billions"), (10**9, 10)),
    **dict.fromkeys(("magnitude", "magnitudes"), (10, 100, 1000)),
    **dict.fromkeys(("decade", "decades"), (10,)),
}
_DECADE = re.compile(r"\b(\d\d)(\d0)'?s\b")


_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?")


def _value(text: str) -> set[Decimal]:
    """Return what digits may mean: a comma or a point groups by threes, or begins the fraction."""
    found = {text.replace(",", ".")} if len(re.findall(r"[.,]", text)) <= 1 else set()
    if _GROUPED.fullmatch(text):
        mark = text.lstrip("0123456789")[0]
        found.add(text.replace(mark, "").replace(",", "."))
    # Versions and dates have several points: each part counts.
    return {Decimal(one).normalize() for one in found or re.findall(r"\d+", text)}


def _scale(match: re.Match[str]) -> int:
    return _SCALES.get((match[2] or "").lower(), 1)


_SIMPLE = {word: values[0] for word, values in _SPELT.items() if word in f"{_ONES}{_TEN_WORDS}"}
_MULTIPLIERS = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_PHRASE = re.compile(
    rf"\b(?:{'|'.join([*sorted(_SIMPLE, key=len, reverse=True), *_MULTIPLIERS])})"
    rf"(?:[- ](?:and )?(?:{'|'.join([*sorted(_SIMPLE, key=len, reverse=True), *_MULTIPLIERS])})\b)+"
)
_HALF = re.compile(r"\bhalf (?:an? )?(hundred|thousand|million|billion)\b")


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


_HAN_DIGITS = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "兩": 2,
}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}
_HAN_SECTIONS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
# With a measure word it is a number, and not a part of another word.
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
_FEW = 3
"""Smaller ones are words more often than numbers."""


def _han(text: str) -> int:
    """Return the number of Chinese characters such as 一万二千."""
    total = section = digit = 0
    for sign in text:
        if sign in _HAN_DIGITS:
            digit = _HAN_DIGITS[sign]
        elif sign in _HAN_UNITS:
            section += (digit or 1) * _HAN_UNITS[sign]
            digit = 0
        else:
            total = (total + section + digit or 1) * _HAN_SECTIONS[sign]
            section = digit = 0
    return total + section + digit


def _known(source: str) -> tuple[set[Decimal], set[Decimal]]:
    """Return the numbers of a source as they stand, and as they are with what multiplies them."""
    lowered = source.lower()
    plain: set[Decimal] = set()
    scaled: set[Decimal] = set()
    for match in _SCALED.finditer(source):
        values, scale = _value(match[1]), _scale(match)
        plain |= values
        scaled |= {(value * scale).normalize() for value in values}
    words = {number for word in re.findall(r"[a-z]+", lowered) for number in _SPELT.get(word, ())}
    words |= {_spelt_out(re.split(r"[-\s]+", match[0])) for match in _PHRASE.finditer(lowered)}
    words |= {_MULTIPLIERS[word] // 2 for word in _HALF.findall(lowered)}
    for century, decade in _DECADE.findall(source):
        words |= {int(century) + 1, int(decade)}
    spelt = {Decimal(number).normalize() for number in words}
    return plain | spelt, scaled | spelt


def invented_number(text: str, source: str) -> str:
    """Return the first number of `text` that `source` has not, in figures or in words."""
    plain, scaled = _known(source)
    for match in _SCALED.finditer(text):
        values, scale = _value(match[1]), _scale(match)
        if {(value * scale).normalize() for value in values} & scaled:
            continue
        if scale > 1 or not values & plain:
            return match[0].strip()
    for match in (*_HAN_NUMBER.finditer(text), *_HAN_TENS.finditer(text)):
        if _han(match[1]) >= _FEW and Decimal(_han(match[1])).normalize() not in plain | scaled:
            return match[0]
    return ""


# Units and marks that a translation may write shorter.
_UNITS = "km cm mm nm ms kg hz khz mhz ghz kb gb mb tb db et al vs ai pdf url id"
_USUAL = frozenset(_UNITS.split())
_LATIN_WORD = re.compile(r"(?<!\\)\b[A-Za-z][A-Za-z0-9]+")
_MIXED = re.compile(r"[a-z][A-Z]|[A-Za-z]\d")
_PARTICLES = "a an the of and for in with to on by from"
_LITTLE = frozenset(_PARTICLES.split())
_SHORTEST_STEM = 3
_LONGEST_ENDING = 3


def invented_name(text: str, source: str, code: str) -> str:
    """Return the first name of `text`, which is in the language `code`, that `source` has not.

    In a script of its own, every word in Latin letters counts as a name. In a language of Latin
    letters only those do that mix capitals or digits into their letters. An acronym may be made of
    the initials of the source's words.
    """
    all_words = re.findall(r"[A-Za-z0-9]+", source)
    known = {word.lower() for word in all_words}
    initials = "".join(word[0] for word in all_words).lower()
    short = "".join(word[0] for word in all_words if word.lower() not in _LITTLE).lower()
    latin = "Latin" in LANGUAGES[code].scripts
    for match in _LATIN_WORD.finditer(bare(text)):
        word = match[0]
        lowered = word.lower()
        if latin and not _MIXED.search(word):
            continue
        if lowered in known or lowered in _USUAL or _same_stem(lowered, known):
            continue
        acronym = lowered.removesuffix("s")
        if word[0].isupper() and word[:2].isupper() and (acronym in initials or acronym in short):
            continue
        return word
    return ""


def _same_stem(word: str, known: set[str]) -> bool:
    for other in known:
        shorter, longer = sorted((word, other), key=len)
        if (
            len(shorter) >= _SHORTEST_STEM
            and len(longer) - len(shorter) <= _LONGEST_ENDING
            and longer.startswith(shorter)
        ):
            return True
    return False
