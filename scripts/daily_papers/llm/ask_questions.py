"""Ask a night's questions, within the caps on papers and tokens, and keep accepted answers.

The main thread chooses, counts and keeps; a few others only wait for the endpoint.

This module needs the packages of the extra `llm`.
"""

import threading
from collections import Counter, deque
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
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
    joined,
    judge,
    read_answer,
)
from daily_papers.llm.choose_questions import MOST_TRIES, ORDER, Question, data_of, wanted
from daily_papers.llm.first_interrupt import first_interrupt
from daily_papers.llm.pdf_first_page import first_page
from daily_papers.llm.prompts import Message, again, instructions, question
from daily_papers.llm.token_counts import Report, TaskReport
from daily_papers.progress import say
from daily_papers.settings import Environment, Settings
from daily_papers.store.entry_types import DigestText, ModelText, Spending, Store

BREAK_AFTER = 2
"""Questions in a row without an answer after which the endpoint is not asked again on that night;
first pages in a row that could not be fetched after which no more are fetched."""
_EMPTY = 4
"""Empty answers in a row after which the endpoint is not asked again on that night."""
_THINKS = (
    f"it answered nothing {_EMPTY} times in a row, as models do that think for too long; in "
    '[tool.daily-papers.llm] set effort to "off" or "low", or raise max-answer-tokens'
)
_SHORT = "too few of the night's tokens are left for some questions"


@dataclass(frozen=True, slots=True)
class _Begun:
    """A question that is being asked, for the first or the second time."""

    asked: Question
    text: ModelText
    """What is kept if no answer is accepted."""
    context: Context
    messages: list[Message]
    schema: dict[str, Any]
    bound: int
    """The tokens that are reserved for it."""
    room: int
    """The tokens of its longest answer."""
    spent: int = 0
    """The tokens of the first time."""
    rejection: Rejection | None = None
    """Why the first answer was not accepted."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a question ended."""

    begun: _Begun
    """The question as it was asked."""
    answer: dict[str, Any] | Rejection | None
    """None: the endpoint did not answer."""
    tokens: int
    """Of both times that it was asked."""
    error: EndpointError | None = None
    said: str = ""
    """The answer as it came."""
    text: ModelText | None = None
    """The answer as the store keeps it."""


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
    prompts: Mapping[str, str] = field(default_factory=dict)
    """The user's own prompts, by task."""
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
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)
    _pages: threading.Lock = field(init=False, default_factory=threading.Lock)
    """arXiv is asked for one first page at a time."""
    _reserved: int = field(init=False, default=0)
    """Tokens of the questions that are being asked, at most."""
    _width: int = field(init=False, default=1)
    """Requests at the same time, until the endpoint has answered more often."""
    _empty: int = field(init=False, default=0)
    """Empty answers in a row."""
    _stopped: str = field(init=False, default="")
    """Why the endpoint is not asked any more."""
    _is_short: bool = field(init=False, default=False)
    """Whether a question did not fit into the tokens left."""

    def __post_init__(self) -> None:
        self._endpoint = Endpoint(
            self.environment, self.session.clock, self.deadline, self.settings.llm
        )
        spending = spending_of(self.store, self.night.date())
        self._papers = set(spending.papers)
        self._tokens = spending.tokens

    def run(self) -> None:
        """Ask for the texts of all tasks."""
        try:
            with first_interrupt(self._interrupt):
                for task in ORDER:
                    if task in self.settings.shown_tasks:
                        self._ask_for(task)
        finally:
            self.close()

    def _interrupt(self) -> None:
        """Ask nothing more, but wait for the answers under way: they are paid for."""
        say("interrupted: the answers under way are kept; interrupt once more to stop at once")
        self._stopped = "it was interrupted"

    def try_out(self, asked: Question) -> Outcome | None:
        """Ask one question and keep nothing; None if the cap on tokens does not allow it."""
        begun = self._begin(replace(asked, own=self.prompts.get(asked.task, "")))
        if begun is None:
            return None
        outcome = self._ask(begun)
        if second := self._second(outcome):
            outcome = self._ask(second)
        if isinstance(outcome.answer, dict):
            return replace(outcome, text=replace(begun.text, fields=outcome.answer, refused=None))
        return outcome

    def close(self) -> None:
        """Close the connection."""
        self._endpoint.close()

    def enriched(self) -> Store:
        """Return the store with the texts and what they cost."""
        if not self._tokens:
            return self.store
        spending = Spending(self.night.date(), tuple(sorted(self._papers)), self._tokens)
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
        due = wanted(task, self.store, self.settings, model, self.night, self.prompts.get(task, ""))
        counts = TaskReport(cached=due.cached, given_up=due.given_up, left=due.later)
        self._tasks[task] = counts
        if due.questions and not self._stopped:
            say(f"{model}: {task}, {len(due.questions)} to ask for")
        left = deque(due.questions)
        second: list[_Begun] = []
        running: set[Future[Outcome]] = set()
        with ThreadPoolExecutor(self.settings.llm.parallel_requests) as pool:
            while left or second or running:
                ready, second = second, []
                while left and len(running) + len(ready) < self._width:
                    asked = left.popleft()
                    may_ask = not self._stopped and self._has_room_for(asked)
                    if may_ask and (begun := self._begin(asked)):
                        counts.asked += 1
                        ready.append(begun)
                    else:
                        counts.left += 1
                for begun in ready:
                    # If the answer is lost, it may have been paid for all the same.
                    self._note(begun.asked, State.ASKED, begun.text, begun.spent + begun.bound)
                stopped = self.journal.keep()
                self._stopped = stopped or self._stopped
                ask = self._leave if stopped else self._ask
                running |= {pool.submit(ask, begun) for begun in ready}
                done, running = wait(running, None, FIRST_COMPLETED)
                for one in done:
                    second += filter(None, [self._finish(one.result(), counts)])
        self.journal.keep()

    def _has_room_for(self, asked: Question) -> bool:
        """Whether the cap on papers allows a question.

        A digest is about papers of other questions, and does not count.
        """
        return len(self._papers | _counted(asked)) <= self.settings.llm.max_papers_per_night

    def _reserve(self, bound: int) -> bool:
        """Reserve tokens for a question, if the cap allows that."""
        with self._lock:
            used = self._tokens + self._reserved + bound
            if used > self.settings.llm.max_tokens_per_night:
                return False
            self._reserved += bound
            return True

    def _release(self, bound: int, used: int) -> None:
        """Count what a question used of the tokens that were reserved for it."""
        with self._lock:
            self._reserved -= bound
            self._tokens += used

    def _begin(self, asked: Question) -> _Begun | None:
        """Prepare a question and reserve its tokens; None if too few are left."""
        schema = schema_of(asked.task)
        context, messages = self._prepare(asked)
        bound = self._endpoint.bound(messages, schema)
        if not self._reserve(bound):
            # A shorter question, of this task or of another, may still fit.
            self._is_short = True
            return None
        key = asked.key(self.settings.llm.language, self.environment.llm_model)
        text = ModelText(*key, tries=asked.tries + 1, refused=self.night.date())
        self._papers |= _counted(asked)
        return _Begun(asked, text, context, messages, schema, bound, self._endpoint.longest)

    def _second(self, outcome: Outcome) -> _Begun | None:
        """Prepare a question, whose answer was rejected, once more; None if it is over."""
        begun, rejection = outcome.begun, outcome.answer
        is_over = begun.rejection or outcome.error or self._stopped
        if is_over or not isinstance(rejection, Rejection):
            return None
        messages = again(begun.messages, outcome.said, rejection)
        bound = self._endpoint.bound(messages, begun.schema)
        if not self._reserve(bound):
            return None
        return replace(
            begun,
            messages=messages,
            bound=bound,
            room=self._endpoint.longest,
            spent=outcome.tokens,
            rejection=rejection,
        )

    def _finish(self, outcome: Outcome, counts: TaskReport) -> _Begun | None:
        """Keep an answer, or that there is none; return the question if it is asked once more."""
        begun, error = outcome.begun, outcome.error
        answer = outcome.answer or begun.rejection
        if isinstance(outcome.answer, Rejection):
            self._refused[outcome.answer.reason] += 1
        is_empty = isinstance(answer, Rejection) and answer.reason is Reason.EMPTY
        if error is not None and not (error.question and self._endpoint.answered):
            self._failures += 1
            self._width = 1
            if error.final or self._failures >= BREAK_AFTER:
                self._stopped = self._stopped or error.reason
        else:
            self._failures = 0
            self._width = min(self._width * 2, self.settings.llm.parallel_requests)
            self._empty = self._empty + 1 if is_empty else 0
            if self._empty >= _EMPTY:
                self._stopped = self._stopped or _THINKS
        if second := self._second(outcome):
            return second
        text = begun.text
        if isinstance(answer, dict):
            self._keep(begun.asked, replace(text, fields=answer, refused=None), outcome.tokens)
            counts.kept += 1
            return None
        if answer is not None and not is_empty:
            counts.unfit += 1
        else:
            # No paper is given up for it, but what may have been paid for waits for another night.
            text = replace(text, tries=begun.asked.tries)
        if answer is None and not outcome.tokens:
            self._note(begun.asked, State.UNANSWERED, text)
        else:
            self._keep(begun.asked, text, outcome.tokens)
        if text.tries < MOST_TRIES:
            counts.left += 1
        else:
            counts.given_up += 1
        return None

    def _with_first_page(self, begun: _Begun) -> _Begun:
        """Put the beginning of a paper's first page into a question, as far as the cap allows."""
        entry = begun.asked.entries[0]
        with self._pages:
            if self._missing_pages >= BREAK_AFTER:
                # Waiting for each of the others would cost the night's time.
                return begun
            try:
                page = first_page(self.session, self.environment.arxiv_pdf_url, entry.paper)
            except FetchError:
                self._missing_pages += 1
                return begun
            self._missing_pages = 0
        context, messages = self._prepare(begun.asked, page)
        more = self._endpoint.bound(messages, begun.schema) - begun.bound
        if not self._reserve(more):
            return begun
        return replace(begun, context=context, messages=messages, bound=begun.bound + more)

    def _prepare(self, asked: Question, page: str = "") -> tuple[Context, list[Message]]:
        """Return the context of a question, and its messages."""
        language = self.settings.llm.language
        prompt = instructions(asked.task, language, asked.own)
        messages = question(asked.task, language, data_of(asked, language, page), asked.own)
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
            known_title=translation.fields.get("title", "") if translation else "",
        )
        return context, messages

    def _ask(self, begun: _Begun) -> Outcome:
        """Ask a question. This is all that other threads do."""
        is_first = begun.rejection is None
        if begun.asked.task == "summary" and self.settings.llm.first_page and is_first:
            begun = self._with_first_page(begun)
        try:
            reply = self._endpoint.ask(begun.messages, begun.asked.task, begun.schema, begun.room)
        except EndpointError as error:
            self._release(begun.bound, error.tokens)
            answer = None
            if error.question and self._endpoint.answered:
                # It answers others: a filter, or a paper that is too long for it.
                answer = Rejection(Reason.CUT_OFF if error.tokens else Reason.ENDPOINT)
            return Outcome(begun, answer, begun.spent + error.tokens, error)
        self._release(begun.bound, reply.tokens)
        accepted = self._accepted(begun.asked, begun.context, reply)
        is_empty = isinstance(accepted, Rejection) and accepted.reason is Reason.EMPTY
        if is_empty or reply.cut:
            self._endpoint.give_room()
        return Outcome(begun, accepted, begun.spent + reply.tokens, said=reply.content)

    def _leave(self, begun: _Begun) -> Outcome:
        """Ask nothing more."""
        self._release(begun.bound, 0)
        error = EndpointError(self._stopped, final=True)
        return Outcome(begun, None, begun.spent, error)

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
        language = self.settings.llm.language
        return judge(asked.task, fields, context, language, (key,)) or joined(
            asked.task, fields, context
        )

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
