"""A training from its first word to its last. Run: pytest tests/training/test_loop.py."""

import csv
import dataclasses
import json
import math
from pathlib import Path

import pytest
import torch

from detectors.nets import random_weights, write_weights
from epochal.errors import DatasetError, StorageFull, TrainingFailed
from epochal.evaluation import Evaluation, load_boxes
from epochal.evaluation.gallery import count_confusion
from epochal.graphs.document import build_document
from epochal.graphs.journal import read_all
from epochal.graphs.run_folder import read_run
from epochal.training import loop
from epochal.training.run import Progress
from small_trainings import Recorder, Trainings


def stop_after_first(recorder: Recorder) -> None:
    recorder.stop.asked = "epoch"


def test_train__run_folder_is_complete(whole_run: Path) -> None:
    names = {path.relative_to(whole_run).as_posix() for path in whole_run.rglob("*") if path.is_file()}
    wanted = {"recipe.json", "metrics.jsonl", "results.csv", "graph.html", "progress.json", "checkpoint.pt"}
    wanted |= {"evaluation.json", "evaluation-val.json", "boxes-test.npz", "boxes-val.npz"}
    wanted |= {"weights/best.pt", "weights/last.pt", "weights/best.onnx"}
    examples = {f"examples/{number}.jpg" for number in range(4)}
    assert names >= wanted | examples
    assert not {name for name in names if name.endswith((".part", "stop"))}


def test_train__series_have_the_keys_of_the_graph(whole_run: Path) -> None:
    graph = read_run(whole_run)
    wanted = {"train/box_loss", "train/cls_loss", "val/box_loss", "val/cls_loss", "lr", "lr/muon", "lr/adamw"}
    wanted |= {f"metrics/mAP_{name}{end}" for name in ("0.5", "0.5:0.95") for end in ("", "/low", "/high")}
    wanted |= {"metrics/precision", "metrics/recall", "time/epoch_s"}
    wanted |= {f"class/{name}/AP_{iou}" for name in ("disc", "block") for iou in ("0.5", "0.5:0.95")}
    assert set(graph.series) - {"metrics/confidence"} == wanted  # a net that finds nothing has no best confidence
    assert graph.epochs.tolist() == [1, 2, 3, 4]
    with (whole_run / "results.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["train/box_loss"]) for row in rows] == graph.series["train/box_loss"].tolist()
    assert graph.series["lr"].tolist() == graph.series["lr/muon"].tolist()


def test_train__events_of_the_schedule(whole_run: Path) -> None:
    # Of 4 epochs 3 % are the warm-up, which is within the first; 70 % are with mosaic, which is 3.
    assert [(event.epoch, event.event) for event in read_run(whole_run).events] == [
        (1, "warmup_end"),
        (4, "mosaic_off"),
    ]


def test_train__says_where_it_is(trainings: Trainings, shapes: Path) -> None:
    session = trainings.begin(shapes, epochs=1)
    recorder = trainings.train(session)
    states = [progress.state for progress in recorder.seen]
    order = list(dict.fromkeys(states))
    assert order[-3:] == ["training", "validating", "evaluating"]
    training = [progress for progress in recorder.seen if progress.state == "training"]
    assert [(p.epoch, p.epochs, p.step, p.steps) for p in training] == [(1, 1, 1, 2), (1, 1, 2, 2)]
    assert all(p.images_per_s is not None and p.images_per_s > 0 and p.eta_s is not None for p in training)
    assert training[-1].eta_s == 0
    final = session.run.read_progress()
    assert (final["state"], final["epoch"], final["epochs"], final["message"]) == ("finished", 1, 1, "")


def test_train__time_left_counts_validation(trainings: Trainings, shapes: Path) -> None:
    session = trainings.begin(shapes, epochs=2)
    recorder = trainings.train(session)
    last_step = [p for p in recorder.seen if p.state == "training" and (p.epoch, p.step) == (2, 2)]
    assert last_step[0].eta_s is not None
    assert last_step[0].eta_s > 0


def test_train__evaluation_is_of_the_test_split(whole_run: Path) -> None:
    content = json.loads((whole_run / "evaluation.json").read_text())
    assert (content["split"], content["images"], content["annotations"]) == ("test", 4, 8)
    assert "remark" not in content
    assert [example["file_name"] for example in content["examples"]] == [f"test/0{i}.png" for i in range(4)]


def test_train__val_is_evaluated_too_and_chooses_the_threshold(whole_run: Path) -> None:
    on_val, final = (json.loads((whole_run / f"evaluation{name}.json").read_text()) for name in ("-val", ""))
    assert (on_val["split"], on_val["images"]) == ("val", 6)
    assert "chosen" not in on_val
    assert "examples" not in on_val
    for chosen, thresholds in zip(final["chosen"], on_val["thresholds"], strict=True):
        assert chosen["beta"] == thresholds["beta"]
        assert (chosen["all"] or {}).get("chosen") == thresholds["all"]
    for split, content in (("val", on_val), ("test", final)):
        stored = load_boxes(whole_run / f"boxes-{split}.npz")
        assert len(stored.image_names) == content["images"]
        matrix = count_confusion(stored, stored.confidence if math.isfinite(stored.confidence) else 1.1)
        assert matrix.tolist() == content["confusion"]["matrix"]


# ── data that lacks something ──────────────────────────────────────────────────────────────────────────────────────


def test_train__one_image_trains_and_says_what_its_numbers_are_worth(
    trainings: Trainings,
    draw_shapes,
    tmp_path: Path,  # type: ignore[no-untyped-def]
) -> None:
    session = trainings.begin(draw_shapes(tmp_path / "one", train=1, val=0, test=0), epochs=1)
    recorder = trainings.train(session)
    assert any("no image to validate on, so train is used" in sentence for sentence in recorder.said)
    content = json.loads((session.run.path / "evaluation.json").read_text())
    assert (content["split"], content["images"], content["interval"]) == ("train", 1, None)
    assert "neither test nor val" in content["remark"]
    assert "suspicions" not in content  # the weights have learned these labels, mistakes and all
    assert not (session.run.path / "evaluation-val.json").exists()
    assert any(sentence.startswith("On train (1 image): mAP_0.5 ") for sentence in recorder.said)
    assert (session.run.path / "graph.html").exists()


def test_train__val_without_boxes_has_no_map_and_the_newest_weights(
    trainings: Trainings,
    draw_shapes,
    tmp_path: Path,  # type: ignore[no-untyped-def]
) -> None:
    dataset = draw_shapes(tmp_path / "shapes", train=8, val=2, test=0)
    file = dataset / "val" / "_annotations.coco.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"annotations": []}))
    session = trainings.begin(dataset, epochs=2)
    recorder = trainings.train(session)
    assert any("val images have no box, so there is no mAP" in sentence for sentence in recorder.said)
    assert not any(key.startswith("metrics/mAP") for key in read_run(session.run.path).series)
    states = [torch.load(session.run.weights / name)["state"] for name in ("best.pt", "last.pt")]
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert json.loads((session.run.path / "evaluation.json").read_text())["mAP_0.5"] is None


def test_train__images_of_one_pixel_and_of_twenty_thousand(
    trainings: Trainings,
    draw_shapes,
    tmp_path: Path,  # type: ignore[no-untyped-def]
) -> None:
    from PIL import Image

    dataset = draw_shapes(tmp_path / "shapes", train=4, val=1, test=1)
    file = dataset / "train" / "_annotations.coco.json"
    content = json.loads(file.read_text())
    for number, wh in ((50, (1, 1)), (51, (20_000, 30)), (52, (20_000, 20_000))):
        mode = "1" if wh[0] == wh[1] == 20_000 else "RGB"  # one bit a pixel: 50 MB and not 1.2 GB
        Image.new(mode, wh).save(dataset / "train" / f"{number}.png")
        content["images"].append({"id": number, "file_name": f"{number}.png", "width": wh[0], "height": wh[1]})
        box = {"id": number, "image_id": number, "category_id": 1, "bbox": [0, 0, *wh], "area": wh[0] * wh[1]}
        content["annotations"].append(box | {"iscrowd": 0})
    file.write_text(json.dumps(content))
    session = trainings.begin(dataset, epochs=1)
    assert len(session.dataset.of_split("train")) == 6
    too_large = next(f for f in session.dataset.findings if f.id == "unreadable_image")
    assert "20000 × 20000 pixels, more than 200,000,000" in too_large.examples[0]
    trainings.train(session)
    assert math.isfinite(read_run(session.run.path).series["train/box_loss"][0])


# ── losses that are no numbers ─────────────────────────────────────────────────────────────────────────────────────


def spoil_losses(monkeypatch: pytest.MonkeyPatch, *, from_call: int, value: float = math.nan) -> None:
    """Let the train loss be no number from its n-th computation on."""
    calls, real = [0], loop.compute_loss

    def compute(*arguments: object) -> object:
        calls[0] += 1
        losses = real(*arguments)  # type: ignore[arg-type]
        return dataclasses.replace(losses, box=losses.box * value) if calls[0] >= from_call else losses

    monkeypatch.setattr(loop, "compute_loss", compute)


@pytest.mark.parametrize("value", [math.nan, math.inf], ids=["nan", "inf"])
def test_train__a_loss_that_is_no_number_ends_it_and_stands_in_the_graph(
    trainings: Trainings, shapes: Path, monkeypatch: pytest.MonkeyPatch, value: float
) -> None:
    spoil_losses(monkeypatch, from_call=6, value=value)  # the second step of the third epoch
    session = trainings.begin(shapes)
    run = session.run.path
    with pytest.raises(TrainingFailed, match=r"no number in epoch 3 \(train/box_loss is (nan|inf)\); the weights of "):
        trainings.train(session)
    graph = read_run(run)
    assert graph.epochs.tolist() == [1, 2, 3]
    assert not math.isfinite(graph.series["train/box_loss"][2])
    assert [(e.epoch, e.event) for e in graph.events][-1] == (3, "nan")
    document = build_document(graph)
    assert document["verdict"] == "diverged_or_nan"
    assert document["marks"][0]["epoch"] == 3
    assert "diverged_or_nan" in (run / "graph.html").read_text()
    last = list(read_all(run))[-1]
    assert (last["kind"], last["state"]) == ("end", "failed")
    progress = session.run.read_progress()
    assert (progress["state"], progress["epoch"]) == ("failed", 2)
    assert "no number in epoch 3" in progress["message"]
    for name in ("best.pt", "last.pt"):
        state = torch.load(run / "weights" / name)["state"]
        assert all(torch.isfinite(tensor).all() for tensor in state.values())
    assert torch.load(run / "checkpoint.pt")["epoch"] == 2


def test_train__weights_that_broke_in_the_last_step_are_not_kept(
    trainings: Trainings, shapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = loop.Training._train_step

    def break_weights(self: loop.Training, batch: object, factor: float) -> object:
        losses = real(self, batch, factor)  # type: ignore[arg-type]
        if self.state.epoch == 1 and factor < scheduled_half(self):
            with torch.no_grad():
                next(self.state.average.net.parameters()).fill_(math.nan)
        return losses

    def scheduled_half(training: loop.Training) -> float:
        return loop.scheduled(3.5 / training.planned_steps, training.recipe)

    monkeypatch.setattr(loop.Training, "_train_step", break_weights)
    session = trainings.begin(shapes)
    with pytest.raises(TrainingFailed, match=r"no number in epoch 2 \(val/"):
        trainings.train(session)
    assert torch.load(session.run.checkpoint)["epoch"] == 1
    state = torch.load(session.run.weights / "last.pt")["state"]
    assert all(torch.isfinite(tensor).all() for tensor in state.values())


def test_train__diverges_with_a_rate_that_is_too_large(trainings: Trainings, shapes: Path) -> None:
    session = trainings.begin(shapes, muon_lr=1e30, adamw_lr=1e30)
    with pytest.raises(TrainingFailed, match="no number in epoch 1"):
        trainings.train(session)
    assert not (session.run.weights / "last.pt").exists()
    assert build_document(read_run(session.run.path))["verdict"] == "diverged_or_nan"


# ── what goes wrong outside ────────────────────────────────────────────────────────────────────────────────────────


def test_train__memory_that_does_not_do_is_a_sentence(
    trainings: Trainings, shapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: you tried")

    monkeypatch.setattr(loop.Training, "_train_step", fail)
    session = trainings.begin(shapes)
    with pytest.raises(TrainingFailed, match=r"memory of this machine does not do.*smaller --image-size"):
        trainings.train(session)
    assert session.run.read_progress()["state"] == "failed"
    assert list(read_all(session.run.path))[-1]["state"] == "failed"


def test_train__a_mistake_of_ours_is_not_dressed_up(
    trainings: Trainings, shapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Evaluation) -> dict[str, float]:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Evaluation, "series", fail)
    session = trainings.begin(shapes)
    with pytest.raises(ZeroDivisionError):
        trainings.train(session)
    assert session.run.read_progress() | {"state": "failed", "message": "a bug"} == session.run.read_progress()
    session.run.take()  # nobody has it any more


def test_train__an_image_that_breaks_while_decoding_leaves_no_run(
    trainings: Trainings,
    draw_shapes,
    tmp_path: Path,  # type: ignore[no-untyped-def]
) -> None:
    session = trainings.begin(draw_shapes(tmp_path / "shapes", train=5, val=1, test=1), tmp_path / "run")
    (tmp_path / "shapes" / "train" / "02.png").write_bytes(b"no image")
    with pytest.raises(DatasetError, match=r"02\.png is no image"):
        trainings.train(session)
    assert not (tmp_path / "run").exists()


def test_train__an_image_that_is_lost_later_can_be_put_back(
    trainings: Trainings,
    draw_shapes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,  # type: ignore[no-untyped-def]
) -> None:
    monkeypatch.setenv("EPOCHAL_CACHE_MAX_BYTES", "1000")  # so that images are decoded in every epoch
    dataset = draw_shapes(tmp_path / "shapes", train=9, val=1, test=1)
    kept = (dataset / "train" / "02.png").read_bytes()

    def lose(recorder: Recorder) -> None:
        if recorder.epochs:
            (dataset / "train" / "02.png").unlink(missing_ok=True)

    session = trainings.begin(dataset)
    with pytest.raises(Exception, match=r"02\.png does not exist"):
        trainings.train(session, lose)
    assert session.run.read_progress()["state"] == "failed"
    (dataset / "train" / "02.png").write_bytes(kept)
    trainings.train(trainings.resume(session.run.path))
    assert session.run.read_progress()["state"] == "finished"


def test_train__a_full_disk_at_the_end_is_a_sentence(
    trainings: Trainings, shapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from epochal.training import ending

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "best.onnx")

    monkeypatch.setattr(ending, "export_weights", fail)
    session = trainings.begin(shapes, epochs=1)
    with pytest.raises(StorageFull, match=r"No space is left to write best\.onnx; free some, then go on with --resume"):
        trainings.train(session)
    assert session.run.read_progress()["state"] == "failed"
    monkeypatch.undo()
    assert trainings.train(trainings.resume(session.run.path)).epochs == {}
    assert session.run.read_progress()["state"] == "finished"


def test_train__starts_from_weights_and_not_again_on_resume(
    trainings: Trainings, shapes: Path, whole_run: Path, tmp_path: Path
) -> None:
    weights = tmp_path / "start.pt"
    weights.write_bytes((whole_run / "weights" / "best.pt").read_bytes())
    session = trainings.begin(shapes, start_from=str(weights), epochs=2)
    first = trainings.train(session, stop_after_first)
    assert any(sentence.startswith(f"Starts from {weights}: ") for sentence in first.said)
    weights.unlink()
    again = trainings.train(trainings.resume(session.run.path))
    assert not any("Starts from" in sentence for sentence in again.said)
    assert list(again.epochs) == [2]


def test_train__says_which_classes_the_weights_do_not_know(trainings: Trainings, shapes: Path, tmp_path: Path) -> None:
    weights = write_weights(tmp_path / "start.pt", random_weights(class_names=("cat",)))
    session = trainings.begin(shapes, start_from=str(weights), epochs=1)
    new = ", ".join(session.dataset.class_names)
    assert any(said.endswith(f"taken over; new to them: {new}.") for said in trainings.train(session).said)


def test_progress__is_plain() -> None:
    assert dataclasses.asdict(Progress("preparing"))["eta_s"] is None
