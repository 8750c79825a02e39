"""The store to the pages on disk."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError
from daily_papers.files import is_generated, locked, read_text, remove_file, write_file
from daily_papers.inputs import LOG, README, Project, load_known_store, read_project
from daily_papers.pages import badge, log, readme, shared, topic
from daily_papers.store.records import Store
from daily_papers.store.store_file import STORE


def render(root: Path, clock: Clock, since: date | None = None) -> list[str]:
    """Write every page again from the store; return the paths that changed.

    With `since`, also the missing pages of the days from then on, from what the store still has.
    Raises InputError, StoreError, and DailyPapersError when no night has been yet.
    """
    project = read_project(root)
    with locked(root, clock, project.settings.deadline_minutes * 60):
        store = load_known_store(root)
        if store is None:
            raise DailyPapersError(
                f"{STORE}: there is nothing to render yet; run daily-papers update first"
            )
        return write_pages(project, store, since)


def write_pages(project: Project, store: Store, since: date | None = None) -> list[str]:
    """Bring the pages up to date with the store; return the paths that changed."""
    changed = []
    expected = set()
    for path, text in rendered(project, store, since):
        expected.add(path)
        if write_file(project.root / path, text):
            changed.append(path)
    for folder in (
        shared.TOPICS_FOLDER,
        badge.FOLDER,
        *map(posixpath.dirname, shared.EXPORTS.values()),
    ):
        for page in sorted((project.root / folder).glob("*.*")):
            path = page.relative_to(project.root).as_posix()
            if path not in expected and is_generated(read_text(page)):
                remove_file(page)
                changed.append(path)
    return changed


def rendered(
    project: Project, store: Store, since: date | None = None
) -> Iterator[tuple[str, str]]:
    """Yield each page's path and text; README.md last, so that its links never lead nowhere."""
    settings = project.settings
    tables = store.tables(settings.max_papers)
    asked = {one.name: one for one in project.topics}
    for name, state in store.topics.items():
        yield (
            shared.topic_page(name),
            topic.render_topic(state, tables[name], store, settings, asked.get(name)),
        )
        yield (
            badge.papers_badge(shared.page_name(name)),
            badge.render_badge("Papers", f"{len(tables[name]):,}"),
        )
    updated = shared.local_date(store.updated, settings)
    yield badge.UPDATED, badge.render_badge("Last Updated", updated)
    if settings.pages.feeds:
        # Imported here, as below: not every copy has them.
        from daily_papers.pages.exports import exports  # noqa: PLC0415

        yield from exports(store, tables)
    if settings.pages.are_dated:
        from daily_papers.pages.days_and_weeks import dated_pages  # noqa: PLC0415

        yield from dated_pages(store, settings, lambda path: read_text(project.root / path), since)
    yield shared.INDEX, topic.render_index(store, tables, settings)
    yield LOG, log.render_log(store, tables, settings)
    yield README, readme.render_readme(store, tables, settings, project.frame)
