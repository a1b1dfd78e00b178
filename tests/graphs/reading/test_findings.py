"""Every finding fires on a run drawn for it and stays silent on a healthy one. Run: pytest tests/graphs/reading."""

import math
import string
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from epochal.graphs import reading
from epochal.graphs.graph import Event, Graph, Superseded
from epochal.graphs.reading.finding import Finding
from epochal.graphs.reading.finding_words import FINDING_WORDS
from epochal.graphs.reading.reader import read_graph
from epochal.graphs.reading.thresholds import THRESHOLDS
from epochal.graphs.reading.words import VERDICT_WORDS
from graphs.runs import MAP, climb, fall, healthy, make_graph

Columns = dict[str, NDArray[np.float64]]
X = np.arange(100) / 100
TURN = np.maximum(0, X - 0.4)
ZIGZAG = np.resize([1.0, -1.0], 100)


def frozen() -> Columns:
    run = healthy()
    for key in run:
        if key.startswith("metrics/"):
            run[key][70:] = run[key][70]
    return run


def with_nan() -> Columns:
    run = healthy()
    run["train/cls_loss"][40:] = math.nan
    return run


def with_spike() -> Columns:
    run = healthy()
    run["train/box_loss"][50] *= 3
    return run


CASES: dict[str, Columns] = {
    "val_box_loss_rising": {**healthy(), "val/box_loss": fall(100, bottom=1.0, speed=8) + TURN},
    "val_cls_loss_rising": {**healthy(), "val/cls_loss": fall(100, bottom=1.0, speed=8) + TURN},
    "val_loss_up_map_up": {
        **healthy(),
        "val/cls_loss": fall(100, bottom=1.0, speed=8) + TURN,
        MAP: climb(100, speed=3),
    },
    "map_declining": {**healthy(), MAP: climb(100, speed=8) - 0.2 * TURN},
    "train_val_gap": {**healthy(), "val/box_loss": fall(100, bottom=1.5)},
    "val_below_train": {**healthy(), "val/box_loss": fall(100, top=1.6, bottom=0.4)},
    "nan": with_nan(),
    "spike": with_spike(),
    "diverging": {**healthy(), "train/box_loss": fall(100, bottom=0.5, speed=12) + 2 * TURN},
    "lr_too_high": {**healthy(), "train/box_loss": 1 + 0.3 * ZIGZAG, "train/cls_loss": 1 + 0.3 * ZIGZAG},
    "lr_beyond_use": {**healthy(), "lr": np.linspace(2, 0.01, 100)},
    "lr_too_low": {
        **healthy(),
        "train/box_loss": np.linspace(2, 1.9, 100),
        "train/cls_loss": np.linspace(3, 2.8, 100),
        MAP: np.linspace(0.02, 0.1, 100),
    },
    "map_zero": {**healthy(), MAP: np.zeros(100)},
    "sure_of_nothing": {**healthy(), MAP: climb(100, top=0.04), "metrics/confidence": np.full(100, 0.02)},
    "frozen_metrics": frozen(),
    "noisy_validation": {**healthy(), MAP: climb(100, speed=2) + 0.02 * ZIGZAG},
    "small_validation": {**healthy(), f"{MAP}/low": healthy()[MAP] - 0.08, f"{MAP}/high": healthy()[MAP] + 0.08},
    "plateau": {**healthy(), MAP: climb(100, speed=15), "val/cls_loss": 1 + TURN},
    "still_improving": {**healthy(), MAP: np.linspace(0.1, 0.5, 100)},
    "too_good": {**healthy(), MAP: climb(100, top=0.99), "metrics/mAP_0.5": np.full(100, 0.995)},
    "best_epoch": healthy(),
    "precision_recall_imbalance": {**healthy(), "metrics/recall": np.full(100, 0.4)},
    "loose_boxes": {**healthy(), "metrics/mAP_0.5": climb(100, top=0.9), MAP: climb(100, top=0.35)},
    "class_dragging": {
        **healthy(),
        **{f"class/{name}/AP_0.5:0.95": climb(100, top=top) for name, top in (("a", 0.6), ("b", 0.62), ("c", 0.1))},
    },
    "class_never_found": {
        **healthy(),
        **{f"class/{name}/AP_0.5:0.95": climb(100, top=top) for name, top in (("a", 0.6), ("b", 0.62), ("c", 0.01))},
    },
    "class_driven": {
        **healthy(),
        MAP: climb(100, speed=8) - 0.2 * TURN,
        "class/a/AP_0.5:0.95": climb(100, speed=8) - 0.4 * TURN,
        "class/b/AP_0.5:0.95": climb(100, speed=8),
    },
}


def ids_of(graph: Graph) -> dict[str, Finding]:
    return {finding.id: finding for finding in read_graph(graph).findings}


@pytest.mark.parametrize("kind", CASES)
def test_read_graph__finds(kind: str) -> None:
    found = ids_of(make_graph(CASES[kind]))
    assert kind in found
    begin, end = found[kind].epochs
    assert 1 <= begin <= end <= 100
    assert 0 < found[kind].confidence <= 1
    assert found[kind].evidence


def test_read_graph__a_healthy_run_has_no_warning() -> None:
    for count in (50, 100, 300):
        rng = np.random.default_rng(count)
        run = {key: values + rng.normal(0, 0.003, count) for key, values in healthy(count).items()}
        assert [f.id for f in read_graph(make_graph(run)).findings if f.severity != "info"] == []


def test_read_graph__a_short_run_that_ends_at_its_peak_has_not_fallen() -> None:
    """Of 6 epochs the last 3 are the end: their mean lies below the last of them in any run that rises."""
    run = {
        MAP: np.array([0, 0.017, 0.0216, 0.043, 0.0787, 0.0925]),
        "class/a/AP_0.5:0.95": np.array([0, 0.0485, 0.0634, 0.1286, 0.2248, 0.264]),
        "class/b/AP_0.5:0.95": np.array([0, 0.0025, 0.0014, 0.0005, 0.0114, 0.0136]),
    }
    assert {"class_driven", "map_declining"}.isdisjoint(ids_of(make_graph(run)))


def test_read_graph__a_loss_that_is_low_while_nothing_is_found_has_not_turned_up() -> None:
    """While a net predicts no box it has none to be wrong about."""
    run = healthy()
    run[MAP][:10] = 0
    for key in ("train/box_loss", "val/box_loss"):
        run[key][:10] = 0.1
    assert {"val_box_loss_rising", "val_loss_up_map_up", "diverging"}.isdisjoint(ids_of(make_graph(run)))


def test_read_graph__a_threshold_that_rises_late_is_no_fault() -> None:
    rising = np.append(np.full(80, 0.02), np.linspace(0.02, 0.3, 20))
    assert "sure_of_nothing" not in ids_of(make_graph({**healthy(), "metrics/confidence": rising}))


def test_read_graph__a_class_loss_that_crawls_is_enough_for_a_low_rate() -> None:
    rough = 1 + 0.3 * np.random.default_rng(0).normal(size=100)
    run = {**healthy(), MAP: np.zeros(100), "train/box_loss": rough, "train/cls_loss": np.linspace(26, 25, 100)}
    found = ids_of(make_graph(run))
    assert "lr_too_low" in found
    assert "lr_too_high" not in found, "only one of two losses jumps"


def step_at(epoch: int, size: float) -> Columns:
    run = healthy()
    run["train/box_loss"][epoch - 1 :] *= 1 + size
    return run


def test_read_graph__a_jump_at_a_known_event_is_expected() -> None:
    found = ids_of(make_graph(step_at(91, -0.2), events=(Event(91, "mosaic_off", "Mosaic is off."),)))
    assert found["jump_at_event"].severity == "info"
    assert found["jump_at_event"].message.endswith("Mosaic is off.")
    assert found["jump_at_event"].evidence["step"] == pytest.approx(-0.2, abs=0.02)
    assert "jump_at_event" not in ids_of(make_graph(healthy(), events=(Event(91, "mosaic_off", "Mosaic is off."),)))


def test_jumps_at_events__a_climb_that_slackens_is_no_step_down() -> None:
    curve = np.array([0.0004, 0.0012, 0.0046, 0.0159, 0.0209, 0.0310, 0.0278, 0.0319])
    graph = make_graph({"metrics/mAP_0.5:0.95": curve}, events=(Event(7, "mosaic_off", "Mosaic is off."),))
    assert "jump_at_event" not in ids_of(graph)


def test_jumps_at_events__a_metric_that_takes_off_from_nothing_makes_no_step() -> None:
    curve = np.array([0.0, 0.0, 0.0, 0.0001, 0.0002, 0.0003, 0.001, 0.089, 0.127, 0.145, 0.165, 0.170])
    graph = make_graph({"metrics/mAP_0.5:0.95": curve}, events=(Event(9, "mosaic_off", "Mosaic is off."),))
    assert "jump_at_event" not in ids_of(graph)
    later = make_graph({"metrics/mAP_0.5:0.95": curve + 0.2}, events=(Event(9, "mosaic_off", "Mosaic is off."),))
    assert "jump_at_event" in ids_of(later)


def test_read_graph__a_jump_at_a_resume_is_a_warning() -> None:
    found = ids_of(make_graph(step_at(61, 0.4), events=(Event(61, "resume", "Resumed."),)))
    assert found["jump_at_resume"].severity == "warning"


def test_read_graph__a_spike_beside_an_event_is_not_one() -> None:
    run = with_spike()
    assert "spike" not in ids_of(make_graph(run, events=(Event(51, "lr_drop", "The learning rate fell."),)))


@pytest.mark.parametrize(
    ("epochs", "first", "expected"),
    [
        ([1, 2, 3, 7, 8], 1, "epochs jump from 3 to 7"),
        ([31, 32, 33, 34, 35], 1, "the first epoch is 31"),
        ([0, 1, 2, 3, 4], 0, None),
        ([5, 10, 15, 20, 25], 1, None),
    ],
)
def test_read_graph__resume_in_the_epoch_column(epochs: list[int], first: int, expected: str | None) -> None:
    graph = make_graph({"train/box_loss": fall(5)})
    graph = Graph(**{**vars(graph), "epochs": np.array(epochs), "first_epoch": first})
    found = ids_of(graph).get("resume_discontinuity")
    assert (found is None) if expected is None else (found is not None and expected in found.message)


def test_read_graph__epochs_written_again() -> None:
    graph = make_graph(healthy(), log_format="ultralytics_csv")
    old = Superseded(1, np.array([50, 51]), {MAP: np.array([0.1, 0.2])})
    found = ids_of(Graph(**{**vars(graph), "superseded": (old,)}))["resume_discontinuity"]
    assert "2 epochs were written again" in found.message
    assert found.epochs == (50, 51)


def test_read_graph__resumed_without_the_optimizer() -> None:
    graph = make_graph(healthy(), events=(Event(41, "resume", "Resumed."),))
    assert "resume_discontinuity" not in ids_of(graph)
    found = ids_of(Graph(**{**vars(graph), "settings": {"resumed_without_optimizer": 41}}))["resume_discontinuity"]
    assert found.epochs == (41, 41)
    assert "without the optimizer's state" in found.message


def test_read_graph__stopped_while_rising() -> None:
    graph = make_graph({**healthy(), MAP: np.linspace(0.1, 0.5, 100)}, events=(Event(100, "stop", "Stopped."),))
    assert "stopped_early" in ids_of(Graph(**{**vars(graph), "epochs_planned": 300}))
    assert "stopped_early" not in ids_of(Graph(**{**vars(graph), "epochs_planned": 300, "events": ()})), "still running"
    assert "stopped_early" not in ids_of(Graph(**{**vars(graph), "epochs_planned": 100}))


@pytest.mark.parametrize(("images", "is_found"), [(36, True), (50, False), ("?", False)])
def test_read_graph__few_images_of_a_split(images: object, is_found: bool) -> None:
    for split in ("train", "val"):
        graph = Graph(**{**vars(make_graph(healthy())), "settings": {f"dataset.splits.{split}.images": images}})
        assert (f"few_{split}_images" in ids_of(graph)) is is_found


@pytest.mark.parametrize(("images", "is_found"), [(3, True), (0, False), (None, False)])
def test_read_graph__val_images_that_are_also_in_train(images: object, is_found: bool) -> None:
    settings = {"dataset.splits.val.images": 60, "dataset.splits.val.also_in_train": images}
    found = ids_of(Graph(**{**vars(make_graph(healthy())), "settings": settings})).get("val_in_train")
    assert (found is not None) is is_found
    assert found is None or found.message.startswith("3 of 60 val images")


@pytest.mark.parametrize(
    ("precision", "recall", "loose", "words"),
    [
        (0.9, 0.4, 0.7, "Lower the confidence threshold first"),
        (0.9, 0.4, 0.4, "more examples"),
        (0.3, 0.9, 0.8, "Raise"),
    ],
)
def test_read_graph__whether_a_threshold_mends_an_imbalance(
    precision: float, recall: float, loose: float, words: str
) -> None:
    values = {"metrics/precision": precision, "metrics/recall": recall, "metrics/mAP_0.5": loose}
    found = ids_of(make_graph({**healthy(), **{key: np.full(100, value) for key, value in values.items()}}))
    assert words in found["precision_recall_imbalance"].remedy


def test_read_graph__best_epoch_tells_how_many_are_as_good() -> None:
    run = {**healthy(), MAP: climb(100, speed=15) + np.random.default_rng(0).normal(0, 0.01, 100)}
    evidence = ids_of(make_graph(run))["best_epoch"].evidence
    assert evidence["noise"] == pytest.approx(0.01, rel=0.4)
    assert isinstance(evidence["as_good"], int)
    assert evidence["as_good"] > 10
    assert evidence["bias"] == pytest.approx(0.022, abs=0.01)


def test_read_graph__a_best_epoch_without_equals_says_so() -> None:
    run = {**healthy(), MAP: np.append(climb(99, top=0.4), 0.6)}
    assert "no other is as good" in ids_of(make_graph(run))["best_epoch"].message


def test_read_graph__every_kind_is_tested_here() -> None:
    elsewhere = {
        "few_train_images",
        "few_val_images",
        "jump_at_event",
        "jump_at_resume",
        "resume_discontinuity",
        "stopped_early",
        "val_in_train",
    }
    assert set(CASES) | elsewhere == set(FINDING_WORDS)


def test_read_graph__odd_shapes() -> None:
    empty = Graph("r", "f", "p", np.array([], np.int64), {}, {})
    assert read_graph(empty).verdict == "cannot_tell"
    for count in (1, 2, 3, 4, 5, 6, 11):
        assert read_graph(make_graph(healthy(count))).findings
    zeros = {key: np.zeros(30) for key in healthy()}
    assert read_graph(make_graph(zeros)).verdict == "not_learning"
    negative = {key: -values for key, values in healthy(30).items()}
    assert read_graph(make_graph(negative)).findings
    huge = {key: values * 1e307 for key, values in healthy(30).items()}
    assert read_graph(make_graph(huge)).findings


@pytest.mark.parametrize("table", [VERDICT_WORDS, FINDING_WORDS], ids=["verdicts", "findings"])
def test_words__are_whole_sentences(table: dict[str, reading.words.Words]) -> None:
    for key, words in table.items():
        for text in words[1:]:
            assert text[0].isupper() or text[0].isdigit() or text[0] in "{m", (key, text)
            assert text.endswith((".", "}")), (key, text)
        fields = {name for _, name, _, _ in string.Formatter().parse(words.rule + words.source) if name}
        assert not fields, key


def test_thresholds__each_is_used_and_has_a_source() -> None:
    source = "".join(p.read_text("utf-8") for p in Path(reading.__file__).parent.glob("*.py"))
    for name, threshold in THRESHOLDS.items():
        assert f'limit("{name}")' in source, f"{name} is used nowhere"
        assert threshold.source
        assert threshold.meaning
