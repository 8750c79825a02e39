"""Messages to chats and e-mail, against servers on loopback that stand in for the services."""

import logging
import re
import shutil
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import cmarkgfm
import pytest

from conftest import VirtualClock
from daily_papers.cli import main
from daily_papers.commands.notify import Outcome, notify
from daily_papers.commands.notify_channels import send, take_back
from daily_papers.pages.chat_message import render_message
from daily_papers.pages.news import news_since
from daily_papers.pages.pieces import View
from daily_papers.publish import channels as module
from daily_papers.publish.channels import open_channels
from daily_papers.settings import Environment, Settings
from daily_papers.store.entry_types import Entry, Store
from daily_papers.store.failed_nights import LastRun, leave_last_run
from daily_papers.store.store_file import load_store, save_store
from daily_papers.text.chat import inert
from factories import NIGHT, make_entry, make_paper, make_store
from standin_github import REPOSITORY, TOKEN, FakeGitHub
from standin_services import MailServer, Webhooks, mail_server, webhooks

SECRET = "3ccdd113474722377935511fc85d3dd4"  # noqa: S105 - of the stand-ins only
PASSWORD = "correct-horse-battery"  # noqa: S105 - of the stand-ins only
LATER = "It is told another night"
EARLIER = NIGHT - timedelta(days=1)
GIT = ("git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false")
Night = Callable[..., Outcome]


@pytest.fixture
def hooks() -> Iterator[Webhooks]:
    """Return the stand-in for webhooks."""
    with webhooks() as service:
        yield service


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """Return the stand-in for a mail server."""
    with mail_server() as service:
        yield service


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository after its second night, with two new papers on A and one on Bee."""
    (tmp_path / "keywords.txt").write_text("A: widgets\nBee\n")
    (tmp_path / "pyproject.toml").write_text('[tool.daily-papers]\nnotify = ["channels"]\n')
    known = make_entry(9, ["A"], first_seen=EARLIER)
    new = [make_entry(1, ["A"]), make_entry(2, ["A", "Bee"]), make_entry(3, ["Bee"])]
    save_store(tmp_path, None, make_store([*new, known], ["A", "Bee"], created=EARLIER))
    return tmp_path


@pytest.fixture
def urls(hooks: Webhooks, mail: MailServer) -> str:
    """Return the addresses of two webhook services and a mail server."""
    return (
        "# for everybody\n"
        f"mmost://127.0.0.1:{hooks.port}/{SECRET}\n"
        f"bee=json://127.0.0.1:{hooks.port}/json/{SECRET}\n"
        f"mailto://me:{PASSWORD}@127.0.0.1:{mail.port}"
        "?from=me@example.org&to=you@example.org&mode=insecure\n"
    )


@pytest.fixture
def play(root: Path, urls: str, clock: VirtualClock) -> Night:
    """Return a function that notifies."""
    environment = Environment(github_repository=REPOSITORY, notify_urls=urls)

    def play(**more: object) -> Outcome:
        return deliver(root, replace(environment, **more), clock)  # type: ignore[arg-type]

    return play


def deliver(root: Path, environment: Environment, clock: VirtualClock) -> Outcome:
    """Notify, and send what is due, as the command does."""
    outcome = notify(root, environment, clock)
    sent = [(one, send(one)) for one in outcome.due]
    take_back(root, [one for one, warning in sent if warning])
    told = [f"told {one.channel.name}: {one.message.subject}" for one, bad in sent if not bad]
    warnings = (*outcome.warnings, *filter(None, (warning for _, warning in sent)))
    return replace(outcome, told=(*outcome.told, *told), warnings=warnings, due=())


def next_night(root: Path, days: int, *entries: Entry) -> None:
    """Add papers that a later night found, and that night."""
    store = load_store(root)
    assert store is not None
    night = NIGHT + timedelta(days=days)
    found = {one.paper.arxiv_id: replace(one, first_seen=night) for one in entries}
    save_store(root, store, replace(store, updated=night, entries={**store.entries, **found}))


def test_each_service_gets_what_is_new_in_its_form(
    hooks: Webhooks, mail: MailServer, play: Night
) -> None:
    """Subject, papers with authors and link, and the day's page; a tag restricts to a topic."""
    outcome = play()
    assert outcome.warnings == ()
    assert [re.sub(r" \(.*?\)", "", line) for line in outcome.told] == [
        "told line 2 of NOTIFY_URLS: 3 new: A 2, Bee 1",
        "told line 3 of NOTIFY_URLS: 2 new: Bee 2",
        "told line 4 of NOTIFY_URLS: 3 new: A 2, Bee 1",
    ]
    ((path, chat), (other_path, other)) = hooks.received
    assert path == f"/hooks/{SECRET}"
    assert chat["text"].replace("\r\n", "\n") == (
        "3 new: A 2, Bee 1\n\n"
        "A: 2 new\n"
        "• Paper 1\nAda Lovelace, Charles Babbage\nhttps://arxiv.org/abs/2611.00001v1\n"
        "• Paper 2\nAda Lovelace, Charles Babbage\nhttps://arxiv.org/abs/2611.00002v1\n\n"
        "Bee: 1 new\n"
        "• Paper 3\nAda Lovelace, Charles Babbage\nhttps://arxiv.org/abs/2611.00003v1\n\n"
        f"All: https://github.com/{REPOSITORY}/blob/HEAD/papers/days/2026/2026-11-23.md"
    )
    assert other_path == f"/json/{SECRET}"
    assert other["title"] == "2 new: Bee 2"
    assert "Paper 1" not in other["message"]
    (letter,) = mail.mails
    assert letter["Subject"] == "3 new: A 2, Bee 1"
    assert letter["To"] == "you@example.org"
    body = letter.get_body(("plain",))
    assert body is not None
    assert "• Paper 1\nAda Lovelace, Charles Babbage\n" in body.get_content().replace("\r", "")


def test_a_service_that_takes_markdown_only_gets_whole_links(hooks: Webhooks, play: Night) -> None:
    """Its lines stay lines, and no address is escaped."""
    play(notify_urls=f"rocket://{SECRET}/{SECRET}@127.0.0.1:{hooks.port}")
    (text,) = hooks.texts("/hooks")
    html = cmarkgfm.github_flavored_markdown_to_html(text.strip())
    assert "<p>A: 2 new<br />\n• Paper 1<br />\nAda Lovelace, Charles Babbage<br />\n<a" in html
    assert 'href="https://arxiv.org/abs/2611.00001v1"' in html


def test_each_paper_is_told_once(
    root: Path, hooks: Webhooks, mail: MailServer, play: Night
) -> None:
    """A second call sends nothing; the next night sends what is new since."""
    play()
    assert play() == Outcome(quiet='"notify" in the settings has no "issue"')
    next_night(root, 1, make_entry(7, ["A"]))
    play()
    (_, second) = hooks.texts("/hooks")
    assert "Paper 7" in second
    assert "Paper 1" not in second
    assert len(hooks.texts("/json")) == 1
    assert len(mail.mails) == 2
    store = load_store(root)
    assert store is not None
    assert set(store.channels.values()) == {NIGHT + timedelta(days=1)}
    assert all(re.fullmatch("[0-9a-f]{16}", key) for key in store.channels)


@pytest.mark.parametrize(
    ("status", "why"),
    [(404, "404 Not Found"), (500, "500 Internal Server Error"), (429, "429 Too Many Requests"),
     (302, "302 Found"), (401, "401 Unauthorized")],
)  # fmt: skip
def test_a_channel_that_fails_costs_nothing_but_its_own_message(
    root: Path, hooks: Webhooks, mail: MailServer, play: Night, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str], status: int, why: str,
) -> None:  # fmt: skip
    """The others are told; it is named without its address, and gets all it missed later.

    No secret is in a log, a file or a message, although the services repeat it in their answers.
    """
    caplog.set_level(0)
    hooks.status["/hooks"] = status
    mail.refuses = True
    outcome = play()
    assert outcome.warnings == (
        f"line 2 of NOTIFY_URLS (Mattermost) was not told: it answered {why}. {LATER}",
        f"line 4 of NOTIFY_URLS (E-Mail) was not told: it answered 535. {LATER}",
    )
    assert len(outcome.told) == 1
    next_night(root, 1, make_entry(7, ["A"]))
    play()
    hooks.status.clear()
    mail.refuses = False
    next_night(root, 2, make_entry(8, ["A"]))
    play()
    (text,) = hooks.texts("/hooks")
    assert [f"Paper {n}\n" in text for n in (1, 2, 3, 7, 8, 9)] == [True] * 5 + [False]
    assert "These are the papers of 3 nights" in text
    assert len(mail.mails) == 1
    files = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
    told = f"{outcome} {caplog.text} {capfd.readouterr()} {files!r}"
    for secret in (SECRET, PASSWORD, "127.0.0.1", "you@example.org"):
        assert secret not in told


def test_a_service_that_does_not_answer_is_given_up(
    urls: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message has a time limit, and a service that is gone is told apart."""
    (first, *_), _ = open_channels(urls)
    monkeypatch.setattr(module, "TIMEOUT", 0.0)
    assert first.send("a", "b") == "it did not answer in time"
    (gone,), _ = open_channels(f"json://127.0.0.1:1/{SECRET}")
    monkeypatch.undo()
    assert gone.send("a", "b") == "the connection was refused"


def test_lines_that_are_no_addresses_are_counted_and_not_quoted(play: Night) -> None:
    """A bad line is a warning without its text, and a file to include is not read."""
    bad = f"nonsense {SECRET}\nbogus://{SECRET}\ninclude /etc/{SECRET}\n\n"
    bad += f"json://127.0.0.1:1/{SECRET}, json://127.0.0.1:1/{SECRET}"
    outcome = play(notify_urls=bad)
    why = dict.fromkeys((1, 2, 3), "apprise knows no such address")
    assert outcome.warnings == tuple(
        f"NOTIFY_URLS, line {n}: {text}; the others are told"
        for n, text in {**why, 5: "give each address a line of its own"}.items()
    )
    assert SECRET not in repr(Environment(notify_urls=bad))


def test_a_new_channel_begins_with_the_last_night(root: Path, hooks: Webhooks, play: Night) -> None:
    """What was found before a channel was set is not sent to it; on a first night it is greeted."""
    play()
    (text,) = hooks.texts("/hooks")
    assert "Paper 9" not in text
    save_store(root, None, make_store([make_entry(n, ["A"]) for n in range(1, 50)], ["A"]))
    play(notify_urls=f"json://127.0.0.1:{hooks.port}/new")
    (text,) = hooks.texts("/new")
    assert text.startswith("Now following 1 topic at arXiv: A\n49 papers to begin with")


def test_weekly_channels_are_told_on_the_first_night_of_a_week(
    root: Path, hooks: Webhooks, play: Night
) -> None:
    """With `channels = "weekly"` a week's papers come in one message. NIGHT is a Friday."""
    (root / "pyproject.toml").write_text(
        '[tool.daily-papers]\nnotify = ["channels"]\nchannels = "weekly"\n'
    )
    play()
    for days in range(3, 10):
        next_night(root, days, make_entry(10 + days, ["A"]))
        play()
    (text,) = hooks.texts("/hooks")
    assert sorted(re.findall(r"Paper (\d+)\n", text)) == ["1", "13", "2", "3"]
    assert "nights" not in text
    next_night(root, 10, make_entry(40, ["A"]))
    play()
    assert "7 new: A 7" in hooks.texts("/hooks")[1]


def test_only_the_default_branch_tells_channels(hooks: Webhooks, play: Night, root: Path) -> None:
    """Another branch sends nothing and marks nothing."""
    event = root.parent / f"{root.name}-event.json"
    event.write_text('{"repository": {"default_branch": "main"}}')
    outcome = play(github_ref="refs/heads/x", github_event_path=str(event))
    assert "this is x" in outcome.quiet
    assert hooks.received == []


def test_issue_and_channels_are_told_apart(
    root: Path, hooks: Webhooks, urls: str, clock: VirtualClock
) -> None:
    """By default both are told; one that fails does not keep the other, and no secret is needed."""
    (root / "pyproject.toml").unlink()
    with FakeGitHub() as github:
        environment = Environment(
            github_api_url=github.api_url, github_repository=REPOSITORY, github_token=TOKEN
        )
        assert notify(root, environment, clock).told == ()
        assert len(github.issues) == 2
        next_night(root, 1, make_entry(7, ["A"]))
        github.play("issues off", method="POST", path="/issues")
        outcome = deliver(root, replace(environment, notify_urls=urls), clock)
        assert outcome.refused
        assert len(outcome.told) == 2
        assert len(hooks.texts("/hooks")) == 1


def test_channels_do_not_need_github(root: Path, hooks: Webhooks, play: Night) -> None:
    """Where no issue can be opened, as on one's own machine, messages are sent all the same."""
    (root / "pyproject.toml").unlink()
    outcome = play(github_repository="")
    assert [one.split(":")[0] for one in outcome.warnings] == ["GITHUB_REPOSITORY", "GITHUB_TOKEN"]
    assert len(hooks.texts("/hooks")) == 1


def test_a_message_is_sent_once_its_mark_is_pushed(
    root: Path, hooks: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused push sends nothing; a refused message takes its mark back; then it is sent once."""
    remote = root.parent / f"{root.name}.git"
    monkeypatch.setenv("NOTIFY_URLS", f"json://127.0.0.1:{hooks.port}/json")
    for command in (
        ["init", "-q", "--bare", str(remote)],
        ["init", "-q", "-b", "main"],
        ["remote", "add", "origin", str(remote)],
        ["add", "-A"],
        ["commit", "-q", "-m", "Begin"],
        ["push", "-q", "origin", "main"],
    ):
        subprocess.run([*GIT, *command], cwd=root, check=True)
    refuse = remote / "hooks/pre-receive"
    refuse.write_text("#!/bin/sh\nexit 1\n")
    refuse.chmod(0o755)
    arguments = ["notify", "--root", str(root), "--publish"]
    assert main(arguments) == 1
    assert hooks.received == []
    # The runner is gone, and the next night's begins with what was pushed.
    refuse.unlink()
    subprocess.run([*GIT, "reset", "-q", "--hard"], cwd=root, check=True)
    hooks.status["/json"] = 500
    assert main(arguments) == 0
    hooks.status.clear()
    assert [main(arguments), main(arguments)] == [0, 0]
    (text,) = hooks.texts("/json")
    assert "Paper 1\n" in text
    log = ["log", "--format=%s", "main"]
    assert subprocess.check_output([*GIT, *log], cwd=remote, text=True).splitlines() == [
        "Note that watchers were told",
        "Note that a channel was not told",
        "Note that watchers were told",
        "Begin",
    ]


def test_a_run_that_is_stopped_leaves_the_others_for_another_night(
    root: Path, hooks: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the message that it was at, nobody knows: it is not sent again; the next ones are."""
    port = hooks.port
    monkeypatch.setenv("NOTIFY_URLS", f"json://127.0.0.1:{port}/a\njson://127.0.0.1:{port}/b")
    hooks.stops = "/a"
    arguments = ["notify", "--root", str(root)]
    assert main(arguments) != 0
    assert [path for path, _ in hooks.received] in (["/a"], [])
    hooks.received.clear()
    assert [main(arguments), main(arguments)] == [0, 0]
    assert [path for path, _ in hooks.received] == ["/b"]


def test_failed_nights_are_told_once_and_so_is_their_end(
    root: Path, hooks: Webhooks, play: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the second failed night on each channel hears of it, unless about other topics only."""
    monkeypatch.setattr("tempfile.tempdir", str(root.parent))

    def night(days: int, cause: str, *topics: str) -> Outcome:
        leave_last_run(root, LastRun(NIGHT + timedelta(days=days), cause, topics))
        return play()

    play()
    hooks.received.clear()
    assert night(1, "arXiv: 503 <!channel>").told == ()
    hooks.status["/json"] = 500
    assert len(night(2, "arXiv: 503 <!channel>").told) == 2
    hooks.status.clear()
    assert len(night(3, "arXiv: 429").told) == 1
    assert night(4, "arXiv: 429").told == ()
    assert len(night(5, "").told) == 3
    assert night(6, "").told == ()
    first, end = hooks.texts("/hooks")
    assert "not up to date since November 21, 2026" in first
    assert "The last 2 nights failed: arXiv: 503 ‹!channel›" in first.replace("\u200b", "")
    assert "A night was good again, after 4 nights that failed." in end
    assert len(hooks.texts("/json")) == 2
    hooks.received.clear()
    for days in (8, 9):
        told = night(days, "1 of 2 topics could not be refreshed", "A").told
    assert ["Mattermost" in told[0], "E-Mail" in told[1], len(told)] == [True, True, 2]


def test_a_line_may_be_for_topics_of_any_script(root: Path, hooks: Webhooks, play: Night) -> None:
    """Before an address stand headings or names of pages; of none that there is, the run warns."""
    shutil.rmtree(root / "papers")
    save_store(root, None, make_store([make_entry(1, ["视频 理解"])], ["A", "视频 理解"]))
    address = f"json://127.0.0.1:{hooks.port}"
    lines = [
        f"视频 理解={address}/1",
        f"x, 视频-理解 = {address}/2",
        f"a={address}/3",
        f"y={address}/4",
    ]
    outcome = play(notify_urls="\n".join([*lines, f"a={address}/1", f"{address}/2"]))
    greetings = [
        text.split(":")[1].splitlines()[0] for n in (1, 2, 3) for text in hooks.texts(f"/{n}")
    ]
    assert greetings == [" A, 视频 理解", " A, 视频 理解", " A"]
    assert outcome.warnings == (
        "line 4 of NOTIFY_URLS (JSON): it is for some topics, and keywords.txt has none of them",
    )


def test_dry_run_and_test(
    root: Path, hooks: Webhooks, mail: MailServer, urls: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """`--dry-run` shows each message and sends none; `--test` sends a line and says what came."""
    monkeypatch.setenv("NOTIFY_URLS", urls)
    arguments = ["notify", "--root", str(root)]
    assert main([*arguments, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("To line") == 3
    assert 'no issue: "notify" in the settings has no "issue"\n' in shown
    assert "To line 3 of NOTIFY_URLS (JSON):\n\n2 new: Bee 2\n\nBee: 2 new" in shown
    assert hooks.received == []
    assert mail.mails == []
    assert main([*arguments, "--test"]) == 0
    shown = capsys.readouterr().out
    assert shown.splitlines() == [
        "line 2 of NOTIFY_URLS (Mattermost): accepted",
        "line 3 of NOTIFY_URLS (JSON): accepted",
        "line 4 of NOTIFY_URLS (E-Mail): accepted",
    ]
    assert len(mail.mails) == 1
    hooks.status["/json"] = 403
    assert main([*arguments, "--test"]) == 1
    failed = capsys.readouterr().err
    assert "line 3 of NOTIFY_URLS (JSON): it answered 403 Forbidden" in failed
    assert SECRET not in failed
    monkeypatch.delenv("NOTIFY_URLS")
    assert main([*arguments, "--test"]) == 2


@pytest.mark.parametrize("urls", ["", "json://127.0.0.1:1/x"])
def test_a_dry_run_needs_no_address_and_no_package(
    root: Path, urls: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no channel can be known, the longest message is shown, and why."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    monkeypatch.setenv("NOTIFY_URLS", urls)
    assert main(["notify", "--root", str(root), "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert ("uv sync --extra=notify" if urls else "NOTIFY_URLS is not set") in shown
    assert "To any address in NOTIFY_URLS:\n\n3 new: A 2, Bee 1\n\nA: 2 new\n• Paper 1" in shown


HOSTILE = (
    "# @everyone @here <!channel> <@U123> &lt;!here&gt; [free](https://evil.example/x) _so_ ~no~ "
    "https://evil.example/y evil.example **bold** `code` ||e|| <b>x</b> <script>alert(1)</script> "
    "\n::error::x"
)
LIVE = ("@e", "@h", "<", "&lt;", "](", "n.e", "evil.example", "*", "_", "~", "`", "|", "\n#")


def test_hostile_titles_are_inert() -> None:
    """No mention, link, format or command of a chat survives in a title, a name or a heading."""
    text = inert(HOSTILE)
    assert [mark for mark in ("\n", "://", *LIVE) if mark in text] == []
    alike = str.maketrans("‹›∗ˍˋ∼∣", "<>*_`~|", "\u200b")
    assert text.translate(alike) == " ".join(HOSTILE.split())
    paper = make_paper(1, title=HOSTILE, authors=(HOSTILE, "---"), comment=f"At {HOSTILE}")
    store = make_store([make_entry(paper, [HOSTILE]), make_entry(2, ["1. A"])])
    body, subject = message(store, 10**6)
    assert [mark for mark in LIVE if mark in body + subject] == []
    html = cmarkgfm.github_flavored_markdown_to_html(f"{subject}  \n{body}".replace("\n", "  \n"))
    assert set(re.findall(r"<(\w+)", html)) == {"p", "br", "a"}
    links = re.findall(r'href="([^"]*)"', html)
    assert {url.rpartition("/")[0] for url in links} == {"https://arxiv.org/abs", f"{DAYS}/2026"}


def test_a_title_of_any_length_leaves_the_others_their_place() -> None:
    """A title that would fill the message is shortened, and every topic shows its papers."""
    endless = [make_entry(make_paper(n, title="x" * 5000), ["A"]) for n in (1, 2, 3)]
    body, _ = message(make_store([*endless, make_entry(4, ["B"])]), 2000)
    assert body.count("arxiv.org/abs") == 4
    assert "xx…\n" in body


def message(store: Store, room: int, **settings: object) -> tuple[str, str]:
    """Return body and subject of a message with at most `room` characters."""
    view = View(store, Settings(**settings))  # type: ignore[arg-type]
    news = news_since(store, EARLIER)

    def fits(subject: str, body: str) -> bool:
        return len(subject) + len(body) <= room

    found = render_message(news, view, [], "https://github.com/me/papers", fits)
    return found.body, found.subject


DAYS = "https://github.com/me/papers/blob/HEAD/papers/days"
END = f"All: {DAYS}/2026/2026-11-23.md\n{DAYS}/2026/2026-11-20.md"


def test_a_message_keeps_to_the_length_of_its_service() -> None:
    """As many papers of each topic are shown as fit, the last topics' least; then comes a link."""
    store = make_store([make_entry(n, [f"T{n % 2}"]) for n in range(1, 21)])
    shown = []
    for room in range(2000, 150, -50):
        body, subject = message(store, room)
        assert len(body) + len(subject) <= room
        each = [part.count("arxiv.org/abs") for part in body.split("T0: 10 new")]
        assert [f"… and {10 - most} more" in body for most in each] == [most > 0 for most in each]
        assert body.endswith(END)
        shown.append((each[0], each[1]))
    assert list(dict.fromkeys(shown)) == [(5, 5), (3, 3), (2, 2), (1, 1), (1, 0), (0, 0)]
    body, _ = message(store, 0)
    assert body == END


@pytest.mark.parametrize(
    "address",
    ["discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "tgram://123456789:abcdefg_hijklm/123/",
     "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#g", f"feishu://{SECRET}",
     "mailto://me:pass@example.org", f"mmost://example.org/{SECRET}"],
)  # fmt: skip
def test_the_length_is_that_of_the_service(address: str) -> None:
    """The longest message that fits is sent in one piece, whole, in the service's own form."""
    (channel,), _ = open_channels(address)
    subject, line = "3 new: A 2", f"{inert('a <b> & &lt; _*c* d')}\n"
    assert not channel.fits(subject, line * 3000)
    most = bisect_left(range(3000), True, key=lambda n: not channel.fits(subject, line * n)) - 1
    (call,) = channel._plugin._build_send_calls(
        body=line * most + "END", title=subject, body_format="text"
    )
    assert call["body"].endswith("END")


def test_logs_are_as_before(urls: str) -> None:
    """Sending changes no logger for good."""
    logger = logging.getLogger("apprise")
    before = (logger.level, logger.propagate, list(logger.handlers))
    (first, *_), _ = open_channels(urls)
    first.send("a", "b")
    assert (logger.level, logger.propagate, list(logger.handlers)) == before
