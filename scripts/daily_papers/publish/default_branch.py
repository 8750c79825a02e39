"""Tell whether this run is on the repository's default branch, the only one that tells watchers."""

from pathlib import Path

from daily_papers.publish.git import Git
from daily_papers.publish.github import GitHub
from daily_papers.settings import Environment
from daily_papers.store.json_encoding import read_object

_HEADS = "refs/heads/"


def other_branch(root: Path, environment: Environment, github: GitHub | None) -> str:
    """Return the name of the branch that this run is on; empty if it is the default one.

    It is empty too where there are no branches, as in a folder without git, or where nothing says
    which one is the default.
    """
    if environment.scheduled:
        # https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
        return ""
    git = Git(root)
    current = environment.github_ref.removeprefix(_HEADS) or git.current_branch()
    if not current:
        return ""
    default = _of_the_event(environment) or git.default_branch()
    if not default and github is not None:
        default = github.default_branch()
    return "" if default in ("", current) else current


def _of_the_event(environment: Environment) -> str:
    """Return the default branch that the event which started the run names, if any."""
    try:
        event = read_object(Path(environment.github_event_path).read_bytes())
        name = event["repository"]["default_branch"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return name if isinstance(name, str) else ""
