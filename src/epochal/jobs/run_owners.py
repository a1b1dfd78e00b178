"""Whose a run is: that of a training belongs to the training's workspace, any other to the server's first one."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from epochal.datasets.tables import ProjectRow
from epochal.jobs.tables import TrainingRow
from epochal.storage.database import Database
from epochal.versions.project_versions import version_folder
from epochal.versions.tables import VersionRow
from epochal.workspaces.tables import WorkspaceRow


def owner_of_run(session: Session, run_id: str) -> str | None:
    """The slug of the workspace whose training has this run; None when it is of no training."""
    query = select(WorkspaceRow.slug).join(TrainingRow, TrainingRow.workspace_id == WorkspaceRow.id)
    return session.scalar(query.where(TrainingRow.id == run_id))


@dataclass(frozen=True)
class RunOwner:
    """Whose training of which version a run is: slugs of workspace and project, number of the version."""

    workspace: str
    project: str
    version: int


def owners_of_runs(session: Session) -> dict[str, RunOwner]:
    """{id of a run that a training has: whose it is}."""
    query = (
        select(TrainingRow.id, WorkspaceRow.slug, ProjectRow.slug, VersionRow.number)
        .join(WorkspaceRow, TrainingRow.workspace_id == WorkspaceRow.id)
        .join(ProjectRow, TrainingRow.project_id == ProjectRow.id)
        .join(VersionRow, TrainingRow.version_id == VersionRow.id)
    )
    return {row[0]: RunOwner(row[1], row[2], row[3]) for row in session.execute(query)}


def find_version_of_run(database: Database, data_root: Path, run_id: str) -> Path | None:
    """The folder of the version that a run was trained on; None when it is of no training."""
    query = select(VersionRow).join(TrainingRow, TrainingRow.version_id == VersionRow.id)
    with database.read() as session:
        row = session.scalar(query.where(TrainingRow.id == run_id))
    return None if row is None else version_folder(data_root, row.project_id, row.number)
