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

_NO_TITLE = re.compile(r"[\n。！!|｜#＃…←-↕]| / ")
_QUOTED = re.compile(r"[“\"„«「『《][^”\"“»」』》]*[”\"“»」』》]")
_TO_FILL = re.compile(
    r"[\[【〔＜<][^\[\]【】〔〕<>＜＞\n]{0,120}[\]】〕＞>]|_{3,}|\b[xX]{3,}\b|…{3,}|\.{4,}"
)
_LEFT_OUT = re.compile(r"\bthis (?:(?:https?|ftp) )?URL\b")
_ADDRESS = re.compile(
    r"(?!.*(?:插入|填|insert)).*(?:URL|https?|link|[链鏈]接|[网網]址)", re.IGNORECASE
)
_MENTION = re.compile(r"(?<![A-Za-z0-9.@/])[@＠][^\W\d][\w.]+|(?<![\w&/#])#[^\W\d_]\w{2,}")
_WORD = re.compile(r"[A-Za-z0-9À-ɏḀ-ỿ]{2,}|\w{2,}")
_NAME = re.compile(r"[a-z][A-Z]|[A-Z]{2}|\d")
_LONGEST_LABEL = 16
"""Characters of a label, and no more than a third, rather than of a part of a title."""
_PARTS = re.compile(r"\s*[:：—–]+\s*|[?？] |--| - ")
_ENDS = re.compile(
    r"^[^.。!！?？]{0,60}[!！]|[?？؟!！]\s*$|[.。!?]\s*[（(][^()（）]{2,}[)）][.。]?\s*$"
)
_LABEL = re.compile(r"([^.,:]{1,24}):")
_DENSE_LABEL = re.compile(r"([^。，:：]{1,10})[:：]")
_IN_BRACKETS = re.compile(r"[（(]([^()（）]*)[)）]")
_SHORT_PARAGRAPH = 0.5
"""The share of the average length below which a paragraph is no part of an abstract."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a sentence may be about; see data/llm_chatter.toml."""

    name: str
    words: re.Pattern[str]
    excuse: re.Pattern[str]
    where: frozenset[str]


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
    return bool(_pattern("empty", "zh").match(text))


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
            _pattern(name, code),
            re.compile(facts["excuse"], re.IGNORECASE),
            frozenset(facts["where"].split()),
        )
        for name, facts in load("llm_chatter").items()
    )


@cache
def _pattern(name: str, code: str) -> re.Pattern[str]:
    return _words(load("llm_chatter")[name], code)


def _words(facts: dict[str, str], code: str) -> re.Pattern[str]:
    found = [rf"(?<![A-Za-z])(?:{facts['en']})"]
    own = facts.get(code.partition("-")[0], "") if code != "en" else ""
    if own:
        # Without blanks, or with particles joined to a word, a word may begin anywhere.
        is_joined = {"Han", "Thai", "Hangul"} & {*LANGUAGES[code].scripts}
        found.append(f"(?:{own})" if is_joined else rf"(?<!\w)(?:{own})")
    words = f"(?:{'|'.join(found)})"
    return re.compile(f"{_BEGINS}{words}" if facts.get("begin") else words, re.IGNORECASE)


def _form(text: str, source: str, code: str, kind: str) -> str:
    """Return what of a text's form is that of a chat; empty if its form is that of its source."""
    if found := (_form_of_title if kind == "title" else _paragraph)(text, source):
        return found
    if kind == "own":
        if _ENDS.search(text) and not _ENDS.search(source):
            return "a question, an exclamation or a remark in brackets at its end"
        head = (_DENSE_LABEL if LANGUAGES[code].is_dense else _LABEL).match(text)
        if head and not _shares_a_word(head[1], source):
            return "a label"
    for pattern, name in ((_TO_FILL, "brackets"), (_MENTION, "a mention")):
        for one in pattern.finditer(text):
            # [CLS] is a name, but [PDF] after a title is none.
            is_name = kind != "title" and one[0][0] == "[" and one[0][1:-1].isupper()
            if one[0] not in source and not is_name and not _is_address(one[0], source):
                return f"{name} that the paper does not have"
    return ""


def _form_of_title(text: str, source: str) -> str:
    for mark in _NO_TITLE.findall(text):
        if mark not in source:
            return "a title is one line without sentences"
    parts = _PARTS.split(text)
    if len(parts) > len(_PARTS.split(source)) and any(
        len(one) <= min(_LONGEST_LABEL, len(text) / 3) and not _shares_a_word(one, source)
        for one in (parts[0], parts[-1])
    ):
        return "a label"
    inside = _IN_BRACKETS.findall(text) if "(" not in source else ()
    if any(not _shares_a_word(one, source) for one in inside):
        return "brackets that the paper does not have"
    quoted = max(map(len, _QUOTED.findall(text)), default=0)
    if quoted * 2 > len(text) and not _QUOTED.search(source):
        return "a quoted title"
    return ""


def _shares_a_word(text: str, source: str) -> bool:
    """Whether a text has a word of its source, or what looks like a name."""
    known = {word.casefold() for word in _WORD.findall(source)}
    return any(
        word.casefold() in known or (word.isascii() and _NAME.search(word))
        for word in _WORD.findall(text)
    )


def _paragraph(text: str, source: str) -> str:
    lines = text.split("\n")
    if len(lines) > len(source.split("\n")):
        average = sum(map(len, lines)) / len(lines)
        if min(len(lines[0]), len(lines[-1])) < average * _SHORT_PARAGRAPH:
            return "a short paragraph that the paper does not have"
    return ""


def _is_address(brackets: str, source: str) -> bool:
    """Whether brackets stand for an address that arXiv's listings leave out of an abstract."""
    return bool(_LEFT_OUT.search(source)) and bool(_ADDRESS.match(brackets))
