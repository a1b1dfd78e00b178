"""A model in other forms: TorchScript and OpenVINO by a process that has torch, and a zip that runs by itself.

What was made is one of the model's files from then on, so it is made once.
"""

import subprocess
import sys
import tempfile
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Literal

from sqlalchemy.orm import Session

from epochal.errors import BadInput, Failed
from epochal.jobs.models import ONNX, WEIGHTS, Model, as_model
from epochal.jobs.tables import ModelRow
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database

ExportFormat = Literal["onnx", "torchscript", "openvino", "runtime"]
FILES: dict[ExportFormat, str] = {
    "onnx": ONNX,
    "torchscript": "best.torchscript",
    "openvino": "openvino.zip",
    "runtime": "runtime.zip",
}
EXPORTS_WITHIN_S = 600
_README = """A detector in one file, and {lines} lines that run it:

    pip install onnxruntime pillow numpy
    python predict.py photo.jpg

Or in a program of yours: from predict import predict; predict(Image.open("photo.jpg"), confidence=0.4)
"""
_STAMP = (2020, 1, 1, 0, 0, 0)  # the same zip from the same model


def export_model(database: Database, blobs: BlobStore, model: Model, wanted: ExportFormat) -> Model:
    """Make a form of a model, unless it is there.

    Args:
        database: of models.
        blobs: with its files.
        model: as found.
        wanted: which form; `FILES` has the name that it gets.

    Raises:
        BadInput: the model has not what it is made of, or the form needs a package that is not installed.
        Failed: it could not be made.
    """
    name = FILES[wanted]
    if name in model.files:
        return model
    source = ONNX if wanted == "runtime" else WEIGHTS
    if source not in model.files or not model.can_run:
        raise BadInput(f"The model {model.slug!r} has no {source} of Epochal, of which {wanted} is made.")
    path = blobs.local_path(model.files[source])
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        made = Path(folder) / name
        if wanted == "runtime":
            _pack_runtime(path, made)
        else:
            _export(path, Path(folder), wanted, made)
        sha256 = blobs.put_file(made)
    with database.write() as session:
        return _add_file(session, model.id, name, sha256)


def _add_file(session: Session, model_id: str, name: str, sha256: str) -> Model:
    row = session.get_one(ModelRow, model_id)
    row.files = {**row.files, name: sha256}
    session.flush()
    return as_model(session, row)


def _pack_runtime(onnx: Path, target: Path) -> None:
    data = onnx.read_bytes()
    if b"epochal_layout" in data:
        raise BadInput("The small runtime knows nets of Epochal alone; use best.onnx with the program that it is from.")
    code = (files("epochal.deploy") / "runtime" / "predict.py").read_bytes()
    readme = _README.format(lines=len(code.splitlines())).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("predict.py", code), ("README.txt", readme), ("best.onnx", data)):
            archive.writestr(zipfile.ZipInfo(name, _STAMP), content, zipfile.ZIP_DEFLATED)


def _export(weights: Path, folder: Path, wanted: str, target: Path) -> None:
    out = folder / ("made.xml" if wanted == "openvino" else target.name)
    command = [sys.executable, "-m", "epochal", "export", str(weights), "--format", wanted, "--out", str(out)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=EXPORTS_WITHIN_S, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"The export to {wanted} took longer than {EXPORTS_WITHIN_S} s; try again later.") from None
    if done.returncode != 0 or not out.is_file():
        said = (done.stderr.strip().splitlines() or ["no reason was given"])[-1].removeprefix("epochal: ")
        raise BadInput(said.replace(str(weights), "The file")[:400])
    if wanted == "openvino":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for suffix in (".xml", ".bin"):
                archive.write(out.with_suffix(suffix), f"best{suffix}")
