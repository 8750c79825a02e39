"""Split an abstract into sentences, and pick those that say what the paper proposes or finds.

sentencex finds where sentences end. It reads a text of the same length in which letters replace
what misleads it: formulas, addresses, LaTeX, brackets, abbreviations.
"""

import re

from daily_papers.data import load

_FIRST = 3
_LAST = 2
_WORDS = {name: "|".join(words.split()) for name, words in load("key_sentences").items()}

# A line ends a paragraph where a sentence may end, and before an item of a list.
_PARAGRAPH = re.compile(r"(?<=[.?!:;)\]}$\"'”’])\n(?!\s*[a-z])|\n(?=[-*•]\s)")

_HIDDEN = re.compile(
    rf"""
    (?:https?://|www\.)\S*[\w/=\#&~}}-]
    # A formula contains no end of a sentence; between two amounts of money there may be one.
    |(?<!\\)(?P<dollar>\$\$?)(?:\\.|(?![.?!]\s+[A-Z][a-z])[^$\\])+?(?P=dollar)
    |\\\((?:(?!\\\)).)+\\\)|\\\[(?:(?!\\\]).)+\\\]
    |(?P<command>\\[A-Za-z]+\*?(?:\[[^\[\]]*\])?(?:\{{[^{{}}]{{0,200}}\}})+)
    |\((?:[^()]|\([^()]{{0,200}}\)){{1,400}}\)|\[[^\[\]]{{1,400}}\]
    |[()\[\]{{}}<>]
    # These never end a sentence, ...
    |\b(?:e\.\ ?g|i\.\ ?e|cf|v\.?s|viz|approx|incl|esp|[Dd]r|[Pp]rof|M[rs]s?|St)\.
    # ... these do not before a number, ...
    |\b(?i:{_WORDS["numbered"]})\.(?=[\s~]*(?:[(\[{{]?\d|[IVX]+\b|\(?\\(?:eq)?ref\b))
    # ... and these (with i.i.d., w.r.t., U.S.) only before a word that begins a sentence.
    |\b(?:et\.?\ al|resp|Inc|Ltd|Corp|Ph\.D|(?:[A-Za-z]\.\ ?)+[A-Za-z])\.
        (?!\s+(?:{_WORDS["starters"]})\b)
    |\b(?:etc|pp)(?=\.\s+[A-Z])
    # A variable, which sentencex takes for an initial.
    |(?<!\S)[a-z](?=\.\s+[A-Z])
    # The number of a list's item.
    |(?:^|(?<=[.:;,?!]\s))\d{{1,2}}\.(?=\s)
    # Names, versions and decimals, but not where a blank is missing between two sentences.
    |(?<=[^\s.?!])[.?!]+(?=[^\s.?!"'”’])(?!(?:[A-Z][a-z]+|A|I)\s)
    """,
    re.VERBOSE,
)
# A heading ("Results.") or an item's name ("RQ2."), which belongs to what follows.
_HEADING = re.compile(r"[A-Z][\w-]*[.:]|\W*\w{1,3}\W*")
_CONTINUES = re.compile(rf"(?:{_WORDS['continues']})\b")

_FINDS = re.compile(
    rf"""
    # The authors or their work as the subject, with up to three words before the verb.
    \b(?:we|(?:this|our|the\ (?:present|proposed))\ (?:\w+\ )?(?:{_WORDS["works"]}))
        (?:\s+(?:{_WORDS["adverbs"]})\b,?){{0,3}}\s+(?:{_WORDS["verbs"]})\w*
    |\b(?:is|are|was|were)\s+(?:(?:\w+ly|also|first|here|then)\s+)?(?:{_WORDS["passives"]})\b
    |\b(?:{_WORDS["evidence"]})\w*\b[^.;]{{0,120}}?\b(?:{_WORDS["shows"]})(?:s|d|ed)?\b
    |\b(?:outperform|surpass)(?:s|es|ed|ing)?\b
    |\b(?:{_WORDS["reaches"]})(?:es|s|ing|ed|ting)?\b[^.;]{{0,80}}(?:\d|\b(?:{_WORDS["gains"]}))
    |\b(?:improv|increas|reduc)(?:es|ing|ed)\b[^.;]{{0,100}}\b(?:by|from|up\ to)\s+[\d$\\]
    |\b(?:central\ to\ our|the\ (?:central|core|key|main)\ (?:contribution|finding|idea|innovation
        |insight)s?)\b
    |^(?:key\ |main\ )?(?:conclusion|contribution|finding|result)s?\b\s?[:.]
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    rf"""
    ^(?:(?:although|but|despite|however|while)\b,?\s*)?(?:(?:all|many|most|several|some)\s+)?
        (?:{_WORDS["others"]})\b(?!.*\b(?:our|this\ (?:paper|work)|we)\b)
    |\bha(?:s|ve)\ (?:(?:also|been|recently)\ )*(?:achieved|demonstrated|proposed|shown)\b
        (?!.*\bwe\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OF_CODE = re.compile(
    rf"""
    \b(?:{_WORDS["artifacts"]})\b[^.]{{0,80}}\b(?:{_WORDS["available"]})\b[^.]{{0,60}}
        (?:https?://|\\url|\\href|\b(?:at|github|here|online|publicly|soon|upon)\b)
    |^(?:https?://|\\url|\\href|(?:code|demo|github|project|web)\s?(?:page|site)?s?\s*:)
    |\bcode\ (?:is|will\ be)\b|\bwe\ (?:will\ )?(?:publicly\ )?release\b[^.]{{0,40}}\bcode\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """Split an abstract into its sentences, each as in the text, with a blank for a line break."""
    paragraphs = _PARAGRAPH.split(text)
    return [one for part in paragraphs for one in _split_paragraph(part.replace("\n", " "))]


def key_findings(abstract: str) -> list[str]:
    """Return at most five sentences that say what is proposed, shown or found, in their order.

    These are the first three, usually what is new, and the last two, usually how good it is. If no
    sentence matches, return the last two. A sentence about the code counts only without any other.
    """
    every = sentences(abstract)
    relevant = [one for one in every if not _OF_CODE.search(one)] or every
    found = [one for one in relevant if _FINDS.search(one) and not _OF_OTHERS.search(one)]
    if len(found) > _FIRST + _LAST:
        return found[:_FIRST] + found[-_LAST:]
    return found or relevant[-_LAST:]


def _split_paragraph(line: str) -> list[str]:
    # Only a digest needs it.
    from sentencex import segment  # noqa: PLC0415

    found: list[str] = []
    start = at = 0
    # sentencex confuses bytes and characters, and panics, at blanks and signs outside ASCII.
    hidden = re.sub(r"[^\x00-\x7f]", _to_ascii, _HIDDEN.sub(_hide, line))
    for part in segment("en", hidden):
        begins = line[at : at + len(part)]
        before = line[start:at].strip()
        goes_on = _HEADING.fullmatch(before) or _CONTINUES.match(begins)
        if before and not goes_on and re.search(r"[^\W_]", begins):
            found.append(before)
            start = at
        at += len(part)
    last = line[start:].strip()
    return [*found, last] if last else found


def _hide(match: re.Match[str]) -> str:
    # A question in italics ends its sentence.
    is_question = match["command"] and match[0].endswith("?}")
    return "B" * (len(match[0]) - 1) + ("?" if is_question else "B")


def _to_ascii(match: re.Match[str]) -> str:
    if match[0].isspace():
        return " "
    return '"' if match[0] in "“”" else "B"
