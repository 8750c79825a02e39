"""What a tracker's configuration says: the types that its reader fills in."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from daily_papers.topics.query_tree import And, Expression, Or, Phrase, Query
from daily_papers.trackers.yaml_nodes import Yaml


@dataclass(frozen=True, slots=True)
class Wanted:
    """A topic of the tracker."""

    place: str
    """The file and line that it stands in."""
    name: str
    query: Query


@dataclass(slots=True)
class BroughtOver:
    """All that a reader found."""

    tracker: str
    """The tracker's repository, `owner/name`."""
    topics: list[Wanted] = field(default_factory=list)
    settings: dict[str, object] = field(default_factory=dict)
    """Settings without which the topics would find something else, by their names."""
    left: list[str] = field(default_factory=list)
    """What cannot be brought over: a sentence each, with file and line."""

    def plain_text(self, place: str, text: str) -> str:
        """Return a text without quotation marks, which arXiv cannot search for, and say so."""
        if '"' in text:
            self.left.append(f"{place}: {text}: its quotation marks")
        return " ".join(text.replace('"', " ").split())

    def phrases(self, name: str, node: Yaml) -> list[Phrase]:
        """Return the phrases of a list, or of one text, and say which are none."""
        found = []
        for one in node.items or [node] * bool(node):
            if text := self.plain_text(one.place, one.text):
                found.append(phrase(text))
            else:
                self.left.append(f"{one.place}: {name}: an item that is no text")
        return found


def phrase(text: str) -> Phrase:
    """Return the words of a text as one phrase, in title or abstract."""
    return Phrase(tuple(text.split()))


def any_of(parts: Sequence[Expression]) -> Expression:
    """Return what finds any of the parts, at least one."""
    return Or(tuple(dict.fromkeys(parts))) if len(set(parts)) > 1 else parts[0]


def all_of(parts: Sequence[Expression]) -> Expression:
    """Return what finds papers with all parts, at least one."""
    return And(tuple(dict.fromkeys(parts))) if len(set(parts)) > 1 else parts[0]
