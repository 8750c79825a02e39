"""Shared by several test files."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings

# By hand each run tries other examples; what CI says of a commit does not depend on chance.
settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


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
