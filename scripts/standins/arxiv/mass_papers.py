"""Invent any number of papers on many topics, for the benchmark and tests of scale."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from standins.arxiv.served_papers import Record, utc

_FIRST = "neural quantum sparse latent robust causal modular spectral tacit nimble"
_SECOND = (
    "widget teapot spoon lantern kettle ladder carousel compass bellows trellis "
    "anvil hammock pulley sundial thimble turnstile accordion periscope gimbal abacus"
)
_SYLLABLES = "ba den fi gro hul ka lem mi nor pe qua rin sto tu vel wex yon zim tra chi"
_VOCABULARY = 3000
_ABSTRACT_WORDS = 150
_CATEGORIES = (("cs.CV",), ("cs.LG", "cs.CV"), ("cs.CL",), ("stat.ML", "cs.LG"), ("cs.RO", "cs.AI"))
_NAMES = ("A. Sample", "B. Placeholder", "Jane Q. Example", "C. Nobody", "D. Nowhere-Else")
_COMMENTS = ("", "", "", "12 pages, 4 figures", "Accepted at the Imaginary Conference 2026")
# The shares of papers on two topics, and of papers with a second version.
_SHARED, _REVISED = 0.1, 0.08


def crowd_topics(count: int) -> list[str]:
    """Return `count` names of invented topics, at most 200."""
    return [f"{first} {second}".title() for second in _SECOND.split() for first in _FIRST.split()][
        :count
    ]


def crowd(
    topics: Sequence[str], begin: datetime, days: float, past: int, seed: int = 1
) -> list[Record]:
    """Return invented papers on `topics`: `past` of each before `begin`, and `days` of new ones.

    Topics have from eight papers a day to one in four days. The result is deterministic.
    """
    chance = random.Random(seed)  # noqa: S311 - invented papers are no secret
    begin = utc(begin)
    words = _words(chance)
    weights = [1 / (place + 3) for place in range(len(words))]
    times: list[tuple[datetime, str]] = []
    for place, topic in enumerate(topics):
        rate = 8 / (1 + place % 32)
        times += [
            (begin - timedelta(days=chance.uniform(0, past / rate)), topic) for _ in range(past)
        ]
        times += [
            (begin + timedelta(days=chance.uniform(0, days)), topic)
            for _ in range(round(days * rate))
        ]
    records: list[Record] = []
    for number, (moment, topic) in enumerate(sorted(times)):
        told = [topic]
        if chance.random() < _SHARED:
            told.append(chance.choice(topics))
        body = chance.choices(words, weights, k=_ABSTRACT_WORDS)
        body[len(body) // 2 : len(body) // 2] = " and ".join(told).lower().split()
        first = Record(
            # arXiv never uses a month above 12.
            arxiv_id=f"{moment:%y}{moment.month + 12}.{number % 100_000:05}",
            title=f"{' '.join(chance.choices(words, k=4)).capitalize()}: {' and '.join(told)}",
            authors=tuple(chance.sample(_NAMES, chance.randint(1, len(_NAMES)))),
            abstract=f"Invented paper: {' '.join(body)}.",
            categories=chance.choice(_CATEGORIES),
            comment=chance.choice(_COMMENTS),
            published=moment.replace(microsecond=0),
        )
        records.append(first)
        if chance.random() < _REVISED:
            later = first.published + timedelta(days=chance.uniform(1, 40))
            later = later.replace(microsecond=0)
            records.append(replace(first, version=2, comment="Revised", updated=later))
    return records


def _words(chance: random.Random) -> list[str]:
    syllables = _SYLLABLES.split()
    return ["".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(_VOCABULARY)]
