"""Count the votes for papers among Hugging Face's daily papers, one request for each day.

https://huggingface.co/docs/hub/api
"""

from collections.abc import Iterable
from datetime import date, timedelta

from daily_papers.ranking.optional_source import OptionalSource, SourceError, is_count

DAYS = 14
"""Votes settle within about two weeks."""


def huggingface_votes(source: OptionalSource, api_url: str, today: date) -> dict[str, int]:
    """Return the votes for the papers of the last days, by identifier. Raises SourceError."""
    found: dict[str, int] = {}
    for back in range(DAYS):
        day = today - timedelta(days=back)
        answer = source.ask(f"{api_url}/daily_papers", date=day.isoformat())
        if not isinstance(answer, list):
            raise SourceError("its answer is no list")
        found |= _votes(answer)
    return found


def _votes(items: Iterable[object]) -> dict[str, int]:
    """Return the votes of those items that have the known form."""
    found: dict[str, int] = {}
    for item in items:
        paper = item.get("paper") if isinstance(item, dict) else None
        if isinstance(paper, dict):
            arxiv_id, votes = paper.get("id"), paper.get("upvotes")
            if isinstance(arxiv_id, str) and is_count(votes):
                found[arxiv_id] = votes
    return found
