"""What is in the trash of a workspace, of every kind, until when; and out of it again.

    project     with all that is in it
    version     of a project that is not in the trash itself
    training    with its model
    model       that was deleted by itself
    image       of a project that is not in the trash itself

Batches hold images and are removed only when they are empty, so they never lie in the trash.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from epochal.datasets.images import restore_images
from epochal.datasets.projects import restore_project
from epochal.datasets.tables import ImageRow, ProjectRow
from epochal.errors import NotFound
from epochal.jobs.models import restore_model
from epochal.jobs.tables import ModelRow, TrainingRow
from epochal.jobs.trainings import restore_training
from epochal.jobs.trash import KEPT_DAYS
from epochal.versions.project_versions import restore_version
from epochal.versions.tables import VersionRow

TrashKind = Literal["project", "version", "training", "model", "image"]
KINDS: tuple[TrashKind, ...] = get_args(TrashKind)
_DAY_S = 86_400.0


@dataclass(frozen=True)
class Trashed:
    """Something in the trash.

    Attributes:
        kind: one of `KINDS`.
        id: of its row.
        name: for people.
        project: the slug of its project; None for a project itself, and for a model of none.
        about: further words, such as how many images; may be empty.
        deleted_at: seconds since 1970.
        goes_at: from when on it is removed for good; None while something that is kept needs it, which `about` says.
    """

    kind: TrashKind
    id: str
    name: str
    project: str | None
    about: str
    deleted_at: float
    goes_at: float | None


@dataclass(frozen=True)
class TrashPage:
    """Some of one kind, the one deleted last first; `counts` is of every kind."""

    items: list[Trashed]
    counts: dict[TrashKind, int]


def list_trash(session: Session, workspace_id: str, kind: TrashKind, *, limit: int = 100, offset: int = 0) -> TrashPage:
    """What of one kind is in the trash of a workspace, a page of it.

    Args:
        session: that reads.
        workspace_id: whose.
        kind: of which things.
        limit: of the page.
        offset: of the page.
    """
    counts: dict[TrashKind, int] = {}
    for one in KINDS:
        counts[one] = session.scalar(select(func.count()).select_from(_query(one, workspace_id).subquery())) or 0
    table: Any = _TABLES[kind]
    page = _query(kind, workspace_id).order_by(table.deleted_at.desc(), table.id).limit(limit).offset(offset)
    return TrashPage([_item(session, kind, row, slug) for row, slug in session.execute(page)], counts)


def restore_items(session: Session, workspace_id: str, kind: TrashKind, ids: Sequence[str]) -> int:
    """Take things of one kind out of the trash; gives how many.

    Raises:
        NotFound: one of them is not in this trash (any more); none is taken out then.
    """
    table: Any = _TABLES[kind]
    wanted = list(dict.fromkeys(ids))
    found = {row.id: row for row, _ in session.execute(_query(kind, workspace_id).where(table.id.in_(wanted)))}
    missing = next((one for one in wanted if one not in found), None)
    if missing is not None:
        raise NotFound(f"There is no {kind} {missing[:60]!r} in the trash; it may be back already, or gone for good.")
    for one in wanted:
        row = found[one]
        if kind == "project":
            restore_project(session, workspace_id, one)
        elif kind == "version":
            restore_version(session, row.project_id, row.number)
        elif kind == "training":
            restore_training(session, workspace_id, one)
        elif kind == "model":
            restore_model(session, workspace_id, one)
        else:
            restore_images(session, row.project_id, [one])
    return len(wanted)


_TABLES: dict[TrashKind, Any] = {
    "project": ProjectRow, "version": VersionRow, "training": TrainingRow, "model": ModelRow, "image": ImageRow,
}  # fmt: skip


def _query(kind: TrashKind, workspace_id: str) -> Select[Any, Any]:
    """Rows of a kind that lie in the trash by themselves, each with the slug of its project."""
    table = _TABLES[kind]
    if kind == "project":
        own = ProjectRow.workspace_id == workspace_id
        return select(ProjectRow, ProjectRow.slug).where(own, ProjectRow.deleted_at.is_not(None))
    in_trash = select(table, ProjectRow.slug).where(table.deleted_at.is_not(None))
    if kind == "model":
        goes_with_training = exists().where(
            TrainingRow.id == ModelRow.training_id, TrainingRow.deleted_at == ModelRow.deleted_at
        )
        joined = in_trash.outerjoin(ProjectRow, ProjectRow.id == ModelRow.project_id)
        return joined.where(ModelRow.workspace_id == workspace_id, ~goes_with_training).where(
            ModelRow.project_id.is_(None) | ProjectRow.deleted_at.is_(None)
        )
    joined = in_trash.join(ProjectRow, ProjectRow.id == table.project_id)
    return joined.where(ProjectRow.workspace_id == workspace_id, ProjectRow.deleted_at.is_(None))


def _item(session: Session, kind: TrashKind, row: Any, slug: str | None) -> Trashed:
    goes_at: float | None = row.deleted_at + KEPT_DAYS * _DAY_S
    about = ""
    if kind == "project":
        live = (ImageRow.project_id == row.id) & ImageRow.deleted_at.is_(None)
        about = _images(session.scalar(select(func.count()).where(live)) or 0)
    elif kind == "version":
        about = f"version {row.number}, {_images(row.images)}"
        if session.scalar(select(TrainingRow.id).where(TrainingRow.version_id == row.id).limit(1)) is not None:
            goes_at, about = None, f"{about}; stays as long as a training of it"
    elif kind in {"training", "model"}:
        about = row.model_type
    name = str(row.name)
    return Trashed(kind, row.id, name, None if kind == "project" else slug, about, row.deleted_at, goes_at)


def _images(count: int) -> str:
    return f"{count:,} image" + ("" if count == 1 else "s")
