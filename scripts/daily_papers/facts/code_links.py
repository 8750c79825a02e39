"""Find the links to code, models, data and project pages in an abstract and a comment."""

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from daily_papers.data import load
from daily_papers.text.markdown import clean, urls_in

_MOST = 3
_REPOSITORY, _MODELS_OR_DATA, _PAGE = range(3)
_OWNER_AND_NAME = 2
# Characters before an address in which a word may introduce it.
_REACH = 100

_WORDS = {name: "|".join(words.split()) for name, words in load("code_links").items()}
_CODE_HOST = re.compile(_WORDS["code_hosts"])
_PAGES_HOST = re.compile(r"[\w-]+\.(?:github|gitlab)\.io")
_DATA_HOST = re.compile(_WORDS["data_hosts"])
_DATA_DOI = re.compile(rf"/10\.(?:{_WORDS['data_dois']})", re.IGNORECASE)
_REFUSED_HOST = re.compile(rf"(?:[\w-]+\.)*(?:{_WORDS['refused_hosts']})")
_NOT_OWNER = re.compile(_WORDS["not_owners"])
_BARE = re.compile(
    rf"(?<![\w/.@-])(?<!/:)(?=(?:www\.)?(?:{_WORDS['bare_hosts']})/\w)", re.IGNORECASE
)
_PATH = re.compile(r"\.[A-Za-z]+/")  # found fast, and no bare address is without one
_INTRODUCES = re.compile(
    rf"(?P<meant>(?<!conference )(?<!workshop )\b(?:{_WORDS['introduces']})\b)"
    rf"|\b(?:{_WORDS['of_the_paper']})\b|[.;](?=\s)",
    re.IGNORECASE,
)
# Between two addresses that are introduced together.
_CONNECTS = re.compile(r"[\s,;&()]*(?:and|or)?[\s,;&()]*")


@lru_cache(maxsize=2**13)
def code_links(abstract: str, comment: str) -> tuple[str, ...]:
    """Return at most three links to the paper's code, models, data and project pages.

    Repositories come first, then models and data, then pages, otherwise in the order of the text,
    without duplicates. Known hosts get https; on other hosts https might lead nowhere.
    """
    found: dict[str, tuple[int, str]] = {}
    # Most texts have no slash, and no address is without one.
    for text in (one for one in (abstract, comment) if "/" in one):
        line = clean(text)
        for rank, link in _links(_BARE.sub("https://", line) if _PATH.search(line) else line):
            found.setdefault(_place(link), (rank, link))
    ranked = sorted(found.values(), key=lambda pair: pair[0])
    return tuple(link for _, link in ranked[:_MOST])


def _links(line: str) -> Iterator[tuple[int, str]]:
    end = 0
    introduced = False
    for start, url in urls_in(line):
        between = line[end:start]
        if end == 0 or not _CONNECTS.fullmatch(between):
            words = list(_INTRODUCES.finditer(between[-_REACH:]))
            introduced = bool(words) and words[-1]["meant"] is not None
        end = start + len(url)
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
        rank = _rank_by_address(host, parts.path)
        is_known = rank is not None
        if not is_known and introduced:
            rank = _rank_if_introduced(host, parts.path)
        if rank is not None:
            scheme, _, rest = url.partition("://")
            host, slash, path = rest.partition("/")
            scheme = "https" if is_known else scheme.lower()
            address = f"{scheme}://{host.lower()}{slash}{path}"
            yield rank, address.rstrip("/").removesuffix(".git")


def _rank_by_address(host: str, path: str) -> int | None:
    """Return the rank of a link that is recognized by its address alone."""
    parts = [part for part in path.split("/") if part]
    owned = bool(parts) and not _NOT_OWNER.fullmatch(parts[0].lower())
    # Anonymous links are only for the code and the data of a paper under review.
    if host == "anonymous.4open.science":
        return _REPOSITORY if parts else None
    if _CODE_HOST.fullmatch(host):
        return _REPOSITORY if owned and len(parts) >= _OWNER_AND_NAME else None
    if host in {"huggingface.co", "hf.co"}:
        return _MODELS_OR_DATA if owned else None
    return _PAGE if _PAGES_HOST.fullmatch(host) else None


def _rank_if_introduced(host: str, path: str) -> int | None:
    """Return the rank of a link that the words before it introduce."""
    if _REFUSED_HOST.fullmatch(host):
        return None
    if host in {"doi.org", "dx.doi.org"}:
        return _MODELS_OR_DATA if _DATA_DOI.match(path) else None
    return _MODELS_OR_DATA if _DATA_HOST.fullmatch(host) else _PAGE


def _place(link: str) -> str:
    """Return a key that is equal for two links to the same place."""
    host, _, path = link.partition("://")[2].casefold().removeprefix("www.").partition("/")
    if _CODE_HOST.fullmatch(host):
        path = "/".join(path.split("/")[:_OWNER_AND_NAME])
    return f"{host}/{path}"
