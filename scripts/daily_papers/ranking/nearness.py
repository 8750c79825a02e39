"""Measure how near a paper is to the readers' own: TF-IDF on title and abstract, with cosines.

Words are stems, as in matching. A word in the title counts as two more in the abstract. How many
papers have a word is counted in two hundred of the store's newest: more do not make it better.
Words that many papers have are compared with the mean of the seeds, the others with each seed:
that is as good, and three times as fast. `benchmarks/seeds.py` measures both.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

from daily_papers.topics.words_and_stems import located_terms, terms

NEAREST = 3
"""How many of the nearest seeds count: their mean similarity is the score."""
BACKGROUND = 200
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
        papers = 0
        for text in background:
            counts.update(set(_stems(text.title, text.abstract)))
            papers += 1
        self.frequent = {stem for stem, count in counts.items() if count > _FREQUENT * papers}
        """The words that many papers have."""
        self._rarity = {
            stem: math.log((papers + 2) / (count + 1)) for stem, count in counts.items()
        }
        self._most_rare = math.log(papers + 2)

    def vector(self, text: Text) -> Vector:
        """Return the weights of a text's words."""
        weights = {
            stem: (1 + math.log(count)) * self._rarity.get(stem, self._most_rare)
            for stem, count in Counter(_stems(text.title, text.abstract)).items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {stem: weight / length for stem, weight in weights.items()}


# The papers of the tables are compared with one another, then among the new, then for the pages.
@lru_cache(4096)
def _stems(title: str, abstract: str) -> tuple[str, ...]:
    counted = terms(title)
    return tuple(filter(None, (*counted, *counted, *terms(abstract))))


class _Index:
    """Seeds of one kind, by the words that they have."""

    def __init__(self, words: Words, seeds: Sequence[Vector]) -> None:
        self._count = len(seeds)
        found: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        sums: defaultdict[str, float] = defaultdict(float)
        for number, seed in enumerate(seeds):
            for stem, weight in seed.items():
                if stem in words.frequent:
                    sums[stem] += weight
                else:
                    found[stem].append((number, weight))
        # Frequent words count for one more seed, the sum of all.
        self._seeds_with = found | {stem: [(self._count, total)] for stem, total in sums.items()}

    def similarity(self, vector: Vector) -> float:
        """Return the mean similarity to the nearest seeds; 0 if there are none."""
        if not self._count:
            return 0.0
        similar = [0.0] * (self._count + 1)
        for stem, weight in vector.items():
            for number, other in self._seeds_with.get(stem, ()):
                similar[number] += weight * other
        to_all = similar.pop() / self._count
        nearest = sorted(similar, reverse=True)[:NEAREST]
        return to_all + sum(nearest) / len(nearest)

    def shared(self, vector: Vector) -> dict[str, float]:
        """Return what each word adds to the similarity to all seeds."""
        return {
            stem: weight * sum(other for _, other in self._seeds_with[stem]) / self._count
            for stem, weight in vector.items()
            if stem in self._seeds_with
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
        """Return the words of a text that bring it nearest to the wanted seeds.

        They are as it has them first, but those of a title in small letters.
        """
        shared = self._indexes[0].shared(self.words.vector(text))
        written: dict[str, str] = {}
        for part in (text.title, text.abstract):
            for stem, start, end in located_terms(part):
                word = part[start:end]
                written.setdefault(stem, word.lower() if word.istitle() else word)
        named = (stem for stem in written if shared.get(stem) and written[stem][0].isalpha())
        best = sorted(named, key=lambda stem: (-round(shared[stem], 9), stem))
        return tuple(written[stem] for stem in best[:most])
