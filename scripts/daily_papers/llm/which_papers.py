"""What a night asks a model, best first: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from daily_papers.llm.phrases import phrases
from daily_papers.llm.prompts import VERSIONS
from daily_papers.settings import Settings
from daily_papers.store.digest_papers import digests_of, papers_of, score_of
from daily_papers.store.paper import split_identifier
from daily_papers.store.records import Entry, ModelText, Store, sort_time

NEWS = timedelta(days=7)
"""How long a paper's texts are asked for after the night that saw it, or its last version."""
DIGEST_DAYS = timedelta(days=3)
"""How old a digest may be that is still written: there are three nights for it."""
MOST_TRIES = 3
"""Nights on which one text is asked for, at most."""
ORDER = ("ranking", "analysis", "digest", "translation", "summary")
"""The tasks in the order in which they are asked for: the ranking orders the others, and a digest
is one question for many papers."""

_INSTRUCTION = phrases("instruction")


@dataclass(frozen=True, slots=True)
class Question:
    """One text that is asked for."""

    task: str
    entries: tuple[Entry, ...]
    """The papers it is about."""
    tries: int
    """On how many nights it was asked for before."""
    day: date | None = None
    """The day of a digest."""
    topic: str = ""
    """Its topic."""

    @property
    def papers(self) -> tuple[str, ...]:
        """The versioned identifiers of its papers."""
        return tuple(entry.paper.versioned_id for entry in self.entries)

    @property
    def id(self) -> str:
        """What an answer to it must be marked with."""
        return f"digest-{self.day}" if self.day else self.papers[0]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The texts of one task that a night should have."""

    questions: tuple[Question, ...]
    """Those to ask for, best first."""
    cached: int = 0
    """Those that the store has."""
    given_up: int = 0
    """Those that were asked for on as many nights as may be."""
    later: int = 0
    """Those that got no fit answer tonight already."""


def key_of(task: str, version: int, language: str, model: str) -> tuple[str, int, str, int, str]:
    """Return what a text of the task answers; see ModelText.key."""
    return (task, version, language, VERSIONS[task], model)


def gives_orders(text: str) -> bool:
    """Whether a text has words that are meant for a model that reads it.

    Such a paper is not ranked, and gives a digest its title only: what it asks for may change
    nothing but its own texts. No list of words is whole, and a paper about such words is taken for
    one that has them.
    """
    return bool(_INSTRUCTION.search(text))


def news(store: Store, settings: Settings, night: datetime) -> list[Entry]:
    """Return the papers that are shown and came, or were revised, lately; the newest first."""
    since = night - NEWS
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
        and (entry.is_new_since(since) or entry.is_revised_since(since))
    ]
    return sorted(
        found,
        key=lambda entry: (entry.day, sort_time(entry.paper, store.sort), entry.paper.arxiv_id),
        reverse=True,
    )


def best_first(entries: Sequence[Entry], language: str) -> list[Entry]:
    """Return the entries by their best score, equal ones in the order they have."""

    def score(entry: Entry) -> int:
        return max((score_of(entry, topic, language) or 0 for topic in entry.topics), default=0)

    return sorted(entries, key=score, reverse=True)


def digests(
    store: Store, settings: Settings, night: datetime
) -> dict[tuple[date, str], tuple[Entry, ...]]:
    """Return the papers of each digest that is still written, the newest first."""
    last = (night - DIGEST_DAYS).date()
    days = sorted({entry.day for entry in store.entries.values() if entry.day > last}, reverse=True)
    return {
        (day, topic): tuple(chosen)
        for day in days
        for topic, chosen in digests_of(papers_of(store, day), settings.llm.language).items()
        if chosen
    }


def wanted(task: str, store: Store, settings: Settings, model: str, night: datetime) -> Wanted:
    """Return the texts of a task that a night should have."""
    if task == "digest":
        return _wanted_digests(store, settings, model, night)
    entries = news(store, settings, night)
    if task == "ranking":
        last = (night - DIGEST_DAYS).date()
        entries = [
            entry
            for entry in entries
            if entry.day > last and not gives_orders(f"{entry.paper.title}\n{entry.paper.abstract}")
        ]
    elif task == "analysis":
        chosen = digests(store, settings, night).values()
        entries = [entry for one in chosen for entry in one if not entry.paper.is_withdrawn]
    else:
        entries = best_first(entries, settings.llm.language)
    found: list[Question] = []
    counts = {"cached": 0, "given_up": 0, "later": 0}
    for entry in entries:
        key = key_of(task, entry.paper.version, settings.llm.language, model)
        known = next((text for text in entry.texts if text.key == key), None)
        state = _state(known, night)
        if state:
            counts[state] += 1
        else:
            found.append(Question(task, (entry,), known.tries if known else 0))
    return Wanted(tuple(found), **counts)


def _wanted_digests(store: Store, settings: Settings, model: str, night: datetime) -> Wanted:
    key = key_of("digest", 0, settings.llm.language, model)
    found: list[Question] = []
    counts = {"cached": 0, "given_up": 0, "later": 0}
    for (day, topic), entries in digests(store, settings, night).items():
        given = tuple(entry for entry in entries if not gives_orders(entry.paper.title))
        if not given:
            continue
        papers = {entry.paper.arxiv_id for entry in given}
        known = next(
            (
                digest.text
                for digest in store.digests
                if (digest.day, digest.topic, digest.text.key) == (day, topic, key)
                and {split_identifier(paper)[0] for paper in digest.papers} == papers
            ),
            None,
        )
        state = _state(known, night)
        if state:
            counts[state] += 1
        else:
            found.append(Question("digest", given, known.tries if known else 0, day, topic))
    return Wanted(tuple(found), **counts)


def _state(known: ModelText | None, night: datetime) -> str:
    """Say why a text is not asked for; nothing if it is."""
    if known is None:
        return ""
    if known.fields:
        return "cached"
    if known.tries >= MOST_TRIES:
        return "given_up"
    return "later" if known.refused == night.date() else ""


def data_of(
    question: Question, page: str, analyses: Mapping[str, ModelText | None]
) -> dict[str, object]:
    """Return what a model is given for a question.

    `page` is the beginning of the first page, if any; `analyses` those of a digest's papers.
    """
    if question.day is None:
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
    papers = []
    for entry in question.entries:
        one: dict[str, object] = {"id": entry.paper.versioned_id, "title": entry.paper.title}
        if not gives_orders(entry.paper.abstract):
            one["abstract"] = entry.paper.abstract
            analysis = analyses.get(entry.paper.arxiv_id)
            if analysis is not None:
                one["analysis"] = {
                    name: analysis.fields[name] for name in ("contributions", "method", "impact")
                }
        papers.append(one)
    return {"id": question.id, "topic": question.topic, "papers": papers}
