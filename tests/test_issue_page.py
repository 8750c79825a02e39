import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.arxiv.start_jitter import own_cron
from daily_papers.pages.news import MAX_SUBJECT
from daily_papers.pages.notice_issue import (
    BUDGET,
    Notice,
    marker,
    read_marker,
    render_notice,
)
from daily_papers.pages.pieces import View
from daily_papers.settings import Pages, Settings
from daily_papers.store.entry_types import Entry, Revision, Store
from factories import (
    NIGHT,
    make_entry,
    make_paper,
    make_row,
    make_state,
    make_store,
    read_back,
    text_of,
)

URL = "https://github.com/someone/papers"
EARLIER = NIGHT - timedelta(days=1)


def notice(store: Store, since: datetime | None = EARLIER, **limits: Any) -> Notice:  # noqa: ANN401 - any setting
    """Return the notice of a store that has news."""
    found = render_notice(View(store, Settings(**limits)), since, URL)
    assert found is not None
    return found


def new(number: int, *topics: str, **facts: Any) -> Entry:  # noqa: ANN401 - any of a paper's fields
    """Return a paper that is new."""
    return make_entry(make_paper(number, **facts), topics or ("A",))


def revised(number: int, *topics: str, **facts: Any) -> Entry:  # noqa: ANN401 - any of a paper's fields
    """Return a known paper with a new version."""
    return make_entry(
        make_paper(number, version=2, **facts),
        topics or ("A",),
        first_seen=NIGHT - timedelta(days=30),
        revised=Revision(NIGHT, 1),
    )


def known(number: int) -> Entry:
    """Return a paper that is not news."""
    return make_entry(number, ["A"], first_seen=NIGHT - timedelta(days=30))


def sections_of(body: str) -> dict[str, list[lxml.html.HtmlElement]]:
    """Return the items of the lists of a body by their heading, without those of the digest."""
    found: dict[str, list[lxml.html.HtmlElement]] = {}
    heading = ""
    for element in read_back(body):
        if element.tag == "h2":
            heading = text_of(element)
            found[heading] = []
        elif element.tag == "ul" and heading:
            found[heading] += element.findall("li")
    return found


def titles(items: list[lxml.html.HtmlElement]) -> list[str]:
    """Return the titles of a list's papers."""
    return [text_of(item.find("strong/a")) for item in items]


def about(item: lxml.html.HtmlElement) -> str:
    """Return the line below a paper's title."""
    text: str = item.find("strong").tail or ""
    return " ".join((text + "".join(text_of(one) + (one.tail or "") for one in item[1:])).split())


def digest(body: str) -> list[str]:
    """Return the digest: its sentence and its list."""
    root = read_back(body)
    items = root.find("ul")
    return [text_of(root.find("p")), *(text_of(item) for item in items)]


def test_nothing_new_is_no_notice() -> None:
    """Without news since the last notice there is no issue."""
    store = make_store([known(1), make_entry(2, ["A"], silent=True)])
    assert render_notice(View(store, Settings()), EARLIER, URL) is None
    assert render_notice(View(make_store([new(1)]), Settings()), NIGHT, URL) is None
    assert render_notice(View(make_store(), Settings()), None, URL) is None


LONG = ("a heading of many words " * 11)[:245]


@pytest.mark.parametrize(
    ("entries", "title"),
    [
        ([new(1)], "1 new: A 1"),
        ([new(n) for n in range(1, 8)], "7 new: A 7"),
        ([new(1), revised(2), revised(3)], "1 new: A 1"),
        ([revised(1)], "1 revised: A 1"),
        ([new(1, "A", "B"), new(2, "B"), new(3, "B")], "3 new: B 2, A 1"),
        ([new(n, f"T{n}") for n in range(1, 9)],
         "8 new: T1 1, T2 1, T3 1, T4 1, T5 1, T6 1, T7 1, T8 1"),
        ([new(n, f"T{n}") for n in range(1, 12)],
         "11 new: T1 1, T2 1, T3 1, T4 1, T5 1, T6 1, T7 1, T8 1 …"),
        ([new(1, LONG), new(2, LONG), new(3, "A")], f"3 new: {LONG} 2 …"),
        ([new(1, LONG * 2), new(2, LONG * 2), new(3, "A")], "Papers of November 20, 2026"),
        ([new(1, "@me #12 GH-3 `a` \\alpha")], "1 new: @\u2060me #\u206012 GH-\u20603 `a` α 1"),
    ],
)  # fmt: skip
def test_the_title_says_what_is_new_by_topic(entries: list[Entry], title: str) -> None:
    """The title counts the new papers, or else the revised ones, the largest topics first.

    Topics that do not fit are left out; if none fits, it is the night's date.
    """
    assert notice(make_store(entries)).title == title


def test_the_titles_date_is_the_users() -> None:
    """The date is the night's in the time zone of the settings."""
    store = make_store([new(1, LONG * 2)])
    title = notice(store, timezone=ZoneInfo("America/New_York")).title
    assert title == "Papers of November 19, 2026"


def test_the_digest_comes_first() -> None:
    """Above the tables are the numbers of papers, in all and by topic, with links to the topics."""
    store = make_store([new(1, "A"), revised(2, "A"), new(3, "B b"), known(9)], ["A", "B b", "C"])
    body = notice(store).body
    assert digest(body) == [
        "2 new papers and 1 revised paper in the tables:",
        "A: 1 new, 1 revised",
        "B b: 1 new",
    ]
    links = read_back(body).xpath("./p[1]//a/@href|./ul[1]//a/@href")
    assert links == [
        URL,
        f"{URL}/blob/HEAD/papers/topics/a.md",
        f"{URL}/blob/HEAD/papers/topics/b-b.md",
    ]
    assert body.index("- [") < body.index("## ")


def test_new_papers_stand_before_revised_ones_and_are_told_apart() -> None:
    """Each list has the new papers, newest first, then the revised ones, with their version."""
    store = make_store([revised(1), new(4), new(3), revised(2), known(5)])
    items = sections_of(notice(store).body)["A"]
    assert titles(items) == ["Paper 3", "Paper 4", "Paper 1", "Paper 2"]
    assert ["v2, first" in about(item) for item in items] == [False, False, True, True]


def test_an_item_is_a_title_and_a_line_of_what_to_know() -> None:
    """Below the linked title stand authors, venue, code and the key sentence, and nothing else."""
    authors = ("Ada Lovelace", "Charles Babbage", "Mary Somerville", "George Boole")
    paper = new(
        1,
        authors=authors,
        comment="8 pages, accepted at CVPR 2027. Code: https://github.com/someone/doors",
        abstract="Doors matter. We propose a door that opens itself. It hums.",
    )
    body = notice(make_store([paper])).body
    ((item,),) = sections_of(body).values()
    assert item.find("strong/a").get("href") == "https://arxiv.org/abs/2611.00001v1"
    assert about(item) == (
        "Ada Lovelace, Charles Babbage, Mary Somerville, et al. · CVPR 2027 · "
        "https://github.com/someone/doors · We propose a door that opens itself."
    )


def test_the_key_sentence_is_cut_between_words() -> None:
    """A very long sentence ends with an ellipsis after a whole word."""
    store = make_store([new(1, authors=(), abstract=f"We propose {'doors ' * 90}here.")])
    ((item,),) = sections_of(notice(store).body).values()
    assert about(item).endswith(" doors …")
    assert 220 < len(about(item)) < 250


def test_the_text_is_readable_as_it_is() -> None:
    """There is no table and no HTML: each line is a heading, an item, its line, or a sentence."""
    store = make_store([new(1, comment="c" * 200), revised(2), accepted(3), coded(4)])
    lines = notice(store).body.splitlines()
    assert not [line for line in lines if line.startswith("|")]
    assert not [line for line in lines if "<" in line and not re.search("<https://|<!-- ", line)]
    assert max(map(len, lines)) < 500


def test_a_paper_stands_in_the_notice_once() -> None:
    """A paper of two topics is listed under the first and counted by the other."""
    store = make_store([new(1, "A", "B"), new(2, "B"), revised(3, "A", "B")], ["B", "A"])
    body = notice(store).body
    assert {name: titles(rows) for name, rows in sections_of(body).items()} == {
        "B": ["Paper 1", "Paper 2", "Paper 3"]
    }
    assert digest(body)[1:] == ["B: 2 new, 1 revised", "A: 2 listed under another topic"]


def test_a_topic_has_at_most_so_many_rows_and_counts_the_rest() -> None:
    """Beyond `issue-papers` a topic's papers are counted, with the pages of all their days."""
    store = make_store([new(n) for n in range(1, 30)] + [revised(30)])
    body = notice(store, issue_papers=4).body
    rows = sections_of(body)["A"]
    assert titles(rows) == ["Paper 1", "Paper 2", "Paper 3", "Paper 4"]
    (rest,) = read_back(body).xpath(".//p[contains(., 'more')]")
    assert text_of(rest) == "26 more: 2026-11-23, 2026-11-20"
    assert rest.xpath("a/@href") == [
        f"{URL}/blob/HEAD/papers/days/2026/2026-11-{day}.md" for day in (23, 20)
    ]
    shown = {arxiv_id for day in store.days.values() for arxiv_id in day.papers}
    assert shown == store.entries.keys()
    assert "29 new papers and 1 revised paper" in digest(body)[0]


def test_without_the_days_pages_the_rest_is_on_the_topics() -> None:
    """With `archive = false` the line for the rest links the topic's page."""
    store = make_store([new(n) for n in range(1, 30)])
    body = notice(store, issue_papers=4, pages=Pages(archive=False)).body
    link = read_back(body).xpath(".//a[contains(., 'more')]")[0]
    assert text_of(link) == "25 more →"
    assert link.get("href") == f"{URL}/blob/HEAD/papers/topics/a.md"


def test_the_rest_of_very_many_days_is_on_the_pages_of_its_months() -> None:
    """Of more than twelve days the months' pages are linked instead, which have all papers."""
    store = make_store([new(24 * n) for n in range(1, 30)])
    (rest,) = read_back(notice(store, issue_papers=1).body).xpath(".//p[contains(., 'more')]")
    assert text_of(rest) == "28 more: 2026-11"


def test_nothing_is_counted_when_nothing_is_left_out() -> None:
    """A topic whose papers all fit has no line for the rest."""
    store = make_store([new(n) for n in range(1, 5)])
    assert "more" not in notice(store, issue_papers=4).body


def test_a_first_notice_is_a_welcome() -> None:
    """It has the topics with three papers each, never all, and how to set things up."""
    store = make_store(
        [new(1, "A", "B"), *(new(n) for n in range(2, 1700)), new(1700, "B")],
        ["A", "B", make_state("None such", empty=True)],
        ledger=(make_row(topic="None such", total=0, reason="check its <spelling>"),),
    )
    found = notice(store, None)
    assert found.title == "Welcome to 3 topics: A, B, None such"
    assert len(found.body) < 3000
    page = read_back(found.body)
    assert "From now on, this repository asks arXiv every night for 3 topics." in text_of(page)
    first, second = page.findall("ul")[0]
    assert text_of(first.find(".//a")) == "A"
    assert titles(first.findall("ul/li")) == ["Paper 1", "Paper 2", "Paper 3"]
    assert "B: 2 papers" in text_of(second)
    assert titles(second.findall("ul/li")) == ["Paper 1700"]
    headings = [text_of(one) for one in page.findall("h2")]
    assert headings == ["Topics without a paper", "How to go on"]
    assert text_of(page.findall("ul")[1]) == "None such: check its <spelling>"
    how = text_of(page.findall("ul")[2])
    assert "Watch → Custom → Issues" in how
    assert f'cron: "{own_cron("someone/papers")}"' in how
    assert read_marker(found.body) == NIGHT


def test_a_welcome_that_comes_late_has_the_papers_of_the_first_night() -> None:
    """What later nights found is in the next notice, and told once."""
    later = make_entry(1, ["A"], NIGHT + timedelta(days=1))
    store = make_store([make_entry(2, ["A"]), later], updated=NIGHT + timedelta(days=1))
    found = render_notice(View(store, Settings()), None, URL)
    assert found is not None
    assert "2611.00002v1" in found.body
    assert "2611.00001v1" not in found.body


def test_a_welcome_to_very_many_topics_keeps_to_the_limits() -> None:
    """With hundreds of topics some are only counted, with papers or without."""
    names = [f"{'視頻 ' * 20}{number}" for number in range(1000)]
    store = make_store([new(n, topic) for n, topic in enumerate(names[:500], start=1)], names)
    found = notice(store, None)
    assert len(found.title) <= MAX_SUBJECT
    assert len(found.body) <= BUDGET
    assert found.body.count(" more topics") == 2
    assert "Watch → Custom → Issues" in found.body


def test_news_that_could_not_be_told_are_in_the_next_notice() -> None:
    """Papers of all nights since the last notice are new, also if they were revised since.

    The notice says that it is about several nights.
    """
    entries = [
        make_entry(1, ["A"], first_seen=EARLIER),
        make_entry(make_paper(2, version=2), ["A"], EARLIER, revised=Revision(NIGHT, 1)),
        make_entry(3, ["A"]),
    ]
    found = notice(make_store(entries), EARLIER - timedelta(days=1))
    assert found.title == "3 new: A 3"
    (remark,) = read_back(found.body).findall("blockquote")
    assert text_of(remark) == (
        "These are the papers of 2 nights: after November 18, 2026, no notice was posted until "
        "today."
    )


def test_after_a_gap_the_notice_says_so() -> None:
    """Papers of several announcements at once mean that nights were missed; one held back does not.

    NIGHT is after the announcement of November 20.
    """
    days = [new(n, updated=NIGHT - timedelta(days=n)) for n in range(1, 8)]
    (remark,) = read_back(notice(make_store(days)).body).findall("blockquote")
    assert text_of(remark) == (
        "After a gap: these papers are of 5 of arXiv's announcements, from November 16, 2026 to "
        "November 20, 2026."
    )
    (remark,) = read_back(notice(make_store(days[2:3])).body).findall("blockquote")
    assert text_of(remark) == (
        "After a gap: these papers are of arXiv's announcement of November 18, 2026."
    )
    tonight = [new(n, updated=NIGHT - timedelta(hours=12)) for n in range(10, 14)]
    assert read_back(notice(make_store([*tonight, days[4]])).body).find("blockquote") is None


def test_after_a_limit_the_notice_says_so() -> None:
    """A topic that could not look back far enough is named, also if it has an odd name."""
    reason = "looked back over 2000 papers, which is the limit; older ones are not listed"
    rows = (
        make_row(topic="A", reason=reason),
        make_row(topic="A", reason="something else"),
        make_row(topic="A", reason=reason, night=EARLIER),
        make_row(topic="gone", reason=reason),
    )
    body = notice(make_store([new(1)], ledger=rows)).body
    remarks = [text_of(one) for one in read_back(body).findall("blockquote")]
    assert remarks == [f"A: this night {reason}."]


def test_a_topic_that_is_gone_is_not_told_of() -> None:
    """Papers of a topic that is no longer in keywords.txt are not news."""
    store = make_store([new(1, "gone")], ["A"])
    assert render_notice(View(store, Settings()), EARLIER, URL) is None


def test_arxiv_is_thanked_and_samples_are_labelled() -> None:
    """Every notice has arXiv's acknowledgement, and one with invented papers a label at its top."""
    body = notice(make_store([new(1)])).body
    assert "Thank you to arXiv for use of its open access interoperability." in body
    assert "sample" not in body
    sample = notice(make_store([new(1, arxiv_id="2613.00001")])).body
    assert "These papers are a sample" in text_of(read_back(sample).find("blockquote"))


@given(st.integers(0, 10**9))
def test_a_later_run_reads_what_was_told(seconds: int) -> None:
    """The marker's time is found in the middle of any body."""
    moment = NIGHT + timedelta(seconds=seconds)
    assert read_marker(f"text\n{marker(moment)}\nmore") == moment


def test_a_body_has_its_nights_marker_unseen() -> None:
    """A notice has a marker with its night, which readers do not see."""
    body = notice(make_store([new(1)])).body
    assert read_marker(body) == NIGHT
    assert "daily-papers notice" not in read_back(body).text_content()


def test_a_body_without_a_marker_has_none() -> None:
    """Another issue's text, or a marker that no run wrote, gives None."""
    assert read_marker("nothing here") is None
    assert read_marker("<!-- daily-papers notice: yesterday -->") is None
    assert read_marker("<!-- daily-papers notice: 9999-99-99T99:99:99Z -->") is None


def test_a_paper_cannot_bring_a_marker_or_a_mention() -> None:
    """A paper's text cannot become a marker, a mention or a reference in the issue."""
    forged = marker(NIGHT + timedelta(days=9))
    body = notice(
        make_store([new(1, title=f"{forged} @someone #12", comment=f"@you {forged}")])
    ).body
    assert read_marker(body) == NIGHT
    assert "@someone" not in body
    assert "@you" not in body
    assert "#12" not in body.replace("&#124;", "")


def check_limits(found: Notice, store: Store, rows: int) -> None:
    """Check that a notice keeps to GitHub's limits, and that each row is whole and unique."""
    assert len(found.title) <= MAX_SUBJECT
    assert len(found.body) <= BUDGET
    assert read_marker(found.body) == store.updated
    shown: list[str] = []
    for name, items in sections_of(found.body).items():
        assert name
        assert len(items) <= rows
        shown += [item.find("strong/a").get("href") for item in items]
    assert len(shown) == len(set(shown))
    assert all(address.startswith("https://arxiv.org/abs/") for address in shown)
    total = sum(entry.is_news_since(EARLIER) for entry in store.entries.values())
    assert len(shown) <= total


@given(
    topics=st.integers(1, 12),
    papers=st.integers(1, 60),
    title=st.sampled_from(["t", "t" * 900, "|" * 300, "@a #1 " * 60, "視" * 500]),
    comment=st.sampled_from(["", "c" * 3000, "<b>|" * 200]),
    rows=st.sampled_from([1, 15, 200]),
)
def test_a_notice_is_never_too_long(
    topics: int, papers: int, title: str, comment: str, rows: int
) -> None:
    """Whatever the amount of news, title and body keep to GitHub's limits and rows are whole."""
    store = make_store(
        [
            (new if number % 3 else revised)(
                number, f"Topic {number % topics}", title=title, comment=comment
            )
            for number in range(1, papers + 1)
        ],
        [f"Topic {number}" for number in range(topics)],
    )
    found = notice(store, issue_papers=rows)
    check_limits(found, store, rows)
    assert len(digest(found.body)) == 1 + min(topics, papers)


def test_a_cut_notice_counts_what_it_leaves_out() -> None:
    """When the body is full, the remaining papers are counted with the pages of their days."""
    store = make_store([new(n, title="t" * 2000) for n in range(1, 60)])
    body = notice(store, issue_papers=200).body
    shown = len(sections_of(body)["A"])
    assert 20 < shown < 59
    assert f"{59 - shown} more: [2026-11-23]({URL}/blob/HEAD/papers/days/2026/" in body
    assert BUDGET - 3000 < len(body) <= BUDGET


def test_a_cut_list_is_its_beginning() -> None:
    """An item that does not fit ends the list, even if a later one would fit."""
    store = make_store([new(1), new(2, title="t" * BUDGET), new(3)])
    body = notice(store).body
    assert titles(sections_of(body)["A"]) == ["Paper 1"]
    assert "2 more: [2026-11-23](" in body


@pytest.mark.parametrize(
    "name", ["Topic", "a rather long topic " * 9, "視頻" * 40], ids=["short", "long", "Chinese"]
)
def test_a_digest_of_very_many_topics_keeps_to_the_limit(name: str) -> None:
    """With hundreds of topics the digest itself is cut, and the remaining topics are counted."""
    names = [f"{name} {number}" for number in range(700)]
    store = make_store([new(n, topic) for n, topic in enumerate(names, start=1)], names)
    found = notice(store)
    check_limits(found, store, 15)
    sentence, *lines, rest = digest(found.body)
    assert sentence.startswith("700 new papers in the tables")
    assert 10 < len(lines) < 700
    assert rest == f"and {700 - len(lines)} more topics"


def accepted(number: int, *topics: str, **facts: Any) -> Entry:  # noqa: ANN401 - any of an entry's fields
    """Return a known paper whose comment has had a venue since the last night."""
    return make_entry(
        make_paper(number, comment="Accepted at CVPR 2027", published=NIGHT - timedelta(days=60)),
        topics or ("A",),
        **({"first_seen": NIGHT - timedelta(days=30), "accepted": NIGHT} | facts),
    )


def test_a_paper_that_was_accepted_stands_under_accepted_with_its_venue() -> None:
    """A known paper that has a venue now has a section apart from new and revised ones."""
    found = notice(make_store([new(1), accepted(2), known(3)]))
    assert found.title == "1 new: A 1"
    assert "**1 new paper and 1 accepted paper** in" in found.body
    tables = sections_of(found.body)
    assert titles(tables["A"]) == ["Paper 1"]
    (item,) = tables["Accepted"]
    assert titles([item]) == ["Paper 2"]
    assert "· CVPR 2027 ·" in about(item)


def test_a_venue_alone_is_worth_a_notice() -> None:
    """A night with accepted papers only has a notice too."""
    assert notice(make_store([accepted(1), accepted(2)])).title == "2 accepted: A 2"


def test_an_acceptance_is_told_once() -> None:
    """A paper of an earlier notice, or a new one, is not listed as accepted."""
    assert render_notice(View(make_store([accepted(1)]), Settings()), NIGHT, URL) is None
    found = notice(make_store([accepted(1, first_seen=NIGHT)]))
    assert list(sections_of(found.body)) == ["A"]


def test_a_paper_of_which_a_version_came_with_its_venue_stands_once() -> None:
    """A paper that was accepted and revised at once is listed as accepted only."""
    entry = accepted(1, revised=Revision(NIGHT, 1))
    assert list(sections_of(notice(make_store([entry])).body)) == ["Accepted"]


def test_many_acceptances_stay_within_the_budget() -> None:
    """The table has as many rows as the setting allows, with a link to the rest."""
    store = make_store([accepted(number) for number in range(1, 300)])
    found = notice(store, issue_papers=200)
    assert len(found.body) <= BUDGET
    assert f"more: [2026-11-20]({URL}/blob/HEAD/papers/days/2026/2026-11-20.md)" in found.body
    found = notice(store, issue_papers=200, pages=Pages(archive=False))
    assert f"]({URL}/blob/HEAD/papers/README.md)" in found.body


def coded(number: int, link: str = "https://github.com/example/doors", **facts: Any) -> Entry:  # noqa: ANN401 - any of an entry's fields
    """Return a known paper whose comment has had a link to code since the last night."""
    return make_entry(
        make_paper(number, comment=f"Code: {link}", published=NIGHT - timedelta(days=60)),
        ["A"],
        **({"first_seen": NIGHT - timedelta(days=30), "code": NIGHT} | facts),
    )


def test_code_of_a_known_paper_stands_under_code_with_its_link() -> None:
    """A known paper that has code now has a section apart, and is worth a notice."""
    found = notice(make_store([coded(2), known(3)]))
    assert found.title == "1 with new code: A 1"
    (item,) = sections_of(found.body)["Code"]
    assert "· https://github.com/example/doors ·" in about(item)
    assert "Code: 1" in digest(found.body)
    found = notice(make_store([new(1), coded(2)]))
    assert "**1 new paper and 1 paper with new code** in" in found.body


@pytest.mark.parametrize(
    ("facts", "sections"),
    [
        ({"first_seen": NIGHT}, ["A"]),
        ({"revised": Revision(NIGHT, 1)}, ["Code"]),
        ({"accepted": NIGHT}, ["Accepted"]),
        ({"code": NIGHT - timedelta(days=2), "accepted": NIGHT}, ["Accepted"]),
    ],
)
def test_a_paper_with_code_stands_once(facts: dict[str, Any], sections: list[str]) -> None:
    """A paper that is new, revised or accepted at once, is in one section."""
    assert list(sections_of(notice(make_store([coded(1, **facts)])).body)) == sections


def test_code_is_told_once() -> None:
    """Code of an earlier notice is not told again."""
    assert render_notice(View(make_store([coded(1)]), Settings()), NIGHT, URL) is None
