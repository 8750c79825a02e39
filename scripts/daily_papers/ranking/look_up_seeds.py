"""Find the readers' own papers: once, in the store, and else at arXiv."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from daily_papers.ranking.seed_file import Seed
from daily_papers.store.entry_types import Entry, SeedPaper, Store
from daily_papers.store.files_by_month import Wanted, month_of, read_month
from daily_papers.store.paper import Paper, is_invented

AGAIN = timedelta(days=7)
"""How long a paper that was not found is not looked up again."""

Fetch = Callable[[Sequence[str]], Iterable[Paper]]
"""Returns those papers that arXiv has, by identifier."""


def with_seeds(
    root: Path, store: Store, seeds: Sequence[Seed], fetch: Fetch, today: date
) -> tuple[Store, list[str]]:
    """Return the store with the papers that seeds name, and a warning for each that is not found.

    Raises what `fetch` raises.
    """
    keys = [seed.key for seed in seeds if seed.key and not seed.abstract]
    missing = [key for key in dict.fromkeys(keys) if _is_due(store.seeds.get(key), today)]
    found = {key: SeedPaper(key, today) for key in missing}
    for entry in _in_store(root, store, missing):
        for key in (entry.paper.arxiv_id, entry.paper.doi.casefold()):
            if key in found:
                found[key] = _seed_paper(key, entry.paper, today)
    asked = [
        key
        for key, one in found.items()
        if not one.title and not key.startswith("10.") and not is_invented(key)
    ]
    for paper in fetch(asked) if asked else ():
        found[paper.arxiv_id] = _seed_paper(paper.arxiv_id, paper, today)
    if missing:
        store = replace(store, seeds={**store.seeds, **found})
    warnings = [
        f"{seed.place}: {_unknown(seed)}; it is looked for again in a week"
        for seed in seeds
        if seed.key in store.seeds and not seed.title and not store.seeds[seed.key].title
    ]
    return store, warnings


def _unknown(seed: Seed) -> str:
    if seed.is_doi:
        return f"no paper of the store has the DOI {seed.key}; write its identifier at arXiv"
    return f"arXiv has no paper {seed.key}"


def _is_due(known: SeedPaper | None, today: date) -> bool:
    return known is None or (not known.title and today - known.looked_up >= AGAIN)


def _seed_paper(key: str, paper: Paper, today: date) -> SeedPaper:
    return SeedPaper(key, today, paper.title, paper.abstract)


def _in_store(root: Path, store: Store, keys: Sequence[str]) -> Iterable[Entry]:
    """Yield papers of the store with these keys; for a DOI, all of its months are read."""
    if not keys:
        return
    yield from store.entries.values()
    has_dois = any(key.startswith("10.") for key in keys)
    ids = {key for key in keys if not key.startswith("10.")}
    named = set(map(month_of, ids))
    for month in store.months.values():
        if has_dois or month.month in named:
            papers, _ = read_month(root, month, Wanted(ids, everything=has_dois))
            yield from papers.values()
