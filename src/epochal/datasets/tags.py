"""Tags of images: from the annotation format where it has them, and from a `tags.json` or `tags.csv` in the folder."""

import csv
import io
import posixpath

from epochal.datasets.findings import FindingLog
from epochal.datasets.folder import Folder
from epochal.datasets.formats.json_texts import parse_json


def read_tags(folder: Folder, findings: FindingLog) -> dict[str, set[str]]:
    """The tags that `tags.json` ({image: [tag, …]}) and `tags.csv` (columns image, tags) files give.

    Returns:
        {image: tags}. Lines of images that are not there and files that cannot be read are counted.
    """
    found: dict[str, set[str]] = {}
    for name in folder.files:
        short = posixpath.basename(name)
        if short not in ("tags.json", "tags.csv"):
            continue
        try:
            rows = _from_json(folder.read(name)) if short == "tags.json" else _from_csv(folder.read_text(name))
        except ValueError as error:
            findings.add("unreadable_annotation", "skipped", f"{name}: {error}")
            continue
        for written, tags in rows:
            image = folder.find_image(written, posixpath.dirname(name))
            if image is None:
                findings.add("annotation_without_image", "skipped", f"{name}: no image {written}")
            else:
                found.setdefault(image, set()).update(tag.strip() for tag in tags if tag.strip())
    return found


def _from_json(data: bytes) -> list[tuple[str, list[str]]]:
    document = parse_json(data)
    if not isinstance(document, dict) or not all(isinstance(tags, list) for tags in document.values()):
        raise ValueError("expected {image: [tag, …]}")
    return [(str(image), [str(tag) for tag in tags]) for image, tags in document.items()]


def _from_csv(text: str) -> list[tuple[str, list[str]]]:
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)]
    head = [cell.casefold() for cell in rows[0]] if rows else []
    image = next((head.index(name) for name in ("image", "filename", "file_name") if name in head), None)
    tags = next((head.index(name) for name in ("tags", "tag") if name in head), None)
    if image is None or tags is None:
        raise ValueError("expected a header with the columns image and tags")
    return [(row[image], row[tags].split(";")) for row in rows[1:] if len(row) > max(image, tags)]
