"""Find signs of other keyboards, and letters that no title or abstract at arXiv has.

Of 26,618 records, titles and abstracts have Latin and Greek letters only, names Latin ones.
"""

import re
import unicodedata
from collections.abc import Iterator

_QUOTES = "“”„‟«»「」『』《》＂"

_TWINS = {"、": ",", "。": ".", "【": "[", "】": "]", **dict.fromkeys(_QUOTES, '"')}
# U+FF01 to U+FF5E are the printable ASCII characters in full width.
_FULL_WIDTH = 0xFEE0
_MISTYPED = re.compile(f"[{''.join(_TWINS)}]|[！-～]+")
_DASH = re.compile(r'(?<![^\s|&(])[‐‑‒–—―−﹣](?=[\w"(])')
_SCRIPTS = ("LATIN ", "GREEK ")


def separator_fault(sign: str) -> str:
    """Return the message for a comma or semicolon between words."""
    name = "comma" if sign == "," else "semicolon"
    return (
        f"a {name} separates nothing: write | if either may occur, & if both must, or quotation "
        f"marks around a phrase with a {name}"
    )


def unquoted(text: str) -> str:
    """Return a text of the same length with blanks inside its quotation marks."""
    return re.sub(r'"([^"]*)("?)', lambda quoted: f'"{" " * len(quoted[1])}{quoted[2]}', text)


def mistyped_signs(text: str) -> Iterator[tuple[int, str]]:
    """Yield place and message of each sign that looks like one with a meaning, but is another."""
    for match in _MISTYPED.finditer(text):
        typed, twin = match[0], "".join(map(_twin, match[0]))
        if twin == '"':
            message = f"{typed} is a typographic quotation mark; type a straight one: {twin}"
        elif twin in (",", ";"):
            message = f"{typed} is in full width, and {separator_fault(twin)}"
        else:
            message = f"{typed} is in full width; type it plain: {twin}"
        yield match.start(), message
    for match in _DASH.finditer(text):
        message = f"{match[0]} is a dash; type a plain minus to exclude the word after it: -"
        yield match.start(), message


def _twin(character: str) -> str:
    return _TWINS.get(character) or chr(ord(character) - _FULL_WIDTH)


def foreign_letter(text: str) -> tuple[int, str] | None:
    """Return place and message of the first letter of a script that arXiv's metadata lack."""
    for place, character in enumerate(text):
        if not character.isascii() and unicodedata.category(character) in ("Ll", "Lu", "Lt", "Lo"):
            plain = unicodedata.normalize("NFKC", character)[0]
            if not unicodedata.name(plain, "").startswith(_SCRIPTS):
                return place, (
                    "arXiv's titles and abstracts are in English, and names in Latin letters; "
                    "write these words so. Only a heading may be in any script"
                )
    return None
