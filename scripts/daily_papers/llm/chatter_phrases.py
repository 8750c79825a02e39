"""The phrases of data/llm_chatter_phrases.toml as regular expressions."""

import re

from daily_papers.data import load


def phrases(name: str, template: str = "{}") -> re.Pattern[str]:
    """Compile the phrases of `name`, whatever their case; `template` is what surrounds them."""
    lines = (
        line for text in load("llm_chatter_phrases")[name].values() for line in text.splitlines()
    )
    return re.compile(template.replace("{}", f"(?:{'|'.join(filter(None, lines))})"), re.IGNORECASE)
