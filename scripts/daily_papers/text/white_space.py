"""Normalize the white space of text from arXiv."""

import re


def one_line(text: str | None) -> str:
    """Return `text` with every run of white space replaced by one space."""
    return " ".join((text or "").split())


def paragraphs(text: str | None) -> str:
    """Return an abstract with one line per paragraph.

    arXiv breaks lines at about 80 characters and indents the first line of a paragraph:
    https://info.arxiv.org/help/prep.html#abstracts
    """
    parts = re.split(r"\n(?=[ \t]+\S)|\n[ \t]*\n", (text or "").strip())
    return "\n".join(filter(None, map(one_line, parts)))
