"""What a run starts from: what the user wrote, and the store of the nights before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from daily_papers.errors import DailyPapersError, InputError
from daily_papers.pages import readme, shared
from daily_papers.settings import Settings, load_settings
from daily_papers.store.records import STORE, Store, load_store
from daily_papers.topics.arxiv_query import MAX_ENCODED, arxiv_query, encoded_length
from daily_papers.topics.keywords import KEYWORDS, Topic, read_keywords


@dataclass(frozen=True, slots=True)
class Project:
    """What the user wrote: read whole before anything is fetched or written."""

    root: Path
    settings: Settings
    topics: tuple[Topic, ...]
    frame: readme.Frame


def read_project(root: Path) -> Project:
    """Read settings, keywords and README's markers. Raises InputError with the faults of all."""
    if not root.is_dir():
        raise InputError([f"{root}: there is no such folder; give the repository's with --root"])
    problems: list[str] = []
    settings = Settings()
    topics: tuple[Topic, ...] = ()
    frame = readme.Frame("", "")
    try:
        settings = load_settings(root)
    except InputError as error:
        problems += error.problems
    try:
        topics = read_keywords(root)
    except InputError as error:
        problems += error.problems
    try:
        frame = readme.find_frame(_readme_text(root))
    except InputError as error:
        problems += error.problems
    problems += _too_long(topics, settings)
    if problems:
        raise InputError(problems)
    return Project(root, settings, topics, frame)


def _too_long(topics: Sequence[Topic], settings: Settings) -> list[str]:
    lengths = ((one, encoded_length(arxiv_query(one, settings.categories))) for one in topics)
    return [
        f"{KEYWORDS}:{one.line}:1: as a query it has {length} characters, and arXiv takes at most "
        f"{MAX_ENCODED}; make two topics of it"
        for one, length in lengths
        if length > MAX_ENCODED
    ]


def _readme_text(root: Path) -> str:
    try:
        return (root / readme.README).read_bytes().decode("utf-8")
    except FileNotFoundError:
        return readme.NEW_README
    except UnicodeDecodeError:
        raise InputError(
            [f"{readme.README}:1: it is not UTF-8; save the file with the encoding UTF-8"]
        ) from None


def load_known_store(root: Path) -> Store | None:
    """Read the store; None if no night has been yet.

    Raises StoreError, and DailyPapersError when earlier nights' pages are there and the store is
    not.
    """
    store = load_store(root)
    page = root / shared.LOG
    if store is None and page.is_file():
        text = page.read_text(encoding="utf-8", errors="replace")
        if shared.is_generated(text) and shared.SAMPLE_LABEL not in text:
            raise DailyPapersError(
                f"{STORE}: it is missing, although {shared.LOG} tells of earlier nights. Nothing "
                f"was changed. Bring it back (git log -- {STORE}, git checkout COMMIT -- {STORE}), "
                "or delete the folder papers to begin anew"
            )
    return store
