"""What a user leaves open follows from the data, with a reason. Run: pytest tests/training/test_recipe.py."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from epochal.datasets import Dataset, Image
from epochal.errors import BadInput
from epochal.training.recipe import GOING_ON, Dial, Machine, Recipe, derive_recipe, steps_per_epoch

ONE_CORE = Machine(threads=1, native_bf16=True)


def make_image(number: int, wh: tuple[int, int] = (640, 480), side: float = 64.0, split: str = "train") -> Image:
    boxes = np.array([[0, 0, side, side]], np.float32)
    name = f"{number}.jpg"
    return Image(Path(name), name, wh, split, boxes, np.zeros(1, np.int64), np.zeros(1, bool), True, name)


def make_dataset(count: int = 100, wh: tuple[int, int] = (640, 480), side: float = 64.0) -> Dataset:
    images = tuple(make_image(number, wh, side) for number in range(count))
    return Dataset(Path(), "d", "coco", ("a",), images, (), ())


@pytest.mark.parametrize(
    ("wh", "side", "canvas_wh", "why"),
    [
        ((640, 480), 64.0, (320, 256), "boxes of 64 in 640 are 32 px at 320: the smallest size will do"),
        ((640, 480), 25.6, (416, 320), "16 px at 400, so 416 is the first that has them"),
        ((640, 480), 8.0, (640, 480), "too small for any size: the largest"),
        ((480, 640), 64.0, (256, 320), "upright images have an upright canvas"),
        ((500, 500), 64.0, (320, 320), "square"),
        ((4000, 100), 400.0, (320, 64), "a canvas is never narrower than two points of the coarsest map"),
    ],
)
def test_derive_recipe__canvas_follows_boxes_and_shape(
    wh: tuple[int, int], side: float, canvas_wh: tuple[int, int], why: str
) -> None:
    recipe, reasons = derive_recipe(make_dataset(wh=wh, side=side), Dial(), ONE_CORE)
    assert recipe.canvas_wh == canvas_wh, why
    assert f"{canvas_wh[0]}×{canvas_wh[1]}" in reasons["canvas_wh"]


def test_derive_recipe__canvas_is_square_for_images_of_many_shapes() -> None:
    images = [make_image(i, (640, 480) if i % 2 else (480, 640)) for i in range(10)]
    dataset = dataclasses.replace(make_dataset(), images=tuple(images))
    recipe, reasons = derive_recipe(dataset, Dial(), ONE_CORE)
    assert recipe.canvas_wh == (320, 320)
    assert "square, because" in reasons["canvas_wh"]


@pytest.mark.parametrize(("asked", "long_side"), [(64, 64), (96, 96), (100, 96), (320, 320), (2048, 2048)])
def test_derive_recipe__image_size_as_given(asked: int, long_side: int) -> None:
    recipe, _ = derive_recipe(make_dataset(), Dial(image_size=asked), ONE_CORE)
    assert max(recipe.canvas_wh) == long_side


@pytest.mark.parametrize(
    ("count", "budget_s", "epochs", "why"),
    [
        (400, 1e9, 30, "12,000 images seen are 30 epochs"),
        (100, 1e9, 120, "12,000 / 100"),
        (5, 1e9, 150, "never more than 150"),
        (5000, 1e9, 30, "never fewer than 30"),
        (400, 60.0, 6, "one minute at 40 images a second"),
        (40_000, 1.0, 5, "never fewer than 5, whatever the budget"),
    ],
)
def test_derive_recipe__epochs_follow_images_and_budget(count: int, budget_s: float, epochs: int, why: str) -> None:
    recipe, reasons = derive_recipe(make_dataset(count), Dial(image_size=320, budget_s=budget_s), ONE_CORE)
    assert recipe.epochs == epochs, why
    assert reasons["epochs"].startswith(f"{epochs}: ")


def test_derive_recipe__a_larger_model_has_fewer_epochs_in_the_same_time() -> None:
    epochs = [
        derive_recipe(make_dataset(400), Dial(model=model, image_size=320, budget_s=120.0), ONE_CORE)[0].epochs
        for model in ("fast-n", "fast-s", "fast-m")
    ]
    assert epochs == sorted(epochs, reverse=True)
    assert len(set(epochs)) == 3


@pytest.mark.parametrize(
    ("count", "epochs", "device", "batch_size", "why"),
    [
        (640, 30, "cpu", 16, "40 steps × 30 epochs are 1,200"),
        (320, 30, "cpu", 8, "20 × 30 would be 600 only"),
        (10, 5, "cpu", 8, "never less than 8"),
        (64_000, 30, "cuda", 64, "a GPU wants large ones"),
    ],
)
def test_derive_recipe__batch_leaves_enough_steps(
    count: int, epochs: int, device: str, batch_size: int, why: str
) -> None:
    dial = Dial(epochs=epochs, image_size=320, device=device)
    assert derive_recipe(make_dataset(count), dial, ONE_CORE)[0].batch_size == batch_size, why


def test_derive_recipe__precision_and_threads_are_the_machine_s() -> None:
    recipe, reasons = derive_recipe(make_dataset(), Dial(), Machine(threads=6, native_bf16=False))
    assert (recipe.precision, recipe.threads) == ("fp32", 6)
    assert "no native bf16" in reasons["precision"]
    assert derive_recipe(make_dataset(), Dial(), ONE_CORE)[0].precision == "bf16"
    assert derive_recipe(make_dataset(), Dial(device="cuda"), Machine(1, False))[0].precision == "bf16"


def test_derive_recipe__is_a_function_of_its_arguments() -> None:
    first, second = (derive_recipe(make_dataset(), Dial(seed=5), ONE_CORE) for _ in range(2))
    assert first == second
    assert first[0].seed == 5


def test_derive_recipe__images_without_boxes_do_not_count_for_the_size() -> None:
    empty = dataclasses.replace(
        make_image(7),
        boxes_xyxy=np.zeros((0, 4), np.float32),
        class_id=np.zeros(0, np.int64),
        is_crowd=np.zeros(0, bool),
    )
    dataset = dataclasses.replace(make_dataset(), images=(make_image(0), empty))
    assert derive_recipe(dataset, Dial(), ONE_CORE)[0].canvas_wh == (320, 256)


@pytest.mark.parametrize(
    "dial", [Dial(epochs=0), Dial(epochs=-1), Dial(image_size=0), Dial(image_size=63), Dial(image_size=4096)], ids=str
)
def test_derive_recipe__refuses_what_cannot_be(dial: Dial) -> None:
    with pytest.raises(BadInput, match="cannot be"):
        derive_recipe(make_dataset(), dial, ONE_CORE)


@pytest.mark.parametrize(("images", "batch", "steps"), [(16, 8, 2), (17, 8, 3), (1, 8, 1), (8, 8, 1)])
def test_steps_per_epoch__every_batch_is_whole(images: int, batch: int, steps: int) -> None:
    assert steps_per_epoch(images, batch) == steps


def test_derive_recipe__weights_that_know_every_class_are_kept_from_being_thrown_about() -> None:
    scratch, _ = derive_recipe(make_dataset(), Dial(), ONE_CORE)
    recipe, reasons = derive_recipe(make_dataset(), Dial(start_from="/w.pt"), ONE_CORE)
    assert recipe.muon_lr < scratch.muon_lr
    assert recipe.adamw_lr < scratch.adamw_lr
    assert (recipe.ema > scratch.ema, recipe.ema_ramp, scratch.ema_ramp) == (True, 0, 1)
    assert "knows every class" in reasons["start_from"]
    changed = {name for name in dataclasses.asdict(scratch) if getattr(recipe, name) != getattr(scratch, name)}
    assert changed == {*GOING_ON, "start_from"}
    assert all(reasons[name].startswith(f"{getattr(recipe, name):g}: ") for name in GOING_ON)


def test_derive_recipe__a_new_class_is_learned_as_from_random_weights() -> None:
    scratch, _ = derive_recipe(make_dataset(), Dial(), ONE_CORE)
    recipe, reasons = derive_recipe(make_dataset(), Dial(start_from="/w.pt"), ONE_CORE, new_classes=("a",))
    assert dataclasses.replace(recipe, start_from=None) == scratch
    assert "the class a must be learned" in reasons["start_from"]


def test_derive_recipe__what_is_given_wins_over_what_a_start_asks_for() -> None:
    dial = Dial(start_from="/w.pt", changes={"muon_lr": 0.02, "ema_ramp": 1})
    recipe, reasons = derive_recipe(make_dataset(), dial, ONE_CORE)
    assert (recipe.muon_lr, recipe.ema_ramp, recipe.ema) == (0.02, 1, GOING_ON["ema"][0])
    assert reasons["muon_lr"] == "0.02: as given"


def test_recipe__goes_through_json() -> None:
    recipe, _ = derive_recipe(make_dataset(), Dial(start_from="/w.pt"), ONE_CORE)
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe
