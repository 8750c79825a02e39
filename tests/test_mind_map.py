"""Mind maps render whatever the fields hold."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.pages.mind_map import ANALYSIS, SUMMARY, mind_map

FIELDS = {
    "field": "ai",
    "subfield": "widgets",
    "keywords": ["neural widgets", "drawing"],
    "contributions": ["1. A model that draws.", "A data set."],
}
# A node has one shape with one quoted label; an edge has two names.
LINE = re.compile(
    r"""  (?:root\(\["[^"]+"\]\)|root --> b\d\("[A-Z][a-z]+"\)|b\d --> b\dl\d\["[^"]+"\])"""
)


def test_a_map_has_a_branch_for_each_field() -> None:
    """The title is the root, headings are branches, items are leaves, without their numbers."""
    assert mind_map("WidgetNet: a [model]", FIELDS, SUMMARY) == [
        "```mermaid",
        "flowchart LR",
        '  root(["WidgetNet: a (model)"])',
        '  root --> b0("Field")',
        '  b0 --> b0l0["ai"]',
        '  b0 --> b0l1["widgets"]',
        '  root --> b1("Keywords")',
        '  b1 --> b1l0["neural widgets"]',
        '  b1 --> b1l1["drawing"]',
        '  root --> b2("Contributions")',
        '  b2 --> b2l0["A model that draws."]',
        '  b2 --> b2l1["A data set."]',
        "```",
    ]


@pytest.mark.parametrize("fields", [{}, {"field": "", "keywords": []}, {"keywords": None}])
def test_without_leaves_there_is_no_map(fields: dict[str, object]) -> None:
    """A map with nothing but its root is left out."""
    assert mind_map("A title", fields, SUMMARY) == []


@given(st.text(), st.lists(st.text(), max_size=3))
def test_no_text_gets_out_of_its_label(text: str, items: list[str]) -> None:
    """Quotes, brackets, comments, entities, fences and line ends stay within a label, changed."""
    fields = {"contributions": items, "method": text, "impact": f'"]; click x "{text}" %%{{init}}'}
    first, kind, *lines, last = mind_map(text, fields, ANALYSIS)
    assert (first, kind, last) == ("```mermaid", "flowchart LR", "```")
    assert all(LINE.fullmatch(line) for line in lines)
    assert not any(sign in line for line in lines for sign in ("`", "#", "%", "\\", "<", "$"))
