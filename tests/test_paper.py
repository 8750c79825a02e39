from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.arxiv.parse_atom import UnbelievableError, check_paper, parse_feed
from daily_papers.clock import format_time, parse_time
from daily_papers.store.json_encoding import from_json, read_object, to_json, write_json
from daily_papers.store.paper import Paper, split_identifier
from daily_papers.text.white_space import one_line, paragraphs
from factories import NIGHT, make_paper

# What XML can hold: surrogates cannot come.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TIMES = st.datetimes(
    datetime(1991, 8, 14),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))
PAPERS = st.builds(
    Paper,
    arxiv_id=st.from_regex(r"\A[0-9]{4}\.[0-9]{4,5}\Z") | st.just("quant-ph/0201082"),
    version=st.integers(1, 99),
    title=TEXT,
    authors=st.lists(TEXT, max_size=3).map(tuple),
    abstract=TEXT,
    categories=st.lists(TEXT, max_size=3).map(tuple),
    primary_category=TEXT,
    comment=TEXT,
    journal_ref=TEXT,
    doi=TEXT,
    published=TIMES,
    updated=TIMES,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2412.19178", ("2412.19178", None)),
        ("2412.19178v12", ("2412.19178", 12)),
        ("0704.0001v1", ("0704.0001", 1)),
        ("quant-ph/0201082", ("quant-ph/0201082", None)),
        ("math.GT/0309136v2", ("math.GT/0309136", 2)),
        ("http://arxiv.org/abs/2412.19178v1", ("2412.19178", 1)),
        ("https://arxiv.org/abs/astro-ph/0601001v1", ("astro-ph/0601001", 1)),
        ("oai:arXiv.org:2412.19178v3", ("2412.19178", 3)),
        (" 2412.19178v1\n", ("2412.19178", 1)),
    ],
)
def test_an_identifier_is_read_in_each_form_arxiv_uses(
    text: str, expected: tuple[str, int | None]
) -> None:
    """New and old identifiers, addresses and OAI names give identifier and version apart."""
    assert split_identifier(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "2412", "2412.191", "2412.191789", "2412.19178v0", "2412.19178v", "x/1", "٢٤١٢.١٩١٧٨"],
)
def test_any_other_text_is_no_identifier(text: str) -> None:
    """A text that is no arXiv identifier raises ValueError."""
    with pytest.raises(ValueError, match="not an arXiv identifier"):
        split_identifier(text)


def test_the_versioned_identifier_is_that_of_arxiv() -> None:
    """The versioned identifier ends with `v` and the version."""
    assert make_paper(version=3, arxiv_id="2412.19178").versioned_id == "2412.19178v3"


@pytest.mark.parametrize(
    ("arxiv_id", "sample"),
    [
        ("2412.19178", False),
        ("2401.00001", False),
        ("0704.0001", False),
        ("1312.9999", False),
        ("quant-ph/0201082", False),
        ("hep-th/9912131", False),
        ("2413.00001", True),
        ("2599.00001", True),
        ("quant-ph/0213082", True),
    ],
)
def test_an_invented_paper_is_known_by_its_month(arxiv_id: str, *, sample: bool) -> None:
    """A paper is a sample if the month in its identifier is above 12."""
    assert make_paper(arxiv_id=arxiv_id).is_sample is sample


@pytest.mark.parametrize(
    "comment",
    [
        "This paper has been withdrawn by the author due to an error in section 3",
        "This submission has been withdrawn by arXiv administrators",
        "Withdrawn",
        "[withdrawn] see the new paper",
        "Paper is withdrawn because of a wrong proof",
        "12 pages. Withdrawn by the authors",
        "The article was withdrawn.",
        "this version is WITHDRAWN",
        "Paper withdrawn",
        "Retracted. See arXiv:2699.00001 for the corrected version",
        "Withdraw due to a missing consent",
        "Withdrawal because of an error in Lemma 2",
        "v2: withdrawn, superseded by arXiv:2699.00001",
        "I am withdrawing this paper: Lemma 2 is false",
        "We would therefore like to withdraw the manuscript and to revise it",
        "After a discussion the authors have decided to withdraw",
        "The corresponding author withdrew this submission",
        "We retract due to an error in Lemma 2",
        "I respectfully request its withdrawal",
        "This withdrawal is due to a change of plans",
        "This article has been retracted by the authors",
        "There are errors in the proof, and the paper needs to be withdrawn",
        "I ask that this work be withdrawn",
        "arXiv admin note: This version has been removed by arXiv administrators",
        "arXiv administrators have removed this submission",
        "The earlier version had an error; this paper is now fully withdrawn",
        "Accepted at CVPR 2026. This paper has been withdrawn by the authors",
    ],
)
def test_a_withdrawn_paper_is_known_by_its_comment(comment: str) -> None:
    """A paper is withdrawn if its comment has one of the usual sentences."""
    assert make_paper(comment=comment).is_withdrawn


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "12 pages, 3 figures",
        "We study drugs withdrawn from the market",
        "An earlier dataset has been removed; withdrawn items are marked in the appendix",
        "accepted at NeurIPS; not withdrawn",
        "It could be withdrawn if it is accepted",
        "Section 6 is withdrawn",
        "Replaces the withdrawn manuscript arXiv:2699.00001",
        "Corrects arXiv:2699.00001, which was withdrawn by the authors",
        "A previous version of this paper was retracted by the authors",
        "Earlier version withdrawn. This one corrects the proof",
        "v2 was inadvertently withdrawn",
        "The proof in Section 2 has been removed",
    ],
)
def test_a_paper_that_only_speaks_of_withdrawal_is_not_withdrawn(comment: str) -> None:
    """The word alone does not make a paper withdrawn."""
    assert not make_paper(comment=comment).is_withdrawn


@pytest.mark.parametrize(
    "elsewhere",
    [
        "An earlier version of this paper was withdrawn from ICLR 2025",
        "This paper was withdrawn from ICLR 2025 before the reviews",
        "We withdrew it from ICLR 2025",
        "The workshop paper was withdrawn by the authors",
        "It was submitted to ICLR 2025 and withdrawn",
        "Our previous submission to ICLR, which we withdrew, is another paper",
    ],
)
def test_an_accepted_paper_that_was_withdrawn_elsewhere_keeps_its_venue(elsewhere: str) -> None:
    """An earlier version, or a submission to another venue, is not this paper."""
    paper = make_paper(comment=f"Accepted at CVPR 2026. {elsewhere}")
    assert not paper.is_withdrawn
    assert paper.venue == "CVPR 2026"


def test_only_the_comment_says_that_a_paper_is_withdrawn() -> None:
    """Title and abstract do not make a paper withdrawn."""
    paper = make_paper(title="Withdrawn", abstract="This paper has been withdrawn")
    assert not paper.is_withdrawn


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ""),
        ("  one\n two\t\u2028three  ", "one two three"),
        ("plain", "plain"),
    ],
)
def test_a_line_has_single_blanks(text: str | None, expected: str) -> None:
    """Every run of white space, with line breaks, becomes one space."""
    assert one_line(text) == expected


def test_an_abstract_keeps_its_paragraphs_and_loses_its_line_breaks() -> None:
    """Lines are joined; an indented line, or one after an empty line, begins a paragraph."""
    text = "  The first\nparagraph goes\non.\n  The second one.\n\nThe third\n one?\n"
    assert paragraphs(text).split("\n") == [
        "The first paragraph goes on.",
        "The second one.",
        "The third",
        "one?",
    ]
    assert paragraphs(None) == ""


@given(st.text(st.sampled_from("ab \n\t\r") | st.characters()))
def test_paragraphs_lose_no_word(text: str) -> None:
    """The words of an abstract and their order stay, whatever its line breaks."""
    found = paragraphs(text)
    assert found.split() == text.split()
    assert all(line == one_line(line) != "" for line in found.split("\n") if found)


def written(paper: Paper) -> dict[str, Any]:
    """Return a paper as the JSON object that is written of it."""
    return read_object(write_json(to_json(paper)))


@given(PAPERS)
def test_a_paper_is_the_same_after_writing_and_reading(paper: Paper) -> None:
    """JSON gives back every field of any paper as it was."""
    assert from_json(written(paper), Paper) == paper


def test_a_fact_that_arxiv_left_out_takes_no_room() -> None:
    """Empty fields are not written; the others have arXiv's names."""
    facts = written(make_paper(authors=(), comment="", abstract=""))
    assert list(facts) == [
        "arxiv_id",
        "version",
        "title",
        "categories",
        "primary_category",
        "published",
        "updated",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"arxiv_id": "2412.19178v1"},
        {"arxiv_id": "no identifier"},
        {"arxiv_id": "2412.19178\n"},
        {"version": None},
        {"version": "one"},
        {"version": "1"},
        {"title": 1},
        {"authors": "Ada Lovelace"},
        {"authors": ["Ada Lovelace", 1]},
        {"comment": None},
        {"published": "yesterday"},
        {"published": "2026-11-20T04:17:00"},
        {"published": "2026-11-20T05:17:00+01:00"},
        {"updated": None},
    ],
)
def test_a_value_of_another_type_is_refused(change: dict[str, object]) -> None:
    """A paper is not read from JSON with a wrong type, identifier or time."""
    with pytest.raises(ValueError, match=r"Expected|Invalid|not in UTC"):
        from_json(written(make_paper()) | change, Paper)


@pytest.mark.parametrize(
    "facts",
    [
        {"published": datetime(1969, 12, 31, tzinfo=UTC)},
        {"updated": datetime(1, 1, 2, tzinfo=UTC)},
        {"version": 10_000},
    ],
)
def test_what_the_store_would_not_read_is_not_believed(facts: dict[str, Any]) -> None:
    """One paper of arXiv cannot leave a store that no later night can read."""
    with pytest.raises(UnbelievableError, match="it cannot be kept"):
        check_paper(make_paper(**facts), NIGHT)


@pytest.mark.parametrize("name", ["arxiv_id", "version", "published", "updated"])
def test_a_fact_without_which_there_is_no_paper_is_never_guessed(name: str) -> None:
    """A paper is not read from JSON without identifier, version and times."""
    facts = written(make_paper())
    del facts[name]
    with pytest.raises(ValueError, match=f"missing required field `{name}`"):
        from_json(facts, Paper)


@pytest.mark.parametrize(
    "text", ["2026-11-20T04:17:00Z", "2026-11-20T05:17:00+01:00", "2026-11-20T04:17:00"]
)
def test_a_time_is_read_as_utc(text: str) -> None:
    """A time with an offset is converted to UTC; one without is UTC."""
    assert parse_time(text) == datetime(2026, 11, 20, 4, 17, tzinfo=UTC)
    assert parse_time(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "0001-01-01T00:00:00+23:00"])
def test_any_other_text_is_no_time(text: str) -> None:
    """A text that is no time, or a time that UTC cannot express, raises ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011 - the library's words, in part
        parse_time(text)


@given(TIMES)
def test_a_time_is_the_same_after_writing_and_reading(moment: datetime) -> None:
    """Times in whole seconds are read back as they were."""
    assert parse_time(format_time(moment)) == moment


@pytest.mark.parametrize(
    ("authors", "names", "groups"),
    [
        (
            "ACME Research|:|A. Aardvark|B. Bear",
            "ACME Research|A. Aardvark|B. Bear",
            "ACME Research",
        ),
        ("X Team|Y|:|A. One|Z Lab|:|B. Two", "X Team|Y|A. One|Z Lab|B. Two", "Y|Z Lab"),
        (
            "ACME Research: A. Aardvark|and B. Bear",
            "ACME Research|A. Aardvark|B. Bear",
            "ACME Research",
        ),
        (" ACME Team:|K. Merz,||;", "ACME Team|K. Merz", "ACME Team"),
        (":|Anders And|and|andy warhol", "Anders And|and|andy warhol", ""),
        ("", "", ""),
    ],
)
def test_names_are_the_authors_without_punctuation(authors: str, names: str, groups: str) -> None:
    """A colon between a group and its members is no author, and neither is an "and"."""
    paper = make_paper(1, authors=tuple(authors.split("|")))
    assert "|".join(paper.names) == names
    assert "|".join(sorted(paper.groups)) == groups


def test_a_text_does_not_end_at_a_comment() -> None:
    """Comments and processing instructions of XML are no part of a title, nor its end."""
    feed = parse_feed(
        b'<feed xmlns="http://www.w3.org/2005/Atom"><t>Of <!--x--><?y?>two</t></feed>'
    )
    assert feed[0].text == "Of two"
