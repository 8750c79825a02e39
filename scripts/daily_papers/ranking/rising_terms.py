"""Find the terms whose share of a topic's papers grew most against the twelve weeks before.

A term is one word or two in a row, in title or abstract. It is counting only: no cause is given.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby, pairwise

from daily_papers.announcement_calendar import monday_of, next_listing
from daily_papers.store.entry_types import Day, Rising, Store
from daily_papers.store.paper import Paper
from daily_papers.store.which_day_lists import recent_days
from daily_papers.topics.words_and_stems import located_terms, terms

BEFORE = timedelta(weeks=12)
"""How long before a week its terms are compared with."""
LEAST_WEEKS = 4
"""How many of the weeks before must have papers: with fewer, nothing is said."""
LEAST_PAPERS = 3
"""How many papers of the week must have a term."""
MOST_BEFORE = 1000
"""About how many papers of the weeks before are counted, evenly spread, if there are more."""
_FACTOR = 2
"""How many times its share before a term must have."""
_MOST = 5
_SHORTEST = 3  # letters of a word

Term = tuple[str, ...]
"""The stems of a term's words."""
Read = Callable[[Store, Sequence[Day]], Store]
"""Returns a store with all papers of days."""


class TermGrowth:
    """The terms of a week's papers, and how many of the papers before had them."""

    def __init__(self, week: Sequence[Paper]) -> None:
        self._size = len(week)
        self._written: dict[Term, str] = {}
        papers: dict[Term, list[str]] = {}
        for paper in week:
            for term, words in _written_terms(paper).items():
                self._written.setdefault(term, words)
                papers.setdefault(term, []).append(paper.arxiv_id)
        self._papers = {term: ids for term, ids in papers.items() if len(ids) >= LEAST_PAPERS}
        self._before: Counter[Term] = Counter()
        self._before_size = 0

    def count(self, paper: Paper) -> None:
        """Count a paper of the weeks before."""
        self._before_size += 1
        if self._papers:
            self._before.update(self._papers.keys() & _terms(paper))

    def rising(self) -> tuple[Rising, ...]:
        """Return the terms whose share grew most, the largest growth first."""
        before = self._before_size
        growth = {
            term: len(ids) / self._size - self._before[term] / before
            for term, ids in self._papers.items()
            if before and len(ids) * before >= _FACTOR * self._before[term] * self._size
        }
        chosen: list[Term] = []
        # Of terms that grew equally the longer one says more.
        for term in sorted(growth, key=lambda term: (-growth[term], -len(term), term)):
            if len(chosen) == _MOST:
                break
            if not any(_says_the_same(term, one, self._papers) for one in chosen):
                chosen.append(term)
        return tuple(
            Rising(
                self._written[term],
                tuple(sorted(self._papers[term])),
                self._size,
                self._before[term],
                before,
            )
            for term in chosen
        )


def _says_the_same(term: Term, other: Term, papers: Mapping[Term, Sequence[str]]) -> bool:
    """Whether two terms share a word, and most of the papers of the rarer one."""
    if set(term).isdisjoint(other):
        return False
    fewer = min(len(papers[term]), len(papers[other]))
    return 2 * len(set(papers[term]) & set(papers[other])) > fewer


def _terms(paper: Paper) -> set[Term]:
    """Return all terms of a paper."""
    found: set[Term] = set()
    for text in (paper.title, paper.abstract):
        stems = terms(text)
        found.update((stem,) for stem in stems)
        found.update(pairwise(stems))
    return found


def _written_terms(paper: Paper) -> dict[Term, str]:
    """Return the terms of a paper that can be shown, each as it is first written."""
    found: dict[Term, str] = {}
    for text in (paper.title, paper.abstract):
        words = list(_words(text))
        for stem, word in words:
            if stem:
                found.setdefault((stem,), word)
        for (stem, word), (following, other) in pairwise(words):
            if stem and following:
                found.setdefault((stem, following), f"{word} {other}")
    return found


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Yield stem and word; the stem is empty for a word that counts in no term."""
    for stem, start, end in located_terms(text):
        word = text[start:end]
        is_word = word.isalpha() and (len(word) >= _SHORTEST or not word.isascii())
        yield (stem if is_word else ""), word.casefold() if word.istitle() else word


def with_rising_terms(store: Store, read: Read) -> Store:
    """Return the store with the rising terms of the recent weeks that are over.

    They are noted once, with the week's last day. `read` returns the store with all papers of days.
    """
    today = max(store.days, default=None)
    if today is None:
        return store
    open_week = monday_of(next_listing(today).date())
    weeks: dict[date, list[Day]] = {}
    for day in recent_days(store):
        if monday_of(day.day) < open_week:
            weeks.setdefault(monday_of(day.day), []).append(day)
    days = dict(store.days)
    for monday, week in weeks.items():
        if week[-1].rising is None:
            rising = _rising(store, monday, week, read)
            days[week[-1].day] = replace(week[-1], rising=rising)
    return replace(store, days=days)


def _rising(
    store: Store, monday: date, week: Sequence[Day], read: Read
) -> dict[str, tuple[Rising, ...]]:
    """Return the rising terms of each topic; the papers of one week at a time are in memory."""
    past = [day for day in store.days.values() if monday - BEFORE <= day.day < monday]
    growth: dict[str, TermGrowth] = {}
    entries = read(store, week).entries
    for topic in dict.fromkeys(name for day in week for name in day.topics):
        if len({monday_of(day.day) for day in past if topic in day.topics}) >= LEAST_WEEKS:
            ids = dict.fromkeys(one for day in week for one in day.topics.get(topic, ()))
            growth[topic] = TermGrowth([entries[one].paper for one in ids])
    known = Counter(topic for day in past for topic, ids in day.topics.items() for _ in ids)
    for _, some in groupby(past if growth else (), lambda day: monday_of(day.day)):
        few = list(some)
        entries = read(store, few).entries
        for topic, counts in growth.items():
            ids = dict.fromkeys(one for day in few for one in day.topics.get(topic, ()))
            step = -(-known[topic] // MOST_BEFORE)
            for arxiv_id in list(ids)[::step]:
                counts.count(entries[arxiv_id].paper)
    return {topic: found for topic, counts in growth.items() if (found := counts.rising())}
