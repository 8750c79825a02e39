"""Fetch the newest papers of a query, page by page, back to the papers of the last night."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daily_papers.arxiv.paced_requests import FetchError, FetchState
from daily_papers.settings import MAX_DEPTH, MAX_PAGE, Settings
from daily_papers.store.entry_types import sort_time
from daily_papers.store.paper import Paper

# Papers that a page after the first adds.
_STEP = 500
# Requests for a page that follows on from the one before it.
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the search API."""

    papers: tuple[Paper, ...]
    """In the order of the answer."""
    total: int
    """How many papers match the query, on all pages."""


Ask = Callable[[int, int], Page]
"""Fetches the page with this start and size. Raises FetchError."""


@dataclass(frozen=True, slots=True)
class Found:
    """The papers that `look_back` fetched."""

    papers: tuple[Paper, ...]
    total: int | None
    """How many papers match the query; None if the first page could not be fetched."""
    capped: bool = False
    """Whether a limit was reached before the watermark."""
    failure: FetchError | None = None
    """Why a page could not be fetched; `papers` are those of the pages before it."""


def look_back(
    ask: Ask,
    watermark: datetime | None,
    settings: Settings,
    *,
    size: int | None = None,
    most: int | None = None,
    confirm_empty: bool = True,
) -> Found:
    """Return the newest papers, back to before `watermark`; without one, the first page.

    `size` is that of the first page (default: `max-papers`), `most` the number of papers to stop at
    (default: `catch-up-papers`). With `confirm_empty`, an empty answer without a watermark is only
    believed when repeated: such answers are a known fault of the API.

    Papers are added and change while pages are fetched, and the API orders papers of one second
    differently each time. So each page begins at a paper of the last page that is newer than all
    papers still missing, and is accepted only if its first paper is not older than that one.
    """
    size = min(size or settings.max_papers, MAX_PAGE)
    most = most or settings.catch_up_papers
    try:
        page = ask(0, size)
        if confirm_empty and watermark is None and page.total == 0:
            page = ask(0, size)
    except FetchError as error:
        return Found((), None, failure=error)
    found = {paper.arxiv_id: paper for paper in page.papers}
    start = 0
    while True:
        end = start + len(page.papers)
        oldest = sort_time(page.papers[-1], settings.sort) if page.papers else None
        if watermark is None or oldest is None or end >= page.total or oldest < watermark:
            return Found(tuple(found.values()), page.total)
        if len(found) >= most or end >= MAX_DEPTH:
            return Found(tuple(found.values()), page.total, capped=True)
        overlap, newer = _overlap(page, settings.sort)
        start = end - overlap
        size = min(overlap + min(_STEP, most - len(found)), MAX_PAGE, MAX_DEPTH - start)
        try:
            start, page = _next_page(ask, start, size, newer, settings.sort)
        except FetchError as error:
            return Found(tuple(found.values()), page.total, failure=error)
        for paper in page.papers:
            known = found.get(paper.arxiv_id)
            if known is None or paper.version > known.version:
                found[paper.arxiv_id] = paper


def _next_page(
    ask: Ask, start: int, size: int, newer: datetime | None, sort: str
) -> tuple[int, Page]:
    """Return the start of a page whose first paper is not older than `newer`, and the page.

    Raises FetchError.
    """
    for _ in range(_TRIES):
        page = ask(start, size)
        first = sort_time(page.papers[0], sort) if page.papers else None
        if newer is None or start == 0 or (first and first >= newer):
            return start, page
        start, size = max(0, start - _STEP), min(size + _STEP, MAX_PAGE)
    raise FetchError(FetchState.UNAVAILABLE, "its results kept moving while pages were turned")


def _overlap(page: Page, sort: str) -> tuple[int, datetime | None]:
    """Return how many papers of `page` to fetch again, and the time of the first of them.

    These are the papers of the last second, which may be in another order next time, and one that
    is newer. Without a newer one, there is no time to compare with.
    """
    times = [sort_time(paper, sort) for paper in reversed(page.papers)]
    for count, time in enumerate(times, start=1):
        if time > times[0]:
            return count, time
    return (len(times) if len(times) < MAX_PAGE else 0), None
