"""After `kill -9` at any moment, all files are complete and the next run succeeds."""

import os
import random
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from daily_papers.cli import main
from daily_papers.store.entry_types import Store
from factories import whole_store
from standins.arxiv import FakeArxiv
from test_update import NOW, record, snapshot

# By hand: DAILY_PAPERS_KILLS=50 pytest tests/test_kill.py
KILLS = int(os.environ.get("DAILY_PAPERS_KILLS", "3"))
# The command, but for the pace of its requests: the stand-in needs none.
PROGRAM = """
import sys
from datetime import datetime
from pathlib import Path

from daily_papers.clock import SystemClock
from daily_papers.commands.update import Update
from daily_papers.settings import load_environment

now = datetime.fromisoformat(sys.argv[2])
Update(Path(sys.argv[1]), load_environment(), SystemClock(), now=now, pace=0.0).run()
"""
# Seconds from the start of the process to its end, at the longest.
SPAN = 0.9


def test_a_killed_run_leaves_whole_files_and_the_next_one_succeeds(tmp_path: Path) -> None:
    """Wherever a run is killed, its files can be read, and the next run completes them."""
    chance = random.Random()
    (tmp_path / "keywords.txt").write_text("Neural Widgets\n")
    # No night may be ahead of this machine's clock.
    first = NOW - timedelta(days=KILLS)
    known: Store | None = None
    with FakeArxiv([record(number, day=KILLS + 1) for number in range(300)]) as arxiv:
        environment = os.environ | {"ARXIV_API_URL": arxiv.api_url, "ARXIV_OAI_URL": arxiv.oai_url}
        for night in range(KILLS):
            arxiv.records = [*arxiv.records, record(400 + night, day=KILLS - night)]
            now = (first + timedelta(days=night, hours=1)).isoformat()
            command = [sys.executable, "-c", PROGRAM, str(tmp_path), now]
            process = subprocess.Popen(
                command,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                process.wait(chance.uniform(0.05, SPAN))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
            if known is not None:
                check_whole(tmp_path, known)
            again = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False
            )
            assert again.returncode == 0, again.stderr
            known = whole_store(tmp_path)
            assert f"2611.{400 + night:05}" in known.entries
            assert known.rendered == known.updated
            assert list(tmp_path.rglob(".daily-papers-*")) == []
            assert list(tmp_path.rglob("pending.jsonl")) == []
    before = snapshot(tmp_path)
    assert main(["render", "--root", str(tmp_path)]) == 0
    assert snapshot(tmp_path) == before


def check_whole(root: Path, known: Store) -> None:
    """Check that the store has what it had, and that every page is complete."""
    store = whole_store(root)
    assert store.entries.items() >= known.entries.items()
    assert store.days.keys() >= known.days.keys()
    for page in [*root.glob("README.md"), *root.glob("papers/**/*.md")]:
        text = page.read_text()
        assert text.endswith(("-->\n", "\n")), page
        if page.name == "README.md" and page.parent == root:
            assert text.count("<!-- daily-papers:end -->") == 1
