"""Zips with images and annotations, streamed to the disk and unpacked in the background."""

import os
import secrets
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from epochal.datasets.projects import find_project
from epochal.datasets.tasks import Task, create_task, file_came, find_task, task_by_id
from epochal.datasets.uploads import check_tags, parse_split
from epochal.errors import BadInput, Failed, StorageFull
from epochal.server.answers import Form
from epochal.server.bodies import takes
from epochal.server.callers import CanRead, CanWrite
from epochal.server.services import Served, Services

router = APIRouter(prefix="/api", tags=["uploads"])
PURPOSE = "zip"
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class TaskAnswer(Form):
    """Work that goes on in the background."""

    id: str
    kind: Literal["zip", "metadata", "search_export", "clone", "model_export"]
    state: Literal["waiting", "pending", "running", "completed", "failed"]
    done: int
    total: int | None
    result: dict[str, Any] | None
    message: str
    created_at: float
    updated_at: float


@router.get("/workspaces/{workspace}/tasks/{task}")
def get_task(workspace: str, task: str, caller: CanRead, served: Served) -> TaskAnswer:
    """How far a piece of work is, and what came of it."""
    with served.database.read() as session:
        return task_answer(find_task(session, caller.workspace_id, task))


@router.post("/workspaces/{workspace}/projects/{project}/uploads/zip", status_code=202, openapi_extra=_BODY)
@takes("archive")
async def upload_zip(
    workspace: str,
    project: str,
    request: Request,
    caller: CanWrite,
    served: Served,
    split: Annotated[Literal["train", "val", "valid", "test"] | None, Query(description="For every image.")] = None,
    batch: Annotated[str, Query(max_length=300)] = "",
    tag: Annotated[list[str] | None, Query()] = None,
    overwrite: Annotated[bool, Query(description="Replace what people have labelled.")] = False,
) -> TaskAnswer:
    """Images and annotations in a zip, in any format that `epochal check` reads; the body is the zip."""
    wanted = {"split": parse_split(split), "batch_name": batch, "tags": check_tags(tag or []), "overwrite": overwrite}

    def begin() -> Task:
        with served.database.write() as session:
            found = find_project(session, caller.workspace_id, project)
            return create_task(
                session, caller.workspace_id, "zip", wanted, project_id=found.id, created_by=caller.actor, waits=True
            )

    task = await run_in_threadpool(begin)
    return task_answer(await _receive(request, served, task.id))


@router.put("/uploads/zip/{token}", include_in_schema=False)
@takes("archive")
async def put_zip(token: str, request: Request, served: Served) -> TaskAnswer:
    """The zip that an address was signed for."""
    task_id = served.signer.check(PURPOSE, token)
    return task_answer(await _receive(request, served, task_id))


def zip_address(request: Request, served: Services, task_id: str) -> str:
    """An absolute address to send a zip to, without a key, for a day."""
    token = served.signer.token(PURPOSE, task_id)
    return f"{str(request.base_url).rstrip('/')}/api/uploads/zip/{token}"


def task_answer(task: Task) -> TaskAnswer:
    """A task in its form."""
    return TaskAnswer(**{name: getattr(task, name) for name in TaskAnswer.model_fields})


async def _receive(request: Request, served: Services, task_id: str) -> Task:
    """Stream a body beside its final name; only what came whole gets it, and only the first of two."""
    final = served.project_work.zip_path(task_id)
    await run_in_threadpool(final.parent.mkdir, parents=True, exist_ok=True)
    beside = final.with_name(f".{task_id}-{secrets.token_hex(8)}.part")
    try:
        size = await _write(request, beside)
        if not size:
            raise BadInput("No zip came; expected its bytes as the body.")

        def keep() -> Task:
            with served.database.write() as session:
                task_by_id(session, task_id)
                task = file_came(session, task_id)
                os.replace(beside, final)
                return task

        task = await run_in_threadpool(keep)
    finally:
        await run_in_threadpool(beside.unlink, missing_ok=True)
    served.project_work.start(task_id)
    return task


async def _write(request: Request, path: Path) -> int:
    size = 0
    try:
        with path.open("wb") as stream:
            async for piece in request.stream():
                size += len(piece)
                await run_in_threadpool(stream.write, piece)
    except OSError as error:
        kind = StorageFull if error.errno == 28 else Failed
        raise kind(f"The zip could not be kept ({error.strerror}); nothing of it was.") from None
    return size
