"""How far back a night looks for one topic: page by page, until it meets what it already had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daily_papers.arxiv.session import FetchError, FetchState
from daily_papers.settings import MAX_DEPTH, MAX_PAGE, Settings
from daily_papers.store.paper import Paper
from daily_papers.store.records import sort_time

# A night that must look further back than its first page asks for the rest in large steps.
_STEP = 500
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the search API."""

    papers: tuple[Paper, ...]
    """In the order of the answer."""
    total: int
    """How many papers there are for the query, on all pages."""


Ask = Callable[[int, int], Page]
"""Asks for a page by its start and its size."""


@dataclass(frozen=True, slots=True)
class Found:
    """What looking back came to."""

    papers: tuple[Paper, ...]
    total: int
    capped: bool


class PartlyFoundError(Exception):
    """A page failed after others had come: `papers` are those, `cause` says why."""

    def __init__(self, papers: tuple[Paper, ...], total: int, cause: FetchError) -> None:
        super().__init__(str(cause))
        self.papers = papers
        self.total = total
        self.cause = cause


def look_back(
    ask: Ask,
    watermark: datetime | None,
    settings: Settings,
    *,
    size: int | None = None,
    most: int | None = None,
    doubt: bool = True,
) -> Found:
    """Return the newest papers, back to before `watermark`, and at least `size` of them.

    Without a watermark, that is all. `most` bounds how many are looked back over. By default both
    are what the settings say for one topic. With `doubt`, an empty answer without a watermark is
    asked for once more. Papers come and change while pages are turned, and the
    API orders papers of one second differently each time; so the next page begins at a paper of
    the last one that is certainly newer than all that are still missing, and is only believed to
    follow on if nothing newer than that paper is missing from it.

    Raises PartlyFoundError when a page after the first fails, and FetchError when the first does.
    """
    size = min(size or settings.max_papers, MAX_PAGE)
    most = most or settings.catch_up_papers
    page = ask(0, size)
    if doubt and watermark is None and page.total == 0:
        # An empty answer is a known fault of the API; only a repeated one is believed.
        page = ask(0, size)
    found = {paper.arxiv_id: paper for paper in page.papers}
    start = 0
    while True:
        end = start + len(page.papers)
        oldest = sort_time(page.papers[-1], settings.sort) if page.papers else None
        if watermark is None or oldest is None or end >= page.total or oldest < watermark:
            return Found(tuple(found.values()), page.total, capped=False)
        if len(found) >= most or end >= MAX_DEPTH:
            return Found(tuple(found.values()), page.total, capped=True)
        overlap, anchor = _overlap(page, settings.sort)
        start = end - overlap
        more = min(_STEP, most - len(found))
        size = min(overlap + more, MAX_PAGE, MAX_DEPTH - start)
        try:
            start, page = _next_page(ask, start, size, anchor, settings.sort)
        except FetchError as error:
            raise PartlyFoundError(tuple(found.values()), page.total, error) from error
        for paper in page.papers:
            known = found.get(paper.arxiv_id)
            if known is None or paper.version > known.version:
                found[paper.arxiv_id] = paper


def _next_page(
    ask: Ask, start: int, size: int, anchor: Paper | None, sort: str
) -> tuple[int, Page]:
    """Return a page that follows on, and its start. Raises FetchError."""
    for _ in range(_TRIES):
        page = ask(start, size)
        if anchor is None or start == 0 or _follows(page, anchor, sort):
            return start, page
        start, size = max(0, start - _STEP), min(size + _STEP, MAX_PAGE)
    raise FetchError(FetchState.UNAVAILABLE, "its results kept moving while pages were turned")


def _overlap(page: Page, sort: str) -> tuple[int, Paper | None]:
    """Return how many papers of `page` to ask for again, and the first of them.

    These are the papers of the last second, which may be in another order next time, and one that
    is newer.
    """
    edge = sort_time(page.papers[-1], sort)
    for back, paper in enumerate(reversed(page.papers), start=1):
        if sort_time(paper, sort) > edge:
            return back, paper
    # All of one second: without a newer paper there is nothing to hold on to.
    return (len(page.papers) if len(page.papers) < MAX_PAGE else 0), None


def _follows(page: Page, anchor: Paper, sort: str) -> bool:
    return bool(page.papers) and sort_time(page.papers[0], sort) >= sort_time(anchor, sort)
