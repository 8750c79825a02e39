"""The demo, and the committed README, which is the demo's output."""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from daily_papers.cli import main
from daily_papers.commands.demo import SAMPLE_SETTINGS
from daily_papers.commands.demo import demo as play
from daily_papers.readme_markers import END, START
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


def generated(text: str) -> str:
    """Return the text between the markers."""
    return text.split(START)[1].split(END, maxsplit=1)[0]


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
    """Check that every relative link of the generated pages has a target file and anchor."""
    for page in [folder / "README.md", *folder.glob("papers/**/*.md")]:
        text = page.read_text()
        for target in re.findall(r"\]\(((?!https?:)[^)]+)\)", text):
            path, _, fragment = target.partition("#")
            if path.startswith("../../actions"):
                continue
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


def test_the_committed_readme_is_what_the_demo_writes(tmp_path: Path) -> None:
    """Until a first night, the committed README and pages are the demo's, byte for byte."""
    if (REPOSITORY / FOLDER).exists():
        pytest.skip("a night has put real papers in the sample's place")
    demo = tmp_path / "demo"
    play(demo, settings=SAMPLE_SETTINGS)
    committed = (REPOSITORY / "README.md").read_text()
    assert generated(committed) == generated((demo / "README.md").read_text())
    ours = {page.relative_to(REPOSITORY) for page in (REPOSITORY / "papers").rglob("*.*")}
    pages = {page.relative_to(demo) for page in (demo / "papers").rglob("*.*")}
    assert ours == {page for page in pages if not page.is_relative_to(FOLDER)}
    for page in ours:
        assert (REPOSITORY / page).read_text() == (demo / page).read_text()


def test_every_link_within_the_repository_resolves() -> None:
    """Every file and anchor that the committed README links to exists."""
    if (REPOSITORY / FOLDER).exists():
        pytest.skip("what stands here now is the user's")
    check_links(REPOSITORY)
