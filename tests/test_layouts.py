"""The grammars of the layouts, checked with pages in their shape and with the project's own."""

from datetime import date, timedelta

import pytest

from daily_papers.pages.bilingual_day import render_bilingual
from daily_papers.pages.digest import render_digest
from daily_papers.pages.pieces import View
from daily_papers.pages.readme import render_readme
from daily_papers.pages.topic import render_topic
from daily_papers.pages.weekly import render_week
from daily_papers.readme_markers import Frame
from daily_papers.settings import Settings
from daily_papers.store.entry_types import DigestText, Entry, ModelText
from daily_papers.topics.keywords import parse_keywords
from factories import NIGHT, TOPIC, make_entry, make_paper, make_store
from layouts import BILINGUAL, DIGEST, README, WEEKLY, Layout
from layouts import TOPIC as TOPIC_PAGE

DAY = date(2026, 11, 20)
ABSTRACT = "Doors are hard. We propose a lock. It opens."
"""Has the shape of the samples, and none of their words."""
SHAPES = {
    "weekly": (
        WEEKLY,
        (
            "# 20260105-20260111 (cs.XX)\n\n## 2026-01-07\n\n"
            "- **[arXiv260107] On Doors**\n"
            "  - **tags:** [doors], [locks], [hinge, key]\n"
            "  - **authors:** A. Body, B. Body\n"
            "  - **institution:** Some House\n"
            "  - **link:** https://arxiv.org/pdf/2601.00001\n"
            "  - **Simple LLM Summary:** A lock is proposed.\n\n"
        ),
    ),
    "digest": (
        DIGEST,
        (
            "time: 20260107\n\n# Arxiv Door Papers - 2026-01-07\n\n"
            "## Executive Summary\n\nDoors.\n\n"
            "---\n\n## Table of Contents\n\n1. [On Doors](#2601.00001v1)\n\n---\n\n## Papers\n\n"
            "<a id='2601.00001v1'></a>\n## [On Doors](https://arxiv.org/abs/2601.00001v1)\n\n"
            "**Authors:** A. Body\n\n**Published:** 2026-01-06\n\n**Categories:** cs.XX, cs.YY\n\n"
            f"**Abstract:**\n\n{ABSTRACT}\n\n**Analysis:**\n\nA lock.\n\n**Key Findings:**\n\n"
            "- It opens.\n\n**Links:**\n\n- [PDF](https://arxiv.org/pdf/2601.00001v1)\n"
            "- [arXiv](https://arxiv.org/abs/2601.00001v1)\n\n---\n\n"
        ),
    ),
    "bilingual": (
        BILINGUAL,
        (
            "# On Doors \n\n**Title (ZH)**: 论门 \n\n**Authors**: A. Body  \n\n"
            "**Link**: [PDF](https://arxiv.org/pdf/2601.00001)  \n\n"
            f"**Abstract**: {ABSTRACT} \n\n**Abstract (ZH)**: 锁。 \n\n---\n"
        ),
    ),
    "README": (
        README,
        (
            "Last update: 2026-01-07\n\n## Doors\n"
            "| **Title** | **Date** | **Abstract** | **Comment** |\n| --- | --- | --- | --- |\n"
            "| **[On Doors](http://arxiv.org/abs/2601.00001v1)** | 2026-01-06 | "
            f"<details><summary>Show</summary><p>{ABSTRACT}</p></details> | 9 pages |\n\n"
        ),
    ),
    "topic": (
        TOPIC_PAGE,
        (
            "# 🔍 Door Papers · 2026-01-07\n\n[![Total Papers](https://example.org/1)]()\n"
            "[![Last Updated](https://example.org/2)]()\n\n---\n\n## 📌 Filter by Category\n"
            "**Keywords**: `door` `lock`  \n**Filter**: `None`\n\n---\n\n## 📚 Paper List\n\n"
            "- **[On Doors](https://arxiv.org/abs/2601.00001)**  `arXiv:2601.00001`  "
            "`cs.XX` `cs.YY`  \n"
            "  _A. Body, et al._\n  <details open><summary>Abstract</summary>\n"
            f"  {ABSTRACT}\n  </details>\n\n"
        ),
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_grammar_knows_every_line_of_its_layout(name: str) -> None:
    """A page in the layout's shape parses, and its one entry has every required field."""
    layout, text = SHAPES[name]
    assert len(layout.entries(layout.parse(text))) == 1


@pytest.mark.parametrize("name", SHAPES)
def test_a_grammar_refuses_fields_that_changed_places(name: str) -> None:
    """A grammar must not accept the fields in any order."""
    layout, text = SHAPES[name]
    names = layout.parse(text)
    first, second = (names.index(field) for field in _two_of(layout, names))
    names[first], names[second] = names[second], names[first]
    with pytest.raises(AssertionError):
        layout.entries(names)


def _two_of(layout: Layout, names: list[str]) -> list[str]:
    return [field for field in layout.entry if field in names][-2:]


def text(task: str, **fields: object) -> ModelText:
    """Return a model's text about version 1."""
    return ModelText(task, 1, "zh", 1, "some-model", 1, fields=fields)


def entry(number: int, *, told: bool) -> Entry:
    """Return a paper with everything that a page can show."""
    paper = make_paper(
        number,
        abstract=ABSTRACT,
        comment="Accepted at CVPR 2026. Code: https://github.com/example/doors",
        published=NIGHT - timedelta(days=1),
    )
    texts = (
        text("translation", title="论门", abstract="锁。"),
        text(
            "summary",
            field="doors",
            subfield="locks",
            keywords=["hinge", "key"],
            institutions=["Some House"],
            contributions=["a lock", "a key"],
            summary="A lock is proposed.",
        ),
        text(
            "analysis",
            contributions=["锁"],
            method="门",
            impact="多",
            applications=["房"],
            limitations=["窗"],
        ),
    )
    return make_entry(paper, texts=texts if told else ())


ENTRIES = [entry(number, told=True) for number in (1, 2, 3)]
BARE = [entry(number, told=False) for number in (1, 2, 3)]


def test_a_week_has_every_field_in_the_layouts_order() -> None:
    """With a model's texts every field is there, without them those that need one are left out."""
    page = render_week(TOPIC, {DAY: ENTRIES}, DAY, "zh")
    assert WEEKLY.entries(WEEKLY.parse(page, with_ours=True)) == [WEEKLY.entry] * 3
    page = render_week(TOPIC, {DAY: BARE}, DAY, "zh")
    assert (
        WEEKLY.entries(WEEKLY.parse(page, with_ours=True))
        == [("title", "authors", "link", "code")] * 3
    )


def test_a_digest_has_every_field_in_the_layouts_order() -> None:
    """With a model's text every field is there, without it summary and analysis are left out."""
    said = ModelText(
        "digest",
        0,
        "zh",
        1,
        "some-model",
        1,
        fields={
            "themes": "门与锁。",
            "highlights": [{"paper": ENTRIES[0].paper.arxiv_id, "text": "好"}],
            "directions": ["窗"],
            "read": [{"paper": ENTRIES[1].paper.arxiv_id, "reason": "好"}],
        },
    )
    papers = tuple(one.paper.versioned_id for one in ENTRIES)
    page = render_digest(TOPIC, DAY, ENTRIES, 12, DigestText(DAY, TOPIC, papers, said), "zh")
    names = DIGEST.parse(page, with_ours=True)
    assert [name for name in names if name not in (*DIGEST.entry, "text", "rule")] == [
        "time",
        "heading",
        "executive summary",
        "contents",
        "listed",
        "listed",
        "listed",
        "papers",
    ]
    assert DIGEST.entries(names) == [DIGEST.entry] * 3
    page = render_digest(TOPIC, DAY, BARE, 3, None, "zh")
    names = DIGEST.parse(page, with_ours=True)
    assert "executive summary" not in names
    without = tuple(name for name in DIGEST.entry if name != "analysis")
    assert DIGEST.entries(names) == [without] * 3


def test_a_bilingual_page_has_every_field_in_the_layouts_order() -> None:
    """With a translation every field is there, without it both of its lines are left out."""
    names = BILINGUAL.parse(render_bilingual(TOPIC, DAY, ENTRIES, "zh"), with_ours=True)
    assert BILINGUAL.entries(names) == [BILINGUAL.entry] * 3
    names = BILINGUAL.parse(render_bilingual(TOPIC, DAY, BARE, "zh"), with_ours=True)
    assert BILINGUAL.entries(names) == [("title", "authors", "link", "abstract", "rule")] * 3


def test_the_readme_has_every_field_in_the_layouts_order() -> None:
    """A topic has a heading, a table header and rows."""
    store = make_store(ENTRIES)
    page = render_readme(View(store, Settings()), Frame("", ""))
    names = README.parse(page.split("-->")[1].split("<!--")[0], with_ours=True)
    assert README.entries(names) == [README.entry]
    assert names.count("row") == 3


def test_a_topics_page_has_every_field_in_the_layouts_order() -> None:
    """A paper has its title, its authors and its folded abstract."""
    store = make_store(ENTRIES)
    (asked,) = parse_keywords("Doors: door | lock -window")
    page = render_topic(View(store, Settings()), TOPIC, asked)
    names = TOPIC_PAGE.parse(page, with_ours=True)
    assert TOPIC_PAGE.entries(names) == [TOPIC_PAGE.entry] * 3
