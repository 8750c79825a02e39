""".daily-papers-answers.jsonl: the answers of a language model, until the store has them.

A night writes the store once, at its end. If it is killed before, or if its commit is refused
because somebody else pushed, the next run reads the answers from this file and asks nothing twice.
A run that publishes also pushes the lines as they come: the next one may start from a fresh clone.
A line is written before each question too, with the tokens that it may take: a question of which
the answer was lost counts as asked. The file is deleted when the store is written.
"""

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from daily_papers.atomic_files import append_line, refuse_links, remove_file, write_lines
from daily_papers.errors import DailyPapersError
from daily_papers.store.entry_types import DigestText, Entry, ModelText, Spending, Store
from daily_papers.store.json_encoding import Count, from_json, read_object, to_json, write_json
from daily_papers.store.paper import split_identifier

# Outside of the folder that is committed.
JOURNAL = ".daily-papers-answers.jsonl"


class State(enum.StrEnum):
    """The state of a question."""

    ASKED = "asked"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"  # and nothing was paid for it


@dataclass(frozen=True, slots=True)
class Line:
    """One question of one night, and its answer."""

    night: date
    state: State
    papers: tuple[str, ...]
    """The versioned identifiers of the papers in the question."""
    tokens: Count
    text: ModelText
    """The answer; without fields until one was accepted."""
    day: date | None = None
    """The day, if the question was about a digest."""
    topic: str = ""
    """The topic of that digest."""

    @property
    def question(self) -> tuple[object, ...]:
        """What was asked, and when."""
        return (self.night, self.papers, self.day, self.topic, self.text.key)


class Journal:
    """The answers of this run, and of earlier ones that were killed or not published."""

    def __init__(
        self,
        root: Path,
        load: Callable[[], bytes] = lambda: b"",
        keep: Callable[[str], str] = lambda _text: "",
    ) -> None:
        """`load` returns the lines that a run on another machine kept with `keep`, see `keep`."""
        self._path = root / JOURNAL
        self._load = load
        self._keep = keep
        self._has_grown = False

    def lines(self) -> tuple[Line, ...]:
        """Return the last line of each question.

        Raises DailyPapersError if the file is damaged, except for an incomplete last line.
        """
        return tuple({line.question: line for line in self._lines}.values())

    def append(self, line: Line) -> None:
        """Add a line; it is on disk when this returns. Raises DailyPapersError."""
        self._lines.append(line)
        append_line(self._path, write_json(to_json(line)))
        self._has_grown = True

    def keep(self) -> str:
        """Keep what was appended for a run on another machine; return why no more may be asked."""
        if not self._has_grown:
            return ""
        self._has_grown = False
        return self._keep("".join(f"{write_json(to_json(line))}\n" for line in self.lines()))

    def settle(self) -> None:
        """Delete the file, after the store was written. The lines stay in memory.

        It stays where its lines could not be put into the store, as others could not be loaded.
        """
        if "_lines" in vars(self):
            remove_file(self._path)

    @cached_property
    def _lines(self) -> list[Line]:
        return [*self._parsed(self._load().split(b"\n")[:-1]), *self._read()]

    def _read(self) -> Iterator[Line]:
        refuse_links(self._path)
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            problem = f"{JOURNAL}: it cannot be read: {error.strerror}"
            raise DailyPapersError(f"{problem}; delete it, and run again") from error
        *whole, rest = data.split(b"\n")
        yield from self._parsed(whole)
        if rest:
            # Killed in the middle of a line: the next one must not be appended to it.
            write_lines(self._path, (text.decode() for text in whole))

    def _parsed(self, lines: Sequence[bytes]) -> Iterator[Line]:
        for number, text in enumerate(lines, start=1):
            try:
                line = from_json(read_object(text), Line)
                if line.day is None and len(line.papers) != 1:
                    raise ValueError("it is about one paper")  # noqa: TRY301
                for paper in line.papers:
                    split_identifier(paper)
                yield line
            except ValueError:
                remove_file(self._path)
                raise DailyPapersError(
                    f"{JOURNAL}:{number}: it was damaged, and is deleted; what it held is "
                    "asked for again on another night"
                ) from None


def with_text(entry: Entry, text: ModelText) -> Entry:
    """Return the entry with an answer about it, or with the note that none was accepted.

    A refused answer does not hide an accepted one.
    """
    others = [one for one in entry.texts if one.key != text.key]
    return replace(entry, texts=(*others, text) if text.fields else (text, *others))


def with_digest(digests: tuple[DigestText, ...], digest: DigestText) -> tuple[DigestText, ...]:
    """Return the digests with one more, in place of an earlier one of that day, topic and key."""

    def place(one: DigestText) -> tuple[object, ...]:
        return (one.day, one.topic, one.text.key)

    others = [one for one in digests if place(one) != place(digest)]
    # Accepted answers come after refused ones, as in with_text.
    return tuple(
        sorted((*others, digest), key=lambda one: (one.day, one.topic, bool(one.text.fields)))
    )


def folded(store: Store, lines: tuple[Line, ...], night: date) -> Store:
    """Return the store with the answers of a journal that it does not have yet.

    What was used is that of `night`.
    """
    entries = dict(store.entries)
    digests = store.digests
    spending = spending_of(store, night)
    papers, tokens = set(spending.papers), spending.tokens
    for line in lines:
        if line.day is None and line.night == night:
            papers.update(split_identifier(paper)[0] for paper in line.papers)
        if line.state is State.UNANSWERED:
            continue
        if line.day is not None:
            digest = DigestText(line.day, line.topic, line.papers, line.text)
            known = [one for one in digests if one.papers == line.papers]
            if line.topic not in store.topics or _is_known(line.text, [one.text for one in known]):
                continue
            digests = with_digest(digests, digest)
        else:
            (paper,) = line.papers
            arxiv_id, version = split_identifier(paper)
            entry = entries.get(arxiv_id)
            if entry is None or entry.paper.version != version:
                continue
            if _is_known(line.text, entry.texts):
                continue
            entries[arxiv_id] = with_text(entry, line.text)
        if line.night == night:
            tokens += line.tokens
    spent = Spending(night, tuple(sorted(papers)), tokens) if tokens else store.spending
    return replace(store, entries=entries, digests=digests, spending=spent)


def _is_known(text: ModelText, texts: Sequence[ModelText]) -> bool:
    """Whether there is an answer to the same question that is as good, or as late."""

    def rank(one: ModelText) -> tuple[object, ...]:
        return (bool(one.fields), one.refused or date.min)

    return any(one.key == text.key and rank(one) >= rank(text) for one in texts)


def spending_of(store: Store, night: date) -> Spending:
    """Return what a night has used so far."""
    if store.spending is not None and store.spending.night == night:
        return store.spending
    return Spending(night)
