"""A file from strangers, read with bounds: its head for recognising, its text once it is recognised."""

import re
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from epochal.errors import LogError, NotFound
from epochal.graphs.readers.notebooks import notebook_lines
from epochal.graphs.readers.wrapping import Unwrap, find_wrapping

HEAD_BYTES = 65_536
_NOTEBOOK_HEAD_LINES = 2_000
_NOTEBOOK_BEGIN_BYTES = 1_000  # "cells" comes first; "metadata", where it comes before, is short
# The longest real logs (a console log of weeks, an event file of every step) have some ten million bytes.
MAX_BYTES = 256_000_000
_MAGIC = {
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89PNG": "a PNG picture",
    b"GIF8": "a GIF picture",
    b"PK\x03\x04": "a ZIP archive (an Excel workbook and a .pt file of weights are ZIP archives too)",
    b"%PDF": "a PDF document",
    b"\x80\x02": "a Python pickle",
    b"\x80\x04": "a Python pickle",
    b"SQLite format 3": "a SQLite database",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_NEWLINE = re.compile(r"\r\n|\n|\r")
_GZIP = b"\x1f\x8b"
_TAR, _TAR_AT = b"ustar", 257


@dataclass(frozen=True)
class Source:
    """A file and what its beginning looks like.

    Attributes:
        path: as given.
        size_bytes: of the file.
        head: its first `HEAD_BYTES`, unpacked.
        is_packed: the file is compressed by gzip.
    """

    path: Path
    size_bytes: int
    head: bytes
    is_packed: bool = False

    @cached_property
    def encoding(self) -> str | None:
        """The text encoding of the file; None when it is no text."""
        if self.head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        if self.head.startswith(b"\xef\xbb\xbf"):
            return "utf-8-sig"
        even, odd = self.head[0:400:2], self.head[1:400:2]
        for name, zeros, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
            if len(zeros) > 8 and zeros.count(0) > 0.9 * len(zeros) and not letters.count(0):
                return name
        return None if _is_binary(self.head) else "utf-8"

    @property
    def tag(self) -> str:
        """The scalar's name, which TensorBoard puts into the name of a file that it offers for download."""
        return self.path.name.removesuffix(".gz").rpartition(".")[0].rpartition("-tag-")[2]

    @cached_property
    def head_lines(self) -> list[str]:
        """The complete lines of the head; empty when the file is no text."""
        if self.encoding is None:
            return []
        if self._notebook is not None:
            return self._notebook[:_NOTEBOOK_HEAD_LINES]
        lines = self._unwrap(split_lines(_decode(self.head, self.encoding)))
        return lines if len(self.head) < HEAD_BYTES or len(lines) == 1 else lines[:-1]

    def read_bytes(self) -> bytes:
        """The whole file, unpacked.

        Raises:
            LogError: it is larger than `MAX_BYTES`, or cannot be read.
        """
        if self.size_bytes > MAX_BYTES:
            raise self._too_large(f"{self.size_bytes / 1e9:.1f} GB")
        try:
            with self.path.open("rb") as file:
                data = file.read(MAX_BYTES)
        except OSError as error:
            raise LogError(f"{self.path} cannot be read: {error.strerror or error}; check its permissions.") from error
        if not self.is_packed:
            return data
        data = _unpack(data, MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise self._too_large(f"more than {MAX_BYTES // 10**6} MB unpacked")
        return data

    def _too_large(self, size: str) -> LogError:
        return LogError(
            f"{self.path} has {size}; a training log of up to {MAX_BYTES // 10**6} MB is read; cut it, or give the log "
            "file itself rather than an archive or weights."
        )

    def read_lines(self) -> list[str]:
        """All lines of a text file, without their ends.

        Raises:
            LogError: as `read_bytes`.
        """
        if self._notebook is not None:
            return self._notebook
        return self._unwrap(split_lines(_decode(self.read_bytes(), self.encoding or "utf-8")))

    @cached_property
    def _notebook(self) -> list[str] | None:
        if not self.head.lstrip().startswith(b"{") or b'"cells"' not in self.head[:_NOTEBOOK_BEGIN_BYTES]:
            return None
        return notebook_lines(_decode(self.read_bytes(), self.encoding or "utf-8"))

    @cached_property
    def _unwrap(self) -> Unwrap:
        lines = split_lines(_decode(self.head, self.encoding or "utf-8"))
        return find_wrapping(lines if len(self.head) < HEAD_BYTES or len(lines) == 1 else lines[:-1])


def open_source(path: Path) -> Source:
    """Look at a file.

    Raises:
        NotFound: it is not there.
        LogError: it is empty, no file, or cannot be read.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise LogError(f"{path} is neither a file nor a folder; expected a training log.")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except FileNotFoundError as error:
        raise NotFound(f"{path} is not there; expected a training log or a folder with one.") from error
    except (OSError, ValueError) as error:
        raise LogError(f"{path} cannot be read: {error}; check its name and permissions.") from error
    is_packed = head.startswith(_GZIP)
    head = _unpack(head, HEAD_BYTES) if is_packed else head
    if is_packed and not head:
        raise LogError(f"{path} is an empty or broken gzip archive; expected a training log in it.")
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        if size > len(head):
            raise LogError(
                f"{path} holds only blanks or zero bytes at its beginning; it is damaged or no training log."
            )
        raise LogError(f"{path} is empty; expected a training log, which has at least one line of numbers.")
    return Source(path, size, head, is_packed)


def _unpack(data: bytes, limit: int) -> bytes:
    """What gzip packed, up to a limit in bytes and as far as the data is whole: a log that is still written is cut."""
    parts = []
    try:
        while data and limit > 0:
            member = zlib.decompressobj(wbits=31)
            parts.append(member.decompress(data, limit))
            limit -= len(parts[-1])
            data = member.unused_data
    except zlib.error:
        pass
    return b"".join(parts)


def split_lines(text: str) -> list[str]:
    """Lines at line feeds and carriage returns (progress bars), not at the rarer marks that `str.splitlines` knows."""
    lines = _NEWLINE.split(text)
    return lines[:-1] if lines and not lines[-1] else lines


def describe_bytes(head: bytes) -> str:
    """What a file that is no text seems to be."""
    if _is_tar(head):
        return "a tar archive; unpack it and give the log in it"
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            return what
    return "binary data"


def _decode(data: bytes, encoding: str) -> str:
    text = data.decode(encoding, errors="replace").replace("\0", "").removeprefix("\ufeff")
    return _COLOURS.sub("", text) if "\x1b" in text else text


def _is_tar(head: bytes) -> bool:
    return head.startswith(_TAR, _TAR_AT)


def _is_binary(head: bytes) -> bool:
    if _is_tar(head) or any(head.startswith(magic) for magic in _MAGIC if not magic.isalpha()):
        return True
    sample = head[:8192].rstrip(b"\0")  # zeros at the end: a file system that lost the last blocks
    # \b and \x1b come from progress bars and colours; a few zero bytes from a crash of the file system.
    odd = sum(sample.count(code) for code in range(32) if code not in (7, 8, 9, 10, 12, 13, 27))
    return odd > 0.05 * len(sample) or _undecodable(sample) > 0.4 * len(sample)


def _undecodable(sample: bytes) -> int:
    return sample.decode("utf-8", errors="replace").count("\ufffd")
