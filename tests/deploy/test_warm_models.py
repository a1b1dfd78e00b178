"""Models in memory: loaded once, bounded, equal to a predictor. Run: pytest tests/deploy/test_warm_models.py."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detectors.nets import random_weights
from epochal.datasets.pictures import decode_bytes
from epochal.deploy import load_predictor
from epochal.deploy import warm_models as module
from epochal.deploy.asking import Question
from epochal.deploy.warm_models import WarmModels
from epochal.detectors.export import export_weights
from epochal.errors import DatasetError, NotFound, WeightsError
from epochal.storage.blobs import BlobStore


@pytest.fixture(scope="module")
def nets(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("nets")
    paths = [folder / f"{seed}.onnx" for seed in range(3)]
    for seed, path in enumerate(paths):
        export_weights(random_weights(seed), path, "onnx")
    return paths


@pytest.fixture
def stored(nets: list[Path], blobs: BlobStore) -> list[str]:
    return [blobs.put_file(path) for path in nets]


def _picture(seed: int, size: tuple[int, int] = (90, 70)) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def _models(blobs: BlobStore, *, max_models: int = 2, max_bytes: int = 10**9, limit_pixels: int = 10**6) -> WarmModels:
    return WarmModels(blobs, max_models=max_models, max_bytes=max_bytes, limit_pixels=limit_pixels, places=2)


def test_find__says_what_a_predictor_says(nets: list[Path], stored: list[str], blobs: BlobStore) -> None:
    model, data = _models(blobs).get(stored[0]), _picture(0)
    found = model.find(data, Question(confidence=0.3, overlap=0.65))
    alone = load_predictor(nets[0], threads=1).predict(decode_bytes(data, "x"), confidence=0.3)
    assert len(alone) > 3
    assert found.image_wh == (90, 70)
    assert np.allclose(found.detections.boxes_xyxy, alone.boxes_xyxy, atol=1e-3)
    assert found.detections.class_id.tolist() == alone.class_id.tolist()
    assert found.picture is None


def test_find__classes_suppression_and_limits(stored: list[str], blobs: BlobStore) -> None:
    model, data = _models(blobs).get(stored[0]), _picture(1)
    every = model.find(data, Question(confidence=0.01)).detections
    dogs = model.find(data, Question(confidence=0.01, classes=("dog", "zebra"))).detections
    assert set(every.class_id) == {0, 1, 2}
    assert set(dogs.class_id) == {1}
    assert len(model.find(data, Question(confidence=0.01, classes=("zebra",))).detections) == 0
    assert len(model.find(data, Question(confidence=0.01, class_agnostic=True)).detections) < len(every)
    assert len(model.find(data, Question(confidence=0.01, max_detections=2)).detections) == 2
    assert len(model.find(data, Question(confidence=0.01, max_candidates=5)).detections) <= 5


def test_find__picture_comes_whole(stored: list[str], blobs: BlobStore) -> None:
    out = io.BytesIO()
    Image.new("RGB", (800, 640), "grey").save(out, "JPEG")
    found = _models(blobs).get(stored[0]).find(out.getvalue(), Question(), with_picture=True)
    assert found.picture is not None
    assert found.picture.size == found.image_wh == (800, 640)


@pytest.mark.parametrize("data", [b"", b"no picture", _picture(0)[:-30]])
def test_find__what_is_no_picture_is_one_sentence(data: bytes, stored: list[str], blobs: BlobStore) -> None:
    with pytest.raises(DatasetError, match="The image is"):
        _models(blobs).get(stored[0]).find(data, Question())


def test_find__too_many_pixels(stored: list[str], blobs: BlobStore) -> None:
    with pytest.raises(DatasetError, match="90 × 70 pixels, more than 1,000"):
        _models(blobs, limit_pixels=1000).get(stored[0]).find(_picture(0), Question())


def test_get__the_one_unused_longest_leaves(stored: list[str], blobs: BlobStore) -> None:
    models = _models(blobs, max_models=2)
    first, second, third = stored
    kept = models.get(first)
    models.get(second)
    assert models.get(first) is kept
    models.get(third)
    assert models.loaded() == [first, third]
    models.forget(first)
    assert models.loaded() == [third]
    models.forget()
    assert models.loaded() == []


def test_get__bytes_are_bounded_and_a_single_large_model_still_runs(stored: list[str], blobs: BlobStore) -> None:
    models = _models(blobs, max_models=9, max_bytes=10)
    for sha256 in stored:
        models.get(sha256)
    assert models.loaded() == [stored[2]]


def test_get__loads_once_for_many(stored: list[str], blobs: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    loads, gate, real = [], threading.Barrier(8), load_predictor

    def load(path: Path, *, threads: int | None = None) -> object:
        loads.append(path)
        return real(path, threads=threads)

    monkeypatch.setattr(module, "load_predictor", load)
    models = _models(blobs)

    def ask(_: int) -> object:
        gate.wait(20)
        return models.get(stored[0])

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert len(loads) == 1


def test_get__a_file_that_cannot_run_is_tried_again(blobs: BlobStore) -> None:
    models, sha256 = _models(blobs), blobs.put(b"no net")
    for _ in range(2):
        with pytest.raises(WeightsError):
            models.get(sha256)
    with pytest.raises(NotFound):
        models.get("0" * 64)
    assert models.loaded() == []
