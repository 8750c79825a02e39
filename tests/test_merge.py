import random
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.announcement_calendar import announced_at, listing_day
from daily_papers.settings import Settings
from daily_papers.store.coverage import EPOCH, Coverage
from daily_papers.store.entry_types import SEARCH, Day, Revision, Store
from daily_papers.store.merge import Merged, merge
from daily_papers.store.night_history import LEDGER_NIGHTS, NO_ANNOUNCEMENT, NOTHING_NEW, OK
from daily_papers.store.paper import Paper
from daily_papers.store.topic_states import TopicAnswer, is_filled, state_for
from daily_papers.store.which_day_lists import recent_days
from daily_papers.topics.keywords import Topic
from factories import (
    NIGHT,
    lines_of,
    make_entry,
    make_paper,
    make_papers,
    make_state,
    make_topics,
    queries_of,
)

A, B = make_topics("A", "B")
DAY = timedelta(days=1)
NEXT = NIGHT + DAY
UNAVAILABLE = ("arXiv unavailable", "it hung")
LIMITS = Settings(max_papers=3)


def answer(topic: Topic, papers: Sequence[Paper], **facts: object) -> TopicAnswer:
    """Return a complete answer of the search API for `topic`; `facts` replace its fields."""
    source = str(facts.pop("source", SEARCH))
    query = str(facts.pop("query", queries_of([topic])[topic.name]))
    facts = {"total": len(papers)} | facts
    has_all = facts["total"] in (None, len(papers))
    oldest = EPOCH if has_all else min((paper.updated for paper in papers), default=EPOCH)
    facts.setdefault("complete_from", oldest)
    coverage = Coverage(tuple(papers), **facts)  # type: ignore[arg-type]
    return TopicAnswer(topic, query, coverage, source)


def failed(topic: Topic, state: str = UNAVAILABLE[0], reason: str = UNAVAILABLE[1]) -> TopicAnswer:
    """Return an answer without papers."""
    return answer(topic, [], total=None, complete_from=None, failure=(state, reason))


def night(
    store: Store | None,
    *answers: TopicAnswer,
    now: datetime = NIGHT,
    topics: Sequence[Topic] = (),
    queries: Mapping[str, str] | None = None,
    limits: Settings = LIMITS,
) -> Merged:
    """Merge the answers of a night; its topics are those that answered, if none are given."""
    topics = topics or [one.topic for one in answers]
    return merge(store, topics, queries or queries_of(topics), answers, now, limits)


def numbers(store: Store, topic: Topic, limits: Settings = LIMITS) -> list[int]:
    """Return the numbers of the papers in a table."""
    return [int(e.paper.arxiv_id[-5:]) for e in store.table(topic.name, limits.max_papers)]


def new_ones(store: Store, since: datetime | None) -> set[int]:
    """Return the numbers of the papers that are new after `since`."""
    return {
        int(entry.paper.arxiv_id[-5:])
        for entry in store.entries.values()
        if entry.is_new_since(since)
    }


# The first night.


def test_on_a_first_night_every_paper_is_new() -> None:
    """On the first night all papers are stored and count as new."""
    first = night(None, answer(A, make_papers(3), total=50))
    assert first.changed
    assert (first.new, first.revised) == (3, 0)
    assert numbers(first.store, A) == [1, 2, 3]
    assert new_ones(first.store, None) == {1, 2, 3}
    assert first.store.created == first.store.updated == NIGHT
    assert first.store.notified is None
    (row,) = first.rows
    assert (row.state, row.source, row.total, row.fetched, row.new) == (OK, SEARCH, 50, 3, 3)
    assert first.store.ledger == first.rows


def test_a_paper_of_two_topics_is_one_paper() -> None:
    """A paper with two topics is kept once and counted as new once, and stands in both tables."""
    first = night(None, answer(B, make_papers(2)), answer(A, make_papers(1)))
    assert first.new == 2
    assert [row.new for row in first.rows] == [2, 1]
    assert len(first.store.entries) == 2
    assert first.store.entries["2611.00001"].topics == ("A", "B")
    assert (numbers(first.store, A), numbers(first.store, B)) == ([1], [1, 2])


def test_a_topic_that_failed_on_the_first_night_still_has_news_on_its_first_good_one() -> None:
    """A topic that failed on the first night has its papers as new on the second."""
    first = night(None, answer(A, []), failed(B)).store
    second = night(first, answer(A, []), answer(B, make_papers(2)), now=NEXT)
    assert second.new == 2


# Nights that follow.


def test_a_later_night_counts_only_what_was_not_there() -> None:
    """Known papers stay as they are, unknown ones are new, and the oldest leave the table."""
    first = night(None, answer(A, make_papers(3), total=50)).store
    late = make_paper(9, updated=NIGHT + timedelta(hours=1))
    second = night(first, answer(A, [late, *make_papers(2)], total=51), now=NEXT)
    assert second.new == 1
    assert numbers(second.store, A) == [9, 1, 2]
    assert new_ones(second.store, NIGHT) == {9}
    assert second.store.created == NIGHT
    assert second.store.updated == NEXT


def test_a_night_without_news_changes_nothing() -> None:
    """The same answers a night later return the same store object."""
    first = night(None, answer(A, make_papers(3), total=50)).store
    thursdays = NIGHT + timedelta(hours=12)
    second = night(first, answer(A, make_papers(3), total=51), now=thursdays)
    assert not second.changed
    assert second.store is first
    assert (second.new, second.revised) == (0, 0)
    assert [row.state for row in second.rows] == [NOTHING_NEW]


def test_a_quiet_weekend_differs_from_a_quiet_night() -> None:
    """When arXiv announced nothing since the last night, the row says so."""
    first = night(None, answer(A, make_papers(3))).store
    saturday = NIGHT + 2 * DAY
    weekend = night(first, answer(A, make_papers(3)), now=saturday)
    assert [row.state for row in weekend.rows] == [NO_ANNOUNCEMENT]


def test_an_edit_without_a_new_version_is_kept_and_is_no_news() -> None:
    """A comment that was added on arXiv is stored, and is not announced."""
    first = night(None, answer(A, make_papers(1))).store
    second = night(first, answer(A, [make_paper(1, comment="accepted")]), now=NEXT)
    assert second.changed
    assert (second.new, second.revised) == (0, 0)
    assert second.store.entries["2611.00001"].paper.comment == "accepted"


def test_a_newer_version_is_a_revision() -> None:
    """A known paper's next version replaces the facts and counts as revised, not as new."""
    first = night(None, answer(A, make_papers(2))).store
    newer = replace(make_paper(2), version=3, updated=NIGHT + timedelta(hours=1), title="Better")
    second = night(first, answer(A, [newer, make_paper(1)]), now=NEXT)
    entry = second.store.entries["2611.00002"]
    assert (second.new, second.revised) == (0, 1)
    assert entry.paper == newer
    assert entry.revised == Revision(NEXT, 1)
    assert entry.first_seen == NIGHT
    assert numbers(second.store, A) == [2, 1]


def test_an_older_version_never_replaces_a_newer_one() -> None:
    """A cached answer with an older version leaves the paper as it is."""
    first = night(None, answer(A, [make_paper(1, version=2)])).store
    old = make_paper(1, version=1, title="Old")
    second = night(first, answer(A, [old]), now=NEXT)
    assert second.store.entries["2611.00001"].paper.version == 2
    assert not second.changed


def test_a_revision_that_was_not_announced_keeps_its_first_version() -> None:
    """If watchers know version 1, version 3 is announced as a revision of version 1."""
    store = replace(night(None, answer(A, make_papers(1))).store, notified=NIGHT)
    for version in (2, 3):
        now = NIGHT + version * DAY
        newer = replace(make_paper(1), version=version, updated=now)
        store = night(store, answer(A, [newer]), now=now).store
    assert store.entries["2611.00001"].revised == Revision(NIGHT + 3 * DAY, 1)
    told = replace(store, notified=store.updated)
    now = NIGHT + 9 * DAY
    newest = replace(make_paper(1), version=4, updated=now)
    store = night(told, answer(A, [newest]), now=now).store
    assert store.entries["2611.00001"].revised == Revision(now, 3)


def test_a_replacement_of_a_paper_from_before_is_no_new_paper() -> None:
    """An old paper that was never in the table comes back as revised, not as new."""
    first = night(None, answer(A, make_papers(3), total=50)).store
    returned = make_paper(
        8, version=2, published=NIGHT - 90 * DAY, updated=NIGHT + timedelta(hours=1)
    )
    second = night(first, answer(A, [returned, *make_papers(2)], total=50), now=NEXT)
    assert (second.new, second.revised) == (0, 1)
    entry = second.store.entries["2611.00008"]
    assert entry.silent
    assert entry.revised == Revision(NEXT, 0)


def test_a_paper_that_is_shown_late_in_its_second_version_is_new() -> None:
    """It is of the days that the topic has followed, so nobody has told of it before."""
    first = night(None, answer(A, make_papers(3), total=50)).store
    late = make_paper(
        8, version=2, published=NIGHT - timedelta(hours=2), updated=NIGHT + timedelta(hours=1)
    )
    second = night(first, answer(A, [late, *make_papers(3)], total=50), now=NEXT)
    assert (second.new, second.revised) == (1, 0)
    assert not second.store.entries["2611.00008"].is_replacement


def test_a_paper_that_came_and_was_revised_between_two_nights_is_new() -> None:
    """A paper is new if its first version came after the last night, even in version 2."""
    first = night(None, answer(A, make_papers(3), total=50)).store
    fresh = make_paper(
        8, version=2, published=NIGHT + timedelta(hours=1), updated=NIGHT + timedelta(hours=2)
    )
    second = night(first, answer(A, [fresh, *make_papers(2)], total=51), now=NEXT)
    assert (second.new, second.revised) == (1, 0)


@pytest.mark.parametrize("order", [1, -1])
def test_a_paper_new_to_one_topic_and_old_to_another_is_new(order: int) -> None:
    """A paper that is new for one topic is new, whichever topic is merged first."""
    first = night(None, answer(A, make_papers(3), total=50)).store
    fresh = make_paper(9, updated=NIGHT + timedelta(hours=1))
    answers = [answer(A, [fresh, *make_papers(2)], total=51), answer(B, [fresh])][::order]
    second = night(first, *answers, now=NEXT)
    assert second.new == 1
    assert second.store.entries["2611.00009"].topics == ("A", "B")


def test_a_known_paper_that_meets_another_topic_is_not_new_again() -> None:
    """A known paper that another topic finds gets that topic too, and is not new."""
    first = night(None, answer(A, make_papers(1)), answer(B, [])).store
    second = night(first, answer(A, make_papers(1)), answer(B, make_papers(1)), now=NEXT)
    assert second.new == 0
    assert numbers(second.store, B) == [1]


def test_tied_papers_at_the_tables_edge_are_no_news_when_they_swap() -> None:
    """Of two papers with the time of the table's last row the API may return either: not news."""
    edge = NIGHT - timedelta(hours=5)
    tied = [make_paper(number, updated=edge) for number in (6, 7)]
    store = night(None, answer(A, [*make_papers(2), tied[0]], total=50)).store
    second = night(store, answer(A, [*make_papers(2), tied[1]], total=50), now=NEXT)
    assert second.new == 0


def test_rows_below_the_table_never_are_news() -> None:
    """Papers that are older than the end of a full table are not new."""
    first = night(None, answer(A, make_papers(3), total=50)).store
    second = night(first, answer(A, make_papers(9), total=50), now=NEXT)
    assert not second.changed


def test_a_paper_that_arxiv_no_longer_lists_stays() -> None:
    """A paper leaves a table only when newer ones push it out, not when an answer lacks it."""
    first = night(None, answer(A, make_papers(3), total=50)).store
    second = night(first, answer(A, make_papers(1), total=1), now=NEXT)
    assert numbers(second.store, A) == [1, 2, 3]


def test_a_withdrawn_paper_stays_and_says_so() -> None:
    """A withdrawal is a new version with a comment; the paper stays in the table."""
    first = night(None, answer(A, make_papers(2))).store
    gone = replace(make_paper(2), version=2, comment="This paper has been withdrawn", abstract="")
    second = night(first, answer(A, [gone, make_paper(1)]), now=NEXT)
    assert second.store.entries["2611.00002"].paper.is_withdrawn
    assert set(numbers(second.store, A)) == {1, 2}


# Watermark and floor.


def test_the_watermark_is_the_newest_paper_ever_found() -> None:
    """A complete answer raises the watermark to its newest paper, and never lowers it."""
    first = night(None, answer(A, make_papers(3))).store
    assert first.topics["A"].watermark == make_paper(1).updated
    second = night(first, answer(A, [make_paper(2)]), now=NEXT).store
    assert second.topics["A"].watermark == make_paper(1).updated


def test_an_empty_answer_sets_no_watermark() -> None:
    """After an empty answer, the first papers are as on a first night."""
    first = night(None, answer(A, [])).store
    assert first.topics["A"].watermark is None
    assert night(first, answer(A, make_papers(1)), now=NEXT).new == 1


def test_an_added_topic_that_was_empty_at_first_has_only_later_papers_as_news() -> None:
    """After an empty answer, an added topic's old papers are not new, those since then are."""
    store = night(None, answer(A, make_papers(1))).store
    store = night(store, answer(A, make_papers(1)), answer(B, []), now=NEXT).store
    past, fresh = make_paper(7), make_paper(8, updated=NEXT + timedelta(hours=2))
    done = night(store, answer(A, make_papers(1)), answer(B, [fresh, past]), now=NEXT + DAY)
    assert done.new == 1
    assert done.store.entries[fresh.arxiv_id].is_new_since(NEXT)


def test_a_topic_in_other_letters_keeps_its_rows_until_arxiv_has_answered() -> None:
    """A topic in other upper or lower case keeps its table when arXiv does not answer."""
    store = night(None, answer(A, make_papers(3)), answer(B, [])).store
    (other,) = make_topics("a")
    failing = failed(other)
    done = merge(store, [other], {"a": '"a!"'}, [replace(failing, query='"a!"')], NEXT, LIMITS)
    assert len(done.store.table("a", 3)) == 3


@pytest.mark.parametrize(
    "given", [failed(A), answer(A, make_papers(1), complete_from=None, failure=UNAVAILABLE)]
)
def test_an_incomplete_answer_leaves_the_watermark(given: TopicAnswer) -> None:
    """The watermark stays after a failure, and after a part of an answer: papers may be missing."""
    old = make_papers(3, updated=NIGHT - 5 * DAY)
    first = night(None, answer(A, old)).store
    second = night(first, given, now=NEXT).store
    assert second.topics["A"].watermark == NIGHT - 5 * DAY


def test_the_floor_is_where_a_full_table_ends() -> None:
    """The floor is the end of a full table; a topic with fewer papers has none."""
    store = night(None, answer(A, make_papers(3), total=50), answer(B, make_papers(2))).store
    assert store.topics["A"].floor == make_paper(3).updated
    assert store.topics["B"].floor is None


# Failures.


def test_a_failed_topic_keeps_its_table_and_says_since_when() -> None:
    """A failure changes no table; its first night, state and reason are stored."""
    first = night(None, answer(A, make_papers(3)), answer(B, make_papers(1))).store
    second = night(first, failed(A), answer(B, make_papers(1)), now=NEXT)
    assert second.changed
    assert numbers(second.store, A) == [1, 2, 3]
    failing = second.store.topics["A"].failing
    assert failing is not None
    assert (failing.since, failing.state, failing.reason) == (NEXT, *UNAVAILABLE)
    assert second.store.topics["B"].failing is None
    assert second.store.updated == NIGHT


def test_a_topic_that_keeps_failing_changes_the_store_once() -> None:
    """A second failed night changes nothing, even if the reason is another."""
    first = night(None, answer(A, make_papers(3)), answer(B, [])).store
    second = night(first, failed(A), answer(B, []), now=NEXT).store
    third = night(second, failed(A, "throttled", "429"), answer(B, []), now=NEXT + DAY)
    assert not third.changed
    assert third.store is second
    assert third.rows[0].state == "throttled"


def test_a_topic_whose_new_query_keeps_failing_changes_the_store_once() -> None:
    """A changed query without an answer changes the store on its first night only."""
    store = night(None, answer(A, make_papers(3)), answer(B, [])).store
    queries = {"A": "another", "B": '"B"'}
    answers = [replace(failed(A), query="another"), answer(B, [])]
    second = night(store, *answers, now=NEXT, queries=queries)
    assert second.changed
    third = night(second.store, *answers, now=NEXT + DAY, queries=queries)
    assert not third.changed


def test_a_recovery_is_noted() -> None:
    """The first good night after a failure clears it and adds a row, even without news."""
    store = night(None, answer(A, make_papers(3)), answer(B, [])).store
    store = night(store, failed(A), answer(B, []), now=NEXT).store
    good = night(store, answer(A, make_papers(3)), answer(B, []), now=NEXT + DAY)
    assert good.changed
    assert good.store.topics["A"].failing is None
    assert [(row.topic, row.state) for row in good.store.ledger[-2:]] == [
        ("A", UNAVAILABLE[0]),
        ("A", NO_ANNOUNCEMENT),
    ]


def test_what_came_before_a_page_failed_is_kept() -> None:
    """The papers of the pages before the failure are stored."""
    first = night(None, answer(A, make_papers(3, updated=NIGHT - DAY), total=9)).store
    part = answer(A, [make_paper(9)], complete_from=None, failure=UNAVAILABLE)
    second = night(first, part, now=NEXT)
    assert second.new == 1
    assert numbers(second.store, A)[0] == 9
    assert second.store.topics["A"].failing is not None


# Topics that come, go and change.


def test_a_topic_that_is_added_brings_its_past_without_news() -> None:
    """The first papers of an added topic are not new, later ones are."""
    first = night(None, answer(A, make_papers(1))).store
    past = [make_paper(number) for number in (7, 8)]
    second = night(first, answer(A, make_papers(1)), answer(B, past), now=NEXT)
    assert second.new == 0
    assert numbers(second.store, B) == [7, 8]
    fresh = make_paper(9, updated=NEXT)
    third = night(second.store, answer(A, []), answer(B, [fresh, *past]), now=NEXT + DAY)
    assert third.new == 1


def test_a_topic_that_is_deleted_leaves_its_papers() -> None:
    """Nothing of a paper changes when its topic is deleted; the topic has no table any more."""
    first = night(None, answer(A, make_papers(2)), answer(B, [*make_papers(1), make_paper(9)]))
    second = night(first.store, answer(A, make_papers(2)), now=NEXT)
    assert second.changed
    assert list(second.store.topics) == ["A"]
    assert second.store.entries == first.store.entries
    assert second.store.days == first.store.days


def test_a_topic_that_comes_back_brings_its_papers_without_news() -> None:
    """A topic that was deleted and is added again has its papers, and announces none of them."""
    first = night(None, answer(A, make_papers(1)), answer(B, make_papers(3))).store
    without = night(first, answer(A, make_papers(1)), now=NEXT).store
    again = night(without, answer(A, make_papers(1)), answer(B, make_papers(3)), now=NEXT + DAY)
    assert (again.new, again.revised) == (0, 0)
    assert again.store.entries == first.entries
    assert again.store.days == first.days
    assert numbers(again.store, B) == [1, 2, 3]


def test_a_topic_that_was_not_asked_keeps_everything() -> None:
    """A night for some of the topics leaves the others as they were."""
    first = night(None, answer(A, make_papers(2)), answer(B, make_papers(1))).store
    fresh = make_paper(9, updated=NIGHT)
    second = night(first, answer(A, [fresh]), topics=[A, B], now=NEXT).store
    assert second.topics["B"] == first.topics["B"]
    assert numbers(second, B) == [1]


def test_the_order_of_the_topics_is_the_files() -> None:
    """When the lines of keywords.txt change places, so do the topics, and no paper changes."""
    first = night(None, answer(A, make_papers(1)), answer(B, make_papers(2))).store
    second = night(first, topics=[B, A], now=NEXT)
    assert second.changed
    assert list(second.store.topics) == ["B", "A"]
    assert second.store.entries == first.entries


def test_a_renamed_topic_keeps_its_papers() -> None:
    """A topic with another name and the same query has its table at once, and no news."""
    first = night(None, answer(A, make_papers(3), total=50)).store
    (renamed,) = make_topics("A better name")
    queries = {renamed.name: '"A"'}
    given = answer(renamed, make_papers(3), total=50, query='"A"')
    second = night(first, given, now=NEXT, queries=queries)
    assert second.new == 0
    assert list(second.store.topics) == ["A better name"]
    assert numbers(second.store, renamed) == [1, 2, 3]
    assert second.store.topics[renamed.name].since == NIGHT


def test_a_changed_query_keeps_the_table_until_it_is_answered() -> None:
    """After a query was changed, the old rows stay until arXiv has answered the new one."""
    first = night(None, answer(A, make_papers(3), total=50), answer(B, [])).store
    queries = {"A": "another", "B": '"B"'}
    waiting = night(
        first, replace(failed(A), query="another"), answer(B, []), now=NEXT, queries=queries
    ).store
    assert numbers(waiting, A) == [1, 2, 3]
    found = answer(A, [make_paper(2), make_paper(7)], query="another")
    third = night(waiting, found, answer(B, []), now=NEXT + DAY, queries=queries)
    assert numbers(third.store, A) == [2, 7]
    assert third.new == 0


def test_another_order_of_the_tables_is_no_news() -> None:
    """After the sort setting changed, the tables are fetched again and their papers are not new."""
    first = night(None, answer(A, make_papers(3), total=50)).store
    submitted = replace(LIMITS, sort="submitted")
    assert state_for(first, A, '"A"', "submitted") is None
    found = [make_paper(2), make_paper(8), make_paper(9)]
    second = night(first, answer(A, found, total=50), now=NEXT, limits=submitted)
    assert second.store.sort == "submitted"
    assert second.new == 0
    assert second.changed


def test_a_larger_table_is_filled_without_news() -> None:
    """After `max-papers` was raised, the rows below the old table are not new."""
    first = night(None, answer(A, make_papers(3), total=50)).store
    larger = Settings(max_papers=6)
    second = night(first, answer(A, make_papers(6), total=50), now=NEXT, limits=larger)
    assert second.new == 0
    assert numbers(second.store, A, larger) == [1, 2, 3, 4, 5, 6]


def test_what_is_known_of_a_topic_is_found_by_name_and_query() -> None:
    """A topic's state is used for the same query only, under the same name or another."""
    store = night(None, answer(A, make_papers(1))).store
    (other,) = make_topics("other")
    assert state_for(store, A, '"A"', "updated") == store.topics["A"]
    assert state_for(store, other, '"A"', "updated") == store.topics["A"]
    assert state_for(store, A, "changed", "updated") is None
    assert state_for(store, other, "changed", "updated") is None
    assert state_for(None, A, '"A"', "updated") is None


# What is kept: everything.


def test_a_paper_that_newer_ones_push_out_is_kept_for_ever() -> None:
    """It leaves the table only: it keeps its topics and its day, and is never announced again."""
    store = night(None, answer(A, make_papers(3), total=50)).store
    first = store
    for number in range(20, 24):
        now = NIGHT + (number - 19) * DAY
        fresh = make_paper(number, updated=now)
        store = night(store, answer(A, [fresh], total=50), now=now).store
    assert numbers(store, A) == [23, 22, 21]
    late = NIGHT + 1000 * DAY
    store = night(store, answer(A, [make_paper(30, updated=late)], total=50), now=late).store
    assert numbers(store, A) == [30, 23, 22]
    assert new_ones(store, None) == {1, 2, 3, 20, 21, 22, 23, 30}
    assert {one: store.entries[one] for one in first.entries} == first.entries
    assert {day: store.days[day] for day in first.days} == first.days
    # The table can be fuller again: the paper comes back, and is no news.
    larger = Settings(max_papers=9)
    papers = [store.entries[arxiv_id].paper for arxiv_id in store.entries]
    back = night(store, answer(A, papers, total=50), now=late + DAY, limits=larger)
    assert (back.new, back.revised) == (0, 0)
    assert set(numbers(back.store, A, larger)) == {1, 2, 3, 20, 21, 22, 23, 30}
    assert back.store.entries == store.entries
    assert back.store.days == store.days


def test_a_revision_brings_a_paper_back_that_was_pushed_out() -> None:
    """A newer version of a paper that left the table is revised from the version known."""
    store = night(None, answer(A, make_papers(3), total=50)).store
    fresh = [make_paper(number, updated=NIGHT) for number in (20, 21, 22)]
    store = night(store, answer(A, fresh, total=50), now=NEXT).store
    late = NEXT + 100 * DAY
    newer = replace(make_paper(2), version=2, updated=late - timedelta(hours=9), title="Better")
    done = night(store, answer(A, [newer, *fresh], total=50), now=late)
    entry = done.store.entries["2611.00002"]
    assert (done.new, done.revised) == (0, 1)
    assert (entry.revised, entry.first_seen) == (Revision(late, 1), NIGHT)
    assert numbers(done.store, A)[0] == 2
    assert done.store.days[listing_day(late)].revised == ("2611.00002",)


def test_what_a_paper_was_before_a_night_changed_it_is_kept() -> None:
    """Each night that changes a paper leaves the fields that it changed, with the values before."""
    paper = make_paper(1, comment="8 pages")
    nights = [
        paper,
        replace(paper, comment="9 pages"),
        replace(paper, comment="9 pages", version=2, title="Better", updated=NEXT),
        replace(paper, comment="", version=2, title="Better", updated=NEXT),
    ]
    store: Store | None = None
    for number, known in enumerate(nights):
        store = night(store, answer(A, [known]), now=NIGHT + number * DAY).store
    assert store is not None
    entry = store.entries["2611.00001"]
    for number, known in enumerate(nights):
        assert entry.before(NIGHT + number * DAY + DAY / 2).paper == known
    assert entry.before(NIGHT - 9 * DAY).paper == paper
    assert [(one.until, set(one.facts)) for one in entry.past] == [
        (NEXT, {"comment"}),
        (NEXT + DAY, {"version", "title", "updated"}),
        (NEXT + 2 * DAY, {"comment"}),
    ]


def test_the_ledger_has_the_nights_that_changed_something() -> None:
    """Quiet topics add no row, and only the last nights with rows are kept."""
    store = night(None, answer(A, make_papers(1)), answer(B, [])).store
    assert [row.topic for row in store.ledger] == ["A", "B"]
    for number in range(1, LEDGER_NIGHTS + 5):
        now = NIGHT + number * DAY
        fresh = make_paper(100 + number, updated=now)
        store = night(store, answer(A, [fresh]), answer(B, []), now=now).store
    assert len({row.night for row in store.ledger}) == LEDGER_NIGHTS
    assert {row.topic for row in store.ledger} == {"A"}
    assert store.ledger[-1].night == store.updated
    assert [row.night for row in store.ledger] == sorted(row.night for row in store.ledger)


def test_a_capped_night_says_so() -> None:
    """The row of a night that reached the limit of looking back says so."""
    (row,) = night(None, answer(A, make_papers(2), limited=True)).rows
    assert "looked back over 2 papers, which is the limit" in row.reason


def test_a_topic_without_any_paper_is_told_to_check_its_spelling() -> None:
    """A topic without any paper is no failure; its row says what may be wrong."""
    (row,) = night(None, answer(A, [])).rows
    assert row.state == NOTHING_NEW
    assert row.reason == (
        "arXiv has no paper for this topic; check its spelling; one word alone must be in title "
        "and abstract: write it after a heading to find it in either"
    )


def test_two_nights_in_one_second_are_two_nights() -> None:
    """A second run in the same second, or after the clock was set back, counts its papers only."""
    first = night(None, answer(A, make_papers(1))).store
    fresh = make_paper(9, updated=NIGHT)
    second = night(first, answer(A, [fresh]), now=NIGHT - DAY)
    assert second.new == 1
    assert second.store.updated > first.updated
    assert new_ones(second.store, first.updated) == {9}


# Venues.

CVPR, ICML = "Accepted at CVPR 2026", "Accepted at ICML 2026"


@pytest.mark.parametrize(
    ("before", "after", "accepted"),
    [
        ("", CVPR, True),
        ("8 pages", CVPR, True),
        (CVPR, f"{CVPR}, 8 pages", False),
        (CVPR, ICML, False),
        (CVPR, "", False),
        ("", "8 pages", False),
    ],
)
def test_a_paper_is_accepted_once(before: str, after: str, *, accepted: bool) -> None:
    """A paper is announced as accepted when it gets a venue, not when its comment changes later."""
    store = night(None, answer(A, [make_paper(1, comment=before)])).store
    store = night(store, answer(A, [make_paper(1, comment=after)]), now=NEXT).store
    assert store.entries["2611.00001"].accepted == (NEXT if accepted else None)


# Code.

CODE = "Code: https://github.com/example/doors"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("", CODE, True),
        ("8 pages", f"8 pages. {CODE}", True),
        (CODE, f"{CODE}/", False),
        (CODE, "", False),
        ("", "8 pages", False),
    ],
)
def test_code_of_a_known_paper_is_told_once(before: str, after: str, *, told: bool) -> None:
    """The first link to code of a known paper is news; that of a new one, or another, is not."""
    store = night(None, answer(A, [make_paper(1, comment=before)])).store
    assert store.entries["2611.00001"].code is None
    store = night(store, answer(A, [make_paper(1, comment=after)]), now=NEXT).store
    entry = store.entries["2611.00001"]
    assert entry.code == (NEXT if told else None)
    assert entry.has_code_since(NIGHT) is told
    assert store.days.get(listing_day(NEXT), Day(NEXT.date())).code == (
        ("2611.00001",) if told else ()
    )
    for days, comment in enumerate((before, after), start=2):
        now = NIGHT + days * DAY
        store = night(store, answer(A, [make_paper(1, comment=comment)]), now=now).store
        assert not store.entries["2611.00001"].has_code_since(NEXT) or not told


# The days whose pages list a paper.

TODAY = listing_day(NIGHT)


@pytest.mark.parametrize(
    ("days", "written", "listed"),
    [
        (0, 0, 0),
        (0, 1, 0),
        (1, 1, None),
        (1, 0, 1),
        (-1, -1, -1),
        (20, 0, None),
    ],
)
def test_a_day_whose_pages_are_written_gets_no_more_papers(
    days: int, written: int, listed: int | None
) -> None:
    """A paper of an earlier day goes to today's pages if that day's are written, or long past.

    A paper of today, or of a day to come, is listed on its own day even if its pages are there.
    """
    close = NIGHT - timedelta(hours=11)
    assert announced_at(close).date() == TODAY
    known = make_paper(1, updated=close - written * DAY - timedelta(hours=2))
    late = make_paper(2, updated=close - days * DAY)
    store = night(None, answer(A, [known])).store
    store = night(store, answer(A, [late, known]), now=NIGHT + timedelta(hours=1)).store
    own = announced_at(close - listed * DAY).date() if listed is not None else TODAY
    having = [
        day for day, found in store.days.items() if late.arxiv_id in found.topics.get("A", ())
    ]
    assert having == [own]
    assert not store.entries["2611.00002"].silent


# Whether a table is whole.


@pytest.mark.parametrize(
    ("rows", "floor", "filled"),
    [
        (3, None, True),
        (1, None, True),
        (3, 3, True),
        (3, 4, True),
        (3, 2, False),
        (2, 3, False),
    ],
)
def test_a_table_is_whole_if_it_is_full_above_the_floor(
    rows: int, floor: int | None, *, filled: bool
) -> None:
    """No paper is missing if all are known, or if the full table ends at the floor or above it."""
    table = [make_entry(number, [A.name]) for number in range(1, rows + 1)]
    state = make_state(A.name, floor=make_paper(floor).updated if floor else None)
    assert is_filled(state, table, LIMITS) is filled


# Any nights at all.


@dataclass
class World:
    """A model of arXiv: a list of papers that grows and is revised."""

    papers: dict[str, tuple[Paper, frozenset[str]]] = field(default_factory=dict)
    now: datetime = NIGHT
    fresh: set[str] = field(default_factory=set)
    """What was announced since the last night."""

    def tick(self) -> datetime:
        """Let a minute pass and return the time."""
        self.now += timedelta(minutes=1)
        return self.now

    def add(self, topics: frozenset[str]) -> None:
        """Add a paper of these topics."""
        paper = make_paper(len(self.papers) + 1, updated=self.tick(), comment="a comment")
        self.papers[paper.arxiv_id] = paper, topics
        self.fresh.add(paper.arxiv_id)

    def revise(self, place: int) -> None:
        """Add a newer version of a paper."""
        if self.papers:
            paper, topics = list(self.papers.values())[place % len(self.papers)]
            self.papers[paper.arxiv_id] = (
                replace(paper, version=paper.version + 1, updated=self.tick()),
                topics,
            )
            self.fresh.add(paper.arxiv_id)

    def of(self, topic: str) -> list[Paper]:
        """Return a topic's papers, newest first."""
        found = [paper for paper, topics in self.papers.values() if topic in topics]
        return sorted(found, key=lambda paper: paper.updated, reverse=True)

    def search(self, topic: Topic, store: Store | None, limits: Settings) -> TopicAnswer:
        """Return the search API's answer for a topic."""
        papers = self.of(topic.name)
        state = state_for(store, topic, f'"{topic.name}"', limits.sort)
        watermark = state.watermark if state else None
        size = limits.max_papers
        while (
            watermark is not None and size < len(papers) and papers[size - 1].updated >= watermark
        ):
            size += 1
        return answer(topic, papers[:size], total=len(papers))

    def answer(
        self, outcome: str, topic: Topic, store: Store | None, limits: Settings
    ) -> TopicAnswer:
        """Return the answer that a night gets for a topic."""
        match outcome:
            case "good":
                return self.search(topic, store, limits)
            case _:
                return failed(topic)


TOPICS = st.sets(st.sampled_from("AB"), min_size=1).map(frozenset)
NIGHTS = st.lists(
    st.tuples(
        st.lists(TOPICS | st.integers(0, 30), max_size=5),
        st.tuples(*[st.sampled_from(["good", "good", "failed"])] * 2),
        st.integers(1, 9),
    ),
    min_size=1,
    max_size=9,
)


def play(
    nights: list[tuple[list[frozenset[str] | int], tuple[str, str], int]], limits: Settings
) -> list[tuple[World, Sequence[TopicAnswer], Merged]]:
    """Play nights: what arXiv did before each, how each topic fared, and days until it."""
    world = World()
    store: Store | None = None
    played = []
    for changes, outcomes, days in nights:
        world.fresh.clear()
        world.now += days * DAY
        for change in changes:
            if isinstance(change, int):
                world.revise(change)
            else:
                world.add(change)
        world.tick()
        answers = [
            world.answer(outcome, topic, store, limits)
            for topic, outcome in zip((A, B), outcomes, strict=True)
        ]
        before = deepcopy(store)
        done = night(store, *answers, now=world.now, limits=limits)
        assert store == before
        played.append((deepcopy(world), answers, done))
        store = done.store
    return played


GOOD: tuple[list[frozenset[str] | int], tuple[str, str], int] = ([], ("good", "good"), 1)


@given(NIGHTS, st.integers(1, 4), st.integers(0, 99))
def test_the_same_answers_merged_again_change_nothing(
    nights: list[tuple[list[frozenset[str] | int], tuple[str, str], int]], rows: int, seed: int
) -> None:
    """A second merge of the same answers changes nothing, nor does the order of their papers."""
    limits = Settings(max_papers=rows)
    store: Store | None = None
    for world, answers, done in play(nights, limits):
        again = night(done.store, *answers, now=world.now + timedelta(hours=1), limits=limits)
        assert not again.changed
        assert again.store is done.store
        shuffled = [
            replace(
                one,
                coverage=replace(
                    one.coverage,
                    papers=tuple(random.Random(seed).sample(one.papers, len(one.papers))),
                ),
            )
            for one in answers
        ]
        other = night(store, *shuffled, now=world.now, limits=limits)
        assert lines_of(other.store) == lines_of(done.store)
        if store is not None:
            # A night reads no others.
            ids = {paper.arxiv_id for one in answers for paper in one.papers}
            ids |= {one for state in store.topics.values() for one in state.table}
            ids = ids.union(*(day.papers for day in recent_days(store)))
            few = {one: entry for one, entry in store.entries.items() if one in ids}
            part = night(replace(store, entries=few), *answers, now=world.now, limits=limits).store
            assert lines_of(replace(part, entries=store.entries | part.entries)) == (
                lines_of(done.store)
            )
        store = done.store


@given(NIGHTS, st.integers(1, 4))
def test_nothing_known_is_ever_lost(
    nights: list[tuple[list[frozenset[str] | int], tuple[str, str], int]], rows: int
) -> None:
    """A table never shrinks, loses rows to newer ones only, and no version goes back."""
    limits = Settings(max_papers=rows)
    store: Store | None = None
    for _, _, done in play(nights, limits):
        for name in "AB" if store else "":
            assert store is not None
            before, after = store.table(name, rows), done.store.table(name, rows)
            assert len(after) >= len(before)
            shown = {entry.paper.arxiv_id: entry.paper for entry in after}
            for entry in before:
                paper = shown.get(entry.paper.arxiv_id)
                if paper is not None:
                    assert paper.version >= entry.paper.version
                else:
                    assert len(after) == rows
                    assert all(other.updated >= entry.paper.updated for other in shown.values())
        store = done.store


@given(NIGHTS, st.integers(1, 4))
def test_after_a_good_night_the_tables_are_arxivs_and_each_paper_was_new_once(
    nights: list[tuple[list[frozenset[str] | int], tuple[str, str], int]], rows: int
) -> None:
    """However nights failed in between, nothing is missed and nothing is counted twice."""
    limits = Settings(max_papers=rows)
    store: Store | None = None
    counted: list[str] = []
    due: set[str] = set()
    counts = 0
    played = play([([frozenset("A"), frozenset("AB")] * 2, *GOOD[1:]), *nights, GOOD], limits)
    for _, answers, done in played:
        since = store.updated if store else None
        counted += [
            arxiv_id
            for arxiv_id, entry in done.store.entries.items()
            if entry.is_new_since(since)
            # A table's first night may be later than the store's.
            and (store is None or arxiv_id not in store.entries or store.entries[arxiv_id].silent)
        ]
        counts += done.new
        for one in answers:
            known = store.topics[one.topic.name].watermark if store else None
            due |= {
                paper.arxiv_id
                for paper in one.papers
                if one.coverage.complete_from and (known is None or paper.published > known)
            }
        store = done.store
    assert store is not None
    world = played[-1][0]
    for name in "AB":
        assert [entry.paper for entry in store.table(name, rows)] == world.of(name)[:rows]
        assert store.topics[name].failing is None
    assert len(counted) == len(set(counted)) == counts
    assert due <= set(counted)


def test_what_a_night_leaves_does_not_depend_on_how_much_was_read_again() -> None:
    """Store and ledger are the same whether an answer has known papers and a total or not."""
    known = make_papers(3)
    first = night(None, answer(A, known, total=9)).store
    old = [make_paper(number, updated=NIGHT - 2 * DAY) for number in range(4, 10)]
    fresh = make_paper(50, updated=NEXT - DAY / 2)
    alone = night(first, answer(A, [fresh, *known, *old], total=10), now=NEXT)
    merged = night(first, answer(A, [fresh, known[0]], total=None), now=NEXT)
    assert lines_of(merged.store) == lines_of(alone.store)
    assert [(row.total, row.fetched) for row in alone.rows] == [(10, 2)]
    assert [(row.total, row.fetched) for row in merged.rows] == [(None, 2)]


def test_a_small_topic_has_no_floor_until_its_table_is_full() -> None:
    """A topic has no floor until it has more papers than its table."""
    store = night(None, answer(A, make_papers(2), total=2)).store
    third = make_paper(90, updated=NEXT - DAY / 2)
    store = night(store, answer(A, [third], total=None), now=NEXT).store
    assert store.topics["A"].floor is None
    fourth = make_paper(91, updated=NEXT + DAY / 2)
    store = night(store, answer(A, [fourth], total=None), now=NEXT + DAY).store
    assert store.topics["A"].floor == make_paper(1).updated


def test_a_topic_that_reached_the_limit_has_a_floor() -> None:
    """A topic has a floor after a night that reached the limit of looking back."""
    store = night(None, answer(A, make_papers(1), total=1)).store
    later = make_paper(90, updated=NEXT)
    store = night(store, answer(A, [later], total=3, limited=True), now=NEXT).store
    assert store.topics["A"].floor == make_paper(1).updated


def test_a_topic_is_empty_until_its_first_paper() -> None:
    """An empty answer marks a topic as empty, a failure does not."""
    store = night(None, answer(A, []), failed(B), answer(make_topics("C")[0], [make_paper()])).store
    assert [state.empty for state in store.topics.values()] == [True, False, False]
    store = night(store, answer(A, [make_paper(2)]), now=NEXT, topics=[A, B]).store
    assert not store.topics["A"].empty
