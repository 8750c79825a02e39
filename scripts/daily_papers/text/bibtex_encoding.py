r"""Convert foreign text to LaTeX that TeX, BibTeX and biber can read.

Formulas stay. Other LaTeX stays if plain LaTeX knows all of it; if not, the text is converted to
Unicode and written anew. Letters with accents become commands, because BibTeX abbreviates a name
to its first byte; what plain LaTeX cannot write (Chinese, Cyrillic) stays in UTF-8, for biber.
BibTeX counts braces regardless of backslashes (https://tug.ctan.org/biblio/bibtex/base/btxdoc.pdf),
so all braces are paired and no brace follows a backslash.
"""

import functools
import re
import string
from itertools import zip_longest
from unicodedata import normalize

from daily_papers.data import load
from daily_papers.text import markdown
from daily_papers.text.latex import ESCAPED_QUOTE, split_formulas, to_unicode

_TABLES = load("latex")
_FONTS, _SIGNS = "|".join(_TABLES["written_fonts"]), "|".join(_TABLES["written_signs"])
_ACCENTS = {mark: accent for accent, mark in _TABLES["accents"].items()}
# A letter or digit with an accent for which Unicode has no single character: `2̄`.
_ACCENTED = re.compile(f"([A-Za-z0-9])([{''.join(_ACCENTS)}])")
_FORMULA = "\ufdd0"
"""Stands for a formula; `markdown.visible` removes this noncharacter from any text."""
_KEPT = re.compile(
    rf"""(\\(?:[$%#&_,\ -]|(?:{_FONTS})(?={{)|(?:{_SIGNS})(?![A-Za-z])
    |[`'^"~=.](?:[A-Za-z]|{{\\?[A-Za-z]}}|\\[ij](?![A-Za-z]))
    |[Hbcdkruv](?:\ [A-Za-z]|{{\\?[A-Za-z]}}|\s?\\[ij](?![A-Za-z])))
    |[{{}}]|(?<=[A-Za-z.,;:)}}])~(?=[^\s~]))""",
    re.VERBOSE,
)
_SIGN = re.compile(rf"\\(?:{_SIGNS})|\\ensuremath{{\\?[A-Za-z+=-]+}}")
_MATH_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[%#&]|[^\x00-\x7f]", re.DOTALL)
# What TeX refuses in a formula, what hides its end from TeX, and commands of MathJax.
_BAD_MATH = re.compile(
    r"(?<!\\)(?:\\\\)*\$|\^\^|(?<!\\)(?:\\\\)*\\(?:$|[]()['\"`~.=^])|(?<!\\)[_^]\s*(?:[_^}]|$)"
    r"|\\(?:href|unicode|url)(?![A-Za-z])|\\(?:begin|end)(?!\{[a-z]+\*?\})"
    r"|\\(?:frac|sqrt|math[a-z]+|text[a-z]*)\s*$"
)


@functools.lru_cache(4096)
def latex_text(text: str) -> str:
    """Return foreign text as one line of LaTeX with paired braces."""
    formulas: list[str] = []
    prose = ""
    for part, is_formula in split_formulas(normalize("NFC", markdown.visible(text))):
        formula = _formula(part.strip()) if is_formula else None
        if formula is not None:
            formulas.append(formula)
            prose += _FORMULA
        else:
            prose += f"${part}$" if is_formula else part
    parts = _prose(prose).split(_FORMULA)
    return "".join(map("".join, zip_longest(parts, formulas, fillvalue="")))


def _prose(text: str) -> str:
    prose, commands = _KEPT.split(text)[::2], _KEPT.findall(text)
    if "\\" in "".join(prose) or ESCAPED_QUOTE.search(text) or not _is_paired(text):
        prose, commands = [normalize("NFC", to_unicode(text).replace('\\"', '"'))], []
    written = (_ACCENTED.sub(_accent, part.translate(_table())) for part in prose)
    return "".join(map("".join, zip_longest(written, commands, fillvalue="")))


def _accent(match: re.Match[str]) -> str:
    return f"{{\\{_ACCENTS[match[2]]}{{{match[1]}}}}}"


def _formula(content: str) -> str | None:
    """Return a formula between dollars, or None if TeX would not read it as one."""
    if _BAD_MATH.search(content):
        return None
    written = _MATH_TOKEN.sub(_in_formula, content)
    return (f"${written}$" if written else "") if _is_paired(written) else None


def _in_formula(match: re.Match[str]) -> str:
    found = match[0]
    if found.isascii():
        is_kept = found == "&" and "\\begin" in match.string
        return found if is_kept else _TABLES["written_in_formulas"].get(found, found)
    return found.translate(_table()).partition(r"\ensuremath")[2] or found


def _is_paired(text: str) -> bool:
    depth = 0
    for brace in re.findall("[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


@functools.cache
def _table() -> dict[int, str]:
    """Return a table for `str.translate` from characters to LaTeX."""
    from pylatexenc.latexencode import get_builtin_uni2latex_dict  # noqa: PLC0415

    table = {
        code: f"{{{latex}}}" if latex[1:].isalpha() else latex
        for code, latex in get_builtin_uni2latex_dict().items()
        if _SIGN.fullmatch(latex)
    }
    for accent, mark in _TABLES["accents"].items():
        for letter in string.ascii_letters:
            if len(character := normalize("NFC", letter + mark)) == 1:
                shown = f"{{{letter}}}" if accent.isalpha() else letter
                table[ord(character)] = f"{{\\{accent}{shown}}}"
    return table | str.maketrans(_TABLES["written"])
