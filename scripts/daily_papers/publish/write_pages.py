"""Write every page from the store to disk, and delete the pages of topics that are gone."""

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from daily_papers.files import is_generated, read_text, remove_file, write_file
from daily_papers.pages import all_topics, badge, month_list, night_log, readme, shared, topic
from daily_papers.pages.dated_pages import dated_indexes, dated_pages
from daily_papers.pages.exports_list import feeds_and_exports
from daily_papers.pages.shared import View
from daily_papers.project_files import LOG, Project
from daily_papers.readme_markers import README
from daily_papers.store.files_by_month import Wanted, read_month
from daily_papers.store.record_types import Day, Store
from daily_papers.store.store_file import with_papers

_FOUR_WEEKS = 28

Pages = Iterator[tuple[str, str]]  # paths, from the root, and texts


def write_pages(
    project: Project, store: Store, days: Sequence[Day], months: Iterable[str]
) -> list[str]:
    """Write the changed ones of the pages, with those of `days`, in whole weeks, and `months`.

    Returns the changed paths. Raises StoreError, and DailyPapersError if one cannot be written.
    """
    changed = []
    expected = set()
    for path, text in rendered(project, store, days, months):
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
    return changed


def rendered(project: Project, store: Store, days: Sequence[Day], months: Iterable[str]) -> Pages:
    """Yield path and text of each page; README.md last, so that its links are never broken."""
    view = View(store, project.settings)
    pages = project.settings.pages
    asked = {one.name: one for one in project.topics}
    if pages.archive:
        for name in months:
            month = store.months[name]
            papers, _ = read_month(project.root, month, Wanted(everything=True))
            yield from month_list.month_pages(month, papers)
        yield from month_list.month_indexes(view)
    if pages.are_dated:
        yield from _dated(project, store, days)
    for name, entries in view.tables.items():
        yield shared.topic_page(name), topic.render_topic(view, name, asked.get(name))
        count = badge.render_badge("Papers", f"{len(entries):,}")
        yield badge.papers_badge(shared.page_name(name)), count
    yield badge.UPDATED, badge.render_badge("Last Updated", view.local_date(store.updated))
    if pages.feeds:
        yield from feeds_and_exports(view)
    yield shared.ALL_TOPICS, all_topics.render_all_topics(view)
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
