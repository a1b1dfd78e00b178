"""`epochal evaluate`: how good are weights on a split of a dataset."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epochal.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from epochal.boxes import Detections
    from epochal.datasets import Dataset, Image
    from epochal.evaluation import Evaluation

HELP = """Judge weights by the annotations of a dataset, as COCO does.

WEIGHTS is a `.pt` of a run, or an `.onnx` that a run or `epochal export` wrote; classes are matched by name. The split
is test; val, and a word about it, where there is no test.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluate", help=HELP)(evaluate)


def evaluate(
    weights: Annotated[Path, typer.Argument(metavar="WEIGHTS", help="best.pt or best.onnx of a run.")],
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="A folder with annotations, or a zip of one.")],
    split: Annotated[str | None, typer.Option(help="train, val or test; test, else val, when not given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    predictions: Annotated[
        Path | None, typer.Option(metavar="OUT.json", help="Write all boxes as COCO results, for another judge.")
    ] = None,
    data_dir: Annotated[Path | None, typer.Option(metavar="DIR", help="The data folder; EPOCHAL_DATA_DIR.")] = None,
) -> None:
    """See `HELP`."""
    from epochal.cli.progress_display import image_bar
    from epochal.config import data_dir as resolve_data_dir
    from epochal.datasets import open_dataset, split_dataset
    from epochal.datasets.splits import choose_split

    _require_folder(predictions)
    folder = resolve_data_dir(data_dir)
    with image_bar("Reading images") as on_image:
        opened = split_dataset(open_dataset(dataset, on_image, unpack_into=folder / "unpacked"))
    chosen, remark = choose_split(opened, "val" if split == "valid" else split)
    images = opened.of_split(chosen)
    if not images:
        raise BadInput(f"{opened.root} has no labelled image in {chosen}, so there is nothing to judge by.")
    with image_bar(f"Detecting on {chosen}") as on_image:
        found, notes = _detect(weights, opened, images, folder, on_image)
    if predictions is not None:
        _write_predictions(predictions, opened, images, found)
    content = _judge(images, found, opened).to_json()
    content |= {"split": chosen, "weights": str(weights), "dataset": str(opened.root), "notes": notes}
    if remark:
        content["remark"] = remark
    typer.echo(json.dumps(content, allow_nan=False) if as_json else _format(content))


def _detect(
    weights: Path, dataset: "Dataset", images: "Sequence[Image]", data_dir: Path, on_image: Any
) -> tuple[list["Detections"], list[str]]:
    """What the weights find, with the dataset's class ids; and sentences on classes that only one side knows."""
    from epochal.evaluation.describing import describe_class_match

    if weights.suffix.lower() == ".onnx":  # ONNX Runtime alone: torch is not loaded
        from epochal.deploy import detect_images, load_predictor

        predictor = load_predictor(weights)
        notes = describe_class_match(predictor.class_names, dataset.class_names)
        return detect_images(predictor.for_classes(dataset.class_names), images, on_image), notes
    from epochal.config import read_settings
    from epochal.detectors.weights import load_weights
    from epochal.training.detecting import detect_with_weights

    loaded = load_weights(weights)
    notes = describe_class_match(loaded.class_names, dataset.class_names)
    limit = int(read_settings()["cache_max_bytes"])
    found = detect_with_weights(
        loaded, images, dataset.class_names, cache=data_dir / "cache", cache_max_bytes=limit, on_image=on_image
    )
    return found, notes


def _judge(images: "Sequence[Image]", found: "list[Detections]", dataset: "Dataset") -> "Evaluation":
    from epochal.config import read_settings
    from epochal.evaluation import GroundTruth
    from epochal.evaluation import evaluate as judge

    truths = [GroundTruth(i.boxes_xyxy, i.class_id, i.is_crowd, i.image_wh) for i in images]
    return judge(truths, found, dataset.class_names, resamples=int(read_settings()["bootstrap_resamples"]))


def _require_folder(predictions: Path | None) -> None:
    """Refuse a path that cannot be written to before minutes are spent on what should go there."""
    if predictions is not None and (not predictions.absolute().parent.is_dir() or predictions.is_dir()):
        raise BadInput(f"--predictions {predictions} must be a file in a folder that exists; choose another path.")


def _write_predictions(path: Path, dataset: "Dataset", images: "Sequence[Image]", found: "list[Detections]") -> None:
    from epochal.datasets.published_names import read_published_names
    from epochal.evaluation import write_predictions

    names = read_published_names(dataset, images)
    write_predictions(
        path,
        names.file_names,
        found,
        dataset.class_names,
        image_ids=names.image_ids,
        category_ids=names.category_ids,
    )
    typer.echo(f"Wrote {path}", err=True)


def _format(content: dict[str, Any]) -> str:
    from epochal.evaluation.describing import describe_evaluation

    lines = [describe_evaluation(content), *content["notes"], ""]
    wide = max(5, *(len(name) for name in content["per_class"]))
    lines.append(f"{'class':{wide}}  boxes  AP_0.5  AP_0.5:0.95  precision  recall")
    for name, row in content["per_class"].items():
        numbers = [row[key] for key in ("AP_0.5", "AP_0.5:0.95", "precision", "recall")]
        cells = ["–" if number is None else f"{number:.3f}" for number in numbers]
        lines.append(
            f"{name:{wide}}  {row['annotations']:5}  {cells[0]:>6}  {cells[1]:>11}  {cells[2]:>9}  {cells[3]:>6}"
        )
    return "\n".join(lines)
