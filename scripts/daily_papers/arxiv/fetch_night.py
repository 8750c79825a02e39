"""Fetch a night's papers through both doors: the search, then the harvest.

The search comes first: for its topics it needs fewer requests and bytes. The harvest then tells
what the search cannot see, and takes its place for topics of which it failed.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from daily_papers.announcement_calendar import announced_at, submitted_since
from daily_papers.arxiv.fetch_topics import ask_topics
from daily_papers.arxiv.harvest import Harvest, harvest
from daily_papers.arxiv.oai_pmh import has_plain_notes
from daily_papers.arxiv.paced_requests import FetchError, FetchState, PoliteSession
from daily_papers.arxiv.search_api import MOST_LOOKED_UP, SearchApi
from daily_papers.progress import say
from daily_papers.settings import Settings
from daily_papers.store.coverage import ANNOUNCEMENTS_AGAIN, Coverage
from daily_papers.store.entry_types import HARVEST, Store, sort_time
from daily_papers.store.paper import Paper, is_identifier
from daily_papers.store.topic_states import TopicAnswer, state_for
from daily_papers.topics.keywords import Topic
from daily_papers.topics.matching import Matcher, matchers_of, topics_of

Load = Callable[[Collection[str]], Store | None]
"""Returns the store with these papers too, as far as it has them."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a night got from arXiv."""

    answers: tuple[TopicAnswer, ...]
    """One for each topic that was asked."""
    harvested: date | None = None
    """The day up to which changes were harvested; None if it is still the last one."""
    doubted: tuple[str, ...] = ()
    """The identifiers of records that could not be believed."""
    warnings: tuple[str, ...] = ()


def fetch_night(
    api: SearchApi,
    session: PoliteSession,
    oai_url: str,
    topics: Sequence[Topic],
    queries: Mapping[str, str],
    store: Store | None,
    settings: Settings,
    now: datetime,
    *,
    together: bool,
    more_seconds: float,
    load: Load,
) -> Fetched:
    """Return the answers for topics; `queries` has the query of every topic by name.

    The search may use the session's time, and the harvest `more_seconds` too.
    """
    answers = ask_topics(api, topics, queries, store, settings, now, together=together)
    session.extend(more_seconds)
    matchers = matchers_of(topics, settings.categories)
    matched = {one.topic.name for one in matchers}
    answers = [
        _with_reason(one, "only its search knows arXiv's own syntax")
        if _is_lost(one) and one.topic.name not in matched
        else one
        for one in answers
    ]
    failed = {one.topic.name for one in answers if _is_lost(one)} & matched
    is_whole = store is not None and len(topics) == len(queries)
    if not matchers or not (failed or is_whole):
        return Fetched(tuple(answers), doubted=store.doubted if store else ())
    warnings: list[str] = []
    found = Harvest(now.date(), goes_on=False)
    try:
        patterns = _categories(matchers)
        found = harvest(session, oai_url, patterns, store, now, exact=bool(failed))
    except FetchError as error:
        answers = [
            _with_reason(one, error.reason) if one.topic.name in failed else one for one in answers
        ]
        failed = set()
        warnings.append(
            f"arXiv's OAI-PMH: {error}. What only it tells, such as edited comments, is asked for "
            "again on the next night; nothing is lost"
        )
    again = submitted_since(now, ANNOUNCEMENTS_AGAIN)
    is_confirmed = not failed and _has_all(
        found, [one for one in answers if one.topic.name in matched], again
    )
    joining = _Joining(api, matchers, answers, found, load)
    joining.look_up(store.doubted if store else (), found.left_out, is_searched=not failed)
    answers = [
        _substituted(answer, joining, found, store, queries, settings)
        if answer.topic.name in failed
        else joining.witnessed(answer)
        for answer in answers
    ]
    harvested = None if joining.is_unfinished or not is_whole else found.until
    if harvested and not is_confirmed:
        # What it may lack is harvested again for as long as the search would look back.
        harvested = max(found.since, min(harvested, again.date()))
    return Fetched(tuple(answers), harvested, joining.doubted, tuple(warnings))


def _has_all(found: Harvest, answers: Sequence[TopicAnswer], again: datetime) -> bool:
    """Whether a harvest has what the search has of its days, since a time: it has no count.

    Its first day is not looked at: arXiv may count an evening to the day before.
    """
    searched = (paper for one in answers for paper in one.papers if paper.updated >= again)
    due = (one for one in searched if announced_at(one.updated).date() > found.since)
    return all(
        one.arxiv_id in found.left_out
        or (one.arxiv_id in found.papers and found.papers[one.arxiv_id].version >= one.version)
        for one in due
    )


def _is_lost(answer: TopicAnswer) -> bool:
    """Whether the search has failed for a topic, for another reason than its query."""
    return answer.failure is not None and answer.failure[0] != FetchState.BAD_QUERY


class _Joining:
    """Joins a harvest with the answers of the search."""

    def __init__(
        self,
        api: SearchApi,
        matchers: Sequence[Matcher],
        answers: Sequence[TopicAnswer],
        found: Harvest,
        load: Load,
    ) -> None:
        self.is_unfinished = False
        """Whether a paper could not be read in full."""
        self.doubted: tuple[str, ...] = ()
        self.changed: defaultdict[str, list[Paper]] = defaultdict(list)
        """The papers of the harvest, by topic."""
        self._api = api
        self._matchers = matchers
        self._asked = {answer.topic.name for answer in answers}
        self._searched = {paper.arxiv_id: paper for one in answers for paper in one.papers}
        matching = {
            arxiv_id: {topic.name for topic in topics_of(paper, matchers)}
            for arxiv_id, paper in found.papers.items()
        }
        # Only those: a store of years has months that this night does not need.
        store = load([*(one for one, names in matching.items() if names), *self._searched])
        self._entries = store.entries if store else {}
        self._unclear: dict[str, Paper] = {}
        self.matching = matching
        """The names of the topics that each paper of the harvest matches, by identifier."""
        for arxiv_id, paper in found.papers.items():
            names = set(matching[arxiv_id])
            entry = self._entries.get(arxiv_id)
            if entry and entry.paper.version == paper.version:
                names |= self._asked.intersection(entry.topics)
            if names:
                self._settle(paper, names, is_clear=arxiv_id not in found.submitted)
        self._settled = {paper.arxiv_id: paper for one in self.changed.values() for paper in one}

    def _settle(self, paper: Paper, names: Collection[str], *, is_clear: bool) -> None:
        """Add a paper to its topics, or to those that the search has to be asked for."""
        entry = self._entries.get(paper.arxiv_id)
        known = self._searched.get(paper.arxiv_id) or (entry.paper if entry else None)
        if known and known.version > paper.version:
            return
        if known and known.version == paper.version:
            is_clear = is_clear or has_plain_notes(paper) or paper.comment == known.comment
            paper = _with_notes(known, paper) if is_clear else paper
        if not is_clear:
            self._unclear[paper.arxiv_id] = paper
            return
        for name in names:
            self.changed[name].append(paper)

    def look_up(
        self, doubted: Collection[str], left_out: Mapping[str, str], *, is_searched: bool
    ) -> None:
        """Ask the search for papers whose facts are not clear, and for those doubted before.

        The search must have worked tonight for that.
        """
        doubts = {one for one in (*doubted, *self._api.left_out, *left_out) if is_identifier(one)}
        # One that the search has again may be older than what the night reads.
        found = {one: self._searched[one] for one in doubted if one in self._searched}
        doubts -= self._settled.keys() | self._searched.keys()
        again = sorted(doubts & set(doubted), reverse=True)
        asked = [*self._unclear, *again][:MOST_LOOKED_UP]
        if asked and is_searched:
            try:
                found |= self._api.papers(asked)
            except FetchError as error:
                say(f"asked for {len(asked)} papers: {error}")
        for arxiv_id, paper in found.items():
            raw = self._unclear.pop(arxiv_id, None)
            withdrawn = raw is not None and raw.version == paper.version and raw.withdrawn
            entry = self._entries.get(arxiv_id)
            names = {topic.name for topic in topics_of(paper, self._matchers)}
            self.matching[arxiv_id] = set(names)
            if entry and entry.paper.version == paper.version:
                names |= self._asked.intersection(entry.topics)
            for name in names:
                self.changed[name].append(replace(paper, withdrawn=withdrawn))
        self.is_unfinished = bool(self._unclear)
        self.doubted = tuple(sorted(doubts - found.keys(), reverse=True)[:MOST_LOOKED_UP])
        self._settled = {paper.arxiv_id: paper for one in self.changed.values() for paper in one}

    def witnessed(self, answer: TopicAnswer) -> TopicAnswer:
        """Return an answer of the search with what the harvest knows better."""
        papers = tuple(
            better
            if (better := self._settled.get(paper.arxiv_id)) and better.version == paper.version
            else paper
            for paper in answer.papers
        )
        coverage = replace(answer.coverage, papers=papers)
        changed = tuple(self.changed.get(answer.topic.name, ()))
        return replace(answer, coverage=coverage, changed=changed)


def _substituted(
    answer: TopicAnswer,
    joining: _Joining,
    found: Harvest,
    store: Store | None,
    queries: Mapping[str, str],
    settings: Settings,
) -> TopicAnswer:
    """Return the answer of a harvest for a topic of which the search has failed."""
    name = answer.topic.name
    mine = list(joining.changed.get(name, ()))
    matching = (paper for paper in mine if name in joining.matching[paper.arxiv_id])
    papers = {paper.arxiv_id: paper for paper in (*answer.papers, *matching)}
    state = state_for(store, answer.topic, queries[name], settings.sort)
    begin = datetime.combine(found.since, time(), UTC)
    coverage = Coverage(tuple(papers.values()), begin)
    if state is not None and state.watermark is not None:
        coverage = replace(coverage, goes_on=found.goes_on)
        is_answered = coverage.continues(state.watermark)
    else:
        # A first night: a table's worth, as from the search.
        newest = sorted(papers.values(), key=lambda one: sort_time(one, settings.sort))
        first = newest[-settings.max_papers :]
        mine, is_answered = [], bool(first)
        if len(first) < len(newest):
            begin = sort_time(first[0], settings.sort)
        coverage = Coverage(tuple(first), begin)
    if not is_answered:
        told = _with_reason(answer, f"its OAI-PMH was asked for what changed since {found.since}")
        coverage = replace(told.coverage, papers=coverage.papers, complete_from=None)
    return replace(answer, coverage=coverage, source=HARVEST, changed=tuple(mine))


def _with_notes(known: Paper, changed: Paper) -> Paper:
    """Return a known version with the facts that change without a new one."""
    has_same = set(known.categories) == set(changed.categories)
    return replace(
        known,
        comment=changed.comment,
        journal_ref=changed.journal_ref,
        doi=changed.doi,
        categories=known.categories if has_same else changed.categories,
        primary_category=known.primary_category if has_same else changed.primary_category,
        withdrawn=changed.withdrawn,
    )


def _categories(matchers: Sequence[Matcher]) -> tuple[str, ...]:
    """Return the categories of all matchers; none if one of them searches all of arXiv."""
    if not all(matcher.categories for matcher in matchers):
        return ()
    return tuple(dict.fromkeys(one for matcher in matchers for one in matcher.categories))


def _with_reason(answer: TopicAnswer, more: str) -> TopicAnswer:
    state, reason = answer.failure or ("", "")
    coverage = replace(answer.coverage, failure=(state, f"{reason}; {more}"))
    return replace(answer, coverage=coverage)
