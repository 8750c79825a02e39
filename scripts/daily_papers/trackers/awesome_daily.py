"""Tavish9/awesome-daily-AI-arxiv: `topic` and `category` in config.yml.

A topic has alternatives, a list among which must match as a whole, and `filters`, which exclude.
Topics are looked for in the papers of the categories, each of which has a list of its own.
"""

from pathlib import Path

from daily_papers.topics.categories import category_fault
from daily_papers.topics.query_tree import Search, WholeCategory
from daily_papers.trackers.brought_over import BroughtOver, Wanted, all_of, any_of
from daily_papers.trackers.yaml_nodes import other_keys, read_yaml


def read(folder: Path) -> BroughtOver | None:
    """Return what config.yml says; None if it has no such topics. Raises InputError."""
    for config in read_yaml(folder, "config.yml", "config.yaml"):
        topics, categories = config.get("topic").entries, config.get("category").entries
        if not topics and not categories:
            continue
        found = BroughtOver("Tavish9/awesome-daily-AI-arxiv")
        for name, entry in topics.items():
            alternatives = [
                all_of(parts)
                for one in entry.get("keywords").items
                if (parts := found.phrases(name, one))
            ]
            excluded = tuple(found.phrases(name, entry.get("filters")))
            if alternatives:
                query = Search(any_of(alternatives), excluded)
                found.topics.append(Wanted(entry.place, name, query))
            else:
                found.left.append(f"{entry.place}: {name}: it has no keywords")
            found.left += other_keys(entry, "keywords", "filters")
        for name, entry in categories.items():
            if fault := category_fault(name):
                found.left.append(f"{entry.place}: {fault}")
            else:
                found.topics.append(Wanted(entry.place, name, WholeCategory(name)))
        if known := [name for name in categories if not category_fault(name)]:
            found.settings["categories"] = known
        found.left += other_keys(config, "topic", "category")
        return found
    return None
