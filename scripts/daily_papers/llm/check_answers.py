"""Read a model's answer, clean it, and decide whether it may be kept. Pure.

The gate compares an answer with what the model was given. It judges form and origin, not truth:
whether a text is about the paper only, is in the language asked for, is whole, has a plausible
length, and has no number, name or address that the paper does not have. The run's summary counts
the reasons for which answers are rejected.
"""

import enum
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from daily_papers.data import load
from daily_papers.llm.check_chatter import chatter_in, is_placeholder
from daily_papers.llm.check_language import LANGUAGES, foreign_to, stray_character
from daily_papers.llm.check_links import unknown_address
from daily_papers.llm.check_numbers_and_names import invented_name, invented_number, is_elsewhere
from daily_papers.llm.check_sentences import (
    is_cut,
    repeated_sentence,
    sentences,
)
from daily_papers.text.latex import to_unicode
from daily_papers.text.white_space import one_line


class Reason(enum.StrEnum):
    """Why an answer is rejected, as the run's summary says it."""

    EMPTY = "an empty answer"
    NO_JSON = "no JSON"
    SHAPE = "not the fields asked for"
    OTHER_PAPER = "about another paper"
    CUT_OFF = "cut off"
    REFUSAL = "a refusal"
    CHATTER = "chatter"
    PLACEHOLDER = "a placeholder"
    UNREADABLE = "characters that no text has"
    MARKUP = "markup of its own"
    LINK = "a link that the paper does not have"
    ECHO = "an echo"
    LANGUAGE = "another language"
    LENGTH = "too short or too long"
    REPEATED = "the same again and again"
    NUMBER = "an invented number"
    NAME = "an invented name"
    NOT_GIVEN = "a paper that was not given"
    SECRET = "the key"  # noqa: S105 - its name
    ENDPOINT = "the endpoint refuses the question"


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why an answer may not be kept."""

    reason: Reason
    detail: str = ""
    """Given to the model when it is asked again; never shown."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a question was about and gave to the model."""

    title: str = ""
    """Empty where a question is about several papers; so is the abstract."""
    abstract: str = ""
    more: str = ""
    """Everything else that was given or is known: the first page, the comment."""
    papers: tuple[str, ...] = ()
    """The versioned identifiers that were given."""
    prompt: str = ""
    """The instructions of the question."""
    known_title: str = ""
    """The title in the language asked for, if it is known."""

    @property
    def source(self) -> str:
        """What a text about it is made from."""
        return f"{self.title}\n{self.abstract}" if self.abstract else self.whole

    @property
    def whole(self) -> str:
        """All that was given, as one text."""
        return f"{self.title}\n{self.abstract}\n{self.more}"


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of an answer; see data/llm_answer_fields.toml."""

    kind: str
    length: tuple[int, int] = (0, 0)
    items: int = 0
    required: bool = False


_FIELDS = {name: _Field(**facts) for name, facts in load("llm_answer_fields").items()}

_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)\n?\s*```", re.DOTALL | re.IGNORECASE)
# Some endpoints leave out the beginning of a thought.
_THOUGHT = re.compile(r"</think>\s*(?=\{|```|\Z)", re.IGNORECASE)
_ENUMERATOR = re.compile(r"^(?:[-*•]\s+|[(（]?\d{1,2}[.)）、]\s*(?=\D))")
_QUOTED = re.compile(r"[《「『“\"](?P<inner>[^《》「」『』“”\"]+)[》」』”\"]")
_MARKUP = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}(?=\s)|~~~|[-*+>](?=\s)|\|(?=.*\|)|\d{1,2}[.)](?=\s)|---+[ \t]*$)"
    r"|```|`(?=[^`\n]+`)|(?<![A-Za-z0-9*\\^_{$])\*{1,3}(?=[^\s*][^*\n]*\*)|(?<!\w)__(?=[^_\s][^_]*__(?!\w))"
    r"|\]\((?=[^)\s]+\))|</?[A-Za-z][A-Za-z0-9-]*(?=\s[^<>]*>|/?>)|<!--|&(?:[a-z]{2,8}|#\d+);"
    r"|\\n(?![a-z])",
    re.MULTILINE,
)
"""Headings, lists, quotations, tables, code, emphasis, links, tags, entities."""
_TAG = re.compile(r"(?=.*[A-Za-z])[\x20-\x7eÀ-ɏα-ωΑ-Ω–’]+")
_SAME_RUN = re.compile(r"(\S.{0,23}?)\1{9,}", re.DOTALL)

_LONGEST_TAG, _LONGEST_NAME = 60, 160
_WHOLE = ("summary", "themes")
"""Texts of one's own words that say what a paper is, and not what it lacks."""
_KEYWORDS = range(2, 9)
_SUMMARY_SENTENCES = range(2, 5)
_SUMMARY_SHARE = (0.03, 1.2)
"""A summary's length as a share of the abstract's."""
_DENSE_SHARE = (0.4, 0.6)
"""What the lengths of data/llm_answer_fields.toml are multiplied by for a dense script."""
_MERGED = 2
"""The sentences of a source that a translation may merge into one, on average."""
_FEW_SENTENCES = 4
"""A translation of fewer may be one sentence."""
_AGAIN = 3
"""From so many on, repetitions of an item are a fault."""
_LONGEST_ANSWER = 60_000
"""Characters; the longest answer that fits its fields has less."""
_SECRET_PART = 10
_SHINGLE = 8
_MUCH_ECHO = 0.6
_PHRASE = 3
"""Blanks of a title that is no name."""
_SHORTEST_NAME = 2


def read_answer(content: str, *, cut: bool, refused: bool) -> dict[str, Any] | Rejection:
    """Return an answer as an object.

    `cut` and `refused` say whether the endpoint reported that the answer is incomplete or refused.
    """
    if refused:
        return Rejection(Reason.REFUSAL)
    text = _THOUGHT.split(content, maxsplit=1)[-1].strip()
    if not text:
        return Rejection(Reason.EMPTY, "nothing but a thought" if content.strip() else "")
    if cut:
        return Rejection(Reason.CUT_OFF, "the answer was longer than it may be")
    if len(text) > _LONGEST_ANSWER:
        return Rejection(Reason.LENGTH, f"it has {len(text)} characters")
    if fenced := _FENCE.fullmatch(text):
        text = fenced[1]
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return _not_json(text)
    if not isinstance(answer, dict):
        return Rejection(Reason.NO_JSON, "it is not one JSON object")
    return answer


def _not_json(text: str) -> Rejection:
    if text.startswith("{") and not text.endswith("}"):
        return Rejection(Reason.CUT_OFF, "the JSON does not end")
    try:
        json.loads(text[text.find("{") : text.rfind("}") + 1])
    except (ValueError, RecursionError):
        return Rejection(Reason.NO_JSON, "it is not one JSON object")
    return Rejection(Reason.CHATTER, "words before or after the JSON")


def cleaned(task: str, fields: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return an answer's fields as they would be kept: with tidy white space and lower-case tags.

    Empty items and placeholders are removed from lists, and so are institutions that are not in
    what was given: they would be guesses.
    """
    kept = {name: _tidy(value) for name, value in fields.items()}
    if task == "summary":
        given = _page(context.whole)
        kept["field"], kept["subfield"] = kept["field"].lower(), kept["subfield"].lower()
        kept["keywords"] = _unique(word.lower() for word in kept["keywords"])
        kept["institutions"] = _unique(one for one in kept["institutions"] if _is_in(one, given))
        kept["code"] = _unique(kept["code"])
    if task == "translation":
        kept["title"] = _bare_title(kept["title"], context.title)
    if task == "digest":
        versioned = {paper.rsplit("v", 1)[0]: paper for paper in context.papers}
        for one in (*kept["highlights"], *kept["read"]):
            one["paper"] = versioned.get(one["paper"], one["paper"])
    return kept


def joined(task: str, fields: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return the fields of an accepted answer, its abstract in as many paragraphs as the source."""
    if task != "translation" or "\n" in context.abstract:
        return dict(fields)
    return {**fields, "abstract": one_line(fields["abstract"])}


def _bare_title(title: str, given: str) -> str:
    """Return a title without quotation marks around it and without a full stop at its end."""
    quoted = _QUOTED.fullmatch(title)
    if quoted and not _QUOTED.fullmatch(given):
        title = quoted["inner"].strip()
    return title if given.endswith(".") else title.removesuffix("。").removesuffix(".")


def _unique(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))


def _tidy(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return "\n".join(filter(None, map(one_line, value.split("\n"))))
    if isinstance(value, list):
        tidy = map(_tidy, value)
        return [
            _ENUMERATOR.sub("", item) if isinstance(item, str) else item
            for item in tidy
            if not (isinstance(item, str) and is_placeholder(item))
        ]
    if isinstance(value, dict):
        return {name: _tidy(inner) for name, inner in value.items()}
    return value


def _page(text: str) -> str:
    """Return a text without ligatures and hyphens at line ends, to look for names in it."""
    return re.sub(r"-\s*\n\s*", "", unicodedata.normalize("NFKC", text))


def _is_in(name: str, given: str) -> bool:
    """Whether an institution is in a text, its words whole and one after the other.

    A single word is looked for in the case it has. A mark before or after the name, such as the 1
    of a footnote, is not part of it; writing without blanks has no words to keep whole.
    """
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", name))
    joined = "".join(words)
    # "We", but not "MIT".
    if joined.islower() or len(joined) < _SHORTEST_NAME + joined.istitle():
        return False
    pattern = r"[\W_]+".join(words)
    if joined.upper() != joined.lower():
        pattern = rf"(?<![^\W\d_]){pattern}(?![^\W\d_])"
    return re.search(pattern, given, re.IGNORECASE if len(words) > 1 else 0) is not None


def judge(
    task: str,
    fields: Mapping[str, Any],
    context: Context,
    language: str,
    secrets: Collection[str] = (),
) -> Rejection | None:
    """Return the first reason to reject an answer; None if it may be kept.

    `fields` are those of the task's schema, after `cleaned`; see answer_schemas.py.
    """
    texts = list(_texts(fields))
    if any(holds(text, secret) for _, text in texts for secret in secrets):
        return Rejection(Reason.SECRET)
    for name, text in texts:
        for found in _faults_of_text(task, name, text, context, language):
            detail = f"{name}: {found.detail}" if found.detail else name
            return Rejection(found.reason, detail)
    return next(_faults_of_lists(fields, context), None)


def holds(text: str, secret: str) -> bool:
    """Whether a text contains a secret, or a part of it that is too long to be chance."""
    parts = range(max(1, len(secret) - _SECRET_PART + 1))
    return bool(secret) and any(secret[at : at + _SECRET_PART] in text for at in parts)


def _texts(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each text of an answer with the name of its field."""
    for name in _FIELDS:
        value = fields.get(name, ())
        for one in (value,) if isinstance(value, str) else value:
            yield name, one if isinstance(one, str) else one.get("text") or one.get("reason", "")


def _faults_of_text(
    task: str, name: str, text: str, context: Context, language: str
) -> Iterator[Rejection]:
    kind = _FIELDS[name].kind
    # First, so that no pattern sees a text without end.
    least, most = _bounds(task, name, context, language)
    if len(text) > most:
        yield Rejection(Reason.LENGTH, f"it has {len(text)} characters, and may have {most:.0f}")
        return
    # Rényi may stand as R\'enyi in the source.
    if sign := stray_character(text, context.whole + to_unicode(context.whole), language):
        yield Rejection(Reason.UNREADABLE, f"U+{ord(sign):04X}")
    if address := unknown_address(text, context.whole):
        yield Rejection(Reason.LINK, f"{address} is not in what was given")
    if kind == "name":
        if name == "code" and not re.match(r"https?://", text):
            yield Rejection(Reason.LINK, "an address of code begins with https://")
        return
    given = context.title if kind == "title" else context.abstract or context.more
    manner = kind
    if task != "translation":
        manner = "own" if name in _WHOLE else "item"
    source = given if kind == "title" else context.source
    if detail := chatter_in(text, given, source, language, manner):
        yield Rejection(Reason.CHATTER, detail)
    if own := {*_MARKUP.findall(text)}.difference(_MARKUP.findall(context.whole)):
        yield Rejection(Reason.MARKUP, f"no {min(own)!r}")
    if kind == "tag":
        if not _TAG.fullmatch(text):
            yield Rejection(Reason.LANGUAGE, "tags are in English")
        return
    yield from _faults_of_prose(task, name, text, context, language)
    if len(text) < least:
        yield Rejection(Reason.LENGTH, f"it has {len(text)} characters, and needs {least:.0f}")


def _bounds(task: str, name: str, context: Context, code: str) -> tuple[float, float]:
    """Return the fewest and the most characters of a text."""
    kind, language = _FIELDS[name].kind, LANGUAGES[code]
    if kind in ("name", "tag"):
        return 0, _LONGEST_NAME if kind == "name" else _LONGEST_TAG
    if task == "translation":
        # A title may lose more: it has no words that fill.
        whole, share, more = (
            (len(context.title), 0.6, 24) if kind == "title" else (len(context.abstract), 1, 60)
        )
        return whole * language.shortest * share, whole * language.longest + more
    shares = _DENSE_SHARE if language.is_dense else (1, 1)
    least, most = (one * share for one, share in zip(_FIELDS[name].length, shares, strict=True))
    if name == "summary":
        shortest, longest = (len(context.abstract) * share for share in _SUMMARY_SHARE)
        return max(least, shortest), min(most, longest + 200)
    return least, most


def _faults_of_prose(
    task: str, name: str, text: str, context: Context, language: str
) -> Iterator[Rejection]:
    kind, is_own = _FIELDS[name].kind, task != "translation"
    source = "" if is_own else context.abstract
    if detail := _echo(text, kind, context, language):
        yield Rejection(Reason.ECHO, detail)
    if detail := foreign_to(text, language, short=kind != "text"):
        yield Rejection(Reason.LANGUAGE, detail)
    if repeated_sentence(text, context.whole, language):
        yield Rejection(Reason.REPEATED, "it has one sentence twice")
    run = _SAME_RUN.search(text)
    if run and run[0] not in context.whole and re.search(r"[^\W\d_]", run[1]):
        yield Rejection(Reason.REPEATED, f"it repeats {run[1]!r}")
    # Thai has no mark at the end of a sentence.
    if kind == "text" and language != "th":
        if is_cut(text, source):
            yield Rejection(Reason.CUT_OFF, "it does not end as a sentence does")
        asked, found = len(sentences(source, "en")), len(sentences(text, language))
        if (name == "summary" and found not in _SUMMARY_SENTENCES) or (
            asked >= _FEW_SENTENCES and found * _MERGED < asked
        ):
            yield Rejection(Reason.LENGTH, f"it has {found} sentences, and needs more or fewer")
    if source and kind == "text" and is_elsewhere(text, source):
        yield Rejection(Reason.OTHER_PAPER, "it has none of the paper's names and numbers")
    given = " ".join((context.title, context.abstract, *([context.more, *context.papers] * is_own)))
    if number := invented_number(text, given, own=is_own):
        yield Rejection(Reason.NUMBER, f"the paper does not say {number}")
    if not is_own and (found_name := invented_name(text, given, language)):
        yield Rejection(Reason.NAME, f"the paper does not say {found_name}")


def _echo(text: str, kind: str, context: Context, language: str) -> str:
    """Return what a text only repeats; empty if it says something of its own."""
    own, letters = _shingles(text), _letters(text)
    if own & _shingles(context.prompt):
        return "it repeats the question"
    for title in filter(None, (context.title, context.known_title if kind == "text" else "")):
        # A few words may be a name, which is the same in every language of its script.
        is_phrase = kind == "title" and title.count(" ") >= _PHRASE
        most = 1.5 if kind == "text" else 9 if is_phrase else 1
        is_name = kind != "text" and " " not in title
        if (
            not is_name
            and _letters(title) in letters
            and len(letters) <= len(_letters(title)) * most
        ):
            return "it only repeats the title"
    shared = own & _shingles(context.abstract) if language == "en" else set()
    return "it repeats the abstract" if len(shared) > len(own) * _MUCH_ECHO else ""


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)}


def _faults_of_lists(fields: Mapping[str, Any], context: Context) -> Iterator[Rejection]:
    lists = {name: items for name, items in fields.items() if isinstance(items, list)}
    for name, items in lists.items():
        if len(items) > _FIELDS[name].items:
            yield Rejection(Reason.LENGTH, f"{name}: at most {_FIELDS[name].items}")
    if "keywords" in lists and len(lists["keywords"]) not in _KEYWORDS:
        yield Rejection(Reason.SHAPE, "keywords: three to six were asked for")
    for name, items in lists.items():
        if not items and _FIELDS[name].required:
            yield Rejection(Reason.PLACEHOLDER, f"{name}: nothing in it")
        if max(Counter(map(str, items)).values(), default=0) >= _AGAIN:
            yield Rejection(Reason.REPEATED, f"{name}: one item three times or more")
        for one in items:
            if isinstance(one, dict) and one["paper"] not in context.papers:
                yield Rejection(Reason.NOT_GIVEN, f"{name}: {one['paper'][:40]!r} was not given")
