"""The languages a model can be asked to write in, and the check that a text is in one of them.

Languages with a script of their own are recognized by it, the others by their most common words.
There are few languages, and the texts are long enough for both.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import regex

from daily_papers.data import load
from daily_papers.llm.check_sentences import sentences
from daily_papers.topics.words_and_stems import unaccented

# Written without spaces: a character counts as much as a word of the others.
_DENSE = ("Han", "Hiragana", "Katakana", "Thai")
_DENSE_LETTER = "".join(rf"\p{{{name}}}" for name in _DENSE)
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_LATIN_WORD = regex.compile(r"\p{Latin}+(?:['’]\p{Latin}+)*")

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
    joiners: str = ""
    """Signs without a form of their own, which its writing needs."""
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

_ONLY_ENGLISH = "the of and to is that with we this are by for which from our these their"
_ENGLISH = frozenset(_ONLY_ENGLISH.split())
"""Words that only English has, of the languages here."""
_IN_CLAUSES = "the is are was were that which we our this these their they it can has have not"
_CLAUSE = frozenset(_IN_CLAUSES.split())
"""Words that a name in Latin letters does not have, so that a text with them is English prose."""
_ENOUGH_WORDS = 8
_COMMON = 0.12
"""The share of its common words in a text of a language: English prose has three times that."""
_CLEARLY = 1.1
_IN_TEXT, _IN_TITLE = 0.6, 0.3
"""The share of a script in a text that is written in it. A title may be names for the most part."""
_SHORT_RUN = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?(?:,? [A-Za-z]+(?:[-'’][A-Za-z]+)*){3,}[.!?]?")
_QUOTED = re.compile(r"[“\"「『《‘(（][^”\"」』》’)）]*[”\"」』》’)）]")
_SHORTEST_CLAUSE = 5
"""Words of English prose that are not accepted within a text in another script."""
_MUCH_ENGLISH = 0.2
_LEAST_KANA = 0.1


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
    own_units, other_units, _ = _patterns(code)
    own, others = len(own_units.findall(plain)), len(other_units.findall(plain))
    if not own + others:
        return "there are no words in it"
    if own < (own + others) * (_IN_TITLE if short else _IN_TEXT):
        return f"too little of it is in the script of {language.name}"
    if code == "ja" and not short and len(_KANA.findall(plain)) < own * _LEAST_KANA:
        return "it has hardly any kana"
    if sum(map(plain.count, language.foreign)) > sum(map(plain.count, language.own)):
        return f"its characters are not those of {language.name}"
    if language.words and _lacks_common_words(_LATIN_WORD.findall(plain.lower()), code):
        return f"it has too few of the common words of {language.name}"
    if not short and code != "en" and _has_english(plain, code):
        return "a sentence of it is not translated"
    return ""


def stray_character(text: str, source: str, code: str) -> str:
    """Return the first character that no text in the language `code` has, unless `source` has it.

    It is invisible, of private use or broken, an emoji, or a letter of another script, which may
    look like one of the language.
    """
    # Rényi may be Renyi in the source.
    known = {*_LATIN_WORD.findall(unaccented(source))}
    text = _LATIN_WORD.sub(lambda one: "" if unaccented(one[0]) in known else one[0], text)
    signs: list[str] = _patterns(code)[2].findall(text)
    return next((sign for sign in signs if sign not in source), "")


@cache
def _patterns(code: str) -> tuple[regex.Pattern[str], regex.Pattern[str], regex.Pattern[str]]:
    """Return the patterns of words of a language, of other words, and of a stray character."""
    language = LANGUAGES[code]
    own = "".join(rf"\p{{{name}}}" for name in language.scripts)
    # A name of the source has Latin letters; accents may be those of a third language.
    latin = "" if "Latin" in language.scripts else r"A-Za-z\uff21-\uff5a"
    anywhere = rf"{own}{latin}\p{{Greek}}\p{{Common}}\p{{Inherited}}"
    return (
        regex.compile(
            f"[{own}]" if {*_DENSE} & {*language.scripts} else f"[{own}]+(?:['’][{own}]+)*"
        ),
        regex.compile(
            rf"[{_DENSE_LETTER}--[{own}]]|[\p{{L}}--[{own}{_DENSE_LETTER}\p{{Common}}]]+",
            regex.VERSION1,
        ),
        regex.compile(
            rf"[\p{{L}}--[{anywhere}]]|[\p{{C}}\p{{Emoji_Presentation}}\ufe0f\u20e3\ufffc\ufffd"
            rf"--[\n\t{language.joiners}]]",
            regex.VERSION1,
        ),
    )


def _lacks_common_words(words: Sequence[str], code: str) -> bool:
    return len(words) >= _ENOUGH_WORDS and max(
        _share(words, other) for other in LANGUAGES if other != code
    ) > max(_share(words, code) * _CLEARLY, _COMMON)


def _share(words: Sequence[str], code: str) -> float:
    return sum(word in LANGUAGES[code].words for word in words) / len(words)


def _has_english(plain: str, code: str) -> bool:
    """Whether a text has a sentence in English or, in another script, a few words of one.

    A name has capitals or none of the words of a clause, and a quotation has quotation marks.
    """
    if LANGUAGES[code].words:
        return any(
            sum(word in _ENGLISH for word in words)
            > max(_share(words, code), _MUCH_ENGLISH) * len(words)
            for one in sentences(plain, code)
            if len(words := _LATIN_WORD.findall(one.lower())) >= _ENOUGH_WORDS
        )
    for match in _SHORT_RUN.finditer(_QUOTED.sub("|", plain)):
        words = _LATIN_WORD.findall(match[0])
        small = [word for word in words if word.islower()]
        clause, ended = any(word in _CLAUSE for word in small), match[0][-1] in ".!?"
        if (
            len(small) * 2 > len(words)
            and (clause or ended)
            and len(words) >= _SHORTEST_CLAUSE - (clause and ended)
        ):
            return True
    return False
