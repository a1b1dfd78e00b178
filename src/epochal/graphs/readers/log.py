"""Read any training log: our own run folder, a foreign file, or a folder with one in it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from epochal.errors import LogError
from epochal.graphs.graph import Graph
from epochal.graphs.readers.assemble import assemble
from epochal.graphs.readers.csv_logs import read_csv
from epochal.graphs.readers.event_files import read_events
from epochal.graphs.readers.folder import find_log
from epochal.graphs.readers.formats import recognise
from epochal.graphs.readers.long_tables import RUNS_MAX
from epochal.graphs.readers.mlflow_files import find_mlflow_runs
from epochal.graphs.readers.source import Source, open_source
from epochal.graphs.readers.table import Log
from epochal.graphs.run_folder import is_run_folder, read_run, read_run_lines


@np.errstate(all="ignore")  # logs hold infinities and losses of 1e308; they are read like any other number
def read_log(path: Path, *, mapping: Mapping[str, str] | None = None) -> Graph:
    """Read a training log, recognised by its content.

    Args:
        path: a file, or a folder that holds one.
        mapping: for a CSV whose columns say little: {column name: series key}, where the key may also be "epoch",
            "step", or "" to leave the column aside.

    Returns:
        The graph; `notes` say what was understood, mapped, guessed and ignored.

    Raises:
        NotFound: there is nothing at the path.
        LogError: it is no log, or one without a row; says what it is and what to do.
    """
    path = Path(path)
    if path.is_dir() and not is_run_folder(path):
        return find_log(path, lambda found: read_file(found, mapping), _read_together)
    if path.is_dir():
        return read_run(path)
    return read_file(path, mapping)


@np.errstate(all="ignore")
def read_runs(path: Path, *, mapping: Mapping[str, str] | None = None) -> list[Graph]:
    """Read every run of a log: one of most, several of a tracker's export or of MLflow's folder.

    Args, errors: as `read_log`.

    Returns:
        First the run that `read_log` shows, then the others in their order; at most `RUNS_MAX`.
    """
    path = Path(path)
    if is_run_folder(path):
        return [read_log(path, mapping=mapping)]
    if not path.is_dir():
        return _read_all(path, mapping, with_others=True)
    graphs = []
    for run in find_mlflow_runs(path)[:RUNS_MAX]:
        try:
            graphs.append(read_log(run, mapping=mapping))
        except LogError:
            continue  # without a loss or a metric
    return graphs or [read_log(path, mapping=mapping)]


def read_file(path: Path, mapping: Mapping[str, str] | None = None) -> Graph:
    """Read one file; arguments and errors as `read_log`."""
    return _read_all(path, mapping, with_others=False)[0]


def _read_all(path: Path, mapping: Mapping[str, str] | None, *, with_others: bool) -> list[Graph]:
    source = open_source(path)
    if is_journal(source):
        as_written = not source.is_packed and source.head.startswith(b'{"kind"')
        return [read_run(path) if as_written else read_run_lines(source.read_lines(), path)]
    if mapping:
        return [assemble(read_csv(source, mapping), path)]
    refusals = []
    for entry in recognise(source):
        try:
            log = entry.read(source)
            shown = assemble(log, path)
        except LogError as error:
            refusals.append(error)
            continue
        return [shown, *_read_others(log, path)] if with_others else [shown]
    raise refusals[0]


def _read_together(paths: Sequence[Path]) -> Graph:
    """The event files of one folder as one log."""
    return assemble(read_events(*map(open_source, paths)), paths[0])


def _read_others(log: Log, path: Path) -> Iterator[Graph]:
    for name, other in log.runs.items():
        if name == log.name:
            continue
        try:
            yield assemble(other, path)
        except LogError:
            continue  # such as a run of which the export holds learning rates alone


def is_journal(source: Source) -> bool:
    """Whether a file is the journal of our own run, whatever its name."""
    first = next((line for line in source.head_lines if line.strip()), "")
    return first.startswith("{") and '"kind"' in first and '"attempt"' in first
