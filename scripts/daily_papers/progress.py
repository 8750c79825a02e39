"""Report on a run while it works: progress, warnings, errors, and the step summary in Actions."""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from daily_papers.actions_commands import write_command
from daily_papers.settings import Environment
from daily_papers.text.markdown import code_block, heading

# Bytes: GitHub drops a step summary above 1 MiB.
# https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
SUMMARY_LIMIT = 1_000_000

Item = TypeVar("Item")

_PLACE = re.compile(
    r"(?P<file>[^:\n]+):(?:(?P<line>\d+):(?:(?P<col>\d+):)?)? (?P<what>.*)", re.DOTALL
)


def progress(items: Sequence[Item], names: Sequence[str]) -> Iterator[Item]:
    """Yield `items` and show each one's name on stderr: a bar in a terminal, else a line each."""
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


def warn(text: str, environment: Environment) -> None:
    """Print a warning on stderr; in Actions, as a command that shows it on the run's page."""
    if environment.in_actions:
        write_command("warning", text)
    else:
        say(f"warning: {text}")


def fail(problems: Sequence[str], root: Path, environment: Environment) -> None:
    """Print what went wrong on stderr; in Actions, on the run's page and in the summary too.

    A problem that begins with a file of `root` is shown at its line, if it names one.
    """
    say("\n".join(problems))
    for problem in problems if environment.in_actions else ():
        place = _PLACE.fullmatch(problem)
        if place and (root / place["file"]).is_file():
            names = ("file", "line", "col")
            write_command(
                "error", place["what"], **{name: place[name] for name in names if place[name]}
            )
        else:
            write_command("error", problem)
    text = code_block("\n".join(problems))
    add_to_summary(f"{heading(2, 'What went wrong')}\n\n{text}\n", environment)


def add_to_summary(markdown: str, environment: Environment) -> None:
    """Append to the step summary, if there is one and the text fits; a failure is a warning."""
    text = markdown.encode()
    if not environment.github_step_summary or len(text) >= SUMMARY_LIMIT:
        return
    path = Path(environment.github_step_summary)
    try:
        with path.open("ab") as file:
            file.write(text)
    except OSError as error:
        warn(f"{path}: it cannot be written: {error.strerror}", environment)
