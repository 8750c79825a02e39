"""`[tool.daily-papers]` of pyproject.toml, and what the environment says."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from daily_papers import __version__
from daily_papers.data import load
from daily_papers.errors import InputError
from daily_papers.topics.categories import category_fault

PYPROJECT = "pyproject.toml"
TABLE = "[tool.daily-papers]"
COLUMNS = ("Title", "Date", "Abstract", "Comment", "Authors", "Categories", "Venue")
SORTS = ("updated", "submitted")
SHOWN_ON = {
    "summary": "weekly",
    "translation": "bilingual",
    "analysis": "digest",
    "digest": "digest",
    "ranking": "digest",
}
"""What a language model can be asked for, and the kind of pages that shows it."""
TASKS = tuple(SHOWN_ON)
# arXiv's API gives at most 2,000 entries a page: the manual's section 3.1.1.2.
MAX_PAGE = 2000
# Beyond 10,000 the API fails rather than pages on.
MAX_DEPTH = 10_000


@dataclass(frozen=True, slots=True)
class Pages:
    """Which pages are written beside the README's tables and the topics' pages."""

    weekly: bool = False
    """A page a topic and week, with a section for each announcement."""
    digest: bool = False
    """A page a topic and announcement, with ten papers in full."""
    bilingual: bool = False
    """A page a topic and announcement, with every paper and its translation where there is one."""
    feeds: bool = False
    """An Atom feed, a BibTeX file and the facts as JSON for each topic, and a feed of all."""

    @property
    def are_dated(self) -> bool:
        """Whether there are pages of days or weeks."""
        return self.weekly or self.digest or self.bilingual


@dataclass(frozen=True, slots=True)
class Llm:
    """What a language model adds, if the environment names one."""

    tasks: tuple[str, ...] = ()
    """What is asked for; nothing means that no model is asked."""
    language: str = "en"
    """The code of the language that it writes in."""
    max_papers_per_night: int = 50
    """Papers that a night asks about, at most, however many tasks there are."""
    max_tokens_per_night: int = 200_000
    """Tokens of a night's questions and answers, at most."""
    first_page: bool = True
    """Whether summaries are made from the first page of the PDF too."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default."""

    max_papers: int = 100
    """Papers kept for each topic."""
    issue_papers: int = 15
    """Papers listed for each topic in the nightly issue."""
    categories: tuple[str, ...] = ("cs.*", "stat.*")
    """The categories a paper must carry one of; none means all of arXiv."""
    sort: str = "updated"
    """`updated`: by the current version's time; `submitted`: by the first version's."""
    columns: tuple[str, ...] = ("Title", "Date", "Abstract", "Comment")
    """The README tables' columns, in order."""
    timezone: tzinfo = UTC
    """Of the dates that are the project's own; papers carry arXiv's dates, in UTC."""
    deadline_minutes: int = 20
    """Minutes after which a night asks arXiv nothing more; the workflow allows for 60."""
    catch_up_papers: int = 2000
    """Papers a night looks back over for each topic, at most, after nights that were missed."""
    pages: Pages = Pages()
    llm: Llm = Llm()


def load_settings(root: Path) -> Settings:
    """Read the settings of `root`/pyproject.toml; without the file or the table, the defaults.

    Raises InputError with every unknown key and bad value.
    """
    try:
        text = (root / PYPROJECT).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return Settings()
    except (UnicodeDecodeError, OSError) as error:
        raise _unreadable(error) from None
    return settings_in(text)


def settings_in(text: str) -> Settings:
    """Read the settings of a pyproject.toml's text. Raises InputError as `load_settings`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(error) from None
    tool = document.get("tool", {})
    table = tool.get("daily-papers", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise InputError([f"{PYPROJECT}: tool.daily-papers must be a table, {TABLE}"])
    return parse_settings(table)


def _unreadable(error: Exception) -> InputError:
    return InputError(
        [f"{PYPROJECT}: it cannot be read: {error}; mend that line, or undo your last edit"]
    )


def parse_settings(table: Mapping[str, Any]) -> Settings:
    """Check a `[tool.daily-papers]` table. Raises InputError with every fault."""
    problems: list[str] = []
    plain = {key: value for key, value in table.items() if key not in _TABLES}
    values = _read_table("tool.daily-papers", plain, _READERS, problems)
    for name, (make, readers) in _TABLES.items():
        inner = table.get(name, {})
        where = f"tool.daily-papers.{name}"
        if isinstance(inner, dict):
            values[name] = make(**_read_table(where, inner, readers, problems))
        else:
            problems.append(f"{PYPROJECT}: {where} must be a table, [{where}]")
    if problems:
        raise InputError(problems)
    return Settings(**values)


def _read_table(
    name: str,
    table: Mapping[str, Any],
    readers: Mapping[str, Callable[[Any], Any]],
    problems: list[str],
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in table.items():
        read = readers.get(key)
        if read is None:
            near = difflib.get_close_matches(key, readers, n=1)
            tables = [one for one, (_, own) in _TABLES.items() if key in own or f"{key}s" == one]
            if near:
                hint = f"did you mean {near[0]}?"
            elif tables and readers is _READERS:
                hint = f"it belongs into the table [tool.daily-papers.{tables[0]}]"
            else:
                hint = f"known are {', '.join(readers)}"
                hint += f", and the tables {', '.join(_TABLES)}" if readers is _READERS else ""
            problems.append(f"{PYPROJECT}: [{name}] {key}: there is no such setting; {hint}")
            continue
        try:
            values[key.replace("-", "_")] = read(value)
        except ValueError as error:
            problems.append(f"{PYPROJECT}: [{name}] {key}: {error}, not {value!r}")
    return values


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("it must be true or false")  # noqa: TRY004 - faults of settings are alike
    return value


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"it must be a whole number from {low} to {high}")
        return value

    return read


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: object) -> str:
        if value not in choices:
            quoted = " or ".join(f'"{choice}"' for choice in choices)
            raise ValueError(f"it must be {quoted}")
        return str(value)

    return read


def _columns(value: object) -> tuple[str, ...]:
    if (
        not isinstance(value, list)
        or not value
        or any(item not in COLUMNS for item in value)
        or len(set(value)) != len(value)
    ):
        raise ValueError(f"it must be a list of some of {', '.join(COLUMNS)}, each once")
    if "Title" not in value:
        raise ValueError("it must contain Title")
    return tuple(value)


def _categories(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError('it must be a list of arXiv categories such as "cs.*", "cs.CV", "hep-th"')
    faults = [fault for item in value if (fault := category_fault(item))]
    if faults:
        raise ValueError(f"it must hold arXiv's categories ({'; '.join(faults)})")
    return tuple(dict.fromkeys(value))


def _tasks(value: object) -> tuple[str, ...]:
    if (
        not isinstance(value, list)
        or any(item not in TASKS for item in value)
        or len(set(value)) != len(value)
    ):
        raise ValueError(f"it must be a list of some of {', '.join(TASKS)}, each once")
    return tuple(value)


def _timezone(value: object) -> tzinfo:
    if value == "UTC":
        return UTC
    try:
        if isinstance(value, str) and value:
            return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise ValueError('it must be a time zone such as "UTC", "Europe/Berlin" or "Asia/Shanghai"')


_READERS: dict[str, Callable[[Any], Any]] = {
    "max-papers": _whole(1, MAX_PAGE),
    "issue-papers": _whole(1, 200),
    "categories": _categories,
    "sort": _one_of(SORTS),
    "columns": _columns,
    "timezone": _timezone,
    "deadline-minutes": _whole(1, 60),
    "catch-up-papers": _whole(1, MAX_DEPTH),
}

_TABLES: dict[str, tuple[Callable[..., Any], Mapping[str, Callable[[Any], Any]]]] = {
    "pages": (Pages, dict.fromkeys(("weekly", "digest", "bilingual", "feeds"), _switch)),
    "llm": (
        Llm,
        {
            "tasks": _tasks,
            "language": _one_of(tuple(load("languages"))),
            "max-papers-per-night": _whole(1, 1000),
            "max-tokens-per-night": _whole(1000, 100_000_000),
            "first-page": _switch,
        },
    ),
}
"""The tables within the table, by name: what they make, and how each setting is read."""


def is_address(value: str) -> bool:
    """Whether a value is an http or https address."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


@dataclass(frozen=True, slots=True)
class Environment:
    """Addresses and names that come from environment variables: arXiv's, Actions' own, a model's.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    """

    arxiv_api_url: str = "https://export.arxiv.org/api/query"
    arxiv_rss_url: str = "https://rss.arxiv.org"
    arxiv_pdf_url: str = "https://export.arxiv.org/pdf"
    github_api_url: str = "https://api.github.com"
    github_server_url: str = "https://github.com"
    github_repository: str = ""
    """`owner/name`, or empty outside Actions."""
    github_token: str = field(default="", repr=False)
    github_step_summary: str = ""
    """The file to which a step's summary is appended, or empty."""
    in_actions: bool = False
    scheduled: bool = False
    """Whether the clock started this run in Actions, and no person."""
    openai_api_key: str = field(default="", repr=False)
    openai_base_url: str = field(default="", repr=False)
    """Where a language model is asked, or empty for OpenAI's; it may hold a name and a key."""
    llm_model: str = ""
    """The model's name there."""

    @property
    def repository_url(self) -> str:
        """The repository's page, or empty when it is not known."""
        if not self.github_repository:
            return ""
        return f"{self.github_server_url}/{self.github_repository}"

    @property
    def user_agent(self) -> str:
        """The name under which arXiv sees this copy of the project."""
        about = f" (+{self.repository_url})" if self.repository_url else ""
        return f"daily-papers/{__version__}{about}"


def load_environment(variables: Mapping[str, str] = os.environ) -> Environment:
    """Read the variables; an empty one counts as unset. Raises InputError for a bad address."""
    found: dict[str, str] = {}
    problems: list[str] = []
    for name in (
        "ARXIV_API_URL",
        "ARXIV_RSS_URL",
        "ARXIV_PDF_URL",
        "GITHUB_API_URL",
        "GITHUB_SERVER_URL",
        "GITHUB_REPOSITORY",
        "GITHUB_TOKEN",
        "GITHUB_STEP_SUMMARY",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "LLM_MODEL",
    ):
        value = variables.get(name, "").strip()
        if not value:
            continue
        # What is wrong about the model's address makes a night without its texts, and no more.
        if name.endswith("_URL") and name != "OPENAI_BASE_URL":
            value = value.rstrip("/")
            if not is_address(value):
                problems.append(f"{name}: it must be an http or https address, not {value!r}")
        found[name.lower()] = value
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
