"""Re-saved, cut, doubled and foreign files. Run: pytest tests/graphs/readers/test_wild_input.py."""

import gzip
import io
import json
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epochal.errors import EpochalError, LogError, NotFound
from epochal.graphs.graph import Graph, file_rows
from epochal.graphs.readers import read_log
from epochal.graphs.readers.table import parse_number
from graphs.readers import event_files, texts

PLAIN = texts.ULTRALYTICS
MAP = "metrics/mAP_0.5:0.95"
LOCALE = PLAIN.replace(",", ";").replace(".", ",")
QUOTED = "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in PLAIN.splitlines())

SAME = {
    "gzip": gzip.compress(PLAIN.encode()),
    "gzip_in_two_members": gzip.compress(PLAIN[:300].encode()) + gzip.compress(PLAIN[300:].encode()),
    "bom": b"\xef\xbb\xbf" + PLAIN.encode(),
    "utf16": PLAIN.encode("utf-16"),
    "utf16_without_mark": PLAIN.encode("utf-16-le"),
    "utf16_big_endian": PLAIN.encode("utf-16-be"),
    "crlf": PLAIN.replace("\n", "\r\n").encode(),
    "old_mac": PLAIN.replace("\n", "\r").encode(),
    "blank_lines": PLAIN.replace("\n", "\n\n").encode(),
    "padded": PLAIN.replace(",", "   ,    ").encode(),
    "tabs": PLAIN.replace(",", "\t").encode(),
    "locale": LOCALE.encode(),
    "excel": b"sep=;\r\n" + LOCALE.replace("\n", "\r\n").encode(),
    "quoted": QUOTED.encode(),
    "comment_above": b"# my run\n" + PLAIN.encode(),
    "zeros_behind": PLAIN.encode() + b"\0" * 700,
    "no_last_newline": PLAIN.rstrip().encode(),
    "line_cut": PLAIN.encode() + b"5,52,1.3,1.8,1.1,0.7",
    "header_again": PLAIN.encode() + PLAIN.splitlines()[0].encode() + b"\n",
    "index_column": "\n".join(
        f"{row - 1 if row else ''},{line}" for row, line in enumerate(PLAIN.splitlines())
    ).encode(),
    "fenced": b"```\n" + PLAIN.encode() + b"```\n",
    "quoted_in_a_mail": "".join(f"> {line}\n" for line in PLAIN.splitlines()).encode(),
    "traceback_behind": PLAIN.encode()
    + b'Traceback (most recent call last):\n  File "t.py", line 3\nKeyboardInterrupt\n',
    "more_cells": PLAIN.replace("0.0009\n", "0.0009,7,8\n").encode(),
}


def _read(folder: Path, data: bytes) -> Graph:
    path = folder / "a.log"
    path.write_bytes(data)
    return read_log(path)


@pytest.mark.parametrize("name", SAME)
def test_disguise__gives_the_same_curves(tmp_path: Path, name: str) -> None:
    expected = _read(tmp_path, PLAIN.encode())
    graph = _read(tmp_path, SAME[name])
    assert graph.epochs.tolist() == expected.epochs.tolist()
    for key, values in expected.series.items():
        np.testing.assert_array_equal(graph.series[key], values, err_msg=key)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("line_cut", "last line is cut"),
        ("header_again", "comes 2 times"),
        ("locale", "semicolons"),
        ("more_cells", "more cells"),
    ],
)
def test_disguise__is_said(tmp_path: Path, name: str, words: str) -> None:
    assert words in " ".join(_read(tmp_path, SAME[name]).notes)


def test_not_finite__is_kept_and_present(tmp_path: Path) -> None:
    graph = _read(
        tmp_path, b"epoch,train/box_loss,val/box_loss\n1,nan,-nan(ind)\n2,inf,1.#INF\n3,-Infinity,\n4,1,#NUM!\n"
    )
    np.testing.assert_array_equal(graph.series["train/box_loss"], [np.nan, np.inf, -np.inf, 1])
    assert graph.present["train/box_loss"].tolist() == [True] * 4
    assert graph.present["val/box_loss"].tolist() == [True, True, False, True]


def test_percent__becomes_a_share(tmp_path: Path) -> None:
    for text in (b"epoch,mAP50,precision\n1,45.5,80\n2,50,0.9\n", b"epoch,mAP50,precision\n1,45.5%,80%\n2,50%,0.9%\n"):
        graph = _read(tmp_path, text)
        np.testing.assert_allclose(graph.series["metrics/mAP_0.5"], [0.455, 0.5])
        np.testing.assert_allclose(graph.series["metrics/precision"], [0.8, 0.009])


def test_percent__of_accuracies_does_not_touch_precision(tmp_path: Path) -> None:
    graph = _read(tmp_path, b"epoch,val_loss,val_accuracy,precision\n1,1,94.5,0.75\n")
    assert graph.series["metrics/accuracy"].tolist() == [0.945]
    assert graph.series["metrics/precision"].tolist() == [0.75]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1e-3", 0.001), (" 0.5 ", 0.5), ('"1,234.5"', 1234.5), ("tensor(0.25)", 0.25),
     ("tensor(0.25, device='cuda:0')", 0.25),
     ("50%", 50), ("+2", 2)],
)  # fmt: skip
def test_number__as_logs_write_it(cell: str, value: float) -> None:
    assert parse_number(cell) == value


@pytest.mark.parametrize("cell", ["", " ", "None", "null", "N/A", "-", "abc", "1 2", "12:30"])
def test_number__that_is_none(cell: str) -> None:
    assert parse_number(cell) is None


def test_other_columns__are_kept_and_duplicates_told_apart(tmp_path: Path) -> None:
    graph = _read(tmp_path, b"epoch,loss,loss,note,extra\n1,2,3,good,7\n")
    assert graph.series["extra"].tolist() == [7]
    assert sorted(values[0] for values in graph.series.values()) == [2, 3, 7]
    assert any("`note`" in note for note in graph.notes)


def test_class_names__that_hold_markup_are_names(tmp_path: Path) -> None:
    names = ["<img src=x onerror=alert(1)>", "</script><script>alert('x')</script>", "=1+1", "{a}"]
    columns = [f"class/{name}/AP_0.5:0.95" for name in names]
    text = ",".join(["epoch", "train/box_loss", MAP, *columns]) + "\n1,2,0.1,0.1,0.2,0.3,0.4\n2,1,0.2,0.1,0.2,0.3,0.4\n"
    graph = _read(tmp_path, text.encode())
    assert [graph.series[column][0] for column in columns] == [0.1, 0.2, 0.3, 0.4]


def test_odd_epochs__are_left_aside(tmp_path: Path) -> None:
    graph = _read(tmp_path, b"epoch,loss\nnan,1\n1e300,2\n1,3\n2,4\n")
    assert graph.epochs.tolist() == [1, 2]
    assert any("2 rows without an epoch" in note for note in graph.notes)


def _tar() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        info = tarfile.TarInfo("results.csv")
        info.size = len(PLAIN)
        archive.addfile(info, io.BytesIO(PLAIN.encode()))
    return stream.getvalue()


REFUSED = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n\t\n", "is empty"),
    "only_a_mark": (b"\xef\xbb\xbf", "is empty"),
    "header_only": (PLAIN.splitlines()[0].encode(), "no data rows"),
    "photo": (b"\xff\xd8\xff\xe0" + os.urandom(4000), "JPEG picture"),
    "weights": (b"PK\x03\x04" + os.urandom(400), "ZIP archive"),
    "tar": (_tar(), "tar archive"),
    "broken_gzip": (b"\x1f\x8b\x08" + b"\0" * 400, "broken gzip"),
    "binary": (bytes(range(256)) * 30, "binary data"),
    "docker_that_said_nothing": (b'{"log": "\\n", "stream": "stdout"}\n' * 3, "no line that a program printed"),
    "one_column": (b"1\n2\n3\n", "no training log"),
    "words": (b"Dear all,\nthe weather is fine.\n", "no training log"),
    "annotations": (b"filename,width,height,class,xmin\na.jpg,1,2,cat,3\n", "no training log"),
    "coco": (b'{"images": [{"id": 1}], "annotations": [{"id": 1, "bbox": [1, 2, 3, 4]}]}', "no training log"),
    "deep_json": (b"[" * 100_000, "no training log"),
    "code": (b"import torch\nfor epoch in range(9):\n    loss = step()\n", "no training log"),
    "program": (b"LOSSES = ['train/box_loss', 'val/box_loss']\nprint(f'epoch {1} loss: {2}')\n", "no training log"),
    "prose": (b"# Notes\n" + b"Some words.\n" * 80 + b"In epoch 3 the loss: 0.5 was fine.\n", "speaks of a loss"),
    "markdown": (b"| epoch | loss |\n|---|---|\n| see | below |\n", "no training log"),
    "classes": (b"class,images,precision,mAP50\nall,9,0.8,0.6\ncat,5,0.8,0.6\ndog,4,0.9,0.7\n", "rows are named"),
    "models": (
        b"| Model | size | mAP50 | mAP50-95 |\n|---|---|---|---|\n| n | 640 | 55 | 39 |\n| s | 640 | 63 | 47 |\n",
        "named",
    ),
    "evaluation_of_yolo": (
        b"                 Class     Images      Box(P          R      mAP50  mAP50-95)\n"
        b"                   all        128       0.64      0.537      0.605      0.446\n"
        b"                person         61      0.797      0.677      0.764      0.538\n",
        "rows are named",
    ),
    "search_for_settings": (
        b"fitness,lr0,lrf,momentum,box,cls,dfl\n0.3,0.01,0.1,0.9,7.5,0.5,1.5\n0.4,0.02,0.1,0.9,7.1,0.4,1.6\n",
        "settings of trainings",
    ),
    "settings": (b'{"epochs": 100, "lr0": 0.01, "momentum": 0.9, "box": 7.5, "cls": 0.5}', "settings of trainings"),
    "yaml": (b"train:\n  loss: giou\n  lr: 0.01\n", "no training log"),
    "gains": (b'{"lr": 0.01, "loss_weight": 2.0, "cls_loss_gain": 1.0, "loss_scale": 512}', "none of its columns"),
    "classes_in_json": (b'[{"class": "cat", "mAP50": 0.5}, {"class": "dog", "mAP50": 0.6}]', "rows are named"),
    "curve_in_json": (b'{"recall": [0.0, 0.5, 1.0], "precision": [1.0, 0.9, 0.2]}', "points of one curve"),
    "curve_of_precision": (b"recall,precision\n0.0,1.0\n0.5,0.9\n1.0,0.2\n", "points of one curve"),
    "other_records": (event_files.write_record(b"\x0a\x05hello"), "binary data"),
    "counts_only": (b"epoch,images\n1,5\n2,6\n", "none of its columns"),
    "failed_yolox": (
        b"2021-12-06 | INFO | yolox.core.trainer:before_train:124 - args: Namespace(lr=1)\n",
        "without a line",
    ),
    "event_file_of_texts": (event_files.write_events([]), "without scalars"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_no_log__is_refused_with_the_reason(tmp_path: Path, name: str) -> None:
    data, words = REFUSED[name]
    with pytest.raises(LogError, match=words) as error:
        _read(tmp_path, data)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["2024-01-02 10:0{}:00", "checkpoint_{}.pth", "epoch {}"])
def test_rows__that_are_named_by_their_time_or_epoch_are_rows(tmp_path: Path, name: str) -> None:
    text = "saved,loss,mAP50\n" + "".join(f"{name.format(n)},{2 - n / 4},0.5\n" for n in (1, 2, 3))
    assert _read(tmp_path, text.encode()).series["train/total_loss"].tolist() == [1.75, 1.5, 1.25]


def test_huge_file__is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(PLAIN.encode() * 50)
    os.truncate(path, 2_100_000_000)  # sparse
    with pytest.raises(LogError, match=r"2\.1 GB"):
        read_log(path)


def test_gzip__that_is_still_written_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    line = PLAIN.splitlines()[-1]
    text = PLAIN + "".join(f"{epoch}{line[1:]}\n" for epoch in range(5, 900))
    whole = _read(tmp_path, gzip.compress(text.encode()))
    assert len(whole.epochs) == 899
    graph = _read(tmp_path, gzip.compress(text.encode())[:-900])
    assert 4 < len(graph.epochs) < 899
    assert graph.series[MAP][:4].tolist() == whole.series[MAP][:4].tolist()


def test_gzip__that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epochal.graphs.readers.source.MAX_BYTES", 1000)
    with pytest.raises(LogError, match="MB unpacked"):
        _read(tmp_path, gzip.compress(PLAIN.encode() + b"5,1\n" * 10_000))


def test_gzip__in_a_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "results.csv.gz").write_bytes(gzip.compress(PLAIN.encode()))
    assert read_log(tmp_path).epochs.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("data", ['{"log_history": [%s', "[%s", '{"metrics": [%s', "%s"])
def test_json__cut_off_is_read_as_far_as_it_goes(tmp_path: Path, data: str) -> None:
    records = ",\n".join(json.dumps({"epoch": e, "loss": 2.0, "eval_map_50": 0.3}, indent=1) for e in range(1, 6))
    graph = _read(tmp_path, (data % records).encode()[:-20])
    assert graph.epochs.tolist() == [1, 2, 3, 4]
    assert any("no whole JSON document" in note for note in graph.notes)


def test_long_line__of_a_stranger_takes_no_time(tmp_path: Path) -> None:
    """Each of these made a careless pattern look at every way to split them, for minutes."""
    lines = [
        "2" * 19_000,
        "- " * 9_000,
        "[" * 19_000,
        "a_" * 9_000 + " loss",
        "1.2.3-4:5 " * 1_900 + "x",
        "loss " * 3_800,
    ]
    graph = _read(tmp_path, "".join(f"epoch: {n}, loss: 1.0\n{line}\n" for n, line in enumerate(lines)).encode())
    assert len(graph.epochs) == len(lines)


# Lines that a number is nearly in; each made a reader stop once, or might.
NEARLY = {
    "two_points_in_a_summary": texts.YOLOX.replace("] = 0.100\n", "] = 1.0.95\n"),
    "two_points_in_darknet": texts.DARKNET.replace("precision = 0.80", "precision = 0.8.0").replace(
        "6.500000", "6.5.5"
    ),
    "huge_count_in_a_console": texts.PRINTED + f"[Epoch {'9' * 5000}] train_loss=1.0\n",
    "huge_count_in_darknet": texts.DARKNET + f" {'9' * 5000}: 1.0, 1.0 avg loss, 0.001 rate, 1 seconds\n",
    "huge_count_in_results": texts.YOLOV7 + texts.YOLOV7.splitlines()[-1].replace("2/2", f"2/{'2' * 5000}") + "\n",
    "huge_epoch_in_json": texts.DETR + json.dumps({"epoch": 10**400, "train_loss": 1.0}) + "\n",
    "huge_key_in_json": json.dumps({"1": {"loss": 1.0}, "2": {"loss": 0.5}, "3" * 5000: {"loss": 0.1}}),
}


@pytest.mark.parametrize("name", NEARLY)
def test_numbers_that_are_none__do_not_hide_the_others(tmp_path: Path, name: str) -> None:
    graph = _read(tmp_path, NEARLY[name].encode())
    assert np.isfinite(graph.series["train/total_loss"]).any()


def test_missing__is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_log(tmp_path / "nothing")
    for path in (Path("a\0b"), Path("/dev/null")):
        with pytest.raises(LogError):
            read_log(path)


CELL = st.one_of(
    st.floats().map(str), st.integers(-5, 400).map(str),
    st.sampled_from(["", " ", "nan", "inf", "-", "train/loss", "mAP50", "1,5", '"', "a b", "\ufeff"]),
    st.text(max_size=6),
)  # fmt: skip
NAME = st.one_of(
    st.sampled_from(
        [
            "epoch",
            "step",
            "time",
            "loss",
            "val_loss",
            "metrics/mAP50-95(B)",
            "mAP",
            "lr/pg0",
            "class/x/AP_0.5",
            "run",
            "key",
            "value",
        ]
    ),
    st.text(max_size=10),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(NAME, max_size=6), rows=st.lists(st.lists(CELL, max_size=7), max_size=8),
    delimiter=st.sampled_from([",", ";", "\t", " "]), newline=st.sampled_from(["\n", "\r\n", "\r"]),
)  # fmt: skip
def test_csv__any_table_is_read_or_refused(
    tmp_path: Path, names: list[str], rows: list[list[str]], delimiter: str, newline: str
) -> None:
    text = newline.join(delimiter.join(cells) for cells in [names, *rows])
    _holds_together(tmp_path, text.encode("utf-8", errors="replace"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from([name for name in dir(texts) if name.isupper()]), at=st.floats(0, 1), cut=st.integers(0, 80),
    put=st.binary(max_size=20),
)  # fmt: skip
def test_damage__is_read_or_refused(tmp_path: Path, name: str, at: float, cut: int, put: bytes) -> None:
    data = getattr(texts, name).encode()
    place = int(at * len(data))
    _holds_together(tmp_path, data[:place] + put + data[place + cut :])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1), cut=st.integers(0, 40), put=st.binary(max_size=20))
def test_damaged_event_file__is_read_or_refused(tmp_path: Path, at: float, cut: int, put: bytes) -> None:
    data = event_files.write_events([("train/loss", step, 1.0) for step in range(9)])
    place = int(at * len(data))
    _holds_together(tmp_path, data[:place] + put + data[place + cut :])


def _holds_together(folder: Path, data: bytes) -> None:
    try:
        graph = _read(folder, data)
    except EpochalError:
        return
    assert len(graph.epochs) > 0
    assert (np.diff(graph.epochs) > 0).all()
    for key, values in graph.series.items():
        assert len(values) == len(graph.present[key]) == len(graph.epochs)
        assert not np.isfinite(values[~graph.present[key]]).any()
    assert len(file_rows(graph).epochs) >= len(graph.epochs)
    assert {event.epoch for event in graph.events} <= set(graph.epochs.tolist())
