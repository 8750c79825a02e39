"""The demo, and the committed sample, which is the demo's output."""

import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from daily_papers.cli import main
from daily_papers.commands.demo import SAMPLE, write_sample
from daily_papers.store.paper import SAMPLE_LABEL
from daily_papers.store.write_all_or_none import FOLDER
from daily_papers.text import markdown

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a demo."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    assert main(["demo", "--output", str(folder)]) == 0
    return folder


def test_the_demo_ends_with_the_path_of_its_readme(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last line of the output is a README that exists, and a second demo replaces it."""
    for _ in range(2):
        assert main(["demo", "--output", str(tmp_path / "out")]) == 0
        assert Path(capsys.readouterr().out.splitlines()[-1]).is_file()


def test_the_demo_does_not_write_into_a_folder_that_holds_other_things(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that contains other files is refused and not changed."""
    (tmp_path / "thesis.tex").write_text("years of work")
    assert main(["demo", "--output", str(tmp_path)]) == 2
    assert "it contains other files" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_the_demo_says_that_it_needs_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Installed from the wheel, which has no stand-ins, the demo fails with one sentence."""
    monkeypatch.setitem(sys.modules, "standins.arxiv", None)
    monkeypatch.delitem(sys.modules, "daily_papers.commands.demo")
    assert main(["demo", "--output", str(tmp_path / "out")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("daily-papers: the demo needs a checkout of the project")
    assert not (tmp_path / "out").exists()


def test_every_page_of_the_demo_is_labelled_as_a_sample(demo: Path) -> None:
    """Every page with invented papers says that they are invented."""
    pages = [demo / "README.md", demo / "notice.md", *demo.glob("papers/**/*.md")]
    pages = [page for page in pages if "/abs/" in page.read_text()]
    assert {page.relative_to(demo).parts[1] for page in pages if page.parent != demo} == {
        "days",
        "digest",
        "months",
        "topics",
    }
    pages += demo.glob("papers/weekly/*/2*.md")
    pages += demo.glob("papers/bilingual/*/*/[!R]*.md")
    assert all(SAMPLE_LABEL in page.read_text() for page in pages)
    assert re.findall(r"abs/\d\d(\d\d)\.", (demo / "README.md").read_text())
    assert all(
        int(month) > 12
        for month in re.findall(r"abs/\d\d(\d\d)\.", (demo / "README.md").read_text())
    )


def check_links(folder: Path) -> None:
    """Check that every relative link of README.md and the generated pages has a target."""
    check_links_of([folder / "README.md", *folder.glob("papers/**/*.md")])


def check_links_of(pages: Iterable[Path]) -> None:
    """Check that every relative link of the pages has a target file and anchor."""
    for page in pages:
        text = page.read_text()
        for target in re.findall(r"\]\(((?!https?:)[^)]+)\)", text):
            path, _, fragment = target.partition("#")
            if path.startswith(("../../actions", "../../settings", "../../fork")):
                continue  # pages of the repository on GitHub
            file = page.parent / path if path else page
            assert file.exists(), f"{page}: {target}"
            if fragment:
                other = file.read_text()
                taken: Counter[str] = Counter()
                anchors = {
                    markdown.anchor(heading, taken)
                    for heading in re.findall(r"(?m)^#{1,6} (.*)$", other)
                }
                anchors.update(re.findall(r"""<a (?:name|id)=["']([^"']+)["']>""", other))
                assert fragment in anchors, f"{page}: {target}"


def test_every_link_within_the_demo_resolves(demo: Path) -> None:
    """Every file and anchor that a page links to exists."""
    check_links(demo)


def test_the_sample_is_what_the_demo_writes(tmp_path: Path) -> None:
    """The committed sample is the demo's output, byte for byte."""
    write_sample(tmp_path, tmp_path / "demo")
    written = {page.relative_to(tmp_path) for page in (tmp_path / SAMPLE).rglob("*.*")}
    ours = {page.relative_to(REPOSITORY) for page in (REPOSITORY / SAMPLE).rglob("*.*")}
    assert ours == written
    for page in ours:
        assert (REPOSITORY / page).read_text() == (tmp_path / page).read_text()


def test_the_project_commits_nothing_that_nights_write() -> None:
    """README.md has no paper until a first night, and there is no folder papers.

    So that a copy with nights of its own can be brought up to date without a conflict.
    """
    if (REPOSITORY / FOLDER).exists():
        pytest.skip("a copy that has had a night")
    assert not (REPOSITORY / "papers").exists()
    assert "/abs/" not in (REPOSITORY / "README.md").read_text()


def test_every_link_within_the_docs_resolves() -> None:
    """Every file and anchor that the docs link to exists; README.md is its owner's to write."""
    check_links_of([*REPOSITORY.glob("docs/**/*.md"), REPOSITORY / "CONTRIBUTING.md"])
