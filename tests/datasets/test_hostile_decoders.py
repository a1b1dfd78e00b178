"""A decoder that was taken over, is too slow or is replaced does the server no harm.

Run: pytest tests/datasets/test_hostile_decoders.py.
"""

import errno
import io
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from epochal.datasets import decoders as module
from epochal.datasets.decoder_process import HEAD
from epochal.datasets.decoders import Decoders
from epochal.errors import DatasetError

LIMIT = 10**8
PROGRAM = """
import socket, sys, time
from epochal.datasets.decoder_process import receive
connection = socket.socket(fileno=int(sys.argv[1]))
receive(connection)
{deed}
time.sleep(60)
"""


def picture(wh: tuple[int, int] = (60, 40), colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", wh, colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def decoders() -> Iterator[Decoders]:
    made = Decoders(memory_bytes=1_500_000_000, processes=1)
    yield made
    made.close()


def take_over(monkeypatch: pytest.MonkeyPatch, folder: Path, deed: str) -> None:
    """From now on, every new decoder does this with the first picture."""
    (folder / "hostile.py").write_text(PROGRAM.format(deed=deed), "utf-8")
    monkeypatch.setattr(module, "PROGRAM", (sys.executable, str(folder / "hostile.py")))


def frame(head: object, content: bytes = b"") -> bytes:
    text = json.dumps(head).encode()
    return HEAD.pack(len(text)) + text + content


ANSWERS = {
    "a head of gigabytes": HEAD.pack(2**32 - 1),
    "a terabyte": frame({"wh": [60, 40], "size": 10**12}),
    "less than nothing": frame({"wh": [60, 40], "size": -1}),
    "no number": frame({"wh": [60, 40], "size": "many"}),
    "no object": frame([]),
    "no JSON": HEAD.pack(4) + b"\xff\0\0\0",
    "JSON without an end": HEAD.pack(500_000) + b"[" * 500_000,
    "no size of a picture": frame({"size": 0}),
    "an empty picture": frame({"wh": [0, 0], "size": 0}),
    "a picture larger than its bytes": frame({"wh": [100_000, 100_000], "size": 3}, b"abc"),
    "a negative picture": frame({"wh": [-2, -3], "size": 18}, b"a" * 18),
    "a size in words": frame({"wh": "ab", "size": 0}),
}
INTO = np.zeros((40, 60, 3), np.uint8)
QUESTIONS: dict[str, Callable[[Decoders], object]] = {
    "pixels": lambda decoders: decoders.pixels(picture(), "a.jpg", None, LIMIT),
    "header": lambda decoders: decoders.header(picture(), "a.jpg", LIMIT),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_nonsense__is_one_refused_picture(
    decoders: Decoders, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, question: str, answer: str
) -> None:
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with monkeypatch.context() as patch:
        take_over(patch, tmp_path, f"connection.sendall({ANSWERS[answer]!r})")
        with pytest.raises(DatasetError, match=r"a\.jpg is damaged: its decoder gave no picture"):
            QUESTIONS[question](decoders)
    assert time.monotonic() - began < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000, "kB"
    assert decoders.pixels(picture(), "b.jpg", None, LIMIT).size == (60, 40)


def test_too_few_pixels__are_refused(decoders: Decoders, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    take_over(monkeypatch, tmp_path, f"connection.sendall({frame({'size': 3}, b'abc')!r})")
    with pytest.raises(DatasetError, match="gave no picture"):
        decoders.scale_into(INTO.copy(), picture(), "a.jpg", LIMIT)


def test_a_byte_now_and_then__does_not_keep_a_place_for_ever(
    decoders: Decoders, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "WALL_S", 1.5)
    take_over(
        monkeypatch,
        tmp_path,
        "for one in bytes(3) + bytes([99] * 100): connection.sendall(bytes([one])); time.sleep(0.5)",
    )
    began = time.monotonic()
    with pytest.raises(DatasetError, match="took too long"):
        decoders.pixels(picture(), "a.jpg", None, LIMIT)
    assert time.monotonic() - began < 10


def test_a_decoder_that_was_not_heard_out__answers_nobody_else(decoders: Decoders) -> None:
    """Its words would be taken for an answer to the next question, which may be another workspace's."""
    decoders.pixels(picture(), "a.jpg", None, LIMIT)
    first = decoders._free.queue[0]

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    fields = {"verb": "pixels", "name": "b.jpg", "limit_pixels": LIMIT, "at_least_wh": None}
    with pytest.raises(KeyboardInterrupt):
        decoders._ask(fields, picture(), LIMIT, interrupted)
    assert first is not None
    assert first._process.poll() is not None
    assert np.asarray(decoders.pixels(picture(colour="blue"), "c.jpg", None, LIMIT))[0, 0, 2] > 200


def _maps() -> int:
    return sum("pixels" in one.path for one in psutil.Process().memory_maps(grouped=False))


@pytest.mark.skipif(sys.platform != "linux", reason="counts what the kernel of Linux lists")
def test_renewal__leaves_no_file_memory_or_process_behind(decoders: Decoders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PICTURES_MAX", 2)
    others = {one.pid for one in psutil.Process().children()}
    files, maps, seen = psutil.Process().num_fds(), _maps(), set()
    for number in range(9):
        if number % 4 == 3:
            with pytest.raises(DatasetError):
                decoders.scale_into(INTO.copy(), picture()[:200], "broken.jpg", LIMIT)
        decoders.scale_into(INTO.copy(), picture(), "a.jpg", LIMIT)
        (alive,) = {one.pid for one in psutil.Process().children()} - others
        seen.add(alive)
        assert (psutil.Process().num_fds() - files, _maps() - maps) == (2, 1), "a socket, and the file of the memory"
    assert len(seen) > 3
    decoders.close()
    assert (psutil.Process().num_fds(), _maps()) == (files, maps)


@pytest.mark.parametrize("lack", ["function", "kernel", "seals"])
def test_without_memory_to_share__pixels_come_through_the_socket(
    decoders: Decoders, monkeypatch: pytest.MonkeyPatch, lack: str
) -> None:
    def refuse(*_: Any) -> int:
        raise OSError(errno.ENOSYS, "Function not implemented")

    def without_seals(name: str, _: int) -> int:
        return kept(name, os.MFD_CLOEXEC)

    kept = getattr(os, "memfd_create", refuse)
    if lack == "function":
        monkeypatch.delattr(os, "memfd_create", raising=False)
    else:
        monkeypatch.setattr(os, "memfd_create", refuse if lack == "kernel" else without_seals, raising=False)
    into = INTO.copy()
    decoders.scale_into(into, picture(), "a.jpg", LIMIT)
    assert into[..., 0].min() > 200
    assert decoders._free.queue[0]._shared is None  # type: ignore[union-attr]  # it has just answered
