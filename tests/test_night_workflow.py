"""A night as the workflows run it: in a fork, and in a repository of three files."""

import itertools
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daily_papers import __version__
from daily_papers.arxiv.start_jitter import own_wait
from daily_papers.cli import main
from daily_papers.readme_markers import START
from standin_github import TOKEN, FakeGitHub
from standins.arxiv import FakeArxiv, Record
from test_update import record
from workflow_runner import ROOT, Runner, load

PROJECT = "project/daily-papers"
# A scheduled run waits up to half a minute, as the repository's name tells; this one does not.
COPY = next(
    name for number in itertools.count() if own_wait(name := f"somebody/papers-{number}") < 0.05
)
GIT = ("git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false")


def git(folder: Path, *arguments: str) -> str:
    """Run git, and return what it prints."""
    return subprocess.run(
        [*GIT, *arguments], cwd=folder, check=True, capture_output=True, text=True, timeout=60
    ).stdout


def bare(folder: Path, name: str) -> Path:
    """Return a bare repository with one commit that has the files of a folder."""
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Begin")
    remote = folder.parent / f"{name}.git"
    git(folder.parent, "clone", "-q", "--bare", folder.as_uri(), str(remote))
    return remote


def papers() -> list[Record]:
    """Return three papers of yesterday."""
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    return [record(number, published=moment, updated=moment) for number in range(3)]


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[tuple[Runner, FakeGitHub]]:
    """Return a runner with stand-ins for arXiv and GitHub, and with the tool's repository."""
    tool = tmp_path / "the-tool"
    tool.mkdir()
    for name in ("uv.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tool / name)
    with FakeArxiv(papers()) as arxiv, FakeGitHub(repository=COPY) as github:
        variables = {
            "ARXIV_API_URL": arxiv.api_url,
            "ARXIV_OAI_URL": arxiv.oai_url,
            "GITHUB_API_URL": github.api_url,
        }
        context: dict[str, object] = {
            "github.event_name": "schedule",
            "github.repository": COPY,
            "github.token": TOKEN,
            "job.workflow_repository": PROJECT,
            "job.workflow_sha": "main",
        }
        remotes = {PROJECT: bare(tool, "tool")}
        yield Runner(tmp_path / "run", remotes, variables, context), github


def test_a_repository_of_three_files_has_its_night(
    tmp_path: Path, runner: tuple[Runner, FakeGitHub]
) -> None:
    """The workflow that `init` writes fetches, commits and tells; the tool leaves no file.

    A manual run with a topic that there is not fails, and changes nothing.
    """
    run, github = runner
    files = tmp_path / "three"
    assert main(["init", str(files), "--upstream", f"{PROJECT}@main"]) == 0
    (files / "keywords.txt").write_text("Neural Widgets\n")
    github.facts |= {"has_issues": False, "has_pages": False}
    remote = run.remotes[COPY] = bare(files, "three")
    caller = load(files / ".github/workflows/nightly.yml")
    run.call(caller)
    committed = git(remote, "ls-tree", "-r", "--name-only", "main").split()
    ours = {"keywords.txt", "README.md", ".github/workflows/nightly.yml", "daily-papers.toml"}
    assert ours <= set(committed)
    assert all(name in ours or name.startswith("papers/") for name in committed)
    assert git(remote, "show", "main:README.md").count("arxiv.org/abs/2611.") == 3
    assert len(github.issues) == 1
    assert TOKEN not in run.said
    summary = (run.folder / "summary.md").read_text()
    assert [line.partition(":")[0] for line in summary.splitlines() if line.startswith("- ")] == [
        "- Issues are switched off, so nobody is told what is new",
    ]
    assert summary.count("Settings → Pages") == 1
    head = git(remote, "rev-parse", "main")
    run.context["github.event_name"] = "workflow_dispatch"
    with pytest.raises(subprocess.CalledProcessError, match="returned non-zero exit status 2"):
        run.call(caller, topics="no such topic", **{"dry-run": True})
    assert git(remote, "rev-parse", "main") == head


def test_a_fork_has_its_night(tmp_path: Path, runner: tuple[Runner, FakeGitHub]) -> None:
    """The project's own nightly.yml runs in a copy of this checkout, and not in the project."""
    run, github = runner
    fork = tmp_path / "fork"
    fork.mkdir()
    for name in (".gitignore", "README.md", "daily-papers.toml", "pyproject.toml", "uv.lock"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, fork / name)
    (fork / "keywords.txt").write_text("Neural Widgets\n")
    if START not in (fork / "README.md").read_text():
        pytest.skip("a copy whose README.md must be mended first")
    remote = run.remotes[COPY] = bare(fork, "fork")
    run.context["job.workflow_repository"] = COPY
    caller = load(ROOT / ".github/workflows/nightly.yml")
    run.context["github.event.repository.is_template"] = True
    run.call(caller)
    assert not run.ran
    run.context["github.event.repository.is_template"] = False
    run.call(caller)
    assert git(remote, "show", "main:README.md").count("arxiv.org/abs/2611.") == 3
    assert git(remote, "log", "-1", "--format=%an", "main").strip() == "github-actions[bot]"
    assert "Tell what is new" in run.ran
    assert len(github.issues) == 1


def test_a_release_is_published(tmp_path: Path, runner: tuple[Runner, FakeGitHub]) -> None:
    """The tag's workflow builds one package, writes the three files, and publishes all with notes.

    A tag that is not the version's, and a version without a section in CHANGELOG.md, fail.
    """
    run, _ = runner
    tool = tmp_path / "project"
    tool.mkdir()
    for name in ("uv.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tool / name)
    change = "- What is new.\n"
    (tool / "CHANGELOG.md").write_text(
        f"# Changes\n\n## {__version__}\n\n{change}\n## 0.9.0\n\n- Old.\n"
    )
    git(tool, "init", "-q", "-b", "main")
    git(tool, "add", "-A")
    for message in ("Before", "After @somebody"):
        git(tool, "commit", "-q", "--allow-empty", "-m", message)
        git(tool, "tag", f"v0.{len(message)}.0" if message == "Before" else f"v{__version__}")
    run.remotes[PROJECT] = tmp_path / "project.git"
    git(tmp_path, "clone", "-q", "--bare", tool.as_uri(), "project.git")
    commit = git(tool, "rev-parse", "HEAD").strip()
    run.context |= {
        "github.repository": PROJECT,
        "github.event_name": "push",
        "github.event.repository.is_template": True,
    }
    run.variables |= {"GITHUB_SHA": commit, "GITHUB_REF_NAME": f"v{__version__}"}
    workflow = load(ROOT / ".github/workflows/release.yml")
    run.run(workflow, run.context)
    workspace = run.folder / "workspace-1"
    notes = (workspace / "notes.md").read_text()
    assert change in notes
    assert "Old" not in notes
    assert "- After @somebody (" in notes
    assert "Before" not in notes
    nightly = (workspace / "starter/.github/workflows/nightly.yml").read_text()
    assert f"uses: {PROJECT}/.github/workflows/night.yml@{commit} # v{__version__}\n" in nightly
    published = (workspace / "gh").read_text().split()
    assert published[:3] == ["release", "create", f"v{__version__}"]
    wheel = f"dist/daily_papers-{__version__}-py3-none-any.whl"
    starter = ["keywords.txt", "README.md", ".github/workflows/nightly.yml", "daily-papers.toml"]
    assert published[-5:] == [wheel, *(f"starter/{name}" for name in starter)]
    assert all((workspace / name).exists() for name in published[-5:])
    run.variables["GITHUB_REF_NAME"] = "v9.9.9"
    with pytest.raises(subprocess.CalledProcessError):
        run.run(workflow, run.context)
    assert not (workspace / "gh").exists()
