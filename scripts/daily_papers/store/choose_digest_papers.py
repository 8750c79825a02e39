"""Choose the papers of a day's digests: at most ten for each topic, each in one digest only."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain

from daily_papers.announcement_calendar import listing_day
from daily_papers.store.entry_types import Day, Entry, Store

CHOSEN = 10
"""The most papers of a digest."""
RANKING = "ranking"
"""The task whose answers order a digest's papers."""
LEAST_SCORE = 4
"""Relevance and significance together, each 1 to 3, below which a ranked paper is left out."""


def score_of(entry: Entry, topic: str, language: str) -> int | None:
    """Return relevance to `topic` plus significance, 2 to 6; None if no model has ranked it."""
    ranking = entry.text(RANKING, language)
    relevance = ranking.fields.get("relevance", {}).get(topic) if ranking else None
    significance = ranking.fields.get("significance") if ranking else None
    return None if relevance is None or significance is None else int(relevance + significance)


def choose(
    entries: Sequence[Entry],
    topic: str,
    language: str,
    limit: int = CHOSEN,
) -> list[Entry]:
    """Return the `limit` papers that a digest on `topic` shows, the best first.

    First come the papers that a model ranked, by score, without those below LEAST_SCORE, then those
    without a ranking. Equal ones are ordered by day, newest first, then those with a venue, then by
    time, newest first, then by identifier. Withdrawn papers are left out.
    """

    def order(entry: Entry) -> tuple[int, int, bool, float, str]:
        paper = entry.paper
        return (
            -(score_of(entry, topic, language) or 0),
            -entry.day.toordinal(),
            not paper.venue,
            -paper.updated.timestamp(),
            paper.arxiv_id,
        )

    kept = [
        entry
        for entry in entries
        if not entry.paper.is_withdrawn
        and ((score := score_of(entry, topic, language)) is None or score >= LEAST_SCORE)
    ]
    return sorted(kept, key=order)[:limit]


def papers_of(store: Store, day: date) -> dict[str, list[Entry]]:
    """Return the papers that a day's pages list, by present topic, in the order of the topics."""
    listed = store.days.get(day, Day(day)).topics
    return {
        topic: [store.entries[arxiv_id] for arxiv_id in listed[topic]]
        for topic in store.topics
        if topic in listed
    }


def with_digests(store: Store, days: Iterable[Day], language: str) -> Store:
    """Return the store with the papers of the digests of `days` chosen; it must have their papers.

    The open day's are chosen anew, because it may have got papers or rankings. Those of past days
    stay, and a topic without one chooses from what the others have left.
    """
    opened = listing_day(store.updated)
    found = dict(store.days)
    for day in days:
        is_open = day.day >= opened
        kept = {
            topic: ids
            for topic, ids in day.digests.items()
            if not is_open or topic not in store.topics
        }
        papers = papers_of(store, day.day)
        missing = {topic: found for topic, found in papers.items() if topic not in kept}
        chosen = digests_of(missing, language, taken={*chain(*kept.values())})
        ids = {
            topic: tuple(one.paper.arxiv_id for one in papers) for topic, papers in chosen.items()
        }
        if {**kept, **ids} != day.digests:
            found[day.day] = replace(day, digests={**kept, **ids})
    return replace(store, days=found)


def digests_of(
    papers: Mapping[str, Sequence[Entry]],
    language: str,
    limit: int = CHOSEN,
    *,
    taken: Collection[str] = (),
) -> dict[str, list[Entry]]:
    """Return the papers of each topic's digest, from a day's `papers` by topic.

    A topic chooses from the papers that no topic before it has; `taken` are the identifiers of the
    papers that other digests already have.
    """
    gone = set(taken)
    digests: dict[str, list[Entry]] = {}
    for topic, entries in papers.items():
        own = [entry for entry in entries if entry.paper.arxiv_id not in gone]
        digests[topic] = choose(own, topic, language, limit)
        gone.update(entry.paper.arxiv_id for entry in digests[topic])
    return digests
