"""Decide whether a paper matches a topic, as arXiv's search would, and explain why.

A quoted phrase in `ti:` or `abs:` matches where its terms stand in the field in the same places
relative to one another; a stop word inside it stands for any one word. Lucene's PhraseQuery does
so, and arXiv searches for a quoted phrase among the unstemmed words too, which can only find more
if it has nothing but stop words:
https://github.com/arXiv/arxiv-search/blob/develop/search/services/index/prepare.py
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

from daily_papers.topics.categories import within
from daily_papers.topics.keywords import Topic
from daily_papers.topics.query_tree import (
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
from daily_papers.topics.words_and_stems import located_terms, name_words, phrase_terms, terms


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


class PaperTerms:
    """A paper's terms, computed once for any number of topics."""

    def __init__(self, paper: SearchedPaper) -> None:
        self.paper = paper

    @cached_property
    def title(self) -> str:
        """The terms of the title, with a blank before and after each; see `_joined`."""
        return _joined(terms(self.paper.title))

    @cached_property
    def abstract(self) -> str:
        """The terms of the abstract, with a blank before and after each."""
        return _joined(terms(self.paper.abstract))

    @cached_property
    def words(self) -> frozenset[str]:
        """The terms of both: most phrases have one that is not among them."""
        return frozenset(f"{self.title}{self.abstract}".split())

    @cached_property
    def names(self) -> list[frozenset[str]]:
        """The words of each author's name."""
        return list(map(name_words, self.paper.authors))


def _joined(found: Sequence[str]) -> str:
    return f" {' '.join(found)} "


_Test = Callable[[PaperTerms], bool]


def _test(expression: Expression) -> _Test:
    """Return a function that decides whether a paper has what an expression asks for."""
    if isinstance(expression, Phrase):
        return _phrase_test(expression)
    tests = list(map(_test, expression.parts))
    decisive = isinstance(expression, Or)

    # A loop: this runs for each paper and topic, and a generator costs as much as the tests.
    def combined(paper: PaperTerms) -> bool:
        for test in tests:
            if test(paper) is decisive:
                return decisive
        return not decisive

    return combined


def _phrase_test(phrase: Phrase) -> _Test:
    if phrase.field is Field.AUTHOR:
        name = name_words(phrase.text)
        return lambda paper: bool(name) and any(name <= one for one in paper.names)
    wanted = phrase_terms(phrase.text)
    if not wanted:
        return lambda _: False
    found = _in_fields(phrase.field, _finder(wanted))
    needed = frozenset(filter(None, wanted))
    return lambda paper: needed <= paper.words and found(paper)


def _in_fields(field: Field, is_in: Callable[[str], bool]) -> _Test:
    match field:
        case Field.TITLE:
            return lambda paper: is_in(paper.title)
        case Field.ABSTRACT:
            return lambda paper: is_in(paper.abstract)
        case Field.BOTH:
            return lambda paper: is_in(paper.title) and is_in(paper.abstract)
        case _:
            return lambda paper: is_in(paper.title) or is_in(paper.abstract)


def _finder(wanted: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that decides whether joined terms have a phrase's terms."""
    if "" not in wanted:
        joined = _joined(wanted)
        return lambda text: joined in text
    pattern = re.compile(_joined([re.escape(term) or "[^ ]*" for term in wanted]))
    return lambda text: pattern.search(text) is not None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a paper matches a topic, and the sentences that say why."""

    matches: bool
    reasons: tuple[str, ...]


class Matcher:
    """Decides whether papers match the query of `arxiv_query` for a topic and categories."""

    def __init__(
        self, topic: Topic, query: Search | WholeCategory, categories: Sequence[str]
    ) -> None:
        self.topic = topic
        self.categories = topic.categories(categories)
        self._query = query
        self._is_included = _test(query.expression if isinstance(query, Search) else And(()))
        self._is_excluded = _test(Or(query.exclusions if isinstance(query, Search) else ()))

    def matches(self, paper: SearchedPaper) -> bool:
        """Return whether arXiv's search would find `paper`."""
        return self.matches_terms(PaperTerms(paper))

    def matches_terms(self, terms: PaperTerms) -> bool:
        """Return whether arXiv's search would find the paper with these terms."""
        return (
            _any_within(terms.paper.categories, self.categories)
            and self._is_included(terms)
            and not self._is_excluded(terms)
        )

    def explain(self, paper: SearchedPaper) -> Explanation:
        """Return what of a paper matches, or why it does not match."""
        if not _any_within(paper.categories, self.categories):
            where = f"{', '.join(self.categories)} but in {', '.join(paper.categories)}"
            return Explanation(matches=False, reasons=(f"it is not in {where}",))
        if isinstance(self._query, WholeCategory):
            return Explanation(matches=True, reasons=(f"it is in {self._query.category}",))
        matches, reasons = _explain(self._query.expression, paper)
        if matches:
            excluding = [
                f"{print_exclusion(phrase)} excludes it: {place}"
                for phrase in self._query.exclusions
                if _explain_phrase(phrase, paper)[0]
                for place in _places(phrase, paper)
            ]
            matches, reasons = not excluding, excluding or reasons
        return Explanation(matches, tuple(dict.fromkeys(reasons)))


def matcher_of(topic: Topic, categories: Sequence[str]) -> Matcher | None:
    """Return the topic's matcher; None if only arXiv can tell what it finds (own syntax)."""
    query = topic.query
    return None if isinstance(query, Native) else Matcher(topic, query, categories)


def matchers_of(topics: Iterable[Topic], categories: Sequence[str]) -> list[Matcher]:
    """Return the matchers of topics, except of those in arXiv's own syntax."""
    found = (matcher_of(topic, categories) for topic in topics)
    return [matcher for matcher in found if matcher]


def topics_of(paper: SearchedPaper, matchers: Iterable[Matcher]) -> list[Topic]:
    """Return the topics that arXiv's search would find `paper` for, in the order given."""
    terms = PaperTerms(paper)
    return [matcher.topic for matcher in matchers if matcher.matches_terms(terms)]


@lru_cache(maxsize=2**12)
def _any_within(categories: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return not patterns or any(within(category, patterns) for category in categories)


def _explain(expression: Expression, paper: SearchedPaper) -> tuple[bool, list[str]]:
    """Return whether an expression matches, with what was found if so, else what is missing."""
    if isinstance(expression, Phrase):
        return _explain_phrase(expression, paper)
    parts = [_explain(part, paper) for part in expression.parts]
    combine = all if isinstance(expression, And) else any
    matches = combine(is_found for is_found, _ in parts)
    return matches, [line for is_found, lines in parts if is_found is matches for line in lines]


def _explain_phrase(phrase: Phrase, paper: SearchedPaper) -> tuple[bool, list[str]]:
    quoted = f'"{phrase.text}"'
    places = _places(phrase, paper)
    if phrase.field is Field.BOTH and len(places) == 1:
        return False, [f"{quoted} is only in one of title and abstract: {places[0]}"]
    if places:
        return True, [f"{quoted} {place}" for place in places]
    where = "among the authors" if phrase.field is Field.AUTHOR else f"in {phrase.field.value}"
    return False, [f"{quoted} is not {where}"]


def _places(phrase: Phrase, paper: SearchedPaper) -> list[str]:
    """Return where a phrase stands, each place with the words as they stand there."""
    if phrase.field is Field.AUTHOR:
        name = name_words(phrase.text)
        authors = (one for one in paper.authors if name and name <= name_words(one))
        return [f"among the authors: {author}" for author in authors][:1]
    texts = {"title": paper.title, "abstract": paper.abstract}
    if phrase.field.value in texts:
        texts = {phrase.field.value: texts[phrase.field.value]}
    wanted = phrase_terms(phrase.text)
    found = ((name, _shown(wanted, text)) for name, text in texts.items())
    return [f"in the {name}: {words}" for name, words in found if words]


def _shown(wanted: Sequence[str], text: str) -> str:
    """Return the first words of a text whose terms are `wanted`; empty if there are none."""
    found = list(located_terms(text))
    for first in range(len(found) - len(wanted) + 1):
        part = found[first : first + len(wanted)]
        if wanted and all(term in ("", at[0]) for term, at in zip(wanted, part, strict=True)):
            return " ".join(text[part[0][1] : part[-1][2]].split())
    return ""
