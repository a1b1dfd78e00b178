"""The run folder as the trainer sees it: making it, its recipe, its progress, requests to stop."""

import contextlib
import hashlib
import json
import os
import re
import sys
import time
import weakref
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import psutil

from epochal import __version__
from epochal.datasets import Dataset
from epochal.errors import Failed, RunFolderError, StorageFull
from epochal.graphs.journal import JOURNAL_NAME, read_all
from epochal.storage.whole_files import FULL, write_whole
from epochal.training.recipe import Recipe
from epochal.versions import describe_version

SCHEMA = 1
State = Literal["preparing", "training", "validating", "evaluating", "finished", "stopped", "failed"]
PROGRESS_EVERY_S = 1.0
_SAME_START_WITHIN_S = 30.0  # a process's start is reckoned from the boot time, which moves when the clock is set


@dataclass(frozen=True)
class Progress:
    """What progress.json says."""

    state: State
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    images_per_s: float | None = None
    eta_s: float | None = None
    message: str = ""


def write_json(path: Path, content: object, *, flushes: bool = True) -> None:
    """Write JSON beside and rename. Raises StorageFull, or Failed when it cannot be written for another reason."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    write_whole(path, text, flushes=flushes, remedy="Free some space, then continue with --resume.")


class RunFolder:
    """One run folder.

    Attributes:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: weakref.finalize[..., RunFolder] | None = None
        self._progress_written = 0.0
        self._process_started_at = psutil.Process().create_time()

    @property
    def weights(self) -> Path:
        """The folder of weights files."""
        return self.path / "weights"

    @property
    def checkpoint(self) -> Path:
        """All that a resume needs."""
        return self.path / "checkpoint.pt"

    @property
    def name(self) -> str:
        """What people call the run: the name in its recipe, else that of its folder."""
        return str(self.read_recipe().get("name") or self.path.name)

    def write_recipe(
        self, dataset: Dataset, recipe: Recipe, reasons: dict[str, str], machine: dict[str, object], name: str = ""
    ) -> None:
        """Write recipe.json, once; the sign that this is a run folder. Without a name it has that of its folder."""
        content = {
            "schema": SCHEMA,
            "name": name or self.path.name,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "epochal_version": __version__,
            "dataset": describe_dataset(dataset),
            "recipe": recipe.to_json(),
            "reasons": reasons,
            "machine": machine,
        }
        write_json(self.path / "recipe.json", content)

    def read_recipe(self) -> dict[str, Any]:
        """The content of recipe.json. Raises RunFolderError when it is absent, damaged or of another schema."""
        path = self.path / "recipe.json"
        try:
            content = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise RunFolderError(
                f"{self.path} is no run folder: it has no recipe.json. Name the folder of a run."
            ) from None
        except (OSError, ValueError) as error:
            raise RunFolderError(
                f"{path} cannot be read ({error}); the run cannot be resumed, start a new one."
            ) from None
        if not isinstance(content, dict) or content.get("schema") != SCHEMA:
            raise RunFolderError(f"{path} is no recipe of this version of Epochal (schema {SCHEMA}).")
        return content

    def write_progress(self, progress: Progress, *, at_once: bool = True) -> None:
        """Replace progress.json, at most once a second unless `at_once`; a full disk does not stop a training."""
        now = time.time()
        if not at_once and now - self._progress_written < PROGRESS_EVERY_S:
            return
        self._progress_written = now
        content = asdict(progress) | {
            "pid": os.getpid(),
            "process_started_at": self._process_started_at,
            "updated_at": now,
        }
        try:
            write_json(self.path / "progress.json", content, flushes=False)
        except Failed:
            return

    def stop_requested(self) -> Literal["epoch", "now"] | None:
        """What the file `stop` asks for, if it is there."""
        try:
            asked = (self.path / "stop").read_text("utf-8").strip()
        except OSError:
            return None
        return "now" if asked == "now" else "epoch"

    def clear_stop(self) -> None:
        """Remove the request."""
        (self.path / "stop").unlink(missing_ok=True)

    def read_progress(self) -> dict[str, Any]:
        """The content of progress.json; empty when there is none that can be read."""
        try:
            content = json.loads((self.path / "progress.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def last_epoch(self) -> int:
        """The last epoch that the journal holds, 0 for none."""
        if not (self.path / JOURNAL_NAME).exists():
            return 0
        return max((int(line["epoch"]) for line in read_all(self.path) if line["kind"] == "epoch"), default=0)

    def is_finished(self) -> bool:
        """Whether the training and its last evaluation have ended."""
        return bool(self.read_progress().get("state") == "finished")

    def take(self) -> None:
        """Keep the folder for this object until `release`, or until the process ends.

        Raises:
            RunFolderError: another process trains in it.
        """
        pid = self._live_trainer()
        if pid is not None:
            raise RunFolderError(f"{self.path} is being trained by process {pid}; stop that one first.")
        if sys.platform != "win32":
            import fcntl

            held = os.open(self.path / "recipe.json", os.O_RDONLY)
            self._lock = weakref.finalize(self, os.close, held)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.release()
                raise RunFolderError(f"{self.path} is being trained by another process; stop that one first.") from None
            except OSError:  # a network disk without locks: what progress.json says has to do
                self.release()

    def release(self) -> None:
        """Let others have the folder."""
        if self._lock is not None:
            self._lock()
            self._lock = None

    def discard(self) -> None:
        """Remove what a run that never began has written; what others put there stays."""
        self.release()
        for name in ("recipe.json", "progress.json", "log.txt"):
            (self.path / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.weights.rmdir()
        with contextlib.suppress(OSError):
            self.path.rmdir()

    def _live_trainer(self) -> int | None:
        """The process that progress.json speaks of, when it is another one, runs and has not ended the training."""
        try:
            progress = self.read_progress()
            process = psutil.Process(int(progress["pid"]))
            drift_s = abs(process.create_time() - float(progress["process_started_at"]))
            is_running = process.status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
        except (ValueError, KeyError, TypeError, psutil.Error):
            return None
        ended = progress.get("state") in {"finished", "stopped", "failed"}
        is_other = process.pid != os.getpid() and is_running and drift_s < _SAME_START_WITHIN_S
        return process.pid if is_other and not ended else None


def describe_dataset(dataset: Dataset) -> dict[str, object]:
    """The dataset as recipe.json records it; `fingerprint` changes with any image, box, class or split."""
    train = {image.sha256 for image in dataset.of_split("train")}
    splits: dict[str, dict[str, int]] = {}
    for split in ("train", "val", "test"):
        images = dataset.of_split(split)
        splits[split] = {"images": len(images), "annotations": sum(len(i.boxes_xyxy) for i in images)}
        if split != "train" and (copies := sum(image.sha256 in train for image in images)):
            splits[split]["also_in_train"] = copies
    return {
        "name": dataset.name,
        "path": str(dataset.root),
        "format": dataset.format,
        "images": len(dataset.images),
        "annotations": dataset.annotation_count,
        "classes": list(dataset.class_names),
        "splits": splits,
        "fingerprint": fingerprint(dataset),
        "version": describe_version(dataset.root),
        "findings": [asdict(finding) for finding in dataset.findings],
        "notes": list(dataset.notes),
    }


def fingerprint(dataset: Dataset) -> str:
    """sha256 over classes and every labelled image with its split and boxes."""
    digest = hashlib.sha256("\0".join(dataset.class_names).encode())
    for image in dataset.images:
        if image.labelled:
            digest.update(f"{image.name}\0{image.sha256}\0{image.split}\0".encode())
            digest.update(image.boxes_xyxy.tobytes() + image.class_id.tobytes() + image.is_crowd.tobytes())
    return digest.hexdigest()


def make_run_folder(out: Path | None, data_dir: Path, dataset_name: str) -> RunFolder:
    """Make the folder of a new run: `out`, or DATA_DIR/runs/<dataset>-<number> with the next free number.

    Raises:
        RunFolderError: `out` holds a run already, or the folder cannot be made there.
        StorageFull: no space is left.
    """
    if out is not None:
        if any((out / name).exists() for name in ("recipe.json", JOURNAL_NAME, "checkpoint.pt")):
            raise RunFolderError(f"{out} holds a run already; continue it with --resume {out} or choose another --out.")
        _make_folder(out)
        return RunFolder(out)
    runs = data_dir / "runs"
    _make_folder(runs)
    stem = re.sub(r"[^\w.-]+", "-", dataset_name).strip("-.") or "run"
    number = 1
    while (runs / f"{stem}-{number}").exists() or not _make_folder(runs / f"{stem}-{number}"):
        number += 1
    return RunFolder(runs / f"{stem}-{number}")


def _make_folder(path: Path) -> bool:
    """Make a folder and those above it; False when it was there."""
    try:
        path.mkdir(parents=True)
        return True
    except OSError as error:
        if path.is_dir():
            return False
        if is_full(error):
            raise StorageFull(f"No space is left to make the folder {path}; free some and try again.") from error
        raise RunFolderError(
            f"The folder {path} cannot be made ({error.strerror}); choose another place with --out or --data-dir."
        ) from error


def is_full(error: OSError) -> bool:
    """Whether something could not be written because there is no room for it."""
    return error.errno in FULL
