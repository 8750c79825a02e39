"""Does a paper match a topic, as arXiv's search would say.

A quoted phrase in `ti:` or `abs:` finds words in their order, lower-cased, English-stemmed, without
a possessive 's; a hyphen splits a word, and stop words are dropped on both sides, as Lucene's
English analysis does: https://lucene.apache.org/core/ (EnglishAnalyzer).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from daily_papers.paper import Paper
from daily_papers.taxonomy import within
from daily_papers.topics import Topic

_STOP_WORDS = """
a an and are as at be but by for if in into is it no not of on or such that the their then there
these they this to was will with
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Lucene's English stop words."""

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019\uff07]s\b")
_STEMMER = snowballstemmer.stemmer("english")


def tokens(text: str) -> list[str]:
    """Return the lower-cased words of `text`, stop words included, possessives without their 's."""
    # Composed, so that an accent is part of its letter however it was typed.
    lowered = unicodedata.normalize("NFC", text).lower()
    return _WORD.findall(_POSSESSIVE.sub("", lowered))


@lru_cache(maxsize=2**17)
def _stem(word: str) -> str:
    # The stemmer is pure Python, and slow.
    return str(_STEMMER.stemWord(word))


def terms(text: str) -> tuple[str, ...]:
    """Return the stems of a phrase without stop words; of one that has nothing else, with them."""
    found = tokens(text)
    kept = [word for word in found if word not in STOP_WORDS]
    return tuple(map(_stem, kept or found))


def field_terms(text: str) -> str:
    """Return the stems of a title or an abstract, prepared for `phrase_in`."""
    return f" {' '.join(_stem(word) for word in tokens(text) if word not in STOP_WORDS)} "


def phrase_in(words: tuple[str, ...], field: str) -> bool:
    """Say whether a phrase's terms stand in a field, in their order and without a gap."""
    return bool(words) and f" {' '.join(words)} " in field


@dataclass(frozen=True, slots=True)
class PaperText:
    """The terms of a paper's title and abstract, for any number of phrases."""

    title: str
    abstract: str


@lru_cache(maxsize=2**12)
def prepare(title: str, abstract: str) -> PaperText:
    """Return the terms of a title and an abstract."""
    return PaperText(field_terms(title), field_terms(abstract))


class Matcher:
    """Tells whether papers answer the query of `queries.arxiv_query` for a topic and categories."""

    def __init__(self, topic: Topic, categories: Sequence[str]) -> None:
        self._words = terms(topic.name)
        self._in_both = len(topic.words) == 1
        self._categories = tuple(categories)

    def matches(self, paper: Paper) -> bool:
        """Say whether arXiv's search would find `paper`.

        A topic of several words is a phrase in title or abstract; one of a single word, as
        separated by blanks, has to be in both.
        """
        if not _any_within(paper.categories, self._categories):
            return False
        text = prepare(paper.title, paper.abstract)
        in_title = phrase_in(self._words, text.title)
        if in_title is not self._in_both:
            return in_title
        return phrase_in(self._words, text.abstract)


@lru_cache(maxsize=2**12)
def _any_within(categories: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return any(within(category, patterns) for category in categories)
