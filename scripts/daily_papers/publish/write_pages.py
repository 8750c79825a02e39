"""Write every page from the store to disk, and delete the pages of topics that are gone."""

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from daily_papers.atomic_files import is_generated, move_file, read_text, remove_file, write_file
from daily_papers.pages import (
    badge,
    month_list,
    night_log,
    pieces,
    readme,
    topic,
    topics_table,
    year_picture,
)
from daily_papers.pages.feeds_and_exports import NEWS, feeds_and_exports
from daily_papers.pages.pieces import View
from daily_papers.pages.render_dated_pages import dated_indexes, dated_pages
from daily_papers.read_user_files import LOG, Project
from daily_papers.readme_markers import README
from daily_papers.store.entry_types import Day, Store
from daily_papers.store.files_by_month import Wanted, read_month
from daily_papers.store.store_file import with_papers
from daily_papers.text import markdown
from daily_papers.topics.keywords import slugify

_FOUR_WEEKS = 28
_LONGEST_NAME = 250
"""Bytes of a file's name, without its extension."""

Pages = Iterator[tuple[str, str]]  # paths, from the root, and texts


def write_pages(
    project: Project, store: Store, days: Sequence[Day], months: Iterable[str]
) -> list[str]:
    """Write the changed ones of the pages, with those of `days`, in whole weeks, and `months`.

    Returns the changed paths. Raises StoreError, and DailyPapersError if one cannot be written.
    """
    changed = [*_end_lines_with_lf(project.root), *_move_pages(project.root, store.topics)]
    expected = set()
    for path, text in rendered(project, store, days, months):
        expected.add(path)
        if write_file(project.root / path, text):
            changed.append(path)
    exports = map(posixpath.dirname, pieces.EXPORTS.values())
    for folder in (pieces.TOPICS_FOLDER, badge.FOLDER, *exports):
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
    index = root / pieces.ALL_TOPICS
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
        old, new = slugify(topic_name), pieces.page_name(topic_name)
        # No page can have a name that no file can.
        if old == new or old in pieces.TAKEN_NAMES or len(old.encode()) > _LONGEST_NAME:
            continue
        weekly = root / "papers/weekly"
        weeks = {page: weekly / new / page.name for page in (weekly / old).glob("*.md")}
        days = {page: page.with_name(f"{new}.md") for page in root.glob(f"papers/*/*/*/{old}.md")}
        for page, target in (weeks | days).items():
            move_file(page, target)
            changed += [page, target]
        indexes = {page.parent: ".md" for page in days} | ({weekly: "/README.md"} if weeks else {})
        for folder, end in indexes.items():
            index = folder / pieces.FOLDER_INDEX
            text = read_text(index)
            before, after = (markdown.link("x", f"{one}{end}")[2:] for one in (old, new))
            if text and write_file(index, text.replace(before, after)):
                changed.append(index)
    return [page.relative_to(root).as_posix() for page in changed]


def rendered(project: Project, store: Store, days: Sequence[Day], months: Iterable[str]) -> Pages:
    """Yield path and text of each page; README.md last, so that its links are never broken."""
    pages = project.settings.pages
    # README.md counts all news of the night, the feeds have that of the last days, also beyond the
    # tables.
    since = store.updated - NEWS if pages.feeds else store.updated
    store = with_papers(project.root, store, Wanted(since=since))
    groups = {one.name: one.group for one in project.topics}
    view = View(store, project.settings, groups, project.seeds, project.authors)
    asked = {one.name: one for one in project.topics}
    if pages.archive:
        for name in months:
            month = store.months[name]
            papers, _ = read_month(project.root, month, Wanted(everything=True))
            yield from month_list.month_pages(month, papers, view.say)
        yield from month_list.month_indexes(view)
    if pages.are_dated:
        yield from _dated(project, store, days)
    for name, entries in view.tables.items():
        yield pieces.topic_page(name), topic.render_topic(view, name, asked.get(name))
        count = badge.render_badge("Papers", f"{len(entries):,}", view.say)
        yield badge.papers_badge(pieces.page_name(name)), count
    yield (
        badge.UPDATED,
        badge.render_badge("last_updated", view.local_date(store.updated), view.say),
    )
    if pages.feeds:
        yield from feeds_and_exports(view)
    for path in year_picture.PICTURES:
        yield path, year_picture.render_year(view, path)
    yield pieces.ALL_TOPICS, topics_table.render_all_topics(view)
    yield LOG, night_log.render_log(view)
    yield README, readme.render_readme(view, project.frame)


def _dated(project: Project, store: Store, days: Sequence[Day]) -> Pages:
    """Yield the dated pages; the papers of a few weeks at a time are in memory."""
    # The ordinal of a Monday is 1 more than a multiple of 7.
    for _, found in groupby(days, lambda one: (one.day.toordinal() - 1) // _FOUR_WEEKS):
        few = list(found)
        some = with_papers(project.root, store, Wanted.by(few))
        yield from dated_pages(View(some, project.settings), few)
    yield from dated_indexes(View(store, project.settings))
