"""Papers, entries and stores with sensible defaults, and Markdown read back by GitHub's parser."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import cmarkgfm
import lxml.html
from cmarkgfm.cmark import Options

from daily_papers.announcement_calendar import listing_day
from daily_papers.store.entry_types import (
    Day,
    Entry,
    Failure,
    LedgerRow,
    Store,
    TopicState,
    newest_first,
)
from daily_papers.store.files_by_month import Wanted, paper_line
from daily_papers.store.json_encoding import write_json
from daily_papers.store.night_history import is_new_on
from daily_papers.store.paper import Paper
from daily_papers.store.store_file import load_store, with_papers
from daily_papers.store.write_all_or_none import FOLDER
from daily_papers.topics.keywords import Topic

NIGHT = datetime(2026, 11, 20, 4, 17, tzinfo=UTC)
"""The night of most tests, which is also where the fixture `clock` starts."""

TOPIC = "Video Understanding"


def make_paper(number: int = 1, **facts: Any) -> Paper:  # noqa: ANN401 - any of a paper's fields
    """Return a paper that was submitted `number` hours before NIGHT; `facts` replace its fields.

    A replacement (`version=2`) was submitted then, and its first version thirty days earlier.
    """
    moment = facts.pop("updated", NIGHT - timedelta(hours=number))
    first = moment if facts.get("version", 1) == 1 else moment - timedelta(days=30)
    defaults: dict[str, Any] = {
        "arxiv_id": f"2611.{number:05d}",
        "version": 1,
        "title": f"Paper {number}",
        "authors": ("Ada Lovelace", "Charles Babbage"),
        "abstract": f"What paper {number} is about.",
        "categories": ("cs.CV",),
        "primary_category": "cs.CV",
        "comment": "",
        "journal_ref": "",
        "doi": "",
        "published": first,
        "updated": moment,
    }
    return Paper(**(defaults | facts))


def make_papers(count: int, **facts: Any) -> list[Paper]:  # noqa: ANN401 - as make_paper
    """Return papers 1 to `count`, newest first."""
    return [make_paper(number, **facts) for number in range(1, count + 1)]


def make_entry(
    paper: Paper | int = 1,
    topics: Sequence[str] = (TOPIC,),
    first_seen: datetime = NIGHT,
    **facts: Any,  # noqa: ANN401 - any of an entry's fields
) -> Entry:
    """Return an entry for a paper, or for the paper of that number."""
    if isinstance(paper, int):
        paper = make_paper(paper)
    return Entry(paper=paper, topics=tuple(sorted(topics)), first_seen=first_seen, **facts)


def make_state(
    name: str = TOPIC,
    **facts: Any,  # noqa: ANN401 - any of a state's fields
) -> TopicState:
    """Return the state of a topic that was refreshed on NIGHT and of which every paper is known."""
    defaults: dict[str, Any] = {"query": f'"{name}"', "since": NIGHT, "watermark": NIGHT}
    return TopicState(name=name, **(defaults | facts))


def make_failure(state: str = "arXiv unavailable", reason: str = "it hung") -> Failure:
    """Return a failure since NIGHT."""
    return Failure(since=NIGHT, state=state, reason=reason)


def make_store(
    entries: Iterable[Entry] = (),
    topics: Iterable[TopicState | str] = (),
    **facts: Any,  # noqa: ANN401 - any of a store's fields
) -> Store:
    """Return a store of NIGHT; without `topics`, those that the entries name, in their order.

    A table has all entries of its topic, unless the state has one; each day lists its new papers.
    """
    entries = tuple(entries)
    names = topics or dict.fromkeys(name for entry in entries for name in entry.topics) or (TOPIC,)
    states = [make_state(topic) if isinstance(topic, str) else topic for topic in names]
    defaults: dict[str, Any] = {"created": NIGHT, "updated": NIGHT, "sort": "updated"}
    defaults["days"] = _days(entries, [state.name for state in states])
    store = Store(entries={entry.paper.arxiv_id: entry for entry in entries}, **(defaults | facts))
    rows = newest_first(entries, store.sort)
    return replace(
        store,
        topics={
            state.name: state if state.table else replace(state, table=_ids(rows, state.name))
            for state in states
        },
    )


def _ids(entries: Iterable[Entry], topic: str) -> tuple[str, ...]:
    return tuple(entry.paper.arxiv_id for entry in entries if topic in entry.topics)


def _days(entries: Iterable[Entry], topics: Sequence[str]) -> dict[date, Day]:
    new: dict[date, list[Entry]] = {}
    found: dict[date, Day] = {}
    for entry in newest_first(entries, "submitted"):
        if not entry.is_replacement:
            new.setdefault(entry.day, []).append(entry)
        revised = entry.revised.seen if entry.revised else None
        for kind, night in (
            ("revised", revised), ("accepted", entry.accepted), ("code", entry.code)
        ):  # fmt: skip
            if night is not None and not (kind == "revised" and is_new_on(night, entry)):
                day = found.setdefault(listing_day(night), Day(listing_day(night)))
                ids = sorted({*getattr(day, kind), entry.paper.arxiv_id})
                found[day.day] = replace(day, **{kind: tuple(ids)})
    for day, rows in new.items():
        by_topic = {name: ids for name in topics if (ids := _ids(rows, name))}
        if by_topic:
            found[day] = replace(found.get(day, Day(day)), topics=by_topic)
    return dict(sorted(found.items()))


def saved_files(root: Path) -> dict[str, bytes]:
    """Return the bytes of each file of the store of `root`, by its path from there."""
    found = (path for path in (root / FOLDER).rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(found)}


def lines_of(store: Store) -> list[str]:
    """Return what a store has as lines that differ if what is saved of it differs."""
    by_id = sorted(store.entries.items())
    facts = (store.created, store.updated, store.sort, store.notified, store.spending)
    return [
        *(paper_line(entry, store.updated) for _, entry in by_id),
        *map(write_json, store.topics.values()),
        *(write_json(day) for _, day in sorted(store.days.items())),
        *map(write_json, (*store.digests, *store.ledger, *facts)),
    ]


def whole_store(root: Path) -> Store:
    """Return the store of `root` with all of its papers."""
    store = load_store(root)
    assert store is not None
    return with_papers(root, store, Wanted(everything=True))


def make_row(**facts: Any) -> LedgerRow:  # noqa: ANN401 - any of a row's fields
    """Return a ledger's row for NIGHT."""
    defaults: dict[str, Any] = {"night": NIGHT, "topic": TOPIC, "state": "ok", "source": "search"}
    defaults |= {"fetched": 0, "new": 0, "revised": 0}
    return LedgerRow(**(defaults | facts))


def make_topics(*names: str) -> tuple[Topic, ...]:
    """Return topics as a keywords.txt with these lines would give them."""
    return tuple(Topic(name, line) for line, name in enumerate(names, start=1))


def queries_of(topics: Iterable[Topic]) -> Mapping[str, str]:
    """Return a query for each topic by name, the same that `make_state` gives it."""
    return {topic.name: f'"{topic.name}"' for topic in topics}


def new_in(notice: str) -> list[str]:
    """Return the identifiers of the papers that a notice's body lists as new, with repeats."""
    sections = re.split(r"\n## |\nRevised:\n", notice)
    found = zip(re.findall(r"\n## |\nRevised:\n", f"\n## {notice}"), sections, strict=True)
    new = [
        text for head, text in found
        if head == "\n## " and not text.startswith(("Accepted\n", "Code\n"))
    ]  # fmt: skip
    return re.findall(r"(?m)^- \*\*\[.*\(https://arxiv\.org/abs/([\w.]+)v\d+\)\*\*", "".join(new))


def read_back(markdown: str) -> lxml.html.HtmlElement:
    """Return what GitHub's own parser makes of `markdown`, with every raw tag let through."""
    html = cmarkgfm.github_flavored_markdown_to_html(
        markdown, Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    )
    return lxml.html.fromstring(f"<main>{html}</main>")


def text_of(element: lxml.html.HtmlElement) -> str:
    """Return an element's visible text on one line."""
    return " ".join(element.text_content().split())


def table_rows(table: lxml.html.HtmlElement) -> list[list[lxml.html.HtmlElement]]:
    """Return a table's rows of cells, without the header."""
    return [row.findall("td") for row in table.findall("tbody/tr")]
