"""Contract §8: train a version, the old way and the current one; stop, cancel, look at, delete."""

import re
from typing import Annotated, Any

from fastapi import Body, Query, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.orm import Session

from epochal.datasets.projects import find_project
from epochal.errors import BadInput, Conflict, NotFound
from epochal.jobs import trainings as domain
from epochal.jobs.models import find_model
from epochal.jobs.recipes import MODEL_TYPES, describe_recipe, parse_model_type
from epochal.jobs.training_states import ACTIVE
from epochal.jobs.trainings import Training, TrainingOrder
from epochal.server.callers import Caller, CanRead, CanTrain
from epochal.server.roboflow.routing import roboflow_router
from epochal.server.roboflow.versions import Number
from epochal.server.services import Served, Services
from epochal.versions.project_versions import ProjectVersion, find_version

router = roboflow_router()
OF_VERSION = "/{workspace}/{project}/{version}"
Fields = Annotated[dict[str, Any], Body(default_factory=dict)]
# A stopped run has made its model, so for a client that waits for "finished" or "failed" it is finished.
STATUS = {
    "queued": "queued", "starting": "running", "running": "running", "stopping": "running", "stalled": "running",
    "finished": "finished", "stopped": "finished", "failed": "failed", "cancelled": "cancelled",
}  # fmt: skip
_FAMILIES = re.compile(r"(yolo|rf-?detr|roboflow|efficientdet|retinanet|dfine)", re.IGNORECASE)
_SIZES = (
    ("fast-s", re.compile(r"small|accurate|\ds$|-s$")),
    ("fast-m", re.compile(r"medium|large|\d[mlx]$|-[mlx]$")),
)


@router.post(OF_VERSION + "/train")
def train(
    workspace: str, project: str, version: Number, caller: CanTrain, served: Served, fields: Fields
) -> dict[str, Any]:
    """Train the old way; the client then watches the version."""
    made = _begin(caller, served, project, version, fields)
    return {"success": True, "trainingId": made.id, "modelType": made.model_type, "message": made.message}


@router.post(OF_VERSION + "/train/cancel")
@router.post(OF_VERSION + "/v2/trainings/cancel")
def cancel(
    workspace: str, project: str, version: Number, request: Request, caller: CanTrain, served: Served,
    fields: Annotated[dict[str, Any] | None, Body()] = None,
) -> Response:  # fmt: skip
    """Cancel a run: the one that is named, or the version's only one that waits or runs; the old way, the newest."""
    training = _choose(caller, served, project, version, (fields or {}).get("trainingId"), ACTIVE | {"queued"}, request)
    if training is None or training.state not in ACTIVE | {"queued"}:
        return _refuse("cancel")
    with served.database.write() as session:
        domain.cancel_training(session, caller.workspace_id, training.id)
    served.scheduler.wake()
    return JSONResponse({"success": True})


@router.post(OF_VERSION + "/train/stop")
@router.post(OF_VERSION + "/v2/trainings/stop")
def stop(
    workspace: str, project: str, version: Number, request: Request, caller: CanTrain, served: Served,
    fields: Annotated[dict[str, Any] | None, Body()] = None,
) -> Response:  # fmt: skip
    """Stop a run early: the one that is named, or the version's only one that runs; the old way, the newest."""
    training = _choose(caller, served, project, version, (fields or {}).get("trainingId"), ACTIVE, request)
    if training is None or training.state not in ACTIVE:
        return _refuse("stop")
    with served.database.write() as session:
        domain.stop_training(session, caller.workspace_id, training.id)
    served.scheduler.wake()
    return JSONResponse({"success": True})


@router.post(OF_VERSION + "/v2/trainings")
def create(
    workspace: str, project: str, version: Number, caller: CanTrain, served: Served, fields: Fields
) -> dict[str, Any]:
    """Train; does not block."""
    made = _begin(caller, served, project, version, fields)
    return {"trainingId": made.id, "status": STATUS[made.state], "jobId": made.id, "modelType": made.model_type}


@router.get(OF_VERSION + "/v2/trainings")
def list_of_version(workspace: str, project: str, version: Number, caller: CanRead, served: Served) -> dict[str, Any]:
    """The runs of a version, the newest first."""
    one = _version(caller, served, project, version)
    return {"trainings": [_row(caller, training, one) for training in _all(caller, served, one)]}


@router.get(OF_VERSION + "/v2/trainings/get")
def get(
    workspace: str, project: str, version: Number, caller: CanRead, served: Served,
    training_id: Annotated[str | None, Query(alias="trainingId")] = None,
) -> dict[str, Any]:  # fmt: skip
    """A run with its models; 409 when none is named and there are several."""
    one = _version(caller, served, project, version)
    if training_id is not None:
        return _bundle(caller, _named(caller, served, one, training_id))
    listed = _all(caller, served, one)
    if len(listed) != 1:
        raise Conflict(f"Version {version} has {len(listed)} trainings; name one with trainingId.")
    return _bundle(caller, listed[0])


@router.get(OF_VERSION + "/v2/trainings/recipe")
def recipe(
    workspace: str, project: str, version: Number, caller: CanRead, served: Served,
    model_type: Annotated[str, Query(alias="modelType")] = "fast",
) -> dict[str, Any]:  # fmt: skip
    """What may be set for a model type, and a template that can be sent back as it is."""
    _version(caller, served, project, version)
    described = describe_recipe(read_model_type(model_type)[0])
    return {"modelType": described["model_type"], "schema": described["schema"], "template": described["template"]}


@router.delete(OF_VERSION + "/v2/trainings/{training_id}")
def delete(
    workspace: str, project: str, version: Number, training_id: str, caller: CanTrain, served: Served
) -> dict[str, Any]:
    """Put a run that has ended, and its model, into the trash; says which model answers for the version now."""
    training = _named(caller, served, _version(caller, served, project, version), training_id)
    asked = f"{project}/{version}"
    with served.database.write() as session:
        before = _serving(session, caller, asked)
        domain.delete_training(session, caller.workspace_id, training.id)
        now = _serving(session, caller, asked)
    served.answering.forget_names()
    told: dict[str, Any] = {"deleted": True, "type": "training", "id": training.id, "trash": True}
    if now is None and before is not None:
        told["versionAliasAction"] = "deleted"
    elif now != before:
        told |= {"versionAliasAction": "repointed", "versionAliasTarget": now}
    return told


@router.get(OF_VERSION + "/training/results")
def results(workspace: str, project: str, version: Number, caller: CanRead, served: Served) -> dict[str, Any]:
    """The newest run of a version with its models."""
    one = _version(caller, served, project, version)
    listed = _all(caller, served, one)
    if not listed:
        raise Conflict(f"Version {version} has not been trained; train it first.")
    made = next((training for training in listed if training.model is not None), listed[0])
    return _bundle(caller, made) | {"versionId": str(version), "jobType": "fine-tune"}


def read_model_type(name: str | None, speed: str | None = None) -> tuple[str, str]:
    """The net for a model type as clients name it, and a sentence where it is not the one that was named.

    Nets of other makers are not trained here. A script that asks for one gets ours of about that size, and is told.

    Raises:
        BadInput: no name that is known; the message lists ours.
    """
    if name is None or name == "":
        return ("fast-s" if speed == "accurate" else "fast-n"), ""
    if name != "fast" and name not in MODEL_TYPES and _FAMILIES.match(name):
        wanted = next((net for net, size in _SIZES if size.search(name.lower())), "fast-n")
        return wanted, f"{name[:80]} is not trained here; {wanted}, of about that size, is trained in its place."
    return parse_model_type(name), ""


def _begin(caller: Caller, served: Services, project: str, number: int, fields: dict[str, Any]) -> Training:
    name = fields.get("modelType") or fields.get("model_type")
    for key in ("modelType", "model_type", "speed", "checkpoint"):
        if fields.get(key) is not None and not isinstance(fields[key], str):
            raise BadInput(f"{key} is {fields[key]!r:.80}; expected a text.")
    net, remark = read_model_type(name, fields.get("speed"))
    given = fields.get("trainRecipe") or {}
    if not isinstance(given, dict):
        raise BadInput(f"trainRecipe is {given!r:.80}; expected an object, such as the template of this model type.")
    # `epochs` may come as a text; the recipe's own wins.
    hyperparameters = {"epochs": fields.get("epochs")} | dict(given.get("hyperparameters") or {})
    order = TrainingOrder(
        model_type=net,
        recipe={**given, "hyperparameters": {k: v for k, v in hyperparameters.items() if v is not None}},
        start=_read_start(fields.get("checkpoint"), caller.workspace_slug),
        remark=remark,
    )
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        one = find_version(session, found.id, number)
        made = domain.create_training(session, served.data, caller.workspace_id, one.id, order, created_by=caller.actor)
    served.scheduler.wake()
    return made


def _read_start(checkpoint: str | None, workspace_slug: str) -> dict[str, str]:
    """A checkpoint as clients name it: none of ours, a file of the server, or a model.

    A model is named by `project/number` or its name, with or without the workspace before it, as ids of versions and
    models have it.
    """
    if checkpoint is None or checkpoint in {"", "random", "scratch", "coco", "imagenet"}:
        return {"kind": "random"}
    if checkpoint.endswith(".pt"):
        return {"kind": "checkpoint", "name": checkpoint}
    name = checkpoint.removeprefix(f"{workspace_slug}/")
    return {"kind": "model", "id": checkpoint if name.isdigit() else name}


def _serving(session: Session, caller: Caller, asked: str) -> str | None:
    try:
        return find_model(session, caller.workspace_id, asked).slug
    except NotFound:
        return None


def _version(caller: Caller, served: Services, project: str, number: int) -> ProjectVersion:
    with served.database.read() as session:
        return find_version(session, find_project(session, caller.workspace_id, project).id, number)


def _all(caller: Caller, served: Services, version: ProjectVersion) -> list[Training]:
    with served.database.read() as session:
        return domain.list_trainings(session, caller.workspace_id, version_id=version.id)


def _named(caller: Caller, served: Services, version: ProjectVersion, training_id: str) -> Training:
    with served.database.read() as session:
        training = domain.find_training(session, caller.workspace_id, training_id)
    if training.version_id != version.id:
        raise Conflict(f"Training {training_id} is of another version, number {training.version_number}.")
    return training


def _choose(
    caller: Caller,
    served: Services,
    project: str,
    number: int,
    training_id: Any,
    states: frozenset[str],
    request: Request,
) -> Training | None:
    """The run that is meant. The old addresses know no ids, so that the command line could name none of several."""
    version = _version(caller, served, project, number)
    if training_id:
        return _named(caller, served, version, str(training_id))
    fitting = [training for training in _all(caller, served, version) if training.state in states]
    fitting = [training for training in fitting if training.stop_wish is None] or fitting
    if len(fitting) > 1 and "/v2/" in request.scope["route"].path:
        raise Conflict(f"Version {number} has {len(fitting)} such trainings; name one with trainingId.")
    return fitting[0] if fitting else None


def _refuse(verb: str) -> JSONResponse:
    message = f"Cannot {verb} non-running train job."
    problem = {
        "message": message,
        "code": f"CANNOT_{verb.upper()}",
        "type": "conflict",
        "hint": "It has ended already.",
    }
    return JSONResponse({"error": problem, "message": message}, 409)


def _row(caller: Caller, training: Training, version: ProjectVersion) -> dict[str, Any]:
    return {
        "id": training.id,
        "trainingId": training.id,
        "versionId": str(version.number),
        "status": STATUS[training.state],
        "start": training.started_at,
        "end": training.ended_at,
        "jobType": "fine-tune",
        "modelType": training.model_type,
        "modelGroup": None,
        "modelIds": [] if training.model is None else [f"{caller.workspace_slug}/{training.model.slug}"],
        "answersForVersion": training.model is not None and training.model.answers,
        "message": training.message,
    }


def _bundle(caller: Caller, training: Training) -> dict[str, Any]:
    models = []
    if training.model is not None:
        metrics = training.model.metrics
        precision, recall = metrics.get("precision", 0.0), metrics.get("recall", 0.0)
        models = [
            {
                "modelId": f"{caller.workspace_slug}/{training.model.slug}",
                "modelType": training.model.model_type,
                "status": "finished",
                "answersForVersion": training.model.answers,
                "metrics": {
                    "map50": metrics.get("mAP_0.5"),
                    "map5095": metrics.get("mAP_0.5:0.95"),
                    "precision": metrics.get("precision"),
                    "recall": metrics.get("recall"),
                    "f1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
                },
            }
        ]
    return {
        "trainingId": training.id,
        "status": STATUS[training.state],
        "jobType": "fine-tune",
        "modelType": training.model_type,
        "modelGroup": None,
        "modelCount": len(models),
        "modelIds": [model["modelId"] for model in models],
        "models": models,
        "epoch": training.epoch,
        "epochs": training.epochs,
        "message": training.message,
    }
