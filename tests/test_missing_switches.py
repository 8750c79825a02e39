"""What `check` and the first night say of switches that are off at GitHub."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daily_papers.cli import main
from daily_papers.publish.missing_switches import missing_switches
from daily_papers.settings import Environment
from standin_github import REPOSITORY, TOKEN, FakeGitHub

GIT = ("git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a clone on the branch main, with a remote that takes pushes."""
    root = tmp_path / "copy"
    root.mkdir()
    (root / "keywords.txt").write_text("Neural Widgets\n")
    for command in (
        ["init", "-q", "--bare", str(tmp_path / "remote.git")],
        ["init", "-q", "-b", "main"],
        ["remote", "add", "origin", str(tmp_path / "remote.git")],
        ["add", "-A"],
        ["commit", "-q", "-m", "Begin"],
    ):
        subprocess.run([*GIT, *command], cwd=root, check=True)
    return root


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """Return the stand-in."""
    with FakeGitHub() as server:
        yield server


def missing(root: Path, github: FakeGitHub, **changes: Any) -> list[str]:  # noqa: ANN401 - facts
    """Return the beginnings of the sentences."""
    github.facts |= changes
    environment = Environment(
        github_api_url=github.api_url, github_repository=REPOSITORY, github_token=TOKEN
    )
    return [one.partition(":")[0] for one in missing_switches(root, environment, pages=True)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, []),
        ({"has_issues": False}, ["Issues are switched off, so nobody is told what is new"]),
        ({"has_pages": False}, ["The search page over all papers is not published"]),
        ({"default_branch": "trunk"}, ["this is the branch 'main'"]),
    ],
)
def test_each_switch_is_told(
    root: Path, github: FakeGitHub, facts: dict[str, Any], expected: list[str]
) -> None:
    """A switch that is off, and a branch that is not the default one, is a sentence each."""
    assert missing(root, github, **facts) == expected


def test_a_token_that_may_only_read_is_told(root: Path, github: FakeGitHub) -> None:
    """The remote is asked whether it would take a push; nothing is pushed."""
    assert not missing(root, github)
    remote = root.parent / "remote.git"
    refs = ["git", "for-each-ref"]
    assert not subprocess.check_output(refs, cwd=remote)
    # As GitHub answers a token without the permission.
    helper = root.parent / "git-remote-refused"
    helper.write_text("#!/bin/sh\necho 'The requested URL returned error: 403' >&2; exit 128\n")
    helper.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(root.parent), prepend=":")
        subprocess.run([*GIT, "remote", "set-url", "origin", "refused::x"], cwd=root, check=True)
        assert missing(root, github) == ["the token may only read, so no night can be saved"]


@pytest.mark.parametrize("trouble", ["down", "no permission", "garbage"])
def test_what_github_does_not_say_is_not_guessed(
    root: Path, github: FakeGitHub, trouble: str
) -> None:
    """Without an answer there is one sentence about it, and no error."""
    github.play(trouble)
    assert missing(root, github) == [
        "GitHub does not say which switches are on; `daily-papers check` asks again"
    ]


def test_check_says_it_and_succeeds(
    root: Path,
    github: FakeGitHub,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`check` warns, also in the summary of a run; without a token it asks nobody."""
    for name, value in (
        ("GITHUB_API_URL", github.api_url),
        ("GITHUB_REPOSITORY", REPOSITORY),
        ("GITHUB_STEP_SUMMARY", str(root.parent / "summary.md")),
    ):
        monkeypatch.setenv(name, value)
    github.facts["has_issues"] = False
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    assert main(["check", "--root", str(root)]) == 0
    assert not github.requests
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    assert main(["check", "--root", str(root)]) == 0
    assert "Issues are switched off" in capsys.readouterr().err
    assert "- Issues are switched off" in (root.parent / "summary.md").read_text()
