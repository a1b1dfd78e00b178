"""Pictures of strangers are decoded in processes with limits. Run: pytest tests/datasets/test_decoders.py [-m soak]."""

import io
import os
import random
import resource
import signal
import struct
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from epochal.datasets import decoders, pictures
from epochal.datasets.decoder_process import SHARED_BYTES
from epochal.datasets.decoders import Decoders, decoding_elsewhere
from epochal.datasets.pictures import decode_bytes, decode_here, read_header
from epochal.datasets.thumbnails import make_thumbnail
from epochal.errors import DatasetError, Failed

LIMIT = 10**8
MEMORY_BYTES = 1_500_000_000


@pytest.fixture(scope="module", autouse=True)
def alone() -> Iterator[None]:
    """A server of other tests in this process may have decoders, with limits of its own: they are set aside."""
    kept = decoders._users, decoders._shared, pictures._elsewhere
    decoders._users, decoders._shared, pictures._elsewhere = 0, None, None
    OTHERS.update(one.pid for one in decoders_alive())
    yield
    decoders._users, decoders._shared, pictures._elsewhere = kept


@pytest.fixture(scope="module")
def elsewhere(alone: None) -> Iterator[None]:
    """Decoders for this process."""
    with decoding_elsewhere(memory_bytes=MEMORY_BYTES, processes=2):
        yield


OTHERS: set[int] = set()


def decoders_alive() -> list[psutil.Process]:
    children = [one for one in psutil.Process().children() if one.pid not in OTHERS]
    return [one for one in children if "decoder_process" in " ".join(one.cmdline())]


def noise(wh: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (wh[1], wh[0], 3), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


def encoded(form: str, mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    noise(mode=mode).save(out, form, **options)
    return out.getvalue()


def animated() -> bytes:
    out = io.BytesIO()
    noise().save(out, "GIF", save_all=True, append_images=[noise().rotate(90, expand=True), noise()])
    return out.getvalue()


def with_exif(directory: bytes) -> bytes:
    """A JPEG whose EXIF block is a TIFF header and then these bytes."""
    block = b"Exif\0\0II*\0\x08\0\0\0" + directory
    jpeg = encoded("JPEG")
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + jpeg[2:]


# A directory that names itself as its Exif directory and as the next one: whoever follows it never ends.
CYCLE = with_exif(struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 8))
SAMPLES = {
    "jpeg": encoded("JPEG"),
    "progressive": encoded("JPEG", progressive=True),
    "cmyk": encoded("JPEG", "CMYK"),
    "grey": encoded("JPEG", "L"),
    "turned": with_exif(struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)),
    "cycle": CYCLE,
    "png": encoded("PNG"),
    "palette": encoded("PNG", "P"),
    "alpha": encoded("PNG", "RGBA"),
    "deep": encoded("PNG", "I;16") if "I;16" in Image.MODES else encoded("PNG", "I"),
    "webp": encoded("WEBP"),
    "lossless": encoded("WEBP", lossless=True),
    "avif": encoded("AVIF"),
    "bmp": encoded("BMP"),
    "gif": encoded("GIF"),
    "animated": animated(),
    "tiff": encoded("TIFF"),
    "deflated": encoded("TIFF", compression="tiff_adobe_deflate"),
    "lzw": encoded("TIFF", compression="tiff_lzw"),
    "ppm": encoded("PPM"),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_elsewhere__is_what_it_is_here(elsewhere: None, tmp_path: Path, name: str) -> None:
    data = SAMPLES[name]
    assert pictures.find_decoder() is not None
    for wanted in (None, (20, 20)):
        np.testing.assert_array_equal(decode_bytes(data, name, wanted), decode_here(data, name, wanted))
    elsewhere_header = read_header(data, name, LIMIT)
    (tmp_path / name).write_bytes(data)
    small = make_thumbnail(tmp_path / name, 30)
    found, pictures._elsewhere = pictures._elsewhere, None
    try:
        assert read_header(data, name, LIMIT) == elsewhere_header
        assert make_thumbnail(tmp_path / name, 30) == small
    finally:
        pictures._elsewhere = found


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("wh", [(60, 40), (30, 20), (33, 17)])
def test_scale_into__fills_a_part_of_an_array_with_what_it_does_here(
    elsewhere: None, name: str, wh: tuple[int, int]
) -> None:
    canvases = [np.full((50, 70, 3), 114, np.uint8) for _ in range(2)]
    pictures.scale_into(canvases[0][5 : 5 + wh[1], 7 : 7 + wh[0]], SAMPLES[name], name)
    part = pictures.scale(decode_here(SAMPLES[name], name, wh), wh)
    canvases[1][5 : 5 + wh[1], 7 : 7 + wh[0]] = np.asarray(part)
    np.testing.assert_array_equal(*canvases)


def test_scale_into__more_than_the_shared_memory_holds() -> None:
    decoders = Decoders(memory_bytes=MEMORY_BYTES, processes=1)
    into = np.zeros((2100, 2100, 3), np.uint8)
    assert into.nbytes > SHARED_BYTES
    decoders.scale_into(into, SAMPLES["jpeg"], "a", LIMIT)
    np.testing.assert_array_equal(into, np.asarray(decode_here(SAMPLES["jpeg"], "a").resize((2100, 2100), 2)))
    with pytest.raises(DatasetError, match="b is damaged"):
        decoders.scale_into(into, SAMPLES["jpeg"][:100], "b", LIMIT)
    decoders.close()


@pytest.mark.skipif(sys.platform != "linux", reason="memory shared with decoders is a thing of Linux")
def test_shared_memory__cannot_be_taken_away_from_the_server() -> None:
    made = decoders._make_shared_file()
    for size in (0, SHARED_BYTES - 1, SHARED_BYTES + 1):
        with pytest.raises(PermissionError):
            os.ftruncate(made, size)
    os.close(made)


def test_processes__are_shared_by_users_and_end_with_the_last(tmp_path: Path) -> None:
    before = {one.pid for one in decoders_alive()}
    with decoding_elsewhere(memory_bytes=MEMORY_BYTES, processes=1):
        first = pictures.find_decoder()
        with decoding_elsewhere(memory_bytes=MEMORY_BYTES, processes=1):
            assert pictures.find_decoder() is first
            decode_bytes(SAMPLES["jpeg"], "a")
        assert pictures.find_decoder() is first
    if not before:
        assert pictures.find_decoder() is None
        assert decoders_alive() == []


def test_picture__that_kills_its_decoder_is_refused_and_the_next_is_not() -> None:
    decoders = Decoders(memory_bytes=MEMORY_BYTES, processes=1)
    decoders.pixels(SAMPLES["jpeg"], "a", None, LIMIT)
    (child,) = [one for one in decoders_alive() if one.pid == decoders._free.queue[0]._process.pid]
    os.kill(child.pid, signal.SIGSTOP)
    killer = threading.Thread(target=lambda: (time.sleep(0.2), os.kill(child.pid, signal.SIGSEGV), child.resume()))
    killer.start()
    with pytest.raises(DatasetError, match="b is damaged: its decoder ended with SIGSEGV"):
        decoders.pixels(SAMPLES["jpeg"], "b", None, LIMIT)
    killer.join()
    assert decoders.pixels(SAMPLES["jpeg"], "c", None, LIMIT).size == (60, 40)
    decoders.close()


def test_picture__that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epochal.datasets.decoders.WALL_S", 2.0)
    decoders = Decoders(memory_bytes=MEMORY_BYTES, processes=1)
    decoders.pixels(SAMPLES["jpeg"], "a", None, LIMIT)
    os.kill(decoders._free.queue[0]._process.pid, signal.SIGSTOP)
    with pytest.raises(DatasetError, match="b is damaged: its decoder took too long"):
        decoders.pixels(SAMPLES["jpeg"], "b", None, LIMIT)
    assert decoders.pixels(SAMPLES["jpeg"], "c", None, LIMIT).size == (60, 40)
    decoders.close()


def test_picture__that_needs_more_memory_than_allowed_is_refused() -> None:
    out = io.BytesIO()
    Image.new("RGB", (9000, 9000)).save(out, "PNG")  # 240 kB; 324 MB decoded
    decoders = Decoders(memory_bytes=400_000_000, processes=1)
    began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DatasetError, match="bomb"):
        decoders.pixels(out.getvalue(), "bomb", None, LIMIT)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began < 100_000, "kB, of this process"
    assert decoders.pixels(SAMPLES["jpeg"], "c", None, LIMIT).size == (60, 40)
    decoders.close()


def test_closed_decoders__keep_nobody_waiting() -> None:
    decoders = Decoders(memory_bytes=MEMORY_BYTES, processes=1)
    decoders.pixels(SAMPLES["jpeg"], "a", None, LIMIT)
    decoders.close()
    for _ in range(2):
        with pytest.raises(Failed, match="is ending"):
            decoders.pixels(SAMPLES["jpeg"], "a", None, LIMIT)


def test_decoder__has_limits(elsewhere: None) -> None:
    decode_bytes(SAMPLES["jpeg"], "a")
    limits = {name: psutil.Process(decoders_alive()[0].pid).rlimit(getattr(psutil, name)) for name in (
        "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_CORE", "RLIMIT_CPU")}  # fmt: skip
    assert limits["RLIMIT_AS"] == (MEMORY_BYTES, MEMORY_BYTES)
    assert limits["RLIMIT_FSIZE"] == limits["RLIMIT_CORE"] == (0, 0)
    assert 0 < limits["RLIMIT_CPU"][0] < 3600


def mutated(chance: random.Random) -> tuple[str, bytes]:
    """A sample with bytes changed, cut out, doubled or cut off; often near its beginning, where sizes stand."""
    name = chance.choice(list(SAMPLES))
    data = bytearray(SAMPLES[name])
    for _ in range(chance.choice((1, 1, 2, 4, 16, 64))):
        at = chance.randrange(min(len(data), 200) if chance.random() < 0.6 else len(data))
        match chance.randrange(5):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                data[at] ^= 1 << chance.randrange(8)
            case 2:
                data[at : at + 4] = chance.choice((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\0\0\xff\xff"))
            case 3:
                del data[at : at + chance.randrange(1, 20)]
            case _:
                data[at:at] = data[at : at + chance.randrange(1, 40)]
        if len(data) < 20:
            break
    if chance.random() < 0.15:
        del data[chance.randrange(len(data)) :]
    return name, bytes(data)


@pytest.mark.timeout(7200)
@pytest.mark.parametrize(
    "count", [pytest.param(200, id="200"), pytest.param(10_000, id="10000", marks=pytest.mark.soak)]
)
def test_damaged_files__are_pictures_or_refused_and_nothing_else(elsewhere: None, tmp_path: Path, count: int) -> None:
    chance = random.Random(int(os.environ.get("EPOCHAL_FUZZ_SEED", "1")))
    taken = refused = 0
    before = psutil.Process().memory_info().rss
    for number in range(count):
        name, data = mutated(chance)
        path = tmp_path / f"{number}-{name}"
        path.write_bytes(data)
        began = time.monotonic()
        said = ""
        try:
            read_header(data, path.name, 4_000_000)
            small = make_thumbnail(path, 64)
        except DatasetError as error:
            said, refused = str(error), refused + 1
        else:
            taken += 1
            assert max(Image.open(io.BytesIO(small)).size) <= 64
        assert not said or path.name in said
        assert time.monotonic() - began < 60, f"{path.name} kept a decoder too long"
        path.unlink()
    assert taken > count // 20
    assert refused > count // 5
    assert psutil.Process().memory_info().rss - before < 150e6
    assert len(decoders_alive()) <= 2
