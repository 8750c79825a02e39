from hypothesis import given, settings
from hypothesis import strategies as st

from daily_papers.pages.dated_pages_index import HEADERS, Row, render_index, total
from factories import read_back, table_rows, text_of


def index(before: str, *rows: Row) -> str:
    """Return an index of these rows over an earlier one."""
    return render_index(before, "Digests", "All", rows)


def cells(text: str) -> list[list[str]]:
    """Return the visible rows of an index."""
    (table,) = read_back(text).findall("table")
    return [[text_of(cell) for cell in row] for row in table_rows(table)]


def test_rows_stand_newest_first() -> None:
    """The newest date comes first; pages of one date are sorted by name."""
    text = index(
        "",
        Row("2026-11-19", "B", "b.md", 2),
        Row("2026-11-20", "D", "d.md", 1),
        Row("2026-11-19", "A", "a.md", 1234),
    )
    assert cells(text) == [
        ["2026-11-20", "D", "1"],
        ["2026-11-19", "A", "1,234"],
        ["2026-11-19", "B", "2"],
    ]
    assert "| Date | Link | Number of Papers |" in text
    assert total(text) == 1237


def test_a_page_written_again_replaces_its_row_and_no_other() -> None:
    """An index keeps its other rows."""
    before = index("", Row("2026-11-19", "A", "a.md", 1), Row("2026-11-18", "B", "b.md", 2))
    after = index(before, Row("2026-11-19", "A", "a.md", 5))
    assert cells(after) == [["2026-11-19", "A", "5"], ["2026-11-18", "B", "2"]]
    assert index(after) == after


@given(st.lists(st.tuples(st.text(max_size=8), st.sampled_from(["a.md", "文.md", "b b.md"]))))
@settings(max_examples=60, deadline=None)
def test_whatever_a_topic_is_called_it_has_one_row(named: list[tuple[str, str]]) -> None:
    """Labels with brackets, pipes or other scripts neither break nor repeat a row."""
    text = ""
    for label, target in named:
        text = index(text, Row("2026-11-19", label, target, 1))
    if named:
        assert len(cells(text)) == len({target for _, target in named})
        assert total(text) == len({target for _, target in named})
    assert len(HEADERS) == 3
