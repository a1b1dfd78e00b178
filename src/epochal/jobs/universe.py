"""The universe: public projects of all workspaces of this server."""

from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from epochal.datasets.projects import Project, project_of
from epochal.datasets.query_language import like
from epochal.datasets.tables import ClassRow, ProjectRow
from epochal.errors import NotFound
from epochal.workspaces.tables import UserRow, WorkspaceRow


@dataclass(frozen=True)
class PublicProject:
    """A project that everybody on this server may look at and clone, and whose it is."""

    project: Project
    workspace_id: str
    workspace_slug: str
    workspace_name: str


def list_public(
    session: Session, *, query: str = "", only_featured: bool = False, limit: int = 50, offset: int = 0
) -> tuple[list[PublicProject], int]:
    """Public projects: featured ones first, then the one changed last.

    Args:
        session: that reads.
        query: words, each of which must be in the name, description, annotation group, workspace or a class.
        only_featured: those that the owner of the server has set.
        limit: of the page.
        offset: of the page.

    Returns:
        The page, and how many there are in all.
    """
    wanted = ProjectRow.is_public & ProjectRow.deleted_at.is_(None)
    if only_featured:
        wanted &= ProjectRow.is_featured
    for word in query.split()[:20]:
        has_class = exists().where(ClassRow.project_id == ProjectRow.id, like(ClassRow.name, word, anywhere=True))
        texts = (ProjectRow.name, ProjectRow.description, ProjectRow.annotation_group, WorkspaceRow.name)
        wanted &= or_(has_class.correlate(ProjectRow), *(like(text, word, anywhere=True) for text in texts))
    joined = select(ProjectRow, WorkspaceRow).join(WorkspaceRow, WorkspaceRow.id == ProjectRow.workspace_id)
    order = (ProjectRow.is_featured.desc(), ProjectRow.updated_at.desc(), ProjectRow.id)
    rows = session.execute(joined.where(wanted).order_by(*order).limit(limit).offset(offset))
    found = [PublicProject(project_of(row), of.id, of.slug, of.name) for row, of in rows]
    counted = (
        select(func.count()).select_from(ProjectRow).join(WorkspaceRow, WorkspaceRow.id == ProjectRow.workspace_id)
    )
    return found, session.scalar(counted.where(wanted)) or 0


def find_public(session: Session, owner: str, slug: str) -> PublicProject:
    """A public project by the slugs of its workspace and its own. Raises NotFound, for one that is not public too."""
    query = (
        select(ProjectRow, WorkspaceRow)
        .join(WorkspaceRow, WorkspaceRow.id == ProjectRow.workspace_id)
        .where(WorkspaceRow.slug == owner, ProjectRow.slug == slug, ProjectRow.is_public)
        .where(ProjectRow.deleted_at.is_(None))
    )
    for row, of in session.execute(query):
        return PublicProject(project_of(row), of.id, of.slug, of.name)
    raise NotFound(f"There is no public project {owner[:60]}/{slug[:60]} on this server; search the universe for one.")


def set_featured(session: Session, owner: str, slug: str, is_featured: bool) -> PublicProject:
    """Show a public project first, or not any more. Raises NotFound."""
    found = find_public(session, owner, slug)
    session.get_one(ProjectRow, found.project.id).is_featured = is_featured
    session.flush()
    return find_public(session, owner, slug)


def is_server_owner(session: Session, workspace_id: str, user_id: str | None) -> bool:
    """Whether somebody owns the server: its owner, or a key of the first workspace, which is the owner's."""
    if user_id is not None:
        user = session.get(UserRow, user_id)
        return user is not None and user.is_server_owner
    first = select(WorkspaceRow.id).order_by(WorkspaceRow.created_at, WorkspaceRow.id).limit(1)
    return session.scalar(first) == workspace_id
