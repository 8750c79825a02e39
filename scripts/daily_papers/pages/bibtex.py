"""Render papers/bibtex/*.bib: the papers of a topic for BibTeX and biber."""

import calendar
import re
from collections.abc import Iterable, Iterator, Sequence

from daily_papers.atomic_files import MARK
from daily_papers.store.entry_types import Entry
from daily_papers.store.paper import SAMPLE_LABEL, Paper
from daily_papers.text.bibtex_encoding import latex_text

HEAD = f"% daily-papers: this file {MARK}\n"
"""The first line of such a file, which marks it as one that the job may delete."""

# DOIs without characters special in TeX or BibTeX, except `_`, which biblatex would print as `\_`.
# Styles escape others differently, and they are rarer than one in a thousand.
_DOI = re.compile(r"10\.[0-9]+/[A-Za-z0-9._;()/:<>+\[\]-]+")
_SUFFIXES = frozenset(("Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"))
_GROUP = re.compile(r"\b(?:collaborations?|consortium|group|teams?)\b", re.IGNORECASE)
# A value has no line ends.
_ENTRY = re.compile(r"^(?=@misc\{)", re.MULTILINE)
_WHOLE_NAME = re.compile(r",| |^(?:others|and)$", re.IGNORECASE)
# citation-js takes the `ichi` of `Ken-ichi Iwata` for a particle if the family name comes last, and
# loses the hyphen of `-C.`; both it and BibTeX split `d'Alch{\'e}-Buc`, unless it stands in braces.
_GIVEN = re.compile(r"\S-[a-z{]\S* ")
_FAMILY = re.compile(r"[a-z{].*-|.*-[a-z]")


def render_bibtex(entries: Sequence[Entry]) -> str:
    """Return an `@misc` for each paper, with the fields of arXiv's own export.

    https://info.arxiv.org/help/hypertex/bibstyles/
    """
    label = f"% {SAMPLE_LABEL}\n" if any(entry.paper.is_sample for entry in entries) else ""
    text = _written(entry.paper for entry in entries)
    return f"{HEAD}{label}\n{text}" if entries else f"{HEAD}{label}"


def render_bibtex_by_id(entries: Iterable[Entry]) -> dict[str, str]:
    """Return the `@misc` of each paper by its identifier."""
    papers = [entry.paper for entry in entries]
    texts = _ENTRY.split(_written(papers))[1:]
    return dict(zip((paper.arxiv_id for paper in papers), texts, strict=True))


def _written(papers: Iterable[Paper]) -> str:
    # Needed only by commands that write pages.
    from bibtexparser.entrypoint import write_string  # noqa: PLC0415
    from bibtexparser.library import Library  # noqa: PLC0415
    from bibtexparser.model import Entry as Block  # noqa: PLC0415
    from bibtexparser.model import Field  # noqa: PLC0415
    from bibtexparser.writer import BibtexFormat  # noqa: PLC0415

    style = BibtexFormat()  # type: ignore[no-untyped-call] # the library has not typed it
    style.indent = "  "
    style.block_separator = "\n"
    style.trailing_comma = True
    library = Library(
        [Block("misc", key(one), [Field(*field) for field in _fields(one)]) for one in papers]
    )
    # The values are LaTeX with braces already: no middleware may convert them.
    return write_string(library, unparse_stack=(), bibtex_format=style)


def key(paper: Paper) -> str:
    r"""Return the citation key of a paper, as in `\cite{2412.19178}`."""
    return paper.arxiv_id.replace("/", "_")


def _fields(paper: Paper) -> Iterator[tuple[str, str]]:
    title = latex_text(paper.title) or paper.arxiv_id
    yield "title", f"{{{{{title}}}}}"
    if authors := " and ".join(_names(paper)):
        yield "author", f"{{{authors}}}"
    yield "year", f"{{{paper.published.year}}}"
    yield "month", calendar.month_abbr[paper.published.month].lower()
    yield "eprint", f"{{{paper.arxiv_id}}}"
    yield "archiveprefix", "{arXiv}"
    if primary := latex_text(paper.primary_category):
        yield "primaryclass", f"{{{primary}}}"
    doi = paper.doi.split()[:1]
    if doi and _DOI.fullmatch(doi[0]):
        yield "doi", f"{{{doi[0]}}}"
    yield "url", f"{{https://arxiv.org/abs/{paper.arxiv_id}}}"
    withdrawn = "withdrawn" if paper.is_withdrawn else ""
    if note := "; ".join(filter(None, (withdrawn, latex_text(paper.journal_ref)))):
        yield "note", f"{{{note}}}"


def _names(paper: Paper) -> Iterator[str]:
    groups = paper.groups
    for name in paper.names:
        if written := latex_text(name):
            is_group = name in groups and " " in name
            yield f"{{{written}}}" if is_group else _name(written)


def _name(name: str) -> str:
    """Return a name in LaTeX in a form that BibTeX's name parser splits correctly."""
    *words, last = name.split()
    is_one = not words or _GROUP.search(name) or "," in name
    if is_one or "and" in map(str.lower, (*words, last)):
        return f"{{{name}}}" if _WHOLE_NAME.search(name) else name
    suffix = last if last in _SUFFIXES and len(words) > 1 and not words[0][0].islower() else ""
    parts = words if suffix else [*words, last]
    if _FAMILY.match(parts[-1]):
        parts[-1] = f"{{{parts[-1]}}}"
    parts = [f"{{{part}}}" if part.startswith("-") else part for part in parts]
    if not suffix and not _GIVEN.search(name):
        return " ".join(parts)
    # The family name begins with a lower-case word (`van der Berg`), or is the last word.
    at = next((at for at, word in enumerate(parts[1:-1], 1) if word[0].islower()), len(parts) - 1)
    return ", ".join(filter(None, (" ".join(parts[at:]), suffix, " ".join(parts[:at]))))
