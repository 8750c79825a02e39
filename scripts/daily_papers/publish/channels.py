"""Send messages to the addresses in NOTIFY_URLS, through apprise: chats, e-mail and other services.

An address is a secret, and a service may repeat it in its answer. So nothing that apprise or a
service says leaves this module: only status codes and our own words do.
"""

import hashlib
import html
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from daily_papers.errors import DailyPapersError
from daily_papers.pages.pieces import page_name
from daily_papers.time_limit import OutOfTimeError, within

if TYPE_CHECKING:
    from apprise import NotifyBase

CONNECT_TIMEOUT: Final = 10.0
"""Seconds to reach a service, unless its address says otherwise (`cto=`)."""
READ_TIMEOUT: Final = 20.0
"""Seconds to wait for the next byte of its answer (`rto=`)."""
TIMEOUT: Final = 60.0
"""Seconds for a message in all."""
# Some services put the title into the message, with a line end and marks around it.
_AROUND_TITLE: Final = 16

# Topics, if any, and an address.
_LINE = re.compile(r"(?:(.*?)=)??\s*([a-z0-9]+://.*)", re.IGNORECASE)
# Another address behind the first, which would become a part of it.
_ANOTHER = re.compile(r"[\s,;][a-z0-9]+://", re.IGNORECASE)
# How apprise's plugins write the status of HTTP and of SMTP.
_STATUS = re.compile(r"error=([1-5]\d\d)\b|\(([45]\d\d), b?[\"']")
_TROUBLES = {
    r"timed? ?out": "it did not answer in time",
    r"refused": "the connection was refused",
    r"resol|name or service|getaddrinfo": "there is no such host",
    r"certificate|ssl": "the connection is not secure",
    r"auth": "it refused the login",
}


class NoAppriseError(DailyPapersError):
    """Addresses are set, and the package that knows them is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "NOTIFY_URLS is set, and the package apprise is not installed: install the extra "
            "'notify', as the workflow does (uv sync --extra=notify)"
        )


@dataclass(frozen=True, slots=True)
class Channel:
    """An address to send to."""

    name: str
    """What it may be called in public: its line, and its service."""
    key: str
    """The hash of its address, by which the store knows it."""
    topics: frozenset[str]
    """The names of the pages of the topics that it is for; empty if for all."""
    _plugin: "NotifyBase" = field(repr=False)

    def fits(self, subject: str, body: str) -> bool:
        """Whether the service takes both in one message."""
        from apprise.conversion import convert_between  # noqa: PLC0415 - see `open_channels`

        plugin = self._plugin
        title, text = subject, self._in_its_form(body)
        if not self._is_markdown:
            form = plugin.resolve_format("text")
            title, text = (convert_between("text", form, one) for one in (title, text))  # type: ignore[no-untyped-call]
        room = plugin.body_maxlen
        if self._joins_title:
            room -= len(title) + _AROUND_TITLE
        # Some plugins escape the text after they have measured it.
        return max(len(text), len(html.escape(body, quote=False))) <= room

    def send(self, subject: str, body: str) -> str:
        """Send plain text; return why it was not accepted, or nothing."""
        form = None if self._is_markdown else "text"
        text = self._in_its_form(body)

        def work() -> bool:
            return bool(self._plugin.notify(body=text, title=subject, body_format=form))

        with _listen() as heard:
            try:
                return "" if within(TIMEOUT, work) else _reason(heard)
            except OutOfTimeError:
                return "it did not answer in time"
            except Exception:  # noqa: BLE001 - of any of a hundred plugins; its text may be secret
                return "apprise cannot send to it"

    @property
    def _is_markdown(self) -> bool:
        """Whether the service takes Markdown only: apprise would escape the dots of addresses."""
        return bool(self._plugin.resolve_format("text") == "markdown")

    @property
    def _joins_title(self) -> bool:
        """Whether the title becomes the message's first line."""
        return self._plugin.title_maxlen <= 0 or bool(self._plugin.overflow_amalgamate_title)

    def _in_its_form(self, body: str) -> str:
        """Return plain text apart from a title above it, and with line ends that Markdown keeps."""
        text = f"\n{body}" if self._joins_title else body
        return text.replace("\n", "  \n") if self._is_markdown else text


def open_channels(addresses: str) -> tuple[list[Channel], list[str]]:
    """Return the channels of a text with one address a line, and what is wrong with other lines.

    A line is an address of apprise, after topics and an equals sign if it is for some topics only:
    their headings or the names of their pages, with commas between. Raises NoAppriseError.
    """
    try:
        # It is installed only where it is used.
        from apprise import Apprise, AppriseAsset, PersistentStoreMode  # noqa: PLC0415
    except ModuleNotFoundError:
        raise NoAppriseError from None
    asset = AppriseAsset(storage_mode=PersistentStoreMode.MEMORY)
    # A redirect could lead a message, and the secrets with it, anywhere.
    asset.http_redirects = False
    asset.app_id, asset.app_desc, asset.app_url = "Daily Papers", "Daily Papers", ""
    channels: dict[str, Channel] = {}
    problems = []
    for number, line in enumerate(addresses.splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith(("#", ";")):
            continue
        match = _LINE.match(text)
        names, address = match.groups("") if match else ("", text)
        if _ANOTHER.search(address):
            problems.append(f"NOTIFY_URLS, line {number}: give each address a line of its own")
            continue
        with _listen():
            plugin = Apprise.instantiate(address, asset=asset)
        if plugin is None:
            problems.append(f"NOTIFY_URLS, line {number}: apprise knows no such address")
            continue
        _limit(plugin)
        # A slow hash: the store may be public, and a password in an address may be guessable.
        key = hashlib.scrypt(
            address.encode(), salt=b"daily-papers", n=2**13, r=8, p=1, dklen=8
        ).hex()
        name = f"line {number} of NOTIFY_URLS ({plugin.service_name})"
        topics = frozenset(page_name(one) for one in names.split(",") if one.strip())
        known = channels.get(key)
        if known is not None:
            topics = topics | known.topics if topics and known.topics else frozenset()
        channels[key] = Channel(known.name if known else name, key, topics, plugin)
    return list(channels.values()), problems


def _limit(plugin: "NotifyBase") -> None:
    """Give a service more time than apprise does, and no message in parts."""
    from apprise import OverflowMode, URLBase  # noqa: PLC0415 - see `open_channels`

    if plugin.socket_connect_timeout == URLBase.socket_connect_timeout:
        plugin.socket_connect_timeout = CONNECT_TIMEOUT
    if plugin.socket_read_timeout == URLBase.socket_read_timeout:
        plugin.socket_read_timeout = READ_TIMEOUT
    plugin.overflow_mode = OverflowMode.TRUNCATE


class _Ear(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):
            self.heard.append(record.getMessage())


@contextmanager
def _listen() -> Iterator[list[str]]:
    """Yield what apprise and its libraries log meanwhile, and keep it out of every other log."""
    ear = _Ear()
    loggers = [logging.getLogger(name) for name in ("apprise", "urllib3", "requests")]
    before = [(one.level, one.propagate, one.handlers) for one in loggers]
    for one in loggers:
        one.setLevel(logging.DEBUG)
        one.propagate, one.handlers = False, [ear]
    try:
        yield ear.heard
    finally:
        for one, (level, propagate, handlers) in zip(loggers, before, strict=True):
            one.setLevel(level)
            one.propagate, one.handlers = propagate, handlers


def _reason(heard: list[str]) -> str:
    """Return why a message was not accepted, in our own words."""
    text = "\n".join(heard)
    if match := _STATUS.search(text):
        code = int(match[1] or match[2])
        with suppress(ValueError):
            if match[1]:
                return f"it answered {code} {HTTPStatus(code).phrase}"
        return f"it answered {code}"
    found = (words for part, words in _TROUBLES.items() if re.search(part, text, re.IGNORECASE))
    return next(found, "it did not accept the message")
