"""The papers of a day's digests: at most ten a topic, and each paper in one digest only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from daily_papers.store.records import Entry, Store

CHOSEN = 10
"""Papers of a digest."""
RANKING = "ranking"
"""The task whose answers order a digest's papers."""
LEAST_SCORE = 4
"""Relevance and significance together, each 1 to 3, below which a ranked paper is left out."""


def score_of(entry: Entry, topic: str, language: str) -> int | None:
    """Return relevance to `topic` plus significance, 2 to 6; None if no model has ranked it."""
    ranking = entry.text(RANKING, language)
    relevance = ranking.fields["relevance"].get(topic) if ranking else None
    return (
        None if ranking is None or relevance is None else ranking.fields["significance"] + relevance
    )


def choose(
    entries: Sequence[Entry],
    topic: str,
    language: str,
    limit: int = CHOSEN,
) -> list[Entry]:
    """Return the `limit` papers that a digest on `topic` shows, the best first.

    Those that a model ranked come first, by score, without those below LEAST_SCORE. Those that it
    did not rank follow: without a ranking nothing tells against them. Within both, the order is by
    day, the newest first, then those with a venue, then by time, the newest first, then by
    identifier.
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

    scores = ((entry, score_of(entry, topic, language)) for entry in entries)
    kept = [entry for entry, score in scores if score is None or score >= LEAST_SCORE]
    return sorted(kept, key=order)[:limit]


def papers_of(store: Store, day: date) -> dict[str, list[Entry]]:
    """Return the papers of a day by topic, in the order of the topics; topics without are left out.

    A replacement of a paper that was never seen is no paper of the day.
    """
    found: dict[str, list[Entry]] = {topic: [] for topic in store.topics}
    for entry in store.entries.values():
        if entry.day == day and not entry.is_replacement:
            for topic in entry.topics:
                if topic in found:
                    found[topic].append(entry)
    return {topic: entries for topic, entries in found.items() if entries}


def digests_of(
    papers: Mapping[str, Sequence[Entry]],
    language: str,
    limit: int = CHOSEN,
    *,
    taken: Collection[str] = (),
) -> dict[str, list[Entry]]:
    """Return what the digest of each topic shows of a day's `papers` by topic.

    A topic chooses among the papers that no topic before it has chosen; `taken` are the identifiers
    of those that other digests have already.
    """
    gone = set(taken)
    digests: dict[str, list[Entry]] = {}
    for topic, entries in papers.items():
        own = [entry for entry in entries if entry.paper.arxiv_id not in gone]
        digests[topic] = choose(own, topic, language, limit)
        gone.update(entry.paper.arxiv_id for entry in digests[topic])
    return digests
