"""What stands above README.md's tables: when it was updated, what failed, and what is new."""

from collections import Counter
from collections.abc import Mapping

from daily_papers.announcement_calendar import listing_day
from daily_papers.pages import pieces
from daily_papers.pages.pieces import View
from daily_papers.store.night_history import is_new_on, is_revised_on


def render_head(view: View, page: str, links: Mapping[str, str]) -> str:
    """Return the lines above the tables; `links` has the link to each topic."""
    lines = (view.sample_note.strip(), view.last_update(page), _failures(view, links))
    return "\n\n".join(filter(None, (*lines, _news(view, page, links))))


def _failures(view: View, links: Mapping[str, str]) -> str:
    """Return one line with what keeps tables and readers from being up to date, or nothing."""
    topics: dict[str, list[str]] = {}
    for name, state in view.store.topics.items():
        if stale := view.not_refreshed(state):
            topics.setdefault(stale, []).append(links[name])
    failed = [f"{stale}: {', '.join(names)}" for stale, names in topics.items()]
    return " · ".join(filter(None, (*failed, view.not_told)))


def _news(view: View, page: str, links: Mapping[str, str]) -> str:
    """Return one line with how much the last night found, and where."""
    store, say = view.store, view.say
    if view.is_first_night:
        papers = {entry.paper.arxiv_id for table in view.tables.values() for entry in table}
        found = say.count("first_night", len(papers))
        return f"{found} {say('later_marked', mark=pieces.NEW)}"
    new = {entry.paper.arxiv_id for found in view.news.values() for entry in found}
    where = [f"{links[name]} {len(found):,}" for name, found in view.news.items() if found]
    parts = [say("nothing_new")]
    if new:
        parts = [f"{say.count('new', len(new), mark=pieces.NEW)}: {', '.join(where)}"]
    changed = Counter(
        kind
        for entry in store.entries.values()
        for kind, is_so in (
            ("revised", is_revised_on(store.updated, entry)),
            ("accepted", entry.accepted == store.updated),
            ("code_appeared", entry.code == store.updated),
        )
        if is_so and not is_new_on(store.updated, entry)
    )
    parts += [say(kind, count=f"{count:,}") for kind, count in changed.items()]
    listed = store.days.get(listing_day(store.updated))
    if listed and view.settings.pages.archive:
        parts.append(pieces.local_link(say("all_new"), pieces.day_list(listed.day), page))
    return " · ".join(parts)
