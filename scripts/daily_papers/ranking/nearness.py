"""Measure how near a paper is to the readers' own: TF-IDF on title and abstract, with cosines.

Words are stems, as in matching. A word in the title counts as two more in the abstract. How many
papers have a word is counted in a few hundred of the store's newest: more do not make it better.
Words that many papers have are compared with the mean of the seeds, the others with each seed:
that is as good, and three times as fast. `benchmarks/seeds.py` measures both.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from daily_papers.topics.words_and_stems import located_terms, terms

NEAREST = 3
"""How many of the nearest seeds count: their mean similarity is the score."""
BACKGROUND = 400
"""How many papers of the store tell which words are frequent."""
_FREQUENT = 0.1
"""The share of the papers that have a word from which on it is compared with the mean."""
_DIGITS = 4
"""Of a score: rounded, it is the same on every machine."""

Vector = Mapping[str, float]
"""The weight of each stem; the sum of the squares is 1."""


class Text(Protocol):
    """A paper, or anything else with a title and an abstract."""

    @property
    def title(self) -> str:
        """Return the title."""

    @property
    def abstract(self) -> str:
        """Return the abstract, maybe empty."""


class Words:
    """How many of the background's papers have each word."""

    def __init__(self, background: Iterable[Text]) -> None:
        counts: Counter[str] = Counter()
        self._papers = 0
        for text in background:
            counts.update(set(_stems(text)))
            self._papers += 1
        self._counts = counts

    def is_frequent(self, stem: str) -> bool:
        """Whether many papers have a word."""
        return self._counts[stem] > _FREQUENT * self._papers

    def vector(self, text: Text) -> Vector:
        """Return the weights of a text's words."""
        weights = {
            stem: (1 + math.log(count)) * math.log((self._papers + 2) / (self._counts[stem] + 1))
            for stem, count in Counter(_stems(text)).items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {stem: weight / length for stem, weight in weights.items()}


def _stems(text: Text) -> list[str]:
    title = terms(text.title)
    return list(filter(None, (*title, *title, *terms(text.abstract))))


class _Index:
    """Seeds of one kind, by the words that they have."""

    def __init__(self, words: Words, seeds: Sequence[Vector]) -> None:
        self._count = len(seeds)
        self._rare: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        self._mean: defaultdict[str, float] = defaultdict(float)
        for number, seed in enumerate(seeds):
            for stem, weight in seed.items():
                if words.is_frequent(stem):
                    self._mean[stem] += weight / self._count
                else:
                    self._rare[stem].append((number, weight))

    def similarity(self, vector: Vector) -> float:
        """Return the mean similarity to the nearest seeds; 0 if there are none."""
        if not self._count:
            return 0.0
        common = 0.0
        rare = [0.0] * self._count
        for stem, weight in vector.items():
            if stem in self._rare:
                for number, other in self._rare[stem]:
                    rare[number] += weight * other
            elif stem in self._mean:
                common += weight * self._mean[stem]
        nearest = sorted(rare, reverse=True)[:NEAREST]
        return common + sum(nearest) / len(nearest)

    def shared(self, vector: Vector) -> dict[str, float]:
        """Return what each word adds to the similarity to all seeds."""
        rare = {
            stem: vector[stem] * sum(other for _, other in self._rare[stem]) / self._count
            for stem in vector
            if stem in self._rare
        }
        return rare | {
            stem: vector[stem] * self._mean[stem] for stem in vector if stem in self._mean
        }


@dataclass(frozen=True)
class Nearness:
    """The nearness of papers to seeds, wanted and unwanted ones."""

    words: Words
    wanted: Sequence[Vector]
    unwanted: Sequence[Vector] = ()

    @cached_property
    def _indexes(self) -> tuple[_Index, _Index]:
        return _Index(self.words, self.wanted), _Index(self.words, self.unwanted)

    def score(self, vector: Vector) -> float:
        """Return the similarity to the nearest wanted seeds, minus that to the unwanted ones."""
        wanted, unwanted = self._indexes
        return round(wanted.similarity(vector) - unwanted.similarity(vector), _DIGITS)

    def reason(self, text: Text, most: int = 3) -> tuple[str, ...]:
        """Return the words of a text that bring it nearest to the wanted seeds, as it has them."""
        shared = self._indexes[0].shared(self.words.vector(text))
        written: dict[str, str] = {}
        for part in (text.title, text.abstract):
            for stem, start, end in located_terms(part):
                written.setdefault(stem, part[start:end])
        named = (stem for stem in written if shared.get(stem) and written[stem][0].isalpha())
        best = sorted(named, key=lambda stem: (-round(shared[stem], 9), stem))
        return tuple(written[stem] for stem in best[:most])
