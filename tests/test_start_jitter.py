from collections import Counter
from pathlib import Path

import pytest

from daily_papers.arxiv.start_jitter import FIRST_HOUR, HOURS, SPREAD, own_cron, own_wait
from daily_papers.cli import main
from standin_github import FakeGitHub
from standins.arxiv import FakeArxiv
from test_update import record

COPIES = [f"owner{number}/papers" for number in range(10_000)]


def test_copies_wait_for_different_seconds() -> None:
    """The waits of ten thousand copies are spread evenly, and each copy's is always the same."""
    seconds = Counter(int(own_wait(copy)) for copy in COPIES)
    assert sorted(seconds) == list(range(SPREAD))
    assert max(seconds.values()) < 1.3 * len(COPIES) / SPREAD
    assert own_wait("Owner1/Papers") == own_wait("owner1/papers")


def test_copies_have_different_minutes() -> None:
    """The suggested times are spread evenly over the hours, without GitHub's busiest minutes."""
    times = Counter(own_cron(copy) for copy in COPIES)
    assert len(times) == 30 * HOURS
    assert max(times.values()) < 2 * len(COPIES) / len(times)
    for time in times:
        minute, hour, *rest = time.split()
        assert int(minute) % 2 == 1
        assert FIRST_HOUR <= int(hour) < FIRST_HOUR + HOURS
        assert rest == ["*", "*", "*"]


@pytest.mark.usefixtures("no_waiting")
def test_only_a_run_that_the_clock_started_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scheduled run says that it waits, a manual one does not; a first night suggests a time."""
    name = "owner/papers"
    summary = tmp_path.parent / f"{tmp_path.name}.md"
    (tmp_path / "keywords.txt").write_text("Neural Widgets\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_REPOSITORY", name)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    said = []
    for event in ("schedule", "workflow_dispatch"):
        # A server each: the pace holds from one run to the next.
        with FakeArxiv([record(1)]) as arxiv, FakeGitHub(repository=name) as github:
            monkeypatch.setenv("GITHUB_API_URL", github.api_url)
            monkeypatch.setenv("ARXIV_API_URL", arxiv.api_url)
            monkeypatch.setenv("ARXIV_OAI_URL", arxiv.oai_url)
            monkeypatch.setenv("GITHUB_EVENT_NAME", event)
            assert main(["update", "--root", str(tmp_path), "--now", "2026-11-18T04:17:00Z"]) == 0
            said.append("not all copies" in capsys.readouterr().err)
    assert said == [True, False]
    assert f'cron: "{own_cron(name)}"' in summary.read_text()
    assert main(["check", "--root", str(tmp_path)]) == 0
    assert own_cron(name) in capsys.readouterr().out
