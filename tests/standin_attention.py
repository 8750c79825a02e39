"""A stand-in on loopback for GitHub's GraphQL API and for Hugging Face's daily papers."""

import json
import re
from urllib.parse import parse_qs, urlsplit

from standins.loopback import Handler, StandIn


class FakeAttention(StandIn):
    """Answers with `stars` by repository and `votes` by day and paper."""

    def __init__(self) -> None:
        super().__init__(0, _Handler)
        self.stars: dict[str, int] = {}
        self.votes: dict[str, dict[str, int]] = {}
        self.status = 200
        self.body: bytes | None = None
        """Sent in place of every answer, if set."""
        self.requests: list[tuple[str, str, str]] = []
        """Path, content and token of each request."""

    @property
    def url(self) -> str:
        """The address of both services."""
        return f"http://127.0.0.1:{self.port}"


class _Handler(Handler):
    def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer a query for repositories."""
        fake = self._noted()
        query = json.loads(fake.requests[-1][1])["query"]
        asked = re.findall(r'(r\d+): repository\(owner: "([^"]+)", name: "([^"]+)"\)', query)
        data = {
            key: {"stargazerCount": fake.stars[f"{owner}/{name}"]}
            if f"{owner}/{name}" in fake.stars
            else None
            for key, owner, name in asked
        }
        self._answer(fake, {"data": data, "errors": [{"type": "NOT_FOUND"}]})

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer a request for the papers of a day."""
        fake = self._noted()
        day = parse_qs(urlsplit(self.path).query)["date"][0]
        votes = fake.votes.get(day, {})
        items = [{"paper": {"id": one, "upvotes": count}} for one, count in votes.items()]
        self._answer(fake, [*items, {"paper": {"id": 7}}, "odd"])

    def _noted(self) -> FakeAttention:
        fake = self.server.stand_in
        assert isinstance(fake, FakeAttention)
        length = int(self.headers.get("Content-Length", 0))
        content = self.rfile.read(length).decode()
        fake.requests.append((self.path, content, self.headers.get("Authorization", "")))
        return fake

    def _answer(self, fake: FakeAttention, found: object) -> None:
        body = json.dumps(found).encode() if fake.body is None else fake.body
        self.send_response(fake.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
