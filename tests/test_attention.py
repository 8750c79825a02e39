from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.commands.render import render
from daily_papers.commands.update import Update
from daily_papers.ranking.attention import with_attention
from daily_papers.settings import Environment
from factories import NIGHT, make_entry, make_paper, make_store, whole_store
from standin_attention import FakeAttention
from standins.arxiv import FakeArxiv, Record

CODE = "Code: https://github.com/Example/widgets"
BOTH = ("github", "huggingface")


@pytest.fixture
def fake() -> Iterator[FakeAttention]:
    """Return the running stand-in."""
    with FakeAttention() as found:
        yield found


def environment(fake: FakeAttention, **more: str) -> Environment:
    """Return an environment that leads to the stand-in."""
    return Environment(
        github_api_url=fake.url,
        huggingface_api_url=fake.url,
        github_token="ghs_invented",  # noqa: S106 - of the stand-in
        **more,
    )


def test_stars_and_votes_are_shown_with_their_growth(tmp_path: Path, fake: FakeAttention) -> None:
    """Nights read both; pages show the last count and the growth, and render writes the same."""
    (tmp_path / "keywords.txt").write_text("Neural Widgets\n")
    now = datetime(2026, 11, 24, 5, 37, tzinfo=UTC)
    record = Record(
        arxiv_id="2611.00001",
        title="On neural widgets",
        authors=("A. Sample",),
        abstract="Neural widgets.",
        categories=("cs.LG",),
        published=now - timedelta(hours=20),
        comment=CODE,
    )
    with FakeArxiv([record], announced=True) as arxiv:
        known = environment(fake, arxiv_api_url=arxiv.api_url, arxiv_oai_url=arxiv.oai_url)

        def night(day: int) -> str:
            moment = arxiv.now = now + timedelta(days=day)
            Update(tmp_path, known, VirtualClock(moment), now=moment).run()
            return (tmp_path / "README.md").read_text()

        assert "★" not in night(0)
        assert fake.requests == []
        (tmp_path / "pyproject.toml").write_text(
            '[tool.daily-papers]\nattention = ["github", "huggingface"]\n'
        )
        fake.stars = {"Example/widgets": 290}
        fake.votes = {"2026-11-20": {"2611.00001": 12, "2611.99999": 3}}
        assert "★ 290 · 🤗 12" in night(1)
        fake.stars = {"Example/widgets": 410}
        assert "★ 410 (+120) · 🤗 12" in night(2)
        fake.status = 503
        assert "★ 410 (+120) · 🤗 12" in night(3)
    assert "★ 410 (+120)" in (tmp_path / "papers/topics/neural-widgets.md").read_text()
    assert whole_store(tmp_path).attention.keys() == {"2611.00001"}
    assert render(tmp_path, VirtualClock(now)) == []


def test_a_hundred_repositories_are_one_request(fake: FakeAttention, clock: VirtualClock) -> None:
    """GitHub is asked for a hundred at once with the token, Hugging Face for each day without."""
    store = make_store(
        make_entry(make_paper(number, comment=f"{CODE}-{number}")) for number in range(1, 151)
    )
    fake.stars = {f"Example/widgets-{number}": number for number in range(1, 150)}
    found, warnings = with_attention(store, BOTH, environment(fake), clock, NIGHT.date(), 1e6)
    assert warnings == []
    assert len(found.attention) == 149
    assert found.attention["2611.00149"].stars[0].count == 149
    paths = [path.partition("?")[0] for path, _, _ in fake.requests]
    assert paths == ["/graphql"] * 2 + ["/daily_papers"] * 14
    assert [token for _, _, token in fake.requests] == ["Bearer ghs_invented"] * 2 + [""] * 14
    assert clock.sleeps == [1.0] * 14


@pytest.mark.parametrize(
    ("status", "body", "tries"),
    [
        (500, None, 2),
        (429, None, 2),
        (404, None, 1),
        (302, None, 1),
        (200, b"<html>closed</html>", 1),
        (200, b'{"message": "changed"}', 1),
        (200, b"[" * 100_000, 1),
        (200, b"null", 1),
    ],
)
def test_a_source_that_fails_costs_only_its_figures(
    fake: FakeAttention, clock: VirtualClock, status: int, body: bytes | None, tries: int
) -> None:
    """What a source says instead of figures is a warning; what was known is kept."""
    store = make_store([make_entry(make_paper(1, comment=CODE))])
    fake.status, fake.body = status, body
    found, warnings = with_attention(store, BOTH, environment(fake), clock, NIGHT.date(), 1e6)
    assert found == store
    assert len(warnings) == 2
    assert "ghs_invented" not in "".join(warnings)
    assert len(fake.requests) == 2 * tries


def test_after_the_deadline_nothing_is_asked(fake: FakeAttention, clock: VirtualClock) -> None:
    """The night's end is the end for these sources too."""
    store = make_store([make_entry(make_paper(1, comment=CODE))])
    found, warnings = with_attention(store, BOTH, environment(fake), clock, NIGHT.date(), 0.0)
    assert (found, len(warnings), fake.requests) == (store, 2, [])


def test_odd_counts_are_no_figures(fake: FakeAttention, clock: VirtualClock) -> None:
    """Only a whole number that is not negative counts."""
    store = make_store([make_entry(make_paper(1, comment=CODE))])
    for odd in (-1, True, "410", 1.5, 10**30):
        fake.stars = {"Example/widgets": odd}  # type: ignore[dict-item]
        found, _ = with_attention(store, BOTH[:1], environment(fake), clock, NIGHT.date(), 1e6)
        assert found == replace(store, attention={})
