"""Check a query in arXiv's own syntax before it is sent; arXiv parses it in full."""

import re
from urllib.parse import parse_qs, unquote_plus, urlsplit

from daily_papers.topics.query_tree import Native
from daily_papers.topics.search_parser import (
    UNCLOSED_PARENTHESIS,
    UNCLOSED_QUOTE,
    UNOPENED_PARENTHESIS,
    Report,
)
from daily_papers.topics.unsearchable_characters import foreign_letter, mistyped_signs, unquoted

_OPERATORS = "AND|OR|ANDNOT|NOT"
# As in an address: %22 for a quotation mark, + for a blank. In C++ it is a plus.
_ENCODED = re.compile(r'%[0-9A-Fa-f]{2}|(?<=[\w")])\+(?=[\w"(])|https?://|search_query=')


def parse_native(text: str, report: Report) -> Native | None:
    """Return the query after the =; after an error, passed to `report`, None."""
    if text.lstrip().startswith("#"):
        report(-1, "a query cannot begin with #, which starts a comment; delete it")
        return None
    if not text.strip():
        report(-1, "nothing follows the =; write a query in arXiv's own syntax")
        return None
    faults = dict(_faults(text))
    for place, message in faults.items():
        report(place, message)
    return None if faults else Native(" ".join(text.split()))


def _faults(text: str) -> list[tuple[int, str]]:
    outside = unquoted(text)
    if encoded := _ENCODED.search(outside):
        decoded = " ".join(_decoded(text).split())
        message = "this is encoded as in an address, and arXiv would get it encoded twice; write: ="
        return [(encoded.start(), f"{message} {decoded}")]
    found = list(mistyped_signs(outside))
    if foreign := foreign_letter(text):
        found.append(foreign)
    found += [
        (one.start(), "arXiv refuses a backslash; delete it") for one in re.finditer(r"\\", text)
    ]
    found += _unbalanced(text)
    if last := re.search(rf"(?<![^\s()])({_OPERATORS})[\s)]*$", text):
        found.append((last.start(1), f"nothing follows {last[1]}; write it, or delete {last[1]}"))
    return found


def _unbalanced(text: str) -> list[tuple[int, str]]:
    found = []
    opened: list[int] = []
    for match in re.finditer(r'"[^"]*("?)|[()]', text):
        at = match.start()
        if match[0] == "(":
            opened.append(at)
        elif match[0] == ")" and opened:
            opened.pop()
        elif match[0] == ")":
            found.append((at, UNOPENED_PARENTHESIS))
        elif not match[1]:
            found.append((at, UNCLOSED_QUOTE))
    return [*found, *((at, UNCLOSED_PARENTHESIS) for at in opened)]


def _decoded(text: str) -> str:
    """Return the query in an address, or in the part of one."""
    if "search_query=" in text:
        parameters = urlsplit(text.strip()).query or text.strip()
        text = next(iter(parse_qs(parameters).get("search_query", [])), "")
    else:
        text = unquote_plus(text)
    return "".join(one for one in text if one.isprintable())
