"""Merge the answers of one night into the store, without losing what was known.

The functions are pure: no network, no clock, no file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from daily_papers.announcement_calendar import announcements_between
from daily_papers.settings import Settings
from daily_papers.store.coverage import EPOCH, look_back_to
from daily_papers.store.entry_types import (
    ANNOUNCEMENTS,
    Entry,
    Failure,
    LedgerRow,
    Past,
    Revision,
    Store,
    TopicState,
    newest_first,
    sort_time,
)
from daily_papers.store.json_encoding import read_object, to_json, write_json
from daily_papers.store.night_history import (
    NO_ANNOUNCEMENT,
    NOTHING_NEW,
    extended,
    is_new_on,
    is_revised_on,
    ledger_rows,
)
from daily_papers.store.paper import Paper
from daily_papers.store.topic_states import TopicAnswer, is_filled, predecessor, state_for
from daily_papers.store.which_day_lists import listed_days, with_names
from daily_papers.topics.keywords import Topic, slugify

LONGEST_SILENCE = timedelta(days=30)
"""After that long without news a night says that it has looked: its date changes a page.

GitHub disables the schedule of a public repository without activity for 60 days:
https://docs.github.com/en/actions/how-tos/manage-workflow-runs/disable-and-enable-a-workflow
"""


@dataclass(frozen=True, slots=True)
class Merged:
    """The store after a merge, and what the night brought."""

    store: Store
    rows: tuple[LedgerRow, ...]
    """One for each topic that was asked, in the order of keywords.txt."""
    new: int
    """New papers; one with several topics counts once."""
    revised: int
    changed: bool
    """Whether the store differs from the one before."""


def merge(
    store: Store | None,
    topics: Sequence[Topic],
    queries: Mapping[str, str],
    answers: Sequence[TopicAnswer],
    now: datetime,
    settings: Settings,
) -> Merged:
    """Return the store after a night, and what the night brought.

    `queries` has every topic's query by name; `answers` are those of the topics that were asked.
    A paper is kept by its identifier without version, for ever. An older version never replaces a
    newer one, and a paper leaves a table only when newer ones push it out. `store` must have the
    papers of the answers that it knows.
    """
    work = _Merge(store, topics, queries, now, settings)
    # The feed's last: another topic's answer may have the exact facts of what it announces.
    for answer in sorted(answers, key=lambda one: one.source == ANNOUNCEMENTS):
        work.take(answer)
    for answer in answers:
        work.put_back(answer)
    work.set_tables(answers)
    rows = ledger_rows(
        work.night, answers, work.entries.values(), work.before, work.quiet, settings.sort
    )
    changed = [
        entry for arxiv_id, entry in work.entries.items() if work.old.entries.get(arxiv_id) != entry
    ]
    is_same = not changed and list(work.states.items()) == list(work.old.topics.items())
    is_due = work.night - work.old.updated >= LONGEST_SILENCE
    if store and store.sort == settings.sort and is_same and not is_due:
        return Merged(store, rows, new=0, revised=0, changed=False)
    is_first = store is None or store.sort != settings.sort
    papers_changed = is_first or is_due or bool(changed) or work.has_other_tables()
    merged = replace(
        work.old,
        updated=work.night if papers_changed else work.old.updated,
        sort=settings.sort,
        topics=work.states,
        entries=work.entries,
        days=listed_days(
            work.days, work.entries, work.states, work.before, work.joined, work.night
        ),
        ledger=extended(work.old.ledger, rows, work.old.topics, work.before),
    )
    return Merged(
        merged,
        rows,
        new=sum(is_new_on(work.night, entry) for entry in changed),
        revised=sum(is_revised_on(work.night, entry) for entry in changed),
        changed=True,
    )


class _Merge:
    """A merge in progress: the states of the topics and the entries, changed by each answer."""

    def __init__(
        self,
        store: Store | None,
        topics: Sequence[Topic],
        queries: Mapping[str, str],
        now: datetime,
        settings: Settings,
    ) -> None:
        self.old = store or Store(created=now, updated=now, sort=settings.sort)
        yesterday = now - timedelta(days=1)
        is_silent = store is not None and not announcements_between(yesterday, now)
        self.quiet = NO_ANNOUNCEMENT if is_silent else NOTHING_NEW
        """The state of a topic without news."""
        # Two runs within one second, or after the clock was set back, are two nights all the same.
        self.night = max(now, store.updated + timedelta(seconds=1)) if store else now
        self.settings = settings
        self.entries = dict(self.old.entries)
        self._same_pages: dict[str, str] = {}
        """The old names of topics that have another now, with the same pages, and the new ones."""
        self.states = {topic.name: self._carried(topic, queries[topic.name]) for topic in topics}
        self.days = (
            with_names(self.old.days, self._same_pages) if self._same_pages else self.old.days
        )
        self.before = dict(self.states)
        """The states before any answer."""
        self._rows = {name: set(state.table) for name, state in self.states.items()}
        """The identifiers of the papers that compete for each topic's table."""
        self.joined: dict[str, list[str]] = {name: [] for name in self.states}
        """The papers that each topic got tonight, by identifier."""

    def _time(self, paper: Paper) -> datetime:
        return sort_time(paper, self.settings.sort)

    def _carried(self, topic: Topic, query: str) -> TopicState:
        """Return the state with which a topic begins the night."""
        known = state_for(self.old, topic, query, self.settings.sort)
        if known is not None:
            filled = known.filled if self._rename(known, topic.name) else ""
            return replace(known, name=topic.name, query=query, filled=filled)
        old = predecessor(self.old, topic.name, query)
        if old is None:
            return TopicState(topic.name, query, since=self.night)
        self._rename(old, topic.name)
        # With its old query: its papers stay until arXiv has answered the new one.
        since = self.night if old.watermark else old.since
        return TopicState(topic.name, old.query, since, table=old.table, failing=old.failing)

    def _rename(self, state: TopicState, name: str) -> bool:
        """Give the papers of a topic's table its new name; return whether its pages stay.

        The old name stays too, because their dated pages have it, unless these pages stay.
        """
        has_same_pages = slugify(state.name) == slugify(name)
        if name == state.name:
            return True
        gone = {state.name} if has_same_pages else set()
        if has_same_pages:
            self._same_pages[state.name] = name
        for arxiv_id in state.table:
            entry = self.entries[arxiv_id]
            topics = {*entry.topics, name} - gone
            self.entries[arxiv_id] = replace(entry, topics=tuple(sorted(topics)))
        return has_same_pages

    def take(self, answer: TopicAnswer) -> None:
        """Add the papers of an answer, and update the state of its topic."""
        state = self.states[answer.topic.name]
        if answer.failure is None and state.query != answer.query:
            # The query was changed: what the table has answers the old one.
            self._rows[state.name] = set()
            state = replace(state, query=answer.query)
        is_provisional = answer.source == ANNOUNCEMENTS
        for paper in self._needed(answer, state):
            old = self.entries.get(paper.arxiv_id)
            # The feed does not say when version 1 of a replacement was submitted: the next
            # complete answer does.
            if old is None and is_provisional and paper.version > 1:
                continue
            self._rows[state.name].add(paper.arxiv_id)
            if old is None or state.name not in old.topics:
                self.joined[state.name].append(paper.arxiv_id)
            if old is not None:
                self.entries[paper.arxiv_id] = self._updated(old, paper, state, is_provisional)
            else:
                self.entries[paper.arxiv_id] = self._new(paper, state, is_provisional)
        self.states[state.name] = self._advanced(state, answer)

    def _needed(self, answer: TopicAnswer, state: TopicState) -> tuple[Paper, ...]:
        """Return the papers since the watermark, for the table, or shown late by arXiv.

        How many others an answer has depends on how it was asked.
        """
        if state.watermark is None or not answer.coverage.continues(state.watermark):
            return answer.papers
        known = {one: self._time(self.entries[one].paper) for one in self.before[state.name].table}
        found = {paper.arxiv_id: self._time(paper) for paper in answer.papers}
        table = sorted({**known, **found}.values(), reverse=True)[: self.settings.max_papers]
        since = min([state.watermark, *table[-1:]])
        again = look_back_to(state.watermark, self.night)
        return tuple(
            paper
            for paper in answer.papers
            if found[paper.arxiv_id] >= since
            or (found[paper.arxiv_id] >= again and not self._is_past(paper, state))
        )

    def _is_past(self, paper: Paper, state: TopicState) -> bool:
        """Whether a paper is from before what the topic has followed."""
        if state.watermark is None:
            return state.since != self.old.created and self._time(paper) <= state.since
        return state.past_until is not None and self._time(paper) <= state.past_until

    def _new(self, paper: Paper, state: TopicState, is_provisional: bool) -> Entry:
        """Return the entry of a paper that was not in the store."""
        is_past, is_replacement = self._is_past(paper, state), _is_replacement(paper, state)
        return Entry(
            paper=paper,
            topics=(state.name,),
            first_seen=self.night,
            silent=is_past or is_replacement,
            revised=Revision(self.night, 0) if is_replacement and not is_past else None,
            provisional=is_provisional,
        )

    def _updated(self, old: Entry, paper: Paper, state: TopicState, is_provisional: bool) -> Entry:
        """Return a known entry after a paper of an answer."""
        entry = old
        is_new = not (self._is_past(paper, state) or _is_replacement(paper, state))
        if old.first_seen == self.night and old.silent and is_new and not is_provisional:
            entry = replace(entry, silent=False)
        if paper.version > old.paper.version:
            entry = replace(
                self._with_paper(entry, _filled_in(paper, old.paper) if is_provisional else paper),
                revised=Revision(self.night, self._version_told(old)),
                provisional=is_provisional,
            )
        elif paper.version == old.paper.version and not is_provisional:
            entry = replace(self._with_paper(entry, paper), provisional=False)
        if state.name not in entry.topics:
            entry = replace(entry, topics=tuple(sorted((*entry.topics, state.name))))
        return entry

    def _with_paper(self, entry: Entry, paper: Paper) -> Entry:
        """Return an entry with other facts, and with what they were before."""
        old = entry.paper
        if paper == old:
            return entry
        before, after = to_json(old), to_json(paper)
        facts = {
            name: getattr(old, name)
            for name in before | after
            if getattr(old, name) != getattr(paper, name)
        }
        past = entry.past
        if past and past[-1].until == self.night:
            facts |= past[-1].facts
            past = past[:-1]
        if entry.first_seen != self.night:
            past = (*past, Past(self.night, read_object(write_json(facts))))
        is_known = not entry.provisional and entry.first_seen != self.night
        has_venue = is_known and not entry.accepted and not old.venue and paper.venue
        has_code = is_known and not entry.code and not old.code_links and paper.code_links
        return replace(
            entry,
            paper=paper,
            past=past,
            accepted=self.night if has_venue else entry.accepted,
            code=self.night if has_code else entry.code,
        )

    def _version_told(self, entry: Entry) -> int:
        """Return the version of which watchers know."""
        notified = self.old.notified
        if entry.revised and (notified is None or entry.revised.seen > notified):
            return entry.revised.from_version
        return entry.paper.version

    def _advanced(self, state: TopicState, answer: TopicAnswer) -> TopicState:
        """Return the state of a topic after its answer, with the old floor."""
        if answer.failure is not None:
            what, why = answer.failure
            return replace(state, failing=state.failing or Failure(self.night, what, why))
        if not answer.papers:
            # No paper yet, or a silent fault of arXiv's: the first papers make a first night.
            return replace(state, failing=None, empty=state.watermark is None)
        newest = max(map(self._time, answer.papers))
        # A date in the future must not hide the papers that come before it.
        watermark = max(state.watermark or EPOCH, min(newest, self.night))
        complete_from = state.past_until or EPOCH
        if state.watermark is None or not answer.coverage.continues(state.watermark):
            # A first night, or papers between the two were too many to look at.
            complete_from = answer.coverage.complete_from or EPOCH
        return replace(
            state, watermark=watermark, complete_from=complete_from, failing=None, empty=False
        )

    def put_back(self, answer: TopicAnswer) -> None:
        """Move papers that only the feed has below the papers of a complete answer without them.

        The feed's date is that of the announcement, later than the true one; it must not keep a
        paper above newer ones.
        """
        if answer.failure or not answer.papers:
            return
        given = {paper.arxiv_id for paper in answer.papers}
        latest = min(map(self._time, answer.papers)) - timedelta(seconds=1)
        for arxiv_id, entry in self.entries.items():
            if entry.provisional and answer.topic.name in entry.topics and arxiv_id not in given:
                paper = replace(
                    entry.paper,
                    published=min(entry.paper.published, latest),
                    updated=min(entry.paper.updated, latest),
                )
                self.entries[arxiv_id] = self._with_paper(entry, paper)

    def set_tables(self, answers: Sequence[TopicAnswer]) -> None:
        """Set each topic's table, and where its known papers end."""
        by_name = {answer.topic.name: answer for answer in answers}
        for name, ids in self._rows.items():
            rows = newest_first((self.entries[one] for one in ids), self.settings.sort)
            floor = _floor(self.before[name], by_name.get(name), rows, self.settings)
            table = tuple(row.paper.arxiv_id for row in rows[: self.settings.max_papers])
            self.states[name] = replace(self.states[name], floor=floor, table=table)

    def has_other_tables(self) -> bool:
        """Whether a page shows other papers than before, or in another order."""

        def tables(states: Mapping[str, TopicState]) -> list[tuple[str, tuple[str, ...]]]:
            return [(name, state.table) for name, state in states.items()]

        return tables(self.states) != tables(self.old.topics)


def _is_replacement(paper: Paper, state: TopicState) -> bool:
    """Whether a paper is a newer version of one from before the topic's watermark."""
    return state.watermark is not None and paper.version > 1 and paper.published <= state.watermark


def _filled_in(announced: Paper, known: Paper) -> Paper:
    """Return a replacement from the feed, with the facts that only the known version has."""
    return replace(
        announced,
        comment=known.comment,
        published=known.published,
        updated=max(announced.updated, known.updated),
        journal_ref=announced.journal_ref or known.journal_ref,
        doi=announced.doi or known.doi,
    )


def _floor(
    before: TopicState, answer: TopicAnswer | None, rows: Sequence[Entry], settings: Settings
) -> datetime | None:
    """Return the floor after a night; `rows` are all of the topic's entries, newest first.

    arXiv's total counts only if the store cannot tell: it is not known when topics are asked
    together, and the floor must not depend on how they were asked.
    """
    if answer is None or answer.failure or not rows:
        return before.floor
    table = rows[: settings.max_papers]
    last = sort_time(table[-1].paper, settings.sort)
    if before.watermark is not None and before.floor is None:
        # All were known, and all new ones have come, unless the limit cut them off.
        return last if answer.coverage.limited or len(rows) > len(table) else None
    settled = is_filled(before, table, settings) and before.watermark is not None
    if not settled and answer.total is not None and answer.total <= len(table):
        return None
    return last if len(table) == settings.max_papers else before.floor
