"""arXiv's query and the local matcher find the same papers.

The stand-in implements arXiv's query language separately and shares no code with the program.
"""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daily_papers.store.paper import Paper
from daily_papers.topics.arxiv_query import arxiv_query, encoded_length
from daily_papers.topics.keywords import Topic, parse_keywords
from daily_papers.topics.matching import Matcher, matcher_of, matchers_of, topics_of
from daily_papers.topics.query_language import (
    And,
    Expression,
    Field,
    Or,
    Phrase,
    Search,
    WholeCategory,
)
from factories import make_paper, make_papers
from standins.arxiv import Record
from standins.arxiv.query import Index, parse

DEFAULT = ("cs.*", "stat.ML")
WORDS = ["model", "models", "neural", "the", "of", "vision-language", "R1", "widgets", "Möbius's"]
NAMES = ["Ada Lovelace", "A. Lovelace", "Lovelace, Ada", "José Müller", "J. Mueller", "Ada Müller"]
TEXTS = st.lists(st.sampled_from([*WORDS, "and", "language", "vision", "PXR150"]), max_size=6).map(
    " ".join
)
PAPERS = st.builds(
    make_paper,
    title=TEXTS,
    abstract=TEXTS,
    authors=st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
    categories=st.lists(
        st.sampled_from(["cs.CV", "cs.LG", "stat.ML", "math.ST"]), min_size=1, max_size=2
    ).map(tuple),
)
PHRASES = st.builds(
    Phrase,
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)
    .map(tuple)
    .filter(lambda words: not {"the", "of"}.issuperset(words)),
    st.sampled_from([Field.EITHER, Field.EITHER, Field.BOTH, Field.TITLE, Field.ABSTRACT]),
) | st.builds(
    Phrase,
    st.sampled_from([("Lovelace",), ("ada", "lovelace"), ("muller",), ("müller", "j"), ("A",)]),
    st.just(Field.AUTHOR),
)
EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(
    PHRASES,
    lambda inner: st.builds(
        lambda kind, parts: kind(tuple(parts)),
        st.sampled_from([And, Or]),
        st.lists(inner, min_size=2, max_size=3),
    ),
    max_leaves=5,
)
QUERIES = st.builds(
    Search,
    EXPRESSIONS,
    st.lists(PHRASES, max_size=2).map(tuple),
    st.sampled_from([None, ("cs.CV",), ("math.*", "cs.LG")]),
) | st.sampled_from(["cs.CV", "math.ST", "cs.*"]).map(WholeCategory)


def to_record(paper: Paper) -> Record:
    """Return a paper as the stand-in serves it."""
    return Record(
        arxiv_id=paper.arxiv_id,
        title=paper.title,
        authors=paper.authors,
        abstract=paper.abstract,
        categories=paper.categories,
        published=paper.published,
    )


def matcher_for(topic: Topic) -> Matcher:
    """Return the matcher of a topic that has one."""
    matcher = matcher_of(topic, DEFAULT)
    assert matcher is not None
    return matcher


def found_by_arxiv(topic: Topic, papers: list[Paper]) -> list[bool]:
    """Return for each paper whether the stand-in finds it for a topic's query."""
    index = Index(map(to_record, papers))
    found = index.find(parse(arxiv_query(topic, DEFAULT)))
    return [number in found for number in range(len(papers))]


@given(QUERIES, st.lists(PAPERS, min_size=1, max_size=8))
@settings(max_examples=400, deadline=None)
def test_query_and_matcher_agree(query: Search | WholeCategory, papers: list[Paper]) -> None:
    """For any topic and papers, the matcher finds what arXiv finds for the topic's query."""
    topic = Topic("Any", 1, query)
    matcher = matcher_for(topic)
    expected = found_by_arxiv(topic, papers)
    assert [matcher.matches(paper) for paper in papers] == expected
    assert [topics_of(paper, [matcher]) == [topic] for paper in papers] == expected
    assert [matcher.explain(paper).matches for paper in papers] == expected
    assert all(matcher.explain(paper).reasons for paper in papers)


@pytest.mark.parametrize(
    ("line", "title", "abstract", "expected"),
    [
        ("A: R1", "PXR150", "", False),
        ("A: R1", "DeepSeek-R1", "", True),
        ("R1", "DeepSeek-R1", "", False),
        ("A: LLM & reasoning", "LLM reasons", "", True),
        ("A: LLM & reasoning", "LLM", "that reasoned", True),
        ("A: LLM & reasoning", "LLMs", "", False),
        ("A: LLM & reasoning | slow thinking", "Slow thinking", "", True),
        ("A: NeRF -2D", "NeRF", "beyond 2D", False),
        ("A: NeRF -2D", "NeRF", "beyond 3D", True),
        ('A: NeRF -"a survey"', "NeRF", "surveys", False),
        ("A: title: NeRF", "Splats", "NeRF", False),
        ("A: abstract: NeRF", "Splats", "NeRF", True),
        ("A: author: lovelace", "", "", True),
        ("A: author: babbage ada", "", "", False),
        ("A [math.*]: NeRF", "NeRF", "", False),
        ("cs.CV", "", "", True),
        ("cs.LG", "", "", False),
    ],
)
def test_what_a_line_finds(line: str, title: str, abstract: str, expected: bool) -> None:
    """Each part of the language finds the same here and at arXiv."""
    (topic,) = parse_keywords(line)
    paper = make_paper(title=title, abstract=abstract)
    assert matcher_for(topic).matches(paper) is expected
    assert found_by_arxiv(topic, [paper]) == [expected]


def test_arxivs_own_syntax_has_no_matcher() -> None:
    """Only arXiv can tell what a query in its own syntax finds."""
    (topic,) = parse_keywords("Mine: = ti:x")
    assert matcher_of(topic, DEFAULT) is None
    assert matchers_of([topic], DEFAULT) == []


def test_topics_come_in_the_order_of_the_file() -> None:
    """A paper's topics are in the order in which they were given."""
    topics = parse_keywords("B: paper\nZ: = ti:paper\nA: author: ada\ncs.CV\nN: nothing")
    found = topics_of(make_paper(), matchers_of(topics, DEFAULT))
    assert [topic.name for topic in found] == ["B", "A", "cs.CV"]


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("A: x1", '(ti:"x1" OR abs:"x1")'),
        ("A: x1 | y1", '((ti:"x1" OR abs:"x1") OR (ti:"y1" OR abs:"y1"))'),
        ("A: title: x1 & author: y1 z1", '(ti:"x1" AND au:"y1 z1")'),
        ("x1 -y1", '((ti:"x1" AND abs:"x1") ANDNOT (ti:"y1" OR abs:"y1"))'),
        (
            "A: title: x1 -y1 -z1",
            '(ti:"x1" ANDNOT ((ti:"y1" OR abs:"y1") OR (ti:"z1" OR abs:"z1")))',
        ),
        ("A [cs.RO]: abstract: x1", '(abs:"x1" AND (cat:cs.RO))'),
        ("cs.MM", "cat:cs.MM"),
        ("A: = ti:x1 AND cat:cs.CV", "ti:x1 AND cat:cs.CV"),
    ],
)
def test_the_query_of_each_form(line: str, query: str) -> None:
    """Each form compiles to arXiv's fields and operators, every operator in parentheses."""
    (topic,) = parse_keywords(line)
    assert arxiv_query(topic, ()) == query


def test_the_settings_categories_are_for_words_only() -> None:
    """A topic's own categories, a whole category and arXiv's own syntax ignore the settings'."""
    topics = parse_keywords("A [hep-th]: x1\ncs.MM\nB: = ti:x1\nC: title: x1")
    assert [arxiv_query(topic, DEFAULT) for topic in topics] == [
        '((ti:"x1" OR abs:"x1") AND (cat:hep-th))',
        "cat:cs.MM",
        "ti:x1",
        '(ti:"x1" AND (cat:cs.* OR cat:stat.ML))',
    ]


@pytest.mark.parametrize("line", ["Video Understanding", "Diffusion", "text-to-video", "A -> B"])
def test_a_heading_before_the_same_words_keeps_the_query(line: str) -> None:
    """A new heading does not change the query, so that the topic keeps its papers."""
    (old,) = parse_keywords(line)
    if len(line.split()) > 1:
        (new,) = parse_keywords(f'Other: "{line}"')
        assert arxiv_query(new, DEFAULT) == arxiv_query(old, DEFAULT)
    operator = "OR" if len(line.split()) > 1 else "AND"
    assert arxiv_query(old, ()) == f'(ti:"{line}" {operator} abs:"{line}")'


def test_the_length_of_a_query_is_that_in_an_address() -> None:
    """The length is that of the encoded query: a blank is one character, a quotation mark three."""
    assert encoded_length('ti:"a b"') == len("ti%3A%22a+b%22")


def test_many_topics_are_matched_in_no_time() -> None:
    """Two hundred topics and three hundred papers; the bound leaves room for a busy machine."""
    topics = parse_keywords(
        "\n".join(
            f'T{number}: neural widgets{number} | LLM & (x{number} | "slow y") -z1'
            for number in range(200)
        )
    )
    text = "We train neural widgets on what LLM papers say about slow things. " * 12
    papers = [
        make_paper(number, title=f"Neural widgets{number}", abstract=text) for number in range(300)
    ]
    matchers = matchers_of(topics, DEFAULT)
    begun = time.process_time()
    found = [topics_of(paper, matchers) for paper in papers]
    assert time.process_time() - begun < 2
    assert [len(one) for one in found] == [1] * 200 + [0] * 100
    assert topics_of(make_papers(1)[0], matchers) == []


def test_an_explanation_quotes_the_words_and_names_the_place() -> None:
    """A match quotes the paper's own words; a paper that does not match gets the reason."""
    paper = make_paper(
        title="On Vision-Language Models",
        abstract="We survey widgets.",
        authors=("Ada King Lovelace", "José Müller"),
    )

    def told(line: str) -> tuple[bool, tuple[str, ...]]:
        (topic,) = parse_keywords(line)
        explanation = matcher_for(topic).explain(paper)
        return explanation.matches, explanation.reasons

    assert told("vision language model") == (
        True,
        ('"vision language model" in the title: Vision-Language Models',),
    )
    assert told("A: author: muller | widget") == (
        True,
        ('"muller" among the authors: José Müller', '"widget" in the abstract: widgets'),
    )
    assert told("widget") == (
        False,
        ('"widget" is only in one of title and abstract: in the abstract: widgets',),
    )
    assert told("A: widgets -surveys") == (
        False,
        ("-surveys excludes it: in the abstract: survey",),
    )
    assert told("A: x1 & widgets") == (False, ('"x1" is not in title or abstract',))
    assert told("A: author: babbage") == (False, ('"babbage" is not among the authors',))
    assert told("A [cs.LG]: widgets") == (False, ("it is not in cs.LG but in cs.CV",))
    assert told("cs.CV") == (True, ("it is in cs.CV",))
