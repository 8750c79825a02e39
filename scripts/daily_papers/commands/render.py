"""Write every page again from the store, without a network."""

from datetime import date
from pathlib import Path

from daily_papers.clock import Clock, SystemClock
from daily_papers.errors import DailyPapersError
from daily_papers.files import locked
from daily_papers.project_files import load_known_store, read_project
from daily_papers.publish.write_pages import write_pages
from daily_papers.store.store_file import STORE


def run(*, root: Path, since: date | None) -> None:
    """Print the paths of the pages that changed."""
    changed = render(root, SystemClock(), since)
    print("\n".join(changed) if changed else "every page is as it should be")


def render(root: Path, clock: Clock, since: date | None = None) -> list[str]:
    """Write every page from the store, and the missing pages since a day; return changed paths.

    Raises InputError, StoreError, and DailyPapersError when there is no store yet.
    """
    project = read_project(root)
    with locked(root, clock, project.settings.deadline_minutes * 60):
        store = load_known_store(root)
        if store is None:
            raise DailyPapersError(
                f"{STORE}: there is nothing to render yet; run daily-papers update first"
            )
        return write_pages(project, store, since)
