import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.announcement_calendar import submitted_since
from daily_papers.arxiv.catch_up import Ask, Page, look_back
from daily_papers.arxiv.paced_requests import FetchError, FetchState
from daily_papers.settings import MAX_DEPTH, MAX_PAGE, Settings
from daily_papers.store.coverage import EPOCH, Coverage, look_back_to
from daily_papers.store.paper import Paper
from factories import NIGHT, make_paper

BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
APART = timedelta(days=1)
# Later than every paper: what a night reads again in any case is not of interest here.
NOW = datetime(2100, 1, 1, tzinfo=UTC)

Change = Callable[["Arxiv"], None]


class Arxiv:
    """A list of papers that answers like the search API, and may change between two requests.

    Papers of one second come in another order with every request.
    """

    def __init__(self, count: int, *, ties: int = 1, seed: int = 0) -> None:
        self.random = random.Random(seed)
        self.requests: list[tuple[int, int]] = []
        self.between: dict[int, Change] = {}
        """Changes to make before the request of that number, from 0."""
        self._time = BEGIN
        self._last = 0
        self.papers: dict[str, Paper] = {}
        for number in range(count):
            self._time = BEGIN + APART * (number // ties)
            self.insert(self._time)

    def insert(self, moment: datetime) -> Paper:
        """Add a paper of that moment, the newest so far."""
        self._last += 1
        paper = make_paper(self._last, updated=moment)
        self.papers[paper.arxiv_id] = paper
        self._time = moment
        return paper

    def newer(self) -> datetime:
        """Return a moment after every paper's."""
        return self._time + APART

    def move(self, paper: Paper) -> None:
        """Give a paper a newer version, dated after all others."""
        self._time = self.newer()
        self.papers[paper.arxiv_id] = replace(paper, version=paper.version + 1, updated=self._time)

    def remove(self, paper: Paper) -> None:
        """Remove a paper."""
        del self.papers[paper.arxiv_id]

    def newest_first(self) -> list[Paper]:
        """Return all papers in an order that the API may give."""
        shuffled = list(self.papers.values())
        self.random.shuffle(shuffled)
        return sorted(shuffled, key=lambda paper: paper.updated, reverse=True)

    def ask(self, start: int, size: int) -> Page:
        """Answer a request."""
        change = self.between.get(len(self.requests))
        self.requests.append((start, size))
        assert len(self.requests) < 100, "it would never end"
        assert 1 <= size <= MAX_PAGE
        assert 0 <= start <= start + size <= MAX_DEPTH
        if change is not None:
            change(self)
        papers = self.newest_first()
        return Page(tuple(papers[start : start + size]), len(papers))


def back(ask: Ask, target: datetime | None, settings: Settings, **options: Any) -> Coverage:  # noqa: ANN401
    """Call `look_back` at a time long after the last paper."""
    return look_back(ask, target, settings, NOW, **options)


def ids(found: Coverage | list[Paper]) -> list[str]:
    """Return the identifiers of papers, in order."""
    papers = found.papers if isinstance(found, Coverage) else found
    return [paper.arxiv_id for paper in papers]


def test_a_first_night_is_one_request_for_a_table() -> None:
    """Without a watermark, one page of `max-papers` is fetched."""
    arxiv = Arxiv(500)
    found = back(arxiv.ask, None, Settings())
    assert arxiv.requests == [(0, 100)]
    assert ids(found) == ids(arxiv.newest_first()[:100])
    assert (found.total, found.limited) == (500, False)


@given(
    count=st.integers(2, 300),
    ties=st.integers(1, 3),
    rows=st.integers(4, 120),
    seed=st.integers(0, 99),
)
def test_a_quiet_night_is_one_request(count: int, ties: int, rows: int, seed: int) -> None:
    """When nothing is new, the first page is enough."""
    arxiv = Arxiv(count, ties=ties, seed=seed)
    watermark = arxiv.newest_first()[0].updated
    found = back(arxiv.ask, watermark, Settings(max_papers=rows))
    assert arxiv.requests == [(0, rows)]
    assert not found.limited


def test_a_topic_smaller_than_a_page_is_one_request() -> None:
    """When the first page has all papers, no other is fetched."""
    arxiv = Arxiv(30)
    found = back(arxiv.ask, BEGIN - timedelta(days=99), Settings())
    assert len(arxiv.requests) == 1
    assert len(found.papers) == 30


def test_an_empty_first_answer_is_asked_for_again() -> None:
    """That arXiv has no paper is only believed when it says so twice."""
    arxiv = Arxiv(0)

    def come(self: Arxiv) -> None:
        for _ in range(3):
            self.insert(self.newer())

    arxiv.between[1] = come
    assert len(back(arxiv.ask, None, Settings()).papers) == 3
    assert len(arxiv.requests) == 2


def test_an_empty_answer_for_a_topic_known_to_be_empty_is_not_repeated() -> None:
    """A topic that is known to have no paper costs one request a night."""
    arxiv = Arxiv(0)
    back(arxiv.ask, None, Settings(), confirm_empty=False)
    assert len(arxiv.requests) == 1


def test_an_empty_answer_with_a_watermark_is_not_repeated() -> None:
    """With a watermark, even an empty answer costs one request."""
    arxiv = Arxiv(0)
    assert back(arxiv.ask, BEGIN, Settings()) == Coverage((), EPOCH, 0)
    assert arxiv.requests == [(0, 100)]


def test_a_topic_without_papers_is_believed_after_the_second_answer() -> None:
    """Two empty answers are a topic without papers."""
    arxiv = Arxiv(0)
    assert back(arxiv.ask, None, Settings()) == Coverage((), EPOCH, 0)
    assert len(arxiv.requests) == 2


def test_a_night_with_three_tables_of_news_gets_them_all() -> None:
    """Pages are fetched until one has a paper older than the watermark."""
    arxiv = Arxiv(1000)
    papers = arxiv.newest_first()
    found = back(arxiv.ask, papers[300].updated, Settings())
    assert not found.limited
    assert set(ids(papers[:301])) <= set(ids(found))
    assert len(arxiv.requests) == 2


def test_papers_of_the_watermarks_own_second_are_looked_for() -> None:
    """A page that ends within the watermark's second is not the last one."""
    arxiv = Arxiv(200, ties=20)
    papers = arxiv.newest_first()
    found = back(arxiv.ask, papers[45].updated, Settings(max_papers=45))
    assert {paper.arxiv_id for paper in papers if paper.updated == papers[45].updated} <= set(
        ids(found)
    )


@given(
    count=st.integers(1, 1300),
    ties=st.integers(1, 40),
    rows=st.integers(1, 120),
    missed=st.integers(0, 1300),
    seed=st.integers(0, 10**6),
    changes=st.lists(
        st.tuples(st.sampled_from(["insert", "move", "remove"]), st.integers(1, 25)), max_size=6
    ),
)
def test_nothing_is_lost_or_doubled_while_results_change(
    count: int, ties: int, rows: int, missed: int, seed: int, changes: list[tuple[str, int]]
) -> None:
    """However papers are ordered, added, replaced and removed between pages, two nights find all.

    The first night finds every paper between the old and the new watermark; what was replaced
    meanwhile, and so is above the new one, is found by the next night.
    """
    arxiv = Arxiv(count, ties=ties, seed=seed)
    limits = Settings(max_papers=rows, catch_up_papers=9000)
    watermark = arxiv.newest_first()[min(missed, count - 1)].updated

    def changed(kind: str, number: int) -> Change:
        def change(self: Arxiv) -> None:
            for _ in range(number):
                if kind == "insert":
                    self.insert(self.newer())
                elif self.papers:
                    paper = self.random.choice(list(self.papers.values()))
                    (self.move if kind == "move" else self.remove)(paper)

        return change

    for place, (kind, number) in enumerate(changes, start=1):
        arxiv.between[place] = changed(kind, number)

    first = back(arxiv.ask, watermark, limits)
    arxiv.between.clear()
    assert not first.limited
    assert len(set(ids(first))) == len(first.papers)
    reached = max(watermark, *(paper.updated for paper in first.papers))
    assert {
        paper.versioned_id
        for paper in arxiv.papers.values()
        if watermark <= paper.updated <= reached
    } <= {paper.versioned_id for paper in first.papers}

    second = back(arxiv.ask, reached, limits)
    assert {paper.arxiv_id for paper in arxiv.papers.values() if paper.updated >= watermark} <= (
        set(ids(first)) | set(ids(second))
    )


def test_a_paper_seen_in_two_versions_counts_as_the_newer() -> None:
    """A paper that got a new version between two pages is found once, in that version."""
    arxiv = Arxiv(900)
    moved = arxiv.newest_first()[50]

    def change(self: Arxiv) -> None:
        # So many vanish that the second page must begin again at the top.
        for paper in self.newest_first()[:99]:
            if paper is not moved:
                self.remove(paper)
        self.move(moved)

    arxiv.between[1] = change
    found = back(arxiv.ask, arxiv.newest_first()[800].updated, Settings())
    (paper,) = [paper for paper in found.papers if paper.arxiv_id == moved.arxiv_id]
    assert paper.version == 2


@pytest.mark.parametrize("cap", [1, 100, 150, 700, 2000])
def test_looking_back_ends_at_the_limit_and_reports_it(cap: int) -> None:
    """No more papers than `catch-up-papers` or one page are fetched."""
    arxiv = Arxiv(4000)
    found = back(arxiv.ask, BEGIN, Settings(catch_up_papers=cap))
    assert found.limited
    assert cap <= len(found.papers) <= max(cap, 100)
    assert ids(found) == ids(arxiv.newest_first()[: len(found.papers)])


@pytest.mark.parametrize("most", [150, 700])
def test_a_limit_of_the_caller_replaces_the_one_of_the_settings(most: int) -> None:
    """Looking back for several topics at once stops at `most`, below or above the setting."""
    arxiv = Arxiv(4000)
    found = back(arxiv.ask, BEGIN, Settings(catch_up_papers=400), most=most)
    assert found.limited
    assert len(found.papers) == most


def test_a_limit_that_is_not_reached_is_not_reported() -> None:
    """A night that reaches its watermark right before the limit is complete."""
    arxiv = Arxiv(4000)
    found = back(arxiv.ask, arxiv.newest_first()[1900].updated, Settings(catch_up_papers=2000))
    assert not found.limited


def test_arxiv_is_not_asked_beyond_its_own_depth() -> None:
    """The API fails beyond 10,000 papers, so the night stops there as at its limit."""
    arxiv = Arxiv(10_400)
    found = back(arxiv.ask, BEGIN, Settings(catch_up_papers=10_000))
    assert found.limited
    assert len(found.papers) == MAX_DEPTH


def test_papers_added_meanwhile_do_not_push_a_night_over_arxivs_depth() -> None:
    """A night still ends at the API's depth when papers are added between its pages."""
    arxiv = Arxiv(10_400)

    def come(self: Arxiv) -> None:
        for _ in range(100):
            self.insert(self.newer())

    arxiv.between = dict.fromkeys(range(1, 40), come)
    found = back(arxiv.ask, BEGIN, Settings(catch_up_papers=10_000))
    assert found.limited
    assert len(arxiv.requests) < 30


def test_papers_before_a_failed_page_are_kept() -> None:
    """When a later page fails, the papers of the pages before it are returned with the cause."""
    arxiv = Arxiv(2000)
    cause = FetchError(FetchState.THROTTLED, "Rate exceeded.")

    def ask(start: int, size: int) -> Page:
        if len(arxiv.requests) == 2:
            raise cause
        return arxiv.ask(start, size)

    found = back(ask, BEGIN, Settings())
    assert ids(found) == ids(arxiv.newest_first()[: len(found.papers)])
    assert len(found.papers) > 100
    assert found.total == 2000
    assert found.failure == (cause.state, cause.reason)


def test_a_failed_first_page_is_returned_as_the_failure() -> None:
    """When the first page fails, there are no papers and no total."""
    cause = FetchError(FetchState.BAD_QUERY, "malformed")

    def ask(_start: int, _size: int) -> Page:
        raise cause

    assert back(ask, BEGIN, Settings()) == Coverage(failure=(cause.state, cause.reason))


def test_results_that_keep_changing_are_given_up() -> None:
    """When no page follows on from the last, the papers so far are returned with the reason."""
    arxiv = Arxiv(9000)

    def shrink(self: Arxiv) -> None:
        for paper in self.newest_first()[:1500]:
            self.remove(paper)

    arxiv.between = dict.fromkeys(range(3, 9), shrink)
    found = back(arxiv.ask, BEGIN, Settings(max_papers=2000, catch_up_papers=9000))
    assert len(found.papers) == 4000
    assert found.failure is not None
    assert found.failure[0] == FetchState.UNAVAILABLE
    assert len(arxiv.requests) < 9


def test_shorter_pages_are_gone_on_from() -> None:
    """An API that gives 200 at most is read in pages of 200."""
    arxiv = Arxiv(2000)

    def ask(start: int, size: int) -> Page:
        page = arxiv.ask(start, size)
        return replace(page, papers=page.papers[:200])

    found = back(ask, None, Settings(max_papers=300))
    assert ids(found) == ids(arxiv.newest_first()[:300])
    assert found.complete_from == found.papers[-1].updated
    papers = arxiv.newest_first()
    found = back(ask, papers[500].updated, Settings(max_papers=300))
    assert set(ids(papers[:501])) <= set(ids(found))
    assert found.complete_from is not None
    assert found.complete_from < papers[500].updated


@pytest.mark.parametrize("target", [None, 150])
def test_a_page_with_a_hole_proves_nothing(target: int | None) -> None:
    """A page without papers from its middle is not taken for one that ends early."""
    arxiv = Arxiv(1000)
    papers = arxiv.newest_first()

    def ask(start: int, size: int) -> Page:
        page = arxiv.ask(start, size)
        return replace(page, papers=page.papers[:80] + page.papers[180:]) if start == 0 else page

    found = back(ask, target and papers[target].updated, Settings(max_papers=300))
    assert found.failure is not None
    assert "do not meet" in found.failure[1]
    assert found.complete_from is None


def test_pages_that_bring_nothing_new_end_the_night() -> None:
    """A total that no page bears out is not believed."""
    arxiv = Arxiv(60)

    def ask(start: int, size: int) -> Page:
        return replace(arxiv.ask(start, size), total=100)

    found = back(ask, BEGIN, Settings(max_papers=80))
    assert (len(found.papers), found.complete_from) == (60, None)
    assert found.failure is not None
    assert len(arxiv.requests) < 6


def test_the_last_announcements_are_read_whatever_number_they_are() -> None:
    """Neither the table's size nor the limit of looking back ends the night before."""
    papers = [make_paper(number, updated=NIGHT - number * APART / 1500) for number in range(6000)]
    arxiv = Arxiv(0)
    arxiv.papers = {paper.arxiv_id: paper for paper in papers}
    target = look_back_to(papers[5].updated, NIGHT)
    found = look_back(arxiv.ask, target, Settings(catch_up_papers=50), NIGHT)
    assert not found.limited
    again = [paper for paper in papers if paper.updated >= submitted_since(NIGHT, 3)]
    assert set(ids(again)) <= set(ids(found))
    assert len(again) > 3000


def test_the_sort_setting_decides_which_time_is_compared() -> None:
    """Sorted by submission, the first version's time is compared with the watermark."""
    papers = [
        make_paper(number, version=2, updated=NIGHT, published=NIGHT - timedelta(days=number))
        for number in range(1, 400)
    ]
    asked = []

    def ask(start: int, size: int) -> Page:
        asked.append((start, size))
        return Page(tuple(papers[start : start + size]), len(papers))

    found = back(ask, NIGHT - timedelta(days=50), Settings(sort="submitted"))
    assert asked == [(0, 100)]
    assert not found.limited
