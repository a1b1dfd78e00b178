"""What trainings add to a version as the packages read it: `model`, `train`, `models`, `modelType` (contract §8.1).

A client that trains the old way asks again and again until it finds `train.results` or the status "failed", so every
training that has ended says one of the two: finished and stopped have results, failed and cancelled have failed.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from epochal.errors import NotFound
from epochal.graphs.journal import decode_number
from epochal.jobs.attempts import read_lines
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.models import Model, list_models
from epochal.jobs.records import read_object
from epochal.jobs.trainings import Training, find_training, list_trainings
from epochal.versions.project_versions import ProjectVersion

LEGACY_STATUS = {
    "queued": "running", "starting": "running", "running": "running", "stopping": "running", "stalled": "running",
    "finished": "finished", "stopped": "finished", "failed": "failed", "cancelled": "failed",
}  # fmt: skip
# Their name: ours. Always the same keys, because the client reads those of the first epoch from every epoch.
_LOSSES = {"box_loss": "train/box_loss", "class_loss": "train/cls_loss"}
_METRICS = {
    "mAP": "metrics/mAP_0.5", "mAP_50_95": "metrics/mAP_0.5:0.95", "precision": "metrics/precision",
    "recall": "metrics/recall",
}  # fmt: skip
_EVALUATIONS, _SPLITS = ("evaluation.json", "evaluation-val.json"), {"val": "valid", "test": "test"}


def training_fields(
    session: Session,
    workspace_id: str,
    project_slug: str,
    version: ProjectVersion,
    data: DataFolder,
    *,
    with_epochs: bool = True,
) -> dict[str, Any]:
    """The fields of a version that come from its trainings and models; empty when there are none.

    Args:
        session: that reads.
        workspace_id: whose version.
        project_slug: for the id of the model.
        version: which version.
        data: where the run folders are.
        with_epochs: whether to read the epochs of the newest training.
    """
    fields: dict[str, Any] = {}
    models = list_models(session, workspace_id, version_id=version.id)
    trainings = list_trainings(session, workspace_id, version_id=version.id, limit=1)
    if trainings:
        fields |= _fields_of(trainings[0], data)
        if with_epochs and (epochs := read_epochs(read_lines(session, trainings[0].id, 0))):
            fields["models"] = {"roboflow-train": {"epochs": epochs}}
    if models:
        answering = next(one for one in models if one.answers)
        maker = _maker(session, workspace_id, answering, trainings)
        model = _model_object(f"{project_slug}/{version.number}", answering, maker)
        fields |= {"model": model, "modelType": answering.model_type}
    return fields


def _maker(session: Session, workspace_id: str, model: Model, newest: Sequence[Training]) -> Training | None:
    if newest and newest[0].id == model.training_id:
        return newest[0]
    if model.training_id is None:
        return None
    try:
        return find_training(session, workspace_id, model.training_id)
    except NotFound:  # in the trash, its model was taken out alone
        return None


def _fields_of(training: Training, data: DataFolder) -> dict[str, Any]:
    status = LEGACY_STATUS[training.state]
    train: dict[str, Any] = {"status": status, "modelType": training.model_type, "trainingId": training.id}
    if training.message:
        train["message"] = training.message
    if status == "finished":
        train["results"] = {"class_map": _class_map(data, training)}
    return {"train": train}


def read_epochs(lines: Sequence[str]) -> list[dict[str, str]]:
    """The epochs of a journal as the legacy plot reads them: each once, the last line that tells of it.

    Losses that are no numbers are "NaN", and a metric that is not there is "0", so that every epoch has every key.
    """
    by_epoch: dict[int, Mapping[str, Any]] = {}
    for text in lines:
        line = json.loads(text)
        if line.get("kind") == "epoch" and isinstance(line.get("epoch"), int):
            by_epoch[line["epoch"]] = line.get("series", {})
    return [
        {"epoch": str(epoch)}
        | {name: _text(series.get(key), 0.0) for name, key in _METRICS.items()}
        | {name: _text(series.get(key), math.nan) for name, key in _LOSSES.items()}
        for epoch, series in sorted(by_epoch.items())
    ]


def _class_map(data: DataFolder, training: Training) -> dict[str, list[dict[str, Any]]]:
    """{split as the packages have it: rows}; without a test split the first file is of val."""
    folder = data.runs_folder / training.id
    read = [read_object(folder / name) for name in _EVALUATIONS]
    return {_SPLITS[one["split"]]: _class_rows(one) for one in read if one.get("split") in _SPLITS}


def _class_rows(evaluation: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = [_class_row("all", evaluation, evaluation.get("images"), evaluation.get("annotations"), "mAP")]
    for name, numbers in evaluation.get("per_class", {}).items():
        rows.append(_class_row(name, numbers, evaluation.get("images"), numbers.get("annotations"), "AP"))
    return rows


def _class_row(name: str, numbers: Mapping[str, Any], images: Any, targets: Any, metric: str) -> dict[str, Any]:
    return {
        "class": name,
        "images": images,
        "targets": targets,
        "precision": numbers.get("precision"),
        "recall": numbers.get("recall"),
        "map50": numbers.get(f"{metric}_0.5"),
        "map95": numbers.get(f"{metric}_0.5:0.95"),
    }


def _model_object(model_id: str, model: Model, maker: Training | None) -> dict[str, Any]:
    """The object whose truth says that a version can be asked; its numbers are percent in texts."""
    return {
        "id": model_id,
        "name": model.name,
        "modelType": model.model_type,
        "start": model.created_at if maker is None else maker.started_at,
        "end": model.created_at if maker is None else maker.ended_at,
        "map": _percent(model.metrics.get("mAP_0.5")),
        "recall": _percent(model.metrics.get("recall")),
        "precision": _percent(model.metrics.get("precision")),
        "fromScratch": True,
        "tfjs": False,
        "oak": False,
    }


def _percent(value: float | None) -> str | None:
    return None if value is None else f"{100 * value:.1f}"


def _text(value: Any, absent: float) -> str:
    number = decode_number(value)
    return f"{absent if number is None else number:.6g}"
