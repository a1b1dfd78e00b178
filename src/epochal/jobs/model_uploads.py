"""Weights come in: leave to upload once, then a model that runs, or one that is kept and says why it does not.

prepare_upload   what it will be; its id goes into a signed address
claim_upload     the one time that it is used
add_uploaded     the file that came, as a model in each of its projects
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from epochal.datasets.projects import find_project
from epochal.deploy.examining_weights import examine_onnx
from epochal.deploy.unpacking_weights import Unpacked, unpack_weights
from epochal.errors import BadInput, Conflict, NotFound, TooMany, WeightsError
from epochal.jobs.models import ONNX, WEIGHTS, Model, NewModel, add_model, list_models
from epochal.jobs.tables import ModelUploadRow
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.storage.ids import new_id
from epochal.versions.project_versions import find_version

PROJECTS_MAX, TEXT_MAX = 50, 200
CONVERTS_WITHIN_S = 300


@dataclass(frozen=True)
class Upload:
    """What an upload was prepared for."""

    id: str
    workspace_id: str
    project_ids: tuple[str, ...]
    version_id: str | None
    name: str
    model_type: str


@dataclass(frozen=True)
class _Files:
    """What became of uploaded weights."""

    files: dict[str, Path]
    class_names: tuple[str, ...]
    image_size_px: int | None = None
    can_run: bool = True
    message: str = ""
    about: dict[str, str] = field(default_factory=dict)


def prepare_upload(
    session: Session, workspace_id: str, *, projects: Sequence[str], version: int | None = None, name: str = "",
    model_type: str = "", created_by: str,
) -> str:  # fmt: skip
    """Leave to upload weights once.

    Args:
        session: that writes.
        workspace_id: whose they will be.
        projects: slugs; the model is listed in each. With a version, exactly one.
        version: number of the version that they belong to; it must not have a model.
        name: for people; by the project's name when empty.
        model_type: what the client calls it.
        created_by: the caller's `actor`.

    Returns:
        The id of the upload.

    Raises:
        NotFound: no such project or version.
        TooMany: the version has a model already.
        BadInput: a text that is too long, or too many projects.
    """
    if len(projects) > PROJECTS_MAX or len(name) > TEXT_MAX or len(model_type) > TEXT_MAX:
        raise BadInput(f"Expected at most {PROJECTS_MAX} projects, and names of at most {TEXT_MAX} letters.")
    found = [find_project(session, workspace_id, slug) for slug in projects]
    version_id = None
    if version is not None:
        version_id = find_version(session, found[0].id, version).id
        if list_models(session, workspace_id, version_id=version_id):
            raise TooMany(f"Version {version} has a model already; generate a new version for other weights.", None)
    stem = f"{found[0].name} {version}" if found and version is not None else (found[0].name if found else "model")
    row = ModelUploadRow(
        id=new_id(),
        workspace_id=workspace_id,
        project_ids=[one.id for one in found],
        version_id=version_id,
        name=name or stem,
        model_type=model_type or "uploaded",
        created_by=created_by,
        created_at=time.time(),
    )
    session.add(row)
    session.flush()
    return row.id


def claim_upload(session: Session, upload_id: str) -> Upload:
    """Use the leave, which works once.

    Raises:
        NotFound: there is none.
        Conflict: it was used.
    """
    row = session.scalar(select(ModelUploadRow).where(ModelUploadRow.id == upload_id))
    if row is None:
        raise NotFound("This upload was not prepared here, or its project is gone; ask for a new address.")
    once = update(ModelUploadRow).where(ModelUploadRow.id == upload_id, ModelUploadRow.used_at.is_(None))
    if cast(CursorResult[Any], session.execute(once.values(used_at=time.time()))).rowcount != 1:
        raise Conflict("Weights were uploaded to this address already; ask for a new one.")
    projects = tuple(str(one) for one in row.project_ids)
    return Upload(row.id, row.workspace_id, projects, row.version_id, row.name, row.model_type)


def release_upload(session: Session, upload_id: str) -> None:
    """Give the leave back: what came was not whole or was no model."""
    session.execute(update(ModelUploadRow).where(ModelUploadRow.id == upload_id).values(used_at=None))


def add_uploaded(database: Database, blobs: BlobStore, upload: Upload, path: Path, limit_bytes: int) -> list[Model]:
    """Make a file that came a model of each of its projects.

    Args:
        database: of models.
        blobs: where the files go.
        upload: claimed.
        path: the file; it is moved or left, and may be deleted afterwards.
        limit_bytes: of what a zip unpacks to.

    Returns:
        The models, one a project (one without a project when none was named).

    Raises:
        WeightsError: there are no weights in it.
        BadInput: it unpacks to too much.
    """
    with tempfile.TemporaryDirectory(prefix="weights-") as folder:
        made = _examine(unpack_weights(path, Path(folder), limit_bytes), upload.model_type)
        files = {name: blobs.put_file(file) for name, file in made.files.items()}
    with database.write() as session:
        return [
            add_model(
                session,
                upload.workspace_id,
                NewModel(
                    name=upload.name,
                    slug=upload.name,
                    model_type=upload.model_type,
                    files=files,
                    classes=made.class_names,
                    project_id=project_id,
                    version_id=upload.version_id,
                    image_size_px=made.image_size_px,
                    can_run=made.can_run,
                    message=made.message,
                ),
            )
            for project_id in (upload.project_ids or (None,))
        ]


def _examine(unpacked: Unpacked, model_type: str) -> _Files:
    if unpacked.kind == "pytorch":
        return _Files(
            {WEIGHTS: unpacked.path}, unpacked.class_names, can_run=False,
            message=f"PyTorch weights of {model_type} are kept, but run only where that program is; "
            "export them to ONNX there and upload the .onnx file to run them here.",
        )  # fmt: skip
    files = {ONNX: unpacked.path}
    if unpacked.kind == "ours":
        onnx = unpacked.path.with_suffix(".onnx")
        files = {ONNX: onnx, WEIGHTS: unpacked.path}
        problem = _convert(unpacked.path, onnx)
        if problem:
            return _Files({WEIGHTS: unpacked.path}, unpacked.class_names, can_run=False, message=problem)
    try:
        examined = examine_onnx(files[ONNX], unpacked.class_names)
    except WeightsError as error:
        if not _looks_like_onnx(files[ONNX]):
            raise WeightsError(
                f"The upload is no ONNX file, no weights file and no zip with one of them: {error}"
            ) from None
        return _Files(
            files, unpacked.class_names, can_run=False, message=f"This ONNX file is kept, but not run. {error}"
        )
    return _Files(files, examined.class_names, max(examined.canvas_wh))


def _convert(weights: Path, onnx: Path) -> str:
    """Our weights to ONNX in a process that has torch, which a server need not have; a sentence when it fails."""
    command = [sys.executable, "-m", "epochal", "export", str(weights), "--format", "onnx", "--out", str(onnx)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=CONVERTS_WITHIN_S, check=False)
    except subprocess.TimeoutExpired:
        return f"These weights were not converted to ONNX within {CONVERTS_WITHIN_S} s; upload the .onnx file."
    if done.returncode == 0 and onnx.is_file():
        return ""
    said = (done.stderr.strip().splitlines() or ["no reason was given"])[-1].replace(str(weights), "the file")
    return f"These weights could not be converted to ONNX ({said[:300]}); upload the .onnx file instead."


def _looks_like_onnx(path: Path) -> bool:
    """ModelProto begins with its first field, ir_version: tag 8 and a small number."""
    with path.open("rb") as stream:
        begin = stream.read(2)
    return len(begin) == 2 and begin[0] == 8 and begin[1] < 32
