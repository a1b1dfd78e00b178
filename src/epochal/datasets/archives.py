"""Unpack a zip from a stranger: looked through whole before anything is written, and written whole or not at all."""

import hashlib
import os
import re
import shutil
import stat
import struct
import zipfile
import zlib
from pathlib import Path

from epochal.config import data_dir, read_settings
from epochal.errors import DatasetError, StorageFull
from epochal.storage.whole_files import whole_folder

_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst", ".jar")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
# Pictures hardly shrink and text shrinks tenfold; a hundredfold over a gigabyte is made to harm.
_RATIO_MAX, _RATIO_FROM_BYTES = 100, 50_000_000
_END_MARK, _END_BYTES, _ENTRY_MARK = b"PK\5\6", 22, b"PK\1\2"


def is_archive(path: Path) -> bool:
    """Whether a path is a zip file, judged by its beginning."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) in (b"PK\3\4", b"PK\5\6")


def unpack(path: Path, into: Path | None = None) -> Path:
    """Unpack a zip file, or find it unpacked already.

    Args:
        path: the archive.
        into: the folder that gets a folder named by the archive and its contents; the data folder's `unpacked` if None.

    Returns:
        The folder with the archive's files.

    Raises:
        DatasetError: it is no zip, damaged, or hostile: entries outside the folder, links, devices, names that other
            systems cannot hold, archives within it, encryption, too many entries, too large. Nothing is written then.
        StorageFull: the disk has no room for it.
    """
    folder = (data_dir() / "unpacked") if into is None else into
    _check_entry_count(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _checked_entries(path, archive)
            final = folder / f"{_safe_stem(path)}-{_fingerprint(entries)}"
            if not final.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                _check_room(path, folder, sum(entry.file_size for entry in entries))
                _write(archive, entries, final)
            return final
    except (zipfile.BadZipFile, NotImplementedError, EOFError, struct.error, zlib.error) as error:
        raise DatasetError(f"{path} is a damaged or unusual zip file ({error}); make it anew.") from None


def _refuse(path: Path, why: str) -> DatasetError:
    return DatasetError(f"{path} is refused: {why}. Nothing was unpacked; make the zip anew from the plain folder.")


def _check_entry_count(path: Path) -> None:
    """Count the entries by walking over the directory's bytes, before `zipfile` builds an object for each."""
    limit = int(read_settings()["max_archive_entries"])
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END_BYTES - 65_535))
        tail = file.read()
        end = tail.rfind(_END_MARK)
        if end < 0 or len(tail) - end < _END_BYTES:
            raise DatasetError(f"{path} is a zip file without its end; copy or download it again.")
        directory_bytes = struct.unpack_from("<I", tail, end + 12)[0]
        if directory_bytes == 0xFFFFFFFF:  # zip64: its own end record stands before
            end64 = tail.rfind(b"PK\6\6", 0, end)
            if end64 < 0 or end64 + 48 > len(tail):
                raise DatasetError(f"{path} is a damaged zip file; make it anew.")
            directory_bytes = struct.unpack_from("<Q", tail, end64 + 40)[0]
            end = end64
        if directory_bytes > limit * 1000:
            raise _refuse(path, f"its directory has {directory_bytes:,} bytes")
        start = max(0, size - len(tail) + end - directory_bytes)
        file.seek(start)
        if file.read(directory_bytes).count(_ENTRY_MARK) > limit:
            raise _refuse(path, f"it has more than {limit:,} entries (setting max_archive_entries)")


def _checked_entries(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files to unpack, having looked at every entry.

    Raises:
        DatasetError: one of them is a reason to refuse the whole.
    """
    entries: list[zipfile.ZipInfo] = []
    seen: set[str] = set()
    for entry in archive.infolist():
        if (why := _harm(entry)) is not None:
            raise _refuse(path, why)
        if entry.is_dir() or _is_shadow(entry.filename):
            continue
        if entry.filename.casefold() in seen:
            raise _refuse(path, f"it holds {entry.filename!r} twice, or differing in capitals only")
        seen.add(entry.filename.casefold())
        entries.append(entry)
    _check_sizes(path, entries)
    return entries


def _harm(entry: zipfile.ZipInfo) -> str | None:
    """Why an entry is a reason to refuse the archive; None when it is not."""
    name = entry.orig_filename  # Trap: `filename` has been cut at a NUL and cleaned already
    parts = name.rstrip("/").split("/")
    mode = entry.external_attr >> 16
    checks = (
        (name.startswith("/") or ".." in parts, f"{name!r} leads out of the folder"),
        ("\\" in name or re.match(r"[A-Za-z]:", name), f"{name!r} is a path of Windows, with a backslash or a drive"),
        (any(_DEVICES.match(part) for part in parts), f"{name!r} is the name of a device on Windows"),
        (any(ord(letter) < 32 or letter in '<>:"|?*' for letter in name), f"{name!r} has letters Windows cannot hold"),
        (any(part != part.rstrip(". ") for part in parts), f"{name!r} ends with a dot or blank, which Windows drops"),
        ("" in parts or len(name.encode("utf-8", "replace")) > 1000, f"{name[:80]!r} is no proper path"),
        (entry.flag_bits & 1, f"{name!r} is encrypted"),
        (
            stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR),
            f"{name!r} is a link or device, not a file",
        ),
        (name.lower().endswith(_ARCHIVES), f"{name!r} is an archive within the archive"),
    )
    return next((why for found, why in checks if found), None)


def _is_shadow(name: str) -> bool:
    """What macOS adds, and other hidden files."""
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _check_sizes(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    limit = int(read_settings()["max_unpacked_bytes"])
    total = sum(entry.file_size for entry in entries)
    packed = max(1, path.stat().st_size)
    if total > limit:
        raise _refuse(path, f"it would unpack to {total:,} bytes, more than {limit:,} (setting max_unpacked_bytes)")
    if total > _RATIO_FROM_BYTES and total / packed > _RATIO_MAX:
        raise _refuse(path, f"it would unpack to {total / packed:.0f} times its size, as only a zip bomb does")
    # Entries that share the same packed bytes make a small archive that never ends.
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise _refuse(path, f"{entry.filename!r} overlaps another entry, as only a zip bomb does")
        end = entry.header_offset + 30 + entry.compress_size


def _fingerprint(entries: list[zipfile.ZipInfo]) -> str:
    """Of the names, sizes and checksums of all files, so that the same archive is found again without reading it."""
    digest = hashlib.sha256()
    for entry in sorted(entries, key=lambda entry: entry.filename):
        digest.update(f"{entry.filename}\0{entry.file_size}\0{entry.CRC}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def _safe_stem(path: Path) -> str:
    return re.sub(r"[^\w.-]+", "_", path.stem).strip("._")[:80] or "dataset"


def _check_room(path: Path, folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if wanted > free:
        raise StorageFull(
            f"{path} needs {wanted:,} bytes unpacked, and {folder} has {free:,} free; free some, or name another "
            "folder by the setting data_dir."
        )


def _write(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], final: Path) -> None:
    with whole_folder(final) as part:
        made: set[Path] = set()
        for entry in entries:
            target = part / entry.filename
            if target.parent not in made:
                target.parent.mkdir(parents=True, exist_ok=True)
                made.add(target.parent)
            with archive.open(entry) as source, target.open("xb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
