"""Run the scripts of a workflow's jobs in order, in bash, as GitHub's runner does.

Third-party actions are passed over, except for the checkout, which is a clone of a bare repository.
`uv` is a script: `uv sync` needs the lock file, `uv run` runs the tests' own environment, and `uv
build` makes a wheel without content. `gh` writes its arguments to a file.
"""

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from daily_papers import __version__

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sysconfig.get_path("scripts"))
UV = f"""#!/bin/sh
set -e
case "$1" in
    sync) test -f uv.lock && test -f pyproject.toml ;;
    build) mkdir -p dist && cd dist && mkdir daily_papers daily_papers-{__version__}.dist-info \
        && touch daily_papers/x daily_papers-{__version__}.dist-info/x && python3 -m zipfile \
        -c daily_papers-{__version__}-py3-none-any.whl daily_papers daily_papers-*.dist-info \
        && rm -r daily_papers daily_papers-*.dist-info ;;
    run) test "$2" = --no-sync; shift 2; PATH="{PROGRAMS}:$PATH" exec "$@" ;;
    *) exit 64 ;;
esac
"""
GH = '#!/bin/sh\necho "$@" > gh\n'
_NAME = re.compile(r"\b(?:github|inputs|vars|secrets|job|steps|needs|matrix|runner)\.[\w.-]+")


def load(path: Path) -> dict[str, Any]:
    """Read a YAML file as YAML 1.2, in which `on` is a string."""
    loaded: dict[str, Any] = YAML(typ="safe").load(path)
    return loaded


def evaluate(expression: str, context: Mapping[str, object]) -> object:
    """Return the value of an expression; a name that the context lacks is an empty text."""
    names: list[object] = []

    def number(match: re.Match[str]) -> str:
        names.append(context.get(match[0], ""))
        return f"names[{len(names) - 1}]"

    text = _NAME.sub(number, expression)
    for theirs, ours in (("||", " or "), ("&&", " and "), ("true", "True"), ("false", "False")):
        text = text.replace(theirs, ours)
    text = re.sub(r"!(?!=)", " not ", text)
    no, yes = (lambda: False), (lambda: True)
    functions = {"success": yes, "always": yes, "failure": no, "cancelled": no}
    return eval(text, {"names": names, **functions})  # noqa: S307 - our own workflows


def filled(value: object, context: Mapping[str, object]) -> object:
    """Return a value of a workflow with its expressions evaluated."""
    if not isinstance(value, str):
        return value
    if whole := re.fullmatch(r"\$\{\{(.*)\}\}", value, re.DOTALL):
        return evaluate(whole[1].strip(), context)

    def one(match: re.Match[str]) -> str:
        return as_text(evaluate(match[1].strip(), context))

    return re.sub(r"\$\{\{(.*?)\}\}", one, value)


def as_text(value: object) -> str:
    """Return a value as the runner puts it into a variable."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass
class Runner:
    """Runs workflows on the repositories in bare clones, by `owner/name`."""

    folder: Path
    """For the workspaces."""
    remotes: dict[str, Path]
    variables: dict[str, str]
    """Environment variables of every script, such as the addresses of the stand-ins."""
    context: dict[str, object] = field(default_factory=dict)
    said: str = ""
    """What the scripts printed."""
    ran: list[str] = field(default_factory=list)
    """The names of the steps that ran a script."""

    def call(self, caller: dict[str, Any], **inputs: object) -> None:
        """Run a workflow whose only job calls night.yml, of this checkout."""
        (job,) = caller["jobs"].values()
        given = caller["on"]["workflow_dispatch"]["inputs"]
        event = self.context["github.event_name"]
        defaults = {name: one["default"] for name, one in given.items()}
        values: dict[str, object] = {} if event == "schedule" else {**defaults, **inputs}
        context = self.context | {f"inputs.{name}": value for name, value in values.items()}
        if not evaluate(job.get("if", "true").strip("${} "), context):
            return
        called = {f"inputs.{name}": filled(value, context) for name, value in job["with"].items()}
        passed = {f"secrets.{name}": filled(one, context) for name, one in job["secrets"].items()}
        hidden = {name: one for name, one in self.context.items() if "secrets." not in name}
        self.run(load(ROOT / ".github/workflows/night.yml"), hidden | called | passed)

    def run(self, workflow: dict[str, Any], context: Mapping[str, object]) -> None:
        """Run the scripts of all jobs. Raises CalledProcessError for one that fails."""
        inner = workflow.get("defaults", {}).get("run", {}).get("working-directory", ".")
        for number, job in enumerate(workflow["jobs"].values()):
            if not evaluate(str(job.get("if", "true")).strip("${} "), context):
                continue
            workspace = self.folder / f"workspace-{number}"
            shutil.rmtree(workspace, ignore_errors=True)
            workspace.mkdir(parents=True)
            for step in job.get("steps", ()):
                if not evaluate(str(step.get("if", "true")).strip("${} "), context):
                    continue
                if "actions/checkout@" in step.get("uses", ""):
                    self._check_out(workspace, step.get("with", {}), context)
                elif "run" in step:
                    where = workspace / str(step.get("working-directory", inner))
                    self._script(where, step, context)

    def _check_out(
        self, workspace: Path, options: Mapping[str, object], context: Mapping[str, object]
    ) -> None:
        repository = filled(options.get("repository", "${{ github.repository }}"), context)
        target = workspace / str(options.get("path", "."))
        remote = self.remotes[str(repository)]
        depth = [] if options.get("fetch-depth") == 0 else ["--depth=1"]
        command = ["git", "clone", "-q", *depth, remote.as_uri(), target]
        subprocess.run(command, check=True, timeout=60)

    def _script(self, where: Path, step: dict[str, Any], context: Mapping[str, object]) -> None:
        programs = self.folder / "bin"
        programs.mkdir(exist_ok=True)
        for name, text in (("uv", UV), ("gh", GH)):
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        script = self.folder / "step.sh"
        script.write_text(step["run"])
        given = {
            name: as_text(filled(value, context)) for name, value in step.get("env", {}).items()
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=where,
            env={
                "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
                "LC_ALL": "C.UTF-8",
                "GITHUB_ACTIONS": "true",
                "GITHUB_EVENT_NAME": str(context["github.event_name"]),
                "GITHUB_REPOSITORY": str(context["github.repository"]),
                "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
                "GITHUB_OUTPUT": str(self.folder / "output"),
                "GITHUB_WORKSPACE": str(where.parent),
                **self.variables,
                **given,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        self.said += done.stdout + done.stderr
        self.ran.append(str(step.get("name")))
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, step["run"], self.said)
