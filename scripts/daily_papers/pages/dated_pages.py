"""Decide which dated pages to write, and render them: papers/weekly/, digest/ and bilingual/.

Every night writes the pages of the open day, that of arXiv's newest announcement at the store's
last update. Pages of past days are only written if missing, or to add a language model's texts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import chain

from daily_papers.announcement_calendar import announced_at, listing_day
from daily_papers.pages import bilingual, digest, shared, weekly
from daily_papers.pages.dated_pages_index import Row, render_index, targets, total
from daily_papers.pages.shared import FOLDER_INDEX, KINDS, View
from daily_papers.store.choose_digest_papers import digests_of
from daily_papers.store.merge import RETENTION
from daily_papers.store.record_types import Entry, Store, newest_first

Read = Callable[[str], str]  # path from the root to the page's text, empty if it is missing
Pages = Iterator[tuple[str, str]]  # paths, from the root, and texts

# Missing pages are made of the news that the store is sure to have whole, and of the past that a
# topic brings along for its first week.
_NEWS = RETENTION
_PAST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Days:
    """The days whose pages may be written."""

    store: Store
    language: str
    read: Read
    opened: date  # the open day; those before it are past
    known_from: Mapping[str, date]  # the last day of each topic of which not every paper is known
    papers: Mapping[date, Mapping[str, Sequence[Entry]]]  # by day and topic, newest first

    def read_past(self, path: str, day: date) -> str:
        """Return the page of a past day; of the open day or a missing page, nothing."""
        return self.read(path) if day < self.opened else ""


def dated_pages(view: View, read: Read, since: date | None = None) -> Pages:
    """Yield each dated page to be written, of all known days from `since` on, and the indexes.

    Write each page before taking the next: indexes are read again for every day.
    """
    store = view.store
    floors = {name: state.floor for name, state in store.topics.items()}
    known_from = {
        name: announced_at(floor).date() if floor else date.min for name, floor in floors.items()
    }
    opened = listing_day(store.updated)
    papers = _papers(store, opened, known_from, since)
    days = _Days(store, view.settings.llm.language, read, opened, known_from, papers)
    for kind, pages in (("weekly", _weekly), ("digest", _digests), ("bilingual", _bilingual)):
        if getattr(view.settings.pages, kind):
            yield from pages(days)


def _papers(
    store: Store, opened: date, known_from: Mapping[str, date], since: date | None
) -> dict[date, dict[str, list[Entry]]]:
    """Return the papers of the open day and of the days whose pages may be missing."""
    days: dict[date, dict[str, list[Entry]]] = {}
    for entry in newest_first(store.entries.values(), "submitted"):
        day = entry.day
        is_news = not entry.silent and entry.first_seen > store.created
        is_asked = since is not None and day >= since
        is_recent = entry.first_seen > store.updated - _NEWS if is_news else day >= opened - _PAST
        if entry.is_replacement or not (is_asked or is_recent or day >= opened):
            continue
        for name in entry.topics:
            state = store.topics.get(name)
            if state is None or (state.named is not None and entry.first_seen < state.named):
                continue
            # The past that a topic brings along may begin in the middle of a day.
            is_own_news = is_news and entry.first_seen >= state.since
            if is_asked or is_own_news or day >= opened or day > known_from[name]:
                days.setdefault(day, {name: [] for name in store.topics})[name].append(entry)
    return {
        day: {name: entries for name, entries in topics.items() if entries}
        for day, topics in sorted(days.items())
    }


def _weekly(days: _Days) -> Pages:
    folder = "papers/weekly"
    newest: list[Row] = []
    for topic in days.store.topics:
        weeks: dict[str, dict[date, Sequence[Entry]]] = {}
        for day, topics in days.papers.items():
            if topic in topics:
                weeks.setdefault(weekly.week_of(day), {})[day] = topics[topic]
        name = shared.page_name(topic)
        index = f"{folder}/{name}/{FOLDER_INDEX}"
        rows = []
        for week, sections in weeks.items():
            path = f"{folder}/{name}/{week}.md"
            text = weekly.render_week(
                days.read(path), topic, sections, days.opened, days.language, days.known_from[topic]
            )
            rows.append(Row(week, week, f"{week}.md", weekly.count(text)))
            yield path, text
        if rows:
            yield index, render_index(days.read(index), f"{topic} by week", KINDS["weekly"], rows)
            newest.append(Row(rows[-1].date, topic, f"{name}/{FOLDER_INDEX}", rows[-1].count))
    if newest:
        index = f"{folder}/{FOLDER_INDEX}"
        yield index, render_index(days.read(index), KINDS["weekly"], "All topics", newest)


def _digests(days: _Days) -> Pages:
    language = days.language
    for day, topics in days.papers.items():
        paths = {topic: shared.day_page("digest", topic, day) for topic in days.store.topics}
        past = {topic: page for topic, path in paths.items() if (page := days.read_past(path, day))}
        rows = []
        for topic, entries in _digest_papers(days, day, past).items():
            summary = digest.digest_text(days.store, day, topic, language, entries)
            known = len(topics[topic])
            render = partial(
                digest.render_digest, topic, day, known=known, digest=summary, language=language
            )
            has_texts = bool(summary) or any(one.text("analysis", language) for one in entries)
            text = digest.READER.update(past.get(topic, ""), entries, render, has_texts=has_texts)
            if text:
                yield paths[topic], text
                rows.append(Row(str(day), topic, f"{shared.page_name(topic)}.md", len(entries)))
        yield from _day_indexes("digest", day, rows, days.read)


def _digest_papers(days: _Days, day: date, past: Mapping[str, str]) -> dict[str, list[Entry]]:
    """Return the papers of each digest, none in two; the written digests, `past`, keep theirs."""
    topics = days.papers[day]
    listed = {topic: digest.READER.papers(page) for topic, page in past.items()}
    taken = {*chain(*listed.values()), *_of_former_topics(days, day)}
    missing = {topic: entries for topic, entries in topics.items() if topic not in past}
    chosen = digests_of(missing, days.language, taken=taken)
    for topic, ids in listed.items():
        own = {entry.paper.arxiv_id: entry for entry in topics.get(topic, ())}
        chosen[topic] = [own[arxiv_id] for arxiv_id in ids if arxiv_id in own]
    return {topic: entries for topic, entries in chosen.items() if entries}


def _of_former_topics(days: _Days, day: date) -> set[str]:
    """Return the papers in the digests of topics that were removed or renamed since."""
    folder = f"papers/digest/{day.year}/{day}"
    pages = {f"{folder}/{page}" for page in targets(days.read(f"{folder}/{FOLDER_INDEX}"))}
    former = pages - {shared.day_page("digest", topic, day) for topic in days.store.topics}
    return {arxiv_id for page in former for arxiv_id in digest.READER.papers(days.read(page))}


def _bilingual(days: _Days) -> Pages:
    for day, topics in days.papers.items():
        rows = []
        for topic, entries in topics.items():
            path = shared.day_page("bilingual", topic, day)
            render = partial(bilingual.render_bilingual, topic, day, language=days.language)
            has_texts = any(entry.text("translation", days.language) for entry in entries)
            past = days.read_past(path, day)
            text = bilingual.READER.update(past, entries, render, has_texts=has_texts)
            if text:
                yield path, text
                count = len(bilingual.READER.papers(text))
                rows.append(Row(str(day), topic, f"{shared.page_name(topic)}.md", count))
        yield from _day_indexes("bilingual", day, rows, days.read)


def _day_indexes(kind: str, day: date, rows: Sequence[Row], read: Read) -> Pages:
    """Yield the indexes of a day, of its year, and of the kind."""
    if not rows:
        return
    folder = f"papers/{kind}"
    kinds = KINDS[kind]
    levels = (
        (f"{folder}/{day.year}/{day}", str(day), f"{kinds} of {day}", str(day.year)),
        (f"{folder}/{day.year}", str(day.year), f"{kinds} of {day.year}", kinds),
        (folder, "", kinds, "All topics"),
    )
    for path, name, title, up in levels:
        index = f"{path}/{FOLDER_INDEX}"
        text = render_index(read(index), title, up, rows)
        yield index, text
        rows = [Row(name, name, f"{name}/{FOLDER_INDEX}", total(text))]
