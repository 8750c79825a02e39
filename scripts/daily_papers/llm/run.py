"""A night's questions to a language model: within its caps, its time and its papers."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from daily_papers.arxiv.session import FetchError, PoliteSession
from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError
from daily_papers.llm import which_papers
from daily_papers.llm.gate import Context, Reason, Rejection, cleaned, holds, judge, read_answer
from daily_papers.llm.journal import (
    Journal,
    Line,
    State,
    folded,
    spending_of,
    with_digest,
    with_text,
)
from daily_papers.llm.prompts import Message, again, instructions, question
from daily_papers.llm.report import Report, TaskReport
from daily_papers.llm.schemas import schema_of, shaped
from daily_papers.llm.which_papers import MOST_TRIES, ORDER, Question
from daily_papers.progress import say
from daily_papers.settings import Environment, Llm, Settings, is_address
from daily_papers.store.records import DigestText, Entry, ModelText, Spending, Store

if TYPE_CHECKING:
    from daily_papers.llm.endpoint import Endpoint

# What providers begin their keys with; model names begin otherwise.
_KEY = re.compile(r"(?:sk|pk|gsk|xai|key|AIza)[-_]?[A-Za-z0-9_-]{16,}$")
_SHORT = "too few of the night's tokens are left for some questions"
_EXTRA = ("openai", "httpx2", "pypdf")
BREAK_AFTER = 2
"""Questions in a row without an answer after which the endpoint is left alone for the night; first
pages in a row that could not be had."""


@dataclass(frozen=True, slots=True)
class Enriched:
    """The store with what a model answered, and what a night asked."""

    store: Store
    report: Report


def enrich(
    store: Store,
    settings: Settings,
    environment: Environment,
    session: PoliteSession,
    clock: Clock,
    night: datetime,
    *,
    journal: Journal,
    deadline: float,
    rng: random.Random | None = None,
) -> Enriched:
    """Ask a model for what the settings name, within the caps of `night`; keep what is fit.

    First takes in what `journal` holds of a run that did not come to its end. Nothing is asked
    beyond `deadline`, on `clock.monotonic()`. An endpoint that fails costs texts and nothing else.
    Raises DailyPapersError when the disk refuses.
    """
    try:
        store = folded(store, journal.lines(), night.date())
    except DailyPapersError as error:
        return Enriched(store, Report(warning=str(error)))
    llm = settings.llm
    if not llm.tasks:
        return Enriched(store, Report())
    warning = fault_of(llm, environment)
    if warning:
        return Enriched(store, Report(warning=warning))
    # Imported here: openai is of the extra `llm`, and takes a second.
    from daily_papers.llm.endpoint import Endpoint  # noqa: PLC0415

    endpoint = Endpoint(environment, clock, deadline, rng=rng)
    try:
        asking = _Asking(store, settings, environment, session, night, journal, endpoint)
        for task in ORDER:
            if task in llm.tasks:
                asking.ask_for(task)
        return Enriched(asking.store(), asking.report())
    finally:
        endpoint.close()


def fault_of(llm: Llm, environment: Environment) -> str:
    """Say what keeps a model from being asked for the tasks that are named; nothing if it can be.

    No value of a variable is repeated: it may hold a key in the wrong place.
    """
    missing = [
        name
        for name, value in (
            ("the secret OPENAI_API_KEY", environment.openai_api_key),
            ("the variable LLM_MODEL", environment.llm_model),
        )
        if not value
    ]
    if missing:
        told = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set"
    elif environment.llm_model == environment.openai_api_key or _KEY.match(environment.llm_model):
        told = (
            "the variable LLM_MODEL holds a key and no model's name; correct it, and make a new "
            "key, for variables are not secret"
        )
    elif not re.fullmatch(r"[\x21-\x7e]+", environment.openai_api_key):
        told = "the secret OPENAI_API_KEY has characters that no key has; copy it again"
    elif environment.openai_base_url and not is_address(environment.openai_base_url):
        told = "the variable OPENAI_BASE_URL is no http or https address"
    elif "translation" in llm.tasks and llm.language == "en":
        told = 'papers are in English; set language to what "translation" should translate into'
    elif not all(map(find_spec, _EXTRA)):
        told = "the extra llm is not installed; install it with `uv sync --extra llm`"
    else:
        return ""
    return (
        f"[tool.daily-papers.llm] names tasks, and no model was asked: {told}. docs/model.md "
        "tells how to switch it on"
    )


class _Asking:
    """The state of a night's questions."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        environment: Environment,
        session: PoliteSession,
        night: datetime,
        journal: Journal,
        endpoint: Endpoint,
    ) -> None:
        self._store = store
        self._entries = dict(store.entries)
        self._digests = store.digests
        self._settings = settings
        self._llm = settings.llm
        self._environment = environment
        self._session = session
        self._night = night
        self._journal = journal
        self._endpoint = endpoint
        spending = spending_of(store, night.date())
        self._papers = set(spending.papers)
        self._tokens = spending.tokens
        self._tasks: dict[str, TaskReport] = {}
        self._refused: Counter[str] = Counter()
        self._failures = 0
        self._lost_pages = 0
        self._stopped = ""
        self._is_short = False

    def store(self) -> Store:
        """Return the store with the answers so far."""
        spent = Spending(self._night.date(), tuple(sorted(self._papers)), self._tokens)
        nothing = Spending(self._night.date())
        spending = self._store.spending if spent == nothing else spent
        return replace(self._store, entries=self._entries, digests=self._digests, spending=spending)

    def report(self) -> Report:
        """Return what was done."""
        return Report(
            model=self._environment.llm_model,
            stopped=self._stopped or (_SHORT if self._is_short else ""),
            failed=bool(self._stopped),
            tasks=self._tasks,
            refused=dict(self._refused),
            requests=self._endpoint.requests,
            papers=len(self._papers),
            most_papers=self._llm.max_papers_per_night,
            tokens=self._tokens,
            most_tokens=self._llm.max_tokens_per_night,
        )

    def ask_for(self, task: str) -> None:
        """Ask for a task's texts, best first, as long as the night allows."""
        due = which_papers.wanted(
            task,
            self.store(),
            self._settings,
            self._environment.llm_model,
            self._night,
        )
        counts = TaskReport(cached=due.cached, given_up=due.given_up, left=due.later)
        self._tasks[task] = counts
        if due.questions and not self._stopped:
            say(f"{self._environment.llm_model}: {task}, {len(due.questions)} to ask for")
        for one in due.questions:
            if self._stopped or not self._has_room_for(one):
                counts.left += 1
                continue
            self._ask(one, counts)

    def _has_room_for(self, asked: Question) -> bool:
        """Whether a question's paper is one of tonight's, or may become one.

        A digest asks about papers that other questions are about, and is one for many.
        """
        if asked.day is not None:
            return True
        papers = {entry.paper.arxiv_id for entry in asked.entries}
        return len(self._papers | papers) <= self._llm.max_papers_per_night

    def _fits(self, messages: Sequence[Message], schema: dict[str, Any]) -> bool:
        bound = self._endpoint.bound(messages, schema)
        return self._tokens + bound <= self._llm.max_tokens_per_night

    def _ask(self, asked: Question, counts: TaskReport) -> None:
        """Ask one question, and keep what came of it."""
        schema = schema_of(asked.task)
        source, messages = self._question(asked, "")
        if not self._fits(messages, schema):
            # A shorter question, of this task or of another, may still fit.
            self._is_short = True
            counts.left += 1
            return
        key = which_papers.key_of(
            asked.task,
            0 if asked.day else asked.entries[0].paper.version,
            self._llm.language,
            self._environment.llm_model,
        )
        unfit = ModelText(*key, tries=asked.tries + 1, refused=self._night.date())
        self._papers.update(() if asked.day else (entry.paper.arxiv_id for entry in asked.entries))
        self._note(asked, State.ASKED, unfit)
        counts.asked += 1
        if asked.task == "summary" and self._llm.first_page:
            with_page = self._question(asked, self._first_page(asked.entries[0]))
            if self._fits(with_page[1], schema):
                source, messages = with_page
        before = self._tokens
        outcome = self._converse(asked, source, messages, schema)
        spent = self._tokens - before
        if outcome is None:
            self._note(asked, State.UNANSWERED, unfit, spent)
            counts.left += 1
        elif isinstance(outcome, Rejection):
            self._keep(asked, unfit, spent)
            counts.unfit += 1
            if unfit.tries < MOST_TRIES:
                counts.left += 1
            else:
                counts.given_up += 1
        else:
            text = replace(unfit, fields=outcome, refused=None)
            self._keep(asked, text, spent)
            counts.kept += 1

    def _first_page(self, entry: Entry) -> str:
        """Return the beginning of a paper's first page; empty if it cannot be had."""
        # Imported here: it brings pypdf along.
        from daily_papers.llm.first_page import first_page  # noqa: PLC0415

        if self._lost_pages >= BREAK_AFTER:
            # arXiv has none to give tonight, and waiting for each would cost the night's time.
            return ""
        try:
            page = first_page(self._session, self._environment.arxiv_pdf_url, entry.paper)
        except FetchError:
            self._lost_pages += 1
            return ""
        self._lost_pages = 0
        return page

    def _question(self, asked: Question, page: str) -> tuple[Context, list[Message]]:
        """Return what a question gives, and its words."""
        language = self._llm.language
        prompt = instructions(asked.task, language)
        papers = [entry.paper for entry in asked.entries]
        if asked.day is not None:
            analyses = {
                entry.paper.arxiv_id: self._entries[entry.paper.arxiv_id].text("analysis", language)
                for entry in asked.entries
            }
            data = which_papers.data_of(asked, "", analyses)
            given = "\n".join(f"{paper.title}\n{paper.abstract}" for paper in papers)
            source = Context(more=given, papers=asked.papers, prompt=prompt)
        else:
            (paper,) = papers
            data = which_papers.data_of(asked, page, {})
            translated = self._entries[paper.arxiv_id].text("translation", language)
            source = Context(
                title=paper.title,
                abstract=paper.abstract,
                more=f"{paper.comment}\n{page}",
                papers=asked.papers,
                prompt=prompt,
                known_title=translated.fields["title"] if translated else "",
            )
        return source, question(asked.task, language, data)

    def _converse(
        self,
        asked: Question,
        source: Context,
        messages: list[Message],
        schema: dict[str, Any],
    ) -> dict[str, Any] | Rejection | None:
        """Return an answer's fields; why two answers were not fit; or None if there was none."""
        # Imported here: it brings openai along.
        from daily_papers.llm.endpoint import EndpointError  # noqa: PLC0415

        rejection: Rejection | None = None
        first = messages
        for _ in range(2):
            if rejection is not None and not self._fits(messages, schema):
                return rejection
            try:
                reply = self._endpoint.ask(messages, asked.task, schema)
            except EndpointError as error:
                self._tokens += error.tokens
                if error.question and self._endpoint.answered:
                    # It answers others: a filter, or a paper that is too long for it.
                    self._refused[Reason.ENDPOINT] += 1
                    return Rejection(Reason.ENDPOINT)
                self._failures += 1
                if error.final or self._failures >= BREAK_AFTER:
                    self._stopped = error.reason
                return rejection
            self._failures = 0
            self._tokens += reply.tokens
            found = self._judged(asked, source, reply.content, cut=reply.cut, refused=reply.refused)
            if not isinstance(found, Rejection):
                return found
            rejection = found
            self._refused[rejection.reason] += 1
            messages = again(first, reply.content, rejection)
        return rejection

    def _judged(
        self, asked: Question, source: Context, content: str, *, cut: bool, refused: bool
    ) -> dict[str, Any] | Rejection:
        if holds(content, self._environment.openai_api_key):
            return Rejection(Reason.SECRET)
        answer = read_answer(content, cut=cut, refused=refused)
        if isinstance(answer, Rejection):
            return answer
        fields = shaped(asked.task, answer, asked.id, asked.entries[0].topics)
        if isinstance(fields, Rejection):
            return fields
        fields = cleaned(asked.task, fields, source)
        secrets = (self._environment.openai_api_key,)
        return judge(asked.task, fields, source, self._llm.language, secrets) or fields

    def _keep(self, asked: Question, text: ModelText, tokens: int) -> None:
        """Take an answer, or that there was none fit, into journal and store."""
        self._note(asked, State.ANSWERED, text, tokens)
        if asked.day is not None:
            digest = DigestText(asked.day, asked.topic, asked.papers, text)
            self._digests = with_digest(self._digests, digest)
        else:
            arxiv_id = asked.entries[0].paper.arxiv_id
            self._entries[arxiv_id] = with_text(self._entries[arxiv_id], text)

    def _note(self, asked: Question, state: State, text: ModelText, tokens: int = 0) -> None:
        self._journal.append(
            Line(self._night.date(), state, asked.papers, tokens, text, asked.day, asked.topic)
        )
