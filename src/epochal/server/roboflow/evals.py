"""Contract §8.3: the evaluations of models, each the last evaluation of the training that made the model."""

import time
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from fastapi import Query
from fastapi.responses import JSONResponse

from epochal.errors import BadInput, EpochalError, NotFound
from epochal.evaluation import StoredBoxes
from epochal.evaluation.clusters import Clusters, find_clusters
from epochal.evaluation.gallery import count_confusion, describe_image, find_images
from epochal.jobs.records import read_object
from epochal.jobs.trainings import Training, find_training, list_trainings
from epochal.server.callers import Caller, CanRead
from epochal.server.roboflow.routing import roboflow_router
from epochal.server.services import Served, Services

router = roboflow_router()
ALL, ONE = "/{workspace}/model-evals", "/{workspace}/model-evals/{eval_id}"
_SPLITS = {"train": "train", "valid": "val", "test": "test"}
_SIZES = ("small", "medium", "large")
_LIMIT, _PAGE, _SHOWN = 500, 1000, 5
Answer = dict[str, Any] | JSONResponse
Split = Annotated[str | None, Query()]
Confidence = Annotated[str | None, Query()]


class _Refused(EpochalError):
    """An error whose code the package knows."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = JSONResponse({"error": code, "message": message}, status)


@router.get(ALL)
def list_evals(
    workspace: str, caller: CanRead, served: Served, project: str | None = None, version: str | None = None,
    model: str | None = None, status: str | None = None, limit: Annotated[int, Query(ge=1, le=_LIMIT)] = 100,
) -> dict[str, Any]:  # fmt: skip
    """The evaluations of a workspace, the newest first."""
    wanted = {"project": project, "versionId": version, "modelId": model, "status": status}
    with served.database.read() as session:
        rows = [_row(caller, training) for training in list_trainings(session, caller.workspace_id, limit=_LIMIT)]
    for name, value in wanted.items():
        if value is not None:
            rows = [row for row in rows if value.rpartition("/")[2] == str(row[name]).rpartition("/")[2]]
    return {"evals": rows[:limit]}


@router.get(ALL + "/compare")
def compare(
    workspace: str, caller: CanRead, served: Served, project: str, version: str,
    metric: Annotated[str, Query(alias="frontierMetric")] = "map50_95",
) -> dict[str, Any]:  # fmt: skip
    """The models of a version beside each other; no latency is measured, so none is on a frontier of it."""
    listed = list_evals(workspace, caller, served, project=project, version=version, status="done")["evals"]
    return {"project": project, "version": version, "frontierMetric": metric, "models": listed}


@router.get(ONE, response_model=None)
def get_eval(workspace: str, eval_id: str, caller: CanRead, served: Served) -> Answer:
    """One evaluation with its summary."""
    try:
        return _row(caller, _find(caller, served, eval_id))
    except _Refused as refused:
        return refused.answer


@router.get(ONE + "/{panel}", response_model=None)
def get_panel(
    workspace: str, eval_id: str, panel: str, caller: CanRead, served: Served, split: Split = None,
    confidence: Confidence = None, limit: Annotated[int, Query(ge=1, le=_PAGE)] = 200,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Answer:  # fmt: skip
    """A part of an evaluation: map-results, performance-by-class, confusion-matrix, confidence-sweep and others."""
    try:
        training = _find(caller, served, eval_id, is_done=True)
        evaluations = _evaluations(served, training)
        if panel == "map-results":
            shown: dict[str, Any] = {"splits": {name: _map_of(one) for name, one in evaluations.items()}}
            shown["taskType"] = "object-detection-like"
        elif panel == "performance-by-class":
            name = _split(split, evaluations)
            shown = {"split": name, "classes": _classes(evaluations[name])}
        elif panel == "confidence-sweep":
            shown = {"splits": {name: one.get("curves", {}) for name, one in evaluations.items()}}
        elif panel == "recommendations":
            newest = next(iter(evaluations.values()), {})
            shown = {"recommendations": newest.get("recommendations", [])}
        elif panel in {"confusion-matrix", "image-predictions", "vector-analysis"}:
            name = _split(split, evaluations)
            used = _confidence(confidence, evaluations[name])
            shown = _of_boxes(served, training, panel, name, used, slice(offset, offset + limit))
        else:
            raise NotFound(f"There is no {panel[:60]!r} of an evaluation here.")
        return {"evalId": training.id, **shown}
    except _Refused as refused:
        return refused.answer


def _find(caller: Caller, served: Services, eval_id: str, *, is_done: bool = False) -> Training:
    try:
        with served.database.read() as session:
            training = find_training(session, caller.workspace_id, eval_id)
    except NotFound as error:
        raise _Refused(404, "model_eval_not_found", f"There is no evaluation {eval_id[:80]!r} here.") from error
    if is_done and _status(training) != "done":
        raise _Refused(409, "model_eval_not_done", f"The training is {training.state}; its evaluation is not there.")
    return training


def _status(training: Training) -> str:
    if training.model is not None:
        return "done"
    return "failed" if training.ended_at is not None else "running"


def _row(caller: Caller, training: Training) -> dict[str, Any]:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(training.ended_at or training.queued_at))
    row: dict[str, Any] = {
        "evalId": training.id,
        "status": _status(training),
        "project": training.project_slug,
        "versionId": str(training.version_number),
        "modelId": None if training.model is None else f"{caller.workspace_slug}/{training.model.slug}",
        "modelType": training.model_type,
        "createdAt": at,
    }
    if training.model is not None:
        metrics = training.model.metrics
        row["summary"] = {
            "mAP": metrics.get("mAP_0.5"), "mAP5095": metrics.get("mAP_0.5:0.95"), "mIoU": metrics.get("mean_iou"),
            "precision": metrics.get("precision"), "recall": metrics.get("recall"),
        }  # fmt: skip
    return row


def _evaluations(served: Services, training: Training) -> dict[str, Mapping[str, Any]]:
    """{split as the package has it: its evaluation}, that on test first."""
    folder = served.attempts.folder(training.id)
    read = [read_object(folder / name) for name in ("evaluation.json", "evaluation-val.json")]
    theirs = {ours: name for name, ours in _SPLITS.items()}
    return {theirs[one["split"]]: one for one in reversed(read) if one.get("split") in theirs}


def _split(wanted: str | None, evaluations: Mapping[str, Any]) -> str:
    name = wanted or ("test" if "test" in evaluations else next(iter(evaluations), "test"))
    if name not in evaluations:
        there = ", ".join(evaluations) or "none"
        raise _Refused(400, "invalid_split", f"split is {name[:40]!r}; there are {there}.")
    return name


def _confidence(wanted: str | None, evaluation: Mapping[str, Any]) -> float:
    """The package sends percent; without one it is where F1 is best."""
    if wanted is None:
        return float(evaluation.get("confidence") or 0.25)
    try:
        value = float(wanted)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise _Refused(400, "invalid_confidence", f"confidence is {wanted[:40]!r}; expected 0 to 100.")
    return value / 100


def _map_of(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    sizes = evaluation.get("sizes", {})
    return {
        "map50": evaluation.get("mAP_0.5"),
        "map50_95": evaluation.get("mAP_0.5:0.95"),
        "map75": evaluation.get("mAP_0.75"),
        "byObjectSize": {
            name: {
                "map50": sizes.get(name, {}).get("mAP_0.5"),
                "map50_95": sizes.get(name, {}).get("mAP_0.5:0.95"),
                "annotations": sizes.get(name, {}).get("annotations"),
            }
            for name in _SIZES
        },
    }


def _classes(evaluation: Mapping[str, Any]) -> list[dict[str, Any]]:
    f1: Mapping[str, Any] = next((one for one in evaluation.get("thresholds", []) if one.get("beta") == 1), {})
    rows = []
    for name, numbers in evaluation.get("per_class", {}).items():
        best = (f1.get("per_class") or {}).get(name) or {}
        rows.append(
            {
                "className": name, "map50": numbers.get("AP_0.5"), "map50_95": numbers.get("AP_0.5:0.95"),
                "map75": numbers.get("AP_0.75"), "precision": numbers.get("precision"), "recall": numbers.get("recall"),
                "f1": best.get("f"), "optimalThreshold": best.get("confidence"),
                "annotations": numbers.get("annotations"),
            }
        )  # fmt: skip
    return rows


def _of_boxes(
    served: Services, training: Training, panel: str, split: str, confidence: float, page: slice
) -> dict[str, Any]:
    """What is counted anew from the kept boxes, at any confidence."""
    try:
        boxes = served.evaluated.boxes(training.id, _SPLITS[split])
    except (NotFound, BadInput) as error:
        raise _Refused(409, "model_eval_not_done", str(error)) from error
    used = max(confidence, boxes.least_confidence)
    if panel == "confusion-matrix":
        return {
            "split": split, "confidenceThreshold": used, "classes": [*boxes.class_names, "background"],
            "matrix": count_confusion(boxes, used).tolist(),
        }  # fmt: skip
    clusters = find_clusters(boxes.truths, len(boxes.class_names))
    if panel == "vector-analysis":
        return {"split": split, "confidenceThreshold": used, **_clusters(boxes, clusters, used)}
    gallery = find_images(boxes, used, None)
    shown = [describe_image(boxes, gallery, int(image)) for image in gallery.images[page]]
    images = [
        {
            "imageId": str(one["image"]), "imageName": one["file_name"], "split": split,
            "stats": _stats(boxes, used, one["image"]), "cluster": int(clusters.of_image[one["image"]]), **one,
        }
        for one in shown
    ]  # fmt: skip
    return {"split": split, "confidenceThreshold": used, "totalImages": len(gallery.images), "images": images}


def _clusters(boxes: StoredBoxes, clusters: Clusters, confidence: float) -> dict[str, Any]:
    """Groups of images with what was right in each, and where each image lies."""
    rows = []
    for at in range(clusters.count):
        members = clusters.members(at)
        stats = _stats(boxes, confidence, members)
        right = stats["truePositives"]
        found, there = right + stats["falsePositives"], right + stats["falseNegatives"]
        rows.append(
            {
                "cluster": at, "images": len(members), **stats,
                "precision": right / found if found else None, "recall": right / there if there else None,
                "f1": 2 * right / (found + there) if found + there else None,
                "sampleImages": [_image_name(boxes, image) for image in members[:_SHOWN]],
                "annotationsPerImage": {
                    name: float(np.mean([(boxes.truths[image].class_id == k).sum() for image in members]))
                    for k, name in enumerate(boxes.class_names)
                },
            }
        )  # fmt: skip
    points = [
        {**_image_name(boxes, image), "cluster": int(clusters.of_image[image]), "x": float(x), "y": float(y)}
        for image, (x, y) in enumerate(clusters.point)
    ]
    return {
        "vectors": "number of annotations of each class on an image, and their size",
        "clusters": rows,
        "points": points,
    }


def _image_name(boxes: StoredBoxes, image: int) -> dict[str, str]:
    return {"imageId": str(image), "imageName": boxes.image_names[image]}


def _stats(boxes: StoredBoxes, confidence: float, images: Any) -> dict[str, int]:
    """Right, wrong and missed boxes of an image or several; one of the wrong class is wrong and missed."""
    pairs, nothing = boxes.pairs(confidence), len(boxes.class_names)
    here = np.isin(pairs.image, images)
    truth, found = pairs.truth_class[here], pairs.detected_class[here]
    right = int(((truth == found) & (truth != nothing)).sum())
    return {
        "truePositives": right,
        "falsePositives": int((found != nothing).sum()) - right,
        "falseNegatives": int((truth != nothing).sum()) - right,
    }
