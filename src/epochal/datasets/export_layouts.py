"""Which files a format consists of, and where they lie: one layout for each format that can be written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from epochal.boxes import cxcywh_norm_from_xyxy
from epochal.datasets.dataset import Image
from epochal.datasets.formats.coco import CocoImage, iter_coco
from epochal.datasets.formats.createml import format_createml
from epochal.datasets.formats.cvat import format_cvat
from epochal.datasets.formats.keras_yolo import format_keras_yolo
from epochal.datasets.formats.labelstudio import format_labelstudio
from epochal.datasets.formats.record import Box, Record, RecordBox
from epochal.datasets.formats.shapes import format_labelme, format_via
from epochal.datasets.formats.table import format_one_hot, format_table
from epochal.datasets.formats.tfrecord import format_label_map, format_record
from epochal.datasets.formats.voc import VocAnnotation, VocObject, format_voc
from epochal.datasets.formats.yolo import format_data_yaml, format_yolo
from epochal.datasets.pictures import read_bytes

FOLDERS = {"train": "train", "val": "valid", "test": "test"}  # of each split
Content = str | Path | Iterator[str] | Iterator[bytes]  # a Path: a copy of that file
Files = Iterator[tuple[str, Content]]


@dataclass(frozen=True)
class OutImage:
    """An image as it is written; `boxes` are (class_id, class_name, corners in pixels, is_crowd)."""

    image: Image
    file_name: str
    boxes: tuple[tuple[int, str, Box, bool], ...]

    @property
    def stem(self) -> str:
        """The file name without its ending."""
        return PurePosixPath(self.file_name).stem

    def record(self) -> Record:
        """As the smaller formats want it."""
        boxes = tuple(RecordBox(place, name, box) for place, (_, name, box, _) in enumerate(self.boxes, 1))
        return Record(self.file_name, boxes, self.image.image_wh)


@dataclass(frozen=True)
class OutSplit:
    """A split as it is written; images are made as they are asked for, so that a million boxes need no room.

    Attributes:
        folder: "" when nothing is published.
        split: None when nothing is published.
        rows: each image and its file name.
        class_names: of the dataset.
        keeps_crowds: whether the format can mark them.
    """

    folder: str
    split: str | None
    rows: Sequence[tuple[Image, str]]
    class_names: Sequence[str]
    keeps_crowds: bool

    @property
    def labelled(self) -> Iterator[OutImage]:
        """The images that annotations speak of."""
        return (self._out(image, file_name) for image, file_name in self.rows if image.labelled)

    def _out(self, image: Image, file_name: str) -> OutImage:
        rows = zip(image.boxes_xyxy.tolist(), image.class_id.tolist(), image.is_crowd.tolist(), strict=True)
        names, keeps = self.class_names, self.keeps_crowds
        boxes = tuple((c, names[c], (b[0], b[1], b[2], b[3]), k) for b, c, k in rows if keeps or not k)
        return OutImage(image, file_name, boxes)

    def path(self, name: str) -> str:
        """A file of this split."""
        return f"{self.folder}/{name}" if self.folder else name


@dataclass(frozen=True)
class Origin:
    """Whose data it is, for the formats that say so.

    Attributes:
        is_ready: for clients that rewrite data.yaml: it names all three splits, with the dots that they strip.
        group: the name of all classes together, such as "cells".
        yaml: what stands in data.yaml beside the classes.
        head: `info` and `licenses` of COCO.
    """

    is_ready: bool = False
    group: str = ""
    yaml: Mapping[str, object] = field(default_factory=dict)
    head: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """A format.

    Attributes:
        files: the annotation files, path and content.
        image_folder: where images lie, by the split's folder; None where `files` hold them.
    """

    files: Callable[[Sequence[OutSplit], Sequence[str], Origin], Files]
    image_folder: Callable[[str], str] | None = lambda folder: folder


@dataclass(frozen=True)
class _CocoRows:
    """Images and boxes of a split, which can be gone through again."""

    split: OutSplit

    def __iter__(self) -> Iterator[tuple[CocoImage, list[tuple[int, Box, bool]]]]:
        for out in self.split.labelled:
            boxes = [(c, (b[0], b[1], b[2] - b[0], b[3] - b[1]), crowd) for c, _, b, crowd in out.boxes]
            yield CocoImage(0, out.file_name, out.image.image_wh, out.image.tags), boxes


def _coco(splits: Sequence[OutSplit], class_names: Sequence[str], origin: Origin) -> Files:
    for split in splits:
        text = iter_coco(_CocoRows(split), class_names, origin.head, origin.group)
        yield split.path("_annotations.coco.json"), text


def _voc(splits: Sequence[OutSplit], class_names: Sequence[str], origin: Origin) -> Files:
    for split in splits:
        for out in split.labelled:
            objects = tuple(VocObject(i, name, box) for i, (_, name, box, _) in enumerate(out.boxes, 1))
            text = format_voc(VocAnnotation(out.file_name, out.image.image_wh, objects))
            yield split.path(f"{out.stem}.xml"), text


def _yolo_text(out: OutImage) -> str:
    rows = cxcywh_norm_from_xyxy([box for _, _, box, _ in out.boxes], out.image.image_wh).tolist()
    return format_yolo([class_id for class_id, *_ in out.boxes], rows)


def _yolo(splits: Sequence[OutSplit], class_names: Sequence[str], origin: Origin) -> Files:
    folders = {s.split: s.path("images") for s in splits if s.split}
    if origin.is_ready:
        folders = {split: f"../{folder}/images" for split, folder in FOLDERS.items()}
    yield "data.yaml", format_data_yaml(class_names, folders, origin.yaml)
    for split in splits:
        for out in split.labelled:
            yield split.path(f"labels/{out.stem}.txt"), _yolo_text(out)


def _mt_yolov6(splits: Sequence[OutSplit], class_names: Sequence[str], origin: Origin) -> Files:
    images, labels = _below("images"), _below("labels")
    folders = {s.split: f"./{images(s.folder)}" for s in splits if s.split}
    if origin.is_ready:
        folders = {split: f"./images/{folder}" for split, folder in FOLDERS.items()}
    yield "data.yaml", format_data_yaml(class_names, folders, origin.yaml)
    for split in splits:
        for out in split.labelled:
            yield f"{labels(split.folder)}/{out.stem}.txt", _yolo_text(out)


def _darknet(splits: Sequence[OutSplit], class_names: Sequence[str], origin: Origin) -> Files:
    for split in splits:
        yield split.path("_darknet.labels"), _lines(class_names)
        for out in split.labelled:
            yield split.path(f"{out.stem}.txt"), _yolo_text(out)


def _keras_yolo(splits: Sequence[OutSplit], class_names: Sequence[str], origin: Origin) -> Files:
    for split in splits:
        yield split.path("_classes.txt"), _lines(class_names)
        yield split.path("_annotations.txt"), format_keras_yolo((i.record() for i in split.labelled), class_names)


def _labelme(splits: Sequence[OutSplit], class_names: Sequence[str], origin: Origin) -> Files:
    for split in splits:
        for out in split.labelled:
            yield split.path(f"{out.stem}.json"), format_labelme(out.record())


def _retinanet(splits: Sequence[OutSplit], class_names: Sequence[str], origin: Origin) -> Files:
    for split in splits:
        yield split.path("_classes.csv"), "".join(f"{name},{i}\n" for i, name in enumerate(class_names))
        yield split.path("_annotations.csv"), format_table((i.record() for i in split.labelled), "retinanet")


def _one_hot(splits: Sequence[OutSplit], class_names: Sequence[str], origin: Origin) -> Files:
    for split in splits:
        rows = ((out.file_name, (c for c, *_ in out.boxes)) for out in split.labelled)
        yield split.path("_classes.csv"), format_one_hot(rows, class_names)


def _tfrecord(splits: Sequence[OutSplit], class_names: Sequence[str], origin: Origin) -> Files:
    stem = "-".join(origin.group.split()).replace("/", "-") or "objects"
    for split in splits:
        yield split.path(f"{stem}_label_map.pbtxt"), format_label_map(class_names)
        yield split.path(f"{stem}.tfrecord"), _records(split)


def _records(split: OutSplit) -> Iterator[bytes]:
    for out in split.labelled:
        suffix = out.image.path.suffix.lower().removeprefix(".")
        kind = {"jpg": "jpeg", "jpe": "jpeg", "jfif": "jpeg", "tif": "tiff"}.get(suffix, suffix)
        yield format_record(out.record(), read_bytes(out.image.path), kind, [c for c, *_ in out.boxes])


def _folders(splits: Sequence[OutSplit], class_names: Sequence[str], origin: Origin) -> Files:
    """A folder for each class with the images that show it, for classifiers."""
    for split in splits:
        for out in split.labelled:
            for name in sorted({name for _, name, _, _ in out.boxes}):
                yield split.path(f"{_folder_name(name)}/{out.file_name}"), out.image.path


def _clip(splits: Sequence[OutSplit], class_names: Sequence[str], origin: Origin) -> Files:
    group = f" from the {origin.group} dataset" if origin.group else ""
    for split in splits:
        lines = (f"An example picture{group} depicting a {name}\n" for name in class_names)
        yield split.path("_tokenization.txt"), "".join(lines)
    yield from _folders(splits, class_names, origin)


def _folder_name(class_name: str) -> str:
    return "".join("_" if sign in '\\/:*?"<>|' or ord(sign) < 32 else sign for sign in class_name).strip(". ") or "_"


def _one_file(
    name: str, write: Callable[[Iterator[Record]], str]
) -> Callable[[Sequence[OutSplit], Sequence[str], Origin], Files]:
    """The files of a layout with one for each split, written from records."""

    def files(splits: Sequence[OutSplit], class_names: Sequence[str], origin: Origin) -> Files:
        for split in splits:
            yield split.path(name), write(out.record() for out in split.labelled)

    return files


def _lines(names: Sequence[str]) -> str:
    return "".join(" ".join(name.split()) + "\n" for name in names)


def _in_images(folder: str) -> str:
    return f"{folder}/images" if folder else "images"


def _below(parent: str) -> Callable[[str], str]:
    return lambda folder: f"{parent}/{folder}" if folder else parent


EXPORTS: dict[str, Layout] = {
    "coco": Layout(_coco),
    "voc": Layout(_voc),
    "yolo": Layout(_yolo, _in_images),
    "mt-yolov6": Layout(_mt_yolov6, _below("images")),
    "darknet": Layout(_darknet),
    "createml": Layout(_one_file("_annotations.createml.json", format_createml)),
    "tensorflow": Layout(_one_file("_annotations.csv", lambda r: format_table(r, "tensorflow"))),
    "tfrecord": Layout(_tfrecord, None),
    "retinanet": Layout(_retinanet),
    "vott": Layout(_one_file("_annotations.csv", lambda r: format_table(r, "vott"))),
    "keras-yolo": Layout(_keras_yolo),
    "labelstudio": Layout(_one_file("_annotations.labelstudio.json", format_labelstudio)),
    "cvat": Layout(_one_file("annotations.xml", format_cvat)),
    "labelme": Layout(_labelme),
    "via": Layout(_one_file("via_region_data.json", format_via)),
}

# What trainers and the clients of labeling services download, by the names that they ask for.
READY: dict[str, Layout] = {
    **{name: EXPORTS[name] for name in ("coco", "voc", "mt-yolov6", "darknet", "createml", "tensorflow")},
    **dict.fromkeys(
        ("yolov5pytorch", "yolov7pytorch", "yolov8", "yolov9", "yolov10", "yolov11", "yolov12", "yolo26"),
        EXPORTS["yolo"],
    ),
    "tfrecord": EXPORTS["tfrecord"],
    "retinanet": EXPORTS["retinanet"],
    "multiclass": Layout(_one_hot),
    "yolokeras": EXPORTS["keras-yolo"],
    "clip": Layout(_clip, None),
    "folder": Layout(_folders, None),
}
