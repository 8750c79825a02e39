"""Query arXiv's search API with `arxiv.Client`, and check every answer before it is used.

https://info.arxiv.org/help/api/user-manual.html
"""

from collections.abc import Sequence
from datetime import datetime

import arxiv

from daily_papers.arxiv.catch_up import Page
from daily_papers.arxiv.paced_requests import BadAnswer, FetchState, PoliteSession
from daily_papers.arxiv.parse_atom import AHEAD, ATOM, check_entry, parse_feed
from daily_papers.clock import Clock
from daily_papers.store.paper import Paper, split_identifier
from daily_papers.text.white_space import one_line, paragraphs

_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
_CRITERIA = {
    "updated": arxiv.SortCriterion.LastUpdatedDate,
    "submitted": arxiv.SortCriterion.SubmittedDate,
}
_DATES = {"published": "published date", "updated": "updated date"}


class SearchApi:
    """Queries the search API, one page for each request."""

    def __init__(self, session: PoliteSession, api_url: str, clock: Clock, now: datetime) -> None:
        self.url = api_url
        self._session = session
        self._latest = max(now, clock.now()) + AHEAD
        # The session has the pace, retries and limits; the client builds URLs and parses entries.
        self._client = arxiv.Client(delay_seconds=0, num_retries=0)
        self._client.query_url_format = api_url.replace("{", "{{").replace("}", "}}") + "?{}"
        self._client._session = session.requests_session  # noqa: SLF001 - it has no public hook

    def page(self, query: str, start: int, size: int, *, sort: str, known: int) -> Page:
        """Return `size` papers from `start`, newest first, in one request.

        `known` is how many papers are known to match the query: an answer with less than half as
        many is rejected. Raises FetchError.
        """
        search = arxiv.Search(query, max_results=start + size, sort_by=_CRITERIA[sort])
        return self._page(search, start, size, known)

    def among(self, query: str, identifiers: Sequence[str], *, sort: str) -> frozenset[str]:
        """Return the identifiers of these papers that match the query, in one request.

        Raises FetchError.
        """
        search = arxiv.Search(
            query, list(identifiers), max_results=len(identifiers), sort_by=_CRITERIA[sort]
        )
        page = self._page(search, 0, len(identifiers), known=0)
        return frozenset(paper.arxiv_id for paper in page.papers).intersection(identifiers)

    def by_identifier(self, identifiers: Sequence[str]) -> tuple[Paper, ...]:
        """Return those of these papers that arXiv has, in one request. Raises FetchError."""
        search = arxiv.Search(id_list=list(identifiers), max_results=len(identifiers))
        return self._page(search, 0, len(identifiers), known=0).papers

    def _page(self, search: arxiv.Search, start: int, size: int, known: int) -> Page:
        self._client.page_size = size
        total = 0

        def check(body: bytes) -> None:
            nonlocal total
            try:
                total = self._total(body, start, size, known)
            except ValueError as error:
                raise BadAnswer(f"its answer is not to be believed: {error}") from None

        with self._session.checking(check):
            results = list(self._client.results(search, offset=start))
        return Page(tuple(map(to_paper, results)), total)

    def _total(self, body: bytes, start: int, size: int, known: int) -> int:
        """Return how many papers match the query, as arXiv says.

        Raises ValueError if the answer is wrong, and BadAnswer if it has an error entry.
        """
        root = parse_feed(body)
        text = root.findtext(_TOTAL, "").strip()
        if not text.isdecimal():
            raise ValueError("it does not say how many papers there are")
        total = int(text)
        entries = root.findall(f"{ATOM}entry")
        for entry in entries:
            if "/api/errors" in entry.findtext(f"{ATOM}id", ""):
                reason = one_line(entry.findtext(f"{ATOM}summary")) or "an error without a text"
                raise BadAnswer(reason, FetchState.BAD_QUERY, retry=False)
            check_entry(entry, self._latest, _DATES)
        expected = max(0, min(size, total - start))
        if len(entries) != expected:
            raise ValueError(f"it has {len(entries)} papers where it says {expected}")
        if total * 2 < known:
            raise ValueError(f"it knows {total} papers, and {known} were known before")
        return total


def to_paper(result: arxiv.Result) -> Paper:
    """Return a result whose entry was checked as a Paper."""
    arxiv_id, version = split_identifier(result.entry_id)
    return Paper(
        arxiv_id=arxiv_id,
        version=version or 1,
        title=one_line(result.title),
        authors=tuple(one_line(author.name) for author in result.authors),
        abstract=paragraphs(result.summary),
        categories=tuple(result.categories),
        primary_category=result.primary_category,
        comment=one_line(result.comment),
        journal_ref=one_line(result.journal_ref),
        doi=one_line(result.doi),
        published=result.published,
        updated=result.updated,
    )
