"""Read and write the job's files: completely or not at all, and by one run at a time.

A symbolic link in the repository is not followed: it may lead out of it.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError, InputError

try:
    import fcntl
except ImportError:  # Windows has no flock; there, the user must not run two at once
    fcntl = None  # type: ignore[assignment]

MARK = "is written anew by the nightly job"  # at the beginning of every file the job may delete
_GENERATED = re.compile(
    rf'(?:<\?xml [^>]*>\n)?(?:<!-- |% |{{\n"generated": ")daily-papers: this (?:page|file) {MARK}'
)
GENERATED = f"<!-- daily-papers: this page {MARK} -->"  # the first line of such a page
_TEMPORARY = ".daily-papers-"
_PAPERS = "papers"
_KEYWORDS = "keywords.txt"
_POLL = 0.2  # seconds between two attempts to lock the folder


def read_text(path: Path) -> str:
    """Return a file's text with LF line ends; empty if there is none.

    Git for Windows checks files out with CRLF. Raises DailyPapersError if it is unreadable.
    """
    refuse_links(path)
    with _errors_of(path, "read"):
        try:
            return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
        except FileNotFoundError:
            return ""


def refuse_links(path: Path) -> None:
    """Raise InputError if `path`, or a folder between it and its repository, is a symbolic link."""
    root = _root_of(path)
    for one in (path, *path.parents):
        if one == root:
            return
        if one.is_symlink():
            problem = f"{one}: it is a symbolic link, which the job does not follow"
            advice = "put a file or a folder of its own in its place, then run again"
            raise InputError([f"{problem}. Nothing was changed there; {advice}"])


def _root_of(path: Path) -> Path:
    """Return the folder of a file's repository: that of keywords.txt, else that of papers/."""
    for folder in path.parents:
        if (folder / _KEYWORDS).exists():
            return folder
        if folder.name == _PAPERS:
            return folder.parent
    return path.parent


def is_generated(text: str) -> bool:
    """Return whether a file was written by the job, so that the job may delete it."""
    return _GENERATED.match(text) is not None


def is_written(root: Path, path: str) -> bool:
    """Return whether the job keeps the file in the repository: README.md, the store, its pages."""
    is_named = path == "README.md" or path.startswith(f"{_PAPERS}/store/")
    return is_named or is_generated(read_text(root / path))


def write_file(path: Path, text: str) -> bool:
    """Replace the content of `path` by `text`, completely or not at all; return if it changed.

    Raises DailyPapersError if it cannot be written.
    """
    data = text.encode()
    refuse_links(path)
    with _errors_of(path, "written"):
        if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
        _replace(path, (data,))
    return True


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Replace the content of `path` by these lines, like `write_file`, one at a time in memory."""
    refuse_links(path)
    with _errors_of(path, "written"):
        _replace(path, (f"{line}\n".encode() for line in lines))


def _replace(path: Path, chunks: Iterable[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # In one folder for all pages, where `locked` finds what a killed run has left.
    pages = _root_of(path) / _PAPERS
    folder = pages if pages in path.parents else path.parent
    temporary = folder / f"{_TEMPORARY}{secrets.token_hex(8)}.tmp"
    try:
        with temporary.open("xb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o777)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def append_line(path: Path, line: str) -> None:
    """Append a line and sync it to disk; a crash may leave the beginning of the line.

    Raises DailyPapersError if it cannot be written.
    """
    refuse_links(path)
    with _errors_of(path, "written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())


def move_file(path: Path, target: Path) -> None:
    """Move `path` to `target`, whose folder is created. Raises DailyPapersError if it cannot."""
    refuse_links(path)
    refuse_links(target)
    with _errors_of(path, "moved"):
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)


def remove_file(path: Path) -> None:
    """Delete `path` if it exists. Raises DailyPapersError if it cannot be deleted."""
    refuse_links(path)
    with _errors_of(path, "deleted"):
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _errors_of(path: Path, action: str) -> Iterator[None]:
    """Raise OSErrors as DailyPapersError."""
    try:
        yield
    except OSError as error:
        if path.is_dir():
            advice = "a folder is in its place: move it away"
        elif isinstance(error, NotADirectoryError | FileExistsError):
            advice = "a file is in the place of its folder: move it away"
        else:
            advice = "check free space and permissions"
        raise DailyPapersError(
            f"{path}: it cannot be {action}: {error.strerror}. The file was not changed; "
            f"{advice}, then run again"
        ) from error


@contextlib.contextmanager
def locked(root: Path, clock: Clock, wait: float) -> Iterator[None]:
    """Lock `root` for one run, and delete the temporary files of a killed run.

    Raises DailyPapersError if another run does not end within `wait` seconds.
    """
    if not root.is_dir():
        raise DailyPapersError(
            f"{root}: there is no such folder; give the repository's with --root"
        )
    if fcntl is None:
        yield
        return
    descriptor = os.open(root, os.O_RDONLY)
    try:
        until = clock.monotonic() + wait
        while not _lock(descriptor):
            if clock.monotonic() >= until:
                raise DailyPapersError(
                    f"{root}: another run is still at work here; wait until it ends, then run again"
                )
            clock.sleep(_POLL)
        for folder in (root, root / _PAPERS):
            for leftover in folder.glob(f"{_TEMPORARY}*.tmp"):
                remove_file(leftover)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
