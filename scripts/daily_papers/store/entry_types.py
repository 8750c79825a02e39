"""The records of the store: papers, topics, nights, and the texts of a language model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain
from typing import Annotated, Any, Required, Self, TypedDict

from msgspec import Meta, ValidationError, convert

from daily_papers.announcement_calendar import announced_at
from daily_papers.store.json_encoding import Count, from_json, to_json
from daily_papers.store.paper import Identifier, Paper, VersionedIdentifier

SEARCH = "search"
HARVEST = "harvest"
"""The sources of papers that the ledger names."""
MONTH = "[12][0-9]{3}-[0-9]{2}"
"""A regular expression for a month, such as `2026-08`."""
_Score = Annotated[int, Meta(ge=1, le=3)]


@dataclass(frozen=True, slots=True)
class Revision:
    """A newer version of a paper that was seen."""

    seen: datetime
    """The night that saw it."""
    from_version: Count
    """The version known before; 0 if the paper came to the store as a replacement."""


@dataclass(frozen=True, slots=True)
class Past:
    """What a paper's facts were until a night changed them."""

    until: datetime
    """The night that changed them."""
    facts: Mapping[str, Any]
    """The fields of the paper that were changed, with their values before, as JSON."""


class _AboutPaper(TypedDict, total=False):
    paper: Required[VersionedIdentifier]
    text: str
    reason: str


class _Fields(TypedDict, total=False):
    """The types of an answer's fields, of every task: pages take each as one of these."""

    title: str
    abstract: str
    field: str
    subfield: str
    keywords: list[str]
    institutions: list[str]
    code: list[str]
    contributions: list[str]
    summary: str
    method: str
    impact: str
    applications: list[str]
    limitations: list[str]
    significance: _Score
    relevance: dict[str, _Score]
    themes: str
    highlights: list[_AboutPaper]
    directions: list[str]
    read: list[_AboutPaper]


@dataclass(frozen=True, slots=True)
class ModelText:
    """The answer of a language model about one version of a paper, after it was checked."""

    task: str
    version: Count
    """The paper's version; 0 for a text about several papers."""
    language: str
    prompt: Count
    """The version of the prompt."""
    model: str
    tries: Count
    """The number of nights that asked for it."""
    refused: date | None = None
    """The last of these nights, if no answer was accepted."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """The answer, as JSON; empty if none was accepted."""

    def __post_init__(self) -> None:
        """Raise ValueError for a field of another type."""
        try:
            convert(self.fields, _Fields)
        except ValidationError as error:
            raise ValueError(str(error)) from None

    @property
    def key(self) -> tuple[str, int, str, int, str]:
        """What was asked: the same is never asked again."""
        return (self.task, self.version, self.language, self.prompt, self.model)


@dataclass(frozen=True, slots=True)
class DigestText:
    """The text of a language model about the papers of one digest."""

    day: date
    topic: str
    papers: tuple[VersionedIdentifier, ...]
    """The identifiers of the papers in its prompt, in order."""
    text: ModelText


@dataclass(frozen=True, slots=True)
class Spending:
    """What the last night that asked a language model has used."""

    night: date
    """Its date, in UTC."""
    papers: tuple[str, ...] = field(default_factory=tuple)
    """The identifiers of the papers that were asked about, sorted."""
    tokens: Count = field(default_factory=int)


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper, and what this repository knows about it."""

    paper: Paper
    topics: tuple[str, ...]
    """The names of its topics, sorted."""
    first_seen: datetime
    """The first night that saw it."""
    silent: bool = False
    """Not announced: it is older than its topic here (backfill), or a replacement."""
    revised: Revision | None = None
    cross_listed: bool = False
    """Whether it came long after its own announcement, when it got a category of its topic."""
    accepted: datetime | None = None
    """The night that found a venue for a paper that was known without one."""
    code: datetime | None = None
    """The night that found a link to code for a paper that was known without one."""
    past: tuple[Past, ...] = ()
    """What the paper was before, oldest first."""
    texts: tuple[ModelText, ...] = ()
    """The texts of a language model about it."""

    @property
    def is_replacement(self) -> bool:
        """Whether it came as a newer version of a paper that was announced before."""
        return self.revised is not None and self.revised.from_version == 0

    @property
    def day(self) -> date:
        """The day on which arXiv listed it, unless it was held back; see `listing_day`."""
        return announced_at(self.paper.published).date()

    def before(self, moment: datetime) -> Self:
        """Return it with the facts that were known before `moment`, or at first if that is later.

        It keeps its texts.
        """
        facts: dict[str, Any] = {}
        for one in reversed(self.past):
            if one.until >= moment:
                facts |= one.facts
        if not facts:
            return self
        facts["arxiv_id"] = self.paper.arxiv_id
        return replace(self, paper=from_json({**to_json(self.paper), **facts}, Paper))

    def text(self, task: str, language: str) -> ModelText | None:
        """Return the last text of a task about the paper's current version, if any."""
        for text in reversed(self.texts):
            if (text.task, text.version, text.language) == (task, self.paper.version, language):
                return text if text.fields else None
        return None

    def is_new_since(self, moment: datetime | None) -> bool:
        """Whether it is announced as new after `moment` (None: ever)."""
        return not self.silent and (moment is None or self.first_seen > moment)

    def is_revised_since(self, moment: datetime | None) -> bool:
        """Whether a newer version came after `moment`, of a paper that was not new then."""
        return self._is_later(self.revised.seen if self.revised else None, moment)

    def is_accepted_since(self, moment: datetime | None) -> bool:
        """Whether a venue came after `moment`, to a paper that was not new then."""
        return self._is_later(self.accepted, moment)

    def is_news_since(self, moment: datetime | None) -> bool:
        """Whether it, or a newer version, came after `moment`."""
        return self.is_new_since(moment) or self.is_revised_since(moment)

    def has_code_since(self, moment: datetime | None) -> bool:
        """Whether a link to code came after `moment`, to a paper that was not new then."""
        return self._is_later(self.code, moment)

    def _is_later(self, time: datetime | None, moment: datetime | None) -> bool:
        is_later = time is not None and (moment is None or time > moment)
        return is_later and not self.is_new_since(moment)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a topic was not updated, and since when."""

    since: datetime
    """The first night that failed."""
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class TopicState:
    """What is remembered about a topic."""

    name: Annotated[str, Meta(min_length=1)]
    query: str
    """The query that its papers answer."""
    since: datetime
    """The first night of the topic."""
    watermark: datetime | None = None
    """Every paper of the topic from `complete_from` up to this time is known, as far as arXiv has
    shown them; None before its first good night."""
    complete_from: datetime | None = None
    """Papers up to this time are from before what the topic has followed; see `past_until`."""
    floor: datetime | None = None
    """The time of the oldest paper of the full table; None if all of its papers are known."""
    empty: bool = False
    """Whether arXiv has said that it has no paper for the topic yet."""
    table: tuple[Identifier, ...] = ()
    """The identifiers of the papers in its table, newest first."""
    filled: Annotated[str, Meta(pattern=rf"\A({MONTH})?\Z")] = ""
    """The month from which on `update --since` has fetched all papers; empty if it was not run."""
    failing: Failure | None = None

    @property
    def past_until(self) -> datetime | None:
        """The time up to which papers are no news, because nobody has followed them; maybe None.

        Stores of schema 3 do not have it: there it was where the table ended.
        """
        return self.complete_from or self.floor


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """What one night did for one topic."""

    night: datetime
    topic: str
    state: str
    source: str = ""
    total: Count | None = None
    """How many papers arXiv said there are."""
    fetched: Count
    new: Count
    revised: Count
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SeedPaper:
    """What is known of a paper that the readers named in seeds.txt or seeds.bib."""

    key: str
    """Its identifier without version, or its DOI in small letters."""
    looked_up: date
    """The night that last looked for it."""
    title: str = ""
    """Empty if it was not found."""
    abstract: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A count on the day on which it was read."""

    day: date
    count: int


@dataclass(frozen=True, slots=True)
class Attention:
    """How many stars the repository of a paper has, and how many votes the paper has."""

    paper: Identifier
    stars: tuple[Reading, ...] = ()
    votes: tuple[Reading, ...] = ()
    """The readings of about a week, oldest first."""


@dataclass(frozen=True, slots=True)
class Near:
    """A new paper that was among the nearest to the readers' own."""

    paper: Identifier
    score: float
    words: tuple[str, ...]
    """Those words of its own that bring it nearest."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A new paper by authors whom the readers follow."""

    paper: Identifier
    names: tuple[str, ...]
    """As authors.txt has them."""


@dataclass(frozen=True, slots=True)
class Rising:
    """A term whose share of a topic's papers grew in a week."""

    term: str
    papers: tuple[Identifier, ...]
    """The papers of the week that have it."""
    of: int
    """How many papers the week has."""
    before: int
    of_before: int
    """How many of the papers of the twelve weeks before had it, and how many these were."""


@dataclass(frozen=True, slots=True)
class Day:
    """Which papers the dated pages of one of arXiv's listings show, by identifier."""

    day: date
    topics: Mapping[str, tuple[Identifier, ...]] = field(default_factory=dict)
    """The new papers of each topic, newest first."""
    digests: Mapping[str, tuple[Identifier, ...]] = field(default_factory=dict)
    """The papers in each topic's digest, in its order."""
    revised: tuple[Identifier, ...] = ()
    accepted: tuple[Identifier, ...] = ()
    code: tuple[Identifier, ...] = ()
    """The known papers that were revised, accepted or got a link to code."""
    near: tuple[Near, ...] = ()
    """The nearest of the new papers, nearest first."""
    followed: tuple[Followed, ...] = ()
    """The new papers by authors who were followed then."""
    rising: Mapping[str, tuple[Rising, ...]] | None = None
    """What was rising in each topic in the week that this day ends; None if nobody has looked."""

    @property
    def papers(self) -> set[str]:
        """The identifiers of all its papers."""
        lists = (*self.topics.values(), *self.digests.values())
        return {*chain(*lists), *self.revised, *self.accepted, *self.code}


@dataclass(frozen=True, slots=True)
class Month:
    """What the file of a month holds, see `files_by_month`."""

    month: Annotated[str, Meta(pattern=rf"\A{MONTH}\Z")]
    """The month of the identifiers: `2026-08`."""
    papers: Count
    changed: datetime
    """The last night that changed one of its papers."""
    digests: Count = 0
    """How many digests of its days have texts of a language model."""
    topics: Mapping[str, Count] = field(default_factory=dict)
    """How many of the papers each topic has."""


@dataclass(frozen=True, slots=True)
class Store:
    """Everything that is kept from night to night, and those of its papers that were read."""

    created: datetime
    """The first night."""
    updated: datetime
    """The last night that changed a paper."""
    sort: Annotated[str, Meta(pattern=r"\A(updated|submitted)\Z")]
    notified: datetime | None = None
    """The last night of which watchers were notified."""
    harvested: date | None = None
    """The day up to which changes at arXiv were harvested; its own may not be complete."""
    doubted: tuple[Identifier, ...] = ()
    """The identifiers of records that could not be believed yet."""
    notice: Count = 0
    """The number of the issue with the last notice; 0 if it is not known."""
    refused: Failure | None = None
    """Why GitHub refused to open the last notice, and since when, until it opens one."""
    channels: Mapping[str, datetime] = field(default_factory=dict)
    """The last night that each channel was told of, by the hash of its address."""
    released: date | None = None
    """The Monday of the last week that a release tells of."""
    rendered: datetime | None = None
    """The last night whose pages were written, all of them."""
    site: Annotated[str, Meta(pattern=r"\A(https?://[\w.-]+(:\d+)?(/\S*)?)?\Z")] = ""
    """The address of the search page on GitHub Pages, as of the last night; empty without."""
    topics: Mapping[str, TopicState] = field(default_factory=dict)
    """By name, in the order of keywords.txt."""
    entries: Mapping[str, Entry] = field(default_factory=dict)
    """The papers that were read, by identifier."""
    days: Mapping[date, Day] = field(default_factory=dict)
    months: Mapping[str, Month] = field(default_factory=dict)
    ledger: tuple[LedgerRow, ...] = ()
    """The nights that changed something, oldest first."""
    digests: tuple[DigestText, ...] = ()
    """The texts about digests that were read, by day and topic."""
    spending: Spending | None = None
    """What the last questions to a language model used."""
    seeds: Mapping[str, SeedPaper] = field(default_factory=dict)
    """The readers' own papers, by key."""
    attention: Mapping[str, Attention] = field(default_factory=dict)
    """Stars and votes of papers, by identifier."""

    def table(self, topic: str, limit: int) -> list[Entry]:
        """Return the topic's newest `limit` papers, newest first; none of an unknown topic."""
        state = self.topics.get(topic)
        return [self.entries[arxiv_id] for arxiv_id in state.table[:limit]] if state else []

    def tables(self, limit: int) -> dict[str, list[Entry]]:
        """Return every topic's table."""
        return {name: self.table(name, limit) for name in self.topics}


def sort_time(paper: Paper, sort: str) -> datetime:
    """Return the time that orders a paper in the tables."""
    return paper.published if sort == "submitted" else paper.updated


def newest_first(entries: Iterable[Entry], sort: str) -> list[Entry]:
    """Return the entries newest first; the identifier decides between equal times."""
    return sorted(
        entries,
        key=lambda entry: (sort_time(entry.paper, sort), entry.paper.arxiv_id),
        reverse=True,
    )
