"""Rules as documented, case by case. Run: pytest tests/deploy/test_sampling.py."""

import datetime
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.boxes import Detections
from epochal.deploy.sampling import batch_name, fits, matching_rules, span_of
from epochal.deploy.sampling_config import Limit, Rule, SamplingConfig, parse_sampling_config
from epochal.errors import BadInput

NAMES = ("cat", "dog")


def found(*boxes: tuple[int, float]) -> Detections:
    n = len(boxes)
    return Detections(
        np.ones((n, 4), np.float32), np.float32([c for _, c in boxes]), np.array([k for k, _ in boxes], np.int64)
    )


CLOSE = Rule("r", "close_to_threshold", 1.0, threshold=0.5, epsilon=0.1)
MANY = Rule("r", "detections_number_based", 1.0, more_than=1, less_than=4)
ONLY_DOGS = Rule("r", "classes_based", 1.0, class_names=("dog",))


@pytest.mark.parametrize(
    ("rule", "detections", "expected"),
    [
        (Rule("r", "random", 1.0), found(), True),
        (CLOSE, found((0, 0.55)), True),
        (CLOSE, found((0, 0.45)), True),
        (CLOSE, found((0, 0.61)), False),
        (CLOSE, found((0, 0.625), (0, 0.9)), False),
        (CLOSE, found(), False),
        (Rule("r", "close_to_threshold", 1.0, threshold=0.5, epsilon=0.1, at_least=2), found((0, 0.5)), False),
        (Rule("r", "close_to_threshold", 1.0, 0.5, 0.1, at_least=2), found((0, 0.5), (1, 0.5)), True),
        (Rule("r", "close_to_threshold", 1.0, 0.5, 0.1, class_names=("dog",)), found((0, 0.5)), False),
        (Rule("r", "close_to_threshold", 1.0, 0.5, 0.1, class_names=("dog",)), found((1, 0.5)), True),
        (ONLY_DOGS, found((0, 0.9)), False),
        (ONLY_DOGS, found((0, 0.9), (1, 0.3)), True),
        (MANY, found((0, 0.9)), False),
        (MANY, found((0, 0.9), (1, 0.9)), True),
        (MANY, found(*[(0, 0.9)] * 4), False),
        (Rule("r", "detections_number_based", 1.0, less_than=1), found(), True),
        (Rule("r", "detections_number_based", 1.0, more_than=0, class_names=("cat",)), found((1, 0.9)), False),
    ],
)
def test_fits(rule: Rule, detections: Detections, expected: bool) -> None:
    assert fits(rule, detections, NAMES) is expected


def test_matching_rules__share_is_the_probability_and_a_seed_repeats_it() -> None:
    rules = [Rule("never", "random", 0.0), Rule("some", "random", 0.25), Rule("always", "random", 1.0)]

    def run(seed: int) -> list[list[str]]:
        random = Random(seed)
        return [[rule.name for rule in matching_rules(rules, found(), NAMES, random)] for _ in range(4000)]

    kept = run(1)
    assert kept == run(1)
    assert kept != run(2)
    assert all(names[-1] == "always" and "never" not in names for names in kept)
    assert sum("some" in names for names in kept) == pytest.approx(1000, abs=120)


@given(st.dates(datetime.date(2000, 1, 1)))
def test_batch_name__is_the_first_day_of_its_span(day: datetime.date) -> None:
    assert batch_name("al", "never", day) == "al"
    assert batch_name("al", "daily", day) == f"al_{day:%Y_%m_%d}"
    assert batch_name("al", "monthly", day) == f"al_{day:%Y_%m}_01"
    week = datetime.datetime.strptime(batch_name("al", "weekly", day), "al_%Y_%m_%d").date()
    assert week.weekday() == 0
    assert 0 <= (day - week).days < 7


def test_span_of() -> None:
    now = datetime.datetime(2026, 11, 25, 21, 7, 59, tzinfo=datetime.UTC)
    assert [span_of(limit, now) for limit in ("minutely", "hourly", "daily")] == [
        "minutely:2026-11-25T21:07", "hourly:2026-11-25T21", "daily:2026-11-25"
    ]  # fmt: skip


def _random(**more: object) -> dict[str, object]:
    return {"sampling_strategies": [{"name": "a", "type": "random", "traffic_percentage": 0.1, **more}]}


def test_parse_sampling_config__the_whole_form() -> None:
    config = parse_sampling_config({
        "enabled": True, "persist_predictions": False,
        "batching_strategy": {"batches_name_prefix": "al", "recreation_interval": "weekly", "max_batch_images": 99},
        "sampling_strategies": [
            {"name": "a", "type": "random", "traffic_percentage": 0.1, "tags": ["x"],
             "limits": [{"type": "minutely", "value": 3}, {"type": "daily", "value": 0}]},
            {"name": "b", "type": "close_to_threshold", "threshold": 0.4, "epsilon": 0.2, "probability": 0.5,
             "selected_class_names": ["dog"], "minimum_objects_close_to_threshold": 2},
            {"name": "c", "type": "classes_based", "probability": 1, "selected_class_names": ["cat"]},
            {"name": "d", "type": "detections_number_based", "probability": 0.3, "more_than": 3, "less_than": None},
        ],
        "max_image_size": [720, 1280], "jpeg_compression_level": 85, "tags": ["prod"],
    })  # fmt: skip
    assert config == SamplingConfig(
        enabled=True,
        persist_predictions=False,
        batch_prefix="al",
        recreation_interval="weekly",
        max_batch_images=99,
        rules=(
            Rule("a", "random", 0.1, tags=("x",), limits=(Limit("minutely", 3), Limit("daily", 0))),
            Rule("b", "close_to_threshold", 0.5, 0.4, 0.2, at_least=2, class_names=("dog",)),
            Rule("c", "classes_based", 1.0, class_names=("cat",)),
            Rule("d", "detections_number_based", 0.3, more_than=3),
        ),
        max_image_wh=(1280, 720),
        jpeg_quality=85,
        tags=("prod",),
    )
    assert parse_sampling_config({}) == SamplingConfig()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "config is"),
        ({"enabledd": True}, "'enabledd', which is not known"),
        ({"enabled": "yes"}, "enabled is 'yes'; expected true or false"),
        ({"batching_strategy": {"recreation_interval": "yearly"}}, "recreation_interval is 'yearly'"),
        ({"batching_strategy": {"batches_name_prefix": " "}}, "batches_name_prefix is"),
        ({"batching_strategy": {"max_batch_images": 0}}, "max_batch_images is 0"),
        ({"sampling_strategies": {}}, None),
        ({"sampling_strategies": "x"}, "sampling_strategies is 'x'"),
        ({"sampling_strategies": [{"name": "a", "type": "magic"}]}, r"sampling_strategies\[0\]\.type is 'magic'"),
        (_random(traffic_percentage=10), "traffic_percentage is 10; expected a number from 0 to 1"),
        (_random(probability=1), "'probability', which is not known there"),
        (_random(name=""), "name is ''"),
        (_random(limits=[{"type": "yearly", "value": 1}]), "limits.type is 'yearly'"),
        (_random(limits=[{"type": "daily"}]), "limits.value is missing"),
        (_random(tags=["a", 3]), "tags is 3"),
        ({"sampling_strategies": [*_random()["sampling_strategies"] * 2]}, "Two sampling_strategies have one name"),  # type: ignore[misc]
        ({"sampling_strategies": [{"name": "c", "type": "classes_based"}]}, "at least one class name"),
        (
            {"sampling_strategies": [{"name": "c", "type": "detections_number_based", "more_than": 3, "less_than": 4}]},
            "which no image has",
        ),
        ({"max_image_size": [100]}, r"expected \[height, width\]"),
        ({"jpeg_compression_level": 101}, "from 1 to 100"),
    ],
)
def test_parse_sampling_config__nonsense_is_told_by_its_place(given: object, message: str | None) -> None:
    if message is None:
        assert parse_sampling_config(given).rules == ()
        return
    with pytest.raises(BadInput, match=message):
        parse_sampling_config(given)
