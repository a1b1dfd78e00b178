"""`epochal predict` and `epochal export` from outside. Run: pytest tests/cli/test_predict.py."""

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from detectors.nets import write_weights
from detectors.shapes import draw, train_on_shapes
from epochal.cli import export, predict
from epochal.errors import BadInput, WeightsError


def call(*args: object) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    predict.register(app)
    export.register(app)
    return CliRunner().invoke(app, [*map(str, args)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """best.pt, best.onnx (by the command) and three pictures, one of them in a folder of its own."""
    root = tmp_path_factory.mktemp("predict")
    write_weights(root / "best.pt", train_on_shapes())
    assert call("export", root / "best.pt").exit_code == 0
    (root / "in" / "deep").mkdir(parents=True)
    for number, name in enumerate(("a.png", "b.png", "deep/a.png")):
        draw(number).picture.save(root / "in" / name)
    return root


@pytest.mark.parametrize("weights", ["best.pt", "best.onnx"])
def test_predict__finds_what_was_drawn(weights: str, folder: Path) -> None:
    result = call("predict", folder / weights, folder / "in" / "a.png", "--json")
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    assert (content["class_names"], content["failed"]) == (["disc", "square"], [])
    (image,) = content["images"]
    assert image["image_wh"] == [96, 64]
    drawn = draw(0)
    best = image["predictions"][0]
    truth = drawn.boxes_xyxy[drawn.class_id == best["class_id"]]
    assert np.abs(truth - np.float32(best["box_xyxy"])).max(1).min() < 6  # pixels
    assert best["class_name"] == content["class_names"][best["class_id"]]
    confidences = [p["confidence"] for p in image["predictions"]]
    assert confidences == sorted(confidences, reverse=True)
    assert min(confidences) >= 0.25


def test_predict__confidence_and_overlap(folder: Path) -> None:
    def count(*options: object) -> int:
        result = call("predict", folder / "best.onnx", folder / "in" / "a.png", "--json", *options)
        return len(json.loads(result.stdout)["images"][0]["predictions"])

    assert count("--confidence", 0.999) == 0
    assert count("--confidence", 0.01) > count()
    assert count("--confidence", 0.01, "--overlap", 0.1) < count("--confidence", 0.01, "--overlap", 0.95)
    assert call("predict", folder / "best.onnx", folder / "in", "--confidence", 1.5).exit_code == 2


def test_predict__a_folder_in_words(folder: Path) -> None:
    shown = call("predict", folder / "best.onnx", folder / "in").stdout
    assert [line.split("  ")[0] for line in shown.splitlines() if not line.startswith(" ")] == [
        str(folder / "in" / name) for name in ("a.png", "b.png", "deep/a.png")
    ]


def test_predict__draws_on_copies(folder: Path, tmp_path: Path) -> None:
    given = [
        folder / "in",
        folder / "in" / "a.png",
        folder / "in" / "deep" / "a.png",
    ]  # the second twice, the third anew
    before = (folder / "in" / "a.png").read_bytes()
    result = call("predict", folder / "best.onnx", *given, "--out", tmp_path / "drawn", "--json")
    copies = sorted(p.relative_to(tmp_path / "drawn").as_posix() for p in (tmp_path / "drawn").rglob("*.png"))
    assert copies == ["a-2.png", "a.png", "b.png", "deep/a.png"]
    assert json.loads(result.stdout)["images"][0]["copy"] == str(tmp_path / "drawn" / "a.png")
    assert (folder / "in" / "a.png").read_bytes() == before
    with Image.open(tmp_path / "drawn" / "a.png") as copy:
        assert np.asarray(copy).tolist() != np.asarray(draw(0).picture).tolist()


def test_predict__never_writes_over_the_images(folder: Path) -> None:
    error = call("predict", folder / "best.onnx", folder / "in", "--out", folder / "in").exception
    assert isinstance(error, BadInput)
    assert "would write over" in str(error)


def test_predict__a_bad_image_is_said_after_which_the_others_are_done(folder: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.png"
    torn.write_bytes((folder / "in" / "a.png").read_bytes()[:600])
    result = call("predict", folder / "best.onnx", torn, tmp_path / "gone.jpg", folder / "in" / "b.png", "--json")
    assert result.exit_code == 2
    content = json.loads(result.stdout)
    assert [image["path"] for image in content["images"]] == [str(folder / "in" / "b.png")]
    assert [failure["path"] for failure in content["failed"]] == [str(torn), str(tmp_path / "gone.jpg")]
    assert "torn.png is damaged" in result.stderr
    assert "gone.jpg does not exist" in result.stderr


def test_predict__nothing_to_look_at(folder: Path, tmp_path: Path) -> None:
    assert isinstance(call("predict", folder / "best.onnx", tmp_path).exception, BadInput)
    assert isinstance(call("predict", tmp_path / "gone.onnx", folder / "in").exception, WeightsError)


def test_export__beside_the_weights_or_where_wanted(folder: Path, tmp_path: Path) -> None:
    assert call("export", folder / "best.pt", "--format", "onnx").stdout.strip() == str(folder / "best.onnx")
    onto_itself = call("export", folder / "best.pt", "--out", folder / "best.pt")
    assert "would write over the weights themselves" in str(onto_itself.exception)
    out = tmp_path / "cells.onnx"
    assert call("export", folder / "best.pt", "--out", out).stdout.strip() == str(out)
    assert out.is_file()
    assert call("export", folder / "best.pt", "--format", "tensorrt").exit_code == 2
    assert isinstance(call("export", folder / "best.onnx").exception, WeightsError)
