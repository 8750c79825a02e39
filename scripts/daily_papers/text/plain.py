"""Foreign text to plain text: white space and paragraphs."""

from __future__ import annotations

import re


def one_line(text: str | None) -> str:
    """Return `text` with every run of white space made one blank."""
    return " ".join((text or "").split())


def paragraphs(text: str | None) -> str:
    """Return an abstract with its lines joined and its paragraphs one a line.

    arXiv breaks lines at about 80 characters and begins a paragraph with an indented line:
    https://info.arxiv.org/help/prep.html#abstracts
    """
    parts = re.split(r"\n(?=[ \t]+\S)|\n[ \t]*\n", (text or "").strip())
    return "\n".join(filter(None, map(one_line, parts)))
