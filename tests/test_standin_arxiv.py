import contextlib
import gzip
import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import arxiv
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from standins.arxiv import FakeArxiv, Fault, Record, load_records, sample_records
from standins.arxiv.analysis import words
from standins.arxiv.announcement_schedule import EASTERN, announced
from standins.arxiv.query import Index, QueryError, parse

NOW = datetime(2026, 5, 20, 16, 30, tzinfo=UTC)  # a Wednesday
ATOM = "{http://www.w3.org/2005/Atom}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
ARXIV = "{http://arxiv.org/schemas/atom}"
NEWEST = {"sortBy": "lastUpdatedDate", "sortOrder": "descending"}

RECORDS = (
    Record("2613.00001", title="Video Anomaly Detection in the Wild", published=NOW),
    Record(
        "2613.00002",
        title="Anomaly Video",
        categories=("cs.LG", "cs.CV"),
        published=NOW - timedelta(days=1),
    ),
    Record(
        "2613.00003",
        title="Video-anomalies, Detected",
        abstract="A state-of-the-art.",
        categories=("stat.ML",),
        published=NOW - timedelta(days=2),
    ),
    Record(
        "2613.00004",
        title="A Language Model's Art",
        abstract="The state of the art of video anomaly detection: to be or not to be.",
        categories=("cs.CL",),
        comment="Accepted at the Imaginary Conference",
        journal_ref="J. Imag. Res. 7 (2026)",
        doi="10.5555/Invented.4",
        authors=("Jane Q. Example", "Zoë Beispiel"),
        published=NOW - timedelta(days=3),
    ),
    Record(
        "quant-ph/0213005",
        title="Cats",
        abstract="of video",
        categories=("quant-ph",),
        authors=("Imaginary Person",),
        published=NOW - timedelta(days=400),
    ),
)


@pytest.fixture
def server() -> Iterator[FakeArxiv]:
    """Serve RECORDS at NOW."""
    with FakeArxiv(RECORDS, NOW) as running:
        yield running


def ask(server: FakeArxiv, query: str = "all:video", **more: str | int) -> requests.Response:
    """Put a query to the search API, newest version first."""
    asked: dict[str, str | int] = {"search_query": query, **NEWEST, **more}
    return requests.get(server.api_url, params=asked, timeout=5)


def entries(answer: requests.Response) -> list[etree._Element]:
    """Return the entries of a feed, strictly parsed."""
    return list(etree.fromstring(answer.content).iter(f"{ATOM}entry"))


def ids(answer: requests.Response) -> list[str]:
    """Return the identifiers of a good answer, in its order."""
    assert answer.status_code == 200, answer.text
    return [
        str(entry.findtext(f"{ATOM}id")).removeprefix("http://arxiv.org/abs/")
        for entry in entries(answer)
    ]


def total(answer: requests.Response) -> int:
    """Return how many results the feed says there are."""
    return int(str(etree.fromstring(answer.content).findtext(f"{OPENSEARCH}totalResults")))


def found(query: str) -> list[int]:
    """Return which of RECORDS a query finds, counted from 1."""
    index = Index(RECORDS)
    return sorted(number + 1 for number in index.find(parse(query)))


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ('ti:"video anomaly detection"', [1, 3]),
        ('ti:"VIDEO anomalies  Detecting"', [1, 3]),
        ('ti:"anomaly detection video"', []),
        ('ti:"video detection"', []),
        ('abs:"state of art"', []),
        ('abs:"state in this art"', [3, 4]),
        ('abs:"state-of-the-art"', [3, 4]),
        ('abs:"to be"', [4]),
        ('abs:"be to"', []),
        ('ti:"a"', []),
        ('ti:"language model art"', [4]),
        ("ti:video-detection", [1, 3]),
        ("ti:anomal*", [1, 2, 3]),
        ("ti:c?t", [5]),
        ('all:"video anomaly detection"', [1, 3, 4]),
        ("cat:cs.CV", [1, 2]),
        ("cat:cs.*", [1, 2, 4]),
        ("cat:cs", []),
        ("cat:quant-ph", [5]),
        ("cat:(stat.ML OR cs.CL)", [3, 4]),
        ("au:example", [4]),
        ("au:example_q", [4]),
        ("au:example_j", []),
        ('au:"zoe beispiel"', [4]),
        ('au:"example beispiel"', []),
        ('co:"accepted at"', [4]),
        ('co:"accept at"', []),
        ("jr:imag", [4]),
        ("doi:10.5555/invented.4", [4]),
        ("rn:anything", []),
        ("id:2613.00002", [2]),
        ("id:2613.00002v1", [2]),
        ("id:2613.00002v2", []),
        ("ti:video AND cat:cs.CV", [1, 2]),
        ("cat:stat.ML OR cat:quant-ph", [3, 5]),
        ("cat:cs.* ANDNOT cat:cs.CV", [4]),
        ("ANDNOT cat:cs.*", [3, 5]),
    ],
)
def test_query(query: str, numbers: list[int]) -> None:
    """Phrases are found in order, stemmed, a stop word is any word; the rest by rule."""
    assert found(query) == numbers


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("ti:a AND ti:b OR ti:c", "ti:a AND (ti:b OR ti:c)"),
        ("ti:a ANDNOT ti:b AND ti:c", "ti:a ANDNOT (ti:b AND ti:c)"),
        ("(ti:a AND ti:b) OR ti:c", "((ti:a AND ti:b)) OR (ti:c)"),
        ("all:video anomaly", "all:video OR all:anomaly"),
        ("ti:video anomaly", "ti:video OR all:anomaly"),
        ("ti:(a AND (b c))", "(ti:a AND (ti:b OR ti:c))"),
        ('ti:("a b" AND abs:c)', '(ti:"a b" AND abs:c)'),
        ("ti:a NOT ti:b", "ti:a ANDNOT ti:b"),
        ("ti:a AND NOT ti:b", "ti:a ANDNOT ti:b"),
        ("ti:a AND OR ti:b", "ti:a OR ti:b"),
        ("title:a au: abs: ti:b", "ti:a OR ti:b"),
        ("au:del_maestro", 'au:"del maestro"'),
        ("submittedDate:[2026 TO 2027]", 'submittedDate:"2026 TO 2027"'),
        ("lastUpdatedDate:[2026 TO 2027]", "submittedDate:[2026 TO 2027]"),
        ("(ANDNOT ti:a)", "ANDNOT ti:a"),
        ('ti:"a', "ti:a"),
    ],
)
def test_syntax(query: str, same: str) -> None:
    """Operators associate to the right without precedence, and what is missing is filled in."""
    assert parse(query) == parse(same)


@pytest.mark.parametrize(
    "query",
    [
        "(ti:a",
        "ti:a)",
        "((ti:a) OR ti:b",
        "ti:a AND",
        "ti:a AND au:",
        "AND ti:a",
        "OR",
        "()",
        "ti:",
        'ti:\\"a b\\"',
        "ti:*video",
        "(" * 500 + "ti:a" + ")" * 500,
    ],
)
def test_bad_syntax(server: FakeArxiv, query: str) -> None:
    """A query that does not parse gets status 400 and a feed whose entry is an error."""
    answer = ask(server, query)
    assert answer.status_code == 400
    (entry,) = entries(answer)
    assert "/api/errors#" in str(entry.findtext(f"{ATOM}id"))
    assert entry.find(f"{ATOM}published") is None


def test_bad_date_range(server: FakeArxiv) -> None:
    """A range that is no dates gets status 400."""
    assert ask(server, "submittedDate:[20261399 TO 2027]").status_code == 400
    assert ask(server, "submittedDate:yesterday").status_code == 400


@given(
    st.text(alphabet='ab "()\\:*?_-[]TO', max_size=40),
    st.lists(
        st.sampled_from(
            [
                "AND",
                "OR",
                "ANDNOT",
                "NOT",
                "(",
                ")",
                "ti:",
                "cat:",
                "submittedDate:",
                '"x y"',
                "a*",
                "b",
            ]
        ),
        max_size=12,
    ),
)
def test_any_query(text: str, parts: list[str]) -> None:
    """Whatever is asked is answered or refused with QueryError."""
    index = Index(RECORDS)
    for query in (text, " ".join(parts)):
        try:
            index.find(parse(query))
        except QueryError:
            continue


def test_submitted_date() -> None:
    """A range of dates means version 1, and both its ends are within."""
    first = Record("2613.1", published=datetime(2026, 5, 1, 12, 0, 30, tzinfo=UTC))
    second = Record("2613.1", version=2, published=first.published, updated=NOW)
    index = Index([first, second])

    def count(query: str) -> int:
        return len(index.find(parse(query)))

    assert count("submittedDate:[202605011200 TO 202605011200]") == 2
    assert count("submittedDate:[202605011201 TO 202605312359]") == 0
    assert count("lastUpdatedDate:[202605011201 TO 202605312359]") == 0
    assert count("submittedDate:[2026 TO 2026]") == 2
    assert count("submittedDate:[202604 TO 202604]") == 0
    assert count("submittedDate:[20260501 TO 20260501]") == 2


def test_words() -> None:
    """Words are cut by Unicode's rules and lower-cased."""
    assert words("GPT-4's Über_model isn\u2019t 3.5x; a:b. U.S.") == [
        "gpt", "4", "s", "über_model", "isn\u2019t", "3.5x", "a:b", "u.s"
    ]  # fmt: skip
    assert words("_ A_b\tc's 1,000 x,y 日本 カタカナ 한국어\n") == [
        "a_b", "c's", "1,000", "x", "y", "日", "本", "カタカナ", "한국어"
    ]  # fmt: skip


def test_answer_has_the_shape_of_arxiv(server: FakeArxiv) -> None:
    """An entry's elements come in arXiv's order and with arXiv's attributes."""
    answer = ask(server, "id:2613.00004")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    text = answer.content.decode()
    head = (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
        'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">\n'
        "  <id>https://arxiv.org/api/"
    )
    assert text.startswith(head)
    place = text.index("  <title>")
    assert text[place:] == (
        "  <title>arXiv Query: search_query=id:2613.00004&amp;id_list=&amp;start=0"
        "&amp;max_results=10</title>\n"
        "  <updated>2026-05-20T16:30:00Z</updated>\n"
        '  <link href="https://arxiv.org/api/query?search_query=id:2613.00004&amp;start=0'
        '&amp;max_results=10&amp;id_list=" type="application/atom+xml"/>\n'
        "  <opensearch:itemsPerPage>10</opensearch:itemsPerPage>\n"
        "  <opensearch:totalResults>1</opensearch:totalResults>\n"
        "  <opensearch:startIndex>0</opensearch:startIndex>\n"
        "  <entry>\n"
        "    <id>http://arxiv.org/abs/2613.00004v1</id>\n"
        "    <title>A Language Model's Art</title>\n"
        "    <updated>2026-05-17T16:30:00Z</updated>\n"
        '    <link href="https://arxiv.org/abs/2613.00004v1" rel="alternate" type="text/html"/>\n'
        '    <link href="https://arxiv.org/pdf/2613.00004v1" rel="related" '
        'type="application/pdf" title="pdf"/>\n'
        "    <summary>The state of the art of video anomaly detection: to be or not to be."
        "</summary>\n"
        '    <category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>\n'
        "    <published>2026-05-17T16:30:00Z</published>\n"
        "    <arxiv:comment>Accepted at the Imaginary Conference</arxiv:comment>\n"
        '    <arxiv:primary_category term="cs.CL"/>\n'
        "    <arxiv:journal_ref>J. Imag. Res. 7 (2026)</arxiv:journal_ref>\n"
        "    <author>\n      <name>Jane Q. Example</name>\n    </author>\n"
        "    <author>\n      <name>Zoë Beispiel</name>\n    </author>\n"
        "    <arxiv:doi>10.5555/Invented.4</arxiv:doi>\n"
        '    <link rel="related" href="https://doi.org/10.5555/Invented.4" title="doi"/>\n'
        "  </entry>\n"
        "</feed>\n"
    )


def test_malformed_identifier(server: FakeArxiv) -> None:
    """A malformed identifier gets arXiv's error feed, byte for byte but for the time."""
    answer = requests.get(server.api_url, params={"id_list": "abc"}, timeout=5)
    assert answer.status_code == 400
    assert answer.content.decode() == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
        'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">\n'
        "  <id>https://arxiv.org/</id>\n"
        "  <title>arXiv Search Results</title>\n"
        "  <updated>2026-05-20T16:30:00Z</updated>\n"
        "  <opensearch:itemsPerPage>1</opensearch:itemsPerPage>\n"
        "  <opensearch:totalResults>1</opensearch:totalResults>\n"
        "  <opensearch:startIndex>0</opensearch:startIndex>\n"
        "  <entry>\n"
        "    <id>https://arxiv.org/api/errors#incorrect_id_format_for_abc</id>\n"
        "    <title>Error</title>\n"
        "    <updated>2026-05-20T16:30:00Z</updated>\n"
        '    <link href="https://arxiv.org/api/errors#incorrect_id_format_for_abc" '
        'rel="alternate" type="text/html"/>\n'
        "    <summary>incorrect id format for abc</summary>\n"
        "    <author>\n      <name>arXiv api core</name>\n    </author>\n"
        "  </entry>\n"
        "</feed>\n"
    )


def test_arxiv_package_reads_everything(server: FakeArxiv) -> None:
    """The arxiv package pages through the answers and finds every fact in them."""
    client = arxiv.Client(page_size=2, delay_seconds=0.0, num_retries=0)
    client.query_url_format = server.api_url + "?{}"
    search = arxiv.Search("all:video", sort_by=arxiv.SortCriterion.LastUpdatedDate)
    with client._session:
        results = list(client.results(search))
    assert [(result.get_short_id(), result.title) for result in results] == [
        (record.versioned_id, record.title) for record in RECORDS
    ]
    fourth = results[3]
    assert (fourth.comment, fourth.journal_ref, fourth.doi, fourth.published) == (
        "Accepted at the Imaginary Conference",
        "J. Imag. Res. 7 (2026)",
        "10.5555/Invented.4",
        NOW - timedelta(days=3),
    )
    assert [author.name for author in fourth.authors] == ["Jane Q. Example", "Zoë Beispiel"]
    assert [entry.query["start"] for entry in server.log] == ["0", "2", "4"]


def test_characters_that_xml_cannot_hold_are_left_out(server: FakeArxiv) -> None:
    """A control character in a record does not spoil the answer."""
    server.records = [Record("2613.00009", title="Bell\x07 & <b>", published=NOW)]
    (entry,) = entries(ask(server, "id:2613.00009"))
    assert entry.findtext(f"{ATOM}title") == "Bell & <b>"


def test_sort_and_page(server: FakeArxiv) -> None:
    """Results are sorted by version or first version, in both orders, and cut into pages."""
    old = RECORDS[4]
    revised = Record(old.arxiv_id, version=2, title="video", published=old.published, updated=NOW)
    server.records = [*RECORDS[1:4], old, revised]
    by_version = ["quant-ph/0213005v2", "2613.00002v1", "2613.00003v1", "2613.00004v1"]
    assert ids(ask(server)) == by_version
    assert ids(ask(server, sortBy="submittedDate")) == [*by_version[1:], by_version[0]]
    assert ids(ask(server, sortOrder="ascending")) == by_version[::-1]
    page = ask(server, start=1, max_results=2)
    assert ids(page) == by_version[1:3]
    assert total(page) == 4
    assert ids(ask(server, start=9)) == []
    assert total(ask(server, max_results=0)) == 4


def test_equal_times_may_swap(server: FakeArxiv) -> None:
    """Papers with the same time come in another order on each request, if that is wished."""
    server.records = [Record(f"2613.{number:05}", published=NOW) for number in range(30)]
    steady = [ids(ask(server, "cat:cs.CV", max_results=30)) for _ in range(2)]
    assert steady[0] == steady[1]
    server.shuffle_ties = random.Random(1)  # not a secret
    shuffled = [ids(ask(server, "cat:cs.CV", max_results=30)) for _ in range(2)]
    assert shuffled[0] != shuffled[1]
    assert sorted(shuffled[0]) == sorted(shuffled[1]) == sorted(steady[0])


def test_limits(server: FakeArxiv) -> None:
    """A page has 10 entries unless asked, 2000 at most, and none beyond 10,000."""
    server.records = [Record(f"2613.{number:05}", published=NOW) for number in range(2100)]
    assert len(ids(ask(server, "cat:cs.CV"))) == 10
    large = ask(server, "cat:cs.CV", max_results=5000)
    assert (len(ids(large)), total(large)) == (2000, 2100)
    assert ask(server, "cat:cs.CV", start=9990, max_results=10).status_code == 200
    assert ask(server, "cat:cs.CV", start=9991, max_results=10).status_code == 500


@pytest.mark.parametrize(
    "asked",
    [
        {"start": "-1"},
        {"start": "x"},
        {"max_results": "-1"},
        {"max_results": "1.5"},
        {"sortBy": "date"},
        {"sortOrder": "up"},
        {"search_query": " "},
    ],
)
def test_bad_parameters(server: FakeArxiv, asked: dict[str, str]) -> None:
    """A parameter that cannot be gets status 400."""
    asked = {"search_query": "all:video", **asked}
    assert requests.get(server.api_url, params=asked, timeout=5).status_code == 400


def test_id_list(server: FakeArxiv) -> None:
    """A list gives the papers asked for, in any version; unknown ones are dropped silently."""
    older = RECORDS[0]
    server.records = [
        *RECORDS,
        Record(older.arxiv_id, version=2, title="Now Cats", published=NOW, updated=NOW),
    ]

    def listed(identifiers: str, **more: str) -> list[str]:
        asked = {"id_list": identifiers, **more}
        return ids(requests.get(server.api_url, params=asked, timeout=5))

    assert listed("2613.00002,2613.00001") == ["2613.00002v1", "2613.00001v2"]
    assert listed("2613.00001v1") == ["2613.00001v1"]
    assert listed("2613.00001v3,0000.0000,quant-ph/0213005") == ["quant-ph/0213005v1"]
    assert listed("2613.00001,quant-ph/0213005", search_query="ti:cats AND cat:cs.*") == [
        "2613.00001v2"
    ]
    assert listed("2613.00001v1", search_query="ti:cats") == []


def test_nights_are_played(server: FakeArxiv) -> None:
    """What was submitted after `now` is not there, and the newest version that was is served."""
    paper = Record("2613.00008", title="Video", published=NOW - timedelta(days=9))
    server.records = [
        Record(paper.arxiv_id, version=2, title="Cats", published=paper.published, updated=NOW),
        paper,
    ]
    assert ids(ask(server, "id:2613.00008")) == ["2613.00008v2"]
    assert ids(ask(server, "ti:video")) == []
    server.now = NOW - timedelta(seconds=1)
    assert ids(ask(server, "ti:video")) == ["2613.00008v1"]
    assert ids(ask(server, "", id_list="2613.00008v2,2613.00008v1")) == ["2613.00008v1"]
    server.now = NOW - timedelta(days=10)
    assert ids(ask(server, "ti:video")) == []
    server.now = None
    assert ids(ask(server, "id:2613.00008")) == ["2613.00008v2"]


@pytest.mark.parametrize(
    ("submitted", "seen"),
    [
        ("2026-05-18T13:59", "2026-05-18T20:00"),  # Monday before and after 14:00
        ("2026-05-18T14:00", "2026-05-19T20:00"),
        ("2026-05-21T15:00", "2026-05-24T20:00"),  # Thursday after 14:00: on Sunday
        ("2026-05-22T15:00", "2026-05-25T20:00"),  # Friday after 14:00: on Monday
        ("2026-05-23T10:00", "2026-05-25T20:00"),
        ("2026-01-05T13:00", "2026-01-05T20:00"),  # in winter
    ],
)
def test_calendar(submitted: str, seen: str) -> None:
    """Submissions close at 14:00 Eastern and are announced at 20:00 from Sunday to Thursday."""
    moment = datetime.fromisoformat(submitted).replace(tzinfo=EASTERN)
    shown = announced(moment)
    assert shown == datetime.fromisoformat(seen).replace(tzinfo=EASTERN)


def test_papers_appear_when_announced() -> None:
    """With `announced`, a paper is there from its announcement on."""
    record = Record("2613.00001", title="video", published=datetime(2026, 5, 18, 17, tzinfo=UTC))
    night = datetime(2026, 5, 18, 23, 59, tzinfo=UTC)
    with FakeArxiv([record], night, announced=True) as server:
        assert ids(ask(server)) == []
        server.now = night + timedelta(minutes=1)  # 20:00 Eastern
        assert ids(ask(server)) == ["2613.00001v1"]


def test_unknown_address(server: FakeArxiv) -> None:
    """Another path gets status 404."""
    for path in ("/", "/atom/", "/html/cs.CV", "/api/other"):
        assert requests.get(server.url + path, timeout=5).status_code == 404


def test_connection_is_kept_and_compressed(server: FakeArxiv) -> None:
    """Two requests of a session share a connection; answers are compressed where accepted."""
    server.records = sample_records(NOW)
    with requests.Session() as session:
        for encoding in ("gzip", "identity"):
            answer = session.get(
                server.api_url,
                params={"search_query": "cat:cs.CV"},
                headers={"Accept-Encoding": encoding},
                timeout=5,
            )
            assert answer.headers.get("Content-Encoding", "identity") == encoding
            assert len(ids(answer)) == 10
    first, second = server.log
    assert first.connection == second.connection
    assert 0 < first.sent < second.sent


def test_log(server: FakeArxiv) -> None:
    """The log has the target, query, headers and status of each request."""
    ask(server, "ti:a b+c", start=3)
    (entry,) = server.log
    assert (entry.service, entry.path, entry.status, entry.fault) == (
        "api",
        "/api/query",
        200,
        None,
    )
    assert entry.query == {"search_query": "ti:a b+c", "start": "3", **NEWEST}
    assert entry.headers["user-agent"].startswith("python-requests/")
    assert entry.target.startswith("/api/query?search_query=ti%3Aa+b%2Bc&")


@pytest.mark.parametrize(("status", "text"), [(429, "Rate exceeded."), (799, "799\n")])
def test_status(server: FakeArxiv, status: int, text: str) -> None:
    """`status` is an answer with any status, and with arXiv's text for 429."""
    server.faults.add(Fault("status", status=status))
    answer = ask(server)
    assert (answer.status_code, answer.text) == (status, text)
    assert len(ids(ask(server))) == 5


def test_rate_exceeded_with_200(server: FakeArxiv) -> None:
    """`rate_exceeded_200` looks like success but for its text."""
    server.faults.add(Fault("rate_exceeded_200"))
    answer = ask(server)
    assert (answer.status_code, answer.text) == (200, "Rate exceeded.")


@pytest.mark.parametrize(
    ("fault", "shown", "said"),
    [
        (Fault("empty"), 0, 0),
        (Fault("empty_with_total"), 0, 5),
        (Fault("short"), 2, 5),
        (Fault("wrong_total"), 5, 12),
    ],
)
def test_entries_and_total_disagree(server: FakeArxiv, fault: Fault, shown: int, said: int) -> None:
    """An answer has fewer entries than arXiv has, and says so or does not."""
    server.faults.add(fault)
    answer = ask(server)
    assert (len(ids(answer)), total(answer)) == (shown, said)
    assert len(ids(ask(server))) == 5


def test_html(server: FakeArxiv) -> None:
    """`html` is a maintenance page with status 200."""
    server.faults.add(Fault("html"))
    answer = ask(server)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "maintenance" in answer.text


def test_reset(server: FakeArxiv) -> None:
    """`reset` breaks the connection off; the next request is answered."""
    server.faults.add(Fault("reset"))
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        ask(server)
    assert ask(server).status_code == 200


def test_cut(server: FakeArxiv) -> None:
    """`cut` sends less than Content-Length promises."""
    server.faults.add(Fault("cut"))
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="more expected"):
        ask(server)


def test_cut_gzip(server: FakeArxiv) -> None:
    """`cut_gzip` is as long as promised, but the stream within ends early."""
    server.faults.add(Fault("cut_gzip"))
    with requests.get(
        server.api_url, params={"search_query": "ti:a"}, stream=True, timeout=5
    ) as answer:
        raw = answer.raw.read(decode_content=False)
    assert len(raw) == int(answer.headers["Content-Length"])
    with pytest.raises(EOFError):
        gzip.decompress(raw)


@pytest.mark.parametrize("fault", [Fault("malformed"), Fault("truncated")])
def test_xml_that_only_a_lenient_parser_reads(server: FakeArxiv, fault: Fault) -> None:
    """`malformed` and `truncated` stop a strict parser, and a lenient one gets a part."""
    server.faults.add(fault)
    content = ask(server).content
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(content)
    lenient = etree.fromstring(content, etree.XMLParser(recover=True))
    dated = [entry for entry in lenient.iter(f"{ATOM}entry") if entry.findtext(f"{ATOM}published")]
    assert 0 < len(dated) < 5


def test_malformed_without_entries(server: FakeArxiv) -> None:
    """`malformed` breaks the head of a feed that has no entries."""
    server.faults.add(Fault("malformed"))
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(ask(server, "ti:nothing").content)


def test_error_entry(server: FakeArxiv) -> None:
    """`error_entry` is an error with status 200."""
    server.faults.add(Fault("error_entry"))
    (identifier,) = ids(ask(server))
    assert identifier.startswith("https://arxiv.org/api/errors#")


def test_entry_without_date(server: FakeArxiv) -> None:
    """`no_date` takes <published> from one entry."""
    server.faults.add(Fault("no_date"))
    dates = [entry.findtext(f"{ATOM}published") for entry in entries(ask(server))]
    assert [number for number, text in enumerate(dates) if text is None] == [0]


def test_entry_with_a_bad_date(server: FakeArxiv) -> None:
    """`bad_date` writes dates that are none."""
    server.faults.add(Fault("bad_date"))
    first = entries(ask(server))[0]
    with pytest.raises(ValueError, match="month"):
        datetime.fromisoformat(str(first.findtext(f"{ATOM}published")))


def test_entry_from_the_future(server: FakeArxiv) -> None:
    """`future_date` dates an entry 400 days ahead."""
    server.faults.add(Fault("future_date"))
    first = entries(ask(server))[0]
    moment = datetime.fromisoformat(str(first.findtext(f"{ATOM}updated")))
    assert moment == NOW + timedelta(days=400)


def test_entry_without_id(server: FakeArxiv) -> None:
    """`missing_id` takes <id> from one entry."""
    server.faults.add(Fault("missing_id"))
    assert entries(ask(server))[0].find(f"{ATOM}id") is None


def test_redirect_loop(server: FakeArxiv) -> None:
    """`redirect_loop` sends the client to where it is."""
    server.faults.add(Fault("redirect_loop", times=None))
    with pytest.raises(requests.TooManyRedirects):
        ask(server)


def test_arbitrary_body(server: FakeArxiv) -> None:
    """`body` is an answer with the given status and body."""
    server.faults.add(Fault("body", status=200, body=b"\xff\x00"))
    answer = ask(server)
    assert (answer.status_code, answer.content) == (200, b"\xff\x00")


def test_latency(server: FakeArxiv) -> None:
    """`latency` delays each answer by seconds."""
    server.latency = 0.05
    before = time.monotonic()
    assert len(ids(ask(server))) == 5
    assert time.monotonic() - before >= 0.05


def test_faults_choose_their_requests(server: FakeArxiv) -> None:
    """A fault strikes as often as it says, on its service, on the queries it is for."""
    server.faults.add(
        Fault("status", path="oai"),
        Fault("status", times=2, where=lambda query: "cats" in query.get("search_query", "")),
    )
    statuses = [ask(server, query).status_code for query in ("ti:cats", "ti:video", "ti:cats")]
    assert statuses == [503, 200, 503]
    assert ask(server, "ti:cats").status_code == 200
    assert requests.get(server.oai_url, timeout=5).status_code == 503
    assert requests.get(server.oai_url, timeout=5).status_code == 200
    server.faults.add(Fault("status", times=None))
    assert {ask(server).status_code for _ in range(3)} == {503}
    server.faults.clear()
    assert ask(server).status_code == 200
    with pytest.raises(ValueError, match="no such fault"):
        Fault("sulk")  # type: ignore[arg-type]


def test_a_bug_inside_is_not_swallowed() -> None:
    """What goes wrong in the stand-in itself is raised when it stops."""

    def applies(_query: object) -> bool:
        raise ZeroDivisionError

    server = FakeArxiv()
    server.faults.add(Fault("status", where=applies))
    server.start()
    with pytest.raises(requests.ConnectionError):
        ask(server)
    with pytest.raises(ZeroDivisionError):
        server.stop()


def test_quiet(server: FakeArxiv, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed, not even when clients misbehave."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"NONSENSE\r\n\r\n")
        assert connection.recv(100)
    requests.get(server.api_url, stream=True, timeout=5).close()
    ask(server)
    server.stop()
    assert capfd.readouterr() == ("", "")


def test_samples_are_fictional_and_varied() -> None:
    """The samples cannot be mistaken for papers, and hold what a page has to cope with."""
    records = sample_records(NOW)
    assert records == sample_records(NOW)
    papers = {record.arxiv_id for record in records}
    assert 20 <= len(papers) <= 30
    assert max(record.version for record in records) == 3
    for record in records:
        assert int(record.arxiv_id[2:4]) > 12
        assert record.abstract.startswith("Invented paper: ")
        assert 600 <= len(record.abstract) <= 1200
        assert NOW - timedelta(weeks=10) <= record.published <= record.updated <= NOW
    everything = "\n".join(
        f"{record.title}\n{record.abstract}\n{record.comment}\n{record.authors}"
        for record in records
    )
    hazards = ("|", r"$\infty$", "`", "<think>", "@nobody", "#12", r"\'e", "https://example.org/")
    assert [hazard for hazard in hazards if hazard not in everything] == []
    assert "This paper has been withdrawn by the authors" in everything


def test_samples_are_on_the_topics() -> None:
    """Each of the four topics has several samples, and some samples are on two."""
    topics = (
        "Video Anomaly Detection",
        "Video Understanding",
        "Vision Language Model",
        "Multimodal Large Language Model",
    )
    with FakeArxiv(sample_records(NOW), NOW) as server:
        hits = [
            ids(ask(server, f'(ti:"{topic}" OR abs:"{topic}") AND cat:cs.*', max_results=50))
            for topic in topics
        ]
    assert all(len(found) >= 6 for found in hits)
    assert len({one for found in hits for one in found}) < sum(map(len, hits))


def test_load_records(tmp_path: Path) -> None:
    """Records are read from lines of JSON, compressed or not; a bad line is named."""
    line = json.dumps(
        {
            "arxiv_id": "quant-ph/0213001",
            "version": 2,
            "title": "T",
            "authors": ["A. Sample"],
            "abstract": "A",
            "categories": ["quant-ph", "cs.PL"],
            "primary_category": "quant-ph",
            "comment": None,
            "journal_ref": None,
            "doi": "10.5555/x",
            "published": "2002-01-18T15:08:05Z",
            "updated": "2002-01-19T15:08:05Z",
        }
    )
    plain, packed, bad = (tmp_path / name for name in ("a.jsonl", "a.jsonl.gz", "b.jsonl"))
    plain.write_text(line + "\n")
    packed.write_bytes(gzip.compress(line.encode()))
    bad.write_text(line + "\n{}\n")
    (record,) = load_records(plain)
    assert load_records(packed) == [record]
    assert record == Record(
        "quant-ph/0213001",
        version=2,
        title="T",
        authors=("A. Sample",),
        abstract="A",
        categories=("quant-ph", "cs.PL"),
        doi="10.5555/x",
        published=datetime(2002, 1, 18, 15, 8, 5, tzinfo=UTC),
        updated=datetime(2002, 1, 19, 15, 8, 5, tzinfo=UTC),
    )
    with pytest.raises(ValueError, match=r"b\.jsonl:2: "):
        load_records(bad)


def test_by_hand() -> None:
    """`python -m standins.arxiv` prints its addresses and serves until it is told to end."""
    command = [sys.executable, "-m", "standins.arxiv", "--now", "2026-05-20T16:30"]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        contextlib.ExitStack() as stack,
    ):
        stack.callback(process.kill)
        assert process.stdout is not None
        name, _, address = process.stdout.readline().strip().partition("=")
        assert name == "ARXIV_API_URL"
        answer = requests.get(address, params={"search_query": "cat:cs.*"}, timeout=5)
        assert total(answer) == 24
        process.terminate()
        assert process.wait(timeout=5) == 0


def test_the_calendar_has_no_feed_at_weekends() -> None:
    """Saturday and Sunday have an empty feed."""
