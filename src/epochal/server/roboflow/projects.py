"""Contract §4: make a project, put it into the trash and take it out again, its health."""

from typing import Annotated, Any

from fastapi import Body

from epochal.datasets.project_health import check_project
from epochal.datasets.projects import (
    create_project,
    delete_project,
    find_project,
    list_deleted_projects,
    list_projects,
    restore_project,
)
from epochal.errors import BadInput, NotFound
from epochal.jobs.trainings import list_trainings, restore_training
from epochal.server.callers import CanRead, CanWrite
from epochal.server.roboflow.objects import project_objects
from epochal.server.roboflow.routing import roboflow_router
from epochal.server.services import Served
from epochal.versions.project_versions import deleted_versions, restore_version

workspace_router = roboflow_router()
project_router = roboflow_router()
last_router = roboflow_router()


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


@last_router.delete("/{workspace}/{project}")
def trash_project(workspace: str, project: str, caller: CanWrite, served: Served) -> dict[str, Any]:
    """Put a project into the trash, from where it comes back within 30 days."""
    with served.database.write() as session:
        delete_project(session, caller.workspace_id, project)
    return {"deleted": True, "type": "project", "trash": True}


@workspace_router.get("/{workspace}/trash")
def get_trash(workspace: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """What is in the trash."""
    with served.database.read() as session:
        projects = [
            {"type": "project", "id": one.id, "url": one.slug, "name": one.name, "deletedAt": one.deleted_at}
            for one in list_deleted_projects(session, caller.workspace_id)
        ]
        slugs = {one.id: one.slug for one in list_projects(session, caller.workspace_id)}
        versions = [
            {
                "type": "version",
                "id": one.id,
                "name": one.name,
                "version": one.number,
                "parentUrl": slugs[one.project_id],
                "parentId": one.project_id,
                "deletedAt": one.deleted_at,
            }
            for one in deleted_versions(session, caller.workspace_id)
            if one.project_id in slugs
        ]
        trainings = [
            {
                "type": "training",
                "id": one.id,
                "name": one.name,
                "version": one.version_number,
                "parentUrl": one.project_slug,
                "parentId": one.version_id,
                "deletedAt": one.deleted_at,
            }
            for one in list_trainings(session, caller.workspace_id, in_trash=True)
        ]
    sections = {"projects": projects, "versions": versions, "trainings": trainings, "workflows": []}
    return {"items": projects + versions + trainings, "sections": sections}


@workspace_router.post("/{workspace}/trash/restore")
def restore(
    workspace: str, form: Annotated[dict[str, Any], Body()], caller: CanWrite, served: Served
) -> dict[str, Any]:
    """Take something out of the trash, by the id that it has there."""
    kind, wanted = str(form.get("type")), str(form.get("id"))
    with served.database.write() as session:
        if kind == "project":
            restore_project(session, caller.workspace_id, wanted)
        elif kind == "version":
            deleted = deleted_versions(session, caller.workspace_id)
            found = next((one for one in deleted if wanted in (one.id, str(one.number))), None)
            if found is None:
                raise NotFound(f"There is no version {wanted[:60]!r} in the trash.")
            restore_version(session, found.project_id, found.number)
        elif kind == "training":
            restore_training(session, caller.workspace_id, wanted)
        else:
            raise BadInput(f"{kind[:40]!r} cannot be restored here; expected project, version or training.")
    return {"restored": True, "type": kind, "id": wanted}


@project_router.get("/{workspace}/{project}/health")
def get_health(workspace: str, project: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """The numbers and findings of the dataset."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        return check_project(session, served.blobs, found.id)
