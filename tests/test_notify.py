"""The nightly notice, against stand-ins for arXiv and GitHub on loopback."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.commands.notify import Outcome, notify
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.settings import Environment
from daily_papers.store.store_file import load_store
from factories import saved_files
from standin_github import REPOSITORY, TOKEN, FakeGitHub
from standins.arxiv import FakeArxiv
from test_update import NOW, night, record


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository with two topics."""
    (tmp_path / "keywords.txt").write_text("Neural Widgets\nQuantum Teapots\n")
    return tmp_path


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    """Return the stand-in with three papers, one of them on both topics."""
    both = record(3, title="Neural Widgets for Quantum Teapots", day=3)
    with FakeArxiv([record(1), record(2, "quantum teapots"), both]) as server:
        yield server


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """Return the stand-in for GitHub."""
    with FakeGitHub() as server:
        yield server


Notify = Callable[..., Outcome]


@pytest.fixture
def told(root: Path, github: FakeGitHub, clock: VirtualClock) -> Notify:
    """Return a function that notifies."""
    environment = Environment(
        github_api_url=github.api_url, github_repository=REPOSITORY, github_token=TOKEN
    )
    return partial(notify, root, environment, clock)


def test_a_night_with_news_opens_one_labelled_issue(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock
) -> None:
    """The issue has the count and the date in its title, the label, and each paper once."""
    night(root, arxiv, clock)
    told()
    assert [issue["title"] for issue in github.issues] == ["3 new papers - November 18, 2026"]
    assert [label["name"] for label in github.issues[0]["labels"]] == ["daily-papers"]
    assert list(github.labels) == ["daily-papers"]
    body = github.issues[0]["body"]
    assert body.count("https://arxiv.org/abs/") == 3
    assert "1 listed under another topic" in body


def test_a_second_call_posts_nothing(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock
) -> None:
    """Announced papers are not announced again, and GitHub is not asked."""
    night(root, arxiv, clock)
    told()
    asked = len(github.requests)
    assert told() == Outcome()
    assert len(github.issues) == 1
    assert len(github.requests) == asked


def test_an_issue_whose_record_was_lost_is_found_at_github(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock
) -> None:
    """If the run dies between the issue and the store, the next one finds the issue's marker."""
    night(root, arxiv, clock)
    before = saved_files(root)
    told()
    for path, content in before.items():
        (root / path).write_bytes(content)
    assert told() == Outcome()
    assert len(github.issues) == 1
    store = load_store(root)
    assert store is not None
    assert store.notified == NOW


def test_a_marker_of_a_time_that_has_not_come_hides_nothing(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock
) -> None:
    """An issue of a run with a wrong clock, or with no time at all, does not stop the next ones."""
    night(root, arxiv, clock)
    for moment in ("9999-99-99T99:99:99Z", "9999-12-31T23:59:59Z", "2026-11-21T04:17:00Z"):
        github.add_issue("x", f"<!-- daily-papers notice: {moment} -->", ("daily-papers",))
    assert told().notice is not None


def test_the_next_night_tells_only_what_is_new_and_revisions_after(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock
) -> None:
    """New papers come first, then revised ones; the others are not repeated."""
    night(root, arxiv, clock)
    told()
    again = record(1, version=2, updated=NOW + timedelta(hours=3))
    arxiv.records = [*arxiv.records, record(5, day=-0.1), again]
    night(root, arxiv, clock, days=1)
    told()
    assert github.issues[1]["title"] == "1 new paper - November 19, 2026"
    body = github.issues[1]["body"]
    assert body.count("https://arxiv.org/abs/") == 2
    new, revised = body.index("2611.00005v1"), body.index("2611.00001v2")
    assert new < revised
    assert "| New |" in body
    assert "| Revised |" in body


def test_only_revisions_have_a_title_of_their_own(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock
) -> None:
    """The title of a night with revisions only does not mention new papers."""
    night(root, arxiv, clock)
    told()
    arxiv.records = [*arxiv.records, record(1, version=2, updated=NOW + timedelta(hours=3))]
    night(root, arxiv, clock, days=1)
    told()
    assert github.issues[1]["title"] == "1 revised paper - November 19, 2026"


def test_a_night_without_news_opens_no_issue(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock
) -> None:
    """Without news no issue is opened."""
    night(root, arxiv, clock)
    told()
    night(root, arxiv, clock, days=1)
    assert told() == Outcome()
    assert len(github.issues) == 1


def test_a_paper_that_is_new_and_revised_before_it_was_told_is_new(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock
) -> None:
    """A paper that was never announced is new, whatever its version."""
    night(root, arxiv, clock)
    arxiv.records = [*arxiv.records, record(1, version=2, updated=NOW + timedelta(hours=3))]
    night(root, arxiv, clock, days=1)
    told()
    assert github.issues[0]["title"] == "3 new papers - November 19, 2026"
    assert "| Revised |" not in github.issues[0]["body"]


@pytest.mark.parametrize(
    ("trouble", "part"),
    [
        ("issues off", "Features → Issues"),
        ("no permission", "Workflow permissions"),
        ("secondary limit", "slow down"),
    ],
)
def test_what_github_refuses_is_a_warning_and_goes_out_the_next_night(
    root: Path,
    arxiv: FakeArxiv,
    github: FakeGitHub,
    told: Notify,
    clock: VirtualClock,
    trouble: str,
    part: str,
) -> None:
    """The warning names the setting, the store stays, and the next night announces the papers."""
    night(root, arxiv, clock)
    github.play(trouble, method="POST", path="/issues", times=1)
    before = saved_files(root)
    outcome = told()
    assert outcome.notice is None
    assert part in outcome.refused
    assert TOKEN not in outcome.refused
    assert saved_files(root) == before
    assert told().notice is not None
    assert github.issues[0]["title"].startswith("3 new papers")


def test_a_dry_run_shows_the_issue_and_posts_nothing(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock
) -> None:
    """`--dry-run` sends no request to GitHub and changes nothing."""
    night(root, arxiv, clock)
    before = saved_files(root)
    notice = told(dry_run=True).notice
    assert notice is not None
    assert notice.title.startswith("3 new papers")
    assert github.requests == []
    assert saved_files(root) == before


def test_missing_variables_are_named(root: Path, arxiv: FakeArxiv, clock: VirtualClock) -> None:
    """Outside Actions the message says which variables are missing."""
    night(root, arxiv, clock)
    with pytest.raises(InputError) as failure:
        notify(root, Environment(), clock)
    assert [problem.split(":")[0] for problem in failure.value.problems] == [
        "GITHUB_REPOSITORY",
        "GITHUB_TOKEN",
    ]


def test_before_the_first_night_there_is_nothing_to_tell(told: Notify) -> None:
    """Without a store, `notify` says to run `update` first."""
    with pytest.raises(DailyPapersError, match="run daily-papers update first"):
        told()
