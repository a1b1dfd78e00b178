"""Quirks of published Pascal VOC and CSV sets, one test each. Run: pytest tests/datasets/test_dirty_voc_csv.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from epochal.datasets import SPLITS, Dataset, open_dataset
from epochal.datasets.formats.voc import parse_voc

Draw = Any
Counts = Callable[[Dataset], dict[str, tuple[int, str]]]


def _boxes(dataset: Dataset, name: str) -> list[list[float]]:
    return next(image.boxes_xyxy.tolist() for image in dataset.images if image.name == name)


def test_voc__size_of_zero_is_read_from_the_image(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    draw.voc("a.xml", [(10, 10, 20, 30)], wh=(0, 0))
    dataset = open_dataset(draw.root)
    assert (dataset.images[0].image_wh, _boxes(dataset, "a.jpg")) == ((100, 80), [[10, 10, 20, 30]])
    assert counts(dataset) == {}


def test_voc__children_of_bndbox_in_another_order(draw: Draw) -> None:
    draw.image("a.jpg")
    box = "<xmax>40</xmax><xmin>10</xmin><ymax>60</ymax><ymin>20</ymin>"
    draw.text("a.xml", f"<annotation><object><name>cat</name><bndbox>{box}</bndbox></object></annotation>")
    assert _boxes(open_dataset(draw.root), "a.jpg") == [[10, 20, 40, 60]]


@pytest.mark.parametrize(
    ("filename", "reason"),
    [
        ("a.jpg", "as it should be"),
        ("a", "without extension"),
        ("other.jpg", "another than the file's"),
        ("", "none"),
        ("C:\\Users\\me\\a.jpg", "a path of another machine"),
        ("a.png", "the image was converted"),
    ],
)
def test_voc__filename(draw: Draw, counts: Counts, filename: str, reason: str) -> None:
    draw.image("images/a.jpg")
    draw.voc("labels/a.xml", [(10, 20, 40, 60)], filename=filename)
    dataset = open_dataset(draw.root)
    assert _boxes(dataset, "images/a.jpg") == [[10, 20, 40, 60]], reason
    assert counts(dataset) == {}


def test_voc__file_of_another_name_is_found_by_filename(draw: Draw) -> None:
    draw.image("images/photo 1.jpg")
    draw.voc("labels/0001.xml", [(10, 20, 40, 60)], filename="photo 1.jpg")
    assert _boxes(open_dataset(draw.root), "images/photo 1.jpg") == [[10, 20, 40, 60]]


NAMES = [
    "with space.jpg",
    "a#b.jpg",
    "a%20b.jpg",
    "a=b.jpg",
    "a(1).jpg",
    "größe.jpg",
    "猫.jpg",
    "a.b.c.jpg",
    "[x]'.jpg",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["voc", "csv", "coco", "yolo"])
def test_any_format__file_names(draw: Draw, counts: Counts, name: str, form: str) -> None:
    draw.image(f"images/{name}")
    if form == "voc":
        draw.voc(f"xml/{name[:-4]}.xml", [(10, 20, 40, 60)], filename=name)
    elif form == "csv":
        draw.text("a.csv", f'filename,xmin,ymin,xmax,ymax,class\n"{name}",10,20,40,60,cat\n')
    elif form == "coco":
        annotation = {"image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40]}
        kinds = [{"id": 1, "name": "cat"}]
        draw.json(
            "a.json", {"images": [{"id": 1, "file_name": name}], "annotations": [annotation], "categories": kinds}
        )
    else:
        draw.text(f"labels/{name[:-4]}.txt", "0 0.25 0.5 0.3 0.5\n")
        draw.text("classes.txt", "cat\n")
    dataset = open_dataset(draw.root)
    assert _boxes(dataset, f"images/{name}") == [[10, 20, 40, 60]]
    assert counts(dataset) == {}


def test_any_format__accents_composed_otherwise(draw: Draw) -> None:
    draw.image("images/gro\u0308ße.jpg")  # as macOS writes it
    draw.voc("xml/1.xml", [(10, 20, 40, 60)], filename="größe.jpg")
    assert open_dataset(draw.root).annotation_count == 1


def test_any_format__address_with_escapes(draw: Draw) -> None:
    draw.image("images/a b.jpg")
    draw.text("a.csv", "image,xmin,ymin,xmax,ymax,label\nhttps://host/data/a%20b.jpg?d=1,10,20,40,60,cat\n")
    assert _boxes(open_dataset(draw.root), "images/a b.jpg") == [[10, 20, 40, 60]]


def test_any_format__orientation_6_with_boxes_in_the_displayed_frame(draw: Draw, counts: Counts) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    draw.image("a.jpg", (100, 80), exif=exif)  # displayed 80 × 100
    draw.voc("a.xml", [(10, 60, 70, 95)], wh=(80, 100))
    dataset = open_dataset(draw.root)
    assert (dataset.images[0].image_wh, _boxes(dataset, "a.jpg")) == ((80, 100), [[10, 60, 70, 95]])
    assert counts(dataset) == {}


def test_any_format__orientation_6_with_boxes_in_the_stored_frame(draw: Draw, counts: Counts) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6  # turned clockwise: stored (x, y) is displayed at (80 - y, x)
    draw.image("a.jpg", (100, 80), exif=exif)
    draw.voc("a.xml", [(10, 20, 95, 30)], wh=(100, 80))
    dataset = open_dataset(draw.root)
    assert _boxes(dataset, "a.jpg") == [[50, 10, 60, 95]]
    assert counts(dataset) == {"box_in_stored_frame": (1, "mended")}


def test_any_format__image_that_was_resized_since(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg", (100, 80))
    draw.voc("a.xml", [(20, 40, 180, 150)], wh=(200, 160))
    dataset = open_dataset(draw.root)
    assert _boxes(dataset, "a.jpg") == [[10, 20, 90, 75]]
    assert counts(dataset) == {"box_of_resized_image": (1, "mended")}


def test_any_format__size_that_is_simply_wrong(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg", (100, 80))
    draw.voc("a.xml", [(10, 20, 90, 75)], wh=(640, 640))
    dataset = open_dataset(draw.root)
    assert _boxes(dataset, "a.jpg") == [[10, 20, 90, 75]]
    assert counts(dataset) == {"size_differs": (1, "note")}


def test_voc__same_stem_in_several_folders(draw: Draw, counts: Counts) -> None:
    for i, split in enumerate(SPLITS):
        draw.image(f"{split}/1.jpg")
        draw.voc(f"{split}/1.xml", [(10, 20, 40, 60 + i)])
    dataset = open_dataset(draw.root)
    assert {i.name: (i.split, i.boxes_xyxy[0, 3]) for i in dataset.images} == {
        "train/1.jpg": ("train", 60),
        "val/1.jpg": ("val", 61),
        "test/1.jpg": ("test", 62),
    }
    assert counts(dataset) == {}


def test_voc__second_file_for_the_same_image_is_left_out(draw: Draw, counts: Counts) -> None:
    draw.image("images/a.jpg")
    draw.voc("images/a.xml", [(10, 20, 40, 60)])
    draw.voc("backup/a.xml", [(11, 21, 41, 61)])
    dataset = open_dataset(draw.root)
    assert _boxes(dataset, "images/a.jpg") == [[10, 20, 40, 60]]
    assert counts(dataset) == {"image_annotated_twice": (1, "skipped")}


def test_voc__image_sets_with_trainval_alone(draw: Draw) -> None:
    for i in range(4):
        draw.image(f"JPEGImages/{i}.jpg")
        draw.voc(f"Annotations/{i}.xml", [(10, 20, 40, 60)])
    draw.text("ImageSets/Main/trainval.txt", "0\n1\n2\n")
    draw.text("ImageSets/Main/test.txt", "3\n")
    draw.text("ImageSets/Main/cat_train.txt", "0  1\n1 -1\n")
    splits = {image.name[11]: image.split for image in open_dataset(draw.root).images}
    assert splits == {"0": "train", "1": "train", "2": "train", "3": "test"}


def test_voc__image_sets_naming_what_is_not_there(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    draw.voc("a.xml", [(10, 20, 40, 60)])
    draw.text("ImageSets/Main/train.txt", "a\ngone\n")
    draw.text("ImageSets/Main/val.txt", "")
    assert counts(open_dataset(draw.root)) == {"split_without_image": (1, "skipped"), "empty_split": (1, "note")}


def test_voc__polygon_without_box(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    points = "<x1>10</x1><y1>20</y1><x2>40</x2><y2>25</y2><x3>30</x3><y3>60</y3>"
    thing = f"<object><name>cat</name><polygon>{points}</polygon></object>"
    draw.text("a.xml", f"<annotation>{thing}<object><name>cat</name></object></annotation>")
    dataset = open_dataset(draw.root)
    assert _boxes(dataset, "a.jpg") == [[10, 20, 40, 60]]
    assert counts(dataset) == {"polygon_as_box": (1, "mended"), "annotation_without_box": (1, "skipped")}


def test_voc__text_of_other_encodings(draw: Draw) -> None:
    for i, encoding in enumerate(["utf-8", "utf-8-sig", "utf-16", "latin-1"]):
        draw.image(f"{i}.jpg")
        box = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox>"
        text = f"<annotation><object><name>Größe</name>{box}</object></annotation>"
        draw.text(f"{i}.xml", f'<?xml version="1.0" encoding="{encoding}"?>\n{text}'.encode(encoding))
    dataset = open_dataset(draw.root)
    assert (dataset.class_names, dataset.annotation_count) == (("Größe",), 4)


def test_voc__xml_about_something_else_is_no_annotation(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    draw.voc("a.xml", [(1, 2, 3, 4)])
    draw.text("pom.xml", "<project/>")
    assert counts(open_dataset(draw.root)) == {}


def test_voc__classes_differing_in_case_stay_apart(draw: Draw) -> None:
    draw.image("a.jpg")
    draw.image("b.jpg")
    draw.voc("a.xml", [(1, 2, 3, 4)], class_name="Cat")
    draw.voc("b.xml", [(1, 2, 3, 4)], class_name="cat")
    assert open_dataset(draw.root).class_names == ("Cat", "cat")


ROWS = {
    "TensorFlow": "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,100,80,cat,10,20,40,60\n",
    "x columns before y columns": "filename,cell_type,xmin,xmax,ymin,ymax\na.jpg,cat,10,40,20,60\n",
    "RetinaNet, no header": "a.jpg,10,20,40,60,cat\nb.jpg,,,,,\n",
    "CRLF": "filename,xmin,ymin,xmax,ymax,class\r\na.jpg,10,20,40,60,cat\r\n",
    "index column": ",filename,class,xmin,ymin,xmax,ymax\n0,a.jpg,cat,10,20,40,60\n",
    "VoTT": '"image","xmin","ymin","xmax","ymax","label"\n"a.jpg",10.0,20.0,40.0,60.0,"cat"\n',
    "semicolons": "filename;xmin;ymin;xmax;ymax;class\na.jpg;10;20;40;60;cat\n",
    "byte-order mark": "\ufefffilename,xmin,ymin,xmax,ymax,class\na.jpg,10,20,40,60,cat\n",
    "capitals": "Filename,XMin,YMin,XMax,YMax,Label\na.jpg,10,20,40,60,cat\n",
    "fractions": "ImageID,LabelName,XMin,XMax,YMin,YMax\na,cat,0.1,0.4,0.25,0.75\n",
    "corner and size": "image,x,y,w,h,label\na.jpg,10,20,30,40,cat\n",
    "corner and size by long names": "image_name,bbox_x,bbox_y,bbox_width,bbox_height,image_width,image_height,"
    "label_name\na.jpg,10,20,30,40,100,80,cat\n",
    "blank lines": "filename,xmin,ymin,xmax,ymax,class\n\na.jpg,10,20,40,60,cat\n\n",
    "paths of another machine": "filename,xmin,ymin,xmax,ymax,class\nD:\\data\\a.jpg,10,20,40,60,cat\n",
}


@pytest.mark.parametrize("text", ROWS.values(), ids=ROWS.keys())
def test_csv__variant(draw: Draw, text: str) -> None:
    draw.image("a.jpg")
    draw.image("b.jpg")
    draw.text("boxes.csv", text)
    dataset = open_dataset(draw.root)
    assert (dataset.format, dataset.class_names) == ("csv", ("cat",))
    np.testing.assert_allclose(_boxes(dataset, "a.jpg"), [[10, 20, 40, 60]], rtol=1e-6)


def test_csv__row_without_box_is_background(draw: Draw) -> None:
    draw.image("a.jpg")
    draw.image("b.jpg")
    draw.text("boxes.csv", "a.jpg,10,20,40,60,cat\nb.jpg,,,,,\n")
    assert [(i.name, i.labelled) for i in open_dataset(draw.root).images] == [("a.jpg", True), ("b.jpg", True)]


def test_csv__lines_in_findings_are_those_of_the_file(draw: Draw, example: Callable[[Dataset, str], str]) -> None:
    draw.image("a.jpg")
    draw.text("boxes.csv", "filename,xmin,ymin,xmax,ymax,class\n\na.jpg,10,20,10,60,cat\na.jpg,1,2,3,4,cat\n")
    assert example(open_dataset(draw.root), "zero_area_box").startswith("boxes.csv line 3: (10, 20, 10, 60)")


def test_csv__table_about_something_else(draw: Draw) -> None:
    draw.image("a.jpg")
    draw.text("prices.csv", "item,price\napple,3\n")
    draw.text("licences.csv", "file_name,licence,owner\na.jpg,CC0,me\n")
    assert open_dataset(draw.root).format == "images"


def test_csv__split_column(draw: Draw) -> None:
    for name in ("a", "b"):
        draw.image(f"{name}.jpg")
    draw.text(
        "boxes.csv", "filename,xmin,ymin,xmax,ymax,class,split\na.jpg,1,2,3,4,cat,train\nb.jpg,1,2,3,4,cat,valid\n"
    )
    assert [image.split for image in open_dataset(draw.root).images] == ["train", "val"]


def test_csv__lone_test_table_with_all_images_is_no_split(draw: Draw) -> None:
    draw.image("a.jpg")
    draw.text("test.csv", "filename,xmin,ymin,xmax,ymax,class\na.jpg,1,2,3,4,cat\n")
    dataset = open_dataset(draw.root)
    assert dataset.images[0].split is None
    assert "All images are listed as test; that is no split." in dataset.notes


def test_parse_voc__regular_and_irregular_reading_agree(shared_data: Path) -> None:
    texts = [path.read_text() for path in sorted((shared_data / "datasets").rglob("*.xml"))]
    assert len(texts) > 500
    for text in texts:
        # a comment leaves the fast road and changes nothing
        assert parse_voc(text) == parse_voc(text.replace("<object>", "<!-- --><object>", 1) + "<!-- -->")


@pytest.mark.parametrize(
    "spoil",
    [
        ("<name>cat</name>", "<name>cat &amp; dog</name>"),
        ("<name>cat</name>", "<name>cat</name><part><name>ear</name><bndbox><xmin>1</xmin></bndbox></part>"),
        ("</bndbox>", "</bndbox><attributes><attribute><name>rotation</name></attribute></attributes>"),
        ("<xmin>", "<ymin>7</ymin><xmin>"),
    ],
)
def test_parse_voc__what_is_irregular_is_read_by_the_parser(draw: Draw, spoil: tuple[str, str]) -> None:
    plain = draw.voc("a.xml", [(10, 20, 30, 40)], filename="a.jpg").read_text()
    found = parse_voc(plain.replace(*spoil))
    assert found is not None
    assert found.image_wh == (100, 80)
    assert [o.box_xyxy[::2] for o in found.objects] == [(10, 30)]
    assert found.objects[0].class_name.startswith("cat")
