"""The matches of a run on disk, so that it can be compared with another run long after its detections are gone.

One compressed npz without pickles. Kept is what AP needs under any weighting of the images: detections ranked after the
last true positive of their class cannot change it and are left out.
"""

import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochal.errors import BadInput, NotFound, RunFolderError
from epochal.evaluation.matching import IOU_THRESHOLDS, Ranking
from epochal.storage.whole_files import write_whole

_FORMAT = 1
_ARRAYS = ("image", "class_id", "confidence", "is_hit", "ignored", "truth_count", "about")


@dataclass(frozen=True, eq=False)
class StoredMatches:
    """A ranking with the names that its indices stand for: I images, K classes."""

    ranking: Ranking
    image_names: tuple[str, ...]
    class_names: tuple[str, ...]


def save_matches(path: Path, stored: StoredMatches) -> None:
    """Write the file, beside and renamed.

    Raises:
        BadInput: as many names as images and classes are needed, each name once.
        StorageFull: no space is left.
        Failed: the file cannot be written.
    """
    ranking = stored.ranking
    if ranking.truth_count.shape != (len(set(stored.image_names)), len(set(stored.class_names))):
        images, classes = ranking.truth_count.shape
        raise BadInput(
            f"Matches of {images} images and {classes} classes need as many different names; got "
            f"{len(set(stored.image_names))} and {len(set(stored.class_names))}."
        )
    kept = _kept(ranking)
    about = {"format": _FORMAT, "images": stored.image_names, "classes": stored.class_names}
    arrays: dict[str, Any] = {
        "image": ranking.image[kept],
        "class_id": ranking.class_id[kept],
        "confidence": ranking.confidence[kept],
        "is_hit": np.packbits(ranking.is_hit[:, kept], axis=0),
        "ignored": np.packbits(ranking.ignored[:, kept], axis=0),
        "truth_count": ranking.truth_count,
        "about": np.frombuffer(json.dumps(about).encode(), np.uint8),
    }
    write_whole(path, lambda file: np.savez_compressed(file, **arrays))


def load_matches(path: Path) -> StoredMatches:
    """Read what `save_matches` wrote.

    Raises:
        NotFound: there is no such file.
        RunFolderError: it is not such a file, or it is damaged.
    """
    if not path.is_file():
        raise NotFound(f"No matches at {path}; run the final evaluation of that run again to make them.")
    try:
        # Opened here: numpy leaves the file open when it is no archive.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in _ARRAYS}
        about = json.loads(arrays["about"].tobytes())
        return _rebuild(arrays, about)
    except (OSError, ValueError, KeyError, TypeError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        raise RunFolderError(
            f"{path} should hold the matches of a run and cannot be read ({error}); run the final evaluation of that "
            "run again to write it anew."
        ) from error


def _kept(ranking: Ranking) -> NDArray[np.int64]:
    """Columns up to the last true positive, at any IoU threshold, of each class."""
    hit: NDArray[np.bool_] = np.any(ranking.is_hit, axis=0)
    kept = [np.zeros(0, np.int64)]
    for columns in ranking.class_slices():
        ranks = np.flatnonzero(hit[columns])
        if len(ranks):
            kept.append(np.arange(columns.start, columns.start + int(ranks[-1]) + 1))
    return np.concatenate(kept)


def _rebuild(arrays: dict[str, NDArray[Any]], about: dict[str, Any]) -> StoredMatches:
    """Raises ValueError, KeyError or TypeError for arrays that do not fit together."""
    if about["format"] != _FORMAT:
        raise ValueError(f"format {about['format']}, this version reads {_FORMAT}")
    images, classes = tuple(map(str, about["images"])), tuple(map(str, about["classes"]))
    thresholds, count = len(IOU_THRESHOLDS), len(arrays["image"])
    packed = (-(-thresholds // 8), count)
    expected = {
        "image": (count,),
        "class_id": (count,),
        "confidence": (count,),
        "is_hit": packed,
        "ignored": packed,
        "truth_count": (len(images), len(classes)),
    }
    for name, shape in expected.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{name} has shape {arrays[name].shape}, not {shape}")
    ranking = Ranking(
        arrays["image"].astype(np.int32),
        arrays["class_id"].astype(np.int32),
        arrays["confidence"].astype(np.float32),
        np.unpackbits(arrays["is_hit"], axis=0, count=thresholds).astype(bool),
        np.unpackbits(arrays["ignored"], axis=0, count=thresholds).astype(bool),
        arrays["truth_count"].astype(np.int32),
    )
    for name, values, limit in (("image", ranking.image, len(images)), ("class_id", ranking.class_id, len(classes))):
        if count and (values.min() < 0 or values.max() >= limit):
            raise ValueError(f"{name} goes beyond the {limit} names")
    if np.any(np.diff(ranking.class_id) < 0):
        raise ValueError("the detections are not in order of class")
    return StoredMatches(ranking, images, classes)
