"""papers/store.jsonl: the facts the job keeps from night to night, one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from daily_papers.announcement_calendar import announced_at
from daily_papers.clock import format_time, parse_time
from daily_papers.errors import DailyPapersError
from daily_papers.store.paper import Paper, paper_from_json, paper_to_json

STORE = "papers/store.jsonl"
SEARCH = "search"
ANNOUNCEMENTS = "announcements"
"""The sources that the ledger knows."""
SCHEMA = 2
"""2 added what a language model said, and the days of the dated pages; 1 is read too."""


_READABLE = (1, SCHEMA)


class StoreError(DailyPapersError):
    """The store is damaged, or of a newer schema."""


@dataclass(frozen=True, slots=True)
class Revision:
    """That a newer version of a paper was seen."""

    seen: datetime
    """The night that saw it."""
    from_version: int
    """The version known before; 0 if the paper came to the store as a replacement."""


@dataclass(frozen=True, slots=True)
class ModelText:
    """What a language model answered about one version of a paper, after it was judged."""

    task: str
    version: int
    """The paper's version; 0 for a text about several papers."""
    language: str
    prompt: int
    """The version of the question."""
    model: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    """The answer, as JSON; empty if none was fit to be kept."""
    tries: int = 1
    """On how many nights it was asked for."""
    refused: date | None = None
    """The last of these nights, if none had an answer that was fit to be kept."""

    @property
    def key(self) -> tuple[str, int, str, int, str]:
        """What it answers: the same is never asked again."""
        return (self.task, self.version, self.language, self.prompt, self.model)


@dataclass(frozen=True, slots=True)
class DigestText:
    """What a language model wrote over the papers of one digest."""

    day: date
    topic: str
    papers: tuple[str, ...]
    """The versioned identifiers of the papers it was given, in order."""
    text: ModelText


@dataclass(frozen=True, slots=True)
class Spending:
    """What the questions of the last night that asked a model came to."""

    night: date
    """Its date, in UTC."""
    papers: tuple[str, ...] = ()
    """The identifiers of the papers that were asked about, sorted."""
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper, with what this repository knows of it."""

    paper: Paper
    topics: tuple[str, ...]
    """The names of its topics, sorted."""
    first_seen: datetime
    """The night that saw it first."""
    silent: bool = False
    """Whether it came as no news: as the past of a topic that was added or enlarged."""
    revised: Revision | None = None
    provisional: bool = False
    """Whether its facts are the announcement feed's, which has no comment and no exact times."""
    listed: date | None = None
    """The day of the dated pages that list it, where that is not the calendar's; see `day`."""
    accepted: datetime | None = None
    """The night that saw a venue in a paper that had been known without one."""
    texts: tuple[ModelText, ...] = ()
    """What a language model answered about it."""

    @property
    def is_replacement(self) -> bool:
        """Whether it came as a newer version of a paper that was out before."""
        return self.revised is not None and self.revised.from_version == 0

    @property
    def day(self) -> date:
        """The day whose dated pages list it: that of arXiv's listing, see `listing_day`."""
        return self.listed or announced_at(self.paper.published).date()

    def text(self, task: str, language: str) -> ModelText | None:
        """Return the last text of a task that is about the paper's present version, if any."""
        for text in reversed(self.texts):
            if (text.task, text.version, text.language) == (task, self.paper.version, language):
                return text if text.fields else None
        return None

    def is_new_since(self, moment: datetime | None) -> bool:
        """Whether it came as news after `moment` (None: ever)."""
        return not self.silent and (moment is None or self.first_seen > moment)

    def is_revised_since(self, moment: datetime | None) -> bool:
        """Whether a newer version came after `moment`, of a paper that was not new then."""
        return (
            self.revised is not None
            and (moment is None or self.revised.seen > moment)
            and not self.is_new_since(moment)
        )

    def is_accepted_since(self, moment: datetime | None) -> bool:
        """Whether a venue came after `moment`, to a paper that was not new then."""
        return (
            self.accepted is not None
            and (moment is None or self.accepted > moment)
            and not self.is_new_since(moment)
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a topic has not been refreshed, and since when."""

    since: datetime
    """The first night that failed."""
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class TopicState:
    """What the job remembers of a topic."""

    name: str
    query: str
    """The query that its papers answer."""
    since: datetime
    """The night that saw the topic first."""
    watermark: datetime | None = None
    """Every paper of the topic up to this time is known; None before its first good night."""
    floor: datetime | None = None
    """Papers up to this time, the oldest of the full table, are past; None: all are known."""
    failing: Failure | None = None
    empty: bool = False
    """Whether arXiv has said that there is no paper; the first that come make a first night."""
    named: datetime | None = None
    """The night that gave it this name, if it had another; dated pages before it have that."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What one night did for one topic."""

    night: datetime
    topic: str
    state: str
    source: str = ""
    total: int | None = None
    """How many papers arXiv said there are."""
    fetched: int = 0
    new: int = 0
    revised: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Store:
    """Everything the job keeps."""

    created: datetime
    """The first night."""
    updated: datetime
    """The last night that changed a paper."""
    sort: str
    notified: datetime | None = None
    """Watchers know what nights up to this one found."""
    topics: Mapping[str, TopicState] = field(default_factory=dict)
    """By name, in the order of keywords.txt."""
    entries: Mapping[str, Entry] = field(default_factory=dict)
    """By identifier."""
    ledger: tuple[LedgerRow, ...] = ()
    """The nights that changed something, oldest first."""

    digests: tuple[DigestText, ...] = ()
    """What a language model wrote over the papers of the last digests, by day and topic."""
    spending: Spending | None = None
    """What was asked of a model last."""

    def table(self, topic: str, limit: int) -> list[Entry]:
        """Return the topic's newest `limit` papers, newest first."""
        found = [entry for entry in self.entries.values() if topic in entry.topics]
        return newest_first(found, self.sort)[:limit]

    def tables(self, limit: int) -> dict[str, list[Entry]]:
        """Return every topic's table, in one pass over the papers."""
        return tables_of(self.entries.values(), self.topics, self.sort, limit)


def tables_of(
    entries: Iterable[Entry], topics: Iterable[str], sort: str, limit: int
) -> dict[str, list[Entry]]:
    """Return the newest `limit` entries of each topic, newest first, in one pass."""
    found: dict[str, list[Entry]] = {name: [] for name in topics}
    for entry in entries:
        for name in entry.topics:
            if name in found:
                found[name].append(entry)
    return {name: newest_first(rows, sort)[:limit] for name, rows in found.items()}


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


def load_store(root: Path) -> Store | None:
    """Read `root`/papers/store.jsonl; None if no night has been yet. Raises StoreError."""
    path = root / STORE
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            return _read(file)
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise _damage("it is not UTF-8") from None
    except OSError as error:
        raise StoreError(f"{STORE}: it cannot be read: {error.strerror}") from error


def _damage(what: str, line: int | None = None) -> StoreError:
    where = STORE if line is None else f"{STORE}:{line}"
    return StoreError(
        f"{where}: the store is damaged: {what}. Nothing was changed. Bring back the last good "
        f"one: git log --oneline -- {STORE}, then git checkout COMMIT -- {STORE}"
    )


def _read(lines: Iterable[str]) -> Store:
    header: dict[str, Any] = {}
    topics: dict[str, TopicState] = {}
    entries: dict[str, Entry] = {}
    ledger: list[LedgerRow] = []
    digests: list[DigestText] = []
    spending: Spending | None = None
    for number, line in enumerate(lines, start=1):
        try:
            item = json.loads(line)
            if number == 1:
                header = item
                if item["schema"] not in _READABLE:
                    break
            elif "topic" in item and "query" in item:
                state = _topic_from_json(item)
                if state.name in topics:
                    raise _damage(f"the topic {state.name!r} stands here again", number)
                topics[state.name] = state
            elif "paper" in item:
                entry = _entry_from_json(item)
                if entry.paper.arxiv_id in entries:
                    raise _damage(f"{entry.paper.arxiv_id} stands here again", number)
                entries[entry.paper.arxiv_id] = entry
            elif "digest" in item:
                digests.append(_digest_from_json(item))
            elif "asked" in item:
                spending = _spending_from_json(item)
            elif "night" in item:
                ledger.append(_ledger_from_json(item))
            else:
                raise _damage("this line is of no known kind", number)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise _damage(f"this line cannot be read ({error})", number) from None
    if not header:
        raise _damage("it is empty")
    schema = header["schema"]
    if isinstance(schema, int) and schema > SCHEMA:
        raise StoreError(
            f"{STORE}: its schema is {schema}, and this program knows up to {SCHEMA}. "
            "Nothing was changed. Bring the folder scripts/ up to date with the project's"
        )
    if schema not in _READABLE:
        raise _damage(f"its schema is {schema!r}", 1)
    counts = {"topics": len(topics), "papers": len(entries), "nights": len(ledger)}
    counts["digests"] = len(digests)
    for name, count in counts.items():
        # The stores of schema 1 had no digests.
        if header.get(name, 0) != count:
            raise _damage(f"line 1 promises {header.get(name)} {name}, and there are {count}")
    try:
        return Store(
            created=parse_time(header["created"]),
            updated=parse_time(header["updated"]),
            sort=str(header["sort"]),
            notified=parse_time(header["notified"]) if header.get("notified") else None,
            topics=topics,
            entries=entries,
            ledger=tuple(ledger),
            digests=tuple(digests),
            spending=spending,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damage(f"this line cannot be read ({error})", 1) from None


def dump_store(store: Store) -> Iterator[str]:
    """Yield the store's lines: sorted, one object each, so that a night's diff is its news."""
    yield _json(
        {
            "schema": SCHEMA,
            "created": format_time(store.created),
            "updated": format_time(store.updated),
            "notified": format_time(store.notified) if store.notified else None,
            "sort": store.sort,
            "topics": len(store.topics),
            "papers": len(store.entries),
            "nights": len(store.ledger),
            "digests": len(store.digests),
        }
    )
    for state in store.topics.values():
        yield _json(_topic_to_json(state))
    for _, entry in sorted(store.entries.items()):
        yield _json(_entry_to_json(entry))
    for digest in store.digests:
        yield _json(_digest_to_json(digest))
    if store.spending:
        yield _json(_spending_to_json(store.spending))
    for row in store.ledger:
        yield _json(_ledger_to_json(row))


def _json(item: Mapping[str, Any]) -> str:
    # JSON allows a raw U+2028, and so does str.splitlines: file iteration does not split there.
    return json.dumps(item, ensure_ascii=False, separators=(", ", ": "))


def _topic_to_json(state: TopicState) -> dict[str, Any]:
    item: dict[str, Any] = {
        "topic": state.name,
        "query": state.query,
        "since": format_time(state.since),
    }
    if state.watermark:
        item["watermark"] = format_time(state.watermark)
    if state.floor:
        item["floor"] = format_time(state.floor)
    if state.empty:
        item["empty"] = True
    if state.named:
        item["named"] = format_time(state.named)
    if state.failing:
        item["failing"] = {
            "since": format_time(state.failing.since),
            "state": state.failing.state,
            "reason": state.failing.reason,
        }
    return item


def _topic_from_json(item: Mapping[str, Any]) -> TopicState:
    failing = item.get("failing")
    return TopicState(
        name=str(item["topic"]),
        query=str(item["query"]),
        since=parse_time(item["since"]),
        watermark=parse_time(item["watermark"]) if "watermark" in item else None,
        floor=parse_time(item["floor"]) if "floor" in item else None,
        failing=Failure(
            since=parse_time(failing["since"]),
            state=str(failing["state"]),
            reason=str(failing["reason"]),
        )
        if failing
        else None,
        empty=bool(item.get("empty", False)),
        named=parse_time(item["named"]) if "named" in item else None,
    )


def _entry_to_json(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "paper": entry.paper.arxiv_id,
        "topics": list(entry.topics),
        "first_seen": format_time(entry.first_seen),
    }
    if entry.silent:
        item["silent"] = True
    if entry.revised:
        item["revised"] = {
            "seen": format_time(entry.revised.seen),
            "from": entry.revised.from_version,
        }
    if entry.provisional:
        item["provisional"] = True
    if entry.listed:
        item["listed"] = entry.listed.isoformat()
    if entry.accepted:
        item["accepted"] = format_time(entry.accepted)
    item |= paper_to_json(entry.paper)
    if entry.texts:
        item["texts"] = [text_to_json(text) for text in entry.texts]
    return item


def _entry_from_json(item: Mapping[str, Any]) -> Entry:
    revised = item.get("revised")
    return Entry(
        paper=paper_from_json(item["paper"], dict(item)),
        topics=tuple(map(str, item["topics"])),
        first_seen=parse_time(item["first_seen"]),
        silent=bool(item.get("silent", False)),
        revised=Revision(parse_time(revised["seen"]), int(revised["from"])) if revised else None,
        provisional=bool(item.get("provisional", False)),
        listed=date.fromisoformat(item["listed"]) if "listed" in item else None,
        accepted=parse_time(item["accepted"]) if "accepted" in item else None,
        texts=tuple(map(text_from_json, item.get("texts", ()))),
    )


def text_to_json(text: ModelText) -> dict[str, Any]:
    """Return a model's text under the names of its fields."""
    item: dict[str, Any] = {
        "task": text.task,
        "version": text.version,
        "language": text.language,
        "prompt": text.prompt,
        "model": text.model,
        "tries": text.tries,
    }
    if text.refused:
        item["refused"] = text.refused.isoformat()
    return item | {"fields": dict(text.fields)}


def text_from_json(item: Mapping[str, Any]) -> ModelText:
    """Read what `text_to_json` made. Raises KeyError, TypeError or ValueError if it did not."""
    return ModelText(
        task=str(item["task"]),
        version=int(item["version"]),
        language=str(item["language"]),
        prompt=int(item["prompt"]),
        model=str(item["model"]),
        tries=int(item["tries"]),
        refused=date.fromisoformat(item["refused"]) if "refused" in item else None,
        fields=dict(item["fields"]),
    )


def _digest_to_json(digest: DigestText) -> dict[str, Any]:
    return {
        "digest": digest.day.isoformat(),
        "topic": digest.topic,
        "papers": list(digest.papers),
        "text": text_to_json(digest.text),
    }


def _digest_from_json(item: Mapping[str, Any]) -> DigestText:
    return DigestText(
        day=date.fromisoformat(item["digest"]),
        topic=str(item["topic"]),
        papers=tuple(map(str, item["papers"])),
        text=text_from_json(item["text"]),
    )


def _spending_to_json(spending: Spending) -> dict[str, Any]:
    return {
        "asked": spending.night.isoformat(),
        "papers": list(spending.papers),
        "tokens": spending.tokens,
    }


def _spending_from_json(item: Mapping[str, Any]) -> Spending:
    return Spending(
        night=date.fromisoformat(item["asked"]),
        papers=tuple(map(str, item["papers"])),
        tokens=int(item["tokens"]),
    )


def _ledger_to_json(row: LedgerRow) -> dict[str, Any]:
    item = {
        "night": format_time(row.night),
        "topic": row.topic,
        "state": row.state,
        "source": row.source,
        "total": row.total,
        "fetched": row.fetched,
        "new": row.new,
        "revised": row.revised,
        "reason": row.reason,
    }
    return {name: value for name, value in item.items() if value not in ("", None)}


def _ledger_from_json(item: Mapping[str, Any]) -> LedgerRow:
    return LedgerRow(
        night=parse_time(item["night"]),
        topic=str(item["topic"]),
        state=str(item["state"]),
        source=str(item.get("source", "")),
        total=item.get("total"),
        fetched=int(item["fetched"]),
        new=int(item["new"]),
        revised=int(item["revised"]),
        reason=str(item.get("reason", "")),
    )
