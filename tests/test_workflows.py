import os
import re
import subprocess
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
PROGRAMS = Path(sysconfig.get_path("scripts"))


def load(path: Path) -> dict[str, Any]:
    """Read a YAML file as YAML 1.2, in which `on` is a string."""
    loaded: dict[str, Any] = YAML(typ="safe").load(path)
    return loaded


NIGHTLY = load(GITHUB / "workflows" / "nightly.yml")
CI = load(GITHUB / "workflows" / "ci.yml")
KEYWORDS = load(GITHUB / "workflows" / "keywords.yml")


def jobs() -> list[dict[str, Any]]:
    """Return the jobs of all workflows."""
    return [job for path in WORKFLOWS for job in load(path)["jobs"].values()]


def steps() -> list[dict[str, Any]]:
    """Return the steps of all workflows."""
    return [step for job in jobs() for step in job["steps"]]


def nightly_step(words: str) -> dict[str, Any]:
    """Return the nightly workflow's only step whose script contains these words."""
    (step,) = [step for step in NIGHTLY["jobs"]["nightly"]["steps"] if words in step.get("run", "")]
    found: dict[str, Any] = step
    return found


def check(*command: str | Path) -> None:
    """Run a program of the environment, which must succeed."""
    program, *rest = map(str, command)
    done = subprocess.run(
        [PROGRAMS / program, *rest], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor() -> None:
    """The strictest audit of the workflows finds nothing."""
    check(
        "zizmor",
        "--offline",
        "--no-progress",
        "--persona=auditor",
        "--strict-collection",
        *WORKFLOWS,
        GITHUB / "dependabot.yml",
    )


@pytest.mark.parametrize(
    ("schema", "files"),
    [("github-workflows", WORKFLOWS), ("dependabot", [GITHUB / "dependabot.yml"])],
)
def test_schema(schema: str, files: list[Path]) -> None:
    """The files match GitHub's schemas."""
    check("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)


def test_actions_are_pinned() -> None:
    """Each action is pinned by its commit, with the version as a comment."""
    lines = [
        line
        for path in WORKFLOWS
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses:" in line
    ]
    assert len(lines) == len([step for step in steps() if "uses" in step]) > 0
    for line in lines:
        assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_no_expression_in_a_script() -> None:
    """No script contains an expression: values come through the environment."""
    for step in steps():
        assert "${{" not in step.get("run", "")


def test_permissions() -> None:
    """No permission by default; the night may write contents and issues, the others only read."""
    assert NIGHTLY["permissions"] == CI["permissions"] == KEYWORDS["permissions"] == {}
    assert NIGHTLY["jobs"]["nightly"]["permissions"] == {"contents": "write", "issues": "write"}
    assert CI["jobs"]["test"]["permissions"] == {"contents": "read"}
    assert KEYWORDS["jobs"]["preview"]["permissions"] == {"contents": "read"}


def test_token() -> None:
    """Only the two steps that push and post get the token, and no checkout keeps it."""
    for step in steps():
        if "actions/checkout@" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False
        has_token = "github.token" in str(step.get("env"))
        assert has_token == bool(re.search("daily-papers (update|notify)", step.get("run", "")))


def test_the_key_of_the_model() -> None:
    """The only secret is given to the only step that asks a model, not to a job or workflow."""
    (holder,) = [step for step in steps() if "secrets." in str(step)]
    assert holder == nightly_step("daily-papers update")
    assert {name: value for name, value in holder["env"].items() if "github" not in value} == {
        "TOPICS": "${{ inputs.topics }}",
        "DRY_RUN": "${{ inputs.dry-run }}",
        "OPENAI_API_KEY": "${{ secrets.OPENAI_API_KEY }}",
        "OPENAI_BASE_URL": "${{ vars.OPENAI_BASE_URL }}",
        "LLM_MODEL": "${{ vars.LLM_MODEL }}",
    }
    for path in WORKFLOWS:
        assert path.read_text(encoding="utf-8").count("secrets.") == (path.name == "nightly.yml")


def test_schedule() -> None:
    """The night runs once a day at an odd minute off the hour, after arXiv's announcement."""
    (schedule,) = NIGHTLY["on"]["schedule"]
    minute, hour, *rest = schedule["cron"].split()
    assert int(minute) % 2 == 1
    assert 2 <= int(hour) <= 12
    assert rest == ["*", "*", "*"]


def test_one_night_at_a_time() -> None:
    """Nights share a concurrency group, cancel none that runs or waits, and have a timeout."""
    assert NIGHTLY["concurrency"] == {
        "group": "nightly",
        "cancel-in-progress": False,
        "queue": "max",
    }
    assert all(0 < job["timeout-minutes"] <= 75 for job in jobs())


def test_inputs() -> None:
    """A manual run has inputs for topics, the notice and a dry run."""
    inputs = NIGHTLY["on"]["workflow_dispatch"]["inputs"]
    assert {name: (one["type"], one["default"]) for name, one in inputs.items()} == {
        "topics": ("string", ""),
        "notify": ("boolean", True),
        "dry-run": ("boolean", False),
    }


@pytest.mark.parametrize(
    ("event", "notify", "dry_run", "expected"),
    [
        ("schedule", None, None, True),
        ("workflow_dispatch", True, False, True),
        ("workflow_dispatch", False, False, False),
        ("workflow_dispatch", True, True, False),
    ],
)
def test_when_watchers_are_told(
    event: str,
    *,
    notify: bool | None,
    dry_run: bool | None,
    expected: bool,
) -> None:
    """A scheduled run, which has no inputs, posts the notice; a manual one on request."""
    condition = nightly_step("daily-papers notify")["if"]
    match = re.fullmatch(r"\$\{\{ (.*) \}\}", condition)
    assert match is not None
    expression = match[1]
    for theirs, ours in {
        "github.event_name": "event",
        "inputs.notify": "notify",
        "inputs.dry-run": "dry_run",
        "||": "or",
        "&&": "and",
        "!": "not ",
    }.items():
        expression = expression.replace(theirs, ours)
    names = {"event": event, "notify": notify, "dry_run": dry_run}
    assert bool(eval(expression, {}, names)) is expected  # noqa: S307 - our own workflow


def test_one_uv() -> None:
    """The workflows install the version of uv that the Makefile names, from the lock file."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    match = re.search(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)
    assert match is not None
    versions = [step["with"]["version"] for step in steps() if "setup-uv" in step.get("uses", "")]
    assert versions == [match[1]] * len(WORKFLOWS)


@pytest.mark.parametrize(
    ("model", "extra"),
    [("", []), ("a model", ["--extra=llm"]), ("$(touch hacked)", ["--extra=llm"])],
)
def test_packages_for_a_model_are_installed_only_where_one_is_named(
    tmp_path: Path, model: str, extra: list[str]
) -> None:
    """The nightly workflow installs the base from the lock file, and the extra with LLM_MODEL."""
    step = nightly_step("uv sync")
    assert step["env"] == {"LLM_MODEL": "${{ vars.LLM_MODEL }}"}
    expected = ["sync", "--locked", "--no-dev", *extra]
    assert run_step(tmp_path, step["run"], {"LLM_MODEL": model}) == expected
    assert not (tmp_path / "hacked").exists()


def test_a_change_of_keywords_is_previewed() -> None:
    """A pull request that touches keywords or settings is checked and previewed, without a secret.

    The preview compares with the branch that it would be merged into.
    """
    assert KEYWORDS["on"] == {"pull_request": {"paths": ["keywords.txt", "pyproject.toml"]}}
    checkout, *_, check, preview = KEYWORDS["jobs"]["preview"]["steps"]
    assert checkout["with"]["fetch-depth"] == 2
    assert check["run"] == "uv run --no-sync daily-papers check"
    assert preview["run"] == "uv run --no-sync daily-papers preview --diff --base HEAD^1"
    assert not [step for step in KEYWORDS["jobs"]["preview"]["steps"] if "env" in step]


def test_ci_runs_the_oldest_python() -> None:
    """The tests run on push and on pull requests, on the oldest supported Python too."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        oldest = tomllib.load(file)["project"]["requires-python"].removeprefix(">=")
    assert {"push", "pull_request"} <= set(CI["on"])
    job = CI["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"][0] == oldest
    assert job["steps"][-1]["run"] == "make test"


def test_dependabot() -> None:
    """Actions and packages are updated, with one pull request each."""
    updates = load(GITHUB / "dependabot.yml")["updates"]
    assert {one["package-ecosystem"] for one in updates} == {"github-actions", "uv"}
    assert all(len(one["groups"]) == 1 for one in updates)


def run_step(folder: Path, script: str, variables: dict[str, str]) -> list[str]:
    """Run a step's script as GitHub does, and return the arguments that it gives to `uv`."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    stub = programs / "uv"
    stub.write_text('#!/bin/sh\nprintf "%s\\0" "$@" > "$RECORD"\n')
    stub.chmod(0o755)
    record = folder / "record"
    record.unlink(missing_ok=True)
    path = folder / "step.sh"
    path.write_text(script)
    subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", path],
        cwd=folder,
        env={
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
            "RECORD": str(record),
            **variables,
        },
        check=True,
        timeout=30,
    )
    return record.read_bytes().decode().split("\0")[:-1]


def run_update_step(folder: Path, topics: str, dry_run: str) -> list[str]:
    """Return the options that the update step gives to `daily-papers update`."""
    variables = {"TOPICS": topics, "DRY_RUN": dry_run}
    arguments = run_step(folder, nightly_step("daily-papers update")["run"], variables)
    assert arguments[:4] == ["run", "--no-sync", "daily-papers", "update"]
    return arguments[4:]


@pytest.mark.parametrize(
    ("topics", "dry_run", "expected"),
    [
        ("", "", ["--publish"]),
        ("", "false", ["--publish"]),
        ("", "true", ["--dry-run"]),
        ("Video Understanding", "true", ["--topic=Video Understanding", "--dry-run"]),
        ("A b,  C d ,\r\nE", "", ["--topic=A b,  C d ,\r\nE", "--publish"]),
        ("$(touch hacked)", "", ["--topic=$(touch hacked)", "--publish"]),
        ("`touch hacked`", "", ["--topic=`touch hacked`", "--publish"]),
        ('"; touch hacked; "', "", ['--topic="; touch hacked; "', "--publish"]),
        ("--dry-run, -h", "", ["--topic=--dry-run, -h", "--publish"]),
        ("* ? ~ %s \\n", "", ["--topic=* ? ~ %s \\n", "--publish"]),
        ("C#,模型", "", ["--topic=C#,模型", "--publish"]),
        ("x", "$(touch hacked)", ["--topic=x", "--publish"]),
    ],
)
def test_topics_reach_the_command(
    tmp_path: Path, topics: str, dry_run: str, expected: list[str]
) -> None:
    """The names become one option whatever they contain; the shell runs none of it."""
    assert run_update_step(tmp_path, topics, dry_run) == expected
    assert not (tmp_path / "hacked").exists()


@given(
    topics=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
)
@example(topics="$'\\x41',\"'\n\\")
@settings(max_examples=40, deadline=None)
def test_any_topics(tmp_path_factory: pytest.TempPathFactory, topics: str) -> None:
    """Any text is the option's, unchanged; the command splits it."""
    folder = tmp_path_factory.mktemp("step")
    expected = [f"--topic={topics}"] if topics else []
    assert run_update_step(folder, topics, "") == [*expected, "--publish"]
