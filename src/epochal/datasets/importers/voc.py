"""Pascal VOC: XML texts anywhere, splits from `ImageSets` where there are some."""

import posixpath

from epochal.datasets.annotations import Annotations
from epochal.datasets.folder import Folder, pair_up
from epochal.datasets.formats.voc import VocAnnotation, parse_voc


def import_voc(folder: Folder) -> Annotations:
    """Read all VOC texts of a folder."""
    found = Annotations("voc", "object")
    texts: dict[str, VocAnnotation] = {}
    pairs: list[tuple[str, str]] = []
    plain = [name for name in folder.with_suffix("") if folder.read_head(name).lstrip().startswith(b"<annotation")]
    for name in (*folder.with_suffix(".xml"), *plain):
        try:
            annotation = parse_voc(folder.read_text(name))
        except ValueError as error:
            found.findings.add("unreadable_annotation", "skipped", f"{name}: {error}")
            continue
        if annotation is None:
            continue
        folder.claimed.add(name)
        image_name = _image_of(folder, name, annotation.filename)
        if image_name is None:
            found.add_source(name)
            written = annotation.filename or "(no filename)"
            found.findings.add("annotation_without_image", "skipped", f"{name}: no image {written}")
        else:
            texts[name] = annotation
            pairs.append((name, image_name))
    chosen, left_over = pair_up(pairs)
    for name, image_name in chosen.items():
        _add(found, name, image_name, texts[name])
    for name, image_name in left_over:
        example = f"{name}: {image_name} has another file nearer to it"
        found.findings.add("image_annotated_twice", "skipped", example, image=image_name)
    _read_image_sets(found, folder)
    found.sort_classes()
    return found


def _add(found: Annotations, name: str, image_name: str, annotation: VocAnnotation) -> None:
    source = found.add_source(name)
    image = found.add_image(image_name, declared_wh=annotation.image_wh)
    for item in annotation.objects:
        where = f"{name} object {item.number}"
        if not item.has_box:
            example = f"{where} ({item.class_name}) has no <bndbox>"
            found.findings.add("annotation_without_box", "skipped", example, image=image_name)
        elif not item.class_name:
            found.findings.add("annotation_without_class", "skipped", f"{where} has no <name>", image=image_name)
        else:
            for finding_id, is_so, what in (
                ("polygon_as_box", item.from_polygon, "is a polygon; its bounding box is used"),
                ("rotated_as_box", item.from_rotated, "is turned; the upright box around it is used"),
                ("comma_for_point", item.with_comma, "has a comma for the decimal point"),
            ):
                if is_so:
                    found.findings.add(finding_id, "mended", f"{where} {what}", image=image_name)
            class_id = found.class_id_of(item.class_name)
            found.add_box(image, class_id, item.box_xyxy, source=source, place=item.number)


def _image_of(folder: Folder, name: str, filename: str) -> str | None:
    """The picture of an XML file: the one of its own stem, else the one that <filename> names.

    The stem comes first because files are renamed and copied, and <filename> is forgotten then.
    """
    near, short = posixpath.split(name)
    stem = posixpath.splitext(short)[0]
    if posixpath.splitext(filename)[0] == stem:
        return folder.find_image(filename, near) or folder.find_image(stem, near)
    return folder.find_image(stem, near) or (folder.find_image(filename, near) if filename else None)


def _read_image_sets(found: Annotations, folder: Folder) -> None:
    """Take splits from `ImageSets/Main/{train,val,test}.txt`, and `trainval.txt` where there is no train.

    Where there are only lists of classes, `cat_train.txt`, each of them lists all images of its split.
    """
    names = [n for n in folder.with_suffix(".txt") if "ImageSets" in posixpath.dirname(n).split("/")]
    lists = {split: [n for n in names if _stem(n) == split] for split in ("train", "val", "test")}
    if not any(lists.values()):
        lists = {split: [n for n in names if _stem(n).endswith(f"_{split}")] for split in lists}
    if not lists["train"]:
        lists["train"] = [n for n in names if _stem(n) == "trainval"]
    for split, files in lists.items():
        if files and found.sources:
            found.promised_splits[split] = files[0]
        seen: set[tuple[str, str]] = set()  # names may be the same in VOC2007 and VOC2012
        for name in files if found.sources else ():
            near = posixpath.dirname(name)
            for number, line in enumerate(folder.read_text(name).splitlines(), 1):
                if line.strip() and (near, written := _listed(line)) not in seen:
                    seen.add((near, written))
                    _add_listed(found, folder, split, name, number, written)


def _stem(name: str) -> str:
    return posixpath.splitext(posixpath.basename(name))[0]


def _listed(line: str) -> str:
    """The image of a line; lists of one class have a second column: 1, 0 or -1."""
    first, _, last = line.strip().rpartition(" ")
    return first.strip() if first and last in ("1", "0", "-1") else line.strip()


def _add_listed(found: Annotations, folder: Folder, split: str, name: str, number: int, written: str) -> None:
    image_name = folder.find_image(written, posixpath.dirname(name))
    if image_name is None:
        found.findings.add("split_without_image", "skipped", f"{name} line {number}: no image {written}")
    else:
        found.add_image(image_name, split=split, labelled=False)
