"""TideDra/zotero-arxiv-daily and dw-dengwei/daily-arXiv-ai-enhanced: whole categories.

Both are usually told their categories by a variable or secret on GitHub, which no folder has. So
the environment variables of the same names count before the files.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from daily_papers.topics.categories import category_fault
from daily_papers.topics.query_tree import Native, WholeCategory
from daily_papers.trackers.brought_over import BroughtOver, Wanted
from daily_papers.trackers.yaml_nodes import read_yaml

_SEPARATORS = re.compile(r"(?:[\s,;+]|\bOR\b|\bcat:)+")

_SUFFIXES = (".env", ".sh", ".txt", ".yaml", ".yml")
"""Of files that may set a variable."""

Found = tuple[str, str]
"""Where a list of categories stands, and the list."""


def read_zotero(folder: Path, variables: Mapping[str, str] = os.environ) -> BroughtOver | None:
    """Return the categories of config/custom.yaml, or of `ARXIV_QUERY`. Raises InputError."""
    is_ours = any(
        (folder / one).exists() for one in ("src/zotero_arxiv_daily", "construct_email.py")
    )
    found = BroughtOver("TideDra/zotero-arxiv-daily")
    for config in read_yaml(folder, "config/custom.yaml", "custom.yaml", "config/base.yaml"):
        category = config.get("source", "arxiv", "category")
        if categories := ",".join(one.text for one in category.items):
            _add(found, category.place, categories)
            if config.get("source", "arxiv", "include_cross_list").text.lower() != "true":
                found.left.append(
                    f"{category.place}: papers that are only cross-listed were left out; here, a "
                    "category has them too"
                )
            found.left.append(f"{config.place}: the order by your Zotero library")
            return found
    return _from_variable(found, folder, variables, "ARXIV_QUERY", _written, is_ours=is_ours)


def read_enhanced(folder: Path, variables: Mapping[str, str] = os.environ) -> BroughtOver | None:
    """Return the categories of `CATEGORIES` or daily_arxiv/config.yaml. Raises InputError."""

    def places(folder: Path, name: str) -> Iterator[Found]:
        yield from _written(folder, name)
        for config in read_yaml(folder, "daily_arxiv/config.yaml"):
            categories = config.get("arxiv", "categories")
            yield categories.place, ",".join(one.text for one in categories.items)
        # What it does without the variable, and the example of one.
        default = re.compile(rf'"{name}",\s*"([^"]*)"|^{name}=(.*)')
        spider = "daily_arxiv/daily_arxiv/spiders/arxiv.py"
        yield from _lines(folder, default, spider, ".env.example")

    found = BroughtOver("dw-dengwei/daily-arXiv-ai-enhanced")
    is_ours = (folder / "daily_arxiv").exists()
    return _from_variable(found, folder, variables, "CATEGORIES", places, is_ours=is_ours)


def _from_variable(
    found: BroughtOver,
    folder: Path,
    variables: Mapping[str, str],
    name: str,
    places: Callable[[Path, str], Iterator[Found]],
    *,
    is_ours: bool,
) -> BroughtOver | None:
    """Fill in the categories from an environment variable or the first place that has some."""
    stated = [(f"the variable {name}", variables.get(name, ""))] if is_ours else []
    for place, text in (*stated, *places(folder, name)):
        if text.strip() and "$" not in text:
            _add(found, place, text)
            if (place, text) not in stated:
                found.left.append(
                    f"{place}: a variable or secret {name} of the repository on GitHub, which this "
                    f"folder does not show; if there is one, run this again with {name} set to it"
                )
            return found
    if is_ours:
        found.left.append(
            f"{name}: it is a variable or secret of the repository on GitHub, which this folder "
            f"does not show; run this again with {name} set to it"
        )
        return found
    return None


def _written(folder: Path, name: str) -> Iterator[Found]:
    """Yield what the files assign to a variable."""
    files = sorted(one for one in folder.glob("*") if one.suffix in _SUFFIXES or one.name == ".env")
    files += sorted(folder.glob(".github/workflows/*.y*ml"))
    assignment = re.compile(rf"^\s*(?:export\s+)?{name}\s*[:=]\s*[\"']?([^\"'#\n]*)")
    yield from _lines(folder, assignment, *(one.relative_to(folder).as_posix() for one in files))


def _lines(folder: Path, pattern: re.Pattern[str], *names: str) -> Iterator[Found]:
    for name in names:
        path = folder / name
        if path.is_file():
            lines = path.read_bytes().decode("utf-8", "replace").splitlines()
            for number, line in enumerate(lines, start=1):
                if match := pattern.search(line):
                    yield f"{name}:{number}", next(filter(None, match.groups()), "")


def _add(found: BroughtOver, place: str, text: str) -> None:
    names = [one for one in _SEPARATORS.split(text.strip()) if one]
    faults = {name: fault for name in names if (fault := category_fault(name))}
    if faults and re.search(r"\b(?:AND|ANDNOT|ti|abs|au|all|co|jr):?\b", text):
        found.topics.append(Wanted(place, "arXiv", Native(text.strip())))
        return
    found.left += [f"{place}: {fault}" for fault in faults.values()]
    for name in dict.fromkeys(names):
        if name not in faults:
            found.topics.append(Wanted(place, name, WholeCategory(name)))
