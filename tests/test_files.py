import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import VirtualClock
from daily_papers.atomic_files import locked, remove_file, write_file, write_lines
from daily_papers.errors import DailyPapersError


def names_in(folder: Path) -> list[str]:
    """Return the names of everything in a folder, hidden ones too, sorted."""
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    """The text is written in UTF-8 with its own line ends, and missing folders are created."""
    path = tmp_path / "papers" / "topics" / "x.md"
    assert write_file(path, "Größe\r\nand\n")
    assert path.read_bytes() == "Größe\r\nand\n".encode()
    assert names_in(path.parent) == ["x.md"]


def test_an_unchanged_file_is_not_touched(tmp_path: Path) -> None:
    """Writing the same text returns False and keeps even the file's time."""
    path = tmp_path / "x.md"
    write_file(path, "text\n")
    os.utime(path, ns=(1, 1))
    assert not write_file(path, "text\n")
    assert path.stat().st_mtime_ns == 1


@pytest.mark.parametrize("new", ["", "texT\n", "a longer text\n"])
def test_a_changed_file_is_replaced(tmp_path: Path, new: str) -> None:
    """Another text replaces the old one, even if it is as long, or empty."""
    path = tmp_path / "x.md"
    write_file(path, "text\n")
    assert write_file(path, new)
    assert path.read_text(encoding="utf-8") == new
    assert names_in(tmp_path) == ["x.md"]


def test_an_open_reader_keeps_the_old_file(tmp_path: Path) -> None:
    """A file is replaced as a whole: an open reader reads the old text to its end."""
    path = tmp_path / "x.md"
    write_file(path, "the old text")
    with path.open(encoding="utf-8") as reader:
        assert reader.read(4) == "the "
        write_file(path, "something else")
        assert reader.read() == "old text"


def test_a_reader_never_sees_a_part(tmp_path: Path) -> None:
    """While two texts of different lengths alternate, a reader always gets one of them complete."""
    path = tmp_path / "x.md"
    texts = ["a" * 10, "b" * 200_000]
    write_file(path, texts[0])
    seen = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(path.read_text(encoding="utf-8"))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(40):
        write_file(path, texts[number % 2])
    done.set()
    reader.join()
    assert seen <= set(texts)


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755])
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    """The permissions of a file do not change when its text does."""
    path = tmp_path / "x.md"
    path.write_text("old", encoding="utf-8")
    path.chmod(mode)
    write_file(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    """A new file has the permissions that the umask gives."""
    (tmp_path / "usual").touch()
    write_file(tmp_path / "new", "text")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from daily_papers.errors import DailyPapersError
from daily_papers.atomic_files import write_file, write_lines
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    if sys.argv[2] == "text":
        write_file(Path(sys.argv[1]), "new" * 1000)
    else:
        write_lines(Path(sys.argv[1]), ["new"] * 1000)
except DailyPapersError as error:
    print(error)
"""


@pytest.mark.parametrize("kind", ["text", "lines"])
@pytest.mark.parametrize("old", ["the old text", None])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, old: str | None, kind: str
) -> None:
    """When the disk is full, the old file stays, no part is left, and an error says so."""
    path = tmp_path / "x.md"
    if old is not None:
        path.write_text(old, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, path, kind], check=True, capture_output=True, text=True
    )
    assert done.stdout.startswith(f"{path}: it cannot be written: File too large. ")
    assert "run again" in done.stdout
    assert names_in(tmp_path) == ([] if old is None else ["x.md"])
    assert old is None or path.read_text(encoding="utf-8") == old


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A file where a folder should be is an error with the path and the reason."""
    (tmp_path / "papers").write_text("a file", encoding="utf-8")
    with pytest.raises(DailyPapersError, match="it cannot be written: ") as caught:
        write_file(tmp_path / "papers" / "store.jsonl", "text")
    assert str(caught.value).startswith(str(tmp_path / "papers" / "store.jsonl"))
    assert "a file is in the place of its folder: move it away" in str(caught.value)


def test_a_folder_in_the_files_place_stays(tmp_path: Path) -> None:
    """A folder with the file's name is not replaced, and no temporary file is left."""
    (tmp_path / "x.md").mkdir()
    for change in (lambda path: write_file(path, "text"), remove_file):
        with pytest.raises(DailyPapersError, match="a folder is in its place: move it away"):
            change(tmp_path / "x.md")
    assert names_in(tmp_path) == ["x.md"]


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_what_was_written_last_is_there(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    """Any text is written byte for byte, and only a change is reported as one."""
    path = tmp_path_factory.mktemp("files") / "x"
    known = None
    for text in texts:
        assert write_file(path, text) == (text != known)
        assert path.read_bytes() == text.encode()
        known = text


def test_lines_are_written_as_a_whole(tmp_path: Path) -> None:
    """The lines replace the old content, each with a line end."""
    path = tmp_path / "papers" / "store.jsonl"
    for lines in (["one", "zwölf", ""], ["two"], []):
        write_lines(path, iter(lines))
        assert path.read_bytes() == "".join(f"{line}\n" for line in lines).encode()
    assert names_in(path.parent) == ["store.jsonl"]


def test_lines_that_break_off_leave_the_old_file(tmp_path: Path) -> None:
    """When the iterator of lines fails, the old file stays and no temporary file is left."""
    path = tmp_path / "store.jsonl"
    write_lines(path, ["the old text"])

    def lines() -> Iterator[str]:
        yield "new" * 100_000
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_lines(path, lines())
    assert path.read_text(encoding="utf-8") == "the old text\n"
    assert names_in(tmp_path) == ["store.jsonl"]


def test_a_file_is_deleted(tmp_path: Path) -> None:
    """The file is gone; deleting one that does not exist is no error."""
    (tmp_path / "x").touch()
    for _ in range(2):
        remove_file(tmp_path / "x")
        assert names_in(tmp_path) == []


def test_what_cannot_be_deleted_is_told(tmp_path: Path) -> None:
    """A folder in the file's place is an error."""
    with pytest.raises(DailyPapersError, match="it cannot be deleted: "):
        remove_file(tmp_path)


def test_a_free_folder_is_held_at_once(tmp_path: Path, clock: VirtualClock) -> None:
    """Without another run there is no wait, and afterwards the folder is unlocked."""
    for _ in range(2):
        with locked(tmp_path, clock, wait=60):
            pass
    assert clock.sleeps == []
    assert names_in(tmp_path) == []


def test_a_second_run_waits_and_then_gives_up(tmp_path: Path, clock: VirtualClock) -> None:
    """With another run at work, a run waits as long as `wait` says, then fails."""
    with (
        locked(tmp_path, clock, wait=60),
        pytest.raises(DailyPapersError, match="another run is still at work here"),
        locked(tmp_path, clock, wait=60),
    ):
        pytest.fail("two runs at once")
    assert 60 <= clock.elapsed < 61


def test_a_second_run_begins_when_the_first_ends(tmp_path: Path) -> None:
    """A waiting run starts as soon as the other ends."""
    first = locked(tmp_path, VirtualClock(), wait=0)

    class EndOfTheFirst(VirtualClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if len(self.sleeps) == 3:
                first.__exit__(None, None, None)

    clock = EndOfTheFirst()
    first.__enter__()
    with locked(tmp_path, clock, wait=60):
        assert len(clock.sleeps) == 3


def test_an_error_frees_the_folder(tmp_path: Path, clock: VirtualClock) -> None:
    """A run that fails releases the lock."""
    with pytest.raises(RuntimeError), locked(tmp_path, clock, wait=0):
        raise RuntimeError
    with locked(tmp_path, clock, wait=0):
        pass


HOLD = """
import sys, time
from pathlib import Path
from daily_papers.clock import SystemClock
from daily_papers.atomic_files import locked
with locked(Path(sys.argv[1]), SystemClock(), 0):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_run_keeps_nobody_out(tmp_path: Path, clock: VirtualClock) -> None:
    """Another process has the lock until it ends, however it ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(DailyPapersError, match="another run"),
            locked(tmp_path, clock, wait=1),
        ):
            pytest.fail("two runs at once")
        other.kill()
        other.wait()
        with locked(tmp_path, clock, wait=0):
            pass


KILLED = """
import os, sys
from pathlib import Path
from daily_papers.atomic_files import write_file
os.fsync = lambda _: os._exit(9)
write_file(Path(sys.argv[1]) / "papers" / "topics" / "x.md", "new" * 1000)
"""


def test_what_a_killed_run_left_is_cleared_away(tmp_path: Path, clock: VirtualClock) -> None:
    """A run killed while writing leaves the old file; the next run deletes the temporary one."""
    path = tmp_path / "papers" / "topics" / "x.md"
    write_file(path, "the old text")
    assert subprocess.run([sys.executable, "-c", KILLED, tmp_path], check=False).returncode == 9
    assert path.read_text(encoding="utf-8") == "the old text"
    assert names_in(path.parent) == ["x.md"]
    assert len(names_in(tmp_path / "papers")) == 2
    (tmp_path / "mine.tmp").touch()
    (tmp_path / ".hidden").touch()
    with locked(tmp_path, clock, wait=0):
        assert names_in(tmp_path / "papers") == ["topics"]
    assert names_in(tmp_path) == [".hidden", "mine.tmp", "papers"]


@pytest.mark.parametrize("folder", [".", "papers"])
def test_every_folder_that_is_written_to_is_cleared(
    tmp_path: Path, clock: VirtualClock, folder: str
) -> None:
    """Temporary files are found in both folders that they are written to."""
    place = tmp_path / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / ".daily-papers-abc.tmp").touch()
    with locked(tmp_path, clock, wait=0):
        assert not (place / ".daily-papers-abc.tmp").exists()


def test_nothing_is_cleared_while_another_run_writes(tmp_path: Path, clock: VirtualClock) -> None:
    """The temporary file of a run at work is not deleted."""
    with locked(tmp_path, clock, wait=0):
        (tmp_path / ".daily-papers-abc.tmp").touch()
        with pytest.raises(DailyPapersError), locked(tmp_path, clock, wait=1):
            pytest.fail("two runs at once")
        assert (tmp_path / ".daily-papers-abc.tmp").exists()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, clock: VirtualClock) -> None:
    """A --root that does not exist is an error and is not created."""
    missing = tmp_path / "missing"
    with (
        pytest.raises(DailyPapersError, match="there is no such folder"),
        locked(missing, clock, wait=0),
    ):
        pytest.fail("there is nothing to hold")
    assert not missing.exists()
