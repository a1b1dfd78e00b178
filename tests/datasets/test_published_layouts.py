"""Sets as tools and sites publish them: each imports whole. Run: pytest tests/datasets/test_published_layouts.py."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from epochal.datasets import Dataset, open_dataset

Draw = Any
Counts = Callable[[Dataset], dict[str, tuple[int, str]]]
Found = dict[str, tuple[str | None, list[tuple[str, list[float]]]]]

CAT = ("cat", [10.0, 20.0, 40.0, 60.0])  # on 100 × 80
DOG = ("dog", [0.0, 0.0, 50.0, 40.0])
YOLO_CAT = "0 0.25 0.5 0.3 0.5\n"


def _read(dataset: Dataset) -> Found:
    return {
        image.name: (
            image.split,
            [
                (dataset.class_names[c], [round(v, 3) for v in box])
                for c, box in zip(image.class_id.tolist(), image.boxes_xyxy.tolist(), strict=True)
            ],
        )
        for image in dataset.images
        if image.labelled
    }


@pytest.mark.parametrize("folder", ["images/{}", "{}/images", "{}2017", "{}Images", "{}_images", "data/{}_set"])
def test_coco__same_names_in_every_split(draw: Draw, counts: Counts, folder: str) -> None:
    # found by the folder that speaks of the file's split, wherever the JSON lies
    for split, box in (("train", [10, 20, 30, 40]), ("val", [0, 0, 50, 40])):
        draw.image(f"{folder.format(split.capitalize() if 'Images' in folder else split)}/0001.jpg")
        image = {"id": 1, "file_name": "0001.jpg", "width": 100, "height": 80}
        annotation = {"id": 1, "image_id": 1, "category_id": 1, "bbox": box}
        kinds = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
        annotation["category_id"] = 1 if split == "train" else 2
        document = {"images": [image], "annotations": [annotation], "categories": kinds}
        draw.json(f"annotations/instances_{split}2017.json", document)
    found = open_dataset(draw.root)
    assert sorted(_read(found).values(), key=str) == [("train", [CAT]), ("val", [DOG])]
    assert counts(found) == {}


@pytest.mark.parametrize("where", ["{}_labels.csv", "annotations/{}.csv", "data/{}_labels.csv"])
def test_csv__same_names_in_every_split(draw: Draw, counts: Counts, where: str) -> None:
    for split, row in (("train", "cat,10,20,40,60"), ("test", "dog,0,0,50,40")):
        draw.image(f"images/{split}/1.jpg")
        draw.text(where.format(split), f"filename,class,xmin,ymin,xmax,ymax\n1.jpg,{row}\n")
    assert _read(open_dataset(draw.root)) == {
        "images/train/1.jpg": ("train", [CAT]), "images/test/1.jpg": ("test", [DOG]),
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "image,xmin,ymin,xmax,ymax\na.jpg,10,20,40,60\n",  # of a solution to a competition: one class, without a name
        'image_id,width,height,bbox,source\na,100,80,"[10.0, 20.0, 30.0, 40.0]",farm\nb,100,80,"[50, 40, 9, 9]",farm\n',
        "image_id,x,y,w,h\na,10,20,30,40\n",
        "image,left,top,width,height\na.jpg,10,20,30,40\n",
    ],
    ids=["corners", "wheat", "xywh", "left-top"],
)
def test_csv__without_classes(draw: Draw, counts: Counts, text: str) -> None:
    draw.image("train/a.jpg")
    draw.image("train/b.jpg")
    draw.text("train.csv", text)
    found = open_dataset(draw.root)
    assert _read(found)["train/a.jpg"] == ("train", [("object", CAT[1])])
    assert counts(found)["class_names_missing"] == (1, "mended")


@pytest.mark.parametrize(
    "text",
    [
        "frame,xmin,xmax,ymin,ymax,class_id\na.jpg,10,40,20,60,cat\n",
        "img_path;x0;y0;x1;y1;label\nphotos/a.jpg;10;20;40;60;cat\n",
        "filename,x_center,y_center,width,height,class\na.jpg,25,40,30,40,cat\n",
        "filename,x_center,y_center,width,height,class\na.jpg,0.25,0.5,0.3,0.5,cat\n",
        ',image_name,bbox,label\n0,a.jpg,"(10, 20, 40, 60)",cat\n1,b.jpg,"(50, 40, 60, 70)",cat\n',
        "a.jpg,10,20,40,60,cat,100,80\nb.jpg,50,40,60,70,cat,100,80\n",
        "a.jpg,100,80,cat,10,20,40,60\nb.jpg,100,80,cat,50,40,60,70\n",
        "\ufefffilename, bbox_xmin, bbox_ymin, bbox_xmax, bbox_ymax, class\r\na.jpg, 10, 20, 40, 60, cat\r\n",
    ],
    ids=["frame", "from-0", "centre", "centre-fractions", "corners-in-one", "shelves", "bare-tensorflow", "spaces"],
)
def test_csv__columns_of_other_names(draw: Draw, counts: Counts, text: str) -> None:
    draw.image("a.jpg")
    draw.image("b.jpg")
    draw.text("labels.csv", text)
    found = open_dataset(draw.root)
    assert _read(found)["a.jpg"] == (None, [CAT])
    assert set(counts(found)) <= {"image_without_annotation"}


def test_via__csv(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    draw.image("b.jpg")
    shape = json.dumps({"name": "rect", "x": 10, "y": 20, "width": 30, "height": 40}).replace('"', '""')
    kind = json.dumps({"animal": "cat"}).replace('"', '""')
    head = "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes"
    draw.text(
        "via_export_csv.csv", f'{head}\na.jpg,1,"{{}}",1,0,"{shape}","{kind}"\nb.jpg,1,"{{}}",0,0,"{{}}","{{}}"\n'
    )
    found = open_dataset(draw.root)
    assert (found.format, _read(found)) == ("via", {"a.jpg": (None, [CAT])})
    assert counts(found) == {"image_without_annotation": (1, "note")}


def test_voc__lists_of_classes_alone_give_the_splits(draw: Draw, counts: Counts) -> None:
    # as VoTT exports Pascal VOC: cat_train.txt lists every image of train, with 1 or -1
    for name in ("a", "b", "c"):
        draw.image(f"JPEGImages/{name}.jpg")
        draw.voc(f"Annotations/{name}.xml", [CAT[1]], filename=f"{name}.jpg")
    draw.text("ImageSets/Main/cat_train.txt", "a.jpg 1\nb.jpg -1\n")
    draw.text("ImageSets/Main/dog_train.txt", "a.jpg -1\nb.jpg 1\n")
    draw.text("ImageSets/Main/cat_val.txt", "c.jpg 1\n")
    found = open_dataset(draw.root)
    assert {name: split for name, (split, _) in _read(found).items()} == {
        "JPEGImages/a.jpg": "train", "JPEGImages/b.jpg": "train", "JPEGImages/c.jpg": "val",
    }  # fmt: skip
    assert counts(found) == {}


def test_voc__text_in_the_encoding_that_it_declares(draw: Draw) -> None:
    draw.image("a.jpg")
    text = draw.voc("a.xml", [CAT[1]], class_name="猫").read_text("utf-8")
    draw.text("a.xml", f'<?xml version="1.0" encoding="gb2312"?>\n{text}'.encode("gb2312"))
    assert _read(open_dataset(draw.root)) == {"a.jpg": (None, [("猫", CAT[1])])}


def _voc_of_services(draw: Draw) -> None:
    """A box and a polygon for each object, marks in another order, a path of another machine."""
    draw.image("train/a_jpg.rf.0123456789abcdef0123456789abcdef.jpg")
    name = "a_jpg.rf.0123456789abcdef0123456789abcdef"
    polygon = "".join(f"<x{i}>{x}</x{i}><y{i}>{y}</y{i}>" for i, (x, y) in enumerate([(10, 20), (40, 60)], 1))
    draw.text(
        f"train/{name}.xml",
        f"<annotation><folder></folder><filename>{name}.jpg</filename><path>{name}.jpg</path><source><database>x"
        "</database></source><size><width>100</width><height>80</height><depth>3</depth></size><segmented>0</segmented>"
        "<object><name>cat</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult><occluded>0"
        "</occluded><bndbox><xmin>10</xmin><xmax>40</xmax><ymin>20</ymin><ymax>60</ymax></bndbox>"
        f"<polygon>{polygon}</polygon></object></annotation>",
    )


def _labelimg_yolo(draw: Draw) -> None:
    draw.image("a.JPG")
    draw.text("a.txt", YOLO_CAT.replace("\n", "\r\n"))
    draw.text("classes.txt", "cat\r\ndog\r\n")


def _cvat_yolo(draw: Draw) -> None:
    draw.image("obj_train_data/photos/a.jpg")
    draw.text("obj_train_data/photos/a.txt", YOLO_CAT)
    draw.text("obj.names", "cat\ndog\n")
    draw.text("obj.data", "classes = 2\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n")
    draw.text("train.txt", "data/obj_train_data/photos/a.jpg\n")


def _labelstudio_yolo(draw: Draw) -> None:
    draw.image("images/0a1b2c3d-a.jpg")
    draw.text("labels/0a1b2c3d-a.txt", YOLO_CAT)
    draw.text("classes.txt", "cat\ndog\n")
    draw.json(
        "notes.json", {"categories": [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}], "info": {"year": 2026}}
    )


def _labelstudio_coco(draw: Draw) -> None:
    draw.image("images/0a1b2c3d-a.jpg")
    image = {"id": 0, "width": 100, "height": 80, "file_name": "images\\0a1b2c3d-a.jpg"}
    annotation = {
        "id": 0, "image_id": 0, "category_id": 0, "segmentation": [], "bbox": [10.0, 20.0, 30.0, 40.0], "ignore": 0,
        "iscrowd": 0, "area": 1200.0,
    }  # fmt: skip
    kinds = [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}]
    draw.json("result.json", {"images": [image], "categories": kinds, "annotations": [annotation], "info": {}})


def _yolo_of_a_hub(draw: Draw) -> None:
    draw.image("coco8/images/train/a.jpg")
    draw.text("coco8/labels/train/a.txt", YOLO_CAT)
    draw.text("coco8/labels/train.cache", b"\0\1")
    draw.text(
        "coco8.yaml", "path: ../datasets/coco8\ntrain: images/train\nval: images/val\nnames:\n  0: cat\n  1: dog\n"
    )


def _obb(draw: Draw) -> None:
    draw.image("train/images/a.jpg")
    draw.text("train/labels/a.txt", "0 0.1 0.25 0.4 0.25 0.4 0.75 0.1 0.75\n")
    draw.text("data.yaml", "train: ../train/images\nval: ../valid/images\nnc: 2\nnames: ['cat', 'dog']\n")


def _phones(draw: Draw) -> None:
    """A zip made on a phone's desktop: shadows, thumbnails and a wrapper of the same name."""
    draw.image("cats/cats/images/a.jpeg")
    draw.text("__MACOSX/cats/images/._a.jpeg", b"\0")
    draw.text("cats/cats/images/.DS_Store", b"\0")
    draw.text("cats/cats/images/Thumbs.db", b"\0")
    draw.voc("cats/cats/annotations/a.xml", [CAT[1]], filename="a")
    draw.text("cats/cats/annotations/._a.xml", b"\0\5\x16\7")


@pytest.mark.parametrize(
    "write",
    [
        _voc_of_services, _labelimg_yolo, _cvat_yolo, _labelstudio_yolo, _labelstudio_coco, _yolo_of_a_hub, _obb,
        _phones,
    ],
)  # fmt: skip
def test_layout__one_image_with_one_cat(draw: Draw, counts: Counts, write: Callable[[Draw], None]) -> None:
    write(draw)
    found = open_dataset(draw.root)
    ((_, boxes),) = _read(found).values()
    assert boxes == [CAT]
    known = {"polygon_as_box", "empty_split", "split_folder_missing"}
    assert set(counts(found)) <= known, counts(found)
