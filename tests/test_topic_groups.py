"""Which topics share a query."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import settings as checks
from hypothesis import strategies as st

from daily_papers.arxiv.group_topics import (
    MOST_EXPECTED,
    Group,
    group_topics,
    groupable,
)
from daily_papers.settings import MAX_PAGE, Settings
from daily_papers.store.entry_types import Entry, Store, TopicState
from daily_papers.topics.arxiv_query import MAX_ADDRESS, address_length, arxiv_query, merged_query
from daily_papers.topics.keywords import Topic, parse_keywords
from factories import NIGHT, make_entry, make_failure, make_paper, make_store
from standins.arxiv.query import Index, parse
from test_agreement import PAPERS, QUERIES, to_record

CATEGORIES = ("cs.*", "stat.*")
URL = "https://export.arxiv.org/api/query"
DAY = timedelta(days=1)


def stored(
    topics: Sequence[Topic], rows: int = 3, *, last: datetime = NIGHT, **changes: object
) -> Store:
    """Return a store in which each topic has `rows` papers, one an hour, and no others."""
    entries: list[Entry] = []
    states: list[TopicState] = []
    for place, topic in enumerate(topics):
        entries += [
            make_entry(
                make_paper(place * 1000 + number, updated=last - timedelta(hours=number)),
                [topic.name],
            )
            for number in range(rows)
        ]
        query = arxiv_query(topic, CATEGORIES)
        state = TopicState(topic.name, query, since=NIGHT - 30 * DAY, watermark=last)
        states.append(replace(state, **changes))  # type: ignore[arg-type]
    return make_store(entries, states)


def names_of(topics: Sequence[Topic], store: Store, settings: Settings) -> list[str]:
    """Return the names of the topics that can share a query."""
    queries = {topic.name: arxiv_query(topic, CATEGORIES) for topic in topics}
    return [one.topic.name for one in groupable(topics, queries, store, settings, NIGHT)]


def planned(topics: Sequence[Topic], store: Store, now: datetime = NIGHT) -> list[Group]:
    """Return the groups of all topics."""
    settings = Settings()
    queries = {topic.name: arxiv_query(topic, CATEGORIES) for topic in topics}
    members = groupable(topics, queries, store, settings, now)
    return group_topics(members, settings, now, URL)


@given(st.lists(QUERIES, min_size=1, max_size=4), st.lists(PAPERS, min_size=1, max_size=8))
def test_a_merged_query_finds_what_any_of_its_topics_finds(
    queries: list[object], papers: list[object]
) -> None:
    """One query for many topics finds the same as all of their queries."""
    topics = [Topic(f"T{number}", number, query) for number, query in enumerate(queries)]  # type: ignore[arg-type]
    index = Index(map(to_record, papers))  # type: ignore[arg-type]
    apart: frozenset[int] = frozenset()
    for topic in topics:
        apart |= index.find(parse(arxiv_query(topic, CATEGORIES)))
    assert index.find(parse(merged_query(topics, CATEGORIES))) == apart


def test_a_merged_query_names_shared_categories_once() -> None:
    """Alternatives share one pair of parentheses, and each set of categories stands once."""
    topics = parse_keywords("A: x1 | y1\nB: title: z1\nC [cs.RO]: x1 -y1\ncs.MM\n")
    assert merged_query(topics, CATEGORIES) == (
        '(((ti:"x1" OR abs:"x1" OR ti:"y1" OR abs:"y1" OR ti:"z1") AND (cat:cs.* OR cat:stat.*))'
        ' OR (((ti:"x1" OR abs:"x1") ANDNOT (ti:"y1" OR abs:"y1")) AND (cat:cs.RO))'
        " OR (cat:cs.MM))"
    )


def test_which_topics_share_a_query() -> None:
    """All whose newest papers are known and which can be matched locally."""
    known = parse_keywords("Aa\nBb b\n")
    store = stored(known)
    asked = parse_keywords("Aa\nBb b\nNew one\n")
    assert names_of(asked, store, Settings()) == ["Aa", "Bb b"]
    assert names_of(parse_keywords("Aa\nBb b: b c\nD: Bb b\n"), store, Settings()) == ["Aa"]
    assert names_of(asked, store, Settings(sort="submitted")) == []
    assert names_of(asked, stored(known, failing=make_failure()), Settings()) == []
    assert names_of(asked, stored(known, watermark=None), Settings()) == []
    mine = parse_keywords("Mine: = ti:x\n")
    assert names_of(mine, stored(mine), Settings()) == []


def test_a_table_that_could_be_fuller_needs_its_own_query() -> None:
    """After max-papers was raised, the papers below the old table's last row are unknown."""
    topics = parse_keywords("Aa\nBb b\n")
    full = stored(topics, 3, floor=NIGHT - timedelta(hours=2))
    assert names_of(topics, full, Settings(max_papers=3)) == ["Aa", "Bb b"]
    assert names_of(topics, full, Settings(max_papers=4)) == []
    gaps = stored(topics, 3, floor=NIGHT - timedelta(hours=1))
    assert names_of(topics, gaps, Settings(max_papers=3)) == []


def test_a_topic_without_papers_shares_a_query() -> None:
    """It costs no request of its own, but without other topics there is no watermark."""
    topics = parse_keywords("Aa\nBb b\nUnheard of\n")
    store = stored(topics[:2])
    empty = TopicState("Unheard of", arxiv_query(topics[2], CATEGORIES), NIGHT, empty=True)
    with_it = replace(store, topics={**store.topics, empty.name: empty})
    assert names_of(topics, with_it, Settings()) == ["Aa", "Bb b", "Unheard of"]
    assert names_of(topics[2:], make_store((), [empty]), Settings()) == []
    never_asked = replace(empty, empty=False)
    store = replace(store, topics={**store.topics, empty.name: never_asked})
    assert names_of(topics, store, Settings()) == ["Aa", "Bb b"]


@given(st.integers(2, 120), st.integers(1, 40), st.integers(0, 2000), st.integers(0, 99))
@checks(max_examples=25)
def test_groups_fit_addresses_and_pages(count: int, words: int, hours: int, seed: int) -> None:
    """Addresses and pages stay within limits, and no topic is in two groups."""
    lines = [
        f"T{number}: " + " | ".join(f"w{number}x{word}{seed}" for word in range(words % 7 + 1))
        for number in range(count)
    ]
    topics = parse_keywords("\n".join(lines))
    groups = planned(topics, stored(topics, 2), NIGHT + timedelta(hours=hours))
    members = [member.topic.name for group in groups for member in group.members]
    assert len(members) == len(set(members))
    for group in groups:
        assert len(group.members) > 1
        assert address_length(URL, group.query) < MAX_ADDRESS
        assert 0 < group.size <= MAX_PAGE
        expected = sum(member.expected(group.oldest, NIGHT) for member in group.members)
        assert expected <= MOST_EXPECTED


def test_fifty_topics_are_two_groups() -> None:
    """Dozens of usual headings fit into one query."""
    topics = parse_keywords(
        "\n".join(f"Some Topic of Usual Length {number}" for number in range(50))
    )
    groups = planned(topics, stored(topics, 10), NIGHT)
    assert len(groups) == 2


def test_rare_topics_are_grouped_with_rare_ones() -> None:
    """A topic whose last paper is years old does not make a busy one look back for years."""
    busy, rare = parse_keywords("Ax a\nBx b\nCx c\n"), parse_keywords("Rx r\nSx s\n")
    old = stored(rare, 2, last=NIGHT - 900 * DAY)
    new = stored(busy, 100, floor=NIGHT - timedelta(hours=99))
    entries = {f"9{place}": one for place, one in enumerate(old.entries.values())}
    renamed = {
        key: replace(one, paper=replace(one.paper, arxiv_id=key)) for key, one in entries.items()
    }
    store = replace(new, topics={**new.topics, **old.topics}, entries={**new.entries, **renamed})
    groups = planned([*busy, *rare], store, NIGHT + DAY)
    assert [[member.topic.name for member in group.members] for group in groups] == [
        ["Ax a", "Bx b", "Cx c"],
        ["Rx r", "Sx s"],
    ]
