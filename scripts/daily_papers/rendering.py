"""The store to the pages on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError
from daily_papers.files import locked, remove_file, write_file
from daily_papers.pages import log, parts, readme, topic
from daily_papers.project import Project, load_known_store, read_project
from daily_papers.store import STORE, Store


def render(root: Path, clock: Clock) -> list[str]:
    """Write every page again from the store; return the paths that changed.

    Raises InputError, StoreError, and DailyPapersError when no night has been yet.
    """
    project = read_project(root)
    with locked(root, clock, project.settings.deadline_minutes * 60):
        store = load_known_store(root)
        if store is None:
            raise DailyPapersError(
                f"{STORE}: there is nothing to render yet; run daily-papers update first"
            )
        return write_pages(project, store)


def write_pages(project: Project, store: Store) -> list[str]:
    """Bring the pages up to date with the store; return the paths that changed."""
    changed = []
    expected = set()
    for path, text in rendered(project, store):
        expected.add(path)
        if write_file(project.root / path, text):
            changed.append(path)
    for page in sorted((project.root / parts.TOPICS_FOLDER).glob("*.md")):
        path = page.relative_to(project.root).as_posix()
        if path not in expected and topic.is_generated(page.read_text("utf-8", "replace")):
            remove_file(page)
            changed.append(path)
    return changed


def rendered(project: Project, store: Store) -> Iterator[tuple[str, str]]:
    """Yield each page's path and text; README.md last, so that its links never lead nowhere."""
    settings = project.settings
    tables = store.tables(settings.max_papers)
    asked = {one.name: one for one in project.topics}
    for name, state in store.topics.items():
        yield (
            parts.topic_page(name),
            topic.render_topic(state, tables[name], store, settings, asked.get(name)),
        )
    yield parts.INDEX, topic.render_index(store, tables, settings)
    yield parts.LOG, log.render_log(store, tables, settings)
    yield readme.README, readme.render_readme(store, tables, settings, project.frame)
