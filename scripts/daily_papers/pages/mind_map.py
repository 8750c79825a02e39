"""Draw a paper's mind map as Mermaid, from the fields that a language model filled in.

The model never writes Mermaid: the program draws a tree of short labels, and a label keeps no sign
that has a meaning there, so that the map always renders.
https://mermaid.js.org/syntax/flowchart.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from daily_papers.text.markdown import visible
from daily_papers.text.white_space import one_line

_LONGEST = 90
"""Characters of a label."""
_MOST = 4
"""Leaves of a branch."""
# What ends a label, begins a comment, an entity, a formula or Markdown, or is taken for HTML.
_SIGNS = str.maketrans('"`<>{}[]|\\#%;$&*_~', "”’‹›()()¦/№٪,﹩＋·‿∼")
_LIST = re.compile(r"^(?:[-+·•]|\(?\d{1,3}[.)])\s+")

SUMMARY = (
    ("Field", ("field", "subfield")),
    ("Keywords", ("keywords",)),
    ("Contributions", ("contributions",)),
    ("Institutions", ("institutions",)),
)
"""The branches of a map from a summary, and their fields."""
ANALYSIS = (
    ("Contributions", ("contributions",)),
    ("Method", ("method",)),
    ("Impact", ("impact",)),
    ("Applications", ("applications",)),
    ("Limitations", ("limitations",)),
)
"""The same from an analysis."""

Branches = Sequence[tuple[str, Sequence[str]]]


def mind_map(title: str, fields: Mapping[str, Any], branches: Branches) -> list[str]:
    """Return the lines of a fenced Mermaid block; none if no branch has a leaf."""
    lines = [f'  root(["{_label(title) or "…"}"])']
    for number, (heading, names) in enumerate(branches):
        leaves = list(filter(None, map(_label, _texts(fields.get(name) for name in names))))
        if not leaves:
            continue
        branch = f"b{number}"
        lines.append(f'  root --> {branch}("{heading}")')
        lines += [
            f'  {branch} --> {branch}l{at}["{leaf}"]' for at, leaf in enumerate(leaves[:_MOST])
        ]
    return ["```mermaid", "flowchart LR", *lines, "```"] if len(lines) > 1 else []


def _texts(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        yield from (value or "",) if isinstance(value, str) or value is None else map(str, value)


def _label(text: str) -> str:
    plain = _LIST.sub("", one_line(visible(text)).translate(_SIGNS)).strip()
    if len(plain) > _LONGEST:
        plain = f"{plain[:_LONGEST].rsplit(' ', 1)[0]} …"
    return plain
