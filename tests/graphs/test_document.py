"""The graph document is plain JSON and keeps the contract. Run: pytest tests/graphs/test_document.py."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from epochal.graphs.document import build_document, find_best
from epochal.graphs.graph import Event, Graph, Superseded
from graphs.runs import MAP, healthy, make_graph


def test_build_document__keys_of_the_contract() -> None:
    graph = make_graph(healthy(12), events=(Event(2, "warmup_end", "Warm-up ended."),))
    document = build_document(graph, recipe={"recipe": {"lr": 0.1}, "reasons": {}, "dataset": {"images": 3}})
    assert set(document) == {
        "name", "source", "first_epoch", "epochs", "epochs_planned", "series", "marks", "superseded", "events", "best",
        "verdict", "findings", "definitions", "notes", "recipe", "dataset",
    }  # fmt: skip
    assert document["epochs"] == list(range(1, 13))
    assert document["events"] == [{"epoch": 2, "event": "warmup_end", "label": "Warm-up ended."}]
    assert document["definitions"][MAP]["title"] == "mAP_0.5:0.95"
    assert set(document["findings"][0]) == {
        "id", "severity", "epochs", "message", "remedy", "confidence", "rule", "source", "would_change", "evidence",
        "command",
    }  # fmt: skip
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_build_document__settings_of_another_trainer_are_the_recipe() -> None:
    graph = replace(make_graph(healthy(12), log_format="ultralytics"), settings={"mosaic": 1.0, "freeze": None})
    assert build_document(graph)["recipe"] == {"mosaic": 1.0, "freeze": None}
    assert build_document(graph, recipe={"recipe": {"lr": 0.1}})["recipe"] == {"lr": 0.1}


def test_build_document__missing_is_null_and_nan_is_a_mark() -> None:
    graph = Graph(
        name="r",
        format="epochal",
        path="r",
        epochs=np.array([0, 1, 2, 3]),
        series={"train/box_loss": np.array([1.0, np.nan, np.inf, np.nan])},
        present={"train/box_loss": np.array([True, False, True, True])},
        first_epoch=0,
        superseded=(Superseded(1, np.array([2]), {"train/box_loss": np.array([np.nan])}),),
    )
    document = build_document(graph)
    assert document["series"] == {"train/box_loss": [1.0, None, None, None]}
    assert document["marks"] == [
        {"series": "train/box_loss", "epoch": 2, "value": "Infinity"},
        {"series": "train/box_loss", "epoch": 3, "value": "NaN"},
    ]
    assert document["superseded"] == [{"attempt": 1, "epochs": [2], "series": {"train/box_loss": [None]}}]
    json.dumps(document, allow_nan=False)


@pytest.mark.parametrize(
    ("values", "epoch"),
    [([0.1, 0.4, 0.4, 0.2], 2), ([math.nan, 0.2, math.inf, 0.3], 4), ([0.0, 0.0, 0.0, 0.0], 1)],
)
def test_find_best__first_of_equals_and_only_finite(values: list[float], epoch: int) -> None:
    best = find_best(make_graph({MAP: values, "metrics/mAP_0.5": [0.9, 0, 0, 0]}))
    assert best is not None
    assert (best["epoch"], best["metric"], best["value"]) == (epoch, MAP, values[epoch - 1])


def test_find_best__without_map() -> None:
    assert find_best(make_graph({MAP: [math.nan], "metrics/mAP_0.5": [0.5]})) == {
        "epoch": 1,
        "metric": "metrics/mAP_0.5",
        "value": 0.5,
    }
    assert find_best(make_graph({"lr": [0.1], MAP: [math.nan]})) is None


def superseded_graph(log_format: str) -> Graph:
    graph = make_graph({MAP: [0.1, 0.2, 0.3]}, log_format=log_format)
    old = Superseded(1, np.array([2, 3]), {MAP: np.array([0.2, 0.9])})
    return Graph(**{**vars(graph), "superseded": (old,)})


def test_find_best__of_a_foreign_log_is_over_all_its_rows() -> None:
    assert find_best(superseded_graph("ultralytics_csv")) == {"epoch": 3, "metric": MAP, "value": 0.9}


def test_find_best__of_our_run_is_what_still_has_weights() -> None:
    assert find_best(superseded_graph("epochal")) == {"epoch": 3, "metric": MAP, "value": 0.3}
