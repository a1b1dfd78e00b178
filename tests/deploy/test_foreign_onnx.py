"""Nets of other detectors answer as ours do. Run: pytest tests/deploy/test_foreign_onnx.py."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto
from PIL import Image

from deploy.foreign_nets import write_constant_net, yolo_output
from detectors.nets import random_weights
from epochal.deploy.examining_weights import examine_onnx, main
from epochal.deploy.onnx_predictor import load_predictor
from epochal.detectors.export import export_weights
from epochal.errors import WeightsError

NAMES = ("cat", "dog")
ABOUT = {"names": "{0: 'cat', 1: 'dog'}", "imgsz": "[64, 64]", "task": "detect"}
BOX = (32.0, 16.0, 20.0, 12.0, 1, 0.9)  # centre, size, class, score
CORNERS = [22.0, 10.0, 42.0, 22.0]


def _outputs() -> dict[str, np.ndarray]:
    yolo = yolo_output([BOX], 2, 84)
    with_objectness = np.zeros((1, 84, 7), np.float32)
    with_objectness[0, 0] = [*BOX[:4], 0.9, 0.1, 1.0]
    end2end = np.zeros((1, 30, 6), np.float32)
    end2end[0, 0] = [*CORNERS, 0.9, 1]
    end2end[0, 1] = [*CORNERS, 0.9, 77]  # a class that nobody knows
    return {
        "yolo": yolo,
        "yolo_transposed": yolo.transpose(0, 2, 1),
        "yolo_obj": with_objectness,
        "end2end": end2end,
    }


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("layout", ["yolo", "yolo_transposed", "yolo_obj", "end2end"])
def test_load_predictor__of_every_layout(layout: str, fixed: bool, tmp_path: Path) -> None:
    path = write_constant_net(tmp_path / "net.onnx", _outputs()[layout], about=ABOUT, fixed=fixed)
    told = main_without_limits(path)
    assert told == {"class_names": NAMES, "canvas_wh": (64, 64), "layout": layout}
    predictor = load_predictor(path, threads=1)
    assert (predictor.class_names, predictor.canvas_wh) == (NAMES, (64, 64))
    for found in predictor.predict_batch([Image.new("RGB", (128, 128)), Image.new("RGB", (64, 64))]):
        assert found.class_id.tolist() == [1]
        assert found.confidence[0] == pytest.approx(0.9, abs=1e-3)
    assert found.boxes_xyxy[0].tolist() == pytest.approx(CORNERS, abs=0.05)


def main_without_limits(path: Path, names: tuple[str, ...] = ()) -> dict[str, object]:
    """What the process prints, in this process, whose limits must stay."""
    import resource

    real = resource.setrlimit
    resource.setrlimit = lambda *_: None
    try:
        return main(path, names)
    finally:
        resource.setrlimit = real


def test_main__half_precision_names_from_beside_and_no_names_at_all(tmp_path: Path) -> None:
    half = write_constant_net(tmp_path / "half.onnx", _outputs()["yolo"], kind=TensorProto.FLOAT16)
    assert main_without_limits(half, NAMES)["class_names"] == NAMES
    assert load_predictor(half, threads=1).predict(Image.new("RGB", (64, 64))).class_id.tolist() == [1]
    bare = write_constant_net(tmp_path / "bare.onnx", _outputs()["yolo"])
    assert main_without_limits(bare)["class_names"] == ("class 0", "class 1")


@pytest.mark.parametrize(
    ("output", "options", "message"),
    [
        (np.zeros((1, 10), np.float32), {}, "no known form"),
        (np.zeros((1, 84, 9), np.float32), {"about": ABOUT}, r"gives \(1, 84, 9\) for 2 classes"),
        (_outputs()["yolo"], {"inputs": [1, 4, 64, 64]}, "expected one input"),
        (_outputs()["yolo"], {"inputs": [1, 3, 9000, 64]}, "expected at most 4096"),
    ],
)
def test_main__what_is_not_understood_is_told(
    output: np.ndarray, options: dict[str, object], message: str, tmp_path: Path
) -> None:
    path = write_constant_net(tmp_path / "net.onnx", output, **options)  # type: ignore[arg-type]
    before = path.read_bytes()
    with pytest.raises(WeightsError, match=message):
        raise WeightsError(str(main_without_limits(path)["error"]))
    assert path.read_bytes() == before


def test_examine_onnx__in_a_process_of_its_own(tmp_path: Path) -> None:
    ours = tmp_path / "ours.onnx"
    export_weights(random_weights(), ours, "onnx")
    before = ours.read_bytes()
    examined = examine_onnx(ours)
    assert (examined.class_names, examined.canvas_wh, examined.layout) == (("cat", "dog", "ä b"), (96, 64), None)
    assert ours.read_bytes() == before
    foreign = write_constant_net(tmp_path / "foreign.onnx", _outputs()["yolo"], about=ABOUT)
    assert examine_onnx(foreign).layout == "yolo"
    onnx.checker.check_model(onnx.load(str(foreign)))  # what was written behind its end is part of the message
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(before[: len(before) // 2])
    with pytest.raises(WeightsError, match="The file is no ONNX file that can be run, or is damaged"):
        examine_onnx(broken)
