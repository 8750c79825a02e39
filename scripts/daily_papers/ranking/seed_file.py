"""Read seeds.txt and seeds.bib: the papers of the readers' own, to which others are compared.

A line of seeds.txt is an arXiv identifier, an address with one, or a DOI; after a minus it stands
for what is not wanted. Lines below `[Heading of a topic]` are for that topic only.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from daily_papers.errors import InputError
from daily_papers.ranking.seed_bibtex import DOI, SEEDS_BIB, parse_bibtex
from daily_papers.store.pasted_identifier import pasted_identifier
from daily_papers.topics.keywords import Topic, slugify
from daily_papers.topics.user_text import caret, read_user_text, split_lines

SEEDS = "seeds.txt"
MAX_SEEDS = 5000
"""Seeds of both files together; each is compared with every new paper."""
_LINE = re.compile(r"(\s*)(?:\[([^\]]*)\]|(-?)\s*(.*?))\s*(?:(?:^|(?<=\s))#.*)?")


@dataclass(frozen=True, slots=True)
class Seed:
    """A paper of the readers' own."""

    key: str
    """Its identifier at arXiv without version, else its DOI in small letters, else nothing."""
    title: str = ""
    abstract: str = ""
    """What an entry of seeds.bib without an identifier says of itself."""
    is_negative: bool = False
    """Whether it stands for what is not wanted."""
    topic: str = ""
    """The name of the only topic that it is for; empty if it is for all."""
    place: str = ""
    """File and line, for messages."""

    @property
    def is_doi(self) -> bool:
        """Whether its key is a DOI, for which arXiv cannot be asked."""
        return self.key.startswith("10.")


def read_seeds(root: Path, topics: Sequence[Topic]) -> tuple[Seed, ...]:
    """Read both files; none of them must exist. Raises InputError with all errors."""
    seeds: list[Seed] = []
    problems: list[str] = []
    for name in (SEEDS, SEEDS_BIB):
        try:
            text = read_user_text(root, name)
            if name == SEEDS:
                seeds += parse_seeds(text, topics)
            else:
                seeds += (
                    Seed(key, title, abstract, place=f"{SEEDS_BIB}:{line}")
                    for key, title, abstract, line in parse_bibtex(text)
                )
        except FileNotFoundError:
            continue
        except InputError as error:
            problems += error.problems
    if len(seeds) > MAX_SEEDS:
        problems.append(f"{seeds[MAX_SEEDS].place}: there are more than {MAX_SEEDS} seeds")
    if problems:
        raise InputError(problems)
    # What seeds.txt says of a paper counts, not that seeds.bib has it too.
    first = {(one.key or one.title, one.topic): one for one in reversed(seeds)}
    return tuple(one for one in seeds if first[one.key or one.title, one.topic] is one)


def parse_seeds(text: str, topics: Sequence[Topic]) -> list[Seed]:
    """Parse the text of seeds.txt. Raises InputError with all errors."""
    names = {one.slug: one.name for one in topics}
    seeds: dict[tuple[str, str], Seed] = {}
    problems: list[str] = []
    topic = ""
    for number, raw in enumerate(split_lines(text), start=1):
        match = _LINE.fullmatch(raw)
        indent, heading, minus, asked = match.groups("") if match else ("", "", "", raw)
        try:
            if match and match[2] is not None:
                topic = _topic(heading, names)
            elif asked or minus:
                seed = Seed(_key(asked), "", "", bool(minus), topic, f"{SEEDS}:{number}")
                _check_sign(seeds.setdefault((seed.key, topic), seed), seed)
        except ValueError as error:
            place = len(indent)
            problems.append(f"{SEEDS}:{number}:{place + 1}: {error}\n{caret(raw, place)}")
    if problems:
        raise InputError(problems)
    return list(seeds.values())


def _check_sign(seed: Seed, again: Seed) -> None:
    """Raise ValueError for a seed that an earlier line has with the other sign."""
    if seed.is_negative != again.is_negative:
        line = seed.place.rpartition(":")[2]
        raise ValueError(f"it is wanted and unwanted; line {line} has it the other way")


def _topic(heading: str, names: Mapping[str, str]) -> str:
    """Return the name of the topic with this heading. Raises ValueError."""
    slug = slugify(heading)
    if slug in names:
        return names[slug]
    near = difflib.get_close_matches(slug, names, n=1)
    advice = (
        f"did you mean [{names[near[0]]}]?" if near else f"there are: {', '.join(names.values())}"
    )
    raise ValueError(f"keywords.txt has no topic {heading.strip()[:80]!r}; {advice}")


def _key(text: str) -> str:
    """Return the identifier or the DOI of a line. Raises ValueError."""
    try:
        return pasted_identifier(text)[0]
    except ValueError:
        if match := DOI.fullmatch(text):
            return match[1].casefold()
    raise ValueError(
        "this is no arXiv identifier, address at arXiv or DOI; write one a line, such as "
        "2412.19178, and names of authors into authors.txt"
    )
