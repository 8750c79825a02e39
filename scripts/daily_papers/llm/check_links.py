"""Find the URLs, e-mail addresses and host names of a text that its source does not have."""

import re

from daily_papers.data import load

_HOSTS = load("llm_link_patterns")
# "Top" after a full stop is a word, and so is "in".
_TOP_LEVEL = {*_HOSTS["generic"].split(), *_HOSTS["countries"].split()}
_ENDING = "|".join(_TOP_LEVEL.difference(_HOSTS["words"].split()))
_REST = r"[!#-&(-;=?-z|~]*"
_NAMES = r"(?:[A-Za-z0-9-]{1,63}\.){1,20}"
_ADDRESS = re.compile(
    rf"(?:https?://|www\.){_REST}|(?<![\w.@-])(?:[\w.%+-]{{1,64}}@{_NAMES}[A-Za-z]{{2,}}"
    rf"|{_NAMES}(?:{_ENDING}|{_ENDING.upper()})(?![\w-]|\.[a-z0-9])(?:/{_REST})?)",
    re.ASCII,
)
_NO_HOST = re.compile(rf"(?:{'|'.join(_HOSTS['archives'].split())})\.[A-Z]{{2}}|[\d.]+[a-z]+")
_BREAK = r"(?:-?[ \t]*\n[ \t]*)?"
"""A first page may break an address at the end of a line."""


def unknown_address(text: str, source: str) -> str:
    """Return the first URL, e-mail address or host of `text` that is not in `source`."""
    for match in _ADDRESS.finditer(text):
        address = re.sub(r"^https?://", "", match[0], flags=re.IGNORECASE).removeprefix("www.")
        address = address.rstrip(".,;:!?)]}*\\/").removesuffix(".git")
        end = r"(?:\.git)?/?(?![\w/-]|\.\w)" if "/" in address else r"(?![\w-]|\.\w)"
        known = rf"(?<![\w-]){_BREAK.join(map(re.escape, address))}{end}"
        if not _NO_HOST.fullmatch(match[0]) and not re.search(known, source, re.IGNORECASE):
            return match[0]
    return ""
