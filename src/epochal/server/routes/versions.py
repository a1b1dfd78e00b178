"""Versions of a project: make, list, rename, delete; their exports."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import Field

from epochal.datasets.projects import Project, find_project
from epochal.errors import BadInput, Conflict
from epochal.server.answers import Form, RequestForm
from epochal.server.blob_answers import answer_blob
from epochal.server.callers import CanRead, CanWrite, Known
from epochal.server.once import Once
from epochal.server.services import Served
from epochal.versions.fields import describe_fields
from epochal.versions.notebook import format_notebook
from epochal.versions.previewing import preview_project
from epochal.versions.project_exports import find_export, list_exports, start_export
from epochal.versions.project_versions import (
    create_version,
    delete_version,
    find_version,
    list_project_versions,
    rename_version,
    restore_version,
    resume_version,
)
from epochal.versions.settings import parse_settings

router = APIRouter(prefix="/api", tags=["versions"])
BASE = "/workspaces/{workspace}/projects/{project}/versions"
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Format = Annotated[str, Path(max_length=40)]
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}

_NOTEBOOK: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/x-ipynb+json": {"schema": {"type": "object"}}}}
}
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


class SplitCount(Form):
    """What a split of a version holds."""

    images: int
    annotations: int


class VersionAnswer(Form):
    """A version."""

    id: str
    number: int
    name: str
    state: Literal["generating", "ready", "failed", "cancelled"]
    progress: Annotated[float, Field(description="Of its generation, 0 to 1.")]
    message: Annotated[str, Field(description="Why it failed, or what was noticed.")]
    content_hash: str | None
    images: int
    splits: dict[str, SplitCount]
    classes: list[str]
    settings: dict[str, Any]
    created_at: float


class VersionList(Form):
    """The versions of a project, the newest first."""

    versions: list[VersionAnswer]


class NewVersion(RequestForm):
    """How to make a version; GET /api/version-settings says what there is."""

    name: Annotated[str, Field(max_length=200)] = ""
    settings: Annotated[dict[str, Any], Field(description="preprocessing, augmentation, split, seed.")] = Field(
        default_factory=dict
    )


class VersionName(RequestForm):
    """Another name."""

    name: Annotated[str, Field(min_length=1, max_length=200)]


class NewExport(RequestForm):
    """Which zip to make."""

    format: Annotated[str, Field(min_length=1, max_length=40, description="Such as coco, yolov8, voc.")]


class ExportAnswer(Form):
    """A zip of a version."""

    format: str
    state: Literal["running", "ready", "failed"]
    progress: float
    message: str
    size_bytes: int | None


class ExportList(Form):
    """The zips of a version."""

    exports: list[ExportAnswer]


class VersionSettingsAnswer(Form):
    """What a version can be made with."""

    preprocessing: dict[str, Any]
    augmentation: dict[str, Any]
    split: dict[str, Any]


@router.get("/version-settings")
def get_version_settings(caller: Known) -> VersionSettingsAnswer:
    """Every step of preprocessing and augmentation, with its fields, their ranges and units."""
    return VersionSettingsAnswer(**describe_fields())


@router.get("/workspaces/{workspace}/projects/{project}/version-preview", response_class=Response, responses=_PICTURE)
def preview_version(
    workspace: str,
    project: str,
    caller: CanRead,
    served: Served,
    settings: Annotated[str, Query(max_length=20_000, description="As for a new version, as JSON.")] = "{}",
    draw: Annotated[int, Query(ge=0, le=2**31 - 1, description="Another number shows another image.")] = 0,
    image: Annotated[str | None, Query(max_length=40, description="The id of the image to show.")] = None,
) -> Response:
    """A labelled image of the project as these settings would make it, with its boxes drawn; nothing is kept."""
    wanted = parse_settings(_json(settings))
    with served.database.read() as session:
        found = _project(session, caller, project)
        picture = preview_project(session, served.blobs, found.id, wanted, draw, image)
    return Response(picture, media_type="image/jpeg")


@router.get(BASE)
def list_versions(workspace: str, project: str, caller: CanRead, served: Served) -> VersionList:
    """The versions of a project, the newest first; those in the trash are left out."""
    with served.database.read() as session:
        found = _project(session, caller, project)
        versions = list_project_versions(session, found.id)
    return VersionList(versions=[_answer(version) for version in versions])


@router.post(BASE, status_code=201)
def make_version(
    workspace: str, project: str, form: NewVersion, caller: CanWrite, served: Served, once: Once
) -> VersionAnswer:
    """Freeze the project's dataset into the next version; its images are made in the background."""
    settings = parse_settings(form.settings)
    with served.database.write() as session:
        if (said := once.begin(session, caller, VersionAnswer)) is not None:
            return said
        version = create_version(session, _project(session, caller, project).id, settings, form.name)
        answer = once.end(session, caller, _answer(version))
    served.version_work.generate(version.id)
    return answer


@router.get(BASE + "/{version}")
def get_version(workspace: str, project: str, version: Number, caller: CanRead, served: Served) -> VersionAnswer:
    """One version, with its settings and counts."""
    with served.database.read() as session:
        return _answer(find_version(session, _project(session, caller, project).id, version))


@router.patch(BASE + "/{version}")
def change_version(
    workspace: str, project: str, version: Number, form: VersionName, caller: CanWrite, served: Served
) -> VersionAnswer:
    """Rename a version; what is in it never changes."""
    with served.database.write() as session:
        return _answer(rename_version(session, _project(session, caller, project).id, version, form.name))


@router.delete(BASE + "/{version}")
def trash_version(workspace: str, project: str, version: Number, caller: CanWrite, served: Served) -> VersionAnswer:
    """Put a version into the trash, from where it comes back within 30 days."""
    with served.database.write() as session:
        told = _answer(delete_version(session, _project(session, caller, project).id, version))
    served.answering.forget_names()
    return told


@router.post(BASE + "/{version}/restore")
def untrash_version(workspace: str, project: str, version: Number, caller: CanWrite, served: Served) -> VersionAnswer:
    """Take a version out of the trash."""
    with served.database.write() as session:
        return _answer(restore_version(session, _project(session, caller, project).id, version))


@router.post(BASE + "/{version}/cancel")
def cancel_version(workspace: str, project: str, version: Number, caller: CanWrite, served: Served) -> VersionAnswer:
    """Stop generating a version."""
    with served.database.read() as session:
        found = find_version(session, _project(session, caller, project).id, version)
    if found.state != "generating" or not served.version_work.cancel(found.id):
        raise Conflict(f"Version {version} is {found.state}; only one that is being generated can be cancelled.")
    return _answer(found)


@router.post(BASE + "/{version}/resume")
def go_on_with_version(
    workspace: str, project: str, version: Number, caller: CanWrite, served: Served
) -> VersionAnswer:
    """Go on generating a version that was cancelled or failed; images that are done are not made again."""
    with served.database.write() as session:
        found = resume_version(session, _project(session, caller, project).id, version)
    served.version_work.generate(found.id)
    return _answer(found)


@router.get(BASE + "/{version}/notebook", response_class=Response, responses=_NOTEBOOK)
def get_notebook(
    workspace: str,
    project: str,
    version: Number,
    request: Request,
    caller: CanRead,
    served: Served,
    kind: Annotated[Literal["train", "download"], Query(description="Train with Epochal, or only download.")] = "train",
    epochs: Annotated[int, Query(ge=1, le=10_000)] = 50,
) -> Response:
    """The version as a Jupyter notebook, ready to run; the reader brings the key."""
    with served.database.read() as session:
        found = _project(session, caller, project)
        find_version(session, found.id, version)
    text = format_notebook(
        kind,
        url=str(request.base_url).rstrip("/"),
        workspace=caller.workspace_slug,
        project=found.slug,
        version=version,
        epochs=epochs,
    )
    name = f"{found.slug}-{version}-{kind}.ipynb"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="application/x-ipynb+json", headers=headers)


@router.get(BASE + "/{version}/exports")
def list_version_exports(workspace: str, project: str, version: Number, caller: CanRead, served: Served) -> ExportList:
    """The zips that were made of a version."""
    with served.database.read() as session:
        found = find_version(session, _project(session, caller, project).id, version)
        exports = list_exports(session, found.id)
    return ExportList(exports=[_export(export) for export in exports])


@router.post(BASE + "/{version}/exports", status_code=202)
def export_version(
    workspace: str, project: str, version: Number, form: NewExport, request: Request, caller: CanRead, served: Served
) -> ExportAnswer:
    """Make a zip of a version in a format, or give what is known of the one that was asked for before."""
    with served.database.write() as session:
        found = find_version(session, _project(session, caller, project).id, version)
        export = start_export(session, found, form.format, server_url=str(request.base_url).rstrip("/"))
    if export.state == "running":
        served.version_work.export(found.id, form.format)
    return _export(export)


@router.get(BASE + "/{version}/exports/{format_name}", response_class=Response, responses=_ZIP)
def get_export(
    workspace: str,
    project: str,
    version: Number,
    format_name: Format,
    request: Request,
    caller: CanRead,
    served: Served,
) -> Response:
    """The zip itself, when it is ready."""
    with served.database.read() as session:
        found = find_version(session, _project(session, caller, project).id, version)
        export = find_export(session, found.id, format_name)
    if export.sha256 is None:
        raise Conflict(f"The export {format_name} is {export.state}{': ' if export.message else ''}{export.message}.")
    name = f"{project}-{version}-{format_name}.zip"
    return answer_blob(request, served, export.sha256, "application/zip", file_name=name)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadInput(f"settings is no JSON ({error}); expected an object of settings.") from None


def _project(session: Any, caller: Any, slug: str) -> Project:
    return find_project(session, caller.workspace_id, slug)


def _answer(version: Any) -> VersionAnswer:
    fields = {name: getattr(version, name) for name in VersionAnswer.model_fields}
    return VersionAnswer.model_validate({**fields, "classes": list(version.classes)})


def _export(export: Any) -> ExportAnswer:
    return ExportAnswer.model_validate({name: getattr(export, name) for name in ExportAnswer.model_fields})
