"""What is written is read again: texts by property, whole folders by example. Run: pytest tests/datasets."""

import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.boxes import cxcywh_norm_from_xyxy
from epochal.datasets import SPLITS, Dataset, open_dataset, write_dataset
from epochal.datasets.export_layouts import EXPORTS
from epochal.datasets.formats.coco import CocoImage, format_coco, parse_coco
from epochal.datasets.formats.createml import format_createml, read_createml
from epochal.datasets.formats.cvat import format_cvat, read_cvat
from epochal.datasets.formats.keras_yolo import format_keras_yolo, read_keras_yolo
from epochal.datasets.formats.labelstudio import format_labelstudio, read_labelstudio
from epochal.datasets.formats.record import Box, Record, RecordBox
from epochal.datasets.formats.shapes import format_labelme, format_via, read_labelme, read_via
from epochal.datasets.formats.table import format_table, parse_table
from epochal.datasets.formats.voc import VocAnnotation, VocObject, format_voc, parse_voc
from epochal.datasets.formats.yolo import format_data_yaml, format_yolo, parse_data_yaml, parse_yolo
from epochal.errors import BadInput, StorageFull

Draw = Any

letters = st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co", "Zl", "Zp", "Zs"]) | st.just(" ")
words = st.text(letters, min_size=1, max_size=12).map(str.strip).filter(bool)
names = st.lists(words, min_size=1, max_size=4, unique=True)
fraction = st.floats(0, 1, width=32)


@st.composite
def records(draw: Callable[..., Any]) -> tuple[list[str], list[Record]]:
    """Class names, and images whose boxes are float32 corners within them."""
    class_names = draw(names)
    found = []
    for number in range(draw(st.integers(1, 3))):
        width, height = draw(st.integers(1, 20_000)), draw(st.integers(1, 20_000))
        boxes = []
        for place in range(1, draw(st.integers(0, 4)) + 1):
            xs = sorted(float(np.float32(draw(fraction) * width)) for _ in "ab")
            ys = sorted(float(np.float32(draw(fraction) * height)) for _ in "ab")
            boxes.append(RecordBox(place, draw(st.sampled_from(class_names)), (xs[0], ys[0], xs[1], ys[1])))
        found.append(Record(f"image {number}.jpg", tuple(boxes), (width, height)))
    return class_names, found


def _assert_same(found: Sequence[RecordBox], expected: Sequence[RecordBox]) -> None:
    assert [box.class_name for box in found] == [box.class_name for box in expected]
    corners = [[box.box_xyxy for box in boxes] for boxes in (found, expected)]
    np.testing.assert_allclose(*(np.array(c, np.float64).reshape(-1, 4) for c in corners), atol=0.01, rtol=0)


@given(records())
def test_voc__round_trip(drawn: tuple[list[str], list[Record]]) -> None:
    for record in drawn[1]:
        objects = tuple(VocObject(b.place, b.class_name, b.box_xyxy or (0,) * 4) for b in record.boxes)
        annotation = VocAnnotation(record.image, record.image_wh, objects)
        found = parse_voc(format_voc(annotation))
        assert found is not None
        assert (found.filename, found.image_wh) == (record.image, record.image_wh)
        _assert_same([RecordBox(o.number, o.class_name, o.box_xyxy) for o in found.objects], record.boxes)


@given(records())
def test_yolo__round_trip(drawn: tuple[list[str], list[Record]]) -> None:
    class_names, images = drawn
    config = parse_data_yaml(format_data_yaml(class_names, {"train": "train/images"}))
    assert config is not None
    assert (list(config.class_names), config.splits) == (class_names, {"train": ("train/images",)})
    for record in images:
        rows = cxcywh_norm_from_xyxy([box.box_xyxy for box in record.boxes], record.image_wh)
        text = parse_yolo(format_yolo([class_names.index(b.class_name) for b in record.boxes], rows.tolist()))
        corners = np.array(text.boxes_xyxy_norm).reshape(-1, 4) * np.tile(record.image_wh, 2)
        found = zip(text.lines, text.class_ids, corners.tolist(), strict=True)
        _assert_same([RecordBox(line, config.class_names[c], tuple(box)) for line, c, box in found], record.boxes)
        assert not text.bad_lines


@given(records())
def test_coco__round_trip(drawn: tuple[list[str], list[Record]]) -> None:
    class_names, images = drawn

    def xywh(box: Box | None) -> Box:
        assert box is not None
        return (box[0], box[1], box[2] - box[0], box[3] - box[1])

    rows = [[(class_names.index(b.class_name), xywh(b.box_xyxy), b.place == 1) for b in r.boxes] for r in images]
    text = parse_coco(format_coco([CocoImage(0, r.image, r.image_wh) for r in images], class_names, rows))
    assert text is not None
    assert [(i.file_name, i.image_wh) for i in text.images] == [(r.image, r.image_wh) for r in images]
    for row, record in enumerate(images):
        mine = text.image_row == row
        boxes = text.boxes_xywh[mine] + np.pad(text.boxes_xywh[mine][:, :2], ((0, 0), (2, 0)))
        found = zip(text.category_row[mine], boxes.tolist(), strict=True)
        _assert_same([RecordBox(0, text.categories[c].name, tuple(box)) for c, box in found], record.boxes)
        assert text.is_crowd[mine].tolist() == [box.place == 1 for box in record.boxes]


@pytest.mark.parametrize("variant", ["tensorflow", "retinanet", "vott"])
@given(drawn=records())
def test_table__round_trip(variant: str, drawn: tuple[list[str], list[Record]]) -> None:
    table = parse_table(format_table(drawn[1], variant))
    if table is None:
        assert not any(record.boxes for record in drawn[1])
        return
    # coordinates that all lie within one pixel cannot be told from fractions of the image
    if table.normalised:
        assert max(max(b.box_xyxy or ()) for r in drawn[1] for b in r.boxes) <= 1
    for record in drawn[1]:
        rows = [row for row in table.rows if row.image == record.image and row.box_xyxy is not None]
        _assert_same([RecordBox(0, row.class_name, row.box_xyxy) for row in rows], record.boxes)


JSON_FORMATS = {
    "createml": (format_createml, read_createml),
    "labelstudio": (format_labelstudio, read_labelstudio),
    "via": (format_via, read_via),
}


@pytest.mark.parametrize("name", JSON_FORMATS)
@given(drawn=records())
def test_json_formats__round_trip(name: str, drawn: tuple[list[str], list[Record]]) -> None:
    write, read = JSON_FORMATS[name]
    found = read(json.loads(write(drawn[1])))
    assert found is not None
    assert [record.image for record in found] == [record.image for record in drawn[1]]
    for record, expected in zip(found, drawn[1], strict=True):
        _assert_same(record.boxes, expected.boxes)


@given(records())
def test_labelme__round_trip(drawn: tuple[list[str], list[Record]]) -> None:
    for expected in drawn[1]:
        found = read_labelme(json.loads(format_labelme(expected)))
        assert found is not None
        assert (found[0].image, found[0].image_wh) == (expected.image, expected.image_wh)
        _assert_same(found[0].boxes, expected.boxes)


@given(records())
def test_cvat__round_trip(drawn: tuple[list[str], list[Record]]) -> None:
    found = read_cvat(format_cvat(drawn[1]))
    assert found is not None
    assert [(r.image, r.image_wh) for r in found] == [(r.image, r.image_wh) for r in drawn[1]]
    for record, expected in zip(found, drawn[1], strict=True):
        _assert_same(record.boxes, expected.boxes)


@given(records())
def test_keras_yolo__round_trip(drawn: tuple[list[str], list[Record]]) -> None:
    class_names, images = drawn
    found = read_keras_yolo(format_keras_yolo(images, class_names))
    assert [record.image for record in found] == [record.image for record in images]
    for record, expected in zip(found, images, strict=True):
        named = [RecordBox(b.place, class_names[int(b.class_name)], b.box_xyxy) for b in record.boxes]
        _assert_same(named, expected.boxes)


def _mixed(draw: Draw) -> Dataset:
    """Three splits; names that meet; unlabelled, background, odd class names, fractions of pixels, a crowd."""
    annotations, images = [], []
    for i, (name, split) in enumerate(
        [
            ("train/a/1.jpg", "train"),
            ("train/b/1.png", "train"),
            ("val/größe #1.jpg", "val"),
            ("test/empty.jpg", "test"),
        ]
    ):
        draw.image(name, (100 + i, 80))
        images.append({"id": i, "file_name": name, "width": 100 + i, "height": 80})
        if split != "test":
            annotations.append({"image_id": i, "category_id": 3, "bbox": [10.25, 20.5, 30.125, 40], "iscrowd": 0})
            annotations.append({"image_id": i, "category_id": 7, "bbox": [0, 0, 100 + i, 80], "iscrowd": 0})
    annotations.append({"image_id": 0, "category_id": 3, "bbox": [1, 1, 50, 50], "iscrowd": 1})
    draw.image("train/unlabelled.jpg")
    kinds = [{"id": 3, "name": "Stop sign, old & <new>"}, {"id": 7, "name": "猫"}]
    draw.json("all.json", {"images": images, "annotations": annotations, "categories": kinds})
    return open_dataset(draw.root)


# "vott" is CSV as "tensorflow" is; what cannot be told apart when read again has the same name
READ_AS = {
    "mt-yolov6": "yolo", "darknet": "yolo", "tensorflow": "csv", "retinanet": "csv", "vott": "csv",
}  # fmt: skip


@pytest.mark.parametrize("to", EXPORTS)
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_write_dataset__is_read_again(draw: Draw, tmp_path: Path, to: str, packed: bool) -> None:
    draw.root = tmp_path / "source"
    source = _mixed(draw)
    destination = tmp_path / ("out.zip" if packed else "out")
    written = write_dataset(source, destination, to)
    assert {p.name for p in tmp_path.iterdir()} == {"source", destination.name}
    assert (written.images, written.annotations) == (5, 7 if to == "coco" else 6)
    assert bool(written.notes) == (to != "coco")
    found = open_dataset(destination, unpack_into=tmp_path / "unpacked")
    assert found.format == READ_AS.get(to, to)
    assert set(found.class_names) == set(source.class_names)
    by_hash = {image.sha256: image for image in found.images}
    written_images = [i for i in source.images if i.labelled or to != "tfrecord"]  # it holds labelled images alone
    assert len(by_hash) == len(written_images)
    says_background = to not in ("tensorflow", "vott", "via")
    for expected in written_images:
        image = by_hash[expected.sha256]
        assert image.split == expected.split
        kept = ~expected.is_crowd if to != "coco" else np.ones(len(expected.is_crowd), np.bool_)
        np.testing.assert_allclose(image.boxes_xyxy, expected.boxes_xyxy[kept], atol=0.01)
        assert [found.class_names[c] for c in image.class_id] == [
            source.class_names[c] for c in expected.class_id[kept]
        ]
        assert image.labelled == (expected.labelled and (says_background or len(expected.boxes_xyxy) > 0))
    losses = {"image_without_annotation"}
    assert {f.id for f in found.findings} <= losses


def test_write_dataset__no_split_stays_no_split(draw: Draw, tmp_path: Path) -> None:
    draw.root = tmp_path / "source"
    draw.image("a.jpg")
    draw.voc("a.xml", [(1, 2, 3, 4)])
    for to in EXPORTS:
        write_dataset(open_dataset(draw.root), tmp_path / to, to)
        found = open_dataset(tmp_path / to, unpack_into=tmp_path / "unpacked")
        assert [(i.split, i.boxes_xyxy.tolist()) for i in found.images] == [(None, [[1, 2, 3, 4]])], to


def test_write_dataset__published_set_through_coco_and_back(shared_data: Path, tmp_path: Path) -> None:
    source = open_dataset(shared_data / "datasets" / "raccoon_voc_csv")
    write_dataset(source, tmp_path / "coco", "coco")
    write_dataset(open_dataset(tmp_path / "coco"), tmp_path / "voc", "voc")
    found = open_dataset(tmp_path / "voc")
    assert {s: len(found.of_split(s)) for s in SPLITS} == {"train": 160, "val": 0, "test": 40}
    expected = {image.path.name: image.boxes_xyxy.tolist() for image in source.images}
    assert {image.path.name: image.boxes_xyxy.tolist() for image in found.images} == expected


def test_write_dataset__takes_no_place_that_is_taken(draw: Draw, tmp_path: Path) -> None:
    draw.root = tmp_path / "source"
    draw.image("a.jpg")
    dataset = open_dataset(draw.root)
    with pytest.raises(BadInput, match="exists already; name a folder or zip that does not"):
        write_dataset(dataset, draw.root, "coco")
    with pytest.raises(BadInput, match="'svg' is no format that can be written; known are coco, voc"):
        write_dataset(dataset, tmp_path / "out", "svg")
    assert not (tmp_path / "out").exists()


def test_write_dataset__full_disk_leaves_nothing(draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw.root = tmp_path / "source"
    draw.image("a.jpg")
    dataset = open_dataset(draw.root)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(StorageFull, match="No space left on device"):
        write_dataset(dataset, tmp_path / "out", "coco")
    assert {p.name for p in tmp_path.iterdir()} == {"source"}


def test_write_dataset__zip_stores_images_and_packs_texts(draw: Draw, tmp_path: Path) -> None:
    draw.root = tmp_path / "source"
    draw.image("a.jpg")
    draw.voc("a.xml", [(1, 2, 3, 4)])
    write_dataset(open_dataset(draw.root), tmp_path / "out.zip", "yolo")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        kinds = {entry.filename: entry.compress_type for entry in archive.infolist()}
    assert kinds == {
        "data.yaml": zipfile.ZIP_DEFLATED,
        "images/a.jpg": zipfile.ZIP_STORED,
        "labels/a.txt": zipfile.ZIP_DEFLATED,
    }
