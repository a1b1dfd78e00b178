"""What may be asked of a training. Run: pytest tests/jobs/test_recipes.py."""

import dataclasses
import json

import hypothesis
import hypothesis.strategies as st
import pytest

from epochal.errors import BadInput
from epochal.jobs.recipes import (
    _FIELDS,
    AUGMENTATIONS,
    HYPERPARAMETERS,
    Knob,
    default_values,
    describe_recipe,
    parse_model_type,
    parse_recipe,
)
from epochal.training.recipe import GOING_ON, Recipe


@pytest.mark.parametrize("model_type", ["fast", "fast-n", "fast-s", "fast-m"])
def test_template__is_accepted_and_changes_nothing(model_type: str) -> None:
    template = describe_recipe(model_type)["template"]
    assert set(template["hyperparameters"]) == set(HYPERPARAMETERS)
    assert [step["name"] for step in template["online_augmentation"]] == list(AUGMENTATIONS)
    assert parse_recipe(template) == default_values() | {"seed": 0}


def test_template__leaves_open_what_follows_from_the_weights_to_start_from() -> None:
    told = describe_recipe("fast")["template"]["hyperparameters"]
    assert {name for name, value in told.items() if value is None} == (
        {"epochs", "image_size", "batch_size"} | (set(GOING_ON) & set(HYPERPARAMETERS))
    )
    assert not set(GOING_ON) & set(default_values()) - {"mosaic"}


def test_fields__are_fields_of_the_recipe_that_trains() -> None:
    known = {field.name for field in dataclasses.fields(Recipe)}
    assert set(default_values()) <= known
    assert set(HYPERPARAMETERS) - {"image_size"} <= known


def test_parse_recipe__takes_numbers_as_texts_and_leaves_null_out() -> None:
    given = {"hyperparameters": {"epochs": "12", "muon_lr": 0.01, "batch_size": None}}
    assert parse_recipe(given) == {"epochs": 12, "muon_lr": 0.01}
    assert parse_recipe({}) == {}


def test_parse_recipe__an_augmentation_that_is_not_listed_is_off() -> None:
    values = parse_recipe({"online_augmentation": [{"name": "flip", "probability": 0.3}, {"name": "mosaic"}]})
    assert (values["flip"], values["scale"], values["hue"]) == (0.3, 0.0, 0.0)
    assert (values["mosaic"], values["mosaic_off"]) == (0.5, 0.7)
    assert parse_recipe({"online_augmentation": []})["flip"] == 0.0


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"hyperparameters": {"epochs": 0}}, "hyperparameters.epochs is 0; expected a whole number from 1"),
        ({"hyperparameters": {"epochs": 1.5}}, "epochs is 1.5"),
        ({"hyperparameters": {"muon_lr": "nan"}}, "muon_lr"),
        ({"hyperparameters": {"muon_lr": True}}, "muon_lr"),
        ({"hyperparameters": {"device": "cuda"}}, "has no 'device'"),
        ({"hyperparameters": []}, "expected an object"),
        ({"code": "x"}, "has no 'code'"),
        ({"online_augmentation": {"name": "flip"}}, "expected a list"),
        ({"online_augmentation": [{"name": "cutout"}]}, "'cutout'; expected one of mosaic"),
        ({"online_augmentation": [{"name": "flip", "p": 1}]}, "has no 'p'"),
        ({"online_augmentation": [{"name": "flip", "probability": 2}]}, "flip.probability is 2"),
        ({"online_augmentation": [3]}, "expected an object"),
    ],
)
def test_parse_recipe__says_what_is_wrong(given: dict[str, object], names: str) -> None:
    with pytest.raises(BadInput, match=names.replace("[", r"\[")):
        parse_recipe(given)


def test_parse_model_type() -> None:
    assert parse_model_type("fast") == "fast-n"
    with pytest.raises(BadInput, match="expected one of fast"):
        parse_model_type("huge")


# Any JSON: with the names of the schema among the keys, so that most of it gets past the first door.
NAMES = [*HYPERPARAMETERS, *AUGMENTATIONS, "hyperparameters", "online_augmentation", "name", "probability", "strength"]
KEYS = st.sampled_from(NAMES) | st.text(max_size=8)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats()
    | st.text(max_size=12) | st.sampled_from(NAMES)
    | st.sampled_from(["1", "0.5", "1e400", "-0", "١", "0x10", "__import__('os')", "nan", " 3 ", "1_000"])
)  # fmt: skip
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
SETTINGS = dict.fromkeys(("probability", "until", "strength", "hue"), LEAVES)
STEPS = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from(list(AUGMENTATIONS)) | JSON}, optional=SETTINGS), max_size=4
)
NUMBERS = st.dictionaries(st.sampled_from(list(HYPERPARAMETERS)) | KEYS, LEAVES | JSON, max_size=5)
PARTS = {"hyperparameters": NUMBERS | JSON, "online_augmentation": STEPS | JSON}
RECIPES = st.fixed_dictionaries({}, optional=PARTS) | st.dictionaries(KEYS, JSON, max_size=4)


def bounds() -> dict[str, Knob]:
    steps = {_FIELDS[name, setting]: knob for name, knobs in AUGMENTATIONS.items() for setting, knob in knobs.items()}
    return HYPERPARAMETERS | steps


@hypothesis.settings(max_examples=600)
@hypothesis.given(given=RECIPES)
def test_any_recipe__is_read_within_its_bounds_or_refused_with_a_sentence(given: dict[str, object]) -> None:
    try:
        values = parse_recipe(given)
    except BadInput as error:
        said = str(error)
        assert said.startswith("recipe: ")
        assert ("expected" in said) or ("has no" in said)
        assert len(said) < 500
        return
    known = bounds()
    for name, value in values.items():
        assert known[name].low <= value <= known[name].high or value == 0.0, (name, value)  # 0: an augmentation is off
        assert type(value) in (int, float)
    json.dumps(values, allow_nan=False)
    assert parse_recipe({"hyperparameters": {n: v for n, v in values.items() if n in HYPERPARAMETERS}}) == {
        n: v for n, v in values.items() if n in HYPERPARAMETERS
    }
