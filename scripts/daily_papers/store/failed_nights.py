"""Remember nights that failed: from `update` to `notify`, and from night to night.

A failed night changes nothing of the store, and the store itself may be what fails. So there are
two files: one outside the repository, in which `update` leaves how it ended, and
papers/store/incident.json, which `notify` keeps while nights fail.
"""

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from daily_papers.atomic_files import read_text, remove_file, write_file
from daily_papers.store.json_encoding import from_json, read_object, to_json, write_json
from daily_papers.store.write_all_or_none import FOLDER

INCIDENT = f"{FOLDER}/incident.json"
SAME_NIGHT = timedelta(hours=12)
"""Runs that are nearer to each other count as one night."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """How the last run of `update` ended."""

    night: datetime
    cause: str = ""
    """What failed, in a line; empty if nothing did."""
    topics: tuple[str, ...] = ()
    """The topics that were not refreshed, if others were; empty if the whole night failed."""

    @property
    def is_lost(self) -> bool:
        """Whether the whole night failed, not just some topics."""
        return bool(self.cause) and not self.topics


@dataclass(frozen=True, slots=True)
class Incident:
    """Nights in a row that failed."""

    since: datetime
    """The first of these nights."""
    last: datetime
    nights: int
    cause: str
    """What failed in the last of them."""
    topics: tuple[str, ...] = ()
    issue: int = 0
    """The number of the issue about it; 0 if there is none yet."""
    told: str = ""
    """The cause that the issue tells."""
    channels: tuple[str, ...] = ()
    """The keys of the chats and other channels that were told of it."""

    def and_again(self, run: LastRun) -> "Incident":
        """Return it with one more run that failed."""
        is_same_night = run.night - self.last < SAME_NIGHT
        return replace(
            self,
            last=self.last if is_same_night else run.night,
            nights=self.nights if is_same_night else self.nights + 1,
            cause=run.cause,
            topics=run.topics,
        )

    @property
    def has_new_cause(self) -> bool:
        """Whether the cause differs from the told one in more than numbers."""
        return _without_numbers(self.cause) != _without_numbers(self.told)


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def leave_last_run(root: Path, run: LastRun) -> None:
    """Write how a run ended where `read_last_run` finds it. Raises DailyPapersError."""
    write_file(_last_run_file(root), write_json(to_json(run)))


def read_last_run(root: Path) -> LastRun | None:
    """Return how the last run on this machine ended; None if there was none."""
    text = read_text(_last_run_file(root))
    try:
        return from_json(read_object(text), LastRun) if text else None
    except ValueError:
        return None


def _last_run_file(root: Path) -> Path:
    user = getattr(os, "getuid", int)()
    name = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"daily-papers-{user}-{name}.json"


def read_incident(root: Path) -> Incident | None:
    """Return the nights in a row that failed until now; None if the last one was good."""
    text = read_text(root / INCIDENT)
    try:
        return from_json(read_object(text), Incident) if text else None
    except ValueError:
        # It only counts nights, and may be the file that broke: counting begins again.
        return None


def write_incident(root: Path, incident: Incident | None) -> None:
    """Keep the failed nights for the next run, or forget them. Raises DailyPapersError."""
    if incident is None:
        remove_file(root / INCIDENT)
    else:
        write_file(root / INCIDENT, f"{write_json(to_json(incident))}\n")
