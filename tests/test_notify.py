"""The nightly notice, against stand-ins for arXiv and GitHub on loopback."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.commands.notify import Outcome, notify
from daily_papers.commands.render import render
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.settings import Environment
from daily_papers.store.store_file import load_store
from factories import saved_files
from standin_github import REPOSITORY, TOKEN, TROUBLES, FakeGitHub
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
    """The first issue is a welcome with the label and each paper once."""
    night(root, arxiv, clock)
    told()
    titles = [issue["title"] for issue in github.issues]
    assert titles == ["Welcome to 2 topics: Neural Widgets, Quantum Teapots"]
    assert [label["name"] for label in github.issues[0]["labels"]] == ["daily-papers"]
    assert list(github.labels) == ["daily-papers"]
    body = github.issues[0]["body"]
    assert body.count("https://arxiv.org/abs/") == 3


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


def test_the_time_of_a_notice_that_the_store_knows_hides_nothing(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock
) -> None:
    """If a clock was ahead when an issue was opened, later nights have its time, and their news."""
    night(root, arxiv, clock)
    told()
    github.issues[0]["body"] = "<!-- daily-papers notice: 2026-11-20T04:17:00Z -->"
    arxiv.records = [*arxiv.records, record(4)]
    night(root, arxiv, clock, days=2)
    assert told().notice is not None
    store = load_store(root)
    assert store is not None
    assert store.notice == github.issues[-1]["number"]


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
    assert github.issues[1]["title"] == "1 new: Neural Widgets 1"
    body = github.issues[1]["body"]
    assert body.count("https://arxiv.org/abs/") == 2
    new, revised = body.index("2611.00005v1"), body.index("2611.00001v2")
    assert new < revised
    assert body.count("🔁") == 1


def test_only_revisions_have_a_title_of_their_own(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock
) -> None:
    """The title of a night with revisions only does not mention new papers."""
    night(root, arxiv, clock)
    told()
    arxiv.records = [*arxiv.records, record(1, version=2, updated=NOW + timedelta(hours=3))]
    night(root, arxiv, clock, days=1)
    told()
    assert github.issues[1]["title"] == "1 revised: Neural Widgets 1"


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
    told()
    arxiv.records = [*arxiv.records, record(4, day=-0.1)]
    night(root, arxiv, clock, days=1)
    again = record(4, version=2, updated=NOW + timedelta(days=1, hours=3))
    arxiv.records = [*arxiv.records, again]
    night(root, arxiv, clock, days=2)
    told()
    assert github.issues[1]["title"] == "1 new: Neural Widgets 1"


REFUSALS = {
    "issues off": "Features → Issues",
    "no permission": "Workflow permissions",
    "bad token": "GITHUB_TOKEN",
    "missing": "there is no such repository",
}


@pytest.mark.parametrize("trouble", REFUSALS)
def test_what_github_refuses_for_good_is_an_error_on_the_second_night(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock,
    trouble: str,
) -> None:  # fmt: skip
    """The first night warns, with what to change; README.md says it until an issue is opened."""
    clock.start = NOW
    night(root, arxiv, clock)
    readme = root / "README.md"
    github.play(trouble, method="POST", path="/issues")
    for is_overdue in (False, False, True):
        outcome = told()
        assert outcome.notice is None
        assert REFUSALS[trouble] in outcome.refused
        assert TOKEN not in outcome.refused
        assert outcome.is_overdue == is_overdue
        assert outcome.warnings == (() if is_overdue else (outcome.refused,))
        line = "⚠ watchers are not told since 2026-11-18: Cannot open the issue"
        assert line in readme.read_text("utf-8")
        clock.sleep(11 * 3600)
    assert render(root, clock) == []
    github.troubles.clear()
    assert told().notice is not None
    assert github.issues[0]["title"].startswith("Welcome")
    assert "⚠" not in readme.read_text("utf-8")


def test_a_refusal_counts_nights_of_updates_too(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock
) -> None:
    """The second night with news is the second night, whatever this machine's clock says."""
    clock.start = NOW - timedelta(days=5)
    night(root, arxiv, clock)
    github.play("issues off", method="POST", path="/issues")
    assert not told().is_overdue
    arxiv.records = [*arxiv.records, record(4, day=-0.1)]
    night(root, arxiv, clock, days=1)
    assert told().is_overdue


@pytest.mark.parametrize("trouble", ["secondary limit", "too many", "broken", "reset"])
def test_a_short_failure_is_waited_for(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock,
    trouble: str,
) -> None:  # fmt: skip
    """What GitHub cannot do now is tried again; if it lasts, it waits for the next night."""
    night(root, arxiv, clock)
    github.play(trouble, method="POST", path="/issues", times=2)
    assert told().notice is not None
    assert len(github.issues) == 1
    arxiv.records = [*arxiv.records, record(4, day=-0.1)]
    night(root, arxiv, clock, days=1)
    before = saved_files(root)
    github.play(trouble, method="POST", path="/issues")
    outcome = told()
    assert outcome.warnings == (outcome.refused,)
    assert not outcome.is_overdue
    assert saved_files(root) == before
    clock.sleep(50 * 3600)
    assert not told().is_overdue


@pytest.mark.parametrize("trouble", [*sorted(TROUBLES), "reset"])
def test_a_label_that_fails_does_not_stop_the_issue(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock,
    trouble: str,
) -> None:  # fmt: skip
    """The issue is opened although its label cannot be looked up."""
    night(root, arxiv, clock)
    github.play(trouble, path="/labels/daily-papers")
    assert told().notice is not None
    assert len(github.issues) == 1


@pytest.mark.parametrize(("closes", "states"), [("false", "open"), ("true", "closed")])
def test_the_earlier_notice_is_closed_if_the_settings_say_so(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock,
    closes: str, states: str,
) -> None:  # fmt: skip
    """With `close-notices` only the newest notice is open; issues of others are left alone."""
    (root / "pyproject.toml").write_text(f"[tool.daily-papers]\nclose-notices = {closes}\n")
    others = [github.add_issue("mine", "no marker", ("daily-papers",)), github.add_issue("a", "b")]
    for days in range(3):
        arxiv.records = [*arxiv.records, record(10 + days, day=-days)]
        night(root, arxiv, clock, days=days)
        told()
    assert [one["state"] for one in github.issues[2:]] == [states, states, "open"]
    assert {one["state"] for one in others} == {"open"}
    github.play("no permission", method="PATCH")
    arxiv.records = [*arxiv.records, record(20, day=-3)]
    night(root, arxiv, clock, days=3)
    warnings = told().warnings
    assert bool(warnings) == (closes == "true")
    assert len(github.issues) == 6


def test_nobody_is_told_if_the_settings_say_so(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock
) -> None:
    """With `notify = []` there is no request, no warning and no note."""
    (root / "pyproject.toml").write_text("[tool.daily-papers]\nnotify = []\n")
    night(root, arxiv, clock)
    before = saved_files(root)
    outcome = told()
    assert outcome.quiet
    assert not outcome.warnings
    assert github.requests == []
    assert saved_files(root) == before


@pytest.mark.parametrize("known_from", ["event", "clone", "GitHub"])
def test_only_the_default_branch_tells(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, clock: VirtualClock, tmp_path: Path,
    known_from: str,
) -> None:  # fmt: skip
    """Another branch posts nothing and keeps nothing, so that the default one tells all."""
    event = tmp_path.parent / f"{tmp_path.name}-event.json"
    # One that names no branch says nothing.
    event.write_text(
        "[" * 100_000 if known_from == "clone" else '{"repository": {"default_branch": 1}}'
    )
    if known_from == "event":
        event.write_text('{"repository": {"default_branch": "trunk"}}')
    if known_from == "GitHub":
        github.default_branch = "trunk"
    if known_from == "clone":
        git = partial(subprocess.run, cwd=root, check=True, capture_output=True)
        git(["git", "init", "-b", "trunk"])
        git(["git", "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"])
    environment = Environment(
        github_api_url=github.api_url,
        github_repository=REPOSITORY,
        github_token=TOKEN,
        github_event_path=str(event),
    )
    night(root, arxiv, clock)
    before = saved_files(root)
    experiment = replace(environment, github_ref="refs/heads/experiment")
    outcome = notify(root, experiment, clock)
    assert "this is experiment" in outcome.quiet
    assert github.issues == []
    assert saved_files(root) == before
    trunk = replace(environment, github_ref="refs/heads/trunk")
    assert notify(root, trunk, clock).notice is not None


def test_a_schedule_runs_on_the_default_branch_only(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, clock: VirtualClock
) -> None:
    """A scheduled run, whose event does not name the default branch, tells."""
    environment = Environment(
        github_api_url=github.api_url,
        github_repository=REPOSITORY,
        github_token=TOKEN,
        github_ref="refs/heads/trunk",
        scheduled=True,
    )
    night(root, arxiv, clock)
    assert notify(root, environment, clock).notice is not None


def test_a_dry_run_shows_the_issue_and_posts_nothing(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, told: Notify, clock: VirtualClock
) -> None:
    """`--dry-run` sends no request to GitHub and changes nothing."""
    night(root, arxiv, clock)
    before = saved_files(root)
    notice = told(dry_run=True).notice
    assert notice is not None
    assert notice.title.startswith("Welcome to 2 topics")
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
