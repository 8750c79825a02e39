"""papers/digest/: a page for each topic and day, with ten papers in full."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from daily_papers.facts.key_sentences import key_findings
from daily_papers.pages import shared
from daily_papers.store.paper import split_identifier
from daily_papers.store.records import DigestText, Entry
from daily_papers.text import markdown

FOLDER = "papers/digest"
_LISTED = re.compile(
    r"^<a id='[^']*'></a>\n## \[.*\]\(https://arxiv\.org/abs/(.*)v\d+\)$", re.MULTILINE
)
_WRITTEN = re.compile(r"^(?:## Executive Summary|\*\*Analysis:\*\*)$", re.MULTILINE)
_ANALYSIS = (
    ("contributions", "Main contributions"),
    ("method", "Key innovation or method"),
    ("impact", "Potential impact"),
    ("applications", "Applications"),
    ("limitations", "Limitations"),
)


def page(topic: str, day: date) -> str:
    """Return the path of the digest of a topic and a day, from the root."""
    return f"{FOLDER}/{day.year}/{day}/{shared.page_name(topic)}.md"


def listed(text: str) -> list[str]:
    """Return the identifiers of the papers that a digest has, in order."""
    return _LISTED.findall(text)


def written(text: str) -> int:
    """Return how many texts by a language model a digest has."""
    return len(_WRITTEN.findall(text))


def said_of(
    digests: Iterable[DigestText], day: date, topic: str, language: str, chosen: Iterable[Entry]
) -> DigestText | None:
    """Return the last text that is about these papers, or some of them, if there is one."""
    shown = {entry.paper.arxiv_id for entry in chosen}
    found = None
    for one in digests:
        about = {split_identifier(paper)[0] for paper in one.papers}
        if (one.day, one.topic, one.text.language) == (day, topic, language) and about <= shown:
            found = one if one.text.fields else found
    return found


def render_digest(
    topic: str,
    day: date,
    chosen: Sequence[Entry],
    known: int,
    digest: DigestText | None,
    language: str,
) -> str:
    """Return the digest of a day: the `chosen` papers of the `known` ones that the topic has.

    `digest` is what a language model wrote over them, if it did.
    """
    sections = [
        f"time: {day:%Y%m%d}\n",
        f"{markdown.heading(1, f'Arxiv {topic} Papers - {day}')}\n",
        shared.sample_note(entry.paper for entry in chosen).rstrip("\n"),
        _summary(chosen, digest),
        "## Table of Contents\n",
        _contents(chosen),
        _rest(len(chosen), known),
        "---\n\n## Papers\n",
        *(_paper(entry, language) for entry in chosen),
        f"{shared.up(f'All digests of {day}')}\n",
    ]
    return "\n".join(filter(None, sections))


def _contents(chosen: Sequence[Entry]) -> str:
    return "".join(
        f"{number}. {markdown.link(entry.paper.title, f'#{_anchor(entry)}')}\n"
        for number, entry in enumerate(chosen, start=1)
    )


def _rest(shown: int, known: int) -> str:
    if known <= shown:
        return ""
    return f"{shown} of the day's {shared.plural(known, 'paper')} on this topic.\n"


def _anchor(entry: Entry) -> str:
    return entry.paper.versioned_id.replace("/", "-")


def _paper(entry: Entry, language: str) -> str:
    paper = entry.paper
    analysis = entry.text("analysis", language)
    venue = paper.venue
    findings = key_findings(paper.abstract)
    links = [
        f"- {markdown.link('PDF', shared.pdf_url(paper))}",
        f"- {markdown.link('arXiv', shared.abs_url(paper))}",
        *(f"- Code or page: {markdown.inline(url)}" for url in paper.code_links),
    ]
    fields = [
        f"<a id='{_anchor(entry)}'></a>\n## {markdown.link(paper.title, shared.abs_url(paper))}",
        f"**Authors:** {markdown.label(', '.join(paper.authors))}" if paper.authors else "",
        f"**Published:** {shared.date(paper.published)}",
        f"**Categories:** {', '.join(map(markdown.label, shared.categories(paper)))}",
        f"**Venue:** {markdown.label(venue)}" if venue else "",
        f"**Abstract:**\n\n{markdown.inline(paper.abstract)}" if paper.abstract else "",
        f"**Analysis:**\n\n{_analysis(analysis.fields)}\n\n_{shared.written_by([analysis])}_"
        if analysis
        else "",
        "**Key Findings:**\n\n" + "\n".join(f"- {markdown.inline(one)}" for one in findings)
        if findings
        else "",
        "**Links:**\n\n" + "\n".join(links),
        "---",
    ]
    return "\n\n".join(filter(None, fields)) + "\n"


def _analysis(fields: Mapping[str, Any]) -> str:
    lines = []
    for name, heading in _ANALYSIS:
        told = fields.get(name, "")
        text = markdown.inline(told) if isinstance(told, str) else shared.numbered(told)
        if text:
            lines.append(f"- **{heading}:** {text}")
    return "\n".join(lines)


def _summary(chosen: Sequence[Entry], digest: DigestText | None) -> str:
    if digest is None:
        return ""
    fields = digest.text.fields
    papers = {entry.paper.arxiv_id: entry for entry in chosen}
    blocks = [
        markdown.inline(fields.get("themes", "")),
        _about(papers, "Highlights", fields.get("highlights", ()), "text"),
        _bullets("Emerging directions", map(markdown.inline, fields.get("directions", ()))),
        _about(papers, "Worth reading in full", fields.get("read", ()), "reason"),
        f"_{shared.written_by([digest.text])}_",
    ]
    return "## Executive Summary\n\n" + "\n\n".join(filter(None, blocks)) + "\n\n---\n"


def _about(
    papers: Mapping[str, Entry], heading: str, told: Iterable[Mapping[str, str]], name: str
) -> str:
    """Return what was told about papers; of those that the digest has."""
    lines = []
    for one in told:
        entry = papers.get(split_identifier(one["paper"])[0])
        if entry is not None:
            title = markdown.link(entry.paper.title, f"#{_anchor(entry)}")
            lines.append(f"{title}: {markdown.inline(one[name])}")
    return _bullets(heading, lines)


def _bullets(heading: str, lines: Iterable[str]) -> str:
    items = "\n".join(f"- {line}" for line in lines)
    return f"**{heading}**\n\n{items}" if items else ""
