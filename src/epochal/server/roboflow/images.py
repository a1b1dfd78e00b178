"""Contract §6: search, images, tags, metadata, exports of a search."""

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from epochal.datasets.images import (
    ProjectImage,
    change_metadata,
    change_tags,
    delete_images,
    find_image,
    find_workspace_image,
    set_tags,
)
from epochal.datasets.labels import read_annotations
from epochal.datasets.likeness import find_alike, hash_images
from epochal.datasets.projects import find_project, list_projects
from epochal.datasets.query_language import parse_query
from epochal.datasets.ready_zip import find_layout
from epochal.datasets.searching import ImageFilter, search_project, search_workspace
from epochal.datasets.tasks import create_task, find_task
from epochal.errors import BadInput
from epochal.server.callers import Caller, CanRead, CanWrite
from epochal.server.picture_links import PictureKind, picture_address
from epochal.server.roboflow.forms import Json, read_number, read_text
from epochal.server.roboflow.objects import SPLIT_NAMES
from epochal.server.roboflow.routing import roboflow_router
from epochal.server.routes.downloads import download_address
from epochal.server.services import Served, Services

workspace_router = roboflow_router()
project_router = roboflow_router()
_UPDATES_MAX = 1000
_CHANGES = ("metadata", "removeMetadata", "addTags", "removeTags")
_HASHED_AT_ONCE = 200  # a second or two


@project_router.post("/{workspace}/{project}/search")
def search(
    workspace: str, project: str, form: Json, request: Request, caller: CanRead, served: Served
) -> dict[str, Any]:
    """Images of a project; the client pages by offset until a page is short."""
    if form.get("mediaTypes") == ["video"]:
        return {"offset": read_number(form, "offset", 0), "total": 0, "results": []}
    wanted = ImageFilter(
        query=read_text(form, "prompt"),
        tag=read_text(form, "tag"),
        class_name=read_text(form, "class_name"),
        in_dataset=form.get("in_dataset") if isinstance(form.get("in_dataset"), bool) else None,
        # Of a batch that is named, all its images: those too that left it for the dataset.
        in_batch=True if form.get("batch") is True and not form.get("batch_id") else None,
        batch_id=read_text(form, "batch_id"),
        in_job=form.get("annotation_job") if isinstance(form.get("annotation_job"), bool) else None,
        job_id=read_text(form, "annotation_job_id"),
    )
    offset, limit = read_number(form, "offset", 0), read_number(form, "limit", 50)
    like = read_text(form, "like_image")
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
    if like is not None:
        _hash_some(served, found.id, like)
    with served.database.read() as session:
        if like is not None:
            page = find_alike(session, found.id, like, wanted, offset=offset, limit=limit)
        else:
            page = search_project(session, found.id, wanted, offset=offset, limit=limit)
    results = [_hit(request, served, caller, image) for image in page.images]
    return {"offset": offset, "total": page.total, "results": results}


@workspace_router.post("/{workspace}/search/v1")
def search_all_projects(
    workspace: str, form: Json, request: Request, caller: CanRead, served: Served
) -> dict[str, Any]:
    """Images of the whole workspace, in the query language of `datasets/query_language.py`."""
    if form.get("mediaTypes") == ["video"]:
        return {"results": [], "total": 0, "continuationToken": None}
    query, cursor = str(form.get("query") or ""), read_text(form, "continuationToken")
    with served.database.read() as session:
        page = search_workspace(
            session, caller.workspace_id, query, limit=read_number(form, "pageSize", 50), cursor=cursor
        )
    results = [
        {**_hit(request, served, caller, image), "filename": image.name, "projects": [image.project_slug]}
        for image in page.images
    ]
    return {"results": results, "total": page.total, "continuationToken": page.cursor}


@project_router.get("/{workspace}/{project}/images/{image_id}")
def get_image(
    workspace: str, project: str, image_id: str, request: Request, caller: CanRead, served: Served
) -> dict[str, Any]:
    """One image, with its boxes by centre and size."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        image = find_image(session, found.id, image_id)
        boxes = read_annotations(session, found.id, [image_id])[image_id]
    links: tuple[PictureKind, ...] = ("original", "thumb", "annotation")
    told = {
        "id": image.id,
        "name": image.name,
        "annotation": {
            "key": found.annotation_group,
            "width": image.image_wh[0],
            "height": image.image_wh[1],
            "boxes": [_box(box.class_name, box.box_xyxy, box.confidence) for box in boxes],
        },
        "labels": list(image.labels),
        "split": SPLIT_NAMES.get(image.split or "", "train"),
        "tags": list(image.tags),
        "created": round(image.created_at * 1000),
        "urls": {kind: picture_address(request, served, found.id, image.id, kind) for kind in links},
        "metadata": image.user_metadata,
        "user_metadata": image.user_metadata,
        "batch": image.batch_id,
        "in_dataset": image.in_dataset,
    }
    return {"image": told}


@project_router.delete("/{workspace}/{project}/images", status_code=204)
def trash_images(workspace: str, project: str, form: Json, caller: CanWrite, served: Served) -> Response:
    """Put images of a project into the trash; ids that are not there are no error."""
    ids = _ids(form)
    with served.database.write() as session:
        delete_images(session, [find_project(session, caller.workspace_id, project).id], ids)
    return Response(status_code=204)


@workspace_router.delete("/{workspace}/images")
def trash_workspace_images(workspace: str, form: Json, caller: CanWrite, served: Served) -> dict[str, Any]:
    """Put images of any project of the workspace into the trash."""
    ids = _ids(form)
    with served.database.write() as session:
        projects = [project.id for project in list_projects(session, caller.workspace_id)]
        deleted = len(delete_images(session, projects, ids))
    skipped = len(set(ids)) - deleted
    return {"deletedSources": deleted, "skippedSources": skipped, "deleted": deleted, "skipped": skipped}


@workspace_router.post("/{workspace}/images/metadata", status_code=202)
def change_many(workspace: str, form: Json, request: Request, caller: CanWrite, served: Served) -> dict[str, Any]:
    """Change the metadata and tags of many images in the background."""
    updates = _updates(form)
    with served.database.write() as session:
        task = create_task(session, caller.workspace_id, "metadata", {"updates": updates}, created_by=caller.actor)
    served.project_work.start(task.id)
    base = str(request.base_url).rstrip("/")
    # The client asks this address as it is, and adds its key.
    return {"taskId": task.id, "url": f"{base}/{caller.workspace_slug}/asynctasks/{task.id}"}


@workspace_router.post("/{workspace}/images/{image_id}/metadata")
def change_one(workspace: str, image_id: str, form: Json, caller: CanWrite, served: Served) -> dict[str, Any]:
    """Change the metadata and tags of one image."""
    _check_changes(form)
    with served.database.write() as session:
        image = find_workspace_image(session, caller.workspace_id, image_id)
        change_metadata(
            session, image.project_id, image_id, add=form.get("metadata"), remove=form.get("removeMetadata") or ()
        )
        change_tags(session, image.project_id, image_id, add=_words(form, "addTags"), remove=_words(form, "removeTags"))
    return {"success": True}


@project_router.post("/{workspace}/{project}/images/{image_id}/tags")
def change_image_tags(
    workspace: str, project: str, image_id: str, form: Json, caller: CanWrite, served: Served
) -> dict[str, Any]:
    """Add, remove or set the tags of an image."""
    tags, operation = _words(form, "tags"), str(form.get("operation") or "add")
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        if operation == "set":
            kept = set_tags(session, found.id, image_id, tags)
        elif operation in ("add", "remove"):
            kept = change_tags(session, found.id, image_id, **{operation: tags})
        else:
            raise BadInput(f"{operation[:40]!r} is no operation on tags; expected add, remove or set.")
    return {"success": True, "tags": list(kept)}


@workspace_router.get("/{workspace}/asynctasks/{task_id}")
def get_task(workspace: str, task_id: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """How far a piece of work is."""
    with served.database.read() as session:
        task = find_task(session, caller.workspace_id, task_id)
    told: dict[str, Any] = {
        "taskId": task.id,
        "status": task.state,
        "progress": {"current": task.done, "total": task.total},
    }
    if task.result is not None:
        told["result"] = task.result
    return {**told, "error": task.message} if task.state == "failed" else told


@workspace_router.post("/{workspace}/search/export", status_code=202)
def begin_search_export(workspace: str, form: Json, caller: CanRead, served: Served) -> dict[str, Any]:
    """Pack the images that a query finds in a format."""
    query, format_name = str(form.get("query") or ""), str(form.get("format") or "coco")
    if (project := read_text(form, "dataset")) is not None:
        query = f'project:"{project}" ({query or "*"})'
    if (group := read_text(form, "annotationGroup")) is not None:
        query = f'annotation-group:"{group}" ({query or "*"})'
    parse_query(query)
    find_layout(format_name)
    wanted = {
        "query": query,
        "format": format_name,
        "name": read_text(form, "name") or project or "search",
        "group": group or "",
        "workspace": caller.workspace_slug,
    }
    with served.database.write() as session:
        task = create_task(session, caller.workspace_id, "search_export", wanted, created_by=caller.actor)
    served.project_work.start(task.id)
    return {"link": task.id}


@workspace_router.get("/{workspace}/search/export/{task_id}", response_model=None)
def get_search_export(
    workspace: str, task_id: str, request: Request, caller: CanRead, served: Served
) -> dict[str, Any] | JSONResponse:
    """Whether the zip of a search is ready, and where it is."""
    with served.database.read() as session:
        task = find_task(session, caller.workspace_id, task_id, kind="search_export")
    if task.state == "failed":
        raise BadInput(task.message)
    if task.result is None:
        return {"ready": False}
    return {"ready": True, "link": download_address(request, served, str(task.result["sha256"]), "search.zip")}


def _hash_some(served: Services, project_id: str, like: str) -> None:
    """Hash what an answer can wait for; the rest is done meanwhile, so that a later search finds it."""
    database, blobs = served.database, served.blobs
    if not hash_images(database, blobs, project_id, first=like, most=_HASHED_AT_ONCE):
        served.background.submit(
            f"hashes:{project_id}",
            lambda is_asked_to_stop: hash_images(database, blobs, project_id, is_cancelled=is_asked_to_stop),
        )


def _hit(request: Request, served: Services, caller: Caller, image: ProjectImage) -> dict[str, Any]:
    """All that the client can ask of a hit by `fields`."""
    return {
        "id": image.id,
        "name": image.name,
        "created": round(image.created_at * 1000),
        "labels": list(image.labels),
        "split": SPLIT_NAMES.get(image.split or "", "train"),
        "tags": list(image.tags),
        "annotations": {"count": sum(image.labels.values()), "classes": image.labels},
        "owner": caller.workspace_slug,
        "user_metadata": image.user_metadata,
        "width": image.image_wh[0],
        "height": image.image_wh[1],
        "in_dataset": image.in_dataset,
        "batch": image.batch_id,
        "mediaType": "image",
        "url": picture_address(request, served, image.project_id, image.id, "original"),
    }


def _box(label: str, box: tuple[float, float, float, float], confidence: float | None) -> dict[str, Any]:
    x_min, y_min, x_max, y_max = box
    told = {"label": label, "x": (x_min + x_max) / 2, "y": (y_min + y_max) / 2}
    told |= {"width": x_max - x_min, "height": y_max - y_min}
    return told if confidence is None else {**told, "confidence": confidence}


def _ids(form: dict[str, Any]) -> list[str]:
    ids = form.get("images")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise BadInput('Expected {"images": [ids of images]}.')
    return ids


def _updates(form: dict[str, Any]) -> list[dict[str, Any]]:
    """What is to be done with many images. One that says nothing refuses them all, before anything is begun."""
    updates = form.get("updates")
    if not isinstance(updates, list) or not updates or len(updates) > _UPDATES_MAX:
        raise BadInput(f'Expected {{"updates": [{{"imageId": …, "metadata": …}}]}} with 1 to {_UPDATES_MAX} of them.')
    for number, one in enumerate(updates):
        where = f"updates[{number}]"
        if not isinstance(one, dict) or not isinstance(one.get("imageId"), str):
            raise BadInput(f"{where} is {one!r:.80}; expected an object with the imageId of an image.")
        if not any(one.get(key) for key in _CHANGES):
            raise BadInput(f"{where} changes nothing; expected one of {', '.join(_CHANGES)} beside its imageId.")
        _check_changes(one, f"{where}.")
    return [{key: value for key, value in one.items() if value} for one in updates]


def _check_changes(form: dict[str, Any], where: str = "") -> None:
    """Refuse changes of an image that are of another form."""
    for key in _CHANGES:
        kind, expected = (dict, "an object") if key == "metadata" else (list, "a list of words")
        if form.get(key) and not isinstance(form[key], kind):
            raise BadInput(f"{where}{key} is {form[key]!r:.80}; expected {expected}.")


def _words(form: dict[str, Any], key: str) -> list[str]:
    words = form.get(key) or []
    words = [words] if isinstance(words, str) else words
    if not isinstance(words, list):
        raise BadInput(f"Expected {key} to be a list of words; got {type(words).__name__}.")
    return [str(word) for word in words]
