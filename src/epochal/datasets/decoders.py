"""A few warm processes that decode strangers' pictures for a server, so that a decoder's mistake is not the server's.

    with decoding_elsewhere(memory_bytes=…, processes=2):
        …                       # decode_image, read_header, make_thumbnail of this process ask a decoder

A picture that kills its decoder, takes too much memory or too long is refused (DatasetError); the next one gets a new
process. Processes start when they are first needed and end with whoever started them.
"""

import contextlib
import mmap
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from epochal.datasets import pictures
from epochal.datasets.decoder_process import NOT_SHARED, SHARED_BYTES, receive, send
from epochal.datasets.headers import Header
from epochal.errors import DatasetError, Failed

WALL_S = 60.0  # for one picture, its way here and back included
PICTURES_MAX = 5000  # of one process; then a new one takes its place, so that nothing adds up
_BUFFER_BYTES = 1 << 20
_KEPT_BYTES = str(32 << 20)
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # glibc would give the memory of each picture back, and fetch it page by page for the next: a third of the work.
    "MALLOC_MMAP_THRESHOLD_": _KEPT_BYTES,
    "MALLOC_TRIM_THRESHOLD_": _KEPT_BYTES,
}


class _Child:
    """One process, the socket to it, and the memory that it lays the pixels for a net into."""

    def __init__(self, memory_bytes: int) -> None:
        self._socket, theirs = socket.socketpair()
        shared_file = _make_shared_file()
        self._shared = None if shared_file == NOT_SHARED else mmap.mmap(shared_file, SHARED_BYTES)
        try:
            for end in (self._socket, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
            numbers = [theirs.fileno(), memory_bytes, shared_file]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "epochal.datasets.decoder_process", *map(str, numbers)],
                pass_fds=[one for one in (theirs.fileno(), shared_file) if one != NOT_SHARED],
                stdin=subprocess.DEVNULL,
                env={**os.environ, **_ENVIRONMENT},
                start_new_session=True,  # Ctrl+C is the server's to hear
            )
        finally:
            theirs.close()
            if shared_file != NOT_SHARED:
                os.close(shared_file)
        self._socket.settimeout(WALL_S)
        self.pictures = 0

    def ask(
        self, fields: dict[str, Any], data: bytes, into: NDArray[np.uint8] | None
    ) -> tuple[dict[str, Any], bytearray]:
        """The answer; its pixels are in `into` where that is given.

        Raises OSError, EOFError when the process is gone or does not answer in time, ValueError when it talks nonsense.
        """
        self.pictures += 1
        send(self._socket, fields, data)
        told, content = receive(self._socket)
        if into is not None and "error" not in told:
            pixels = content or self._shared or b""
            into[...] = np.frombuffer(pixels, np.uint8, into.size).reshape(into.shape)
        return told, content

    def end(self) -> str:
        """End the process; gives what had ended it before, for messages."""
        self._socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.2)
        self._process.kill()
        code = self._process.wait()
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return "took too long"
        return f"ended with {signal.Signals(-code).name if code < 0 else f'status {code}'}"


def _make_shared_file() -> int:
    """A file of memory that nobody may make smaller, for whoever reads beyond its end dies; NOT_SHARED without such."""
    if sys.platform != "linux":
        return NOT_SHARED
    import fcntl

    made = os.memfd_create("pixels", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(made, SHARED_BYTES)
    fcntl.fcntl(made, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
    return made


class Decoders:
    """The processes. Safe to use from many threads; more than there are processes wait."""

    def __init__(self, *, memory_bytes: int, processes: int) -> None:
        """Start none yet.

        Args:
            memory_bytes: of each process, its address space.
            processes: how many there are at most.
        """
        self._memory_bytes = memory_bytes
        self._free: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(processes):
            self._free.put(None)
        self._is_closed = False

    def header(self, data: bytes, name: str, limit_pixels: int) -> Header:
        """As `pictures.read_header`. Raises DatasetError."""
        told, _ = self._ask({"verb": "header", "name": name, "limit_pixels": limit_pixels, "at_least_wh": None}, data)
        return Header((told["wh"][0], told["wh"][1]), told["orientation"])

    def pixels(
        self, data: bytes, name: str, at_least_wh: tuple[int, int] | None, limit_pixels: int
    ) -> PillowImage.Image:
        """As `pictures.decode_bytes`. Raises DatasetError."""
        fields = {"verb": "pixels", "name": name, "limit_pixels": limit_pixels, "at_least_wh": at_least_wh}
        told, pixels = self._ask(fields, data)
        return PillowImage.frombytes("RGB", (told["wh"][0], told["wh"][1]), pixels)

    def scale_into(self, into: NDArray[np.uint8], data: bytes, name: str, limit_pixels: int) -> None:
        """As `pictures.scale_into`. Raises DatasetError."""
        height, width, _ = into.shape
        fields = {"verb": "scale", "name": name, "limit_pixels": limit_pixels, "at_least_wh": (width, height)}
        self._ask(fields, data, into)

    def thumbnail(self, data: bytes, name: str, side_px: int, quality: int, limit_pixels: int) -> bytes:
        """As `thumbnails.draw_thumbnail` of the decoded picture. Raises DatasetError."""
        fields = {
            "verb": "thumbnail",
            "name": name,
            "limit_pixels": limit_pixels,
            "side_px": side_px,
            "quality": quality,
        }
        return bytes(self._ask({**fields, "at_least_wh": (side_px, side_px)}, data)[1])

    def close(self) -> None:
        """End all processes; those at work end with their picture."""
        self._is_closed = True
        places = 0
        with contextlib.suppress(queue.Empty):
            while True:
                child = self._free.get_nowait()
                places += 1
                if child is not None:
                    child.end()
        for _ in range(places):  # whoever still waits is told, and does not wait for ever
            self._free.put(None)

    def _ask(
        self, fields: dict[str, Any], data: bytes, into: NDArray[np.uint8] | None = None
    ) -> tuple[dict[str, Any], bytearray]:
        child = self._free.get()
        try:
            if child is not None and child.pictures >= PICTURES_MAX:
                child.end()
                child = None
            if child is None:
                child = self._start()
            try:
                told, content = child.ask(fields, data, into)
            except (OSError, EOFError, ValueError):
                why, child = child.end(), None
                raise DatasetError(
                    f"{fields['name']} is damaged: its decoder {why}. Replace the file, or take it out."
                ) from None
        finally:
            if self._is_closed and child is not None:
                child.end()
                child = None
            self._free.put(child)
        if "error" in told:
            raise DatasetError(str(told["error"]))
        return told, content

    def _start(self) -> _Child:
        if self._is_closed:
            raise Failed("The server is ending; send the picture again when it is back.")
        try:
            return _Child(self._memory_bytes)
        except OSError as error:
            raise Failed(f"No process to decode pictures could be started ({error.strerror}).") from None


_users = 0
_lock = threading.Lock()
_shared: Decoders | None = None


@contextlib.contextmanager
def decoding_elsewhere(*, memory_bytes: int, processes: int) -> Iterator[None]:
    """Let every decoding of this process be done by decoders, which several users share.

    Does nothing where processes have no limits (Windows).
    """
    global _users, _shared
    if os.name != "posix":
        yield
        return
    with _lock:
        _users += 1
        if _shared is None:
            _shared = Decoders(memory_bytes=memory_bytes, processes=processes)
            pictures.decode_elsewhere(_shared)
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0 and _shared is not None:
                pictures.decode_elsewhere(None)
                _shared.close()
                _shared = None
