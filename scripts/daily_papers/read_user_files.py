"""Read everything that a run needs: the user's files, and the store of earlier nights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from daily_papers.atomic_files import is_generated, read_text, refuse_links
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.ranking.followed_authors import FollowedAuthors, read_authors
from daily_papers.ranking.seed_file import Seed, read_seeds
from daily_papers.readme_markers import NEW_README, README, Frame, find_frame
from daily_papers.settings import TASKS, Settings, load_settings
from daily_papers.store.entry_types import Entry, Store
from daily_papers.store.files_by_month import Wanted
from daily_papers.store.paper import SAMPLE_LABEL
from daily_papers.store.pasted_identifier import pasted_identifier
from daily_papers.store.store_file import load_store, with_papers
from daily_papers.store.write_all_or_none import FOLDER
from daily_papers.topics.arxiv_query import MAX_ENCODED, arxiv_query, encoded_length
from daily_papers.topics.keywords import KEYWORDS, Topic, read_keywords
from daily_papers.topics.user_text import read_user_text

LOG = "papers/log.md"
_LONGEST_PROMPT = 4000
"""Characters of a prompt of one's own: every question repeats it."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Project:
    """The user's files, all read and checked before anything is fetched or written."""

    root: Path
    settings: Settings
    topics: tuple[Topic, ...]
    frame: Frame
    prompts: Mapping[str, str]
    """The user's own prompts for a language model, by task."""
    seeds: tuple[Seed, ...] = ()
    authors: FollowedAuthors = field(default_factory=FollowedAuthors)


def read_project(root: Path) -> Project:
    """Read all that the user writes. Raises InputError with all errors."""
    if not root.is_dir():
        raise InputError([f"{root}: there is no such folder; give the repository's with --root"])
    problems: list[str] = []

    def read(part: Callable[[Path], T], default: T) -> T:
        try:
            return part(root)
        except InputError as error:
            problems.extend(error.problems)
            return default

    settings = read(load_settings, Settings())
    topics: tuple[Topic, ...] = read(read_keywords, ())
    # Without topics, none of their headings could be found.
    seeds: tuple[Seed, ...] = read(partial(read_seeds, topics=topics), ()) if topics else ()
    authors = read(read_authors, FollowedAuthors())
    frame = read(_read_frame, Frame("", ""))
    prompts: Mapping[str, str] = read(_read_prompts, {})
    read(_refuse_links, None)
    for topic in topics:
        length = encoded_length(arxiv_query(topic, settings.categories))
        if length > MAX_ENCODED:
            problems.append(
                f"{KEYWORDS}:{topic.line}:1: as a query it has {length} characters, and arXiv "
                f"takes at most {MAX_ENCODED}; make two topics of it"
            )
    if problems:
        raise InputError(problems)
    return Project(root, settings, topics, frame, prompts, seeds, authors)


def _read_prompts(root: Path) -> dict[str, str]:
    """Read the files prompt-TASK.txt. Raises InputError for one that cannot be a prompt."""
    found: dict[str, str] = {}
    problems: list[str] = []
    for path in sorted(root.glob("prompt-*.txt")):
        task = path.stem.removeprefix("prompt-")
        try:
            text = read_user_text(root, path.name).strip()
        except InputError as error:
            problems += error.problems
            continue
        if task not in TASKS:
            problems.append(f"{path.name}: there is no such task; there are {', '.join(TASKS)}")
        elif len(text) > _LONGEST_PROMPT:
            problems.append(
                f"{path.name}: it has {len(text):,} characters, and may have {_LONGEST_PROMPT:,}"
            )
        elif text:
            found[task] = text
    if problems:
        raise InputError(problems)
    return found


def _refuse_links(root: Path) -> None:
    """Raise InputError for a link as a folder of pages, before the night begins."""
    for path in (root / FOLDER, *sorted((root / FOLDER).parent.glob("*"))):
        refuse_links(path)


def _read_frame(root: Path) -> Frame:
    refuse_links(root / README)
    try:
        return find_frame((root / README).read_bytes().decode("utf-8"))
    except FileNotFoundError:
        return find_frame(NEW_README)
    except UnicodeDecodeError:
        raise InputError([f"{README}:1: it is not UTF-8; save it with this encoding"]) from None
    except OSError as error:
        problem = f"{README}: it cannot be read: {error.strerror}"
        raise InputError([f"{problem}; put a file in its place that can be"]) from None


def load_needed_store(root: Path, purpose: str) -> Store:
    """Read the store for a command that can do nothing without it, such as `render`.

    Raises StoreError, and DailyPapersError before the first night.
    """
    store = load_known_store(root)
    if store is None:
        raise DailyPapersError(
            f"{FOLDER}: there is nothing to {purpose} yet; run daily-papers update first"
        )
    return store


def load_known_store(root: Path) -> Store | None:
    """Read the store, None before the first night. Raises StoreError, or if only pages exist."""
    store = load_store(root)
    if store is None:
        text = read_text(root / LOG)
        if is_generated(text) and SAMPLE_LABEL not in text:
            raise DailyPapersError(
                f"{FOLDER}: it is missing, although {LOG} lists earlier nights. Nothing was "
                f"changed. Restore it (git log -- {FOLDER}, git checkout COMMIT -- {FOLDER}), or "
                "delete the folder papers to start again"
            )
    return store


def load_paper(root: Path, identifier: str) -> tuple[Store, Entry, int | None]:
    """Return the store, a paper of it, and the version in `identifier`, which may be an address.

    Raises InputError for a bad identifier, and DailyPapersError for an unknown paper.
    """
    try:
        arxiv_id, version = pasted_identifier(identifier)
    except ValueError:
        problem = f"{identifier!r} is no arXiv identifier; give one such as 2412.19178"
        raise InputError([problem]) from None
    store = load_known_store(root)
    store = with_papers(root, store, Wanted({arxiv_id})) if store else None
    if store is None or arxiv_id not in store.entries:
        raise DailyPapersError(
            f"{FOLDER} has no paper {arxiv_id}. It has every paper that a night found; this one "
            "may be older than its topics here, in no topic, or not announced yet"
        )
    return store, store.entries[arxiv_id], version
