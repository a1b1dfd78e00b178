"""Rows that models at work need around them; imported as `deploy.rows`."""

import time

from sqlalchemy.orm import Session

import epochal.versions.tables  # noqa: F401  # models name them
from epochal.datasets.tables import ProjectRow
from epochal.jobs.tables import ModelRow
from epochal.storage.ids import new_id
from epochal.workspaces.tables import WorkspaceRow


def add_workspace(session: Session, slug: str = "lab") -> str:
    row = WorkspaceRow(id=new_id(), slug=slug, name=slug, created_at=time.time())
    session.add(row)
    session.flush()
    return row.id


def add_project(session: Session, workspace_id: str, slug: str = "cells") -> str:
    now = time.time()
    row = ProjectRow(
        id=new_id(), workspace_id=workspace_id, slug=slug, name=slug, annotation_group="objects", license="",
        is_public=False, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def add_model(
    session: Session, workspace_id: str, project_id: str | None, files: dict[str, object], *, slug: str = "cells-1",
    classes: tuple[str, ...] = ("cat", "dog", "ä b"), can_run: bool = True, metrics: dict[str, object] | None = None,
    version_id: str | None = None,
) -> str:  # fmt: skip
    row = ModelRow(
        id=new_id(), workspace_id=workspace_id, project_id=project_id, version_id=version_id, slug=slug, name=slug,
        model_type="fast-n", can_run=can_run, files=files, classes=list(classes), image_size_px=96,
        metrics=metrics or {}, created_at=time.time(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id
