"""Show the state of each topic."""

from pathlib import Path

from daily_papers.pages.night_log import render_status
from daily_papers.read_user_files import load_known_store


def run(*, root: Path) -> None:
    """Print how far each topic is complete and what its last logged night found."""
    store = load_known_store(root)
    print("no night has been yet" if store is None else render_status(store))
