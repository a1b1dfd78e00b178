"""Real logs are read, or refused for a known reason. Run: pytest tests/graphs/readers/test_shared_logs.py."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from epochal.errors import LogError
from epochal.graphs.graph import file_rows
from epochal.graphs.readers import read_log

MAP, MAP50 = "metrics/mAP_0.5:0.95", "metrics/mAP_0.5"
REFUSED = {
    "derived/header_only/results.csv": "no data rows",
    "other/S107/train_log.txt": "without a line of training",
    "other/S108/train_log.txt": "without a line of training",
}
SETTINGS = {"args.yaml", "opt.yaml", "hyp.yaml", "README.md", "index.csv"}


@pytest.fixture(scope="module")
def logs(shared_data: Path) -> Path:
    folder = shared_data / "training-logs"
    if not folder.is_dir():
        pytest.skip(f"needs real training logs in {folder}")
    return folder


def test_every_log__is_read_or_refused_for_a_known_reason(logs: Path) -> None:
    files = [path for path in sorted(logs.rglob("*")) if path.is_file() and path.name not in SETTINGS]
    assert len(files) > 100
    refused = {}
    for path in files:
        try:
            graph = read_log(path)
        except LogError as error:
            refused[path.relative_to(logs).as_posix()] = str(error)
            continue
        assert len(graph.epochs) > 0
        assert (np.diff(graph.epochs) > 0).all()
        assert any(key.endswith("_loss") or key in (MAP, MAP50) for key in graph.series), path
    assert refused.keys() == REFUSED.keys()
    assert all(words in refused[name] for name, words in REFUSED.items())


def test_best_epoch__is_that_of_the_file_s_rows(logs: Path) -> None:
    """The rows are read here once more, by the few lines below."""
    checked = 0
    for path in sorted((logs / "yolo").glob("*/results.*")):
        epochs, values = _plain_rows(path)
        rows = file_rows(read_log(path))
        assert rows.epochs.tolist() == epochs, path
        _agree(rows.series[MAP], values, path)
        checked += 1
    assert checked > 60


def _agree(read: np.ndarray, written: list[float], path: Path) -> None:
    """The same numbers, but for those that mean "not measured": COCO's -1, and zeros of a validation switched off."""
    missing = np.isnan(read)
    assert set(np.array(written)[missing & np.isfinite(written)]) <= {0.0, -1.0}, path
    np.testing.assert_array_equal(read[~missing], np.array(written)[~missing], err_msg=str(path))
    if not missing.all():
        assert np.nanargmax(read) == np.nanargmax(written), path


def _plain_rows(path: Path) -> tuple[list[int], list[float]]:
    text = path.read_text("utf-8").strip()
    if path.suffix == ".txt":
        cells = [line.split() for line in text.splitlines()]
        return [int(row[0].split("/")[0]) for row in cells], [float(row[11]) for row in cells]
    rows = list(csv.reader(text.splitlines()))
    names = [name.strip() for name in rows[0]]
    wanted = ("metrics/mAP50-95(B)", "metrics/mAP_0.5:0.95", "metrics/mAP_0.5:0.95(B)", "metrics/HBBmAP.5:.95")
    column = next(names.index(name) for name in wanted if name in names)
    return [int(row[0]) for row in rows[1:]], [float(row[column]) for row in rows[1:]]


def test_json_lines__give_coco_s_first_number(logs: Path) -> None:
    checked = 0
    for path in sorted((logs / "other").glob("*/log.txt")):
        lines = path.read_text("utf-8", errors="replace").splitlines()
        if not lines[0].startswith("{") or "test_coco_eval_bbox" not in lines[0]:
            continue
        records = [json.loads(line) for line in lines]
        rows = file_rows(read_log(path))
        assert rows.epochs.tolist() == [record["epoch"] for record in records], path
        _agree(rows.series[MAP], [record["test_coco_eval_bbox"][0] for record in records], path)
        checked += 1
    assert checked >= 4


def test_derived_logs__equal_their_originals(logs: Path) -> None:
    excel = read_log(logs / "derived/excel_semicolon_comma_bom/results.csv")
    plain = read_log(logs / "yolo/S040/results.csv")
    for key in (MAP, "train/box_loss", "val/cls_loss", "lr"):
        np.testing.assert_array_equal(excel.series[key], plain.series[key])
    assert len(read_log(logs / "derived/last_line_cut/results.csv").epochs) == 30
    twice = file_rows(read_log(logs / "derived/header_twice_restart/results.csv"))
    assert twice.epochs.tolist() == [*range(1, 21), *range(1, 41)]
