"""Show for each topic why it has a paper of the store, or why not."""

from pathlib import Path

from daily_papers.pages.pieces import month_page
from daily_papers.read_user_files import load_paper
from daily_papers.settings import Settings, load_settings
from daily_papers.store.files_by_month import month_of
from daily_papers.text.markdown import clean
from daily_papers.topics.keywords import read_keywords
from daily_papers.topics.matching import matcher_of


def run(*, root: Path, identifier: str) -> None:
    """Print the explanation."""
    print(why(root, identifier))


def _past(topic: str, arxiv_id: str, settings: Settings) -> str:
    """Return where a paper is listed that has left its topic's table."""
    where = month_page(topic, month_of(arxiv_id))
    see = f": see {where}" if settings.pages.archive else ""
    return f"and is past the newest {settings.max_papers}{see}"


def why(root: Path, identifier: str) -> str:
    """Return for each topic of keywords.txt which words matched where, or what is missing.

    Raises InputError for a bad identifier or file, and DailyPapersError for an unknown paper.
    """
    settings = load_settings(root)
    topics = read_keywords(root)
    store, entry, version = load_paper(root, identifier)
    paper = entry.paper
    arxiv_id = paper.arxiv_id
    lines = [f"{paper.versioned_id}  {clean(paper.title)}"]
    if version is not None and version != paper.version:
        lines.append(f"(this is v{paper.version}; v{version} is not kept)")
    for topic in topics:
        state = store.topics.get(topic.name)
        is_listed = state is not None and arxiv_id in state.table
        is_past = topic.name in entry.topics and not is_listed
        matcher = matcher_of(topic, settings.categories)
        if matcher is None:
            matches = is_listed or is_past
            known = "arXiv found it" if matches else "arXiv has not found it"
            told = [f"{known}; why, only arXiv knows: the topic is in its own syntax"]
        else:
            reason = matcher.explain(paper)
            matches = reason.matches
            told = list(map(clean, reason.reasons))
            if is_listed and not matches:
                told.append("but it is in the topic's table: arXiv found it for the last query")
            elif matches and not is_listed and not is_past:
                told.append("but it is not in the topic's table; the next night may bring it")
        if is_past:
            told.append(_past(topic.name, arxiv_id, settings))
        lines.append(f"{clean(topic.name)}: {'yes' if matches else 'no'}")
        lines += [f"  {one}" for one in told]
    return "\n".join(lines)
