"""The compact lists: papers/months/ and papers/days/."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.announcement_calendar import listing_day
from daily_papers.pages.day_list import render_day
from daily_papers.pages.month_list import changed_months, month_pages
from daily_papers.pages.pieces import PAGE_BUDGET
from daily_papers.store.entry_types import Entry, Month, Revision, Store
from factories import NIGHT, make_entry, make_paper, make_store, read_back, text_of

TODAY = listing_day(NIGHT)
IN_TIME = {"published": NIGHT - timedelta(hours=12), "updated": NIGHT - timedelta(hours=12)}
AGO = NIGHT - timedelta(days=30)


def months(*entries: Entry) -> dict[str, str]:
    """Return the pages of a month with these papers."""
    month = Month("2026-11", len(entries), NIGHT)
    return dict(month_pages(month, {entry.paper.arxiv_id: entry for entry in entries}))


def sections(store: Store) -> dict[str, list[str]]:
    """Return the titles below each heading of today's page."""
    found: dict[str, list[str]] = {}
    for element in read_back(render_day(store.days[TODAY], store.entries)):
        if element.tag == "h2":
            last = found.setdefault(text_of(element), [])
        elif element.tag == "ul":
            last += [text_of(one) for one in element.xpath("./li//strong/a")]
    return found


def test_a_month_has_a_page_for_each_topic_newest_first() -> None:
    """A paper of two topics is on both pages, with date, authors, venue and links."""
    full = make_paper(1, comment="Accepted at CVPR 2027. Code: https://github.com/example/doors")
    pages = months(make_entry(2, ["A", "B"]), make_entry(full, ["A"]))
    assert list(pages) == ["papers/months/a/2026-11.md", "papers/months/b/2026-11.md"]
    first, second = read_back(pages["papers/months/a/2026-11.md"]).xpath(".//li")
    assert text_of(first) == (
        "Paper 1 2026-11-20 · Ada Lovelace, Charles Babbage · CVPR 2027 · PDF · "
        "https://github.com/example/doors"
    )
    assert [link.get("href") for link in first.xpath(".//a")] == [
        "https://arxiv.org/abs/2611.00001v1",
        "https://arxiv.org/pdf/2611.00001v1",
        "https://github.com/example/doors",
    ]
    assert text_of(second).startswith("Paper 2")
    assert "1 paper with an identifier of this month" in pages["papers/months/b/2026-11.md"]


def test_topics_that_share_a_page_share_it() -> None:
    """Two spellings of one topic have one page, on which each paper stands once."""
    pages = months(make_entry(1, ["A b", "a-B"]), make_entry(2, ["a-B"]), make_entry(3, ["A b"]))
    (page,) = pages.values()
    assert len(read_back(page).xpath(".//li")) == 3


def test_a_day_has_each_new_paper_once_and_what_became_of_others() -> None:
    """New papers by topic, then those that were revised, accepted, or got code."""
    store = make_store(
        [
            make_entry(make_paper(1, **IN_TIME), ["A", "B"]),
            make_entry(make_paper(2, **IN_TIME), ["B"]),
            make_entry(make_paper(3, published=AGO), ["B"], AGO, revised=Revision(NIGHT, 1)),
            make_entry(make_paper(4, published=AGO), ["A"], AGO, accepted=NIGHT),
            make_entry(make_paper(5, published=AGO), ["A"], AGO, code=NIGHT),
        ],
        ["A", "B"],
    )
    assert sections(store) == {
        "A": ["Paper 1"],
        "B": ["Paper 2"],
        "Revised": ["Paper 3"],
        "Accepted": ["Paper 4"],
        "Code": ["Paper 5"],
    }
    text = render_day(store.days[TODAY], store.entries)
    assert "1 paper of this topic above, under another." in text


HOSTILE = st.text(
    st.sampled_from("ab \n|`*_~[]()<>{}#&@!\\$:/-+=.") | st.characters(exclude_categories=["Cs"]),
    max_size=30,
)


@given(title=HOSTILE, author=HOSTILE, comment=HOSTILE, topic=HOSTILE.filter(str.strip))
def test_whatever_papers_say_each_is_one_item(
    title: str, author: str, comment: str, topic: str
) -> None:
    """No title, author, comment or heading breaks a list or adds a link to it."""
    facts: dict[str, Any] = {"title": f"T{title}", "authors": (f"A{author}",), "comment": comment}
    entries = [make_entry(make_paper(n, **IN_TIME | facts), [topic]) for n in (1, 2)]
    store = make_store(entries, [topic])
    pages = [*months(*entries).values(), render_day(store.days[TODAY], store.entries)]
    for page in pages:
        root = read_back(page)
        assert len(root.xpath(".//li")) == len(root.xpath("./ul/li")) == 2
        links = root.xpath(".//li//a/@href")
        assert [link for link in links if "/abs/" in link] == [
            f"https://arxiv.org/abs/2611.0000{n}v1" for n in (2, 1)
        ] or len(entries[0].paper.code_links) > 0
        assert len(root.xpath(".//h1")) == 1


def test_the_lists_of_thousands_are_shown_by_github() -> None:
    """When a page would get too long, the last papers have their linked titles only."""
    entries = [
        make_entry(make_paper(n, **IN_TIME | {"title": "t" * 200, "authors": ("a" * 80,) * 5}))
        for n in range(1, 3001)
    ]
    store = make_store(entries)
    for page in (*months(*entries).values(), render_day(store.days[TODAY], store.entries)):
        # Without head and line ends.
        assert PAGE_BUDGET - 1000 < len(page.encode()) < PAGE_BUDGET + 4000
        assert page.count("/abs/") == 3000 > page.count("[PDF]")


@pytest.mark.parametrize(
    ("facts", "changed"),
    [
        ({}, False),
        ({"abstract": "Another."}, False),
        ({"comment": "8 pages"}, False),
        ({"title": "Another"}, True),
        ({"version": 2}, True),
        ({"comment": "Accepted at CVPR 2027"}, True),
        ({"comment": "This paper has been withdrawn"}, True),
    ],
)
def test_a_month_is_written_if_a_line_of_it_changed(
    facts: dict[str, Any], *, changed: bool
) -> None:
    """What no list shows leaves the month's pages alone."""
    before = {"2611.00001": make_entry(1)}
    paper = make_paper(1, published=make_paper(1).published, updated=make_paper(1).updated, **facts)
    after = {"2611.00001": make_entry(paper)}
    assert changed_months(before, after) == ({"2026-11"} if changed else set())
    assert changed_months({}, after) == {"2026-11"}
    assert changed_months(before, {"2611.00001": make_entry(1, ["Another"])}) == {"2026-11"}
