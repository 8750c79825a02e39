"""The nightly update end to end, against the stand-in for arXiv."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import VirtualClock
from daily_papers.commands.render import render
from daily_papers.commands.update import AllFailedError, Update
from daily_papers.commands.update_report import Night, commit_message
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.llm.token_counts import Report, TaskReport
from daily_papers.pages.step_summary import render_summary
from daily_papers.settings import Environment
from daily_papers.store.entry_types import LedgerRow
from daily_papers.store.store_errors import StoreError
from daily_papers.store.store_file import SCHEMA, STATE
from factories import make_failure, make_row, make_state, make_store, whole_store
from standins.arxiv import FakeArxiv, Fault, Record
from standins.arxiv.faults import Kind

NOW = datetime(2026, 11, 18, 4, 17, tzinfo=UTC)  # a Wednesday
README = "# Mine\n\nBefore. \n<!-- daily-papers:start -->\nold\n<!-- daily-papers:end -->\r\nAfter"


def record(
    number: int,
    topic: str = "neural widgets",
    *,
    day: float = 0,
    version: int = 1,
    title: str = "",
    category: str = "cs.LG",
    comment: str = "",
    **changes: object,
) -> Record:
    """Return an invented paper on `topic`, submitted `day` days before the first night."""
    published = NOW - timedelta(days=day, hours=1, minutes=number % 50)
    facts: dict[str, object] = {
        "arxiv_id": f"2611.{number:05}",
        "version": version,
        "title": title or f"Paper {number} on {topic}",
        "authors": ("A. Sample", "B. Sample"),
        "abstract": f"Invented paper: all about {topic}.",
        "categories": (category,),
        "primary_category": category,
        "comment": comment,
        "journal_ref": "",
        "doi": "",
        "published": published,
        "updated": published,
    }
    return Record(**(facts | changes))  # type: ignore[arg-type]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository with one topic."""
    (tmp_path / "keywords.txt").write_text("Neural Widgets\n")
    (tmp_path / "README.md").write_bytes(README.encode())
    return tmp_path


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    """Return the stand-in, with five papers on one topic and two on another."""
    records = [record(number, day=number) for number in range(5)]
    records += [record(10 + number, "quantum teapots", day=number) for number in range(2)]
    with FakeArxiv(records) as server:
        yield server


def night(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock, *, days: float = 0, **options: object
) -> Night:
    """Run a night `days` days after the first."""
    environment = Environment(arxiv_api_url=arxiv.api_url, arxiv_oai_url=arxiv.oai_url)
    now = NOW + timedelta(days=days)
    return Update(root, environment, clock, now=now, **options).run()  # type: ignore[arg-type]


def snapshot(root: Path) -> dict[str, bytes]:
    """Return every file's bytes."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_a_first_night_fills_store_readme_and_topic_page(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A first night leaves a store, the README's table and the topic's page."""
    result = night(root, arxiv, clock)
    assert [(row.state, row.new, row.total) for row in result.rows] == [("ok", 5, 5)]
    readme = (root / "README.md").read_text()
    assert "Last update: 2026-11-18" in readme
    assert readme.count("https://arxiv.org/abs/2611.") == 5
    rows = re.findall(r"abs/2611\.(\d+)v1", readme)
    assert rows == sorted(rows)  # the lower the number here, the newer the paper
    assert (root / "papers/topics/neural-widgets.md").read_text().count("arxiv.org/abs/") == 5


def test_a_night_before_the_last_one_says_so(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A clock that was set back, or an old `--now`, is a warning; the papers count as later."""
    assert night(root, arxiv, clock, days=2).warnings == ()
    (warning,) = night(root, arxiv, clock, days=1).warnings
    assert "2026-11-19T04:17:00Z, is before the last one's" in warning
    assert "after 2026-11-20T04:17:00Z; check --now, or the clock" in warning


@pytest.mark.parametrize("field", ["notified", "watermark"])
def test_a_time_that_has_not_come_counts_as_now(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock, field: str
) -> None:
    """No time of a run with a wrong clock hides what is new, whichever it is."""
    night(root, arxiv, clock)
    state = root / STATE
    text = re.sub(
        f'"{field}": (?:null|"2026[^"]*")', f'"{field}": "2126-11-20T04:17:00Z"', state.read_text()
    )
    assert "2126" in text
    state.write_text(text)
    (warning,) = night(root, arxiv, clock, days=1).warnings
    assert warning.startswith(f"{STATE}: its last night is 2126-11-20T04:17:00Z, which has not")
    assert "2126" not in state.read_text()


def test_what_stands_outside_the_markers_stays_byte_for_byte(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """The user's own text keeps its spaces and line ends."""
    night(root, arxiv, clock)
    readme = (root / "README.md").read_bytes()
    assert readme.startswith(b"# Mine\n\nBefore. \n<!-- daily-papers:start -->\n")
    assert readme.endswith(b"<!-- daily-papers:end -->\r\nAfter")
    assert b"old" not in readme.split(b"<!--")[1]


def test_the_commit_says_what_is_new(root: Path, arxiv: FakeArxiv, clock: VirtualClock) -> None:
    """Its message has the number of new papers, by topic, and the night's date."""
    (root / "keywords.txt").write_text("Neural Widgets\nQuantum Teapots\n")
    assert commit_message(night(root, arxiv, clock)) == (
        "7 new: Neural Widgets 5, Quantum Teapots 2; 0 revised (2026-11-18)"
    )
    again = record(3, day=3, version=2, updated=NOW + timedelta(hours=2))
    arxiv.records = [*arxiv.records, again]
    assert commit_message(night(root, arxiv, clock, days=1)) == "0 new; 1 revised (2026-11-19)"


EIGHT = "T1 1, T2 2, T3 3, T4 4, T5 5, T6 6, T7 7, T8 8"


@pytest.mark.parametrize(
    ("rows", "facts", "message"),
    [
        ([make_row(new=0)], {}, "0 new; 0 revised (2026-11-20)"),
        (
            [make_row(topic=f"T{number}", new=number) for number in range(12)],
            {"new": 60, "revised": 3},
            f"60 new: {EIGHT}, and 3 more topics; 3 revised (2026-11-20)",
        ),
        (
            [make_row(topic="@you & @him", new=1)],
            {"new": 1, "model": Report(tasks={"summary": TaskReport(kept=9)})},
            "1 new: @\u2060you & @\u2060him 1; 0 revised; 9 texts by a model (2026-11-20)",
        ),
        (
            [make_row(state="arXiv unavailable")],
            {"store": make_store(topics=[make_state(failing=make_failure()), "B"])},
            "0 new; 0 revised; 1 of 2 topics not refreshed (2026-11-20)",
        ),
    ],
    ids=["quiet", "many topics", "a mention", "a failure"],
)
def test_a_commit_message_is_one_short_line(
    rows: list[LedgerRow], facts: dict[str, Any], message: str
) -> None:
    """At most eight topics are named, nobody is mentioned, and failures are counted."""
    given = {"store": make_store(), "rows": tuple(rows), "new": 0, "revised": 0, "changed": True}
    assert commit_message(Night(**(given | facts))) == message


def test_a_night_without_news_changes_no_byte(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A second night that finds the same papers changes no file."""
    night(root, arxiv, clock)
    before = snapshot(root)
    result = night(root, arxiv, clock, days=1)
    assert snapshot(root) == before
    assert not result.changed
    assert [row.state for row in result.rows] == ["nothing new"]


def test_a_quiet_saturday_is_told_from_a_quiet_wednesday(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """On a day after which arXiv announced nothing, the ledger says so."""
    night(root, arxiv, clock)
    result = night(root, arxiv, clock, days=3.2)  # Saturday
    assert [row.state for row in result.rows] == ["no announcement today"]


def test_one_request_a_topic_three_seconds_apart(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A first night sends one request a topic, each three seconds after the start of the last."""
    (root / "keywords.txt").write_text("Neural Widgets\nQuantum Teapots\nParticular Spoons\n")
    arxiv.records = [*arxiv.records, record(20, "particular spoons")]
    night(root, arxiv, clock)
    assert len(arxiv.log) == 3
    assert all(3.0 <= pause <= 3.1 for pause in clock.sleeps)
    assert len(clock.sleeps) == 2


def test_the_pace_holds_from_one_run_to_the_next(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """The first request of a run starts three seconds after the last one of the previous run."""
    stamp = root.parent / f"{root.name}.stamp"
    night(root, arxiv, clock, stamp=stamp)
    assert clock.sleeps == []
    night(root, arxiv, clock, days=1, stamp=stamp)
    assert 0 < clock.sleeps[0] <= 3.05


def test_only_the_named_topics_are_asked_for_and_the_others_keep_their_rows(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """`--topic` limits which topics are fetched; case and spacing do not matter."""
    (root / "keywords.txt").write_text("Neural Widgets\nQuantum Teapots\n")
    night(root, arxiv, clock)
    asked = len(arxiv.log)
    result = night(root, arxiv, clock, days=1, topics=["quantum  TEAPOTS"])
    assert len(arxiv.log) == asked + 1
    assert [row.topic for row in result.rows] == ["Quantum Teapots"]
    assert "2611.00000" in (root / "README.md").read_text()


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        (["Widgets, red, Teapots"], ["Widgets, red", "Teapots"]),
        (["teapots,widgets"], ["Widgets", "Teapots"]),
        (["red\r\nTeapots\n"], ["Red", "Teapots"]),
        (["Widgets\nred"], ["Widgets", "Red"]),
        (["Teapots", "Widgets,red"], ["Widgets, red", "Teapots"]),
        ([" , ,\n"], ["Widgets, red", "Widgets", "Red", "Teapots"]),
    ],
)
def test_a_list_of_topics_may_have_headings_with_commas(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock, names: list[str], asked: list[str]
) -> None:
    """A list is split at commas and line ends, but the longest heading of a line is taken first."""
    (root / "keywords.txt").write_text(
        "Widgets, red: neural\nWidgets: widgets\nRed: neural | x1\nTeapots: widgets | x1\n"
    )
    result = night(root, arxiv, clock, topics=names)
    assert [row.topic for row in result.rows] == asked


def test_an_unknown_topic_name_is_refused_before_anything_is_asked(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """The error names the unknown topic and lists the known ones."""
    with pytest.raises(InputError, match="no topic 'Teapots'; there are:\n  Neural Widgets"):
        night(root, arxiv, clock, topics=["Teapots"])
    assert arxiv.log == []


def test_a_dry_run_writes_nothing(root: Path, arxiv: FakeArxiv, clock: VirtualClock) -> None:
    """`--dry-run` fetches from arXiv and changes no file."""
    before = snapshot(root)
    result = night(root, arxiv, clock, dry_run=True)
    assert result.new == 5
    assert snapshot(root) == before


def test_other_categories_are_left_out_by_the_query(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """The query excludes papers outside the categories of the settings."""
    arxiv.records = [*arxiv.records, record(30, category="math.CO"), record(31, category="stat.ML")]
    result = night(root, arxiv, clock)
    assert [row.total for row in result.rows] == [6]
    assert "2611.00031" in (root / "README.md").read_text()


def test_a_single_word_must_stand_in_title_and_abstract(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A topic of one word does not take a paper that has it in the title only."""
    (root / "keywords.txt").write_text("Zebra\n")
    arxiv.records = [
        record(1, "a zebra"),
        record(2, title="Zebra in the title", abstract="Invented paper: no stripes."),
    ]
    result = night(root, arxiv, clock)
    assert [row.fetched for row in result.rows] == [1]


def test_a_failed_topic_keeps_its_table_and_says_since_when(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """If one topic fails, the others are updated; its table stays and is marked once."""
    (root / "keywords.txt").write_text("Neural Widgets\nQuantum Teapots\n")
    night(root, arxiv, clock)
    broken = Fault(
        "status", times=None, path="api", where=lambda query: "Teapots" in query["search_query"]
    )
    arxiv.faults.add(broken, Fault("status", times=None, path="oai"))
    result = night(root, arxiv, clock, days=1)
    assert [row.state for row in result.rows] == ["nothing new", "arXiv unavailable"]
    readme = (root / "README.md").read_text()
    assert readme.count("2611.00010") == 1
    assert "not refreshed since 2026-11-19" in readme
    assert "Last update: 2026-11-18" in readme
    before = snapshot(root)
    night(root, arxiv, clock, days=2)
    assert snapshot(root) == before
    arxiv.faults.clear()
    night(root, arxiv, clock, days=3)
    assert "not refreshed" not in (root / "README.md").read_text()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", times=None, status=429),
        Fault("status", times=None, status=500),
        Fault("status", times=None, status=406),
        Fault("rate_exceeded_200", times=None),
        Fault("empty", times=None),
        Fault("empty_with_total", times=None),
        Fault("shuffled", times=None),
        Fault("doubled", times=None),
        Fault("another_query", times=None),
        Fault("other_namespace", times=None),
        Fault("html", times=None),
        Fault("reset", times=None),
        Fault("cut", times=None),
        Fault("cut_gzip", times=None),
        Fault("malformed", times=None),
        Fault("truncated", times=None),
        Fault("error_entry", times=None),
        Fault("redirect_loop", times=None),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}" if fault.kind == "status" else fault.kind,
)
def test_no_fault_of_arxiv_shrinks_anything(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock, fault: Fault
) -> None:
    """If every answer is bad, the night fails and changes no file; the next one is complete."""
    night(root, arxiv, clock)
    before = snapshot(root)
    arxiv.records = [*arxiv.records, record(7, day=-0.5)]
    arxiv.faults.add(replace(fault, path="api"), Fault("status", times=None, path="oai"))
    with pytest.raises(AllFailedError) as failure:
        night(root, arxiv, clock, days=1)
    assert failure.value.exit_code == 1
    assert failure.value.night.rows[0].reason
    assert snapshot(root) == before
    arxiv.faults.clear()
    result = night(root, arxiv, clock, days=2)
    assert [row.new for row in result.rows] == [1]


@pytest.mark.parametrize("kind", ["no_date", "bad_date", "future_date", "missing_id", "no_title"])
def test_a_record_that_cannot_be_believed_is_left_out_and_named(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock, kind: Kind
) -> None:
    """Its topic gets all other papers, and the record once it is right; it is new only then."""
    arxiv.records = [*arxiv.records, record(7, day=-0.5)]
    arxiv.faults.add(Fault(kind, times=None))
    result = night(root, arxiv, clock)
    assert [(row.state, row.new) for row in result.rows] == [("ok", 5)]
    (warning,) = result.warnings
    assert "left out" in warning
    assert "2611.00007" in warning or kind == "missing_id"
    arxiv.faults.clear()
    assert [row.new for row in night(root, arxiv, clock, days=1).rows] == [1]


def test_a_page_shorter_than_due_is_gone_on_from(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A table of 500 comes in three pages if arXiv gives no more than 200 at once."""
    (root / "pyproject.toml").write_text("[tool.daily-papers]\nmax-papers = 500\n")
    arxiv.records = [record(number, day=1 + number / 100) for number in range(1, 501)]
    arxiv.largest_page = 200
    result = night(root, arxiv, clock)
    assert [(row.state, row.new) for row in result.rows] == [("ok", 500)]
    assert len(arxiv.log) == 3


def test_a_fault_that_passes_costs_nothing_but_time(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Two bad answers before a good one do not change the result."""
    arxiv.faults.add(Fault("status", status=503), Fault("rate_exceeded_200"))
    result = night(root, arxiv, clock)
    assert [(row.state, row.new) for row in result.rows] == [("ok", 5)]
    assert len(arxiv.log) == 3


def test_a_bad_query_is_asked_once_and_not_harvested(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """HTTP 400 is reported for the topic without a retry."""
    body = arxiv_error("incorrect syntax")
    arxiv.faults.add(Fault("body", times=None, status=400, body=body))
    with pytest.raises(AllFailedError, match="bad query: incorrect syntax"):
        night(root, arxiv, clock)
    assert len(arxiv.log) == 1


def arxiv_error(text: str) -> bytes:
    """Return an error feed as the API sends it."""
    return (
        "<?xml version='1.0' encoding='UTF-8'?><feed xmlns='http://www.w3.org/2005/Atom'><entry>"
        f"<id>https://arxiv.org/api/errors#x</id><title>Error</title><summary>{text}</summary>"
        "</entry></feed>"
    ).encode()


def test_missed_nights_are_caught_up_page_by_page(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """After a week without nights, each of its papers is new once, though the table is short."""
    (root / "pyproject.toml").write_text("[tool.daily-papers]\nmax-papers = 10\n")
    arxiv.records = [record(number, day=1 + number / 50) for number in range(30)]
    night(root, arxiv, clock)
    arxiv.records = [
        *arxiv.records,
        *(record(100 + number, day=-number / 50) for number in range(45)),
    ]
    result = night(root, arxiv, clock, days=7)
    assert [(row.new, row.fetched >= 45) for row in result.rows] == [(45, True)]
    assert (root / "README.md").read_text().count("https://arxiv.org/abs/") == 10
    entries = whole_store(root).entries.values()
    assert sum(entry.is_new_since(NOW) for entry in entries) == 45
    assert night(root, arxiv, clock, days=8).new == 0


def test_a_revision_is_counted_as_revised_and_marked(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A newer version of a known paper replaces it, on top, and is not new."""
    night(root, arxiv, clock)
    again = record(3, day=3, version=2, updated=NOW + timedelta(hours=2))
    arxiv.records = [*arxiv.records, again]
    result = night(root, arxiv, clock, days=1)
    assert [(row.new, row.revised) for row in result.rows] == [(0, 1)]
    readme = (root / "README.md").read_text()
    assert re.findall(r"abs/2611\.(\d+v\d)", readme)[0] == "00003v2"
    assert "v2, first 2026-11-15" in readme


def test_a_late_announced_paper_is_new_although_it_is_older_than_the_newest(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A paper that moderation held back appears among older ones and is still announced."""
    night(root, arxiv, clock)
    arxiv.records = [*arxiv.records, record(8, day=2.5)]
    assert night(root, arxiv, clock, days=1).new == 1


def test_an_enlarged_table_takes_older_papers_in_silence(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Raising max-papers adds older papers, which are not announced."""
    (root / "pyproject.toml").write_text("[tool.daily-papers]\nmax-papers = 2\n")
    night(root, arxiv, clock)
    (root / "pyproject.toml").write_text("[tool.daily-papers]\nmax-papers = 4\n")
    result = night(root, arxiv, clock, days=1)
    assert result.new == 0
    assert (root / "README.md").read_text().count("https://arxiv.org/abs/") == 4


def test_an_added_topic_is_filled_in_silence(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A topic that is added later gets its table, and its older papers are not announced."""
    night(root, arxiv, clock)
    (root / "keywords.txt").write_text("Neural Widgets\nQuantum Teapots\n")
    assert night(root, arxiv, clock, days=1).new == 0
    assert "2611.00011" in (root / "README.md").read_text()


def test_a_removed_topic_goes_with_its_page_and_leaves_its_papers(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Deleting a line deletes the page of that topic only; its papers stay where they are."""
    (root / "keywords.txt").write_text("Neural Widgets\nQuantum Teapots\n")
    night(root, arxiv, clock)
    before = whole_store(root).entries
    month = (root / "papers/months/neural-widgets/2026-11.md").read_text()
    (root / "keywords.txt").write_text("Quantum Teapots\n")
    night(root, arxiv, clock, days=1)
    assert not (root / "papers/topics/neural-widgets.md").exists()
    assert "Neural Widgets" not in (root / "README.md").read_text()
    assert whole_store(root).entries == before
    assert (root / "papers/months/neural-widgets/2026-11.md").read_text() == month
    assert "neural-widgets/README.md" in (root / "papers/months/README.md").read_text()


def test_a_renamed_topic_keeps_its_papers(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A heading that changes only in case keeps rows and history."""
    night(root, arxiv, clock)
    (root / "keywords.txt").write_text("neural widgets\n")
    result = night(root, arxiv, clock, days=1)
    assert result.new == 0
    assert "## neural widgets" in (root / "README.md").read_text()
    assert (root / "README.md").read_text().count("https://arxiv.org/abs/") == 5


def test_a_topic_that_only_gets_another_heading_keeps_its_papers(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """With the same query and a new heading, the papers stay, none is new, and the pages move."""
    night(root, arxiv, clock)
    (root / "keywords.txt").write_text('Widgets | & more: "Neural Widgets"\n')
    result = night(root, arxiv, clock, days=1)
    assert result.new == 0
    assert [row.total for row in result.rows] == [5]
    readme = (root / "README.md").read_text()
    assert "## Widgets &#124; & more" in readme
    assert readme.count("https://arxiv.org/abs/") == 5
    assert [page.name for page in (root / "papers/topics").iterdir()] == ["widgets-more.md"]


def test_a_changed_query_replaces_the_papers_silently(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A topic with a new query loses what does not match; its older papers are not announced."""
    night(root, arxiv, clock)
    (root / "keywords.txt").write_text('Neural Widgets: quantum teapots | "Paper 2" -particular\n')
    result = night(root, arxiv, clock, days=1)
    assert result.new == 0
    page = (root / "papers/topics/neural-widgets.md").read_text()
    assert sorted(set(re.findall(r"abs/2611\.(\d+)v1", page))) == ["00002", "00010", "00011"]
    assert "**Keywords**: `quantum teapots` `Paper 2`  \n**Filter**: `particular`\n" in page


def test_the_harvest_is_of_the_topics_own_categories(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """With the API down, each topic is matched in its categories; arXiv's own syntax cannot be."""
    (root / "keywords.txt").write_text(
        "Widgets [math.CO]: neural widgets\nMine: = ti:widgets\nmath.LO\n"
    )
    arxiv.records = [
        record(1, category="math.CO"),
        record(2, category="math.LO"),
        record(3, category="cs.LG"),
    ]
    night(root, arxiv, clock)
    fresh = [record(9 + n, day=-0.2, category=c) for n, c in enumerate(("math.CO", "math.LO"))]
    arxiv.records = [*arxiv.records, *fresh]
    arxiv.now = NOW + timedelta(days=1.1)
    arxiv.faults.add(Fault("status", times=None, path="api"))
    asked = len(arxiv.log)
    result = night(root, arxiv, clock, days=1.1)
    assert [(row.topic, row.source, row.new) for row in result.rows] == [
        ("Widgets", "harvest", 1),
        ("Mine", "search", 0),
        ("math.LO", "harvest", 1),
    ]
    assert result.rows[1].reason.endswith("only its search knows arXiv's own syntax")
    harvests = [line.query for line in arxiv.log[asked:] if line.service == "oai"]
    assert [(one["set"], one["metadataPrefix"]) for one in harvests] == [
        ("math", "arXivRaw"),
        ("math", "arXiv"),
    ]


def test_a_night_of_arxivs_own_syntax_alone_harvests_nothing(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """If no topic can be matched locally, there is no harvest."""
    (root / "keywords.txt").write_text("Mine: = ti:widgets\n")
    night(root, arxiv, clock)
    arxiv.faults.add(Fault("status", times=None, path="api"))
    with pytest.raises(AllFailedError, match="only its search knows arXiv's own syntax"):
        night(root, arxiv, clock, days=1.1)
    assert not [line for line in arxiv.log if line.service == "oai"]


def test_a_query_that_no_address_can_hold_is_refused_before_anything_is_asked(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """The length of the query includes its categories."""
    (root / "keywords.txt").write_text(f"A: {' | '.join(f'x{n}' for n in range(99))}\n")
    with pytest.raises(InputError, match=r"^keywords.txt:1:1: as a query it has \d+ characters"):
        night(root, arxiv, clock)
    assert arxiv.log == []


def test_the_harvest_steps_in_when_the_search_api_stays_away(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """With the API down, the tables are those of a good night, comments included."""
    night(root, arxiv, clock)
    fresh = record(9, day=-0.2, comment="12 pages")
    arxiv.records = [*arxiv.records, fresh]
    arxiv.now = NOW + timedelta(days=1.1)
    arxiv.faults.add(Fault("status", times=None, path="api"))
    result = night(root, arxiv, clock, days=1.1)
    assert [(row.state, row.source, row.new) for row in result.rows] == [("ok", "harvest", 1)]
    readme = (root / "README.md").read_text()
    assert "2611.00009v1" in readme
    assert "12 pages" in readme
    assert "not refreshed" not in readme
    arxiv.faults.clear()
    result = night(root, arxiv, clock, days=2)
    assert result.new == 0
    assert (root / "README.md").read_text() == readme


def test_a_withdrawn_paper_is_marked_and_kept(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A withdrawal is a revision that is marked as withdrawn."""
    night(root, arxiv, clock)
    gone = record(
        2,
        day=2,
        version=2,
        updated=NOW + timedelta(hours=1),
        comment="This paper has been withdrawn by the authors",
    )
    arxiv.records = [*arxiv.records, gone]
    night(root, arxiv, clock, days=1)
    assert "withdrawn" in (root / "README.md").read_text().split("2611.00002v2")[1][:80]


def test_an_empty_first_answer_is_asked_for_again(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """An empty answer on a topic's first night is accepted only if it is repeated."""
    arxiv.faults.add(Fault("empty"))
    assert night(root, arxiv, clock).new == 5


def test_a_first_night_that_finds_nothing_at_all_is_not_believed(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """With no paper for any topic, the first night fails with the possible causes."""
    before = snapshot(root)
    arxiv.faults.add(Fault("empty", times=None))
    with pytest.raises(DailyPapersError, match=r"no paper for any topic.*Check the spelling"):
        night(root, arxiv, clock)
    assert snapshot(root) == before


def test_a_topic_without_papers_announces_its_first_one(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A topic without papers says so, and its first paper is announced."""
    (root / "keywords.txt").write_text("Neural Widgets\nUnheard Things\n")
    result = night(root, arxiv, clock)
    assert "check its spelling" in result.rows[1].reason
    assert "is one phrase, whose words must stand side by side" in render_summary(
        result.rows, "Night"
    )
    section = (root / "README.md").read_text().split("## Unheard Things\n")[1]
    assert section.startswith("\nNo paper on this topic is known yet. Check the spelling in")
    arxiv.records = [*arxiv.records, record(40, "unheard things", day=-0.5)]
    assert night(root, arxiv, clock, days=1).new == 1


def test_bad_input_of_every_kind_is_told_at_once_and_nothing_is_asked(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Keywords, settings and markers are checked together, before the first request."""
    (root / "keywords.txt").write_text("Same\nsame\n???\n")
    (root / "pyproject.toml").write_text('[tool.daily-papers]\nmax-paper = 5\nsort = "x"\n')
    (root / "README.md").write_text("no markers")
    with pytest.raises(InputError) as failure:
        night(root, arxiv, clock)
    told = "\n".join(failure.value.problems)
    for part in (
        "keywords.txt:2:",
        "keywords.txt:3:",
        "did you mean max-papers",
        "sort:",
        "README.md:1:",
    ):
        assert part in told
    assert arxiv.log == []


@pytest.mark.parametrize(
    "path", [STATE, "papers/store/2026-11.jsonl", "papers/store/days-2026.jsonl"]
)
def test_a_damaged_store_stops_the_night_and_stays_as_it_is(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock, path: str
) -> None:
    """A truncated file of the store is an error and is not changed."""
    night(root, arxiv, clock)
    (root / path).write_bytes((root / path).read_bytes()[:-40])
    before = snapshot(root)
    with pytest.raises(StoreError, match=rf"^{path}.*damaged.*git checkout COMMIT -- papers/store"):
        night(root, arxiv, clock, days=1)
    assert snapshot(root) == before


def test_a_store_of_a_newer_schema_is_left_alone(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A store with a newer schema is an error."""
    night(root, arxiv, clock)
    path = root / STATE
    lines = path.read_text().split("\n")
    lines[0] = json.dumps(json.loads(lines[0]) | {"schema": SCHEMA + 1})
    path.write_text("\n".join(lines))
    with pytest.raises(StoreError, match=f"schema is {SCHEMA + 1}"):
        night(root, arxiv, clock, days=1)


@pytest.mark.parametrize("gone", ["papers/store", STATE, "papers/store/2026-11.jsonl"])
def test_a_store_that_vanished_is_not_an_empty_start(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock, gone: str
) -> None:
    """With pages of earlier nights and no store, the night fails and says what to do."""
    night(root, arxiv, clock)
    if (root / gone).is_dir():
        shutil.rmtree(root / gone)
    else:
        (root / gone).unlink()
    before = snapshot(root)
    with pytest.raises(DailyPapersError, match=rf"^{gone}: .*it is missing"):
        night(root, arxiv, clock, days=1)
    assert snapshot(root) == before


def test_render_makes_every_page_again_from_the_store(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Without a network, deleted and altered pages are restored byte for byte."""
    night(root, arxiv, clock)
    before = snapshot(root)
    (root / "papers/topics/neural-widgets.md").unlink()
    (root / "README.md").write_text(README)
    changed = render(root, clock)
    assert sorted(changed) == ["README.md", "papers/topics/neural-widgets.md"]
    assert snapshot(root) == before


def test_pages_left_stale_by_a_killed_night_are_mended_by_the_next(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A night that finds nothing new still brings the pages up to date with the store."""
    night(root, arxiv, clock)
    before = snapshot(root)
    (root / "README.md").write_text(README)
    night(root, arxiv, clock, days=1)
    assert snapshot(root) == before


def test_a_paper_that_gains_a_venue_is_told_as_accepted(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """A comment that changes without a new version makes the paper accepted on that night."""
    night(root, arxiv, clock)
    known = record(1, day=1)
    arxiv.records = [
        *(one for one in arxiv.records if one.arxiv_id != known.arxiv_id),
        record(1, day=1, comment="Accepted at CVPR 2027"),
    ]
    result = night(root, arxiv, clock, days=1)
    entry = result.store.entries[known.arxiv_id]
    assert result.changed
    assert entry.accepted == result.store.updated
    assert entry.is_accepted_since(result.store.created)
    again = night(root, arxiv, clock, days=2)
    assert again.store.entries[known.arxiv_id] == entry


def test_each_topic_has_its_files_for_other_programs_until_it_goes(
    root: Path, arxiv: FakeArxiv, clock: VirtualClock
) -> None:
    """Feed, BibTeX file and JSON come and go with the topic; other files stay."""
    (root / "pyproject.toml").write_text("[tool.daily-papers.pages]\nfeeds = true\n")
    night(root, arxiv, clock)
    files = ["feeds/neural-widgets.xml", "bibtex/neural-widgets.bib", "facts/neural-widgets.json"]
    assert all((root / "papers" / name).is_file() for name in files)
    (root / "papers/bibtex/mine.bib").write_text("@misc{a}")
    (root / "keywords.txt").write_text("Quantum Teapots\nAll: neural widgets\n")
    night(root, arxiv, clock, days=1)
    assert not any((root / "papers" / name).exists() for name in files)
    feeds = {path.name for path in (root / "papers/feeds").iterdir()}
    assert feeds == {"README.md", "all.xml", "all-.xml", "quantum-teapots.xml"}
    assert "Daily Papers</title>" in (root / "papers/feeds/all.xml").read_text()
    assert (root / "papers/bibtex/mine.bib").exists()
    (root / "pyproject.toml").unlink()
    render(root, clock)
    assert [path.name for path in (root / "papers/feeds").iterdir()] == []
    assert "feeds" not in (root / "README.md").read_text()
