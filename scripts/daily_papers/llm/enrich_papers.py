"""Ask a language model for the texts of a night, if the settings name tasks for one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec

from daily_papers.arxiv.paced_requests import PoliteSession
from daily_papers.errors import DailyPapersError
from daily_papers.llm.answer_journal import Journal, folded
from daily_papers.llm.token_counts import Report
from daily_papers.settings import MODEL_COLUMNS, SHOWN_ON, Environment, Llm, Settings, is_address
from daily_papers.store.entry_types import Store

_EXTRA = ("openai", "httpx2", "pypdf")
"""The packages of the extra `llm`."""
# How the keys of providers begin; model names begin otherwise.
_KEY = re.compile(r"(?:sk|pk|gsk|xai|key|AIza)[-_]?[A-Za-z0-9_-]{16,}$")


@dataclass(frozen=True, slots=True)
class Enriched:
    """The store with the model's texts, and what the night asked."""

    store: Store
    report: Report


def enrich(
    store: Store,
    settings: Settings,
    environment: Environment,
    session: PoliteSession,
    night: datetime,
    *,
    journal: Journal,
    deadline: float,
    prompts: Mapping[str, str] | None = None,
) -> Enriched:
    """Ask a model for the tasks of the settings, within the caps of `night`, and keep its texts.

    First, the answers that `journal` has of an interrupted run are put into the store. Nothing is
    asked after `deadline`, on `session.clock.monotonic()`. An endpoint that fails costs texts and
    nothing else. `prompts` are the user's own, by task. Raises DailyPapersError if the journal
    cannot be written.
    """
    llm = settings.llm
    if not llm.tasks:
        return Enriched(store, Report())
    try:
        store = folded(store, journal.lines(), night.date())
    except DailyPapersError as error:
        return Enriched(store, Report(warning=str(error)))
    if warning := configuration_error(llm, environment):
        return Enriched(store, Report(warning=warning))
    # Imported here: it needs the packages of the extra `llm`.
    from daily_papers.llm.ask_questions import Asker  # noqa: PLC0415

    asker = Asker(store, settings, environment, session, night, journal, deadline, prompts or {})
    asker.run()
    return Enriched(asker.enriched(), asker.report())


def model_doubts(settings: Settings) -> Iterator[str]:
    """Yield what of the settings cannot be meant: texts without a place, and places without."""
    hidden = [task for task in settings.llm.tasks if task not in settings.shown_tasks]
    if hidden:
        pages = dict.fromkeys(SHOWN_ON[task] for task in hidden)
        yield (
            f"[tool.daily-papers.llm] names {', '.join(hidden)}, which no page shows, so that no "
            f"model is asked for it: switch {' and '.join(pages)} on in [tool.daily-papers.pages]"
        )
    for column in MODEL_COLUMNS:
        if column in settings.columns and column.lower() not in settings.llm.tasks:
            yield (
                f"columns names {column}, which stays empty, because tasks in "
                f"[tool.daily-papers.llm] does not name {column.lower()}"
            )


def configuration_error(llm: Llm, environment: Environment) -> str:
    """Return why no model can be asked, and how to fix it; empty if one can be asked.

    No value of a variable is repeated: it may be a key in the wrong place.
    """
    needed = {
        "the secret OPENAI_API_KEY": environment.openai_api_key,
        "the variable LLM_MODEL": environment.llm_model,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        error = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set"
    elif environment.llm_model == environment.openai_api_key or _KEY.match(environment.llm_model):
        error = (
            "the variable LLM_MODEL holds a key and no model's name; correct it, and make a new "
            "key, for variables are not secret"
        )
    elif not re.fullmatch(r"[\x21-\x7e]+", environment.openai_api_key):
        error = "the secret OPENAI_API_KEY has characters that no key has; copy it again"
    elif environment.openai_base_url and not is_address(environment.openai_base_url):
        error = "the variable OPENAI_BASE_URL is no http or https address"
    elif "translation" in llm.tasks and llm.language == "en":
        error = 'papers are in English; set language to what "translation" should translate into'
    elif not all(map(find_spec, _EXTRA)):
        error = "the extra llm is not installed; install it with `uv sync --extra llm`"
    else:
        return ""
    return (
        f"[tool.daily-papers.llm] names tasks, and no model was asked: {error}. docs/model.md "
        "tells how to switch it on"
    )
