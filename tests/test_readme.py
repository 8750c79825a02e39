import random
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.errors import InputError
from daily_papers.pages.paper_rows import shortened_abstract
from daily_papers.pages.pieces import View
from daily_papers.pages.readme import BUDGET, LENGTHS, render_readme
from daily_papers.pages.topic import render_topic
from daily_papers.readme_markers import END, NEW_README, START, Frame, find_frame
from daily_papers.settings import Pages, Settings
from daily_papers.store.entry_types import Entry, Month, Revision, Store
from daily_papers.topics.keywords import slugify
from factories import (
    NIGHT,
    TOPIC,
    make_entry,
    make_failure,
    make_paper,
    make_state,
    make_store,
    read_back,
    table_rows,
    text_of,
)

FRAME = find_frame(NEW_README)
EARLIER = NIGHT - timedelta(days=1)
PLAIN = st.text(
    st.sampled_from("ab #|\r\n<!->`_*") | st.characters(exclude_categories=["Cs"]), max_size=60
).filter(lambda text: "<!--" not in text)


def render(store: Store, limits: Settings | None = None, frame: Frame = FRAME) -> str:
    """Return the README of a store."""
    return render_readme(View(store, limits or Settings()), frame)


@dataclass
class Section:
    """A topic's part of a README, as GitHub shows it."""

    heading: str
    rows: list[list[lxml.html.HtmlElement]]
    text: str
    links: list[str]

    @property
    def titles(self) -> list[str]:
        """The titles in order."""
        return [text_of(row[0].find(".//a")) for row in self.rows]

    @property
    def abstracts(self) -> list[str]:
        """The abstract of each row, as it opens."""
        return [text_of(row[2].find(".//details/p")) for row in self.rows]


def sections_of(markdown: str) -> list[Section]:
    """Return a README's topics as a reader sees them."""
    sections: list[Section] = []
    for element in read_back(markdown):
        if not isinstance(element.tag, str):
            continue  # a marker
        if element.tag == "h2":
            sections.append(Section(text_of(element), [], "", []))
        elif sections:
            section = sections[-1]
            if element.tag == "table":
                section.rows += table_rows(element)
            else:
                section.text += f"{text_of(element)}\n"
                section.links += element.xpath(".//a/@href")
    return sections


def index_of(markdown: str) -> list[list[lxml.html.HtmlElement]]:
    """Return the rows of the table of topics, which comes first."""
    return table_rows(read_back(markdown).findall("table")[0])


def anchors_of(markdown: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page.

    As GitHub's filter: https://github.com/gjtorikian/html-pipeline (table of contents).
    """
    seen: Counter[str] = Counter()
    found = set()
    for heading in read_back(markdown).xpath(".//*[self::h1 or self::h2 or self::h3]"):
        kept = [
            character
            for character in heading.text_content().strip().lower()
            if character in " -"
            or unicodedata.category(character)[0] in "LM"
            or unicodedata.category(character) in ("Nd", "Nl", "Pc")
        ]
        slug = "".join(kept).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


# The markers.


def test_the_frame_is_what_stands_outside_the_markers() -> None:
    """The text outside the markers is kept, the text between them is replaced."""
    frame = find_frame(f"before\n{START}\nold\n{END}\nafter\n")
    assert frame == Frame("before\n", "\nafter\n")
    assert frame.around("new") == f"before\n{START}\nnew\n{END}\nafter\n"


@given(PLAIN, PLAIN, PLAIN)
def test_everything_outside_the_markers_stays_byte_for_byte(
    before: str, between: str, after: str
) -> None:
    """The user's text around the markers does not change, including line endings."""
    text = f"{before}{START}{between}\n{END}{after}"
    store = make_store([make_entry(1), make_entry(2)])
    readme = render(store, frame=find_frame(text))
    assert readme.startswith(f"{before}{START}\n")
    assert readme.endswith(f"\n{END}{after}")
    assert render(store, frame=find_frame(readme)) == readme


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            f"one\n{END}\n",
            [
                (
                    f"README.md:3: the marker {START} is missing up to this last line; "
                    "put it back on a line of its own"
                )
            ],
        ),
        (
            f"{START}\n\nthree",
            [
                (
                    f"README.md:3: the marker {END} is missing up to this last line; "
                    "put it back on a line of its own"
                )
            ],
        ),
        (
            f"{START}\n{START}\n{END}\n\n{START}\n",
            [
                f"README.md:{line}: the marker {START} stands here again, first in line 1; "
                "delete one of the two"
                for line in (2, 5)
            ],
        ),
        (
            f"{START}\n{END}\n{END}\n",
            [
                (
                    f"README.md:3: the marker {END} stands here again, first in line 2; "
                    "delete one of the two"
                )
            ],
        ),
        (
            f"a\n{END}\nb\n{START}\n",
            [f"README.md:2: the marker {END} must stand below {START}, which is in line 4"],
        ),
        (
            f"{START}{END}",
            [f"README.md:1: the marker {END} must stand below {START}, which is in line 1"],
        ),
    ],
)
def test_bad_markers_are_named_with_their_lines(text: str, problems: list[str]) -> None:
    """A missing, repeated or misplaced marker is reported with its line and a fix."""
    with pytest.raises(InputError) as caught:
        find_frame(text)
    assert list(caught.value.problems) == problems


def test_no_markers_at_all_are_two_faults() -> None:
    """A README without markers gives an error for each of the two."""
    with pytest.raises(InputError) as caught:
        find_frame("# My README\n")
    assert len(caught.value.problems) == 2


def test_a_users_part_that_leaves_no_room_is_told() -> None:
    """A README whose own text is over half of GitHub's limit is an error that gives the sizes."""
    assert find_frame(f"{'a' * (BUDGET // 2 - 1)}\n{START}\n{END}")
    with pytest.raises(InputError, match=r"^README\.md:1: your own part of it has 250,004 bytes"):
        find_frame(f"{'é' * (BUDGET // 4)}\nab\n{START}\n{END}")


# The tables.


def test_a_topic_has_the_table_of_the_layout() -> None:
    """A heading, the columns in bold, and a row of linked title, date, abstract and comment."""
    paper = make_paper(1, title="A | title", abstract="What <b>it</b> says", comment="8 pages")
    readme = render(make_store([make_entry(paper)]))
    headers = read_back(readme).findall("table")[1].findall("thead/tr/th")
    assert [text_of(header.find("strong")) for header in headers] == [
        "Title",
        "Date",
        "Abstract",
        "Comment",
    ]
    (section,) = sections_of(readme)
    assert section.heading == TOPIC
    (row,) = section.rows
    assert row[0].find(".//strong/a").get("href") == "https://arxiv.org/abs/2611.00001v1"
    assert [text_of(cell) for cell in row] == [
        "A | title",
        "2026-11-20",
        "ShowWhat <b>it</b> says",
        "8 pages",
    ]
    assert row[2].find("details/summary").text == "Show"
    assert row[2].find("details").get("open") is None


def test_a_long_comment_is_folded_behind_its_beginning() -> None:
    """A comment of up to 20 characters is shown, a longer one is folded behind its first five."""
    comments = {1: "", 2: "a" * 20, 3: "accepted at a conference"}
    store = make_store(
        [make_entry(make_paper(number, comment=text)) for number, text in comments.items()]
    )
    (section,) = sections_of(render(store))
    assert [text_of(row[3]) for row in section.rows] == [
        "",
        "a" * 20,
        "accep...accepted at a conference",
    ]
    assert [row[3].find("details") is not None for row in section.rows] == [False, False, True]


def test_a_folded_comment_has_the_venue_or_the_code_as_its_label() -> None:
    """What a long comment says first is where the paper was accepted, or where its code is."""
    comments = (
        "Accepted at CVPR 2026, code: https://github.com/example/doors",
        "Code: https://github.com/example/doors",
    )
    entries = [make_entry(make_paper(number, comment=text)) for number, text in enumerate(comments)]
    (section,) = sections_of(render(make_store(entries)))
    labels = [row[3].find("details/summary") for row in section.rows]
    assert [text_of(label) for label in labels] == ["CVPR 2026", "Code"]
    assert labels[1].find("a").get("href") == "https://github.com/example/doors"


def test_one_column_has_all_about_a_paper() -> None:
    """The title, the small print below it, and the folded abstract with the comment."""
    paper = make_paper(
        1,
        version=2,
        authors=tuple("ABCD"),
        comment="Accepted at CVPR 2026. Code: https://github.com/example/doors",
    )
    limits = Settings(columns=("Paper",), links=("alphaxiv", "huggingface"))
    (section,) = sections_of(render(make_store([make_entry(paper)]), limits))
    ((cell,),) = section.rows
    assert text_of(cell) == (
        "Paper 12026-11-20 · A, B, C, et al. · CVPR 2026 · 🔁 v2, first 2026-10-21 · PDF · Code · "
        "alphaXiv · Hugging FaceAbstractWhat paper 1 is about."
        "Accepted at CVPR 2026. Code: github.com/example/doors"
    )
    assert cell.xpath("./sub/a/@href") == [
        "https://arxiv.org/pdf/2611.00001v2",
        "https://github.com/example/doors",
        "https://www.alphaxiv.org/abs/2611.00001",
        "https://huggingface.co/papers/2611.00001",
    ]


LINES = {
    "papers of an older night only": ([make_entry(1, first_seen=EARLIER)], "No new papers"),
    "new papers": (
        [make_entry(1, ["A"]), make_entry(2, ["B", "A"]), make_entry(3, first_seen=EARLIER)],
        "2 new papers 🆕: A 2, B 1",
    ),
    "a revised one": (
        [make_entry(1, first_seen=EARLIER, revised=Revision(NIGHT, 1))],
        "No new papers · 1 revised",
    ),
    "new ones, one with a venue, one with code": (
        [
            make_entry(1, ["A"]),
            make_entry(2, first_seen=EARLIER, accepted=NIGHT),
            make_entry(3, first_seen=EARLIER, code=NIGHT),
        ],
        "1 new paper 🆕: A 1 · 1 accepted · 1 with code now",
    ),
}


@pytest.mark.parametrize("what", LINES)
def test_a_line_tells_how_much_is_new_and_where(what: str) -> None:
    """Above the tables stands what the last night found in each topic, and in its rows a mark."""
    entries, line = LINES[what]
    store = make_store(entries, ["A", "B", TOPIC], created=EARLIER, days={})
    readme = render(store)
    assert line in [text_of(one) for one in read_back(readme).findall("p")]
    news = {one.paper.title for one in entries if NIGHT in (one.first_seen, one.accepted, one.code)}
    news |= {one.paper.title for one in entries if one.revised}
    rows = [row[0] for section in sections_of(readme) for row in section.rows]
    assert {text_of(cell.find(".//a")) for cell in rows if "🆕" in text_of(cell)} == news


def test_the_first_night_marks_nothing() -> None:
    """If every paper is new, the line says so, and no row has the mark."""
    readme = render(make_store([make_entry(1)]))
    line = "The first night: 1 paper. From the next one on, 🆕 marks what is new."
    assert line in readme
    assert "🆕" not in readme.replace(line, "")


def test_topics_that_failed_are_told_in_one_line_above_the_tables() -> None:
    """The line says which topics are not up to date, since when and why, each cause once."""
    failing = {"failing": make_failure("throttled")}
    states = [make_state("A", **failing), make_state("B", **failing), make_state("C")]
    lines = [text_of(one) for one in read_back(render(make_store([], states))).findall("p")]
    assert lines[1] == "⚠ not refreshed since 2026-11-20 (throttled): A, B"


def test_the_links_to_other_pages_stand_beside_the_last_update() -> None:
    """With the date of the next listing, by which a reader tells a holiday from a fault."""
    store = make_store([make_entry(1)], months={"2026-11": Month("2026-11", 1, NIGHT)})
    first = read_back(render(store, Settings(pages=Pages(weekly=True, feeds=True)))).find("p")
    assert text_of(first) == (
        "Last update: 2026-11-20 · arXiv's next listing: 2026-11-23 · Papers by day · "
        "Weekly pages · Papers by month · Feeds · What each night found"
    )


def test_groups_are_headings_of_their_topics() -> None:
    """A group of keywords.txt is a heading above its topics, and a row of the index."""
    store = make_store([make_entry(1, ["A"]), make_entry(2, ["B"]), make_entry(3, ["C"])])
    view = View(store, Settings(), {"A": "", "B": "Vision | <b>", "C": "Vision | <b>"})
    readme = render_readme(view, FRAME)
    headings = read_back(readme).xpath(".//h1|.//h2")[1:]
    assert [(one.tag, text_of(one)) for one in headings] == [
        ("h2", "A"),
        ("h1", "Vision | <b>"),
        ("h2", "B"),
        ("h2", "C"),
    ]
    assert [text_of(row[0]) for row in index_of(readme)] == ["A", "Vision | <b>", "B", "C"]


def test_the_index_of_many_topics_is_folded() -> None:
    """With more topics than a screen holds beside a paper, the index opens on a click."""
    for count in (8, 9):
        readme = render(make_store([], [f"Topic {n}" for n in range(count)]))
        folded = read_back(readme).xpath("./details[summary]//table")
        assert bool(folded) == (count > 8)


def test_a_topic_without_papers_has_no_bars_and_unknown_weeks_are_explained() -> None:
    """Its bars are empty; what the dotted ones mean stands below the table that has some."""
    empty, unknown = make_state("A"), make_state("B", floor=NIGHT - timedelta(weeks=1))
    told = "░: weeks of which not every paper is known."
    readme = render(make_store([make_entry(1, ["B"])], [empty, unknown]))
    assert text_of(index_of(readme)[0][4]) == ""
    assert told in readme
    assert told not in render(make_store([], [empty]))


@pytest.mark.parametrize("column", ["Title", "Paper"])
def test_a_header_says_of_which_weeks_the_bars_are(column: str) -> None:
    """It stands above them, whether they have a column of their own or share the topic's."""
    readme = render(make_store([make_entry(1, ["A"])], ["A"]), Settings(columns=(column,)))
    (header,) = [cell for cell in readme.splitlines()[:30] if "Twelve weeks" in cell]
    assert header.startswith("|")


def test_the_columns_are_those_of_the_settings() -> None:
    """The settings set the columns and their order."""
    limits = Settings(columns=("Date", "Title", "Authors", "Categories"))
    paper = make_paper(
        1,
        authors=tuple("ABCDEFG"),
        categories=("cs.CV", "stat.ML"),
        primary_category="stat.ML",
    )
    (section,) = sections_of(render(make_store([make_entry(paper)]), limits))
    assert [text_of(cell) for cell in section.rows[0]] == [
        "2026-11-20",
        "Paper 1",
        "A, B, C, D, E, F, et al.",
        "stat.ML cs.CV",
    ]


def test_rows_stand_newest_first() -> None:
    """Rows are sorted newest first, whatever the order of the input."""
    entries = [make_entry(number) for number in (3, 1, 4, 2)]
    (section,) = sections_of(render(make_store(entries)))
    assert section.titles == [f"Paper {number}" for number in (1, 2, 3, 4)]


def test_no_more_rows_than_the_setting() -> None:
    """A table has at most `max-papers` rows, the newest."""
    store = make_store([make_entry(number) for number in range(1, 6)])
    (section,) = sections_of(render(store, Settings(max_papers=2)))
    assert section.titles == ["Paper 1", "Paper 2"]


def test_dates_go_by_the_sort_setting() -> None:
    """Sorted by submission, a row shows when the first version was submitted."""
    store = make_store([make_entry(make_paper(1, version=2))])
    dates = [
        text_of(sections_of(render(replace(store, sort=sort), Settings(sort=sort)))[0].rows[0][1])
        for sort in ("updated", "submitted")
    ]
    assert dates == ["2026-11-20", "2026-10-21"]


def test_revised_and_withdrawn_papers_are_marked() -> None:
    """A revised paper shows version and first date, a withdrawn one its mark, a new one nothing."""
    store = make_store(
        [
            make_entry(1),
            make_entry(make_paper(2, version=3)),
            make_entry(make_paper(3, comment="Withdrawn")),
        ]
    )
    (section,) = sections_of(render(store))
    assert [text_of(row[0]) for row in section.rows] == [
        "Paper 1",
        "Paper 2🔁 v3, first 2026-10-21",
        "Paper 3⛔ withdrawn",
    ]


def test_every_topic_leads_to_its_own_page() -> None:
    """Below each table is a link to the topic's page with the number of its papers."""
    store = make_store([make_entry(1, ["A"]), make_entry(2, ["A"]), make_entry(3, ["Über B"])])
    one, two = sections_of(render(store))
    assert "All 2 papers →" in one.text
    assert one.links[0] == "papers/topics/a.md"
    assert "All 1 paper →" in two.text
    assert unquote(two.links[0]) == "papers/topics/über-b.md"


def test_a_topic_without_papers_says_so() -> None:
    """A topic without papers has a sentence instead of a table, which gives the reason."""
    store = make_store(
        [], [make_state("A"), make_state("B", watermark=None, failing=make_failure())]
    )
    one, two = sections_of(render(store))
    assert (one.rows, two.rows) == ([], [])
    assert "No paper on this topic is known yet." in one.text
    assert "arXiv has not answered for this topic yet." in two.text


def test_a_failing_topic_says_since_when_it_was_not_refreshed() -> None:
    """A failing topic keeps its rows and shows since when and why, also in the index."""
    store = make_store([make_entry(1)], [make_state(failing=make_failure("throttled"))])
    readme = render(store)
    told = "⚠ not refreshed since 2026-11-20 (throttled)"
    (section,) = sections_of(readme)
    assert section.text.startswith(told)
    assert len(section.rows) == 1
    assert told in text_of(index_of(readme)[0][0])


def test_an_update_is_dated_in_the_users_time_zone() -> None:
    """The line above the tables is in the user's time zone; papers keep arXiv's dates, in UTC."""
    store = make_store([make_entry(1)])
    assert "\nLast update: 2026-11-20\n" in render(store)
    readme = render(store, Settings(timezone=ZoneInfo("America/New_York")))
    assert "\nLast update: 2026-11-19\n" in readme
    assert "| 2026-11-20 |" in readme


def test_the_index_counts_each_topic() -> None:
    """The index has a row for each topic: new papers, papers, newest date and the weeks."""
    entries = [
        make_entry(1, ["A"]),
        make_entry(2, ["A"], silent=True),
        make_entry(3, ["A"], first_seen=NIGHT - timedelta(days=1)),
    ]
    store = make_store(entries, ["A", "B"])
    cells = [[text_of(cell) for cell in row] for row in index_of(render(store))]
    assert cells[0][:4] == ["A", "1", "3", "2026-11-20"]
    assert cells[1][:4] == ["B", "", "0", ""]


def test_the_sparkline_shows_twelve_weeks_oldest_first() -> None:
    """Each block is a week's papers relative to the fullest week; unknown weeks are dotted."""
    ages = [0] * 7 + [1] * 3 + [3]
    entries = [
        make_entry(
            make_paper(number, updated=NIGHT - timedelta(weeks=age, hours=1 + number)), ["A"]
        )
        for number, age in enumerate(ages)
    ]
    states = [
        make_state("A"),
        make_state("A", floor=NIGHT - timedelta(weeks=4, hours=1)),
        make_state("A", watermark=None),
    ]
    assert [text_of(index_of(render(make_store(entries, [state])))[0][4]) for state in states] == [
        "▁▁▁▁▁▁▁▁▂▁▄█",
        "░░░░░░░░▂▁▄█",
        "░░░░░░░░░░░░",
    ]


def test_the_frame_of_the_page_is_relative_and_thanks_arxiv() -> None:
    """All links except those to arXiv are relative, so that they work in every copy."""
    readme = render(make_store([make_entry(1)]))
    links = [
        link for link in read_back(readme).xpath(".//a/@href")
        if not link.startswith("https://arxiv.org/abs/")
    ]  # fmt: skip
    assert {"papers/README.md", "papers/log.md", "papers/topics/video-understanding.md"} <= set(
        links
    )
    assert not [link for link in links if ":" in link or link.startswith("/")]
    assert "Thank you to arXiv for use of its open access interoperability." in readme


def test_invented_papers_are_labelled() -> None:
    """A page with invented papers has a label, a page of real papers does not."""
    sample = make_store([make_entry(make_paper(1, arxiv_id="2613.00001"))])
    assert "These papers are a sample" in render(sample)
    assert "These papers are a sample" not in render(make_store([make_entry(1)]))


NAMES = st.lists(
    st.sampled_from(["Video Understanding", "C#", "C++ Code", "Über uns", "視頻", "a.b", "x_y z"])
    | st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=9),
    min_size=1,
    max_size=5,
    unique_by=slugify,
)


@given(
    NAMES, st.sampled_from(["", "# Video Understanding\n\n## C#\n\n## c\n\n", "# *C++* `Code`\n"])
)
def test_every_link_of_the_index_leads_to_its_heading(names: list[str], before: str) -> None:
    """Each topic's link in the index is the anchor that GitHub gives the topic's heading."""
    frame = find_frame(f"{before}{START}\n{END}\n")
    readme = render(make_store([], names), frame=frame)
    links = [row[0].find(".//a").get("href") for row in index_of(readme)]
    assert len(set(links)) == len(names)
    assert {unquote(link).removeprefix("#") for link in links} <= (
        anchors_of(readme) | set(re.findall('<a name="([^"]+)">', readme))
    )


@pytest.mark.parametrize(
    "before",
    [
        "## Video Understanding\n",
        "  ## Video Understanding ##\n",
        "Video Understanding\n-----\n",
        "Video Understanding\r\n-----\r\n",
        "\ufeff# Video Understanding\n",
        "```\n## Video Understanding\n```\n",
        "    ## Video Understanding\n",
        "<h2>Video Understanding</h2>\n",
    ],
)
def test_a_users_own_headings_count_for_the_anchors(before: str) -> None:
    """The index links to the table even if the user wrote the same heading, in any syntax."""
    readme = render(make_store([make_entry(1)]), frame=find_frame(f"{before}\n{START}\n{END}\n"))
    (row,) = index_of(readme)
    assert row[0].find(".//a").get("href") == "#topic:video-understanding"
    assert '<a name="topic:video-understanding"></a>\n\n## Video Understanding\n' in readme


def test_two_topics_never_share_an_anchor() -> None:
    """An anchor made by the project is never the anchor of another topic's heading."""
    frame = find_frame(f"# My video papers\n{START}\n{END}\n")
    readme = render(make_store([], ["Video", "Topic Video"]), frame=frame)
    assert len({row[0].find(".//a").get("href") for row in index_of(readme)}) == 2


def test_a_topic_that_the_user_only_speaks_of_keeps_its_headings_anchor() -> None:
    """Words in a paragraph or a list are not headings, and change no anchor."""
    before = "# Mine\n\nAbout Video Understanding.\n\n- `Video Understanding`\n\n"
    readme = render(make_store([make_entry(1)]), frame=find_frame(f"{before}{START}\n{END}\n"))
    (row,) = index_of(readme)
    assert row[0].find(".//a").get("href") == "#video-understanding"


# The budget.


def sized(topics: dict[str, list[int]], text: str = "a", **facts: str) -> Store:
    """Return a store whose topics have papers with abstracts of these lengths, of that text."""
    entries = []
    for name, lengths in topics.items():
        for length in lengths:
            number = len(entries) + 1
            entries.append(
                make_entry(make_paper(number, abstract=(text * length)[:length], **facts), [name])
            )
    return make_store(entries, list(topics))


def check_budget(store: Store, limits: Settings, frame: Frame = FRAME) -> list[Section]:
    """Return a README's topics after checking the rules by which they are shortened."""
    readme = render(store, limits, frame)
    assert len(readme.encode()) <= BUDGET
    sections = sections_of(readme.removeprefix(frame.before))
    assert [section.heading for section in sections] == list(store.topics)
    tables = store.tables(limits.max_papers)
    cut_rows = []
    lengths = [1]
    whole = [0]
    for section in sections:
        table = tables[section.heading]
        assert section.titles == [entry.paper.title for entry in table[: len(section.rows)]]
        if table:
            assert f"All {len(table):,} paper" in section.text
        if len(section.rows) < len(table):
            cut_rows.append(len(section.rows))
        for entry, row in zip(table, section.rows, strict=False):
            if entry.paper.abstract:
                (details,) = row[2].findall("details")
                is_cut = text_of(details).endswith("whole →")
                (lengths if is_cut else whole).append(len(text_of(details.find("p"))))
    # The row counts of topics that were cut differ by at most one; no other topic has more.
    if cut_rows:
        assert max(len(section.rows) for section in sections) - min(cut_rows) <= 1
        assert max(lengths) <= LENGTHS[-1] + len("… whole →")
        assert max(whole) <= LENGTHS[-1]
    return sections


def test_what_fits_is_shown_whole() -> None:
    """Within the budget every row has its whole abstract."""
    store = sized({"A": [1000] * 100, "B": [1000] * 100})
    sections = check_budget(store, Settings())
    assert all(section.abstracts == ["a" * 1000] * 100 for section in sections)


def test_abstracts_are_shortened_before_rows_give_way() -> None:
    """Four topics of 100 long abstracts are 400 rows, each with as much of its abstract as fits."""
    text = "We look at the first thing. " * 80
    sections = check_budget(sized(dict.fromkeys("ABCD", [2240] * 100), text=text), Settings())
    assert [len(section.rows) for section in sections] == [100] * 4
    for abstract in (one for section in sections for one in section.abstracts):
        assert re.fullmatch(r"(?:We look at the first thing\. ){25,}whole →", abstract)


def test_twenty_full_topics_show_thirty_papers_each() -> None:
    """Of 20 topics of 100 usual papers each shows at least 30, and each of these opens."""
    titles = {"title": "t" * 90, "comment": "c" * 60}
    names = {f"Topic {number}": [1400] * 100 for number in range(20)}
    for columns in (("Title", "Date", "Abstract", "Comment"), ("Paper",)):
        readme = render(sized(names, **titles), Settings(columns=columns))
        for section in sections_of(readme):
            assert len(section.rows) >= 30
            assert all(row[-1].getparent().findall(".//details/p") for row in section.rows)


@pytest.mark.parametrize(
    ("abstract", "shown"),
    [
        (
            "One is told here. Two is told here. Three is told.",
            "One is told here. Two is told here.",
        ),
        (
            "Of e.g. Bob et al. it is told. Two is told here, more.",
            "Of e.g. Bob et al. it is told.",
        ),
        (
            "It is $a. B$ that is told here, and at some length",
            "It is a. B that is told here, and at…",
        ),
        ("a" * 50, "a" * 40 + "…"),
        ("<b>One</b> is | told. [Two](x) is told then, later.", "<b>One</b> is | told."),
    ],
)
def test_an_abstract_is_shortened_at_the_end_of_a_sentence(abstract: str, shown: str) -> None:
    """It keeps whole sentences; only if the first is too long it is cut, between words."""
    view = View(make_store(), Settings())
    found = shortened_abstract(view, make_paper(1, abstract=abstract), 40, "page.md")
    assert text_of(read_back(found)) == f"{shown} whole →"


def test_a_shortened_abstract_leads_to_the_whole() -> None:
    """The link behind it leads to the paper on its topic's page."""
    store = sized({"A b": [300_000, 300_000]})
    (section,) = sections_of(render(store))
    links = [row[2].find(".//p/a").get("href").partition("#") for row in section.rows]
    assert {page for page, _, _ in links} == {"papers/topics/a-b.md"}
    topic = render_topic(View(store, Settings()), "A b")
    assert {name for _, _, name in links} == set(read_back(topic).xpath(".//a/@name"))


def test_rows_give_way_last() -> None:
    """If not even short abstracts fit, the oldest rows are dropped evenly; the others open."""
    names = {f"Topic {number}": [300] * 100 for number in range(50)}
    sections = check_budget(sized(names), Settings(), FRAME)
    shown = [len(section.rows) for section in sections]
    assert 0 < min(shown) <= max(shown) < 100


def test_fewer_rows_by_a_setting() -> None:
    """With `readme-papers` the tables have fewer rows than the topics' pages, the newest."""
    store = sized({"A": [10] * 9})
    (section,) = sections_of(render(store, Settings(readme_papers=2)))
    assert section.titles == ["Paper 1", "Paper 2"]
    assert "All 9 papers →" in section.text


def test_so_many_topics_that_nothing_fits_still_have_a_way_to_them() -> None:
    """With thousands of topics the README only links to the page of all topics."""
    store = make_store([make_entry(1, ["Topic 0"])], [f"Topic {n}" for n in range(4000)])
    readme = render(store)
    assert len(readme.encode()) <= BUDGET
    assert "papers/README.md" in read_back(readme).xpath(".//a/@href")


def test_the_users_part_counts_for_the_budget() -> None:
    """A long text around the markers leaves less room for the tables."""
    store = sized({"A": [2000] * 200})
    frame = find_frame(f"{'é' * 100_000}\n\n{START}\n{END}\n")
    (own,) = check_budget(store, Settings(max_papers=200), frame)
    (alone,) = check_budget(store, Settings(max_papers=200))
    assert len(own.abstracts[0]) < len(alone.abstracts[0])


@given(
    lengths=st.lists(
        st.lists(st.sampled_from([0, 900, 60_000, 400_000]), max_size=6), min_size=1, max_size=4
    ),
    title=st.sampled_from([5, 3000, 20_000]),
    columns=st.sampled_from([("Title", "Date", "Abstract", "Comment"), ("Title",)]),
    before=st.integers(0, BUDGET // 2 - 100),
    rows=st.integers(1, 6),
)
def test_the_readme_is_never_too_long(
    lengths: list[list[int]], title: int, columns: tuple[str, ...], before: int, rows: int
) -> None:
    """For any topics and papers, the README keeps the budget and is shortened in order."""
    store = sized(
        {f"Topic {place}": topic for place, topic in enumerate(lengths)}, title="t" * title
    )
    frame = find_frame(f"{'x' * before}\n\n{START}\n{END}\n")
    if "Abstract" in columns:
        check_budget(store, Settings(max_papers=rows), frame)
    else:
        readme = render(store, Settings(max_papers=rows, columns=columns), frame)
        assert len(readme.encode()) <= BUDGET


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12), st.integers(0, 999))
def test_the_same_papers_in_another_order_give_the_same_bytes(hours: list[int], seed: int) -> None:
    """The README does not depend on the input's order, even for papers of the same second."""
    entries: list[Entry] = [
        make_entry(
            make_paper(number, updated=NIGHT - timedelta(hours=hour)),
            [["A"], ["B"], ["A", "B"]][hour % 3],
        )
        for number, hour in enumerate(hours)
    ]
    shuffled: Sequence[Entry] = random.Random(seed).sample(entries, len(entries))
    assert render(make_store(entries, "AB")) == render(make_store(shuffled, "AB"))
