"""Find out whether GitHub Pages takes the search page, and at which address."""

from dataclasses import dataclass

from daily_papers.clock import Clock
from daily_papers.publish.github import GitHub, GitHubError
from daily_papers.settings import Environment, Settings

_OFF = (
    "The search page over all papers is not published yet: press **Settings → Pages → Build and "
    "deployment → Source: GitHub Actions** once (a private repository of a free account has no "
    "Pages; `site = false` in the settings ends this line).\n"
)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Where the search page is, as far as is known."""

    address: str | None = None
    """Empty if there is none; None if it is not known."""
    about: str = ""
    """A sentence for the step summary, in Markdown; empty if there is nothing to say."""


def find_search_page(settings: Settings, environment: Environment, clock: Clock) -> SearchPage:
    """Ask GitHub, in a run of Actions. Raises nothing: the page is an addition to the night."""
    if not settings.pages.site:
        return SearchPage("")
    if not environment.in_actions or not environment.github_repository:
        return SearchPage()
    api, repository = environment.github_api_url, environment.github_repository
    try:
        github = GitHub(api, repository, environment.github_token, clock=clock)
        address = github.pages_address()
    except GitHubError as error:
        answer = f"GitHub answered {error.status}" if error.status else "GitHub did not answer"
        return SearchPage(about=f"The search page stays as it is: of Pages, {answer}.\n")
    return SearchPage(address, f"The search page: <{address}>\n" if address else _OFF)
