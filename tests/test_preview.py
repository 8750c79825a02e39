"""The commands `why` and `preview`."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.arxiv.paced_requests import FetchError
from daily_papers.cli import main
from daily_papers.commands.preview import preview, preview_diff
from daily_papers.commands.why import why
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.settings import Environment, Settings
from daily_papers.store.store_file import save_store
from daily_papers.topics.arxiv_query import arxiv_query
from daily_papers.topics.keywords import read_keywords
from factories import NIGHT, make_entry, make_paper, make_state, make_store
from standins.arxiv import FakeArxiv, Fault, Record

PAPERS = [
    make_paper(1, title="LLM reasoning", abstract="A survey."),
    make_paper(2, title="LLM reasoning", abstract="Anew."),
    make_paper(3, title="Slow thinking", abstract="In an LLM."),
    make_paper(400, title="Slow thinking", abstract="With reasoning, in an LLM."),
]


def git(root: Path, *arguments: str) -> None:
    """Run git in a repository of its own."""
    subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments],
        cwd=root,
        check=True,
        capture_output=True,
    )


def commit(root: Path, keywords: str, **files: str) -> None:
    """Commit a keywords.txt, and other files by name."""
    if not (root / ".git").exists():
        git(root, "init", "-q")
    (root / "keywords.txt").write_text(keywords)
    for name, text in files.items():
        (root / name.replace("_", ".")).write_text(text)
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", "A commit")


def keep(root: Path, *topics: str, names: dict[int, list[str]] | None = None) -> None:
    """Write a store with PAPERS, the paper of each number in the topics of `names`."""
    entries = [
        make_entry(paper, (names or {}).get(number, list(topics)))
        for number, paper in enumerate(PAPERS, start=1)
    ]
    save_store(root, None, make_store(entries, map(make_state, topics)))


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    """Return the stand-in with PAPERS."""
    records = [
        Record(
            arxiv_id=paper.arxiv_id,
            title=paper.title,
            abstract=paper.abstract,
            authors=paper.authors,
            published=paper.published,
        )
        for paper in PAPERS
    ]
    with FakeArxiv(records) as server:
        yield server


def ask(root: Path, arxiv: FakeArxiv, clock: VirtualClock, line: str) -> list[str]:
    """Return the lines of a preview."""
    environment = Environment(arxiv_api_url=arxiv.api_url)
    return preview(line, root, environment, clock, now=NIGHT).split("\n")


# Asking arXiv.


def test_a_preview_tells_hits_newest_alternatives_and_exclusions(
    tmp_path: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """It has the total, the week, what each part finds or removes, and the newest papers."""
    lines = ask(tmp_path, arxiv, clock, 'LLM & reasoning | "slow thinking" -survey')
    assert lines[0] == "heading:   LLM & reasoning | slow thinking"
    assert lines[1].startswith("query:     ((((")
    assert lines[2:] == [
        "hits:      3",
        "last week: 2 submitted for the first time",
        "",
        "only through LLM & reasoning: 1",
        "only through slow thinking: 1",
        "removed by -survey: 1",
        "",
        "The newest 3:",
        "  2026-11-20  2611.00002v1  LLM reasoning",
        "  2026-11-20  2611.00003v1  Slow thinking",
        "  2026-11-03  2611.00400v1  Slow thinking",
    ]


def test_a_preview_tells_what_remains_of_a_phrase(
    tmp_path: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Below the query stands which words arXiv ignores."""
    assert ask(tmp_path, arxiv, clock, "The Thinking")[2] == (
        "note:      of 'The Thinking' only 'thinking' is searched: arXiv ignores 'the'"
    )


def test_a_preview_tells_that_exclusions_remove_all(
    tmp_path: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """It does not blame the spelling, or arXiv."""
    lines = ask(tmp_path, arxiv, clock, "A: slow thinking -thinking")
    assert lines[-1] == "The exclusions remove all that the words find; take one out."


def test_a_preview_asks_little_and_slowly(
    tmp_path: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Two requests, and one for each alternative and exclusion, three seconds apart."""
    ask(tmp_path, arxiv, clock, "Widgets")
    assert len(arxiv.log) == 2
    ask(tmp_path, arxiv, clock, 'LLM & reasoning | "slow thinking" -survey')
    assert len(arxiv.log) == 2 + 5
    assert all(pause >= 2.9 for pause in clock.sleeps)


def test_a_preview_without_a_hit_says_that_it_may_be_arxivs_fault(
    tmp_path: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """The message does not claim that there are no papers."""
    *_, told, advice = ask(tmp_path, arxiv, clock, "Neural Widgets")
    assert told == "Nothing was found. arXiv also says so when it is out of order; try again."
    assert advice == (
        "Otherwise, check its spelling; 'Neural Widgets' is one phrase, whose words must stand "
        "side by side: write & between parts that may stand apart, | between alternatives."
    )


def test_a_preview_of_arxivs_own_syntax_has_hits_and_no_parts(
    tmp_path: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A query in arXiv's own syntax is sent as it is."""
    lines = ask(tmp_path, arxiv, clock, '= ti:"slow thinking"')
    assert lines[1:4] == [
        'query:     ti:"slow thinking"',
        "hits:      2",
        "last week: 1 submitted for the first time",
    ]


def test_a_bad_expression_is_told_with_its_column_and_not_sent(
    tmp_path: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A line that cannot be used is not sent to arXiv."""
    with pytest.raises(InputError) as caught:
        ask(tmp_path, arxiv, clock, "LLM & | x1")
    (problem,) = caught.value.problems
    assert problem.split("\n") == [
        "expression:1:7: words are missing before '|'; write them, or delete it",
        "    LLM & | x1",
        "          ^",
    ]
    with pytest.raises(InputError, match="it has several lines"):
        ask(tmp_path, arxiv, clock, "LLM\nreasoning")
    with pytest.raises(InputError, match="its query is longer than 3500 characters"):
        ask(tmp_path, arxiv, clock, "A: " + " | ".join(f"x{number}" for number in range(99)))
    assert arxiv.log == []


def test_a_preview_fails_when_arxiv_does(
    tmp_path: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """An error of arXiv is raised."""
    arxiv.faults.add(Fault("status", times=None, status=503))
    with pytest.raises(FetchError):
        ask(tmp_path, arxiv, clock, "Widgets")


# Against the committed file.


def test_a_file_that_asks_for_the_same_changes_nothing(tmp_path: Path) -> None:
    """Comments, blank lines and spaces are no change."""
    commit(tmp_path, "slow thinking\nB: x1 | y1\n")
    (tmp_path / "keywords.txt").write_text("# mine\nB:  x1|y1\n\nslow thinking\n")
    keep(tmp_path, "slow thinking", "B")
    assert preview_diff(tmp_path, "HEAD") == "keywords.txt asks for the same as in HEAD."


def test_a_diff_tells_what_is_gained_and_lost(tmp_path: Path) -> None:
    """A changed topic lists the papers of the store that it gains and loses."""
    commit(tmp_path, "A: LLM & reasoning\nB: x1\n")
    (tmp_path / "keywords.txt").write_text("A: LLM & reasoning -survey | slow thinking\nB: x1\n")
    keep(tmp_path, "A", "B", names={1: ["A"], 2: ["A"], 3: ["B"], 4: ["A"]})
    assert preview_diff(tmp_path, "HEAD").split("\n") == [
        "~ A: changed; the next night fetches it anew, and the notice does not list its past",
        "  of the 4 papers in the store: 1 gained, 1 lost, 2 stay",
        "  + 2026-11-20  2611.00003v1  Slow thinking",
        "  - 2026-11-20  2611.00001v1  LLM reasoning",
        "1 of 2 topics stay as they are.",
    ]


def test_a_diff_tells_renamed_removed_added_and_native_topics(tmp_path: Path) -> None:
    """Each kind of change has its line; arXiv's own syntax is not evaluated."""
    commit(tmp_path, "Slow Thinking\nGone\n")
    (tmp_path / "keywords.txt").write_text('Slow: "Slow Thinking"\nNew: LLM\nMine: = ti:x\n')
    keep(tmp_path, "Slow Thinking", "Gone", names={3: ["Slow Thinking"], 4: ["Slow Thinking"]})
    assert preview_diff(tmp_path, "HEAD").split("\n") == [
        "= Slow Thinking becomes Slow and keeps its papers",
        "+ New: added; the next night fetches it anew, and the notice does not list its past",
        "  4 of the 4 papers in the store match",
        "  + 2026-11-20  2611.00001v1  LLM reasoning",
        "  + 2026-11-20  2611.00002v1  LLM reasoning",
        "  + 2026-11-20  2611.00003v1  Slow thinking",
        "  + 2026-11-03  2611.00400v1  Slow thinking",
        "+ Mine: added; the next night fetches it anew, and the notice does not list its past",
        "  only arXiv can tell what it finds: it is in arXiv's own syntax",
        "- Gone: removed, with its page; its 2 papers stay in the store",
    ]


def test_a_topic_that_was_fetched_before_its_commit_counts_all_its_papers(tmp_path: Path) -> None:
    """Papers that the topic has in the store already count as matches too."""
    commit(tmp_path, "LLM\n")
    (tmp_path / "keywords.txt").write_text("LLM\nSlow Thinking\n")
    (topic,) = (one for one in read_keywords(tmp_path) if one.name == "Slow Thinking")
    state = make_state(topic.name, query=arxiv_query(topic, Settings().categories))
    entries = [make_entry(paper, [topic.name]) for paper in PAPERS[2:]]
    save_store(tmp_path, None, make_store(entries, [state]))
    assert preview_diff(tmp_path, "HEAD").split("\n")[:2] == [
        "= Slow Thinking: the store has it already",
        "  2 of the 2 papers in the store match",
    ]


def test_a_topic_that_was_fetched_anew_before_its_commit_tells_the_change(tmp_path: Path) -> None:
    """After a night with the new query, the old one is read from the commit, not from the table."""
    commit(tmp_path, "A: LLM\n")
    (tmp_path / "keywords.txt").write_text("A: slow thinking\n")
    (topic,) = read_keywords(tmp_path)
    state = make_state("A", query=arxiv_query(topic, Settings().categories))
    entries = [make_entry(paper, ["A"] if "Slow" in paper.title else ["B"]) for paper in PAPERS]
    save_store(tmp_path, None, make_store(entries, [state, make_state("B")]))
    assert preview_diff(tmp_path, "HEAD").split("\n")[:2] == [
        "= A: the store has it already",
        "  of the 4 papers in the store: 0 gained, 2 lost, 2 stay",
    ]


def test_a_topic_that_left_the_store_before_its_commit_has_no_count(tmp_path: Path) -> None:
    """After a night without the topic, how many papers its page had is not known."""
    commit(tmp_path, "LLM\nSlow Thinking\n")
    (tmp_path / "keywords.txt").write_text("LLM\n")
    save_store(tmp_path, None, make_store([make_entry(paper, ["LLM"]) for paper in PAPERS]))
    assert (
        preview_diff(tmp_path, "HEAD").split("\n")[0] == "- Slow Thinking: removed, with its page"
    )


def test_a_diff_knows_the_settings_of_then(tmp_path: Path) -> None:
    """Other categories change every topic without categories of its own."""
    commit(tmp_path, "A: LLM\nB [cs.CV]: LLM\n", pyproject_toml="[tool.daily-papers]\n")
    (tmp_path / "pyproject.toml").write_text('[tool.daily-papers]\ncategories = ["math.*"]\n')
    keep(tmp_path, "A", "B")
    assert preview_diff(tmp_path, "HEAD").split("\n")[:2] == [
        "~ A: changed; the next night fetches it anew, and the notice does not list its past",
        "  of the 4 papers in the store: 0 gained, 4 lost, 0 stay",
    ]


def test_a_diff_without_a_store_says_so(tmp_path: Path) -> None:
    """Before the first night there is nothing to compare, which is no error."""
    commit(tmp_path, "A: LLM\n")
    commit(tmp_path, "A: LLM | x1\n")
    assert preview_diff(tmp_path, "HEAD^").split("\n") == [
        "There is no store yet: the first night fills every topic.",
        "~ A: changed; the first night fetches it, and its notice lists the newest",
    ]


def test_a_diff_against_a_broken_file_counts_every_topic_as_new(tmp_path: Path) -> None:
    """A committed file with errors does not prevent a preview of the corrected one."""
    commit(tmp_path, "A: (\n", pyproject_toml="[")
    (tmp_path / "keywords.txt").write_text("A: LLM\n")
    (tmp_path / "pyproject.toml").unlink()
    assert preview_diff(tmp_path, "HEAD").split("\n") == [
        "keywords.txt in HEAD is missing or cannot be used; every topic counts as new.",
        "pyproject.toml in HEAD cannot be used; the settings count as they are now.",
        "There is no store yet: the first night fills every topic.",
        "+ A: added; the first night fetches it, and its notice lists the newest",
    ]


@pytest.mark.parametrize("base", ["nowhere", "--output=x", ""])
def test_a_commit_that_is_none_is_told(tmp_path: Path, base: str) -> None:
    """A name that git does not know is an error, and is never taken as an option."""
    commit(tmp_path, "A: LLM\n")
    with pytest.raises(DailyPapersError, match=f"git knows no commit '{base}' here"):
        preview_diff(tmp_path, base)
    assert not (tmp_path / "x").exists()


def test_without_git_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    """The error does not ask for another commit where there is none."""
    (tmp_path / "keywords.txt").write_text("A: LLM\n")
    with pytest.raises(DailyPapersError, match="it is not in a git repository"):
        preview_diff(tmp_path, "HEAD")


def test_in_actions_the_diff_is_in_the_summary_as_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No heading can end the summary's code block."""
    commit(tmp_path, "A: LLM\n")
    (tmp_path / "keywords.txt").write_text("```` <script> **x**: LLM\n")
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert main(["preview", "--diff", "--root", str(tmp_path)]) == 0
    text = summary.read_text()
    assert text.startswith("## What the change of keywords.txt brings\n\n`````text\n")
    assert text.endswith("\n`````\n")
    assert "= A becomes ```` <script> **x** and keeps its papers" in text
    assert "becomes" in capsys.readouterr().out


def test_in_actions_the_faults_are_in_the_summary_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The author of a pull request with a bad line finds the line and its caret in the summary."""
    (tmp_path / "keywords.txt").write_text("A: LLM & |\n")
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert main(["check", "--root", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert told.startswith("keywords.txt:1:10: words are missing before '|'")
    assert summary.read_text() == f"## What went wrong\n\n```text\n{told}```\n"


def test_a_preview_needs_an_expression_or_diff(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither or both is an error."""
    for arguments in ([], ["--diff", "LLM"]):
        assert main(["preview", "--root", str(tmp_path), *arguments]) == 2
        assert "give either an expression in quotation marks, or --diff" in capsys.readouterr().err


def test_the_command_previews_an_expression(
    tmp_path: Path,
    arxiv: FakeArxiv,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command asks the arXiv of the environment and prints what it finds."""
    monkeypatch.setattr("daily_papers.commands.preview.SystemClock", VirtualClock)
    monkeypatch.setenv("ARXIV_API_URL", arxiv.api_url)
    monkeypatch.setenv("ARXIV_OAI_URL", arxiv.oai_url)
    now = (NIGHT + timedelta(days=1)).isoformat()
    assert main(["preview", "slow thinking", "--root", str(tmp_path), "--now", now]) == 0
    assert "hits:      2" in capsys.readouterr().out


# Why.


@pytest.mark.parametrize(
    "pasted",
    [
        *("arXiv:{}", "arxiv: {}v1", "arXiv:{}v1 [cs.CV]", "https://arxiv.org/abs/{}"),
        *("http://www.arxiv.org/abs/{}v3/", "https://export.arxiv.org/abs/{}?context=cs"),
        *(
            "https://arxiv.org/pdf/{}",
            "arxiv.org/pdf/{}v1.pdf",
            "https://arxiv.org/pdf/{}.pdf#page=3",
        ),
        *("https://arxiv.org/html/{}v2#S1", "<https://arxiv.org/html/{}>", " {}v1/ "),
        *("https://doi.org/10.48550/arXiv.{}", "doi:10.48550/arxiv.{}", "10.48550/ARXIV.{}"),
        *("https://dx.doi.org/10.48550%2FarXiv.{}", "oai:arXiv.org:{}"),
    ],
)
def test_why_takes_what_is_copied_from_a_page(tmp_path: Path, pasted: str) -> None:
    """An address of arXiv, a DOI or an identifier, new or old, names the paper."""
    (tmp_path / "keywords.txt").write_text("LLM\n")
    papers = [make_paper(1, arxiv_id="hep-th/9901001"), make_paper(2, arxiv_id="math/0309136")]
    entries = [make_entry(paper, []) for paper in (*PAPERS, *papers)]
    save_store(tmp_path, None, make_store(entries, [make_state("LLM")]))
    for name in ("2611.00003", "hep-th/9901001", "math.GT/0309136"):
        bare = name.replace(".GT", "")
        assert why(tmp_path, pasted.format(name)).startswith(f"{bare}v1  ")


def test_why_tells_the_words_and_the_place_for_each_topic(tmp_path: Path) -> None:
    """For each topic, the matching words and their place are shown, or what is missing."""
    (tmp_path / "keywords.txt").write_text(
        "slow thinking\nB: LLM & reasoning\nC: LLM\nMine: = ti:slow\nYours: = ti:x\nD: LLM -slow\n"
    )
    keep(tmp_path, "slow thinking", "Mine", "D")
    assert why(tmp_path, "2611.00003v7").split("\n") == [
        "2611.00003v1  Slow thinking",
        "(this is v1; v7 is not kept)",
        "slow thinking: yes",
        '  "slow thinking" in the title: Slow thinking',
        "B: no",
        '  "reasoning" is not in title or abstract',
        "C: yes",
        '  "LLM" in the abstract: LLM',
        "  but it is not in the topic's table; the next night may bring it",
        "Mine: yes",
        "  arXiv found it; why, only arXiv knows: the topic is in its own syntax",
        "Yours: no",
        "  arXiv has not found it; why, only arXiv knows: the topic is in its own syntax",
        "D: no",
        "  -slow excludes it: in the title: Slow",
        "  but it is in the topic's table: arXiv found it for the last query",
    ]


def test_why_of_a_paper_past_the_newest(tmp_path: Path) -> None:
    """Of a paper that newer ones pushed out of a table, it names the page that lists it."""
    (tmp_path / "keywords.txt").write_text("slow thinking\nMine: = ti:slow\n")
    names = ("slow thinking", "Mine")
    entries = [make_entry(paper, names) for paper in PAPERS]
    states = [make_state(name, table=(PAPERS[0].arxiv_id,)) for name in names]
    save_store(tmp_path, None, make_store(entries, states))
    assert why(tmp_path, "2611.00003").split("\n")[1:] == [
        "slow thinking: yes",
        '  "slow thinking" in the title: Slow thinking',
        "  and is past the newest 100: see papers/months/slow-thinking/2026-11.md",
        "Mine: yes",
        "  arXiv found it; why, only arXiv knows: the topic is in its own syntax",
        "  and is past the newest 100: see papers/months/mine/2026-11.md",
    ]
    (tmp_path / "pyproject.toml").write_text(
        "[tool.daily-papers]\nmax-papers = 7\n[tool.daily-papers.pages]\narchive = false\n"
    )
    assert "  and is past the newest 7" in why(tmp_path, "2611.00003").split("\n")


def test_why_of_a_paper_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bad identifier is bad input; a paper that is not in the store is an error."""
    (tmp_path / "keywords.txt").write_text("slow thinking\n")
    assert main(["why", "2611.99999", "--root", str(tmp_path)]) == 1
    assert "papers/store has no paper 2611.99999." in capsys.readouterr().err
    keep(tmp_path, "slow thinking")
    assert main(["why", "2611.99999", "--root", str(tmp_path)]) == 1
    capsys.readouterr()
    assert main(["why", "nonsense", "--root", str(tmp_path)]) == 2
    assert "'nonsense' is no arXiv identifier; give one such as 2412.19178" in (
        capsys.readouterr().err
    )
    for spelled in ("2611.00001", "arXiv:2611.00001v1", "https://arxiv.org/abs/2611.00001"):
        assert main(["why", spelled, "--root", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("2611.00001v1  LLM reasoning\n")
