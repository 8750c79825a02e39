"""Write the whole site into a folder: the search page, its data, feeds, and data for programs."""

import base64
import hashlib
import html
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from daily_papers.atomic_files import is_generated, read_text
from daily_papers.errors import InputError
from daily_papers.pages import pieces
from daily_papers.pages.feeds_and_exports import feeds_and_exports
from daily_papers.pages.pieces import View
from daily_papers.ranking.compare_with_seeds import Comparison
from daily_papers.read_user_files import Project
from daily_papers.site import program_data
from daily_papers.site.browser_tables import browser_tables
from daily_papers.site.search_data import (
    FOLDER,
    Piece,
    Shown,
    minute,
    shown,
    write_data,
    write_pieces,
)
from daily_papers.store.entry_types import Entry, Store
from daily_papers.store.files_by_month import Wanted, read_month
from daily_papers.store.paper import SAMPLE_LABEL
from daily_papers.store.store_file import with_papers
from daily_papers.store.which_day_lists import recent_days
from daily_papers.text.markdown import html_text

PAGE = "index.html"
NEWEST = 40
"""Papers that the page itself has, so that a search needs nothing else for its first results."""
_READABLE_AT_ONCE = 30
_BROWSER = resources.files(__package__) / "browser"
_WORKER = "sw.js"
_FIRST_LINE = "<!doctype html>\n"
_INLINE = re.compile(r"<script>(.*?)</script>")


@dataclass(slots=True)
class Contents:
    """What the page lists: the pieces with the papers, and what it shows before any is loaded."""

    pieces: list[Piece] = field(default_factory=list)
    newest: list[tuple[Entry, Shown]] = field(default_factory=list)
    topics: dict[str, None] = field(default_factory=dict)
    nearness: str = ""
    """The path of how near papers are to the readers' own, if there are any of these."""


def build_site(project: Project, store: Store, output: Path, repository_url: str = "") -> None:
    """Write the site of a store into `output`, which may hold an earlier one, and nothing else.

    Raises InputError if it does, and StoreError.
    """
    _make_room(output, project.root)
    recent = with_papers(project.root, store, Wanted.by(recent_days(store)))
    contents = Contents(topics=dict.fromkeys(store.topics))
    withdrawn: set[str] = set()
    recent_facts: dict[str, program_data.Facts] = {}
    for month in sorted(store.months.values(), key=lambda one: one.month, reverse=True):
        entries, _ = read_month(project.root, month, Wanted(everything=True))
        language = project.settings.llm.language
        facts, papers = {}, {}
        for name, one in entries.items():
            facts[name] = program_data.facts_of(one)
            papers[name] = shown(one, facts[name], language)
        _write(output, program_data.paper_files(facts.values()))
        contents.pieces += write_pieces(output, month.month, [*papers.values()])
        contents.topics |= dict.fromkeys(name for one in entries.values() for name in one.topics)
        if len(contents.newest) < NEWEST:
            pairs = [*contents.newest, *((entries[name], papers[name]) for name in papers)]
            pairs.sort(key=lambda pair: (pair[1]["date"], pair[1]["id"]), reverse=True)
            contents.newest = pairs[:NEWEST]
        withdrawn.update(name for name, one in facts.items() if one["withdrawn"])
        recent_facts |= {name: facts[name] for name in facts.keys() & recent.entries.keys()}
    view = View(recent, project.settings)
    feeds = dict(feeds_and_exports(view))
    feeds.pop(pieces.FEEDS)
    _write(output, feeds.items())
    _write(output, program_data.overview(project, view, recent_facts, withdrawn))
    contents.nearness = _nearness(project, recent, output)
    code, files = _write_code(output)
    page = _page(view, contents, code, files, repository_url)
    _write(output, [(PAGE, page), *_service_worker(page, files)])


def _nearness(project: Project, recent: Store, output: Path) -> str:
    """Write how near the papers of the tables and of the last days are; return the path."""
    comparison = Comparison(project.seeds, recent) if project.seeds else None
    if not comparison:
        return ""
    scores = {
        arxiv_id: comparison.nearest_topic(entry.paper, entry.topics or ("",))[0]
        for arxiv_id, entry in recent.entries.items()
    }
    return write_data(output, "nearness", scores)


def _make_room(output: Path, root: Path) -> None:
    """Empty the folder of an earlier site. Raises InputError for a folder with anything else."""
    if output.exists():
        if output.resolve() in (root.resolve(), *root.resolve().parents):
            raise InputError([f"{output}: it holds the repository; give another folder"])
        is_ours = output.is_dir() and (
            not any(output.iterdir())
            or is_generated(read_text(output / PAGE).removeprefix(_FIRST_LINE))
        )
        if not is_ours:
            raise InputError([f"{output}: it has other files; give another folder with --output"])
        for one in output.iterdir():
            shutil.rmtree(one) if one.is_dir() and not one.is_symlink() else one.unlink()
    (output / FOLDER).mkdir(parents=True, exist_ok=True)


def _write(output: Path, files: Iterable[tuple[str, str]]) -> None:
    made = set()
    for path, text in files:
        folder, _, name = f"{output}/{path}".rpartition("/")
        if folder not in made:
            Path(folder).mkdir(parents=True, exist_ok=True)
            made.add(folder)
        Path(folder, name).write_bytes(text.encode())


def _write_code(output: Path) -> tuple[str, list[str]]:
    """Write the code into a folder whose name tells its content; return its name and the files."""
    texts = {
        one.name: one.read_text("utf-8")
        for one in sorted(_BROWSER.iterdir(), key=lambda one: one.name)
        if one.name.endswith(".js") and one.name != _WORKER
    }
    texts["tables.js"] = browser_tables()
    folder = f"code-{_hash(''.join(texts.values()))}"
    files = {f"{folder}/{name}": text for name, text in texts.items()}
    _write(output, files.items())
    return folder, list(files)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _page(
    view: View, contents: Contents, code: str, files: Sequence[str], repository_url: str
) -> str:
    template = (_BROWSER / PAGE).read_text("utf-8")
    (script,) = _INLINE.findall(template)
    style = (_BROWSER / "style.css").read_text("utf-8")
    repository = "/".join(repository_url.split("/")[-2:])
    newest = [entry for entry, _ in contents.newest]
    count = sum(month.papers for month in view.store.months.values())
    return template.format(
        title=html_text(" · ".join(filter(None, ("Daily Papers", repository)))),
        policy=_policy(script, style),
        style=style,
        code=code,
        links="\n".join(_links(view, files)),
        site=_for_script(
            {
                "updated": minute(view.store.updated),
                "count": count,
                "topics": sorted(contents.topics, key=str.casefold),
                "newest": [paper for _, paper in contents.newest],
                "pieces": [asdict(piece) for piece in contents.pieces],
                "nearness": contents.nearness,
                "language": view.settings.llm.language,
            }
        ),
        status=html_text(
            f"{pieces.plural(count, 'paper')}, the newest first"
            + f". {SAMPLE_LABEL}." * pieces.has_sample(newest)
        ),
        list="\n".join(map(_readable, newest[:_READABLE_AT_ONCE])),
        footer=_footer(view, repository_url),
    )


def _policy(script: str, style: str) -> str:
    """Return the content security policy: nothing from anywhere else, and no code in texts.

    Script and style of the page itself are known by their hashes.
    """
    own, look = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (script, style)
    )
    return html.escape(
        f"default-src 'none'; script-src 'self' 'sha256-{own}'; style-src 'sha256-{look}'; "
        "connect-src 'self'; img-src data:; worker-src 'self'; base-uri 'none'; form-action 'self'"
    )


def _links(view: View, files: Sequence[str]) -> Iterator[str]:
    for path in files:
        yield f'<link rel="modulepreload" href="{path}">'
    feed = pieces.EXPORTS["Atom"]
    names = {"All topics": "all"} | {name: pieces.page_name(name) for name in view.tables}
    for name, path in names.items():
        href = html_text(feed.format(path))
        yield (
            f'<link rel="alternate" type="application/atom+xml" title="{html_text(name)}" '
            f'href="{href}">'
        )


def _for_script(value: object) -> str:
    """Return JSON for a script element, which nothing in it can close."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _readable(entry: Entry) -> str:
    """Return a paper as it is there before any script runs: to be read, not searched."""
    paper = entry.paper
    title = html_text(paper.title) or paper.arxiv_id
    return (
        f'<article data-paper="{paper.arxiv_id}">'
        f'<h2><a href="{pieces.abs_url(paper)}">{title}</a></h2>'
        f"<p>{html_text(', '.join(pieces.authors(paper, 6)))}</p>"
        f'<p class="facts">{pieces.date(paper.published)}</p></article>'
    )


def _footer(view: View, repository_url: str) -> str:
    date = view.local_date(view.store.updated)
    link = f'<a href="{html_text(repository_url)}">This repository</a>. '
    source = link if repository_url else ""
    return (
        f"{source}Last update: {date}. Stars and what you have read stay in this browser. "
        '<a href="llms.txt">Data for programs</a>, <a href="papers/feeds/all.xml">feed</a>. '
        f"{html_text(pieces.THANKS)}"
    )


def _service_worker(page: str, files: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the worker, whose version tells the page that it keeps."""
    text = (_BROWSER / _WORKER).read_text("utf-8")
    version = f"daily-papers-code-{_hash(page)}"
    known: list[Any] = ["./", *files]
    yield _WORKER, text.replace("{version}", version).replace("{files}", json.dumps(known))
