"""The Roboflow surface: what the packages `roboflow` and `inference-sdk` ask, at the root of the server.

One file for each section of the wire contract, each with `router = roboflow_router()`. Their paths overlap, and the
first that matches is taken, so `ROUTERS` is in this order:

    1. fixed words first          `/serverless/…`, `/`, `/info`, `/model/…`, `/infer/…`, `/dataset/{project}/upload`
    2. workspace, fixed second    `/{workspace}/projects`, `/{workspace}/search/v1`, `/{workspace}/trash`
    3. project, fixed third       `/{workspace}/{project}/generate`, `…/search`, `…/images`, `…/batches`, `…/jobs`
    4. version                    `/{workspace}/{project}/{version}/train`, then `…/{format}`, then the version itself
    5. what is left               `GET /{workspace}/{project}`, `GET /{workspace}`, last `POST /{project}/{version}`

A file that has routes of several of these groups offers a router for each. Path parameters are called `workspace`,
`project`, `version`: `callers.py` reads the first. Words that stand for themselves are reserved as slugs
(`storage/slugs.py`). `tests/server/roboflow/test_order.py` proves for every route that no earlier one takes its
address.
"""

from fastapi import APIRouter

from epochal.server.roboflow import (
    absent,
    account,
    active_learning,
    annotating,
    evals,
    images,
    inference,
    inference_sdk,
    models,
    projects,
    trainings,
    trash,
    universe,
    uploads,
    versions,
    weights,
)
from epochal.server.roboflow.routing import RoboflowRoute, roboflow_router


def _behind_serverless() -> APIRouter:
    """Inference once more under /serverless, for who keeps its address apart from that of the rest, as hosted."""
    router = roboflow_router()
    for one in (inference_sdk.router, inference.get_router, inference.router):
        for route in one.routes:
            assert isinstance(route, RoboflowRoute)
            path, kind, methods = f"/serverless{route.path}", type(route), route.methods
            router.add_api_route(path, route.endpoint, methods=sorted(methods or ()), route_class_override=kind)
    return router


ROUTERS: tuple[APIRouter, ...] = (
    # 1
    _behind_serverless(),
    account.router,
    inference_sdk.router,
    weights.router,
    uploads.router,
    universe.router,
    models.router,
    absent.router,
    # 2
    active_learning.stats_router,
    weights.workspace_router,
    models.workspace_router,
    absent.workspace_router,
    projects.workspace_router,
    trash.workspace_router,
    universe.workspace_router,
    images.workspace_router,
    uploads.workspace_router,
    evals.router,
    # 3
    versions.project_router,
    models.project_router,
    absent.project_router,
    active_learning.router,
    projects.project_router,
    images.project_router,
    uploads.project_router,
    annotating.project_router,
    # 4
    weights.version_router,
    trainings.router,
    versions.version_router,
    trash.version_router,
    # 5
    inference.get_router,  # only with an image in its query
    versions.last_router,
    trash.last_router,
    account.last_router,
    inference.router,
)
