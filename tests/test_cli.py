"""The commands as a user or a workflow calls them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from daily_papers.cli import main
from standin_github import REPOSITORY, TOKEN, FakeGitHub
from standins.arxiv import FakeArxiv, Fault
from test_update import record


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with one topic, outside of Actions."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_REPOSITORY", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "keywords.txt").write_text("Neural Widgets\n")
    return tmp_path


def test_update_render_status_and_check_exit_with_0(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The everyday commands succeed and say what they did."""
    with FakeArxiv([record(1)]) as arxiv:
        monkeypatch.setenv("ARXIV_API_URL", arxiv.api_url)
        monkeypatch.setenv("ARXIV_OAI_URL", arxiv.oai_url)
        assert main(["update", "--root", str(root), "--now", "2026-11-18T04:17:00Z"]) == 0
    assert "Neural Widgets: ok; 1 at arXiv, 1 fetched, 1 new" in capsys.readouterr().out
    assert main(["render", "--root", str(root)]) == 0
    assert capsys.readouterr().out == "every page is as it should be\n"
    assert main(["status", "--root", str(root)]) == 0
    assert "Neural Widgets: complete up to" in capsys.readouterr().out
    (root / "authors.txt").write_text("Ada Lovelace\n")
    assert main(["check", "--root", str(root)]) == 0
    out = capsys.readouterr().out
    assert "0 papers of your own, 1 author" in out
    assert "in order" in out


def test_bad_input_exits_with_2_and_names_each_line(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each error in keywords.txt is on a line that begins with its position."""
    (root / "keywords.txt").write_bytes(b"Same\n\nsame\n!!!\n")
    assert main(["check", "--root", str(root)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" ")[0] for line in lines[::3]] == ["keywords.txt:3:1:", "keywords.txt:4:1:"]
    assert sorted(path.name for path in root.iterdir()) == ["keywords.txt"]


def test_when_all_topics_fail_the_exit_code_is_1_and_the_summary_says_why(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A night without any good answer fails, and its summary has the reason."""
    summary = root.parent / f"{root.name}-summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    with FakeArxiv([record(1)]) as arxiv:
        monkeypatch.setenv("ARXIV_API_URL", arxiv.api_url)
        monkeypatch.setenv("ARXIV_OAI_URL", arxiv.oai_url)
        arxiv.faults.add(Fault("status", times=None, status=400))
        assert main(["update", "--root", str(root)]) == 1
    assert "bad query" in capsys.readouterr().err
    assert "| Neural Widgets | 0 | 0 | 0 | bad query" in summary.read_text()
    assert sorted(path.name for path in root.iterdir()) == ["keywords.txt"]


def test_in_actions_the_summary_has_a_row_a_topic_and_warnings_are_annotations(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The step summary is a table, and a topic without papers is a warning of the run."""
    summary = root.parent / f"{root.name}-summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    with FakeArxiv([record(1)]) as arxiv:
        monkeypatch.setenv("ARXIV_API_URL", arxiv.api_url)
        monkeypatch.setenv("ARXIV_OAI_URL", arxiv.oai_url)
        assert main(["update", "--root", str(root)]) == 0
    assert "| Topic | At arXiv | Fetched | New | Revised | State |" in summary.read_text()
    assert "| Neural Widgets | 1 | 1 | 1 | 0 | ok |" in summary.read_text()
    assert "::warning" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "text", "command"),
    [
        (
            "keywords.txt",
            "# one\n100% new | (a | b\n",
            "::error file=keywords.txt,line=2,col=",
        ),
        (
            "pyproject.toml",
            '[tool.daily-papers]\nsort = """a\n::warning::b%0A::notice::c"""\n',
            "::error file=pyproject.toml::[tool.daily-papers] sort: it must be",
        ),
        ("pyproject.toml", "[tool", "::error file=pyproject.toml::it cannot be read"),
    ],
)
def test_bad_input_is_shown_at_its_line_and_in_the_summary_of_a_run(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    file: str,
    text: str,
    command: str,
) -> None:
    """In Actions the message is an annotation of the line, and in the step summary too."""
    (root / file).write_text(text)
    assert main(["check", "--root", str(root)]) == 2
    plain = capsys.readouterr()
    assert plain.out == ""
    summary = root.parent / f"{root.name}-summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert main(["check", "--root", str(root)]) == 2
    told = capsys.readouterr()
    line, *_ = told.out.splitlines()
    assert line.startswith(command)
    assert ("%0A" in line) == (file == "keywords.txt")
    assert len(told.out.splitlines()) == plain.err.count(f"{file}:")
    assert told.err == plain.err
    assert plain.err.rstrip("\n") in summary.read_text("utf-8")


def test_a_failed_night_is_shown_on_the_page_of_a_run(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Any other error is an annotation without a place, also if a variable is wrong."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("ARXIV_API_URL", "::error::nowhere")
    assert main(["update", "--root", str(root)]) == 2
    assert capsys.readouterr().out.startswith("::error::ARXIV_API_URL: it must be")
    monkeypatch.delenv("ARXIV_API_URL")
    assert main(["notify", "--dry-run", "--root", str(root)]) == 1
    assert capsys.readouterr().out.startswith("::error::daily-papers: papers/store: there is")


def test_no_heading_is_a_command_for_actions(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a heading, an option or an error contains never begins a workflow command."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    evil = "::stop-commands::x ##[add-mask]y %0A::error::z"
    (root / "keywords.txt").write_text(f'"{evil}"\n{evil}: widgets\n')
    assert main(["check", "--root", str(root)]) in (0, 2)
    (root / "keywords.txt").write_text("widgets\n")
    assert main(["update", "--root", str(root), "--topic", f"a\n {evil}"]) == 2
    with pytest.raises(SystemExit):
        main(["update", "--root", str(root), "--now", f"\n{evil}"])
    told = capsys.readouterr()
    assert len(told.out.splitlines()) >= 2
    assert all(line.startswith("::error") for line in told.out.splitlines())
    assert not [line for line in told.err.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in told.err
    assert "add-mask" in told.err


def test_notify_posts_once_and_exits_with_0(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The issue is opened once; a refusal by GitHub is a warning at first, not a failure."""
    with FakeArxiv([record(1)]) as arxiv, FakeGitHub() as github:
        monkeypatch.setenv("ARXIV_API_URL", arxiv.api_url)
        monkeypatch.setenv("ARXIV_OAI_URL", arxiv.oai_url)
        monkeypatch.setenv("GITHUB_API_URL", github.api_url)
        monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        assert main(["update", "--root", str(root)]) == 0
        github.play("issues off", method="POST", path="/issues", times=1)
        assert main(["notify", "--root", str(root)]) == 0
        told = capsys.readouterr()
        assert "warning: the notice was not posted" in told.err
        assert "no issue: the papers stay pending" in told.out
        assert main(["notify", "--root", str(root)]) == 0
        assert "opened the issue: Welcome to 1 topic: Neural Widgets" in capsys.readouterr().out
        assert main(["notify", "--root", str(root)]) == 0
        assert "nothing new to tell" in capsys.readouterr().out
        assert len(github.issues) == 1
    assert TOKEN not in "".join(capsys.readouterr())


GIT = ("git", "-c", "user.name=A", "-c", "user.email=a@b", "-c", "commit.gpgSign=false")


def with_remote(root: Path) -> Path:
    """Make a repository with one commit of `root`; return the bare one that it pushes to."""
    remote = root.parent / f"{root.name}.git"
    subprocess.run([*GIT, "init", "-q", "--bare", remote], check=True)
    for arguments in ("init -q", f"remote add origin {remote}", "add -A", "commit -qm Begin"):
        subprocess.run([*GIT, *arguments.split()], cwd=root, check=True)
    return remote


def test_what_is_published_after_a_race_is_reported_once(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With `--publish` both commands push; the issue opened before a lost race is still named."""
    remote = with_remote(root)
    with FakeArxiv([record(1)]) as arxiv, FakeGitHub() as github:
        monkeypatch.setenv("ARXIV_API_URL", arxiv.api_url)
        monkeypatch.setenv("ARXIV_OAI_URL", arxiv.oai_url)
        monkeypatch.setenv("GITHUB_API_URL", github.api_url)
        monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setattr("daily_papers.publish.git.PAUSE", 0.0)
        assert main(["update", "--root", str(root), "--publish"]) == 0
        # Another push that fails by itself holds the lock during our first one.
        branch = subprocess.check_output([*GIT, "branch", "--show-current"], cwd=root, text=True)
        lock = f"refs/heads/{branch.strip()}.lock"
        hook = remote / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\nif [ -e {lock} ]; then rm {lock}; else touch {lock}; fi\n")
        hook.chmod(0o755)
        capsys.readouterr()
        assert main(["notify", "--root", str(root), "--publish"]) == 0
    told = capsys.readouterr()
    assert "Somebody else pushed to" in told.err
    assert told.out == f"opened the issue: {github.issues[0]['title']}\n"
    subjects = subprocess.check_output([*GIT, "log", "--format=%s"], cwd=remote, text=True)
    assert subjects.splitlines()[0] == "Note that watchers were told"
    assert subjects.splitlines()[1].startswith("1 new: Neural Widgets 1")


@pytest.mark.usefixtures("no_waiting")
def test_a_night_that_could_not_update_says_so_in_the_readme_and_pushes_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bad keywords are told above the tables until a night is good, and those are as they were."""
    remote = with_remote(root)

    def night(keywords: str) -> tuple[int, str]:
        if (root / "keywords.txt").read_text() != keywords:
            (root / "keywords.txt").write_text(keywords)
            subprocess.run([*GIT, "commit", "-qam", "Edit"], cwd=root, check=True)
            subprocess.run([*GIT, "push", "-q", "origin", "HEAD"], cwd=root, check=True)
        code = main(["update", "--root", str(root), "--publish"])
        pushed = subprocess.check_output([*GIT, "show", "HEAD:README.md"], cwd=remote, text=True)
        return code, pushed

    with FakeArxiv([record(1)]) as arxiv:
        monkeypatch.setenv("ARXIV_API_URL", arxiv.api_url)
        monkeypatch.setenv("ARXIV_OAI_URL", arxiv.oai_url)
        assert night("Neural Widgets\n")[0] == 0
        code, readme = night("Neural Widgets\nLLM |\n")
        assert code == 2
        assert "⚠ No update since" in readme
        assert "keywords.txt:2:5: " in readme
        assert "2611.00001" in readme
        assert main(["update", "--root", str(root), "--publish", "--topic", "none"]) == 2
        code, readme = night("Neural Widgets\n")
        assert code == 0
        assert "No update" not in readme
    assert "README.md does not" not in capsys.readouterr().err


def test_a_time_that_is_none_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--now` accepts only an ISO time."""
    with pytest.raises(SystemExit) as stop:
        main(["update", "--root", str(root), "--now", "yesterday"])
    assert stop.value.code == 2
    assert "not an ISO time" in capsys.readouterr().err


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_time_at_the_end_of_the_calendar_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str], moment: str
) -> None:
    """A time whose sums would overflow is bad input, not a crash."""
    with pytest.raises(SystemExit) as stop:
        main(["update", "--root", str(root), "--now", moment])
    assert stop.value.code == 2
    assert "not an ISO time" in capsys.readouterr().err


def test_a_summary_that_cannot_be_written_does_not_fail_the_night(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The night is saved and succeeds, with a warning about its summary."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(root / "missing" / "summary.md"))
    with FakeArxiv([record(1)]) as arxiv:
        monkeypatch.setenv("ARXIV_API_URL", arxiv.api_url)
        monkeypatch.setenv("ARXIV_OAI_URL", arxiv.oai_url)
        assert main(["update", "--root", str(root)]) == 0
    assert "summary.md: it cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_legacy_code_page_stops_no_output(root: Path, encoding: str) -> None:
    """A character that the console's encoding lacks is replaced, and the command succeeds."""
    (root / "keywords.txt").write_text("扩散 →: diffusion\n", encoding="utf-8")
    code = "from daily_papers.cli import main; raise SystemExit(main())"
    with FakeArxiv([record(1, "diffusion")]) as arxiv:
        done = subprocess.run(
            [sys.executable, "-c", code, "update", "--root", str(root)],
            env={
                **os.environ,
                "PYTHONIOENCODING": encoding,
                "ARXIV_API_URL": arxiv.api_url,
                "ARXIV_OAI_URL": arxiv.oai_url,
            },
            capture_output=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    assert b"?? ?: ok" in done.stdout


def test_the_module_runs_and_help_imports_nothing_heavy() -> None:
    """`python -m daily_papers --help` imports neither arxiv, requests, lxml, tabulate nor tqdm."""
    started = time.perf_counter()
    code = (
        "import sys, runpy; sys.argv = ['daily-papers', '--help']\n"
        "try: runpy.run_module('daily_papers', run_name='__main__')\n"
        "except SystemExit as stop: assert stop.code == 0\n"
        "heavy = {'arxiv', 'requests', 'lxml', 'tabulate', 'tqdm'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "COMMAND" in done.stdout
    assert time.perf_counter() - started < 5
