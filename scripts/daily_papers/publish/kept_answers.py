"""Keep the answers of a language model on the remote until the run that paid for them is published.

A runner may be lost, and a push may be refused; the next run starts from a fresh clone. So every
answer is pushed as it comes, as the only file of a commit without parents, to a ref that is no
branch: nobody sees it, no workflow starts, and no push of the branch is in its way.
"""

from pathlib import Path
from typing import Final

from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError
from daily_papers.progress import say
from daily_papers.publish.git import REMOTE, Git

REF: Final = "refs/daily-papers/answers"
_FILE: Final = "answers.jsonl"
_FAST = 0.5
"""Seconds of a push that is repeated for every answer; slower ones take half of the time."""


class KeptAnswers:
    """The answers on the remote. Whatever fails here is told, and costs only what it could save."""

    def __init__(self, root: Path, token: str, clock: Clock) -> None:
        self._git = Git(root, token)
        self._clock = clock
        self._next = 0.0
        self._is_known = False
        """Whether the remote has the ref."""

    def load(self) -> bytes:
        """Return the answers that an earlier run left; empty if there are none."""
        git = self._git
        listed = git.run("ls-remote", REMOTE, REF, network=True)
        if listed.code != 0:
            say(f"{REF}: the answers of an earlier run cannot be looked for: {listed.text}")
            return b""
        if not listed.out.strip():
            return b""
        self._is_known = True
        fetched = git.run("fetch", "--quiet", "--no-tags", REMOTE, f"+{REF}:{REF}", network=True)
        text = git.run("show", f"{REF}:{_FILE}")
        if fetched.code != 0 or text.code != 0:
            say(f"{REF}: the answers of an earlier run cannot be fetched: {fetched.text}")
            return b""
        return text.out.encode("utf-8", "surrogateescape")

    def keep(self, path: Path) -> None:
        """Push a file's present content, unless the last push was slow and only just ended."""
        begun = self._clock.monotonic()
        if begun < self._next:
            return
        git = self._git
        try:
            blob = git.ask("hash-object", "-w", "--", str(path)).strip()
            listing = f"100644 blob {blob}\t{_FILE}\n"
            tree = git.run("mktree", given=listing).out.strip()
            commit = git.ask("commit-tree", tree, "-m", "Answers of a language model").strip()
        except DailyPapersError as error:
            say(f"{REF}: {error}")
            return
        pushed = git.run("push", "--quiet", REMOTE, f"+{commit}:{REF}", network=True)
        if pushed.code == 0:
            self._is_known = True
        else:
            say(f"{REF}: an answer cannot be kept: {pushed.text}")
        took = self._clock.monotonic() - begun
        self._next = 0.0 if took < _FAST and pushed.code == 0 else begun + took * 2

    def forget(self) -> None:
        """Delete the answers, after a commit that has them was pushed."""
        if not self._is_known:
            return
        deleted = self._git.run("push", "--quiet", REMOTE, f":{REF}", network=True)
        if deleted.code == 0:
            self._is_known = False
        else:
            say(f"{REF}: it cannot be deleted: {deleted.text}")
