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
from hypothesis import given, settings
from hypothesis import strategies as st

from daily_papers.errors import InputError
from daily_papers.pages.pieces import View
from daily_papers.pages.readme import BUDGET, render_readme
from daily_papers.pages.topic import render_topic
from daily_papers.readme_markers import END, NEW_README, START, Frame, find_frame
from daily_papers.settings import Settings
from daily_papers.store.entry_types import Entry, Store
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
    def abstracts(self) -> int:
        """The number of rows that show their abstract, which must be the first ones."""
        shown = [row[2].find(".//details") is not None for row in self.rows]
        assert shown == sorted(shown, reverse=True)
        assert all(
            text_of(row[2]) == "Show →" for row, there in zip(self.rows, shown, strict=True)
            if not there
        )  # fmt: skip
        return sum(shown)


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
@settings(max_examples=100, deadline=None)
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
@settings(max_examples=80, deadline=None)
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


def sized(topics: dict[str, list[int]], **facts: str) -> Store:
    """Return a store whose topics have papers with abstracts of these lengths."""
    entries = []
    for name, lengths in topics.items():
        for length in lengths:
            number = len(entries) + 1
            entries.append(make_entry(make_paper(number, abstract="a" * length, **facts), [name]))
    return make_store(entries, list(topics))


def check_budget(store: Store, limits: Settings, frame: Frame = FRAME) -> list[Section]:
    """Return a README's topics after checking the rules by which they are shortened."""
    readme = render(store, limits, frame)
    assert len(readme.encode()) <= BUDGET
    sections = sections_of(readme.removeprefix(frame.before))
    assert [section.heading for section in sections] == list(store.topics)
    tables = store.tables(limits.max_papers)
    cut_rows = []
    cut_abstracts = []
    for section in sections:
        table = tables[section.heading]
        assert section.titles == [entry.paper.title for entry in table[: len(section.rows)]]
        if table:
            assert f"All {len(table)} paper" in section.text
        if len(section.rows) < len(table):
            cut_rows.append(len(section.rows))
        if section.abstracts < len(table):
            cut_abstracts.append(section.abstracts)
    # The row counts of topics that were cut differ by at most one; no other topic has more.
    if cut_rows:
        assert max(len(section.rows) for section in sections) - min(cut_rows) <= 1
        assert not any(section.abstracts for section in sections)
    if cut_abstracts:
        assert max(section.abstracts for section in sections) - min(cut_abstracts) <= 1
    return sections


def test_what_fits_is_shown_whole() -> None:
    """Within the budget every row has its abstract."""
    store = sized({"A": [1000] * 100, "B": [1000] * 100})
    assert [section.abstracts for section in check_budget(store, Settings())] == [100, 100]


def test_abstracts_give_way_first() -> None:
    """Over the budget the oldest abstracts of all topics become links evenly; no row is dropped."""
    store = sized({"A": [1500] * 100, "B": [1500] * 100, "C": [1500] * 100, "D": [1500] * 100})
    sections = check_budget(store, Settings())
    assert [len(section.rows) for section in sections] == [100] * 4
    assert all(50 < section.abstracts < 100 for section in sections)


def test_an_abstract_that_gave_way_is_a_link_to_itself() -> None:
    """The link in place of an abstract leads to the paper on its topic's page."""
    store = sized({"A b": [300_000, 300_000]})
    readme = render(store)
    (section,) = sections_of(readme)
    assert section.abstracts == 1
    link = section.rows[1][2].find("a").get("href")
    page, _, fragment = link.partition("#")
    assert page == "papers/topics/a-b.md"
    topic = render_topic(View(store, Settings()), "A b")
    assert fragment in read_back(topic).xpath(".//a/@name")


def test_rows_give_way_next() -> None:
    """If the rows alone do not fit, the oldest are dropped evenly, without any abstracts."""
    names = {f"Topic {number}": [100] * 100 for number in range(50)}
    sections = check_budget(sized(names), Settings(), FRAME)
    shown = [len(section.rows) for section in sections]
    assert 0 < min(shown) <= max(shown) < 100


def test_no_abstract_is_shown_while_rows_are_missing() -> None:
    """Room too small for the next row is not filled with abstracts."""
    (section,) = check_budget(sized({"A": [10] * 30}, title="t" * 40_000), Settings())
    assert 10 < len(section.rows) < 30
    assert section.abstracts == 0


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
    own = check_budget(store, Settings(max_papers=200), frame)
    alone = check_budget(store, Settings(max_papers=200))
    assert own[0].abstracts < alone[0].abstracts


@given(
    lengths=st.lists(
        st.lists(st.sampled_from([0, 10, 900, 20_000, 60_000, 400_000]), max_size=12),
        min_size=1,
        max_size=6,
    ),
    title=st.sampled_from([5, 3000, 20_000]),
    columns=st.sampled_from([("Title", "Date", "Abstract", "Comment"), ("Title",)]),
    before=st.integers(0, BUDGET // 2 - 100),
    rows=st.integers(1, 12),
)
@settings(max_examples=60, deadline=None)
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
@settings(max_examples=40, deadline=None)
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
