"""The second door: what OAI-PMH tells after a good search, and instead of one that failed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import VirtualClock
from daily_papers.arxiv.harvest import sets_of
from daily_papers.arxiv.oai_pmh import RAW, SPLIT, changes, is_plain
from daily_papers.arxiv.paced_requests import FetchError, PoliteSession
from daily_papers.commands.update import Update
from daily_papers.commands.update_report import Night
from daily_papers.settings import Environment
from factories import make_paper, whole_store
from standins.arxiv import FakeArxiv, Fault, Record

BEGIN = datetime(2026, 6, 2, 5, 37, tzinfo=UTC)
DAY = timedelta(days=1)
SEARCH_DOWN = Fault("status", times=None, status=429, path="api")


def record(number: int, day: float, **facts: Any) -> Record:  # noqa: ANN401 - a record's fields
    """Return a paper of the topic, submitted that many days after the first night."""
    moment = (BEGIN + day * DAY).replace(microsecond=0)
    defaults = {
        "title": f"Neural Widgets {number}",
        "authors": ("Ada Q. Lovelace", "Charles Babbage"),
        "abstract": "-",
        "published": moment,
    }
    return Record(f"2618.{number:05}", **(defaults | facts))


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    """Return the stand-in with two papers a day, announced as arXiv does."""
    found = [record(number, number / 2 - 14) for number in range(50)]
    with FakeArxiv(found, announced=True) as server:
        yield server


class Copy:
    """A repository with its nights."""

    def __init__(self, root: Path, arxiv: FakeArxiv, lines: str = "Neural Widgets\n") -> None:
        self.root, self.arxiv = root, arxiv
        root.mkdir()
        (root / "keywords.txt").write_text(lines)
        (root / "daily-papers.toml").write_text("max-papers = 10\n")

    def play(self, day: int) -> Night:
        """Run the night that many days after the first."""
        now = self.arxiv.now = BEGIN + day * DAY
        self.arxiv.log.clear()
        environment = Environment(
            arxiv_api_url=self.arxiv.api_url, arxiv_oai_url=self.arxiv.oai_url
        )
        return Update(self.root, environment, VirtualClock(now), now=now).run()

    def tables(self) -> dict[str, bytes]:
        """Return README and topic pages."""
        paths = (self.root / "README.md", *(self.root / "papers/topics").glob("*.md"))
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def copy(tmp_path: Path, arxiv: FakeArxiv) -> Copy:
    """Return a repository after its first night."""
    made = Copy(tmp_path / "copy", arxiv)
    made.play(0)
    return made


def edit(arxiv: FakeArxiv, number: int, day: float, **facts: Any) -> None:  # noqa: ANN401
    """Change facts of a paper without a new version."""
    moment = BEGIN + day * DAY
    arxiv.records = [
        replace(one, edited=moment, **facts) if one.arxiv_id == f"2618.{number:05}" else one
        for one in arxiv.records
    ]


def test_search_and_harvest_of_a_night_are_few_requests(copy: Copy, arxiv: FakeArxiv) -> None:
    """One search for all topics, and one harvest for each set of categories."""
    copy.play(1)
    assert [entry.service for entry in arxiv.log] == ["api", "oai", "oai"]
    assert [entry.query.get("set") for entry in arxiv.log[1:]] == ["cs", "stat"]


def test_an_edited_comment_is_news_on_the_day_it_is_written(copy: Copy, arxiv: FakeArxiv) -> None:
    """It is seen in a paper far below the table, which the search does not show again."""
    copy.play(1)
    edit(arxiv, 9, 1.2, comment="Accepted at CVPR 2027")
    assert "2618.00009" not in whole_store(copy.root).topics["Neural Widgets"].table
    night = copy.play(2)
    entry = whole_store(copy.root).entries.get("2618.00009")
    # It was past the first night's table: nobody has followed it.
    assert entry is None
    edit(arxiv, 28, 2.2, comment="Accepted at CVPR 2027")
    night = copy.play(3)
    assert night.store.entries["2618.00028"].accepted == BEGIN + 3 * DAY
    assert not copy.play(4).store.entries["2618.00028"].is_accepted_since(BEGIN + 3.5 * DAY)


def test_a_withdrawal_is_told_by_arxivs_mark(copy: Copy, arxiv: FakeArxiv) -> None:
    """No comment says so, and the search, which has no mark, does not undo it."""
    edit(arxiv, 26, 0.2, withdrawn=True)
    copy.play(1)
    assert "withdrawn" in (copy.root / "README.md").read_text().split("2618.00026v1")[1][:80]
    before = copy.tables()
    copy.play(2)
    assert whole_store(copy.root).entries["2618.00026"].paper.is_withdrawn
    assert before.keys() == copy.tables().keys()


def test_a_bulk_edit_is_no_news(copy: Copy, arxiv: FakeArxiv) -> None:
    """Old papers with today's day of change are neither added nor announced."""
    known = set(whole_store(copy.root).entries)
    for number in range(10):
        edit(arxiv, number, 0.2, doi=f"10.1/{number}")
    night = copy.play(1)
    assert night.new == 2
    assert len(set(whole_store(copy.root).entries) - known) == 2


def test_an_old_paper_with_a_new_category_is_marked_and_not_announced(
    tmp_path: Path, arxiv: FakeArxiv
) -> None:
    """Of a topic whose papers are all known, it can only be newly cross-listed."""
    old = record(60, -200, title="Quantum Teapots", categories=("math.CO",))
    few = [record(70 + n, -9 * n - 2, title=f"Quantum Teapots {n}") for n in range(3)]
    arxiv.records = [*arxiv.records, replace(old, arxiv_id="2512.00060"), *few]
    copy = Copy(tmp_path / "other", arxiv, "Neural Widgets\nQuantum Teapots\n")
    copy.play(0)
    arxiv.records = [
        replace(one, categories=("math.CO", "cs.CV"), edited=BEGIN + 0.2 * DAY)
        if one.arxiv_id == "2512.00060"
        else one
        for one in arxiv.records
    ]
    night = copy.play(1)
    entry = night.store.entries["2512.00060"]
    assert (entry.cross_listed, entry.silent, night.new) == (True, True, 2)
    assert "2512.00060" in night.store.topics["Quantum Teapots"].table
    for page in copy.tables().values():
        assert page.count(b"cross-listed") == page.count(b"/abs/2512.00060v1")


def test_nights_without_a_search_are_as_good(tmp_path: Path, arxiv: FakeArxiv) -> None:
    """The tables equal those of a copy that met no fault, byte for byte, on each of them."""
    usual, copy = (Copy(tmp_path / name, arxiv) for name in ("usual", "copy"))
    for day in range(8):
        edit(arxiv, 20 + 2 * day, day - 0.8, comment=rf"1{day} pages, K\"oln")
        usual.play(day)
        if 2 <= day < 6:
            arxiv.faults.add(SEARCH_DOWN)
        night = copy.play(day)
        arxiv.faults.clear()
        assert {row.state for row in night.rows} <= {"ok", "nothing new", "no announcement today"}
        assert copy.tables() == usual.tables()
    assert whole_store(copy.root).entries == whole_store(usual.root).entries


def test_a_first_night_without_a_search_begins_with_the_last_days(
    tmp_path: Path, arxiv: FakeArxiv
) -> None:
    """When the search works again, older papers fill the table without being announced."""
    copy = Copy(tmp_path / "other", arxiv)
    arxiv.faults.add(SEARCH_DOWN)
    first = copy.play(0)
    assert first.new == 10
    arxiv.faults.clear()
    second = copy.play(1)
    assert second.new == 2
    assert len(second.store.topics["Neural Widgets"].table) == 10


@pytest.mark.parametrize("kind", ["status", "html", "truncated", "empty", "other_namespace"])
def test_a_failed_harvest_loses_nothing(copy: Copy, arxiv: FakeArxiv, kind: Any) -> None:  # noqa: ANN401
    """The night says so, and the next one harvests from where the last good one ended."""
    copy.play(1)
    edit(arxiv, 28, 1.2, comment="Accepted at CVPR 2027")
    arxiv.faults.add(Fault(kind, times=None, path="oai"))
    night = copy.play(2)
    assert any("OAI-PMH" in warning for warning in night.warnings)
    assert {row.state for row in night.rows} == {"ok"}
    arxiv.faults.clear()
    for day in (6, 7):
        night = copy.play(day)
    assert night.store.entries["2618.00028"].paper.comment == "Accepted at CVPR 2027"


def test_a_harvest_that_lacks_what_the_search_has_does_not_count(
    copy: Copy, arxiv: FakeArxiv
) -> None:
    """The next nights harvest from the same day, so that its other gaps are filled too."""
    copy.play(1)
    edit(arxiv, 28, 1.2, comment="Accepted at CVPR 2027")
    arxiv.hidden = {"oai": {"2618.00028", "2618.00030"}}
    copy.play(2)
    copy.play(3)
    arxiv.hidden = {}
    night = copy.play(4)
    assert [one.query.get("from") for one in arxiv.log] == [None, "2026-06-03", "2026-06-03"]
    assert night.store.entries["2618.00028"].paper.comment == "Accepted at CVPR 2027"


def test_a_record_that_is_right_weeks_later_is_not_lost(copy: Copy, arxiv: FakeArxiv) -> None:
    """Its identifier is kept, and one request a night asks for it."""
    right = arxiv.records
    name = "2618.00029"
    arxiv.records = [replace(one, title="") if one.arxiv_id == name else one for one in right]
    for day in (1, 2):
        night = copy.play(day)
    for day in range(3, 10):
        night = copy.play(day)
    assert night.store.doubted == (name,)
    arxiv.records = right
    night = copy.play(10)
    assert night.store.doubted == ()
    assert name in night.store.entries


def test_pages_of_a_harvest_follow_one_another(arxiv: FakeArxiv, clock: VirtualClock) -> None:
    """All records come, in either format, however small the pages are."""
    arxiv.now = BEGIN
    arxiv.oai_page = 4
    with PoliteSession(user_agent="x", clock=clock, deadline=10**6) as session:
        for form in (RAW, SPLIT):
            found = changes(session, arxiv.oai_url, date(2026, 5, 1), "cs", form, BEGIN + DAY)
            assert len(found.papers) == sum(
                one.published > BEGIN - 15 * DAY
                for one in arxiv.records
                if arxiv.found("cat:cs.*", one.arxiv_id)
            )
            assert found.latest == date(2026, 6, 2)
        nothing = changes(session, arxiv.oai_url, date(2026, 6, 3), "cs", RAW, BEGIN + 2 * DAY)
        assert (nothing.papers, nothing.latest) == ({}, None)
        with pytest.raises(FetchError, match="badArgument"):
            changes(session, arxiv.oai_url, date(2026, 6, 1), "nosuch", RAW, BEGIN + DAY)


@pytest.mark.parametrize(
    ("patterns", "sets"),
    [
        (["cs.*", "stat.*"], ("cs", "stat")),
        (["cs.CV"], ("cs",)),
        (["hep-th", "quant-ph", "astro-ph.EP"], ("physics",)),
        (["cs.*", "math.CO", "q-bio.NC"], ("",)),
        ([], ("",)),
    ],
)
def test_few_sets_are_asked_for(patterns: list[str], sets: tuple[str, ...]) -> None:
    """Groups, which are the same for many copies; all of arXiv if there would be more than two."""
    assert sets_of(patterns) == sets


@pytest.mark.parametrize(
    ("facts", "plain"),
    [
        ({}, True),
        ({"comment": "12 pages"}, True),
        ({"comment": r"K\"oln"}, False),
        ({"title": r"The $\alpha$ decay"}, False),
        ({"authors": ("Ada Lovelace (MIT)",)}, False),
        ({"authors": ("A. One et al.",)}, False),
    ],
)
def test_what_is_written_as_in_the_search(facts: dict[str, Any], *, plain: bool) -> None:
    """TeX and affiliations are not."""
    assert is_plain(make_paper(1, **facts)) is plain
