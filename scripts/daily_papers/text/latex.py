"""LaTeX in titles, abstracts and comments to Unicode, where that is faithful.

arXiv's metadata is plain text in which authors leave some LaTeX: formulas between dollars, accents,
fonts, quotes, dashes. What a formula needs beyond one line of Unicode stays as its source. The
symbols, alphabets and accents are those of pylatexenc; the structure is read here, because
pylatexenc drops commands that it does not know, takes `71% of` for a comment, and needs
milliseconds for an abstract.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pylatexenc.latex2text import LatexNodes2Text


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MAX_DEPTH = 20
_MAX_FORMULA = 1000
_CACHED = 2048

_HINTS = re.compile(r"[\\${`~]")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_ESCAPED_QUOTE = re.compile(r'\\"(?![A-Za-z{\\])')
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)(\*?)|(.))", re.DOTALL)
_URL = re.compile(
    r"https?://(?:[^\s{}\\$<>|\"`^]|\\[_%&#~$](?:\{\})?|\{\\[_~]\}|\$\\sim\$"
    r"|\{?\\textasciitilde(?![A-Za-z])(?:\{\})?\}?)*",
    re.IGNORECASE,
)
_URL_ESCAPE = re.compile(r"\{?\\([_%&#~$])(?:\{\})?\}?|\$\\sim\$|\{?\\textasciitilde(?:\{\})?\}?")
_TEXT_STOP = re.compile(r"[\\${}~_^]")
_TEXT_STOP_OR_URL = re.compile(r"[\\${}~_^]|https?://", re.IGNORECASE)
_MATH_PLAIN = re.compile(r"[^\\{}_^~'$]+")
_MATH_SIGN = re.compile(r"[\\^_{}]")
_AMOUNT = re.compile(r"\d[\d.,]*\s?(?:[kKmMbB]|bn|USD)?(?:[-/+,]|\s+(?:[A-Za-z].*)?)")
_ACCENTED = re.compile(r"\{(\\[ij]|\w)\}|\\([ij])(?![A-Za-z])\s?|([^\W\d_])")
_LETTER_ACCENTED = re.compile(
    r"\{(\\[ij]|[^\W\d_])\}|\s*\\([ij])(?![A-Za-z])\s?|\s+([^\W\d_])(?!\w\w)"
)
_CODE_POINT = re.compile(r"\{(?:x([0-9A-Fa-f]{2,5})|([0-9]{2,6}))\}")
_FORMULA_START = re.compile(r"\\(.)|\$", re.DOTALL)
_NAME_END = re.compile(r" (?!\\)")
_WORDS = re.compile(r"[^\W\d_][\w -]*|-")
_ATOM = re.compile(r"\w+")
_TYPOGRAPHY = re.compile(
    r"https?://\S+|(?<!`)``(?!`)|''|\"|(?<![`\w])`(?=[^`'\s][^`]{0,80}'(?!\w))|'(?!\w)|-{2,}",
    re.IGNORECASE,
)

_DASHES = re.compile(r"--+")

_SUPERSCRIPTS = str.maketrans(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθιφχ−′°†‡*⊤",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᶥᵠᵡ⁻′°†‡*ᵀ",
)
_SUBSCRIPTS = str.maketrans(
    "0123456789+-=()aehijklmnoprstuvxβγρφχ−", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ₋"
)
# A longer word set in small letters is harder to read than its source.
_SCRIPT_LETTERS = 3

_SPACES = {",": " ", ";": " ", ":": " ", " ": " ", "quad": " ", "qquad": " ", "!": "", "/": ""}
_LITERAL = frozenset("{}%&#_$")
_FONTS = _words(
    "emph text textbf textit textmd textnormal textrm textsc textsf textsl texttt textup mbox hbox"
    " mathrm mathbf mathit mathsf mathtt mathnormal mathop bm boldsymbol pmb operatorname"
    " underline uline smash"
)
_SWITCHES = _words(
    "em bf it rm sc sf sl tt bfseries itshape rmfamily scshape sffamily ttfamily normalfont"
    " small footnotesize large displaystyle textstyle scriptstyle scriptscriptstyle limits"
    " nolimits xspace left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl"
    " Biggr"
)
_SIZED = frozenset(("left", "right", "middle"))
_ALPHABETS = _words("mathbb Bbb mathcal mathscr mathfrak")
_MATH_ACCENTS = {
    "hat": "^", "widehat": "^", "tilde": "~", "widetilde": "~", "bar": "=", "overline": "=",
    "dot": ".", "ddot": '"', "check": "v", "breve": "u", "acute": "'", "grave": "`",
}  # fmt: skip
_FRACTIONS = _words("frac dfrac tfrac cfrac")
_STRUCTURED = (
    _ALPHABETS | _FRACTIONS | frozenset(_MATH_ACCENTS) | {"sqrt", "vec", "not", "ensuremath"}
)
_ACCENTS = frozenset("'`^\"~=.")
_LETTER_ACCENTS = frozenset("cvHukrd")
# Letters, after which TeX swallows a blank: S\o rensen.
_LETTERS = _words("ss o O ae AE oe OE aa AA l L i j")
_MORE_SYMBOLS = {
    "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "degr": "°", "degree": "°",
    "lvert": "|", "rvert": "|", "lVert": "‖", "rVert": "‖", "|": "‖", "colon": ":",
    "bmod": "mod", "Pr": "Pr", "star": "⋆", "ast": "∗", "slash": "/", "lbrace": "{", "rbrace": "}",
    "TeX": "TeX", "LaTeX": "LaTeX", "BibTeX": "BibTeX",
    "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textbar": "|",
    "textless": "<", "textgreater": ">", "textdollar": "$", "textunderscore": "_",
}  # fmt: skip


class _UnfaithfulError(Exception):
    """A formula that one line of Unicode cannot show."""


def to_unicode(text: str) -> str:
    """Return `text` with its LaTeX made Unicode; what cannot be converted stays as it is.

    Blanks may be left over where a command stood. Never raises, whatever `text` is.
    """
    if _HINTS.search(text):
        return _typography(_Reader(text).text(0, len(text), 0))
    return _typography(text) if "--" in text else text


def split_formulas(text: str) -> Iterator[tuple[str, bool]]:
    """Yield `text` in parts, each with whether it is a formula; those come without their marks."""
    begin = at = 0
    while stop := _FORMULA_START.search(text, at):
        start, name = stop.start(), stop[1]
        if name is None:
            found = _between_dollars(text, start, len(text))
        else:
            found = _between_brackets(text, start, len(text), name) if name in "([" else None
        if found is None:
            at = stop.end()
            continue
        if start > begin:
            yield text[begin:start], False
        yield found[0], True
        begin = at = found[1]
    if begin < len(text):
        yield text[begin:], False


def is_tie(before: str, after: str) -> bool:
    """Whether a tilde between these characters is a blank, rather than `about`; ends are blanks."""
    digits = before.isdigit() and after.isdigit()
    return (before.isalnum() or before in ".,;:)}$\\") and not after.isspace() and not digits


def is_symbol(name: str) -> bool:
    """Whether a command of this name is a symbol: takes no argument, and shows something."""
    return _symbol(name) is not None


def _typography(text: str) -> str:
    """Return `text` with TeX's quotes and dashes made typographic, but not in addresses."""
    if "`" not in text:
        if "--" not in text:
            return text
        if "://" not in text:
            return _DASHES.sub(_dash, text)
    last_close = max(text.rfind("''"), text.rfind('"'))
    double = single = False

    def replace(match: re.Match[str]) -> str:
        nonlocal double, single
        found = match[0]
        if found == "``":
            if match.start() >= last_close:
                return found
            double = True
            return "“"
        if found in ("''", '"'):
            if not double:
                return found
            double = False
            return "”"
        if found == "`":
            single = True
            return "‘"
        if found == "'":
            if not single:
                return found
            single = False
            return "’"
        return _dash(match) if found[0] == "-" else found

    return _TYPOGRAPHY.sub(replace, text)


def _dash(match: re.Match[str]) -> str:
    """Return a dash for two or three hyphens, unless they are an option's, arrow's or comment's."""
    hyphens, text = match[0], match.string
    before = text[match.start() - 1] if match.start() else " "
    after = text[match.end()] if match.end() < len(text) else " "
    option = not (before.isalnum() or before in ".,;:)]}”’\"'%") and after != " "
    if len(hyphens) > len("---") or before in "<!" or after == ">" or option:
        return hyphens
    return "—" if len(hyphens) == len("---") else "–"


class _Reader:
    """One text and the positions of its matching braces."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._stop = _TEXT_STOP_OR_URL if "://" in source else _TEXT_STOP
        self._closing: dict[int, int] = {}
        opened: list[int] = []
        for match in _BRACE.finditer(source) if "{" in source else ():
            if match[0] == "{":
                opened.append(match.start())
            elif match[0] == "}" and opened:
                self._closing[opened.pop()] = match.start()
        # Where \" also closes something it is a quotation mark that a program escaped.
        self._quoted = _ESCAPED_QUOTE.search(source) is not None

    # Prose ---------------------------------------------------------------------------------

    def text(self, start: int, end: int, depth: int) -> str:
        """Return source[start:end], read as prose, as Unicode."""
        source = self._source
        if depth > _MAX_DEPTH:
            return source[start:end]
        out: list[str] = []
        at = start
        while stop := self._stop.search(source, at, end):
            found = stop.start()
            out.append(source[at:found])
            if source[found] in "hH":
                url = _URL.match(source, found, end)
                piece, at = (_unescaped(url[0]), url.end()) if url else (stop[0], stop.end())
            else:
                piece, at = self._prose_item(source[found], found, end, depth)
            out.append(piece)
        out.append(source[at:end])
        return "".join(out)

    def _prose_item(self, character: str, at: int, end: int, depth: int) -> tuple[str, int]:
        source = self._source
        before = source[at - 1] if at else " "
        after = source[at + 1] if at + 1 < end else " "
        match character:
            case "\\":
                return self._prose_command(at, end, depth)
            case "$":
                return self._formula(at, end)
            case "{":
                return self._prose_group(at, end, depth)
            case "~":
                return (" " if is_tie(before, after) else "~"), at + 1
            case "_" | "^" if after == "{":
                close = self._closing.get(at + 1, end)
                if close < end:
                    table = _SUBSCRIPTS if character == "_" else _SUPERSCRIPTS
                    small = _small(source[at + 2 : close], table)
                    return (small or source[at : close + 1]), close + 1
        return character, at + 1

    def _prose_group(self, at: int, end: int, depth: int) -> tuple[str, int]:
        source = self._source
        close = self._closing.get(at, end)
        if close >= end:
            return "{", at + 1
        inner = self.text(at + 1, close, depth + 1)
        around = source[at - 1 : at] + source[close + 1 : close + 2]
        grouped = source[at + 1 : close]
        command = re.match(r"\\[A-Za-z'`^\"~=.]", grouped) is not None
        bare = "{" not in around and "}" not in around and (command or _WORDS.fullmatch(grouped))
        return (inner if bare else f"{{{inner}}}"), close + 1

    def _prose_command(self, at: int, end: int, depth: int) -> tuple[str, int]:
        source = self._source
        match = _COMMAND.match(source, at, end)
        if match is None:
            return "\\", at + 1
        name = match[1] or match[3]
        after = match.end()
        if name in _LITERAL:
            return name, after
        if name in _SPACES:
            return _SPACES[name], after
        if name == "-":
            return "", after
        if name == "\\":
            line_break = source[after : after + 1] in ("", " ")
            return (" " if line_break else "\\\\"), after
        if name in ("(", "["):
            return self._delimited_formula(at, end, name)
        if name == "url" and (close := self._argument_end(after, end)):
            return _unescaped(source[after + 1 : close].strip()), close + 1
        if name == "href" and (close := self._argument_end(after, end)):
            url = _unescaped(source[after + 1 : close].strip())
            shown_close = self._argument_end(close + 1, end)
            if shown_close:
                shown = self.text(close + 2, shown_close, depth + 1).strip()
                both = url if shown in ("", url) else f"{shown} ({url})"
                return both, shown_close + 1
            return url, close + 1
        if name in ("textcolor", "textsuperscript", "textsubscript") or name in _FONTS:
            return self._prose_font(name, at, after, end, depth)
        if name in _SWITCHES and match[1]:
            return "", after + (source[after : after + 1] == " ")
        if name in _ACCENTS or (name in _LETTER_ACCENTS):
            return self._accent(name, at, after, end)
        if name == "deg" and source[at - 1 : at].isdigit():
            return "°", after
        if name in _STRUCTURED or name == "unicode":
            try:
                return self._math_item(at, end, depth)
            except _UnfaithfulError:
                return match[0], after
        symbol = _symbol(name) if match[1] else None
        if symbol is None:
            # The braces of an unknown command are part of it.
            close = self._argument_end(after, end)
            if close:
                inner = self.text(after + 1, close, depth + 1)
                return f"{match[0]}{{{inner}}}", close + 1
            return match[0], after
        if source.startswith("{}", after):
            after += 2
        elif name in _LETTERS and source[after : after + 1] == " ":
            after += 1
        return symbol, after

    def _prose_font(self, name: str, at: int, after: int, end: int, depth: int) -> tuple[str, int]:
        source = self._source
        close = self._argument_end(after, end)
        if not close:
            return source[at:after], after
        if name == "textcolor":
            color, following = source[after + 1 : close], close + 1
            close = self._argument_end(following, end)
            if not close or not color.isalpha():
                return source[at:after], after
            after = following
        inner = self.text(after + 1, close, depth + 1)
        if name == "textsuperscript":
            inner = _small(inner, _SUPERSCRIPTS) or f"^{inner}"
        elif name == "textsubscript":
            inner = _small(inner, _SUBSCRIPTS) or f"_{inner}"
        return inner, close + 1

    def _accent(self, name: str, at: int, after: int, end: int) -> tuple[str, int]:
        r"""Read `\'e`, `\'{e}`, `\'\i`, `\c{c}` or `\c c`."""
        pattern = _LETTER_ACCENTED if name in _LETTER_ACCENTS else _ACCENTED
        found = pattern.match(self._source, after, end)
        kept = self._source[at:after], after
        if found is None or (name == '"' and self._quoted and found[3]):
            return kept
        base = (found[1] or found[2] or found[3]).removeprefix("\\")
        accented = unicodedata.normalize("NFC", _letter(f"\\{name}{{{base}}}"))
        composed = len(accented) == 1 or (found[1] and name in _ACCENTS)
        if not composed or accented == base:
            return kept
        return accented, found.end()

    def _argument_end(self, at: int, end: int) -> int:
        """Return where the `{…}` that begins at `at` closes, or 0."""
        if at < end and self._source[at] == "{":
            close = self._closing.get(at, end)
            return close if close < end else 0
        return 0

    # Formulas ------------------------------------------------------------------------------

    def _formula(self, at: int, end: int) -> tuple[str, int]:
        """Read what begins with a dollar: a formula, or an amount of money."""
        found = _between_dollars(self._source, at, end)
        if found is None:
            return "$", at + 1
        content, after = found
        converted = _converted(content)
        return (self._source[at:after] if converted is None else converted), after

    def _delimited_formula(self, at: int, end: int, name: str) -> tuple[str, int]:
        found = _between_brackets(self._source, at, end, name)
        converted = _converted(found[0]) if found else None
        if found is None or converted is None:
            return self._source[at : at + 2], at + 2
        return converted, found[1]

    def math(self, start: int, end: int, depth: int) -> str:
        """Return source[start:end], read as a formula, as Unicode. Raises _UnfaithfulError."""
        if depth > _MAX_DEPTH:
            raise _UnfaithfulError
        source = self._source
        out: list[str] = []
        at = start
        while at < end:
            piece, following = self._math_item(at, end, depth)
            command = source[at] == "\\" and source[following - 1].isalpha()
            before = out[-1][-1:] if out else ""
            if command and len(piece) > 1 and piece.isalpha():
                # log, max and other names stand apart from what is around them.
                if before.isalnum():
                    out.append(" ")
                if following < end and (source[following].isalnum() or source[following] in "\\{"):
                    piece += " "
            elif command and not before.isspace() and _NAME_END.match(source, following):
                # This blank ends the command's name; with one before it, both are for reading.
                following += 1
            out.append(piece)
            at = following
        return "".join(out)

    def _math_item(self, at: int, end: int, depth: int) -> tuple[str, int]:
        source = self._source
        character = source[at]
        match character:
            case "\\":
                return self._math_command(at, end, depth)
            case "{":
                close = self._argument_end(at, end)
                if not close:
                    raise _UnfaithfulError
                return self.math(at + 1, close, depth + 1), close + 1
            case "_" | "^":
                value, after = self._math_argument(at + 1, end, depth)
                return _script(value, character), after
            case "~":
                return " ", at + 1
            case "'":
                return "′", at + 1
            case "}" | "$":
                raise _UnfaithfulError
        plain = _MATH_PLAIN.match(source, at, end)
        if plain is None:
            raise _UnfaithfulError
        return plain[0], plain.end()

    def _math_argument(self, at: int, end: int, depth: int) -> tuple[str, int]:
        """Read one argument: a group, a command or a character."""
        source = self._source
        while at < end and source[at] == " ":
            at += 1
        if at >= end or source[at] in "_^" or depth > _MAX_DEPTH:
            raise _UnfaithfulError
        if source[at] in "\\{~'$}":
            return self._math_item(at, end, depth + 1)
        return source[at], at + 1

    def _math_command(self, at: int, end: int, depth: int) -> tuple[str, int]:
        source = self._source
        match = _COMMAND.match(source, at, end)
        if match is None:
            raise _UnfaithfulError
        name = match[1] or match[3]
        after = match.end()
        if name in _LITERAL:
            return name, after
        if name in _SPACES:
            return _SPACES[name], after
        if name in ("text", "mbox", "hbox", "textrm", "textbf", "textit", "texttt"):
            close = self._argument_end(after, end)
            if not close or "$" in source[after:close]:
                raise _UnfaithfulError
            return self.text(after + 1, close, depth + 1), close + 1
        if name in _FONTS or name == "ensuremath":
            return self._math_argument(after, end, depth)
        if name in _SWITCHES:
            if name in _SIZED and source[after : after + 1] == ".":
                after += 1
            return "", after + (name not in _SIZED and source[after : after + 1] == " ")
        if name in _STRUCTURED:
            return self._math_structure(name, after, end, depth)
        if name == "unicode":
            return self._code_point(after, end)
        if name in ("href", "url"):
            return self._prose_command(at, end, depth)
        symbol = _symbol(name)
        if symbol is None:
            raise _UnfaithfulError
        return symbol, after

    def _math_structure(self, name: str, at: int, end: int, depth: int) -> tuple[str, int]:
        if name == "sqrt" and self._source.startswith("[", at):
            if not self._source.startswith("[3]", at):
                raise _UnfaithfulError
            value, after = self._math_argument(at + 3, end, depth)
            return f"∛{_bracketed(value)}", after
        value, after = self._math_argument(at, end, depth)
        value = value.strip()
        if name in _FRACTIONS:
            below, after = self._math_argument(after, end, depth)
            return f"{_bracketed(value)}/{_bracketed(below.strip())}", after
        if name == "sqrt":
            return f"√{_bracketed(value)}", after
        if name == "ensuremath":
            return value, after
        if name in _ALPHABETS:
            if value.isascii() and value.isalnum():
                value = _letter(f"\\{'mathbb' if name == 'Bbb' else name}{{{value}}}")
            return value, after
        # An accent over several characters is a line that Unicode does not draw.
        if len(value) != 1 or value.isspace():
            raise _UnfaithfulError
        if name == "not":
            return value + "\u0338", after
        if name == "vec":
            return value + "\u20d7", after
        if value.isascii():
            return _letter(f"\\{_MATH_ACCENTS[name]}{{{value}}}"), after
        combining = _letter(f"\\{_MATH_ACCENTS[name]}{{x}}")
        return value + unicodedata.normalize("NFD", combining)[1:], after

    def _code_point(self, at: int, end: int) -> tuple[str, int]:
        r"""Read the argument of `\unicode{x2014}`, which is MathJax's own."""
        match = _CODE_POINT.match(self._source, at, end)
        if match is None:
            raise _UnfaithfulError
        character = chr(int(match[1], 16) if match[1] else int(match[2]))
        if not character.isprintable():
            raise _UnfaithfulError
        return character, match.end()


def _between_dollars(source: str, at: int, end: int) -> tuple[str, int] | None:
    """Return the formula that begins with the dollar at `at`, and where what follows it begins."""
    mark = "$$" if source.startswith("$$", at) else "$"
    begin = at + len(mark)
    close = source.find(mark, begin, min(end, begin + _MAX_FORMULA))
    while close > 0 and source[close - 1] == "\\":
        close = source.find(mark, close + 1, min(end, begin + _MAX_FORMULA))
    if close < 0:
        return None
    content = source[begin:close]
    after = close + len(mark)
    if not _is_formula(content, source[after : min(after + 1, end)]):
        return None
    return content, after


def _between_brackets(source: str, at: int, end: int, name: str) -> tuple[str, int] | None:
    r"""Return the formula that begins with `\(` or `\[` at `at`, as `_between_dollars`."""
    close = source.find("\\)" if name == "(" else "\\]", at, min(end, at + _MAX_FORMULA))
    return (source[at + 2 : close], close + 2) if close > 0 else None


def _is_formula(content: str, after: str) -> bool:
    """Tell a formula between two dollars from two amounts of money and what is between them."""
    if not content.strip():
        return False
    if _MATH_SIGN.search(content):
        # Prose between two amounts may hold LaTeX of its own; a formula holds no sentence.
        return not (after.isdigit() and re.match(r"\d", content)) and not re.match(
            r"\d[\d.,]*\s?[A-Za-z]*\s+[a-z]{2,}\s", content
        )
    if not any(map(str.isalnum, content)):
        return True
    if content[0].isspace() and content[-1].isspace():
        return not re.match(r"\s*\d", content) and not re.search(r"[^\W\d_]{4}", content)
    # Pandoc's rule for tex_math_dollars: https://pandoc.org/MANUAL.html#math
    if content[0].isspace() or content[-1].isspace() or after.isdigit():
        return False
    return _AMOUNT.fullmatch(content) is None


@functools.lru_cache(_CACHED)
def _converted(content: str) -> str | None:
    """Return a formula as Unicode, or None if it must stay as it is."""
    try:
        return _Reader(content).math(0, len(content), 0).strip()
    except _UnfaithfulError:
        return None


def _script(value: str, character: str) -> str:
    """Return a value raised or lowered; where Unicode has no such letters, after `^` or `_`."""
    value = value.strip()
    small = _small(value, _SUBSCRIPTS if character == "_" else _SUPERSCRIPTS)
    if small:
        return small
    if value in ("∘", "◦") and character == "^":
        return "°"
    if not value:
        return ""
    return f"{character}{_bracketed(value)}"


def _small(value: str, table: dict[int, int]) -> str:
    """Return `value` in super- or subscript, or nothing if that cannot be or reads badly."""
    if not value or any(ord(character) not in table for character in value):
        return ""
    if sum(map(str.isalpha, value)) > _SCRIPT_LETTERS:
        return ""
    return value.translate(table)


def _bracketed(value: str) -> str:
    return value if len(value) == 1 or _ATOM.fullmatch(value) else f"({value})"


def _unescaped(url: str) -> str:
    return _URL_ESCAPE.sub(lambda match: match[1] or "~", url)


@functools.cache
def _library() -> LatexNodes2Text:
    # A text without LaTeX, and so many a run, saves the 0.1 s of the import.
    from pylatexenc.latex2text import LatexNodes2Text  # noqa: PLC0415

    return LatexNodes2Text(math_mode="text")


@functools.lru_cache(_CACHED)
def _symbol(name: str) -> str | None:
    """Return what a command without arguments shows, or None if it is unknown or takes some."""
    known = _MORE_SYMBOLS.get(name)
    if known is not None:
        return known
    command = _library().latex_context.get_macro_spec(name)
    shown = getattr(command, "simplify_repl", None)
    # Longer ones with an angle are pylatexenc's words for what it leaves out: <cit.>, <ref>.
    if not isinstance(shown, str) or "%" in shown or "<" in shown[:-1] or not shown.strip():
        return None
    return shown


@functools.lru_cache(_CACHED)
def _letter(source: str) -> str:
    """Return an accented letter or letters of a special alphabet."""
    return str(_library().latex_to_text(source))
