"""Convert the LaTeX in titles, abstracts and comments to Unicode, where that is faithful.

arXiv's metadata is plain text in which authors leave some LaTeX: formulas between dollars, accents,
fonts, quotes, dashes. A formula that one line of Unicode cannot show stays as its source. The
structure is parsed here, because pylatexenc drops unknown commands, reads `71% of` as a comment and
takes milliseconds per abstract.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

from daily_papers.data import load
from daily_papers.text.latex_symbols import ACCENTS, in_alphabet, join_split_commands, symbol
from daily_papers.text.tex_punctuation import typography

_TABLES = load("latex")
_SMALL = {"^": str.maketrans(*_TABLES["superscripts"]), "_": str.maketrans(*_TABLES["subscripts"])}
_FONTS, _PROSE_IN_FORMULAS, _SWITCHES, _FRACTIONS, _BINOMIALS, _LETTERS = (
    frozenset(_TABLES[name])
    for name in ("fonts", "prose_in_formulas", "switches", "fractions", "binomials", "letters")
)
_REFERENCES, _NOTES, _HIDDEN = (
    frozenset(_TABLES[name]) for name in ("references", "notes", "hidden")
)
_ASIDES = _REFERENCES | _NOTES | _HIDDEN | {"texorpdfstring"}
_SCRIPT_FONTS = {"textsuperscript": "^", "textsubscript": "_"}
_ESCAPES: dict[str, str] = _TABLES["escapes"]
_MATH_ACCENTS: dict[str, str] = _TABLES["math_accents"]
_ALPHABETS: dict[str, str] = _TABLES["alphabets"]
_ALPHABET_SWITCHES: dict[str, str] = _TABLES["alphabet_switches"]
_STRUCTURED = (_FRACTIONS | _BINOMIALS | {"ensuremath", "pmod", "sqrt", "unicode"}).union(
    _MATH_ACCENTS, _ALPHABETS, _ALPHABET_SWITCHES
)

_MAX_DEPTH = 20
_MAX_FORMULA = 1000
_CACHED = 2048
# A longer word in small letters is harder to read than its source.
_SCRIPT_LETTERS = 3

_HINTS = re.compile(r"[\\${`~]")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
ESCAPED_QUOTE = re.compile(r'\\"(?![A-Za-z{\\])')
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)(\*?)|(.))", re.DOTALL)
_URL = re.compile(
    r"https?://(?:[^\s{}\\$<>|\"`^]|\\[_%&#~$](?:\{\})?|\{\\[_~]\}|\$\\sim\$"
    r"|\{?\\textasciitilde(?![A-Za-z])(?:\{\})?\}?)*",
    re.IGNORECASE,
)
_URL_ESCAPE = re.compile(r"\{?\\([_%&#~$])(?:\{\})?\}?|\$\\sim\$|\{?\\textasciitilde(?:\{\})?\}?")
_STOP = re.compile(r"[\\${}~_^]|https?://", re.IGNORECASE)
_MATH_PLAIN = re.compile(r"[^\\{}_^~'$]+")
_MATH_SIGN = re.compile(r"[\\^_{}]")
_AMOUNT = re.compile(r"\d[\d.,]*\s?(?:[kKmMbB]|bn|USD)?(?:[-/+,]|\s+(?:[A-Za-z].*)?)")
_ACCENTED = re.compile(r"\{(\\[ij]|\w)\}|\\([ij])(?![A-Za-z])\s?|([^\W\d_])")
_LETTER_ACCENTED = re.compile(
    r"\{(\\[ij]|[^\W\d_])\}|\s*\\([ij])(?![A-Za-z])\s?|\s+([^\W\d_])(?!\w\w)"
)
_CODE_POINT = re.compile(r"\{(?:x([0-9A-Fa-f]{2,5})|([0-9]{2,6}))\}")
_FORMULA_START = re.compile(r"\\.|\$", re.DOTALL)
_NAME_END = re.compile(r" (?!\\)")
_OPTIONS = re.compile(r"(?:\[[^\[\]]*\])*")
_CAPITALS = re.compile(r"\s*([A-Z]+)")
_WORD_FOLLOWS = re.compile(r"[\\{]|[^\W_]")
# The inside of braces that only group or protect it.
_GROUPED = re.compile(r"\\[A-Za-z'`^\"~=.]|(?:[^\W\d_][\w -]*|-)\Z")


class _UnfaithfulError(Exception):
    """A formula that one line of Unicode cannot show."""


def may_have_latex(text: str) -> bool:
    """Whether `to_unicode` may change a text: most have nothing that it looks for."""
    return _HINTS.search(text) is not None or "--" in text


def to_unicode(text: str) -> str:
    """Return `text` with its LaTeX converted to Unicode; what cannot be converted is kept.

    Spaces may remain where a command was. Never raises.
    """
    if _HINTS.search(text):
        text = _Reader(join_split_commands(text)).prose()
    return typography(text)


def split_formulas(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of `text`, each with whether it is a formula, which has no delimiters."""
    begin = 0
    for start in _FORMULA_START.finditer(text):
        found = _formula_at(text, start.start()) if start.start() >= begin else None
        if found:
            yield text[begin : start.start()], False
            yield found[0], True
            begin = found[1]
    yield text[begin:], False


class _Reader:
    """Converts one text, or the inside of one pair of braces, from left to right."""

    def __init__(self, source: str, depth: int = 0) -> None:
        self.source = source
        self._depth = depth
        self._at = 0
        self._closing: dict[int, int] = {}
        opened: list[int] = []
        for match in _BRACE.finditer(source) if "{" in source else ():
            if match[0] == "{":
                opened.append(match.start())
            elif match[0] == "}" and opened:
                self._closing[opened.pop()] = match.start()
        # With a `\"` that can only close a quotation, `\"a` opens one and is no accent.
        self._has_quotes = ESCAPED_QUOTE.search(source) is not None

    def _next(self) -> str:
        """Return the next character, or nothing at the end."""
        return self.source[self._at : self._at + 1]

    def _skip(self, text: str) -> bool:
        """Move past `text` if it comes next."""
        found = self.source.startswith(text, self._at)
        self._at += len(text) * found
        return found

    def _group(self) -> _Reader | None:
        """Move past the `{…}` that comes next and return a reader of its inside."""
        close = self._closing.get(self._at)
        if close is None:
            return None
        inside = self.source[self._at + 1 : close]
        self._at = close + 1
        return _Reader(inside, self._depth + 1)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Match and move past what comes next. Raises _UnfaithfulError."""
        match = pattern.match(self.source, self._at)
        if match is None:
            raise _UnfaithfulError
        self._at = match.end()
        return match

    # Prose ---------------------------------------------------------------------------------

    def prose(self) -> str:
        """Return the text, read as prose, as Unicode."""
        source = self.source
        if self._depth > _MAX_DEPTH:
            return source
        out: list[str] = []
        while found := _STOP.search(source, self._at):
            out.append(source[self._at : found.start()])
            self._at = found.end()
            out.append(self._prose_item(found[0], found.start()))
        out.append(source[self._at :])
        return "".join(out)

    def _prose_item(self, found: str, start: int) -> str:
        match found:
            case "\\":
                return self._prose_command(start)
            case "$":
                return self._formula(start)
            case "{":
                return self._prose_group(start)
            case "~":
                before = self.source[start - 1 : start] or " "
                return " " if _is_tie(before, self._next() or " ") else found
            case "_" | "^":
                group = self._group()
                small = group and _small(group.source, found)
                return small or (f"{found}{{{group.source}}}" if group else found)
        url = _URL.match(self.source, start)
        self._at = url.end() if url else self._at
        return _unescaped(url[0]) if url else found

    def _prose_group(self, start: int) -> str:
        self._at = start
        group = self._group()
        if group is None:
            self._at += 1
            return "{"
        edge = "{" if self._depth else ""
        around = (self.source[start - 1 : start] or edge) + (self._next() or edge)
        inner = group.prose()
        is_bare = "{" not in around and "}" not in around and _GROUPED.match(group.source)
        return inner if is_bare else f"{{{inner}}}"

    def _prose_command(self, start: int) -> str:
        match = _COMMAND.match(self.source, start)
        if match is None:
            return "\\"
        self._at = match.end()
        name = match[1] or match[3]
        if name in _ESCAPES:
            return _ESCAPES[name]
        if name == "\\":
            return " " if self._next() in ("", " ") else "\\\\"
        if name in ("(", "["):
            return self._formula(start)
        if name in ("url", "href") and (group := self._group()):
            url = _unescaped(group.source.strip())
            label = self._group() if name == "href" else None
            shown = label.prose().strip() if label else ""
            return url if shown in ("", url) else f"{shown} ({url})"
        if name in _FONTS or name in _SCRIPT_FONTS or name == "textcolor":
            return self._prose_font(name, match[0])
        if name in _SWITCHES:
            self._skip(" ")
            return ""
        if name in _ASIDES:
            return self._aside(name, match[0])
        if name in ACCENTS:
            return self._accent(name, match[0])
        if name == "deg" and self.source[start - 1 : start].isdigit():
            return "°"
        if name in _STRUCTURED:
            self._at = start
            try:
                return self._math_item()
            except _UnfaithfulError:
                self._at = match.end()
                return match[0]
        sign = symbol(name) if match[1] else None
        if sign is None:
            # The braces of an unknown command are part of it.
            group = self._group()
            return f"{match[0]}{{{group.prose()}}}" if group else match[0]
        if not self._skip("{}") and name in _LETTERS:
            self._skip(" ")
        return sign

    def _prose_font(self, name: str, command: str) -> str:
        start = self._at
        group = self._group()
        if name == "textcolor" and group:
            group = self._group() if group.source.isalpha() else None
        if group is None:
            self._at = start
            return command
        inner = group.prose()
        script = _SCRIPT_FONTS.get(name)
        return (_small(inner, script) or f"{script}{inner}") if script else inner

    def _aside(self, name: str, command: str) -> str:
        """Read a citation, a footnote, a label, or the two forms of a part of a title."""
        start = self._at
        self._take(_OPTIONS)
        group = self._group()
        if group is None and name in _NOTES and self._skip("{"):
            # Abstracts are cut at a length, and the end of a footnote with them.
            group = _Reader(self.source[self._at :], self._depth + 1)
            self._at = len(self.source)
        if name in _HIDDEN:
            return ""
        if group is None:
            self._at = start
            return command
        if name == "texorpdfstring":
            title, plain = group.prose(), self._group()
            return plain.prose() if plain and "\\" in title else title
        before = self.source[start - len(command) - 1 : start - len(command)]
        space = "" if before.isspace() or before in "~([" else " "
        if name in _NOTES:
            return f"{space}({group.prose().strip()})"
        return f"{space}[{', '.join(map(str.strip, group.source.split(',')))}]"

    def _accent(self, name: str, command: str) -> str:
        r"""Read `\'e`, `\'{e}`, `\'\i`, `\c{c}`, `\c c` or `\'{\^e}`."""
        pattern = _LETTER_ACCENTED if name.isalpha() else _ACCENTED
        found = pattern.match(self.source, self._at)
        if found is None:
            return self._accented_twice(name, command)
        if name == '"' and self._has_quotes and found[3]:
            return command
        base = (found[1] or found[2] or found[3]).removeprefix("\\")
        accented = unicodedata.normalize("NFC", base + ACCENTS[name])
        if len(accented) > 1 and (name.isalpha() or not found[1]):
            return self._accented_twice(name, command)
        self._at = found.end()
        return accented

    def _accented_twice(self, name: str, command: str) -> str:
        """Read an accent on a letter in braces, which may have another accent."""
        group = self._group()
        if group is None:
            return command
        inside = group.prose()
        letter = inside.strip("{} ").replace("ı", "i")
        accented = unicodedata.normalize("NFC", letter + ACCENTS[name])
        return accented if len(letter) == len(accented) == 1 else f"{command}{{{inside}}}"

    # Formulas ------------------------------------------------------------------------------

    def _formula(self, start: int) -> str:
        """Convert the formula that begins at `start`, if it is one rather than an amount."""
        source = self.source
        found = _formula_at(source, start)
        shown = _converted(found[0]) if found else None
        if found is None or (shown is None and source[start] == "\\"):
            return source[start : self._at]
        self._at = found[1]
        return source[start : self._at] if shown is None else shown

    def math(self) -> str:
        """Return the text, read as a formula, as Unicode. Raises _UnfaithfulError."""
        if self._depth > _MAX_DEPTH:
            raise _UnfaithfulError
        source = self.source
        out = ""
        while self._at < len(source):
            start = self._at
            piece = self._math_item()
            is_command = source[start] == "\\" and source[self._at - 1].isalpha()
            if is_command and len(piece) > 1 and piece.isalpha():
                # log, max and other names are set apart from their neighbours.
                before = " " if out[-1:].isalnum() else ""
                after = " " if _WORD_FOLLOWS.match(source, self._at) else ""
                piece = f"{before}{piece}{after}"
            elif is_command and not out[-1:].isspace() and _NAME_END.match(source, self._at):
                # This space ends the command's name; with one before it, both are for reading.
                self._at += 1
            out += piece
        return out

    def _math_item(self) -> str:
        character = self._next()
        match character:
            case "\\":
                return self._math_command()
            case "{":
                if group := self._group():
                    return group.math()
                raise _UnfaithfulError
            case "_" | "^":
                self._at += 1
                return _script(self._math_argument(), character)
            case "~" | "'":
                self._at += 1
                return {"~": " ", "'": "′"}[character]
        return self._take(_MATH_PLAIN)[0]

    def _math_argument(self) -> str:
        """Read one argument: a group, a command or a character."""
        while self._skip(" "):
            pass
        character = self._next()
        if character in ("", "_", "^") or self._depth > _MAX_DEPTH:
            raise _UnfaithfulError
        if character not in "\\{~'$}":
            self._at += 1
            return character
        self._depth += 1
        try:
            return self._math_item()
        finally:
            self._depth -= 1

    def _math_command(self) -> str:
        start = self._at
        match = self._take(_COMMAND)
        name = match[1] or match[3]
        if name in _ESCAPES:
            return _ESCAPES[name]
        if name in _PROSE_IN_FORMULAS:
            group = self._group()
            if group is None or "$" in group.source:
                raise _UnfaithfulError
            return group.prose()
        if name in _FONTS or name == "ensuremath":
            return self._math_argument()
        if name in _SWITCHES:
            self._skip("." if name in ("left", "right", "middle") else " ")
            return ""
        if name in _STRUCTURED:
            return self._math_structure(name)
        if name in ("href", "url") or name in _ASIDES:
            return self._prose_command(start)
        shown = symbol(name)
        if shown is None:
            raise _UnfaithfulError
        return shown

    def _math_structure(self, name: str) -> str:
        if name == "unicode":
            code = self._take(_CODE_POINT)
            character = chr(int(code[1] or code[2], 16 if code[1] else 10))
            if not character.isprintable():
                raise _UnfaithfulError
            return character
        if name in _ALPHABET_SWITCHES:
            return in_alphabet(self._take(_CAPITALS)[1], _ALPHABET_SWITCHES[name])
        root = "∛" if name == "sqrt" and self._skip("[3]") else "√"
        value = self._math_argument().strip()
        if name in _FRACTIONS:
            return f"{_bracketed(value)}/{_bracketed(self._math_argument().strip())}"
        if name in _BINOMIALS:
            return f"({value} choose {self._math_argument().strip()})"
        if name == "pmod":
            return f"(mod {value})"
        if name == "sqrt":
            if value == "[":
                raise _UnfaithfulError
            return f"{root}{_bracketed(value)}"
        if name in _ALPHABETS:
            if not (value.isascii() and value.isalnum()):
                return value
            return in_alphabet(value, _ALPHABETS[name])
        # An accent over several characters is a line that Unicode cannot draw.
        if len(value) != 1 or value.isspace():
            raise _UnfaithfulError
        return unicodedata.normalize("NFC", value + _MATH_ACCENTS[name])


def _is_tie(before: str, after: str) -> bool:
    """Whether a tilde between these characters is a space rather than "about"."""
    digits = before.isdigit() and after.isdigit()
    return (before.isalnum() or before in ".,;:)}$\\") and not after.isspace() and not digits


def _formula_at(source: str, start: int) -> tuple[str, int] | None:
    r"""Return the inside and the end of the formula that begins with `$`, `\(` or `\[`."""
    if source[start] == "\\":
        mark = {"\\(": "\\)", "\\[": "\\]"}.get(source[start : start + 2])
        close = source.find(mark, start, start + _MAX_FORMULA) if mark else -1
        return (source[start + 2 : close], close + 2) if close > 0 else None
    mark = "$$" if source.startswith("$$", start) else "$"
    begin = start + len(mark)
    close = source.find(mark, begin, begin + _MAX_FORMULA)
    while close > 0 and source[close - 1] == "\\":
        close = source.find(mark, close + 1, begin + _MAX_FORMULA)
    content, end = source[begin:close], close + len(mark)
    return (content, end) if close > 0 and _is_formula(content, source[end : end + 1]) else None


def _is_formula(content: str, after: str) -> bool:
    """Whether the text between two dollars is a formula rather than prose between two amounts."""
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
        return _Reader(content).math().strip()
    except _UnfaithfulError:
        return None


def _script(value: str, mark: str) -> str:
    """Return a raised (`^`) or lowered (`_`) value, after its mark where Unicode lacks letters."""
    value = value.strip()
    if mark == "^" and value in ("∘", "◦"):
        return "°"
    return _small(value, mark) or (f"{mark}{_bracketed(value)}" if value else "")


def _small(value: str, mark: str) -> str:
    """Return `value` raised (`^`) or lowered (`_`), or "" if that is impossible or unclear."""
    table = _SMALL[mark]
    if any(ord(character) not in table for character in value):
        return ""
    return value.translate(table) if sum(map(str.isalpha, value)) <= _SCRIPT_LETTERS else ""


def _bracketed(value: str) -> str:
    return value if len(value) == 1 or re.fullmatch(r"\w+", value) else f"({value})"


def _unescaped(url: str) -> str:
    return _URL_ESCAPE.sub(lambda match: match[1] or "~", url)
