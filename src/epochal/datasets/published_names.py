"""What a dataset's own annotation files call its images and classes, for results that others will judge.

A judge holds the published files, not ours: COCO's knows `file_name`, the image's id and the category's id of the JSON
text; Pascal VOC's, CSV's and YOLO's know the picture's file name.
"""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from epochal.datasets.dataset import Dataset, Image
from epochal.datasets.folder import Folder, split_of_folders, split_of_word
from epochal.datasets.formats.coco import CocoText, looks_like_coco, parse_coco

Id = int | str


@dataclass(frozen=True)
class PublishedNames:
    """Names and ids for results.

    Attributes:
        file_names: one for each image, no two alike.
        image_ids: one for each image, no two alike.
        category_ids: one for each class.
    """

    file_names: tuple[str, ...]
    image_ids: tuple[Id, ...]
    category_ids: tuple[Id, ...]


def read_published_names(dataset: Dataset, images: Sequence[Image]) -> PublishedNames:
    """Name images and classes as the dataset's own files do.

    - COCO: `file_name`, image id and category id as in the JSON text.
    - Else: the picture's file name without folders; images numbered from 1 in their order, categories from 1.
    - File names that would not be unique among these images: the path below the dataset's root, for all of them.

    Args:
        dataset: as opened.
        images: those that the results will be about.
    """
    texts = _read_texts(Folder(dataset.root)) if dataset.format == "coco" else []
    entries = _entries(Folder(dataset.root), texts) if texts else {}
    written = [entries[image.name][0] if image.name in entries else posixpath.basename(image.name) for image in images]
    file_names = written if len(set(written)) == len(written) else [image.name for image in images]
    ids = [entries[image.name][1] for image in images if image.name in entries]
    whole = len(ids) == len(images) and len(set(ids)) == len(ids)
    category_id = {c.name: c.id for _, text in reversed(texts) for c in text.categories if isinstance(c.id, int | str)}
    known = all(name in category_id for name in dataset.class_names)
    return PublishedNames(
        tuple(file_names),
        tuple(ids) if whole else tuple(range(1, len(images) + 1)),
        tuple(category_id[name] for name in dataset.class_names)
        if known and texts
        else tuple(range(1, len(dataset.class_names) + 1)),
    )


def _read_texts(folder: Folder) -> list[tuple[str, CocoText]]:
    """The COCO texts of a folder, in the importer's order: those that speak of a split, then those with more boxes."""
    texts = []
    for name in folder.with_suffix(".json"):
        data = folder.read(name)
        try:
            text = parse_coco(data) if looks_like_coco(data) else None
        except ValueError:
            continue  # the importer has told of it
        if text is not None:
            texts.append((name, text))
    texts.sort(key=lambda pair: (_speaks_of_split(pair[0]), -len(pair[1].boxes_xywh)))
    return texts


def _speaks_of_split(name: str) -> bool:
    stem = posixpath.splitext(posixpath.basename(name))[0]
    return (split_of_word(stem) or split_of_folders(name)) is None


def _entries(folder: Folder, texts: list[tuple[str, CocoText]]) -> dict[str, tuple[str, Id]]:
    """{image name: (file_name, id)} by the first text that lists the image with an id."""
    entries: dict[str, tuple[str, Id]] = {}
    for name, text in texts:
        for image in text.images:
            found = folder.find_image(image.file_name, posixpath.dirname(name)) if image.file_name else None
            if found is not None and isinstance(image.id, int | str):
                entries.setdefault(found, (image.file_name, image.id))
    return entries
