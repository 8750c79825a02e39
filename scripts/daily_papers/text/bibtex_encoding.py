r"""Convert foreign text to LaTeX that TeX, BibTeX, biber and other readers of .bib files can read.

Formulas stay. Other LaTeX stays if all readers know all of it; if not, the text is converted to
Unicode and written anew. Letters with accents become commands, because BibTeX abbreviates a name
to its first byte; Greek and other symbols become formulas. What plain LaTeX cannot write (Chinese,
Cyrillic) stays in UTF-8, and so do characters whose command pandoc, citation-js or bibtexparser
lose (`\dh`, `\texteuro`).
BibTeX counts braces regardless of backslashes (https://tug.ctan.org/biblio/bibtex/base/btxdoc.pdf),
so all braces are paired and no brace follows a backslash.
"""

import functools
import re
from itertools import chain, groupby, zip_longest
from unicodedata import normalize

from daily_papers.data import load
from daily_papers.text import markdown
from daily_papers.text.latex import ESCAPED_QUOTE, split_formulas, to_unicode
from daily_papers.text.latex_symbols import ACCENTS, join_split_commands

_TABLES = load("latex")
_FONTS, _SIGNS = "|".join(_TABLES["written_fonts"]), "|".join(_TABLES["written_signs"])
# citation-js reads the macron below as another character.
_ACCENTS = {mark: accent for accent, mark in ACCENTS.items() if accent != "b"}
_WRITTEN: dict[str, str] = _TABLES["written"]
# Raised and lowered characters: `^` or `_`, and the usual character.
_SCRIPTS = {
    small: (mark, plain)
    for mark, table in (("^", "superscripts"), ("_", "subscripts"))
    for plain, small in reversed(list(zip(*_TABLES[table], strict=True)))
    if small != plain
}
# Most names and titles; they need no change.
_PLAIN = re.compile(r"[A-Za-z0-9 .,:;?!()/+*='-]*")
# A letter or digit with accents for which Unicode has no single character: `2̄`.
_ACCENTED = re.compile(f"[A-Za-z0-9][{''.join(_ACCENTS)}]+")
# What LaTeX knows as a letter; biber turns other letters with an accent into a character that LaTeX
# refuses, unless the letter stands in two pairs of braces.
_LAST_LETTER = "\u017f"
_FORMULA = "\ufdd0"
"""Stands for a formula; `markdown.visible` removes this noncharacter from any text."""
_KEPT = re.compile(
    rf"""(\\(?:[$%#&_]|(?:{_FONTS})(?={{)|(?:{_SIGNS})(?![A-Za-z]))
    |[{{}}]|(?<=[A-Za-z.,;:)}}])~(?=[^\s~]))""",
    re.VERBOSE,
)
_ACCENT = re.compile(
    r"""({)?\\(?:([`'^"~=.])|([Hbcdkruv])(?![A-Za-z])\s?)
    (?:{\\?([A-Za-z])}|\\([ij])(?![A-Za-z])\s?|([A-Za-z]))(?(1)})""",
    re.VERBOSE,
)
# They begin a formula of another kind.
_TWO_DOLLARS = re.compile(r"(?<!\\)\$\$")
_SYMBOL = re.compile(r"\\ensuremath{(\\?[A-Za-z+=-]+|\\math[a-z]+{[A-Za-z0-9]})}")
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
    line = join_split_commands(normalize("NFC", markdown.visible(text)))
    if _PLAIN.fullmatch(line):
        return line
    formulas: list[str] = []
    prose = ""
    for part, is_formula in split_formulas(line):
        formula = _formula(part.strip()) if is_formula else None
        if formula is not None:
            formulas.append(formula)
            prose += _FORMULA
        else:
            prose += f"${part}$" if is_formula else part
    parts = _prose(prose).split(_FORMULA)
    if len(parts) != len(formulas) + 1:  # A command with a formula in its argument is not shown.
        parts, formulas = [_written(markdown.visible(to_unicode(line)))], []
    return _TWO_DOLLARS.sub(
        "${}$", "".join(map("".join, zip_longest(parts, formulas, fillvalue="")))
    )


def _prose(text: str) -> str:
    plain = text if ESCAPED_QUOTE.search(text) else _ACCENT.sub(_letter, text)
    prose, commands = _KEPT.split(plain)[::2], _KEPT.findall(plain)
    if "\\" in "".join(prose) or not _is_paired(plain):
        prose, commands = [to_unicode(text).replace('\\"', '"')], []
    return "".join(map("".join, zip_longest(map(_written, prose), commands, fillvalue="")))


def _letter(match: re.Match[str]) -> str:
    r"""Return the letter that a command with an accent shows; `\i` is an i."""
    return normalize("NFC", (match[4] or match[5] or match[6]) + ACCENTS[match[2] or match[3]])


def _written(text: str) -> str:
    """Return text without LaTeX as LaTeX."""
    text = normalize("NFC", text).translate(_table())
    if text.isascii():
        return text
    text = _ACCENTED.sub(lambda match: _accented(match[0]), text)
    return _symbols().sub(lambda match: f"${_in_math(match[0])}$", text)


def _accented(letter: str) -> str:
    """Return a letter with accents as LaTeX, or as it is if an accent has no command."""
    decomposed = normalize("NFD", letter)
    base = decomposed[0]
    accents = [_ACCENTS.get(mark, "") for mark in decomposed[1:]]
    if not all(accents) or not (base.isascii() or base in _WRITTEN):
        return letter
    is_known = letter <= _LAST_LETTER or not base.isascii() or len(accents) > 1
    written = _WRITTEN.get(base, base)
    for place, accent in enumerate(accents):
        if accent.isalpha() or place:
            written = f"{{{written}}}"
        elif not is_known:
            written = f"{{{{{written}}}}}"
        written = f"{{\\{accent}{written}}}"
    return written


def _in_math(characters: str) -> str:
    """Return symbols, raised and lowered characters as the inside of a formula."""
    signs, written, after = _signs(), "", ""
    for mark, group in groupby(characters, lambda one: _SCRIPTS.get(one, "")[:1]):
        if mark:
            plain = "".join(_SCRIPTS[one][1] for one in group)
            inside = "".join(f"{signs[one]} " if one in signs else one for one in plain)
            # A second script needs another letter to stand at.
            written += f"{after}{mark[0]}{{{inside}}}"
            after = "{}"
        else:
            written += " ".join(signs[one] for one in group)
            after = ""
    return written


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
    return f"{{{_in_math(found)}}}" if _symbols().match(found) else found


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
    letters = map(chr, chain(range(0xC0, 0x250), range(0x1E00, 0x1F00)))
    accented = {
        letter: _accented(letter) for letter in letters if len(normalize("NFD", letter)) > 1
    }
    return str.maketrans(accented | _WRITTEN)


@functools.cache
def _signs() -> dict[str, str]:
    """Return the commands of characters that LaTeX has in formulas only."""
    from pylatexenc.latexencode import get_builtin_uni2latex_dict  # noqa: PLC0415

    found = (
        (chr(code), _SYMBOL.fullmatch(latex))
        for code, latex in get_builtin_uni2latex_dict().items()
    )
    signs = {
        character: match[1].replace("mathscr", "mathcal")
        for character, match in found
        if match and match[1].removeprefix("\\") not in _TABLES["no_commands"]
    }
    return signs | dict[str, str](_TABLES["written_signs_in_formulas"])


@functools.cache
def _symbols() -> re.Pattern[str]:
    return re.compile(f"[{re.escape(''.join(chain(_signs(), _SCRIPTS)))}]+")
