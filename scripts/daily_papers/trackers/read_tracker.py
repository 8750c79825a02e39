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
    trackers = [found for reader in _READERS if (found := reader(folder)) is not None]
    if trackers:
        found, *others = trackers
        if not found.topics:
            raise InputError([f"{folder}: {found.tracker} without topics", *found.left])
        found.left += (
            f"{one.topics[0].place}: it is of another tracker, {one.tracker}; give a folder that "
            "has its files only"
            for one in others
            if one.topics
        )
        return found
    known = (
        "main.py with a list keywords, config.yaml with keywords or topic, config/custom.yaml with "
        "source.arxiv.category, and the variables CATEGORIES and ARXIV_QUERY in a checkout of the "
        "tracker that reads them"
    )
    raise InputError([f"{folder}: nothing here can be brought over; known are {known}"])
