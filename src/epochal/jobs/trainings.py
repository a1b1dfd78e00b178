"""Trainings of versions: made, found, stopped, tried again, deleted. All of it is rows; `scheduler.py` does the work.

create ─► queued ─► (scheduler) ─► … ─► ended
stop    ends after the running epoch; the weights become a model
cancel  ends now; the weights are dropped, the credit comes back when no epoch had ended
retry   goes on from the last complete checkpoint
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from epochal.datasets.tables import ProjectRow
from epochal.errors import BadInput, Conflict, NotFound, OutOfCredits
from epochal.jobs import models
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.recipes import parse_model_type, parse_recipe
from epochal.jobs.tables import ModelRow, TrainingRow
from epochal.jobs.training_ends import end_training
from epochal.jobs.training_states import ACTIVE, ENDED, require_transition
from epochal.storage.ids import new_id
from epochal.versions.tables import VersionRow
from epochal.workspaces import credits as ledger

MAX_NAME, MAX_URL = 200, 2000


@dataclass(frozen=True)
class TrainingOrder:
    """What is asked of a training; what is None is derived from the data.

    Attributes:
        model_type: `fast` or one of `recipes.MODEL_TYPES`.
        epochs: how many.
        image_size: long side of the net's input, pixels.
        seed: of the training.
        start: `{"kind": "random"}`, or `checkpoint` with the `name` of a file of the server, `training` or `model` with
            an `id`: their best weights.
        recipe: as in `recipes.py`; its hyperparameters win over the three numbers above.
        max_s: seconds after which it is stopped.
        max_memory_bytes: memory of its process beyond which it is ended.
        webhook_url: is told when it starts, stalls, goes on and ends.
        name: for people; made from project and version when empty.
        remark: a sentence that is shown until the training says something of its own.
    """

    model_type: str = "fast"
    epochs: int | None = None
    image_size: int | None = None
    seed: int | None = None
    start: Mapping[str, Any] = field(default_factory=lambda: {"kind": "random"})
    recipe: Mapping[str, Any] = field(default_factory=dict)
    max_s: float | None = None
    max_memory_bytes: int | None = None
    webhook_url: str | None = None
    name: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Training:
    """A training as it stands. `epoch` is the last complete one; `model` what it made."""

    id: str
    name: str
    state: str
    project_id: str
    project_slug: str
    version_id: str
    version_number: int
    model_type: str
    request: Mapping[str, Any]
    limits: Mapping[str, Any]
    webhook_url: str | None
    attempt: int
    max_attempts: int
    epoch: int
    epochs: int | None
    best: Mapping[str, Any] | None
    verdict: str | None
    message: str
    stop_wish: str | None
    created_by: str
    queued_at: float
    started_at: float | None
    ended_at: float | None
    deleted_at: float | None
    model: models.Model | None


def create_training(
    session: Session,
    data: DataFolder,
    workspace_id: str,
    version_id: str,
    order: TrainingOrder,
    *,
    created_by: str,
    now: float | None = None,
) -> Training:
    """Put a training of a version into the queue.

    Args:
        session: of a write.
        data: for the checkpoints of the server.
        workspace_id: whose version.
        version_id: what to train on; ready.
        order: what is asked.
        created_by: `user:ID` or `key:ID`.
        now: seconds since 1970.

    Raises:
        NotFound: no such version, or nothing to start from.
        Conflict: the version is not ready.
        BadInput: what is asked cannot be.
        OutOfCredits: the workspace has no credit for it.
    """
    version, project = _find_version(session, workspace_id, version_id)
    if version.state != "ready":
        raise Conflict(f"Version {version.number} is {version.state}; expected one that is ready. Wait for it.")
    model_type = parse_model_type(order.model_type)
    numbers, recipe = _numbers(order), dict(order.recipe)
    start = _resolve_start(session, data, workspace_id, order.start)
    _require_credit(session, workspace_id)
    made = session.scalar(select(func.count()).where(TrainingRow.version_id == version_id)) or 0
    row = TrainingRow(
        id=new_id(),
        workspace_id=workspace_id,
        project_id=project.id,
        version_id=version_id,
        name=_check_name(order.name) or f"{project.slug}-v{version.number}-{made + 1}",
        state="queued",
        model_type=model_type,
        request={"numbers": numbers, "recipe": recipe, "start": start},
        limits=_limits(order),
        webhook_url=_check_url(order.webhook_url),
        epochs=int(numbers["epochs"]) if "epochs" in numbers else None,
        message=order.remark,
        created_by=created_by,
        queued_at=time.time() if now is None else now,
    )
    session.add(row)
    session.flush()
    return _as_training(row, project, version, None)


def find_training(session: Session, workspace_id: str, training_id: str, *, in_trash: bool = False) -> Training:
    """A training of a workspace. Raises NotFound, also for one in the trash unless `in_trash`."""
    row = find_row(session, workspace_id, training_id, in_trash=in_trash)
    return _read(session, [row])[0]


def list_trainings(
    session: Session,
    workspace_id: str,
    *,
    project_id: str | None = None,
    version_id: str | None = None,
    in_trash: bool = False,
    limit: int = 500,
) -> list[Training]:
    """The trainings of a workspace, of a project or of a version, the newest first."""
    wanted: Select[TrainingRow] = select(TrainingRow).where(TrainingRow.workspace_id == workspace_id)
    wanted = wanted.where(TrainingRow.deleted_at.is_not(None) if in_trash else TrainingRow.deleted_at.is_(None))
    if project_id is not None:
        wanted = wanted.where(TrainingRow.project_id == project_id)
    if version_id is not None:
        wanted = wanted.where(TrainingRow.version_id == version_id)
    rows = session.scalars(wanted.order_by(TrainingRow.queued_at.desc(), TrainingRow.id).limit(limit))
    return _read(session, list(rows))


def stop_training(session: Session, workspace_id: str, training_id: str) -> Training:
    """Ask a training to end after its running epoch and to keep its weights; asking twice is no error.

    Raises:
        NotFound: no such training.
        Conflict: it does not run.
    """
    row = find_row(session, workspace_id, training_id)
    if row.state not in ACTIVE:
        raise Conflict(f"Training {row.id} is {row.state}; expected a running one, there is nothing to stop.")
    if row.stop_wish is None:
        _wish(row, "stop", "Stops after the running epoch and keeps its weights.")
    return find_training(session, workspace_id, training_id)


def cancel_training(session: Session, workspace_id: str, training_id: str, *, now: float | None = None) -> Training:
    """Ask a training to end now and to drop its weights; one that waits ends at once.

    Raises:
        NotFound: no such training.
        Conflict: it has ended.
    """
    row = find_row(session, workspace_id, training_id)
    if row.state == "queued":
        end_training(session, row, "cancelled", "Cancelled before it started.", now=now)
    elif row.state not in ACTIVE:
        raise Conflict(
            f"Training {row.id} is {row.state}; expected one that waits or runs, there is nothing to cancel."
        )
    else:
        _wish(row, "cancel", "Is being cancelled.")
    return find_training(session, workspace_id, training_id)


def retry_training(session: Session, workspace_id: str, training_id: str, *, now: float | None = None) -> Training:
    """Put a training that was stopped, failed or cancelled into the queue again; it goes on from its last checkpoint.

    Raises:
        NotFound: no such training.
        Conflict: it has not ended, or has finished.
        OutOfCredits: the workspace has no credit for it.
    """
    row = find_row(session, workspace_id, training_id)
    if row.state not in ENDED:
        raise Conflict(f"Training {row.id} is {row.state}; expected one that was stopped, failed or was cancelled.")
    require_transition(row.id, row.state, "queued")
    _require_credit(session, workspace_id)
    row.state, row.stop_wish, row.message, row.ended_at = "queued", None, "", None
    row.max_attempts, row.started_at = row.attempt + 3, None
    row.limits = {name: value for name, value in row.limits.items() if name != "reached"}
    row.queued_at = time.time() if now is None else now
    return find_training(session, workspace_id, training_id)


def delete_training(session: Session, workspace_id: str, training_id: str, *, now: float | None = None) -> None:
    """Put a training and its model into the trash.

    Raises:
        NotFound: no such training.
        Conflict: it has not ended.
    """
    row = find_row(session, workspace_id, training_id)
    if row.state not in ENDED:
        raise Conflict(f"Training {row.id} is {row.state}; cancel it first, then delete it.")
    row.deleted_at = time.time() if now is None else now
    for model in session.scalars(select(ModelRow).where(ModelRow.training_id == row.id)):
        model.deleted_at = row.deleted_at


def restore_training(session: Session, workspace_id: str, training_id: str) -> Training:
    """Take a training and its model out of the trash. Raises NotFound."""
    row = find_row(session, workspace_id, training_id, in_trash=True)
    for model in session.scalars(select(ModelRow).where(ModelRow.training_id == row.id)):
        if model.deleted_at == row.deleted_at:
            model.deleted_at = None
    row.deleted_at = None
    return find_training(session, workspace_id, training_id)


def find_row(session: Session, workspace_id: str, training_id: str, *, in_trash: bool = False) -> TrainingRow:
    """The row of a training, to be changed. Raises NotFound."""
    row = session.scalar(
        select(TrainingRow)
        .where(TrainingRow.id == training_id, TrainingRow.workspace_id == workspace_id)
        .with_for_update()
    )
    if row is None or (row.deleted_at is not None) != in_trash:
        raise NotFound(f"No training {training_id[:80]!r} in this workspace; look at the list of trainings.")
    return row


def _wish(row: TrainingRow, wish: str, message: str) -> None:
    row.stop_wish, row.message = wish, message
    if row.state in {"starting", "running"}:
        row.state = "stopping"


def _find_version(session: Session, workspace_id: str, version_id: str) -> tuple[VersionRow, ProjectRow]:
    version = session.get(VersionRow, version_id)
    project = None if version is None else session.get(ProjectRow, version.project_id)
    if version is None or project is None or project.workspace_id != workspace_id or version.deleted_at is not None:
        raise NotFound("There is no such version in this workspace; generate one first.")
    return version, project


def _numbers(order: TrainingOrder) -> dict[str, float]:
    """The numbers of an order, flat; those of its recipe win."""
    given = {"epochs": order.epochs, "image_size": order.image_size, "seed": order.seed}
    told = parse_recipe({"hyperparameters": given})
    return told | parse_recipe(order.recipe)


def _limits(order: TrainingOrder) -> dict[str, object]:
    if order.max_s is not None and not 1 <= order.max_s <= 10**8:
        raise BadInput(f"max_s is {order.max_s:g}; expected seconds, 1 or more.")
    if order.max_memory_bytes is not None and order.max_memory_bytes < 10**8:
        raise BadInput(f"max_memory_bytes is {order.max_memory_bytes}; expected 100,000,000 or more.")
    return {"max_s": order.max_s, "max_memory_bytes": order.max_memory_bytes}


def _check_name(name: str) -> str:
    plain = name.strip()[:MAX_NAME]
    if not plain.isprintable():
        raise BadInput(f"The name {plain[:40]!r} holds letters that cannot be shown; choose another.")
    return plain


def _check_url(url: str | None) -> str | None:
    if url is not None and (not url.startswith(("http://", "https://")) or len(url) > MAX_URL):
        raise BadInput(f"webhook_url is {url[:80]!r}; expected an address that begins with http:// or https://.")
    return url


def _resolve_start(session: Session, data: DataFolder, workspace_id: str, start: Mapping[str, Any]) -> dict[str, Any]:
    """What a training starts from, checked now, its weights named by hash where they are a blob."""
    kind = start.get("kind")
    if kind == "random":
        return {"kind": "random"}
    if kind == "checkpoint":
        return {"kind": kind, "name": data.checkpoint(str(start.get("name"))).name}
    if kind == "training":
        training = find_row(session, workspace_id, str(start.get("id")))
        model = models.model_of_training(session, training.id)
        if model is None:
            raise Conflict(f"Training {training.id} is {training.state} and has made no model to start from.")
    elif kind == "model":
        model = models.find_model(session, workspace_id, str(start.get("id")))
    else:
        raise BadInput(f"start is {kind!r:.80}; expected random, checkpoint (with a name), training or model (an id).")
    if models.WEIGHTS not in model.files:
        raise BadInput(f"The model {model.slug!r} has no {models.WEIGHTS}, so nothing can start from it.")
    return {"kind": kind, "id": str(start.get("id")), "sha256": model.files[models.WEIGHTS]}


def _require_credit(session: Session, workspace_id: str) -> None:
    """Refuse what could never be paid: each training that waits will take a credit when it starts."""
    if not ledger.is_metered():
        return
    ledger.lock_workspace(session, workspace_id)
    waiting = select(func.count()).where(TrainingRow.workspace_id == workspace_id, TrainingRow.state == "queued")
    waiting = waiting.where(TrainingRow.attempt == 0)
    left, claimed = ledger.balance(session, workspace_id), session.scalar(waiting) or 0
    if left - claimed < 1:
        behind = f" that {claimed} waiting trainings do not claim" if claimed else ""
        raise OutOfCredits(
            f"This workspace has no training credit left{behind}, so no training was begun; everything else is kept. "
            "An owner grants more on the workspace's page, or with `epochal credits grant`."
        )


def _read(session: Session, rows: Sequence[TrainingRow]) -> list[Training]:
    ids = [row.id for row in rows]
    wanted = select(ModelRow).where(ModelRow.training_id.in_(ids), ModelRow.deleted_at.is_(None))
    made = {model.training_id: model for model in models.as_models(session, session.scalars(wanted).all())}
    versions = {row.id: row for row in session.scalars(_by_id(VersionRow, {row.version_id for row in rows}))}
    projects = {row.id: row for row in session.scalars(_by_id(ProjectRow, {row.project_id for row in rows}))}
    return [_as_training(row, projects[row.project_id], versions[row.version_id], made.get(row.id)) for row in rows]


def _by_id(table: Any, ids: set[str]) -> Any:
    return select(table).where(table.id.in_(ids))


def _as_training(row: TrainingRow, project: ProjectRow, version: VersionRow, model: models.Model | None) -> Training:
    own = {name: getattr(row, name) for name in Training.__dataclass_fields__ if hasattr(row, name)}
    return Training(**own, project_slug=project.slug, version_number=version.number, model=model)
