"""Write every page again from the store, without a network."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from daily_papers.announcement_calendar import monday_of
from daily_papers.atomic_files import locked
from daily_papers.clock import Clock, SystemClock
from daily_papers.publish.write_pages import write_pages
from daily_papers.read_user_files import load_needed_store, read_project
from daily_papers.store.store_file import save_store


def run(*, root: Path, since: date | None) -> None:
    """Print the paths of the pages that changed."""
    changed = render(root, SystemClock(), since)
    print("\n".join(changed) if changed else "every page is as it should be")


def render(root: Path, clock: Clock, since: date | None = None) -> list[str]:
    """Write every page from the store; of the dated pages, those since a day. Return changed paths.

    Raises InputError, StoreError, and DailyPapersError when there is no store yet.
    """
    project = read_project(root)
    with locked(root, clock, project.settings.deadline_minutes * 60):
        store = load_needed_store(root, "render")
        first = monday_of(since) if since else date.min
        days = [one for one in store.days.values() if one.day >= first]
        changed = write_pages(project, store, days, store.months)
        if since is None and store.months:
            save_store(root, store, replace(store, rendered=store.updated))
        return changed
