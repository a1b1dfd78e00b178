"""Models: weights that a training made or somebody uploaded. Their files are blobs; this is what is known of them.

A model is asked for as `project/number`, by its slug or by its id. Of several models of one version the chosen one
answers to `project/number`, else the newest that can run; the others stay to be asked by their slugs.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from epochal.datasets.tables import ProjectRow
from epochal.errors import BadInput, Conflict, NotFound
from epochal.jobs.tables import ModelRow
from epochal.storage.ids import new_id
from epochal.storage.tables import JsonObject
from epochal.versions.tables import VersionRow

ONNX, WEIGHTS = "best.onnx", "best.pt"
METRICS = ("mAP_0.5", "mAP_0.5:0.95", "precision", "recall", "confidence", "mean_iou")
# Which of several models of a version answers for it.
_FIRST = (ModelRow.can_run.desc(), ModelRow.is_chosen.desc(), ModelRow.created_at.desc(), ModelRow.id)
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Model:
    """A model that can be found.

    Attributes:
        id: of its row.
        workspace_id: whose it is.
        project_id: of the project whose images it learned; None for one that was uploaded to a workspace alone.
        version_id: of the version that it learned; None as above, or when the version is gone.
        training_id: of the training that made it; None for an upload.
        slug: its name in addresses, unique in its workspace.
        name: for people.
        model_type: such as `fast-n`.
        can_run: False for one that is kept and listed, of a kind that cannot be run here; `message` says why.
        message: a sentence, or empty.
        files: {name: sha256 of its blob}; `best.onnx` runs, `best.pt` is trained on.
        classes: class names; the index is the class_id.
        image_size_px: long side of the net's input.
        metrics: those of `METRICS` that are known, fractions 0–1.
        created_at: seconds since 1970.
        is_chosen: somebody said that it answers for its version, whatever is trained later.
        answers: it is the one that `project/number` asks.
    """

    id: str
    workspace_id: str
    project_id: str | None
    version_id: str | None
    training_id: str | None
    slug: str
    name: str
    model_type: str
    can_run: bool
    message: str
    files: Mapping[str, str]
    classes: tuple[str, ...]
    image_size_px: int | None
    metrics: Mapping[str, float]
    created_at: float
    is_chosen: bool
    answers: bool


@dataclass(frozen=True)
class NewModel:
    """What is told of a model when it is added; see `Model`. `slug` is a wish: a number is put behind a taken one."""

    name: str
    slug: str
    model_type: str
    files: Mapping[str, str]
    classes: Sequence[str] = ()
    project_id: str | None = None
    version_id: str | None = None
    training_id: str | None = None
    image_size_px: int | None = None
    metrics: Mapping[str, float] | None = None
    can_run: bool = True
    message: str = ""


def add_model(session: Session, workspace_id: str, new: NewModel, *, now: float | None = None) -> Model:
    """Add a model whose files are in the blob store. A training that has a model already gets it changed, not twice.

    Raises:
        BadInput: it has no file.
    """
    if not new.files:
        raise BadInput(f"The model {new.name!r} has no file; expected at least {ONNX} or {WEIGHTS}.")
    row = None
    if new.training_id is not None:
        row = session.scalar(select(ModelRow).where(ModelRow.training_id == new.training_id))
    if row is None:
        row = ModelRow(id=new_id(), workspace_id=workspace_id, slug=_free_slug(session, workspace_id, new.slug))
        row.created_at = time.time() if now is None else now
        session.add(row)
    row.name, row.model_type, row.can_run, row.message = new.name, new.model_type, new.can_run, new.message
    row.project_id, row.version_id, row.training_id = new.project_id, new.version_id, new.training_id
    row.files, row.classes = dict(new.files), list(new.classes)
    row.image_size_px, row.metrics = new.image_size_px, dict(new.metrics or {})
    row.deleted_at = None
    session.flush()
    return as_model(session, row)


def find_model(session: Session, workspace_id: str, model_id: str) -> Model:
    """The model that `project/number` (the one that answers), a slug, `workspace/slug`'s slug or an id names.

    Raises:
        NotFound: there is none in this workspace, or it is in the trash.
    """
    live = _live(workspace_id)
    project, slash, number = model_id.rpartition("/")
    if slash:
        if number.isascii() and number.isdigit():
            of_version = (
                live.join(VersionRow, VersionRow.id == ModelRow.version_id)
                .join(ProjectRow, ProjectRow.id == VersionRow.project_id)
                .where(ProjectRow.workspace_id == workspace_id, ProjectRow.slug == project)
                .where(VersionRow.number == int(number[:9]), VersionRow.deleted_at.is_(None))
                .where(ProjectRow.deleted_at.is_(None))
            )
            row = session.scalar(of_version.order_by(*_FIRST).limit(1))
        else:
            row = None
    else:
        row = session.scalar(live.where((ModelRow.slug == model_id) | (ModelRow.id == model_id)).limit(1))
    if row is None:
        raise NotFound(
            f"No model {model_id[:100]!r} in this workspace; expected PROJECT/NUMBER of a version that was trained, or "
            "a model's name. Train the version first, or look at the list of models."
        )
    return as_model(session, row)


def model_by_id(session: Session, model_id: str) -> Model:
    """The model of an id that a row of ours names. Raises NotFound when it is gone or in the trash."""
    row = session.get(ModelRow, model_id)
    if row is None or row.deleted_at is not None:
        raise NotFound("The model was deleted; choose another one.")
    return as_model(session, row)


def list_models(
    session: Session, workspace_id: str, *, project_id: str | None = None, version_id: str | None = None
) -> list[Model]:
    """The models of a workspace, of one of its projects or of a version, the newest first."""
    wanted = _live(workspace_id)
    if project_id is not None:
        wanted = wanted.where(ModelRow.project_id == project_id)
    if version_id is not None:
        wanted = wanted.where(ModelRow.version_id == version_id)
    return as_models(session, session.scalars(wanted.order_by(ModelRow.created_at.desc(), ModelRow.id)).all())


def model_of_training(session: Session, training_id: str) -> Model | None:
    """What a training made; None when it made nothing, or its model is in the trash."""
    row = session.scalar(select(ModelRow).where(ModelRow.training_id == training_id, ModelRow.deleted_at.is_(None)))
    return None if row is None else as_model(session, row)


def delete_model(session: Session, workspace_id: str, model_id: str, *, now: float | None = None) -> None:
    """Put a model into the trash. Raises NotFound."""
    row = session.get(ModelRow, find_model(session, workspace_id, model_id).id)
    assert row is not None
    row.deleted_at = time.time() if now is None else now


def restore_model(session: Session, workspace_id: str, model_id: str) -> Model:
    """Take a model out of the trash, by its id. Raises NotFound when it is not there."""
    row = session.get(ModelRow, model_id)
    if row is None or row.workspace_id != workspace_id or row.deleted_at is None:
        raise NotFound(f"There is no model {model_id[:60]!r} in the trash; it may be gone, or never deleted.")
    row.deleted_at = None
    session.flush()
    return as_model(session, row)


def rename_model(session: Session, workspace_id: str, model_id: str, slug: str) -> Model:
    """Give a model another name in addresses. Raises NotFound, BadInput, Conflict."""
    row = session.get(ModelRow, find_model(session, workspace_id, model_id).id)
    assert row is not None
    if slug != make_slug(slug):
        raise BadInput(f"{slug[:80]!r} is no name for a model; expected small letters, digits and dashes.")
    if slug != row.slug and _is_taken(session, workspace_id, slug):
        raise Conflict(f"There is a model {slug!r} already; choose another name.")
    row.slug = slug
    return as_model(session, row)


def choose_model(session: Session, workspace_id: str, model_id: str) -> Model:
    """Let a model answer for its version from now on, whatever is trained later, until another one is chosen.

    Raises:
        NotFound: no such model.
        BadInput: it is of no version, or cannot run here.
    """
    model = find_model(session, workspace_id, model_id)
    if model.version_id is None:
        raise BadInput(
            f"The model {model.slug!r} is of no version, so it answers to its own name alone; ask it by that."
        )
    if not model.can_run:
        raise BadInput(f"The model {model.slug!r} cannot answer here: {model.message}")
    session.execute(update(ModelRow).where(ModelRow.version_id == model.version_id).values(is_chosen=False))
    row = session.get_one(ModelRow, model.id)
    row.is_chosen = True
    session.flush()
    return as_model(session, row)


def unchoose_model(session: Session, workspace_id: str, model_id: str) -> Model:
    """Let the newest model of its version that can run answer again. Raises NotFound."""
    row = session.get_one(ModelRow, find_model(session, workspace_id, model_id).id)
    row.is_chosen = False
    session.flush()
    return as_model(session, row)


def make_slug(text: str) -> str:
    """Small letters, digits and single dashes, at most 60; `model` when nothing is left."""
    return _NOT_IN_SLUG.sub("-", text.lower()).strip("-")[:60].strip("-") or "model"


def as_models(session: Session, rows: Sequence[ModelRow]) -> list[Model]:
    """Rows as the values that are passed around."""
    versions = {row.version_id for row in rows if row.version_id is not None}
    wanted = select(ModelRow.version_id, ModelRow.id).where(ModelRow.version_id.in_(versions))
    ordered = session.execute(wanted.where(ModelRow.deleted_at.is_(None)).order_by(*_FIRST)).all() if versions else []
    answering: dict[str | None, str] = {}
    for version_id, model_id in ordered:
        answering.setdefault(version_id, model_id)
    return [_value(row, answers=answering.get(row.version_id) == row.id) for row in rows]


def as_model(session: Session, row: ModelRow) -> Model:
    """A row as the value that is passed around."""
    return as_models(session, [row])[0]


def _value(row: ModelRow, *, answers: bool) -> Model:
    return Model(
        id=row.id,
        workspace_id=row.workspace_id,
        project_id=row.project_id,
        version_id=row.version_id,
        training_id=row.training_id,
        slug=row.slug,
        name=row.name,
        model_type=row.model_type,
        can_run=row.can_run,
        message=row.message,
        files={name: str(sha256) for name, sha256 in row.files.items()},
        classes=tuple(str(name) for name in row.classes),
        image_size_px=row.image_size_px,
        metrics=_numbers(row.metrics),
        created_at=row.created_at,
        is_chosen=row.is_chosen,
        answers=answers,
    )


def pick_metrics(evaluation: Mapping[str, Any]) -> dict[str, float]:
    """Those of `METRICS` that an evaluation.json gives a number for."""
    return _numbers({name: evaluation.get(name) for name in METRICS})


def _numbers(values: JsonObject) -> dict[str, float]:
    return {k: float(v) for k, v in values.items() if isinstance(v, int | float) and not isinstance(v, bool)}


def _live(workspace_id: str) -> Select[ModelRow]:
    return select(ModelRow).where(ModelRow.workspace_id == workspace_id, ModelRow.deleted_at.is_(None))


def _free_slug(session: Session, workspace_id: str, wanted: str) -> str:
    stem = make_slug(wanted)
    slug, number = stem, 1
    while _is_taken(session, workspace_id, slug):
        number += 1
        slug = f"{stem}-{number}"
    return slug


def _is_taken(session: Session, workspace_id: str, slug: str) -> bool:
    taken = select(ModelRow.id).where(ModelRow.workspace_id == workspace_id, ModelRow.slug == slug)
    return session.scalar(taken) is not None
