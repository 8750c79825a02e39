"""A language model's texts on the pages that show them, night after night."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.commands.update import Update
from daily_papers.commands.update_report import Night
from daily_papers.settings import Environment
from layouts import BILINGUAL, DIGEST, WEEKLY
from standins.arxiv import FakeArxiv, Record
from standins.llm import FakeLlm, Fault
from standins.llm.answers import fit_answer

NOW = datetime(2026, 11, 18, 5, 37, tzinfo=UTC)
DAY = "2026-11-18"
SETTINGS = """\
[tool.daily-papers.pages]
weekly = true
digest = true
bilingual = true
[tool.daily-papers.llm]
tasks = ["ranking", "analysis", "digest", "translation", "summary"]
language = "zh"
first-page = false
"""
WEEK = "papers/weekly/neural-widgets/20261116-20261122.md"
DIGEST_PAGE = f"papers/digest/2026/{DAY}/neural-widgets.md"
BILINGUAL_PAGE = f"papers/bilingual/2026/{DAY}/neural-widgets.md"


def paper(number: int, *, day: int = 0) -> Record:
    """Return a paper of the listing of `day` days after NOW's."""
    return Record(
        arxiv_id=f"2611.{number:05}",
        title=f"Paper {number} about neural widgets that nobody has seen",
        authors=("A. Sample",),
        abstract="Neural widgets are hard to find. We propose to look for them. We find them all "
        f"and say in {number} words how. Code: https://github.com/example/widgets",
        categories=("cs.LG",),
        published=NOW - timedelta(days=1 - day, hours=number),
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository of one topic with every page and every task on."""
    (tmp_path / "keywords.txt").write_text("Neural Widgets\n")
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    return tmp_path


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    """Return the stand-in, with three papers of a day."""
    with FakeArxiv([paper(number) for number in (1, 2, 3)], announced=True) as server:
        yield server


@pytest.fixture
def llm() -> Iterator[FakeLlm]:
    """Return the stand-in for an endpoint."""
    with FakeLlm() as server:
        yield server


def night(
    root: Path, arxiv: FakeArxiv, llm: FakeLlm, clock: VirtualClock, *, days: int = 0
) -> Night:
    """Run the night `days` days after the first."""
    moment = NOW + timedelta(days=days)
    arxiv.now = moment
    environment = Environment(
        arxiv_api_url=arxiv.api_url,
        arxiv_oai_url=arxiv.oai_url,
        openai_api_key="sk-invented-0123456789",
        openai_base_url=llm.base_url,
        llm_model="invented-model",
    )
    return Update(root, environment, clock, now=moment).run()


def test_every_page_has_every_field_of_its_layout(
    root: Path, arxiv: FakeArxiv, llm: FakeLlm, clock: VirtualClock
) -> None:
    """Weekly, digest and bilingual pages have every field of their layout and name the model."""
    night(root, arxiv, llm, clock)
    week, digest, bilingual = (
        (root / path).read_text() for path in (WEEK, DIGEST_PAGE, BILINGUAL_PAGE)
    )
    without = tuple(name for name in WEEKLY.entry if name != "institution")
    assert WEEKLY.entries(WEEKLY.parse(week, with_ours=True)) == [without] * 3
    names = DIGEST.parse(digest, with_ours=True)
    assert DIGEST.entries(names) == [DIGEST.entry] * 3
    assert "executive summary" in names
    assert BILINGUAL.entries(BILINGUAL.parse(bilingual, with_ours=True)) == [BILINGUAL.entry] * 3
    assert all("written by invented-model" in text for text in (week, digest, bilingual))
    assert "本文" in week
    assert "本文" in digest
    assert "虚构" in bilingual


def test_texts_that_come_later_join_the_page_of_a_day_that_is_past(
    root: Path, arxiv: FakeArxiv, llm: FakeLlm, clock: VirtualClock
) -> None:
    """While the model is down, pages show the originals; its texts are added when they come."""
    works = llm.fault
    llm.fault = lambda _asked: Fault("status")
    night(root, arxiv, llm, clock)
    before = {path: (root / path).read_text() for path in (WEEK, DIGEST_PAGE, BILINGUAL_PAGE)}
    assert not any("written by" in text for text in before.values())
    llm.fault = works
    arxiv.records = [*arxiv.records, paper(4, day=1)]
    night(root, arxiv, llm, clock, days=1)
    after = {path: (root / path).read_text() for path in before}
    assert all("written by invented-model" in text for text in after.values())
    assert DIGEST.entries(DIGEST.parse(after[DIGEST_PAGE], with_ours=True)) == [DIGEST.entry] * 3
    assert after[BILINGUAL_PAGE].count("**Link**") == 3
    assert after[WEEK].count(f"[arXiv{DAY[2:].replace('-', '')}]") == 3


def test_a_page_whose_texts_are_there_is_past_for_good(
    root: Path, arxiv: FakeArxiv, llm: FakeLlm, clock: VirtualClock
) -> None:
    """Once a past day's papers have their texts, its pages do not change."""
    night(root, arxiv, llm, clock)
    paths = (DIGEST_PAGE, BILINGUAL_PAGE)
    before = {path: (root / path).read_bytes() for path in paths}
    arxiv.records = [*arxiv.records, paper(4, day=1)]
    night(root, arxiv, llm, clock, days=1)
    night(root, arxiv, llm, clock, days=2)
    assert {path: (root / path).read_bytes() for path in paths} == before


def test_tasks_that_no_page_shows_are_told_and_not_asked_for(
    root: Path, arxiv: FakeArxiv, llm: FakeLlm, clock: VirtualClock
) -> None:
    """A task whose pages are off costs nothing; the mail shows titles and summaries too."""
    off = SETTINGS.replace("weekly = true\ndigest = true\nbilingual = true\n", "site = false\n")
    (root / "pyproject.toml").write_text(off)
    *_, told = night(root, arxiv, llm, clock).warnings
    assert "names analysis, digest, which no page shows" in told
    assert "switch digest on" in told
    assert {asked.task for asked in llm.log} == {"ranking", "translation", "summary"}
    (root / "pyproject.toml").write_text("[tool.daily-papers]\nnotify = []\n" + off)
    *_, told = night(root, arxiv, llm, clock, days=1).warnings
    assert "names analysis, digest, translation, summary, which no page shows" in told
    (root / "pyproject.toml").write_text('[tool.daily-papers]\ncolumns = ["Title", "Summary"]\n')
    *_, told = night(root, arxiv, llm, clock, days=2).warnings
    assert "columns names Summary, which stays empty" in told


def test_the_significance_is_shown_and_orders_the_papers_of_a_day(
    root: Path, arxiv: FakeArxiv, llm: FakeLlm, clock: VirtualClock
) -> None:
    """README and topic pages mark it, where a model is asked for it."""
    llm.answer = lambda asked: (
        fit_answer(asked.task, asked.data, chinese=True)
        | ({"significance": int(asked.data["id"][9])} if asked.task == "ranking" else {})
    )
    night(root, arxiv, llm, clock)
    for path in ("README.md", "papers/topics/neural-widgets.md"):
        text = (root / path).read_text()
        assert [text.index(f"🤖 {rank}/3") for rank in (3, 2, 1)] == sorted(
            text.index(f"🤖 {rank}/3") for rank in (1, 2, 3)
        )
    (root / "pyproject.toml").write_text(SETTINGS.replace('"ranking", ', ""))
    night(root, arxiv, llm, clock)
    assert "🤖" not in (root / "README.md").read_text()
