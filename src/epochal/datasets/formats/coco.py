"""COCO: one JSON text for many images.

Source: https://cocodataset.org/#format-data. Category ids may be sparse; `bbox` is x, y, width, height in pixels.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from epochal.datasets.formats.coco_regular import RegularText, boxes_of, decode_regular
from epochal.datasets.formats.rle import box_around_mask

Box = tuple[float, float, float, float]

_IMAGE_KEYS = ("images", "image")
_ANNOTATION_KEYS = ("annotations", "annotation")
_CATEGORY_KEYS = ("categories", "category")
_NAME_KEYS = ("file_name", "filename", "fileName", "name", "path")


@dataclass(frozen=True)
class CocoImage:
    """An entry of `images`; `image_wh` is (0, 0) when not given."""

    id: object
    file_name: str
    image_wh: tuple[int, int]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class CocoCategory:
    """An entry of `categories`."""

    id: object
    name: str
    supercategory: str = ""


@dataclass(frozen=True)
class CocoText:
    """What one JSON text says; B boxes.

    Attributes:
        images: in the order of the text.
        categories: in the order of the text.
        has_annotations: False for a text of images alone, as COCO's image_info files are.
        boxes_xywh: (B, 4) float64, pixels; NaN where there is no number.
        image_row: (B,) int64, index into `images`; -1 for an image that is not listed.
        category_row: (B,) int64, index into `categories`; -1 for a category that is not listed.
        is_crowd: (B,) bool.
        number: (B,) int64, place in the list of annotations, from 1.
        from_polygon: numbers of annotations whose box was drawn around their polygon or mask.
        without_box: numbers of annotations that have none, such as captions.
        image_ids, category_ids: (B,) as written, for messages.
        ambiguous: ids that stand for two files or two classes, in words; their boxes have the row -1.
        ambiguous_image_ids: those of images, as text.
        has_class_names: False when classes are called by their ids, as there are no categories.
    """

    images: tuple[CocoImage, ...]
    categories: tuple[CocoCategory, ...]
    has_annotations: bool
    boxes_xywh: NDArray[np.float64]
    image_row: NDArray[np.int64]
    category_row: NDArray[np.int64]
    is_crowd: NDArray[np.bool_]
    number: NDArray[np.int64]
    from_polygon: tuple[int, ...]
    without_box: tuple[int, ...]
    image_ids: Sequence[object]
    category_ids: Sequence[object]
    ambiguous: tuple[str, ...] = ()
    ambiguous_image_ids: frozenset[str] = frozenset()
    has_class_names: bool = True


def looks_like_coco(data: bytes) -> bool:
    """Whether a JSON text may be COCO's, judged by its keys without parsing it."""
    return b'"images"' in data and (b'"annotation' in data or b'"categories"' in data)


def parse_coco(data: bytes | str) -> CocoText | None:
    """Read a COCO text, with the key names that are met in the wild.

    Returns:
        None when it is another kind of JSON.

    Raises:
        ValueError: it is no JSON.
    """
    regular = decode_regular(data.encode() if isinstance(data, str) else data)
    if regular is not None:
        return _from_regular(regular)
    document = json.loads(data)
    if not isinstance(document, dict):
        return None
    images, annotations, categories = (
        _list(document, keys) for keys in (_IMAGE_KEYS, _ANNOTATION_KEYS, _CATEGORY_KEYS)
    )
    if images is None or (annotations is None and categories is None):
        return None
    listed = tuple(_image(entry) for entry in images)
    kinds = tuple(_category(entry) for entry in categories or ()) or _named_by_id(document)
    if kinds:
        return _with_boxes(listed, kinds, annotations)
    ids = sorted({str(entry["category_id"]) for entry in annotations or () if "category_id" in entry})
    unnamed = tuple(CocoCategory(id_, id_) for id_ in ids)
    return replace(_with_boxes(listed, unnamed, annotations), has_class_names=not ids)


def _named_by_id(document: Mapping[str, object]) -> tuple[CocoCategory, ...]:
    """Categories that were written as {id: name}."""
    written = document.get("categories")
    if not isinstance(written, dict) or not all(isinstance(name, str) for name in written.values()):
        return ()
    return tuple(CocoCategory(id_, name.strip()) for id_, name in written.items())


def _from_regular(text: RegularText) -> CocoText:
    images = tuple(
        CocoImage(
            i.id, i.file_name, (i.width, i.height) if i.width > 0 and i.height > 0 else (0, 0), _tags(i.tags, i.extra)
        )
        for i in text.images
    )
    categories = tuple(CocoCategory(c.id, c.name.strip(), c.supercategory or "") for c in text.categories)
    return _text(
        images,
        categories,
        boxes_of(text),
        [a.image_id for a in text.annotations],
        [a.category_id for a in text.annotations],
        is_crowd=[bool(a.iscrowd) for a in text.annotations],
    )


def _text(
    images: tuple[CocoImage, ...],
    categories: tuple[CocoCategory, ...],
    boxes: NDArray[np.float64],
    image_ids: Sequence[object],
    category_ids: Sequence[object],
    *,
    is_crowd: Sequence[bool],
) -> CocoText:
    """Resolve ids to rows. Ids are compared as they are, and as text where some are text and others numbers.

    Some tools write the name of the image or the class where its id belongs.
    """
    twice_images, twice_kinds = (
        _stand_for_two([(i.id, i.file_name) for i in images]),
        _stand_for_two([(c.id, c.name) for c in categories]),
    )
    return CocoText(
        images=images,
        categories=categories,
        has_annotations=True,
        boxes_xywh=boxes,
        image_row=_rows([i.id for i in images], image_ids, [i.file_name for i in images], twice_images),
        category_row=_rows([c.id for c in categories], category_ids, [c.name for c in categories], twice_kinds),
        is_crowd=np.array(is_crowd, np.bool_),
        number=np.arange(1, len(boxes) + 1),
        from_polygon=(),
        without_box=(),
        image_ids=image_ids,
        category_ids=category_ids,
        ambiguous=tuple(
            f"{kind} {id_} is {first!r} and {second!r}"
            for kind, twice in (("image", twice_images), ("category", twice_kinds))
            for id_, (first, second) in twice.items()
        ),
        ambiguous_image_ids=frozenset(twice_images),
    )


def _stand_for_two(listed: Sequence[tuple[object, str]]) -> dict[str, tuple[str, str]]:
    """{id: two things that it stands for}."""
    if len({id_ if type(id_) is int else _id_text(id_) for id_, _ in listed}) == len(listed):
        return {}
    first: dict[str, str] = {}
    twice: dict[str, tuple[str, str]] = {}
    for id_, name in listed:
        if first.setdefault(_id_text(id_), name) != name:
            twice.setdefault(_id_text(id_), (first[_id_text(id_)], name))
    return twice


def _rows(
    listed: Sequence[object], wanted: Sequence[object], names: Sequence[str], twice: Mapping[str, object]
) -> NDArray[np.int64]:
    if {type(id_) for id_ in listed} | {type(id_) for id_ in wanted} != {int}:
        listed, wanted = [_id_text(id_) for id_ in listed], [_id_text(id_) for id_ in wanted]
    row_of: dict[object, int] = {name: row for row, name in enumerate(names)} if wanted and _is_text(wanted) else {}
    row_of |= {id_: row for row, id_ in enumerate(listed)}
    for id_ in listed if twice else ():
        if _id_text(id_) in twice:
            row_of[id_] = -1
    return np.fromiter((row_of.get(id_, -1) for id_ in wanted), np.int64, len(wanted))


def _id_text(id_: object) -> str:
    return str(int(id_)) if isinstance(id_, float) and id_.is_integer() else str(id_)


def _is_text(ids: Sequence[object]) -> bool:
    return isinstance(ids[0], str)


def _with_boxes(
    images: tuple[CocoImage, ...],
    categories: tuple[CocoCategory, ...],
    annotations: Sequence[Mapping[str, object]] | None,
) -> CocoText:
    boxes: list[Sequence[float]] = []
    kept: list[tuple[int, Mapping[str, object]]] = []
    from_polygon: list[int] = []
    without_box: list[int] = []
    for number, entry in enumerate(annotations or (), 1):
        box = _box(entry.get("bbox"))
        if box is None:
            drawn = entry.get("segmentation")
            box = box_around_polygons(drawn) or box_around_mask(drawn)
            (without_box if box is None else from_polygon).append(number)
        if box is not None:
            boxes.append(box)
            kept.append((number, entry))
    text = _text(
        images,
        categories,
        np.array(boxes, np.float64).reshape(-1, 4),
        [entry.get("image_id") for _, entry in kept],
        [entry.get("category_id") for _, entry in kept],
        is_crowd=[entry.get("iscrowd") not in (None, 0, "0", "", "false", "False") for _, entry in kept],
    )
    return replace(
        text,
        has_annotations=annotations is not None,
        number=np.array([number for number, _ in kept], np.int64),
        from_polygon=tuple(from_polygon),
        without_box=tuple(without_box),
    )


def _list(document: Mapping[str, object], keys: Iterable[str]) -> list[Mapping[str, object]] | None:
    for key in keys:
        value = document.get(key)
        if isinstance(value, dict) and all(isinstance(entry, dict) for entry in value.values()):
            value = list(value.values())
        if isinstance(value, list):
            return [entry for entry in value if isinstance(entry, dict)]
    return None


def _image(entry: Mapping[str, object]) -> CocoImage:
    name = next((str(entry[key]) for key in _NAME_KEYS if entry.get(key)), "")
    wh = (as_number(entry.get("width")), as_number(entry.get("height")))
    known = all(math.isfinite(value) and value > 0 for value in wh)
    return CocoImage(
        entry.get("id", entry.get("image_id")), name or str(entry.get("coco_url", "")),
        (int(wh[0]), int(wh[1])) if known else (0, 0), _tags(entry.get("tags"), entry.get("extra")),
    )  # fmt: skip


def _tags(own: object, extra: object) -> tuple[str, ...]:
    """Tags of an image: of `tags`, or of `extra.user_tags`, where labeling services put them."""
    written = own if own is not None else extra.get("user_tags") if isinstance(extra, dict) else None
    return tuple(str(tag) for tag in written if isinstance(tag, str | int)) if isinstance(written, list) else ()


def _category(entry: Mapping[str, object]) -> CocoCategory:
    id_ = entry.get("id", entry.get("category_id"))
    return CocoCategory(id_, str(entry.get("name", id_)).strip(), str(entry.get("supercategory") or ""))


def _box(value: object) -> Box | None:
    if isinstance(value, dict):
        value = [value.get(key) for key in ("x", "y", "width", "height")]
    if not isinstance(value, list) or len(value) != 4:
        return None
    x, y, width, height = (as_number(number) for number in value)
    return (x, y, width, height)


def as_number(value: object) -> float:
    """A number of a JSON text, also one that was written as text; NaN for anything else."""
    try:
        return float(value)  # type: ignore[arg-type]  # what is no number raises, which is caught
    except (TypeError, ValueError, OverflowError):  # the last: a whole number of more than 308 digits
        return math.nan


def box_around_polygons(segmentation: object) -> Box | None:
    """The box, x, y, width, height, around COCO's polygons; None when there is no polygon."""
    if not isinstance(segmentation, list):
        return None
    parts = [part for part in segmentation if isinstance(part, list)] or [segmentation]
    xs = [as_number(value) for part in parts for value in part[0::2]]
    ys = [as_number(value) for part in parts for value in part[1::2]]
    if not xs or not ys:
        return None
    return (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def format_coco(
    images: Sequence[CocoImage], class_names: Sequence[str], boxes: Sequence[Sequence[tuple[int, Box, bool]]]
) -> str:
    """Write a COCO text: `iter_coco` in one piece."""
    return "".join(iter_coco(list(zip(images, boxes, strict=True)), class_names))


def iter_coco(
    rows: Iterable[tuple[CocoImage, Sequence[tuple[int, Box, bool]]]],
    class_names: Sequence[str],
    head: Mapping[str, object] | None = None,
    group: str = "",
) -> Iterator[str]:
    """Write a COCO text in pieces; ids of images and annotations count from 1, as those of classes.

    Args:
        rows: of each image itself (its id is not used) and its boxes: (class_id, x_min y_min width height in pixels,
            is_crowd). Gone through twice, so no generator.
        class_names: dense.
        head: what comes first, such as `info`.
        group: the name of all classes together; as labeling services do it becomes a category of its own, id 0.
    """
    kinds = [{"id": 0, "name": group, "supercategory": "none"}] if group else []
    kinds += [{"id": i, "name": name, "supercategory": group} for i, name in enumerate(class_names, 1)]
    start = {"info": {"description": "written by Epochal"}, "licenses": [], **(head or {}), "categories": kinds}
    yield _json(start)[:-1] + ', "images": ['
    for number, (image, _) in enumerate(rows, 1):
        entry: dict[str, object] = {"id": number, "file_name": image.file_name}
        entry |= {"width": image.image_wh[0], "height": image.image_wh[1]}
        entry |= {"extra": {"user_tags": list(image.tags)}} if image.tags else {}
        yield (", " if number > 1 else "") + _json(entry)
    yield '], "annotations": ['
    annotation = 0
    for number, (_, boxes) in enumerate(rows, 1):
        for class_id, xywh, is_crowd in boxes:
            annotation += 1
            entry = {"id": annotation, "image_id": number, "category_id": class_id + 1, "bbox": list(xywh)}
            entry |= {"area": xywh[2] * xywh[3], "segmentation": [], "iscrowd": int(is_crowd)}
            yield (", " if annotation > 1 else "") + _json(entry)
    yield "]}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
