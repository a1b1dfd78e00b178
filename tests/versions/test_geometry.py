"""Boxes move exactly with their pixels: drawn on paper, and by law. Run: pytest tests/versions/test_geometry.py."""

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage

from epochal.versions.augmenting import augment, cut_out, mosaic
from epochal.versions.motion import (
    mirror_matrix,
    move_pixels,
    quarter_matrix,
    rotation_matrix,
    shear_matrix,
)
from epochal.versions.opencv import warp
from epochal.versions.picture import Matrix, Picture, cut_boxes, move_boxes, scale_matrix
from epochal.versions.preprocessing import crop_static, isolate, preprocess, resize, tile

BOX = [10, 20, 30, 60]  # on a picture 100 wide and 80 high


def _picture(boxes: Any = (BOX,), wh: tuple[int, int] = (100, 80)) -> Picture:
    """Black, each box filled with white."""
    values = np.zeros((wh[1], wh[0], 3), np.uint8)
    for left, top, right, bottom in boxes:
        values[top:bottom, left:right] = 255
    array = np.array(boxes, np.float32).reshape(-1, 4)
    return Picture(
        PillowImage.fromarray(values), array, np.arange(len(array), dtype=np.int64), np.zeros(len(array), np.bool_)
    )


def _move(picture: Picture, matrix: Matrix, frame_wh: tuple[int, int]) -> Picture:
    pixels = PillowImage.fromarray(move_pixels(np.asarray(picture.pixels), matrix, frame_wh))
    return picture.with_boxes(pixels, move_boxes(picture.boxes_xyxy, matrix))


def _white_box(picture: Picture) -> list[int]:
    box = picture.pixels.convert("L").point(lambda v: 255 * (v > 127)).getbbox()
    assert box is not None
    return list(box)


@pytest.mark.parametrize(
    ("matrix", "frame", "expected"),
    [
        (mirror_matrix(0, (100, 80)), (100, 80), [70, 20, 90, 60]),
        (mirror_matrix(1, (100, 80)), (100, 80), [10, 20, 30, 60]),  # 80 - 60 = 20: in the middle of its height
        (quarter_matrix(1, (100, 80)), (80, 100), [20, 10, 60, 30]),
        (quarter_matrix(2, (100, 80)), (100, 80), [70, 20, 90, 60]),
        (quarter_matrix(3, (100, 80)), (80, 100), [20, 70, 60, 90]),
        (rotation_matrix(90, (80, 80)), (80, 80), [20, 10, 60, 30]),
        (shear_matrix(45, 0, (100, 80)), (100, 80), [0, 20, 50, 60]),  # y - 40 to the right: 10 - 20 to 30 + 20
    ],
)
def test_move_pixels_and_boxes__by_hand(matrix: Any, frame: tuple[int, int], expected: list[float]) -> None:
    wh = (80, 80) if frame == (80, 80) else (100, 80)
    moved = _move(_picture(wh=wh), matrix, frame)
    assert moved.pixels.size == frame
    np.testing.assert_allclose(moved.boxes_xyxy, [expected], atol=1e-4)
    np.testing.assert_allclose(_white_box(moved), expected, atol=1)


@pytest.mark.parametrize(
    ("how", "wanted", "size", "expected"),
    [
        ("Stretch to", (50, 160), (50, 160), [5, 40, 15, 120]),
        ("Fill (with center crop) in", (80, 80), (80, 80), [0, 20, 20, 60]),
        ("Fit within", (50, 50), (50, 40), [5, 10, 15, 30]),
        ("Fit (reflect edges) in", (50, 50), (50, 50), [5, 15, 15, 35]),
        ("Fit (black edges) in", (50, 50), (50, 50), [5, 15, 15, 35]),
        ("Fit (white edges) in", (50, 50), (50, 50), [5, 15, 15, 35]),
        ("Fit (black edges) in", (100, 160), (100, 160), [10, 60, 30, 100]),
    ],
)
def test_resize__by_hand(how: str, wanted: tuple[int, int], size: tuple[int, int], expected: list[float]) -> None:
    resized = resize(_picture(), wanted, how)
    assert resized.pixels.size == size
    np.testing.assert_allclose(resized.boxes_xyxy, [expected], atol=1e-4)
    if "white" not in how:
        np.testing.assert_allclose(_white_box(resized), expected, atol=1)


def test_resize__edges_have_their_colour() -> None:
    corner = {
        how: resize(_picture(), (50, 50), f"Fit ({how} edges) in").pixels.getpixel((40, 1))
        for how in ("black", "white")
    }
    assert corner == {"black": (0, 0, 0), "white": (255, 255, 255)}


def test_resize__at_its_size_gives_the_same_object() -> None:
    picture = _picture()
    assert resize(picture, (100, 80), "Stretch to") is picture


def test_crop_static__by_hand() -> None:
    part = crop_static(_picture(), 20, 100, 25, 100)
    assert part.pixels.size == (80, 60)
    np.testing.assert_allclose(part.boxes_xyxy, [[0, 0, 10, 40]])


def test_tile__cuts_boxes_and_drops_small_rests() -> None:
    # the left tile has 45 - 55 by half, the right one the other half; of the second box 10 % reach the right tile
    parts = tile(_picture([[45, 10, 55, 30], [41, 50, 51, 60]]), rows=1, columns=2)
    assert [p.pixels.size for p in parts] == [(50, 80), (50, 80)]
    np.testing.assert_allclose(parts[0].boxes_xyxy, [[45, 10, 50, 30], [41, 50, 50, 60]])
    np.testing.assert_allclose(parts[1].boxes_xyxy, [[0, 10, 5, 30]])


def test_isolate__one_picture_a_box() -> None:
    parts = isolate(_picture([BOX, [40, 0, 60, 10]]))
    assert [(p.pixels.size, p.class_id.tolist()) for p in parts] == [((20, 40), [0]), ((20, 10), [1])]
    np.testing.assert_allclose(parts[0].boxes_xyxy, [[0, 0, 20, 40]])
    assert isolate(_picture([])) == []


def test_preprocess__without_work_gives_the_same_object() -> None:
    picture = _picture()
    assert preprocess(picture, {"auto-orient": True, "remap": {}})[0] is picture


def test_mosaic__every_box_lies_on_its_pixels() -> None:
    whole = [[0, 0, 100, 80]]
    result = mosaic([_picture(whole)] * 4, np.random.default_rng(0))
    areas = (result.boxes_xyxy[:, 2:] - result.boxes_xyxy[:, :2]).prod(axis=1)
    assert result.pixels.size == (100, 80)
    assert sum(areas) <= 100 * 80 + 1e-3


def test_cut_out__drops_what_is_hidden() -> None:
    random = np.random.default_rng(0)
    assert len(cut_out(_picture(wh=(80, 80)), 1, 100, random).boxes_xyxy) == 0
    assert len(cut_out(_picture(wh=(80, 80)), 1, 10, random).boxes_xyxy) == 1


def test_augment__same_generator_same_picture() -> None:
    steps = {"rotate": {"degrees": 15}, "hue": {"degrees": 25}, "noise": {"percent": 2}, "blur": {"pixels": 1}}
    one, other, third = (augment(_picture(), [], steps, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.pixels.tobytes() == other.pixels.tobytes() != third.pixels.tobytes()
    np.testing.assert_array_equal(one.boxes_xyxy, other.boxes_xyxy)


def test_augment__box_level_changes_pixels_inside_boxes_alone() -> None:
    noisy = augment(_picture(), [], {"bbnoise": {"percent": 50}}, np.random.default_rng(3))
    changed = np.asarray(noisy.pixels) != np.asarray(_picture().pixels)
    assert changed[20:60, 10:30].any()
    changed[20:60, 10:30] = False
    assert not changed.any()
    np.testing.assert_array_equal(noisy.boxes_xyxy, [BOX])


corners = st.tuples(*[st.integers(0, 49)] * 2, *[st.integers(1, 50)] * 2).map(
    lambda v: [v[0], v[1], v[0] + v[2], v[1] + v[3]]
)


@given(corners, st.floats(-180, 180), st.floats(-45, 45), st.floats(0.2, 5))
def test_law__inverse_brings_points_back_and_box_contains(
    box: list[int], turn: float, slant: float, size: float
) -> None:
    boxes = np.array([box], np.float32)
    matrix = rotation_matrix(turn, (100, 100)) @ shear_matrix(slant, 0, (100, 100)) @ scale_matrix(size, size)
    back = move_boxes(move_boxes(boxes, matrix).astype(np.float32), np.linalg.inv(matrix))
    # the bounding box of a bounding box holds the first one
    assert (back[0, :2] <= boxes[0, :2] + 1e-2).all()
    assert (back[0, 2:] >= boxes[0, 2:] - 1e-2).all()


@given(corners, st.integers(0, 3))
def test_law__four_quarter_turns_and_two_mirrors_change_nothing(box: list[int], turns: int) -> None:
    boxes = np.array([box], np.float32)
    back = move_boxes(
        move_boxes(boxes, quarter_matrix(turns, (100, 80))).astype(np.float32),
        quarter_matrix(-turns % 4, (100, 80) if turns % 2 == 0 else (80, 100)),
    )
    np.testing.assert_allclose(back, boxes)
    mirror = mirror_matrix(0, (100, 80))
    np.testing.assert_allclose(move_boxes(move_boxes(boxes, mirror).astype(np.float32), mirror), boxes)


@given(corners, st.integers(1, 5), st.integers(1, 5))
def test_law__tiles_keep_the_area_of_a_box(box: list[int], rows: int, columns: int) -> None:
    picture = _picture([box], (100, 100))
    areas = [
        float((p.boxes_xyxy[:, 2:] - p.boxes_xyxy[:, :2]).prod(axis=1).sum()) for p in tile(picture, rows, columns)
    ]
    area = (box[2] - box[0]) * (box[3] - box[1])
    # only rests below the stated share are dropped: with all of them kept the areas add up
    assert sum(areas) <= area + 1e-3
    if rows == columns == 1:
        assert sum(areas) == pytest.approx(area)


def test_cut_boxes__by_visible_share() -> None:
    boxes = np.array(
        [[0, 0, 10, 10], [-8, 0, 2, 10], [-9, 0, 1, 10], [-20, 0, -10, 5], [-1, 0, 0.9, 10], [3, 3, 3.5, 3.5]]
    )
    cut, kept = cut_boxes(boxes, (20, 20))
    assert kept.tolist() == [True, True, False, False, False, True]
    np.testing.assert_allclose(cut[1], [0, 0, 2, 10])


@given(corners, st.integers(-30, 30), st.integers(-30, 30))
def test_law__warp_by_whole_pixels_moves_them_unchanged(box: list[int], right: int, down: int) -> None:
    values = np.random.default_rng(sum(box)).integers(0, 256, (80, 100, 3), np.uint8)
    moved = warp(values, np.array([[1, 0, -right], [0, 1, -down]], np.float64), (100, 80))
    expected = np.zeros_like(values)
    height, width = 80 - abs(down), 100 - abs(right)
    expected[max(down, 0) :, max(right, 0) :][:height, :width] = values[max(-down, 0) :, max(-right, 0) :][
        :height, :width
    ]
    np.testing.assert_array_equal(moved, expected)


def test_move_pixels__larger_than_opencv_takes_is_the_same_within_a_level() -> None:
    values = np.asarray(PillowImage.radial_gradient("L").convert("RGB").resize((400, 300)))
    matrix = rotation_matrix(7, (400, 300))
    ours = move_pixels(values, matrix, (400, 300)).astype(np.int16)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("epochal.versions.motion.SIDE_MAX_PX", 100)
        slow = move_pixels(values, matrix, (400, 300)).astype(np.int16)
    assert np.abs(ours - slow)[60:-60, 60:-60].max() <= 2


DRAW = """
import hashlib, sys
import numpy as np
from PIL import Image
from epochal.versions.augmenting import augment
from epochal.versions.picture import Picture
coarse = np.random.default_rng(0).integers(0, 256, (12, 16, 3), np.uint8)
values = np.asarray(Image.fromarray(coarse).resize((320, 240)))
steps = {
    "flip": {"horizontal": True, "vertical": False}, "crop": {"min": 0, "max": 20}, "rotate": {"degrees": 15},
    "shear": {"horizontal": 5, "vertical": 5}, "hue": {"degrees": 25}, "saturation": {"percent": 25},
    "brightness": {"brighten": True, "darken": True, "percent": 20}, "exposure": {"percent": 10}, "blur": {"pixels": 2},
    "motion-blur": {"pixels": 9, "degrees": 180}, "noise": {"percent": 1}, "bbrotate": {"degrees": 10},
}
digest = hashlib.sha256()
for seed in range(10):
    boxes = np.array([[10, 20, 100, 200]], np.float32)
    picture = Picture(Image.fromarray(values), boxes, np.zeros(1, np.int64), np.zeros(1, np.bool_))
    drawn = augment(picture, [], steps, np.random.default_rng(seed))
    digest.update(drawn.pixels.tobytes() + drawn.boxes_xyxy.tobytes())
print(digest.hexdigest())
"""


def test_augment__same_pixels_whatever_the_processor_can_do() -> None:
    # what another machine has is told to OpenCV and NumPy as what this one lacks
    older = {
        "OPENCV_CPU_DISABLE": "AVX512_SKX,AVX512F,AVX2,FMA3,AVX,FP16,SSE4_2,SSE4_1,SSSE3",
        "NPY_DISABLE_CPU_FEATURES": "AVX512_SKX AVX512F AVX2 FMA3",
    }
    digests = []
    for environ in ({}, older):
        done = subprocess.run(
            [sys.executable, "-c", DRAW], capture_output=True, text=True, env={**os.environ, **environ}, timeout=60
        )
        assert done.returncode == 0, done.stderr
        digests.append(done.stdout)
    assert digests[0] == digests[1]
