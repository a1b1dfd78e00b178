"""What may be asked of a training. Run: pytest tests/jobs/test_recipes.py."""

import dataclasses

import pytest

from epochal.errors import BadInput
from epochal.jobs.recipes import (
    AUGMENTATIONS,
    HYPERPARAMETERS,
    default_values,
    describe_recipe,
    parse_model_type,
    parse_recipe,
)
from epochal.training.recipe import Recipe


@pytest.mark.parametrize("model_type", ["fast", "fast-n", "fast-s", "fast-m"])
def test_template__is_accepted_and_changes_nothing(model_type: str) -> None:
    template = describe_recipe(model_type)["template"]
    assert set(template["hyperparameters"]) == set(HYPERPARAMETERS)
    assert [step["name"] for step in template["online_augmentation"]] == list(AUGMENTATIONS)
    assert parse_recipe(template) == default_values() | {"seed": 0}


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
