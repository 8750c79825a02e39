"""Fetch the newest papers of a query, page by page, back to a moment before the last night."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from daily_papers.announcement_calendar import submitted_since
from daily_papers.arxiv.paced_requests import FetchError, FetchState
from daily_papers.settings import MAX_DEPTH, MAX_PAGE, Settings
from daily_papers.store.coverage import (
    ANNOUNCEMENTS_AGAIN,
    EPOCH,
    Coverage,
    has_hole,
)
from daily_papers.store.entry_types import sort_time
from daily_papers.store.paper import Paper

STEP = 1000
"""Papers that a page after the first adds."""
# Requests for a page that follows on from the one before it.
_TRIES = 4
# Pages in a row that may be shorter than they should be.
_MOST_SHORT = 3


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the search API."""

    papers: tuple[Paper, ...]
    """In the order of the answer, newest first."""
    total: int
    """How many papers match the query, on all pages."""
    left_out: int = 0
    """How many records of the page cannot be believed."""

    @property
    def length(self) -> int:
        """How many of all papers the page has passed."""
        return len(self.papers) + self.left_out


Ask = Callable[[int, int], Page]
"""Fetches the page with this start and size. Raises FetchError."""


def look_back(
    ask: Ask,
    target: datetime | None,
    settings: Settings,
    now: datetime,
    *,
    size: int | None = None,
    most: int | None = None,
    confirm_empty: bool = True,
) -> Coverage:
    """Return the newest papers, back to before `target`; without one, the first page.

    `size` is that of the first page (default: `max-papers`). At `most` papers (default:
    `catch-up-papers`) the night stops, but not before it has read the last announcements again.
    With `confirm_empty`, an empty answer without a target is only believed when repeated: such
    answers are a known fault of the API.

    Papers are added and change while pages are fetched, and the API orders papers of one second
    differently each time. So each page begins at a paper of the last page that is newer than all
    papers still missing, and is accepted only if its first paper is not older than that one, and if
    it has no paper that the last page should have had. That also tells whether a page that was
    shorter than asked for lacks its end only.
    """
    size = min(size or settings.max_papers, MAX_PAGE)
    most = most or settings.catch_up_papers
    reading = _Reading(ask, settings)
    try:
        reading.begin(size)
        if confirm_empty and target is None and reading.page.total == 0:
            reading.begin(size)
        again = submitted_since(now, ANNOUNCEMENTS_AGAIN)
        while not reading.is_at_end and not reading.has_reached(target, size):
            if reading.is_proven and reading.is_at_limit(most, again):
                return reading.coverage(limited=True)
            left = size - reading.end if target is None else most - len(reading.found)
            reading.go_on(min(left, STEP) if left > 0 else STEP)
    except FetchError as error:
        return Coverage(
            tuple(reading.found.values()), total=reading.total, failure=(error.state, error.reason)
        )
    return reading.coverage()


@dataclass(slots=True)
class _Reading:
    """The pages read so far."""

    ask: Ask
    settings: Settings
    found: dict[str, Paper] = field(default_factory=dict)
    page: Page = Page((), 0)
    start: int = 0
    largest: int = MAX_PAGE
    """How many papers the API has shown to give in a page."""
    shortened: int = 0
    """How many pages in a row were shorter than asked for."""
    total: int | None = None

    @property
    def end(self) -> int:
        """How many papers the pages have passed."""
        return self.start + self.page.length

    @property
    def is_at_end(self) -> bool:
        """Whether there are no more papers."""
        return self.end >= self.page.total

    @property
    def is_proven(self) -> bool:
        """Whether the last page has all the papers it should have."""
        return not self.shortened

    @property
    def oldest(self) -> datetime | None:
        """The time of the last paper."""
        return self._time(self.page.papers[-1]) if self.page.papers else None

    def _time(self, paper: Paper) -> datetime:
        return sort_time(paper, self.settings.sort)

    def has_reached(self, target: datetime | None, size: int) -> bool:
        """Whether every paper since the target is known; without one, a page of that size."""
        if not self.is_proven or self.oldest is None:
            return False
        return self.end >= size if target is None else self.oldest < target

    def is_at_limit(self, most: int, again: datetime) -> bool:
        """Whether no more pages may be read."""
        is_far_enough = self.oldest is not None and self.oldest < again
        return self.end >= MAX_DEPTH or (len(self.found) >= most and is_far_enough)

    def coverage(self, *, limited: bool = False) -> Coverage:
        """Return what was read."""
        since = EPOCH if self.is_at_end else self.oldest
        return Coverage(tuple(self.found.values()), since, self.page.total, limited=limited)

    def begin(self, size: int) -> None:
        """Read the first page. Raises FetchError."""
        self._take(0, size, self.ask(0, size))

    def go_on(self, more: int) -> None:
        """Read the next page, which has that many more papers at most. Raises FetchError."""
        overlap, newer = self._overlap()
        start = self.end - overlap
        size = min(overlap + more, max(self.largest, overlap + 1), MAX_PAGE, MAX_DEPTH - start)
        end, known = self.oldest, len(self.found)
        start, page = self._next_page(start, size, newer)
        timed = [(paper, self._time(paper)) for paper in page.papers]
        newest = max(map(self._time, self.found.values()), default=EPOCH)
        is_still = bool(self.shortened) and page.total == self.page.total
        if end and has_hole(timed, self.found, newest, end, expected=1 if is_still else None):
            raise FetchError(FetchState.UNAVAILABLE, "its pages do not meet: papers are left out")
        self._take(start, size, page)
        if self.shortened > _MOST_SHORT or (self.shortened and len(self.found) == known):
            given = f"gives {len(self.found)} in pages that are too short"
            raise FetchError(
                FetchState.UNAVAILABLE, f"it says that there are {page.total} papers, and {given}"
            )

    def _take(self, start: int, size: int, page: Page) -> None:
        self.start, self.page, self.total = start, page, page.total
        is_short = page.length < min(size, page.total - start)
        self.shortened = self.shortened + 1 if is_short else 0
        if is_short:
            self.largest = page.length
        for paper in page.papers:
            known = self.found.get(paper.arxiv_id)
            if known is None or paper.version > known.version:
                self.found[paper.arxiv_id] = paper

    def _next_page(self, start: int, size: int, newer: datetime | None) -> tuple[int, Page]:
        """Return the start of a page whose first paper is not older than `newer`, and the page.

        Raises FetchError.
        """
        for _ in range(_TRIES):
            page = self.ask(start, size)
            first = self._time(page.papers[0]) if page.papers else None
            if newer is None or start == 0 or (first and first >= newer):
                return start, page
            start, size = max(0, start - STEP), min(size + STEP, MAX_PAGE)
        raise FetchError(FetchState.UNAVAILABLE, "its results kept moving while pages were turned")

    def _overlap(self) -> tuple[int, datetime | None]:
        """Return how many papers of the page to fetch again, and the time of the first of them.

        These are the papers of the last second, which may be in another order next time, and one
        that is newer. Without a newer one, there is no time to compare with.
        """
        times = list(map(self._time, reversed(self.page.papers)))
        for count, time in enumerate(times, start=1):
            if time > times[0]:
                return count, time
        return (len(times) if len(times) < MAX_PAGE else 0), None
