"""README.zh-CN.md says how to get a copy, as README.md does."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OWN_COPY = re.compile(r"(?ms)^## (?:Your own copy|建立你自己的副本)\n.*?(?=^## |\Z)")


def part(name: str) -> str:
    """Return the section about an own copy."""
    path = ROOT / name
    found = OWN_COPY.search(path.read_text("utf-8")) if path.exists() else None
    if found is None:
        pytest.skip(f"a copy whose owner has changed {name}")
    return found[0]


def links(text: str) -> list[str]:
    """Return the targets of links, in order."""
    return re.findall(r"\]\(([^)]*)\)", text)


def test_both_lead_the_same_way() -> None:
    """The sections have the same steps, headings, links, commands and buttons, in this order."""
    english, chinese = part("README.md"), part("README.zh-CN.md")
    for pattern in (
        r"(?m)^(#+) ",  # headings
        r"(?m)^\d+\. ",  # steps
        r"\]\(([^)]*)\)",  # links
        r"(?s)```\w*\n.*?```",  # commands
        r"`[^`\n]+`",  # names of files
        r"\*\*[^*]*\*\*",  # buttons
    ):
        found = [re.findall(pattern, re.sub(r"\n +", " ", text)) for text in (english, chinese)]
        assert found[0] == found[1]


def test_every_link_of_it_leads_somewhere() -> None:
    """Each file that it links to exists, and README.md links to the same."""
    english, chinese = (
        (ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md")
    )
    part("README.md")
    assert "README.zh-CN.md" in links(english)[:4]
    for target in links(chinese):
        if target.startswith("../../"):
            continue  # a page of the repository on GitHub
        assert (ROOT / target).exists(), target
        assert target in [*links(english), "README.md"]
