"""Bad data, a test a case: mended and counted, or one clear sentence. Run: pytest tests/datasets/test_bad_input.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from epochal.datasets import SPLITS, Dataset, decode_image, open_dataset, require_trainable, split_dataset
from epochal.errors import DatasetError, NotFound

Draw = Any
Counts = Callable[[Dataset], dict[str, tuple[int, str]]]
Example = Callable[[Dataset, str], str]

# one VOC box as written on a 100 × 80 image -> what is kept, and the finding; a reason per row
BOXES = [
    ((10, 10, 20, 30), (10, 10, 20, 30), None, "a good box stays"),
    ((10, 10, 10, 30), None, ("zero_area_box", "skipped"), "no width"),
    ((10, 30, 20, 30), None, ("zero_area_box", "skipped"), "no height"),
    ((20, 30, 10, 10), (10, 10, 20, 30), ("inverted_box", "mended"), "both corners swapped"),
    ((20, 10, 10, 30), (10, 10, 20, 30), ("inverted_box", "mended"), "left and right swapped"),
    ((-5, 10, 20, 30), (0, 10, 20, 30), ("box_outside_image", "mended"), "over the left edge"),
    ((90, 70, 101, 81), (90, 70, 100, 80), ("box_outside_image", "mended"), "one pixel over the edge"),
    ((200, 10, 220, 30), None, ("box_outside_image", "skipped"), "wholly outside"),
    (("nan", 10, 20, 30), None, ("nan_box", "skipped"), "not a number"),
    (("inf", 10, 20, 30), None, ("nan_box", "skipped"), "infinite"),
    (("", 10, 20, 30), None, ("nan_box", "skipped"), "empty"),
    (("ten", 10, 20, 30), None, ("nan_box", "skipped"), "a word"),
    ((0, 0, 100, 80), (0, 0, 100, 80), None, "the whole image"),
    ((10, 10, 11, 11), (10, 10, 11, 11), None, "one pixel"),
    ((10.25, 10.5, 20.75, 30), (10.25, 10.5, 20.75, 30), None, "fractions of pixels"),
]


@pytest.mark.parametrize(("written", "kept", "finding", "reason"), BOXES, ids=[row[3] for row in BOXES])
def test_open_dataset__box(
    draw: Draw,
    counts: Counts,
    example: Example,
    written: tuple[object, ...],
    kept: tuple[float, ...] | None,
    finding: tuple[str, str] | None,
    reason: str,
) -> None:
    draw.image("a.jpg")
    draw.voc("a.xml", [written, (1, 2, 3, 4)])
    dataset = open_dataset(draw.root)
    expected = ([kept] if kept else []) + [(1, 2, 3, 4)]
    np.testing.assert_array_equal(dataset.images[0].boxes_xyxy, np.array(expected, np.float32), reason)
    assert counts(dataset) == ({finding[0]: (1, finding[1])} if finding else {})
    if finding:
        assert example(dataset, finding[0]).startswith("a.xml object 1: (")


def test_open_dataset__path_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nowhere does not exist; expected a folder"):
        open_dataset(tmp_path / "nowhere")


def test_open_dataset__a_file_that_is_no_dataset(draw: Draw) -> None:
    with pytest.raises(DatasetError, match="expected a folder with images and annotations, or a zip"):
        open_dataset(draw.text("notes.txt", "hello"))


def test_open_dataset__no_images(draw: Draw) -> None:
    draw.voc("a.xml", [(1, 2, 3, 4)])
    with pytest.raises(DatasetError, match=r"holds no images; expected pictures"):
        open_dataset(draw.root)


def test_open_dataset__no_image_can_be_decoded(draw: Draw) -> None:
    draw.text("a.jpg", b"this is text")
    with pytest.raises(
        DatasetError, match=r"1 image files, none of which can be decoded; the first: .*a\.jpg is no im"
    ):
        open_dataset(draw.root)


def test_open_dataset__annotation_without_image(draw: Draw, counts: Counts, example: Example) -> None:
    draw.image("a.jpg")
    draw.voc("a.xml", [(1, 2, 3, 4)])
    draw.voc("b.xml", [(1, 2, 3, 4)], filename="gone.jpg")
    dataset = open_dataset(draw.root)
    assert counts(dataset) == {"annotation_without_image": (1, "skipped")}
    assert example(dataset, "annotation_without_image") == "b.xml: no image gone.jpg"


def test_open_dataset__image_without_annotation_is_not_background(draw: Draw, counts: Counts) -> None:
    draw.image("labelled.jpg")
    draw.image("background.jpg")
    draw.image("unlabelled.jpg")
    draw.text("labelled.txt", "0 0.5 0.5 0.1 0.1\n")
    draw.text("background.txt", "")
    dataset = open_dataset(draw.root)
    assert {i.name: (i.labelled, len(i.boxes_xyxy)) for i in dataset.images} == {
        "background.jpg": (True, 0),
        "labelled.jpg": (True, 1),
        "unlabelled.jpg": (False, 0),
    }
    assert counts(dataset)["image_without_annotation"] == (1, "note")
    used = [image.name for split in SPLITS for image in split_dataset(dataset).of_split(split)]
    assert sorted(used) == ["background.jpg", "labelled.jpg"]


def test_open_dataset__class_id_beyond_the_names(draw: Draw, counts: Counts, example: Example) -> None:
    draw.image("a.jpg")
    draw.text("a.txt", "0 0.5 0.5 0.1 0.1\n7 0.5 0.5 0.1 0.1\n-1 0.5 0.5 0.1 0.1\n")
    draw.text("classes.txt", "cat\ndog\n")
    dataset = open_dataset(draw.root)
    assert dataset.annotation_count == 1
    assert counts(dataset) == {"class_id_out_of_range": (2, "skipped")}
    assert example(dataset, "class_id_out_of_range") == "a.txt line 2: class id 7, but there are 2 classes, 0 to 1"


def test_open_dataset__coco_category_that_is_not_listed(draw: Draw, counts: Counts, example: Example) -> None:
    draw.image("a.jpg")
    boxes = [{"id": i, "image_id": 1, "category_id": i, "bbox": [1, 2, 3, 4]} for i in (1, 2)]
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 80}],
        "annotations": boxes,
        "categories": [{"id": 1, "name": "cat"}],
    }
    draw.json("anything.json", document)
    dataset = open_dataset(draw.root)
    assert counts(dataset) == {"class_id_out_of_range": (1, "skipped")}
    assert example(dataset, "class_id_out_of_range") == "anything.json annotation 2: category_id 2 is not listed"


def test_open_dataset__coco_nan_negative_and_broken_boxes(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    boxes = ["[1, 2, NaN, 4]", "[30, 20, -10, 5]", "[1, 2, 3]", "null", "[5, 5, 10, 10]"]
    entries = ", ".join(f'{{"image_id": 1, "category_id": 1, "bbox": {box}}}' for box in boxes)
    draw.text(
        "a.json",
        '{"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [{"id": 1, "name": "cat"}], "annotations": '
        f"[{entries}]}}",
    )
    dataset = open_dataset(draw.root)
    np.testing.assert_array_equal(dataset.images[0].boxes_xyxy, [[20, 20, 30, 25], [5, 5, 15, 15]])
    assert counts(dataset) == {
        "annotation_without_box": (2, "skipped"),
        "nan_box": (1, "skipped"),
        "inverted_box": (1, "mended"),
    }


def test_open_dataset__empty_val_split_is_noted_and_filled(draw: Draw, counts: Counts) -> None:
    for i in range(10):
        draw.image(f"train/images/{i}.jpg")
        draw.text(f"train/labels/{i}.txt", "0 0.5 0.5 0.2 0.2\n")
    (draw.root / "valid" / "images").mkdir(parents=True)
    draw.text("data.yaml", "train: ../train/images\nval: ../valid/images\ntest: ../test/images\nnc: 1\nnames: [cat]\n")
    dataset = open_dataset(draw.root)
    assert {f.id: f.action for f in dataset.findings} == {"split_folder_missing": "note", "empty_split": "note"}
    assert [len(split_dataset(dataset).of_split(s)) for s in SPLITS] == [8, 2, 0]


def test_open_dataset__one_image_one_class(draw: Draw) -> None:
    draw.image("a.jpg")
    draw.voc("a.xml", [(1, 2, 30, 40)])
    dataset = split_dataset(open_dataset(draw.root))
    require_trainable(dataset)
    assert (dataset.class_names, [len(dataset.of_split(s)) for s in SPLITS]) == (("cat",), [1, 0, 0])


def test_open_dataset__no_boxes_opens_but_cannot_be_trained_on(draw: Draw) -> None:
    draw.image("a.jpg")
    draw.voc("a.xml", [])
    dataset = split_dataset(open_dataset(draw.root))
    assert (dataset.annotation_count, dataset.images[0].labelled) == (0, True)
    with pytest.raises(DatasetError, match="1 images in train but not one box"):
        require_trainable(dataset)


def test_open_dataset__images_alone_open_but_cannot_be_trained_on(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    dataset = split_dataset(open_dataset(draw.root))
    assert (dataset.format, dataset.images[0].labelled) == ("images", False)
    assert counts(dataset) == {"image_without_annotation": (1, "note")}
    with pytest.raises(DatasetError, match="no labelled image in train"):
        require_trainable(dataset)


def test_open_dataset__truncated_image_is_skipped_with_its_boxes(draw: Draw, counts: Counts, example: Example) -> None:
    whole = draw.image("good.jpg", (300, 200)).read_bytes()
    draw.text("cut.jpg", whole[: len(whole) // 2])
    for name in ("good", "cut"):
        draw.voc(f"{name}.xml", [(1, 2, 30, 40)], wh=(300, 200))
    dataset = open_dataset(draw.root)
    assert [image.name for image in dataset.images] == ["good.jpg"]
    assert counts(dataset) == {"unreadable_image": (1, "skipped"), "box_on_unreadable_image": (1, "skipped")}
    assert "cut.jpg is damaged" in example(dataset, "unreadable_image")


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "gif", "tif"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_open_dataset__truncated_file_of_any_format(draw: Draw, counts: Counts, suffix: str, share: float) -> None:
    draw.image("good.jpg")
    noise = np.random.default_rng(0).integers(0, 255, (60, 60, 3), np.uint8)
    path = draw.image(f"cut.{suffix}")
    PillowImage.fromarray(noise).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    dataset = open_dataset(draw.root)
    assert [image.name for image in dataset.images] == ["good.jpg"]
    assert counts(dataset)["unreadable_image"] == (1, "skipped")


def test_open_dataset__image_of_one_pixel(draw: Draw) -> None:
    draw.image("a.png", (1, 1))
    draw.voc("a.xml", [(0, 0, 1, 1)], wh=(1, 1))
    dataset = open_dataset(draw.root)
    assert (dataset.images[0].image_wh, dataset.annotation_count) == ((1, 1), 1)


def test_open_dataset__image_of_20000_pixels(draw: Draw, counts: Counts, example: Example) -> None:
    draw.image("wide.png", (20_000, 100))
    draw.voc("wide.xml", [(0, 0, 20_000, 100)], wh=(20_000, 100))
    PillowImage.new("1", (20_000, 20_000)).save(draw.root / "huge.png")
    draw.voc("huge.xml", [(0, 0, 9, 9)], wh=(20_000, 20_000))
    dataset = open_dataset(draw.root)
    assert [(image.name, image.image_wh) for image in dataset.images] == [("wide.png", (20_000, 100))]
    assert dataset.annotation_count == 1
    assert "20000 × 20000 pixels" in example(dataset, "unreadable_image")
    assert "max_image_pixels" in example(dataset, "unreadable_image")


def test_open_dataset__limits_are_settings(draw: Draw, monkeypatch: pytest.MonkeyPatch, counts: Counts) -> None:
    draw.image("a.png", (30, 30))
    draw.image("b.png", (40, 40))
    monkeypatch.setenv("EPOCHAL_MAX_IMAGE_PIXELS", "1000")
    assert [image.name for image in open_dataset(draw.root).images] == ["a.png"]
    with pytest.raises(DatasetError, match="40 × 40 pixels, more than 1,000"):
        decode_image(draw.root / "b.png")
    monkeypatch.setenv("EPOCHAL_MAX_IMAGE_BYTES", "10")
    with pytest.raises(DatasetError, match=r"none of which can be decoded; the first: .*more than 10 bytes"):
        open_dataset(draw.root)


def test_open_dataset__link_that_leads_nowhere(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    (draw.root / "b.jpg").symlink_to(draw.root / "gone.jpg")
    assert counts(open_dataset(draw.root))["unreadable_image"] == (1, "skipped")


def test_open_dataset__folders_that_link_in_a_ring(draw: Draw) -> None:
    draw.image("images/a.jpg")
    (draw.root / "images" / "again").symlink_to(draw.root)
    assert [image.name for image in open_dataset(draw.root).images] == ["images/a.jpg"]


BILLION_LAUGHS = "a0: &a0 [ha]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 11))
BILLION_LAUGHS += "names: *a10\n"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.xml", "<annotation><object>", r"a\.xml: line 1 is no XML"),
        ("a.xml", '<!DOCTYPE a [<!ENTITY b "c">]><annotation>&b;</annotation>', r"a\.xml: its XML declares entities"),
        ("a.json", '{"images": [], "annotations": [', r"a\.json: Expecting value: line 1"),
        ("data.yaml", "names: [cat\nnc: 1", r"data\.yaml: it is no YAML"),
        ("data.yaml", BILLION_LAUGHS, r"data\.yaml: it has YAML aliases"),
        ("data.yaml", "names: !!python/object/apply:os.getcwd []", r"data\.yaml: it is no YAML"),
    ],
)
def test_open_dataset__broken_annotation_file_alone(draw: Draw, name: str, text: str, message: str) -> None:
    draw.image("a.jpg")
    draw.text(name, text)
    with pytest.raises(DatasetError, match=f"no annotations that can be read; mend or remove .*{message}"):
        open_dataset(draw.root)


def test_open_dataset__broken_annotation_file_among_good_ones(draw: Draw, counts: Counts) -> None:
    draw.image("a.jpg")
    draw.image("b.jpg")
    draw.voc("a.xml", [(1, 2, 3, 4)])
    draw.text("b.xml", "<annotation>")
    dataset = open_dataset(draw.root)
    assert counts(dataset) == {"unreadable_annotation": (1, "skipped"), "image_without_annotation": (1, "note")}
