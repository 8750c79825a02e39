"""Labelled answers of a model about two invented papers: good, or wrong in one way."""

import json
from dataclasses import dataclass
from typing import Any

from daily_papers.llm.check_answers import Reason
from daily_papers.store.paper import Paper
from factories import make_entry, make_paper

WIDGETS = make_paper(
    1,
    title="WidgetNet: Learning Neural Widgets from Twelve Thousand Drawings",
    abstract=(
        "Neural widgets are hard to draw. We present WidgetNet, a large language model with 1.2 "
        "billion parameters that draws them from text. On WidgetBench it reaches 87.4% accuracy, "
        "3.1 points above the best of five baselines, and halves the latency to 40 ms on one GPU. "
        "An ablation shows that most of the gain comes from the data, which we collected in "
        "November 2025. Code is available at https://example.org/widgetnet."
    ),
    comment="12 pages, code at github.com/example/widgetnet",
)
REFUSALS = make_paper(
    2,
    title="When Language Models Say 'I Cannot Tell': Calibrated Refusals & Their Cost",
    abstract=(
        "Language models should say 'I cannot tell' exactly when they cannot. We calibrate their "
        "refusals with a loss of $O(\\sqrt{n})$ terms and with <think> tokens. Of 400 unanswerable "
        "questions, the **calibrated** model refuses two thirds, whereas GPT-4o refuses a quarter. "
        "One in ten attackers asks it to ignore previous instructions, which it does not. The cost "
        "is a drop from 62.0 to 61.3 on answerable questions."
    ),
)
WIDGETS_DAY = make_entry(WIDGETS).day
"""The day both papers were announced."""
PAPERS = {"widgets": WIDGETS, "refusals": REFUSALS}

TITLE = "WidgetNet：从一万二千幅图画中学习神经部件"
ABSTRACT = (
    "神经部件很难绘制。我们提出了 WidgetNet，这是一个拥有 12 亿参数的大语言模型（LLM），能够"
    "根据文本"
    "绘制神经部件。在 WidgetBench 上，它达到了 87.4% 的准确率，比五个基线中最好的一个高出 3.1"
    " 个百分点，"
    "并将单个 GPU 上的延迟减半至 40 ms。消融实验表明，大部分提升来自我们于 2025 年 11 月收集"
    "的数据。"
    "代码可在 https://example.org/widgetnet 获取。"
)
REFUSALS_TITLE = "当语言模型说“我无法判断”时：经过校准的拒答及其代价"
REFUSALS_ABSTRACT = (
    "语言模型应当恰好在无法判断时说“我无法判断”。我们用一个包含 $O(\\sqrt{n})$ 项的损失函数和"
    " <think> "
    "标记来校准它们的拒答。在 400 个无法回答的问题中，**校准后的**模型拒答了三分之二，而 GPT-"
    "4o 只拒答了"
    "四分之一。每十个攻击者中就有一个要求它忽略先前的指令，而它并不照做。其代价是在可回答的问"
    "题上从 62.0 "
    "降至 61.3。"
)
SUMMARY = (
    "WidgetNet is a language model that draws neural widgets from a description. It is more a"
    "ccurate "
    "than five baselines at half of their latency, and most of that is due to new training data."
)
SUMMARY_ZH = (
    "本文提出了一个根据文字描述绘制神经部件的语言模型 WidgetNet。它比五个基线更准确，延迟减半"
    "，而提升主要"
    "来自新收集的训练数据。"
)
REFUSALS_SUMMARY = (
    "The paper teaches language models to decline exactly those questions that they have no way to "
    "answer. The calibrated model turns down far more unanswerable questions, e.g. those about the "
    "future, and loses little elsewhere."
)


def translation(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any of its fields
    """Return a good translation of the first paper, with changes."""
    return {"id": WIDGETS.versioned_id, "title": TITLE, "abstract": ABSTRACT} | changes


def summary(text: str = SUMMARY, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Return a good summary of the first paper, with changes."""
    return {
        "id": WIDGETS.versioned_id,
        "field": "AI",
        "subfield": "Text-to-Widget Generation",
        "keywords": ["neural widgets", "LLM", "low latency"],
        "institutions": [],
        "code": ["https://github.com/example/widgetnet"],
        "contributions": ["A model that draws neural widgets from text."],
        "summary": text,
    } | changes


def summary_zh(text: str = SUMMARY_ZH, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Return a good summary in Chinese, with changes."""
    return summary(text, contributions=["一个根据文本绘制神经部件的模型。"], **changes)


def analysis(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Return a good analysis of the first paper, with changes."""
    return {
        "id": WIDGETS.versioned_id,
        "contributions": ["1. A model for neural widgets", "2. A collection of drawings"],
        "method": "A language model is trained on pairs of a description and a drawing, and emits "
        "strokes instead of words.",
        "impact": "Designers of interfaces could try out more widgets than they can draw.",
        "applications": ["Interface design", "Teaching"],
        "limitations": ["Only one kind of widget is tested."],
    } | changes


def analysis_zh(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Return a good analysis in Chinese, with changes."""
    return {
        "id": WIDGETS.versioned_id,
        "contributions": ["一个绘制神经部件的模型", "一个图画数据集"],
        "method": "模型在描述与图画的配对数据上训练，直接输出笔画而不是单词。",
        "impact": "界面设计者可以尝试的部件将远多于他们能够手绘的数量。",
        "applications": ["界面设计", "教学"],
        "limitations": ["只测试了一类部件。"],
    } | changes


def ranking(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Return a good ranking of the first paper, with changes."""
    relevance = [{"topic": "Widgets", "score": 3}]
    return {"id": WIDGETS.versioned_id, "significance": 2, "relevance": relevance} | changes


def digest(paper: str = WIDGETS.versioned_id, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Return a good digest of the two papers, with changes."""
    return {
        "id": f"digest-{WIDGETS_DAY}",
        "themes": "Both papers are about what language models can be trained to do with little "
        "data: one draws, the other declines. They part over what the data is for.",
        "highlights": [{"paper": paper, "text": "It draws neural widgets from a description."}],
        "directions": ["Smaller data sets that are collected for one purpose."],
        "read": [{"paper": paper, "reason": "For the ablation of the training data."}],
    } | changes


def digest_zh(paper: str = WIDGETS.versioned_id, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Return a good digest in Chinese, with changes."""
    return (
        digest(paper)
        | {
            "themes": "两篇论文都关心语言模型能用少量数据学会什么：一篇学习绘图，另一篇学习拒答。"
            "它们对数据用途"
            "的看法不同。",
            "highlights": [{"paper": paper, "text": "它能根据描述绘制神经部件。"}],
            "directions": ["为单一目的收集的小型数据集。"],
            "read": [{"paper": paper, "reason": "其中对训练数据的消融实验值得一读。"}],
        }
        | changes
    )


@dataclass(frozen=True)
class Sample:
    """An answer, and the verdict that the gate must give."""

    name: str
    task: str
    language: str
    answer: dict[str, Any] | str
    """The object, or the text as it is."""
    reason: Reason | None = None
    """None: the answer is accepted."""
    paper: str = "widgets"
    finish_reason: str = "stop"
    refusal: str | None = None

    @property
    def content(self) -> str:
        """The text of the answer."""
        if isinstance(self.answer, str):
            return self.answer
        return json.dumps(self.answer, ensure_ascii=False)

    @property
    def about(self) -> Paper:
        """The paper it is about."""
        return PAPERS[self.paper]


def _dumped(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False)


_REFUSALS_ID = {"id": REFUSALS.versioned_id}

_ANOTHER = (
    "绘制神经部件并不容易。本文介绍 "
    "WidgetNet：一种参数量为12亿、可由文本生成部件的大型语言模型。其在WidgetBench上的准确率"
    "为87.4%，"
    "较五个基线中的最优者提高3.1个百分点，且在单块GPU上的时延降低一半，仅为40毫秒。消融研究"
    "显示，主要增益源自2025年11月采集的数据。代码见https://example.org/widgetnet。"
)

FIT = [
    Sample("a translation", "translation", "zh", translation()),
    Sample(
        "formulas, a tag and a quoted refusal of the paper itself",
        "translation",
        "zh",
        translation(title=REFUSALS_TITLE, abstract=REFUSALS_ABSTRACT, **_REFUSALS_ID),
        paper="refusals",
    ),
    Sample(
        "white space around the fields",
        "translation",
        "zh",
        translation(title=f" {TITLE}\n", abstract=f"\n{ABSTRACT}  "),
    ),
    Sample("a summary", "summary", "en", summary()),
    Sample("a summary in Chinese", "summary", "zh", summary_zh()),
    Sample(
        "a summary of a paper about refusals",
        "summary",
        "en",
        summary(REFUSALS_SUMMARY, code=[], **_REFUSALS_ID),
        paper="refusals",
    ),
    Sample("in a fence", "summary", "en", f"```json\n{_dumped(summary())}\n```"),
    Sample(
        "after a thought", "summary", "zh", f"<think>嗯，好的。</think>\n{_dumped(summary_zh())}"
    ),
    Sample(
        "after a thought without its beginning",
        "summary",
        "zh",
        f"嗯，{{好的}}。\n</think>\n\n```json\n{_dumped(summary_zh())}\n```",
    ),
    Sample(
        "placeholders where a list may be empty",
        "summary",
        "en",
        summary(institutions=["N/A", "MIT", "on", "a"], code=["None"]),
    ),
    Sample("an analysis", "analysis", "en", analysis()),
    Sample("an analysis in Chinese", "analysis", "zh", analysis_zh()),
    Sample("without limitations", "analysis", "en", analysis(limitations=[])),
    Sample("a ranking", "ranking", "en", ranking()),
    Sample("a ranking with more than was asked", "ranking", "zh", ranking(why="it is new")),
    Sample("a digest", "digest", "en", digest()),
    Sample("a digest in Chinese", "digest", "zh", digest_zh()),
    Sample("an id without its version", "digest", "en", digest(WIDGETS.arxiv_id)),
    Sample(
        "another translation",
        "translation",
        "zh",
        translation(title="WidgetNet：基于12000幅图画的神经部件学习", abstract=_ANOTHER),
    ),
    Sample(
        "a name written out",
        "translation",
        "zh",
        translation(
            title="从一万两千张图中学习神经微件的 WidgetNet",
            abstract=_ANOTHER.replace("40毫秒", "40 ms").replace(
                "大型语言模型", "大型语言模型（Large Language Model）"
            ),
        ),
    ),
    Sample(
        "shares in figures",
        "translation",
        "zh",
        translation(
            title="语言模型何时该说“我不知道”：校准拒答及其成本",
            abstract=REFUSALS_ABSTRACT.replace("三分之二", "2/3").replace("四分之一", "25%"),
            **_REFUSALS_ID,
        ),
        paper="refusals",
    ),
    Sample(
        "a summary with numbers",
        "summary",
        "zh",
        summary_zh(
            "WidgetNet 是一种能把文字变成神经部件图的模型，参数规模为 12 亿。在 "
            "WidgetBench 基准上，其准确率达 87.4%，且单 GPU 延迟仅 40 ms。"
        ),
    ),
    Sample(
        "a summary in three sentences",
        "summary",
        "en",
        summary(
            "This work introduces WidgetNet (1.2B parameters), which turns text into "
            "drawings of neural widgets. It beats five baselines by at least 3.1 points on "
            "WidgetBench. Latency drops to 40 ms."
        ),
    ),
    Sample(
        "an analysis that names a gap",
        "analysis",
        "zh",
        analysis_zh(
            contributions=[
                "提出 WidgetNet，首个面向神经部件的文本到图画模型",
                "构建了包含一万二千幅图画的数据集",
            ],
            limitations=["摘要未说明数据的标注质量。"],
        ),
    ),
    Sample(
        "an analysis that misses something",
        "analysis",
        "en",
        analysis(
            limitations=[
                "The abstract does not say how the drawings were annotated.",
                "Results are limited to a single GPU.",
            ]
        ),
    ),
    Sample(
        "a digest with a name",
        "digest",
        "zh",
        digest_zh(
            themes="今日的论文集中讨论语言模型的边界：WidgetNet "
            "展示了其生成能力，而关于拒答的工作则追问模型何时应当沉默。两者都强调数据的重要性。"
        ),
    ),
    Sample(
        "a reason that begins with here",
        "digest",
        "en",
        digest(
            read=[
                {
                    "paper": WIDGETS.versioned_id,
                    "reason": "Here the data, not the model, explains the gain.",
                }
            ]
        ),
    ),
    Sample(
        "a summary that begins with certainty",
        "summary",
        "en",
        summary(
            "Certainty about widgets is rare. WidgetNet draws them from text with 1.2 "
            "billion parameters, and it does so in half the time of earlier systems."
        ),
    ),
    Sample("a digest with a bare id", "digest", "en", digest("2611.00002")),
    Sample(
        "units without a blank",
        "translation",
        "zh",
        translation(
            title="WidgetNet：从 1.2 万幅手绘图中学习神经控件",
            abstract="神经控件很难画。为此，我们推出了 WidgetNet——一个 12 "
            "亿参数、能根据文本画出控件的大语言模型。它在 WidgetBench 上取得 87.4% "
            "的准确率，比 5 个基线里最强的还高 3.1 个点；在一块 GPU 上，延迟缩短一半，降到 "
            "40ms。消融分析显示，大部分增益都归功于我们 2025 年 11 "
            "月采集的数据。代码地址：https://example.org/widgetnet。",
        ),
    ),
    Sample(
        "a number in characters",
        "summary",
        "zh",
        summary_zh(
            "研究者训练了一个十二亿参数的语言模型来绘制神经部件。该模型在准确率与延迟两方面"
            "均优于五个基线。消融实验把收益归因于数据。"
        ),
    ),
    Sample(
        "a summary with its code",
        "summary",
        "en",
        summary(
            "Drawing neural widgets from text is the task here. A 1.2-billion-parameter "
            "LLM solves it with 87.4% accuracy, i.e. 3.1 points more than before. Its code "
            "is public at https://example.org/widgetnet."
        ),
    ),
    Sample(
        "an impact that begins with sure",
        "analysis",
        "en",
        analysis(
            contributions=["(1) WidgetNet, an LLM that draws", "(2) A data set of 12,000 drawings"],
            impact="Sure-footed design tools may follow, since drawing is now cheap.",
        ),
    ),
    Sample(
        "a limitation that speaks of what the paper lacks",
        "analysis",
        "zh",
        analysis_zh(limitations=["论文未提供与人类绘图的对比。", "未讨论训练成本。"]),
    ),
    Sample(
        "a highlight that quotes a refusal",
        "digest",
        "en",
        digest(
            highlights=[
                {"paper": WIDGETS.versioned_id, "text": "WidgetNet halves the latency to 40 ms."},
                {
                    "paper": REFUSALS.versioned_id,
                    "text": 'Calibrated models say "I cannot tell" more often.',
                },
            ]
        ),
    ),
    Sample(
        "a highlight in Chinese that does",
        "digest",
        "zh",
        digest_zh(
            highlights=[
                {"paper": REFUSALS.versioned_id, "text": "校准后的模型更常说“我无法判断”。"}
            ]
        ),
    ),
    Sample(
        "a summary that begins with a quoted refusal",
        "summary",
        "en",
        summary(
            "I cannot tell, a calibrated model says, when a question has no answer. The "
            "paper trains for that with a new loss, and loses under one point elsewhere.",
            code=[],
            **_REFUSALS_ID,
        ),
        paper="refusals",
    ),
    Sample(
        "what looks like an address and is none",
        "analysis",
        "en",
        analysis(
            method="The model (v1.0, see Fig.2) is trained by train.py in PyTorch v2.1, cf. "
            "Sutskever et al. for the U.S. data, e.g.in cs.CL.It emits strokes instead of words.",
            limitations=["It needs Node.js and a README.md.", "Recall@10 is not told."],
        ),
    ),
    Sample(
        "a host and a name of the paper",
        "summary",
        "zh",
        summary_zh(
            "WidgetNet（Learning Neural Widgets from Twelve Thousand Drawings）"
            "根据文本绘制神经部件。"
            "代码见 example.org/widgetnet 与 github.com。"
        ),
    ),
    Sample(
        "a quoted order",
        "translation",
        "zh",
        translation(
            title=REFUSALS_TITLE,
            abstract=REFUSALS_ABSTRACT.replace(
                "忽略先前的指令",
                "忽略先前的指令（ignore previous instructions, which it does not）",
            ),
            **_REFUSALS_ID,
        ),
        paper="refusals",
    ),
    Sample(
        "a rounded number, a difference, counts and names with numbers",
        "analysis",
        "en",
        analysis(
            method="In 2 stages, about 87% accuracy is reached with 1 billion parameters, 84.3% "
            "before; ResNet-50, GPT-4 and 3D data are not used."
        ),
    ),
    Sample("two keywords", "summary", "en", summary(keywords=["widgets", "drawing"])),
    Sample("eight keywords", "summary", "en", summary(keywords=list("abcdefgh"))),
    Sample(
        "two refusals that are results",
        "summary",
        "en",
        summary(
            "The user asks a question that has no answer, and the model says so. We should write "
            "less, the authors find, and the calibrated model does.",
            code=[],
            **_REFUSALS_ID,
        ),
        paper="refusals",
    ),
]

UNFIT = [
    Sample(
        "当然",
        "translation",
        "zh",
        translation(abstract=f"当然，以下是这篇论文摘要的中文翻译：{ABSTRACT}"),
        Reason.CHATTER,
    ),
    Sample(
        "如下是",
        "translation",
        "zh",
        translation(abstract=f"如下是根据学术规范的翻译：\n{ABSTRACT}"),
        Reason.CHATTER,
    ),
    Sample(
        "希望对您有帮助",
        "translation",
        "zh",
        translation(abstract=f"{ABSTRACT}希望对您有帮助！"),
        Reason.CHATTER,
    ),
    Sample("标题：", "translation", "zh", translation(title=f"标题：{TITLE}"), Reason.CHATTER),
    Sample("sure", "summary", "en", summary(f"Sure, here is a summary: {SUMMARY}"), Reason.CHATTER),
    Sample("let me know", "summary", "en", summary(f"{SUMMARY} Let me know!"), Reason.CHATTER),
    Sample(
        "words before the object",
        "summary",
        "en",
        f"Certainly! Here is the JSON:\n{_dumped(summary())}",
        Reason.CHATTER,
    ),
    Sample(
        "抱歉",
        "translation",
        "zh",
        translation(abstract="抱歉，我无法翻译这篇论文的摘要，因为它可能受到版权保护。" * 3),
        Reason.CHATTER,
    ),
    Sample(
        "sorry",
        "summary",
        "en",
        summary("I'm sorry, but I cannot help with this paper. Please try another one."),
        Reason.CHATTER,
    ),
    Sample("no object at all", "analysis", "en", "I cannot assist with that.", Reason.NO_JSON),
    Sample(
        "作为人工智能",
        "analysis",
        "zh",
        "作为一个人工智能语言模型，我不能评价论文。",
        Reason.NO_JSON,
    ),
    Sample("nothing", "analysis", "en", "", Reason.EMPTY, finish_reason="length"),
    Sample("nothing but a thought", "summary", "en", "It is a paper.</think>\n", Reason.EMPTY),
    Sample("a filter", "analysis", "en", "", Reason.REFUSAL, finish_reason="content_filter"),
    Sample("a refusal field", "digest", "en", "", Reason.REFUSAL, refusal="I can't."),
    Sample("the title", "summary", "en", summary(f"{WIDGETS.title}."), Reason.ECHO),
    Sample(
        "an untranslated title", "translation", "zh", translation(title=WIDGETS.title), Reason.ECHO
    ),
    Sample(
        "an untranslated abstract",
        "translation",
        "zh",
        translation(abstract=WIDGETS.abstract),
        Reason.LANGUAGE,
    ),
    Sample(
        "two sentences of the abstract",
        "summary",
        "en",
        summary(" ".join(WIDGETS.abstract.split(". ")[1:3]).replace(" On", ". On") + "."),
        Reason.ECHO,
    ),
    Sample(
        "the question",
        "analysis",
        "en",
        analysis(method="The key innovation or the method, two to four sentences in English."),
        Reason.ECHO,
    ),
    Sample(
        "in Japanese",
        "translation",
        "zh",
        translation(
            abstract="ニューラルウィジェットを描くのは難しい。そこで我々は新しいモデルを提案する。"
            * 4
        ),
        Reason.UNREADABLE,
    ),
    Sample("in English", "summary", "zh", summary(), Reason.LANGUAGE),
    Sample(
        "half in English",
        "translation",
        "zh",
        translation(
            abstract=ABSTRACT.split("消融", maxsplit=1)[0]
            + "Most of this improvement is explained by new data, as an ablation shows."
        ),
        Reason.LANGUAGE,
    ),
    Sample("in Chinese", "analysis", "en", analysis_zh(), Reason.UNREADABLE),
    Sample(
        "tags in Chinese",
        "summary",
        "zh",
        summary_zh(keywords=["神经部件"]),
        Reason.LANGUAGE,
    ),
    Sample(
        "too long for the endpoint",
        "translation",
        "zh",
        _dumped(translation())[:-40],
        Reason.CUT_OFF,
        finish_reason="length",
    ),
    Sample("an object without end", "summary", "en", _dumped(summary())[:-30], Reason.CUT_OFF),
    Sample(
        "代码可在",
        "translation",
        "zh",
        translation(abstract=ABSTRACT.split(" https", maxsplit=1)[0]),
        Reason.CUT_OFF,
    ),
    Sample("and the", "summary", "en", summary(f"{SUMMARY[:-5]} and the"), Reason.CUT_OFF),
    Sample(
        "one sentence",
        "translation",
        "zh",
        translation(abstract="神经部件很难绘制，我们提出了新模型。"),
        Reason.LENGTH,
    ),
    Sample(
        "the same thrice", "translation", "zh", translation(abstract=ABSTRACT * 3), Reason.LENGTH
    ),
    Sample(
        "seven times the same",
        "summary",
        "en",
        summary("It is a model that draws. " * 7),
        Reason.REPEATED,
    ),
    Sample(
        "five sentences",
        "summary",
        "en",
        summary("It draws. It is fast. It has a new loss. It is small. It has been trained well."),
        Reason.LENGTH,
    ),
    Sample("八个字", "analysis", "zh", analysis_zh(method="训练模型画图。"), Reason.LENGTH),
    Sample(
        "another accuracy",
        "translation",
        "zh",
        translation(abstract=ABSTRACT.replace("87.4", "84.7")),
        Reason.NUMBER,
    ),
    Sample(
        "another accuracy in a summary",
        "summary",
        "en",
        summary(SUMMARY.replace("five baselines", "five baselines at 91.2% accuracy")),
        Reason.NUMBER,
    ),
    Sample(
        "a gain that nobody measured",
        "analysis",
        "zh",
        analysis_zh(impact="准确率提升了6%，界面设计者可以尝试更多的部件。"),
        Reason.NUMBER,
    ),
    Sample(
        "another year in a digest",
        "digest",
        "zh",
        digest_zh(directions=["到2031年，为单一目的收集的数据集会更小。"]),
        Reason.NUMBER,
    ),
    Sample(
        "another data set",
        "translation",
        "zh",
        translation(abstract=ABSTRACT.replace("WidgetBench", "ImageNet")),
        Reason.NAME,
    ),
    Sample(
        "another model in the title",
        "translation",
        "zh",
        translation(title=TITLE.replace("WidgetNet", "WidgetGPT")),
        Reason.NAME,
    ),
    Sample("**", "translation", "zh", translation(abstract=f"**摘要** {ABSTRACT}"), Reason.CHATTER),
    Sample(
        "a heading",
        "analysis",
        "zh",
        analysis_zh(method="## 方法\n模型直接输出笔画而不是单词。"),
        Reason.MARKUP,
    ),
    Sample(
        "a list",
        "summary",
        "en",
        summary("- It draws neural widgets from text.\n- It is faster than all of the baselines."),
        Reason.MARKUP,
    ),
    Sample(
        "a diagram",
        "analysis",
        "en",
        analysis(method=f"```mermaid\nmindmap\n  root(WidgetNet)\n```\n{SUMMARY}"),
        Reason.CHATTER,
    ),
    Sample(
        "a tag", "summary", "en", summary(SUMMARY.replace("more", "<b>more</b>")), Reason.CHATTER
    ),
    Sample(
        "another address",
        "translation",
        "zh",
        translation(abstract=ABSTRACT.replace("example.org/widgetnet", "example.org/widgets")),
        Reason.LINK,
    ),
    Sample(
        "guessed code",
        "summary",
        "en",
        summary(code=["https://github.com/example/widget-net"]),
        Reason.LINK,
    ),
    Sample("a paper that was not given", "digest", "en", digest("2611.00099v1"), Reason.NOT_GIVEN),
    Sample(
        "a paper in the text",
        "digest",
        "zh",
        digest_zh(directions=["可参考 2610.12345 中的数据集。"]),
        Reason.NUMBER,
    ),
    Sample("TBD", "summary", "en", summary("TBD"), Reason.CHATTER),
    Sample("暂无", "analysis", "zh", analysis_zh(impact="暂无。"), Reason.CHATTER),
    Sample(
        "no contribution", "analysis", "en", analysis(contributions=["N/A"]), Reason.PLACEHOLDER
    ),
    Sample("another paper", "summary", "zh", summary_zh(id="2611.00002v1"), Reason.OTHER_PAPER),
    Sample("another version", "ranking", "en", ranking(id="2611.00001v2"), Reason.OTHER_PAPER),
    Sample("four of three", "ranking", "en", ranking(significance=4), Reason.SHAPE),
    Sample(
        "another topic",
        "ranking",
        "zh",
        ranking(relevance=[{"topic": "Teapots", "score": 3}]),
        Reason.SHAPE,
    ),
    Sample(
        "a field too few",
        "summary",
        "zh",
        {"id": "2611.00001v1", "summary": SUMMARY_ZH},
        Reason.SHAPE,
    ),
    Sample("prose", "summary", "en", SUMMARY, Reason.NO_JSON),
    Sample("散文", "translation", "zh", ABSTRACT, Reason.NO_JSON),
    Sample("a list of objects", "summary", "en", f"[{_dumped(summary())}]", Reason.NO_JSON),
    Sample(
        "half characters",
        "translation",
        "zh",
        translation(abstract=ABSTRACT.replace("延迟", "延\ufffd\ufffd")),
        Reason.UNREADABLE,
    ),
    Sample(
        "a lone surrogate",
        "summary",
        "en",
        _dumped(summary()).replace("more accurate", "more \\ud83d accurate"),
        Reason.UNREADABLE,
    ),
    Sample(
        "好的",
        "translation",
        "zh",
        translation(abstract="好的，下面是翻译结果：" + ABSTRACT),
        Reason.CHATTER,
    ),
    Sample(
        "以下为",
        "translation",
        "zh",
        translation(abstract="以下为您翻译的摘要：\n\n" + ABSTRACT),
        Reason.CHATTER,
    ),
    Sample(
        "a note",
        "translation",
        "zh",
        translation(abstract=ABSTRACT + "（注：以上翻译保留了专有名词。）"),
        Reason.CHATTER,
    ),
    Sample(
        "如果您需要",
        "translation",
        "zh",
        translation(abstract=ABSTRACT + "如果您需要进一步润色，请告诉我。"),
        Reason.CHATTER,
    ),
    Sample(
        "here's",
        "summary",
        "en",
        summary("Here's a concise summary of the paper: " + SUMMARY),
        Reason.CHATTER,
    ),
    Sample(
        "I hope", "summary", "en", summary(SUMMARY + " I hope this summary helps!"), Reason.CHATTER
    ),
    Sample(
        "you provided",
        "analysis",
        "en",
        analysis(
            method="Based on the abstract you provided, the method is a language model "
            "trained on drawings of widgets."
        ),
        Reason.CHATTER,
    ),
    Sample(
        "对不起",
        "translation",
        "zh",
        translation(
            abstract="对不起，由于内容政策，我不能翻译该摘要。请您提供其他文本，我会尽力协"
            "助您完成翻译工作，感谢您的理解与支持。"
        ),
        Reason.CHATTER,
    ),
    Sample(
        "as a model",
        "summary",
        "en",
        summary(
            "As a large language model, I do not have access to the full paper, so no "
            "summary can be given."
        ),
        Reason.CHATTER,
    ),
    Sample(
        "很遗憾",
        "summary",
        "zh",
        summary_zh("很遗憾，我无法访问该论文的全文，因此不能为其生成摘要。"),
        Reason.CHATTER,
    ),
    Sample(
        "not provided",
        "summary",
        "en",
        summary(
            "Unfortunately, the paper cannot be summarised because the first page was not "
            "provided to me."
        ),
        Reason.CHATTER,
    ),
    Sample("the title in Chinese", "summary", "zh", summary_zh(TITLE + "。"), Reason.LENGTH),
    Sample(
        "titled",
        "summary",
        "en",
        summary('The paper is titled "' + WIDGETS.title + '".'),
        Reason.CHATTER,
    ),
    Sample("……", "translation", "zh", translation(abstract=ABSTRACT[:150] + "……"), Reason.CUT_OFF),
    Sample(
        "其中包括",
        "analysis",
        "zh",
        analysis_zh(method="模型在描述与图画的配对数据上训练，其中包括"),
        Reason.CUT_OFF,
    ),
    Sample(
        "another year",
        "translation",
        "zh",
        translation(abstract=ABSTRACT.replace("2025 年", "2024 年")),
        Reason.NUMBER,
    ),
    Sample(
        "a company",
        "translation",
        "zh",
        translation(abstract=ABSTRACT.replace("我们提出", "OpenAI 提出")),
        Reason.NAME,
    ),
    Sample(
        "another kind of model",
        "translation",
        "zh",
        translation(abstract=ABSTRACT.replace("大语言模型（LLM）", "扩散模型 Stable Diffusion")),
        Reason.NAME,
    ),
    Sample("核心贡献", "summary", "zh", summary_zh("**核心贡献**：" + SUMMARY_ZH), Reason.CHATTER),
    Sample(
        "a numbered list",
        "analysis",
        "zh",
        analysis_zh(method="1. 收集图画数据。\n2. 在配对数据上训练模型。\n3. 输出笔画。"),
        Reason.MARKUP,
    ),
    Sample(
        "a table",
        "summary",
        "en",
        summary(
            "| Model | Accuracy |\n|---|---|\n| WidgetNet | 87.4 |\nIt is the best of all "
            "of them by far."
        ),
        Reason.MARKUP,
    ),
    Sample(
        "a link in Markdown",
        "digest",
        "en",
        digest(
            themes="Both papers are good. See [the code](https://github.com/other/repo) "
            "for the details of the training data."
        ),
        Reason.LINK,
    ),
    Sample(
        "a link in a digest",
        "digest",
        "zh",
        digest_zh(
            themes="两篇论文都关心语言模型能学会什么，更多内容见 "
            "https://papers.example.com/today 的汇总页面。"
        ),
        Reason.LINK,
    ),
    Sample(
        "in traditional characters",
        "translation",
        "zh",
        translation(
            abstract="神經部件很難繪製。我們提出了 "
            "WidgetNet，這是一個大語言模型，它能夠從文本繪製部件，並將延遲減半。消融實驗說"
            "明，提升來自我們收集的數據，程式碼已經發布。"
        ),
        Reason.LANGUAGE,
    ),
    Sample(
        "in French",
        "summary",
        "en",
        summary(
            "Ce travail présente un modèle de langue qui dessine des widgets à partir de "
            "texte. Il est plus précis que les autres."
        ),
        Reason.LANGUAGE,
    ),
    Sample(
        "impact in English",
        "analysis",
        "zh",
        analysis_zh(impact="This could change how designers of interfaces work."),
        Reason.LANGUAGE,
    ),
    Sample("N/A", "analysis", "en", analysis(impact="N/A"), Reason.CHATTER),
    Sample("待补充", "summary", "zh", summary_zh("摘要：待补充"), Reason.CHATTER),
    Sample("an empty fence", "summary", "en", "```\nHere you go\n```", Reason.NO_JSON),
    Sample(
        "an object that repeats itself",
        "summary",
        "en",
        '{"id": "2611.00001v1", "summary": ' + '"It is' * 3,
        Reason.CUT_OFF,
    ),
    Sample(
        "one sentence sixty times",
        "translation",
        "zh",
        translation(abstract="神经部件很难绘制。" * 60),
        Reason.LENGTH,
    ),
    Sample("a position", "digest", "en", digest("1"), Reason.NOT_GIVEN),
    Sample(
        "spoilt characters",
        "translation",
        "zh",
        translation(abstract=ABSTRACT.replace("神经", "��经")),
        Reason.UNREADABLE,
    ),
    Sample(
        "没问题",
        "translation",
        "zh",
        translation(abstract="没问题！译文：" + ABSTRACT),
        Reason.CHATTER,
    ),
    Sample(
        "【翻译】", "translation", "zh", translation(abstract="【翻译】" + ABSTRACT), Reason.CHATTER
    ),
    Sample(
        "（译）", "translation", "zh", translation(title="《" + TITLE + "》（译）"), Reason.CHATTER
    ),
    Sample(
        "供参考",
        "translation",
        "zh",
        translation(abstract=ABSTRACT + "\n\n以上为中文翻译，供参考。"),
        Reason.CHATTER,
    ),
    Sample("absolutely", "summary", "en", summary("Absolutely! " + SUMMARY), Reason.CHATTER),
    Sample("summary:", "summary", "en", summary("Summary: " + SUMMARY), Reason.CHATTER),
    Sample(
        "anything else",
        "summary",
        "en",
        summary(SUMMARY + " Is there anything else you would like to know?"),
        Reason.CHATTER,
    ),
    Sample(
        "您提供的",
        "analysis",
        "zh",
        analysis_zh(method="根据您提供的摘要，模型在描述与图画的配对数据上训练。"),
        Reason.CHATTER,
    ),
    Sample(
        "can't provide",
        "summary",
        "en",
        summary("I can't provide a summary of this paper. It might violate the usage policy."),
        Reason.CHATTER,
    ),
    Sample(
        "作为AI助手",
        "translation",
        "zh",
        translation(
            abstract="作为AI助手，我无法提供该内容的翻译。如需帮助，请联系出版方，或查阅该"
            "论文的官方页面以获取更多的信息和内容说明。"
        ),
        Reason.CHATTER,
    ),
    Sample(
        "没有提供论文首页",
        "summary",
        "zh",
        summary_zh("由于没有提供论文首页，无法生成摘要。请补充论文内容之后再试一次。"),
        Reason.CHATTER,
    ),
    Sample(
        "original and translation",
        "translation",
        "zh",
        translation(abstract=WIDGETS.abstract + " " + ABSTRACT),
        Reason.LENGTH,
    ),
    Sample(
        "two sentences of six",
        "translation",
        "zh",
        translation(abstract="。".join(ABSTRACT.split("。")[:4:2]) + "。"),
        Reason.LENGTH,
    ),
    Sample(
        "the title and no more",
        "summary",
        "en",
        summary("WidgetNet: Learning Neural Widgets from Twelve Thousand Drawings. It is a paper."),
        Reason.ECHO,
    ),
    Sample(
        "another kind of network",
        "translation",
        "zh",
        translation(abstract=ABSTRACT.replace("一个拥有", "一个基于 Transformer 的、拥有")),
        Reason.NAME,
    ),
    Sample(
        "another benchmark",
        "translation",
        "zh",
        translation(abstract=ABSTRACT.replace("在 WidgetBench 上", "在 COCO 上")),
        Reason.NAME,
    ),
    Sample(
        "a heading before the text",
        "summary",
        "en",
        summary("# WidgetNet\n\n" + SUMMARY),
        Reason.CHATTER,
    ),
    Sample(
        "a line break",
        "summary",
        "en",
        summary("WidgetNet draws *widgets*.<br/>It is fast and it is accurate and it is small."),
        Reason.CHATTER,
    ),
    Sample(
        "a graph",
        "analysis",
        "en",
        analysis(
            method="graph TD; A[Text]-->B[WidgetNet]; B-->C[Drawing]; and so on until it is done."
        ),
        Reason.CHATTER,
    ),
    Sample(
        "www",
        "summary",
        "zh",
        summary_zh(SUMMARY_ZH[:-1] + "，详见www.widgetnet.ai。"),
        Reason.LINK,
    ),
    Sample(
        "arXiv:",
        "digest",
        "en",
        digest(
            themes="Both are about language models, as in arXiv:2501.01234, and both part "
            "over what the data is for in the end."
        ),
        Reason.NUMBER,
    ),
    Sample(
        "in Spanish",
        "analysis",
        "en",
        analysis(
            limitations=[
                "Este trabajo no compara con otros modelos de la misma clase ni con los datos."
            ]
        ),
        Reason.LANGUAGE,
    ),
    Sample(
        "first sentence in English",
        "analysis",
        "zh",
        analysis_zh(method="The model is trained on pairs. 模型输出笔画。"),
        Reason.LANGUAGE,
    ),
    Sample("to be determined", "summary", "zh", summary_zh("To be determined."), Reason.CHATTER),
    Sample("string", "summary", "en", summary("string"), Reason.CHATTER),
    Sample(
        "another name of a field",
        "summary",
        "en",
        _dumped(summary()).replace('"subfield"', '"sub_field"'),
        Reason.SHAPE,
    ),
    Sample("a hundred characters", "summary", "en", summary(SUMMARY[:100]), Reason.CUT_OFF),
    Sample(
        "a bare host", "summary", "en", summary(SUMMARY + " Visit evil.ru for more."), Reason.LINK
    ),
    Sample(
        "a bare host in Chinese",
        "translation",
        "zh",
        translation(abstract=ABSTRACT + "更多内容请访问evil.ru。"),
        Reason.LINK,
    ),
    Sample(
        "a host in capitals",
        "analysis",
        "en",
        analysis(impact="Designers could read more of it at WWW.EVIL.RU for free."),
        Reason.LINK,
    ),
    Sample(
        "a host in a limitation",
        "analysis",
        "zh",
        analysis_zh(limitations=["只测试了一类部件，另见 best-widgets.co.uk。"]),
        Reason.LINK,
    ),
    Sample(
        "a host in a keyword",
        "summary",
        "en",
        summary(keywords=["widgets", "buy at widgets.shop"]),
        Reason.LINK,
    ),
    Sample(
        "a host in a title",
        "translation",
        "zh",
        translation(title=TITLE + "（evil.com）"),
        Reason.LINK,
    ),
    Sample(
        "a host before a sentence",
        "digest",
        "en",
        digest(directions=["Read more at evil.ru.Visit it for t.me links."]),
        Reason.LINK,
    ),
    Sample("an e-mail", "summary", "en", summary(SUMMARY + " Write to me@evil.ru."), Reason.LINK),
    Sample(
        "an e-mail in Chinese",
        "analysis",
        "zh",
        analysis_zh(impact="界面设计者可以写信给me@evil.zz索取全部的部件和图画数据。"),
        Reason.LINK,
    ),
    Sample(
        "an e-mail at a host of the paper",
        "digest",
        "en",
        digest(directions=["Ask admin@example.org for the data."]),
        Reason.LINK,
    ),
    Sample(
        "a host in a reason",
        "digest",
        "zh",
        digest_zh(
            read=[
                {
                    "paper": WIDGETS.versioned_id,
                    "reason": "详见 arxiv-sanity.top 上对训练数据的讨论。",
                }
            ]
        ),
        Reason.LINK,
    ),
    Sample(
        "five words of English",
        "analysis",
        "zh",
        analysis_zh(
            method="模型在配对数据上训练。Existing methods lose the order."
            "随后模型直接输出笔画而不是单词。"
        ),
        Reason.LANGUAGE,
    ),
    Sample(
        "a sentence of English between two",
        "translation",
        "zh",
        translation(
            abstract=ABSTRACT.replace("消融实验", "Existing methods lose the order. 消融实验")
        ),
        Reason.LANGUAGE,
    ),
    Sample(
        "a clause of English",
        "summary",
        "zh",
        summary_zh(SUMMARY_ZH[:-1] + "，因为 most of the gain is new 数据带来的。"),
        Reason.LANGUAGE,
    ),
    Sample(
        "a heading in a translation",
        "translation",
        "zh",
        translation(abstract=ABSTRACT.replace("消融实验", "\n## 方法\n消融实验")),
        Reason.MARKUP,
    ),
    Sample(
        "backticks",
        "summary",
        "en",
        summary(SUMMARY.replace("WidgetNet", "`WidgetNet`")),
        Reason.MARKUP,
    ),
    Sample(
        "emphasis",
        "analysis",
        "zh",
        analysis_zh(method="模型在*描述与图画*的配对数据上训练，直接输出笔画而不是单词。"),
        Reason.MARKUP,
    ),
    Sample(
        "strong emphasis",
        "analysis",
        "en",
        analysis(impact="Designers could try out **more widgets** than they can draw."),
        Reason.MARKUP,
    ),
    Sample(
        "不便",
        "translation",
        "zh",
        translation(abstract=ABSTRACT + "其余部分我不便翻译。"),
        Reason.CHATTER,
    ),
    Sample(
        "请查阅原文", "summary", "zh", summary_zh(SUMMARY_ZH + "细节请查阅原文。"), Reason.CHATTER
    ),
    Sample(
        "regrettably",
        "summary",
        "en",
        summary(
            "Regrettably this request cannot be fulfilled. Another paper may be given to the model."
        ),
        Reason.CHATTER,
    ),
    Sample(
        "unable",
        "analysis",
        "en",
        analysis(method="The model draws. I am unable to say more about the method than that."),
        Reason.CHATTER,
    ),
    Sample(
        "not able",
        "digest",
        "en",
        digest(
            themes="I'm not able to say what these papers have in common, "
            "because they are about many things."
        ),
        Reason.CHATTER,
    ),
    Sample(
        "the user wants",
        "summary",
        "en",
        summary(
            "The user wants a summary of this paper. It is about a model that draws neural widgets."
        ),
        Reason.CHATTER,
    ),
    Sample(
        "I should write",
        "analysis",
        "en",
        analysis(
            method="I should write about the model, which is trained on pairs and emits strokes."
        ),
        Reason.CHATTER,
    ),
    Sample("in summary", "summary", "en", summary("In summary: " + SUMMARY), Reason.CHATTER),
    Sample(
        "my translation",
        "translation",
        "zh",
        translation(abstract="Here is my translation: " + ABSTRACT),
        Reason.CHATTER,
    ),
    Sample(
        "用户希望",
        "summary",
        "zh",
        summary_zh("用户希望得到这篇论文的摘要。" + SUMMARY_ZH),
        Reason.CHATTER,
    ),
    Sample(
        "one sentence three times",
        "analysis",
        "en",
        analysis(
            method="It is trained on pairs. It emits strokes. It is trained on pairs. "
            "It is fast. It is trained on pairs."
        ),
        Reason.REPEATED,
    ),
    Sample(
        "一句三遍",
        "analysis",
        "zh",
        analysis_zh(method="模型在配对数据上训练。" * 3),
        Reason.REPEATED,
    ),
    Sample("啊", "analysis", "zh", analysis_zh(method="啊" * 120), Reason.REPEATED),
    Sample(
        "a stutter",
        "summary",
        "en",
        summary("WidgetNet draws widgets. It is " + "a part of the " * 12 + "whole."),
        Reason.REPEATED,
    ),
    Sample(
        "one item thrice",
        "analysis",
        "en",
        analysis(applications=["Teaching"] * 3),
        Reason.REPEATED,
    ),
    Sample("one keyword", "summary", "en", summary(keywords=["widgets"]), Reason.SHAPE),
    Sample("nine keywords", "summary", "zh", summary_zh(keywords=list("abcdefghi")), Reason.SHAPE),
]
