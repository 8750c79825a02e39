"""The commands, and the one place where an error for a person is caught."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from daily_papers import __version__
from daily_papers.clock import SystemClock
from daily_papers.errors import DailyPapersError, InputError

if TYPE_CHECKING:
    # Each command imports what it needs when it runs, so that --help is there at once.
    from daily_papers.commands.update import Night
    from daily_papers.settings import Environment

_SUMMARY_BUDGET = 1_000_000
"""Bytes: GitHub drops a step summary above 1 MiB.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands"""


_OWN_CRON = (
    "All copies of this project begin with the same time of day. You spare arXiv with one of your "
    'own: put `cron: "{}"` into `.github/workflows/nightly.yml`.\n'
)
_YEARS = range(1991, 2200)
"""Those of `--now`: arXiv began in 1991."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code: 0, 1 for a failure, 2 for bad input."""
    arguments = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except InputError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except DailyPapersError as error:
        print(f"daily-papers: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read the output, such as `head`, has enough of it; Python would complain at exit.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - until the end
        return 0
    except KeyboardInterrupt:
        print("daily-papers: stopped; what was written before is whole", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="daily-papers",
        description="Keeps a repository's README up to date with the newest arXiv papers.",
    )
    parser.add_argument("--version", action="version", version=f"daily-papers {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(
        name: str, run: Callable[[argparse.Namespace], int], help_: str
    ) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=help_, description=help_)
        one.set_defaults(run=run)
        return one

    update = command("update", _update, "Ask arXiv, keep what is new, write the pages again.")
    render = command("render", _render, "Write every page again from the store, without a network.")
    notify = command("notify", _notify, "Open the issue for what is new since the last notice.")
    check = command("check", _check, "Check keywords.txt, the settings and README.md's markers.")
    status = command("status", _status, "Say for each topic how things stand.")
    why = command("why", _why, "Say for each topic why it has a paper, or why not.")
    preview = command(
        "preview", _preview, "Say what a line of keywords.txt would bring, before it is written."
    )
    demo = command("demo", _demo, "The whole job against invented papers, in a folder of its own.")
    for one in (update, render, notify, check, status, why, preview):
        one.add_argument(
            "--root", type=Path, default=Path(), metavar="DIR", help="the repository (default: .)"
        )
    update.add_argument(
        "--topic",
        action="append",
        default=[],
        metavar="NAME",
        help="ask for this topic of keywords.txt only; may be given several times",
    )
    for one in (update, preview):
        one.add_argument(
            "--now", type=_moment, metavar="ISO-TIME", help="the time (default: the clock's)"
        )
    render.add_argument(
        "--since",
        type=_day,
        metavar="DATE",
        help="also the missing pages of the days from then on (2026-11-20), where they are on",
    )
    why.add_argument("identifier", metavar="ID", help="a paper's, such as 2412.19178")
    preview.add_argument(
        "expression",
        nargs="?",
        metavar="EXPRESSION",
        help="a line as in keywords.txt; arXiv is asked what it finds",
    )
    preview.add_argument(
        "--diff",
        action="store_true",
        help="what keywords.txt gains and loses against the committed one, from the store",
    )
    preview.add_argument(
        "--base", default="HEAD", metavar="REF", help="the commit for --diff (default: HEAD)"
    )
    for one in (update, notify):
        one.add_argument("--dry-run", action="store_true", help="write nothing, post nothing")
        one.add_argument(
            "--publish",
            action="store_true",
            help="commit and push what was written; again on the new head if that was refused",
        )
    demo.add_argument(
        "--output", type=Path, default=Path("demo"), metavar="DIR", help="(default: demo)"
    )
    return parser


def _moment(text: str) -> datetime:
    from daily_papers.clock import parse_time

    wrong = argparse.ArgumentTypeError(f"not an ISO time such as 2026-11-20T04:17:00Z: {text!r}")
    try:
        moment = parse_time(text)
    except ValueError:
        raise wrong from None
    if moment.year not in _YEARS:
        raise wrong
    return moment


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a date such as 2026-11-20: {text!r}") from None


def _update(arguments: argparse.Namespace) -> int:
    from daily_papers.arxiv.session import stamp_of
    from daily_papers.arxiv.start_jitter import own_wait
    from daily_papers.commands.update import AllFailedError, update
    from daily_papers.llm.journal import Journal
    from daily_papers.progress import say
    from daily_papers.settings import load_environment

    environment = load_environment()
    clock = SystemClock()
    if environment.scheduled and environment.github_repository:
        seconds = own_wait(environment.github_repository)
        say(f"waiting {seconds:.0f} s, so that not all copies ask arXiv at once")
        clock.sleep(seconds)
    begun = clock.monotonic()
    journal = Journal(arguments.root)
    nights: list[Night] = []

    def write() -> str | None:
        night = update(
            arguments.root,
            environment,
            clock,
            only=arguments.topic,
            now=arguments.now,
            dry_run=arguments.dry_run,
            begun=begun,
            stamp=stamp_of(environment.arxiv_api_url),
            journal=journal,
        )
        nights.append(night)
        return _commit_message(night)

    try:
        if arguments.publish and not arguments.dry_run:
            _publish(arguments.root, write, environment)
        else:
            write()
    except AllFailedError as error:
        _tell(error.night, environment)
        raise
    _tell(nights[-1], environment)
    if arguments.dry_run:
        say("a dry run: nothing was written")
    return 0


def _publish(root: Path, write: Callable[[], str | None], environment: Environment) -> None:
    from daily_papers.progress import say
    from daily_papers.publish.git import publish

    publish(root, write, clock=SystemClock(), token=environment.github_token, report=say)


def _commit_message(night: Night) -> str:
    failing = sum(state.failing is not None for state in night.store.topics.values())
    told = [f"{night.new} new", f"{night.revised} revised"]
    if night.model.kept:
        told.append(f"{night.model.kept} texts by a model")
    if failing:
        told.append(f"{failing} of {len(night.store.topics)} topics not refreshed")
    return f"Papers of {night.store.updated:%Y-%m-%d}: {', '.join(told)}"


def _tell(night: Night, environment: Environment) -> None:
    """Say what a night did: on stdout, in warnings, and in the step's summary."""
    from daily_papers.arxiv.start_jitter import own_cron
    from daily_papers.files import append_text
    from daily_papers.pages.run_summary import (
        plain_report,
        plain_rows,
        render_report,
        render_summary,
    )
    from daily_papers.progress import warn
    from daily_papers.store.merge import QUIET_STATES

    print(plain_rows(night.rows))
    if told := plain_report(night.model):
        print(told)
    if night.model.warning:
        warn(night.model.warning, in_actions=environment.in_actions)
    if night.model.failed:
        told = f"texts by a model: {night.model.stopped}; the rest is asked for another night"
        warn(told, in_actions=environment.in_actions)
    for row in night.rows:
        if row.state not in QUIET_STATES or row.reason:
            told = f"{row.state}: {row.reason}" if row.reason else row.state
            warn(f"{row.topic}: {told}", in_actions=environment.in_actions)
    for told in night.warnings:
        warn(told, in_actions=environment.in_actions)
    if environment.github_step_summary:
        text = render_summary(night.rows, "What this night found")
        if environment.github_repository and night.store.created == night.store.updated:
            text += _OWN_CRON.format(own_cron(environment.github_repository))
        text += render_report(night.model)
        if len(text.encode()) < _SUMMARY_BUDGET:
            try:
                append_text(Path(environment.github_step_summary), text)
            except DailyPapersError as error:
                # The night is saved; a summary is not worth its success.
                warn(str(error), in_actions=environment.in_actions)


def _render(arguments: argparse.Namespace) -> int:
    from daily_papers.commands.render import render

    changed = render(arguments.root, SystemClock(), arguments.since)
    print("\n".join(changed) if changed else "every page is as it should be")
    return 0


def _notify(arguments: argparse.Namespace) -> int:
    from daily_papers.commands.notify import notify
    from daily_papers.pages.issue import Notice
    from daily_papers.progress import warn
    from daily_papers.settings import load_environment

    environment = load_environment()
    posted: list[Notice] = []
    refused: list[str] = []

    def write() -> str | None:
        refused.clear()
        notice = notify(
            arguments.root, environment, SystemClock(), refused.append, dry_run=arguments.dry_run
        )
        for text in refused:
            warn(text, in_actions=environment.in_actions)
        if notice is not None:
            posted.append(notice)
        return "Note that watchers were told"

    if arguments.publish and not arguments.dry_run:
        _publish(arguments.root, write, environment)
    else:
        write()
    if refused:
        print("no issue: what is new stays pending, and goes out with the next night's")
    elif not posted:
        print("no issue: there is nothing new to tell")
    for notice in posted:
        if arguments.dry_run:
            print(f"{notice.title}\n\n{notice.body}")
        else:
            print(f"opened the issue: {notice.title}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from daily_papers.arxiv.start_jitter import own_cron
    from daily_papers.inputs import read_project
    from daily_papers.settings import load_environment

    environment = load_environment()
    try:
        project = read_project(arguments.root)
    except InputError as error:
        _summarize("What must be mended", str(error), environment)
        raise
    count = len(project.topics)
    names = ", ".join(topic.name for topic in project.topics)
    print(f"{count} {'topic' if count == 1 else 'topics'}: {names}")
    print("keywords, settings and README markers are in order")
    if environment.github_repository:
        cron = own_cron(environment.github_repository)
        print(f'a time of this copy\'s own for .github/workflows/nightly.yml: cron: "{cron}"')
    return 0


def _status(arguments: argparse.Namespace) -> int:
    from daily_papers.inputs import load_known_store
    from daily_papers.pages.log import render_status

    store = load_known_store(arguments.root)
    print("no night has been yet" if store is None else render_status(store))
    return 0


def _why(arguments: argparse.Namespace) -> int:
    from daily_papers.commands.why import why

    print(why(arguments.root, arguments.identifier))
    return 0


def _preview(arguments: argparse.Namespace) -> int:
    from daily_papers.arxiv.session import stamp_of
    from daily_papers.commands.preview import preview, preview_diff
    from daily_papers.settings import load_environment

    if arguments.diff == (arguments.expression is not None):
        raise InputError(["preview: give either an expression in quotation marks, or --diff"])
    environment = load_environment()
    if not arguments.diff:
        told = preview(
            arguments.expression,
            arguments.root,
            environment,
            SystemClock(),
            now=arguments.now,
            stamp=stamp_of(environment.arxiv_api_url),
        )
        print(told)
        return 0
    told = preview_diff(arguments.root, arguments.base)
    print(told)
    _summarize("What the change of keywords.txt brings", told, environment)
    return 0


def _summarize(heading: str, told: str, environment: Environment) -> None:
    """Put plain lines into the step's summary, if there is one."""
    from daily_papers.files import append_text
    from daily_papers.text.markdown import code_block

    text = f"## {heading}\n\n{code_block(told)}\n"
    if environment.github_step_summary and len(text.encode()) < _SUMMARY_BUDGET:
        append_text(Path(environment.github_step_summary), text)


def _demo(arguments: argparse.Namespace) -> int:
    from daily_papers.commands.demo import demo

    readme = demo(arguments.output)
    print(readme)
    return 0
