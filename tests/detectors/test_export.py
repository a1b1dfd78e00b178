"""Exported nets give torch's numbers. Run: pytest tests/detectors/test_export.py."""

import errno
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from detectors.nets import CANVAS_WH, NAMES
from epochal.detectors.export import EXPORT_SUFFIXES, Decoded, export_weights, fuse
from epochal.detectors.weights import Weights
from epochal.errors import BadInput, Failed, StorageFull

IMAGES = torch.rand(2, 3, CANVAS_WH[1], CANVAS_WH[0], generator=torch.Generator().manual_seed(0))
ABOUT = {"epochal": "1", "model": "fast-n", "class_names": json.dumps(list(NAMES)), "canvas_wh": json.dumps(CANVAS_WH)}


def _expected(weights: Weights) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        boxes, scores = Decoded(weights)(IMAGES)
    return boxes, scores


def _assert_agrees(weights: Weights, boxes: Any, scores: Any) -> None:
    expected_boxes, expected_scores = _expected(weights)
    assert np.abs(np.asarray(boxes) - expected_boxes.numpy()).max() < 0.01  # the promise is 0.5 px
    assert np.abs(np.asarray(scores) - expected_scores.numpy()).max() < 1e-4  # the promise is 1e-3
    assert expected_scores.std() > 0.1  # scores that are all alike would prove nothing


def test_fuse__gives_equal_numbers_and_leaves_the_net_alone(weights: Weights) -> None:
    before = {name: tensor.clone() for name, tensor in weights.net.state_dict().items()}
    fused = fuse(weights.net)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in fused.modules())
    with torch.no_grad():
        for plain, folded in zip(weights.net(IMAGES), fused(IMAGES), strict=True):
            assert torch.allclose(plain, folded, atol=2e-3, rtol=1e-3)
    assert all(torch.equal(before[name], tensor) for name, tensor in weights.net.state_dict().items())


def test_decoded__boxes_in_canvas_pixels_and_scores(weights: Weights) -> None:
    boxes, scores = _expected(weights)
    points = 12 * 8 + 6 * 4 + 3 * 2
    assert (boxes.shape, scores.shape) == ((2, points, 4), (2, points, 3))
    assert (boxes[..., 2:] >= boxes[..., :2]).all()
    assert ((scores > 0) & (scores < 1)).all()


def test_export_weights__onnx(weights: Weights, tmp_path: Path) -> None:
    path = tmp_path / "best.onnx"
    export_weights(weights, path, "onnx")
    assert [p.name for p in tmp_path.iterdir()] == ["best.onnx"]
    onnx.checker.check_model(str(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    assert session.get_modelmeta().custom_metadata_map == ABOUT
    _assert_agrees(weights, *session.run(["boxes", "scores"], {"images": IMAGES.numpy()}))
    one = session.run(["boxes", "scores"], {"images": IMAGES.numpy()[:1]})  # the batch is free
    assert one[0].shape[0] == 1


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_export_weights__torchscript(weights: Weights, tmp_path: Path) -> None:
    path = tmp_path / "best.torchscript"
    export_weights(weights, path, "torchscript")
    files = {"epochal.json": ""}
    loaded = torch.jit.load(str(path), _extra_files=files)  # type: ignore[no-untyped-call]
    assert json.loads(files["epochal.json"]) == ABOUT
    with torch.no_grad():
        _assert_agrees(weights, *loaded(IMAGES))


@pytest.mark.skipif(importlib.util.find_spec("openvino") is None, reason="needs the extra epochal[openvino]")
def test_export_weights__openvino(weights: Weights, tmp_path: Path) -> None:
    import openvino

    path = tmp_path / "best.xml"
    export_weights(weights, path, "openvino")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["best.bin", "best.xml"]
    model = openvino.Core().read_model(str(path))
    assert {key: model.get_rt_info(["epochal", key]).astype(str) for key in ABOUT} == ABOUT
    compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    answer = compiled(IMAGES.numpy())
    _assert_agrees(weights, answer["boxes"], answer["scores"])


def test_export_weights__openvino_is_an_extra(
    weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(BadInput, match=r"pip install 'epochal\[openvino\]'"):
        export_weights(weights, tmp_path / "best.xml", "openvino")
    with pytest.raises(BadInput, match=r"OpenVINO names its file NAME\.xml"):
        export_weights(weights, tmp_path / "best.onnx", "openvino")
    assert not list(tmp_path.iterdir())


def test_export_weights__refuses_what_cannot_be(weights: Weights, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=f"choose {', '.join(EXPORT_SUFFIXES)}"):
        export_weights(weights, tmp_path / "best.engine", "tensorrt")
    for path in (tmp_path / "nowhere" / "best.onnx", tmp_path):
        with pytest.raises(BadInput, match="folder that exists"):
            export_weights(weights, path, "onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), StorageFull),
        (OSError(errno.EACCES, "Permission denied"), Failed),
        (RuntimeError("PytorchStreamWriter failed writing file"), Failed),
    ],
)
def test_export_weights__failed_write_leaves_the_old_file(
    error: Exception, kind: type[Exception], weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "best.onnx"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("onnx.save", fail)
    with pytest.raises(kind, match=r"best\.onnx"):
        export_weights(weights, path, "onnx")
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"best.onnx": "old"}
