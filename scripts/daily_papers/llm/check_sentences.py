"""Compare the sentences of a text with those of its source: how many, how long, and where they end.

The sentences of a translation are laid beside those of its source, by their lengths alone, after
Gale and Church, https://aclanthology.org/J93-1004/. So a sentence that was added is found in every
language, whatever it says.
"""

import itertools
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sentencex import segment

from daily_papers.text.white_space import one_line

_ITEM = re.compile(r"\(?(?<!\w)(\d{1,2}|[ivx]{1,4})\)(?=\s)")
# The points of "E.T.'s" end no sentence.
_POINTS = re.compile(r"(?<![A-Za-z])(?:[A-Za-z]\.){2,}(?!\s+[A-Z]|\s*$)")
_FEWEST, _SHORTEST = 3, 250
"""Sentences and characters of a source from which on the lengths of its sentences tell much."""
_MOST = 3
"""Sentences of a translation for one of its source, on average."""
_PRICES = {(1, 1): 0.0, (1, 2): 2.5, (2, 1): 2.5, (2, 2): 4.0, (1, 3): 5.0, (3, 1): 5.0}
"""What it costs to take so many sentences of a source for so many of its translation."""
_VARIANCE, _FARTHEST = 6.8, 15.0
_BETTER = 2.0
"""By how much a translation fits better without a sentence that was added."""
_WELL, _CAREFULLY = 1.0, 0.5
"""The misfit of a translation for each sentence of its source: a careful one has 0.1 to 0.7."""
_DENSE = 2.6
"""Letters of English for one character of a dense script."""
_GLOSS = re.compile(r"[（(][A-Za-z][^（）()]*[)）]")
_ASCII = re.compile(r"[!-~]")
_SHORTEST_REPEATED = 8
"""Letters of a sentence that says something."""
_END = re.compile(
    r"[.!?。！？．।۔؟…]\s*(?:[\"'”’)\]」』）】》$]|\*+)*\s*$|[\w/]+\.[a-z]{2,}/\S*$"
    r"|https?://\S+(?: \w{1,6})?$"
)
"""An address may have the verb after it, as in Chinese."""
_OPEN_END = re.compile(r"(?:\.\.\.+|…+|[,，、;；:：-])\s*$")


def sentences(text: str, code: str) -> list[str]:
    """Return the sentences of a text in the language `code`."""
    # sentencex panics at white space that is not ASCII, and ends no sentence after "2)".
    plain = _ITEM.sub(r"\1", one_line(text))
    plain = _POINTS.sub(lambda match: match[0].replace(".", ""), plain)
    return [part.strip() for part in segment(code, plain)]


@dataclass(frozen=True, slots=True)
class Alignment:
    """The sentences of a translation beside those of its source.

    What stands before a colon at the beginning counts as a sentence.
    """

    parts: Sequence[str]
    lengths: Sequence[float]
    """As if it were English; none if the source is too short to tell."""
    expected: Sequence[float]

    @property
    def added(self) -> str:
        """What the source does not have: "a first sentence" or "a last sentence".

        A translation that fits well without one, and worse with it, has a sentence of its own.
        """
        for number, name in ((0, "first"), (len(self.lengths) - 1, "last")):
            misfit = self._without(number)
            if self._whole - misfit > _BETTER and misfit < _WELL * len(self.expected):
                return f"a {name} sentence"
        return ""

    def needs(self, number: int) -> bool:
        """Whether a translation fits very well with a sentence, and worse without it."""
        fits = self._whole < _CAREFULLY * len(self.expected)
        return fits and self._without(number) - self._whole > _BETTER

    @property
    def _whole(self) -> float:
        return _misfit(self.lengths, self.expected)

    def _without(self, number: int) -> float:
        return _misfit([*self.lengths[:number], *self.lengths[number + 1 :]], self.expected)


def align(text: str, source: str, code: str, *, dense: bool) -> Alignment:
    """Lay a text beside its source. `dense`: its language has no blanks."""
    parts = [part for line in text.split("\n") for part in sentences(line, code)]
    given = sentences(source, "en")
    head, colon, rest = parts[0].replace("：", ":").partition(":") if parts else ("", "", "")
    if given and colon and rest and ":" not in given[0]:
        parts[:1] = [head + colon, rest]
    is_short = len(given) < _FEWEST or len(source) < _SHORTEST
    if is_short or len(parts) > len(given) * _MOST:
        return Alignment(parts, (), ())
    return Alignment(
        parts, [_length(one, dense=dense) for one in parts], [len(one) for one in given]
    )


def _length(text: str, *, dense: bool) -> float:
    """Return about how long a sentence is in English."""
    if not dense:
        return len(text) or 1
    text = _GLOSS.sub("", text)
    latin = len(_ASCII.findall(text))
    return (len(text) - text.count(" ") - latin) * _DENSE + latin or 1


def _misfit(lengths: Sequence[float], expected: Sequence[float]) -> float:
    """Return how badly sentences fit those of a source, few to few, with none left over."""
    if not lengths or not expected:
        return math.inf if expected else 0.0
    share = sum(lengths) / sum(expected)
    best = {(0, 0): 0.0}
    for at, until in itertools.product(range(len(expected) + 1), range(len(lengths) + 1)):
        for (few, many), price in _PRICES.items():
            if (before := best.get((at - few, until - many))) is not None:
                asked = sum(expected[at - few : at]) * share
                found = sum(lengths[until - many : until])
                away = (found - asked) ** 2 / ((found + asked) * share * _VARIANCE)
                cost = before + price + min(away, _FARTHEST)
                best[at, until] = min(cost, best.get((at, until), math.inf))
    return best.get((len(expected), len(lengths)), math.inf)


def repeated_sentence(text: str, source: str, code: str) -> bool:
    """Whether a text says one sentence twice, and its source does not."""

    def most(whole: str, language: str) -> int:
        parts = (re.sub(r"[\W_]+", "", one.casefold()) for one in sentences(whole, language))
        counts = Counter(one for one in parts if len(one) >= _SHORTEST_REPEATED)
        return max(counts.values(), default=0)

    return most(text, code) > 1 and most(source, "en") <= 1


def is_cut(text: str, source: str) -> bool:
    """Whether a text has no end, where its source, if there is one, has one."""
    return not _has_end(text) and (not source or _has_end(source))


def _has_end(text: str) -> bool:
    return bool(_END.search(text)) and not _OPEN_END.search(text)
