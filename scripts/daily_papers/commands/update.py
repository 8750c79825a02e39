"""The night: ask arXiv for every topic, merge, save, render."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from daily_papers.announcement_calendar import is_known, known_until, listing_day
from daily_papers.arxiv.ask_topics import ask, fall_back
from daily_papers.arxiv.session import PACE, PoliteSession
from daily_papers.clock import Clock
from daily_papers.errors import DailyPapersError, InputError
from daily_papers.files import locked, write_lines
from daily_papers.inputs import Project, load_known_store, read_project
from daily_papers.llm.journal import Journal
from daily_papers.llm.report import Report
from daily_papers.settings import SHOWN_ON, Environment, Settings
from daily_papers.store.merge import Merged, merge
from daily_papers.store.records import STORE, Store, dump_store
from daily_papers.topics.arxiv_query import arxiv_query
from daily_papers.topics.keywords import KEYWORDS, Topic, slugify

# Of the night's time, the search API gets this much; the rest is for the announcement feed. A model
# gets what is left.
_SEARCH_SHARE = 0.85


@dataclass(frozen=True, slots=True)
class Night(Merged):
    """What a night did."""

    warnings: tuple[str, ...] = ()
    """What whoever looks at the run should know beside the rows."""
    model: Report = field(default_factory=Report)
    """What was asked of a language model, after the merge."""


class AllFailedError(DailyPapersError):
    """No topic could be refreshed; `night` has the rows that say why."""

    def __init__(self, night: Night) -> None:
        self.night = night
        reasons = dict.fromkeys(f"{row.state}: {row.reason}" for row in night.rows)
        super().__init__(
            "no topic could be refreshed, and nothing was changed: "
            + "; ".join(reasons)
            + ". Nothing is lost: the next night looks back to where this one would have begun"
        )


def update(
    root: Path,
    environment: Environment,
    clock: Clock,
    *,
    only: Sequence[str] = (),
    now: datetime | None = None,
    dry_run: bool = False,
    begun: float | None = None,
    pace: float = PACE,
    stamp: Path | None = None,
    together: bool = True,
    journal: Journal | None = None,
) -> Night:
    """Ask arXiv, keep what is new and write the pages again; return what the night did.

    `only` names the topics to ask for (none: all of them); `begun` is when the night began, on
    `clock.monotonic()` (None: now); `pace` is in seconds; `stamp` keeps it from run to run, see
    PoliteSession; `together` says whether topics may be asked together, which leads to the same
    store; `journal` is that of a command that may run this several times. Raises InputError for
    what the user must mend, StoreError, and AllFailedError.
    """
    project = read_project(root)
    asked = _chosen(project.topics, only)
    wait = project.settings.deadline_minutes * 60
    with locked(root, clock, wait):
        store = load_known_store(root)
        begun = clock.monotonic() if begun is None else begun
        session = PoliteSession(
            user_agent=environment.user_agent,
            clock=clock,
            deadline=begun + wait * _SEARCH_SHARE,
            pace=pace,
            stamp=stamp,
            rng=random.Random(),  # noqa: S311 - jitter is no secret
        )
        now = now or clock.now()
        queries = {
            one.name: arxiv_query(one, project.settings.categories) for one in project.topics
        }
        answers = ask(
            project, asked, queries, store, session, environment, clock, now, merged=together
        )
        session.extend(wait * (1 - _SEARCH_SHARE))
        if any(answer.failure for answer in answers):
            answers = fall_back(answers, project.settings, session, environment)
        merged = merge(store, project.topics, queries, answers, now, project.settings)
        night = Night(
            merged.store,
            merged.rows,
            merged.new,
            merged.revised,
            merged.changed,
            _warnings(project.settings, now),
        )
        if all(answer.failure and not answer.papers for answer in answers):
            raise AllFailedError(night)
        if store is None and all(answer.total == 0 for answer in answers):
            # On a first night nothing tells a fault of arXiv's from topics that do not exist.
            raise DailyPapersError(
                "arXiv says that it has no paper for any topic, and nothing was written. Check the "
                f"spelling in {KEYWORDS}; arXiv also answers so when it is out of order, so if "
                "the spelling is right, run again later"
            )
        if not dry_run:
            # Imported here: no request to arXiv has to wait for it.
            from daily_papers.llm.run import enrich  # noqa: PLC0415

            journal = journal or Journal(root)
            enriched = enrich(
                night.store,
                project.settings,
                environment,
                session,
                clock,
                now,
                journal=journal,
                deadline=begun + wait,
            )
            changed = night.changed or enriched.store != night.store
            night = replace(night, store=enriched.store, changed=changed, model=enriched.report)
            if night.changed:
                write_lines(root / STORE, dump_store(night.store))
            _prepare()(project, night.store)
            journal.settle()
    return night


def _warnings(settings: Settings, now: datetime) -> tuple[str, ...]:
    found = []
    if not is_known(listing_day(now)) and settings.pages.are_dated:
        found.append(
            f"arXiv's holidays are known up to {known_until()}; the days of announcement after "
            "that are computed without its list. Bring the folder scripts/ up to date with the "
            "project's"
        )
    hidden = [task for task in settings.llm.tasks if not getattr(settings.pages, SHOWN_ON[task])]
    if hidden:
        pages = dict.fromkeys(SHOWN_ON[task] for task in hidden)
        found.append(
            f"[tool.daily-papers.llm] asks for {', '.join(hidden)}, which no page shows: switch "
            f"{' and '.join(pages)} on in [tool.daily-papers.pages]"
        )
    return tuple(found)


def _prepare() -> Callable[[Project, Store], list[str]]:
    """Import what writes the pages, which no request needs: it is time enough while one waits."""
    from daily_papers.commands.render import write_pages  # noqa: PLC0415

    return write_pages


def _chosen(topics: Sequence[Topic], only: Sequence[str]) -> list[Topic]:
    """Return the topics that `only` names, in any case and spacing, in the file's order."""
    known = {slugify(one.name) for one in topics}
    unknown = [name for name in only if slugify(name) not in known]
    if unknown:
        raise InputError(
            f"{KEYWORDS}: there is no topic {name!r}; "
            f"there are {', '.join(one.name for one in topics)}"
            for name in unknown
        )
    wanted = {slugify(name) for name in only} or known
    return [one for one in topics if slugify(one.name) in wanted]
