"""Find the links to code, models, data and project pages in an abstract and a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from daily_papers.text.markdown import clean, urls_in

_MOST = 3
_REPOSITORY, _MODELS_OR_DATA, _PAGE = range(3)

_CODE_HOST = re.compile(
    r"github\.com|bitbucket\.org|codeberg\.org|git\.sr\.ht|gite[ea]\.com|gitcode\.com"
    r"|gitlab[\w-]*(?:\.[\w-]+)+"
)
_PAGES_HOST = re.compile(r"[\w-]+\.(?:github|gitlab)\.io")
_HUGGING_FACE = frozenset({"huggingface.co", "hf.co"})
# Used only for the code and data of a paper under review.
_ANONYMOUS = "anonymous.4open.science"

# First path segments that are not a user, organization or model.
_NO_OWNER = frozenset(
    {"about", "blog", "docs", "enterprise", "explore", "features", "join", "login", "marketplace"}
    | {"orgs", "papers", "pricing", "search", "settings", "sponsors", "topics"}
)
_OWNER_AND_NAME = 2

# Without a scheme, only these hosts are read as URLs.
_BARE = re.compile(
    r"(?<![\w/.@-])(?<!/:)(?=(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org"
    r"|huggingface\.co|hf\.co|anonymous\.4open\.science|zenodo\.org|[\w-]+\.github\.io)/\w)",
    re.IGNORECASE,
)

# Words before the URL of code, data, demos and the like (group `meant`), and words before the URL
# of the paper or its conference. The nearest one decides.
_INTRODUCES = re.compile(
    r"(?P<meant>(?<!conference )(?<!workshop )\b(?:app|application|archived?|arena|artifacts?"
    r"|audio|benchmarks?|checkpoints?|codebase|codes?|corpora|corpus|dashboard|data|databases?"
    r"|datasets?|demos?|demonstrator|details|docker|examples?|home\s?page|implementations?"
    r"|information|interface|leaderboard|lexicon|library|materials?|models?|package|page|platform"
    r"|plugin|project|prompts|prototype|pypi|repository|resources|results|samples|server|service"
    r"|site|software|toolkit|tools?|videos?|visuali[sz]ations?|visuals|web\s?page|web\s?site"
    r"|weights)\b)"
    r"|\b(?:accepted|article|blog|conference|final|journal|manuscript|(?<!in this )paper|preprint"
    r"|presented|proceedings|published\s+(?:at\s+the|in)|submitted|version|workshop)\b"
    r"|[.;](?=\s)",
    re.IGNORECASE,
)
_REACH = 100
# Between two URLs that are introduced together.
_CONNECTS = re.compile(r"[\s,;&()]*(?:and|or)?[\s,;&()]*")
_DATA_HOST = re.compile(
    r"zenodo\.org|osf\.io|kaggle\.com|figshare\.com|data\.mendeley\.com|modelscope\.cn"
    r"|ieee-dataport\.org"
)
# DOIs of Zenodo, Figshare, OSF and Harvard's Dataverse; other DOIs are papers.
_DATA_DOI = re.compile(r"/10\.(?:5281/zenodo|6084/m9|17605/osf|7910/dvn)", re.IGNORECASE)
_NEVER = re.compile(
    r"(?:[\w-]+\.)*(?:aclanthology\.org|acm\.org|arxiv\.org|creativecommons\.org|ieee\.org"
    r"|mdpi\.com|medium\.com|nature\.com|neurips\.cc|openreview\.net|orcid\.org|overleaf\.com"
    r"|sciencedirect\.com|springer\.com|thecvf\.com|twitter\.com|x\.com|wiley\.com|youtu\.be"
    r"|youtube\.com)"
)


def code_links(abstract: str, comment: str) -> tuple[str, ...]:
    """Return at most three links to the paper's code, models, data and project pages.

    These are repositories, anything on Hugging Face, GitHub Pages or GitLab Pages, and URLs after
    words that introduce code, data, a demo or the like. Repositories come first, then models and
    data, then pages, each in the order of the text and without duplicates. URLs without a scheme,
    or with http on those hosts, become https; other http URLs stay, since https may not work there.
    """
    found: dict[str, tuple[int, str]] = {}
    for text in (abstract, comment):
        for rank, link in _links(_BARE.sub("https://", clean(text))):
            found.setdefault(_place(link), (rank, link))
    ranked = sorted(found.values(), key=lambda pair: pair[0])
    return tuple(link for _, link in ranked[:_MOST])


def _links(line: str) -> Iterator[tuple[int, str]]:
    end = 0
    before = ""
    for start, url in urls_in(line):
        between = line[end:start]
        if end == 0 or not _CONNECTS.fullmatch(between):
            before = between[-_REACH:]
        end = start + len(url)
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
        rank = _known(host, parts.path)
        if rank is not None:
            yield rank, _tidy(url, secure=True)
        elif _is_introduced(before):
            rank = _introduced(host, parts.path)
            if rank is not None:
                yield rank, _tidy(url, secure=False)


def _known(host: str, path: str) -> int | None:
    """Return the rank of a link on a host for code, models or pages, or None for any other."""
    parts = [part for part in path.split("/") if part]
    owned = bool(parts) and parts[0].lower() not in _NO_OWNER
    if host == _ANONYMOUS:
        return _REPOSITORY if parts else None
    if _CODE_HOST.fullmatch(host):
        return _REPOSITORY if owned and len(parts) >= _OWNER_AND_NAME else None
    if host in _HUGGING_FACE:
        return _MODELS_OR_DATA if owned else None
    return _PAGE if _PAGES_HOST.fullmatch(host) else None


def _is_introduced(before: str) -> bool:
    words = list(_INTRODUCES.finditer(before))
    return bool(words) and words[-1]["meant"] is not None


def _introduced(host: str, path: str) -> int | None:
    """Return the rank of a link that the words before it introduce, or None for papers."""
    if _NEVER.fullmatch(host):
        return None
    if host in {"doi.org", "dx.doi.org"}:
        return _MODELS_OR_DATA if _DATA_DOI.match(path) else None
    return _MODELS_OR_DATA if _DATA_HOST.fullmatch(host) else _PAGE


def _tidy(url: str, *, secure: bool) -> str:
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    scheme = "https" if secure else scheme.lower()
    return f"{scheme}://{host.lower()}{slash}{path}".rstrip("/").removesuffix(".git")


def _place(link: str) -> str:
    """Return a key that is equal for links to the same repository or page."""
    host, _, path = link.partition("://")[2].casefold().removeprefix("www.").partition("/")
    if _CODE_HOST.fullmatch(host):
        path = "/".join(path.split("/")[:_OWNER_AND_NAME])
    return f"{host}/{path}"
