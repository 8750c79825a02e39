"""What a run starts from: what the user wrote, and the store of the nights before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from daily_papers.errors import DailyPapersError, InputError
from daily_papers.files import is_generated
from daily_papers.settings import Settings, load_settings
from daily_papers.store.paper import SAMPLE_LABEL
from daily_papers.store.records import Store
from daily_papers.store.store_file import STORE, load_store
from daily_papers.topics.arxiv_query import MAX_ENCODED, arxiv_query, encoded_length
from daily_papers.topics.keywords import KEYWORDS, Topic, read_keywords

README = "README.md"
START = "<!-- daily-papers:start -->"
END = "<!-- daily-papers:end -->"
NEW_README = f"# Daily Papers\n\n{START}\n{END}\n"
LOG = "papers/log.md"
# GitHub cuts a README at 500 KiB, 512,000 bytes:
# https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-readmes
BUDGET = 500_000


@dataclass(frozen=True, slots=True)
class Frame:
    """A README around its generated part, byte for byte."""

    before: str
    after: str

    def around(self, generated: str) -> str:
        """Return the whole README."""
        return f"{self.before}{START}\n{generated}\n{END}{self.after}"


def find_frame(text: str) -> Frame:
    """Return what stands outside the markers. Raises InputError naming the line at fault."""
    places = {marker: _lines_of(text, marker) for marker in (START, END)}
    problems = []
    for marker, lines in places.items():
        if not lines:
            last = text.count("\n") + 1
            problems.append(
                f"{README}:{last}: the marker {marker} is missing up to this last line; "
                "put it back on a line of its own"
            )
        problems += [
            f"{README}:{line}: the marker {marker} stands here again, first in line {lines[0]}; "
            "delete one of the two"
            for line in lines[1:]
        ]
    if not problems and places[START][0] >= places[END][0]:
        problems.append(
            f"{README}:{places[END][0]}: the marker {END} must stand below {START}, "
            f"which is in line {places[START][0]}"
        )
    if problems:
        raise InputError(problems)
    before, rest = text.split(START)
    frame = Frame(before, rest.split(END)[1])
    size = len((frame.before + frame.after).encode())
    if size > BUDGET // 2:
        told = (
            f"{README}:1: your own part of it has {size:,} bytes, which leaves too little of the "
            f"{BUDGET:,} that GitHub shows; keep it below {BUDGET // 2:,}"
        )
        raise InputError([told])
    return frame


def _lines_of(text: str, marker: str) -> list[int]:
    return [
        text.count("\n", 0, match.start()) + 1 for match in re.finditer(re.escape(marker), text)
    ]


@dataclass(frozen=True, slots=True)
class Project:
    """What the user wrote: read whole before anything is fetched or written."""

    root: Path
    settings: Settings
    topics: tuple[Topic, ...]
    frame: Frame


def read_project(root: Path) -> Project:
    """Read settings, keywords and README's markers. Raises InputError with the faults of all."""
    if not root.is_dir():
        raise InputError([f"{root}: there is no such folder; give the repository's with --root"])
    problems: list[str] = []
    settings = Settings()
    topics: tuple[Topic, ...] = ()
    frame = Frame("", "")
    try:
        settings = load_settings(root)
    except InputError as error:
        problems += error.problems
    try:
        topics = read_keywords(root)
    except InputError as error:
        problems += error.problems
    try:
        frame = find_frame(_readme_text(root))
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
        return (root / README).read_bytes().decode("utf-8")
    except FileNotFoundError:
        return NEW_README
    except UnicodeDecodeError:
        raise InputError(
            [f"{README}:1: it is not UTF-8; save the file with the encoding UTF-8"]
        ) from None


def load_known_store(root: Path) -> Store | None:
    """Read the store; None if no night has been yet.

    Raises StoreError, and DailyPapersError when earlier nights' pages are there and the store is
    not.
    """
    store = load_store(root)
    page = root / LOG
    if store is None and page.is_file():
        text = page.read_text(encoding="utf-8", errors="replace")
        if is_generated(text) and SAMPLE_LABEL not in text:
            raise DailyPapersError(
                f"{STORE}: it is missing, although {LOG} tells of earlier nights. Nothing "
                f"was changed. Bring it back (git log -- {STORE}, git checkout COMMIT -- {STORE}), "
                "or delete the folder papers to begin anew"
            )
    return store
