"""From a path to a `Graph`, whatever wrote the log."""

from collections.abc import Callable, Mapping
from pathlib import Path

from epochal.errors import EpochalError, LogError, NotFound
from epochal.graphs.graph import Graph
from epochal.graphs.run_folder import is_run_folder, read_run


def read_any(path: Path, mapping: Mapping[str, str] | None = None) -> Graph:
    """Read our own run folder or a foreign log; readers of foreign logs are loaded when one comes.

    Args:
        path: of it.
        mapping: of a table, what its columns are: {column name: series key}; as in `read_log`.

    Raises:
        NotFound: nothing is there.
        LogError: it is no training log, or one without a single row.
    """
    return _read(path, lambda: [_read_foreign(path, mapping)])[0]


def read_all(path: Path, mapping: Mapping[str, str] | None = None) -> list[Graph]:
    """As `read_any`, but every run of a log that holds several, first the one that `read_any` gives."""
    return _read(path, lambda: _read_foreign_runs(path, mapping))


def _read(path: Path, read_foreign: Callable[[], list[Graph]]) -> list[Graph]:
    if not path.exists():
        raise NotFound(f"{path} is not there; expected a training log or a run folder.")
    try:
        graphs = [read_run(path)] if is_run_folder(path) else read_foreign()
    except EpochalError:
        raise
    except OSError as error:
        raise LogError(f"{path} cannot be read: {error.strerror}.") from error
    except Exception as error:  # logs are wild: what no reader foresaw is still a sentence, never a traceback
        raise LogError(
            f"{path} could not be understood ({type(error).__name__}: {error}). That is a fault of the reader: please "
            "report it with the first lines of the file."
        ) from error
    if not len(graphs[0].epochs):
        raise LogError(f"{path} has no row of data yet; train at least one epoch, then read it again.")
    return graphs


def _read_foreign(path: Path, mapping: Mapping[str, str] | None) -> Graph:
    from epochal.graphs.readers import read_log  # parsers of a dozen formats, not needed for our own runs

    return read_log(path, mapping=mapping)


def _read_foreign_runs(path: Path, mapping: Mapping[str, str] | None) -> list[Graph]:
    from epochal.graphs.readers import read_runs

    return read_runs(path, mapping=mapping)
