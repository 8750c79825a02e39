"""Measure the cost of nights: requests, bytes, seconds, CPU, memory, growth of the repository.

`make bench` runs a first night, the nights of a month, and a night after a week's pause, for
several numbers of topics, against the stand-in for arXiv, and prints a table. Each night runs in a
process of its own, see night.py. The papers are invented; `--records` uses others. With many
nights, the last ten and the largest files are told too: what a night costs must not grow with the
years.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median

from standins.arxiv import FakeArxiv, Record, load_records
from standins.arxiv.mass_papers import crowd, crowd_topics

TOPICS = (1, 4, 10, 50, 200)
NIGHTS = 30
_LAST = 10
AWAY = timedelta(days=7)
PACE = 3.0
"""Seconds from the start of a request to the start of the next: arXiv's terms."""
LATENCY = 1.0
"""Seconds that arXiv is assumed to need for an answer; added, not waited for."""
_FIRST = datetime(2026, 5, 1, 5, 37, tzinfo=UTC)
_PAST = 120
_HEADERS = (
    "Topics",
    "Night",
    "Requests",
    "KB received",
    "Virtual s",
    "of the floor",
    "CPU s",
    "Peak MB",
    "New",
    "KB a night in the pack",
)


@dataclass(frozen=True)
class Cost:
    """The cost of one night."""

    requests: int
    received: int
    """Bytes, compressed."""
    slept: float
    """Seconds spent waiting for the pace."""
    cpu: float
    memory: int
    new: int

    @property
    def seconds(self) -> float:
        """The night's length: the waits, one answer that no wait hides, and the CPU time."""
        return self.slept + LATENCY * bool(self.requests) + self.cpu

    @property
    def ratio(self) -> float:
        """The night's length, relative to one with as many requests and no CPU time."""
        return self.seconds / (PACE * (self.requests - 1) + LATENCY)


class Repository:
    """A repository in which nights are run and committed."""

    def __init__(self, root: Path, arxiv: FakeArxiv, keywords: str, *, merged: bool) -> None:
        self.root = root
        self.arxiv = arxiv
        self.merged = merged
        (root / "keywords.txt").write_text(keywords, encoding="utf-8")
        self._git("init", "--quiet")

    def play(self, now: datetime) -> Cost:
        """Run a night in a process of its own, commit it, and return its cost."""
        self.arxiv.now = now
        before = len(self.arxiv.log)
        way = "merged" if self.merged else "one by one"
        arguments = [str(self.root), self.arxiv.api_url, self.arxiv.oai_url, now.isoformat(), way]
        program = Path(__file__).with_name("night.py")
        done = subprocess.run(
            [sys.executable, str(program), *arguments], check=True, capture_output=True, text=True
        )
        told = json.loads(done.stdout)
        log = self.arxiv.log[before:]
        self._git("add", "--all")
        self._git("commit", "--quiet", "--allow-empty", "--message", f"Papers of {now:%Y-%m-%d}")
        return Cost(len(log), sum(entry.sent for entry in log), **told)

    def packed(self) -> int:
        """Return the size of all packs in bytes."""
        self._git("gc", "--quiet", "--prune=now")
        return sum(pack.stat().st_size for pack in self.root.glob(".git/objects/pack/*.pack"))

    def largest(self) -> str:
        """Return the largest file and the fullest folder below papers/."""
        files = [path for path in self.root.glob("papers/**/*") if path.is_file()]
        file = max(files, key=lambda path: path.stat().st_size)
        folders = Counter(path.parent for path in files)
        folder, count = folders.most_common(1)[0]
        return (
            f"{file.relative_to(self.root)}: {file.stat().st_size / 1000:,.0f} KB; "
            f"{folder.relative_to(self.root)}: {count} files"
        )

    def _git(self, *arguments: str) -> None:
        who = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.org")
        command = ["git", "-C", str(self.root), *who, "-c", "gc.auto=0", *arguments]
        subprocess.run(command, check=True, capture_output=True)


def rows_of(
    records: Sequence[Record], keywords: str, first: datetime, nights: int, *, merged: bool
) -> list[tuple[str, ...]]:
    """Run all nights for one number of topics; return the rows of the table."""
    count = str(len(keywords.splitlines()))
    with tempfile.TemporaryDirectory() as folder, FakeArxiv(records) as arxiv:
        repository = Repository(Path(folder), arxiv, keywords, merged=merged)
        beginning = repository.play(first)
        packed = repository.packed()
        days = [repository.play(first + timedelta(days=day)) for day in range(1, nights + 1)]
        growth = (repository.packed() - packed) / nights
        away = repository.play(first + timedelta(days=nights) + AWAY)
        usual = _usual(days)
        rows = [
            (count, "first", *_cells(beginning), ""),
            (count, "normal", *_cells(usual, days), f"{growth / 1000:.1f}"),
        ]
        if nights > 2 * _LAST:
            last = days[-_LAST:]
            rows.append((count, f"normal, the last {_LAST}", *_cells(_usual(last), last), ""))
            print(repository.largest(), file=sys.stderr, flush=True)
    return [*rows, (count, "after a week away", *_cells(away), "")]


def _usual(days: Sequence[Cost]) -> Cost:
    return Cost(
        requests=round(median(cost.requests for cost in days)),
        received=round(mean(cost.received for cost in days)),
        slept=median(cost.slept for cost in days),
        cpu=median(cost.cpu for cost in days),
        memory=max(cost.memory for cost in days),
        new=round(mean(cost.new for cost in days)),
    )


def _cells(cost: Cost, days: Sequence[Cost] = ()) -> tuple[str, ...]:
    most = max((one.requests for one in days), default=0)
    return (
        f"{cost.requests}" + (f" (at most {most})" if most > cost.requests else ""),
        f"{cost.received / 1000:,.0f}",
        f"{cost.seconds:.1f}",
        f"{cost.ratio:.2f}",
        f"{cost.cpu:.2f}",
        f"{cost.memory / 2**20:.0f}",
        str(cost.new),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--topics", type=int, nargs="+", default=TOPICS, metavar="NUMBER")
    parser.add_argument("--nights", type=int, default=NIGHTS, metavar="NUMBER")
    parser.add_argument(
        "--records", type=Path, metavar="FILE", help=".jsonl or .jsonl.gz instead of invented ones"
    )
    parser.add_argument("--keywords", type=Path, metavar="FILE", help="the topics, for --records")
    parser.add_argument(
        "--one-by-one", action="store_true", help="send one query for each topic, to compare"
    )
    options = parser.parse_args(arguments)
    if (options.records is None) != (options.keywords is None):
        parser.error("--records and --keywords go together")
    print(f"Python {platform.python_version()}, {platform.machine()}, {_processor()}\n")
    print(f"| {' | '.join(_HEADERS)} |\n|{' --- |' * len(_HEADERS)}", flush=True)
    given = load_records(options.records) if options.records else []
    for count in options.topics:
        records, first = given, _FIRST
        if options.records:
            lines = options.keywords.read_text(encoding="utf-8").splitlines()
            topics = [line for line in lines if line.strip() and not line.startswith("#")][:count]
            # The nights end with the last record.
            last = max(record.updated for record in records)
            first = last - timedelta(days=options.nights) - AWAY
        else:
            topics = crowd_topics(count)
            days = options.nights + AWAY.days
            records = crowd(topics, first, days, _PAST)
        keywords = "".join(f"{topic}\n" for topic in topics)
        merged = not options.one_by_one
        for row in rows_of(records, keywords, first, options.nights, merged=merged):
            print(f"| {' | '.join(row)} |", flush=True)
    return 0


def _processor() -> str:
    """Return the number and name of the processors, as far as it can be read."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} × {names[0]}" if names else platform.processor()


if __name__ == "__main__":
    sys.exit(main())
