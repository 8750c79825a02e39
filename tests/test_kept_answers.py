"""Answers of a language model on the remote, between a run that is lost and the next one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.errors import DailyPapersError
from daily_papers.publish.git import Git
from daily_papers.publish.kept_answers import REF, KeptAnswers

Run = Callable[[], KeptAnswers]


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """Return a remote without anything in it."""
    (tmp_path / "remote").mkdir()
    Git(tmp_path / "remote").ask("init", "--quiet", "--bare")
    return tmp_path / "remote"


@pytest.fixture
def run(tmp_path: Path, remote: Path, clock: VirtualClock) -> Run:
    """Return a function that begins a run in a clone of its own."""

    def begin() -> KeptAnswers:
        folder = tmp_path / f"clone{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        Git(folder).ask("init", "--quiet")
        Git(folder).ask("remote", "add", "origin", str(remote))
        return KeptAnswers(folder, "", clock)

    return begin


def refs(remote: Path) -> str:
    """Return the names of all refs."""
    return Git(remote).ask("for-each-ref", "--format=%(refname)").strip()


def test_of_two_runs_at_the_same_time_one_stops(run: Run, remote: Path) -> None:
    """The one that is told so leaves what the other has kept, which deletes it at its end."""
    first, second, third = run(), run(), run()
    assert first.load() == third.load() == b""
    assert first.keep("1\n") == ""
    assert "another run asks the model" in third.keep("1\n")
    assert first.keep("1\n") == first.keep("1\n2\n") == ""
    assert second.load() == b"1\n2\n"
    assert second.keep("1\n2\n3\n") == ""
    assert "another run asks the model" in first.keep("1\n2\n4\n")
    first.forget()
    assert run().load() == b"1\n2\n3\n"
    second.forget()
    assert refs(remote) == ""


def test_a_push_that_arrived_although_it_failed_is_ones_own(run: Run, remote: Path) -> None:
    """A connection may break after the remote has taken the answers."""
    hook = remote / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nkill -9 $PPID\n")
    hook.chmod(0o755)
    one = run()
    assert one.load() == b""
    assert one.keep("1\n") == ""
    hook.unlink()
    assert refs(remote) == REF
    assert one.keep("1\n2\n") == ""
    one.forget()
    assert refs(remote) == ""


def test_a_refused_push_stops_no_question(
    run: Run, remote: Path, clock: VirtualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told, and costs only what it could save."""
    hook = remote / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    one = run()
    clock.sleep(1)
    assert [one.load(), one.keep("1\n"), one.keep("2\n")] == [b"", "", ""]
    assert capsys.readouterr().err.count("an answer cannot be kept") == 1
    one.forget()


def test_answers_that_cannot_be_read_are_not_paid_for_again(run: Run, remote: Path) -> None:
    """Without the remote it is not known what was paid for, so that nothing is asked."""
    remote.rename(remote.with_name("gone"))
    with pytest.raises(DailyPapersError, match=f"no model was asked.*{REF}; the next run tries"):
        run().load()
