"""Contract §4.6: put projects, versions and trainings into the trash, list it, take something out again.

The packages find a version in the trash by its number and its project's slug, and print `error` as it is.
"""

import time
from typing import Annotated, Any

from fastapi import Body
from sqlalchemy.orm import Session

from epochal.datasets.projects import (
    Project,
    delete_project,
    find_project,
    list_deleted_projects,
    list_projects,
    restore_project,
)
from epochal.errors import BadInput, NotFound
from epochal.jobs.trainings import list_trainings, restore_training
from epochal.jobs.trash import KEPT_DAYS
from epochal.server.callers import Caller, CanRead, CanWrite
from epochal.server.roboflow.routing import TrashRoute, roboflow_router
from epochal.server.roboflow.versions import Number
from epochal.server.services import Served
from epochal.versions.project_versions import delete_version, deleted_versions, restore_version

workspace_router = roboflow_router()
version_router = roboflow_router()
last_router = roboflow_router()
for _router in (workspace_router, version_router, last_router):
    _router.route_class = TrashRoute
DAY_S = 86_400


@last_router.delete("/{workspace}/{project}")
def trash_project(workspace: str, project: str, caller: CanWrite, served: Served) -> dict[str, Any]:
    """Put a project into the trash, from where it comes back within 30 days."""
    with served.database.write() as session:
        delete_project(session, caller.workspace_id, project)
    served.answering.forget_names()
    return {"deleted": True, "type": "project", "trash": True}


@version_router.delete("/{workspace}/{project}/{version}")
def trash_version(workspace: str, project: str, version: Number, caller: CanWrite, served: Served) -> dict[str, Any]:
    """Put a version into the trash."""
    with served.database.write() as session:
        delete_version(session, find_project(session, caller.workspace_id, project).id, version)
    served.answering.forget_names()
    return {"deleted": True, "type": "version", "trash": True}


@workspace_router.get("/{workspace}/trash")
def get_trash(workspace: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """What is in the trash."""
    with served.database.read() as session:
        projects = [
            {"type": "project", "id": one.id, "url": one.slug, "name": one.name, **_times(one.deleted_at)}
            for one in list_deleted_projects(session, caller.workspace_id)
        ]
        parents = {one.id: one for one in list_projects(session, caller.workspace_id)}
        versions = [
            {
                "type": "version",
                "id": str(one.number),
                "name": one.name,
                **_parent(parents[one.project_id]),
                **_times(one.deleted_at),
            }
            for one in deleted_versions(session, caller.workspace_id)
            if one.project_id in parents
        ]
        trainings = [
            {
                "type": "training",
                "id": one.id,
                "name": one.name,
                "version": one.version_number,
                "parentUrl": one.project_slug,
                "parentId": one.version_id,
                **_times(one.deleted_at),
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
            _restore_version(session, caller, wanted, form.get("parentId"))
        elif kind == "training":
            restore_training(session, caller.workspace_id, wanted)
        else:
            raise BadInput(f"{kind[:40]!r} cannot be restored here; expected project, version or training.")
    return {"restored": True, "type": kind, "id": wanted}


def _restore_version(session: Session, caller: Caller, wanted: str, parent: Any) -> None:
    """By number and the id of the project; without the project only where no other has that number in the trash."""
    deleted = deleted_versions(session, caller.workspace_id)
    fitting = [
        one
        for one in deleted
        if wanted in (one.id, str(one.number)) and (parent is None or str(parent) == one.project_id)
    ]
    if not fitting:
        raise NotFound(f"There is no version {wanted[:60]!r} in the trash.")
    if len(fitting) > 1:
        raise BadInput(f"There are {len(fitting)} versions {wanted[:20]} in the trash; name the project in parentId.")
    restore_version(session, fitting[0].project_id, fitting[0].number)


def _parent(project: Project) -> dict[str, str]:
    return {"parentUrl": project.slug, "parentName": project.name, "parentId": project.id}


def _times(deleted_at: float | None) -> dict[str, str]:
    """When it was deleted and when it goes for good, as the command prints them."""
    if deleted_at is None:
        return {}
    return {"deletedAt": _text(deleted_at), "scheduledCleanupAt": _text(deleted_at + KEPT_DAYS * DAY_S)}


def _text(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
