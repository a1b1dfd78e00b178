"""Annotation files of single images, recognised by content. Run: pytest tests/datasets/test_one_image.py."""

import json
from typing import Any

import pytest

from epochal.datasets import ImageAnnotations, read_annotation_file
from epochal.errors import DatasetError

CAT = ("cat", (10.0, 20.0, 40.0, 60.0))  # on a photo of 100 × 80; every text below says this
VOC = (
    "<annotation><filename>other.png</filename><size><width>100</width><height>80</height></size><object>"
    "<name>cat</name><bndbox><ymin>20</ymin><xmin>10</xmin><xmax>40</xmax><ymax>60</ymax></bndbox></object></annotation>"
)
COCO: dict[str, Any] = {
    "images": [
        {"id": 7, "file_name": "photos/a photo.jpg", "width": 100, "height": 80},
        {"id": 8, "file_name": "b.jpg"},
    ],
    "categories": [{"id": 0, "name": "animals"}, {"id": 4, "name": "cat"}],
    "annotations": [
        {"id": 1, "image_id": 7, "category_id": 4, "bbox": [10, 20, 30, 40]},
        {"id": 2, "image_id": 8, "category_id": 4, "bbox": [0, 0, 9, 9]},
    ],
}
CREATEML = [
    {"image": "a photo.jpg", "annotations": [
        {"label": "cat", "coordinates": {"x": 25, "y": 40, "width": 30, "height": 40}}]},
    {"image": "b.jpg", "annotations": []},
]  # fmt: skip
PREDICTIONS = {"predictions": [{"x": 25, "y": 40, "width": 30, "height": 40, "class": "cat", "confidence": 0.9}]}
YOLO = "3 0.25 0.5 0.3 0.5\n"
CSV = "filename,width,height,class,xmin,ymin,xmax,ymax\r\na photo.jpg,100,80,cat,10,20,40,60\r\n"
OTHER_CSV = CSV + "b.jpg,100,80,cat,1,1,5,5\r\n"
HEADERLESS = "some/where/a photo.jpg,10,20,40,60,cat\n"
CVAT = (
    '<annotations><version>1.1</version><image id="0" name="b.jpg" width="9" height="9"/><image id="1" '
    'name="a photo.jpg" width="100" height="80"><box label="cat" xtl="10" ytl="20" xbr="40" ybr="60"/></image>'
    "</annotations>"
)
LABELME = {
    "shapes": [{"label": "cat", "points": [[10, 20], [40, 60]], "shape_type": "rectangle"}],
    "imagePath": "x.jpg", "imageWidth": 100, "imageHeight": 80,
}  # fmt: skip


def read(text: str, **change: Any) -> ImageAnnotations:
    said: dict[str, Any] = {"file_name": "upload", "image_name": "a photo.jpg", "image_wh": (100, 80)}
    return read_annotation_file(text, **(said | change))


@pytest.mark.parametrize(
    ("format_name", "text"),
    [
        ("voc", VOC), ("voc", "\ufeff<?xml version='1.0' encoding='utf-8'?>\n" + VOC),
        ("coco", json.dumps(COCO)), ("coco", json.dumps(COCO, indent=2)), ("createml", json.dumps(CREATEML)),
        ("predictions", json.dumps(PREDICTIONS)), ("yolo", YOLO), ("yolo", "\r\n" + YOLO.replace(" ", "\t")),
        ("csv", CSV), ("csv", OTHER_CSV), ("csv", HEADERLESS), ("cvat", CVAT), ("labelme", json.dumps(LABELME)),
        ("keras-yolo", "x/a photo.jpg 10,20,40,60,3\nb.jpg 1,1,2,2,3\n"),
    ],
)  # fmt: skip
def test_read_annotation_file__recognised_by_content(format_name: str, text: str) -> None:
    # the name lies: clients cut it at "&" and "#", and send no other sign of the format
    found = read(text, file_name="annotation", labelmap={"3": "cat"})
    assert found.format == format_name
    assert [name for name, _ in found.boxes] == ["cat"]
    assert found.boxes[0][1] == pytest.approx(CAT[1])
    assert not found.findings


@pytest.mark.parametrize(
    "image_name", ["a photo.jpg", "A Photo.png", "x/y/a photo.jpeg", "a%20photo.jpg", "photos\\a photo.jpg"]
)
def test_read_annotation_file__of_many_images_the_named_one(image_name: str) -> None:
    assert read(json.dumps(COCO), image_name=image_name).boxes == (CAT,)


def test_read_annotation_file__text_of_one_image_whatever_it_names() -> None:
    assert read(json.dumps({**COCO, "images": COCO["images"][:1]}), image_name="renamed_jpg.rf.0a1b.jpg").boxes == (
        CAT,
    )


@pytest.mark.parametrize(
    "text",
    [
        "", "\r\n", "[]", json.dumps({"predictions": [], "image": {}}), CSV.splitlines()[0], "a photo.jpg,,,,,\n",
        "<annotation><size><width>1</width><height>1</height></size></annotation>",
        json.dumps([{"image": "a photo.jpg", "annotations": []}]),
        # what a client sends for an image without boxes: an annotation of nothing
        json.dumps({
            "images": [{"id": 1, "file_name": "a photo.jpg"}], "categories": COCO["categories"],
            "annotations": [{"id": 999999999, "image_id": 999999999, "category_id": 0}],
        }),
    ],
)  # fmt: skip
def test_read_annotation_file__no_box_is_null_and_no_error(text: str) -> None:
    found = read(text)
    assert found.boxes == ()
    assert not found.findings


def test_read_annotation_file__class_numbers_without_labelmap_are_their_own_names() -> None:
    assert read(YOLO).boxes[0][0] == "3"


def test_read_annotation_file__boxes_are_mended_and_counted() -> None:
    text = "filename,class,xmin,ymin,xmax,ymax\na.jpg,cat,40,60,10,20\na.jpg,cat,90,70,101,81\na.jpg,cat,5,5,5,9\n"
    found = read(text)
    assert [box for _, box in found.boxes] == [(10, 20, 40, 60), (90, 70, 100, 80)]
    assert {(f.id, f.action) for f in found.findings} == {
        ("inverted_box", "mended"), ("box_outside_image", "mended"), ("zero_area_box", "skipped"),
    }  # fmt: skip


def test_read_annotation_file__boxes_of_the_stored_frame_are_turned() -> None:
    # stored 100 × 80, displayed 80 × 100 (turned clockwise)
    found = read(VOC, image_wh=(80, 100), orientation=6)
    assert [f.id for f in found.findings] == ["box_in_stored_frame"]
    assert found.boxes == (("cat", (20, 10, 60, 40)),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "cannot be read"), ("<annotation>", "is no XML"), ("<html></html>", "XML of another kind"),
        ('{"a": 1}', "JSON of another kind"), ("hello world", "line 1 is 'hello world'"),
        (json.dumps(COCO).replace("a photo", "other"), "speaks of 2 images, such as 'photos/other.jpg', and not of"),
        (OTHER_CSV.replace("a photo", "other"), "speaks of 2 images"), (CVAT.replace("a photo", "c"), "speaks of 2"),
        ('{"predictions": [{"x": 1}]}', "prediction 1 has no 'y'"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><annotation>&b;</annotation>', "entities"),
    ],
)  # fmt: skip
def test_read_annotation_file__refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(DatasetError, match=reason) as caught:
        read(text, file_name="a.txt")
    assert "expected Pascal VOC" in str(caught.value)


def test_read_annotation_file__class_that_the_labelmap_lacks() -> None:
    with pytest.raises(DatasetError, match=r"class 3, which the labelmap \(0, 1\) lacks"):
        read(YOLO, labelmap={"0": "cat", "1": "dog"})
