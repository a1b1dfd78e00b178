"""Contract §8.3 and §11: weights out by `ptFile`, weights in by a signed address that takes one PUT."""

from typing import Annotated, Any

from fastapi import Query, Request

from epochal.datasets.projects import find_project
from epochal.errors import BadInput, NotFound
from epochal.jobs.model_uploads import prepare_upload
from epochal.jobs.models import ONNX, WEIGHTS, find_model
from epochal.server.bodies import takes
from epochal.server.callers import CanRead, CanWrite
from epochal.server.roboflow.routing import roboflow_router
from epochal.server.routes.downloads import download_address
from epochal.server.services import Served, Services
from epochal.server.weights_bodies import receive_upload

router = roboflow_router()
workspace_router = roboflow_router()
version_router = roboflow_router()
PURPOSE, VALID_FOR_S = "weights", 6 * 3600.0


@version_router.get("/{workspace}/{project}/{version}/ptFile")
def get_weights(
    workspace: str, project: str, version: str, request: Request, caller: CanRead, served: Served
) -> dict[str, str]:
    """Where the weights of a version, or of a model of the project, are fetched without a key."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        model = find_model(session, caller.workspace_id, f"{project}/{version}" if version.isdigit() else version)
    if model.project_id != found.id:
        raise NotFound(f"The project {project!r} has no model {version[:60]!r}; look at its list of models.")
    name = next((name for name in (WEIGHTS, ONNX) if name in model.files), None)
    if name is None:
        raise NotFound(f"The model {model.slug!r} has no weights file; train the version again.")
    file_name = f"{model.slug}.{name.rpartition('.')[2]}"
    return {"weightsUrl": download_address(request, served, model.files[name], file_name)}


@version_router.get("/{workspace}/{project}/{version}/uploadModel")
def prepare_for_version(
    workspace: str,
    project: str,
    version: str,
    request: Request,
    caller: CanWrite,
    served: Served,
    model_type: Annotated[str, Query(alias="modelType")] = "",
) -> dict[str, str]:
    """Where the weights of a version are PUT."""
    if not version.isdigit():
        raise NotFound(f"{version[:40]!r} is no version; expected its number.")
    with served.database.write() as session:
        upload_id = prepare_upload(
            session,
            caller.workspace_id,
            projects=[project],
            version=int(version[:9]),
            model_type=model_type,
            created_by=caller.actor,
        )
    return {"url": _address(request, served, upload_id)}


@workspace_router.post("/{workspace}/models/prepareUpload")
def prepare_for_workspace(
    workspace: str, request: Request, caller: CanWrite, served: Served,
    model_type: Annotated[str, Query(alias="modelType")] = "",
    model_name: Annotated[str, Query(alias="modelName")] = "",
    project_ids: Annotated[str, Query(alias="projectIds")] = "",
) -> dict[str, str]:  # fmt: skip
    """Where weights for one or more projects are PUT."""
    projects = [one.strip().rpartition("/")[2] for one in project_ids.split(",") if one.strip()]
    if not projects:
        raise BadInput("projectIds is empty; expected the slugs of one or more projects, by commas.")
    with served.database.write() as session:
        upload_id = prepare_upload(
            session,
            caller.workspace_id,
            projects=projects,
            name=model_name,
            model_type=model_type,
            created_by=caller.actor,
        )
    return {"url": _address(request, served, upload_id)}


@router.put("/weights/upload/{token}")
@takes("weights")
async def put_weights(token: str, request: Request, served: Served) -> dict[str, Any]:
    """The weights themselves; the address is the permission, once."""
    upload_id = served.signer.check(PURPOSE, token)
    models = await receive_upload(request, served, upload_id)
    return {
        "success": True,
        "models": [{"modelId": one.slug, "canRun": one.can_run, "message": one.message} for one in models],
    }


def _address(request: Request, served: Services, upload_id: str) -> str:
    token = served.signer.token(PURPOSE, upload_id, valid_for_s=VALID_FOR_S)
    return f"{str(request.base_url).rstrip('/')}/weights/upload/{token}"
