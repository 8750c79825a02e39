"""arXiv's categories: their names, wildcard patterns such as `cs.*`, and spelling hints.

The names are those of https://arxiv.org/category_taxonomy, in `data/categories.toml`.
"""

import difflib
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from daily_papers.data import load

ARCHIVES: dict[str, str] = load("categories")["archives"]
"""The archives that take submissions, by identifier: `cs` is Computer Science."""

_BY_ARCHIVE: dict[str, dict[str, str]] = load("categories")["categories"]

CLASSES: dict[str, str] = dict(
    sorted(
        {
            **{name: title for name, title in ARCHIVES.items() if name not in _BY_ARCHIVE},
            **{
                f"{archive}.{name}": title
                for archive, classes in _BY_ARCHIVE.items()
                for name, title in classes.items()
            },
        }.items()
    )
)
"""All categories by identifier, sorted; an archive without subject classes is one itself."""

_TAXONOMY = "https://arxiv.org/category_taxonomy"
_DOTTED = re.compile(r"([A-Za-z]+(?:-[A-Za-z]+)?)\.(\*|[A-Za-z]+(?:-[A-Za-z]+)?)")
_PATTERNS = {f"{archive}.*" for archive in _BY_ARCHIVE}


def archive_of(category: str) -> str:
    """Return the archive of a category: `cs` for `cs.CV`."""
    return category.partition(".")[0]


def within(category: str, patterns: Sequence[str]) -> bool:
    """Whether a category matches one of `patterns`, such as `cs.CV` or `cs.*`.

    An empty `patterns` matches every category.
    """
    return not patterns or any(fnmatchcase(category, pattern) for pattern in patterns)


def expand(patterns: Sequence[str]) -> list[str]:
    """Return the categories that match `patterns`, sorted and without duplicates.

    An unknown name without a wildcard is kept, because arXiv may add categories. The name of an
    archive stands for all its categories. An empty `patterns` stands for all of arXiv.
    """
    classes: set[str] = set()
    for pattern in patterns or ("*",):
        whole = f"{pattern}.*" if pattern in ARCHIVES else pattern
        known = {name for name in CLASSES if fnmatchcase(name, whole) or name == pattern}
        classes |= known or ({pattern} if "*" not in pattern else set())
    return sorted(classes)


def category_like(word: str) -> bool:
    """Whether a word has the form of a category, known or not: `cs.CV`, `cs.*`, `cs.XX`."""
    match = _DOTTED.fullmatch(word)
    return match is not None and match[1].casefold() in ARCHIVES


def _swaps(word: str) -> set[str]:
    """Return the words that a swap of two neighbouring letters makes of a word."""
    places = range(len(word) - 1)
    return {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places}


def category_fault(name: str) -> str | None:
    """Return an error message if `name` is neither a category nor a pattern such as `cs.*`.

    The message suggests the most similar name. None if the name is valid.
    """
    if name in CLASSES or name in _PATTERNS:
        return None
    if f"{name}.*" in _PATTERNS:
        return f"{name} is a whole archive; write {name}.*"
    folded = {known.casefold(): known for known in (*sorted(_PATTERNS), *CLASSES)}
    asked = name.casefold()
    # Two letters in the wrong order are likelier than a wrong letter.
    near = sorted(_swaps(asked) & set(folded))
    near += difflib.get_close_matches(asked, folded, n=1, cutoff=0.5)
    hint = f"did you mean {folded[near[0]]}?" if near else f"{_TAXONOMY} has them all"
    return f"arXiv has no category '{name}'; {hint}"
