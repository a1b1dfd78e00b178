"""The box around a mask that COCO writes as run lengths.

Runs of pixels outside and inside the mask, in turn, down the columns from the top left. `counts` is a list of them,
or a text of six-bit letters from "0" on: five bits of a number and a sixth that says whether more follow, the lowest
first, the sign in the highest; from the third run on the difference to the run before the last one is written.

Source: https://cocodataset.org/#format-data and the tables of `maskApi.c` of the COCO API (its text form).
"""

from collections.abc import Iterator, Mapping

Box = tuple[float, float, float, float]


def box_around_mask(segmentation: object) -> Box | None:
    """The box, x, y, width, height in pixels, around a mask; None when it is no mask, damaged or empty."""
    if not isinstance(segmentation, Mapping):
        return None
    size, counts = segmentation.get("size"), segmentation.get("counts")
    if not isinstance(size, list) or [type(side) for side in size] != [int, int] or min(size) < 1:
        return None
    runs = _runs_of_text(counts) if isinstance(counts, str) else _runs_of_list(counts)
    return None if runs is None else _box(runs, *size)


def _runs_of_list(counts: object) -> list[int] | None:
    if not isinstance(counts, list) or any(type(run) is not int or run < 0 for run in counts):
        return None
    return counts


def _runs_of_text(text: str) -> list[int] | None:
    runs: list[int] = []
    for number in _numbers(text):
        run = number + (runs[-2] if len(runs) > 2 else 0)
        if run < 0:
            return None
        runs.append(run)
    return runs


def _numbers(text: str) -> Iterator[int]:
    value = shift = 0
    for letter in text:
        if shift > 60:  # no picture has so many pixels; the number would grow with the text
            yield -(1 << 62)
            return
        bits = ord(letter) - 48
        value |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            yield value - (1 << shift) if bits & 16 else value
            value = shift = 0


def _box(runs: list[int], height: int, width: int) -> Box | None:
    if sum(runs) > height * width:
        return None
    left, top, right, bottom = width, height, 0, 0
    start = 0
    for number, run in enumerate(runs):
        end = start + run
        if number % 2 and run:
            first, last = start // height, (end - 1) // height
            left, right = min(left, first), max(right, last + 1)
            is_whole = first != last  # a run over the foot of a column goes on at the head of the next
            top = min(top, 0 if is_whole else start % height)
            bottom = max(bottom, height if is_whole else (end - 1) % height + 1)
        start = end
    return (left, top, right - left, bottom - top) if right else None
