"""Read a text file of the user's, and show the place of an error in one of its lines."""

import re
import unicodedata
from pathlib import Path

from daily_papers.atomic_files import refuse_links
from daily_papers.errors import InputError

# Columns shown before and after an error.
_SHOWN = 60


def read_user_text(root: Path, name: str) -> str:
    """Return the text of the file `name` in `root`. Raises InputError, and FileNotFoundError."""
    refuse_links(root / name)
    line = 1
    try:
        # Notepad writes a byte order mark.
        return (root / name).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise
    except OSError as error:
        message = f"it cannot be read: {error.strerror}; put a file in its place that can be"
    except UnicodeDecodeError as error:
        line = len(split_lines(error.object[: error.start].decode("latin-1")))
        message = "it is not UTF-8; save the file with the encoding UTF-8"
    raise InputError([f"{name}:{line}: {message}"])


def split_lines(text: str) -> list[str]:
    """Return the lines of a text, as editors number them."""
    return re.split(r"\r\n|\r|\n", text)


def caret(raw: str, place: int) -> str:
    """Return the line, and below it a caret at a place, in columns of a terminal."""
    first = max(0, place - _SHOWN)
    cut = "…" if first else ""
    line = "".join(map(_visible, raw[first : place + _SHOWN].rstrip()))
    indent = "".join(map(_blank, raw[first:place]))
    return f"    {cut}{line}\n    {' ' * len(cut)}{indent}^"


def _visible(character: str) -> str:
    if character == "\t" or character.isprintable():
        return character
    return " " if character.isspace() else "\ufffd"


def _blank(character: str) -> str:
    """Return blanks of the width of a character."""
    if character == "\t":
        return character
    if unicodedata.category(character) in ("Mn", "Me"):
        return ""
    return "  " if unicodedata.east_asian_width(character) in "WF" else " "
