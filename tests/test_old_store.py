"""The store of schema 2, one file with a window of papers, becomes the store of today."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.cli import main
from daily_papers.commands.notify import notify
from daily_papers.commands.render import render
from daily_papers.commands.update import Update
from daily_papers.settings import Environment, Settings
from daily_papers.store.entry_types import Revision
from daily_papers.store.old_store_file import OLD_STORE
from daily_papers.store.store_errors import StoreError
from daily_papers.store.store_file import load_store
from daily_papers.topics.arxiv_query import arxiv_query
from daily_papers.topics.keywords import parse_keywords
from factories import whole_store
from standin_github import REPOSITORY, TOKEN, FakeGitHub
from standins.arxiv import FakeArxiv, Record
from test_update import snapshot

LAST = datetime(2026, 11, 17, 5, 37, tzinfo=UTC)  # the last night of the old program, a Tuesday
NEXT = LAST + timedelta(days=1)
KEYWORDS = "Neural Widgets\nQuantum Teapots\n"
PYPROJECT = """\
[tool.daily-papers]
max-papers = 3
[tool.daily-papers.pages]
weekly = true
digest = true
bilingual = true
"""
OLD = """\
{"schema": 2, "created": "2026-11-02T05:37:00Z", "updated": "2026-11-17T05:37:00Z", \
"notified": "2026-11-17T05:37:00Z", "sort": "updated", "topics": 2, "papers": 7, "nights": 2, \
"digests": 1}
{"topic": "Neural Widgets", "query": NEURAL, "since": "2026-11-02T05:37:00Z", \
"watermark": "2026-11-16T15:00:00Z", "floor": "2026-11-12T12:00:00Z"}
{"topic": "Quantum Teapots", "query": QUANTUM, "since": "2026-11-10T05:37:00Z", \
"watermark": "2026-11-13T12:00:00Z"}
{"paper": "2610.09999", "topics": ["Neural Widgets"], "first_seen": "2026-11-02T05:37:00Z", \
"version": 1, "title": "Paper 9999 on neural widgets", "abstract": "It left the table.", \
"categories": ["cs.LG"], "primary_category": "cs.LG", "published": "2026-10-30T12:00:00Z", \
"updated": "2026-10-30T12:00:00Z"}
{"paper": "2611.00001", "topics": ["Neural Widgets", "Quantum Teapots"], \
"first_seen": "2026-11-16T05:37:00Z", "version": 1, \
"title": "Paper 1 on neural widgets and quantum teapots", "authors": ["A. Sample"], \
"abstract": "All about neural widgets and quantum teapots.", "categories": ["cs.LG"], \
"primary_category": "cs.LG", "published": "2026-11-13T12:00:00Z", \
"updated": "2026-11-13T12:00:00Z", "texts": [{"task": "translation", "version": 1, \
"language": "en", "prompt": 1, "model": "m", "tries": 1, "fields": {"title": "Un papier"}}]}
{"paper": "2611.00002", "topics": ["Quantum Teapots"], "first_seen": "2026-11-10T05:37:00Z", \
"silent": true, "version": 1, "title": "Paper 2 on quantum teapots", \
"abstract": "All about quantum teapots.", "categories": ["cs.LG"], "primary_category": "cs.LG", \
"published": "2026-11-05T12:00:00Z", "updated": "2026-11-05T12:00:00Z"}
{"paper": "2611.00003", "topics": ["Neural Widgets"], "first_seen": "2026-11-10T05:37:00Z", \
"revised": {"seen": "2026-11-17T05:37:00Z", "from": 1}, "version": 2, \
"title": "Paper 3 on neural widgets", "abstract": "All about neural widgets.", \
"categories": ["cs.LG"], "primary_category": "cs.LG", "published": "2026-11-09T12:00:00Z", \
"updated": "2026-11-16T14:00:00Z"}
{"paper": "2611.00004", "topics": ["Neural Widgets"], "first_seen": "2026-11-16T05:37:00Z", \
"listed": "2026-11-16", "accepted": "2026-11-17T05:37:00Z", "version": 1, \
"title": "Paper 4 on neural widgets", "abstract": "All about neural widgets.", \
"categories": ["cs.LG"], "primary_category": "cs.LG", "comment": "Accepted at CVPR 2027", \
"published": "2026-11-12T12:00:00Z", "updated": "2026-11-12T12:00:00Z"}
{"paper": "2611.00005", "topics": ["Neural Widgets"], "first_seen": "2026-11-17T05:37:00Z", \
"silent": true, "revised": {"seen": "2026-11-17T05:37:00Z", "from": 0}, "version": 3, \
"title": "Paper 5 on neural widgets", "abstract": "It came as a replacement.", \
"categories": ["cs.LG"], "primary_category": "cs.LG", "published": "2026-03-01T12:00:00Z", \
"updated": "2026-11-16T15:00:00Z"}
{"paper": "2611.00006", "topics": ["Neural Widgets"], "first_seen": "2026-11-17T05:37:00Z", \
"version": 1, "title": "Paper 6 on neural widgets", "abstract": "All about neural widgets.", \
"categories": ["cs.LG"], "primary_category": "cs.LG", "published": "2026-11-16T12:00:00Z", \
"updated": "2026-11-16T12:00:00Z"}
{"digest": "2026-11-16", "topic": "Neural Widgets", "papers": ["2611.00001v1"], \
"text": {"task": "digest", "version": 0, "language": "en", "prompt": 1, "model": "m", \
"tries": 1, "fields": {"themes": "Widgets, and nothing else."}}}
{"asked": "2026-11-17", "papers": ["2611.00001"], "tokens": 1234}
{"night": "2026-11-16T05:37:00Z", "topic": "Neural Widgets", "state": "ok", "source": "search", \
"fetched": 2, "new": 2, "revised": 0}
{"night": "2026-11-17T05:37:00Z", "topic": "Neural Widgets", "state": "ok", "source": "search", \
"fetched": 3, "new": 1, "revised": 2}
"""


def old_text() -> str:
    """Return the text of the old file, with the queries of its topics."""
    topics = parse_keywords(KEYWORDS)
    neural, quantum = (json.dumps(arxiv_query(one, Settings().categories)) for one in topics)
    return OLD.replace("NEURAL", neural).replace("QUANTUM", quantum)


def known() -> list[Record]:
    """Return arXiv's records of the papers in the old store."""
    items = [json.loads(line) for line in old_text().splitlines() if '"paper": ' in line]
    return [
        Record(
            arxiv_id=item["paper"],
            version=item["version"],
            title=item["title"],
            abstract=item["abstract"],
            authors=tuple(item.get("authors", ("A. Sample",))),
            categories=tuple(item["categories"]),
            comment=item.get("comment", ""),
            published=datetime.fromisoformat(item["published"]),
            updated=datetime.fromisoformat(item["updated"]),
        )
        for item in items
    ]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository after the last night of the old program."""
    (tmp_path / "keywords.txt").write_text(KEYWORDS)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "papers").mkdir()
    (tmp_path / OLD_STORE).write_text(old_text())
    return tmp_path


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    """Return the stand-in, with the papers that the old store has."""
    with FakeArxiv(known(), now=NEXT) as server:
        yield server


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    """Return the stand-in for GitHub."""
    with FakeGitHub() as server:
        yield server


def night(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub, now: datetime = NEXT
) -> list[dict[str, str]]:
    """Run a night with its notice; return the issues so far."""
    environment = Environment(
        arxiv_api_url=arxiv.api_url,
        arxiv_oai_url=arxiv.oai_url,
        github_api_url=github.api_url,
        github_repository=REPOSITORY,
        github_token=TOKEN,
    )
    Update(root, environment, VirtualClock(now), now=now).run()
    notify(root, environment, VirtualClock(now))
    return github.issues


def test_a_quiet_first_night_keeps_everything_and_announces_nothing(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub
) -> None:
    """All papers, with all that is known of them, are in the new files, and the old one is gone."""
    assert night(root, arxiv, github) == []
    assert not (root / OLD_STORE).exists()
    store = whole_store(root)
    assert (store.created, store.notified) == (datetime(2026, 11, 2, 5, 37, tzinfo=UTC), LAST)
    facts = {
        arxiv_id: (entry.paper.version, entry.topics, entry.silent, entry.revised)
        for arxiv_id, entry in store.entries.items()
    }
    widgets, teapots = ("Neural Widgets",), ("Quantum Teapots",)
    assert facts == {
        "2610.09999": (1, widgets, False, None),
        "2611.00001": (1, widgets + teapots, False, None),
        "2611.00002": (1, teapots, True, None),
        "2611.00003": (2, widgets, False, Revision(LAST, 1)),
        "2611.00004": (1, widgets, False, None),
        "2611.00005": (3, widgets, True, Revision(LAST, 0)),
        "2611.00006": (1, widgets, False, None),
    }
    assert store.entries["2611.00004"].accepted == LAST
    assert store.entries["2611.00001"].texts[0].fields == {"title": "Un papier"}
    assert [one.text.fields for one in store.digests] == [{"themes": "Widgets, and nothing else."}]
    assert store.spending is not None
    assert store.spending.tokens == 1234
    assert [row.night.day for row in store.ledger] == [16, 17]
    assert {name: state.table for name, state in store.topics.items()} == {
        "Neural Widgets": ("2611.00005", "2611.00003", "2611.00006"),
        "Quantum Teapots": ("2611.00001", "2611.00002"),
    }
    listed = {day: dict(found.topics) for day, found in store.days.items()}
    monday = listed[date(2026, 11, 16)]
    assert set(monday["Neural Widgets"]) == {"2611.00001", "2611.00004"}
    assert listed[date(2026, 11, 17)] == {"Neural Widgets": ("2611.00006",)}
    assert not any("2611.00005" in ids for found in listed.values() for ids in found.values())


def test_its_pages_are_there_and_the_next_quiet_night_changes_nothing(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub
) -> None:
    """Every paper is on a page, and a second night writes nothing."""
    night(root, arxiv, github)
    months = "".join(path.read_text() for path in (root / "papers/months").rglob("2*.md"))
    assert all(f"/abs/{one.arxiv_id}v" in months for one in known())
    digest = root / "papers/digest/2026/2026-11-16/neural-widgets.md"
    assert "Widgets, and nothing else." in digest.read_text()
    before = snapshot(root)
    night(root, arxiv, github, NEXT + timedelta(days=1))
    assert snapshot(root) == before
    assert render(root, VirtualClock()) == []


def test_a_first_night_with_news_announces_these_only(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub
) -> None:
    """Papers that an earlier notice had are not in the next one; new and revised ones are."""
    fresh = Record(
        arxiv_id="2611.00007",
        title="Paper 7 on quantum teapots",
        abstract="All about quantum teapots.",
        authors=("A. Sample",),
        categories=("cs.LG",),
        published=LAST + timedelta(hours=6),
    )
    old = next(one for one in known() if one.arxiv_id == "2610.09999")
    again = {**{name: getattr(old, name) for name in old.__dataclass_fields__}, "version": 2}
    again["updated"] = LAST + timedelta(hours=7)
    arxiv.records = [*arxiv.records, fresh, Record(**again)]
    (issue,) = night(root, arxiv, github)
    assert issue["title"].startswith("1 new: ")
    assert issue["body"].count("https://arxiv.org/abs/") == 2
    assert "2611.00007v1" in issue["body"]
    assert "2610.09999v2" in issue["body"]
    assert whole_store(root).entries["2610.09999"].revised == Revision(NEXT, 1)


def test_what_was_pending_is_announced_after_the_change(
    root: Path, arxiv: FakeArxiv, github: FakeGitHub
) -> None:
    """A notice that GitHub had refused goes out with the first one of the new store."""
    text = old_text().replace('"notified": "2026-11-17', '"notified": "2026-11-16')
    (root / OLD_STORE).write_text(text)
    (issue,) = night(root, arxiv, github)
    assert issue["title"].startswith("1 new: ")
    assert set(map(str, range(3, 7))) == {
        number for number in "1234567" if f"2611.0000{number}v" in issue["body"]
    }


def test_the_other_commands_read_the_old_store(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the first night, pages are rendered and questions answered, and the store stays."""
    before = (root / OLD_STORE).read_bytes()
    assert main(["render", "--root", str(root)]) == 0
    assert main(["status", "--root", str(root)]) == 0
    assert main(["why", "2610.09999", "--root", str(root)]) == 0
    assert main(["notify", "--dry-run", "--root", str(root)]) == 0
    told = capsys.readouterr().out
    assert "nothing new to tell" in told
    assert "Neural Widgets: complete up to" in told
    assert (root / OLD_STORE).read_bytes() == before
    assert not (root / "papers/store").exists()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"papers": 7', '"papers": 8'),
        ('"digests": 1', '"digests": 2'),
        ('"schema": 2', '"schema": true'),
        ('"schema": 2', '"schema": 3'),
        ('"published": "2026-11-16', '"printed": "2026-11-16'),
        ('{"asked"', '{"what"'),
        ("{", "<<<<<<< HEAD\n{"),
    ],
)
def test_a_damaged_old_store_is_an_error(root: Path, old: str, new: str) -> None:
    """Nothing is taken from an old store that was cut or spoilt, and the error says what to do."""
    (root / OLD_STORE).write_text(old_text().replace(old, new, 1))
    with pytest.raises(StoreError, match=rf"^{OLD_STORE}:\d+: the store is damaged") as caught:
        load_store(root)
    assert f"git checkout COMMIT -- {OLD_STORE}" in str(caught.value)


def test_a_store_of_the_first_schema_is_read(root: Path) -> None:
    """It has no digests."""
    header, *lines = old_text().splitlines(keepends=True)
    header = header.replace('"schema": 2', '"schema": 1').replace(', "digests": 1', "")
    kept = [line for line in lines if not line.startswith('{"digest"')]
    (root / OLD_STORE).write_text("".join([header, *kept]))
    store = load_store(root)
    assert store is not None
    assert len(store.entries) == 7
