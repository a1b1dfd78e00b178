"""The versions of a project as rows: numbered, listed, in the trash. What they are made of and how stands elsewhere."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from epochal.datasets.classes import list_classes
from epochal.datasets.tables import ClassRow, ImageRow, ProjectRow
from epochal.errors import BadInput, Conflict, NotFound
from epochal.storage.ids import new_id
from epochal.versions.settings import VersionSettings
from epochal.versions.tables import VersionRow

NAME_LENGTH = 200


@dataclass(frozen=True)
class ProjectVersion:
    """A version of a project.

    Attributes:
        number: from 1 in its project, never given again.
        settings: preprocessing, augmentation, split and seed, as `VersionSettings.to_json`.
        state: `generating`, `ready`, `failed` or `cancelled`.
        progress: 0 to 1.
        message: why it failed, else empty.
        content_hash: of what is in it; None until it is ready.
        images: in all splits; 0 until it is ready.
        splits: {"train", "val", "test": {"images", "annotations"}}, those that have images.
        classes: names, in the order of ids.
    """

    id: str
    project_id: str
    number: int
    name: str
    settings: Mapping[str, Any]
    state: str
    progress: float
    message: str
    content_hash: str | None
    images: int
    splits: Mapping[str, Mapping[str, int]]
    classes: Sequence[str]
    created_at: float
    deleted_at: float | None


def version_folder(data_root: Path, project_id: str, number: int) -> Path:
    """Where a version's images and annotations are: a dataset in COCO's form, as `epochal train` takes it."""
    return data_root / "versions" / project_id / str(number)


def create_version(session: Session, project_id: str, settings: VersionSettings, name: str = "") -> ProjectVersion:
    """Give the next number; the version is then generated.

    Args:
        session: that writes.
        project_id: of a project with labelled images in its dataset.
        settings: of `parse_settings`.
        name: for people; a date when empty.

    Raises:
        BadInput: there is nothing that a version could be made of, a class to remap that is not there, or a name
            that is too long.
    """
    if len(name) > NAME_LENGTH:
        raise BadInput(f"name has {len(name)} characters; expected at most {NAME_LENGTH}.")
    _require_images(session, project_id)
    _require_classes(session, project_id, settings.preprocessing.get("remap", {}))
    # The project's row is locked first, so that two requests at once get two numbers on PostgreSQL too.
    session.execute(select(ProjectRow.id).where(ProjectRow.id == project_id).with_for_update())
    last = session.scalar(select(func.max(VersionRow.number)).where(VersionRow.project_id == project_id)) or 0
    now = time.time()
    row = VersionRow(
        id=new_id(),
        project_id=project_id,
        number=last + 1,
        name=name.strip() or time.strftime("%Y-%m-%d %H:%M", time.gmtime(now)),
        settings=settings.to_json(),
        state="generating",
        progress=0.0,
        message="",
        images=0,
        splits={},
        classes=[],
        created_at=now,
    )
    session.add(row)
    session.flush()
    return _value(row)


def find_version(session: Session, project_id: str, number: int) -> ProjectVersion:
    """The version of that number. Raises NotFound, also for one in the trash."""
    return _value(_row(session, project_id, number))


def find_version_by_id(session: Session, version_id: str) -> ProjectVersion:
    """The version of that id, in the trash or not. Raises NotFound."""
    row = session.get(VersionRow, version_id)
    if row is None:
        raise NotFound(f"There is no version {version_id!r}.")
    return _value(row)


def list_project_versions(session: Session, project_id: str) -> list[ProjectVersion]:
    """All versions but those in the trash, the newest first."""
    query = select(VersionRow).where(VersionRow.project_id == project_id, VersionRow.deleted_at.is_(None))
    return [_value(row) for row in session.scalars(query.order_by(VersionRow.number.desc()))]


def count_versions(session: Session, project_ids: Sequence[str]) -> dict[str, int]:
    """{project id: versions that are not in the trash}, of those that have any."""
    query = (
        select(VersionRow.project_id, func.count())
        .where(VersionRow.project_id.in_(project_ids), VersionRow.deleted_at.is_(None))
        .group_by(VersionRow.project_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def rename_version(session: Session, project_id: str, number: int, name: str) -> ProjectVersion:
    """Give another name; what is in a version never changes. Raises NotFound, BadInput."""
    row = _row(session, project_id, number)
    if not name.strip() or len(name) > NAME_LENGTH:
        raise BadInput(f"name has {len(name)} characters; expected 1 to {NAME_LENGTH}.")
    row.name = name.strip()
    session.flush()
    return _value(row)


def delete_version(session: Session, project_id: str, number: int) -> ProjectVersion:
    """Put a version into the trash. Raises NotFound; Conflict while it is generated."""
    row = _row(session, project_id, number)
    if row.state == "generating":
        raise Conflict(f"Version {number} is being generated; cancel that first.")
    row.deleted_at = time.time()
    session.flush()
    return _value(row)


def restore_version(session: Session, project_id: str, number: int) -> ProjectVersion:
    """Take a version out of the trash. Raises NotFound when it is not in there."""
    query = select(VersionRow).where(VersionRow.project_id == project_id, VersionRow.number == number)
    row = session.scalar(query.where(VersionRow.deleted_at.is_not(None)))
    if row is None:
        raise NotFound(f"Version {number} is not in the trash of this project.")
    row.deleted_at = None
    session.flush()
    return _value(row)


def resume_version(session: Session, project_id: str, number: int) -> ProjectVersion:
    """Let a version be generated again that was cancelled or failed; images that are done are not made a second time.

    Raises:
        NotFound: no such version.
        Conflict: it is generated already, or is being generated.
    """
    row = _row(session, project_id, number)
    if row.state not in ("cancelled", "failed"):
        raise Conflict(f"Version {number} is {row.state}; only one that was cancelled or failed can go on.")
    row.state, row.message, row.progress = "generating", "", 0.0
    session.flush()
    return _value(row)


def deleted_versions(session: Session, workspace_id: str) -> list[ProjectVersion]:
    """The versions of a workspace that are in the trash by themselves, the one deleted last first."""
    query = (
        select(VersionRow)
        .join(ProjectRow, ProjectRow.id == VersionRow.project_id)
        .where(
            ProjectRow.workspace_id == workspace_id, ProjectRow.deleted_at.is_(None), VersionRow.deleted_at.is_not(None)
        )
        .order_by(VersionRow.deleted_at.desc())
    )
    return [_value(row) for row in session.scalars(query)]


def unfinished_versions(session: Session) -> list[str]:
    """Ids of versions whose generation was cut off."""
    return list(session.scalars(select(VersionRow.id).where(VersionRow.state == "generating")))


def _require_images(session: Session, project_id: str) -> None:
    of_project = select(func.count()).select_from(ImageRow).where(
        ImageRow.project_id == project_id, ImageRow.deleted_at.is_(None)
    )  # fmt: skip
    usable = session.scalar(of_project.where(ImageRow.in_dataset, ImageRow.is_labelled)) or 0
    classes = session.scalar(select(func.count()).select_from(ClassRow).where(ClassRow.project_id == project_id)) or 0
    if usable and classes:
        return
    images = session.scalar(of_project) or 0
    raise BadInput(
        f"This project has {images:,} images, of which {usable:,} are labelled and in its dataset, and {classes} "
        "classes; a version needs at least one labelled image with a box. Label images, or add them to the dataset."
    )


def _require_classes(session: Session, project_id: str, remap: Mapping[str, str]) -> None:
    """Refuse a class that is not there before a number is given: who asked is still listening."""
    names = [one.name for one in list_classes(session, project_id)]
    if unknown := [old for old in remap if old not in names]:
        raise BadInput(
            f"preprocessing: remap: {unknown[0]!r} is no class of the project; classes are {', '.join(names)}."
        )


def _row(session: Session, project_id: str, number: int) -> VersionRow:
    query = select(VersionRow).where(
        VersionRow.project_id == project_id, VersionRow.number == number, VersionRow.deleted_at.is_(None)
    )
    row = session.scalar(query)
    if row is None:
        raise NotFound(f"There is no version {number} of this project.")
    return row


def _value(row: VersionRow) -> ProjectVersion:
    return ProjectVersion(
        id=row.id,
        project_id=row.project_id,
        number=row.number,
        name=row.name,
        settings=dict(row.settings),
        state=row.state,
        progress=row.progress,
        message=row.message,
        content_hash=row.content_hash,
        images=row.images,
        splits={str(name): dict(counts) for name, counts in row.splits.items()},  # type: ignore[call-overload]  # a JSON column has no type inside
        classes=tuple(str(name) for name in row.classes),
        created_at=row.created_at,
        deleted_at=row.deleted_at,
    )
