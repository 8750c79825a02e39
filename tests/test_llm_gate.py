"""The gate accepts good answers and rejects each wrong one for the right reason."""

from collections import Counter
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.llm.check_answers import Context, Reason, judge
from factories import make_entry, make_store
from llm_nights import Bench
from model_answers import FIT, PAPERS, TITLE, UNFIT, WIDGETS, Sample, analysis_zh
from standins.llm import Reply


def outcome_of(sample: Sample, root: Path, clock: VirtualClock) -> str:
    """Have the stand-in answer `sample` twice; return the reason of the rejection, or nothing."""
    papers = list(PAPERS.values()) if sample.task == "digest" else [sample.about]
    store = make_store([make_entry(paper, ("Widgets",)) for paper in papers])
    with Bench(root, clock) as bench:
        bench.llm.answer = lambda _asked: Reply(
            sample.content, sample.finish_reason, sample.refusal
        )
        done = bench.run(store, tasks=(sample.task,), language=sample.language, first_page=False)
    report = done.report.tasks[sample.task]
    assert report.asked == 1
    if report.kept:
        assert done.report.refused == {}
        return ""
    # Asked again with the reason, and left out when that did not help.
    assert len(bench.llm.log) == 2
    assert bench.llm.log[1].again
    (reason,) = done.report.refused
    assert done.report.refused[reason] == 2
    assert reason in bench.llm.log[1].messages[-1]["content"]
    assert not any(text.fields for entry in done.store.entries.values() for text in entry.texts)
    assert not any(one.text.fields for one in done.store.digests)
    return reason


@pytest.mark.parametrize("sample", FIT, ids=lambda sample: sample.name)
def test_an_answer_that_is_fit_is_kept(sample: Sample, tmp_path: Path, clock: VirtualClock) -> None:
    """A good answer is accepted."""
    assert outcome_of(sample, tmp_path, clock) == ""


@pytest.mark.parametrize("sample", UNFIT, ids=lambda sample: sample.name)
def test_an_answer_that_is_wrong_is_stopped(
    sample: Sample, tmp_path: Path, clock: VirtualClock
) -> None:
    """An answer that is wrong in one way is rejected for that reason and no other."""
    assert outcome_of(sample, tmp_path, clock) == sample.reason


def test_each_reason_has_an_answer() -> None:
    """Every reason has a wrong answer here, except those that do not depend on the text."""
    told = Counter(sample.reason for sample in UNFIT)
    assert set(Reason) - set(told) == {Reason.SECRET, Reason.ENDPOINT}


@pytest.mark.parametrize(
    ("title", "translated", "reason"),
    [
        ("Neural Widgets", "Neural widgets", Reason.ECHO),
        ("Neural Widgets", "Neuronale Widgets", None),
        # One word may be a name, which stays the same.
        ("WidgetNet", "WidgetNet", None),
    ],
)
def test_a_title_that_is_not_translated(title: str, translated: str, reason: Reason | None) -> None:
    """A title of several words is an echo if it stays the same, in whatever case."""
    fields = {"title": translated, "abstract": "Es zeichnet Widgets besser."}
    context = Context(title=title, abstract="It draws widgets better.")
    found = judge("translation", fields, context, "de")
    assert (found and found.reason) == reason


@pytest.mark.parametrize(("known", "reason"), [(TITLE, Reason.ECHO), ("", None)])
def test_a_text_that_only_repeats_the_translated_title(known: str, reason: Reason | None) -> None:
    """A text in another language is compared with the title that was translated before."""
    fields = analysis_zh(method=f"{TITLE}。")
    context = Context(title=WIDGETS.title, abstract=WIDGETS.abstract, known_title=known)
    found = judge("analysis", fields, context, "zh")
    assert (found and found.reason) == reason
