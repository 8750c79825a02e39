import json
import re

from hypothesis import given
from hypothesis import strategies as st

from daily_papers.pages.json_export import HEAD, render_facts
from factories import TOPIC, make_entry, make_paper


def test_the_facts_are_arxivs_with_the_addresses() -> None:
    """Each paper has its identifiers, addresses, first night, and the facts under arXiv's names."""
    paper = make_paper(1, version=2, comment="8 pages", doi="10.1/x")
    read = json.loads(render_facts(TOPIC, [make_entry(paper)]))
    assert read["topic"] == TOPIC
    assert read["papers"] == [
        {
            "id": "2611.00001",
            "versioned_id": "2611.00001v2",
            "abs": "https://arxiv.org/abs/2611.00001v2",
            "pdf": "https://arxiv.org/pdf/2611.00001v2",
            "first_seen": "2026-11-20T04:17:00Z",
            "version": 2,
            "title": "Paper 1",
            "authors": ["Ada Lovelace", "Charles Babbage"],
            "abstract": "What paper 1 is about.",
            "categories": ["cs.CV"],
            "primary_category": "cs.CV",
            "comment": "8 pages",
            "doi": "10.1/x",
            "published": "2026-10-21T03:17:00Z",
            "updated": "2026-11-20T03:17:00Z",
        }
    ]


def test_authors_are_names() -> None:
    """All authors are listed, without the colon between a group and its members."""
    paper = make_paper(1, authors=("ACME", ":", *map(str, range(3000))))
    (read,) = json.loads(render_facts(TOPIC, [make_entry(paper)]))["papers"]
    assert read["authors"] == ["ACME", *map(str, range(3000))]


def test_each_paper_is_a_line_in_the_given_order() -> None:
    """A new paper adds one line, and the others stay as they are."""
    before = render_facts(TOPIC, [make_entry(2), make_entry(3)]).splitlines()
    after = render_facts(TOPIC, [make_entry(1), make_entry(2), make_entry(3)]).splitlines()
    assert [line for line in after if line not in before] == [after[4]]
    assert len(after) == len(before) + 1


def test_a_topic_without_papers_has_an_empty_list() -> None:
    """A file without papers has the topic and the mark of the job's files."""
    text = render_facts(TOPIC, [])
    assert text.startswith(HEAD)
    assert json.loads(text)["papers"] == []


def test_invented_papers_are_labelled() -> None:
    """A file with invented papers has a label; one of real papers does not."""
    sample = render_facts(TOPIC, [make_entry(make_paper(1, arxiv_id="2613.00001"))])
    assert json.loads(sample)["note"] == "These papers are a sample, invented to show the page"
    assert "note" not in json.loads(render_facts(TOPIC, [make_entry(1)]))


@given(st.text(st.sampled_from('"\\/\n\x00\x85\u2028\ud800\ufffe') | st.characters()))
def test_whatever_papers_say_it_is_one_line_of_json(said: str) -> None:
    """No text breaks the JSON, its lines or its encoding; only lone surrogates are replaced."""
    paper = make_paper(1, title=said, authors=(said,))
    text = render_facts(said, [make_entry(paper)])
    read = json.loads(text.encode())
    assert len(text.splitlines()) == len(render_facts("", [make_entry(1)]).splitlines())
    whole = re.sub("[\ud800-\udfff]", "\ufffd", said)
    assert read["topic"] == whole
    assert read["papers"][0].get("title", "") == whole
