"""Models of a workspace: list, look, rename, delete, download, upload."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from epochal.datasets.projects import find_project
from epochal.datasets.tasks import ENDED
from epochal.errors import NotFound
from epochal.jobs.model_exports import begin_export
from epochal.jobs.model_uploads import prepare_upload
from epochal.jobs.models import choose_model, delete_model, find_model, list_models, rename_model, unchoose_model
from epochal.server.blob_answers import answer_blob
from epochal.server.bodies import takes
from epochal.server.callers import CanRead, CanWrite
from epochal.server.model_addresses import MODEL
from epochal.server.model_forms import ExportRequest, ModelForm, ModelList, RenameModel, describe_model
from epochal.server.routes.zip_uploads import TaskAnswer, task_answer
from epochal.server.services import Served
from epochal.server.weights_bodies import receive_upload

router = APIRouter(prefix="/api/workspaces/{workspace}/models", tags=["models"])
_FILE = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_BINARY: dict[int | str, dict[str, object]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("")
def list_all_models(
    workspace: str, caller: CanRead, served: Served,
    project: Annotated[str | None, Query(max_length=100, description="Of this project alone.")] = None,
) -> ModelList:  # fmt: skip
    """The models of a workspace or a project, the newest first."""
    with served.database.read() as session:
        project_id = find_project(session, caller.workspace_id, project).id if project is not None else None
        models = list_models(session, caller.workspace_id, project_id=project_id)
    return ModelList(models=[describe_model(model) for model in models])


@router.post("", status_code=201, openapi_extra=_FILE)
@takes("weights")
async def upload_model(
    workspace: str, request: Request, caller: CanWrite, served: Served,
    project: Annotated[str | None, Query(max_length=100, description="The project that it is listed in.")] = None,
    name: Annotated[str, Query(max_length=200)] = "",
) -> ModelForm:  # fmt: skip
    """Upload an ONNX file, a weights file of Epochal, or a zip with one of them: the body is the file."""

    def prepare() -> str:
        with served.database.write() as session:
            return prepare_upload(
                session,
                caller.workspace_id,
                projects=[project] if project is not None else [],
                name=name,
                created_by=caller.actor,
            )

    (model,) = await receive_upload(request, served, await run_in_threadpool(prepare))
    return describe_model(model)


@router.get(f"/{MODEL}")
def get_model(workspace: str, model: str, caller: CanRead, served: Served) -> ModelForm:
    """One model, by its name or id, or the one that answers for `PROJECT/NUMBER`, as in all these addresses."""
    with served.database.read() as session:
        return describe_model(find_model(session, caller.workspace_id, model))


@router.patch(f"/{MODEL}")
def patch_model(workspace: str, model: str, form: RenameModel, caller: CanWrite, served: Served) -> ModelForm:
    """Give a model another name in addresses."""
    with served.database.write() as session:
        return describe_model(rename_model(session, caller.workspace_id, model, form.slug))


@router.delete(f"/{MODEL}", status_code=204)
def trash_model(workspace: str, model: str, caller: CanWrite, served: Served) -> None:
    """Put a model into the trash."""
    with served.database.write() as session:
        delete_model(session, caller.workspace_id, model)
    served.answering.forget_names()


@router.put(f"/{MODEL}/deployment")
def deploy_model(workspace: str, model: str, caller: CanWrite, served: Served) -> ModelForm:
    """Let a model answer for its version from now on, whatever is trained later; others answer to their own names."""
    with served.database.write() as session:
        chosen = choose_model(session, caller.workspace_id, model)
    served.answering.forget_names()
    return describe_model(chosen)


@router.delete(f"/{MODEL}/deployment")
def undeploy_model(workspace: str, model: str, caller: CanWrite, served: Served) -> ModelForm:
    """Let the newest model of the version that can run answer again."""
    with served.database.write() as session:
        left = unchoose_model(session, caller.workspace_id, model)
    served.answering.forget_names()
    return describe_model(left)


@router.head(f"/{MODEL}/files/{{name}}", include_in_schema=False)
@router.get(f"/{MODEL}/files/{{name}}", response_class=Response, responses=_BINARY)
def get_model_file(
    workspace: str, model: str, name: str, request: Request, caller: CanRead, served: Served
) -> Response:
    """A file of a model, such as best.onnx or best.pt."""
    with served.database.read() as session:
        found = find_model(session, caller.workspace_id, model)
    if name not in found.files:
        raise NotFound(f"The model has no file {name[:60]!r}; it has {', '.join(sorted(found.files))}.")
    suffix = name.rpartition(".")[2]
    return answer_blob(
        request, served, found.files[name], "application/octet-stream", file_name=f"{found.slug}.{suffix}"
    )


@router.post(f"/{MODEL}/exports", status_code=202)
def export_model_as(workspace: str, model: str, form: ExportRequest, caller: CanRead, served: Served) -> TaskAnswer:
    """Begin to make a form of a model, unless it is there; when the task is completed it is among the model's files."""
    with served.database.write() as session:
        found = find_model(session, caller.workspace_id, model)
        task = begin_export(session, caller.workspace_id, found, form.format, caller.actor)
    if task.state not in ENDED:
        served.project_work.start(task.id)
    return task_answer(task)
