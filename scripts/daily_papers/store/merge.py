"""A night's answers into the store: pure, and never less than was known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from daily_papers.announcement_calendar import announcements_between, listing_day
from daily_papers.settings import Settings
from daily_papers.store.paper import Paper, split_identifier
from daily_papers.store.records import (
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
from daily_papers.topics.keywords import Topic, slugify

# A paper that newer ones have pushed out of its table is kept this long: a notice that could not be
# posted, and the pages of days and weeks, still need it.
RETENTION = timedelta(days=14)
# So long, if watchers have not been told of it yet and there have been notices before.
PENDING = timedelta(days=90)
LEDGER_NIGHTS = 30
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


OK = "ok"
NOTHING_NEW = "nothing new"
NO_ANNOUNCEMENT = "no announcement today"
QUIET_STATES = (OK, NOTHING_NEW, NO_ANNOUNCEMENT)
"""The states of a topic that was refreshed."""


@dataclass(frozen=True, slots=True)
class TopicAnswer:
    """What a night learned about one topic."""

    topic: Topic
    query: str
    papers: tuple[Paper, ...] = ()
    total: int | None = None
    """How many papers arXiv said there are."""
    source: str = ""
    complete: bool = False
    """Whether nothing can be missing between the papers and the topic's watermark."""
    capped: bool = False
    """Whether looking back ended at the limit instead of at the watermark."""
    failure: tuple[str, str] | None = None
    """The state and the reason, if the search API did not answer in full."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The store after a night's answers were merged in, and what they brought."""

    store: Store
    rows: tuple[LedgerRow, ...]
    """One a topic that was asked, in the order of keywords.txt."""
    new: int
    """Papers that are new, each counted once however many topics it has."""
    revised: int
    changed: bool
    """Whether the store is another than before."""


def state_for(store: Store | None, topic: Topic, query: str, sort: str) -> TopicState | None:
    """Return what is known for `topic` with this query: under its name, or from before a renaming.

    None if the topic is new, if its query was changed, or if the tables are sorted anew. Letters'
    case is nothing to arXiv.
    """
    if store is None or store.sort != sort:
        return None
    state = _predecessor(store, topic.name, query)
    return state if state and state.query.casefold() == query.casefold() else None


def _predecessor(store: Store, name: str, query: str) -> TopicState | None:
    """Return the topic whose rows a topic goes on with: of its name, its query, or its page."""
    if name in store.topics:
        return store.topics[name]
    others = store.topics.values()
    for same in (
        lambda other: other.query.casefold() == query.casefold(),
        lambda other: slugify(other.name) == slugify(name),
    ):
        found = next(filter(same, others), None)
        if found is not None:
            return found
    return None


def merge(
    store: Store | None,
    topics: Sequence[Topic],
    queries: Mapping[str, str],
    answers: Sequence[TopicAnswer],
    now: datetime,
    settings: Settings,
) -> Merged:
    """Return the store after a night, and what the night did.

    `queries` holds every topic's query by name; `answers` those of the topics that were asked.
    A paper is kept by its identifier without version; an older version never replaces a newer one;
    a paper leaves a table only when newer ones push it out.
    """
    sort = settings.sort
    # Two runs within one second, or a clock set back, must not make one night of two.
    night = now if store is None else max(now, store.updated + timedelta(seconds=1))
    created = store.created if store else night
    states = _carry_states(store, topics, queries, night, sort)
    entries = _carry_entries(store, states, queries)
    earlier = dict(states)
    held = _held(entries.values(), sort)

    # The feed's last: what it announces may be known exactly from another topic's answer.
    for answer in sorted(answers, key=lambda one: one.source == ANNOUNCEMENTS):
        state = states[answer.topic.name]
        if answer.failure is None and state.query != answer.query:
            # The topic asks for something else now; what it held answers the old query.
            for arxiv_id, entry in entries.items():
                entries[arxiv_id] = _without(entry, {state.name})
            state = replace(state, query=answer.query)
        taken = _trimmed(answer, state, held.get(state.name, {}), settings)
        _take_papers(entries, taken, state, night, created, store, sort)
        states[state.name] = _advance(state, answer, night, sort)
    for answer in answers:
        _put_back(entries, answer, sort)

    every = tables_of(entries.values(), states, sort, len(entries))
    tables = {name: rows[: settings.max_papers] for name, rows in every.items()}
    by_name = {answer.topic.name: answer for answer in answers}
    states = {
        name: replace(state, floor=_floor(earlier[name], by_name.get(name), every[name], settings))
        for name, state in states.items()
    }
    forget = _forget(store, night)
    kept = _prune(entries, states, tables, forget, night, sort)
    rows = _rows(answers, kept, earlier, store, now, night, sort)
    if store is None or sort != store.sort:
        papers_changed = True
    else:
        # What is only due to be forgotten is no news, and waits for a night that has some.
        shown = store.tables(settings.max_papers)
        before = _prune(store.entries, store.topics, shown, forget, night, sort)
        papers_changed = kept != before
    if store and not papers_changed and list(states.items()) == list(store.topics.items()):
        return Merged(store, rows, new=0, revised=0, changed=False)
    ledger = (*(store.ledger if store else ()), *_worth_keeping(rows, earlier, store))
    return Merged(
        Store(
            created=created,
            updated=night if papers_changed or store is None else store.updated,
            sort=sort,
            notified=store.notified if store else None,
            topics=states,
            entries=kept,
            ledger=_last_nights(ledger),
            digests=_kept_digests(store, states, kept),
            spending=store.spending if store else None,
        ),
        rows,
        new=sum(_is_new_on(night, entry) for entry in kept.values()),
        revised=sum(_is_revised_on(night, entry) for entry in kept.values()),
        changed=True,
    )


def _kept_digests(
    store: Store | None, states: Mapping[str, TopicState], entries: Mapping[str, Entry]
) -> tuple[DigestText, ...]:
    """Return the digests of the topics that are there, as long as one of their papers is kept."""
    return tuple(
        digest
        for digest in (store.digests if store else ())
        if digest.topic in states
        and any(split_identifier(paper)[0] in entries for paper in digest.papers)
    )


def _carry_states(
    store: Store | None,
    topics: Sequence[Topic],
    queries: Mapping[str, str],
    night: datetime,
    sort: str,
) -> dict[str, TopicState]:
    states: dict[str, TopicState] = {}
    for topic in topics:
        query = queries[topic.name]
        known = state_for(store, topic, query, sort)
        old = _predecessor(store, topic.name, query) if store else None
        if known is not None:
            named = known.named if slugify(known.name) == slugify(topic.name) else night
            states[topic.name] = replace(known, name=topic.name, query=query, named=named)
        elif old is not None:
            # Its rows stay until arXiv has answered the new query.
            since = night if old.watermark else old.since
            states[topic.name] = replace(
                old, name=topic.name, since=since, watermark=None, floor=None, empty=False
            )
        else:
            states[topic.name] = TopicState(topic.name, query, since=night)
    return states


def _carry_entries(
    store: Store | None, states: Mapping[str, TopicState], queries: Mapping[str, str]
) -> dict[str, Entry]:
    if store is None:
        return {}
    if states.keys() == store.topics.keys():
        return dict(store.entries)
    heirs: dict[str, list[str]] = {}
    for name in states:
        old = _predecessor(store, name, queries[name])
        if old is not None:
            heirs.setdefault(old.name, []).append(name)
    return {
        arxiv_id: replace(
            entry,
            topics=tuple(sorted({heir for name in entry.topics for heir in heirs.get(name, ())})),
        )
        for arxiv_id, entry in store.entries.items()
    }


def _without(entry: Entry, names: set[str]) -> Entry:
    if names.isdisjoint(entry.topics):
        return entry
    return replace(entry, topics=tuple(name for name in entry.topics if name not in names))


def _held(entries: Iterable[Entry], sort: str) -> dict[str, dict[str, datetime]]:
    """Return the time of each paper by topic and identifier."""
    held: dict[str, dict[str, datetime]] = {}
    for entry in entries:
        time = sort_time(entry.paper, sort)
        for name in entry.topics:
            held.setdefault(name, {})[entry.paper.arxiv_id] = time
    return held


def _trimmed(
    answer: TopicAnswer, state: TopicState, held: Mapping[str, datetime], settings: Settings
) -> TopicAnswer:
    """Return an answer without papers that are neither since the watermark nor for the table.

    How many of those come along depends on how it was asked.
    """
    if state.watermark is None or not answer.complete:
        return answer
    times = {paper.arxiv_id: sort_time(paper, settings.sort) for paper in answer.papers}
    newest = sorted({**held, **times}.values(), reverse=True)[: settings.max_papers]
    if not newest:
        return answer
    since = min(state.watermark, newest[-1])
    return replace(
        answer, papers=tuple(paper for paper in answer.papers if times[paper.arxiv_id] >= since)
    )


def _take_papers(
    entries: dict[str, Entry],
    answer: TopicAnswer,
    state: TopicState,
    night: datetime,
    created: datetime,
    store: Store | None,
    sort: str,
) -> None:
    first = state.watermark is None
    provisional = answer.source == ANNOUNCEMENTS
    days = _Days(store, state, night) if store else None
    for paper in answer.papers:
        old = entries.get(paper.arxiv_id)
        time = sort_time(paper, sort)
        # A topic that was added brings its past in silence, and news from that day on.
        past = (first and state.since != created and time <= state.since) or (
            not first and state.floor is not None and time <= state.floor
        )
        replacement = (
            not first
            and paper.version > 1
            and state.watermark is not None
            and paper.published <= state.watermark
        )
        if old is None and provisional and paper.version > 1:
            # The feed does not say when version 1 was: the next complete answer does.
            continue
        if old is None:
            entry = Entry(
                paper=paper,
                topics=(state.name,),
                first_seen=night,
                silent=past or replacement,
                revised=Revision(night, 0) if replacement and not past else None,
                provisional=provisional,
            )
            if days and not first and not entry.silent:
                entry = replace(entry, listed=days.listed(entry))
            entries[paper.arxiv_id] = entry
            continue
        entry = old
        told = past or replacement or provisional
        if old.first_seen == night and old.silent and not told:
            entry = replace(entry, silent=False)
        if paper.version > old.paper.version:
            notified = store.notified if store else None
            known = (
                old.revised.from_version
                if old.revised and (notified is None or old.revised.seen > notified)
                else old.paper.version
            )
            entry = replace(
                entry,
                paper=_filled_in(paper, old.paper) if provisional else paper,
                revised=Revision(night, known),
                provisional=provisional,
            )
        elif paper.version == old.paper.version and not provisional:
            entry = replace(entry, paper=paper, provisional=False)
        if entry.paper != old.paper and _gained_venue(old, entry.paper):
            entry = replace(entry, accepted=night)
        if state.name not in entry.topics:
            entry = replace(entry, topics=tuple(sorted((*entry.topics, state.name))))
        if entry != old:
            entries[paper.arxiv_id] = entry


class _Days:
    """The days whose pages an earlier night may have written for a topic."""

    def __init__(self, store: Store, state: TopicState, night: datetime) -> None:
        self._store = store
        self._topic = state.name
        self._watermark = state.watermark
        self.today = listing_day(night)

    @cached_property
    def written(self) -> set[date]:
        return {
            entry.day
            for entry in self._store.entries.values()
            if self._topic in entry.topics and not entry.silent
        }

    def listed(self, entry: Entry) -> date | None:
        """Return the day whose pages list a new paper, if that is not its announcement's.

        A paper that was held back comes when the pages of its own day are past, which are never
        written again; the feed's papers have no exact time of submission. Both go to the night's.
        """
        if entry.provisional:
            return self.today
        day = entry.day
        if day >= self.today:
            return None
        is_old = self._watermark is not None and entry.paper.published <= self._watermark
        is_past = day in self.written or (is_old and day <= self.today - RETENTION)
        return self.today if is_past else None


def _gained_venue(old: Entry, paper: Paper) -> bool:
    """Whether a paper that was known without a venue has one now."""
    return not old.provisional and not old.paper.venue and bool(paper.venue)


def _put_back(entries: dict[str, Entry], answer: TopicAnswer, sort: str) -> None:
    """Put papers that only the feed knows below those of a complete answer they are not in.

    The feed's date is that of the announcement, which is later than the true one; it must not hold
    a paper above newer ones.
    """
    if not answer.complete or not answer.papers:
        return
    given = {paper.arxiv_id for paper in answer.papers}
    latest = min(sort_time(paper, sort) for paper in answer.papers) - timedelta(seconds=1)
    for arxiv_id, entry in entries.items():
        if entry.provisional and answer.topic.name in entry.topics and arxiv_id not in given:
            paper = entry.paper
            entries[arxiv_id] = replace(
                entry,
                paper=replace(
                    paper,
                    published=min(paper.published, latest),
                    updated=min(paper.updated, latest),
                ),
            )


def _filled_in(announced: Paper, known: Paper) -> Paper:
    """Return a replacement from the feed, with what the feed lacks from the version before."""
    return replace(
        announced,
        comment=known.comment,
        published=known.published,
        updated=max(announced.updated, known.updated),
        journal_ref=announced.journal_ref or known.journal_ref,
        doi=announced.doi or known.doi,
    )


def _advance(state: TopicState, answer: TopicAnswer, night: datetime, sort: str) -> TopicState:
    if answer.failure is not None:
        what, why = answer.failure
        return replace(state, failing=state.failing or Failure(night, what, why))
    if not answer.papers:
        # No paper yet, or a silent fault of arXiv's: the first that come make a first night.
        return replace(state, failing=None, empty=state.watermark is None)
    newest = max(sort_time(paper, sort) for paper in answer.papers)
    # A date ahead of the clock must not hide the papers that come before it.
    watermark = max(state.watermark or EPOCH, min(newest, night))
    return replace(state, watermark=watermark, failing=None, empty=False)


def _floor(
    before: TopicState, answer: TopicAnswer | None, rows: Sequence[Entry], settings: Settings
) -> datetime | None:
    """Return the floor after a night; `rows` are all of the topic's papers, newest first.

    What arXiv says there are in all counts only where the store cannot tell: it is not known when
    topics are asked together, and the floor must not depend on how they were asked.
    """
    if answer is None or not answer.complete or not rows:
        return before.floor
    table = rows[: settings.max_papers]
    last = sort_time(table[-1].paper, settings.sort)
    if before.watermark is not None and before.floor is None:
        # All were known, and all that are new have come, unless the limit cut them off.
        return last if answer.capped or len(rows) > len(table) else None
    settled = is_filled(before, table, settings) and before.watermark is not None
    if not settled and answer.total is not None and answer.total <= len(table):
        return None
    return last if len(table) == settings.max_papers else before.floor


def is_filled(state: TopicState, table: Sequence[Entry], settings: Settings) -> bool:
    """Whether no older paper of a topic belongs into its table, as after max-papers was raised."""
    return state.floor is None or (
        len(table) >= settings.max_papers
        and sort_time(table[-1].paper, settings.sort) >= state.floor
    )


def _rows(
    answers: Sequence[TopicAnswer],
    entries: Mapping[str, Entry],
    earlier: Mapping[str, TopicState],
    store: Store | None,
    now: datetime,
    night: datetime,
    sort: str,
) -> tuple[LedgerRow, ...]:
    new: dict[str, int] = dict.fromkeys(earlier, 0)
    revised: dict[str, int] = dict.fromkeys(earlier, 0)
    for entry in entries.values():
        for name in entry.topics:
            new[name] += _is_new_on(night, entry)
            revised[name] += _is_revised_on(night, entry)
    quiet = (
        NOTHING_NEW
        if store is None or announcements_between(now - timedelta(days=1), now)
        else NO_ANNOUNCEMENT
    )
    rows = []
    for answer in answers:
        name = answer.topic.name
        state, reason = answer.failure or ("", "")
        if not state:
            state = OK if new[name] or revised[name] else quiet
        if answer.capped:
            reason = (
                f"looked back over {len(answer.papers)} papers, which is the limit; "
                "older ones of the nights missed are not listed"
            )
        elif answer.total == 0:
            reason = "arXiv has no paper for this topic; check its spelling"
        rows.append(
            LedgerRow(
                night=night,
                topic=name,
                state=state,
                source=answer.source,
                total=answer.total,
                fetched=_fetched(answer, earlier[name].watermark, sort),
                new=new[name],
                revised=revised[name],
                reason=reason,
            )
        )
    return tuple(rows)


def _is_new_on(night: datetime, entry: Entry) -> bool:
    return entry.first_seen == night and not entry.silent


def _is_revised_on(night: datetime, entry: Entry) -> bool:
    return (
        entry.revised is not None and entry.revised.seen == night and not _is_new_on(night, entry)
    )


def _fetched(answer: TopicAnswer, watermark: datetime | None, sort: str) -> int:
    """Return how many papers came from the watermark on: how much is read again says nothing."""
    if watermark is None or answer.source == ANNOUNCEMENTS:
        return len(answer.papers)
    return sum(sort_time(paper, sort) >= watermark for paper in answer.papers)


def _worth_keeping(
    rows: Sequence[LedgerRow], earlier: Mapping[str, TopicState], store: Store | None
) -> list[LedgerRow]:
    """Return the rows of topics for which papers came, or that failed, recovered or began.

    How many papers arXiv has in all is kept of a topic's first look only: it is not known when
    topics are asked together.
    """
    kept = []
    for row in rows:
        known = store.topics.get(row.topic) if store else None
        failed = row.state not in QUIET_STATES
        was_failing = known is not None and known.failing is not None
        if row.new or row.revised or failed != was_failing or known is None:
            first = earlier[row.topic].watermark is None
            kept.append(row if first else replace(row, total=None))
    return kept


def _last_nights(ledger: Sequence[LedgerRow]) -> tuple[LedgerRow, ...]:
    nights = sorted({row.night for row in ledger})[-LEDGER_NIGHTS:]
    return tuple(row for row in ledger if not nights or row.night >= nights[0])


def _forget(store: Store | None, night: datetime) -> datetime:
    """Return the moment before which what was news may be forgotten."""
    recent = night - RETENTION
    if store is None or store.notified is None:
        return recent
    return max(min(recent, store.notified), night - PENDING)


def _prune(
    entries: Mapping[str, Entry],
    states: Mapping[str, TopicState],
    tables: Mapping[str, Sequence[Entry]],
    forget: datetime,
    night: datetime,
    sort: str,
) -> dict[str, Entry]:
    """Return the entries that are shown, that were news after `forget`, or that are awaited.

    Awaited is what a failing topic will find when it recovers: it must not be news again.
    """
    shown = {(entry.paper.arxiv_id, name) for name, table in tables.items() for entry in table}
    failing = {name: state for name, state in states.items() if state.failing}
    horizon = min((state.watermark or EPOCH for state in failing.values()), default=night)

    def is_awaited(entry: Entry) -> bool:
        time = sort_time(entry.paper, sort)
        return entry.first_seen > night - PENDING and (
            time > horizon
            or any(
                time > (failing[name].floor or EPOCH) for name in entry.topics if name in failing
            )
        )

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
