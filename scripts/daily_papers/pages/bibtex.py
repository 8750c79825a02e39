"""Render papers/bibtex/*.bib: the papers of a topic for BibTeX and biber."""

import re
from collections.abc import Iterator, Sequence

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
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WHOLE_NAME = re.compile(r",| |^(?:others|and)$", re.IGNORECASE)
# Names that stay as they are: nine in ten.
_USUAL = re.compile(
    r"(?!.*\b(?:And|Jr|Sr|Collaborations?|Consortium|Groups?|Teams?)\b)"
    r"(?:[A-Z](?:[a-z]*\.?|[a-z]+-[A-Z][a-z]+) )+[A-Z][a-z]+(?:-[A-Z][a-z]+)?"
)
# citation-js takes the `ichi` of `Ken-ichi Iwata` for a particle if the family name comes last, and
# loses the hyphen of `-C.`; both it and BibTeX split `d'Alch{\'e}-Buc`, unless it stands in braces.
_GIVEN = re.compile(r"\S-[a-z{]\S* ")
_FAMILY = re.compile(r"[a-z{].*-|.*-[a-z]")


def render_bibtex(entries: Sequence[Entry]) -> str:
    """Return an `@misc` for each paper, with the fields of arXiv's own export.

    https://info.arxiv.org/help/hypertex/bibstyles/
    """
    label = f"% {SAMPLE_LABEL}\n" if any(entry.paper.is_sample for entry in entries) else ""
    return "\n".join((f"{HEAD}{label}", *(bibtex_of(entry.paper) for entry in entries)))


def bibtex_of(paper: Paper) -> str:
    """Return the `@misc` of one paper."""
    fields = "".join(f"  {name} = {value},\n" for name, value in _fields(paper))
    return f"@misc{{{key(paper)},\n{fields}}}\n"


def key(paper: Paper) -> str:
    r"""Return the citation key of a paper, as in `\cite{2412.19178}`."""
    return paper.arxiv_id.replace("/", "_")


def _fields(paper: Paper) -> Iterator[tuple[str, str]]:
    title = latex_text(paper.title) or paper.arxiv_id
    yield "title", f"{{{{{title}}}}}"
    if authors := " and ".join(_names(paper)):
        yield "author", f"{{{authors}}}"
    yield "year", f"{{{paper.published.year}}}"
    yield "month", _MONTHS[paper.published.month - 1]
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
        is_group = name in groups and " " in name
        if _USUAL.fullmatch(name) and not is_group:
            yield name
        elif written := latex_text(name):
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
