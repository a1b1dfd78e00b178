"""`epochal evaluate` on drawn shapes, with and without torch. Run: pytest tests/cli/test_evaluate.py."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from typer.testing import CliRunner, Result

from deploy.foreign_nets import write_constant_net, yolo_output
from detectors.nets import write_weights
from detectors.shapes import COCO_IDS, NAMES, train_on_shapes, write_coco, write_yolo
from epochal.cli import evaluate as command
from epochal.deploy.foreign_onnx import examine_session, mark_file
from epochal.deploy.onnx_predictor import open_session
from epochal.detectors.export import export_weights
from epochal.errors import BadInput, EpochalError, WeightsError


@dataclass(frozen=True)
class Place:
    """Weights in both forms, a COCO dataset, and a data folder."""

    pt: Path
    onnx: Path
    coco: Path
    data_dir: Path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    root = tmp_path_factory.mktemp("evaluate")
    weights = train_on_shapes()
    export_weights(weights, root / "best.onnx", "onnx")
    coco = write_coco(root / "set", {"train": 2, "val": 4, "test": 8})
    return Place(write_weights(root / "best.pt", weights), root / "best.onnx", coco, root / "data")


def call(*args: object) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    command.register(app)
    return CliRunner().invoke(app, ["evaluate", *map(str, args)])


def error_of(*args: object) -> EpochalError:
    result = call(*args)
    assert isinstance(result.exception, EpochalError), result.output
    return result.exception


def judged(*args: object) -> dict[str, Any]:
    result = call(*args, "--json")
    assert result.exit_code == 0, result.output
    content: dict[str, Any] = json.loads(result.stdout)  # one object and nothing else
    return content


def test_evaluate__json_is_the_contract(place: Place) -> None:
    content = judged(place.onnx, place.coco)
    assert {"split", "images", "mAP_0.5", "mAP_0.5:0.95", "interval", "precision", "recall", "confidence"} <= set(
        content
    )
    assert (content["split"], content["images"]) == ("test", 8)
    assert set(content["per_class"]) == set(NAMES)
    assert content["interval"]["low"] <= content["mAP_0.5:0.95"] <= content["interval"]["high"]
    assert content["mAP_0.5"] > 0.5  # the class ids of weights and dataset differ; matched by id it would be near 0
    assert content["notes"] == []


def test_evaluate__onnx_and_torch_agree(place: Place) -> None:
    one, other = judged(place.onnx, place.coco), judged(place.pt, place.coco, "--data-dir", place.data_dir)
    for key in ("mAP_0.5", "mAP_0.5:0.95", "precision", "recall"):
        assert one[key] == pytest.approx(other[key], abs=2e-3)
    assert list((place.data_dir / "cache").glob("*.u8"))  # decoded images are kept where the trainings keep theirs


def test_evaluate__onnx_loads_no_torch(place: Place) -> None:
    code = (
        "import sys\nfrom epochal.cli.main import build_app\n"
        f"build_app()(['evaluate', {str(place.onnx)!r}, {str(place.coco)!r}, '--json'], standalone_mode=False)\n"
        "sys.exit('torch' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["images"] == 8


def test_evaluate__predictions_judged_by_pycocotools_with_the_published_file(place: Place, tmp_path: Path) -> None:
    out = tmp_path / "predictions.json"
    content = judged(place.onnx, place.coco, "--predictions", out)
    rows = json.loads(out.read_text())
    assert set(rows[0]) == {"image_id", "file_name", "category_id", "category_name", "bbox", "score"}
    assert {row["category_name"]: row["category_id"] for row in rows} == COCO_IDS
    assert {row["file_name"] for row in rows} == {f"test/shot {n}.png" for n in range(6, 14)}  # as the JSON text says
    assert min(row["score"] for row in rows) >= 0.001
    truth = COCO(str(place.coco / "test.json"))  # the dataset's own file, untouched
    judge = COCOeval(truth, truth.loadRes(str(out)), "bbox")
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    assert judge.stats[0] == pytest.approx(content["mAP_0.5:0.95"], abs=1e-6)
    assert judge.stats[1] == pytest.approx(content["mAP_0.5"], abs=1e-6)


def test_evaluate__predictions_on_photos_are_named_as_their_annotations_are(
    place: Place, shared_data: Path, tmp_path: Path
) -> None:
    from epochal.datasets import open_dataset
    from epochal.datasets.published_names import read_published_names

    blood = open_dataset(shared_data / "datasets" / "bccd_voc")
    names = read_published_names(blood, blood.of_split("test"))
    assert "BloodImage_00007.jpg" in names.file_names
    assert names.image_ids == tuple(range(1, 73))
    coco = open_dataset(shared_data / "datasets" / "coco33")
    names = read_published_names(coco, coco.images)
    assert "000000000030.jpg" in names.file_names
    assert names.image_ids[names.file_names.index("000000000030.jpg")] == 30
    assert max(names.category_ids) == 90  # COCO's own sparse ids, of 80 classes


def test_evaluate__split(place: Place) -> None:
    assert judged(place.onnx, place.coco, "--split", "val")["images"] == 4
    assert judged(place.onnx, place.coco, "--split", "valid")["split"] == "val"
    error = error_of(place.onnx, place.coco, "--split", "tset")
    assert isinstance(error, BadInput)
    assert "choose train or val or test" in str(error)


def test_evaluate__without_a_test_split_is_on_val_and_says_so(place: Place, tmp_path: Path) -> None:
    content = judged(place.onnx, write_coco(tmp_path / "set", {"train": 2, "val": 3}))
    assert content["split"] == "val"
    assert "There is no test split" in content["remark"]


def test_evaluate__classes_are_matched_by_name(place: Place, tmp_path: Path) -> None:
    more = write_yolo(tmp_path / "more", 10, ("bird", "square", "disc"))
    content = judged(place.onnx, more, "--split", "train")
    assert content["notes"] == ["The weights do not know bird: nothing of it can be found, which counts as AP 0."]
    assert content["per_class"]["square"]["AP_0.5"] > 0.5
    for weights in (place.onnx, place.pt):
        error = error_of(weights, write_yolo_renamed(tmp_path / weights.suffix), "--data-dir", place.data_dir)
        assert "no class in common" in str(error)


def write_yolo_renamed(root: Path) -> Path:
    write_yolo(root, 10)
    (root / "data.yaml").write_text("names: [round, angular]\n")
    return root


def test_evaluate__weights_of_another_detector(place: Place, tmp_path: Path) -> None:
    """Unmarked, its file is refused in a sentence; once it was examined, its classes are matched by name."""
    output = yolo_output([(8, 8, 24, 24, 1, 0.9)], classes=2, points=8)
    theirs = write_constant_net(tmp_path / "theirs.onnx", output, about={"names": f"{{0: 'bird', 1: '{NAMES[0]}'}}"})
    error = error_of(theirs, place.coco)
    assert isinstance(error, WeightsError)
    assert "expected" in str(error)
    mark_file(theirs, examine_session(open_session(theirs, 1)))
    content = judged(theirs, place.coco)
    assert content["notes"] == [
        f"The weights do not know {NAMES[1]}: nothing of it can be found, which counts as AP 0.",
        "The dataset has no class bird: what the weights find of it is left out.",
    ]
    assert content["per_class"][NAMES[1]]["AP_0.5"] == 0
    assert content["per_class"][NAMES[0]]["AP_0.5"] is not None


def test_evaluate__in_words(place: Place) -> None:
    shown = call(place.onnx, place.coco).stdout
    assert shown.startswith("On test (8 images): mAP_0.5 ")
    assert "square" in shown
    assert "AP_0.5:0.95" in shown


def test_evaluate__bad_input_before_any_work(place: Place, tmp_path: Path) -> None:
    assert isinstance(error_of(tmp_path / "gone.onnx", place.coco), WeightsError)
    assert isinstance(error_of(tmp_path / "gone.pt", place.coco), WeightsError)
    error = error_of(place.onnx, place.coco, "--predictions", tmp_path / "nowhere" / "p.json")
    assert "folder that exists" in str(error)
    assert error_of(place.onnx, tmp_path / "gone").exit_code == 2
