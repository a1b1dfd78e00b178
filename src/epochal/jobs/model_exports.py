"""A model in other forms: TorchScript and OpenVINO by a process that has torch, and a zip that runs by itself.

What was made is one of the model's files from then on, so it is made once.
"""

import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.orm import Session

from epochal.datasets.tasks import Task, create_task, end_task, task_by_id, unfinished_like
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
EXPORTS_WITHIN_S, _LOOKED_AFTER_S = 600, 0.5
TASK_KIND = "model_export"
_README = """A detector in one file, and {lines} lines that run it:

    pip install onnxruntime pillow numpy
    python predict.py photo.jpg

Or in a program of yours: from predict import predict; predict(Image.open("photo.jpg"), confidence=0.4)
"""
_STAMP = (2020, 1, 1, 0, 0, 0)  # the same zip from the same model


def begin_export(session: Session, workspace_id: str, model: Model, wanted: ExportFormat, created_by: str) -> Task:
    """The task that makes a form of a model: one that does it already, or a new one; completed when it is there.

    Raises:
        BadInput: the model has not what it is made of.
    """
    request: dict[str, Any] = {"model_id": model.id, "format": wanted}
    if FILES[wanted] not in model.files:
        _source(model, wanted)
        same = unfinished_like(session, workspace_id, TASK_KIND, request)
        if same is not None:
            return same
    task = create_task(session, workspace_id, TASK_KIND, request, project_id=model.project_id, created_by=created_by)
    if FILES[wanted] in model.files:
        end_task(session, task.id, result={"file": FILES[wanted]})
    return task_by_id(session, task.id)


def export_model(
    database: Database,
    blobs: BlobStore,
    model: Model,
    wanted: ExportFormat,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Model:
    """Make a form of a model, unless it is there.

    Args:
        database: of models.
        blobs: with its files.
        model: as found.
        wanted: which form; `FILES` has the name that it gets.
        is_cancelled: asked now and then.

    Raises:
        BadInput: the model has not what it is made of, or the form needs a package that is not installed.
        Failed: it could not be made, or was cancelled.
    """
    name = FILES[wanted]
    if name in model.files:
        return model
    path = blobs.local_path(model.files[_source(model, wanted)])
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        made = Path(folder) / name
        if wanted == "runtime":
            _pack_runtime(path, made)
        else:
            _export(path, Path(folder), wanted, made, is_cancelled)
        sha256 = blobs.put_file(made)
    with database.write() as session:
        return _add_file(session, model.id, name, sha256)


def _source(model: Model, wanted: ExportFormat) -> str:
    source = ONNX if wanted == "runtime" else WEIGHTS
    if source not in model.files or not model.can_run:
        raise BadInput(f"The model {model.slug!r} has no {source} of Epochal, of which {wanted} is made.")
    return source


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


def _export(weights: Path, folder: Path, wanted: str, target: Path, is_cancelled: Callable[[], bool]) -> None:
    out = folder / ("made.xml" if wanted == "openvino" else target.name)
    command = [sys.executable, "-m", "epochal", "export", str(weights), "--format", wanted, "--out", str(out)]
    code, complaint = _watch(command, wanted, is_cancelled)
    if code != 0 or not out.is_file():
        said = (complaint.strip().splitlines() or ["no reason was given"])[-1].removeprefix("epochal: ")
        raise BadInput(said.replace(str(weights), "The file")[:400])
    if wanted == "openvino":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for suffix in (".xml", ".bin"):
                archive.write(out.with_suffix(suffix), f"best{suffix}")


def _watch(command: list[str], wanted: str, is_cancelled: Callable[[], bool]) -> tuple[int, str]:
    """The exit code of a program and what it complained of; it does not outlive its time, or being wanted."""
    ends_at = time.monotonic() + EXPORTS_WITHIN_S
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while True:
            try:
                _, complaint = process.communicate(timeout=_LOOKED_AFTER_S)
                return process.returncode, complaint
            except subprocess.TimeoutExpired:
                is_late = time.monotonic() > ends_at
                if not is_late and not is_cancelled():
                    continue
                process.kill()
                if is_late:
                    raise Failed(f"The export to {wanted} took longer than {EXPORTS_WITHIN_S} s; try again.") from None
                raise Failed(f"The export to {wanted} was stopped; begin it again.") from None
