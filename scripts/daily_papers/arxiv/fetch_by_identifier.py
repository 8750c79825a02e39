"""Fetch single papers by their identifiers: those that the readers named, not what topics found."""

from collections.abc import Iterator, Sequence
from itertools import chain

from daily_papers.arxiv.paced_requests import FetchError, FetchState
from daily_papers.arxiv.search_api import SearchApi
from daily_papers.store.paper import Paper

_AT_ONCE = 100  # identifiers in a request; arXiv refuses addresses that are too long


def fetch_by_identifier(api: SearchApi, identifiers: Sequence[str]) -> Iterator[Paper]:
    """Yield those of these papers that arXiv has. Raises FetchError."""
    for start in range(0, len(identifiers), _AT_ONCE):
        asked = identifiers[start : start + _AT_ONCE]
        yield from _fetch(api, asked)


def _fetch(api: SearchApi, asked: Sequence[str]) -> Sequence[Paper]:
    """Return the papers of one request; if arXiv refuses one of them, those of smaller ones."""
    try:
        return tuple(api.papers(asked).values())
    except FetchError as error:
        if error.state != FetchState.BAD_QUERY:
            raise
        if len(asked) == 1:
            return ()
    middle = len(asked) // 2
    return tuple(chain(_fetch(api, asked[:middle]), _fetch(api, asked[middle:])))
