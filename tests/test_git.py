import base64
import io
import os
import shutil
import socket
import subprocess
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conftest import VirtualClock
from daily_papers.atomic_files import GENERATED
from daily_papers.errors import DailyPapersError
from daily_papers.publish import git as module
from daily_papers.publish.git import publish

TOKEN = "ghs_never2to3be4seen"  # noqa: S105 - invented
MESSAGE = "Update papers: 2026-11-20"
BOT = "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>"


def run_git(folder: Path, *arguments: str) -> str:
    """Run git as the user who is configured, and return what it prints."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout


@dataclass
class Place:
    """A bare repository as the remote, one clone that publishes, and one of somebody else."""

    remote: Path
    clone: Path
    other: Path
    clock: VirtualClock = field(default_factory=VirtualClock)
    said: list[str] = field(default_factory=list)
    runs: int = 0

    def write(self, **files: str) -> Callable[[], tuple[int, str]]:
        """Return a `write` that writes README.md and these files in papers/.

        Its outcome is the number of the run.
        """

        def update_files() -> tuple[int, str]:
            self.runs += 1
            (self.clone / "papers").mkdir(exist_ok=True)
            (self.clone / "README.md").write_text("tables\n")
            for name, text in (files or {"store": "facts\n"}).items():
                (self.clone / "papers" / f"{name}.jsonl").write_text(text)
            return self.runs, MESSAGE

        return update_files

    def publish(
        self, write: Callable[[], tuple[int, str | None]], *, attempts: int = 5, token: str = ""
    ) -> list[int]:
        """Publish the clone."""
        return publish(self.clone, write, attempts=attempts, clock=self.clock, token=token)

    def elsewhere(self, name: str = "keywords.txt", text: str = "Video\n") -> str:
        """Push a change as somebody else, and return its commit."""
        run_git(self.other, "pull", "-q", "--rebase")
        (self.other / name).parent.mkdir(exist_ok=True)
        (self.other / name).write_text(text)
        run_git(self.other, "add", "-A")
        run_git(self.other, "commit", "-q", "--no-gpg-sign", "-m", "Something else")
        run_git(self.other, "push", "-q", "origin", "HEAD:main")
        return run_git(self.other, "rev-parse", "HEAD").strip()

    def remote_head(self) -> str:
        """Return the commit of the remote's branch."""
        return run_git(self.remote, "rev-parse", "main").strip()

    def remote_file(self, name: str) -> str:
        """Return a file as the remote's branch has it."""
        return run_git(self.remote, "show", f"main:{name}")

    def remote_files(self) -> set[str]:
        """Return the files of the remote's branch."""
        return set(run_git(self.remote, "ls-tree", "-r", "--name-only", "main").split())

    def hook(self, script: str) -> None:
        """Let the remote judge each push with that shell script."""
        path = self.remote / "hooks" / "pre-receive"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return repositories in `tmp_path`; the user's git configuration is unusual on purpose."""
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-commit", "pre-push"):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(
        "[user]\n name = A Real Person\n email = person@example.org\n"
        "[commit]\n gpgSign = true\n[push]\n followTags = true\n"
        '[init]\n defaultBranch = main\n[protocol "file"]\n allow = always\n'
    )
    for name in list(os.environ):
        if name.startswith(("GIT_", "GITHUB_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("EMAIL", "person@example.org")
    remote, clone, other = (tmp_path / name for name in ("remote.git", "clone", "other"))
    run_git(tmp_path, "init", "-q", "--bare", "-b", "main", str(remote))
    run_git(tmp_path, "clone", "-q", str(remote), str(other))
    (other / "README.md").write_text("empty\n")
    (other / "keywords.txt").write_text("Video Understanding\n")
    (other / ".gitignore").write_text(".daily-papers-*.tmp\n")
    run_git(other, "add", "-A")
    run_git(other, "commit", "-q", "--no-gpg-sign", "-m", "Begin")
    run_git(other, "push", "-q", "origin", "HEAD:main")
    run_git(tmp_path, "clone", "-q", str(remote), str(clone))
    run_git(clone, "config", "core.hooksPath", str(hooks))
    place = Place(remote, clone, other)
    monkeypatch.setattr(module, "say", place.said.append)
    return place


def test_plain_publish(place: Place) -> None:
    """What a run wrote, new folders included, is one commit on the remote's branch."""
    before = place.remote_head()
    assert place.publish(place.write()) == [1]
    assert run_git(place.remote, "rev-list", "--count", f"{before}..main").strip() == "1"
    assert place.remote_file("README.md") == "tables\n"
    assert place.remote_file("papers/store.jsonl") == "facts\n"
    assert run_git(place.remote, "log", "-1", "--format=%B", "main").strip() == MESSAGE
    assert place.clock.sleeps == []
    assert place.said == [f"Committed {place.remote_head()[:7]} and pushed it to main."]


def test_bot_is_author(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit has the bot's name and mail and no signature, whatever is configured."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "A Real Person")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "person@example.org")
    place.publish(place.write())
    raw = run_git(place.remote, "cat-file", "commit", "main")
    assert run_git(place.remote, "log", "-1", "--format=%an <%ae>", "main").strip() == BOT
    assert run_git(place.remote, "log", "-1", "--format=%cn <%ce>", "main").strip() == BOT
    assert "person" not in raw.lower()
    assert "gpgsig" not in raw


def test_nothing_changed(place: Place) -> None:
    """A run that changes nothing makes no commit."""
    place.publish(place.write())
    before = place.remote_head()
    assert place.publish(place.write()) == [2]
    assert place.remote_head() == before
    assert run_git(place.clone, "rev-parse", "HEAD").strip() == before
    assert place.said[-1] == "Nothing changed, so there is no commit."


def test_nothing_there(place: Place) -> None:
    """Paths that do not exist are no error."""
    run_git(place.other, "rm", "-q", "README.md")
    run_git(place.other, "commit", "-q", "--no-gpg-sign", "-m", "No README")
    place.elsewhere()
    run_git(place.clone, "pull", "-q")
    before = place.remote_head()
    assert place.publish(lambda: (1, MESSAGE)) == [1]
    assert place.remote_head() == before
    assert place.said == ["Nothing changed, so there is no commit."]


def test_no_message_no_commit(place: Place) -> None:
    """Without a message, nothing is published whatever `write` wrote."""
    write = place.write()
    before = place.remote_head()
    assert place.publish(lambda: (write()[0], None)) == [1]
    assert run_git(place.clone, "rev-parse", "HEAD").strip() == before
    assert place.remote_head() == before
    assert place.said == []


def test_deleted_file(place: Place) -> None:
    """A file that a run deletes is deleted on the remote."""
    place.publish(place.write(old="1\n", store="2\n"))

    def remove() -> tuple[int, str]:
        (place.clone / "papers" / "old.jsonl").unlink()
        return 2, MESSAGE

    place.publish(remove)
    assert "papers/old.jsonl" not in place.remote_files()
    assert "papers/store.jsonl" in place.remote_files()


@pytest.mark.parametrize("ignored", ["*.jsonl\nbuild/\n*.txt\n", "papers/\n", "*\n"])
def test_an_ignored_file_of_the_job_is_committed(place: Place, ignored: str) -> None:
    """A .gitignore that has the store or pages keeps the user's files out, not the job's."""
    place.elsewhere(".gitignore", ignored)
    run_git(place.clone, "pull", "-q", "--ff-only")

    def write() -> tuple[int, str]:
        pages = place.clone / "papers/months/build"
        pages.mkdir(parents=True)
        (pages / "2026-11.md").write_text(f"{GENERATED}\n")
        (pages / "private.md").write_text("mine\n")
        (place.clone / "papers/notes.txt").write_text("mine\n")
        (place.clone / "papers/store").mkdir()
        (place.clone / "papers/store/state.jsonl").write_text("facts\n")
        return 1, MESSAGE

    place.publish(write)
    assert {one for one in place.remote_files() if one.startswith("papers/")} == {
        "papers/months/build/2026-11.md",
        "papers/store/state.jsonl",
    }


def test_other_files_stay_out(place: Place) -> None:
    """Temporary files, untracked files elsewhere and edits made meanwhile are not committed."""
    (place.clone / "notes.txt").write_text("mine\n")
    write = place.write()

    def write_while_user_edits() -> tuple[int, str]:
        outcome = write()
        (place.clone / "papers" / ".daily-papers-1.tmp").write_text("half\n")
        (place.clone / "keywords.txt").write_text("Edited meanwhile\n")
        run_git(place.clone, "add", "keywords.txt")
        return outcome

    place.publish(write_while_user_edits)
    assert place.remote_files() == {
        ".gitignore",
        "README.md",
        "keywords.txt",
        "papers/store.jsonl",
    }
    assert place.remote_file("keywords.txt") == "Video Understanding\n"
    assert (place.clone / "keywords.txt").read_text() == "Edited meanwhile\n"


@pytest.mark.parametrize("staged", [False, True])
def test_foreign_change_is_refused(place: Place, *, staged: bool) -> None:
    """A tracked file with uncommitted changes stops the run before it writes."""
    (place.clone / "keywords.txt").write_text("Mine\n")
    if staged:
        run_git(place.clone, "add", "keywords.txt")
    with pytest.raises(DailyPapersError, match=r"keywords\.txt changed since") as error:
        place.publish(place.write())
    assert "git restore" in str(error.value)
    assert place.runs == 0
    assert (place.clone / "keywords.txt").read_text() == "Mine\n"


def test_race(place: Place) -> None:
    """When somebody else pushes first, `write` runs again on the new head; both changes stay."""
    write = place.write()

    def write_while_somebody_pushes() -> tuple[int, str]:
        outcome = write()
        if place.runs == 1:
            place.elsewhere("keywords.txt", "Theirs\n")
        else:
            assert (place.clone / "keywords.txt").read_text() == "Theirs\n"
        return outcome

    assert place.publish(write_while_somebody_pushes) == [1, 2]
    assert place.remote_file("keywords.txt") == "Theirs\n"
    assert place.remote_file("README.md") == "tables\n"
    assert run_git(place.remote, "rev-list", "--count", "main").strip() == "3"
    assert place.clock.sleeps == [3.0]
    assert place.said[0] == (
        "Somebody else pushed to main first; running again on the new head (attempt 2 of 5)."
    )


def test_race_with_the_same_job(place: Place) -> None:
    """When another run published the same files first, nothing is left to commit."""
    write = place.write()

    def write_as_somebody_else_does() -> tuple[int, str]:
        outcome = write()
        if place.runs == 1:
            (place.other / "README.md").write_text("tables\n")
            place.elsewhere("papers/store.jsonl", "facts\n")
        return outcome

    run_git(place.other, "config", "rebase.autoStash", "true")
    assert place.publish(write_as_somebody_else_does) == [1, 2]
    assert place.said[-1] == "Nothing changed, so there is no commit."
    assert run_git(place.clone, "rev-parse", "HEAD").strip() == place.remote_head()


def test_second_write_sees_the_new_head_only(place: Place) -> None:
    """The second attempt starts from the remote's files, without what the first one wrote."""
    seen: list[set[str]] = []

    def write() -> tuple[int, str]:
        folder = place.clone / "papers"
        folder.mkdir(exist_ok=True)
        seen.append({path.name for path in folder.iterdir()})
        (folder / f"run{len(seen)}.txt").write_text("x\n")
        if len(seen) == 1:
            place.elsewhere("papers/theirs.txt", "y\n")
        return len(seen), MESSAGE

    place.publish(write)
    assert seen == [set(), {"theirs.txt"}]
    assert {"papers/run2.txt", "papers/theirs.txt"} <= place.remote_files()
    assert "papers/run1.txt" not in place.remote_files()


def test_always_racing(place: Place) -> None:
    """After the last attempt it is an error, and nothing of ours is on the remote."""
    write = place.write()
    theirs: list[str] = []

    def write_and_lose() -> tuple[int, str]:
        outcome = write()
        theirs.append(place.elsewhere("keywords.txt", f"Theirs {place.runs}\n"))
        return outcome

    with pytest.raises(DailyPapersError, match="somebody else pushed first 3 times in a row"):
        place.publish(write_and_lose, attempts=3)
    assert place.runs == 3
    assert place.clock.sleeps == [3.0, 3.0]
    assert place.remote_head() == theirs[-1]
    assert "papers/store.jsonl" not in place.remote_files()
    assert run_git(place.clone, "status", "--porcelain") == ""


def test_lock_race(place: Place) -> None:
    """A ref that another push has locked counts as a race, not as a refusal."""
    lock = place.remote / "refs" / "heads" / "main.lock"
    write = place.write()

    def write_while_locked() -> tuple[int, str]:
        outcome = write()
        if place.runs == 1:
            lock.touch()
        else:
            lock.unlink()
        return outcome

    assert place.publish(write_while_locked) == [1, 2]
    assert place.remote_file("README.md") == "tables\n"


def test_forced_remote(place: Place) -> None:
    """When the branch is rewritten meanwhile, `write` runs again on the rewritten one."""
    write = place.write()

    def write_while_rewritten() -> tuple[int, str]:
        outcome = write()
        if place.runs == 1:
            run_git(place.other, "commit", "-q", "--no-gpg-sign", "--amend", "-m", "Rewritten")
            run_git(place.other, "push", "-q", "--force", "origin", "HEAD:main")
        return outcome

    assert place.publish(write_while_rewritten) == [1, 2]
    log = run_git(place.remote, "log", "--format=%s", "main")
    assert log.split("\n")[:2] == [MESSAGE, "Rewritten"]


def test_local_commits_survive_a_race(place: Place) -> None:
    """Commits that only this clone has are never dropped: then a race is an error."""
    (place.clone / "keywords.txt").write_text("Mine\n")
    run_git(place.clone, "commit", "-q", "--no-gpg-sign", "--no-verify", "-am", "Mine")
    mine = run_git(place.clone, "rev-parse", "HEAD").strip()
    write = place.write()

    def write_and_lose() -> tuple[int, str]:
        outcome = write()
        place.elsewhere("other.txt")
        return outcome

    with pytest.raises(DailyPapersError, match="has commits that 'origin' does not have"):
        place.publish(write_and_lose)
    assert run_git(place.clone, "rev-parse", "HEAD").strip() == mine
    assert (place.clone / "keywords.txt").read_text() == "Mine\n"
    assert (place.clone / "README.md").read_text() == "tables\n"


def test_own_edits_survive_a_race(place: Place) -> None:
    """An edited README is committed, but a race never discards the edit."""
    (place.clone / "README.md").write_text("By hand\n")

    def write_and_lose() -> tuple[int, str]:
        place.elsewhere("other.txt")
        return 1, MESSAGE

    with pytest.raises(DailyPapersError, match=r"README\.md already had uncommitted changes"):
        place.publish(write_and_lose)
    assert (place.clone / "README.md").read_text() == "By hand\n"


def test_files_in_the_way_survive_a_race(place: Place) -> None:
    """An untracked file is not overwritten by one that somebody pushed."""
    (place.clone / "notes.txt").write_text("mine\n")

    def write_and_lose() -> tuple[int, str]:
        outcome = place.write()()
        place.elsewhere("notes.txt", "theirs\n")
        return outcome

    with pytest.raises(DailyPapersError, match="untracked files here would be overwritten"):
        place.publish(write_and_lose)
    assert (place.clone / "notes.txt").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("error: GH006: Protected branch update failed for refs/heads/main.", "is protected"),
        ("error: GH013: Repository rule violations found for refs/heads/main.", "is protected"),
        ("I do not like it.", "I do not like it."),
    ],
)
def test_refused_push_is_not_retried(place: Place, words: str, advice: str) -> None:
    """A rejected push is an error that names the setting, without a retry."""
    place.hook(f"echo '{words}' >&2; exit 1")
    before = place.remote_head()
    with pytest.raises(DailyPapersError, match=advice) as caught:
        place.publish(place.write())
    assert "Settings → Rules → Rulesets" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert place.runs == 1
    assert place.clock.sleeps == []
    assert place.remote_head() == before


def test_a_file_that_is_too_large_is_named(place: Place) -> None:
    """A push that GitHub refuses for a large file is no ruleset's fault; the file is named."""
    lines = (
        "error: File papers/store.jsonl is 120.00 MB; this exceeds the limit of 100.00 MB",
        "error: GH001: Large files detected. You may want to try Git Large File Storage.",
    )
    place.hook(f"printf '%s\\n' {' '.join(map(repr, lines))} >&2; exit 1")
    with pytest.raises(DailyPapersError, match="lower max-papers") as caught:
        place.publish(place.write())
    assert "papers/store.jsonl is 120.00 MB" in str(caught.value)
    assert "Rulesets" not in str(caught.value)


def test_published_after_a_refusal(place: Place) -> None:
    """Files that could not be pushed stay, and the next run publishes them."""
    place.hook("exit 1")
    with pytest.raises(DailyPapersError):
        place.publish(place.write())
    assert (place.clone / "papers" / "store.jsonl").read_text() == "facts\n"
    (place.remote / "hooks" / "pre-receive").unlink()
    place.publish(lambda: (2, MESSAGE))
    assert place.remote_file("papers/store.jsonl") == "facts\n"


def test_shallow_clone(place: Place, tmp_path: Path) -> None:
    """A clone of depth 1, as in a workflow, publishes also after two lost races."""
    place.elsewhere("keywords.txt", "One more commit\n")
    shutil.rmtree(place.clone)
    run_git(tmp_path, "clone", "-q", "--depth=1", place.remote.as_uri(), str(place.clone))
    write = place.write()

    def write_and_lose_twice() -> tuple[int, str]:
        outcome = write()
        if place.runs < 3:
            place.elsewhere("keywords.txt", f"Theirs {place.runs}\n")
        return outcome

    assert place.publish(write_and_lose_twice) == [1, 2, 3]
    assert run_git(place.clone, "rev-parse", "--is-shallow-repository").strip() == "true"
    assert run_git(place.remote, "rev-list", "--count", "main").strip() == "5"


def test_shallow_clone_of_a_deleted_branch(place: Place, tmp_path: Path) -> None:
    """Without the branch, a shallow clone cannot make it again; the advice says so."""
    place.elsewhere()
    shutil.rmtree(place.clone)
    run_git(tmp_path, "clone", "-q", "--depth=1", place.remote.as_uri(), str(place.clone))
    run_git(place.remote, "symbolic-ref", "HEAD", "refs/heads/other")
    run_git(place.remote, "branch", "-D", "main")
    with pytest.raises(DailyPapersError, match="restore the branch there") as caught:
        place.publish(place.write())
    assert "Rulesets" not in str(caught.value)


def test_detached_head_of_a_branch(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checked out commit is pushed to the branch that GITHUB_REF names."""
    run_git(place.clone, "checkout", "-q", "--detach")
    monkeypatch.setenv("GITHUB_REF", "refs/heads/main")
    before = place.remote_head()
    place.publish(place.write())
    assert run_git(place.clone, "rev-parse", "HEAD").strip() == place.remote_head() != before


@pytest.mark.parametrize("ref", ["refs/tags/v1", "refs/pull/1/merge", ""])
def test_detached_head_of_no_branch(
    place: Place, monkeypatch: pytest.MonkeyPatch, ref: str
) -> None:
    """A tag, a pull request or a bare commit is refused before anything is written."""
    run_git(place.clone, "checkout", "-q", "--detach")
    monkeypatch.setenv("GITHUB_REF", ref)
    with pytest.raises(DailyPapersError, match=f"{ref} is not a branch"):
        place.publish(place.write())
    assert place.runs == 0


def test_a_tag_with_the_name_of_the_branch(place: Place) -> None:
    """The branch is pushed to, and no other is made."""
    run_git(place.clone, "tag", "main")
    place.publish(place.write())
    assert place.remote_file("README.md") == "tables\n"
    assert run_git(place.remote, "branch").split() == ["*", "main"]


def test_branch_of_another_name(place: Place) -> None:
    """The branch that is checked out is the one that is pushed."""
    run_git(place.clone, "switch", "-q", "-c", "tracker/one")
    place.publish(place.write())
    commit = run_git(place.clone, "rev-parse", "HEAD").strip()
    assert run_git(place.remote, "rev-parse", "tracker/one").strip() == commit
    assert place.remote_head() != commit


def test_not_a_repository(place: Place, tmp_path: Path) -> None:
    """A folder that is not the top of a repository is refused."""
    for folder, words in (
        (tmp_path, "is not a git repository"),
        (place.clone / "papers", "is only a part of the git repository"),
    ):
        folder.mkdir(exist_ok=True)
        with pytest.raises(DailyPapersError, match=words):
            publish(folder, place.write(), clock=place.clock)
    assert place.runs == 0


def test_no_commit_yet_and_no_remote(place: Place, tmp_path: Path) -> None:
    """For a repository without a commit or a remote, the error says what is missing."""
    place.clone = tmp_path / "new"
    run_git(tmp_path, "init", "-q", str(place.clone))
    with pytest.raises(DailyPapersError, match="has no commit yet"):
        place.publish(place.write())
    run_git(place.clone, "commit", "-q", "--no-gpg-sign", "--allow-empty", "-m", "Begin")
    with pytest.raises(DailyPapersError, match="git remote add origin"):
        place.publish(place.write())
    assert place.runs == 0


def test_no_git(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git the error says so."""
    monkeypatch.setenv("PATH", str(place.clone))
    with pytest.raises(DailyPapersError, match="git is not installed"):
        place.publish(place.write())


def test_variables_of_another_repository(place: Place) -> None:
    """Variables that a git hook sets do not redirect git to another repository."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_DIR", str(place.other / ".git"))
        patch.setenv("GIT_WORK_TREE", str(place.other))
        patch.setenv("GIT_INDEX_FILE", str(place.other / ".git" / "index"))
        before = place.remote_head()
        place.publish(place.write())
    assert run_git(place.clone, "rev-parse", "HEAD").strip() == place.remote_head() != before


def test_file_of_a_commit(place: Place) -> None:
    """A committed file is read as it is, invalid UTF-8 aside; a missing one is None."""
    (place.clone / "notes.txt").write_bytes(b"https://me@example.org\r\nGr\xfc\xdfe\n")
    run_git(place.clone, "add", "notes.txt")
    run_git(place.clone, "commit", "-q", "--no-gpg-sign", "--no-verify", "-m", "Notes")
    git = module.Git(place.clone)
    assert git.show("HEAD", "notes.txt") == "https://me@example.org\r\nGr\ufffd\ufffde\n"
    assert git.show("HEAD^", "notes.txt") is None
    assert git.show("--output=x", "notes.txt") is None
    assert not (place.clone / "x:.").exists()


def test_error_of_write_passes(place: Place) -> None:
    """An error raised by `write` is passed on, and nothing is committed."""

    def fail() -> tuple[int, str]:
        raise DailyPapersError("arXiv is away")

    before = place.remote_head()
    with pytest.raises(DailyPapersError, match=r"^arXiv is away$"):
        place.publish(fail)
    assert run_git(place.clone, "rev-parse", "HEAD").strip() == before


@contextmanager
def https_like_server(status: int) -> Iterator[tuple[str, list[str]]]:
    """Serve a git remote over HTTP that asks for a password, then answers with `status`."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = self.headers.get("Authorization", "")
            seen.append(given)
            self.send_response(status if given else 401)
            if not given:
                self.send_header("WWW-Authenticate", 'Basic realm="GitHub"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def all_text(error: BaseException) -> str:
    """Return all text that a log of the error could contain, except local variables."""
    out = io.StringIO()
    traceback.print_exception(error, file=out)
    seen: list[str] = [out.getvalue()]
    link: BaseException | None = error
    while link is not None:
        seen += [str(link), repr(link), repr(vars(link))]
        link = link.__cause__ or link.__context__
    return "\n".join(seen)


@pytest.mark.parametrize(
    ("status", "setting"),
    [
        (403, "Settings → Actions → General → Workflow permissions"),
        (401, "pass GITHUB_TOKEN to the step"),
        (404, "git remote get-url origin"),
        (500, "run it again later"),
    ],
)
def test_token_is_sent_and_never_shown(
    place: Place, monkeypatch: pytest.MonkeyPatch, status: int, setting: str
) -> None:
    """The token is sent as a password and is in no error; the error names the setting."""
    with https_like_server(status) as (address, seen):
        run_git(place.clone, "remote", "set-url", "origin", f"{address}/somebody/papers")
        monkeypatch.setenv("GITHUB_SERVER_URL", address)
        with pytest.raises(DailyPapersError) as caught:
            place.publish(place.write(), token=TOKEN)
    password = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    assert f"Basic {password}" in seen
    told = all_text(caught.value) + "".join(place.said)
    assert setting in str(caught.value)
    assert TOKEN not in told
    assert password not in told
    assert TOKEN not in (place.clone / ".git" / "config").read_text()


def test_token_is_not_in_a_command_line(place: Place, tmp_path: Path) -> None:
    """The token is in no command line of git, which other users of the machine can see."""
    log = tmp_path / "commands"
    real = shutil.which("git")
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{log}"\nexec "{real}" "$@"\n')
    fake.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
        place.publish(place.write(), token=TOKEN)
    assert place.remote_file("README.md") == "tables\n"
    text = log.read_text()
    assert "push" in text
    assert "credential.https://github.com.helper" in text
    assert TOKEN not in text


def test_token_only_for_its_server(place: Place) -> None:
    """A remote that is not at GITHUB_SERVER_URL does not get the token."""
    with https_like_server(403) as (address, seen):
        run_git(place.clone, "remote", "set-url", "origin", f"{address}/somebody/papers")
        with pytest.raises(DailyPapersError, match="git has no valid credentials"):
            place.publish(place.write(), token=TOKEN)
    assert seen
    assert not any(seen)


@pytest.mark.parametrize("secret", ["hunter2:letmein", "hunter2"])
def test_url_is_shown_without_its_password(place: Place, secret: str) -> None:
    """Credentials in the remote's URL are not in the error either."""
    with https_like_server(401) as (address, _):
        remote = address.replace("://", f"://{secret}@") + "/somebody/papers"
        run_git(place.clone, "remote", "set-url", "origin", remote)
        with pytest.raises(DailyPapersError, match="git has no valid credentials") as caught:
            place.publish(place.write())
    told = all_text(caught.value)
    assert "hunter2" not in told
    assert "letmein" not in told


def test_push_that_hangs(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A remote that never answers ends in an error after the time limit."""
    monkeypatch.setattr(module, "NETWORK_TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/somebody/papers"
        run_git(place.clone, "remote", "set-url", "origin", address)
        with pytest.raises(DailyPapersError, match=r"timed out after 0\.3 s"):
            place.publish(place.write())
    assert (place.clone / "README.md").read_text() == "tables\n"


def test_fetch_that_fails(place: Place) -> None:
    """When the new head cannot be fetched after a race, the files stay as written."""
    write = place.write()

    def write_and_lose() -> tuple[int, str]:
        outcome = write()
        place.elsewhere()
        run_git(place.clone, "config", "remote.origin.pushurl", str(place.remote))
        run_git(place.clone, "config", "remote.origin.url", str(place.remote / "nowhere"))
        return outcome

    with pytest.raises(DailyPapersError, match="Cannot fetch 'main': there is no such repository"):
        place.publish(write_and_lose)
    assert (place.clone / "README.md").read_text() == "tables\n"
