"""Say what is still switched off at GitHub of what a night needs."""

import re
from pathlib import Path

from daily_papers.errors import DailyPapersError
from daily_papers.publish.git import Git
from daily_papers.publish.github import GitHub
from daily_papers.publish.search_page_address import PAGES_ARE_OFF
from daily_papers.settings import Environment

# How git and GitHub say that a token may only read.
_READ_ONLY = re.compile(r"403|denied|not granted|read.?only", re.IGNORECASE)


def missing_switches(root: Path, environment: Environment, *, pages: bool) -> list[str]:
    """Return a sentence on each; none where no token tells which repository this is.

    `pages` is whether Pages is wanted.
    """
    if not environment.github_repository or not environment.github_token:
        return []
    github = GitHub(
        environment.github_api_url, environment.github_repository, environment.github_token
    )
    facts = github.facts()
    if "default_branch" not in facts:
        return ["GitHub does not say which switches are on; `daily-papers check` asks again"]
    found = []
    if not facts.get("has_issues", True):
        found.append(
            "Issues are switched off, so nobody is told what is new: Settings → General → Features "
            "→ Issues"
        )
    if pages and not facts.get("has_pages", True):
        found.append(PAGES_ARE_OFF)
    default = str(facts["default_branch"])
    try:
        git = Git(root, environment.github_token)
        git.check_repository()
        branch = git.branch()
        if default and branch != default:
            found.append(
                f"this is the branch '{branch}': the schedule runs on the default branch, "
                f"'{default}', only"
            )
        pushed = git.try_push(branch)
    except DailyPapersError as error:
        return [*found, str(error)]
    if pushed.code and _READ_ONLY.search(pushed.text):
        found.append(
            "the token may only read, so no night can be saved: give the job the permission "
            "'contents: write' in .github/workflows/nightly.yml, and see Settings → Actions → "
            "General → Workflow permissions"
        )
    return found
