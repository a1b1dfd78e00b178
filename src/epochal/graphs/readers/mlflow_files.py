"""MLflow's file store: a file for each metric, of lines `milliseconds value step`; the files of a run together."""

import re
from collections.abc import Iterator
from pathlib import Path

from epochal.errors import LogError
from epochal.graphs.readers.long_tables import LongRows
from epochal.graphs.readers.source import Source
from epochal.graphs.readers.table import Log, parse_number

_LINE = re.compile(r"(?P<ms>\d{13}) (?P<value>\S+)(?: (?P<step>-?\d+))?")
_FOLDER = "metrics"
_MOST_FILES, _MOST_BYTES = 500, 20_000_000
_LONGEST_NAME = 120


def recognise_mlflow(source: Source) -> float:
    """Lines of a time, a number and a step, in a folder `metrics`."""
    lines = source.head_lines[:50]
    is_inside = _FOLDER in source.path.resolve().parts[:-1]
    return 0.9 if is_inside and lines and all(_LINE.fullmatch(line) for line in lines) else 0.0


def read_mlflow(source: Source) -> Log:
    """Read the file and its neighbours; a metric is named by its path below `metrics`.

    Raises:
        LogError: none of them holds a number.
    """
    path = source.path.resolve()
    folder = next(parent for parent in path.parents if parent.name == _FOLDER)
    log, rows = Log("mlflow_files"), LongRows()
    for file in _files(folder):
        for line in file.read_text("utf-8", errors="replace").splitlines():
            match = _LINE.fullmatch(line.strip())
            value = parse_number(match["value"]) if match else None
            if match and value is not None:
                rows.add("", file.relative_to(folder).as_posix(), value, None, float(match["step"] or 0))
    rows.fill(log)
    log.name = _run_name(folder.parent)
    if not log.table.rows:
        raise LogError(f"{source.path} holds no number; expected lines such as `1700000000000 0.5 1`.")
    return log


def find_mlflow_runs(folder: Path) -> list[Path]:
    """The runs below a folder of MLflow's file store, such as `mlruns` or one of its experiments, the oldest first.

    Empty when the folder is itself a run, or when there is no more than one.
    """
    if (folder / _FOLDER).is_dir():
        return []
    found = [path.parent for depth in ("*", "*/*") for path in folder.glob(f"{depth}/{_FOLDER}") if path.is_dir()]
    runs = [run for run in found if (run / "meta.yaml").is_file() and next(_files(run / _FOLDER), None) is not None]
    return sorted(runs, key=lambda run: ((run / "meta.yaml").stat().st_mtime, run.name)) if len(runs) > 1 else []


def _run_name(run: Path) -> str:
    """As its tag says, else its folder's name, which is a number of 32 digits."""
    try:
        name = (run / "tags" / "mlflow.runName").read_text("utf-8", errors="replace").strip()
    except OSError:
        name = ""
    return name[:_LONGEST_NAME] or run.name


def _files(folder: Path) -> Iterator[Path]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    yield from (path for path in paths[:_MOST_FILES] if path.stat().st_size <= _MOST_BYTES)
