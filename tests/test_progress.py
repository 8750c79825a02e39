"""Progress, warnings and the step summary."""

from pathlib import Path

import pytest

from daily_papers.progress import SUMMARY_LIMIT, add_to_summary, progress, warn
from daily_papers.settings import Environment


def test_progress_is_a_line_an_item_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Each item is yielded after a numbered line with its name."""
    assert list(progress([1, 2], ["one", "two"])) == [1, 2]
    assert capsys.readouterr().err == "[1/2] one\n[2/2] two\n"


def test_a_warning_in_actions_is_one_line_that_actions_shows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Line ends and percent signs are escaped as GitHub wants them; elsewhere it is plain text."""
    warn("100 %\nof it", Environment(in_actions=True))
    warn("100 %", Environment())
    assert capsys.readouterr() == ("::warning::100 %25%0Aof it\n", "warning: 100 %\n")


def test_the_summary_keeps_what_others_wrote(tmp_path: Path) -> None:
    """Text is appended in UTF-8 with its own line ends."""
    path = tmp_path / "summary.md"
    for text in ("one\n", "zwölf\n"):
        add_to_summary(text, Environment(github_step_summary=str(path)))
    assert path.read_bytes() == "one\nzwölf\n".encode()
    add_to_summary("nowhere", Environment())


def test_a_text_that_github_would_drop_is_not_added(tmp_path: Path) -> None:
    """GitHub drops a step's whole summary when it is too long."""
    path = tmp_path / "summary.md"
    environment = Environment(github_step_summary=str(path))
    add_to_summary("ö" * (SUMMARY_LIMIT // 2), environment)
    assert not path.exists()
    add_to_summary("ö" * (SUMMARY_LIMIT // 2 - 1), environment)
    assert path.stat().st_size == SUMMARY_LIMIT - 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has the device")
def test_a_summary_that_cannot_be_written_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk under the summary does not fail the command."""
    add_to_summary("text", Environment(github_step_summary="/dev/full"))
    assert "warning: /dev/full: it cannot be written: No space left" in capsys.readouterr().err
