"""The pages of one small night, kept under golden/ as files.

A reviewer sees in the diff what a change does to a page. `make golden` writes the files anew.
"""

import os
import shutil
from datetime import date, timedelta
from pathlib import Path

from conftest import VirtualClock
from daily_papers.commands.notify import pending_notice
from daily_papers.commands.render import render
from daily_papers.readme_markers import END, START
from daily_papers.settings import Environment, load_settings
from daily_papers.store.choose_digest_papers import with_digests
from daily_papers.store.entry_types import DigestText, Entry, ModelText, Past, Revision
from daily_papers.store.store_file import save_store
from factories import NIGHT, TOPIC, make_entry, make_failure, make_paper, make_row, make_state
from factories import make_store as store_of

GOLDEN = Path(__file__).with_name("golden")
WRITE = "DAILY_PAPERS_GOLDEN"
EMPTY = "C# & C++"
KEYWORDS = (
    f"{TOPIC} [cs.CV]: (video | clips) & understanding -survey\n{EMPTY}: C# code & C++ code\n"
)
PYPROJECT = """\
[tool.daily-papers]
columns = ["Title", "Date", "Abstract", "Comment", "Authors", "Categories", "Venue"]
[tool.daily-papers.pages]
weekly = true
digest = true
bilingual = true
feeds = true
[tool.daily-papers.llm]
tasks = ["summary", "analysis", "translation", "digest"]
language = "zh"
"""
README = f"# {TOPIC}\n\nMy own words.\n\n{START}\n{END}\n\nMore of mine.\n"
SUBMITTED = NIGHT - timedelta(hours=12)
"""In time for the announcement of NIGHT's day."""
LONG_AGO = NIGHT - timedelta(days=40)


def paper(number: int, **facts: object) -> Entry:
    """Return an invented paper of the night's listing; `facts` are the paper's or the entry's."""
    own = {"first_seen", "revised", "accepted", "code", "past", "texts"}
    moment = {"published": SUBMITTED, "updated": SUBMITTED - timedelta(minutes=number)}
    return make_entry(
        make_paper(
            number,
            arxiv_id=f"2613.{number:05}",
            **moment | {name: fact for name, fact in facts.items() if name not in own},
        ),
        **{name: fact for name, fact in facts.items() if name in own},  # type: ignore[arg-type]
    )


def text(task: str, **fields: object) -> ModelText:
    """Return what a model wrote about version 1."""
    return ModelText(task, 1, "zh", 1, "some-model", 1, fields=fields)


ENTRIES = (
    paper(
        1,
        title=r"A | B: `Ticks`, <b>Tags</b> and $\alpha \leq x^2$ in *Video*, for @you, see #12",
        authors=(r"Andr\'e O'Beispiel", "Ludwig van B. Sample", *"CDEFG"),
        abstract="Costs are \\$5 & more_than_that. We propose [x](y), a ~50% faster | pipe.\n"
        r"It is <script>not</script> $\mathcal{O}(n \log n)$ but www.example.org says {{so}}.",
        categories=("cs.LG", "cs.CV"),
        comment="8 pages, 3 figures | see https://example.org/a_b?c=d&e=f. @you #12",
    ),
    paper(
        2,
        title="Understanding Clips",
        abstract="Clips are hard to understand. We propose to watch them twice. Experiments show "
        "that this helps by 3.1 points. Code: https://github.com/example/clips.",
        comment="Accepted at CVPR 2027",
        doi="10.1000/example.2",
        texts=(
            text(
                "summary",
                field="video",
                subfield="clips",
                keywords=["watching", "twice | thrice"],
                institutions=["Some House"],
                contributions=["看两遍", "a *score*"],
                summary="看两遍更好。",
            ),
            text("translation", title="理解片段", abstract="我们看两遍。"),
            text(
                "analysis",
                contributions=["看两遍"],
                method="看",
                impact="多",
                applications=["片段"],
                limitations=["慢"],
            ),
        ),
    ),
    paper(
        3, title="Nothing to See", authors=(), comment="This paper has been withdrawn by A. Sample"
    ),
    paper(
        4,
        version=3,
        title="Revised",
        published=LONG_AGO,
        first_seen=LONG_AGO,
        revised=Revision(NIGHT, 2),
        past=(Past(NIGHT, {"version": 2, "title": "Before", "journal_ref": ""}),),
        journal_ref="J. Inv. Res. 3 (2026)",
    ),
    paper(
        5,
        title="Accepted Since",
        published=LONG_AGO,
        updated=LONG_AGO,
        first_seen=LONG_AGO,
        comment="To appear at ICLR 2027",
        accepted=NIGHT,
        past=(Past(NIGHT, {"comment": ""}),),
    ),
    paper(
        6,
        title="With Code Since",
        published=LONG_AGO,
        updated=LONG_AGO,
        first_seen=LONG_AGO,
        comment="Code: https://github.com/example/since",
        code=NIGHT,
        past=(Past(NIGHT, {"comment": ""}),),
    ),
)
DIGEST = DigestText(
    date(2026, 11, 20),
    TOPIC,
    ("2613.00001v1", "2613.00002v1"),
    ModelText(
        "digest",
        0,
        "zh",
        1,
        "some-model",
        1,
        fields={
            "themes": "片段与管道。",
            "highlights": [{"paper": "2613.00002", "text": "看两遍"}],
            "directions": ["看三遍"],
            "read": [{"paper": "2613.00001", "reason": "好"}],
        },
    ),
)
_STORE = store_of(
    ENTRIES,
    [make_state(since=LONG_AGO), make_state(EMPTY, watermark=None, failing=make_failure())],
    created=LONG_AGO,
    notified=NIGHT - timedelta(days=1),
    digests=(DIGEST,),
    ledger=(
        make_row(night=LONG_AGO, total=900, fetched=2, new=2),
        make_row(total=1203, fetched=5, new=3, revised=1),
        make_row(topic=EMPTY, state="arXiv unavailable", reason="it hung | again"),
    ),
)
STORED = with_digests(_STORE, [_STORE.days[DIGEST.day]], "zh")


def play(root: Path, clock: VirtualClock) -> dict[str, bytes]:
    """Write the night's pages and its notice into a folder; return every file by its path."""
    inputs = {"keywords.txt": KEYWORDS, "pyproject.toml": PYPROJECT, "README.md": README}
    for name, content in inputs.items():
        (root / name).write_text(content)
    save_store(root, None, STORED)
    render(root, clock)
    notice = pending_notice(STORED, load_settings(root), Environment(github_repository="me/papers"))
    assert notice is not None
    (root / "notice.md").write_text(f"{notice.title}\n\n{notice.body}")
    (root / "keywords.txt").unlink()
    (root / "pyproject.toml").unlink()
    return files_of(root)


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of each file below a folder by its path."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(found)}


def test_every_page_is_its_golden_file(tmp_path: Path, clock: VirtualClock) -> None:
    """Pages, notice and store of the night are the files under golden/, byte for byte."""
    made = play(tmp_path, clock)
    if os.environ.get(WRITE):
        shutil.rmtree(GOLDEN, ignore_errors=True)
        shutil.copytree(tmp_path, GOLDEN)
    kept = files_of(GOLDEN)
    assert made.keys() == kept.keys()
    changed = [path for path, content in made.items() if kept[path] != content]
    assert not changed, "if this change is intended, run `make golden` and commit the files"


def test_a_withdrawn_paper_is_marked_wherever_it_stands() -> None:
    """On pages the mark follows its title, in data files it is a field; digests pass it over."""
    found = {
        path: kept.decode()
        for path, kept in files_of(GOLDEN).items()
        if "papers/store/" not in path
    }
    pages = {path: text for path, text in found.items() if "Nothing to See" in text}
    mark = {".json": '"withdrawn": true', ".bib": "note = {withdrawn}"}
    for path, text in pages.items():
        before, after = text.split("Nothing to See")
        around = before[-80:] + after[:400]
        assert mark.get(Path(path).suffix, "⛔ ") in around, path
    assert {path.split("/")[1] for path in pages if "/" in path} == {
        *("topics", "weekly", "bilingual", "feeds", "bibtex", "facts", "days", "months")
    }
