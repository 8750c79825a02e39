import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daily_papers.files import write_file
from daily_papers.store.paper import Paper
from daily_papers.store.record_types import (
    DigestText,
    Entry,
    Failure,
    LedgerRow,
    ModelText,
    Revision,
    Spending,
    Store,
    TopicState,
    newest_first,
    sort_time,
)
from daily_papers.store.store_file import (
    SCHEMA,
    STORE,
    StoreError,
    dump_store,
    load_store,
    save_store,
)
from factories import NIGHT, make_entry, make_failure, make_paper, make_row, make_state, make_store

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


def states(name: str) -> st.SearchStrategy[TopicState]:
    """Return states of the topic `name`."""
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
    )


def papers(number: int) -> st.SearchStrategy[Paper]:
    """Return papers with that number's identifier."""
    return st.builds(
        make_paper,
        st.just(number),
        version=st.integers(1, 20),
        title=TEXT,
        authors=st.lists(TEXT, max_size=2).map(tuple),
        abstract=TEXT,
        comment=TEXT,
        doi=TEXT,
        updated=TIMES,
        published=TIMES,
    )


DAYS = st.dates()
ANSWERS = st.dictionaries(SOME, TEXT | st.lists(TEXT, max_size=2) | st.integers(0, 3), max_size=3)
MODEL_TEXTS = st.builds(
    ModelText, SOME, st.integers(0, 9), SOME, COUNTS, SOME, st.integers(1, 3), fields=ANSWERS
)


@st.composite
def stores(draw: st.DrawFn) -> Store:
    """Return any store that a night could write."""
    names = draw(NAMES)
    entries = {}
    for number in draw(st.lists(st.integers(1, 99999), unique=True, max_size=4)):
        paper = draw(papers(number))
        entries[paper.arxiv_id] = draw(
            st.builds(
                Entry,
                st.just(paper),
                st.lists(st.sampled_from([*names, "gone"]), unique=True).map(sorted).map(tuple),
                TIMES,
                silent=st.booleans(),
                revised=st.none() | st.builds(Revision, TIMES, st.integers(0, 9)),
                provisional=st.booleans(),
                listed=st.none() | DAYS,
                accepted=st.none() | TIMES,
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
    digests = st.builds(DigestText, DAYS, SOME, st.lists(SOME, max_size=2).map(tuple), MODEL_TEXTS)
    return Store(
        created=draw(TIMES),
        updated=draw(TIMES),
        sort=draw(st.sampled_from(["updated", "submitted"])),
        notified=draw(st.none() | TIMES),
        topics={name: draw(states(name)) for name in names},
        entries=entries,
        ledger=tuple(draw(st.lists(rows, max_size=3))),
        digests=tuple(draw(st.lists(digests, max_size=2))),
    )


TRANSLATION = ModelText("translation", 1, "zh", 1, "some-model", 1, fields={"title": "題"})


def full_store() -> Store:
    """Return a store with a record of almost every kind."""
    return make_store(
        [
            make_entry(1, ["B", "A"], revised=Revision(NIGHT, 1)),
            make_entry(2, ["A"], silent=True, provisional=True, texts=(TRANSLATION,)),
        ],
        [
            make_state("B", floor=NIGHT - timedelta(days=9)),
            make_state("A", watermark=None, failing=make_failure()),
        ],
        notified=NIGHT,
        digests=(DigestText(NIGHT.date(), "A", ("2611.00001v1",), TRANSLATION),),
        ledger=(make_row(topic="A", total=3, fetched=2, new=1, revised=1, reason="why"),),
    )


def dumped(store: Store) -> str:
    """Return the text of a store's file."""
    return "".join(f"{line}\n" for line in dump_store(store))


def save(root: Path, text: str) -> None:
    """Write `text` as the store of `root`."""
    write_file(root / STORE, text)


@given(store=stores())
@settings(max_examples=40, deadline=None)
def test_a_store_is_the_same_after_writing_and_reading(
    tmp_path_factory: pytest.TempPathFactory, store: Store
) -> None:
    """A store with any text, even with line separators, is the same after reading."""
    root = tmp_path_factory.mktemp("store")
    save_store(root, store)
    loaded = load_store(root)
    assert loaded == store
    assert list(loaded.topics) == list(store.topics)
    assert dumped(loaded) == dumped(store)


@given(stores(), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_order_of_the_papers_in_memory_does_not_matter(store: Store, random: Any) -> None:  # noqa: ANN401 - hypothesis' own
    """The same papers in another order give the same bytes."""
    items = list(store.entries.items())
    random.shuffle(items)
    other = replace(store, entries=dict(items))
    assert dumped(other) == dumped(store)


def test_one_thing_a_line_topics_then_papers_by_identifier_then_the_rest() -> None:
    """The file is a header and one object on each line, sorted."""
    lines = [json.loads(line) for line in dumped(full_store()).split("\n")[:-1]]
    assert [next(iter(line)) for line in lines] == [
        "schema",
        "topic",
        "topic",
        "paper",
        "paper",
        "digest",
        "night",
    ]
    assert [line["topic"] for line in lines[1:3]] == ["B", "A"]
    assert [line["paper"] for line in lines[3:5]] == ["2611.00001", "2611.00002"]
    assert lines[0] == {
        "schema": SCHEMA,
        "created": "2026-11-20T04:17:00Z",
        "updated": "2026-11-20T04:17:00Z",
        "notified": "2026-11-20T04:17:00Z",
        "sort": "updated",
        "topics": 2,
        "papers": 2,
        "nights": 1,
        "digests": 1,
    }


STORE_TEXT = """\
{"schema": 2, "created": "2026-11-20T04:17:00Z", "updated": "2026-11-20T04:17:00Z", \
"notified": null, "sort": "updated", "topics": 2, "papers": 2, "nights": 1, "digests": 1}
{"topic": "Café", "query": "\\"Café\\"", "since": "2026-11-20T04:17:00Z", \
"watermark": "2026-11-20T04:17:00Z", "floor": "2026-11-19T04:17:00Z", \
"named": "2026-11-20T04:17:00Z"}
{"topic": "B", "query": "\\"B\\"", "since": "2026-11-20T04:17:00Z", "empty": true, \
"failing": {"since": "2026-11-20T04:17:00Z", "state": "arXiv unavailable", "reason": "it hung"}}
{"paper": "2611.00001", "topics": ["B", "Café"], "first_seen": "2026-11-20T04:17:00Z", \
"silent": true, "revised": {"seen": "2026-11-20T04:17:00Z", "from": 0}, "provisional": true, \
"listed": "2026-11-20", "accepted": "2026-11-20T04:17:00Z", "version": 1, "title": "Paper 1", \
"authors": ["Ada Lovelace", "Charles Babbage"], "abstract": "What paper 1 is about.", \
"categories": ["cs.CV"], "primary_category": "cs.CV", "comment": "c", "journal_ref": "j", \
"doi": "d", "published": "2026-11-20T03:17:00Z", "updated": "2026-11-20T03:17:00Z", \
"texts": [{"task": "translation", "version": 1, "language": "zh", "prompt": 1, \
"model": "some-model", "tries": 1, "fields": {"title": "題"}}]}
{"paper": "2611.00002", "topics": ["B"], "first_seen": "2026-11-20T04:17:00Z", "version": 1, \
"categories": ["cs.CV"], "primary_category": "cs.CV", "published": "2026-11-20T02:17:00Z", \
"updated": "2026-11-20T02:17:00Z"}
{"digest": "2026-11-20", "topic": "B", "papers": ["2611.00001v1"], \
"text": {"task": "translation", "version": 1, "language": "zh", "prompt": 1, \
"model": "some-model", "tries": 1, "refused": "2026-11-20", "fields": {}}}
{"asked": "2026-11-20", "papers": [], "tokens": 0}
{"night": "2026-11-20T04:17:00Z", "topic": "B", "state": "ok", "source": "search", "total": 0, \
"fetched": 0, "new": 0, "revised": 0}
"""


def test_the_file_has_one_form_in_every_version_of_schema_2() -> None:
    """Names, their order, spaces and what is left out never change."""
    full = make_paper(1, comment="c", journal_ref="j", doi="d")
    store = make_store(
        [
            make_entry(
                full,
                ["B", "Café"],
                silent=True,
                revised=Revision(NIGHT, 0),
                provisional=True,
                listed=NIGHT.date(),
                accepted=NIGHT,
                texts=(TRANSLATION,),
            ),
            make_entry(make_paper(2, title="", authors=(), abstract=""), ["B"]),
        ],
        [
            make_state("Café", floor=NIGHT - timedelta(days=1), named=NIGHT),
            make_state("B", watermark=None, empty=True, failing=make_failure()),
        ],
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
    assert dumped(store) == STORE_TEXT


def test_a_new_paper_is_one_line_more() -> None:
    """A new paper adds its line, and changes the header's count only."""
    before = dumped(make_store([make_entry(1), make_entry(3)])).split("\n")
    after = dumped(make_store([make_entry(1), make_entry(2), make_entry(3)])).split("\n")
    assert [line for line in before[1:] if line not in after] == []
    assert [json.loads(line)["paper"] for line in after[1:] if line not in before] == ["2611.00002"]


def test_text_stays_readable_in_a_diff() -> None:
    """Letters that are not ASCII are written as they are, without escapes."""
    assert "Größe 視頻" in dumped(make_store([make_entry(make_paper(title="Größe 視頻"))]))


def test_before_the_first_night_there_is_no_store(tmp_path: Path) -> None:
    """A missing file means that there was no night yet, and is no error."""
    assert load_store(tmp_path) is None


def lines_of(store: Store) -> list[str]:
    """Return the store's lines with their ends."""
    return dumped(store).splitlines(keepends=True)


DAMAGES: dict[str, Callable[[list[str]], str]] = {
    "empty": lambda _: "",
    "only a line end": lambda _: "\n",
    "cut within a line": lambda lines: "".join(lines)[:-20],
    "cut between lines": lambda lines: "".join(lines[:-1]),
    "without its header": lambda lines: "".join(lines[1:]),
    "a paper twice": lambda lines: "".join([*lines, lines[3]]),
    "a blank line": lambda lines: "".join([*lines[:3], "\n", *lines[3:]]),
    "a merge conflict": lambda lines: "".join(["<<<<<<< HEAD\n", *lines]),
    "a merge conflict inside": lambda lines: "".join([*lines[:3], "=======\n", *lines[3:]]),
    "a line of no kind": lambda lines: "".join([*lines, '{"what": 1}\n']),
    "a line that is no object": lambda lines: "".join([*lines, '["topic", "query"]\n']),
    "a header that is no object": lambda lines: "".join(["3\n", *lines[1:]]),
    "a header without a schema": lambda lines: "".join(["{}\n", *lines[1:]]),
    "an unknown schema": lambda lines: "".join(lines).replace(
        f'"schema": {SCHEMA}', '"schema": "x"'
    ),
    "an older schema": lambda lines: "".join(lines).replace(f'"schema": {SCHEMA}', '"schema": 0'),
    "a header without its dates": lambda lines: "".join(lines).replace('"created"', '"begun"'),
    "a bad identifier": lambda lines: "".join(lines).replace("2611.00001", "../../x"),
    "a paper without times": lambda lines: "".join(lines).replace('"published"', '"printed"'),
    "a version that is no number": lambda lines: "".join(lines).replace(
        '"version": 1', '"version": "one"'
    ),
    "an endless version": lambda lines: "".join(lines).replace(
        '"version": 1', '"version": Infinity'
    ),
    "a time out of range": lambda lines: "".join(lines).replace(
        '"published": "2026-11-20T03:17:00Z"', '"published": "0001-01-01T00:00:00+09:00"'
    ),
    "authors that are no list": lambda lines: "".join(lines).replace(
        '["Ada Lovelace", "Charles Babbage"]', '"Ada Lovelace"'
    ),
    "topics that are no texts": lambda lines: "".join(lines).replace('["A", "B"]', "[1]"),
    "a revision that is no object": lambda lines: "".join(lines).replace(
        '"revised": {"seen": "2026-11-20T04:17:00Z", "from": 1}', '"revised": 1'
    ),
    "a night that counts no numbers": lambda lines: "".join(lines).replace(
        '"fetched": 2', '"fetched": null'
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_store_is_an_error_that_says_what_to_do(
    tmp_path: Path, damage: Callable[[list[str]], str]
) -> None:
    """A damaged store is never read as an empty or shorter one; the error says what to do."""
    text = damage(lines_of(full_store()))
    assert text != dumped(full_store())
    save(tmp_path, text)
    with pytest.raises(StoreError) as caught:
        load_store(tmp_path)
    message = str(caught.value)
    assert message.startswith("papers/store.jsonl:")
    assert "the store is damaged" in message
    assert "git checkout COMMIT -- papers/store.jsonl" in message
    assert "\n" not in message


def test_the_error_has_the_number_of_the_damaged_line(tmp_path: Path) -> None:
    """The error has the number of the line that cannot be read."""
    lines = lines_of(full_store())
    save(tmp_path, "".join([*lines[:3], lines[3][:30] + "\n", *lines[4:]]))
    with pytest.raises(StoreError, match=r"^papers/store\.jsonl:4: "):
        load_store(tmp_path)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_store_that_was_cut_off_is_never_read(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A store without its last bytes is a StoreError, unless only the line end is missing."""
    whole = dumped(full_store()).encode()
    start = data.draw(st.integers(0, len(whole) - 1))
    root = tmp_path_factory.mktemp("store")
    (root / "papers").mkdir()
    (root / STORE).write_bytes(whole[:start])
    if start == len(whole) - 1:
        assert load_store(root) == full_store()
    else:
        with pytest.raises(StoreError):
            load_store(root)


@given(st.binary(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_a_store_or_an_error_for_the_user(content: bytes) -> None:
    """No content of the file gives a traceback."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "papers").mkdir()
        (Path(folder) / STORE).write_bytes(content)
        with pytest.raises(StoreError):
            load_store(Path(folder))


def test_a_store_that_is_not_utf_8_is_damaged(tmp_path: Path) -> None:
    """A store in another encoding is damaged."""
    (tmp_path / "papers").mkdir()
    (tmp_path / STORE).write_bytes(dumped(full_store()).encode("utf-16"))
    with pytest.raises(StoreError, match="it is not UTF-8"):
        load_store(tmp_path)


def test_a_store_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    """A folder in place of the file is a StoreError, not an empty store."""
    (tmp_path / STORE).mkdir(parents=True)
    with pytest.raises(StoreError, match=r"^papers/store\.jsonl: it cannot be read: "):
        load_store(tmp_path)


def test_a_pointer_of_git_lfs_is_no_damage(tmp_path: Path) -> None:
    """A pointer in place of the store gives an error that tells how to get the store back."""
    digest = "0" * 64
    save(tmp_path, f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 9\n")
    with pytest.raises(StoreError, match="git lfs pull") as caught:
        load_store(tmp_path)
    assert "damaged" not in str(caught.value)


def test_a_newer_schema_asks_for_a_newer_program(tmp_path: Path) -> None:
    """A newer schema gives an error that asks for an update, whatever the other lines are."""
    header = dumped(make_store()).replace(f'"schema": {SCHEMA}', f'"schema": {SCHEMA + 1}')
    save(tmp_path, header + "something new\n")
    with pytest.raises(StoreError) as caught:
        load_store(tmp_path)
    assert f"its schema is {SCHEMA + 1}, and this program knows up to {SCHEMA}" in str(caught.value)
    assert "damaged" not in str(caught.value)


def test_a_store_of_the_first_schema_is_read(tmp_path: Path) -> None:
    """After an update of the program, the store of an earlier version is read."""
    store = replace(full_store(), digests=())
    header, rest = dumped(store).split("\n", 1)
    old = json.loads(header) | {"schema": 1}
    del old["digests"]
    save(tmp_path, f"{json.dumps(old)}\n{rest}")
    assert load_store(tmp_path) == store


@pytest.mark.parametrize(("sort", "field"), [("updated", "updated"), ("submitted", "published")])
def test_the_setting_decides_which_time_orders_a_table(sort: str, field: str) -> None:
    """`updated` sorts by the time of the current version, `submitted` by that of the first."""
    paper = make_paper(version=2)
    assert paper.updated != paper.published
    assert sort_time(paper, sort) == getattr(paper, field)


@given(st.permutations(range(6)), st.sampled_from(["updated", "submitted"]))
@settings(max_examples=50, deadline=None)
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
