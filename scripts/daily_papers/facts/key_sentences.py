"""Split abstracts into sentences and select those that say what is proposed, shown or found.

sentencex finds the ends of sentences. What misleads it in scientific prose (formulas, URLs, LaTeX,
brackets, abbreviations) is replaced by letters first, in a text of the same length.
"""

from __future__ import annotations

import re

_FIRST = 3
_LAST = 2

# A newline ends a paragraph after the end of a sentence, and before a list item.
_PARAGRAPH = re.compile(r"(?<=[.?!:;)\]}$\"'”’])\n(?!\s*[a-z])|\n(?=[-*•]\s)")

# First words of sentences; after "et al." or "i.i.d." any other word continues the sentence.
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
    # A formula does not contain the end of a sentence; text between two amounts may.
    |(?<!\\)(?P<dollar>\$\$?)(?:\\.|(?![.?!]\s+[A-Z][a-z])[^$\\])+?(?P=dollar)
    |\\\((?:(?!\\\)).)+\\\)|\\\[(?:(?!\\\]).)+\\\]
    |(?P<command>\\[A-Za-z]+\*?(?:\[[^\[\]]*\])?(?:\{{[^{{}}]{{0,200}}\}})+)
    |\((?:[^()]|\([^()]{{0,200}}\)){{1,400}}\)|\[[^\[\]]{{1,400}}\]
    |[()\[\]{{}}<>]
    # These never end a sentence, ...
    |\b(?:e\.\ ?g|i\.\ ?e|cf|v\.?s|viz|approx|incl|esp|[Dd]r|[Pp]rof|M[rs]s?|St)\.
    # ... these do not before a number, ...
    |\b(?i:figs?|eq(?:n|u)?s?|sec(?:t|s)?|tabs?|refs?|thms?|lem|prop|cor|def|algs?|app|ch(?:ap)?
        |nos?|vols?|pp?|art|ver?)\.(?=[\s~]*(?:[(\[{{]?\d|[IVX]+\b|\(?\\(?:eq)?ref\b))
    # ... and these may, depending on the next word.
    |\b(?:et\.?\ al|resp|Inc|Ltd|Corp|Ph\.D|{_LETTERS})\.(?!\s+(?:{_STARTERS})\b)
    |\b(?:etc|pp)(?=\.\s+[A-Z])
    # A variable, which sentencex would read as an initial.
    |(?<!\S)[a-z](?=\.\s+[A-Z])
    # The number of a list item.
    |(?:^|(?<=[.:;,?!]\s))\d{{1,2}}\.(?=\s)
    # Names, versions and decimals, but not a missing space between two sentences.
    |(?<=[^\s.?!])[.?!]+(?=[^\s.?!"'”’])(?!(?:[A-Z][a-z]+|A|I)\s)
    """,
    re.VERBOSE,
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
# A heading ("Results.") or the name of an item ("RQ2."), which belongs to what follows.
_HEADING = re.compile(r"[A-Z][\w-]*[.:]|\W*\w{1,3}\W*")
# No sentence begins with these, though one may begin with a lower-case name.
_CONTINUES = re.compile(r"(?:about|and|as|at|by|for|from|in|of|on|or|that|to|which|with)\b")

_FINDS = re.compile(
    r"""
    # The authors or their work as the subject, and up to three words before the verb.
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
    """Return the sentences of an English abstract in order.

    Together they are the whole text except the white space between them. A newline ends a sentence
    only where a paragraph may end; elsewhere it becomes a space, since authors also break lines
    within sentences.
    """
    found: list[str] = []
    for paragraph in _PARAGRAPH.split(text):
        found += _of_paragraph(paragraph.replace("\n", " "))
    return found


def key_findings(abstract: str) -> list[str]:
    """Return the sentences that say what is proposed, shown or found, in order.

    At most five: the first three, which usually say what is new, and the last two, which usually
    say how well it works. If none says so, the last two sentences of the abstract. Sentences about
    where the code is are used only if there are no others. Empty only for an empty abstract.
    """
    everything = sentences(abstract)
    candidates = [one for one in everything if not _OF_CODE.search(one)] or everything
    found = [one for one in candidates if _FINDS.search(one) and not _OF_OTHERS.search(one)]
    if len(found) > _FIRST + _LAST:
        return found[:_FIRST] + found[-_LAST:]
    return found or candidates[-_LAST:]


def _of_paragraph(line: str) -> list[str]:
    # Needed only for digests.
    from sentencex import segment  # noqa: PLC0415

    found: list[str] = []
    start = at = 0
    for part in segment("en", _ascii(_HIDDEN.sub(_letters, line))):
        part_text = line[at : at + len(part)]
        before = line[start:at].strip()
        continues = _HEADING.fullmatch(before) or _CONTINUES.match(part_text)
        if before and not continues and _LETTER_OR_DIGIT.search(part_text):
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
    """Return an ASCII text of the same length.

    sentencex confuses bytes with characters at spaces and signs outside ASCII, and then panics.
    """
    return _NOT_ASCII.sub(
        lambda match: " " if match[0].isspace() else '"' if match[0] in "“”" else "B", text
    )
