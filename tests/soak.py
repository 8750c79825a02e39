"""Nights with faults at arXiv, GitHub, git, the model and the clock, against what is true.

`Soak` plays nights by chance from a seed. A night is what the workflow does: a fresh clone,
`update` with its commit and push, and `notify` with its own. With other seeds it is a folder
without git, which a killed run leaves as it was. After each night these must hold:

- A run ends well or with an error for the user. What is published can be read, and nothing that was
  known is gone.
- A topic that counts as refreshed has the newest papers that arXiv shows for it; any other is said
  not to be refreshed.
- Once watchers are told, each paper that arXiv has shown since a topic's first good night was told
  once. No version of a paper is told twice.
- Every page can be made again from the store, and every paper has its place on one.
"""

import contextlib
import os
import random
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from conftest import VirtualClock
from daily_papers.commands.notify import Outcome, notify
from daily_papers.commands.render import render
from daily_papers.commands.update import AllFailedError, Update, failed_topics
from daily_papers.commands.update_report import Night, commit_message
from daily_papers.errors import DailyPapersError
from daily_papers.publish import git
from daily_papers.settings import Environment, load_settings
from daily_papers.store.entry_types import HARVEST, Store, sort_time
from daily_papers.store.failed_nights import LastRun, leave_last_run
from daily_papers.topics.arxiv_query import arxiv_query
from daily_papers.topics.keywords import read_keywords
from factories import whole_store
from standin_github import REPOSITORY, TOKEN, TROUBLES, FakeGitHub
from standins.arxiv import FakeArxiv, Fault, Record
from standins.arxiv.announcement_schedule import announced
from standins.llm import FakeLlm
from standins.llm import Fault as LlmFault

DAY = timedelta(days=1)
TABLE = 8
FIRST = datetime(2026, 3, 2, 5, 37, tzinfo=UTC)
INVENTED = (
    "Neural Widgets",
    "Quantum Teapots",
    "Particular Spoons",
    "Hyper Kettles",
    "Kettles: Hyper Kettles | Particular Spoons",
    "Quantum Teapots: Quantum Teapots -spoons",
    "cs.RO",
)
REAL = (
    "Gaussian Splatting",
    "Agents: LLM & agent",
    "Vision Language Model",
    "Graph Neural Network",
    "Vision Language Model: Vision Language Model -medical",
    "Time Series",
    "cs.IR",
)
"""Lines of keywords.txt for invented and for real papers."""
ARXIV_FAULTS = (
    "status", "rate_exceeded_200", "empty", "empty_with_total", "short", "wrong_total", "html",
    "reset", "cut", "cut_gzip", "malformed", "truncated", "error_entry", "no_date", "bad_date",
    "future_date", "missing_id", "no_title", "shuffled", "doubled", "another_query",
    "other_namespace", "redirect_loop",
)  # fmt: skip
ONE_RECORD = ("no_date", "bad_date", "future_date", "missing_id", "no_title", "doubled")
"""Those that make one record incredible, which is left out with a warning."""
GITHUB_TROUBLES = (*TROUBLES, "reset", "lost")
REFUSALS = (
    "error: GH006: Protected branch update failed for refs/heads/main.",
    "fatal: the remote end hung up unexpectedly",
    "I do not like it.",
)
WRITES = {"os.rename", "os.remove", "os.mkdir", "os.chmod", "subprocess.Popen", "socket.connect"}
"""The steps before which a run may be killed, beside opening a file to write it."""


class Killed(BaseException):
    """The process is dead: nothing that it would do next is done."""


@dataclass
class Killer:
    """Kills the run of the main thread before one of its steps, and each step after it."""

    left: int | None = None
    """How many steps are left; None: the run lives."""

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Be called before each step: https://docs.python.org/3/library/audit_events.html."""
        if self.left is None or threading.current_thread() is not threading.main_thread():
            return
        is_step = event in WRITES
        if event == "open":
            _, mode, flags = arguments
            is_step = bool((mode and set(mode) & set("wax+")) or flags & (os.O_WRONLY | os.O_RDWR))
        if is_step:
            self.left -= 1
            if self.left < 0:
                raise Killed


KILLER = Killer()
# A hook cannot be removed: one serves all runs of the process.
sys.addaudithook(KILLER)


def run_git(folder: Path, *arguments: str) -> str:
    """Run git as the user, and return what it prints."""
    who = ("-c", "user.name=A User", "-c", "user.email=user@example.org", "-c", "gc.auto=0")
    command = ["git", *who, *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def invented(chance: random.Random, days: int) -> list[Record]:
    """Return papers of so many days, and of two weeks before: bursts, equal times, revisions."""
    titles = INVENTED[:4]
    found = []
    moment, number = FIRST - 14 * DAY, 0
    while moment < FIRST + days * DAY:
        if chance.random() > 0.25:  # else of the same second as the one before
            moment += timedelta(hours=chance.choice((1, 1, 2, 5, 20)))
        number += 1
        topics = chance.sample(titles, chance.choice((1, 1, 1, 2)))
        paper = Record(
            f"{moment:%y%m}.{number:05}",
            title=f"Paper {number} on {' and '.join(topics)}",
            authors=("A. Sample",),
            abstract="An invented paper.",
            categories=(chance.choice(("cs.LG", "cs.RO")),),
            published=moment,
        )
        found.append(paper)
        if chance.random() < 0.15:
            later = moment + timedelta(days=chance.choice((1, 3, 9)), seconds=number)
            found.append(replace(paper, version=2, updated=later, comment="revised"))
    return found


@dataclass
class Followed:
    """A query that a topic asks, since its first good night."""

    query: str
    since: datetime
    """The time at arXiv of that night."""


class Soak:
    """One repository with its user, arXiv, GitHub and a model, over many nights."""

    def __init__(
        self, folder: Path, seed: str, nights: int, records: Sequence[Record] = ()
    ) -> None:
        self.folder, self.seed, self.nights = folder, seed, nights
        self.chance = random.Random(seed)
        self.lines = REAL if records else INVENTED
        self.records = list(records) or invented(self.chance, 2 * nights)
        last = max(record.updated for record in self.records)
        self.now = last - (nights * 1.4 + 4) * DAY if records else FIRST
        self.now = self.now.replace(hour=5, minute=37)
        self.arxiv = FakeArxiv(self.records, announced=True)
        self.github = FakeGitHub()
        self.llm = FakeLlm()
        self.has_git = self.chance.random() < 0.6
        self.has_model = self.chance.random() < 0.4
        self.remote, self.user, self.copy = (folder / name for name in ("remote", "user", "copy"))
        self.known: Store | None = None
        self.followed: dict[str, Followed] = {}
        self.told: Counter[str] = Counter()
        self.hidden: dict[str, datetime] = {}
        self.what: list[str] = []
        """What this night meets, for the message of a failure."""
        self.good = 0

    def play(self) -> None:
        """Play all nights. Raises AssertionError with seed and night."""
        with self.arxiv, self.github, self.llm:
            self._begin()
            for number in range(1, self.nights + 1):
                self.what = []
                try:
                    is_last = number == self.nights
                    self._night(is_good=is_last or self.chance.random() < 0.3)
                except BaseException as error:
                    error.add_note(f"seed {self.seed}, night {number}: {'; '.join(self.what)}")
                    raise
            self._check_pages()

    # The user ---------------------------------------------------------------------------------

    def _begin(self) -> None:
        lines = "".join(f"{line}\n" for line in self.lines[:2])
        tasks = '["summary"]' if self.has_model else "[]"
        settings = (
            f"max-papers = {TABLE}\nissue-papers = 200\n"
            f"[pages]\nweekly = {str(self.has_model).lower()}\n"
            f"[llm]\ntasks = {tasks}\nmax-papers-per-night = 5\nfirst-page = false\n"
        )
        if self.has_git:
            run_git(self.folder, "init", "-q", "--bare", "-b", "main", str(self.remote))
            run_git(self.folder, "clone", "-q", str(self.remote), str(self.user))
        else:
            self.user = self.copy
            self.user.mkdir()
        (self.user / "keywords.txt").write_text(lines)
        (self.user / "daily-papers.toml").write_text(settings)
        (self.user / "README.md").write_text(
            "# Mine\n\n<!-- daily-papers:start -->\n<!-- daily-papers:end -->\n\nThe end.\n"
        )
        self._push("Begin")

    def _push(self, message: str) -> None:
        """Commit and push what the user changed."""
        if self.has_git:
            run_git(self.user, "add", "-A")
            run_git(self.user, "commit", "-q", "--allow-empty", "-m", message)
            hook = self.remote / "hooks/pre-receive"
            is_refusing = hook.exists() and hook.rename(self.folder / "hook")
            run_git(self.user, "push", "-q", "origin", "HEAD:main")
            if is_refusing:
                (self.folder / "hook").rename(hook)

    def _pull(self) -> None:
        if self.has_git:
            run_git(self.user, "pull", "-q", "--no-rebase", "--no-edit", "origin", "main")

    def _edit_keywords(self) -> None:
        """Add, remove, change or move a line."""
        self._pull()
        lines = (self.user / "keywords.txt").read_text().splitlines()
        headings = {line.partition(":")[0] for line in lines}
        fresh = [line for line in self.lines if line not in lines]
        line = self.chance.choice(fresh)
        heading = line.partition(":")[0]
        if heading in headings:  # another query under the same heading
            lines = [line if one.partition(":")[0] == heading else one for one in lines]
        elif len(lines) > 1 and self.chance.random() < 0.5:
            lines.remove(self.chance.choice(lines))
        else:
            lines.insert(self.chance.randrange(len(lines) + 1), line)
        (self.user / "keywords.txt").write_text("".join(f"{one}\n" for one in lines))
        self._push("Other topics")

    def _edit_readme(self) -> None:
        """Merge the user's own text, written on an older base, with what nights wrote since."""
        readme = self.user / "README.md"
        text = readme.read_text()
        readme.write_text(text.replace("# Mine\n", f"# Mine\n\nText {self.chance.random()}.\n"))
        if self.has_git:
            run_git(self.user, "commit", "-q", "-am", "My text")
        self._pull()
        self._push("Merged")

    # A night ----------------------------------------------------------------------------------

    def _night(self, *, is_good: bool) -> None:
        """Play one night, and check what is true after it."""
        self.before = self.arxiv.now or self.now
        self.now += DAY
        self.is_exact = True
        self.arxiv.now = self.now - timedelta(minutes=30)
        self.arxiv.faults.clear()
        self.github.troubles.clear()
        self.llm.fault = lambda _asked: None
        (self.remote / "hooks/pre-receive").unlink(missing_ok=True)
        clock = VirtualClock(self.now)
        kill: int | None = None
        during: Callable[[], object] | None = None
        self._show_records()
        if not is_good:
            for fault in self.chance.sample(
                (
                    self._arxiv_fault, self._arxiv_fault, self._late, self._slow,
                    self._github_fault, self._model_fault, self._refuse_push,
                    self._edit_keywords, self._edit_readme,
                ),
                self.chance.choice((1, 1, 2, 3)),
            ):  # fmt: skip
                self.what.append(fault.__name__)
                fault()
            what = self.chance.random()
            if what < 0.2:
                kill = self.chance.choice((self.chance.randrange(12), self.chance.randrange(90)))
                self.what.append(f"killed before step {kill}")
            elif what < 0.3:
                self.now += self.chance.randrange(5) * DAY
                self.arxiv.now = self.now - timedelta(minutes=30)
                clock = VirtualClock(self.now)
                self._show_records()
                self.what.append("nights missed")
            elif what < 0.4:
                clock = VirtualClock(self.now + timedelta(hours=self.chance.randint(-90, 90)))
                self.is_exact = self.is_exact and clock.start >= self.now
                self.what.append(f"the clock says {clock.start}")
            elif what < 0.5 and self.has_git:
                during = self.chance.choice((self._edit_keywords, self._another_run))
                self.what.append(f"meanwhile {during.__name__}")
        self.clock = clock
        self._play_run(clock, kill, during)
        self._check(is_good=is_good)

    def _play_run(
        self, clock: VirtualClock, kill: int | None, during: Callable[[], object] | None = None
    ) -> None:
        """Do what the workflow does; `kill` is the step before which it is killed."""
        root = self._checkout("copy")
        self.refreshed: Night | None = None
        self.outcome: Outcome | None = None
        KILLER.left = kill
        try:
            with self._errors():
                self.refreshed = self._update(root, clock, during)
            with self._errors():
                self.outcome = self._notify(root, clock)
                self.what.append(f"told: {self.outcome.refused or self.outcome.notice is not None}")
        except Killed:
            self.what.append("it was killed")
        finally:
            KILLER.left = None

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Note the error for the user with which a command ends."""
        try:
            yield
        except DailyPapersError as error:
            self.what.append(f"it ended with: {error}")

    def _checkout(self, name: str) -> Path:
        root = self.folder / name
        if self.has_git:
            shutil.rmtree(root, ignore_errors=True)
            run_git(self.folder, "clone", "-q", "--depth=1", self.remote.as_uri(), str(root))
        return root

    def _update(
        self, root: Path, clock: VirtualClock, during: Callable[[], object] | None = None
    ) -> Night:
        update = Update(root, self._environment(), clock)
        moment = clock.now()
        leave_last_run(root, LastRun(moment, "the run ended before it was done"))

        def write() -> tuple[Night, str]:
            nonlocal during
            night = update.run()
            if during is not None:
                what, during = during, None
                what()
            return night, commit_message(night)

        try:
            night = git.publish(root, write, clock=clock)[-1] if self.has_git else write()[0]
        except DailyPapersError as error:
            cause = error.cause if isinstance(error, AllFailedError) else str(error)
            leave_last_run(root, LastRun(moment, cause))
            raise
        leave_last_run(root, LastRun(moment, *failed_topics(night.store)))
        return night

    def _notify(self, root: Path, clock: VirtualClock) -> Outcome:
        def write() -> tuple[Outcome, str]:
            return notify(root, self._environment(), clock), "Note that watchers were told"

        return git.publish(root, write, clock=clock)[-1] if self.has_git else write()[0]

    def _environment(self) -> Environment:
        return Environment(
            arxiv_api_url=self.arxiv.api_url,
            arxiv_oai_url=self.arxiv.oai_url,
            github_api_url=self.github.api_url,
            github_repository=REPOSITORY,
            github_token=TOKEN,
            openai_api_key="sk-invented" if self.has_model else "",
            openai_base_url=self.llm.base_url,
            llm_model="invented",
        )

    # Faults -----------------------------------------------------------------------------------

    def _arxiv_fault(self) -> None:
        kind: Any = self.chance.choice(ARXIV_FAULTS)
        times = self.chance.choice((1, 2, 4, None))
        path: Any = self.chance.choice(("api", "api", "oai", None))
        status = self.chance.choice((400, 403, 404, 406, 429, 500, 503))
        page = self.chance.choice((0, 0, 1))
        fault = Fault(
            kind, times, path, lambda query: int(query.get("start", "0")) >= page, status=status
        )
        self.arxiv.faults.add(fault)
        self.is_exact = self.is_exact and kind not in ONE_RECORD
        self.what.append(f"{kind} {times} {path} {status}")

    def _late(self) -> None:
        """Let a part of what is announced come a day or two later."""
        for record in self.records:
            is_next = self.before < announced(record.published) <= self.now + DAY
            if is_next and self.chance.random() < 0.5:
                self.hidden[record.arxiv_id] = self.now + self.chance.choice((0.5, 1.5)) * DAY
        self._show_records()

    def _slow(self) -> None:
        """Let arXiv take its time for each answer, by the clock of the run."""
        seconds = self.chance.choice((30, 110, 700))

        def wait(_query: Mapping[str, str]) -> bool:
            self.clock.sleep(seconds)
            return False

        self.arxiv.faults.add(Fault("status", None, where=wait))
        self.what.append(f"{seconds} s for each answer")

    def _show_records(self) -> None:
        """Show what is not late any more."""
        late = {one for one, until in self.hidden.items() if until > self.now}
        self.arxiv.records = [one for one in self.records if one.arxiv_id not in late]

    def _github_fault(self) -> None:
        kind = self.chance.choice(GITHUB_TROUBLES)
        method = self.chance.choice(("POST", "POST", "GET"))
        path = self.chance.choice(("/issues", "/issues", "/labels"))
        self.github.play(kind, method=method, path=path, times=self.chance.choice((1, None)))
        self.what.append(f"{kind} {method} {path}")

    def _model_fault(self) -> None:
        fault = self.chance.choice(
            (
                LlmFault("status", self.chance.choice((400, 401, 404, 429, 500))),
                LlmFault("reset"),
                LlmFault("cut"),
                LlmFault("body", body="[" * 100_000),
                LlmFault("body", body="<html>"),
            )
        )
        self.llm.fault = lambda _asked: fault

    def _refuse_push(self) -> None:
        if self.has_git:
            words = self.chance.choice(REFUSALS)
            hook = self.remote / "hooks/pre-receive"
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(f"#!/bin/sh\necho '{words}' >&2\nexit 1\n")
            hook.chmod(0o755)

    def _another_run(self) -> None:
        """Let another run of the workflow do its whole night."""
        root = self._checkout("another")
        clock = VirtualClock(self.now)
        with contextlib.suppress(DailyPapersError):
            self._update(root, clock)
            self._notify(root, clock)

    # What is true -----------------------------------------------------------------------------

    def _check(self, *, is_good: bool) -> None:
        """Check what this night has published."""
        root = self._checkout("seen") if self.has_git else self.copy
        self._check_issues()
        if not (root / "papers/store/state.jsonl").exists():
            assert not is_good
            assert self.known is None
            return
        store = whole_store(root)
        self._check_kept(store)
        settings = load_settings(root)
        topics = {one.name: one for one in read_keywords(root)}
        if is_good:
            assert self.refreshed is not None
            assert set(store.topics) == set(topics)
            assert all(one.failing is None for one in store.topics.values())
            self.good += 1
        readme = (root / "README.md").read_text()
        if store.rendered == store.updated:
            failing = [one for one in store.topics.values() if one.failing]
            assert bool(failing) == ("not refreshed" in readme), "the README on what failed"
        if self.refreshed is None:
            return
        for name, state in store.topics.items():
            query = arxiv_query(topics[name], settings.categories) if name in topics else ""
            if state.query != query:
                self.followed.pop(name, None)
                continue
            if state.failing is not None or state.watermark is None:
                continue
            shown = self._shown(query)
            if self.is_exact:
                self._check_table(store, name, shown, settings.sort, is_good=is_good)
            known = self.followed.get(name)
            if known is None or known.query != query:
                self.followed[name] = Followed(query, self.arxiv.now or self.now)
            elif is_good:
                self._check_told(name, known, shown, store)
        for name in self.followed.keys() - store.topics.keys():
            del self.followed[name]

    def _shown(self, query: str) -> list[Record]:
        return self.arxiv.found(query, "")

    def _check_kept(self, store: Store) -> None:
        """Check that the store has all that it ever had."""
        for arxiv_id, entry in self.known.entries.items() if self.known else ():
            now = store.entries[arxiv_id]
            assert set(entry.topics) <= set(now.topics)
            assert now.paper.version >= entry.paper.version
        self.known = store

    def _check_table(
        self, store: Store, name: str, shown: list[Record], sort: str, *, is_good: bool
    ) -> None:
        """Check that a table has the newest papers; of those of the last second it may be any.

        One that began without the search has those of the harvest, until a good night.
        """
        rows = store.table(name, TABLE)
        newest = sorted((one.updated for one in shown), reverse=True)
        began = [row for row in store.ledger if row.topic == name and row.source == HARVEST]
        is_short = not is_good and bool(began) and store.topics[name].floor is not None
        assert len(rows) <= TABLE if is_short else len(rows) == min(TABLE, len(newest)), name
        edge = newest[len(rows) - 1] if rows else self.now
        due = {(one.arxiv_id, one.version) for one in shown if one.updated > edge}
        maybe = {(one.arxiv_id, one.version) for one in shown if one.updated >= edge}
        found = {(one.paper.arxiv_id, one.paper.version) for one in rows}
        assert due <= found <= maybe, name
        times = [sort_time(one.paper, sort) for one in rows]
        assert times == sorted(times, reverse=True)

    def _check_issues(self) -> None:
        """Check that no version of a paper is told twice."""
        self.told = Counter(
            versioned
            for issue in self.github.issues
            for versioned in set(re.findall(r"arxiv\.org/abs/([^)\s\"]+v\d+)", issue["body"] or ""))
        )
        twice = [one for one, count in self.told.items() if count > 1]
        assert not twice, f"told twice: {twice}"

    def _check_told(self, name: str, known: Followed, shown: list[Record], store: Store) -> None:
        """Check that what arXiv showed since the topic is followed is in the store and told."""
        told = {one.rpartition("v")[0] for one in self.told}
        for record in shown:
            # One that is late is of its own day: what is older than a topic here is not told.
            if announced(record.published) <= known.since:
                continue
            assert name in store.entries[record.arxiv_id].topics, record.arxiv_id
            assert record.arxiv_id in told, f"never told: {record.arxiv_id} of {name}"

    def _check_pages(self) -> None:
        """Check that every page can be made again from the store, and has every paper."""
        root = self._checkout("seen") if self.has_git else self.copy
        before = _pages(root)
        shutil.move(root / "papers/store", self.folder / "store")
        shutil.rmtree(root / "papers")
        (root / "papers").mkdir()
        shutil.move(self.folder / "store", root / "papers/store")
        render(root, VirtualClock(self.now))
        assert _pages(root) == before
        months = b"".join(text for path, text in before.items() if "/months/" in path)
        assert self.known is not None
        missing = [one for one in self.known.entries if f"/abs/{one}v".encode() not in months]
        assert not missing


def _pages(root: Path) -> dict[str, bytes]:
    paths = (root / "README.md", *sorted((root / "papers").rglob("*")))
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in paths if path.is_file()
    }
