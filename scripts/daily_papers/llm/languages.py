"""Languages that a model may be asked to write in, and how a text in one is told from another.

Those with a script of their own are told by it, the others by their commonest words: the languages
are few, and the texts long enough for both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from daily_papers.data import load

_RANGES = {
    "Han": "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    "Kana": "\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f",
    "Hangul": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "Cyrillic": "\u0400-\u052f",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Arabic": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff",
    "Hebrew": "\u0590-\u05ff",
    "Devanagari": "\u0900-\u097f",
    "Thai": "\u0e00-\u0e7f",
    "Latin": "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff",
}
# Written without spaces: a character counts as much as a word of the others.
_DENSE = {"Han", "Kana", "Thai"}
_UNITS = {
    name: re.compile(f"[{chars}]" if name in _DENSE else f"[{chars}]+(?:['’][{chars}]+)*")
    for name, chars in _RANGES.items()
}

# What every language leaves as it is.
_FOREIGN = re.compile(
    r"\$[^$]*\$|\\[A-Za-z]+|https?://\S+|\b[\w.-]+\.(?:com|org|io|net|edu|ai)\b\S*"
)


@dataclass(frozen=True, slots=True)
class Language:
    """A language, and what tells a text in it."""

    name: str
    """In English, as a question names it."""
    scripts: tuple[str, ...] = ("Latin",)
    words: frozenset[str] = frozenset()
    """Its commonest words, where its script does not tell it."""
    own: str = ""
    """Characters that only this way of writing has."""
    foreign: str = ""
    """Their forms in the other way of writing."""
    shortest: float = 0.6
    """Characters of a translation, at the least, for each of the English source's."""
    longest: float = 2.0
    """The same at the most. Formulas stay as long as they are."""

    @property
    def is_dense(self) -> bool:
        """Whether its texts have less than half as many characters as English ones."""
        return self.longest < LANGUAGES["en"].longest


LANGUAGES: dict[str, Language] = {
    code: Language(
        **facts
        | {
            "scripts": tuple(facts.get("scripts", ("Latin",))),
            "words": frozenset(facts.get("words", "").split()),
        }
    )
    for code, facts in load("languages").items()
}
"""By code. A language that is not here cannot be asked for, because it could not be checked."""

# Words that only English has, of those languages.
_ENGLISH = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "is",
        "that",
        "with",
        "we",
        "this",
        "are",
        "by",
        "for",
        "which",
        "from",
        "our",
        "these",
        "their",
    ]
)
_ENOUGH_WORDS, _MANY_WORDS = 8, 20
_COMMON = 0.12
_CLEARLY = 1.1
"""The share of its commonest words in a text of a language: English prose has three times that."""
_IN_TEXT, _IN_TITLE = 0.6, 0.3
"""The share of a script in a text that is written in it. A title may be names for the most part."""
_LEFT = 0.2
_LATIN_RUN = re.compile(r"[A-Za-z]+(?:'[a-z]+)?(?: [A-Za-z]+(?:'[a-z]+)?){8}")
# A name in Latin letters has capitals or none of these words, and a quotation has its marks.
_SHORT_RUN = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?(?:,? [A-Za-z]+(?:[-'’][A-Za-z]+)*){3,}[.!?]?")
_QUOTED = re.compile(r"[“\"「『《‘(（][^”\"」』》’)）]*[”\"」』》’)）]")
_CLAUSE = frozenset(
    [
        "the",
        "is",
        "are",
        "was",
        "were",
        "that",
        "which",
        "we",
        "our",
        "this",
        "these",
        "their",
        "they",
        "it",
        "can",
        "has",
        "have",
        "not",
    ]
)
_FEWEST_OF_RUN = 5
_MUCH_ENGLISH = 0.2
_LEAST_KANA = 0.1
_MOST_KANA = 0.05


def bare(text: str) -> str:
    """Return a text without formulas, commands of LaTeX and addresses."""
    return _FOREIGN.sub(" ", text)


def foreign_to(text: str, code: str, *, short: bool = False) -> str:
    """Say why `text` is not in the language `code`; nothing if it is.

    `short` is for titles and items, which may be names for the most part. A longer text is also
    judged sentence by sentence, so that one half in English is found.
    """
    language = LANGUAGES[code]
    plain = bare(text)
    counts = {name: len(units.findall(plain)) for name, units in _UNITS.items()}
    own = sum(counts[name] for name in language.scripts)
    everything = sum(counts.values())
    if not everything:
        return "there are no words in it"
    if own < everything * (_IN_TITLE if short else _IN_TEXT):
        return f"too little of it is in the script of {language.name}"
    if code.startswith("zh") and counts["Kana"] > own * _MOST_KANA:
        return "it has kana"
    if code == "ja" and not short and counts["Kana"] < own * _LEAST_KANA:
        return "it has hardly any kana"
    if sum(map(plain.count, language.foreign)) > sum(map(plain.count, language.own)):
        return f"its characters are not those of {language.name}"
    if language.words and (told := _by_words(plain, code)):
        return told
    if short:
        return ""
    if "Latin" not in language.scripts and _LATIN_RUN.search(plain):
        return "a sentence of it is not translated"
    if "Latin" not in language.scripts and _has_english_clause(plain):
        return "a sentence of it is not translated"
    for sentence in sentences(plain):
        words = [word.lower() for word in _UNITS["Latin"].findall(sentence)]
        if code == "en" or len(words) < _ENOUGH_WORDS:
            continue
        english = sum(word in _ENGLISH for word in words) / len(words)
        if language.words:
            left = english >= _MUCH_ENGLISH and english > _share(words, code)
        else:
            shown = sum(len(_UNITS[name].findall(sentence)) for name in language.scripts)
            left = shown < len(words) * _LEFT
        if left:
            return "a sentence of it is not translated"
    return ""


def _has_english_clause(plain: str) -> bool:
    """Whether a text in another script has a few words that are English prose, and no name."""
    for match in _SHORT_RUN.finditer(_QUOTED.sub("|", plain)):
        words = re.findall(r"[A-Za-z]+", match[0])
        small = [word for word in words if word.islower()]
        ended = match[0][-1] in ".!?"
        if len(small) * 2 <= len(words):
            continue
        clause = any(word in _CLAUSE for word in small)
        if (clause or ended) and len(words) >= _FEWEST_OF_RUN - (clause and ended):
            return True
    return False


def _by_words(plain: str, code: str) -> str:
    words = [word.lower() for word in _UNITS["Latin"].findall(plain)]
    if len(words) < _ENOUGH_WORDS:
        return ""
    share = _share(words, code)
    others = max(_share(words, other) for other in LANGUAGES if other != code)
    if len(words) < _MANY_WORDS:
        # Too few for a share of its own to be sure.
        wrong = others > max(share * _CLEARLY, _COMMON)
    else:
        wrong = share < _COMMON or others > share * _CLEARLY
    if wrong:
        return f"it has too few of the common words of {LANGUAGES[code].name}"
    return ""


def _share(words: list[str], code: str) -> float:
    return sum(word in LANGUAGES[code].words for word in words) / len(words)


_ABBREVIATION = re.compile(
    r"\b(?:e\.g|i\.e|et al|etc|cf|vs|resp|approx|Fig|Figs|Eq|Eqs|Sec|Tab|Ref|Dr|Prof|No|z\.B|d\.h"
    r"|bzw|ca|p\.ej|[A-Z])\.$"
)


def sentences(text: str) -> list[str]:
    """Return a text's sentences: what ends with a mark and, in most scripts, a blank.

    `findings.sentences` is exact, and for English only; here any language is counted roughly.
    """
    found: list[str] = []
    start = 0
    for match in re.finditer(r"[。！？।۔؟]+[」』”’）)]*|[.!?]+[\"'”’)\]]*(?=\s)|\n", text):
        part = text[start : match.end()]
        if _ABBREVIATION.search(part.rstrip("\"'”’)] ")):
            continue
        found.append(part)
        start = match.end()
    found.append(text[start:])
    return [part.strip() for part in found if part.strip()]


_END = re.compile(
    r"[.!?。！？．।۔؟…]\s*(?:[\"'”’)\]」』）】》$]|\*+)*\s*$|[\w/]+\.[a-z]{2,}/\S*$|https?://\S+$"
)
_OPEN_END = re.compile(r"(?:\.\.\.+|…+|[,，、;；:：-])\s*$")


def is_cut(text: str, source: str, code: str) -> bool:
    """Whether a text has no end, where its source, if there is one, has one."""
    if LANGUAGES[code].scripts == ("Thai",):
        # It has no mark at the end of a sentence.
        return False
    if source and not _ended(source):
        return False
    return not _ended(text)


def _ended(text: str) -> bool:
    return bool(_END.search(text)) and not _OPEN_END.search(text)
