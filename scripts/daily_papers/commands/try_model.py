"""Ask the language model about one paper, by hand, and show its texts."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from daily_papers.arxiv.paced_requests import PoliteSession, stamp_of
from daily_papers.atomic_files import locked
from daily_papers.clock import SystemClock
from daily_papers.commands import render
from daily_papers.errors import InputError
from daily_papers.llm.answer_journal import Journal, with_text
from daily_papers.llm.check_answers import Rejection
from daily_papers.llm.choose_questions import ORDER, Question
from daily_papers.llm.enrich_papers import configuration_error
from daily_papers.read_user_files import Project, load_known_store, read_project
from daily_papers.settings import Environment, Settings, load_environment
from daily_papers.store.entry_types import Entry, ModelText, Store
from daily_papers.store.files_by_month import Wanted
from daily_papers.store.paper import Paper
from daily_papers.store.store_file import save_store, with_papers
from daily_papers.text.markdown import plain_label

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
    InputError if a setting or a secret is missing.
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
    store = load_known_store(root) or Store(now, now, settings.sort)
    entry = _chosen(root, store, identifier)
    print(
        f"{environment.llm_model} on {entry.paper.versioned_id}: {plain_label(entry.paper.title)}"
    )
    seconds = settings.deadline_minutes * 60.0
    session = PoliteSession(
        user_agent=environment.user_agent,
        clock=clock,
        deadline=clock.monotonic() + seconds,
        stamp=stamp_of(environment.arxiv_api_url),
    )
    with session, tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder))
        texts = _try(entry, store, project, environment, session, journal)
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


def _chosen(root: Path, store: Store, identifier: str) -> Entry:
    if identifier:
        wanted = identifier.partition("v")[0]
        store = with_papers(root, store, Wanted(ids=(wanted,)))
        if wanted not in store.entries:
            raise InputError([f"{identifier}: this paper is not in the store"])
        return store.entries[wanted]
    if store.entries:
        return max(store.entries.values(), key=lambda entry: entry.paper.updated)
    now = store.updated
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
    entry: Entry,
    store: Store,
    project: Project,
    environment: Environment,
    session: PoliteSession,
    journal: Journal,
) -> list[ModelText]:
    """Print the answers about a paper; return those that are accepted."""
    # Imported here: it needs the packages of the extra `llm`.
    from daily_papers.llm.ask_questions import Asker  # noqa: PLC0415

    settings = project.settings
    store = Store(store.created, store.updated, store.sort, entries={entry.paper.arxiv_id: entry})
    deadline = session.clock.monotonic() + settings.deadline_minutes * 60
    asker = Asker(
        store,
        settings,
        environment,
        session,
        session.clock.now(),
        journal,
        deadline,
        project.prompts,
    )
    total = 0
    texts = []
    for task in (one for one in ORDER if one in settings.llm.tasks and one != "digest"):
        outcome = asker.try_out(Question(task, (entry,)))
        print(f"\n{task}:")
        if outcome is None:
            print("  not asked: max-tokens-per-night is too small for it")
            continue
        total += outcome.tokens
        if isinstance(outcome.answer, Rejection):
            detail = f" ({outcome.answer.detail})" if outcome.answer.detail else ""
            print(f"  not kept: {outcome.answer.reason}{detail}")
        elif outcome.answer is None:
            print(f"  no answer: {outcome.error.reason if outcome.error else 'it was empty'}")
        else:
            texts += [outcome.text] if outcome.text else []
            for name, value in outcome.answer.items():
                print(f"  {name}: {_shown(value)}")
        print(f"  {outcome.tokens:,} tokens")
    asker.close()
    print(f"\n{total:,} tokens for this paper; a digest was not tried.")
    return texts


def _shown(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(map(_shown, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(inner)}" for name, inner in value.items())
    return plain_label(str(value))
