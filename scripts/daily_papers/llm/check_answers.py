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
_BLOCK = re.compile(
    r"^[ \t]{0,3}(#{1,6}(?=\s)|```|~~~|[-*+](?=\s)|>(?=\s)|\|(?=.*\|)|\d{1,2}[.)](?=\s)"
    r"|---+[ \t]*$|\*\*\*+[ \t]*$)",
    re.MULTILINE,
)
_INLINE = re.compile(
    r"```|`(?=[^`\n]+`)|(?<![A-Za-z0-9*\\^_{$])\*(?=[^\s*](?:[^*\n]*[^\s*])?\*(?![A-Za-z0-9*]))"
    r"|\*\*(?=[^*\s][^*]*\*\*)|(?<!\w)__(?=[^_\s][^_]*__(?!\w))|\]\((?=[^)\s]+\))"
    r"|</?[A-Za-z][A-Za-z0-9-]*(?=\s[^<>]*>|/?>)|<!--|-->|&(?:[a-z]{2,8}|#\d+);|\\n(?![a-z])"
)
_IDENTIFIER = re.compile(r"(?<![\d.])\d{4}\.\d{4,5}(?:v\d+)?(?!\d)")
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
_LONGEST_ACRONYM = 6
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

    Acronyms are looked for in the case they have. A mark before or after the name, such as the 1 of
    a footnote, is not part of it; writing without blanks has no words to keep whole.
    """
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", name))
    joined = "".join(words)
    if (
        len(joined) < _SHORTEST_NAME
        or joined.islower()
        # "We", but not "MIT".
        or (len(joined) == _SHORTEST_NAME and joined.istitle())
    ):
        return False
    pattern = r"[\W_]+".join(
        word if word.isupper() and len(word) <= _LONGEST_ACRONYM else f"(?i:{word})"
        for word in words
    )
    if joined.isascii() or joined.upper() != joined.lower():
        pattern = rf"(?<![^\W\d_]){pattern}(?![^\W\d_])"
    return re.search(pattern, given) is not None


def judge(
    task: str,
    fields: Mapping[str, Any],
    context: Context,
    language: str,
    secrets: Collection[str] = (),
) -> Rejection | None:
    """Return the first reason to reject an answer; None if it may be kept.

    `fields` are those of the task's schema, after `cleaned`; see schemas.py.
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
    if too_long := _too_long(task, name, text, context, language):
        yield Rejection(Reason.LENGTH, too_long)
        return
    if sign := stray_character(text, context.whole, language):
        yield Rejection(Reason.UNREADABLE, f"U+{ord(sign):04X}")
    yield from _faults_of_origin(text, context)
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
    own = _own_blocks(text, context)
    own |= {match[0] for match in _INLINE.finditer(text) if match[0] not in context.whole}
    if own:
        yield Rejection(Reason.MARKUP, f"no {min(own)!r}")
    if kind == "tag":
        if not _TAG.fullmatch(text):
            yield Rejection(Reason.LANGUAGE, "tags are in English")
    else:
        yield from _faults_of_prose(task, name, text, context, language)


def _too_long(task: str, name: str, text: str, context: Context, code: str) -> str:
    """Return by how much a text is too long; empty if it is not."""
    kind = _FIELDS[name].kind
    if kind in ("name", "tag"):
        most: float = _LONGEST_NAME if kind == "name" else _LONGEST_TAG
    elif task == "translation":
        given, slack = (context.title, 24) if kind == "title" else (context.abstract, 60)
        most = len(given) * LANGUAGES[code].longest + slack
    else:
        most = _FIELDS[name].length[1] * (_DENSE_SHARE[1] if LANGUAGES[code].is_dense else 1)
        if name == "summary":
            most = min(most, len(context.abstract) * _SUMMARY_SHARE[1] + 200)
    return f"it has {len(text)} characters, and may have {most:.0f}" if len(text) > most else ""


def _own_blocks(text: str, context: Context) -> set[str]:
    """Return the marks of headings, lists and other blocks of a text that its source lacks."""
    return set(_BLOCK.findall(text)) - set(_BLOCK.findall(context.whole))


def _faults_of_origin(text: str, context: Context) -> Iterator[Rejection]:
    """Check that the addresses and the papers that a text names were given."""
    if address := unknown_address(text, context.whole):
        yield Rejection(Reason.LINK, f"{address} is not in what was given")
    for identifier in _IDENTIFIER.findall(text):
        bare = identifier.split("v")[0]
        if bare not in context.whole and not any(one.startswith(bare) for one in context.papers):
            yield Rejection(Reason.NOT_GIVEN, f"{identifier} was not given")


def _faults_of_prose(
    task: str, name: str, text: str, context: Context, language: str
) -> Iterator[Rejection]:
    kind = _FIELDS[name].kind
    if detail := _echo(task, text, kind, context, language):
        yield Rejection(Reason.ECHO, detail)
    if detail := foreign_to(text, language, short=kind != "text"):
        yield Rejection(Reason.LANGUAGE, detail)
    if repeated_sentence(text, context.whole, language):
        yield Rejection(Reason.REPEATED, "it has one sentence twice")
    run = _SAME_RUN.search(text)
    if run and run[0] not in context.whole and re.search(r"[^\W\d_]", run[1]):
        yield Rejection(Reason.REPEATED, f"it repeats {run[1]!r}")
    translated = context.abstract if task == "translation" else ""
    # Thai has no mark at the end of a sentence.
    if kind == "text" and language != "th" and is_cut(text, translated):
        yield Rejection(Reason.CUT_OFF, "it does not end as a sentence does")
    if task != "translation":
        if detail := _wrong_length(name, text, context, language):
            yield Rejection(Reason.LENGTH, detail)
        given = f"{context.whole}\n{' '.join(context.papers)}"
        if number := invented_number(text, given, own=True):
            yield Rejection(Reason.NUMBER, f"the paper does not say {number}")
        return
    if detail := _wrong_length_of_translation(text, kind, context, language):
        yield Rejection(Reason.LENGTH, detail)
    given = f"{context.title}\n{context.abstract}"
    if kind == "text" and is_elsewhere(text, context.abstract):
        yield Rejection(Reason.OTHER_PAPER, "it has none of the paper's names and numbers")
    if number := invented_number(text, given):
        yield Rejection(Reason.NUMBER, f"the paper does not say {number}")
    if found := invented_name(text, given, language):
        yield Rejection(Reason.NAME, f"the paper does not say {found}")


def _echo(task: str, text: str, kind: str, context: Context, language: str) -> str:
    """Return what a text only repeats; empty if it says something of its own."""
    own = _shingles(text)
    if own & _shingles(context.prompt):
        return "it repeats the question"
    letters = _letters(text)
    if kind == "title":
        # A few words may be a name, which is the same in every language of its script.
        title = _letters(context.title)
        if " " in context.title and (
            letters == title or (title in letters and context.title.count(" ") >= _PHRASE)
        ):
            return "it has the title as it was given"
    elif kind == "text":
        for title in filter(None, map(_letters, (context.title, context.known_title))):
            if title in letters and len(letters) <= len(title) * 1.5:
                return "it only repeats the title"
        same_language = task == "translation" or language == "en"
        shared = own & _shingles(context.abstract)
        if same_language and shared and len(shared) >= len(own) * _MUCH_ECHO:
            return "it repeats the abstract"
    return ""


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)}


def _wrong_length_of_translation(text: str, kind: str, context: Context, code: str) -> str:
    # A title may lose more: it has no words that fill.
    given, share = (context.title, 0.6) if kind == "title" else (context.abstract, 1.0)
    if len(text) < len(given) * LANGUAGES[code].shortest * share:
        return f"{len(text)} characters for {len(given)} of the source"
    # Thai has no mark at the end of a sentence.
    asked, found = len(sentences(given, "en")), len(sentences(text, code))
    if kind == "text" and code != "th" and asked >= _FEW_SENTENCES and found * _MERGED < asked:
        return f"{found} sentences for {asked} of the source"
    return ""


def _wrong_length(name: str, text: str, context: Context, code: str) -> str:
    least = _FIELDS[name].length[0] * (_DENSE_SHARE[0] if LANGUAGES[code].is_dense else 1)
    if name == "summary":
        least = max(least, len(context.abstract) * _SUMMARY_SHARE[0])
        count = len(sentences(text, code))
        if count not in _SUMMARY_SENTENCES:
            return f"it has {count} sentences, and two or three were asked for"
    if len(text) < least:
        return f"it has {len(text)} characters, and needs {least:.0f}"
    return ""


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
