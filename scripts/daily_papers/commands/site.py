"""Write the search page with its data into a folder, for GitHub Pages, or to look at it here."""

from pathlib import Path

from daily_papers.atomic_files import append_line, locked
from daily_papers.clock import Clock, SystemClock
from daily_papers.errors import DailyPapersError
from daily_papers.progress import say
from daily_papers.read_user_files import load_known_store, load_needed_store, read_project
from daily_papers.settings import load_environment, load_settings
from daily_papers.site.build_site import PAGE, build_site
from daily_papers.site.serve_site import serve


def run(*, root: Path, output: Path, port: int | None, for_pages: bool) -> None:
    """Write the site; with `port`, serve it on this machine until Ctrl+C.

    With `for_pages`, write it only if GitHub Pages takes it, and tell the workflow so.
    """
    environment = load_environment()
    if for_pages and not is_published(root):
        say("GitHub Pages is off, as of the last night: the search page is not written")
        return
    site(root, output, SystemClock(), environment.repository_url)
    if for_pages and environment.github_output:
        append_line(Path(environment.github_output), "deploy=true")
    print(output / PAGE)
    if port is not None:
        serve(output, port, say)


def is_published(root: Path) -> bool:
    """Whether the last night found that GitHub Pages takes the search page."""
    store = load_known_store(root)
    return bool(store and store.site) and load_settings(root).pages.site


def site(root: Path, output: Path, clock: Clock, repository_url: str = "") -> None:
    """Write the site of the store of `root` into `output`.

    Raises InputError, StoreError, and DailyPapersError when there is no store yet.
    """
    project = read_project(root)
    with locked(root, clock, project.settings.deadline_minutes * 60):
        store = load_needed_store(root, "show")
        try:
            build_site(project, store, output, repository_url)
        except OSError as error:
            raise DailyPapersError(
                f"{error.filename or output}: the site cannot be written: {error.strerror}; give "
                "another folder with --output, or check free space and permissions"
            ) from error
