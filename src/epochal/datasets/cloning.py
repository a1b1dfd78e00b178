"""A project copied into a workspace: rows anew, files shared, and where it came from written down."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from epochal.datasets.batches import ensure_batch
from epochal.datasets.classes import copy_classes
from epochal.datasets.projects import Project, create_project
from epochal.datasets.tables import AnnotationRow, ImageRow, ImageTagRow
from epochal.storage.ids import new_id
from epochal.storage.inserting import insert_new

AT_ONCE = 200
_COPIED = (
    "sha256", "thumbnail_sha256", "name", "media_type", "width_px", "height_px", "size_bytes", "perceptual_hash",
    "split", "in_dataset", "is_labelled", "review", "created_at", "updated_at",
)  # fmt: skip
_BOX = ("number", "class_id", "x_min", "y_min", "x_max", "y_max", "is_crowd", "source", "is_draft", "confidence")


def begin_clone(session: Session, workspace_id: str, source: Project, source_workspace: str, name: str = "") -> Project:
    """Make the project that a clone goes into, with the classes and the licence of its source.

    Args:
        session: that writes.
        workspace_id: whose the clone is.
        source: what is cloned.
        source_workspace: the slug of its workspace.
        name: of the clone; the source's when empty.
    """
    made = create_project(
        session,
        workspace_id,
        name=name or source.name,
        annotation_group=source.annotation_group,
        license=source.license,
        description=source.description,
        cloned_from={"workspace": source_workspace, "project": source.slug, "license": source.license},
    )
    copy_classes(session, source.id, made.id)
    return made


def clone_some(session: Session, source_id: str, target_id: str, after: str) -> str | None:
    """Copy the next images of a project's dataset with their boxes and tags; those that are there already are skipped.

    Args:
        session: that writes.
        source_id: the project that is cloned.
        target_id: the clone.
        after: the id of the last image of the call before; "" at first.

    Returns:
        The id of the last image, to go on after; None when there is no more.
    """
    live = (ImageRow.project_id == source_id) & ImageRow.deleted_at.is_(None) & ImageRow.in_dataset
    rows = session.scalars(select(ImageRow).where(live, ImageRow.id > after).order_by(ImageRow.id).limit(AT_ONCE)).all()
    if not rows:
        return None
    batch_id = ensure_batch(session, target_id, "Cloned", source="clone")
    new_ids: dict[str, str] = {}
    for row in rows:
        copied = {name: getattr(row, name) for name in _COPIED}
        more = {"id": new_id(), "project_id": target_id, "batch_id": batch_id, "user_metadata": {}, "source": "clone"}
        if insert_new(session, ImageRow, [{**copied, **more}]):
            new_ids[row.id] = str(more["id"])
    boxes = session.scalars(select(AnnotationRow).where(AnnotationRow.image_id.in_(new_ids))).all()
    if boxes:
        session.execute(
            insert(AnnotationRow),
            [
                {
                    **{name: getattr(box, name) for name in _BOX},
                    "image_id": new_ids[box.image_id],
                    "project_id": target_id,
                }
                for box in boxes
            ],
        )
    tags = session.scalars(select(ImageTagRow).where(ImageTagRow.image_id.in_(new_ids))).all()
    insert_new(session, ImageTagRow, [{"image_id": new_ids[tag.image_id], "tag": tag.tag} for tag in tags])
    return rows[-1].id
