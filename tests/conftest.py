"""Shared by several test files."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

# By hand each run tries other examples; what CI says of a commit does not depend on chance.
# DAILY_PAPERS_EXAMPLES is another number of them, for a long run.
_EXAMPLES = os.environ.get("DAILY_PAPERS_EXAMPLES")
_BY_CHANCE: dict[str, Any] = {"deadline": None, "max_examples": int(_EXAMPLES or 50)}
settings.register_profile("by hand", **_BY_CHANCE)
settings.register_profile("ci", derandomize=True, print_blob=True, **_BY_CHANCE)
settings.load_profile("ci" if os.environ.get("CI") else "by hand")

# A night writes some forty files and waits for the disk at each: in memory there is no wait.
_IN_MEMORY = "/dev/shm"  # noqa: S108 - pytest makes a folder of its own in it
if Path(_IN_MEMORY).is_dir() and shutil.disk_usage(_IN_MEMORY).free > 2_000_000_000:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", _IN_MEMORY)


def nights_played(examples: int, steps: int) -> settings:
    """Return the settings of a model of nights."""
    return settings(
        max_examples=int(_EXAMPLES or examples),
        stateful_step_count=steps,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.reuse, Phase.generate),
    )


class VirtualClock:
    """A `daily_papers.clock.Clock` that only `sleep` advances; it returns at once."""

    def __init__(self, start: datetime = datetime(2026, 11, 20, 4, 17, tzinfo=UTC)) -> None:
        self.start = start
        self.elapsed = 0.0
        self.sleeps: list[float] = []
        """The seconds of each sleep."""

    def now(self) -> datetime:
        """Return the start plus the seconds slept, in whole seconds."""
        return (self.start + timedelta(seconds=self.elapsed)).replace(microsecond=0)

    def monotonic(self) -> float:
        """Return the seconds slept."""
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.sleeps.append(seconds)
        self.elapsed += max(0.0, seconds)


@pytest.fixture
def clock() -> VirtualClock:
    """Return a virtual clock that starts at 2026-11-20T04:17:00Z."""
    return VirtualClock()


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch, clock: VirtualClock) -> None:
    """Give nights that a command begins a virtual clock, so that no pace is waited for."""
    monkeypatch.setattr("daily_papers.commands.update.SystemClock", lambda: clock)
