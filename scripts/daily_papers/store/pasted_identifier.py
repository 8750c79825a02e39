"""Find the identifier in what people copy from a page about a paper."""

import re
from urllib.parse import unquote

from daily_papers.store.paper import split_identifier

# An identifier, an address of arXiv, a mirror or a reader of it, or a DOI; with the file's ending,
# a fragment, and the category that arXiv prints after the identifier.
_PASTED = re.compile(
    r"(?:arxiv\s*:\s*"
    r"|(?:https?://)?(?:(?:[\w-]+\.)*arxiv\.org|(?:www\.)?alphaxiv\.org"
    r"|huggingface\.co|hf\.co)/[\w-]+/"
    r"|(?:doi:\s*|(?:https?://)?(?:[\w-]+\.)*doi\.org/)?10\.48550/arxiv\.)?"
    r"(.+?)(?:\.pdf)?/*(?:[?#].*|\s*\[[\w.-]+\])?",
    re.IGNORECASE,
)


def pasted_identifier(text: str) -> tuple[str, int | None]:
    """Return identifier and version in what was copied. Raises ValueError if it has none."""
    match = _PASTED.fullmatch(unquote(text).strip().strip("<>"))
    identifier, version = split_identifier(match[1] if match else text)
    # arXiv's pages also know math.GT/0309136, whose identifier is math/0309136.
    return re.sub(r"\..*/", "/", identifier), version
