"""Write every page from the store to disk, and delete the pages of topics that are gone."""

import posixpath
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from daily_papers.files import is_generated, move_file, read_text, remove_file, write_file
from daily_papers.pages import all_topics, badge, night_log, readme, shared, topic
from daily_papers.pages.dated_pages import dated_pages
from daily_papers.pages.exports_list import feeds_and_exports
from daily_papers.pages.shared import View
from daily_papers.project_files import LOG, Project
from daily_papers.readme_markers import README
from daily_papers.store.record_types import Store
from daily_papers.text import markdown
from daily_papers.topics.keywords import slugify


def write_pages(project: Project, store: Store, since: date | None = None) -> list[str]:
    """Write the changed pages, and missing ones of the days `since`; return the changed paths."""
    changed = [*_end_lines_with_lf(project.root), *_move_pages(project.root, store.topics)]
    expected = set()
    for path, text in rendered(project, store, since):
        expected.add(path)
        if write_file(project.root / path, text):
            changed.append(path)
    exports = map(posixpath.dirname, shared.EXPORTS.values())
    for folder in (shared.TOPICS_FOLDER, badge.FOLDER, *exports):
        for page in sorted((project.root / folder).glob("*.*")):
            path = page.relative_to(project.root).as_posix()
            if path not in expected and is_generated(read_text(page)):
                remove_file(page)
                changed.append(path)
    return list(dict.fromkeys(changed))


def _end_lines_with_lf(root: Path) -> list[str]:
    """Write the pages of a checkout with CRLF again, past ones too; return the changed paths.

    One page tells: past pages are not read every night.
    """
    index = root / shared.ALL_TOPICS
    text = read_text(index)
    if not text or not write_file(index, text):
        return []
    pages = sorted(index.parent.rglob("*.md"))
    changed = [index, *(page for page in pages if write_file(page, read_text(page)))]
    return [page.relative_to(root).as_posix() for page in changed]


def _move_pages(root: Path, topics: Iterable[str]) -> list[str]:
    """Move the dated pages of names that `page_name` no longer gives; return the changed paths.

    They are too long, or keep Windows from checking out the repository.
    """
    changed: list[Path] = []
    for topic_name in topics:
        old, new = slugify(topic_name), shared.page_name(topic_name)
        if old == new or old in shared.TAKEN_NAMES:
            continue
        weekly = root / "papers/weekly"
        weeks = {page: weekly / new / page.name for page in (weekly / old).glob("*.md")}
        days = {page: page.with_name(f"{new}.md") for page in root.glob(f"papers/*/*/*/{old}.md")}
        for page, target in (weeks | days).items():
            move_file(page, target)
            changed += [page, target]
        indexes = {page.parent: ".md" for page in days} | ({weekly: "/README.md"} if weeks else {})
        for folder, end in indexes.items():
            index = folder / shared.FOLDER_INDEX
            text = read_text(index)
            before, after = (markdown.link("x", f"{one}{end}")[2:] for one in (old, new))
            if text and write_file(index, text.replace(before, after)):
                changed.append(index)
    return [page.relative_to(root).as_posix() for page in changed]


def rendered(
    project: Project, store: Store, since: date | None = None
) -> Iterator[tuple[str, str]]:
    """Yield path and text of each page; README.md last, so that its links are never broken."""
    view = View(store, project.settings)
    asked = {one.name: one for one in project.topics}
    for name, entries in view.tables.items():
        yield shared.topic_page(name), topic.render_topic(view, name, asked.get(name))
        count = badge.render_badge("Papers", f"{len(entries):,}")
        yield badge.papers_badge(shared.page_name(name)), count
    yield badge.UPDATED, badge.render_badge("Last Updated", view.local_date(store.updated))
    if project.settings.pages.feeds:
        yield from feeds_and_exports(view)
    if project.settings.pages.are_dated:
        yield from dated_pages(view, lambda path: read_text(project.root / path), since)
    yield shared.ALL_TOPICS, all_topics.render_all_topics(view)
    yield LOG, night_log.render_log(view)
    yield README, readme.render_readme(view, project.frame)
