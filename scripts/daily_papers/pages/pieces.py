"""Pieces that several pages share: paths, links, dates, table cells and the budget in bytes."""

import functools
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import date as Day  # noqa: N812 - `date` is a function here
from functools import cached_property
from itertools import chain, groupby
from urllib.parse import urlencode

from daily_papers.announcement_calendar import listing_day, next_listing
from daily_papers.data import load
from daily_papers.pages.fixed_words import ENGLISH, Words
from daily_papers.ranking.compare_with_seeds import Comparison
from daily_papers.ranking.followed_authors import FollowedAuthors
from daily_papers.ranking.seed_file import Seed
from daily_papers.read_user_files import LOG
from daily_papers.settings import Settings
from daily_papers.store.entry_types import (
    Entry,
    ModelText,
    Near,
    Store,
    TopicState,
    newest_first,
    sort_time,
)
from daily_papers.store.night_history import is_new_on
from daily_papers.store.paper import SAMPLE_LABEL, Paper
from daily_papers.text import markdown
from daily_papers.topics.keywords import slugify

THANKS = "Thank you to arXiv for use of its open access interoperability."
"""The acknowledgement that arXiv asks for: https://info.arxiv.org/help/api/tou.html"""
TOPICS_FOLDER = "papers/topics"
FOLDER_INDEX = "README.md"  # the page that GitHub shows with a folder
ALL_TOPICS = f"papers/{FOLDER_INDEX}"
FEEDS = "papers/feeds/README.md"
EXPORTS = {
    "Atom": "papers/feeds/{}.xml",
    "BibTeX": "papers/bibtex/{}.bib",
    "JSON": "papers/facts/{}.json",
}
"""The files for other programs: kind to path from the root, with {} for `page_name`."""
NEW = "🆕"
"""The mark of what the last night found."""
WITHDRAWN = "⛔ withdrawn"
"""The mark of a withdrawn paper, wherever it stands."""
KINDS = {kind: ENGLISH(kind) for kind in ("days", "weekly", "months", "digest", "bilingual")}
"""The kinds of dated pages: folder to title."""
PAGE_BUDGET = 1_500_000
"""Bytes of a page: GitHub renders Markdown files up to about 2 MB, by its own measure."""
# The feed of all topics; some file systems do not tell readme.md from README.md.
TAKEN_NAMES = ("all", "readme")
"""Names of pages that are no topic's."""
MAX_NAME = 80
"""Characters of a page's name. A path on Windows has at most 260, with the folder of the clone."""
# With any extension: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICES = re.compile("aux|con|nul|prn|(?:com|lpt)[0-9]")
_LINKS: dict[str, dict[str, str]] = load("paper_links")
SHORT_COMMENT = 20
COMMENT_HEAD = 5
"""Characters of a comment that is shown whole, and of the label of a longer one."""
_AUTHORS = 6
MANY_AUTHORS = 30
"""The most authors of a paper on a page for reading and in a feed."""
# As wide as a digit, and no place to break a line.
_FIGURE_SPACE = "\u2007"
_WIDTHS = {"Title": 10, "Date": 3, "Newest": 2, "Abstract": 3, "Comment": 1, "Authors": 4}


@dataclass(frozen=True)
class View:
    """What the pages are made from: the store, as the settings show it."""

    store: Store
    settings: Settings
    groups: Mapping[str, str] = field(default_factory=dict)
    """The group in keywords.txt of each topic that has one, by its name."""
    seeds: Sequence[Seed] = ()
    authors: FollowedAuthors = field(default_factory=FollowedAuthors)
    """The papers of the readers' own, and the authors whom they follow."""

    @cached_property
    def say(self) -> Words:
        """The project's own words, in the language of the settings."""
        return Words(self.settings.llm.language)

    @cached_property
    def grouped(self) -> dict[str, list[str]]:
        """The names of the topics by group, in the order of keywords.txt; "" if they have none."""
        found: dict[str, list[str]] = {}
        for name in self.store.topics:
            found.setdefault(self.groups.get(name, ""), []).append(name)
        return found

    @property
    def is_narrow(self) -> bool:
        """Whether README.md has its papers in one column, for phones."""
        return "Paper" in self.settings.columns

    @property
    def is_first_night(self) -> bool:
        """Whether there was one night only, which found every paper."""
        return self.store.created == self.store.updated

    def new_mark(self, entry: Entry) -> str:
        """Return the mark of a paper that is new, revised, accepted or has code since last night.

        It is empty for all others, and on the first night for all.
        """
        night = self.store.updated
        revised = entry.revised.seen if entry.revised else None
        is_news = is_new_on(night, entry) or night in (revised, entry.accepted, entry.code)
        return NEW if is_news and not self.is_first_night else ""

    @cached_property
    def news(self) -> dict[str, list[Entry]]:
        """What the last night found and announced for each topic, by its name, newest first."""
        night = self.store.updated
        found = (entry for entry in self.store.entries.values() if is_new_on(night, entry))
        new = newest_first(found, self.store.sort)
        return {name: [one for one in new if name in one.topics] for name in self.store.topics}

    @cached_property
    def tables(self) -> dict[str, list[Entry]]:
        """The newest papers of each topic, newest first, as many as the settings allow."""
        return self.store.tables(self.settings.max_papers)

    @cached_property
    def in_reading_order(self) -> dict[str, list[Entry]]:
        """The papers of `tables`, nearest to the readers' own first if the settings say so.

        Else those of a day are in the order of their significance, if a model is asked for that.
        """
        if not self.is_nearest_first:
            return {
                name: [
                    entry
                    for _, day in groupby(entries, self.date_of)
                    for entry in sorted(day, key=lambda one: -self.significance(one))
                ]
                for name, entries in self.tables.items()
            }
        comparison = Comparison(self.seeds, self.store)
        return {
            # Equally near ones stay newest first.
            name: sorted(entries, key=lambda one: -comparison.score(one.paper, name))
            for name, entries in self.tables.items()
        }

    @property
    def is_nearest_first(self) -> bool:
        """Whether tables have the papers nearest to the readers' own first, of any date."""
        return self.settings.nearest_first and bool(self.seeds)

    def significance(self, entry: Entry) -> int:
        """Return what a model says of a paper's significance; 0 if it is not to be asked."""
        llm = self.settings.llm
        return significance(entry, llm.language) if "ranking" in llm.tasks else 0

    @cached_property
    def near(self) -> dict[str, Near]:
        """The papers that were near on their days, by identifier; none if there are no seeds."""
        days = self.store.days.values() if self.seeds else ()
        return {one.paper: one for day in days for one in day.near}

    @property
    def sample_note(self) -> str:
        """The label of invented papers if any table has one, else nothing."""
        return sample_note(chain.from_iterable(self.tables.values()))

    def places(self, paper: Paper) -> list[tuple[str, str]]:
        """Return name and address of the other places of the settings where a paper can be read."""
        places = (_LINKS[name] for name in self.settings.links)
        return [(one["title"], one["url"].format(id=paper.arxiv_id)) for one in places]

    def date_of(self, entry: Entry) -> str:
        """Return the date that orders a paper in the tables, as arXiv has it."""
        return date(sort_time(entry.paper, self.store.sort))

    def local_date(self, moment: datetime) -> str:
        """Return the project's own date of a moment, in the time zone of the settings."""
        return moment.astimezone(self.settings.timezone).strftime("%Y-%m-%d")

    def not_refreshed(self, state: TopicState) -> str:
        """Return the warning that a topic's table is not up to date, or nothing."""
        if state.failing is None:
            return ""
        since = self.local_date(state.failing.since)
        return self.say("not_refreshed", date=since, state=markdown.label(state.failing.state))

    def last_update(self, page: str) -> str:
        """Return when the papers were updated, when arXiv lists the next, and `other_pages`."""
        updated = self.say("last_update", date=self.local_date(self.store.updated))
        listing = next_listing(listing_day(self.store.updated))
        expected = self.say("next_listing", date=self.local_date(listing))
        return f"{updated}\n· {expected} · {self.other_pages(page)}"

    @property
    def not_told(self) -> str:
        """The warning that watchers are not told what is new, or nothing."""
        refused = self.store.refused
        if refused is None or "issue" not in self.settings.told_by:
            return ""
        since = self.local_date(refused.since)
        return self.say("not_told", date=since, reason=markdown.label(refused.reason))

    def other_pages(self, page: str) -> str:
        """Return the links from `page` to the pages beside those of the topics.

        They stand beside "Last update" in README.md and on the page of all topics.
        """
        pages = self.settings.pages
        days = self.store.days.values()
        has_papers = {
            "weekly": any(day.topics for day in days),
            "digest": any(any(day.digests.values()) for day in days),
            "bilingual": any(day.topics for day in days),
            "days": bool(days),
            "months": bool(self.store.months),
        }
        kinds = (kind for kind in KINDS if pages.has(kind) and has_papers[kind])
        paths = {self.say(kind): kind_index(kind) for kind in kinds}
        if pages.feeds:
            paths[self.say("feeds")] = FEEDS
        paths[self.say("log")] = LOG
        links = [local_link(title, path, page) for title, path in paths.items()]
        if self.store.site and not pages.feeds:
            links.insert(-1, self.on_site(self.say("feeds"), EXPORTS["Atom"].format("all")))
        return " · ".join([*self.search_link(), *links])

    def exports(self, topic: str, page: str) -> list[str]:
        """Return links to a topic's feed and files, here or beside the search page, if any."""
        paths = {kind: path.format(page_name(topic)) for kind, path in EXPORTS.items()}
        if self.settings.pages.feeds:
            return [local_link(kind, path, page) for kind, path in paths.items()]
        if self.store.site:
            return [self.on_site(kind, path) for kind, path in paths.items()]
        return []

    def on_site(self, text: str, path: str) -> str:
        """Return a link to what there is beside the search page."""
        return markdown.link(text, f"{self.store.site.rstrip('/')}/{path}", trusted=True)

    def search_link(self, **state: str) -> list[str]:
        """Return the link to the search page, if there is one, with filters such as the topic."""
        if not self.store.site:
            return []
        return [self.on_site(self.say("search"), f"?{urlencode(state)}" if state else "")]


@functools.lru_cache(maxsize=1024)  # The indexes of days and weeks ask for each of them.
def page_name(topic: str) -> str:
    """Return the name, without suffix, of the files about a topic: valid on Windows too.

    A long one is cut and ends with two hyphens, which no other has, and a part of its hash.
    """
    name = slugify(topic)
    if len(name) > MAX_NAME:
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        return f"{name[: MAX_NAME - 10].rstrip('-')}--{digest}"
    return f"{name}-" if name in TAKEN_NAMES or _DEVICES.fullmatch(name) else name


def topic_page(name: str) -> str:
    """Return the path of a topic's page, from the root."""
    return f"{TOPICS_FOLDER}/{page_name(name)}.md"


def relative(path: str, page: str) -> str:
    """Return a path below papers/ as a link from `page`; both are given from the root."""
    depth = page.count("/")
    return "../" * (depth - 1) + path.removeprefix("papers/") if depth else path


def local_link(text: str, path: str, page: str) -> str:
    """Return a link from `page` to the file at `path`, both given from the root."""
    return markdown.link(text, relative(path, page))


def day_page(kind: str, topic: str, day: Day) -> str:
    """Return the path of the page of a topic and day, from the root; `kind` is one of KINDS."""
    return f"papers/{kind}/{day.year}/{day}/{page_name(topic)}.md"


def kind_index(kind: str) -> str:
    """Return the path of the index of a kind of dated pages, from the root."""
    return f"papers/{kind}/{FOLDER_INDEX}"


def day_list(day: Day) -> str:
    """Return the path of the page with everything new on a day, from the root."""
    return f"papers/days/{day.year}/{day}.md"


def month_page(topic: str, month: str) -> str:
    """Return the path of the page with a topic's papers of a month, from the root."""
    return f"papers/months/{page_name(topic)}/{month}.md"


def up(title: str) -> str:
    """Return the link from a dated page to the index of its folder."""
    return markdown.link(f"← {title}", FOLDER_INDEX)


def has_sample(entries: Iterable[Entry]) -> bool:
    """Whether any of the papers is invented."""
    return any(entry.paper.is_sample for entry in entries)


def sample_note(entries: Iterable[Entry]) -> str:
    """Return a label if any of the papers is invented, else nothing."""
    if not has_sample(entries):
        return ""
    return (
        f"> [!NOTE]\n> **{SAMPLE_LABEL}.** Their links lead nowhere; "
        "the first run puts real papers in their place.\n\n"
    )


def abs_url(paper: Paper) -> str:
    """Return the address of this version's abstract at arXiv."""
    return f"https://arxiv.org/abs/{paper.versioned_id}"


def pdf_url(paper: Paper) -> str:
    """Return the address of this version's PDF at arXiv."""
    return f"https://arxiv.org/pdf/{paper.versioned_id}"


def date(moment: datetime) -> str:
    """Return the date of a moment in UTC, as arXiv has it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def plural(count: int, noun: str) -> str:
    """Return `1 paper`, `2 papers`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def marks(entry: Entry, say: Words = ENGLISH) -> str:
    """Return the marks of a withdrawn, revised or cross-listed paper, or nothing."""
    paper = entry.paper
    first = date(paper.published)
    found = (
        f"⛔ {say('withdrawn')}" if paper.is_withdrawn else "",
        f"🔁 {say('version', version=str(paper.version), first=first)}"
        if paper.version > 1
        else "",
        f"➕ {say('cross_listed')}" if entry.cross_listed else "",
    )
    return " · ".join(filter(None, found))


def marked(title: str, paper: Paper) -> str:
    """Return a title, in any syntax, with the mark of a withdrawn paper."""
    return f"{title} · {WITHDRAWN}" if paper.is_withdrawn else title


def authors_line(paper: Paper, say: Words = ENGLISH) -> str:
    """Return up to six authors, then et al."""
    return markdown.label(", ".join(authors(paper, _AUTHORS, say)))


def authors(paper: Paper, most: int = MANY_AUTHORS, say: Words = ENGLISH) -> list[str]:
    """Return the names of up to `most` authors, then et al.; some papers have thousands."""
    return [*paper.names[:most], *([say("et_al")] if len(paper.names) > most else [])]


def paper_list(entries: Sequence[Entry], *, dated: bool = False, say: Words = ENGLISH) -> str:
    """Return a list of papers: title, and below it authors, venue and links as far as they fit."""
    heads = [f"- **{markdown.link(one.paper.title, abs_url(one.paper))}**" for one in entries]
    details = [f"  \n  {_details(one, say, dated=dated)}" for one in entries]
    return "".join(f"{text}\n" for text in fit(PAGE_BUDGET, heads, details))


def _details(entry: Entry, say: Words, *, dated: bool) -> str:
    paper = entry.paper
    parts = [
        date(paper.published) if dated else "",
        authors_line(paper, say),
        markdown.label(paper.venue),
        marks(entry, say),
        markdown.link("PDF", pdf_url(paper)),
        *map(markdown.inline, paper.code_links),
    ]
    return " · ".join(filter(None, parts))


def categories(paper: Paper) -> list[str]:
    """Return the categories, the primary category first."""
    return [one for one in dict.fromkeys((paper.primary_category, *paper.categories)) if one]


def categories_line(paper: Paper) -> str:
    """Return the categories as code spans, the primary category first."""
    return " ".join(map(markdown.code, categories(paper)))


def wide(header: str, shown: str = "") -> str:
    """Return a header padded with blanks that do not break, which keeps its column wide.

    `shown` is its word in another language.

    GitHub's sanitizer removes every width, and an open abstract would squeeze the other columns.
    """
    around = _FIGURE_SPACE * _WIDTHS.get(header, 0)
    return f"{around}**{shown or header}**{around}"


def table_row(cells: Iterable[str]) -> str:
    """Return one row of a Markdown table."""
    return f"| {' | '.join(map(markdown.cell, cells))} |"


def no_papers(state: TopicState, say: Words = ENGLISH) -> str:
    """Return the sentence that replaces an empty table."""
    if state.failing:
        return say("no_answer")
    return say("no_papers", all="`&`", any="`|`")


def numbered(texts: Iterable[str]) -> str:
    """Return foreign texts on one line: `1. … 2. …`."""
    return " ".join(f"{at}. {markdown.inline(text)}" for at, text in enumerate(texts, start=1))


def significance(entry: Entry, language: str) -> int:
    """Return what a model says of a paper's significance, 1 to 3; 0 if it was not asked."""
    ranking = entry.text("ranking", language)
    return int(ranking.fields.get("significance", 0)) if ranking else 0


def written_by(texts: Iterable[ModelText]) -> str:
    """Return which language models wrote the texts, or nothing if there are none."""
    models = " and ".join(dict.fromkeys(markdown.label(text.model) for text in texts))
    return f"written by {models}" if models else ""


def size(text: str) -> int:
    """Return the size of a text in a file, in bytes."""
    return len(text.encode())


def fit(spare: int, required: Sequence[str], *optional: Sequence[str]) -> list[str]:
    """Return a text for each paper: its required part, and optional parts while `spare` bytes last.

    Optional parts are added kind by kind, those of a kind from the first paper on.
    """
    texts = list(required)
    spare -= sum(map(size, required))
    for parts in optional:
        for place, part in enumerate(parts):
            if size(part) > spare:
                break
            spare -= size(part)
            texts[place] += part
    return texts


def paper_anchor(paper: Paper) -> str:
    """Return the anchor of a paper on its topic's page."""
    return paper.arxiv_id.replace("/", "-")
