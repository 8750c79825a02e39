"""Convert TeX's quotation marks and dashes to Unicode."""

import re

# `re` searches fast for one of some characters, and slowly for alternatives.
_TYPOGRAPHY = re.compile(
    r"""[hH`'"-](?:
        (?<=[hH])[tT]{2}[pP][sS]?://\S+
        |(?<=(?<!`)`)`(?!`) |(?<=')' |(?<=")
        |(?<=(?<![`\w])`)(?=[^`'\s][^`]{0,80}'(?!\w)) |(?<=')(?!\w)
        |(?<=-)-+)""",
    re.VERBOSE,
)
_OPENING = {"``": ("“", "”"), "`": ("‘", "’")}
_CLOSING = {"''": "”", '"': "”", "'": "’"}


def typography(text: str) -> str:
    """Return `text` with TeX's quotes and dashes converted, except in URLs."""
    if "`" not in text and "--" not in text:
        return text
    last_close = max(text.rfind("''"), text.rfind('"'))
    opened: set[str] = set()

    def replace(match: re.Match[str]) -> str:
        found = match[0]
        if found in _OPENING and (found == "`" or match.start() < last_close):
            opening, closing = _OPENING[found]
            opened.add(closing)
            return opening
        if _CLOSING.get(found) in opened:
            opened.remove(_CLOSING[found])
            return _CLOSING[found]
        return _dash(match) if found[0] == "-" else found

    return _TYPOGRAPHY.sub(replace, text)


def _dash(match: re.Match[str]) -> str:
    """Return a dash for two or three hyphens, except in an option, an arrow or a comment."""
    hyphens, text = match[0], match.string
    before = text[match.start() - 1] if match.start() else " "
    after = text[match.end()] if match.end() < len(text) else " "
    option = not (before.isalnum() or before in ".,;:)]}”’\"'%") and after != " "
    if len(hyphens) > len("---") or before in "<!" or after == ">" or option:
        return hyphens
    return "—" if len(hyphens) == len("---") else "–"
