"""Split text into words and terms, as arXiv's index does.

arXiv's index (https://github.com/arXiv/arxiv-search/blob/develop/mappings/DocumentMapping.json)
runs on Elasticsearch 6. Titles and abstracts go through its `english` analyzer, which is Lucene's
EnglishAnalyzer: standard tokenizer, possessive 's off, lower case, stop words off, Porter's
stemmer. Authors go through the mapping's own `author_folding`. "Lucene" below stands for
https://github.com/apache/lucene-solr/tree/branch_7_2/lucene
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import regex
import snowballstemmer

from daily_papers.data import load

STOP_WORDS = frozenset(load("stop_words")["english"].split())
"""Words that arXiv's search ignores."""

# EnglishPossessiveFilter (Lucene, analysis/common) knows these apostrophes.
POSSESSIVES = ("'s", "\u2019s", "\uff07s")
_STEMMER = snowballstemmer.stemmer("porter")

# These continue any word: https://www.unicode.org/reports/tr29/ (WB4).
_EXTENDING = r"\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}"


def _run(characters: str, joining: str = "") -> str:
    """Return a pattern for characters of a class, also with one of `joining` between two."""
    run = rf"[{characters}][{characters}{_EXTENDING}]*+"
    return rf"{run}(?:[{joining}][{_EXTENDING}]*+{run})*+" if joining else run


def _word_pattern() -> str:
    """Return the grammar of core/…/standard/StandardTokenizerImpl.jflex (Lucene), less Hebrew."""
    mid = r"\p{WB=MidNumLet}\p{WB=Single_Quote}"
    letters = _run(r"\p{WB=ALetter}\p{WB=Hebrew_Letter}", rf"\p{{WB=MidLetter}}{mid}")
    digits = _run(r"\p{WB=Numeric}\uff10-\uff19", rf"\p{{WB=MidNum}}{mid}")
    low_line = _run(r"\p{WB=ExtendNumLet}")
    katakana = _run(r"\p{WB=Katakana}")
    part = rf"(?:(?:{letters}|{digits})++|{katakana})"
    return "|".join(
        (
            # The usual case, which the next line would find too, but slowly.
            r"[a-z0-9]++(?=[ \n)-])",
            rf"(?:{low_line})?+{part}(?:{low_line}{part})*+(?:{low_line})?+",
            # Thai and its like stay together; Chinese and hiragana are one word a character.
            rf"(?:[\p{{LB=SA}}][{_EXTENDING}]*+)++",
            rf"[\p{{Script=Han}}\p{{Script=Hiragana}}][{_EXTENDING}]*+",
        )
    )


WORD_PATTERN = _word_pattern()
"""What is a word, as a pattern for the package regex: of a text in lower case."""
_WORD = regex.compile(WORD_PATTERN, regex.VERSION1)


def words(text: str) -> list[str]:
    """Return the lower-cased words of `text`, stop words included, without possessive 's."""
    return list(map(_without_possessive, _WORD.findall(_lowered(text))))


def terms(text: str) -> list[str]:
    """Return the stem of each word of `text`, and an empty string in the place of a stop word.

    A stop word is not searched for, but the words on its two sides stay two places apart: arXiv
    finds `text to image` where any one word is between text and image.
    """
    return list(map(_term, _WORD.findall(_lowered(text))))


def phrase_terms(text: str) -> list[str]:
    """Return the `terms` of a phrase that is searched for; those around them do not count."""
    found = terms(text)
    places = [place for place, term in enumerate(found) if term]
    return found[places[0] : places[-1] + 1] if places else []


def located_terms(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the `terms` of `text`, each with its start and end in it."""
    return ((_term(match[0]), *match.span()) for match in _WORD.finditer(_lowered(text)))


def _lowered(text: str) -> str:
    """Return a text of the same length in lower case, each character by itself, as Java does."""
    return text.replace("\u0130", "i").replace("\u03a3", "\u03c3").lower()


def _without_possessive(word: str) -> str:
    return word[:-2] if word.endswith(POSSESSIVES) else word


@lru_cache(maxsize=2**18)
def _term(word: str) -> str:
    word = _without_possessive(word)
    return "" if word in STOP_WORDS else _stem(word)


_VOWEL = "(?:[aeiou]|(?<=[^aeiou])y)"
_MEASURED = rf"^(.*{_VOWEL}[^aeiou].*"
_ENDING_I = "(?:[iy](?:ed|ing)?s?|ies)$"
# What Lucene's stemmer makes of words that Snowball's, from the same paper, stems otherwise.
_REWRITES = (
    # technology becomes technolog, as technological does
    (re.compile(rf"{_MEASURED}log){_ENDING_I}"), r"\1"),
    # possibly becomes possible, which is stemmed
    (re.compile(rf"{_MEASURED}bl){_ENDING_I}"), r"\1e"),
    # trekking becomes trek: the paper names the letters that Snowball knows; l, s, z stay double
    (re.compile(rf"^(.*{_VOWEL}.*([^aeiouybdfglmnprstz]))\2(?:ed|ing)s?$"), r"\1"),
)


def _stem(word: str) -> str:
    """Return a word's stem.

    Lucene (analysis/common/…/en/PorterStemmer.java) follows Porter's own program, which differs in
    these points from his paper: https://tartarus.org/martin/PorterStemmer/
    """
    if len(word) <= 2:  # noqa: PLR2004 - the rule's own number
        return word
    for pattern, replacement in _REWRITES:
        word = pattern.sub(replacement, word)
    return str(_STEMMER.stemWord(word))


# Letters that arXiv folds and Unicode does not take apart, with signs that differ by habit:
# analysis/icu/src/data/utr30/DiacriticFolding.txt and BasicFoldings.txt (Lucene).
FOLDED_LETTERS = dict(
    zip("ðøđħıłŋŧɓƈɗɖəɛƒɠɨƙɔɵʉʋƴ‐‑‒–—―−‘’‛′", "dodhilntbcddaefgikoouvy-------''''", strict=True)
) | {"æ": "ae", "œ": "oe", "þ": "th"}
# Points, and accents that are characters of their own.
DROPPED_SIGNS = ".,;^`´¨¯·¸ʰʱʲʳʴʵʶʷʸʹʺʻʼʽʾʿˀˁ"
_FOLDING = str.maketrans(FOLDED_LETTERS)
_DROPPING = str.maketrans(dict.fromkeys(DROPPED_SIGNS))


def name_words(name: str) -> frozenset[str]:
    """Return the words of an author's name, which are compared as a set.

    The analyzer `author_folding` drops `.,;`, splits at blanks only, and removes accents and case.
    Lucene's GermanNormalizationFilter and ScandinavianFoldingFilter then make Mueller and Müller
    one word, but also Zhao and Zha. A quoted author is searched for without its quotation marks, so
    all words must be in one name, in any order: string_query in
    https://github.com/arXiv/arxiv-search/blob/develop/search/services/index/authors.py
    """
    german = re.sub("(?<=[ao])e|(?<=(?<![aeiouqy])u)e", "", unaccented(name.translate(_DROPPING)))
    return frozenset(re.sub("(a)[aeo]|(o)[eo]", r"\1\2", german).split())


def unaccented(name: str) -> str:
    """Return a name in small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(one for one in decomposed if not unicodedata.combining(one))
    return letters.translate(_FOLDING)
