"""COCO: JSON files of any name, one per split or one for all."""

import posixpath
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.datasets.annotations import Annotations
from epochal.datasets.folder import Folder, split_of_folders, split_of_word
from epochal.datasets.formats.coco import CocoCategory, CocoText, looks_like_coco, parse_coco
from epochal.datasets.formats.encoding import decode_text


@dataclass
class _File:
    """A COCO file and what it speaks of; `index_of_row` has -1 for images that it does not describe, and at its end."""

    name: str
    text: CocoText
    source: int
    index_of_row: NDArray[np.int64]


def import_coco(folder: Folder) -> Annotations:
    """Read all COCO files of a folder."""
    found = Annotations("coco", "annotation")
    texts: list[tuple[str, CocoText]] = []
    for name in folder.with_suffix(".json"):
        data = folder.read(name)
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # UTF-16
            data = decode_text(data).encode()
        if not looks_like_coco(data):
            continue
        try:
            text = parse_coco(data)
        except ValueError as error:
            found.findings.add("unreadable_annotation", "skipped", f"{name}: {error}")
            continue
        if text is not None:
            folder.claimed.add(name)
            texts.append((name, text))
    # Several files may describe the same images (instances, keypoints, captions; a whole and its splits): the one that
    # speaks of a split, and then the one with more boxes, comes first, and a later one adds only images of its own.
    texts.sort(key=lambda pair: (_split_of(pair[0]) is None, -len(pair[1].boxes_xywh)))
    files = [_add_images(found, folder, name, text) for name, text in texts]
    used = [file for file in files if (file.index_of_row >= 0).any()] or files
    _name_classes(found, [file.text for file in used])
    for file in used:
        _add_boxes(found, file)
    return found


def _split_of(name: str) -> str | None:
    return split_of_word(posixpath.splitext(posixpath.basename(name))[0]) or split_of_folders(name)


def _name_classes(found: Annotations, texts: list[CocoText]) -> None:
    """Dense classes: the categories of all files by name, in the order of their ids, without phantoms."""
    used = {_key(text.categories[row]) for text in texts for row in set(text.category_row.tolist()) if row >= 0}
    children: dict[str, set[str]] = {}
    for text in texts:
        for category in text.categories:
            children.setdefault(category.supercategory, set()).add(str(category.id))
    phantoms: set[tuple[str, str]] = set()
    for text in texts:
        for category in sorted(text.categories, key=_id_order):
            named_by_others = children.get(category.name, set()) - {str(category.id)}
            if _key(category) in used or not named_by_others or not _is_group(category):
                found.class_id_of(category.name)
            elif _key(category) not in phantoms:
                phantoms.add(_key(category))
                found.findings.add("phantom_class", "mended", f"{category.name} (id {category.id}) has no boxes")


def _key(category: CocoCategory) -> tuple[str, str]:
    return str(category.id), category.name


def _is_group(category: CocoCategory) -> bool:
    """Whether a category may be the name of all classes together, as exports of labeling services hold one."""
    return str(category.id) == "0" or category.supercategory in ("", "none")


def _id_order(category: CocoCategory) -> tuple[int, float, str]:
    text = str(category.id)
    return (0, float(text), text) if text.isdigit() else (1, 0.0, text)


def _add_images(found: Annotations, folder: Folder, name: str, text: CocoText) -> _File:
    source, split, near = found.add_source(name), _split_of(name), posixpath.dirname(name)
    if split is not None:
        found.promised_splits.setdefault(split, name)
    before = len(found.images)
    index_of_row = np.full(len(text.images) + 1, -1, np.int64)
    again = 0
    found.findings.add_many("ambiguous_id", "skipped", len(text.ambiguous), (f"{name}: {t}" for t in text.ambiguous))
    for row, image in enumerate(text.images):
        if text.ambiguous_image_ids and str(image.id) in text.ambiguous_image_ids:
            continue
        path = folder.find_image(image.file_name, near, split) if image.file_name else None
        if path is None:
            found.findings.add(
                "annotation_without_image", "skipped", f"{name}: image {image.id}, no file {image.file_name!r}"
            )
        elif found.is_among(path, before):
            again += 1
        else:
            index_of_row[row] = found.add_image(
                path, split=split, labelled=text.has_annotations, declared_wh=image.image_wh
            )
            if image.tags:
                found.tags[int(index_of_row[row])] = image.tags
    if again:
        found.notes.append(f"{name} describes {again} images that another file describes too; it is not used for them.")
    return _File(name, text, source, index_of_row)


def _add_boxes(found: Annotations, file: _File) -> None:
    text, name = file.text, file.name
    if not text.has_class_names:
        example = f"{name} has no categories; classes are called by their ids"
        found.findings.add("class_names_missing", "mended", example)
    where = f"{name} annotation"
    found.findings.add_many(
        "polygon_as_box",
        "mended",
        len(text.from_polygon),
        (f"{where} {number} has a polygon or mask alone; its bounding box is used" for number in text.from_polygon),
    )
    found.findings.add_many(
        "annotation_without_box",
        "skipped",
        len(text.without_box),
        (f"{where} {number} has no bbox" for number in text.without_box),
    )
    lost = np.flatnonzero(text.image_row < 0).tolist()
    found.findings.add_many(
        "annotation_without_image",
        "skipped",
        len(lost),
        (f"{where} {text.number[i]}: image_id {text.image_ids[i]!r} is not listed" for i in lost),
    )
    unknown = np.flatnonzero(text.category_row < 0).tolist()
    found.findings.add_many(
        "class_id_out_of_range",
        "skipped",
        len(unknown),
        (f"{where} {text.number[i]}: category_id {text.category_ids[i]!r} is not listed" for i in unknown),
    )
    image = file.index_of_row[text.image_row]
    keep = (image >= 0) & (text.category_row >= 0)
    class_of_row = np.array([_class_id(found, c) for c in text.categories], np.int64)
    boxes = text.boxes_xywh[keep]
    found.add_boxes(
        image[keep],
        class_of_row[text.category_row[keep]],
        np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1),
        source=file.source,
        place=text.number[keep],
        is_crowd=text.is_crowd[keep],
    )


def _class_id(found: Annotations, category: CocoCategory) -> int:
    """The dense id; -1 for a phantom, which has no boxes."""
    return found.class_names.index(category.name) if category.name in found.class_names else -1
