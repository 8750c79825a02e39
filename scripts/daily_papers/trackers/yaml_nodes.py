"""Read YAML as a tree of nodes with their lines; no object is made of it."""

import re
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from daily_papers.errors import InputError


class Yaml:
    """A node of a YAML file; an absent one has no entries, items or text."""

    def __init__(self, file: str, node: Node | None, key: Node | None = None) -> None:
        self._file = file
        self._node = node
        self._first = key or node

    def __bool__(self) -> bool:
        return self._node is not None

    @property
    def place(self) -> str:
        """The file and the line, from 1; of an entry, that of its key."""
        return f"{self._file}:{self._first.start_mark.line + 1}" if self._first else self._file

    @property
    def text(self) -> str:
        """The text of a scalar; empty for anything else, and for null."""
        is_text = isinstance(self._node, ScalarNode) and not str(self._node.tag).endswith(":null")
        return str(self._node.value).strip() if is_text and self._node else ""

    @property
    def entries(self) -> dict[str, "Yaml"]:
        """The entries of a mapping by their keys; the last of equal keys counts."""
        pairs = self._node.value if isinstance(self._node, MappingNode) else ()
        return {str(key.value): Yaml(self._file, value, key) for key, value in pairs}

    @property
    def items(self) -> list["Yaml"]:
        """The items of a sequence, of whatever kind; a scalar with a text is a sequence of one."""
        if isinstance(self._node, SequenceNode):
            return [Yaml(self._file, item) for item in self._node.value]
        return [self] if self.text else []

    def get(self, *keys: str) -> "Yaml":
        """Return the node below a path of keys."""
        node = self
        for key in keys:
            node = node.entries.get(key, Yaml(self._file, None))
        return node


def read_yaml(folder: Path, *names: str) -> Iterator[Yaml]:
    """Yield the files of these names that there are. Raises InputError if one is not YAML."""
    for name in names:
        path = folder / name
        if not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8-sig", "replace")
        try:
            yield Yaml(name, YAML(typ="safe", pure=True).compose(text))
        except (YAMLError, RecursionError) as error:
            line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
            what = re.sub(r"\s+", " ", getattr(error, "problem", None) or str(error))
            raise InputError([f"{path}:{line}: it is not YAML ({what}); mend it first"]) from None


def other_keys(node: Yaml, *known: str) -> Iterator[str]:
    """Yield a sentence on each entry that is not brought over."""
    for key, value in node.entries.items():
        if key not in known:
            shown = f" = {value.text}" if value.text else ""
            yield f"{value.place}: {key}{shown}: there is nothing like it here"
