"""What is known of a topic before a night, and the answer that the night gets for it."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field

from daily_papers.settings import Settings
from daily_papers.store.coverage import Coverage
from daily_papers.store.entry_types import Entry, Store, TopicState, sort_time
from daily_papers.store.paper import Paper
from daily_papers.topics.keywords import Topic, slugify


class Dispute(enum.Enum):
    """How arXiv and the local matcher disagree about a paper and a topic."""

    FOUND = "arXiv finds it, and it does not match here"
    UNPLACED = "arXiv finds it for one of these; another night asks for which"


@dataclass(frozen=True, slots=True)
class TopicAnswer:
    """What a night found for one topic."""

    topic: Topic
    query: str
    coverage: Coverage = field(default_factory=Coverage)
    """Its papers, and what they prove."""
    source: str = ""
    changed: tuple[Paper, ...] = ()
    """Its papers that changed since the last harvest, however old they are."""
    disputed: tuple[tuple[Dispute, Paper], ...] = ()
    """Papers about which arXiv and the local matcher disagree."""

    @property
    def papers(self) -> tuple[Paper, ...]:
        """Its papers."""
        return self.coverage.papers

    @property
    def failure(self) -> tuple[str, str] | None:
        """The state and the reason, if arXiv did not answer in full."""
        return self.coverage.failure

    @property
    def total(self) -> int | None:
        """How many papers arXiv said there are."""
        return self.coverage.total


def state_for(store: Store | None, topic: Topic, query: str, sort: str) -> TopicState | None:
    """Return the state of `topic` with this query, under its name or the one before a renaming.

    None if the topic is new, if its query was changed, or if the tables have another order now.
    Upper and lower case are the same to arXiv.
    """
    if store is None or store.sort != sort:
        return None
    state = predecessor(store, topic.name, query)
    return state if state and state.query.casefold() == query.casefold() else None


def predecessor(store: Store, name: str, query: str) -> TopicState | None:
    """Return the old topic that a topic continues: of the same name, query, or page's name."""
    if name in store.topics:
        return store.topics[name]
    others = store.topics.values()
    same_query = (one for one in others if one.query.casefold() == query.casefold())
    same_page = (one for one in others if slugify(one.name) == slugify(name))
    return next(same_query, None) or next(same_page, None)


def is_filled(state: TopicState, table: Sequence[Entry], settings: Settings) -> bool:
    """Whether a table lacks no older paper, as it does after max-papers was raised."""
    return state.floor is None or (
        len(table) >= settings.max_papers
        and sort_time(table[-1].paper, settings.sort) >= state.floor
    )
