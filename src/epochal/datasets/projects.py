"""Projects: datasets that grow, in a workspace. What is deleted is gone at once and comes back within 30 days."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from epochal.datasets.classes import count_boxes_by_class, list_classes
from epochal.datasets.tables import ImageRow, ProjectRow
from epochal.errors import BadInput, NotFound
from epochal.storage.ids import new_id
from epochal.storage.inserting import insert_new
from epochal.storage.slugs import free_slug

NAME_LENGTH, TEXT_LENGTH = 200, 10_000


@dataclass(frozen=True)
class Project:
    """A project as it stands in its row.

    Attributes:
        slug: its name in addresses, unique in its workspace, never changed.
        annotation_group: what is being annotated, such as "cells".
        cloned_from: {workspace, project, license} of a clone, else None.
        deleted_at: since when it is in the trash; None: it is not.
    """

    id: str
    workspace_id: str
    slug: str
    name: str
    annotation_group: str
    license: str
    description: str
    is_public: bool
    is_featured: bool
    cloned_from: dict[str, Any] | None
    created_at: float
    updated_at: float
    deleted_at: float | None


@dataclass(frozen=True)
class ProjectCounts:
    """Numbers of a project; images in the trash are not counted.

    Attributes:
        images: all, those still in their batch too.
        in_dataset: those that a version is made of.
        unannotated: those nobody has labelled.
        splits: {"train", "val", "test": images of the dataset}.
        classes: {class name: boxes}, in the order of ids.
        colors: {class name: "#rrggbb"}.
    """

    images: int = 0
    in_dataset: int = 0
    unannotated: int = 0
    splits: dict[str, int] = field(default_factory=dict)
    classes: dict[str, int] = field(default_factory=dict)
    colors: dict[str, str] = field(default_factory=dict)


def create_project(
    session: Session,
    workspace_id: str,
    *,
    name: str,
    annotation_group: str = "objects",
    license: str = "Private",  # noqa: A002  # the word of the trade
    description: str = "",
    is_public: bool = False,
    cloned_from: dict[str, Any] | None = None,
) -> Project:
    """Make an empty project.

    Args:
        session: that writes.
        workspace_id: whose it is.
        name: for people; two projects may have the same, their slugs differ.
        annotation_group: what is being annotated.
        license: such as "CC BY 4.0"; free text.
        description: for people.
        is_public: shown in the universe of this server.
        cloned_from: where a clone comes from.

    Raises:
        BadInput: a text that is empty or too long.
        NotFound: no such workspace.
    """
    now = time.time()
    plain = _checked_text("name", name, NAME_LENGTH, may_be_empty=False)

    def is_taken(slug: str) -> bool:
        # Those in the trash keep their slug, so that they can come back.
        query = select(ProjectRow.id).where(ProjectRow.workspace_id == workspace_id, ProjectRow.slug == slug)
        return session.scalar(query) is not None

    project_id = new_id()
    values = {
        "id": project_id,
        "workspace_id": workspace_id,
        "name": plain,
        "annotation_group": _checked_text("annotation_group", annotation_group, NAME_LENGTH) or "objects",
        "license": _checked_text("license", license, NAME_LENGTH),
        "description": _checked_text("description", description, TEXT_LENGTH),
        "is_public": is_public,
        "is_featured": False,
        "cloned_from": cloned_from,
        "created_at": now,
        "updated_at": now,
    }
    while not insert_new(session, ProjectRow, [{**values, "slug": free_slug(plain, "project", is_taken)}]):
        pass  # another transaction took the slug meanwhile
    return find_project_by_id(session, workspace_id, project_id)


def find_project(session: Session, workspace_id: str, slug: str) -> Project:
    """The project of that slug; of that name, where no slug is so: clients ask by the name that they gave.

    Raises:
        NotFound: there is none, or it is in the trash.
    """
    return project_of(live_row(session, workspace_id, slug))


def find_project_by_id(session: Session, workspace_id: str, project_id: str) -> Project:
    """The project of that id. Raises NotFound."""
    row = session.get(ProjectRow, project_id)
    if row is None or row.workspace_id != workspace_id or row.deleted_at is not None:
        raise NotFound(f"There is no project {project_id!r} in this workspace.")
    return project_of(row)


def list_projects(session: Session, workspace_id: str) -> list[Project]:
    """All projects of a workspace but those in the trash, the one changed last first."""
    query = (
        select(ProjectRow)
        .where(ProjectRow.workspace_id == workspace_id, ProjectRow.deleted_at.is_(None))
        .order_by(ProjectRow.updated_at.desc(), ProjectRow.id)
    )
    return [project_of(row) for row in session.scalars(query)]


def change_project(
    session: Session,
    workspace_id: str,
    slug: str,
    *,
    name: str | None = None,
    annotation_group: str | None = None,
    license: str | None = None,  # noqa: A002  # the word of the trade
    description: str | None = None,
    is_public: bool | None = None,
) -> Project:
    """Change what is given; the slug stays, so that addresses go on working.

    Raises:
        NotFound: there is no such project.
        BadInput: a text that is empty or too long.
    """
    row = live_row(session, workspace_id, slug)
    if name is not None:
        row.name = _checked_text("name", name, NAME_LENGTH, may_be_empty=False)
    if annotation_group is not None:
        row.annotation_group = _checked_text("annotation_group", annotation_group, NAME_LENGTH, may_be_empty=False)
    if license is not None:
        row.license = _checked_text("license", license, NAME_LENGTH)
    if description is not None:
        row.description = _checked_text("description", description, TEXT_LENGTH)
    if is_public is not None:
        row.is_public = is_public
    row.updated_at = time.time()
    session.flush()
    return project_of(row)


def delete_project(session: Session, workspace_id: str, slug: str) -> Project:
    """Put a project into the trash, with all that is in it. Raises NotFound."""
    row = live_row(session, workspace_id, slug)
    row.deleted_at = time.time()
    session.flush()
    return project_of(row)


def restore_project(session: Session, workspace_id: str, id_or_slug: str) -> Project:
    """Take a project out of the trash. Raises NotFound when it is not there."""
    query = select(ProjectRow).where(
        ProjectRow.workspace_id == workspace_id,
        (ProjectRow.id == id_or_slug) | (ProjectRow.slug == id_or_slug),
        ProjectRow.deleted_at.is_not(None),
    )
    row = session.scalars(query).first()
    if row is None:
        raise NotFound(f"There is no project {id_or_slug!r} in the trash; it may be gone, or never deleted.")
    row.deleted_at = None
    session.flush()
    return project_of(row)


def list_deleted_projects(session: Session, workspace_id: str) -> list[Project]:
    """Projects in the trash, the one deleted last first."""
    query = (
        select(ProjectRow)
        .where(ProjectRow.workspace_id == workspace_id, ProjectRow.deleted_at.is_not(None))
        .order_by(ProjectRow.deleted_at.desc())
    )
    return [project_of(row) for row in session.scalars(query)]


def count_projects(session: Session, project_ids: Sequence[str]) -> dict[str, ProjectCounts]:
    """{project id: its numbers}, by four queries for all of them together."""
    images = (
        select(
            ImageRow.project_id,
            func.count(),
            func.sum(case((ImageRow.in_dataset, 1), else_=0)),
            func.sum(case((ImageRow.is_labelled, 0), else_=1)),
        )
        .where(ImageRow.project_id.in_(project_ids), ImageRow.deleted_at.is_(None))
        .group_by(ImageRow.project_id)
    )
    splits = (
        select(ImageRow.project_id, ImageRow.split, func.count())
        .where(ImageRow.project_id.in_(project_ids), ImageRow.deleted_at.is_(None), ImageRow.in_dataset)
        .group_by(ImageRow.project_id, ImageRow.split)
    )
    classes = count_boxes_by_class(session, project_ids)
    found = {
        project_id: ProjectCounts(
            splits={"train": 0, "val": 0, "test": 0},
            classes=classes[project_id],
            colors={one.name: one.color for one in list_classes(session, project_id)},
        )
        for project_id in project_ids
    }
    for project_id, count, in_dataset, unannotated in session.execute(images):
        found[project_id] = replace(
            found[project_id], images=count, in_dataset=int(in_dataset), unannotated=int(unannotated)
        )
    for project_id, split, count in session.execute(splits):
        if split is not None:
            found[project_id].splits[split] = count
    return found


def live_row(session: Session, workspace_id: str, slug: str) -> ProjectRow:
    """The row of a project that is not in the trash, by its slug or else its name. Raises NotFound."""
    mine = select(ProjectRow).where(ProjectRow.workspace_id == workspace_id, ProjectRow.deleted_at.is_(None))
    row = session.scalars(mine.where(ProjectRow.slug == slug)).first()
    if row is None:
        row = session.scalars(mine.where(ProjectRow.name == slug).order_by(ProjectRow.created_at)).first()
    if row is None:
        raise NotFound(f"There is no project {slug!r} in this workspace; list its projects to see what there is.")
    return row


def touch_project(session: Session, project_id: str) -> None:
    """Note that a project changed; at most once a second, so that many uploads do not queue for its row."""
    now = time.time()
    stale = (ProjectRow.id == project_id) & (ProjectRow.updated_at < now - 1)
    # Without the objects of the session being looked through, which costs more than the update itself.
    quick = {"synchronize_session": False}
    session.execute(update(ProjectRow).where(stale).values(updated_at=now), execution_options=quick)


def project_of(row: ProjectRow) -> Project:
    """A row as a value."""
    return Project(**{name: getattr(row, name) for name in Project.__dataclass_fields__})


def _checked_text(what: str, text: str, length: int, *, may_be_empty: bool = True) -> str:
    plain = text.strip()
    if len(plain) > length or "\0" in plain or (not plain and not may_be_empty):
        least = 0 if may_be_empty else 1
        raise BadInput(
            f"A project's {what} has {len(plain):,} letters; expected {least} to {length:,}, none of them NUL."
        )
    return plain
