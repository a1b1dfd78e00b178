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
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from epochal.datasets import pictures
from epochal.datasets.decoder_process import NOT_SHARED, SHARED_BYTES, receive, send
from epochal.datasets.headers import Header
from epochal.errors import DatasetError, Failed

WALL_S = 60.0  # for one picture, its way here and back included
PICTURES_MAX = 5000  # of one process; then a new one takes its place, so that nothing adds up
PROGRAM = (sys.executable, "-m", "epochal.datasets.decoder_process")
_BUFFER_BYTES = 1 << 20
_KEPT_BYTES = str(32 << 20)
_MARKUP_BYTES = 1 << 20  # more than the head of any small JPEG
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # glibc would give the memory of each picture back, and fetch it page by page for the next: a third of the work.
    "MALLOC_MMAP_THRESHOLD_": _KEPT_BYTES,
    "MALLOC_TRIM_THRESHOLD_": _KEPT_BYTES,
}

Taken = TypeVar("Taken")
Content = bytearray | memoryview


class _Child:
    """One process, the socket to it, and the memory that it lays the pixels for a net into."""

    def __init__(self, memory_bytes: int) -> None:
        self._socket, theirs = socket.socketpair()
        shared_file = _make_shared_file()
        try:
            self._shared = None if shared_file == NOT_SHARED else mmap.mmap(shared_file, SHARED_BYTES)
            for end in (self._socket, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
            numbers = [theirs.fileno(), memory_bytes, shared_file]
            self._process = subprocess.Popen(
                [*PROGRAM, *map(str, numbers)],
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

    def ask(self, fields: dict[str, Any], data: bytes, limit_bytes: int) -> tuple[dict[str, Any], Content]:
        """The answer; its bytes are good until the next question.

        Raises whatever a process that is gone, is too slow or talks nonsense leads to; it is to be ended then.
        """
        self.pictures += 1
        send(self._socket, fields, data)
        told, content = receive(self._socket, limit_bytes, time.monotonic() + WALL_S)
        if told.get("is_shared") and self._shared is not None:
            return told, memoryview(self._shared)
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
    """A file of memory that nobody may make smaller, for whoever reads beyond its end dies.

    NOT_SHARED where there is none: outside Linux, in a Python built for an old C library, in some sandboxes.
    """
    if sys.platform != "linux" or not hasattr(os, "memfd_create"):
        return NOT_SHARED
    import fcntl

    try:
        made = os.memfd_create("pixels", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    except OSError:
        return NOT_SHARED
    try:
        os.ftruncate(made, SHARED_BYTES)
        fcntl.fcntl(made, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
    except OSError:
        os.close(made)
        return NOT_SHARED
    return made


def _wh_of(told: dict[str, Any], limit_pixels: int) -> tuple[int, int]:
    """The size in an answer. Raises ValueError, TypeError, KeyError when it is none that the question allows."""
    width, height = told["wh"]
    if not (width > 0 < height and width * height <= limit_pixels):
        raise ValueError
    return width, height


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
        fields = {"verb": "header", "name": name, "limit_pixels": limit_pixels, "at_least_wh": None}
        return self._ask(fields, data, 0, lambda told, _: Header(_wh_of(told, limit_pixels), int(told["orientation"])))

    def pixels(
        self, data: bytes, name: str, at_least_wh: tuple[int, int] | None, limit_pixels: int
    ) -> PillowImage.Image:
        """As `pictures.decode_bytes`. Raises DatasetError."""
        fields = {"verb": "pixels", "name": name, "limit_pixels": limit_pixels, "at_least_wh": at_least_wh}

        def take(told: dict[str, Any], pixels: Content) -> PillowImage.Image:
            return PillowImage.frombytes("RGB", _wh_of(told, len(pixels) // 3), pixels)

        return self._ask(fields, data, 3 * limit_pixels, take)

    def scale_into(self, into: NDArray[np.uint8], data: bytes, name: str, limit_pixels: int) -> None:
        """As `pictures.scale_into`. Raises DatasetError."""
        height, width, _ = into.shape
        fields = {"verb": "scale", "name": name, "limit_pixels": limit_pixels, "at_least_wh": (width, height)}

        def take(told: dict[str, Any], pixels: Content) -> bool:
            into[...] = np.frombuffer(pixels, np.uint8, into.size).reshape(into.shape)
            return True

        self._ask(fields, data, into.size, take)

    def thumbnail(self, data: bytes, name: str, side_px: int, quality: int, limit_pixels: int) -> bytes:
        """As `thumbnails.draw_thumbnail` of the decoded picture. Raises DatasetError."""
        fields = {
            "verb": "thumbnail",
            "name": name,
            "limit_pixels": limit_pixels,
            "side_px": side_px,
            "quality": quality,
        }
        limit_bytes = 3 * limit_pixels + _MARKUP_BYTES
        return self._ask(
            {**fields, "at_least_wh": (side_px, side_px)}, data, limit_bytes, lambda _, content: bytes(content)
        )

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
        self, fields: dict[str, Any], data: bytes, limit_bytes: int, take: Callable[[dict[str, Any], Content], Taken]
    ) -> Taken:
        """What `take` makes of the answer, which has at most `limit_bytes` behind it."""
        child = self._free.get()
        answered: _Child | None = None  # only a process that has said all it had to say is asked again
        try:
            if child is not None and child.pictures >= PICTURES_MAX:
                child.end()
                child = None
            if child is None:
                child = self._start()
            try:
                told, content = child.ask(fields, data, limit_bytes)
                taken = None if "error" in told else take(told, content)
                answered = child
            except Exception as error:  # a process that was taken over may say anything
                why = child.end() if isinstance(error, OSError | EOFError) else "gave no picture"
                raise DatasetError(
                    f"{fields['name']} is damaged: its decoder {why}. Replace the file, or take it out."
                ) from None
        finally:
            if child is not None and (answered is None or self._is_closed):
                child.end()
                answered = None
            self._free.put(answered)
        if taken is None:
            raise DatasetError(str(told["error"]))
        return taken

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
