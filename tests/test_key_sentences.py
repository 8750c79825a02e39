import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daily_papers.facts.key_sentences import key_findings, sentences

# Sentences --------------------------------------------------------------------------------------

WHOLE = [
    "We compare e.g. Adam, i.e. SGD with momentum, vs. Lion.",
    "As Smith et al. (2020) and Li et al. Nature say, cf. Jones et al. 2021, it holds.",
    "Fig. 3, Figs. 4 and 5, Eq. (2), Eqs. (3)-(4), Sec. IV and Table 1 show it.",
    "Thm. 2.1, Alg. 3, No. 5, vol. 12 and pp. 3-5 prove it.",
    r"By Eq. \eqref{a} and Fig. \ref{b} it holds.",
    "Linear w.r.t. Gaussian noise, for i.i.d. Bernoulli draws, in U.S. English.",
    "A rate of 0.5 against v1.0 and GPT-3.5 at p < .001 is low.",
    "See https://example.org/a.b?C.D for this.",
    "Let $x. Y$ be given, with $f(x)=1! Z$ and \\(a. B\\) and $$c. D$$ too.",
    r"We follow \citep{A. B} and \textit{C. D} and \url{https://a.b/C. D}.",
    "Its parts (see Sec. 2. They are two) and [Phys. Rev. Lett. 122, 128301] hold.",
    "The reader's and the models' views, as Berger et al.'s (1972) theory has it, agree.",
    "We show: (1) It is fast; (2) It is small; 3) It is old.",
    "UniGrad.AI, Node.js and cs.LG are names.",
    "Results. The method works.",
    "RQ1. Does it work?",
    "1. From a global view it works.",
    "It works in Sect. 5. and in F1.",
    "Outperforms Ph.D. Students' work.",
    "We ask: (1) Is it fast? and (2) Is it small?",
    "We use Yell! for this.",
]
PARTS = [
    ("It is good.", "We show that.", "Is it?", "Yes!"),
    ("It uses noise, blur, etc.", "Existing ones gain 2.6 pp.", "Overall, we do not."),
    ("It follows Smith et al.", "We extend it."),
    ("The draws are i.i.d.", "This holds w.r.t.", "The rest does not."),
    ("It is at https://example.org/a.", "We thank all."),
    ("Its rate is 0.5.", "The other is $x$.", "$Y$ is less.", "3D is more.", "mHC is best."),
    ("It costs $5.", "We pay $10."),
    (r"Is \emph{it so?}", "We think so."),
    ("It has parts (one, two).", "(3) The last. ".strip(), "They are small."),
    ("(1) First, it is fast.", "(2) Then, it is small.", "Experiments show it."),
    ('It is "good".', "It is ``good''.", "It is 'good'."),
    ("Its mean is A and B.", "We show (O of 2).", "In RL.", "By code."),
    ("The reader's view is its own.", "The models' is not.", "Li's is."),
    ("If a < b.", "Then c > d.", "So be it."),
    ("It depends on α.", "We set all n.", "It is so."),
    ("The name is unbalanced (so.", "It goes on."),
]


@pytest.mark.parametrize("text", WHOLE)
def test_a_sentence_of_science_stays_whole(text: str) -> None:
    """Abbreviations, numbers, URLs, formulas and arguments of commands do not end a sentence."""
    assert sentences(text) == [text]


@pytest.mark.parametrize("parts", PARTS)
def test_sentences_are_split(parts: tuple[str, ...]) -> None:
    """A sentence may also end with an abbreviation, a formula or a bracket."""
    assert sentences(" ".join(parts)) == list(parts)


def test_a_missing_space_between_sentences() -> None:
    """Two sentences without a space between them are split."""
    assert sentences("It is good.We show it.") == ["It is good.", "We show it."]


def test_paragraphs_end_sentences_and_broken_lines_do_not() -> None:
    """A newline ends a sentence where one may end; within a sentence it becomes a space."""
    assert sentences(
        "Two lines:\nOne.\nThe other\none, (1)\nand two. We use\nX.\n- an item\n- more"
    ) == [
        "Two lines:",
        "One.",
        "The other one, (1) and two.",
        "We use X.",
        "- an item",
        "- more",
    ]


pieces = st.sampled_from(
    [
        *".?!:;,()[]{}<>$\\\"'`’“”«»-*。！\n\r\t\x00 0aZé中𝒳\u2028\u3000\xa0",
        *("et al.", "e.g. ", "$x. Y$", "\\url{", " We ", "https://a.b/c. ", "Fig. 3", "etc. "),
        *("(i) ", "1. ", "... ", "? ", "Results. "),
    ]
)


@given(st.lists(pieces | st.characters(), max_size=40).map("".join))
@example("")
@example(". . .")
@example("A.\n\nB")
@example("A\xa0.")
def test_sentences_are_the_text(text: str) -> None:
    """The sentences of any text are parts of it, in order, and omit only white space."""
    found = sentences(text)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(one == one.strip() != "" for one in found)
    line = text.replace("\n", " ")
    at = 0
    for one in found:
        at = line.index(one, at) + len(one)


@given(st.lists(pieces, max_size=40).map("".join))
def test_every_abstract_has_key_findings(text: str) -> None:
    """There are one to five, in order; none only for an empty abstract."""
    every, found = sentences(text), key_findings(text)
    assert bool(text.strip()) == bool(found)
    assert len(found) <= 5
    left = iter(every)
    assert all(one in left for one in found)


# Key findings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "finding",
    [
        "We propose a thing.",
        "To this end, we further introduce Thing, a framework.",
        "In this paper, we first formally prove a bound.",
        "This paper presents the first corpus of things.",
        "Our proposed framework addresses this.",
        "A novel loss is proposed.",
        "Extensive experiments on nine datasets demonstrate its use.",
        "The results, however, suggest another cause.",
        "Thing outperforms six baselines.",
        "On nine datasets, Thing reaches 81.2% accuracy.",
        "Thing achieves state-of-the-art results.",
        "It improves the score by up to 12 points.",
        "Central to our approach is a trick.",
        "Results: Half of them failed.",
        "Existing methods fail, so we propose another.",
    ],
)
def test_what_is_proposed_shown_or_found_is_a_key_finding(finding: str) -> None:
    """Exactly this sentence of the abstract is selected."""
    abstract = f"Things are hard. {finding} Much is left to do. The end is far."
    assert key_findings(abstract) == [finding]


@pytest.mark.parametrize(
    "other",
    [
        "Recent studies show that things are hard.",
        "Most state-of-the-art approaches achieve little accuracy.",
        "It has been shown that things are hard.",
        "Prior work has primarily shown its difficulty.",
        "Our code and data are available at https://github.com/a/b.",
        "Code: https://github.com/a/b.",
        "We will publicly release our code.",
    ],
)
def test_prior_work_and_code_links_are_not_key_findings(other: str) -> None:
    """Neither is selected if the authors say what they did."""
    assert key_findings(f"{other} We propose a thing. {other}") == ["We propose a thing."]


def test_without_findings_the_last_two_sentences_are_used() -> None:
    """The last two sentences of the abstract, except those about code, replace them."""
    abstract = "One is one. Two is two. Three is three. Code is available at https://a.org/b."
    assert key_findings(abstract) == ["Two is two.", "Three is three."]
    assert key_findings("One is one.") == ["One is one."]
    assert key_findings("Code: https://a.org/b") == ["Code: https://a.org/b"]
    assert key_findings("") == []


def test_of_many_the_first_three_and_the_last_two_are_kept() -> None:
    """Of more than five, the first three and the last two are selected."""
    every = [f"We show the {number}th thing." for number in range(4, 12)]
    assert key_findings(" ".join(every)) == [*every[:3], *every[-2:]]


def test_the_library_is_not_loaded_before_it_is_needed() -> None:
    """Importing the module does not import sentencex."""
    code = "import sys, daily_papers.facts.key_sentences; sys.exit('sentencex' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_hostile_abstract_takes_little_time() -> None:
    """Long runs of opening signs and words do not make the patterns backtrack."""
    for piece in ("(", "$", "\\(", "\\a{", "[", "a.", "(a", "1. ", "e.g", "we ", "result ", "\n"):
        key_findings(piece * (4000 // len(piece)))
