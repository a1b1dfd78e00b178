"""What workers ask and tell, each with the key of its attempt. A stale attempt is answered 409 and ends."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from epochal.errors import Conflict, NotSignedIn
from epochal.jobs import mirror
from epochal.jobs.attempts import WorkerKey, encode_told, parse_key, read_lines
from epochal.server.bodies import takes
from epochal.server.services import Served
from epochal.versions.archive import ensure_archive

router = APIRouter(prefix="/api/worker", tags=["workers"])
Whole = Annotated[int, Query(ge=0, le=2**53 - 1)]
BINARY = "application/octet-stream"


def _key(request: Request) -> WorkerKey:
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedIn("This needs the key of a worker's attempt, as `Authorization: Bearer KEY`.")
    return parse_key(text.strip())


TheAttempt = Annotated[WorkerKey, Depends(_key)]


class Form(BaseModel):
    """What all forms have in common: no field that is not named."""

    model_config = ConfigDict(extra="forbid")


class Job(Form):
    """What a worker is to do; `lines` of its journal are known already."""

    training_id: str
    attempt: int
    name: str
    model_type: str
    numbers: dict[str, int | float]  # whole ones stay whole
    start: dict[str, Any]
    version: dict[str, Any]
    shares_folder: bool
    version_folder: str | None
    lines: int
    wish: str | None
    lease_s: float


class ToldForm(Form):
    """The journal line that is wanted next, and what the worker is asked to do: stop, cancel or null."""

    next: int
    wish: str | None


class LogSize(Form):
    """How many bytes of the log are kept."""

    size: int


class EndForm(Form):
    """How an attempt ended."""

    state: str = Field(description="finished, stopped or failed.")
    message: str = Field("", max_length=10_000)


class Ended(Form):
    """The state that the training has now."""

    state: str


@router.post("/greet")
def greet(key: TheAttempt, served: Served) -> Job:
    """A worker has started; answers what it is to do."""
    return Job.model_validate(served.attempts.greet(key))


@router.post("/journal", response_model=ToldForm)
async def post_lines(request: Request, key: TheAttempt, served: Served, first: Whole) -> Response:
    """Lines of metrics.jsonl from number `first` on, one a line; acknowledged when they are committed."""
    data = await request.body()
    told = await run_in_threadpool(served.attempts.take_lines, key, first, data)
    return Response(encode_told(told), media_type="application/json")


@router.get("/journal", response_class=Response)
def get_lines(key: TheAttempt, served: Served, first: Whole = 0) -> PlainTextResponse:
    """The kept lines from number `first` on, for a worker whose folder lacks them."""
    served.attempts.check(key)
    with served.database.read() as session:
        lines = read_lines(session, key.training_id, first)
    return PlainTextResponse("".join(line + "\n" for line in lines))


@router.post("/progress")
def post_progress(fields: dict[str, Any], key: TheAttempt, served: Served) -> ToldForm:
    """What progress.json says, or an empty object as a mere sign of life."""
    told = served.attempts.take_progress(key, fields)
    return ToldForm(next=told.next_line, wish=told.wish)


@router.post("/log")
async def post_log(request: Request, key: TheAttempt, served: Served, offset: Whole) -> LogSize:
    """A piece of log.txt from byte `offset` on."""
    data = await request.body()

    def keep() -> int:
        served.attempts.require_elsewhere(key)
        return mirror.append_log(served.attempts.folder(key.training_id), offset, data)

    return LogSize(size=await run_in_threadpool(keep))


@router.put("/files/{name:path}", status_code=204)
@takes("weights")
async def put_file(name: str, request: Request, key: TheAttempt, served: Served) -> Response:
    """A file of the run, by a closed list of names."""
    await run_in_threadpool(served.attempts.require_elsewhere, key)
    folder = served.attempts.folder(key.training_id)
    await mirror.receive_file(folder, name, request.stream(), lambda: served.attempts.require_elsewhere(key))
    return Response(status_code=204)


@router.get("/files/{name:path}", response_class=Response)
def get_file(name: str, key: TheAttempt, served: Served) -> FileResponse:
    """A file that an earlier attempt has left."""
    served.attempts.check(key)
    path = mirror.existing_file(served.attempts.folder(key.training_id), name)
    return FileResponse(path, media_type=BINARY)


@router.get("/version", response_class=Response)
def get_version(key: TheAttempt, served: Served) -> FileResponse:
    """The version's images and annotations as one zip."""
    row = served.attempts.check(key)
    sha256 = ensure_archive(served.database, served.blobs, served.data.root, row.version_id)
    return FileResponse(served.blobs.local_path(sha256), media_type="application/zip")


@router.get("/start", response_class=Response)
def get_start(key: TheAttempt, served: Served) -> FileResponse:
    """The weights that the training starts from."""
    start: Any = served.attempts.check(key).request["start"]
    if start["kind"] == "random":
        raise Conflict("This training starts from nothing.")
    if start["kind"] == "checkpoint":
        return FileResponse(served.data.checkpoint(start["name"]), media_type=BINARY)
    return FileResponse(served.blobs.local_path(start["sha256"]), media_type=BINARY)


@router.post("/end")
def post_end(form: EndForm, key: TheAttempt, served: Served) -> Ended:
    """How the attempt ended; the weights of one that finished or was stopped become a model."""
    state = served.attempts.end(key, form.state, form.message)
    served.scheduler.wake()
    return Ended(state=state)
