"""What an answer of arXiv's covers: from which moment on it has every paper, on what evidence.

The invariant that keeps papers from being lost: of every topic, the store has each paper later than
`TopicState.complete_from` and up to `TopicState.watermark` that arXiv showed by the last good
night. Every door to arXiv returns a `Coverage`, and a watermark moves over nothing else, and only
if that `continues` from it. A moment is proven by all of this, and by nothing less:

- The answer is to our question: the query that it says it answers is ours.
- The papers are in the order that was asked for. Without it, the last paper of a page says nothing
  about papers that are not on it.
- The counts agree: a page has as many papers as are due by arXiv's total, or the next page goes on
  where it ended.
- Page boundaries meet: no page has an unknown paper that belongs to the pages before it.
- The time of the last paper: all that are newer are in the answer. Of the same second, some may not
  be.

What arXiv shows late, below a watermark, is found because every night reads again from well before
its watermark (`look_back_to`), and because a harvest goes by the day of the last change instead.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from daily_papers.announcement_calendar import announced_at, submitted_since
from daily_papers.store.paper import Paper

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ANNOUNCEMENTS_AGAIN = 3
"""Announcements that every night reads again: arXiv has shown some papers a day or two late."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The papers of one answer, from one request or several, and what it proves."""

    papers: tuple[Paper, ...] = ()
    complete_from: datetime | None = None
    """Every paper later than this is among `papers`; EPOCH: every paper; None: nothing is sure."""
    total: int | None = None
    """How many papers arXiv says there are."""
    limited: bool = False
    """Whether a limit was reached before the time that was looked for."""
    goes_on: bool = False
    """Whether these are all changes since the last harvest, and so complete with what is known."""
    failure: tuple[str, str] | None = None
    """The state and the reason, if arXiv did not answer in full."""

    def continues(self, watermark: datetime | None) -> bool:
        """Whether no paper can be missing between what was known, up to a watermark, and this."""
        if self.goes_on:
            return True
        if self.complete_from is None:
            return False
        return watermark is None or self.complete_from < watermark


def look_back_to(watermark: datetime, now: datetime) -> datetime:
    """Return the time from which on a night reads again what it knows up to a watermark."""
    return submitted_since(min(now, announced_at(watermark)), ANNOUNCEMENTS_AGAIN)


def is_newest_first(times: Iterable[datetime]) -> bool:
    """Whether an answer is in the order that was asked for. Equal times may have any order."""
    return all(after <= before for before, after in pairwise(times))


def is_plausible_part(count: int, due: int) -> bool:
    """Whether a page that is shorter than due may be gone on from: arXiv has sent two thirds."""
    return due <= count * 4 and count <= due


def has_hole(
    papers: Iterable[tuple[Paper, datetime]],
    known: Container[str],
    newest: datetime,
    end: datetime,
    *,
    expected: int | None,
) -> bool:
    """Whether a page shows that the pages before it lack a paper that they should have had.

    `papers` have their times; `known` are the identifiers on the pages before, whose papers are
    from `newest` back to `end`. `expected` is how many papers newer than `end` the page should have
    at most, if the pages before were shorter than they should be: more of them were counted there.
    """
    between = [one for one, time in papers if end < time <= newest]
    if expected is not None and len(between) > expected:
        return True
    return any(one.arxiv_id not in known for one in between)
