"""Small grammars of the five layouts: each line of a page must be one of its fields.

A field's own text may span lines where the layout lets it; such lines are `text`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_ABS = r"https?://arxiv\.org/abs/[\w./-]+"
_PDF = r"https://arxiv\.org/pdf/[\w./-]+"


@dataclass(frozen=True)
class Layout:
    """A layout's lines by name, and the extra lines of the project's pages."""

    lines: Mapping[str, str]
    entry: tuple[str, ...]
    """The names of an entry's lines, in order; the first one begins an entry."""
    optional: frozenset[str] = frozenset()
    """The names of the lines that an entry may lack."""
    ours: Mapping[str, str] = field(default_factory=dict)
    """Lines of the project's pages that the layout does not have, by their reason."""

    def parse(self, text: str, *, with_ours: bool = False) -> list[str]:
        """Return the name of each line that is not blank. Raises AssertionError for unknown lines.

        Lines of the project's own are left out where `with_ours` admits them.
        """
        names = []
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            if with_ours and any(re.fullmatch(pattern, line) for pattern in self.ours.values()):
                continue
            name = next(
                (name for name, pattern in self.lines.items() if re.fullmatch(pattern, line)), None
            )
            assert name is not None, f"line {number} is of no kind: {line!r}"
            names.append(name)
        return names

    def entries(self, names: list[str]) -> list[tuple[str, ...]]:
        """Return the lines of each entry. Raises AssertionError if they are out of order."""
        found: list[list[str]] = []
        for name in names:
            if name == self.entry[0]:
                found.append([name])
            elif name in self.entry and found:
                found[-1].append(name)
        for lines in found:
            once = [name for at, name in enumerate(lines) if name not in lines[:at]]
            assert once == [name for name in self.entry if name in once], f"out of order: {lines}"
            missing = set(self.entry) - set(once) - self.optional
            assert not missing, f"without {missing}: {lines}"
        return [tuple(dict.fromkeys(lines)) for lines in found]


NOTE = r"> .*"
WEEKLY = Layout(
    lines={
        "week": r"# \d{8}-\d{8} \(.+\)",
        "day": r"## \d{4}-\d\d-\d\d",
        "title": r"- \*\*\[arXiv\d{6}\] .+\*\*",
        "tags": r"  - \*\*tags:\*\* \[.+\], \[.+\], \[.+\]",
        "authors": r"  - \*\*authors:\*\* .+",
        "institution": r"  - \*\*institution:\*\* .+",
        "link": rf"  - \*\*link:\*\* {_PDF}",
        "code": r"  - \*\*code:\*\* .+",
        "contributions": r"  - \*\*contributions:\*\* 1\. .+",
        "summary": r"  - \*\*Simple LLM Summary:\*\* .+",
        "mindmap": r"  - \*\*Mindmap:\*\*",
    },
    entry=(
        "title",
        "tags",
        "authors",
        "institution",
        "link",
        "code",
        "contributions",
        "summary",
        "mindmap",
    ),
    optional=frozenset({"tags", "institution", "code", "contributions", "summary", "mindmap"}),
    ours={
        "a page of its own needs a way back": r"\[← All weeks\]\(README\.md\)",
        "a model's text is marked": r"  - _written by .+_",
        "what a model says of it is shown": r"  - \*\*significance:\*\* [123] of 3",
        "the lines of a mind map": r"    (?:```(?:mermaid)?|flowchart LR|  \w+.*)",
        "invented papers, or holidays that are not known, are told": NOTE,
    },
)
DIGEST = Layout(
    lines={
        "time": r"time: \d{8}",
        "heading": r"# Arxiv .+ Papers - \d{4}-\d\d-\d\d",
        "executive summary": "## Executive Summary",
        "contents": "## Table of Contents",
        "papers": "## Papers",
        "rule": "---",
        "anchor": r"<a id='[\w.-]+v\d+'></a>",
        "title": rf"## \[.+\]\({_ABS}v\d+\)",
        "listed": r"\d+\. \[.+\]\(#[\w.-]+v\d+\)",
        "authors": r"\*\*Authors:\*\* .+",
        "published": r"\*\*Published:\*\* \d{4}-\d\d-\d\d",
        "categories": r"\*\*Categories:\*\* .+",
        "abstract": r"\*\*Abstract:\*\*",
        "analysis": r"\*\*Analysis:\*\*",
        "findings": r"\*\*Key Findings:\*\*",
        "links": r"\*\*Links:\*\*",
        "pdf": rf"- \[PDF\]\({_PDF}v\d+\)",
        "arxiv": rf"- \[arXiv\]\({_ABS}v\d+\)",
        "text": r"(?!#|<a id=|\*\*(?:Authors|Published|Categories|Abstract|Links):).+",
    },
    entry=(
        "anchor",
        "title",
        "authors",
        "published",
        "categories",
        "abstract",
        "analysis",
        "findings",
        "links",
        "pdf",
        "arxiv",
    ),
    optional=frozenset({"analysis"}),
    ours={
        "where it was accepted is asked for": r"\*\*Venue:\*\* .+",
        "what a model says of it is shown": r"\*\*Significance:\*\* [123] of 3, says the model",
        "its code is asked for": r"- Code or page: .+",
        "a page needs a way back": r"\[← All digests of .+\]\(README\.md\)",
        "ten of many lead to the rest": r"\d+ of the day's .+",
        "invented papers are told": NOTE,
    },
)
BILINGUAL = Layout(
    lines={
        "title": r"# .+ ",
        "translated title": r"\*\*Title \([A-Z-]+\)\*\*: .+ ",
        "authors": r"\*\*Authors\*\*: .+  ",
        "link": rf"\*\*Link\*\*: \[PDF\]\({_PDF}\)  ",
        "abstract": r"\*\*Abstract\*\*: .+ ",
        "translated abstract": r"\*\*Abstract \([A-Z-]+\)\*\*: .+ ",
        "rule": "---",
    },
    entry=(
        "title",
        "translated title",
        "authors",
        "link",
        "abstract",
        "translated abstract",
        "rule",
    ),
    optional=frozenset({"translated title", "translated abstract"}),
    ours={
        "a page needs a way back": r".+, \[← .+\]\(README\.md\)",
        "a model's text is marked": r"_Lines marked \([A-Z-]+\) are written by .+\._",
        "invented papers are told": NOTE,
    },
)
README = Layout(
    lines={
        "last update": r"Last update: \d{4}-\d\d-\d\d",
        "topic": r"## .+",
        "header": r"\|\s+\*\*Title\*\*\s+\|\s+\*\*Date\*\*\s+\|\s+\*\*Abstract\*\*\s+"
        r"\|\s+\*\*Comment\*\*\s+\|",
        "rule": r"\| --- \| --- \| --- \| --- \|",
        "row": rf"\| \*\*\[.+\]\({_ABS}v\d+\)\*\*(?:<br><sub>.+</sub>)? \| \d{{4}}-\d\d-\d\d \| "
        r"<details><summary>Show</summary><p>.+</p></details> \| "
        # A long comment is folded behind its venue or code, else behind its beginning.
        r"(?:.{1,20}|.{0,300}|<details><summary>.+</summary><p>.+</p></details>) ?\|",
    },
    entry=("topic", "header", "rule", "row"),
    ours={
        "when more is due, and the way to everything else": r"· arXiv's next listing: .+",
        "what is new is told above the tables": r"The first night: .+|\*\*\d+ new .+|No new .+",
        "an index of the topics": r"\| .+ \| .* \| .+ \| .* \| .+ \|"
        r"|\| --- \| --- \| --- \| --- \| --- \|",
        "the way to the topic's page": r"\[All .+ →\]\(papers/topics/.+\.md\)",
        "the way to everything else": r"\[All topics\]\(.+",
        "arXiv asks to be thanked": r"Thank you to arXiv .+",
        "invented papers are told": NOTE,
    },
)
TOPIC = Layout(
    lines={
        "heading": r"# 🔍 .+ Papers · \d{4}-\d\d-\d\d",
        "count": r"\[!\[Total Papers\]\(.+\)\]\(.*\)",
        "updated": r"\[!\[Last Updated\]\(.+\)\]\(.*\)",
        "rule": "---",
        # The layout's heading names categories only, and keywords and excluded words follow.
        "filter": "## 📌 Filter by Category(?:, Keywords and Excluded Words)?",
        "keywords": r"\*\*Keywords\*\*: .+  ",
        "excluded": r"\*\*Filter\*\*: `.+`",
        "list": "## 📚 Paper List",
        "title": rf"- (?:<a name=\"[\w.-]+\"></a>)?\*\*\[.+\]\({_ABS}\)\*\*  `arXiv:[\w./-]+`  "
        r"(?:`[^`]+`|<code>.+</code>)(?: (?:`[^`]+`|<code>.+</code>))*  ",
        "authors": r"  _.+_(?:  )?",
        # Open, as in the layout, a hundred abstracts are 106,000 pixels on a phone.
        "summary": r"  <details(?: open)?><summary>Abstract</summary>",
        "end": r"  </details>",
        "abstract": r"  (?!<details|</details|_).+",
    },
    entry=("title", "authors", "summary", "abstract", "end"),
    ours={
        "what is written anew says so": r"<!-- daily-papers: .+ -->",
        "a page of its own needs a way back": r"\[← All topics\]\(.+\)",
        "date, versions, venue and links are told": r"  (?:🆕 )?`\d{4}-\d\d-\d\d` .+",
        "the months are headings, with links": r"### \d{4}-\d\d|\[\d{4}-\d\d\]\(#.+",
        "where a topic looks is a filter too": r"\*\*Categories\*\*: .+",
        "the comment is one of arXiv's facts": r"  Comment: .+",
        "invented papers are told": NOTE,
    },
)
