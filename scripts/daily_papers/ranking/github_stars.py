"""Count the stars of repositories at GitHub, a hundred with each request of its GraphQL API.

https://docs.github.com/en/graphql/reference/objects#repository
"""

import json
import re
from collections.abc import Mapping

from daily_papers.ranking.optional_source import OptionalSource, SourceError, is_count
from daily_papers.store.paper import Paper

AT_ONCE = 100
MOST = 1000
"""Repositories that a night asks about."""
_REPOSITORY = re.compile(r"https://github\.com/([\w-]+)/([\w.-]+)", re.ASCII)


def repository_of(paper: Paper) -> tuple[str, str] | None:
    """Return owner and name of the first repository at GitHub that a paper links to."""
    for link in paper.code_links:
        if match := _REPOSITORY.match(link):
            return match[1], match[2]
    return None


def github_stars(
    source: OptionalSource, api_url: str, repositories: Mapping[str, tuple[str, str]]
) -> dict[str, int]:
    """Return the stars of those repositories that there are, by the same keys.

    Raises SourceError.
    """
    # A server of one's own has REST at /api/v3 and GraphQL at /api/graphql.
    url = f"{api_url.removesuffix('/v3')}/graphql"
    found: dict[str, int] = {}
    keys = list(repositories)[:MOST]
    for start in range(0, len(keys), AT_ONCE):
        asked = keys[start : start + AT_ONCE]
        fields = (
            f"r{number}: repository(owner: {json.dumps(owner)}, name: {json.dumps(name)}) "
            "{ stargazerCount }"
            for number, (owner, name) in enumerate(repositories[key] for key in asked)
        )
        answer = source.ask(url, body={"query": f"{{ {' '.join(fields)} }}"})
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, dict):
            raise SourceError("its answer has no data")
        for number, key in enumerate(asked):
            one = data.get(f"r{number}")
            count = one.get("stargazerCount") if isinstance(one, dict) else None
            if is_count(count):
                found[key] = count
    return found
