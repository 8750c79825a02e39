"""`update --topic NAME --since MONTH`, against the stand-in for arXiv."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.arxiv.paced_requests import FetchError
from daily_papers.cli import main
from daily_papers.commands.notify import pending_notice
from daily_papers.commands.render import render
from daily_papers.commands.update import Update
from daily_papers.commands.update_since import fill
from daily_papers.errors import DailyPapersError
from daily_papers.settings import Environment, Settings
from daily_papers.topics.keywords import read_keywords
from factories import whole_store
from standins.arxiv import FakeArxiv, Fault, Record
from test_update import snapshot

NOW = datetime(2026, 11, 18, 5, 37, tzinfo=UTC)


def paper(month: int, number: int, text: str = "neural widgets") -> Record:
    """Return an invented paper of a month of 2026."""
    return Record(
        arxiv_id=f"26{month:02}.{number:05}",
        title=f"Paper {number} on {text}",
        authors=("A. Sample",),
        abstract=f"All about {text}.",
        categories=("cs.LG",),
        published=datetime(2026, month, 1 + number, 12, tzinfo=UTC),
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository of two topics with short tables."""
    (tmp_path / "keywords.txt").write_text("Neural Widgets\nQuantum Teapots\n")
    (tmp_path / "pyproject.toml").write_text("[tool.daily-papers]\nmax-papers = 3\n")
    return tmp_path


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    """Return the stand-in, with four papers on each of two topics in every month."""
    records = [
        paper(month, number + at, topic)
        for month in range(1, 12)
        for at, topic in ((0, "neural widgets"), (4, "quantum teapots"))
        for number in range(1, 5)
    ]
    both = paper(8, 20, "neural widgets and quantum teapots")
    with FakeArxiv([*records, both], now=NOW) as server:
        yield server


def environment_of(arxiv: FakeArxiv) -> Environment:
    """Return the variables of a run against the stand-in."""
    return Environment(arxiv_api_url=arxiv.api_url, arxiv_oai_url=arxiv.oai_url)


def night(root: Path, arxiv: FakeArxiv, now: datetime) -> int:
    """Run a night; return how many papers are new."""
    arxiv.now = now
    return Update(root, environment_of(arxiv), VirtualClock(now), now=now).run().new


def filled(root: Path, arxiv: FakeArxiv, name: str, since: str) -> tuple[int, str]:
    """Fill a topic's months."""
    (topic,) = (one for one in read_keywords(root) if one.name == name)
    now = NOW + timedelta(hours=1)
    return fill(root, environment_of(arxiv), VirtualClock(now), topic, since, pace=0.0)


def months_of(root: Path, topic: str) -> dict[str, int]:
    """Return how many papers each page of a topic's months has."""
    folder = root / "papers/months" / topic
    return {path.stem: path.read_text().count("/abs/") for path in sorted(folder.glob("2*.md"))}


def test_the_months_are_filled_and_nothing_is_announced(root: Path, arxiv: FakeArxiv) -> None:
    """All papers from the month on are in the store and on their months' pages, in silence."""
    night(root, arxiv, NOW)
    before, known = snapshot(root), whole_store(root)
    count, message = filled(root, arxiv, "Neural Widgets", "2026-06")
    assert (count, message) == (22, "22 earlier papers of Neural Widgets, from 2026-06 on")
    months = {f"2026-{month:02}": 4 + (month == 8) for month in range(6, 12)}
    assert months_of(root, "neural-widgets") == months
    store = whole_store(root)
    added = {one: entry for one, entry in store.entries.items() if one not in known.entries}
    assert len(added) == 22
    assert all(entry.silent for entry in added.values())
    assert {one: store.entries[one] for one in known.entries} == known.entries
    assert (store.days, store.ledger, store.notified) == (known.days, known.ledger, known.notified)
    assert store.tables(3) == known.tables(3)
    after = snapshot(root)
    changed = {path for path in after if after[path] != before.get(path)}
    assert {path.split("/")[1] for path in changed} == {"months", "store"}
    environment = Environment(github_repository="me/papers")
    notices = [pending_notice(one, Settings(), environment) for one in (known, store)]
    assert notices[0] is not None
    assert notices[1] is not None
    assert notices[1].title == notices[0].title
    assert night(root, arxiv, NOW + timedelta(days=1)) == 0
    assert render(root, VirtualClock()) == []


def test_another_topics_paper_is_one_paper(root: Path, arxiv: FakeArxiv) -> None:
    """A paper that is filled for two topics is kept once, with both."""
    night(root, arxiv, NOW)
    for name in ("Neural Widgets", "Quantum Teapots"):
        filled(root, arxiv, name, "2026-08")
    entry = whole_store(root).entries["2608.00020"]
    assert entry.topics == ("Neural Widgets", "Quantum Teapots")
    assert months_of(root, "quantum-teapots")["2026-08"] == 5


def test_a_run_that_was_stopped_goes_on_where_it_was(
    root: Path, arxiv: FakeArxiv, capsys: pytest.CaptureFixture[str]
) -> None:
    """Months that were saved are not fetched again, and a longer time adds the months before."""
    night(root, arxiv, NOW)
    july = Fault(
        "status", times=None, path="api", where=lambda query: "20260701" in query["search_query"]
    )
    arxiv.faults.add(july)
    with pytest.raises(FetchError):
        filled(root, arxiv, "Neural Widgets", "2026-06")
    assert "2607.00001" not in whole_store(root).entries
    assert "2608.00001" in whole_store(root).entries
    arxiv.faults.clear()
    asked = len(arxiv.log)
    filled(root, arxiv, "Neural Widgets", "2026-06")
    assert [entry.query["search_query"][-29:-17] for entry in arxiv.log[asked:]] == [
        f"20260{month}010000" for month in (7, 6)
    ]
    asked = len(arxiv.log)
    capsys.readouterr()
    assert filled(root, arxiv, "Neural Widgets", "2026-06")[0] == 0
    assert len(arxiv.log) == asked
    done = "Neural Widgets: every month from 2026-06 on has been fetched\n"
    assert capsys.readouterr().err == done
    filled(root, arxiv, "Neural Widgets", "2026-05")
    assert len(arxiv.log) == asked + 1
    assert list(months_of(root, "neural-widgets")) == [f"2026-{at:02}" for at in range(5, 12)]


def test_a_paper_that_was_filled_and_is_revised_is_news(root: Path, arxiv: FakeArxiv) -> None:
    """From then on it is a paper like any other."""
    night(root, arxiv, NOW)
    filled(root, arxiv, "Neural Widgets", "2026-06")
    old = paper(6, 2)
    again = Record(
        **{name: getattr(old, name) for name in old.__dataclass_fields__}
        | {"version": 2, "updated": NOW + timedelta(hours=5)}
    )
    arxiv.records = [*arxiv.records, again]
    assert night(root, arxiv, NOW + timedelta(days=1)) == 0
    entry = whole_store(root).entries[old.arxiv_id]
    assert entry.revised is not None
    assert (entry.revised.from_version, entry.paper.version) == (1, 2)


def test_a_topic_without_a_night_is_not_filled(root: Path, arxiv: FakeArxiv) -> None:
    """The error says to run the night first, and arXiv is not asked."""
    with pytest.raises(DailyPapersError, match="Neural Widgets: it has had no night yet"):
        filled(root, arxiv, "Neural Widgets", "2026-06")
    assert arxiv.log == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--topic", "Neural Widgets", "--since", "2026"], "it is no month; write one such as"),
        (["--topic", "Neural Widgets", "--since", "2026-13"], "it is no month; write one such as"),
        (["--topic", "Neural Widgets", "--since", "1991-07"], "from 1991-08 until now"),
        (["--topic", "Neural Widgets", "--since", "2999-01"], "from 1991-08 until now"),
        (["--since", "2026-01"], "name it with --topic"),
        (["--topic", "Spoons", "--since", "2026-01"], "there is no topic 'Spoons'"),
    ],
)
def test_bad_options_are_refused(
    root: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    """A month that is none, or a topic that is not named, is bad input."""
    assert main(["update", "--root", str(root), *arguments]) == 2
    assert told in capsys.readouterr().err
