"""Run the stand-in for a language model as an HTTP server on loopback, with faults and a log."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from standins.llm.answers import fit_answer
from standins.loopback import Handler, StandIn

PATH = "/v1/chat/completions"
_BYTES_PER_TOKEN = 4
_FIELDS = {
    "ranking": "significance",
    "digest": "themes",
    "analysis": "method",
    "summary": "keywords",
}
"""A field in the rules of each task."""


@dataclass(frozen=True)
class Asked:
    """One request."""

    number: int
    """From 1."""
    body: Mapping[str, Any]
    """The JSON of the request."""
    headers: Mapping[str, str]
    """With names in lower case."""

    @property
    def messages(self) -> list[dict[str, str]]:
        """The conversation so far."""
        found: list[dict[str, str]] = self.body["messages"]
        return found

    @property
    def data(self) -> dict[str, Any]:
        """The data of the question."""
        found: dict[str, Any] = json.loads(self.messages[1]["content"])
        return found

    @property
    def again(self) -> bool:
        """Whether this is a retry that names the errors of the first answer."""
        return len(self.messages) > 2  # noqa: PLR2004 - the rules and the data

    @property
    def task(self) -> str:
        """The task, found by the fields that the rules name."""
        rules = self.messages[0]["content"]
        for task, name in _FIELDS.items():
            if f'"{name}"' in rules:
                return task
        return "translation"

    @property
    def chinese(self) -> bool:
        """Whether an answer in Chinese is requested."""
        return "Chinese" in self.messages[0]["content"]

    @property
    def form(self) -> str:
        """The response format: `json_schema`, `json_object`, or empty."""
        return str(self.body.get("response_format", {}).get("type", ""))


@dataclass(frozen=True)
class Reply:
    """An answer of the model."""

    content: str
    finish_reason: str = "stop"
    refusal: str | None = None
    tokens: int | None = None
    """Of question and answer together; None: estimated by length."""


@dataclass(frozen=True)
class Fault:
    """A fault that replaces or damages an answer."""

    kind: str
    """`status`, `hang`, `reset`, `cut` (half of the body), `body` (status 200 with `body`), or
    `gzip` (status 200 with `packed`, which is called compressed)."""
    status: int = 500
    body: str = "it failed for the key {key}"
    """`{key}` is replaced by the key of the request."""
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str | None = None
    packed: bytes = b""


class FakeLlm(StandIn):
    """A stand-in for an endpoint with OpenAI's protocol.

    All attributes may be changed at any time and apply from the next request on.
    """

    def __init__(self, port: int = 0) -> None:
        self.answer: Callable[[Asked], Reply | dict[str, Any] | str] = _fit
        """Called with each accepted request; a text or an object is the content of the answer."""
        self.fault: Callable[[Asked], Fault | None] = lambda _asked: None
        """Called first; returns the fault of a request."""
        self.takes = {"json_schema", "json_object"}
        """The accepted response formats; others get status 400."""
        self.tokens_field = "max_tokens"
        """The required field for the length limit; OpenAI's newer models reject `max_tokens`."""
        self.tells_usage = True
        """Whether answers contain the number of tokens."""
        self.log: list[Asked] = []
        super().__init__(port, _Handler)

    @property
    def base_url(self) -> str:
        """The address to use instead of https://api.openai.com/v1."""
        return f"http://127.0.0.1:{self.port}/v1"

    def begin(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Asked:
        """Log a request."""
        with self.lock:
            asked = Asked(len(self.log) + 1, body, headers)
            self.log.append(asked)
        return asked

    def respond(self, asked: Asked) -> tuple[int, dict[str, Any]]:
        """Return the status and the JSON of an answer."""
        if asked.form and asked.form not in self.takes:
            return _refused(f"response_format type {asked.form} is unavailable now")
        if self.tokens_field not in asked.body:
            return _refused(
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead."
            )
        said = self.answer(asked)
        if isinstance(said, dict):
            said = json.dumps(said, ensure_ascii=False)
        reply = Reply(said) if isinstance(said, str) else said
        length = len(json.dumps(asked.body)) + len(reply.content)
        tokens = length // _BYTES_PER_TOKEN if reply.tokens is None else reply.tokens
        message = {"role": "assistant", "content": reply.content, "refusal": reply.refusal}
        completion: dict[str, Any] = {
            "id": f"chatcmpl-{asked.number}",
            "object": "chat.completion",
            "created": 0,
            "model": asked.body["model"],
            "choices": [{"index": 0, "finish_reason": reply.finish_reason, "message": message}],
        }
        if self.tells_usage:
            usage = {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens}
            completion["usage"] = usage
        return HTTPStatus.OK, completion


def _fit(asked: Asked) -> dict[str, Any]:
    return fit_answer(asked.task, asked.data, chinese=asked.chinese)


def _refused(message: str) -> tuple[int, dict[str, Any]]:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return HTTPStatus.BAD_REQUEST, {"error": error}


class _Handler(Handler):
    def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer a request."""
        llm = self.server.stand_in
        assert isinstance(llm, FakeLlm)  # noqa: S101 - for the type checker
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != PATH:
            self._send(HTTPStatus.NOT_FOUND, {})
            return
        headers = self.lower_headers()
        asked = llm.begin(body, headers)
        fault = llm.fault(asked) or Fault("")
        text = fault.body.replace("{key}", headers.get("authorization", "").removeprefix("Bearer "))
        match fault.kind:
            case "hang":
                self.close_connection = True
                llm.stopping.wait()
            case "reset":
                self.reset()
            case "status":
                error = {"error": {"message": text, "code": fault.code}}
                self._send(fault.status, error, fault.headers)
            case "gzip":
                headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
                self.send(HTTPStatus.OK, fault.packed, headers)
            case "body":
                self._send(HTTPStatus.OK, text, fault.headers)
            case kind:
                self._send(*llm.respond(asked), cut=kind == "cut")

    def _send(
        self,
        status: int,
        answer: dict[str, Any] | str,
        headers: Mapping[str, str] = MappingProxyType({}),
        *,
        cut: bool = False,
    ) -> None:
        text = answer if isinstance(answer, str) else json.dumps(answer)
        self.send(status, text.encode(), {"Content-Type": "application/json", **headers}, cut=cut)
