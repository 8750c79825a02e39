"""papers/facts/*.json: the papers of a topic as JSON, for other programs."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from daily_papers.atomic_files import MARK
from daily_papers.clock import format_time
from daily_papers.pages import pieces
from daily_papers.store.entry_types import Entry
from daily_papers.store.json_encoding import to_json, write_json
from daily_papers.store.paper import SAMPLE_LABEL

HEAD = f'{{\n"generated": "daily-papers: this file {MARK}",\n'

# JSON allows line separators, but some programs end a line there; UTF-8 has no surrogates.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def render_facts(topic: str, entries: Sequence[Entry]) -> str:
    """Return the papers as JSON, one per line, with the fields of the store that are not empty.

    Texts are arXiv's own, with their LaTeX; times are ISO 8601 in UTC.
    """
    label = f'"note": {_json(SAMPLE_LABEL)},\n' if pieces.has_sample(entries) else ""
    lines = ",\n".join(_json(_facts(entry)) for entry in entries)
    papers = f"[\n{lines}\n]" if lines else "[]"
    return f'{HEAD}{label}"topic": {_json(topic)},\n"papers": {papers}\n}}\n'


def _facts(entry: Entry) -> Mapping[str, Any]:
    paper = entry.paper
    facts = to_json(paper)
    if "authors" in facts:
        facts["authors"] = list(paper.names)
    return {
        "id": facts.pop("arxiv_id"),
        "versioned_id": paper.versioned_id,
        "abs": pieces.abs_url(paper),
        "pdf": pieces.pdf_url(paper),
        "first_seen": format_time(entry.first_seen),
        **({"withdrawn": True} if paper.is_withdrawn else {}),
        **facts,
    }


def _json(item: object) -> str:
    text = write_json(item)
    return text if text.isascii() else _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    # Some programs refuse a lone surrogate even if it is escaped.
    is_surrogate = "\ud800" <= match[0] <= "\udfff"
    return "\ufffd" if is_surrogate else f"\\u{ord(match[0]):04x}"
