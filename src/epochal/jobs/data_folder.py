"""The data folder: `datasets/NAME` and `runs/ID`. Names come from outside, paths never do."""

import re
from dataclasses import dataclass
from pathlib import Path

from epochal.errors import BadInput, NotFound

DATASETS, RUNS, CHECKPOINTS = "datasets", "runs", "checkpoints"
ARCHIVE_SUFFIX = ".zip"
_NAME_BYTES_MAX = 255  # of a file system; a longer one is an error to ask for
_NOT_IN_RUN_ID = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class DatasetEntry:
    """A dataset that can be trained on from the server.

    Attributes:
        name: of the folder or zip file under `datasets`, as it is given to `epochal train`.
        path: where it is, absolute.
        updated_at: seconds since 1970, of the folder or file itself.
    """

    name: str
    path: Path
    updated_at: float


class DataFolder:
    """The folder that a server works in; it is made when something is first written to it."""

    def __init__(self, root: Path) -> None:
        """Name a data folder.

        Args:
            root: the folder, which need not exist.

        Raises:
            BadInput: there is a file in its place.
        """
        self.root = root.expanduser().absolute()
        if self.root.exists() and not self.root.is_dir():
            raise BadInput(f"{self.root} is a file; expected a folder for the data. Name another with --data-dir.")
        self.datasets_folder = self.root / DATASETS
        self.runs_folder = self.root / RUNS
        self.checkpoints_folder = self.root / CHECKPOINTS

    def datasets(self) -> list[DatasetEntry]:
        """Every dataset under `datasets`, by name. A link that leads out of that folder is not one."""
        if not self.datasets_folder.is_dir():
            return []
        inside = self.datasets_folder.resolve()
        entries = []
        for path in sorted(self.datasets_folder.iterdir(), key=lambda path: path.name):
            if path.name.startswith(".") or not path.resolve().is_relative_to(inside):
                continue
            if path.is_dir() or (path.is_file() and path.suffix.lower() == ARCHIVE_SUFFIX):
                entries.append(DatasetEntry(path.name, path, path.stat().st_mtime))
        return entries

    def dataset(self, name: str) -> DatasetEntry:
        """The dataset of that name.

        Raises:
            NotFound: there is none; the name is compared with what is there and never becomes part of a path.
        """
        entries = self.datasets()
        for entry in entries:
            if entry.name == name:
                return entry
        known = ", ".join(entry.name for entry in entries) or "none yet"
        raise NotFound(f"No dataset {name!r} under {self.datasets_folder}; there are: {known}. Copy its folder there.")

    def checkpoints(self) -> list[str]:
        """Names of the weights files under `checkpoints`, which whoever runs the server put there to start from."""
        if not self.checkpoints_folder.is_dir():
            return []
        return sorted(
            path.name for path in self.checkpoints_folder.iterdir() if path.suffix == ".pt" and path.is_file()
        )

    def checkpoint(self, name: str) -> Path:
        """The weights file of that name. Raises NotFound; a name is compared and never becomes part of a path."""
        for known in self.checkpoints():
            if known == name:
                return self.checkpoints_folder / known
        there = ", ".join(self.checkpoints()) or "none yet"
        raise NotFound(f"No checkpoint {name[:80]!r} on this server; there are: {there}.")

    def run_folders(self) -> list[Path]:
        """Every folder under `runs`, by name; whether it holds a run is for the reader to see."""
        if not self.runs_folder.is_dir():
            return []
        return sorted(path for path in self.runs_folder.iterdir() if not path.name.startswith(".") and path.is_dir())

    def run_folder(self, run_id: str) -> Path:
        """The folder of a run.

        Raises:
            NotFound: there is none of that name; a name that could lead elsewhere is never looked up.
        """
        is_plain = run_id not in {"", ".", ".."} and not re.search(r"[/\\\0]", run_id) and not run_id.startswith(".")
        is_plain = is_plain and len(run_id.encode("utf-8", "replace")) <= _NAME_BYTES_MAX
        folder = self.runs_folder / run_id if is_plain else None
        if folder is None or not folder.is_dir():
            raise NotFound(f"No run {run_id!r} under {self.runs_folder}; `GET /api/runs` lists those that are there.")
        return folder

    def new_run_folder(self, dataset_name: str) -> Path:
        """Make the next free folder `runs/<dataset>-<number>`; two callers never get the same one.

        Args:
            dataset_name: of the dataset; what is no letter, digit, dot, dash or underscore becomes a dash.
        """
        stem = _NOT_IN_RUN_ID.sub("-", dataset_name.removesuffix(ARCHIVE_SUFFIX)).strip("-.") or "dataset"
        self.runs_folder.mkdir(parents=True, exist_ok=True)
        taken = re.compile(re.escape(stem) + r"-(\d{1,9})")
        numbers = [int(m[1]) for path in self.runs_folder.iterdir() if (m := taken.fullmatch(path.name))]
        number = max(numbers, default=0) + 1
        while True:
            folder = self.runs_folder / f"{stem}-{number}"
            try:
                folder.mkdir()
            except FileExistsError:  # somebody was quicker
                number += 1
            else:
                return folder
