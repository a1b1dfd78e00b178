"""What a net says about a split. Run: pytest tests/training/test_validation.py."""

from pathlib import Path

import pytest
import torch

from epochal.datasets import Image, open_dataset
from epochal.detectors.fast import FastNet, Points
from epochal.detectors.loss import compute_loss
from epochal.training.cache import Pixels
from epochal.training.feed import plain_batches
from epochal.training.validation import BATCH_SIZE, ground_truths, validate

WH = (96, 96)


@pytest.fixture(scope="module")
def images(shapes: Path) -> tuple[Image, ...]:
    dataset = open_dataset(shapes)
    return dataset.of_split("train") + dataset.of_split("val")


def make_net() -> FastNet:
    torch.manual_seed(0)
    return FastNet("fast-n", 2).eval()


def test_validate__losses_are_those_of_training_over_all_images(images: tuple[Image, ...]) -> None:
    net, pixels, points = make_net(), Pixels(images, WH), Points(WH)
    told: list[tuple[int, int]] = []
    found = validate(net, images, pixels, points, precision="fp32", device="cpu", on_batch=lambda *a: told.append(a))
    box, cls, weight = 0.0, 0.0, 0.0
    with torch.no_grad():
        for _, batch in plain_batches(images, pixels, BATCH_SIZE):
            losses = compute_loss(*net(batch.images), batch.target, points)
            box, cls, weight = box + float(losses.box), cls + float(losses.cls), weight + float(losses.weight)
    assert found.box_loss == pytest.approx(box / weight)
    assert found.cls_loss == pytest.approx(cls / weight)
    assert told == [(16, 22), (22, 22)]
    assert len(found.detections) == 22


def test_validate__boxes_are_in_pixels_of_the_image(draw_shapes, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    images = open_dataset(draw_shapes(tmp_path, train=2, val=0, test=0, side=200)).of_split("train")
    found = validate(make_net(), images, Pixels(images, (64, 96)), Points((64, 96)), precision="fp32", device="cpu")
    boxes = found.detections[0].boxes_xyxy
    assert len(boxes)
    assert boxes.max() > 96
    assert (boxes >= 0).all()
    assert (boxes <= 200).all()


def test_validate__leaves_the_net_as_it_was(images: tuple[Image, ...]) -> None:
    net = make_net()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    validate(net, images[:3], Pixels(images[:3], WH), Points(WH), precision="bf16", device="cpu")
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())


def test_validate__no_images() -> None:
    found = validate(make_net(), (), Pixels((), WH), Points(WH), precision="fp32", device="cpu")
    assert found.detections == []
    assert (found.box_loss, found.cls_loss) == (0.0, 0.0)


def test_ground_truths__are_the_annotations(images: tuple[Image, ...]) -> None:
    truths = ground_truths(images)
    assert len(truths) == 22
    assert (truths[4].boxes_xyxy == images[4].boxes_xyxy).all()
    assert truths[4].image_wh == (96, 96)
