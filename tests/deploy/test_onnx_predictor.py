"""ONNX Runtime gives torch's numbers; foreign files are refused. Run: pytest tests/deploy/test_onnx_predictor.py."""

import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from PIL import Image

from detectors.nets import random_weights, train_some_steps, write_weights
from epochal.config import count_threads
from epochal.datasets import decode_image
from epochal.datasets.formats.voc import parse_voc
from epochal.deploy import load_predictor
from epochal.detectors.export import export_weights
from epochal.detectors.letterbox import draw_on_canvas, place
from epochal.detectors.loss import Target
from epochal.detectors.torch_predictor import build_predictor
from epochal.detectors.weights import Weights
from epochal.errors import WeightsError

CANVAS_WH = (160, 128)
CELLS = ("RBC", "WBC", "Platelets")


@pytest.fixture(scope="session")
def blood(shared_data: Path) -> list[Path]:
    """Six microscope photos of 640 × 480."""
    return sorted((shared_data / "datasets" / "bccd_voc" / "BCCD" / "JPEGImages").glob("*.jpg"))[:6]


def _learn(paths: list[Path]) -> Weights:
    """A net that has seen these photos for a few steps."""
    canvases, boxes, classes, owners = [], [], [], []
    for index, path in enumerate(paths):
        picture, xml = decode_image(path), path.parents[1] / "Annotations" / f"{path.stem}.xml"
        at, annotation = place(picture.size, CANVAS_WH), parse_voc(xml.read_text())
        assert annotation is not None
        canvases.append(draw_on_canvas(picture, at, CANVAS_WH))
        boxes.append(at.to_canvas(np.float32([o.box_xyxy for o in annotation.objects])))
        classes += [CELLS.index(o.class_name) for o in annotation.objects]
        owners += [index] * len(annotation.objects)
    images = torch.from_numpy(np.stack(canvases)).permute(0, 3, 1, 2).float() / 255
    target = Target(torch.from_numpy(np.concatenate(boxes)), torch.tensor(classes), torch.tensor(owners))
    return train_some_steps(images, target, CELLS, steps=12)


@pytest.mark.parametrize("kind", ["random", "trained"])
def test_predict__agrees_with_torch_on_photos(kind: str, blood: list[Path], tmp_path: Path) -> None:
    weights = random_weights(5, CELLS, CANVAS_WH) if kind == "random" else _learn(blood[:4])
    path = tmp_path / "best.onnx"
    export_weights(weights, path, "onnx")
    ours, theirs = load_predictor(path, threads=1), build_predictor(weights)
    assert (ours.class_names, ours.canvas_wh) == (CELLS, CANVAS_WH)
    placements = [place((640, 480), CANVAS_WH)] * len(blood)
    canvases = [draw_on_canvas(decode_image(p), at, CANVAS_WH) for p, at in zip(blood, placements, strict=True)]
    images = (np.stack(canvases).transpose(0, 3, 1, 2) / np.float32(255)).astype(np.float32)
    (boxes, scores), (other_boxes, other_scores) = ours._compute(images), theirs._compute(images)
    # All points, not the selected ones: two that are nearly alike may change places without meaning anything.
    assert np.abs(boxes - other_boxes).max() * 4 < 0.5  # the photo's pixels: it was scaled down by 4
    assert np.abs(scores - other_scores).max() < 1e-3
    found, other = (p.predict_batch([decode_image(blood[0])], confidence=0.01)[0] for p in (ours, theirs))
    assert len(found) > 20
    assert found.confidence[0] == pytest.approx(other.confidence[0], abs=1e-3)
    assert found.boxes_xyxy[0].tolist() == pytest.approx(other.boxes_xyxy[0].tolist(), abs=0.5)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "best.onnx"
    export_weights(random_weights(), path, "onnx")
    return path


def test_predict_batch__is_predict_of_each(whole: Path) -> None:
    predictor = load_predictor(whole, threads=1)
    random = np.random.default_rng(0)
    pictures = [Image.fromarray(random.integers(0, 255, (h, w, 3), np.uint8)) for h, w in ((20, 90), (64, 96), (70, 9))]
    for picture, found in zip(pictures, predictor.predict_batch(pictures), strict=True):
        alone = predictor.predict(picture)
        assert len(alone) > 0
        assert np.allclose(found.boxes_xyxy, alone.boxes_xyxy, atol=1e-2)
        assert np.allclose(found.confidence, alone.confidence, atol=1e-5)


def _pickle(path: Path, whole: bytes) -> None:
    path.write_bytes(pickle.dumps({"weights": [1, 2, 3]}))


def _zip(path: Path, whole: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("best.onnx", whole)


FOREIGN: dict[str, Callable[[Path, bytes], Any]] = {
    "empty": lambda path, whole: path.write_bytes(b""),
    "text": lambda path, whole: path.write_text("not a net"),
    "truncated": lambda path, whole: path.write_bytes(whole[: len(whole) // 2]),
    "pickle": _pickle,
    "zip": _zip,
    "our .pt": lambda path, whole: write_weights(path, random_weights()),
}


@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN.keys())
def test_load_predictor__what_is_no_onnx_is_one_sentence(
    make: Callable[[Path, bytes], Any], whole: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "some.onnx"
    make(path, whole.read_bytes())
    with pytest.raises(WeightsError, match=r"some\.onnx is (no ONNX file that can be run, or is damaged|an ONNX file)"):
        load_predictor(path)
    assert capfd.readouterr() == ("", "")  # ONNX Runtime does not talk beside


def test_load_predictor__absent(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.onnx", tmp_path):
        with pytest.raises(WeightsError, match=r"no weights file at .*expected a file such as RUN/weights/best\.onnx"):
            load_predictor(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochal": None}, "not from this version of Epochal"),
        ({"epochal": "2"}, "not from this version of Epochal"),
        ({"class_names": None}, "damaged metadata"),
        ({"class_names": "[1, 2"}, "damaged metadata"),
        ({"canvas_wh": "[1]"}, "damaged metadata"),
        ({"canvas_wh": "[32, 32]"}, r"expected images \(B, 3, 32, 32\)"),
        ({"class_names": '["one"]'}, r"scores \(1, 126, 3\), but names 1 classes"),
    ],
)
def test_load_predictor__metadata_of_another_net(
    change: dict[str, str | None], message: str, whole: Path, tmp_path: Path
) -> None:
    graph = onnx.load(str(whole))
    about = {entry.key: entry.value for entry in graph.metadata_props} | change
    onnx.helper.set_model_props(graph, {key: value for key, value in about.items() if value is not None})
    path = tmp_path / "other.onnx"
    onnx.save(graph, str(path))
    with pytest.raises(WeightsError, match=message):
        load_predictor(path)


def test_load_predictor__threads(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    open_session = onnxruntime.InferenceSession

    def spy(path: str, options: Any, **rest: Any) -> Any:
        asked.append(options.intra_op_num_threads)
        return open_session(path, options, **rest)

    monkeypatch.setattr(onnxruntime, "InferenceSession", spy)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    load_predictor(whole)
    load_predictor(whole, threads=1)
    assert asked == [3, 1]
    for nonsense in ("", "0", "many"):
        monkeypatch.setenv("OMP_NUM_THREADS", nonsense)
        assert count_threads() >= 1


def test_load_predictor__without_onnx_runtime(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(WeightsError, match=r"pip install 'epochal\[server\]'"):
        load_predictor(whole)


def test_load_predictor__needs_no_torch(whole: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from PIL import Image
from epochal.deploy import load_predictor
load_predictor(Path({str(whole)!r}), threads=1).predict(Image.new("RGB", (50, 40)))
sys.exit("torch" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
