"""Show for each topic why it has a paper of the store, or why not."""

import re
from pathlib import Path
from urllib.parse import unquote

from daily_papers.errors import DailyPapersError, InputError
from daily_papers.project_files import load_known_store
from daily_papers.settings import load_settings
from daily_papers.store.paper import split_identifier
from daily_papers.store.store_file import STORE
from daily_papers.text.markdown import clean
from daily_papers.topics.keywords import read_keywords
from daily_papers.topics.matching import matcher_of

# What people copy: an identifier, an address of arXiv or a mirror of it, or a DOI; with the file's
# ending, a fragment, and the category that arXiv prints after the identifier.
_PASTED = re.compile(
    r"(?:arxiv\s*:\s*|(?:https?://)?(?:[\w-]+\.)*arxiv\.org/[\w-]+/"
    r"|(?:doi:\s*|(?:https?://)?(?:[\w-]+\.)*doi\.org/)?10\.48550/arxiv\.)?"
    r"(.+?)(?:\.pdf)?/*(?:[?#].*|\s*\[[\w.-]+\])?",
    re.IGNORECASE,
)


def run(*, root: Path, identifier: str) -> None:
    """Print the explanation."""
    print(why(root, identifier))


def why(root: Path, identifier: str) -> str:
    """Return for each topic of keywords.txt which words matched where, or what is missing.

    Raises InputError for a bad identifier or file, and DailyPapersError for an unknown paper.
    """
    arxiv_id, version = _pasted(identifier)
    settings = load_settings(root)
    topics = read_keywords(root)
    store = load_known_store(root)
    entry = store.entries.get(arxiv_id) if store else None
    if entry is None:
        raise DailyPapersError(
            f"{STORE} has no paper {arxiv_id}. It keeps the newest {settings.max_papers} of each "
            f"topic; the paper may be older than these, in no topic, or not announced yet"
        )
    paper = entry.paper
    lines = [f"{paper.versioned_id}  {clean(paper.title)}"]
    if version is not None and version != paper.version:
        lines.append(f"(this is v{paper.version}; v{version} is not kept)")
    for topic in topics:
        is_listed = topic.name in entry.topics
        matcher = matcher_of(topic, settings.categories)
        if matcher is None:
            known = "arXiv found it" if is_listed else "arXiv has not found it"
            told = [f"{known}; why, only arXiv knows: the topic is in its own syntax"]
            matches = is_listed
        else:
            reason = matcher.explain(paper)
            matches = reason.matches
            told = list(map(clean, reason.reasons))
            if matches and not is_listed:
                told.append("but it is not in the topic's table; the next night may bring it")
            if is_listed and not matches:
                told.append("but it is in the topic's table: arXiv found it for the last query")
        lines.append(f"{clean(topic.name)}: {'yes' if matches else 'no'}")
        lines += [f"  {one}" for one in told]
    return "\n".join(lines)


def _pasted(text: str) -> tuple[str, int | None]:
    """Return the identifier and version in what was copied from a page about a paper."""
    match = _PASTED.fullmatch(unquote(text).strip().strip("<>"))
    try:
        identifier, version = split_identifier(match[1] if match else text)
    except ValueError:
        problem = f"{text!r} is no arXiv identifier; give one such as 2412.19178"
        raise InputError([problem]) from None
    # arXiv's pages also know math.GT/0309136, whose identifier is math/0309136.
    return re.sub(r"\..*/", "/", identifier), version
