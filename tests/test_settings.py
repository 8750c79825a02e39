import os
import subprocess
import sys
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daily_papers.errors import InputError
from daily_papers.settings import (
    PYPROJECT,
    Environment,
    Llm,
    Pages,
    Settings,
    load_environment,
    load_settings,
    parse_settings,
    settings_in,
)

TABLE = "daily-papers.toml: [tool.daily-papers]"
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
KEYS = (
    "max-papers",
    "issue-papers",
    "attention",
    "notify",
    "channels",
    "release",
    "close-notices",
    "categories",
    "sort",
    "columns",
    "readme-papers",
    "links",
    "timezone",
    "deadline-minutes",
    "catch-up-papers",
)


def problems_of(table: dict[str, Any]) -> tuple[str, ...]:
    """Return the faults of a table."""
    with pytest.raises(InputError) as caught:
        parse_settings(table)
    return caught.value.problems


def test_the_defaults_are_those_of_the_documentation() -> None:
    """Without a table every setting has its documented default."""
    found = parse_settings({})
    assert found == Settings(
        max_papers=100,
        issue_papers=15,
        categories=("cs.*", "stat.*"),
        sort="updated",
        columns=("Title", "Date", "Abstract", "Comment"),
        timezone=UTC,
        deadline_minutes=20,
        catch_up_papers=2000,
    )


def test_the_settings_of_a_model() -> None:
    """Without its table no model is asked; each key of the table reaches its setting."""
    assert parse_settings({}).llm == Llm(
        tasks=(),
        language="en",
        max_papers_per_night=50,
        max_tokens_per_night=200_000,
        first_page=True,
    )
    table = {
        "tasks": ["summary", "digest"],
        "language": "zh",
        "max-papers-per-night": 10,
        "max-tokens-per-night": 50_000,
        "first-page": False,
    }
    assert parse_settings({"llm": table}).llm == Llm(("summary", "digest"), "zh", 10, 50_000, False)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("tasks", ["summaries"], "it must be a list of some of summary, translation, analysis,"),
        ("tasks", ["summary", "summary"], "each once"),
        ("tasks", "summary", "it must be a list"),
        ("tasks", [{}], "it must be a list"),
        ("language", "Chinese", 'it must be "en" or "zh" or'),
        ("max-papers-per-night", 0, "a whole number from 1"),
        ("max-tokens-per-night", 1.5, "a whole number from 1000"),
        ("first-page", "no", "it must be true or false"),
        ("model", "gpt", "there is no such setting; known are tasks, language,"),
        ("task", ["summary"], "did you mean tasks?"),
    ],
)
def test_a_wrong_setting_of_a_model_is_refused(key: str, value: object, told: str) -> None:
    """A task, a language or a number that is not allowed is refused by name."""
    (problem,) = problems_of({"llm": {key: value}})
    assert problem.startswith(f"daily-papers.toml: [tool.daily-papers.llm] {key}: ")
    assert told in problem


def test_a_wrong_endpoint_of_a_model_is_no_error_at_first() -> None:
    """Wrong variables of a language model are no error until it is asked."""
    found = load_environment({"OPENAI_BASE_URL": "nowhere", "OPENAI_API_KEY": " key\n"})
    assert (found.openai_base_url, found.openai_api_key) == ("nowhere", "key")
    assert "key" not in repr(found).replace("arxiv_api_key_header", "")


def test_the_settings_of_this_copy_can_be_used() -> None:
    """The settings in this repository are accepted."""
    assert isinstance(load_settings(Path(__file__).parents[1]), Settings)


def test_every_setting_can_be_set() -> None:
    """Each key of the table reaches the setting of its name."""
    found = parse_settings(
        {
            "max-papers": 7,
            "issue-papers": 3,
            "categories": ["cs.CV", "hep-th", "cs.CV"],
            "sort": "submitted",
            "columns": ["Date", "Title", "Authors", "Categories"],
            "timezone": "Asia/Shanghai",
            "deadline-minutes": 5,
            "catch-up-papers": 400,
        }
    )
    assert found == Settings(
        max_papers=7,
        issue_papers=3,
        categories=("cs.CV", "hep-th"),
        sort="submitted",
        columns=("Date", "Title", "Authors", "Categories"),
        timezone=ZoneInfo("Asia/Shanghai"),
        deadline_minutes=5,
        catch_up_papers=400,
    )


@pytest.mark.parametrize(
    "category", ["cs.*", "cs.CV", "hep-th", "cond-mat.mtrl-sci", "q-bio.NC", "physics.flu-dyn"]
)
def test_each_form_of_a_category_is_taken(category: str) -> None:
    """Archives, subject classes and the wildcard for a whole archive are accepted."""
    assert parse_settings({"categories": [category]}).categories == (category,)


def test_an_unknown_category_is_refused_with_the_nearest_one() -> None:
    """An unknown category would find nothing; the error suggests the nearest one."""
    with pytest.raises(InputError) as caught:
        parse_settings({"categories": ["cs.CVV", "cs.CV", "math"]})
    (problem,) = caught.value.problems
    assert problem.startswith(
        "daily-papers.toml: [tool.daily-papers] categories: it must hold arXiv's categories (arXiv "
        "has no category 'cs.CVV'; did you mean cs.CV?; math is a whole archive; write math.*), not"
    )


def test_no_categories_mean_all_of_arxiv() -> None:
    """An empty list is a choice, not a fault."""
    assert parse_settings({"categories": []}).categories == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max-papers", 0),
        ("max-papers", 2001),
        ("max-papers", "100"),
        ("max-papers", 10.5),
        ("max-papers", True),
        ("issue-papers", 0),
        ("issue-papers", 201),
        ("categories", "cs.CV"),
        ("categories", ["cs.CV OR all:x"]),
        ("categories", ["cs.CV\n"]),
        ("categories", [1]),
        ("sort", "newest"),
        ("sort", ["updated"]),
        ("columns", []),
        ("columns", "Title"),
        ("columns", ["Title", "Title"]),
        ("columns", ["Date", "Abstract"]),
        ("columns", ["Title", "Institution"]),
        ("columns", ["Title", ["Date"]]),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "Europe"),
        ("timezone", ""),
        ("timezone", 1),
        ("deadline-minutes", 0),
        ("catch-up-papers", 10_001),
    ],
)
def test_a_bad_value_is_refused_by_name(key: str, value: object) -> None:
    """A value out of range or of a wrong type gives an error with its key and what is allowed."""
    (problem,) = problems_of({key: value})
    assert problem.startswith(f"{TABLE} {key}: it must ")
    assert problem.endswith(f", not {value!r}")


def test_an_unknown_key_is_refused_with_the_one_that_was_meant() -> None:
    """A misspelt key is an error that suggests the right one."""
    assert problems_of({"max_paper": 5}) == (
        f"{TABLE} max_paper: there is no such setting; did you mean max-papers?",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[tool.daily-papers.page]\nweekly = true",
            "did you mean the table [tool.daily-papers.pages]?",
        ),
        ("[tool.daily_papers]\nmax-papers = 3", "did you mean [tool.daily-papers]?"),
        ("[tool.daily-paper]\nmax-papers = 3", "did you mean [tool.daily-papers]?"),
        (f"a = {'[' * 9000}", "nested too deeply"),
        ("a = " + "[\n" * 100_000, "nested too deeply"),
        (f"a = {'{a=' * 3000}", "nested too deeply"),
        (f"a = {'9' * 5000}", "4300 digits"),
        (f"a{'.a' * 100_000} = 1", "line 1 has 200,005 characters"),
    ],
)
def test_a_file_that_cannot_be_meant_is_told(text: str, told: str) -> None:
    """A name of the table that is misspelt, and nesting that no reader survives, are errors."""
    with pytest.raises(InputError) as caught:
        settings_in({PYPROJECT: text})
    (problem,) = caught.value.problems
    assert problem.startswith("pyproject.toml: ")
    assert told in problem


def test_an_unknown_key_like_no_other_lists_the_known() -> None:
    """A key that resembles no setting gets the list of all."""
    (problem,) = problems_of({"zzz": 5})
    known = f"{', '.join(KEYS)}, and the tables pages, llm"
    assert problem == f"{TABLE} zzz: there is no such setting; known are {known}"


@pytest.mark.parametrize(
    ("key", "table"), [("weekly", "pages"), ("page", "pages"), ("tasks", "llm")]
)
def test_a_setting_outside_of_its_table_is_told_where_it_belongs(key: str, table: str) -> None:
    """A setting outside of its table gets an error that names the table."""
    (problem,) = problems_of({key: True})
    assert f"[tool.daily-papers.{table}]" in problem


def test_every_fault_of_the_table_is_in_one_error() -> None:
    """Three faults give three problems, in the order of the table."""
    problems = problems_of({"sort": "up", "max-papers": 5, "colums": [], "issue-papers": -1})
    assert [problem.removeprefix(TABLE).split(":")[0].strip() for problem in problems] == [
        "sort",
        "colums",
        "issue-papers",
    ]


@given(st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=12), VALUES, max_size=4))
def test_any_table_gives_settings_or_faults(table: dict[str, Any]) -> None:
    """Any table gives settings within their ranges, or a list of its faults."""
    found = Settings()
    problems: tuple[str, ...] = ()
    try:
        found = parse_settings(table)
    except InputError as error:
        problems = error.problems
        assert problems
    places = (
        f"{TABLE} ",
        "daily-papers.toml: tool.daily-papers.",
        "daily-papers.toml: [tool.daily-",
    )
    assert all(problem.startswith(places) for problem in problems)
    assert problems or table.keys() <= {*KEYS, "pages"}
    assert 1 <= found.max_papers <= 2000
    assert "Title" in found.columns


@pytest.mark.parametrize(
    "text",
    ["", "[project]\nname = 'mine'\n", "[tool.ruff]\nline-length = 9\n", "[tool.daily-papers]\n"],
)
def test_a_file_without_settings_gives_the_defaults(tmp_path: Path, text: str) -> None:
    """The table may be absent or empty."""
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert load_settings(tmp_path) == Settings()


@pytest.mark.parametrize("name", ["daily-papers.toml", "pyproject.toml"])
def test_settings_stand_in_either_file(tmp_path: Path, name: str) -> None:
    """The same table is read from the file of its own and from pyproject.toml."""
    (tmp_path / name).write_text("[tool.daily-papers]\nmax-papers = 7\n", encoding="utf-8")
    assert load_settings(tmp_path) == Settings(max_papers=7)


def test_a_file_of_its_own_needs_no_table(tmp_path: Path) -> None:
    """The name of the table may be left out where the file has nothing else."""
    text = "max-papers = 7\n[pages]\nfeeds = true\n"
    (tmp_path / "daily-papers.toml").write_text(text, encoding="utf-8")
    assert load_settings(tmp_path) == Settings(max_papers=7, pages=Pages(feeds=True))


@pytest.mark.parametrize(
    ("own", "project", "told"),
    [
        (
            "max-papers = 7",
            "[tool.daily-papers]\nsort = 'updated'",
            "pyproject.toml: daily-papers.",
        ),
        ("[tool.daily-paper]\nmax-papers = 7", "", "daily-papers.toml: [tool.daily-paper]: "),
        ("[daily-papers]\nmax-papers = 7", "", "daily-papers.toml: [daily-papers]: there is no"),
        ("", "[daily-papers]\nsort = 'x'", "pyproject.toml: [daily-papers]: there is no such"),
        ('tool = "x"\nmax-papers = 0\n', "", "daily-papers.toml: tool: only the table [tool."),
        ("max-papers = 7\n[tool.daily-papers]", "", "daily-papers.toml: max-papers: only [tool."),
    ],
)
def test_a_setting_that_would_be_ignored_is_told(
    tmp_path: Path, own: str, project: str, told: str
) -> None:
    """Settings in both files, and text that no setting is read from, are faults."""
    (tmp_path / "daily-papers.toml").write_text(own, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(project, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_settings(tmp_path)
    (problem,) = caught.value.problems
    assert problem.startswith(told)


def test_the_file_of_the_project_leaves_room_for_the_other(tmp_path: Path) -> None:
    """A file whose tables are empty does not keep settings in pyproject.toml from being read."""
    text = "[tool.daily-papers]\n# sort = 'x'\n[tool.daily-papers.pages]\n"
    (tmp_path / "daily-papers.toml").write_text(text, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[tool.daily-papers]\nmax-papers = 7\n")
    assert load_settings(tmp_path) == Settings(max_papers=7)


def test_no_file_gives_the_defaults(tmp_path: Path) -> None:
    """A folder without pyproject.toml has the defaults."""
    assert load_settings(tmp_path) == Settings()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[tool.daily-papers]\nsort = updated\n", "pyproject.toml: it cannot be read: "),
        (b"a = 1\nb = '\xe9'\n", "pyproject.toml:2: it is not UTF-8; save the file with "),
    ],
)
def test_a_file_that_is_no_toml_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    """Broken TOML and broken UTF-8 give an error of one line, no traceback."""
    (tmp_path / "pyproject.toml").write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_settings(tmp_path)
    (problem,) = caught.value.problems
    assert problem.startswith(told)


@pytest.mark.parametrize("text", ["[tool]\ndaily-papers = 3\n", "tool.daily-papers = []\n"])
def test_a_table_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    """A value that is not a table is refused, not ignored."""
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="must be a table"):
        load_settings(tmp_path)


def test_the_defaults_need_no_time_zones_on_the_machine() -> None:
    """The default time zone, UTC, works without a time zone database."""
    command = "from daily_papers.settings import Settings, parse_settings as p; p({}); Settings()"
    subprocess.run(
        [sys.executable, "-c", command], check=True, env=os.environ | {"PYTHONTZPATH": ""}
    )


def test_the_environment_has_the_public_addresses_by_default() -> None:
    """Without variables, arXiv and GitHub have their public addresses."""
    found = load_environment({})
    assert found == Environment()
    assert found.arxiv_api_url == "https://export.arxiv.org/api/query"
    assert found.arxiv_oai_url == "https://oaipmh.arxiv.org/oai"
    assert found.github_api_url == "https://api.github.com"
    assert found.repository_url == ""
    assert not found.in_actions


def test_every_variable_is_read() -> None:
    """Each variable reaches its field; a URL loses the slash at its end."""
    found = load_environment(
        {
            "ARXIV_API_URL": "http://127.0.0.1:1/api/query",
            "ARXIV_OAI_URL": "http://127.0.0.1:1/",
            "GITHUB_API_URL": "https://ghe.example/api/v3",
            "GITHUB_SERVER_URL": "https://ghe.example",
            "GITHUB_REPOSITORY": "someone/papers",
            "GITHUB_TOKEN": "secret-token",
            "GITHUB_STEP_SUMMARY": "summary.md",
            "GITHUB_ACTIONS": "true",
        }
    )
    assert found == Environment(
        arxiv_api_url="http://127.0.0.1:1/api/query",
        arxiv_oai_url="http://127.0.0.1:1",
        github_api_url="https://ghe.example/api/v3",
        github_server_url="https://ghe.example",
        github_repository="someone/papers",
        github_token="secret-token",  # noqa: S106 - it opens nothing
        github_step_summary="summary.md",
        in_actions=True,
    )
    assert found.repository_url == "https://ghe.example/someone/papers"


def test_an_empty_variable_counts_as_unset() -> None:
    """An empty variable, as a workflow passes it for an empty input, gives the default."""
    assert load_environment({"ARXIV_API_URL": "", "GITHUB_TOKEN": "  "}) == Environment()


def test_a_bad_variable_is_refused_by_name() -> None:
    """One error names every variable with a wrong value, and what it must be."""
    with pytest.raises(InputError) as caught:
        load_environment(
            {
                "ARXIV_API_URL": "ftp://x",
                "GITHUB_API_URL": "api.github.com",
                "GITHUB_REPOSITORY": "../x/y",
            }
        )
    assert caught.value.problems == (
        "ARXIV_API_URL: it must be an http or https address, not 'ftp://x'",
        "GITHUB_API_URL: it must be an http or https address, not 'api.github.com'",
        "GITHUB_REPOSITORY: it must be OWNER/NAME, not '../x/y'",
    )


@given(
    st.dictionaries(
        st.sampled_from(["ARXIV_API_URL", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY"]),
        st.text(max_size=12) | st.text("htps:/[]a1.?#@", max_size=12).map("http://".__add__),
    )
)
def test_any_environment_is_read_or_refused(variables: dict[str, str]) -> None:
    """No value of a variable gives a traceback."""
    try:
        found = load_environment(variables)
    except InputError:
        return
    assert found.arxiv_api_url.startswith(("http://", "https://"))


def test_the_token_is_not_shown_with_the_environment() -> None:
    """The token is not in the printed form of the environment, as in a traceback or a log."""
    assert "secret" not in repr(load_environment({"GITHUB_TOKEN": "secret-token"}))


def test_arxiv_learns_which_copy_of_the_project_asks() -> None:
    """The User-Agent names the project, its version and, if known, the repository."""
    assert load_environment({}).user_agent.startswith("daily-papers/")
    found = load_environment({"GITHUB_REPOSITORY": "someone/papers"})
    assert found.user_agent.endswith(" (+https://github.com/someone/papers)")


def test_pages_are_switched_in_a_table_of_their_own() -> None:
    """Each kind of page has a switch, and all are off by default."""
    assert parse_settings({}).pages == Pages(
        weekly=False, digest=False, bilingual=False, feeds=False
    )
    found = parse_settings({"pages": {"weekly": True, "feeds": True}})
    assert found.pages == Pages(weekly=True, feeds=True)
    assert found.max_papers == 100


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"weekly": "yes"}, "[tool.daily-papers.pages] weekly: it must be true or false"),
        ({"weekley": True}, "[tool.daily-papers.pages] weekley: there is no such setting; did you"),
        (True, "tool.daily-papers.pages must be a table, [tool.daily-papers.pages]"),
    ],
)
def test_a_fault_in_the_table_of_pages_is_told_with_its_place(table: object, told: str) -> None:
    """A wrong value and an unknown switch are refused with the name of their table."""
    with pytest.raises(InputError) as caught:
        parse_settings({"pages": table, "max-papers": 0})
    assert len(caught.value.problems) == 2
    assert any(told in problem for problem in caught.value.problems)
