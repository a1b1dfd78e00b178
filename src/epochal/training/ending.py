"""The end of a training: the last evaluation, examples to look at, the exported model."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image as Pictures

from epochal.boxes import Detections
from epochal.datasets import Dataset, Image, decode_image
from epochal.detectors.export import export_weights, fuse
from epochal.detectors.fast import Points
from epochal.detectors.weights import Weights, load_weights
from epochal.errors import BadInput
from epochal.evaluation import Evaluation, evaluate
from epochal.training.cache import Pixels
from epochal.training.loop import Listener
from epochal.training.reporting import write_graph
from epochal.training.run import Progress, RunFolder, write_json
from epochal.training.validation import ground_truths, validate

EXAMPLES = 12
EXAMPLE_SIDE_PX = 480


def detect_split(
    weights: Weights, images: Sequence[Image], cache: Path | None, cache_max_bytes: int, listener: Listener
) -> list[Detections]:
    """What loaded weights find on images, in full precision; one entry per image."""
    pixels = Pixels(images, weights.canvas_wh)
    if cache is not None:
        pixels.fill(cache, limit_bytes=cache_max_bytes, on_image=lambda done, total: None)
    found = validate(
        fuse(weights.net),
        images,
        pixels,
        Points(weights.canvas_wh),
        precision="fp32",
        device="cpu",
        on_batch=lambda done, total: listener.progress(Progress("evaluating", step=done, steps=total)),
    )
    return found.detections


def choose_split(dataset: Dataset, wanted: str | None) -> tuple[str, str | None]:
    """The split for a last evaluation: the one wanted, else test, else val; and a sentence when it is not test.

    Raises:
        BadInput: the split that was wanted has no labelled image.
    """
    if wanted is not None:
        if not dataset.of_split(wanted):
            have = ", ".join(s for s in ("train", "val", "test") if dataset.of_split(s))
            raise BadInput(f"The split {wanted!r} of {dataset.name} has no labelled image; it has {have}.")
        return wanted, None
    if dataset.of_split("test"):
        return "test", None
    return "val", "There is no test split: this evaluation is on val, which chose the epoch, so it flatters a little."


def finish_run(
    dataset: Dataset, run: RunFolder, cache: Path, cache_max_bytes: int, seed: int, listener: Listener
) -> None:
    """Evaluate the best weights, write evaluation.json, examples, best.onnx and the report."""
    best = run.weights / "best.pt"
    if best.exists():
        run.write_progress(Progress("evaluating", message="evaluating the best weights"))
        weights = load_weights(best)
        split, remark = choose_split(dataset, None)
        images = dataset.of_split(split)
        detections = detect_split(weights, images, cache, cache_max_bytes, listener)
        numbers = evaluate(ground_truths(images), detections, dataset.class_names, seed=seed)
        content = numbers.to_json() | {"split": split}
        if remark:
            content["remark"] = remark
        content["examples"] = write_examples(run.path, images, detections, numbers, dataset.class_names)
        write_json(run.path / "evaluation.json", content)
        export_weights(weights, run.weights / "best.onnx", "onnx")
        listener.say(describe_evaluation(content))
    write_graph(run.path, listener.say, final=True)


def describe_evaluation(content: dict[str, Any]) -> str:
    """The evaluation in a sentence or two."""
    low, high = content["interval"]["low"], content["interval"]["high"]
    sentence = (
        f"On {content['split']} ({content['images']} images): mAP_0.5 {_number(content['mAP_0.5'])}, "
        f"mAP_0.5:0.95 {_number(content['mAP_0.5:0.95'])} (95 % interval {_number(low)}–{_number(high)}), precision "
        f"{_number(content['precision'])} and recall {_number(content['recall'])} at confidence "
        f"{_number(content['confidence'])}."
    )
    return f"{sentence} {content['remark']}" if "remark" in content else sentence


def write_examples(
    run: Path, images: Sequence[Image], detections: Sequence[Detections], numbers: Evaluation, names: Sequence[str]
) -> list[dict[str, Any]]:
    """Save small pictures of some images, evenly chosen, with their boxes in the pixels of the original."""
    folder = run / "examples"
    folder.mkdir(exist_ok=True)
    shown = [
        round(i * (len(images) - 1) / max(1, min(EXAMPLES, len(images)) - 1)) for i in range(min(EXAMPLES, len(images)))
    ]
    confidence = json.loads(json.dumps(numbers.to_json()["confidence"])) or 0.25
    examples = []
    for number, index in enumerate(dict.fromkeys(shown)):
        image, found = images[index], detections[index].above(float(confidence))
        picture = decode_image(image.path, at_least_wh=(EXAMPLE_SIDE_PX, EXAMPLE_SIDE_PX))
        picture.thumbnail((EXAMPLE_SIDE_PX, EXAMPLE_SIDE_PX), Pictures.Resampling.BILINEAR)
        picture.save(folder / f"{number}.jpg", quality=80)
        examples.append(
            {
                "file_name": image.name,
                "path": f"examples/{number}.jpg",
                "image_wh": list(image.image_wh),
                "ground_truth": [
                    {"box_xyxy": _rounded(box), "class_name": names[c]}
                    for box, c in zip(image.boxes_xyxy, image.class_id, strict=True)
                ],
                "predictions": [
                    {"box_xyxy": _rounded(box), "class_name": names[c], "confidence": round(float(p), 4)}
                    for box, c, p in zip(found.boxes_xyxy, found.class_id, found.confidence, strict=True)
                ],
            }
        )
    return examples


def _rounded(box: Any) -> list[float]:
    return [round(float(v), 1) for v in box]


def _number(value: float | None) -> str:
    return "none" if value is None or not math.isfinite(value) else f"{value:.3f}"
