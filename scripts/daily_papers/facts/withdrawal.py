"""Tell from the comment whether a paper is withdrawn.

The search API has no field for it (OAI-PMH has: `Paper.withdrawn`): authors and administrators
write it into the comment (https://info.arxiv.org/help/withdraw.html). The words are in
`data/withdrawal.toml`.
"""

import re
from collections.abc import Iterable

from daily_papers.data import load
from daily_papers.text.white_space import one_line

_READ = 2000  # Only so many characters of a comment are read.
_TABLES = load("withdrawal")
_HINT = re.compile(r"withdr|retract|removed|deleted|taken down", re.IGNORECASE)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    work = f"(?:{'|'.join(_TABLES['works'])})"
    written = "|".join(f"(?:{one})" for one in patterns)
    written = written.replace("WORK", work).replace("END", _TABLES["end"])
    return re.compile(written, re.IGNORECASE | re.VERBOSE)


_ELSEWHERE = _any_of(_TABLES["elsewhere"])
_WITHDRAWN = _any_of(_TABLES["withdrawn"])


def is_withdrawn(comment: str) -> bool:
    """Return whether a comment says that its paper is withdrawn, and not only a part of it.

    A paper of which an earlier version was withdrawn elsewhere is not withdrawn.
    """
    if not _HINT.search(comment):
        return False
    return _WITHDRAWN.search(_ELSEWHERE.sub("", one_line(comment[:_READ]))) is not None
