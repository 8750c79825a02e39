"""What really happened at arXiv: answers in no order, and papers that come a day late."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.commands.update import AllFailedError, Update
from daily_papers.commands.update_report import Night
from daily_papers.settings import Environment
from factories import whole_store
from standins.arxiv import FakeArxiv, Fault, Record

BEGIN = datetime(2026, 6, 2, 5, 37, tzinfo=UTC)
DAY = timedelta(days=1)
NO_ORDER = (Fault("shuffled", times=None, path="api"), Fault("status", times=None, path="oai"))
BUSY = 30
"""Papers that the busy topic gets on a working day, three times what its table holds."""


def records(days: int = 20) -> list[Record]:
    """Return papers of a busy topic and of one that has one in five of them."""
    found = []
    for day in range(-12, days):
        moment = BEGIN + day * DAY
        for number in range(BUSY if moment.weekday() < 5 else 2):
            title = "Neural Widgets" + (" and Quantum Teapots" if number % 5 == 0 else "")
            found.append(
                Record(
                    f"{moment:%y}{moment.month + 12}.{day + 12:03}{number:02}",
                    title=title,
                    abstract="-",
                    authors=("A. Sample",),
                    published=moment + timedelta(minutes=20 * number),
                )
            )
    return found


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    """Return the stand-in, which shows papers when they are announced."""
    with FakeArxiv(records(), announced=True) as server:
        yield server


class Copy:
    """A repository with its nights."""

    def __init__(self, root: Path, arxiv: FakeArxiv, *, together: bool = True) -> None:
        self.root, self.arxiv, self.together = root, arxiv, together
        self.new: list[str] = []
        root.mkdir()
        (root / "keywords.txt").write_text("Neural Widgets\nQuantum Teapots\ncs.*\n")
        (root / "pyproject.toml").write_text("[tool.daily-papers]\nmax-papers = 10\n")

    def play(self, day: int) -> Night:
        """Run the night that many days after the first."""
        now = self.arxiv.now = BEGIN + day * DAY
        environment = Environment(
            arxiv_api_url=self.arxiv.api_url, arxiv_oai_url=self.arxiv.oai_url
        )
        clock = VirtualClock(now)
        night = Update(self.root, environment, clock, now=now, together=self.together).run()
        new = (one for one in night.store.entries.values() if one.is_new_since(now - DAY / 2))
        self.new += (entry.paper.arxiv_id for entry in new)
        return night

    def papers(self) -> set[tuple[str, tuple[str, ...]]]:
        """Return what the store has, with the topics."""
        entries = whole_store(self.root).entries.items()
        return {(arxiv_id, entry.topics) for arxiv_id, entry in entries}


@pytest.mark.parametrize(("late", "together"), [(1, False), (2, True)])
def test_a_part_of_a_mailing_that_comes_late_is_found(
    arxiv: FakeArxiv, tmp_path: Path, late: int, *, together: bool
) -> None:
    """It is below the watermark of a busy topic and past its table, and new all the same."""
    usual = Copy(tmp_path / "usual", arxiv, together=together)
    copy = Copy(tmp_path / "copy", arxiv, together=together)
    everything = arxiv.records
    hidden = {one.arxiv_id for one in everything if 8 <= int(one.arxiv_id[-2:]) < 20}
    for day in range(2 + late + 2):
        arxiv.records = everything
        usual.play(day)
        gone = hidden & {one.arxiv_id for one in everything if _is_of(one, BEGIN + DAY)}
        arxiv.records = [
            one for one in everything if not (2 <= day < 2 + late and one.arxiv_id in gone)
        ]
        copy.play(day)
    assert copy.papers() == usual.papers()
    assert sorted(copy.new) == sorted(usual.new)


def _is_of(record: Record, moment: datetime) -> bool:
    return record.published.date() == moment.date()


def test_an_answer_in_no_order_moves_nothing(arxiv: FakeArxiv, tmp_path: Path) -> None:
    """Two such nights change no file and say why, and the next good one has everything."""
    copy, usual = (Copy(tmp_path / name, arxiv) for name in ("copy", "usual"))
    for day in range(6):
        usual.play(day)
        if day in (2, 3):
            arxiv.faults.add(*NO_ORDER)
            with pytest.raises(AllFailedError, match="not in the order asked for"):
                copy.play(day)
            arxiv.faults.clear()
        else:
            copy.play(day)
    assert copy.papers() == usual.papers()
    assert sorted(copy.new) == sorted(usual.new)


def test_a_first_night_believes_no_answer_without_order(arxiv: FakeArxiv, tmp_path: Path) -> None:
    """Nothing is written; the first night is the next one, as it would have been."""
    copy, usual = (Copy(tmp_path / name, arxiv) for name in ("copy", "usual"))
    arxiv.faults.add(*NO_ORDER)
    with pytest.raises(AllFailedError):
        copy.play(0)
    assert not (copy.root / "papers").exists()
    arxiv.faults.clear()
    for one in (copy, usual):
        one.play(1)
        one.play(2)
    assert copy.papers() == usual.papers()
    assert sorted(copy.new) == sorted(usual.new)


def test_a_paper_that_is_right_only_days_later_is_new_then(
    arxiv: FakeArxiv, tmp_path: Path
) -> None:
    """One record without a title fails no topic, night after night."""
    copy = Copy(tmp_path / "copy", arxiv)
    copy.play(0)
    right = arxiv.records
    broken = next(one for one in right if one.published > BEGIN - DAY / 2)
    arxiv.records = [replace(one, title="") if one == broken else one for one in right]
    for day in (1, 2):
        night = copy.play(day)
        assert {row.state for row in night.rows} == {"ok"}
        assert any(broken.arxiv_id in warning for warning in night.warnings)
    assert broken.arxiv_id not in copy.new
    arxiv.records = right
    copy.play(3)
    assert copy.new.count(broken.arxiv_id) == 1
