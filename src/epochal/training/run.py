"""The run folder as the trainer sees it: making it, its recipe, its progress, requests to stop."""

import hashlib
import json
import os
import re
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import psutil

from epochal import __version__
from epochal.datasets import Dataset
from epochal.errors import RunFolderError, StorageFull
from epochal.graphs.journal import JOURNAL_NAME, read_all
from epochal.training.recipe import Recipe

SCHEMA = 1
State = Literal["preparing", "training", "validating", "evaluating", "finished", "stopped", "failed"]
PROGRESS_EVERY_S = 1.0


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


def write_json(path: Path, content: object) -> None:
    """Write JSON beside and rename. Raises StorageFull."""
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")
        beside.replace(path)
    except OSError as error:
        raise StorageFull(f"Could not write {path}: {error}. Free some space, then continue with --resume.") from error


class RunFolder:
    """One run folder.

    Attributes:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
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

    def write_recipe(
        self, dataset: Dataset, recipe: Recipe, reasons: dict[str, str], machine: dict[str, object]
    ) -> None:
        """Write recipe.json, once; the sign that this is a run folder."""
        content = {
            "schema": SCHEMA,
            "name": self.path.name,
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
            write_json(self.path / "progress.json", content)
        except StorageFull:
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

    def refuse_if_in_use(self) -> None:
        """Raise RunFolderError while another process trains in this folder."""
        try:
            progress = self.read_progress()
            process = psutil.Process(int(progress["pid"]))
            same = abs(process.create_time() - float(progress["process_started_at"])) < 1.0
        except (ValueError, KeyError, TypeError, psutil.Error):
            return
        if same and process.pid != os.getpid() and progress["state"] not in {"finished", "stopped", "failed"}:
            raise RunFolderError(f"{self.path} is being trained by process {process.pid}; stop that one first.")


def describe_dataset(dataset: Dataset) -> dict[str, object]:
    """The dataset as recipe.json records it; `fingerprint` changes with any image, box, class or split."""
    splits = {
        split: {"images": len(dataset.of_split(split)),
                "annotations": sum(len(i.boxes_xyxy) for i in dataset.of_split(split))}
        for split in ("train", "val", "test")
    }  # fmt: skip
    return {
        "name": dataset.name,
        "path": str(dataset.root),
        "format": dataset.format,
        "images": len(dataset.images),
        "annotations": dataset.annotation_count,
        "classes": list(dataset.class_names),
        "splits": splits,
        "fingerprint": fingerprint(dataset),
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
        RunFolderError: `out` holds a run already, or is a file.
        StorageFull: the folder cannot be made.
    """
    try:
        if out is not None:
            if (out / "recipe.json").exists():
                raise RunFolderError(
                    f"{out} holds a run already; continue it with --resume {out} or choose another --out."
                )
            out.mkdir(parents=True, exist_ok=True)
            return RunFolder(out)
        runs = data_dir / "runs"
        runs.mkdir(parents=True, exist_ok=True)
        stem = re.sub(r"[^\w.-]+", "-", dataset_name).strip("-.") or "run"
        number = 1
        while True:
            try:
                (runs / f"{stem}-{number}").mkdir()
                return RunFolder(runs / f"{stem}-{number}")
            except FileExistsError:
                number += 1
    except FileExistsError:
        raise RunFolderError(f"{out} is a file; --out needs a folder.") from None
    except OSError as error:
        raise StorageFull(f"Could not make the run folder: {error}.") from error
