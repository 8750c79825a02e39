"""A proxy that asks for a login is named as the cause, for http and for tunnels to https."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conftest import VirtualClock
from daily_papers.arxiv.paced_requests import FetchError, PoliteSession, accept_any
from daily_papers.errors import PROXY_LOGIN
from daily_papers.llm.chat_endpoint import Endpoint, EndpointError
from daily_papers.publish.github import GitHub, GitHubError
from daily_papers.settings import Environment


class _Proxy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name is http.server's
        self.server.asked += 1  # type: ignore[attr-defined]
        self.send_response(407)
        self.send_header("Proxy-Authenticate", 'Basic realm="here"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_CONNECT = do_GET  # noqa: N815 - as in http.server

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    """Return a proxy without a login, which every request is sent to; it counts them."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Proxy) as server:
        server.asked = 0  # type: ignore[attr-defined]
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}")
        for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_arxiv(proxy: ThreadingHTTPServer, clock: VirtualClock, scheme: str) -> None:
    """A request to arXiv fails at once."""
    session = PoliteSession(user_agent="x", clock=clock, deadline=clock.monotonic() + 60)
    with session, pytest.raises(FetchError, match=PROXY_LOGIN):
        session.get(f"{scheme}://arxiv.invalid/2407.00407", accept_any)
    assert proxy.asked == 1  # type: ignore[attr-defined]


@pytest.mark.usefixtures("proxy")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_github(clock: VirtualClock, scheme: str) -> None:
    """A request to GitHub fails."""
    with pytest.raises(GitHubError, match=PROXY_LOGIN):
        GitHub(f"{scheme}://api.invalid", "me/papers", "", clock=clock).latest_issues("x")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_models_endpoint(proxy: ThreadingHTTPServer, clock: VirtualClock, scheme: str) -> None:
    """A question to a model fails at once, and no other is asked."""
    environment = Environment(
        openai_api_key="key", openai_base_url=f"{scheme}://llm.invalid/v1", llm_model="m"
    )
    endpoint = Endpoint(environment, clock, clock.monotonic() + 60)
    with pytest.raises(EndpointError, match=PROXY_LOGIN) as caught:
        endpoint.ask([{"role": "user", "content": "x"}], "name", {})
    endpoint.close()
    assert caught.value.final
    assert proxy.asked == 1  # type: ignore[attr-defined]
