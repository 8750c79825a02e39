from datetime import timedelta
from pathlib import Path

import pytest

from daily_papers.pages.pieces import View
from daily_papers.pages.readme import render_readme
from daily_papers.publish.readme_note import note_clock, note_failure
from daily_papers.readme_markers import END, START, find_frame
from daily_papers.settings import Settings
from factories import NIGHT, make_entry, make_store, read_back, text_of

DAY = timedelta(days=1)
OWN = f"# Mine\n\n{START}\nold\n{END}\n\nMore of mine.\n"
CAUSE = "keywords.txt:2:6: words are missing before '|' [x](y); write them\n    LLM |\n        ^"


def readme(root: Path) -> str:
    """Write a README with a table into a folder, and return it."""
    text = render_readme(View(make_store([make_entry(1)]), Settings()), find_frame(OWN))
    (root / "README.md").write_text(text)
    return text


def test_a_failed_night_is_told_above_the_tables(tmp_path: Path) -> None:
    """One line says since when and why; all else stays, and the next good night takes it away."""
    before = readme(tmp_path)
    assert note_failure(tmp_path, CAUSE, NIGHT)
    found = (tmp_path / "README.md").read_text()
    told = "⚠ No update since 2026-11-20: keywords.txt:2:6: words are missing before '|' [x](y); "
    (line, *_) = [text_of(one) for one in read_back(found).findall("p")]
    assert line == f"{told}write them"
    start = before.index(START) + len(START) + 1
    assert found.startswith(before[:start])
    assert found.endswith(before[start:])
    store = make_store([make_entry(1)])
    assert render_readme(View(store, Settings()), find_frame(found)) == before


def test_the_same_cause_keeps_its_first_night_and_another_takes_its_place(tmp_path: Path) -> None:
    """Night after night of one failure changes README once, and there is never more than a line."""
    before = readme(tmp_path)
    assert note_failure(tmp_path, CAUSE, NIGHT)
    assert not note_failure(tmp_path, CAUSE, NIGHT + DAY)
    assert note_failure(tmp_path, "no topic could be refreshed", NIGHT + 3 * DAY)
    found = (tmp_path / "README.md").read_text()
    assert found.count("No update since") == 1
    assert "2026-11-23: no topic could be refreshed" in found
    assert len(found.splitlines()) == len(before.splitlines()) + 2


@pytest.mark.parametrize("text", ["", "# Mine\n", f"{START}\n{START}\n{END}\n"])
def test_a_readme_without_its_markers_is_left_alone(tmp_path: Path, text: str) -> None:
    """Where the tables do not have their place, nothing is written."""
    (tmp_path / "README.md").write_text(text)
    assert not note_failure(tmp_path, CAUSE, NIGHT)
    assert (tmp_path / "README.md").read_text() == text


def test_the_line_is_in_the_language_of_the_settings(tmp_path: Path) -> None:
    """If the settings are what is broken, it is in English."""
    for settings, word in (
        ('[tool.daily-papers.llm]\nlanguage = "zh"', "未能更新"),
        ("]", "No update"),
    ):
        readme(tmp_path)
        (tmp_path / "pyproject.toml").write_text(settings)
        assert note_failure(tmp_path, CAUSE, NIGHT)
        assert word in (tmp_path / "README.md").read_text()


def test_a_clock_that_was_ahead_is_told(tmp_path: Path) -> None:
    """One line takes the place of what an earlier night left."""
    readme(tmp_path)
    note_failure(tmp_path, CAUSE, NIGHT)
    note_clock(tmp_path, NIGHT)
    found = (tmp_path / "README.md").read_text()
    assert "⚠ A clock was ahead; times that had not come yet count as 2026-11-20" in found
    assert "No update since" not in found
