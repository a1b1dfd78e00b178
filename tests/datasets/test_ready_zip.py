"""Zips that trainers take as they are, of every name. Run: pytest tests/datasets/test_ready_zip.py."""

import json
import re
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from epochal.datasets import Dataset, Source, open_dataset, write_export
from epochal.datasets.export_layouts import READY
from epochal.datasets.formats.yolo import parse_yolo
from epochal.errors import BadInput, Failed, NotFound, StorageFull

Draw = Any

SOURCE = Source(
    "acme", "cells", 3, "CC BY 4.0", "http://127.0.0.1:1/acme/cells/3", group="blood", sentences=("Resized to 640.",)
)
NAME = r"[\w.-]+_[a-z0-9]+\.rf\.[0-9a-f]{32}\.(jpg|png)"
TEXT, XML = (NAME.replace("(jpg|png)", suffix) for suffix in ("txt", "xml"))
YOLO = ("yolov5pytorch", "yolov7pytorch", "yolov8", "yolov9", "yolov10", "yolov11", "yolov12", "yolo26")
SPLIT = r"(train|valid)/"
LAYOUTS = {
    "coco": [SPLIT + NAME, SPLIT + r"_annotations\.coco\.json"],
    "voc": [SPLIT + NAME, SPLIT + XML],
    **{name: ["data.yaml", f"{SPLIT}images/{NAME}", f"{SPLIT}labels/{TEXT}"] for name in YOLO},
    "mt-yolov6": ["data.yaml", "images/" + SPLIT + NAME, "labels/" + SPLIT + TEXT],
    "darknet": [SPLIT + NAME, SPLIT + r"_darknet\.labels", SPLIT + TEXT],
    "createml": [SPLIT + NAME, SPLIT + r"_annotations\.createml\.json"],
    "tensorflow": [SPLIT + NAME, SPLIT + r"_annotations\.csv"],
    "tfrecord": [SPLIT + r"blood\.tfrecord", SPLIT + r"blood_label_map\.pbtxt"],
    "retinanet": [SPLIT + NAME, SPLIT + r"_annotations\.csv", SPLIT + r"_classes\.csv"],
    "multiclass": [SPLIT + NAME, SPLIT + r"_classes\.csv"],
    "yolokeras": [SPLIT + NAME, SPLIT + r"_annotations\.txt", SPLIT + r"_classes\.txt"],
    "clip": [SPLIT + r"_tokenization\.txt", SPLIT + "(red|white) cell/" + NAME],
    "folder": [SPLIT + "(red|white) cell/" + NAME],
}


@pytest.fixture
def cells(draw: Draw, tmp_path: Path) -> Dataset:
    """Train, val and no split; odd names, equal stems, a background, an unlabelled image, tags."""
    draw.root = tmp_path / "cells"
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for name in ("train/größe #1 (a).jpg", "train/a/1.png", "train/b/1.jpg", "val/empty.jpg", "loose/x.jpg"):
        draw.image(name)
        images.append({"id": len(images), "file_name": name, "width": 100, "height": 80})
        if "empty" not in name:
            box = {"image_id": len(images) - 1, "bbox": [10.25, 20.5, 30.125, 40]}
            annotations += [{**box, "category_id": 1}, {**box, "category_id": 2}]
    images[0]["tags"] = ["night"]
    draw.image("val/unlabelled.jpg")
    kinds = [{"id": 1, "name": "white cell"}, {"id": 2, "name": "red cell"}]
    draw.json("all.json", {"images": images, "annotations": annotations, "categories": kinds})
    return open_dataset(draw.root)


def test_ready__every_name_is_tested() -> None:
    assert LAYOUTS.keys() == READY.keys()


@pytest.mark.parametrize("name", READY)
def test_write_export__layout(cells: Dataset, tmp_path: Path, name: str) -> None:
    path = write_export(cells, name, tmp_path / "out" / "x.zip", source=SOURCE)
    assert [p.name for p in path.parent.iterdir()] == ["x.zip"]
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        entries = archive.namelist()
        readme = archive.read("README.dataset.txt").decode()
        about = archive.read("README.roboflow.txt").decode()
    assert "Provided by acme" in readme
    assert "License: CC BY 4.0" in readme
    assert "6 images (train 4, val 2, test 0) with 8 boxes of 2 classes" in about
    assert "Resized to 640." in about
    rest = [entry for entry in entries if not entry.startswith("README.")]
    assert len(set(rest)) == len(rest)
    for pattern in LAYOUTS[name]:
        assert any(re.fullmatch(pattern, entry) for entry in rest), pattern
    for entry in rest:
        assert any(re.fullmatch(pattern, entry) for pattern in LAYOUTS[name]), entry
    if READY[name].image_folder is not None:
        assert sum(bool(re.fullmatch(".*/" + NAME, entry)) for entry in rest) == 6


@pytest.mark.parametrize("name", [name for name in READY if name not in ("multiclass", "clip", "folder")])
def test_write_export__is_read_again(cells: Dataset, tmp_path: Path, name: str) -> None:
    path = write_export(cells, name, tmp_path / "x.zip", source=SOURCE)
    found = open_dataset(path, unpack_into=tmp_path / "unpacked")
    if name == "tfrecord":  # a folder within a folder
        assert found.format == "tfrecord"
    assert sorted(found.class_names) == ["red cell", "white cell"]
    by_hash = {image.sha256: image for image in found.images}
    for expected in cells.images:
        if not expected.labelled and name == "tfrecord":
            continue
        image = by_hash[expected.sha256]
        assert image.split == (expected.split or "train")
        np.testing.assert_allclose(image.boxes_xyxy, expected.boxes_xyxy, atol=0.01)
        names = [found.class_names[c] for c in image.class_id]
        assert names == [cells.class_names[c] for c in expected.class_id]
        assert image.tags == (expected.tags if name == "coco" else ())


def test_write_export__coco_has_a_group_and_what_clients_read(cells: Dataset, tmp_path: Path) -> None:
    with zipfile.ZipFile(write_export(cells, "coco", tmp_path / "x.zip", source=SOURCE)) as archive:
        document = json.loads(archive.read("train/_annotations.coco.json"))
    assert document["categories"] == [
        {"id": 0, "name": "blood", "supercategory": "none"},
        {"id": 1, "name": "white cell", "supercategory": "blood"},
        {"id": 2, "name": "red cell", "supercategory": "blood"},
    ]
    assert document["licenses"][0]["name"] == "CC BY 4.0"
    assert document["info"]["version"] == "3"


@pytest.mark.parametrize("name", [*YOLO, "mt-yolov6"])
def test_write_export__data_yaml(cells: Dataset, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(write_export(cells, name, tmp_path / "x.zip", source=SOURCE)) as archive:
        config = yaml.safe_load(archive.read("data.yaml"))
        labels = [archive.read(entry).decode() for entry in archive.namelist() if "labels/" in entry]
    start = "./images/{}" if name == "mt-yolov6" else "../{}/images"
    assert [config[split] for split in ("train", "val", "test")] == [
        start.format(f) for f in ("train", "valid", "test")
    ]
    assert (config["nc"], config["names"]) == (2, ["white cell", "red cell"])
    assert config["roboflow"] == {
        "workspace": "acme", "project": "cells", "version": 3, "license": "CC BY 4.0",
        "url": "http://127.0.0.1:1/acme/cells/3",
    }  # fmt: skip
    assert sum(len(parse_yolo(text).lines) for text in labels) == 8


def test_write_export__one_hot(cells: Dataset, tmp_path: Path) -> None:
    with zipfile.ZipFile(write_export(cells, "multiclass", tmp_path / "x.zip", source=SOURCE)) as archive:
        rows = archive.read("valid/_classes.csv").decode().splitlines()
    assert rows[0] == "filename,white cell,red cell"
    assert [row.split(",", 1)[1] for row in rows[1:]] == ["0,0"]


def test_write_export__same_dataset_same_bytes(cells: Dataset, tmp_path: Path) -> None:
    one, two = (write_export(cells, "yolov8", tmp_path / f"{n}.zip", source=SOURCE).read_bytes() for n in "ab")
    assert one == two


def test_write_export__names_of_a_version_stay(draw: Draw, tmp_path: Path) -> None:
    draw.root = tmp_path / "set"
    name = "photo_png.rf.0123456789abcdef0123456789abcdef.jpg"
    draw.image(f"train/{name}")
    draw.voc(f"train/{name.replace('.jpg', '.xml')}", [(1, 2, 30, 40)])
    path = write_export(open_dataset(draw.root), "yolov8", tmp_path / "x.zip", source=SOURCE)
    with zipfile.ZipFile(path) as archive:
        assert f"train/images/{name}" in archive.namelist()


def test_write_export__progress_and_cancelling(cells: Dataset, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    write_export(cells, "yolov8", tmp_path / "x.zip", source=SOURCE, progress=lambda *done: seen.append(done))
    assert seen == [(n, 6) for n in range(1, 7)]
    before = (tmp_path / "x.zip").read_bytes()
    for name in ("coco", "tfrecord"):
        with pytest.raises(Failed, match="Cancelled after 0 of 6 images; nothing was written"):
            write_export(cells, name, tmp_path / "x.zip", source=SOURCE, is_cancelled=lambda: True)
    assert (tmp_path / "x.zip").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"cells", "x.zip"}


def test_write_export__refusals_leave_nothing(cells: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="'svg' is no format that can be exported; known are coco, voc, mt-yolov6"):
        write_export(cells, "svg", tmp_path / "x.zip", source=SOURCE)
    with pytest.raises(BadInput, match="'benchmarker' cannot be exported: its layout is not published"):
        write_export(cells, "benchmarker", tmp_path / "x.zip", source=SOURCE)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("shutil.copyfileobj", full)
        with pytest.raises(StorageFull, match="nothing was left there"):
            write_export(cells, "coco", tmp_path / "x.zip", source=SOURCE)
    cells.images[0].path.unlink()
    for name in ("coco", "tfrecord"):
        with pytest.raises(NotFound, match="does not exist"):
            write_export(cells, name, tmp_path / "x.zip", source=SOURCE)
    assert {path.name for path in tmp_path.iterdir()} == {"cells"}


@pytest.mark.parametrize("name", ["coco", "tfrecord", "yolov8"])
def test_write_export__memory_does_not_grow_with_the_images(draw: Draw, tmp_path: Path, name: str) -> None:
    draw.root = tmp_path / "set"
    for i in range(40):
        path = draw.image(f"train/{i}.jpg")
        path.write_bytes(path.read_bytes() + bytes(1_000_000))
        draw.voc(f"train/{i}.xml", [(1, 2, 30, 40)])
    dataset = open_dataset(draw.root)
    tracemalloc.start()
    write_export(dataset, name, tmp_path / "x.zip", source=SOURCE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (tmp_path / "x.zip").stat().st_size > 40_000_000
    assert peak < 12_000_000
