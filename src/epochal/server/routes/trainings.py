"""Trainings of versions: begin, list, look at, stop, cancel, try again, delete; their log; the schema of a recipe."""

import os
import time
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response, StreamingResponse

from epochal.datasets.projects import find_project
from epochal.jobs import trainings as domain
from epochal.jobs.recipes import describe_recipe
from epochal.jobs.training_states import ENDED
from epochal.jobs.trainings import TrainingOrder
from epochal.server.callers import CanRead, CanTrain
from epochal.server.once import Once
from epochal.server.routes.training_forms import RecipeDescription, TrainingForm, TrainingList, TrainingOrderForm, shape
from epochal.server.services import Served, Services
from epochal.versions.project_versions import find_version

router = APIRouter(prefix="/api/workspaces/{workspace}", tags=["trainings"])
OF_VERSION = "/projects/{project}/versions/{number}/trainings"
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
LOOK_EVERY_S, FOLLOWS_FOR_S = 0.5, 24 * 3600.0
CHUNK_BYTES = 1 << 16


@router.post(OF_VERSION, status_code=201)
def begin_training(
    workspace: str, project: str, number: Number, form: TrainingOrderForm, caller: CanTrain, served: Served, once: Once
) -> TrainingForm:
    """Put a training of a version into the queue; it takes a credit when it starts."""
    order = TrainingOrder(**form.model_dump(exclude={"start"}), start=form.start.model_dump(exclude_none=True))
    with served.database.write() as session:
        if (said := once.begin(session, caller, TrainingForm)) is not None:
            return said
        found = find_project(session, caller.workspace_id, project)
        version = find_version(session, found.id, number)
        made = domain.create_training(
            session, served.data, caller.workspace_id, version.id, order, created_by=caller.actor
        )
        answer = once.end(session, caller, shape(made, served))
    served.scheduler.wake()
    return answer


@router.get(OF_VERSION)
def list_of_version(workspace: str, project: str, number: Number, caller: CanRead, served: Served) -> TrainingList:
    """The trainings of a version, the newest first."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        version = find_version(session, found.id, number)
        listed = domain.list_trainings(session, caller.workspace_id, version_id=version.id)
    return TrainingList(trainings=[shape(one, served) for one in listed])


@router.get("/trainings")
def list_of_workspace(
    workspace: str, caller: CanRead, served: Served,
    project: Annotated[str | None, Query(description="Only those of this project.")] = None,
) -> TrainingList:  # fmt: skip
    """The trainings of a workspace, the newest first."""
    with served.database.read() as session:
        project_id = None if project is None else find_project(session, caller.workspace_id, project).id
        listed = domain.list_trainings(session, caller.workspace_id, project_id=project_id)
    return TrainingList(trainings=[shape(one, served) for one in listed])


@router.get("/training-recipe")
def get_recipe(workspace: str, caller: CanRead, served: Served, model_type: str = "fast") -> RecipeDescription:
    """What may be set for a type of net, as JSON Schema, and a template that can be sent back as it is."""
    told = {**describe_recipe(model_type), "checkpoints": served.data.checkpoints()}
    return RecipeDescription.model_validate(told)


@router.get("/trainings/{training_id}")
def get_training(workspace: str, training_id: str, caller: CanRead, served: Served) -> TrainingForm:
    """One training; `GET /api/runs/{id}/graph` with the same id is its graph."""
    with served.database.read() as session:
        return shape(domain.find_training(session, caller.workspace_id, training_id), served)


@router.post("/trainings/{training_id}/stop")
def stop(workspace: str, training_id: str, caller: CanTrain, served: Served) -> TrainingForm:
    """End after the running epoch; the weights become a model."""
    with served.database.write() as session:
        found = domain.stop_training(session, caller.workspace_id, training_id)
    served.scheduler.wake()
    return shape(found, served)


@router.post("/trainings/{training_id}/cancel")
def cancel(workspace: str, training_id: str, caller: CanTrain, served: Served) -> TrainingForm:
    """End now and drop the weights; the credit comes back when no epoch had ended."""
    with served.database.write() as session:
        found = domain.cancel_training(session, caller.workspace_id, training_id)
    served.scheduler.wake()
    return shape(found, served)


@router.post("/trainings/{training_id}/retry")
def retry(workspace: str, training_id: str, caller: CanTrain, served: Served) -> TrainingForm:
    """Queue a training that was stopped, failed or cancelled again; it goes on from its last checkpoint."""
    with served.database.write() as session:
        found = domain.retry_training(session, caller.workspace_id, training_id)
    served.scheduler.wake()
    return shape(found, served)


@router.delete("/trainings/{training_id}", status_code=204)
def delete(workspace: str, training_id: str, caller: CanTrain, served: Served) -> Response:
    """Put a training that has ended, and its model, into the trash for 30 days."""
    with served.database.write() as session:
        domain.delete_training(session, caller.workspace_id, training_id)
    served.answering.forget_names()
    return Response(status_code=204)


@router.post("/trainings/{training_id}/restore")
def restore(workspace: str, training_id: str, caller: CanTrain, served: Served) -> TrainingForm:
    """Take a training and its model out of the trash."""
    with served.database.write() as session:
        return shape(domain.restore_training(session, caller.workspace_id, training_id), served)


_LOG_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "Plain text.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


@router.get("/trainings/{training_id}/log", response_class=StreamingResponse, responses=_LOG_ANSWER)
def get_log(
    workspace: str, training_id: str, caller: CanRead, served: Served,
    offset: Annotated[int, Query(ge=0, le=2**53 - 1, description="From this byte on.")] = 0,
    follow: Annotated[bool, Query(description="Go on until the training has ended.")] = False,
) -> Response:  # fmt: skip
    """What the training has said; with `follow` as it says it."""
    with served.database.read() as session:
        domain.find_training(session, caller.workspace_id, training_id)  # 404 now, rather than in the stream
    pieces = _read_log(served, caller.workspace_id, training_id, offset, follow)
    return StreamingResponse(pieces, media_type="text/plain; charset=utf-8", headers={"X-Accel-Buffering": "no"})


def _read_log(served: Services, workspace_id: str, training_id: str, offset: int, follow: bool) -> Iterator[bytes]:
    path = served.attempts.folder(training_id) / "log.txt"
    end = time.monotonic() + FOLLOWS_FOR_S
    is_last = not follow
    while time.monotonic() < end:
        try:
            with path.open("rb") as stream:
                if offset <= os.fstat(stream.fileno()).st_size:  # file systems know no offset beyond some terabytes
                    stream.seek(offset)
                else:
                    stream.seek(0, os.SEEK_END)
                while piece := stream.read(CHUNK_BYTES):
                    offset += len(piece)
                    yield piece
        except FileNotFoundError:
            pass
        if is_last or served.scheduler.is_closed:
            return
        with served.database.read() as session:
            state = domain.find_training(session, workspace_id, training_id).state
        is_last = state in ENDED  # then once more, for what was said meanwhile
        if not is_last:
            time.sleep(LOOK_EVERY_S)
