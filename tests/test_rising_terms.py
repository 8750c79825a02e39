from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from conftest import VirtualClock
from daily_papers.announcement_calendar import monday_of
from daily_papers.commands.render import render
from daily_papers.ranking.rising_terms import TermGrowth, with_rising_terms
from daily_papers.store.entry_types import Day, Rising, Store
from daily_papers.store.store_file import save_store
from factories import NIGHT, TOPIC, make_entry, make_paper, make_store

FRIDAY = NIGHT.date()


def weeks(count: int) -> Store:
    """Return weeks of ten papers each, the last of which has three on one new subject."""
    entries, days = [], {}
    for week in range(count):
        ids = []
        for place in range(10):
            paper = make_paper(
                100 * week + place,
                updated=NIGHT - timedelta(weeks=week, hours=20),
                title=f"Ordinary networks {place}",
                abstract="We train networks on flow matching."
                if week == 0 and place in (2, 5, 7)
                else "We train networks on images.",
            )
            entries.append(make_entry(paper))
            ids.append(paper.arxiv_id)
        day = FRIDAY - timedelta(weeks=week)
        days[day] = Day(day, {TOPIC: tuple(ids)})
    return make_store(entries, days=dict(sorted(days.items())))


def test_a_term_of_this_weeks_papers_is_rising() -> None:
    """The longest term that grew is named once, as it is written, with its papers and counts."""
    found = with_rising_terms(weeks(13), lambda store, _: store).days
    assert found[FRIDAY].rising == {
        TOPIC: (Rising("flow matching", ("2611.00002", "2611.00005", "2611.00007"), 10, 0, 120),)
    }
    past = [day.rising for day in found.values() if monday_of(day.day) < monday_of(FRIDAY)]
    assert [rising for rising in past if rising] == []


def test_with_few_weeks_before_nothing_is_said() -> None:
    """Four weeks with papers must come before."""
    assert with_rising_terms(weeks(4), lambda store, _: store).days[FRIDAY].rising == {}
    assert with_rising_terms(weeks(5), lambda store, _: store).days[FRIDAY].rising


def test_a_week_that_is_not_over_is_not_looked_at() -> None:
    """Monday's papers are not yet a week; what was noted stays as it is."""
    store = weeks(6)
    monday = FRIDAY + timedelta(days=3)
    more = {monday: Day(monday, {TOPIC: ("2611.00001",)})}
    kept = {FRIDAY: replace(store.days[FRIDAY], rising={})}
    days = with_rising_terms(
        replace(store, days={**store.days, **kept, **more}), lambda store, _: store
    ).days
    assert days[monday].rising is None
    assert days[FRIDAY].rising == {}


def test_without_papers_before_nothing_grew() -> None:
    """A share cannot have grown from nothing known."""
    assert TermGrowth([make_paper(number) for number in range(9)]).rising() == ()


def test_the_weeks_page_names_terms_and_papers(tmp_path: Path, clock: VirtualClock) -> None:
    """The section has how many papers, how many before, and a link to each."""
    (tmp_path / "keywords.txt").write_text(f"{TOPIC}\n")
    (tmp_path / "pyproject.toml").write_text("[tool.daily-papers.pages]\nweekly = true\n")
    save_store(tmp_path, None, with_rising_terms(weeks(6), lambda store, _: store))
    render(tmp_path, clock)
    page = (tmp_path / "papers/weekly/video-understanding/20261116-20261122.md").read_text()
    assert "## What is rising" in page
    assert "- **flow matching**: 3 of 10 papers, before 0 of 50: [2611.00002](" in page
    older = (tmp_path / "papers/weekly/video-understanding/20261109-20261115.md").read_text()
    assert "rising" not in older
