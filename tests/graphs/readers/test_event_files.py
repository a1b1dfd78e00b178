"""TensorBoard's event files without TensorFlow. Run: pytest tests/graphs/readers/test_event_files.py."""

from pathlib import Path

import numpy as np
import pytest

from epochal.graphs.readers import read_log
from epochal.graphs.readers.protobuf import masked_crc, read_fields
from graphs.readers.event_files import write_events

MAP = "metrics/mAP_0.5:0.95"


def test_masked_crc__of_known_bytes() -> None:
    """The check value of CRC-32C, its checksum of "123456789", is 0xE3069283 (RFC 3720 names the polynomial)."""
    value = (masked_crc(b"123456789") - 0xA282EAD8) & 0xFFFFFFFF
    assert (value << 15 | value >> 17) & 0xFFFFFFFF == 0xE3069283


def test_read_fields__of_hand_made_bytes() -> None:
    """Field 1 = 150 is the example of the encoding's own description: 08 96 01."""
    assert list(read_fields(b"\x08\x96\x01\x12\x02hi")) == [(1, 0, 150), (2, 2, b"hi")]
    assert list(read_fields(b"\x12\x09hi")) == []


@pytest.mark.parametrize("as_tensor", [False, True])
def test_scalars__in_both_forms(tmp_path: Path, as_tensor: bool) -> None:
    scalars = [(tag, step, step / 10) for step in (1, 2, 3) for tag in ("train/box_loss", "metrics/mAP50-95(B)")]
    (tmp_path / "events").write_bytes(write_events(scalars, as_tensor=as_tensor))
    graph = read_log(tmp_path / "events")
    assert graph.format == "event_file"
    assert graph.epochs.tolist() == [1, 2, 3]
    np.testing.assert_allclose(graph.series[MAP], [0.1, 0.2, 0.3], rtol=1e-6)


def test_last_evaluation_of_the_best__does_not_replace_the_epoch(tmp_path: Path) -> None:
    scalars = [("metrics/mAP50-95(B)", 0, 0.25), ("metrics/mAP50-95(B)", 1, 0.125), ("metrics/mAP50-95(B)", 1, 0.25)]
    (tmp_path / "events").write_bytes(write_events(scalars))
    graph = read_log(tmp_path / "events")
    assert graph.series[MAP].tolist() == [0.25, 0.125]
    assert graph.first_epoch == 0


def test_steps__become_epochs_by_the_epoch_tag(tmp_path: Path) -> None:
    scalars = [(tag, step, value) for step, epoch in ((13, 0), (27, 1)) for tag, value in
               (("epoch", epoch), ("train/loss", 2.0 - epoch), ("val/mAP_50_95", 0.25 + epoch / 4))]  # fmt: skip
    (tmp_path / "events").write_bytes(write_events(scalars))
    graph = read_log(tmp_path / "events")
    assert graph.epochs.tolist() == [0, 1]
    assert graph.series[MAP].tolist() == [0.25, 0.5]


def test_steps_and_epochs_mixed__as_yolox_writes(tmp_path: Path) -> None:
    scalars = []
    for epoch in range(1, 6):
        scalars += [
            ("train/total_loss", epoch * 100 - 50, 10.0 - epoch),
            ("train/total_loss", epoch * 100, 8.0 - epoch),
        ]
        scalars += [("val/COCOAP50_95", epoch, epoch / 8)]
    (tmp_path / "events").write_bytes(write_events(scalars))
    graph = read_log(tmp_path / "events")
    assert graph.epochs.tolist() == [1, 2, 3, 4, 5]
    assert graph.series["train/total_loss"].tolist() == [8, 7, 6, 5, 4]
    assert any("about 100 steps are one epoch" in note for note in graph.notes)


def test_evaluation_job_of_tensorflow__has_val_losses(tmp_path: Path) -> None:
    tags = ("Loss/classification_loss", "DetectionBoxes_Precision/mAP", "DetectionBoxes_Precision/mAP@.50IOU")
    scalars = [(tag, step, 0.5) for step in (100, 200, 300) for tag in tags]
    (tmp_path / "events").write_bytes(write_events(scalars))
    graph = read_log(tmp_path / "events")
    assert {"val/cls_loss", MAP, "metrics/mAP_0.5"} <= set(graph.series)
    assert graph.series["step"].tolist() == [100, 200, 300]


def test_cut_file__is_read_up_to_the_cut(tmp_path: Path) -> None:
    data = write_events([("train/loss", step, 1.0) for step in range(10)])
    (tmp_path / "events").write_bytes(data[:-20])
    graph = read_log(tmp_path / "events")
    assert graph.epochs.tolist() == list(range(9))
    assert any("cut off" in note for note in graph.notes)


def test_steps_and_epochs_mixed__with_an_epoch_tag_as_mmengine_writes(tmp_path: Path) -> None:
    scalars = []
    for epoch in (1, 2, 3):
        for step in range(epoch * 10 - 9, epoch * 10 + 1):
            scalars += [("loss", step, float(epoch)), ("epoch", step, epoch)]
        scalars += [("coco/bbox_mAP", epoch, epoch / 8), ("coco/bbox_mAP_50", epoch, epoch / 4)]
    (tmp_path / "events").write_bytes(write_events(scalars))
    graph = read_log(tmp_path / "events")
    assert graph.epochs.tolist() == [1, 2, 3]
    assert graph.series["train/total_loss"].tolist() == [1, 2, 3]
    assert graph.series[MAP].tolist() == [0.125, 0.25, 0.375]


def test_tags_written_one_after_the_other__come_together(tmp_path: Path) -> None:
    scalars = [(tag, step, step / 8) for tag in ("train/loss", "val/mAP_50_95") for step in (1, 2, 3)]
    (tmp_path / "events").write_bytes(write_events(scalars))
    graph = read_log(tmp_path / "events")
    assert graph.epochs.tolist() == [1, 2, 3]
    assert not graph.superseded
    assert graph.series[MAP].tolist() == [0.125, 0.25, 0.375]


def test_percent__of_detectron2_s_tags(tmp_path: Path) -> None:
    scalars = [(tag, step, 0.5) for step in (99, 199, 299) for tag in ("total_loss", "bbox/AP", "bbox/AP50")]
    (tmp_path / "events").write_bytes(write_events(scalars))
    assert read_log(tmp_path / "events").series[MAP].tolist() == [0.005] * 3


def test_coco_s_numbers_by_place__as_rt_detr_writes(tmp_path: Path) -> None:
    scalars = [("Loss/loss_bbox", 50 * epoch + at, 2.0 - epoch / 4) for epoch in range(4) for at in range(50)]
    for epoch in range(4):
        numbers = [0.125 * epoch, 0.25 * epoch, *[0.5] * 10]
        scalars += [(f"Test/coco_eval_bbox_{place}", epoch, value) for place, value in enumerate(numbers)]
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(write_events(scalars))
    graph = read_log(path)
    assert graph.series["metrics/mAP_0.5:0.95"].tolist() == [0, 0.125, 0.25, 0.375]
    assert graph.series["metrics/mAP_0.5"].tolist() == [0, 0.25, 0.5, 0.75]
    assert graph.epochs.tolist() == [0, 1, 2, 3]
    assert graph.series["train/box_loss"].tolist() == pytest.approx([2.0, 1.75, 1.5, 1.25], abs=0.01)


def test_one_evaluation__at_epoch_0_beside_losses_by_step(tmp_path: Path) -> None:
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(
        write_events([*(("Loss/loss_bbox", step, 1.0) for step in range(50)), ("Test/coco_eval_bbox_0", 0, 0.25)])
    )
    graph = read_log(path)
    assert graph.epochs.tolist() == [0]
    assert graph.series["train/box_loss"].tolist() == [1.0]
