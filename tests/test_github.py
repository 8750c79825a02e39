import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import VirtualClock
from daily_papers.errors import DailyPapersError
from daily_papers.publish import github as module
from daily_papers.publish.github import GitHub, GitHubError
from standin_github import REPOSITORY, TOKEN, TROUBLES, FakeGitHub

LABEL = "daily-papers"


@pytest.fixture
def server() -> Iterator[FakeGitHub]:
    """Return a stand-in for GitHub on loopback."""
    with FakeGitHub() as fake:
        yield fake


@pytest.fixture
def github(server: FakeGitHub, clock: VirtualClock) -> GitHub:
    """Return the repository with a valid token."""
    return GitHub(server.api_url, REPOSITORY, TOKEN, clock=clock)


def bodies(github: GitHub) -> object:
    """Return the bodies of the notices."""
    return [one.body for one in github.latest_issues(LABEL)]


def label(github: GitHub) -> object:
    """Create the label."""
    github.ensure_label(LABEL)
    return None


def post(github: GitHub) -> object:
    """Open an issue."""
    return github.open_issue("7 new papers", "Body", [LABEL])


def comment(github: GitHub) -> object:
    """Add a comment."""
    github.comment(1, "Text")
    return None


def close(github: GitHub) -> object:
    """Close an issue."""
    github.close_issue(1)
    return None


CALLS = {"bodies": bodies, "post": post, "comment": comment, "close": close}


def told(error: BaseException) -> str:
    """Return everything that a log of the error could contain, with our local variables."""
    text = "".join(traceback.format_exception(error))
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_globals["__name__"] == module.__name__:
            text += repr(frame.f_locals)
    link: BaseException | None = error
    while link is not None:
        text += f"{link} {link!r} {vars(link)}"
        link = link.__cause__ or link.__context__
    return text


def test_open_issue(server: FakeGitHub, github: GitHub) -> None:
    """An issue is opened with title, body and labels, and returned with number and URL."""
    issue = github.open_issue("7 new papers - November 20, 2026", "Zwölf | Wörter", [LABEL])
    assert (issue.number, issue.url) == (1, f"https://github.com/{REPOSITORY}/issues/1")
    assert issue.is_open
    assert server.posts()[0].body == {
        "title": "7 new papers - November 20, 2026",
        "body": "Zwölf | Wörter",
        "labels": [LABEL],
    }


def test_headers(server: FakeGitHub, github: GitHub) -> None:
    """Each request has the API's version, the token and a User-Agent with the repository."""
    post(github)
    headers = server.requests[0].headers
    assert headers["Accept"] == "application/vnd.github+json"
    assert headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["User-Agent"] == f"daily-papers ({REPOSITORY})"


def test_netrc_does_not_replace_the_token(
    server: FakeGitHub, github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password for the same host in ~/.netrc is not used instead of the token."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    post(github)
    assert server.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_address_with_slash(server: FakeGitHub) -> None:
    """GITHUB_API_URL may end with a slash."""
    github = GitHub(f"{server.api_url}/", REPOSITORY, TOKEN)
    post(github)
    assert repr(github) == f"GitHub('{server.api_url}/repos/{REPOSITORY}')"


@given(size=st.integers(0, 65_536))
@settings(max_examples=5)
def test_longest_issue(size: int) -> None:
    """A body of any size up to 65,536 characters is posted, also with non-ASCII characters."""
    with FakeGitHub() as server:
        GitHub(server.api_url, REPOSITORY, TOKEN).open_issue("t" * 256, "é" * size, [])
        assert server.issues[0]["body"] == "é" * size


@pytest.mark.parametrize(("title", "body"), [("t" * 257, "b"), ("t", "b" * 65_537)])
def test_issue_too_long(server: FakeGitHub, github: GitHub, title: str, body: str) -> None:
    """A title or body that is too long for GitHub is an error before it is sent."""
    with pytest.raises(GitHubError, match=r"Lower issue-papers in daily-papers\.toml"):
        github.open_issue(title, body, [])
    assert server.requests == []


def test_comment_and_close(server: FakeGitHub, github: GitHub) -> None:
    """An issue gets a comment, and is closed as completed."""
    post(github)
    github.comment(1, "It is over.")
    github.close_issue(1)
    assert server.comments == {1: ["It is over."]}
    assert server.requests[-1].body == {"state": "closed", "state_reason": "completed"}
    assert [one.is_open for one in github.latest_issues(LABEL)] == [False]


def test_default_branch(server: FakeGitHub, github: GitHub) -> None:
    """The default branch's name is GitHub's; without an answer it is unknown."""
    server.default_branch = "trunk"
    assert github.default_branch() == "trunk"
    server.play("missing")
    assert github.default_branch() == ""


def test_latest_issues(server: FakeGitHub, github: GitHub) -> None:
    """Issues with the label are listed newest first, with closed ones and without pull requests."""
    server.add_issue("old", "first", (LABEL,), state="closed")
    server.add_issue("of somebody", "other", ("bug",))
    server.add_issue("a change", "patch", (LABEL,), pull_request={})
    server.add_issue("empty", None, (LABEL, "seen"))
    server.add_issue("new", "last", (LABEL,))
    assert bodies(github) == ["last", "", "first"]
    assert len(server.requests) == 1
    assert [one.title for one in github.latest_issues(LABEL, limit=1)] == ["new"]
    assert len(server.requests) == 2
    assert github.latest_issues("unused") == []


@given(
    kinds=st.lists(st.booleans(), max_size=40),
    limit=st.integers(1, 30),
)
@settings(max_examples=15)
def test_pages_of_issues(kinds: list[bool], limit: int) -> None:
    """With any mix of pull requests, the newest issues are listed once each, up to the limit."""
    with FakeGitHub() as server:
        for number, is_issue in enumerate(kinds):
            more: dict[str, object] = {} if is_issue else {"pull_request": {}}
            server.add_issue("t", str(number), (LABEL,), **more)
        github = GitHub(server.api_url, REPOSITORY, TOKEN)
        found = [one.body for one in github.latest_issues(LABEL, limit)]
        pages = len(server.requests)
    wanted = [str(number) for number in reversed(range(len(kinds))) if kinds[number]][:limit]
    assert found == wanted[: len(found)]
    assert len(found) == len(wanted) or pages == module.PAGES


def test_label_is_created_once(server: FakeGitHub, github: GitHub) -> None:
    """A missing label is created, an existing one left alone."""
    label(github)
    label(github)
    assert server.labels[LABEL] == {"name": LABEL}
    assert len(server.posts("/labels")) == 1


def test_label_of_odd_name(server: FakeGitHub, github: GitHub) -> None:
    """A label's name may contain characters that have a meaning in a URL."""
    server.labels["a b/c?d"] = {"name": "a b/c?d"}
    github.ensure_label("a b/c?d")
    assert server.posts("/labels") == []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("kind", [*sorted(TROUBLES), "reset"])
def test_label_that_fails(
    server: FakeGitHub, github: GitHub, clock: VirtualClock, method: str, kind: str
) -> None:
    """A label that cannot be looked up or created does not stop the notice, and is not waited for.

    What is wrong for good is found when the issue is opened.
    """
    server.play(kind, method=method)
    label(github)
    assert len(server.requests) == (2 if (method, kind) == ("GET", "missing") else 1) or (
        method == "POST"
    )
    assert not clock.sleeps


SETTINGS = {
    "issues off": (410, "Settings → General → Features → Issues"),
    "no permission": (403, "Settings → Actions → General → Workflow permissions"),
    "secondary limit": (403, "slow down"),
    "used up": (403, "slow down"),
    "too many": (429, "slow down"),
    "bad token": (401, "GITHUB_TOKEN is missing, wrong or expired"),
    "missing": (404, "GITHUB_TOKEN may not see it"),
    "renamed": (301, "renamed or moved (/repositories/1/issues)"),
    "invalid": (422, "Validation Failed; Issue title missing_field"),
    "broken": (500, "GitHub has trouble"),
    "down": (503, "GitHub has trouble"),
    "teapot": (418, "check GITHUB_API_URL"),
    "garbage": (200, "check GITHUB_API_URL"),
    "deep": (200, "check GITHUB_API_URL"),
}


SHORT = {"secondary limit", "used up", "too many", "broken", "down"}


@pytest.mark.parametrize("call", sorted(CALLS))
@pytest.mark.parametrize("kind", sorted(SETTINGS))
def test_refusal(server: FakeGitHub, github: GitHub, kind: str, call: str) -> None:
    """Each refusal says what happened and what to do, and whether it is for good."""
    server.play(kind)
    status, words = SETTINGS[kind]
    with pytest.raises(GitHubError) as caught:
        CALLS[call](github)
    assert caught.value.status == status
    assert caught.value.is_final == (kind not in SHORT)
    assert words in str(caught.value)
    assert "in somebody/papers: " in str(caught.value)
    assert isinstance(caught.value, DailyPapersError)


@pytest.mark.parametrize(
    ("kind", "sleeps"),
    [
        ("no permission", []),
        ("broken", [5.0, 15.0, 45.0]),
        ("reset", [5.0, 15.0, 45.0]),
        ("too many", [60.0, 60.0, 60.0]),
    ],
)
def test_patience(
    server: FakeGitHub, github: GitHub, clock: VirtualClock, kind: str, sleeps: list[float]
) -> None:
    """A short failure is waited for, as long as GitHub asks; what is refused for good is not."""
    server.play(kind, method="POST")
    with pytest.raises(GitHubError):
        post(github)
    assert clock.sleeps == sleeps
    assert len(server.posts()) == 1 + len(sleeps)


@pytest.mark.parametrize("kind", ["broken", "down", "reset", "too many", "secondary limit"])
@pytest.mark.parametrize("call", sorted(CALLS))
def test_short_failure(server: FakeGitHub, github: GitHub, kind: str, call: str) -> None:
    """What fails twice on GitHub's side succeeds at the third attempt."""
    server.add_issue("new", "body", (LABEL,))
    server.play(kind, times=2)
    CALLS[call](github)


def test_limit_that_lasts_too_long(
    server: FakeGitHub, github: GitHub, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit of hours is not waited for; when it ends may be a time of day."""
    monkeypatch.setitem(TROUBLES, "limit", (429, {"Retry-After": "7200"}, {}))
    server.play("limit", times=1)
    with pytest.raises(GitHubError, match="slow down"):
        post(github)
    assert clock.sleeps == []
    reset = str(int(clock.now().timestamp()) + 90)
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    monkeypatch.setitem(TROUBLES, "limit", (403, headers, {}))
    server.play("limit", times=1)
    post(github)
    assert clock.sleeps == [90.0]


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Retry-After": "60"}, "Forbidden"),
        ({"X-RateLimit-Remaining": "0"}, "Forbidden"),
        ({}, "You have exceeded a secondary rate limit."),
        ({}, "You have triggered an abuse detection mechanism."),
    ],
)
def test_forms_of_a_limit(
    server: FakeGitHub,
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    headers: dict[str, str],
    words: str,
) -> None:
    """The headers or the message of a 403 show whether it is a rate limit."""
    monkeypatch.setitem(TROUBLES, "limit", (403, headers, {"message": words}))
    server.play("limit")
    with pytest.raises(GitHubError, match="GitHub asks to slow down"):
        post(github)


@pytest.mark.parametrize("kind", ["lost", "lost and broken"])
def test_issue_is_never_posted_twice(server: FakeGitHub, github: GitHub, kind: str) -> None:
    """If the answer to a POST is lost, the issue is looked for before it is posted again."""
    server.add_issue("7 new papers", "Another body", (LABEL,))
    server.play(kind, method="POST", times=1)
    assert github.open_issue("7 new papers", "Body\n", [LABEL]).number == 2
    assert len(server.posts()) == 1
    assert len(server.issues) == 2


def test_created_without_address(
    server: FakeGitHub, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An issue counts as opened even if GitHub does not return its URL."""
    monkeypatch.setitem(TROUBLES, "created in silence", (201, {}, ""))
    server.play("created in silence")
    assert github.open_issue("7 new papers", "Body", [LABEL]).number == 0


@pytest.mark.parametrize("call", [bodies, post])
def test_hang(
    server: FakeGitHub,
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    call: Callable[[GitHub], object],
) -> None:
    """An answer that never comes is an error after the read timeout."""
    monkeypatch.setattr(module, "READ_TIMEOUT", 0.1)
    server.play("hang")
    with pytest.raises(GitHubError, match="did not answer in time"):
        call(github)


def test_unreachable(clock: VirtualClock) -> None:
    """If the connection is refused, the error has the system's message, without internals."""
    with FakeGitHub() as server:
        gone = server.api_url
    with pytest.raises(GitHubError, match=r"the connection failed \(Connection refused\)"):
        bodies(GitHub(gone, REPOSITORY, TOKEN, clock=clock))


@pytest.mark.parametrize("call", sorted(CALLS))
@pytest.mark.parametrize("kind", [*sorted(SETTINGS), "hang", "reset", "echo"])
def test_token_is_never_told(
    server: FakeGitHub,
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    call: str,
) -> None:
    """No failure puts the token into an error, its chain, its traceback or a log."""
    caplog.set_level(0)
    monkeypatch.setattr(module, "READ_TIMEOUT", 0.05)
    monkeypatch.setitem(TROUBLES, "echo", (403, {}, {"message": f"Bad token {TOKEN}!"}))
    server.play(kind)
    with pytest.raises(GitHubError) as caught:
        CALLS[call](github)
    assert TOKEN not in told(caught.value)
    assert caught.value.__context__ is None
    assert TOKEN not in caplog.text


def test_token_is_not_in_repr(github: GitHub) -> None:
    """Printing the object does not print the token."""
    assert TOKEN not in repr(github)
    assert TOKEN not in repr(vars(github))


@pytest.mark.parametrize("token", ["two\nlines", "schlüssel", "nul\0"])
def test_unusable_token(token: str) -> None:
    """An invalid token is refused without quoting it."""
    with pytest.raises(GitHubError, match="GITHUB_TOKEN has characters") as caught:
        GitHub("http://127.0.0.1:9", REPOSITORY, token)
    assert token not in str(caught.value)


def test_token_with_a_line_end(server: FakeGitHub) -> None:
    """White space around a token, as a copied secret has, is removed."""
    post(GitHub(server.api_url, REPOSITORY, f"{TOKEN}\n"))
    assert len(server.issues) == 1


@pytest.mark.parametrize("name", ["", "papers", "a/b/c", "../x", "a/b?c"])
def test_unusable_repository(name: str) -> None:
    """GITHUB_REPOSITORY must be owner/name."""
    with pytest.raises(GitHubError, match="must be the repository's owner/name"):
        GitHub("http://127.0.0.1:9", name, TOKEN)


def test_without_a_token(server: FakeGitHub) -> None:
    """Without a token the error names GITHUB_TOKEN."""
    with pytest.raises(GitHubError, match="GITHUB_TOKEN is missing"):
        bodies(GitHub(server.api_url, REPOSITORY, ""))
    assert "Authorization" not in server.requests[0].headers
