"""Which files a format consists of, and where they lie: one layout for each format that can be written."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from epochal.boxes import cxcywh_norm_from_xyxy
from epochal.datasets.dataset import Image
from epochal.datasets.formats.coco import CocoImage, format_coco
from epochal.datasets.formats.createml import format_createml
from epochal.datasets.formats.cvat import format_cvat
from epochal.datasets.formats.keras_yolo import format_keras_yolo
from epochal.datasets.formats.labelstudio import format_labelstudio
from epochal.datasets.formats.record import Box, Record, RecordBox
from epochal.datasets.formats.shapes import format_labelme, format_via
from epochal.datasets.formats.table import format_table
from epochal.datasets.formats.voc import VocAnnotation, VocObject, format_voc
from epochal.datasets.formats.yolo import format_data_yaml, format_yolo

Files = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class OutImage:
    """An image as it is written; `boxes` are (class_id, class_name, corners in pixels, is_crowd)."""

    source: Path
    file_name: str
    image_wh: tuple[int, int]
    labelled: bool
    boxes: tuple[tuple[int, str, Box, bool], ...]

    @classmethod
    def of(cls, image: Image, file_name: str, class_names: Sequence[str], *, keeps_crowds: bool) -> "OutImage":
        """From an image of a dataset."""
        rows = zip(image.boxes_xyxy.tolist(), image.class_id.tolist(), image.is_crowd.tolist(), strict=True)
        boxes = tuple((c, class_names[c], (b[0], b[1], b[2], b[3]), k) for b, c, k in rows if keeps_crowds or not k)
        return cls(image.path, file_name, image.image_wh, image.labelled, boxes)

    @property
    def stem(self) -> str:
        """The file name without its ending."""
        return PurePosixPath(self.file_name).stem

    def record(self) -> Record:
        """As the smaller formats want it."""
        boxes = tuple(RecordBox(place, name, box) for place, (_, name, box, _) in enumerate(self.boxes, 1))
        return Record(self.file_name, boxes, self.image_wh)


@dataclass(frozen=True)
class OutSplit:
    """A split as it is written; `folder` is "" when nothing is published, `split` None then."""

    folder: str
    split: str | None
    images: list[OutImage]

    @property
    def labelled(self) -> list[OutImage]:
        """The images that annotations speak of."""
        return [image for image in self.images if image.labelled]

    def path(self, name: str) -> str:
        """A file of this split."""
        return f"{self.folder}/{name}" if self.folder else name


@dataclass(frozen=True)
class Layout:
    """Where a format's images lie, by the split's folder, and which annotation files it has, path and text."""

    image_folder: Callable[[str], str]
    annotation_files: Callable[[list[OutSplit], Sequence[str]], Files]


def _coco(splits: list[OutSplit], class_names: Sequence[str]) -> Files:
    for split in splits:
        images = [CocoImage(0, image.file_name, image.image_wh) for image in split.labelled]
        boxes = [
            [(c, (b[0], b[1], b[2] - b[0], b[3] - b[1]), crowd) for c, _, b, crowd in image.boxes]
            for image in split.labelled
        ]
        yield split.path("_annotations.coco.json"), format_coco(images, class_names, boxes)


def _voc(splits: list[OutSplit], class_names: Sequence[str]) -> Files:
    for split in splits:
        for image in split.labelled:
            objects = tuple(VocObject(i, name, box) for i, (_, name, box, _) in enumerate(image.boxes, 1))
            yield split.path(f"{image.stem}.xml"), format_voc(VocAnnotation(image.file_name, image.image_wh, objects))


def _yolo_text(image: OutImage) -> str:
    rows = cxcywh_norm_from_xyxy([box for _, _, box, _ in image.boxes], image.image_wh).tolist()
    return format_yolo([class_id for class_id, *_ in image.boxes], rows)


def _yolo(splits: list[OutSplit], class_names: Sequence[str]) -> Files:
    yield "data.yaml", format_data_yaml(class_names, {s.split: s.path("images") for s in splits if s.split})
    for split in splits:
        for image in split.labelled:
            yield split.path(f"labels/{image.stem}.txt"), _yolo_text(image)


def _mt_yolov6(splits: list[OutSplit], class_names: Sequence[str]) -> Files:
    images, labels = _below("images"), _below("labels")
    yield "data.yaml", format_data_yaml(class_names, {s.split: f"./{images(s.folder)}" for s in splits if s.split})
    for split in splits:
        for image in split.labelled:
            yield f"{labels(split.folder)}/{image.stem}.txt", _yolo_text(image)


def _darknet(splits: list[OutSplit], class_names: Sequence[str]) -> Files:
    for split in splits:
        yield split.path("_darknet.labels"), _lines(class_names)
        for image in split.labelled:
            yield split.path(f"{image.stem}.txt"), _yolo_text(image)


def _keras_yolo(splits: list[OutSplit], class_names: Sequence[str]) -> Files:
    for split in splits:
        yield split.path("_classes.txt"), _lines(class_names)
        yield split.path("_annotations.txt"), format_keras_yolo((i.record() for i in split.labelled), class_names)


def _labelme(splits: list[OutSplit], class_names: Sequence[str]) -> Files:
    for split in splits:
        for image in split.labelled:
            yield split.path(f"{image.stem}.json"), format_labelme(image.record())


def _retinanet(splits: list[OutSplit], class_names: Sequence[str]) -> Files:
    for split in splits:
        yield split.path("_classes.csv"), "".join(f"{name},{i}\n" for i, name in enumerate(class_names))
        yield split.path("_annotations.csv"), format_table((i.record() for i in split.labelled), "retinanet")


def _one_file(name: str, write: Callable[[Iterator[Record]], str]) -> Callable[[list[OutSplit], Sequence[str]], Files]:
    """A layout of one file for each split, written from records."""

    def files(splits: list[OutSplit], class_names: Sequence[str]) -> Files:
        for split in splits:
            yield split.path(name), write(image.record() for image in split.labelled)

    return files


def _lines(names: Sequence[str]) -> str:
    return "".join(" ".join(name.split()) + "\n" for name in names)


def _beside(folder: str) -> str:
    return folder


def _in_images(folder: str) -> str:
    return f"{folder}/images" if folder else "images"


def _below(parent: str) -> Callable[[str], str]:
    return lambda folder: f"{parent}/{folder}" if folder else parent


EXPORTS: dict[str, Layout] = {
    "coco": Layout(_beside, _coco),
    "voc": Layout(_beside, _voc),
    "yolo": Layout(_in_images, _yolo),
    "mt-yolov6": Layout(_below("images"), _mt_yolov6),
    "darknet": Layout(_beside, _darknet),
    "createml": Layout(_beside, _one_file("_annotations.createml.json", format_createml)),
    "tensorflow": Layout(_beside, _one_file("_annotations.csv", lambda r: format_table(r, "tensorflow"))),
    "retinanet": Layout(_beside, _retinanet),
    "vott": Layout(_beside, _one_file("_annotations.csv", lambda r: format_table(r, "vott"))),
    "keras-yolo": Layout(_beside, _keras_yolo),
    "labelstudio": Layout(_beside, _one_file("_annotations.labelstudio.json", format_labelstudio)),
    "cvat": Layout(_beside, _one_file("annotations.xml", format_cvat)),
    "labelme": Layout(_beside, _labelme),
    "via": Layout(_beside, _one_file("via_region_data.json", format_via)),
}
