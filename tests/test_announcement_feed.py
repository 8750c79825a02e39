import http.server
import re
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import VirtualClock
from daily_papers.arxiv.announcement_feed import (
    MOST_ITEMS,
    fetch_announcements,
    split_authors,
)
from daily_papers.arxiv.paced_requests import FetchError, FetchState, PoliteSession
from daily_papers.topics.arxiv_query import MAX_ADDRESS
from daily_papers.topics.categories import ARCHIVES, CLASSES, archive_of, expand, within

MIDNIGHT = "2026-11-20T00:00:00-05:00"


def entry(
    name: str = "2699.00001v1",
    categories: Sequence[str] = ("cs.CV",),
    kind: str = "new",
    published: str = MIDNIGHT,
    title: str = "A title",
    authors: str = "Ada Example",
    more: str = "",
) -> str:
    """Return an entry as arXiv writes it."""
    terms = "".join(f'<category term="{category}"/>' for category in categories)
    return (
        f"<entry><id>oai:arXiv.org:{name}</id><title>{escape(title)}</title>"
        f"<summary>arXiv:{name} Announce Type: {kind} \nAbstract: First line\nsecond: &lt;x&gt;."
        f"</summary>{terms}<published>{published}</published>"
        f"<arxiv:announce_type>{kind}</arxiv:announce_type>{more}"
        f"<dc:creator>{escape(authors)}</dc:creator></entry>"
    )


def feed(*entries: str) -> bytes:
    """Return a feed as arXiv writes it."""
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<feed xmlns:arxiv="http://arxiv.org/schemas/atom" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="http://www.w3.org/2005/Atom">'
        f"<id>http://rss.arxiv.org/atom/x</id>{''.join(entries)}</feed>"
    ).encode()


class Feeds(http.server.ThreadingHTTPServer):
    """Serves one body for all categories, or a feed of the papers in them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.body: bytes | None = feed()
        self.status = 200
        self.papers: list[tuple[str, tuple[str, ...]]] = []
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def answer(self, classes: Sequence[str]) -> bytes:
        """Return the feed of these categories, cut like arXiv's."""
        if self.body is not None:
            return self.body
        shown = [
            entry(name, carried, "new" if carried[0] in classes else "cross")
            for name, carried in self.papers
            if set(carried) & set(classes)
        ]
        return feed(*shown[:MOST_ITEMS])


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers for `Feeds`."""

    protocol_version = "HTTP/1.1"
    server: Feeds

    def do_GET(self) -> None:
        """Answer."""
        self.server.asked.append(self.path)
        body = self.server.answer(self.path.removeprefix("/atom/").split("+"))
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Log nothing."""


@pytest.fixture
def feeds() -> Iterator[Feeds]:
    """Return a feed server on loopback."""
    with Feeds() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def session(clock: VirtualClock) -> Iterator[PoliteSession]:
    """Return a session that waits on the virtual clock."""
    with PoliteSession(user_agent="test/1", clock=clock, deadline=1200.0) as polite:
        yield polite


def test_an_announcement_has_the_facts_of_the_paper(feeds: Feeds, session: PoliteSession) -> None:
    """Every field of an entry is read; fields that the feed does not have are empty."""
    feeds.body = feed(
        entry(
            "2699.00001v3",
            ("cs.CV", "cs.AI"),
            "replace",
            title=" A <b>bold</b>\n title",
            authors="Ada Example, Bob Sample (One University, Town), Cy Made Jr.",
            more="<arxiv:DOI>10.1/x</arxiv:DOI>"
            "<arxiv:journal_reference>J. 1</arxiv:journal_reference>",
        )
    )
    (one,) = fetch_announcements(session, feeds.url, ["cs.CV"])
    paper = one.paper
    assert one.announce_type == "replace"
    assert (paper.arxiv_id, paper.version) == ("2699.00001", 3)
    assert paper.title == "A <b>bold</b> title"
    assert paper.authors == ("Ada Example", "Bob Sample", "Cy Made Jr.")
    assert paper.abstract == "First line second: <x>."
    assert paper.categories == ("cs.CV", "cs.AI")
    assert paper.primary_category == "cs.CV"
    assert (paper.comment, paper.journal_ref, paper.doi) == ("", "J. 1", "10.1/x")
    assert paper.published == paper.updated == datetime(2026, 11, 20, 5, tzinfo=UTC)


def test_an_empty_feed_is_no_fault(feeds: Feeds, session: PoliteSession) -> None:
    """At weekends and on holidays the feed has no entries."""
    assert fetch_announcements(session, feeds.url, ["cs.*", "stat.*"]) == []


def test_classes_are_asked_for_by_archive(feeds: Feeds, session: PoliteSession) -> None:
    """There is one request for the classes of an archive, and one for all archives without any."""
    fetch_announcements(session, feeds.url + "/", ["stat.*", "hep-th", "econ", "gr-qc", "cs.CV"])
    assert feeds.asked == [
        "/atom/cs.CV",
        "/atom/econ.EM+econ.GN+econ.TH",
        "/atom/stat.AP+stat.CO+stat.ME+stat.ML+stat.OT+stat.TH",
        "/atom/gr-qc+hep-th",
    ]


def test_a_cut_feed_is_asked_for_in_halves(feeds: Feeds, session: PoliteSession) -> None:
    """The items beyond 2,000 are found by requests for fewer categories."""
    feeds.body = None
    orders = [("econ.EM",), ("econ.GN", "econ.EM"), ("econ.EM", "econ.TH"), ("econ.TH",)]
    feeds.papers = [(f"2699.{number:05}v1", orders[number % 4]) for number in range(2500)]
    found = fetch_announcements(session, feeds.url, ["econ.*"])
    assert [one.paper.versioned_id for one in found] == [name for name, _ in feeds.papers]
    assert {one.announce_type for one in found} == {"new"}, "some are cross as seen from one half"
    assert len(feeds.asked) == 1 + 2


def test_a_class_that_is_cut_by_itself_is_taken(feeds: Feeds, session: PoliteSession) -> None:
    """A single category cannot be split; its first 2,000 items are used."""
    feeds.body = None
    feeds.papers = [(f"2699.{number:05}v1", ("cs.CV",)) for number in range(MOST_ITEMS + 5)]
    assert len(fetch_announcements(session, feeds.url, ["cs.CV"])) == MOST_ITEMS
    assert len(feeds.asked) == 1


def test_addresses_are_of_a_length_that_servers_take(feeds: Feeds, session: PoliteSession) -> None:
    """Categories that would make the URL too long are split over several requests."""
    classes = [f"cs.{'X' * 90}{number:03}" for number in range(80)]
    fetch_announcements(session, feeds.url, classes)
    assert sum(path.count("+") + 1 for path in feeds.asked) == 80
    assert max(map(len, feeds.asked)) <= MAX_ADDRESS


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!DOCTYPE html><html><p>Maintenance<br></html>", "HTML"),
        (b"<rss/>", "no Atom feed"),
        (b"", "broken XML"),
        (feed(entry())[:-20], "broken XML"),
        (feed(entry("", published="")), "no identifier"),
        (feed(entry("2699.00001")), "no version"),
        (feed(entry(), entry("2699.00002v1", published="")), "2699.00002 has no date"),
        (feed(entry(published="yesterday")), "no date"),
        (feed(entry(published="2026-11-30T00:00:00-05:00")), "in the future"),
        (feed(entry(title=" ")), "no title"),
    ],
)
def test_faulty_feeds_are_rejected(
    body: bytes, reason: str, feeds: Feeds, session: PoliteSession
) -> None:
    """A feed with any fault is retried, and in the end rejected as a whole."""
    feeds.body = body
    with pytest.raises(FetchError) as caught:
        fetch_announcements(session, feeds.url, ["cs.CV"])
    assert caught.value.state is FetchState.UNAVAILABLE
    assert reason in caught.value.reason
    assert len(feeds.asked) == 4


def test_a_class_that_arxiv_does_not_know_is_named(feeds: Feeds, session: PoliteSession) -> None:
    """The feed's error message about a category is the reason of the error."""
    feeds.status = 400
    feeds.body = feed("<subtitle>Bad subject class 'XX'.</subtitle>")
    with pytest.raises(FetchError, match="bad query: Bad subject class 'XX'"):
        fetch_announcements(session, feeds.url, ["cs.XX"])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("Ada Example", ("Ada Example",)),
        (" ATLAS Collaboration,  Ada\nExample", ("ATLAS Collaboration", "Ada Example")),
        ("Ada (A, (B), C), Bob (D)", ("Ada", "Bob")),
        ("Ada Example, Jr., Bob, III", ("Ada Example Jr.", "Bob III")),
        ("Ada, Irene Vee", ("Ada", "Irene Vee")),
    ],
)
def test_authors_are_split(text: str, names: tuple[str, ...]) -> None:
    """Authors are split at commas, except within affiliations and before suffixes such as Jr."""
    assert split_authors(text) == names


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=200)
def test_any_line_of_authors_can_be_split(text: str) -> None:
    """Any text gives names that are stripped and not empty."""
    assert all(name == name.strip() and name for name in split_authors(text))


def test_the_taxonomy_is_whole() -> None:
    """Every archive has subject classes or is a category itself, and names have arXiv's form."""
    assert {archive_of(name) for name in CLASSES} == set(ARCHIVES)
    assert len(CLASSES) == 155
    assert all(re.fullmatch(r"[a-z-]+(\.([A-Z]{2}|[a-z-]+))?", name) for name in CLASSES)
    for archive in ARCHIVES:
        parted = any(name.startswith(f"{archive}.") for name in CLASSES)
        assert parted is not (archive in CLASSES)


def test_patterns_are_expanded() -> None:
    """A wildcard, an archive, a category and an empty list expand to categories, each once."""
    assert expand(["econ.*", "econ", "econ.EM"]) == ["econ.EM", "econ.GN", "econ.TH"]
    assert expand(["quant-ph", "cs.ZZ", "zz.*"]) == ["cs.ZZ", "quant-ph"]
    assert expand([]) == sorted(CLASSES)
    assert within("cs.CV", [])
    assert within("cs.CV", ["stat.*", "cs.*"])
    assert not within("cs.CV", ["cs"])
