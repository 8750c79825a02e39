"""The error for a store that cannot be used."""

from collections.abc import Iterator
from contextlib import contextmanager

from daily_papers.errors import DailyPapersError


class StoreError(DailyPapersError):
    """The store is damaged, or of a newer schema."""


def damage(path: str, what: str, line: int | None = None) -> StoreError:
    """Return the error for a damaged file; `path` is from the root, `line` from 1."""
    where = path if line is None else f"{path}:{line}"
    # No commit has it.
    deleted = f"Delete {path}, and restore" if path.endswith("/pending.jsonl") else "Restore"
    return StoreError(
        f"{where}: the store is damaged: {what}. Nothing was changed. {deleted} {_restored(path)}"
    )


def _restored(path: str) -> str:
    # The files of the folder belong together.
    restored = "papers/store" if path.startswith("papers/store/") else path
    return (
        f"the last good version: git log --oneline -- {restored}, then git checkout COMMIT -- "
        f"{restored}"
    )


_LFS_POINTER = "version https://git-lfs.github.com/"
"""How a pointer begins: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md"""


def check_no_pointer(path: str, line: str) -> None:
    """Raise StoreError for a pointer of Git LFS in place of a file's first line."""
    if not line.startswith(_LFS_POINTER):
        return
    raise StoreError(
        f"{path}: it is a pointer of Git LFS, and the store itself is not here. Nothing was "
        "changed. Fetch it with 'git lfs pull', delete the line for it from .gitattributes, and "
        f"commit the file itself: git add --renormalize {path}"
    )


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Raise StoreError if a file cannot be read, or is not UTF-8."""
    try:
        yield
    except FileNotFoundError:
        raise damage(path, "it is missing") from None
    except UnicodeDecodeError:
        raise damage(path, "it is not UTF-8") from None
    except OSError as error:
        raise StoreError(
            f"{path}: it cannot be read: {error.strerror}. Nothing was changed. Check its "
            f"permissions, or restore {_restored(path)}"
        ) from error


def unreadable(path: str, error: Exception, line: int) -> StoreError:
    """Return the error for a line that cannot be read."""
    return damage(path, f"this line cannot be read ({error})", line)
