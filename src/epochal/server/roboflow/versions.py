"""Contract §7: generate a version, wait for it, export it, download it."""

from typing import Annotated, Any

from fastapi import Body, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BeforeValidator
from sqlalchemy.orm import Session

from epochal.datasets.projects import find_project
from epochal.datasets.ready_zip import find_layout
from epochal.errors import BadInput, Failed, NotFound
from epochal.server.callers import Caller, CanRead, CanWrite
from epochal.server.roboflow.objects import own_workspace, project_objects, version_object
from epochal.server.roboflow.routing import roboflow_router
from epochal.server.roboflow.training_fields import training_fields
from epochal.server.routes.downloads import download_address
from epochal.server.services import Served, Services
from epochal.versions.project_exports import VersionExport, start_export
from epochal.versions.project_versions import (
    ProjectVersion,
    create_version,
    find_version,
    list_project_versions,
)
from epochal.versions.settings import parse_settings

project_router = roboflow_router()
version_router = roboflow_router()
last_router = roboflow_router()


def _read_number(said: Any) -> int:
    """The number in an address; a word that is none is a version that is not there, not a request of a wrong form."""
    text = str(said)
    if not (text.isascii() and text.isdigit() and 0 < int(text[:10]) < 2**31):
        raise NotFound(f"There is no version {text[:40]!r}; expected its number, from 1.")
    return int(text[:10])


Number = Annotated[int, BeforeValidator(_read_number)]


@project_router.post("/{workspace}/{project}/generate")
def generate(
    workspace: str, project: str, settings: Annotated[dict[str, Any], Body()], caller: CanWrite, served: Served
) -> dict[str, Any]:
    """Make a version of the settings."""
    wanted = parse_settings({name: settings.get(name) or {} for name in ("preprocessing", "augmentation")} | {
        name: settings[name] for name in ("split", "seed") if name in settings
    })  # fmt: skip
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        version = create_version(session, found.id, wanted, str(settings.get("name") or ""))
    served.version_work.generate(version.id)
    return {"success": True, "message": f"Version {version.number} is being generated.", "version": version.number}


@version_router.get("/{workspace}/{project}/{version}")
def get_version(
    workspace: str, project: str, version: Number, request: Request, caller: CanRead, served: Served
) -> dict[str, Any]:
    """A version; the client asks again and again while it is being generated."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        one = find_version(session, found.id, version)
        _require_a_future(one)
        return {
            "workspace": own_workspace(session, caller.workspace_slug),
            "project": project_objects(session, caller.workspace_slug, [found])[0],
            "version": _whole(session, request, caller, served, found.slug, one),
        }


@version_router.get("/{workspace}/{project}/{version}/{format_name}")
def export(
    workspace: str, project: str, version: Number, format_name: str, request: Request, caller: CanRead, served: Served
) -> Response:
    """Make an export, say how far it is (202), or where it is (200)."""
    find_layout(format_name)
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        one = find_version(session, found.id, version)
        _require_a_future(one)
        if one.state != "ready":
            return JSONResponse({"progress": 0.0}, 202)
        made = start_export(session, one, format_name, server_url=str(request.base_url).rstrip("/"))
        content = {
            "workspace": own_workspace(session, caller.workspace_slug),
            "project": project_objects(session, caller.workspace_slug, [found])[0],
            "version": _whole(session, request, caller, served, found.slug, one),
        }
    if made.state == "running":
        served.version_work.export(one.id, format_name)
    if made.sha256 is None:
        return JSONResponse({"progress": made.progress}, 202)
    link = _link(request, served, made, found.slug, one)
    return JSONResponse({"export": {"format": format_name, "link": link}, **content})


@last_router.get("/{workspace}/{project}")
def get_project(workspace: str, project: str, request: Request, caller: CanRead, served: Served) -> dict[str, Any]:
    """A project with its versions, the newest first; those that never came to be are left out."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        versions = [one for one in list_project_versions(session, found.id) if one.state in {"ready", "generating"}]
        return {
            "workspace": own_workspace(session, caller.workspace_slug),
            "project": project_objects(session, caller.workspace_slug, [found])[0],
            "versions": [
                _whole(session, request, caller, served, found.slug, version, with_epochs=False) for version in versions
            ],
        }


def _whole(
    session: Session, request: Request, caller: Caller, served: Services, slug: str, version: ProjectVersion,
    *, with_epochs: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """VersionObj with what its trainings add; the epochs, which may be many, are for one version alone."""
    trained = training_fields(session, caller.workspace_id, slug, version, served.data, with_epochs=with_epochs)
    if "model" in trained:
        trained["model"]["endpoint"] = f"{request.base_url}{trained['model']['id']}"
    return version_object(session, caller.workspace_slug, slug, version, trained)


def _link(request: Request, served: Served, made: VersionExport, project: str, version: ProjectVersion) -> str:
    assert made.sha256 is not None
    return download_address(request, served, made.sha256, f"{project}.v{version.number}.{made.format}.zip")


def _require_a_future(version: ProjectVersion) -> None:
    """A version without images makes the client wait for ever, so one that will never have any is told as an error."""
    if version.state == "failed":
        raise BadInput(f"Version {version.number} could not be generated: {version.message}")
    if version.state == "cancelled":
        raise Failed(f"Version {version.number} was cancelled; generate a new one.")
