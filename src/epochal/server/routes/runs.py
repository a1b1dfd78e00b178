"""Runs: the list, one run, its graph and its events; start, stop and resume."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Query
from fastapi.responses import Response, StreamingResponse
from sqlalchemy.orm import Session

from epochal.graphs.packed import MEDIA_TYPE
from epochal.jobs.launcher import TrainingRequest
from epochal.jobs.run_owners import owner_of_run, owners_of_runs
from epochal.jobs.trainings import find_training, retry_training, stop_training
from epochal.server.answers import (
    DatasetTrainingForm,
    GraphDocument,
    RunDetail,
    RunList,
    RunSummary,
    RunTraining,
    StopRequest,
)
from epochal.server.callers import NEEDS_READ, Caller, CanRead, CanTrain
from epochal.server.services import Served, Services

router = APIRouter(prefix="/api", tags=["runs"], dependencies=[NEEDS_READ])
MAX_CURSOR = 2**53 - 1  # what a browser can hold as a number
_PACKED_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`EPG1`, the length of the head (uint32), the head (JSON: the document without `epochs` and "
        "`series`, the keys, the rows of each part), then the parts: epochs and each key as float64, NaN where there "
        "is no value; little-endian. The last part holds every epoch.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}
_EVENTS_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`journal` (data: one journal line, id: the cursor behind it), `progress` (data: RunSummary), "
        "`reading` (data: ReadingEvent); a comment every 15 s of silence.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get("/runs")
def list_runs(served: Served, caller: CanRead) -> RunList:
    """The runs of the server's first workspace, those of the data folder among them, the one begun last first."""
    return _list(served, caller)


@router.get("/workspaces/{workspace}/runs")
def list_runs_of_workspace(workspace: str, served: Served, caller: CanRead) -> RunList:
    """The runs of a workspace, the one begun last first."""
    return _list(served, caller)


def _list(served: Services, caller: Caller) -> RunList:
    with served.database.read() as session:
        owners = owners_of_runs(session)
    mine: list[RunSummary] = []
    for summary in served.index.summaries():
        owner = owners.get(summary.id)
        if (served.first_workspace if owner is None else owner.workspace) != caller.workspace_slug:
            continue
        told = RunSummary.model_validate(summary)
        # The folder of a version is called by its number, which says little in a list of many.
        mine.append(told if owner is None else told.model_copy(update={"dataset": f"{owner.project}/{owner.version}"}))
    return RunList(runs=mine)


@router.get("/runs/{run_id}")
def get_run(run_id: str, served: Served, caller: CanRead) -> RunDetail:
    """One run, with its recipe."""
    with served.database.read() as session:
        training = None
        if owner_of_run(session, run_id) is not None:
            found = find_training(session, caller.workspace_id, run_id)
            training = RunTraining(
                workspace=caller.workspace_slug, project=found.project_slug, version=found.version_number
            )
    recipe = served.index.recipe(run_id)
    summary = RunSummary.model_validate(served.index.summary(run_id))
    return RunDetail(**dict(summary), recipe=recipe, training=training)


@router.get("/runs/{run_id}/graph", response_model=GraphDocument)
def get_graph(run_id: str, served: Served) -> Response:
    """The graph document of a run, and the cursor from which its events go on."""
    document, cursor = served.index.document(run_id)
    return Response(msgspec.json.encode({**document, "cursor": cursor}), media_type="application/json")


@router.get("/runs/{run_id}/packed-graph", response_class=Response, responses=_PACKED_ANSWER)
def get_packed_graph(run_id: str, served: Served) -> Response:
    """The same document as bytes that a page draws from at once: of a long run a few epochs come first, then all."""
    return Response(served.index.packed(run_id), media_type=MEDIA_TYPE)


@router.get("/runs/{run_id}/events", response_class=StreamingResponse, responses=_EVENTS_ANSWER)
async def follow_run(
    run_id: str,
    served: Served,
    cursor: Annotated[int, Query(ge=0, le=MAX_CURSOR)] = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """What happens in a run, as server-sent events, from a cursor on."""
    served.index.folder(run_id)  # 404 now, rather than a stream that ends at once
    # A browser that comes back asks the address that it was given first; the header says how far it has come since.
    if last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit():
        cursor = min(int(last_event_id[:20]), MAX_CURSOR)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # a proxy must pass each event on at once
    return StreamingResponse(served.feeds.listen(run_id, cursor), media_type="text/event-stream", headers=headers)


@router.post("/runs/{run_id}/stop")
def stop_run(run_id: str, request: StopRequest, served: Served, caller: CanTrain) -> RunSummary:
    """Ask a running training to end; it can be resumed."""
    if not _through_queue(served, caller, run_id, stop_training):
        served.launcher.stop(run_id, request.when)
    return RunSummary.model_validate(served.index.summary(run_id))


@router.post("/runs/{run_id}/resume")
def resume_run(run_id: str, served: Served, caller: CanTrain) -> RunSummary:
    """Go on with a training that was stopped, failed or died."""
    if not _through_queue(served, caller, run_id, retry_training):
        served.launcher.resume(run_id)
    return RunSummary.model_validate(served.index.summary(run_id))


@router.post("/trainings", status_code=201)
def start_training(form: DatasetTrainingForm, served: Served, caller: CanTrain) -> RunSummary:
    """Begin a training of a dataset under the data folder."""
    folder = served.launcher.start(TrainingRequest(**form.model_dump()))
    return RunSummary.model_validate(served.index.summary(folder.name))


def _through_queue(
    served: Services, caller: Caller, run_id: str, change: Callable[[Session, str, str], object]
) -> bool:
    """Change the training that has this run; False when none has. A queued one must not be started beside its queue."""
    with served.database.write() as session:
        if owner_of_run(session, run_id) is None:
            return False
        change(session, caller.workspace_id, run_id)
    served.scheduler.wake()
    return True
