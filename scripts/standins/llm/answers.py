"""Invent valid answers of a language model, in English and in Chinese."""

import re
from collections.abc import Mapping
from typing import Any

_ENGLISH = (
    "The invented paper looks at a question that nobody has asked before.",
    "It proposes a simple method and says where the method fails.",
    "In made-up experiments this is better than all the other ways that were tried.",
    "The authors say that the gain comes from the data and not from the size of the model.",
)
_CHINESE = (
    "本文研究了一个此前无人提出的虚构问题。",
    "作者给出了一种简单的方法，并说明了它在哪些情况下会失效。",
    "在虚构的实验中，这种方法优于其他所有尝试过的做法。",
    "作者认为，提升来自数据，而不是来自模型的规模。",
)
# For translations, which may be long, and must not say a sentence twice.
_WHO = [
    "这项虚构的工作",
    "文中的方法",
    "虚构的模型",
    "作者们",
    "这一框架",
    "所用的数据",
    "该系统",
    "实验结果",
]
_WHAT = [
    "关注一个无人问过的问题",
    "从简单的想法出发",
    "在编造的数据上表现良好",
    "说明了自身的局限",
    "并不依赖模型的规模",
    "在多种设定下保持稳定",
    "比其他做法更容易实现",
    "为后来者留下了余地",
    "把任务分成几个部分",
    "对噪声并不敏感",
    "给出了清楚的结论",
    "与直觉并不矛盾",
]
_TRANSLATED = 0.4
"""The length of a Chinese text relative to the English one, in characters."""
_NAME = re.compile(
    r"(?<![\\\w])(?=\w*[A-Z]\w*[A-Z]|[a-z]+[A-Z])[A-Za-z]\w+\b(?!\.\d)"
    r"|(?<![\w.,])\d+\.\d+(?![\w.])"
)


def _prose(length: float, *, chinese: bool) -> str:
    """Return whole sentences with at least `length` characters."""
    found = ""
    number = 0
    while len(found) < max(1, length):
        sentence = (_CHINESE if chinese else _ENGLISH)[number % 4]
        found += sentence if chinese or not found else f" {sentence}"
        number += 1
    return found


def _translation(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an invented translation with the names and the numbers of its source."""
    named = list(dict.fromkeys(_NAME.findall(data["abstract"])))[:6]
    sentences = [f"文中提到{'、'.join(named)}。"] if named else []
    length = len(data["abstract"]) * _TRANSLATED - 20
    pairs = ((who, what) for what in _WHAT for who in _WHO)
    while sum(map(len, sentences)) < length or not sentences:
        sentences.append("{}{}。".format(*next(pairs)))
    title = "一项虚构的研究：" if ":" in data["title"] else "一项虚构的研究"
    for what in _WHAT[: len(data["title"]) // 24]:
        title += what
    return {"id": data["id"], "title": title, "abstract": "".join(sentences)}


def fit_answer(task: str, data: Mapping[str, Any], *, chinese: bool) -> dict[str, Any]:
    """Return a valid answer to a question about `data`, with invented content."""
    line = _prose(1, chinese=chinese)
    text = _prose(40 if chinese else 140, chinese=chinese)
    if task == "translation":
        return _translation(data)
    if task == "ranking":
        score = 2 + len(data["abstract"]) % 2
        relevance = [{"topic": topic, "score": score} for topic in data["topics"]]
        return {"id": data["id"], "significance": score, "relevance": relevance}
    if task == "summary":
        return {
            "id": data["id"],
            "field": "ai",
            "subfield": "invented things",
            "keywords": ["invention", "made-up data", "imaginary benchmarks"],
            "institutions": [],
            "code": [],
            "contributions": [line],
            "summary": text,
        }
    if task == "analysis":
        return {
            "id": data["id"],
            "contributions": [line],
            "method": text,
            "impact": text,
            "applications": [line],
            "limitations": [line],
        }
    papers = [paper["id"] for paper in data["papers"]]
    return {
        "id": data["id"],
        "themes": _prose(60 if chinese else 160, chinese=chinese),
        "highlights": [{"paper": paper, "text": line} for paper in papers[:3]],
        "directions": [line],
        "read": [{"paper": papers[0], "reason": line}],
    }
