r"""Any text to LaTeX that TeX and BibTeX read: the one place where foreign text becomes LaTeX.

arXiv's titles are plain text in which authors leave some LaTeX. What is LaTeX stays LaTeX; what
would stop TeX (a bare `%`, `&` or `_`, a dollar that begins no formula, a command that plain LaTeX
does not have) is shown as it stands. BibTeX counts braces without regard to backslashes
(https://tug.ctan.org/biblio/bibtex/base/btxdoc.pdf), so no brace is left without its other half,
and none is written behind a backslash.

Letters with accents and other signs become LaTeX where plain LaTeX can write them: the classic
BibTeX takes an initial's first byte, which of a letter in UTF-8 is half of it. What plain LaTeX
cannot write (Chinese, Cyrillic) stays in UTF-8, which biber, XeLaTeX and LuaLaTeX read.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

from daily_papers.text import markdown
from daily_papers.text.latex import is_symbol, is_tie, split_formulas, to_unicode


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CACHED = 4096
_PLAIN = re.compile(r"[A-Za-z0-9 .,:;!?()\[\]/+*=@`'\"-]*")
_TOKEN = re.compile(
    r"\\([A-Za-z]+)\*?|\\[^A-Za-z]|\\$|[{}$%#&_^~<>|]|[^\x00-\x7f]|[^\\{}$%#&_^~<>|\x80-\U0010ffff]+"
)
_OPEN, _CLOSE = "{", "}"
_BACKSLASH = r"\textbackslash{}"
_CHARACTERS = {
    "$": r"\$", "%": r"\%", "#": r"\#", "&": r"\&", "_": r"\_", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
}  # fmt: skip
# After a backslash; what is not here loses the backslash or shows it.
_ESCAPES = {
    "\\": " ", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", ";": " ", ":": " ", "!": "",
    "(": "(", ")": ")", "[": "[", "]": "]",
} | {character: f"\\{character}" for character in "$%#&_ ,-/"}  # fmt: skip
_PUNCTUATION = {"–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''"}

_FONTS = _words(
    "emph mbox textbf textit textmd textnormal textrm textsc textsf textsl textsubscript"
    " textsuperscript texttt textup underline"
)
_SWITCHES = _words("bf em it rm sc sf sl tt")
_LETTERS = _words("AA AE L O OE aa ae i j l o oe ss")
_SIGNS = _words(
    "LaTeX P S TeX copyright dag ddag dots ldots pounds textasciicircum textasciitilde"
    " textbackslash textbar textbullet textcopyright textdegree textdollar textellipsis textemdash"
    " textendash textexclamdown textgreater textless textperiodcentered textquestiondown"
    " textquotedblleft textquotedblright textquoteleft textquoteright textregistered textsection"
    " textsterling textthreesuperior texttimes texttrademark texttwosuperior textunderscore"
)
_ACCENTS = frozenset("'`^\"~=.")
_LETTER_ACCENTS = frozenset("Hbcdkrtuv")
_ACCENTED = re.compile(r"[A-Za-z]|\\[ij](?![A-Za-z])")
_LETTER_ACCENTED = re.compile(r" +[A-Za-z]|\s*\\[ij](?![A-Za-z])")
_LETTER = re.compile(r"\\(?:[`'^\"~=.]\\?[A-Za-z]|[Hbcdkruv]\{\\?[A-Za-z]\}|([A-Za-z]+))")
_SYMBOL = re.compile(r"\\ensuremath(\{\\?[A-Za-z+=-]+\})")

_MATH_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}%#&]|[^\x00-\x7f]", re.DOTALL)
_MATH_ESCAPES = {"\\{": "\\lbrace ", "\\}": "\\rbrace ", "\\\\": "\\\\ "}
# What TeX refuses, or reads on past the formula's end for, what is of text alone, and
# MathJax's own commands.
_BAD_MATH = re.compile(
    r"(?<!\\)(?:\\\\)*\$|\^\^|(?<!\\)(?:\\\\)*\\(?:$|[]()['\"`~.=^])|(?<!\\)[_^]\s*(?:[_^}]|$)"
    r"|\\(?:href|unicode|url)(?![A-Za-z])|\\(?:begin|end)(?!\{[a-z]+\*?\})"
    r"|\\(?:frac|sqrt|math[a-z]+|text[a-z]*)\s*$"
)


@functools.lru_cache(_CACHED)
def latex_text(text: str) -> str:
    """Return foreign text as one line of LaTeX, whose braces are paired for TeX and BibTeX."""
    line = unicodedata.normalize("NFC", markdown.visible(text))
    return line if _PLAIN.fullmatch(line) else "".join(_written(line))


def _written(line: str) -> Iterator[str]:
    signs: list[tuple[str, bool]] = []
    for part, is_formula in split_formulas(line):
        formula = _formula(part) if is_formula else None
        if formula is not None:
            signs.append((formula, True))
        else:
            source = to_unicode(f"${part}$") if is_formula else part
            signs += ((match[0], False) for match in _TOKEN.finditer(source))
    paired = _paired(signs)
    # A quotation mark that a program escaped is no accent.
    is_quoted = re.search(r'\\"(?![A-Za-z{\\])', line) is not None
    for at, (sign, is_done) in enumerate(signs):
        following = signs[at + 1][0] if at + 1 < len(signs) and not signs[at + 1][1] else ""
        has_argument = following == _OPEN and at + 1 in paired
        has_letter = has_argument and _is_letter(signs[at + 2 : at + 4])
        if is_done:
            yield sign
        elif sign in (_OPEN, _CLOSE):
            yield sign if at in paired else ""
        elif sign == "~":
            before = signs[at - 1][0][-1:] if at else " "
            yield "~" if is_tie(before, following[:1] or " ") else r"\textasciitilde{}"
        elif sign[0] != "\\":
            yield _CHARACTERS.get(sign) or (sign if sign.isascii() else _letter(sign))
        elif sign == '\\"' and is_quoted and signs[at - 1][0] != _OPEN:
            yield '"'
        elif sign[1:2].isalpha():
            yield _command(sign, following, has_argument=has_argument, has_letter=has_letter)
        else:
            yield _escape(sign[1:], following, has_letter=has_letter)


def _paired(signs: list[tuple[str, bool]]) -> set[int]:
    """Return where the braces are that have their other half."""
    paired: set[int] = set()
    opened: list[int] = []
    for at, (sign, is_done) in enumerate(signs):
        if is_done:
            continue
        if sign == _OPEN:
            opened.append(at)
        elif sign == _CLOSE and opened:
            paired |= {opened.pop(), at}
    return paired


def _is_letter(signs: list[tuple[str, bool]]) -> bool:
    """Whether these are a letter and the end of its group: TeX puts no accent on a formula."""
    (letter, is_done), (end, _) = signs if len(signs) == len("x}") else (("", True), ("", True))
    return end == _CLOSE and not is_done and (letter.isalpha() or letter in (r"\i", r"\j"))


def _command(sign: str, following: str, *, has_argument: bool, has_letter: bool) -> str:
    name = sign[1:].rstrip("*")
    if name in ("text", *_FONTS) and has_argument:
        return r"\textrm" if name == "text" else f"\\{name}"
    if name in _LETTER_ACCENTS and (has_letter or _LETTER_ACCENTED.match(following)):
        return sign
    if name in _LETTERS or name in _SIGNS or name in _SWITCHES:
        return sign
    if name == "url" and has_argument:
        return ""
    if not name.startswith("text") and not has_argument and is_symbol(name):
        return f"\\ensuremath{{\\{name}}}"
    return f"{_BACKSLASH}{sign[1:]}"


def _escape(character: str, following: str, *, has_letter: bool) -> str:
    if character in _ACCENTS and (has_letter or _ACCENTED.match(following)):
        return f"\\{character}"
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character == '"':
        return character
    shown = _CHARACTERS.get(character, character)
    return _BACKSLASH + (shown if shown.isascii() else _letter(shown))


def _formula(content: str) -> str | None:
    """Return a formula between dollars; None if TeX would not read it as one."""
    content = content.strip()
    if not content:
        return ""
    if _BAD_MATH.search(content):
        return None
    is_aligned = "\\begin" in content
    depth = 0
    parts: list[str] = []
    at = 0
    for match in _MATH_TOKEN.finditer(content):
        sign = match[0]
        parts.append(content[at : match.start()])
        at = match.end()
        depth += (sign == _OPEN) - (sign == _CLOSE)
        if depth < 0:
            return None
        if sign in "%#" or (sign == "&" and not is_aligned):
            sign = f"\\{sign}"
        elif not sign.isascii():
            symbol = _SYMBOL.fullmatch(_source(sign))
            sign = symbol[1] if symbol else sign
        parts.append(_MATH_ESCAPES.get(sign, sign))
    if depth:
        return None
    return f"${''.join(parts)}{content[at:]}$"


@functools.lru_cache(_CACHED)
def _letter(character: str) -> str:
    """Return a character in the commands of plain LaTeX, as one group, or as it is."""
    if character in _PUNCTUATION:
        return _PUNCTUATION[character]
    source = _source(character)
    match = _LETTER.fullmatch(source)
    if match is not None and (match[1] is None or match[1] in _LETTERS | _SIGNS):
        return f"{{{source}}}"
    return source if _SYMBOL.fullmatch(source) else character


@functools.lru_cache(_CACHED)
def _source(character: str) -> str:
    # Most texts need none, and so save the import.
    from pylatexenc.latexencode import UnicodeToLatexEncoder  # noqa: PLC0415

    encoder = UnicodeToLatexEncoder(
        unknown_char_policy="keep", unknown_char_warning=False, replacement_latex_protection="none"
    )
    return str(encoder.unicode_to_latex(character))
