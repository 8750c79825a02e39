"""Write workflow commands for GitHub Actions, and let nothing else that is printed be one.

Actions reads a command in a line that begins with two colons, and in any with two number signs and
a bracket: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

import contextlib
import re
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

_COMMAND = re.compile(r"(?:^|[\r\n])\s*:(?=:)|##(?=\[)")
_ZERO_WIDTH_SPACE = "\u200b"


def write_command(name: str, text: str, **properties: str) -> None:
    """Print a command such as `error` on stdout, with a text and properties of any content."""
    listed = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in properties.items())
    stream = sys.stdout.stream if isinstance(sys.stdout, _Inert) else sys.stdout
    sys.stdout.flush()
    stream.write(f"::{name}{' ' * bool(listed)}{listed}::{_escaped(text)}\n")
    stream.flush()


def _escaped(text: str, more: str = "") -> str:
    special = f"%\r\n{more}"
    return "".join(f"%{ord(one):02X}" if one in special else one for one in text)


@contextlib.contextmanager
def inert_output() -> Iterator[None]:
    """Let no line of stdout and stderr be a command, except those of `write_command`."""
    out, err = _Inert(sys.stdout), _Inert(sys.stderr)
    with (
        contextlib.redirect_stdout(cast("TextIO", out)),
        contextlib.redirect_stderr(cast("TextIO", err)),
    ):
        try:
            yield
        finally:
            out.flush()
            err.flush()


class _Inert:
    """A text stream that breaks commands with a zero-width space, line by line."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._begun = ""

    def write(self, text: str) -> int:
        """Write the lines that are complete; keep the last one until it is, or until `flush`."""
        done, end, self._begun = f"{self._begun}{text}".rpartition("\n")
        self.stream.write(_inert(done + end))
        return len(text)

    def flush(self) -> None:
        """Write what is left."""
        self.stream.write(_inert(self._begun))
        self._begun = ""
        self.stream.flush()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        return getattr(self.stream, name)


def _inert(text: str) -> str:
    return _COMMAND.sub(rf"\g<0>{_ZERO_WIDTH_SPACE}", text)
