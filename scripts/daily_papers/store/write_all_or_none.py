"""Replace lines in the sorted files of papers/store/, in all files or in none.

What is to be written is written to one file first, papers/store/pending.jsonl. If the run is killed
after that, the next one that reads the store writes the rest.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from daily_papers.atomic_files import refuse_links, remove_file, write_lines
from daily_papers.store.json_encoding import from_json, read_object, to_json, write_json
from daily_papers.store.store_errors import check_no_pointer, damage, reading, unreadable

FOLDER = "papers/store"
PENDING = f"{FOLDER}/pending.jsonl"
_ALLOWED = re.compile(rf"{FOLDER}/(?:state|days-\d{{4}}|\d{{4}}-\d\d)\.jsonl")
# Kind and key of a line, for a digest the day and the topic.
_HEAD = re.compile(r'\{"(paper|digest|day)": ("[^"]+"(?:, "topic": "(?:[^"\\]|\\.)*")?), ')


@dataclass(frozen=True, slots=True)
class Change:
    """Lines to write, each in place of the one with its kind and key, or all of a file."""

    path: str
    """From the root."""
    lines: tuple[str, ...]
    whole: bool = False
    """Whether the lines are all that the file has, and not sorted."""


def read_lines(root: Path, path: str) -> Iterator[tuple[str, int, str]]:
    """Yield kind and key, number and text of each line of a sorted file. Raises StoreError."""
    before = ""
    refuse_links(root / path)
    with reading(path), (root / path).open(encoding="utf-8", newline="\n") as file:
        for number, raw in enumerate(file, start=1):
            text = raw.rstrip("\r\n")
            head = _head(path, number, text)
            if head <= before:
                raise damage(path, "it repeats an earlier line, or is not in order", number)
            before = head
            yield head, number, text


def _head(path: str, number: int, text: str) -> str:
    if match := _HEAD.match(text):
        # Papers first: "paper" comes after "digest" and "day" in the alphabet.
        return f"{match[1] != 'paper':d}{match[2]}"
    check_no_pointer(path, text)
    raise unreadable(path, ValueError("it is of no known kind"), number)


def write_changes(root: Path, changes: Iterable[Change]) -> None:
    """Write all changes. Raises StoreError, and DailyPapersError if a file cannot be written."""
    write_lines(root / PENDING, (write_json(to_json(change)) for change in changes))
    finish_pending(root)


def finish_pending(root: Path) -> None:
    """Write what an interrupted run has left to be written, if any. Raises as write_changes."""
    refuse_links(root / PENDING)
    with reading(PENDING):
        if not (root / PENDING).exists():
            return
        text = (root / PENDING).read_text(encoding="utf-8")
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        try:
            change = from_json(read_object(line), Change)
        except ValueError as error:
            raise unreadable(PENDING, error, number) from None
        if not _ALLOWED.fullmatch(change.path):
            raise damage(PENDING, f"it names another file, {change.path}", number)
        _write(root, change)
    remove_file(root / PENDING)


def _write(root: Path, change: Change) -> None:
    if change.whole:
        write_lines(root / change.path, change.lines)
        return
    is_new = not (root / change.path).exists()
    old = () if is_new else read_lines(root, change.path)
    lines = {head: text for head, _, text in old}
    lines |= {_head(PENDING, 1, line): line for line in change.lines}
    write_lines(root / change.path, (line for _, line in sorted(lines.items())))
