"""Say above README.md's tables what a night could not do, until the next good one writes them."""

import re
from datetime import datetime
from pathlib import Path

from daily_papers.atomic_files import read_text, write_file
from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.pages.fixed_words import ENGLISH, Words
from daily_papers.progress import say
from daily_papers.publish import git
from daily_papers.readme_markers import README, START, find_frame
from daily_papers.settings import load_settings
from daily_papers.text import markdown

_END = " <!-- daily-papers:note -->"
_NOTE = re.compile(rf"\n.*{_END}\n")


def note_failure(root: Path, cause: str, night: datetime) -> bool:
    """Say since when and why nothing was updated; return whether that changed README.md.

    Of `cause` the first line is told. If an earlier night had the same, its note stays.
    """
    reason = markdown.label(cause.partition("\n")[0])
    old = _NOTE.search(read_text(root / README))
    if old and reason in old[0]:
        return False
    return _write(root, _words(root)("failed_night", date=f"{night:%Y-%m-%d}", reason=reason))


def note_clock(root: Path, now: datetime) -> None:
    """Say that times of an earlier night had not come yet."""
    _write(root, _words(root)("clock_ahead", date=f"{now:%Y-%m-%d}"))


def publish_failure(root: Path, cause: str, night: datetime, *, clock: Clock, token: str) -> None:
    """Commit and push `note_failure`; only print it if that fails, because the night did."""

    def write() -> tuple[bool, str | None]:
        is_changed = note_failure(root, cause, night)
        return is_changed, "Say in README.md why nothing is new" if is_changed else None

    try:
        git.publish(root, write, clock=clock, token=token)
    except DailyPapersError as error:
        say(f"{README} does not tell that the night failed: {error}")


def _write(root: Path, note: str) -> bool:
    """Put a note between README.md's markers, in place of an earlier one, if it has them."""
    text = read_text(root / README)
    try:
        find_frame(text)
    except InputError:
        return False
    before, generated = text.split(START)
    rest = _NOTE.sub("", generated[1:], count=1)
    return write_file(root / README, f"{before}{START}\n\n{note}{_END}\n{rest}")


def _words(root: Path) -> Words:
    try:
        return Words(load_settings(root).llm.language)
    except InputError:
        # The settings may be what failed.
        return ENGLISH
