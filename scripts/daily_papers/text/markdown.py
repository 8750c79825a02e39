"""Escape text of arXiv, users and language models for Markdown (GFM), HTML and XML.

Nothing in such a text becomes a tag, link, image, emphasis, table border, formula, mention or
reference: https://github.github.com/gfm/. Numeric character references also work inside raw HTML,
unlike backslashes. GitHub's filters after its parser (bare addresses, e-mail, emoji, formulas)
ignore them: there `<span>` splits the text.
"""

import functools
import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, unquote, urlsplit

from tabulate import DataRow, TableFormat, tabulate

from daily_papers.text.latex import may_have_latex, to_unicode

HOSTS = frozenset(
    {"arxiv.org", "doi.org", "export.arxiv.org", "github.com", "info.arxiv.org", "rss.arxiv.org"}
)
"""The hosts to which the project itself links."""
# Most links; they need no check and no encoding.
_PLAIN_LINK = re.compile(r"https://arxiv\.org/(?:abs|pdf)/[0-9a-z./-]+")

ZERO_WIDTH_SPACE = "\u200b"
# Characters of a word that fit into a cell on a phone of 390 pixels, in bold capitals too.
_UNBROKEN = 28
_LONG_WORD = re.compile(rf"\S{{{_UNBROKEN + 1},}}")

# Titles, authors and topics are on several pages; caching abstracts would take megabytes.
_CACHED = 4096
_CACHED_LENGTH = 300

# Controls that are no white space, soft hyphens, marks that turn the writing direction, invisible
# operators and fillers, tags, surrogates and noncharacters. The joiners have their own rule.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e007f"
    "\ud800-\udfff\ufdd0-\ufdef"
    + "".join(
        chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)
    )
    + "]"
)
# Emoji and several scripts need joiners; next to ASCII they are useless.
_STRAY_JOINER = re.compile("(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])")

# The characters of RFC 3986 without brackets, which only IPv6 hosts need.
_URL = re.compile(
    r"https?://"
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9](?::\d{1,5})?"
    r"(?:[/?#](?:(?![,;]https?://)[a-z0-9\-._~:/?#@!$&'()*+,;=%])*)?",
    re.IGNORECASE,
)
# Every parser shows these unchanged, and decodes others.
_PLAIN_URL = re.compile(r"https?://[a-z0-9.-]+[A-Za-z0-9\-._~:/?#@!'()*+,;=]*")
# For such an address in an issue, GitHub adds a note to the issue or commit it names; it may do so
# for one of its other hosts too (api., redirect., www.).
_GITHUB_REFERENCE = re.compile(
    r"https?://(?:[^/?#]+\.)?github\.com(?::\d+)?/.*"
    r"\b(?:issues|pulls?|discussions|commits?|compare|advisories)/",
    re.IGNORECASE,
)
# What GitHub takes for a mention or a reference in plain text.
_LIVE = re.compile(r"@|#(?=\d)|\b(?:GH|CVE)-(?=\d)|\bGHSA-(?=\w)", re.IGNORECASE)
# Commits, issues, and vulnerabilities.
_GITHUB_ID = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-f]{7,40}(?![0-9A-Za-z])|(?:GH|CVE)-(?=\d)|GHSA-(?=\w))",
    re.IGNORECASE,
)

_SPECIAL = re.compile(r"[\\`*\[\]|<~$_&:@#{]")
_ALWAYS = {
    "`": "&#96;",
    "*": "&#42;",
    "[": "&#91;",
    "]": "&#93;",
    "|": "&#124;",
    "<": "&lt;",
    "~": "&#126;",
    # GitHub needs the span, other parsers with formulas need the reference:
    # https://docs.github.com/en/get-started/writing-on-github
    "$": "<span>&#36;</span>",
}
_EMOJI = re.compile(r":(?:[0-9]*[a-z_+-][a-z0-9_+-]*|100|1234):", re.IGNORECASE)
_WWW = re.compile(r"(www)\.", re.IGNORECASE)
_BLOCK_START = re.compile(r">|[-+=:](?![0-9A-Za-z])")
_NUMBERED = re.compile(r"[0-9]{1,9}[.)](?= |$)")
_PLAIN_CODE = re.compile(r"[A-Za-z0-9 .,:;/()=+\"'^%!?_-]+")
_LINE_ENDS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_IN_ANCHORS = ("Ll", "Lm", "Lo", "Lt", "Lu", "Mc", "Me", "Mn", "Nd", "Nl", "Pc")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ")


def clean(text: str) -> str:
    """Return text as one line of readable NFC: LaTeX converted, invisible characters removed."""
    is_plain = text.isascii() and text.isprintable() and not may_have_latex(text)
    if is_plain and "  " not in text:
        return text.strip()
    return (_clean_cached if len(text) <= _CACHED_LENGTH else _clean_last)(text)


def _clean(text: str) -> str:
    line = visible(text)
    converted = to_unicode(line)
    if converted is not line:
        line = visible(converted)
    # Composing creates neither blanks nor invisible characters.
    return line if line.isascii() else unicodedata.normalize("NFC", line)


_clean_cached = functools.lru_cache(_CACHED)(_clean)
_clean_last = functools.lru_cache(1)(_clean)  # an abstract that is read for several things


def visible(text: str) -> str:
    """Return text as one line without invisible characters; LaTeX stays."""
    # Only one kind of white space, the blank, is printable, and no invisible character is.
    if text.isprintable():
        return " ".join(text.split()) if "  " in text else text.strip()
    line = " ".join(text.split())
    if line.isprintable():
        return line
    return " ".join(_STRAY_JOINER.sub("", _INVISIBLE.sub("", text)).split())


def inline(text: str, *, issue: bool = False, narrow: bool = False) -> str:
    """Return text as Markdown for any place in a line; only its http and https URLs are active.

    `narrow` is for a table's cell on a phone, where GitHub breaks no word: long ones get places to
    break, and addresses are shown in short. `issue` also stops mentions, references and commits,
    with zero-width spaces. Not for a block of raw HTML (a `<details>` that begins a line), which
    has no Markdown: use `html_text` there.
    """
    return _inline(clean(text), issue=issue, links=True, narrow=narrow)


def label(text: str, *, issue: bool = False, narrow: bool = False) -> str:
    """Return text like `inline` but without links: for link texts, headings, summaries."""
    return _inline(clean(text), issue=issue, links=False, narrow=narrow)


def plain_label(text: str) -> str:
    """Return text as one line of plain text, such as a title or a commit message.

    GitHub makes no mention and no reference of it.
    """
    return _LIVE.sub("\\g<0>\u2060", clean(text))


def cut(text: str, length: int, *, issue: bool = False, narrow: bool = False) -> str:
    """Return the first `length` characters of the cleaned text as a label."""
    return _inline(clean(text)[:length].rstrip(), issue=issue, links=False, narrow=narrow)


def _inline(line: str, *, issue: bool, links: bool, narrow: bool = False) -> str:
    def escaped(text: str) -> str:
        return _escaped(_LONG_WORD.sub(_breakable, text) if narrow else text, issue=issue)

    parts: list[str] = []
    done = 0
    if links and "://" in line:
        for start, url in urls_in(line):
            if issue and _GITHUB_REFERENCE.match(unquote(url)):
                continue
            parts += _no_image(escaped(line[done:start])), _own_link(url, narrow=narrow)
            done = start + len(url)
    parts.append(escaped(line[done:]))
    result = "".join(parts)
    if result and _BLOCK_START.match(line) and result[0] == line[0]:
        result = f"&#{ord(line[0])};{result[1:]}"
    elif number := _NUMBERED.match(line):
        # In an issue there may be zero-width spaces between the digits.
        mark = number[0][-1]
        head, _, tail = result.partition(mark)
        result = f"{head}&#{ord(mark)};{tail}"
    return _no_image(result)


def _no_image(fragment: str) -> str:
    """Escape a final exclamation mark, which would make an image of a following link."""
    return f"{fragment[:-1]}&#33;" if fragment.endswith("!") else fragment


def _escaped(text: str, *, issue: bool) -> str:
    if issue:
        text = _GITHUB_ID.sub(_split_id, text)
    result = _SPECIAL.sub(_in_issue if issue else _in_file, text)
    return _WWW.sub(r"\1<span>.</span>", result) if "w." in result.lower() else result


def _split_id(match: re.Match[str]) -> str:
    found = match[0]
    if found.endswith("-"):
        return found + ZERO_WIDTH_SPACE
    return ZERO_WIDTH_SPACE.join(found[at : at + 6] for at in range(0, len(found), 6))


def _in_issue(match: re.Match[str]) -> str:
    character = match[0]
    if character == "@":
        return "@" + ZERO_WIDTH_SPACE
    is_reference = character == "#" and match.string[match.end() : match.end() + 1].isdigit()
    return _in_file(match) + (ZERO_WIDTH_SPACE if is_reference else "")


def _in_file(match: re.Match[str]) -> str:
    character = match[0]
    if character in _ALWAYS:
        return _ALWAYS[character]
    text, at = match.string, match.start()
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    match character:
        case "\\":
            return "&#92;" if after in _PUNCTUATION else character
        case "_":
            inside = before.isalnum() and before.isascii() and after.isalnum() and after.isascii()
            return character if inside else "&#95;"
        case "&":
            return character if after == " " else "&amp;"
        case ":":
            address = text.startswith("://", at) and before.isalnum()
            return "<span>:</span>" if address or _EMOJI.match(text, at) else character
        case "@":
            return character if before == " " or after == " " else "<span>@</span>"
        case "#":
            return "&#35;" if before == " " and after in " #" else character
        case _:  # Liquid, which GitHub Pages runs before Markdown, opens with {{ and {%.
            return "&#123;" if after in "{%" else character


def urls_in(line: str) -> Iterator[tuple[int, str]]:
    """Yield the start of each http or https URL of a cleaned line, and the URL."""
    for match in _URL.finditer(line):
        yield match.start(), _trimmed(match[0])


def _trimmed(url: str) -> str:
    """Return a URL without the sentence's punctuation at its end."""
    while True:
        shorter = url.rstrip(".,:;!?'*_~&$")
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        shorter = shorter.removesuffix("(")
        if shorter == url:
            return url
        url = shorter


def _breakable(match: re.Match[str]) -> str:
    found = match[0]
    parts = (found[at : at + _UNBROKEN] for at in range(0, len(found), _UNBROKEN))
    return ZERO_WIDTH_SPACE.join(parts)


def _own_link(url: str, *, narrow: bool = False) -> str:
    if narrow and len(url) > _UNBROKEN:
        short = url.partition("://")[2]
        shown = short if len(short) <= _UNBROKEN else f"{short[:_UNBROKEN]}…"
        return f"[{_escaped(shown, issue=False)}]({_destination(url)})"
    if _PLAIN_URL.fullmatch(url) and "xn--" not in url.lower():
        return f"<{url}>"
    return f"[{_escaped(url, issue=False)}]({_destination(url)})"


def link(
    text: str, url: str, *, issue: bool = False, trusted: bool = False, narrow: bool = False
) -> str:
    """Return a link with text as its label, to a relative URL or with https to one of HOSTS.

    `trusted` allows any http or https address: that of the job's GitHub server. `narrow` is as in
    `inline`. Raises ValueError.
    """
    return _linked(label(text, issue=issue, narrow=narrow), url, issue=issue, trusted=trusted)


def chip(text: str, url: str = "") -> str:
    """Return a short text as code, which looks like a chip, linked to any http or https address."""
    return _linked(code(text), url, trusted=True) if url else code(text)


def _linked(shown: str, url: str, *, issue: bool = False, trusted: bool) -> str:
    if _PLAIN_LINK.fullmatch(url):
        return f"[{shown or url}]({url})"
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        schemes = ("http", "https") if trusted else ("https",)
        if parts.scheme not in schemes or not parts.netloc:
            raise ValueError(f"not a link the project may write: {url!r}")
        if not trusted and parts.netloc not in HOSTS:
            raise ValueError(f"not a host the project links to: {url!r}")
    elif not url or url.startswith(("//", "/\\", "\\")) or ":" in re.split(r"[/?#]", url)[0]:
        raise ValueError(f"not a relative link: {url!r}")
    return f"[{shown or _inline(url, issue=issue, links=False)}]({_destination(url)})"


def _destination(url: str) -> str:
    encoded = quote(url, safe="/:?#@!&+,;=%~-._", errors="replace")
    encoded = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", encoded)
    return re.sub(r"&(?=[#A-Za-z])", "&amp;", encoded)


def code(text: str) -> str:
    """Return an identifier or a query as code, also for a table's cell."""
    line = visible(text)
    if _PLAIN_CODE.fullmatch(line):
        return f"`{line}`"
    # Inside backticks a pipe would end the cell, and cannot be escaped.
    return f"<code>{_inline(line, issue=False, links=False)}</code>" if line else ""


def code_block(text: str) -> str:
    """Return text as a block of code with a fence longer than any in it."""
    fence = "`" * max(3, 0, *(len(run) + 1 for run in re.findall("`+", text)))
    return f"{fence}text\n{text}\n{fence}"


def heading(level: int, text: str) -> str:
    """Return a heading of `level` 1 to 6, without line break."""
    return f"{'#' * level} {label(text)}".rstrip()


def anchor(heading_text: str, taken: Counter[str]) -> str:
    """Return the fragment GitHub gives a heading, and count it in `taken`; a second one gets `-1`.

    https://docs.github.com/en/get-started/writing-on-github (section links)
    """
    found = slug = "".join(
        "-" if character == " " else character
        for character in clean(heading_text).lower()
        if character in " -_" or unicodedata.category(character) in _IN_ANCHORS
    )
    while found in taken:
        found = f"{slug}-{taken[slug]}"
        taken[slug] += 1
    taken[found] += 1
    return found


def details(summary_markdown: str, text_markdown: str) -> str:
    """Return rendered fragments as a collapsed section in one line, for a table's cell."""
    return f"<details><summary>{summary_markdown}</summary><p>{text_markdown}</p></details>"


def cell(markdown: str) -> str:
    """Return a rendered fragment for a table's cell: one line, every pipe escaped."""
    if "|" in markdown:
        markdown = re.sub(r"(\\*)\|", _pipe, markdown)
    return " ".join(_LINE_ENDS.split(markdown)).strip(" ")


def _pipe(match: re.Match[str]) -> str:
    # Parsers differ in how they read a pipe after several backslashes.
    count = len(match[1])
    return match[0] if count == 1 else match[1][: count // 2 * 2] + "&#124;"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of rendered fragments, which a blank line must follow.

    Raises ValueError if a row has more or fewer cells than there are headers.
    """
    cells = [[cell(fragment) for fragment in row] for row in rows]
    for row in cells:
        if len(row) != len(headers):
            raise ValueError(f"a row of {len(row)} cells under {len(headers)} headers: {row!r}")
    titles = [cell(header) for header in headers]
    # Without alignment tabulate pads nothing; numparse would print 2401.10000 as 2401.1.
    return tabulate(cells, titles, _GITHUB, disable_numparse=True, stralign=None, numalign=None)


_ROW = DataRow("| ", " | ", " |")
_GITHUB = TableFormat(
    None, lambda widths, _: f"|{' --- |' * len(widths)}", None, None, _ROW, _ROW, 0, None
)


def html_text(text: str) -> str:
    """Return text for HTML: an element's content or a quoted attribute."""
    return html.escape(clean(text))


def xml_text(text: str) -> str:
    """Return text for XML 1.0: an element's content or a quoted attribute."""
    # `clean` has removed what XML does not allow: https://www.w3.org/TR/xml/#charsets
    return html.escape(clean(text)).replace("&#x27;", "&apos;")
