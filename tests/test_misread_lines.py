"""Lines of keywords.txt that arXiv would search for as something else than their reader expects."""

import re
from pathlib import Path

import pytest

from daily_papers.cli import main
from daily_papers.topics.arxiv_query import arxiv_query
from daily_papers.topics.categories import category_fault
from daily_papers.topics.phrase_advice import remarks, what_to_try
from daily_papers.topics.query_tree import Field, Phrase, Search
from test_query_language import asked, faults, phrase, read

MINUS = "write a minus directly before what to exclude"
LIST = "a line needs no mark or number in front, as lists have; delete it"
COMMA = "a comma separates nothing: write | if either may occur, & if both must"
SEMICOLON = COMMA.replace("comma", "semicolon")
SEVERAL = "these are several categories; for all their papers, write each alone on a line, or "
SCRIPT = "arXiv's titles and abstracts are in English"
ENCODED = "this is encoded as in an address, and arXiv would get it encoded twice; write: ="
WILDCARD = "is no wildcard in a phrase: arXiv's search drops it"
DROPPED = "is dropped by arXiv's search: there are no weights and no fuzzy words"
NAME = "may be a name or several words: write it in quotation marks if it is a name"
ONLY_A_HEADING = "is only a heading here; to search in it, write it in brackets after a heading"
DASH = "is a dash; type a plain minus to exclude the word after it: -"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("LLM AND agents", ["5: AND is no operator here: write &;"]),
        ("RLHF OR DPO", ["6: OR is no operator here: write |;"]),
        ("NOT survey", [f"1: NOT is no operator here: {MINUS};"]),
        ("x1 & y1 ANDNOT z1", [f"9: ANDNOT is no operator here: {MINUS};"]),
        ("A: neural widget AND x1 (y1)", ["18: AND is no operator here", "25: something is"]),
        ("cs.CV, cs.LG", [f"1: {SEVERAL}Heading: = cat:cs.CV OR cat:cs.LG"]),
        ("A: cs.AI+cs.CV", [f"4: {SEVERAL}Heading: = cat:cs.AI OR cat:cs.CV"]),
        ("cs.CV OR hep-th", [f"1: {SEVERAL}Heading: = cat:cs.CV OR cat:hep-th"]),
        ("neural widget, x1, y1", [f"14: {COMMA}"]),
        ("A: x1;y1 | z1 -y1, z1", [f"6: {SEMICOLON}", f"18: {COMMA}", "20: something is missing"]),
        ("1. neural widget", [f"1: {LIST}"]),
        (" 12) neural widget", [f"2: {LIST}"]),
        ("- neural widget", [f"1: {LIST}"]),
        ("• neural widget", [f"1: {LIST}"]),
        ("A: 1. x1 | 2. y1", [f"4: {LIST}", f"12: {LIST}"]),
        ("Widget：x1", ["7: ： is in full width; type it plain: :"]),
        ("视频：（x1｜y1）", ["3: ：（ is in full width; type it plain: :(", "7: ｜", "10: ）"]),
        ("A: x1 ＆ y1", ["7: ＆ is in full width; type it plain: &"]),
        ("A: ＬＬＭ", ["4: ＬＬＭ is in full width; type it plain: LLM"]),
        ("x1，y1", ["3: ， is in full width, and a comma separates nothing"]),
        ("x1；y1", [f"3: ； is in full width, and {SEMICOLON}"]),
        ("2412.19178", ["1: this is a paper's identifier; write words to search for, and papers"]),
        ("arXiv:2412.19178v2", ["1: this is a paper's identifier"]),
        ("x1 [cs.CV,]: y1", ["5: a category is missing beside a comma; write it, or delete the"]),
        ("x1 [cs.CV, , cs.CL]: y1", ["5: a category is missing beside a comma"]),
        ("A: 「x1」", ["4: 「 is a typographic quotation mark", "7: 」 is a typographic"]),
        ("x1 －survey", ["4: － is in full width; type it plain: -"]),
        ("NeRF –survey", [f"6: – {DASH}"]),
        ('NeRF −"a survey"', [f"6: − {DASH}"]),
        (
            "ti: x1",
            ["1: 'ti:' belongs to arXiv's own syntax, a query in which begins with =; here"],
        ),
        ("x1 & abs:y1", ["6: 'abs:' belongs to arXiv's own syntax"]),
        ("A: au: Ada Lovelace", ["4: 'au:' belongs to arXiv's own syntax"]),
        ("all:x1", ["1: 'all:' belongs to arXiv's own syntax"]),
        ("cat: cs.CV", ["1: 'cat:' belongs to arXiv's own syntax"]),
        ("A = all:x1", ["1: 'A =' has only", "3: a query in arXiv's own syntax", "5: 'all:'"]),
        ("author: author: Ada", ["1: 'author:' is read as a field; if it is the heading, put it"]),
        ("C++", ["1: 'C++' would be searched as 'c': arXiv drops signs"]),
        ("A: x1 | .NET -C#", ["9: '.NET' would be searched as 'net'", "15: 'C#' would be"]),
        ("Q&A", ["1: 'Q&A' would be searched as 'q': arXiv drops signs, and words such as 'a'"]),
        ('A: "AT&T"', ["4: 'AT&T' would be searched as 't'"]),
        ("R&D", [f"1: R&D {NAME}"]),
        ("S&P 500", [f"1: S&P {NAME}"]),
        ("A: x1 | V&V", [f"9: V&V {NAME}"]),
        ("大语言模型", [f"1: {SCRIPT}"]),
        ('A: x1 | "язык"', [f"10: {SCRIPT}"]),
        ("A: author: Иван", [f"12: {SCRIPT}"]),
        ("= au:del_maestro+AND+ti:x1", [f"17: {ENCODED} au:del_maestro AND ti:x1"]),
        ("A: = all:%22x+y%22", [f'10: {ENCODED} all:"x y"']),
        (
            "= https://export.arxiv.org/api/query?search_query=ti:%22x+y%22&start=0",
            [f'3: {ENCODED} ti:"x y"'],
        ),
        ("= ti：x1", ["5: ： is in full width"]),
        ("= ti:видео", [f"6: {SCRIPT}"]),
        ("A* search", ["2: 'A*' cannot be searched for: arXiv's search drops signs"]),
        ("d*", ["2: 'd*' would be searched as 'd'"]),
        ("quant*", [f"6: * {WILDCARD}"]),
        ('A: "synthesi?"', [f"13: ? {WILDCARD}"]),
        ("keyword^2", [f"8: ^ {DROPPED}"]),
        ("deep widget~2", [f"12: ~ {DROPPED}"]),
        ("cs.CV: x1", [f"1: cs.CV {ONLY_A_HEADING}, as in Heading [cs.CV]: words"]),
        ("astro-ph: x1", [f"1: astro-ph {ONLY_A_HEADING}, as in Heading [astro-ph.*]: words"]),
        ("cs.CV, cs.LG: x1", [f"1: cs.CV, cs.LG {ONLY_A_HEADING}"]),
        ("what makes one widget better than any other", ["1: this is one phrase of 8 words"]),
        ("视\u200d: x1", ["2: it has an invisible control character"]),
    ],
)
def test_a_line_that_would_find_something_else_is_refused(line: str, expected: list[str]) -> None:
    """Each slip is refused at its place, with the right form, and without errors that follow."""
    told = faults(line)
    assert len(told) == len(expected), told
    for one, start in zip(told, expected, strict=True):
        assert one.startswith(f"keywords.txt:1:{start}")


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ('"R&D" -"S&P 500"', '((ti:"R&D" OR abs:"R&D") ANDNOT (ti:"S&P 500" OR abs:"S&P 500"))'),
        ("LLM&agents", '((ti:"LLM" OR abs:"LLM") AND (ti:"agents" OR abs:"agents"))'),
        ('title: "AND gates, x1"', 'ti:"AND gates, x1"'),
        ("author: Lovelace, Ada", 'au:"Lovelace, Ada"'),
        ("title: 3,000 volts", 'ti:"3,000 volts"'),
        ("AU: title: action unit", 'ti:"action unit"'),
        ("All: title: x1", 'ti:"x1"'),
        ("1. Widgets: title: x1", 'ti:"x1"'),
        ('"cs.CV": title: x1', 'ti:"x1"'),
        ("cs.CV: = cat:cs.CV AND ti:x1", "cat:cs.CV AND ti:x1"),
        ("大语言模型（新）: title: x1", 'ti:"x1"'),
        ("هوش\u200cمصنوعی: title: x1", 'ti:"x1"'),
        ("title: C++ templates", 'ti:"C++ templates"'),
        ("title: β-VAE", 'ti:"β-VAE"'),
        ('title: "what makes one widget better than any other"', None),
        ('A: = ti:C++ AND abs:"x+y"', 'ti:C++ AND abs:"x+y"'),
        ("A: = ti:quant*", "ti:quant*"),
    ],
)
def test_a_line_with_such_a_sign_in_its_right_place_is_searched(
    line: str, query: str | None
) -> None:
    """What has a meaning where it stands, or is in quotation marks, is no slip."""
    found = arxiv_query(read(line), ())
    assert query in (None, found)


def test_a_joiner_in_a_heading_is_no_part_of_its_page_name() -> None:
    """A heading may have the joiners of its script; with and without, it names the same page."""
    assert read("هوش\u200cمصنوعی: x1").slug == read("هوشمصنوعی: x1").slug


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("AT Protocol", ["of 'AT Protocol' only 'protocol' is searched: arXiv ignores 'at'"]),
        ("A: x1 | Vitamin A", ["of 'Vitamin A' only 'vitamin' is searched: arXiv ignores 'a'"]),
        ('x1 -"a survey"', ["of 'a survey' only 'survey' is searched: arXiv ignores 'a'"]),
        ("C++ templates", ["'C++ templates' is searched as 'c templates': arXiv drops its signs"]),
        ('"Q&A system"', ["'Q&A system' is searched as 'q system': arXiv drops its signs"]),
        ('"R&D"', []),
        ("author: A Lovelace", []),
        ("state of the art", []),
        ("cs.CV", []),
    ],
)
def test_what_remains_of_a_phrase_is_told(line: str, told: list[str]) -> None:
    """A phrase of which arXiv searches less than is written gets a remark that says what."""
    assert list(remarks(asked(line))) == told


def test_a_long_phrase_is_told_to_be_one() -> None:
    """From six words on, a remark says that they must stand side by side."""
    (told,) = remarks(asked("one widget better than any other"))
    assert told.startswith("'one widget better than any other' is one phrase: its 6 words must")


def test_check_tells_what_remains_and_lists_each_topic_on_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check` accepts the file, and says what arXiv searches for."""
    (tmp_path / "keywords.txt").write_text("AT Protocol\nWidgets, red: widgets\n")
    assert main(["check", "--root", str(tmp_path)]) == 0
    told = capsys.readouterr()
    assert "keywords.txt:1: of 'AT Protocol' only 'protocol' is searched" in told.err
    assert told.out.splitlines()[:3] == ["2 topics:", "  AT Protocol", "  Widgets, red"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (asked("cs.CV"), "check its spelling"),
        (Search(phrase("x1", Field.BOTH)), "one word alone must be in title and abstract"),
        (Search(phrase("x1")), "add alternatives with | between them"),
        (asked("A: x1 | neural red widget"), "'neural red widget' is one phrase"),
        (Search(Phrase(("Ada", "Lovelace"), Field.AUTHOR)), "check its spelling"),
    ],
)
def test_what_to_try_depends_on_the_line(query: Search, told: str) -> None:
    """The advice for a line that finds nothing is about its longest phrase."""
    assert told in what_to_try(query)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("cs.VC", "cs.CV"), ("cs.LC", "cs.CL"), ("sc.RO", "cs.RO")],
)
def test_a_misspelt_category_gets_the_likeliest_first(name: str, meant: str) -> None:
    """Two letters in the wrong order are likelier than a wrong letter."""
    assert f"did you mean {meant}?" in (category_fault(name) or "")


def test_the_documentation_shows_lines_that_are_refused() -> None:
    """Each line in the table of docs/keywords.md is refused, and the message gives a remedy."""
    text = (Path(__file__).resolve().parents[1] / "docs/keywords.md").read_text("utf-8")
    table = text.split("| Line | Write instead |\n")[1].split("\n\n")[0]
    lines = [
        line for row in table.splitlines() for line in re.findall(r"`(.+?)`", row.split(" | ")[0])
    ]
    assert len(lines) == 24
    for line in lines:
        assert faults(line)
