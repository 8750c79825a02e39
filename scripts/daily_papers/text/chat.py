"""Make foreign text inert in chats and e-mail, whatever markup a service knows."""

import re

from daily_papers.text import markdown

# What some chat makes a mention, a link or a command of: `@everyone`, `[a](b)`, `a.example`.
_LIVE = re.compile(r"@|\](?=\()|&(?=[A-Za-z#])|(?<=[A-Za-z]):(?=//)|(?<=\w)\.(?=[A-Za-z])")
# What makes a heading, a list or a quotation of a line.
_LINE_BEGINS = re.compile(r"(?=\W|\d+[.)])")
# Services differ in what they escape, and some read a tag or a mark even then.
_LOOK_ALIKES = str.maketrans("<>*_`~|", "‹›∗ˍˋ∼∣")


def inert(text: str) -> str:
    """Return foreign text as one line of which no chat makes a mention, a link or a format."""
    line = _LIVE.sub(f"\\g<0>{markdown.ZERO_WIDTH_SPACE}", markdown.clean(text))
    begin = markdown.ZERO_WIDTH_SPACE if _LINE_BEGINS.match(line) else ""
    return f"{begin}{line}".translate(_LOOK_ALIKES)
