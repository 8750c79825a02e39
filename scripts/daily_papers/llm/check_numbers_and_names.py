"""Find the numbers and names that a translation has and its English source does not have."""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from daily_papers.data import load
from daily_papers.llm.check_language import LANGUAGES, without_formulas

_TABLES = load("llm_number_words")
_SCALES = {
    word: int(factor) for factor, words in _TABLES["scales"].items() for word in words.split()
}
_SCALE = rf"(?:{'|'.join(sorted(map(re.escape, _SCALES), key=len, reverse=True))})(?![A-Za-z])"
# Groups of three digits with blanks between, or any with commas and points.
_DIGITS = r"(?:\d{1,3}(?:[ '’]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
_SCALED = re.compile(rf"({_DIGITS})((?:[ -]?{_SCALE})*)", re.IGNORECASE)
_COUNTING = {
    name: {
        word.strip("_"): one["from"] + one["step"] * index
        for index, word in enumerate(one["words"].split())
    }
    for name, one in _TABLES["counting"].items()
}
# The numbers that a translation may have for an English word.
_SPELT: dict[str, Sequence[int]] = {
    word: (number,) for words in _COUNTING.values() for word, number in words.items()
} | {word: numbers for words, numbers in _TABLES["others"].items() for word in words.split()}
_MARKS = str.maketrans("٫٬，．", ".,,.")
_DECADE = re.compile(r"\b(\d\d)(\d0)'?s\b")
_POWER = re.compile(r"(?:(\d+(?:\.\d+)?)\W{0,12}(?:times\W{1,3})?)?\b10\^\{?(\d{1,2})")
_FOLD = re.compile(r"\b([a-z]+|\d+)[- ]?folds?\b")
_GROUPED = re.compile(r"\d{1,3}(?:,\d\d)*(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?")

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
_FINGERS = 10
# What makes even a small number a result.
_MEASURE = re.compile(
    r"\s*(?:[%％‰×]|x\b|[个個]百分|倍|points?\b|percent|pp\b|ms\b)", re.IGNORECASE
)
_NAMED = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]*[-.]?\d[\w.-]*|\b[1-4]D\b|\d[\d.]*-[A-Z][a-z]+"
)
_UNSURE = 2
"""Letters of a scale that may also be a unit, such as m and t."""


@dataclass(frozen=True, slots=True)
class _Number:
    """Digits with the scales that follow, such as 1.08 万亿."""

    text: str
    values: frozenset[Decimal]
    """What the digits may mean, without the scales."""
    scale: int
    sure: bool
    """Whether the scale is no unit."""
    counts: bool
    """Whether it is a small whole number that nothing is measured with."""
    groups: frozenset[Decimal]
    """The digits between blanks, if there are any: 10 060 may be two numbers."""

    @property
    def products(self) -> set[Decimal]:
        return {(value * self.scale).normalize() for value in self.values}


def invented_number(text: str, source: str, *, own: bool = False) -> str:
    """Return the first number of `text` that is not in `source`, in digits or in words.

    A text in one's `own` words may also count up to ten, round, tell the difference of two numbers,
    and name what has a number in its name.
    """
    text = _plain_digits(text)
    if own:
        text = _NAMED.sub(" ", text)
    plain, scaled = _numbers_of(_plain_digits(source))
    for run in _runs(text):
        if len(run) > 1 and _sums(run) & scaled:
            continue
        for one in run:
            if one.products & scaled or ((one.scale == 1 or not one.sure) and one.values & plain):
                continue
            if own and (one.counts or _is_derived(one, plain | scaled)):
                continue
            if not one.groups or not one.groups <= plain:
                return one.text.strip()
    for match in (*_HAN_NUMBER.finditer(text), *_HAN_TENS.finditer(text)):
        number = _han(match[1])
        if number >= (_FINGERS + 1 if own else _LEAST_HAN) and (
            Decimal(number).normalize() not in plain | scaled
        ):
            return match[0]
    return ""


def _is_derived(one: _Number, known: set[Decimal]) -> bool:
    """Whether a number is another one rounded, or with a fraction the difference of two."""
    return any(
        round(other, _places(value)) == value or (value % 1 and value + other in known)
        for value in one.products
        for other in known
    )


def _places(value: Decimal) -> int:
    """Return the decimal places of a number; negative if it ends with zeros."""
    return -int(value.as_tuple().exponent)


def _plain_digits(text: str) -> str:
    """Return a text with ASCII digits and marks in its numbers, and blanks that are alike."""
    text = re.sub(r"[\u00a0\u2007\u2009\u202f]", " ", text).translate(_MARKS)
    return re.sub(r"[^\W0-9_a-zA-Z]", lambda found: _digit(found[0]), text)


def _digit(sign: str) -> str:
    value = unicodedata.digit(sign, None)
    if value is None:
        return sign
    # 10⁶ has two numbers, CO₂ one in a name.
    return f" {value}" if "SUPERSCRIPT" in unicodedata.name(sign) else str(value)


def _runs(text: str) -> Iterator[list[_Number]]:
    """Yield the numbers of a text; those that may be one, such as 1万2500 and 3만 5천, together."""
    run: list[_Number] = []
    end = 0
    for match in _SCALED.finditer(text):
        words = re.findall(_SCALE, match[2], re.IGNORECASE)
        scale = math.prod(_SCALES[word.lower()] for word in words)
        sure = any(len(word) > _UNSURE or not word.isascii() for word in words)
        parts = re.findall(r"\d+", match[1]) if " " in match[1] else ()
        groups = frozenset(Decimal(part).normalize() for part in parts)
        values = frozenset(_values(match[1]))
        small = scale == 1 and max(values) <= _FINGERS and match[1].isdigit()
        counts = small and not _MEASURE.match(text, match.end())
        number = _Number(match[0], values, scale, sure, counts, groups)
        joined = run and text[end : match.start()] in ("", " ") and scale < run[-1].scale
        if run and not joined:
            yield run
            run = []
        run.append(number)
        end = match.end()
    if run:
        yield run


def _sums(run: Sequence[_Number]) -> set[Decimal]:
    sums = {Decimal(0)}
    for one in run:
        sums = {(total + product).normalize() for total in sums for product in one.products}
    return sums


def _numbers_of(source: str) -> tuple[set[Decimal], set[Decimal]]:
    """Return the numbers of a source as they are written, and multiplied by their scales."""
    lowered = source.lower()
    plain: set[Decimal] = set()
    scaled: set[Decimal] = set()
    for run in _runs(source):
        for one in run:
            plain |= one.values
            scaled |= one.products
    words = {number for word in re.findall(r"[a-z]+", lowered) for number in _SPELT.get(word, ())}
    words |= {_spelt_out(re.split(r"[-\s]+", match[0])) for match in _PHRASE.finditer(lowered)}
    words |= {_MULTIPLIERS[word] // 2 for word in _HALF.findall(lowered)}
    for century, decade in _DECADE.findall(source):
        words |= {int(century) + 1, int(decade)}
    for word in _FOLD.findall(lowered):
        for number in (int(word[:6]),) if word.isdecimal() else _SPELT.get(word, ()):
            # Fourfold is four times, or three times more.
            words |= {number, number - 1}
    spelt = {Decimal(number).normalize() for number in words}
    for factor, exponent in _POWER.findall(source):
        spelt.add((Decimal(factor or 1) * 10 ** int(exponent)).normalize())
    return plain | spelt, scaled | spelt


def _values(text: str) -> set[Decimal]:
    """Return the possible values of digits: comma and point group by threes or are decimal."""
    text = re.sub(r"[ '’]", "", text)
    found = {text.replace(",", ".")} if len(re.findall(r"[.,]", text)) <= 1 else set()
    if _GROUPED.fullmatch(text):
        mark = text.lstrip("0123456789")[0]
        found.add(text.replace(mark, "").replace(",", "."))
    # Versions and dates have several points: each part counts.
    return {Decimal(one).normalize() for one in found or re.findall(r"\d+", text)}


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


_USUAL = frozenset(_TABLES["usual_names"]["words"].split())
"""Units, and names that a translation may have for the words of a field."""
_LATIN_WORD = re.compile(r"(?<![\\A-Za-z0-9])[A-Za-z][A-Za-z0-9]+")
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


_ANCHOR = re.compile(r"(?<![\w.])(?=\w*(?:[A-Z]\w*[A-Z]|\d\d|[a-z][A-Z]))[A-Za-z0-9]{2,}")
_ANCHORS = 4
"""Names and numbers by which a paper is told from others."""


def is_elsewhere(text: str, source: str) -> bool:
    """Whether none of a source's names and numbers are in a text that should be its translation."""
    anchors = set(map(str.lower, _ANCHOR.findall(without_formulas(source))))
    plain = _plain_digits(text).lower()
    return len(anchors) >= _ANCHORS and not any(one in plain for one in anchors)
