"""An evaluation as a report can carry it: a run of 80 classes has two of them, and the file is to stay under 1 MB."""

import json
from collections.abc import Sequence
from typing import Any

from epochal.graphs.document import Document

CLASSES_MAX = 20  # are kept in full; with more, their curves get fewer points and their thresholds are those of F1
CELLS_MAX, BOXES_MAX, SUSPICIONS_MAX, RECOMMENDATIONS_MAX = 100, 300, 20, 20
DECIMALS = 5  # two more than are shown
EVALUATIONS = ("evaluation", "evaluation_val")


def thin_evaluation(evaluation: Document) -> Document:
    """Leave out what a report cannot show, and digits that it does not.

    Args:
        evaluation: the content of an `evaluation.json`; it is not changed. Without examples there are no pictures in
            the report, so the boxes behind the cells of the confusion matrix go too.
    """
    thinned, has_pictures = dict(evaluation), bool(evaluation.get("examples"))
    per_class = evaluation.get("per_class")
    if isinstance(per_class, dict) and len(per_class) > CLASSES_MAX:
        thinned |= _thin_classes(evaluation, is_main=has_pictures)
    curves, suspicions, confusion = (evaluation.get(key) for key in ("curves", "suspicions", "confusion"))
    if isinstance(curves, dict):
        thinned["curves"] = _thin_curves(thinned["curves"])
    if isinstance(suspicions, dict) and isinstance(suspicions.get("boxes"), list):
        thinned["suspicions"] = {**suspicions, "boxes": suspicions["boxes"][:SUSPICIONS_MAX], "images": []}
    if isinstance(confusion, dict) and isinstance(confusion.get("cells"), list):
        cells = _thin_cells(confusion["cells"]) if has_pictures else []
        thinned["confusion"] = {**confusion, "cells": cells}
    if isinstance(evaluation.get("recommendations"), list):
        thinned["recommendations"] = evaluation["recommendations"][:RECOMMENDATIONS_MAX]
    rounded: Document = _round(thinned)
    return rounded


def fit_pictures(documents: Sequence[Document], limit_bytes: int) -> list[Document]:
    """Leave out pictures of examples, those of suspects last, until the documents are small enough.

    Args:
        documents: of a report, with pictures as data URLs; they are not changed.
        limit_bytes: of all of them as JSON.
    """
    bare = [_with_urls(document, set()) for document in documents]
    left = limit_bytes - sum(len(json.dumps(document, separators=(",", ":"))) for document in bare)
    fitted = []
    for document in documents:
        kept: set[int] = set()
        examples = _examples(document)
        for at in sorted(range(len(examples)), key=lambda at: not examples[at].get("is_suspect")):
            size = len(str(examples[at].get("url", "")))
            if size <= left:
                left -= size
                kept.add(at)
        fitted.append(_with_urls(document, kept))
    return fitted


def _thin_classes(evaluation: Document, *, is_main: bool) -> Document:
    """Of many classes: the thresholds of F1, once; beside the main evaluation no more than AP, precision and recall."""
    thinned: Document = {}
    has_chosen = bool(evaluation.get("chosen"))
    for key in ("thresholds", "chosen"):
        if isinstance(evaluation.get(key), list):
            is_kept = is_main and (key == "chosen") == has_chosen
            thinned[key] = [
                one if is_kept and one.get("beta") == 1 else {**one, "per_class": {}}
                for one in evaluation[key]
                if isinstance(one, dict)
            ]
    if not is_main:
        for key in ("curves", "sizes"):
            thinned[key] = _without_classes(evaluation.get(key))
    return thinned


def _without_classes(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: {} if key == "per_class" else _without_classes(inner) for key, inner in value.items()}


def _examples(document: Document) -> list[Document]:
    found = (document.get("evaluation") or {}).get("examples")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _with_urls(document: Document, kept: set[int]) -> Document:
    examples = _examples(document)
    if not examples:
        return document
    shown = [
        one if at in kept else {key: value for key, value in one.items() if key != "url"}
        for at, one in enumerate(examples)
    ]
    return {**document, "evaluation": {**document["evaluation"], "examples": shown}}


def _thin_curves(curves: dict[str, Any]) -> dict[str, Any]:
    """Fewer points of each curve when there are many; none of classes without annotations, which have no recall."""
    per_class = curves.get("per_class")
    drawn = {
        name: _without_repeats(curve)
        for name, curve in (per_class.items() if isinstance(per_class, dict) else ())
        if isinstance(curve, dict) and any(value is not None for value in curve.get("recall") or ())
    }
    step = -(-len(drawn) // CLASSES_MAX) or 1
    thinned: dict[str, Any] = _every({**curves, "per_class": drawn}, step)
    return thinned


def _without_repeats(curve: dict[str, Any]) -> dict[str, Any]:
    """F1 follows from precision and recall; the recalls of the PR curve are those of the mean over classes."""
    pr = curve.get("pr")
    short = {"precision": curve.get("precision"), "recall": curve.get("recall")}
    return {**short, "pr": {"precision": pr.get("precision")}} if isinstance(pr, dict) else short


def _thin_cells(cells: list[Any]) -> list[Any]:
    """The cells that count most, with as many boxes each as there is room for."""
    known = [cell for cell in cells if isinstance(cell, dict) and isinstance(cell.get("boxes"), list)]
    most = sorted(known, key=lambda cell: -float(cell.get("count") or 0))[:CELLS_MAX]
    each = max(1, BOXES_MAX // max(1, len(most)))
    return [{**cell, "boxes": cell["boxes"][:each]} for cell in most]


def _every(value: Any, step: int) -> Any:
    """Each list in it with every `step`th value, and the last."""
    if isinstance(value, dict):
        return {key: _every(inner, step) for key, inner in value.items()}
    if isinstance(value, list) and step > 1 and value:
        return [*value[:-1:step], value[-1]]
    return value


def _round(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _round(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_round(inner) for inner in value]
    return round(value, DECIMALS) if isinstance(value, float) else value
