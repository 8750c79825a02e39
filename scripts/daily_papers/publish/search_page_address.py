"""Find out whether GitHub Pages takes the search page, and at which address."""

from dataclasses import dataclass
from typing import Final

from daily_papers.clock import Clock
from daily_papers.publish.github import GitHub, GitHubError
from daily_papers.settings import Environment, Settings
from daily_papers.time_limit import OutOfTimeError, within

PAGES_ARE_OFF: Final = (
    "The search page over all papers is not published: press Settings → Pages → Build and "
    "deployment → Source → GitHub Actions once (a private repository of a free account has no "
    "Pages; 'site = false' in the settings ends this line)"
)
LIMIT: Final = 5.0
"""Seconds that a night waits for the answer: its papers are not saved yet."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Where the search page is, as far as is known."""

    address: str | None = None
    """Empty if there is none; None if it is not known."""
    about: str = ""
    """A sentence for the step summary, in Markdown; empty if there is nothing to say."""


def find_search_page(
    settings: Settings, environment: Environment, clock: Clock, seconds: float = LIMIT
) -> SearchPage:
    """Ask GitHub once, in a run of Actions, and wait that long at most.

    Raises nothing: the page is an addition to the night.
    """
    if not settings.pages.site:
        return SearchPage("")
    if not environment.in_actions or not environment.github_repository:
        return SearchPage()
    api, repository = environment.github_api_url, environment.github_repository
    try:
        github = GitHub(api, repository, environment.github_token, clock=clock, patience=0)
        address = within(seconds, github.pages_address)
    except (GitHubError, OutOfTimeError) as error:
        status = error.status if isinstance(error, GitHubError) else None
        answer = f"GitHub answered {status}" if status else "GitHub did not answer"
        return SearchPage(about=f"The search page stays as it is: of Pages, {answer}.\n")
    about = f"The search page: <{address}>" if address else f"{PAGES_ARE_OFF}."
    return SearchPage(address, f"{about}\n")
