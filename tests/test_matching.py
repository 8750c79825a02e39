import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.store.paper import Paper
from daily_papers.topics.keywords import Topic
from daily_papers.topics.matching import matcher_of
from daily_papers.topics.query_tree import Field, Phrase, Search
from daily_papers.topics.words_and_stems import STOP_WORDS, located_terms, terms, words

MOMENT = datetime(2026, 11, 20, tzinfo=UTC)
PAPER = Paper(
    arxiv_id="2699.00001",
    version=1,
    title="",
    authors=("Ada Example",),
    abstract="",
    categories=("cs.CV", "eess.IV"),
    primary_category="cs.CV",
    comment="",
    journal_ref="",
    doi="",
    published=MOMENT,
    updated=MOMENT,
)
TEXT = st.text(alphabet="ab -'.s_1\u00e9\u0301 the", max_size=30)


def is_match(topic: Topic, paper: Paper, categories: Sequence[str] = ()) -> bool:
    """Return whether a topic in words matches a paper."""
    matcher = matcher_of(topic, categories)
    assert matcher is not None
    return matcher.matches(paper)


def finds(phrase: str, text: str) -> bool:
    """Return whether a phrase is found in a text."""
    search = Search(Phrase(tuple(phrase.split()), Field.TITLE))
    return is_match(Topic("Any", 1, search), replace(PAPER, title=text))


def matches(topic: str, title: str, abstract: str, *categories: str) -> bool:
    """Return whether a topic finds a paper with this title and abstract."""
    paper = replace(PAPER, title=title, abstract=abstract)
    return is_match(Topic(topic, 1), paper, categories)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("Vision Language Model", "A vision language model."),
        ("vision language model", "Vision-Language Models (VLMs)"),
        ("Vision-Language Model", "vision language modelling"),
        ("video anomaly detection", "VIDEO ANOMALIES DETECTED"),
        ("Bayesian network", "Bayesian networks' use"),
        ("Anderson model", "Anderson's model"),
        ("Anderson's model", "Anderson model"),
        ("Anderson\u2019s model", "Anderson's models"),
        ("Anderson\uff07s model", "Anderson's models"),
        ("GPT-3.5", "from GPT 3.5 on"),
        ("C#", "written in C"),
        ("audio/video", "audio video"),
        ("state of the art", "state-of-the-art"),
        ("the state of the art", "a state of an art"),
        ("learning with", "we learn"),
        ("vision and language", "vision or language"),
        ("vision and language", "vision beyond language"),
        ("model", "(model)"),
        ("x_1", "where x_1 is"),
    ],
)
def test_what_a_phrase_finds(phrase: str, text: str) -> None:
    """Case, inflection, hyphens, possessives and which stop word it is do not matter."""
    assert finds(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("vision language model", "language vision model"),
        ("vision language model", "vision language"),
        ("vision language", "vision. Natural language"),
        ("vision and language", "vision of a language"),
        ("state of the art", "state art"),
        ("model", "remodel"),
        ("modeling", "modular"),
        ("model", ""),
        ("...", "..."),
        ("", "anything"),
    ],
)
def test_what_a_phrase_does_not_find(phrase: str, text: str) -> None:
    """Words must be whole, adjacent and in order, and an empty phrase finds nothing."""
    assert not finds(phrase, text)


def test_words_are_lower_case_and_in_order() -> None:
    """Words keep their order, stop words included, and lose a possessive s."""
    assert words("The U.S. buys state-of-the-art GPUs; ACME's x_1 _ counts.") == [
        *("the", "u.s", "buys", "state", "of", "the", "art", "gpus", "acme", "x_1", "counts"),
    ]


@pytest.mark.parametrize(
    ("title", "abstract", "found"),
    [
        ("Video understanding", "Nothing.", True),
        ("Nothing", "On understanding videos. Video understanding.", True),
        ("Video", "Understanding", False),
    ],
)
def test_several_words_are_a_phrase_in_title_or_abstract(
    title: str, abstract: str, found: bool
) -> None:
    """A topic of several words is found in title or abstract, never across the two."""
    assert matches("Video Understanding", title, abstract) is found


@pytest.mark.parametrize("topic", ["Transformer", "Vision-Language"])
@pytest.mark.parametrize(
    ("in_title", "in_abstract"), [(True, True), (True, False), (False, True), (False, False)]
)
def test_one_word_has_to_be_in_title_and_abstract(
    topic: str, in_title: bool, in_abstract: bool
) -> None:
    """A topic of one word (without a blank) must be in both fields."""
    found = matches(topic, f"A {topic}" * in_title, f"The {topic}s" * in_abstract)
    assert found is (in_title and in_abstract)


@pytest.mark.parametrize(
    ("categories", "found"),
    [
        ([], True),
        (["cs.*"], True),
        (["cs.CV"], True),
        (["stat.*", "eess.IV"], True),
        (["cs.CL"], False),
        (["cs"], False),
        (["s.*"], False),
        (["cs.C?"], True),
    ],
)
def test_categories_restrict_as_in_a_query(categories: list[str], found: bool) -> None:
    """Any of a paper's categories counts, a star is a wildcard, and no category means all."""
    assert matches("deep learning", "Deep learning", "", *categories) is found


@given(TEXT, TEXT, TEXT)
def test_a_text_holds_each_of_its_parts(before: str, part: str, after: str) -> None:
    """Any part of a text between blanks is found in it, if it has a word that is no stop word."""
    has_word = any(word not in STOP_WORDS for word in words(part))
    assert finds(part, f"{before} {part} {after}") is has_word


@given(st.text(max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    """Any text has terms, each in its place, with no blank in it, and empty for a stop word."""
    found = list(located_terms(text))
    assert [term for term, _, _ in found] == terms(text)
    for term, start, end in found:
        assert not re.search(r"\s", term)
        assert terms(text[start:end]) == [term]
        assert bool(term) != (words(text[start:end])[0] in STOP_WORDS)
