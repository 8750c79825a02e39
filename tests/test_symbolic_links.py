from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.atomic_files import read_text, remove_file, write_file, write_lines
from daily_papers.cli import main
from daily_papers.errors import DailyPapersError, InputError
from standins.arxiv import FakeArxiv
from test_update import NOW, night, record, snapshot

PLACES = (
    "README.md",
    "keywords.txt",
    "seeds.txt",
    "seeds.bib",
    "authors.txt",
    "daily-papers.toml",
    "pyproject.toml",
    "prompt-summary.txt",
    "papers",
    "papers/README.md",
    "papers/store",
    "papers/store.jsonl",
    "papers/store/2026-11.jsonl",
    "papers/store/days-2026.jsonl",
    "papers/store/pending.jsonl",
    "papers/store/state.jsonl",
    "papers/topics",
    "papers/topics/neural-widgets.md",
    "papers/months",
    "papers/months/neural-widgets/2026-11.md",
    "papers/days/2026",
    "papers/days/2026/2026-11-19.md",
)


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    """Return the stand-in with a paper for each of two nights."""
    with FakeArxiv([record(1), record(2, day=-1)]) as server:
        yield server


@pytest.mark.parametrize("place", PLACES)
def test_a_link_is_not_followed_out_of_the_repository(
    tmp_path: Path, arxiv: FakeArxiv, clock: VirtualClock, place: str
) -> None:
    """Wherever a link stands, what it leads to is neither read, written nor deleted."""
    root = tmp_path / "repository"
    root.mkdir()
    (root / "keywords.txt").write_text("Neural Widgets\n")
    arxiv.now = NOW
    night(root, arxiv, clock)
    arxiv.now = NOW + timedelta(days=1)
    outside = tmp_path / "outside"
    path = root / place
    if path.exists():
        path.rename(outside)
    else:
        outside.write_text("")
    path.symlink_to(outside)
    if outside.is_dir():
        (outside / ".daily-papers-0123456789abcdef.tmp").write_text("not the job's")
    before = {outside: outside.read_bytes()} if outside.is_file() else snapshot(outside)
    with pytest.raises(DailyPapersError, match=r"it is a symbolic link") as caught:
        night(root, arxiv, clock, days=1)
    assert str(path) in str(caught.value)
    assert main(["render", "--root", str(root)]) > 0
    after = {outside: outside.read_bytes()} if outside.is_file() else snapshot(outside)
    assert after == before
    assert path.is_symlink()


def test_a_repository_behind_a_link_is_used(
    tmp_path: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """The repository's own folder may be a link, whatever its name."""
    (tmp_path / "there").mkdir()
    (tmp_path / "there/keywords.txt").write_text("Neural Widgets\n")
    root = tmp_path / "papers"
    root.symlink_to(tmp_path / "there")
    night(root, arxiv, clock)
    assert (tmp_path / "there/README.md").is_file()


def test_nothing_is_written_beside_the_repository(tmp_path: Path) -> None:
    """A folder named papers above the repository is none of the job's business."""
    root = tmp_path / "papers" / "copy"
    root.mkdir(parents=True)
    (root / "keywords.txt").write_text("Neural Widgets\n")
    seen: list[str] = []

    def lines() -> Iterator[str]:
        seen.extend(path.name for path in root.parent.iterdir())
        yield "text"

    write_lines(root / "README.md", lines())
    assert seen == ["copy"]


def test_each_function_refuses_a_link(tmp_path: Path) -> None:
    """Reading, writing and deleting refuse a link in the same words."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/x.md").write_text("theirs")
    (tmp_path / "papers").symlink_to(tmp_path / "outside")
    path = tmp_path / "papers/x.md"
    for call in (read_text, remove_file, lambda one: write_file(one, "ours")):
        with pytest.raises(InputError, match="put a file or a folder of its own in its place"):
            call(path)
    assert (tmp_path / "outside/x.md").read_text() == "theirs"
