"""Query arXiv's search API through `arxiv.Client`, and check every answer.

https://info.arxiv.org/help/api/user-manual.html
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import arxiv
from lxml import etree

from daily_papers.arxiv.atom import ATOM, parse_feed, versioned_id
from daily_papers.arxiv.catch_up import Page
from daily_papers.arxiv.session import BadAnswer, FetchState, PoliteSession
from daily_papers.clock import Clock, parse_time
from daily_papers.store.paper import Paper, split_identifier
from daily_papers.text.plain import one_line, paragraphs

_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
_CRITERIA = {
    "updated": arxiv.SortCriterion.LastUpdatedDate,
    "submitted": arxiv.SortCriterion.SubmittedDate,
}
# Clocks differ; a paper submitted further ahead than this has a wrong date.
_AHEAD = timedelta(days=1)


class SearchApi:
    """Fetches pages of arXiv's search API."""

    def __init__(self, session: PoliteSession, api_url: str, clock: Clock, now: datetime) -> None:
        self.url = api_url
        self._session = session
        self._latest = max(now, clock.now()) + _AHEAD
        # The session paces and retries; the client builds addresses and parses entries.
        self._client = arxiv.Client(delay_seconds=0, num_retries=0)
        self._client.query_url_format = api_url.replace("{", "{{").replace("}", "}}") + "?{}"
        self._client._session = session.requests_session  # noqa: SLF001 - it has no public hook

    def page(self, query: str, start: int, size: int, *, sort: str, known: int) -> Page:
        """Fetch `size` papers from `start`, newest first, in one request.

        An answer with less than half of the `known` papers is refused. Raises FetchError.
        """
        search = arxiv.Search(query, max_results=start + size, sort_by=_CRITERIA[sort])
        return self._page(search, start, size, known)

    def among(self, query: str, identifiers: Sequence[str], *, sort: str) -> frozenset[str]:
        """Return which of these papers match, in one request. Raises FetchError."""
        search = arxiv.Search(
            query, list(identifiers), max_results=len(identifiers), sort_by=_CRITERIA[sort]
        )
        page = self._page(search, 0, len(identifiers), known=0)
        return frozenset(paper.arxiv_id for paper in page.papers).intersection(identifiers)

    def _page(self, search: arxiv.Search, start: int, size: int, known: int) -> Page:
        self._client.page_size = size
        total = 0

        def judge(body: bytes) -> None:
            nonlocal total
            try:
                total = self._judge(body, start, size, known)
            except ValueError as error:
                message = f"its answer is not to be believed: {error}"
                raise BadAnswer(FetchState.UNAVAILABLE, message) from None

        with self._session.checking(judge):
            results = list(self._client.results(search, offset=start))
        return Page(tuple(map(to_paper, results)), total)

    def _judge(self, body: bytes, start: int, size: int, known: int) -> int:
        """Return the total number of results. Raises ValueError or BadAnswer for a bad answer."""
        root = parse_feed(body)
        try:
            total = int(root.findtext(f"{_OPENSEARCH}totalResults", ""))
        except ValueError:
            raise ValueError("it does not say how many papers there are") from None
        entries = root.findall(f"{ATOM}entry")
        for entry in entries:
            self._judge_entry(entry)
        expected = max(0, min(size, total - start))
        if len(entries) != expected:
            raise ValueError(f"it has {len(entries)} papers where it says {expected}")
        if total * 2 < known:
            raise ValueError(f"it knows {total} papers, and {known} were known before")
        return total

    def _judge_entry(self, entry: etree._Element) -> None:
        if "/api/errors" in entry.findtext(f"{ATOM}id", ""):
            message = one_line(entry.findtext(f"{ATOM}summary")) or "an error without a text"
            raise BadAnswer(FetchState.BAD_QUERY, message, retry=False)
        name, _ = versioned_id(entry)
        for field in ("published", "updated"):
            try:
                moment = parse_time(entry.findtext(f"{ATOM}{field}", "").strip())
            except (ValueError, OverflowError):
                raise ValueError(f"{name} has no {field} date") from None
            if moment > self._latest:
                raise ValueError(f"{name} has a {field} date in the future, {moment:%Y-%m-%d}")
        if not one_line(entry.findtext(f"{ATOM}title")):
            raise ValueError(f"{name} has no title")


def to_paper(result: arxiv.Result) -> Paper:
    """Convert a checked result."""
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
