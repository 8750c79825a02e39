import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.errors import InputError
from daily_papers.topics.arxiv_query import arxiv_query
from daily_papers.topics.keywords import Topic, parse_keywords


@pytest.mark.parametrize(
    ("name", "categories", "query"),
    [
        ("Video Understanding", (), '(ti:"Video Understanding" OR abs:"Video Understanding")'),
        ("Diffusion", (), '(ti:"Diffusion" AND abs:"Diffusion")'),
        ("Text-to-Video", (), '(ti:"Text-to-Video" AND abs:"Text-to-Video")'),
        (
            "Diffusion",
            ("cs.*", "stat.*"),
            '((ti:"Diffusion" AND abs:"Diffusion") AND (cat:cs.* OR cat:stat.*))',
        ),
        ("Diffusion", ("cs.CV",), '((ti:"Diffusion" AND abs:"Diffusion") AND (cat:cs.CV))'),
    ],
)
def test_the_query_of_plain_words(name: str, categories: tuple[str, ...], query: str) -> None:
    """Several words must be in either field, one word (without a blank) in both."""
    assert arxiv_query(Topic(name, 1), categories) == query


@given(st.text(max_size=40), st.lists(st.sampled_from(["cs.*", "hep-th", "stat.ML"]), max_size=4))
def test_every_operator_stands_in_parentheses_of_its_own(name: str, categories: list[str]) -> None:
    """No query depends on the precedence of operators, which arXiv does not define."""
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
