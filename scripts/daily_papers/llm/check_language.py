"""The languages a model can be asked to write in, and the check that a text is in one of them.

Languages with a script of their own are recognized by it, the others by their most common words.
There are few languages, and the texts are long enough for both.
"""

import re
import unicodedata
from dataclasses import dataclass

from daily_papers.data import load
from daily_papers.llm.check_sentences import sentences

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

# What stays the same in every language.
_FOREIGN = re.compile(
    r"\$[^$]*\$|\\[A-Za-z]+|https?://\S+|\b[\w.-]{1,60}\.(?:com|org|io|net|edu|ai)\b\S*"
)


@dataclass(frozen=True, slots=True)
class Language:
    """A language, and the features by which a text in it is recognized."""

    name: str
    """In English, as a prompt names it."""
    scripts: tuple[str, ...] = ("Latin",)
    words: frozenset[str] = frozenset()
    """Its most common words, where its script does not identify it."""
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
    for code, facts in load("llm_languages").items()
}
"""By code. A language that is not here cannot be asked for, because it could not be checked."""

# Signs without a form of their own, in the languages whose writing needs them.
_JOINERS = {
    "Arabic": "\u200c\u200d\u200e\u200f",
    "Hebrew": "\u200e\u200f",
    "Devanagari": "\u200c\u200d",
    "Thai": "\u200b",
}
_SPECIAL = {"Cc", "Cf", "Cn", "Co", "Cs"}
_BROKEN = "\ufffd\ufffc"
# How Unicode's names of letters begin that any text may have.
_ANYWHERE = frozenset(
    [
        "LATIN",
        "GREEK",
        "MATHEMATICAL",
        "DOUBLE-STRUCK",
        "SCRIPT",
        "BLACK-LETTER",
        "FULLWIDTH",
        "MODIFIER",
        "MICRO",
        "FEMININE",
        "MASCULINE",
        "OHM",
        "KELVIN",
        "ANGSTROM",
        "PLANCK",
        "ALEF",
        "SUPERSCRIPT",
        "SUBSCRIPT",
        "PRIME",
    ]
)
_NAMES = {
    "Han": "CJK IDEOGRAPHIC",
    "Kana": "HIRAGANA KATAKANA KATAKANA-HIRAGANA HALFWIDTH",
    "Hangul": "HANGUL CJK",
}
_ONLY_ENGLISH = "the of and to is that with we this are by for which from our these their"
_ENGLISH = frozenset(_ONLY_ENGLISH.split())
"""Words that only English has, of the languages here."""
_IN_CLAUSES = "the is are was were that which we our this these their they it can has have not"
_CLAUSE = frozenset(_IN_CLAUSES.split())
"""Words that a name in Latin letters does not have, so that a text with them is English prose."""
_ENOUGH_WORDS, _MANY_WORDS = 8, 20
_COMMON = 0.12
"""The share of its common words in a text of a language: English prose has three times that."""
_CLEARLY = 1.1
_IN_TEXT, _IN_TITLE = 0.6, 0.3
"""The share of a script in a text that is written in it. A title may be names for the most part."""
_LEFT = 0.2
_SHORT_RUN = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?(?:,? [A-Za-z]+(?:[-'’][A-Za-z]+)*){3,}[.!?]?")
_QUOTED = re.compile(r"[“\"「『《‘(（][^”\"」』》’)）]*[”\"」』》’)）]")
_SHORTEST_CLAUSE = 5
"""Words of English prose that are not accepted within a text in another script."""
_MUCH_ENGLISH = 0.2
_LEAST_KANA = 0.1
_MOST_KANA = 0.05


def without_formulas(text: str) -> str:
    """Return a text without formulas, LaTeX commands and addresses."""
    return _FOREIGN.sub(" ", text)


def foreign_to(text: str, code: str, *, short: bool = False) -> str:
    """Return why `text` is not in the language `code`; empty if it is.

    `short` is for titles and items, which may be names for the most part. A longer text is also
    checked sentence by sentence, so that a half in English is found.
    """
    language = LANGUAGES[code]
    plain = without_formulas(text)
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
    if language.words and _lacks_common_words(plain, code):
        return f"it has too few of the common words of {language.name}"
    if short or code == "en":
        return ""
    left = "Latin" not in language.scripts and _has_english_clause(plain)
    if left or any(_is_english(one, code) for one in sentences(plain, code)):
        return "a sentence of it is not translated"
    return ""


def stray_character(text: str, source: str, code: str) -> str:
    """Return the first character that no text in the language `code` has, unless `source` has it.

    It is invisible, of private use or broken, or it is a letter of another script, which may look
    like one of the language.
    """
    scripts = LANGUAGES[code].scripts
    joiners = "".join(_JOINERS.get(name, "") for name in scripts)
    names = _ANYWHERE.union(*(_NAMES.get(name, name.upper()).split() for name in scripts))
    for sign in dict.fromkeys(text):
        if unicodedata.category(sign) in _SPECIAL or sign in _BROKEN:
            is_usual = sign in "\n\t" or sign in joiners
        else:
            is_usual = not sign.isalpha() or unicodedata.name(sign, "").split(" ")[0] in names
        if not is_usual and sign not in source:
            return sign
    return ""


def _lacks_common_words(plain: str, code: str) -> bool:
    words = _latin_words(plain)
    if len(words) < _ENOUGH_WORDS:
        return False
    share = _share(words, code)
    others = max(_share(words, other) for other in LANGUAGES if other != code)
    if len(words) < _MANY_WORDS:
        # Too few for a share of its own to be sure.
        return others > max(share * _CLEARLY, _COMMON)
    return share < _COMMON or others > share * _CLEARLY


def _has_english_clause(plain: str) -> bool:
    """Whether a text in another script has a few words of English prose that are no name.

    A name has capitals or none of the words of a clause, and a quotation has quotation marks.
    """
    for match in _SHORT_RUN.finditer(_QUOTED.sub("|", plain)):
        words = re.findall(r"[A-Za-z]+", match[0])
        small = [word for word in words if word.islower()]
        ended = match[0][-1] in ".!?"
        if len(small) * 2 <= len(words):
            continue
        clause = any(word in _CLAUSE for word in small)
        if (clause or ended) and len(words) >= _SHORTEST_CLAUSE - (clause and ended):
            return True
    return False


def _is_english(sentence: str, code: str) -> bool:
    """Whether a sentence of a text in the language `code` is an English one."""
    words = _latin_words(sentence)
    if len(words) < _ENOUGH_WORDS:
        return False
    language = LANGUAGES[code]
    if language.words:
        english = sum(word in _ENGLISH for word in words) / len(words)
        return english >= _MUCH_ENGLISH and english > _share(words, code)
    return sum(len(_UNITS[name].findall(sentence)) for name in language.scripts) < (
        len(words) * _LEFT
    )


def _latin_words(text: str) -> list[str]:
    return [word.lower() for word in _UNITS["Latin"].findall(text)]


def _share(words: list[str], code: str) -> float:
    return sum(word in LANGUAGES[code].words for word in words) / len(words)
