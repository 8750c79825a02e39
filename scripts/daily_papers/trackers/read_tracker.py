"""Find out which tracker a folder is a copy of, and read its topics."""

from collections.abc import Callable
from pathlib import Path

from daily_papers.errors import InputError
from daily_papers.trackers import arxiv_daily, awesome_daily, daily_arxiv, whole_categories
from daily_papers.trackers.brought_over import BroughtOver

_READERS: tuple[Callable[[Path], BroughtOver | None], ...] = (
    daily_arxiv.read,
    arxiv_daily.read,
    awesome_daily.read,
    whole_categories.read_zotero,
    whole_categories.read_enhanced,
)
"""Each returns None for a folder of another tracker."""


def read_tracker(folder: Path) -> BroughtOver:
    """Return the topics of the tracker in a folder. Raises InputError if there are none."""
    if not folder.is_dir():
        raise InputError([f"{folder}: there is no such folder; give a checkout of your tracker"])
    for reader in _READERS:
        found = reader(folder)
        if found is not None:
            if found.topics:
                return found
            raise InputError([f"{folder}: {found.tracker} without topics", *found.left])
    known = (
        "main.py with a list keywords, config.yaml with keywords or topic, config/custom.yaml with"
    )
    more = "source.arxiv.category, and the variables CATEGORIES and ARXIV_QUERY"
    raise InputError([f"{folder}: nothing here can be brought over; known are {known} {more}"])
