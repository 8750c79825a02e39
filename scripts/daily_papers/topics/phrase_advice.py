"""Say what arXiv's search makes of a phrase, if that is not what a reader of the line expects.

In quotation marks, arXiv's search knows no wildcards, weights and fuzzy words: signs only separate
words. `_query_title` and `_query_abstract` pass the phrase to Elasticsearch's `query_string`:
https://github.com/arXiv/arxiv-search/blob/develop/search/services/index/prepare.py
"""

import re
from collections.abc import Iterator

from daily_papers.topics.query_tree import (
    MAX_WORDS,
    Expression,
    Field,
    Phrase,
    Query,
    Search,
)
from daily_papers.topics.words_and_stems import STOP_WORDS, words

WILDCARDS = "*?^~"
"""Signs that other searches read as wildcards, weights and fuzziness."""

# Words that need not be told that they are a phrase.
_SHORT = 5
# A word with a sign that is part of its name: C++, C#, .NET, Q&A.
_SIGNED = re.compile(r"\.\w.*|.*\w[+#]+|.*&.*")


def kept_words(text: str) -> list[str]:
    """Return the words of a phrase that arXiv searches for."""
    return [word for word in words(text) if word not in STOP_WORDS]


def phrase_fault(phrase: Phrase) -> str | None:
    """Return an error message if a phrase cannot find what it says, else None."""
    text = phrase.text
    if not words(text):
        return f"'{text}' has no word to search for; write the words, or delete it"
    if phrase.field is Field.AUTHOR:
        return None
    kept = kept_words(text)
    if not kept:
        what = "has only words that arXiv ignores in every search; add another word, or delete it"
        return f"'{text}' {what}"
    if len(kept) == len(phrase.words) == 1 and _SIGNED.fullmatch(text):
        return (
            f"'{text}' would be searched as '{kept[0]}': arXiv drops signs, and words such as "
            f"'a' and 'at'; add a word that stands beside it, as in \"{text} system\", or write it "
            "out in words"
        )
    return None


def wildcard_fault(sign: str, word: str) -> str:
    """Return the error message for one of WILDCARDS in a word."""
    if sign in "^~":
        return (
            f"{sign} is dropped by arXiv's search: there are no weights and no fuzzy words; "
            "delete it, or write a blank in its place"
        )
    kept = kept_words(word)
    if all(len(one) == 1 for one in kept):
        what = f"would be searched as '{' '.join(kept)}'" if kept else "cannot be searched for"
        return (
            f"'{word}' {what}: arXiv's search drops signs, and words such as 'a'; use a name "
            "without signs, as in heuristic search"
        )
    return (
        f"{sign} is no wildcard in a phrase: arXiv's search drops it; delete it, since "
        "inflections are found anyway, and add other forms as in quantum | quantized; or use "
        "arXiv's own syntax, as in Heading: = ti:quant*"
    )


def remarks(query: Query) -> Iterator[str]:
    """Yield a sentence on each phrase of which arXiv searches less than is written."""
    for phrase in _phrases(query):
        kept, written = kept_words(phrase.text), words(phrase.text)
        ignored = ", ".join(f"'{word}'" for word in dict.fromkeys(written) if word in STOP_WORDS)
        if len(kept) == 1 and ignored:
            yield f"of '{phrase.text}' only '{kept[0]}' is searched: arXiv ignores {ignored}"
        elif any(_SIGNED.fullmatch(one) and ("&" not in one or ignored) for one in phrase.words):
            yield f"'{phrase.text}' is searched as '{' '.join(kept)}': arXiv drops its signs"
        elif len(phrase.words) > _SHORT:
            yield (
                f"'{phrase.text}' is one phrase: its {len(phrase.words)} words must stand side by "
                "side, in this order; write & between its parts if they may stand apart"
            )


def what_to_try(query: Query) -> str:
    """Return advice for a query that finds nothing."""
    if not isinstance(query, Search):
        return "check its spelling"
    longest = max(_phrases(query), key=lambda one: len(one.words), default=Phrase(()))
    if len(longest.words) > 1:
        return (
            f"check its spelling; '{longest.text}' is one phrase, whose words must stand side by "
            "side: write & between parts that may stand apart, | between alternatives"
        )
    if longest.field is Field.BOTH:
        return (
            "check its spelling; one word alone must be in title and abstract: write it after a "
            "heading to find it in either"
        )
    return "check its spelling, or add alternatives with | between them"


def _phrases(query: Query) -> Iterator[Phrase]:
    """Yield the phrases of a query, except names of authors."""
    if isinstance(query, Search):
        for one in (*_within(query.expression), *query.exclusions):
            if one.field is not Field.AUTHOR:
                yield one


def _within(expression: Expression) -> Iterator[Phrase]:
    if isinstance(expression, Phrase):
        yield expression
    else:
        for part in expression.parts:
            yield from _within(part)


def length_fault(phrase: Phrase) -> str | None:
    """Return an error message if a phrase without quotation marks is a sentence, else None.

    Of 26,618 papers, at most three share a phrase of eight words of a title.
    """
    count = len(phrase.words)
    if phrase.field is Field.AUTHOR or count <= MAX_WORDS:
        return None
    return (
        f"this is one phrase of {count} words, which must stand side by side in a title or "
        "abstract; keep a few words with & between them, as in language model & reasoning, or "
        "put quotation marks around it"
    )
