"""Clear away what no version needs: generations that nobody went on with, and pictures that no version links to."""

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from epochal.versions.objects import ObjectStore

_MAKING = "*/.making-*"


def sweep_versions(versions_root: Path, *, before: float) -> int:
    """Remove unfinished generations that were last touched before a time, then the pictures that nothing needs.

    While a version is being made nothing is removed; on systems without flock never.

    Args:
        versions_root: the folder `versions` of the data folder.
        before: seconds since 1970. Younger generations keep their pictures, because they may go on.

    Returns:
        How many pictures were removed.
    """
    store = ObjectStore(versions_root / ".objects")
    if not store.root.is_dir():
        return 0

    def clear() -> frozenset[str]:
        for work in versions_root.glob(_MAKING):
            if (work / "records").is_dir() and (work / "records").stat().st_mtime < before:
                shutil.rmtree(work, ignore_errors=True)
        return frozenset(name for work in versions_root.glob(_MAKING) for name in _recorded(work))

    return store.sweep(clear)


def _recorded(work: Path) -> Iterator[str]:
    for record in (work / "records").glob("*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # torn: made again
            yield from [str(output["sha256"]) for output in json.loads(record.read_text("utf-8"))]
