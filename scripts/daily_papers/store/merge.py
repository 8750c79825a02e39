"""Merge the answers of one night into the store, without losing what was known.

The functions are pure: no network, no clock, no file.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain

from daily_papers.announcement_calendar import announced_at, announcements_between
from daily_papers.settings import Settings
from daily_papers.store.coverage import EPOCH, look_back_to
from daily_papers.store.entry_types import (
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
from daily_papers.store.which_day_lists import RECENT, listed_days, with_names
from daily_papers.topics.keywords import Topic, slugify

_HARVEST_DUE = timedelta(days=2)
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
    *,
    harvested: date | None = None,
    doubted: Collection[str] = (),
) -> Merged:
    """Return the store after a night, and what the night brought.

    `queries` has every topic's query by name; `answers` are those of the topics that were asked.
    A paper is kept by its identifier without version, for ever. An older version never replaces a
    newer one, and a paper leaves a table only when newer ones push it out. `store` must have the
    papers of the answers that it knows. `harvested` and `doubted` are as in the store.
    """
    work = _Merge(store, topics, queries, now, settings)
    for answer in answers:
        work.take(answer)
    work.set_tables(answers)
    rows = ledger_rows(
        work.night, answers, work.entries.values(), work.before, work.quiet, settings.sort
    )
    changed = [
        entry for arxiv_id, entry in work.entries.items() if work.old.entries.get(arxiv_id) != entry
    ]
    harvested = harvested or work.old.harvested
    doubted = tuple(sorted(doubted))
    # A day's change alone is not saved: a night without news changes nothing.
    last = work.old.harvested or work.old.updated.date() - timedelta(days=1)
    is_same = (
        not changed
        and not (harvested is not None and harvested - last >= _HARVEST_DUE)
        and doubted == work.old.doubted
        and list(work.states.items()) == list(work.old.topics.items())
    )
    is_due = work.night - work.old.updated >= LONGEST_SILENCE
    if store and store.sort == settings.sort and is_same and not is_due:
        return Merged(store, rows, new=0, revised=0, changed=False)
    is_first = store is None or store.sort != settings.sort
    papers_changed = is_first or is_due or bool(changed) or work.has_other_tables()
    merged = replace(
        work.old,
        updated=work.night if papers_changed else work.old.updated,
        sort=settings.sort,
        harvested=harvested,
        doubted=doubted,
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
        needed = self._needed(answer, state)
        # An edit of an older paper brings it into no table.
        edited = [one for one in self._changed(answer, state) if one not in needed]
        unmoved = {one.arxiv_id for one in edited if self._is_known_version(one)}
        for paper in chain(needed, edited):
            old = self.entries.get(paper.arxiv_id)
            is_known = old is not None and state.name in old.topics
            if not is_known or paper.arxiv_id not in unmoved:
                self._rows[state.name].add(paper.arxiv_id)
            if old is None or state.name not in old.topics:
                self.joined[state.name].append(paper.arxiv_id)
            if old is not None:
                self.entries[paper.arxiv_id] = self._updated(old, paper, state)
            else:
                self.entries[paper.arxiv_id] = self._new(paper, state)
        self.states[state.name] = self._advanced(state, answer)

    def _needed(self, answer: TopicAnswer, state: TopicState) -> tuple[Paper, ...]:
        """Return the papers since the watermark, for the table, or shown late by arXiv.

        How many others an answer has depends on how it was asked.
        """
        if state.watermark is None:
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

    def _is_known_version(self, paper: Paper) -> bool:
        known = self.entries.get(paper.arxiv_id)
        return known is not None and known.paper.version >= paper.version

    def _changed(self, answer: TopicAnswer, state: TopicState) -> Iterator[Paper]:
        """Yield the changed papers that the topic has, or should have had since it is followed."""
        for paper in answer.changed:
            known = self.entries.get(paper.arxiv_id)
            if (known and state.name in known.topics) or not self._is_past(paper, state):
                yield paper

    def _is_cross_listed(self, paper: Paper, state: TopicState) -> bool:
        """Whether an unknown paper was announced long ago, in other categories.

        Its versions are old. So are those of a paper that arXiv held back, but identifiers are
        given at the end: its own is higher than those that were announced by then.
        """
        if state.watermark is None:
            return False
        recent = state.watermark - RECENT
        if max(paper.updated, announced_at(paper.published)) > recent:
            return False
        before = [
            _order(entry.paper)
            for entry in self.old.entries.values()
            if entry.paper.published > recent
        ]
        return not before or _order(paper) < min(before)

    def _is_past(self, paper: Paper, state: TopicState) -> bool:
        """Whether a paper is from before what the topic has followed."""
        if state.watermark is None:
            return state.since != self.old.created and self._time(paper) <= state.since
        return state.past_until is not None and self._time(paper) <= state.past_until

    def _new(self, paper: Paper, state: TopicState) -> Entry:
        """Return the entry of a paper that was not in the store."""
        is_past = self._is_past(paper, state)
        is_cross_listed = not is_past and self._is_cross_listed(paper, state)
        is_revised = not (is_past or is_cross_listed) and _is_replacement(paper, state)
        return Entry(
            paper=paper,
            topics=(state.name,),
            first_seen=self.night,
            silent=is_past or is_cross_listed or is_revised,
            revised=Revision(self.night, 0) if is_revised else None,
            cross_listed=is_cross_listed,
        )

    def _updated(self, old: Entry, paper: Paper, state: TopicState) -> Entry:
        """Return a known entry after a paper of an answer."""
        entry = old
        if old.first_seen == self.night and old.silent and not self._new(paper, state).silent:
            entry = replace(entry, silent=False, revised=None, cross_listed=False)
        if paper.version > old.paper.version:
            entry = replace(
                self._with_paper(entry, paper),
                revised=Revision(self.night, self._version_told(old)),
            )
        elif paper.version == old.paper.version:
            # The search does not know of the mark.
            withdrawn = paper.withdrawn or old.paper.withdrawn
            entry = self._with_paper(entry, replace(paper, withdrawn=withdrawn))
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
        is_known = entry.first_seen != self.night
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
    """Whether an unknown paper is a newer version of one from before the topic's watermark.

    One of the last days, which the topic has followed, is new: arXiv showed it late.
    """
    if state.watermark is None or paper.version == 1:
        return False
    followed = max(state.past_until or EPOCH, state.watermark - RECENT)
    return paper.published <= followed


def _order(paper: Paper) -> tuple[bool, str]:
    """Return a key that sorts identifiers by the time they were given; the old style came first."""
    return ("/" not in paper.arxiv_id, paper.arxiv_id)


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
    if before.watermark is None and answer.total is None and answer.coverage.complete_from != EPOCH:
        # A harvest: there are older ones.
        return last
    settled = is_filled(before, table, settings) and before.watermark is not None
    if not settled and answer.total is not None and answer.total <= len(table):
        return None
    return last if len(table) == settings.max_papers else before.floor
