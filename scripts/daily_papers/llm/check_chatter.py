"""Find what a text says about the question, or to its reader, instead of about the paper.

A text is judged against its source: by the subjects of its sentences (data/llm_chatter.toml), and
by its form, which no phrase changes: a line that ends with a colon, a paragraph more than the
source has, brackets to fill in, a label.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from daily_papers.data import load
from daily_papers.llm.check_language import LANGUAGES, sentences

KINDS = ("text", "title", "own")
"""Of a translated abstract, of a translated title, and of a text in the model's own words."""

_CHATTER = 2
"""The score of a sentence that is about the question."""
_EDGE = 2
"""Sentences at the beginning and at the end that count as its edge."""
_BEGINS = r"(?:^|[（(【\[「『《])[\s*_>#~—–¡¿„“\"'-]*"
_LABELS = ("translation", "title", "abstract", "languages", "original", "note")
_LONGEST_LABEL = 40

_COLON = re.compile(r"[:：︰]\s*[*_]*$")
_SENTENCE_IN_TITLE = re.compile(r"[。！!](?=.)|\.\s+(?=\w{3,}.*\.$)|\n")
_TO_FILL = re.compile(
    r"[\[【〔＜<][^\[\]【】〔〕<>＜＞\n]{0,120}[\]】〕＞>]|_{3,}|\b[xX]{3,}\b|…{3,}|\.{4,}"
)
_TWICE = re.compile(r"(\w.{7,}).*\1")
_LEFT_OUT = re.compile(r"\bthis (?:https?|ftp) URL\b|\bthis URL\b")
_ADDRESS = re.compile(r"URL|https?|link|[链鏈]接|[网網]址", re.IGNORECASE)
_EMOJI = re.compile("[\u2600-\u27bf\u2b50-\u2b59\U0001f000-\U0001faff\ufe0f\u20e3]")
_MENTION = re.compile(r"(?<![A-Za-z0-9.@/])[@＠][^\W\d][\w.]+|(?<![\w&/#])#[^\W\d_]\w{2,}")
_WORD = re.compile(r"[A-Za-z0-9À-ɏḀ-ỿ]{2,}|\w{2,}")
_NAME = re.compile(r"[a-z][A-Z]|[A-Z]{2}|\d")
_LONGEST_HEAD = 16
"""Characters of a label, rather than of the first part of a title."""
_PARTS = re.compile(r"[:—–?]|--| - ")
_IN_BRACKETS = re.compile(r"[（(]([^()（）]*)[)）]")
_REMARK = re.compile(r"[.。！!？?।]\s*[（(][^()（）]{2,}[)）][.。]?\s*$")
_ENDS = 60
"""Characters at the beginning and at the end of a text, about a sentence."""
_SHORT_SENTENCE = 0.3
"""The share of the length of its source below which a sentence cannot be its translation."""
_SHORT_PARAGRAPH = 0.5
"""The share of the average length below which a paragraph is no part of an abstract."""
_SHORTEST_REPEATED = 8
"""Letters of a sentence that says something."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a sentence may be about; see data/llm_chatter.toml."""

    name: str
    words: re.Pattern[str]
    excuse: re.Pattern[str]
    scores: dict[str, int]
    edge: bool
    each: bool


def chatter_in(text: str, given: str, source: str, code: str, kind: str) -> str:
    """Return what of `text`, in the language `code`, is not about the paper; empty if nothing.

    `given` is what the text was made from, `source` all that the model was given about the paper,
    and `kind` one of KINDS. The time is linear in the length of the text.
    """
    return (
        _form(text, given, code, kind)
        or _label(text, given, code, kind)
        or _subject(text, source, code, kind)
    )


def is_placeholder(text: str) -> bool:
    """Whether an item of a list says nothing."""
    return bool(_pattern("empty", "zh").match(text))


def _subject(text: str, source: str, code: str, kind: str) -> str:
    parts = [part for line in text.split("\n") for part in sentences(line, code)]
    subjects = [one for one in _subjects(code) if not _is_excused(one, parts, source)]
    for number, part in enumerate(parts):
        is_edge = number < _EDGE or number >= len(parts) - _EDGE
        about = [
            one.name
            for one in subjects
            if (is_edge or not one.edge) and one.words.search(part)
            for _ in range(one.scores[kind])
        ]
        if len(about) >= _CHATTER:
            return f"a sentence about {' and '.join(dict.fromkeys(about))}"
    return ""


def _is_excused(subject: _Subject, parts: Sequence[str], source: str) -> bool:
    """Whether a source speaks of a subject itself, so that a text made from it may."""
    own = _excuses(subject.excuse, source)
    return own > 0 and not (subject.each and sum(map(bool, map(subject.words.search, parts))) > own)


@lru_cache(maxsize=128)
def _excuses(excuse: re.Pattern[str], source: str) -> int:
    return len(excuse.findall(source))


def _label(text: str, source: str, code: str, kind: str) -> str:
    """Return the label that a text begins with and its source does not have, if any."""
    head, colon, _ = text[:_LONGEST_LABEL].replace("：", ":").partition(":")
    if not colon or (source if kind == "title" else source[:_LONGEST_LABEL]).count(":") >= (
        text.count(":") + text.count("：") if kind == "title" else 1
    ):
        return ""
    subjects = (one for one in _subjects(code) if one.name in _LABELS)
    return "a label before it" if any(one.words.search(f"{head}:") for one in subjects) else ""


@cache
def _subjects(code: str) -> tuple[_Subject, ...]:
    return tuple(
        _Subject(
            name,
            _pattern(name, code),
            re.compile(facts["excuse"], re.IGNORECASE),
            dict(zip(KINDS, facts["score"], strict=True)),
            facts.get("edge", False),
            facts.get("each", False),
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
        is_joined = {"Han", "Kana", "Thai", "Hangul"} & {*LANGUAGES[code].scripts}
        found.append(f"(?:{own})" if is_joined else rf"(?<!\w)(?:{own})")
    words = f"(?:{'|'.join(found)})"
    return re.compile(f"{_BEGINS}{words}" if facts.get("begin") else words, re.IGNORECASE)


def _form(text: str, source: str, code: str, kind: str) -> str:
    """Return what of a text's form is that of a chat; empty if its form is that of its source."""
    lines = text.split("\n")
    if _COLON.search(lines[0]) and not _COLON.search(source.split("\n", maxsplit=1)[0]):
        return "a line that ends with a colon"
    if kind == "title":
        found = _form_of_title(text, source)
    else:
        found = _form_of_paragraphs(lines, source)
        if kind == "text" and not found:
            found = _form_of_ends(text, source) or _added_sentence(text, source, code)
    if found:
        return found
    for pattern, name in ((_TO_FILL, "brackets"), (_EMOJI, "an emoji"), (_MENTION, "a mention")):
        new = [one[0] for one in pattern.finditer(text) if one[0] not in source]
        if name == "brackets":
            new = [one for one in new if one[0] not in source and not _is_address(one, source)]
        if new:
            return f"{name} that the paper does not have"
    return ""


def _form_of_title(text: str, source: str) -> str:
    sentence = _SENTENCE_IN_TITLE.search(text)
    if sentence and sentence[0] not in source:
        return "a title is one line without sentences"
    if _TWICE.search(text) and not _TWICE.search(source):
        return "a title says nothing twice"
    head, colon, _ = text.replace("：", ":").partition(":")
    is_new = text.count(":") + text.count("：") > len(_PARTS.findall(source))
    if colon and is_new and len(head) <= _LONGEST_HEAD and not _shares_a_word(head, source):
        return "a label before it"
    inside = _IN_BRACKETS.findall(text) if "(" not in source else ()
    if any(not _shares_a_word(one, source) for one in inside):
        return "brackets that the paper does not have"
    return ""


def _shares_a_word(text: str, source: str) -> bool:
    """Whether a text has a word of its source, or what looks like a name."""
    known = {word.casefold() for word in _WORD.findall(source)}
    return any(
        word.casefold() in known or (word.isascii() and _NAME.search(word))
        for word in _WORD.findall(text)
    )


def _form_of_paragraphs(lines: Sequence[str], source: str) -> str:
    if len(lines) > len(source.split("\n")):
        average = sum(map(len, lines)) / len(lines)
        if min(len(lines[0]), len(lines[-1])) < average * _SHORT_PARAGRAPH:
            return "a short paragraph that the paper does not have"
    return ""


def _form_of_ends(text: str, source: str) -> str:
    """Return what the ends of a translation have that its source has nowhere."""
    if _REMARK.search(text) and not source.rstrip(" .").endswith((")", "]")):
        return "a remark in brackets at its end"
    for marks, name in (("?？؟", "a question"), ("!！", "an exclamation")):
        if not {*marks} & {*source} and {*marks} & {*text[:_ENDS], *text[-_ENDS:]}:
            return name
    return ""


def _added_sentence(text: str, source: str, code: str) -> str:
    """Return which end of a translation is a short sentence that its source does not have."""
    parts, given = sentences(text, code), sentences(source, "en")
    # Without blanks a sentence may be much shorter than its source, such as one about the code.
    if LANGUAGES[code].is_dense or len(parts) <= len(given) or not given:
        return ""
    share = len(text) / len(source)
    for at, name in ((0, "first"), (-1, "last")):
        is_short = len(parts[at]) < len(given[at]) * share * _SHORT_SENTENCE
        if is_short and not _shares_a_word(parts[at], source):
            return f"a short {name} sentence that the paper does not have"
    return ""


def _is_address(brackets: str, source: str) -> bool:
    """Whether brackets stand for an address that arXiv's listings leave out of an abstract."""
    return bool(_LEFT_OUT.search(source)) and bool(_ADDRESS.search(brackets))


def repeated_sentence(text: str, source: str, code: str) -> bool:
    """Whether a text says one sentence twice, and its source does not."""

    def most(whole: str, language: str) -> int:
        parts = (re.sub(r"[\W_]+", "", one.casefold()) for one in sentences(whole, language))
        counts = Counter(one for one in parts if len(one) >= _SHORTEST_REPEATED)
        return max(counts.values(), default=0)

    return most(text, code) > 1 and most(source, "en") <= 1
