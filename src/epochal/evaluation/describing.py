"""An evaluation in a sentence, for people."""

import math
from typing import Any


def describe_evaluation(content: dict[str, Any]) -> str:
    """Say what `Evaluation.to_json()` plus `split` holds, and its `remark` where there is one."""
    interval = content["interval"]
    sentence = (
        f"On {content['split']} ({content['images']} images): mAP_0.5 {_number(content['mAP_0.5'])}, "
        f"mAP_0.5:0.95 {_number(content['mAP_0.5:0.95'])} (95 % interval {_number(interval['low'])}–"
        f"{_number(interval['high'])}), precision {_number(content['precision'])} and recall "
        f"{_number(content['recall'])} at confidence {_number(content['confidence'])}."
    )
    return f"{sentence} {content['remark']}" if "remark" in content else sentence


def _number(value: float | None) -> str:
    return "none" if value is None or not math.isfinite(value) else f"{value:.3f}"
