"""Which pages of days and weeks there are to write: the open day's, and those that are missing.

The open day is that of arXiv's newest listing as of the store; its pages are made anew each time. A
day before it is past: its pages are never written again, and are only made where they are missing:
on a first night, after nights that failed, and when somebody asks for them. The one thing that a
past page still takes in is what a language model wrote later: texts are asked for on three nights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from daily_papers.announcement_calendar import announced_at, listing_day
from daily_papers.pages import bilingual, digest, shared, weekly
from daily_papers.pages.folder_index import Row, render_index, targets, total
from daily_papers.settings import Settings
from daily_papers.store.digest_papers import digests_of
from daily_papers.store.merge import RETENTION
from daily_papers.store.records import Entry, Store, newest_first
from daily_papers.text import markdown

Read = Callable[[str], str]
"""Gives the text of a page by its path from the root; of one that is not there, nothing."""
Papers = Mapping[date, Mapping[str, Sequence[Entry]]]
"""The papers of each day by topic, newest first."""

# Pages that are missing are made of what came as news while all of it is sure to be in the store,
# and of the past that a topic brings along for its first week.
_NEWS = RETENTION
_PAST = timedelta(days=7)


def dated_pages(
    store: Store, settings: Settings, read: Read, since: date | None = None
) -> Iterator[tuple[str, str]]:
    """Yield path and text of each dated page that is to be written, and of what leads to it.

    With `since`, also the missing pages of all days from then on that the store knows a paper of.
    """
    kinds = settings.pages
    opened = listing_day(store.updated)
    papers = _papers(store, opened, since)
    indexes: dict[str, str] = {}

    def read_now(path: str) -> str:
        """Return an index as the days before have made it, whether it is written yet or not."""
        return indexes[path] if path in indexes else read(path)

    for is_on, pages in (
        (kinds.weekly, _weekly),
        (kinds.digest, _digests),
        (kinds.bilingual, _bilingual),
    ):
        if is_on:
            for path, text in pages(store, papers, opened, settings.llm.language, read_now):
                if path.endswith(f"/{shared.FOLDER_INDEX}"):
                    indexes[path] = text
                yield path, text


def _papers(store: Store, opened: date, since: date | None) -> Papers:
    """Return the papers of the days of which pages may be missing, and of the open one."""
    known_from = _known_from(store)
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


def _known_from(store: Store) -> dict[str, date]:
    """Return the last day of each topic of which not every paper is known."""
    return {
        name: announced_at(state.floor).date() if state.floor else date.min
        for name, state in store.topics.items()
    }


def _weekly(
    store: Store, papers: Papers, opened: date, language: str, read: Read
) -> Iterator[tuple[str, str]]:
    newest: list[Row] = []
    known_from = _known_from(store)
    for topic in store.topics:
        weeks: dict[str, dict[date, Sequence[Entry]]] = {}
        for day, topics in papers.items():
            if topic in topics:
                weeks.setdefault(weekly.week_of(day), {})[day] = topics[topic]
        rows = []
        for week, sections in weeks.items():
            path = weekly.page(topic, min(sections))
            text = weekly.render_week(
                read(path), topic, sections, opened, language, known_from[topic]
            )
            rows.append(Row(week, week, f"{week}.md", weekly.count(text)))
            yield path, text
        if rows:
            index = f"{weekly.FOLDER}/{shared.page_name(topic)}/{shared.FOLDER_INDEX}"
            up = _up(shared.KINDS["weekly"])
            yield index, render_index(read(index), f"{topic} by week", up, rows)
            target = f"{shared.page_name(topic)}/{shared.FOLDER_INDEX}"
            newest.append(Row(rows[-1].date, topic, target, rows[-1].count))
    if newest:
        index = f"{weekly.FOLDER}/{shared.FOLDER_INDEX}"
        up = _up("All topics")
        yield index, render_index(read(index), shared.KINDS["weekly"], up, newest)


def _digests(
    store: Store, papers: Papers, opened: date, language: str, read: Read
) -> Iterator[tuple[str, str]]:
    for day, topics in papers.items():
        past = {
            topic: text
            for topic in store.topics
            if day < opened and (text := read(digest.page(topic, day)))
        }
        listed = {topic: digest.listed(text) for topic, text in past.items()}
        taken = {arxiv_id for found in listed.values() for arxiv_id in found}
        taken |= _of_former_topics(store, day, read)
        missing = {topic: entries for topic, entries in topics.items() if topic not in past}
        digests = digests_of(missing, language, taken=taken)
        for topic, found in listed.items():
            own = {entry.paper.arxiv_id: entry for entry in topics.get(topic, ())}
            if own.keys() >= set(found):
                digests[topic] = [own[arxiv_id] for arxiv_id in found]
        rows = []
        for topic, chosen in digests.items():
            if not chosen:
                continue
            known = len(topics[topic])
            said = digest.said_of(store.digests, day, topic, language, chosen)
            is_past = topic in past
            if is_past and not said and not any(one.text("analysis", language) for one in chosen):
                continue
            text = digest.render_digest(topic, day, chosen, known, said, language)
            if _is_due(past.get(topic, ""), text, digest.written):
                yield digest.page(topic, day), text
                rows.append(Row(str(day), topic, f"{shared.page_name(topic)}.md", len(chosen)))
        yield from _day_indexes("digest", day, rows, read)


def _of_former_topics(store: Store, day: date, read: Read) -> set[str]:
    """Return the identifiers in the digests of a day whose topics have gone, or have new names."""
    folder = f"{digest.FOLDER}/{day.year}/{day}"
    pages = {f"{folder}/{page}" for page in targets(read(f"{folder}/{shared.FOLDER_INDEX}"))}
    former = pages - {digest.page(topic, day) for topic in store.topics}
    return {arxiv_id for page in former for arxiv_id in digest.listed(read(page))}


def _bilingual(
    _store: Store, papers: Papers, opened: date, language: str, read: Read
) -> Iterator[tuple[str, str]]:
    for day, topics in papers.items():
        rows = []
        for topic, entries in topics.items():
            path = bilingual.page(topic, day)
            past = read(path) if day < opened else ""
            if past and not any(entry.text("translation", language) for entry in entries):
                continue
            shown = bilingual.listed(past) if past else None
            own = [entry for entry in entries if shown is None or entry.paper.arxiv_id in shown]
            text = bilingual.render_bilingual(topic, day, own, language)
            if (shown is None or len(own) == len(shown)) and _is_due(past, text, bilingual.written):
                yield path, text
                rows.append(Row(str(day), topic, f"{shared.page_name(topic)}.md", len(own)))
        yield from _day_indexes("bilingual", day, rows, read)


def _is_due(past: str, text: str, written: Callable[[str], int]) -> bool:
    """Whether a page is to be written: it is not past, or has more of a model's texts now."""
    return not past or written(text) > written(past)


def _day_indexes(
    kind: str, day: date, rows: Sequence[Row], read: Read
) -> Iterator[tuple[str, str]]:
    """Yield the indexes of a day, of its year, and of the kind."""
    if not rows:
        return
    folder = f"papers/{kind}"
    kinds = shared.KINDS[kind]
    levels = (
        (f"{folder}/{day.year}/{day}", str(day), f"{kinds} of {day}", _up(str(day.year))),
        (f"{folder}/{day.year}", str(day.year), f"{kinds} of {day.year}", _up(kinds)),
        (folder, "", kinds, _up("All topics")),
    )
    for path, name, title, up in levels:
        index = f"{path}/{shared.FOLDER_INDEX}"
        text = render_index(read(index), title, up, rows)
        yield index, text
        rows = [Row(name, name, f"{name}/{shared.FOLDER_INDEX}", total(text))]


def _up(title: str) -> str:
    return markdown.link(f"← {title}", f"../{shared.FOLDER_INDEX}")
