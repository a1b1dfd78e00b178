"""Exports of labeling services in the cloud: Labelbox, and the manifests of SageMaker Ground Truth.

Source: https://docs.labelbox.com/reference/export-overview and
https://docs.aws.amazon.com/sagemaker/latest/dg/sms-data-output.html.
"""

from collections.abc import Mapping

from epochal.datasets.formats.coco import as_number
from epochal.datasets.formats.record import Box, Record, RecordBox, mappings, text_of, wh_of


def read_labelbox(document: object) -> list[Record] | None:
    """Records of a parsed JSON list or of the parsed lines of an export; None when it is another format."""
    entries = mappings(document) if isinstance(document, list) else []
    if entries and all("data_row" in entry and "projects" in entry for entry in entries):
        return [_of_data_row(entry) for entry in entries]
    if entries and all("Labeled Data" in entry and "Label" in entry for entry in entries):
        return [_of_labeled_data(entry) for entry in entries]
    return None


def _of_data_row(entry: Mapping[str, object]) -> Record:
    row, size, projects = entry["data_row"], entry.get("media_attributes"), entry["projects"]
    labels = [label for project in mappings(projects) for label in mappings(project.get("labels"))]
    # of several people's work, the first
    annotations = labels[0].get("annotations") if labels else None
    objects = annotations.get("objects") if isinstance(annotations, dict) else None
    name = text_of(row, "external_id", "global_key", "row_data") if isinstance(row, dict) else ""
    wh = wh_of(size.get("width"), size.get("height")) if isinstance(size, dict) else (0, 0)
    return Record(name, _boxes(objects, "bounding_box", "name"), wh, labelled=bool(labels))


def _of_labeled_data(entry: Mapping[str, object]) -> Record:
    label = entry["Label"]
    objects = label.get("objects") if isinstance(label, dict) else None
    is_labelled = isinstance(label, dict) and not entry.get("Skipped")
    name = text_of(entry, "External ID", "Labeled Data")
    return Record(name, _boxes(objects, "bbox", "title"), labelled=is_labelled)


def _boxes(objects: object, box_key: str, name_key: str) -> tuple[RecordBox, ...]:
    return tuple(
        RecordBox(place, text_of(item, name_key, "value").strip(), _box(item.get(box_key)))
        for place, item in enumerate(mappings(objects), 1)
    )


def _box(at: object) -> Box | None:
    if not isinstance(at, dict):
        return None
    x, y, width, height = (as_number(at.get(key)) for key in ("left", "top", "width", "height"))
    return (x, y, x + width, y + height)


def read_groundtruth(document: object) -> list[Record] | None:
    """Records of the parsed lines of a manifest; None when it is another format."""
    entries = mappings(document) if isinstance(document, list) else []
    if not entries or any("source-ref" not in entry for entry in entries):
        return None
    return [_of_manifest(entry) for entry in entries]


def _of_manifest(entry: Mapping[str, object]) -> Record:
    """The attribute with boxes has a name that its owner chose; its classes stand in `NAME-metadata`."""
    for key, value in entry.items():
        if not isinstance(value, dict) or not isinstance(value.get("annotations"), list):
            continue
        about = entry.get(f"{key}-metadata")
        names = about.get("class-map") if isinstance(about, dict) else None
        boxes = []
        for place, item in enumerate(mappings(value["annotations"]), 1):
            class_id = str(item.get("class_id", ""))
            name = str(names.get(class_id, class_id)) if isinstance(names, dict) else class_id
            boxes.append(RecordBox(place, name.strip(), _box(item)))
        size = next(iter(mappings(value.get("image_size"))), {})
        return Record(text_of(entry, "source-ref"), tuple(boxes), wh_of(size.get("width"), size.get("height")))
    return Record(text_of(entry, "source-ref"), (), labelled=False)
