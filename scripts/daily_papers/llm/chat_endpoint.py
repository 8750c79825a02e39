"""Send questions to a chat completions endpoint with the openai package.

Some endpoints repeat the key in their error texts: these are shown only after `clean` has removed
everything that may be a secret. https://platform.openai.com/docs/api-reference/chat
"""

import enum
import logging
import random
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
from openai.types.chat import ChatCompletion

from daily_papers.backoff import retry_after
from daily_papers.clock import Clock
from daily_papers.data import load
from daily_papers.errors import PROXY_LOGIN, is_proxy_login
from daily_papers.llm.bounded_response import BoundedTransport
from daily_papers.llm.error_texts import clean
from daily_papers.llm.prompts import Message
from daily_papers.progress import say
from daily_papers.settings import Environment, Llm
from daily_papers.time_limit import OutOfTimeError, within

SECONDS = 120.0
"""Seconds for one request as a whole, twice as many for a model that thinks."""
TRIES = 3
"""Tries of one request whose failure may be temporary."""
BACKOFF = 2.0
"""Seconds before the second try, tripled before the third, times 0.5 to 1 by chance."""
MAX_ANSWER = 4096
"""Tokens at which the endpoint cuts an answer off, until a model has shown that it thinks."""
LONGEST_PAUSE = 60.0
"""Seconds between two tries at the most, where the endpoint does not say how long to wait."""

_LOGGERS = ("openai", "httpx2", "httpcore2")
_TOLD = 5.0
"""Seconds of a wait that is told."""
_OVERHEAD = 64
"""Tokens that an endpoint may add around the messages."""
# A larger `total_tokens` is wrong, even of a model that reasons at length.
_MOST_USED = 1_000_000
_BYTES_PER_TOKEN = 3
_PASSING = {408, 409, 425, 429}
_RATE = 429
_FORBIDDEN, _MISSING, _SERVER_ERRORS = 403, 404, 500
_REFUSALS = {400, 413, 422}
_NO_CREDIT = {"insufficient_quota", "billing_hard_limit_reached"}
_MEANINGS = {
    401: "the key is not accepted; check the secret OPENAI_API_KEY",
    402: "the account has no credit left",
    403: "the key may not use this model; check OPENAI_API_KEY and LLM_MODEL",
    404: "there is no such address or model; check OPENAI_BASE_URL and LLM_MODEL",
    407: PROXY_LOGIN,
    429: "it limits the rate",
}
_FLAGGED = re.compile(
    r"flag|moderat|safety|polic|sensitive|inappropriat|content|unsafe", re.IGNORECASE
)
_NO_MODEL = re.compile(r"model.{0,40}(?:not (?:exist|found)|unknown)|no such model", re.IGNORECASE)
_EFFORT = re.compile(r"reasoning|thinking|effort|chat_template|'minimal'", re.IGNORECASE)
_LIMIT = re.compile(r"max_(?:completion_)?tokens|(?:output|completion) tokens", re.IGNORECASE)
_LEAST_ANSWER = 512
_ANSWERED = "answered"
_PROVIDERS = load("llm_providers")


class Mode(enum.Enum):
    """How the endpoint is told to answer in JSON, best first."""

    SCHEMA = enum.auto()
    OBJECT = enum.auto()
    PLAIN = enum.auto()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered."""

    content: str
    cut: bool
    """Whether the endpoint says that it cut the answer off."""
    refused: bool
    """Whether the endpoint says that the model, or a filter, refused."""
    tokens: int
    """Of question and answer."""


class EndpointError(Exception):
    """A question without an answer.

    `final`: no other question will get one tonight either. `question`: it is about this question
    only. `tokens`: how many may have been spent nevertheless.
    """

    def __init__(
        self, reason: str, *, final: bool = False, question: bool = False, tokens: int = 0
    ) -> None:
        self.reason = reason
        self.final = final
        self.question = question
        self.tokens = tokens
        super().__init__(reason)


class Endpoint:
    """Sends questions to one model, and remembers which options its endpoint supports.

    It never waits beyond `deadline`, which is on `clock.monotonic()`. Several threads may ask.
    """

    def __init__(
        self,
        environment: Environment,
        clock: Clock,
        deadline: float,
        llm: Llm | None = None,
        *,
        seconds: float = SECONDS,
    ) -> None:
        llm = llm or Llm()
        self._model = environment.llm_model
        self._key = environment.openai_api_key
        self._clock = clock
        self._deadline = deadline
        self._seconds = seconds
        self._rng = random.Random()  # noqa: S311 - jitter is no secret
        self._lock = threading.Lock()
        self._modes: dict[str, Mode] = {}
        """By the name of the schema, where an answer came."""
        self._tokens_field = "max_tokens"
        self._effort = effort_fields(environment.openai_base_url, llm.effort)
        self._pause = 0.0
        """Seconds between two requests, after the endpoint limited the rate."""
        self._next = 0.0
        self._room = llm.max_answer_tokens
        self.longest = min(MAX_ANSWER, llm.max_answer_tokens)
        """Tokens at which the endpoint cuts an answer off."""
        self.answered = 0
        """Requests that got an answer."""
        self.requests = 0
        """Requests sent, retries included."""
        # They log URLs and headers, also of answers, which may repeat the key.
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._client = openai.OpenAI(
            api_key=environment.openai_api_key,
            base_url=environment.openai_base_url or "https://api.openai.com/v1",
            max_retries=0,
            default_headers={"Accept-Encoding": "gzip, identity"},
            http_client=openai.DefaultHttpxClient(
                timeout=seconds,
                follow_redirects=False,
                event_hooks={"response": [BoundedTransport.limit, _note_answer]},
            ),
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def bound(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> int:
        """Return the most tokens that a question and its answer can have: one for each byte."""
        return _size(messages) + len(str(schema)) + _OVERHEAD + self.longest

    def give_room(self) -> None:
        """Let answers be as long as the settings allow: the model thinks before it answers."""
        self.longest = max(self.longest, self._room)

    def ask(
        self,
        messages: Sequence[Message],
        name: str,
        schema: Mapping[str, Any],
        room: int = MAX_ANSWER,
    ) -> Reply:
        """Return the answer, as JSON of that schema, of at most `room` tokens.

        Raises EndpointError.
        """
        first = mode = self._modes.get(name) or max(
            self._modes.values(), key=lambda one: one.value, default=Mode.SCHEMA
        )
        while True:
            try:
                reply, mode = self._send_with_retries(messages, name, schema, mode, room)
            except openai.APIStatusError as error:
                if self._change_options(error):
                    continue
                if name not in self._modes and mode is not Mode.PLAIN:
                    mode = Mode(mode.value + 1)
                    continue
                raise self._refusal(error, is_known=first in self._modes.values()) from None
            with self._lock:
                self.answered += 1
                self._modes[name] = mode
            return reply

    def _refusal(self, error: openai.APIStatusError, *, is_known: bool) -> EndpointError:
        """Return the error of a question that the endpoint takes in no way."""
        said = self._quoted(error)
        if error.status_code == _MISSING:
            return EndpointError(f"HTTP 404: {_MEANINGS[404]}{said}", final=not is_known)
        if error.status_code == _FORBIDDEN:
            return EndpointError(f"HTTP 403: it does not take the question{said}", question=True)
        advice = "it does not take the question; check LLM_MODEL"
        return EndpointError(f"HTTP {error.status_code}: {advice}{said}", question=True)

    def _quoted(self, error: openai.APIStatusError) -> str:
        """Return what the endpoint says of an error as the end of a sentence, without secrets."""
        words = clean(_said(error), self._key)
        return f'; it says "{words}"' if words else ""

    def _change_options(self, error: openai.APIStatusError) -> bool:
        """Change an option that the endpoint refused by name; return False if it named none."""
        with self._lock:
            if self._tokens_field == "max_tokens" and "max_completion_tokens" in _said(error):
                self._tokens_field = "max_completion_tokens"
                return True
            # Some name the field beside their words only.
            if self._effort and _EFFORT.search(f"{_said(error)} {error.param}"):
                self._effort = {}
                return True
            if _LIMIT.search(_said(error)):
                # "max_tokens is too large: 16384. This model supports at most 8192": the limit.
                numbers = map(int, re.findall(r"\d{3,6}", _said(error)))
                allowed = [one for one in numbers if _LEAST_ANSWER <= one < self.longest]
                if allowed:
                    self.longest = self._room = max(allowed)
                    return True
        return False

    def _send_with_retries(
        self,
        messages: Sequence[Message],
        name: str,
        schema: Mapping[str, Any],
        mode: Mode,
        room: int,
    ) -> tuple[Reply, Mode]:
        """Send until there is an answer; return it with the mode in which it came.

        Raises EndpointError, and openai.APIStatusError when the endpoint refuses the question.
        """
        reason = ""
        tries = limited = 0
        while tries < TRIES:
            if tries == TRIES - 1 and name not in self._modes and mode is Mode.SCHEMA and tries:
                # Some endpoints fail with 500 at a schema that they do not know.
                mode = Mode.OBJECT
            seconds = min(self._seconds * (1 + bool(self.longest > MAX_ANSWER)), self._left())
            if seconds <= 0 or not self._wait_for_turn():
                raise EndpointError("the night's time is over", final=True)
            pause = BACKOFF * 3**tries * self._rng.uniform(0.5, 1)
            with self._lock:
                self.requests += 1
            try:
                return self._send(messages, name, schema, seconds, mode, room), mode
            except (OutOfTimeError, openai.APITimeoutError):
                # The model may have been at work all along, and a retry would take as long.
                raise EndpointError(
                    f"no whole answer within {seconds:.0f} s", tokens=self.bound(messages, schema)
                ) from None
            except openai.APIStatusError as error:
                reason = self._reason_to_retry(error)
                header = error.response.headers.get("retry-after", "")
                asked = retry_after(header, self._clock.now())
                if error.status_code == _RATE:
                    # It will answer later: waiting costs no try, and the next ones come slower.
                    pause = asked or min(LONGEST_PAUSE, 5.0 * 2**limited)
                    limited += 1
                    tries -= 1
                    with self._lock:
                        self._pause = min(LONGEST_PAUSE, max(1.0, self._pause * 2))
                pause = max(pause, asked)
            except openai.APIConnectionError as error:
                if is_proxy_login(error):
                    raise EndpointError(PROXY_LOGIN, final=True) from None
                if _ANSWERED in error.request.extensions:
                    # The answer was on its way: it is paid for, and a retry would be too.
                    tokens = self.bound(messages, schema)
                    raise EndpointError(
                        "its answer broke off", question=True, tokens=tokens
                    ) from None
                reason = "no connection"
            except (openai.OpenAIError, ValueError, RecursionError):
                reason = "its answer is no chat completion"
            tries += 1
            if tries < TRIES:
                if pause >= self._left():
                    raise EndpointError(f"{reason}; the night is too short to wait", final=True)
                if pause >= _TOLD:
                    say(f"{reason}: waiting {pause:.0f} s")
                self._clock.sleep(pause)
        raise EndpointError(f"{reason} ({TRIES} tries)")

    def _left(self) -> float:
        return self._deadline - self._clock.monotonic()

    def _wait_for_turn(self) -> bool:
        """Wait for the pause between requests; return whether that ends before the deadline."""
        with self._lock:
            now = self._clock.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._pause
        if turn >= self._deadline:
            return False
        if turn > now:
            self._clock.sleep(turn - now)
        return True

    def _reason_to_retry(self, error: openai.APIStatusError) -> str:
        """Return what an HTTP status means. Raises if a retry cannot help."""
        status = error.status_code
        no_credit = error.code in _NO_CREDIT
        meaning = _MEANINGS.get(402 if no_credit else status)
        reason = (f"HTTP {status}: {meaning}" if meaning else f"HTTP {status}") + self._quoted(
            error
        )
        is_about_question = (
            status in _REFUSALS
            or (status == _FORBIDDEN and (self.answered or _FLAGGED.search(_said(error))))
            or (
                status == _MISSING
                and error.code != "model_not_found"
                and not _NO_MODEL.search(_said(error))
            )
        )
        if is_about_question and not no_credit:
            raise error
        if no_credit or not (status in _PASSING or status >= _SERVER_ERRORS):
            raise EndpointError(reason, final=True) from None
        return reason

    def _send(
        self,
        messages: Sequence[Message],
        name: str,
        schema: Mapping[str, Any],
        seconds: float,
        mode: Mode,
        room: int,
    ) -> Reply:
        options: dict[str, Any] = {self._tokens_field: min(room, self.longest)}
        if mode is Mode.SCHEMA:
            form = {"name": name, "schema": schema, "strict": True}
            options["response_format"] = {"type": "json_schema", "json_schema": form}
        elif mode is Mode.OBJECT:
            options["response_format"] = {"type": "json_object"}
        if self._effort:
            options["extra_body"] = self._effort
        create: Any = self._client.chat.completions.create
        completion = within(
            seconds,
            lambda: create(model=self._model, messages=list(messages), timeout=seconds, **options),
        )
        return _reply(completion, messages)


def _note_answer(response: httpx2.Response) -> None:
    """Note in a request that its answer has begun."""
    if response.is_success:
        response.request.extensions[_ANSWERED] = True


def _said(error: openai.APIStatusError) -> str:
    """Return what the endpoint says of an error."""
    body = error.body
    said = body.get("message") if isinstance(body, dict) else None
    return said if isinstance(said, str) else error.message


def effort_fields(base_url: str, effort: str) -> dict[str, Any]:
    """Return the fields that tell an endpoint how much to think; none for a host not known."""
    host = urlsplit(base_url).hostname or "api.openai.com"
    known = next((one for one in _PROVIDERS if host == one or host.endswith(f".{one}")), "")
    if effort == "auto":
        # Without a word, most models that can think do, and use up the room for the answer.
        return dict(_PROVIDERS[known]["off"]) if known else {}
    return dict(_PROVIDERS[known or "other"][effort])


def _reply(completion: object, messages: Sequence[Message]) -> Reply:
    """Read an answer, which the package has not validated. Raises ValueError."""
    choices = completion.choices if isinstance(completion, ChatCompletion) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = getattr(choice, "message", None)
    finish = getattr(choice, "finish_reason", None)
    if message is None:
        raise ValueError("it is no chat completion")
    content = _text_of(getattr(message, "content", None))
    used = getattr(getattr(completion, "usage", None), "total_tokens", None)
    if not isinstance(used, int) or not 0 < used <= _MOST_USED:
        used = (_size(messages) + len(content.encode("utf-8", "replace"))) // _BYTES_PER_TOKEN
    return Reply(
        content=content,
        cut=finish == "length",
        refused=finish == "content_filter" or bool(getattr(message, "refusal", None)),
        tokens=used,
    )


def _text_of(content: object) -> str:
    """Return a message's text, which may be missing or in parts. Raises ValueError."""
    if content is None:
        return ""
    if isinstance(content, list):
        parts = (one.get("text") for one in content if isinstance(one, dict))
        return "".join(part for part in parts if isinstance(part, str))
    if not isinstance(content, str):
        raise ValueError("it is no chat completion")  # noqa: TRY004 - as for any other fault
    return content


def _size(messages: Sequence[Message]) -> int:
    return sum(len(one["content"].encode("utf-8", "replace")) + _OVERHEAD // 8 for one in messages)
