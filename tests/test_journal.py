from datetime import date
from pathlib import Path

import pytest

from daily_papers.errors import DailyPapersError
from daily_papers.llm.answer_journal import JOURNAL, Journal, Line, State
from daily_papers.store.entry_types import ModelText

NIGHT = date(2026, 11, 20)
ASKED = ModelText("summary", 2, "zh", 1, "m", 1, NIGHT)
ANSWERED = ModelText("digest", 0, "zh", 1, "m", 2, fields={"themes": "门", "read": []})
LINES = (
    Line(NIGHT, State.ASKED, ("2611.00001v2",), 0, ASKED),
    Line(NIGHT, State.ANSWERED, ("2611.00001v2",), 9, ANSWERED, date(2026, 11, 19), "Doors"),
)
TEXT = """\
{"night": "2026-11-20", "state": "asked", "papers": ["2611.00001v2"], "tokens": 0, \
"text": {"task": "summary", "version": 2, "language": "zh", "prompt": 1, "model": "m", \
"tries": 1, "refused": "2026-11-20", "fields": {}}}
{"night": "2026-11-20", "state": "answered", "papers": ["2611.00001v2"], "tokens": 9, \
"text": {"task": "digest", "version": 0, "language": "zh", "prompt": 1, "model": "m", \
"tries": 2, "fields": {"themes": "门", "read": []}}, "day": "2026-11-19", "topic": "Doors"}
"""
"""What earlier versions of this program wrote of LINES."""


def test_the_journal_has_one_form_in_every_version(tmp_path: Path) -> None:
    """The journal of a run that was killed can be read after an update of the program."""
    journal = Journal(tmp_path)
    for line in LINES:
        journal.append(line)
    assert (tmp_path / JOURNAL).read_text("utf-8") == TEXT
    assert Journal(tmp_path).lines() == LINES


def test_a_journal_that_is_not_known_as_a_whole_stays(tmp_path: Path) -> None:
    """If the lines of another machine cannot be loaded, those of this one are kept for later."""

    def load() -> bytes:
        raise DailyPapersError("there is no network")

    (tmp_path / JOURNAL).write_text(TEXT, "utf-8")
    journal = Journal(tmp_path, load)
    with pytest.raises(DailyPapersError):
        journal.lines()
    journal.settle()
    assert (tmp_path / JOURNAL).read_text("utf-8") == TEXT


@pytest.mark.parametrize(
    "damaged",
    [
        "[" * 100_000,
        TEXT.splitlines()[0].replace('"fields": {}', f'"fields": {"{" * 9}'),
        TEXT.splitlines()[0].replace(
            '{"night"', f'{{"more": {"[" * 90_000}{"]" * 90_000}, "night"'
        ),
        TEXT.splitlines()[0].replace('"tokens": 0', '"tokens": -1'),
        TEXT.splitlines()[0].replace('"tokens": 0', f'"tokens": {"9" * 5000}'),
        TEXT.splitlines()[0].replace("2611.00001v2", "../x"),
        TEXT.splitlines()[0].replace('["2611.00001v2"]', "[]"),
        TEXT.splitlines()[0].replace('"night": "2026', '"night": "9999'),
    ],
)
def test_a_damaged_journal_is_an_error_for_the_user(tmp_path: Path, damaged: str) -> None:
    """What no run can have written is told with its line."""
    (tmp_path / JOURNAL).write_text(f"{damaged}\n")
    with pytest.raises(DailyPapersError, match=rf"^{JOURNAL}:1: it was damaged, and is deleted"):
        Journal(tmp_path).lines()
