"""A version is whole, repeatable and numbered, whatever happens. Run: pytest tests/versions/test_generating.py."""

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from epochal.datasets import open_dataset
from epochal.errors import BadInput, Failed, NotFound
from epochal.versions import (
    Version,
    describe_version,
    encode_picture,
    find_version,
    generate_version,
    list_versions,
    parse_settings,
    plan_version,
    preview,
)
from epochal.versions.splitting import draw_splits

VARIED = {
    "preprocessing": {"auto-orient": True, "resize": {"width": 64, "height": 48, "format": "Stretch to"}},
    "augmentation": {"image": {"versions": 3}, "rotate": {"degrees": 15}, "mosaic": True, "noise": {"percent": 1}},
}


def _make(source: Path, root: Path, content: Any, **options: Any) -> Version:
    return generate_version(plan_version(open_dataset(source), parse_settings(content)), root, **options)


def test_generate_version__opens_as_a_dataset(shapes: Path, tmp_path: Path) -> None:
    version = _make(shapes, tmp_path, VARIED, name="small")
    again = open_dataset(version.path)
    assert {s: len(again.of_split(s)) for s in ("train", "val", "test")} == {"train": 48, "val": 6, "test": 4}
    assert {image.image_wh for image in again.images} == {(64, 48)}
    assert again.class_names == ("disc", "block")
    assert [f.id for f in again.findings if f.action != "note"] == []
    splits = version.content["splits"]
    assert splits["val"] == {"images": 6, "annotations": 12}
    assert not any("Images by split" in note for note in version.content["notes"]), "its counts are above, augmented"
    assert (version.number, version.content["name"]) == (1, "small")


def test_generate_version__two_machines_same_hash(shapes: Path, tmp_path: Path) -> None:
    one = _make(shapes, tmp_path / "a", VARIED, workers=1)
    other = _make(shapes, tmp_path / "b", VARIED, workers=3)
    third = _make(shapes, tmp_path / "b", {**VARIED, "seed": 1})
    assert one.content_hash == other.content_hash != third.content_hash
    assert third.number == 2


def test_generate_version__the_same_plan_is_made_once(shapes: Path, tmp_path: Path) -> None:
    first, second = (_make(shapes, tmp_path, {}) for _ in range(2))
    assert first.path == second.path
    assert [v.number for v in list_versions(tmp_path)] == [1]


def test_generate_version__unchanged_images_are_stored_once(shapes: Path, tmp_path: Path) -> None:
    plain = _make(shapes, tmp_path, {})
    renamed = _make(shapes, tmp_path, {"preprocessing": {"remap": {"block": "disc"}}})
    files = [sorted(v.path.rglob("*.png")) for v in (plain, renamed)]
    assert len(files[0]) == 26
    assert all(os.path.samefile(a, b) for a, b in zip(*files, strict=True))
    source = {image.sha256 for image in open_dataset(shapes).images}
    assert {image.sha256 for image in open_dataset(plain.path).images} == source
    assert open_dataset(renamed.path).class_names == ("disc",)


def test_generate_version__dropped_classes_and_null_filter(shapes: Path, tmp_path: Path) -> None:
    dropped = _make(shapes, tmp_path, {"preprocessing": {"remap": {"block": ""}}})
    filtered = _make(shapes, tmp_path, {"preprocessing": {"remap": {"block": ""}, "filter-null": {"percent": 100}}})
    assert len(open_dataset(dropped.path).images) == 26
    assert all(len(image.boxes_xyxy) for image in open_dataset(filtered.path).images)


def test_generate_version__refuses_to_make_a_version_of_nothing(shapes: Path, tmp_path: Path) -> None:
    corner = {"x_min": 99, "x_max": 100, "y_min": 99, "y_max": 100}
    with pytest.raises(BadInput, match="none of the 26 images has a box"):
        _make(shapes, tmp_path, {"preprocessing": {"static-crop": corner, "filter-null": {"percent": 100}}})


def test_generate_version__turned_images_are_written_upright(tmp_path: Path) -> None:
    source = tmp_path / "turned" / "train"
    source.mkdir(parents=True)
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    PillowImage.new("RGB", (40, 20)).save(source / "a.jpg", exif=exif)
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, 4, 10, 30], "area": 300, "iscrowd": 0}
    image = {"id": 1, "file_name": "a.jpg", "width": 20, "height": 40}
    document = {"images": [image], "annotations": [box], "categories": [{"id": 1, "name": "x"}]}
    (source / "_annotations.coco.json").write_text(json.dumps(document))
    version = _make(source.parent, tmp_path / "v", {"preprocessing": {"auto-orient": True}})
    (file,) = version.path.rglob("*.jpg")
    with PillowImage.open(file) as written:
        assert (written.size, written.getexif().get(0x0112)) == ((20, 40), None)
    np.testing.assert_allclose(open_dataset(version.path).images[0].boxes_xyxy, [[2, 4, 12, 34]])


def test_generate_version__cancelled_goes_on_later(shapes: Path, tmp_path: Path) -> None:
    seen: list[int] = []
    with pytest.raises(Failed, match="goes on from there"):
        _make(shapes, tmp_path, VARIED, is_cancelled=lambda: len(seen) >= 5, progress=lambda d, _: seen.append(d))
    assert list_versions(tmp_path) == []
    records = len(list(tmp_path.glob("shapes/.making-*/records/*.json")))
    assert 5 <= records < 26
    assert _make(shapes, tmp_path, VARIED).content_hash == _make(shapes, tmp_path / "b", VARIED).content_hash
    assert list(tmp_path.glob("shapes/.making-*")) == []


def test_plan_version__refuses_unknown_classes_and_tags(shapes: Path) -> None:
    dataset = open_dataset(shapes)
    with pytest.raises(BadInput, match="'cat' is no class of shapes; classes are disc, block"):
        plan_version(dataset, parse_settings({"preprocessing": {"remap": {"cat": "dog"}}}))
    with pytest.raises(BadInput, match="no image of shapes has the tag 'a'; its images have no tags"):
        plan_version(dataset, parse_settings({"preprocessing": {"filter-tag": {"require": ["a"]}}}))


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ({"require": ["night"]}, [0, 1]), ({"require": ["night", "rain"]}, [1]),
        ({"any": ["night", "rain"]}, [0, 1, 2]), ({"exclude": ["rain"]}, [0, 3]),
        ({"any": ["night", "rain"], "exclude": ["rain"]}, [0]),
    ],
)  # fmt: skip
def test_plan_version__filters_by_tag(shapes: Path, wanted: Any, kept: list[int]) -> None:
    dataset = open_dataset(shapes)
    some = dataset.of_split("train")[:4]
    tags = [("night",), ("night", "rain"), ("rain",), ()]
    tagged = tuple(image.changed(tags=own) for image, own in zip(some, tags, strict=True))
    settings = parse_settings({"preprocessing": {"filter-tag": wanted}})
    planned = plan_version(replace(dataset, images=tagged), settings).dataset
    assert [image.name for image in planned.images] == [some[i].name for i in kept]
    with pytest.raises(BadInput, match="no image of shapes has the tag 'fog'; its tags are night, rain"):
        plan_version(
            replace(dataset, images=tagged), parse_settings({"preprocessing": {"filter-tag": {"any": ["fog"]}}})
        )


def test_generate_version__keeps_tags(shapes: Path, tmp_path: Path) -> None:
    dataset = open_dataset(shapes)
    tagged = replace(dataset, images=tuple(image.changed(tags=("night",)) for image in dataset.images))
    version = generate_version(plan_version(tagged, parse_settings({})), tmp_path)
    assert {image.tags for image in open_dataset(version.path).images} == {("night",)}


def test_generate_version__names_say_where_images_come_from(shapes: Path, tmp_path: Path) -> None:
    version = _make(shapes, tmp_path, {"preprocessing": {"grayscale": True}})
    names = [path.name for path in version.path.rglob("*.jpg")]
    assert len(names) == 26
    assert all(re.fullmatch(r"\d\d_png\.rf\.[0-9a-f]{32}\.jpg", name) for name in names)


def test_preview__is_what_the_version_holds(shapes: Path, tmp_path: Path) -> None:
    dataset = open_dataset(shapes)
    settings = parse_settings(VARIED)
    planned = plan_version(dataset, settings).dataset
    version = _make(shapes, tmp_path, VARIED)
    stored = {image.sha256: image.boxes_xyxy for image in open_dataset(version.path).images}
    for image in (planned.of_split("train")[3], planned.of_split("val")[0]):
        pictures = preview(image, settings, train=planned.of_split("train"))
        assert len(pictures) == (3 if image.split == "train" else 1)
        for picture in pictures:
            boxes = stored[hashlib.sha256(encode_picture(picture)).hexdigest()]
            np.testing.assert_allclose(picture.boxes_xyxy, boxes, atol=1e-3)


def test_preview__one_step_and_another_seed(shapes: Path) -> None:
    image = open_dataset(shapes).of_split("train")[0]
    seen = set()
    for seed in range(3):
        (picture,) = preview(image, parse_settings({"augmentation": {"rotate": {"degrees": 30}}, "seed": seed}))
        seen.add(picture.pixels.tobytes())
    assert len(seen) == 3
    (as_it_is,) = preview(image, parse_settings({"augmentation": {"rotate": {"degrees": 30}}}), varies=False)
    np.testing.assert_array_equal(as_it_is.boxes_xyxy, image.boxes_xyxy)
    assert len(preview(image, parse_settings({"preprocessing": {"tile": {"rows": 2, "columns": 2}}}))) == 4


def test_plan_version__look_alikes_stay_together(shapes: Path) -> None:
    dataset = open_dataset(shapes)
    twins = [replace(image, name=f"copy-{image.name}") for image in dataset.images]
    doubled = replace(dataset, images=tuple(sorted((*dataset.images, *twins), key=lambda image: image.name)))
    content = {"split": {"method": "rebalance", "percent": {"train": 50, "val": 25, "test": 25}}}
    planned = plan_version(doubled, parse_settings(content)).dataset
    split_of = {image.name: image.split for image in planned.images}
    assert all(split_of[f"copy-{image.name}"] == split_of[image.name] for image in dataset.images)
    counts = Counter(split_of.values())
    assert counts["train"] == 26
    assert {counts["val"], counts["test"]} == {12, 14}  # 13 each is no whole number of pairs


def test_draw_splits__a_rare_class_reaches_every_split() -> None:
    weights = [{-1: 1, 0: 1} for _ in range(30)] + [{-1: 1, 1: 1} for _ in range(3)]
    chosen = draw_splits(weights, {"train": 0.4, "val": 0.3, "test": 0.3})
    assert sorted(chosen[30:]) == ["test", "train", "val"]


def test_find_version__names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="is no version"):
        find_version(tmp_path, "cells/1")
    with pytest.raises(BadInput, match="expected DATASET/NUMBER"):
        find_version(tmp_path, "../1/x")


def test_describe_version__of_a_version_alone(shapes: Path, tmp_path: Path) -> None:
    version = _make(shapes, tmp_path, VARIED)
    described = describe_version(version.path)
    assert described is not None
    assert (described["dataset"], described["number"]) == ("shapes", 1)
    assert described["content_hash"] == version.content_hash
    (tmp_path / "version.json").write_text('{"version": "1.2"}')
    assert describe_version(tmp_path) is describe_version(shapes) is None


def _kill_and_resume(source: Path, root: Path, expected: str, after: float) -> None:
    """Kill a generation when a share of the images is rendered; nothing may be in view, and the next call ends it."""
    script = (
        "import sys; from pathlib import Path\n"
        "from epochal.datasets import open_dataset\n"
        "from epochal.versions import *\n"
        "settings = parse_settings(__import__('json').loads(sys.argv[3]))\n"
        "plan = plan_version(open_dataset(Path(sys.argv[1])), settings)\n"
        "generate_version(plan, Path(sys.argv[2]), progress=lambda d, n: print(d, flush=True))\n"
    )
    command = [sys.executable, "-c", script, str(source), str(root), json.dumps(VARIED)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= after:
                break
        time.sleep(random.Random(after).random() * 0.01)
        process.send_signal(signal.SIGKILL)
    for version in list_versions(root):
        assert version.content_hash == expected
    version = _make(source, root, VARIED)
    assert (version.number, version.content_hash) == (1, expected)
    assert len(open_dataset(version.path).images) == sum(s["images"] for s in version.content["splits"].values())


def test_generate_version__killed_goes_on(shapes: Path, tmp_path: Path) -> None:
    expected = _make(shapes, tmp_path / "whole", VARIED).content_hash
    _kill_and_resume(shapes, tmp_path / "killed", expected, after=9)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_generate_version__killed_at_any_moment_goes_on(shapes: Path, tmp_path: Path, seed: int) -> None:
    expected = _make(shapes, tmp_path / "whole", VARIED).content_hash
    _kill_and_resume(shapes, tmp_path / "killed", expected, after=random.Random(seed).uniform(0, 26))
