"""Contract §10 (v1): what `inference-sdk` asks of a self-hosted server: three calls for each prediction.

A client looks at the registry before every prediction, so it is kept in memory: the models that a workspace has asked
for, under exactly the names that it used.
"""

import threading
from collections import OrderedDict
from functools import partial
from typing import Any

from fastapi import Request
from starlette.responses import Response

from epochal import __version__
from epochal.deploy.describing import as_base64, describe_found, draw_found
from epochal.errors import BadInput, NotFound, NotSignedIn
from epochal.jobs.answering import MAX_IMAGES, Answer
from epochal.jobs.models import Model
from epochal.server.bodies import takes
from epochal.server.callers import Caller, CanInfer, find_caller
from epochal.server.image_bodies import decode_base64, fetch_image
from epochal.server.roboflow.inference import find_for, json_answer, read_question
from epochal.server.roboflow.routing import roboflow_router
from epochal.server.services import Served
from epochal.storage.ids import new_id

router = roboflow_router()
NAMES_MAX = 200
_SERVER_ID = new_id()


class Registry:
    """Which models each workspace has asked for, under which names. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: dict[str, OrderedDict[str, Model]] = {}

    def add(self, workspace_id: str, asked: str, model: Model) -> None:
        """Remember a model under the name that was asked for."""
        with self._lock:
            names = self._names.setdefault(workspace_id, OrderedDict())
            names[asked] = model
            names.move_to_end(asked)
            if len(names) > NAMES_MAX:
                names.popitem(last=False)

    def remove(self, workspace_id: str, asked: str | None = None) -> list[Model]:
        """Forget one name, or all of them; what they stood for."""
        with self._lock:
            names = self._names.get(workspace_id, OrderedDict())
            gone = [asked] if asked is not None else list(names)
            return [names.pop(name) for name in gone if name in names]

    def describe(self, workspace_id: str) -> dict[str, Any]:
        """What the client reads of it."""
        with self._lock:
            models = list(self._names.get(workspace_id, {}).items())
        return {
            "models": [
                {
                    "model_id": asked,
                    "task_type": "object-detection",
                    "batch_size": MAX_IMAGES,
                    "input_height": model.image_size_px,
                    "input_width": model.image_size_px,
                }
                for asked, model in models
            ]
        }


def _registry(request: Request) -> Registry:
    state = request.app.state
    if not hasattr(state, "model_registry"):
        state.model_registry = Registry()
    found = state.model_registry
    assert isinstance(found, Registry)
    return found


@router.get("/info")
def tell_info() -> dict[str, str]:
    """What server this is."""
    return {"name": "Epochal", "version": __version__, "uuid": _SERVER_ID}


@router.get("/model/registry")
async def list_registry(request: Request, caller: CanInfer) -> dict[str, Any]:
    """The models that this workspace has asked for."""
    return _registry(request).describe(caller.workspace_id)


@router.post("/model/add")
async def add_to_registry(request: Request, caller: CanInfer, served: Served) -> dict[str, Any]:
    """Have a model ready under the name that is asked for."""
    asked = _text(await _object(request), "model_id")
    model = await find_for(served.answering, caller, asked)
    await served.answering.run(partial(served.answering.warm_up, model))
    _registry(request).add(caller.workspace_id, asked, model)
    return _registry(request).describe(caller.workspace_id)


@router.post("/model/remove")
async def remove_from_registry(request: Request, served: Served) -> dict[str, Any]:
    """Let a model leave memory."""
    return await _remove(request, served, _text(await _object(request), "model_id"))


@router.post("/model/clear")
async def clear_registry(request: Request, served: Served) -> dict[str, Any]:
    """Let all models of a workspace leave memory."""
    return await _remove(request, served, None)


async def _remove(request: Request, served: Served, asked: str | None) -> dict[str, Any]:
    """The client sends no key here (unless in a header): without one there is nothing to remove and nothing to see."""
    try:
        caller = await find_caller(request, served)
    except NotSignedIn:
        if "authorization" in request.headers or "api_key" in request.query_params:
            raise
        return {"models": []}
    caller.require("infer")
    registry = _registry(request)
    for model in registry.remove(caller.workspace_id, asked):
        served.answering.forget(model)
    return registry.describe(caller.workspace_id)


@router.post("/infer/object_detection")
@takes("image")
async def infer(request: Request, caller: CanInfer, served: Served) -> Response:
    """Boxes on one image, or on each of several."""
    body = await _object(request)
    asked, question = _text(body, "model_id"), read_question(body)
    model = await find_for(served.answering, caller, asked)
    given = body.get("image")
    images = [await _image(one) for one in (given if isinstance(given, list) else [given])]
    draws = body.get("visualize_predictions") is True
    collect_for = None if body.get("disable_active_learning") is True else await _target(body, caller, model, served)
    work = partial(served.answering.answer, model, images, question, with_pictures=draws, collect_for=collect_for)
    stroke = body.get("visualization_stroke_width")
    describe = partial(
        _describe,
        line_px=stroke if isinstance(stroke, int) and 1 <= stroke <= 50 else 1,
        with_labels=body.get("visualization_labels") is True,
        is_list=isinstance(given, list),
    )
    return await served.answering.run(lambda: json_answer(describe(work())))


def _describe(answer: Answer, *, line_px: int, with_labels: bool, is_list: bool) -> Any:
    told = []
    for found in answer.found:
        one = describe_found(found, answer.class_names, answer.seconds)
        if found.picture is not None:
            drawn = draw_found(found, answer.class_names, line_px=line_px, with_labels=with_labels)
            one["visualization"] = as_base64(drawn)
        told.append(one)
    return told if is_list else told[0]


async def _target(body: dict[str, Any], caller: Caller, model: Model, served: Served) -> str | None:
    """The project whose rules look at the images: the model's own, or the one that is named."""
    target = body.get("active_learning_target_dataset")
    if not target:
        return model.project_id
    return await served.answering.run(
        partial(served.answering.find_project, caller.workspace_id, str(target).rpartition("/")[2])
    )


async def _image(given: object) -> bytes:
    if isinstance(given, dict):
        kind, value = given.get("type", "base64"), given.get("value")
        if kind == "base64" and isinstance(value, str | bytes) and value:
            return decode_base64(value)
        if kind == "url" and isinstance(value, str):
            return await fetch_image(value)
    raise BadInput('image is not of the expected form {"type": "base64" or "url", "value": text}; see the client.')


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise BadInput("The body is no JSON object; expected one with at least model_id.")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value or len(value) > 300:
        raise NotFound(f"{name} is {value!r:.60}; expected PROJECT/NUMBER or the name of a model.")
    return value
