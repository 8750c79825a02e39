"""Nights that fail, and the issue about them."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.cli import main
from daily_papers.commands.notify import Outcome, notify
from daily_papers.commands.update import failed_topics
from daily_papers.settings import Environment
from daily_papers.store.failed_nights import INCIDENT, LastRun, leave_last_run, read_last_run
from daily_papers.store.store_file import STATE, save_store
from factories import NIGHT, make_entry, make_failure, make_state, make_store
from standin_github import REPOSITORY, TOKEN, FakeGitHub
from standins.arxiv import FakeArxiv, Fault
from test_update import record

Play = Callable[..., Outcome]
LABEL = "daily-papers-incident"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository after a good night, with a folder for temporary files of its own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    root = tmp_path / "papers-repository"
    root.mkdir()
    (root / "keywords.txt").write_text("Neural Widgets\nQuantum Teapots\n")
    save_store(root, None, make_store([make_entry(1, ["Neural Widgets"])], notified=NIGHT))
    return root


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """Return the stand-in for GitHub."""
    with FakeGitHub() as server:
        yield server


@pytest.fixture
def play(root: Path, github: FakeGitHub, clock: VirtualClock) -> Play:
    """Return a function that runs `notify` so many days after NIGHT, after a night of a cause."""
    environment = Environment(
        github_api_url=github.api_url, github_repository=REPOSITORY, github_token=TOKEN
    )

    def play(days: float, cause: str = "", *topics: str) -> Outcome:
        leave_last_run(root, LastRun(NIGHT + timedelta(days=days), cause, topics))
        return notify(root, environment, clock)

    return play


def incidents(github: FakeGitHub) -> list[dict[str, object]]:
    """Return the issues about failed nights."""
    return [one for one in github.issues if one["labels"] == [{"name": LABEL}]]


def test_two_failed_nights_open_an_issue_and_a_good_one_closes_it(
    root: Path, github: FakeGitHub, play: Play
) -> None:
    """It says what failed and what is shown; another cause is a comment; then it is over."""
    play(0)
    play(1, "arXiv answered 503 after 20 s")
    assert incidents(github) == []
    assert (root / INCIDENT).exists()
    assert play(2, "arXiv answered 503 after 30 s").incident == (
        "opened an issue about failed nights, 1"
    )
    (issue,) = incidents(github)
    assert issue["title"] == "The tables are not up to date since November 21, 2026"
    body = str(issue["body"])
    assert "The last 2 nights failed." in body
    assert "**What failed**: arXiv answered 503 after 30 s" in body
    assert "**What is shown meanwhile**: what was known on November 20, 2026" in body
    play(3, "arXiv answered 503 after 40 s")
    assert github.comments == {}
    problems = "keywords.txt:3:1: no\nkeywords.txt:4:1: @nobody"
    for day in (4, 5):
        play(day, problems)
    assert len(github.comments[1]) == 1
    assert "After 4 nights, something else fails: \n\n- keywords.txt:3:1" in github.comments[1][0]
    assert "@nobody" not in github.comments[1][0]
    play(6)
    assert issue["state"] == "closed"
    assert github.comments[1][1:] == [
        "The night of November 26, 2026 was good again, after 5 nights that failed."
    ]
    assert not (root / INCIDENT).exists()
    play(7)
    assert len(github.issues) == 1


def test_single_failed_nights_open_no_issue(github: FakeGitHub, play: Play) -> None:
    """Failed nights between good ones are no incident, nor are two runs of the same night."""
    for day in range(1, 8, 2):
        play(day, "it broke")
        play(day + 0.2, "it broke")
        play(day + 1)
    assert github.requests == []


def test_topics_that_are_not_refreshed_are_named(github: FakeGitHub, play: Play) -> None:
    """If some topics fail for two nights, the issue names these; news are told all the same."""
    for day in (1, 2):
        outcome = play(day, "1 of 2 topics could not be refreshed", "Quantum Teapots")
        assert outcome.quiet == ""
    (issue,) = incidents(github)
    assert issue["title"] == "Some topics are not up to date since November 21, 2026"
    assert "Quantum Teapots: what was known before." in str(issue["body"])


def test_the_topics_that_failed_are_counted_with_their_states() -> None:
    """A night in which some topics failed says how many and why; a good one says nothing."""
    broken = make_state("B", failing=make_failure())
    assert failed_topics(make_store(topics=["A", broken])) == (
        "1 of 2 topics could not be refreshed: arXiv unavailable",
        ("B",),
    )
    assert failed_topics(make_store(topics=["A"])) == ("", ())


def test_before_the_first_good_night_there_is_nothing_to_show(
    root: Path, github: FakeGitHub, play: Play
) -> None:
    """A copy whose first nights fail has an issue too."""
    shutil.rmtree(root / "papers")
    play(1, "it broke")
    play(2, "it broke")
    assert "nothing, because there was no good night yet" in str(incidents(github)[0]["body"])


def test_a_damaged_store_is_told_too(root: Path, github: FakeGitHub, play: Play) -> None:
    """What is wrong may be the store; the file of failed nights may be damaged as well."""
    (root / STATE).write_text("nonsense")
    (root / INCIDENT).write_text("nonsense")
    play(1, "papers/store/state.jsonl:1: the store is damaged")
    play(2, "papers/store/state.jsonl:1: the store is damaged")
    assert "the store is damaged" in str(incidents(github)[0]["body"])


def test_an_issue_whose_number_was_lost_is_found(
    root: Path, github: FakeGitHub, play: Play
) -> None:
    """If a run dies after it opened the issue, the next one does not open another."""
    play(1, "it broke")
    before = (root / INCIDENT).read_bytes()
    play(2, "it broke")
    (root / INCIDENT).write_bytes(before)
    play(3, "it broke")
    assert len(incidents(github)) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_incident_that_github_refuses_is_told_another_night(
    github: FakeGitHub, play: Play, method: str
) -> None:
    """A refusal is a warning, and the next night tries again; so does the end."""
    play(1, "it broke")
    github.play("no permission", method=method, path="/issues")
    (warning,) = play(2, "it broke").warnings
    assert warning.startswith("watchers were not told of failed nights: Cannot ")
    github.troubles.clear()
    play(3, "it broke")
    assert len(incidents(github)) == 1
    github.play("no permission", method="PATCH")
    assert play(4).warnings
    assert incidents(github)[0]["state"] == "open"
    github.troubles.clear()
    play(5)
    assert incidents(github)[0]["state"] == "closed"


def test_with_notify_off_there_is_no_incident(root: Path, github: FakeGitHub, play: Play) -> None:
    """`notify = []` is for all issues; settings that cannot be read are an incident."""
    settings = root / "pyproject.toml"
    settings.write_text("[tool.daily-papers]\nnotify = []\n")
    play(1, "it broke")
    play(2, "it broke")
    assert github.requests == []
    settings.write_text("[tool.daily-papers]\nnotify = 3\n")
    play(3, "it broke")
    play(4, "it broke")
    assert len(incidents(github)) == 1


def test_update_leaves_how_it_ended(
    root: Path, github: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the command line, two nights with bad keywords are an incident with their message."""
    monkeypatch.setenv("GITHUB_API_URL", github.api_url)
    monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    (root / "keywords.txt").write_text("Same\nsame\n")
    for night in ("18", "19"):
        assert main(["update", "--root", str(root), "--now", f"2026-11-{night}T05:37"]) == 2
        assert main(["notify", "--root", str(root)]) == 0
    assert "keywords.txt:2:1" in str(incidents(github)[0]["body"])
    last = read_last_run(root)
    assert main(["update", "--root", str(root), "--dry-run"]) == 2
    assert read_last_run(root) == last
    # One request each, to servers that were not asked before, so that nothing waits.
    (root / "keywords.txt").write_text('Neural Widgets: =all:"neural widgets"\n')
    with FakeArxiv([record(1)]) as arxiv, FakeArxiv() as down:
        monkeypatch.setenv("ARXIV_API_URL", arxiv.api_url)
        assert main(["update", "--root", str(root)]) == 0
        assert main(["notify", "--root", str(root)]) == 0
        assert incidents(github)[0]["state"] == "closed"
        monkeypatch.setenv("ARXIV_API_URL", down.api_url)
        down.faults.add(Fault("status", times=None, status=400))
        assert main(["update", "--root", str(root)]) == 1
    last = read_last_run(root)
    assert last is not None
    assert last.cause == "no topic could be refreshed: bad query"
    assert last.is_lost
