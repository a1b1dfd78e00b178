"""Assists as rows: one begins, goes on image by image in the order of their ids, and ends; a restart goes on."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from epochal.datasets.batches import find_batch
from epochal.datasets.labels import LabelledBox, set_annotations
from epochal.datasets.tables import ImageRow
from epochal.errors import Conflict, NotFound
from epochal.labeling.proposals import Choice, choice_from_json, choice_to_json
from epochal.labeling.tables import AssistRow
from epochal.storage.ids import new_id

End = Literal["finished", "failed", "cancelled"]


@dataclass(frozen=True)
class Assist:
    """A model that proposes boxes.

    Attributes:
        state: "running", "finished", "failed" or "cancelled".
        message: why it failed.
        images: unlabelled images when it began.
        done: of them, those looked at.
        boxes: drafts made.
    """

    id: str
    project_id: str
    model_id: str
    batch_id: str | None
    choice: Choice
    state: str
    message: str
    images: int
    done: int
    boxes: int
    after_image_id: str
    created_by: str
    created_at: float
    ended_at: float | None


@dataclass(frozen=True)
class Unlabelled:
    """An image that waits for proposals."""

    id: str
    sha256: str


def begin_assist(
    session: Session, project_id: str, model_id: str, choice: Choice, *, batch_id: str | None, created_by: str
) -> Assist:
    """Begin proposing boxes for the unlabelled images of a batch, or of the whole project.

    Raises:
        NotFound: no such batch.
        Conflict: another assist of the project is running.
    """
    if batch_id is not None:
        find_batch(session, project_id, batch_id)
    running = select(AssistRow.id).where(AssistRow.project_id == project_id, AssistRow.state == "running")
    if session.scalar(running) is not None:
        raise Conflict("A model proposes boxes for this project already; wait until it has finished, or cancel it.")
    images = session.scalar(select(func.count()).select_from(_waiting(project_id, batch_id, "").subquery()))
    row = AssistRow(
        id=new_id(), project_id=project_id, model_id=model_id, batch_id=batch_id, choice=choice_to_json(choice),
        state="running", images=images or 0, created_by=created_by, created_at=time.time(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return _value(row)


def next_images(session: Session, assist: Assist, limit: int) -> list[Unlabelled]:
    """The images that come next, in the order of their ids; none: it is at its end."""
    rows = _waiting(assist.project_id, assist.batch_id, assist.after_image_id).order_by(ImageRow.id).limit(limit)
    return [Unlabelled(row.id, row.sha256) for row in session.scalars(rows)]


def keep_drafts(session: Session, assist: Assist, drafts: Sequence[tuple[str, list[LabelledBox]]]) -> Assist:
    """Put drafts on images, in the place of older drafts, and note how far it is.

    Args:
        session: that writes.
        assist: running.
        drafts: (image id, its boxes), in the order of the ids; an image that a person has labelled meanwhile, or
            deleted, is left alone.
    """
    row = session.get_one(AssistRow, assist.id)
    for image_id, boxes in drafts:
        try:
            row.boxes += set_annotations(
                session, assist.project_id, image_id, boxes, source="model", is_draft=True, joins_dataset=False
            )
        except (Conflict, NotFound):
            continue
    row.done += len(drafts)
    row.after_image_id = drafts[-1][0]
    session.flush()
    return _value(row)


def end_assist(session: Session, assist_id: str, state: End, message: str = "") -> None:
    """Note an end, unless there is one."""
    row = session.get(AssistRow, assist_id)
    if row is not None and row.state == "running":
        row.state, row.message, row.ended_at = state, message, time.time()
        session.flush()


def find_assist(session: Session, project_id: str, assist_id: str) -> Assist:
    """One assist of a project. Raises NotFound."""
    row = session.get(AssistRow, assist_id)
    if row is None or row.project_id != project_id:
        raise NotFound(f"There is no label assist {assist_id[:60]!r} in this project; look at their list.")
    return _value(row)


def list_assists(session: Session, project_id: str) -> list[Assist]:
    """The assists of a project, the newest first."""
    rows = select(AssistRow).where(AssistRow.project_id == project_id).order_by(AssistRow.created_at.desc())
    return [_value(row) for row in session.scalars(rows)]


def unfinished_assists(session: Session) -> list[Assist]:
    """Those that an earlier server left running."""
    return [_value(row) for row in session.scalars(select(AssistRow).where(AssistRow.state == "running"))]


def _waiting(project_id: str, batch_id: str | None, after: str) -> Select[ImageRow]:
    query = select(ImageRow).where(
        ImageRow.project_id == project_id,
        ImageRow.deleted_at.is_(None),
        ImageRow.is_labelled.is_(False),
        ImageRow.id > after,
    )
    return query if batch_id is None else query.where(ImageRow.batch_id == batch_id)


def _value(row: AssistRow) -> Assist:
    return Assist(
        row.id, row.project_id, row.model_id, row.batch_id, choice_from_json(row.choice), row.state, row.message,
        row.images, row.done, row.boxes, row.after_image_id, row.created_by, row.created_at, row.ended_at,
    )  # fmt: skip
