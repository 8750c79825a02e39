"""Keep the answers of a language model on the remote until the run that paid for them is published.

A runner may be lost, and a push may be refused; the next run starts from a fresh clone. So the
answers are pushed as they come, as the only file of a commit without parents, to a ref that is no
branch: nobody sees it, no workflow starts, and no push of the branch is in its way. A run pushes
before it asks, and only over what itself or a run before it has pushed: of two runs at the same
time, one stops asking.
"""

import secrets
from pathlib import Path
from typing import Final

from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError
from daily_papers.progress import say
from daily_papers.publish.git import REMOTE, Git, Result

REF: Final = "refs/daily-papers/answers"
_FILE: Final = "answers.jsonl"
_UNKNOWN: Final = (
    "no model was asked, because the answers that an earlier run has paid for cannot be read from "
    f"{REF}; the next run tries again. Git says: {{}}"
)
_ANOTHER: Final = "another run asks the model at the same time, and this one leaves the rest to it"


class KeptAnswers:
    """The answers on the remote. A failed push is told, and costs only what it could save."""

    def __init__(self, root: Path, token: str, clock: Clock) -> None:
        self._git = Git(root, token)
        self._clock = clock
        self._next = 0.0
        """No push before this time, after one that failed; the first such is told."""
        self._there = ""
        """The commit that the remote has; empty for none."""
        self._own: set[str] = set()
        # Of two runs in the same second, the commits must not be the same.
        self._message = f"Answers of a language model, for run {secrets.token_hex(8)}"

    def load(self) -> bytes:
        """Return the answers that an earlier run left; empty if there are none.

        Raises DailyPapersError if that is not known: everything would be paid for again.
        """
        git = self._git
        self._there = self._look()
        if not self._there:
            return b""
        fetched = git.run("fetch", "--quiet", "--no-tags", REMOTE, REF, network=True)
        text = git.run("show", f"{self._there}:{_FILE}")
        if text.code != 0:
            raise DailyPapersError(_UNKNOWN.format(f"{fetched.text} {text.text}".strip()))
        return text.out.encode("utf-8", "surrogateescape")

    def keep(self, text: str) -> str:
        """Push the answers; return why no more may be asked, empty if they may."""
        begun = self._clock.monotonic()
        if begun < self._next:
            return ""
        git = self._git
        try:
            blob = git.ask("hash-object", "-w", "--stdin", given=text).strip()
            tree = git.ask("mktree", given=f"100644 blob {blob}\t{_FILE}\n").strip()
            commit = git.ask("commit-tree", tree, "-m", self._message).strip()
            self._own.add(commit)
            pushed = self._push(commit)
            if pushed.is_race:
                # An earlier push may have arrived although it seemed to fail.
                there = self._look()
                if there and there not in self._own:
                    return _ANOTHER
                self._there = there
                pushed = self._push(commit)
            problem = pushed.text if pushed.code else ""
        except DailyPapersError as error:
            problem = str(error)
        if problem:
            if not self._next:
                say(f"{REF}: an answer cannot be kept: {problem}")
            now = self._clock.monotonic()
            self._next = now + (now - begun)
        return ""

    def forget(self) -> None:
        """Delete the answers, after a commit that has them was pushed."""
        if self._there:
            deleted = self._push("")
            if deleted.code != 0:
                say(f"{REF}: it cannot be deleted: {deleted.text}")

    def _look(self) -> str:
        """Return the commit that the remote has; empty if it has none."""
        listed = self._git.run("ls-remote", REMOTE, REF, network=True)
        if listed.code != 0:
            raise DailyPapersError(_UNKNOWN.format(listed.text))
        return listed.out.partition("\t")[0]

    def _push(self, commit: str) -> Result:
        """Push a commit, none to delete the ref, over the one that is known to be there."""
        lease = f"--force-with-lease={REF}:{self._there}"
        pushed = self._git.run(
            "push", "--porcelain", lease, REMOTE, f"{commit}:{REF}", network=True
        )
        if pushed.code == 0:
            self._there = commit
        return pushed
