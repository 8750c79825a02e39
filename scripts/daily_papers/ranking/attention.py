"""Note how many stars and votes papers have, as facts of the day on which they were read."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from daily_papers.clock import Clock
from daily_papers.ranking.github_stars import github_stars, repository_of
from daily_papers.ranking.huggingface_votes import huggingface_votes
from daily_papers.ranking.optional_source import OptionalSource, SourceError
from daily_papers.settings import Environment
from daily_papers.store.entry_types import Attention, Reading, Store
from daily_papers.store.which_day_lists import recent_days

GROWTH = timedelta(days=7)
"""The time over which growth is shown; older readings are dropped."""
_NAMES = {"github": "the stars at GitHub", "huggingface": "the votes at Hugging Face"}


def with_attention(
    store: Store,
    asked: tuple[str, ...],
    environment: Environment,
    clock: Clock,
    today: date,
    deadline: float,
) -> tuple[Store, list[str]]:
    """Return the store with what the sources `asked` say today, and a warning for each that fails.

    What was read before is kept then.
    """
    ids = {one for state in store.topics.values() for one in state.table}
    ids = ids.union(*(day.papers for day in recent_days(store)))
    known_ids = sorted(ids & store.entries.keys(), reverse=True)
    papers = {one: store.entries[one].paper for one in known_ids}
    repositories = {one: found for one, paper in papers.items() if (found := repository_of(paper))}

    def source(token: str = "") -> OptionalSource:
        return OptionalSource(clock, deadline, environment.user_agent, token=token)

    readers: Mapping[str, Callable[[], dict[str, int]]] = {
        "github": lambda: github_stars(
            source(environment.github_token), environment.github_api_url, repositories
        ),
        "huggingface": lambda: huggingface_votes(source(), environment.huggingface_api_url, today),
    }
    attention = dict(store.attention)
    warnings = []
    for name in asked:
        try:
            counts = readers[name]()
        except SourceError as error:
            warnings.append(f"{_NAMES[name]} could not be read, and none are new: {error}")
            continue
        field = FIELDS[name]
        for arxiv_id in papers.keys() & counts.keys():
            known = attention.get(arxiv_id, Attention(arxiv_id))
            readings = _extended(getattr(known, field), Reading(today, counts[arxiv_id]))
            facts: dict[str, Any] = {field: readings}
            attention[arxiv_id] = replace(known, **facts)
    return replace(store, attention=attention), warnings


FIELDS = {"github": "stars", "huggingface": "votes"}
"""The field of `Attention` for each source."""


def _extended(readings: tuple[Reading, ...], new: Reading) -> tuple[Reading, ...]:
    """Return the readings of the last days with a new one, which replaces that of its day."""
    kept = [one for one in readings if new.day - GROWTH <= one.day < new.day]
    return (*kept, new)
