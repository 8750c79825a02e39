"""Choose the questions of a night, the most important first. Pure."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain

from daily_papers.data import load
from daily_papers.llm.prompts import version_of
from daily_papers.settings import Settings
from daily_papers.store.choose_digest_papers import digests_of, papers_of, score_of
from daily_papers.store.entry_types import Entry, ModelText, Store, sort_time
from daily_papers.store.paper import split_identifier

NEWS = timedelta(days=7)
"""How long a paper's texts are asked for after the night that saw it, or its last version."""
DIGEST_DAYS = timedelta(days=3)
"""How old a digest may be that is still written: there are three nights for it."""
MOST_TRIES = 3
"""Nights on which one text is asked for, at most."""
ORDER = ("ranking", "analysis", "digest", "translation", "summary")
"""The tasks in the order in which they are asked for: the ranking orders the others, and a digest
is one question for many papers."""

_PHRASES = "\n".join(load("llm_instructions")["instruction"].values()).split("\n")
_INSTRUCTION = re.compile("|".join(filter(None, _PHRASES)), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """One text that is asked for."""

    task: str
    entries: tuple[Entry, ...]
    """The papers it is about."""
    day: date | None = None
    """The day of a digest."""
    topic: str = ""
    """The topic of a digest."""
    tries: int = 0
    """On how many nights it was asked for before."""
    own: str = ""
    """The user's own prompt for the task, if any."""

    @property
    def papers(self) -> tuple[str, ...]:
        """The versioned identifiers of its papers."""
        return tuple(entry.paper.versioned_id for entry in self.entries)

    @property
    def id(self) -> str:
        """The id that its answer must have."""
        return f"digest-{self.day}" if self.day else self.papers[0]

    def key(self, language: str, model: str) -> tuple[str, int, str, int, str]:
        """Return the key of the text that answers it; see ModelText.key."""
        version = 0 if self.day else self.entries[0].paper.version
        return (self.task, version, language, version_of(self.task, self.own), model)

    def known(self, store: Store, language: str, model: str) -> ModelText | None:
        """Return the text that the store has for it; without fields if no answer was accepted."""
        texts = self.entries[0].texts
        if self.day:
            papers = {entry.paper.arxiv_id for entry in self.entries}
            texts = tuple(
                digest.text
                for digest in store.digests
                if (digest.day, digest.topic) == (self.day, self.topic)
                and {split_identifier(paper)[0] for paper in digest.papers} == papers
            )
        key = self.key(language, model)
        return next((text for text in texts if text.key == key), None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The texts of one task that a night should have."""

    questions: tuple[Question, ...]
    """Those to ask for, the most important first."""
    cached: int = 0
    """Texts that the store has."""
    given_up: int = 0
    """Texts that were asked for on MOST_TRIES nights."""
    later: int = 0
    """Texts that got no acceptable answer tonight already."""


def wanted(
    task: str, store: Store, settings: Settings, model: str, night: datetime, own: str = ""
) -> Wanted:
    """Return the texts of a task that a night should have; `own` is the user's prompt for it."""
    questions: list[Question] = []
    counts: Counter[str] = Counter()
    for one in _questions(task, store, settings, night):
        question = replace(one, own=own)
        known = question.known(store, settings.llm.language, model)
        if known is None:
            questions.append(question)
        elif known.fields:
            counts["cached"] += 1
        elif known.tries >= MOST_TRIES:
            counts["given_up"] += 1
        elif known.refused == night.date():
            counts["later"] += 1
        else:
            questions.append(replace(question, tries=known.tries))
    return Wanted(tuple(questions), **counts)


def _questions(task: str, store: Store, settings: Settings, night: datetime) -> Iterator[Question]:
    """Yield the questions of a task, whether the store has their texts or not."""
    language = settings.llm.language
    if task == "digest":
        for (day, topic), entries in _digests(store, language, night).items():
            given = tuple(entry for entry in entries if not has_instructions(entry.paper.title))
            if given:
                yield Question(task, given, day, topic)
        return
    if task == "analysis":
        digests = _digests(store, language, night).values()
        entries = [entry for one in digests for entry in one]
    else:
        entries = _news(store, settings, night)
    if task == "ranking":
        entries = [
            entry
            for entry in entries
            if entry.day > _last_day(night)
            and not has_instructions(f"{entry.paper.title}\n{entry.paper.abstract}")
        ]
    elif task != "analysis":
        entries.sort(key=lambda entry: _best_score(entry, language), reverse=True)
    for entry in entries:
        yield Question(task, (entry,))


def _last_day(night: datetime) -> date:
    """Return the newest day that gets no digest any more."""
    return (night - DIGEST_DAYS).date()


def _best_score(entry: Entry, language: str) -> int:
    return max((score_of(entry, topic, language) or 0 for topic in entry.topics), default=0)


def has_instructions(text: str) -> bool:
    """Whether a text has instructions for a model that reads it.

    Such a paper is not ranked, and a digest is given its title only: the instructions may change
    nothing but the paper's own texts. The list of phrases cannot be complete, and papers about such
    instructions are recognized too.
    """
    return bool(_INSTRUCTION.search(text))


def _news(store: Store, settings: Settings, night: datetime) -> list[Entry]:
    """Return the papers on the pages that are new, or were revised, lately; the newest first.

    New is what a day's pages list: on a topic's first nights that is less than its table has.
    """
    since = night - NEWS
    listed = {
        arxiv_id
        for day, found in store.days.items()
        if day >= since.date()
        for arxiv_id in chain.from_iterable(found.topics.values())
    }
    shown = {
        entry.paper.arxiv_id
        for table in store.tables(settings.max_papers).values()
        for entry in table
    }
    found = [
        entry
        for arxiv_id, entry in store.entries.items()
        if arxiv_id in shown
        and not entry.is_replacement
        and not entry.paper.is_withdrawn
        and (arxiv_id in listed or entry.is_revised_since(since))
        and entry.is_news_since(since)
    ]
    return sorted(
        found,
        key=lambda entry: (entry.day, sort_time(entry.paper, store.sort), entry.paper.arxiv_id),
        reverse=True,
    )


def _digests(store: Store, language: str, night: datetime) -> dict[tuple[date, str], list[Entry]]:
    """Return the papers of each digest that is still written, by day and topic, newest first."""
    days = {entry.day for entry in store.entries.values() if entry.day > _last_day(night)}
    return {
        (day, topic): chosen
        for day in sorted(days, reverse=True)
        for topic, chosen in digests_of(papers_of(store, day), language).items()
        if chosen
    }


def data_of(question: Question, language: str, page: str = "") -> dict[str, object]:
    """Return the data of a question for the model. `page` is the beginning of the first page."""
    if question.day:
        papers = [_in_digest(entry, language) for entry in question.entries]
        return {"id": question.id, "topic": question.topic, "papers": papers}
    (entry,) = question.entries
    paper = entry.paper
    data: dict[str, object] = {
        "id": question.id,
        "title": paper.title,
        "abstract": paper.abstract,
    }
    if question.task == "ranking":
        data["topics"] = list(entry.topics)
    if question.task == "summary":
        data |= {"comment": paper.comment, "first_page": page}
    return data


def _in_digest(entry: Entry, language: str) -> dict[str, object]:
    """Return the data of a digest's paper."""
    paper = entry.paper
    data: dict[str, object] = {"id": paper.versioned_id, "title": paper.title}
    if has_instructions(paper.abstract):
        return data
    data["abstract"] = paper.abstract
    if analysis := entry.text("analysis", language):
        data["analysis"] = {
            name: analysis.fields[name]
            for name in ("contributions", "method", "impact")
            if name in analysis.fields
        }
    return data
