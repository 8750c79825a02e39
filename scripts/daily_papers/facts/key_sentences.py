"""The sentences of an abstract, and those that say what the paper proposes, shows or finds.

sentencex finds where sentences end. What in scientific prose misleads it (formulas, addresses,
LaTeX, brackets, abbreviations) is hidden from it: it reads a text of the same length, in which
these are letters.
"""

from __future__ import annotations

import re

_FIRST = 3
_LAST = 2

# A line ends a paragraph where a sentence may end, and before an item of a list.
_PARAGRAPH = re.compile(r"(?<=[.?!:;)\]}$\"'”’])\n(?!\s*[a-z])|\n(?=[-*•]\s)")

# Words with which a sentence begins; after "et al." or "i.i.d." any other goes on with it.
_STARTERS = (
    "Additionally|Also|Although|An?|And|As|At|Based|But|By|Code|Compared|Despite|Existing"
    "|Experimental|Experiments?|Extensive|Finally|First|For|From|Furthermore|Hence|Here|However|If"
    "|In|It|Its|Many|Moreover|Most|Next|On|Our|Recent|Results?|Second|Specifically|Such|That|The"
    "|Then|There|Therefore|These|They|This|Those|Through|Thus|To|Under|Unlike|Using|We|When|While"
    "|With|Yet"
)
_LETTERS = r"(?:[A-Za-z]\.\ ?)+[A-Za-z]"  # i.i.d, w.r.t, U.S

_HIDDEN = re.compile(
    rf"""
    (?:https?://|www\.)\S*[\w/=\#&~}}-]
    # A formula holds no sentence's end; between two amounts of money there may be one.
    |(?<!\\)(?P<dollar>\$\$?)(?:\\.|(?![.?!]\s+[A-Z][a-z])[^$\\])+?(?P=dollar)
    |\\\((?:(?!\\\)).)+\\\)|\\\[(?:(?!\\\]).)+\\\]
    |(?P<command>\\[A-Za-z]+\*?(?:\[[^\[\]]*\])?(?:\{{[^{{}}]{{0,200}}\}})+)
    |\((?:[^()]|\([^()]{{0,200}}\)){{1,400}}\)|\[[^\[\]]{{1,400}}\]
    |[()\[\]{{}}<>]
    # These never end a sentence, ...
    |\b(?:e\.\ ?g|i\.\ ?e|cf|v\.?s|viz|approx|incl|esp|[Dd]r|[Pp]rof|M[rs]s?|St)\.
    # ... these do not where a number follows, ...
    |\b(?i:figs?|eq(?:n|u)?s?|sec(?:t|s)?|tabs?|refs?|thms?|lem|prop|cor|def|algs?|app|ch(?:ap)?
        |nos?|vols?|pp?|art|ver?)\.(?=[\s~]*(?:[(\[{{]?\d|[IVX]+\b|\(?\\(?:eq)?ref\b))
    # ... and these may, which the next word tells.
    |\b(?:et\.?\ al|resp|Inc|Ltd|Corp|Ph\.D|{_LETTERS})\.(?!\s+(?:{_STARTERS})\b)
    |\b(?:etc|pp)(?=\.\s+[A-Z])
    # A variable, which sentencex takes for an initial.
    |(?<!\S)[a-z](?=\.\s+[A-Z])
    # The number of a list's item.
    |(?:^|(?<=[.:;,?!]\s))\d{{1,2}}\.(?=\s)
    # Names, versions and decimals, but not a blank that is missing between two sentences.
    |(?<=[^\s.?!])[.?!]+(?=[^\s.?!"'”’])(?!(?:[A-Z][a-z]+|A|I)\s)
    """,
    re.VERBOSE,
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
# A heading ("Results.") or an item's name ("RQ2."), which belongs to what follows.
_HEADING = re.compile(r"[A-Z][\w-]*[.:]|\W*\w{1,3}\W*")
# No sentence begins so, though one may begin with a name in small letters.
_CONTINUES = re.compile(r"(?:about|and|as|at|by|for|from|in|of|on|or|that|to|which|with)\b")

_FINDS = re.compile(
    r"""
    # The authors or their work as the subject, with up to three words before the verb.
    \b(?:we|(?:this|our|the\ (?:present|proposed))\ (?:\w+\ )?(?:approach|article|framework|letter
            |method|paper|report|review|study|survey|thesis|work))
        (?:\s+(?:\w+ly|also|can|first|further|hence|here|instead|next|now|then|thus|will)\b,?){0,3}
        \s+(?:achiev|address|analy[sz]|argu|attain|attribut|conclud|confirm|construct|contribut
            |creat|demonstrat|deriv|describ|design|develop|devis|discover|establish|evaluat|examin
            |explor|extend|find|formali[sz]|found|generali[sz]|identif|improv|introduc|investigat
            |observ|obtain|offer|outperform|present|propos|prov[ei]|reach|refram|reformulat|report
            |reveal|show|studi|study|suggest|surpass|uncover|buil[dt])\w*
    |\b(?:is|are|was|were)\s+(?:(?:\w+ly|also|first|here|then)\s+)?
        (?:developed|introduced|presented|proposed|proved|proven)\b
    |\b(?:ablation|analys[ei]s|benchmark|comparison|evaluation|experiment|finding|investigation
        |result|simulation|stud(?:y|ies)|test)\w*\b[^.;]{0,120}?
        \b(?:achieve|confirm|demonstrate|establish|find|highlight|illustrate|indicate|outperform
        |prove|reveal|show|suggest|validate|verif(?:y|ie))(?:s|d|ed)?\b
    |\b(?:outperform|surpass)(?:s|es|ed|ing)?\b
    |\b(?:achiev|attain|deliver|establish|obtain|reach|set|yield)(?:es|s|ing|ed|ting)?\b[^.;]{0,80}
        (?:\d|\b(?:accuracy|gain|improvement|performance|results|sota|speedup|state-of-the-art))
    |\b(?:improv|increas|reduc)(?:es|ing|ed)\b[^.;]{0,100}\b(?:by|from|up\ to)\s+[\d$\\]
    |\b(?:central\ to\ our|the\ (?:central|core|key|main)\ (?:contribution|finding|idea|innovation
        |insight)s?)\b
    |^(?:key\ |main\ )?(?:conclusion|contribution|finding|result)s?\b\s?[:.]
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"""
    ^(?:(?:although|but|despite|however|while)\b,?\s*)?(?:(?:all|many|most|several|some)\s+)?
        (?:conventional|current|earlier|existing|numerous|other|past|previous|prior|recent(?:ly)?
        |state-of-the-art|traditional)\b(?!.*\b(?:our|this\ (?:paper|work)|we)\b)
    |\bha(?:s|ve)\ (?:(?:also|been|recently)\ )*(?:achieved|demonstrated|proposed|shown)\b
        (?!.*\bwe\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OF_CODE = re.compile(
    r"""
    \b(?:checkpoints?|codes?|data|datasets?|demo|implementation|materials?|models?|page|project
        |videos?|visuals|website|weights)\b[^.]{0,80}
        \b(?:accessed|available|found|open-?sourced|published|released?)\b[^.]{0,60}
        (?:https?://|\\url|\\href|\b(?:at|github|here|online|publicly|soon|upon)\b)
    |^(?:https?://|\\url|\\href|(?:code|demo|github|project|web)\s?(?:page|site)?s?\s*:)
    |\bcode\ (?:is|will\ be)\b|\bwe\ (?:will\ )?(?:publicly\ )?release\b[^.]{0,40}\bcode\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """Return the sentences of an abstract in their order, each as it stands in the text.

    Together they are the whole text but for the white space between them. A newline ends one only
    where a paragraph may: authors also break lines within a sentence, and there a blank stands in
    its place.
    """
    found: list[str] = []
    for paragraph in _PARAGRAPH.split(text):
        found += _of_paragraph(paragraph.replace("\n", " "))
    return found


def key_findings(abstract: str) -> list[str]:
    """Return the sentences that say what is proposed, shown or found, in their order.

    They are at most five: the first three, which tend to say what is new, and the last two, which
    tend to say how well it does. Where no sentence says so they are the last two. One that tells
    where the code is counts only if there is no other. An abstract that is not empty has one.
    """
    every = sentences(abstract)
    told = [one for one in every if not _OF_CODE.search(one)] or every
    found = [one for one in told if _FINDS.search(one) and not _OF_OTHERS.search(one)]
    if len(found) > _FIRST + _LAST:
        return found[:_FIRST] + found[-_LAST:]
    return found or told[-_LAST:]


def _of_paragraph(line: str) -> list[str]:
    # Only a digest needs it.
    from sentencex import segment  # noqa: PLC0415

    found: list[str] = []
    start = at = 0
    for part in segment("en", _ascii(_HIDDEN.sub(_letters, line))):
        begins = line[at : at + len(part)]
        before = line[start:at].strip()
        goes_on = _HEADING.fullmatch(before) or _CONTINUES.match(begins)
        if before and not goes_on and _LETTER_OR_DIGIT.search(begins):
            found.append(before)
            start = at
        at += len(part)
    last = line[start:].strip()
    return [*found, last] if last else found


def _letters(match: re.Match[str]) -> str:
    found = match[0]
    # A question in italics ends its sentence.
    if match["command"] and found.endswith("?}"):
        return "B" * (len(found) - 1) + "?"
    return "B" * len(found)


def _ascii(text: str) -> str:
    """Return a text of the same length without what sentencex counts wrongly and then panics at.

    It confuses bytes and characters where a blank or a sign is not in ASCII.
    """
    return text if text.isascii() else _NOT_ASCII.sub(_in_ascii, text)


def _in_ascii(match: re.Match[str]) -> str:
    character = match[0]
    if character.isspace():
        return " "
    if character in "“”":
        return '"'
    return "B"
