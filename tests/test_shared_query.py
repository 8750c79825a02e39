"""Nights with queries for several topics, compared with nights of one query per topic."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.arxiv.fetch_group import EXTRA_REQUESTS
from daily_papers.commands.update import Update
from daily_papers.commands.update_report import Night
from daily_papers.pages.step_summary import plain_disputes, render_disputes
from daily_papers.settings import Environment
from daily_papers.store.store_file import load_store
from daily_papers.store.topic_states import Dispute, TopicAnswer
from daily_papers.topics.arxiv_query import MAX_ADDRESS
from daily_papers.topics.keywords import parse_keywords
from factories import make_papers, saved_files, whole_store
from standins.arxiv import FakeArxiv, Fault, Record
from standins.arxiv.mass_papers import crowd, crowd_topics

BEGIN = datetime(2026, 3, 2, 5, 37, tzinfo=UTC)
DAY = timedelta(days=1)
NIGHTS = 8
COUNT = 6
NAMES = crowd_topics(COUNT)
# The store is compared; rows cost time.
FEW_ROWS = "[tool.daily-papers]\nreadme-papers = 1\n"
RARE = "Rare: lantern & kettle\nUnheard of things\ncs.RO\nMine: = ti:widget AND cat:cs.CV\n"


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Return the papers of these tests' topics and nights."""
    return crowd(NAMES, BEGIN, NIGHTS, past=8, seed=7)


@pytest.fixture
def arxiv(records: list[Record]) -> Iterator[FakeArxiv]:
    """Return the stand-in."""
    with FakeArxiv(records) as server:
        yield server


def keywords(count: int = COUNT) -> str:
    """Return the lines of the first `count` topics."""
    return "".join(f"{name}\n" for name in crowd_topics(count))


class Copy:
    """A repository with its nights."""

    def __init__(self, root: Path, arxiv: FakeArxiv, lines: str, *, merged: bool = True) -> None:
        self.root = root
        self.arxiv = arxiv
        self.merged = merged
        self.requests: list[Mapping[str, str]] = []
        """Those of the last night."""
        root.mkdir()
        (root / "keywords.txt").write_text(lines)
        (root / "pyproject.toml").write_text(f"{FEW_ROWS}max-papers = 10\n")

    def play(self, day: float, **options: object) -> Night:
        """Run the night that many days after the first."""
        now = BEGIN + day * DAY
        self.arxiv.now = now
        environment = Environment(
            arxiv_api_url=self.arxiv.api_url, arxiv_oai_url=self.arxiv.oai_url
        )
        before = len(self.arxiv.log)
        night = Update(
            self.root,
            environment,
            VirtualClock(now),
            now=now,
            together=self.merged,
            **options,  # type: ignore[arg-type]
        ).run()
        log = self.arxiv.log[before:]
        base = self.arxiv.url
        assert all(len(f"{base}{entry.target}") < MAX_ADDRESS for entry in log)
        self.requests = [entry.query for entry in log if entry.service == "api"]
        return night

    @property
    def store(self) -> dict[str, bytes]:
        """The store's files as they stand."""
        return saved_files(self.root)


def is_merged(query: Mapping[str, str]) -> bool:
    """Return whether a request asks for several of the topics of these tests."""
    return sum(query["search_query"].count(f'ti:"{name}"') for name in NAMES) > 1


Plan = Callable[[FakeArxiv, int], None]


def no_fault(_arxiv: FakeArxiv, _night: int) -> None:
    """Add no fault."""


def passing_faults(arxiv: FakeArxiv, night: int) -> None:
    """Spoil two answers of each night."""
    kinds = ("status", "short", "cut", "empty", "rate_exceeded_200", "truncated", "shuffled")
    arxiv.faults.add(Fault(random.Random(night).choice(kinds), times=2, path="api"))  # type: ignore[arg-type]


def no_groups(arxiv: FakeArxiv, night: int) -> None:
    """Fail queries for several topics, on every other night only from their second page on."""
    arxiv.faults.add(
        Fault(
            "status",
            times=None,
            path="api",
            where=lambda query: is_merged(query) and (night % 2 == 0 or int(query["start"]) > 0),
        )
    )


def refused_groups(arxiv: FakeArxiv, _night: int) -> None:
    """Refuse queries for several topics as malformed."""
    arxiv.faults.add(Fault("status", times=None, status=400, path="api", where=is_merged))


@pytest.mark.parametrize(
    ("faults", "announced"),
    [
        (no_fault, True),
        (passing_faults, False),
        (no_groups, False),
        (refused_groups, True),
    ],
)
def test_merged_and_one_by_one_leave_the_same_store(
    arxiv: FakeArxiv, tmp_path: Path, faults: Plan, announced: bool
) -> None:
    """The stores are byte-equal every night, with all kinds of topics, faults and missed nights."""
    arxiv.announced = announced
    lines = keywords() + RARE
    merged = Copy(tmp_path / "merged", arxiv, lines)
    apart = Copy(tmp_path / "apart", arxiv, lines, merged=False)
    for day in (0, 1, 2, 6):
        arxiv.faults.clear()
        if day:
            faults(arxiv, day)
        merged.play(day)
        arxiv.faults.clear()
        apart.play(day)
        assert merged.store == apart.store


def test_with_tables_by_first_version_revisions_are_seen_the_same_night(tmp_path: Path) -> None:
    """A new version of a paper far down in its table is seen as early as with its own query."""
    names = crowd_topics(3)
    records = [one for one in crowd(names, BEGIN, 0, past=90, seed=5) if one.version == 1]
    with FakeArxiv(records) as arxiv:
        lines = "".join(f"{name}\n" for name in names)
        copies = [
            Copy(tmp_path / str(merged), arxiv, lines, merged=merged) for merged in (True, False)
        ]
        for copy in copies:
            (copy.root / "pyproject.toml").write_text(
                f'{FEW_ROWS}max-papers = 90\nsort = "submitted"\n'
            )
            copy.play(0)
        store = load_store(copies[0].root)
        assert store is not None
        last = {rows[-1].paper.arxiv_id for rows in store.tables(90).values()}
        assert len(last) == len(names)
        again = [one for one in records if one.arxiv_id in last]
        moment = BEGIN + DAY / 2
        arxiv.records = [*records, *(replace(one, version=2, updated=moment) for one in again)]
        assert [copy.play(1).revised for copy in copies] == [len(names)] * 2
        assert copies[0].store == copies[1].store


def test_edits_of_keywords_and_settings_lead_to_the_same_store(
    arxiv: FakeArxiv, tmp_path: Path
) -> None:
    """Topics are added, renamed, changed or enlarged, and some runs are for a few topics only."""
    copies = [
        Copy(tmp_path / str(merged), arxiv, keywords(4), merged=merged) for merged in (True, False)
    ]
    edits: list[tuple[str, dict[str, object]]] = [
        (keywords(4), {}),
        (keywords(), {"topics": [NAMES[2], NAMES[3]]}),
        (keywords(), {}),
        (keywords().replace(NAMES[1], f'Other: "{NAMES[1]}"'), {}),
        (
            keywords().replace(NAMES[4], f"{NAMES[4]}: {NAMES[5]} | {NAMES[3]}"),
            {"topics": [NAMES[0]]},
        ),
        (keywords(), {}),
        (keywords(3), {}),
    ]
    for day, (lines, options) in enumerate(edits):
        for copy in copies:
            (copy.root / "keywords.txt").write_text(lines)
            limit = (10, 15, 6, 12, 12, 12, 20)[day]
            (copy.root / "pyproject.toml").write_text(
                f"{FEW_ROWS}max-papers = {limit}\ncatch-up-papers = {20 - 2 * day}\n"
            )
            copy.play(day, **options)
        assert copies[0].store == copies[1].store


def test_a_normal_night_is_one_shared_query(arxiv: FakeArxiv, tmp_path: Path) -> None:
    """One query fetches all topics, with or without papers."""
    copy = Copy(tmp_path / "copy", arxiv, keywords() + "Unheard of things\n")
    copy.play(0)
    night = copy.play(1)
    assert [is_merged(query) for query in copy.requests] == [True]
    totals = {row.topic: row.total for row in night.rows}
    assert totals.pop("Unheard of things") == 0
    assert set(totals.values()) == {None}


def test_a_first_night_asks_for_each_topic(arxiv: FakeArxiv, tmp_path: Path) -> None:
    """Without a watermark, each topic has a whole table to fetch."""
    copy = Copy(tmp_path / "copy", arxiv, keywords())
    copy.play(0)
    assert len(copy.requests) == COUNT
    assert not any(map(is_merged, copy.requests))


def test_the_first_paper_of_a_topic_that_had_none_is_news(arxiv: FakeArxiv, tmp_path: Path) -> None:
    """It is found by the shared query, and the topic is then fetched with its own."""
    copy = Copy(tmp_path / "copy", arxiv, keywords() + "Unheard of things\n")
    copy.play(0)
    first = Record("2699.00001", title="Unheard of things", abstract="-", published=BEGIN + DAY / 2)
    arxiv.records = [*arxiv.records, first]
    night = copy.play(1)
    assert [row.new for row in night.rows if row.topic == "Unheard of things"] == [1]
    assert any('ti:"Unheard of things"' in one["search_query"] for one in copy.requests[1:])


class Disagreeing(FakeArxiv):
    """Finds for topics a paper a night without the topic's words, which no matcher can match."""

    topics: Sequence[str] = ()

    def secrets(self, topic: str) -> list[Record]:
        """Return the papers that are found for a topic without its words."""
        number = NAMES.index(topic)
        return [
            Record(
                f"2699.{number}{night:04}",
                title="Nothing of the kind",
                abstract="-",
                published=BEGIN + night * DAY - (number + 1) * DAY / 24,
            )
            for night in range(1, NIGHTS)
        ]

    def found(self, query: str, identifiers: str) -> list[Record]:
        """Return the matching records, with the secret ones also found for `topics`."""
        records = self.records
        secret = [one for topic in self.topics if topic in query for one in self.secrets(topic)]
        told = [
            replace(one, title=topic)
            for topic in self.topics
            if topic in query
            for one in self.secrets(topic)
        ]
        self.records = [*records, *told]
        found = super().found(query, identifiers)
        self.records = records
        hidden = {one.arxiv_id: one for one in secret}
        return [hidden.get(one.arxiv_id, one) for one in found]


@pytest.fixture
def disagreeing(records: list[Record]) -> Iterator[Disagreeing]:
    """Return a stand-in that disagrees with the matcher about papers of one topic."""
    with Disagreeing(records) as server:
        server.topics = NAMES[3:4]
        yield server


def test_of_papers_that_match_no_topic_arxiv_is_asked(
    disagreeing: Disagreeing, tmp_path: Path
) -> None:
    """They are added to the topic that arXiv finds them for, as with the topic's own query."""
    merged = Copy(tmp_path / "merged", disagreeing, keywords())
    apart = Copy(tmp_path / "apart", disagreeing, keywords(), merged=False)
    for day in range(4):
        night = merged.play(day)
        lookups = [one["id_list"] for one in merged.requests if one["id_list"]]
        if day:
            # Once arXiv has found one for the topic, the topic is asked for by itself.
            assert len(lookups) == (EXTRA_REQUESTS if day == 1 else 0)
            assert len(merged.requests) <= (1 + EXTRA_REQUESTS if day == 1 else 3)
            (answer,) = [one for one in night.answers if one.disputed]
            assert answer.topic.name == NAMES[3]
            assert (Dispute.FOUND, f"2699.3{day:04}") in disputes(night)
        apart.play(day)
        assert merged.store == apart.store


def test_however_much_is_disputed_a_night_has_a_limit(
    disagreeing: Disagreeing, tmp_path: Path
) -> None:
    """Papers that cannot be placed with six more requests wait for the next night's."""
    disagreeing.topics = NAMES
    copy = Copy(tmp_path / "copy", disagreeing, keywords())
    copy.play(0)
    told = set()
    for day in range(1, 6):
        told |= disputes(copy.play(day))
        assert sum(one["start"] == "0" for one in copy.requests) <= 2 + EXTRA_REQUESTS
    store = whole_store(copy.root)
    placed = {key: one.topics for key, one in store.entries.items() if key.startswith("2699.")}
    assert all(topics == (NAMES[int(key[5])],) for key, topics in placed.items())
    assert {f"2699.{number}0001" for number in range(COUNT)} <= placed.keys()
    assert {key for dispute, key in told if dispute == Dispute.UNPLACED} & placed.keys()


def test_disputed_papers_are_named_with_their_lines() -> None:
    """The summary has a row for each paper, and a warning names the first and its line."""
    topics = parse_keywords("A: x1\n\nB|C: y1\n")
    paper, other = make_papers(2)
    answers = [
        TopicAnswer(topics[0], "", disputed=((Dispute.UNPLACED, paper),)),
        TopicAnswer(topics[1], "", disputed=((Dispute.UNPLACED, paper), (Dispute.FOUND, other))),
    ]
    rows = [line for line in render_disputes(answers).splitlines() if line.startswith("| [")]
    assert [paper.versioned_id in row and "1: A<br>3: B" in row for row in rows] == [True, False]
    assert Dispute.FOUND.value in rows[1]
    warning = plain_disputes(answers)
    assert warning.startswith(f"keywords.txt:1: A and 1 more: {paper.versioned_id}: arXiv finds it")
    assert "1 more papers" in warning
    assert render_disputes(answers[:0]) == plain_disputes(answers[:0]) == ""


def disputes(night: Night) -> set[tuple[Dispute, str]]:
    """Return the disputed papers of a night."""
    return {(why, paper.arxiv_id) for one in night.answers for why, paper in one.disputed}


def test_a_paper_that_cannot_be_looked_up_has_its_topics_fetched_one_by_one(
    disagreeing: Disagreeing, tmp_path: Path
) -> None:
    """When the answers contradict each other or fail, no paper is lost."""
    for number, kind in enumerate(("empty", "status")):
        merged = Copy(tmp_path / f"merged{kind}", disagreeing, keywords())
        apart = Copy(tmp_path / f"apart{kind}", disagreeing, keywords(), merged=False)
        for copy in (merged, apart):
            copy.play(0)
            disagreeing.faults.add(
                Fault(
                    "empty" if number == 0 else "status",
                    times=None,
                    path="api",
                    where=lambda query: bool(query["id_list"]),
                )
            )
            copy.play(1)
            disagreeing.faults.clear()
        assert merged.store == apart.store


def test_after_two_failed_groups_the_others_are_fetched_one_by_one(
    records: list[Record], tmp_path: Path
) -> None:
    """When queries for several topics fail, not all of them are tried four times each."""
    lines = "".join(
        f"{name}: {name} | "
        + " | ".join(f"{name} {letter * 26}" for letter in "abcdefghijklm")
        + "\n"
        for name in NAMES
    )
    with FakeArxiv(records) as arxiv:
        copy = Copy(tmp_path / "copy", arxiv, lines)
        copy.play(0)
        copy.play(1)
        groups = [query for query in copy.requests if is_merged(query)]
        assert len(groups) >= 3
        arxiv.faults.add(Fault("status", times=None, path="api", where=is_merged))
        night = copy.play(2)
        assert len([query for query in copy.requests if is_merged(query)]) <= 8
        assert all(row.state in ("ok", "nothing new") for row in night.rows)
