import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.errors import InputError
from daily_papers.topics.keywords import (
    MAX_LENGTH,
    Topic,
    parse_keywords,
    read_keywords,
    slugify,
)
from daily_papers.topics.query_tree import Phrase, Search
from test_query_language import print_topic

# Mostly characters with a meaning for the file, Unicode or arXiv.
TEXT = st.text(st.sampled_from('ab AB#\n\r\t-_+"\\():&|=*éß\u2028\x85\u200b\x00') | st.characters())
FILES = st.lists(
    TEXT
    | st.sampled_from(["Video Understanding", "video  understanding", "C#", "# note", "a:b", "-x"]),
    max_size=8,
).map("\n".join)


def problems_of(text: str) -> tuple[str, ...]:
    """Return the errors of a keywords.txt that has some."""
    with pytest.raises(InputError) as caught:
        parse_keywords(text)
    return caught.value.problems


def test_each_line_is_a_topic_with_its_line_number() -> None:
    """Topics keep the file's order and have line numbers; blank lines and comments are skipped."""
    text = "# mine\n\nVideo Understanding\n   \n  # indented\nDiffusion\n"
    assert parse_keywords(text) == (Topic("Video Understanding", 3), Topic("Diffusion", 6))


def test_white_space_inside_and_around_a_topic_does_not_count() -> None:
    """Blanks around a topic are removed, and those inside it become one."""
    (topic,) = parse_keywords("\t Vision \u00a0 Language\tModel  \n")
    assert topic.name == "Vision Language Model"
    assert topic.query == Search(Phrase(("Vision", "Language", "Model")))


def test_a_comment_may_follow_a_topic() -> None:
    """A blank and a hash start a comment."""
    assert parse_keywords("Diffusion # since May")[0].name == "Diffusion"


def test_a_hash_inside_a_word_belongs_to_it() -> None:
    """A hash without a blank before it is part of the word."""
    assert parse_keywords("C# Decompilation")[0].name == "C# Decompilation"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_counts_as_one_line(end: str) -> None:
    """Line numbers are those of an editor, whatever the system."""
    topics = parse_keywords(end.join(["# a comment", "", "Video Understanding", "Diffusion"]))
    assert [topic.line for topic in topics] == [3, 4]


def test_all_errors_are_reported_at_once() -> None:
    """The error names each wrong line, with its place and how to correct it."""
    problems = problems_of("A good one\nfine: a | b\n+++\n-minus\na good  ONE\nx: (y | z{\n")
    stopped = "has only words that arXiv ignores in every search; add another word"
    assert [problem.split("\n")[0] for problem in problems] == [
        f"keywords.txt:2:7: 'a' {stopped}, or delete it",
        "keywords.txt:3:1: '+++' has no word to search for; write the words, or delete it",
        "keywords.txt:4:1: there are only exclusions; write the words to search for, too",
        "keywords.txt:5:1: 'a good ONE' is the same topic as line 1; delete one of the two lines",
        "keywords.txt:6:4: this parenthesis is never closed; add ) at its end",
        "keywords.txt:6:10: { cannot be searched for; delete it, arXiv searches for words only",
    ]


@pytest.mark.parametrize(
    "second", ["video understanding", "Video  Understanding", "Video-Understanding"]
)
def test_two_topics_with_one_page_are_the_same(second: str) -> None:
    """Two lines with the same page and words are refused as one topic."""
    (problem,) = problems_of(f"Video Understanding\n# between\n{second}\n")
    assert problem.startswith("keywords.txt:3:1: ")
    assert "is the same topic as line 1; delete one of the two lines" in problem


@pytest.mark.parametrize("text", ["", "\n\n", "# only\n# comments", "   \r\n\t"])
def test_a_file_without_a_topic_is_an_error(text: str) -> None:
    """A file without topics is an error with an example."""
    (problem,) = problems_of(text)
    assert problem == (
        "keywords.txt:1: there is no topic; write one a line, for example: Video Understanding"
    )


def test_a_missing_topic_is_not_added_to_other_errors() -> None:
    """A file whose only line is wrong gets that line's error alone."""
    assert len(problems_of("fine:")) == 1


@pytest.mark.parametrize("character", "\\[]{}=")
def test_what_arxiv_would_read_as_syntax_is_refused(character: str) -> None:
    """A character with a meaning in arXiv's query syntax is refused and never sent."""
    (problem,) = problems_of(f"Video{character}Understanding")
    assert problem.startswith(f"keywords.txt:1:6: {character} cannot be searched for; ")


@pytest.mark.parametrize("character", "\x00\x1b\u200b\u202e\ufeff\ue000")
def test_invisible_characters_are_refused(character: str) -> None:
    """A control character that no editor shows is refused."""
    (problem,) = problems_of(f"fine\nVideo{character}Understanding")
    assert problem == (
        "keywords.txt:2:6: it has an invisible control character; type the line again\n"
        "    Video\ufffdUnderstanding\n"
        "         ^"
    )


def test_the_length_of_a_topic_is_limited() -> None:
    """The longest topic is accepted; one character more is an error with both numbers."""
    assert parse_keywords("a" * MAX_LENGTH)
    (problem,) = problems_of("a" * (MAX_LENGTH + 1))
    assert problem.startswith(
        f"keywords.txt:1:1: it is {MAX_LENGTH + 1} characters long; use at most 200\n"
    )


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Video Anomaly Detection", "video-anomaly-detection"),
        ("  C++ & friends  ", "c-friends"),
        ("snake_case", "snake-case"),
        ("Straße", "strasse"),
        ("\uff26ull width", "full-width"),
        ("視頻理解", "視頻理解"),
        ("../../etc/passwd", "etc-passwd"),
        ("...", ""),
    ],
)
def test_a_slug_is_lower_case_words_joined_by_hyphens(name: str, slug: str) -> None:
    """A page's name has the topic's letters and digits, and hyphens."""
    assert slugify(name) == slug


@given(FILES)
def test_any_text_gives_topics_or_errors_with_real_places(text: str) -> None:
    """Any file gives topics or errors, each with a line and column that exist."""
    lines = re.split(r"\r\n|\r|\n", text)
    topics: tuple[Topic, ...] = ()
    problems: tuple[str, ...] = ()
    try:
        topics = parse_keywords(text)
    except InputError as error:
        problems = error.problems
    assert bool(topics) != bool(problems)
    for problem in problems:
        told, *shown = problem.split("\n")
        match = re.fullmatch(r"keywords\.txt:(\d+):(?:(\d+):)? \S.*", told, re.DOTALL)
        assert match is not None
        assert 1 <= int(match[1]) <= len(lines)
        if match[2]:
            assert 1 <= int(match[2]) <= max(1, len(lines[int(match[1]) - 1]))
            assert len(shown) == 2
            assert shown[1].strip() == "^"
    assert [topic.line for topic in topics] == sorted({topic.line for topic in topics})
    assert len({topic.slug for topic in topics}) == len(topics)
    for topic in topics:
        assert topic.name == " ".join(topic.name.split())
        if topic.written is None:
            assert lines[topic.line - 1].replace('"', " ").split()[: len(topic.name.split())] == (
                topic.name.split()
            )
        assert topic.slug == slugify(topic.slug) != ""
        assert "/" not in topic.slug
        (again,) = parse_keywords(print_topic(topic))
        assert (again.name, again.query) == (topic.name, topic.query)


@pytest.mark.parametrize(("character", "length"), [("a", MAX_LENGTH), ("é", 100), ("視", 66)])
def test_the_longest_topic_of_any_script_has_a_page(
    tmp_path: Path, character: str, length: int
) -> None:
    """The longest topic of any script has a page that the file system accepts."""
    (topic,) = parse_keywords(f"{character * length}: widgets")
    (tmp_path / f"{topic.slug}.md").write_text("a page", encoding="utf-8")
    with pytest.raises(InputError, match=r"make the heading shorter|use at most"):
        parse_keywords(f"{character * (length + 1)}: widgets")


def test_a_topic_whose_letters_are_written_out_in_its_page_name_may_be_too_long() -> None:
    """One letter may expand to a sentence; the limit is on the page's name."""
    with pytest.raises(InputError, match="its page's name would be longer than"):
        parse_keywords("\ufdfa" * 20 + ": widgets")


def test_a_huge_file_is_one_error(tmp_path: Path) -> None:
    """A file of two million lines is refused as a whole, at once."""
    (tmp_path / "keywords.txt").write_text("x\n" * 2_000_000)
    with pytest.raises(InputError, match=r"it has 4,000,000 characters") as caught:
        read_keywords(tmp_path)
    assert len(caught.value.problems) == 1


def test_a_byte_order_mark_is_no_part_of_the_first_topic(tmp_path: Path) -> None:
    """A file saved by Notepad is read like any other."""
    (tmp_path / "keywords.txt").write_bytes(b"\xef\xbb\xbfDiffusion\r\n")
    assert read_keywords(tmp_path) == (Topic("Diffusion", 1),)


def test_a_missing_file_is_reported_with_the_remedy(tmp_path: Path) -> None:
    """Without keywords.txt the error says where it should be and what to write."""
    with pytest.raises(InputError) as caught:
        read_keywords(tmp_path)
    assert caught.value.problems == (
        f"keywords.txt:1: the file is missing from {tmp_path}; create it with one topic a line",
    )


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_a_file_that_is_not_utf_8_is_reported_with_its_first_bad_line(
    tmp_path: Path, start: bytes, end: bytes
) -> None:
    """The error names the line of the first byte that is not UTF-8."""
    (tmp_path / "keywords.txt").write_bytes(start + end.join([b"One", b"Two", b"d\xe9j\xe0 vu"]))
    with pytest.raises(InputError) as caught:
        read_keywords(tmp_path)
    assert caught.value.problems == (
        "keywords.txt:3: it is not UTF-8; save the file with the encoding UTF-8",
    )


def test_the_error_for_bad_input_exits_with_2() -> None:
    """An error in keywords.txt is bad input, for which the command line exits with 2."""
    assert InputError(["x"]).exit_code == 2


@pytest.mark.parametrize(
    ("line", "place", "told"),
    [
        (
            "X: LLM & -survey",
            8,
            "words are missing after '&'; an exclusion needs no '&', delete it",
        ),
        ("X: a1 | RAG | -survey", 13, "words are missing after '|'; an exclusion needs no '|'"),
        ("LLM -author: Finn", 5, "'-author:' may be meant as a field: write & before it"),
        ("vision author: Finn", 8, "'author:' may be meant as a field: write & before it"),
        ("astro-ph", 1, "astro-ph is a whole archive; write astro-ph.*"),
    ],
)
def test_an_ambiguous_line_is_refused_at_its_place(line: str, place: int, told: str) -> None:
    """A slip that would change the meaning is refused at its place, with a remedy."""
    with pytest.raises(InputError) as caught:
        parse_keywords(line)
    assert caught.value.problems[0].startswith(f"keywords.txt:1:{place}: {told}")


# Groups.


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_name_in_brackets_groups_the_topics_below_it(end: str) -> None:
    """A line that is only a name in brackets is no topic, and names the group of those below."""
    lines = ("First", " [ Computer  Vision ] # mine", "Second: one | two", "[1: R&D, x]", "cs.MM")
    found = parse_keywords(end.join(lines))
    groups = [(topic.name, topic.group, topic.line) for topic in found]
    assert groups == [
        ("First", "", 1),
        ("Second", "Computer Vision", 3),
        ("cs.MM", "1: R&D, x", 5),
    ]


@pytest.mark.parametrize(
    "line",
    ["[cs.CV]", "[cs.CV, cs.LG]", "[cs.VC]", "[]", "[ - ]", "[a [b]]", '["a"]', "[a\u200bb]"],
)
def test_brackets_that_cannot_be_a_group_are_refused(line: str) -> None:
    """Categories alone were meant for words, and no other brackets make a name."""
    with pytest.raises(InputError):
        parse_keywords(f"{line}\nVideo Understanding\n")
