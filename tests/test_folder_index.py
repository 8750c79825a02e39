from hypothesis import given
from hypothesis import strategies as st

from daily_papers.pages.dated_pages_index import HEADERS, Row, render_index
from factories import read_back, table_rows, text_of


def index(*rows: Row) -> str:
    """Return an index of these rows."""
    return render_index("Digests", "All", rows)


def cells(text: str) -> list[list[str]]:
    """Return the visible rows of an index."""
    (table,) = read_back(text).findall("table")
    return [[text_of(cell) for cell in row] for row in table_rows(table)]


def test_rows_stand_newest_first() -> None:
    """The newest date comes first; pages of one date are sorted by name."""
    rows = (
        Row("2026-11-19", "B", "b.md", 2),
        Row("2026-11-20", "D", "d.md", 1),
        Row("2026-11-19", "A", "a.md", 1234),
    )
    text = index(*rows)
    assert cells(text) == [
        ["2026-11-20", "D", "1"],
        ["2026-11-19", "A", "1,234"],
        ["2026-11-19", "B", "2"],
    ]
    assert "| Date | Link | Number of Papers |" in text
    assert index(*reversed(rows)) == text


@given(st.lists(st.text(max_size=8), min_size=1))
def test_whatever_a_topic_is_called_it_has_one_row(labels: list[str]) -> None:
    """Labels with brackets, pipes or other scripts break no row."""
    found = cells(index(*(Row("2026-11-19", label, "文.md", 1) for label in labels)))
    assert len(found) == len(labels)
    assert all(len(row) == len(HEADERS) == 3 for row in found)
