"""Say above README.md's tables that the last night failed, until a good one writes them anew."""

import re
from pathlib import Path

from daily_papers.atomic_files import read_text, write_file
from daily_papers.errors import InputError
from daily_papers.pages.fixed_words import Words
from daily_papers.readme_markers import README, START, find_frame
from daily_papers.settings import Settings, load_settings
from daily_papers.text import markdown

_END = " <!-- daily-papers:failed -->"
_NOTE = re.compile(rf"\n.*{_END}\n")


def note_failure(root: Path, cause: str, day: str) -> bool:
    """Write the first line of `cause` and the day into README.md; return whether that changed it.

    A note of an earlier night with the same cause stays. Without a README.md, or if its markers are
    what is wrong, nothing is written.
    """
    text = read_text(root / README)
    try:
        find_frame(text)
    except InputError:
        return False
    reason = markdown.label(cause.partition("\n")[0])
    before, generated = text.split(START)
    old = _NOTE.match(generated[1:])
    if old and reason in old[0]:
        return False
    generated = generated[1 + old.end() :] if old else generated[1:]
    note = _words(root)("failed_night", date=day, reason=reason) + _END
    return write_file(root / README, f"{before}{START}\n\n{note}\n{generated}")


def _words(root: Path) -> Words:
    try:
        return Words(load_settings(root).llm.language)
    except InputError:
        return Words(Settings().llm.language)
