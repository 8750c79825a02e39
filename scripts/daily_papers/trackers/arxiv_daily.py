"""Vincentqyw/cv-arxiv-daily and monologg/nlp-arxiv-daily: `keywords` in config.yaml.

Each heading has alternatives; several words are one phrase. They search all fields of all of arXiv,
by the date of the first version. Here a phrase is searched in title or abstract.
"""

from pathlib import Path

from daily_papers.topics.query_tree import Native, Phrase, Query, Search
from daily_papers.trackers.brought_over import BroughtOver, Wanted, any_of
from daily_papers.trackers.yaml_nodes import other_keys, read_yaml

_OTHER_FIELDS = "they were searched for in all fields; here, in title and abstract"


def read(folder: Path) -> BroughtOver | None:
    """Return what config.yaml says; None if it has no such keywords. Raises InputError."""
    for config in read_yaml(folder, "config.yaml", "config.yml"):
        keywords = config.get("keywords").entries
        if not any(one.get("filters") for one in keywords.values()):
            continue
        is_nlp = "monologg" in config.get("user_name").text or (folder / "nlp_arxiv_daily").exists()
        found = BroughtOver("monologg/nlp-arxiv-daily" if is_nlp else "Vincentqyw/cv-arxiv-daily")
        found.settings = {"categories": [], "sort": "submitted"}
        for name, entry in keywords.items():
            if filters := found.phrases(name, entry.get("filters")):
                found.topics.append(Wanted(entry.place, name, _query(filters)))
            else:
                found.left.append(f"{entry.place}: {name}: it has no filters")
        found.left.append(
            f"{config.get('keywords').place}: the words of all topics: {_OTHER_FIELDS}"
        )
        found.left += other_keys(config, "keywords")
        return found
    return None


def _query(filters: list[Phrase]) -> Query:
    # One word is sent as it is, so that it may be in arXiv's own syntax: cat:cs.CV, ti:SLAM.
    if any(":" in one.text and len(one.words) == 1 for one in filters):
        return Native(
            " OR ".join(f'"{one.text}"' if len(one.words) > 1 else one.text for one in filters)
        )
    return Search(any_of(filters))
