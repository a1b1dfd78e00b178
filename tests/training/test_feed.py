"""What the net is fed is a function of seed, epoch and step. Run: pytest tests/training/test_feed.py."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from epochal.datasets import Image, open_dataset
from epochal.training.cache import Pixels
from epochal.training.feed import TrainFeed, build_target, plain_batches
from epochal.training.recipe import Recipe

RECIPE = Recipe("fast-n", (96, 96), 10, 6, 0, "cpu", "fp32", 1)


@pytest.fixture(scope="module")
def images(shapes: Path) -> tuple[Image, ...]:
    return open_dataset(shapes).of_split("train")


def make_feed(images: tuple[Image, ...], **changes: object) -> TrainFeed:
    recipe = dataclasses.replace(RECIPE, **changes)  # type: ignore[arg-type]
    return TrainFeed(images, Pixels(images, recipe.canvas_wh), recipe)


def watch(feed: TrainFeed) -> list[int]:
    """The images that the feed draws, in order, as it goes."""
    drawn: list[int] = []
    draw = feed._draw
    feed._draw = lambda index, mosaic, random: (drawn.append(index), draw(index, mosaic, random))[1]  # type: ignore[method-assign, func-returns-value]
    return drawn


def test_batches__every_image_once_and_the_last_batch_filled(images: tuple[Image, ...]) -> None:
    feed = make_feed(images)
    drawn = watch(feed)
    batches = list(feed.batches(1))
    assert len(batches) == feed.steps == 3
    assert all(batch.images.shape == (6, 3, 96, 96) for batch in batches)
    assert sorted(drawn[:16]) == list(range(16))
    assert drawn[16:] == drawn[:2]  # 18 places for 16 images: filled up from the beginning


def test_batches__fewer_images_than_a_batch(images: tuple[Image, ...]) -> None:
    feed = make_feed(images[:1])
    (batch,) = feed.batches(1)
    assert len(batch.images) == 6


def test_batches__another_epoch_is_another_order(images: tuple[Image, ...]) -> None:
    feed = make_feed(images)
    drawn = watch(feed)
    list(feed.batches(1))
    list(feed.batches(2))
    assert drawn[:16] != drawn[18:34]


def test_batches__same_epoch_same_batch_whoever_asks(images: tuple[Image, ...]) -> None:
    one, two = make_feed(images), make_feed(images)
    list(two.batches(1))  # what came before does not matter
    for a, b in zip(one.batches(3), two.batches(3), strict=True):
        assert torch.equal(a.images, b.images)
        assert torch.equal(a.target.boxes_xyxy, b.target.boxes_xyxy)
    other = next(iter(make_feed(images, seed=1).batches(3)))
    assert not torch.equal(other.images, next(iter(one.batches(3))).images)


def test_batches__images_are_fractions_and_boxes_inside(images: tuple[Image, ...]) -> None:
    for batch in make_feed(images).batches(2):
        assert batch.images.dtype == torch.float32
        assert 0 <= batch.images.min() <= batch.images.max() <= 1
        assert (batch.target.boxes_xyxy >= 0).all()
        assert (batch.target.boxes_xyxy <= 96).all()
        assert set(batch.target.image.tolist()) <= set(range(6))


def test_batches__mosaic_ends_after_its_share_of_the_epochs(
    images: tuple[Image, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = make_feed(images, mosaic=1.0, mosaic_off=0.7)
    assert feed.mosaic_epochs == 7
    shares: dict[int, set[float]] = {}
    prepare = feed._prepare
    monkeypatch.setattr(
        feed, "_prepare", lambda epoch, *rest: (shares.setdefault(epoch, set()).add(rest[-1]), prepare(epoch, *rest))[1]
    )
    for epoch in (1, 7, 8, 10):
        list(feed.batches(epoch))
    assert shares == {1: {1.0}, 7: {1.0}, 8: {0.0}, 10: {0.0}}
    assert make_feed(images, mosaic=0.0).mosaic_epochs == 0


def test_batches__left_early_leaves_no_thread(images: tuple[Image, ...]) -> None:
    import threading

    before = threading.active_count()
    batches = make_feed(images).batches(1)
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_batches__a_crowd_teaches_no_box(images: tuple[Image, ...]) -> None:
    crowds = [dataclasses.replace(image, is_crowd=np.ones(len(image.boxes_xyxy), bool)) for image in images]
    batch = next(make_feed(tuple(crowds)).batches(1))
    assert batch.target.boxes_xyxy.shape == (0, 4)
    (_, plain), *_ = plain_batches(crowds, Pixels(crowds, (96, 96)), 4)
    assert len(plain.target.boxes_xyxy) == 0


def test_plain_batches__every_image_in_order_with_its_boxes(images: tuple[Image, ...]) -> None:
    batches = list(plain_batches(images, Pixels(images, (96, 96)), 6))
    assert [list(chosen) for chosen, _ in batches] == [list(range(6)), list(range(6, 12)), list(range(12, 16))]
    _, batch = batches[2]
    np.testing.assert_array_equal(batch.target.boxes_xyxy, np.concatenate([i.boxes_xyxy for i in images[12:]]))
    assert batch.target.image.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    first = np.asarray(batch.images[0].permute(1, 2, 0) * 255).round().astype(np.uint8)
    np.testing.assert_array_equal(first, Pixels(images, (96, 96))[12])


def test_build_target__images_without_boxes() -> None:
    box = np.array([[1, 2, 3, 4]], np.float32)
    none, no_class = np.zeros((0, 4), np.float32), np.zeros(0, np.int64)
    target = build_target([none, box, none, box], [no_class, np.array([5]), no_class, np.array([6])])
    assert target.image.tolist() == [1, 3]
    assert target.class_id.tolist() == [5, 6]
    assert build_target([none], [no_class]).boxes_xyxy.shape == (0, 4)


def test_batches__ahead_or_not_are_the_same(images: tuple[Image, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    feed, epochs = make_feed(images), []
    for cores in (1, 64):  # no core to spare, and many
        monkeypatch.setattr("epochal.training.feed.count_cores", lambda cores=cores: cores)
        epochs.append([batch.images for batch in feed.batches(1)])
    for inline, ahead in zip(*epochs, strict=True):
        assert torch.equal(inline, ahead)
