"""Build the messages for a model. A paper's text goes in as data, in a message of its own."""

import json
import zlib
from collections.abc import Mapping
from typing import Any

from daily_papers.data import load
from daily_papers.llm.check_answers import Reason, Rejection
from daily_papers.llm.check_language import LANGUAGES

Message = dict[str, str]

_PROMPTS = load("llm_prompts")
VERSIONS: dict[str, int] = {name: task["version"] for name, task in _PROMPTS["tasks"].items()}
"""The version of each task's prompt. Raising it asks again for all recent papers."""


def version_of(task: str, own: str = "") -> int:
    """Return the version of a task's prompt; with the user's `own`, a number of its text."""
    return VERSIONS[task] + (zlib.crc32(own.encode()) % 10**6 + 1) * 1000 if own else VERSIONS[task]


def instructions(task: str, language: str, own: str = "") -> str:
    """Return the system message of a task: the rules of its answer.

    The user's `own` prompt stands in place of the task's role; the rules and fields stay, for the
    checks need them.
    """
    texts = _PROMPTS["tasks"][task]
    name = LANGUAGES[language].name
    rules = _PROMPTS["rules"].format(
        what=texts["what"], fields=texts["fields"].format(language=name)
    )
    role = own.replace("{language}", name) if own else texts["role"].format(language=name)
    return f"{role}\n{rules}"


def question(task: str, language: str, data: Mapping[str, Any], own: str = "") -> list[Message]:
    """Return the messages that ask for a task."""
    return [
        {"role": "system", "content": instructions(task, language, own)},
        {"role": "user", "content": json.dumps(data, ensure_ascii=False)},
    ]


def again(messages: list[Message], answer: str, rejection: Rejection) -> list[Message]:
    """Return the messages that ask once more, with the reason why `answer` was rejected."""
    reason = str(rejection.reason)
    if rejection.detail:
        reason += f" ({rejection.detail})"
    # An answer with the key, or with broken characters, is not sent back.
    unfit = rejection.reason in (Reason.SECRET, Reason.UNREADABLE) or not answer
    before = [] if unfit else [{"role": "assistant", "content": answer}]
    return [
        *messages,
        *before,
        {
            "role": "user",
            "content": f"That answer cannot be used: {reason}. Answer the question again, with one "
            "JSON object that has all the fields, and nothing else.",
        },
    ]
