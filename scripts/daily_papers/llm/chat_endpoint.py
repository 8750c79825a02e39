"""Send questions to a chat completions endpoint with the openai package.

Error texts of the endpoint are never shown, because some endpoints repeat the key in them. A
failure is described by its HTTP status only. https://platform.openai.com/docs/api-reference/chat
"""

import enum
import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
import openai
from openai.types.chat import ChatCompletion

from daily_papers.backoff import Attempts, retry_after
from daily_papers.clock import Clock
from daily_papers.errors import PROXY_LOGIN, is_proxy_login
from daily_papers.llm.prompts import Message
from daily_papers.settings import Environment
from daily_papers.time_limit import OutOfTimeError, within

SECONDS = 120.0
"""Seconds for one request as a whole."""
TRIES = 3
"""Tries of one request whose failure may be temporary."""
BACKOFF = 2.0
"""Seconds before the second try, tripled before the third, times 0.5 to 1 by chance."""
MAX_BYTES = 2**20
"""Bytes of an answer; a longer one is an error."""
MAX_ANSWER = 4096
"""Tokens at which the endpoint cuts an answer off."""

_LOGGERS = ("openai", "httpx2", "httpcore2")
_OVERHEAD = 64
"""Tokens that an endpoint may add around the messages."""
# A larger `total_tokens` is wrong, even of a model that reasons at length.
_MOST_USED = 1_000_000
_BYTES_PER_TOKEN = 3
_PASSING = {408, 409, 425, 429}
_SERVER_ERRORS = 500
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

    `final`: no other question will get one tonight either. `question`: the endpoint refuses this
    question. `tokens`: how many may have been spent nevertheless.
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

    It never waits beyond `deadline`, which is on `clock.monotonic()`. Not thread-safe.
    """

    def __init__(
        self,
        environment: Environment,
        clock: Clock,
        deadline: float,
        *,
        seconds: float = SECONDS,
    ) -> None:
        self._model = environment.llm_model
        self._clock = clock
        self._deadline = deadline
        self._seconds = seconds
        self._rng = random.Random()  # noqa: S311 - jitter is no secret
        self._mode = Mode.SCHEMA
        self._tokens_field = "max_tokens"
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
            http_client=openai.DefaultHttpxClient(
                timeout=seconds,
                follow_redirects=False,
                event_hooks={"response": [_limit]},
            ),
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def bound(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> int:
        """Return the most tokens that a question and its answer can have: one for each byte."""
        return _size(messages) + len(str(schema)) + _OVERHEAD + MAX_ANSWER

    def ask(self, messages: Sequence[Message], name: str, schema: Mapping[str, Any]) -> Reply:
        """Return the answer, as JSON of that schema. Raises EndpointError."""
        first = self._mode
        while True:
            try:
                reply = self._send_with_retries(messages, name, schema)
            except openai.APIStatusError as error:
                if self._change_options(error):
                    continue
                # No mode was accepted, so the mode is not the reason.
                self._mode = first
                raise EndpointError(
                    f"HTTP {error.status_code}: it does not take the question; check LLM_MODEL",
                    question=True,
                ) from None
            self.answered += 1
            return reply

    def _change_options(self, error: openai.APIStatusError) -> bool:
        """Change the options that the endpoint refused; return False if there are no others."""
        if self._tokens_field == "max_tokens" and "max_completion_tokens" in error.message:
            self._tokens_field = "max_completion_tokens"
            return True
        if self.answered or self._mode is Mode.PLAIN:
            return False
        self._mode = Mode(self._mode.value + 1)
        return True

    def _send_with_retries(
        self, messages: Sequence[Message], name: str, schema: Mapping[str, Any]
    ) -> Reply:
        """Send until there is an answer.

        Raises EndpointError, and openai.APIStatusError when the endpoint refuses the question.
        """
        attempts = Attempts(self._clock, TRIES, BACKOFF, rng=self._rng, deadline=self._deadline)
        reason = ""
        for _ in attempts:
            seconds = min(self._seconds, self._deadline - self._clock.monotonic())
            if seconds <= 0:
                raise EndpointError("the night's time is over", final=True)
            self.requests += 1
            try:
                return self._send(messages, name, schema, seconds)
            except (OutOfTimeError, openai.APITimeoutError):
                # The model may have been at work all along, and a retry would take as long.
                raise EndpointError(
                    f"no whole answer within {seconds:.0f} s", tokens=self.bound(messages, schema)
                ) from None
            except openai.APIStatusError as error:
                if error.status_code in _REFUSALS:
                    raise
                reason = _reason_to_retry(error)
                header = error.response.headers.get("retry-after", "")
                attempts.retry_after = retry_after(header, self._clock.now())
            except openai.APIConnectionError as error:
                if is_proxy_login(error):
                    raise EndpointError(PROXY_LOGIN, final=True) from None
                reason = "no connection"
            except (openai.OpenAIError, ValueError, RecursionError):
                reason = "its answer is no chat completion"
        if attempts.out_of_time:
            raise EndpointError(f"{reason}; the night is too short to wait", final=True)
        raise EndpointError(f"{reason} ({TRIES} tries)")

    def _send(
        self, messages: Sequence[Message], name: str, schema: Mapping[str, Any], seconds: float
    ) -> Reply:
        options: dict[str, Any] = {self._tokens_field: MAX_ANSWER}
        if self._mode is Mode.SCHEMA:
            form = {"name": name, "schema": schema, "strict": True}
            options["response_format"] = {"type": "json_schema", "json_schema": form}
        elif self._mode is Mode.OBJECT:
            options["response_format"] = {"type": "json_object"}
        create: Any = self._client.chat.completions.create
        completion = within(
            seconds,
            lambda: create(model=self._model, messages=list(messages), timeout=seconds, **options),
        )
        return self._reply(completion, messages)

    def _reply(self, completion: object, messages: Sequence[Message]) -> Reply:
        """Read an answer, which the package has not validated. Raises ValueError."""
        if not isinstance(completion, ChatCompletion) or not completion.choices:
            raise ValueError("it is no chat completion")
        choice = completion.choices[0]
        message = getattr(choice, "message", None)
        content = getattr(message, "content", None) or ""
        if message is None or not isinstance(content, str):
            raise ValueError("it is no chat completion")
        used = getattr(completion.usage, "total_tokens", None)
        if not isinstance(used, int) or not 0 < used <= _MOST_USED:
            used = (_size(messages) + len(content.encode("utf-8", "replace"))) // _BYTES_PER_TOKEN
        return Reply(
            content=content,
            cut=choice.finish_reason == "length",
            refused=choice.finish_reason == "content_filter"
            or bool(getattr(message, "refusal", None)),
            tokens=used,
        )


def _size(messages: Sequence[Message]) -> int:
    return sum(len(one["content"].encode("utf-8", "replace")) + _OVERHEAD // 8 for one in messages)


def _reason_to_retry(error: openai.APIStatusError) -> str:
    """Return what an HTTP status means. Raises EndpointError if a retry cannot help."""
    status = error.status_code
    no_credit = error.code in _NO_CREDIT
    meaning = _MEANINGS.get(402 if no_credit else status)
    reason = f"HTTP {status}: {meaning}" if meaning else f"HTTP {status}"
    if no_credit or not (status in _PASSING or status >= _SERVER_ERRORS):
        raise EndpointError(reason, final=True) from None
    return reason


def _limit(response: httpx2.Response) -> None:
    """Let reading the body of a response fail with ValueError if it is too long."""
    response.stream = _Limited(response.stream)


class _Limited(httpx2.SyncByteStream):
    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - the response's own, of either kind
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        length = 0
        for chunk in self._stream:
            length += len(chunk)
            if length > MAX_BYTES:
                raise ValueError("the answer is too long")
            yield chunk

    def close(self) -> None:
        self._stream.close()
