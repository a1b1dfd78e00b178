"""Contract §15: what the packages can ask for and there is none of here, told in words.

Without these routes an answer would be about a project called "workflows" or a version called "folders".

    router, workspace_router, project_router    by the place of their words, as everywhere in this package
"""

from collections.abc import Callable
from typing import Any, NoReturn

from fastapi import APIRouter

from epochal.errors import NotFound
from epochal.server.callers import CanInfer, CanRead, CanWrite
from epochal.server.roboflow.routing import roboflow_router

_CHANGING = ["POST", "PUT", "PATCH", "DELETE"]
_WORKFLOWS = "workflows"
_OTHER_NETS = "nets other than detectors"
_VIDEO = "videos; upload frames of it as images"
_AUTOLABEL = "auto-labeling jobs; label assist is on the page of a batch"
_KEYS = "keys to be had this way; use the workspace's page or `epochal key`"
_PLANS = "plans and bills; training credits are on the workspace's page and in `epochal credits show`"

OF_SERVER = {
    "/infer/workflows": _WORKFLOWS, "/infer/workflows/{rest:path}": _WORKFLOWS, "/workflows/{rest:path}": _WORKFLOWS,
    "/workspaces/{rest:path}": _WORKFLOWS, "/inference_pipelines/{rest:path}": "pipelines over video streams",
    "/infer/{rest:path}": _OTHER_NETS, "/clip/embed_image": _OTHER_NETS, "/clip/embed_text": _OTHER_NETS,
    "/clip/compare": _OTHER_NETS, "/gaze/gaze_detection": _OTHER_NETS, "/doctr/ocr": _OTHER_NETS,
    "/easy_ocr/ocr": _OTHER_NETS, "/ocr/trocr": _OTHER_NETS, "/ocr/pp-ocr": _OTHER_NETS,
    "/sam2/segment_image": _OTHER_NETS,
    "/sam3/concept_segment": _OTHER_NETS, "/sam3/visual_segment": _OTHER_NETS, "/sam3/embed_image": _OTHER_NETS,
    "/sam3_3d/infer": _OTHER_NETS, "/yolo_world/infer": _OTHER_NETS, "/perception_encoder/embed_image": _OTHER_NETS,
    "/perception_encoder/embed_text": _OTHER_NETS, "/videoinfer": _VIDEO,
    "/video_upload_signed_url": _VIDEO, "/usage/plan": _PLANS,
    "/vision-events": "vision events", "/vision-events/{rest:path}": "vision events",
    "/batch-processing/{rest:path}": "batch jobs; ask a model for several images in one request",
}  # fmt: skip
OF_WORKSPACE = {
    "/{workspace}/workflows": _WORKFLOWS, "/{workspace}/workflows/{rest:path}": _WORKFLOWS,
    "/{workspace}/createWorkflow": _WORKFLOWS, "/{workspace}/updateWorkflow": _WORKFLOWS,
    "/{workspace}/forkWorkflow": _WORKFLOWS,
    "/{workspace}/groups": "folders", "/{workspace}/groups/{rest:path}": "folders",
    "/{workspace}/devices/{rest:path}": "devices",
    "/{workspace}/api-keys": _KEYS,
    "/{workspace}/api-keys/{rest:path}": _KEYS,
    "/{workspace}/autolabel/{rest:path}": _AUTOLABEL,
    "/{workspace}/upload/video": _VIDEO, "/{workspace}/upload/video/{rest:path}": _VIDEO,
    "/{workspace}/billing-usage-report": _PLANS, "/{workspace}/stats": "statistics of labeling",
}  # fmt: skip
OF_PROJECT = {
    "/{workspace}/{project}/autolabel": _AUTOLABEL,
    "/{workspace}/{project}/autolabel/preview": _AUTOLABEL,
    "/{workspace}/{project}/annotate/{video}": _VIDEO,
}  # fmt: skip


def _router(table: dict[str, str], may_else: Any) -> APIRouter:
    """Routes that say what there is none of, to who may read, or do what `may_else` says."""
    router = roboflow_router()
    for path, absent in table.items():
        what, _, instead = absent.partition("; ")
        message = f"There are no {what} on this server" + (f"; {instead}." if instead else ".")
        router.add_api_route(path, _refusal(message, CanRead), methods=["GET"], response_model=None)
        router.add_api_route(path, _refusal(message, may_else), methods=_CHANGING, response_model=None)
    return router


def _refusal(message: str, may: Any) -> Callable[..., NoReturn]:
    def refuse(caller: may) -> NoReturn:
        raise NotFound(message)

    return refuse


router = _router(OF_SERVER, CanInfer)
workspace_router = _router(OF_WORKSPACE, CanWrite)
project_router = _router(OF_PROJECT, CanWrite)
