"""`daily-papers init`: a repository of three files, and topics from other trackers."""

import subprocess
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from daily_papers import __version__
from daily_papers.cli import main
from daily_papers.commands.init import installed_from, workflow
from daily_papers.read_user_files import Project, read_project
from daily_papers.settings import load_settings
from daily_papers.topics.arxiv_query import arxiv_query
from daily_papers.topics.keywords import parse_keywords
from daily_papers.topics.query_tree import Search
from daily_papers.trackers.brought_over import BroughtOver, Wanted, all_of, any_of, phrase
from daily_papers.trackers.write_keywords import keywords_lines

PROGRAMS = Path(sysconfig.get_path("scripts"))
UPSTREAM = f"somebody/daily-papers@{'1a2b' * 10}"

DAILY_ARXIV = """\
import sys, utils
keywords = ["Time Series", "Diffusion"] # TODO add more keywords
max_result = 60 # maximum query results
issues_result = 15
column_names = ["Title", "Link", "Abstract", "Date", "Comment"]
open("it-was-run", "w")
for keyword in keywords:
    if len(keyword.split()) == 1: link = "AND"
    else: link = "OR"
"""
UTILS = 'def filter_tags(papers, target_fileds=["cs", "hep-th"]): ...\n'
CV_DAILY = """\
# TODO: add papers by configuration file
user_name: "somebody"
max_results: 10
keywords:
    "SLAM":
        filters: ["SLAM", "Visual Odometry"]
    "3D: Gaussian":
        filters: ["C++", "Gaussian Splatting & co",
                  "NeRF"]
    "Signs":
        filters: ["C++", null]
"""
AWESOME = """\
category:
  cs.CV: Computer Vision
  cs.XX: Nothing
topic:
  LLM:
    keywords: [LLM, "large language model"]
  Test-Time-Scaling:
    keywords:
      - "test-time scaling"
      - ["reasoning", "slow thinking"]
    filters: ["speech", "a survey"]
    icon: star
"""
ZOTERO = """\
source:
  arxiv:
    category: ["cs.AI", cs.CV]
llm:
  api: {key: "${oc.env:OPENAI_API_KEY}"}
"""
# Each with files, the lines of keywords.txt, the settings, and words of what is left behind.
TRACKERS: dict[str, tuple[dict[str, str], list[str], dict[str, object], list[str]]] = {
    "a list of phrases": (
        {"main.py": DAILY_ARXIV, "utils.py": UTILS},
        ["Time Series", "Diffusion"],
        {
            "max_papers": 60,
            "categories": ("cs.*", "hep-th"),
            "columns": ("Title", "Date", "Abstract", "Comment"),
        },
        [],
    ),
    "a list of phrases, of which one word may be in either field": (
        {
            "main.py": "keywords = ['GAN']\nkeywords += ['Graph \"Neural', f'{x}']\n",
            "config.yaml": "keywords: {SLAM: {filters: [SLAM]}}\n",
        },
        ["GAN: GAN", "Graph Neural"],
        {"columns": ("Paper",)},
        [
            "main.py:2: f'{x}': it is not a plain text",
            'main.py:2: Graph "Neural: its quotation marks',
            "config.yaml:1: it is of another tracker, Vincentqyw/cv-arxiv-daily",
        ],
    ),
    "alternatives under headings": (
        {"config.yaml": CV_DAILY},
        ["SLAM: SLAM | Visual Odometry", '"3D: Gaussian": "Gaussian Splatting & co" | NeRF'],
        {"categories": (), "sort": "submitted"},
        [
            "config.yaml:3: max_results = 10",
            "3D: Gaussian: C++:",
            "Signs: nothing is left",
            "Signs: an item that is no",
        ],
    ),
    "a filter in arXiv's own syntax": (
        {"config.yaml": 'keywords:\n  Vision:\n    filters: ["cat:cs.CV", "image matching"]\n'},
        ['Vision: = cat:cs.CV OR "image matching"'],
        {"categories": (), "sort": "submitted"},
        ["in all fields"],
    ),
    "conjunctions and exclusions": (
        {"config.yml": AWESOME},
        [
            "LLM: LLM | large language model",
            'Test-Time-Scaling: test-time scaling | reasoning & slow thinking -speech -"a survey"',
            "cs.CV",
        ],
        {"categories": ("cs.CV",)},
        ["arXiv has no category 'cs.XX'", "config.yml:12: icon = star"],
    ),
    "categories of a configuration": (
        {"config/custom.yaml": ZOTERO, "config/base.yaml": "source: {arxiv: {category: null}}"},
        ["cs.AI", "cs.CV"],
        {},
        ["config/custom.yaml:3: papers that are only cross-listed"],
    ),
    "categories of a variable of a workflow": (
        {".github/workflows/main.yml": "env:\n  ARXIV_QUERY: cs.AI+cs.CV+cs.NO # which\n"},
        ["cs.AI", "cs.CV"],
        {},
        [".github/workflows/main.yml:2: arXiv has no category 'cs.NO'"],
    ),
    "a query of a variable": (
        {".env": 'ARXIV_QUERY="cat:cs.CV AND abs:slam"\n'},
        ["arXiv: = cat:cs.CV AND abs:slam"],
        {},
        [".env:1: a variable or secret ARXIV_QUERY"],
    ),
    "categories of a file of variables": (
        {".env": "CATEGORIES=cs.CV, cs.CL\n", "daily_arxiv/x": ""},
        ["cs.CV", "cs.CL"],
        {},
        [".env:1: a variable or secret CATEGORIES"],
    ),
    "categories that a program falls back to": (
        {
            ".github/workflows/run.yml": 'export CATEGORIES="${{ vars.CATEGORIES }}"\n',
            "daily_arxiv/daily_arxiv/spiders/arxiv.py": 'os.environ.get("CATEGORIES", "cs.CV")\n',
        },
        ["cs.CV"],
        {},
        ["which this folder does not show"],
    ),
}


def init(folder: Path, *more: str | Path) -> Project:
    """Run the command, which must succeed, and return what the repository then is."""
    assert main(["init", str(folder), "--upstream", UPSTREAM, *map(str, more)]) == 0
    return read_project(folder)


def written(folder: Path) -> list[str]:
    """Return the lines of keywords.txt without comments."""
    lines = (folder / "keywords.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_three_files_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The repository has them and settings, passes `check`, and calls the commit's workflow."""
    init(tmp_path / "new")
    files = {path.relative_to(tmp_path / "new").as_posix() for path in tmp_path.rglob("*.*")}
    assert files - {"."} >= {"keywords.txt", "README.md", ".github/workflows/nightly.yml"}
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 4
    # What a reader of a new copy sees does not depend on how it was made.
    assert load_settings(tmp_path / "new") == load_settings(Path(__file__).parents[1])
    assert main(["check", "--root", str(tmp_path / "new")]) == 0
    assert "Actions → Nightly → Run workflow" in capsys.readouterr().out
    text = (tmp_path / "new/.github/workflows/nightly.yml").read_text()
    repository, _, commit = UPSTREAM.partition("@")
    called = f"    uses: {repository}/.github/workflows/night.yml@{commit} # v{__version__}\n"
    assert called in text
    assert len(text.splitlines()) <= 40


def test_the_workflow_is_sound(tmp_path: Path) -> None:
    """The written workflow passes the strictest audit and GitHub's schema, for any kind of REF."""
    paths = []
    for ref in ("1a2b" * 10, "v1.0.0", "main"):
        paths.append(tmp_path / ref / ".github" / "workflows" / "nightly.yml")
        paths[-1].parent.mkdir(parents=True)
        paths[-1].write_text(workflow("somebody/daily-papers", ref, "37 5 * * *"))
    for command in (
        ["zizmor", "--offline", "--no-progress", "--persona=auditor", "--strict-collection"],
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
    ):
        program, *options = command
        done = subprocess.run(
            [PROGRAMS / program, *options, *paths], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_is_that_of_the_project() -> None:
    """It does what nightly.yml of a fork does, except for its time of day."""
    ours = YAML(typ="safe").load(
        Path(__file__).parents[1].joinpath(".github/workflows/nightly.yml").read_text()
    )
    theirs = YAML(typ="safe").load(workflow("o/n", "v1", "1 2 * * *"))
    assert theirs["on"].pop("schedule") == [{"cron": "1 2 * * *"}]
    assert theirs["jobs"]["night"].pop("uses") == "o/n/.github/workflows/night.yml@v1"
    del ours["on"]["schedule"], ours["jobs"]["night"]["uses"], ours["jobs"]["night"]["if"]
    for one in (ours, theirs):
        for value in one["on"]["workflow_dispatch"]["inputs"].values():
            del value["description"]
    assert theirs == ours


@pytest.mark.parametrize("name", TRACKERS)
def test_topics_of_a_tracker_come_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """The lines mean what the configuration means; the rest is told, and nothing is run."""
    files, lines, wanted, left = TRACKERS[name]
    for file, text in files.items():
        (tmp_path / "old" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "old" / file).write_text(text)
    before = sorted(tmp_path.rglob("*"))
    init(tmp_path / "new", "--from", tmp_path / "old")
    assert written(tmp_path / "new") == lines
    found = load_settings(tmp_path / "new")
    assert {key: getattr(found, key) for key in wanted} == wanted
    told = capsys.readouterr().out
    assert all(words in told for words in left), told
    assert [path for path in sorted(tmp_path.rglob("*")) if "new" not in path.parts] == before


def test_a_variable_of_the_environment_counts_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Categories that only GitHub knows can be given as an environment variable."""
    (tmp_path / "old/daily_arxiv").mkdir(parents=True)
    assert main(["init", str(tmp_path / "a"), "--upstream", UPSTREAM]) == 0
    arguments = ["init", str(tmp_path / "b"), "--upstream", UPSTREAM, "--from"]
    assert main([*arguments, str(tmp_path / "old")]) == 2
    assert "run this again with CATEGORIES set" in capsys.readouterr().err
    monkeypatch.setenv("CATEGORIES", "cs.RO,math.NA")
    assert main([*arguments, str(tmp_path / "old")]) == 0
    assert written(tmp_path / "b") == ["cs.RO", "math.NA"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "nothing here can be brought over"),
        ({"README.md": ""}, "CATEGORIES and ARXIV_QUERY in a checkout of the tracker that reads"),
        ({"main.py": "keywords = ['a'"}, "main.py:1: it is not Python"),
        ({"main.py": "keywords = [1, 2]"}, "main.py:1: 1: it is not a plain text"),
        ({"config.yaml": "keywords: [\n"}, "config.yaml:2: it is not YAML"),
        ({"config.yaml": "keywords: {A: {filters: ['C++']}}"}, "A: nothing is left to search for"),
        ({"config.yaml": "a: &a [*a]\nkeywords: *a"}, "nothing here can be brought over"),
    ],
)
def test_what_cannot_be_read_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], told: str
) -> None:
    """A folder without usable topics is an error that names the place; nothing is written."""
    (tmp_path / "old").mkdir()
    for file, text in files.items():
        (tmp_path / "old" / file).write_text(text)
    source = ["--from", str(tmp_path / "old")]
    assert main(["init", str(tmp_path / "new"), "--upstream", UPSTREAM, *source]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("upstream", ["name@v1", "owner/name", "owner/name@", "o/n@v1 #"])
def test_a_bad_upstream_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], upstream: str
) -> None:
    """An address that is none is refused."""
    assert main(["init", str(tmp_path / "new"), "--upstream", upstream]) == 2
    assert "--upstream OWNER/NAME@REF" in capsys.readouterr().err


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files that are there already are named, and none is written."""
    (tmp_path / "README.md").write_text("mine\n")
    assert main(["init", str(tmp_path), "--upstream", UPSTREAM]) == 2
    assert f"{tmp_path / 'README.md'}: it exists" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


PHRASES = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(' "#:|&()-=*'), max_size=12),
    max_size=3,
)


@given(
    st.lists(st.tuples(st.text(max_size=12), st.lists(PHRASES, max_size=3), PHRASES), max_size=3)
)
def test_any_topic_becomes_a_line_that_means_the_same_or_is_told(
    topics: list[tuple[str, list[list[str]], list[str]]],
) -> None:
    """Each line asks for phrases of its topic only; a topic without a line is named."""
    found = BroughtOver("o/n")
    for name, alternatives, excluded in topics:
        parts = [
            all_of([phrase(one) for one in words if phrase(one).words])
            for words in alternatives
            if any(phrase(one).words for one in words)
        ]
        exclusions = tuple(phrase(one) for one in excluded if phrase(one).words)
        if parts:
            found.topics.append(Wanted("x:1", name, Search(any_of(parts), exclusions)))
    lines, left = keywords_lines(found, ())
    assert len(lines) + len(left) >= len(found.topics)
    if lines:
        parsed = parse_keywords("\n".join(lines))
        assert len(parsed) == len(lines)
        for topic in parsed:
            wanted = [one.query for one in found.topics]
            assert isinstance(topic.query, Search)
            assert topic.query in wanted or left


def test_a_long_list_becomes_several_topics() -> None:
    """Alternatives that are too many for one line or query are divided, and none is lost."""
    phrases = [phrase(f"word{number} another{number}") for number in range(100)]
    lines, left = keywords_lines(
        BroughtOver("o/n", [Wanted("x:1", "Many", Search(any_of(phrases)))]), ()
    )
    assert not left
    topics = parse_keywords("\n".join(lines))
    asked = [one for topic in topics for one in topic.query.alternatives]  # type: ignore[union-attr]
    assert asked == phrases
    assert all(len(arxiv_query(topic, ())) < 3500 for topic in topics)


def test_where_the_program_is_from_is_known(tmp_path: Path) -> None:
    """Without `--upstream`, the repository and commit are those of pip's records, or of git."""
    pip = {"url": "https://github.com/o/n.git", "vcs_info": {"vcs": "git", "commit_id": "1a2b"}}
    assert installed_from(pip) == "o/n@1a2b"
    assert installed_from({"url": "https://example.org/o/n", "vcs_info": {}}) == ""
    assert installed_from({}) == ""
    folder = tmp_path / "a folder"
    folder.mkdir()
    assert installed_from({"url": folder.as_uri(), "dir_info": {}}) == ""
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (
        ["init", "-q"],
        ["remote", "add", "origin", "git@github.com:o/n"],
        ["commit", "-q", "--allow-empty", "--no-gpg-sign", "-m", "x"],
    ):
        subprocess.run([*git, *command], check=True)
    repository, _, commit = installed_from({"url": folder.as_uri()}).partition("@")
    assert (repository, len(commit)) == ("o/n", 40)
