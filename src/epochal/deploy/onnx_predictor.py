"""An ONNX file, ours or one that was marked as understood, to a `Predictor` that computes with ONNX Runtime."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochal.boxes.forms import Boxes
from epochal.config import count_threads
from epochal.deploy.foreign_onnx import Foreign, compute_with, read_mark
from epochal.detectors.predictor import Predictor
from epochal.errors import WeightsError

_EXPECTED = "expected a file such as RUN/weights/best.onnx, or one that `epochal export` wrote"
_SILENT = 4  # ONNX Runtime's log level: its errors come as exceptions, and its warnings are about its own build


def load_predictor(path: Path, *, threads: int | None = None) -> Predictor:
    """Read an ONNX file that Epochal exported, or one of another detector that was uploaded (`foreign_onnx.py`).

    Args:
        path: the file.
        threads: that compute one prediction; `count_threads()` when None. Predictors may be used by several threads
            of a server at once; give 1 then.

    Raises:
        WeightsError: the file is absent, no ONNX file, damaged, or not from Epochal; or ONNX Runtime is missing.
    """
    if not path.is_file():
        raise WeightsError(f"There is no weights file at {path}; {_EXPECTED}.")
    session = open_session(path, threads or count_threads())
    about = session.get_modelmeta().custom_metadata_map
    foreign = _read_mark(about, path)
    if foreign is not None:
        return Predictor(compute_with(session, foreign), foreign.class_names, foreign.canvas_wh)
    class_names, canvas_wh = _read_about(about, path)
    _check_shapes(session, path, len(class_names), canvas_wh)

    def compute(images: NDArray[np.float32], /) -> tuple[Boxes, NDArray[np.float32]]:
        boxes, scores = session.run(["boxes", "scores"], {"images": images})
        return boxes, scores

    return Predictor(compute, class_names, canvas_wh)


def open_session(path: Path, threads: int) -> Any:
    """A session of ONNX Runtime for a file. Raises WeightsError."""
    try:
        import onnxruntime
    except ImportError:
        raise WeightsError(
            f"{path} needs ONNX Runtime, which is not installed; install it with: pip install 'epochal[server]'"
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = _SILENT
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # it raises a dozen kinds, which share no parent of their own
        raise WeightsError(
            f"{path} is no ONNX file that can be run, or is damaged ({type(error).__name__}); {_EXPECTED}."
        ) from error


def _read_mark(about: dict[str, str], path: Path) -> Foreign | None:
    try:
        return read_mark(about)
    except (KeyError, TypeError, ValueError, AssertionError) as error:
        raise WeightsError(f"{path} has damaged metadata ({error}); upload it again.") from None


def _read_about(about: dict[str, str], path: Path) -> tuple[tuple[str, ...], tuple[int, int]]:
    if about.get("epochal") != "1":
        raise WeightsError(
            f"{path} is an ONNX file, but not from this version of Epochal: its metadata name no classes; {_EXPECTED}."
        )
    try:
        names, (width, height) = json.loads(about["class_names"]), json.loads(about["canvas_wh"])
        return tuple(str(name) for name in names), (int(width), int(height))
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path} has damaged metadata ({error}); export it again.") from None


def _check_shapes(session: Any, path: Path, class_count: int, canvas_wh: tuple[int, int]) -> None:
    """Refuse a file whose metadata speak of another net than the one it holds, before it answers nonsense."""
    inputs = {entry.name: entry.shape for entry in session.get_inputs()}
    outputs = sorted(entry.name for entry in session.get_outputs())
    wanted = [3, canvas_wh[1], canvas_wh[0]]
    if set(inputs) != {"images"} or outputs != ["boxes", "scores"] or inputs["images"][1:] != wanted:
        raise WeightsError(
            f"{path} takes {inputs} and gives {outputs}; expected images (B, 3, {canvas_wh[1]}, {canvas_wh[0]}) to "
            "boxes and scores. Export it again."
        )
    # Shapes of outputs are not declared, so one empty picture is asked about; it also warms the session up.
    boxes, scores = session.run(["boxes", "scores"], {"images": np.zeros((1, *wanted), np.float32)})
    if boxes.shape != (*scores.shape[:2], 4) or scores.shape[2:] != (class_count,):
        raise WeightsError(
            f"{path} gives boxes {boxes.shape} and scores {scores.shape}, but names {class_count} classes; export it "
            "again."
        )
