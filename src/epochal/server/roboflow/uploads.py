"""Contract §5: images and annotations come in, one by one or as a zip. Bodies lie about their type, so they are raw."""

import json
from typing import Annotated, Any

from fastapi import Body, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from epochal.datasets.annotation_upload import annotate_image
from epochal.datasets.fetching import NotFetched
from epochal.datasets.projects import find_project
from epochal.datasets.tasks import Task, create_task, find_task
from epochal.datasets.uploads import AddedImage, check_tags, parse_split
from epochal.errors import BadInput
from epochal.server.bodies import takes
from epochal.server.callers import CanRead, CanWrite
from epochal.server.image_bodies import decode_body, fetch_image
from epochal.server.image_upload import parse_metadata, take_image
from epochal.server.roboflow.routing import roboflow_router
from epochal.server.routes.zip_uploads import zip_address
from epochal.server.services import Served

router = roboflow_router()
workspace_router = roboflow_router()
project_router = roboflow_router()


@router.post("/dataset/{project}/upload", response_model=None)
@takes("image")
async def upload_image(
    project: str, request: Request, caller: CanWrite, served: Served
) -> dict[str, Any] | JSONResponse:
    """An image: a form with a file, base64 text, or the address of a picture."""
    query = request.query_params
    values = {name: query.get(name) for name in ("name", "split", "metadata")}
    try:
        data, source = await _read_image(request, values)
    except NotFetched as error:
        told = f"Could not fetch image URL: {error}"
        if not error.is_passing:
            raise BadInput(told) from None
        problem = {"message": told, "type": "not_fetched", "hint": "Try again, or upload the file itself."}
        return JSONResponse({"error": problem, "message": told, "retryable": True}, 502)
    metadata = parse_metadata(values["metadata"])
    if (inference_id := query.get("inference_id")) is not None:
        metadata["inference_id"] = inference_id
    added: AddedImage = await run_in_threadpool(
        take_image,
        served,
        caller.workspace_id,
        project,
        data,
        name=values["name"] or "image",
        split=values["split"] or "train",
        batch_name=query.get("batch"),
        tags=[tag for text in query.getlist("tag") for tag in text.split(",")],
        source=source,
        metadata=metadata,
    )
    return {"duplicate": True, "id": added.id} if added.is_duplicate else {"success": True, "id": added.id}


@router.post("/dataset/{project}/annotate/{image_id}")
@takes("annotations")
async def annotate(project: str, image_id: str, request: Request, caller: CanWrite, served: Served) -> dict[str, Any]:
    """Boxes of one image, in any format that is known; `name` tells nothing, the content all."""
    query = request.query_params
    text, labelmap = _annotation_text(await request.body())

    def work() -> int:
        with served.database.write() as session:
            found = find_project(session, caller.workspace_id, project)
            return annotate_image(
                session,
                served.blobs,
                found.id,
                image_id,
                text,
                file_name=query.get("name") or "annotation",
                labelmap=labelmap,
                is_prediction=query.get("prediction") == "true",
                joins_dataset=query.get("addToDataset") != "false",
                overwrite=query.get("overwrite") == "true",
            )

    count = await run_in_threadpool(work)
    return {"success": True, "id": image_id, "annotations": count}


@project_router.post("/{workspace}/{project}/upload/zip")
def begin_zip(
    workspace: str,
    project: str,
    form: Annotated[dict[str, Any], Body()],
    request: Request,
    caller: CanWrite,
    served: Served,
) -> dict[str, Any]:
    """An address to send a zip to, without a key."""
    tags = form.get("tags") or []
    wanted = {
        "split": parse_split(str(form["split"])) if form.get("split") else None,
        "batch_name": str(form.get("batchName") or ""),
        "tags": check_tags(tags if isinstance(tags, list) else str(tags).split(",")),
        "overwrite": bool(form.get("annotationOverwrite")),
    }
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        task = create_task(
            session, caller.workspace_id, "zip", wanted, project_id=found.id, created_by=caller.actor, waits=True
        )
    return {"taskId": task.id, "signedUrl": zip_address(request, served, task.id)}


@workspace_router.get("/{workspace}/upload/zip/{task_id}")
def get_zip(workspace: str, task_id: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """How far the unpacking of a zip is."""
    with served.database.read() as session:
        return zip_status(find_task(session, caller.workspace_id, task_id, kind="zip"))


def zip_status(task: Task) -> dict[str, Any]:
    """A task as the client polls it."""
    state = {"waiting": "pending"}.get(task.state, task.state)
    told: dict[str, Any] = {"taskId": task.id, "status": state, "progress": {"current": task.done, "total": task.total}}
    if task.result is not None:
        told["result"] = task.result
    if task.state == "failed":
        told["error"] = task.message
    return told


async def _read_image(request: Request, values: dict[str, str | None]) -> tuple[bytes, str]:
    """The bytes of the picture and where they came from; what a form says goes before the query."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        async with request.form(max_files=1, max_fields=20) as form:
            for name in values:
                if isinstance(value := form.get(name), str):
                    values[name] = value
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise BadInput("The form has no file; expected the picture in its field `file`.")
            values["name"] = values["name"] or file.filename
            return await file.read(), "upload"
    if (url := request.query_params.get("image")) is not None:
        values["name"] = values["name"] or url.split("?")[0].rsplit("/", 1)[-1]
        return await fetch_image(url), "url"
    body = await request.body()
    if not body:
        raise BadInput("No picture came; expected a form with a file, base64 text, or ?image= with an address.")
    return decode_body(body), "upload"


def _annotation_text(body: bytes) -> tuple[str, dict[str, str] | None]:
    """The text of the file and the names of its class numbers; of JSON with `annotationFile`, else the whole body."""
    text = body.decode("utf-8-sig", "replace")
    try:
        told = json.loads(text)
    except ValueError:
        return text, None
    if not isinstance(told, dict) or "annotationFile" not in told:
        return text, None
    content, labelmap = told["annotationFile"], told.get("labelmap")
    if isinstance(labelmap, list):
        labelmap = dict(enumerate(labelmap))
    names = {str(key): str(value) for key, value in labelmap.items()} if isinstance(labelmap, dict) else None
    return content if isinstance(content, str) else json.dumps(content), names
