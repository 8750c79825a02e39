from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from daily_papers.clock import format_time
from daily_papers.pages.atom_feed import HEAD, LIMIT, NO_AUTHOR, SCHEME, feed_id, render_feed
from daily_papers.pages.feeds_and_exports import feeds_and_exports
from daily_papers.pages.pieces import View
from daily_papers.settings import Settings
from daily_papers.store.entry_types import Entry, Revision
from daily_papers.store.paper import Paper
from factories import NIGHT, make_entry, make_paper, make_store

SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))
ATOM = "{http://www.w3.org/2005/Atom}"
WHERE = "papers/feeds/video.xml"
DAY = timedelta(days=1)

hostile = st.text(
    st.one_of(
        st.sampled_from("<>&]]>'\"\n\t\x00\x0b\x85\ufffe\uffff\ud800\u2028$\\{"), st.characters()
    )
)


def feed(*entries: Entry, **facts: Any) -> str:  # noqa: ANN401 - any of its arguments
    """Return a feed with usual links; `facts` replace its arguments."""
    usual = {"title": "Video", "path": WHERE, "created": NIGHT}
    return render_feed(entries=entries, **(usual | facts))


def checked(text: str) -> etree._Element:
    """Return a feed's root after checking it with the schema and with a feed reader."""
    root = etree.fromstring(text.encode())
    assert SCHEMA.validate(root), SCHEMA.error_log
    read = feedparser.parse(BytesIO(text.encode()))
    assert not read.bozo, read.get("bozo_exception")
    assert len(read.entries) == len(root.findall(f"{ATOM}entry"))
    return root


def texts(root: etree._Element, path: str) -> list[str | None]:
    """Return the texts of the elements at a path such as `entry/author/name`."""
    names = "/".join(f"{ATOM}{name}" for name in path.split("/"))
    return [element.text for element in root.findall(names)]


def test_the_schema_finds_faults() -> None:
    """The schema used by the other tests rejects what the RFC forbids."""
    good = feed(make_entry(1))
    checked(good)
    for old, new in [
        ("<id>https://arxiv.org/abs/2611.00001</id>\n", ""),
        ("<title>Video</title>", "<title>Video</title><title>Again</title>"),
        ("<updated>2026-11-20T03:17:00Z</updated>", "<updated>2026-11-20</updated>"),
        ('term="cs.CV" ', ""),
        ("<name>Ada Lovelace</name>", ""),
        ("<summary>", '<summary type="plain">'),
        ("<generator>", "<unknown/><generator>"),
    ]:
        assert old in good
        assert not SCHEMA.validate(etree.fromstring(good.replace(old, new).encode()))


def test_an_entry_has_every_field() -> None:
    """An entry has an id without version, a link with it, dates, authors, categories, abstract."""
    paper = make_paper(
        1,
        version=2,
        title=r"$\alpha$-Video",
        abstract="First & $x_1$.\nSecond.",
        categories=("cs.RO", "cs.CV"),
        primary_category="cs.CV",
    )
    root = checked(feed(make_entry(paper)))
    (entry,) = root.findall(f"{ATOM}entry")
    assert texts(entry, "id") == ["https://arxiv.org/abs/2611.00001"]
    assert texts(entry, "title") == ["α-Video"]
    assert texts(entry, "published") == [format_time(paper.published)]
    assert texts(entry, "updated") == [format_time(paper.updated)]
    assert texts(entry, "author/name") == ["Ada Lovelace", "Charles Babbage"]
    assert texts(entry, "summary") == ["First & x₁.\n\nSecond."]
    (link,) = entry.findall(f"{ATOM}link")
    assert link.attrib == {
        "rel": "alternate",
        "type": "text/html",
        "href": "https://arxiv.org/abs/2611.00001v2",
    }
    categories = [dict(one.attrib) for one in entry.findall(f"{ATOM}category")]
    assert categories == [{"term": term, "scheme": SCHEME} for term in ("cs.CV", "cs.RO")]


def test_a_feed_tells_what_it_is() -> None:
    """A feed has id, title and generator, and the mark of the job's files."""
    root = checked(feed())
    assert texts(root, "id") == [feed_id(WHERE, NIGHT)]
    assert texts(root, "title") == ["Video"]
    assert texts(root, "generator") == ["Daily Papers"]
    assert feed().startswith(HEAD)


def test_a_feeds_date_is_that_of_its_newest_version() -> None:
    """A feed has the date of its newest version, and an empty one the date of the first night."""
    old = make_paper(1, published=NIGHT, updated=NIGHT - timedelta(days=3))
    new = make_paper(2, updated=NIGHT - timedelta(days=2))
    root = checked(feed(make_entry(old), make_entry(new)))
    assert texts(root, "updated") == ["2026-11-18T04:17:00Z"]
    assert texts(root, "entry/id") == [
        "https://arxiv.org/abs/2611.00002",
        "https://arxiv.org/abs/2611.00001",
    ]
    assert texts(checked(feed()), "updated") == ["2026-11-20T04:17:00Z"]


def test_a_feed_keeps_the_newest_entries() -> None:
    """Beyond the limit the oldest entries are left out, whatever the order of the input."""
    entries = [make_entry(number) for number in range(1, LIMIT + 21)]
    text = feed(*reversed(entries))
    found = texts(checked(text), "entry/id")
    assert found == [f"https://arxiv.org/abs/2611.{number:05d}" for number in range(1, LIMIT + 1)]
    assert text == feed(*entries)


@pytest.mark.parametrize("max_papers", [100, 20])
def test_a_feed_has_all_news_of_the_last_days(max_papers: int) -> None:
    """However many came in the last nights, each is in its topic's feed and in that of all."""
    old = [make_entry(number, first_seen=NIGHT - 4 * DAY) for number in range(1000, 1400)]
    news = [make_entry(number, first_seen=NIGHT - 2 * DAY) for number in range(1, 350)]
    revised = make_entry(
        make_paper(900, version=2), first_seen=NIGHT - 9 * DAY, revised=Revision(NIGHT, 1)
    )
    past = make_entry(make_paper(901, updated=NIGHT - 9 * DAY), silent=True)
    store = make_store([*old, *news, revised, past])
    pages = dict(feeds_and_exports(View(store, Settings(max_papers=max_papers))))
    expected = [f"https://arxiv.org/abs/2611.{number:05d}" for number in (*range(1, 350), 900)]
    for path in ("papers/feeds/video-understanding.xml", "papers/feeds/all.xml"):
        assert texts(checked(pages[path]), "entry/id") == expected


def test_a_feed_names_people_only() -> None:
    """The colon after a group is no author, and thousands of authors are shortened."""
    many = make_paper(1, authors=("ACME", ":", *(f"A. Body{n}x" for n in range(3000))))
    names = texts(checked(feed(make_entry(many))), "entry/author/name")
    assert names == ["ACME", *(f"A. Body{n}x" for n in range(29)), "et al."]


def test_what_a_paper_lacks_gets_what_atom_demands() -> None:
    """A paper without authors, title and abstract is a valid entry with its identifier as title."""
    bare = make_paper(1, authors=(), title="", abstract="", categories=(), primary_category="")
    root = checked(feed(make_entry(bare), make_entry(make_paper(2, authors=("\x00", "")))))
    assert texts(root, "entry/author/name") == [NO_AUTHOR, NO_AUTHOR]
    assert texts(root, "entry/title") == ["2611.00001", "Paper 2"]
    assert len(texts(root, "entry/summary")) == 1


def test_invented_papers_are_labelled() -> None:
    """A feed with invented papers has a label; one of real papers does not."""
    sample = checked(feed(make_entry(make_paper(1, arxiv_id="2613.00001"))))
    assert texts(sample, "subtitle") == ["These papers are a sample, invented to show the page"]
    assert not texts(checked(feed(make_entry(1))), "subtitle")


def test_a_feeds_id_lasts() -> None:
    """The id depends on the first night and the path only, and differs for both."""
    assert feed_id(WHERE, NIGHT) == "urn:uuid:5939b16b-0e60-53ca-9848-799c2ef9cbd3"
    ids = {
        feed_id(WHERE, NIGHT),
        feed_id(WHERE, NIGHT - timedelta(seconds=1)),
        feed_id("papers/feeds/all.xml", NIGHT),
    }
    assert len(ids) == 3


@given(st.lists(hostile, min_size=6, max_size=6))
def test_whatever_papers_say_the_feed_is_valid(said: list[str]) -> None:
    """No title, author, abstract or category breaks the XML, and all entries are there."""
    paper = Paper(
        arxiv_id="2611.00001",
        version=1,
        title=said[0],
        authors=(said[1], said[2]),
        abstract=said[3],
        categories=(said[4],),
        primary_category=said[5],
        comment="",
        journal_ref="",
        doi="",
        published=NIGHT,
        updated=NIGHT,
    )
    other = replace(paper, arxiv_id="2611.00002")
    entries = make_entry(paper), make_entry(other)
    text = render_feed(said[0], entries, WHERE, NIGHT)
    assert len(checked(text).findall(f"{ATOM}entry")) == 2
    assert text.endswith("</feed>\n")
