"""The ledger: what each night did for each topic."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from daily_papers.store.entry_types import Entry, LedgerRow, TopicState, sort_time
from daily_papers.store.topic_states import TopicAnswer
from daily_papers.topics.phrase_advice import what_to_try

LEDGER_NIGHTS = 30
"""The nights that are kept."""

OK = "ok"
NOTHING_NEW = "nothing new"
NO_ANNOUNCEMENT = "no announcement today"
_LOOKED_BACK = "looked back over"
QUIET_STATES = (OK, NOTHING_NEW, NO_ANNOUNCEMENT)
"""The states of a topic that did not fail."""


def ledger_rows(
    night: datetime,
    answers: Sequence[TopicAnswer],
    entries: Iterable[Entry],
    before: Mapping[str, TopicState],
    quiet: str,
    sort: str,
) -> tuple[LedgerRow, ...]:
    """Return what a night did for each topic that was asked.

    `before` are the topics' states before the night; `quiet` is the state of one without news.
    """
    new: Counter[str] = Counter()
    revised: Counter[str] = Counter()
    for entry in entries:
        new.update(entry.topics if is_new_on(night, entry) else ())
        revised.update(entry.topics if is_revised_on(night, entry) else ())
    rows = []
    for answer in answers:
        name = answer.topic.name
        state, reason = answer.failure or (OK if new[name] or revised[name] else quiet, "")
        rows.append(
            LedgerRow(
                night=night,
                topic=name,
                state=state,
                source=answer.source,
                total=answer.total,
                fetched=_fetched(answer, before[name].watermark, sort),
                new=new[name],
                revised=revised[name],
                reason=_remark(answer) or reason,
            )
        )
    return tuple(rows)


def is_new_on(night: datetime, entry: Entry) -> bool:
    """Whether an entry was news on that night."""
    return entry.first_seen == night and not entry.silent


def is_revised_on(night: datetime, entry: Entry) -> bool:
    """Whether a newer version came on that night, of a paper that was not new then."""
    return entry.revised is not None and entry.revised.seen == night and not is_new_on(night, entry)


def _fetched(answer: TopicAnswer, watermark: datetime | None, sort: str) -> int:
    """Return how many papers came since the watermark: known ones say nothing."""
    if watermark is None:
        return len(answer.papers)
    return sum(sort_time(paper, sort) >= watermark for paper in answer.papers)


def _remark(answer: TopicAnswer) -> str:
    if answer.coverage.limited:
        return (
            f"{_LOOKED_BACK} {len(answer.papers)} papers, which is the limit; "
            "older ones of the nights missed are not listed"
        )
    if answer.total == 0:
        return f"arXiv has no paper for this topic; {what_to_try(answer.topic.query)}"
    return ""


def is_capped(row: LedgerRow) -> bool:
    """Whether a night looked back as far as it may, so that older papers are missing."""
    return row.reason.startswith(_LOOKED_BACK)


def extended(
    ledger: Sequence[LedgerRow],
    rows: Sequence[LedgerRow],
    old: Mapping[str, TopicState],
    before: Mapping[str, TopicState],
) -> tuple[LedgerRow, ...]:
    """Return the last nights of a ledger with the rows of one more.

    A row is kept if its topic is new, has news, or began or ceased to fail. `old` are the states
    that the store had, `before` those with which the topics of this night began.
    """
    kept = [*ledger]
    for row in rows:
        known = old.get(row.topic)
        failed = row.state not in QUIET_STATES
        was_failing = known is not None and known.failing is not None
        if row.new or row.revised or failed != was_failing or known is None:
            # arXiv's total is only kept of a topic's first night: it is not known when topics are
            # asked together.
            is_first = before[row.topic].watermark is None
            kept.append(row if is_first else replace(row, total=None))
    nights = sorted({row.night for row in kept})[-LEDGER_NIGHTS:]
    return tuple(row for row in kept if row.night in nights)
