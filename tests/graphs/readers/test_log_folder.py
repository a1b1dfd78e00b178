"""A folder, our own run among them. Run: pytest tests/graphs/readers/test_log_folder.py."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from epochal.errors import LogError
from epochal.graphs.readers import read_log
from graphs.readers import event_files, texts

JOURNAL = """\
{"kind": "start", "attempt": 1, "time": 1.0, "name": "mine", "epochs_planned": 2, "seed": 0}
{"kind": "epoch", "attempt": 1, "time": 2.0, "epoch": 1, "series": {"train/box_loss": 1.0}}
"""


def test_folder__reads_the_only_log_and_passes_over_the_rest(tmp_path: Path) -> None:
    (tmp_path / "results.csv").write_text(texts.ULTRALYTICS, "utf-8")
    (tmp_path / "notes.txt").write_text("nothing to see", "utf-8")
    (tmp_path / "weights").mkdir()
    graph = read_log(tmp_path)
    assert graph.path.endswith("results.csv")
    assert graph.notes[0] == "Read from results.csv."


def test_folder__takes_the_richest_and_names_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(texts.SSD_TEXT, "utf-8")
    (tmp_path / "b.csv").write_text(texts.ULTRALYTICS, "utf-8")
    (tmp_path / "c.txt").write_text(texts.YOLOV7, "utf-8")
    graph = read_log(tmp_path)
    assert graph.path.endswith("b.csv")
    assert "a.txt, c.txt were not" in graph.notes[0]


def test_folder__looks_below(tmp_path: Path) -> None:
    below = tmp_path / "20240101_100000" / "vis_data"
    below.mkdir(parents=True)
    (below / "scalars.json").write_text(texts.MMDET3, "utf-8")
    assert read_log(tmp_path).format == "mmdet3_json"


def test_folder__without_a_log(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello", "utf-8")
    with pytest.raises(LogError, match="1 files looked at"):
        read_log(tmp_path)


def test_own_run__by_content_and_as_a_folder(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text(JOURNAL, "utf-8")
    assert read_log(tmp_path).format == "epochal"
    assert read_log(tmp_path / "metrics.jsonl").name == "mine"


def test_own_results__are_read_with_their_keys(tmp_path: Path) -> None:
    header = "epoch,train/box_loss,metrics/mAP_0.5:0.95,metrics/mAP_0.5:0.95/low,metrics/confidence,"
    header += "lr,lr/bias,time/epoch_s,class/RBC/AP_0.5"
    (tmp_path / "results.csv").write_text(f"{header}\n1,1.5,0.2,0.1,0.3,0.01,0.02,9,0.4\n", "utf-8")
    graph = read_log(tmp_path / "results.csv")
    assert graph.format == "epochal_csv"
    assert {key: values.tolist() for key, values in graph.series.items()} == {
        "train/box_loss": [1.5], "metrics/mAP_0.5:0.95": [0.2], "metrics/mAP_0.5:0.95/low": [0.1],
        "metrics/confidence": [0.3], "lr": [0.01], "lr/bias": [0.02], "time/epoch_s": [9], "class/RBC/AP_0.5": [0.4],
    }  # fmt: skip


def test_name__is_the_folder_s(tmp_path: Path) -> None:
    (tmp_path / "exp7").mkdir()
    (tmp_path / "exp7" / "results.csv").write_text(texts.ULTRALYTICS, "utf-8")
    assert read_log(tmp_path / "exp7" / "results.csv").name == "exp7"


def test_folder__of_many_labels_does_not_hide_the_log(tmp_path: Path) -> None:
    for number in range(150):
        (tmp_path / f"{number:04d}.txt").write_text("0 0.5 0.5 0.1 0.1\n", "utf-8")
    (tmp_path / "results.csv").write_text(texts.ULTRALYTICS, "utf-8")
    assert read_log(tmp_path).format == "ultralytics_csv"


def test_folder__joins_the_event_files_that_a_resume_began(tmp_path: Path) -> None:
    def events(epochs: range, loss: float) -> bytes:
        values = [("metrics/mAP_0.5:0.95", epoch, epoch / 16) for epoch in epochs]
        return event_files.write_events([*values, *(("train/box_loss", epoch, loss) for epoch in epochs)])

    (tmp_path / "events.out.tfevents.1700000000.host.1.0").write_bytes(events(range(6), 2.0))
    (tmp_path / "events.out.tfevents.1700009000.host.2.0").write_bytes(events(range(4, 9), 1.0))
    (tmp_path / "notes.csv").write_text("epoch,loss\n1,2\n", "utf-8")
    graph = read_log(tmp_path)
    assert graph.epochs.tolist() == list(range(9))
    assert graph.series["train/box_loss"].tolist() == [2.0] * 4 + [1.0] * 5
    assert [part.epochs.tolist() for part in graph.superseded] == [[4, 5]]
    assert graph.notes[0].endswith("host.2.0 were read; notes.csv was not.")


DISGUISED: dict[str, Callable[[str], bytes]] = {
    "gzip": lambda text: gzip.compress(text.encode()),
    "utf16": lambda text: text.encode("utf-16"),
    "bom": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "line_numbers": lambda text: "".join(f"{n}:{line}\n" for n, line in enumerate(text.splitlines(), 1)).encode(),
    "no_last_newline": lambda text: b"\n" + text.rstrip().encode(),
}


@pytest.mark.parametrize("name", DISGUISED)
def test_own_journal__in_disguise(tmp_path: Path, name: str) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(DISGUISED[name](JOURNAL + JOURNAL.splitlines()[1].replace('"epoch": 1', '"epoch": 2') + "\n"))
    graph = read_log(path)
    assert (graph.format, graph.name) == ("epochal", "mine")
    assert graph.series["train/box_loss"].tolist() == [1.0, 1.0]
