"""Git: what a night wrote becomes one commit of the bot's, pushed to the branch."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError

BOT_NAME: Final = "github-actions[bot]"
# The number is the bot's account: https://api.github.com/users/github-actions[bot]
BOT_EMAIL: Final = "41898282+github-actions[bot]@users.noreply.github.com"
REMOTE: Final = "origin"
NETWORK_TIMEOUT: Final = 120.0
"""Seconds for a push or a fetch."""
LOCAL_TIMEOUT: Final = 60.0
"""Seconds for what needs no network."""
PAUSE: Final = 3.0
"""Seconds before writing again: arXiv's pace, which holds across runs too."""

_TOKEN_VARIABLE = "DAILY_PAPERS_PUSH_TOKEN"  # noqa: S105 - its name
# The helper names the variable only, so that the token is in no command line and no address.
_CREDENTIAL_HELPER = (
    '!f() { if test "$1" = get; then printf "username=x-access-token\\npassword=%s\\n" '
    f'"${_TOKEN_VARIABLE}"; fi; }}; f'
)
_MAX_QUOTE = 600

# How git and GitHub say that somebody else was faster; anything else is not mended by a retry.
_RACE = re.compile(
    r"\[rejected\] \((?:fetch first|non-fast-forward|stale info)\)"
    r"|\[remote rejected\] \((?:cannot lock ref|failed to update ref|incorrect old value"
    r"|reference already exists|fetch first|non-fast-forward)"
)
# What else a remote answers, and what to do about it; the first that fits is taken.
_MEANINGS: dict[str, str] = {
    r"GH006|GH013|protected branch|rule violations": (
        "the branch is protected; let the workflow push to it at Settings → Rules → Rulesets "
        "or Settings → Branches"
    ),
    r"\[remote rejected\]": (
        "the remote refuses the commit; see its own words, and Settings → Rules → Rulesets"
    ),
    r"error: 403|Permission to .* denied|[Ww]rite access .* not granted": (
        "the token may not write; give the job the permission 'contents: write' in "
        ".github/workflows/nightly.yml, and choose 'Read and write permissions' at "
        "Settings → Actions → General → Workflow permissions"
    ),
    r"error: 401|Authentication failed|could not read (?:Username|Password)|publickey": (
        "git has no valid credentials; in a workflow pass GITHUB_TOKEN to the step, elsewhere "
        "make sure that 'git push' works by itself"
    ),
    r"not found|does not appear to be a git repository|couldn't find remote ref": (
        f"there is no such repository or branch; check 'git remote get-url {REMOTE}'"
    ),
    r"timed out|Could not resolve|unable to access|Connection|hung up|early EOF|RPC failed": (
        "the network or the remote failed; run it again later"
    ),
}


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a run."""

    committed: bool
    attempts: int
    """How often `write` ran."""
    commit: str | None
    """The pushed commit's full id, or None if nothing had changed."""


def publish(
    root: Path,
    write: Callable[[], str | None],
    *,
    paths: Sequence[str] = ("README.md", "papers"),
    attempts: int = 5,
    clock: Clock,
    token: str = "",
    report: Callable[[str], None],
) -> Published:
    """Let `write` bring the folder up to date, then commit and push what changed in `paths`.

    `write` returns the commit's message, or None to publish nothing. It may run several times:
    when somebody else pushed first, the commit is dropped, the branch's new head is taken, and
    `write` runs again on it. Whatever else goes wrong undoes the commit and leaves the files as
    written. `token` is for a remote at GITHUB_SERVER_URL; without it git's own credentials hold.
    Raises DailyPapersError, before `write` runs if the repository is not fit for it.
    """
    git = _Git(root, token)
    git.require_top()
    branch = git.branch()
    changed = git.changed()
    foreign = [name for name in changed if not _is_in(name, paths)]
    if foreign:
        raise DailyPapersError(
            f"Not published: {_quote(', '.join(foreign))} changed since the last commit. "
            "Commit the change, or undo it with 'git restore', and run again."
        )
    for attempt in range(1, attempts + 1):
        base = git.head()
        message = write()
        commit = None if message is None else git.commit(message, paths)
        if commit is None:
            if message is not None:
                report("Nothing changed, so there is no commit.")
            return Published(committed=False, attempts=attempt, commit=None)
        answer = git.push(branch)
        if answer.code == 0:
            report(f"Committed {commit[:7]} and pushed it to {branch}.")
            return Published(committed=True, attempts=attempt, commit=commit)
        if _RACE.search(answer.text) is None:
            git.undo_commit(base)
            raise _refused(f"push to '{branch}'", answer)
        known = git.tracking(branch)
        fetched = git.fetch(branch)
        if fetched.code != 0:
            git.undo_commit(base)
            raise _refused(f"fetch '{branch}'", fetched)
        new_head = git.tracking(branch)
        problem = _obstacle(git, base, (known, new_head), changed)
        if not problem and not git.take(new_head):
            problem = "files here that are not committed are in the way of the new ones"
        if problem:
            git.undo_commit(base)
            raise DailyPapersError(
                f"Cannot push to '{branch}': somebody else pushed first, and {problem}. "
                f"Bring this clone up to date with 'git pull' and run again."
            )
        if attempt < attempts:
            report(
                f"Somebody else pushed to {branch} first; "
                f"running again on the new head (attempt {attempt + 1} of {attempts})."
            )
            clock.sleep(PAUSE)
    raise DailyPapersError(
        f"Cannot push to '{branch}': somebody else pushed first {attempts} times in a row. "
        "Nothing is lost; run again when the branch is quiet."
    )


def _is_in(name: str, paths: Sequence[str]) -> bool:
    """Whether a file is one of `paths` or inside one."""
    return any(name == path or name.startswith(f"{path}/") for path in paths)


def _obstacle(
    git: _Git, base: str, remote_heads: Sequence[str], changed_before: Sequence[str]
) -> str:
    """Say what taking the remote's head would lose; empty if it is only what is written again."""
    if not any(git.is_ancestor(base, head) for head in remote_heads if head):
        return f"this clone holds commits that '{REMOTE}' has not"
    if changed_before:
        return f"{_quote(', '.join(changed_before))} had changes of their own before"
    return ""


@dataclass(frozen=True, slots=True)
class _Result:
    """What a git command came to."""

    code: int
    out: str
    """Standard output, without the token."""
    text: str
    """Both outputs in one line, without the token."""


class _Git:
    """Git in one folder: no prompt, no hook, no signature, one language, a time limit."""

    def __init__(self, root: Path, token: str) -> None:
        program = shutil.which("git")
        if program is None:
            raise DailyPapersError("Cannot publish: git is not installed. Install it.")
        self._program = program
        self._root = root
        self._token = token.strip()

    def require_top(self) -> None:
        """Raise DailyPapersError unless the folder is a repository's top with a commit."""
        top = self._run("rev-parse", "--show-toplevel")
        if top.code != 0:
            raise DailyPapersError(
                f"Cannot publish: {self._root} is not a git repository ({_quote(top.text)}). "
                "Clone your copy of the repository and run there."
            )
        if not self._root.samefile(top.out.rstrip("\n")):
            raise DailyPapersError(
                f"Cannot publish: {self._root} is only a part of the git repository "
                f"{top.out.strip()}. Run at a repository's top."
            )
        if self._run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").code != 0:
            raise DailyPapersError(
                f"Cannot publish: {self._root} has no commit yet. Commit and push its files first."
            )
        if self._run("remote", "get-url", REMOTE).code != 0:
            raise DailyPapersError(
                f"Cannot publish: {self._root} has no remote '{REMOTE}'. "
                f"Add it with 'git remote add {REMOTE} ADDRESS'."
            )

    def branch(self) -> str:
        """Return the branch to push to. Raises DailyPapersError for a tag or a bare commit."""
        current = self._run("symbolic-ref", "--quiet", "--short", "HEAD")
        if current.code == 0:
            return current.out.rstrip("\n")
        # A workflow's checkout of a commit has no branch, but GitHub says which one it is of.
        ref = os.environ.get("GITHUB_REF", "")
        if ref.startswith("refs/heads/"):
            return ref.removeprefix("refs/heads/")
        raise DailyPapersError(
            f"Cannot publish: {ref or 'the checked out commit'} is not a branch, and only a branch "
            "can be pushed to. Run the workflow on a branch, or 'git switch' to one."
        )

    def head(self) -> str:
        """Return the checked out commit."""
        return self._ask("rev-parse", "HEAD").strip()

    def changed(self) -> list[str]:
        """Return the tracked files that differ from the last commit, staged or not."""
        listing = self._ask(
            "status", "--porcelain=v1", "-z", "--untracked-files=no", "--no-renames"
        )
        return [entry[3:] for entry in listing.split("\0") if entry]

    def commit(self, message: str, paths: Sequence[str]) -> str | None:
        """Commit `paths` and nothing else as the bot; return the commit, None without a change."""
        here = [
            path
            for path in paths
            if (self._root / path).exists() or self._ask("ls-files", "-z", "--", path)
        ]
        if not here:
            return None
        self._ask("add", "--all", "--", *here)
        tracked = [path for path in here if self._differs(path)]
        if not tracked:
            return None
        self._ask("commit", "--quiet", "--cleanup=whitespace", "-m", message, "--", *tracked)
        return self.head()

    def push(self, branch: str) -> _Result:
        """Push the checked out commit to the branch, never by force."""
        return self._run(
            "push", "--porcelain", "--no-follow-tags", REMOTE, f"HEAD:refs/heads/{branch}",
            network=True,
        )  # fmt: skip

    def fetch(self, branch: str) -> _Result:
        """Fetch the branch, forced or not, into its tracking ref; no deeper than the clone is."""
        refspec = f"+refs/heads/{branch}:refs/remotes/{REMOTE}/{branch}"
        return self._run("fetch", "--quiet", "--no-tags", REMOTE, refspec, network=True)

    def tracking(self, branch: str) -> str:
        """Return the remote branch's head as last seen; empty if never."""
        name = f"refs/remotes/{REMOTE}/{branch}"
        return self._run("rev-parse", "--verify", "--quiet", name).out.strip()

    def is_ancestor(self, commit: str, of: str) -> bool:
        """Whether `of` has `commit` in its history."""
        return self._run("merge-base", "--is-ancestor", commit, of).code == 0

    def take(self, commit: str) -> bool:
        """Go to another commit unless that overwrites what was not committed."""
        return self._run("reset", "--quiet", "--keep", commit).code == 0

    def undo_commit(self, base: str) -> None:
        """Go back to `base` and leave every file as it is."""
        self._ask("reset", "--quiet", "--soft", base)

    def _differs(self, path: str) -> bool:
        """Whether something is staged under `path`."""
        return self._run("diff", "--cached", "--quiet", "--no-ext-diff", "--", path).code != 0

    def _ask(self, *arguments: str) -> str:
        """Return what git prints. Raises DailyPapersError if it fails."""
        answer = self._run(*arguments)
        if answer.code != 0:
            raise DailyPapersError(
                f"Cannot publish: 'git {arguments[0]}' failed: {_quote(answer.text)}"
            )
        return answer.out

    def _run(self, *arguments: str, network: bool = False) -> _Result:
        """Run git; only a command for the network is given the token."""
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
            # An empty helper first: no other one is asked, or told to keep the token.
            command += ["-c", "credential.helper="]
            command += ["-c", f"credential.{server}.helper={_CREDENTIAL_HELPER}"]
            environment[_TOKEN_VARIABLE] = self._token
        limit = NETWORK_TIMEOUT if network else LOCAL_TIMEOUT
        # A session of its own, so that on a timeout git's helpers end with it.
        with subprocess.Popen(  # noqa: S603 - no shell, and refs and paths are ours
            [*command, *arguments],
            cwd=self._root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="surrogateescape",
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                _end(process)
                process.communicate()
                text = f"git {arguments[0]} timed out after {limit:g} s"
                return _Result(code=-1, out="", text=text)
            except BaseException:
                _end(process)
                raise
        return _Result(
            code=process.returncode,
            out=self._redact(out),
            text=_one_line(self._redact(f"{out}\n{err}")),
        )

    def _redact(self, text: str) -> str:
        """Return `text` without the token, nor what an address says before its host."""
        if self._token:
            text = text.replace(self._token, "***")
        return re.sub(r"(?<=://)[^/@\s]+@", "", text)


def _end(process: subprocess.Popen[str]) -> None:
    """End git and every helper it started; one that is gone already may not be there, or ours."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    """Return the environment for git: nothing that names another repository, tree or author."""
    kept = ("GIT_SSH", "GIT_CONFIG", "GIT_ASKPASS", "GIT_SSL", "GIT_EXEC_PATH", "GIT_PROXY")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(kept)
    }
    return environment | {
        "GIT_AUTHOR_NAME": BOT_NAME,
        "GIT_AUTHOR_EMAIL": BOT_EMAIL,
        "GIT_COMMITTER_NAME": BOT_NAME,
        "GIT_COMMITTER_EMAIL": BOT_EMAIL,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "LC_ALL": "C",
    }


def _refused(what: str, answer: _Result) -> DailyPapersError:
    """Say what a failed push or fetch means and what to do about it."""
    advice = next(
        (meaning for pattern, meaning in _MEANINGS.items() if re.search(pattern, answer.text)),
        "git failed",
    )
    return DailyPapersError(
        f"Cannot {what}: {advice}. The commit is undone and the files stay as written. "
        f"Git says: {_quote(answer.text)}"
    )


def _one_line(text: str) -> str:
    """Return git's words without line ends and padding."""
    return " / ".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))


def _quote(text: str) -> str:
    """Return foreign words printable and short."""
    line = "".join(character for character in text if character.isprintable())
    return line if len(line) <= _MAX_QUOTE else line[: _MAX_QUOTE - 1] + "…"
