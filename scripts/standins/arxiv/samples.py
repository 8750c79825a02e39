r"""Invented papers on the four topics that the project ships with, for its demo and its tests.

Their identifiers have a month above 12, so that arXiv can never give them out. Some hold what
breaks a careless page: a pipe, `$\infty$`, a backtick, a tag, `@name`, `#12`, a LaTeX accent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from standins.arxiv.records import Record, utc

_ANYONE = (
    "A. Sample",
    "Imaginary Person",
    "B. Placeholder",
    "Jane Q. Example",
    "Invented Name",
    "C. Nobody",
    "Made-Up Collaborator",
    r"Andr\'e Beispiel",
    "Fictional Author",
    "D. Nowhere-Else",
)
# Each abstract ends with some of these, so that it is as long as a real one.
_FILLERS = """\
The difficulty lies less in recognising single frames than in deciding which of many hours of \
footage deserve a second look, and prior work spends most of its budget on the wrong ones.
We first describe a deliberately simple baseline, then show where it fails, and derive from \
these failures a training objective that needs no labels beyond those already at hand.
Experiments on three imaginary benchmarks show consistent gains of 2.4 to 7.1 points over the \
strongest invented competitor, at 38% of its memory and less than half of its latency.
An ablation attributes two thirds of the improvement to the sampling schedule and the rest to \
the calibration step, while the choice of backbone turns out to matter surprisingly little.
We further report where the method does not help: long static scenes, unusual viewpoints, and \
questions whose answer depends on sound.
Because none of this exists, no code, no weights and no data can be released, but every sentence \
is as long as it would be if they could.
A study with twelve made-up annotators finds agreement comparable to that between experts, and \
an analysis of their disagreements suggests a finer set of categories for future work.
""".splitlines()


@dataclass(frozen=True)
class _Invented:
    age: float
    """Days between the submission of version 1 and now."""
    title: str
    abstract: str
    categories: str
    comment: str = ""
    journal_ref: str = ""
    doi: str = ""
    revised: tuple[tuple[float, str], ...] = ()
    """The later versions: days before now, and their comment."""


_PAPERS = (
    _Invented(
        age=69.3,
        title="A Gentle Benchmark for Video Anomaly Detection in Imaginary Warehouses",
        abstract="Benchmarks for video anomaly detection reward methods that memorise the camera. "
        "We propose one in which the camera moves every night.",
        categories="cs.CV",
        comment="12 pages, 4 figures",
        revised=((30.6, "14 pages, 5 figures; accepted at the Imaginary Conference 2026"),),
    ),
    _Invented(
        age=66.1,
        title="What Do Vision-Language Models See When Nothing Is There?",
        abstract="We ask vision-language models to describe empty rooms. Most of them furnish the "
        "room first, and we measure with what.",
        categories="cs.CV cs.CL",
        comment="Code: https://example.org/empty-rooms",
    ),
    _Invented(
        age=61.8,
        title="Long Video Understanding with a Memory of Fixed Size",
        abstract="Video understanding over several hours is usually bought with memory that grows "
        "with the video. We keep a memory of 256 tokens and decide what to forget.",
        categories="cs.CV cs.LG",
    ),
    _Invented(
        age=58.4,
        title="Counting to $\\infty$: Multimodal Large Language Models and Very Many Objects",
        abstract="A multimodal large language model counts up to about nine. For $n \\to \\infty$ "
        "objects its error grows as $O(\\sqrt{n})$, which a tally written beside the image mends.",
        categories="cs.CL cs.CV",
        comment="18 pages",
    ),
    _Invented(
        age=54.2,
        title="Weakly Supervised Video Anomaly Detection | A Pipe in the Title",
        abstract="Labels for a whole video say nothing about when. We learn video anomaly "
        "detection from pairs of videos `a | b` of which only one holds something unusual.",
        categories="cs.CV cs.AI",
        comment="Table 3 | corrected",
    ),
    _Invented(
        age=50.9,
        title="Prompting Is Not Reading: A Negative Result for Vision Language Models",
        abstract="It is often assumed that vision language models read the prompt before they look "
        "at the image. Exchanging the prompts of 5,000 examples changes fewer than 60 answers.",
        categories="cs.CL",
        comment="Negative result. Withdrawal of the claim in Section 5 only",
    ),
    _Invented(
        age=47.7,
        title="Streaming Video Understanding at One Watt",
        abstract="We bring video understanding to a device that has no fan, by answering only the "
        "questions that the last 30 seconds can answer.",
        categories="cs.CV eess.IV",
        comment="Accepted at the Workshop on Small Things, 8 pages plus 11 pages of appendix with "
        "all prompts, all failures, and the wiring diagram; the project page is "
        "https://example.org/one-watt and the talk is linked there",
        doi="10.5555/invented.0007",
    ),
    _Invented(
        age=44.5,
        title="MM-Imagine: Multimodal Large Language Models that Draw Before They Answer",
        abstract="We let a multimodal large language model sketch the scene as <svg> before it "
        "answers. The sketch is poor and the answer is better.",
        categories="cs.CV cs.CL cs.AI",
        comment="Project page: https://example.org/mm-imagine",
        revised=(
            (40.2, "Fixed Figure 2. Project page: https://example.org/mm-imagine"),
            (12.3, "Accepted to the Imaginary Conference 2026 (Oral)"),
        ),
    ),
    _Invented(
        age=41.0,
        title="Video Anomaly Detection with Vision Language Models: Explain First, Score Later",
        abstract="Scores are hard to trust and explanations are hard to threshold. We ask a vision "
        "language model to explain a clip, and derive the score for video anomaly detection from "
        "how much of the explanation concerns the unexpected.",
        categories="cs.CV",
        comment="Under review",
    ),
    _Invented(
        age=37.6,
        title="Token Budgets for Video Understanding: Spend Them Where It Moves",
        abstract="Most tokens in video understanding describe walls. We pay for motion, and obtain "
        "the same accuracy with one eighth of them.",
        categories="cs.CV cs.MM",
        journal_ref="Journal of Imaginary Results 7 (2026) 101-119",
        doi="10.5555/invented.0010",
    ),
    _Invented(
        age=34.8,
        title="The Unreasonable Politeness of Multimodal Large Language Models",
        abstract="Asked whether a picture shows a cat, a multimodal large language model tends to "
        "agree. We quantify the politeness and reduce it by rewarding well-founded contradiction.",
        categories="cs.CL cs.CY",
    ),
    _Invented(
        age=31.5,
        title="`git blame` for Pixels: Attribution in Vision-Language Models",
        abstract="Which training image is responsible for an answer? We follow `answer -> token -> "
        "image` through vision-language models and find the culprit in 71% of the cases.",
        categories="cs.LG cs.CV",
        comment="Code at https://example.org/blame#readme, issue #12 lists known errors",
    ),
    _Invented(
        age=27.9,
        title="Nobody Falls Twice: One-Class Video Anomaly Detection for Care Homes",
        abstract="We train on uneventful nights only. The proposed video anomaly detection raises "
        "0.3 false alarms a week, which the (invented) staff found acceptable.",
        categories="cs.CV cs.HC stat.ML",
        comment="9 pages",
        revised=((20.4, "This paper has been withdrawn by the authors"),),
    ),
    _Invented(
        age=24.6,
        title="Egocentric Video Understanding for Cooks, Carpenters & Cyclists",
        abstract="Hands hide what matters. For egocentric video understanding we predict what is "
        "behind the hand & ask the next frame whether we were right.",
        categories="cs.CV cs.RO",
    ),
    _Invented(
        age=21.2,
        title="Calibrated Refusals in Multimodal Large Language Models",
        abstract="A model that may say 'I cannot tell' should say so exactly when it cannot. We "
        "calibrate a multimodal large language model and its underlying vision language model "
        "with 400 unanswerable questions.",
        categories="cs.AI cs.CL cs.CV",
        comment="Accepted at the Imaginary Conference 2026",
    ),
    _Invented(
        age=17.7,
        title="<think> Less, Look More: Reasoning Budgets for Vision Language Models",
        abstract="Longer chains of thought make vision language models describe pictures they have "
        "not looked at. Replacing every second <think> step by a glance mends this.",
        categories="cs.CV cs.CL",
        comment="Contact @nobody for the slides",
    ),
    _Invented(
        age=14.1,
        title="Traffic That Never Was: Synthetic Data for Video Anomaly Detection",
        abstract="Real accidents are rare and should remain so. We generate 40,000 that never "
        "happened, and train video anomaly detection on them alone.",
        categories="cs.CV cs.GR",
        comment="22 pages, 9 figures, https://example.org/traffic",
    ),
    _Invented(
        age=10.8,
        title="Ask the Video Back: Interactive Video Understanding",
        abstract="When a question about a video is ambiguous, a system for video understanding "
        "should ask back rather than guess. We collect 1,200 dialogues in which it does.",
        categories="cs.CV cs.HC cs.CL",
        revised=((2.4, "Version 2 adds the dialogues of Section 6"),),
    ),
    _Invented(
        age=8.3,
        title="A Survey of Surveys on Multimodal Large Language Models",
        abstract="There are now more surveys on multimodal large language models than can be read. "
        "We survey 61 of them and summarise what they agree on in one page.\n"
        "  The second part lists what none of the surveys mentions.",
        categories="cs.CL cs.DL",
        comment="61 references",
    ),
    _Invented(
        age=6.2,
        title="Tiny Vision-Language Models for Video Understanding on Postage Stamps",
        abstract="We train vision-language models small enough for video understanding on a "
        "sensor of 64 by 64 pixels, with a price of $3 and a battery that lasts $4$ years.",
        categories="cs.CV cs.AR",
        comment="Code: https://example.org/postage",
    ),
    _Invented(
        age=4.4,
        title="Anomalies of Anomalies: Do Metrics for Video Anomaly Detection Agree?",
        abstract="We compare nine metrics for video anomaly detection on the same invented "
        "predictions and obtain nine rankings, of which no two are equal.",
        categories="cs.CV cs.LG",
    ),
    _Invented(
        age=3.1,
        title="Multimodal Large Language Models Cannot Tell the Time | Or Can They?",
        abstract="Clocks without digits are read wrongly by every multimodal large language model "
        "that we made up. A ring of twelve extra tokens closes most of the gap.",
        categories="cs.CV cs.AI",
        comment="6 pages",
    ),
    _Invented(
        age=1.6,
        title="Open-Vocabulary Video Anomaly Detection with a Multimodal Large Language Model",
        abstract="What counts as unusual is best said in words. We describe it to a multimodal "
        "large language model and obtain video anomaly detection that can be re-configured by "
        "rewriting a sentence.",
        categories="cs.CV cs.CL",
        comment="Accepted at the Imaginary Conference 2026. Code: https://example.org/open-vad",
    ),
    _Invented(
        age=0.7,
        title="Looking Away: Attention Sinks in Vision Language Models",
        abstract="In vision language models a few patches of sky receive most of the attention. "
        "We show that they serve as a notepad, and provide a better one.",
        categories="cs.CV cs.LG cs.CL",
        comment="Preprint",
    ),
)


def sample_records(now: datetime) -> list[Record]:
    """Return invented papers of the last ten weeks before `now`, every version of each.

    The same time gives the same records.
    """
    now = utc(now).replace(microsecond=0)
    records: list[Record] = []
    for number, paper in enumerate(_PAPERS, start=1):
        submitted = now - timedelta(days=paper.age)
        first = Record(
            # Identifiers ascend with time, as arXiv's do.
            arxiv_id=f"{2613 + number // 10}.{number:05}",
            title=paper.title,
            authors=_authors(number),
            abstract=_abstract(number, paper.abstract),
            categories=tuple(paper.categories.split()),
            comment=paper.comment,
            journal_ref=paper.journal_ref,
            doi=paper.doi,
            published=submitted,
        )
        records.append(first)
        records.extend(
            replace(first, version=version, comment=comment, updated=now - timedelta(days=age))
            for version, (age, comment) in enumerate(paper.revised, start=2)
        )
    return records


def _authors(number: int) -> tuple[str, ...]:
    count = 1 + number * 5 % 7
    return tuple(_ANYONE[(number * 3 + place) % len(_ANYONE)] for place in range(count))


def _abstract(number: int, text: str) -> str:
    count = 3 + number % 3
    fillers = (_FILLERS[(number * 2 + place) % len(_FILLERS)] for place in range(count))
    return f"Invented paper: {text} {' '.join(fillers)}"
