"""An evaluation in sentences, for people."""

import math
from collections.abc import Sequence
from typing import Any

from epochal.errors import BadInput


def describe_evaluation(content: dict[str, Any]) -> str:
    """Say what `Evaluation.to_json()` plus `split` holds, and its `remark` where there is one."""
    interval, count = content["interval"], content["images"]
    # One image, or none with a box, has no interval.
    within = f" (95 % interval {_number(interval['low'])}–{_number(interval['high'])})" if interval else ""
    sentence = (
        f"On {content['split']} ({count} image{'' if count == 1 else 's'}): mAP_0.5 {_number(content['mAP_0.5'])}, "
        f"mAP_0.5:0.95 {_number(content['mAP_0.5:0.95'])}{within}, precision {_number(content['precision'])} and "
        f"recall {_number(content['recall'])} at confidence {_number(content['confidence'])}."
    )
    return f"{sentence} {content['remark']}" if "remark" in content else sentence


def describe_class_match(of_weights: Sequence[str], of_dataset: Sequence[str]) -> list[str]:
    """Say which classes only one side knows; classes are matched by their exact names, in any order.

    Raises:
        BadInput: the two have no class in common.
    """
    unknown = [name for name in of_dataset if name not in of_weights]
    left_out = [name for name in of_weights if name not in of_dataset]
    if of_dataset and len(unknown) == len(of_dataset):
        raise BadInput(
            f"The weights know {_names(of_weights)}, the dataset has {_names(of_dataset)}: no class in common. "
            "Evaluate on a dataset whose classes have the same names."
        )
    notes = []
    if unknown:
        notes.append(f"The weights do not know {_names(unknown)}: nothing of it can be found, which counts as AP 0.")
    if left_out:
        notes.append(f"The dataset has no class {_names(left_out)}: what the weights find of it is left out.")
    return notes


def _names(names: Sequence[str]) -> str:
    return f"{', '.join(names[:8])}{f' and {len(names) - 8} more' if len(names) > 8 else ''}"


def _number(value: float | None) -> str:
    return "none" if value is None or not math.isfinite(value) else f"{value:.3f}"
