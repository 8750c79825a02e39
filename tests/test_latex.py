import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.text.latex import to_unicode

# What authors write, and what breaks readers of it.
FRAGMENTS = [
    "\\", "{", "}", "$", "$$", "_", "^", "~", "`", "``", "'", "''", '"', "--", "---", "%", "&", "#",
    "[", "]", "(", ")", "x", "n", "7", "12", " ", "é", "\\(", "\\)", "\\[", "\\]", "\\%", "\\$",
    "\\frac", "\\sqrt", "\\alpha", "\\log", "\\text", "\\textbf", "\\emph", "\\em", "\\mathcal",
    "\\hat", "\\not", "\\left", "\\right", "\\unknown", "\\'", "\\c", "\\url", "\\href", "\\o",
    "\\unicode", "https://example.org/~a_b", "\\textcolor", "\\footnote", "\\cite", "\\k", "\\b",
    "appa", "eta", "\\texorpdfstring", "\\cal", "\\binom", "\\textsuperscript", "\\deg", "\\\\",
]  # fmt: skip
latex_like = st.lists(st.sampled_from(FRAGMENTS), max_size=24).map("".join)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"$\infty$-Video", "∞-Video"),
        (r"18{\`e}me", "18ème"),
        ("H$_2$O", "H₂O"),
        ("a rate of $10^{-3}$", "a rate of 10⁻³"),
        (r"$\mathcal{O}(n^2\log n)$", "𝒪(n² log n)"),
        (r"$\tilde{O}(\sqrt{T})$ in $\mathbb{R}^d$", "Õ(√T) in ℝᵈ"),
        (r"$k\geq 3$ and $a \leq b$", "k≥3 and a ≤ b"),
        (r"$L_{\text{KL}}$, $x_{1:T}$, $e^{-x/2}$", "L_KL, x_(1:T), e^(-x/2)"),
        (r"$\frac{1}{2}$, $\frac{a+b}{c}$, $\sqrt{n+1}$", "1/2, (a+b)/c, √(n+1)"),
        (r"$\hat\theta$, $\bar{x}$, $\vec{v}$, $a \not\in B$", "θ̂, x̄, v⃗, a ∉ B"),
        (r"$\left(x\right)$ $\big|y\big|$ $\left.z\right|$", "(x) |y| z|"),
        (r"$30^\circ$, $A^\top$, $A^*$, $f'$", "30°, Aᵀ, A*, f′"),
        (r"\(x\) and \[y^2\] and $$z$$", "x and y² and z"),
        (r"$1979$-$2025$ and 1979$-$2025", "1979-2025 and 1979-2025"),
        (r"with $ M = 71 $ and $<$4 lines", "with M = 71 and <4 lines"),
        (r"$\unicode{x2014}$", "—"),
        (r"$2\log{n}$ of $x_{train}$", "2 log n of x_train"),
        (r"$D_{\rm KL}(p\|q)$", "D_KL(p‖q)"),
        (r"${\cal O}(n)$ $\cal L$ ${\cal NP}$ {\frak A}", "𝒪(n) ℒ 𝒩𝒫 𝔄"),
        (r"$\binom{n}{k}$, $q \equiv 1 \pmod{4}$", "(n choose k), q ≡ 1 (mod 4)"),
        (r"$\log\det(A)$ $\dim\ker A$ $\arg\max_x f$", "log det(A) dim ker A arg maxₓ f"),
        (r"$\neg p \lor q \land r$, $a \ne b$, $a\iff b$", "¬p ∨ q ∧ r, a ≠ b, a⟺b"),
        (r"$\mathring{A}$ $\Tilde{O}$ $\nicefrac{1}{2}$ $\Re z$", "Å Õ 1/2 ℜz"),
    ],
)
def test_a_formula_becomes_unicode(source: str, shown: str) -> None:
    """A formula that fits on one line of Unicode is converted."""
    assert unicodedata.normalize("NFC", to_unicode(source)) == unicodedata.normalize("NFC", shown)


@pytest.mark.parametrize(
    "source",
    [
        r"$\unknown{x}$",
        r"$\widehat{abc}$",
        r"$\overset{a}{b}$",
        r"$\sqrt[5]{x}$",
        r"$x^$",
        "$a" + "+a" * 600 + "$",
        r"\textcolor{7}{x}",
        r"\method{x_1} beats \ours",
        r"\cite and \footnote",
        r"\frac",
        "\\",
        "{",
        "}",
        "$",
        "$$",
        "\\'",
        "x^{",
        "$\\frac{$",
        r"\textbf{never closed",
        "1^{+1.39}",
        "snake_case and x^2",
        r"C:\Users\name",
        "a set {a, b} and {{template}}",
    ],
)
def test_what_cannot_be_shown_stays_as_it_is(source: str) -> None:
    """Source without a faithful form, or that is not LaTeX at all, is kept unchanged."""
    assert to_unicode(source) == source


@pytest.mark.parametrize(
    "source",
    [
        "costs $5 and $10",
        "between US$N and US$5",
        "US$ 5 or US$ 6 a day",
        "from $1.5M to $2M",
        "$5-$10",
        "$5/$hour",
        "S$100 and A$200",
        "$12 per task, $4,500 in all",
        "an error of $ 0.21 and a month later of $ 22.23.",
    ],
)
def test_money_stays_money(source: str) -> None:
    """Two amounts in dollars are not a formula."""
    assert to_unicode(source) == source


def test_a_formula_beside_money() -> None:
    """Amounts and formulas in one text are told apart."""
    assert to_unicode(r"\$5 for $O(n)$ at $7") == "$5 for O(n) at $7"
    assert to_unicode(r"under $2. We use $x_1$.") == "under $2. We use x₁."


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"K\"ahler, Societ\`a, It\^{o}, na\"{\i}ve", "Kähler, Società, Itô, naïve"),
        (r"\c{c} \v{s} \H{o} \v s", "ç š ő š"),
        (r"S\o rensen, \L{}ukasz, Stra\ss e", "Sørensen, Łukasz, Straße"),
        (r"\{11\={2}0\}", "{112̄0}"),
        (r"say \"Anarchy\" now", r"say \"Anarchy\" now"),
        (r"\'x and \bold", r"\'x and \bold"),
        (r"Nguy\~{\^e}n, \'{\u{a}}, \={\'{e}}, \'{\^{x}}", r"Nguyễn, ắ, \={é}, \'{x̂}"),
        (r"Th\d{i}, \b{d}, \'{\i}, \'\i, \t{oo}", r"Thị, ḏ, í, í, \t{oo}"),
    ],
)
def test_accents(source: str, shown: str) -> None:
    """An accent and its letter become one letter; an escaped quotation mark is not an accent."""
    assert unicodedata.normalize("NFC", to_unicode(source)) == unicodedata.normalize("NFC", shown)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"\k{appa}-LoRA of \b{eta}s, Cohen's \k{appa} = 0.90", "κ-LoRA of βs, Cohen's κ = 0.90"),
        (r"\c{hi} \d{elta} \r{ho} \t{au} \t{heta} \u{psilon} \v{arphi}", "χ δ ρ τ θ υ φ"),
        (r"\c{opyright} 2026, 3\t{imes}, \d{ots}", "© 2026, 3×, …"),
        (r"$\k{appa}_1$ and $\b{ar}{x}$ and $a \r{ightarrow} b$", "κ₁ and x̄ and a → b"),
        (r"\k appa-LoRA, \b eta VAE", "κ-LoRA, β VAE"),
        (r"{\b{f} bold} {\r{m} roman}", "bold roman"),
        (r"\v{s} \c{c} \d{s} \v s \c c \b{e}", r"š ç ṣ š ç \b{e}"),
        (r"\k{appb} and \b eta_x", r"\k{appb} and β_x"),
    ],
)
def test_a_command_that_arxiv_took_for_an_accent(source: str, shown: str) -> None:
    r"""`\k{appa}` is the κ that the author wrote; a real accent stays one."""
    assert unicodedata.normalize("NFC", to_unicode(source)) == unicodedata.normalize("NFC", shown)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"\texorpdfstring{$\mathcal{O}(n)$}{O(n)}", "𝒪(n)"),
        (r"a \texorpdfstring{$\unknown$}{plain} title", "a plain title"),
        (r"code\footnote{See https://example.org/a\_b}.", "code (See https://example.org/a_b)."),
        (r"code \footnote{\emph{here}}; \footnotemark[1]", "code (here); "),
        (r"GAN\cite{a_1} and VAE~\citep[see][p. 3]{b,c}", "GAN [a_1] and VAE [b, c]"),
        (r"as \citet*{d} says (\cref{fig:x})", "as [d] says ([fig:x])"),
        (r"\label{sec:x}text \color{red}red", "text red"),
        (r"\eg, \num{1617} of \gls{gp}", "e.g., 1617 of gp"),
        (r"cut\footnote{See \emph{this", r"cut (See \emph{this)"),
    ],
)
def test_commands_of_a_longer_text(source: str, shown: str) -> None:
    """Footnotes stand in parentheses, citations and references in brackets; labels vanish."""
    assert to_unicode(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("``x'' and `y' don't", "“x” and ‘y’ don't"),
        ('``mixed"', "“mixed”"),
        ("5'' and \"plain\"", "5'' and \"plain\""),
        ("```python", "```python"),
        ("never ``closed", "never ``closed"),
        ("Navier--Stokes --- 3--5", "Navier–Stokes — 3–5"),
        ("run --flag, a-->b, <!-- c -->, ----", "run --flag, a-->b, <!-- c -->, ----"),
    ],
)
def test_quotes_and_dashes(source: str, shown: str) -> None:
    """TeX's quotes and dashes become typographic; options, arrows and comments stay."""
    assert to_unicode(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"\emph{a \textbf{b} c} {\em d} {\it e f}", "a b c d e f"),
        (r"71.3\% \& \#1 \_x\_ \{y\}", "71.3% & #1 _x_ {y}"),
        ("71.3% of A&B, 50% more", "71.3% of A&B, 50% more"),
        ("Fig.~1, et~al., ~5%, 10~20, ~/home", "Fig. 1, et al., ~5%, 10~20, ~/home"),
        (r"{FLASK} and 3{-}D", "FLASK and 3-D"),
        (r"1\textsuperscript{st} CO\textsubscript{2}", "1ˢᵗ CO₂"),
        (r"\textcolor{red}{alert} \LaTeX{} is", "alert LaTeX is"),
        (r"|U_{e3}| at 90\deg", "|Uₑ₃| at 90°"),
    ],
)
def test_commands_in_prose(source: str, shown: str) -> None:
    """Fonts, escapes and protecting braces are removed, ties become spaces."""
    assert to_unicode(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("https://example.org/~user/a--b_c", "https://example.org/~user/a--b_c"),
        (r"https://example.org/a\_b\%20c\#d", "https://example.org/a_b%20c#d"),
        (r"\url{https://example.org/a\_b}.", "https://example.org/a_b."),
        (r"\href{https://example.org/a_b}{here}", "here (https://example.org/a_b)"),
        (r"\href{https://example.org}{https://example.org}", "https://example.org"),
        (r"$\href{https://example.org/a_b}{here}$", "here (https://example.org/a_b)"),
        (r"https://example.org/$\sim$user", "https://example.org/~user"),
        ("``see https://example.org/--x'' now", "“see https://example.org/--x'' now"),
    ],
)
def test_addresses_keep_their_characters(source: str, shown: str) -> None:
    """A tilde, an underscore or two hyphens inside a URL are part of it."""
    assert to_unicode(source) == shown


@given(st.one_of(latex_like, st.text(max_size=60)))
def test_conversion_never_raises_and_is_deterministic(source: str) -> None:
    """No text raises, and the same text always gives the same result."""
    assert to_unicode(source) == to_unicode(source)


@given(latex_like.filter(lambda source: "unicode" not in source))
def test_no_number_is_lost(source: str) -> None:
    """Every digit of the source is still there, possibly raised or lowered."""

    def digits(text: str) -> set[str]:
        return set(filter(str.isdecimal, unicodedata.normalize("NFKD", text)))

    assert digits(source) == digits(to_unicode(source))


@given(st.text(st.characters(exclude_characters="\\${`~-"), max_size=60))
def test_text_without_latex_is_untouched(source: str) -> None:
    """Text without any of LaTeX's special characters is returned unchanged."""
    assert to_unicode(source) == source


@pytest.mark.parametrize(
    "source",
    [
        "{" * 50_000,
        "{" * 20_000 + "}" * 20_000,
        "$x" * 30_000,
        "$" * 50_001,
        "\\textbf{" * 10_000 + "}" * 10_000,
        "$" + "{" * 400 + "}" * 400 + "$",
        "$" + "x^{" * 150 + "}" * 150 + "$",
        "$" + "\\hat" * 200 + "$",
        "``" * 20_001,
        "`a" * 20_000,
        "\\(" * 20_000,
        '\\"' * 20_000,
        "--" * 20_000,
        "https://" * 10_000 + "~",
    ],
    ids=lambda source: f"{source[:9]}…{len(source)}",
)
def test_hostile_text_is_converted_quickly(source: str) -> None:
    """Deep nesting and long runs neither raise nor take long, and give a result."""
    start = time.process_time()
    assert to_unicode(source)
    assert time.process_time() - start < 2
