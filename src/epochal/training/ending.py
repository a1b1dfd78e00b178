"""The end of a training: the last evaluation, examples to look at, the exported model."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from epochal.boxes import Detections
from epochal.datasets import Dataset, Image
from epochal.datasets.splits import choose_split
from epochal.datasets.thumbnails import make_thumbnail
from epochal.detectors.export import export_weights, fuse
from epochal.detectors.fast import Points
from epochal.detectors.weights import Weights, load_weights
from epochal.evaluation import (
    Evaluation,
    SplitSizes,
    StoredBoxes,
    StoredMatches,
    evaluate,
    keep_boxes,
    save_boxes,
    save_matches,
)
from epochal.evaluation.describing import describe_evaluation
from epochal.evaluation.gallery import describe_image, find_images
from epochal.training.announcing import Listener
from epochal.training.cache import Pixels
from epochal.training.reporting import write_graph
from epochal.training.run import Progress, RunFolder, write_json
from epochal.training.validation import ground_truths, validate

EXAMPLES, EXAMPLE_SIDE_PX = 12, 480
SUSPECTS, SUSPECT_SIDE_PX = 8, 320
EXAMPLE_CONFIDENCE = 0.1  # of the boxes in the examples, unless the best confidence is lower


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

    Where there is a test split, val is evaluated too: it chooses the thresholds, test says what they are worth.

    Raises:
        StorageFull, DatasetError: what could not be written or read; the run can be resumed to this point.
    """
    best = run.weights / "best.pt"
    if best.exists():
        listener.progress(Progress("evaluating", message="evaluating the best weights"))
        weights = load_weights(best)
        final, remark = choose_split(dataset, None)
        on_val = None
        for split in ("val", final) if final == "test" and dataset.of_split("val") else (final,):
            images = dataset.of_split(split)
            detections = detect_split(weights, images, cache, cache_max_bytes, listener)
            numbers = evaluate(ground_truths(images), detections, dataset.class_names, seed=seed)
            stored = keep_boxes(numbers, [image.name for image in images], [image.sha256 for image in images])
            save_boxes(run.path / f"boxes-{split}.npz", stored)
            content = _describe(dataset, split, numbers, stored, on_val)
            if split == final:
                content |= {"remark": remark} if remark else {}
                _keep_final(run, content, images, numbers, stored)
            else:
                write_json(run.path / "evaluation-val.json", content)
                on_val = numbers
            listener.say(describe_evaluation(content))
        export_weights(weights, run.weights / "best.onnx", "onnx")
    write_graph(run.path, listener.say, final=True)


def _describe(
    dataset: Dataset, split: str, numbers: Evaluation, stored: StoredBoxes, on_val: Evaluation | None
) -> dict[str, Any]:
    content = numbers.to_json(
        file_names=stored.image_names,
        train_annotations=_count_annotations(dataset),
        splits=SplitSizes(*(len(dataset.of_split(name)) for name in ("train", "val", "test"))),
        chosen_on=on_val,
        is_out_of_sample=split != "train",
    )
    return {"split": split} | content


def _keep_final(
    run: RunFolder, content: dict[str, Any], images: Sequence[Image], numbers: Evaluation, stored: StoredBoxes
) -> None:
    content["examples"] = write_examples(run.path, images, stored, content.get("suspicions"))
    save_matches(run.path / "matches.npz", StoredMatches(numbers.matches, stored.image_names, stored.class_names))
    write_json(run.path / "evaluation.json", content)


def write_examples(
    run: Path, images: Sequence[Image], stored: StoredBoxes, suspicions: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Save small pictures of some images, with their boxes in the pixels of the original.

    They are for the report; the app shows every image. Some are evenly chosen; after them come, smaller, those with the
    most suspicious annotations, marked by `"is_suspect": true`.
    """
    folder = run / "examples"
    folder.mkdir(exist_ok=True)
    count = min(EXAMPLES, len(images))
    even = [round(i * (len(images) - 1) / max(1, count - 1)) for i in range(count)]
    suspects = [one["image"] for one in (suspicions or {}).get("boxes", ()) if one["image"] not in even]
    confidence = stored.confidence if math.isfinite(stored.confidence) else EXAMPLE_CONFIDENCE
    shown = find_images(stored, min(confidence, EXAMPLE_CONFIDENCE), None)
    examples = []
    for number, index in enumerate([*even, *list(dict.fromkeys(suspects))[:SUSPECTS]]):
        is_suspect = number >= count
        side_px = SUSPECT_SIDE_PX if is_suspect else EXAMPLE_SIDE_PX
        (folder / f"{number}.jpg").write_bytes(make_thumbnail(images[index].path, side_px))
        example = {"path": f"examples/{number}.jpg", **describe_image(stored, shown, index)}
        examples.append(example | ({"is_suspect": True} if is_suspect else {}))
    return examples


def _count_annotations(dataset: Dataset) -> list[int]:
    """Annotations of each class in train."""
    counts = [0] * len(dataset.class_names)
    for image in dataset.of_split("train"):
        for class_id in image.class_id:
            counts[class_id] += 1
    return counts
