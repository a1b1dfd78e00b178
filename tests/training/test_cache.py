"""Pixels are decoded once where there is room, and the same either way. Run: pytest tests/training/test_cache.py."""

import errno
import os
import time
from pathlib import Path

import numpy as np
import pytest

from epochal.datasets import Image, open_dataset
from epochal.errors import DatasetError
from epochal.training import cache
from epochal.training.cache import Pixels

WH = (64, 96)


@pytest.fixture(scope="module")
def images(shapes: Path) -> tuple[Image, ...]:
    return open_dataset(shapes).of_split("val")


def fill(images: tuple[Image, ...], folder: Path, limit_bytes: int = 10**9) -> tuple[Pixels, list[tuple[int, int]]]:
    told: list[tuple[int, int]] = []
    pixels = Pixels(images, WH)
    pixels.fill(folder, limit_bytes=limit_bytes, on_image=lambda done, total: told.append((done, total)))
    return pixels, told


def test_fill__gives_the_pixels_that_decoding_gives(images: tuple[Image, ...], tmp_path: Path) -> None:
    pixels, told = fill(images, tmp_path)
    plain = Pixels(images, WH)
    assert len(pixels) == len(images) == 6
    assert pixels[0].shape == (96, 64, 3)
    for index in range(len(images)):
        np.testing.assert_array_equal(pixels[index], plain[index])
        np.testing.assert_array_equal(pixels.content(index), plain[index][16:80])  # 96×96 in 64×96: grey above, below
    assert told[-1] == (6, 6)
    assert pixels.note is None


def test_fill__decodes_once(images: tuple[Image, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = fill(images, tmp_path)
    monkeypatch.setattr(cache, "decode_image", None)  # calling it would fail
    second, told = fill(images, tmp_path)
    assert told == []
    np.testing.assert_array_equal(first[3], second[3])
    assert [path.suffix for path in tmp_path.iterdir()] == [".u8"]


def test_fill__another_list_or_canvas_is_another_file(images: tuple[Image, ...], tmp_path: Path) -> None:
    fill(images, tmp_path)
    fill(images[:3], tmp_path)
    Pixels(images, (64, 64)).fill(tmp_path, limit_bytes=10**9, on_image=lambda done, total: None)
    assert len(list(tmp_path.glob("*.u8"))) == 3


def test_fill__too_large_is_said_and_decoded_each_time(images: tuple[Image, ...], tmp_path: Path) -> None:
    pixels, _ = fill(images, tmp_path, limit_bytes=100_000)
    assert pixels.note is not None
    assert "6 images at 64×96 need 0.1 MB; the cache may take 0.1 MB (setting cache_max_bytes" in pixels.note
    assert list(tmp_path.glob("*")) == []
    np.testing.assert_array_equal(pixels[2], Pixels(images, WH)[2])


def test_fill__full_disk_is_said_and_leaves_nothing(
    images: tuple[Image, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: int, start: int, length: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    pixels, _ = fill(images, tmp_path)
    assert "No space left on device" in str(pixels.note)
    assert list(tmp_path.iterdir()) == []
    assert pixels[0].shape == (96, 64, 3)


def test_fill__folder_that_cannot_be_made_is_said(images: tuple[Image, ...], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    pixels, _ = fill(images, tmp_path / "file" / "cache")
    assert "does not take them (Not a directory)" in str(pixels.note)


def test_fill__a_half_written_file_is_written_anew(images: tuple[Image, ...], tmp_path: Path) -> None:
    fill(images, tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:1000])
    fill(images, tmp_path)
    assert file.read_bytes() == whole


def test_fill__removes_parts_that_a_killed_process_left(images: tuple[Image, ...], tmp_path: Path) -> None:
    for name, age_s in (("old.u8.1.part", 90_000), ("new.u8.2.part", 10)):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)
    fill(images, tmp_path)
    assert [path.name for path in tmp_path.glob("*.part")] == ["new.u8.2.part"]


def test_fill__no_images(tmp_path: Path) -> None:
    pixels, _ = fill((), tmp_path / "none")
    assert len(pixels) == 0
    assert not (tmp_path / "none").exists()


def test_fill__an_image_that_is_gone_is_named(draw_shapes, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    images = open_dataset(draw_shapes(tmp_path / "shapes", train=40, val=0, test=0)).of_split("train")
    images[3].path.write_bytes(b"no image")
    with pytest.raises(DatasetError, match=r"03\.png is no image"):
        fill(images, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
