"""Contract §9 and §10 (v0): `POST /{project}/{version}`, the hosted style, with an image as its body.

The clients claim types that their bodies do not have, and send confidence and overlap in percent or as fractions.
"""

from functools import partial
from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from epochal.deploy.asking import (
    CONFIDENCE,
    MAX_CANDIDATES,
    MAX_DETECTIONS,
    MOST_CANDIDATES,
    MOST_DETECTIONS,
    OVERLAP,
    Question,
    read_confidence,
    read_count,
    read_fraction,
)
from epochal.deploy.describing import as_base64, describe_found, draw_found
from epochal.errors import BadInput
from epochal.jobs.answering import Answer, Answering
from epochal.jobs.models import Model
from epochal.server.bodies import takes
from epochal.server.callers import Caller, CanInfer
from epochal.server.image_bodies import read_image
from epochal.server.roboflow.routing import RoboflowRoute, roboflow_router
from epochal.server.services import Served

FORMATS = ("json", "image", "image_and_json")
_TRUE = {"true", "1", "yes", "on"}
LABEL_PX = 50


class _WithImage(RoboflowRoute):
    """`GET /{project}/{version}` asks for a prediction when its query has an image, else for a project."""

    needs_query = b"image=x"

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Only with an image in the query."""
        query: bytes = scope.get("query_string", b"")
        return super().matches(scope) if b"image=" in query else (Match.NONE, {})


router = roboflow_router()
get_router = roboflow_router()
get_router.route_class = _WithImage


@get_router.get("/{project}/{version}")
async def predict_by_address(
    project: str, version: str, request: Request, caller: CanInfer, served: Served
) -> Response:
    """Boxes on the image at an address."""
    return await _predict(f"{project}/{version}", request, caller, served.answering)


@router.post("/{project}/{version}")
@takes("image")
async def predict(project: str, version: str, request: Request, caller: CanInfer, served: Served) -> Response:
    """Boxes on an image."""
    return await _predict(f"{project}/{version}", request, caller, served.answering)


async def _predict(asked: str, request: Request, caller: Caller, answering: Answering) -> Response:
    query = request.query_params
    question, form = read_question(query), query.get("format", "json")
    if form not in FORMATS:
        raise BadInput(f"format is {form[:40]!r}; expected one of {', '.join(FORMATS)}.")
    model = await find_for(answering, caller, asked)
    data = await read_image(request)
    collect_for = None if _is_true(query.get("disable_active_learning")) else model.project_id
    work = partial(answering.answer, model, [data], question, with_pictures=form != "json", collect_for=collect_for)
    line_px = read_count(query.get("stroke") or 1, "stroke", LABEL_PX)
    drawing = partial(_encode, form=form, line_px=line_px, with_labels=_is_true(query.get("labels")))
    return await answering.run(lambda: drawing(work()))


def _encode(answer: Answer, *, form: str, line_px: int, with_labels: bool) -> Response:
    (found,) = answer.found
    if form == "json":
        return json_answer(describe_found(found, answer.class_names, answer.seconds))
    drawn = draw_found(found, answer.class_names, line_px=line_px, with_labels=with_labels)
    if form == "image":
        return Response(drawn, media_type="image/jpeg")
    told = describe_found(found, answer.class_names, answer.seconds)
    return json_answer({**told, "visualization": as_base64(drawn)})


def read_question(query: Any) -> Question:
    """The question of a query, or of a JSON object with the same names (numbers may be text). Raises BadInput."""
    overlap = _first(query, "overlap", "iou_threshold", OVERLAP)
    agnostic = _first(query, "class_agnostic_nms", "class_agnostic", False)
    classes = _first(query, "classes", "class_filter", None)
    if isinstance(classes, str):
        classes = [name.strip() for name in classes.split(",") if name.strip()]
    if classes is not None and not isinstance(classes, list):
        raise BadInput(f"classes is {classes!r:.60}; expected a list of class names.")
    return Question(
        confidence=read_confidence(_first(query, "confidence", "confidence", CONFIDENCE)),
        overlap=read_fraction(overlap, "overlap"),
        classes=tuple(str(name) for name in classes) if classes else None,
        class_agnostic=agnostic if isinstance(agnostic, bool) else _is_true(str(agnostic)),
        max_detections=read_count(
            _first(query, "max_detections", "max_detections", MAX_DETECTIONS), "max_detections", MOST_DETECTIONS
        ),
        max_candidates=read_count(
            _first(query, "max_candidates", "max_candidates", MAX_CANDIDATES), "max_candidates", MOST_CANDIDATES
        ),
    )


async def find_for(answering: Answering, caller: Caller, asked: str) -> Model:
    """The model that `project/number`, `workspace/model` or a bare name means for a caller. Raises NotFound."""
    prefix = f"{caller.workspace_slug}/"
    name = asked.removeprefix(prefix)
    if name.isdigit():  # a project of the workspace's own name
        name = asked
    return await answering.run(partial(answering.find, caller.workspace_id, name))


def json_answer(content: Any) -> Response:
    """Content as JSON; several times as fast as the usual encoder, which hundreds of boxes would notice."""
    return Response(msgspec.json.encode(content), media_type="application/json")


def _first(given: Any, name: str, other: str, default: Any) -> Any:
    for key in (name, other):
        value = given.get(key)
        if value is not None and value != "":
            return value
    return default


def _is_true(text: str | None) -> bool:
    return text is not None and text.strip().lower() in _TRUE
