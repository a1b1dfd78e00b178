"""An export of any size takes the memory of one piece of it. Run: pytest tests/datasets/test_export_memory.py."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

IMAGES, WH = 24, (2400, 1600)  # 11.5 MB each as a bitmap, 276 MB in all
# Prints the largest memory of the process before and after, in kB.
EXPORT = """
import json, resource, sys
from pathlib import Path
from epochal.datasets import open_dataset
from epochal.datasets.exporting import write_dataset
from epochal.datasets.ready_zip import Source, write_export
dataset = open_dataset(Path(sys.argv[1]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
target = Path(sys.argv[2])
if sys.argv[3] == "plain":
    write_dataset(dataset, target, "yolo")
else:
    write_export(dataset, sys.argv[3], target, source=Source(workspace="w", project="p", version=1))
print(json.dumps([before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large") / "train"
    folder.mkdir()
    images, annotations = [], []
    for number in range(IMAGES):
        pixels = np.full((WH[1], WH[0], 3), number * 10, np.uint8)
        pixels[: 100 + number] = 255
        Image.fromarray(pixels).save(folder / f"{number:02d}.bmp")
        images.append({"id": number, "file_name": f"{number:02d}.bmp", "width": WH[0], "height": WH[1]})
        annotations.append({"id": number, "image_id": number, "category_id": 1, "bbox": [0, 0, 90, 90], "area": 8100})
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "block"}]}
    (folder / "_annotations.coco.json").write_text(json.dumps(content))
    return folder.parent


@pytest.mark.parametrize("form", ["coco", "yolov8", "voc", "plain"])
def test_export__holds_one_piece_at_a_time(large: Path, tmp_path: Path, form: str) -> None:
    target = tmp_path / "out.zip"
    done = subprocess.run(
        [sys.executable, "-c", EXPORT, str(large), str(target), form],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    before_kb, after_kb = json.loads(done.stdout)
    with zipfile.ZipFile(target) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) > 270_000_000
        assert archive.testzip() is None
    assert after_kb - before_kb < 60_000, "kB; all images are 276,000"
