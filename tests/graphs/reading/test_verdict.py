"""One drawn run for every verdict, and its neighbours. Run: pytest tests/graphs/reading/test_verdict.py."""

import math
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from epochal.graphs.graph import Graph, Superseded
from epochal.graphs.reading.facts import collect_facts
from epochal.graphs.reading.verdict import judge
from graphs.runs import MAP, climb, fall, healthy, make_graph

Columns = dict[str, NDArray[np.float64]]


def verdict_of(columns: Columns) -> str:
    return judge(collect_facts(make_graph(columns))).verdict


def wiggle(count: int, size: float, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0, size, count)


def overfit(count: int = 100) -> Columns:
    """From the middle on val losses rise and mAP falls, while train goes on falling."""
    x = np.arange(count) / count
    turn = np.maximum(0, x - 0.4)
    run = healthy(count)
    run["val/box_loss"] = fall(count, bottom=0.9, speed=8) + turn
    run["val/cls_loss"] = fall(count, bottom=0.9, speed=8) + 2 * turn
    run[MAP] = climb(count, speed=8) - 0.2 * turn
    return run


ZIGZAG = np.resize([1.0, -1.0], 100)
CASES: list[tuple[str, str, Columns]] = [
    ("healthy_converged", "levels late", healthy()),
    ("plateaued", "flat from a third on", {**healthy(), MAP: climb(100, speed=15)}),
    ("plateaued", "a fine-tune that began at its best", {**healthy(), MAP: 0.5 + wiggle(100, 0.002)}),
    ("improving_still", "linear to the end", {**healthy(), MAP: np.linspace(0.05, 0.5, 100)}),
    ("overfitting", "val losses up, mAP down", overfit()),
    ("improving_still", "val loss up but mAP up too", {**overfit(), MAP: np.linspace(0.05, 0.5, 100)}),
    ("unstable_noisy", "swings of a third", {**healthy(), MAP: 0.3 + 0.1 * np.resize([1.0, -1.0], 100)}),
    ("unstable_noisy", "two collapses late", {**healthy(), MAP: np.where(np.isin(np.arange(100), [60, 80]), 0.1, 0.5)}),
    ("not_learning", "stays under 0.02", {**healthy(20), MAP: 0.003 + wiggle(20, 0.001)}),
    ("not_learning", "one odd row", {**healthy(30), MAP: np.append(np.full(29, 0.001), 0.12)}),
    (
        "improving_still",
        "takes off late",
        {**healthy(30), MAP: np.append(np.full(25, 0.004), np.geomspace(0.01, 0.2, 5))},
    ),
    ("not_learning", "five zeros", {**healthy(5), MAP: np.zeros(5)}),
    ("too_short_to_tell", "four zeros", {**healthy(4), MAP: np.zeros(4)}),
    ("too_short_to_tell", "nine rows", healthy(9)),
    ("too_short_to_tell", "eleven rows, steep", {**healthy(11), MAP: np.linspace(0.01, 0.4, 11)}),
    ("improving_still", "thirteen rows, steep", {**healthy(13), MAP: np.linspace(0.01, 0.4, 13)}),
    ("improving_still", "tiny but rising all the way", {**healthy(40), MAP: np.linspace(0.0, 0.015, 40)}),
    ("cannot_tell", "no mAP at all", {"train/box_loss": fall(50)}),
    ("cannot_tell", "only NaN", {**healthy(50), MAP: np.full(50, math.nan), "metrics/mAP_0.5": np.full(50, math.nan)}),
    (
        "healthy_converged",
        "flat in the last third, but climbing until then",
        {**healthy(), MAP: np.concatenate([np.linspace(0.05, 0.5, 68), 0.5 + 0.02 * ZIGZAG[:32]])},
    ),
    (
        "improving_still",
        "swings wide, but around a climb that no swing could make",
        {**healthy(60), MAP: np.linspace(0.05, 0.5, 60) + 0.05 * ZIGZAG[:60]},
    ),
    (
        "improving_still",
        "a dip on the way up is no plateau",
        {
            **healthy(60),
            MAP: np.append(np.geomspace(0.03, 0.4, 50), [0.3, 0.29, 0.28, 0.3, 0.31, 0.31, 0.33, 0.33, 0.34, 0.34]),
        },
    ),
    (
        "plateaued",
        "began at its best, fell, and came back",
        {
            **healthy(60),
            MAP: np.concatenate([np.full(30, 0.5), np.linspace(0.5, 0.42, 15), np.linspace(0.42, 0.48, 15)]),
        },
    ),
    (
        "overfitting",
        "mAP falls late, long after a val loss turned up",
        {**overfit(), MAP: np.append(np.linspace(0.1, 0.5, 88), np.linspace(0.44, 0.38, 12))},
    ),
]


@pytest.mark.parametrize(("expected", "why", "columns"), CASES, ids=[f"{case[0]}: {case[1]}" for case in CASES])
def test_judge(expected: str, why: str, columns: Columns) -> None:
    assert verdict_of(columns) == expected, why


@pytest.mark.parametrize("seed", range(5))
def test_judge__far_below_the_best_by_noise_alone_is_not_healthy(seed: int) -> None:
    """A late rise is healthy with little noise; with more, the end lies far below a best that is chance."""
    rise = climb(60, speed=3)
    assert verdict_of({**healthy(60), MAP: rise + wiggle(60, 0.004, seed)}) in ("healthy_converged", "improving_still")
    found = judge(collect_facts(make_graph({**healthy(60), MAP: rise + wiggle(60, 0.06, seed)})))
    assert found.verdict != "healthy_converged" or cast("float", found.evidence["distance"]) <= 0.05


@pytest.mark.parametrize("begin", [12, 60, 99])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_judge__train_loss_that_becomes_nan(begin: int, value: float) -> None:
    run = healthy()
    run["train/box_loss"][begin:] = value
    assert verdict_of(run) == "diverged_or_nan"


def test_judge__divergence_needs_no_map() -> None:
    assert verdict_of({"train/box_loss": np.array([1.0, 0.5, math.nan])}) == "diverged_or_nan"


def test_judge__one_infinite_row_that_recovers_is_no_divergence() -> None:
    run = healthy()
    run["train/box_loss"][50] = math.inf
    assert verdict_of(run) == verdict_of(healthy())


def test_judge__nan_in_val_only_is_no_divergence() -> None:
    run = healthy()
    run["val/cls_loss"][90:] = math.nan
    assert verdict_of(run) == verdict_of(healthy())


def test_judge__losses_blow_up_and_map_collapses() -> None:
    run = healthy(60)
    run["train/box_loss"][30:] = 4.0
    run[MAP][30:] = 0.01
    assert verdict_of(run) == "diverged_or_nan"
    run[MAP][50:] = 0.5  # it recovers
    assert verdict_of(run) != "diverged_or_nan"


def test_judge__rows_without_validation_do_not_count() -> None:
    run = {key: np.where(np.arange(50) < 49, 0.0, 0.5) if not key.startswith("train/") else values
           for key, values in healthy(50).items()}  # fmt: skip
    assert verdict_of(run) == "cannot_tell"
    every_fifth = {key: np.where(np.arange(200) % 5 == 4, values, 0.0) if not key.startswith("train/") else values
                   for key, values in healthy(200).items()}  # fmt: skip
    assert verdict_of(every_fifth) == verdict_of(healthy(200))


def test_judge__of_many_short_tries_all_rows_count() -> None:
    graph = make_graph({MAP: [0.0, 0.0]}, log_format="ultralytics_csv")
    tries = tuple(Superseded(n, np.array([1, 2]), {MAP: np.zeros(2)}) for n in (1, 2))
    assert judge(collect_facts(Graph(**{**vars(graph), "superseded": tries}))).verdict == "not_learning"


def test_judge__of_several_trainings_in_a_file_all_rows_count_in_their_order() -> None:
    """A training that died is forgotten when a long one follows; one that follows a long one is how it ends."""
    graph = make_graph({**healthy()}, log_format="ultralytics_csv")
    dead = {"train/box_loss": np.full(20, 900.0), MAP: np.full(20, 0.0)}
    for attempts, expected in ((2, "healthy_converged"), (1, "diverged_or_nan")):
        part = Superseded(3 - attempts, np.arange(1, 21), dead)
        own = np.full(len(graph.epochs), attempts)
        found = judge(collect_facts(Graph(**{**vars(graph), "superseded": (part,), "attempts": own})))
        assert found.verdict == expected


@pytest.mark.parametrize("seed", range(5))
def test_judge__noise_does_not_change_it(seed: int) -> None:
    for expected, columns in (("improving_still", CASES[3][2]), ("plateaued", CASES[1][2]), ("overfitting", overfit())):
        noisy = {key: values + wiggle(100, 0.004, seed) for key, values in columns.items()}
        assert verdict_of(noisy) == expected


@pytest.mark.parametrize("scale", [0.1, 10.0])
def test_judge__does_not_depend_on_the_scale_of_losses(scale: float) -> None:
    run = {key: values * scale if "loss" in key else values for key, values in overfit().items()}
    assert verdict_of(run) == "overfitting"
