"""What a journal adds up to, as a file read in a tenth of the time: a cache, made again when it does not fit."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from epochal.graphs.graph import Event
from epochal.graphs.journal_tally import Tally
from epochal.storage.whole_files import whole_file

_SCHEMA = 1


@dataclass(frozen=True)
class Place:
    """How far a journal was read, and by what it is known again.

    Attributes:
        cursor: position in bytes behind the last line that was read.
        inode: of the file.
        changed_ns: when the file was last written to, at that time.
        end: its last bytes before the cursor.
    """

    cursor: int = 0
    inode: int = -1
    changed_ns: int = -1
    end: bytes = b""


def save_tally(path: Path, tally: Tally, place: Place) -> None:
    """Write a tally whose points are all in its columns.

    Args:
        path: of the file; its folder is there.
        tally: is not changed.
        place: in the journal, up to which the tally reaches.

    Raises:
        OSError: it cannot be written.
    """
    epochs, series, present = tally.columns()
    about = {
        "schema": _SCHEMA,
        "place": [place.cursor, place.inode, place.changed_ns, place.end.hex()],
        "name": tally.name,
        "epochs_planned": tally.epochs_planned,
        "settings": tally.settings,
        "events": [[event.epoch, event.event, event.label] for event in tally.events],
        "replaced": [[attempt, list(rows.items())] for attempt, rows in tally.replaced.items()],
        "keys": list(series),
    }
    shape = (len(series), len(epochs))
    with whole_file(path, flushes=False) as part, part.open("wb") as stream:
        np.savez(
            stream,
            about=np.frombuffer(json.dumps(about).encode(), np.uint8),
            epochs=epochs,
            attempts=tally.attempts,
            series=np.array(list(series.values()), np.float64).reshape(shape),
            present=np.array(list(present.values()), np.bool_).reshape(shape),
        )


def load_tally(path: Path) -> tuple[Tally, Place] | None:
    """What `save_tally` wrote; None when there is no such file, or it is of another kind or torn."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            about = json.loads(stored["about"].tobytes())
            return _to_tally(about, {name: stored[name] for name in ("epochs", "attempts", "series", "present")})
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _to_tally(about: dict[str, Any], stored: dict[str, Any]) -> tuple[Tally, Place] | None:
    if about["schema"] != _SCHEMA:
        return None
    cursor, inode, changed_ns, end = about["place"]
    keys, count = about["keys"], len(stored["epochs"])
    if stored["series"].shape != (len(keys), count) or stored["present"].shape != (len(keys), count):
        return None
    series = dict(zip(keys, stored["series"], strict=True))
    present = dict(zip(keys, stored["present"], strict=True))
    tally = Tally(
        name=about["name"],
        epochs_planned=about["epochs_planned"],
        settings=about["settings"],
        events={Event(*event): None for event in about["events"]},
        replaced={attempt: dict(rows) for attempt, rows in about["replaced"]},
        settled=(stored["epochs"], series, present),
        attempts=stored["attempts"],
    )
    return tally, Place(cursor, inode, changed_ns, bytes.fromhex(end))
