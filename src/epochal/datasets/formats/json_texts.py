"""JSON texts that are no COCO: which of the smaller formats one is, its content says."""

import json
from collections.abc import Callable

import msgspec

from epochal.datasets.formats.cloud_json import read_groundtruth, read_labelbox
from epochal.datasets.formats.createml import read_createml
from epochal.datasets.formats.cvat import read_datumaro
from epochal.datasets.formats.encoding import decode_text
from epochal.datasets.formats.labelstudio import read_labelstudio
from epochal.datasets.formats.more_json import read_bdd100k, read_metadata, read_supervisely, read_via3
from epochal.datasets.formats.record import Record
from epochal.datasets.formats.shapes import read_labelme, read_via, read_vott

_READERS: dict[str, Callable[[object], list[Record] | None]] = {
    "createml": read_createml,
    "labelstudio": read_labelstudio,
    "datumaro": read_datumaro,
    "labelme": read_labelme,
    "via": read_via,
    "vott": read_vott,
    "supervisely": read_supervisely,
    "bdd100k": read_bdd100k,
    "metadata": read_metadata,
    "via3": read_via3,
    "labelbox": read_labelbox,
    "groundtruth": read_groundtruth,
}
JSON_FORMATS = tuple(_READERS)


def parse_json(data: bytes, *, is_lines: bool = False) -> object:
    """Parse JSON, also with NaN and with a byte-order mark.

    Args:
        data: UTF-8, UTF-16 or Latin-1.
        is_lines: every line is a document; they become a list.

    Raises:
        ValueError: it is no JSON.
    """
    if is_lines:
        return [parse_json(line) for line in data.lstrip(b"\xef\xbb\xbf").splitlines() if line.strip()]
    try:
        document: object = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        document = json.loads(decode_text(data))
    return document


def read_json_records(document: object) -> tuple[str, list[Record] | None]:
    """The format of a parsed JSON text and its records; ("", None) when it is none of ours."""
    for format_name, read in _READERS.items():
        records = read(document)
        if records is not None:
            return format_name, records
    return "", None
