import re
from dataclasses import replace
from string import Formatter

import pytest

from daily_papers.data import load
from daily_papers.pages.badge import render_badge
from daily_papers.pages.fixed_words import Words
from daily_papers.pages.night_log import render_log
from daily_papers.pages.pieces import View
from daily_papers.pages.readme import render_readme
from daily_papers.pages.topic import render_topic
from daily_papers.readme_markers import Frame
from daily_papers.settings import Llm, Settings
from factories import (
    TOPIC,
    make_entry,
    make_failure,
    make_paper,
    make_row,
    make_state,
    make_store,
    read_back,
)

WORDS = load("page_words")
FRAME = Frame("", "")


def forms(word: object) -> list[str]:
    """Return the one or two forms of a word."""
    return word if isinstance(word, list) else [str(word)]


def fields(form: str) -> set[str]:
    """Return the names in the braces of a word."""
    return {name for _, name, _, _ in Formatter().parse(form) if name is not None}


@pytest.mark.parametrize("language", WORDS)
def test_every_language_has_every_word(language: str) -> None:
    """Each has the words of English, in its order, with the same parts to be filled in."""
    assert list(WORDS[language]) == list(WORDS["en"])
    for name, english in WORDS["en"].items():
        found = WORDS[language][name]
        assert isinstance(found, list) == isinstance(english, list), name
        assert len(forms(found)) == len(forms(english)), name
        for one, other in zip(forms(found), forms(english), strict=True):
            assert one.strip(), name
            assert fields(one) == fields(other), name
            # Nothing that would be Markdown of another meaning, or end a table's cell.
            assert not re.search(r"[|<>`#$\[\]]|^\s|\s$", one.strip()), name


def test_every_language_is_one_that_a_model_may_write() -> None:
    """The codes are those of the setting `language`; one without words gets English."""
    assert WORDS.keys() <= load("llm_languages").keys()
    assert Words("th")("Title") == "Title"


@pytest.mark.parametrize("language", [*WORDS][1:])
def test_pages_are_in_the_language_of_the_settings(language: str) -> None:
    """No fixed word of README or of a topic's page stays English, and no foreign text changes."""
    paper = make_paper(1, version=2, title="Some Title", comment="Some comment of ours, 8 pages")
    states = [make_state(), make_state("B", failing=make_failure()), make_state("C")]
    store = make_store([make_entry(paper)], states)
    settings = replace(Settings(), llm=Llm(language=language))
    english = View(store, Settings())
    view = View(store, settings)
    for columns in (settings.columns, ("Paper", "Authors", "Categories", "Venue")):
        wide = View(store, replace(settings, columns=columns))
        readme = render_readme(wide, FRAME)
        text = read_back(readme).text_content()
        for word in ("Last update", "listing", "Abstract", "Newest", "not refreshed", "No paper"):
            assert word not in text
        assert "Some Title" in text
        assert text.count("2026-11-20") == (
            read_back(render_readme(View(store, replace(Settings(), columns=columns)), FRAME))
            .text_content()
            .count("2026-11-20")
        )
    page = read_back(render_topic(view, TOPIC)).text_content()
    assert "Some comment of ours" in page
    for line in read_back(render_topic(english, TOPIC)).xpath("./h1|./h2|.//summary|./p/strong"):
        assert line.text_content() not in page.split("\n")


@pytest.mark.parametrize("language", [*WORDS][1:])
def test_log_and_badges_are_in_the_language_too(language: str) -> None:
    """The log has its headings in it, and a badge's label fits into its half."""
    view = View(
        make_store([make_entry()], ledger=[make_row(total=7)]), Settings(llm=Llm(language=language))
    )
    log = read_back(render_log(view)).text_content()
    for name in ("log", "log_about", "At_arXiv", "Fetched", "State"):
        assert view.say(name) in log
        assert Words("en")(name) not in log
    for name in ("Papers", "last_updated"):
        badge = render_badge(name, "100", view.say)
        split = re.search(r'd="M3 0H(\d+)', badge)
        assert split
        assert f"<title>{view.say(name)}: 100</title>" in badge
        letters = {"zh": 11, "zh-Hant": 11, "ja": 11, "ko": 9}.get(language, 5.5)
        assert int(split[1]) > letters * len(view.say(name))
