import re

import bibtexparser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pybtex.database import BibliographyData, Person, parse_string
from pylatexenc.latex2text import LatexNodes2Text

from daily_papers.pages.bibtex import HEAD, key, render_bibtex
from daily_papers.store.entry_types import Entry
from daily_papers.text.bibtex_encoding import latex_text
from factories import make_entry, make_paper

# Characters and words with a meaning in LaTeX or BibTeX.
FRAGMENTS = [
    *"\\{}$%#&_^~\"'@=,<>|()-. ", "\n", "\x00", "\ud800", "\\\\", "\\{", "\\}", "\\$", "\\%",
    "\\&", "$$", "\\(", "\\)", "\\[", "\\emph", "\\emph{", "\\'", "\\'e", '\\"', "\\c", "\\c c",
    "\\v{", "\\alpha", "\\sqrt", "\\frac", "\\unicode{x2014}", "\\url{", "\\begin", "\\unknown",
    "\\text", "@misc{x,", "@comment", "\n@article{", "and", " and ", "others", "Jr.", "van der",
    "x", "B", "7", "é", "ß", "ı", "α", "²", "–", "’", "中文", "e\u0301", "$x$", "$x_1$", "$\\{$",
    "$}{$",
]  # fmt: skip
latex_like = st.lists(st.sampled_from(FRAGMENTS), max_size=16).map("".join)
hostile = st.one_of(latex_like, st.text(max_size=30))


def checked(*entries: Entry) -> BibliographyData:
    """Parse the file with bibtexparser and pybtex, and return what pybtex read."""
    text = render_bibtex(entries)
    library = bibtexparser.parse_string(text)
    assert not library.failed_blocks
    keys = [key(entry.paper) for entry in entries]
    assert [entry.key for entry in library.entries] == keys
    read = parse_string(text, "bibtex")
    assert list(read.entries) == keys
    return read


def authors(*names: str) -> list[Person]:
    """Return the authors of a paper as pybtex parses them."""
    (entry,) = checked(make_entry(make_paper(1, authors=names))).entries.values()
    return list(entry.persons.get("author", []))


def is_paired(text: str, braces: str) -> bool:
    """Whether the braces that the pattern finds are paired."""
    depth = 0
    for brace in re.findall(braces, text):
        depth += (brace == "{") - (brace == "}")
        if depth < 0:
            return False
    return depth == 0


def test_an_entry_has_every_field() -> None:
    """A paper is a @misc with the fields of arXiv's own export, plus doi and note if known."""
    paper = make_paper(
        1,
        arxiv_id="math.GT/0309136",
        title=r"A $\mathbb{R}^d$ Title",
        primary_category="math.GT",
        doi="10.1000/x_y.(1) 10.1000/other",
        journal_ref="J. A & B 5, 1--2",
    )
    assert render_bibtex([make_entry(paper)]) == (
        HEAD
        + r"""
@misc{math.GT_0309136,
  title = {{A $\mathbb{R}^d$ Title}},
  author = {Ada Lovelace and Charles Babbage},
  year = {2026},
  month = nov,
  eprint = {math.GT/0309136},
  archiveprefix = {arXiv},
  primaryclass = {math.GT},
  doi = {10.1000/x_y.(1)},
  url = {https://arxiv.org/abs/math.GT/0309136},
  note = {J. A \& B 5, 1--2},
}
"""
    )
    checked(make_entry(paper), make_entry(2))


def test_what_a_paper_lacks_is_left_out() -> None:
    """There are no empty fields; the identifier replaces a missing title."""
    bare = make_paper(1, authors=(), title="", primary_category="", doi="not {one}")
    (entry,) = checked(make_entry(bare)).entries.values()
    assert dict(entry.fields) == {
        "title": "{2611.00001}",
        "year": "2026",
        "month": "November",
        "eprint": "2611.00001",
        "archiveprefix": "arXiv",
        "url": "https://arxiv.org/abs/2611.00001",
    }
    assert not entry.persons


def test_no_papers_make_a_file() -> None:
    """A topic without papers has a file with the marker of the project only."""
    assert render_bibtex([]) == HEAD
    assert not checked().entries


def test_invented_papers_are_labelled() -> None:
    """A file with sample papers says so; one with real papers does not."""
    assert "% These papers are a sample" in render_bibtex(
        [make_entry(make_paper(1, arxiv_id="2613.00001"))]
    )
    assert "sample" not in render_bibtex([make_entry(1)])


@pytest.mark.parametrize(
    ("name", "first", "prelast", "last", "lineage"),
    [
        ("Ada King Lovelace", "Ada King", "", "Lovelace", ""),
        ("Étienne Ghys", r"{\'E}tienne", "", "Ghys", ""),
        ("Jan van der Berg", "Jan", "van der", "Berg", ""),
        ("Jan van der Berg III", "Jan", "van der", "Berg", "III"),
        ("David L. Boothe Jr.", "David L.", "", "Boothe", "Jr."),
        ("Kenneth M. Merz,", "Kenneth M.", "", "Merz", ""),
        ("ATLAS Collaboration", "", "", "{ATLAS Collaboration}", ""),
        ("The Kimi Team", "", "", "{The Kimi Team}", ""),
        ("Meta, Inc.", "", "", "{Meta, Inc.}", ""),
        ("and Rohin Shah", "Rohin", "", "Shah", ""),
        ("Salt and Pepper", "", "", "{Salt and Pepper}", ""),
        ("others", "", "", "{others}", ""),
        ("Sunil Aryal%", "Sunil", "", r"Aryal\%", ""),
        ("王 伟", "王", "", "伟", ""),
        ("Ken-ichi Iwata", "Ken-ichi", "", "Iwata", ""),
        ("Ramon Ferrer-i-Cancho", "Ramon", "", "{Ferrer-i-Cancho}", ""),
        ("Florence d'Alché-Buc", "Florence", "", r"{d'Alch{\'e}-Buc}", ""),
        ("C. -C. Jay Kuo", "C. {-C.} Jay", "", "Kuo", ""),
        ("Mohamed-el-Amine van der Berg", "Mohamed-el-Amine", "van der", "Berg", ""),
    ],
)
def test_a_name_is_parsed_correctly(
    name: str, first: str, prelast: str, last: str, lineage: str
) -> None:
    """First name, particle, family name and suffix are parsed, and a group is one name."""
    (person,) = authors(name)
    parts = (*person.first_names, *person.middle_names)
    assert " ".join(parts) == first
    assert " ".join(person.prelast_names) == prelast
    assert " ".join(person.last_names) == last
    assert " ".join(person.lineage_names) == lineage


def test_a_group_before_a_colon_is_one_name() -> None:
    """A colon separates a group from its members, as arXiv writes them."""
    group, member = authors("ACME Research", ":", "A. Aardvark")
    assert group.last_names == ["{ACME Research}"]
    assert member.last_names == ["Aardvark"]


def test_every_author_is_there() -> None:
    """Thousands of authors are all read, and a separate colon is not an author."""
    assert len(authors("ATLAS Collaboration", ":", *[f"A. Name{n}x" for n in range(3000)])) == 3001


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Plain: text (1/2)", "Plain: text (1/2)"),
        (r"$\infty$-Video in $O(n^{2})$", r"$\infty$-Video in $O(n^{2})$"),
        (r"\emph{Sch\"odinger}'s $\$5$ \'Etude", r"\emph{Sch{\"o}dinger}'s $\$5$ {\'E}tude"),
        ("50% of #1 & x_1 for $5 and $6", r"50\% of \#1 \& x\_1 for \$5 and \$6"),
        (r"already 50\% \& \$5", r"already 50\% \& \$5"),
        (r"\{11\={2}0\}", r"$\lbrace$11{\=2}0$\rbrace$"),
        (r"\alpha and \ours{x} in C:\temp", (
            r"$\alpha$ and \textbackslash{}ours$\lbrace$x$\rbrace$"
            r" in C:\textbackslash{}temp"
        )),
        ("<b> | ^ ~5 Fig.~2", (
            r"$<$b$>$ $|$ \textasciicircum{} \textasciitilde{}5 Fig.~2"
        )),
        ("end \\", r"end \textbackslash{}"),
        (r"\'{e} \c{c} \v{\i} {\'\i} \u g", r"{\'e} {\c{c}} {\v{i}} {\'i} {\u{g}}"),
        (r"\'{e} \c{c} \'{$x$}", (
            r"{\'e} {\c{c}} \textbackslash{}'$\lbrace${}$x${}$\rbrace$"
        )),
        ("end \\'", r"end \textbackslash{}'"),
        (r"a } b { c {d}", r"a $\rbrace$ b $\lbrace$ c d"),
        (r"set \{x", r"set $\lbrace$x"),
        (r"$\{x\}$ and $\{x$", r"$\lbrace x\rbrace $ and $\lbrace x$"),
        (r"\(x%\) $$y$$ a$ $b", r"$x\%$ $y$ a\$ \$b"),
        (r"$x_$ and $\frac{1}{$", (
            r"\$x\_\$ and "
            r"\$\textbackslash{}frac$\lbrace$1$\rbrace${}$\lbrace$\$"
        )),
        (r"a $\unicode{x2014}$ b", "a --- b"),
        (r"$\sqrt$ $\"$", r"\$\textbackslash{}sqrt\$ \$"+'"\\$'),
        (r"an \"escaped\" one", 'an "escaped" one'),
        ("naïve Ωß²–’", r"na{\"i}ve $\Omega${\ss}$^{2}$--'"),
        ("$β$-VAE", r"${\beta}$-VAE"),
        ("中文 Д", "中文 Д"),
        (r"\url{https://a.org/x_y}", r"https://a.org/x\_y"),
        ("íìîïıÍ", r"{\'i}{\`i}{\^i}{\"i}{\i}{\'I}"),
        ("āėūűčşħ", r"{\=a}{\.e}{\=u}{\H{u}}{\v{c}}{\c{s}}ħ"),
        ("ễ ị ậ ẽ ǽ x̂", r"{\~{{\^e}}} {\d{i}} {\^{{\d{a}}}} {\~{{e}}} {\'{\ae}} {\^x}"),
        ("H₂O, 10⁻³, x₁²", r"H$_{2}$O, 10$^{-3}$, x$_{1}{}^{2}$"),
        ("→ √2 ½ ⅓ × αβ ≤ℝ", (
            r"$\rightarrow$ $\surd$2 {\textonehalf} $\frac{1}{3}$ $\times$ $\alpha \beta$"
            r" $\leq \mathbb{R}$"
        )),
        ("α$x$ $β²$ $a$$b$", r"$\alpha${}$x$ ${\beta}{^{2}}$ $a${}$b$"),
        ("€5 ð þ ș ả ơ ḏ ∛ ẞ", "€5 ð þ ș ả ơ ḏ ∛ ẞ"),
        (r"\k{appa}-LoRA and $\b{eta}$", r"$\kappa$-LoRA and $\beta$"),
        (r"\texttt{Code} 3\,km \LaTeX{} \AA", r"Code 3 km LaTeX {\r{A}}"),
        (r"\texorpdfstring{$\alpha$}{a}-Net\footnote{$x_1$}", r"$\alpha$-Net ($x_1$)"),
        (r"$x_1$ \label{$q$}", "x$_{1}$"),
        (r"$\text{R}^2 \textbf{x}$", r"$\textrm{R}^2 \textbf{x}$"),
    ],
)  # fmt: skip
def test_text_becomes_latex(text: str, written: str) -> None:
    """Known LaTeX stays, what would stop TeX is escaped, and accented letters become commands."""
    assert latex_text(text) == written


def test_letters_with_accents_are_read_back() -> None:
    """Every letter with an accent is read by pylatexenc as the letter that it was."""
    letters = map(chr, [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)])
    reader = LatexNodes2Text()
    written = {letter: latex_text(letter) for letter in letters if letter.isalpha()}
    read = {letter: reader.latex_to_text(latex) for letter, latex in written.items()}
    assert read == {letter: letter for letter in written}
    # Those in UTF-8 have a horn, a hook, a stroke, a macron or comma below, or none of LaTeX's.
    assert sum(latex.isascii() for latex in written.values()) == 392


@example("$\\\\$$")
@given(hostile)
def test_whatever_the_text_its_braces_are_paired(text: str) -> None:
    """Braces are paired as BibTeX and as TeX count them, and the number of dollars is even."""
    written = latex_text(text)
    assert is_paired(written, r"[{}]")
    assert is_paired(written, r"(?:\\.)|[{}]")
    assert re.sub(r"\\.", "", written).count("$") % 2 == 0
    assert not re.search(r"(?<!\\)[%#]", re.sub(r"\\\\", "", written))
    assert not re.search(r"(?<!\\)(?:\\\\)*\\$", written)
    assert "\n" not in written


@given(st.lists(hostile, min_size=4, max_size=4))
def test_both_parsers_read_any_paper(said: list[str]) -> None:
    """No title, author, reference or DOI breaks an entry or the next one."""
    paper = make_paper(
        1, title=said[0], authors=(said[1], said[2]), journal_ref=said[3], doi=said[1]
    )
    read = checked(make_entry(paper), make_entry(2))
    assert read.entries["2611.00001"].fields["eprint"] == "2611.00001"
    assert len(read.entries["2611.00001"].persons.get("author", [])) <= len(paper.names)
