import ast
import os
import re
import shutil
import subprocess
import sysconfig
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daily_papers import __version__
from workflow_runner import filled, load

ROOT = Path(__file__).resolve().parents[1]
GITHUB = ROOT / ".github"
# Those of the project: the owner of a copy may have others, and delete all but the first two.
NAMES = ("night", "nightly", "release", "ci", "keywords")
WORKFLOWS = [path for name in NAMES if (path := GITHUB / "workflows" / f"{name}.yml").exists()]
DEPENDABOT = [path for path in [GITHUB / "dependabot.yml"] if path.exists()]
PROGRAMS = Path(sysconfig.get_path("scripts"))


def workflow(name: str) -> dict[str, Any]:
    """Return a workflow; a test of one that the owner of a copy has deleted is skipped."""
    path = GITHUB / "workflows" / f"{name}.yml"
    if path not in WORKFLOWS:
        pytest.skip(f"a copy without {path.name}")
    return load(path)


NIGHT = load(GITHUB / "workflows" / "night.yml")
NIGHTLY = load(GITHUB / "workflows" / "nightly.yml")


def jobs() -> list[dict[str, Any]]:
    """Return the jobs of all workflows."""
    return [job for path in WORKFLOWS for job in load(path)["jobs"].values()]


def steps() -> list[dict[str, Any]]:
    """Return the steps of all workflows."""
    return [step for job in jobs() for step in job.get("steps", ())]


def nightly_step(words: str) -> dict[str, Any]:
    """Return the only step of a night whose script contains these words."""
    (step,) = [step for step in NIGHT["jobs"]["update"]["steps"] if words in step.get("run", "")]
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
        *DEPENDABOT,
    )


@pytest.mark.parametrize(
    ("schema", "files"),
    [("github-workflows", WORKFLOWS), ("dependabot", DEPENDABOT)],
)
def test_schema(schema: str, files: list[Path]) -> None:
    """The files match GitHub's schemas."""
    if not files:
        pytest.skip("a copy without these files")
    check("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)


def test_actions_are_pinned() -> None:
    """Each action is pinned by its commit, with the version as a comment."""
    lines = [
        line
        for path in WORKFLOWS
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses:" in line and "uses: ./" not in line
    ]
    assert len(lines) == len([step for step in steps() if "uses" in step]) > 0
    for line in lines:
        assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_no_expression_in_a_script() -> None:
    """No script contains an expression: values come through the environment."""
    for step in steps():
        assert "${{" not in step.get("run", "")


def test_permissions() -> None:
    """No permission by default, and only a night may write."""
    for path in WORKFLOWS:
        assert load(path)["permissions"] == {}
    readers = [job for name in ("ci", "keywords") for job in workflow(name)["jobs"].values()]
    assert all(job["permissions"] == {"contents": "read"} for job in readers)
    assert {name: job["permissions"] for name, job in NIGHT["jobs"].items()} == {
        "update": {"contents": "write", "issues": "write", "pages": "read"},
        "pages": {"pages": "write", "id-token": "write"},
    }


def test_the_search_page_is_published_where_pages_is_on() -> None:
    """The page is kept and deployed only if the command says so, after a real night."""
    update, pages = (NIGHT["jobs"][name] for name in ("update", "pages"))
    write, keep = update["steps"][-2:]
    assert write["id"] == "site"
    assert "!inputs.dry-run" in write["if"]
    assert write["run"].endswith("daily-papers site --root=../data --output=../page --for-pages")
    assert keep["if"] == "${{ steps.site.outputs.deploy == 'true' }}"
    assert keep["with"] == {"path": "page"}
    assert update["outputs"] == {"deploy": "${{ steps.site.outputs.deploy }}"}
    assert pages["if"] == "${{ needs.update.outputs.deploy == 'true' }}"
    assert pages["environment"]["name"] == "github-pages"


def test_a_night_gets_what_it_needs_from_its_caller() -> None:
    """The caller grants each permission, and passes each input and secret, by name."""
    (caller,) = NIGHTLY["jobs"].values()
    called = NIGHT["on"]["workflow_call"]
    assert caller["with"].keys() == called["inputs"].keys()
    assert caller["secrets"] == {name: f"${{{{ secrets.{name} }}}}" for name in called["secrets"]}
    needed: dict[str, str] = {}
    for job in NIGHT["jobs"].values():
        needed |= job["permissions"]
    assert caller["permissions"] == needed


def test_the_tool_stays_apart_from_the_data() -> None:
    """A night runs the workflow's own commit, in a folder beside the caller's data."""
    data, tool = (
        step["with"]
        for step in NIGHT["jobs"]["update"]["steps"]
        if "actions/checkout@" in step.get("uses", "")
    )
    assert (data["path"], data.get("repository")) == ("data", None)
    assert tool["path"] == NIGHT["defaults"]["run"]["working-directory"] == "tool"
    assert tool["repository"] == "${{ job.workflow_repository }}"
    assert tool["ref"] == "${{ job.workflow_sha }}"


@pytest.mark.parametrize(
    ("is_template", "fork", "is_project"),
    [(True, False, True), (False, True, False), (True, True, False), (False, False, False)],
)
def test_the_project_has_tests_and_a_copy_has_nights(
    *, is_template: bool, fork: bool, is_project: bool
) -> None:
    """The project is a template and no fork: it tests and releases itself, and has no nights."""
    context = {
        "github.event.repository.is_template": is_template,
        "github.event.repository.fork": fork,
    }
    conditions = {
        name: [filled(job["if"], context) for job in workflow(name)["jobs"].values() if "if" in job]
        for name in ("nightly", "ci", "release")
    }
    assert list(map(bool, conditions["nightly"])) == [not is_project]
    assert list(map(bool, conditions["ci"])) == [is_project]
    assert list(map(bool, conditions["release"])) == [is_project]


def test_token() -> None:
    """Only the steps that push, post or publish get the token, and no checkout keeps it."""
    for step in steps():
        if "actions/checkout@" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False
        has_token = "github.token" in str(step.get("env"))
        needs = re.search("daily-papers (update|notify)|gh release", step.get("run", ""))
        assert has_token == bool(needs)


def test_secrets() -> None:
    """Each secret is given to the only step that needs it, not to a job or workflow.

    The step that installs only hears whether there are addresses.
    """
    install, holder, teller = [step for step in steps() if "secrets." in str(step)]
    assert install["env"]["CHANNELS"] == "${{ secrets.NOTIFY_URLS && 'some' }}"
    assert teller == nightly_step("daily-papers notify")
    assert teller["env"] == {
        "GITHUB_TOKEN": "${{ github.token }}",
        "NOTIFY_URLS": "${{ secrets.NOTIFY_URLS }}",
    }
    assert holder == nightly_step("daily-papers update")
    assert {name: value for name, value in holder["env"].items() if "github" not in value} == {
        "TOPICS": "${{ inputs.topics }}",
        "DRY_RUN": "${{ inputs.dry-run }}",
        "ARXIV_API_KEY": "${{ secrets.ARXIV_API_KEY }}",
        "ARXIV_API_KEY_HEADER": "${{ vars.ARXIV_API_KEY_HEADER }}",
        "OPENAI_API_KEY": "${{ secrets.OPENAI_API_KEY }}",
        "OPENAI_BASE_URL": "${{ vars.OPENAI_BASE_URL }}",
        "LLM_MODEL": "${{ vars.LLM_MODEL }}",
    }
    named = {path.stem for path in WORKFLOWS if "secrets." in path.read_text(encoding="utf-8")}
    assert named == {"night", "nightly"}


def test_schedule() -> None:
    """The night runs on one schedule, whose line an update leaves to the owner of the copy.

    No line next to it may ever change, so that git merges both.
    """
    (schedule,) = NIGHTLY["on"]["schedule"]
    assert len(schedule["cron"].split()) == 5
    text = (GITHUB / "workflows" / "nightly.yml").read_text(encoding="utf-8")
    assert re.search(r"\n    #\n    - cron: .*\n    #\n", text)


def test_one_night_at_a_time() -> None:
    """Nights share a concurrency group, cancel none that runs or waits, and have a timeout."""
    assert NIGHTLY["concurrency"] == {
        "group": "nightly",
        "cancel-in-progress": False,
        "queue": "max",
    }
    assert all(0 < job["timeout-minutes"] <= 75 for job in jobs() if "steps" in job)


def test_inputs() -> None:
    """A manual run has inputs for topics, the notice, a dry run, and a line to preview."""
    inputs = NIGHTLY["on"]["workflow_dispatch"]["inputs"]
    assert {name: (one["type"], one["default"]) for name, one in inputs.items()} == {
        "topics": ("string", ""),
        "notify": ("boolean", True),
        "dry-run": ("boolean", False),
        "preview": ("string", ""),
    }
    assert NIGHT["on"]["workflow_call"]["inputs"] == inputs


@pytest.mark.parametrize(
    ("event", "notify", "dry_run", "preview", "expected"),
    [
        ("schedule", None, None, "", True),
        ("workflow_dispatch", True, False, "", True),
        ("workflow_dispatch", False, False, "", False),
        ("workflow_dispatch", True, True, "", False),
        ("workflow_dispatch", True, False, "LLM", False),
    ],
)
def test_when_watchers_are_told(
    event: str,
    *,
    notify: bool | None,
    dry_run: bool | None,
    preview: str,
    expected: bool,
) -> None:
    """A scheduled run, which has no inputs, posts the notice; a manual one on request.

    So it does after a night that failed.
    """
    (caller,) = NIGHTLY["jobs"].values()
    names = {"event": event, "notify": notify, "dry_run": dry_run}
    passed = {
        "notify": evaluate(caller["with"]["notify"], names),
        "dry_run": evaluate(caller["with"]["dry-run"], names),
    }
    assert all(isinstance(value, bool) for value in passed.values())
    passed["preview"] = preview
    assert evaluate(nightly_step("daily-papers notify")["if"], passed) is expected


def evaluate(condition: str, names: Mapping[str, object]) -> object:
    """Return the value of a workflow's expression."""
    match = re.fullmatch(r"\$\{\{ (.*) \}\}", condition)
    assert match is not None
    expression = match[1]
    for theirs, ours in {
        "github.event_name": "event",
        "inputs.notify": "notify",
        "inputs.dry-run": "dry_run",
        "inputs.preview": "preview",
        "cancelled()": "False",
        "||": "or",
        "&&": "and",
        "!": "not ",
        "false": "False",
    }.items():
        expression = expression.replace(theirs, ours)
    return eval(expression, {}, dict(names))  # noqa: S307 - our own workflow


def test_one_uv() -> None:
    """The workflows install the version of uv that the Makefile names, from the lock file."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    match = re.search(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)
    assert match is not None
    versions = [step["with"]["version"] for step in steps() if "setup-uv" in step.get("uses", "")]
    running = [job for job in jobs() if any("run" in step for step in job.get("steps", ()))]
    assert versions == [match[1]] * len(running)


@pytest.mark.parametrize(
    ("model", "channels", "extra"),
    [
        ("", "", []),
        ("a model", "", ["--extra=llm"]),
        ("", "some", ["--extra=notify"]),
        ("$(touch hacked)", "some", ["--extra=llm", "--extra=notify"]),
    ],
)
def test_packages_are_installed_only_where_they_are_used(
    tmp_path: Path, model: str, channels: str, extra: list[str]
) -> None:
    """The nightly workflow installs the base from the lock file, and the extras where needed."""
    step = nightly_step("uv sync")
    assert step["env"].keys() == {"LLM_MODEL", "CHANNELS"}
    expected = ["sync", "--locked", "--no-dev", *extra]
    variables = {"LLM_MODEL": model, "CHANNELS": channels}
    assert run_step(tmp_path, step["run"], variables) == expected
    assert not (tmp_path / "hacked").exists()


def test_a_change_of_keywords_is_previewed() -> None:
    """A pull request that touches keywords or settings is checked and previewed, without a secret.

    The preview compares with the branch that it would be merged into.
    """
    preview_steps = workflow("keywords")["jobs"]["preview"]["steps"]
    paths = ["keywords.txt", "daily-papers.toml"]
    assert workflow("keywords")["on"] == {"pull_request": {"paths": paths}}
    checkout, *_, check, preview = preview_steps
    assert checkout["with"]["fetch-depth"] == 2
    assert check["run"] == "uv run --no-sync daily-papers check"
    assert preview["run"] == "uv run --no-sync daily-papers preview --diff --base HEAD^1"
    assert not [step for step in preview_steps if "env" in step]


def test_ci_runs_the_supported_pythons() -> None:
    """The tests run on the oldest and the newest supported Python; a night runs on the newest."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        supported = tomllib.load(file)["project"]["requires-python"]
    match = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", supported)
    assert match is not None
    oldest, newest = f"3.{match[1]}", f"3.{int(match[2]) - 1}"
    (uv,) = (one for one in NIGHT["jobs"]["update"]["steps"] if "setup-uv@" in one.get("uses", ""))
    assert uv["with"]["python-version"] == newest
    assert (ROOT / ".python-version").read_text().strip() == oldest
    assert {"push", "pull_request"} <= set(workflow("ci")["on"])
    job = workflow("ci")["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == [oldest, newest]
    assert job["steps"][-1]["run"] == "make test"


def test_dependabot() -> None:
    """Actions and packages are updated, with one pull request each."""
    if not DEPENDABOT:
        pytest.skip("a copy without Dependabot")
    updates = load(*DEPENDABOT)["updates"]
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
    assert arguments[:5] == ["run", "--no-sync", "daily-papers", "update", "--root=../data"]
    return arguments[5:]


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


@pytest.mark.parametrize("line", ["A: b | c", "-h", "$(touch hacked)", '"; touch hacked; "', "`x`"])
def test_a_line_to_preview_reaches_the_command(tmp_path: Path, line: str) -> None:
    """The line is one argument whatever it contains, and nothing else is done."""
    step = nightly_step("daily-papers preview")
    assert step["if"] == "${{ inputs.preview }}"
    assert nightly_step("daily-papers update")["if"] == "${{ !inputs.preview }}"
    arguments = run_step(tmp_path, step["run"], {"LINE": line})
    command = ["run", "--no-sync", "daily-papers", "preview", "--root=../data", "--"]
    assert arguments == [*command, line]
    assert not (tmp_path / "hacked").exists()


@given(
    topics=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
)
@example(topics="$'\\x41',\"'\n\\")
def test_any_topics(tmp_path_factory: pytest.TempPathFactory, topics: str) -> None:
    """Any text is the option's, unchanged; the command splits it."""
    folder = tmp_path_factory.mktemp("step")
    expected = [f"--topic={topics}"] if topics else []
    assert run_update_step(folder, topics, "") == [*expected, "--publish"]


def test_a_release_runs_the_tests_first() -> None:
    """Nothing is published before the tests have passed on the tag's commit."""
    jobs = workflow("release")["jobs"]
    assert jobs["test"]["uses"] == "./.github/workflows/ci.yml"
    assert "workflow_call" in workflow("ci")["on"]
    assert jobs["release"]["needs"] == "test"
    (build,) = (one for one in jobs["release"]["steps"] if "uv build" in one.get("run", ""))
    assert "top-level" in build["run"]


def test_the_newest_changes_are_those_of_this_version() -> None:
    """The version stands in three places, which agree."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["version"] == __version__
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^## (\S+)$", changes)[0] == __version__


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_an_old_python_gets_a_sentence(name: str) -> None:
    """What runs before the version is looked at can be read by much older versions."""
    text = (ROOT / "scripts/daily_papers" / name).read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 7))


@pytest.mark.parametrize("python", ["false", "no-such-python"])
def test_make_says_that_it_needs_python(tmp_path: Path, python: str) -> None:
    """Without uv and with a wrong Python, or none, `make` ends with one sentence about it."""
    shutil.copy(ROOT / "Makefile", tmp_path / "Makefile")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("make", "sh", "false", "echo"):
        (programs / name).symlink_to(str(shutil.which(name)))
    done = subprocess.run(
        ["make", "demo", f"PYTHON={python}"],
        cwd=tmp_path,
        env={"PATH": str(programs), "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    sentence, *rest = done.stderr.splitlines()
    assert sentence.startswith(f"Daily Papers needs Python 3.11 to 3.14, which '{python}' is not")
    assert all(line.startswith("make: ***") for line in rest)
