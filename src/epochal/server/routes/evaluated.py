"""The images on which a run was evaluated: the confusion matrix at any confidence, what is behind it, the pictures."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from epochal.errors import BadInput
from epochal.evaluation.error_types import HIT_IOU
from epochal.evaluation.gallery import count_confusion, describe_image, find_images
from epochal.server.answers import Confusion, EvaluatedImage, EvaluatedPage, Split
from epochal.server.callers import NEEDS_READ
from epochal.server.services import Served

router = APIRouter(prefix="/api/runs/{run_id}/evaluated/{split}", tags=["evaluation"], dependencies=[NEEDS_READ])
PAGE_MAX, SIDE_MIN_PX, SIDE_MAX_PX = 48, 64, 1280
Confidence = Annotated[float, Query(ge=0, le=1)]
CellIndex = Annotated[int | None, Query(ge=0, description="Index into the classes of the matrix, background last.")]
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/confusion")
def get_confusion(run_id: str, split: Split, served: Served, confidence: Confidence) -> Confusion:
    """The confusion matrix of the evaluation on a split, at any confidence down to `least_confidence`."""
    boxes = served.evaluated.boxes(run_id, split)
    used = max(confidence, boxes.least_confidence)
    return Confusion(
        split=split,
        classes=[*boxes.class_names, "background"],
        confidence=used,
        least_confidence=boxes.least_confidence,
        iou=HIT_IOU,
        matrix=count_confusion(boxes, used).tolist(),
    )


@router.get("/images", response_model_exclude_none=True)
def list_images(
    run_id: str,
    split: Split,
    served: Served,
    confidence: Confidence,
    truth: CellIndex = None,
    prediction: CellIndex = None,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 12,
) -> EvaluatedPage:
    """The images behind a cell of the confusion matrix, or all of them, with their boxes, the surest first."""
    boxes = served.evaluated.boxes(run_id, split)
    cell = None if truth is None or prediction is None else (truth, prediction)
    if (truth is None) != (prediction is None) or (cell and max(cell) > len(boxes.class_names)):
        raise BadInput(
            f"A cell has a truth and a prediction, each 0 to {len(boxes.class_names)}; got {truth} and {prediction}."
        )
    gallery = find_images(boxes, confidence, cell)
    shown = [describe_image(boxes, gallery, int(image)) for image in gallery.images[offset : offset + limit]]
    return EvaluatedPage(
        confidence=gallery.confidence,
        count=len(gallery.images),
        pairs=gallery.pairs,
        offset=offset,
        images=[EvaluatedImage.model_validate(one) for one in shown],
    )


@router.get("/images/{image}", response_class=Response, responses=_PICTURE)
def get_picture(
    run_id: str,
    split: Split,
    image: int,
    served: Served,
    side_px: Annotated[int, Query(ge=SIDE_MIN_PX, le=SIDE_MAX_PX, description="Of the longer side.")] = 480,
) -> Response:
    """A small JPEG of an evaluated image, by its number; 404 when the dataset is gone or the file has changed."""
    content = served.evaluated.picture(run_id, split, image, side_px)
    # Of one run and one hash the picture is always the same; but a dataset that has changed should show soon.
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=60"})
