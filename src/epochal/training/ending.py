"""The end of a training: the last evaluation, examples to look at, the exported model."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image as Pictures

from epochal.boxes import Detections
from epochal.datasets import Dataset, Image, decode_image
from epochal.datasets.splits import choose_split
from epochal.detectors.export import export_weights, fuse
from epochal.detectors.fast import Points
from epochal.detectors.weights import Weights, load_weights
from epochal.evaluation import Evaluation, SplitSizes, StoredMatches, evaluate, save_matches
from epochal.evaluation.describing import describe_evaluation
from epochal.training.announcing import Listener
from epochal.training.cache import Pixels
from epochal.training.reporting import write_graph
from epochal.training.run import Progress, RunFolder, write_json
from epochal.training.validation import ground_truths, validate

EXAMPLES = 12
EXAMPLE_SIDE_PX = 480
UNDECIDED_CONFIDENCE = 0.25  # of the boxes shown when nothing was found right, so that no confidence is best


def detect_split(
    weights: Weights, images: Sequence[Image], cache: Path | None, cache_max_bytes: int, listener: Listener
) -> list[Detections]:
    """What loaded weights find on images, in full precision; one entry per image."""
    pixels = Pixels(images, weights.canvas_wh)
    if cache is not None:
        pixels.fill(
            cache,
            limit_bytes=cache_max_bytes,
            on_image=lambda done, total: listener.progress(
                Progress("evaluating", step=done, steps=total, message="decoding")
            ),
        )
    found = validate(
        fuse(weights.net),
        images,
        pixels,
        Points(weights.canvas_wh),
        precision="fp32",
        device="cpu",
        on_batch=lambda done, total: listener.progress(
            Progress("evaluating", step=done, steps=total, message="evaluating")
        ),
    )
    return found.detections


def finish_run(
    dataset: Dataset, run: RunFolder, cache: Path, cache_max_bytes: int, seed: int, listener: Listener
) -> None:
    """Evaluate the best weights, write evaluation.json, examples, best.onnx and the report.

    Raises:
        StorageFull, DatasetError: what could not be written or read; the run can be resumed to this point.
    """
    best = run.weights / "best.pt"
    if best.exists():
        listener.progress(Progress("evaluating", message="evaluating the best weights"))
        weights = load_weights(best)
        split, remark = choose_split(dataset, None)
        images = dataset.of_split(split)
        detections = detect_split(weights, images, cache, cache_max_bytes, listener)
        numbers = evaluate(ground_truths(images), detections, dataset.class_names, seed=seed)
        names = [image.name for image in images]
        content = numbers.to_json(
            file_names=names,
            train_annotations=_count_annotations(dataset),
            splits=SplitSizes(*(len(dataset.of_split(name)) for name in ("train", "val", "test"))),
        ) | {"split": split}
        if remark:
            content["remark"] = remark
        content["examples"] = write_examples(run.path, images, detections, numbers, dataset.class_names)
        save_matches(run.path / "matches.npz", StoredMatches(numbers.matches, tuple(names), dataset.class_names))
        write_json(run.path / "evaluation.json", content)
        export_weights(weights, run.weights / "best.onnx", "onnx")
        listener.say(describe_evaluation(content))
    write_graph(run.path, listener.say, final=True)


def write_examples(
    run: Path, images: Sequence[Image], detections: Sequence[Detections], numbers: Evaluation, names: Sequence[str]
) -> list[dict[str, Any]]:
    """Save small pictures of some images, evenly chosen, with their boxes in the pixels of the original."""
    folder = run / "examples"
    folder.mkdir(exist_ok=True)
    shown = [
        round(i * (len(images) - 1) / max(1, min(EXAMPLES, len(images)) - 1)) for i in range(min(EXAMPLES, len(images)))
    ]
    best = numbers.operating_point.confidence
    confidence = best if math.isfinite(best) else UNDECIDED_CONFIDENCE
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


def _count_annotations(dataset: Dataset) -> list[int]:
    """Annotations of each class in train."""
    counts = [0] * len(dataset.class_names)
    for image in dataset.of_split("train"):
        for class_id in image.class_id:
            counts[class_id] += 1
    return counts


def _rounded(box: Any) -> list[float]:
    return [round(float(v), 1) for v in box]
