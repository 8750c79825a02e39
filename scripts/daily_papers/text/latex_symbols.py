r"""Tell what a LaTeX command without arguments shows, and restore commands that arXiv has split.

Symbols and alphabets come from pylatexenc, and from tables for what it does not know.
"""

import functools
import re
from typing import Any
from unicodedata import normalize

from daily_papers.data import load

_TABLES = load("latex")
ACCENTS: dict[str, str] = _TABLES["accents"]
"""Combining characters by the command of their accent."""
_SYMBOLS: dict[str, str] = {
    **{name: name for name in _TABLES["operators"]},
    **dict(zip(*[iter(_TABLES["symbol_pairs"].split())] * 2, strict=True)),
    **_TABLES["symbols"],
}
_WITH_ARGUMENTS = frozenset(_TABLES["math_accents"]).union(
    *(_TABLES[name] for name in ("alphabets", "binomials", "fonts", "fractions", "switches"))
)
_CACHED = 2048
_SPLIT = re.compile(r"\\([Hbcdkrtuv])(?:\{([A-Za-z]+)\}|\s([a-z]{2,})(?![A-Za-z]))(?=([A-Za-z]?))")


def join_split_commands(text: str) -> str:
    r"""Return `text` with `\kappa` where arXiv's metadata have `\k{appa}`, and the like.

    arXiv reads the first letter of some commands as the command of an accent.
    """
    return _SPLIT.sub(_joined, text) if "\\" in text else text


def _joined(match: re.Match[str]) -> str:
    accent, rest = match[1], match[2] or match[3]
    name = accent + rest
    is_accented = len(rest) == 1 and len(normalize("NFC", rest + ACCENTS.get(accent, "  "))) == 1
    if is_accented or (name not in _WITH_ARGUMENTS and symbol(name) is None):
        return match[0]
    return f"\\{name}{{}}" if match[4] else f"\\{name}"


@functools.cache
def _library() -> Any:  # noqa: ANN401 # the library has no types
    # Takes 0.1 s to import, and many runs have no LaTeX.
    from pylatexenc.latex2text import LatexNodes2Text  # noqa: PLC0415

    return LatexNodes2Text(math_mode="text")


@functools.lru_cache(_CACHED)
def symbol(name: str) -> str | None:
    """Return what a command without arguments shows, or None if it is unknown or takes some."""
    if name in _SYMBOLS:
        return _SYMBOLS[name]
    command = _library().latex_context.get_macro_spec(name)
    shown = getattr(command, "simplify_repl", None)
    # Longer texts with an angle bracket are placeholders of pylatexenc: <cit.>, <ref>.
    if not isinstance(shown, str) or "%" in shown or "<" in shown[:-1] or not shown.strip():
        return None
    return shown


@functools.lru_cache(_CACHED)
def in_alphabet(letters: str, alphabet: str) -> str:
    r"""Return ASCII letters and digits as `\mathbb` and the like show them."""
    return str(_library().latex_to_text(f"\\{alphabet}{{{letters}}}"))
