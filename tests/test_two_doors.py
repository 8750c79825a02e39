"""A model of arXiv that hides, delays, shuffles, shortens, doubles and refuses, at each door.

`DAILY_PAPERS_EXAMPLES=500 pytest tests/test_two_doors.py` plays more nights than usual.
"""

import contextlib
import random
import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from conftest import VirtualClock, nights_played
from daily_papers.commands.update import Update
from daily_papers.errors import DailyPapersError
from daily_papers.settings import Environment
from factories import whole_store
from standins.arxiv import FakeArxiv, Fault, Record
from standins.arxiv.announcement_schedule import announced
from standins.arxiv.faults import Kind

BEGIN = datetime(2026, 6, 2, 5, 37, tzinfo=UTC)
DAY = timedelta(days=1)
TOPICS = ("Neural Widgets", "Quantum Teapots", "Particular Spoons")
SEARCH: tuple[Kind, ...] = (
    "status", "shuffled", "doubled", "short", "empty", "empty_with_total", "html", "cut",
    "another_query", "other_namespace", "no_title", "missing_id", "wrong_total",
)  # fmt: skip
HARVEST: tuple[Kind, ...] = (
    "status", "empty", "html", "truncated", "reset", "other_namespace", "short", "no_title",
    "missing_id", "no_date",
)  # fmt: skip


def timeline(seed: int) -> list[Record]:
    """Return two months of invented papers, ten on a working day, with second versions."""
    chance = random.Random(seed)
    records = []
    for number in range(520):
        moment = BEGIN + (number / 10 - 15) * DAY
        told = chance.sample(TOPICS, chance.choice((1, 1, 2)))
        paper = Record(
            f"{moment:%y}{moment.month + 12}.{number:05}",
            title=" and ".join(told),
            abstract="-",
            authors=("Ada Q. Lovelace", "Charles Babbage"),
            published=moment.replace(microsecond=0),
        )
        records.append(paper)
        if chance.random() < 0.1:
            later = paper.published + chance.randint(1, 9) * DAY + timedelta(seconds=7)
            records.append(replace(paper, version=2, comment="revised", updated=later))
    return records


def _shown(record: Record) -> datetime:
    return announced(record.updated)


class Copy:
    """A repository with its nights, and what they announced."""

    def __init__(self, arxiv: FakeArxiv) -> None:
        self.root, self.arxiv = Path(tempfile.mkdtemp()), arxiv
        self.told: Counter[str] = Counter()
        (self.root / "keywords.txt").write_text("".join(f"{topic}\n" for topic in TOPICS))
        (self.root / "daily-papers.toml").write_text("max-papers = 6\n[pages]\narchive = false\n")

    def play(self, now: datetime) -> None:
        """Run a night."""
        self.arxiv.now = now
        environment = Environment(
            arxiv_api_url=self.arxiv.api_url, arxiv_oai_url=self.arxiv.oai_url
        )
        with contextlib.suppress(DailyPapersError):
            night = Update(self.root, environment, VirtualClock(now), now=now).run()
            new = (one for one in night.store.entries.values() if one.is_new_since(now - DAY / 2))
            self.told.update(entry.paper.arxiv_id for entry in new)

    def facts(self) -> dict[str, object]:
        """Return what the store says of each paper, except when it was seen."""
        entries = whole_store(self.root).entries.items()
        return {key: (one.paper, one.topics) for key, one in entries}

    def tables(self) -> dict[str, tuple[str, ...]]:
        """Return the papers of each table."""
        return {name: state.table for name, state in whole_store(self.root).topics.items()}


class TwoDoors(RuleBasedStateMachine):
    """Two copies: one meets every fault, the other none."""

    @initialize(seed=st.integers(0, 9))
    def begin(self, seed: int) -> None:
        """Play a first night without faults."""
        self.records = timeline(seed)
        self.arxiv = FakeArxiv(self.records, announced=True)
        self.arxiv.start()
        self.copy, self.usual = Copy(self.arxiv), Copy(self.arxiv)
        self.now = BEGIN
        self.late: dict[str, datetime] = {}
        self.hidden: dict[str, list[str]] = {}
        for one in (self.copy, self.usual):
            one.play(self.now)

    def teardown(self) -> None:
        """Play good nights until nothing is late; then compare."""
        if not hasattr(self, "arxiv"):
            return
        try:
            for _ in range(2):
                self.night()
            assert self.copy.facts() == self.usual.facts()
            assert self.copy.tables() == self.usual.tables()
            assert self.copy.told == self.usual.told
            assert max(self.copy.told.values()) == 1
        finally:
            self.arxiv.stop()
            for one in (self.copy, self.usual):
                shutil.rmtree(one.root)

    def night(self, *faults: Fault, largest_page: int = 2000) -> None:
        """Play a night of both copies."""
        self.now += DAY
        self.usual.play(self.now)
        self.arxiv.records = [
            replace(one, appears=self.late[one.arxiv_id]) if one.arxiv_id in self.late else one
            for one in self.records
        ]
        self.arxiv.faults.add(*faults)
        self.arxiv.largest_page, self.arxiv.hidden = largest_page, self.hidden
        self.copy.play(self.now)
        self.arxiv.faults.clear()
        self.arxiv.largest_page, self.arxiv.hidden, self.arxiv.records = 2000, {}, self.records

    @rule(nights=st.integers(1, 2))
    def good_nights(self, nights: int) -> None:
        """Play nights without faults, but papers may be late."""
        for _ in range(nights):
            self.night()

    @rule(kind=st.sampled_from(SEARCH), nights=st.integers(1, 3), times=st.sampled_from((1, None)))
    def bad_search(self, kind: Kind, nights: int, times: int | None) -> None:
        """Spoil the search for some nights."""
        for _ in range(nights):
            self.night(Fault(kind, times=times, path="api"))

    @rule(kind=st.sampled_from(HARVEST), nights=st.integers(1, 3))
    def bad_harvest(self, kind: Kind, nights: int) -> None:
        """Spoil the harvest for some nights."""
        for _ in range(nights):
            self.night(Fault(kind, times=None, path="oai"))

    @rule(search=st.sampled_from(SEARCH), harvest=st.sampled_from(HARVEST))
    def both_bad(self, search: Kind, harvest: Kind) -> None:
        """Spoil both."""
        self.night(Fault(search, times=None, path="api"), Fault(harvest, times=None, path="oai"))

    @rule(size=st.integers(4, 30))
    def short_pages(self, size: int) -> None:
        """Give no more than some papers in a page."""
        self.night(largest_page=size)

    @rule(skip=st.integers(0, 9), count=st.integers(1, 12), days=st.integers(1, 2))
    def part_comes_late(self, skip: int, count: int, days: int) -> None:
        """Hide a part of the next mailing for a day or two."""
        shown = self.now + (1 + days) * DAY - timedelta(hours=6)
        self.late |= dict.fromkeys(self.mailing()[skip : skip + count], shown)
        self.night()

    @rule(
        door=st.sampled_from(("api", "oai")),
        skip=st.integers(0, 9),
        count=st.integers(1, 12),
        nights=st.integers(1, 2),
    )
    def part_is_missing_at_one_door(self, door: str, skip: int, count: int, nights: int) -> None:
        """Hide a part of the next mailing at one door; what is shown there looks complete."""
        self.hidden = {door: self.mailing()[skip : skip + count]}
        for _ in range(nights):
            self.night()
        self.hidden = {}

    def mailing(self) -> list[str]:
        """Return the identifiers of what arXiv announces before the next night, sorted."""
        end = self.now + DAY
        return sorted({one.arxiv_id for one in self.records if self.now < _shown(one) <= end})

    @rule(days=st.integers(1, 4))
    def nights_missed(self, days: int) -> None:
        """Let the copy miss some nights; the other does not."""
        for _ in range(days):
            self.now += DAY
            self.usual.play(self.now)

    @rule(back=st.integers(0, 40), comment=st.sampled_from(("12 pages", r"K\"oln", "")))
    def comment_is_edited(self, back: int, comment: str) -> None:
        """Change the comment of a paper that was announced."""
        known = [one for one in self.records if announced(one.updated) < self.now]
        chosen = known[-1 - back].arxiv_id
        self.records = [
            replace(one, comment=comment, edited=self.now + DAY / 4)
            if one.arxiv_id == chosen
            else one
            for one in self.records
        ]
        self.arxiv.records = self.records
        self.night()


TestTwoDoors = TwoDoors.TestCase
TestTwoDoors.settings = nights_played(examples=2, steps=6)
