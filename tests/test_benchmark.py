import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parents[1] / "benchmarks" / "nights.py"


def test_the_benchmark_runs_at_its_smallest() -> None:
    """One topic and one night give a table of three rows with a number in every column."""
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), "--topics", "1", "--nights", "1"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    lines = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if "|" in line]
    header, _, first, normal, away = lines
    assert len(header) == 10
    assert [row[:3] for row in (first, normal, away)] == [
        ["1", "first", "1"],
        ["1", "normal", "3"],
        ["1", "after a week away", "3"],
    ]
    for row in (first, normal, away):
        assert all(float(cell.replace(",", "")) > 0 for cell in row[2:9] if cell)
    assert float(normal[9]) > 0
