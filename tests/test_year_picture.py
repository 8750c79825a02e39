from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from daily_papers.atomic_files import is_generated
from daily_papers.pages.pieces import View
from daily_papers.pages.topics_table import render_all_topics
from daily_papers.pages.weekly_counts import weekly_counts
from daily_papers.pages.year_picture import PICTURES, render_year
from daily_papers.settings import Settings
from daily_papers.store.entry_types import Day, Store
from factories import NIGHT, make_entry, make_paper, make_state, make_store, read_back

SVG = "{http://www.w3.org/2000/svg}"
WEEK = timedelta(weeks=1)


def drawn(store: Store) -> ET.Element:
    """Return the picture of a light page."""
    return ET.fromstring(render_year(View(store, Settings()), next(iter(PICTURES))))  # noqa: S314 - ours


def test_weeks_beyond_the_table_are_counted_from_the_lists_of_days() -> None:
    """The table has the last weeks; before them the days have the papers, since the topic began."""
    ages = (0, 0, 1, 3)
    entries = [
        make_entry(make_paper(number, updated=NIGHT - age * WEEK - timedelta(hours=1)), ["A"])
        for number, age in enumerate(ages)
    ]
    # What stood in the table five weeks ago is only in the lists of its days.
    days = {
        day.day: day
        for weeks in (5, 8)
        for day in [Day((NIGHT - weeks * WEEK).date(), {"A": ("2610.00001", "2610.00002")})]
    }
    state = make_state("A", floor=NIGHT - 4 * WEEK, since=NIGHT - 7 * WEEK)
    view = View(make_store(entries, [state], days=days), Settings())
    assert list(weekly_counts(view, 9, NIGHT)["A"]) == [None, None, 0, 2, 0, 1, 0, 1, 2]


def test_nothing_is_counted_before_the_first_good_night() -> None:
    """A topic that arXiv has not answered yet has no known week."""
    view = View(make_store([], [make_state("A", watermark=None)]), Settings())
    assert list(weekly_counts(view, 3, NIGHT)["A"]) == [None] * 3


def test_the_picture_has_a_line_for_each_topic() -> None:
    """Each has its name, its bars and the papers of its fullest week; files differ in colours."""
    entries = [make_entry(number, ["A"]) for number in range(3)]
    store = make_store(entries, ["A", "A topic with a name of more than 28 characters"])
    root = drawn(store)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert texts[:4] == ["A", "3", "A topic with a name of more…", "0"]
    assert texts[4:] == ["2025-11-24", "2026-11-22"]
    light, dark = (render_year(View(store, Settings()), path) for path in PICTURES)
    assert light != dark
    assert len(light) == len(dark)
    assert is_generated(light)


def test_the_page_of_all_topics_shows_the_picture_in_light_and_dark() -> None:
    """Its paths are relative to the page, and its text says what it shows."""
    root = read_back(render_all_topics(View(make_store([make_entry(1)]), Settings())))
    (picture,) = root.iter("picture")
    assert picture.find(".//source").get("srcset") == "badges/year-dark.svg"
    assert picture.find(".//img").get("src") == "badges/year.svg"
    assert "fullest week" in picture.find(".//img").get("alt")


def test_a_night_changes_only_the_last_bar() -> None:
    """Within a week the picture of the next night has the same bars but for the last one."""
    entries = [make_entry(number, ["A"]) for number in range(30, 38)]
    before = make_store(entries, ["A"])
    after = replace(make_store([*entries, make_entry(1, ["A"])], ["A"]), created=before.created)
    path = next(iter(PICTURES))
    old, new = (render_year(View(store, Settings()), path) for store in (before, after))
    same = len(old) - len(new.split("v-", maxsplit=1)[1])
    assert old[:same] == new[:same]


@given(st.text(min_size=1, max_size=60))
def test_whatever_a_topic_is_called_the_picture_is_xml(name: str) -> None:
    """No heading breaks the picture or adds an element to it."""
    root = drawn(make_store([make_entry(1, [name])], [name]))
    assert len(list(root.iter())) == 8
