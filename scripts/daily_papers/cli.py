"""The command line: parse the arguments, run the command, and catch errors meant for the user."""

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from daily_papers import __version__
from daily_papers.actions_commands import inert_output
from daily_papers.clock import parse_time
from daily_papers.errors import DailyPapersError, InputError

_YEARS = range(1991, 2200)  # the years that `--now` accepts: arXiv began in 1991


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code: 0, 1 for a failure, 2 for bad input."""
    # Titles and marks have characters that a legacy code page of Windows lacks.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return _run(argv)
    with inert_output():
        return _run(argv)


def _run(argv: Sequence[str] | None) -> int:
    options = vars(_parser().parse_args(argv))
    command = options.pop("command")
    try:
        # Each command is imported only when it runs, so that --help is quick.
        module = f"daily_papers.commands.{command.replace('-', '_')}"
        importlib.import_module(module).run(**options)
    except DailyPapersError as error:
        _report(error, options.get("root", Path()))
        return error.exit_code
    except BrokenPipeError:
        # The reader of the output, such as `head`, has closed it; Python would complain at exit.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - until the end
    except KeyboardInterrupt:
        print("daily-papers: stopped; the files written so far are complete", file=sys.stderr)
        return 130
    return 0


def _report(error: DailyPapersError, root: Path) -> None:
    """Print an error, and show it on the page of a run in Actions."""
    from daily_papers.progress import fail  # noqa: PLC0415 - only then, so that --help is quick
    from daily_papers.settings import where_to_report  # noqa: PLC0415

    texts = error.problems if isinstance(error, InputError) else [f"daily-papers: {error}"]
    fail(texts, root, where_to_report())


def _parser() -> argparse.ArgumentParser:
    """Return the parser. Options are named like the parameters of the command's `run`."""
    parser = argparse.ArgumentParser(
        prog="daily-papers",
        description="Keeps a repository's README up to date with the newest arXiv papers.",
    )
    parser.add_argument("--version", action="version", version=f"daily-papers {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, help_: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=help_, description=help_)

    update = command("update", "Fetch from arXiv, keep what is new, write the pages again.")
    render = command("render", "Write every page again from the store, without a network.")
    notify = command(
        "notify", "Tell what is new: open the issue, and send to the addresses in NOTIFY_URLS."
    )
    check = command("check", "Check keywords.txt, the settings and README.md's markers.")
    status = command("status", "Show the state of each topic.")
    why = command("why", "Show for each topic why it has a paper, or why not.")
    preview = command("preview", "Show what a line of keywords.txt would find, before you add it.")
    site = command("site", "Write the search page over all papers into a folder.")
    init = command("init", "Write a repository of three files that calls this project's workflow.")
    demo = command("demo", "Run the whole job on invented papers, in a folder of its own.")
    try_model = command("try-model", "Ask the model about one paper and show its texts.")
    for one in (update, render, notify, check, status, why, preview, site, try_model):
        one.add_argument(
            "--root", type=Path, default=Path(), metavar="DIR", help="the repository (default: .)"
        )
    update.add_argument(
        "--topic",
        dest="topics",
        action="append",
        default=[],
        metavar="NAME",
        help="fetch this topic of keywords.txt only; several with commas, or given several times",
    )
    for one in (update, preview):
        one.add_argument(
            "--now", type=_moment, metavar="ISO-TIME", help="the time (default: the clock's)"
        )
    update.add_argument(
        "--since",
        metavar="MONTH",
        help="fill the months of one topic from this one on, such as 2026-01, without announcing",
    )
    render.add_argument(
        "--since",
        type=_day,
        metavar="DATE",
        help="of the dated pages, only those from this date on, such as 2026-11-20",
    )
    try_model.add_argument(
        "identifier",
        nargs="?",
        default="",
        metavar="ID",
        help="a paper of the store, as for why (default: the newest)",
    )
    try_model.add_argument(
        "--keep", action="store_true", help="keep the texts, in place of those that are there"
    )
    why.add_argument(
        "identifier",
        metavar="ID",
        help="a paper's identifier, such as 2412.19178, or its address at arXiv",
    )
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
            help="commit and push what was written; run again if somebody else pushed first",
        )
    notify.add_argument(
        "--test", action="store_true", help="only send a line to each address in NOTIFY_URLS"
    )
    site.add_argument(
        "--output", type=Path, default=Path("site"), metavar="DIR", help="(default: site)"
    )
    site.add_argument(
        "--for-pages",
        action="store_true",
        help="write it only if GitHub Pages takes it, as the last night found",
    )
    site.add_argument(
        "--serve",
        dest="port",
        nargs="?",
        type=int,
        const=8000,
        metavar="PORT",
        help="show it on this machine afterwards, at http://127.0.0.1:PORT/ (8000)",
    )
    init.add_argument("directory", type=Path, metavar="DIR", help="the folder to write")
    init.add_argument(
        "--upstream",
        metavar="OWNER/NAME@REF",
        help="the project's repository, and the commit to run (default: those of this program)",
    )
    init.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FOLDER",
        help="a checkout of another tracker, to bring its topics over; none of its code is run",
    )
    demo.add_argument(
        "--output", type=Path, default=Path("demo"), metavar="DIR", help="(default: demo)"
    )
    return parser


def _moment(text: str) -> datetime:
    try:
        moment = parse_time(text)
    except ValueError:
        moment = None
    if moment is None or moment.year not in _YEARS:
        raise argparse.ArgumentTypeError(f"not an ISO time such as 2026-11-20T04:17:00Z: {text!r}")
    return moment


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a date such as 2026-11-20: {text!r}") from None
