"""Several runs beside each other. Run: pytest tests/graphs/test_comparison.py."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from epochal.boxes import Detections
from epochal.evaluation import GroundTruth, StoredMatches, save_matches
from epochal.evaluation.matching import match_detections
from epochal.graphs.comparison import band, compare, compare_recipes, find_repeats, tell_apart
from epochal.graphs.graph import Graph
from graphs.runs import MAP, healthy, make_graph


def run_of(name: str, top: float, settings: dict[str, object], path: Path | None = None) -> Graph:
    graph = make_graph({**healthy(20), MAP: np.linspace(0.1, top, 20)}, name=name)
    return Graph(**{**vars(graph), "settings": settings, "path": str(path or name)})


def test_band__by_hand() -> None:
    mean, low, high = band([np.array([1.0, np.nan, 5.0]), np.array([3.0, 2.0])])
    np.testing.assert_allclose(mean, [2.0, 2.0, 5.0])
    np.testing.assert_allclose(high - mean, [np.sqrt(2), 0, 0])
    np.testing.assert_allclose(mean - low, [np.sqrt(2), 0, 0])


def test_band__a_row_without_values_is_a_gap() -> None:
    mean, low, _ = band([np.array([np.nan]), np.array([np.inf])])
    assert np.isnan([mean[0], low[0]]).all()


def test_tell_apart__by_the_folders_above(tmp_path: Path) -> None:
    files = [tmp_path / name / "train" / "results.csv" for name in ("a", "b")]
    for file in files:
        file.parent.mkdir(parents=True)
        file.touch()
    graphs = [replace(make_graph(healthy(12), name="train"), path=str(path)) for path in (*files, files[0])]
    other = make_graph(healthy(12), name="other")
    names = [graph.name for graph in tell_apart([graphs[0], other, graphs[1]])]
    assert names == ["a/train", "other", "b/train"]
    twice = [graph.name for graph in tell_apart(graphs)]
    assert twice[1] == "b/train"
    assert twice[2] == f"{twice[0]} (2)"


def test_find_repeats__seed_and_names_do_not_count() -> None:
    graphs = [
        run_of("a", 0.5, {"lr": 0.1, "seed": 0, "name": "a"}),
        run_of("b", 0.5, {"lr": 0.2, "seed": 0, "name": "b"}),
        run_of("c", 0.5, {"lr": 0.1, "seed": 1, "name": "c"}),
        run_of("d", 0.5, {}),
        run_of("e", 0.5, {}),
    ]
    assert find_repeats(graphs) == [[0, 2], [1], [3], [4]]


def test_compare_recipes__differences_first() -> None:
    graphs = [
        run_of("a", 0.5, {"b": 1, "z": [1], "a": 2.0}),
        run_of("b", 0.5, {"b": 1, "z": [2], "only": float("nan")}),
    ]
    assert compare_recipes(graphs) == [
        {"field": "a", "values": [2.0, None], "differs": True},
        {"field": "only", "values": [None, "nan"], "differs": True},
        {"field": "z", "values": ["[1]", "[2]"], "differs": True},
        {"field": "b", "values": [1, 1], "differs": False},
    ]


def test_compare__repeats_have_mean_and_band() -> None:
    graphs = [run_of("a", 0.5, {"lr": 0.1, "seed": 0}), run_of("b", 0.6, {"lr": 0.1, "seed": 1})]
    found = json.loads(json.dumps(compare(graphs), allow_nan=False))
    (group,) = found["groups"]
    assert group["runs"] == [0, 1]
    assert group["best"] == {"mean": pytest.approx(0.55), "sd": pytest.approx(0.0707, abs=1e-4), "runs": 2}
    assert group["series"][MAP]["mean"][-1] == pytest.approx(0.55)
    assert group["series"][MAP]["high"][-1] == pytest.approx(0.6207, abs=1e-4)
    assert "2 repeats reach 0.5500 ± 0.0707" in group["sentence"]


def test_compare__one_run_each_is_no_proof() -> None:
    found = compare([run_of("a", 0.5, {}), run_of("b", 0.45, {})])
    (pair,) = found["pairs"]
    assert pair["difference"] == pytest.approx(-0.05)
    assert pair["sentence"].startswith("a is 5.0 points of mAP above b")
    assert "cannot be told" in pair["sentence"]
    assert found["groups"] == []


@pytest.mark.parametrize(
    ("one", "two", "is_told"),
    [
        ({"data": "a.yaml"}, {"data": "b.yaml"}, True),
        ({"data": "a.yaml"}, {"data": "a.yaml"}, False),
        ({"data": "a.yaml"}, {}, False),
        ({"dataset.fingerprint": "1"}, {"dataset.fingerprint": "2"}, True),
    ],
)
def test_compare__other_data_is_told(one: dict[str, object], two: dict[str, object], is_told: bool) -> None:
    (pair,) = compare([run_of("a", 0.5, one), run_of("b", 0.45, two)])["pairs"]
    assert ("different data" in pair["sentence"]) is is_told


def test_compare__without_map() -> None:
    found = compare([make_graph({"train/box_loss": [1.0, 2.0]}), run_of("b", 0.45, {})])
    assert found["pairs"][0]["difference"] is None


def evaluated(folder: Path, shift: float) -> Graph:
    """A run folder with matches of 40 images with one box each, found with its edges off by `shift` pixels."""
    folder.mkdir()
    box = np.array([[10, 10, 50, 50]], np.float32)
    zero = np.zeros(1, np.int64)
    truths = [GroundTruth(box, zero, np.zeros(1, bool), (64, 64)) for _ in range(40)]
    rng = np.random.default_rng(0)
    found = [
        Detections(box + np.float32(shift * rng.uniform(0.8, 1.2)), np.array([0.9], np.float32), zero)
        for _ in range(40)
    ]
    names = [f"{at}.jpg" for at in range(40)]
    ranking = match_detections(truths, found, 1)[1]
    save_matches(folder / "matches.npz", StoredMatches(ranking, tuple(names), ("cat",)))
    return run_of(folder.name, 0.5, {}, folder)


def test_compare__paired_bootstrap_where_both_kept_their_matches(tmp_path: Path) -> None:
    found = compare([evaluated(tmp_path / "a", 5.0), evaluated(tmp_path / "b", 1.0)])
    (pair,) = found["pairs"]
    assert pair["method"] == "paired_bootstrap"
    assert pair["images"] == 40
    assert pair["is_real"]
    assert 0 < pair["low"] < pair["difference"] < pair["high"]
    assert pair["sentence"].startswith("b is better than a by ")


def test_compare__damaged_matches_are_told_and_the_numbers_stay(tmp_path: Path) -> None:
    one, two = evaluated(tmp_path / "a", 5.0), evaluated(tmp_path / "b", 1.0)
    (tmp_path / "b" / "matches.npz").write_bytes(b"PK")
    (pair,) = compare([one, two])["pairs"]
    assert pair["method"] == "numbers"
    assert "matches.npz" in pair["note"]
