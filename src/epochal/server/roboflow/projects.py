"""Contract §4: make a project, list them, their health."""

from typing import Annotated, Any

from fastapi import Body

from epochal.datasets.project_health import check_project
from epochal.datasets.projects import create_project, find_project, list_projects
from epochal.errors import BadInput
from epochal.server.callers import CanRead, CanWrite
from epochal.server.roboflow.objects import project_objects
from epochal.server.roboflow.routing import roboflow_router
from epochal.server.services import Served

workspace_router = roboflow_router()
project_router = roboflow_router()


@workspace_router.get("/{workspace}/projects")
def get_projects(workspace: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """All projects of the workspace."""
    with served.database.read() as session:
        projects = list_projects(session, caller.workspace_id)
        return {"projects": project_objects(session, caller.workspace_slug, projects)}


@workspace_router.post("/{workspace}/projects")
def make_project(
    workspace: str, form: Annotated[dict[str, Any], Body()], caller: CanWrite, served: Served
) -> dict[str, Any]:
    """A new project, told without anything around it."""
    kind = str(form.get("type") or "object-detection")
    if kind != "object-detection":
        raise BadInput(f"The project type {kind[:60]!r} is not one of Epochal's; expected object-detection.")
    with served.database.write() as session:
        project = create_project(
            session,
            caller.workspace_id,
            name=str(form.get("name") or ""),
            annotation_group=str(form.get("annotation") or ""),
            license=str(form.get("license") or "Private"),
            is_public=form.get("public") is True,
        )
        return project_objects(session, caller.workspace_slug, [project])[0]


@project_router.get("/{workspace}/{project}/health")
def get_health(workspace: str, project: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """The numbers and findings of the dataset."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        return check_project(session, served.blobs, found.id)
