"""Contract §12 and §14: the rules of active learning, and what models did, for programs that ask the hosted way."""

import time
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query, Request

from epochal.datasets.projects import find_project
from epochal.deploy.model_stats import read_stats
from epochal.deploy.sampling_store import read_rules, save_rules
from epochal.errors import BadInput
from epochal.jobs.models import list_models
from epochal.server.callers import CanRead, CanWrite
from epochal.server.roboflow.routing import roboflow_router
from epochal.server.services import Served
from epochal.storage.tables import JsonObject

router = roboflow_router()
stats_router = roboflow_router()
DAY_S = 86_400


@router.get("/{workspace}/{project}/active_learning")
def get_rules(workspace: str, project: str, caller: CanRead, served: Served) -> JsonObject:
    """The rules of a project."""
    with served.database.read() as session:
        return read_rules(session, find_project(session, caller.workspace_id, project).id)


@router.post("/{workspace}/{project}/active_learning")
async def set_rules(workspace: str, project: str, request: Request, caller: CanWrite, served: Served) -> JsonObject:
    """Other rules for a project."""
    try:
        body = await request.json()
    except ValueError:
        body = None
    config = body.get("config") if isinstance(body, dict) else None
    if not isinstance(config, dict):
        raise BadInput('The body is not of the expected form {"config": {"enabled", "sampling_strategies", …}}.')
    return await served.answering.run(lambda: _save(caller.workspace_id, project, config, served))


def _save(workspace_id: str, project: str, config: JsonObject, served: Served) -> JsonObject:
    with served.database.write() as session:
        found = find_project(session, workspace_id, project)
        save_rules(session, found.id, config)
    served.answering.collector.forget_rules(found.id)
    return config


@stats_router.get("/{workspace}/inference-stats")
def get_stats(
    workspace: str,
    caller: CanRead,
    served: Served,
    start: Annotated[str, Query(alias="startTime")] = "",
    end: Annotated[str, Query(alias="endTime")] = "",
    names: Annotated[str, Query(alias="modelNames")] = "",
) -> dict[str, Any]:
    """What models did between two times, as ISO dates or milliseconds or seconds since 1970; else the last day."""
    until = _seconds(end, "endTime", time.time())
    since = _seconds(start, "startTime", until - DAY_S)
    wanted = {name.strip() for name in names.split(",") if name.strip()}
    with served.database.read() as session:
        models = [
            one for one in list_models(session, caller.workspace_id) if not wanted or {one.slug, one.name} & wanted
        ]
        by_model, _ = read_stats(session, [one.id for one in models], since=since, until=until, spans=1)
    stats = {one.slug: by_model[one.id] for one in models if one.id in by_model}
    found = sum(one.detections for one in stats.values())
    answered = sum(one.requests - one.errors for one in stats.values())
    confidence = sum((one.confidence or 0) * one.detections for one in stats.values())
    latency_ms = sum((one.latency_ms or 0) * (one.requests - one.errors) for one in stats.values())
    return {
        "num_inferences": sum(one.requests for one in stats.values()),
        "avg_confidence": confidence / found if found else None,
        "avg_response_time": latency_ms / answered / 1000 if answered else None,
        "inference_stats": [
            {"model_name": slug, "predicted_class": name, "count": count}
            for slug, one in stats.items()
            for name, count in one.classes.items()
        ],
    }


def _seconds(text: str, name: str, default: float) -> float:
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = _of_iso(text)
    if not 0 <= value < 1e14:
        raise BadInput(f"{name} is {text[:40]!r}; expected a date such as 2026-11-26, or seconds since 1970.")
    return value / 1000 if value > 1e11 else value


def _of_iso(text: str) -> float:
    """Seconds since 1970 of a date or a time, in UTC where no zone is said; -1 for what is none."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return -1.0
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
