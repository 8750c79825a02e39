"""papers/months/: a page per topic and month with every paper of it, a line each."""

from collections.abc import Iterator, Mapping

from daily_papers.pages import pieces
from daily_papers.pages.dated_pages_index import Row, render_index
from daily_papers.pages.fixed_words import ENGLISH, Words
from daily_papers.pages.pieces import FOLDER_INDEX, View
from daily_papers.store.entry_types import Entry, Month, newest_first
from daily_papers.store.files_by_month import month_of
from daily_papers.text import markdown

FOLDER = "papers/months"


def month_pages(
    month: Month, entries: Mapping[str, Entry], say: Words = ENGLISH
) -> Iterator[tuple[str, str]]:
    """Yield path and text of each topic's page of a month; `entries` are its papers."""
    pages: dict[str, list[Entry]] = {}
    names: dict[str, str] = {}
    for entry in newest_first(entries.values(), "submitted"):
        for page, topic in {pieces.page_name(one): one for one in entry.topics}.items():
            pages.setdefault(page, []).append(entry)
            names[page] = topic
    for page, found in pages.items():
        head = (
            f"{markdown.heading(1, f'{names[page]}, {month.month}')}\n\n"
            f"{pieces.up(say('all_months'))} · {say.count('of_month', len(found))}\n\n"
            f"{pieces.sample_note(found)}"
        )
        yield (
            pieces.month_page(names[page], month.month),
            head + pieces.paper_list(found, dated=True, say=say),
        )


def changed_months(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> set[str]:
    """Return the months whose pages show something else with the papers `after`."""
    return {
        month_of(arxiv_id)
        for arxiv_id, entry in after.items()
        if (old := before.get(arxiv_id)) != entry
        and (old is None or old.topics != entry.topics or _line(old) != _line(entry))
    }


def _line(entry: Entry) -> str:
    return pieces.paper_list([entry], dated=True)


def month_indexes(view: View) -> Iterator[tuple[str, str]]:
    """Yield path and text of the index of each topic's months, and of that of the topics."""
    say = view.say
    rows: dict[str, list[Row]] = {}
    names: dict[str, str] = {}
    for month in view.store.months.values():
        counts: dict[str, int] = {}
        for topic, count in month.topics.items():
            page = pieces.page_name(topic)
            counts[page] = counts.get(page, 0) + count
            names[page] = topic
        for page, count in counts.items():
            rows.setdefault(page, []).append(
                Row(month.month, month.month, f"{month.month}.md", count)
            )
    names |= {pieces.page_name(topic): topic for topic in view.store.topics}
    for page, found in rows.items():
        index = f"{FOLDER}/{page}/{FOLDER_INDEX}"
        title = say("by_month", topic=names[page])
        yield index, render_index(title, say("months"), found, say)
    topics = [
        Row(found[-1].date, names[page], f"{page}/{FOLDER_INDEX}", sum(one.count for one in found))
        for page, found in rows.items()
    ]
    if topics:
        index = render_index(say("months"), say("all_topics"), topics, say)
        yield f"{FOLDER}/{FOLDER_INDEX}", index
