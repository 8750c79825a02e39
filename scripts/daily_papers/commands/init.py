"""Write a repository of three files and settings, whose workflow calls the project's."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from daily_papers import __version__
from daily_papers.arxiv.start_jitter import own_cron
from daily_papers.atomic_files import write_file
from daily_papers.data import load_text
from daily_papers.errors import InputError
from daily_papers.pages.pieces import plural
from daily_papers.read_user_files import read_project
from daily_papers.readme_markers import END, README, START
from daily_papers.settings import SETTINGS, load_environment, parse_settings
from daily_papers.topics.keywords import KEYWORDS
from daily_papers.trackers.brought_over import BroughtOver
from daily_papers.trackers.read_tracker import read_tracker
from daily_papers.trackers.write_keywords import keywords_lines

WORKFLOW = ".github/workflows/nightly.yml"
_TOPICS = ("Video Anomaly Detection", "Video Understanding", "Vision Language Model")
_NEW: dict[str, object] = {"columns": ["Paper"]}
"""The settings of a new copy, as a fork has them."""
_UPSTREAM = re.compile(r"(?P<repository>[\w-]+/[\w.-]+)@(?P<ref>[\w][\w./-]*)", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")


def run(*, directory: Path, upstream: str | None, source: Path | None) -> None:
    """Write the files, and say what to do next and what could not be brought over.

    Raises InputError, before anything is written.
    """
    repository, ref = _upstream(upstream)
    docs = f"https://github.com/{repository}/blob/{ref}/docs"
    files = {
        KEYWORDS: _keywords(docs, list(_TOPICS), "Replace these by your own."),
        README: _readme(repository, docs),
        WORKFLOW: workflow(repository, ref, _cron(directory)),
        SETTINGS: _settings(_NEW, docs),
    }
    left: list[str] = []
    if source is not None:
        found = read_tracker(source)
        left = [*found.left, *_unusable_settings(found)]
        lines, unwritten = keywords_lines(found, parse_settings(found.settings).categories)
        left += unwritten
        if not lines:
            raise InputError([f"{source}: none of its topics can be brought over", *left])
        files[KEYWORDS] = _keywords(docs, lines, f"Brought over from {found.tracker}.")
        files[SETTINGS] = _settings(_NEW | found.settings, docs)
    taken = [name for name in files if (directory / name).exists()]
    if taken:
        raise InputError(
            [
                f"{directory / name}: it exists; move it away, or give another folder"
                for name in taken
            ]
        )
    for name, text in files.items():
        write_file(directory / name, text)
        print(f"wrote {directory / name}")
    topics = read_project(directory).topics
    print(f"{plural(len(topics), 'topic')}; push the folder to a repository of your own on GitHub,")
    print("and press Actions → Nightly → Run workflow there")
    for sentence in left:
        print(f"not brought over: {sentence}")


def workflow(repository: str, ref: str, cron: str) -> str:
    """Return the workflow that calls the project's one at a commit, tag or branch."""
    if _COMMIT.fullmatch(ref):
        comment = f"v{__version__}"
    else:
        comment = "zizmor: ignore[unpinned-uses] - whoever moves the name decides what runs here"
    uses = f"{repository}/.github/workflows/night.yml@{ref} # {comment}"
    return load_text("nightly.yml").replace("CRON", cron).replace("USES", uses)


def _cron(directory: Path) -> str:
    return own_cron(load_environment().github_repository or str(directory.resolve()))


def _upstream(given: str | None) -> tuple[str, str]:
    """Return the project's repository and commit: those given, or where this program is from."""
    if given is None:
        record = distribution("daily-papers").read_text("direct_url.json")
        match = _UPSTREAM.fullmatch(installed_from(json.loads(record or "{}")))
        what = "where this program is from is not known"
    else:
        match, what = _UPSTREAM.fullmatch(given), f"--upstream {given!r} is no such place"
    if match is None:
        advice = "give the project's repository with --upstream OWNER/NAME@REF"
        raise InputError([f"{what}; {advice}; REF is a commit, a tag or a branch"])
    return match["repository"], match["ref"]


def installed_from(record: Mapping[str, Any]) -> str:
    """Return OWNER/NAME@COMMIT at GitHub of an installation that pip has recorded; else empty.

    https://packaging.python.org/en/latest/specifications/direct-url/
    """
    address, commit = record.get("url", ""), record.get("vcs_info", {}).get("commit_id", "")
    git = shutil.which("git")
    if address.startswith("file:") and git:
        checkout = url2pathname(urlsplit(address).path)
        asked = ("remote", "get-url", "origin"), ("rev-parse", "HEAD")
        address, commit = (
            subprocess.run(  # noqa: S603 - git, in the checkout that this program is from
                [git, "-C", checkout, *one], capture_output=True, text=True, check=False
            ).stdout.strip()
            for one in asked
        )
    match = re.search(r"github\.com[:/]([\w-]+/[\w.-]+?)(?:\.git)?/?$", address, re.ASCII)
    return f"{match[1]}@{commit}" if match else ""


def _keywords(docs: str, lines: list[str], remark: str) -> str:
    head = f"# One topic a line: {docs}/keywords.md\n# {remark}\n\n"
    return head + "".join(f"{line}\n" for line in lines)


def _readme(repository: str, docs: str) -> str:
    return f"""# Daily Papers

The newest arXiv papers on the topics of [keywords.txt](keywords.txt). Write your own text anywhere
but between the two markers.

{START}

No papers yet. The first night writes the tables here:
[Actions → Nightly](../../actions/workflows/nightly.yml) → **Run workflow**.

{END}

Made with [{repository}](https://github.com/{repository}): [keywords]({docs}/keywords.md),
[settings]({docs}/settings.md), [when something looks wrong]({docs}/troubleshooting.md).
"""


def _unusable_settings(found: BroughtOver) -> list[str]:
    """Remove the settings whose values are not possible here; return a sentence on each."""
    faults: list[str] = []
    for name, value in list(found.settings.items()):
        try:
            parse_settings({name: value})
        except InputError as error:
            faults += error.problems
            del found.settings[name]
    return faults


def _settings(settings: Mapping[str, object], docs: str) -> str:
    """Return the settings as TOML; JSON writes texts, numbers and lists the same way."""
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    return f"# All settings: {docs}/settings.md\n\n[tool.daily-papers]\n{lines}"
