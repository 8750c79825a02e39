from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daily_papers.errors import InputError
from daily_papers.topics.arxiv_query import arxiv_query
from daily_papers.topics.keywords import Topic, parse_keywords


def query(name: str, *categories: str) -> str:
    """Return the query for a topic of that name."""
    return arxiv_query(Topic(name, 1), categories)


def test_several_words_are_a_phrase_in_title_or_abstract() -> None:
    """A topic of several words asks for the phrase in either field."""
    assert query("Video Understanding") == (
        '(ti:"Video Understanding" OR abs:"Video Understanding")'
    )


def test_one_word_must_be_in_both() -> None:
    """A topic of one word asks for it in title and abstract, which cuts noise."""
    assert query("Diffusion") == '(ti:"Diffusion" AND abs:"Diffusion")'


def test_a_hyphenated_word_is_one_word() -> None:
    """What counts as a word is separated by blanks, as the user sees it."""
    assert query("Text-to-Video") == '(ti:"Text-to-Video" AND abs:"Text-to-Video")'


def test_the_categories_stand_in_the_query() -> None:
    """The search itself is restricted, so that a hundred papers asked for are a hundred kept."""
    assert query("Diffusion", "cs.*", "stat.*") == (
        '((ti:"Diffusion" AND abs:"Diffusion") AND (cat:cs.* OR cat:stat.*))'
    )


def test_one_category_is_parenthesised_too() -> None:
    """A single category follows the same form as several."""
    assert query("Diffusion", "cs.CV").endswith(" AND (cat:cs.CV))")


@given(st.text(max_size=40), st.lists(st.sampled_from(["cs.*", "hep-th", "stat.ML"]), max_size=4))
def test_every_operator_stands_in_parentheses_of_its_own(name: str, categories: list[str]) -> None:
    """No topic can leave arXiv a choice of what an operator binds: it has no precedence."""
    try:
        (topic, *_) = parse_keywords(name)
    except InputError:
        return
    text = arxiv_query(topic, categories)
    depth = 0
    quoted = False
    operators: dict[int, set[str]] = {}
    for word in text.replace("(", " ( ").replace(")", " ) ").replace('"', ' " ').split():
        if word == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif word == "(":
            depth += 1
            operators[depth] = set()
        elif word == ")":
            assert len(operators[depth]) <= 1
            depth -= 1
        elif word in ("AND", "OR"):
            assert depth > 0
            operators[depth].add(word)
    assert depth == 0
    assert not quoted
