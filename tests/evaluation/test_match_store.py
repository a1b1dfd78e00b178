"""Matches to disk and back. Run: pytest tests/evaluation/test_match_store.py."""

import io
import pickle

import numpy as np
import pytest

from epochal.errors import BadInput, NotFound, RunFolderError
from epochal.evaluation import StoredMatches, load_matches, save_matches
from epochal.evaluation.average_precision import compute_average_precision
from epochal.evaluation.bootstrap import draw_weights
from epochal.evaluation.matching import match_detections

NAMES = tuple(f"a/ü{i}.jpg" for i in range(12))


@pytest.fixture
def stored(crowded_scene):
    truths, found = crowded_scene(3)
    return StoredMatches(match_detections(truths, found, 3)[1], NAMES, ("a", "b", "c"))


def test_load_matches__gives_the_same_ap_under_any_weights(tmp_path, stored):
    path = tmp_path / "matches.npz"
    save_matches(path, stored)
    back = load_matches(path)
    weights = draw_weights(12, 20, seed=1)
    np.testing.assert_array_equal(
        compute_average_precision(back.ranking, weights), compute_average_precision(stored.ranking, weights)
    )
    assert (back.image_names, back.class_names) == (NAMES, ("a", "b", "c"))
    assert [p.name for p in tmp_path.iterdir()] == ["matches.npz"]


def test_save_matches__leaves_out_what_no_ap_depends_on(tmp_path, truth_of, detected):
    box = (0, 0, 9, 9)
    alarms = [(0, 0.5 - i / 1000, (50, 50, 60, 60)) for i in range(90)]
    _, matches = match_detections([truth_of((0, box))], [detected((0, 0.9, box), *alarms)], 1)
    save_matches(tmp_path / "m.npz", StoredMatches(matches, ("1.jpg",), ("cat",)))
    assert len(load_matches(tmp_path / "m.npz").ranking.image) == 1


def test_save_matches__no_detection_right_and_no_image(tmp_path, truth_of, detected):
    _, matches = match_detections([truth_of((0, (0, 0, 9, 9)))], [detected()], 1)
    save_matches(tmp_path / "m.npz", StoredMatches(matches, ("1.jpg",), ("cat",)))
    assert load_matches(tmp_path / "m.npz").ranking.truth_count.tolist() == [[1]]
    _, matches = match_detections([], [], 1)
    save_matches(tmp_path / "m.npz", StoredMatches(matches, (), ("cat",)))
    assert load_matches(tmp_path / "m.npz").image_names == ()


def test_save_matches__refuses_names_that_do_not_fit(tmp_path, stored):
    with pytest.raises(BadInput, match="12 images and 3 classes need as many different names; got 11 and 3"):
        save_matches(tmp_path / "m.npz", StoredMatches(stored.ranking, (*NAMES[:11], NAMES[0]), ("a", "b", "c")))


def test_load_matches__missing(tmp_path):
    with pytest.raises(NotFound, match=r"none\.npz"):
        load_matches(tmp_path / "none.npz")


def _changed(path, **changes):
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files} | changes
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})


@pytest.mark.parametrize(
    "changes",
    [
        {"image": None},
        {"confidence": np.zeros(1, np.float32)},
        {"about": np.frombuffer(b'{"format": 2, "images": [], "classes": []}', np.uint8)},
        {"about": np.frombuffer(b"[]", np.uint8)},
        {"about": np.frombuffer(b"no json", np.uint8)},
        {"about": np.array([object()])},
        {"truth_count": np.zeros((12, 2), np.int32)},
    ],
    ids=["array missing", "too short", "newer", "a list", "no json", "a pickle", "a class short"],
)
def test_load_matches__damaged(tmp_path, stored, changes):
    path = tmp_path / "m.npz"
    save_matches(path, stored)
    _changed(path, **changes)
    with pytest.raises(RunFolderError, match=r"m\.npz should hold the matches"):
        load_matches(path)


def test_load_matches__indices_beyond_the_names(tmp_path, stored):
    path = tmp_path / "m.npz"
    save_matches(path, stored)
    with np.load(path) as archive:
        image = archive["image"]
    _changed(path, image=np.full_like(image, 12))
    with pytest.raises(RunFolderError, match="image goes beyond the 12 names"):
        load_matches(path)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 torn", pickle.dumps({"image": 1})], ids=["empty", "torn", "pickle"]
)
def test_load_matches__not_an_archive(tmp_path, stored, content):
    path = tmp_path / "m.npz"
    path.write_bytes(content)
    with pytest.raises(RunFolderError):
        load_matches(path)


def test_load_matches__torn_in_the_middle(tmp_path, stored):
    buffer = io.BytesIO()
    path = tmp_path / "m.npz"
    save_matches(path, stored)
    buffer.write(path.read_bytes())
    path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    with pytest.raises(RunFolderError):
        load_matches(path)
