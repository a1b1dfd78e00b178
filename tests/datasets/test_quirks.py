"""Quirks of published sets: what becomes of each, as docs/datasets.md says. Run: pytest tests/datasets/test_quirks.py.

`python tests/datasets/test_quirks.py` prints the table of the docs.
"""

import io
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from epochal.datasets import dataset_health, open_dataset

ROOT = Path(__file__).parents[2]
YOLO_CAT = "0 0.25 0.5 0.3 0.5\n"
CAT = "10,20,40,60"


class Writer:
    """Writes files of a small dataset."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def file(self, name: str, data: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())

    def image(self, name: str, shade: int = 1, mode: str = "RGB", wh: tuple[int, int] = (100, 80), **save: Any) -> None:
        """Stripes that differ with `shade`, so that no two show the same."""
        values = np.random.default_rng(shade).integers(0, 256, (8, 10), np.uint8)
        picture = PillowImage.fromarray(values).resize(wh, PillowImage.Resampling.NEAREST).convert(mode)
        kind = save.pop("kind", {".png": "PNG"}.get(Path(name).suffix, "JPEG"))
        buffer = io.BytesIO()
        picture.save(buffer, kind, **save)
        self.file(name, buffer.getvalue())

    def yolo(self, *lines: str, names: str = "[cat, dog]", split: str = "train", image: str = "a.jpg") -> None:
        self.image(f"{split}/images/{image}", len(image))
        self.file(f"{split}/labels/{Path(image).stem}.txt", "".join(lines))
        self.file("data.yaml", f"train: {split}/images\nnames: {names}\n")

    def voc(
        self, box: str, *, name: str = "a", filename: str = "a.jpg", size: str = "100,80", cat: str = "cat"
    ) -> None:
        corners = dict(zip(("xmin", "ymin", "xmax", "ymax"), box.split(","), strict=True))
        tags = "".join(f"<{key}>{corners[key]}</{key}>" for key in ("xmax", "ymin", "xmin", "ymax"))
        width, height = size.split(",")
        self.file(
            f"{name}.xml",
            f"<annotation><filename>{filename}</filename><size><width>{width}</width><height>{height}</height></size>"
            f"<object><name>{cat}</name><bndbox>{tags}</bndbox></object></annotation>",
        )

    def coco(self, categories: list[dict[str, Any]], *boxes: dict[str, Any], **keys: str) -> None:
        image = {"id": 1, keys.get("file_name", "file_name"): "a.jpg", "width": 100, "height": 80}
        annotations = [{"id": i, "image_id": 1, "bbox": [10, 20, 30, 40], **box} for i, box in enumerate(boxes)]
        document = {"images": [image], keys.get("annotations", "annotations"): annotations, "categories": categories}
        self.image("a.jpg")
        self.file("all.json", json.dumps(document))


@dataclass(frozen=True)
class Quirk:
    """A quirk, how to write it, the finding that speaks of it ("": it is simply read), and how many boxes remain."""

    title: str
    write: Callable[[Writer], object]
    finding: str = ""
    boxes: int = 1


def _odd_names(writer: Writer) -> None:
    for i, stem in enumerate(("a b", "a#b", "a%20b", "a=b", "a(b)", "größe", "猫")):
        writer.image(f"{stem}.jpg", i)
        writer.voc(CAT, name=stem, filename=f"{stem}.jpg")


def _edge_cases(**files: str) -> Callable[[Writer], None]:
    def write(writer: Writer) -> None:
        writer.image("a.jpg")
        for name, text in files.items():
            writer.file(name.replace("__", "."), text)

    return write


def _photo(**options: Any) -> Callable[[Writer], None]:
    def write(writer: Writer) -> None:
        writer.image("a.jpg", **options)
        width, height = options.get("wh", (100, 80))
        writer.voc(CAT, size=f"{width},{height}")

    return write


def _turned(writer: Writer) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    writer.image("a.jpg", wh=(80, 100), exif=exif)  # displayed 100 × 80
    writer.voc(CAT)


def _truncated(writer: Writer) -> None:
    writer.image("a.jpg")
    writer.voc(CAT)
    writer.image("b.jpg", 2)
    writer.voc(CAT, name="b", filename="b.jpg")
    path = writer.root / "b.jpg"
    path.write_bytes(path.read_bytes()[:300])


def _two_splits(again: Callable[[Writer], object]) -> Callable[[Writer], None]:
    def write(writer: Writer) -> None:
        writer.image("train/a.jpg")
        writer.voc(CAT, name="train/a")
        again(writer)
        writer.voc(CAT, name="val/b", filename="b.jpg")

    return write


def _empty_val(writer: Writer) -> None:
    writer.yolo(YOLO_CAT)
    (writer.root / "valid/images").mkdir(parents=True)
    writer.file("data.yaml", "train: train/images\nval: valid/images\nnames: [cat, dog]\n")


def _background(writer: Writer) -> None:
    writer.yolo(YOLO_CAT)
    writer.image("train/images/bb.jpg", 2)
    writer.file("train/labels/bb.txt", "")


def _imbalance(writer: Writer) -> None:
    lines = [f"0 0.5 0.5 0.{i + 10} 0.5\n" for i in range(11)]
    writer.yolo(*lines, "1 0.5 0.5 0.3 0.3\n")


def _validate(writer: Writer) -> None:
    for i, split in enumerate(("train", "validate")):
        writer.image(f"{split}/{i}.jpg", i)
        writer.voc(CAT, name=f"{split}/{i}", filename=f"{i}.jpg")


def _darknet(writer: Writer) -> None:
    writer.image("data/obj/a.jpg")
    writer.file("data/obj/a.txt", YOLO_CAT)
    writer.file("data/obj.data", "classes = 2\ntrain = data/train.txt\nnames = data/obj.names\n")
    writer.file("data/obj.names", "cat\ndog\n")
    writer.file("data/train.txt", "data/obj/a.jpg\n")


def _other_filename(filename: str) -> Callable[[Writer], None]:
    def write(writer: Writer) -> None:
        writer.image("a.jpg")
        writer.voc(CAT, filename=filename)

    return write


def _size_zero(writer: Writer) -> None:
    writer.image("a.jpg")
    writer.voc(CAT, size="0,0")


def _lone_test_table(writer: Writer) -> None:
    for i, name in enumerate(("a", "b")):
        writer.image(f"{name}.jpg", i)
        writer.voc(CAT, name=name, filename=f"{name}.jpg")
    writer.file("test.csv", "filename,class,xmin,xmax,ymin,ymax\na.jpg,cat,10,40,20,60\nb.jpg,cat,10,40,20,60\n")


def _box(box: str) -> Callable[[Writer], None]:
    def write(writer: Writer) -> None:
        writer.image("a.jpg")
        writer.voc(box)

    return write


def _yolo(*lines: str, **options: str) -> Callable[[Writer], None]:
    return lambda writer: writer.yolo(*lines, **options)


KINDS = [{"id": 3, "name": "cat"}, {"id": 90, "name": "dog"}]
CREATEML = [
    {"image": "a.jpg", "annotations": [{"label": "c", "coordinates": {"x": 25, "y": 40, "width": 30, "height": 40}}]}
]
HEAD = "filename,width,height,class,xmin,ymin,xmax,ymax"
QUIRKS = [
    Quirk("box without area", _box("10,20,10,60"), "zero_area_box", 0),
    Quirk("right side left of the left side", _box("40,20,10,60"), "inverted_box"),
    Quirk("box one pixel over the edge", _box("10,20,101,60"), "box_outside_image"),
    Quirk("box wholly outside", _box("200,20,240,60"), "box_outside_image", 0),
    Quirk("corner that is no number", _box("nan,20,40,60"), "nan_box", 0),
    Quirk("box over the whole image", _box("0,0,100,80"), "whole_image_box"),
    Quirk("box of 1 × 1", _box("10,20,11,21"), "tiny_box"),
    Quirk("corners counted from 1", _box("1,1,100,80")),
    Quirk("`<size>` of 0 × 0", _size_zero),
    Quirk("children of `<bndbox>` in another order", _box(CAT)),
    Quirk("`<filename>` without an ending", _other_filename("a")),
    Quirk("`<filename>` of another kind", _other_filename("a.png")),
    Quirk("`<filename>` of another file", _other_filename("IMG_0001.jpg")),
    Quirk("CSV without a header", _edge_cases(all__csv=f"a.jpg,{CAT},cat\n")),
    Quirk("CSV with CRLF", _edge_cases(all__csv=f"{HEAD}\r\na.jpg,100,80,cat,{CAT}\r\n")),
    Quirk("CSV with an index column", _edge_cases(all__csv=f",{HEAD}\n0,a.jpg,100,80,cat,{CAT}\n")),
    Quirk(
        "CSV with x before y columns",
        _edge_cases(all__csv="filename,class,xmin,xmax,ymin,ymax\na.jpg,cat,10,40,20,60\n"),
    ),
    Quirk(
        "CSV without a column of classes",
        _edge_cases(all__csv=f"image,xmin,ymin,xmax,ymax\na.jpg,{CAT}\n"),
        "class_names_missing",
    ),
    Quirk("`test.csv` that holds all images", _lone_test_table, boxes=2),
    Quirk(
        "VoTT CSV with fractions",
        _edge_cases(all__csv='"image","xmin","ymin","xmax","ymax","label"\n"a.jpg",10.25,20.5,40.75,60.125,"cat"\n'),
    ),
    Quirk("CreateML with centres", _edge_cases(all__json=json.dumps(CREATEML))),
    Quirk("darknet's `obj.data`", _darknet),
    Quirk(
        "COCO with `annotation` and `filename`, ids from 0",
        lambda w: w.coco(
            [{"id": 0, "name": "cat"}], {"category_id": 0}, annotations="annotation", file_name="filename"
        ),
    ),
    Quirk("COCO with sparse category ids", lambda w: w.coco(KINDS, {"category_id": 90})),
    Quirk(
        "COCO with a phantom category",
        lambda w: w.coco(
            [{"id": 0, "name": "pets", "supercategory": "none"}, {"id": 1, "name": "cat", "supercategory": "pets"}],
            {"category_id": 1},
        ),
        "phantom_class",
    ),
    Quirk(
        "COCO with crowds as RLE",
        lambda w: w.coco(KINDS, {"category_id": 3, "iscrowd": 1, "segmentation": {"counts": [1], "size": [80, 100]}}),
    ),
    Quirk(
        "COCO annotation without a box",
        lambda w: w.coco(KINDS, {"category_id": 3}, {"category_id": 3, "bbox": None}),
        "annotation_without_box",
    ),
    Quirk("polygons among YOLO's boxes", _yolo(YOLO_CAT, "1 0.1 0.1 0.5 0.1 0.5 0.9\n"), "polygon_as_box", 2),
    Quirk("class id beyond the names", _yolo(YOLO_CAT, "7 0.5 0.5 0.1 0.1\n"), "class_id_out_of_range"),
    Quirk("YOLO line that is none", _yolo(YOLO_CAT, "0 0.5\n"), "bad_label_line"),
    Quirk("YOLO line with a confidence", _yolo("0 0.25 0.5 0.3 0.5 0.9\n"), "confidence_in_label"),
    Quirk(
        "`../train` in data.yaml that does not exist",
        lambda w: (w.yolo(YOLO_CAT), w.file("data.yaml", "train: ../train/images\nnames: [cat, dog]\n")),
        "split_folder_missing",
    ),
    Quirk("folders `train` and `validate`", _validate, boxes=2),
    Quirk("empty val split", _empty_val, "empty_split"),
    Quirk("empty label file: background", _background),
    Quirk(
        "image without a label file: unlabelled",
        lambda w: (w.yolo(YOLO_CAT), w.image("train/images/bb.jpg", 2)),
        "image_without_annotation",
    ),
    Quirk("class names missing", lambda w: (w.image("a.jpg"), w.file("a.txt", YOLO_CAT)), "class_names_missing"),
    Quirk("same box twice", _yolo(YOLO_CAT, YOLO_CAT), "repeated_box", 2),
    Quirk("names with spaces, `#`, `%20`, `=`, brackets, ü, 猫", _odd_names, boxes=7),
    Quirk("PNG with transparency, named .jpg", _photo(mode="RGBA", kind="PNG")),
    Quirk("palette PNG, named .jpg", _photo(mode="P", kind="PNG")),
    Quirk("1-bit PNG of 2552 × 3300", _photo(mode="1", kind="PNG", wh=(2552, 3300))),
    Quirk("grayscale JPEG", _photo(mode="L")),
    Quirk("EXIF orientation 6, boxes as displayed", _turned),
    Quirk("truncated JPEG", _truncated, "unreadable_image"),
    Quirk("boxes of a truncated JPEG", _truncated, "box_on_unreadable_image"),
    Quirk("same file in train and val", _two_splits(lambda w: w.image("val/b.jpg")), "leak_between_splits", 2),
    Quirk(
        "same file twice",
        lambda w: (w.image("a.jpg"), w.voc(CAT), w.image("b.jpg"), w.voc(CAT, name="b", filename="b.jpg")),
        "duplicate_images",
        2,
    ),
    Quirk(
        "same picture saved again in val",
        _two_splits(lambda w: w.image("val/b.jpg", quality=40)),
        "near_duplicate_images",
        2,
    ),
    Quirk(
        "class names that differ in case",
        _yolo(YOLO_CAT, "1 0.5 0.5 0.2 0.2\n", names="[Cat, cat]"),
        "similar_class_names",
        2,
    ),
    Quirk("eleven times more of one class", _imbalance, "class_imbalance", 12),
    Quirk(
        "annotation file that is broken",
        lambda w: (_box(CAT)(w), w.file("b.xml", "<annotation>")),
        "unreadable_annotation",
    ),
    Quirk(
        "annotation of an image that is not there",
        lambda w: (_box(CAT)(w), w.voc(CAT, name="gone", filename="gone.jpg")),
        "annotation_without_image",
    ),
]


def _row(quirk: Quirk, root: Path) -> tuple[str, int]:
    """The line of the table, and how many boxes were read."""
    quirk.write(Writer(root))
    health = dataset_health(open_dataset(root))
    found = {finding["id"]: finding for finding in health["findings"]}
    if not quirk.finding:
        mended = [f["id"] for f in found.values() if f["action"] != "note"]
        assert not mended, f"{quirk.title}: {mended}"
        return f"| {quirk.title} | read as it is | |", health["annotations"]
    finding = found[quirk.finding]
    message = finding["examples"][0].replace(str(root) + "/", "").replace("|", "\\|")
    return f"| {quirk.title} | {finding['action']}, `{quirk.finding}` | {message} |", health["annotations"]


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: quirk.title)
def test_quirk__becomes_what_the_docs_say(quirk: Quirk, tmp_path: Path) -> None:
    row, boxes = _row(quirk, tmp_path)
    assert boxes == quirk.boxes
    assert row in (ROOT / "docs" / "datasets.md").read_text("utf-8").splitlines()


if __name__ == "__main__":
    for one in QUIRKS:
        with tempfile.TemporaryDirectory() as folder:
            row, boxes = _row(one, Path(folder))
            sys.stdout.write(row + "\n")
            if boxes != one.boxes:
                sys.stderr.write(f"{one.title}: {boxes} boxes\n")
