"""How many new papers each topic had in each of the last weeks, as far as all of them are known."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from daily_papers.pages.pieces import View
from daily_papers.store.entry_types import Entry, TopicState

Counts = Sequence[int | None]

_WEEK = timedelta(weeks=1)


def weekly_counts(view: View, weeks: int, end: datetime) -> Mapping[str, Counts]:
    """Return the new papers of `weeks` weeks up to `end` for each topic, oldest week first.

    None stands for a week of which not every paper is known.
    """
    listed: dict[str, Counter[int]] = {name: Counter() for name in view.store.topics}
    for day, found in view.store.days.items():
        age = (end.date() - day) // _WEEK
        if 0 <= age < weeks:
            for name in found.topics.keys() & listed.keys():
                listed[name][age] += len(found.topics[name])
    return {
        name: _counts(state, view.tables[name], listed[name], weeks, end)
        for name, state in view.store.topics.items()
    }


def _counts(
    state: TopicState, table: Sequence[Entry], listed: Counter[int], weeks: int, end: datetime
) -> Counts:
    """Return a topic's weeks: the last of its table, those before of the days since it began."""
    if state.watermark is None:
        return [None] * weeks
    submitted = Counter((end - entry.paper.published) // _WEEK for entry in table)
    found: list[int | None] = []
    for age in reversed(range(weeks)):
        begins = end - (age + 1) * _WEEK
        in_table = state.floor is None or begins >= state.floor
        in_days = begins >= state.since
        found.append(submitted[age] if in_table else listed[age] if in_days else None)
    return found
