"""Two weeks of nights with every kind of page: the store alone has all that the pages show."""

import json
import re
import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.announcement_calendar import listing_day
from daily_papers.cli import main
from daily_papers.commands.notify import notify
from daily_papers.commands.render import render
from daily_papers.commands.update import Update
from daily_papers.readme_markers import END, START
from daily_papers.settings import Environment
from daily_papers.store.entry_types import DigestText, ModelText, Store
from daily_papers.store.store_file import STATE, save_store
from daily_papers.store.write_all_or_none import FOLDER
from factories import make_entry, make_paper, make_store, new_in, whole_store
from standin_github import REPOSITORY, TOKEN, FakeGitHub
from standins.arxiv import FakeArxiv, Record
from standins.llm import FakeLlm
from test_update import snapshot

FIRST = datetime(2026, 11, 23, 5, 37, tzinfo=UTC)  # a Monday
NIGHTS = 12
README = f"# Mine\n\n{START}\n{END}\n\nMore of mine.\n"
SETTINGS = """\
[tool.daily-papers]
max-papers = 6
issue-papers = 2
[tool.daily-papers.pages]
weekly = true
digest = true
bilingual = true
feeds = true
[tool.daily-papers.llm]
tasks = ["digest", "summary"]
language = "zh"
first-page = false
"""
KEYWORDS = {
    0: "Neural Widgets\nQuantum Teapots\n",
    3: "Neural Widgets\nQuantum Teapots\nSprockets: sprockets\n",  # one more
    5: 'Neural Widgets\nTeapots: "Quantum Teapots"\nSprockets: sprockets\n',  # another name
    8: 'Neural Widgets\nTeapots: "Quantum Teapots"\n',  # one less
    10: 'neural widgets\nTeapots: "Quantum Teapots"\n',  # other letters
}
"""The lines of keywords.txt from a night on."""


def paper(number: int, submitted: datetime, topics: str, **facts: object) -> Record:
    """Return an invented paper with an identifier of the month in which it was submitted."""
    return Record(
        arxiv_id=f"{submitted:%y%m}.{number:05}",
        title=f"Paper {number} about {topics} that nobody has seen",
        authors=("A. Sample",),
        abstract=f"Such {topics} are hard to find. We propose to look for them. We find them all "
        f"and say in {number} words how.",
        categories=("cs.LG",),
        published=submitted,
        **facts,  # type: ignore[arg-type]
    )


def all_papers() -> list[Record]:
    """Return what arXiv has in the end: each night's papers, and what became of some of them."""
    records = []
    for day in range(-9, NIGHTS):
        moment = FIRST + timedelta(days=day)
        for at in range(3):
            number = 100 + 10 * day + at
            topics = ("neural widgets", "neural widgets and sprockets", "quantum teapots")[at]
            records.append(paper(number, moment - timedelta(hours=14 + at), topics))
    known = {int(one.arxiv_id[5:]): one for one in records}

    def later(number: int, day: float, **facts: object) -> Record:
        return replace(known[number], updated=FIRST + timedelta(days=day), **facts)  # type: ignore[arg-type]

    return [
        *records,
        later(100, 1.4, version=2, title="Another title of neural widgets"),
        later(82, 2.4, version=2, comment="This paper has been withdrawn by the author"),
        later(110, 9.4, version=3, comment="revised late"),
        # It came to the table as a replacement.
        paper(7, FIRST - timedelta(days=400), "neural widgets", version=4).__class__(
            **vars_of(paper(7, FIRST - timedelta(days=400), "neural widgets"))
            | {"version": 4, "updated": FIRST + timedelta(days=4.4)}
        ),
    ]


def vars_of(record: Record) -> dict[str, object]:
    """Return a record's fields."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


MODEL_LINES = (
    r"(?m)^  - (?:\*\*(?:tags|institution|contributions|Simple LLM Summary|significance):.*|_.*)\n"
    r"|^  - \*\*Mindmap:\*\*\n\n(?:    .*\n)+"
)
"""The lines of a weekly page that a model wrote."""
IN_A_LINK = r"arxiv\.org/abs/([\w./-]+?)v\d"
EDITS = {
    (101, 2): {"comment": "Accepted at CVPR 2027"},
    (111, 4): {"comment": "Code: https://github.com/example/widgets"},
    (120, 4): {"comment": "8 pages"},
}
"""What the comment of a paper is from a night on, without a new version."""
HELD_BACK = paper(900, FIRST + timedelta(hours=11), "neural widgets")
"""It appears on the fourth night, and would have been of the second."""


@dataclass
class Played:
    """A repository after all nights."""

    root: Path
    files: dict[str, bytes] = field(default_factory=dict)
    """Every file after the last night."""
    nights: list[tuple[datetime, dict[str, bytes], dict[str, bytes], Store | None, Store]] = field(
        default_factory=list
    )
    """The time of each night, and files and store before and after it."""
    issues: list[tuple[str, set[str], dict[str, bytes]]] = field(default_factory=list)
    """The body of each notice, the papers that it is about by identifier, and the files then."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Return a repository after twelve nights, in which everything happens that can."""
    root = tmp_path_factory.mktemp("repository")
    (root / "pyproject.toml").write_text(SETTINGS)
    (root / "README.md").write_text(README)
    done = Played(root)
    with FakeArxiv(announced=True) as arxiv, FakeGitHub() as github, FakeLlm() as llm:
        environment = Environment(
            arxiv_api_url=arxiv.api_url,
            arxiv_oai_url=arxiv.oai_url,
            github_api_url=github.api_url,
            github_repository=REPOSITORY,
            github_token=TOKEN,
            openai_api_key="sk-invented-0123456789",
            openai_base_url=llm.base_url,
            llm_model="invented-model",
        )
        store: Store | None = None
        for day in range(NIGHTS):
            if day in KEYWORDS:
                (root / "keywords.txt").write_text(KEYWORDS[day])
            arxiv.records = records_of(day)
            now = arxiv.now = FIRST + timedelta(days=day)
            before = snapshot(root)
            Update(root, environment, VirtualClock(now), now=now).run()
            after, was, store = snapshot(root), store, whole_store(root)
            done.nights.append((now, before, after, was, store))
            if day != 6:  # on which GitHub is asked for nothing
                tell(root, environment, github, store, done)
    done.files = snapshot(root)
    return done


def records_of(day: int) -> list[Record]:
    """Return what arXiv has on a night."""
    edits = {number: facts for (number, since), facts in EDITS.items() if day >= since}
    found = [
        replace(one, **edits.get(int(one.arxiv_id[5:]), {}))  # type: ignore[arg-type]
        for one in all_papers()
    ]
    return [*found, HELD_BACK] if day >= 3 else found


def tell(
    root: Path, environment: Environment, github: FakeGitHub, store: Store, done: Played
) -> None:
    """Open the night's issue, and note what it is about."""
    since = store.notified
    about = {
        arxiv_id
        for arxiv_id, entry in store.entries.items()
        if not store.topics.keys().isdisjoint(entry.topics)
        and (
            entry.is_new_since(since)
            or entry.is_revised_since(since)
            or entry.is_accepted_since(since)
            or entry.has_code_since(since)
        )
    }
    outcome = notify(root, environment, VirtualClock(store.updated))
    assert (outcome.notice is not None) == bool(about)
    if outcome.notice:
        done.issues.append((github.issues[-1]["body"], about, snapshot(root)))


def test_every_page_is_made_from_the_store_alone(played: Played) -> None:
    """With nothing left but the store, `render` writes every file again, byte for byte."""
    root = played.root
    for path in (root / "papers").iterdir():
        if path.name != "store":
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    (root / "README.md").write_text(README)
    assert main(["render", "--root", str(root)]) == 0
    after = snapshot(root)
    assert after.keys() == played.files.keys()
    assert [path for path in after if after[path] != played.files[path]] == []
    kinds = {path.split("/")[1] for path in after if path.count("/") > 1}
    assert kinds == {
        *("badges", "bibtex", "bilingual", "days", "digest", "facts", "feeds", "months"),
        *("store", "topics", "weekly"),
    }


def test_everything_happened(played: Played) -> None:
    """Papers were revised, accepted, withdrawn and late, and a model wrote about them."""
    store = whole_store(played.root)
    days = store.days.values()
    assert {one for day in days for one in day.revised} >= {"2611.00100", "2611.00110"}
    assert [day.day for day in days if "2611.00101" in day.accepted] == [date(2026, 11, 25)]
    assert sum("2611.00111" in day.code for day in days) == 1
    assert [day.day for day in days if HELD_BACK.arxiv_id in day.papers] == [date(2026, 11, 26)]
    assert {*store.months} >= {"2025-10", "2026-11", "2026-12"}
    names = {name for day in days for name in day.topics}
    assert names >= {"Quantum Teapots", "Teapots", "Sprockets", "neural widgets"}
    assert sum(bool(entry.texts) for entry in store.entries.values()) > 20
    assert len(store.digests) > 5
    assert len(played.issues) > 5


def test_every_paper_of_every_notice_is_on_a_page(played: Played) -> None:
    """Each paper is in its notice or on a page that the notice links, and on that of its month."""
    assert sum("more: [" in body for body, _, _ in played.issues) > 2
    for body, about, files in played.issues:
        shown = set(re.findall(IN_A_LINK, body))
        assert shown <= about
        for line in re.findall(r"(?m)^.*\d+ (?:more|papers).*$", body):
            for link in re.findall(r"/blob/HEAD/(papers/[\w/-]+\.md)", line):
                shown |= set(re.findall(IN_A_LINK, files[link].decode()))
        assert about <= shown
    months = "".join(
        content.decode() for path, content in played.files.items() if "/months/" in path
    )
    listed = set(re.findall(IN_A_LINK, months))
    assert listed == whole_store(played.root).entries.keys()
    assert set().union(*(about for _, about, _ in played.issues)) <= listed


def test_each_paper_is_new_in_one_notice(played: Played) -> None:
    """Nothing is announced twice, whatever becomes of a paper and of its topics."""
    new = [arxiv_id for body, _, _ in played.issues for arxiv_id in new_in(body)]
    assert len(new) == len(set(new)) > 10


@pytest.mark.parametrize(
    ("heading", "arxiv_id"), [("Accepted", "2611.00101"), ("Code", "2611.00111")]
)
def test_what_becomes_of_a_known_paper_is_told_once(
    played: Played, heading: str, arxiv_id: str
) -> None:
    """A venue, or a link to code, is news of one night."""
    sections = [body.partition(f"\n## {heading}\n")[2] for body, _, _ in played.issues]
    assert sum(arxiv_id in text.partition("\n## ")[0] for text in sections) == 1


def test_a_night_changes_the_lines_of_its_papers_and_no_past_page(played: Played) -> None:
    """Files of other months stay, and so do all pages of past days on a night without edits."""
    for day, (now, before, after, was, store) in enumerate(played.nights):
        if was is None:
            continue
        changed = {
            arxiv_id
            for arxiv_id, entry in store.entries.items()
            if was.entries.get(arxiv_id) != entry
        }
        assert papers_changed(before, after) == changed
        assert was.entries.keys() <= store.entries.keys()
        if day not in KEYWORDS:
            past = past_pages(before, listing_day(now))
            assert len(past) > 5
            assert [path for path, text in past.items() if after[path] != text] == []


def papers_changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """Return the papers whose lines a night has changed in the files of their months."""
    lines = {
        line
        for path, text in after.items()
        if path.startswith(f"{FOLDER}/2") and before.get(path) != text
        for line in set(text.splitlines()) - set(before.get(path, b"").splitlines())
    }
    return {item["paper"] for item in map(json.loads, lines) if "paper" in item}


def past_pages(files: dict[str, bytes], today: date) -> dict[str, bytes]:
    """Return the pages of the days, and of the weeks, that are over."""
    found = {}
    for path, text in files.items():
        if path.endswith("README.md"):
            continue
        if match := re.search(r"/(\d{4}-\d\d-\d\d)(?:/|\.md)", path):
            last = date.fromisoformat(match[1])
        elif match := re.search(r"/\d{8}-(\d{4})(\d\d)(\d\d)\.md", path):
            last = date(*map(int, match.groups()))
        else:
            continue
        if last < today:
            found[path] = text
    return found


def test_a_past_day_shows_its_papers_as_they_were(played: Played) -> None:
    """A later title or venue is on the topic's pages, not on those of the paper's day."""
    day = "papers/days/2026/2026-11-24.md"
    assert "Another title" not in played.files[day].decode()
    assert "2611.00100v1" in played.files[day].decode()
    assert "CVPR 2027" not in played.files[day].decode()
    month = played.files["papers/months/neural-widgets/2026-11.md"].decode()
    assert "Another title" in month
    assert "CVPR 2027" in month


def test_a_new_layout_is_that_of_the_past_too(played: Played, tmp_path: Path) -> None:
    """Settings apply to every day that ever was; what a page shows is not read from it."""
    root = tmp_path / "copy"
    shutil.copytree(played.root, root)
    (root / "pyproject.toml").write_text(SETTINGS.replace('language = "zh"', 'language = "fr"'))
    for path in (root / "papers/weekly").rglob("2*.md"):
        path.write_text("# spoilt by hand\n")
    render(root, VirtualClock())
    after = snapshot(root)
    weeks = [path for path in after if "/weekly/" in path and "README" not in path]
    assert len(weeks) > 4
    for path in weeks:
        old = played.files[path].decode()
        assert after[path].decode() == re.sub(MODEL_LINES, "", old)


def test_the_text_of_a_digest_is_read_from_the_month_of_its_day(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """The first digest of a month is about papers with identifiers of the month before."""
    first = date(2026, 12, 1)
    paper = make_paper(1, updated=datetime(2026, 11, 30, 12, tzinfo=UTC))
    text = ModelText("digest", 0, "en", 1, "m", 1, fields={"themes": "Nothing but widgets."})
    store = make_store(
        [make_entry(paper, first_seen=datetime(2026, 12, 1, 5, tzinfo=UTC))],
        digests=(DigestText(first, "Video Understanding", (paper.versioned_id,), text),),
        updated=datetime(2026, 12, 1, 5, tzinfo=UTC),
    )
    listed = replace(store.days[first], digests=store.days[first].topics)
    save_store(tmp_path, None, replace(store, days={first: listed}))
    (tmp_path / "keywords.txt").write_text("Video Understanding\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.daily-papers.pages]\ndigest = true\n[tool.daily-papers.llm]\nlanguage = "en"\n'
    )
    render(tmp_path, clock)
    page = tmp_path / "papers/digest/2026/2026-12-01/video-understanding.md"
    assert "Nothing but widgets." in page.read_text()


def test_a_topic_in_other_letters_keeps_the_papers_of_the_open_day(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """Pages of one name show the papers of both spellings of a topic."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS.partition("[tool.daily-papers.llm]")[0])
    evening = FIRST + timedelta(hours=7)
    with FakeArxiv([paper(1, evening, "neural widgets")]) as arxiv:
        environment = Environment(arxiv_api_url=arxiv.api_url, arxiv_oai_url=arxiv.oai_url)
        for hour, heading in enumerate(("Neural Widgets", "neural widgets")):
            (tmp_path / "keywords.txt").write_text(f"{heading}\n")
            if hour:
                arxiv.records = [*arxiv.records, paper(2, evening, "neural widgets")]
            now = FIRST + timedelta(days=1, hours=hour)
            Update(tmp_path, environment, clock, now=now).run()
    for path in (
        "weekly/neural-widgets/20261123-20261129.md",
        "bilingual/2026/2026-11-24/neural-widgets.md",
        "digest/2026/2026-11-24/neural-widgets.md",
    ):
        found = re.findall(r"pdf/2611\.(\d+)", (tmp_path / "papers" / path).read_text())
        assert sorted(found) == ["00001", "00002"], path


def test_a_run_that_was_killed_before_its_pages_has_them_written_by_the_next(
    played: Played, tmp_path: Path
) -> None:
    """Pages of the past that a killed run did not write come with the next night."""
    root = tmp_path / "copy"
    shutil.copytree(played.root, root)
    _, before, after, _, store = played.nights[4]
    for path in after:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(after[path] if path.startswith(FOLDER) else before.get(path, b""))
    state = (root / STATE).read_text()
    (root / STATE).write_text(re.sub(r'"rendered": "[^"]+"', '"rendered": null', state, count=1))
    for path in set(snapshot(root)) - set(after):
        (root / path).unlink()
    for path in set(after) - set(before):
        if not path.startswith(FOLDER):
            (root / path).unlink()
    with FakeArxiv(records_of(4), announced=True, now=store.updated) as arxiv:
        environment = Environment(arxiv_api_url=arxiv.api_url, arxiv_oai_url=arxiv.oai_url)
        (root / "keywords.txt").write_text(KEYWORDS[3])
        now = store.updated + timedelta(hours=1)
        Update(root, environment, VirtualClock(now), now=now).run()
    assert snapshot(root) == after
