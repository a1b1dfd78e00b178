"""The smaller formats, each with a text as its tool writes it. Run: pytest tests/datasets/test_other_formats.py."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from epochal.datasets import Dataset, open_dataset

Draw = Any
Counts = Callable[[Dataset], dict[str, tuple[int, str]]]

BOX = (10, 20, 40, 60)  # a cat on a.jpg, 100 × 80; every text below says this and nothing else

CREATEML = [
    {
        "image": "a.jpg",
        "annotations": [{"label": "cat", "coordinates": {"x": 25, "y": 40, "width": 30, "height": 40}}],
    }
]
LABELSTUDIO_RESULT = {
    "id": "x1",
    "type": "rectanglelabels",
    "from_name": "label",
    "to_name": "image",
    "original_width": 100,
    "original_height": 80,
    "image_rotation": 0,
    "value": {"x": 10, "y": 25, "width": 30, "height": 50, "rotation": 0, "rectanglelabels": ["cat"]},
}
LABELSTUDIO = [
    {
        "id": 1,
        "file_upload": "0a1b2c3d-a.jpg",
        "data": {"image": "/data/upload/1/0a1b2c3d-a.jpg"},
        "annotations": [
            {"id": 1, "was_cancelled": True, "result": []},
            {"id": 2, "was_cancelled": False, "result": [LABELSTUDIO_RESULT]},
        ],
        "predictions": [],
    }
]
LABELSTUDIO_MIN = [
    {
        "id": 1,
        "image": "/data/local-files/?d=photos/a.jpg",
        "label": [{**LABELSTUDIO_RESULT["value"], "original_width": 100, "original_height": 80}],  # type: ignore[dict-item]
        "annotator": 1,
    }
]
DATUMARO = {
    "info": {},
    "categories": {"label": {"labels": [{"name": "dog", "parent": ""}, {"name": "cat", "parent": ""}]}},
    "items": [
        {
            "id": "a",
            "annotations": [{"id": 0, "type": "bbox", "label_id": 1, "bbox": [10, 20, 30, 40]}],
            "image": {"path": "a.jpg", "size": [80, 100]},
        }
    ],
}
LABELME = {
    "version": "5.0.1",
    "flags": {},
    "shapes": [{"label": "cat", "points": [[40, 60], [10, 20]], "shape_type": "rectangle", "flags": {}}],
    "imagePath": "..\\photos\\a.jpg",
    "imageData": None,
    "imageHeight": 80,
    "imageWidth": 100,
}
VIA_IMAGE = {
    "filename": "a.jpg",
    "size": 1234,
    "regions": [
        {
            "shape_attributes": {"name": "rect", "x": 10, "y": 20, "width": 30, "height": 40},
            "region_attributes": {"colour": "red", "class": "cat"},
        }
    ],
    "file_attributes": {},
}
VIA_OLD = {"a.jpg1234": {**VIA_IMAGE, "regions": {"0": VIA_IMAGE["regions"][0]}}}  # type: ignore[index]
VOTT = {
    "name": "pets",
    "assets": {
        "0f": {
            "asset": {"name": "a.jpg", "path": "file:/a.jpg", "size": {"width": 100, "height": 80}},
            "regions": [{"type": "RECTANGLE", "tags": ["cat"],
                         "boundingBox": {"left": 10, "top": 20, "width": 30, "height": 40}}],
        }
    },
}  # fmt: skip
CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta/>
<image id="0" name="photos/a.jpg" width="100" height="80">
<box label="cat" source="manual" occluded="0" xtl="10.0" ytl="20.0" xbr="40.0" ybr="60.0" z_order="0"></box>
</image></annotations>"""

TEXTS: list[tuple[str, str, Any]] = [
    ("createml", "_annotations.createml.json", CREATEML),
    ("labelstudio", "export.json", LABELSTUDIO),
    ("labelstudio", "min.json", LABELSTUDIO_MIN),
    ("datumaro", "annotations/default.json", DATUMARO),
    ("labelme", "a.json", LABELME),
    ("via", "via_export_json.json", {"a.jpg1234": VIA_IMAGE}),
    ("via", "via_project.json", {"_via_settings": {}, "_via_img_metadata": {"a.jpg1234": VIA_IMAGE}}),
    ("via", "via_old.json", VIA_OLD),
    ("vott", "pets-export.json", VOTT),
    ("cvat", "annotations.xml", CVAT),
    ("keras-yolo", "_annotations.txt", "./photos/a.jpg 10,20,40,60,0\n"),
]


@pytest.mark.parametrize(("form", "name", "content"), TEXTS, ids=[f"{row[0]} {row[1]}" for row in TEXTS])
def test_open_dataset__other_format(draw: Draw, counts: Counts, form: str, name: str, content: Any) -> None:
    draw.image("a.jpg")
    draw.text(name, content if isinstance(content, str) else json.dumps(content))
    if form == "keras-yolo":
        draw.text("_classes.txt", "cat\n")
    dataset = open_dataset(draw.root)
    assert (dataset.format, dataset.class_names) == (form, ("cat",))
    np.testing.assert_allclose(dataset.images[0].boxes_xyxy, [BOX], atol=1e-5)
    assert counts(dataset) == {}


def test_labelstudio__task_without_work_is_unlabelled(draw: Draw) -> None:
    draw.image("a.jpg")
    draw.image("b.jpg")
    loose = {"id": 2, "data": {"image": "/data/upload/1/0a1b2c3d-b.jpg"}, "annotations": []}
    draw.json("export.json", [*LABELSTUDIO, loose])
    assert [image.labelled for image in open_dataset(draw.root).images] == [True, False]


def test_labelstudio__turned_box_and_polygon(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    value = {"x": 50, "y": 25, "width": 30, "height": 25, "rotation": 90, "rectanglelabels": ["cat"]}
    turned = {**LABELSTUDIO_RESULT, "value": value}
    points = {"points": [[10, 25], [40, 25], [40, 75]], "polygonlabels": ["cat"]}
    polygon = {**LABELSTUDIO_RESULT, "type": "polygonlabels", "value": points}
    task = {**LABELSTUDIO[0], "annotations": [{"result": [turned, polygon]}]}
    draw.json("export.json", [task])
    dataset = open_dataset(draw.root)
    # 30 × 20 px at (50, 20), turned clockwise about that corner: 20 wide to the left, 30 down
    np.testing.assert_allclose(dataset.images[0].boxes_xyxy, [(30, 20, 50, 50), BOX], atol=1e-4)
    assert counts(dataset) == {"rotated_as_box": (1, "mended"), "polygon_as_box": (1, "mended")}


@pytest.mark.parametrize("rotation", [1e999, "x", None, {}, 10**400])
def test_labelstudio__a_box_turned_by_what_is_no_angle_is_not_turned(draw: Draw, rotation: object) -> None:
    draw.image("a.jpg")
    value = {"x": 10, "y": 25, "width": 30, "height": 50, "rotation": rotation, "rectanglelabels": ["cat"]}
    draw.json(
        "export.json", [{**LABELSTUDIO[0], "annotations": [{"result": [{**LABELSTUDIO_RESULT, "value": value}]}]}]
    )
    np.testing.assert_allclose(open_dataset(draw.root).images[0].boxes_xyxy, [BOX], atol=1e-4)


def test_labelstudio__the_truth_wins_among_several_people(draw: Draw) -> None:
    draw.image("a.jpg")
    other = {**LABELSTUDIO_RESULT, "value": {**LABELSTUDIO_RESULT["value"], "x": 0}}  # type: ignore[dict-item]
    work = [{"result": [other, other]}, {"result": [LABELSTUDIO_RESULT], "ground_truth": True}]
    draw.json("export.json", [{**LABELSTUDIO[0], "annotations": work}])
    np.testing.assert_allclose(open_dataset(draw.root).images[0].boxes_xyxy, [BOX], atol=1e-5)


def test_cvat__subsets_polygons_turned_boxes_and_masks(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    draw.image("b.jpg")
    draw.text(
        "annotations.xml",
        """<annotations>
        <image id="0" name="a.jpg" subset="Train" width="100" height="80">
          <polygon label="cat" points="10.0,20.0;40.0,20.0;40.0,60.0"/>
          <box label="cat" xtl="20" ytl="30" xbr="60" ybr="50" rotation="90"/>
          <mask label="cat" rle="1" left="0" top="0" width="1" height="1"/>
          <tag label="indoors"/>
        </image>
        <image id="1" name="b.jpg" subset="Validation" width="100" height="80"/>
        </annotations>""",
    )
    dataset = open_dataset(draw.root)
    np.testing.assert_allclose(dataset.images[0].boxes_xyxy, [BOX, (30, 20, 50, 60), (0, 0, 1, 1)], atol=1e-4)
    assert [(i.split, i.labelled) for i in dataset.images] == [("train", True), ("val", True)]
    assert counts(dataset) == {
        "polygon_as_box": (2, "mended"),
        "rotated_as_box": (1, "mended"),
    }


def test_cvat__tracks_of_a_video(draw: Draw) -> None:
    for frame in (0, 1):
        draw.image(f"images/frame_{frame:06d}.png")
    boxes = "".join(
        f'<box frame="{frame}" outside="{frame}" xtl="10" ytl="20" xbr="40" ybr="60" keyframe="1"/>' for frame in (0, 1)
    )
    draw.text("annotations.xml", f'<annotations><track id="0" label="cat">{boxes}</track></annotations>')
    dataset = open_dataset(draw.root)
    assert [len(image.boxes_xyxy) for image in dataset.images] == [1, 0]


def test_labelme__shapes(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    shapes = [
        {"label": "cat", "points": [[10, 20], [40, 20], [40, 60]], "shape_type": "polygon"},
        {"label": "cat", "points": [[30, 40], [30, 50]], "shape_type": "circle"},
        {"label": "cat", "points": [[30, 40]], "shape_type": "point"},
    ]
    draw.json("a.json", {**LABELME, "shapes": shapes})
    dataset = open_dataset(draw.root)
    np.testing.assert_allclose(dataset.images[0].boxes_xyxy, [BOX, (20, 30, 40, 50)])
    assert counts(dataset) == {"polygon_as_box": (2, "mended"), "annotation_without_box": (1, "skipped")}


def test_via__shapes_and_ways_to_name_a_class(draw: Draw) -> None:
    draw.image("a.jpg")
    shapes = [
        {"name": "polygon", "all_points_x": [10, 40, 40], "all_points_y": [20, 20, 60]},
        {"name": "circle", "cx": 30, "cy": 40, "r": 10},
        {"name": "ellipse", "cx": 30, "cy": 40, "rx": 10, "ry": 5},
    ]
    attributes = [{"animal": "cat"}, {"kinds": {"dog": False, "cat": True}}, {"colour": "red", "label": "cat"}]
    regions = [
        {"shape_attributes": shape, "region_attributes": attribute}
        for shape, attribute in zip(shapes, attributes, strict=True)
    ]
    draw.json("via.json", {"a.jpg1": {**VIA_IMAGE, "regions": regions}})
    dataset = open_dataset(draw.root)
    assert dataset.class_names == ("cat",)
    np.testing.assert_allclose(dataset.images[0].boxes_xyxy, [BOX, (20, 30, 40, 50), (20, 35, 40, 45)])


def test_keras_yolo__paths_with_spaces_and_images_without_boxes(draw: Draw, counts: Counts) -> None:
    for name in ("a b", "c"):
        draw.image(f"train/{name}.jpg")
    draw.text("train/_annotations.txt", "a b.jpg 10,20,40,60,1 1.5,2,3,4,0\nc.jpg\ngone.jpg 1,2,3,4,0\n")
    draw.text("train/_classes.txt", "dog\ncat\n")
    dataset = open_dataset(draw.root)
    assert dataset.class_names == ("dog", "cat")
    assert [(i.boxes_xyxy.tolist(), i.labelled) for i in dataset.images] == [
        ([[10, 20, 40, 60], [1.5, 2, 3, 4]], True),
        ([], True),
    ]
    assert counts(dataset) == {"annotation_without_image": (1, "skipped")}


def test_createml__older_keys_and_a_box_without_label(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    at = {"x": 25, "y": 40, "width": 30, "height": 40}
    entry = {"imagefilename": "a.jpg", "annotation": [{"label": "cat", "coordinates": at}, {"coordinates": at}]}
    draw.json("a.json", [entry])
    dataset = open_dataset(draw.root)
    np.testing.assert_allclose(dataset.images[0].boxes_xyxy, [BOX])
    assert counts(dataset) == {"annotation_without_class": (1, "skipped")}


@pytest.mark.parametrize("content", ["[]", "{}", "null", "3", '{"a": 1}', "[1, 2]", '[{"image": 3}]', "{", '"x"'])
def test_json__that_is_no_annotation(draw: Draw, content: str) -> None:
    draw.image("a.jpg")
    draw.text("some.json", content)
    assert open_dataset(draw.root).format == "images"
