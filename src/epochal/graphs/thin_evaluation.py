"""An evaluation as a report can carry it: a run of 80 classes has two of them, and the file is to stay under 1 MB."""

from typing import Any

from epochal.graphs.document import Document

CURVES_MAX = 20  # classes whose curves are kept with all their points; with more, every curve gets fewer
SUSPICIONS_MAX = 20


def thin_evaluation(evaluation: Document, *, has_pictures: bool) -> Document:
    """Leave out what a report cannot show.

    Args:
        evaluation: the content of an `evaluation.json`; it is not changed.
        has_pictures: whether the report holds pictures of its images; without, the boxes behind the cells of the
            confusion matrix go too.
    """
    thinned = dict(evaluation)
    curves = evaluation.get("curves")
    if isinstance(curves, dict):
        thinned["curves"] = _thin_curves(curves)
    suspicions, confusion = evaluation.get("suspicions"), evaluation.get("confusion")
    if isinstance(suspicions, dict) and isinstance(suspicions.get("boxes"), list):
        thinned["suspicions"] = {**suspicions, "boxes": suspicions["boxes"][:SUSPICIONS_MAX], "images": []}
    if isinstance(confusion, dict) and not has_pictures:
        thinned["confusion"] = {key: value for key, value in confusion.items() if key != "cells"}
    return thinned


def _thin_curves(curves: dict[str, Any]) -> dict[str, Any]:
    """Fewer points of each curve when there are many; none of classes without annotations, which have no recall."""
    per_class = curves.get("per_class")
    drawn = {
        name: curve
        for name, curve in (per_class.items() if isinstance(per_class, dict) else ())
        if isinstance(curve, dict) and any(value is not None for value in curve.get("recall") or ())
    }
    step = -(-len(drawn) // CURVES_MAX) or 1
    thinned: dict[str, Any] = _every({**curves, "per_class": drawn}, step)
    return thinned


def _every(value: Any, step: int) -> Any:
    """Each list in it with every `step`th value, and the last."""
    if isinstance(value, dict):
        return {key: _every(inner, step) for key, inner in value.items()}
    if isinstance(value, list) and step > 1 and value:
        return [*value[:-1:step], value[-1]]
    return value
