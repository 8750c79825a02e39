"""The stand-in's HTTP: a real server on loopback, its faults, and its log."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from standins.llm.answers import fit_answer
from standins.loopback import Handler, StandIn

PATH = "/v1/chat/completions"
_BYTES_PER_TOKEN = 4


@dataclass(frozen=True)
class Asked:
    """One request."""

    number: int
    """From 1."""
    body: Mapping[str, Any]
    """The request's JSON."""
    headers: Mapping[str, str]
    """Their names in lower case."""

    @property
    def messages(self) -> list[dict[str, str]]:
        """The conversation so far."""
        found: list[dict[str, str]] = self.body["messages"]
        return found

    @property
    def data(self) -> dict[str, Any]:
        """What is asked about."""
        found: dict[str, Any] = json.loads(self.messages[1]["content"])
        return found

    @property
    def again(self) -> bool:
        """Whether it asks a second time, with what was wrong with the first answer."""
        return len(self.messages) > 2  # noqa: PLR2004 - the rules and the data

    @property
    def task(self) -> str:
        """What is asked for, by the fields that the rules name."""
        rules = self.messages[0]["content"]
        for task, name in (
            ("ranking", "significance"),
            ("digest", "themes"),
            ("analysis", "method"),
            ("summary", "keywords"),
        ):
            if f'"{name}"' in rules:
                return task
        return "translation"

    @property
    def chinese(self) -> bool:
        """Whether the answer is to be in Chinese."""
        return "Chinese" in self.messages[0]["content"]

    @property
    def form(self) -> str:
        """`json_schema`, `json_object`, or nothing: how an answer in JSON is asked for."""
        return str(self.body.get("response_format", {}).get("type", ""))


@dataclass(frozen=True)
class Reply:
    """What the model says."""

    content: str
    finish_reason: str = "stop"
    refusal: str | None = None
    tokens: int | None = None
    """Of question and answer; None: by their length."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong instead of an answer."""

    kind: str
    """`status`, `hang`, `reset`, `cut` (the body), or `body` (as given, with status 200)."""
    status: int = 500
    body: str = "it failed for the key {key}"
    """`{key}` is replaced by the key that the request brought."""
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str | None = None


class FakeLlm(StandIn):
    """A stand-in for an endpoint that speaks OpenAI's protocol.

    All attributes may be changed at any time and take effect with the next request.
    """

    def __init__(self, port: int = 0) -> None:
        self.answer: Callable[[Asked], Reply | dict[str, Any] | str] = _fit
        """Called with each request that is taken; a text or an object is the whole answer."""
        self.fault: Callable[[Asked], Fault | None] = lambda _asked: None
        """Called first; what it returns happens instead."""
        self.takes = {"json_schema", "json_object"}
        """The response formats that are taken; others are refused with 400."""
        self.tokens_field = "max_tokens"
        """The field for the longest answer; OpenAI's newer models refuse `max_tokens`."""
        self.tells_usage = True
        """Whether answers say how many tokens they took."""
        self.log: list[Asked] = []
        super().__init__(port, _Handler)

    @property
    def base_url(self) -> str:
        """The address that stands for https://api.openai.com/v1."""
        return f"http://127.0.0.1:{self.port}/v1"

    def begin(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> Asked:
        """Log a request."""
        with self.lock:
            asked = Asked(len(self.log) + 1, body, headers)
            self.log.append(asked)
        return asked

    def respond(self, asked: Asked) -> tuple[int, dict[str, Any]]:
        """Return status and JSON of the answer to a request."""
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
        completion: dict[str, Any] = {
            "id": f"chatcmpl-{asked.number}",
            "object": "chat.completion",
            "created": 0,
            "model": asked.body["model"],
            "choices": [
                {
                    "index": 0,
                    "finish_reason": reply.finish_reason,
                    "message": {
                        "role": "assistant",
                        "content": reply.content,
                        "refusal": reply.refusal,
                    },
                }
            ],
        }
        if self.tells_usage:
            completion["usage"] = {
                "prompt_tokens": tokens,
                "completion_tokens": 0,
                "total_tokens": tokens,
            }
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
            self._send(HTTPStatus.NOT_FOUND, b"{}", {})
            return
        headers = self.lower_headers()
        asked = llm.begin(body, headers)
        fault = llm.fault(asked)
        if fault is not None and fault.kind == "hang":
            self.close_connection = True
            llm.stopping.wait()
            return
        if fault is not None and fault.kind == "reset":
            self.reset()
            return
        if fault is not None and fault.kind in ("status", "body"):
            key = headers.get("authorization", "").removeprefix("Bearer ")
            text = fault.body.replace("{key}", key)
            if fault.kind == "status":
                text = json.dumps({"error": {"message": text, "code": fault.code}})
            status = fault.status if fault.kind == "status" else HTTPStatus.OK
            self._send(status, text.encode(), fault.headers)
            return
        status, answer = llm.respond(asked)
        cut = fault is not None and fault.kind == "cut"
        self._send(status, json.dumps(answer).encode(), {}, cut=cut)

    def _send(
        self, status: int, body: bytes, headers: Mapping[str, str], *, cut: bool = False
    ) -> None:
        self.send_response(status)
        given = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in (given | dict(headers)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = self.close_connection or cut
