"""The edges that all runtimes share, around a net made by hand. Run: pytest tests/detectors/test_predictor.py."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from epochal.detectors.export import Decoded
from epochal.detectors.predictor import BATCH_SIZE, Predictor
from epochal.detectors.torch_predictor import build_predictor
from epochal.detectors.weights import Weights

CANVAS_WH = (32, 32)


class Brightness:
    """One box around the middle of the canvas; the score of "light" is the brightness there, "dark" the rest of 1."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def __call__(self, images: NDArray[np.float32], /) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        assert images.dtype == np.float32
        assert images.shape[1:] == (3, 32, 32)
        assert images.flags.c_contiguous
        self.batches.append(len(images))
        light = images[:, :, 16, 16].mean(1)
        boxes = np.tile(np.float32([8, 8, 24, 24]), (len(images), 1, 1))
        return boxes, np.stack([light, 1 - light], -1)[:, None, :].astype(np.float32)


def picture(value: int, wh: tuple[int, int] = (64, 64)) -> Image.Image:
    return Image.new("RGB", wh, (value, value, value))


@pytest.fixture
def compute() -> Brightness:
    return Brightness()


@pytest.fixture
def predictor(compute: Brightness) -> Predictor:
    return Predictor(compute, ("light", "dark"), CANVAS_WH)


def test_predict__in_pixels_of_the_picture(predictor: Predictor) -> None:
    found = predictor.predict(picture(255))
    assert found.class_id.tolist() == [0]
    assert found.confidence.tolist() == [1.0]
    assert found.boxes_xyxy.tolist() == [[16, 16, 48, 48]]
    assert predictor.predict(picture(255, (128, 64))).boxes_xyxy.tolist() == [[32, 0, 96, 64]]


def test_predict__confidence_decides_what_is_left_out(predictor: Predictor) -> None:
    grey = picture(round(0.7 * 255))
    assert predictor.predict(grey).class_id.tolist() == [0, 1]
    assert predictor.predict(grey, confidence=0.5).class_id.tolist() == [0]
    assert len(predictor.predict(grey, confidence=0.9)) == 0
    assert len(predictor.predict(grey, limit=1)) == 1


def test_predict_batch__is_predict_of_each(predictor: Predictor, compute: Brightness) -> None:
    pictures = [picture(v, (40 + v, 30)) for v in range(0, 250, 25)]
    found = predictor.predict_batch(pictures, confidence=0.01)
    assert compute.batches == [BATCH_SIZE, len(pictures) - BATCH_SIZE]
    for one, entry in zip(pictures, found, strict=True):
        alone = predictor.predict(one, confidence=0.01)
        assert entry.boxes_xyxy.tolist() == alone.boxes_xyxy.tolist()
        assert entry.confidence.tolist() == alone.confidence.tolist()
    assert predictor.predict_batch([]) == []


def test_for_classes__reorders_drops_and_never_finds_what_is_unknown(predictor: Predictor) -> None:
    other = predictor.for_classes(("dark", "bird", "light"))
    assert other.class_names == ("dark", "bird", "light")
    grey = picture(round(0.7 * 255))
    assert other.predict(grey).class_id.tolist() == [2, 0]
    assert predictor.for_classes(("dark",)).predict(grey).confidence.tolist() == pytest.approx([0.3], abs=0.01)
    assert predictor.class_names == ("light", "dark")


def test_build_predictor__computes_what_the_net_does(weights: Weights) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8)
    found = build_predictor(weights).predict(Image.fromarray(noise), confidence=0.001, iou_threshold=1.0, limit=10_000)
    with torch.no_grad():
        boxes, scores = Decoded(weights)(torch.from_numpy(noise).permute(2, 0, 1)[None] / 255)
    assert len(found) > 100
    best = scores[0].max().item()
    assert found.confidence[0] == pytest.approx(best, abs=1e-5)
    point = int(scores[0].max(1).values.argmax())
    expected = boxes[0, point].clamp(min=0).minimum(torch.tensor([96.0, 64, 96, 64]))
    assert found.boxes_xyxy[0].tolist() == pytest.approx(expected.tolist(), abs=1e-3)


def test_predictor__needs_no_torch() -> None:
    code = "import sys, epochal.detectors.predictor; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
