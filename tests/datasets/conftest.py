"""Small datasets drawn by code."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as PillowImage

from epochal.datasets import Dataset


class Draw:
    """Writes files of a dataset below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._shade = 0

    def image(self, name: str, wh: tuple[int, int] = (100, 80), **save: Any) -> Path:
        """A picture of one colour, each time another one, so that no two files are the same."""
        self._shade += 1
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        colour = (self._shade * 37 % 256, self._shade * 11 % 256, self._shade // 256 * 16 % 256)
        PillowImage.new("RGB", wh, colour).save(path, **save)
        return path

    def text(self, name: str, text: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def json(self, name: str, document: Any) -> Path:
        return self.text(name, json.dumps(document))

    def voc(
        self,
        name: str,
        boxes: Sequence[Sequence[object]],
        *,
        filename: str = "",
        wh: tuple[int, int] = (100, 80),
        class_name: str = "cat",
    ) -> Path:
        tags = ("xmin", "ymin", "xmax", "ymax")
        objects = "".join(
            f"<object><name>{class_name}</name><bndbox>"
            + "".join(f"<{t}>{v}</{t}>" for t, v in zip(tags, box, strict=True))
            + "</bndbox></object>\n"
            for box in boxes
        )
        size = f"<size><width>{wh[0]}</width><height>{wh[1]}</height><depth>3</depth></size>"
        return self.text(name, f"<annotation><filename>{filename}</filename>{size}\n{objects}</annotation>")


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    return Draw(tmp_path)


def _counts(dataset: Dataset) -> dict[str, tuple[int, str]]:
    return {finding.id: (finding.count, finding.action) for finding in dataset.findings}


@pytest.fixture
def counts() -> Callable[[Dataset], dict[str, tuple[int, str]]]:
    """{id: (count, action)} of a dataset's findings."""
    return _counts


@pytest.fixture
def example() -> Callable[[Dataset, str], str]:
    """The first example of a finding."""
    return lambda dataset, finding_id: next(f for f in dataset.findings if f.id == finding_id).examples[0]
