from collections.abc import Mapping
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from daily_papers.store.choose_digest_papers import choose, digests_of, papers_of
from daily_papers.store.entry_types import Entry, ModelText, Revision
from factories import NIGHT, make_entry, make_paper, make_store

TOPICS = ("Widgets", "Teapots")


def ranked(
    number: int, significance: int, relevance: Mapping[str, int], topics: tuple[str, ...] = TOPICS
) -> Entry:
    """Return a paper that a model has ranked."""
    text = ModelText(
        *("ranking", 1, "en", 1, "m", 1),
        fields={"significance": significance, "relevance": dict(relevance)},
    )
    return make_entry(number, topics, texts=(text,))


def numbers(entries: list[Entry]) -> list[int]:
    """Return the numbers of the papers."""
    return [int(entry.paper.arxiv_id.split(".")[1]) for entry in entries]


def test_the_best_ranked_come_first_and_the_weak_are_left_out() -> None:
    """Papers are sorted by relevance to the topic plus significance, from four on."""
    entries = [
        ranked(1, 1, {"Widgets": 2}),
        ranked(2, 1, {"Widgets": 3}),
        ranked(3, 3, {"Widgets": 3}),
        ranked(4, 3, {"Widgets": 2, "Teapots": 1}),
    ]
    assert numbers(choose(entries, "Widgets", "en")) == [3, 4, 2]


def test_papers_without_a_ranking_follow_those_with_one() -> None:
    """A paper without a ranking in this language is kept, and comes last."""
    entries = [make_entry(1), ranked(2, 2, {"Widgets": 2}), ranked(3, 1, {"Widgets": 1})]
    assert numbers(choose(entries, "Widgets", "en")) == [2, 1]
    assert numbers(choose(entries, "Widgets", "zh")) == [1, 2, 3]


def test_without_rankings_day_venue_and_time_decide() -> None:
    """Papers are sorted by day, then venue, then time, then identifier."""
    hour = timedelta(hours=1)
    today = NIGHT - 5 * hour
    entries = [
        make_entry(make_paper(1, updated=today - 48 * hour, comment="Accepted at CVPR 2026")),
        make_entry(make_paper(2, updated=today)),
        make_entry(make_paper(3, updated=today - hour)),
        make_entry(make_paper(5, updated=today - 2 * hour, comment="Accepted at CVPR 2026")),
        make_entry(make_paper(4, updated=today - hour)),
    ]
    assert numbers(choose(entries, "Any", "en")) == [5, 2, 3, 4, 1]
    assert numbers(choose(entries, "Any", "en", limit=2)) == [5, 2]


def test_a_digest_passes_over_withdrawn_papers() -> None:
    """A withdrawn paper is not chosen, even if a model has ranked it."""
    gone = make_paper(1, comment="This paper has been withdrawn by the authors")
    entries = [make_entry(gone, texts=ranked(1, 3, {"Any": 3}).texts), make_entry(2)]
    assert numbers(choose(entries, "Any", "en")) == [2]


def test_a_replacement_of_a_paper_never_seen_is_in_no_digest() -> None:
    """A paper that came as a later version is in no digest; a revised one is."""
    entries = [
        make_entry(1, revised=Revision(NIGHT, 0)),
        make_entry(2, revised=Revision(NIGHT, 1)),
    ]
    store = make_store(entries)
    (chosen,) = digests_of(papers_of(store, entries[0].day), "en").values()
    assert numbers(chosen) == [2]


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from(TOPICS), min_size=1), st.integers(0, 3)), max_size=40
    )
)
def test_each_paper_is_in_one_digest_only(papers: list[tuple[set[str], int]]) -> None:
    """Each topic in turn chooses at most ten of its papers that no other topic has."""
    entries = [
        make_entry(make_paper(number, updated=NIGHT - timedelta(days=days)), tuple(topics))
        for number, (topics, days) in enumerate(papers)
    ]
    store = make_store(entries, TOPICS)
    day = (NIGHT - timedelta(days=1)).date()
    taken = {entries[0].paper.arxiv_id} if entries else set()
    digests = digests_of(papers_of(store, day), "en", taken=taken)
    chosen = [entry for entries in digests.values() for entry in entries]
    assert list(digests) == [topic for topic in TOPICS if topic in papers_of(store, day)]
    assert taken.isdisjoint(entry.paper.arxiv_id for entry in chosen)
    assert len(chosen) == len(set(numbers(chosen)))
    for topic, found in digests.items():
        assert len(found) <= 10
        assert all(entry.day == day and topic in entry.topics for entry in found)
        left_out = [
            entry
            for entry in entries
            if entry.day == day
            and topic in entry.topics
            and entry not in chosen
            and entry.paper.arxiv_id not in taken
        ]
        assert not left_out or len(found) == 10
