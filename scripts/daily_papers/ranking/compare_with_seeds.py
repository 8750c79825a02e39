"""Compare the store's papers with the readers' own, and note which of a night's are near.

What was near on a day is a fact of that day: its page stays when the seeds change later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from daily_papers.ranking.followed_authors import FollowedAuthors
from daily_papers.ranking.nearness import BACKGROUND, Nearness, Text, Vector, Words
from daily_papers.ranking.seed_file import Seed
from daily_papers.store.entry_types import Followed, Near, SeedPaper, Store
from daily_papers.store.paper import Paper

T = TypeVar("T")
_FEW = (3, 10)
"""How many papers of a night are near: a tenth of them, but at least and at most so many."""
_NEARER_THAN = 0.75
"""The share of the known papers than which a near one must be at least as near."""
_USUAL = 100
"""How many of the known papers tell that, at most."""


class Comparison:
    """Compares papers with the seeds that their topics have."""

    def __init__(self, seeds: Sequence[Seed], store: Store) -> None:
        """Use the seeds of which title or abstract are known, from the store or seeds.bib."""
        tables = {one for state in store.topics.values() for one in state.table}
        background = [store.entries[one].paper for one in _spread(sorted(tables), BACKGROUND)]
        own = {seed.key for seed in seeds}
        others = [paper for paper in background if paper.arxiv_id not in own]
        self.usual: Sequence[Paper] = _spread(others, _USUAL)
        """Papers that tell how near any paper is."""
        self._words = Words(background)
        self._vectors: dict[str, Vector] = {}
        self._seeds: list[tuple[Seed, Vector]] = [
            (seed, self._words.vector(text))
            for seed in seeds
            if (text := _text_of(seed, store.seeds)) is not None
        ]
        self._own = {seed.topic for seed, _ in self._seeds}
        self._by_topic: dict[str, Nearness] = {}

    def __bool__(self) -> bool:
        return any(not seed.is_negative for seed, _ in self._seeds)

    def score(self, paper: Paper, topic: str) -> float:
        """Return the nearness of a paper to the seeds of a topic; 0 if there are none."""
        vector = self._vectors.get(paper.arxiv_id)
        if vector is None:
            vector = self._vectors[paper.arxiv_id] = self._words.vector(paper)
        return self._nearness(topic).score(vector)

    def nearest_topic(self, paper: Paper, topics: Iterable[str]) -> tuple[float, str]:
        """Return the best score of a paper in one of its topics, and this topic."""
        return max((self.score(paper, topic), topic) for topic in topics)

    def reason(self, paper: Paper, topic: str) -> tuple[str, ...]:
        """Return the words by which a paper is near to the seeds of a topic."""
        return self._nearness(topic).reason(paper)

    def _nearness(self, topic: str) -> Nearness:
        own = topic if topic in self._own else ""
        if own not in self._by_topic:
            found = [(seed, vector) for seed, vector in self._seeds if seed.topic in ("", own)]
            self._by_topic[own] = Nearness(
                self._words,
                [vector for seed, vector in found if not seed.is_negative],
                [vector for seed, vector in found if seed.is_negative],
            )
        return self._by_topic[own]


def _text_of(seed: Seed, known: Mapping[str, SeedPaper]) -> Text | None:
    """Return what is known of a seed; None if nothing is."""
    found = known.get(seed.key)
    if found and found.title:
        return found
    return seed if seed.title else None


def _spread(items: Sequence[T], most: int) -> list[T]:
    """Return at most so many of the items, evenly spread."""
    count = min(len(items), most)
    return [items[number * len(items) // count] for number in range(count)]


def with_what_is_near(
    before: Store | None,
    store: Store,
    seeds: Sequence[Seed],
    authors: FollowedAuthors,
    today: date,
) -> Store:
    """Return the store with what is near and followed among the papers that a night lists.

    `today` is the day that may still get papers: of all its papers the nearest are noted.
    """
    if not seeds and not authors.names:
        return store
    known = before.days if before else {}
    fresh: dict[date, dict[str, list[str]]] = {}
    for day, found in store.days.items():
        # A topic that got another name lists no other papers.
        old = known[day].papers if day in known and day != today else set()
        for topic, ids in found.topics.items():
            for arxiv_id in ids:
                if arxiv_id not in old:
                    fresh.setdefault(day, {}).setdefault(arxiv_id, []).append(topic)
    near = _near(Comparison(seeds, store), store, fresh) if fresh and seeds else {}
    days = dict(store.days)
    for day, arrived in fresh.items():
        old_near = () if day == today else days[day].near
        old_followed = () if day == today else days[day].followed
        days[day] = replace(
            days[day],
            near=_with((*old_near, *near.get(day, ()))),
            followed=tuple(
                dict.fromkeys((*old_followed, *_followed(authors, store, sorted(arrived))))
            ),
        )
    return replace(store, days=days)


def _with(near: Iterable[Near]) -> tuple[Near, ...]:
    """Return each paper once, nearest first."""
    best = {one.paper: one for one in sorted(near, key=lambda one: one.score)}
    return tuple(sorted(best.values(), key=lambda one: (-one.score, one.paper)))


def _followed(authors: FollowedAuthors, store: Store, ids: Iterable[str]) -> Iterable[Followed]:
    for arxiv_id in ids:
        if names := authors.of(store.entries[arxiv_id].paper):
            yield Followed(arxiv_id, names)


def _near(
    comparison: Comparison, store: Store, fresh: Mapping[date, Mapping[str, Sequence[str]]]
) -> dict[date, list[Near]]:
    """Return the nearest few of the papers that days list now, by day."""
    if not comparison:
        return {}
    scored = [
        (*comparison.nearest_topic(store.entries[arxiv_id].paper, topics), arxiv_id, day)
        for day, ids in fresh.items()
        for arxiv_id, topics in ids.items()
    ]
    scored.sort(key=lambda one: (-one[0], one[2], one[3]))
    usual = sorted(
        comparison.nearest_topic(paper, store.entries[paper.arxiv_id].topics)[0]
        for paper in comparison.usual
    )
    least = usual[int(_NEARER_THAN * len(usual))] if usual else 0.0
    low, high = _FEW
    few = min(max(low, len(scored) // 10), high)
    found: dict[date, list[Near]] = {}
    for score, topic, arxiv_id, day in scored[:few]:
        words = comparison.reason(store.entries[arxiv_id].paper, topic)
        if score >= least and score > 0 and words:
            found.setdefault(day, []).append(Near(arxiv_id, score, words))
    return found
