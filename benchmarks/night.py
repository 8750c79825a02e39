"""Run one night in a process of its own and print its cost as JSON.

The clock advances only by `sleep`, which returns at once: the pace is kept without waiting.
"""

import contextlib
import io
import json
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path


class WaitingClock:
    """A `daily_papers.clock.Clock` that only `sleep` advances."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.slept = 0.0

    def now(self) -> datetime:
        """Return the start plus the seconds slept, in whole seconds."""
        return (self.start + timedelta(seconds=self.slept)).replace(microsecond=0)

    def monotonic(self) -> float:
        """Return the seconds slept."""
        return self.slept

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.slept += max(0.0, seconds)


def main() -> None:
    """Run the night; arguments: repository, URLs of search and OAI-PMH, time, "merged" or not."""
    # Imported here: the imports are part of what a night costs.
    from daily_papers.commands.update import Update  # noqa: PLC0415
    from daily_papers.settings import Environment  # noqa: PLC0415

    root, api_url, oai_url, now, merged = sys.argv[1:]
    clock = WaitingClock(datetime.fromisoformat(now))
    with contextlib.redirect_stderr(io.StringIO()):
        night = Update(
            Path(root),
            Environment(arxiv_api_url=api_url, arxiv_oai_url=oai_url),
            clock,
            now=clock.start,
            together=merged == "merged",
        ).run()
    cost = {
        "slept": clock.slept,
        "new": night.new,
        "cpu": time.process_time(),
        "memory": _peak_memory(),
    }
    print(json.dumps(cost))


def _peak_memory() -> int:
    """Return this process's peak memory in bytes, from VmHWM; 0 except on Linux."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
