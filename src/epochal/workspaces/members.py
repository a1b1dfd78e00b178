"""Members of workspaces and their roles: owner, member, viewer."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from epochal.workspaces.tables import MemberRow


def count_members(session: Session, workspace_id: str) -> int:
    """How many people are in a workspace."""
    return session.scalar(select(func.count()).where(MemberRow.workspace_id == workspace_id)) or 0
