"""Ask the language model about one paper, by hand, and show its texts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from daily_papers.arxiv.paced_requests import PoliteSession, stamp_of
from daily_papers.atomic_files import locked
from daily_papers.clock import SystemClock
from daily_papers.commands import render
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.llm.answer_journal import Journal, with_text
from daily_papers.llm.check_answers import Reason, Rejection
from daily_papers.llm.choose_questions import ORDER, Question
from daily_papers.llm.enrich_papers import configuration_error
from daily_papers.read_user_files import Project, load_known_store, load_paper, read_project
from daily_papers.settings import Environment, Settings, load_environment
from daily_papers.store.entry_types import Entry, ModelText, Store
from daily_papers.store.files_by_month import Wanted
from daily_papers.store.paper import Paper
from daily_papers.store.store_file import save_store, with_papers
from daily_papers.text.markdown import plain_label

_MINUTES = 5.0
"""Minutes that somebody who looks on waits at the most."""
_INVENTED = "0000.00000"
_TITLE = "Sparse Gates for Long Documents: A Study of Memory in Transformers"
_ABSTRACT = (
    "Long documents remain hard for language models. We introduce SparseGate, a layer with 7 "
    "billion parameters that reads 10,060 tokens at a time. It improves the F1 score by 4.2 points "
    "over four baselines and halves the memory. An analysis shows that most errors come from "
    "tables."
)


def run(*, root: Path, identifier: str, keep: bool) -> None:
    """Print each task's text about a paper of the store, and what it cost.

    With `keep`, the texts replace those that the store has, and the pages are written again.
    Without an identifier it is the newest one, or an invented one before the first night. Raises
    InputError if a setting or a secret is missing, and DailyPapersError without any answer.
    """
    environment = load_environment()
    project = read_project(root)
    settings = project.settings
    if not settings.llm.tasks:
        raise InputError(
            ["[tool.daily-papers.llm] names no tasks; docs/model.md tells how to switch them on"]
        )
    if error := configuration_error(settings.llm, environment):
        raise InputError([error])
    clock = SystemClock()
    now = clock.now()
    entry = load_paper(root, identifier)[1] if identifier else _newest(load_known_store(root), now)
    print(
        f"{environment.llm_model} on {entry.paper.versioned_id}: {plain_label(entry.paper.title)}"
    )
    session = PoliteSession(
        user_agent=environment.user_agent,
        clock=clock,
        deadline=clock.monotonic() + _MINUTES * 60,
        stamp=stamp_of(environment.arxiv_api_url),
    )
    with session:
        texts = _try(entry, project, environment, session)
    if keep and texts and entry.paper.arxiv_id != _INVENTED:
        _keep(root, entry.paper.arxiv_id, texts, settings)
        render.render(root, clock, since=entry.day)
        print("The texts are kept, and the pages are written again.")
    else:
        print("Nothing was kept.")


def _keep(root: Path, arxiv_id: str, texts: Sequence[ModelText], settings: Settings) -> None:
    with locked(root, SystemClock(), settings.deadline_minutes * 60):
        store = load_known_store(root)
        if store is None:
            return
        before = with_papers(root, store, Wanted(ids=(arxiv_id,)))
        entry = before.entries[arxiv_id]
        for text in texts:
            entry = with_text(entry, text)
        save_store(root, before, replace(before, entries={**before.entries, arxiv_id: entry}))


def _newest(store: Store | None, now: datetime) -> Entry:
    """Return the newest paper; an invented one before the first night."""
    if store is not None and store.entries:
        return max(store.entries.values(), key=lambda entry: entry.paper.updated)
    paper = Paper(
        arxiv_id=_INVENTED,
        version=1,
        title=_TITLE,
        authors=("Ada Lovelace",),
        abstract=_ABSTRACT,
        categories=("cs.CL",),
        primary_category="cs.CL",
        comment="",
        journal_ref="",
        doi="",
        published=now,
        updated=now,
    )
    return Entry(paper, ("Transformers",), now)


def _try(
    entry: Entry, project: Project, environment: Environment, session: PoliteSession
) -> list[ModelText]:
    """Print the answers about a paper; return those that are accepted."""
    # Imported here: it needs the packages of the extra `llm`.
    from daily_papers.llm.ask_questions import Asker  # noqa: PLC0415

    settings = project.settings
    now = session.clock.now()
    asker = Asker(
        Store(now, now, settings.sort, entries={entry.paper.arxiv_id: entry}),
        settings,
        environment,
        session,
        now,
        Journal(project.root),
        session.clock.monotonic() + _MINUTES * 60,
        project.prompts,
    )
    total = 0
    texts = []
    error = None
    for task in (one for one in ORDER if one in settings.llm.tasks and one != "digest"):
        outcome = asker.try_out(Question(task, (entry,)))
        print(f"\n{task}:")
        if outcome is None:
            print("  not asked: max-tokens-per-night is too small for it")
            continue
        total += outcome.tokens
        error = outcome.error
        if error is not None:
            print(f"  no answer: {error.reason}")
        elif isinstance(outcome.answer, Rejection):
            detail = f" ({outcome.answer.detail})" if outcome.answer.detail else ""
            print(f"  not kept: {outcome.answer.reason}{detail}")
            if outcome.answer.reason is Reason.EMPTY:
                print(
                    "  it may think for too long: see effort and max-answer-tokens in docs/model.md"
                )
        elif outcome.answer is not None:
            texts += [outcome.text] if outcome.text else []
            for name, value in outcome.answer.items():
                print(f"  {name}: {_shown(value)}")
        print(f"  {outcome.tokens:,} tokens")
        if error is not None and error.final:
            break
    asker.close()
    print(f"\n{total:,} tokens for this paper; a digest was not tried.")
    if error is not None and not texts:
        raise DailyPapersError(f"the model gave no text: {error.reason}")
    return texts


def _shown(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(map(_shown, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(inner)}" for name, inner in value.items())
    return plain_label(str(value))
