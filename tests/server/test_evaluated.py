"""Images behind an evaluation, over HTTP. Run: pytest tests/server/test_evaluated.py."""

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from epochal.boxes import Detections
from epochal.evaluation import GroundTruth, evaluate, keep_boxes, save_boxes

CONFUSION, IMAGES = "/api/runs/cells-1/evaluated/test/confusion", "/api/runs/cells-1/evaluated/test/images"
BOX = np.array([[10, 20, 110, 120]], np.float32)


@pytest.fixture
def dataset(data, run: Path, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    """Three pictures; on each a cell, of which the first is found, the second taken for dirt, the third missed."""
    root = tmp_path / "cells"
    root.mkdir()
    names = [f"image {i}.png" for i in range(3)]
    for i, name in enumerate(names):
        Image.new("RGB", (800, 400), (60 * i, 90, 90)).save(root / name)
    truths = [GroundTruth(BOX, np.zeros(1, np.int64), np.zeros(1, bool), (800, 400))] * 3
    found = [
        Detections(BOX, np.array([0.9], np.float32), np.array([0])),
        Detections(BOX + 2, np.array([0.6], np.float32), np.array([1])),
        Detections.empty(),
    ]
    hashes = [hashlib.sha256((root / name).read_bytes()).hexdigest() for name in names]
    save_boxes(
        run / "boxes-test.npz", keep_boxes(evaluate(truths, found, ("cell", "dirt"), resamples=0), names, hashes)
    )
    (run / "recipe.json").write_text(json.dumps({"name": "cells-1", "dataset": {"path": str(root)}, "recipe": {}}))
    return root


def test_confusion__at_any_confidence(keyed: httpx.Client, dataset: Path) -> None:
    answer = keyed.get(CONFUSION, params={"confidence": 0.5}).json()
    assert answer["classes"] == ["cell", "dirt", "background"]
    assert answer["matrix"] == [[1, 1, 1], [0, 0, 0], [0, 0, 0]]
    assert (answer["confidence"], answer["iou"], answer["split"]) == (0.5, 0.5, "test")
    assert keyed.get(CONFUSION, params={"confidence": 0.7}).json()["matrix"][0] == [1, 0, 2]
    assert keyed.get(CONFUSION, params={"confidence": 0}).json()["confidence"] == 0.05


def test_images__behind_a_cell(keyed: httpx.Client, dataset: Path) -> None:
    answer = keyed.get(IMAGES, params={"confidence": 0.5, "truth": 0, "prediction": 1}).json()
    assert (answer["count"], answer["pairs"]) == (1, 1)
    (image,) = answer["images"]
    assert (image["image"], image["file_name"], image["image_wh"]) == (1, "image 1.png", [800, 400])
    assert image["ground_truth"] == [{"box_xyxy": [10, 20, 110, 120], "class_name": "cell", "in_cell": True}]
    assert image["predictions"][0]["class_name"] == "dirt"
    assert image["predictions"][0]["in_cell"]


def test_images__page_by_page(keyed: httpx.Client, dataset: Path) -> None:
    answer = keyed.get(IMAGES, params={"confidence": 0.5, "offset": 1, "limit": 1}).json()
    assert (answer["count"], answer["offset"]) == (3, 1)
    assert "pairs" not in answer
    assert [image["image"] for image in answer["images"]] == [1]
    assert keyed.get(IMAGES, params={"confidence": 0.5, "offset": 99}).json()["images"] == []


def test_picture__is_small_and_of_that_image(keyed: httpx.Client, dataset: Path) -> None:
    answer = keyed.get(f"{IMAGES}/1", params={"side_px": 100})
    assert answer.headers["content-type"] == "image/jpeg"
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.size == (100, 50)
    assert np.abs(np.array(picture.getpixel((50, 25))) - (60, 90, 90)).max() < 4


def change(root: Path) -> None:
    Image.new("RGB", (800, 400)).save(root / "image 1.png")


def remove(root: Path) -> None:
    (root / "image 1.png").unlink()


def break_it(root: Path) -> None:
    (root / "image 1.png").write_text("no picture")


@pytest.mark.parametrize(
    ("do", "words"),
    [(change, "has changed since it was evaluated"), (remove, "not there any more"), (break_it, "has changed")],
)
def test_picture__of_a_dataset_that_is_not_what_it_was(
    keyed: httpx.Client, dataset: Path, do: Callable[[Path], None], words: str
) -> None:
    do(dataset)
    answer = keyed.get(f"{IMAGES}/1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert words in answer.json()["error"]["message"]
    assert keyed.get(f"{IMAGES}/0").status_code == 200


def test_picture__never_leads_out_of_the_dataset(keyed: httpx.Client, dataset: Path, run: Path) -> None:
    """A run folder that somebody else wrote is asked for no file beside its dataset, whatever hash it names."""
    secret = dataset.parent / "secret.png"
    Image.new("RGB", (8, 8)).save(secret)
    one = evaluate([GroundTruth(BOX, np.zeros(1, np.int64), np.zeros(1, bool), (8, 8))], [Detections.empty()], ("a",))
    for name in ("../secret.png", str(secret), "x/../../secret.png"):
        save_boxes(run / "boxes-test.npz", keep_boxes(one, [name], [hashlib.sha256(secret.read_bytes()).hexdigest()]))
        answer = keyed.get(f"{IMAGES}/0")
        assert answer.status_code == 404
        assert "leads out of the dataset" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/runs/none/evaluated/test/images/0", 404),
        ("/api/runs/cells-1/evaluated/val/images/0", 404),
        ("/api/runs/cells-1/evaluated/..%2ftest/images/0", 404),
        ("/api/runs/cells-1/evaluated/all/images/0", 422),
        (f"{IMAGES}/3", 404),
        (f"{IMAGES}/-1", 404),
        (f"{IMAGES}/..%2f..%2frecipe.json", 404),
        (f"{IMAGES}/image%201.png", 422),
        (f"{IMAGES}/0?side_px=100000", 422),
        (f"{IMAGES}?confidence=0.5&truth=9&prediction=0", 400),
        (f"{IMAGES}?confidence=0.5&truth=1", 400),
        (f"{IMAGES}?confidence=2", 422),
        (f"{IMAGES}?confidence=0.5&limit=9999", 422),
        (CONFUSION, 422),
    ],
)
def test_what_cannot_be_shown__is_a_sentence(keyed: httpx.Client, dataset: Path, path: str, status: int) -> None:
    answer = keyed.get(path)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_boxes__that_are_damaged(keyed: httpx.Client, dataset: Path, run: Path) -> None:
    (run / "boxes-test.npz").write_bytes(b"torn")
    assert keyed.get(CONFUSION, params={"confidence": 0.5}).status_code == 409


def test_recipe__that_does_not_say_where_the_dataset_is(keyed: httpx.Client, dataset: Path, run: Path) -> None:
    (run / "recipe.json").write_text(json.dumps({"dataset": {"path": "relative/cells"}}))
    answer = keyed.get(f"{IMAGES}/0")
    assert answer.status_code == 404
    assert "does not say where its dataset is" in answer.json()["error"]["message"]
