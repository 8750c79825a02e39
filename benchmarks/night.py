"""One night in a process of its own; prints what it cost, as JSON.

Time passes only by waiting, which takes none: the pace is kept on a clock that is not the wall's.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path


class WaitingClock:
    """A `daily_papers.clock.Clock` that goes on by the seconds that are slept."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.slept = 0.0

    def now(self) -> datetime:
        """Return the start plus what has been slept, in whole seconds."""
        return (self.start + timedelta(seconds=self.slept)).replace(microsecond=0)

    def monotonic(self) -> float:
        """Return the seconds that have been slept."""
        return self.slept

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept += max(0.0, seconds)


def main() -> None:
    """Play the night: the repository, the API's address, the feed's, the time, merged or not."""
    # Imported here: the imports are part of what a night costs.
    from daily_papers.commands.update import Update  # noqa: PLC0415
    from daily_papers.settings import Environment  # noqa: PLC0415

    root, api_url, rss_url, now, merged = sys.argv[1:]
    clock = WaitingClock(datetime.fromisoformat(now))
    with contextlib.redirect_stderr(io.StringIO()):
        night = Update(
            Path(root),
            Environment(arxiv_api_url=api_url, arxiv_rss_url=rss_url),
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
    """Return the most memory this process has had, in bytes: VmHWM, which only Linux tells."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
