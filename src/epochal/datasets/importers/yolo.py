"""YOLO: a label text for each image, beside it or in a parallel folder; `data.yaml` or `obj.data` if there is one."""

import posixpath

from epochal.datasets.annotations import Annotations
from epochal.datasets.folder import Folder, pair_up, split_of_word
from epochal.datasets.formats.yolo import (
    YoloConfig,
    YoloText,
    parse_data_yaml,
    parse_names,
    parse_obj_data,
    parse_yolo,
)

_NAME_FILES = ("classes.txt", "obj.names", "_darknet.labels", "class.names", "classes.names", "names.txt", "labels.txt")
_NO_LABELS = frozenset(("classes.txt", "names.txt", "labels.txt", "requirements.txt", "readme.txt", "license.txt"))


def import_yolo(folder: Folder) -> Annotations:
    """Read all YOLO label texts of a folder."""
    found = Annotations("yolo", normalised=True)
    configs = _read_configs(found, folder)
    config, where = configs[0] if configs else (None, "")
    names = _class_names(folder, config, where)
    joined = _Joined(names, configs)
    _read_labels(found, folder, joined, config.keypoint_numbers if config is not None else 0)
    if not found.sources:
        return found
    for one, its_folder in configs if joined.is_several else configs[:1]:
        _read_splits(found, folder, one, its_folder)
    names = joined.names
    if joined.is_several:
        found.notes.append(
            f"{len(joined.folders)} configurations name classes, each for its own folder; classes are joined by name."
        )
    if not names:
        count = max((int(i) for i in found.class_id), default=-1) + 1
        names = tuple(f"class_{i}" for i in range(min(count, 10_000)))
        if names:
            found.findings.add(
                "class_names_missing", "mended", f"no data.yaml and no classes.txt; named {names[0]} to {names[-1]}"
            )
    found.set_class_names(names)
    return found


class _Joined:
    """The classes of several configurations that stand in folders of their own: ids mean something else in each.

    Attributes:
        names: of all, those of the first configuration first.
        folders: {folder: the ids in `names` of the classes that its configuration lists}.
        is_several: whether there is more than one list of classes.
    """

    def __init__(self, names: tuple[str, ...], configs: list[tuple[YoloConfig, str]]) -> None:
        own = {where: config.class_names for config, where in reversed(configs) if config.class_names}
        self.is_several = len(set(own.values())) > 1
        all_names = list(names)
        for listed in own.values() if self.is_several else ():
            all_names += [name for name in listed if name not in all_names]
        self.names = tuple(all_names)
        self.folders = {where: [all_names.index(name) for name in listed] for where, listed in own.items()}

    def ids_of(self, label_file: str) -> list[int] | None:
        """What the class ids of a label file mean in `names`; None: as they stand."""
        if not self.is_several:
            return None
        near = posixpath.dirname(label_file)
        while near not in self.folders and near:
            near = posixpath.dirname(near)
        return self.folders.get(near)


def _read_configs(found: Annotations, folder: Folder) -> list[tuple[YoloConfig, str]]:
    """The dataset's configurations and the folder that each stands in; the one nearest to the root first."""
    names = sorted(folder.with_suffix(".yaml", ".yml", ".data"), key=lambda n: (n.count("/"), "data" not in n, n))
    configs: list[tuple[YoloConfig, str]] = []
    for name in names:
        text = folder.read_text(name)
        try:
            config = parse_obj_data(text) if name.endswith(".data") else parse_data_yaml(text)
        except ValueError as error:
            if not configs:
                found.findings.add("unreadable_annotation", "skipped", f"{name}: {error}")
            continue
        if config is not None:
            configs.append((config, posixpath.dirname(name)))
    return configs


def _class_names(folder: Folder, config: YoloConfig | None, where: str) -> tuple[str, ...]:
    if config is not None and config.class_names:
        return config.class_names
    wanted = [posixpath.basename(config.names_file.replace("\\", "/"))] if config and config.names_file else []
    by_name = {posixpath.basename(name).casefold(): name for name in reversed(folder.files)}
    for short in (*wanted, *_NAME_FILES):
        if short.casefold() in by_name:
            return parse_names(folder.read_text(by_name[short.casefold()]))
    count = config.class_count if config is not None else 0
    return tuple(f"class_{i}" for i in range(count))


def _read_labels(found: Annotations, folder: Folder, classes: _Joined, keypoint_numbers: int) -> None:
    texts: dict[str, YoloText] = {}
    pairs: list[tuple[str, str]] = []
    for name in folder.with_suffix(".txt"):
        near, short = posixpath.split(name)
        if short.casefold() in _NO_LABELS or "ImageSets" in near.split("/"):
            continue
        text = parse_yolo(folder.read_text(name), () if classes.is_several else classes.names, keypoint_numbers)
        # A text of which no line is a label is a text about something else: a list, a licence.
        if text.bad_lines and not text.lines:
            continue
        image_name = _image_of(folder, name)
        if image_name is not None:
            folder.claimed.add(name)
            ids = classes.ids_of(name)
            if ids is not None:  # beyond them is beyond all classes
                text.class_ids = [ids[i] if 0 <= i < len(ids) else len(classes.names) + i for i in text.class_ids]
            texts[name] = text
            pairs.append((name, image_name))
        elif text.lines:
            found.add_source(name)
            found.findings.add("annotation_without_image", "skipped", f"{name}: no image of that name")
    # what is compared is where an image lies and where a label would lie beside it
    chosen, left_over = pair_up((_beside_images(name), image) for name, image in pairs)
    label_of = {_beside_images(name): name for name, _ in reversed(pairs)}
    for beside, image_name in chosen.items():
        _add(found, label_of[beside], image_name, texts[label_of[beside]])
    for beside, image_name in left_over:
        example = f"{label_of[beside]}: {image_name} has another file nearer to it"
        found.findings.add("image_annotated_twice", "skipped", example, image=image_name)


def _beside_images(name: str) -> str:
    """The path of a label file with `images` for `labels`."""
    return "/".join("images" if part.casefold() == "labels" else part for part in name.split("/"))


def _add(found: Annotations, name: str, image_name: str, text: YoloText) -> None:
    source = found.add_source(name)
    image = found.add_image(image_name)
    for class_id, box, line in zip(text.class_ids, text.boxes_xyxy_norm, text.lines, strict=True):
        found.add_box(image, class_id, box, source=source, place=line)
    for finding_id, action, lines in (
        ("polygon_as_box", "mended", ((n, " is a polygon; its bounding box is used") for n in text.polygons)),
        ("confidence_in_label", "note", ((n, " has a sixth number, which is left out") for n in text.with_confidence)),
        ("keypoints_in_label", "note", ((n, " has key points, which are left out") for n in text.with_keypoints)),
        ("comma_for_point", "mended", ((n, " has commas in or between its numbers") for n in text.with_commas)),
        ("bad_label_line", "skipped", ((n, f": {t!r}; expected class cx cy w h") for n, t in text.bad_lines)),
    ):
        for line, what in lines:
            found.findings.add(finding_id, action, f"{name} line {line}{what}", image=image_name)


def _image_of(folder: Folder, name: str) -> str | None:
    """The picture of a label file: the same path with `images` for `labels`, else the nearest of the same stem."""
    near, short = posixpath.split(_beside_images(name))
    return folder.find_image(posixpath.splitext(short)[0], near)


def _read_splits(found: Annotations, folder: Folder, config: YoloConfig, where: str) -> None:
    """Take splits from the folders and lists that the configuration names; folders may say them by their names too."""
    split_of: dict[str, str] = {}
    for split, paths in config.splits.items():
        found.promised_splits[split] = "the dataset's configuration"
        for path in paths:
            # `val: images/train` is common where there is no val; the first split that names an image keeps it
            for name in _images_of_path(found, folder, split, path, (config.path, where)):
                split_of.setdefault(name, split)
    for name, split in split_of.items():
        found.add_image(name, split=split, labelled=False)


def _images_of_path(
    found: Annotations, folder: Folder, split: str, written: str, roots: tuple[str, str]
) -> tuple[str, ...]:
    """Pictures that a path of the configuration means.

    Paths are often of another machine or off by "../": the longest end of the path that exists is taken, as long as
    it still holds the word for the split.
    """
    root, where = roots
    parts = [part for part in written.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    exact = {posixpath.normpath(posixpath.join(where, start, written)) for start in (root, "")}
    exact.add(posixpath.normpath(written))  # darknet's are relative to where it is started
    ends = ["/".join(parts[i:]) for i in range(len(parts)) if i == 0 or split_of_word(parts[i - 1]) is None]
    for candidate in [*sorted(exact, key=len, reverse=True), posixpath.join(where, *parts), *ends]:
        images = _images_below(folder, candidate)
        if images is not None:
            if candidate not in exact:
                found.findings.add(
                    "split_folder_missing", "mended", f"{split}: {written} does not exist; {candidate} is used"
                )
            return images
    found.findings.add("split_folder_missing", "note", f"{split}: {written} does not exist")
    return ()


def _images_below(folder: Folder, candidate: str) -> tuple[str, ...] | None:
    if candidate in folder.files:
        near = posixpath.dirname(candidate)
        lines = [line.strip() for line in folder.read_text(candidate).splitlines() if line.strip()]
        listed = (folder.find_image(line, near) for line in lines)
        return tuple(image for image in listed if image is not None)
    if candidate == ".":
        return folder.images
    if candidate in folder.folders:
        return tuple(name for name in folder.images if name.startswith(candidate + "/"))
    return None
