"""Find the URLs, e-mail addresses and host names of a text that its source does not have."""

import re

from daily_papers.data import load

_URL = re.compile(
    r"(?:https?://|www\.)[!#-&(-;=?-z|~]+"
    r"|\b(?:[a-z0-9-]{1,63}\.){1,20}(?:com|org|io|net|edu|ai|dev|app|co|cn|me|info|xyz|gov)"
    r"/[!#-&(-;=?-z|~]*",
    re.IGNORECASE,
)
_NEXT_LINE = re.compile(r"[ \t]*\n[ \t]*([^\s<>{}\"']+)")
_MAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:(?!\d+\.)[A-Za-z0-9-]{1,63}\.){1,20}[A-Za-z]{2,}"
)
_HOST = re.compile(
    r"(?<![A-Za-z0-9._@-])((?:[A-Za-z0-9-]{1,63}\.){0,20})([A-Za-z0-9-]{1,63})\.([A-Za-z]{2,})"
    r"(?!-|\.?[a-z0-9]|[A-Z])"
)
_HOSTS = {name: frozenset(words.split()) for name, words in load("llm_link_patterns").items()}
_TOP_LEVEL = _HOSTS["generic"] | _HOSTS["countries"]


def unknown_address(text: str, source: str) -> str:
    """Return the first URL, e-mail address or host of `text` that is not in `source`."""
    if urls := _URL.findall(text):
        known = _urls(source)
        for url in map(_normalized, urls):
            if url not in known:
                return url
    return _unknown_host(text, source)


def _urls(text: str) -> set[str]:
    """Return the URLs of a text; one at the end of a line may continue on the next one."""
    found = set()
    for match in _URL.finditer(text):
        found.add(_normalized(match[0]))
        if continued := _NEXT_LINE.match(text, match.end()):
            found.add(_normalized(match[0] + continued[1]))
    return found


def _normalized(url: str) -> str:
    url = url.rstrip(".,;:!?)]}*\\")
    url = re.sub(r"^https?://(?:www\.)?|^www\.", "", url, flags=re.IGNORECASE)
    return url.rstrip("/").removesuffix(".git").casefold()


def _unknown_host(text: str, source: str) -> str:
    found = _MAIL.findall(text)
    # As written, and with the blank that may be missing before the next sentence.
    for plain in (text, re.sub(r"\.(?=[A-Z][a-z])", ". ", text)):
        found += [match[0] for match in _HOST.finditer(plain) if _is_host(match)]
    if not found:
        return ""
    # A first page may break one at the end of a line.
    given = source.casefold()
    given += "\n" + re.sub(r"-?[ \t]*\n[ \t]*", "", given)
    for one in found:
        plain = re.escape(one.casefold().removeprefix("www."))
        if not re.search(rf"(?<![a-z0-9-]){plain}(?![a-z0-9-])", given):
            return str(one)
    return ""


def _is_host(match: re.Match[str]) -> bool:
    before, name, ending = match.groups()
    if ending.lower() not in _TOP_LEVEL or (not before and name.lower() in _HOSTS["archives"]):
        return False
    if name.isdigit() and (before or ending in _HOSTS["words"]):
        # "87.4.in" only lacks a blank, and so does "e.g.in" below.
        return False
    if ending in _HOSTS["words"]:
        return len(name) > 1 or not before
    return ending.lower() not in _HOSTS["words"] or match[0].isupper()
