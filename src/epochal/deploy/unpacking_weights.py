"""Uploaded weights: an ONNX file, a weights file of ours, or a zip with one of them, as the hosted clients pack it.

Nothing is unpickled, no name in a zip becomes a path, and what is unpacked is counted while it is.
"""

import json
import re
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from epochal.errors import BadInput, WeightsError

Kind = Literal["onnx", "ours", "pytorch"]
MEMBERS_MAX, TEXT_BYTES_MAX, PICKLE_BYTES_MAX = 200, 1_000_000, 20_000_000
_CHUNK_BYTES = 1 << 20
_MARK = b"epochal-weights"


@dataclass(frozen=True)
class Unpacked:
    """What was uploaded.

    Attributes:
        path: the weights.
        kind: "onnx", "ours" (a `.pt` of Epochal) or "pytorch" (somebody else's).
        class_names: that came beside it; empty when none did.
        about: further facts that came beside it, for people.
    """

    path: Path
    kind: Kind
    class_names: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)


def unpack_weights(upload: Path, folder: Path, limit_bytes: int) -> Unpacked:
    """Find the weights in an upload.

    Args:
        upload: the file that came.
        folder: empty; the weights are put there.
        limit_bytes: of all that is unpacked.

    Raises:
        WeightsError: it holds no weights; names what was expected.
        BadInput: it unpacks to more than the limit.
    """
    if upload.stat().st_size == 0:
        raise WeightsError("The upload is empty; expected an ONNX file, a .pt file, or a zip with one of them.")
    if not zipfile.is_zipfile(upload):
        return Unpacked(_moved(upload, folder / "weights.onnx"), "onnx")  # the runtime says whether it is
    try:
        with zipfile.ZipFile(upload) as archive:
            if _pickle_of(archive) is not None:
                kind = _kind_of(archive)
            else:
                return _unpack_bundle(archive, folder, limit_bytes)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise WeightsError(f"The zip is damaged ({error}); pack it again.") from None
    return Unpacked(_moved(upload, folder / "weights.pt"), kind)


def _unpack_bundle(archive: zipfile.ZipFile, folder: Path, limit_bytes: int) -> Unpacked:
    members = archive.infolist()
    if len(members) > MEMBERS_MAX:
        raise BadInput(f"The zip has {len(members):,} files; expected the weights and what describes them.")
    by_suffix = {
        suffix: next((one for one in members if one.filename.lower().endswith(suffix)), None)
        for suffix in (".onnx", ".pt", ".pth")
    }
    wanted = by_suffix[".onnx"] or by_suffix[".pt"] or by_suffix[".pth"]
    if wanted is None:
        names = ", ".join(one.filename[:60] for one in members[:5])
        raise WeightsError(f"The zip has no weights; expected a file that ends in .onnx or .pt, got {names}.")
    class_names, about = _read_descriptions(archive)
    path = folder / ("weights.onnx" if wanted is by_suffix[".onnx"] else "weights.pt")
    with archive.open(wanted) as source, path.open("wb") as target:
        _copy(source, target, limit_bytes)
    if path.suffix == ".onnx":
        return Unpacked(path, "onnx", class_names, about)
    kind: Kind = "pytorch"
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as inner:
            kind = _kind_of(inner)
    return Unpacked(path, kind, class_names, about)


def _read_descriptions(archive: zipfile.ZipFile) -> tuple[tuple[str, ...], dict[str, str]]:
    """Class names, and what else the two files that the clients pack beside weights say."""
    names: tuple[str, ...] = ()
    about: dict[str, str] = {}
    text = _read_text(archive, "model_artifacts.json")
    if text is not None:
        try:
            given = json.loads(text)
        except ValueError:
            raise WeightsError("model_artifacts.json in the zip is no JSON; pack it again.") from None
        if isinstance(given, dict):
            names = _names(given.get("names"))
            about = {
                key: str(given[key])[:200] for key in ("model_type", "ultralytics_version", "nc") if given.get(key)
            }
    text = _read_text(archive, "class_names.txt")
    if text is not None:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        names = tuple(line[:200] for line in lines if not re.fullmatch(r"background_class\d+", line))
    return names, about


def _names(given: object) -> tuple[str, ...]:
    if isinstance(given, dict):
        given = [given[key] for key in sorted(given, key=lambda key: int(key) if str(key).isdigit() else 0)]
    return tuple(str(name)[:200] for name in given[:10_000]) if isinstance(given, list) else ()


def _read_text(archive: zipfile.ZipFile, name: str) -> str | None:
    found = next((one for one in archive.infolist() if one.filename.rpartition("/")[2] == name), None)
    if found is None:
        return None
    with archive.open(found) as stream:
        data = stream.read(TEXT_BYTES_MAX + 1)
    if len(data) > TEXT_BYTES_MAX:
        raise BadInput(f"{name} in the zip has more than {TEXT_BYTES_MAX:,} bytes; expected class names.")
    return data.decode("utf-8", "replace")


def _pickle_of(archive: zipfile.ZipFile) -> zipfile.ZipInfo | None:
    """The part of a `.pt` file, itself a zip, that says what is in it."""
    return next((one for one in archive.infolist() if one.filename.rpartition("/")[2] == "data.pkl"), None)


def _kind_of(archive: zipfile.ZipFile) -> Kind:
    """Ours carries a word of its own, which is looked for without unpickling anything."""
    found = _pickle_of(archive)
    if found is None:
        return "pytorch"
    with archive.open(found) as stream:
        return "ours" if _MARK in stream.read(PICKLE_BYTES_MAX) else "pytorch"


def _copy(source: IO[bytes], target: IO[bytes], limit_bytes: int) -> None:
    left = limit_bytes
    while piece := source.read(_CHUNK_BYTES):
        left -= len(piece)
        if left < 0:
            raise BadInput(f"The zip unpacks to more than {limit_bytes:,} bytes (setting max_weights_bytes).")
        target.write(piece)


def _moved(source: Path, target: Path) -> Path:
    shutil.move(source, target)
    return target
