"""The images on which a run was evaluated: what was there, what was found, and the pictures themselves."""

import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from epochal.datasets.thumbnails import make_thumbnail
from epochal.errors import NotFound
from epochal.evaluation import StoredBoxes, load_boxes
from epochal.jobs.data_folder import DataFolder
from epochal.jobs.records import RECIPE_NAME, read_object

SPLITS = ("train", "val", "test")
_KEPT = 4


@dataclass(frozen=True)
class _Kept:
    """Boxes, and what their file was like when they were read."""

    signature: tuple[int, int]
    boxes: StoredBoxes


class EvaluatedImages:
    """Reads the boxes of evaluations and keeps the last few; safe to use from several threads."""

    def __init__(self, data: DataFolder, version_of: Callable[[str], Path | None] = lambda run_id: None) -> None:
        """Name the data folder; nothing is read yet.

        Args:
            data: where the run folders are.
            version_of: the folder of the version that a run was trained on; None for a run of no version.
        """
        self._data, self._version_of = data, version_of
        self._kept: OrderedDict[Path, _Kept] = OrderedDict()

    def boxes(self, run_id: str, split: str) -> StoredBoxes:
        """What was there and what was found on a split.

        Raises:
            NotFound: there is no such run, or it was not evaluated on that split (yet).
            RunFolderError: the file of the boxes is damaged.
        """
        path = self._data.run_folder(run_id) / f"boxes-{split}.npz"
        if split not in SPLITS or not path.is_file():
            raise NotFound(
                f"Run {run_id} has no boxes of an evaluation on {split}; they are written at the end of a training."
            )
        found = os.stat(path)
        signature = (found.st_mtime_ns, found.st_size)
        kept = self._kept.get(path)
        if kept is None or kept.signature != signature:
            kept = _Kept(signature, load_boxes(path))
        self._kept[path] = kept
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return kept.boxes

    def picture(self, run_id: str, split: str, image: int, side_px: int) -> bytes:
        """A small JPEG of an evaluated image, made of the file in the dataset that the run was trained on.

        Args:
            run_id: of the run.
            split: of the evaluation.
            image: its index there.
            side_px: of its longer side, at most.

        Raises:
            NotFound: no such run, split or image; or the dataset is gone, or holds another picture by now.
            DatasetError: the picture is damaged.
        """
        boxes = self.boxes(run_id, split)
        if not 0 <= image < len(boxes.image_names):
            raise NotFound(
                f"The evaluation on {split} has {len(boxes.image_names)} images; there is no number {image}."
            )
        root, name = self._dataset_root(run_id), boxes.image_names[image]
        # What a run folder names is no more to be trusted than what a client names. Links in a dataset are followed, as
        # in training; the hash makes sure that the picture is the one that was evaluated.
        path = Path(os.path.normpath(root / name))
        if not path.is_relative_to(os.path.normpath(root)):
            raise NotFound(f"{name!r} leads out of the dataset {root}, so it is not shown.")
        if not path.is_file():
            raise NotFound(
                f"{path} is not there any more: the dataset was moved or deleted. Put it back to see its pictures."
            )
        return make_thumbnail(path, side_px, sha256=boxes.sha256[image])

    def _dataset_root(self, run_id: str) -> Path:
        # What a worker elsewhere calls its dataset's folder is no folder here: the version is found by its row.
        version = self._version_of(run_id)
        if version is not None:
            return version
        dataset = read_object(self._data.run_folder(run_id) / RECIPE_NAME).get("dataset")
        path = dataset.get("path") if isinstance(dataset, dict) else None
        if not isinstance(path, str) or not Path(path).is_absolute():
            raise NotFound(f"The recipe of run {run_id} does not say where its dataset is, so no picture can be shown.")
        return Path(path)
