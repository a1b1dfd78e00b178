"""Whose a run is: that of a training belongs to the training's workspace, any other to the server's first one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from epochal.jobs.tables import TrainingRow
from epochal.workspaces.tables import WorkspaceRow


def owner_of_run(session: Session, run_id: str) -> str | None:
    """The slug of the workspace whose training has this run; None when it is of no training."""
    query = select(WorkspaceRow.slug).join(TrainingRow, TrainingRow.workspace_id == WorkspaceRow.id)
    return session.scalar(query.where(TrainingRow.id == run_id))


def owners_of_runs(session: Session) -> dict[str, str]:
    """{id of a run that a training has: slug of its workspace}."""
    query = select(TrainingRow.id, WorkspaceRow.slug).join(WorkspaceRow, TrainingRow.workspace_id == WorkspaceRow.id)
    return {row[0]: row[1] for row in session.execute(query)}
