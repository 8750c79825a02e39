"""Query arXiv's search API, and check what each answer proves before it is used.

https://info.arxiv.org/help/api/user-manual.html
"""

import re
from collections.abc import Sequence
from datetime import datetime
from html import unescape
from urllib.parse import unquote_plus, urlencode

from lxml import etree

from daily_papers.arxiv.catch_up import Page
from daily_papers.arxiv.paced_requests import BadAnswer, FetchError, FetchState, PoliteSession
from daily_papers.arxiv.parse_atom import ATOM, believed, parse_feed, read_entry
from daily_papers.clock import AHEAD, Clock
from daily_papers.store.coverage import is_newest_first, is_plausible_part
from daily_papers.store.entry_types import sort_time
from daily_papers.store.paper import Paper
from daily_papers.text.white_space import one_line

_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
_SORT_BY = {"updated": "lastUpdatedDate", "submitted": "submittedDate"}
MOST_LOOKED_UP = 50
"""Papers to ask for by identifier; the address of more might be too long."""
_ECHO = re.compile(r"search_query=(.*?)&id_list=(.*?)&start=", re.DOTALL)


class SearchApi:
    """Queries the search API, one page for each request."""

    def __init__(self, session: PoliteSession, api_url: str, clock: Clock, now: datetime) -> None:
        self.url = api_url
        self.left_out: dict[str, str] = {}
        """Why records were left out, by identifier, or by the reason where there is none."""
        self._session = session
        self._latest = max(now, clock.now()) + AHEAD

    def page(self, query: str, start: int, size: int, *, sort: str, known: int) -> Page:
        """Return `size` papers from `start`, newest first, in one request; maybe fewer.

        `known` is how many papers are known to match the query: an answer with less than half as
        many is rejected. Raises FetchError.
        """
        return self._page(query, (), start, size, sort, known)

    def among(self, query: str, identifiers: Sequence[str], *, sort: str) -> frozenset[str]:
        """Return the identifiers of these papers that match the query, in one request.

        Raises FetchError.
        """
        page = self._page(query, identifiers, 0, len(identifiers), sort)
        if page.length < page.total:
            raise FetchError(FetchState.UNAVAILABLE, "it does not show all papers that it found")
        return frozenset(paper.arxiv_id for paper in page.papers).intersection(identifiers)

    def papers(self, identifiers: Sequence[str]) -> dict[str, Paper]:
        """Return these papers by identifier, as far as arXiv has them, in one request.

        Raises FetchError.
        """
        page = self._page("", identifiers, 0, len(identifiers), "updated")
        return {paper.arxiv_id: paper for paper in page.papers if paper.arxiv_id in identifiers}

    def _page(
        self,
        query: str,
        identifiers: Sequence[str],
        start: int,
        size: int,
        sort: str,
        known: int = 0,
    ) -> Page:
        asked = {
            "search_query": query,
            "id_list": ",".join(identifiers),
            "sortBy": _SORT_BY[sort],
            "sortOrder": "descending",
            "start": start,
            "max_results": size,
        }
        pages: list[Page] = []

        def check(body: bytes) -> None:
            try:
                root = parse_feed(body)
                _check_echo(root, asked["search_query"], asked["id_list"])
                pages[:] = [self._read(root, start, size, "" if identifiers else sort, known)]
            except ValueError as error:
                raise BadAnswer(f"its answer is not to be believed: {error}") from None

        self._session.get(f"{self.url}?{urlencode(asked)}", check)
        (page,) = pages
        return page

    def _read(self, root: etree._Element, start: int, size: int, sort: str, known: int) -> Page:
        """Return an answer's papers, which must be in the order of `sort`, if any.

        Raises ValueError if the answer is wrong, and BadAnswer if it has an error entry.
        """
        text = root.findtext(_TOTAL, "").strip()
        if not text.isdecimal():
            raise ValueError("it does not say how many papers there are")
        total = int(text)
        entries = root.findall(f"{ATOM}entry")
        for entry in entries:
            if "/api/errors" in entry.findtext(f"{ATOM}id", ""):
                reason = one_line(entry.findtext(f"{ATOM}summary")) or "an error without a text"
                raise BadAnswer(reason, FetchState.BAD_QUERY, retry=False)
        papers, faults = believed(entries, lambda entry: read_entry(entry, self._latest))
        if new := faults.keys() - self.left_out.keys():
            # A second answer may have it right.
            self.left_out |= faults
            raise ValueError(f"a record is wrong: {faults[min(new)]}")
        due = max(0, min(size, total - start))
        if not is_plausible_part(len(entries), due):
            raise ValueError(f"it has {len(entries)} papers where it says {due}")
        if len({paper.arxiv_id for paper in papers}) < len(papers):
            raise ValueError("it has a paper twice")
        if sort and not is_newest_first(sort_time(paper, sort) for paper in papers):
            raise ValueError("its papers are not in the order asked for")
        if total * 2 < known:
            raise ValueError(f"it knows {total} papers, and {known} were known before")
        for paper in papers:
            self.left_out.pop(paper.arxiv_id, None)
        return Page(tuple(papers), total, left_out=len(faults))


def _check_echo(root: etree._Element, query: object, identifiers: object) -> None:
    """Raise ValueError if an answer says that it answers another query."""
    echo = _ECHO.search(root.findtext(f"{ATOM}title", ""))
    if echo and [_bare(echo[1]), _bare(echo[2])] != [_bare(str(query)), _bare(str(identifiers))]:
        raise ValueError("it says that it answers another query")


def _bare(text: str) -> str:
    """Return a query without what its echo may change: blanks, their encoding, letters' case."""
    return "".join(unquote_plus(unescape(text)).split()).casefold()
