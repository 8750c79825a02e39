"""The gate: what a model answered is looked at here before anything of it is kept. Pure.

It judges form and origin, not truth: whether a text is in the language asked for, is whole, is
about as long as it should be, is made of words about the paper only, and names nothing that the
paper does not have. Each check has a name, which the night's summary counts.
"""

from __future__ import annotations

import enum
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from daily_papers.llm.languages import LANGUAGES, foreign_to, is_cut, sentences
from daily_papers.llm.numbers_and_names import invented_name, invented_number
from daily_papers.text.plain import one_line


class Reason(enum.StrEnum):
    """Why an answer is not fit to be kept, in the words of the night's summary."""

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
class Fault:
    """What is wrong with an answer."""

    reason: Reason
    detail: str = ""
    """For the model, which is told when it is asked again; never shown."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a question was about, and so what its answer may hold."""

    title: str = ""
    """Empty where a question is about several papers."""
    abstract: str = ""
    more: str = ""
    """What else was given or is known: the first page, the comment."""
    papers: tuple[str, ...] = ()
    """The versioned identifiers that were given."""
    prompt: str = ""
    """The words of the question itself."""
    known_title: str = ""
    """The title in the language asked for, if it is known."""

    @property
    def whole(self) -> str:
        """Everything that was given."""
        return f"{self.title}\n{self.abstract}\n{self.more}"


class Kind(enum.Enum):
    """What a text is, which decides how it is judged."""

    TITLE = enum.auto()
    TEXT = enum.auto()
    ITEM = enum.auto()
    TAG = enum.auto()
    NAME = enum.auto()


_FENCE = re.compile(r"\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*", re.DOTALL | re.IGNORECASE)
_THOUGHT = re.compile(r"\s*<think>.*?</think>", re.DOTALL | re.IGNORECASE)

_REFUSAL = re.compile(
    r"\W*(?:"
    r"I(?:['’]m| am) (?:sorry|afraid|unable|not able)|(?:I )?apologi[sz]e|sorry[,.!]"
    r"|I (?:cannot|can['’]?t|can not|won['’]t|will not|do not have|don['’]t have) "
    r"|regrettably,? (?:I|we|this|that|the|it)\b"
    r"|as an? (?:AI|(?:large )?language model)\b|unfortunately, I\b|please provide\b"
    r"|(?:no|the) (?:abstract|text|title|paper) (?:was|is|has been|were) not? ?(?:been )?"
    r"(?:provided|given|available)"
    r"|(?:很遗憾|遗憾的是|很遺憾)[，,]?(?:我|无法|由于)|抱歉|很抱歉|非常抱歉|对不起|對不起|不好意思"
    r"|我(?:无法|無法|不能|没有办法|没办法)|请(?:您)?提供|請(?:您)?提供"
    r"|作为(?:一个|一名|一款|一种)?(?:AI|人工智能|大?(?:型)?语言模型)[^。]{0,15}我"
    r"|(?:无法|不能)(?:提供|完成|进行|处理)(?:该|此|这|您|翻译|摘要)"
    r"|(?:未|没有)提供(?:论文|摘要|文本|原文|标题)"
    r"|申し訳|すみません|恐れ入りますが|AIとして|죄송|AI로서"
    r"|Es tut mir leid|Tut mir leid|Ich kann (?:nicht|leider|diese)|Als KI\b"
    r"|(?:Je suis )?désolée?\b|En tant qu['’]IA|Je ne peux pas"
    r"|Lo siento|Como (?:una )?IA\b|No puedo |Desculpe|Sinto muito|Mi dispiace"
    r"|Извините|К сожалению, я|Я не могу|Как (?:языковая|ИИ)"
    r")",
    re.IGNORECASE,
)
_NO_ACCESS = re.compile(
    r"(?:first page|abstract|full text|full paper|paper) (?:was|is|were|has) not (?:been )?"
    r"(?:provided|given|available)|(?:cannot|can['’]?t|could not) be (?:summari[sz]ed|translated)"
    r"|(?:do not|don['’]t|without) (?:have )?access to (?:the )?(?:full )?(?:paper|text|content)"
    r"|\bI(?:['’]m| am) (?:unable|not able) to\b"
    r"|\b(?:this|the|your) request (?:cannot|can['’]?t|could not) be\b"
    r"|不便(?:翻译|翻譯|提供|总结|透露|回答|继续)"
    r"|其[余餘他](?:部分|内容)[^。]{0,6}(?:无法|不能|不予|省略)"
    r"|请(?:您)?(?:自行)?(?:查阅|参阅|参看|查看|阅读)(?:该|此|本)?(?:论文)?(?:的)?(?:原文|全文)"
    r"|我?(?:无法|不能)(?:访问|获取|查看|打开)(?:该|此|这篇|本)?(?:论文|全文|原文|链接|附件)"
    r"|(?:未|没有)提供(?:论文)?(?:的)?(?:全文|首页|摘要|原文|正文)|请(?:补充|提供)论文",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"\W*(?:"
    r"(?:sure|certainly|of course|okay|ok|absolutely|great|got it|no problem)[,!.]"
    r"|here(?:['’]s| is| are)\b|below (?:is|are)\b"
    r"|the user (?:wants|asks|asked|is asking|requests|requested|needs)\b[^.]{0,40}"
    r"\b(?:summar|translat|analy|JSON|digest)"
    r"|(?:I|we) (?:should|need to|must|have to|will|['’]ll) (?:now )?"
    r"(?:write|translate|summari[sz]e|produce|output|return|answer|start|make sure)\b"
    r"|用户(?:想要?|要求|希望|需要)[^。]{0,12}(?:翻译|总结|摘要|分析)"
    r"|我(?:需要|应该|应当|得)(?:先)?(?:写|翻译|总结|输出)"
    r"|the following (?:is|are) (?:the|a|my)\b|this is (?:the|a|my) (?:translation|summary)\b"
    r"|(?:当然|好的|没问题|明白了?|收到|您好|你好|當然|沒問題)[，,。！!：:、]"
    r"|(?:以下|如下|下面|下列)(?:是|为|為|内容)|这是(?:一?[个份篇段])?[^。，]{0,12}(?:翻译|摘要|总结|译文)"
    r"|根据(?:您|你)(?:的|提供)|(?:翻译|译文|摘要|总结|结果)如下"
    r"|もちろん|承知(?:いた)?しました|以下(?:は|に|の通り)|물론(?:입니다|이죠)|다음은"
    r"|(?:gerne|natürlich|selbstverständlich)[,!.]|hier (?:ist|sind)\b"
    r"|(?:bien sûr|voici)\b|(?:claro|por supuesto|aquí (?:está|tiene))\b|(?:конечно[,!.]|вот )"
    r")",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\s*[\[【（(](?:翻译|译文|翻譯|譯文|摘要|标题|总结|中文[^】\])）]{0,4}|translation|summary)[\]】）)]"
    r"|\W*(?:in (?:summary|short|conclusion)|to summari[sz]e|tl;?dr|总之|综上(?:所述)?"
    r"|translation|translated (?:title|abstract|text)|title|abstract|summary|answer|output"
    r"|翻译|译文|翻譯|譯文|中文(?:翻译|摘要|标题)?|标题|摘要|总结|答案|輸出|输出|題名|要約|概要|번역|초록)"
    r"\s*[:：]",
    re.IGNORECASE,
)
_STRUCTURED = re.compile(r"\W*[A-Za-z ]{3,20}:")
_CLOSING = re.compile(
    r"[（(](?:译|翻译|译文|translation|translated)[）)]|\banything else\b"
    r"|\bhere(?:['’]s| is) (?:my|your) (?:translation|summary|answer|analysis|digest)"
    r"|let me know|\bhope (?:this|that|it)(?: \w+)? (?:helps|is helpful|meets)"
    r"|\byou(?:['’]ve| have)? (?:provided|shared|gave)\b"
    r"|\b(?:based on|according to|from) the (?:provided|given) (?:abstract|text|title|data|page)\b"
    r"|[您你]所?提供的|根据所?(?:提供|给出)的(?:摘要|文本|信息|内容|标题|数据)"
    r"|feel free to (?:ask|reach|contact|let)|would you like (?:me|to)|do you want me"
    r"|(?:please )?note(?: that)?:? (?:this|that this|the) (?:translation|summary|answer)"
    r"|as an AI (?:language )?model|I(?:['’]ve| have) (?:translated|kept|summari[sz]ed|preserved)"
    r"|希望(?:这|以上|对您|对你|能帮|能够帮|本)[^。]{0,12}(?:帮助|有用|要求|满意)|希望对[您你]"
    r"|如果?(?:您|你)(?:还)?(?:需要|有|想|希望)|如有(?:任何|其他|疑问|需要|问题)|请(?:随时)?告诉我"
    r"|[（(【\[]?(?:译者)?注[:：](?:本|以上|该|此|这|译|翻译|由于)|以上(?:是|为|就是)"
    r"|ご不明な点|お役に立て|도움이 되|필요하시면"
    r"|ich hoffe, (?:das|dies)|j['’]espère que|espero que (?:esto|isso)|надеюсь, (?:это|что)",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"\W*(?:tbd|tba|todo|n/?a|none|null|nil|unknown|unspecified|untitled|lorem ipsum.*|insert .*"
    r"|to be (?:determined|added|announced|done|filled)|coming soon|pending"
    r"|not (?:specified|available|provided|mentioned|stated|applicable|given|found|known)"
    r"(?: (?:in|by) .*)?"
    r"|no (?:code|link|url|institution|affiliation)s? .*"
    r"|未知|无|暂无|未提及|未提供|未说明|未给出|不适用|不详|待定|待补充|无法确定|なし|不明|없음"
    r"|\[[^\]]*\]|<[^>]*>|x{3,}|\.{2,}|string|text|id|url)?\W*",
    re.IGNORECASE,
)
_UNREADABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd\ue000-\uf8ff\ud800-\udfff\ufffe"
    "\uffff]"
)
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
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>{}\"'，。；、（）】」]+"
    r"|\b(?:[a-z0-9-]+\.)+(?:com|org|io|net|edu|ai|dev|app|co|cn|me|info|xyz|gov)"
    r"/[^\s<>{}\"'，。；、（）】」]*",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]*@(?:(?!\d+\.)[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
# Endings of files (py, rs, sh, md, so, ps, ml, zip) are left out, although they are domains too.
_GENERIC = """
    com org net edu gov mil int info biz name pro mobi io ai co app dev xyz top site online club
    shop store tech link click live space website cloud page wiki blog news pub art fun icu vip
    work world agency academy science research systems software digital network zone today
"""
_COUNTRIES = """
    ac ae ar at au be bg br by ca cc cf ch cl cn cy cz de dk ee eg es eu fi fm fr ga gg gl gq gr hk
    hr hu id ie il in ir is it jp ke kr kz la lk lt lu lv ly me mx my ng nl no nz pe ph pk pl pt pw
    ro ru sa se sg si sk su th tk to tr tv tw ua uk us uz vn ws za
"""
_ENDINGS = frozenset((_GENERIC + _COUNTRIES).split())
# Where a blank is missing after a full stop, a sentence begins with one of these.
_WORDS = "at be by in is it la me my no to us"
_ALSO_WORDS = frozenset(_WORDS.split())
_HOST = re.compile(
    r"(?<![A-Za-z0-9._@-])((?:[A-Za-z0-9-]+\.)*)([A-Za-z0-9-]+)\.([A-Za-z]{2,})"
    r"(?!-|\.?[a-z0-9]|[A-Z])"
)
# Before the point of a category of arXiv: cs.CL and cs.IT are no hosts.
_WITH_CATEGORIES = "cs math stat eess econ q-bio q-fin physics astro-ph cond-mat nlin"
_ARCHIVES = frozenset(_WITH_CATEGORIES.split())
_NEXT_LINE = re.compile(r"[ \t]*\n[ \t]*([^\s<>{}\"']+)")
_IDENTIFIER = re.compile(r"(?<![\d.])\d{4}\.\d{4,5}(?:v\d+)?(?!\d)")

_MOST_TAGS, _LONGEST_TAG, _LONGEST_NAME = 10, 60, 160
_MOST_ITEMS = 8
_FEWEST_SENTENCES, _MOST_SENTENCES = 2, 4
_TITLE_SLACK, _TEXT_SLACK = 24, 60
_MERGED = 2
"""Sentences of a source that a translation may make one of, on average."""
_FEW_SENTENCES = 4
"""Of fewer, a translation may make one."""
_SECRET_PART = 10
_SHINGLE = 8
_FEWEST_KEYWORDS, _MOST_KEYWORDS = 2, 8
_AGAIN = 3
"""So often, the same sentence is no style any more."""
_SAME_RUN = re.compile(r"(?=\S{0,23}[^\W\d_])(\S.{0,23}?)\1{9,}", re.DOTALL)
_LONGEST_ACRONYM = 6
_MUCH_ECHO = 0.6


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Characters of a text, in a language as long as English."""

    least: int
    most: int


_BOUNDS: dict[str, _Bounds] = {
    "summary": _Bounds(60, 900),
    "method": _Bounds(40, 1600),
    "impact": _Bounds(30, 1600),
    "contributions": _Bounds(8, 600),
    "applications": _Bounds(4, 400),
    "limitations": _Bounds(4, 400),
    "themes": _Bounds(80, 3000),
    "directions": _Bounds(8, 600),
    "highlights": _Bounds(20, 1000),
    "read": _Bounds(12, 800),
}
_DENSE_SHARE = 0.4
"""What those bounds are multiplied with for a dense script, the lower ones."""
_DENSE_MOST = 0.6
_LEAST_OF_ABSTRACT, _MOST_OF_ABSTRACT = 0.03, 1.2
"""A summary's length against the abstract's."""


def read_answer(content: str, *, cut: bool, refused: bool) -> dict[str, Any] | Fault:
    """Return the object that an answer is; `cut` and `refused` are what the endpoint says of it."""
    if refused:
        return Fault(Reason.REFUSAL)
    text = _THOUGHT.sub("", content, count=1).strip()
    if cut:
        return Fault(Reason.CUT_OFF, "the answer was longer than it may be")
    if fenced := _FENCE.fullmatch(text):
        text = fenced[1]
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return _not_json(text)
    if not isinstance(answer, dict):
        return Fault(Reason.NO_JSON, "it is not one JSON object")
    return answer


def _not_json(text: str) -> Fault:
    if _REFUSAL.match(text):
        return Fault(Reason.REFUSAL)
    inner = text[text.find("{") : text.rfind("}") + 1]
    try:
        json.loads(inner)
    except (ValueError, RecursionError):
        if text.startswith("{") and not text.endswith("}"):
            return Fault(Reason.CUT_OFF, "the JSON does not end")
        if _OPENING.match(text):
            return Fault(Reason.CHATTER, "words before the JSON")
        return Fault(Reason.NO_JSON, "it is not one JSON object")
    return Fault(Reason.CHATTER, "words before or after the JSON")


def cleaned(task: str, fields: Mapping[str, Any], source: Source) -> dict[str, Any]:
    """Return an answer's fields as they would be kept: plain lines, without what says nothing.

    Tags are lower-case. Of lists, empty items and placeholders are dropped, and of the
    institutions those that were not in what was given: they would be guessed.
    """
    kept = {name: _tidy(value) for name, value in fields.items()}
    for name in ("field", "subfield"):
        if isinstance(kept.get(name), str):
            kept[name] = kept[name].lower()
    if task == "summary":
        given = _page(source.whole)
        kept["keywords"] = list(dict.fromkeys(word.lower() for word in kept["keywords"]))
        kept["institutions"] = list(
            dict.fromkeys(name for name in kept["institutions"] if _is_named(name, given))
        )
        kept["code"] = list(dict.fromkeys(kept["code"]))
    # With its lines joined, a heading would look like a part of the text.
    if task == "translation" and not (
        "\n" in source.abstract or _own_blocks(kept["abstract"], source)
    ):
        kept["abstract"] = one_line(kept["abstract"])
    if task == "digest":
        versioned = {paper.rsplit("v", 1)[0]: paper for paper in source.papers}
        for one in (*kept["highlights"], *kept["read"]):
            one["paper"] = versioned.get(one["paper"], one["paper"])
    return kept


def _tidy(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return "\n".join(filter(None, map(one_line, value.split("\n"))))
    if isinstance(value, list):
        tidy = [_tidy(item) for item in value]
        return [
            _ENUMERATOR.sub("", item) if isinstance(item, str) else item
            for item in tidy
            if not (isinstance(item, str) and _PLACEHOLDER.fullmatch(item))
        ]
    if isinstance(value, dict):
        return {name: _tidy(inner) for name, inner in value.items()}
    return value


_ENUMERATOR = re.compile(r"^(?:[-*•]\s+|[(（]?\d{1,2}[.)）、]\s*(?=\D))")


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _page(text: str) -> str:
    """Return a text as names are looked for in it: without ligatures and hyphens at line ends."""
    return re.sub(r"-\s*\n\s*", "", unicodedata.normalize("NFKC", text))


def _is_named(name: str, given: str) -> bool:
    """Whether an institution stands in a text, its words whole and one after the other.

    Acronyms are looked for as they are written. A mark before or after the name, such as the 1 of
    a footnote, is no part of it; writing without blanks has no words to keep whole.
    """
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", name))
    joined = "".join(words)
    if len(joined) < 2 or joined.islower() or (len(joined) == 2 and joined.istitle()):  # noqa: PLR2004 - "We"
        return False
    parts = [
        re.escape(word)
        if word.isupper() and len(word) <= _LONGEST_ACRONYM
        else f"(?i:{re.escape(word)})"
        for word in words
    ]
    pattern = r"[\W_]+".join(parts)
    if joined.isascii() or joined.upper() != joined.lower():
        pattern = rf"(?<![^\W\d_]){pattern}(?![^\W\d_])"
    return re.search(pattern, given) is not None


def judge(
    task: str,
    fields: Mapping[str, Any],
    source: Source,
    language: str,
    secrets: Collection[str] = (),
) -> Fault | None:
    """Return the first thing that is wrong with an answer's fields, as `cleaned`; None if nothing.

    The fields have the task's shape; see schemas.py.
    """
    texts = list(_texts(task, fields))
    for _, text, _ in texts:
        if any(holds(text, secret) for secret in secrets):
            return Fault(Reason.SECRET)
    for name, text, kind in texts:
        fault = _judge_text(task, name, text, kind, source, language)
        if fault is not None:
            return Fault(fault.reason, f"{name}: {fault.detail}" if fault.detail else name)
    return _judge_whole(task, fields, source)


def holds(text: str, secret: str) -> bool:
    """Whether a text has a secret, or a part of it that is long enough to be no chance."""
    parts = range(max(1, len(secret) - _SECRET_PART + 1))
    return bool(secret) and any(secret[at : at + _SECRET_PART] in text for at in parts)


def _texts(task: str, fields: Mapping[str, Any]) -> Iterator[tuple[str, str, Kind]]:
    """Yield each text of an answer with its name and what it is."""
    if task == "translation":
        yield "title", fields["title"], Kind.TITLE
        yield "abstract", fields["abstract"], Kind.TEXT
    elif task == "summary":
        yield "field", fields["field"], Kind.TAG
        yield "subfield", fields["subfield"], Kind.TAG
        yield from (("keywords", word, Kind.TAG) for word in fields["keywords"])
        yield from (("institutions", name, Kind.NAME) for name in fields["institutions"])
        yield from (("code", address, Kind.NAME) for address in fields["code"])
        yield "summary", fields["summary"], Kind.TEXT
        yield from (("contributions", item, Kind.ITEM) for item in fields["contributions"])
    elif task == "analysis":
        yield "method", fields["method"], Kind.TEXT
        yield "impact", fields["impact"], Kind.TEXT
        for name in ("contributions", "applications", "limitations"):
            yield from ((name, item, Kind.ITEM) for item in fields[name])
    elif task == "digest":
        yield "themes", fields["themes"], Kind.TEXT
        yield from (("highlights", one["text"], Kind.TEXT) for one in fields["highlights"])
        yield from (("directions", item, Kind.ITEM) for item in fields["directions"])
        yield from (("read", one["reason"], Kind.ITEM) for one in fields["read"])


def _judge_text(
    task: str, name: str, text: str, kind: Kind, source: Source, language: str
) -> Fault | None:
    if found := _UNREADABLE.search(text):
        return Fault(Reason.UNREADABLE, f"U+{ord(found[0]):04X}")
    if kind is not Kind.NAME and (fault := _judge_manner(text, source, kind)):
        return fault
    if fault := _judge_origin(text, source):
        return fault
    if kind is Kind.NAME:
        if name == "code" and not re.match(r"https?://", text):
            return Fault(Reason.LINK, "an address of code begins with https://")
        return Fault(Reason.LENGTH) if len(text) > _LONGEST_NAME else None
    if kind is Kind.TAG:
        return _judge_tag(text)
    if told := _is_echo(task, text, kind, source, language):
        return Fault(Reason.ECHO, told)
    if told := foreign_to(text, language, short=kind is not Kind.TEXT):
        return Fault(Reason.LANGUAGE, told)
    whole = source.abstract if task == "translation" else ""
    if told := _again_and_again(text, source, language):
        return Fault(Reason.REPEATED, told)
    if kind is Kind.TEXT and is_cut(text, whole, language):
        return Fault(Reason.CUT_OFF, "it does not end as a sentence does")
    if told := _wrong_length(task, name, text, kind, source, language):
        return Fault(Reason.LENGTH, told)
    if task == "translation":
        given = f"{source.title}\n{source.abstract}"
        if number := invented_number(text, given):
            return Fault(Reason.NUMBER, f"the paper does not say {number}")
        if found_name := invented_name(text, given, language):
            return Fault(Reason.NAME, f"the paper does not say {found_name}")
    return None


def _judge_manner(text: str, source: Source, kind: Kind) -> Fault | None:
    """Judge whether a text speaks of the paper, and plainly."""
    given = source.title if kind is Kind.TITLE else source.abstract
    refused = _REFUSAL.match(text)
    # A paper may be about refusals, and begin with one.
    begins = text[: refused.end() + 4].strip().casefold() if refused else ""
    if (refused and begins not in source.whole.casefold() and not _REFUSAL.match(given)) or (
        _NO_ACCESS.search(text) and not _NO_ACCESS.search(given)
    ):
        return Fault(Reason.REFUSAL)
    if _PLACEHOLDER.fullmatch(text):
        return Fault(Reason.PLACEHOLDER, text[:_LONGEST_TAG])
    if _OPENING.match(text) or _CLOSING.search(text):
        return Fault(Reason.CHATTER, "nothing but what was asked for")
    # Some abstracts begin with a heading of their own.
    labelled = _LABEL if kind is Kind.TITLE else _STRUCTURED
    if _LABEL.match(text) and not labelled.match(given):
        return Fault(Reason.CHATTER, "no label before it")
    its_own = _own_blocks(text, source)
    its_own |= {match[0] for match in _INLINE.finditer(text) if match[0] not in source.whole}
    if its_own:
        return Fault(Reason.MARKUP, f"no {min(its_own)!r}")
    return None


def _own_blocks(text: str, source: Source) -> set[str]:
    """Return what makes lines of a text headings, lists and the like, if its source has none."""
    given = {match[1] for match in _BLOCK.finditer(source.whole)}
    return {match[1] for match in _BLOCK.finditer(text)} - given


def _again_and_again(text: str, source: Source, language: str) -> str:
    """Say what a text repeats and its source does not; nothing if it goes on."""
    counts = Counter(filter(None, map(_letters, sentences(text, language))))
    if counts and max(counts.values()) >= _AGAIN:
        return "it has one sentence three times or more"
    found = _SAME_RUN.search(text)
    return f"it repeats {found[1]!r}" if found and found[0] not in source.whole else ""


def _judge_origin(text: str, source: Source) -> Fault | None:
    """Judge whether the addresses and the papers that a text names were given."""
    if addresses := [_address(match[0]) for match in _ADDRESS.finditer(text)]:
        known = _addresses(source.whole)
        for address in addresses:
            if address not in known:
                return Fault(Reason.LINK, f"{address} is not in what was given")
    if stranger := _strange_host(text, source):
        return Fault(Reason.LINK, f"{stranger} is not in what was given")
    for identifier in _IDENTIFIER.findall(text):
        bare = identifier.split("v")[0]
        if bare not in source.whole and not any(one.startswith(bare) for one in source.papers):
            return Fault(Reason.NOT_GIVEN, f"{identifier} was not given")
    return None


def _strange_host(text: str, source: Source) -> str:
    """Return the first e-mail address or name of a host that was not given; nothing if none."""
    found = [match[0] for match in _MAIL.finditer(text)]
    # As it stands, and with the blank that may be missing before the next sentence.
    for plain in (text, re.sub(r"\.(?=[A-Z][a-z])", ". ", text)):
        found += [match[0] for match in _HOST.finditer(plain) if _is_host(match)]
    if not found:
        return ""
    # A first page may break one at the end of a line.
    given = source.whole.casefold()
    given += "\n" + re.sub(r"-?[ \t]*\n[ \t]*", "", given)
    for one in found:
        plain = re.escape(one.casefold().removeprefix("www."))
        if not re.search(rf"(?<![a-z0-9-]){plain}(?![a-z0-9-])", given):
            return one
    return ""


def _is_host(match: re.Match[str]) -> bool:
    name, ending = match[2], match[3]
    if ending.lower() not in _ENDINGS or (not match[1] and name.lower() in _ARCHIVES):
        return False
    if name.isdigit() and (match[1] or ending in _ALSO_WORDS):
        # "87.4.in" only lacks a blank, and so does "e.g.in" below.
        return False
    if ending in _ALSO_WORDS:
        return len(name) > 1 or not match[1]
    return ending.lower() not in _ALSO_WORDS or match[0].isupper()


def _address(text: str) -> str:
    plain = re.sub(
        r"^https?://(?:www\.)?|^www\.", "", text.rstrip(".,;:!?)]}*\\"), flags=re.IGNORECASE
    )
    return plain.rstrip("/").removesuffix(".git").casefold()


def _addresses(text: str) -> set[str]:
    """Return the addresses of a text; one at a line's end may go on in the next line."""
    found = {_address(match[0]) for match in _ADDRESS.finditer(text)}
    for match in _ADDRESS.finditer(text):
        if broken := _NEXT_LINE.match(text, match.end()):
            found.add(_address(match[0] + broken[1]))
    return found


def _judge_tag(text: str) -> Fault | None:
    if not re.fullmatch(r"[\x20-\x7eÀ-ɏα-ωΑ-Ω–’]+", text) or not re.search(r"[A-Za-z]", text):
        return Fault(Reason.LANGUAGE, "tags are in English")
    if len(text) > _LONGEST_TAG:
        return Fault(Reason.LENGTH, f"a tag has at most {_LONGEST_TAG} characters")
    return None


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)}


def _is_echo(task: str, text: str, kind: Kind, source: Source, language: str) -> str:
    """Say what a text only repeats; nothing if it says something."""
    if _shingles(text) & _shingles(source.prompt):
        return "it repeats the question"
    said = _letters(text)
    same_language = language == "en"
    for title in (source.title, source.known_title):
        if not title or kind is Kind.ITEM:
            continue
        if kind is Kind.TITLE:
            # A name is the same in every language of its script.
            if title == source.title and said == _letters(title) and len(title.split()) > 1:
                return "it is the title as it was given"
        elif _letters(title) in said and len(said) <= len(_letters(title)) * 1.5:
            return "it only repeats the title"
    if kind is Kind.TEXT and source.abstract and (task == "translation" or same_language):
        own = _shingles(text)
        if own and len(own & _shingles(source.abstract)) >= len(own) * _MUCH_ECHO:
            return "it repeats the abstract"
    return ""


def _wrong_length(task: str, name: str, text: str, kind: Kind, source: Source, code: str) -> str:
    length = len(text)
    language = LANGUAGES[code]
    if task == "translation":
        given = len(source.title if kind is Kind.TITLE else source.abstract)
        slack = _TITLE_SLACK if kind is Kind.TITLE else _TEXT_SLACK
        # A title may lose more: it has no words to fill.
        least = given * language.shortest * (0.6 if kind is Kind.TITLE else 1)
        most = given * language.longest + slack
        if not least <= length <= most:
            return f"{length} characters for {given} of the source"
        asked, told = len(sentences(source.abstract, "en")), len(sentences(text, code))
        many = kind is Kind.TEXT and code != "th" and asked >= _FEW_SENTENCES
        if many and told * _MERGED < asked:
            return f"{told} sentences for {asked} of the source"
        return ""
    bounds = _BOUNDS[name]
    least = bounds.least * (_DENSE_SHARE if language.is_dense else 1)
    most = bounds.most * (_DENSE_MOST if language.is_dense else 1)
    if name == "summary":
        least = max(least, len(source.abstract) * _LEAST_OF_ABSTRACT)
        most = min(most, len(source.abstract) * _MOST_OF_ABSTRACT + 200)
        count = len(sentences(text, code))
        if not _FEWEST_SENTENCES <= count <= _MOST_SENTENCES:
            return f"it has {count} sentences, and two or three were asked for"
    if not least <= length <= most:
        return f"it has {length} characters, and may have {least:.0f} to {most:.0f}"
    return ""


def _judge_whole(task: str, fields: Mapping[str, Any], source: Source) -> Fault | None:
    """Judge what concerns the lists of an answer."""
    lists = {name: value for name, value in fields.items() if isinstance(value, list)}
    for name, items in lists.items():
        most = (
            _MOST_TAGS
            if name in ("keywords", "institutions", "code", "highlights", "read")
            else _MOST_ITEMS
        )
        if len(items) > most:
            return Fault(Reason.LENGTH, f"{name}: at most {most}")
    if task == "summary" and not _FEWEST_KEYWORDS <= len(fields["keywords"]) <= _MOST_KEYWORDS:
        return Fault(Reason.SHAPE, "keywords: three to six were asked for")
    for name, items in lists.items():
        if items and isinstance(items[0], str) and max(Counter(items).values()) >= _AGAIN:
            return Fault(Reason.REPEATED, f"{name}: one item three times or more")
    needed: dict[str, Sequence[str]] = {
        "summary": ("contributions",),
        "analysis": ("contributions",),
        "digest": ("highlights",),
    }
    for name in needed.get(task, ()):
        if not fields[name]:
            return Fault(Reason.PLACEHOLDER, f"{name}: nothing in it")
    if task == "digest":
        for name in ("highlights", "read"):
            for one in fields[name]:
                if one["paper"] not in source.papers:
                    return Fault(Reason.NOT_GIVEN, f"{name}: {one['paper'][:40]!r} was not given")
    return None
