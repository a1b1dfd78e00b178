"""Look at an ONNX file from a stranger in a process of its own: `python -m epochal.deploy.examining_weights FILE`.

A file may ask for any amount of memory or time, or bring the runtime down; that ends this process and nothing else.
Prints one JSON object: {"class_names", "canvas_wh", "layout"} (layout null: one of ours), or {"error"}.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from epochal.errors import WeightsError

MEMORY_BYTES, CPU_S, TIME_LIMIT_S = 8_000_000_000, 60, 120


@dataclass(frozen=True)
class Examined:
    """What a file is; `layout` is None for one of ours."""

    class_names: tuple[str, ...]
    canvas_wh: tuple[int, int]
    layout: str | None


def examine_onnx(path: Path, class_names: tuple[str, ...] = ()) -> Examined:
    """Find out what an ONNX file is; a file of another detector is marked with it.

    Args:
        path: alone in its folder, so that it refers to no other file.
        class_names: when known from elsewhere.

    Raises:
        WeightsError: it cannot be run here; says why.
    """
    command = [sys.executable, "-m", "epochal.deploy.examining_weights", str(path), json.dumps(class_names)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False)
        told = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise WeightsError(
            f"It was not ready after {TIME_LIMIT_S} s; expected a file for one picture at a time."
        ) from None
    except ValueError:
        raise WeightsError(
            "ONNX Runtime could not open it within its limits; export it again, or choose a smaller model."
        ) from None
    if "error" in told:
        raise WeightsError(told["error"])
    return Examined(tuple(told["class_names"]), (told["canvas_wh"][0], told["canvas_wh"][1]), told["layout"])


def _limit() -> None:
    if sys.platform == "win32":  # has no such limits; TIME_LIMIT_S holds everywhere
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    if sys.platform != "darwin":  # which refuses it: the system's libraries alone take more addresses
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def main(path: Path, class_names: tuple[str, ...]) -> dict[str, object]:
    """What is printed of a file."""
    from epochal.deploy.foreign_onnx import examine_session, mark_file
    from epochal.deploy.onnx_predictor import load_predictor, open_session

    _limit()
    try:
        session = open_session(path, 1)
        if "epochal" in session.get_modelmeta().custom_metadata_map:
            predictor = load_predictor(path, threads=1)
            return {"class_names": predictor.class_names, "canvas_wh": predictor.canvas_wh, "layout": None}
        foreign = examine_session(session, class_names)
    except WeightsError as error:
        return {"error": str(error).replace(str(path), "The file")}
    except Exception as error:  # the runtime raises kinds of its own when a net does not run
        return {"error": f"ONNX Runtime cannot run it ({type(error).__name__}); export it again."}
    mark_file(path, foreign)
    return {"class_names": foreign.class_names, "canvas_wh": foreign.canvas_wh, "layout": foreign.layout}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), tuple(json.loads(sys.argv[2])))))
