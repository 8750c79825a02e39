"""Does a paper match a topic, as arXiv's search would say, and why.

A quoted phrase in `ti:` or `abs:` finds words in their order, lower-cased, English-stemmed, without
a possessive 's; a hyphen splits a word, and stop words are dropped on both sides, as Lucene's
English analysis does: https://lucene.apache.org/core/ (EnglishAnalyzer). Names in `au:` are
compared without accents, in any order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import snowballstemmer

from daily_papers.errors import DailyPapersError
from daily_papers.topics.categories import within
from daily_papers.topics.keywords import Topic
from daily_papers.topics.query_language import (
    And,
    Expression,
    Field,
    Native,
    Or,
    Phrase,
    Search,
    WholeCategory,
    print_exclusion,
)
from daily_papers.topics.tokens import STOP_WORDS, fold, located, tokens

_MOST_STEMS = 2**18
# Marks a name among the terms of a paper; no term begins so.
_AUTHOR = "@"


class SearchedPaper(Protocol):
    """The facts of a paper that a topic's query is about."""

    @property
    def title(self) -> str: ...  # noqa: D102 - as in store.paper.Paper
    @property
    def abstract(self) -> str: ...  # noqa: D102
    @property
    def authors(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def categories(self) -> tuple[str, ...]: ...  # noqa: D102


class _Stems(dict[str, str]):
    """Words to their stems; stop words to nothing. It grows as words come."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(STOP_WORDS, ""))
        self._stemmer = snowballstemmer.stemmer("english")

    def __missing__(self, word: str) -> str:
        stem = str(self._stemmer.stemWord(word))
        if len(self) < _MOST_STEMS:
            self[word] = stem
        return stem


_STEMS = _Stems()


def terms(text: str) -> tuple[str, ...]:
    """Return the stems of a phrase, without stop words."""
    return tuple(filter(None, map(_STEMS.__getitem__, tokens(text))))


def field_terms(text: str) -> str:
    """Return the stems of a title or an abstract, prepared for `phrase_in`."""
    return f" {' '.join(terms(text))} "


def phrase_in(words: tuple[str, ...], field: str) -> bool:
    """Say whether a phrase's terms stand in a field, in their order and without a gap."""
    return bool(words) and f" {' '.join(words)} " in field


@dataclass(frozen=True, slots=True)
class PaperText:
    """What of a paper is compared, prepared for any number of phrases."""

    title: str
    abstract: str
    words: frozenset[str]
    """The terms of both."""


def prepare(title: str, abstract: str) -> PaperText:
    """Return the terms of a title and an abstract."""
    of_title, of_abstract = terms(title), terms(abstract)
    return PaperText(
        f" {' '.join(of_title)} ",
        f" {' '.join(of_abstract)} ",
        frozenset(of_title).union(of_abstract),
    )


# For one paper and many topics, or few papers: a paper's terms take some ten kilobytes.
_prepared = lru_cache(maxsize=2**8)(prepare)


@lru_cache(maxsize=2**8)
def _names(authors: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(_name(author)) for author in authors)


def _name(text: str) -> list[str]:
    return tokens(fold(text))


def _is_author(wanted: Iterable[str], held: frozenset[str]) -> bool:
    """Say whether every wanted word is one of a name; a single letter is an initial."""
    return all(
        word in held or (len(word) == 1 and any(name[0] == word for name in held))
        for word in wanted
    )


_Test = Callable[[SearchedPaper, PaperText], bool]


def _test(expression: Expression) -> _Test:
    """Return a function that tells whether a paper has what an expression asks for."""
    if isinstance(expression, Phrase):
        return _phrase_test(expression)
    tests = [_test(part) for part in expression.parts]
    ending = isinstance(expression, Or)

    # A loop: this runs for each paper and topic, and a generator costs as much as the tests.
    def combined(paper: SearchedPaper, text: PaperText) -> bool:
        for test in tests:
            if test(paper, text) is ending:
                return ending
        return not ending

    return combined


def _phrase_test(phrase: Phrase) -> _Test:
    if phrase.field is Field.AUTHOR:
        name = frozenset(_name(phrase.text))
        if all(len(word) > 1 for word in name):
            return lambda paper, _: any(map(name.issubset, _names(paper.authors)))
        return lambda paper, _: any(_is_author(name, held) for held in _names(paper.authors))
    wanted = f" {' '.join(terms(phrase.text))} "
    if wanted.isspace():
        return lambda _paper, _text: False
    match phrase.field:
        case Field.TITLE:
            return lambda _, text: wanted in text.title
        case Field.ABSTRACT:
            return lambda _, text: wanted in text.abstract
        case Field.BOTH:
            return lambda _, text: wanted in text.title and wanted in text.abstract
        case _:
            return lambda _, text: wanted in text.title or wanted in text.abstract


def _needed(expression: Expression) -> frozenset[str] | None:
    """Return terms of which a paper that matches has at least one; None if there are none such."""
    if isinstance(expression, Phrase):
        # A long word is a rare one.
        if expression.field is Field.AUTHOR:
            longest = max(_name(expression.text), key=len, default="")
            # An initial stands for many names.
            return frozenset((f"{_AUTHOR}{longest}",)) if len(longest) > 1 else None
        return frozenset((max(terms(expression.text), key=len, default=""),))
    parts = [_needed(part) for part in expression.parts]
    known = [part for part in parts if part is not None]
    if isinstance(expression, Or):
        return frozenset().union(*known) if len(known) == len(parts) else None
    return min(known, key=len, default=None)


class NoMatcherError(DailyPapersError):
    """A topic in arXiv's own syntax: only arXiv can tell what it finds."""

    def __init__(self, topic: Topic) -> None:
        super().__init__(
            f"'{topic.name}' is in arXiv's own syntax, which only arXiv can search; "
            "write it in words to have it searched here"
        )


class Matcher:
    """Tells whether papers answer the query of `queries.arxiv_query` for a topic and categories.

    Raises NoMatcherError for a topic in arXiv's own syntax; `matcher_of` gives None for it.
    """

    def __init__(self, topic: Topic, categories: Sequence[str]) -> None:
        query = topic.query
        if isinstance(query, Native):
            raise NoMatcherError(topic)
        self.topic = topic
        self.categories = topic.categories(categories)
        self.query: Search | WholeCategory = query
        self._holds: _Test | None = None
        self._excluded: _Test | None = None
        self.needed: frozenset[str] | None = None
        """Terms of which every paper that matches has at least one; None if any paper may."""
        if isinstance(query, Search):
            self._holds = _test(query.expression)
            self.needed = _needed(query.expression)
            if query.exclusions:
                self._excluded = _test(Or(query.exclusions))

    def matches(self, paper: SearchedPaper) -> bool:
        """Say whether arXiv's search would find `paper`."""
        return self._matches(paper, _prepared(paper.title, paper.abstract))

    def _matches(self, paper: SearchedPaper, text: PaperText) -> bool:
        if not _any_within(paper.categories, self.categories):
            return False
        if self._holds is not None and not self._holds(paper, text):
            return False
        return self._excluded is None or not self._excluded(paper, text)

    def explain(self, paper: SearchedPaper) -> Explanation:
        """Say what of a paper matches, or why it does not match."""
        if not _any_within(paper.categories, self.categories):
            where = f"{', '.join(self.categories)} but in {', '.join(paper.categories)}"
            return Explanation(matches=False, told=(f"it is not in {where}",))
        if isinstance(self.query, WholeCategory):
            return Explanation(matches=True, told=(f"it is in {self.query.category}",))
        found, told = _explain(self.query.expression, paper)
        if not found:
            return Explanation(matches=False, told=tuple(dict.fromkeys(told)))
        excluding = [
            f"{print_exclusion(phrase)} excludes it: {where}"
            for phrase in self.query.exclusions
            if _explain(phrase, paper)[0]
            for where in _places(phrase, paper)
        ]
        if excluding:
            return Explanation(matches=False, told=tuple(excluding))
        return Explanation(matches=True, told=tuple(dict.fromkeys(told)))


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a paper matches a topic, and the sentences that say why."""

    matches: bool
    told: tuple[str, ...]


def matcher_of(topic: Topic, categories: Sequence[str]) -> Matcher | None:
    """Return the topic's matcher; None if it is in arXiv's own syntax."""
    return None if isinstance(topic.query, Native) else Matcher(topic, categories)


class Matchers:
    """Tells of which topics a paper is, fast for any number of topics.

    Topics in arXiv's own syntax have no matcher and are not among them.
    """

    def __init__(self, topics: Iterable[Topic], categories: Sequence[str]) -> None:
        self._always: list[Matcher] = []
        by_term: defaultdict[str, list[Matcher]] = defaultdict(list)
        self._order: dict[Matcher, int] = {}
        for topic in topics:
            matcher = matcher_of(topic, categories)
            if matcher is None:
                continue
            self._order[matcher] = len(self._order)
            if matcher.needed is None:
                self._always.append(matcher)
                continue
            for term in matcher.needed:
                by_term[term].append(matcher)
        self._by_term = dict(by_term)
        self._terms = frozenset(by_term)
        self._has_names = any(term.startswith(_AUTHOR) for term in by_term)

    def topics_of(self, paper: SearchedPaper) -> list[Topic]:
        """Return the topics that arXiv's search would find `paper` for, in the order given."""
        text = prepare(paper.title, paper.abstract)
        candidates = set(self._always)
        for term in self._terms & text.words:
            candidates.update(self._by_term[term])
        if self._has_names:
            for word in frozenset().union(*_names(paper.authors)):
                candidates.update(self._by_term.get(f"{_AUTHOR}{word}", ()))
        found = [matcher for matcher in candidates if matcher._matches(paper, text)]  # noqa: SLF001 - the text is prepared once
        return [matcher.topic for matcher in sorted(found, key=self._order.__getitem__)]


@lru_cache(maxsize=2**12)
def _any_within(categories: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return not patterns or any(within(category, patterns) for category in categories)


def _explain(expression: Expression, paper: SearchedPaper) -> tuple[bool, list[str]]:
    """Return whether an expression holds, with what was found if it does, else what is missing."""
    if isinstance(expression, Phrase):
        places = _places(expression, paper)
        if expression.field is Field.BOTH and len(places) == 1:
            return False, [
                f"{_quoted(expression)} is only in one of title and abstract: {places[0]}"
            ]
        if places:
            return True, [f"{_quoted(expression)} {where}" for where in places]
        where = (
            "among the authors"
            if expression.field is Field.AUTHOR
            else (f"in {expression.field.value}")
        )
        return False, [f"{_quoted(expression)} is not {where}"]
    parts = [_explain(part, paper) for part in expression.parts]
    found = [told for holds, told in parts if holds]
    missing = [told for holds, told in parts if not holds]
    holds = not missing if isinstance(expression, And) else bool(found)
    return holds, [line for lines in (found if holds else missing) for line in lines]


def _quoted(phrase: Phrase) -> str:
    return f'"{phrase.text}"'


def _places(phrase: Phrase, paper: SearchedPaper) -> list[str]:
    """Return where a phrase stands, each place with the words as they stand there."""
    if phrase.field is Field.AUTHOR:
        name = _name(phrase.text)
        found = (
            author
            for author, held in zip(paper.authors, _names(paper.authors), strict=True)
            if _is_author(name, held)
        )
        return [f"among the authors: {author}" for author in found][:1]
    texts = []
    if phrase.field is not Field.ABSTRACT:
        texts.append(("title", paper.title))
    if phrase.field is not Field.TITLE:
        texts.append(("abstract", paper.abstract))
    return [
        f"in the {name}: {words}"
        for name, text in texts
        if (words := _found(terms(phrase.text), text)) is not None
    ]


def _found(wanted: tuple[str, ...], text: str) -> str | None:
    """Return the words of a text in which a phrase was found; None if it was not."""
    shown, found = located(text)
    stems = [(stem, start, end) for word, start, end in found if (stem := _STEMS[word])]
    for at in range(len(stems) - len(wanted) + 1):
        part = stems[at : at + len(wanted)]
        if wanted and tuple(stem for stem, _, _ in part) == wanted:
            return " ".join(shown[part[0][1] : part[-1][2]].split())
    return None
