"""Open, find, comment and close issues with GitHub's REST API."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import requests

from daily_papers.backoff import Attempts, retry_after
from daily_papers.bearer_token import BearerToken
from daily_papers.clock import Clock, SystemClock
from daily_papers.errors import PROXY_LOGIN, DailyPapersError, is_proxy_login
from daily_papers.settings import is_address

CONNECT_TIMEOUT: Final = 10.0
"""Seconds to reach GitHub."""
READ_TIMEOUT: Final = 30.0
"""Seconds to wait for the next byte of the answer."""
ATTEMPTS: Final = 4
"""Attempts of a request that fails for a short time only."""
PAUSE: Final = 5.0
"""Seconds before the second attempt; three times as many before each further one."""
PATIENCE: Final = 900.0
"""Seconds after which no request is sent again, unless a caller has less."""
API_VERSION: Final = "2022-11-28"
# https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
PAGE_LIMIT: Final = 100
PAGES: Final = 5
"""The most pages of issues to read: pull requests are listed as issues too."""
# Neither is documented; GitHub refuses an issue beyond either.
MAX_TITLE: Final = 256
MAX_BODY: Final = 65_536
"""Code points."""

_MAX_QUOTE = 300
_MAX_NUMBER = 2**31
_WORKFLOW_PERMISSIONS = (
    "give the job the permission 'issues: write' in .github/workflows/nightly.yml, "
    "and see Settings → Actions → General → Workflow permissions"
)


_MEANINGS: Final[dict[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "GITHUB_TOKEN is missing, wrong or expired; set it again",
    HTTPStatus.FORBIDDEN: _WORKFLOW_PERMISSIONS,
    HTTPStatus.NOT_FOUND: (
        "there is no such repository, or GITHUB_TOKEN may not see it; check GITHUB_REPOSITORY, "
        f"and {_WORKFLOW_PERMISSIONS}"
    ),
    HTTPStatus.GONE: (
        "Issues are switched off; switch them on at Settings → General → Features → Issues"
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: "GitHub refuses what was sent",
}


class GitHubError(DailyPapersError):
    """What GitHub refused and which setting to change; `status` is None without an answer.

    `is_final` is whether GitHub will refuse it again until somebody changes something.
    """

    def __init__(self, message: str, status: int | None = None, *, is_final: bool = False) -> None:
        self.status = status
        self.is_final = is_final
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue that exists; `number` is 0 if GitHub opened it without saying its number."""

    number: int
    url: str
    title: str
    body: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class _Response:
    """An answer, or why there is none."""

    status: int | None
    headers: Mapping[str, str]
    data: Any
    """The body's JSON; None if it is not JSON."""
    failure: str
    """Why there is no answer; empty if there is one."""


class GitHub:
    """One repository, seen with the rights of `token`. Every method raises GitHubError."""

    def __init__(
        self,
        api_url: str,
        repository: str,
        token: str,
        *,
        clock: Clock | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """Use the values of GITHUB_API_URL, GITHUB_REPOSITORY (owner/name) and GITHUB_TOKEN.

        After `patience` seconds no request is sent again.
        """
        if not re.fullmatch(r"[\w-]+/(?!\.\.?$)[\w.-]+", repository, re.ASCII):
            raise GitHubError(
                f"GITHUB_REPOSITORY is {repository!r}; it must be the repository's owner/name"
            )
        token = token.strip()
        # Checked here, because the HTTP library would quote it in its error message.
        if not re.fullmatch(r"[!-~]*", token):
            raise GitHubError("GITHUB_TOKEN has characters that no token has; set it again")
        self._base = f"{api_url.rstrip('/')}/repos/{repository}"
        self._repository = repository
        self._auth = BearerToken(token)
        self._clock = clock or SystemClock()
        self._deadline = self._clock.monotonic() + patience

    def __repr__(self) -> str:
        return f"GitHub({self._base!r})"

    def facts(self) -> dict[str, Any]:
        """Return what GitHub says of the repository, such as `has_issues`; empty if nothing."""
        data = self._send("GET", "").data
        return data if isinstance(data, dict) else {}

    def default_branch(self) -> str:
        """Return the name of the repository's default branch; empty if GitHub does not say."""
        return str(self.facts().get("default_branch") or "")

    def pages_address(self) -> str:
        """Return the address of the site that a workflow may deploy; empty if Pages takes none."""
        what = "ask for GitHub Pages"
        try:
            answer = self._ask(what, "GET", "/pages")
        except GitHubError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return ""
            raise
        if not isinstance(answer.data, dict):
            raise self._error(what, answer)
        address = str(answer.data.get("html_url") or "")
        is_ready = answer.data.get("build_type") == "workflow" and is_address(address)
        return address if is_ready else ""

    def latest_issues(self, label: str, limit: int = 30) -> list[Issue]:
        """Return the newest issues with that label, open or closed, newest first."""
        found: list[Issue] = []
        page_size = min(limit, PAGE_LIMIT)
        for page in range(1, PAGES + 1):
            query = {
                "labels": label,
                "state": "all",
                "sort": "created",
                "direction": "desc",
                "per_page": str(page_size),
                "page": str(page),
            }
            what = "list the issues"
            answer = self._ask(what, "GET", "/issues", query=query)
            issues = answer.data
            if not isinstance(issues, list) or not all(isinstance(one, dict) for one in issues):
                raise self._error(what, answer)
            found += [_issue(one) for one in issues if "pull_request" not in one]
            if len(issues) < page_size or len(found) >= limit:
                break
        return found[:limit]

    def ensure_label(self, label: str) -> None:
        """Create the label if the repository does not have it, as far as that is possible.

        `latest_issues` needs it. It raises nothing: GitHub usually creates a label that it misses
        with the issue, and what is wrong for good, the issue meets too.
        """
        answer = self._send("GET", f"/labels/{quote(label, safe='')}")
        if answer.status == HTTPStatus.NOT_FOUND:
            self._send("POST", "/labels", body={"name": label})

    def open_issue(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """Open an issue, once: before it is posted again, it is looked for."""
        for name, text, most in (("title", title, MAX_TITLE), ("body", body, MAX_BODY)):
            if len(text) > most:
                raise GitHubError(
                    f"The notice's {name} is {len(text)} characters long; GitHub takes {most}. "
                    "Lower issue-papers in daily-papers.toml."
                )

        def posted() -> _Response | None:
            query = {"state": "all", "sort": "created", "direction": "desc", "per_page": "10"}
            answer = self._send("GET", "/issues", query=query)
            issues = answer.data if isinstance(answer.data, list) else []
            same = (one for one in issues if isinstance(one, dict) and _issue(one).title == title)
            found = next((one for one in same if _same_text(_issue(one).body, body)), None)
            return _Response(HTTPStatus.CREATED, {}, found, "") if found else None

        answer = self._ask(
            "open the issue",
            "POST",
            "/issues",
            body={"title": title, "body": body, "labels": list(labels)},
            fine=HTTPStatus.CREATED,
            done=posted,
        )
        return _issue(answer.data if isinstance(answer.data, dict) else {})

    def make_release(self, tag: str, title: str, body: str) -> None:
        """Make a release of the default branch; it is fine if one with that tag exists."""

        def made() -> _Response | None:
            answer = self._send("GET", f"/releases/tags/{quote(tag, safe='')}")
            return (
                _Response(HTTPStatus.CREATED, {}, {}, "")
                if answer.status == HTTPStatus.OK
                else None
            )

        if made():
            return
        release = {"tag_name": tag, "name": title, "body": body}
        what = "make the release"
        self._ask(what, "POST", "/releases", body=release, fine=HTTPStatus.CREATED, done=made)

    def comment(self, number: int, text: str) -> None:
        """Add a comment to an issue."""
        what, path = f"comment on issue {number}", f"/issues/{number}/comments"
        self._ask(what, "POST", path, body={"body": text}, fine=HTTPStatus.CREATED)

    def close_issue(self, number: int) -> None:
        """Close an issue as completed."""
        body = {"state": "closed", "state_reason": "completed"}
        what = f"close issue {number}"
        answer = self._ask(what, "PATCH", f"/issues/{number}", body=body)
        if not isinstance(answer.data, dict):
            raise self._error(what, answer)

    def _ask(
        self,
        what: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        fine: int = HTTPStatus.OK,
        done: Callable[[], _Response | None] = lambda: None,
    ) -> _Response:
        """Send a request, again after a short failure. Raises GitHubError.

        `done` returns the answer if an earlier attempt did what it should, although no answer came.
        """
        attempts = Attempts(self._clock, ATTEMPTS, PAUSE, deadline=self._deadline)
        answer = _Response(None, {}, None, "")
        for number in attempts:
            answer = (done() if number > 1 else None) or self._send(
                method, path, query=query, body=body
            )
            if answer.status == fine:
                return answer
            if not _is_short(answer):
                break
            attempts.retry_after = self._asked_pause(answer)
        raise self._error(what, answer)

    def _asked_pause(self, answer: _Response) -> float:
        """Return the seconds that GitHub asks to wait before the next request.

        https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
        """
        if header := answer.headers.get("Retry-After"):
            return retry_after(header, self._clock.now())
        reset = answer.headers.get("X-RateLimit-Reset", "")
        if answer.headers.get("X-RateLimit-Remaining") == "0" and re.fullmatch(
            "[0-9]{1,11}", reset
        ):
            return max(0.0, int(reset) - self._clock.now().timestamp())
        return 0.0

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> _Response:
        """Send one request. Raises nothing, so that no error has a request in its context."""
        try:
            response = requests.request(
                method,
                self._base + path,
                params=query,
                json=body,
                headers={
                    "Accept": "application/vnd.github+json",
                    "X-GitHub-Api-Version": API_VERSION,
                    "User-Agent": f"daily-papers ({self._repository})",
                },
                auth=self._auth,
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                # A redirected POST would become a GET, which lists issues.
                allow_redirects=False,
            )
        except requests.Timeout:
            return _Response(None, {}, None, "it did not answer in time")
        except requests.RequestException as error:
            why = PROXY_LOGIN if is_proxy_login(error) else self._quote(_root(error))
            return _Response(None, {}, None, f"the connection failed ({why})")
        try:
            data = json.loads(self._auth.redact(response.content.decode()))
        except (ValueError, RecursionError):
            data = None
        return _Response(response.status_code, response.headers, data, "")

    def _error(self, what: str, answer: _Response) -> GitHubError:
        """Return an error with what GitHub's answer means and what to do about it."""
        status, said = answer.status, self._said(answer)
        if status is None:
            meaning = answer.failure
        elif status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            meaning = PROXY_LOGIN
        elif HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            where = self._quote(answer.headers.get("Location", "an unnamed address"))
            meaning = (
                f"GitHub answered {status}, the repository was renamed or moved ({where}). "
                "Set GITHUB_REPOSITORY and the clone's remote to its new name"
            )
        elif _asks_to_slow_down(answer):
            meaning = f"GitHub asks to slow down ({status}{said})"
        elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            meaning = f"GitHub has trouble ({status}{said})"
        elif status in _MEANINGS:
            meaning = f"{_MEANINGS[status]} (GitHub answered {status}{said})"
        else:
            meaning = (
                f"the answer ({status}{said}) is not one of GitHub's API; check GITHUB_API_URL"
            )
        return GitHubError(
            f"Cannot {what} in {self._repository}: {meaning}.",
            status,
            is_final=status is not None and not _is_short(answer),
        )

    def _said(self, answer: _Response) -> str:
        """Return GitHub's message after a colon; empty if there is none."""
        if not isinstance(answer.data, dict):
            return ""
        words = [str(answer.data.get("message") or "")]
        errors = answer.data.get("errors")
        for error in errors if isinstance(errors, list) else []:
            # https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
            facts = error.values() if isinstance(error, dict) else [error]
            words.append(" ".join(str(fact) for fact in facts))
        text = self._quote("; ".join(filter(None, words)))
        return f": {text}" if text else ""

    def _quote(self, text: str) -> str:
        """Return foreign text for one line of a log: printable, short, without the token."""
        line = " ".join(self._auth.redact(text).split())
        line = "".join(character for character in line if character.isprintable())
        return line if len(line) <= _MAX_QUOTE else line[: _MAX_QUOTE - 1] + "…"


def _root(error: BaseException) -> str:
    """Return the message of the first cause; outer errors quote addresses of objects."""
    while error.__context__ is not None:
        error = error.__context__
    return str(getattr(error, "strerror", None) or type(error).__name__)


def _issue(item: Mapping[str, Any]) -> Issue:
    """Return an issue as GitHub describes it."""
    number = item.get("number")
    return Issue(
        # The store keeps it.
        number if type(number) is int and 0 < number < _MAX_NUMBER else 0,
        str(item.get("html_url") or ""),
        str(item.get("title") or ""),
        str(item.get("body") or ""),
        item.get("state") == "open",
    )


def _same_text(one: str, other: str) -> bool:
    """Whether two bodies are the same but for white space, which GitHub may change."""
    return one.split() == other.split()


def _is_short(answer: _Response) -> bool:
    """Whether a failure may pass soon: no answer, GitHub's own trouble, or a rate limit."""
    return (
        answer.status is None
        or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or _asks_to_slow_down(answer)
    )


def _asks_to_slow_down(answer: _Response) -> bool:
    """Whether it is a rate limit; a missing permission has the same status 403.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    return answer.status == HTTPStatus.FORBIDDEN and (
        "Retry-After" in answer.headers
        or answer.headers.get("X-RateLimit-Remaining") == "0"
        or re.search(r"rate limit|abuse", str(answer.data), re.IGNORECASE) is not None
    )
