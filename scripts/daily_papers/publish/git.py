"""Run git, and publish what a run wrote: one commit by the bot, pushed to the branch."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from daily_papers.atomic_files import is_written
from daily_papers.backoff import Attempts
from daily_papers.clock import Clock
from daily_papers.data import load
from daily_papers.errors import DailyPapersError
from daily_papers.progress import say
from daily_papers.text.white_space import one_line

BOT_NAME: Final = "github-actions[bot]"
# The number is the bot's account: https://api.github.com/users/github-actions[bot]
BOT_EMAIL: Final = "41898282+github-actions[bot]@users.noreply.github.com"
REMOTE: Final = "origin"
PATHS: Final = ("README.md", "papers")  # the files and folders that a commit may contain
PAUSE: Final = 3.0  # seconds before `write` runs again: arXiv's minimum interval
NETWORK_TIMEOUT: Final = 120.0  # seconds for a push or a fetch
LOCAL_TIMEOUT: Final = 60.0  # seconds for a command that needs no network

_TOKEN_VARIABLE = "DAILY_PAPERS_PUSH_TOKEN"  # noqa: S105 - its name
# The helper contains the variable's name only, so that the token is in no command line or URL.
_CREDENTIAL_HELPER = (
    '!f() { if test "$1" = get; then printf "username=x-access-token\\npassword=%s\\n" '
    f'"${_TOKEN_VARIABLE}"; fi; }}; f'
)
_KEPT_VARIABLES = ("GIT_SSH", "GIT_CONFIG", "GIT_ASKPASS", "GIT_SSL", "GIT_EXEC_PATH", "GIT_PROXY")
_MAX_QUOTE = 600

# How git and GitHub report that somebody else pushed first. Only then does another attempt help.
_RACE = re.compile(
    r"\[rejected\] \((?:fetch first|non-fast-forward|stale info)\)"
    r"|\[remote rejected\] \((?:cannot lock ref|failed to update ref|incorrect old value"
    r"|reference already exists|fetch first|non-fast-forward)"
)

Outcome = TypeVar("Outcome")


def publish(
    root: Path,
    write: Callable[[], tuple[Outcome, str | None]],
    *,
    clock: Clock,
    token: str = "",
    attempts: int = 5,
) -> list[Outcome]:
    """Run `write`, which updates the files, then commit and push what changed in PATHS.

    `write` returns its outcome and the commit message, or None to commit nothing. When somebody
    else pushed first, the commit is dropped, the new head is checked out, and `write` runs again.
    Any other failure undoes the commit and keeps the files. `token` is for GITHUB_SERVER_URL;
    without it, git uses its own credentials.

    Returns the outcome of every `write`. Raises DailyPapersError, before `write` if possible.
    """
    git = Git(root, token)
    git.check_repository()
    branch = git.branch()
    changed = git.changed_files("--untracked-files=no")
    foreign = [name for name in changed if not any(_is_inside(name, path) for path in PATHS)]
    if foreign:
        raise DailyPapersError(
            f"Not published: {_quote(', '.join(foreign))} changed since the last commit. "
            "Commit the change, or undo it with 'git restore', and run again."
        )
    outcomes: list[Outcome] = []
    for attempt in Attempts(clock, attempts, PAUSE, factor=1.0):
        if attempt > 1:
            say(
                f"Somebody else pushed to {branch} first; "
                f"running again on the new head (attempt {attempt} of {attempts})."
            )
        base = git.commit_id("HEAD")
        outcome, message = write()
        outcomes.append(outcome)
        if message is None:
            return outcomes
        if not git.commit(message):
            say("Nothing changed, so there is no commit.")
            return outcomes
        commit = git.commit_id("HEAD")
        if _push(git, f"{commit}:refs/heads/{branch}", branch, base, changed):
            say(f"Committed {commit[:7]} and pushed it to {branch}.")
            return outcomes
    raise DailyPapersError(
        f"Cannot push to '{branch}': somebody else pushed first {attempts} times in a row. "
        "Nothing is lost; run again when the branch is quiet."
    )


def _push(git: Git, refspec: str, branch: str, base: str, changed_before: Iterable[str]) -> bool:
    """Push the commit, or check out the head that was pushed first and return False."""
    pushed = git.run("push", "--porcelain", "--no-follow-tags", REMOTE, refspec, network=True)
    if pushed.code == 0:
        return True
    try:
        if not pushed.is_race:
            raise _failure(f"push to '{branch}'", pushed)
        _check_out_new_head(git, branch, base, changed_before)
    except DailyPapersError:
        git.ask("reset", "--quiet", "--soft", base)
        raise
    return False


def _check_out_new_head(git: Git, branch: str, base: str, changed_before: Iterable[str]) -> None:
    """Fetch the branch, rewritten or not, and reset to it if that loses only what `write` wrote."""
    tracking = f"refs/remotes/{REMOTE}/{branch}"
    known = git.commit_id(tracking)
    refspec = f"+refs/heads/{branch}:{tracking}"
    fetched = git.run("fetch", "--quiet", "--no-tags", REMOTE, refspec, network=True)
    if fetched.code != 0:
        raise _failure(f"fetch '{branch}'", fetched)
    new_head = git.commit_id(tracking)
    heads = filter(None, (known, new_head))
    remote_has_base = any(
        git.run("merge-base", "--is-ancestor", base, head).code == 0 for head in heads
    )
    if not remote_has_base:
        problem = f"this clone has commits that '{REMOTE}' does not have"
    elif changed_before:
        problem = f"{_quote(', '.join(changed_before))} already had uncommitted changes"
    elif git.run("reset", "--quiet", "--keep", new_head).code != 0:
        problem = "untracked files here would be overwritten"
    else:
        return
    raise DailyPapersError(
        f"Cannot push to '{branch}': somebody else pushed first, and {problem}. "
        f"Bring this clone up to date with 'git pull' and run again."
    )


def _failure(action: str, result: Result) -> DailyPapersError:
    """Return the error for a failed push or fetch, with advice."""
    errors = load("git_advice")["errors"]
    known = (one["advice"] for one in errors if re.search(one["pattern"], result.text))
    advice = next(known, "git failed")
    return DailyPapersError(
        f"Cannot {action}: {advice}. The commit is undone and the files stay as written. "
        f"Git says: {_quote(result.text)}"
    )


def _is_inside(name: str, path: str) -> bool:
    return name == path or name.startswith(f"{path}/")


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a git command."""

    code: int  # the exit code; -1 after a timeout
    out: str  # standard output as it is. Bytes that are not UTF-8 are surrogates.
    text: str  # both outputs in one line, without the token

    @property
    def is_race(self) -> bool:
        """Whether a push failed because somebody else pushed first."""
        return self.code != 0 and _RACE.search(self.text) is not None


class Git:
    """Runs git in one folder: without prompts, hooks and signatures, in English, with a timeout."""

    def __init__(self, root: Path, token: str = "") -> None:
        program = shutil.which("git")
        if program is None:
            raise DailyPapersError("git is not installed; install it")
        self._program = program
        self._root = root
        self._token = token.strip()

    def check_repository(self) -> None:
        """Raise DailyPapersError unless the root is a repository with a commit and a remote."""
        top = self.run("rev-parse", "--show-toplevel")
        if top.code != 0:
            problem = (
                f"is not a git repository ({_quote(top.text)}). "
                "Clone your copy of the repository and run there"
            )
        elif not self._root.samefile(top.out.rstrip("\n")):
            problem = (
                f"is only a part of the git repository {top.out.strip()}. Run at a repository's top"
            )
        elif not self.commit_id("HEAD^{commit}"):
            problem = "has no commit yet. Commit and push its files first"
        elif self.run("remote", "get-url", REMOTE).code != 0:
            problem = f"has no remote '{REMOTE}'. Add it with 'git remote add {REMOTE} ADDRESS'"
        else:
            return
        raise DailyPapersError(f"Cannot publish: {self._root} {problem}.")

    def branch(self) -> str:
        """Return the branch to push to. Raises DailyPapersError for a tag or a bare commit."""
        if current := self.current_branch():
            return current
        # A workflow's checkout of a commit has no branch, but GitHub names it.
        ref = os.environ.get("GITHUB_REF", "")
        if ref.startswith("refs/heads/"):
            return ref.removeprefix("refs/heads/")
        raise DailyPapersError(
            f"Cannot publish: {ref or 'the checked out commit'} is not a branch, and only a branch "
            "can be pushed to. Run the workflow on a branch, or 'git switch' to one."
        )

    def current_branch(self) -> str:
        """Return the name of the branch that is checked out; empty if there is none."""
        # With --short, a branch of which a tag has the name would be heads/NAME.
        current = self.run("symbolic-ref", "--quiet", "HEAD")
        return current.out.rstrip("\n").removeprefix("refs/heads/") if current.code == 0 else ""

    def default_branch(self) -> str:
        """Return the remote's default branch when it was cloned; empty if that is not known."""
        prefix = f"refs/remotes/{REMOTE}/"
        found = self.run("symbolic-ref", "--quiet", f"{prefix}HEAD")
        return found.out.rstrip("\n").removeprefix(prefix) if found.code == 0 else ""

    def commit_id(self, name: str) -> str:
        """Return the full id of what `name` refers to; empty if there is none."""
        return self.run("rev-parse", "--verify", "--quiet", "--end-of-options", name).out.strip()

    def changed_files(self, *options: str) -> list[str]:
        """Return the files that differ from the last commit; `options` are those of git status."""
        listing = self.ask("status", "--porcelain=v1", "-z", "--no-renames", *options)
        return [entry[3:] for entry in listing.split("\0") if entry]

    def commit(self, message: str) -> bool:
        """Commit PATHS and nothing else as the bot; return False if nothing there changed.

        What the job writes is committed even if a .gitignore, maybe of another project's kind,
        has a line such as `*.jsonl` or `build/`: lost with the workflow's checkout, it would be
        found and told as new each night.
        """
        ignored = self._untracked("--ignored")
        new = [*self._untracked(), *(path for path in ignored if is_written(self._root, path))]
        if new:
            listed = ("--pathspec-from-file=-", "--pathspec-file-nul")
            self.ask("add", "--force", *listed, given="\0".join(new))
        changed = self.changed_files("--untracked-files=all", "--", *PATHS)
        paths = [path for path in PATHS if any(_is_inside(name, path) for name in changed)]
        if paths:
            self.ask("commit", "--quiet", "--cleanup=whitespace", "-m", message, "--", *paths)
        return bool(paths)

    def _untracked(self, *options: str) -> list[str]:
        listing = self.ask(
            "ls-files", "--others", "--exclude-standard", "-z", *options, "--", *PATHS
        )
        return [path for path in listing.split("\0") if path]

    def try_push(self, branch: str) -> Result:
        """Ask the remote whether it would take a push to the branch; nothing is pushed."""
        refspec = f"HEAD:refs/heads/{branch}"
        return self.run("push", "--dry-run", "--porcelain", REMOTE, refspec, network=True)

    def show(self, commit: str, path: str) -> str | None:
        """Return a commit's file, `path` from the root, invalid UTF-8 replaced; None if missing."""
        shown = self.run("show", "--end-of-options", f"{commit}:./{path}")
        text = shown.out.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return None if shown.code else text

    def ask(self, *arguments: str, given: str = "") -> str:
        """Return what a git command prints. Raises DailyPapersError if it fails."""
        result = self.run(*arguments, given=given)
        if result.code != 0:
            raise DailyPapersError(f"'git {arguments[0]}' failed: {_quote(result.text)}")
        return result.out

    def run(self, *arguments: str, network: bool = False, given: str = "") -> Result:
        """Run a git command, which reads `given`; only one for the network is given the token."""
        command = [
            self._program,
            "-c", f"core.hooksPath={os.devnull}",
            "-c", "commit.gpgSign=false",
            "-c", "push.gpgSign=false",
            "-c", "core.quotePath=false",
        ]  # fmt: skip
        environment = _environment()
        if network and self._token:
            server = os.environ.get("GITHUB_SERVER_URL") or "https://github.com"
            # The empty helper comes first: it removes all others, which might store the token.
            command += ["-c", "credential.helper="]
            command += ["-c", f"credential.{server}.helper={_CREDENTIAL_HELPER}"]
            environment[_TOKEN_VARIABLE] = self._token
        limit = NETWORK_TIMEOUT if network else LOCAL_TIMEOUT
        # In a session of its own, so that git's helper processes can be killed with it.
        with subprocess.Popen(  # noqa: S603 - no shell
            [*command, *arguments],
            cwd=self._root,
            env=environment,
            stdin=subprocess.PIPE if given else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            try:
                printed = process.communicate(given.encode() or None, timeout=limit)
            except subprocess.TimeoutExpired:
                _kill(process)
                process.communicate()
                return Result(-1, "", f"git {arguments[0]} timed out after {limit:g} s")
            except BaseException:
                _kill(process)
                raise
        out, err = (stream.decode("utf-8", "surrogateescape") for stream in printed)
        return Result(process.returncode, out, self._redacted_line(f"{out}\n{err}"))

    def _redacted_line(self, text: str) -> str:
        """Return `text` in one line, without the token and without credentials in URLs."""
        if self._token:
            text = text.replace(self._token, "***")
        text = re.sub(r"(?<=://)[^/@\s]+@", "", text)
        return " / ".join(filter(None, map(one_line, text.splitlines())))


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill git and every helper process; one that has ended already may be gone or not ours."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    """Return the environment for git, without variables that name another repository or author."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT_VARIABLES)
    }
    return kept | {
        "GIT_AUTHOR_NAME": BOT_NAME,
        "GIT_AUTHOR_EMAIL": BOT_EMAIL,
        "GIT_COMMITTER_NAME": BOT_NAME,
        "GIT_COMMITTER_EMAIL": BOT_EMAIL,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "LC_ALL": "C",
    }


def _quote(text: str) -> str:
    """Return git's output printable and short, for an error message."""
    line = "".join(character for character in text if character.isprintable())
    return line if len(line) <= _MAX_QUOTE else line[: _MAX_QUOTE - 1] + "…"
