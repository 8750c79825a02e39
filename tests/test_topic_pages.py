import re
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.atomic_files import GENERATED, is_generated
from daily_papers.pages.feeds_and_exports import feeds_and_exports
from daily_papers.pages.news import long_date
from daily_papers.pages.night_log import render_log, render_status
from daily_papers.pages.pieces import (
    ALL_TOPICS,
    PAGE_BUDGET,
    View,
    page_name,
    plural,
    topic_page,
)
from daily_papers.pages.step_summary import plain_rows, render_summary
from daily_papers.pages.topic import render_topic
from daily_papers.pages.topics_table import render_all_topics
from daily_papers.settings import Settings
from daily_papers.store.entry_types import Store
from daily_papers.topics.keywords import parse_keywords
from factories import (
    NIGHT,
    TOPIC,
    make_entry,
    make_failure,
    make_paper,
    make_row,
    make_state,
    make_store,
    read_back,
    table_rows,
    text_of,
)


def page(store: Store, limits: Settings | None = None, name: str = TOPIC) -> str:
    """Return a topic's page."""
    return render_topic(View(store, limits or Settings()), name)


def index(store: Store) -> str:
    """Return the page of all topics."""
    return render_all_topics(View(store, Settings()))


def log(store: Store) -> str:
    """Return the page of what each night found."""
    return render_log(View(store, Settings()))


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "AUX",
            "con",
            "Prn",
            "NUL",
            "COM1",
            "lpt9",
            "COM0",
            "COM¹",
            "LPT³",
            "con.",
            "aux!",
            "ＣＯＮ",
        ),
        *(
            "CON.txt",
            "AUX.md",
            "readme",
            "All",
            "CONIN$",
            "COM10",
            "A/B\\C",
            "a:b",
            'x"y',
            "<q>|*?",
        ),
        *("trailing.", "C++ & C#", "量子" * 33, "é" * 100, "Wörter " * 28, "a-" * 90, "𝒜" * 40),
    ],
)
def test_a_pages_name_is_valid_on_every_file_system(heading: str) -> None:
    """It is short, is no device of Windows, and has no character that Windows refuses."""
    name = page_name(heading)
    assert len(name) <= 80
    assert len(name.encode()) < 250
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]|[. ]$|^$', name)
    devices = {f"{name}{digit}" for name in ("com", "lpt") for digit in "0123456789¹²³"}
    assert name.casefold() not in {"con", "prn", "aux", "nul", "readme", "all", *devices}


def test_pages_names_are_stable_and_differ() -> None:
    """Short names stay as they were; long ones that begin alike differ, also from short ones."""
    assert page_name("Video Understanding") == "video-understanding"
    assert page_name("b" * 80) == "b" * 80
    long = page_name("Word " * 30 + "one")
    assert long == f"{'word-' * 13}word--150a5624"
    others = {page_name("Word " * 30 + end) for end in ("two", "one two")} | {page_name(long)}
    assert len({long, *others}) == 4


# A topic's page.


def test_a_page_has_the_parts_of_the_layout() -> None:
    """A heading with the newest date, the counts, the keywords, and the list of papers."""
    text = page(make_store([make_entry(1), make_entry(2)]))
    root = read_back(text)
    assert [text_of(heading) for heading in root.xpath(".//h1|.//h2")] == [
        "🔍 Video Understanding Papers · 2026-11-20",
        "📌 Filter by Category, Keywords and Excluded Words",
        "📚 Paper List",
    ]
    assert root.xpath(".//a/img/@src") == [
        "../badges/video-understanding-papers.svg",
        "../badges/updated.svg",
    ]
    assert "**Keywords**: `Video Understanding`  \n**Filter**: `None`\n" in text
    assert root.xpath(".//a/@href")[0] == "../README.md"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("A: diffusion | DDPM", ["**Keywords**: `diffusion` `DDPM`", "**Filter**: `None`"]),
        (
            'A [cs.RO, cs.*]: LLM & (x1 | title: y1) | slow thinking -2D -"a survey"',
            [
                "**Keywords**: `LLM, x1` `LLM, title: y1` `slow thinking`",
                "**Filter**: `2D` `a survey`\n\n**Categories**: `cs.RO` <code>cs.&#42;</code>",
            ],
        ),
        ("A: cs.MM", ["**Keywords**: everything in `cs.MM` (Multimedia)", "**Filter**: `None`"]),
        ("A: = ti:x", ["**Keywords**: `ti:x` (arXiv's own syntax)", "**Filter**: `None`"]),
        (
            "A: (a1|b1|c1|d1|e1|f1) & (a2|b2|c2|d2|e2|f2)",
            [
                (
                    "**Keywords**: <code>(a1 &#124; b1 &#124; c1 &#124; d1 &#124; e1 &#124; f1) & "
                    "(a2 &#124; b2 &#124; c2 &#124; d2 &#124; e2 &#124; f2)</code>"
                ),
                "**Filter**: `None`",
            ],
        ),
    ],
)
def test_a_page_says_in_words_what_its_topic_asks_for(line: str, shown: list[str]) -> None:
    """Each alternative is a span, words that must all occur share one, and exclusions follow.

    An expression with too many groups is shown as it was written.
    """
    (topic,) = parse_keywords(line)
    store = make_store(topics=["A"])
    text = render_topic(View(store, Settings(categories=())), "A", topic)
    assert text.split("Excluded Words\n")[1].split("\n\n---")[0] == "  \n".join(shown)


def test_a_page_says_where_its_topic_looks() -> None:
    """A topic without categories of its own shows those of the settings."""
    (topic,) = parse_keywords("A: door")
    text = render_topic(View(make_store(topics=["A"]), Settings()), "A", topic)
    assert "\n\n**Categories**: <code>cs.&#42;</code> <code>stat.&#42;</code>\n\n---" in text


def test_a_paper_has_the_parts_of_the_layout() -> None:
    """A linked title in bold, identifier and categories, authors, marks, comment and abstract."""
    paper = make_paper(
        1,
        version=2,
        title="A *title*",
        authors=tuple("ABCDEFG"),
        categories=("cs.RO", "cs.CV"),
        primary_category="cs.CV",
        comment="8 pages",
        abstract="What it says.\nAnd a second paragraph.",
    )
    root = read_back(page(make_store([make_entry(paper)])))
    (item,) = root.xpath(".//li")
    assert item.find(".//strong/a").get("href") == "https://arxiv.org/abs/2611.00001v2"
    assert [text_of(code) for code in item.xpath(".//code")] == [
        "arXiv:2611.00001",
        "cs.CV",
        "cs.RO",
        "2026-11-20",
        "PDF",
    ]
    assert text_of(item.find(".//em")) == "A, B, C, D, E, F, et al."
    assert text_of(item) == (
        "A *title* arXiv:2611.00001 cs.CV cs.RO A, B, C, D, E, F, et al. "
        "2026-11-20 🔁 v2, first 2026-10-21 PDF Comment: 8 pages "
        "Abstract What it says. And a second paragraph."
    )
    details = item.find("details")
    assert details.get("open") is None
    assert text_of(details.find("summary")) == "Abstract"


def test_papers_stand_under_the_headings_of_their_months() -> None:
    """Each month is a heading, with links to it where there are several; news are marked."""
    old = make_paper(2, updated=NIGHT - timedelta(days=30))
    code = "https://github.com/example/doors"
    paper = make_paper(1, comment=f"Accepted at CVPR 2026. Code: {code}")
    entries = [make_entry(paper), make_entry(old, first_seen=NIGHT - timedelta(days=29))]
    store = make_store(entries, created=NIGHT - timedelta(days=29))
    root = read_back(page(store, Settings(links=("papers-cool",))))
    assert [text_of(month) for month in root.xpath(".//h3")] == ["2026-11", "2026-10"]
    assert root.xpath(".//p/a[starts-with(@href, '#2')]/@href") == ["#2026-11", "#2026-10"]
    first, second = root.xpath(".//li")
    assert "🆕 2026-11-20 📍 CVPR 2026 PDF github.com papers.cool" in text_of(first)
    assert [text_of(chip) for chip in first.xpath(".//a/code")] == [
        *("PDF", "github.com", "papers.cool")
    ]
    assert code in first.xpath(".//a/@href")
    assert "2026-10-21 PDF" in text_of(second)
    assert "🆕" not in text_of(second)


def test_every_paper_has_an_anchor_for_the_readme() -> None:
    """A paper has its identifier as anchor, also one of the old style."""
    store = make_store([make_entry(1), make_entry(make_paper(2, arxiv_id="math.GT/0309136"))])
    assert read_back(page(store)).xpath(".//a/@name") == ["2611.00001", "math.GT-0309136"]


def test_what_a_paper_lacks_leaves_no_trace() -> None:
    """Without authors, comment and abstract there are no empty lines, folds or emphases."""
    paper = make_paper(1, authors=(), comment="", abstract="", categories=(), primary_category="")
    (item,) = read_back(page(make_store([make_entry(paper)]))).xpath(".//li")
    assert text_of(item) == "Paper 1 arXiv:2611.00001 2026-11-20 PDF"
    assert item.find(".//details") is None


@given(
    st.lists(
        st.text(st.sampled_from("ab *_`<>|[]()#-+1.\n&\\~$@!") | st.characters(), max_size=20),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_papers_say_each_is_one_item(texts: list[str]) -> None:
    """No title, comment, author or abstract breaks the list or adds a tag."""
    store = make_store(
        [
            make_entry(
                make_paper(number, title=f"T{text}", abstract=text, comment=text, authors=(text,))
            )
            for number, text in enumerate(texts, start=1)
        ]
    )
    root = read_back(page(store))
    (papers,) = root.findall("ul")  # all are of one month
    assert len(papers) == len(texts)
    assert len(root.xpath(".//li")) == len(texts)
    assert len(root.xpath(".//details")) <= len(texts)
    assert len(root.xpath(".//h1|.//h2")) == 3
    assert len(root.xpath(".//img")) == 2
    assert [text_of(month) for month in root.xpath(".//h3")] == ["2026-11"]
    assert not root.xpath(".//table|.//ol|.//script|.//blockquote|.//h4")


def test_a_topic_without_papers_gets_a_page_that_says_so() -> None:
    """The page of a topic without papers gives the reason instead of a list."""
    store = make_store(
        [], [make_state("A"), make_state("B", watermark=None, failing=make_failure())]
    )
    assert "\n\nNo paper on this topic is known yet. Check the spelling" in page(store, name="A")
    assert page(store, name="B").endswith("arXiv has not answered for this topic yet.\n")
    assert "# 🔍 A Papers\n" in page(store, name="A")


def test_a_failing_topic_says_so_on_its_page() -> None:
    """A page that is not up to date shows since when, and keeps its papers."""
    text = page(make_store([make_entry(1)], [make_state(failing=make_failure())]))
    assert "⚠ not refreshed since 2026-11-20 (arXiv unavailable)" in text
    assert len(read_back(text).xpath(".//li")) == 1


def test_invented_papers_are_labelled_on_every_page() -> None:
    """Pages with invented papers have a label; pages of real papers do not."""
    sample = make_store([make_entry(make_paper(1, arxiv_id="2613.00001"))])
    real = make_store([make_entry(1)])
    for render in (page, index, log):
        assert "These papers are a sample" in render(sample)
        assert "These papers are a sample" not in render(real)


@pytest.mark.parametrize(
    ("count", "abstract", "comment"),
    [(1, 60_000, 0), (25, 60_000, 0), (26, 60_000, 3000), (60, 20_000, 20_000)],
)
def test_a_page_is_never_too_long_and_has_every_paper(
    count: int, abstract: int, comment: int
) -> None:
    """The oldest abstracts are left out first, and every paper stays on the page."""
    store = make_store(
        [
            make_entry(make_paper(number, abstract="a" * abstract, comment="c" * comment))
            for number in range(1, count + 1)
        ]
    )
    text = page(store, Settings(max_papers=2000))
    assert len(text.encode()) <= PAGE_BUDGET
    items = read_back(text).xpath(".//li")
    assert len(items) == count
    shown = [item.find("details") is not None for item in items]
    assert shown == sorted(shown, reverse=True)


def test_the_largest_table_keeps_to_the_budget() -> None:
    """The largest `max-papers` with usual abstracts gives a page that GitHub still renders."""
    facts = {"abstract": "a" * 1400, "title": "t" * 90, "comment": "c" * 60}
    store = make_store([make_entry(make_paper(number, **facts)) for number in range(1, 2001)])
    text = page(store, Settings(max_papers=2000))
    assert len(text.encode()) <= PAGE_BUDGET
    assert text.count("\n- <a name=") == 2000
    assert 500 < text.count("<details") < 2000


def test_only_a_page_of_the_job_is_known_as_one() -> None:
    """Pages written by the job are recognised, the user's own files are not."""
    store = make_store([make_entry(1)])
    exported = [text for _, text in feeds_and_exports(View(store, Settings()))]
    for text in (page(store), index(store), log(store), *exported):
        assert is_generated(text)
    assert not is_generated("# Mine\n")
    assert not is_generated(f"# Mine\n{GENERATED}")


# The page of all topics.


def test_the_index_leads_to_every_topic() -> None:
    """Each row links to the topic's page, relative to the index, in the topics' order."""
    store = make_store([make_entry(1, ["B"])], ["B", "A und Ü"])
    root = read_back(index(store))
    rows = table_rows(root.find("table"))
    links = [row[0].find("a").get("href") for row in rows]
    folder = PurePosixPath(ALL_TOPICS).parent
    assert [str(folder / unquote(link)) for link in links] == [
        topic_page("B"),
        topic_page("A und Ü"),
    ]
    assert [text_of(row[2]) for row in rows] == ["1", "0"]
    assert {"../README.md", "log.md"} <= set(root.xpath(".//a/@href"))


# The ledger's pages.


def test_the_log_has_a_table_for_each_night_newest_first() -> None:
    """Each night that changed something has its date and a row for each topic."""
    rows = (
        make_row(night=NIGHT - timedelta(days=1), topic="A", total=1200, fetched=3, new=2),
        make_row(topic="A", state="throttled", reason="429 | 503", source="search"),
        make_row(topic="B", source="harvest", fetched=4, new=1, revised=2, total=9),
    )
    root = read_back(log(make_store([], ["A", "B"], ledger=rows)))
    assert [text_of(heading) for heading in root.xpath(".//h2")] == ["2026-11-20", "2026-11-19"]
    tables = [
        [[text_of(cell) for cell in row] for row in table_rows(table)]
        for table in root.findall("table")
    ]
    assert tables == [
        [
            ["A", "", "0", "0", "0", "throttled: 429 | 503"],
            ["B", "9", "4", "1", "2", "ok, from OAI-PMH"],
        ],
        [["A", "1,200", "3", "2", "0", "ok"]],
    ]


def test_the_log_has_no_column_of_which_it_knows_nothing() -> None:
    """How many papers arXiv has is known of a topic's first night only."""
    nights = (make_row(night=NIGHT - timedelta(days=1), total=3), make_row())
    tables = read_back(log(make_store([], ledger=nights))).findall("table")
    heads = [[text_of(cell) for cell in table.findall("thead/tr/th")] for table in tables]
    assert [head[:3] for head in heads] == [
        ["Topic", "Fetched", "New"],
        ["Topic", "At arXiv", "Fetched"],
    ]


def test_a_log_without_nights_is_a_page() -> None:
    """A log without nights has a heading and no table."""
    root = read_back(log(make_store()))
    assert root.find("table") is None
    assert text_of(root.find("h1")) == "What each night found"


def test_the_summary_is_the_nights_table() -> None:
    """A step summary has a heading and a row for each topic, and more text can be appended."""
    text = render_summary(
        [make_row(new=2, total=2), make_row(topic="B", state="bad query")], "A night"
    )
    root = read_back(f"{text}more")
    assert text_of(root.find("h2")) == "A night"
    assert [text_of(row[5]) for row in table_rows(root.find("table"))] == ["ok", "bad query"]
    assert [text_of(cell) for cell in root.findall("table/thead/tr/th")] == [
        "Topic",
        "At arXiv",
        "Fetched",
        "New",
        "Revised",
        "State",
    ]


def test_a_row_for_a_terminal_is_one_line() -> None:
    """A row without Markdown is one line."""
    row = make_row(total=1200, fetched=3, new=2, revised=1, source="harvest", reason="why")
    assert plain_rows([row]) == (
        "Video Understanding: ok; 1,200 at arXiv, 3 fetched, 2 new, 1 revised; from OAI-PMH; why"
    )


def test_the_status_tells_how_each_topic_stands() -> None:
    """A topic is complete up to a time, failing since a night, or was never fetched."""
    store = make_store(
        [],
        [
            make_state("A"),
            make_state("B", failing=make_failure()),
            make_state("C", watermark=None),
        ],
        ledger=(make_row(topic="A", new=1), make_row(topic="A", new=2)),
    )
    assert render_status(store).split("\n") == [
        "last change: 2026-11-20T04:17:00Z",
        "A: complete up to 2026-11-20T04:17:00Z",
        "  2026-11-20T04:17:00Z: A: ok; 0 fetched, 2 new, 0 revised",
        "B: not refreshed since 2026-11-20T04:17:00Z: arXiv unavailable: it hung",
        "C: no paper known yet",
    ]


# What pages share.


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "0 papers"), (1, "1 paper"), (1200, "1,200 papers")]
)
def test_a_count_has_its_noun(count: int, expected: str) -> None:
    """The noun is singular for one only."""
    assert plural(count, "paper") == expected


def test_a_long_date_is_english_and_local() -> None:
    """The issue's date is in the user's time zone and in English."""
    assert long_date(NIGHT, Settings()) == "November 20, 2026"
    limits = replace(Settings(), timezone=ZoneInfo("America/New_York"))
    assert long_date(NIGHT, limits) == "November 19, 2026"
