"""Download a paper's PDF and extract the text of its first page."""

import io
import logging

import pypdf

from daily_papers.arxiv.paced_requests import BadAnswer, PoliteSession
from daily_papers.store.paper import Paper
from daily_papers.time_limit import OutOfTimeError, within

CHARACTERS = 4096
"""Characters of the first page that are kept."""
MAX_BYTES = 30 * 2**20
"""Bytes of the largest PDF that is parsed."""
PARSING = 20.0
"""Seconds for parsing."""

_PDF = b"%PDF-"

logger = logging.getLogger(__name__)


def first_page(session: PoliteSession, pdf_url: str, paper: Paper) -> str:
    """Return the beginning of the paper's first page; empty if the PDF cannot be parsed in time.

    Raises FetchError if the PDF cannot be downloaded.
    """

    def check(body: bytes) -> None:
        if _PDF not in body[:1024]:
            raise BadAnswer("it is no PDF", retry=False)
        if len(body) > MAX_BYTES:
            raise BadAnswer("the PDF is too large", retry=False)

    response = session.get(f"{pdf_url}/{paper.versioned_id}", check, headers={"Accept": "*/*"})
    body = response.content
    try:
        return within(PARSING, lambda: text_of(body))
    except OutOfTimeError:
        return ""


def text_of(body: bytes) -> str:
    """Return the beginning of a PDF's first page; empty if the PDF cannot be parsed."""
    # It warns about faults in the file, which no user can correct.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        text = pypdf.PdfReader(io.BytesIO(body)).pages[0].extract_text()
    except Exception as error:  # noqa: BLE001 - a damaged file makes pypdf raise anything
        logger.debug("no first page: %s", type(error).__name__)
        return ""
    # Fonts without a character map give lone surrogates.
    return text.encode("utf-8", "ignore").decode("utf-8").strip()[:CHARACTERS]
