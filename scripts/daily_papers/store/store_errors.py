"""The error for a store that cannot be used."""

from daily_papers.errors import DailyPapersError


class StoreError(DailyPapersError):
    """The store is damaged, or of a newer schema."""


def damage(path: str, what: str, line: int | None = None) -> StoreError:
    """Return the error for a damaged file; `path` is from the root, `line` from 1."""
    where = path if line is None else f"{path}:{line}"
    return StoreError(
        f"{where}: the store is damaged: {what}. Nothing was changed. Restore the last good "
        "version of the whole folder: git log --oneline -- papers/store, then "
        "git checkout COMMIT -- papers/store"
    )


def unreadable(path: str, error: Exception, line: int) -> StoreError:
    """Return the error for a line that cannot be read."""
    return damage(path, f"this line cannot be read ({error})", line)
