"""Merge the answers of one night into the store, without losing what was known.

The functions are pure: no network, no clock, no file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from daily_papers.announcement_calendar import announcements_between, listing_day
from daily_papers.settings import Settings
from daily_papers.store.night_results import (
    NO_ANNOUNCEMENT,
    NOTHING_NEW,
    extended,
    is_new_on,
    is_revised_on,
    ledger_rows,
)
from daily_papers.store.paper import Paper, split_identifier
from daily_papers.store.record_types import (
    ANNOUNCEMENTS,
    DigestText,
    Entry,
    Failure,
    LedgerRow,
    Revision,
    Store,
    TopicState,
    sort_time,
    tables_of,
)
from daily_papers.store.topic_states import TopicAnswer, is_filled, predecessor, state_for
from daily_papers.topics.keywords import Topic, slugify

# A paper that newer ones have pushed out of its table is kept this long: a notice that could not be
# posted, and the pages of days and weeks, still need it.
RETENTION = timedelta(days=14)
# This long, if watchers have not been notified of it and there have been notices before.
PENDING = timedelta(days=90)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    A paper is kept by its identifier without version. An older version never replaces a newer one,
    and a paper leaves a table only when newer ones push it out.
    """
    work = _Merge(store, topics, queries, now, settings)
    # The feed's last: another topic's answer may have the exact facts of what it announces.
    for answer in sorted(answers, key=lambda one: one.source == ANNOUNCEMENTS):
        work.take(answer)
    for answer in answers:
        work.put_back(answer)
    work.set_floors(answers)
    kept = work.pruned(work.entries, work.states)
    rows = ledger_rows(work.night, answers, kept.values(), work.before, work.quiet, settings.sort)
    # Papers that are only due to be forgotten are no change, and wait for a night that has one.
    papers_changed = (
        store is None
        or store.sort != settings.sort
        or kept != work.pruned(store.entries, store.topics)
    )
    if store and not papers_changed and list(work.states.items()) == list(store.topics.items()):
        return Merged(store, rows, new=0, revised=0, changed=False)
    merged = replace(
        work.old,
        updated=work.night if papers_changed else work.old.updated,
        sort=settings.sort,
        topics=work.states,
        entries=kept,
        ledger=extended(work.old.ledger, rows, work.old.topics, work.before),
        digests=_kept_digests(work.old.digests, work.states, kept),
    )
    return Merged(
        merged,
        rows,
        new=sum(is_new_on(work.night, entry) for entry in kept.values()),
        revised=sum(is_revised_on(work.night, entry) for entry in kept.values()),
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
        self.states = {topic.name: self._carried(topic, queries[topic.name]) for topic in topics}
        self.entries = self._carried_entries(queries)
        self.before = dict(self.states)
        """The states before any answer."""
        self._rows_before = self._all_rows()

    def _time(self, paper: Paper) -> datetime:
        return sort_time(paper, self.settings.sort)

    def _all_rows(self) -> dict[str, list[Entry]]:
        """Return all entries of each topic, newest first."""
        entries = self.entries.values()
        return tables_of(entries, self.states, self.settings.sort, len(entries))

    def _carried(self, topic: Topic, query: str) -> TopicState:
        """Return the state with which a topic begins the night."""
        known = state_for(self.old, topic, query, self.settings.sort)
        if known is not None:
            is_same_page = slugify(known.name) == slugify(topic.name)
            named = known.named if is_same_page else self.night
            return replace(known, name=topic.name, query=query, named=named)
        old = predecessor(self.old, topic.name, query)
        if old is None:
            return TopicState(topic.name, query, since=self.night)
        # With its old query: its papers stay until arXiv has answered the new one.
        since = self.night if old.watermark else old.since
        return replace(old, name=topic.name, since=since, watermark=None, floor=None, empty=False)

    def _carried_entries(self, queries: Mapping[str, str]) -> dict[str, Entry]:
        """Return the entries under the present names of their topics."""
        if self.states.keys() == self.old.topics.keys():
            return dict(self.old.entries)
        heirs: dict[str, list[str]] = {}
        for name in self.states:
            old = predecessor(self.old, name, queries[name])
            if old is not None:
                heirs.setdefault(old.name, []).append(name)
        return {
            arxiv_id: replace(
                entry,
                topics=tuple(sorted({heir for one in entry.topics for heir in heirs.get(one, ())})),
            )
            for arxiv_id, entry in self.old.entries.items()
        }

    def take(self, answer: TopicAnswer) -> None:
        """Add the papers of an answer, and update the state of its topic."""
        state = self.states[answer.topic.name]
        if answer.failure is None and state.query != answer.query:
            # The query was changed: what the topic has answers the old one.
            for arxiv_id, entry in self.entries.items():
                topics = tuple(name for name in entry.topics if name != state.name)
                self.entries[arxiv_id] = replace(entry, topics=topics)
            state = replace(state, query=answer.query)
        is_provisional = answer.source == ANNOUNCEMENTS
        for paper in self._needed(answer, state):
            old = self.entries.get(paper.arxiv_id)
            if old is not None:
                self.entries[paper.arxiv_id] = self._updated(old, paper, state, is_provisional)
            # The feed does not say when version 1 of a replacement was submitted: the next
            # complete answer does.
            elif not is_provisional or paper.version == 1:
                self.entries[paper.arxiv_id] = self._new(paper, state, is_provisional)
        self.states[state.name] = self._advanced(state, answer)

    def _needed(self, answer: TopicAnswer, state: TopicState) -> tuple[Paper, ...]:
        """Return the papers since the watermark or for the table.

        How many others an answer has depends on how it was asked.
        """
        if state.watermark is None or not answer.complete:
            return answer.papers
        known = {row.paper.arxiv_id: self._time(row.paper) for row in self._rows_before[state.name]}
        found = {paper.arxiv_id: self._time(paper) for paper in answer.papers}
        table = sorted({**known, **found}.values(), reverse=True)[: self.settings.max_papers]
        since = min([state.watermark, *table[-1:]])
        return tuple(paper for paper in answer.papers if found[paper.arxiv_id] >= since)

    def _is_past(self, paper: Paper, state: TopicState) -> bool:
        """Whether a paper is from before the topic was added, or from below its full table."""
        if state.watermark is None:
            return state.since != self.old.created and self._time(paper) <= state.since
        return state.floor is not None and self._time(paper) <= state.floor

    def _new(self, paper: Paper, state: TopicState, is_provisional: bool) -> Entry:
        """Return the entry of a paper that was not in the store."""
        is_past, is_replacement = self._is_past(paper, state), _is_replacement(paper, state)
        entry = Entry(
            paper=paper,
            topics=(state.name,),
            first_seen=self.night,
            silent=is_past or is_replacement,
            revised=Revision(self.night, 0) if is_replacement and not is_past else None,
            provisional=is_provisional,
        )
        if entry.silent or state.watermark is None:
            return entry
        return replace(entry, listed=self._listed(entry, state.name, state.watermark))

    def _updated(self, old: Entry, paper: Paper, state: TopicState, is_provisional: bool) -> Entry:
        """Return a known entry after a paper of an answer."""
        entry = old
        is_new = not (self._is_past(paper, state) or _is_replacement(paper, state))
        if old.first_seen == self.night and old.silent and is_new and not is_provisional:
            entry = replace(entry, silent=False)
        if paper.version > old.paper.version:
            entry = replace(
                entry,
                paper=_filled_in(paper, old.paper) if is_provisional else paper,
                revised=Revision(self.night, self._version_told(old)),
                provisional=is_provisional,
            )
        elif paper.version == old.paper.version and not is_provisional:
            entry = replace(entry, paper=paper, provisional=False)
        if entry.paper != old.paper and _gained_venue(old, entry.paper):
            entry = replace(entry, accepted=self.night)
        if state.name not in entry.topics:
            entry = replace(entry, topics=tuple(sorted((*entry.topics, state.name))))
        return entry

    def _version_told(self, entry: Entry) -> int:
        """Return the version of which watchers know."""
        notified = self.old.notified
        if entry.revised and (notified is None or entry.revised.seen > notified):
            return entry.revised.from_version
        return entry.paper.version

    @cached_property
    def _written_days(self) -> set[tuple[str, date]]:
        """The topics and days whose pages an earlier night may have written."""
        entries = self.old.entries.values()
        return {(name, one.day) for one in entries if not one.silent for name in one.topics}

    def _listed(self, entry: Entry, topic: str, watermark: datetime) -> date | None:
        """Return the day whose pages list a new paper, if that is not the day of its announcement.

        It is today's for a paper that arXiv held back until its own day's pages were past, which
        are never written again, and for one from the feed, which has no exact time of submission.
        """
        today = listing_day(self.night)
        if entry.provisional:
            return today
        day = entry.day
        if day >= today:
            return None
        is_old = entry.paper.published <= watermark and day <= today - RETENTION
        return today if is_old or (topic, day) in self._written_days else None

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
        return replace(state, watermark=watermark, failing=None, empty=False)

    def put_back(self, answer: TopicAnswer) -> None:
        """Move papers that only the feed has below the papers of a complete answer without them.

        The feed's date is that of the announcement, later than the true one; it must not keep a
        paper above newer ones.
        """
        if not answer.complete or not answer.papers:
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
                self.entries[arxiv_id] = replace(entry, paper=paper)

    def set_floors(self, answers: Sequence[TopicAnswer]) -> None:
        """Update where the known papers of each topic end."""
        by_name = {answer.topic.name: answer for answer in answers}
        for name, rows in self._all_rows().items():
            floor = _floor(self.before[name], by_name.get(name), rows, self.settings)
            self.states[name] = replace(self.states[name], floor=floor)

    def pruned(
        self, entries: Mapping[str, Entry], states: Mapping[str, TopicState]
    ) -> dict[str, Entry]:
        """Return the entries of the tables, those that were news lately, and the awaited ones.

        Awaited is what a failing topic will find when it recovers: it must not be news again.
        """
        tables = tables_of(entries.values(), states, self.settings.sort, self.settings.max_papers)
        shown = {(row.paper.arxiv_id, name) for name, rows in tables.items() for row in rows}
        failing = {name: state for name, state in states.items() if state.failing}
        horizon = min((one.watermark or EPOCH for one in failing.values()), default=self.night)
        forget = self._forget()

        def is_awaited(entry: Entry) -> bool:
            floors = [failing[name].floor or EPOCH for name in entry.topics if name in failing]
            since = min([horizon, *floors])
            return entry.first_seen > self.night - PENDING and self._time(entry.paper) > since

        kept: dict[str, Entry] = {}
        for arxiv_id, entry in entries.items():
            topics = tuple(name for name in entry.topics if (arxiv_id, name) in shown)
            if len(topics) < len(entry.topics) and (
                entry.is_new_since(forget)
                or entry.is_revised_since(forget)
                or entry.is_accepted_since(forget)
                or is_awaited(entry)
            ):
                topics = tuple(name for name in entry.topics if name in states)
            if topics:
                kept[arxiv_id] = entry if topics == entry.topics else replace(entry, topics=topics)
        return kept

    def _forget(self) -> datetime:
        """Return the time before which news may be forgotten."""
        recent = self.night - RETENTION
        notified = self.old.notified or recent
        return max(min(recent, notified), self.night - PENDING)


def _is_replacement(paper: Paper, state: TopicState) -> bool:
    """Whether a paper is a newer version of one from before the topic's watermark."""
    return state.watermark is not None and paper.version > 1 and paper.published <= state.watermark


def _gained_venue(old: Entry, paper: Paper) -> bool:
    """Whether a paper that was known without a venue has one now."""
    return not old.provisional and not old.paper.venue and bool(paper.venue)


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
    if answer is None or not answer.complete or not rows:
        return before.floor
    table = rows[: settings.max_papers]
    last = sort_time(table[-1].paper, settings.sort)
    if before.watermark is not None and before.floor is None:
        # All were known, and all new ones have come, unless the limit cut them off.
        return last if answer.capped or len(rows) > len(table) else None
    settled = is_filled(before, table, settings) and before.watermark is not None
    if not settled and answer.total is not None and answer.total <= len(table):
        return None
    return last if len(table) == settings.max_papers else before.floor


def _kept_digests(
    digests: Sequence[DigestText], states: Mapping[str, TopicState], entries: Mapping[str, Entry]
) -> tuple[DigestText, ...]:
    """Return the digests of present topics of which at least one paper is kept."""
    return tuple(
        digest
        for digest in digests
        if digest.topic in states
        and any(split_identifier(paper)[0] in entries for paper in digest.papers)
    )
