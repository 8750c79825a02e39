"""Make a release with what was new in a week, on the first night of the next."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from daily_papers.announcement_calendar import listing_day
from daily_papers.pages.pieces import View
from daily_papers.pages.weekly_release import days_of, monday_of, render_release
from daily_papers.publish.github import GitHub, GitHubError
from daily_papers.settings import Environment, Settings
from daily_papers.store.entry_types import Store
from daily_papers.store.files_by_month import Wanted
from daily_papers.store.store_file import save_store, with_papers


def make_release(
    root: Path,
    store: Store,
    settings: Settings,
    environment: Environment,
    github: GitHub,
    night: datetime,
) -> tuple[str, str]:
    """Make the release of the week before `night` if there is none yet, and save that there is.

    Return what was done, and a warning if GitHub refused; both may be empty.
    """
    monday = monday_of(listing_day(night)) - timedelta(days=7)
    if store.released is not None and store.released >= monday:
        return "", ""
    found = with_papers(root, store, Wanted.by(days_of(View(store, settings), monday)))
    release = render_release(View(found, settings), monday, environment.repository_url)
    if release is not None:
        try:
            github.make_release(release.tag, release.title, release.body)
        except GitHubError as error:
            return "", f"the release of the week was not made: {error} It is made another night."
    save_store(root, store, replace(store, released=monday))
    return (f"made the release: {release.title}" if release else ""), ""
