"""Read seeds.bib, as Zotero, JabRef and others export it."""

import logging
import re
from collections.abc import Iterator, Mapping

from daily_papers.errors import InputError
from daily_papers.store.pasted_identifier import pasted_identifier
from daily_papers.text.markdown import clean

SEEDS_BIB = "seeds.bib"
# Where exports have the identifier besides `eprint`: Zotero in url, doi, number and note, Google
# Scholar in journal.
_FIELDS = ("url", "doi", "number", "note", "journal", "journaltitle", "howpublished", "publisher")
_IN_TEXT = re.compile(
    r"\barxiv(?::|\.org/(?:abs|pdf|html)/|\.)\s*([\w.-]+(?:/\d{7})?)", re.IGNORECASE
)
DOI = re.compile(
    r"(?:doi:\s*|(?:https?://)?(?:dx\.)?doi\.org/)?(10\.[0-9]{4,9}/[^\s\"\\]+)", re.IGNORECASE
)
_BRACES = str.maketrans("", "", "{}")


def parse_bibtex(text: str) -> list[tuple[str, str, str, int]]:
    """Return identifier, title, abstract and line of each entry.

    Instead of an identifier it is a DOI if there is no abstract either, and may be empty.
    Raises InputError with all errors.
    """
    # Needed only if there is such a file.
    from bibtexparser.entrypoint import parse_string  # noqa: PLC0415
    from bibtexparser.model import Entry  # noqa: PLC0415

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it says is said below
    found: list[tuple[str, str, str, int]] = []
    problems: list[str] = []
    for block in parse_string(text).blocks:
        line = (block.start_line or 0) + 1
        # An entry whose key or field is there twice can be read all the same.
        entry = getattr(block, "ignore_error_block", None) or block
        if isinstance(entry, Entry):
            fields = {one.key.casefold(): str(one.value).strip(' "') for one in entry.fields}
            title, abstract = (
                clean(fields.get(name, "").translate(_BRACES)) for name in ("title", "abstract")
            )
            key = _identifier(fields) or ("" if abstract else _doi(fields))
            if key or title:
                found.append((key, title, abstract, line))
            else:
                advice = "give it one, or delete it"
                problems.append(
                    f"{SEEDS_BIB}:{line}:1: '{entry.key[:80]}' has neither an identifier at arXiv "
                    f"nor a title; {advice}"
                )
        elif error := getattr(entry, "error", None):
            what = " ".join(str(getattr(error, "abort_reason", error)).split())[:200]
            problems.append(f"{SEEDS_BIB}:{line}:1: this entry cannot be read: {what}")
    if text.strip() and not found and not problems:
        problems.append(f"{SEEDS_BIB}:1:1: there is no entry; export it as BibTeX or BibLaTeX")
    if problems:
        raise InputError(problems)
    return found


def _identifier(fields: Mapping[str, str]) -> str:
    """Return the identifier at arXiv of an entry; empty if it has none."""
    for text in _candidates(fields):
        try:
            return pasted_identifier(text.translate(_BRACES))[0]
        except ValueError:
            continue
    return ""


def _doi(fields: Mapping[str, str]) -> str:
    match = DOI.fullmatch(fields.get("doi", "").translate(_BRACES))
    return match[1].casefold() if match else ""


def _candidates(fields: Mapping[str, str]) -> Iterator[str]:
    kind = fields.get("archiveprefix") or fields.get("eprinttype") or "arxiv"
    if kind.casefold().startswith("arxiv"):
        yield fields.get("eprint", "")
    for name in _FIELDS:
        for match in _IN_TEXT.finditer(fields.get(name, "")):
            yield match[1].rstrip(".")
