from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.cli import main
from daily_papers.pages.notice_issue import render_notice
from daily_papers.pages.pieces import View
from daily_papers.pages.readme import render_readme
from daily_papers.pages.topic import render_topic
from daily_papers.publish.search_page_address import LIMIT, SearchPage, find_search_page
from daily_papers.readme_markers import Frame
from daily_papers.settings import Environment, Settings, parse_settings
from daily_papers.store.entry_types import Store
from daily_papers.store.store_file import load_store, save_store
from factories import TOPIC, make_entry, make_store
from standin_github import FakeGitHub

ADDRESS = "https://somebody.github.io/papers/"


def ask(
    github: FakeGitHub,
    settings: Settings | None = None,
    clock: VirtualClock | None = None,
    seconds: float = LIMIT,
) -> SearchPage:
    """Return what a run in Actions finds."""
    environment = Environment(
        in_actions=True,
        github_api_url=github.api_url,
        github_repository=github.repository,
        github_token=github.token,
    )
    return find_search_page(settings or Settings(), environment, clock or VirtualClock(), seconds)


@pytest.mark.parametrize(
    ("pages", "address", "about"),
    [
        ({"build_type": "workflow", "html_url": ADDRESS}, ADDRESS, ADDRESS),
        ({"build_type": "legacy", "html_url": ADDRESS}, "", "Source → GitHub Actions"),
        ({"build_type": "workflow", "html_url": "javascript:x"}, "", "Source → GitHub Actions"),
        (None, "", "Source → GitHub Actions"),
    ],
)
def test_whether_pages_is_on(pages: dict[str, str] | None, address: str, about: str) -> None:
    """One sentence says where the page is, or which button brings it."""
    with FakeGitHub(pages=pages) as github:
        found = ask(github)
        assert (found.address, about in found.about, found.about.count("\n")) == (address, True, 1)
        off = parse_settings({"pages": {"site": False}})
        assert ask(github, off) == SearchPage("")
        assert find_search_page(Settings(), Environment(), VirtualClock()) == SearchPage()


@pytest.mark.parametrize(
    "trouble", ["no permission", "down", "too many", "garbage", "reset", "hang"]
)
def test_what_github_does_not_say_stays(trouble: str) -> None:
    """Without an answer, the address stays as it was known; nobody waits for another one."""
    clock = VirtualClock()
    with FakeGitHub() as github:
        github.play(trouble, path="/pages")
        found = ask(github, clock=clock, seconds=0.1 if trouble == "hang" else LIMIT)
        asked = len(github.requests)
    assert (found.address, bool(found.about), asked, clock.sleeps) == (None, True, 1, [])


def store_with(address: str) -> Store:
    """Return a store whose search page has that address."""
    return replace(make_store([make_entry()]), site=address)


def test_pages_link_to_the_search() -> None:
    """README, topic page and mail link to the search page, if there is one, and to its feeds."""
    for address in (ADDRESS, ""):
        view = View(store_with(address), Settings())
        notice = render_notice(view, datetime(2026, 1, 1, tzinfo=UTC), "https://github.com/a/b")
        assert notice is not None
        readme = render_readme(view, Frame("", ""))
        topic = render_topic(view, TOPIC)
        for text in (readme, notice.body):
            assert (f"]({ADDRESS})" in text) == bool(address)
        assert (f"]({ADDRESS}?topic=Video+Understanding)" in topic) == bool(address)
        for path in (
            "papers/feeds/video-understanding.xml",
            "papers/bibtex/video-understanding.bib",
        ):
            assert (f"]({ADDRESS}{path})" in topic) == bool(address)
        assert (f"[Feeds]({ADDRESS}papers/feeds/all.xml)" in readme) == bool(address)


def test_the_address_is_kept_in_the_store(tmp_path: Path) -> None:
    """The store knows the address from night to night."""
    save_store(tmp_path, None, store_with(ADDRESS))
    store = load_store(tmp_path)
    assert store is not None
    assert store.site == ADDRESS


@pytest.mark.parametrize("address", [ADDRESS, ""])
def test_the_workflow_publishes_only_where_pages_is_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """The command writes the page for Pages, and tells the workflow, only where it is on."""
    output = tmp_path / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    (tmp_path / "keywords.txt").write_text(f"{TOPIC}\n")
    save_store(tmp_path, None, store_with(address))
    page = tmp_path / "page"
    arguments = ["--root", str(tmp_path), "--output", str(page), "--for-pages"]
    assert main(["site", *arguments]) == 0
    assert (page / "index.html").exists() == output.exists() == bool(address)
    if address:
        assert output.read_text() == "deploy=true\n"
