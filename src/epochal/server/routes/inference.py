"""Models at work: boxes on images, and what models did."""

import time
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic_core import to_json
from starlette.responses import Response

from epochal.datasets.images import find_workspace_image
from epochal.deploy.asking import Question
from epochal.deploy.describing import as_base64, draw_found
from epochal.deploy.model_stats import Stats, read_stats
from epochal.deploy.warm_models import Found
from epochal.jobs.answering import Answer
from epochal.jobs.models import find_model, list_models
from epochal.server.bodies import takes
from epochal.server.callers import Caller, CanInfer, CanRead
from epochal.server.image_bodies import decode_base64, decode_body, fetch_image
from epochal.server.inference_forms import (
    GivenImage,
    InferAnswer,
    InferenceStats,
    InferForm,
    ModelStats,
    QuestionForm,
    SpanStats,
    StatsForm,
)
from epochal.server.model_addresses import MODEL
from epochal.server.services import Served

router = APIRouter(prefix="/api/workspaces/{workspace}", tags=["inference"])
_IMAGE_BODY = {
    "requestBody": {
        "required": True,
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(f"/models/{MODEL}/infer", response_model=InferAnswer)
@takes("image")
async def infer(workspace: str, model: str, form: InferForm, caller: CanInfer, served: Served) -> Response:
    """Boxes on up to 32 images: files in base64, addresses that the server fetches, or images of the workspace."""
    images = [await _load(given, caller, served) for given in form.images]
    return await _infer(model, images, form, caller, served)


@router.post(f"/models/{MODEL}/infer/image", response_model=InferAnswer, openapi_extra=_IMAGE_BODY)
@takes("image")
async def infer_image(
    workspace: str, model: str, question: Annotated[QuestionForm, Query()], request: Request, caller: CanInfer,
    served: Served,
) -> Response:  # fmt: skip
    """Boxes on one image: the body is its file."""
    return await _infer(model, [decode_body(await request.body())], question, caller, served)


async def _infer(asked: str, images: list[bytes], form: QuestionForm, caller: Caller, served: Served) -> Response:
    answering = served.answering
    question = Question(
        confidence=form.confidence,
        overlap=form.overlap,
        classes=None if form.classes is None else tuple(form.classes),
        class_agnostic=form.class_agnostic,
        max_detections=form.max_detections,
    )

    def work() -> Response:
        model = answering.find(caller.workspace_id, asked)
        answer = answering.answer(
            model, images, question, with_pictures=form.draw, collect_for=model.project_id if form.collect else None
        )
        return Response(to_json(_describe(answer)), media_type="application/json")

    return await answering.run(work)


def _describe(answer: Answer) -> dict[str, Any]:
    """An `InferAnswer`; the forms themselves take longer to make and write than the boxes took to suppress."""
    return {
        "model": answer.model.slug,
        "confidence": answer.question.confidence,
        "overlap": answer.question.overlap,
        "time_s": answer.seconds,
        "images": [_describe_image(found, answer.class_names) for found in answer.found],
    }


def _describe_image(found: Found, class_names: tuple[str, ...]) -> dict[str, Any]:
    detections = found.detections
    boxes = [
        {"class_name": class_names[class_id], "class_id": class_id, "confidence": confidence, "box_xyxy": box}
        for box, confidence, class_id in zip(
            detections.boxes_xyxy.astype(float).round(3).tolist(),
            detections.confidence.astype(float).round(6).tolist(),
            detections.class_id.tolist(),
            strict=True,
        )
    ]
    picture = None
    if found.picture is not None:
        picture = as_base64(draw_found(found, class_names, line_px=None, with_labels=True))
    return {"image_wh": found.image_wh, "predictions": boxes, "picture": picture}


async def _load(given: GivenImage, caller: Caller, served: Served) -> bytes:
    if given.url is not None:
        return await fetch_image(given.url)
    if given.base64 is not None:
        return decode_base64(given.base64)
    caller.require("read")
    return await served.answering.run(partial(_read_stored, served, caller.workspace_id, given.image or ""))


def _read_stored(served: Served, workspace_id: str, image_id: str) -> bytes:
    with served.database.read() as session:
        image = find_workspace_image(session, workspace_id, image_id)
    return served.blobs.get(image.sha256)


@router.get("/inference-stats")
def get_inference_stats(
    workspace: str, caller: CanRead, served: Served,
    minutes: Annotated[int, Query(ge=1, le=60 * 24 * 366, description="How far back.")] = 60,
    model: Annotated[str | None, Query(max_length=300, description="Of this model alone.")] = None,
    spans: Annotated[int, Query(ge=1, le=500, description="Parts that the time is divided into at most.")] = 60,
) -> InferenceStats:  # fmt: skip
    """Requests, latencies, confidence and classes of the models of a workspace, whole and by parts of the time."""
    until = time.time()
    since = until - minutes * 60
    with served.database.read() as session:
        if model is None:
            models = list_models(session, caller.workspace_id)
        else:
            models = [find_model(session, caller.workspace_id, model)]
        by_model, parts = read_stats(session, [one.id for one in models], since=since, until=until, spans=spans)
    return InferenceStats(
        since=since,
        until=until,
        models=[
            ModelStats(model=one.slug, name=one.name, stats=_stats(by_model[one.id]))
            for one in models
            if one.id in by_model
        ],
        spans=[SpanStats(start=part.start, stats=_stats(part.stats)) for part in parts],
    )


def _stats(stats: Stats) -> StatsForm:
    return StatsForm.model_validate(stats)
