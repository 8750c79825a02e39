"""Sync fork: the project's later commits merge with those of a copy's owner and of its nights.

To try more nights: DAILY_PAPERS_NIGHTS=60 .venv/bin/pytest tests/test_sync_fork.py -n 0
"""

import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.commands.update import Update
from daily_papers.readme_markers import END, START
from daily_papers.settings import Environment, load_settings
from standins.arxiv import FakeArxiv
from test_update import NOW, record

ROOT = Path(__file__).resolve().parents[1]
NIGHTS = int(os.environ.get("DAILY_PAPERS_NIGHTS", "4"))
FILES = (
    "README.md",
    "keywords.txt",
    "daily-papers.toml",
    "pyproject.toml",
    "uv.lock",
    ".gitignore",
    "docs/settings.md",
    "docs/sample/README.md",
    *(f".github/workflows/{name}.yml" for name in ("night", "nightly", "ci")),
)
SLOT = re.compile(r"<!-- Your own text.*?-->\n\n<!-- Your own text ends.*?-->", re.DOTALL)
TAIL = "<!-- Your own text may also stand here, at the end. -->"
SETTING = "# max-papers = 100"
CRON = "    - cron: "
Change = Callable[[Path], None]


def git(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run git as a person."""
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false")
    command = ["git", *who, *arguments]
    return subprocess.run(
        command, cwd=folder, check=check, capture_output=True, text=True, timeout=60
    )


def edit(path: Path, change: Callable[[str], str]) -> None:
    """Replace a file's text by another one."""
    before = path.read_text("utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, "utf-8")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with the project's files that owners, nights and updates change."""
    is_ours = SETTING in (ROOT / "daily-papers.toml").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    if (ROOT / "papers").exists() or not is_ours or not SLOT.search(readme) or TAIL not in readme:
        pytest.skip("a copy, whose files are its owner's")
    folder = tmp_path_factory.mktemp("release") / "project"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / ".gitattributes").write_text("* text=auto eol=lf\n")  # without the safety net
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "A release")
    return folder


@pytest.fixture
def project(release: Path, tmp_path: Path) -> Path:
    """Return a clone of the release, where the project goes on."""
    git(tmp_path, "clone", "-q", release.as_uri(), "project")
    return tmp_path / "project"


@pytest.fixture(scope="module")
def arxiv() -> Iterator[FakeArxiv]:
    """Return the stand-in with a paper or two for each night."""
    records = [record(number, day=9 - number) for number in range(8)]
    records += [record(20 + number, "quantum teapots", day=-number) for number in range(NIGHTS + 1)]
    with FakeArxiv(records) as server:
        yield server


@pytest.fixture(scope="module")
def used_fork(release: Path, arxiv: FakeArxiv) -> Path:
    """Return a fork with its owner's changes and nights."""
    fork = release.parent / "fork"
    git(release.parent, "clone", "-q", release.as_uri(), "fork")
    own(fork)
    commit(fork, "What I want")
    nights(fork, 0, NIGHTS, arxiv)
    return fork


def commit(folder: Path, message: str) -> None:
    """Commit everything."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)


def own(folder: Path) -> None:
    """Change what belongs to the owner."""
    (folder / "keywords.txt").write_text("# mine\nNeural Widgets\nQuantum Teapots\n")
    edit(
        folder / "daily-papers.toml",
        lambda text: text.replace(SETTING, "max-papers = 5"),
    )
    edit(
        folder / ".github/workflows/nightly.yml",
        lambda text: re.sub(rf"(?m)^{CRON}.*$", f'{CRON}"0 */6 * * *" # as I like it', text),
    )
    edit(
        folder / "README.md",
        lambda text: SLOT.sub(
            lambda slot: slot[0].replace("\n\n", "\n\n## My group\n\nWe read *these*.\n\n", 1), text
        ),
    )
    edit(
        folder / "README.md",
        lambda text: re.sub(r"\A# .*", "# Papers of my group", text),
    )
    edit(folder / "README.md", lambda text: f"{text}\n## Contact\n\nme@example.org\n")


def nights(folder: Path, first: int, count: int, arxiv: FakeArxiv) -> None:
    """Have that many nights, each with a commit."""
    environment = Environment(arxiv_api_url=arxiv.api_url, arxiv_oai_url=arxiv.oai_url)
    for day in range(first, first + count):
        now = NOW + timedelta(days=day)
        arxiv.now = now
        Update(folder, environment, VirtualClock(now), now=now, pace=0.0).run()
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", f"Night {day}", check=False)  # a quiet one has no change


def reword(text: str, chance: random.Random, frozen: str = r"^$") -> str:
    """Return a text with some lines changed, some added and some deleted; none that is frozen."""
    lines = []
    for line in text.split("\n"):
        if re.search(frozen, line):
            lines.append(line)
            continue
        what = chance.random()
        if what < 0.3:
            lines.append(f"{line} (reworded)")
        elif what < 0.4:
            lines += [line, "A line that is new."]
        elif what > 0.1:
            lines.append(line)
    return "\n".join(lines)


def reworded_readme(text: str, chance: random.Random) -> str:
    """Return README.md with changes everywhere but in its first lines, markers and between them."""
    before, rest = text.split(START)
    between, after = rest.split(END)
    head, slot, pitch = before.partition(SLOT.search(before)[0])  # type: ignore[index]
    pitch = f"{reword(pitch, chance)}A line directly above the marker.\n"
    after, tail, end = after.partition(TAIL)
    after = f"\nA line directly below the marker.{reword(after, chance)}\n\n## New\n\nText.\n\n"
    return f"{head}{slot}{pitch}{START}{between}{END}{after}{tail}{end}"


def later_commits(folder: Path, seed: int) -> None:
    """Commit changes of what is the project's, at random places."""
    chance = random.Random(seed)
    for number in range(3):
        edit(folder / "README.md", lambda text: reworded_readme(text, chance))
        for name in ("docs/settings.md", "docs/sample/README.md", "pyproject.toml", "uv.lock"):
            edit(folder / name, lambda text: reword(text, chance))
        for name in ("night", "ci"):
            edit(folder / f".github/workflows/{name}.yml", lambda text: reword(text, chance))
        edit(
            folder / ".github/workflows/nightly.yml",
            lambda text: reword(text, chance, rf"^{CRON}|^    #$|^  schedule:$|^name:"),
        )
        commit(folder, f"Change {number}")


@pytest.mark.parametrize("seed", range(3))
def test_an_update_merges_without_a_conflict(
    tmp_path: Path, project: Path, used_fork: Path, arxiv: FakeArxiv, seed: int
) -> None:
    """A fork with nights, own text, keywords, settings and time gets later commits as they are.

    Nothing of the owner's is lost, and the next night runs.
    """
    fork = tmp_path / "fork"
    shutil.copytree(used_fork, fork)
    git(fork, "remote", "set-url", "origin", project.as_uri())
    later_commits(project, seed)
    ours = {name: (fork / name).read_text() for name in ("keywords.txt", "daily-papers.toml")}
    pages = {path: path.read_bytes() for path in (fork / "papers").rglob("*") if path.is_file()}
    table = (fork / "README.md").read_text().split(START)[1].split(END)[0]
    git(fork, "fetch", "-q", "origin")
    merged = git(fork, "merge", "-q", "--no-edit", "origin/main", check=False)
    assert merged.returncode == 0, merged.stdout + merged.stderr
    assert ours == {name: (fork / name).read_text() for name in ours}
    assert all(path.read_bytes() == content for path, content in pages.items())
    readme = (fork / "README.md").read_text()
    assert readme.split(START)[1].split(END)[0] == table
    assert readme.startswith("# Papers of my group\n")
    for words in ("We read *these*.", "me@example.org", "directly above", "directly below"):
        assert words in readme
    assert readme.count(START) == readme.count(END) == readme.count("# Papers of my group") == 1
    workflow = (fork / ".github/workflows/nightly.yml").read_text()
    assert f'{CRON}"0 */6 * * *" # as I like it\n' in workflow
    for name in ("docs/settings.md", "pyproject.toml", ".github/workflows/night.yml"):
        assert (fork / name).read_bytes() == (project / name).read_bytes()
    (fork / "pyproject.toml").unlink()  # reworded, it is no TOML any more
    assert load_settings(fork).max_papers == 5
    nights(fork, NIGHTS, 1, arxiv)
    last = NOW + timedelta(days=NIGHTS)
    assert f"{last:%Y-%m-%d}" in (fork / "README.md").read_text()
    assert "We read *these*." in (fork / "README.md").read_text()


def test_both_texts_stay_where_an_update_meets_the_owners(tmp_path: Path, project: Path) -> None:
    """An owner who rewrites the project's own sentences still gets the update: README.md has both.

    So it is at least where git itself merges; GitHub does not say whether its button does the same.
    """
    shutil.copy(ROOT / ".gitattributes", project / ".gitattributes")
    commit(project, "The next release")
    fork = tmp_path / "fork"
    git(tmp_path, "clone", "-q", project.as_uri(), "fork")
    for folder, words in ((project, "Papers of the project."), (fork, "Papers of my group.")):
        edit(
            folder / "README.md",
            lambda text, words=words: re.sub(  # type: ignore[misc]
                rf"(?s)({re.escape(SLOT.search(text)[0])}\n\n).*?(\n\n{START})",  # type: ignore[index]
                lambda found: f"{found[1]}{words}{found[2]}",
                text,
            ),
        )
        commit(folder, words)
    git(fork, "pull", "-q", "--no-rebase", "--no-edit", "origin", "main")
    readme = (fork / "README.md").read_text()
    assert "Papers of the project." in readme
    assert "Papers of my group." in readme
    assert readme.count(START) == readme.count(END) == 1


def test_a_quiet_topic_is_not_taken_for_an_abandoned_one(tmp_path: Path) -> None:
    """Once in thirty days a night that finds nothing is committed; GitHub waits for 60."""
    (tmp_path / "keywords.txt").write_text("Neural Widgets\n")
    git(tmp_path, "init", "-q", "-b", "main")
    with FakeArxiv([record(1)]) as arxiv:
        environment = Environment(arxiv_api_url=arxiv.api_url, arxiv_oai_url=arxiv.oai_url)
        for day in range(0, 100, 10):
            now = NOW + timedelta(days=day)
            night = Update(tmp_path, environment, VirtualClock(now), now=now, pace=0.0).run()
            assert not (day and (night.new or night.revised))
            git(tmp_path, "add", "-A")
            git(tmp_path, "commit", "-q", "-m", f"{day}", check=False)
    assert git(tmp_path, "log", "--format=%s").stdout.split() == ["90", "60", "30", "0"]
    assert (
        f"Last update: {NOW + timedelta(days=90):%Y-%m-%d}" in (tmp_path / "README.md").read_text()
    )
