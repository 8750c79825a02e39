"""The words that the project itself puts on a page, in the language of the settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from daily_papers.data import load

_DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; English for one that data/page_words.toml does not have."""

    language: str

    def __call__(self, name: str, **parts: str) -> str:
        """Return a word or sentence with `parts`, which are Markdown, in its braces."""
        return str(self._table[name]).strip().format(**parts)

    def count(self, name: str, number: int, **parts: str) -> str:
        """Return a word with a number, in the form for 1 or in that for others."""
        one, others = self._table[name]
        return str(one if number == 1 else others).format(count=f"{number:,}", **parts)

    @property
    def _table(self) -> Mapping[str, Any]:
        words: dict[str, dict[str, Any]] = load("page_words")
        return words[_DEFAULT] | words.get(self.language, {})


ENGLISH = Words(_DEFAULT)
