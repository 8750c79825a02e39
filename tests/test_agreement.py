"""arXiv's query and the local matcher find the same papers.

The stand-in implements arXiv's query language separately and shares no code with the program.
"""

import gzip
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.store.paper import Paper
from daily_papers.topics.arxiv_query import arxiv_query, encoded_length
from daily_papers.topics.keywords import Topic, parse_keywords
from daily_papers.topics.matching import Matcher, matcher_of, matchers_of, topics_of
from daily_papers.topics.query_tree import (
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
WORDS = [
    *("model", "models", "neural", "the", "of", "vision-language", "R1", "widgets", "Möbius's"),
    *("U.S.", "3,000", "x_1", "technology", "bias", "İris", "日本"),
]
OTHERS = ["and", "language", "vision", "PXR150", "technological", "biased", "1", "u", "日本語"]
NAMES = [
    *("Ada Lovelace", "A. Lovelace", "Lovelace, Ada", "José Müller", "J. Mueller", "Ada Müller"),
    *("J.-P. Zhao", "Søren O’Neil"),
]
TEXTS = st.lists(st.sampled_from([*WORDS, *OTHERS]), max_size=6).map(" ".join)
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
    st.sampled_from(
        [("Lovelace",), ("ada", "lovelace"), ("muller",), ("müller", "j"), ("A",), ("j-p", "zha")]
    ),
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
def test_query_and_matcher_agree(query: Search | WholeCategory, papers: list[Paper]) -> None:
    """For any topic and papers, the matcher finds what arXiv finds for the topic's query."""
    topic = Topic("Any", 1, query)
    matcher = matcher_for(topic)
    expected = found_by_arxiv(topic, papers)
    assert [matcher.matches(paper) for paper in papers] == expected
    assert [topics_of(paper, [matcher]) == [topic] for paper in papers] == expected
    assert [matcher.explain(paper).matches for paper in papers] == expected
    assert all(matcher.explain(paper).reasons for paper in papers)


RULES = {
    "inflections are those of Porter's first stemmer": (
        [("LLM", "LLMs"), ("VLA", "Two VLAs"), ("generalization", "general"), ("AIs", "AI's")],
        [("bias", "biased"), ("geology", "geological"), ("as-is US", "as-is U")],
    ),
    "as Porter programmed it, not as he wrote it": (
        [("technology", "technological"), ("flexibly", "flexible"), ("trek", "trekking")],
        [("trekking", "trekk")],
    ),
    "a stop word inside a phrase is one word, whichever": (
        [
            ("text to image", "Text-to-Image"),
            ("text to image", "text free image"),
            ("state of the art", "state in some art"),
            ("A of the B1", "B1"),
            ("the art of", "an art"),
        ],
        [
            ("text to image", "text image"),
            ("text image", "text to image"),
            ("text to image", "text of the image"),
            ("state of the art", "state of art"),
            ("vision language model", "vision and language model"),
        ],
    ),
    "a full stop or comma inside a number or abbreviation does not split it": (
        [
            ("GPT-4.1", "the GPT 4.1."),
            ("U.S. policy", "(U.S.) policy"),
            ("3,000 nodes", "3,000 node"),
        ],
        [("GPT-4", "GPT-4.1"), ("US policy", "U.S. policy"), ("3000 nodes", "3,000 nodes")],
    ),
    "nor does an apostrophe, a colon or a low line, but a hyphen or slash does": (
        [
            ("don't care", "don't care"),
            ("vision/language", "vision - language"),
            ("x_1 model", "x_1 model"),
            ("model", "model: x"),
        ],
        [
            ("don't care", "don\u2019t care"),
            ("don't care", "don t care"),
            ("x 1", "x_1"),
            ("model", "big:model"),
        ],
    ),
    "a possessive s does not count": (
        [
            ("Anderson model", "Anderson's model"),
            ("Anderson\u2019s model", "Anderson\uff07s models"),
            ("ANDERSON'S", "Anderson"),
            ("it's model", "model"),
        ],
        [("Anderson", "Anderson's's")],
    ),
    "case does not count, accents do": (
        [("İRIS", "iris"), ("ΣΑΣ", "σασ"), ("MÜLLER", "müller")],
        [("Möbius", "Mobius"), ("caf\u00e9", "cafe\u0301"), ("σασ", "σας")],
    ),
    "Chinese is one word a character, Korean, Thai and katakana one between blanks": (
        [("日本", "日本語"), ("カタ", "カタ ナ"), ("ひと", "ひ と"), ("ภาษา", "ภาษา")],
        [("カタ", "カタナ"), ("한국", "한국어"), ("ภาษา", "ภาษาไทย"), ("日語", "日本語")],
    ),
    "signs and emoji are no words": (
        [("deep learning", "deep 😀 learning"), ("C++ code", "C code"), ("±1 bit", "1-bit")],
        [("deep learning", "deep, but learning")],
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_what_counts_as_the_same_word(rule: str) -> None:
    """The matcher and the stand-in find what Lucene finds, by each rule of its English analysis."""
    for expected, pairs in zip((True, False), RULES[rule], strict=True):
        for phrase, title in pairs:
            topic = Topic("Any", 1, Search(Phrase(tuple(phrase.split()), Field.TITLE)))
            paper = make_paper(title=title)
            assert matcher_for(topic).matches(paper) is expected, (phrase, title)
            assert found_by_arxiv(topic, [paper]) == [expected], (phrase, title)


@pytest.mark.parametrize(
    ("name", "author", "expected"),
    [
        ("Geoffrey Hinton", "Geoffrey E. Hinton", True),
        ("hinton geoffrey", "Geoffrey Hinton", True),
        ("Hinton, Geoffrey", "Geoffrey Hinton", True),
        ("G Hinton", "G. Hinton", True),
        ("G Hinton", "Geoffrey Hinton", False),
        ("Geoffrey Hinton", "G. Hinton", False),
        ("Jean Dupont", "Jean-Baptiste Dupont", False),
        ("jean-baptiste dupont", "Jean‐Baptiste Dupont", True),
        ("J.B. Dupont", "JB Dupont", True),
        ("J B Dupont", "J.B. Dupont", False),
        ("Jose Muller", "José Müller", True),
        ("Mueller", "Müller", True),
        ("Manuel", "Manul", True),
        ("Jacques", "Jacqus", False),
        ("Soren Strass", "Søren Straß", True),
        ("Lukasz Dokic", "Łukasz Đokić", True),
        ("Zhao", "Zha", True),
        ("O'Neil", "O’Neil", True),
        (".", "Ada Lovelace", False),
    ],
)
def test_which_author_is_meant(name: str, author: str, expected: bool) -> None:
    """All words of a name are in the author's, split at blanks, without accents, in any order."""
    topic = Topic("Any", 1, Search(Phrase(tuple(name.split()), Field.AUTHOR)))
    paper = make_paper(authors=("Ada Lovelace", author))
    assert matcher_for(topic).matches(paper) is expected
    assert found_by_arxiv(topic, [paper]) == [expected]


ANSWERS = os.environ.get("DAILY_PAPERS_ANSWERS", "")


@pytest.mark.skipif(not ANSWERS, reason="DAILY_PAPERS_ANSWERS names no file of arXiv's answers")
def test_papers_that_arxiv_found_match() -> None:
    """The matcher and the stand-in find what arXiv did: rows of line, title and abstract."""
    missed = []
    for row in map(json.loads, gzip.decompress(Path(ANSWERS).read_bytes()).splitlines()):
        (topic,) = parse_keywords(row["line"])
        paper = make_paper(title=row["title"], abstract=row["abstract"], categories=("cs.CV",))
        if [matcher_for(topic).matches(paper), *found_by_arxiv(topic, [paper])] != [True, True]:
            missed.append((row["line"], row["id"]))
    assert not missed


@pytest.mark.parametrize(
    ("line", "title", "abstract", "expected"),
    [
        ("A: R1", "PXR150", "", False),
        ("A: R1", "DeepSeek-R1", "", True),
        ("R1", "DeepSeek-R1", "", False),
        ("A: LLM & reasoning", "LLM reasons", "", True),
        ("A: LLM & reasoning", "LLM", "that reasoned", True),
        ("A: LLM & reasoning", "LLMs", "", False),
        ("A: LLM & reasoning", "LLMs", "reasons", True),
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
