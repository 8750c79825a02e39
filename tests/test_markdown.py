import re
import time
import unicodedata
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import unquote

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt

from daily_papers.text import markdown
from factories import read_back

ZERO_WIDTH_SPACE = "\u200b"
URL = "https://arxiv.org/abs/2413.00001v1"
PLACES = ("inline", "label", "link", "details", "code")
# The tags that a fragment may contain, by place; `span` splits text.
TAGS = {
    "inline": {"a", "span"},
    "label": {"span"},
    "link": {"a", "span"},
    "details": {"details", "summary", "p", "a", "span"},
    "code": {"code", "span"},
}
SECOND = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

# Characters and words with a meaning in Markdown, HTML, LaTeX or on GitHub.
FRAGMENTS = [
    *"\\`*_{}[]()<>#+-.!|~^$:@&=%'\"/;, ", "\n", "\r\n", "\t", "\x00", "\x0b", "\x1b[31m", "\u2028",
    "||", "\\|", "``", "```", "~~", "**", "__", "***", "---", "===", "$$", "&#", "&amp;", "&#124;",
    "&copy", "<!--", "-->", "<b>", "</b>", "<br>", "<script>", "</p>", "</details>", "</summary>",
    "</td>", "</code>", "<a href=x>", "<?php", "<![CDATA[", "![", "](", "](x)", "[^1]", "[^1]:",
    "[x]: y", "- [ ]", "1.", "2)", "# ", "> ", "| - |", ":-:", "    ", "{{", "{%", "@user",
    "@org/team", "#12", "GH-7", "owner/repo#3", "0a1b2c3d4e", ":smile:", ":+1:", "http://", "https://",
    "ftp://",
    "www.", "www.example.org", "me@example.org", "mailto:", "xmpp:", "https://example.org/a_b",
    "https://example.org/?a=1&copy;=2|3", "https://example.org/(x))", "http://example.org/%7C*",
    "https://xn--nxasmq6b.example/", "https://github.com/o/r/issues/5", "\\emph{", "}", "\\textbf",
    "\\url{", "$x_1$", "$\\alpha$", "x", "ww", "a", "B", "7", "é", "e\u0301", "中文", "שלום",
    "\u202eabc", "\ufeff", "👩‍👩‍👧", "\u200b", "\u0338", "\ud800", "\uffff", "\xa0",
]  # fmt: skip
markdown_like = st.lists(st.sampled_from(FRAGMENTS), max_size=16).map("".join)
foreign = st.one_of(markdown_like, st.text(st.characters(), max_size=50))


class _Seen(HTMLParser):
    """The text, tags, links and cells that a browser would see in HTML."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: Counter[str] = Counter()
        self.links: list[tuple[str, str]] = []
        self.rows: list[list[_Seen]] = []
        self.strange: list[str] = []
        self._cell: _Seen | None = None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._cell = _Seen("")
            self.rows[-1].append(self._cell)
        elif self._cell is not None:
            self._cell.handle_starttag(tag, attrs)
        if tag == "a":
            self.links.append((dict(attrs).get("href") or "", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._cell = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._cell is not None:
            self._cell.handle_data(data)

    def handle_comment(self, data: str) -> None:
        self.strange.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment

    @property
    def hrefs(self) -> list[str]:
        return [href for href, _ in self.links]


def github(text: str) -> _Seen:
    """Parse `text` with GitHub's own parser, with every tag allowed."""
    page: str = cmarkgfm.markdown_to_html_with_extensions(
        text,
        options=Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES,
        extensions=["table", "autolink", "strikethrough", "tasklist"],
    )
    return _Seen(page)


def second(text: str) -> _Seen:
    """Parse `text` with a second parser."""
    return _Seen(SECOND.render(text))


def without_breaks(text: str) -> str:
    """Return visible text without the zero-width spaces that disable references."""
    return text.replace(ZERO_WIDTH_SPACE, "").strip()


def in_place(place: str, text: str, *, issue: bool = False) -> str:
    """Return `text` escaped for one of PLACES."""
    match place:
        case "inline":
            return markdown.inline(text, issue=issue)
        case "label":
            return markdown.label(text, issue=issue)
        case "link":
            return markdown.link(text, URL, issue=issue)
        case "details":
            return markdown.details("Show", markdown.inline(text, issue=issue))
        case _:
            return markdown.code(text)


def check_links(seen: _Seen, line: str) -> None:
    """Every link is a URL in the cleaned text, or the project's own."""
    for href in seen.hrefs:
        assert href.startswith(("https://", "http://")), href
        assert href == URL or unquote(href) in unquote(line), href


# Any text, everywhere ------------------------------------------------------------------------


@given(st.lists(foreign, min_size=1, max_size=3), st.booleans())
def test_a_table_keeps_its_rows_cells_and_text(texts: list[str], issue: bool) -> None:
    """For any text, both parsers see the intended cells and rows, and only its text."""
    table = markdown.table(PLACES, [[in_place(p, t, issue=issue) for p in PLACES] for t in texts])
    for seen in (github(f"{table}\n\nafter\n"), second(f"{table}\n\nafter\n")):
        assert [len(row) for row in seen.rows] == [len(PLACES)] * (len(texts) + 1)
        assert not seen.strange
        assert seen.tags["table"] == 1
        assert seen.text.rstrip().endswith("after")
        for row, text in zip(seen.rows[1:], texts, strict=True):
            line = markdown.clean(text)
            for place, cell in zip(PLACES, row, strict=True):
                assert set(cell.tags) <= TAGS[place]
                if place == "code":
                    continue
                expected = "Show" + line if place == "details" else line
                if place == "link" and not line:
                    expected = URL
                assert without_breaks(cell.text) == expected
                check_links(cell, line)


@given(foreign, st.booleans())
@example("- x", False)
@example("+", False)
@example("1) x", True)
@example("1234567. x", True)
@example("===", False)
@example(":-:", False)
@example("# x", False)
@example("x #", False)
@example("$", False)
@example("> x", False)
def test_a_line_stays_a_line(text: str, issue: bool) -> None:
    """Text starts no block at the start of a paragraph, its second line, an item or a heading."""
    line = markdown.clean(text)
    fragment = markdown.inline(text, issue=issue)
    if not line:
        assert fragment == ""
        return
    title = markdown.label(text, issue=issue)
    for document, shown, tags in (
        (fragment, line, {"p": 1}),
        (f"first\n{fragment}\nlast", f"first\n{line}\nlast", {"p": 1}),
        (f"- {fragment}\n  {fragment}", f"{line}\n{line}", {"ul": 1, "li": 1}),
        (f"**{title}** x", f"{line} x", {"p": 1, "strong": 1}),
        (f"{title}[x]({URL})", f"{line}x", {"p": 1}),
        (f"# {title}", line, {"h1": 1}),
    ):
        for seen in (github(document), second(document)):
            assert re.sub(r" *\n+ *", "\n", without_breaks(seen.text)) == shown
            assert {tag: n for tag, n in seen.tags.items() if tag not in ("a", "span")} == tags
            assert not seen.strange
            check_links(seen, line)


@given(foreign)
def test_cleaned_text_is_one_printable_line(text: str) -> None:
    """Cleaned text has single spaces, no control or direction characters, and is in NFC."""
    line = markdown.clean(text)
    assert line == " ".join(line.split())
    assert unicodedata.is_normalized("NFC", line)
    assert not re.search(
        "[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", line
    )
    line.encode()


@given(foreign)
def test_html_and_xml_give_the_text_back(text: str) -> None:
    """Text escaped for HTML or XML 1.0, as content or an attribute, is parsed back unchanged."""
    line = markdown.clean(text)
    seen = _Seen(f"<p title='x'>{markdown.html_text(text)}</p>")
    assert (seen.text, dict(seen.tags)) == (line, {"p": 1})
    escaped = markdown.xml_text(text)
    for quote in "'\"":
        element = etree.fromstring(f"<t a={quote}{escaped}{quote}>{escaped}</t>")
        assert (element.text or "", element.get("a")) == (line, line)


@given(foreign)
def test_nothing_that_github_adds_to_issues_is_live(text: str) -> None:
    """No mention, reference, commit or emoji name stays intact in the text of an issue."""
    page = cmarkgfm.markdown_to_html_with_extensions(
        markdown.inline(text, issue=True),
        options=Options.CMARK_OPT_UNSAFE,
        extensions=["table", "autolink", "strikethrough"],
    )
    # GitHub's filters read one text node at a time, and none inside a link.
    for node in re.split(r"<a .*?</a>|<[^>]+>", page):
        assert not re.search(r"@[A-Za-z0-9]|#[0-9]|\bGH-[0-9]", node, re.IGNORECASE)
        assert not re.search(r"(?<![0-9A-Za-z])[0-9a-f]{7,40}(?![0-9A-Za-z])", node)
        assert not re.search(r":[a-z_+-]+:", node)


# Each hazard by name -------------------------------------------------------------------------

PLAIN = "Attention, revisited: a 3-step view (with 95% fewer tokens) of what's new & next; part 2."


def test_prose_comes_out_as_it_is() -> None:
    """Ordinary prose is not changed by a byte."""
    assert markdown.inline(PLAIN) == PLAIN
    assert markdown.inline(PLAIN, issue=True) == PLAIN
    assert (
        markdown.label("snake_case C# 12:30:45 -5 x>y 100%") == "snake_case C# 12:30:45 -5 x>y 100%"
    )


@pytest.mark.parametrize(
    "text",
    [
        "P(a|b) and a||b \\| c",
        "<script>alert(1)</script> <think>",
        "a <!-- comment that swallows",
        "[text](/x) ![image](x) [^1]",
        "A* and B* and _this_ __that__",
        "~~gone~~ and ~also~",
        "`code` and `` more",
        "costs $5 and $10",
        "&lt; &#60; &copy; AT&T",
        "write to me@example.org or mailto:me@example.org",
        "see www.example.org or WWW.example.org",
        "ftp://example.org and http://localhost",
        "ends with a backslash \\",
        "wow!",
        "[ ] to do",
        "{{ site.title }} {% raw %}",
        "</details></p></td>",
        ":tada: and std::vector::iterator",
    ],
)
def test_a_hazard_is_inert(text: str) -> None:
    """Nothing of it becomes a link, a tag or an emphasis, in a cell or on a line."""
    fragment = markdown.inline(text)
    for parse in (github, second):
        seen = parse(fragment)
        assert (seen.text.strip(), set(seen.tags) - {"span"}) == (markdown.clean(text), {"p"})
        cell = parse(markdown.table(["A", "B"], [[fragment, "end"]])).rows[1]
        assert [part.text for part in cell] == [markdown.clean(text), "end"]


def test_a_dollar_opens_no_formula() -> None:
    """A dollar outside formulas becomes a numeric reference in a span."""
    assert markdown.inline("$5") == "<span>&#36;</span>5"


def test_no_emoji_name_stays_whole() -> None:
    """The name of an emoji is split; a time of day is not."""
    assert markdown.inline("a :smile: b 12:30:45") == "a <span>:</span>smile: b 12:30:45"


def test_liquid_is_broken() -> None:
    """GitHub Pages finds no Liquid in the text."""
    assert not re.search(r"\{[{%]", markdown.inline("{{{ a }} {% b %}"))


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Code: https://example.org/a_b.", ["https://example.org/a_b"]),
        ("(https://example.org/a_(b)), x", ["https://example.org/a_(b)"]),
        ("[https://example.org/x] | http://example.org", ["https://example.org/x", "http://example.org"]),
        ("https://example.org/~me, https://example.org/b?x=1&y=2#z", ["https://example.org/~me", "https://example.org/b?x=1&y=2#z"]),
        ("https://example.org/a,https://example.org/b", ["https://example.org/a", "https://example.org/b"]),
        ("https://example.org/a%20b", ["https://example.org/a%20b"]),
        ("new!https://example.org/%7Ca", ["https://example.org/%7Ca"]),
        ("https://example.org/?a&copy;b", ["https://example.org/?a&copy;b"]),
        ("见https://example.org/z。", ["https://example.org/z"]),
        ("**https://example.org/x**", ["https://example.org/x"]),
        (r"\url{https://example.org/a\_b}", ["https://example.org/a_b"]),
        (r"\href{https://example.org/c}{here}", ["https://example.org/c"]),
        ("https:// https://x http://1.2.3.4 https://-.org javascript://example.org/%0a", []),
        ("HTTPS://Example.ORG/X", ["HTTPS://Example.ORG/X"]),
    ],
)  # fmt: skip
def test_addresses_of_the_text_are_links_to_themselves(text: str, links: list[str]) -> None:
    """Only well-formed web URLs become links, without the punctuation of the sentence."""
    for seen in (github(markdown.inline(text)), second(markdown.inline(text))):
        assert [href.casefold() for href in seen.hrefs] == [url.casefold() for url in links]
        assert seen.text.strip() == markdown.clean(text)
    for seen in (github(markdown.label(text)), second(markdown.label(text))):
        assert (seen.hrefs, seen.text.strip()) == ([], markdown.clean(text))


def test_addresses_are_told_with_their_places() -> None:
    """Each URL comes with its position, without the punctuation that follows."""
    line = "a https://example.org/a. (http://example.org)"
    assert list(markdown.urls_in(line)) == [
        (2, "https://example.org/a"),
        (26, "http://example.org"),
    ]


def test_mentions_and_references_are_stopped_in_issues_only() -> None:
    """In an issue a zero-width space follows the sign; files have none."""
    text = "@user #12 GH-12 o/r#3 0a1b2c3d4e"
    assert markdown.inline(text, issue=True) == (
        "@\u200buser #\u200b12 GH-\u200b12 o/r#\u200b3 0a1b2c\u200b3d4e"
    )
    assert markdown.inline(text) == text


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/o/r/issues/1",
        "https://www.github.com/o/r/pull/1",
        "HTTPS://GitHub.com/o/r/commit/0a1b2c3d4e",
        "https://github.com:443/o/r/issues/1",
        "https://github.com//o/r/issues/1",
        "https://github.com/o/r/%69ssues/1",
        "https://redirect.github.com/o/r/issues/1",
        "https://api.github.com/repos/o/r/issues/1",
        "https://github.com/o/r/compare/a...b",
        "https://github.com/o/r/security/advisories/GHSA-aaaa-bbbb-cccc",
    ],
)
@pytest.mark.parametrize("form", ["{}", "see {}, please", "({})", "[x]({})", "<{}>", "`{}`"])
def test_an_address_of_another_repositorys_thread_is_text_in_an_issue(
    address: str, form: str
) -> None:
    """However a title names a thread, whole or without https, GitHub finds no address in it."""
    for text in (form.format(address), form.format(address.partition("://")[2])):
        for written in (markdown.inline(text, issue=True), markdown.label(text, issue=True)):
            assert github(written).hrefs == []
            page = cmarkgfm.markdown_to_html_with_extensions(written, extensions=["autolink"])
            assert "://" not in page
            assert not re.search(r"www\.", page, re.IGNORECASE)


def test_names_of_vulnerabilities_are_stopped_in_issues_only() -> None:
    """GitHub may link them to its database, and lists where they are named."""
    text = "CVE-2024-1234 and GHSA-jfh8-c2jp-5v3q"
    written = markdown.inline(text, issue=True)
    assert written == "CVE-\u200b2024-1234 and GHSA-\u200bjfh8-c2jp-5v3q"
    assert markdown.inline(text) == text


def test_a_github_thread_is_no_link_in_an_issue() -> None:
    """A link between issues would add an entry to the other issue."""
    text = "https://github.com/o/r/issues/5 https://github.com/o/r"
    assert github(markdown.inline(text, issue=True)).hrefs == ["https://github.com/o/r"]
    assert len(github(markdown.inline(text)).hrefs) == 2


# Cleaning ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a\n  b\tc\u2028d\xa0e\u3000f ", "a b c d e f"),
        ("e\u0301 and $<$\u0338", "é and ≮"),
        ("a\x00b\x1bc\x7fd\ufeffe\xadf\u200bg\u202eh", "abcdefgh"),
        ("a\ud800b\uffffc\U0001ffffd\ufdd0e", "abcde"),
        ("👩\u200d👩\u200d👧 می\u200cخواهم a\u200db", "👩\u200d👩\u200d👧 می\u200cخواهم ab"),
        ("葛\U000e0100 ❤\ufe0f", "葛\U000e0100 ❤\ufe0f"),
        ("\x1b", ""),
        ("0", "0"),
    ],
)
def test_what_is_invisible_goes(text: str, line: str) -> None:
    """Controls, surrogates and hiding characters are removed; emoji and scripts stay intact."""
    assert markdown.clean(text) == line


def test_cut_counts_characters_that_are_seen() -> None:
    """A long text is cleaned, then cut, then escaped."""
    assert markdown.cut(r"\textbf{a|bcdef}", 3) == "a&#124;b"
    assert markdown.cut("abc def", 4) == "abc"


# Links, code, headings -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://arxiv.org/abs/1",
        "https://example.org/",
        "https://arxiv.org.example.org/",
        "https://user@arxiv.org/",
        "https://arxiv.org:444/",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "//example.org/x",
        "\\\\example.org",
        " javascript:x",
        "/\\example.org",
        "",
    ],
)
def test_the_project_links_only_where_it_chose(url: str) -> None:
    """Any other scheme, host, port or user is refused."""
    with pytest.raises(ValueError, match="not a"):
        markdown.link("x", url)


@pytest.mark.parametrize(
    ("url", "href"),
    [
        ("https://arxiv.org/abs/quant-ph/0201082v1", "https://arxiv.org/abs/quant-ph/0201082v1"),
        ("papers/topics/a b|(c).md#é", "papers/topics/a%20b%7C%28c%29.md#%C3%A9"),
        ("#2413.00001v1", "#2413.00001v1"),
        ("https://arxiv.org/?q=<x>&copy=1%zz%20", "https://arxiv.org/?q=%3Cx%3E&copy=1%25zz%20"),
        ("../README.md", "../README.md"),
    ],
)
def test_a_link_arrives_where_it_was_meant_to(url: str, href: str) -> None:
    """For any URL, both parsers find one link with the encoded URL."""
    for parse in (github, second):
        rows = parse(markdown.table(["A"], [[markdown.link("t|t", url)]])).rows
        assert (rows[1][0].text, rows[1][0].hrefs) == ("t|t", [href])


def test_a_trusted_link_may_go_to_the_own_server() -> None:
    """With `trusted`, any http or https host is allowed; other schemes are refused."""
    link = markdown.link("x", "http://127.0.0.1:8080/o/r", trusted=True)
    assert link == "[x](http://127.0.0.1:8080/o/r)"
    with pytest.raises(ValueError, match="not a"):
        markdown.link("x", "javascript:x", trusted=True)


@pytest.mark.parametrize(
    "text", ["cs.CV", 'ti:"a b" OR x', "a`b", "a|b", "$x$", "a\\b", "<b>", "x_"]
)
def test_code_shows_what_it_is_given(text: str) -> None:
    """Code is shown unchanged in a table cell."""
    for parse in (github, second):
        cell = parse(markdown.table(["A"], [[markdown.code(text)]])).rows[1][0]
        assert (cell.text, set(cell.tags) - {"span"}) == (text, {"code"})


def test_headings_and_their_anchors() -> None:
    """GitHub's anchors are lower case with hyphens, without punctuation; equal ones are counted."""
    assert markdown.heading(2, "A | B #") == "## A &#124; B &#35;"
    taken: Counter[str] = Counter()
    assert [
        markdown.anchor(text, taken)
        for text in ("📌 C++ & Co.", "Größe_1 中文", "Same", "Same", "Same-1", "same")
    ] == ["-c--co", "größe_1-中文", "same", "same-1", "same-1-1", "same-2"]


# Tables --------------------------------------------------------------------------------------


def test_a_table_is_not_padded_and_not_interpreted() -> None:
    """Numbers stay as written, and nothing is aligned."""
    rows = [["2401.10000", "1e5"], ["", "True"], ["  中文 ", "\x1b[31mred"], ["x" * 99, "None"]]
    assert markdown.table(["**A**", "**B**"], rows).splitlines() == [
        "| **A** | **B** |",
        "| --- | --- |",
        "| 2401.10000 | 1e5 |",
        "|  | True |",
        "| 中文 | [31mred |",
        f"| {'x' * 99} | None |",
    ]


def test_a_table_without_rows_is_its_header() -> None:
    """No row is invented."""
    assert markdown.table(["A", "B"], []) == "| A | B |\n| --- | --- |"


def test_a_row_of_another_length_is_refused() -> None:
    """A row of another length is refused, since GitHub silently drops surplus cells."""
    with pytest.raises(ValueError, match="a row of 3 cells under 2 headers"):
        markdown.table(["A", "B"], [["1", "2", "3"]])


@pytest.mark.parametrize(
    ("fragment", "guarded"),
    [
        ("a|b", "a&#124;b"),
        (r"a\|b", r"a\|b"),
        (r"a\\|b", r"a\\&#124;b"),
        ("a\nb\r\nc", "a b c"),
        (" a ", "a"),
    ],
)
def test_a_cell_is_one_cell(fragment: str, guarded: str) -> None:
    """A raw pipe or a newline in a fragment ends neither its cell nor its row."""
    assert markdown.cell(fragment) == guarded
    for parse in (github, second):
        assert [len(row) for row in parse(markdown.table(["A", "B"], [[fragment, "x"]])).rows] == [
            2,
            2,
        ]


def test_a_thousand_abstracts_take_little_time() -> None:
    """Many papers are escaped within seconds; the limit allows for a slow machine."""
    abstracts = [f"{PLAIN} It reaches $O(n^{{{n}}})$ at 7\\% on {n}. " * 8 for n in range(1000)]
    start = time.process_time()
    for abstract in abstracts:
        markdown.inline(abstract)
    assert time.process_time() - start < 3


@given(st.text(st.sampled_from("ab|<>[]()_*`~$ \n") | st.characters(), max_size=200))
def test_a_narrow_text_is_the_same_with_places_to_break(text: str) -> None:
    """On a phone no word is too long to break, and nothing else about a text changes."""
    found = read_back(markdown.table(["x"], [[markdown.label(text, narrow=True)]])).find(".//td")
    shown = found.text_content()
    assert (
        shown.replace("\u200b", "")
        == read_back(markdown.table(["x"], [[markdown.label(text)]])).find(".//td").text_content()
    )
    assert max(map(len, re.split(r"[\s\u200b]+", shown))) <= 28
    assert not found.xpath(".//*[not(self::span)]")


def test_a_narrow_address_is_short_and_leads_to_the_whole() -> None:
    """An address is shown without its scheme, up to what a phone can show, and stays a link."""
    url = "https://github.com/example/a-repository-with-a-very-long-name"
    (link,) = read_back(markdown.inline(f"See {url}.", narrow=True)).iter("a")
    assert link.get("href") == url
    assert link.text == "github.com/example/a-reposit…"
