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

from sentencex import segment

from daily_papers.text.white_space import one_line

_ITEM = re.compile(r"\(?(?<!\w)(\d{1,2}|[ivx]{1,4})\)(?=\s)")
_FEWEST, _SHORTEST = 3, 250
"""Sentences and characters of a source from which on the lengths of its sentences tell much."""
_MOST = 3
"""Sentences of a translation for one of its source, on average."""
_PRICES = {(1, 1): 0.0, (1, 2): 2.5, (2, 1): 2.5, (2, 2): 4.0, (1, 3): 5.0, (3, 1): 5.0}
"""What it costs to take so many sentences of a source for so many of its translation."""
_VARIANCE, _FARTHEST = 6.8, 15.0
_BETTER = 2.0
"""By how much a translation fits better without a sentence that was added."""
_WELL = 1.0
"""The misfit of a translation for each sentence of its source: a careful one has 0.1 to 0.7."""
_DENSE = 2.6
"""Letters of English for one character of a dense script."""
_GLOSS = re.compile(r"[（(][A-Za-z][^（）()]*[)）]")
_ASCII = re.compile(r"[!-~]")
_SHORTEST_REPEATED = 8
"""Letters of a sentence that says something."""
_END = re.compile(
    r"[.!?。！？．।۔؟…]\s*(?:[\"'”’)\]」』）】》$]|\*+)*\s*$|[\w/]+\.[a-z]{2,}/\S*$|https?://\S+$"
)
_OPEN_END = re.compile(r"(?:\.\.\.+|…+|[,，、;；:：-])\s*$")


def sentences(text: str, code: str) -> list[str]:
    """Return the sentences of a text in the language `code`."""
    # sentencex panics at white space that is not ASCII, and ends no sentence after "2)".
    return [part.strip() for part in segment(code, _ITEM.sub(r"\1", one_line(text)))]


def unlike_its_source(text: str, source: str, code: str, *, dense: bool) -> str:
    """Return what of a translation its source does not have: "a first sentence", "a last sentence".

    A translation that fits well without one, and worse with it, has a sentence of its own there.
    What stands before a colon counts as a sentence. `dense`: the language has no blanks.
    """
    parts, expected = _laid_out(text, source, code, dense=dense)
    whole = _misfit(parts, expected)
    for without, name in ((parts[1:], "first"), (parts[:-1], "last")):
        misfit = _misfit(without, expected)
        if whole - misfit > _BETTER and misfit < _WELL * len(expected):
            return f"a {name} sentence"
    return ""


def _laid_out(
    text: str, source: str, code: str, *, dense: bool
) -> tuple[list[float], Sequence[float]]:
    """Return the lengths of the sentences of a text, and of its source; nothing if it has few."""
    parts, given = sentences(text, code), sentences(source, "en")
    is_short = len(given) < _FEWEST or len(source) < _SHORTEST
    if is_short or not 0 < len(parts) <= len(given) * _MOST:
        return [], []
    head, colon, rest = parts[0].replace("：", ":").partition(":")
    if colon and ":" not in given[0]:
        parts[:1] = [head, rest]
    return [_length(one, dense=dense) for one in parts], [len(one) for one in given]


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
        return 0.0
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
