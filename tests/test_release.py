"""The weekly release, against a stand-in for GitHub."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.commands.notify import Outcome, notify
from daily_papers.pages.pieces import View
from daily_papers.pages.weekly_release import BUDGET, render_release
from daily_papers.settings import Environment, Settings
from daily_papers.store.store_file import load_store, save_store
from factories import NIGHT, make_entry, make_paper, make_store
from standin_github import REPOSITORY, TOKEN, FakeGitHub

MONDAY = date(2026, 11, 16)  # NIGHT is the Friday of this week


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """Return the stand-in for GitHub."""
    with FakeGitHub() as server:
        yield server


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository with a week's papers, and weekly releases."""
    (tmp_path / "pyproject.toml").write_text('[tool.daily-papers]\nrelease = "weekly"\n')
    papers = [make_paper(n, updated=NIGHT - timedelta(hours=24 + 6 * n)) for n in range(1, 9)]
    entries = [make_entry(paper, ["A", "B"] if n == 3 else ["A"]) for n, paper in enumerate(papers)]
    other = make_entry(make_paper(20, updated=NIGHT - timedelta(hours=30)), ["B"])
    save_store(tmp_path, None, make_store([*entries, other], ["A", "B"]))
    return tmp_path


def play(root: Path, github: FakeGitHub, clock: VirtualClock, days: int) -> Outcome:
    """Notify, so many days after NIGHT."""
    store = load_store(root)
    assert store is not None
    save_store(root, store, replace(store, updated=NIGHT + timedelta(days=days)))
    environment = Environment(
        github_api_url=github.api_url, github_repository=REPOSITORY, github_token=TOKEN
    )
    return notify(root, environment, clock)


def test_a_week_is_released_on_the_first_night_after_it(
    root: Path, github: FakeGitHub, clock: VirtualClock
) -> None:
    """There is one release a week, with five papers a topic, and no issue beside it."""
    play(root, github, clock, 1)
    assert [one["tag_name"] for one in github.releases] in ([], ["week-2026-11-09"])
    github.releases.clear()
    for days in (3, 4, 7):
        play(root, github, clock, days)
    (release,) = github.releases
    assert release["tag_name"] == "week-2026-11-16"
    assert release["name"] == "9 new papers, November 16, 2026 to November 22, 2026"
    body = release["body"]
    assert body.startswith("**9 new** in the week from")
    assert "## A: 8 new papers\n" in body
    assert "## B: 1 new paper\n" in body
    assert body.count("https://arxiv.org/abs/") == 6
    assert f"https://github.com/{REPOSITORY}/blob/HEAD/papers/days/2026/2026-11-1" in body
    assert github.issues == []


def test_both_are_told_only_if_both_are_asked_for(
    root: Path, github: FakeGitHub, clock: VirtualClock
) -> None:
    """With `notify = ["issue"]` beside `release = "weekly"` there are issues too."""
    settings = '[tool.daily-papers]\nrelease = "weekly"\nnotify = ["issue"]\n'
    (root / "pyproject.toml").write_text(settings)
    play(root, github, clock, 3)
    assert len(github.issues) == 1
    assert len(github.releases) == 1


@pytest.mark.parametrize("kind", ["no permission", "lost", "lost and broken"])
def test_a_release_that_github_refuses_is_made_another_night_and_once(
    root: Path, github: FakeGitHub, clock: VirtualClock, kind: str
) -> None:
    """A refusal is a warning; a release whose answer was lost is found."""
    github.play(kind, method="POST", path="/releases", times=1)
    outcome = play(root, github, clock, 3)
    assert bool(outcome.warnings) == (kind == "no permission")
    play(root, github, clock, 4)
    assert len(github.releases) == 1


def test_a_week_without_news_has_no_release() -> None:
    """Nothing new is no release; papers' texts stay inert, and a body keeps to GitHub's limit."""
    store = make_store([make_entry(1, ["A"])])
    assert (
        render_release(View(store, Settings()), date(2026, 1, 5), "https://github.com/a/b") is None
    )
    long = [
        make_entry(
            make_paper(n, title="@me #12 " + "t" * 900, updated=NIGHT - timedelta(hours=24)),
            [f"T{n}"],
        )
        for n in range(1, 200)
    ]
    release = render_release(View(make_store(long), Settings()), MONDAY, "https://github.com/a/b")
    assert release is not None
    assert len(release.body) <= BUDGET
    assert "@me" not in release.body
    assert "More topics" in release.body
