"""Serve a folder on this machine, to look at the site before it is on GitHub Pages."""

import errno
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from daily_papers.errors import DailyPapersError


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",  # Windows may say text/plain, and browsers refuse that
        ".gz": "application/gzip",
    }

    def log_message(self, *_: object) -> None:
        """Print nothing for each request."""


def site_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of `folder`, for this machine only; port 0 is any that is free.

    Raises DailyPapersError if the port is taken.
    """
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(folder)))
    except OverflowError:
        raise DailyPapersError(f"port {port}: give one from 0 to 65535 to --serve") from None
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        problem = f"port {port}: {error.strerror}; give another one to --serve"
        raise DailyPapersError(problem) from None


def serve(folder: Path, port: int, say: Callable[[str], None]) -> None:
    """Serve `folder` until it is stopped."""
    with site_server(folder, port) as server:
        say(f"http://127.0.0.1:{server.server_port}/ (stop with Ctrl+C)")
        server.serve_forever()
