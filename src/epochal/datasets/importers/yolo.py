"""YOLO: a label text for each image, beside it or in a parallel folder; `data.yaml` or `obj.data` if there is one."""

import posixpath

from epochal.datasets.annotations import Annotations
from epochal.datasets.folder import Folder
from epochal.datasets.formats.yolo import (
    YoloConfig,
    YoloText,
    parse_data_yaml,
    parse_names,
    parse_obj_data,
    parse_yolo,
)

_NAME_FILES = ("classes.txt", "obj.names", "_darknet.labels", "class.names", "classes.names", "names.txt", "labels.txt")
_NO_LABELS = frozenset(("classes.txt", "names.txt", "requirements.txt", "readme.txt", "license.txt"))


def import_yolo(folder: Folder) -> Annotations | None:
    """Read all YOLO label texts of a folder; None when there is none."""
    found = Annotations("yolo", normalised=True)
    config, where = _read_config(found, folder)
    for name in folder.with_suffix(".txt"):
        _read_labels(found, folder, name)
    if not found.sources:
        return None
    if config is not None:
        _read_splits(found, folder, config, where)
    names = _class_names(folder, config, where)
    if not names:
        count = max((int(i) for i in found.class_id), default=-1) + 1
        names = tuple(f"class_{i}" for i in range(min(count, 10_000)))
        if names:
            found.findings.add(
                "class_names_missing", "mended", f"no data.yaml and no classes.txt; named {names[0]} to {names[-1]}"
            )
    found.set_class_names(names)
    return found


def _read_config(found: Annotations, folder: Folder) -> tuple[YoloConfig | None, str]:
    """The dataset's configuration and the folder that it stands in; of several, the one nearest to the root."""
    names = sorted(folder.with_suffix(".yaml", ".yml", ".data"), key=lambda n: (n.count("/"), "data" not in n, n))
    for name in names:
        text = folder.read_text(name)
        try:
            config = parse_obj_data(text) if name.endswith(".data") else parse_data_yaml(text)
        except ValueError as error:
            found.findings.add("unreadable_annotation", "skipped", f"{name}: {error}")
            continue
        if config is not None:
            return config, posixpath.dirname(name)
    return None, ""


def _class_names(folder: Folder, config: YoloConfig | None, where: str) -> tuple[str, ...]:
    if config is not None and config.class_names:
        return config.class_names
    wanted = [posixpath.basename(config.names_file.replace("\\", "/"))] if config and config.names_file else []
    by_name = {posixpath.basename(name): name for name in reversed(folder.files)}
    for short in (*wanted, *_NAME_FILES):
        if short in by_name:
            return parse_names(folder.read_text(by_name[short]))
    count = config.class_count if config is not None else 0
    return tuple(f"class_{i}" for i in range(count))


def _read_labels(found: Annotations, folder: Folder, name: str) -> None:
    near, short = posixpath.split(name)
    if short in _NO_LABELS or "ImageSets" in near.split("/"):
        return
    text = parse_yolo(folder.read_text(name))
    # A text of which no line is a label is a text about something else: a list, a licence.
    if text.bad_lines and not text.lines:
        return
    image_name = _image_of(folder, name)
    if image_name is None:
        if text.lines:
            found.add_source(name)
            found.findings.add("annotation_without_image", "skipped", f"{name}: no image of that name")
        return
    source = found.add_source(name)
    image = found.add_image(image_name)
    for class_id, box, line in zip(text.class_ids, text.boxes_xyxy_norm, text.lines, strict=True):
        found.add_box(image, class_id, box, source=source, place=line)
    _note_oddities(found, name, text)


def _note_oddities(found: Annotations, name: str, text: YoloText) -> None:
    for line in text.polygons:
        found.findings.add("polygon_as_box", "mended", f"{name} line {line} is a polygon; its bounding box is used")
    for line in text.with_confidence:
        found.findings.add("confidence_in_label", "note", f"{name} line {line} has a sixth number, which is left out")
    for line, content in text.bad_lines:
        found.findings.add("bad_label_line", "skipped", f"{name} line {line}: {content!r}; expected class cx cy w h")


def _image_of(folder: Folder, name: str) -> str | None:
    """The picture of a label file: the same path with `images` for `labels`, else the nearest of the same stem."""
    near, short = posixpath.split(name)
    parts = ["images" if part.casefold() == "labels" else part for part in near.split("/")]
    return folder.find_image(posixpath.splitext(short)[0], "/".join(parts))


def _read_splits(found: Annotations, folder: Folder, config: YoloConfig, where: str) -> None:
    """Take splits from the folders and lists that the configuration names; folders may say them by their names too."""
    split_of: dict[str, str] = {}
    for split, paths in config.splits.items():
        for path in paths:
            images = _images_below(folder, path, config.path, where)
            if images is None:
                found.findings.add("split_folder_missing", "note", f"{split}: {path} does not exist")
            # `val: images/train` is common where there is no val; the first split that names an image keeps it
            for name in images or ():
                split_of.setdefault(name, split)
    for name, split in split_of.items():
        found.add_image(name, split=split, labelled=False)


def _images_below(folder: Folder, written: str, root: str, where: str) -> list[str] | None:
    """Pictures that a path of the configuration means; None when it leads nowhere.

    Paths are often of another machine or off by "../": the longest end of the path that exists is taken.
    """
    plain = written.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".", "..")]
    starts = [
        posixpath.normpath(posixpath.join(where, root, *parts)),
        posixpath.normpath(posixpath.join(where, *parts)),
    ]
    tails = ["/".join(parts[i:]) for i in range(len(parts))]
    for candidate in [*starts, *tails]:
        if candidate in folder.files and candidate.endswith(".txt"):
            return _listed(folder, candidate)
        inside = [name for name in folder.images if name.startswith(candidate + "/")] if candidate != "." else []
        if inside:
            return inside
    return None if parts else list(folder.images)


def _listed(folder: Folder, name: str) -> list[str]:
    near = posixpath.dirname(name)
    found = (folder.find_image(line, near) for line in folder.read_text(name).splitlines() if line.strip())
    return [image for image in found if image is not None]
