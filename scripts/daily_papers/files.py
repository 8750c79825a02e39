"""The one place that writes, and reads what it wrote: whole files or none, one run at a time."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError

try:
    import fcntl
except ImportError:  # Windows has no flock; there, the user keeps runs apart
    fcntl = None  # type: ignore[assignment]

MARK = "is written anew by the nightly job"
"""Words at the beginning of every file that the job may delete again."""
_GENERATED = re.compile(
    rf'(?:<\?xml [^>]*>\n)?(?:<!-- |% |{{\n"generated": ")daily-papers: this (?:page|file) {MARK}'
)
GENERATED = f"<!-- daily-papers: this page {MARK} -->"
"""Stands at the top of such a page."""
_TEMPORARY = ".daily-papers-"
_PAPERS = "papers"
_POLL = 0.2


def read_text(path: Path) -> str:
    """Return the text of a file that the job wrote; nothing if it is not there.

    Raises DailyPapersError when it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise DailyPapersError(f"{path}: it cannot be read: {error.strerror}") from error


def is_generated(text: str) -> bool:
    """Whether a file was written by the job, so that the job may delete it."""
    return _GENERATED.match(text) is not None


def write_file(path: Path, text: str) -> bool:
    """Make `path` hold exactly `text`, in UTF-8; return whether that changed anything.

    A reader, or a run after a crash, sees the old file or the new one, never a part.
    Raises DailyPapersError when the disk refuses.
    """
    data = text.encode()
    with _explained(path):
        if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
        _replace(path, (data,))
    return True


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Make `path` hold these lines, like `write_file`, without holding them all in memory."""
    with _explained(path):
        _replace(path, (f"{line}\n".encode() for line in lines))


def _replace(path: Path, chunks: Iterable[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # However deep a page is, what a killed run leaves of it is found in one place.
    folder = next((one for one in path.parents if one.name == _PAPERS), path.parent)
    descriptor, name = tempfile.mkstemp(prefix=_TEMPORARY, suffix=".tmp", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes a private file; a published one has its old mode, or the usual one.
        mode = path.stat().st_mode if path.exists() else 0o666 & ~_umask()
        Path(name).chmod(mode & 0o777)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DailyPapersError(
            f"{path}: it cannot be written: {error.strerror}; nothing of it was changed. "
            "Make room or grant the right to write there, then run again"
        ) from error


def append_line(path: Path, line: str) -> None:
    """Add a line to a file, on disk before this returns.

    A crash leaves the line whole, or the beginning of it without an end of line. Raises
    DailyPapersError when the disk refuses.
    """
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())


def remove_file(path: Path) -> bool:
    """Delete `path`; return whether it was there."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise DailyPapersError(f"{path}: it cannot be deleted: {error.strerror}") from error
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def locked(root: Path, clock: Clock, wait: float) -> Iterator[None]:
    """Hold `root` for one run; wait up to `wait` seconds for another run to end.

    Also clears away what a killed run left half written. Raises DailyPapersError when the other
    run does not end.
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
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if clock.monotonic() >= until:
                    raise DailyPapersError(
                        f"{root}: another run is still at work here; "
                        "wait for it to end, then run again"
                    ) from None
                clock.sleep(_POLL)
        for folder in (root, root / _PAPERS):
            for left in folder.glob(f"{_TEMPORARY}*.tmp"):
                remove_file(left)
        yield
    finally:
        os.close(descriptor)
