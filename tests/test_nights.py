"""Nights with faults, missed nights and kills, compared with a run without faults.

`DAILY_PAPERS_EXAMPLES=50 pytest tests/test_nights.py` plays more of them than usual.
"""

import contextlib
import json
import random
import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from conftest import VirtualClock, nights_played
from daily_papers.commands.notify import notify
from daily_papers.commands.render import render
from daily_papers.commands.update import Update
from daily_papers.errors import DailyPapersError
from daily_papers.readme_markers import README
from daily_papers.settings import Environment
from daily_papers.store.entry_types import Store
from daily_papers.store.json_encoding import to_json, write_json
from daily_papers.store.store_file import STATE, load_store
from daily_papers.store.write_all_or_none import FOLDER, PENDING, Change
from factories import new_in, whole_store
from standin_github import REPOSITORY, TOKEN, FakeGitHub
from standins.arxiv import FakeArxiv, Fault, Record
from test_update import snapshot

FIRST = datetime(2026, 3, 2, 5, 37, tzinfo=UTC)
TABLE = 8
TOPICS = ("Neural Widgets", "Quantum Teapots", "Particular Spoons")
FAULTS = (
    "status",
    "rate_exceeded_200",
    "empty",
    "empty_with_total",
    "short",
    "wrong_total",
    "html",
    "reset",
    "cut",
    "cut_gzip",
    "malformed",
    "truncated",
    "error_entry",
    "no_date",
    "bad_date",
    "future_date",
    "missing_id",
    "no_title",
    "shuffled",
    "doubled",
    "another_query",
    "other_namespace",
)
# Of these, an answer has papers all the same; a wrong total with a full page does not show at all.
USABLE = {"short", "wrong_total", "no_date", "bad_date", "future_date", "missing_id", "no_title"}
OUTAGES = [kind for kind in FAULTS if kind not in USABLE]


def timeline(seed: int) -> list[Record]:
    """Return half a year of invented papers: bursts, equal times, revisions, shared topics."""
    chance = random.Random(seed)
    records = []
    moment = FIRST - timedelta(days=12)
    for number in range(170):
        if chance.random() > 0.25:  # else of the same second as the one before
            moment += timedelta(hours=chance.choice((1, 2, 5, 20, 40)))
        topics = chance.sample(TOPICS, chance.choice((1, 1, 1, 2)))
        paper = Record(
            arxiv_id=f"2603.{number:05}",
            title=f"Paper {number} on {' and '.join(topics)}",
            authors=("A. Sample",),
            abstract=f"Invented paper: {' and '.join(topics)}.",
            categories=("cs.LG",),
            published=moment,
        )
        records.append(paper)
        if chance.random() < 0.15:
            later = moment + timedelta(days=chance.choice((1, 3, 9)), seconds=number)
            records.append(
                Record(**{**vars_of(paper), "version": 2, "updated": later, "comment": "revised"})
            )
    return records


def vars_of(record: Record) -> dict[str, object]:
    """Return a record's fields."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def before_pages(before: bytes, after: bytes) -> bytes:
    """Return the state that a night saves before it writes its pages."""
    header, rest = after.split(b"\n", 1)
    rendered = json.loads(before.split(b"\n")[0])["rendered"]
    return b"%s\n%s" % (write_json(json.loads(header) | {"rendered": rendered}).encode(), rest)


def pending_change(path: str, before: bytes, after: bytes) -> Change:
    """Return what a night notes of a file of the store before it writes any."""
    lines = after.decode().splitlines()
    if path == STATE:
        return Change(path, tuple(lines), whole=True)
    return Change(path, tuple(line for line in lines if line not in before.decode().split("\n")))


class Nights(RuleBasedStateMachine):
    """One repository, one arXiv, one GitHub, and a clock that advances by nights."""

    @initialize(seed=st.integers(0, 5))
    def begin(self, seed: int) -> None:
        """Start the stand-ins."""
        self.root = Path(tempfile.mkdtemp())
        (self.root / "keywords.txt").write_text("".join(f"{topic}\n" for topic in TOPICS))
        (self.root / "pyproject.toml").write_text(
            f"[tool.daily-papers]\nmax-papers = {TABLE}\nissue-papers = 200\n"
        )
        self.records = timeline(seed)
        self.arxiv = FakeArxiv(self.records)
        self.arxiv.shuffle_ties = random.Random(seed)
        self.arxiv.start()
        self.github = FakeGitHub()
        self.github.__enter__()
        self.now = FIRST
        self.first_good: dict[str, datetime] = {}
        self.known: Store | None = None

    def teardown(self) -> None:
        """Run one more good night, then compare with a run without faults."""
        if not hasattr(self, "arxiv"):
            return
        try:
            self.good_night()
            self.check_told()
            self.check_pages()
        finally:
            self.arxiv.stop()
            self.github.__exit__(None, None, None)
            shutil.rmtree(self.root)

    def play(self) -> bool:
        """Run `update` and, if it succeeds, `notify`; return whether every topic was refreshed."""
        self.now += timedelta(days=1)
        self.arxiv.now = self.now - timedelta(minutes=30)
        environment = Environment(
            arxiv_api_url=self.arxiv.api_url,
            arxiv_oai_url=self.arxiv.oai_url,
            github_api_url=self.github.api_url,
            github_repository=REPOSITORY,
            github_token=TOKEN,
        )
        try:
            night = Update(self.root, environment, VirtualClock(self.now), now=self.now).run()
        except DailyPapersError:
            return False
        for row in night.rows:
            if row.source and row.state in (
                "ok",
                "nothing new",
                "no announcement today",
            ):
                self.first_good.setdefault(row.topic, self.now)
        notify(self.root, environment, VirtualClock(self.now))
        return all(state.failing is None for state in night.store.topics.values())

    @rule()
    def good_night(self) -> None:
        """Run a night without faults: the store equals that of a run without faults."""
        self.arxiv.faults.clear()
        assert self.play()
        store = whole_store(self.root)
        self.check_kept(store)
        for topic, rows in store.tables(TABLE).items():
            expected = self.newest(topic)
            found = [
                (entry.paper.arxiv_id, entry.paper.version, entry.paper.updated) for entry in rows
            ]
            assert len(found) == min(TABLE, len(expected))
            # arXiv orders papers of one second as it likes: the last second's may be any.
            edge = expected[len(found) - 1][2]
            assert [one for one in found if one[2] > edge] == [
                one for one in expected if one[2] > edge
            ]
            assert set(found) <= set(expected)

    @rule(nights=st.integers(1, 12))
    def nights_missed(self, nights: int) -> None:
        """Skip some nights."""
        self.now += timedelta(days=nights)

    @rule(
        kind=st.sampled_from(FAULTS),
        topic=st.sampled_from(TOPICS),
        page=st.sampled_from((0, 1)),
        times=st.sampled_from((1, 3, None)),
        harvest=st.booleans(),
    )
    def faulty_night(
        self, kind: str, topic: str, page: int, times: int | None, *, harvest: bool
    ) -> None:
        """Make one topic's answers bad, from the first page or a later one, and the harvest's."""
        self.arxiv.faults.clear()

        def strikes(query: object) -> bool:
            assert isinstance(query, dict)
            return topic in query["search_query"] and (int(query["start"]) > 0) >= page

        self.arxiv.faults.add(
            Fault(kind, times=times, path="api", where=strikes)  # type: ignore[arg-type]
        )
        if harvest:
            self.arxiv.faults.add(Fault(kind, times=None, path="oai"))  # type: ignore[arg-type]
        self.play()

    @rule(kind=st.sampled_from(OUTAGES))
    def night_of_outage(self, kind: str) -> None:
        """With bad answers only, no file is changed."""
        self.arxiv.faults.clear()
        self.arxiv.faults.add(
            Fault(kind, times=None, path="api"),  # type: ignore[arg-type]
            Fault("status", times=None, path="oai"),
        )
        # The first run that reads the store finishes what a killed one has left.
        load_store(self.root)
        before = snapshot(self.root)
        known = len(self.first_good) == len(TOPICS)
        self.play()
        if known:  # before that, an empty answer may be the truth
            assert snapshot(self.root) == before

    @precondition(lambda self: self.first_good)
    @rule(kept=st.integers(0, 12))
    def killed_night(self, kept: int) -> None:
        """Kill the run after it has written `kept` files, and before the issue is posted.

        The store's files come first, with the file that tells the next run about all of them.
        """
        self.arxiv.faults.clear()
        before = snapshot(self.root)
        self.now += timedelta(days=1)
        self.arxiv.now = self.now - timedelta(minutes=30)
        environment = Environment(
            arxiv_api_url=self.arxiv.api_url, arxiv_oai_url=self.arxiv.oai_url
        )
        with contextlib.suppress(DailyPapersError):
            Update(self.root, environment, VirtualClock(self.now), now=self.now).run()
        after = snapshot(self.root)
        if before.get(STATE) != after.get(STATE):
            after[STATE] = before_pages(before[STATE], after[STATE])
        written = sorted(
            (path for path in after if after[path] != before.get(path)),
            key=lambda path: (not path.startswith(FOLDER), path == README, path),
        )
        for path in written[kept:]:
            if path in before:
                (self.root / path).write_bytes(before[path])
            else:
                (self.root / path).unlink()
        in_store = [path for path in written if path.startswith(FOLDER)]
        if in_store or STATE in before:
            (self.root / STATE).write_bytes((after if STATE in written[:kept] else before)[STATE])
        if set(in_store) - set(written[:kept]):
            changes = (
                pending_change(path, before.get(path, b""), after[path]) for path in in_store
            )
            (self.root / PENDING).write_text(
                "".join(f"{write_json(to_json(change))}\n" for change in changes)
            )

    @rule(trouble=st.sampled_from(("issues off", "no permission", "secondary limit")))
    def night_without_notice(self, trouble: str) -> None:
        """If GitHub refuses the issue, its papers stay pending."""
        self.arxiv.faults.clear()
        self.github.play(trouble, method="POST", path="/issues", times=1)
        self.play()
        self.github.troubles.clear()

    def check_kept(self, store: Store) -> None:
        """Check that the store has every paper and every day that it ever had."""
        for arxiv_id, entry in self.known.entries.items() if self.known else ():
            now = store.entries[arxiv_id]
            assert set(entry.topics) <= set(now.topics)
            assert now.paper.version >= entry.paper.version
            assert now.first_seen == entry.first_seen
            assert now.past[: len(entry.past)] == entry.past
        for day, found in self.known.days.items() if self.known else ():
            assert found.papers <= store.days[day].papers
        self.known = store

    def check_pages(self) -> None:
        """Check that every page can be made again from the store, and has every paper."""
        before = snapshot(self.root)
        for path in before:
            if path.startswith("papers/") and not path.startswith(FOLDER):
                (self.root / path).unlink()
        render(self.root, VirtualClock(self.now))
        assert snapshot(self.root) == before
        months = b"".join(text for path, text in before.items() if "/months/" in path)
        assert self.known is not None
        assert all(f"/abs/{one}v".encode() in months for one in self.known.entries)

    def newest(self, topic: str) -> list[tuple[str, int, datetime]]:
        """Return arXiv's papers of a topic now, newest first, ties in order of identifier."""
        current: dict[str, Record] = {}
        for record in self.records:
            if record.updated <= self.now - timedelta(minutes=30) and topic in record.title:
                known = current.get(record.arxiv_id)
                if known is None or record.version > known.version:
                    current[record.arxiv_id] = record
        ordered = sorted(
            current.values(), key=lambda one: (one.updated, one.arxiv_id), reverse=True
        )
        return [(one.arxiv_id, one.version, one.updated) for one in ordered]

    def check_told(self) -> None:
        """Check that every paper since a topic's first good night was announced exactly once."""
        told: Counter[str] = Counter()
        for issue in self.github.issues:
            told.update(new_in(issue["body"]))
        assert not told or max(told.values()) == 1
        for record in self.records:
            for topic, first in self.first_good.items():
                since_first = first < record.published <= self.now - timedelta(minutes=30)
                if record.version == 1 and topic in record.title and since_first:
                    assert told[record.arxiv_id] == 1, record.arxiv_id


TestNights = Nights.TestCase
TestNights.settings = nights_played(examples=3, steps=20)
