"""The gate against what models really say around a text, in all shapes and many languages."""

import itertools
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from daily_papers.llm.check_answers import Context, Reason, Rejection, cleaned, judge
from daily_papers.llm.prompts import instructions
from model_answers import FIT, UNFIT

_DATA = tomllib.loads((Path(__file__).parent / "chatter_forms.toml").read_text("utf-8"))
_ORIGINAL = _DATA.pop("original")


def verdict(code: str, title: str, abstract: str) -> Rejection | None:
    """Judge a translation of the original."""
    context = Context(**_ORIGINAL, prompt=instructions("translation", code))
    fields = cleaned("translation", {"title": title, "abstract": abstract}, context)
    return judge("translation", fields, context, code)


def cases() -> Iterator[tuple[str, str, str, str]]:
    """Yield where the chatter is, the language, the title, and the abstract of each answer."""
    for code, one in _DATA.items():
        title, abstract = one["title"], one["abstract"]
        for form in one["titles"].splitlines():
            filled = form.replace("{T}", title).replace("{E}", _ORIGINAL["title"])
            yield "title", code, filled.replace("\\n", "\n"), abstract
        blank = "" if code in ("zh", "ja") else " "
        for number, form in enumerate(one["openings"].splitlines()):
            opening = form.replace("{T}", title).replace("\\n", "\n")
            yield "opening within the text", code, title, f"{opening}{blank}{abstract}"
            if number % 4 == 0:
                yield "opening as a paragraph", code, title, f"{opening}\n\n{abstract}"
        for number, form in enumerate(one["closings"].splitlines()):
            yield "closing within the text", code, title, f"{abstract}{blank}{form}"
            if number % 4 == 0:
                yield "closing as a paragraph", code, title, f"{abstract}\n\n{form}"


def test_no_chatter_passes() -> None:
    """Of more than a thousand answers with chatter none passes; `pytest -s` prints the table."""
    told: Counter[tuple[str, str]] = Counter()
    passed = []
    for place, code, title, abstract in cases():
        told["chinese" if code == "zh" else "14 others", place] += 1
        if verdict(code, title, abstract) is None:
            passed.append((place, code, title, abstract))
    table = "\n".join(f"| {group} | {place} | {count} |" for (group, place), count in told.items())
    summary = f"{len(FIT)} good answers, {len(UNFIT)} wrong ones of other kinds"
    print(  # noqa: T201 - the table is for the docs
        f"\n| language | chatter as | stopped |\n| --- | --- | --- |\n{table}\n{summary}"
    )
    assert passed == []
    assert told.total() > 800


@pytest.mark.parametrize("code", _DATA)
def test_a_careful_translation_passes(code: str) -> None:
    """A translation with the numbers, acronyms and hopes of its source is kept."""
    assert verdict(code, _DATA[code]["title"], _DATA[code]["abstract"]) is None


def test_a_share_at_the_end_and_a_name_in_the_title_are_no_chatter() -> None:
    """A share such as 90%以上 may end a sentence, and a name may stand before a title."""
    context = Context(
        "Vision Transformers for Sparse Data",
        "Sparse data is hard. We introduce SparseViT, which is 90% faster than ResNet.",
    )
    fields = {
        "title": "SparseViT：面向稀疏数据的视觉Transformer（ViT）",
        "abstract": "稀疏数据很难处理。我们提出了SparseViT，它比ResNet快90%以上。",
    }
    assert judge("translation", cleaned("translation", fields, context), context, "zh") is None
    context = Context("SparseViT for Sparse Data", context.abstract)
    fields["title"] = "SparseViT：面向稀疏数据"
    assert judge("translation", cleaned("translation", fields, context), context, "zh") is None


def test_a_sentence_in_the_place_of_one_of_the_paper_is_no_chatter() -> None:
    """Words of a chat are accepted in a sentence that lies beside one of its source."""
    abstract = _DATA["zh"]["abstract"].replace("有助于未来的研究", "供参考")
    assert verdict("zh", _DATA["zh"]["title"], abstract) is None
    assert verdict("zh", _DATA["zh"]["title"], f"{abstract}以上供参考。") is not None


SIGNS = ["\ufeff", "\u200b", "\u2060", "\u00ad", "\U000e0041", "\ufe0f", "\u202e", "\x00", "\ue000"]


@pytest.mark.parametrize("sign", [*SIGNS, "\ufffd", "а", "é", "あ", "ا", "😊", "ก"])
@pytest.mark.parametrize("field", ["title", "abstract"])
def test_a_character_that_no_text_of_the_language_has(sign: str, field: str) -> None:
    """Invisible characters, emoji, and letters of another script are found in any field."""
    texts = {name: _DATA["zh"][name] for name in ("title", "abstract")}
    texts[field] = f"{texts[field][:10]}{sign}{texts[field][10:]}"
    found = verdict("zh", **texts)
    assert found is not None
    assert found.reason in (Reason.UNREADABLE, Reason.CHATTER)


def test_languages_have_their_own_invisible_characters() -> None:
    """Persian and Hindi need joiners, and a source may have any sign itself."""
    context = Context("A short title", "It is about the sign \u200b in a text, and of no use.")
    for code, title in (("fa", "روش\u200cهای کوتاه"), ("hi", "छोटा शीर्षक क्\u200dष")):
        fields = {"title": title, "abstract": context.abstract}
        found = judge("translation", fields, context, code)
        assert found is None or found.reason is not Reason.UNREADABLE


@pytest.mark.parametrize(
    ("end", "is_kept"),
    [
        ("该方法基于Rényi散度，代码见[this https URL]。", True),
        ("该方法基于Rényi散度，代码可在this https URL获取。", True),
        ("该方法基于Rényi散度，代码见[此链接]。", True),
        ("该方法基于Rényi散度，代码见[请填写链接]。", False),
        ("该方法基于histórico散度，代码见[this https URL]。", False),
    ],
)
def test_only_what_the_source_has_is_in_brackets_or_has_accents(end: str, *, is_kept: bool) -> None:
    """A placeholder is none of an address that a listing leaves out, nor a letter of another's."""
    abstract = f"{_ORIGINAL['abstract']} It uses Renyi divergence. Code: this https URL."
    context = Context(_ORIGINAL["title"], abstract)
    fields = {"title": _DATA["zh"]["title"], "abstract": f"{_DATA['zh']['abstract']}{end}"}
    assert (judge("translation", fields, context, "zh") is None) is is_kept


def test_the_abstract_of_another_paper_is_none() -> None:
    """A translation that has none of the paper's names and numbers is of another paper."""
    other = (
        "本文研究城市交通中的信号控制问题。我们提出一种自适应的控制方法，它根据路口的排队长度调整"
        "信号配时。大量实验表明，该方法显著缩短了车辆的等待时间，并且在不同规模的路网中都保持稳定。"
        "我们还讨论了这种方法的局限以及将来的工作方向。"
    )
    found = verdict("zh", _DATA["zh"]["title"], other)
    assert found is not None
    assert found.reason is Reason.OTHER_PAPER


@pytest.mark.parametrize("task", ["translation", "analysis"])
def test_a_long_answer_costs_no_time(task: str) -> None:
    """However long an answer is, and whatever it repeats, it is judged at once."""
    units = [
        "a",
        "1,",
        "a.",
        "a-",
        "你好。",
        "[",
        "（",
        "x@",
        "1 000 ",
        "a b ",
        "。",
        "ab.cd-",
        "1.1",
    ]
    abstract = _ORIGINAL["abstract"] * 8
    context = Context(_ORIGINAL["title"], abstract, prompt=instructions(task, "zh"))
    # The longest is refused for its length; the other one is as long as it may be.
    for unit, length in itertools.product(units, (120_000, 1500)):
        text = unit * (length // len(unit))
        fields: dict[str, object] = {"title": text[:300], "abstract": text}
        if task == "analysis":
            names = ("contributions", "applications", "limitations")
            fields = {"method": text, "impact": text} | {name: [text] for name in names}
        begun = time.process_time()
        found = judge(task, cleaned(task, fields, context), context, "zh")
        assert time.process_time() - begun < 0.5, unit
        assert found is not None
