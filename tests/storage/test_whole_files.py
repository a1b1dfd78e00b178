"""Files are whole or not there, whenever a process is killed. Run: pytest tests/storage/test_whole_files.py."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from epochal.errors import Failed, StorageFull
from epochal.storage.whole_files import disk_error, whole_file, whole_folder, write_whole

OLD, NEW = b"old " * 50_000, b"new!" * 50_000
# Writes piece by piece, as long as it lives, and says when it has begun.
WRITER = """
import sys, time
from pathlib import Path
from epochal.storage.whole_files import whole_file, whole_folder
final = Path(sys.argv[1])
with whole_folder(final) if sys.argv[2] == "folder" else whole_file(final, clears=True) as part:
    with (part / "a" if sys.argv[2] == "folder" else part).open("wb") as stream:
        stream.write(b"half"), stream.flush()
        print("begun", flush=True)
        time.sleep(600)
"""


def test_write_whole__takes_text_bytes_and_writers(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for content in ("ä", "ä".encode(), lambda stream: stream.write("ä".encode())):
        write_whole(path, content)
        assert path.read_bytes() == "ä".encode()
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("flushes", [True, False])
def test_write_whole__a_reader_sees_the_old_or_the_new(tmp_path: Path, flushes: bool) -> None:
    path = tmp_path / "a"
    path.write_bytes(OLD)
    ends, seen = threading.Event(), set()

    def read() -> None:
        while not ends.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(60):
        write_whole(path, (NEW, OLD)[number % 2], flushes=flushes)
    ends.set()
    reader.join()
    assert seen <= {OLD, NEW}


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_kill__leaves_what_was_there_and_the_next_clears_up(tmp_path: Path, kind: str) -> None:
    final = tmp_path / "out"
    if kind == "file":
        final.write_bytes(OLD)
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(final), kind], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    process.kill()
    process.communicate()
    left = [one.name for one in tmp_path.iterdir() if one != final]
    assert len(left) == 1
    assert left[0].startswith(".out-")
    assert final.read_bytes() == OLD if kind == "file" else not final.exists()
    with whole_folder(final) if kind == "folder" else whole_file(final, clears=True) as part:
        (part / "a" if kind == "folder" else part).write_bytes(NEW)
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
    assert (final / "a" if kind == "folder" else final).read_bytes() == NEW


@pytest.mark.parametrize("fails_at", ["write", "flush"])
def test_full_disk__keeps_the_old_file_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: str
) -> None:
    path = tmp_path / "a"
    path.write_bytes(OLD)

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    if fails_at == "flush":
        monkeypatch.setattr("epochal.storage.whole_files.os.fsync", full)
    with pytest.raises(StorageFull, match=r"a: No space left on device\. Sweep the floor\."):
        write_whole(path, full if fails_at == "write" else NEW, remedy="Sweep the floor.")
    assert path.read_bytes() == OLD
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_write_whole__into_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"Cannot write .*No such file") as caught:
        write_whole(tmp_path / "no" / "a", "text")
    assert not isinstance(caught.value, StorageFull)
    assert not isinstance(disk_error(tmp_path, PermissionError(13, "Permission denied")), StorageFull)


def test_whole_file__an_error_in_the_block_leaves_nothing(tmp_path: Path) -> None:
    def write() -> None:
        with whole_file(tmp_path / "a") as part:
            part.write_bytes(b"half")
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        write()
    assert list(tmp_path.iterdir()) == []


def test_mode__holds_before_anything_is_written(tmp_path: Path) -> None:
    with whole_file(tmp_path / "key", mode=0o600) as part:
        assert part.stat().st_mode & 0o777 == 0o600
        part.write_text("secret")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_whole_file__two_threads_at_once_do_not_meet(tmp_path: Path) -> None:
    path, errors = tmp_path / "a", []

    def write(content: bytes) -> None:
        try:
            for _ in range(20):
                write_whole(path, content, flushes=False)
        except Failed as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(one,)) for one in (OLD, NEW) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert path.read_bytes() in {OLD, NEW}
    assert os.listdir(tmp_path) == ["a"]
