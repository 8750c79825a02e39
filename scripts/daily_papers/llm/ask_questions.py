"""Ask a night's questions, within the caps on papers and tokens, and keep accepted answers.

This module needs the packages of the extra `llm`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from daily_papers.arxiv.paced_requests import FetchError, PoliteSession
from daily_papers.llm.answer_journal import (
    Journal,
    Line,
    State,
    spending_of,
    with_digest,
    with_text,
)
from daily_papers.llm.answer_schemas import schema_of, shaped
from daily_papers.llm.chat_endpoint import Endpoint, EndpointError, Reply
from daily_papers.llm.check_answers import (
    Context,
    Reason,
    Rejection,
    cleaned,
    holds,
    judge,
    read_answer,
)
from daily_papers.llm.choose_questions import MOST_TRIES, ORDER, Question, data_of, wanted
from daily_papers.llm.pdf_first_page import first_page
from daily_papers.llm.prompts import Message, again, instructions, question
from daily_papers.llm.token_counts import Report, TaskReport
from daily_papers.progress import say
from daily_papers.settings import Environment, Settings
from daily_papers.store.entry_types import DigestText, Entry, ModelText, Spending, Store

BREAK_AFTER = 2
"""Questions in a row without an answer after which the endpoint is not asked again on that night;
first pages in a row that could not be fetched after which no more are fetched."""
_SHORT = "too few of the night's tokens are left for some questions"


@dataclass(slots=True)
class Asker:
    """Asks the questions of one night. The arguments are those of `enrich`."""

    store: Store
    settings: Settings
    environment: Environment
    session: PoliteSession
    night: datetime
    journal: Journal
    deadline: float
    _endpoint: Endpoint = field(init=False)
    _papers: set[str] = field(init=False)
    """The identifiers of the papers that the night asked about."""
    _tokens: int = field(init=False)
    _tasks: dict[str, TaskReport] = field(init=False, default_factory=dict)
    _refused: Counter[str] = field(init=False, default_factory=Counter)
    _failures: int = field(init=False, default=0)
    """Questions in a row without an answer."""
    _missing_pages: int = field(init=False, default=0)
    """First pages in a row that could not be fetched."""
    _stopped: str = field(init=False, default="")
    """Why the endpoint is not asked any more."""
    _is_short: bool = field(init=False, default=False)
    """Whether a question did not fit into the tokens left."""

    def __post_init__(self) -> None:
        self._endpoint = Endpoint(self.environment, self.session.clock, self.deadline)
        spending = spending_of(self.store, self.night.date())
        self._papers = set(spending.papers)
        self._tokens = spending.tokens

    def run(self) -> None:
        """Ask for the texts of all tasks."""
        try:
            for task in ORDER:
                if task in self.settings.llm.tasks:
                    self._ask_for(task)
        finally:
            self._endpoint.close()

    def enriched(self) -> Store:
        """Return the store with the texts and what they cost."""
        spending = Spending(self.night.date(), tuple(sorted(self._papers)), self._tokens)
        if spending == Spending(self.night.date()):
            return self.store
        return replace(self.store, spending=spending)

    def report(self) -> Report:
        """Return what was asked and answered."""
        return Report(
            model=self.environment.llm_model,
            stopped=self._stopped or (_SHORT if self._is_short else ""),
            failed=bool(self._stopped),
            tasks=self._tasks,
            refused=dict(self._refused),
            requests=self._endpoint.requests,
            papers=len(self._papers),
            most_papers=self.settings.llm.max_papers_per_night,
            tokens=self._tokens,
            most_tokens=self.settings.llm.max_tokens_per_night,
        )

    def _ask_for(self, task: str) -> None:
        """Ask for a task's texts, the most important first, as far as the caps allow."""
        model = self.environment.llm_model
        due = wanted(task, self.store, self.settings, model, self.night)
        counts = TaskReport(cached=due.cached, given_up=due.given_up, left=due.later)
        self._tasks[task] = counts
        if due.questions and not self._stopped:
            say(f"{model}: {task}, {len(due.questions)} to ask for")
        for one in due.questions:
            if self._stopped or not self._has_room_for(one):
                counts.left += 1
            else:
                self._ask(one, counts)

    def _has_room_for(self, asked: Question) -> bool:
        """Whether the cap on papers allows a question.

        A digest is about papers of other questions, and does not count.
        """
        return len(self._papers | _counted(asked)) <= self.settings.llm.max_papers_per_night

    def _fits(self, messages: Sequence[Message], schema: dict[str, Any]) -> bool:
        """Whether the cap on tokens allows a question with the longest answer."""
        bound = self._endpoint.bound(messages, schema)
        return self._tokens + bound <= self.settings.llm.max_tokens_per_night

    def _ask(self, asked: Question, counts: TaskReport) -> None:
        """Ask one question, and keep its answer or that none was accepted."""
        schema = schema_of(asked.task)
        context, messages = self._prepare(asked)
        if not self._fits(messages, schema):
            # A shorter question, of this task or of another, may still fit.
            self._is_short = True
            counts.left += 1
            return
        key = asked.key(self.settings.llm.language, self.environment.llm_model)
        text = ModelText(*key, tries=asked.tries + 1, refused=self.night.date())
        self._papers |= _counted(asked)
        self._note(asked, State.ASKED, text)
        counts.asked += 1
        if asked.task == "summary" and self.settings.llm.first_page:
            with_page = self._prepare(asked, self._first_page(asked.entries[0]))
            if self._fits(with_page[1], schema):
                context, messages = with_page
        before = self._tokens
        answer = self._converse(asked, context, messages, schema)
        spent = self._tokens - before
        if answer is None:
            self._note(asked, State.UNANSWERED, text, spent)
            counts.left += 1
        elif isinstance(answer, Rejection):
            self._keep(asked, text, spent)
            counts.unfit += 1
            if text.tries < MOST_TRIES:
                counts.left += 1
            else:
                counts.given_up += 1
        else:
            self._keep(asked, replace(text, fields=answer, refused=None), spent)
            counts.kept += 1

    def _first_page(self, entry: Entry) -> str:
        """Return the beginning of a paper's first page; empty if it cannot be fetched."""
        if self._missing_pages >= BREAK_AFTER:
            # Waiting for each of the others would cost the night's time.
            return ""
        try:
            page = first_page(self.session, self.environment.arxiv_pdf_url, entry.paper)
        except FetchError:
            self._missing_pages += 1
            return ""
        self._missing_pages = 0
        return page

    def _prepare(self, asked: Question, page: str = "") -> tuple[Context, list[Message]]:
        """Return the context of a question, and its messages."""
        language = self.settings.llm.language
        prompt = instructions(asked.task, language)
        messages = question(asked.task, language, data_of(asked, language, page))
        papers = [entry.paper for entry in asked.entries]
        if asked.day:
            given = "\n".join(f"{paper.title}\n{paper.abstract}" for paper in papers)
            return Context(more=given, papers=asked.papers, prompt=prompt), messages
        (paper,) = papers
        translation = asked.entries[0].text("translation", language)
        context = Context(
            title=paper.title,
            abstract=paper.abstract,
            more=f"{paper.comment}\n{page}",
            papers=asked.papers,
            prompt=prompt,
            known_title=translation.fields["title"] if translation else "",
        )
        return context, messages

    def _converse(
        self, asked: Question, context: Context, messages: list[Message], schema: dict[str, Any]
    ) -> dict[str, Any] | Rejection | None:
        """Ask, and once more if the answer is rejected.

        Return the answer's fields, the reason why the last answer was rejected, or None if the
        endpoint did not answer.
        """
        rejection: Rejection | None = None
        sent = messages
        for _ in range(2):
            if rejection is not None and not self._fits(sent, schema):
                return rejection
            try:
                reply = self._endpoint.ask(sent, asked.task, schema)
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
            answer = self._accepted(asked, context, reply)
            if not isinstance(answer, Rejection):
                return answer
            rejection = answer
            self._refused[rejection.reason] += 1
            sent = again(messages, reply.content, rejection)
        return rejection

    def _accepted(
        self, asked: Question, context: Context, reply: Reply
    ) -> dict[str, Any] | Rejection:
        """Return the fields of an answer as they are kept, or why it is rejected."""
        key = self.environment.openai_api_key
        if holds(reply.content, key):
            return Rejection(Reason.SECRET)
        answer = read_answer(reply.content, cut=reply.cut, refused=reply.refused)
        if isinstance(answer, Rejection):
            return answer
        fields = shaped(asked.task, answer, asked.id, asked.entries[0].topics)
        if isinstance(fields, Rejection):
            return fields
        fields = cleaned(asked.task, fields, context)
        return judge(asked.task, fields, context, self.settings.llm.language, (key,)) or fields

    def _keep(self, asked: Question, text: ModelText, tokens: int) -> None:
        """Write an answer, or that none was accepted, to the journal and the store."""
        self._note(asked, State.ANSWERED, text, tokens)
        if asked.day:
            digest = DigestText(asked.day, asked.topic, asked.papers, text)
            self.store = replace(self.store, digests=with_digest(self.store.digests, digest))
        else:
            arxiv_id = asked.entries[0].paper.arxiv_id
            entry = with_text(self.store.entries[arxiv_id], text)
            self.store = replace(self.store, entries={**self.store.entries, arxiv_id: entry})

    def _note(self, asked: Question, state: State, text: ModelText, tokens: int = 0) -> None:
        self.journal.append(
            Line(self.night.date(), state, asked.papers, tokens, text, asked.day, asked.topic)
        )


def _counted(asked: Question) -> set[str]:
    """Return the papers of a question that count towards the cap: none of a digest."""
    return set() if asked.day else {entry.paper.arxiv_id for entry in asked.entries}
