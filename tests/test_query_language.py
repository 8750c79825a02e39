"""The language of keywords.txt: what lines mean, and the messages for wrong ones."""

import random
import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daily_papers.errors import InputError
from daily_papers.topics.categories import CLASSES
from daily_papers.topics.keywords import Topic, parse_keywords
from daily_papers.topics.phrase_advice import phrase_fault
from daily_papers.topics.query_tree import (
    And,
    Expression,
    Field,
    Native,
    Or,
    Phrase,
    Query,
    Search,
    WholeCategory,
    groups,
    plain,
    print_exclusion,
    print_expression,
    print_search,
)


def read(line: str) -> Topic:
    """Return the topic of one line."""
    (topic,) = parse_keywords(line)
    return topic


def asked(line: str) -> Query:
    """Return what a line asks for."""
    return read(line).query


def faults(text: str) -> list[str]:
    """Return the first line of each error of a keywords.txt that has some."""
    with pytest.raises(InputError) as caught:
        parse_keywords(text)
    return [problem.split("\n")[0] for problem in caught.value.problems]


def print_topic(topic: Topic) -> str:
    """Return a line of keywords.txt that is this topic."""
    heading = f'"{topic.name}"'
    match topic.query:
        case WholeCategory(category):
            return f"{heading}: {category}"
        case Native(text):
            return f"{heading}: = {text}"
        case Search(expression, exclusions, categories) as search:
            within = f" [{', '.join(categories)}]" if categories else ""
            if isinstance(expression, Phrase) and expression.field is Field.BOTH:
                # Only a line without a heading has such a phrase.
                return " ".join((expression.text, *map(print_exclusion, exclusions))) + within
            return f"{heading}{within}: {print_search(search)}"


def phrase(text: str, field: Field = Field.EITHER) -> Phrase:
    """Return a phrase of the words in `text`."""
    return Phrase(tuple(text.split()), field)


# What lines mean.


@pytest.mark.parametrize(
    ("line", "name", "query"),
    [
        (
            "Video Anomaly Detection",
            "Video Anomaly Detection",
            Search(phrase("Video Anomaly Detection")),
        ),
        (
            "Diffusion: diffusion | DDPM | DDIM",
            "Diffusion",
            Search(Or((phrase("diffusion"), phrase("DDPM"), phrase("DDIM")))),
        ),
        (
            'Test-Time Scaling: LLM & reasoning | "slow thinking"',
            "Test-Time Scaling",
            Search(Or((And((phrase("LLM"), phrase("reasoning"))), phrase("slow thinking")))),
        ),
        (
            '3D Reconstruction: NeRF | "gaussian splatting" -2D -"a survey"',
            "3D Reconstruction",
            Search(
                Or((phrase("NeRF"), phrase("gaussian splatting"))),
                (phrase("2D"), phrase("a survey")),
            ),
        ),
        (
            "Embodied AI [cs.RO, cs.CV]: VLA | vision language action",
            "Embodied AI",
            Search(Or((phrase("VLA"), phrase("vision language action"))), (), ("cs.RO", "cs.CV")),
        ),
        ("cs.MM", "cs.MM", WholeCategory("cs.MM")),
        ("hep-th", "hep-th", WholeCategory("hep-th")),
        ("cs.*", "cs.*", WholeCategory("cs.*")),
        ("Multimedia: cs.MM", "Multimedia", WholeCategory("cs.MM")),
        (
            '= ti:"x" AND cat:cs.CV',
            "ti:x AND cat:cs.CV",
            Native('ti:"x" AND cat:cs.CV'),
        ),
        ("Mine: = au:del_maestro", "Mine", Native("au:del_maestro")),
        ("A: title: b c", "A", Search(phrase("b c", Field.TITLE))),
        ("A: ABSTRACT : b", "A", Search(phrase("b", Field.ABSTRACT))),
        (
            "author: Ada Lovelace",
            "author: Ada Lovelace",
            Search(phrase("Ada Lovelace", Field.AUTHOR)),
        ),
        (
            "A: title: (b | abstract: c) & d",
            "A",
            Search(And((Or((phrase("b", Field.TITLE), phrase("c", Field.ABSTRACT))), phrase("d")))),
        ),
        (
            "A: b & (c | d & (e | f))",
            "A",
            Search(
                And(
                    (
                        phrase("b"),
                        Or((phrase("c"), And((phrase("d"), Or((phrase("e"), phrase("f"))))))),
                    )
                )
            ),
        ),
        ("A: ((b | (c | d)))", "A", Search(Or((phrase("b"), phrase("c"), phrase("d"))))),
        ("A: vision-language", "A", Search(phrase("vision-language"))),
    ],
)
def test_what_a_line_means(line: str, name: str, query: Query) -> None:
    """Each form of a line has its heading and its meaning."""
    topic = read(line)
    assert topic.name == name
    assert topic.query == query


@pytest.mark.parametrize(
    "line",
    ["Video Understanding", "Text-to-Video", "C# Decompilers", "A -> B", "Vision - Language"],
)
def test_a_line_of_words_stays_what_it_was(line: str) -> None:
    """A line without an operator is its own phrase, whatever its hyphens."""
    topic = read(line)
    assert topic == Topic(line, 1)
    assert topic.query == plain(line)


def test_one_word_alone_must_be_in_both_fields() -> None:
    """A bare word must be in title and abstract; in quotation marks or below a heading, in either.

    Exclusions and categories do not change that.
    """
    assert asked("diffusion") == Search(phrase("diffusion", Field.BOTH))
    assert asked('"diffusion"') == Search(phrase("diffusion"))
    assert asked("Diffusion: diffusion") == Search(phrase("diffusion"))
    assert asked("diffusion -survey") == Search(
        phrase("diffusion", Field.BOTH), (phrase("survey"),)
    )
    assert asked("diffusion [cs.CV]") == Search(phrase("diffusion", Field.BOTH), (), ("cs.CV",))


def test_an_expression_without_a_heading_is_its_own_heading() -> None:
    """The heading is the expression with single blanks, without quotation marks and exclusions."""
    assert read("LLM&reasoning   -survey").name == "LLM & reasoning"
    assert read('-survey "slow thinking" | LLM').name == "slow thinking | LLM"
    assert read("video editing -survey [cs.CV]").name == "video editing"


def test_an_exclusion_added_to_a_line_keeps_its_page() -> None:
    """The heading stays; where another line has it already, the message asks for a heading."""
    assert read("Video Editing -survey").slug == read("Video Editing").slug
    (told,) = faults("Video Editing\nVideo Editing -survey")
    assert told == (
        "keywords.txt:2:1: 'Video Editing' would have the same page as line 1, video-editing.md; "
        "give one of the two a heading of its own, as in Heading: words"
    )


def test_exclusions_apply_to_the_line_wherever_they_stand() -> None:
    """A minus directly before a word excludes it, before, between or after other words."""
    expected = Search(Or((phrase("b"), phrase("c d"))), (phrase("x"), phrase("y z")))
    for line in ('A: -x b | c d -"y z"', 'A: b -x | c d -"y z" -x', 'A: b | -x -"y z" c d'):
        # Of the letters, only a is a stop word.
        assert asked(line) == expected


def test_a_quoted_heading_may_have_special_characters() -> None:
    """A heading in quotation marks may have a colon, brackets or the name of a field."""
    assert read('"Mission: Impossible [1996]": spies').name == "Mission: Impossible [1996]"
    assert read('"Author": ghost writers').name == "Author"


def test_a_heading_that_repeats_the_phrase_is_a_plain_line() -> None:
    """A heading before the same phrase changes nothing."""
    assert read("Video Editing: Video Editing") == read("Video Editing")
    assert read('"Video Editing"') == read("Video Editing")


def test_a_comment_ends_any_line() -> None:
    """A blank and a hash start a comment in any line."""
    assert asked("A: b | c # or d") == asked("A: b | c")
    assert asked("= ti:b # mine") == Native("ti:b")


# The messages for wrong lines.

FIELDS = "there are title, abstract, author"
NOTHING = "has no word to search for; write the words, or delete it"
STOPPED = "has only words that arXiv ignores in every search; add another word, or delete it"
MISSING = (
    "something is missing before this: & if both must occur, | if either may, or quotation marks "
    "around the words of one phrase"
)
UNQUOTED = "this quotation mark is never closed; add another one at the end"
UNOPENED = "no parenthesis is open here; delete this one"
UNCLOSED = "this parenthesis is never closed; add ) at its end"
QUOTE_IT = "delete it, or put the whole heading into quotation marks"
TAXONOMY = "https://arxiv.org/category_taxonomy"
BRACKETS = (
    "write it in brackets after the heading, as in Heading [cs.CV]: words, or alone on its line "
    "for all its papers"
)
HASH = "a word cannot begin with #, which starts a comment; delete it"
EXCLUDED = "only a word or a quoted phrase can be excluded; write each with its own minus"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (": x1", ["1: the heading is missing before the colon; write one"]),
        ("A:", ["2: nothing follows the heading; write the words to search for after it"]),
        ("A: # x1", ["2: nothing follows the heading; write the words to search for after it"]),
        ('x"y": z1', ['2: a heading cannot contain " ; delete it']),
        (
            "a[b]c: z1",
            [
                f"2: a heading cannot contain [ ; {QUOTE_IT}",
                f"4: a heading cannot contain ] ; {QUOTE_IT}",
            ],
        ),
        ("A: | x1", ["4: words are missing before '|'; write them, or delete it"]),
        ("A: x1 & & y1", ["9: words are missing before '&'; write them, or delete it"]),
        ("A: x1 |", ["7: words are missing after '|'; write them, or delete it"]),
        ("A: x1 & |", ["9: words are missing before '|'; write them, or delete it"]),
        ("A: ()", ["5: words are missing before ')'; write them, or delete it"]),
        ("A: (", ["4: words are missing after '('; write them, or delete it"]),
        ("A: (x1 | (y1", ["4: " + UNCLOSED, "10: " + UNCLOSED]),
        ("A: x1) & y1)", ["6: " + UNOPENED, "12: " + UNOPENED]),
        ('A: "x1', ["4: " + UNQUOTED]),
        ('A: x1 "y1"', ["7: " + MISSING]),
        ("A: (x1) (y1)", ["9: " + MISSING]),
        ("A: x1 -y1 z1", ["11: " + MISSING]),
        ("A: x1 title: y1", ["7: " + MISSING]),
        ("A: -x1", ["4: there are only exclusions; write the words to search for, too"]),
        ("-x1 -y1", ["1: there are only exclusions; write the words to search for, too"]),
        (
            "A: (x1 -y1)",
            ["8: an exclusion applies to the whole line; move it out of the parentheses"],
        ),
        ("A: x1 -(y1)", ["7: " + EXCLUDED, "8: " + MISSING]),
        (
            "A: x1 - y1",
            ["7: this minus stands alone; write it directly before the word to exclude"],
        ),
        ("A: titel: x1", ["4: there is no field 'titel'; did you mean title?"]),
        ("A: x1 & venue: y1", [f"9: there is no field 'venue'; {FIELDS}"]),
        ("A: title:", ["4: nothing follows 'title:'; write the words to search for there"]),
        ("A: title: author: x1", ["11: two fields in a row; delete one of them"]),
        ("the", [f"1: 'the' {STOPPED}"]),
        ("A: x1 | of the", [f"9: 'of the' {STOPPED}"]),
        ("A: x1 -the", [f"8: 'the' {STOPPED}"]),
        ("+++", [f"1: '+++' {NOTHING}"]),
        ('A: ""', [f"4: '' {NOTHING}"]),
        ("A: author: ...", [f"12: '...' {NOTHING}"]),
        ('"!": x1', ["1: '!' has no letter or digit for the name of its page; write a heading"]),
        ("A:#x | y1", [f"3: {HASH}"]),
        ('A: "#x"', [f"5: {HASH}"]),
        ("=#x", ["1: a query cannot begin with #, which starts a comment; delete it"]),
        ("A: x=y", ["5: = cannot be searched for; delete it, arXiv searches for words only"]),
        ('A: "x: y"', ["6: : cannot be searched for; delete it, arXiv searches for words only"]),
        (
            "A: “x1” | y1",
            [
                '4: “ is a typographic quotation mark; type a straight one: "',
                '7: ” is a typographic quotation mark; type a straight one: "',
            ],
        ),
        ("cs.MMM", ["1: arXiv has no category 'cs.MMM'; did you mean cs.MM?"]),
        ("A: cs.cv", ["4: arXiv has no category 'cs.cv'; did you mean cs.CV?"]),
        (
            "A [cs.CVV, cs.AI,cs, zzzzzz]: x1",
            [
                "4: arXiv has no category 'cs.CVV'; did you mean cs.CV?",
                "18: cs is a whole archive; write cs.*",
                f"22: arXiv has no category 'zzzzzz'; {TAXONOMY} has them all",
            ],
        ),
        ("A []: x1", ["3: these brackets are empty; write categories, or delete them"]),
        ("[cs.CV]", ["1: there are only categories; write a heading or words before them"]),
        (
            "A [cs.CV]: cs.MM",
            ["3: categories in brackets apply to words only; delete them from this line"],
        ),
        (
            "A [cs.CV]: = ti:x",
            ["3: categories in brackets apply to words only; delete them from this line"],
        ),
        (
            "A: x1 | cs.CV",
            [
                f"9: cs.CV is a category; {BRACKETS}",
            ],
        ),
        ("=", ["1: nothing follows the =; write a query in arXiv's own syntax"]),
        ('A: = ti:"x', ["9: " + UNQUOTED]),
        ("= (ti:x", ["3: " + UNCLOSED]),
        ("= ti:x)", ["7: " + UNOPENED]),
        ("= (ti:x AND)", ["9: nothing follows AND; write it, or delete AND"]),
        ('= ti:\\"x"', ["6: arXiv refuses a backslash; delete it"]),
        (
            "A: " + "(" * 11 + "x1" + ")" * 11,
            ["14: parentheses are more than 10 deep; use fewer"],
        ),
        ("x" * 1001, ["1: it is 1001 characters long; use at most 1000"]),
        ("x" * 201, ["1: it is 201 characters long; use at most 200"]),
        ("x" * 199 + " | y1", ["1: its heading is 204 characters long; use at most 200"]),
        (
            '"' + "\ufdfa" * 20 + '": x1',
            ["1: its page's name would be longer than 200 bytes; make the heading shorter"],
        ),
        ("x\u200by", ["2: it has an invisible control character; type the line again"]),
    ],
)
def test_the_messages_for_a_wrong_line(line: str, expected: list[str]) -> None:
    """Every error of a line has its column, what is wrong, and how to correct it."""
    assert faults(line) == [f"keywords.txt:1:{told}" for told in expected]


def test_two_headings_with_one_page_are_refused() -> None:
    """The error names the page, the other line, and the remedy."""
    (told,) = faults("C++: templates | concepts\n\nC: pointers\n")
    assert told == (
        "keywords.txt:3:1: 'C' would have the same page as line 1, c.md; give one of the two "
        "a heading of its own, as in Heading: words"
    )


@pytest.mark.parametrize(
    ("line", "shown", "caret"),
    [
        ("A: x1 & | y1", "A: x1 & | y1", "        ^"),
        ("视频: x1 & | y1", "视频: x1 & | y1", "           ^"),
        ("A:\tx1 &\t| y1", "A:\tx1 &\t| y1", "  \t    \t^"),
        ("A: e\u0301t & | y1", "A: e\u0301t & | y1", "        ^"),
        ("A: x1\u2028& | y1", "A: x1 & | y1", "        ^"),
    ],
)
def test_the_caret_is_below_the_error(line: str, shown: str, caret: str) -> None:
    """Wide letters, tabs and combining accents do not shift the caret."""
    with pytest.raises(InputError) as caught:
        parse_keywords(line)
    assert caught.value.problems[0].split("\n")[1:] == [f"    {shown}", f"    {caret}"]


def test_a_long_line_is_cut_around_the_error() -> None:
    """The caret stays on the screen, however long the line is."""
    with pytest.raises(InputError) as caught:
        parse_keywords(f"A: {'word & ' * 60}| y1")
    _, line, caret = caught.value.problems[0].split("\n")
    assert len(line) < 130
    assert line[caret.index("^")] == "|"


# Any input.

WORDS = st.sampled_from(
    [
        *("neural", "widget", "vision-language", "C#", "3D", "x1", "é", "a", "the", "-2D", "--"),
        *("title", "R&D", "AND", "NOT", "1.", "x,", "–x", "“x”", "cs.CV", "ti", "_"),
    ]
)
PHRASES = st.builds(
    Phrase,
    st.lists(WORDS, min_size=1, max_size=3).map(tuple),
    st.sampled_from([Field.EITHER, Field.TITLE, Field.ABSTRACT, Field.AUTHOR]),
).filter(lambda one: not phrase_fault(one))


def _join(kind: type[And | Or], parts: list[Expression]) -> Expression:
    flat: list[Expression] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else (part,)
    return kind(tuple(flat))


EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(
    PHRASES,
    lambda inner: st.builds(
        _join, st.sampled_from([And, Or]), st.lists(inner, min_size=2, max_size=3)
    ),
    max_leaves=8,
)
CATEGORIES = st.lists(
    st.sampled_from([*CLASSES, "cs.*", "math.*"]), min_size=1, max_size=3, unique=True
).map(tuple)
SEARCHES = st.builds(
    Search,
    EXPRESSIONS,
    st.lists(
        PHRASES.map(lambda one: Phrase(one.words)).filter(lambda one: not phrase_fault(one)),
        max_size=3,
        unique=True,
    ).map(tuple),
    st.none() | CATEGORIES,
)
HEADINGS = st.sampled_from(
    ["Widgets", "A | B & C", "Mission: Impossible", "[x] y", "Author", "= z", "-2D", "Q&A (new)"]
)
TOPICS = st.builds(
    Topic,
    HEADINGS,
    st.just(1),
    SEARCHES
    | st.sampled_from([*CLASSES]).map(WholeCategory)
    | st.sampled_from(['ti:"x y" AND cat:cs.CV', "(au:x ANDNOT abs:y)"]).map(Native),
)


@given(TOPICS)
def test_what_is_printed_is_read_as_the_same(topic: Topic) -> None:
    """Printing a topic and parsing the line gives the same topic."""
    again = read(print_topic(topic))
    assert again.name == topic.name
    assert again.query == topic.query
    assert print_topic(again) == print_topic(topic)


PIECES = [
    *('"""||&&(()--::[], =\t     \\{#“视\u0301\u200b：，＆－–*?^~%+.;'),
    *(
        *("title:", "author :", "ti:", "cat:cs.CV", "all :", "AND", " OR ", "NOT ", "R&D", "C++"),
        *("1. ", "2) ", "- ", "%22", "a+b", "https://x", "هوش\u200cم"),
        "cs.CV",
        "cs.XX",
        "the",
        "x1",
        "y",
        " x",
        "vision-language",
        ": ",
        " -",
    ),
]


def survive(line: str) -> None:
    """Check that a line is a topic that can be printed and parsed again, or an InputError."""
    try:
        topics = parse_keywords(line)
    except InputError as error:
        for problem in error.problems:
            assert re.match(r"keywords\.txt:\d+:", problem)
        return
    for topic in topics:
        again = read(print_topic(topic))
        assert (again.name, again.query) == (topic.name, topic.query)


@given(st.lists(st.sampled_from(PIECES) | st.characters(), max_size=25).map("".join))
@example("A: " + "(" * 900)
@example("(" * 300 + "x" + ")" * 300)
@example('= ti:a ""#1')
def test_no_line_breaks_the_parser(line: str) -> None:
    """Any line is a topic that can be printed and parsed again, or an InputError."""
    survive(line)


@given(st.randoms(use_true_random=True))
def test_ten_thousand_lines_do_not_break_the_parser(chance: random.Random) -> None:
    """Ten thousand random lines of meaningful pieces do not break it either."""
    for _ in range(100):
        survive("".join(chance.choices(PIECES, k=chance.randrange(1, 16))))


def test_two_hundred_topics_are_read_in_no_time() -> None:
    """Two hundred topics take some 15 ms; the bound leaves room for a busy machine."""
    text = "\n".join(
        f'Topic {number} [cs.CV, cs.LG]: neural widgets{number} | LLM & (x{number} | "slow y") -z1'
        for number in range(200)
    )
    begun = time.process_time()
    assert len(parse_keywords(text)) == 200
    assert time.process_time() - begun < 0.2


# The documentation.

ROOT = Path(__file__).resolve().parents[1]


def test_every_example_of_the_documentation_is_a_topic() -> None:
    """The lines in docs/keywords.md are one topic each."""
    text = (ROOT / "docs/keywords.md").read_text("utf-8")
    table = re.search(r"^\| Line \|.*\n(?:\|.*\n)+", text, re.MULTILINE)
    assert table is not None
    lines = re.findall(r"^\| `(.*?)` \|", table[0], re.MULTILINE)
    assert len(lines) == 10
    for line in lines:
        read(line.replace(r"\|", "|"))


def test_the_error_in_the_documentation_is_the_real_one() -> None:
    """The message in docs/keywords.md is the one for its line."""
    text = (ROOT / "docs/keywords.md").read_text("utf-8")
    shown = text.split("```text\nkeywords.txt:")[1].split("\n```")[0]
    with pytest.raises(InputError) as caught:
        parse_keywords(f"\n\n{shown.splitlines()[1].strip()}")
    assert str(caught.value) == f"keywords.txt:{shown}"


# Expressions multiplied out.


def test_groups_are_the_alternatives_multiplied_out() -> None:
    """An expression is shown as alternative groups of phrases, unless there are too many."""
    search = asked("A: x1 & (y1 | z1) | u1")
    assert isinstance(search, Search)
    assert groups(search.expression, 9) == [
        (phrase("x1"), phrase("y1")),
        (phrase("x1"), phrase("z1")),
        (phrase("u1"),),
    ]
    assert groups(search.expression, 2) is None
    assert print_expression(search.expression) == "x1 & (y1 | z1) | u1"
    assert search.alternatives == (
        search.expression.parts if isinstance(search.expression, Or) else ()
    )
