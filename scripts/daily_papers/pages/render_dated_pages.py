"""Render the dated pages: papers/weekly/, digest/, bilingual/ and days/, and their indexes.

Which papers a page shows is in the store's days. A page shows its papers as they were known when
the day ended, so that a page of the past can be rendered again, and stays the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from daily_papers.announcement_calendar import next_listing
from daily_papers.pages import bilingual_day, day_list, digest, pieces, weekly
from daily_papers.pages.dated_pages_index import Row, render_index
from daily_papers.pages.fixed_words import ENGLISH, Words
from daily_papers.pages.pieces import FOLDER_INDEX, KINDS, View
from daily_papers.store.entry_types import Day, Entry

Pages = Iterator[tuple[str, str]]  # paths, from the root, and texts


def dated_pages(view: View, days: Sequence[Day]) -> Pages:
    """Yield the pages of `days`, whole weeks of them; the view must have their papers."""
    pages = view.settings.pages
    if pages.weekly:
        yield from _weekly(view, days)
    for day in days:
        if pages.digest:
            yield from _digests(view, day)
        if pages.bilingual:
            yield from _bilingual(view, day)
        if pages.archive:
            yield from _day_list(view, day)


def dated_indexes(view: View) -> Pages:
    """Yield the indexes of all years and weeks, and of the folders of dated pages."""
    days = list(view.store.days.values())
    if view.settings.pages.weekly:
        yield from _week_indexes(days)
    counts = {
        "digest": {one.day: sum(map(len, one.digests.values())) for one in days},
        "bilingual": {one.day: sum(map(len, one.topics.values())) for one in days},
        "days": {one.day: len(one.papers) for one in days},
    }
    for kind, by_day in counts.items():
        if view.settings.pages.has(kind):
            # The other kinds have the fixed words of layouts that other programs read.
            yield from _year_indexes(kind, by_day, view.say if kind == "days" else ENGLISH)


def _entries(view: View, day: Day, ids: Sequence[str]) -> list[Entry]:
    """Return papers of a day, as they were known when it ended."""
    end = next_listing(day.day)
    return [view.store.entries[arxiv_id].before(end) for arxiv_id in ids]


def _weekly(view: View, days: Sequence[Day]) -> Pages:
    weeks: dict[str, dict[date, list[Entry]]] = {}
    names: dict[str, str] = {}
    for day in days:
        for topic, ids in day.topics.items():
            path = f"papers/weekly/{pieces.page_name(topic)}/{weekly.week_of(day.day)}.md"
            weeks.setdefault(path, {})[day.day] = _entries(view, day, ids)
            names[path] = topic
    begins = _first_days(view)
    language = view.settings.llm.language
    for path, sections in weeks.items():
        begin = begins[pieces.page_name(names[path])]
        yield path, weekly.render_week(names[path], sections, begin, language)


def _first_days(view: View) -> dict[str, date]:
    """Return the first day on which each topic has papers, by the name of its page."""
    found: dict[str, date] = {}
    for day in view.store.days.values():
        for topic in day.topics:
            found.setdefault(pieces.page_name(topic), day.day)
    return found


def _digests(view: View, day: Day) -> Pages:
    language = view.settings.llm.language
    rows = []
    for topic, ids in day.digests.items():
        if not ids:
            continue
        path = pieces.day_page("digest", topic, day.day)
        entries = _entries(view, day, ids)
        text = digest.digest_text(view.store, day.day, topic, language, entries)
        known = len(day.topics.get(topic, ()))
        yield path, digest.render_digest(topic, day.day, entries, known, text, language)
        rows.append(_row(day, topic, len(ids)))
    yield from _day_index("digest", day, rows)


def _bilingual(view: View, day: Day) -> Pages:
    rows = []
    for topic, ids in day.topics.items():
        path = pieces.day_page("bilingual", topic, day.day)
        entries = _entries(view, day, ids)
        yield (
            path,
            bilingual_day.render_bilingual(topic, day.day, entries, view.settings.llm.language),
        )
        rows.append(_row(day, topic, len(ids)))
    yield from _day_index("bilingual", day, rows)


def _day_list(view: View, day: Day) -> Pages:
    entries = {one.paper.arxiv_id: one for one in _entries(view, day, sorted(day.papers))}
    yield pieces.day_list(day.day), day_list.render_day(day, entries, view.say)


def _row(day: Day, topic: str, count: int) -> Row:
    return Row(str(day.day), topic, f"{pieces.page_name(topic)}.md", count)


def _day_index(kind: str, day: Day, rows: Sequence[Row]) -> Pages:
    """Yield the index of a day with a page for each topic."""
    if rows:
        path = f"papers/{kind}/{day.day.year}/{day.day}/{FOLDER_INDEX}"
        yield path, render_index(f"{KINDS[kind]} of {day.day}", str(day.day.year), rows)


def _year_indexes(kind: str, counts: Mapping[date, int], say: Words) -> Pages:
    """Yield the index of each year with papers, and that of the years."""
    title = say(kind)
    years: dict[int, list[Row]] = {}
    for day, count in counts.items():
        if count:
            target = f"{day}.md" if kind == "days" else f"{day}/{FOLDER_INDEX}"
            years.setdefault(day.year, []).append(Row(str(day), str(day), target, count))
    for year, rows in years.items():
        text = render_index(say("of_year", title=title, year=str(year)), title, rows, say)
        yield f"papers/{kind}/{year}/{FOLDER_INDEX}", text
    if years:
        rows = [
            Row(str(year), str(year), f"{year}/{FOLDER_INDEX}", sum(row.count for row in found))
            for year, found in years.items()
        ]
        text = render_index(title, say("all_topics"), rows, say)
        yield f"papers/{kind}/{FOLDER_INDEX}", text


def _week_indexes(days: Sequence[Day]) -> Pages:
    """Yield the index of each topic's weeks, and that of the topics."""
    weeks: dict[str, dict[str, int]] = {}
    names: dict[str, str] = {}
    for day in days:
        for topic, ids in day.topics.items():
            page, week = pieces.page_name(topic), weekly.week_of(day.day)
            found = weeks.setdefault(page, {})
            found[week] = found.get(week, 0) + len(ids)
            names[page] = topic
    newest = []
    for page, found in weeks.items():
        rows = [Row(week, week, f"{week}.md", count) for week, count in found.items()]
        index = f"papers/weekly/{page}/{FOLDER_INDEX}"
        yield index, render_index(f"{names[page]} by week", KINDS["weekly"], rows)
        newest.append(Row(rows[-1].date, names[page], f"{page}/{FOLDER_INDEX}", rows[-1].count))
    if newest:
        index = f"papers/weekly/{FOLDER_INDEX}"
        yield index, render_index(KINDS["weekly"], "All topics", newest)
