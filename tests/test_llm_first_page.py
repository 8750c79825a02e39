"""Reading the first page of a PDF, for summaries."""

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import VirtualClock
from daily_papers.llm.pdf_first_page import CHARACTERS, MAX_BYTES, text_of
from factories import make_entry, make_store
from llm_nights import Bench
from standins.llm import Asked, fit_answer

LINES = (
    "Neural Widgets",
    "Example University, Institute of Made-Up Things",
    "github.com/ada/widgets",
)


def pdf(*pages: tuple[str, ...]) -> bytes:
    """Return a PDF with lines of text on each page."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    for lines in pages:
        shown = "".join(f"({line}) Tj T* " for line in lines)
        stream = f"BT /F1 12 Tf 14 TL 72 720 Td {shown}ET".encode()
        kids.append(b"%d 0 R" % (len(objects) + 1))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 %s >> >> >>" % (len(objects) + 2, font)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    out = b"%PDF-1.4\n"
    places = []
    for number, one in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        len(out),
    )
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + trailer


class Files(HTTPServer):
    """Serves one body, under any path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.body = pdf(LINES, ("Another page",))
        self.asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    """Answers with the server's body."""

    server: Files

    def log_message(self, *args: object) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        """Answer a request."""
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)


@pytest.fixture
def files() -> Iterator[Files]:
    """Return a server that has one PDF."""
    server = Files()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def bench(tmp_path: Path, clock: VirtualClock, files: Files) -> Iterator[Bench]:
    """Return a stand-in for the model that finds institution and code on the first page."""

    def answer(asked: Asked) -> dict[str, Any]:
        text = fit_answer(asked.task, asked.data, chinese=False)
        return text | {
            "institutions": ["Example University", "University of Nowhere"],
            "code": ["https://github.com/ada/widgets"] if asked.data["first_page"] else [],
        }

    with Bench(tmp_path, clock) as found:
        found.pdf_url = f"http://127.0.0.1:{files.server_address[1]}/pdf"
        found.llm.answer = answer
        yield found


def test_a_summary_is_made_from_the_first_page(
    bench: Bench, files: Files, clock: VirtualClock
) -> None:
    """PDFs are fetched at arXiv's pace; institutions that are not on the first page are dropped."""
    done = bench.run(make_store([make_entry(1), make_entry(2)]), tasks=("summary",))
    assert files.asked == ["/pdf/2611.00001v1", "/pdf/2611.00002v1"]
    assert bench.llm.log[0].data["first_page"] == "\n".join(LINES)
    assert 3 <= clock.elapsed < 4
    (text, _) = (entry.texts[0] for entry in done.store.entries.values())
    assert text.fields["institutions"] == ["Example University"]
    assert text.fields["code"] == ["https://github.com/ada/widgets"]


@pytest.mark.parametrize("kind", ["missing", "a page", "damaged", "empty", "large", "cut"])
def test_without_a_first_page_the_abstract_does(bench: Bench, files: Files, kind: str) -> None:
    """Without a readable PDF only the institutions are missing."""
    files.status = 404 if kind == "missing" else 200
    files.body = {
        "missing": b"",
        "a page": b"<html>please wait</html>",
        "damaged": b"%PDF-1.7\n" + bytes(range(256)) * 9,
        "empty": pdf(()),
        "large": b"%PDF-1.7\n" + bytes(MAX_BYTES),
        "cut": pdf(LINES)[:-150],
    }[kind]
    done = bench.run(make_store([make_entry(1)]), tasks=("summary",))
    assert done.report.tasks["summary"].kept == 1
    if kind != "cut":
        assert bench.llm.log[0].data["first_page"] == ""


def test_pages_that_cannot_be_had_are_not_asked_for_all_night(bench: Bench, files: Files) -> None:
    """After two failed PDFs in a row, no more are fetched in this night."""
    files.status = 404
    entries = [make_entry(number) for number in range(1, 6)]
    done = bench.run(make_store(entries), tasks=("summary",))
    assert len(files.asked) == 2
    assert done.report.tasks["summary"].kept == 5


def test_the_first_page_can_be_left_out(bench: Bench, files: Files) -> None:
    """With `first-page = false` no PDF is fetched."""
    bench.run(make_store([make_entry(1)]), tasks=("summary",), first_page=False)
    assert files.asked == []
    assert bench.llm.log[0].data["first_page"] == ""


def test_only_the_beginning_is_kept() -> None:
    """At most 4,096 characters of a page are kept."""
    assert len(text_of(pdf(("word " * 20,) * 99))) == CHARACTERS == 4096


def test_an_encrypted_file_is_no_fault() -> None:
    """A PDF with a password gives no text."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(LINES)))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert text_of(out.getvalue()) == ""


@given(st.binary(max_size=60), st.integers(0, 700))
def test_whatever_the_bytes_are(noise: bytes, place: int) -> None:
    """Bytes that are not a PDF, or a damaged one, cause no error."""
    whole = pdf(LINES)
    text_of(noise).encode()
    text_of(whole[:place] + noise + whole[place + len(noise) :]).encode()
