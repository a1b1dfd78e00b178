"""`epochal predict`: what is on these images."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epochal.errors import BadInput, EpochalError

if TYPE_CHECKING:
    from PIL.Image import Image

    from epochal.boxes import Detections
    from epochal.detectors.predictor import Predictor

HELP = """Find objects on images.

WEIGHTS is a `.pt` of a run, or an `.onnx` that a run or `epochal export` wrote. IMAGE is a file, or a folder of them.
An image that cannot be read is said, the others are done, and the exit code is 2.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("predict", help=HELP)(predict)


def predict(
    weights: Annotated[Path, typer.Argument(metavar="WEIGHTS", help="best.pt or best.onnx of a run.")],
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE…", help="Image files, or folders of them.")],
    confidence: Annotated[float, typer.Option(min=0, max=1, help="Leave out boxes below it.")] = 0.25,
    overlap: Annotated[
        float, typer.Option(min=0, max=1, help="IoU from which two boxes of a class are one object.")
    ] = 0.65,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Draw the boxes on copies of the images.")] = None,
) -> None:
    """See `HELP`."""
    from epochal.datasets import decode_image
    from epochal.deploy import draw_detections

    sources = _find_sources(images)
    copies = _plan_copies(sources, out) if out is not None else {}
    predictor = _load(weights)
    done: list[dict[str, Any]] = []
    failed: list[dict[str, str]] = []
    for source in sources:
        try:
            picture = decode_image(source.path)
            found = predictor.predict(picture, confidence=confidence, iou_threshold=overlap)
            if source in copies:
                _save(draw_detections(picture, found, predictor.class_names), copies[source])
        except EpochalError as error:
            failed.append({"path": str(source.path), "error": str(error)})
            typer.echo(f"epochal: {error}", err=True)
            continue
        done.append(_describe(source, picture, found, predictor.class_names, copies.get(source)))
        if not as_json:
            typer.echo(_format(done[-1]))
    if as_json:
        about = {"weights": str(weights), "class_names": predictor.class_names, "confidence": confidence}
        typer.echo(json.dumps({**about, "images": done, "failed": failed}, allow_nan=False))
    if failed:
        raise typer.Exit(2)


@dataclass(frozen=True)
class _Source:
    """An image to look at, and what a copy of it is called below `--out`."""

    path: Path
    copy_name: str


def _find_sources(given: list[Path]) -> list[_Source]:
    from epochal.datasets.folder import Folder

    sources: list[_Source] = []
    for path in given:
        if path.is_dir():
            names = Folder(path).images
            if not names:
                raise BadInput(f"The folder {path} holds no image; name image files or a folder of them.")
            sources += [_Source(path / name, name) for name in names]
        else:
            sources.append(_Source(path, path.name))  # a path that is not there is said in its turn
    return list(dict.fromkeys(sources))


def _plan_copies(sources: list[_Source], out: Path) -> dict[_Source, Path]:
    """Where each copy goes: no two to the same place, and none over the image it was made from."""
    plan: dict[_Source, Path] = {}
    taken: set[Path] = set()
    for source in sources:
        wanted = out / source.copy_name
        if wanted.suffix.lower() not in (".jpg", ".jpeg", ".png"):
            wanted = wanted.with_suffix(".png")
        number, target = 2, wanted
        while target in taken:
            number, target = number + 1, wanted.with_stem(f"{wanted.stem}-{number}")
        taken.add(target)
        if target.resolve() == source.path.resolve():
            raise BadInput(f"--out {out} would write over {source.path}; choose another folder for the copies.")
        plan[source] = target
    return plan


def _load(weights: Path) -> "Predictor":
    if weights.suffix.lower() == ".onnx":  # ONNX Runtime alone: torch is not loaded
        from epochal.deploy import load_predictor

        return load_predictor(weights)
    from epochal.detectors.torch_predictor import load_torch_predictor

    return load_torch_predictor(weights)


def _save(picture: "Image", path: Path) -> None:
    from epochal.errors import Failed

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, quality=92)
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror or error}; choose another --out.") from error


def _describe(
    source: _Source, picture: "Image", found: "Detections", class_names: tuple[str, ...], copy: Path | None
) -> dict[str, Any]:
    predictions = [
        {
            "class_name": class_names[class_id],
            "class_id": int(class_id),
            "confidence": round(float(confidence), 6),
            "box_xyxy": [round(float(v), 3) for v in box],
        }
        for box, confidence, class_id in zip(found.boxes_xyxy, found.confidence, found.class_id, strict=True)
    ]
    described = {"path": str(source.path), "image_wh": list(picture.size), "predictions": predictions}
    return described | ({"copy": str(copy)} if copy is not None else {})


def _format(described: dict[str, Any]) -> str:
    width, height = described["image_wh"]
    rows = described["predictions"]
    lines = [f"{described['path']}  {width}×{height}  {len(rows)} box{'' if len(rows) == 1 else 'es'}"]
    wide = max((len(row["class_name"]) for row in rows), default=0)
    for row in rows:
        corners = "  ".join(f"{v:7.1f}" for v in row["box_xyxy"])
        lines.append(f"  {row['class_name']:{wide}}  {row['confidence']:.3f}  {corners}")
    return "\n".join(lines)
