"""papers/digest/: a page per topic and day, with ten papers in full."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from daily_papers.facts.key_sentences import key_findings
from daily_papers.pages import mind_map, pieces
from daily_papers.store.entry_types import DigestText, Entry, ModelText, Store
from daily_papers.store.paper import split_identifier
from daily_papers.text import markdown

_ANALYSIS = (
    ("contributions", "Main contributions"),
    ("method", "Key innovation or method"),
    ("impact", "Potential impact"),
    ("applications", "Applications"),
    ("limitations", "Limitations"),
)


def digest_text(
    store: Store, day: date, topic: str, language: str, chosen: Iterable[Entry]
) -> DigestText | None:
    """Return the last text about all or some of the `chosen` papers and no others, if any."""
    shown = {entry.paper.arxiv_id for entry in chosen}
    for one in reversed(store.digests):
        about = {split_identifier(paper)[0] for paper in one.papers}
        # Its heading may have got other letters since.
        is_same = pieces.page_name(one.topic) == pieces.page_name(topic)
        is_asked = is_same and (one.day, one.text.language) == (day, language)
        if is_asked and about <= shown and one.text.fields:
            return one
    return None


def render_digest(
    topic: str,
    day: date,
    chosen: Sequence[Entry],
    known: int,
    digest: DigestText | None,
    language: str,
) -> str:
    """Return a day's digest: the `chosen` ones of `known` papers, and a model's text, if any."""
    contents = "".join(f"{at}. {_local_link(entry)}\n" for at, entry in enumerate(chosen, start=1))
    papers = pieces.plural(known, "paper")
    sections = [
        f"time: {day:%Y%m%d}\n",
        f"{markdown.heading(1, f'Arxiv {topic} Papers - {day}')}\n",
        pieces.sample_note(chosen).rstrip("\n"),
        _summary(chosen, digest) if digest else "",
        "## Table of Contents\n",
        contents,
        f"{len(chosen)} of the day's {papers} on this topic.\n" if known > len(chosen) else "",
        "---\n\n## Papers\n",
        *(_paper(entry, language) for entry in chosen),
        f"{pieces.up(f'All digests of {day}')}\n",
    ]
    return "\n".join(filter(None, sections))


def _anchor(entry: Entry) -> str:
    return entry.paper.versioned_id.replace("/", "-")


def _local_link(entry: Entry) -> str:
    return markdown.link(entry.paper.title, f"#{_anchor(entry)}")


def _paper(entry: Entry, language: str) -> str:
    paper = entry.paper
    analysis = entry.text("analysis", language)
    significance = pieces.significance(entry, language)
    links = [
        markdown.link("PDF", pieces.pdf_url(paper)),
        markdown.link("arXiv", pieces.abs_url(paper)),
        *(f"Code or page: {markdown.inline(url)}" for url in paper.code_links),
    ]
    fields = [
        f"<a id='{_anchor(entry)}'></a>\n## {markdown.link(paper.title, pieces.abs_url(paper))}",
        f"**{pieces.WITHDRAWN}**" if paper.is_withdrawn else "",
        f"**Authors:** {markdown.label(', '.join(pieces.authors(paper)))}" if paper.names else "",
        f"**Published:** {pieces.date(paper.published)}",
        f"**Categories:** {', '.join(map(markdown.label, pieces.categories(paper)))}",
        f"**Venue:** {markdown.label(paper.venue)}" if paper.venue else "",
        f"**Significance:** {significance} of 3, says the model" if significance else "",
        f"**Abstract:**\n\n{markdown.inline(paper.abstract)}" if paper.abstract else "",
        _analysis(analysis) if analysis else "",
        "\n".join(mind_map.mind_map(paper.title, analysis.fields, mind_map.ANALYSIS))
        if analysis
        else "",
        _bullets("Key Findings:", map(markdown.inline, key_findings(paper.abstract))),
        _bullets("Links:", links),
        "---",
    ]
    return "\n\n".join(filter(None, fields)) + "\n"


def _analysis(text: ModelText) -> str:
    lines = []
    for name, heading in _ANALYSIS:
        field = text.fields.get(name, "")
        shown = markdown.inline(field) if isinstance(field, str) else pieces.numbered(field)
        if shown:
            lines.append(f"- **{heading}:** {shown}")
    return "\n".join(("**Analysis:**\n", *lines, f"\n_{pieces.written_by([text])}_"))


def _summary(chosen: Sequence[Entry], digest: DigestText) -> str:
    fields = digest.text.fields
    papers = {entry.paper.arxiv_id: entry for entry in chosen}
    blocks = [
        markdown.inline(fields.get("themes", "")),
        _bullets("Highlights", _about(papers, fields.get("highlights", ()), "text")),
        _bullets("Emerging directions", map(markdown.inline, fields.get("directions", ()))),
        _bullets("Worth reading in full", _about(papers, fields.get("read", ()), "reason")),
        f"_{pieces.written_by([digest.text])}_",
    ]
    return "## Executive Summary\n\n" + "\n\n".join(filter(None, blocks)) + "\n\n---\n"


def _about(
    papers: Mapping[str, Entry], items: Iterable[Mapping[str, str]], name: str
) -> Iterator[str]:
    """Yield the field `name` of the items about papers of the digest, with links to these."""
    for item in items:
        entry = papers.get(split_identifier(item["paper"])[0])
        if entry is not None:
            yield f"{_local_link(entry)}: {markdown.inline(item.get(name, ''))}"


def _bullets(heading: str, lines: Iterable[str]) -> str:
    items = "\n".join(f"- {line}" for line in lines)
    return f"**{heading}**\n\n{items}" if items else ""
