"""JSON texts that are no COCO: which of the smaller formats one is, its content says."""

import json
from collections.abc import Callable

import msgspec

from epochal.datasets.formats.createml import read_createml
from epochal.datasets.formats.cvat import read_datumaro
from epochal.datasets.formats.encoding import decode_text
from epochal.datasets.formats.labelstudio import read_labelstudio
from epochal.datasets.formats.record import Record
from epochal.datasets.formats.shapes import read_labelme, read_via, read_vott

_READERS: dict[str, Callable[[object], list[Record] | None]] = {
    "createml": read_createml,
    "labelstudio": read_labelstudio,
    "datumaro": read_datumaro,
    "labelme": read_labelme,
    "via": read_via,
    "vott": read_vott,
}
JSON_FORMATS = tuple(_READERS)


def parse_json(data: bytes) -> object:
    """Parse JSON, also with NaN and with a byte-order mark.

    Raises:
        ValueError: it is no JSON.
    """
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
