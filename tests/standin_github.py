"""A stand-in for GitHub's REST API on loopback: issues, their comments, and labels."""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "ghs_stand1in2for3a4token"  # noqa: S105 - of the stand-in only
REPOSITORY = "somebody/papers"

# What GitHub answers, by the name of the trouble: status, headers, body.
TROUBLES: dict[str, tuple[int, dict[str, str], Any]] = {
    "issues off": (410, {}, {"message": "Issues has been disabled in this repository."}),
    "no permission": (403, {}, {"message": "Resource not accessible by integration"}),
    "secondary limit": (
        403,
        {"Retry-After": "60"},
        {"message": "You have exceeded a secondary rate limit. Please wait a few minutes."},
    ),
    "used up": (
        403,
        {"X-RateLimit-Remaining": "0"},
        {"message": "API rate limit exceeded for installation ID 1."},
    ),
    "too many": (429, {"Retry-After": "60"}, {"message": "Too many requests"}),
    "bad token": (401, {}, {"message": "Bad credentials"}),
    "missing": (404, {}, {"message": "Not Found"}),
    "renamed": (301, {"Location": "/repositories/1/issues"}, {"message": "Moved Permanently"}),
    "invalid": (
        422,
        {},
        {
            "message": "Validation Failed",
            "errors": [{"resource": "Issue", "field": "title", "code": "missing_field"}],
        },
    ),
    "label exists": (
        422,
        {},
        {
            "message": "Validation Failed",
            "errors": [{"resource": "Label", "field": "name", "code": "already_exists"}],
        },
    ),
    "broken": (500, {}, {"message": "Server Error"}),
    "down": (503, {}, "<html><title>Unicorn!</title></html>"),
    "teapot": (418, {}, {"message": "I'm a teapot"}),
    "garbage": (200, {}, "<html>Sign in to the airport's network</html>"),
    "deep": (200, {}, "[" * 100_000),
}


@dataclass(frozen=True)
class Request:
    """One request as received."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass
class Trouble:
    """A fault for requests of `method` (any if empty) whose path ends with `path`.

    `times` is how often, None for always. `kind` is a key of TROUBLES, or `hang` (never an
    answer), `reset` (the connection closes), `lost` (done, then the connection closes),
    `lost and broken` (done, then status 502).
    """

    kind: str
    method: str = ""
    path: str = ""
    times: int | None = None


@dataclass
class FakeGitHub:
    """GitHub with one repository, `somebody/papers`. A context manager: the server runs inside."""

    token: str = TOKEN
    repository: str = REPOSITORY
    issues: list[dict[str, Any]] = field(default_factory=list)
    """Oldest first, in GitHub's format."""
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    releases: list[dict[str, Any]] = field(default_factory=list)
    comments: dict[int, list[str]] = field(default_factory=dict)
    """The texts of each issue's comments, oldest first."""
    default_branch: str = ""
    pages: dict[str, str] | None = None
    """What GitHub says of Pages; None if it is off."""
    requests: list[Request] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    api_url: str = ""
    facts: dict[str, Any] = field(default_factory=lambda: {"has_issues": True, "has_pages": True})
    """What it says of the repository."""

    def play(
        self, kind: str, *, method: str = "", path: str = "", times: int | None = None
    ) -> None:
        """Answer with that trouble from now on; see `Trouble`."""
        self.troubles.append(Trouble(kind, method, path, times))

    def add_issue(
        self, title: str, body: str | None, labels: tuple[str, ...] = (), **more: object
    ) -> dict[str, Any]:
        """Open an issue as somebody else; `pull_request={}` makes it one, `state` closes it."""
        number = len(self.issues) + 1
        issue: dict[str, Any] = {
            "number": number,
            "title": title,
            "body": body,
            "state": "open",
            "labels": [{"name": name} for name in labels],
            "html_url": f"https://github.com/{self.repository}/issues/{number}",
            **more,
        }
        self.issues.append(issue)
        return issue

    def posts(self, path: str = "/issues") -> list[Request]:
        """Return the POST requests to that path, with or without trouble."""
        return [one for one in self.requests if one.method == "POST" and one.path.endswith(path)]

    def __enter__(self) -> Self:
        self._release = threading.Event()
        self._lock = threading.Lock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake._handle(self)

            def do_POST(self) -> None:
                fake._handle(self)

            def do_PATCH(self) -> None:
                fake._handle(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.api_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._release.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        address = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        text = handler.rfile.read(length)
        request = Request(
            method=handler.command,
            path=unquote(address.path),
            query={name: values[-1] for name, values in parse_qs(address.query).items()},
            headers=dict(handler.headers.items()),
            body=json.loads(text) if text else None,
        )
        with self._lock:
            self.requests.append(request)
            trouble = self._trouble_for(request)
            if trouble in TROUBLES:
                status, headers, body = TROUBLES[trouble]
            elif trouble in ("hang", "reset"):
                status, headers, body = 0, {}, None
            else:
                status, headers, body = self._answer(request)
                if trouble == "lost and broken":
                    status, headers, body = 502, {}, {"message": "Bad Gateway"}
        if trouble == "hang":
            self._release.wait()
        if trouble in ("hang", "reset", "lost"):
            handler.close_connection = True
            return
        is_text = isinstance(body, str)
        content = (body if is_text else json.dumps(body)).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "text/html" if is_text else "application/json")
        handler.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    def _trouble_for(self, request: Request) -> str:
        for trouble in self.troubles:
            if trouble.times == 0 or trouble.method not in ("", request.method):
                continue
            if not request.path.endswith(trouble.path):
                continue
            if trouble.times is not None:
                trouble.times -= 1
            return trouble.kind
        return ""

    def _answer(self, request: Request) -> tuple[int, dict[str, str], Any]:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return TROUBLES["bad token"]
        root = f"/repos/{self.repository}"
        if request.path == root:
            named = {"full_name": self.repository, "default_branch": self.default_branch}
            return 200, {}, named | self.facts
        if not request.path.startswith(f"{root}/"):
            return TROUBLES["missing"]
        match request.method, request.path.removeprefix(root):
            case "GET", "/pages" if self.pages:
                return 200, {}, self.pages
            case "GET", "/issues":
                return 200, {}, self._list(request.query)
            case "POST", "/issues":
                return self._open(request.body)
            case "POST", "/labels":
                if request.body["name"].casefold() in map(str.casefold, self.labels):
                    return TROUBLES["label exists"]
                self.labels[request.body["name"]] = request.body
                return 201, {}, request.body
            case "POST", path if match := re.fullmatch(r"/issues/(\d+)/comments", path):
                self.comments.setdefault(int(match[1]), []).append(request.body["body"])
                return 201, {}, {"body": request.body["body"]}
            case "PATCH", path if match := re.fullmatch(r"/issues/(\d+)", path):
                issue = self.issues[int(match[1]) - 1]
                issue.update(request.body)
                return 200, {}, issue
            case "POST", "/releases":
                self.releases.append(request.body)
                return 201, {}, request.body
            case "GET", path if path.startswith("/releases/tags/"):
                tag = path.removeprefix("/releases/tags/")
                found = [one for one in self.releases if one["tag_name"] == tag]
                return (200, {}, found[0]) if found else TROUBLES["missing"]
            case "GET", path if path.startswith("/labels/"):
                label = self.labels.get(path.removeprefix("/labels/"))
                return (200, {}, label) if label else TROUBLES["missing"]
        return TROUBLES["missing"]

    def _list(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        wanted = set(filter(None, query.get("labels", "").split(",")))
        state = query.get("state", "open")
        found = [
            issue
            for issue in self.issues
            if wanted <= {label["name"] for label in issue["labels"]}
            and state in ("all", issue["state"])
        ]
        if query.get("direction", "desc") == "desc":
            found.reverse()
        size = min(int(query.get("per_page", "30")), 100)
        start = (int(query.get("page", "1")) - 1) * size
        return found[start : start + size]

    def _open(self, body: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        if not body.get("title") or len(body["title"]) > 256 or len(body.get("body", "")) > 65536:
            return TROUBLES["invalid"]
        for name in body.get("labels", []):
            self.labels.setdefault(name, {"name": name, "color": "ededed", "description": ""})
        issue = self.add_issue(body["title"], body.get("body"), tuple(body.get("labels", ())))
        return 201, {}, issue
