"""The sample dataset that `epochal demo` draws. Run: pytest tests/datasets/test_sample.py."""

import hashlib
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from epochal.datasets import open_dataset, split_dataset
from epochal.datasets.sample import CLASS_NAMES, IMAGE_WH, write_sample_dataset
from epochal.errors import DatasetError


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    begun = time.process_time()
    folder = write_sample_dataset(tmp_path_factory.mktemp("drawn") / "sample", images=80)
    assert time.process_time() - begun < 80 * 0.1  # 0.025 s an image when this was written
    return folder


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_write_sample_dataset__gives_the_same_bytes_for_a_seed(tmp_path: Path) -> None:
    one = _hashes(write_sample_dataset(tmp_path / "one", images=20, seed=3))
    two = _hashes(write_sample_dataset(tmp_path / "two", images=20, seed=3))
    other = _hashes(write_sample_dataset(tmp_path / "other", images=20, seed=4))
    assert one == two
    assert len(one) == 42  # 20 images, 20 label files, data.yaml, README.txt
    assert not {name for name in one if name.endswith(".jpg") and one[name] == other[name]}


def test_write_sample_dataset__an_image_is_the_same_however_many_there_are(sample: Path, tmp_path: Path) -> None:
    few, many = _hashes(write_sample_dataset(tmp_path / "few", images=20)), _hashes(sample)
    assert all(many[name] == few[name] for name in few if name.startswith(("images", "labels")))


def test_write_sample_dataset__is_read_as_it_was_meant(sample: Path) -> None:
    dataset = split_dataset(open_dataset(sample))
    assert dataset.class_names == CLASS_NAMES
    assert [len(dataset.of_split(split)) for split in ("train", "val", "test")] == [56, 12, 12]
    assert {image.image_wh for image in dataset.images} == {IMAGE_WH}
    assert all(image.labelled for image in dataset.images)
    assert [finding for finding in dataset.findings if finding.action != "note"] == []


def test_write_sample_dataset__is_as_hard_as_photos(sample: Path) -> None:
    images = open_dataset(sample).images
    counts = Counter(int(class_id) for image in images for class_id in image.class_id)
    bolts, nuts, washers = (counts[class_id] for class_id in range(3))
    assert bolts > 20
    assert bolts * 2 < washers  # the classes are not balanced
    assert bolts < nuts < washers
    assert sum(len(image.class_id) == 0 for image in images) >= 3  # backgrounds
    boxes = np.concatenate([image.boxes_xyxy for image in images])
    sides = np.sqrt(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))
    assert np.quantile(sides, 0.95) > 3 * np.quantile(sides, 0.05)  # near and far
    light = [np.asarray(Image.open(image.path).convert("L")).mean() for image in images]
    assert max(light) > 2.5 * min(light)  # bright and dark


def test_write_sample_dataset__boxes_fit_tightly_around_what_can_be_seen(sample: Path) -> None:
    boxes = np.concatenate([image.boxes_xyxy for image in open_dataset(sample).images])
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= np.array(IMAGE_WH)).all()
    assert (boxes[:, 2:] - boxes[:, :2] >= 4.9).all()


def test_write_sample_dataset__says_that_it_is_a_sample(sample: Path) -> None:
    assert "drawn by a program" in (sample / "README.txt").read_text()
    assert "sample" in (sample / "data.yaml").read_text()


def test_write_sample_dataset__never_writes_over_anything(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(DatasetError, match="is there already"):
        write_sample_dataset(tmp_path / "mine")
    with pytest.raises(DatasetError, match="at least 20"):
        write_sample_dataset(tmp_path / "few", images=19)
    assert list(tmp_path.iterdir()) == [tmp_path / "mine"]


def test_write_sample_dataset__leaves_nothing_behind_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr("PIL.Image.Image.save", fail)
    with pytest.raises(OSError, match="no space"):
        write_sample_dataset(tmp_path / "sample", images=20)
    assert list(tmp_path.iterdir()) == []
