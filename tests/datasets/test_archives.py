"""Zips from strangers: good ones open, hostile ones are refused and write nothing. Run: pytest tests/datasets."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from epochal.datasets import open_dataset
from epochal.datasets.archives import is_archive, unpack
from epochal.errors import DatasetError, StorageFull

Draw = Any
Write = Callable[[zipfile.ZipFile], None]


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "into"


def _zip_of(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return path


def test_open_dataset__zip(draw: Draw, tmp_path: Path, into: Path) -> None:
    draw.root = tmp_path / "pets"
    draw.image("train/images/a b#1.jpg")
    draw.text("train/labels/a b#1.txt", "0 0.5 0.5 0.2 0.2\n")
    draw.text("data.yaml", "names: [cat]\ntrain: ../train/images\n")
    draw.text("__MACOSX/._a.jpg", "shadow")
    path = _zip_of(draw.root, tmp_path / "my pets.zip")
    dataset = open_dataset(path, unpack_into=into)
    assert (dataset.name, dataset.format, dataset.annotation_count) == ("my pets", "yolo", 1)
    assert dataset.images[0].path.is_file()
    assert dataset.images[0].path.is_relative_to(into)
    # the same archive again is not unpacked again
    (marker := dataset.root / "marker").touch()
    again = open_dataset(path, unpack_into=into)
    assert (again.root, marker.exists(), len(list(into.iterdir()))) == (dataset.root, True, 1)


def test_open_dataset__zip_goes_into_the_data_folder(
    draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPOCHAL_DATA_DIR", str(tmp_path / "data"))
    draw.root = tmp_path / "pets"
    draw.image("a.jpg")
    dataset = open_dataset(_zip_of(draw.root, tmp_path / "pets.zip"))
    assert dataset.root.parent == tmp_path / "data" / "unpacked"


def _named(name: str) -> Write:
    return lambda archive: archive.writestr(zipfile.ZipInfo(name), b"x")


def _link(archive: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("a.jpg")
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(entry, "/etc/passwd")


def _twice(archive: zipfile.ZipFile) -> None:
    archive.writestr("a.txt", "1")
    archive.writestr("A.txt", "2")


HOSTILE: list[tuple[str, Write, str]] = [
    ("zip-slip", _named("../../evil.txt"), "leads out of the folder"),
    ("zip-slip within", _named("a/../../evil.txt"), "leads out of the folder"),
    ("absolute", _named("/etc/evil.txt"), "leads out of the folder"),
    ("drive", _named("C:/evil.txt"), "a path of Windows"),
    ("backslash", _named("..\\evil.txt"), "a path of Windows"),
    ("device", _named("images/CON.txt"), "the name of a device on Windows"),
    ("device alone", _named("nul"), "the name of a device on Windows"),
    ("letters", _named("a?.txt"), "letters Windows cannot hold"),
    ("control letter", _named("a\n.txt"), "letters Windows cannot hold"),
    ("dot at the end", _named("a./b.txt"), "which Windows drops"),
    ("empty part", _named("a//b.txt"), "no proper path"),
    ("link", _link, "is a link or device"),
    ("nested archive", _named("more.zip"), "an archive within the archive"),
    ("nested tar", _named("more.tar.gz"), "an archive within the archive"),
    ("twice", _twice, "twice, or differing in capitals"),
]


@pytest.mark.parametrize(("write", "why"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_unpack__hostile(tmp_path: Path, into: Path, write: Write, why: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("first.txt", "harmless")
        write(archive)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DatasetError, match=f"a.zip is refused: .*{why}.*Nothing was unpacked"):
        unpack(path, into)
    assert sorted(tmp_path.rglob("*")) == before


def _patched(path: Path, at: str, offset: int, value: bytes) -> None:
    """Change bytes of the last record of a kind, at an offset from its mark."""
    data = bytearray(path.read_bytes())
    start = data.rindex({"local": b"PK\3\4", "central": b"PK\1\2", "end": b"PK\5\6"}[at]) + offset
    data[start : start + len(value)] = value
    path.write_bytes(bytes(data))


def _small_zip(path: Path, content: bytes = b"hello") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", content)
    return path


def test_unpack__encrypted(tmp_path: Path, into: Path) -> None:
    path = _small_zip(tmp_path / "a.zip")
    _patched(path, "central", 8, struct.pack("<H", 1))
    with pytest.raises(DatasetError, match=r"'a\.txt' is encrypted"):
        unpack(path, into)


def test_unpack__too_many_entries(tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(50):
            archive.writestr(f"{i}.txt", "")
    unpack(path, into)
    monkeypatch.setenv("EPOCHAL_MAX_ARCHIVE_ENTRIES", "49")
    with pytest.raises(DatasetError, match="more than 49 entries"):
        unpack(path, into)
    # a lie about the number in the end record changes nothing
    _patched(path, "end", 8, struct.pack("<HH", 1, 1))
    with pytest.raises(DatasetError, match="more than 49 entries"):
        unpack(path, into)


def test_unpack__a_million_entries_are_refused_quickly(tmp_path: Path, into: Path) -> None:
    name = b"x"
    entry = b"PK\1\2" + struct.pack("<6H3L5H2L", 20, 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0) + name
    directory = entry * 1_000_000
    end = b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 65535, 65535, len(directory), 4, 0)
    (tmp_path / "a.zip").write_bytes(b"PK\3\4" + directory + end)
    with pytest.raises(DatasetError, match="more than 500,000 entries"):
        unpack(tmp_path / "a.zip", into)


def test_unpack__bomb_by_size(tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _small_zip(tmp_path / "a.zip", b"0" * 1_000_000)
    monkeypatch.setenv("EPOCHAL_MAX_UNPACKED_BYTES", "999999")
    with pytest.raises(DatasetError, match="unpack to 1,000,000 bytes, more than 999,999"):
        unpack(path, into)


def test_unpack__bomb_by_ratio(tmp_path: Path, into: Path) -> None:
    path = _small_zip(tmp_path / "a.zip")
    _patched(path, "central", 24, struct.pack("<L", 2_000_000_000))
    with pytest.raises(DatasetError, match="times its size, as only a zip bomb does"):
        unpack(path, into)


def test_unpack__bomb_of_60_megabytes(tmp_path: Path, into: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.bin", bytes(60_000_000))
    with pytest.raises(DatasetError, match="times its size, as only a zip bomb does"):
        unpack(tmp_path / "a.zip", into)
    assert list(into.glob("*")) == []


def test_open_dataset__names_the_zip_and_not_where_it_was_unpacked(tmp_path: Path, into: Path) -> None:
    path = _small_zip(tmp_path / "a.zip")
    with pytest.raises(DatasetError, match=r"a\.zip holds no images") as caught:
        open_dataset(path, unpack_into=into)
    assert str(into) not in str(caught.value)


def test_unpack__bomb_of_overlapping_entries(tmp_path: Path, into: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", b"0" * 100)
        archive.writestr("b.txt", b"0" * 100)
    _patched(path, "central", 42, struct.pack("<L", 5))
    with pytest.raises(DatasetError, match="overlaps another entry"):
        unpack(path, into)


def test_unpack__entry_longer_than_it_says(tmp_path: Path, into: Path) -> None:
    path = _small_zip(tmp_path / "a.zip", b"0" * 1000)
    _patched(path, "central", 24, struct.pack("<L", 10))
    with pytest.raises(DatasetError, match="damaged or unusual zip"):
        unpack(path, into)
    assert list(into.iterdir()) == []


def test_unpack__damaged(tmp_path: Path, into: Path) -> None:
    path = _small_zip(tmp_path / "a.zip", bytes(range(256)) * 10)
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    with pytest.raises(DatasetError, match="without its end; copy or download it again"):
        unpack(path, into)
    path.write_bytes(whole[:60] + b"\xff\xff\xff" + whole[63:])
    with pytest.raises(DatasetError, match="damaged or unusual zip"):
        unpack(path, into)
    assert list(into.iterdir()) == []


def test_unpack__no_room(tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _small_zip(tmp_path / "a.zip")
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 3}))
    with pytest.raises(StorageFull, match=r"needs 5 bytes unpacked, and .* has 3 free"):
        unpack(path, into)


def test_is_archive__by_its_beginning(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    (tmp_path / "empty").write_bytes(buffer.getvalue())
    (tmp_path / "text.zip").write_text("no zip")
    assert [is_archive(tmp_path / name) for name in ("empty", "text.zip", "gone")] == [True, False, False]
