"""Contract §8.3: the models of a project, and one of them by its name."""

import time
from typing import Any

from epochal.datasets.projects import find_project
from epochal.deploy.model_stats import Stats, read_stats
from epochal.errors import BadInput
from epochal.jobs.models import Model, find_model, list_models
from epochal.server.callers import CanRead, CanWrite
from epochal.server.roboflow.routing import roboflow_router
from epochal.server.services import Served

router = roboflow_router()
workspace_router = roboflow_router()
project_router = roboflow_router()
LATENCY_OF_S = 30 * 86_400  # of which time the latency is


@project_router.get("/{workspace}/{project}/models")
def list_of_project(
    workspace: str, project: str, caller: CanRead, served: Served, group: str = ""
) -> list[dict[str, Any]]:
    """The models of a project, the newest first; a group is one search for an architecture, which nobody made here."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        models = [] if group else list_models(session, caller.workspace_id, project_id=found.id)
        now = time.time()
        stats, _ = read_stats(session, [one.id for one in models], since=now - LATENCY_OF_S, until=now, spans=1)
    best = max(models, key=_quality, default=None)
    return [_row(caller.workspace_slug, one, stats.get(one.id), is_best=one is best) for one in models]


@router.get("/models/{workspace}/{model}")
def get_model(workspace: str, model: str, caller: CanRead, served: Served) -> dict[str, Any]:
    """A model by its name."""
    with served.database.read() as session:
        found = find_model(session, caller.workspace_id, model)
        now = time.time()
        stats, _ = read_stats(session, [found.id], since=now - LATENCY_OF_S, until=now, spans=1)
    return _row(caller.workspace_slug, found, stats.get(found.id), is_best=False)


@workspace_router.post("/{workspace}/models/{model}/favorite")
def star_model(workspace: str, model: str, caller: CanWrite, served: Served) -> dict[str, Any]:
    """Refused: only models of a search for an architecture are starred, and there are none here."""
    with served.database.read() as session:
        found = find_model(session, caller.workspace_id, model)
    raise BadInput(f"MODEL_NOT_NAS: {found.slug} is of no architecture search; only such models can be starred.")


def _quality(model: Model) -> float:
    return model.metrics.get("mAP_0.5:0.95", -1.0)


def _row(workspace_slug: str, model: Model, stats: Stats | None, *, is_best: bool) -> dict[str, Any]:
    return {
        "url": model.slug,
        "modelId": f"{workspace_slug}/{model.slug}",
        "name": model.name,
        "modelType": model.model_type,
        "modelGroup": None,
        "answersForVersion": model.answers,
        "recommended": is_best,
        "classes": list(model.classes),
        "created": model.created_at,
        "canRun": model.can_run,
        "message": model.message,
        "metrics": {
            "hardware": "cpu",  # ONNX Runtime is opened with its CPU provider alone
            "latency": None if stats is None else stats.latency_ms,
            "map50": model.metrics.get("mAP_0.5"),
            "map5095": model.metrics.get("mAP_0.5:0.95"),
            "precision": model.metrics.get("precision"),
            "recall": model.metrics.get("recall"),
        },
    }
