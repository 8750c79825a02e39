"""A process of `daily-papers` whose nights have a virtual clock, for tests that kill it."""

import sys

from conftest import VirtualClock
from daily_papers.cli import main
from daily_papers.commands import update

if __name__ == "__main__":
    update.SystemClock = VirtualClock  # type: ignore[assignment,misc]
    sys.exit(main())
