import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daily_papers.store.entry_types import (
    Day,
    DigestText,
    Entry,
    Failure,
    LedgerRow,
    ModelText,
    Past,
    Revision,
    Spending,
    Store,
    TopicState,
    newest_first,
    sort_time,
)
from daily_papers.store.files_by_month import month_of
from daily_papers.store.json_encoding import to_json, write_json
from daily_papers.store.paper import Paper
from daily_papers.store.store_errors import StoreError
from daily_papers.store.store_file import SCHEMA, STATE, load_store, save_store
from daily_papers.store.write_all_or_none import FOLDER, PENDING, Change
from factories import (
    NIGHT,
    lines_of,
    make_entry,
    make_failure,
    make_paper,
    make_row,
    make_state,
    make_store,
    saved_files,
    whole_store,
)

# What XML can hold, with every character that some reader takes for a line's end.
TEXT = st.text(
    st.sampled_from("a\n\r\x0b\x0c\x1c\x85\u2028\u2029\"\\'{}")
    | st.characters(exclude_categories=["Cs"]),
    max_size=12,
)
TIMES = st.integers(0, 10**6).map(lambda seconds: NIGHT - timedelta(seconds=seconds))
SOME = TEXT.filter(bool)
NAMES = st.lists(SOME, unique=True, max_size=3)
FAILURES = st.none() | st.builds(Failure, since=TIMES, state=TEXT, reason=TEXT)
COUNTS = st.integers(0, 10**6)
DAYS = st.dates(date(1991, 8, 14), date(2090, 12, 31))
IDENTIFIERS = st.builds(
    str.format,
    st.sampled_from(
        ["2611.{:05}", "2612.{:05}", "0704.{:05}", "cs/9912{:03.3}", "math.AG/0301{:03.3}"]
    ),
    st.integers(1, 999).map(str),
).map(lambda text: text.replace(" ", "0"))
"""Identifiers of several months and of both styles."""
ANSWERS = st.dictionaries(SOME, TEXT | st.lists(TEXT, max_size=2) | st.integers(0, 3), max_size=3)
MODEL_TEXTS = st.builds(
    ModelText, SOME, st.integers(0, 9), SOME, COUNTS, SOME, st.integers(1, 3), fields=ANSWERS
)
PASTS = st.builds(Past, TIMES, st.dictionaries(st.sampled_from(["title", "comment"]), TEXT))


def states(name: str, known: list[str]) -> st.SearchStrategy[TopicState]:
    """Return states of the topic `name` with some of the known papers in its table."""
    maybe = st.none() | TIMES
    return st.builds(
        TopicState,
        st.just(name),
        TEXT,
        TIMES,
        watermark=maybe,
        floor=maybe,
        failing=FAILURES,
        empty=st.booleans(),
        table=some_of(known),
    )


def some_of(ids: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """Return any of these identifiers in any order."""
    chosen = st.lists(st.sampled_from(ids), unique=True) if ids else st.just([])
    return chosen.map(tuple)


def papers(arxiv_id: str) -> st.SearchStrategy[Paper]:
    """Return papers with that identifier."""
    return st.builds(
        make_paper,
        st.just(1),
        arxiv_id=st.just(arxiv_id),
        version=st.integers(1, 20),
        title=TEXT,
        authors=st.lists(TEXT, max_size=2).map(tuple),
        abstract=TEXT,
        comment=TEXT,
        doi=TEXT,
        updated=TIMES,
        published=TIMES,
    )


def days(day: date, names: list[str], ids: list[str]) -> st.SearchStrategy[Day]:
    """Return what a day may list."""
    listed = st.dictionaries(st.sampled_from([*names, "gone"]), some_of(ids), max_size=2)
    return st.builds(
        Day,
        st.just(day),
        listed,
        listed,
        revised=some_of(ids),
        accepted=some_of(ids),
        code=some_of(ids),
    )


@st.composite
def stores(draw: st.DrawFn) -> Store:
    """Return any store that a night could write."""
    names = draw(NAMES)
    entries = {}
    for arxiv_id in draw(st.lists(IDENTIFIERS, unique=True, max_size=4)):
        entries[arxiv_id] = draw(
            st.builds(
                Entry,
                papers(arxiv_id),
                st.lists(st.sampled_from([*names, "gone"]), unique=True).map(sorted).map(tuple),
                TIMES,
                silent=st.booleans(),
                revised=st.none() | st.builds(Revision, TIMES, st.integers(0, 9)),
                cross_listed=st.booleans(),
                accepted=st.none() | TIMES,
                code=st.none() | TIMES,
                past=st.lists(PASTS, max_size=2).map(tuple),
                texts=st.lists(MODEL_TEXTS, max_size=2).map(tuple),
            )
        )
    rows = st.builds(
        LedgerRow,
        night=TIMES,
        topic=SOME,
        state=SOME,
        source=TEXT,
        total=st.none() | COUNTS,
        fetched=COUNTS,
        new=COUNTS,
        revised=COUNTS,
        reason=TEXT,
    )
    asked = st.lists(IDENTIFIERS.map("{}v1".format), max_size=2).map(tuple)
    digests = st.builds(DigestText, DAYS, SOME, asked, MODEL_TEXTS)
    ids = list(entries)
    return Store(
        created=draw(TIMES),
        updated=draw(TIMES),
        sort=draw(st.sampled_from(["updated", "submitted"])),
        notified=draw(st.none() | TIMES),
        rendered=draw(st.none() | TIMES),
        topics={name: draw(states(name, ids)) for name in names},
        entries=entries,
        days={day: draw(days(day, names, ids)) for day in draw(st.lists(DAYS, max_size=2))},
        ledger=tuple(draw(st.lists(rows, max_size=3))),
        digests=tuple(
            sorted(draw(st.lists(digests, max_size=2)), key=lambda one: (one.day, one.topic))
        ),
        spending=draw(st.none() | st.builds(Spending, DAYS, tokens=COUNTS)),
    )


TRANSLATION = ModelText("translation", 1, "zh", 1, "some-model", 1, fields={"title": "題"})
ABOUT = [{"paper": "2611.00001v1", "text": "It is new."}]
SUMMARY = ModelText("digest", 0, "zh", 1, "m", 1, fields={"themes": "題", "highlights": ABOUT})
MONTH = f"{FOLDER}/2026-11.jsonl"
OLD_MONTH = f"{FOLDER}/1999-12.jsonl"
DAYS_FILE = f"{FOLDER}/days-2026.jsonl"


def full_store() -> Store:
    """Return a store with a record of almost every kind."""
    return make_store(
        [
            make_entry(1, ["B", "A"], revised=Revision(NIGHT, 1)),
            make_entry(2, ["A"], silent=True, cross_listed=True, texts=(TRANSLATION,)),
            make_entry(make_paper(900, arxiv_id="cs/9912001"), ["A"]),
        ],
        [
            make_state("B", floor=NIGHT - timedelta(days=9)),
            make_state("A", watermark=None, failing=make_failure()),
        ],
        notified=NIGHT,
        digests=(DigestText(NIGHT.date(), "A", ("2611.00001v1",), SUMMARY),),
        ledger=(make_row(topic="A", total=3, fetched=2, new=1, revised=1, reason="why"),),
    )


def texts_of(store: Store) -> dict[str, str]:
    """Return the text of each file of a store that is saved for the first time."""
    with tempfile.TemporaryDirectory() as folder:
        save_store(Path(folder), None, store)
        return {path: data.decode() for path, data in saved_files(Path(folder)).items()}


def write(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write the files of a store."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        data = content if isinstance(content, bytes) else content.encode()
        (root / path).write_bytes(data)


FULL = texts_of(full_store())
"""The text of each file of `full_store`."""


@given(store=stores())
def test_a_store_is_the_same_after_writing_and_reading(
    tmp_path_factory: pytest.TempPathFactory, store: Store
) -> None:
    """A store with any text, even with line separators, is the same after reading."""
    root = tmp_path_factory.mktemp("store")
    saved = save_store(root, None, store)
    assert replace(saved, months={}) == store
    if not store.months:
        files = saved_files(root)
        loaded = whole_store(root)
        assert loaded == saved
        assert list(loaded.topics) == list(store.topics)
        assert save_store(root, loaded, loaded) == saved
        assert saved_files(root) == files


@given(stores(), st.data())
@settings(max_examples=15)
def test_two_nights_leave_the_same_files_as_one(store: Store, data: st.DataObject) -> None:
    """Saving some papers and days first, then all, in any order, gives the same bytes."""
    kept = set(data.draw(some_of(list(store.entries))))
    first = replace(
        store,
        entries={one: entry for one, entry in store.entries.items() if one in kept},
        topics={name: replace(state, table=()) for name, state in store.topics.items()},
        days=dict(list(store.days.items())[:1]),
        digests=(),
    )
    items = data.draw(st.permutations(list(store.entries.items())))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        before = save_store(root, None, first)
        save_store(root, before, replace(store, entries=dict(items), months=before.months))
        found = {path: content.decode() for path, content in saved_files(root).items()}
    assert found == texts_of(store)


def test_each_file_has_its_records_sorted() -> None:
    """The papers are in the file of their month; the state has a header that counts its lines."""
    files = {
        path: [json.loads(line) for line in text.split("\n")[:-1]]
        for path, text in texts_of(full_store()).items()
    }
    assert list(files) == [OLD_MONTH, MONTH, DAYS_FILE, STATE]
    assert [line["paper"] for line in files[OLD_MONTH]] == ["cs/9912001"]
    assert [next(iter(line.items())) for line in files[MONTH]] == [
        ("paper", "2611.00001"),
        ("paper", "2611.00002"),
        ("digest", "2026-11-20"),
    ]
    assert [line["day"] for line in files[DAYS_FILE]] == sorted(
        line["day"] for line in files[DAYS_FILE]
    )
    kinds = [next(iter(line)) for line in files[STATE]]
    assert kinds == ["schema", "topic", "topic", "month", "month", "night"]
    assert [line["topic"] for line in files[STATE][1:3]] == ["B", "A"]
    assert files[STATE][0]["schema"] == SCHEMA
    assert files[STATE][0]["lines"] == 5


FILES = {
    STATE: """\
{"schema": 4, "created": "2026-11-20T04:17:00Z", "updated": "2026-11-20T04:17:00Z", \
"notified": null, "rendered": null, "sort": "updated", "lines": 6, "days": 1}
{"topic": "Café", "query": "\\"Café\\"", "since": "2026-11-20T04:17:00Z", \
"watermark": "2026-11-20T04:17:00Z", "floor": "2026-11-19T04:17:00Z", "table": ["2611.00001"], \
"filled": "2026-01"}
{"topic": "B", "query": "\\"B\\"", "since": "2026-11-20T04:17:00Z", "empty": true, \
"table": ["2611.00001", "2611.00002"], \
"failing": {"since": "2026-11-20T04:17:00Z", "state": "arXiv unavailable", "reason": "it hung"}}
{"month": "1999-12", "papers": 1, "changed": "2026-11-20T04:17:00Z", "topics": {"gone": 1}}
{"month": "2026-11", "papers": 2, "changed": "2026-11-20T04:17:00Z", "digests": 1, \
"topics": {"B": 2, "Café": 1}}
{"asked": "2026-11-20", "papers": [], "tokens": 0}
{"night": "2026-11-20T04:17:00Z", "topic": "B", "state": "ok", "source": "search", "total": 0, \
"fetched": 0, "new": 0, "revised": 0}
""",
    MONTH: """\
{"paper": "2611.00001", "changed": "2026-11-20T04:17:00Z", "topics": ["B", "Café"], \
"first_seen": "2026-11-20T04:17:00Z", "silent": true, \
"revised": {"seen": "2026-11-20T04:17:00Z", "from": 0}, "cross_listed": true, \
"accepted": "2026-11-20T04:17:00Z", "code": "2026-11-20T04:17:00Z", "version": 2, \
"title": "Paper 1", "authors": ["Ada Lovelace", "Charles Babbage"], \
"abstract": "What paper 1 is about.", "categories": ["cs.CV"], "primary_category": "cs.CV", \
"comment": "c", "journal_ref": "j", "doi": "d", "published": "2026-10-21T03:17:00Z", \
"updated": "2026-11-20T03:17:00Z", \
"past": [{"until": "2026-11-20T04:17:00Z", "facts": {"version": 1, "title": "Before"}}], \
"texts": [{"task": "translation", "version": 1, "language": "zh", "prompt": 1, \
"model": "some-model", "tries": 1, "fields": {"title": "題"}}]}
{"paper": "2611.00002", "changed": "2026-11-20T04:17:00Z", "topics": ["B"], \
"first_seen": "2026-11-20T04:17:00Z", "version": 1, "categories": ["cs.CV"], \
"primary_category": "cs.CV", "published": "2026-11-20T02:17:00Z", \
"updated": "2026-11-20T02:17:00Z"}
{"digest": "2026-11-20", "topic": "B", "texts": [{"papers": ["2611.00001v1"], \
"task": "translation", "version": 1, "language": "zh", "prompt": 1, "model": "some-model", \
"tries": 1, "refused": "2026-11-20", "fields": {}}]}
""",
    OLD_MONTH: """\
{"paper": "math.AG/9912001", "changed": "2026-11-20T04:17:00Z", "topics": ["gone"], \
"first_seen": "2026-11-20T04:17:00Z", "version": 1, "title": "Paper 3", \
"authors": ["Ada Lovelace", "Charles Babbage"], "abstract": "What paper 3 is about.", \
"categories": ["cs.CV"], "primary_category": "cs.CV", "published": "2026-11-20T01:17:00Z", \
"updated": "2026-11-20T01:17:00Z"}
""",
    DAYS_FILE: """\
{"day": "2026-11-20", "topics": {"B": ["2611.00002"]}, "digests": {"B": ["2611.00002"]}, \
"revised": ["2611.00001"], "accepted": ["2611.00001"], "code": ["2611.00001"]}
""",
}


def test_the_files_have_one_form_in_every_version_of_schema_4(tmp_path: Path) -> None:
    """Names, their order, spaces and what is left out never change."""
    full = make_paper(1, version=2, comment="c", journal_ref="j", doi="d")
    store = make_store(
        [
            make_entry(
                full,
                ["B", "Café"],
                silent=True,
                revised=Revision(NIGHT, 0),
                cross_listed=True,
                accepted=NIGHT,
                code=NIGHT,
                past=(Past(NIGHT, {"version": 1, "title": "Before"}),),
                texts=(TRANSLATION,),
            ),
            make_entry(make_paper(2, title="", authors=(), abstract=""), ["B"]),
            make_entry(make_paper(3, arxiv_id="math.AG/9912001"), ["gone"]),
        ],
        [
            make_state("Café", floor=NIGHT - timedelta(days=1), filled="2026-01"),
            make_state("B", watermark=None, empty=True, failing=make_failure()),
        ],
        days={
            NIGHT.date(): Day(
                NIGHT.date(),
                {"B": ("2611.00002",)},
                {"B": ("2611.00002",)},
                *[("2611.00001",)] * 3,
            )
        },
        digests=(
            DigestText(
                NIGHT.date(),
                "B",
                ("2611.00001v1",),
                replace(TRANSLATION, refused=NIGHT.date(), fields={}),
            ),
        ),
        spending=Spending(NIGHT.date()),
        ledger=(make_row(topic="B", total=0),),
    )
    assert texts_of(store) == FILES
    write(tmp_path, FILES)
    assert replace(whole_store(tmp_path), months={}) == store
    write(
        tmp_path, {path: text.replace('"schema": 4', '"schema": 3') for path, text in FILES.items()}
    )
    assert replace(whole_store(tmp_path), months={}) == store


def test_a_night_changes_the_lines_of_what_it_changed_only(tmp_path: Path) -> None:
    """A new paper adds its line to its month; the other months' files are not touched."""
    entries = [make_entry(1), make_entry(3), make_entry(make_paper(4, arxiv_id="2610.00001"))]
    store = save_store(tmp_path, None, make_store(entries))
    before = saved_files(tmp_path)
    other = f"{FOLDER}/2610.jsonl".replace("2610", "2026-10")
    (tmp_path / other).chmod(0o400)
    stamps = {path: (tmp_path / path).stat().st_mtime_ns for path in before}
    later = NIGHT + timedelta(days=1)
    more = make_entry(2, first_seen=later)
    save_store(
        tmp_path,
        store,
        replace(store, entries={**store.entries, more.paper.arxiv_id: more}, updated=later),
    )
    after = saved_files(tmp_path)
    assert [path for path in before if before[path] != after[path]] == [MONTH, STATE]
    assert (tmp_path / other).stat().st_mtime_ns == stamps[other]
    assert (tmp_path / DAYS_FILE).stat().st_mtime_ns == stamps[DAYS_FILE]
    added = set(after[MONTH].splitlines()) - set(before[MONTH].splitlines())
    assert [json.loads(line)["paper"] for line in added] == ["2611.00002"]
    assert set(before[MONTH].splitlines()) < set(after[MONTH].splitlines())
    changed = set(after[STATE].splitlines()) - set(before[STATE].splitlines())
    assert {next(iter(json.loads(line))) for line in changed} == {"schema", "month"}


def test_text_stays_readable_in_a_diff() -> None:
    """Letters that are not ASCII are written as they are, without escapes."""
    assert "Größe 視頻" in texts_of(make_store([make_entry(make_paper(title="Größe 視頻"))]))[MONTH]


def test_before_the_first_night_there_is_no_store(tmp_path: Path) -> None:
    """A missing folder means that there was no night yet, and is no error."""
    assert load_store(tmp_path) is None


@pytest.mark.parametrize(
    ("arxiv_id", "month"),
    [
        ("2608.01234", "2026-08"),
        ("0704.0001", "2007-04"),
        ("cs/9912001", "1999-12"),
        ("math.AG/9108001", "1991-08"),
        ("hep-th/0001001", "2000-01"),
        ("9012.12345", "2090-12"),
    ],
)
def test_an_identifier_has_a_month(arxiv_id: str, month: str) -> None:
    """The month of both styles of identifier, in the last century and in this one."""
    assert month_of(arxiv_id) == month


def at(path: str, change: Callable[[list[str]], str]) -> Callable[[dict[str, str]], None]:
    """Return a damage of one file: a function of its lines, with their ends."""

    def damage(files: dict[str, str]) -> None:
        files[path] = change(files[path].splitlines(keepends=True))

    return damage


def swap(path: str, old: str, new: str) -> Callable[[dict[str, str]], None]:
    """Return a damage that replaces a text in one file."""
    return at(path, lambda lines: "".join(lines).replace(old, new))


DEEP = "[" * 100_000 + "]" * 100_000
FAR = '"failing": {"since": "9999'
PAST = '{"until": "2026-11-20T04:17:00Z", "facts": {"title": %s}}'
DAMAGES: dict[str, tuple[str, Callable[[dict[str, str]], object]]] = {
    "an empty state": (STATE, at(STATE, lambda _: "")),
    "only a line end": (STATE, at(STATE, lambda _: "\n")),
    "a state cut within a line": (STATE, at(STATE, lambda lines: "".join(lines)[:-20])),
    "a state cut between lines": (STATE, at(STATE, lambda lines: "".join(lines[:-1]))),
    "a state without its header": (STATE, at(STATE, lambda lines: "".join(lines[1:]))),
    "no state": (STATE, lambda files: files.pop(STATE)),
    "a topic twice": (
        STATE,
        at(STATE, lambda lines: "".join([lines[0].replace("5}", "6}"), lines[1], *lines[1:]])),
    ),
    "a line more": (STATE, at(STATE, lambda lines: "".join([*lines, lines[-1]]))),
    "a blank line": (STATE, at(STATE, lambda lines: "".join([*lines[:3], "\n", *lines[3:]]))),
    "a merge conflict": (STATE, at(STATE, lambda lines: "".join(["<<<<<<< HEAD\n", *lines]))),
    "a merge conflict inside": (
        STATE,
        at(STATE, lambda lines: "".join([*lines[:3], "=======\n", *lines[3:]])),
    ),
    "a line of no kind": (STATE, swap(STATE, '{"topic": "B"', '{"what": "B"')),
    "a line that is no object": (
        STATE,
        at(STATE, lambda lines: "".join([*lines[:-1], '["topic", "query"]\n'])),
    ),
    "a header that is no object": (STATE, at(STATE, lambda lines: "".join(["3\n", *lines[1:]]))),
    "a header without a schema": (STATE, at(STATE, lambda lines: "".join(["{}\n", *lines[1:]]))),
    "a schema that is a text": (STATE, swap(STATE, '"schema": 4', '"schema": "x"')),
    "a schema that is true": (STATE, swap(STATE, '"schema": 4', '"schema": true')),
    "an older schema": (STATE, swap(STATE, '"schema": 4', '"schema": 2')),
    "a header without its dates": (STATE, swap(STATE, '"created"', '"begun"')),
    "a topic without its query": (STATE, swap(STATE, '"query"', '"asks"')),
    "a night that counts no numbers": (STATE, swap(STATE, '"fetched": 2', '"fetched": null')),
    "a table with a paper that no file has": (
        STATE,
        swap(STATE, '"table": ["2611.00001"', '"table": ["2611.00009"'),
    ),
    "a table with a paper of no month": (
        STATE,
        swap(STATE, '"table": ["2611.00001"', '"table": ["2610.00001"'),
    ),
    "no month": (MONTH, lambda files: files.pop(MONTH)),
    "an empty month": (MONTH, at(MONTH, lambda _: "")),
    "a month cut within a line": (MONTH, at(MONTH, lambda lines: "".join(lines)[:-20])),
    "a month without its last paper": (OLD_MONTH, at(OLD_MONTH, lambda _: "")),
    "a month without a paper": (MONTH, at(MONTH, lambda lines: "".join(lines[1:]))),
    "a month without its digest": (MONTH, at(MONTH, lambda lines: "".join(lines[:-1]))),
    "a paper twice": (MONTH, at(MONTH, lambda lines: "".join([lines[0], *lines]))),
    "papers out of order": (
        MONTH,
        at(MONTH, lambda lines: "".join([lines[1], lines[0], *lines[2:]])),
    ),
    "a paper of another month": (MONTH, swap(MONTH, '"2611.00001"', '"2610.00001"')),
    "a paper more": (
        MONTH,
        at(
            MONTH,
            lambda lines: "".join([lines[0], lines[0].replace("00001", "000011"), *lines[1:]]),
        ),
    ),
    "a month with a blank line": (
        MONTH,
        at(MONTH, lambda lines: "".join([lines[0], "\n", *lines[1:]])),
    ),
    "a month in conflict": (MONTH, at(MONTH, lambda lines: "".join(["<<<<<<< HEAD\n", *lines]))),
    "a month with a line of no kind": (
        MONTH,
        at(MONTH, lambda lines: "".join([*lines, '{"what": 1}\n'])),
    ),
    "a day in a month": (
        MONTH,
        at(MONTH, lambda lines: "".join([*lines, '{"day": "2026-11-20", "topics": {}}\n'])),
    ),
    "a bad identifier": (MONTH, swap(MONTH, '"2611.00001"', '"../../x"')),
    "a paper without times": (MONTH, swap(MONTH, '"published"', '"printed"')),
    "a version that is no number": (MONTH, swap(MONTH, '"version": 1', '"version": "one"')),
    "an endless version": (MONTH, swap(MONTH, '"version": 1', '"version": Infinity')),
    "a time out of range": (
        MONTH,
        swap(
            MONTH,
            '"published": "2026-11-20T03:17:00Z"',
            '"published": "0001-01-01T00:00:00+09:00"',
        ),
    ),
    "authors that are no list": (
        MONTH,
        swap(MONTH, '["Ada Lovelace", "Charles Babbage"]', '"Ada Lovelace"'),
    ),
    "topics that are no texts": (MONTH, swap(MONTH, '["A", "B"]', "[1]")),
    "a revision that is no object": (
        MONTH,
        swap(MONTH, '"revised": {"seen": "2026-11-20T04:17:00Z", "from": 1}', '"revised": 1'),
    ),
    "a month of which the state knows nothing": (
        STATE,
        lambda files: files.update({f"{FOLDER}/2025-01.jsonl": ""}),
    ),
    "no days": (STATE, lambda files: files.pop(DAYS_FILE)),
    "days cut within a line": (DAYS_FILE, at(DAYS_FILE, lambda lines: "".join(lines)[:-20])),
    "days cut between lines": (STATE, at(DAYS_FILE, lambda lines: "".join(lines[:-1]))),
    "a day twice": (DAYS_FILE, at(DAYS_FILE, lambda lines: "".join([lines[0], *lines]))),
    "days out of order": (
        DAYS_FILE,
        at(DAYS_FILE, lambda lines: "".join([lines[1], lines[0], *lines[2:]])),
    ),
    "days in conflict": (
        DAYS_FILE,
        at(DAYS_FILE, lambda lines: "".join(["<<<<<<< HEAD\n", *lines])),
    ),
    "a day that is none": (
        DAYS_FILE,
        swap(DAYS_FILE, '"day": "2026-11-23"', '"day": "2026-11-31"'),
    ),
    "papers that are no list": (DAYS_FILE, swap(DAYS_FILE, '["2611.00001"', '["2611.00001", 1')),
    "a save that was cut off": (
        PENDING,
        lambda files: files.update({PENDING: f'{{"path": "{STATE}", "lines": ["'}),
    ),
    "a schema that is a decimal": (
        STATE,
        swap(STATE, f'"schema": {SCHEMA}', f'"schema": {SCHEMA}.0'),
    ),
    "a schema nested too deeply": (STATE, swap(STATE, f'"schema": {SCHEMA}', f'"schema": {DEEP}')),
    "a number of 5,000 digits": (STATE, swap(STATE, '"fetched": 2', f'"fetched": {"9" * 5000}')),
    "a promise that is a text": (STATE, swap(STATE, '"lines": 5', '"lines": "5"')),
    "a night that counts below zero": (STATE, swap(STATE, '"new": 1', '"new": -1')),
    "an order that is none": (STATE, swap(STATE, '"sort": "updated"', '"sort": "down"')),
    "a topic without a name": (STATE, swap(STATE, '"topic": "B"', '"topic": ""')),
    "a first night of year 1": (STATE, swap(STATE, '"created": "2026', '"created": "0001')),
    "a last night of year 9999": (STATE, swap(STATE, '"updated": "2026', '"updated": "9999')),
    "a failure of year 9999": (STATE, swap(STATE, '"failing": {"since": "2026', FAR)),
    "a month in another folder": (STATE, swap(STATE, '"month": "1999-12"', '"month": "../x"')),
    "a paper nested too deeply": (MONTH, swap(MONTH, '"version": 1', f'"version": {DEEP}')),
    "a field nested too deeply": (MONTH, swap(MONTH, '"version"', f'"more": {DEEP}, "version"')),
    "a version of 0": (MONTH, swap(MONTH, '"version": 1', '"version": 0')),
    "a version below zero": (MONTH, swap(MONTH, '"version": 1', '"version": -1')),
    "a version of many digits": (MONTH, swap(MONTH, '"version": 1', f'"version": {"9" * 4000}')),
    "a paper of year 9999": (MONTH, swap(MONTH, '"published": "2026', '"published": "9999')),
    "a past that is no fact": (
        MONTH,
        swap(MONTH, '"from": 1}', f'"from": 1}}, "past": [{PAST % "[1]"}]'),
    ),
    "a past of year 9999": (
        MONTH,
        swap(MONTH, '"from": 1}', f'"from": 1}}, "past": [{PAST.replace("2026", "9999") % 1}]'),
    ),
    "a text with a version below zero": (
        MONTH,
        swap(MONTH, '"zh", "prompt": 1', '"zh", "prompt": -1'),
    ),
    "a text that is a number": (MONTH, swap(MONTH, '"title": "題"', '"title": 1')),
    "a text about a paper that is none": (MONTH, swap(MONTH, ': "2611.00001v1"', ': "x"')),
    "a text about no paper": (MONTH, swap(MONTH, '"paper": "2611.00001v1", ', "")),
    "an answer about papers that are none": (MONTH, swap(MONTH, '["2611.00001v1"]', '["x"]')),
    "an address that is none": (STATE, swap(STATE, '"lines"', '"site": "https://[", "lines"')),
    "a doubted paper that is none": (STATE, swap(STATE, '"lines"', '"doubted": ["x"], "lines"')),
    "days of another year": (
        f"{FOLDER}/days-2025.jsonl",
        lambda files: files.update({f"{FOLDER}/days-2025.jsonl": files.pop(DAYS_FILE)}),
    ),
    "a save nested too deeply": (
        PENDING,
        lambda files: files.update({PENDING: f'{{"path": "{STATE}", "lines": {DEEP}}}\n'}),
    ),
    "a save of a file that is none": (
        PENDING,
        lambda files: files.update({PENDING: f'{{"path": "{FOLDER}/x.jsonl", "lines": []}}\n'}),
    ),
    "a save of another folder": (
        PENDING,
        lambda files: files.update(
            {PENDING: '{"path": "../README.md", "lines": [], "whole": true}\n'}
        ),
    ),
}


@pytest.mark.parametrize(("path", "damage"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_store_is_an_error_that_says_what_to_do(
    tmp_path: Path, path: str, damage: Callable[[dict[str, str]], object]
) -> None:
    """A damaged store is never read as an empty or shorter one; the error says what to do."""
    files = dict(FULL)
    damage(files)
    assert files != FULL
    root = tmp_path / "repository"
    write(root, files)
    before = saved_files(root)
    with pytest.raises(StoreError) as caught:
        whole_store(root)
    message = str(caught.value)
    assert message.startswith(f"{path}:")
    assert "the store is damaged" in message
    assert "git checkout COMMIT -- papers/store" in message
    # No commit has it, so that a checkout alone would leave it.
    assert (f"Delete {PENDING}" in message) == (path == PENDING)
    assert "\n" not in message
    assert saved_files(root) == before
    assert [one.name for one in tmp_path.iterdir()] == ["repository"]


def test_the_error_has_the_number_of_the_damaged_line(tmp_path: Path) -> None:
    """The error has the number of the line that cannot be read."""
    for path, number in ((STATE, 4), (MONTH, 2), (DAYS_FILE, 1)):
        lines = FULL[path].splitlines(keepends=True)
        lines[number - 1] = lines[number - 1][:30] + "\n"
        write(tmp_path, {**FULL, path: "".join(lines)})
        with pytest.raises(StoreError, match=rf"^{path}:{number}: "):
            whole_store(tmp_path)


@given(data=st.data())
def test_a_store_that_was_cut_off_is_never_read(data: st.DataObject) -> None:
    """A file without its last bytes is a StoreError, unless only the line end is missing."""
    path = data.draw(st.sampled_from(sorted(FULL)))
    whole = FULL[path].encode()
    start = data.draw(st.integers(0, len(whole) - 1))
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), {**FULL, path: whole[:start]})
        if start == len(whole) - 1:
            assert replace(whole_store(Path(folder)), months={}) == full_store()
        else:
            with pytest.raises(StoreError):
                whole_store(Path(folder))


@given(st.sampled_from([STATE, MONTH, DAYS_FILE, PENDING]), st.binary(max_size=60))
def test_any_bytes_are_a_store_or_an_error_for_the_user(path: str, content: bytes) -> None:
    """No content of a file gives a traceback."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), {**FULL, path: content})
        with pytest.raises(StoreError):
            whole_store(Path(folder))


@pytest.mark.parametrize("path", [STATE, MONTH, DAYS_FILE])
def test_a_store_that_is_not_utf_8_is_damaged(tmp_path: Path, path: str) -> None:
    """A file in another encoding is damaged."""
    write(tmp_path, {**FULL, path: FULL[path].encode("utf-16")})
    with pytest.raises(StoreError, match=f"^{path}: .*it is not UTF-8"):
        whole_store(tmp_path)


@pytest.mark.parametrize("path", [STATE, MONTH, DAYS_FILE, PENDING])
def test_a_store_that_cannot_be_opened_is_an_error(tmp_path: Path, path: str) -> None:
    """A folder in place of a file is a StoreError, not an empty store."""
    write(tmp_path, {one: text for one, text in FULL.items() if one != path})
    (tmp_path / path).mkdir()
    with pytest.raises(StoreError, match=f"^{path}: it cannot be read: "):
        whole_store(tmp_path)


def test_lines_that_end_as_on_windows_are_read(tmp_path: Path) -> None:
    """A checkout with CRLF has the same store, and what is saved then has LF."""
    write(tmp_path, {path: text.replace("\n", "\r\n") for path, text in FULL.items()})
    loaded = whole_store(tmp_path)
    assert replace(loaded, months={}) == full_store()
    more = make_entry(3, ["A"])
    save_store(
        tmp_path, loaded, replace(loaded, entries={**loaded.entries, more.paper.arxiv_id: more})
    )
    files = saved_files(tmp_path)
    assert b"\r" not in files[MONTH] + files[STATE]
    assert whole_store(tmp_path).entries == {**loaded.entries, more.paper.arxiv_id: more}


@pytest.mark.parametrize("path", [STATE, MONTH])
def test_a_pointer_of_git_lfs_is_no_damage(tmp_path: Path, path: str) -> None:
    """A pointer in place of a file gives an error that tells how to get the file back."""
    write(tmp_path, FILES)
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"
    (tmp_path / path).write_text(pointer)
    with pytest.raises(StoreError, match="git lfs pull") as caught:
        whole_store(tmp_path)
    assert "damaged" not in str(caught.value)


def test_a_store_of_schema_3_is_read(tmp_path: Path) -> None:
    """Schema 3 has the same facts but those that may be missing."""
    write(tmp_path, {**FULL, STATE: FULL[STATE].replace('"schema": 4', '"schema": 3')})
    before = whole_store(tmp_path)
    write(tmp_path, FULL)
    assert lines_of(before) == lines_of(whole_store(tmp_path))


def test_a_newer_schema_asks_for_a_newer_program(tmp_path: Path) -> None:
    """A newer schema gives an error that asks for an update, whatever the other lines are."""
    header = FULL[STATE].split("\n")[0].replace('"schema": 4', '"schema": 5')
    write(tmp_path, {**FULL, STATE: f"{header}\nsomething new\n"})
    with pytest.raises(StoreError) as caught:
        load_store(tmp_path)
    assert "its schema is 5, and this program knows up to 4" in str(caught.value)
    assert "damaged" not in str(caught.value)


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """Return what a save writes to get from the files `before` to those `after`."""
    return [
        Change(path, tuple(text.splitlines()), whole=True)
        if path == STATE
        else Change(
            path, tuple(sorted({*text.splitlines()} - {*before.get(path, "").splitlines()}))
        )
        for path, text in after.items()
        if text != before.get(path)
    ]


@pytest.mark.parametrize("written", range(5))
def test_the_next_run_finishes_a_save_that_was_killed(tmp_path: Path, written: int) -> None:
    """Whatever files a killed save has written, the next run that reads the store has it all."""
    store = full_store()
    more = [make_entry(5, ["A"]), make_entry(make_paper(6, arxiv_id="2612.00001"), ["B"])]
    later = make_store(
        [*store.entries.values(), *more], ["B", "A"], digests=store.digests, sort="submitted"
    )
    before, after = dict(FULL), texts_of(later)
    found = changes(before, after)
    assert len(found) == 4
    killed = {**before, **{change.path: after[change.path] for change in found[:written]}}
    killed[PENDING] = "".join(f"{write_json(to_json(change))}\n" for change in found)
    write(tmp_path, killed)
    assert whole_store(tmp_path).entries == later.entries
    assert {path: data.decode() for path, data in saved_files(tmp_path).items()} == after


@pytest.mark.parametrize(("sort", "field"), [("updated", "updated"), ("submitted", "published")])
def test_the_setting_decides_which_time_orders_a_table(sort: str, field: str) -> None:
    """`updated` sorts by the time of the current version, `submitted` by that of the first."""
    paper = make_paper(version=2)
    assert paper.updated != paper.published
    assert sort_time(paper, sort) == getattr(paper, field)


@given(st.permutations(range(6)), st.sampled_from(["updated", "submitted"]))
def test_a_table_has_one_order_even_among_equal_times(order: list[int], sort: str) -> None:
    """Papers are sorted by time, then by identifier, both in descending order."""
    # Three pairs of one time each.
    entries = [
        make_entry(make_paper(number, updated=NIGHT - timedelta(hours=number // 2)))
        for number in range(6)
    ]
    found = newest_first([entries[place] for place in order], sort)
    assert [entry.paper.arxiv_id[-1] for entry in found] == ["1", "0", "3", "2", "5", "4"]


def test_a_table_is_the_newest_of_its_topic_alone() -> None:
    """A table has the newest papers of its topic, up to the limit; `tables` has the same."""
    store = make_store(
        [
            make_entry(1, ["A"]),
            make_entry(2, ["B"]),
            make_entry(3, ["A", "B"]),
            make_entry(4, ["A"]),
        ],
        ["A", "B", "C"],
    )
    numbers = {
        name: [int(entry.paper.arxiv_id[-1]) for entry in store.table(name, 2)] for name in "ABC"
    }
    assert numbers == {"A": [1, 3], "B": [2, 3], "C": []}
    assert store.tables(2) == {name: store.table(name, 2) for name in "ABC"}


def test_a_paper_of_a_topic_that_is_gone_is_in_no_table() -> None:
    """A topic that was deleted has no table, even if papers still name it."""
    store = make_store([make_entry(1, ["A", "gone"])], ["A"])
    assert list(store.tables(9)) == ["A"]


EARLIER, LATER = NIGHT - timedelta(days=1), NIGHT + timedelta(days=1)


@pytest.mark.parametrize(
    ("facts", "since", "new", "revised"),
    [
        ({}, None, True, False),
        ({}, EARLIER, True, False),
        ({}, NIGHT, False, False),
        ({"silent": True}, EARLIER, False, False),
        ({"silent": True}, None, False, False),
        ({"revised": Revision(LATER, 1)}, NIGHT, False, True),
        ({"revised": Revision(LATER, 1)}, LATER, False, False),
        ({"revised": Revision(LATER, 1)}, EARLIER, True, False),
        ({"revised": Revision(NIGHT, 0), "silent": True}, EARLIER, False, True),
        ({"revised": Revision(NIGHT, 0), "silent": True}, None, False, True),
    ],
)
def test_a_paper_is_news_of_one_kind_at_most(
    facts: dict[str, Any], since: datetime | None, *, new: bool, revised: bool
) -> None:
    """A paper is new or revised after a moment, or neither; a silent one is never new."""
    entry = make_entry(1, first_seen=NIGHT, **facts)
    assert entry.is_new_since(since) is new
    assert entry.is_revised_since(since) is revised
