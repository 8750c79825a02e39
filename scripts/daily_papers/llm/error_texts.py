"""Clean what an endpoint says about an error, before it is shown. Pure."""

import re

from daily_papers.text.white_space import one_line

_LONGEST = 200
"""Characters of an error that are shown."""
_PART = 6
"""Characters of a key that are too many to be chance."""
# A key, a token or an identifier: long, with a digit, and no word of a language.
_TOKEN = re.compile(r"(?=[\w+/=.-]*\d)[\w+/=-]{16,}|\b(?:sk|pk|gsk|xai|AIza)[-_]?\w{4,}")
_ADDRESS = re.compile(r"[a-z]+://\S+", re.IGNORECASE)
_MASKED = re.compile(r"\S*\*{2,}\S*|\S*(?:•|\.{3})\w{2,8}\b")


def clean(text: str, key: str) -> str:
    """Return an error's text in one short line, without any part of the key and without tokens."""
    text = one_line("".join(sign if sign.isprintable() else " " for sign in text[:4000]))
    found = ""
    at = 0
    while at < len(text):
        length = _shared(text, at, key)
        if length:
            found += "***"
            at += length
        else:
            found += text[at]
            at += 1
    for pattern in (_ADDRESS, _TOKEN, _MASKED):
        found = pattern.sub("***", found)
    return found if len(found) <= _LONGEST else f"{found[: _LONGEST - 1]}…"


def _shared(text: str, at: int, key: str) -> int:
    """Return how many characters from `at` on are a part of the key; 0 if they may be chance."""
    part = text[at : at + _PART]
    start = key.find(part) if len(part) == _PART else -1
    length = 0
    while start >= 0:
        run = _PART
        while key[start + run : start + run + 1] == text[at + run : at + run + 1] != "":
            run += 1
        length = max(length, run)
        start = key.find(part, start + 1)
    return length
