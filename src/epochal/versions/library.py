"""The versions that exist: folders DATA_DIR/versions/<dataset>/<number>, each with a version.json."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from epochal.errors import BadInput, NotFound

MANIFEST = "version.json"


@dataclass(frozen=True)
class Version:
    """One version.

    Attributes:
        path: its folder, a dataset in COCO's form.
        content: of version.json.
    """

    path: Path
    content: Mapping[str, Any]

    @property
    def number(self) -> int:
        """From 1, for each dataset."""
        return int(self.content["number"])

    @property
    def content_hash(self) -> str:
        """sha256 over the classes and every image with its split, bytes and boxes."""
        return str(self.content["content_hash"])

    @property
    def plan(self) -> str:
        """What it was made of, as one hash."""
        return str(self.content["plan"])


def dataset_folder(versions_root: Path, dataset_name: str) -> Path:
    """The folder of a dataset's versions; what is no letter, digit, dot, dash or underscore becomes a dash."""
    stem = re.sub(r"[^\w.-]+", "-", dataset_name).strip("-.") or "dataset"
    return versions_root / stem


def list_versions(versions_root: Path, dataset_name: str | None = None) -> list[Version]:
    """All versions, by dataset and number; those of one dataset when it is named."""
    if not versions_root.is_dir():
        return []
    parents = [dataset_folder(versions_root, dataset_name)] if dataset_name else sorted(versions_root.iterdir())
    found = []
    for parent in parents:
        if parent.is_dir() and not parent.name.startswith("."):
            folders = [path for path in parent.iterdir() if path.name.isdigit() and (path / MANIFEST).is_file()]
            found += [read_version(path) for path in sorted(folders, key=lambda path: int(path.name))]
    return found


def read_version(path: Path) -> Version:
    """Read a version's folder. Raises NotFound, BadInput."""
    try:
        content = json.loads((path / MANIFEST).read_text("utf-8"))
        return Version(path, {**content, "number": int(content["number"]), "plan": str(content["plan"])})
    except FileNotFoundError:
        raise NotFound(
            f"{path} is no version: it has no {MANIFEST}; `epochal version list` shows those there are."
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:  # ValueError: no JSON
        raise BadInput(f"{path / MANIFEST} is damaged ({error}); make the version again.") from None


def find_version(versions_root: Path, wanted: str) -> Version:
    """The version DATASET/NUMBER. Raises NotFound, BadInput."""
    name, _, number = wanted.rpartition("/")
    if not name or not number.isdigit():
        raise BadInput(f"{wanted!r} names no version; expected DATASET/NUMBER, such as cells/1.")
    return read_version(dataset_folder(versions_root, name) / str(int(number)))


def describe_version(path: Path) -> dict[str, Any] | None:
    """What a training records of the version that it is on: dataset, number, content hash, outputs.

    Returns:
        None when the folder is no version of ours; also when its version.json cannot be read, because a foreign file
        of that name is no reason to refuse a dataset.
    """
    try:
        content = read_version(path).content
        return {
            "dataset": str(content["dataset"]["name"]),
            "number": content["number"],
            "content_hash": str(content["content_hash"]),
            "augmentation": dict(content["settings"]["augmentation"]),
        }
    except (NotFound, BadInput, KeyError, TypeError, ValueError):
        return None
