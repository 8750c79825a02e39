"""Find what a text says about the question, or to its reader, instead of about the paper.

A text is judged against its source. First by its form, which no phrase changes: a translation has
a sentence, a paragraph, a label or brackets that the paper does not have. Then by the subjects of
its sentences (data/llm_chatter.toml).
"""

import re
from dataclasses import dataclass
from functools import cache

from daily_papers.data import load
from daily_papers.llm.check_language import LANGUAGES
from daily_papers.llm.check_sentences import align

_EDGE = 2
"""Sentences at the beginning and at the end in which chatter is looked for."""
_BEGINS = r"(?:^|[（(【\[「『《])[\s*_>#~—–¡¿„“\"'-]*"

_NO_TITLE = re.compile(r"[\n。|｜#＃…←-↕]| / ")
_QUOTED = re.compile(r"[“\"„«「『《][^”\"“»」』》]*[”\"“»」』》]")
# Brackets and blanks to be filled in, and mentions.
_STRANGE = re.compile(
    r"[\[【〔＜<][^\[\]【】〔〕<>＜＞\n]{0,120}[\]】〕＞>]|_{3,}|\b[xX]{3,}\b|…{3,}|\.{4,}"
    r"|(?<![A-Za-z0-9.@/])[@＠][^\W\d][\w.]+|(?<![\w&/#])#[^\W\d_]\w{2,}"
)
_LEFT_OUT = re.compile(r"\bthis (?:(?:https?|ftp) )?URL\b")
"""Stands in arXiv's listings for an address."""
_ADDRESS = re.compile(
    r"(?!.*(?:[填请請换換补補]|插入|提供|输入|点击|insert|here)).*(?:URL|https?|link|[链鏈]接|[网網]址)",
    re.IGNORECASE,
)
"""What may stand for it; with a request, it is to be filled in."""
_WORD = re.compile(r"[A-Za-z0-9À-ɏḀ-ỿ]{2,}|\w{2,}")
_NAME = re.compile(r"[a-z][A-Z]|[A-Z]{2}|\d")
_LONGEST_LABEL = 16
"""Characters of a label, and no more than a third, rather than of a part of a title."""
_PARTS = re.compile(r"\s*[:：—–]+\s*|[?？] |--| - ")
_ENDS = re.compile(r"[?？؟]\s*$|[.。?]\s*[（(][^()（）]{2,}[)）][.。]?\s*$")
_LABEL = re.compile(r"([^.。，,:：]{1,24})[:：]")
_LONGEST_DENSE_LABEL = 10
_IN_BRACKETS = re.compile(r"[（(]([^()（）]*)[)）]")
_SHORT_PARAGRAPH = 0.5
"""The share of the average length below which a paragraph is no part of an abstract."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a sentence may be about; see data/llm_chatter.toml."""

    name: str
    words: re.Pattern[str]
    excuse: re.Pattern[str]
    where: str


def chatter_in(text: str, given: str, source: str, code: str, kind: str) -> str:
    """Return what of `text`, in the language `code`, is not about the paper; empty if nothing.

    Chatter stands at the beginning or at the end: its subjects are looked for in the first and the
    last two sentences.

    `given` is what the text was made from, `source` all that the model was given about the paper,
    and `kind` is "text" or "title" for a translation, "own" or "item" for a text of the model's own
    words or for one of a list. The time is linear in the length of the text.
    """
    return _form(text, given, code, kind) or _subject(text, given, source, code, kind)


def is_placeholder(text: str) -> bool:
    """Whether an item of a list says nothing."""
    return any(one.name == "empty" and one.words.match(text) for one in _subjects("zh"))


def _subject(text: str, given: str, source: str, code: str, kind: str) -> str:
    # Of texts in the model's own words there is nothing to lay beside.
    beside = align(text, given if kind == "text" else "", code, dense=LANGUAGES[code].is_dense)
    if beside.added:
        return f"{beside.added} that the paper does not have"
    numbers = range(len(beside.parts))
    for number in sorted({*numbers[:_EDGE], *numbers[-_EDGE:]}):
        part = beside.parts[number]
        for one in _subjects(code):
            # Where a source speaks of a subject itself, a text made from it may, too.
            if kind not in one.where or one.excuse.search(source) or not one.words.search(part):
                continue
            # Chatter without a full stop may be one with the first sentence.
            outside = number and one.words.search(_IN_BRACKETS.sub("", part))
            if not (outside and beside.needs(number)):
                return f"a sentence about {one.name}"
    return ""


@cache
def _subjects(code: str) -> tuple[_Subject, ...]:
    return tuple(
        _Subject(
            name,
            _words(facts, code),
            re.compile(facts["excuse"], re.IGNORECASE),
            facts["where"],
        )
        for name, facts in load("llm_chatter").items()
    )


def _words(facts: dict[str, str], code: str) -> re.Pattern[str]:
    words = rf"(?<![A-Za-z])(?:{facts['en']})"
    own = facts.get(code.partition("-")[0], "") if code != "en" else ""
    if own:
        # Without blanks, or with particles joined to a word, a word may begin anywhere.
        is_joined = {"Han", "Thai", "Hangul"} & {*LANGUAGES[code].scripts}
        words += rf"|(?:{own})" if is_joined else rf"|(?<!\w)(?:{own})"
    return re.compile(f"{_BEGINS if facts.get('begin') else ''}(?:{words})", re.IGNORECASE)


def _form(text: str, source: str, code: str, kind: str) -> str:
    """Return what of a text's form is that of a chat; empty if its form is that of its source."""
    if kind == "title" and (found := _form_of_title(text, source)):
        return found
    if re.search(r"[!！¡]", text) and "!" not in source:
        return "an exclamation"
    lines = text.split("\n")
    shortest = min(len(lines[0]), len(lines[-1])) * len(lines)
    if len(lines) > len(source.split("\n")) and shortest < len(text) * _SHORT_PARAGRAPH:
        return "a short paragraph that the paper does not have"
    if kind == "own" and _ENDS.search(text) and not _ENDS.search(source):
        return "a question or a remark in brackets at its end"
    if kind == "own" and (label := _LABEL.match(text)):
        most = _LONGEST_DENSE_LABEL if LANGUAGES[code].is_dense else len(text)
        if (
            len(label[1]) <= most
            and not _LABEL.match(source)
            and not _shares_a_word(label[1], source)
        ):
            return "a label"
    for one in _STRANGE.finditer(text):
        # [CLS] is a name, but [PDF] after a title is none.
        is_name = kind != "title" and re.fullmatch(r"\[[A-Z0-9]+\]", one[0])
        is_address = _LEFT_OUT.search(source) and _ADDRESS.match(one[0])
        if one[0] not in source and not is_name and not is_address:
            return f"no {one[0]!r}, which the paper does not have"
    return ""


def _form_of_title(text: str, source: str) -> str:
    if any(mark not in source for mark in _NO_TITLE.findall(text)):
        return "a title is one line without sentences"
    first, *others = _PARTS.split(text)
    if len(others) >= len(_PARTS.split(source)) and (
        not others[-1]
        or (len(first) <= min(_LONGEST_LABEL, len(text) / 3) and not _shares_a_word(first, source))
    ):
        return "a label"
    inside = _IN_BRACKETS.findall(text) if "(" not in source else ()
    if any(not _shares_a_word(one, source) for one in inside):
        return "brackets that the paper does not have"
    quoted = max(map(len, _QUOTED.findall(text)), default=0)
    return "a quoted title" if quoted * 2 > len(text) and not _QUOTED.search(source) else ""


def _shares_a_word(text: str, source: str) -> bool:
    """Whether a text has a word of its source, or what looks like a name."""
    known = {word.casefold() for word in _WORD.findall(source)}
    return any(
        word.casefold() in known or (word.isascii() and _NAME.search(word))
        for word in _WORD.findall(text)
    )
