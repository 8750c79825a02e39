"""Read the settings of daily-papers.toml or pyproject.toml, and the environment variables."""

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_origin, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from daily_papers import __version__
from daily_papers.data import load
from daily_papers.errors import InputError
from daily_papers.topics.categories import category_fault
from daily_papers.topics.user_text import read_user_text

SETTINGS = "daily-papers.toml"
PYPROJECT = "pyproject.toml"
_TABLE = "daily-papers"
SETTINGS_FILES = (SETTINGS, PYPROJECT)
"""The files that may hold the settings. The project changes the second one, and never the first."""
MODEL_COLUMNS = ("Translation", "Summary")
"""The columns of which a language model writes the texts."""
COLUMNS = (
    *("Title", "Date", "Abstract", "Comment", "Authors", "Categories", "Venue", "Paper"),
    *MODEL_COLUMNS,
)
LINKS = tuple(load("paper_links"))
"""The other places to which a paper may be linked."""
NOTIFY = ("issue", "channels")
PACES = ("daily", "weekly")
RELEASES = ("off", "weekly")
SORTS = ("updated", "submitted")
ATTENTION = ("github", "huggingface")
NEAREST_FIRST = "seeds"
"""A value of `sort` too: the newest papers are kept, and shown in another order."""
SHOWN_ON = {
    "summary": "weekly",
    "translation": "bilingual",
    "analysis": "digest",
    "digest": "digest",
    "ranking": "digest",
}
"""The tasks of a language model, and the kind of pages that shows each as a whole."""
TASKS = tuple(SHOWN_ON)
EFFORTS = ("auto", "off", "low", "medium", "high")
# arXiv's API gives at most 2,000 entries a page: the manual's section 3.1.1.2.
MAX_PAGE = 2000
# The API fails for entries after the first 10,000.
MAX_DEPTH = 10_000
_LONGEST_LINE = 10_000
"""Characters of a line of pyproject.toml."""

_Check = Callable[[Any], Any]
"""Returns the value of a setting. Raises ValueError with what it must be."""
T = TypeVar("T")


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("it must be true or false")  # noqa: TRY004 - faults of settings are alike
    return value


def _whole(low: int, high: int) -> _Check:
    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"it must be a whole number from {low} to {high}")
        return value

    return check


def _one_of(choices: tuple[str, ...]) -> _Check:
    def check(value: object) -> str:
        if value not in choices:
            quoted = " or ".join(f'"{choice}"' for choice in choices)
            raise ValueError(f"it must be {quoted}")
        return str(value)

    return check


def _some_of(choices: tuple[str, ...], needed: tuple[str, ...] = ()) -> _Check:
    def check(value: object) -> tuple[str, ...]:
        if (
            not isinstance(value, list)
            or any(item not in choices for item in value)
            or len(set(value)) != len(value)
        ):
            raise ValueError(f"it must be a list of some of {', '.join(choices)}, each once")
        if needed and not set(needed) & set(value):
            raise ValueError(f"it must contain {' or '.join(needed)}")
        return tuple(value)

    return check


def _categories(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError('it must be a list of arXiv categories such as "cs.*", "cs.CV", "hep-th"')
    faults = [fault for item in value if (fault := category_fault(item))]
    if faults:
        raise ValueError(f"it must hold arXiv's categories ({'; '.join(faults)})")
    return tuple(dict.fromkeys(value))


def _timezone(value: object) -> tzinfo:
    if value == "UTC":
        return UTC
    try:
        if isinstance(value, str) and value:
            return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise ValueError('it must be a time zone such as "UTC", "Europe/Berlin" or "Asia/Shanghai"')


_Switch = Annotated[bool, _switch]


@dataclass(frozen=True, slots=True)
class Pages:
    """Which pages are written in addition to the README's tables and the topics' pages."""

    weekly: _Switch = False
    """A page for each topic and week, with a section for each announcement."""
    digest: _Switch = False
    """A page for each topic and announcement, with ten papers in full."""
    bilingual: _Switch = False
    """A page for each topic and announcement, with every paper and its translation if any."""
    feeds: _Switch = False
    """An Atom feed, a BibTeX file and a JSON file for each topic, and a feed of all topics."""
    archive: _Switch = True
    """A list of every paper for each topic and month, and one of what is new for each day."""
    site: _Switch = True
    """A search page over all papers, where the repository has GitHub Pages."""

    def has(self, kind: str) -> bool:
        """Whether there are dated pages of this kind, by the name of their folder."""
        return self.archive if kind in ("days", "months") else bool(getattr(self, kind))

    @property
    def are_dated(self) -> bool:
        """Whether there are pages of days or weeks."""
        return self.weekly or self.digest or self.bilingual or self.archive


@dataclass(frozen=True, slots=True)
class Llm:
    """What a language model adds, if the environment names one."""

    tasks: Annotated[tuple[str, ...], _some_of(TASKS)] = ()
    """What the model is asked for; if empty, no model is asked."""
    language: Annotated[str, _one_of(tuple(load("llm_languages")))] = "en"
    """The code of the language that it writes in."""
    max_papers_per_night: Annotated[int, _whole(1, 1000)] = 50
    """Papers that a night asks about, at most, for all tasks together."""
    max_tokens_per_night: Annotated[int, _whole(1000, 100_000_000)] = 200_000
    """Tokens of a night's questions and answers, at most."""
    first_page: _Switch = True
    """Whether summaries use the first page of the PDF too."""
    effort: Annotated[str, _one_of(EFFORTS)] = "auto"
    """How much the model thinks before it answers; `auto`: as little as a known provider lets it,
    and elsewhere what the endpoint does by itself."""
    max_answer_tokens: Annotated[int, _whole(1024, 100_000)] = 16_384
    """Tokens of one answer at most, once a model has shown that it needs room to think."""
    parallel_requests: Annotated[int, _whole(1, 16)] = 4
    """Requests at the same time, at most, once the endpoint has answered one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its type, the check of its value, and its default.

    Names have hyphens in the files.
    """

    max_papers: Annotated[int, _whole(1, MAX_PAGE)] = 100
    """Papers kept for each topic."""
    issue_papers: Annotated[int, _whole(1, 200)] = 15
    """Papers listed for each topic in the nightly issue."""
    attention: Annotated[tuple[str, ...], _some_of(ATTENTION)] = ()
    """Whose figures are shown: stars at GitHub, votes at Hugging Face."""
    notify: Annotated[tuple[str, ...] | None, _some_of(NOTIFY)] = None
    """How people are told what is new, see `told_by`."""
    channels: Annotated[str, _one_of(PACES)] = "daily"
    """How often the addresses in NOTIFY_URLS are told."""
    release: Annotated[str, _one_of(RELEASES)] = "off"
    """Whether a release each week says what was new."""
    close_notices: _Switch = False
    """Whether a notice's issue is closed when the next one opens; GitHub mails that too."""
    categories: Annotated[tuple[str, ...], _categories] = ("cs.*", "stat.*")
    """A paper must have one of these categories; if empty, any category will do."""
    sort: Annotated[str, _one_of((*SORTS, NEAREST_FIRST))] = "updated"
    """`updated`: by the time of the current version; `submitted`: by that of the first version."""
    nearest_first: bool = False
    """Whether tables and topic pages show the papers nearest to the readers' own first."""
    columns: Annotated[tuple[str, ...], _some_of(COLUMNS, needed=("Title", "Paper"))] = COLUMNS[:4]
    """The columns of the README's tables, in order; `Paper` has all about a paper in one."""
    readme_papers: Annotated[int, _whole(1, MAX_PAGE)] = MAX_PAGE
    """Rows of each of the README's tables, at most."""
    links: Annotated[tuple[str, ...], _some_of(LINKS)] = ()
    """Other places to which every paper is linked, in order."""
    timezone: Annotated[tzinfo, _timezone] = UTC
    """Of the project's own dates; the dates of papers are arXiv's, in UTC."""
    deadline_minutes: Annotated[int, _whole(1, 60)] = 20
    """Minutes after which a night sends no more requests to arXiv; the workflow allows 60."""
    catch_up_papers: Annotated[int, _whole(1, MAX_DEPTH)] = 2000
    """Papers that a night looks back over for each topic, at most, after missed nights."""
    pages: Pages = Pages()
    llm: Llm = Llm()

    @property
    def told_by(self) -> tuple[str, ...]:
        """How people are told: as set, else by all ways, without the issue if there are releases.

        Nobody is told the same by issues and releases who did not ask for both.
        """
        if self.notify is not None:
            return self.notify
        return NOTIFY if self.release == "off" else ("channels",)

    @property
    def shown_tasks(self) -> tuple[str, ...]:
        """The tasks for a model whose texts are shown; no others are asked for.

        Rankings are shown wherever papers are; summaries and translated titles also in the mail, in
        feeds, on the search page and in a column of their name.
        """
        everywhere = "issue" in self.told_by or self.pages.feeds or self.pages.site
        return tuple(
            task
            for task in self.llm.tasks
            if task == "ranking"
            or getattr(self.pages, SHOWN_ON[task])
            or (SHOWN_ON[task] != "digest" and (everywhere or task.title() in self.columns))
        )


def load_settings(root: Path) -> Settings:
    """Read the settings of the folder; without files or tables, the defaults.

    Raises InputError with every unknown key and bad value.
    """
    texts = {}
    for name in SETTINGS_FILES:
        try:
            texts[name] = read_user_text(root, name)
        except FileNotFoundError:
            continue
    return settings_in(texts)


def settings_in(texts: Mapping[str, str]) -> Settings:
    """Read the settings of files, by their names. Raises InputError as `load_settings`."""
    tables = {name: _table_in(name, text) for name, text in texts.items()}
    tables = {name: table for name, table in tables.items() if not _is_empty(table)}
    if len(tables) > 1:
        raise InputError(
            [f"{PYPROJECT}: {SETTINGS} has settings too; move all of them there, and delete these"]
        )
    for name, table in tables.items():
        return parse_settings(table, name)
    return Settings()


def _table_in(name: str, text: str) -> object:
    """Return the table of the settings in a file, empty if there is none.

    In a file of its own, the table may also be the whole document, without its name.
    """
    try:
        for number, line in enumerate(text.splitlines(), start=1):
            # The parser's memory grows with the square of a dotted key's parts.
            if len(line) > _LONGEST_LINE:
                raise ValueError(f"line {number} has {len(line):,} characters")  # noqa: TRY301
        document = tomllib.loads(text)
    except RecursionError:
        raise _unreadable(name, ValueError("a value is nested too deeply")) from None
    except ValueError as error:
        raise _unreadable(name, error) from None
    _refuse_misspelt(name, "", document)
    if name == SETTINGS and "tool" not in document:
        return document
    tool = document.pop("tool", {})
    if not isinstance(tool, dict):
        if name == SETTINGS:
            raise InputError([f"{name}: tool: only the table [tool.{_TABLE}] is read"])
        return {}
    if _TABLE not in tool:
        _refuse_misspelt(name, "tool.", tool)
    table = tool.pop(_TABLE, {})
    others = [*document, *(f"tool.{one}" for one in tool)] if name == SETTINGS else []
    if others:
        raise InputError([f"{name}: {', '.join(others)}: only [tool.{_TABLE}] is read; move it"])
    return table


def _refuse_misspelt(name: str, prefix: str, tables: Iterable[str]) -> None:
    if near := difflib.get_close_matches(_TABLE, tables, n=1, cutoff=0.8):
        problem = f"{name}: [{prefix}{near[0]}]: there is no such table"
        raise InputError([f"{problem}; did you mean [tool.{_TABLE}]?"])


def _is_empty(table: object) -> bool:
    """Whether a table has no setting, only tables without any."""
    return isinstance(table, dict) and all(map(_is_empty, table.values()))


def _unreadable(name: str, error: Exception) -> InputError:
    return InputError(
        [f"{name}: it cannot be read: {error}; correct that line, or undo your last edit"]
    )


def parse_settings(table: object, file: str = SETTINGS) -> Settings:
    """Check a `[tool.daily-papers]` table of a file. Raises InputError with every fault."""
    problems: list[str] = []
    settings = _read_table(Settings, table, f"tool.{_TABLE}", problems)
    if problems:
        raise InputError([f"{file}: {problem}" for problem in problems])
    if settings.sort == NEAREST_FIRST:
        return replace(settings, sort=SORTS[0], nearest_first=True)
    return settings


def _read_table(kind: type[T], table: object, name: str, problems: list[str]) -> T:
    """Make a `kind` from a TOML table with the given dotted name; append what is wrong with it."""
    if not isinstance(table, dict):
        problems.append(f"{name} must be a table, [{name}]")
        return kind()
    checks, tables = _checks_of(kind), _tables_of(kind)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key in tables:
            values[key] = _read_table(tables[key], value, f"{name}.{key}", problems)
        elif key in checks:
            try:
                values[key.replace("-", "_")] = checks[key](value)
            except ValueError as error:
                problems.append(f"[{name}] {key}: {error}, not {value!r}")
        else:
            hint = _hint(key, checks, tables)
            problems.append(f"[{name}] {key}: there is no such setting; {hint}")
    return kind(**values)


def _checks_of(kind: type[Any]) -> dict[str, _Check]:
    """Return the check of each setting by its name in the files."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        name.replace("_", "-"): hint.__metadata__[0]
        for name, hint in hints.items()
        if get_origin(hint) is Annotated
    }


def _tables_of(kind: type[Any]) -> dict[str, type[Any]]:
    hints = get_type_hints(kind, include_extras=True)
    return {
        name: hint
        for name, hint in hints.items()
        if get_origin(hint) is not Annotated and hint is not bool
    }


def _hint(key: str, checks: Mapping[str, _Check], tables: Mapping[str, type[Any]]) -> str:
    near = difflib.get_close_matches(key, [*checks, *tables], n=1)
    if near:
        is_table = near[0] in tables
        return (
            f"did you mean {f'the table [tool.daily-papers.{near[0]}]' if is_table else near[0]}?"
        )
    for name, kind in tables.items():
        if f"{key}s" == name or key in _checks_of(kind):
            return f"it belongs into the table [tool.daily-papers.{name}]"
    known = f"known are {', '.join(checks)}"
    return f"{known}, and the tables {', '.join(tables)}" if tables else known


def is_address(value: str) -> bool:
    """Whether a value is an http or https URL."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment variables: where arXiv, GitHub and a language model are.

    A text has the name of its variable, in small letters.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    """

    arxiv_api_url: str = "https://export.arxiv.org/api/query"
    arxiv_oai_url: str = "https://oaipmh.arxiv.org/oai"
    arxiv_pdf_url: str = "https://export.arxiv.org/pdf"
    arxiv_api_key: str = field(default="", repr=False)
    """A key for arXiv, sent to its hosts only."""
    arxiv_api_key_header: str = "X-API-Key"
    """The header that carries the key."""
    github_api_url: str = "https://api.github.com"
    huggingface_api_url: str = "https://huggingface.co/api"
    github_server_url: str = "https://github.com"
    github_repository: str = ""
    """`owner/name`, or empty outside Actions."""
    github_ref: str = ""
    """The branch of this run, as `refs/heads/NAME`, or empty outside Actions."""
    github_event_path: str = ""
    """The file with the event that started this run, as JSON, or empty outside Actions."""
    github_token: str = field(default="", repr=False)
    github_step_summary: str = ""
    """The file to which a step's summary is appended, or empty."""
    github_output: str = ""
    """The file for a step's outputs, or empty."""
    in_actions: bool = False
    scheduled: bool = False
    """Whether a schedule started this run in Actions."""
    notify_urls: str = field(default="", repr=False)
    """The addresses to tell what is new, one a line."""
    openai_api_key: str = field(default="", repr=False)
    openai_base_url: str = field(default="", repr=False)
    """The language model's endpoint, or empty for OpenAI's; it may contain a name and a key."""
    llm_model: str = ""
    """The model's name at the endpoint."""

    @property
    def repository_url(self) -> str:
        """The repository's page, or empty when it is not known."""
        if not self.github_repository:
            return ""
        return f"{self.github_server_url}/{self.github_repository}"

    @property
    def user_agent(self) -> str:
        """The User-Agent of the requests to arXiv, which names this copy of the project."""
        about = f" (+{self.repository_url})" if self.repository_url else ""
        return f"daily-papers/{__version__}{about}"


def where_to_report(variables: Mapping[str, str] = os.environ) -> Environment:
    """Return what a report of an error needs, also if the other variables are wrong."""
    return Environment(
        in_actions=variables.get("GITHUB_ACTIONS") == "true",
        github_step_summary=variables.get("GITHUB_STEP_SUMMARY", ""),
    )


def load_environment(variables: Mapping[str, str] = os.environ) -> Environment:
    """Read the variables; an empty one counts as unset. Raises InputError for a bad URL."""
    found: dict[str, str] = {}
    problems: list[str] = []
    for name in (one.name.upper() for one in fields(Environment) if one.type is str):
        value = variables.get(name, "").strip()
        if not value:
            continue
        # A wrong endpoint must not stop the night: it only goes without the model's texts.
        if name.endswith("_URL") and name != "OPENAI_BASE_URL":
            value = value.rstrip("/")
            if not is_address(value):
                problems.append(f"{name}: it must be an http or https address, not {value!r}")
        found[name.lower()] = value
    if not re.fullmatch(r"[!-~]*", found.get("arxiv_api_key", "")):
        problems.append("ARXIV_API_KEY: it must be one word of printable ASCII")
    header = found.get("arxiv_api_key_header", "")
    if header and not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", header):
        problems.append(f"ARXIV_API_KEY_HEADER: it must be a header's name, not {header!r}")
    repository = found.get("github_repository", "")
    if repository and not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        problems.append(f"GITHUB_REPOSITORY: it must be OWNER/NAME, not {repository!r}")
    if problems:
        raise InputError(problems)
    in_actions = variables.get("GITHUB_ACTIONS") == "true"
    return Environment(
        in_actions=in_actions,
        scheduled=in_actions and variables.get("GITHUB_EVENT_NAME") == "schedule",
        **found,
    )
