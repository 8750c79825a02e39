"""What a run says while it is at work: a bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def progress(items: Sequence[Item], names: Sequence[str]) -> Iterator[Item]:
    """Yield `items`, telling on stderr which of them is under way."""
    if sys.stderr.isatty():
        # Imported here: only a terminal needs it.
        from tqdm import tqdm  # noqa: PLC0415

        with tqdm(total=len(items), unit="topic", file=sys.stderr) as bar:
            for item, name in zip(items, names, strict=True):
                bar.set_description(name)
                yield item
                bar.update()
        return
    for number, (item, name) in enumerate(zip(items, names, strict=True), start=1):
        say(f"[{number}/{len(items)}] {name}")
        yield item


def say(text: str) -> None:
    """Print one plain line on stderr, at once."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the one place that prints progress


def warn(text: str, *, in_actions: bool) -> None:
    """Print a warning on stderr; in Actions, one that the run's page shows.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    if in_actions:
        escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        print(f"::warning::{escaped}", flush=True)  # noqa: T201 - Actions reads stdout
    else:
        say(f"warning: {text}")
