"""papers/days/: a page per day with everything new, revised and accepted on it, a line each."""

from collections.abc import Mapping, Sequence

from daily_papers.pages import pieces
from daily_papers.pages.fixed_words import ENGLISH, Words
from daily_papers.pages.read_first import read_first
from daily_papers.store.entry_types import Day, Entry
from daily_papers.text import markdown


def render_day(day: Day, entries: Mapping[str, Entry], say: Words = ENGLISH) -> str:
    """Return a day's page; `entries` are its papers by identifier.

    A new paper stands once, under the first of its topics, as in the notice.
    """
    shown: set[str] = set()
    sections = read_first(day.followed, day.near, entries, say)
    for topic, ids in day.topics.items():
        own = [entries[arxiv_id] for arxiv_id in ids if arxiv_id not in shown]
        shown.update(ids)
        others = len(ids) - len(own)
        note = f"_{say.count('elsewhere', others)}_\n"
        sections.append(_section(topic, own, say, note if others else ""))
    for title, ids in (("Revised", day.revised), ("Accepted", day.accepted), ("Code", day.code)):
        if ids:
            sections.append(_section(say(title), [entries[arxiv_id] for arxiv_id in ids], say))
    head = (
        f"{markdown.heading(1, say('of_day', day=str(day.day)))}\n\n"
        f"{pieces.up(str(day.day.year))}\n\n{pieces.sample_note(entries.values())}"
    )
    return head + "\n".join(sections)


def _section(title: str, entries: Sequence[Entry], say: Words, note: str = "") -> str:
    parts = (markdown.heading(2, title) + "\n", pieces.paper_list(entries, say=say), note)
    return "\n".join(filter(None, parts))
