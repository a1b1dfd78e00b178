"""Pictures that show the same are found, others are not. Run: pytest tests/datasets/test_near_duplicates.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageEnhance

from epochal.datasets import Dataset, open_dataset
from epochal.datasets.near_duplicates import find_alike, find_near_duplicates, mend_leaks, note_near_duplicates

Draw = Any
Counts = Callable[[Dataset], dict[str, tuple[int, str]]]


def _photo(shared_data: Path, number: int = 30) -> PillowImage.Image:
    """A published photograph with much in it."""
    path = shared_data / "datasets" / "coco33" / "images" / f"{number:012}.jpg"
    with PillowImage.open(path) as image:
        return image.convert("RGB")


COPIES: dict[str, Callable[[PillowImage.Image], PillowImage.Image]] = {
    "half size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "twice the size": lambda image: image.resize((image.width * 2, image.height * 2)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "flatter": lambda image: ImageEnhance.Contrast(image).enhance(0.7),
    "grey": lambda image: image.convert("L"),
    "squeezed": lambda image: image.resize((image.width, image.height // 2)),
    "cut by 1 %": lambda image: image.crop((image.width // 100, image.height // 100, image.width, image.height)),
}


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES.keys())
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_find_near_duplicates__copy(
    draw: Draw, shared_data: Path, suffix: str, change: Callable[[PillowImage.Image], PillowImage.Image]
) -> None:
    photo = _photo(shared_data)
    photo.save(draw.root / "a.png")
    change(photo).save(draw.root / f"b.{suffix}")
    _photo(shared_data, 72).save(draw.root / "other.png")
    groups = find_near_duplicates(open_dataset(draw.root))
    assert [[image.name for image in group] for group in groups] == [["a.png", f"b.{suffix}"]]


def test_find_near_duplicates__poor_jpeg(draw: Draw, shared_data: Path) -> None:
    photo = _photo(shared_data)
    photo.save(draw.root / "a.png")
    photo.save(draw.root / "b.jpg", quality=10)
    assert len(find_near_duplicates(open_dataset(draw.root))) == 1


def test_find_near_duplicates__flat_and_damaged_pictures_are_like_nothing(draw: Draw) -> None:
    for i in range(5):
        draw.image(f"{i}.png")
    assert find_near_duplicates(open_dataset(draw.root)) == []


def test_find_near_duplicates__published_sets(shared_data: Path) -> None:
    """Groups that were looked at: two focal planes of one blood slide; raccoons saved twice, one with a caption."""
    expected = {
        "bccd_voc": [["BloodImage_00037", "BloodImage_00038"]],
        "raccoon_voc_csv": [
            ["raccoon-11", "raccoon-116"],
            ["raccoon-120", "raccoon-83"],
            ["raccoon-21", "raccoon-45"],
            ["raccoon-50", "raccoon-52", "raccoon-74"],
            ["raccoon-51", "raccoon-85"],
            ["raccoon-65", "raccoon-98"],
        ],
        "coco33": [],
    }
    for name, groups in expected.items():
        found = find_near_duplicates(open_dataset(shared_data / "datasets" / name))
        assert [[image.path.stem for image in group] for group in found] == groups


def _noise(count: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 256, (count, 32, 32), np.uint8)


def test_find_alike__case_on_paper() -> None:
    first, second = _noise(2)
    pictures = np.stack([first, second, first // 2 + 60, 255 - first, np.full_like(first, 9)])
    # the third is the first with less contrast; the fourth its negative; the last is flat
    assert find_alike(pictures) == [(0, 2)]
    assert find_alike(pictures[:0]) == []


def test_find_alike__pairs_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epochal.datasets.near_duplicates._BLOCK", 4)
    pictures = _noise(11)
    pictures[[9, 6]] = pictures[[1, 5]]
    assert find_alike(pictures) == [(1, 9), (5, 6)]


def _leaking(draw: Draw, shared_data: Path) -> Dataset:
    photo = _photo(shared_data)
    for folder in ("train", "valid", "test"):
        (draw.root / folder).mkdir()
        photo.save(draw.root / folder / "same.jpg", quality={"train": 90, "valid": 80, "test": 70}[folder])
        _photo(shared_data, {"train": 72, "valid": 73, "test": 86}[folder]).save(draw.root / folder / "own.jpg")
    return open_dataset(draw.root)


def test_note_near_duplicates__leak(draw: Draw, shared_data: Path, counts: Counts) -> None:
    dataset = _leaking(draw, shared_data)
    assert "leak_between_splits" not in counts(dataset)
    noted = counts(note_near_duplicates(dataset, find_near_duplicates(dataset)))
    assert noted["near_duplicate_images"] == (2, "note")
    assert noted["leak_between_splits"] == (1, "note")


def test_note_near_duplicates__exact_copies_are_counted_once(draw: Draw, shared_data: Path, counts: Counts) -> None:
    (draw.root / "train").mkdir()
    (draw.root / "val").mkdir()
    _photo(shared_data).save(draw.root / "train" / "a.png")
    (draw.root / "val" / "b.png").write_bytes((draw.root / "train" / "a.png").read_bytes())
    dataset = open_dataset(draw.root)
    noted = counts(note_near_duplicates(dataset, find_near_duplicates(dataset)))
    assert noted["leak_between_splits"] == (1, "note")
    assert noted["duplicate_images"] == (1, "note")
    assert "near_duplicate_images" not in noted


def test_mend_leaks__takes_images_out_of_the_earlier_split(draw: Draw, shared_data: Path, counts: Counts) -> None:
    dataset = _leaking(draw, shared_data)
    mended = mend_leaks(dataset, find_near_duplicates(dataset))
    assert [image.name for image in mended.images] == [
        "test/own.jpg",
        "test/same.jpg",
        "train/own.jpg",
        "valid/own.jpg",
    ]
    assert counts(mended)["leak_between_splits"] == (2, "mended")
    assert find_near_duplicates(mended) == []
