"""A workspace with a project and a ready version, as rows, for tests of what is done with them."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from epochal.datasets.tables import ProjectRow
from epochal.storage.ids import new_id
from epochal.versions.tables import VersionRow
from epochal.workspaces.tables import WorkspaceRow

NOW = 1_790_000_000.0


@dataclass(frozen=True)
class Rows:
    """The ids of what `add_rows` made."""

    workspace_id: str
    project_id: str
    version_id: str


def add_rows(session: Session, *, workspace: str = "lab", project: str = "cells", number: int = 1) -> Rows:
    """Add a workspace, a project and a ready version."""
    rows = Rows(new_id(), new_id(), new_id())
    session.add(WorkspaceRow(id=rows.workspace_id, slug=workspace, name=workspace, created_at=NOW))
    session.flush()
    session.add(
        ProjectRow(
            id=rows.project_id, workspace_id=rows.workspace_id, slug=project, name=project, annotation_group="cells",
            license="MIT", is_public=False, created_at=NOW, updated_at=NOW,
        )
    )  # fmt: skip
    session.flush()
    session.add(version_row(rows.project_id, number, rows.version_id))
    session.flush()
    return rows


def version_row(project_id: str, number: int, version_id: str | None = None, **fields: object) -> VersionRow:
    """A ready version of two classes."""
    values: dict[str, object] = {
        "id": version_id or new_id(), "project_id": project_id, "number": number, "name": f"v{number}", "settings": {},
        "state": "ready", "progress": 1.0, "images": 26, "splits": {}, "classes": ["disc", "block"],
        "content_hash": "0" * 64, "created_at": NOW,
    }  # fmt: skip
    return VersionRow(**{**values, **fields})
